"""Stretches in which an incident was taken for over although it was not: from an end to the reopening after it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..clock import event_bounds
from ..schema import Events
from ..stats.intervals import MISSING, Micros

_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Closed:
    """Per incident the time in which it was taken for over.

    Attributes:
        low: the least it can be, in microseconds.
        high: the most it can be.
        n: number of stretches.
        n_untimed: reopenings whose time is not known; they are not in ``n``.
    """

    low: Micros
    high: Micros
    n: npt.NDArray[np.intp]
    n_untimed: npt.NDArray[np.intp]


def closed_stretches(ids: pd.Index, start: tuple[Micros, Micros], end: tuple[Micros, Micros], events: Events) -> Closed:
    """Stretches between a resolution or closure and the reopening after it, inside the incident.

    What several sources say is read as one account in the order of time: closing what is closed, or opening what is
    open, changes nothing. An incident that was never reopened has none.

    Args:
        ids: the incidents.
        start: earliest and latest start of each.
        end: earliest and latest end of each.
        events: what happened.
    """
    states = events[(events["kind"] == "status") & events["new"].isin(["resolved", "closed", "reopened"])]
    reopened = states[states["new"] == "reopened"]
    untimed = ids.get_indexer(pd.Index(reopened["incident_id"][reopened["at"].isna()]))
    ends = events[(events["kind"] == "milestone") & events["field"].isin(["resolved", "closed"])]
    marks = pd.concat([states, ends])
    marks = marks[marks["at"].notna() & marks["incident_id"].isin(reopened["incident_id"])]
    incident, at, latest, close, reopen = _alternating(ids, marks)
    last_low, last_high = (np.where(bound == MISSING, _NEVER, bound)[incident] for bound in end)
    began_low, began_high = np.maximum(at[close], start[0][incident]), np.maximum(latest[close], start[1][incident])
    ended_low, ended_high = np.minimum(at[reopen], last_low), np.minimum(latest[reopen], last_high)
    low, high = np.zeros((2, len(ids)), dtype=np.int64)
    np.add.at(low, incident, np.maximum(ended_low - began_high, 0))
    np.add.at(high, incident, np.maximum(ended_high - began_low, 0))
    n = np.bincount(incident[ended_high > began_low], minlength=len(ids))
    return Closed(low, high, n, np.bincount(untimed[untimed >= 0], minlength=len(ids)))


def _alternating(
    ids: pd.Index, marks: pd.DataFrame
) -> tuple[npt.NDArray[np.intp], Micros, Micros, npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Changes between closed and open: incident of each pair, bounds of all marks, place of its end and reopening."""
    incident = ids.get_indexer(pd.Index(marks["incident_id"]))
    at, latest = event_bounds(marks)
    opens = (marks["new"] == "reopened").to_numpy()
    order = np.lexsort((latest, opens, at, incident))
    order = order[incident[order] >= 0]
    incident, at, latest, opens = incident[order], at[order], latest[order], opens[order]
    follows = np.zeros(len(order), dtype=bool)
    follows[1:] = incident[1:] == incident[:-1]
    is_change = np.ones(len(order), dtype=bool)
    is_change[1:] = ~follows[1:] | (opens[1:] != opens[:-1])
    at, latest, opens, incident = at[is_change], latest[is_change], opens[is_change], incident[is_change]
    # Of what is left, a reopening that is not the first mark of its incident stands right after an end.
    follows = np.zeros(len(at), dtype=bool)
    follows[1:] = incident[1:] == incident[:-1]
    reopen = np.flatnonzero(opens & follows)
    return incident[reopen], at, latest, reopen - 1, reopen
