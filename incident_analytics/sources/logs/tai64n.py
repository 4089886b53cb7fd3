"""Lines that multilog, s6-log or svlogd stamped with a TAI64N label."""

from __future__ import annotations

from ._engine import LEVEL_NAMES, LogFormat
from ._shapes import LETTERS, LEVEL_STEPS

NAME = "tai64n"
DESCRIPTION = "TAI64N labels of multilog, s6-log and svlogd"
RECOGNISED_BY = "An @ and 24 hexadecimal digits"
EXAMPLE = "@40000000695b7db535a4e900 otters awake"
TIME_ZONE_RULE = (
    "Labels count seconds of atomic time, which was 37 s ahead of UTC since 2017. A logger that knows no leap seconds "
    "(multilog, svlogd) adds 10 s only: its times come out 27 s early, and need a shift."
)

FORMAT = LogFormat(
    kind="pattern",
    times=("tai64n",),
    levels={**LEVEL_NAMES, **LETTERS},
    patterns=("^(?P<head>(?P<time>@[0-9a-f]{24}) )", *LEVEL_STEPS),
    begins="^@4[0-9a-f]",
    is_service_from_file=True,
)
