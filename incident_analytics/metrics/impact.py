"""How long somebody outside the team was affected, and how badly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..clock import bounds_of, counted_impacts, open_incidents, rows_of
from ..schema import Impacts
from ..stats.intervals import MISSING, Micros, micros, middle, spans, union_length
from .measured import Flags, measured_rows, words_at

_DEGREES = ("outage", "partial", "degraded", "unspecified")


def customer_impact_duration(clock: pd.DataFrame, impacts: Impacts) -> pd.Series:
    """How long at least one service was affected: the union of the recorded impact intervals, overlaps counted once.

    An interval without its own end lasts until ``impact_end``, one without a beginning starts at ``impact_start``,
    where the clock knows them. Without any interval: ``impact_end - impact_start``. ``NaT`` while an interval has not
    ended or its bounds are not known; 0 only where the record states that nobody was affected.
    """
    rows = measured_impact(clock, impacts, until=MISSING)
    ids = pd.Index(rows["incident_id"], name="incident_id")
    return pd.Series(rows["value"].to_numpy(), index=ids, name="customer_impact_duration")


def build_impact_times(clock: pd.DataFrame, impacts: Impacts) -> pd.DataFrame:
    """How long each degree of impact lasted; a minute under two degrees counts once, under the worse.

    So the spans of one incident add up to its customer impact duration. An impact without a degree stands under
    "unspecified", the mildest. An incident whose impact is not over, or whose bounds are not known, is not in it.

    Returns:
        Columns ``incident_id, degree, span, is_interval``, the worst degree first; ``is_interval`` marks a span whose
        instants are known only within bounds.
    """
    found = _intervals(clock, impacts)
    rows = found.rows[found.is_whole[found.rows["incident"]]]
    parts, before = [], np.zeros(len(found.ids), dtype=np.int64)
    for number, degree in enumerate(_DEGREES, start=1):
        so_far = found.union("middle", rows[rows["degree"].isin(_DEGREES[:number])])
        own = rows[rows["degree"] == degree].groupby("incident")["is_uncertain"].any()
        at = own.index.to_numpy()
        columns = {"incident_id": found.ids[at], "degree": degree, "span": spans((so_far - before)[at])}
        parts.append(pd.DataFrame({**columns, "is_interval": own.to_numpy(), "incident": at}))
        before = so_far
    table = pd.concat(parts, ignore_index=True).sort_values("incident", kind="stable", ignore_index=True)
    return table.drop(columns="incident").astype({"incident_id": "str", "degree": "str", "is_interval": "boolean"})


def measured_impact(clock: pd.DataFrame, impacts: Impacts, *, until: int) -> pd.DataFrame:
    """The rows of ``build_measurements`` for :func:`customer_impact_duration`.

    Args:
        clock: the clock.
        impacts: effects over intervals.
        until: end of the data in microseconds, for impacts that go on.
    """
    found = _intervals(clock, impacts)
    goes_on = open_incidents(clock).to_numpy() & found.lacks_end & ~found.lacks_start & ~found.is_reversed
    is_known = found.is_nobody | found.is_whole
    reason = np.select(
        [is_known, goes_on, found.is_reversed, found.is_bare & found.lacks_start & found.lacks_end, found.lacks_start],
        [
            "",
            "still open",
            "contradicting times: an impact ends before it begins",
            "no impact interval recorded",
            "impact start not recorded",
        ],
        "impact end not recorded",
    )
    at_least = found.union("low", found.rows, until=until) if until != MISSING else np.full(len(found.ids), MISSING)
    is_used = found.is_whole | goes_on
    kind = np.where(found.is_bare, 1, 0)
    return measured_rows(
        found.ids,
        "customer_impact_duration",
        value=np.where(is_known, found.union("middle"), MISSING),
        low=np.where(is_known, found.union("low"), np.where(goes_on, at_least, MISSING)),
        high=np.where(is_known, found.union("high"), MISSING),
        is_open=goes_on,
        start_point=words_at(("first_impact", "impact_start"), np.where(is_used, kind, -1)),
        end_point=words_at(("last_impact", "impact_end"), np.where(found.is_whole, kind, -1)),
        start_at=np.where(is_used, found.edge("began", np.minimum), MISSING),
        end_at=np.where(found.is_whole, found.edge("ended", np.maximum), MISSING),
        reason=reason.astype(object),
        basis=words_at(("recorded", "derived"), np.where(is_used, found.is_derived.astype(int), -1)),
        precision=pd.array([None] * len(found.ids), dtype="str"),
        note=np.select(
            [found.is_nobody, is_used & found.is_bare, is_used & found.is_filled],
            [
                "the record states that nobody outside the team was affected",
                "no impact interval recorded; from impact start to impact end",
                "an impact without a beginning or end of its own takes that of the incident",
            ],
            "",
        ).astype(object),
    )


@dataclass(frozen=True, slots=True)
class _Intervals:
    """Impact intervals with bounds, and what is known of each incident.

    Attributes:
        rows: one row per interval: ``incident`` (its number), ``degree``, ``began``, ``began_latest``, ``ended``,
            ``ended_latest`` in microseconds, ``is_uncertain``.
        is_nobody: the record states that nobody was affected.
        is_bare: no interval is recorded; the one row runs from impact start to impact end.
        is_filled: an interval took its beginning or end from the clock.
        is_derived: what it took from the clock is derived there.
        lacks_start: the beginning of an interval is not known.
        lacks_end: the end of an interval is not known.
        is_reversed: an interval ends before it begins.
    """

    ids: pd.Index
    rows: pd.DataFrame
    is_nobody: Flags
    is_bare: Flags
    is_filled: Flags
    is_derived: Flags
    lacks_start: Flags
    lacks_end: Flags
    is_reversed: Flags

    @property
    def is_whole(self) -> Flags:
        """Every interval has a beginning and an end."""
        return ~(self.is_nobody | self.lacks_start | self.lacks_end | self.is_reversed)

    def union(self, bound: str, rows: pd.DataFrame | None = None, *, until: int | None = None) -> Micros:
        """Length of the union per incident: the least it can be, the middle, or the most; 0 without intervals.

        The shortest interval lies in the middle one, and that in the longest, so the three are in order.

        Args:
            bound: low, middle or high.
            rows: these intervals; those of whole incidents by default.
            until: end of intervals that go on.
        """
        rows = self.rows[self.is_whole[self.rows["incident"]]] if rows is None else rows
        began, began_latest, ended, ended_latest = (
            rows[c].to_numpy() for c in ("began", "began_latest", "ended", "ended_latest")
        )
        if until is not None:
            ended = np.where(ended == MISSING, until, ended)
        low, high = {
            "low": (began_latest, ended),
            "middle": (middle(began, began_latest), middle(ended, ended_latest)),
            "high": (began, ended_latest),
        }[bound]
        is_there = (low != MISSING) & (high != MISSING)
        incident, low, high = rows["incident"].to_numpy()[is_there], low[is_there], high[is_there]
        spells = pd.DataFrame({"incident": incident, "low": spans(low), "high": spans(np.maximum(low, high))})
        length = union_length(spells["incident"], spells["low"], spells["high"])
        total = np.zeros(len(self.ids), dtype=np.int64)
        total[length.index.to_numpy(dtype=np.intp)] = micros(length)
        return total

    def edge(self, column: str, reduce: np.ufunc) -> Micros:
        """The first or last instant of a column per incident."""
        found = np.full(len(self.ids), MISSING if reduce is np.maximum else np.iinfo(np.int64).max)
        reduce.at(found, self.rows["incident"].to_numpy(), self.rows[column].to_numpy())
        return found


def _intervals(clock: pd.DataFrame, impacts: Impacts) -> _Intervals:
    ids, (start_low, start_high), (end_low, end_high) = bounds_of(clock, "impact_start", "impact_end")
    outside = impacts[(impacts["nature"] != "team") & impacts["incident_id"].isin(ids)]
    counted = counted_impacts(outside)
    has_any = ids.isin(counted["incident_id"])
    affected = outside["incident_id"][outside["degree"].isin(["outage", "partial", "degraded"])]
    is_nobody = ~has_any & ids.isin(outside["incident_id"][outside["degree"] == "none"]) & ~ids.isin(affected)
    is_bare = ~has_any & ~is_nobody
    bare = pd.DataFrame({"incident_id": ids[is_bare].array}).reindex(columns=counted.columns).astype(counted.dtypes)
    rows = pd.concat([counted, bare], ignore_index=True) if is_bare.any() else counted.reset_index(drop=True)
    incident = ids.get_indexer(pd.Index(rows["incident_id"]))
    began, ended = micros(rows["began_at"]), micros(rows["ended_at"])
    began_latest, ended_latest = (
        micros(rows["began_at_latest"].fillna(rows["began_at"])),
        micros(rows["ended_at_latest"].fillna(rows["ended_at"])),
    )
    no_start, no_end = began == MISSING, ended == MISSING
    began, began_latest = (
        np.where(no_start, start_low[incident], began),
        np.where(no_start, start_high[incident], began_latest),
    )
    ended, ended_latest = np.where(no_end, end_low[incident], ended), np.where(no_end, end_high[incident], ended_latest)
    columns = {"began": began, "began_latest": began_latest, "ended": ended, "ended_latest": ended_latest}
    degree = rows["degree"].where(rows["degree"].isin(_DEGREES), "unspecified")
    is_uncertain = (began != began_latest) | (ended != ended_latest)
    table = pd.DataFrame({"incident": incident, "degree": degree, **columns, "is_uncertain": is_uncertain})

    def of_incident(flags: npt.NDArray[np.bool_]) -> Flags:
        found = np.zeros(len(ids), dtype=bool)
        found[incident[flags]] = True
        return found

    is_late = rows_of(clock, "impact_start", ["basis"])["basis"].eq("derived").to_numpy()
    is_early = rows_of(clock, "impact_end", ["basis"])["basis"].eq("derived").to_numpy()
    return _Intervals(
        ids,
        table,
        is_nobody,
        is_bare,
        of_incident(no_start | no_end),
        (of_incident(no_start) & is_late) | (of_incident(no_end) & is_early),
        of_incident(began == MISSING),
        of_incident(ended == MISSING),
        of_incident((began != MISSING) & (ended_latest != MISSING) & (ended_latest < began)),
    )
