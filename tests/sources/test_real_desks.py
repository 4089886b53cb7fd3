"""Recorded exports of service desks and trackers, where they are at hand: counted by plain ``csv``, ``json`` and ``re``.

The files are not part of the project; without them the tests are skipped.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from incident_analytics import read
from incident_analytics.records import Records
from incident_analytics.sources.incidents import dispatch, github_issues, jira, servicenow

UTC = dt.UTC


def _updates(realdata: Path) -> dict[str, list[dict[str, str]]]:
    """The rows of the log of updates by incident, in the order of the file."""
    by_number: dict[str, list[dict[str, str]]] = {}
    with (realdata / "uci-servicenow-sample" / "incident_event_log.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            by_number.setdefault(row["number"], []).append(row)
    return by_number


@pytest.fixture(scope="module")
def updates(realdata: Path) -> dict[str, list[dict[str, str]]]:
    """The recorded log of updates, by incident."""
    return _updates(realdata)


@pytest.fixture(scope="module")
def log(realdata: Path) -> Records:
    """The recorded log of updates, as the folder is read."""
    return read(realdata / "uci-servicenow-sample")


def _clock(text: str) -> dt.datetime:
    return dt.datetime.strptime(text, "%d-%m-%Y %H:%M").replace(tzinfo=UTC)


def _changes(updates: dict[str, list[dict[str, str]]], column: str) -> int:
    return sum(
        later[column] != earlier[column] for rows in updates.values() for earlier, later in pairwise(rows)
    )  # fmt: skip


def _milestones(records: Records, point: str) -> Any:
    events = records.events
    return events[(events["kind"] == "milestone") & (events["field"] == point)]


def test_a_log_of_updates_is_one_row_per_incident(log: Records, updates: dict[str, list[dict[str, str]]]) -> None:
    """5,998 updates are 890 incidents, all closed in the end, and nothing is set aside."""
    assert sum(map(len, updates.values())) == 5998
    assert list(log.incidents["incident_id"]) == list(updates)
    assert len(log.incidents) == 890
    assert set(log.incidents["status"]) == {"closed"}
    assert not (log.findings["check"] == "row_rejected").any()
    counts = log.incidents["extra"].map(lambda extra: extra["sys_mod_count"])
    assert list(counts) == [rows[-1]["sys_mod_count"] for rows in updates.values()]


def test_a_log_of_updates_has_its_times(log: Records, updates: dict[str, list[dict[str, str]]]) -> None:
    """Beginnings, ends and closings are those of the last rows, day first, and 29 incidents say no end."""
    last = [rows[-1] for rows in updates.values()]
    for point, column in (("declared", "opened_at"), ("resolved", "resolved_at"), ("closed", "closed_at")):
        written = [_clock(row[column]) for row in last if row[column] != "?"]
        assert list(_milestones(log, point)["at"]) == written
    assert len(_milestones(log, "resolved")) == 890 - 29
    assert log.events["at"].min() == dt.datetime(2016, 2, 29, 1, 16, tzinfo=UTC)
    assert log.events["at"].max() == dt.datetime(2017, 2, 4, 19, 0, tzinfo=UTC)


def test_a_log_of_updates_has_its_changes(log: Records, updates: dict[str, list[dict[str, str]]]) -> None:
    """Every change of state, priority, group and assignee from row to row is one event, counted in the file."""
    kinds = Counter(log.events["kind"])
    assert kinds["status"] == _changes(updates, "incident_state") == 2527
    assert kinds["severity"] == len(updates) + _changes(updates, "priority")
    roles = Counter(log.events.loc[log.events["kind"] == "role", "field"])
    assert roles["assignment_group"] == _changes(updates, "assignment_group")
    to_nobody = sum(
        later["assigned_to"] == "?" != earlier["assigned_to"]
        for rows in updates.values()
        for earlier, later in pairwise(rows)
    )
    assert roles["requested"] == _changes(updates, "assigned_to") - to_nobody
    assert (log.events["new"] == "reopened").sum() == 11


def test_a_log_of_updates_says_what_does_not_fit(log: Records, updates: dict[str, list[dict[str, str]]]) -> None:
    """What the file contradicts itself in, and that its zone is not known, is said once each."""
    checks = Counter(log.findings["check"])
    assert checks["naive_time"] == 1
    unordered = {n for n, rows in updates.items() if len({row["sys_mod_count"] for row in rows}) < len(rows)}
    differing = set()
    for number, rows in updates.items():
        ends = [b for a, b in pairwise(rows) if b["incident_state"] == "Resolved" != a["incident_state"]]
        if ends and ends[-1]["resolved_at"] not in ("?", ends[-1]["sys_updated_at"]):
            differing.add(number)
    found = log.findings.groupby("check")["incident_id"].agg(set)
    assert found["order_unclear"] == unordered
    assert found["resolved_at_differs"] == differing
    assert (checks["order_unclear"], checks["resolved_at_differs"]) == (5, 17)


def test_a_named_zone_moves_a_log_of_updates(realdata: Path) -> None:
    """With Rome named, 01:16 on a winter's night is 00:16 UTC, and nothing is said of a zone that is not known."""
    records = read(realdata / "uci-servicenow-sample", time_zone="Europe/Rome")
    assert records.events["at"].min() == dt.datetime(2016, 2, 29, 0, 16, tzinfo=UTC)
    assert not (records.findings["check"] == "naive_time").any()


@pytest.mark.parametrize("name", ["incidents.json", "incidentsRest.json"])
def test_servicenow_records(realdata: Path, name: str) -> None:
    """Each record is one incident with its own times in UTC, also where references are objects."""
    path = realdata / "faros-servicenow" / name
    raw = json.loads(path.read_text("utf-8"))
    records = servicenow.read(path)
    assert list(records.incidents["incident_id"]) == [each["sys_id"] for each in raw]
    for point, cell in (("declared", "opened_at"), ("resolved", "resolved_at"), ("closed", "closed_at")):
        written = [dt.datetime.fromisoformat(each[cell]).replace(tzinfo=UTC) for each in raw]
        assert list(_milestones(records, point)["at"]) == written
    assert sorted(records.findings["check"]) == ["duplicate_number", "naive_time"]


def test_servicenow_users_and_connector(realdata: Path) -> None:
    """Users are people, and the lines of a connector give incidents that are still open."""
    folder = realdata / "faros-servicenow"
    raw = json.loads((folder / "users.json").read_text("utf-8"))
    assert list(servicenow.read(folder / "users.json").people["name"]) == [each["name"] for each in raw]
    lines = [
        json.loads(line)["record"] for line in (folder / "airbyte-all-streams.log").read_text("utf-8").splitlines()
    ]
    incidents = [line["data"] for line in lines if line["stream"].endswith("incidents")]
    records = servicenow.read(folder / "airbyte-all-streams.log")
    assert list(records.incidents["incident_id"]) == [each["sys_id"] for each in incidents]
    assert set(records.incidents["status"]) == {"open"}
    assert {each["data"]["sys_id"] for each in lines if each["stream"].endswith("users")} <= set(
        records.people["person_id"]
    )


def test_the_folder_of_servicenow_exports_is_read_as_one(realdata: Path) -> None:
    """The same two records in two files stay two incidents, beside the two of the connector; the licence is skipped."""
    records = read(realdata / "faros-servicenow")
    assert len(records.incidents) == 4
    assert Counter(records.findings["check"])["row_rejected"] == 0
    assert (records.findings["check"] == "skipped").sum() == 2


def _copied(realdata: Path) -> dict[str, list[dict[str, str]]]:
    """The rows of a dump by schema and table: tabs between the cells of the lines after a COPY."""
    rows: dict[str, list[dict[str, str]]] = {}
    table, columns = "", []
    for line in (realdata / "netflix-dispatch-dump" / "dispatch-incident-tables.sql").read_text("utf-8").split("\n"):
        start = re.fullmatch(r"COPY (\S+) \((.*)\) FROM stdin;", line)
        if start:
            table, columns = start[1], start[2].split(", ")
        elif line == "\\.":
            table = ""
        elif table:
            rows.setdefault(table, []).append(dict(zip(columns, line.split("\t"), strict=True)))
    return rows


def test_a_dump_of_dispatch(realdata: Path) -> None:
    """Five incidents of two schemas have all their 78 events, 14 roles and the times of their own columns."""
    rows = _copied(realdata)
    records = read(realdata / "netflix-dispatch-dump")
    new, old = "dispatch_organization_default", "public"
    incidents = rows[f"{new}.incident"] + rows[f"{old}.incident"]
    assert list(records.incidents["incident_id"]) == [row["name"] for row in incidents]
    events = rows[f"{new}.event"] + rows[f"{old}.event"]
    assert len(events) == 57 + 21
    account = records.events[records.events["source_ref"].isin([row["uuid"] for row in events])]
    account = account[account["kind"] != "milestone"]
    assert sorted(account["source_ref"]) == sorted(row["uuid"] for row in events)
    started = [
        dt.datetime.fromisoformat(row["started_at"].ljust(26, "0")[:26]) for row in events if "." in row["started_at"]
    ]
    assert account["at"].min() == min(started).replace(tzinfo=UTC)
    assert account["at"].max() == max(started).replace(tzinfo=UTC)
    assert len(records.participants) == len(rows[f"{new}.participant_role"] + rows[f"{old}.participant_role"]) == 14
    assert set(records.incidents["extra"].map(lambda extra: extra["incident_priority"])) == {"Low", "Medium", "High"}
    assert list(_milestones(records, "mitigated")["incident_id"]) == [
        r["name"] for r in incidents if r["stable_at"] != "\\N"
    ]
    (costs,) = [extra["costs"] for extra in records.incidents["extra"] if "costs" in extra]
    assert [cost["amount"] for cost in costs] == [float(row["amount"]) for row in rows[f"{new}.incident_cost"]]
    assert (records.events["kind"] == "update").sum() == len(rows[f"{old}.report"])
    assert not (records.findings["check"] == "row_rejected").any()


@pytest.mark.parametrize(
    ("module", "pattern"),
    [(servicenow, "*servicenow*"), (dispatch, "*dispatch*"), (jira, "no-jira"), (github_issues, "no-issues")],
    ids=["servicenow", "dispatch", "jira", "github_issues"],
)
def test_no_other_vendor_is_claimed(realdata: Path, module: Any, pattern: str) -> None:
    """Of all recorded files, a source claims those of its own vendor and no others."""
    claimed = set()
    for path in realdata.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                if module.recognises(file.read(65536)):
                    claimed.add(path)
    documents = ("SOURCE.md", "LICENSE.upstream.txt")
    own = {p for folder in realdata.glob(pattern) for p in folder.rglob("*") if p.is_file() and p.name not in documents}
    assert claimed == own
