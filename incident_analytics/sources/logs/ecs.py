"""Elastic Common Schema: JSON lines with ``@timestamp`` and ``ecs.version``.

Keys are written with dots or as objects inside each other, and both in one line: ``log.level`` may stand beside an
object ``log``. The spelling with dots goes first.
"""

from __future__ import annotations

from ._engine import LEVEL_NAMES, LogFormat

NAME = "ecs"
DESCRIPTION = "Elastic Common Schema (ECS): JSON lines"
RECOGNISED_BY = "JSON lines with @timestamp and ecs.version"
EXAMPLE = (
    '{"@timestamp": "2026-01-05T09:00:00Z", "log.level": "info", "message": "otters awake", "ecs.version": "1.6.0"}'
)
TIME_ZONE_RULE = (
    "Offsets in the text are followed; a text without one is read in the zone given, else as UTC with a finding."
)

FORMAT = LogFormat(
    kind="json",
    times=("iso8601",),
    levels=LEVEL_NAMES,
    keys={
        "time": ("@timestamp",),
        "host": ("host.name", "host.hostname"),
        "service": ("service.name", "event.dataset", "log.logger"),
        "level": ("log.level",),
        "message": ("message",),
    },
    marks=("@timestamp", "ecs.version"),
    is_service_from_file=True,
)
