"""PostgreSQL's log to stderr, with the usual values of log_line_prefix: a time and its zone first, the level before a colon.

``DETAIL``, ``HINT``, ``STATEMENT`` and their like are entries of their own, without a level.
"""

from __future__ import annotations

from ._engine import LEVEL_NAMES, LogFormat
from ._shapes import BEGINS_WITH_DAY, CLOCK, DAY

NAME = "postgresql"
DESCRIPTION = "PostgreSQL (stderr), with a log_line_prefix that begins with %m or %t"
RECOGNISED_BY = "A time with a zone, a prefix, and one of PostgreSQL's levels with a colon"
EXAMPLE = "2026-01-05 09:00:00.437 UTC [7] LOG:  database system is ready to accept connections"
TIME_ZONE_RULE = (
    "Offsets, UTC, GMT, the zones of North America as in RFC 822 and those of Europe (CET, CEST, ...) are followed; with any "
    "other name, times are read in the zone given, else as UTC, with a finding that says the name."
)

_LEVELS = "DEBUG[1-5]?|INFO|NOTICE|WARNING|ERROR|LOG|FATAL|PANIC|DETAIL|HINT|QUERY|CONTEXT|STATEMENT|LOCATION"
_ZONE = "(?:[A-Z]{1,5}|[+-][0-9]{2}(?::?[0-9]{2})?)"

FORMAT = LogFormat(
    kind="pattern",
    times=("iso8601",),
    levels={**LEVEL_NAMES, "log": "info", **{f"debug{n}": "debug" for n in range(1, 6)}},
    patterns=(rf"^(?P<head>(?P<time>{DAY} {CLOCK}(?:[.][0-9]{{3}})? {_ZONE})[ :][^\n]*?\b(?P<level>{_LEVELS}):  )",),
    required=("time", "level"),
    begins=BEGINS_WITH_DAY,
    continues="any",
    is_service_from_file=True,
)
