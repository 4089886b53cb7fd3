"""The engine that runs every log format: lines with their offsets, DuckDB over blocks of them, one frame at the end.

``layout``    what a format is: data
``streams``   bytes of a file, unpacked, within bounds
``lines``     blocks of whole lines, each with its byte offset
``times``     spellings of times as SQL
``words``     months and zones by name
``tai``       seconds of atomic time
``years``     the year of times that are written without one
``days``      the day of times that have none
``hours``     the hour that a zone has twice
``headers``   lines that name the columns below them
``parsing``   the SQL that a format stands for
``pairs``     the same for values that have names
``masking``   messages into templates
``database``  connections, and blocks worked on side by side
``chains``    which lines belong to the entry before them
``reading``   one file, block by block, with counts that add up and findings for everything else
"""

from __future__ import annotations

from .database import Database
from .glance import Glance, Sample
from .layout import COLUMNS, LEVEL_NAMES, SYSLOG_SEVERITIES, LogFormat
from .parsed import Request
from .reading import COUNTS, FileReading, read_file, read_sample
from .streams import first_bytes
from .words import ZONE_WORDS

__all__ = [
    "COLUMNS",
    "COUNTS",
    "LEVEL_NAMES",
    "SYSLOG_SEVERITIES",
    "ZONE_WORDS",
    "Database",
    "FileReading",
    "Glance",
    "LogFormat",
    "Request",
    "Sample",
    "first_bytes",
    "read_file",
    "read_sample",
]
