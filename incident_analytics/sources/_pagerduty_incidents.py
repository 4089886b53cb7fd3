"""PagerDuty incidents: their row, their milestones, their priority, and what is still listed of the response."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ._export import Row, cells_of, dig, leftover, text_of, zone_as_written
from ._pagerduty_lists import tell_alert, tell_note, tell_status_update
from ._pagerduty_told import Told, ranked, targets

INCIDENT: Mapping[str, str] = MappingProxyType(
    {
        "id": "incident_id",
        "incident_number": "number",
        "title": "title",
        "status": "status",
        "service.summary": "service",
        "html_url": "source_url",
        "created_at": "declared",
        "resolved_at": "resolved",
        "priority.summary": "new",
    }
)
"""Where an incident has its cells -> their names with us."""

ANALYTIC: Mapping[str, str] = MappingProxyType(
    {
        "id": "incident_id",
        "incident_number": "number",
        "description": "title",
        "status": "status",
        "service_name": "service",
        "created_at": "declared",
        "resolved_at": "resolved",
        "priority_name": "new",
        "joined_user_names": "person_id",
    }
)
"""The same of a row of the analytics."""

TAKEN = frozenset(
    {"id", "incident_number", "title", "status", "created_at", "resolved_at", "type", "self", "summary", "html_url"}
)
"""Keys of an incident that columns take, or that say nothing more."""

NAMED: Mapping[str, str] = MappingProxyType(
    {
        "escalation_policy": "summary",
        "incident_type": "name",
        "resolve_reason": "type",
    }
)
"""Objects of an incident that are kept by a name of theirs -> which of their cells that is."""

OPENED: Mapping[str, object] = MappingProxyType(
    # That a pager opened a record is our reading of a declaration, which is a person's act: a status from which
    # the clock may derive it, no milestone that would dispute what a person wrote down.
    {
        "new": "declared",
        "basis": "inferred",
        "is_automatic": True,
        "source_ref": "created_at",
        "note": "PagerDuty created_at",
    }
)
ENDED: Mapping[str, object] = MappingProxyType(
    {"field": "resolved", "source_ref": "resolved_at", "note": "PagerDuty resolved_at"}
)
PRIORITY: Mapping[str, object] = MappingProxyType(
    {
        "basis": "inferred",
        "note": "priority at the time of the export; when it was set is not in this file",
    }
)
"""What every event of an incident's opening, end and priority says."""

_STATUS = {"triggered": "open", "acknowledged": "open", "resolved": "resolved"}
_KINDS = {
    "drill": "drill",
    "exercise": "drill",
    "test": "test",
    "maintenance": "maintenance",
    "backfilled": "backfilled",
}
_INCIDENT, _ANALYTIC = cells_of(INCIDENT), cells_of(ANALYTIC)
_TAKEN_ANALYTIC = frozenset(
    {"id", "incident_number", "description", "status", "created_at", "resolved_at", "service_name"}
)
_NESTED = {"alerts": tell_alert, "notes": tell_note, "status_updates": tell_status_update}
LISTED = ("acknowledgements", "assignments", "responder_requests", "log_entries", *_NESTED)
"""Lists in an incident that are told of."""


def status_of(written: object) -> str | None:
    """The status of an incident in our words; any other word as it is."""
    status = text_of(written)
    return _STATUS.get(status or "", status)


def kind_of(written: object) -> str:
    """The kind of an incident, by the name of its type."""
    return _KINDS.get((text_of(written) or "").strip().lower(), "incident")


def tell_incident(told: Told, incident_id: str, row: Row) -> None:
    """An incident: its row, its milestones, its priority, and what is still listed of the response."""
    cells = _INCIDENT(row.value)
    created, severity = cells.pop("declared"), cells.pop("new")
    ended, status = cells.pop("resolved"), cells["status"]
    derived = {
        "incident_id": incident_id,
        "status": status_of(status),
        "kind": kind_of(dig(row.value, "incident_type.name")),
        "visibility": "internal",
        "time_zone": zone_as_written(created),
        "source": told.export.source,
        "extra": _beyond(row.value),
    }
    told.incidents.append({**cells, **derived})
    _course(told, incident_id, row, status, ended, is_over=status == "resolved")
    if severity:
        _severity(told, incident_id, severity, "priority", ranked(row.value.get("priority")))
    _response(told, incident_id, row)


def _course(told: Told, incident_id: str, row: Row, status: str | None, ended: str | None, *, is_over: bool) -> None:
    """When an incident was opened and resolved."""
    export = told.export
    at = export.instant(row, "created_at", incident_id=incident_id)
    if at is not None:
        told.add(incident_id, "status", at, **OPENED)
    if is_over:
        over = export.instant(row, "resolved_at", incident_id=incident_id)
        if over is not None:
            told.add(incident_id, "milestone", over, **ENDED)
    elif ended:
        message = f"{row.place} has resolved_at {ended!r} but status {status!r}; it is not read as resolved"
        export.note("contradiction", "warning", message, place=row.place, incident_id=incident_id, raw=ended)


def _severity(told: Told, incident_id: str, severity: str, source_ref: str, extra: Mapping[str, object]) -> None:
    told.add(incident_id, "severity", None, **PRIORITY, new=severity, source_ref=source_ref, extra=dict(extra))


def _response(told: Told, incident_id: str, row: Row) -> None:
    """People in lists that an open incident still holds, and what was written."""
    export = told.export
    for part in export.parts(row, "acknowledgements", incident_id=incident_id):
        at, actor = export.instant(part, "at", incident_id=incident_id), part.value.get("acknowledger")
        told.add(incident_id, "status", at, **told.actor(actor), new="acknowledged", source_ref="acknowledgements")
    for part in export.parts(row, "assignments", incident_id=incident_id):
        at, asked = export.instant(part, "at", incident_id=incident_id), part.value.get("assignee")
        told.asked(incident_id, at, [asked], {}, {"source_ref": "assignments"})
    for part in export.parts(row, "responder_requests", incident_id=incident_id):
        at = export.instant(part, "requested_at", incident_id=incident_id)
        by = told.actor(part.value.get("requester"))
        cells = {"text": text_of(part.value.get("message")), "source_ref": "responder_requests"}
        told.asked(incident_id, at, targets(part.value), by, cells)
    for key, tell in _NESTED.items():
        for part in export.parts(row, key, incident_id=incident_id):
            tell(told, incident_id, part)


def tell_analytic(told: Told, incident_id: str, row: Row) -> None:
    """A row of the analytics: an incident with ready-made numbers, which are kept, and no history."""
    cells, value = _ANALYTIC(row.value), row.value
    created, ended, severity = cells.pop("declared"), cells.pop("resolved"), cells.pop("new")
    status, _ = cells["status"], cells.pop("person_id")
    derived = {
        "incident_id": incident_id,
        "status": status_of(status),
        "kind": "incident",
        "visibility": "internal",
        "time_zone": zone_as_written(created),
        "source": told.export.source,
        "extra": leftover(value, _TAKEN_ANALYTIC),
    }
    told.incidents.append({**cells, **derived})
    # Older rows have no status: they list what is over.
    _course(told, incident_id, row, status, ended, is_over=status in (None, "resolved"))
    if severity:
        _severity(told, incident_id, severity, "priority_name", ranked(value, "priority_order"))
    told.joined(incident_id, value)


def _beyond(value: Mapping[str, object]) -> dict[str, object]:
    """What an incident says beyond our columns: its plain cells, and the names of a few objects."""
    return leftover(value, TAKEN) | leftover({key: dig(value, f"{key}.{name}") for key, name in NAMED.items()}, ())
