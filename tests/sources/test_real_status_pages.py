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
from incident_analytics.sources._checks.while_reading import WHILE_READING
from incident_analytics.sources.incidents import aws_dashboard, aws_events, github_status, google_cloud, statuspage

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
    """Of all that reading may find, only documents were skipped; checks of what was read may find more."""
    while_reading = {check.name for check in WHILE_READING}
    return set(records.findings["check"]) & while_reading <= {"skipped"}


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


def test_github_history() -> None:
    """All 819 recorded incidents are read, 18 of them maintenances; his window and his minutes stay his."""
    path = REAL / "github-status-mrshu" / "parsed" / "incidents.jsonl"
    raw = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    records = github_status.read(path)
    assert list(records.incidents["incident_id"]) == [each["id"] for each in raw]
    assert list(records.incidents["kind"]).count("maintenance") == 18
    assert len(raw) == 819
    assert _milestones(records, "resolved") == {each["id"]: _instant(each["resolved_at"]) for each in raw}
    assert (records.events["kind"] == "update").sum() == sum(len(each["updates"]) for each in raw) == 4570
    windows = {each["id"]: each["impact_window"] for each in raw if each["impact_window"]}
    assert _milestones(records, "impact_end") == {i: _instant(w["end_at"]) for i, w in windows.items()}
    began = _milestones(records, "impact_start")
    assert {i: began[i] for i in windows} == {i: _instant(w["start_at"]) for i, w in windows.items()}
    plain = [each for each in raw if each["impact_window"] is None and each["impact"] != "maintenance"]
    assert {each["id"]: began[each["id"]] for each in plain} == {e["id"]: _instant(e["started_at"]) for e in plain}
    named = [each for each in raw if each.get("components")]
    assert (records.incidents["affected_services"].map(len) > 0).sum() == len(named)
    assert records.findings.empty


def test_github_minutes_agree_with_his_own_window() -> None:
    """The minutes that the history's keeper counts are those between the two times he gives, for every incident."""
    records = github_status.read(REAL / "github-status-mrshu" / "parsed" / "incidents.jsonl")
    starts, ends = _milestones(records, "downtime_start"), _milestones(records, "downtime_end")
    said = {i: extra["duration_minutes"] for i, extra in records.incidents.set_index("incident_id")["extra"].items()}
    assert said == {i: (ends[i] - starts[i]) / dt.timedelta(minutes=1) for i in said}


def test_github_folder() -> None:
    """The folder reads with no mapping; the tables and the feed beside the history are said to be left out."""
    records = sources.read(REAL / "github-status-mrshu")
    assert len(records.incidents) == 819
    said = records.findings[records.findings["check"] == "skipped"]
    said = said[said["source"].str.startswith("github_status:", na=False)]
    assert [message.split(" ")[0] for message in said["message"]] == ["25", "819", "3751"]
    # In one report the keeper found a window of the following night.
    assert list(records.findings.loc[records.findings["severity"] == "error", "check"]) == ["order_broken"]


def test_statuspage_folder() -> None:
    """Every file of the management API is recognised; what says no more than a state is counted and left out."""
    folder = REAL / "faros-statuspage"
    for path in folder.glob("*.json"):
        assert statuspage.recognises(path.read_bytes()), path.name
    records = sources.read(folder)
    lines = [json.loads(line) for line in (folder / "airbyte-all-streams.log").read_text("utf-8").splitlines() if line]
    streamed = [line["record"] for line in lines if line["type"] == "RECORD"]
    incidents = [each["data"]["id"] for each in streamed if each["stream"].endswith("__incidents")]
    named = [each["id"] for each in _json(folder / "incidents.json")]
    assert sorted(records.incidents["incident_id"]) == sorted({*named, *incidents})
    skipped = records.findings[records.findings["check"] == "skipped"]
    skipped = skipped[skipped["source"].str.startswith("statuspage:", na=False)]
    counted = sum(int(message.split(" ")[0]) for message in skipped["message"])
    others = ("pages", "components", "component_groups", "component_uptimes")
    listed = [_json(folder / f"{name}.json") for name in others]
    in_files = sum(len(each) if isinstance(each, list) else 1 for each in listed)
    assert counted == in_files + sum(each["stream"].rsplit("__")[-1] in others for each in streamed)
    unresolved = records.incidents.loc[records.incidents["status"] == "open", "incident_id"]
    assert len(unresolved) > 0
    assert not set(unresolved) & set(_milestones(records, "resolved"))


def test_aws_dashboard() -> None:
    """All 86 recorded incidents begin at their date; each of 352 posts has its minute, the year from that date."""
    path = REAL / "aws-shd-2021-2022" / "data.json"
    raw = _json(path)["archive"]
    records = aws_dashboard.read(path)
    dates = [dt.datetime.fromtimestamp(int(each["date"]), dt.UTC) for each in raw]
    assert len(records.incidents) == len(raw) == 86
    assert list(_milestones(records, "public_first").values()) == dates
    posts = records.events[records.events["kind"] == "update"]
    assert len(posts) == sum(each["description"].count("<div>") for each in raw) == 352
    assert not posts["at"].isna().any()
    assert not posts["text"].str.contains("<|&nbsp;").any()
    # The first post of each stands within a minute of the date, so zone and day were read as they were meant.
    firsts = posts.groupby("incident_id", sort=False)["at"].min()
    assert all(abs(first - date) <= dt.timedelta(minutes=1) for first, date in zip(firsts, dates, strict=True))
    spread = posts.groupby("incident_id")["at"].agg(lambda times: times.max() - times.min())
    # The longest: from 5:39 PM on 1 September to 8:25 PM on the 6th.
    assert spread.max() == dt.timedelta(days=5, hours=2, minutes=46)
    assert set(records.incidents["status"]) == {"resolved"}
    assert len(_milestones(records, "resolved")) == 86
    impacts = records.impacts
    assert len(impacts) == 68
    assert (impacts["ended_at"] > impacts["began_at"]).all()
    assert records.findings.empty
    assert _skipped_only(sources.read(path.parent))


def test_aws_dashboard_sentences_read_by_hand() -> None:
    """Four sentences of the recorded posts, read by hand: one day, past midnight, with both days, and two windows."""
    impacts = aws_dashboard.read(REAL / "aws-shd-2021-2022" / "data.json").impacts
    by_id = {i: list(zip(g["began_at"], g["ended_at"], strict=True)) for i, g in impacts.groupby("incident_id")}
    # Between 12:15 PM and 12:21 PM PDT, on 24 June 2021.
    assert by_id["internetconnectivity-us-east-2-1624564393"] == [
        (_instant("2021-06-24T12:15-07:00"), _instant("2021-06-24T12:21-07:00"))
    ]
    # Between August 6 5:50 PM PDT and 11:27 PM PDT, written at 12:27 AM on 7 August.
    assert by_id["eks-us-east-1-1628306280"] == [
        (_instant("2021-08-06T17:50-07:00"), _instant("2021-08-06T23:27-07:00"))
    ]
    # Between December 21, 2021 at 6:37 PM and December 22, 2021 at 03:17 AM PST.
    assert by_id["elasticbeanstalk-us-east-1-1640158400"] == [
        (_instant("2021-12-21T18:37-08:00"), _instant("2021-12-22T03:17-08:00"))
    ]
    assert len(by_id["internetconnectivity-ap-south-1-1640371277"]) == 2


def test_aws_health_events() -> None:
    """Each of five recorded events begins when its detail says; the one with another date's weekday is reported."""
    folder = REAL / "aws-health-events"
    records = sources.read(folder)
    raw = [_json(path) for path in sorted(folder.glob("*.json"))]
    events = [event[0] if isinstance(event, list) else event for event in raw]
    details = [json.loads(event["Detail"]) if "Detail" in event else event["detail"] for event in events]
    assert sorted(records.incidents["incident_id"]) == sorted(detail["eventArn"] for detail in details)
    assert len(details) == 5
    # The date without the weekday, which is wrong in one.
    written = {d["eventArn"]: d["startTime"].partition(", ")[2].removesuffix(" GMT") for d in details}
    began = _milestones(records, "impact_start")
    assert {i: f"{at.day} {at:%b %Y %H:%M:%S}" for i, at in began.items()} == {
        i: text.removeprefix("0") for i, text in written.items()
    }
    assert list(records.incidents["kind"]).count("maintenance") == 1
    checks = [check for check in records.findings["check"] if check != "skipped"]
    assert checks == ["wrong_weekday", "unreadable_time"]


def test_aws_alarms_and_changes() -> None:
    """Recorded alarms have fired at their own time; ECS, Auto Scaling and CodeDeploy give a change each."""
    folder = REAL / "aws-lambda-events"
    told = {}
    for path in sorted(folder.glob("*.json")):
        if aws_events.recognises(path.read_bytes()):
            (event,) = aws_events.read(path).events.to_dict("records")
            told[path.name.split("-")[0] + "-" + path.name.split("-")[-1]] = (event["kind"], event["new"], event["at"])
    alarm = ("alert", "ALARM", _instant("2015-06-03T17:43:27.123+00:00"))
    assert told["cloudwatch-metric.json"] == told["cloudwatch-metrics.json"] == alarm
    assert told["ecs-change.json"] == ("change", "ACTIVE", _instant("2016-12-06T16:41:06.991+00:00"))
    assert told["codedeploy-event.json"] == ("change", "SUCCESS", _instant("2016-06-30T22:06:31+00:00"))
    assert told["autoscaling-unsuccessful.json"][:2] == ("change", "Failed")
    assert len(told) == 5
