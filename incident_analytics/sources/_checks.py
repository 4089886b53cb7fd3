"""First checks of what was read: times in an impossible order, and entries that belong to nothing.

A check never changes a record. What lies in the future is not checked here: nothing below the command line knows what
time it is.
"""

from __future__ import annotations

import pandas as pd

from ..records import Records
from ..schema import finding

_ORDERED = (
    ("impact_start", "mitigated"),
    ("impact_start", "impact_end"),
    ("impact_start", "resolved"),
    ("alert_fired", "resolved"),
    ("paged", "resolved"),
    ("declared", "resolved"),
)
"""Pairs of clock points of which the second cannot come first."""


def check(records: Records) -> Records:
    """The bundle with a finding for everything that cannot be; nothing is changed or left out.

    A bundle without incidents is only checked for entries of unknown ones.
    """
    return records.add_findings(
        [
            *_order_broken(records),
            *_reversed(records.impacts, "impacts", "began_at", "ended_at", "ended_before_began"),
            *_reversed(records.events, "events", "at", "at_latest", "interval_reversed"),
            *_reversed(records.participants, "participants", "assumed_at", "released_at", "released_before_assumed"),
            *_reopened(records),
            *_unknown_incidents(records),
        ]
    )


def _order_broken(records: Records) -> list[dict[str, object]]:
    """Incidents whose last end lies before their first beginning, for each pair that must not.

    A backfilled record is declared after everything is over, so its declaration is not compared.
    """
    milestones = records.events[(records.events["kind"] == "milestone") & records.events["at"].notna()]
    firsts = milestones.groupby(["incident_id", "field"])["at"].min().unstack("field")
    latest = milestones.assign(at=milestones["at_latest"].fillna(milestones["at"]))
    lasts = latest.groupby(["incident_id", "field"])["at"].max().unstack("field")
    kinds = records.incidents.set_index("incident_id")["kind"]
    rows = []
    for start, end in _ORDERED:
        if start not in firsts or end not in lasts:
            continue
        broken = firsts.index[lasts[end] < firsts[start]]
        if start == "declared":
            broken = broken[(kinds.reindex(broken) != "backfilled").to_numpy()]
        rows += [
            finding(
                "order_broken",
                "error",
                f"{end} at {_said(lasts.loc[i, end])} lies before {start} at {_said(firsts.loc[i, start])}; "
                f"expected {start} first. Kept as it is.",
                incident_id=str(i),
                table="events",
                row=end,
            )
            for i in broken
        ]
    return rows


def _reversed(frame: pd.DataFrame, table: str, start: str, end: str, name: str) -> list[dict[str, object]]:
    """Rows that end before they begin; where only an interval is known, its latest end counts."""
    latest = frame[f"{end}_latest"].fillna(frame[end]) if f"{end}_latest" in frame.columns else frame[end]
    broken = frame[(latest < frame[start]).fillna(False)]
    return [
        finding(
            name,
            "error",
            f"{table}.{end} {_said(row[end])} lies before {start} {_said(row[start])}; expected it later. "
            "Kept as it is.",
            incident_id=None if pd.isna(row["incident_id"]) else str(row["incident_id"]),
            table=table,
            row=place,
            source=None if pd.isna(row["source"]) else str(row["source"]),
        )
        for place, row in broken.iterrows()
    ]


def _reopened(records: Records) -> list[dict[str, object]]:
    """Incidents that one and the same source resolves more than once, or says to be reopened."""
    events = records.events.dropna(subset=["incident_id"])
    ends = events[(events["kind"] == "milestone") & (events["field"] == "resolved") & events["at"].notna()]
    times = ends.groupby(["incident_id", "source"], dropna=False)["at"].nunique()
    counted = (times[times > 1].groupby("incident_id").max() - 1).astype("int64")
    said = events[(events["kind"] == "status") & (events["new"] == "reopened")]
    counted = counted.combine(said.groupby("incident_id").size(), max, fill_value=0)
    return [
        finding(
            "reopened",
            "info",
            f"reopened {_times(int(n))}; the last end counts as resolved",
            incident_id=str(incident_id),
            table="events",
        )
        for incident_id, n in counted.items()
    ]


def _unknown_incidents(records: Records) -> list[dict[str, object]]:
    """Rows that name an incident which no file describes, one finding per table and source."""
    known = records.incidents["incident_id"]
    rows = []
    for table in ("events", "participants", "impacts", "actions", "learnings"):
        frame = getattr(records, table)
        strange = frame[frame["incident_id"].notna() & ~frame["incident_id"].isin(known)]
        for source, group in strange.groupby(strange["source"].fillna("an unnamed source")):
            ids = group["incident_id"].drop_duplicates()
            rows.append(
                finding(
                    "unknown_incident",
                    "warning",
                    f"{len(group)} row(s) of {len(ids)} incident(s) that no file describes, first "
                    f"{', '.join(map(repr, ids[:3]))}; expected the incidents beside them. Kept.",
                    table=table,
                    source=str(source),
                )
            )
    return rows


def _said(at: pd.Timestamp) -> str:
    return str(at.isoformat()).replace("+00:00", "Z")


def _times(n: int) -> str:
    return "once" if n == 1 else f"{n} times"
