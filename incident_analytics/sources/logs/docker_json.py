"""Docker's json-file: what containers print, one object per line with ``log``, ``stream`` and ``time``.

- The text ends in a line end; one longer than 16 kB is split, and all its pieces but the last have none. Pieces are
  put together, each stream by itself, and are counted as parts of their entry.
- The text may be JSON itself. It stays the message as it is; a level is taken from it, the time is Docker's.
- Which container it was only the file's name says.
"""

from __future__ import annotations

from ._engine import LEVEL_NAMES, LogFormat

NAME = "docker_json"
DESCRIPTION = "Docker json-file: lines that containers print"
RECOGNISED_BY = "JSON lines with log, stream and time"
EXAMPLE = '{"log": "otters awake\\n", "stream": "stdout", "time": "2026-01-05T09:00:00.250000000Z"}'
TIME_ZONE_RULE = "Every entry is written in UTC, with Z."

FORMAT = LogFormat(
    kind="json",
    times=("iso8601",),
    levels=LEVEL_NAMES,
    keys={
        "time": ("time",),
        "service": ("attrs.tag", "log.service"),
        "level": ("log.level", "log.severity", "log.lvl"),
        "message": ("log",),
    },
    marks=("log", "stream", "time"),
    has_line_end=True,
    joins="docker",
    is_service_from_file=True,
)
