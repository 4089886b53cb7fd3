"""Structlog, a logger of Python, with its JSON renderer: the message is called ``event``.

What a program adds as context are further keys. The time is ISO 8601 (without an offset unless it is in UTC) or
seconds since 1970.
"""

from __future__ import annotations

from ._engine import LEVEL_NAMES, LogFormat

NAME = "structlog"
DESCRIPTION = "structlog (Python): JSON lines"
RECOGNISED_BY = "JSON lines with event, level and timestamp"
EXAMPLE = '{"event": "otters awake", "level": "info", "timestamp": "2026-01-05T09:00:00.250000Z", "logger": "otters"}'
TIME_ZONE_RULE = (
    "Offsets in the text are followed and numbers count from 1970 in UTC; a text without an offset is read in the "
    "zone given, else as UTC with a finding."
)

FORMAT = LogFormat(
    kind="json",
    times=("iso8601", "epoch"),
    levels={**LEVEL_NAMES, "exception": "error"},
    keys={
        "time": ("timestamp",),
        "host": ("hostname", "host"),
        "service": ("service", "logger", "logger_name"),
        "level": ("level", "log_level"),
        "message": ("event",),
    },
    marks=("event", "level", "timestamp"),
    is_service_from_file=True,
)
