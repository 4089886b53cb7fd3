"""Prometheus Alertmanager: lists of alerts of the API, and webhook payloads, one or many.

An alert says nothing of an incident unless a label ``incident_id`` does. What the vendor does oddly:

- ``endsAt`` of an alert that still fires is no end: the API writes an expiry in the future, the webhook the year
  0001. It is an end when the webhook says resolved, or when it is past at the API's ``updatedAt``.
- the label ``severity`` is the alert's, not the incident's: it is kept, and is never the severity of an incident.
- the webhook repeats an alert for as long as it fires; the repetitions are counted and left out.
- fractions of a second have nine digits; those beyond the microsecond are cut off.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from ...records import Records
from .._contract import VendorDuration
from .._export import Export, Row, first_text, leftover, open_export, renamed, text_of
from .._json import sketch

NAME = "alertmanager"
DESCRIPTION = "Alertmanager alerts: JSON of the API (v1, v2), and webhook payloads, also one per line"
TIME_ZONE_RULE = (
    "Times carry Z or an offset. A time without one is read in the zone you name; otherwise it stays missing."
)
EXAMPLE = '[{"labels": {"alertname": "OtterAsleep"}, "annotations": {}, "startsAt": "2026-01-05T09:00:00Z"}]'
SEVERITIES: tuple[str, ...] = ()
DURATIONS: Mapping[str, VendorDuration] = {}
COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "fingerprint": "source_ref",
        "startsAt": "at",
        "labels.incident_id": "incident_id",
    }
)

_LISTS = ("alerts", "data")
_SERVICES = ("labels.service", "labels.job")
_TEXTS = ("annotations.summary", "annotations.description", "labels.alertname")
_ELSEWHERE = ("incident_id", "severity", "alertname")


def recognises(head: bytes) -> bool:
    """By alerts with labels and ``startsAt``, or by a group of alerts with a receiver."""
    seen = sketch(head, _LISTS)
    is_group = {"receiver", "groupLabels"} <= set(seen.outer) and isinstance(seen.outer.get("alerts"), list)
    return is_group or any(
        isinstance(value.get("labels"), dict)
        and "startsAt" in value
        and ("annotations" in value or "fingerprint" in value)
        for value in seen.records
    )


def read(path: Path, *, time_zone: str | None = None) -> Records:
    """Every alert once as fired, and once as resolved when it says so; no incidents."""
    export = open_export(path, name=NAME, lists=_LISTS, time_zone=time_zone)
    events: dict[str, dict[str, object]] = {}
    for row in export.rows:
        if not isinstance(row.value.get("labels"), dict) or "startsAt" not in row.value:
            export.reject(row.place, row.value, "it has no 'labels' or no 'startsAt'; expected an alert")
            continue
        for event in _events(export, row):
            key = json.dumps(
                [event["source_ref"], event["field"], str(event["at"]), row.value["labels"]], sort_keys=True
            )
            if key in events:
                export.count("repeated_row", "{n} time(s) a file told again of an alert already read")
            events.setdefault(key, event)
    return Records.build(events=events.values(), findings=export.findings)


def _events(export: Export, row: Row) -> list[dict[str, object]]:
    cells = renamed(row.value, COLUMNS, "")
    incident_id = cells["incident_id"]
    said = {
        "incident_id": incident_id,
        "source_ref": cells["source_ref"],
        "service": first_text(row.value, *_SERVICES),
        "text": first_text(row.value, *_TEXTS),
        "is_automatic": True,
        "extra": _beyond(row),
    }
    fired = export.event("alert", export.instant(row, "startsAt", incident_id=incident_id), **said, field="fired")
    ended = _end(export, row, incident_id)
    return [fired] if ended is None else [fired, export.event("alert", ended, **said, field="resolved")]


def _end(export: Export, row: Row, incident_id: str | None) -> dt.datetime | None:
    """When the alert ended; None while it fires."""
    ends = export.instant(row, "endsAt", incident_id=incident_id)
    if ends is None:
        return None
    state = row.value.get("status", row.around.get("status"))
    if isinstance(state, str) and state in ("firing", "resolved"):
        return ends if state == "resolved" else None
    updated = export.instant(row, "updatedAt", incident_id=incident_id)
    return ends if updated is not None and ends <= updated else None


def _beyond(row: Row) -> dict[str, object]:
    """What an alert says beyond our columns: its labels and annotations, its state, who was notified."""
    labels, annotations = row.value["labels"], row.value.get("annotations")
    extra: dict[str, object] = {
        key: text_of(labels[key]) for key in ("alertname", "severity") if text_of(labels.get(key))
    }
    extra |= leftover(labels, _ELSEWHERE, prefix="labels.")
    extra |= leftover(annotations if isinstance(annotations, dict) else {}, (), prefix="annotations.")
    extra |= leftover(row.value, ("fingerprint", "startsAt", "endsAt", "updatedAt", "status"))
    return extra | leftover({"state": _state(row), "receiver": _receiver(row)}, ())


def _state(row: Row) -> str | None:
    """What the API says of an alert: ``suppressed`` is one that a silence or another alert kept quiet."""
    status = row.value.get("status", row.around.get("status"))
    return text_of(status.get("state")) if isinstance(status, dict) else text_of(status)


def _receiver(row: Row) -> str | None:
    receivers = row.value.get("receivers")
    listed = (
        [text_of(part.get("name")) for part in receivers if isinstance(part, dict)]
        if isinstance(receivers, list)
        else []
    )
    return ", ".join(filter(None, listed)) or text_of(row.around.get("receiver"))
