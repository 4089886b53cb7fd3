"""What the sources of incident-management products share: states of a record, durations, zones, nested lists."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pytest

from incident_analytics.errors import SourceError
from incident_analytics.records import Records
from incident_analytics.sources._export import Export, Row
from incident_analytics.sources._told import names_in, newest, number_of, rank_of, role_of
from incident_analytics.sources.incidents import datadog, firehydrant, grafana, incident_io, rootly

FOLDER = Path(__file__).parent / "incidents"
MODULES = {module.NAME: module for module in (datadog, firehydrant, grafana, incident_io, rootly)}
# The least that is an incident, with one time that carries no zone: 10:00 in Berlin in January is 09:00 UTC.
WITHOUT_ZONE: dict[str, dict[str, Any]] = {
    "datadog": {"id": "o", "type": "incidents", "attributes": {"public_id": 1, "created": "2026-01-05T10:00:00"}},
    "firehydrant": {
        "id": "o", "current_milestone": "started", "milestones": [], "role_assignments": [],
        "created_at": "2026-01-05T10:00:00",
    },
    "grafana": {"incidentID": "o", "title": "x", "createdTime": "2026-01-05T10:00:00"},
    "incident_io": {"id": "o", "incident_status": {"category": "live"}, "created_at": "2026-01-05T10:00:00"},
    "rootly": {"id": "o", "type": "incidents", "attributes": {"slug": "x", "created_at": "2026-01-05T10:00:00"}},
}  # fmt: skip


def _read(module: ModuleType, document: object, tmp_path: Path, **options: str) -> Records:
    path = tmp_path / "export.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    records: Records = module.read(path, **options)
    return records


def _states(*times: str | None, cell: str = "changed") -> tuple[Export, list[tuple[str, Row]]]:
    """States of one record, with the times at which they were changed, numbered in the order they are listed."""
    rows = [Row(f"[{number}]", {"n": number, cell: at}) for number, at in enumerate(times)]
    return Export("test:export.json"), [("o", row) for row in rows]


def test_the_state_changed_last_is_the_newest() -> None:
    """Whichever way round states are listed, the one changed last counts and the others follow from old to new."""
    export, rows = _states("2026-01-05T10:00:00Z", "2026-01-05T12:00:00Z", "2026-01-05T09:00:00Z")
    ((_, row, older),) = newest(export, rows, "changed")
    assert row.value["n"] == 1
    assert [each.value["n"] for each in older] == [2, 0]
    assert [each["check"] for each in export.findings] == ["older_state"]


@pytest.mark.parametrize("times", [(None, None), ("2026-01-05T10:00:00Z",) * 2, ("2026-01-05T10:00:00Z", None)])
def test_states_in_no_order_are_pointed_out(times: tuple[str | None, ...]) -> None:
    """Where nothing says which of two different states is the newer one, the first counts and a warning says so."""
    export, rows = _states(*times)
    ((_, row, older),) = newest(export, rows, "changed")
    assert row.value["n"] == 0
    assert len(older) == 1
    assert "warning" in [each["severity"] for each in export.findings]


def test_a_state_told_twice_is_one() -> None:
    """A state told in more and in less detail is one state with all of its details, and no warning."""
    at = "2026-01-05T10:00:00Z"
    told = [
        {"changed": at, "a": 1, "by": {"id": 7, "name": None}},
        {"changed": at, "a": None, "by": {"id": 7, "name": "x"}},
    ]
    export = Export("test:export.json")
    ((_, row, older),) = newest(export, [("o", Row(f"[{n}]", value)) for n, value in enumerate(told)], "changed")
    assert row.value == {"changed": at, "a": 1, "by": {"id": 7, "name": "x"}}
    assert older == []
    assert [each["check"] for each in export.findings] == ["repeated_state"]


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("Incident Commander", "incident_commander"),
        ("COMMANDER", "incident_commander"),
        ("incident_lead", "incident_commander"),
        ("Communications Lead", "communication_manager"),
        ("Customer liaison", "communication_manager"),
        ("Scribe", "scribe"),
        ("Ops Lead", "responder"),
        ("", "responder"),
        (None, "responder"),
    ],
)
def test_roles_are_told_by_what_their_name_contains(name: str | None, role: str) -> None:
    """Names that vendors and users give to roles lead to our words; whoever else takes part responds."""
    assert role_of(name) == role


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (3, 3.0),
        (2.5, 2.5),
        ("4", 4.0),
        (True, None),
        (10**400, None),
        (float("nan"), None),
        ("three", None),
        ([], None),
    ],
)
def test_a_number_is_finite_or_missing(value: object, number: float | None) -> None:
    """What is no finite number is missing, never 0; a rank is said only where there is one."""
    assert number_of(value) == number
    assert rank_of(value) == ({} if number is None else {"severity_rank": number})


def test_names_of_a_list_or_of_one() -> None:
    """Names come once each in their order, from texts, from objects, and from what should have been a list."""
    listed = [{"name": "oven"}, "oven", {"data": {"name": "shop"}}, None, {"name": " "}]
    assert names_in(listed, "name", "data.name") == ["oven", "shop"]
    assert names_in({"name": "oven"}, "name") == ["oven"]
    assert names_in("oven") == ["oven"]
    assert names_in(None) == []


@pytest.mark.parametrize("name", MODULES)
def test_a_time_without_a_zone_is_read_only_in_one_that_is_named(name: str, tmp_path: Path) -> None:
    """10:00 without a zone stays missing; named to be Berlin's it is 09:00 UTC (UTC+1 in January)."""
    unknown = _read(MODULES[name], [WITHOUT_ZONE[name]], tmp_path)
    assert unknown.events.empty
    assert list(unknown.findings["check"]) == ["naive_time"]
    known = _read(MODULES[name], [WITHOUT_ZONE[name]], tmp_path, time_zone="Europe/Berlin")
    assert list(known.events["at"]) == [pd.Timestamp("2026-01-05T09:00:00Z")]


@pytest.mark.parametrize("name", MODULES)
def test_an_identifier_is_only_a_text(name: str, tmp_path: Path) -> None:
    """Identifiers that look like a path, a formula or worse are texts, can be stored and come back unchanged."""
    key = "incidentID" if name == "grafana" else "id"
    odd = ["../../etc/passwd", "=1+1", "o\u0000o", "\ud800", 10**30]
    records = _read(MODULES[name], [WITHOUT_ZONE[name] | {key: each} for each in odd], tmp_path)
    said = [str(each).encode("utf-8", "backslashreplace").decode() for each in odd]
    assert records.incident_ids == said
    assert Records.load(records.save(tmp_path / "saved")).incident_ids == said


@pytest.mark.parametrize("name", MODULES)
def test_a_list_of_nothing_inside_a_record_does_not_hide_it(name: str, tmp_path: Path) -> None:
    """An incident that itself holds a list by the name of the vendor's envelope is read as an incident."""
    nested = {"incident_io": "incident_updates", "grafana": "activityItems"}.get(name)
    document = [WITHOUT_ZONE[name] | ({nested: []} if nested else {"included": []})]
    records = _read(MODULES[name], document, tmp_path)
    assert list(records.incidents["incident_id"]) == ["o"]


def _spans(module: ModuleType, records: Records) -> list[tuple[float, float, float]]:
    """For every duration that a vendor gives: what it gives, what its definition gives here, and the tolerance."""
    seconds = {"s": 1, "min": 60, "h": 3600, "ms": 0.001}
    found = []
    for _, incident in records.incidents.iterrows():
        events = records.events[records.events["incident_id"] == incident["incident_id"]]
        word = events["field"].where(events["kind"] == "milestone", events["new"])
        for key, term in module.DURATIONS.items():
            starts, ends = events.loc[word == term.starts, "at"], events.loc[word == term.ends, "at"]
            given = incident["extra"].get(key)
            if given is None or starts.dropna().empty or ends.dropna().empty:
                continue
            unit = seconds.get(term.unit, 1)
            theirs = pd.Timedelta(given).total_seconds() if term.unit == "iso8601" else float(given) * unit
            end = ends.max() if term.ends_at == "last" else ends.min()
            found.append((theirs, (end - starts.min()).total_seconds(), term.tolerance * unit))
    return found


@pytest.mark.parametrize(
    ("name", "case", "n"),
    [
        ("datadog", "page", 5),  # five of the first incident; the second is not resolved
        ("datadog", "search", 1),
        ("datadog", "connector_lines", 1),
        ("firehydrant", "incidents", 7),  # five steps and one measurement of the first incident, one step of the second
        ("grafana", "incidents", 1),
        ("rootly", "incidents", 6),
    ],
)
def test_durations_equal_ours_under_the_vendors_definition(name: str, case: str, n: int) -> None:
    """Every duration of the fixtures, worked out by hand for the vendor's definition, is the span of our events."""
    spans = _spans(MODULES[name], MODULES[name].read(FOLDER / name / f"{case}.json"))
    assert len(spans) == n
    for theirs, ours, tolerance in spans:
        assert abs(theirs - ours) <= tolerance


@pytest.mark.parametrize("name", MODULES)
def test_durations_are_counted_between_words_that_the_source_can_say(name: str) -> None:
    """The ends of a declared duration are clock points or words that this source gives to a status."""
    module = MODULES[name]
    said = set(module.COLUMNS.values()) | {"declared", "resolved", "mitigated", "impact_start"}
    said |= set(getattr(module, "POINTS", {}).values()) | set(getattr(module, "_LIFECYCLE", ()))
    assert {end for term in module.DURATIONS.values() for end in (term.starts, term.ends)} <= said


@pytest.mark.parametrize(("name", "key"), [("rootly", "duration"), ("grafana", "durationSeconds")])
def test_how_long_it_has_been_open_is_no_duration(name: str, key: str) -> None:
    """A number that counts to the moment of the export is kept under a name that nothing compares."""
    records = MODULES[name].read(FOLDER / name / "incidents.json")
    is_open = records.incidents["status"] != "resolved"
    extras = list(records.incidents.loc[is_open & (records.incidents["status"] != "closed"), "extra"])
    assert any(f"{key}_until_export" in extra for extra in extras)
    assert not any(key in extra for extra in extras)


def test_ways_into_calls_and_pages_are_not_kept() -> None:
    """Passwords and addresses that open a call or a private page are in no table."""
    for name in ("rootly", "firehydrant"):
        records = MODULES[name].read(FOLDER / name / "incidents.json")
        assert "secret" in (FOLDER / name / "incidents.json").read_text("utf-8")
        for frame in records.tables.values():
            assert "secret" not in frame.to_csv()


def test_a_resolved_group_was_not_therefore_acknowledged() -> None:
    """An alert group that was silenced and resolved without an acknowledgement has none, and no response."""
    events = grafana.read(FOLDER / "grafana" / "alert_groups.json").events
    group = events[events["incident_id"] == "IOTTER1"]
    assert "acknowledged" not in set(group["new"])
    assert list(group["kind"]) == ["alert", "note", "milestone"]


BAD_EXCHANGES = {
    "no list": "interactions: nothing\nversion: 1\n",
    "an alias": "interactions:\n- &a [x]\n- *a\nversion: 1\n",
    "a tag": "interactions: !!python/object:os.system [x]\nversion: 1\n",
    "no YAML": "interactions:\n- 'unfinished\n",
    "two documents": "interactions: []\n---\ninteractions: []\n",
    "too deep": "interactions:\n" + "".join(f"{' ' * n}- \n" for n in range(1, 40)),
}


@pytest.mark.parametrize("text", BAD_EXCHANGES.values(), ids=BAD_EXCHANGES)
def test_recorded_exchanges_that_cannot_be_read_are_a_clear_error(text: str, tmp_path: Path) -> None:
    """A file of exchanges that is no YAML, or uses what is refused in YAML, is refused with its name."""
    path = tmp_path / "exchanges.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=r"exchanges\.yaml"):
        datadog.read(path)


def test_what_is_no_exchange_is_rejected(tmp_path: Path) -> None:
    """Entries that are no request with its response, and bodies that are no text, are findings; the rest is read."""
    path = tmp_path / "exchanges.yaml"
    body = json.dumps({"data": WITHOUT_ZONE["datadog"]})
    path.write_text(
        "interactions:\n- seven\n- request: {}\n- response: {body: {string: [1]}}\n"
        f"- response: {{body: {{string: '{body}'}}}}\n",
        encoding="utf-8",
    )
    records = datadog.read(path)
    assert list(records.incidents["incident_id"]) == ["o"]
    assert list(records.findings.loc[records.findings["check"] == "row_rejected", "row"]) == [
        f"interactions[{number}]" for number in range(3)
    ]


def test_exchanges_with_others_are_not_claimed() -> None:
    """Recorded exchanges are claimed only where their addresses are Datadog's."""
    head = "interactions:\n- request:\n    uri: https://{}/api/v2/incidents\n"
    assert datadog.recognises(head.format("api.datadoghq.eu").encode())
    assert not datadog.recognises(head.format("api.otter.invalid").encode())
    assert not datadog.recognises(head.format("datadoghq.com.otter.invalid").encode())
