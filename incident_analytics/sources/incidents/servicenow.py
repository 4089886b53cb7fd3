"""ServiceNow: the incident table, by the REST interface, as a list exports it, or as a log of its updates.

What the vendor does oddly:

- every value is a text, an empty one is null; a reference is an object with a link, or an empty text.
- times are stored in UTC and written without a zone. With ``sysparm_display_value=true``, and in every list that a
  person exports, they are shown in that person's own zone and order of day and month.
- ``closed_at`` is mostly an automatic close days after the end, and the vendor's own sample has it before
  ``resolved_at``: the end is ``resolved_at``.
- ``business_duration`` and ``calendar_duration`` are durations written as dates of 1970; ``business_stc`` and
  ``calendar_stc`` say seconds.
- ``priority`` is worked out of impact and urgency and is what people speak of; ``severity`` is a field of its own that
  few use: it is kept, and is never our severity.
- a number may stand in two records, so that only ``sys_id`` tells them apart.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ...records import Records
from .._contract import HEAD_BYTES, VendorDuration
from .._export import Export, Row, identified, leftover, open_export, renamed, text_of
from .._json import sketch
from .._servicenow_table import has_header, read_table
from .._servicenow_words import (
    PRIORITIES,
    SAYS_AS_SHOWN,
    SECONDS,
    change_to,
    end_state_of,
    priority_of,
    state_of,
    status_of,
)

NAME = "servicenow"
DESCRIPTION = "ServiceNow incidents: JSON of the REST interface or of a connector, CSV of a list, or a log of updates"
TIME_ZONE_RULE = (
    "The REST interface writes UTC without saying so. Shown values and CSV are in the zone of whoever exported them: "
    "they are read in the zone you name, otherwise as UTC with a warning."
)
EXAMPLE = '{"result": [{"sys_id": "0123456789abcdef", "number": "INC0000001", "opened_at": "2026-01-05 09:00:00"}]}'
SEVERITIES = PRIORITIES
DURATIONS: Mapping[str, VendorDuration] = MappingProxyType(
    {
        "calendar_stc": VendorDuration(
            starts="declared",
            ends="resolved",
            unit="s",
            definition="Resolve time: seconds from opened_at to resolved_at, set when the record is resolved "
            "(incident table, business rule mark_resolved)",
        ),
        "business_stc": VendorDuration(
            starts="declared",
            ends="resolved",
            unit="s",
            definition="Business resolve time: like calendar_stc, but only seconds inside the instance's schedule count, "
            "which the export does not hold; it can be shorter than the time by the clock, never longer",
        ),
    }
)
COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "incidents.sys_id": "incident_id",
        "incidents.number": "number",
        "incidents.short_description": "title",
        "incidents.description": "summary",
        "incidents.state": "status",
        "incidents.business_service": "service",
        "incidents.priority": "new",
        "incidents.opened_at": "declared",
        "incidents.resolved_at": "resolved",
        "incidents.closed_at": "closed",
        "incidents.sys_created_on": "recorded_at",
        "incidents.close_code": "end_reason",
        "sys_audit.documentkey": "incident_id",
        "sys_audit.fieldname": "field",
        "sys_audit.oldvalue": "old",
        "sys_audit.newvalue": "new",
        "sys_audit.user": "actor_id",
        "sys_journal_field.element_id": "incident_id",
        "sys_journal_field.value": "text",
        "sys_journal_field.sys_created_by": "actor_id",
        "users.sys_id": "person_id",
        "users.name": "name",
        "users.email": "aliases",
        "users.time_zone": "time_zone",
    }
)

_LISTS = ("result", "records", "incidents", "users")
_STREAMS = ("incidents", "incident", "users", "sys_user", "sys_audit", "sys_journal_field")
_INCIDENT_KEYS = {
    "short_description", "opened_at", "incident_state", "caller_id", "sys_class_name", "assignment_group", "close_code",
}  # fmt: skip
_USER_KEYS = {"user_name", "email"}
_GROUP_KEYS = {"include_members", "exclude_manager", "default_assignee"}
_AUDIT_KEYS = {"documentkey", "fieldname", "newvalue"}
_JOURNAL_KEYS = {"element", "element_id", "value"}
_PEOPLE = ("caller_id", "opened_by", "resolved_by", "closed_by", "assigned_to")
_JOURNALS = {"work_notes": "internal", "comments": "stakeholders", "comments_and_work_notes": "internal"}
_AUDIENCES = {"work notes": "internal", "additional comments": "stakeholders", "comments": "stakeholders"}
_AUDITED = ("documentkey", "fieldname", "oldvalue", "newvalue", "user", "sys_id", "sys_created_on", "tablename")
# An entry of a journal as it is shown: "2026-01-05 09:30:00 - Otter Example (Work notes)", then its text.
_ENTRY = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) - (.+) \(([^()\n]+)\)\s*$", re.MULTILINE)
# Numbers of other tables, by their prefix in the base system.
_OTHER_TABLES = re.compile(r"(CHG|PRB|REQ|RITM|SCTASK|CTASK|PTASK|KB|TASK)\d+")


def recognises(head: bytes) -> bool:
    """By ``sys_id`` in a record beside fields of incidents or users, or by a CSV header with several of its fields."""
    if has_header(head):
        return True
    keys = [set(value) for value in sketch(head, _LISTS).records]
    return any(
        "sys_id" in seen and (seen & _INCIDENT_KEYS or _is_user(seen) or seen >= _AUDIT_KEYS or seen >= _JOURNAL_KEYS)
        for seen in keys
    )


def read(path: Path, *, time_zone: str | None = None) -> Records:
    """Incidents with their milestones and people, and what a log, an audit or a journal says of their course."""
    path = Path(path)
    if _is_table(path):
        return read_table(path, NAME, time_zone)
    export = open_export(path, name=NAME, lists=_LISTS, streams=_STREAMS, time_zone=time_zone or "UTC")
    export.rows = [_flat(row) for row in export.rows]
    told = _Told(export)
    for identifier, row in export.known_by("sys_id", "number"):
        told.record(identifier, row)
    told.warn_of_shown(time_zone)
    records = Records.build(
        incidents=told.incidents,
        events=told.events,
        participants=told.participants,
        people=told.people.values(),
        findings=export.findings,
    )
    # A file may hold an older and a newer state of one incident: merging makes them one row.
    return records.merge() if records.incidents["incident_id"].duplicated().any() else records


def _is_user(keys: set[str]) -> bool:
    # A group has a mail address as well.
    return bool(keys & _USER_KEYS) and not keys & _GROUP_KEYS


def _is_table(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return has_header(file.read(HEAD_BYTES).removeprefix(b"\xef\xbb\xbf"))
    except OSError:
        return False  # opening it as an export says why


@dataclass(slots=True)
class _Told:
    """What a file has told so far."""

    export: Export
    incidents: list[dict[str, object]] = field(default_factory=list)
    events: list[dict[str, object]] = field(default_factory=list)
    participants: list[dict[str, object]] = field(default_factory=list)
    people: dict[str, dict[str, object]] = field(default_factory=dict)
    shown: list[Row] = field(default_factory=list)
    numbers: dict[str, str] = field(default_factory=dict)
    changes: set[tuple[object, ...]] = field(default_factory=set)

    def record(self, identifier: str, row: Row) -> None:
        """Any record of the export, by what it is."""
        keys = set(row.value)
        if keys >= _AUDIT_KEYS or row.stream == "sys_audit":
            self._audit(row)
        elif keys >= _JOURNAL_KEYS or row.stream == "sys_journal_field":
            self._journal(row)
        elif row.stream in ("users", "sys_user") or (_is_user(keys) and not keys & _INCIDENT_KEYS):
            self.meet(identifier, row.value)
        elif other := _other_table(row.value):
            self.export.reject(row.place, row.value, f"it is a record of {other}; expected incidents")
        elif keys & (_INCIDENT_KEYS | {"number", "state"}):
            self._incident(identifier, row)
        else:
            self.export.reject(
                row.place, row.value, "it is neither an incident nor a user, change or journal entry of one"
            )

    def _incident(self, incident_id: str, row: Row) -> None:
        """An incident: its row, its milestones, its people, and what is shown of its journals."""
        cells, names = renamed(row.value, COLUMNS, "incidents."), row.around
        state = state_of(text_of(row.value.get("incident_state")) or cells["status"])
        service = next((names.get(key) or text_of(row.value.get(key)) for key in ("business_service", "cmdb_ci") if row.value.get(key)), None)  # fmt: skip
        end_state, cause = end_state_of(cells["end_reason"]), text_of(row.value.get("caused_by"))
        if names.get("*shown"):
            self.shown.append(row)
        self._point_out_number(incident_id, cells["number"], row)
        journals = [key for key in _JOURNALS if self._journal_of(incident_id, row, key)]
        extra = leftover(row.value, (*_taken("incidents."), *journals)) | leftover({"state": state}, ())
        self.incidents.append(
            {
                "incident_id": incident_id,
                "number": cells["number"],
                "title": cells["title"],
                "summary": cells["summary"],
                "kind": "incident",
                "status": status_of(state),
                "end_state": end_state,
                "end_reason": f"close code {cells['end_reason']}" if end_state else None,
                "service": service,
                "affected_services": [names.get("cmdb_ci") or row.value["cmdb_ci"]] if text_of(row.value.get("cmdb_ci")) else [],
                "trigger": f"change {names.get('caused_by') or cause}" if cause else None,
                "trigger_kind": "change" if cause else None,
                "visibility": "internal",
                "time_zone": None if names.get("*shown") else "UTC",
                "source": self.export.source,
                "extra": _numbers(extra) | leftover({"close_code": cells["end_reason"]}, ()) | _names_of(names),
            }
        )  # fmt: skip
        self._people(incident_id, row)
        self._milestones(incident_id, row, status_of(state))
        priority = cells["new"]
        if priority:
            note = "priority at the time of the export; when it was set is not in this file"
            cell = {"basis": "inferred", "note": note, "source_ref": "priority"}
            self._add(incident_id, "severity", None, new=priority_of(priority), **cell)

    def _point_out_number(self, incident_id: str, number: str | None, row: Row) -> None:
        """Say where a number stands in the records of two incidents."""
        if number is None:
            return
        first = self.numbers.setdefault(number, incident_id)
        if first != incident_id:
            message = (
                f"{row.place} has the number {number} of the incident {first!r}, but another sys_id; both are kept"
            )
            self.export.note("duplicate_number", "warning", message, place=row.place, incident_id=incident_id)

    def _people(self, incident_id: str, row: Row) -> None:
        for cell, role in (("caller_id", "reporter"), ("assigned_to", "responder")):
            person = self._person(row, cell)
            if person:
                held = {"person_id": person, "role": role, "source": self.export.source}
                self.participants.append({"incident_id": incident_id, **held})

    def _milestones(self, incident_id: str, row: Row, status: str | None) -> None:
        """What the cells of an incident say of its course."""
        recorded = self.export.instant(row, "sys_created_on", incident_id=incident_id)
        self._point(incident_id, row, "declared", "opened_at", "opened_by", recorded_at=recorded)
        over = {"resolved": ("resolved", "closed", None), "closed": ("closed", None)}
        for point, by in (("resolved", "resolved_by"), ("closed", "closed_by")):
            cell = f"{point}_at"
            written = text_of(row.value.get(cell))
            if status in over[point]:
                note = "a resolved record is closed later, mostly by itself" if point == "closed" else None
                self._point(incident_id, row, point, cell, by, note=note)
            elif written:
                message = f"{row.place} has {cell} {written!r} but is {status}; it is not read as {point}"
                self.export.note(
                    "contradiction", "warning", message, place=row.place, incident_id=incident_id, raw=written
                )
        if text_of(row.value.get("reopened_time")):
            at = self.export.instant(row, "reopened_time", incident_id=incident_id)
            self._add(
                incident_id,
                "status",
                at,
                new="reopened",
                actor_id=self._person(row, "reopened_by"),
                source_ref="reopened_time",
            )

    def _point(self, incident_id: str, row: Row, point: str, cell: str, by: str, **cells: object) -> None:
        at = self.export.instant(row, cell, incident_id=incident_id)
        if at is not None:
            self._add(
                incident_id, "milestone", at, field=point, actor_id=self._person(row, by), source_ref=cell, **cells
            )

    def _journal_of(self, incident_id: str, row: Row, key: str) -> bool:
        """Read a journal out of its cell, where it is shown as text; whether it could be read as one."""
        text = text_of(row.value.get(key)) or ""
        found = list(_ENTRY.finditer(text))
        if not found or text[: found[0].start()].strip():
            return False
        if key == "comments_and_work_notes" and any(
            text_of(row.value.get(each)) for each in ("work_notes", "comments")
        ):
            return True  # the same entries stand in the two others
        ends = [entry.start() for entry in found[1:]] + [len(text)]
        for number, (entry, end) in enumerate(zip(found, ends, strict=True)):
            part = Row(f"{row.place}.{key}[{number}]", {"at": entry[1]})
            at = self.export.instant(part, "at", incident_id=incident_id)
            audience = _AUDIENCES.get(entry[3].strip().lower(), _JOURNALS[key])
            said = {"text": text[entry.end() : end].strip() or None, "audience": audience, "channel": entry[3].strip()}
            self._add(
                incident_id, "message", at, actor_id=self.meet(entry[2], {"name": entry[2]}), source_ref=key, **said
            )
        return True

    def _audit(self, row: Row) -> None:
        """One change of a field, as the audit keeps it."""
        cells = renamed(row.value, COLUMNS, "sys_audit.")
        incident_id, word = cells["incident_id"], cells["field"] or ""
        if text_of(row.value.get("tablename")) not in (None, "incident"):
            self.export.count("other_stream", "{n} change(s) of records of other tables were left out")
            return
        at = self.export.instant(row, "sys_created_on", incident_id=incident_id)
        change = _change_of(word, cells["old"], cells["new"])
        if change["kind"] == "status":
            # The two fields of the state move together, and the audit writes both.
            if (incident_id, at, change["new"]) in self.changes:
                self.export.count("repeated_row", "{n} change(s) of the state stand under both of its names; read once")
                return
            self.changes.add((incident_id, at, change["new"]))
        by = {"actor_id": self.meet(cells["actor_id"], {}), "source_ref": text_of(row.value.get("sys_id"))}
        if word == "assigned_to" and cells["new"]:
            by["actor_id"] = self.meet(cells["new"], {})
        kind = str(change.pop("kind"))
        extra = leftover(row.value, _AUDITED) | ({"as_written": cells["new"]} if kind == "status" else {})
        self._add(incident_id, kind, at, **by, **change, extra=extra)

    def _journal(self, row: Row) -> None:
        """One entry of a journal: a work note, or a comment that the caller sees."""
        cells, element = renamed(row.value, COLUMNS, "sys_journal_field."), text_of(row.value.get("element")) or ""
        if text_of(row.value.get("name")) not in (None, "incident", "task"):
            self.export.count("other_stream", "{n} record(s) of the journals of other tables were left out")
            return
        at = self.export.instant(row, "sys_created_on", incident_id=cells["incident_id"])
        said = {"text": cells["text"], "audience": _JOURNALS.get(element, "internal"), "channel": element or None}
        ref = text_of(row.value.get("sys_id"))
        self._add(
            cells["incident_id"], "message", at, actor_id=self.meet(cells["actor_id"], {}), source_ref=ref, **said
        )

    def _person(self, row: Row, cell: str) -> str | None:
        person_id = identified(row.value.get(cell))
        return self.meet(person_id, {"name": person_id if row.around.get("*shown") else row.around.get(cell)})

    def meet(self, person_id: str | None, cells: Mapping[str, Any]) -> str | None:
        """The identifier of a person, who is added to the people; None when nobody is named."""
        if person_id is None:
            return None
        said = renamed(cells, COLUMNS, "users.")
        known = self.people.setdefault(person_id, {"person_id": person_id, "source": self.export.source})
        known["name"] = known.get("name") or said["name"]
        aliases = [alias for alias in (said["aliases"], text_of(cells.get("user_name"))) if alias]
        known["aliases"] = known.get("aliases") or aliases
        known["time_zone"] = known.get("time_zone") or said["time_zone"]
        return person_id

    def warn_of_shown(self, time_zone: str | None) -> None:
        """Say that shown times are not UTC, where nobody named their zone."""
        if self.shown and time_zone is None:
            message = f"the {len(self.shown)} record(s) hold values as shown: their {SAYS_AS_SHOWN}"
            self.export.note("naive_time", "warning", message, place=self.shown[0].place)

    def _add(self, incident_id: str | None, kind: str, at: dt.datetime | None, **cells: object) -> None:
        self.events.append(self.export.event(kind, at, incident_id=incident_id, **cells))


def _change_of(field: str, old: str | None, new: str | None) -> dict[str, object]:
    """What a change of a field is among our events."""
    match field:
        case "state" | "incident_state":
            before, after = state_of(old), state_of(new)
            word = change_to(before, after)
            basis = "inferred" if word == "acknowledged" else "stated"
            return {"kind": "status", "field": field, "old": before, "new": word, "basis": basis}
        case "priority":
            return {"kind": "severity", "old": priority_of(old), "new": priority_of(new)}
        case "assigned_to" if new:
            return {"kind": "role", "field": "requested", "old": old, "new": new}
        case "assignment_group":
            return {"kind": "role", "field": field, "old": old, "new": new}
    return {"kind": "note", "field": field or None, "old": old, "new": new}


def _flat(row: Row) -> Row:
    """The record with plain cells; what references and choices are called stands in ``around`` under the same key.

    A reference is ``{"link", "value"}``, or ``{"display_value", "link"}`` when values are shown; with both asked for,
    every cell is ``{"display_value", "value"}`` and the value is taken.
    """
    cells: dict[str, Any] = {}
    names: dict[str, Any] = {}
    is_shown = False
    for key, cell in row.value.items():
        if isinstance(cell, dict) and ("value" in cell or "display_value" in cell):
            cells[key] = cell.get("value", cell.get("display_value"))
            is_shown |= "value" not in cell
            if text_of(cell.get("display_value")) and cell.get("display_value") != cells[key]:
                names[key] = text_of(cell["display_value"])
        else:
            cells[key] = cell
    state = text_of(cells.get("incident_state")) or text_of(cells.get("state")) or "1"
    is_shown |= "sys_id" in cells and not state.strip().lstrip("-").isdigit()
    return row._replace(value=cells, around=names | {"*shown": is_shown})


def _other_table(value: Mapping[str, Any]) -> str | None:
    """The table of a record that is no incident."""
    table, number = text_of(value.get("sys_class_name")), text_of(value.get("number")) or ""
    if table and table.lower() not in ("incident", "major incident"):
        return table
    match = _OTHER_TABLES.fullmatch(number)
    return f"the table of {match[1]} numbers" if match and not table else None


def _numbers(extra: Mapping[str, object]) -> dict[str, object]:
    """The same with durations as numbers, so that they can be compared."""
    return {
        key: int(cell) if key in SECONDS and isinstance(cell, str) and re.fullmatch(r"[0-9]{1,15}", cell) else cell
        for key, cell in extra.items()
    }


def _names_of(names: Mapping[str, Any]) -> dict[str, object]:
    """How references and choices are shown, except those of people."""
    return {f"{key}.display_value": name for key, name in names.items() if key not in (*_PEOPLE, "*shown")}


def _taken(prefix: Iterable[str] | str) -> tuple[str, ...]:
    """Cells that stand in our columns."""
    return tuple(theirs.removeprefix(str(prefix)) for theirs in COLUMNS if theirs.startswith(str(prefix)))
