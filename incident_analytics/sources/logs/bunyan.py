"""Bunyan, a logger of Node.js: JSON lines with a numeric level and a version ``v``.

Levels count in tens; a program may use numbers of its own between them, which are on no scale of ours. What a program
prints beside its logger stands between the lines and is rejected.
"""

from __future__ import annotations

from ._engine import LogFormat

NAME = "bunyan"
DESCRIPTION = "Bunyan (Node.js): JSON lines with numeric levels"
RECOGNISED_BY = "JSON lines with name, hostname, pid, level, time and a version v"
EXAMPLE = (
    '{"name": "otters", "hostname": "web-1", "pid": 7, "level": 30, "msg": "awake", "time": '
    '"2026-01-05T09:00:00Z", "v": 0}'
)
TIME_ZONE_RULE = "Every entry is written in UTC, with Z."

FORMAT = LogFormat(
    kind="json",
    times=("iso8601",),
    levels={"10": "trace", "20": "debug", "30": "info", "40": "warning", "50": "error", "60": "fatal"},
    keys={
        "time": ("time",),
        "host": ("hostname",),
        "service": ("name",),
        "level": ("level",),
        "message": ("msg",),
    },
    marks=("name", "hostname", "pid", "level", "time", "v"),
)
