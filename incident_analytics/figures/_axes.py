"""Ticks: instants in UTC, time elapsed, and durations on a log axis that never shows a power of ten."""

from __future__ import annotations

import math

import pandas as pd

from .. import wording

_SECOND, _MINUTE, _HOUR, _DAY = 1, 60, 3600, 86400
_STEPS = tuple(
    [_SECOND * n for n in (1, 2, 5, 10, 15, 30)]
    + [_MINUTE * n for n in (1, 2, 5, 10, 15, 30)]
    + [_HOUR * n for n in (1, 2, 3, 6, 12)]
    + [_DAY * n for n in (1, 2, 7, 14, 28, 91, 182, 365, 730, 3650, 36500)]
)

DURATION_TICKS: dict[float, str] = {
    1 / 60: "1 s", 1 / 6: "10 s", 1: "1 min", 10: "10 min", 60: "1 h", 360: "6 h",
    1440: "1 d", 10080: "7 d", 43200: "30 d", 525600: "1 y", 5256000: "10 y",
}  # fmt: skip
"""Minutes and what is said at them."""


def time_step(span: pd.Timedelta, most: int) -> int:
    """Seconds between ticks: the smallest of the round steps that gives at most ``most`` ticks."""
    seconds = max(span.total_seconds(), 1)
    return next((step for step in _STEPS if seconds / step <= most), _STEPS[-1])


def time_ticks(start: pd.Timestamp, end: pd.Timestamp, most: int) -> list[tuple[pd.Timestamp, str]]:
    """Ticks of a UTC axis from ``start`` to ``end``; midnight says the day when the axis has more than one."""
    step = time_step(end - start, most)
    # Days and longer are counted from midnight of the epoch, weeks from its first Monday.
    shift = 4 * _DAY if step in (7 * _DAY, 14 * _DAY, 28 * _DAY) else 0
    epoch = start.timestamp()
    first = math.ceil((epoch - shift) / step) * step + shift
    ticks = []
    for seconds in range(int(first), int(end.timestamp()) + 1, step):
        at = pd.Timestamp(seconds, unit="s", tz="UTC")
        ticks.append((at, _tick_words(at, step, is_one_day=start.date() == end.date())))
    return ticks


def _tick_words(at: pd.Timestamp, step: int, *, is_one_day: bool) -> str:
    if step >= 182 * _DAY:
        return f"{at:%b %Y}"
    if step >= _DAY or (not is_one_day and at.hour == at.minute == at.second == 0):
        return f"{at.day} {at:%b}"
    return f"{at:%H:%M:%S}" if step < _MINUTE else f"{at:%H:%M}"


def elapsed_words(seconds: float) -> str:
    """Time since the start as an axis says it: ``0``, ``+10 min``, ``+1 h``, ``+1:30``, ``+2 d``."""
    if seconds == 0:
        return "0"
    sign = "−" if seconds < 0 else "+"
    size = int(abs(seconds))
    for unit, word in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if size % unit == 0 and (unit != _MINUTE or size < _HOUR):
            return f"{sign}{size // unit} {word}"
    if size < _HOUR:
        return f"{sign}{size // _MINUTE} min {size % _MINUTE:02d} s" if size >= _MINUTE else f"{sign}{size} s"
    words = f"{sign}{size // _HOUR}:{size % _HOUR // _MINUTE:02d}"
    return f"{words}:{size % _MINUTE:02d}" if size % _MINUTE else words


def elapsed_ticks(
    zero: pd.Timestamp, start: pd.Timestamp, end: pd.Timestamp, most: int
) -> list[tuple[pd.Timestamp, str]]:
    """Ticks of the elapsed axis, from ``zero`` on, where they lie between ``start`` and ``end``."""
    step = time_step(end - start, most)
    first = max(0, math.ceil((start - zero).total_seconds() / step))
    last = math.floor((end - zero).total_seconds() / step)
    return [(zero + pd.Timedelta(seconds=n * step), elapsed_words(n * step)) for n in range(first, last + 1)]


def duration_ticks(low: float, high: float) -> list[tuple[float, str]]:
    """Ticks of a log axis of durations in minutes that lie between ``low`` and ``high``."""
    return [(minutes, words) for minutes, words in DURATION_TICKS.items() if low <= minutes <= high * 1.0001]


def duration_range(shortest: float, longest: float) -> tuple[float, float]:
    """Ends of a log axis of durations in minutes: a little before the shortest to a little past the longest.

    Never less than 1 min to 6 h, so that two figures of the same incidents can be read side by side, and never below
    a second, where a duration of zero stands.
    """
    low = 1.0 if shortest >= 1 else max(shortest * 0.7, 1 / 60)
    return low, max(longest, 360.0) * 1.25


def count_ticks(high: float, most: int = 4) -> list[int]:
    """Round numbers from 0 to ``high``, at most ``most`` above zero."""
    unit = 10 ** max(math.floor(math.log10(max(high, 1) / most)), 0)
    step = next((unit * n for n in (1, 2, 5, 10) if high // (unit * n) <= most), unit * 20)
    return list(range(0, int(high) + 1, step))


def near(length: pd.Timedelta) -> pd.Timedelta:
    """How far before or after the incident something still belongs on its axis: 30 % of its length, or half an hour."""
    return max(length * 0.3, pd.Timedelta(minutes=30))


def far_words(word: str, at: pd.Timestamp, end: pd.Timestamp) -> str:
    """Up to when something lies beyond the axis: the day, or the time when it is within two days of its end."""
    is_near = abs(at - end) < pd.Timedelta(days=2)
    return f"{word} {wording.clock_time(at, 'minute', with_date=True) if is_near else wording.date(at)}"
