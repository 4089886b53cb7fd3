"""The day of times that are only a time of day: where it comes from, and how it goes on over midnight."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..._instants import zone_named
from .times import DAY_MICROS, HOUR_MICROS
from .years import WRITTEN, Window, day_named

Times = npt.NDArray[np.int64]

ANY_DAY = 10_957
"""Times of day are read on this day, 1 January 2000, until theirs is known; days are counted since 1970."""

_BACK, _AHEAD = -2 * HOUR_MICROS, 22 * HOUR_MICROS


@dataclass(slots=True)
class DayCount:
    """The day of entries that are written without one, carried from block to block.

    Attributes:
        first: day of the first entry.
        origin: where that was taken from.
        year: day of the last entry.
        clock: its time of day; None before the first.
        written: when the file was last written, in local microseconds, where that is all that is known.
    """

    first: int
    origin: str
    year: int
    clock: int | None = None
    written: int | None = None

    def passes(self, times: Times) -> bool:
        """Whether no midnight lies between the last entry and these, nor among them; if so, they have been counted."""
        clocks = times % DAY_MICROS
        if _turns(self._before(clocks), clocks).any():
            return False
        self.clock = int(clocks[-1])
        return True

    def years(self, times: Times) -> Times:
        """The day of each of these entries, which come next in the file.

        A time of day two hours or more behind the one before is on the next day, be the log as sparse as it may; one
        22 hours or more ahead is a straggler of the last.

        Args:
            times: microseconds since 1970, whatever day they were read on.
        """
        clocks = times % DAY_MICROS
        days = self.year + np.cumsum(_turns(self._before(clocks), clocks))
        self.year, self.clock = int(days[-1]), int(clocks[-1])
        return days

    @property
    def too_late(self) -> int:
        """Days by which all entries have to be moved back, known when the file was read.

        When a file was last written says on which day its last entry is, not its first.
        """
        if self.written is None or self.clock is None:
            return 0
        return self.year - _last_before(self.clock, self.written)

    def said(self) -> str:
        """The days assumed."""
        first, last = self.first - self.too_late, self.year - self.too_late
        return _date(first) if first == last else f"{_date(first)} to {_date(last)}"

    def _before(self, clocks: Times) -> Times:
        first = clocks[0] if self.clock is None else self.clock
        return np.concatenate(([first], clocks[:-1]))


def _turns(before: Times, clocks: Times) -> Times:
    step = clocks - before
    return (step <= _BACK).astype(np.int64) - (step >= _AHEAD)


def _date(day: int) -> str:
    return str(np.datetime64(day, "D"))


def first_day(first: int, *, windows: Sequence[Window], path: Path, time_zone: str | None, shift: int) -> DayCount:
    """The day of a file's first entry.

    Args:
        first: time of the entry on any day, in microseconds.
        windows: the time asked for; its last stretch counts, and the last day on which the entry lies before its end.
        path: a date in the file's name, which goes before; else when the file was last written, which is not before
            its last entry.
        time_zone: zone of the entries; none is UTC.
        shift: microseconds by which the clock of the entries is put right.
    """
    clock = first % DAY_MICROS
    named, limit = day_named(path), _limit(windows)
    if named is not None:
        day = named // DAY_MICROS
        return DayCount(day, "taken from the date in the file's name", day)
    if limit is not None:
        day = _last_before(clock, _local(limit - shift, time_zone))
        return DayCount(day, "taken from the time asked for", day)
    written = _local(int(path.stat().st_mtime) * 10**6 - shift, time_zone)
    day = _last_before(clock, written)
    return DayCount(day, WRITTEN, day, written=written)


def _local(instant: int, time_zone: str | None) -> int:
    zone = zone_named(time_zone) if time_zone else dt.UTC
    at = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=instant)
    ahead = at.astimezone(zone).utcoffset() or dt.timedelta()
    return instant + ahead // dt.timedelta(microseconds=1)


def _limit(windows: Sequence[Window]) -> int | None:
    """The end of the last stretch of time asked for, or a day behind its beginning where it has no end."""
    for start, end in reversed(windows):
        if end is not None:
            return end - 1
        if start is not None:
            return start + DAY_MICROS
    return None


def _last_before(clock: int, limit: int) -> int:
    return (limit - clock) // DAY_MICROS
