"""AWS Health: events as EventBridge delivers them, and as ``describe-events`` lists them, with their details.

What the vendor does oddly:

- one event is told again whenever it changes, under the same ARN: the latest telling counts, and each is an update.
- times inside the detail are RFC 1123, and examples have the day of the week of another date; those of the lists are
  ISO 8601 or seconds since 1970.
- ``startTime`` and ``endTime`` of a scheduled change are the plan.
- an account notification says of no incident.
- who is affected stands in ``affectedEntities``, which may be masked or left out; it is kept.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ...records import Records
from .._aws_envelope import Delivered, aws_instant, delivered, event_of, message_of
from .._contract import VendorDuration
from .._export import Export, Row, first_text, leftover, open_export, text_of
from .._json import sketch

NAME = "aws_health"
DESCRIPTION = (
    "AWS Health events: JSON of EventBridge (also through SNS), of describe-events and of describe-event-details"
)
TIME_ZONE_RULE = (
    "Times carry GMT, Z or an offset, or are seconds since 1970. A time without a zone is read in the zone you name; "
    "otherwise it stays missing."
)
EXAMPLE = '{"detail-type": "AWS Health Event", "time": "2026-01-05T09:00:00Z", "detail": {"eventArn": "arn:1"}}'
SEVERITIES: tuple[str, ...] = ()
DURATIONS: Mapping[str, VendorDuration] = {}
COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "detail.eventArn": "incident_id",
        "events.arn": "incident_id",
        "detail.eventTypeCode": "title",
        "detail.service": "service",
        "detail.eventTypeCategory": "kind",
        "detail.statusCode": "status",
        "detail.startTime": "impact_start",
        "detail.endTime": "impact_end",
        "detail.lastUpdatedTime": "recorded_at",
        "detail.eventDescription.latestDescription": "text",
        "time": "at",
    }
)

ORGANISATION = "Amazon Web Services"
CHANNEL = "AWS Health"
_LISTS = ("events", "successfulSet", "failedSet", "Records")
_TYPES = "AWS Health"
_KINDS = {"issue": "incident", "investigation": "incident", "scheduledChange": "maintenance"}
_STATUS = {"open": "open", "upcoming": "open", "closed": "resolved"}
_TAKEN = (
    "eventArn",
    "arn",
    "service",
    "eventTypeCode",
    "statusCode",
    "startTime",
    "endTime",
    "eventDescription",
    "affectedEntities",
)
_FIRST = dt.datetime.min.replace(tzinfo=dt.UTC)


def recognises(head: bytes) -> bool:
    """By the detail type ``AWS Health Event`` and its like, or by records with ``eventTypeCode`` and its category."""
    return any(_is_health(value) for value in sketch(head, _LISTS).records)


def read(path: Path, *, time_zone: str | None = None) -> Records:
    """One incident per ARN with what it was last said to be, and every telling as an update."""
    export = open_export(path, name=NAME, lists=_LISTS, time_zone=time_zone)
    tellings: dict[str, list[_Telling]] = {}
    for each in delivered(export):
        value = each.row.value
        event = value.get("event") if isinstance(value.get("event"), dict) else value
        arn = first_text(event, "eventArn", "arn")
        if arn is None or not isinstance(event, dict):
            export.reject(each.row.place, value, "it has no 'eventArn' and no 'arn'; expected an event of AWS Health")
            continue
        row = Row(each.row.place, {**event, **_beside(value)}, each.row.around)
        told_at = aws_instant(export, each.said_at, "time", incident_id=arn)
        updated = aws_instant(export, row, "lastUpdatedTime", incident_id=arn)
        tellings.setdefault(arn, []).append(_Telling(row, each, told_at or updated, updated))
    told = _Told(export)
    for arn, listed in tellings.items():
        told.incident(arn, sorted(listed, key=lambda telling: telling.at or _FIRST))
    return Records.build(incidents=told.incidents, events=told.events, findings=export.findings)


@dataclass(frozen=True, slots=True)
class _Telling:
    """One time that an event was told: the event, what delivered it, when, and when it was said to be updated."""

    row: Row
    delivered: Delivered
    at: dt.datetime | None
    updated: dt.datetime | None


@dataclass(slots=True)
class _Told:
    """What a file has told so far."""

    export: Export
    incidents: list[dict[str, object]] = field(default_factory=list)
    events: list[dict[str, object]] = field(default_factory=list)

    def incident(self, arn: str, tellings: Sequence[_Telling]) -> None:
        """An event of AWS Health: its row as last told, its milestones, its updates."""
        last = tellings[-1]
        value = last.row.value
        category = text_of(value.get("eventTypeCategory"))
        service = text_of(value.get("service"))
        state = next((word for t in reversed(tellings) if (word := text_of(t.row.value.get("statusCode")))), None)
        self.incidents.append(
            {
                "incident_id": arn,
                "title": text_of(value.get("eventTypeCode")),
                "status": _STATUS.get(state or "", state),
                "kind": _KINDS.get(category or ""),
                "service": service,
                "affected_services": [service] if service else [],
                "organisation": ORGANISATION,
                "visibility": "public" if value.get("eventScopeCode") == "PUBLIC" else "internal",
                "source": self.export.source,
                "extra": self._beyond(arn, last),
            }
        )
        if category not in _KINDS:
            message = (
                f"{last.row.place} has the category {category!r} and says of no incident; its kind is left missing"
            )
            self.export.note("no_incident", "info", message, place=last.row.place, incident_id=arn)
        self._milestones(arn, tellings, is_plan=category == "scheduledChange", is_closed=state == "closed")
        for telling in tellings:
            self._update(arn, telling)

    def _milestones(self, arn: str, tellings: Sequence[_Telling], *, is_plan: bool, is_closed: bool) -> None:
        """Beginning and end as last told; those of a plan are marked as such."""
        basis = "inferred" if is_plan else "stated"
        note = "as planned" if is_plan else None
        for point, cell in (("impact_start", "startTime"), ("impact_end", "endTime")):
            saying = [telling for telling in tellings if telling.row.value.get(cell) is not None]
            if not saying:
                continue
            at = aws_instant(self.export, saying[-1].row, cell, incident_id=arn)
            if at is None:
                continue
            cells = {"text": f"AWS Health {cell}", "source_ref": cell}
            self._add(arn, "milestone", at, field=point, basis=basis, note=note, **cells)
            if point == "impact_end" and is_closed and not is_plan:
                said = "it is closed; when it was closed is not said"
                self._add(arn, "milestone", at, field="resolved", basis="inferred", note=said, **cells)

    def _update(self, arn: str, telling: _Telling) -> None:
        words = _described(telling.row.value)
        if not words and not telling.delivered.envelope:
            return
        self._add(
            arn,
            "update",
            telling.at,
            recorded_at=telling.updated,
            text=words or None,
            audience="internal",
            channel=CHANNEL,
            is_automatic=True,
            source_ref=first_text(telling.delivered.envelope, "id") or telling.row.place,
            extra=leftover(telling.delivered.envelope, ("time", "id")),
        )

    def _beyond(self, arn: str, last: _Telling) -> dict[str, object]:
        """What an event says beyond our columns, and the resources that are affected."""
        extra = leftover(last.row.value, _TAKEN)
        parts = self.export.parts(last.row, "affectedEntities", incident_id=arn)
        entities = [each for each in (text_of(part.value.get("entityValue")) for part in parts) if each]
        listed = last.delivered.envelope.get("resources")
        resources = [each for each in map(text_of, listed if isinstance(listed, list) else []) if each]
        return extra | ({"affected_entities": entities or resources} if entities or resources else {})

    def _add(self, arn: str, kind: str, at: dt.datetime | None, **cells: object) -> None:
        self.events.append(self.export.event(kind, at, incident_id=arn, **cells))


def _is_health(value: Mapping[str, Any]) -> bool:
    value = dict(value)
    message = message_of(value)
    if isinstance(message, str):
        # Only its beginning may be seen.
        return f'"{_TYPES}' in message and "detail" in message
    event = event_of(value)
    if (text_of(event.get("detail-type")) or "").startswith(_TYPES):
        return True
    inner = value.get("event")
    return any(
        isinstance(each, dict) and {"eventTypeCode", "eventTypeCategory"} <= set(each) for each in (value, inner)
    )


def _beside(value: Mapping[str, Any]) -> dict[str, Any]:
    """What ``describe-event-details`` lists beside an event."""
    if not isinstance(value.get("event"), dict):
        return {}
    return {key: cell for key, cell in value.items() if key != "event"}


def _described(value: Mapping[str, Any]) -> str:
    """The words of an event: a text, an object with one, or a list of objects by language."""
    said = value.get("eventDescription")
    listed = said if isinstance(said, list) else [said]
    return "\n\n".join(
        text for each in listed if (text := first_text(each, "latestDescription") or _bare(each)) is not None
    )


def _bare(value: object) -> str | None:
    return text_of(value) if isinstance(value, str) else None
