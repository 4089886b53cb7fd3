"""The systemd journal as ``journalctl -o json`` (or ``json-pretty``) writes it.

- The time is microseconds since 1970 as a text, of when the journal received the entry; the level is a syslog severity.
- A message that is not all printable is a list of bytes; it is read as UTF-8 where it is that, and spelled out else.
"""

from __future__ import annotations

from ._engine import SYSLOG_SEVERITIES, LogFormat

NAME = "journald_json"
DESCRIPTION = "systemd journal: JSON of journalctl"
RECOGNISED_BY = "JSON with __REALTIME_TIMESTAMP"
EXAMPLE = (
    '{"__REALTIME_TIMESTAMP": "1767603600250000", "_HOSTNAME": "web-1", "SYSLOG_IDENTIFIER": "otterd", '
    '"PRIORITY": "6", "MESSAGE": "awake"}'
)
TIME_ZONE_RULE = "Numbers count from 1970 in UTC."

FORMAT = LogFormat(
    kind="json",
    times=("epoch",),
    levels={str(severity): level for severity, level in enumerate(SYSLOG_SEVERITIES)},
    keys={
        "time": ("__REALTIME_TIMESTAMP",),
        "host": ("_HOSTNAME",),
        "service": ("SYSLOG_IDENTIFIER", "_SYSTEMD_UNIT", "_COMM"),
        "level": ("PRIORITY",),
        "message": ("MESSAGE",),
    },
    marks=("__REALTIME_TIMESTAMP",),
    has_byte_lists=True,
)
