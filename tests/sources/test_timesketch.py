"""Timelines for Timesketch: what is written comes back, and runs in no spreadsheet."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import incident_analytics as ia
from incident_analytics.errors import SourceError, UsageError
from incident_analytics.records import Records
from incident_analytics.sources import write_timesketch
from incident_analytics.sources._timesketch_layout import guarded, unguarded
from incident_analytics.sources.incidents import timesketch


def _in_time(records: Records) -> pd.DataFrame:
    events = records.events
    return events[events["at"].notna()].sort_values("at", kind="stable").reset_index(drop=True)


@pytest.mark.parametrize("name", ["timeline.csv", "timeline.jsonl"])
def test_what_is_written_comes_back(name: str, tmp_path: Path, public_sample: Records) -> None:
    """Every event of the public sample that has a time comes back from the file with all its cells."""
    path = write_timesketch(public_sample, tmp_path / name)
    assert timesketch.recognises(path.read_bytes()[:65536])
    again = timesketch.read(path)
    assert len(again.events) > 200
    pd.testing.assert_frame_equal(again.events, _in_time(public_sample))
    assert again.findings.empty


CELLS = st.text(st.characters(blacklist_categories=["Cs"]), max_size=8) | st.sampled_from(
    ["=1+1", "'=1", "''-x", "@a", "\t", "\r\n", "+", "-5", '"', "a,b", "\x00", "\ufeff", "\u2028"]
)


@given(texts=st.lists(st.tuples(CELLS, CELLS, st.dictionaries(CELLS, CELLS | st.integers(), max_size=2)), max_size=20))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("name", ["timeline.csv", "timeline.jsonl"])
def test_any_text_comes_back(name: str, texts: list[tuple[str, str, dict[str, object]]], tmp_path: Path) -> None:
    """Whatever stands in the texts of events comes back, but that a text of blanks is none."""
    rows = [
        {"kind": "note", "at": pd.Timestamp("2026-01-05T09:00Z"), "text": text, "new": new, "extra": extra}
        for text, new, extra in [*texts, ("0", "0\r", {}), ("=\n", "'=", {"": 7})]
        if text.strip() and new.strip()
    ]
    records = Records.build(events=rows)
    again = timesketch.read(write_timesketch(records, tmp_path / name))
    pd.testing.assert_frame_equal(again.events, records.events)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "'=1", "''=1"])
def test_no_cell_begins_a_formula(cell: str) -> None:
    """A sign that begins a formula stands behind an apostrophe, and the cell can be had back."""
    assert guarded(cell) == f"'{cell}"
    assert unguarded(guarded(cell)) == cell


@pytest.mark.parametrize("cell", ["a=1", "'tis", "''", "", "5"])
def test_other_cells_are_left_alone(cell: str) -> None:
    """Nothing is put before a cell that begins no formula."""
    assert guarded(cell) == cell == unguarded(cell)


def test_a_hostile_record_makes_a_harmless_table(tmp_path: Path) -> None:
    """In the CSV no cell at all begins with a sign of a formula, whichever column it came through."""
    hostile = "=HYPERLINK(1)"
    event = {"incident_id": hostile, "kind": "note", "at": pd.Timestamp("2026-01-05T09:00Z"), "text": hostile}
    records = Records.build(events=[event | {"actor_id": hostile, "source": hostile, "field": hostile}])
    path = write_timesketch(records, tmp_path / "x.csv")
    with path.open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert cells.count(f"'{hostile}") == 5
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)


def test_one_incident_alone(tmp_path: Path, public_sample: Records) -> None:
    """Only the events of the incident that is named are written; an unknown one is an error with near names."""
    incident_id = public_sample.incident_ids[0]
    path = write_timesketch(public_sample, tmp_path / "one.jsonl", incident_id)
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert {line["incident_id"] for line in lines} == {incident_id}
    assert {"message", "datetime", "timestamp_desc"} <= set(lines[0])
    with pytest.raises(UsageError, match="there is no incident"):
        write_timesketch(public_sample, tmp_path / "one.jsonl", "DAM-404")


def test_an_event_without_time_stands_in_no_timeline(tmp_path: Path) -> None:
    """Events whose time is unknown are left out, and a bundle without any other gives an empty timeline."""
    path = ia.write_timesketch(Records.build(events=[{"kind": "note", "text": "some day"}]), tmp_path / "x.csv")
    assert path.read_text("utf-8") == "message,datetime,timestamp_desc,ia_kind\n"
    assert timesketch.read(path).events.empty


def test_another_ending_is_an_error(tmp_path: Path) -> None:
    """A path that ends in neither CSV nor JSON lines is refused before anything is written."""
    with pytest.raises(UsageError, match=r"\.csv, \.jsonl"):
        write_timesketch(Records(), tmp_path / "x.xlsx")


@pytest.mark.parametrize(
    ("content", "said"),
    [("", "header"), ("a,b\n1,2\n", "expected message, datetime, timestamp_desc"), ("[1", "JSON"), ('{"a"', None)],
)
def test_what_is_no_timeline_is_refused(content: str, said: str | None, tmp_path: Path) -> None:
    """A file with other columns, or that is no table at all, is an error; a broken line is set aside."""
    path = tmp_path / "x.csv"
    path.write_text(content, encoding="utf-8")
    if said is None:
        assert list(timesketch.read(path).findings["check"]) == ["row_rejected"]
        return
    with pytest.raises(SourceError, match=said):
        timesketch.read(path)
