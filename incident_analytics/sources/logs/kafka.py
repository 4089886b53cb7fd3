"""Server logs of Apache Kafka: log4j with the time in square brackets, the logger in parentheses at the end."""

from __future__ import annotations

from ._engine import LEVEL_NAMES, LogFormat
from ._shapes import BEGINS_WITH_DAY, CLOCK, DAY, JAVA_LEVEL

NAME = "kafka"
DESCRIPTION = "Apache Kafka, and others with its layout: [time] LEVEL message (logger)"
RECOGNISED_BY = "A time with a comma in square brackets, then a level in capitals"
EXAMPLE = "[2026-01-05 09:00:00,437] INFO [Otter 0]: starting up (pond.controller.OtterController)"
TIME_ZONE_RULE = "Times have no zone: read in the zone given, else as UTC with a finding."

FORMAT = LogFormat(
    kind="pattern",
    times=("iso8601",),
    levels=LEVEL_NAMES,
    patterns=(rf"^(?P<head>\[(?P<time>{DAY} {CLOCK},[0-9]{{3}})\] (?P<level>{JAVA_LEVEL}) )",),
    required=("time", "level"),
    begins=BEGINS_WITH_DAY,
    continues="any",
    is_service_from_file=True,
)
