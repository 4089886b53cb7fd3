"""FireHydrant: incidents with their milestones, events and tickets, users and teams, as the API or a connector lists them.

What the vendor does oddly:

- a milestone has two times: ``occurred_at`` is when it happened, ``created_at`` when it was written down.
- the ``duration`` of a milestone, a text such as ``PT35M33S``, counts from the milestone before it and not from the
  start; it is kept under the two, ``milestones.acknowledged-mitigated``, and compared with them.
- opened from an alert, ``detected`` is given the time of ``started``: a time to detect of 0 says nothing. Opened by
  hand, an incident is acknowledged at once. Both are noted at the milestone.
- ``severity`` is the one at the export; ``UNSET`` says that none was set, ``MAINTENANCE`` and ``GAMEDAY`` say what sort
  of record it is. Users define and order the severities themselves.
- impacts say what is affected and how far, and not since when. The ticket of type ``incident`` mirrors the incident in
  a tracker and is no action item.
- an event is wrapped in others that were saved together with it (``bulk_update``); both are listed, both are read once.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ...records import Records
from .._contract import VendorDuration
from .._export import (
    Row,
    Timed,
    first_text,
    identified,
    in_time_order,
    leftover,
    open_export,
    renamed,
    text_of,
    zone_as_written,
)
from .._firehydrant_events import VISIBILITIES, event_of
from .._json import sketch
from .._told import Told, dict_of, names_in, newest

NAME = "firehydrant"
DESCRIPTION = "FireHydrant incidents, events, users and teams: JSON of the API, or of a connector"
TIME_ZONE_RULE = (
    "Times carry Z or an offset. A time without one is read in the zone you name; otherwise it stays missing."
)
EXAMPLE = (
    '[{"id": "o1", "name": "Slow pages", "current_milestone": "started", "milestones": [], "role_assignments": []}]'
)
SEVERITIES: tuple[str, ...] = ()
# Milestones in the order of the vendor's own lifecycle -> our clock points.
POINTS: Mapping[str, str] = MappingProxyType(
    {
        "started": "impact_start",
        "detected": "detected",
        "acknowledged": "acknowledged",
        "identified": "identified",
        "mitigated": "mitigated",
        "resolved": "resolved",
        "closed": "closed",
    }
)
# The words of all milestones of that lifecycle in order, with those that have no clock point of ours.
_LIFECYCLE = (
    "started", "detected", "acknowledged", "investigating", "identified", "mitigated", "resolved",
    "postmortem_started", "postmortem_completed", "closed",
)  # fmt: skip
DURATIONS: Mapping[str, VendorDuration] = MappingProxyType(
    {
        f"{kept}.{start}-{end}": VendorDuration(POINTS.get(start, start), POINTS.get(end, end), "iso8601", said)
        for kept, said in (
            ("milestones", "duration of a milestone: since the milestone before it, by occurred_at (recorded exports)"),
            ("lifecycle_measurements", "a measurement from its starts_at_milestone to its ends_at_milestone"),
        )
        for start, end in itertools.combinations(_LIFECYCLE, 2)
    }
)
COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "incidents.id": "incident_id",
        "incidents.number": "number",
        "incidents.name": "title",
        "incidents.incident_url": "source_url",
        "incidents.channel_name": "channel",
        "incidents.organization.name": "organisation",
        "incidents.current_milestone": "status",
        "incidents.created_at": "declared",
        "incidents.severity": "new",
        "incidents.services": "affected_services",
        "milestones.occurred_at": "at",
        "milestones.created_at": "recorded_at",
        "milestones.id": "source_ref",
        "role_assignments.incident_role.name": "duty",
        "role_assignments.created_at": "assumed_at",
        "impacts.impact.name": "service",
        "impacts.condition.name": "degree",
        "incident_tickets.id": "action_id",
        "incident_tickets.summary": "title",
        "incident_tickets.state": "status",
        "incident_tickets.priority": "priority",
        "incident_tickets.due_at": "due_at",
        "events.id": "source_ref",
        "events.occurred_at": "at",
        "change_events.change_event.starts_at": "at",
        "change_events.change_event.summary": "text",
        "change_events.why": "reason",
        "transcript.words": "text",
        "users.id": "person_id",
        "users.name": "name",
        "users.email": "aliases",
        "teams.name": "team",
    }
)

_LISTS = ("data",)
_STREAMS = ("incidents", "users", "teams", "events", "incident_events")
_INCIDENT_KEYS = {
    "current_milestone", "customer_impact_summary", "private_status_page_url", "role_assignments", "incident_tickets",
    "lifecycle_phases", "milestones", "monetary_impact_cents", "incident_roles", "severity_condition",
}  # fmt: skip
_STATUS = {
    "started": "open", "detected": "open", "acknowledged": "open", "investigating": "open", "identified": "open",
    "mitigated": "mitigated", "resolved": "resolved", "postmortem_started": "resolved",
    "postmortem_completed": "closed", "closed": "closed", "completed": "closed",
}  # fmt: skip
_KINDS = {"MAINTENANCE": "maintenance", "GAMEDAY": "drill"}
_DEGREES = {"unavailable": "outage", "degraded": "degraded", "operational": "none"}
_DONE = {"open": "open", "in_progress": "in_progress", "done": "done", "cancelled": "cancelled"}
_AT_ONCE = dt.timedelta(seconds=1)
# Lists inside an incident under which its changes and its spoken words may stand.
_CHANGES = ("related_change_events", "change_events")
_WORDS = ("transcript", "transcripts")


def recognises(head: bytes) -> bool:
    """By ``current_milestone``, ``role_assignments`` and their like, by the visibility of events, or ``slack_linked?``."""
    seen = sketch(head, _LISTS, is_record=_is_record)
    return any(_sort(value) for value in seen.records)


def read(path: Path, *, time_zone: str | None = None) -> Records:
    """Incidents with milestones, events, roles, impacts and tickets as actions; events, users and teams by themselves."""
    export = open_export(path, name=NAME, lists=_LISTS, streams=_STREAMS, is_record=_is_record, time_zone=time_zone)
    sorted_out: dict[str, list[tuple[str, Row]]] = {"incidents": [], "events": [], "users": [], "teams": []}
    for identifier, row in export.known_by("id"):
        sort = _sort(row.value) or row.stream.removeprefix("incident_")
        if sort in sorted_out:
            sorted_out[sort].append((identifier, row))
        else:
            export.reject(row.place, row.value, "it is no incident, event, user or team")
    told = _Told(Told(export, "FireHydrant"))
    for _, row in sorted_out["teams"]:
        told.team(row)
    for _, row in sorted_out["users"]:
        told.meet(row.value)
    for incident_id, row, _ in newest(export, sorted_out["incidents"], "updated_at"):
        told.incident(incident_id, row)
    told.events_by_themselves(row for _, row in sorted_out["events"])
    return told.base.records()


@dataclass(slots=True)
class _Told:
    """How FireHydrant tells it."""

    base: Told
    _seen: set[str] = field(default_factory=set)

    def incident(self, incident_id: str, row: Row) -> None:
        """An incident: its row, and all that its lists say."""
        value, base = row.value, self.base
        cells = renamed(value, COLUMNS, "incidents.")
        created, severity, milestone = cells.pop("declared"), cells.pop("new"), cells.pop("status")
        timed = self._timed(incident_id, row)
        is_gone = text_of(value.get("discarded_at")) is not None
        services = names_in(value.get("services"), "name") + names_in(value.get("functionalities"), "name")
        base.incidents.append(
            {
                **cells,
                "incident_id": incident_id,
                "summary": first_text(value, "summary", "description", "customer_impact_summary"),
                "status": "cancelled" if is_gone else _STATUS.get(milestone or "", milestone),
                "kind": _KINDS.get(severity or "", "incident"),
                "affected_services": list(dict.fromkeys(services)),
                "visibility": "internal",
                "time_zone": zone_as_written(created),
                "source": base.export.source,
                "extra": _beyond(value) | _durations(timed),
            }
        )
        base.declared(incident_id, row, "created_at", **self._actor(value.get("created_by")))
        self._milestones(incident_id, row, timed)
        self._roles(incident_id, row)
        self._impacts(incident_id, row)
        self._tickets(incident_id, row)
        self._changes(incident_id, row)
        self._words(incident_id, row)
        told_before = len(base.events)
        self._events(incident_id, base.export.parts(row, "events", incident_id=incident_id))
        is_dated = any(event["kind"] == "severity" for event in base.events[told_before:])
        if severity not in (None, "UNSET", *_KINDS) and not is_dated:
            base.severity(incident_id, severity, "severity")

    def _timed(self, incident_id: str, row: Row) -> list[Timed]:
        """The milestones with when they happened; newer accounts list them by phase, some of them besides."""
        export = self.base.export
        parts = list(export.parts(row, "milestones", incident_id=incident_id))
        if not parts:
            phases = export.parts(row, "lifecycle_phases", incident_id=incident_id)
            parts = [part for each in phases for part in export.parts(each, "milestones", incident_id=incident_id)]
        return in_time_order([(self.base.instant(part, "occurred_at", incident_id), part) for part in parts])

    def _milestones(self, incident_id: str, row: Row, timed: Iterable[Timed]) -> None:
        """What happened when; a word that has no clock point of ours is a status under its own name."""
        base, listed = self.base, list(timed)
        started = next((at for at, part in listed if at is not None and _slug(part.value) == "started"), None)
        if started is None:
            base.milestone(incident_id, row, "impact_start", "started_at")
        for at, part in listed:
            word = _slug(part.value)
            if word is None:
                base.export.reject(part.place, part.value, "it has no type", incident_id=incident_id)
            if word is None or at is None:
                continue
            said: dict[str, object] = {
                "recorded_at": base.instant(part, "created_at", incident_id),
                "source_ref": first_text(part.value, "id") or f"milestone {word}",
                "note": _remark(word, at, started),
                "extra": leftover({"duration": part.value.get("duration")}, ()),
            }
            said |= self._actor(part.value.get("updated_by"))
            if word in POINTS:
                base.add(incident_id, "milestone", at, field=POINTS[word], **said)
            else:
                base.add(incident_id, "status", at, new=word, **said)

    def _roles(self, incident_id: str, row: Row) -> None:
        """Who holds or held which role; one that is inactive was given up when it was changed last."""
        base = self.base
        for part in base.export.parts(row, "role_assignments", incident_id=incident_id):
            is_over = part.value.get("status") == "inactive"
            cells = {
                "assumed_at": base.instant(part, "created_at", incident_id),
                "released_at": base.instant(part, "updated_at", incident_id) if is_over else None,
            }
            name = first_text(part.value, "incident_role.name")
            base.participant(incident_id, self.meet(part.value.get("user")), name, **cells)

    def _impacts(self, incident_id: str, row: Row) -> None:
        """What is affected and how far, as at the export."""
        for part in self.base.export.parts(row, "impacts", incident_id=incident_id):
            condition = first_text(part.value, "condition.name")
            sort = first_text(part.value, "type")
            self.base.impacts.append(
                {
                    "incident_id": incident_id,
                    "service": first_text(part.value, "impact.name", "impact"),
                    "degree": _DEGREES.get((condition or "").lower()),
                    "nature": "technical",
                    "text": ": ".join(text for text in (sort, condition) if text) or None,
                    "basis": "stated",
                    "note": "as at the export; since when is not in the record",
                    "source": self.base.export.source,
                }
            )

    def _tickets(self, incident_id: str, row: Row) -> None:
        """Tasks and follow-ups as action items."""
        base = self.base
        for part in (*base.export.parts(row, "incident_tickets", incident_id=incident_id),
                     *base.export.parts(row, "tickets", incident_id=incident_id)):  # fmt: skip
            value = part.value
            if value.get("type") == "incident":
                continue
            state = text_of(value.get("state"))
            listed = value.get("assignees")
            owners = [p for p in map(self.meet, listed if isinstance(listed, list) else []) if p]
            cells = {
                "action_id": identified(value.get("id")),
                "owner_id": owners[0] if owners else None,
                "priority": first_text(value, "priority.name", "priority"),
                "status": _DONE.get(state or "", state),
                "created_at": base.instant(part, "created_at", incident_id),
                "due_at": base.instant(part, "due_at", incident_id),
                "basis": "stated",
                "extra": leftover({key: value.get(key) for key in ("type", "description", "updated_at")}, ())
                | ({"other_owners": owners[1:]} if owners[1:] else {}),
            }
            base.action(incident_id, part, text_of(value.get("summary")), **cells)

    def _changes(self, incident_id: str, row: Row) -> None:
        """Changes that people tied to the incident: as its cause, its fix, a suspect, or dismissed."""
        base = self.base
        parts = [p for key in _CHANGES for p in base.export.parts(row, key, incident_id=incident_id)]
        for part in parts:
            change = Row(f"{part.place}.change_event", dict_of(part.value.get("change_event")) or part.value)
            tie = first_text(part.value, "type")
            said = {
                "field": tie,
                "text": first_text(change.value, "summary", "description"),
                "reason": text_of(part.value.get("why")),
                "service": next(iter(names_in(change.value.get("services"), "name")), None),
                "source_ref": first_text(part.value, "id"),
                "extra": leftover({"ends_at": change.value.get("ends_at")}, ())
                | {f"labels.{key}": text_of(cell) for key, cell in dict_of(change.value.get("labels")).items()},
            }
            base.add(incident_id, "change", base.instant(change, "starts_at", incident_id), **said)

    def _words(self, incident_id: str, row: Row) -> None:
        """Spoken words of a call, each with its speaker; times that only count from its beginning stay as they are."""
        base = self.base
        for key in _WORDS:
            for part in base.export.parts(row, key, incident_id=incident_id):
                speaker, start = text_of(part.value.get("speaker")), part.value.get("start")
                at = base.instant(part, "start", incident_id) if isinstance(start, str) else None
                said = {
                    "text": text_of(part.value.get("words")),
                    "actor_id": base.person(speaker, name=speaker),
                    "is_automatic": False,
                    "channel": "call",
                    "source_ref": first_text(part.value, "id"),
                    "extra": leftover({key: part.value.get(key) for key in ("start", "until")}, ()),
                }
                base.add(incident_id, "message", at, **said)

    def events_by_themselves(self, rows: Iterable[Row]) -> None:
        """Events that a file lists without their incident, by the incident they name."""
        of_incident: dict[str | None, list[Row]] = {}
        for row in rows:
            of_incident.setdefault(identified(row.value.get("incident_id")), []).append(row)
        for incident_id, listed in of_incident.items():
            self._events(incident_id, listed)

    def _events(self, incident_id: str | None, rows: Iterable[Row]) -> None:
        """Events from first to last, each once."""
        timed = [(self.base.instant(row, "occurred_at", incident_id), row) for row in rows]
        for at, row in in_time_order(timed):
            identifier = identified(row.value.get("id")) or row.place
            if identifier in self._seen:
                continue
            self._seen.add(identifier)
            actor = self._actor(row.value.get("author"))
            for kind, cells in event_of(self.base.export, row, self.meet):
                note = f"{kind} {cells.get('source_ref')}"
                if "source_ref" in cells and note in self._seen:
                    continue
                self._seen.add(note)
                told = {"source_ref": first_text(row.value, "id"), **actor, **cells}
                self.base.add(incident_id, kind, at, **told)

    def team(self, row: Row) -> None:
        """A team: its members, with the team's name."""
        name = text_of(row.value.get("name"))
        for part in self.base.export.parts(row, "memberships"):
            self.meet(part.value.get("user"), team=name)

    def meet(self, user: object, team: str | None = None) -> str | None:
        """A person that a record names; None when it names none."""
        value = dict_of(user)
        return self.base.person(
            value.get("id"), value.get("email"), name=value.get("name"), aliases=(value.get("email"),), team=team
        )

    def _actor(self, author: object) -> dict[str, object]:
        """Who acted: a user, or a machine such as the vendor's own; unknown when nobody is named."""
        value = dict_of(author)
        if not value:
            return {"actor_id": None, "is_automatic": None}
        is_person = "user" in (text_of(value.get("source")) or "user")
        if is_person:
            return {"actor_id": self.meet(value), "is_automatic": False}
        return {"actor_id": text_of(value.get("name")) or identified(value.get("id")), "is_automatic": True}


def _sort(value: Mapping[str, Any]) -> str | None:
    """Which of the vendor's records it is, by its own keys."""
    if len(_INCIDENT_KEYS & set(value)) >= 3:
        return "incidents"
    if value.get("visibility") in VISIBILITIES and "occurred_at" in value:
        return "events"
    if "slack_linked?" in value:
        return "users"
    return "teams" if {"memberships", "responding_services"} <= set(value) else None


def _is_record(value: Mapping[str, Any]) -> bool:
    return _sort(value) is not None


def _slug(value: Mapping[str, Any]) -> str | None:
    """The word of a milestone, in whichever of the vendor's shapes it stands."""
    word = first_text(value, "slug", "type")
    return word.lower() if word else None


def _remark(word: str, at: dt.datetime, started: dt.datetime | None) -> str:
    """The note of a milestone: its name, and where its time says nothing of its own."""
    if started is not None and word == "detected" and at == started:
        return "FireHydrant milestone detected: the time of started, as it is when an alert opened the incident"
    if started is not None and word == "acknowledged" and abs(at - started) < _AT_ONCE:
        return "FireHydrant milestone acknowledged: at once, as it is when a person opened the incident"
    return f"FireHydrant milestone {word}"


def _beyond(value: Mapping[str, Any]) -> dict[str, object]:
    """What an incident says beyond our columns: plain cells, labels, the state of its ticket, its measurements."""
    taken = ("id", "number", "name", "incident_url", "channel_name", "created_at", "summary", "started_at")
    # Secrets of pages, and what only repeats a part of the incident.
    left = ("private_id", "private_status_page_url", "organization_id", "last_update", "channel_reference")
    extra = leftover(value, (*taken, *left))
    extra |= {f"labels.{key}": text_of(cell) for key, cell in dict_of(value.get("labels")).items()}
    extra |= leftover({"tags": ", ".join(names_in(value.get("tag_list"), "name"))}, ())
    ticket = next((each for each in _objects(value.get("incident_tickets")) if each.get("type") == "incident"), {})
    extra |= leftover({key: ticket.get(key) for key in ("id", "state")}, (), prefix="ticket.")
    return extra | _measured(value)


def _durations(timed: Iterable[Timed]) -> dict[str, object]:
    """The durations of milestones, under the two that each lies between."""
    known = [part.value for at, part in timed if at is not None]
    pairs = itertools.pairwise(known)
    said = {f"milestones.{_slug(before)}-{_slug(after)}": after.get("duration") for before, after in pairs}
    return leftover(said, ())


def _measured(value: Mapping[str, Any]) -> dict[str, object]:
    """Measurements of the lifecycle, under the two milestones that each names; else under its own name."""
    found: dict[str, object] = {}
    for part in _objects(value.get("lifecycle_measurements")):
        ends = [first_text(part, f"{key}.slug", key) for key in ("starts_at_milestone", "ends_at_milestone")]
        name = "-".join(end for end in ends if end) if all(ends) else first_text(part, "slug", "name")
        measured = text_of(part.get("value"))
        if name is not None and measured is not None:
            found[f"lifecycle_measurements.{name.lower()}"] = measured
    return found


def _objects(value: object) -> list[dict[str, Any]]:
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []
