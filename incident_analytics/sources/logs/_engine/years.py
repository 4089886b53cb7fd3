"""The year of times that are written without one: where it comes from, and how it goes on over New Year."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

Times = npt.NDArray[np.int64]
Window = tuple[int | None, int | None]
"""From (included) to (not included) in microseconds since 1970, None where open."""

ANY_YEAR = 2000
"""Times are read in this year, a leap year, until theirs is known."""

GIVEN = "as given"
WRITTEN = "taken from when the file was last written"
"""Where a year came from: the caller named it; nothing better was there."""

_HALF_A_YEAR = 183 * 86_400 * 10**6
_DAY = 86_400 * 10**6


@dataclass(slots=True)
class YearCount:
    """The year of entries that are written without one, carried from block to block.

    Attributes:
        first: year of the first entry.
        origin: where that was taken from.
        year: year of the last entry.
        month: its month; None before the first.
    """

    first: int
    origin: str
    year: int
    month: int | None = None

    def passes(self, times: Times) -> bool:
        """Whether no New Year lies between the last entry and these, nor among them; if so, they have been counted."""
        # Times that are all within five months of each other are told by the first and the last.
        few = times[[0, -1]] if int(times.max() - times.min()) < 150 * _DAY else times
        months = _months(few)
        if _turns(self._before(months), months).any():
            return False
        self.month = int(months[-1])
        return True

    def years(self, times: Times) -> Times:
        """The year of each of these entries, which come next in the file.

        A month half a year or more behind the one before is in the next year; one ten months or more ahead, as
        December is after January, is a straggler of the last.

        Args:
            times: microseconds since 1970, whatever year they were read in.
        """
        months = _months(times)
        years = self.year + np.cumsum(_turns(self._before(months), months))
        self.year, self.month = int(years[-1]), int(months[-1])
        return years

    def said(self) -> str:
        """The years assumed."""
        return str(self.first) if self.first == self.year else f"{self.first} to {self.year}"

    def _before(self, months: Times) -> Times:
        first = months[0] if self.month is None else self.month
        return np.concatenate(([first], months[:-1]))


def _months(times: Times) -> Times:
    return times.view("M8[us]").astype("M8[M]").astype(np.int64) % 12


def _turns(before: Times, months: Times) -> Times:
    step = months - before
    return (step <= -6).astype(np.int64) - (step >= 10)


def first_year(first: int, *, year: int | None, windows: Sequence[Window], path: Path) -> YearCount:
    """The year of a file's first entry.

    Args:
        first: time of the entry when read in ``ANY_YEAR``, in microseconds since 1970.
        year: the year, when the caller knows it.
        windows: the time asked for; the year that brings the entry nearest to it, or into it nearest to one of its ends.
        path: a date in the file's name, else the time the file was last written: the last year in which the
            entry lies before it.
    """
    found, origin = _found(first, year, windows, path)
    return YearCount(found, origin, found)


def _found(first: int, year: int | None, windows: Sequence[Window], path: Path) -> tuple[int, str]:
    if year is not None:
        return year, GIVEN
    bounds = [bound for window in windows for bound in window if bound is not None]
    if bounds:
        distances = [
            (min(_distance(at, w) for w in windows), min(abs(at - bound) for bound in bounds), -candidate)
            for candidate, at in _candidates(first, bounds)
        ]
        away, _, best = min(distances, default=(_HALF_A_YEAR, 0, 0))
        if away < _HALF_A_YEAR:
            return -best, "taken from the time asked for"
    day = day_named(path)
    if day is not None:
        return _last_before(first, day), "taken from the date in the file's name"
    return _last_before(first, int(path.stat().st_mtime) * 10**6), WRITTEN


def day_named(path: Path) -> int | None:
    """The midnight that begins the day a file is named for, in microseconds since 1970."""
    named = re.search(r"(?<![0-9])((?:19|20)[0-9]{2})[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12][0-9]|3[01])", path.name)
    if named is None:
        return None
    return _micros(np.datetime64(f"{named[1]}-{named[2]}-01")) + (int(named[3]) - 1) * _DAY


def _in_year(first: int, year: int) -> int | None:
    """The entry's time in another year; None for a leap day in a year that has none."""
    at = np.datetime64(first, "us")
    month = at.astype("M8[M]")
    there = month + np.timedelta64((year - ANY_YEAR) * 12, "M")
    moved = there.astype("M8[us]") + (at - month.astype("M8[us]"))
    return _micros(moved) if moved.astype("M8[M]") == there else None


def _candidates(first: int, bounds: Sequence[int]) -> list[tuple[int, int]]:
    years = {_year_of(bound) + step for bound in bounds for step in (-1, 0, 1)}
    return [(year, at) for year in sorted(years) if (at := _in_year(first, year)) is not None]


def _distance(at: int, window: Window) -> int:
    start, end = window
    early = 0 if start is None else max(0, start - at)
    late = 0 if end is None else max(0, at - end)
    return early + late


def _last_before(first: int, limit: int) -> int:
    """The last year in which the entry lies no more than a day after ``limit``: clocks and zones differ."""
    year = _year_of(limit)
    # Eight years can pass between two leap days.
    for candidate in range(year + 1, year - 9, -1):
        at = _in_year(first, candidate)
        if at is not None and at <= limit + _DAY:
            return candidate
    return year


def _year_of(micros: int) -> int:
    return int(np.datetime64(micros, "us").astype("M8[Y]").astype(np.int64)) + 1970


def _micros(at: np.datetime64) -> int:
    return int(at.astype("M8[us]").astype(np.int64))
