"""AWS CloudTrail: who called which interface of AWS, as documents with a list ``Records``.

The message is the name of the call and, where it failed, the error; the service is that of AWS that was called. There
are no levels: a call that was refused may be anything from a probe to an outage.
"""

from __future__ import annotations

from ._engine import LogFormat

NAME = "cloudtrail"
DESCRIPTION = "AWS CloudTrail: documents with Records"
RECOGNISED_BY = "JSON documents with Records, or records with eventTime, eventSource and eventName"
EXAMPLE = (
    '{"Records": [{"eventVersion": "1.08", "eventTime": "2026-01-05T09:00:00Z", "eventSource": '
    '"s3.amazonaws.com", "eventName": "GetObject"}]}'
)
TIME_ZONE_RULE = "Every entry is written in UTC, with Z."

FORMAT = LogFormat(
    kind="json",
    times=("iso8601",),
    levels={},
    keys={
        "time": ("eventTime",),
        "service": ("eventSource",),
        "message": ("eventName+errorCode+errorMessage",),
    },
    marks=("eventTime", "eventSource", "eventName"),
    records=("Records[]",),
)
