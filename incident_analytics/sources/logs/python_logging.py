"""Python's logging in the orders that people give it, and those of Django, Celery and gunicorn.

The default of ``logging.basicConfig`` has no time, and lines without one are no entries.
"""

from __future__ import annotations

from ._engine import LEVEL_NAMES, LogFormat
from ._shapes import CLOCK, DAY, PYTHON_LEVEL

NAME = "python_logging"
DESCRIPTION = "Python's logging in its usual orders, Django, Celery, gunicorn"
RECOGNISED_BY = "A time with a comma, and one of Python's levels apart by hyphens, colons or square brackets"
EXAMPLE = "2026-01-05 09:00:00,437 - otters.pond - INFO - otters awake"
TIME_ZONE_RULE = "Times have no zone: read in the zone given, else as UTC with a finding. gunicorn writes an offset, which is followed."

_NAME = "[A-Za-z_][A-Za-z0-9_.]*"

FORMAT = LogFormat(
    kind="pattern",
    times=("iso8601",),
    levels=LEVEL_NAMES,
    patterns=(
        rf"^(?P<head>(?:(?P<level2>{PYTHON_LEVEL})[ :]+)?\[?(?P<time>{DAY} {CLOCK}(?:,[0-9]{{3}})?(?: [+-][0-9]{{4}})?))",
        # Behind the time: "- name - LEVEL -", ":LEVEL:", "[LEVEL]", "] [7] [LEVEL]", ": LEVEL/process]", or "LEVEL name:".
        rf"^(?P<head>(?: - (?:{_NAME} - )?|:|(?: |\] \[[0-9]+\] )\[|: )(?P<level>{PYTHON_LEVEL})(?: - |:|\] ?|/[^\]\n]*\] )| )",
        rf"^(?P<head>(?P<level3>{PYTHON_LEVEL}) +)[a-z_][a-z0-9_.]*(?::[0-9]+)?: ",
    ),
    required=("time", "level"),
    begins=rf"^(?:{PYTHON_LEVEL}[ :]+)?\[?{DAY} [0-9]",
    continues="any",
    is_service_from_file=True,
)
