"""What a caller says about time: stretches asked for, shifts of clocks -> microseconds."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import TypeAlias

import pandas as pd

from ...errors import UsageError
from .._instants import instant_of

Instant: TypeAlias = str | pd.Timestamp
Windows: TypeAlias = Iterable[tuple[pd.Timestamp | None, pd.Timestamp | None]]
Shift: TypeAlias = str | dt.timedelta
Bounds: TypeAlias = tuple[int | None, int | None]


def windows_asked(start: Instant | None, end: Instant | None, windows: Windows | None) -> tuple[Bounds, ...] | None:
    """The stretches asked for, each from (included) to (not included), None where open.

    Returns:
        None when everything is asked for; an empty tuple when nothing is.

    Raises:
        UsageError: an instant without a zone or that cannot be read, an end before its start, or both ways of asking.
    """
    if windows is None:
        return None if start is None and end is None else (_bounds(start, end),)
    if start is not None or end is not None:
        raise UsageError("the time asked for was given twice; expected either start and end, or windows")
    found: list[Bounds] = []
    for first, last in sorted((_bounds(*window) for window in windows), key=lambda w: (w[0] is not None, w[0] or 0)):
        if found and _touches(found[-1], first):
            end_before = found[-1][1]
            found[-1] = (found[-1][0], None if end_before is None or last is None else max(end_before, last))
        else:
            found.append((first, last))
    return tuple(found)


def _touches(window: Bounds, first: int | None) -> bool:
    return window[1] is None or first is None or first <= window[1]


def _bounds(start: Instant | None, end: Instant | None) -> Bounds:
    first, last = _micros(start, "start"), _micros(end, "end")
    if first is not None and last is not None and last < first:
        raise UsageError(f"the time asked for ends before it starts: {start} to {end}")
    return first, last


def _micros(at: Instant | None, what: str) -> int | None:
    """An instant as microseconds since 1970; None when open."""
    if at is None or pd.isna(at):
        return None
    try:
        stamp = pd.Timestamp(instant_of(at)) if isinstance(at, str) else pd.Timestamp(at)
        if stamp.tzinfo is None:
            raise ValueError("it has no zone; expected an offset such as Z or +02:00")
    except (ValueError, TypeError) as error:
        raise UsageError(f"{what} {at!r} cannot be read as an instant: {error}") from error
    return int(stamp.as_unit("us").asm8.astype("int64"))  # .value is nanoseconds whatever the unit


def shift_of(shift: Shift) -> int:
    """By how much the times of a file are moved, in microseconds: a timedelta, or a text such as ``-00:03:10``.

    Raises:
        UsageError: the text cannot be read.
    """
    if isinstance(shift, dt.timedelta):
        return shift // dt.timedelta(microseconds=1)
    found = re.fullmatch(r"([+-])([0-9]{1,4}):([0-5][0-9])(?::([0-5][0-9])(?:\.([0-9]{1,6}))?)?", shift)
    if found is None:
        raise UsageError(
            f"shift {shift!r} cannot be read; expected a sign, hours, minutes and seconds, as in -00:03:10"
        )
    sign, hours, minutes, seconds, fraction = found.groups()
    whole = int(hours) * 3600 + int(minutes) * 60 + int(seconds or 0)
    return (whole * 10**6 + int((fraction or "").ljust(6, "0"))) * (-1 if sign == "-" else 1)
