"""GELF, the Graylog Extended Log Format: JSON with ``version``, ``host`` and ``short_message``.

The level is a syslog severity. What a ``full_message`` says beyond the short one is no
part of the message. The time may be left out, as that of arrival is meant then; such an entry is rejected.
"""

from __future__ import annotations

from ._engine import SYSLOG_SEVERITIES, LogFormat

NAME = "gelf"
DESCRIPTION = "GELF, the Graylog Extended Log Format"
RECOGNISED_BY = "JSON lines with version, host and short_message"
EXAMPLE = '{"version": "1.1", "host": "web-1", "short_message": "otters awake", "timestamp": 1767603600.25, "level": 6}'
TIME_ZONE_RULE = "Numbers count from 1970 in UTC."

FORMAT = LogFormat(
    kind="json",
    times=("epoch",),
    levels={str(severity): level for severity, level in enumerate(SYSLOG_SEVERITIES)},
    keys={
        "time": ("timestamp",),
        "host": ("host",),
        "service": ("_service", "_application", "_app", "facility", "_facility"),
        "level": ("level",),
        "message": ("short_message", "full_message"),
    },
    marks=("version", "host", "short_message"),
    is_service_from_file=True,
)
