"""Logstash's JSON as its encoders for logback and log4j write it: ``@timestamp``, ``@version`` and ``logger_name``.

A stack trace stands under a key of its own and is no part of the message.
"""

from __future__ import annotations

from ._engine import LEVEL_NAMES, LogFormat

NAME = "logstash_json"
DESCRIPTION = "Logstash encoder of logback and log4j (Java): JSON lines"
RECOGNISED_BY = "JSON lines with @timestamp, @version and logger_name"
EXAMPLE = (
    '{"@timestamp": "2026-01-05T09:00:00Z", "@version": "1", "message": "awake", "logger_name": '
    '"com.example.Otters", "thread_name": "main", "level": "INFO", "level_value": 20000}'
)
TIME_ZONE_RULE = (
    "Offsets in the text are followed; a text without one is read in the zone given, else as UTC with a finding."
)

FORMAT = LogFormat(
    kind="json",
    times=("iso8601",),
    levels=LEVEL_NAMES,
    keys={
        "time": ("@timestamp",),
        "host": ("HOSTNAME", "host"),
        "service": ("service", "app", "logger_name"),
        "level": ("level",),
        "message": ("message",),
    },
    marks=("@timestamp", "@version", "logger_name"),
)
