"""Stretches of an incident without an entry. They are a fact about the record, not about the people."""

from __future__ import annotations

from typing import TypeAlias

import pandas as pd

from ..errors import UsageError
from ..schema import DTYPES
from .phases import as_utc, per_row

NOT_COUNTED = ("log",)
"""Kinds of entries that do not end a silence: what only the logs say is nobody's word on what was going on."""

COLUMNS = {
    "incident_id": "str",
    "began_at": DTYPES["instant"],
    "ended_at": DTYPES["instant"],
    "span": DTYPES["span"],
    "after_text": "str",
    "before_text": "str",
    "between": "int64",
}

Bound: TypeAlias = pd.Series | pd.Timestamp | None
"""One instant, one per incident, or none given."""


def build_silences(
    timeline: pd.DataFrame, *, limit: pd.Timedelta, start: Bound = None, end: Bound = None
) -> pd.DataFrame:
    """Stretches longer than ``limit`` in which no dated entry falls, between the incident's start and its end.

    All kinds of entries count, automatic ones too, but log evidence does not (``NOT_COUNTED``). An entry known only
    to the hour or day may lie anywhere in it, so nothing is called silent there. An entry that is only known to lie
    between its neighbours does not end a silence; ``between`` counts those that may lie in it.

    Args:
        timeline: of :func:`build_timeline`.
        limit: longest stretch that is not worth a mark; usually the policy's.
        start: where to begin, one instant or one per incident (a Series indexed by ``incident_id``). Otherwise, and
            where that is NaT, the first entry inside the incident: ``impact_start``, or what comes first after it.
        end: where to stop, likewise. Otherwise the last entry inside the incident: ``resolved``, or while it is open
            the last entry there is.

    Returns:
        A row per silence, by incident and time, never overlapping. ``after_text`` and ``before_text`` are the entries
        on both sides, missing where a side is given by ``start`` or ``end``. An incident with fewer than two dated
        entries has none, unless ``start`` and ``end`` are given.

    Raises:
        UsageError: a limit that is not positive.
    """
    if not limit > pd.Timedelta(0):
        raise UsageError(f"limit must be a positive time such as '30 min', found {limit}")
    rows = timeline[~timeline["kind"].isin(NOT_COUNTED)]
    dated = rows[rows["at"].notna() & ~rows["is_between"]][["incident_id", "at", "at_latest", "phase", "text"]]
    dated["until"] = dated["at_latest"].fillna(dated["at"])
    inside = dated[~dated["phase"].isin(["before", "after"])].groupby("incident_id")
    incident_ids = pd.Index(rows["incident_id"].unique(), dtype="str", name="incident_id")
    first, last = inside["at"].min().reindex(incident_ids), inside["until"].max().reindex(incident_ids)
    bounds = pd.DataFrame({"start": _bound(start, first), "end": _bound(end, last)})
    # An entry known only to the day may reach into the incident by its interval, but not by its phase.
    opening, ending = per_row(first, dated["incident_id"]), per_row(last, dated["incident_id"])
    reaches_in = (dated["phase"] == "before") & (dated["until"] > opening)
    reaches_back = (dated["phase"] == "after") & (dated["at"] < ending)
    dated = dated.assign(until=dated["until"].mask(reaches_in, opening), at=dated["at"].mask(reaches_back, ending))
    marked = _bounded(dated.merge(bounds, on="incident_id"), bounds)
    by_incident = [marked["incident_id"]]
    covered = marked["until"].groupby(by_incident).cummax()
    # What comes before a gap is the entry that reaches furthest, which need not be the one listed last.
    said = marked["text"].where(marked["until"] == covered).groupby(by_incident).ffill()
    marked["began_at"] = covered.groupby(by_incident).shift()
    marked["after_text"] = said.groupby(by_incident).shift()
    marked["span"] = marked["at"] - marked["began_at"]
    found = marked[marked["span"] > limit].rename(columns={"at": "ended_at", "text": "before_text"})
    found = found.reset_index(drop=True)
    return found.assign(between=_between(rows, found))[list(COLUMNS)].astype(COLUMNS)


def _bound(given: Bound, default: pd.Series) -> pd.Series:
    """The given instants where there are any, the default elsewhere."""
    if given is None:
        return default
    if isinstance(given, pd.Series):
        return given.reindex(default.index).fillna(default)
    return pd.Series(as_utc(given, "start and end"), index=default.index, dtype=DTYPES["instant"]).fillna(default)


def _bounded(dated: pd.DataFrame, bounds: pd.DataFrame) -> pd.DataFrame:
    """The entries between the bounds, cut to them, and the bounds themselves, in order of time."""
    within = dated[(dated["until"] >= dated["start"]) & (dated["at"] <= dated["end"])]
    within = within.assign(
        at=within["at"].where(within["at"] >= within["start"], within["start"]),
        until=within["until"].where(within["until"] <= within["end"], within["end"]),
    )
    edges = [bounds[name].rename("at").reset_index() for name in bounds]
    edges = [edge.assign(until=edge["at"]) for edge in edges]
    # Entries on a bound speak for it: they come after it at the start, and before it at the end.
    joined = pd.concat([edges[0], within[["incident_id", "at", "until", "text"]], edges[1]], ignore_index=True)
    return joined.dropna(subset=["at"]).sort_values(["incident_id", "at"], kind="stable", ignore_index=True)


def _between(rows: pd.DataFrame, silences: pd.DataFrame) -> pd.Series:
    """How many entries of unknown time may lie in each silence."""
    loose = rows[rows["is_between"]][["incident_id", "at", "at_latest"]]
    pairs = silences[["incident_id", "began_at", "ended_at"]].reset_index().merge(loose, on="incident_id")
    is_before = pairs["at_latest"] <= pairs["began_at"]
    is_after = pairs["at"] >= pairs["ended_at"]
    return pairs[~is_before & ~is_after]["index"].value_counts().reindex(silences.index, fill_value=0)
