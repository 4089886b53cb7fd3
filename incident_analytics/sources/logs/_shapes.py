"""Pieces of RE2 expressions that several text formats are made of."""

from __future__ import annotations

from ._engine import ZONE_WORDS

LETTER = "[A-Za-zÀ-ɏ]"
"""A letter of the languages whose months are known; the class of all letters takes long to compile."""

DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
CLOCK = "[0-9]{2}:[0-9]{2}:[0-9]{2}"
FRACTION = "(?:[.,][0-9]+)?"
OFFSET = "(?:Z|[+-][0-9]{2}:?[0-9]{2})"
ISO = f"{DAY}[T ]{CLOCK}{FRACTION}"
"""A date and a time of ISO 8601, with the liberties that loggers take."""

BEGINS_WITH_DAY = rf"^\[?{DAY}[T ][0-9]"
"""How a line begins that means to be an entry, where entries begin with such a time."""

MONTH_AND_DAY = f"[A-Z]{LETTER}+[.]? (?: [0-9]|[0-9][0-9]?)"
"""``Feb  5``; other languages than English have longer months, and dots behind them."""

JAVA_LEVEL = "(?:TRACE|DEBUG|INFO|WARN|ERROR|FATAL)"
PYTHON_LEVEL = "(?:DEBUG|INFO|WARNING|WARN|ERROR|CRITICAL)"

_WORDS = "trace|debug[1-5]?|info|information|notice|warn|warning|err|error|severe|crit|critical|alert|emerg|fatal|panic"
_ZONES = "|".join(sorted(ZONE_WORDS, key=len, reverse=True))

ZONE = f"(?: ?{OFFSET}| (?:{_ZONES})|[A-Z]{{1,5}})?"
"""An offset, the name of a zone behind a blank, or whatever is glued to a clock."""

LEVEL_STEPS = (
    # A level that is set apart is taken off, and kept where it may be a word of a sentence.
    rf"^(?P<head>(?:[\[(<](?P<level>(?i:{_WORDS}))[\])>]:?|(?P<level2>{_WORDS.upper()})|(?P<level3>(?i:{_WORDS})):)"
    r"(?:[ \t:|-]+|[\r\n]|$))",
    # Behind a thread, a process or klog's letter; behind any other word only in capitals: an error may just be spoken of.
    rf"^(?:(?:\[[^\]\n]*\] ?|[0-9]+\] ?|ts=[^ \n]+ )?(?:level=)?(?:(?P<level4>(?i:{_WORDS}))|(?P<level5>[IWEF])[0-9]{{4}})"
    rf"|[^ \[\n]+ +[\[(]?(?P<level6>{_WORDS.upper()}))(?:[^A-Za-z0-9_.-]|$)",
)
"""For lines in no set order: the level behind the time, wherever it is likely to stand."""

LETTERS = {"i": "info", "w": "warning", "e": "error", "f": "fatal", "d": "debug"}
"""Levels that are one letter."""
