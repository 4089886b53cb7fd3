"""Durations between clock points, with bounds, and with the reason where there is none.

Each metric is a function of tables; ``build_measurements`` gives all of them in long form. A value is as precise as
its clock points: where one is known only to the hour or the day, the least and the most are given and the value lies
half-way. Nothing is counted up to now, and nothing missing is counted as 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from .. import wording
from ..clock import bounds_of, open_incidents, rows_of
from ..schema import Events, Impacts, Incidents, Participants
from ..stats.intervals import MISSING, Micros, difference, middle, spans
from .definition import DEFINITIONS, Definition
from .engagement import measured_engagement
from .impact import measured_impact
from .measured import Flags, as_micros, measured_rows, weaker, words_at
from .reopened import Closed, closed_stretches

_NOUNS: Mapping[str, str] = MappingProxyType(
    {
        "impact_start": "impact start",
        "alert_fired": "alert",
        "detected": "detection",
        "paged": "page",
        "acknowledged": "acknowledgement",
        "declared": "declaration",
        "mitigated": "mitigation",
        "impact_end": "impact end",
        "resolved": "resolution",
    }
)
_AT = ["at", "precision", "basis", "knowledge", "is_disputed"]


def time_to_detect(clock: pd.DataFrame) -> pd.Series:
    """How long the impact lasted before the responding side knew: ``detected - impact_start``.

    Negative where it knew before anybody was affected. ``NaT`` while a point is not known.
    """
    return _value(clock, "time_to_detect")


def time_to_declare(clock: pd.DataFrame) -> pd.Series:
    """How long it took from knowing to calling it an incident: ``declared - detected``. ``NaT`` while not known."""
    return _value(clock, "time_to_declare")


def time_to_acknowledge(clock: pd.DataFrame) -> pd.Series:
    """How long a called person took to confirm: ``acknowledged - paged``, without a page from alert or detection.

    ``NaT`` for an incident that was never acknowledged, also when it is resolved.
    """
    return _value(clock, "time_to_acknowledge")


def time_to_mitigate(clock: pd.DataFrame) -> pd.Series:
    """How long the main impact lasted: ``mitigated - impact_start``. ``NaT`` while a point is not known."""
    return _value(clock, "time_to_mitigate")


def time_to_resolve(clock: pd.DataFrame) -> pd.Series:
    """From the declaration until it was called over for the last time. ``NaT`` while open or not known."""
    return _value(clock, "time_to_resolve")


def incident_duration(clock: pd.DataFrame, events: Events) -> pd.Series:
    """How long the incident lasted: last ``resolved - impact_start`` without stretches it was taken for over.

    Such a stretch runs from a resolution or closure to the reopening after it. ``NaT`` while open or not known.
    """
    pair = _between(clock, DEFINITIONS["incident_duration"])
    pair = _shortened(pair, closed_stretches(pair.ids, pair.start, pair.end, events))
    return pd.Series(spans(pair.value), index=pair.ids, name="incident_duration")


def build_measurements(
    incidents: Incidents,
    clock: pd.DataFrame,
    events: Events,
    impacts: Impacts,
    participants: Participants,
    *,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """All eight durations of all incidents: one row per incident and metric, known or not.

    Args:
        incidents: the incidents, in the order wanted.
        clock: their clock, all points.
        events: what happened.
        impacts: effects over intervals.
        participants: roles held.
        as_of: end of the data; an incident still open has lasted at least until then. ``NaT`` gives no such bound.

    Returns:
        Columns ``incident_id, metric, value, low, high, is_interval, is_open, start_point, end_point, start_at,
        end_at, reason, basis, precision, note``. Without a value there is a ``reason``; an open incident has a ``low``
        that says at least how long. ``basis`` is the weaker one of both points: recorded, overridden, derived;
        ``precision`` the coarser one.

    Raises:
        UsageError: ``as_of`` has no time zone.
    """
    until, goes_on = as_micros(as_of), open_incidents(clock).to_numpy()
    parts = {
        "time_to_engage": measured_engagement(clock, events, participants),
        "customer_impact_duration": measured_impact(clock, impacts, until=until),
    }
    for name, definition in DEFINITIONS.items():
        if name not in parts:
            parts[name] = _measured(clock, definition, events, until=until, goes_on=goes_on)
    table = pd.concat([parts[name] for name in DEFINITIONS], ignore_index=True)
    known = pd.Index(parts["time_to_detect"]["incident_id"])
    order = known.get_indexer(pd.Index(incidents["incident_id"]))
    # Metric by metric became incident by incident, in the order of the incidents.
    rows = order[order >= 0][:, None] + len(known) * np.arange(len(DEFINITIONS))[None, :]
    return table.iloc[rows.ravel()].reset_index(drop=True)


def summarise_use(measurements: pd.DataFrame) -> pd.DataFrame:
    """Per metric how many incidents have a value, of how many, and why the others have none.

    Returns:
        Columns ``metric, n, n_total, n_open, reasons, text``; ``reasons`` holds a dict of counts, the most frequent
        first, and ``text`` says the same in words. No measurement gives no row.
    """
    brief = measurements["reason"].str.partition(":")[0]
    rows = []
    for metric, group in measurements.groupby("metric", sort=False):
        n = int(group["value"].notna().sum())
        counts = brief[group.index].value_counts().sort_index().sort_values(ascending=False, kind="stable")
        reasons = {str(reason): int(count) for reason, count in counts.items()}
        rest = [f"{count} {reason}" for reason, count in reasons.items()]
        text = f"{n} of {len(group)}" + (f"; left out: {', '.join(rest)}" if rest else "")
        rows.append((str(metric), n, len(group), int(group["is_open"].sum()), reasons, text))
    made = pd.DataFrame(rows, columns=["metric", "n", "n_total", "n_open", "reasons", "text"])
    return made.astype({"metric": "str", "n": "int64", "n_total": "int64", "n_open": "int64", "text": "str"})


@dataclass(frozen=True, slots=True)
class _Pair:
    """What lies between the two points of a definition, per incident, in microseconds.

    Attributes:
        chosen: number of the start point that is used, -1 where none is known.
        is_contradiction: the end lies before the start and must not.
        is_cut: the lower bound was raised to 0, because the end cannot lie before the start.
    """

    ids: pd.Index
    chosen: npt.NDArray[np.intp]
    start: tuple[Micros, Micros]
    end: tuple[Micros, Micros]
    low: Micros
    value: Micros
    high: Micros
    is_contradiction: Flags
    is_cut: Flags


def _value(clock: pd.DataFrame, name: str) -> pd.Series:
    pair = _between(clock, DEFINITIONS[name])
    return pd.Series(spans(pair.value), index=pair.ids, name=name)


def _between(clock: pd.DataFrame, definition: Definition) -> _Pair:
    ids, (end_low, end_high), *starts = bounds_of(clock, definition.end, *definition.start)
    low, high = np.full(len(ids), MISSING), np.full(len(ids), MISSING)
    chosen = np.full(len(ids), -1)
    for number, (at, latest) in enumerate(starts):
        is_next = (low == MISSING) & (at != MISSING)
        if number:
            # What stands in for a point that is not known must not be later than the end: it did not lead to it.
            is_next &= (end_high == MISSING) | (at <= end_high)
        low, high = np.where(is_next, at, low), np.where(is_next, latest, high)
        chosen[is_next] = number
    least, value, most = difference(low, high, end_low, end_high)
    is_known = value != MISSING
    is_contradiction = is_known & (most < 0) & (not definition.may_be_negative)
    is_cut = is_known & (least < 0) & (most >= 0) & (not definition.may_be_negative)
    least = np.where(is_contradiction, MISSING, np.where(is_cut, 0, least))
    most = np.where(is_contradiction, MISSING, most)
    value = np.where(is_contradiction, MISSING, np.where(is_cut, middle(least, most), value))
    return _Pair(ids, chosen, (low, high), (end_low, end_high), least, value, most, is_contradiction, is_cut)


def _shortened(pair: _Pair, closed: Closed) -> _Pair:
    """The pair without the stretches in which the incident was taken for over."""
    is_known = pair.value != MISSING
    low = np.where(is_known, np.maximum(pair.low - closed.high, 0), MISSING)
    high = np.where(is_known, np.maximum(pair.high - closed.low, 0), MISSING)
    value = np.where(is_known & (closed.n > 0), middle(low, high), pair.value)
    return replace(pair, low=low, high=high, value=value)


def _measured(
    clock: pd.DataFrame, definition: Definition, events: Events, *, until: int, goes_on: Flags
) -> pd.DataFrame:
    """The rows of ``build_measurements`` for one pair of clock points."""
    pair, closed = _between(clock, definition), None
    if definition.name == "incident_duration":
        closed = closed_stretches(pair.ids, pair.start, pair.end, events)
        pair = _shortened(pair, closed)
    start, end = _start_rows(clock, definition, pair), rows_of(clock, definition.end, _AT)
    is_known, has_start, has_end = pair.value != MISSING, pair.chosen >= 0, pair.end[0] != MISSING
    is_waiting = has_start & ~has_end & end["knowledge"].isna().to_numpy() & goes_on
    for point in definition.ended_by:
        is_waiting &= rows_of(clock, point, ["at"])["at"].isna().to_numpy()
    starts_late = is_waiting & (until != MISSING) & (pair.start[0] > until)
    is_open = is_waiting & ~starts_late
    so_far = until - pair.start[1] - (0 if closed is None else closed.high)
    at_least = np.where(until != MISSING, np.maximum(so_far, 0), MISSING)
    reason = np.select(
        [is_known, is_open, starts_late, pair.is_contradiction, has_start],
        ["", "still open", "starts after the end of the data", "contradicting times", _not_recorded(definition.end)],
        np.where(has_end, _not_recorded(*definition.start), _not_recorded(*definition.start, definition.end)),
    ).astype(object)
    if definition.end == "acknowledged":
        reason[~is_known & ~is_open & _never_acknowledged(clock, has_start)] = "never acknowledged"
    reason[pair.is_contradiction] = _contradictions(definition, pair, start["at"], end["at"])
    return measured_rows(
        pair.ids,
        definition.name,
        value=pair.value,
        low=np.where(is_open, at_least, pair.low),
        high=pair.high,
        is_open=is_open,
        start_point=words_at(definition.start, pair.chosen),
        end_point=words_at([definition.end], np.where(has_end, 0, -1)),
        start_at=pair.start[0],
        end_at=pair.end[0],
        reason=reason,
        basis=weaker(start["basis"], end["basis"], is_both=is_known, is_first=is_open),
        precision=weaker(start["precision"], end["precision"], is_both=is_known, is_first=is_open),
        note=_notes(definition, pair, start, end, is_used=is_known | is_open, closed=closed),
    )


def _start_rows(clock: pd.DataFrame, definition: Definition, pair: _Pair) -> pd.DataFrame:
    """The clock's rows of the start points that are used; empty where none is known."""
    found = rows_of(clock, definition.start[0], _AT)
    for number, point in enumerate(definition.start[1:], start=1):
        is_used = pd.Series(pair.chosen == number, index=found.index)
        found = found.where(~is_used, rows_of(clock, point, _AT))
    return found


def _never_acknowledged(clock: pd.DataFrame, has_start: Flags) -> Flags:
    """The incident is over, somebody was called or an alert system kept its account, and no acknowledgement is in it."""
    is_over = rows_of(clock, "resolved", ["at"])["at"].notna()
    end = rows_of(clock, "acknowledged", ["at", "knowledge"])
    is_called = rows_of(clock, "paged", ["at"])["at"].notna()
    is_kept = is_called | (rows_of(clock, "detected", ["basis"])["basis"] == "derived")
    is_missing: Flags = (is_over & end["at"].isna() & end["knowledge"].isna() & is_kept).to_numpy(bool)
    return np.logical_and(has_start, is_missing)


def _not_recorded(*points: str) -> str:
    return f"{wording.listed([_NOUNS[point] for point in points])} not recorded"


def _contradictions(definition: Definition, pair: _Pair, start: pd.Series, end: pd.Series) -> list[str]:
    rows = pair.is_contradiction
    return [
        f"contradicting times: {definition.end} {wording.clock_time(last, with_date=True)} lies before "
        f"{definition.start[chosen]} {wording.clock_time(first, with_date=True)}"
        for chosen, first, last in zip(pair.chosen[rows], start[rows], end[rows], strict=True)
    ]


def _notes(
    definition: Definition,
    pair: _Pair,
    start: pd.DataFrame,
    end: pd.DataFrame,
    *,
    is_used: Flags,
    closed: Closed | None,
) -> npt.NDArray[np.object_]:
    """Remarks on a value, or on the bound of an open incident; an empty text where there is none."""
    is_known = pair.value != MISSING
    first = pd.Series([*(_NOUNS[point] for point in definition.start), ""], dtype="object").to_numpy()[pair.chosen]
    differ = [is_known & (rows["is_disputed"].fillna(False).to_numpy(bool)) for rows in (start, end)]
    remarks = [
        (is_known & (pair.high < 0), "known before the impact began"),
        (is_used & (pair.chosen > 0), f"{_NOUNS[definition.start[0]]} not recorded; counted from the " + first),
        (is_known & pair.is_cut, f"lower bound 0, because {definition.end} cannot come before {definition.start[0]}"),
        (differ[0], "sources differ on the " + first),
        (differ[1], f"sources differ on the {_NOUNS[definition.end]}"),
    ]
    if closed is not None:
        remarks.append((is_used & (closed.n > 0), _reopenings(closed)))
        remarks.append((is_used & (closed.n_untimed > 0), "reopened at an unknown time; nothing is taken off for it"))
    notes = np.full(len(pair.ids), "", dtype=object)
    for applies, text in remarks:
        joint = np.where(notes == "", "", "; ").astype(object)
        notes = np.where(applies, notes + joint + np.asarray(text, dtype=object), notes)
    return notes


def _reopenings(closed: Closed) -> npt.NDArray[np.object_]:
    """How often an incident was reopened, and how much is taken off for it; empty where it never was."""
    said = np.full(len(closed.n), "", dtype=object)
    for row in np.flatnonzero(closed.n):
        low, high = (pd.Timedelta(int(bound[row]), "us") for bound in (closed.low, closed.high))
        times = "once" if closed.n[row] == 1 else f"{wording.small(int(closed.n[row]))} times"
        said[row] = f"reopened {times}; {wording.span_range(low, high)} in which it was taken for over are left out"
    return said
