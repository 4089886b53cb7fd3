"""VictorOps, now Splunk On-Call: incidents of the reporting API with their transitions, and users.

What the vendor does oddly:

- ``incidentNumber`` is a text, and the only identifier an incident has.
- an incident has no time of its end: only its transitions say when it was acknowledged and resolved.
- ``entityState`` is what the monitor last said, not how bad the incident is: it is kept, and is never a severity.
- whom it paged is listed without a time.
"""

from __future__ import annotations

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
    in_time_order,
    leftover,
    open_export,
    renamed,
    text_of,
    zone_as_written,
)
from .._json import sketch

NAME = "victorops"
DESCRIPTION = (
    "VictorOps (Splunk On-Call) incidents with transitions, and users: JSON of the reporting API, or of a connector"
)
TIME_ZONE_RULE = (
    "Times carry Z or an offset. A time without one is read in the zone you name; otherwise it stays missing."
)
EXAMPLE = (
    '[{"incidentNumber": "7", "currentPhase": "resolved", "startTime": "2026-01-05T09:00:00Z", "transitions": []}]'
)
SEVERITIES: tuple[str, ...] = ()
DURATIONS: Mapping[str, VendorDuration] = {}
COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "incidents.incidentNumber": "incident_id",
        "incidents.entityDisplayName": "title",
        "incidents.currentPhase": "status",
        "incidents.service": "service",
        "incidents.incidentLink": "source_url",
        "incidents.startTime": "declared",
        "transitions.at": "at",
        "transitions.by": "actor_id",
        "transitions.message": "text",
        "transitions.alertId": "source_ref",
        "users.username": "person_id",
        "users.displayName": "name",
        "users.email": "aliases",
    }
)

_LISTS = ("incidents", "users")
_STATUS = {
    "triggered": "open", "unacked": "open", "acknowledged": "open", "acked": "open",
    "resolved": "resolved",
}  # fmt: skip
_MACHINES = ("system", "victorops", "splunk on-call")
_ACKNOWLEDGED = ("acknowledged", "acked")
_NO_END = "{n} incident(s) are resolved without a transition that says when; their end stays missing"


def recognises(head: bytes) -> bool:
    """By ``incidentNumber`` beside ``currentPhase`` or ``transitions``, or by ``_selfUrl`` of users and teams."""
    seen = sketch(head, _LISTS, _is_record)
    return any(map(_is_record, seen.records))


def read(path: Path, *, time_zone: str | None = None) -> Records:
    """Incidents with every change of their phase, whom they paged, and everybody named."""
    export = open_export(path, name=NAME, lists=_LISTS, streams=_LISTS, is_record=_is_record, time_zone=time_zone)
    told = _Told(export)
    for incident_id, row in export.known_by("incidentNumber", may_lack=_is_of_account):
        if incident_id:
            told.incident(incident_id, row)
        elif not told.user(row.value):
            export.count("other_list", "{n} record(s) describe teams of the account, no incident")
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
        """An incident: its row, its opening, its transitions, and whom it paged."""
        cells = renamed(row.value, COLUMNS, "incidents.")
        opened, phase = cells.pop("declared"), (cells["status"] or "").lower()
        derived = {
            "incident_id": incident_id,
            "number": incident_id,
            "status": _STATUS.get(phase, cells["status"]),
            "kind": "incident",
            "visibility": "internal",
            "time_zone": zone_as_written(opened),
            "source": self.export.source,
            "extra": _beyond(row.value),
        }
        self.incidents.append({**cells, **derived})
        at = self.export.instant(row, "startTime", incident_id=incident_id)
        if at is not None:
            # As with every pager, that it opened a record is our reading of a declaration.
            inferred = {"basis": "inferred", "is_automatic": True, "source_ref": "startTime"}
            self._add(incident_id, "status", at, new="declared", note="VictorOps startTime", **inferred)
        parts = self.export.parts(row, "transitions", incident_id=incident_id)
        timed = [(self.export.instant(part, "at", incident_id=incident_id), part) for part in parts]
        is_over = self._transitions(incident_id, in_time_order(timed))
        if _STATUS.get(phase) == "resolved" and not is_over:
            self.export.count("no_end", _NO_END)
        for user in _texts(row.value.get("pagedUsers")):
            cells_of_page = {"field": "paged", "actor_id": self.meet(user), "is_automatic": True}
            note = "whom it paged is listed without a time"
            self._add(incident_id, "alert", None, **cells_of_page, note=note, source_ref="pagedUsers")

    def _transitions(self, incident_id: str, timed: list[Timed]) -> bool:
        """The changes of phase from first to last; returns whether the last of them says when it was over."""
        is_over = False
        for at, part in timed:
            value, word = part.value, (text_of(part.value.get("name")) or "").lower()
            cells = renamed(value, COLUMNS, "transitions.")
            cells.pop("at")
            by, extra = cells.pop("actor_id"), leftover(value, ("name", "at", "by", "message", "alertId"))
            shared: dict[str, object] = {**cells, **self._actor(by), "extra": extra}
            if word == "triggered":
                if is_over:
                    self._add(incident_id, "status", at, **shared, new="reopened")
                fact = {"new": "triggered"} if shared["is_automatic"] is False else {"field": "fired"}
                self._add(incident_id, "status" if "new" in fact else "alert", at, **{**shared, **fact})
            elif word in _ACKNOWLEDGED:
                self._add(incident_id, "status", at, **shared, new="acknowledged")
            elif word == "resolved":
                self._add(incident_id, "status", at, **shared, new="resolved")
            else:
                message = f"{{n}} transition(s) of the unknown name {word[:100]!r} were kept as notes"
                self.export.count("unknown_type", message)
                self._add(incident_id, "note", at, **shared, field=word or None)
            is_over = at is not None if word == "resolved" else is_over and word != "triggered"
        return is_over

    def _actor(self, by: str | None) -> dict[str, object]:
        """Who acted; a transition without a name, and one by the system, is a machine's."""
        if by is None or by.lower() in _MACHINES:
            return {"actor_id": by, "is_automatic": True}
        return {"actor_id": self.meet(by), "is_automatic": False}

    def meet(self, username: str) -> str:
        """A person of whom only the name of the account is known."""
        self.people.setdefault(username, {"person_id": username, "source": self.export.source})
        return username

    def user(self, value: Mapping[str, Any]) -> bool:
        """A user of the account; whether it is one."""
        cells = renamed(value, COLUMNS, "users.")
        if cells["person_id"] is None:
            return False
        self.meet(cells["person_id"])
        known = self.people[cells["person_id"]]
        names = (text_of(value.get("firstName")), text_of(value.get("lastName")))
        full = " ".join(name for name in names if name)
        known["name"] = cells["name"] or full or None
        others = (full if full != known["name"] else None, cells["aliases"])
        known["aliases"] = [other for other in others if other]
        return True

    def _add(self, incident_id: str, kind: str, at: Any, **cells: object) -> None:
        self.events.append(self.export.event(kind, at, incident_id=incident_id, **cells))


def _is_record(value: Mapping[str, Any]) -> bool:
    is_incident = "incidentNumber" in value and ("currentPhase" in value or "transitions" in value)
    return is_incident or _is_of_account(value)


def _is_of_account(value: Mapping[str, Any]) -> bool:
    """Whether a record is a user or a team: both say where the public API has them."""
    return "incidentNumber" not in value and (text_of(value.get("_selfUrl")) or "").startswith("/api-public/")


def _beyond(value: Mapping[str, Any]) -> dict[str, object]:
    """What an incident says beyond our columns; its own word for the phase and the teams it paged are kept."""
    taken = ("incidentNumber", "entityDisplayName", "service", "incidentLink", "startTime")
    teams = [
        name
        for part in value.get("pagedPolicies") or ()
        if (name := first_text(part, "team.name", "team.slug", "policy.name"))
    ] if isinstance(value.get("pagedPolicies"), list) else []  # fmt: skip
    paged = list(dict.fromkeys(teams or _texts(value.get("pagedTeams"))))
    return leftover(value, taken) | ({"paged_teams": paged} if paged else {})


def _texts(listed: object) -> list[str]:
    """The texts in a list; nothing when it is none."""
    return [text for text in map(text_of, listed) if text] if isinstance(listed, list) else []
