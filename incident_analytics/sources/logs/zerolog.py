"""Zerolog, a logger of Go: JSON lines with ``level``, ``time`` and ``message``.

The time is ISO 8601, or a number of seconds, milli- or microseconds since 1970 where the program says so.
"""

from __future__ import annotations

from ._engine import LEVEL_NAMES, LogFormat

NAME = "zerolog"
DESCRIPTION = "Zerolog (Go): JSON lines"
RECOGNISED_BY = "JSON lines with level, time and message"
EXAMPLE = '{"level": "info", "service": "otters", "time": "2026-01-05T09:00:00Z", "message": "awake"}'
TIME_ZONE_RULE = (
    "Offsets in the text are followed and numbers count from 1970 in UTC; a text without an offset is read in the "
    "zone given, else as UTC with a finding."
)

FORMAT = LogFormat(
    kind="json",
    times=("iso8601", "epoch"),
    levels=LEVEL_NAMES,
    keys={
        "time": ("time",),
        "host": ("hostname", "host"),
        "service": ("service", "component", "role"),
        "level": ("level",),
        "message": ("message",),
    },
    marks=("level", "time", "message"),
    is_service_from_file=True,
)
