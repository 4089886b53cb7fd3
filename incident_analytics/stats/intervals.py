"""Lengths and differences of intervals, exact to the microsecond and without a loop over groups.

Nothing here knows what an interval means. Instants are whole microseconds inside, so that equal input gives equal
output on every machine. A missing instant makes the answer of its group missing, never zero.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

Micros = npt.NDArray[np.int64]

MISSING: int = np.iinfo(np.int64).min
"""How a missing instant or span is written as a whole number: the number behind ``NaT``."""


def micros(values: pd.Series) -> Micros:
    """Instants or spans as whole microseconds; missing ones are ``MISSING``. Instants are counted in UTC."""
    unit = "timedelta64[us]" if values.dtype.kind == "m" else "datetime64[us]"
    numbers: Micros = values.to_numpy(unit).view(np.int64)
    return numbers


def whole_micros(value: pd.Timestamp | pd.Timedelta) -> int:
    """One instant (with a zone) or span in whole microseconds; ``MISSING`` for ``NaT``."""
    if pd.isna(value):
        return MISSING
    if isinstance(value, pd.Timedelta):
        return int(value.to_timedelta64().astype("timedelta64[us]").astype(np.int64))
    return int(value.tz_convert("UTC").to_datetime64().astype("datetime64[us]").astype(np.int64))


def spans(numbers: Micros) -> npt.NDArray[np.timedelta64]:
    """Whole microseconds as spans; ``MISSING`` becomes ``NaT``."""
    return numbers.astype(np.int64, copy=False).view("timedelta64[us]")


def union_length(keys: pd.Series, began: pd.Series, ended: pd.Series) -> pd.Series:
    """How long at least one interval of a key lasts: overlaps count once, gaps do not count.

    Sorted by beginning, an interval adds what lies beyond the latest end so far: ``end - max(begin, latest end)``,
    where that is positive.

    Args:
        keys: the group of each interval; missing keys are left out.
        began: beginnings, instants of any zone or spans.
        ended: ends.

    Returns:
        ``timedelta64[us]`` indexed by key in order of first appearance. A key with a missing begin or end has
        ``NaT``: the length of a union with an unknown part is unknown.

    Raises:
        ValueError: an interval ends before it begins.
    """
    codes, labels = pd.factorize(keys)
    is_used = codes >= 0
    group, low, high = codes[is_used], micros(began)[is_used], micros(ended)[is_used]
    is_known = (low != MISSING) & (high != MISSING)
    if bool((high < low)[is_known].any()):
        raise ValueError(
            f"{int((high < low)[is_known].sum())} interval(s) end before they begin; expected begin <= end"
        )
    total = np.zeros(len(labels), dtype=np.int64)
    total[group[~is_known]] = MISSING
    group, low, high = group[is_known], low[is_known], high[is_known]
    order = np.lexsort((high, low, group))
    group, low, high = group[order], low[order], high[order]
    # The latest end so far within the group, from the rows before this one.
    reached = pd.Series(high).groupby(group).cummax().groupby(group).shift(fill_value=MISSING).to_numpy()
    added = np.maximum(high - np.maximum(low, reached), 0)
    is_whole = total[group] != MISSING
    np.add.at(total, group[is_whole], added[is_whole])
    return pd.Series(spans(total), index=pd.Index(labels, name=keys.name))


def difference(
    start_low: Micros, start_high: Micros, end_low: Micros, end_high: Micros
) -> tuple[Micros, Micros, Micros]:
    """What lies between two instants of which only bounds are known: the least, the middle and the most it can be.

    The least is ``end_low - start_high``, the most ``end_high - start_low``; the middle is half-way between them, cut
    towards zero to the microsecond, so that swapping start and end only turns the signs. Missing in, missing out.

    Args:
        start_low: earliest possible starts.
        start_high: latest possible starts; equal to ``start_low`` where the instant is known.
        end_low: earliest possible ends.
        end_high: latest possible ends.

    Returns:
        Three arrays: low, value, high.
    """
    is_missing = (start_low == MISSING) | (start_high == MISSING) | (end_low == MISSING) | (end_high == MISSING)
    low = np.where(is_missing, MISSING, end_low - start_high)
    high = np.where(is_missing, MISSING, end_high - start_low)
    value = np.where(is_missing, MISSING, middle(low, high))
    return low, value, high


def middle(low: Micros, high: Micros) -> Micros:
    """Half-way between two numbers, cut towards zero; ``MISSING`` where either is missing."""
    both = np.where((low == MISSING) | (high == MISSING), 0, low + high)
    half: Micros = np.sign(both) * (np.abs(both) // 2)
    return np.where((low == MISSING) | (high == MISSING), MISSING, half)
