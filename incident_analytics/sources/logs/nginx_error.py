"""Error logs of nginx: level, process and thread, and the number of the connection in front of the message."""

from __future__ import annotations

from ._engine import LEVEL_NAMES, LogFormat

NAME = "nginx_error"
DESCRIPTION = "nginx error logs"
RECOGNISED_BY = "A date with slashes, a level in square brackets, process and thread as 7#7:"
EXAMPLE = "2026/01/05 09:00:00 [error] 7#7: *42 upstream timed out, client: 192.0.2.7, server: otters.example"
TIME_ZONE_RULE = "Times have no zone: read in the zone given, else as UTC with a finding."

FORMAT = LogFormat(
    kind="pattern",
    times=("%Y/%m/%d %H:%M:%S",),
    levels=LEVEL_NAMES,
    patterns=(r"^(?P<head>(?P<time>[0-9]{4}/[0-9]{2}/[0-9]{2} [0-9:]{8}) \[(?P<level>[a-z]+)\] [0-9]+#[0-9]+: )",),
    required=("time", "level"),
    begins="^[0-9]{4}/[0-9]{2}/[0-9]{2} [0-9]",
    continues="any",
    is_service_from_file=True,
)
