"""Logs of the network monitor Zeek (Bro): columns apart by tabs, named by a line ``#fields``."""

from __future__ import annotations

from ._engine import LogFormat

NAME = "zeek"
DESCRIPTION = "Zeek (Bro) logs, columns apart by tabs"
RECOGNISED_BY = "A line #fields that names the columns, and lines with as many values"
EXAMPLE = "#fields\tts\tuid\tid.orig_h\tproto\n1767603600.000000\tCotter1\t192.0.2.7\ttcp"
TIME_ZONE_RULE = "Times are seconds since 1970 in UTC."

FORMAT = LogFormat(
    kind="columns",
    times=("epoch", "iso8601"),
    levels={},
    keys={"time": ("ts",)},
    header="#fields\t",
    comments="^#",
    is_service_from_file=True,
)
