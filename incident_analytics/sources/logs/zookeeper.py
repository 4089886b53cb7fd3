"""Server logs of Apache ZooKeeper: log4j with hyphens, and the thread, class and line in square brackets."""

from __future__ import annotations

from ._engine import LEVEL_NAMES, LogFormat
from ._shapes import BEGINS_WITH_DAY, CLOCK, DAY, JAVA_LEVEL

NAME = "zookeeper"
DESCRIPTION = "Apache ZooKeeper"
RECOGNISED_BY = "A time with a comma, a hyphen, a level in capitals, thread and class as [main:Otter@42]"
EXAMPLE = "2026-01-05 09:00:00,437 [myid:1] - INFO  [main:OtterServer@42] - otters awake"
TIME_ZONE_RULE = "Times have no zone: read in the zone given, else as UTC with a finding."

FORMAT = LogFormat(
    kind="pattern",
    times=("iso8601",),
    levels=LEVEL_NAMES,
    patterns=(
        rf"^(?P<head>(?P<time>{DAY} {CLOCK},[0-9]{{3}}) (?:\[myid:[^\]\n]*\] )?- (?P<level>{JAVA_LEVEL}) +)"
        r"(?P<message>\[[^\n]*@[0-9]+\] - [^\n]*)",
    ),
    required=("time", "level", "message"),
    begins=BEGINS_WITH_DAY,
    continues="any",
    is_service_from_file=True,
)
