"""Times of log entries that lack something: a day, a zone, English, the right clock."""

from __future__ import annotations

import calendar
import datetime as dt
import functools
import os
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from incident_analytics.errors import UsageError
from incident_analytics.sources import logs
from incident_analytics.sources.logs._engine import reading, streams
from incident_analytics.sources.logs._engine.tai import tai64n_sql
from incident_analytics.sources.logs._engine.times import instants_sql
from incident_analytics.sources.logs._engine.words import MONTHS, ZONES

CLOCKS = [
    "22:00:00.5",
    "23:59:59.9",
    "23:59:58.0",
    "00:00:00.1",
    "23:59:59.5",
    "00:30:00",
    "12:00:00",
    "03:00:00",
    "03:00:00",
]
DAYS = [5, 5, 5, 6, 5, 6, 6, 7, 7]
"""Worked out by hand: over midnight, a straggler of the day before, and again where the clock goes back by nine hours."""


def written(folder: Path, text: str, name: str = "shop.log") -> Path:
    """A file with this content."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def noted(found: logs.LogReading, check: str) -> str:
    """The message of the only finding of this name; empty when there is none."""
    messages = found.findings[found.findings["check"] == check]["message"].tolist()
    assert len(messages) <= 1
    return "".join(messages)


@pytest.mark.parametrize("size", [30, 1 << 20])
def test_times_of_day_go_on_over_midnight(size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that goes back by hours is on the next day, one that is ahead by a day's length a straggler of the last."""
    monkeypatch.setattr(reading, "chunks", functools.partial(streams.chunks, size=size))
    path = written(tmp_path, "".join(f"{clock} awake\n" for clock in CLOCKS), "shop-2026-01-05.log")
    found = logs.scan(path, time_zone="UTC")
    assert found.logs["at"].dt.day.tolist() == DAYS
    assert found.logs["at"].iloc[0] == pd.Timestamp("2026-01-05T22:00:00.5Z")
    assert "2026-01-05 to 2026-01-07 was assumed, taken from the date in the file's name" in noted(found, "day_assumed")


def test_without_a_date_the_last_entry_is_not_after_the_file_was_written(tmp_path: Path) -> None:
    """When only the file's own date is known, the last entry lies on the last day before it, in the zone of the entries."""
    path = written(tmp_path, "".join(f"{clock} awake\n" for clock in CLOCKS))
    at = dt.datetime(2026, 1, 7, 4, 0, tzinfo=dt.UTC).timestamp()
    os.utime(path, (at, at))
    found = logs.scan(path, time_zone="UTC")
    assert found.logs["at"].dt.day.tolist() == DAYS
    assert "2026-01-05 to 2026-01-07 was assumed, taken from when the file was last written" in noted(
        found, "day_assumed"
    )
    # In Honolulu, ten hours behind, it was then 18:00 on the 6th: the last 03:00 is of that day.
    there = logs.scan(path, time_zone="Pacific/Honolulu")
    assert there.logs["at"].iloc[-1] == pd.Timestamp("2026-01-06T13:00:00Z")


def test_a_window_says_the_day(tmp_path: Path) -> None:
    """In a log without dates, the time asked for is on the day of the file, and what lies in it is kept."""
    path = written(tmp_path, "00:00:03 early\n14:30:00 wanted\n23:00:00 late\n00:10:00 next day\n")
    found = logs.scan(path, time_zone="UTC", start="2026-01-05T14:00:00Z", end="2026-01-05T15:00:00Z")
    assert found.logs["message"].tolist() == ["wanted"]
    assert found.logs["at"].tolist() == [pd.Timestamp("2026-01-05T14:30:00Z")]
    assert "taken from the time asked for" in noted(found, "day_assumed")


def test_logback_without_a_date_may_stand_beside_entries_with_one(tmp_path: Path) -> None:
    """An entry that has its date keeps it; the others are of the day of the file's name."""
    lines = ["09:00:00.437 [main] INFO  o.e.Otter - awake", "2026-02-01 09:00:00.437 [main] INFO  o.e.Otter - awake"]
    found = logs.scan(written(tmp_path, "\n".join(lines), "shop-2026-01-05.log"), time_zone="UTC")
    assert found.counts["format"].tolist() == ["log4j"]
    assert found.logs["at"].dt.strftime("%m-%d").tolist() == ["01-05", "02-01"]


def test_zones_that_mean_one_offset_are_followed_and_others_said(tmp_path: Path) -> None:
    """EST is that of RFC 822 and CEST has one meaning; IST has several, and garbage none: both are read as no zone, with a finding."""
    names = ["EST", "CEST", "IST", "UTC", "GMT"]
    path = written(
        tmp_path, "".join(f"2026-07-01 12:00:00 {name} awake\n" for name in names) + "2026-07-01T12:00:00.5FOO x\n"
    )
    found = logs.scan(path)
    assert found.logs["at"].dt.strftime("%H:%M").tolist() == ["17:00", "10:00", "12:00", "12:00", "12:00", "12:00"]
    said = noted(found, "unknown_zone")
    assert said.startswith("2 entries") and "'IST'" in said and "'FOO'" in said and "EST'," not in said
    assert noted(found, "naive_time").startswith("2 entries")
    assert logs.read_logs(path, time_zone="Asia/Kolkata")["at"].iloc[2].strftime("%H:%M") == "06:30"


def test_every_month_of_every_language_is_read() -> None:
    """Each known word for a month, in any case and with or without a dot, is read as the month that it names."""
    months = {short: n for n, short in enumerate(calendar.month_abbr) if short}
    words = [
        (form, months[short]) for word, short in MONTHS.items() for form in (word, word.upper(), word.title() + ".")
    ]
    texts = ", ".join(f"({n}, '{word}')" for n, (word, _) in enumerate(words))
    source = f"SELECT n, 2026 AS year, '5 ' || word || ' 2026 09:00:00' AS time FROM (VALUES {texts}) AS words(n, word)"
    with duckdb.connect() as connection:
        rows = connection.execute(f"SELECT local FROM ({instants_sql(('dated',), source)}) ORDER BY n").fetchall()
    read = [pd.Timestamp(micros, unit="us").month for (micros,) in rows]
    assert read == [month for _, month in words]
    assert len({word for word, _ in words}) > 250


def test_zones_agree_with_the_database_of_zones() -> None:
    """The zones that are followed have the offset that the places where they are used have in that season."""
    places = {
        **dict.fromkeys(("EST", "EDT"), "America/New_York"),
        **dict.fromkeys(("CST", "CDT"), "America/Chicago"),
        **dict.fromkeys(("MST", "MDT"), "America/Denver"),
        **dict.fromkeys(("PST", "PDT"), "America/Los_Angeles"),
        **dict.fromkeys(("WET", "WEST"), "Europe/Lisbon"),
        **dict.fromkeys(("CET", "CEST"), "Europe/Berlin"),
        **dict.fromkeys(("EET", "EEST"), "Europe/Helsinki"),
    }
    for name, place in places.items():
        days = [pd.Timestamp(f"2026-{month}-05 12:00", tz=place) for month in ("01", "07")]
        (offset,) = {day.strftime("%z") for day in days if day.tzname() == name}
        assert ZONES[name].replace(":", "") == offset
    assert {ZONES[name] for name in ZONES.keys() - places.keys()} == {"+00:00"}


# The offsets of atomic time are those of the list of the IERS: 10 s in 1972, one more with each leap second, 37 s today.
@pytest.mark.parametrize(
    ("utc", "ahead"),
    [
        ("1970-01-01T00:00:00", 10),
        ("1972-06-30T23:59:59", 10),
        ("1972-07-01T00:00:00", 11),
        ("1998-12-31T23:59:59", 31),
        ("1999-01-01T00:00:00", 32),
        ("2016-12-31T23:59:59", 36),
        ("2017-01-01T00:00:00", 37),
        ("2026-01-05T09:00:00", 37),
    ],
)
def test_atomic_time_is_ahead_by_the_leap_seconds_so_far(utc: str, ahead: int) -> None:
    """The label of an instant is its number of seconds since 1970 and the leap seconds that were added until then."""
    seconds = int(dt.datetime.fromisoformat(utc).replace(tzinfo=dt.UTC).timestamp())
    label = f"@{(1 << 62) + seconds + ahead:016x}{500:08x}"
    with duckdb.connect() as connection:
        assert connection.execute(f"SELECT {tai64n_sql('label')} FROM (SELECT '{label}' AS label)").fetchall() == [
            (seconds * 10**6,)
        ]


def test_atomic_time_is_said(tmp_path: Path) -> None:
    """A file of TAI64N labels says how they were read, since some loggers know no leap seconds."""
    found = logs.scan(written(tmp_path, "@40000000695b7db500000000 awake\n" * 2))
    assert found.counts["format"].tolist() == ["tai64n"] and "leap seconds" in noted(found, "tai64n_time")


def test_a_clock_is_put_right_by_file_service_or_format(tmp_path: Path) -> None:
    """A shift moves all times of the files it names, before the time asked for is looked at, and a finding says by how much."""
    text = "2026-01-05 09:00:00,437 INFO awake\n2026-01-05T09:00:00Z INFO awake\n"
    path = written(tmp_path, text, "web-1.log")
    for shifts in ({"web-1.log": "-00:03:10"}, {"web-1": dt.timedelta(seconds=-190)}, {"plain_text": "-0:03:10.000"}):
        found = logs.scan(path, time_zone="UTC", shifts=shifts)
        assert found.logs["at"].dt.strftime("%H:%M:%S.%f").tolist() == ["08:56:50.437000", "08:56:50.000000"]
        assert "moved back by 0 days 00:03:10" in noted(found, "clock_shifted")
    window = {"start": "2026-01-05T08:50:00Z", "end": "2026-01-05T09:00:00Z"}
    assert len(logs.scan(path, shifts={"web-1": "-00:03:10"}, **window).logs) == 2  # type: ignore[arg-type]  # start and end
    # The name of the file goes before that of the format.
    found = logs.scan(path, time_zone="UTC", shifts={"plain_text": "+01:00", "web-1.log": "+00:00:01"})
    assert found.logs["at"].dt.strftime("%H:%M:%S").tolist() == ["09:00:01", "09:00:01"]


def test_a_shift_that_moves_nothing_or_cannot_be_read_is_said(tmp_path: Path) -> None:
    """A shift under a name that no file has is a finding; one that is no time is an error of the call."""
    path = written(tmp_path, "2026-01-05T09:00:00Z INFO awake\n")
    found = logs.scan(path, shifts={"web-9": "+00:00:01"})
    assert "'web-9'" in noted(found, "shift_unused") and found.logs["at"].iloc[0].second == 0
    for bad in ("3 min", "00:03:10", "-00:61:00", "", "'; DROP TABLE lines; --"):
        with pytest.raises(UsageError, match="cannot be read; expected a sign"):
            logs.scan(path, shifts={"shop": bad})


def test_a_repeated_hour_in_a_real_zone_of_a_syslog(tmp_path: Path) -> None:
    """BSD syslog over the end of summer time in New York: both passes of the hour are told apart, and the year as well."""
    clocks = ["00:59:00", "01:10:00", "01:50:00", "01:10:00", "01:50:00", "02:10:00"]
    path = written(tmp_path, "".join(f"Nov  3 {clock} h a: x\n" for clock in clocks))
    found = logs.scan(path, time_zone="America/New_York", year=2013)
    # Four hours behind UTC before the change at 06:00 UTC, five afterwards.
    assert found.logs["at"].dt.strftime("%Y %H:%M").tolist() == [
        f"2013 {clock}" for clock in ("04:59", "05:10", "05:50", "06:10", "06:50", "07:10")
    ]
    assert "2 are of the first and 2 of the second" in noted(found, "clock_change")
