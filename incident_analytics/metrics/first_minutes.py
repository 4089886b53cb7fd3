"""The first five minutes: when each of five steps left its first trace.

Clock zero is the first page, else the declaration, else the detection; which one is printed. A step is the first entry
that meets one of its rules; an entry that somebody tagged (``extra`` holds ``step``) wins over the rules. Not recorded
does not mean not done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from .. import wording
from ..clock import bounds_of, event_bounds, rows_of
from ..schema import DTYPES, Events, Incidents, Participants
from ..stats.intervals import MISSING, Micros, difference, micros, spans, whole_micros
from .engagement import first_engagements
from .measured import instants, words_at

WITHIN = pd.Timedelta("5min")
ZERO_POINTS = ("paged", "declared", "detected")
STEPS: Mapping[int, str] = MappingProxyType(
    {
        1: "Gain situational awareness",
        2: "Acknowledge with stakeholders",
        3: "Establish channels",
        4: "Gather the team",
        5: "Evaluate: first severity or impact",
    }
)
_TAGS: Mapping[str, int] = MappingProxyType(
    {"awareness": 1, "stakeholders": 2, "channels": 3, "team": 4, "evaluation": 5, **{str(n): n for n in STEPS}}
)


@dataclass(frozen=True, slots=True)
class StepRule:
    """Evidence for a step: entries of a person that meet all conditions, or a clock point.

    Attributes:
        evidence: what the entry is, in words; printed before its text.
        kind: kind of the entry.
        field: words allowed in ``field``; empty allows all.
        audience: audiences allowed; empty allows all.
        by_somebody: the entry names who it was.
        point: instead of an entry, this clock point.
        is_recorded: the clock point counts only where a source states it.
        n_people: instead of an entry, the moment from which so many people were engaged.
    """

    evidence: str
    kind: str = ""
    field: tuple[str, ...] = ()
    audience: tuple[str, ...] = ()
    by_somebody: bool = False
    point: str = ""
    is_recorded: bool = False
    n_people: int = 0


STEP_RULES: Mapping[int, tuple[StepRule, ...]] = MappingProxyType(
    {
        1: (
            StepRule("diagnosis", kind="action", field=("diagnosis",)),
            StepRule("hypothesis", kind="hypothesis"),
            StepRule("finding", kind="finding"),
            StepRule("acknowledged", point="acknowledged"),
        ),
        2: (
            StepRule("first update", kind="update", audience=("stakeholders", "public")),
            StepRule("stakeholders told", point="stakeholder_first", is_recorded=True),
            StepRule("public told", point="public_first", is_recorded=True),
        ),
        3: (StepRule("channel open", point="channel_open"),),
        4: (
            StepRule("second person engaged", n_people=2),
            StepRule("first people asked for had joined", point="mobilised"),
        ),
        5: (
            StepRule("severity set", kind="severity"),
            StepRule("impact assessed", kind="impact", by_somebody=True),
            StepRule("severity set", point="severity_first", is_recorded=True),
        ),
    }
)
"""For every step what counts as evidence; the earliest counts, whichever rule it meets."""


def build_first_minutes(
    incidents: Incidents, events: Events, participants: Participants, clock: pd.DataFrame
) -> pd.DataFrame:
    """Five rows per incident: when each step left its first trace, and where that lies from clock zero.

    Args:
        incidents: the incidents, in the order wanted.
        events: what happened.
        participants: roles held.
        clock: the clock of the same incidents.

    Returns:
        Columns ``incident_id, step, name, at, at_latest, offset, evidence, zero_point, zero_at, state``. ``offset`` is
        the time from clock zero, negative before it, half-way between its bounds where an instant is uncertain.
        ``state`` is in_time (from 0 to 5 min), late, before, not_recorded, or uncertain: the bounds do not agree, or
        the entry has no time, or there is no clock zero.
    """
    ids = pd.Index(incidents["incident_id"])
    zero_point, zero_low, zero_high = _zero(clock, ids)
    found = _traces(events, participants, clock, ids)
    width = len(STEPS)
    grid = pd.DataFrame({"incident": np.repeat(np.arange(len(ids)), width), "step": np.tile(list(STEPS), len(ids))})
    grid = grid.merge(found, how="left", on=["incident", "step"])
    at, latest = (grid[c].fillna(MISSING).to_numpy(np.int64) for c in ("at", "latest"))
    incident = grid["incident"].to_numpy()
    low, offset, high = difference(zero_low[incident], zero_high[incident], at, latest)
    automatic = _automatic_updates(events, ids).reindex(incident).to_numpy()
    table = pd.DataFrame(
        {
            "incident_id": ids[incident],
            "step": grid["step"].astype("Int64"),
            "name": grid["step"].map(dict(STEPS)),
            "at": instants(at),
            "at_latest": instants(np.where(latest == at, MISSING, latest)),
            "offset": spans(offset),
            "evidence": _with_automatic(grid, automatic),
            "zero_point": words_at(ZERO_POINTS, zero_point[incident]),
            "zero_at": instants(zero_low[incident]),
            "state": _state(grid["evidence"].notna().to_numpy(), low, high),
        }
    )
    return table.astype(
        {"incident_id": "str", "name": "str", "evidence": "str", "state": "str", "offset": DTYPES["span"]}
    )


def _zero(clock: pd.DataFrame, ids: pd.Index) -> tuple[np.ndarray, Micros, Micros]:
    known, *found = bounds_of(clock, *ZERO_POINTS)
    low, high, chosen = np.full(len(known), MISSING), np.full(len(known), MISSING), np.full(len(known), -1)
    for number, (at, latest) in enumerate(found):
        is_next = (low == MISSING) & (at != MISSING)
        low, high, chosen = (
            np.where(is_next, at, low),
            np.where(is_next, latest, high),
            np.where(is_next, number, chosen),
        )
    place = known.get_indexer(ids)
    has = place >= 0
    return np.where(has, chosen[place], -1), np.where(has, low[place], MISSING), np.where(has, high[place], MISSING)


def _traces(events: Events, participants: Participants, clock: pd.DataFrame, ids: pd.Index) -> pd.DataFrame:
    """The trace of every step that left one: ``incident, step, at, latest, evidence``."""
    tagged = _tagged(events)
    parts = [tagged]
    people = first_engagements(events, participants)
    for step, rules in STEP_RULES.items():
        for rule in rules:
            if rule.point:
                part = _at_point(clock, rule)
            elif rule.n_people:
                part = people[people.groupby("incident_id").cumcount() == rule.n_people - 1].assign(text=pd.NA)
            else:
                part = _entries(events, rule)
            said = part["text"].astype("str")
            evidence = (rule.evidence + ": " + said).fillna(rule.evidence)
            parts.append(part[["incident_id", "at", "at_latest"]].assign(step=step, evidence=evidence, is_tagged=False))
    traces = pd.concat([part for part in parts if len(part)] or [tagged], ignore_index=True)
    traces = traces.assign(
        incident=ids.get_indexer(pd.Index(traces["incident_id"])),
        at=micros(traces["at"]),
        latest=micros(traces["at_latest"].fillna(traces["at"])),
    )
    traces["is_untimed"] = traces["at"] == MISSING
    traces = traces[(traces["incident"] >= 0) & (traces["is_tagged"] | ~traces["is_untimed"])]
    traces["rank"] = ~traces["is_tagged"]
    order = ["incident", "step", "rank", "is_untimed", "at", "latest", "evidence"]
    first = traces.sort_values(order).drop_duplicates(["incident", "step"])
    return first[["incident", "step", "at", "latest", "evidence"]]


def _tagged(events: Events) -> pd.DataFrame:
    """Entries that somebody tagged as the trace of a step, with or without a time."""
    tags = [str(e.get("step", "")).strip().casefold() if isinstance(e, dict) else "" for e in events["extra"]]
    step = np.array([_TAGS.get(tag, 0) for tag in tags], dtype=np.int64)
    rows = events[step > 0]
    evidence = ("tagged: " + rows["text"]).fillna("tagged")
    latest = instants(event_bounds(rows)[1])
    return rows[["incident_id", "at"]].assign(at_latest=latest, step=step[step > 0], evidence=evidence, is_tagged=True)


def _at_point(clock: pd.DataFrame, rule: StepRule) -> pd.DataFrame:
    rows = rows_of(clock, rule.point, ["at", "at_latest", "basis", "note"]).reset_index()
    rows = rows[rows["at"].notna() & ~(rule.is_recorded & (rows["basis"] == "derived"))]
    return rows.rename(columns={"note": "text"})


def _entries(events: Events, rule: StepRule) -> pd.DataFrame:
    is_met = (events["kind"] == rule.kind) & ~events["is_automatic"].fillna(False).astype(bool) & events["at"].notna()
    if rule.field:
        is_met &= events["field"].isin(rule.field)
    if rule.audience:
        is_met &= events["audience"].isin(rule.audience)
    if rule.by_somebody:
        is_met &= events["actor_id"].notna()
    rows = events[is_met]
    return rows[["incident_id", "at", "text"]].assign(at_latest=instants(event_bounds(rows)[1]))


def _automatic_updates(events: Events, ids: pd.Index) -> pd.Series:
    """By incident number when the first automatic update to stakeholders or the public went out."""
    is_met = (events["kind"] == "update") & events["audience"].isin(["stakeholders", "public"]) & events["at"].notna()
    rows = events[is_met & events["is_automatic"].fillna(False).astype(bool)]
    first = rows.groupby("incident_id")["at"].min()
    first.index = pd.Index(ids.get_indexer(first.index))
    return first[first.index >= 0]


def _with_automatic(grid: pd.DataFrame, automatic: np.ndarray) -> pd.Series:
    """The evidence; beside the update to stakeholders, the automatic one that does not count."""
    evidence = grid["evidence"].astype(object)
    for row in np.flatnonzero((grid["step"] == 2) & pd.notna(automatic)):
        told = f"automatic update {wording.clock_time(pd.Timestamp(automatic[row]), with_date=True)} UTC not counted"
        evidence.iloc[row] = f"{evidence.iloc[row]}; {told}" if isinstance(evidence.iloc[row], str) else told
    return evidence


def _state(has_trace: np.ndarray, low: Micros, high: Micros) -> np.ndarray:
    limit = whole_micros(WITHIN)
    earliest, latest = (np.select([b < 0, b <= limit], ["before", "in_time"], "late") for b in (low, high))
    is_uncertain = (low == MISSING) | (earliest != latest)
    return np.select([~has_trace, is_uncertain], ["not_recorded", "uncertain"], earliest)
