"""Times in the one spelling of nearly all exports, in UTC with Z, one by one and by the column."""

from __future__ import annotations

import datetime as dt
import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ._instants import NEVER_YEARS

_SPELLING = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{3}|\.[0-9]{6})?Z"
_PLAIN = re.compile(_SPELLING)
_NEVER = tuple(f"{year:04d}" for year in NEVER_YEARS)


def is_plain(written: str) -> bool:
    """Whether a text looks like ``2026-01-31T09:30:00Z``, or finer."""
    return _PLAIN.fullmatch(written) is not None


def as_plain_time(value: object) -> dt.datetime | None:
    """A time in the spelling of nearly all, in UTC with Z; None for every other, which is read with more care."""
    if not isinstance(value, str) or _PLAIN.fullmatch(value) is None or value.startswith(_NEVER):
        return None
    try:
        return dt.datetime.fromisoformat(value)
    except ValueError:
        return None


def plain_times(written: list[object]) -> tuple[np.ndarray, np.ndarray]:
    """Which of some cells :func:`as_plain_time` reads, and their microseconds since 1970."""
    try:
        texts = pa.array(written, pa.large_string())
        looks = pc.fill_null(pc.match_substring_regex(texts, f"^{_SPELLING}$"), False)
        at = pc.if_else(looks, texts, None).cast(pa.timestamp("us", "UTC")).cast(pa.int64())
    except (pa.ArrowException, TypeError):
        # One of them is no text, or only looks like a time: what Python reads of them.
        read = [as_plain_time(each) for each in written]
        at = pa.array(read, pa.timestamp("us", "UTC")).cast(pa.int64())
    else:
        known = pc.greater_equal(at, _FIRST)
        at = pc.if_else(pc.and_(known, pc.less(at, _LAST)), at, None)
    return np.asarray(at.is_valid()), np.asarray(at.fill_null(0))


def _microseconds(year: int) -> int:
    return int(np.datetime64(f"{year:04d}-01-01", "us").astype("int64"))


# Years that mean "never" are the first and the last: a plain time lies between.
_FIRST, _LAST = _microseconds(min(NEVER_YEARS) + 1), _microseconds(max(NEVER_YEARS))
