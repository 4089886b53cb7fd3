"""Error logs of MySQL and MariaDB: since 5.7 with a time in ISO 8601, before that as 260105  9:00:00."""

from __future__ import annotations

from ._engine import LEVEL_NAMES, LogFormat

NAME = "mysql_error"
DESCRIPTION = "MySQL and MariaDB error logs"
RECOGNISED_BY = "A time, perhaps a thread, and one of [System], [Note], [Warning], [ERROR]"
EXAMPLE = "2026-01-05T09:00:00.437000Z 0 [System] [MY-010931] [Server] ready for connections"
TIME_ZONE_RULE = (
    "An offset is followed (UTC is the default since 5.7); a time without one is read in the zone given, else as UTC with "
    "a finding."
)

_TIME = (
    r"(?:[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]|[0-9]{6} ) ?[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:[.][0-9]+)?"
    r"(?:Z|[+-][0-9]{2}:[0-9]{2})?"
)

FORMAT = LogFormat(
    kind="pattern",
    times=("iso8601", "%Y-%m-%d %H:%M:%S", "%y%m%d %H:%M:%S"),
    levels={**LEVEL_NAMES, "system": "notice", "note": "info"},
    patterns=(
        rf"^(?P<head>(?P<time>{_TIME}) +(?:[0-9]+ )?)"
        r"(?P<message>(?:\[(?P<level>System|Note|Warning|ERROR|Error)\]|mysqld_safe|InnoDB:) ?[^\n]*)",
    ),
    required=("time", "message"),
    begins=r"^(?:[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]|[0-9]{6} ) ?[0-9]{1,2}:[0-9]{2}",
    continues="any",
    is_service_from_file=True,
)
