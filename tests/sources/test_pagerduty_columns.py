"""PagerDuty exports read in columns and record by record: the same, whatever stands in a file."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incident_analytics.errors import SourceError
from incident_analytics.records import Records
from incident_analytics.sources import _json, _json_cells, _pagerduty_entry_columns, _pagerduty_incidents
from incident_analytics.sources._json import found_in
from incident_analytics.sources._json_cells import IrregularError, split_up
from incident_analytics.sources.incidents import pagerduty

WORDS = (
    "trigger", "resolve", "acknowledge", "acknowledgement", "unacknowledge", "annotate", "notify", "assign", "delegate",
    "escalate", "snooze", "reopen", "otter_dance", "priority_change", "field_value_change", "responder_request",
)  # fmt: skip
PEOPLE = st.sampled_from(
    [
        {"id": "POTTER", "type": "user_reference", "summary": "Otter Example"},
        {"id": "POTTER", "type": "user_reference", "name": "Otter E. Example", "email": "otter@example.invalid"},
        {"id": "PHERON", "type": "user", "summary": None},
        {"id": "PHERON", "type": "user_reference", "summary": ["Heron"]},
        {"id": 7, "type": "user_reference", "summary": "Seven Example"},
        {"id": "PSVC", "type": "service_reference", "summary": "checkout"},
        {"id": None, "type": "user_reference"},
        None,
        "nobody",
    ]
)
TIMES = st.integers(0, 9).map(lambda minute: f"2026-01-05T09:0{minute}:00Z") | st.sampled_from(
    [
        "2026-01-05T09:00:00.250Z",
        "2026-01-05T10:00:00+01:00",
        "2026-01-05T09:00:00",
        "0001-01-01T00:00:00Z",
        "soon",
        None,
    ]
)
ENTRIES = st.fixed_dictionaries(
    {
        "id": st.integers(0, 30).map(lambda number: f"L{number}"),
        "type": st.sampled_from(WORDS).map(lambda word: f"{word}_log_entry"),
        "created_at": TIMES,
        "incident": st.sampled_from([{"id": "Q1"}, {"id": "Q2"}, {"id": "Q3"}, {"id": 4}, None, "Q1"]),
        "agent": PEOPLE,
    },
    optional={
        "summary": st.sampled_from(["told", "", None, 7]),
        "note": st.sampled_from(["because", " ", None, {"a": 1}]),
        "service": st.sampled_from([{"summary": "checkout"}, {"summary": 7}, "checkout", None]),
        "channel": st.sampled_from(
            [
                {"type": "web", "summary": "told here", "duration": 60},
                {"new_priority": {"summary": "P1"}},
                "web",
                {"changeset": 7},
            ]
        ),
        "assignees": st.lists(PEOPLE, max_size=3) | st.just("nobody"),
        "user": PEOPLE,
        "event_details": st.sampled_from([{"description": "cold"}, None, []]),
        "teams": st.just([]),
    },
)
INCIDENTS = st.fixed_dictionaries(
    {
        "id": st.integers(1, 9).map(lambda number: f"Q{number}") | st.sampled_from([4, None, " "]),
        "incident_number": st.integers(1, 9) | st.sampled_from(["7", None]),
        "status": st.sampled_from(["resolved", "resolved", "resolved", "triggered", "asleep", None, 7]),
        "created_at": TIMES,
    },
    optional={
        "urgency": st.sampled_from(["low", "", None]),
        "resolved_at": TIMES,
        "title": st.sampled_from(["cold", " ", None, 7, ["cold"]]),
        "service": st.sampled_from([{"summary": "checkout"}, {"summary": 7}, "checkout", None]),
        "priority": st.sampled_from([{"summary": "P1", "order": 3}, {"summary": "P2"}, {"order": 2}, "P1", None]),
        "escalation_policy": st.sampled_from([{"summary": "Bakers"}, {"summary": ["Bakers"]}, "Bakers", None]),
        "incident_type": st.sampled_from([{"name": "Drill"}, {"name": None}, "drill"]),
        "assignments": st.sampled_from([[], None, [{"at": "2026-01-05T09:02:00Z", "assignee": {"id": "PHERON"}}]]),
        "acknowledgements": st.sampled_from([[], "nobody", [7]]),
        "log_entries": st.lists(ENTRIES, max_size=2),
        "alert_counts": st.just({"all": 1}),
        "ratio": st.sampled_from([1.5, 1e300, 10**30, True, None, "1"]),
        "seconds_to_resolve": st.just(7),
    },
)
OTHERS = st.sampled_from(
    [
        {"id": "Q1", "incident_number": 1, "urgency": "low", "created_at": "2026-01-05T09:00:00Z"},
        {"id": "POTTER", "name": "Otter Example", "notification_rules": [], "contact_methods": []},
        {"id": "PRIO", "type": "priority", "summary": "P1", "order": 9, "self": "https://api.pagerduty.com/priorities/1"},
        {"record": {"stream": "x__incident_log_entries", "data": {"id": "L1", "type": "notify_log_entry"}}},
        {"id": "L1"},
        7,
        "otter",
        [],
    ]
)  # fmt: skip
# In place of a text of the file: spellings that some readers of JSON take for something else, or for nothing.
SPELLINGS = st.sampled_from(
    [
        "NaN", "-Infinity", "1e999", "-0", "-0.0", "1.0", "123456789012345678901234567890", "1" * 4400,
        '"\\ud800"', '"\\ud83d\\ude00"', '"\ud800"', '"\u00e9"', '"\\u0000"', '"\t"', "01", '{"a": 1, "a": 2}', "{",
        "[" * 298 + "]" * 298, "[" * 1200 + "]" * 1200,
    ]
)  # fmt: skip


def _written(folder: Path, rows: list[object], layout: str) -> Path:
    path = folder / "export.json"
    match layout:
        case "lines":
            text = "\n".join(map(json.dumps, rows))
        case "page":
            text = json.dumps({"limit": 25, "log_entries": rows, "more": False})
        case _:
            text = json.dumps(rows, indent=1)
    path.write_text(text, encoding="utf-8")
    return path


def _same(left: Records, right: Records) -> None:
    for name, frame in left.tables.items():
        pd.testing.assert_frame_equal(frame, right.tables[name])


def _told(path: Path, *, is_split: bool) -> Records | str:
    try:
        return pagerduty._read(path, None, is_split=is_split)
    except SourceError as error:
        return str(error)


def _check(path: Path) -> bool:
    """Whether a file is read in columns; then it must say the same as record by record."""
    try:
        told = _told(path, is_split=True)
    except IrregularError:
        return False
    whole = _told(path, is_split=False)
    if isinstance(told, str) or isinstance(whole, str):
        assert told == whole
    else:
        _same(told, whole)
    return True


@given(rows=st.lists(ENTRIES | INCIDENTS | OTHERS, max_size=14), layout=st.sampled_from(["list", "page", "lines"]))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_columns_and_one_by_one_are_the_same(rows: list[object], layout: str, tmp_path: Path) -> None:
    """Any mixture of usual and odd records, in any layout, gives the same tables in columns as record by record."""
    _check(_written(tmp_path, rows, layout))


@given(rows=st.lists(ENTRIES | INCIDENTS, min_size=1, max_size=6), place=st.integers(0), spelling=SPELLINGS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_odd_spellings_are_read_alike(rows: list[object], place: int, spelling: str, tmp_path: Path) -> None:
    """Wherever an odd number, half a character or a fault stands, columns say the same, or leave the file alone."""
    path = _written(tmp_path, rows, "list")
    text = path.read_text(encoding="utf-8")
    values = list(re.finditer(r'(?<=: )("[^"]*"|null|[0-9]+)', text))
    found = values[place % len(values)]
    odd = text[: found.start()] + spelling + text[found.end() :]
    path.write_bytes(odd.encode("utf-8", "surrogatepass"))
    _check(path)


def _entry(number: int, word: str, minute: int, **cells: object) -> dict[str, Any]:
    return {
        "id": f"L{number}",
        "type": f"{word}_log_entry",
        "created_at": f"2026-01-05T09:{minute:02}:00Z",
        "summary": word,
        "agent": {"id": "POTTER", "type": "user_reference", "summary": "Otter Example"},
        "incident": {"id": f"Q{number % 3}"},
        **cells,
    }


def test_usual_records_are_told_in_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Usual records need no telling one by one, over several blocks too, and come out as those told one by one."""
    monkeypatch.setattr(_json_cells, "BLOCK", 4)
    words = ("trigger", "acknowledge", "notify", "annotate", "escalate", "assign", "snooze")
    # Every third entry is of the same incident; an emoji and an unknown key make none unusual.
    entries: list[object] = [
        _entry(number, words[number % 7], number, user={"id": "PHERON", "type": "user"}, note="\N{OTTER}", mood=number)
        for number in range(20, -1, -1)
    ]
    over = {"status": "resolved", "urgency": "high", "priority": {"summary": "P1", "order": 3}, "assignments": []}
    times = {"created_at": "2026-01-05T09:00:00Z", "resolved_at": "2026-01-05T10:00:00.500Z"}
    incidents: list[object] = [{"id": f"Q{number}", "incident_number": number, **over, **times} for number in range(9)]
    for rows in (entries, incidents):
        path = _written(tmp_path, rows, "list")
        whole = pagerduty._read(path, None, is_split=False)
        with monkeypatch.context() as patched:
            patched.setattr(_pagerduty_entry_columns, "tell_entries", _refuse)
            patched.setattr(_pagerduty_incidents, "_course", _refuse)
            _same(pagerduty._read(path, None, is_split=True), whole)
        assert len(whole.events) >= len(rows)


def _refuse(*_: object, **__: object) -> None:
    raise AssertionError("a record was told one by one")


def test_repeated_records_are_counted(tmp_path: Path) -> None:
    """A record that repeats an earlier one word for word is read once, and one that differs is read too."""
    entry = _entry(1, "acknowledge", 1)
    rows: list[object] = [entry, _entry(2, "notify", 2, user={"id": "PHERON"}), entry, entry]
    path = _written(tmp_path, rows, "list")
    _same(pagerduty._read(path, None, is_split=True), pagerduty._read(path, None, is_split=False))
    assert len(pagerduty.read(path).events) == 2
    path = _written(tmp_path, [*rows, {**entry, "summary": "otherwise"}], "list")
    _same(pagerduty._read(path, None, is_split=True), pagerduty._read(path, None, is_split=False))
    assert len(pagerduty.read(path).events) == 3


def test_rare_sorts_are_told_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Records of more sorts than stand in columns are all read."""
    monkeypatch.setattr(_json_cells, "MOST_SORTS", 2)
    path = _written(tmp_path, [_entry(each, "acknowledge", each, **{f"key{each}": each}) for each in range(6)], "list")
    assert _check(path)
    assert len(pagerduty.read(path).events) == 6


def test_a_trigger_after_the_end_reopens(tmp_path: Path) -> None:
    """A trigger after a resolution is told as reopening, also when every entry is of a usual shape."""
    rows = [_entry(3, "trigger", 0), _entry(6, "resolve", 5), _entry(9, "trigger", 9)]
    events = pagerduty.read(_written(tmp_path, rows, "list")).events
    assert list(events["new"]) == ["triggered", "resolved", "reopened"]


def test_a_time_that_only_looks_like_one_is_a_finding(tmp_path: Path) -> None:
    """A time with a thirteenth month is read as missing and reported, however it is spelled."""
    rows = [_entry(3, "trigger", 0), _entry(6, "acknowledge", 0, created_at="2026-13-05T09:00:00Z")]
    records = pagerduty.read(_written(tmp_path, rows, "page"))
    assert list(records.findings["check"]) == ["unreadable_time"]
    assert records.events["at"].isna().tolist() == [False, True]


LAYOUTS = {
    "a list": '[{"a": 1}, 7, [{"b": 2}], {"incidents": [{"c": 3}]}]',
    "an empty list": " [ ] ",
    "a page": '{"page": {"id": 1}, "incidents": [{"a": 1} , "x"], "more": false}',
    "an empty page": '{"incidents": []}',
    "lines": '{"a": 1}\n\n{"b": 2}\r\n{"incidents": [{"c": 3}]}\n',
    "a connector": '{"log": {}, "type": "LOG"}\n{"record": {"stream": "x__incidents", "data": {"a": 1}}}',
}


@pytest.mark.parametrize("text", LAYOUTS.values(), ids=LAYOUTS)
def test_items_hold_what_the_whole_file_holds(text: str) -> None:
    """Splitting finds the same records at the same places, with what stands around them."""
    split = split_up(text.encode(), ("incidents",))
    assert [found for item in range(len(split.items)) for found in split.found(item)] == list(
        found_in(text, ("incidents",))
    )


IRREGULAR = {
    "nothing": "",
    "a number": "7",
    "a lone object": '{"a": 1}',
    "two lists": '{"incidents": [], "users": []}',
    "a comma too many": '[{"a": 1},]',
    "a comma too few": '[{"a": 1} {"b": 2}]',
    "no end": '[{"a": 1}',
    "more after the end": "[] []",
    "a page with more after it": '{"incidents": []} x',
    "a list that is none": '{"incidents": {"a": 1}}',
    "a line over two lines": '{"a": 1}\n{"b":\n2}\n',
    "a broken line": '{"a": 1}\n{"b": \n',
    "nested too deeply": '[{"a": ' + "[" * (_json.MAX_DEPTH + 1) + "]" * (_json.MAX_DEPTH + 1) + "}]",
    "a number without end": "[" + "1" * 5000 + "]",
}


@pytest.mark.parametrize("text", IRREGULAR.values(), ids=IRREGULAR)
def test_what_cannot_be_split_up_is_said(text: str) -> None:
    """A text of any other layout is refused with the one error that makes the whole file be read instead."""
    with pytest.raises(IrregularError):
        list(split_up(text.encode(), ("incidents", "users")).alike())
