"""Netflix Dispatch: incidents as its API gives them, or a PostgreSQL dump of its database.

What the vendor does oddly:

- times are UTC and carry no zone.
- what changed stands in the sentences of the events: "... changed the incident severity to High".
- older ages write a change of status as two sentences at once; the second is kept as a note.
- an incident that is created as closed gets one and the same time for its report, its stability and its closing: it
  is read as backfilled, since its durations of zero were never measured.
- an export without severities, as of older ages, has only the priority, which is then read as one.
- "stable" is when the main impact is over; there is no resolution before the closing of the record.
- ``view_order`` orders severities on a screen, in whichever direction an instance likes: it is no rank.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import available_timezones

from ...records import Records
from .._contract import HEAD_BYTES, VendorDuration, origin
from .._dispatch_dump import is_dump, records_of_dump
from .._dispatch_events import ROLES, audience_of, report_text, severity_at_creation, understood
from .._export import Export, Row, dig, first_text, identified, in_time_order, leftover, open_export, renamed, text_of
from .._instants import zone_named
from .._json import sketch

NAME = "dispatch"
DESCRIPTION = (
    "Netflix Dispatch incidents with events, roles, tasks, reports and costs: JSON of the API, or a PostgreSQL dump"
)
TIME_ZONE_RULE = "Times are UTC and do not say so; another zone is taken where you name it."
EXAMPLE = (
    '{"items": [{"name": "otter-1", "reported_at": "2026-01-05T09:00:00", "stable_at": null, "participants": []}]}'
)
SEVERITIES = ("Critical", "High", "Medium", "Low")  # those of a new instance, besides the one for not yet known
DURATIONS: Mapping[str, VendorDuration] = {}
COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "incidents.name": "incident_id",
        "incidents.id": "number",
        "incidents.title": "title",
        "incidents.description": "summary",
        "incidents.status": "status",
        "incidents.incident_severity.name": "new",
        "incidents.reported_at": "declared",
        "incidents.created_at": "recorded_at",
        "incidents.stable_at": "mitigated",
        "incidents.closed_at": "closed",
        "incidents.ticket.weblink": "source_url",
        "events.uuid": "source_ref",
        "events.started_at": "at",
        "events.created_at": "recorded_at",
        "events.source": "channel",
        "events.description": "text",
        "participant_roles.role": "role",
        "participant_roles.assumed_at": "assumed_at",
        "participant_roles.renounced_at": "released_at",
        "tasks.description": "title",
        "tasks.weblink": "ticket",
        "tasks.priority": "priority",
        "individuals.email": "person_id",
        "individuals.name": "name",
        "participants.team": "team",
    }
)

_LISTS = ("items",)
_KEYS = {
    "reported_at", "stable_at", "incident_priority", "incident_severity", "participants", "incident_costs", "commander",
    "total_cost", "last_tactical_report",
}  # fmt: skip
_STATUS = {"active": "open", "stable": "mitigated", "closed": "closed"}
_TASKS = {"open": "open", "resolved": "done"}
_BY_PEOPLE = ("Incident Participant", "Incident Commander")
_CHANNEL_OPEN = "Incident conversation created"


def recognises(head: bytes) -> bool:
    """By three of the vendor's own keys in a record, or by the COPY blocks of its tables in a dump."""
    if is_dump(head):
        return True
    return any(len(_KEYS & set(value)) >= 3 for value in sketch(head, _LISTS).records)


def read(path: Path, *, time_zone: str | None = None) -> Records:
    """Incidents with their milestones, the account of their events, roles, tasks and reports."""
    path, zone = Path(path), time_zone or "UTC"
    if _is_dump_file(path):
        zone_named(zone)
        export = Export(origin(NAME, path), zone)
        export.rows = list(records_of_dump(path, export))
    else:
        export = open_export(path, name=NAME, lists=_LISTS, time_zone=zone)
    told = _Told(export)
    for identifier, row in export.known_by("name", "id"):
        told.incident(identifier, row)
    records = Records.build(
        incidents=told.incidents,
        events=told.events,
        participants=told.participants,
        people=told.people.values(),
        actions=told.actions,
        findings=export.findings,
    )
    # A file may hold an older and a newer state of one incident: merging makes them one row.
    return records.merge() if records.incidents["incident_id"].duplicated().any() else records


def _is_dump_file(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return is_dump(file.read(HEAD_BYTES))
    except OSError:
        return False  # opening it as an export says why


@functools.cache
def _zones() -> frozenset[str]:
    """Names of time zones: some instances give people's places by them."""
    return frozenset(available_timezones())


@dataclass(slots=True)
class _Told:
    """What a file has told so far."""

    export: Export
    incidents: list[dict[str, object]] = field(default_factory=list)
    events: list[dict[str, object]] = field(default_factory=list)
    participants: list[dict[str, object]] = field(default_factory=list)
    people: dict[str, dict[str, object]] = field(default_factory=dict)
    actions: list[dict[str, object]] = field(default_factory=list)

    def incident(self, incident_id: str, row: Row) -> None:
        """An incident: its row, its milestones, its people, its account, its tasks."""
        value, cells = row.value, renamed(row.value, COLUMNS, "incidents.")
        self._people(incident_id, row)
        is_backfilled = self._milestones(incident_id, row)
        if dig(value, "incident_type.exclude_from_metrics") is True:
            self.export.count(
                "excluded_by_type", "{n} incident(s) are of a type that the vendor leaves out of its metrics"
            )
        self.incidents.append(
            {
                "incident_id": incident_id,
                "number": cells["number"],
                "title": cells["title"],
                "summary": cells["summary"],
                "kind": "backfilled" if is_backfilled else "incident",
                "status": _STATUS.get((cells["status"] or "").lower(), cells["status"]),
                "channel": first_text(value, "conversation.name", "conversation.channel_id"),
                "visibility": "internal",
                "time_zone": self.export.time_zone,
                "source_url": cells["source_url"],
                "references": self._references(incident_id, row),
                "source": self.export.source,
                "extra": self._beyond(row, incident_id),
            }
        )  # fmt: skip
        self._account(incident_id, row)
        for part in self.export.parts(row, "tasks", incident_id=incident_id):
            self._task(incident_id, part)

    def _milestones(self, incident_id: str, row: Row) -> bool:
        """What the cells of an incident say of its course; whether it was entered when it was over."""
        recorded = self.export.instant(row, "created_at", incident_id=incident_id)
        reporter = self.meet(dig(row.value, "reporter.individual") or row.value.get("reporter"))
        times = {}
        for point, cell in (("declared", "reported_at"), ("mitigated", "stable_at"), ("closed", "closed_at")):
            at = times[point] = self.export.instant(row, cell, incident_id=incident_id)
            if at is not None:
                said = {"recorded_at": recorded, "actor_id": reporter} if point == "declared" else {}
                self._add(incident_id, "milestone", at, field=point, source_ref=cell, **said)
        is_backfilled = times["declared"] is not None and times["declared"] == times["mitigated"] == times["closed"]
        if is_backfilled:
            message = f"{row.place} was reported, stable and closed at one time: it was created as closed, and is read as backfilled"
            self.export.note("backfilled", "info", message, place=row.place, incident_id=incident_id)
        return is_backfilled  # fmt: skip

    def _references(self, incident_id: str, row: Row) -> list[dict[str, object]]:
        parts = [part.value for part in self.export.parts(row, "documents", incident_id=incident_id)]
        return [
            {"title": first_text(part, "name", "description", "resource_type"), "url": text_of(part.get("weblink"))}
            for part in parts
            if first_text(part, "name", "resource_type", "weblink")
        ]

    def _beyond(self, row: Row, incident_id: str) -> dict[str, object]:
        """What an incident says beyond our columns: its plain cells, names of a few objects, tags and costs."""
        value = row.value
        named = {
            key: dig(value, f"{key}.name")
            for key in ("incident_type", "incident_priority", "incident_severity", "project")
        }
        flags = {"exclude_from_metrics": dig(value, "incident_type.exclude_from_metrics")}
        tags = [
            text
            for part in self.export.parts(row, "tags", incident_id=incident_id)
            if (text := text_of(part.value.get("name")))
        ]
        twins = [
            text
            for part in self.export.parts(row, "duplicates", incident_id=incident_id)
            if (text := first_text(part.value, "name", "id"))
        ]
        costs = [
            {
                "type": first_text(part.value, "incident_cost_type.name"),
                "category": first_text(part.value, "incident_cost_type.category"),
                "amount": part.value.get("amount"),
            }
            for part in self.export.parts(row, "incident_costs", incident_id=incident_id)
        ]
        lists: dict[str, object] = {
            key: cell for key, cell in (("tags", tags), ("duplicates", twins), ("costs", costs)) if cell
        }
        used = tuple(theirs.removeprefix("incidents.") for theirs in COLUMNS if theirs.startswith("incidents."))
        return leftover(value, used) | leftover({"status": value.get("status")}, ()) | leftover(named | flags, ()) | lists  # fmt: skip

    def _people(self, incident_id: str, row: Row) -> None:
        """Who held which role from when to when."""
        for part in self.export.parts(row, "participants", incident_id=incident_id):
            person = self.meet(part.value.get("individual"), part.value)
            for held in self.export.parts(part, "participant_roles", incident_id=incident_id):
                role = text_of(held.value.get("role"))
                if person is None or role is None:
                    self.export.reject(held.place, held.value, "it names no person or no role", incident_id=incident_id)
                    continue
                self.participants.append(
                    {
                        "incident_id": incident_id,
                        "person_id": person,
                        "role": ROLES.get(role.lower(), role),
                        "duty": role if role.lower() in ("liaison", "assignee") else None,
                        "assumed_at": self.export.instant(held, "assumed_at", incident_id=incident_id),
                        "released_at": self.export.instant(held, "renounced_at", incident_id=incident_id),
                        "source": self.export.source,
                        "extra": leftover({"activity": held.value.get("activity")}, ()),
                    }
                )

    def _account(self, incident_id: str, row: Row) -> None:
        """The sentences of the account from first to last, the severity at the beginning, and the reports."""
        parts = self.export.parts(row, "events", incident_id=incident_id)
        timed = in_time_order(
            [(self.export.instant(part, "started_at", incident_id=incident_id), part) for part in parts]
        )
        cell = (
            "incident_severity"
            if isinstance(row.value.get("incident_severity"), dict)
            and text_of(dig(row.value, "incident_severity.name"))
            else "incident_priority"
        )
        said = [understood(part.value, priority_is_severity=cell == "incident_priority") for _, part in timed]
        self._first_severity(incident_id, row, cell, timed, is_changed=any(each.kind == "severity" for each in said))
        reported: set[object] = set()
        state: object = None
        for (at, part), sentence in zip(timed, said, strict=True):
            kind, cells = sentence.kind, dict(sentence.cells)
            if kind == "status":
                # The same state twice running is one change that was written twice.
                kind, state = ("note" if cells["new"] == state else "status"), cells["new"]
            if kind == "update":
                reported.add(cells["text"])
            self._event(incident_id, at, part, kind, sentence.who, cells)
        self._reports(incident_id, row, reported)

    def _first_severity(self, incident_id: str, row: Row, cell: str, timed: list[Any], *, is_changed: bool) -> None:
        """The severity when the incident was created, where the account keeps it; else that of the export."""
        for at, part in timed:
            word = severity_at_creation(part.value)
            if word:
                self._add(incident_id, "severity", at, new=word, source_ref=text_of(part.value.get("uuid")))
                return
        word = text_of(dig(row.value, f"{cell}.name"))
        if word is None or is_changed:
            return
        note = "at the time of the export; when it was set is not in this file"
        if timed:
            note = "at the time of the export; the account says no change of it"
        at = self.export.instant(row, "reported_at", incident_id=incident_id) if timed else None
        self._add(incident_id, "severity", at, new=word, basis="inferred", note=note, source_ref=cell)

    def _event(
        self, incident_id: str, at: dt.datetime | None, part: Row, kind: str, who: str | None, cells: dict[str, object]
    ) -> None:
        """One event of the account; that the channel was opened is a milestone besides."""
        value, told = part.value, renamed(part.value, COLUMNS, "events.")
        recorded = self.export.instant(part, "created_at", incident_id=incident_id)
        actor = self.meet(value.get("individual")) or self._named(who)
        by_person = (
            text_of(value.get("source")) in _BY_PEOPLE
            or kind == "message"
            or text_of(value.get("type")) == "Custom event"
        )
        shared: dict[str, object] = {
            "recorded_at": recorded,
            "source_ref": told["source_ref"],
            "is_automatic": not by_person,
        }
        ended = text_of(value.get("ended_at"))
        extra = leftover(
            value,
            (
                "id",
                "uuid",
                "started_at",
                "ended_at",
                "created_at",
                "updated_at",
                "description",
                "source",
                "incident_id",
                "individual_id",
            ),
        )
        extra |= leftover({"ended_at": ended if ended != text_of(value.get("started_at")) else None}, ())
        if kind != "update" and isinstance(value.get("details"), dict):
            extra |= leftover(value["details"], (), prefix="details.")
        if kind == "role":
            actor = self._named(who)
        written = {"text": told["text"], "channel": told["channel"], "actor_id": actor, "extra": extra}
        self._add(incident_id, kind, at, **shared | written | cells)
        if told["text"] == _CHANNEL_OPEN and at is not None:
            self._add(incident_id, "milestone", at, **shared, field="channel_open")  # fmt: skip

    def _reports(self, incident_id: str, row: Row, reported: set[object]) -> None:
        """Reports that the account does not tell of."""
        listed = list(self.export.parts(row, "reports", incident_id=incident_id))
        for sort in ("tactical", "executive"):
            last = row.value.get(f"last_{sort}_report")
            if isinstance(last, dict):
                listed.append(Row(f"{row.place}.last_{sort}_report", {"type": f"{sort} report"} | last))
        for part in listed:
            text = report_text(part.value.get("details"))
            if text is None or text in reported:
                continue
            reported.add(text)
            at = self.export.instant(part, "created_at", incident_id=incident_id)
            about = audience_of(text_of(part.value.get("type")) or "")
            self._add(incident_id, "update", at, text=text, **about, source_ref=text_of(part.value.get("id")))

    def _task(self, incident_id: str, part: Row) -> None:
        """A task as an action item."""
        cells = renamed(part.value, COLUMNS, "tasks.")
        if cells["title"] is None:
            self.export.reject(part.place, part.value, "it has no description", incident_id=incident_id)
            return
        status = text_of(part.value.get("status"))
        owner = part.value.get("owner")
        self.actions.append(
            {
                "incident_id": incident_id,
                "action_id": first_text(part.value, "id", "resource_id"),
                "ticket": cells["ticket"],
                "title": cells["title"],
                "owner_id": self.meet(dig(owner, "individual") or owner),
                "priority": cells["priority"],
                "status": _TASKS.get((status or "").lower(), status),
                "created_at": self.export.instant(part, "created_at", incident_id=incident_id),
                "due_at": self.export.instant(part, "resolve_by", incident_id=incident_id),
                "done_at": self.export.instant(part, "resolved_at", incident_id=incident_id),
                "basis": "stated",
                "source": self.export.source,
                "extra": leftover({"source": part.value.get("source")}, ()),
            }
        )

    def _named(self, name: str | None) -> str | None:
        """The person of a name in a sentence; somebody new where no participant has it."""
        if name is None:
            return None
        known = [key for key, person in self.people.items() if name in (person.get("name"), key)]
        return known[0] if len(known) == 1 else self.meet({"name": name})

    def meet(self, ref: object, participant: Mapping[str, Any] | None = None) -> str | None:
        """The identifier of a person, who is added to the people; None when the reference names no person."""
        if not isinstance(ref, dict):
            return None
        cells = renamed(ref, COLUMNS, "individuals.")
        number = identified(ref.get("id"))
        person_id = cells["person_id"] or (f"individual {number}" if number else cells["name"])
        if person_id is None:
            return None
        about = participant or {}
        place = text_of(about.get("location"))
        known = self.people.setdefault(person_id, {"person_id": person_id, "source": self.export.source})
        known["name"] = known.get("name") or cells["name"]
        known["team"] = known.get("team") or text_of(about.get("team"))
        known["time_zone"] = known.get("time_zone") or (place if place in _zones() else None)
        return person_id

    def _add(self, incident_id: str, kind: str, at: dt.datetime | None, **cells: object) -> None:
        self.events.append(self.export.event(kind, at, incident_id=incident_id, **cells))
