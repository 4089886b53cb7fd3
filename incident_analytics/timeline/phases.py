"""Phases of an incident: the stretches between its clock points, one after the other, never overlapping.

Seven boundaries part six phases. Real clocks are incomplete and sometimes out of order (identified before
declared, detected before anybody was affected), so the boundaries are first put into one chain:

1. A boundary without a time is not in the chain. The phases it would part become one row that covers both.
2. Of the boundaries with a time, the largest set is kept that can be in order. ``impact_start`` and ``resolved``
   weigh more than all others together; of two equally large sets, the one with the earlier boundary wins.
   A boundary left out this way is named in ``note`` and parts nothing.
3. A boundary known only to lie in an interval is in order if some instant of the interval is. It is narrowed to
   what its neighbours in the chain leave of it.

Two boundaries at the same instant give a phase of length zero: it was shorter than the clock can tell.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import UsageError
from ..schema import DTYPES, Incidents

Clock: TypeAlias = pd.DataFrame
"""One row per incident and clock point, as the clock is built."""

_Grid: TypeAlias = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase: its name, the clock points at its ends, and the stage of an incident it belongs to."""

    name: str
    start_point: str
    end_point: str
    stage: str


PHASES = (
    Phase("unnoticed", "impact_start", "detected", "impact"),
    Phase("noticed", "detected", "acknowledged", "detection"),
    Phase("gathering", "acknowledged", "declared", "response"),
    Phase("understanding", "declared", "identified", "response"),
    Phase("mitigating", "identified", "mitigated", "response"),
    Phase("restoring", "mitigated", "resolved", "recovery"),
)
"""The six phases in order; ``before`` and ``after`` in a timeline lie outside them."""

STAGES = ("impact", "detection", "response", "recovery", "follow_up")
"""Stages in order; what comes after the last phase is the follow-up."""

BOUNDARIES = (PHASES[0].start_point, *(phase.end_point for phase in PHASES))

COLUMNS = {
    "incident_id": "str",
    "phase": "str",
    "stage": "str",
    "began_at": DTYPES["instant"],
    "began_at_latest": DTYPES["instant"],
    "ended_at": DTYPES["instant"],
    "ended_at_latest": DTYPES["instant"],
    "span": DTYPES["span"],
    "span_low": DTYPES["span"],
    "span_high": DTYPES["span"],
    "share": "float64",
    "is_open": "bool",
    "start_point": "str",
    "end_point": "str",
    "covers": "object",
    "note": "str",
}

_END = len(BOUNDARIES) - 1
_OPEN = len(BOUNDARIES)
_FIRST = np.iinfo(np.int64).min
_LAST = np.iinfo(np.int64).max
# The ends count 10 000, the others 1 000; the powers of two only decide between sets of equal size.
_WEIGHTS = np.array([10_064, 1_032, 1_016, 1_008, 1_004, 1_002, 10_001])


@dataclass(frozen=True)
class Chain:
    """The boundaries of many incidents in order; a grid has a row per incident and a column per boundary.

    Attributes:
        incident_ids: sorted.
        earliest, latest: earliest and latest possible instant of a kept boundary, narrowed by its neighbours.
        is_kept: the boundary has a time and is in the chain.
        is_skipped: the boundary has a time but is out of order.
        as_given: the instant as the clock has it.
        is_open: nothing says that the incident has ended.
    """

    incident_ids: pd.Index[str]
    earliest: _Grid
    latest: _Grid
    is_kept: _Grid
    is_skipped: _Grid
    as_given: _Grid
    is_open: _Grid

    @property
    def first(self) -> _Grid:
        """Column of the first kept boundary; the number of boundaries when there is none."""
        return np.where(self.is_kept.any(axis=1), self.is_kept.argmax(axis=1), _OPEN)

    @property
    def last(self) -> _Grid:
        """Column of the last kept boundary; -1 when there is none."""
        reversed_place = self.is_kept[:, ::-1].argmax(axis=1)
        return np.where(self.is_kept.any(axis=1), _END - reversed_place, -1)


def ordered_boundaries(clock: Clock, incidents: Incidents | None = None) -> Chain:
    """Put the boundaries of every incident of a clock into one chain; see the module's docstring.

    An incident is open when neither ``resolved`` nor ``closed`` has a time, ``resolved`` is not stated to be
    unknown, and its status in ``incidents``, where that is given, does not say that it ended. An incident without
    any boundary has an empty chain.
    """
    rows, incident_ids = pd.factorize(clock["incident_id"], sort=True)
    given, given_latest = _grid(clock, rows, len(incident_ids))
    is_known = ~np.isnat(given)
    lo = np.where(is_known, given.astype(np.int64), _FIRST)
    hi = np.where(np.isnat(given_latest), given, np.maximum(given, given_latest)).astype(np.int64)
    hi = np.where(is_known, hi, _LAST)

    is_kept = is_known.copy()
    disordered = ~_is_in_order(lo, hi)
    is_kept[disordered] = _heaviest(lo[disordered], hi[disordered], is_known[disordered])
    lo = np.maximum.accumulate(np.where(is_kept, lo, _FIRST), axis=1)
    hi = np.minimum.accumulate(np.where(is_kept, hi, _LAST)[:, ::-1], axis=1)[:, ::-1]

    said_unknown = clock["point"].eq("resolved") & clock["knowledge"].eq("unknown")
    ended = clock["point"].isin(["resolved", "closed"]) & clock["at"].notna()
    is_open = np.ones(len(incident_ids), dtype=bool)
    is_open[rows[(said_unknown | ended).to_numpy(dtype=bool)]] = False
    if incidents is not None:
        is_over = incidents["status"].isin(["resolved", "closed", "cancelled"])
        is_open &= ~np.isin(incident_ids, incidents.loc[is_over, "incident_id"])
    nat = np.datetime64("NaT", "us")
    return Chain(
        incident_ids=pd.Index(incident_ids),
        earliest=np.where(is_kept, lo.astype("datetime64[us]"), nat),
        latest=np.where(is_kept, hi.astype("datetime64[us]"), nat),
        is_kept=is_kept,
        is_skipped=is_known & ~is_kept,
        as_given=given,
        is_open=is_open,
    )


def build_phases(clock: Clock, *, as_of: pd.Timestamp, incidents: Incidents | None = None) -> pd.DataFrame:
    """The phases of every incident in order; their spans sum to the time from the first boundary to the last.

    A row that stands for several phases, because a boundary between them is unknown or out of order, is called
    ``until mitigated`` after its end, or ``since declared`` while the incident is open; ``covers`` lists the
    phases, and ``stage`` says from which to which (``impact to response``). The names are therefore safe to group
    by: a row called ``mitigating`` is that phase alone.

    Where a boundary lies in an interval, ``began_at`` and ``ended_at`` are the earliest possible instants,
    ``span`` lies between them, and ``span_low`` and ``span_high`` are its bounds.

    Args:
        clock: the clock of one or many incidents.
        as_of: end of the phase in progress of an open incident; its end point is missing, and its span is the
            time so far. NaT, or an instant before the last boundary, leaves that phase out.
        incidents: where given, an incident whose status says that it ended is not open, even if no time of its
            end is known.

    Returns:
        A row per phase, by ``incident_id`` and time. An incident whose end is not known has no phase after its
        last known boundary; one with a single known boundary that has ended has no row at all.

    Raises:
        UsageError: ``as_of`` without a time zone.
    """
    chain = ordered_boundaries(clock, incidents)
    rows = pd.concat([_closed(chain), _in_progress(chain, as_utc(as_of, "as_of"))], ignore_index=True)
    rows = rows.sort_values(["row", "start"], kind="stable", ignore_index=True)
    start, end = rows["start"].to_numpy(), rows["end"].to_numpy()
    names = np.array([phase.name for phase in PHASES])
    total = rows.groupby("row")["span"].transform("sum")
    made = pd.DataFrame(
        {
            "incident_id": chain.incident_ids.to_numpy(dtype=object)[rows["row"]],
            "phase": _NAMES[start, end],
            "stage": _STAGES[start, end],
            **{name: rows[name] for name in ("began_at", "began_at_latest", "ended_at", "ended_at_latest")},
            **{name: rows[name] for name in ("span", "span_low", "span_high")},
            "share": (rows["span"] / total).astype("float64"),
            "is_open": end == _OPEN,
            "start_point": np.array(BOUNDARIES, dtype=object)[start],
            "end_point": np.array([*BOUNDARIES, None], dtype=object)[end],
            "covers": pd.Series([names[i:j].tolist() for i, j in zip(start, end, strict=True)], dtype="object"),
            "note": _notes(chain, rows),
        }
    )
    return made.astype(COLUMNS)


def locate(chain: Chain, rows: _Grid, instants: _Grid) -> tuple[_Grid, _Grid]:
    """The phase in which each of some instants lies, and its stage.

    Phases have the names of :func:`build_phases`, besides ``before`` (no stage) and ``after`` (the follow-up). A
    phase holds its beginning, the last one its end too. Instants after the last boundary of an incident that is
    open, or whose end is not known, lie in ``since ...``. None for NaT and for incidents without any boundary.

    Args:
        chain: the boundaries.
        rows: row of the chain for each instant; -1 for an incident that the chain does not have.
        instants: ``datetime64[us]``, UTC.
    """
    phases, stages = np.full((2, len(rows)), None, dtype=object)
    is_usable = (rows >= 0) & ~np.isnat(instants)
    is_usable[is_usable] = chain.last[rows[is_usable]] >= 0
    rows, instants = rows[is_usable], instants[is_usable]
    kept, at = chain.is_kept[rows], chain.earliest[rows]
    columns = np.arange(len(BOUNDARIES))
    start = np.where(kept & (at <= instants[:, None]), columns, -1).max(axis=1, initial=-1)
    end = np.where(kept & (columns > start[:, None]), columns, _OPEN).min(axis=1, initial=_OPEN)
    is_end = (start == _END) & (instants <= chain.latest[rows, _END]) & (chain.first[rows] < _END)
    last_start = np.where(kept[:, :_END], columns[:_END], -1).max(axis=1, initial=-1)
    start, end = np.where(is_end, last_start, start), np.where(is_end, _END, end)
    phases[is_usable], stages[is_usable] = _NAMES[start, end], _STAGES[start, end]
    is_before = np.flatnonzero(is_usable)[start < 0]
    phases[is_before], stages[is_before] = "before", None
    return phases, stages


def per_row(instants: pd.Series, incident_ids: pd.Series) -> pd.Series:
    """Instants by incident, repeated for rows of incidents; NaT for an incident without one."""
    return instants.reindex(pd.Index(incident_ids)).set_axis(incident_ids.index)


def point_of(clock: Clock, point: str) -> pd.Series:
    """The instant of one clock point by incident."""
    return clock[clock["point"] == point].set_index("incident_id")["at"]


def as_utc(instant: Any, name: str) -> Any:
    """An instant in UTC; NaT stays NaT.

    Raises:
        UsageError: an instant without a time zone.
    """
    if pd.isna(instant):
        return instant
    if instant.tzinfo is None:
        raise UsageError(f"{name} must carry a time zone, such as 2026-01-31T09:30:00Z, found {instant}")
    return instant.tz_convert("UTC").as_unit("us")


def _grid(clock: Clock, rows: _Grid, n: int) -> tuple[_Grid, _Grid]:
    """``at`` and ``at_latest`` as incident x boundary."""
    places = clock["point"].map({point: i for i, point in enumerate(BOUNDARIES)})
    is_boundary = places.notna().to_numpy()
    cells = (rows[is_boundary], places[is_boundary].to_numpy(dtype=np.int64))
    grids = []
    for column in ("at", "at_latest"):
        grid = np.full((n, len(BOUNDARIES)), np.datetime64("NaT", "us"))
        instants = clock[column].dt.tz_convert("UTC").dt.tz_localize(None)
        grid[cells] = instants[is_boundary].to_numpy(dtype="datetime64[us]")
        grids.append(grid)
    return grids[0], grids[1]


def _is_in_order(lo: _Grid, hi: _Grid) -> _Grid:
    """Whether instants can be picked from the intervals that never go back."""
    return np.asarray((np.maximum.accumulate(lo, axis=1) <= hi).all(axis=1))


def _heaviest(lo: _Grid, hi: _Grid, is_known: _Grid) -> _Grid:
    """The heaviest set of boundaries in order, for every row; all sets are tried, whole columns at a time."""
    best = np.full(len(lo), -1)
    chosen = np.zeros(lo.shape, dtype=bool)
    if not len(lo):
        return chosen
    for members in itertools.product((False, True), repeat=len(BOUNDARIES)):
        mask = np.array(members)
        fits = is_known[:, mask].all(axis=1) & _is_in_order(lo[:, mask], hi[:, mask])
        is_better = fits & (_WEIGHTS[mask].sum() > best)
        best[is_better] = _WEIGHTS[mask].sum()
        chosen[is_better] = mask
    return chosen


def _closed(chain: Chain) -> pd.DataFrame:
    """Rows between two neighbouring boundaries of the chain."""
    columns = np.arange(len(BOUNDARIES))
    latest_kept = np.maximum.accumulate(np.where(chain.is_kept, columns, -1), axis=1)
    row, end = np.nonzero(chain.is_kept[:, 1:] & (latest_kept[:, :-1] >= 0))
    start = latest_kept[row, end]
    end = end + 1
    return _spans(row, start, end, chain, ended=chain.earliest[row, end], latest=chain.latest[row, end])


def _in_progress(chain: Chain, as_of: pd.Timestamp) -> pd.DataFrame:
    """The phase that an open incident is in."""
    now = np.datetime64("NaT", "us") if pd.isna(as_of) else as_of.tz_localize(None).to_datetime64()
    last = chain.last
    row = np.flatnonzero(chain.is_open & (last >= 0) & (last < _END))
    row = row[chain.earliest[row, last[row]] <= now]
    ended = np.full(len(row), now, dtype="datetime64[us]")
    return _spans(row, last[row], np.full(len(row), _OPEN), chain, ended=ended, latest=ended)


def _spans(row: _Grid, start: _Grid, end: _Grid, chain: Chain, *, ended: _Grid, latest: _Grid) -> pd.DataFrame:
    began, began_latest = chain.earliest[row, start], chain.latest[row, start]
    zero = np.timedelta64(0, "us")
    instants = {
        "began_at": began,
        "began_at_latest": np.where(began_latest > began, began_latest, np.datetime64("NaT", "us")),
        "ended_at": ended,
        "ended_at_latest": np.where(latest > ended, latest, np.datetime64("NaT", "us")),
    }
    return pd.DataFrame(
        {
            "row": row,
            "start": start,
            "end": end,
            **{name: pd.Series(values).dt.tz_localize("UTC") for name, values in instants.items()},
            "span": ended - began,
            "span_low": np.maximum(ended - began_latest, zero),
            "span_high": latest - began,
        }
    )


def _notes(chain: Chain, rows: pd.DataFrame) -> pd.Series:
    """Names the boundaries left out, on the row across which each would have stood."""
    notes = pd.Series("", index=rows.index, dtype="str")
    row, start, end = (rows[name].to_numpy() for name in ("row", "start", "end"))
    start = np.where(start == chain.first[row], -1, start)
    # The last row of an incident also speaks for what would stand behind it.
    is_final = ~rows.duplicated("row", keep="last").to_numpy()
    end = np.where(is_final, _OPEN, end)
    for column, point in enumerate(BOUNDARIES):
        concerned = chain.is_skipped[row, column] & (start < column) & (column < end)
        if concerned.any():
            given = pd.Series(chain.as_given[row[concerned], column])
            said = (point + " (" + given.dt.strftime("%Y-%m-%d %H:%M") + " UTC)").to_numpy(dtype=object)
            before = notes[concerned]
            notes[concerned] = before.where(before == "", before + ", ") + said
    return ("out of order and left out: " + notes).where(notes != "")


def _words(point: str) -> str:
    return point.replace("_", " ")


def _lookups() -> tuple[_Grid, _Grid]:
    """Name and stage of the row between two boundaries; the last column is the phase in progress."""
    names, stages = np.full((2, _OPEN, _OPEN + 1), None, dtype=object)
    for start, end in itertools.product(range(_END), range(1, _OPEN + 1)):
        covered = PHASES[start:end]
        if covered:
            merged = f"since {_words(BOUNDARIES[start])}" if end == _OPEN else f"until {_words(BOUNDARIES[end])}"
            names[start, end] = covered[0].name if len(covered) == 1 else merged
            ends = dict.fromkeys((covered[0].stage, covered[-1].stage))
            stages[start, end] = " to ".join(ends)
    names[_END, _OPEN], stages[_END, _OPEN] = "after", STAGES[-1]
    return names, stages


_NAMES, _STAGES = _lookups()
