"""BSD syslog (RFC 3164) as daemons write it to files: with or without a priority, a tag and a process id.

journalctl prints the same, with -o short-precise microseconds.
"""

from __future__ import annotations

from ._engine import SYSLOG_SEVERITIES, LogFormat
from ._shapes import MONTH_AND_DAY

NAME = "syslog_rfc3164"
DESCRIPTION = "BSD syslog (RFC 3164), with or without a priority; journalctl -o short and short-precise"
RECOGNISED_BY = "An optional <priority>, a time such as 'Feb  5 17:32:18', a host, a tag"
EXAMPLE = "<13>Jan  5 09:00:00 web-1 otterd[7]: otters awake"
TIME_ZONE_RULE = (
    "Times have no zone: read in the zone given, else as UTC with a finding. They have no year either: it is the one "
    "given, else follows from the time asked for, the file's name or its date, and a finding says which."
)

# Cisco writes a year between the day and the clock.
_TIME = rf"{MONTH_AND_DAY} [0-9]{{2}}(?:[0-9]{{2}} [0-9]{{2}})?:[0-9]{{2}}:[0-9]{{2}}(?:[.][0-9]+)?"

FORMAT = LogFormat(
    kind="pattern",
    times=("%b %d %H:%M:%S", "%b %d %Y %H:%M:%S", "%b %d %H:%M:%S.%f"),
    levels={str(priority): SYSLOG_SEVERITIES[priority % 8] for priority in range(192)},
    patterns=(
        rf"^(?P<head>(?:<(?P<level>[0-9]{{1,3}})>)?(?P<time>{_TIME}) (?P<host>[^ \n]+) )",
        r"^(?P<head>(?P<service>[^ :\[(]+)(?:\([^)]*\))?(?:\[[^\]]*\])?:(?: |[\r\n]|$))",
    ),
    required=("time", "host"),
    comments="^-- ",
)
