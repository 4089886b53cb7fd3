"""PostgreSQL's ``jsonlog``: JSON lines with ``error_severity``.

``LOG`` is what a server says in passing; ``FATAL`` ends a session, ``PANIC`` all of them.
"""

from __future__ import annotations

from ._engine import LEVEL_NAMES, LogFormat

NAME = "postgresql_json"
DESCRIPTION = "PostgreSQL: jsonlog"
RECOGNISED_BY = "JSON lines with timestamp, pid, error_severity and message"
EXAMPLE = (
    '{"timestamp": "2026-01-05 09:00:00.250 UTC", "pid": 7, "error_severity": "LOG", "message": "otters '
    'awake", "backend_type": "client backend"}'
)
TIME_ZONE_RULE = (
    "UTC, GMT, the zones of North America as in RFC 822 and those of Europe (CET, CEST, ...) are followed; with any other "
    "name, times are read in the zone given, else as UTC, with a finding that says the name."
)

FORMAT = LogFormat(
    kind="json",
    times=("iso8601",),
    levels={**LEVEL_NAMES, "log": "info", **{f"debug{n}": "debug" for n in range(1, 6)}},
    keys={
        "time": ("timestamp",),
        "level": ("error_severity",),
        "message": ("message+detail",),
    },
    marks=("timestamp", "pid", "error_severity", "message"),
    is_service_from_file=True,
)
