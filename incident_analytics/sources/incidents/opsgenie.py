"""Opsgenie: incidents with their timelines, and alerts with their logs and notes, as the REST API lists them.

An alert that names no incident is one of its own, since Opsgenie calls people for alerts. What the vendor does oddly:

- an incident has no time of its end: ``updatedAt`` is when anything was last changed, also weeks later. Only the
  timeline says when it was resolved or closed; where it does not, the end stays missing.
- ``impactEndDate`` is when people were no longer affected, which is not when the incident was resolved.
- ``report.ackTime`` and ``report.closeTime`` of an alert are no times but durations, in milliseconds.
- a log of an alert says in words only what happened; what we read of them is marked as inferred.
- ``responders`` are listed without a time.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
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

NAME = "opsgenie"
DESCRIPTION = (
    "Opsgenie incidents with timelines, and alerts with logs and notes: JSON of the REST API, or of a connector"
)
TIME_ZONE_RULE = (
    "Times carry Z or an offset. A time without one is read in the zone you name; otherwise it stays missing."
)
EXAMPLE = (
    '{"data": [{"id": "i1", "tinyId": "7", "message": "Ovens are cold", "impactedServices": [], "priority": "P1"}]}'
)
SEVERITIES = ("P1", "P2", "P3", "P4", "P5")  # critical to informational, as the documentation of priorities lists them
DURATIONS: Mapping[str, VendorDuration] = MappingProxyType(
    {
        "report.ackTime": VendorDuration(
            "triggered",
            "acknowledged",
            "ms",
            "from the creation of the alert to its first acknowledgement (Opsgenie alert report)",
            ends_at="first",
            tolerance=1000,
        ),
        "report.closeTime": VendorDuration(
            "triggered",
            "closed",
            "ms",
            "from the creation of the alert to its closing (Opsgenie alert report)",
            tolerance=1000,
        ),
    }
)
COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "incidents.id": "incident_id",
        "incidents.tinyId": "number",
        "incidents.message": "title",
        "incidents.description": "summary",
        "incidents.status": "status",
        "incidents.links.web": "source_url",
        "incidents.impactedServices": "affected_services",
        "incidents.createdAt": "declared",
        "incidents.impactStartDate": "impact_start",
        "incidents.impactEndDate": "impact_end",
        "incidents.priority": "new",
        "timelines.id": "source_ref",
        "timelines.eventTime": "at",
        "timelines.actor.name": "actor_id",
        "timelines.title.content": "text",
        "logs.createdAt": "at",
        "logs.owner": "actor_id",
        "logs.log": "text",
        "notes.note": "text",
    }
)

_LISTS = ("data", "incidents", "alerts")
_INCIDENT_KEYS = ("impactedServices", "impactStartDate", "ownerTeam", "timelines")
_ALERT_KEYS = ("alias", "isSeen", "lastOccurredAt", "acknowledged", "report")
_TAKEN = frozenset(
    {"id", "tinyId", "message", "description", "status", "createdAt", "impactStartDate", "impactEndDate"}
)
_STATUS = {"open": "open", "resolved": "resolved", "closed": "closed"}
_MACHINES = ("system", "opsgenie")
_PRIORITY = "priority at the time of the export; when it was set is not in this file"
_NO_END = "{n} incident(s) are over without an entry that says when; updatedAt is no end, so it stays missing"
_BY_WORDS = "read from the words of the log"

# What an entry of a timeline does, by its type in small letters without anything between; the first that fits.
_TYPES: tuple[tuple[re.Pattern[str], str, Mapping[str, object]], ...] = tuple(
    (re.compile(pattern), kind, fact)
    for pattern, kind, fact in (
        # An alert of the incident may be closed, too: that is not the end of the incident.
        ("(incident)?reopened", "status", {"new": "reopened"}),
        ("(incident)?resolved", "status", {"new": "resolved"}),
        ("(incident)?closed", "status", {"new": "closed"}),
        (".*unacknowledged", "status", {"new": "unacknowledged"}),
        (".*acknowledged", "status", {"new": "acknowledged"}),
        (".*responderadded", "role", {"field": "requested"}),
        (".*responderjoined", "role", {"field": "joined"}),
        (".*note(added)?", "message", {}),
        ("stakeholder.*(notified|updated?)", "update", {"audience": "stakeholders"}),
        ("statuspage.*updated?", "update", {"audience": "public"}),
        ("(incident)?created", "note", {"field": "created"}),
    )
)
_LOGS = (
    (re.compile(r"(?:alert )?unacknowledged\b", re.IGNORECASE), "unacknowledged"),
    (re.compile(r"(?:alert )?acknowledged\b", re.IGNORECASE), "acknowledged"),
    (re.compile(r"(?:alert )?closed\b", re.IGNORECASE), "closed"),
    (re.compile(r"(?:alert )?re-?opened\b", re.IGNORECASE), "reopened"),
)


def recognises(head: bytes) -> bool:
    """By ``tinyId`` beside keys of an incident or of an alert, or by an empty page with ``took`` and ``requestId``."""
    seen = sketch(head, _LISTS, _is_record)
    if not seen.records:
        return seen.outer.get("data") == [] and {"took", "requestId"} <= set(seen.outer)
    return any(map(_is_record, seen.records))


def read(path: Path, *, time_zone: str | None = None) -> Records:
    """Incidents with their timelines; alerts with their logs and notes, each an incident unless it names one."""
    export = open_export(
        path, name=NAME, lists=_LISTS, streams=("incidents", "alerts"), is_record=_is_record, time_zone=time_zone
    )
    told = _Told(export)
    for identifier, row in export.known_by("id"):
        if row.stream == "alerts" or _is_alert(row.value):
            told.alert(identifier, row)
        elif row.stream == "incidents" or _is_record(row.value):
            told.incident(identifier, row)
        else:
            export.reject(row.place, row.value, "it is neither an incident nor an alert")
    records = Records.build(
        incidents=told.incidents,
        events=told.events,
        participants=told.participants,
        people=told.people.values(),
        findings=export.findings,
    )
    # A file may hold an older and a newer state of one incident: merging makes them one row.
    return records.merge() if records.incidents["incident_id"].duplicated().any() else records


@dataclass(slots=True)
class _Told:
    """What a file has told so far."""

    export: Export
    incidents: list[dict[str, object]] = field(default_factory=list)
    events: list[dict[str, object]] = field(default_factory=list)
    participants: list[dict[str, object]] = field(default_factory=list)
    people: dict[str, dict[str, object]] = field(default_factory=dict)

    def incident(self, incident_id: str, row: Row) -> None:
        """An incident: its row, its milestones, its priority, who responded, and its timeline."""
        status = self._row(incident_id, row)
        at = self.export.instant(row, "createdAt", incident_id=incident_id)
        self._opened(incident_id, "status", at, {"new": "declared", "basis": "inferred"})
        for point, cell in (("impact_start", "impactStartDate"), ("impact_end", "impactEndDate")):
            at = self.export.instant(row, cell, incident_id=incident_id)
            if at is not None:
                self._add(incident_id, "milestone", at, field=point, note=f"Opsgenie {cell}", source_ref=cell)
        self._priority(incident_id, row.value)
        entries = self._timed(incident_id, row, ("timelines", "timeline"), "eventTime")
        words = [self._timeline(incident_id, at, part) for at, part in in_time_order(entries)]
        if status in ("resolved", "closed") and not {"resolved", "closed"} & set(words):
            self.export.count("no_end", _NO_END)

    def alert(self, alert_id: str, row: Row) -> None:
        """An alert, with an incident of its own when it names none: fired, then what its logs and notes say."""
        value = row.value
        named = first_text(value, "incidentId", "incident.id", "details.incidentId", "details.incident-id")
        incident_id = named or alert_id
        is_own = named is None
        if is_own:
            self._row(incident_id, row)
            self._priority(incident_id, value)
        extra = {} if is_own else _beyond(value)
        at = self.export.instant(row, "createdAt", incident_id=incident_id)
        self._opened(incident_id, "alert", at, {"field": "fired", "source_ref": alert_id, "extra": extra})
        if is_own:
            # The vendor's own durations count from here.
            self._opened(incident_id, "status", at, {"new": "triggered"})
        entries = self._timed(incident_id, row, ("logs", "notes"), "createdAt")
        words = [self._log(incident_id, at, part) for at, part in in_time_order(entries)]
        if is_own and text_of(value.get("status")) == "closed" and "closed" not in words:
            self.export.count("no_end", _NO_END)

    def _row(self, incident_id: str, row: Row) -> str | None:
        """The row of an incident, and the people it lists; returns its status."""
        cells = renamed(row.value, COLUMNS, "incidents.")
        services = row.value.get("impactedServices")
        self.incidents.append(
            {
                "incident_id": incident_id,
                "number": cells["number"],
                "title": cells["title"],
                "summary": cells["summary"],
                "status": _STATUS.get(cells["status"] or "", cells["status"]),
                "kind": "incident",
                "affected_services": _texts(services),
                "visibility": "internal",
                "time_zone": zone_as_written(cells["declared"]),
                "source_url": cells["source_url"],
                "source": self.export.source,
                "extra": _beyond(row.value),
            }
        )
        for part in self.export.parts(row, "responders", incident_id=incident_id):
            if text_of(part.value.get("type")) == "user":
                self._took_part(
                    incident_id, identified(part.value.get("id")), first_text(part.value, "name", "username")
                )
        for key in ("acknowledgedBy", "closedBy"):
            name = first_text(row.value, f"report.{key}")
            if name is not None and name.lower() not in _MACHINES:
                self._took_part(incident_id, name, None)
        return cells["status"]

    def _took_part(self, incident_id: str, person_id: str | None, name: str | None) -> None:
        """A responder, named without a time."""
        if person_id is None:
            return
        row: dict[str, object] = {"incident_id": incident_id, "person_id": person_id, "role": "responder"}
        row["source"] = self.export.source
        self._meet(person_id, name)
        if row not in self.participants:
            self.participants.append(row)

    def _opened(self, incident_id: str, kind: str, at: dt.datetime | None, fact: Mapping[str, object]) -> None:
        if at is not None:
            cells = {"note": "Opsgenie createdAt", "source_ref": "createdAt", "is_automatic": True, **fact}
            self._add(incident_id, kind, at, **cells)

    def _priority(self, incident_id: str, value: Mapping[str, Any]) -> None:
        priority = text_of(value.get("priority"))
        if priority is not None:
            cells = {"basis": "inferred", "note": _PRIORITY, "source_ref": "priority"}
            self._add(incident_id, "severity", None, new=priority, **cells)

    def _timed(self, incident_id: str, row: Row, keys: tuple[str, ...], cell: str) -> list[Timed]:
        parts = [part for key in keys for part in self.export.parts(row, key, incident_id=incident_id)]
        return [(self.export.instant(part, cell, incident_id=incident_id), part) for part in parts]

    def _timeline(self, incident_id: str, at: dt.datetime | None, part: Row) -> str | None:
        """An entry of a timeline; returns the status it leads to, when it says when."""
        value, cells = part.value, renamed(part.value, COLUMNS, "timelines.")
        word = re.sub(r"[^a-z]", "", (text_of(value.get("type")) or "").lower())
        found = next(((kind, fact) for pattern, kind, fact in _TYPES if pattern.fullmatch(word)), None)
        if found is None:
            message = f"{{n}} timeline entries of the unknown type {text_of(value.get('type'))!r} were kept as notes"
            self.export.count("unknown_type", message)
        kind, fact = found or ("note", {"field": text_of(value.get("type"))})
        actor = self._actor(cells["actor_id"], first_text(value, "actor.type"))
        extra = leftover(value, ("id", "eventTime")) | leftover({"actor.type": first_text(value, "actor.type")}, ())
        said = {"text": cells["text"], "source_ref": cells["source_ref"], "extra": extra}
        self._add(incident_id, kind, at, **{**actor, **said, **fact})
        new = fact.get("new")
        return new if isinstance(new, str) and at is not None else None

    def _log(self, incident_id: str, at: dt.datetime | None, part: Row) -> str | None:
        """A log of an alert, or a note; returns the status it leads to, when it says when."""
        value = part.value
        actor = self._actor(text_of(value.get("owner")), text_of(value.get("type")))
        said = {
            "source_ref": text_of(value.get("offset")),
            "extra": leftover(value, ("log", "note", "owner", "createdAt", "offset")),
        }
        note, log = text_of(value.get("note")), text_of(value.get("log"))
        if log is None:
            self._add(incident_id, "message", at, **actor, **said, text=note)
            return None
        word = next((word for pattern, word in _LOGS if pattern.match(log.strip())), None)
        if word is None:
            self._add(incident_id, "note", at, **actor, **said, text=log, field="log")
            return None
        self._add(incident_id, "status", at, **actor, **said, text=log, new=word, basis="inferred", note=_BY_WORDS)
        return word if at is not None else None

    def _actor(self, name: str | None, kind: str | None) -> dict[str, object]:
        """Who acted: a person or a machine; unknown when nobody is named."""
        if name is None:
            return {"actor_id": None, "is_automatic": None}
        if (kind or "").lower() in _MACHINES or name.lower() in _MACHINES:
            return {"actor_id": name, "is_automatic": True}
        return {"actor_id": self._meet(name, None), "is_automatic": False}

    def _meet(self, person_id: str, name: str | None) -> str:
        known = self.people.setdefault(person_id, {"person_id": person_id, "name": None, "source": self.export.source})
        known["name"] = known["name"] or name
        return person_id

    def _add(self, incident_id: str, kind: str, at: dt.datetime | None, **cells: object) -> None:
        self.events.append(self.export.event(kind, at, incident_id=incident_id, **cells))


def _is_record(value: Mapping[str, Any]) -> bool:
    return "tinyId" in value and any(key in value for key in (*_INCIDENT_KEYS, *_ALERT_KEYS))


def _is_alert(value: Mapping[str, Any]) -> bool:
    return any(key in value for key in _ALERT_KEYS) and not any(key in value for key in _INCIDENT_KEYS[:2])


def _beyond(value: Mapping[str, Any]) -> dict[str, object]:
    """What a record says beyond our columns: plain cells, tags, its own properties, and its report."""
    extra = leftover(value, _TAKEN) | leftover({"status": value.get("status")}, ())
    for key in ("report", "extraProperties", "details", "integration"):
        inner = value.get(key)
        if isinstance(inner, dict):
            extra |= leftover(inner, (), prefix=f"{key}.")
    for key in ("tags", "actions"):
        listed = _texts(value.get(key))
        extra |= {key: listed} if listed else {}
    responders = value.get("responders")
    teams = [
        team
        for part in (responders if isinstance(responders, list) else ())
        if first_text(part, "type") == "team" and (team := first_text(part, "name", "id"))
    ]
    return extra | ({"responder_teams": teams} if teams else {})


def _texts(listed: object) -> list[str]:
    """The texts in a list; nothing when it is none."""
    return [text for text in map(text_of, listed) if text] if isinstance(listed, list) else []
