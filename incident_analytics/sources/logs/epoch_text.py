"""Any text whose entries begin with a number of seconds, milli-, micro- or nanoseconds since 1970."""

from __future__ import annotations

from ._engine import LEVEL_NAMES, LogFormat
from ._shapes import LETTERS, LEVEL_STEPS

NAME = "epoch_text"
DESCRIPTION = "Any text that begins with a time as a number since 1970"
RECOGNISED_BY = (
    "A number between 1990 and 2100, in s, ms, µs or ns, at the beginning of lines, where no other format fits"
)
EXAMPLE = "1767603600437 INFO otters awake"
TIME_ZONE_RULE = "Numbers count from 1970 in UTC."

FORMAT = LogFormat(
    kind="pattern",
    times=("epoch",),
    levels={**LEVEL_NAMES, **LETTERS},
    patterns=(r"^(?P<head>[\[(]?(?P<time>[0-9]{9,19}(?:[.][0-9]+)?)[\])]?(?:[ \t:|,;-]+|$))", *LEVEL_STEPS),
    begins=r"^[\[(]?[0-9]{9,19}(?:[.][0-9]+)?[\]) \t:|,;-]",
    is_service_from_file=True,
    is_general=True,
)
