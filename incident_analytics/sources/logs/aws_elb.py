"""Access logs of the load balancers of AWS: application load balancers, and classic ones without the type in front."""

from __future__ import annotations

from ._engine import LogFormat

NAME = "aws_elb"
DESCRIPTION = "Access logs of AWS load balancers, application and classic"
RECOGNISED_BY = "Time, load balancer, client, target, three durations, status codes and a quoted request"
EXAMPLE = (
    "http 2026-01-05T09:00:00.186641Z app/otters/50dc6c495c0c9188 192.0.2.7:2817 10.0.0.1:80 0.000 0.001 0.000 "
    '200 200 34 366 "GET http://otters.example:80/ HTTP/1.1" "curl/8.0" - -'
)
TIME_ZONE_RULE = "Times are in UTC and say so."

_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(?:[.][0-9]+)?Z"
_LINE = (
    rf"^(?:[a-z0-9]+ )?(?P<time>{_TIME}) (?P<service>[^ \n]+) [^ \n]+ [^ \n]+ [0-9.-]+ [0-9.-]+ [0-9.-]+ "
    r'(?P<message>(?P<level>[0-9]{3}|-) (?:[0-9]{1,3}|-) [0-9]+ [0-9]+ "(?:[^"\\\n]|\\[^\n])*")(?:[ \r\n]|$)'
)


def _level(status: int) -> str:
    if status >= 500:
        return "error"
    return "warning" if status >= 400 else "info"


FORMAT = LogFormat(
    kind="pattern",
    times=("iso8601",),
    levels={str(status): _level(status) for status in range(100, 600)},
    patterns=(_LINE,),
    required=("time", "service", "message"),
)
