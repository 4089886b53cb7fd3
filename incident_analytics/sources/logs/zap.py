"""Zap, a logger of Go: JSON lines with the time under ``ts`` and the place in the code under ``caller``.

The time is seconds since 1970 with a fraction, or a text where the program says so. Without ``caller``, zap's lines
are those of any logger, and are read as such.
"""

from __future__ import annotations

from ._engine import LEVEL_NAMES, LogFormat

NAME = "zap"
DESCRIPTION = "Zap (Go): JSON lines"
RECOGNISED_BY = "JSON lines with level, ts, caller and msg"
EXAMPLE = '{"level": "info", "ts": 1767603600.25, "logger": "otters", "caller": "otters/main.go:7", "msg": "awake"}'
TIME_ZONE_RULE = (
    "Offsets in the text are followed and numbers count from 1970 in UTC; a text without an offset is read in the "
    "zone given, else as UTC with a finding."
)

FORMAT = LogFormat(
    kind="json",
    times=("epoch", "iso8601"),
    levels=LEVEL_NAMES,
    keys={
        "time": ("ts",),
        "host": ("hostname", "host"),
        "service": ("service", "logger"),
        "level": ("level",),
        "message": ("msg",),
    },
    marks=("level", "ts", "caller", "msg"),
    is_service_from_file=True,
)
