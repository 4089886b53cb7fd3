"""logfmt: pairs of keys and values in a row, as Go services (logrus, go-kit, slog), Grafana and Heroku write it."""

from __future__ import annotations

from ._engine import LEVEL_NAMES, LogFormat

NAME = "logfmt"
DESCRIPTION = "logfmt: key=value pairs, under the keys of common loggers"
RECOGNISED_BY = "Pairs such as level=info, in any order, one of them a time"
EXAMPLE = 'time="2026-01-05T09:00:00Z" level=info msg="otters awake" service=pond'
TIME_ZONE_RULE = (
    "Offsets in the text are followed and numbers count from 1970 in UTC; a text without an offset is read in the "
    "zone given, else as UTC with a finding."
)

FORMAT = LogFormat(
    kind="logfmt",
    times=("iso8601", "epoch"),
    levels=LEVEL_NAMES,
    keys={
        "time": ("time", "ts", "timestamp", "@timestamp", "t", "datetime"),
        "host": ("host", "hostname"),
        "service": ("service", "app", "logger"),
        "level": ("level", "lvl", "severity"),
        "message": ("msg", "message"),
    },
    begins=r"^(?:time|ts|timestamp|level)=",
    is_service_from_file=True,
)
