"""JSON lines: one object per line, as common loggers (bunyan, pino, zap, structlog, ECS and others) write it."""

from __future__ import annotations

from ._engine import LEVEL_NAMES, SYSLOG_SEVERITIES, LogFormat

NAME = "json_lines"
DESCRIPTION = "JSON lines, one object per entry, under the keys of common loggers"
RECOGNISED_BY = "One JSON object per line, with a time under one of the usual keys"
EXAMPLE = '{"time": "2026-01-05T09:00:00Z", "level": "info", "msg": "otters awake"}'
TIME_ZONE_RULE = (
    "Offsets in the text are followed and numbers count from 1970 in UTC; a text without an offset is read in the "
    "zone given, else as UTC with a finding."
)

# bunyan and pino count in tens; GELF and journald write the syslog severity.
_NUMBERS = {"10": "trace", "20": "debug", "30": "info", "40": "warning", "50": "error", "60": "fatal"}

FORMAT = LogFormat(
    kind="json",
    times=("iso8601", "epoch"),
    levels={**LEVEL_NAMES, **_NUMBERS, **{str(n): level for n, level in enumerate(SYSLOG_SEVERITIES)}},
    keys={
        "time": ("ts", "time", "timestamp", "@timestamp"),
        "host": ("host.name", "hostname", "host"),
        "service": ("service.name", "service", "name", "logger"),
        "level": ("level", "severity", "log.level"),
        "message": ("msg", "message"),
    },
    is_service_from_file=True,
    is_general=True,
)
