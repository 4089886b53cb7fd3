"""MySQL's error log as its component ``log_sink_json`` writes it: JSON lines with ``err_code`` and ``label``."""

from __future__ import annotations

from ._engine import LEVEL_NAMES, LogFormat

NAME = "mysql_json"
DESCRIPTION = "MySQL: error log as JSON"
RECOGNISED_BY = "JSON lines with time, err_code, label and msg"
EXAMPLE = (
    '{"prio": 3, "err_code": 10910, "msg": "otters awake", "time": "2026-01-05T09:00:00.250000Z", "label": '
    '"Note", "subsystem": "Server"}'
)
TIME_ZONE_RULE = (
    "Offsets in the text are followed; a text without one is read in the zone given, else as UTC with a finding."
)

FORMAT = LogFormat(
    kind="json",
    times=("iso8601",),
    levels={**LEVEL_NAMES, "system": "info", "note": "info"},
    keys={
        "time": ("time",),
        "service": ("subsystem",),
        "level": ("label",),
        "message": ("msg",),
    },
    marks=("time", "err_code", "label", "msg"),
    is_service_from_file=True,
)
