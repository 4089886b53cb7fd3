"""Kubernetes events: lists as ``kubectl get events -o json`` gives them, and streams of changes as ``--watch`` does.

- An event that repeats is one entry, at the time of its last repetition; how often it was is not kept.
- Times may be null: then ``eventTime`` is taken, and last of all when the event was created.
- The service is the object that the event is about, the host where it was noticed.
"""

from __future__ import annotations

from ._engine import LogFormat

NAME = "kubernetes_events"
DESCRIPTION = "Kubernetes events: lists and watch streams"
RECOGNISED_BY = "JSON with reason and involvedObject or regarding, in items, in object, or by itself"
EXAMPLE = (
    '{"type": "ADDED", "object": {"metadata": {"name": "otters.1"}, "involvedObject": {"name": "otters"}, '
    '"reason": "Pulled", "message": "fish", "type": "Normal", "lastTimestamp": "2026-01-05T09:00:00Z"}}'
)
TIME_ZONE_RULE = "Every entry is written in UTC, with Z."

FORMAT = LogFormat(
    kind="json",
    times=("iso8601",),
    levels={"normal": "info", "warning": "warning"},
    keys={
        "time": (
            "lastTimestamp",
            "series.lastObservedTime",
            "eventTime",
            "deprecatedLastTimestamp",
            "firstTimestamp",
            "metadata.creationTimestamp",
        ),
        "host": ("source.host", "deprecatedSource.host", "reportingInstance"),
        "service": ("involvedObject.name", "regarding.name"),
        "level": ("type",),
        "message": ("reason+message+note",),
    },
    marks=("metadata", "reason", "involvedObject|regarding"),
    records=("items[]", "object"),
)
