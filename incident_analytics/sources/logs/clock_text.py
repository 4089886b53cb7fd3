"""Any text whose entries begin with a time of day, perhaps with a level behind it."""

from __future__ import annotations

from ._engine import LEVEL_NAMES, LogFormat
from ._shapes import LETTERS, LEVEL_STEPS

NAME = "clock_text"
DESCRIPTION = "Any text that begins with a time of day, without a date"
RECOGNISED_BY = "A time of day at the beginning of lines, where no other format fits"
EXAMPLE = "09:00:00.437 INFO otters awake"
TIME_ZONE_RULE = (
    "Times have no zone: read in the zone given, else as UTC with a finding. Their day is that of the file's name, else "
    "of the time asked for, else of the file's date, and goes on over midnight; a finding says which."
)

FORMAT = LogFormat(
    kind="pattern",
    times=("%H:%M:%S.%f", "%H:%M:%S"),
    levels={**LEVEL_NAMES, **LETTERS},
    patterns=(
        r"^(?P<head>[\[(]?(?P<time>[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]+)?)[\])]?(?:[ \t:|,;-]+|$))",
        *LEVEL_STEPS,
    ),
    begins=r"^[\[(]?[0-9]{2}:[0-9]{2}:[0-9]{2}",
    continues="any",
    is_service_from_file=True,
    is_general=True,
)
