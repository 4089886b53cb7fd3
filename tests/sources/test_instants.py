"""Times as other people write them."""

from __future__ import annotations

import datetime as dt
import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident_analytics.errors import UsageError
from incident_analytics.sources._instants import (
    epochs_of,
    fault_findings,
    format_fault,
    instant_of,
    instants_of,
    precision_of,
    zone_named,
)

NOON = "2026-01-31T12:00:00+00:00"


def one(text: object, **options: object) -> str | None:
    """The instant of a single text, spelled out; None when it stays missing."""
    read, _ = instants_of(pd.Series([text], dtype="object"), **options)
    return None if pd.isna(read[0]) else read[0].isoformat()


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-01-31T12:00:00Z", NOON),
        ("2026-01-31 12:00:00+00:00", NOON),
        ("20260131T120000Z", NOON),
        ("2026-01-31T12:00Z", NOON),
        ("2026-01-31T13:00:00+0100", NOON),
        ("2026-01-31T13:00:00+01", NOON),
        ("2026-01-31 12:00:00 UTC", NOON),
        ("2026-01-31T17:30:00,5+05:30", "2026-01-31T12:00:00.500000+00:00"),
        ("2026-01-31T12:00:00.123456789Z", "2026-01-31T12:00:00.123456+00:00"),
        ("2026-01-30T24:00:00Z", "2026-01-31T00:00:00+00:00"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00+00:00"),
        ("2017-01-01T05:29:60+05:30", "2017-01-01T00:00:00+00:00"),
        ("1969-12-31T23:59:59.9999999Z", "1969-12-31T23:59:59.999999+00:00"),
    ],
)
def test_iso_8601_is_read_with_its_usual_liberties(text: str, instant: str) -> None:
    """Every spelling of an instant that leaves nothing open is read, alone and in a column, as the same instant."""
    assert one(text) == instant
    assert instant_of(text).isoformat() == instant


@pytest.mark.parametrize(
    "text",
    [
        "5 Jan 2026 10:00 CET",
        "01/02/2026 10:00 AM",
        "Jan  5 10:00:00",
        "2026-02-30T00:00:00Z",
        "2026-01-31T25:00:00Z",
        "2026-01-31T24:00:01Z",
        "2026-01-31T10:15:60Z",
        "2026-01-31T12:00:00+99:00",
        "0000-00-00 00:00:00",
        "٢٠٢٦-01-31T12:00:00Z",
        "now",
    ],
)
def test_what_is_no_instant_stays_missing_and_is_a_fault(text: str) -> None:
    """Nothing is guessed: a text that is no time, or that could be two, is missing and comes back with its text."""
    read, faults = instants_of(pd.Series([text]), time_zone="UTC")
    assert read.isna().all()
    assert [fault.raw for fault in faults] == [text]
    with pytest.raises(ValueError, match=r"expected|leap second"):
        instant_of(text, time_zone="UTC")


def test_a_naive_time_is_read_only_in_a_zone_that_is_named() -> None:
    """Without a zone a time stays missing and says so; with Europe/Berlin in July it is two hours ahead of UTC."""
    naive = pd.Series(["2026-07-01T12:00:00", "2026-07-01"])
    read, faults = instants_of(naive)
    assert read.isna().all()
    assert all("it has no zone" in fault.problem for fault in faults)
    read, faults = instants_of(naive, time_zone="Europe/Berlin")
    assert list(read) == [pd.Timestamp("2026-07-01T10:00Z"), pd.Timestamp("2026-06-30T22:00Z")]
    assert faults == []


def test_the_repeated_and_the_skipped_hour_are_faults() -> None:
    """02:30 on the night the clocks go back, and on the night they go forward, is not decided for the writer."""
    local = pd.Series(["2026-10-25T02:30:00", "2026-03-29 02:30", "2026-10-25T02:30:00+02:00"])
    read, faults = instants_of(local, time_zone="Europe/Berlin")
    assert read.isna().tolist() == [True, True, False]
    assert [fault.row for fault in faults] == [0, 1]
    assert all("twice or not at all" in fault.problem for fault in faults)
    with pytest.raises(ValueError, match="twice or not at all"):
        instant_of("2026-10-25T02:30:00", time_zone="Europe/Berlin")


def test_the_year_1_and_the_year_9999_mean_never() -> None:
    """A firing alert that ends in the year 0001 has no end; that is missing, and no fault."""
    read, faults = instants_of(pd.Series(["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31"]))
    assert read.isna().all()
    assert faults == []
    assert one("9999-12-31T00:00:00Z", never=()) == "9999-12-31T00:00:00+00:00"


def test_missing_values_stay_missing_in_the_right_type() -> None:
    """Empty texts, None, NaN and NaT are missing without a fault; an empty column keeps the schema's type."""
    read, faults = instants_of(pd.Series(["", "  ", None, float("nan"), pd.NaT], dtype="object"))
    assert read.isna().all()
    assert faults == []
    assert str(read.dtype) == "datetime64[us, UTC]"
    assert str(instants_of(pd.Series([], dtype="object"))[0].dtype) == "datetime64[us, UTC]"


def test_numbers_are_no_times() -> None:
    """A number is not taken for seconds or milliseconds by its size."""
    read, faults = instants_of(pd.Series([1456427378, True], dtype="object"))
    assert read.isna().all()
    assert [fault.raw for fault in faults] == ["1456427378", "True"]


def test_datetime_columns_are_taken_as_they_are() -> None:
    """A column with a zone is converted to UTC; one without is read in the named zone, else it is a fault."""
    aware = pd.Series(pd.to_datetime(["2026-01-31T13:00:00+01:00"]))
    assert instants_of(aware)[0][0] == pd.Timestamp(NOON)
    naive = pd.Series(pd.to_datetime(["2026-01-31T12:00:00"]))
    assert len(instants_of(naive)[1]) == 1
    assert instants_of(naive, time_zone="-02:00")[0][0] == pd.Timestamp("2026-01-31T14:00Z")


def test_faults_keep_the_callers_rows_even_when_two_are_named_alike() -> None:
    """The index of the column names the rows of the faults, and comes back unchanged."""
    values = pd.Series(["x", NOON, "y"], index=["a", "a", "b"])
    read, faults = instants_of(values)
    assert list(read.index) == ["a", "a", "b"]
    assert [(fault.row, fault.raw) for fault in faults] == [("a", "x"), ("b", "y")]


def test_a_named_format_is_used_instead_of_iso_8601() -> None:
    """Day-first dates are read when the format says so; the ISO text beside them then is a fault."""
    texts = pd.Series(["02-01-2026 08:53", "2026-01-02T08:53:00Z", "31-12-2025 24:00"])
    read, faults = instants_of(texts, time_zone="UTC", formats=["%d-%m-%Y %H:%M"])
    assert read[0] == pd.Timestamp("2026-01-02T08:53Z")
    assert [fault.row for fault in faults] == [1, 2]


def test_the_first_format_that_fits_wins_and_an_offset_needs_no_zone() -> None:
    """Two formats are tried in order; one with an offset is read without a named zone."""
    texts = pd.Series(["2026/01/31 13:00 +0100", "31.01.2026 12:00"])
    read, _ = instants_of(texts, time_zone="UTC", formats=["%Y/%m/%d %H:%M %z", "%d.%m.%Y %H:%M"])
    assert list(read) == [pd.Timestamp(NOON)] * 2


@pytest.mark.parametrize("spelling", ["%d %b %H:%M", "%H:%M", "%Y-%m-%d %H:%M %Z", "%c", "%Y-%m-%d %I:%M", "%Y %d"])
def test_a_format_that_leaves_something_open_is_refused(spelling: str) -> None:
    """A format without a year, a month or the half of the day, or with an ambiguous zone name, is an error."""
    assert format_fault(spelling)
    with pytest.raises(UsageError, match="leaves the instant open"):
        instants_of(pd.Series(["x"]), formats=[spelling])


def test_epochs_are_read_digit_by_digit() -> None:
    """A chat's time stamp keeps its microseconds, seconds and milliseconds are told apart by the caller only."""
    read, faults = epochs_of(pd.Series(["1456427378.000002", 1456427378, None], dtype="object"), unit="s")
    assert read[0] == pd.Timestamp("2016-02-25T19:09:38.000002Z")
    assert read[1] == pd.Timestamp("2016-02-25T19:09:38Z")
    assert pd.isna(read[2])
    assert faults == []
    assert epochs_of(pd.Series([1456427378123]), unit="ms")[0][0] == pd.Timestamp("2016-02-25T19:09:38.123Z")


def test_epochs_that_are_none_are_faults() -> None:
    """A word, a flag and milliseconds given as seconds (beyond the year 9999) are faults, not instants."""
    read, faults = epochs_of(pd.Series(["soon", True, 1456427378123], dtype="object"), unit="s")
    assert read.isna().all()
    assert [fault.row for fault in faults] == [0, 1, 2]


def test_an_unknown_zone_names_near_ones() -> None:
    """A misspelled zone is an error that names the right one; a path is no zone."""
    with pytest.raises(UsageError, match="Europe/Berlin"):
        zone_named("Europe/Berln")
    with pytest.raises(UsageError, match="no time zone"):
        zone_named("../../etc/passwd")


def test_precision_is_that_of_the_column() -> None:
    """All seconds 00 means minutes are known; one 27 means seconds are; days without a clock are days."""
    for texts, precision in (
        (["2026-01-31T12:00:00Z", "2026-01-31T12:05:00Z"], "minute"),
        (["2026-01-31T12:00:00Z", "2026-01-31T12:05:27Z"], "second"),
        (["2026-01-31", "2026-02-01"], "day"),
        ([None], None),
    ):
        values = pd.Series(texts, dtype="object")
        assert precision_of(values, instants_of(values, time_zone="UTC")[0]) == precision


def test_faults_become_findings_with_row_and_raw_text() -> None:
    """A finding holds the incident, the row and the text as written, and tells a missing zone from the rest."""
    values = pd.Series(["soon", "2026-01-31T12:00:00"], index=["line 2", "line 3"])
    ids = pd.Series({"line 2": "INC-1"}, dtype="str")
    _, faults = instants_of(values)
    rows = fault_findings(faults, table="events", column="resolved_at", source="table:x.csv", ids=ids)
    assert [(r["check"], r["incident_id"], r["row"], r["raw"]) for r in rows] == [
        ("unreadable_time", "INC-1", "line 2", "soon"),
        ("naive_time", None, "line 3", "2026-01-31T12:00:00"),
    ]


@settings(max_examples=100, deadline=None)
@given(
    st.datetimes(pd.Timestamp("1900-01-01"), pd.Timestamp("2200-01-01")),
    st.integers(-14 * 60, 14 * 60).map(lambda m: dt.timezone(dt.timedelta(minutes=m))),
    st.sampled_from(["T", " "]),
)
def test_column_and_single_reading_agree_with_the_standard_library(
    local: dt.datetime, zone: dt.timezone, separator: str
) -> None:
    """Any time with any offset is the instant that Python says it is, read alone and in a column of one."""
    at = local.replace(tzinfo=zone)
    text = at.isoformat(separator)
    assert instant_of(text) == at
    assert instants_of(pd.Series([text]))[0][0] == pd.Timestamp(at)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(max_size=25), st.integers(), st.floats(), st.booleans()), max_size=8))
def test_any_column_is_read_without_an_exception(values: list[object]) -> None:
    """Whatever a column holds, every row is an instant, missing, or a fault; none is lost."""
    column = pd.Series(values, dtype="object")
    read, faults = instants_of(column, time_zone="UTC")
    assert len(read) == len(values)
    said = {fault.row for fault in faults}
    for row, value in column.items():
        is_nothing = value is None or (isinstance(value, float) and math.isnan(value)) or not str(value).strip()
        is_never = isinstance(value, str) and value.strip()[:4] in ("0001", "9999")
        assert (row in said) == (pd.isna(read[row]) and not is_nothing and not is_never)
