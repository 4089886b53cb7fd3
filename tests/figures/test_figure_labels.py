"""Label room, shortening and ticks: the laws behind every figure's texts."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident_analytics.figures._axes import (
    DURATION_TICKS,
    count_ticks,
    duration_range,
    duration_ticks,
    elapsed_ticks,
    elapsed_words,
    time_ticks,
)
from incident_analytics.figures._cells import step
from incident_analytics.figures._labels import Shelf, Shelves, shortened, text_width, wrapped
from incident_analytics.figures.action_ageing import offsets

stretches = st.tuples(st.floats(0, 500), st.floats(0, 60)).map(lambda pair: (pair[0], pair[0] + pair[1] + 0.5))


@settings(max_examples=60)
@given(st.lists(stretches, max_size=30), stretches)
def test_a_shelf_is_free_exactly_where_nothing_was_put(
    taken: list[tuple[float, float]], wanted: tuple[float, float]
) -> None:
    """A stretch is free if and only if it overlaps none of those put there, in whatever order they came."""
    shelf = Shelf()
    for start, end in taken:
        shelf.take(start, end)
    overlaps = any(start < wanted[1] - 1e-6 and end > wanted[0] + 1e-6 for start, end in taken)
    assert shelf.is_free(*wanted) is not overlaps


@settings(max_examples=60)
@given(st.lists(st.floats(0, 400), max_size=25), st.lists(st.text("abc ", max_size=30), max_size=25))
def test_placed_labels_never_overlap_and_stay_inside(places: list[float], texts: list[str]) -> None:
    """However many labels are asked for, those that are placed keep clear of each other and of the edges."""
    shelves = Shelves(0, 400, (0, -1, 1))
    placed = [shelves.place(x, 4, [words]) for x, words in zip(places, texts, strict=False) if words.strip()]
    found = [(p.row, p.left, p.left + text_width(p.words)) for p in placed if p is not None]
    assert all(left >= 0 and right <= 400 for _, left, right in found)
    for n, (row, left, right) in enumerate(found):
        for other_row, other_left, other_right in found[n + 1 :]:
            assert row != other_row or right <= other_left or other_right <= left


@settings(max_examples=60)
@given(st.text(max_size=80), st.floats(0, 300))
def test_shortened_text_fits(text: str, room: float) -> None:
    """The result is never wider than its room, and a text that fits is left as it is."""
    result = shortened(text, room)
    plain = " ".join(text.split())
    assert text_width(result) <= room or result == ""
    if text_width(plain) <= room:
        assert result == plain
    else:
        assert result == "" or result.endswith("…")


def test_shortening_cuts_between_words() -> None:
    """A cut falls between words if that does not cost much of the text."""
    assert shortened("the lamp of the lighthouse went out", 160) == "the lamp of the…"
    assert shortened("incomprehensibilities", 60).startswith("incom")


def test_a_wide_font_is_assumed() -> None:
    """About 6.2 px a character of prose are needed in usual fonts; the estimate lies a little above, never below."""
    prose = "An automatic test notices within three minutes"
    assert 6.2 <= text_width(prose) / len(prose) <= 7.2
    assert text_width(prose, is_bold=True) > text_width(prose)


def test_wrapped_lines_fit_and_lose_nothing() -> None:
    """The words of all lines are the words of the text."""
    text = "one two three four five six seven"
    lines = wrapped(text, 80)
    assert " ".join(lines) == text
    assert all(text_width(line) <= 80 for line in lines)


@settings(max_examples=60)
@given(st.integers(0, 2_000_000_000), st.integers(60, 400_000_000), st.integers(2, 10))
def test_time_ticks_are_few_round_and_inside(start: int, length: int, most: int) -> None:
    """Ticks lie on the axis, in order, no more than asked for and one, all the same distance apart."""
    low = pd.Timestamp(start, unit="s", tz="UTC")
    high = low + pd.Timedelta(seconds=length)
    ticks = [at for at, _ in time_ticks(low, high, most)]
    assert len(ticks) <= most + 1
    assert all(low <= at <= high for at in ticks)
    assert len({b - a for a, b in itertools.pairwise(ticks)}) <= 1


def test_utc_ticks_say_the_hour_and_the_day_when_it_changes() -> None:
    """Within a day the hours are enough; across midnight the new day is named."""
    day = time_ticks(pd.Timestamp("2024-03-05T10:10Z"), pd.Timestamp("2024-03-05T13:50Z"), 5)
    assert [text for _, text in day] == ["11:00", "12:00", "13:00"]
    night = time_ticks(pd.Timestamp("2024-03-05T20:00Z"), pd.Timestamp("2024-03-06T04:00Z"), 4)
    assert [text for _, text in night] == ["20:00", "22:00", "6 Mar", "02:00", "04:00"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0"),
        (30, "+30 s"),
        (90, "+1 min 30 s"),
        (600, "+10 min"),
        (3600, "+1 h"),
        (5400, "+1:30"),
        (-3600, "−1 h"),
        (172800, "+2 d"),
    ],
)
def test_elapsed_time_in_words(seconds: float, words: str) -> None:
    """Elapsed time is said as short as it can be."""
    assert elapsed_words(seconds) == words


def test_elapsed_ticks_begin_at_zero() -> None:
    """Before the start nothing has elapsed, so no tick stands there."""
    zero = pd.Timestamp("2024-03-05T11:28Z")
    ticks = elapsed_ticks(zero, zero - pd.Timedelta("30min"), zero + pd.Timedelta("3h"), 4)
    assert [(text, at - zero) for at, text in ticks] == [
        (f"+{n} h" if n else "0", pd.Timedelta(hours=n)) for n in range(4)
    ]


def test_duration_ticks_are_never_powers_of_ten() -> None:
    """From a minute to a week the ticks are those a reader thinks in."""
    assert [words for _, words in duration_ticks(1, 20_000)] == ["1 min", "10 min", "1 h", "6 h", "1 d", "7 d"]
    assert DURATION_TICKS[1440] == "1 d"


@settings(max_examples=40)
@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_the_log_axis_holds_all_durations_and_one_common_stretch(a: float, b: float) -> None:
    """Every axis holds its data, and 1 min to 6 h, so that figures can be compared."""
    low, high = duration_range(min(a, b), max(a, b))
    assert 0 < low <= 1
    assert high >= 360
    assert low <= max(min(a, b), 1 / 60)
    assert high >= max(a, b)


@pytest.mark.parametrize(
    ("high", "ticks"),
    [(1, [0, 1]), (3, [0, 1, 2, 3]), (10, [0, 5, 10]), (37, [0, 10, 20, 30]), (900, [0, 200, 400, 600, 800])],
)
def test_counts_have_whole_round_ticks(high: float, ticks: list[int]) -> None:
    """A count axis has whole numbers only, at most four above zero."""
    assert count_ticks(high) == ticks


@pytest.mark.parametrize(
    ("n", "most", "expected"), [(0, 34, 0), (1, 34, 1), (34, 34, 5), (24, 34, 4), (1, 1, 5), (0, 0, 0)]
)
def test_counts_have_five_equal_steps(n: int, most: int, expected: int) -> None:
    """The largest cell is the darkest, zero is paper, the rest in equal steps: 24 of 34 is 3.53 fifths, so the fourth."""
    assert step(n, most) == expected


@settings(max_examples=40)
@given(st.lists(st.floats(0, 300), max_size=12))
def test_dots_that_have_room_do_not_touch(places: list[float]) -> None:
    """As long as there is a free row, no two dots are nearer than their size."""
    at = sorted(places)
    shifts = offsets(at)
    assert len(shifts) == len(at)
    assert set(shifts) <= {0.0, 9.0, -9.0, 18.0, -18.0}
    for n, x in enumerate(at):
        near = [m for m in range(n) if x - at[m] < 9.5]
        if len(near) < 5:
            assert all(shifts[m] != shifts[n] or x - at[m] >= 9.5 for m in near)
