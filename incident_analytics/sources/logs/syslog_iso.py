"""Syslog as rsyslog writes it to files today, and journalctl -o short-iso: the line of RFC 3164 with a time in ISO 8601."""

from __future__ import annotations

from ._engine import SYSLOG_SEVERITIES, LogFormat

NAME = "syslog_iso"
DESCRIPTION = "Syslog files of rsyslog, journalctl -o short-iso: the line of RFC 3164 with an ISO 8601 time"
RECOGNISED_BY = "A time in ISO 8601 with an offset, a host, a tag followed by a colon"
EXAMPLE = "2026-01-05T09:00:00.000000+00:00 web-1 otterd[7]: otters awake"
TIME_ZONE_RULE = "Every entry carries its offset, which is followed."

# Many loggers write a level where syslog has the host; a word in capitals is no host.
_HOST = r"[A-Z-]*[a-z0-9][^ \n]*"
_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:?[0-9]{2})"

FORMAT = LogFormat(
    kind="pattern",
    times=("iso8601",),
    levels={str(priority): SYSLOG_SEVERITIES[priority % 8] for priority in range(192)},
    patterns=(
        rf"^(?P<head>(?:<(?P<level>[0-9]{{1,3}})>)?(?P<time>{_TIME}) (?P<host>{_HOST}) )",
        r"^(?P<head>(?P<service>[^ :\[(]+)(?:\([^)]*\))?(?:\[[^\]]*\])?:(?: |[\r\n]|$))",
    ),
    required=("time", "host", "service"),
    comments="^-- ",
)
