"""Amazon CloudWatch Logs: events as its commands, its console and its subscriptions hand them out.

- ``aws logs filter-log-events`` and ``get-log-events`` give a document with a list ``events``, a subscription one with
  ``logEvents``, and the console a list of objects with ``@timestamp``.
- To a function, a subscription comes as BASE64 of GZIP of JSON under ``awslogs.data``; its entries have the place of
  the whole document.
- The message is what the program printed; where that is JSON, a level is taken from it.
- The group of streams is the service, the stream the host.
"""

from __future__ import annotations

from ._engine import LEVEL_NAMES, LogFormat

NAME = "cloudwatch"
DESCRIPTION = "Amazon CloudWatch Logs: events, subscriptions and console exports"
RECOGNISED_BY = "JSON with timestamp and message beside an id, eventId or ingestionTime; logEvents; awslogs.data"
EXAMPLE = '{"timestamp": 1767603600250, "message": "otters awake", "ingestionTime": 1767603601000}'
TIME_ZONE_RULE = "Numbers count from 1970 in UTC; the texts of the console have no offset and are in UTC."

FORMAT = LogFormat(
    kind="json",
    times=("epoch", "iso8601"),
    levels=LEVEL_NAMES,
    keys={
        "time": ("timestamp", "@timestamp"),
        "host": ("envelope.host", "logStreamName", "@logStream"),
        "service": ("envelope.service", "@log"),
        "level": ("message.level", "message.severity", "@message.level"),
        "message": ("message", "@message"),
    },
    marks=("timestamp|@timestamp", "message|@message", "id|eventId|ingestionTime|@message"),
    records=("logEvents[]", "events[]"),
    context={"service": "logGroup", "host": "logStream"},
    packed="awslogs.data",
    has_line_end=True,
    time_zone="UTC",
    is_service_from_file=True,
)
