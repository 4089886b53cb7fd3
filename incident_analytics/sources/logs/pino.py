"""Pino, a logger of Node.js: JSON lines with a numeric level and the time in milliseconds since 1970.

A program may rename the keys, spell levels as words or times as texts; such files are read as JSON lines of no
particular logger.
"""

from __future__ import annotations

from ._engine import LogFormat

NAME = "pino"
DESCRIPTION = "Pino (Node.js): JSON lines with numeric levels and times"
RECOGNISED_BY = "JSON lines with level, time as a number, pid and hostname"
EXAMPLE = '{"level": 30, "time": 1767603600000, "pid": 7, "hostname": "web-1", "msg": "otters awake"}'
TIME_ZONE_RULE = "Numbers count from 1970 in UTC."

FORMAT = LogFormat(
    kind="json",
    times=("epoch",),
    levels={"10": "trace", "20": "debug", "30": "info", "40": "warning", "50": "error", "60": "fatal"},
    keys={
        "time": ("time",),
        "host": ("hostname",),
        "service": ("name",),
        "level": ("level",),
        "message": ("msg", "err.message"),
    },
    marks=("level", "time", "pid", "hostname"),
    is_service_from_file=True,
)
