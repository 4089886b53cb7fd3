"""Log4j 2 with its JSON layout: one object per line, or a list of them over many lines.

The time is ``instant``, seconds and nanoseconds since 1970, or ``timeMillis`` in older versions. What was
thrown is no part of the message.
"""

from __future__ import annotations

from ._engine import LEVEL_NAMES, LogFormat

NAME = "log4j2_json"
DESCRIPTION = "Log4j 2 (Java): JSON layout"
RECOGNISED_BY = "JSON with thread, level, loggerName and instant or timeMillis"
EXAMPLE = (
    '{"instant": {"epochSecond": 1767603600, "nanoOfSecond": 250000000}, "thread": "main", "level": "INFO", '
    '"loggerName": "com.example.Otters", "message": "awake"}'
)
TIME_ZONE_RULE = "Numbers count from 1970 in UTC."

FORMAT = LogFormat(
    kind="json",
    times=("epoch",),
    levels=LEVEL_NAMES,
    keys={
        "time": ("timeMillis",),
        "host": ("hostName", "contextMap.hostName"),
        "service": ("loggerName",),
        "level": ("level",),
        "message": ("message",),
    },
    marks=("thread", "level", "loggerName", "instant|timeMillis"),
    seconds=(("instant.epochSecond", "instant.nanoOfSecond"),),
)
