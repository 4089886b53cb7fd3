"""Logs of Apache Hadoop, HDFS, YARN, HBase and Spark: log4j with the class and a colon before the message.

Command-line tools write the year with two digits, as 26/01/05.
"""

from __future__ import annotations

from ._engine import LEVEL_NAMES, LogFormat
from ._shapes import CLOCK, DAY, JAVA_LEVEL

NAME = "hadoop"
DESCRIPTION = "Apache Hadoop, HBase and Spark"
RECOGNISED_BY = "A time, a level in capitals, perhaps a thread, a class with its package and a colon"
EXAMPLE = "2026-01-05 09:00:00,437 INFO [main] org.example.pond.OtterNode: otters awake"
TIME_ZONE_RULE = "Times have no zone: read in the zone given, else as UTC with a finding."

FORMAT = LogFormat(
    kind="pattern",
    times=("iso8601", "%y/%m/%d %H:%M:%S"),
    levels=LEVEL_NAMES,
    patterns=(
        rf"^(?P<head>(?P<time>{DAY} {CLOCK},[0-9]{{3}}|[0-9]{{2}}/[0-9]{{2}}/[0-9]{{2}} {CLOCK}) "
        rf"(?P<level>{JAVA_LEVEL}) +)"
        r"(?P<message>(?:\[[^\]\n]*\] )?(?:[a-z0-9_]+[.])+[A-Z][A-Za-z0-9_$]*: [^\n]*)",
    ),
    required=("time", "level", "message"),
    begins=rf"^(?:{DAY} |[0-9]{{2}}/[0-9]{{2}}/[0-9]{{2}} )[0-9]",
    continues="any",
    is_service_from_file=True,
)
