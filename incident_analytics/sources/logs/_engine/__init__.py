"""The engine that runs every log format: blocks of lines with their offsets, read by two threads, one frame at the end.

Lines that look like one another are taken apart in place (``regular``); all others go through DuckDB, and say the same.

``layout``    what a format is: data
``streams``   bytes of a file, unpacked, within bounds
``encodings`` other encodings as UTF-8, and the way back to places in the file
``brackets``  brackets of JSON outside of texts
``documents`` JSON documents as one line per record
``envelopes`` what stands around the records
``joining``   messages that were split over several lines
``lines``     blocks of whole lines, each with its byte offset
``feeding``   all of that in its order: from bytes to lines as a format has them
``times``     spellings of times as SQL
``words``     months and zones by name
``tai``       seconds of atomic time
``years``     the year of times that are written without one
``days``      the day of times that have none
``hours``     the hour that a zone has twice
``headers``   lines that name the columns below them
``regular``   the lines of a block that need no query: JSON, pairs and text in a module each
``walking``   lines of the same make, taken apart from left to right
``slices``    stretches of bytes, compared, found and copied out for all lines at once
``clocks``    times out of bytes
``outside``   lines that are told by their time alone not to be asked for
``parsing``   the SQL that a format stands for
``pairs``     the same for values that have names
``masking``   messages into templates
``parsed``    a block, read both ways and put together
``database``  connections, and blocks worked on side by side
``chains``    which lines belong to the entry before them
``account``   what has to be said of a file: counts that add up, findings for everything else
``glance``    what a format makes of a few lines at first sight
``reading``   one file, block by block
``tally``     entries counted instead of kept
``spans``     parts of a file, counted side by side and put together
"""

from __future__ import annotations

from .account import COUNTS
from .database import Database
from .encodings import encoding_named
from .feeding import BLANK, Head, head_of
from .glance import Glance, Sample
from .layout import COLUMNS, LEVEL_NAMES, SYSLOG_SEVERITIES, Kind, LogFormat
from .masking import templates_of
from .parsed import Request
from .parsing import n_continuing
from .reading import FileReading, read_file, read_sample
from .spans import FileCounts, SpanReading, frame_of_counts, line_spans, read_span, together
from .streams import first_bytes
from .words import ZONE_WORDS

__all__ = [
    "BLANK",
    "COLUMNS",
    "COUNTS",
    "LEVEL_NAMES",
    "SYSLOG_SEVERITIES",
    "ZONE_WORDS",
    "Database",
    "FileCounts",
    "FileReading",
    "Glance",
    "Head",
    "Kind",
    "LogFormat",
    "Request",
    "Sample",
    "SpanReading",
    "encoding_named",
    "first_bytes",
    "frame_of_counts",
    "head_of",
    "line_spans",
    "n_continuing",
    "read_file",
    "read_sample",
    "read_span",
    "templates_of",
    "together",
]
