"""Ends that are not what they seem: followed by more, said twice, set by a machine, or denied by the record's status."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ... import wording
from ...schema import finding
from .._frame_columns import is_among
from .base import BEGINS, ENDS, NOTHING, Found, fetched, said, systems, text, told

GRACE = pd.Timedelta("5min")
"""What a source still writes this soon after its own end belongs to it."""

FEWEST = 5
"""So many closures at least must follow the resolution by the same number of days."""

NEAR_A_DAY = pd.Timedelta("1h")
"""A machine that closes after some days looks at the clock every so often, not every second."""

UPDATED = ("updated_at", "updatedAt", "modified", "modifiedTime", "last_updated", "sys_updated_on", "updated")
"""Cells in which exports say when a record was last changed."""

_RESPONSE = ("update", "action", "hypothesis", "severity", "alert", "role", "impact")
_AFTERWARDS = ("followup_first", "review_held", "report_published")
_POSTMORTEM = "postmortem"


def updates_after_end(events: pd.DataFrame, points: pd.DataFrame) -> Found:
    """Incidents of which a source tells steps of the response after the end that it states itself.

    What is published together with a review or a report, or as a postmortem, is no step of the response; neither is the
    first update after the end, which announces it.
    """
    ends = points[points["word"] == "resolved"].groupby(["incident_id", "system"])["latest"].max()
    if ends.empty:
        return []
    # What is inferred, such as a severity from how a record stood at export, is no step that was told.
    is_step = events["kind"].isin(_RESPONSE) & (events["basis"] != "inferred")
    is_step &= ~((events["kind"] == "alert") & (events["field"] == "resolved"))
    rows = events.loc[is_step & events["at"].notna(), ["incident_id", "source", "kind", "at", "extra"]]
    rows = rows.assign(system=systems(rows["source"]))
    rows = rows.merge(ends.rename("end").reset_index(), on=["incident_id", "system"])
    rows = rows[rows["at"] > rows["end"] + GRACE]
    if rows.empty:
        return []
    rows = rows[np.array([extra.get("status") != _POSTMORTEM for extra in rows["extra"]], dtype=bool)]
    later = points.loc[points["word"].isin(_AFTERWARDS), ["incident_id", "at"]].drop_duplicates()
    rows = rows.merge(later.assign(is_later=True), on=["incident_id", "at"], how="left")
    rows = rows[rows["is_later"].isna()].sort_values("at", kind="stable")
    is_announced = (rows["kind"] == "update") & (rows.groupby(["incident_id", "kind"]).cumcount() == 0)
    rows = rows[~is_announced]
    found = rows.groupby("incident_id", as_index=False).agg(
        source=("source", "first"),
        n=("at", "size"),
        first=("at", "first"),
        kind=("kind", "first"),
        end=("end", "first"),
    )

    def clause(each: Any) -> str:
        entries = wording.count(each.n, "entry", "entries")
        return f"resolved at {said(each.end)}; {entries} of the response later, first {each.kind} at {said(each.first)}"

    about = "go on after the end that their source states"
    return told("updates_after_end", "info", found, clause, about=about, of=int(ends.index.unique(0).size))


def reopened(events: pd.DataFrame, points: pd.DataFrame) -> Found:
    """Incidents that one and the same source resolves more than once, or says to be reopened."""
    ends = points[(points["word"] == "resolved") & (points["kind"] == "milestone")]
    times = ends.groupby(["incident_id", "source"], dropna=False)["at"].nunique()
    counted = (times[times > 1].groupby("incident_id").max() - 1).astype("int64")
    is_said = (events["kind"] == "status") & (events["new"] == "reopened") & events["incident_id"].notna()
    if is_said.any():
        counted = counted.combine(events[is_said].groupby("incident_id").size(), max, fill_value=0)
    found = pd.DataFrame({"incident_id": counted.index, "n": counted.to_numpy(), "source": None})

    def clause(each: Any) -> str:
        return f"reopened {'once' if each.n == 1 else f'{each.n} times'}"

    return told(
        "reopened", "info", found.astype({"source": "str"}), clause, about="were reopened",
        done="The last end counts as resolved.",
    )  # fmt: skip


def auto_closed(points: pd.DataFrame) -> Found:
    """Sources whose records are closed the same whole number of days after the resolution, or mostly by a machine."""
    ends = points[points["word"].isin(ENDS)]
    rows: Found = []
    for system, own in ends.groupby("system"):
        resolved, closed = (own[own["word"] == word].groupby("incident_id")["latest"].max() for word in ENDS)
        rows += _same_days(str(system), (closed - resolved).dropna())
        known = own[own["is_automatic"].notna() & (own["kind"] == "status")]
        by_machine = known[known["is_automatic"].astype(bool)]["incident_id"].nunique()
        total = known["incident_id"].nunique()
        if by_machine:
            message = (
                f"{by_machine} of {wording.count(total, 'incident')} of {system} were ended by a machine; such an end "
                f"says that an alert went away, not that somebody looked. {NOTHING}"
            )
            rows.append(finding("auto_closed", "info", message, table="events", source=str(system)))
    return rows


def _same_days(system: str, gaps: pd.Series) -> Found:
    days = np.round(gaps / pd.Timedelta("1D"))
    is_whole = ((gaps - days * pd.Timedelta("1D")).abs() <= NEAR_A_DAY) & (days >= 1)
    whole = days[is_whole]
    if whole.empty:
        return []
    usual = int(whole.mode().iloc[0])
    n = int((whole == usual).sum())
    if n < FEWEST or n < len(gaps) / 2:
        return []
    message = (
        f"{n} of {wording.count(len(gaps), 'incident')} of {system} were closed {wording.count(usual, 'day')} after they "
        f"were resolved, within an hour: a machine closes them, so their closure says nothing of the work. {NOTHING}"
    )
    return [finding("auto_closed", "info", message, table="events", source=system)]


def stale_status(incidents: pd.DataFrame, points: pd.DataFrame) -> Found:
    """Records whose status says open though they were resolved and not opened again."""
    ended = points[points["word"].isin(ENDS)].groupby("incident_id")["at"].max()
    opened = points[points["word"].isin(["reopened", *BEGINS])].groupby("incident_id")["at"].max()
    is_open = incidents["status"].isin(["open", "mitigated"])
    if not is_open.any():
        return []
    rows = incidents.loc[is_open, ["incident_id", "source", "status"]]
    rows = rows.assign(end=fetched(ended, rows["incident_id"]), again=fetched(opened, rows["incident_id"]))
    found = rows[rows["end"].notna() & ~(rows["again"] > rows["end"])]

    def clause(each: Any) -> str:
        return f"status is {each.status}, but it was resolved or closed at {said(each.end)}"

    about = "have a status that says open, but an end"
    return told("stale_status", "warning", found, clause, about=about, of=int(is_open.sum()), table="incidents")


def stale_updated_at(incidents: pd.DataFrame, events: pd.DataFrame) -> Found:
    """Records whose own time of the last change lies before something that the same source tells of them."""
    cells = [next((text(extra[k]) for k in UPDATED if k in extra), None) for extra in incidents["extra"]]
    if not any(cells):
        return []
    written = pd.Series(cells, index=incidents.index, dtype="str")
    has_zone = written.str.contains(r"(?:Z|[+-]\d\d:?\d\d)$", na=False)
    updated = pd.to_datetime(written.where(has_zone), format="ISO8601", utc=True, errors="coerce").dt.as_unit("us")
    rows = incidents[["incident_id", "source"]].assign(updated=updated, system=systems(incidents["source"]))
    rows = rows.dropna(subset=["updated"])
    own = events.loc[is_among(events["incident_id"], rows["incident_id"]), ["incident_id", "source", "at"]]
    own = own.assign(system=systems(own["source"]))
    # Where several sources tell of an incident, the cell may be another one's.
    is_told_once = own.groupby("incident_id")["system"].transform("nunique") == 1
    last = own[is_told_once].groupby(["incident_id", "system"])["at"].max().rename("last")
    rows = rows.merge(last.reset_index(), on=["incident_id", "system"])
    found = rows[rows["last"] > rows["updated"] + GRACE]

    def clause(each: Any) -> str:
        return f"the record says it last changed at {said(each.updated)}, but tells of something at {said(each.last)}"

    about = "were last changed, by their own word, before something they tell of"
    return told("stale_updated_at", "info", found, clause, about=about, of=len(rows), table="incidents")
