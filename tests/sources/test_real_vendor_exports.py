"""Recorded exports of real vendors, where they are at hand: rows and time ranges against counts by plain ``json``.

The files are not part of the project; without them the tests are skipped.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from incident_analytics.records import Records
from incident_analytics.sources.incidents import alertmanager, pagerduty, slack, statuspage

REAL = Path(__file__).parents[3] / "shared" / "realdata"
SLACK = REAL / "slack-export-sample" / "unpacked"

pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason="the recorded vendor exports are not at hand")


def _json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def _instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def _range(records: Records, **wanted: str) -> tuple[dt.datetime, dt.datetime]:
    events = records.events
    for column, word in wanted.items():
        events = events[events[column] == word]
    return events["at"].min(), events["at"].max()


def test_pagerduty_incidents() -> None:
    """Every recorded incident is one row, declared when it was created, with its own service and number."""
    path = REAL / "faros-pagerduty" / "incidents.json"
    raw = _json(path)
    records = pagerduty.read(path)
    assert list(records.incidents["incident_id"]) == [each["id"] for each in raw]
    assert list(records.incidents["number"]) == [str(each["incident_number"]) for each in raw]
    assert list(records.incidents["service"]) == [each["service"]["summary"] for each in raw]
    assert set(records.incidents["status"]) == {"open"}
    created = [_instant(each["created_at"]) for each in raw]
    assert _range(records, new="declared") == (min(created), max(created))
    requests = sum(len(each["assignments"]) + len(each["responder_requests"]) for each in raw)
    assert (records.events["field"] == "requested").sum() == requests
    assert len(records.events) == len(raw) + requests
    assert records.findings.empty


def test_pagerduty_log_entries() -> None:
    """Every recorded log entry, here a person's trigger through the website, is one change of status."""
    path = REAL / "faros-pagerduty" / "incidentLogEntries.json"
    raw = _json(path)
    records = pagerduty.read(path)
    assert records.incidents.empty
    assert sorted(records.events["source_ref"]) == sorted(each["id"] for each in raw)
    told = dict(zip(records.events["source_ref"], records.events["incident_id"], strict=True))
    assert told == {each["id"]: each["incident"]["id"] for each in raw}
    assert set(records.events["new"]) == {"triggered"}
    times = [_instant(each["created_at"]) for each in raw]
    assert _range(records) == (min(times), max(times))
    assert set(records.people["person_id"]) == {each["agent"]["id"] for each in raw}


def test_pagerduty_through_a_connector() -> None:
    """The same account in a connector's lines gives as many rows; the streams left out are named."""
    path = REAL / "faros-pagerduty" / "airbyte-all-streams.log"
    lines = [
        json.loads(line)["record"]["stream"].rsplit("__")[-1] for line in path.read_text("utf-8").splitlines() if line
    ]
    records = pagerduty.read(path)
    assert len(records.incidents) == lines.count("incidents")
    opened = records.events["new"] == "declared"
    assert ((records.events["kind"] == "status") & ~opened).sum() == lines.count("incident_log_entries")
    (left_out,) = records.findings["message"]
    assert left_out.startswith(f"{lines.count('services')} record(s) of the stream 'services'")


def test_statuspage_incidents() -> None:
    """Every recorded incident is one row and every update one public update, shown when the vendor showed it."""
    path = REAL / "faros-statuspage" / "incidents.json"
    raw = _json(path)
    records = statuspage.read(path)
    assert list(records.incidents["incident_id"]) == [each["id"] for each in raw]
    updates = [update for each in raw for update in each["incident_updates"]]
    told = records.events[records.events["kind"] == "update"]
    assert sorted(told["source_ref"]) == sorted(update["id"] for update in updates)
    shown = [_instant(update["display_at"]) for update in updates]
    assert _range(records, kind="update") == (min(shown), max(shown))
    ended = [_instant(each["resolved_at"]) for each in raw if each["resolved_at"]]
    milestones = records.events[records.events["kind"] == "milestone"]
    assert sorted(milestones.loc[milestones["field"] == "resolved", "at"]) == sorted(ended)
    assert (milestones["field"] == "impact_start").sum() == len(raw)
    assert records.findings.empty


def test_alertmanager_webhook() -> None:
    """An alert that still fires, with nine digits and the year 0001, has fired once and has no end."""
    path = REAL / "alertmanager-webhook-msteams" / "prom_post_request.json"
    (raw,) = _json(path)["alerts"]
    records = alertmanager.read(path)
    assert list(records.events["field"]) == ["fired"]
    # 06:33:21.873077559-05:00; the digits beyond the microsecond are cut off.
    assert records.events["at"][0] == dt.datetime(2018, 3, 7, 11, 33, 21, 873077, tzinfo=dt.UTC)
    assert records.events["service"][0] == raw["labels"]["job"]
    assert records.events["extra"][0]["severity"] == raw["labels"]["severity"]


def test_slack_people() -> None:
    """Every recorded user is one person with the zone of the export."""
    raw = _json(SLACK / "users.json")
    people = slack.read(SLACK / "users.json").people
    assert list(people["person_id"]) == [each["id"] for each in raw]
    assert list(people["time_zone"]) == [each["tz"] for each in raw]


@pytest.mark.parametrize("name", ["channels.json", "integration_logs.json"])
def test_slack_lists_without_a_course_of_events(name: str) -> None:
    """Lists of channels and integrations are recognised and give no rows and no complaint."""
    assert slack.recognises((SLACK / name).read_bytes()[:65536])
    assert all(frame.empty for frame in slack.read(SLACK / name).tables.values())


def test_slack_days() -> None:
    """Every recorded message of every channel is one event with its own moment, and none is without words."""
    days = sorted(SLACK.glob("*/*.json"))
    raw = [message for day in days for message in _json(day)]
    records = [slack.read(day) for day in days]
    assert all(slack.recognises(day.read_bytes()[:65536]) for day in days)
    refs = [ref for each in records for ref in each.events["source_ref"]]
    assert refs == [message["ts"] for message in raw]
    moments = [at for each in records for at in each.events["at"]]
    epoch = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    assert moments == [epoch + dt.timedelta(microseconds=int(message["ts"].replace(".", ""))) for message in raw]
    kinds = [kind for each in records for kind in each.events["kind"]]
    assert kinds.count("role") == sum(message.get("subtype") == "channel_join" for message in raw)
    automatic = [flag for each in records for flag in each.events["is_automatic"]]
    by_bots = [m for m in raw if m.get("bot_id") and m.get("subtype") != "bot_add"]
    assert sum(automatic) == len(by_bots) == 94
    assert not any(each.events["text"].isna().any() for each in records)
    assert all(each.findings.empty for each in records)


@pytest.mark.parametrize(
    ("module", "pattern"),
    [
        (pagerduty, "faros-pagerduty"),
        (statuspage, "faros-statuspage"),
        (alertmanager, "alertmanager-*"),
        (slack, "slack-*"),
    ],
    ids=["pagerduty", "statuspage", "alertmanager", "slack"],
)
def test_no_other_vendor_is_claimed(module: Any, pattern: str) -> None:
    """Of all recorded files, of incidents and of logs, a source claims only those of its own vendor."""
    own = {path for folder in REAL.glob(pattern) for path in folder.rglob("*")}
    claimed = []
    for path in REAL.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                if module.recognises(file.read(65536)):
                    claimed.append(path)
    assert set(claimed) <= own
    assert claimed
