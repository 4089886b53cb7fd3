"""Atlassian Statuspage: incidents and maintenances with their public updates, as the API or a public page lists them.

What the vendor does oddly:

- an update has two times: ``display_at`` is the time shown, ``created_at`` the time of typing.
- updates come newest first; each says what changed of each component.
- ``impact`` is the one at the export; ``impact_override`` is a person's word over the computed one.
- an incident entered afterwards is marked ``backfilled``; maintenances stand in the same list.
- a page that was polled while an incident went on holds several states of it: the last one counts, with the updates
  of all. One that was last seen unresolved has no end; neither its last update nor the time of the poll is one.
- lists of pages, components, their groups and uptimes say what is, not what happened: they are recognised, counted,
  and give no rows. Users give people.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
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

NAME = "statuspage"
DESCRIPTION = "Statuspage incidents, maintenances and users: JSON of the API, of a public page, or of a connector"
TIME_ZONE_RULE = (
    "Times carry Z or the page's offset. A time without one is read in the zone you name; otherwise it stays missing."
)
EXAMPLE = '{"page": {"id": "p1"}, "incidents": [{"id": "i1", "name": "Slow pages", "incident_updates": []}]}'
SEVERITIES = ("critical", "major", "minor", "none")  # the impacts, as the API's documentation lists them
DURATIONS: Mapping[str, VendorDuration] = {}
COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "incidents.id": "incident_id",
        "incidents.name": "title",
        "incidents.status": "status",
        "incidents.shortlink": "source_url",
        "incidents.started_at": "impact_start",
        "incidents.resolved_at": "resolved",
        "incidents.postmortem_published_at": "report_published",
        "incidents.impact": "new",
        "incident_updates.id": "source_ref",
        "incident_updates.display_at": "at",
        "incident_updates.created_at": "recorded_at",
        "incident_updates.body": "text",
        "affected_components.name": "service",
        "page.name": "organisation",
        "page.time_zone": "time_zone",
        "users.id": "person_id",
        "users.email": "aliases",
    }
)

CHANNEL = "status page"
_LISTS = ("incidents", "scheduled_maintenances")
_KEYS = {
    "impact", "impact_override", "shortlink", "page_id", "monitoring_at",
    "postmortem_body", "scheduled_for", "backfilled",
}  # fmt: skip
_STATUS = {
    "investigating": "open", "identified": "open", "monitoring": "open",
    "scheduled": "open", "in_progress": "open", "verifying": "open",
    "resolved": "resolved", "postmortem": "resolved", "completed": "resolved",
}  # fmt: skip
_MAINTENANCE = ("scheduled", "in_progress", "verifying", "completed")
_OPEN = ("investigating", "identified", "monitoring")
# Words of an update that say a change of status; "investigating" says no more than that somebody wrote.
_CHANGES = {"identified": "identified", "monitoring": "monitoring", "resolved": "resolved", "completed": "resolved"}
_DEGREES = {"degraded_performance": "degraded", "partial_outage": "partial", "major_outage": "outage"}
# What the management API and the public page list besides, by the keys that only such a record has.
_OTHERS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "component": frozenset({"page_id", "group", "only_show_if_degraded"}),
        "component group": frozenset({"page_id", "components", "position"}),
        "uptime of a component": frozenset({"uptime_percentage", "major_outage", "partial_outage"}),
        "page": frozenset({"subdomain", "page_description", "allow_incident_subscribers"}),
    }
)
_USER = frozenset({"first_name", "last_name", "email"})
_STREAMS = (
    "incidents",
    "scheduled_maintenances",
    "users",
    "component_groups",
    "component_uptimes",
    "components",
    "pages",
)
_FIRST = dt.datetime.min.replace(tzinfo=dt.UTC)
_BEFORE = "it was affected before the first update that names it"


def recognises(head: bytes) -> bool:
    """By ``incident_updates`` in a record, by several of the vendor's own keys, or by a page and what it lists."""
    seen = sketch(head, _LISTS)
    if any(_is_incident(value) for value in seen.records):
        return True
    if any(_other(value) or _is_user(value) for value in seen.records):
        return True
    page = seen.outer.get("page")
    if not (isinstance(page, dict) and {"id", "name"} <= set(page)):
        return False
    return _is_state(seen.outer) or (not seen.records and any(seen.outer.get(name) == [] for name in _LISTS))


def _is_incident(value: Mapping[str, Any]) -> bool:
    # Others have lists of that name too: beside the incidents, or in incidents that have a reference and no impact.
    has_updates = "incident_updates" in value and bool({"id", "name"} & set(value)) and "reference" not in value
    return has_updates or len(_KEYS & set(value)) >= 4


def read(path: Path, *, time_zone: str | None = None) -> Records:
    """Incidents with their milestones, every update as it was shown, and how long each component was affected."""
    export = open_export(path, name=NAME, lists=_LISTS, streams=_STREAMS, time_zone=time_zone)
    _set_others_aside(export)
    told = _Told(export)
    states: dict[str, list[Row]] = {}
    for identifier, row in export.known_by("id"):
        if row.stream == "users" or _is_user(row.value):
            told.person(identifier, row)
        else:
            states.setdefault(identifier, []).append(row)
    for incident_id, rows in states.items():
        told.incident(incident_id, _last_state(export, incident_id, rows))
    people = {str(person["person_id"]): person for person in told.people}
    return Records.build(
        incidents=told.incidents,
        events=told.events,
        impacts=told.impacts,
        people=people.values(),
        findings=export.findings,
    )


def _set_others_aside(export: Export) -> None:
    """Count what says nothing of a course of events, and leave it out."""
    kept = []
    for row in export.rows:
        other = "state of a page" if _is_state(row.value) and row.value.get("id") is None else _other(row.value)
        if other:
            message = f"{{n}} record(s) of the sort {other!r} say what is and not what happened; they give no rows"
            export.count("skipped", message)
        else:
            kept.append(row)
    export.rows[:] = kept


def _other(value: Mapping[str, Any]) -> str | None:
    """Which of the vendor's other records this is; None for an incident and for what is not known."""
    if "incident_updates" in value or "impact" in value:
        return None
    return next((name for name, keys in _OTHERS.items() if keys <= set(value)), None)


def _is_user(value: Mapping[str, Any]) -> bool:
    return set(value) >= _USER and ("organization_id" in value or "page_access_group_ids" in value)


def _is_state(value: Mapping[str, Any]) -> bool:
    """A page with the state of its components, or with its state as a whole, and without a list of incidents."""
    page, status = value.get("page"), value.get("status")
    is_whole = isinstance(status, dict) and "indicator" in status
    return isinstance(page, dict) and not set(_LISTS) & set(value) and (is_whole or "components" in value)


def _last_state(export: Export, incident_id: str, rows: Sequence[Row]) -> Row:
    """The latest of several states of one incident, with the updates that only earlier ones still have."""
    if len(rows) == 1:
        return rows[0]
    known = [export.instant(row, "updated_at", incident_id=incident_id) or _FIRST for row in rows]
    last = rows[max(range(len(rows)), key=lambda place: (known[place], place))]
    message = "{n} state(s) of an incident are followed by a later one in this file; the last counts, with all updates"
    updates = last.value.get("incident_updates")
    listed = list(updates) if isinstance(updates, list) else []
    seen = {text_of(each.get("id")) for each in listed if isinstance(each, dict)}
    for row in rows:
        if row is last:
            continue
        export.count("earlier_state", message)
        for part in export.parts(row, "incident_updates", incident_id=incident_id):
            if text_of(part.value.get("id")) not in seen and part.value not in listed:
                listed.append(part.value)
                seen.add(text_of(part.value.get("id")))
    return last._replace(value={**last.value, "incident_updates": listed})


@dataclass(slots=True)
class _Told:
    """What a file has told so far."""

    export: Export
    incidents: list[dict[str, object]] = field(default_factory=list)
    events: list[dict[str, object]] = field(default_factory=list)
    impacts: list[dict[str, object]] = field(default_factory=list)
    people: list[dict[str, object]] = field(default_factory=list)

    def person(self, person_id: str, row: Row) -> None:
        """A user of the vendor's tool."""
        names = [text_of(row.value.get(cell)) for cell in ("first_name", "last_name")]
        email = text_of(row.value.get("email"))
        self.people.append(
            {
                "person_id": person_id,
                "name": " ".join(filter(None, names)) or None,
                "aliases": [email] if email else [],
                "source": self.export.source,
            }
        )

    def incident(self, incident_id: str, row: Row) -> None:
        """An incident or a maintenance: its row, its milestones, its updates, its components."""
        updates, changes = self._updates(incident_id, row)
        page = row.around.get("page")
        of_page = renamed(page, COLUMNS, "page.") if isinstance(page, dict) else {}
        cells = renamed(row.value, COLUMNS, "incidents.")
        listed = [part.value.get("name") for part in self.export.parts(row, "components", incident_id=incident_id)]
        self.incidents.append(
            {
                "incident_id": incident_id,
                "title": cells["title"],
                "status": _STATUS.get(cells["status"] or "", cells["status"]),
                "kind": _kind(row.value),
                "affected_services": _distinct(listed or [part.value.get("name") for _, part in changes]),
                "organisation": of_page.get("organisation"),
                "time_zone": of_page.get("time_zone") or zone_as_written(first_text(row.value, "created_at")),
                "visibility": "public",
                "source_url": cells["source_url"],
                "source": self.export.source,
                "extra": _beyond(row.value),
            }
        )
        self._milestones(incident_id, row, cells, updates)
        self._public(incident_id, updates)
        self.impacts += _affected(incident_id, changes, self.export.source)

    def _updates(self, incident_id: str, row: Row) -> tuple[list[Timed], list[Timed]]:
        """The updates from first to last at the time they were shown at, and what each says of a component."""
        parts = self.export.parts(row, "incident_updates", incident_id=incident_id)
        timed = [(self.export.instant(part, _shown(part.value), incident_id=incident_id), part) for part in parts]
        updates = in_time_order(timed)
        changes = [
            (at, change)
            for at, update in updates
            for change in self.export.parts(update, "affected_components", incident_id=incident_id)
        ]
        return updates, changes

    def _milestones(
        self, incident_id: str, row: Row, cells: Mapping[str, str | None], updates: Sequence[Timed]
    ) -> None:
        """What the cells of an incident say of its course."""
        created = self.export.instant(row, "created_at", incident_id=incident_id)
        self._point(incident_id, row, "impact_start", "started_at")
        if cells["impact_start"] is None:
            self._inferred_start(incident_id, row, created, updates)
        if _STATUS.get(cells["status"] or "") == "resolved":
            self._point(incident_id, row, "resolved", "resolved_at")
        elif cells["resolved"] is not None:
            said = f"resolved_at {cells['resolved']!r} but status {cells['status']!r}"
            message = f"{row.place} has {said}; it is not read as resolved"
            place, raw = row.place, cells["resolved"]
            self.export.note("contradiction", "warning", message, place=place, incident_id=incident_id, raw=raw)
        self._point(incident_id, row, "report_published", "postmortem_published_at")
        self._severity(incident_id, row.value, created)

    def _inferred_start(
        self, incident_id: str, row: Row, created: dt.datetime | None, updates: Sequence[Timed]
    ) -> None:
        """The creation of the record stands for a beginning that is not given; of a maintenance, its beginning."""
        at, note = created, "no start is given; the record was created then"
        ref: str | None = "created_at"
        if _kind(row.value) == "maintenance":
            # It was created when it was announced, which is days before anything happens.
            begun = [(when, part) for when, part in updates if part.value.get("status") == "in_progress"]
            at, ref = (begun[0][0], text_of(begun[0][1].value.get("id"))) if begun else (None, None)
            note = "no start is given; the maintenance was said to be in progress then"
        if at is not None:
            inferred = {"field": "impact_start", "basis": "inferred", "note": note}
            text = f"Statuspage {'in_progress' if ref != 'created_at' else ref}"
            self._add(incident_id, "milestone", at, **inferred, text=text, source_ref=ref)

    def _point(self, incident_id: str, row: Row, point: str, cell: str) -> None:
        at = self.export.instant(row, cell, incident_id=incident_id)
        if at is not None:
            self._add(incident_id, "milestone", at, field=point, text=f"Statuspage {cell}", source_ref=cell)

    def _severity(self, incident_id: str, value: Mapping[str, Any], created: dt.datetime | None) -> None:
        cell = "impact_override" if text_of(value.get("impact_override")) else "impact"
        impact = text_of(value.get(cell))
        if impact is None or impact == "maintenance":
            return
        whose = "set by a person over the computed one" if cell == "impact_override" else "computed by the page"
        note = f"impact at the time of the export, {whose}; when it was set is not in this file"
        self._add(incident_id, "severity", created, new=impact, basis="inferred", note=note, source_ref=cell)

    def _public(self, incident_id: str, updates: Iterable[Timed]) -> None:
        """Every update as the public saw it, and the changes of status among them."""
        before, is_resolved, is_identified = None, False, False
        for at, update in updates:
            word = text_of(update.value.get("status"))
            cells = self._update(incident_id, at, update) | {"text": f"status page: {word}"}
            if is_resolved and word in _OPEN:
                self._add(incident_id, "status", at, **cells, new="reopened")
            if word in _CHANGES and word != before:
                self._add(incident_id, "status", at, **cells, new=_CHANGES[word])
            if word == "identified" and not is_identified and at is not None:
                self._add(incident_id, "milestone", at, **cells, field="identified")
                is_identified = True
            is_resolved = _STATUS.get(word or "") == "resolved" or (is_resolved and word not in _OPEN)
            before = word

    def _update(self, incident_id: str, at: dt.datetime | None, update: Row) -> dict[str, object]:
        """Add one update; returns the cells that an event drawn from it shares with it."""
        cells = renamed(update.value, COLUMNS, "incident_updates.")
        is_shown = cells["at"] is not None
        typed = self.export.instant(update, "created_at", incident_id=incident_id) if is_shown else at
        shared: dict[str, object] = {
            "recorded_at": typed,
            "source_ref": cells["source_ref"],
            "note": None if is_shown else "no shown time is given; the update was written then",
            "basis": "stated" if is_shown else "inferred",
        }
        extra = leftover(update.value, (*_taken("incident_updates."), "incident_id"))
        told = {"text": cells["text"], "audience": "public", "channel": CHANNEL, "extra": extra}
        self._add(incident_id, "update", at, **shared, **told)
        return shared

    def _add(self, incident_id: str, kind: str, at: dt.datetime | None, **cells: object) -> None:
        self.events.append(self.export.event(kind, at, incident_id=incident_id, **cells))


def _kind(value: Mapping[str, Any]) -> str:
    if value.get("status") in _MAINTENANCE or "maintenance" in (value.get("impact"), value.get("impact_override")):
        return "maintenance"
    return "backfilled" if value.get("backfilled") is True else "incident"


def _shown(update: Mapping[str, Any]) -> str:
    """The cell that says when an update was shown; the time of typing only where no other is given."""
    return "created_at" if text_of(update.get("display_at")) is None else "display_at"


def _affected(incident_id: str, changes: Iterable[Timed], source: str) -> list[dict[str, object]]:
    """Intervals in which a component was anything but operational; the end is missing while it still is.

    A component that was already affected in the first update that names it has no beginning.
    """
    rows: list[dict[str, object]] = []
    running: dict[str | None, dict[str, object]] = {}

    def begin(key: str | None, part: Row, at: dt.datetime | None, degree: str, note: str | None) -> None:
        row: dict[str, object] = {
            "incident_id": incident_id, "service": text_of(part.value.get("name")), "began_at": at,
            "degree": degree, "nature": "technical", "text": "component status on the status page",
            "basis": "stated", "note": note, "source": source,
        }  # fmt: skip
        running[key] = row
        rows.append(row)

    for at, part in changes:
        if at is None:
            continue
        key = first_text(part.value, "code", "name")
        old, new = (_DEGREES.get(text_of(part.value.get(cell)) or "") for cell in ("old_status", "new_status"))
        if key not in running and old:
            begin(key, part, None, old, _BEFORE)
        if key in running and running[key]["degree"] != new:
            running.pop(key)["ended_at"] = at
        if key not in running and new:
            begin(key, part, at, new, None)
    return rows


def _distinct(names: Iterable[object]) -> list[str]:
    """Names once each, in the order of first appearance."""
    return list(dict.fromkeys(text for text in map(text_of, names) if text is not None))


def _beyond(value: Mapping[str, Any]) -> dict[str, object]:
    """What an incident says beyond our columns; its own word for the status is kept."""
    return leftover(value, _taken("incidents.")) | leftover({"status": value.get("status")}, ())


def _taken(prefix: str) -> tuple[str, ...]:
    """Cells that stand in our columns."""
    return tuple(theirs.removeprefix(prefix) for theirs in COLUMNS if theirs.startswith(prefix))
