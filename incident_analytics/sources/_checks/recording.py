"""Times of writing against times of happening, and times that have not come yet."""

from __future__ import annotations

import pandas as pd

from ...schema import finding
from ...wording import count, duration
from .._frame_columns import is_among
from .base import NOTHING, Found, said, systems

LATE = pd.Timedelta("1h")
"""An entry written down this long after it happened rests on memory."""

EARLY = pd.Timedelta("1min")
"""Clocks of two machines differ; beyond this, nothing is written down before it happens."""

INSTANTS = {
    "events": ("at", "recorded_at"),
    "impacts": ("began_at", "ended_at"),
    "participants": ("assumed_at", "released_at"),
    "actions": ("created_at", "done_at"),
}
"""Columns that say when something happened. A due date is a promise and may lie ahead."""


def late_entry(incidents: pd.DataFrame, events: pd.DataFrame) -> Found:
    """Entries written down more than an hour after they happened, counted by source; not of backfilled records."""
    known = events[events["at"].notna() & events["recorded_at"].notna()]
    afterwards = incidents.loc[incidents["kind"] == "backfilled", "incident_id"]
    known = known[~is_among(known["incident_id"], afterwards)]
    delay = known["recorded_at"] - known["at_latest"].fillna(known["at"])
    return _by_source(
        known, delay, delay > LATE, "late_entry", "were written down more than an hour after they happened"
    )


def recorded_before(events: pd.DataFrame) -> Found:
    """Entries written down before they happened, counted by source: shown at another time, or clocks that differ."""
    known = events[events["at"].notna() & events["recorded_at"].notna()]
    delay = known["at"] - known["recorded_at"]
    return _by_source(known, delay, delay > EARLY, "recorded_before", "were written down before they happened")


def _by_source(known: pd.DataFrame, delay: pd.Series, is_found: pd.Series, check: str, says: str) -> Found:
    if not is_found.any():
        return []
    system = systems(known["source"])
    total, rows = system.value_counts(), []
    for name, lag in delay[is_found].groupby(system[is_found]):
        most = lag.idxmax()
        where = known.loc[most]
        example = "no incident" if pd.isna(where["incident_id"]) else f"incident {where['incident_id']}"
        message = (
            f"{len(lag)} of {count(int(total[name]), 'entry', 'entries')} of {name or 'an unnamed source'} {says}, half of "
            f"them by {duration(lag.median())} or more; the most by {duration(lag[most])} ({example}, {said(where['at'])}). "
            f"{NOTHING}"
        )
        rows.append(finding(check, "info", message, table="events", row=most, source=str(name) or None))
    return rows


def in_the_future(as_of: pd.Timestamp, incidents: pd.DataFrame, **tables: pd.DataFrame) -> Found:
    """Times after the instant at which the data is looked at, counted by table, column and source.

    A planned maintenance lies ahead by its nature and is left out.

    Args:
        as_of: the instant, usually now; only the caller knows it.
        incidents: the incidents.
        tables: the tables of ``INSTANTS`` by name.
    """
    planned = incidents.loc[incidents["kind"] == "maintenance", "incident_id"]
    rows = []
    for table, columns in INSTANTS.items():
        frame = tables[table]
        for column in columns:
            ahead = frame[(frame[column] > as_of) & ~is_among(frame["incident_id"], planned)]
            for system, group in ahead.groupby(systems(ahead["source"])):
                last = group[column].idxmax()
                message = (
                    f"{count(len(group), 'time')} of {table}.{column} after {said(as_of)}, the last "
                    f"{said(group.loc[last, column])} of {group.loc[last, 'incident_id']}; expected nothing from the "
                    f"future. {NOTHING}"
                )
                rows.append(
                    finding("in_the_future", "error", message, table=table, row=last, source=str(system) or None)
                )
    return rows
