"""PagerDuty: incidents, their log entries, and users, as the REST API (version 2) lists them.

Each file is read alone: a file of incidents gives incidents and what their own cells say, a file of log entries
gives only events; both carry the incident's id. What the vendor does oddly:

- ``acknowledgements`` and ``assignments`` are emptied once an incident is resolved, so that they say who
  acknowledged only while it is open; log entries keep it.
- ``urgency`` says how loudly to notify, not how bad it is: it is kept, and is never a severity.
- ``priority`` stands in the incident as it is at the export; when it was set, only log entries say.
- log entries come newest first, and an acknowledgement is spelled in two ways.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ...records import Records
from .._contract import VendorDuration
from .._export import (
    Export,
    Row,
    Timed,
    dig,
    first_text,
    identified,
    in_time_order,
    leftover,
    open_export,
    renamed,
    text_of,
    zone_as_written,
)
from .._json import sketch

NAME = "pagerduty"
DESCRIPTION = "PagerDuty incidents, log entries and users: JSON of the REST API v2, or of a connector"
TIME_ZONE_RULE = (
    "Times carry Z or an offset. A time without one is read in the zone you name; otherwise it stays missing."
)
EXAMPLE = '[{"id": "QOTTER1", "incident_number": 1, "urgency": "high", "created_at": "2026-01-05T09:00:00Z"}]'
SEVERITIES: tuple[str, ...] = ()
DURATIONS: Mapping[str, VendorDuration] = {}
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
        "users.id": "person_id",
        "users.name": "name",
        "users.email": "aliases",
        "users.time_zone": "time_zone",
    }
)

_LISTS = ("incidents", "log_entries", "users")
_STREAMS = ("incidents", "incident_log_entries", "users")
_INCIDENT_KEYS = {"urgency", "escalation_policy", "incident_key", "assignments", "last_status_change_at"}
_STATUS = {"triggered": "open", "acknowledged": "open", "resolved": "resolved"}
_KINDS = {
    "drill": "drill",
    "exercise": "drill",
    "test": "test",
    "maintenance": "maintenance",
    "backfilled": "backfilled",
}
_CHANGES = ("channel.changeset.application_fields", "channel.changeset.customer_fields")

# Types of log entries, without "_log_entry". Those of trigger, escalate and field changes need more than a word.
_ENTRIES: Mapping[str, Mapping[str, object]] = MappingProxyType(
    {
        "acknowledge": {"kind": "status", "new": "acknowledged"},
        "acknowledgement": {"kind": "status", "new": "acknowledged"},
        "unacknowledge": {"kind": "status", "new": "unacknowledged"},
        "resolve": {"kind": "status", "new": "resolved"},
        "reopen": {"kind": "status", "new": "reopened"},
        "annotate": {"kind": "message"},
        "status_update": {"kind": "update", "audience": "stakeholders"},
        "snooze": {"kind": "note", "field": "snooze"},
        "urgency_change": {"kind": "note", "field": "urgency_change"},
        "exhaust_escalation_path": {"kind": "note", "field": "exhaust_escalation_path"},
        "repeat_escalation_path": {"kind": "note", "field": "repeat_escalation_path"},
        "reach_ack_limit": {"kind": "note", "field": "reach_ack_limit"},
        "reach_trigger_limit": {"kind": "note", "field": "reach_trigger_limit"},
    }
)
_ASKING = ("assign", "reassign", "delegate", "responder_request")
_CHANGING = ("field_value_change", "custom_field_value_change", "priority_change")
_TEXTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "trigger": ("event_details.description", "channel.summary", "summary"),
        "annotate": ("channel.summary", "channel.content", "note", "summary"),
        "status_update": ("message", "channel.message", "summary", "channel.summary"),
    }
)


def recognises(head: bytes) -> bool:
    """By ``incident_number`` beside ``urgency`` and its like, by types ``..._log_entry``, or by notification rules."""
    seen = sketch(head, _LISTS)
    if not seen.records:
        # An empty page of the incident list has nothing but its page numbers to be known by.
        return any(seen.outer.get(name) == [] for name in _LISTS[:2]) and {"limit", "more"} <= set(seen.outer)
    return any(_is_entry(value) or _is_incident(value) or _is_user(value) for value in seen.records)


def read(path: Path, *, time_zone: str | None = None) -> Records:
    """Incidents with what their cells say, events of log entries, and everybody named in either."""
    export = open_export(path, name=NAME, lists=_LISTS, streams=_STREAMS, time_zone=time_zone)
    told = _Told(export)
    entries: dict[str | None, list[Timed]] = {}
    for identifier, row in export.known_by("id"):
        if _is_entry(row.value) or row.stream in ("log_entries", "incident_log_entries"):
            incident_id = identified(dig(row.value, "incident.id"))
            at = export.instant(row, "created_at", incident_id=incident_id)
            entries.setdefault(incident_id, []).append((at, row))
        elif _is_user(row.value) or row.stream == "users":
            told.meet(row.value)
        elif _is_incident(row.value) or row.stream == "incidents":
            told.incident(identifier, row)
        else:
            export.reject(row.place, row.value, "it is neither an incident nor a log entry")
    for incident_id, timed in entries.items():
        told.entries(incident_id, in_time_order(timed))
    records = Records.build(
        incidents=told.incidents, events=told.events, people=told.people.values(), findings=export.findings
    )
    # A file may hold an older and a newer state of one incident: merging makes them one row.
    return records.merge() if records.incidents["incident_id"].duplicated().any() else records


@dataclass(slots=True)
class _Told:
    """What a file has told so far."""

    export: Export
    incidents: list[dict[str, object]] = field(default_factory=list)
    events: list[dict[str, object]] = field(default_factory=list)
    people: dict[str, dict[str, object]] = field(default_factory=dict)

    def incident(self, incident_id: str, row: Row) -> None:
        """An incident: its row, its milestones, its priority, and what is still listed of the response."""
        cells = renamed(row.value, COLUMNS, "incidents.")
        created, ended, severity = cells.pop("declared"), cells.pop("resolved"), cells.pop("new")
        status, type_name = cells["status"], text_of(dig(row.value, "incident_type.name"))
        derived = {
            "incident_id": incident_id,
            "status": _STATUS.get(status or "", status),
            "kind": _KINDS.get((type_name or "").strip().lower(), "incident"),
            "visibility": "internal",
            "time_zone": zone_as_written(created),
            "source": self.export.source,
            "extra": _beyond(row.value),
        }
        self.incidents.append({**cells, **derived})
        at = self.export.instant(row, "created_at", incident_id=incident_id)
        self._opened(incident_id, at)
        if status == "resolved":
            at_end = self.export.instant(row, "resolved_at", incident_id=incident_id)
            self._milestone(incident_id, "resolved", "resolved_at", at_end)
        elif ended:
            message = f"{row.place} has resolved_at {ended!r} but status {status!r}; it is not read as resolved"
            self.export.note("contradiction", "warning", message, place=row.place, incident_id=incident_id, raw=ended)
        if severity:
            self._severity(incident_id, severity)
        self._response(incident_id, row)

    def _milestone(self, incident_id: str, point: str, cell: str, at: dt.datetime | None) -> None:
        if at is not None:
            self._add(incident_id, "milestone", at, field=point, note=f"PagerDuty {cell}", source_ref=cell)

    def _opened(self, incident_id: str, at: dt.datetime | None) -> None:
        # That a pager opened a record is our reading of a declaration, which is a person's act: a status from which
        # the clock may derive it, no milestone that would dispute what a person wrote down.
        if at is not None:
            cells = {"new": "declared", "basis": "inferred", "is_automatic": True, "source_ref": "created_at"}
            self._add(incident_id, "status", at, note="PagerDuty created_at", **cells)

    def _severity(self, incident_id: str, severity: str) -> None:
        note = "priority at the time of the export; when it was set is not in this file"
        self._add(incident_id, "severity", None, new=severity, basis="inferred", note=note, source_ref="priority")

    def _response(self, incident_id: str, row: Row) -> None:
        """People in lists that an open incident still holds."""
        export = self.export
        for part in export.parts(row, "acknowledgements", incident_id=incident_id):
            at, actor = export.instant(part, "at", incident_id=incident_id), part.value.get("acknowledger")
            cells = self._actor(actor) | {"new": "acknowledged", "source_ref": "acknowledgements"}
            self._add(incident_id, "status", at, **cells)
        for part in export.parts(row, "assignments", incident_id=incident_id):
            at, asked = export.instant(part, "at", incident_id=incident_id), part.value.get("assignee")
            self._asked(incident_id, at, [asked], {}, {"source_ref": "assignments"})
        for part in export.parts(row, "responder_requests", incident_id=incident_id):
            at = export.instant(part, "requested_at", incident_id=incident_id)
            by = self._actor(part.value.get("requester"))
            cells = {"text": text_of(part.value.get("message")), "source_ref": "responder_requests"}
            self._asked(incident_id, at, _targets(part.value), by, cells)

    def entries(self, incident_id: str | None, timed: Iterable[Timed]) -> None:
        """The log entries of one incident, from first to last."""
        is_resolved = False
        for at, row in timed:
            words = [_type(row.value)]
            if words == ["trigger"] and is_resolved:
                # Triggered again: the incident is open again, and a machine's trigger is an alert besides.
                by_person = _is_person(_dict(row.value.get("agent")))
                words = ["reopen"] if by_person else ["reopen", "trigger"]
            for word in words:
                if word in ("trigger", "reopen", "resolve"):
                    is_resolved = word == "resolve"
                self._entry(incident_id, at, row, word)

    def _entry(self, incident_id: str | None, at: dt.datetime | None, row: Row, word: str) -> None:
        value, actor = row.value, self._actor(row.value.get("agent"))
        cells = self._about(row, word)
        if word in _ENTRIES:
            entry = dict(_ENTRIES[word])
            self._add(incident_id, str(entry.pop("kind")), at, **cells | actor | entry)
        elif word == "trigger":
            by_person = actor["is_automatic"] is False
            fact = {"kind": "status", "new": "triggered"} if by_person else {"kind": "alert", "field": "fired"}
            self._add(incident_id, str(fact.pop("kind")), at, **cells | actor | fact)
        elif word == "notify":
            called = self.meet(value.get("user"))
            self._add(incident_id, "alert", at, **cells, field="paged", actor_id=called, is_automatic=True)
        elif word in _ASKING:
            self._asked(incident_id, at, _targets(value), actor, cells)
        elif word == "escalate":
            self._add(incident_id, "alert", at, **cells | actor, field="escalated")
            self._asked(incident_id, at, _targets(value), actor, cells, may_be_nobody=True)
        elif word in _CHANGING:
            for change in _changes(value, word):
                self._add(incident_id, str(change.pop("kind")), at, **cells | actor | change)
        else:
            message = f"{{n}} log entries of the unknown type {value.get('type')!r} were kept as notes"
            self.export.count("unknown_type", message)
            self._add(incident_id, "note", at, **cells | actor, field=word)

    def _about(self, row: Row, word: str) -> dict[str, object]:
        """What every event of a log entry says, whatever its type."""
        value, cells = row.value, renamed(row.value, COLUMNS, "log_entries.")
        taken = (*_taken("log_entries."), "message")
        extra = leftover(value, taken) | leftover(_dict(value.get("channel")), ("summary",), prefix="channel.")
        extra |= leftover({"entry_type": value.get("type")}, ())
        return {
            "source_ref": cells["source_ref"],
            "service": cells["service"],
            "reason": None if word == "annotate" else cells["reason"],
            "text": first_text(value, *_TEXTS.get(word, ("summary", "channel.summary"))),
            "extra": extra,
        }

    def _asked(
        self,
        incident_id: str | None,
        at: dt.datetime | None,
        asked: Iterable[Any],
        by: Mapping[str, object],
        cells: Mapping[str, object],
        *,
        may_be_nobody: bool = False,
    ) -> None:
        """One event per person asked to take part; one without a person when it is not said who."""
        people: list[str | None] = [person for person in map(self.meet, asked) if person]
        extra = _dict(cells.get("extra")) | leftover({"requested_by": by.get("actor_id")}, ())
        request = {"field": "requested", "is_automatic": by.get("is_automatic")}
        for person in people or ([] if may_be_nobody else [None]):
            self._add(incident_id, "role", at, **{**cells, **request, "actor_id": person, "extra": extra})

    def _actor(self, agent: object) -> dict[str, object]:
        """Who acted: a person, or a machine; unknown when nobody is named."""
        if not isinstance(agent, dict):
            return {"actor_id": None, "is_automatic": None}
        if _is_person(agent):
            return {"actor_id": self.meet(agent), "is_automatic": False}
        return {"actor_id": identified(agent.get("id")), "is_automatic": True}

    def meet(self, ref: object) -> str | None:
        """The identifier of a person, who is added to the people; None when the reference names no person."""
        cells = renamed(ref, COLUMNS, "users.") if isinstance(ref, dict) else {}
        person_id = identified(ref.get("id")) if isinstance(ref, dict) else None
        if person_id is None:
            return None
        name, email = cells["name"] or first_text(ref, "summary"), cells["aliases"]
        known = self.people.setdefault(person_id, {"person_id": person_id, "source": self.export.source})
        known["name"] = known.get("name") or name
        known["aliases"] = known.get("aliases") or ([email] if email else [])
        known["time_zone"] = known.get("time_zone") or cells["time_zone"]
        return person_id

    def _add(self, incident_id: str | None, kind: str, at: dt.datetime | None, **cells: object) -> None:
        self.events.append(self.export.event(kind, at, incident_id=incident_id, **cells))


def _type(value: Mapping[str, Any]) -> str:
    """The type of a log entry without its ending: ``acknowledge``."""
    return (text_of(value.get("type")) or "").removesuffix("_reference").removesuffix("_log_entry")


def _is_entry(value: Mapping[str, Any]) -> bool:
    return (text_of(value.get("type")) or "").removesuffix("_reference").endswith("_log_entry")


def _is_incident(value: Mapping[str, Any]) -> bool:
    # Rows of the vendor's analytics have the same keys, but ready-made numbers instead of a history.
    is_analytics = "seconds_to_resolve" in value or "seconds_to_first_ack" in value
    return "incident_number" in value and bool(_INCIDENT_KEYS & set(value)) and not is_analytics


def _is_user(value: Mapping[str, Any]) -> bool:
    return "notification_rules" in value and "contact_methods" in value


def _is_person(ref: Mapping[str, Any]) -> bool:
    return ref.get("type") in ("user_reference", "user")


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _beyond(value: Mapping[str, Any]) -> dict[str, object]:
    """What an incident says beyond our columns: its plain cells, and the names of a few objects."""
    named = {
        "escalation_policy": dig(value, "escalation_policy.summary"),
        "incident_type": dig(value, "incident_type.name"),
        "resolve_reason": dig(value, "resolve_reason.type"),
    }
    return leftover(value, _taken("incidents.")) | leftover(named, ())


def _taken(prefix: str) -> tuple[str, ...]:
    """Cells that need no place in ``extra``: those in our columns, and those that repeat them."""
    mine = [theirs.removeprefix(prefix) for theirs in COLUMNS if theirs.startswith(prefix)]
    return (*mine, "type", "self", "summary", "html_url")


def _targets(value: Mapping[str, Any]) -> list[Any]:
    """The people a log entry or a request asks, in whichever of the vendor's shapes they are listed."""
    listed: list[Any] = []
    for key in ("assignees", "responders", "responder_request_targets", "incidents_responders"):
        parts = value.get(key)
        listed += parts if isinstance(parts, list) else []
    if isinstance(value.get("assigned_user"), dict):
        listed.append(value["assigned_user"])
    return list(_people_in(listed))


def _people_in(listed: Iterable[Any]) -> Iterator[Any]:
    for part in map(_dict, listed):
        target = _dict(part.get("responder_request_target"))
        if target:
            nested = target.get("incidents_responders")
            yield from _people_in(nested if isinstance(nested, list) and nested else [target])
        elif isinstance(part.get("user"), dict):
            yield part["user"]
        elif part.get("type") in ("user_reference", "user"):
            yield part


def _changes(value: Mapping[str, Any], word: str) -> Iterator[dict[str, object]]:
    """What a change of fields changed: a severity for the priority, a note for every other field."""
    if word == "priority_change":
        old, new = (_label(dig(value, f"channel.{which}_priority")) for which in ("old", "new"))
        yield {"kind": "severity", "old": old, "new": new}
        return
    listed = [cell for path in _CHANGES for cell in (dig(value, path) or ()) if isinstance(cell, dict)]
    for cell in listed:
        old, new = _label(cell.get("old_value")), _label(cell.get("value"))
        name = text_of(cell.get("name")) or word
        if name.lower() == "priority":
            yield {"kind": "severity", "old": old, "new": new}
        else:
            yield {"kind": "note", "field": name, "old": old, "new": new}
    if not listed:
        yield {"kind": "note", "field": word}


def _label(value: object) -> str | None:
    """A value that is a text, or an object with a name."""
    return first_text(value, "summary", "name", "id") if isinstance(value, dict) else text_of(value)
