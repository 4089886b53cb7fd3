"""PagerDuty log entries told in columns and told one by one: the same, whatever stands in a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incident_analytics.errors import SourceError
from incident_analytics.records import Records
from incident_analytics.sources import _json, _pagerduty_columns
from incident_analytics.sources._json import Found, IrregularError, found_in, streamed
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
OTHERS = st.sampled_from(
    [
        {"id": "Q1", "incident_number": 1, "urgency": "low", "created_at": "2026-01-05T09:00:00Z"},
        {"id": "POTTER", "name": "Otter Example", "notification_rules": [], "contact_methods": []},
        {"id": "L1"},
        7,
        "otter",
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


@given(rows=st.lists(ENTRIES | OTHERS, max_size=14), layout=st.sampled_from(["list", "page", "lines"]))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_columns_and_one_by_one_are_the_same(rows: list[object], layout: str, tmp_path: Path) -> None:
    """Any mixture of usual and odd records, in any layout, gives the same tables row by row as read as a whole."""
    path = _written(tmp_path, rows, layout)
    try:
        told = pagerduty._read(path, None, is_streamed=True)
    except (IrregularError, SourceError):
        return
    _same(told, pagerduty._read(path, None, is_streamed=False))


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


def test_usual_entries_are_told_in_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Usual entries need no telling one by one, over several blocks too, and come out as those told one by one."""
    monkeypatch.setattr(_pagerduty_columns, "_BLOCK", 4)
    words = ("trigger", "acknowledge", "notify", "annotate", "escalate", "assign", "resolve")
    rows = [
        _entry(number, words[number % 7], number, user={"id": "PHERON", "type": "user"}) for number in range(20, -1, -1)
    ]
    path = _written(tmp_path, rows, "page")
    whole = pagerduty._read(path, None, is_streamed=False)

    def refuse(*_: object) -> None:
        raise AssertionError("an entry was told one by one")

    monkeypatch.setattr(_pagerduty_columns, "tell_entries", refuse)
    # Every third entry is of the same incident, so none is triggered after it was resolved but Q0, Q1 and Q2 once.
    usual = [row for row in rows if row["type"] != "resolve_log_entry"]
    _same(pagerduty._read(_written(tmp_path, usual, "list"), None, is_streamed=True), _without_resolve(tmp_path, usual))
    assert len(whole.events) >= len(rows)


def _without_resolve(folder: Path, rows: list[dict[str, Any]]) -> Records:
    """What reading the rows as a whole gives; whole files are told one by one, which needs the real function."""
    from incident_analytics.sources import _pagerduty_entries

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(_pagerduty_columns, "tell_entries", _pagerduty_entries.tell_entries)
        return pagerduty._read(_written(folder, rows, "list"), None, is_streamed=False)


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
def test_row_by_row_finds_what_the_whole_file_holds(text: str) -> None:
    """Reading row by row finds the same records at the same places, with what stands around them."""
    whole = list(found_in(text, ("incidents",)))
    assert [Found(*each[:4]) for each in streamed(text, ("incidents",))] == whole


IRREGULAR = {
    "nothing": "",
    "a number": "7",
    "a lone object": '{"a": 1}',
    "two lists": '{"incidents": [], "users": []}',
    "a list twice": '{"incidents": [1], "incidents": [2]}',
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
def test_what_cannot_be_read_row_by_row_is_said(text: str) -> None:
    """A text of any other layout is refused with the one error that makes the whole file be read instead."""
    with pytest.raises(IrregularError):
        list(streamed(text, ("incidents", "users")))
