"""Records, chat, alerts and log evidence in one ordered account, each entry with its source."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from .. import wording
from ..schema import DTYPES, Events
from .log_evidence import log_entries
from .milestones import FOLLOW_UP_POINTS, IMPACT_POINTS, annotate, build_marks, meaning, stand_alone, with_remarks
from .phases import Chain, Clock, locate, ordered_boundaries, per_row, point_of
from .placing import join_repeats, place

LANES = {
    "impact": "Impact",
    "recovery": "Impact",
    "alert": "Alerts and logs",
    "log": "Alerts and logs",
    "status": "Response",
    "role": "Response",
    "severity": "Response",
    "note": "Response",
    "message": "Response",
    "milestone": "Response",
    "hypothesis": "Understanding",
    "finding": "Understanding",
    "decision": "Understanding",
    "action": "Changes",
    "change": "Changes",
    "update": "Updates",
}
"""Lane by kind of entry; a kind that is not listed stands in Response, as do milestones other than impact's."""

LATE = pd.Timedelta("15min")
"""An entry written down later than this after it happened says so."""

COLUMNS = {
    "incident_id": "str",
    "at": DTYPES["instant"],
    "at_latest": DTYPES["instant"],
    "precision": "str",
    "elapsed": DTYPES["span"],
    "lane": "str",
    "kind": "str",
    "field": "str",
    "text": "str",
    "detail": "str",
    "points": "object",
    "actor_id": "str",
    "role": "str",
    "audience": "str",
    "channel": "str",
    "service": "str",
    "is_automatic": "boolean",
    "basis": "str",
    "verified": "str",
    "source": "str",
    "source_ref": "str",
    "phase": "str",
    "stage": "str",
    "is_recovery": "bool",
    "is_between": "bool",
}

_IDENTITY = ["kind", "field", "text", "new", "old", "audience", "channel", "actor_id", "source", "source_ref", "note"]
_ALERTS = {
    "fired": "alert fired",
    "resolved": "alert resolved",
    "paged": "a person was called",
    "notified": "a person was notified",
    "escalated": "escalated",
}


def build_timeline(events: Events, clock: Clock, *, log_onsets: pd.DataFrame | None = None) -> pd.DataFrame:
    """One ordered account of every incident: what happened, in which lane and phase, and who says so.

    - A clock point without a text of its own is put on the entry that it is (``points``, ``detail``); one that no
      entry stands for becomes an entry with the point's meaning as text. Points derived by the clock count too.
    - The same fact from two sources stands once, with both sources.
    - An entry without a time lies between its neighbours in its source's account (``is_between``): ``at`` and
      ``at_latest`` are the bounds, NaT on a side without a neighbour. Without any, it stands last, with no time.
    - A follow-up known only to the day on which the incident ended stands at the end of that day.

    Args:
        events: events of one or many incidents; those that belong to none are left out.
        clock: the clock of the same incidents.
        log_onsets: of :func:`build_log_onsets`, to be shown among the entries.

    Returns:
        A row per entry, by incident and in order. ``elapsed`` counts from ``impact_start``, else from the first known
        boundary of a phase, else from the first entry; for an entry whose time lies in an interval it is the least
        possible. ``phase`` is a name of :func:`build_phases`, ``before`` or ``after``. ``is_recovery`` holds from the
        first step against the impact on. ``detail`` holds remarks, as sentences. No events and an empty clock give
        no rows.
    """
    entries = _gathered(events, log_onsets)
    is_bare = entries["kind"].eq("milestone") & entries["text"].isna()
    entries["text"] = _texts(entries)
    entries = join_repeats(place(entries.assign(is_bare=is_bare)))
    marks = build_marks(entries[entries["is_bare"]], clock)
    chain = ordered_boundaries(clock)
    told = with_remarks(entries[~entries["is_bare"]], clock)
    told, alone = annotate(told, _after_the_end(marks, clock))
    rows = pd.concat([part for part in (told, stand_alone(alone)) if len(part)] or [told], ignore_index=True)
    rows = _in_order(rows)
    codes = chain.incident_ids.get_indexer(pd.Index(rows["incident_id"]))
    rows["phase"], rows["stage"] = _phases(rows, chain, codes)
    rows["elapsed"] = rows["lower"] - _starts(rows, clock, chain)
    rows["is_recovery"] = _is_recovery(rows, clock)
    is_impact = rows["kind"].eq("milestone") & rows["field"].isin(IMPACT_POINTS)
    rows["lane"] = rows["kind"].map(LANES).fillna("Response").mask(is_impact, "Impact")
    rows["detail"] = _details(rows)
    return rows[list(COLUMNS)].astype(COLUMNS)


def _gathered(events: Events, log_onsets: pd.DataFrame | None) -> pd.DataFrame:
    """All events with an incident, in an order that does not depend on the order of the input."""
    parts = [events, log_entries(log_onsets) if log_onsets is not None else events[:0]]
    joined = pd.concat([part for part in parts if len(part)] or [events], ignore_index=True)
    own = joined[joined["incident_id"].notna()].drop(columns="extra")
    # A chat entry that holds nothing but a picture has an empty text, which says as little as none.
    own = own.assign(text=own["text"].where(own["text"].str.strip() != ""))
    keys = ["incident_id", "at", "sequence", *_IDENTITY]
    return own.sort_values([*keys, *own.columns.difference(keys)], ignore_index=True)


def _texts(entries: pd.DataFrame) -> pd.Series:
    """The text of an entry as its source has it; where it has none, what its other columns say."""
    kind, field, old, new = (entries[name] for name in ("kind", "field", "old", "new"))
    word = new.where(new.notna(), field)
    changed = ("from " + old + " to " + new).where(old.notna(), "set to " + new)
    said = {
        "milestone": meaning(field),
        "severity": "severity " + changed,
        "status": "status " + changed,
        "role": field + (" as " + entries["role"].str.replace("_", " ")).fillna(""),
        "alert": field.map(_ALERTS) + (": " + entries["service"]).fillna(""),
        "update": "update to " + entries["audience"],
    }
    text = entries["text"]
    for name, values in said.items():
        text = text.where(text.notna() | (kind != name), values)
    return text.fillna(kind + ": " + word).fillna(kind)


def _after_the_end(marks: pd.DataFrame, clock: Clock) -> pd.DataFrame:
    """A follow-up known to the hour or day in which the incident ended comes after that end."""
    end = per_row(point_of(clock, "resolved"), marks["incident_id"])
    is_after = marks["field"].isin(FOLLOW_UP_POINTS) & (marks["at"] <= end) & (end < marks["at_latest"])
    last = marks["at_latest"] - pd.Timedelta("1us")
    return marks.assign(placed_at=marks["placed_at"].mask(is_after, last), lower=marks["lower"].mask(is_after, end))


def _in_order(rows: pd.DataFrame) -> pd.DataFrame:
    keys = ["incident_id", "placed_at", "sequence", *_IDENTITY]
    return rows.sort_values(keys, ignore_index=True)


def _phases(rows: pd.DataFrame, chain: Chain, codes: npt.NDArray[np.intp]) -> tuple[Any, Any]:
    instants = rows["placed_at"].dt.tz_localize(None)
    # An entry of unknown time comes after the neighbour it is placed by, or before it if it has none before.
    tick = pd.Timedelta("1us")
    shifted = (instants + tick).where(rows["at"].notna(), instants - tick)
    instants = instants.mask(rows["is_between"], shifted)
    return locate(chain, codes, instants.to_numpy(dtype="datetime64[us]"))


def _starts(rows: pd.DataFrame, clock: Clock, chain: Chain) -> pd.Series:
    """Where elapsed time counts from, per entry."""
    first = np.minimum(chain.first, chain.earliest.shape[1] - 1)
    begun = pd.Series(chain.earliest[np.arange(len(first)), first], index=chain.incident_ids)
    impact = per_row(point_of(clock, "impact_start"), rows["incident_id"])
    boundary = per_row(begun.dt.tz_localize("UTC"), rows["incident_id"])
    entry = rows["at"].groupby(rows["incident_id"]).transform("min")
    return impact.fillna(boundary).fillna(entry)


def _is_recovery(rows: pd.DataFrame, clock: Clock) -> pd.Series:
    """Whether an entry stands at or after the first step against the impact."""
    start = per_row(point_of(clock, "mitigation_started"), rows["incident_id"])
    is_step = rows["kind"].eq("recovery") | (rows["kind"].eq("action") & rows["field"].eq("mitigation"))
    begins = (rows["placed_at"] >= start).where(start.notna(), is_step & (rows["phase"] != "before"))
    has_begun = begins.astype(bool).groupby(rows["incident_id"]).cummax()
    return has_begun & rows["placed_at"].notna()


def _details(rows: pd.DataFrame) -> pd.Series:
    """Remarks on an entry, one sentence each: its note, its clock points, and how its time is known."""
    at, latest = rows["at"], rows["at_latest"]
    known = latest.where(latest.notna(), at).mask(rows["is_between"])
    delay = rows["recorded_at"] - known
    sides = np.select(
        [rows["is_contradicted"], at.notna() & latest.notna(), at.notna(), latest.notna()],
        [
            "time not given: near the neighbouring entries, which are not in order of time in the source",
            "time not given: between the neighbouring entries",
            "time not given: after the entry before",
            "time not given: before the next entry",
        ],
        "",
    )
    empty = pd.Series(None, index=rows.index, dtype="str")
    parts = [
        rows["note"],
        ("reason: " + rows["reason"]),
        rows["remark"].astype("str"),
        rows["precision"].map({"hour": "known to the hour", "day": "known to the day"}).mask(rows["is_between"]),
        pd.Series(sides, index=rows.index, dtype="str").where(rows["is_between"]),
        empty.mask(at.isna() & ~rows["is_between"], "time not recorded"),
        "recorded " + delay[delay > LATE].map(wording.duration).astype("str") + " later",
    ]
    detail = pd.Series("", index=rows.index, dtype="str")
    for part in parts:
        said = part.dropna().map(wording.sentence)
        said = said[said != ""]
        detail.loc[said.index] = detail.loc[said.index] + " " + said
    detail = detail.str.strip()
    return detail.where(detail != "")
