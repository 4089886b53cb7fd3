"""The usual layouts of log4j, log4j 2, logback and WildFly: time, thread and level in either order, logger, message.

Thread and logger stay part of the message where they stand behind the level. The default of logback has no date.
"""

from __future__ import annotations

from ._engine import LEVEL_NAMES, LogFormat
from ._shapes import CLOCK, DAY, FRACTION, JAVA_LEVEL, OFFSET

NAME = "log4j"
DESCRIPTION = "log4j, log4j 2, logback and WildFly in their usual layouts"
RECOGNISED_BY = "A time, a level in capitals with a thread before or behind it, a logger, a hyphen or colon"
EXAMPLE = "2026-01-05 09:00:00.437 [main] INFO  org.example.pond.Otter - otters awake"
TIME_ZONE_RULE = (
    "An offset is followed; a time without one is read in the zone given, else as UTC with a finding. Times without a "
    "date are of the day that the file's name, the time asked for or the file's date says; a finding says which."
)

_LOGGER = r"[^ \[(\n]+ +(?:\([^)\n]*\) +)?[-:] "

FORMAT = LogFormat(
    kind="pattern",
    times=("iso8601", "%H:%M:%S.%f", "%H:%M:%S,%f", "%H:%M:%S"),
    levels=LEVEL_NAMES,
    patterns=(
        rf"^(?P<head>(?P<time>(?:{DAY}[T ])?{CLOCK}{FRACTION}(?: ?{OFFSET})?) +(?:\[[^\]\n]*\] +)?(?P<level>{JAVA_LEVEL}) +)"
        rf"(?P<message>(?:\[[^\]\n]*\] +(?:\([^)\n]*\) |{_LOGGER})|{_LOGGER})[^\n]*)",
    ),
    required=("time", "level", "message"),
    begins=rf"^(?:{DAY}[T ])?[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}",
    continues="any",
    is_service_from_file=True,
)
