"""W3C extended log format, as IIS and CloudFront write it: a line ``#Fields:`` names the columns below it.

The columns are what the administrator chose, and may change within a file. Without a date among them, entries have a
time of day only.
"""

from __future__ import annotations

from ._engine import LogFormat

NAME = "w3c_extended"
DESCRIPTION = "W3C extended log format of IIS, CloudFront and others"
RECOGNISED_BY = "A line #Fields: that names the columns, and lines with as many values"
EXAMPLE = "#Fields: date time s-ip cs-method cs-uri-stem sc-status\n2026-01-05 09:00:00 192.0.2.1 GET /otters 200"
TIME_ZONE_RULE = "The standard says UTC; a zone given goes before it."


def _level(status: int) -> str:
    if status >= 500:
        return "error"
    return "warning" if status >= 400 else "info"


FORMAT = LogFormat(
    kind="columns",
    times=("iso8601", "%H:%M:%S"),
    levels={str(status): _level(status) for status in range(100, 600)},
    keys={
        "time": ("date time",),
        "host": ("s-computername", "s-ip"),
        "service": ("s-sitename",),
        "level": ("sc-status",),
        "message": ("cs-method cs-uri-stem cs-uri-query sc-status",),
    },
    header="#Fields:",
    comments="^#",
    time_zone="UTC",
    is_service_from_file=True,
)
