"""Any text whose entries begin with a date and a time in the order of ISO 8601, perhaps with a level behind it."""

from __future__ import annotations

from ._engine import LEVEL_NAMES, LogFormat
from ._shapes import LETTERS, LEVEL_STEPS, ZONE

NAME = "plain_text"
DESCRIPTION = "Any text that begins with year, month, day and time, perhaps with a level behind them"
RECOGNISED_BY = "Year, month, day and time at the beginning of lines, where no other format fits"
EXAMPLE = "2026-01-05 09:00:00,437 INFO otters awake"
TIME_ZONE_RULE = (
    "Offsets, UTC, GMT, the zones of North America as in RFC 822 and those of Europe are followed; with any other name or "
    "none, times are read in the zone given, else as UTC with a finding."
)

_DAY = "[0-9]{4}(?:-[0-9]{2}-|/[0-9]{2}/|[.][0-9]{2}[.]|[0-9]{2})[0-9]{2}"
_CLOCK = "[ 0-9]?[0-9](?::[0-9]{2}(?::[0-9]{2})?|[0-9]{4})(?:[.,][0-9]+)?"

FORMAT = LogFormat(
    kind="pattern",
    times=("iso8601",),
    levels={**LEVEL_NAMES, **LETTERS, **{f"debug{n}": "debug" for n in range(1, 6)}},
    patterns=(rf"^(?P<head>[\[(]?(?P<time>{_DAY}[T ._:-]{_CLOCK}{ZONE})[\])]?(?:[ \t:|,;-]+|$))", *LEVEL_STEPS),
    begins=rf"^[\[(]?{_DAY}[T ._:-][ 0-9]?[0-9]:?[0-9]{{2}}",
    continues="any",
    is_service_from_file=True,
    is_general=True,
)
