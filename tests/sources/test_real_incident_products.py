"""Recorded exports of incident-management products, where they are at hand, against counts by plain json, re and yaml.

The files are not part of the project; without them the tests are skipped.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from incident_analytics.sources.incidents import datadog, firehydrant, grafana, incident_io, rootly

REAL = Path(__file__).parents[3] / "shared" / "realdata"
FIREHYDRANT = REAL / "faros-firehydrant"
DATADOG = REAL / "faros-datadog"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
CASSETTES = sorted((REAL / "datadog-incident-cassettes").glob("*.yaml"))

pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason="the recorded vendor exports are not at hand")


def _json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def _lines(path: Path) -> list[dict[str, Any]]:
    """The records of a connector's lines."""
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    return [line["record"] for line in lines if line["type"] == "RECORD"]


def _instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(65536)


def _at(events: pd.DataFrame, **wanted: str) -> list[pd.Timestamp]:
    """Times of the events with the wanted words, in the order of the table."""
    for column, word in wanted.items():
        events = events[events[column] == word]
    return list(events["at"])


def test_datadog_incidents() -> None:
    """Both recorded incidents are read with their times, although one was modified before it was created."""
    raw = _json(DATADOG / "incidents.json")["data"]
    records = datadog.read(DATADOG / "incidents.json")
    assert list(records.incidents["incident_id"]) == [each["id"] for each in raw]
    for point, cell in (("detected", "detected"), ("resolved", "resolved")):
        assert _at(records.events, field=point) == [_instant(each["attributes"][cell]) for each in raw]
    assert _at(records.events, new="declared") == [_instant(each["attributes"]["created"]) for each in raw]
    assert list(records.participants["person_id"]) == [
        each["relationships"]["commanderUser"]["data"]["id"] for each in raw
    ]
    assert records.findings.empty


@pytest.mark.parametrize("name", ["incidents.json", "airbyte-all-streams.log"])
def test_datadog_durations_are_those_of_its_definition(name: str) -> None:
    """The recorded time to resolve is, to the second, what its definition gives for the times that are read."""
    records = datadog.read(DATADOG / name)
    term = datadog.DURATIONS["time_to_resolve"]
    events = records.events.set_index("incident_id")
    started = events.loc[events["new"] == term.starts, "at"]
    ended = events.loc[events["field"] == term.ends, "at"]
    theirs = records.incidents.set_index("incident_id")["extra"].map(lambda extra: extra["time_to_resolve"])
    assert len(theirs) == 2
    assert ((ended - started).dt.total_seconds() - theirs).abs().max() <= term.tolerance


def test_datadog_through_a_connector() -> None:
    """Incidents and users of a connector's lines are read; 168 metrics and 2 objectives are named as left out."""
    raw = _lines(DATADOG / "airbyte-all-streams.log")
    streams = [each["stream"].rsplit("__")[-1] for each in raw]
    records = datadog.read(DATADOG / "airbyte-all-streams.log")
    assert len(records.incidents) == streams.count("incidents") == 2
    assert len(records.people) == streams.count("users") == 14
    assert sorted(records.findings["message"].str.extract(r"^(\d+) record")[0].astype(int)) == [
        streams.count("service_level_objectives"),
        streams.count("metrics"),
    ]


def test_datadog_people() -> None:
    """Every recorded user is one person."""
    raw = _json(DATADOG / "users.json")["data"]
    people = datadog.read(DATADOG / "users.json").people
    assert list(people["person_id"]) == [each["id"] for each in raw]


@pytest.mark.parametrize("name", ["slos.json", "metrics.json"])
def test_datadog_answers_about_something_else(name: str) -> None:
    """Objectives and metrics are known as Datadog's, hold no incident, and are said to be left out."""
    assert datadog.recognises(_head(DATADOG / name))
    records = datadog.read(DATADOG / name)
    assert records.incidents.empty
    assert list(records.findings["check"]) == ["other_type"]


def _resources(value: object) -> Iterator[dict[str, Any]]:
    """Everything with a type, an identifier and attributes, however deep it stands."""
    if isinstance(value, dict):
        if {"type", "id", "attributes"} <= set(value):
            yield value
        for part in value.values():
            yield from _resources(part)
    elif isinstance(value, list):
        for part in value:
            yield from _resources(part)


def _answers(path: Path) -> list[Any]:
    """What the recorded responses of a file say, as yaml and json read them."""
    exchanges = yaml.load(path.read_text("utf-8"), Loader=LOADER)["interactions"]
    bodies = [each["response"]["body"].get("string") for each in exchanges]
    return [json.loads(body) for body in bodies if body and body.strip()]


def test_every_recorded_exchange_is_read() -> None:
    """All 61 files: every incident once and as it was modified last, every task and impact, no error, nothing rejected."""
    totals = dict.fromkeys(("incidents", "actions", "impacts", "errors"), 0)
    errors = 0
    for path in CASSETTES:
        assert datadog.recognises(_head(path))
        answers = _answers(path)
        found = [each for answer in answers for each in _resources(answer)]
        newest: dict[str, dict[str, Any]] = {}
        for each in (each for each in found if each["type"] == "incidents"):
            held = newest.get(each["id"])
            if held is None or _instant(each["attributes"]["modified"]) > _instant(held["attributes"]["modified"]):
                newest[each["id"]] = each
        records = datadog.read(path)
        read = records.incidents.set_index("incident_id")
        assert set(read.index) == set(newest)
        for incident_id, each in newest.items():
            assert read.loc[incident_id, "title"] == each["attributes"]["title"]
            assert read.loc[incident_id, "number"] == str(each["attributes"]["public_id"])
        assert len(records.actions) == len({each["id"] for each in found if each["type"] == "incident_todos"})
        assert len(records.impacts) == len({each["id"] for each in found if each["type"] == "incident_impacts"})
        assert not set(records.findings["severity"]) & {"error", "warning"}
        detected = [_instant(each["attributes"]["detected"]) for each in newest.values()]
        assert sorted(_at(records.events, field="detected")) == sorted(detected)
        totals["incidents"] += len(read)
        totals["actions"] += len(records.actions)
        totals["impacts"] += len(records.impacts)
        said = records.findings.loc[records.findings["check"] == "error_answer", "message"]
        totals["errors"] += sum(int(re.findall(r"^\d+", message)[0]) for message in said)
        errors += sum("errors" in answer for answer in answers)
    assert len(CASSETTES) == 61
    assert totals == {"incidents": 41, "actions": 5, "impacts": 2, "errors": errors}
    assert errors == 27


_POINTS = {"started": "impact_start", "acknowledged": "acknowledged", "mitigated": "mitigated", "resolved": "resolved"}


@pytest.mark.parametrize("name", ["incidents.json", "airbyte-all-streams.log"])
def test_firehydrant_milestones(name: str) -> None:
    """Every recorded milestone is one, when it happened and when it was written down; nothing is rejected."""
    path = FIREHYDRANT / name
    is_log = path.suffix == ".log"
    raw = [e["data"] for e in _lines(path) if e["stream"].endswith("incidents")] if is_log else _json(path)
    records = firehydrant.read(path)
    assert list(records.incidents["incident_id"]) == [each["id"] for each in raw]
    assert len(raw) == (4 if is_log else 3)
    told = records.events[records.events["kind"] == "milestone"].set_index("source_ref")
    milestones = [each for incident in raw for each in incident["milestones"]]
    assert set(told.index) == {each["id"] for each in milestones}
    for each in milestones:
        assert told.loc[each["id"], "field"] == _POINTS[each["type"]]
        assert told.loc[each["id"], "at"] == _instant(each["occurred_at"])
        assert told.loc[each["id"], "recorded_at"] == _instant(each["created_at"])
    assert len(records.participants) == sum(len(each["role_assignments"]) for each in raw)
    assert len(records.impacts) == sum(len(each["impacts"]) for each in raw)
    assert records.findings.empty


def test_firehydrant_durations_are_those_of_its_definition() -> None:
    """Each recorded duration of a milestone is the time since the milestone before, to the second."""
    records = firehydrant.read(FIREHYDRANT / "incidents.json")
    n_compared = 0
    for _, incident in records.incidents.iterrows():
        events = records.events[records.events["incident_id"] == incident["incident_id"]].set_index("field")["at"]
        for key, term in firehydrant.DURATIONS.items():
            if key in incident["extra"]:
                theirs = pd.Timedelta(incident["extra"][key]).total_seconds()
                assert abs((events[term.ends] - events[term.starts]).total_seconds() - theirs) <= term.tolerance
                n_compared += 1
    assert n_compared == 5  # one milestone after the start in two incidents, three in the third


def test_firehydrant_events() -> None:
    """Every recorded event is told, those saved together by their parts, and each words once."""
    raw = [e["data"] for e in _lines(FIREHYDRANT / "airbyte-all-streams.log") if e["stream"].endswith("incidents")]
    events = [event for incident in raw for event in incident["events"]]
    records = firehydrant.read(FIREHYDRANT / "airbyte-all-streams.log")
    times = set(records.events["at"])
    untold = [each for each in events if _instant(each["occurred_at"]) not in times]
    # Not told again: bundles of nothing but a change of milestone, which is an event of its own besides.
    assert {each["type"] for each in untold} <= {"event/bulk_update"}
    steps = [each for each in events if each["type"] == "event/runbook_step_execution_update"]
    told = records.events[records.events["field"] == "runbook_step_execution_update"]
    assert len(told) == len(steps) == 38
    assert told["is_automatic"].all()
    assert list(records.incidents["kind"]).count("maintenance") == sum(
        each["severity"] == "MAINTENANCE" for each in raw
    )


def test_firehydrant_people() -> None:
    """The recorded user is one person, also as a member of the recorded team."""
    (user,) = _json(FIREHYDRANT / "users.json")
    assert list(firehydrant.read(FIREHYDRANT / "users.json").people["person_id"]) == [user["id"]]
    members = firehydrant.read(FIREHYDRANT / "teams.json").people
    assert list(members["team"]) == [team["name"] for team in _json(FIREHYDRANT / "teams.json")]


def test_datadog_counts_imported_incidents_from_their_declaration() -> None:
    """Imported long after they were declared, incidents have the number that ``declared`` gives, not ``created``."""
    path = REAL / "datadog-incident-cassettes" / "test_search_for_incidents_returns_ok_response.yaml"
    raw = {each["id"]: each["attributes"] for answer in _answers(path) for each in _resources(answer)}
    imported = [each for each in raw.values() if each.get("declared") and each["declared"] < each["created"][:10]]
    assert len(imported) == 4
    term = datadog.DURATIONS["time_to_internal_response"]
    assert (term.starts, term.ends) == ("detected", "declared")
    for each in imported:
        by_declared = _instant(each["declared"]) - _instant(each["detected"])
        by_created = _instant(each["created"]) - _instant(each["detected"])
        assert by_declared.total_seconds() == each["time_to_internal_response"]
        assert by_created > dt.timedelta(days=400)


@pytest.mark.parametrize(
    ("module", "patterns"),
    [
        (datadog, ("faros-datadog", "datadog-*")),
        (firehydrant, ("faros-firehydrant",)),
        (grafana, ()),
        (incident_io, ()),
        (rootly, ()),
    ],
    ids=["datadog", "firehydrant", "grafana", "incident_io", "rootly"],
)
def test_no_other_product_is_claimed(module: Any, patterns: tuple[str, ...]) -> None:
    """Of all recorded files, of incidents and of logs, a source claims only those of its own vendor."""
    own = {path for pattern in patterns for folder in REAL.glob(pattern) for path in folder.rglob("*")}
    claimed = {path for path in REAL.rglob("*") if path.is_file() and module.recognises(_head(path))}
    assert claimed <= own
    assert bool(claimed) == bool(own)
