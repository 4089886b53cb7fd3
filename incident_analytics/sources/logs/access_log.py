"""Access logs of Apache and nginx: the common log format and, with referrer and user agent, the combined one."""

from __future__ import annotations

from ._engine import LogFormat

NAME = "access_log"
DESCRIPTION = "Apache and nginx access logs, common and combined format"
RECOGNISED_BY = "Client, time in square brackets, quoted request, status and size"
EXAMPLE = '192.0.2.7 - - [05/Jan/2026:09:00:00 +0000] "GET /otters HTTP/1.1" 200 2326'
TIME_ZONE_RULE = "Every entry carries its offset, which is followed."

# The request may hold quotes written as \" and, when a client sent garbage, nothing but a dash. What stands after
# the size (referrer, user agent, fields that a site added) is no part of the message.
_LINE = (
    r"^[^ ]+ [^ ]+ [^\[\n]+\[(?P<time>[0-9]{1,2}/[A-Za-z]{3}/[0-9:]{13} [+-][0-9]{4})\] "
    r'(?P<message>"(?:[^"\\\n]|\\[^\n])*" (?P<level>[0-9]{3}) (?:[0-9]+|-))(?:[ \r\n]|$)'
)


def _level(status: int) -> str:
    """A server's fault is an error, a request that was refused a warning, everything else normal."""
    if status >= 500:
        return "error"
    return "warning" if status >= 400 else "info"


FORMAT = LogFormat(
    kind="pattern",
    times=("%d/%b/%Y:%H:%M:%S %z",),
    levels={str(status): _level(status) for status in range(100, 600)},
    patterns=(_LINE,),
    is_service_from_file=True,
)
