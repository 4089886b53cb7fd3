"""What cannot be in that order: an end before its beginning, a closure before the resolution, a gap in the severities."""

from __future__ import annotations

from typing import Any

import pandas as pd

from .base import Found, said, told

ORDERED = (
    ("impact_start", "mitigated"),
    ("impact_start", "impact_end"),
    ("impact_start", "resolved"),
    ("alert_fired", "resolved"),
    ("paged", "acknowledged"),
    ("triggered", "acknowledged"),
    ("paged", "resolved"),
    ("declared", "resolved"),
    ("resolved", "closed"),
)
"""Pairs of clock points or states of which the second cannot come first."""

KEPT = "Kept as it is."


def order_broken(incidents: pd.DataFrame, points: pd.DataFrame) -> Found:
    """Incidents whose last end lies before their first beginning, for each pair that must not.

    A backfilled record is declared after everything is over, so its declaration is not compared. A closure is
    compared with the resolution of the same source.
    """
    firsts = points.groupby(["incident_id", "word"])["at"].min().unstack("word")
    lasts = points.groupby(["incident_id", "word"])["latest"].max().unstack("word")
    own = incidents.drop_duplicates("incident_id").set_index("incident_id")
    kinds, sources = own["kind"], own["source"]
    rows: Found = []
    for start, end in ORDERED:
        if start not in firsts or end not in lasts:
            continue
        broken = firsts.index[lasts[end] < firsts[start]]
        if start == "declared":
            broken = broken[(kinds.reindex(broken) != "backfilled").to_numpy()]
        found = pd.DataFrame(
            {
                "incident_id": broken,
                "source": sources.reindex(broken).to_numpy(),
                "first": firsts.loc[broken, start].array,
                "last": lasts.loc[broken, end].array,
            }
        ).astype({"source": "str"})
        rows += told(
            "order_broken", "error", found, _before(start, end), row=end, done=KEPT,
            about=f"have {end} before {start}", of=int((firsts[start].notna() & lasts[end].notna()).sum()),
        )  # fmt: skip
    return rows


def _before(start: str, end: str) -> Any:
    def clause(each: Any) -> str:
        return f"{end} at {said(each.last)} lies before {start} at {said(each.first)}; expected {start} first"

    return clause


def ended_before_began(impacts: pd.DataFrame) -> Found:
    """Impacts that end before they begin."""
    return _reversed(impacts, "impacts", "began_at", "ended_at", "ended_before_began")


def interval_reversed(events: pd.DataFrame) -> Found:
    """Entries whose latest possible instant lies before the earliest."""
    return _reversed(events, "events", "at", "at_latest", "interval_reversed")


def released_before_assumed(participants: pd.DataFrame) -> Found:
    """Roles given up before they were taken."""
    return _reversed(participants, "participants", "assumed_at", "released_at", "released_before_assumed")


def _reversed(frame: pd.DataFrame, table: str, start: str, end: str, name: str) -> Found:
    """Rows that end before they begin; where only an interval is known, its latest end counts."""
    if frame[end].isna().all():
        return []
    latest = frame[f"{end}_latest"].fillna(frame[end]) if f"{end}_latest" in frame.columns else frame[end]
    broken = frame[(latest < frame[start]).fillna(False)]

    def clause(each: Any) -> str:
        first, last = getattr(each, start), getattr(each, end)
        return f"{table}.{end} {said(last)} lies before {start} {said(first)}; expected it later"

    about = f"of {table} have {end} before {start}"
    return told(
        name, "error", broken, clause, table=table, row=lambda each: each.Index, noun="row", about=about, done=KEPT
    )


def severity_not_continued(events: pd.DataFrame) -> Found:
    """Changes of severity that start from another level than the change before them, told by the same source."""
    is_change = (events["kind"] == "severity") & events["new"].notna() & events["at"].notna()
    rows = events.loc[is_change & events["incident_id"].notna(), ["incident_id", "source", "at", "old", "new"]]
    if not rows["old"].notna().any():
        return []
    rows = rows.sort_values(["incident_id", "source", "at"], kind="stable")
    is_same = (rows["incident_id"] == rows["incident_id"].shift()) & (rows["source"] == rows["source"].shift())
    # Changes of one instant may be listed either way round.
    is_later = rows["at"] > rows["at"].shift()
    before = rows["new"].shift()
    differs = rows["old"].str.strip().str.casefold() != before.str.strip().str.casefold()
    broken = rows.assign(before=before)[is_same & is_later & rows["old"].notna() & differs.fillna(False)]

    def clause(each: Any) -> str:
        return f"at {said(each.at)} severity changes from {each.old!r}, but it was {each.before!r} before"

    about = "start from another level than the one before"
    return told("severity_not_continued", "warning", broken, clause, noun="severity change", about=about)
