"""Checks on real exports, held against counts made with plain json and csv; skipped where they are absent."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from pathlib import Path

import pytest

from incident_analytics import compare_vendor_durations, read
from incident_analytics.sources._registry import incident_sources


def needs(*names: str) -> None:
    """Skip where a source is not part of this package."""
    missing = [name for name in names if name not in incident_sources()]
    if missing:
        pytest.skip(f"there is no source {', '.join(missing)}")


def test_two_ends_before_their_beginnings_on_a_status_page(realdata: Path) -> None:
    """faros-statuspage: the incidents whose resolved_at lies before created_at are the ones out of order."""
    rows = json.loads((realdata / "faros-statuspage" / "incidents.json").read_text(encoding="utf-8"))

    def instant(text: str) -> dt.datetime:
        return dt.datetime.fromisoformat(text)

    expected = {
        row["id"]
        for row in rows
        if row.get("resolved_at") and instant(row["resolved_at"]) < instant(row.get("started_at") or row["created_at"])
    }
    findings = read(realdata / "faros-statuspage" / "incidents.json").findings
    assert set(findings.loc[findings["check"] == "order_broken", "incident_id"]) == expected
    assert expected


def test_closures_five_days_after_the_resolution(realdata: Path) -> None:
    """uci-servicenow-sample: as many records are closed within an hour of five days as plain csv counts."""
    needs("servicenow")
    path = realdata / "uci-servicenow-sample" / "incident_event_log.csv"
    last = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            last[row["number"]] = (row["resolved_at"], row["closed_at"])

    def instant(text: str) -> dt.datetime:
        return dt.datetime.strptime(text, "%d/%m/%Y %H:%M" if "/" in text else "%d-%m-%Y %H:%M")  # noqa: DTZ007 - both alike

    gaps = [instant(closed) - instant(resolved) for resolved, closed in last.values() if "?" not in (resolved, closed)]
    expected = sum(abs(gap - dt.timedelta(days=5)) <= dt.timedelta(hours=1) for gap in gaps)
    findings = read(path).findings
    (message,) = findings.loc[findings["check"] == "auto_closed", "message"]
    assert message.startswith(f"{expected} of ")
    assert "were closed 5 days after they were resolved" in message


def test_no_zone_is_suspected_in_real_exports(realdata: Path) -> None:
    """Exports of one tool each, or of several that agree, raise no suspicion of a shifted zone."""
    for folder in ("faros-pagerduty", "faros-statuspage"):
        assert "zone_shift_suspected" not in set(read(realdata / folder).findings["check"])


def test_a_status_histories_own_minutes_agree(realdata: Path) -> None:
    """github-status-mrshu: every row of incidents.jsonl with a duration is compared, and all agree."""
    needs("github_status")
    path = realdata / "github-status-mrshu" / "parsed" / "incidents.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    stated = [row for row in rows if row.get("duration_minutes") is not None]
    made = compare_vendor_durations(read(path))
    own = made[made["key"] == "duration_minutes"]
    assert len(own) == len(stated)
    assert set(own["verdict"]) == {"agrees"}


def test_titles_that_speak_of_tests_are_few(realdata: Path) -> None:
    """github-status-mrshu: of what counts as incident, titles that end in maintenance or begin with test incident."""
    needs("github_status")
    path = realdata / "github-status-mrshu" / "parsed" / "incidents.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    plain = {
        str(row["id"]) for row in rows if re.search(r"maintenance\s*$|^test incident", row["title"], re.IGNORECASE)
    }
    records = read(path)
    counted = set(records.incidents.loc[records.incidents["kind"] == "incident", "incident_id"])
    findings = records.findings
    assert set(findings.loc[findings["check"] == "other_kind_suspected", "incident_id"]) == plain & counted
