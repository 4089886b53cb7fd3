"""Intervals: unions, and differences of instants known only within bounds."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident_analytics.stats.intervals import MISSING, difference, micros, middle, spans, union_length, whole_micros

MIDNIGHT = pd.Timestamp("2026-03-01T00:00:00Z")

spells = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 60), st.integers(0, 30)).map(lambda s: (s[0], s[1], s[1] + s[2])),
    max_size=12,
)


def minutes(numbers):
    """Minutes after midnight as instants."""
    return pd.Series(MIDNIGHT + pd.to_timedelta(pd.Series(numbers, dtype="float64"), unit="min"))


def union(rows):
    """Union length in minutes by key, of (key, begin, end) in minutes."""
    keys = pd.Series([key for key, _, _ in rows], dtype="str")
    length = union_length(keys, minutes([low for _, low, _ in rows]), minutes([high for _, _, high in rows]))
    return {key: span / pd.Timedelta("1min") for key, span in length.items()}


def test_overlap_counts_once_and_a_gap_does_not_count():
    """10 to 40 and 30 to 50 are 40 min; 100 to 110 adds 10; another key is apart."""
    assert union([("a", 100, 110), ("a", 10, 40), ("b", 0, 5), ("a", 30, 50), ("a", 20, 25)]) == {"a": 50, "b": 5}


def test_missing_bound_makes_its_key_missing_and_no_other():
    """A union with an unknown part is unknown; other keys keep their length, and rows without a key are left out."""
    keys = pd.Series(["a", "a", "b", None], dtype="str")
    length = union_length(keys, minutes([0, 5, 0, 0]), minutes([10, np.nan, 7, 9]))
    assert length.index.tolist() == ["a", "b"]
    assert pd.isna(length["a"])
    assert length["b"] == pd.Timedelta("7min")
    assert length.dtype == "timedelta64[us]"


def test_nothing_in_nothing_out():
    """No interval gives no key, with the right dtype."""
    length = union_length(pd.Series([], dtype="str"), minutes([]), minutes([]))
    assert len(length) == 0
    assert length.dtype == "timedelta64[us]"


def test_interval_that_ends_before_it_begins_is_refused():
    """A reversed interval is an error that says how many there are, never a negative length."""
    with pytest.raises(ValueError, match="1 interval"):
        union([("a", 10, 20), ("a", 30, 25)])


@given(spells)
@settings(max_examples=60, deadline=None)
def test_union_is_what_counting_minutes_gives(rows):
    """With whole minutes the length is the number of minutes that some interval covers."""
    expected = {key: len({m for k, low, high in rows if k == key for m in range(low, high)}) for key, _, _ in rows}
    assert union(rows) == expected


@given(spells, st.randoms(use_true_random=False), st.integers(-500, 500))
@settings(max_examples=60, deadline=None)
def test_union_obeys_its_laws(rows, random, shift):
    """Order, repetition and a common shift change nothing; it lies between the longest interval and the sum of all."""
    length = union(rows)
    shuffled = random.sample(rows, len(rows))
    assert union(shuffled) == length
    assert union(rows + rows) == length
    assert union([(key, low + shift, high + shift) for key, low, high in rows]) == length
    for key, total in length.items():
        own = [high - low for k, low, high in rows if k == key]
        assert max(own) <= total <= sum(own)


def test_difference_of_an_hour_and_a_minute():
    """From somewhere in 14:00 to 15:00 until 14:45 lie -15 to 45 min, half-way 15 min."""
    low, value, high = difference(*(np.array([m * 60_000_000]) for m in (840, 900, 885, 885)))
    assert [int(x[0]) // 60_000_000 for x in (low, value, high)] == [-15, 15, 45]


def test_missing_instant_gives_no_difference():
    """If any bound is missing, so are all three answers."""
    known = np.array([0])
    for place in range(4):
        bounds = [known] * 4
        bounds[place] = np.array([MISSING])
        assert all(answer[0] == MISSING for answer in difference(*bounds))


bound = st.integers(-(10**15), 10**15)
uncertain = st.tuples(bound, st.integers(0, 10**12)).map(lambda t: (t[0], t[0] + t[1]))


@given(uncertain, uncertain)
@settings(max_examples=100)
def test_difference_is_ordered_and_turns_its_sign_with_its_ends(first, last):
    """Least <= middle <= most; swapping start and end negates the middle and swaps the bounds."""
    ends = [np.array([number]) for number in (*first, *last)]
    low, value, high = (int(x[0]) for x in difference(*ends))
    assert low <= value <= high
    back = [int(x[0]) for x in difference(*ends[2:], *ends[:2])]
    assert back == [-high, -value, -low]


@given(uncertain)
def test_middle_lies_between(ends):
    """Half-way lies between the two numbers, and is the number itself when they are equal."""
    low, high = (np.array([number]) for number in ends)
    assert ends[0] <= int(middle(low, high)[0]) <= ends[1]
    assert int(middle(low, low)[0]) == ends[0]


def test_instants_become_numbers_in_utc_and_back():
    """The same instant in two zones is the same number; NaT and MISSING stand for each other."""
    utc = pd.Series([MIDNIGHT, pd.NaT])
    tokyo = utc.dt.tz_convert("Asia/Tokyo")
    assert micros(utc).tolist() == micros(tokyo).tolist() == [1_772_323_200_000_000, MISSING]
    assert pd.isna(spans(np.array([MISSING]))[0])
    assert micros(pd.Series(pd.to_timedelta(["90s"]))).tolist() == [90_000_000]


def test_one_instant_or_span_becomes_a_number():
    """A single instant counts microseconds since 1970 in UTC, a span its own; NaT gives MISSING."""
    assert whole_micros(pd.Timestamp("1970-01-01T01:00:00+01:00")) == 0
    assert whole_micros(pd.Timestamp("1970-01-01T00:00:01Z")) == 1_000_000
    assert whole_micros(pd.Timedelta("5min")) == 300_000_000
    assert whole_micros(pd.NaT) == MISSING
