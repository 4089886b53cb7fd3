"""incident.io: incidents, updates, follow-ups and escalations, as the API (version 2) lists them.

Each file is read alone; all four carry the incident's id, escalations among their related incidents. What the vendor
does oddly:

- ``severity.rank`` is larger the more severe it is, against the numbers in names such as SEV1. The rank is kept beside
  the word; the words are the users' own, so that nothing else orders them.
- timestamps (``Impact started``) and duration metrics are defined and named by users. Those with a usual name become
  milestones, all others notes under their own name; metrics stay in ``extra`` with name, status and value.
- ``value_seconds`` of a metric may be stale unless its status is ``success``: the status is kept with it.
- an incident may be a test, a tutorial, or entered afterwards (``retrospective``); all stand in the same list.
- an escalation that is resolved says nothing of the incident: it is kept as a note.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ...records import Records
from .._contract import VendorDuration
from .._export import (
    Row,
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
from .._told import Told, dict_of, names_in, newest, rank_of

NAME = "incident_io"
DESCRIPTION = "incident.io incidents, updates, follow-ups and escalations: JSON of the API v2, or of a connector"
TIME_ZONE_RULE = (
    "Times carry Z or an offset. A time without one is read in the zone you name; otherwise it stays missing."
)
EXAMPLE = '{"incidents": [{"id": "01OTTER", "reference": "INC-1", "incident_status": {"category": "live"}}]}'
SEVERITIES: tuple[str, ...] = ()
# Duration metrics are the users' own: between which points they count, the export does not say.
DURATIONS: Mapping[str, VendorDuration] = {}
COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "incidents.id": "incident_id",
        "incidents.reference": "number",
        "incidents.name": "title",
        "incidents.summary": "summary",
        "incidents.incident_status.category": "status",
        "incidents.permalink": "source_url",
        "incidents.slack_channel_name": "channel",
        "incidents.created_at": "declared",
        "incidents.severity.name": "new",
        "incident_updates.id": "source_ref",
        "incident_updates.incident_id": "incident_id",
        "incident_updates.created_at": "at",
        "incident_updates.message": "text",
        "follow_ups.id": "action_id",
        "follow_ups.incident_id": "incident_id",
        "follow_ups.title": "title",
        "follow_ups.status": "status",
        "follow_ups.priority.name": "priority",
        "follow_ups.external_issue_reference.issue_name": "ticket",
        "follow_ups.created_at": "created_at",
        "follow_ups.completed_at": "done_at",
        "escalations.id": "source_ref",
        "escalations.title": "text",
        "events.occurred_at": "at",
        "users.id": "person_id",
        "users.name": "name",
        "users.email": "aliases",
    }
)

_LISTS = (
    "incidents", "incident", "incident_updates", "follow_ups", "follow_up", "escalations", "escalation", "users",
)  # fmt: skip
_STREAMS = ("incidents", "incident_updates", "follow_ups", "escalations", "users")
_STATUS = {
    "triage": "open", "live": "open", "paused": "open", "learning": "resolved", "closed": "closed",
    "declined": "cancelled", "canceled": "cancelled", "cancelled": "cancelled", "merged": "cancelled",
}  # fmt: skip
_KINDS = {"test": "test", "tutorial": "test", "retrospective": "backfilled"}
# Names that incident.io gives its timestamps, and usual ones of users, without "at".
_POINTS = {
    "reported": "declared",
    "declared": "declared",
    "impact started": "impact_start",
    "impact start": "impact_start",
    "impact ended": "impact_end",
    "impact end": "impact_end",
    "detected": "detected",
    "acknowledged": "acknowledged",
    "identified": "identified",
    "mitigated": "mitigated",
    "fixed": "fixed",
    "resolved": "resolved",
    "closed": "closed",
}
_CHANGES = {"learning": "resolved", "closed": "closed"}
_OVER = ("resolved", "closed")
_DONE = {"outstanding": "open", "completed": "done", "not_doing": "cancelled", "deleted": "cancelled"}
_ESCALATION_EVENTS = {
    "triggered", "notified_users", "notified_channels", "acked", "expired", "cancelled", "resolved",
    "entered_grace_period",
}  # fmt: skip


def recognises(head: bytes) -> bool:
    """By ``incident_status`` with a category, ``new_incident_status``, follow-ups, or escalations with their events."""
    seen = sketch(head, _LISTS, is_record=_is_record)
    if not seen.records:
        meta = dict_of(seen.outer.get("pagination_meta"))
        return "page_size" in meta and any(seen.outer.get(name) == [] for name in _LISTS)
    return any(_sort(value) for value in seen.records)


def read(path: Path, *, time_zone: str | None = None) -> Records:
    """Incidents with their timestamps and roles, updates, follow-ups as actions, and the course of escalations."""
    export = open_export(path, name=NAME, lists=_LISTS, streams=_STREAMS, is_record=_is_record, time_zone=time_zone)
    told = _Told(Told(export, "incident.io"))
    sorted_out: dict[str, list[tuple[str, Row]]] = {sort: [] for sort in _STREAMS}
    for identifier, row in export.known_by("id"):
        sort = _sort(row.value) or _named(row.stream)
        if sort:
            sorted_out[sort].append((identifier, row))
        else:
            export.reject(row.place, row.value, "it is no incident, update, follow-up or escalation")
    for _, row in sorted_out["users"]:
        told.meet(row.value)
    for incident_id, row, _ in newest(export, sorted_out["incidents"], "updated_at"):
        told.incident(incident_id, row)
        for sort in _STREAMS[1:4]:
            sorted_out[sort] += told.inside(incident_id, row, sort)
    told.updates(sorted_out["incident_updates"])
    for action_id, row, _ in newest(export, sorted_out["follow_ups"], "updated_at"):
        told.follow_up(action_id, row)
    for _, row, _ in newest(export, sorted_out["escalations"], "updated_at"):
        told.escalation(row)
    return told.base.records()


@dataclass(slots=True)
class _Told:
    """How incident.io tells it."""

    base: Told
    _statuses: dict[str, str] = field(default_factory=dict)

    def incident(self, incident_id: str, row: Row) -> None:
        """An incident: its row, its timestamps, its severity, its roles."""
        value, base = row.value, self.base
        cells = renamed(value, COLUMNS, "incidents.")
        created, severity, category = cells.pop("declared"), cells.pop("new"), cells["status"]
        status = _STATUS.get(category or "", category)
        mode = text_of(value.get("mode"))
        base.incidents.append(
            {
                **cells,
                "incident_id": incident_id,
                "status": status,
                "kind": _KINDS.get(mode or "", "incident"),
                "visibility": "internal",
                "time_zone": zone_as_written(created),
                "source": base.export.source,
                "extra": _beyond(value),
            }
        )
        creator = self._actor(value.get("creator"))
        base.declared(incident_id, row, "created_at", **creator)
        self._timestamps(incident_id, row, status)
        base.severity(incident_id, severity, "severity", extra=rank_of(dig(value, "severity.rank")))
        for part in base.export.parts(row, "incident_role_assignments", incident_id=incident_id):
            role = first_text(part.value, "role.role_type", "role.name")
            named = first_text(part.value, "role.name", "role.shortform", "role.role_type")
            # The role type "lead" is the incident's commander, however the users call it.
            ours: dict[str, object] = {"role": "incident_commander"} if role == "lead" else {}
            base.participant(incident_id, self.meet(part.value.get("assignee")), named, **ours)

    def inside(self, incident_id: str, row: Row, key: str) -> list[tuple[str, Row]]:
        """Records that an export puts into their incident, with the incident named in each."""
        parts = list(self.base.export.parts(row, key, incident_id=incident_id))
        return [
            (identified(part.value.get("id")) or part.place, Row(part.place, {"incident_id": incident_id} | part.value))
            for part in parts
        ]

    def _timestamps(self, incident_id: str, row: Row, status: str | None) -> None:
        """Timestamps with a usual name as milestones; the others as notes, so that none is lost."""
        base = self.base
        for part in base.export.parts(row, "incident_timestamp_values", incident_id=incident_id):
            name = first_text(part.value, "incident_timestamp.name") or "timestamp"
            cell = "value.value"
            point = _POINTS.get(name.lower().removesuffix(" at").strip())
            if point in _OVER and status not in _OVER:
                base.not_over(incident_id, part, cell, status)
                continue
            at = base.instant(part, cell, incident_id)
            if at is not None:
                kind = {"kind": "milestone", "field": point} if point else {"kind": "note", "field": name}
                said = {"note": f"incident.io timestamp {name!r}", "source_ref": f"timestamp {name}"}
                base.add(incident_id, kind["kind"], at, field=kind["field"], **said)

    def updates(self, listed: Iterable[tuple[str, Row]]) -> None:
        """Updates, each incident's from first to last, with what they changed."""
        export = self.base.export
        of_incident: dict[str | None, list[Any]] = {}
        for _, row in listed:
            incident_id = identified(row.value.get("incident_id"))
            at = export.instant(row, "created_at", incident_id=incident_id)
            of_incident.setdefault(incident_id, []).append((at, row))
        for incident_id, timed in of_incident.items():
            is_over = False
            for at, row in in_time_order(timed):
                is_over = self._update(incident_id, at, row, is_over)

    def _update(self, incident_id: str | None, at: Any, row: Row, is_over: bool) -> bool:
        """One update; returns whether the incident is over after it."""
        base, value = self.base, row.value
        cells = renamed(value, COLUMNS, "incident_updates.")
        shared = {"source_ref": cells["source_ref"]} | self._actor(value.get("updater"))
        status = dict_of(value.get("new_incident_status"))
        category, name = text_of(status.get("category")), text_of(status.get("name"))
        merged = leftover({"merged_into_incident_id": value.get("merged_into_incident_id")}, ())
        if cells["text"] is not None or merged:
            base.add(incident_id, "update", at, text=cells["text"], audience="stakeholders", extra=merged, **shared)
        if category or name:
            word = _CHANGES.get(category or "") or ("reopened" if is_over and category == "live" else None)
            is_over = word in _OVER
            word = word or (name or category or "").lower()
            base.add(
                incident_id, "status", at, new=word, text=name, extra=leftover({"category": category}, ()), **shared
            )
        severity = dict_of(value.get("new_severity"))
        if text_of(severity.get("name")):
            rank = rank_of(severity.get("rank"))
            base.add(incident_id, "severity", at, new=text_of(severity["name"]), extra=rank, **shared)
        return is_over

    def follow_up(self, action_id: str, row: Row) -> None:
        """A follow-up as an action item."""
        base, value = self.base, row.value
        cells = renamed(value, COLUMNS, "follow_ups.")
        incident_id, title, status = cells.pop("incident_id"), cells.pop("title"), cells["status"]
        owner = self.meet(value.get("assignee"))
        made = {
            "action_id": action_id,
            "owner_id": owner or first_text(value, "assignee_team.name", "assignee_team"),
            "status": _DONE.get(status or "", status),
            "created_at": base.instant(row, "created_at", incident_id),
            "done_at": base.instant(row, "completed_at", incident_id),
            "basis": "stated",
            "extra": leftover(value, (*_taken("follow_ups."), "title")) | leftover({"status": status}, ()),
        }
        labels = names_in(value.get("labels"), "name", "label")
        if labels:
            made["extra"] = dict_of(made["extra"]) | {"labels": labels}
        base.action(incident_id, row, title, **{**cells, **made})

    def escalation(self, row: Row) -> None:
        """What happened in an escalation, for every incident that it names; for none when it names none."""
        value, base = row.value, self.base
        related = value.get("related_incidents")
        ids: list[str | None] = [
            each for each in (identified(dict_of(part).get("id")) for part in related or ()) if each
        ] if isinstance(related, list) else []  # fmt: skip
        named = identified(value.get("incident_id"))
        cells = renamed(value, COLUMNS, "escalations.")
        timed = [(base.instant(part, "occurred_at", named), part) for part in base.export.parts(row, "events")]
        for incident_id in ids or [named]:
            for at, part in in_time_order(timed):
                self._escalated(incident_id, at, part, cells)

    def _escalated(self, incident_id: str | None, at: Any, part: Row, cells: Mapping[str, str | None]) -> None:
        base, word = self.base, text_of(part.value.get("event")) or "unknown"
        listed = part.value.get("users")
        users = [person for person in map(self.meet, listed if isinstance(listed, list) else ()) if person]
        said: dict[str, Any] = {
            **cells,
            "extra": leftover(part.value, ("event", "occurred_at")) | {"event": word},
        }
        if word == "triggered":
            base.add(incident_id, "alert", at, field="escalated", is_automatic=True, **said)
        elif word == "notified_users":
            paged: list[str | None] = [*users] or [None]
            for person in paged:
                base.add(incident_id, "alert", at, field="paged", actor_id=person, is_automatic=True, **said)
        elif word == "acked":
            actor = {"actor_id": users[0], "is_automatic": False} if users else {}
            base.add(incident_id, "status", at, new="acknowledged", **actor, **said)
        else:
            if word not in _ESCALATION_EVENTS:
                base.export.count("unknown_type", f"{{n}} escalation events of the unknown type {word!r} kept as notes")
            base.add(incident_id, "note", at, field=f"escalation_{word}", **said)

    def meet(self, user: object) -> str | None:
        """A person that a record names; None when it names none."""
        value = dict_of(user)
        aliases = (value.get("email"), value.get("slack_user_id"))
        return self.base.person(value.get("id"), value.get("email"), name=value.get("name"), aliases=aliases)

    def _actor(self, actor: object) -> dict[str, object]:
        """Who acted: a person, or a key of the API, a workflow or an alert."""
        value = dict_of(actor)
        person = self.meet(value.get("user"))
        if person is not None:
            return {"actor_id": person, "is_automatic": False}
        machine = next((dict_of(part) for part in value.values() if isinstance(part, dict)), None)
        if machine is None:
            return {"actor_id": None, "is_automatic": None}
        return {"actor_id": identified(machine.get("id")) or text_of(machine.get("name")), "is_automatic": True}


def _sort(value: Mapping[str, Any]) -> str | None:
    """Which of the vendor's records it is, by its own keys."""
    if "category" in dict_of(value.get("incident_status")) or "incident_role_assignments" in value:
        return "incidents"
    if "incident_id" in value and {"new_incident_status", "new_severity"} & set(value):
        return "incident_updates"
    if "incident_id" in value and {"external_issue_reference", "assignee_team"} & set(value):
        return "follow_ups"
    events = value.get("events")
    first = dict_of(events[0]) if isinstance(events, list) and events else {}
    is_escalation = "escalation_path_id" in value or "related_incidents" in value
    if is_escalation and (not events or first.get("event") in _ESCALATION_EVENTS):
        return "escalations"
    return None


def _is_record(value: Mapping[str, Any]) -> bool:
    return _sort(value) is not None


def _named(stream: str) -> str | None:
    """Which record stands in a list of that name."""
    plural = {"incident": "incidents", "follow_up": "follow_ups", "escalation": "escalations"}.get(stream, stream)
    return plural if plural in _STREAMS else None


def _beyond(value: Mapping[str, Any]) -> dict[str, object]:
    """What an incident says beyond our columns, with the metrics and fields that users defined."""
    named = {
        "status_name": dig(value, "incident_status.name"),
        "status_category": dig(value, "incident_status.category"),
        "incident_type": dig(value, "incident_type.name"),
    }
    extra = leftover(value, _taken("incidents.")) | leftover(named, ())
    metrics = {}
    for part in _objects(value.get("duration_metrics")):
        name = first_text(part, "duration_metric.name", "duration_metric.id")
        if name is not None:
            metrics[name] = leftover({key: part.get(key) for key in ("status", "value_seconds")}, ())
    fields = {}
    for part in _objects(value.get("custom_field_entries")):
        name = first_text(part, "custom_field.name", "custom_field.id")
        paths = ("value_option.value", "value_catalog_entry.name", "value_text", "value_link", "value_numeric", "label")
        values = names_in(part.get("values"), *paths)
        if name is not None and values:
            fields[name] = values
    if metrics:
        extra["duration_metrics"] = metrics
    if fields:
        extra["custom_fields"] = fields
    return extra


def _objects(value: object) -> list[dict[str, Any]]:
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []


def _taken(prefix: str) -> tuple[str, ...]:
    """Cells that stand in our columns."""
    return tuple(theirs.removeprefix(prefix) for theirs in COLUMNS if theirs.startswith(prefix))
