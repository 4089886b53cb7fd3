"""Building the clock: settle every clock point for all incidents at once, then lay them out as rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from .. import wording
from ..errors import UsageError, did_you_mean
from ..schema import CLOCK_POINTS, Events, Impacts, Incidents, Participants
from ..stats.intervals import MISSING, whole_micros
from .entries import Entries, Rows, gather
from .layout import COLUMNS, Settled, checked_columns, laid_out
from .rules import ASKED_AT_FIRST, LAST_OF_ASKED, NEEDS, OPEN_WORDS, RULES, Rule

DISPUTE = pd.Timedelta("1min")
"""Two sources that differ by no more than this say the same."""


def build_clock(
    incidents: Incidents,
    events: Events,
    participants: Participants,
    impacts: Impacts,
    *,
    points: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
) -> pd.DataFrame:
    """The clock of every incident: one row per incident and clock point, known or not.

    Entries of incidents that are not in ``incidents``, or of none, are left out. No incident gives no row. An incident
    that is open has no ``resolved``; one that was reopened and not resolved again neither, and its ``note`` says so.
    An incident that ended at a time nobody recorded has ``resolved`` with the knowledge "unknown".

    Args:
        incidents: the incidents, in the order wanted.
        events: what happened.
        participants: roles held.
        impacts: effects over intervals.
        points: only these clock points; all of them by default.
        columns: only these columns beside ``incident_id`` and ``point``; all of them by default. ``at`` and
            ``at_latest`` alone are enough for the durations as functions, and take half the time.

    Returns:
        Columns ``incident_id, point, at, at_latest, precision, basis, knowledge, verified, source, note, rule,
        is_disputed``. ``at_latest`` is there only where the instant is an interval.

    Raises:
        SchemaError: an incident stands in the table twice.
        UsageError: an unknown clock point or column is asked for.
    """
    shown = checked_columns(COLUMNS if columns is None else columns)
    asked = checked_points(CLOCK_POINTS if points is None else points)
    if not asked:
        raise UsageError("no clock point is asked for; leave points out to get all of them")
    needed = _with_needs(asked)
    entries = gather(incidents, events, participants, impacts, points=needed)
    settled: dict[str, Settled] = {}
    has_rivals = entries.n_sources > 1 and not {"is_disputed", "note"}.isdisjoint(shown)
    for point in [*(p for p in needed if p not in NEEDS), *(p for p in NEEDS if p in needed)]:
        settled[point] = _settle(point, entries, settled)
        if has_rivals:
            _mark_disputes(entries, settled[point])
    if "resolved" in settled:
        _mark_reopened(entries, settled["resolved"])
        if not {"knowledge", "note"}.isdisjoint(shown):
            _mark_ended(incidents, entries, settled["resolved"])
    return laid_out(incidents, entries, [settled[point] for point in CLOCK_POINTS if point in asked], shown)


def checked_points(points: Iterable[str]) -> list[str]:
    """The points as a list.

    Raises:
        UsageError: one of them is no clock point; the message names near ones.
    """
    listed = list(points)
    for point in listed:
        if point not in CLOCK_POINTS:
            known = ", ".join(CLOCK_POINTS)
            raise UsageError(
                f"there is no clock point {point!r}; clock points are {known}.{did_you_mean(point, CLOCK_POINTS)}"
            )
    return listed


def _with_needs(points: Iterable[str]) -> list[str]:
    needed = list(points)
    for point in needed:
        needed += [more for more in NEEDS.get(point, ()) if more not in needed]
    return [point for point in CLOCK_POINTS if point in needed]


def _settle(point: str, entries: Entries, settled: Mapping[str, Settled]) -> Settled:
    """Choose the entry of one clock point for every incident."""
    row, void = _recorded_rows(entries, RULES[point][0])
    is_unknown = void >= 0
    made = Settled(point, row, void, np.where(row >= 0, 0, -1), is_unknown, np.zeros(entries.n, dtype=bool), {})
    for number, rule in enumerate(RULES[point][1:], start=1):
        is_free = (made.row < 0) & ~is_unknown
        if not is_free.any():
            break
        found = np.where(is_free, _derived_rows(entries, rule, settled, made), -1)
        for limit in (settled[name].row for name in rule.not_after):
            is_late = (found >= 0) & (limit >= 0) & (entries.earliest[found] > entries.latest[limit])
            found = np.where(is_late, -1, found)
        made.row = np.where(found >= 0, found, made.row)
        made.rule = np.where(found >= 0, number, made.rule)
    return made


def _recorded_rows(entries: Entries, rule: Rule) -> tuple[Rows, Rows]:
    """Entries that state the point, and those that state that it is unknown where no time is given.

    Only entries of the best standing of an incident count: overridden before our own record before other sources.
    """
    rows = entries.matching(rule)
    is_timed = entries.earliest[rows] != MISSING
    is_void = ~is_timed & entries.has("basis", rows, ("unknown",))
    rows, is_timed = rows[is_timed | is_void], is_timed[is_timed | is_void]
    incident, standing = entries.incident[rows], _standing(entries, rows)
    best = np.full(entries.n, 9)
    np.minimum.at(best, incident, standing)
    is_best = standing == best[incident]
    row = entries.pick(rows[is_timed & is_best], takes_last=rule.takes_last)
    void = entries.pick(rows[~is_timed & is_best])
    return row, np.where(row < 0, void, -1)


def _standing(entries: Entries, rows: Rows) -> Rows:
    """0 for an entry that a user has overridden, 1 for our own record, 2 for any other source."""
    is_ours = entries.has("source", rows, ("record",))
    return np.where(entries.is_overridden(rows), 0, np.where(is_ours, 1, 2))


def _derived_rows(entries: Entries, rule: Rule, settled: Mapping[str, Settled], made: Settled) -> Rows:
    if rule is LAST_OF_ASKED:
        return _last_of_asked(entries, settled, made)
    if rule.of_point:
        return settled[rule.of_point].row
    return entries.pick(entries.timed(rule), takes_last=rule.takes_last)


def _last_of_asked(entries: Entries, settled: Mapping[str, Settled], made: Settled) -> Rows:
    """Who was asked for at first, and when the last of those who came had joined; a remark counts who did not."""
    declared, detected = settled["declared"].row, settled["detected"].row
    since = np.where(declared >= 0, declared, detected)
    asked = entries.timed(Rule("", kind=("role",), field=("requested",)))
    asked = asked[since[entries.incident[asked]] >= 0]
    limit = entries.latest[since[entries.incident[asked]]] + whole_micros(ASKED_AT_FIRST)
    asked = asked[entries.earliest[asked] <= limit]
    joined = entries.timed(Rule("", kind=("role",), field=("joined",)))
    wanted, came = _people(entries, asked), _people(entries, joined)
    came = came.merge(wanted[["incident", "person"]].drop_duplicates(), on=["incident", "person"])
    person: Rows = np.asarray(came.groupby(["incident", "person"]).ngroup(), dtype=np.intp)
    first = entries.pick(came["row"].to_numpy(np.intp), group=person, n=len(came))
    n_asked = wanted.groupby("incident")["person"].nunique()
    absent = n_asked - came.groupby("incident")["person"].nunique().reindex(n_asked.index, fill_value=0)
    for incident, n in zip(absent.index.to_numpy(np.intp), absent, strict=True):
        if n and made.row[incident] < 0 and not made.is_unknown[incident]:
            made.remark(incident, f"{n} of {n_asked[incident]} asked for are not recorded as joined")
    return entries.pick(first[first >= 0], takes_last=True)


def _people(entries: Entries, rows: Rows) -> pd.DataFrame:
    person = entries.table["actor_id"].iloc[rows].to_numpy()
    return pd.DataFrame({"incident": entries.incident[rows], "person": person, "row": rows}).dropna()


def _mark_disputes(entries: Entries, made: Settled) -> None:
    """Flag a point for which another source gives a time more than ``DISPUTE`` away, and note what it gives."""
    name, names = entries.coded("source")
    rules = [rule for rule in RULES[made.point] if rule.is_statement]
    rows = np.concatenate([entries.timed(rule) for rule in rules])
    incident = entries.incident[rows]
    chosen = made.row[incident]
    is_other = np.where(chosen >= 0, name[rows] != name[chosen], made.is_unknown[incident])
    rows, incident = rows[is_other], incident[is_other]
    if not len(rows):
        return
    keys, group = np.unique(incident * len(names) + name[rows], return_inverse=True)
    other = entries.pick(rows, group=group, n=len(keys), takes_last=rules[0].takes_last)
    incident = entries.incident[other]
    chosen, slack = made.row[incident], whole_micros(DISPUTE)
    is_apart = (entries.earliest[other] > entries.latest[chosen] + slack) | (
        entries.latest[other] < entries.earliest[chosen] - slack
    )
    for row in other[is_apart | (chosen < 0)]:
        made.is_disputed[entries.incident[row]] = True
        made.remark(entries.incident[row], f"{names[name[row]]} gives {_said(entries, row)}")


def _mark_reopened(entries: Entries, resolved: Settled) -> None:
    """Take back an end that a reopening followed without a new end."""
    rows = entries.timed(Rule("", kind=("status",), new=("reopened",)))
    reopened = entries.pick(rows, takes_last=True)
    is_open_again = (reopened >= 0) & (resolved.row >= 0) & (entries.earliest[reopened] > entries.latest[resolved.row])
    for incident in np.flatnonzero(is_open_again):
        resolved.remark(incident, f"reopened {_said(entries, reopened[incident])} and not resolved again")
    resolved.row = np.where(is_open_again, -1, resolved.row)
    resolved.rule = np.where(is_open_again, -1, resolved.rule)


def _said(entries: Entries, row: int) -> str:
    precision = entries.table["precision"].iloc[row]
    at = pd.Timestamp(entries.table["at"].iloc[row])
    return f"{wording.clock_time(at, precision if isinstance(precision, str) else None, with_date=True)} UTC"


def _mark_ended(incidents: Incidents, entries: Entries, resolved: Settled) -> None:
    """State that the end is unknown where the incident is over, or nothing says that it is still going on."""
    status = incidents["status"]
    last = entries.pick(entries.timed(Rule("", kind=("status",))), takes_last=True)
    is_silent = status.isna().to_numpy()
    goes_on = status.isin(["open", "mitigated"]).to_numpy()
    goes_on = goes_on | (is_silent & (last >= 0) & entries.has("new", last, OPEN_WORDS))
    is_void = (resolved.row < 0) & ~goes_on
    fresh = np.flatnonzero(is_void & ~resolved.is_unknown)
    said = "the record says " + status.iloc[fresh] + ", not when"
    for incident, text in zip(fresh.tolist(), said.fillna("neither an end nor an open state is recorded"), strict=True):
        resolved.remark(incident, text)
    resolved.is_unknown |= is_void
