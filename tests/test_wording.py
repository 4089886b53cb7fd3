"""How numbers are said. Expected words are written out by hand."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_analytics import wording


@pytest.mark.parametrize(
    ("span", "words"),
    [
        ("0s", "0 min"),
        ("20s", "under 1 min"),
        ("3min", "3 min"),
        ("59min 40s", "1 h 00 min"),
        ("2h 2min", "2 h 02 min"),
        ("24h 11min", "24 h 11 min"),
        ("47h 59min 20s", "47 h 59 min"),
        ("48h", "2 d"),
        ("72h 10min", "3 d"),
        ("76h", "3 d 4 h"),
        ("13 days 4h", "13 d"),
        ("-2h 58min", "−2 h 58 min"),
    ],
)
def test_spans_are_said_as_a_person_would(span, words):
    """Minutes below two days, then days; no false precision."""
    assert words == wording.duration(pd.Timedelta(span))


def test_seconds_are_said_only_on_request():
    """20 min 27 s is said when both ends are known to the second."""
    assert "20 min 27 s" == wording.duration(pd.Timedelta("20min 27s"), with_seconds=True)
    assert "20 min" == wording.duration(pd.Timedelta("20min 27s"))
    assert "45 s" == wording.duration(pd.Timedelta("45s"), with_seconds=True)
    assert "1 h 21 min 26 s" == wording.duration(pd.Timedelta("1h 21min 26s"), with_seconds=True)


def test_missing_is_said_in_words():
    """A missing span is never 0 and never empty."""
    assert "not computable" == wording.duration(pd.NaT)
    assert "not published" == wording.missing("public")
    assert "not recorded" == wording.missing("internal")
    assert "not recorded" == wording.clock_time(pd.NaT)


@given(st.integers(min_value=60, max_value=172_000))
def test_the_words_lie_within_half_a_minute_of_the_span(seconds):
    """Below two days, reading the words back gives the span to half a minute."""
    words = wording.duration(pd.Timedelta(seconds, unit="s"))
    numbers = [int(part) for part in words.split() if part.isdigit()]
    minutes = numbers[0] * 60 + numbers[1] if " h " in words else numbers[0]

    assert abs(minutes * 60 - seconds) <= 30


def test_instants_are_as_precise_as_known():
    """A day is a day, seconds are said only where they are known."""
    at = pd.Timestamp("2025-11-18T11:48:27Z")

    assert "11:48:27" == wording.clock_time(at)
    assert "11:48" == wording.clock_time(at, "minute")
    assert "18 Nov" == wording.clock_time(at, "day")
    assert "Tuesday 18 November 2025" == wording.long_date(at)


def test_marks_of_knowing():
    """Inferred stays inferred; a stated fact read second-hand is retold."""
    assert "inferred" == wording.basis_mark("inferred", "primary")
    assert "retold" == wording.basis_mark("stated", "secondary")
    assert "from memory" == wording.basis_mark("stated", "memory")
    assert "stated" == wording.basis_mark("stated", "primary")
    assert wording.basis_mark("unknown", "none") == ""


def test_elapsed_time_reads_like_a_clock():
    """Hours and minutes since the start, with a real minus sign before it."""
    assert "+2:09" == wording.elapsed(pd.Timedelta("2h 9min"))
    assert "−0:23" == wording.elapsed(pd.Timedelta("-23min"))
    assert "+3 d 4:00" == wording.elapsed(pd.Timedelta("76h"))


def test_counts_take_the_right_form():
    """One incident, two entries, 12 000 rows."""
    assert "1 incident" == wording.count(1, "incident")
    assert "2 entries" == wording.count(2, "entry", "entries")
    assert "12 000 rows" == wording.count(12000, "row")
    assert "a, b and c" == wording.listed(["a", "b", "c"])
