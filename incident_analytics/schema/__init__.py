"""Every table and column: name, type, unit, whether it is required, and what it means.

This package is the glossary of the package. A column's name is used unchanged as argument, heading and key of the
record files; ``incident-analytics schema`` prints it. ``conform`` is the door: behind it, dtypes, UTC and column
order can be relied on.

Kinds of columns
    instant  ``datetime64[us, UTC]``; unknown is ``NaT``, never now, never 1970
    span     ``timedelta64[us]``
    text     ``str``; missing is ``NaN``
    word     ``str`` out of a small vocabulary; other words are kept and reported as a finding
    number   ``float64``
    count    ``Int64``
    flag     ``boolean``
    items    ``object`` holding a list of texts or of dicts per row; missing is an empty list
    extra    ``object`` holding a dict per row: what a source said beyond our columns
"""

from __future__ import annotations

from typing import TypeAlias

import pandas as pd

from ._columns import BASIS, CLOCK_POINTS, DTYPES, PRECISION, VERIFIED, Column, Kind, Table
from ._conform import conform
from ._frames import empty, finding, frame_of, unknown_words
from ._tables import TABLES, glossary, table

__all__ = [
    "BASIS",
    "CLOCK_POINTS",
    "DTYPES",
    "PRECISION",
    "TABLES",
    "VERIFIED",
    "Actions",
    "Column",
    "Events",
    "Findings",
    "Impacts",
    "Incidents",
    "Kind",
    "Learnings",
    "Logs",
    "Participants",
    "People",
    "Table",
    "conform",
    "empty",
    "finding",
    "frame_of",
    "glossary",
    "table",
    "unknown_words",
]

Incidents: TypeAlias = pd.DataFrame
Events: TypeAlias = pd.DataFrame
Participants: TypeAlias = pd.DataFrame
People: TypeAlias = pd.DataFrame
Impacts: TypeAlias = pd.DataFrame
Actions: TypeAlias = pd.DataFrame
Learnings: TypeAlias = pd.DataFrame
Logs: TypeAlias = pd.DataFrame
Findings: TypeAlias = pd.DataFrame
