"""The log package of Go: a date with slashes, perhaps microseconds, perhaps file and line, and the text."""

from __future__ import annotations

from ._engine import LEVEL_NAMES, LogFormat
from ._shapes import LETTERS, LEVEL_STEPS

NAME = "go_log"
DESCRIPTION = "Go's standard log package"
RECOGNISED_BY = "A date with slashes and a time; what follows is free text"
EXAMPLE = "2026/01/05 09:00:00 pond.go:42: otters awake"
TIME_ZONE_RULE = "Times have no zone: read in the zone given, else as UTC with a finding."

FORMAT = LogFormat(
    kind="pattern",
    times=("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M:%S.%f"),
    levels={**LEVEL_NAMES, **LETTERS},
    patterns=(
        "^(?P<head>(?P<time>[0-9]{4}/[0-9]{2}/[0-9]{2} [0-9:]{8}(?:[.][0-9]{6})?) )",
        *LEVEL_STEPS,
    ),
    begins="^[0-9]{4}/[0-9]{2}/[0-9]{2} [0-9]",
    continues="any",
    is_service_from_file=True,
)
