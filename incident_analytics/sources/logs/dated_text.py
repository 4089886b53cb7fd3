"""Any text whose entries begin with a date that has the month as a word, in English or another language of Europe."""

from __future__ import annotations

from ._engine import LEVEL_NAMES, LogFormat
from ._shapes import LETTER, LETTERS, LEVEL_STEPS, ZONE

NAME = "dated_text"
DESCRIPTION = "Any text that begins with a date that has its month as a word, in one of seven languages"
RECOGNISED_BY = "Day, month as a word and time at the beginning of lines, where no other format fits"
EXAMPLE = "Mon Jan  5 09:00:00 UTC 2026 otters awake"
TIME_ZONE_RULE = (
    "Offsets, UTC, GMT, the zones of North America as in RFC 822 and those of Europe are followed; with any other name or "
    "none, times are read in the zone given, else as UTC with a finding. A missing year is worked out, and said."
)

_CLOCK = "[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?: [AP]M)?"
_DAY_FIRST = rf"[0-9]{{1,2}}(?:[.]|er|º|ª)?[ /-]?(?:de )?{LETTER}+[.]?[ /-](?:de )?[0-9]{{4}}[ :,T]+"
_MONTH_FIRST = rf"{LETTER}+[.]? +[0-9]{{1,2}},? (?:[0-9]{{4}},? )?"

FORMAT = LogFormat(
    kind="pattern",
    times=("dated",),
    levels={**LEVEL_NAMES, **LETTERS},
    patterns=(
        # Redis writes its process and role before the date, others the day of the week.
        rf"^(?P<head>[\[(]?(?:[0-9]+:[A-Z] )?(?:{LETTER}+[.]?,? )?(?P<time>(?:{_DAY_FIRST}|{_MONTH_FIRST}){_CLOCK}{ZONE}"
        r"(?: [0-9]{4})?)[\])]?(?:[ \t:|,;*#-]+|$))",
        *LEVEL_STEPS,
    ),
    begins=rf"^[\[(]?(?:[0-9]+:[A-Z] )?(?:{LETTER}+[.]?,? )?(?:{_DAY_FIRST}|{_MONTH_FIRST})[0-9]{{1,2}}:",
    continues="any",
    is_service_from_file=True,
    is_general=True,
)
