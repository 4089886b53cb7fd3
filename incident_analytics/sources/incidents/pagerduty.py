"""PagerDuty: incidents, log entries, alerts, notes, status updates, analytics and users, as the REST API lists them.

Each file is read alone: a file of incidents gives incidents and what their own cells and lists say, a file of log
entries, alerts, notes or updates gives only events; all carry the incident's id. What the vendor does oddly:

- ``acknowledgements`` and ``assignments`` are emptied once an incident is resolved, so that they say who
  acknowledged only while it is open; log entries keep it.
- ``urgency`` says how loudly to notify, not how bad it is: it is kept, and is never a severity.
- ``priority`` stands in the incident as it is at the export; when it was set, only log entries say. Its number
  (``priority_order`` of the analytics, ``order`` elsewhere) is larger the more severe it is.
- log entries come newest first, and an acknowledgement is spelled in two ways.
- a note does not name its incident; what stands around the list may.
- rows of the analytics have ready-made numbers in place of a history, and the published examples of them contradict
  themselves: times without a zone, an end before the beginning. The numbers are kept beside ours, in ``extra``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ...records import Records
from .._contract import VendorDuration
from .._export import (
    Row,
    cells_of,
    collector_paused,
    dig,
    leftover,
    open_export,
    text_of,
    zone_as_written,
)
from .._json import IrregularError, sketch
from .._pagerduty_columns import Columns
from .._pagerduty_entries import is_entry
from .._pagerduty_lists import (
    incident_of,
    is_alert,
    is_catalogue,
    is_note,
    is_response,
    is_status_update,
    tell_alert,
    tell_note,
    tell_response,
    tell_status_update,
)
from .._pagerduty_told import Told, ranked, targets

NAME = "pagerduty"
DESCRIPTION = (
    "PagerDuty incidents, log entries, alerts, notes, status updates, analytics and users: JSON of the REST API v2, "
    "or of a connector"
)
TIME_ZONE_RULE = (
    "Times carry Z or an offset. A time without one is read in the zone you name; otherwise it stays missing."
)
EXAMPLE = '[{"id": "QOTTER1", "incident_number": 1, "urgency": "high", "created_at": "2026-01-05T09:00:00Z"}]'
SEVERITIES: tuple[str, ...] = ()
DURATIONS: Mapping[str, VendorDuration] = MappingProxyType(
    {
        "seconds_to_first_ack": VendorDuration(
            "declared",
            "acknowledged",
            "s",
            "from the creation of the incident to its first acknowledgement; reassigning, escalating and resolving are "
            "none (PagerDuty analytics)",
            ends_at="first",
        ),
        "seconds_to_engage": VendorDuration(
            "acknowledged",
            "acknowledged",
            "s",
            "from the first person's engagement to the last person's; missing for fewer than two (PagerDuty analytics)",
        ),
        "seconds_to_mobilize": VendorDuration(
            "declared",
            "acknowledged",
            "s",
            "from the creation of the incident until the last of the responders added had acknowledged; missing for "
            "fewer than two (PagerDuty analytics)",
        ),
        "seconds_to_resolve": VendorDuration(
            "declared", "resolved", "s", "from the trigger of the incident to its resolution (PagerDuty analytics)"
        ),
    }
)
COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "incidents.id": "incident_id",
        "incidents.incident_number": "number",
        "incidents.title": "title",
        "incidents.status": "status",
        "incidents.service.summary": "service",
        "incidents.html_url": "source_url",
        "incidents.created_at": "declared",
        "incidents.resolved_at": "resolved",
        "incidents.priority.summary": "new",
        "log_entries.id": "source_ref",
        "log_entries.incident.id": "incident_id",
        "log_entries.created_at": "at",
        "log_entries.agent.id": "actor_id",
        "log_entries.service.summary": "service",
        "log_entries.note": "reason",
        "alerts.id": "source_ref",
        "alerts.incident.id": "incident_id",
        "alerts.created_at": "at",
        "alerts.service.summary": "service",
        "alerts.summary": "text",
        "notes.id": "source_ref",
        "notes.created_at": "at",
        "notes.user.id": "actor_id",
        "notes.content": "text",
        "status_updates.id": "source_ref",
        "status_updates.created_at": "at",
        "status_updates.sender.id": "actor_id",
        "status_updates.message": "text",
        "analytics.id": "incident_id",
        "analytics.incident_number": "number",
        "analytics.description": "title",
        "analytics.status": "status",
        "analytics.service_name": "service",
        "analytics.created_at": "declared",
        "analytics.resolved_at": "resolved",
        "analytics.priority_name": "new",
        "analytics.joined_user_names": "person_id",
        "responses.responder_id": "actor_id",
        "responses.requested_at": "at",
        "users.id": "person_id",
        "users.name": "name",
        "users.email": "aliases",
        "users.time_zone": "time_zone",
    }
)

_LISTS = (
    "incidents", "log_entries", "users", "alerts", "notes", "status_updates", "status_update", "responses",
    "priorities", "data",
)  # fmt: skip
_STREAMS = ("incidents", "incident_log_entries", "users")
_INCIDENT_KEYS = ("urgency", "escalation_policy", "incident_key", "assignments", "last_status_change_at")
_STATUS = {"triggered": "open", "acknowledged": "open", "resolved": "resolved"}
_KINDS = {
    "drill": "drill",
    "exercise": "drill",
    "test": "test",
    "maintenance": "maintenance",
    "backfilled": "backfilled",
}
_INCIDENT, _ANALYTIC = (
    cells_of({theirs.removeprefix(prefix): ours for theirs, ours in COLUMNS.items() if theirs.startswith(prefix)})
    for prefix in ("incidents.", "analytics.")
)
_TAKEN = frozenset(
    {"id", "incident_number", "title", "status", "created_at", "resolved_at", "type", "self", "summary", "html_url"}
)
_TAKEN_ANALYTIC = frozenset(
    {"id", "incident_number", "description", "status", "created_at", "resolved_at", "service_name"}
)
_NESTED = {"alerts": tell_alert, "notes": tell_note, "status_updates": tell_status_update}


def recognises(head: bytes) -> bool:
    """By ``incident_number`` beside ``urgency`` and its like, by types ``..._log_entry``, or by keys of its other lists."""
    seen = sketch(head, _LISTS, _is_record)
    if not seen.records:
        # An empty page of the incident list has nothing but its page numbers to be known by.
        return any(seen.outer.get(name) == [] for name in _LISTS[:2]) and {"limit", "more"} <= set(seen.outer)
    return any(map(_is_record, seen.records))


def read(path: Path, *, time_zone: str | None = None) -> Records:
    """Incidents with what their cells say, events of log entries and of other lists, and everybody named in them."""
    with collector_paused():
        try:
            records = _read(path, time_zone, is_streamed=True)
        except IrregularError:
            records = _read(path, time_zone, is_streamed=False)
    # A file may hold an older and a newer state of one incident: merging makes them one row.
    return records.merge() if records.incidents["incident_id"].duplicated().any() else records


def _read(path: Path, time_zone: str | None, *, is_streamed: bool) -> Records:
    export = open_export(
        path,
        name=NAME,
        lists=_LISTS,
        streams=_STREAMS,
        is_record=_is_record,
        is_ours=_is_ours,
        is_streamed=is_streamed,
        time_zone=time_zone,
    )
    told, columns = Told(export), Columns(export)
    # Rows of the analytics of responses have no identifier.
    for identifier, row in export.known_by("id", may_lack=is_response):
        if is_response(row.value):
            tell_response(told, incident_of(row), row)
        elif is_entry(row.value) or row.stream in ("log_entries", "incident_log_entries"):
            columns.take(row)
        else:
            _tell(told, identifier, row, columns)
    events = columns.events(told)
    return Records.build(
        incidents=told.incidents,
        events=events,
        participants=told.participants,
        people=told.people,
        findings=export.findings,
    )


def _tell(told: Told, identifier: str, row: Row, columns: Columns) -> None:
    """A record that is no log entry; log entries inside it are put to the others."""
    value = row.value
    if _is_user(value) or row.stream == "users":
        told.meet(value)
    elif _is_analytic(value):
        _analytic(told, identifier, row)
    elif _is_incident(value) or row.stream == "incidents":
        _incident(told, identifier, row)
        for part in told.export.parts(row, "log_entries", incident_id=identifier):
            columns.put(identifier, part)
    elif is_alert(value):
        tell_alert(told, incident_of(row), row)
    elif is_note(value):
        tell_note(told, incident_of(row), row)
    elif is_status_update(value):
        tell_status_update(told, incident_of(row), row)
    elif is_catalogue(value):
        told.list(row)
    else:
        told.export.reject(row.place, value, "it is neither an incident nor a log entry")


def _incident(told: Told, incident_id: str, row: Row) -> None:
    """An incident: its row, its milestones, its priority, and what is still listed of the response."""
    cells = _INCIDENT(row.value)
    created, severity, type_name = cells.pop("declared"), cells.pop("new"), dig(row.value, "incident_type.name")
    ended, status = cells.pop("resolved"), cells["status"]
    derived = {
        "incident_id": incident_id,
        "status": _STATUS.get(status or "", status),
        "kind": _KINDS.get((text_of(type_name) or "").strip().lower(), "incident"),
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
    # That a pager opened a record is our reading of a declaration, which is a person's act: a status from which
    # the clock may derive it, no milestone that would dispute what a person wrote down.
    if at is not None:
        cells = {"new": "declared", "basis": "inferred", "is_automatic": True, "source_ref": "created_at"}
        told.add(incident_id, "status", at, note="PagerDuty created_at", **cells)
    if is_over:
        over = export.instant(row, "resolved_at", incident_id=incident_id)
        if over is not None:
            cells = {"field": "resolved", "note": "PagerDuty resolved_at", "source_ref": "resolved_at"}
            told.add(incident_id, "milestone", over, **cells)
    elif ended:
        message = f"{row.place} has resolved_at {ended!r} but status {status!r}; it is not read as resolved"
        export.note("contradiction", "warning", message, place=row.place, incident_id=incident_id, raw=ended)


def _severity(told: Told, incident_id: str, severity: str, source_ref: str, extra: Mapping[str, object]) -> None:
    note = "priority at the time of the export; when it was set is not in this file"
    cells = {"basis": "inferred", "note": note, "source_ref": source_ref, "extra": dict(extra)}
    told.add(incident_id, "severity", None, new=severity, **cells)


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


def _analytic(told: Told, incident_id: str, row: Row) -> None:
    """A row of the analytics: an incident with ready-made numbers, which are kept, and no history."""
    cells, value = _ANALYTIC(row.value), row.value
    created, ended, severity = cells.pop("declared"), cells.pop("resolved"), cells.pop("new")
    status, _ = cells["status"], cells.pop("person_id")
    derived = {
        "incident_id": incident_id,
        "status": _STATUS.get(status or "", status),
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


def _is_record(value: Mapping[str, Any]) -> bool:
    return _is_ours(value) or is_catalogue(value)


def _is_ours(value: Mapping[str, Any]) -> bool:
    """Whether a record says something of an incident, or of a person."""
    if is_entry(value) or _is_incident(value) or _is_user(value):
        return True
    return _is_analytic(value) or is_alert(value) or is_note(value) or is_status_update(value) or is_response(value)


def _is_incident(value: Mapping[str, Any]) -> bool:
    return "incident_number" in value and any(key in value for key in _INCIDENT_KEYS) and not _is_analytic(value)


def _is_analytic(value: Mapping[str, Any]) -> bool:
    # Rows of the vendor's analytics have ready-made numbers in place of a history.
    return "incident_number" in value and ("seconds_to_resolve" in value or "seconds_to_first_ack" in value)


def _is_user(value: Mapping[str, Any]) -> bool:
    return "notification_rules" in value and "contact_methods" in value


def _beyond(value: Mapping[str, Any]) -> dict[str, object]:
    """What an incident says beyond our columns: its plain cells, and the names of a few objects."""
    named = {
        "escalation_policy": dig(value, "escalation_policy.summary"),
        "incident_type": dig(value, "incident_type.name"),
        "resolve_reason": dig(value, "resolve_reason.type"),
    }
    return leftover(value, _TAKEN) | leftover(named, ())
