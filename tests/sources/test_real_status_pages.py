"""Recorded histories of public status pages, where they are at hand: rows and times against counts by plain ``json``.

The files are not part of the project; without them the tests are skipped.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from incident_analytics import sources
from incident_analytics.records import Records
from incident_analytics.sources.incidents import google_cloud

REAL = Path(__file__).parents[3] / "shared" / "realdata"

pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason="the recorded status pages are not at hand")


def _json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def _instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def _milestones(records: Records, point: str) -> dict[str, dt.datetime]:
    events = records.events
    mine = events[(events["kind"] == "milestone") & (events["field"] == point)]
    return dict(zip(mine["incident_id"], mine["at"], strict=True))


def _skipped_only(records: Records) -> bool:
    return set(records.findings["check"]) <= {"skipped"}


def test_google_cloud() -> None:
    """All 157 recorded incidents keep begin, creation and end apart, and each of 770 updates is a public one."""
    path = REAL / "gcp-status-2021-2022" / "incidents.json"
    raw = _json(path)
    records = google_cloud.read(path)
    assert list(records.incidents["incident_id"]) == [each["id"] for each in raw]
    assert len(raw) == 157
    assert list(records.incidents["number"]) == [each["number"] for each in raw]
    assert max(records.incidents["number"].str.len()) == 20
    for point, cell in (("impact_start", "begin"), ("public_first", "created"), ("impact_end", "end")):
        assert _milestones(records, point) == {each["id"]: _instant(each[cell]) for each in raw}
    updates = [update for each in raw for update in each["updates"]]
    told = records.events[records.events["kind"] == "update"]
    assert len(told) == len(updates) == 770
    assert sorted(told["at"]) == sorted(_instant(update["when"]) for update in updates)
    # Two records end without ever having been said to be available again.
    over = [each for each in raw if any(update["status"] == "AVAILABLE" for update in each["updates"])]
    assert list(records.events["new"]).count("resolved") == len(over) == 155
    assert len(records.impacts) == sum(len(each["affected_products"]) for each in raw)
    assert records.findings.empty
    assert _skipped_only(sources.read(path.parent))
