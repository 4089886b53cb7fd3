"""What journalctl prints with -o short-full and -o short-unix; short, short-precise and short-iso are syslog files."""

from __future__ import annotations

from ._engine import LogFormat
from ._shapes import CLOCK, DAY, LETTER, OFFSET

NAME = "journal_text"
DESCRIPTION = "journalctl -o short-full and -o short-unix"
RECOGNISED_BY = "Weekday, date, time and zone, or seconds since 1970; then a host and a tag with a colon"
EXAMPLE = "Mon 2026-01-05 09:00:00 UTC web-1 otterd[7]: otters awake"
TIME_ZONE_RULE = (
    "Offsets, UTC, the zones of North America as in RFC 822 and those of Europe are followed; with any other name, times "
    "are read in the zone given, else as UTC, with a finding that says the name."
)

_TIME = rf"{DAY} {CLOCK}(?:[.][0-9]{{6}})? (?:[A-Z]{{1,5}}|{OFFSET}|[+-][0-9]{{2}})"

FORMAT = LogFormat(
    kind="pattern",
    times=("iso8601", "epoch"),
    levels={},
    patterns=(
        rf"^(?P<head>(?:{LETTER}+[.]? (?P<time>{_TIME})|(?P<time2>[0-9]{{10}}[.][0-9]{{6}})) (?P<host>[^ \n]+) )",
        r"^(?P<head>(?P<service>[^ :\[(]+)(?:\([^)]*\))?(?:\[[^\]]*\])?:(?: |[\r\n]|$))",
    ),
    required=("time", "host", "service"),
    comments="^-- ",
)
