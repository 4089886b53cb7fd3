"""JSON lines of no particular logger: one object per line (or a list of them) with a time under one of the usual keys.

Words are levels, numbers are not: which end of a scale is the bad one, and where it begins, differs from logger to
logger, so the loggers whose numbers are known have formats of their own.
"""

from __future__ import annotations

from ._engine import LEVEL_NAMES, LogFormat

NAME = "json_lines"
DESCRIPTION = "JSON lines, one object per entry, under the keys of common loggers"
RECOGNISED_BY = "One JSON object per line, with a time under one of the usual keys"
EXAMPLE = '{"time": "2026-01-05T09:00:00Z", "level": "info", "msg": "otters awake"}'
TIME_ZONE_RULE = (
    "Offsets in the text are followed and numbers count from 1970 in UTC; a text without an offset is read in the "
    "zone given, else as UTC with a finding."
)

FORMAT = LogFormat(
    kind="json",
    times=("iso8601", "epoch"),
    levels=LEVEL_NAMES,
    keys={
        "time": ("ts", "time", "timestamp", "@timestamp"),
        "host": ("host.name", "hostname", "host"),
        "service": ("service.name", "service", "name", "logger"),
        "level": ("level", "severity", "log.level", "lvl", "@fields.lvl"),
        "message": ("msg", "message", "event", "@fields.msg"),
    },
    is_service_from_file=True,
    is_general=True,
)
