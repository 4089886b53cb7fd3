"""HAProxy over syslog or by itself: HTTP and TCP requests, and what it says about its servers.

A request stands in the log when it ended, under the time at which it began: that is what ``at`` is. Sentences such as
"Server ponds/otter-1 is DOWN" have the time of syslog only.
"""

from __future__ import annotations

from ._engine import SYSLOG_SEVERITIES, LogFormat
from ._shapes import CLOCK, DAY, FRACTION, MONTH_AND_DAY, OFFSET

NAME = "haproxy"
DESCRIPTION = "HAProxy, HTTP and TCP log format, over syslog or by itself"
RECOGNISED_BY = "The tag haproxy of syslog, or a client, a time in square brackets, frontend, server and timers"
EXAMPLE = (
    "Jan  5 09:00:01 lb-1 haproxy[7]: 192.0.2.7:4711 [05/Jan/2026:09:00:00.123] web ponds/otter-1 0/0/1/3/4 200 512 - - "
    '---- 1/1/0/0/0 0/0 "GET /otters HTTP/1.1"'
)
TIME_ZONE_RULE = (
    "Times of requests have no zone: read in the zone given, else as UTC with a finding. Those of syslog alone have no "
    "year either; a finding says where it was taken from."
)

_SYSLOG = f"(?:{MONTH_AND_DAY} {CLOCK}|{DAY}T{CLOCK}{FRACTION}{OFFSET})"
_ACCEPTED = r"[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9:]{8}[.][0-9]{3}"


def _level(status: int) -> str:
    if status >= 500:
        return "error"
    return "warning" if status >= 400 else "info"


FORMAT = LogFormat(
    kind="pattern",
    times=("%d/%b/%Y:%H:%M:%S.%f", "iso8601", "%b %d %H:%M:%S"),
    # The priority of syslog has angle brackets; -1 stands for a request that got no answer.
    levels={
        **{f"<{priority}>": SYSLOG_SEVERITIES[priority % 8] for priority in range(192)},
        **{str(status): _level(status) for status in range(100, 600)},
        "-1": "error",
    },
    patterns=(
        rf"^(?P<head>(?P<level2><[0-9]{{1,3}}>)?(?P<time2>{_SYSLOG}) (?P<host>[^ \n]+) )",
        r"^(?P<head>(?P<service>haproxy[^ :\[\n]*)(?:\[[0-9]+\])?: )",
        rf"^(?P<head>[^ \n]+:[0-9]+ \[(?P<time>{_ACCEPTED})\] )",
        # Frontend, server and timers. HTTP has a status behind them. Without syslog the frontend is all that has a name.
        r"^(?P<service2>[^ \n]+) [^ \n]+/[^ \n]+ [0-9+/-]+ (?:(?P<level>[0-9]{3}|-1) [0-9+]+ [^ \n]+ [^ \n]+ )?",
    ),
    required=("time", "service"),
)
