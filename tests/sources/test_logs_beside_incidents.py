"""Logs that lie where incidents were expected, and which part of them is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from incident_analytics.errors import SourceError, UsageError
from incident_analytics.records import Records
from incident_analytics.sources import _log_windows, read

RECORD = """\
format: incident-record/1
incident: {incident_id: A, title: Oven cold}
times: {impact_start: 2026-03-01T10:00:00Z, resolved: 2026-03-01T11:00:00Z}
"""
LINES = "".join(f'{{"time": "2026-03-01T{hour:02}:30:00Z", "msg": "hour {hour}"}}\n' for hour in range(24))


def hours(records: Records) -> list[int]:
    """The hours of the entries that were read."""
    return [int(message.removeprefix("hour ")) for message in records.logs["message"]]


@pytest.fixture
def oven(tmp_path: Path) -> Path:
    """A record from 10 to 11 o'clock, and beside it, in no folder of its own, a log with an entry at half past each hour."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.yaml").write_text(RECORD)
    (tmp_path / "in" / "oven.jsonl").write_text(LINES)
    return tmp_path / "in"


def test_a_log_beside_the_records_is_read_around_the_incident(oven: Path) -> None:
    """The default margins are an hour before and half an hour after, so 9:30 and 10:30 are read; 11:30 is the end."""
    records = read(oven)
    assert hours(records) == [9, 10]
    assert records.incident_ids == ["A"]


def test_the_margin_and_the_time_of_the_caller_go_first(oven: Path) -> None:
    """A margin of two hours reads from 8 to 13 o'clock; a time asked for is read instead, its end not included."""
    assert hours(read(oven, margin="2 h")) == [8, 9, 10, 11, 12]
    assert hours(read(oven, start="2026-03-01T20:30:00Z", end="2026-03-01T22:30:00Z")) == [20, 21]
    assert hours(read(oven, start="2026-03-01T21:30:00+01:00")) == [20, 21, 22, 23]


def test_a_folder_of_nothing_but_logs_is_read_whole(tmp_path: Path) -> None:
    """Without an incident there is no time to look around, so everything is read; also of a file named directly."""
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / "oven.jsonl"
    path.write_text(LINES)
    (tmp_path / "in" / "LICENSE").write_text("MIT")
    assert hours(read(tmp_path / "in")) == list(range(24))
    assert hours(read(path)) == list(range(24))
    assert hours(read(tmp_path / "in", end="2026-03-01T02:00:00Z")) == [0, 1]


def test_logs_too_large_to_be_read_whole_want_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a size, logs without an incident are only read for the time that is asked for."""
    monkeypatch.setattr(_log_windows, "MOST_BYTES", 100)
    path = tmp_path / "oven.jsonl"
    path.write_text(LINES)
    with pytest.raises(SourceError, match="name the time with --from and --to"):
        read(path)
    assert hours(read(path, end="2026-03-01T02:00:00Z")) == [0, 1]


def test_a_file_that_is_neither_says_what_each_side_found(tmp_path: Path) -> None:
    """A file that no source and no log format knows is refused with both reasons."""
    path = tmp_path / "poem.txt"
    path.write_text("otters hold hands\nwhile they sleep\n")
    with pytest.raises(SourceError, match=r"recognised by none of the(.|\n)*As a log: no log format fits"):
        read(path)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"start": "2026-03-01T10:00:00"}, "start must be an instant"),
        ({"end": "tomorrow"}, "end must be an instant"),
        ({"start": "2026-03-02T00:00:00Z", "end": "2026-03-01T00:00:00Z"}, "ends before it starts"),
        ({"margin": "-5 min"}, "zero or more"),
        ({"margin": "soon"}, "margin must be a time"),
    ],
)
def test_a_time_that_cannot_be_is_an_error_of_the_call(oven: Path, given: dict[str, str], said: str) -> None:
    """Instants without a zone, in the wrong order, or no times at all are refused before anything is read."""
    with pytest.raises(UsageError, match=said):
        read(oven, **given)


def test_an_entry_in_two_files_of_one_vendor_is_one(tmp_path: Path) -> None:
    """What a connector copied is not counted twice; an entry that one file holds twice is."""
    entry = (
        '{"id": "R1", "type": "trigger_log_entry", "created_at": "2026-03-01T10:00:00Z", "incident": {"id": "Q1"},'
        ' "channel": {"type": "api"}, "agent": {"id": "S1", "type": "service_reference"}}'
    )
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "entries.json").write_text(f"[{entry}]")
    (tmp_path / "in" / "copy.jsonl").write_text(
        f'{{"record": {{"stream": "incident_log_entries", "data": {entry}}}}}\n' * 2
    )
    records = read(tmp_path / "in")
    assert len(records.events) == 1
    told = records.findings[records.findings["check"] == "repeated_row"]
    assert "1 row of events told in an earlier file too; read once" in set(told["message"])


def test_a_clock_is_put_right_by_the_users_overrides(oven: Path) -> None:
    """A log whose clock was two hours fast has its entries of 11 and 12 o'clock in the hours around the incident."""
    (oven / "overrides.toml").write_text(
        '[[shift]]\nlog = "oven"\nby = "-02:00"\nwho = "Otter Example"\nwhy = "its clock was fast"\n'
    )
    records = read(oven)
    assert hours(records) == [11, 12]
    assert records.logs["at"].dt.hour.tolist() == [9, 10]
    told = records.findings.set_index("check")["message"]
    assert told["shifted"] == "times of the log oven are moved by -02:00: its clock was fast (Otter Example)"
    assert "moved back by 0 days 02:00:00" in told["clock_shifted"]
    assert "Otter Example" in set(records.people["name"])
