"""The same entry told by two files of one vendor, such as an export and a connector's copy of it, is one entry."""

from __future__ import annotations

import pandas as pd

from ..records import Records
from ..schema import finding
from ..wording import count

_TOLD = ("incident_id", "kind", "at", "at_latest", "actor_id", "field", "old", "new", "text", "service", "source_ref")


def without_repeats(records: Records) -> Records:
    """The bundle with each entry once that carries an identifier of its source; how many were told again is a finding.

    Entries of one file are never compared with each other: a tool may say the same twice. An entry is told again when
    another file of the same source says all of the same under the same identifier.
    """
    events = records.events
    # Which of equal entries of its own file an entry is: two equal ones in each of two files are two, not one.
    if not len(events):
        return records
    vendor = events["source"].str.partition(":")[0]
    if not events["source_ref"].notna().any() or events["source"].nunique() == vendor.nunique():
        return records
    told = events[list(_TOLD)].assign(vendor=vendor)
    nth = told.assign(file=events["source"]).groupby([*told.columns, "file"], dropna=False).cumcount()
    is_repeat = told.assign(nth=nth).duplicated() & events["source_ref"].notna()
    if not is_repeat.any():
        return records
    counted = vendor[is_repeat].value_counts().sort_index()
    notes = [
        finding(
            "repeated_row",
            "info",
            f"{count(n, 'entry', 'entries')} told in more than one file; read once",
            table="events",
            source=str(v),
        )
        for v, n in counted.items()
    ]
    kept: pd.DataFrame = events[~is_repeat].reset_index(drop=True)
    return records.with_tables(events=kept).add_findings(notes)
