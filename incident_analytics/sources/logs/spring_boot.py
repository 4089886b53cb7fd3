"""The console and file layout of Spring Boot: time, level, process, three hyphens, thread, logger, message."""

from __future__ import annotations

from ._engine import LEVEL_NAMES, LogFormat
from ._shapes import BEGINS_WITH_DAY, ISO, JAVA_LEVEL, OFFSET

NAME = "spring_boot"
DESCRIPTION = "Spring Boot's own layout"
RECOGNISED_BY = "A time, a level in capitals, a process and three hyphens, threads in square brackets"
EXAMPLE = "2026-01-05T09:00:00.437Z  INFO 7 --- [pond] [main] org.example.Otter  : otters awake"
TIME_ZONE_RULE = (
    "An offset is followed; a time without one, as older versions write it, is read in the zone given, else as UTC with "
    "a finding."
)

FORMAT = LogFormat(
    kind="pattern",
    times=("iso8601",),
    levels=LEVEL_NAMES,
    patterns=(rf"^(?P<head>(?P<time>{ISO}{OFFSET}?) +(?P<level>{JAVA_LEVEL}) (?:[^ \n]+ )?--- )(?P<message>\[[^\n]*)",),
    required=("time", "level", "message"),
    begins=BEGINS_WITH_DAY,
    continues="any",
    is_service_from_file=True,
)
