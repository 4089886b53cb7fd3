"""OpenTelemetry logs as OTLP JSON: a document with ``resourceLogs``, or one on each line.

- Times are nanoseconds since 1970 as texts; where an event's own is not known, that of its observation is taken.
- The level is ``severityNumber``, 1 to 24, four to a level; ``severityText``, which is what the program called it and
  may say something else, only where there is no number.
- A body that is no text, number or truth value stays as it is written.
- Service and host are attributes of the resource, which has to stand before its records, as exporters write it.
"""

from __future__ import annotations

from ._engine import LEVEL_NAMES, LogFormat

NAME = "otlp_json"
DESCRIPTION = "OpenTelemetry (OTLP): log records as JSON"
RECOGNISED_BY = "JSON documents with resourceLogs, or records with timeUnixNano"
EXAMPLE = (
    '{"resourceLogs": [{"scopeLogs": [{"logRecords": [{"timeUnixNano": "1767603600250000000", '
    '"severityNumber": 9, "body": {"stringValue": "otters awake"}}]}]}]}'
)
TIME_ZONE_RULE = "Numbers count from 1970 in UTC."

_RANGES = ("trace", "debug", "info", "warning", "error", "fatal")
_NUMBERS = {str(number): _RANGES[(number - 1) // 4] for number in range(1, 25)}

FORMAT = LogFormat(
    kind="json",
    times=("epoch",),
    levels={**LEVEL_NAMES, **_NUMBERS},
    keys={
        "time": ("timeUnixNano", "observedTimeUnixNano"),
        "host": ("envelope.host",),
        "service": ("envelope.service",),
        "level": ("severityNumber", "severityText"),
        "message": (
            "body.stringValue",
            "body.intValue",
            "body.doubleValue",
            "body.boolValue",
            "body.kvlistValue",
            "body.arrayValue",
            "body.bytesValue",
            "eventName",
        ),
    },
    marks=("timeUnixNano|observedTimeUnixNano",),
    records=("resourceLogs[].scopeLogs[].logRecords[]", "resourceLogs[].instrumentationLibraryLogs[].logRecords[]"),
    context={"service": "resource.attributes[service.name]", "host": "resource.attributes[host.name]"},
    is_service_from_file=True,
)
