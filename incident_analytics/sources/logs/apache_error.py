"""Error logs of the Apache web server, 2.2 and 2.4: the latter adds a module, a process and a fraction."""

from __future__ import annotations

from ._engine import LEVEL_NAMES, LogFormat
from ._shapes import LETTER

NAME = "apache_error"
DESCRIPTION = "Apache error logs, 2.2 and 2.4"
RECOGNISED_BY = "Weekday, date and year in square brackets, then a level in square brackets"
EXAMPLE = (
    "[Mon Jan 05 09:00:00.000000 2026] [core:error] [pid 7:tid 9] [client 192.0.2.7:4711] File does not exist: /otters"
)
TIME_ZONE_RULE = "Times have no zone: read in the zone given, else as UTC with a finding."

_TIME = rf"{LETTER}+[.]? [ 0-9][0-9] [0-9:]{{8}}(?:[.][0-9]+)? [0-9]{{4}}"

FORMAT = LogFormat(
    kind="pattern",
    times=("%b %d %H:%M:%S.%f %Y", "%b %d %H:%M:%S %Y"),
    levels={**LEVEL_NAMES, **{f"trace{n}": "trace" for n in range(1, 9)}},
    patterns=(rf"^(?P<head>\[[^ \]\n]+ (?P<time>{_TIME})\] \[(?:[a-z0-9_]*:)?(?P<level>[a-z0-9]+)\] )",),
    required=("time", "level"),
    begins=rf"^\[[^ \]\n]+ {LETTER}+[.]? [ 0-9][0-9] ",
    continues="any",
    is_service_from_file=True,
)
