"""The clock: for every incident and clock point one instant, or an interval, or the statement that it is not known.

Sources record what happened, not what it means. The clock decides, by rules that are data (``RULES``), which entry is
the detection, the declaration, the end. Every duration is then a pair of clock points, and every point says where it
comes from: ``basis`` (recorded, derived, overridden), ``source``, ``rule``.

The order for one point:
    1. a row that a user has overridden (``extra`` holds ``override``),
    2. a point that our own record states,
    3. a point that another source states,
    4. the derivations of ``RULES``, in their order, while nothing states that the point is unknown.

What is stated to be unknown stays unknown. Where two sources differ by more than a minute the better standing wins,
``is_disputed`` is set and ``note`` says what the other gives.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from ..errors import UsageError
from ..schema import CLOCK_POINTS
from ..stats.intervals import MISSING, difference, micros, spans
from .build import DISPUTE, build_clock, checked_points
from .entries import counted_impacts, event_bounds
from .rules import ASKED_AT_FIRST, RULES, Rule

__all__ = [
    "ASKED_AT_FIRST",
    "DISPUTE",
    "RULES",
    "Rule",
    "bounds_of",
    "build_clock",
    "counted_impacts",
    "event_bounds",
    "interval",
    "open_incidents",
    "rows_of",
]


def interval(clock: pd.DataFrame, start: str, end: str) -> pd.DataFrame:
    """What lies between two clock points: ``low``, ``value`` and ``high``, indexed by incident.

    The three are equal where both instants are known exactly; otherwise ``low`` and ``high`` are the least and the
    most it can be and ``value`` lies half-way. ``NaT`` where a point is not known; negative where the end came first.
    """
    ids, first, last = bounds_of(clock, start, end)
    low, value, high = difference(*first, *last)
    return pd.DataFrame({"low": spans(low), "value": spans(value), "high": spans(high)}, index=ids)


def bounds_of(clock: pd.DataFrame, *points: str) -> tuple[Any, ...]:
    """Incident ids, and for every point its earliest and latest possible instants in whole microseconds.

    >>> ids, (at, latest) = bounds_of(clock, "resolved")  # doctest: +SKIP

    Raises:
        UsageError: no such clock point, or the clock was built without it.
    """
    places = _places(clock, points)
    found, ids = [], None
    for point in points:
        rows = _rows(clock, point, ["at", "at_latest"], places)
        at, latest = micros(rows["at"]), micros(rows["at_latest"])
        found.append((at, np.where(latest == MISSING, at, latest)))
        ids = rows.index if ids is None else ids
    return ids, *found


def rows_of(clock: pd.DataFrame, point: str, columns: Iterable[str] | None = None) -> pd.DataFrame:
    """The rows of one clock point, indexed by incident, in the order of the clock.

    Args:
        clock: a clock, or some of its rows.
        point: the clock point.
        columns: only these columns; all but ``incident_id`` and ``point`` by default.

    Raises:
        UsageError: no such clock point, or the clock was built without it.
    """
    wanted = list(columns) if columns is not None else [c for c in clock.columns if c not in ("incident_id", "point")]
    return _rows(clock, point, wanted, _places(clock, [point]))


def open_incidents(clock: pd.DataFrame) -> pd.Series:
    """Whether each incident is still going on: not resolved, not closed, and nothing says that it ended."""
    resolved, closed = rows_of(clock, "resolved", ["at", "knowledge"]), rows_of(clock, "closed", ["at"])
    return (resolved["at"].isna() & closed["at"].isna() & resolved["knowledge"].isna()).rename("is_open")


def _rows(clock: pd.DataFrame, point: str, columns: list[str], places: Mapping[str, slice]) -> pd.DataFrame:
    if point in places:
        place = places[point]
        return clock[columns].iloc[place].set_axis(pd.Index(clock["incident_id"].iloc[place]), axis=0)
    rows = clock[clock["point"] == point]
    if rows.empty and len(clock):
        raise UsageError(f"the clock holds no point {point!r}; it holds {', '.join(clock['point'].unique())}")
    return rows.set_index("incident_id")[columns].reindex(pd.Index(clock["incident_id"].unique(), name="incident_id"))


def _places(clock: pd.DataFrame, points: Iterable[str]) -> dict[str, slice]:
    """Where the points stand in a clock as it was built: every incident has the same points in the same order.

    Empty for any other clock, such as one that was filtered or sorted.
    """
    listed = checked_points(points)
    head = clock.head(len(CLOCK_POINTS) + 1)
    cycle = list(head["point"][head["incident_id"] == head["incident_id"].iloc[0]]) if len(head) else []
    is_as_built = isinstance(clock.index, pd.RangeIndex) and clock.index.start == 0 and clock.index.step == 1
    if not cycle or not is_as_built or len(clock) % len(cycle) or not set(listed) <= set(cycle):
        return {}
    places = {point: slice(cycle.index(point), None, len(cycle)) for point in listed}
    ids = clock["incident_id"].array
    is_regular = all(bool((clock["point"].array[place] == point).all()) for point, place in places.items())
    # With the index as it was built, equal ids at both ends of every stretch leave no room for a stranger inside.
    is_regular = is_regular and bool((ids[:: len(cycle)] == ids[len(cycle) - 1 :: len(cycle)]).all())
    return places if is_regular else {}
