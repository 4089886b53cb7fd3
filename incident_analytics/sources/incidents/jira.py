"""Jira and Jira Service Management: issues with changelog and comments, and pages of alerts, as the REST API gives them.

What the vendor does oddly:

- an offset is written without its colon: ``+0000``; it is that of the user who asked.
- severity, affected services, a major incident's flag and the times of the impact are custom fields of the instance:
  ``customfield_10040``. Their names come along with ``expand=names``; else a mapping file says which is which.
- a status has a name that the instance chooses and a category of three: to do, in progress, done. The changelog tells
  names only; the categories are those of the statuses that the same file shows.
- ``resolutiondate`` follows the field ``resolution``, not the status: it may stay on a reopened issue, and lack on a
  closed one.
- the changelog comes newest first, and not more than 100 entries of it; so do comments. ``total`` tells.
- an alert's ``report`` gives its acknowledgement and its end as milliseconds since it was created.
"""

from __future__ import annotations

import datetime as dt
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
    dig,
    identified,
    in_time_order,
    leftover,
    open_export,
    renamed,
    text_of,
    zone_as_written,
)
from .._jira_alerts import alert_events, is_alert
from .._jira_cells import custom_cells, listed, plain, said
from .._jira_mapping import JiraMapping, read_jira_mapping
from .._jira_words import SeverityField, Statuses
from .._json import sketch

NAME = "jira"
DESCRIPTION = (
    "Jira and Jira Service Management issues with changelog and comments, and pages of alerts: JSON of the REST API"
)
TIME_ZONE_RULE = (
    "Times carry an offset such as +0000. A time without one is read in the zone you name; otherwise it stays missing."
)
EXAMPLE = (
    '{"issues": [{"key": "OTTER-1", "fields": {"summary": "Cold oven", "created": "2026-01-05T09:00:00.000+0000"}}]}'
)
SEVERITIES = ("Highest", "High", "Medium", "Low", "Lowest")  # the priorities of a new instance, as documented
MAPPED = True
DURATIONS: Mapping[str, VendorDuration] = MappingProxyType(
    {
        "sla.Time to resolution": VendorDuration(
            starts="declared",
            ends="resolved",
            unit="ms",
            definition="Time to resolution: elapsed time of the last completed cycle of this service level, by default "
            "from the creation of the issue until its resolution is set; only hours of its calendar count, and none "
            "while it is paused",
        )
    }
)
COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "issues.key": "incident_id",
        "issues.fields.summary": "title",
        "issues.fields.description": "summary",
        "issues.fields.status.name": "status",
        "issues.fields.priority.name": "new",
        "issues.fields.created": "declared",
        "issues.fields.resolutiondate": "resolved",
        "issues.fields.components": "affected_services",
        "issues.self": "source_url",
        "histories.id": "source_ref",
        "histories.created": "at",
        "histories.author": "actor_id",
        "comments.id": "source_ref",
        "comments.created": "at",
        "comments.body": "text",
        "comments.author": "actor_id",
        "alerts.alias": "source_ref",
        "alerts.createdAt": "at",
        "alerts.message": "text",
        "alerts.entity": "service",
        "users.accountId": "person_id",
        "users.displayName": "name",
        "users.emailAddress": "aliases",
        "users.timeZone": "time_zone",
    }
)

_LISTS = ("issues", "values")
_STREAMS = ("issues",)
_ISSUE_FIELDS = {"summary", "issuetype", "status", "created", "project", "resolutiondate"}
# Fields of Jira Service Management that carry these names in every instance.
_STANDARD = {"severity": "Severity", "affected_services": "Affected services", "is_major": "Major incident"}
_ACTION_STATES = {"new": "open", "indeterminate": "in_progress", "done": "done"}
_USED = (
    "summary", "description", "status", "priority", "created", "resolutiondate", "components", "comment", "subtasks",
    "issuelinks", "assignee", "reporter", "creator", "parent", "labels", "project", "issuetype", "resolution", "worklog",
    "attachment", "votes", "watches", "progress", "aggregateprogress", "timetracking", "issuerestriction",
)  # fmt: skip


def recognises(head: bytes) -> bool:
    """By a ``key`` beside ``fields`` with a summary, status or the like, or by a page of alerts with ``tinyId``."""
    seen = sketch(head, _LISTS)
    if not seen.records:
        # An empty page has nothing but its numbers to be known by.
        return seen.outer.get("issues") == [] and bool({"startAt", "isLast", "nextPageToken"} & set(seen.outer))
    is_page = isinstance(seen.outer.get("values"), list)
    return any(_is_issue(value) or (is_page and is_alert(value)) for value in seen.records)


def read(path: Path, *, time_zone: str | None = None, mapping: Path | None = None) -> Records:
    """Issues with their milestones, changes, comments and sub-tasks; alerts of a page of alerts.

    Args:
        path: the export.
        time_zone: zone of times that carry no offset.
        mapping: which custom field says what; None: ``x.mapping.toml`` beside ``x.json``, if there is one.

    Raises:
        SourceError: the export or the mapping cannot be read.
    """
    path = Path(path)
    beside = path.with_suffix(".mapping.toml")
    mapping = mapping or (beside if beside.is_file() else None)
    export = open_export(path, name=NAME, lists=_LISTS, streams=_STREAMS, time_zone=time_zone)
    told = _Told(export, read_jira_mapping(mapping) if mapping else JiraMapping())
    for identifier, row in export.known_by("key", "id"):
        told.record(identifier, row)
    records = Records.build(
        incidents=told.incidents,
        events=told.events,
        participants=told.participants,
        people=told.people.values(),
        actions=told.actions,
        findings=export.findings,
    )
    # A file may hold an older and a newer state of one issue: merging makes them one row.
    return records.merge() if records.incidents["incident_id"].duplicated().any() else records


@dataclass(slots=True)
class _Told:
    """What a file has told so far."""

    export: Export
    mapping: JiraMapping
    incidents: list[dict[str, object]] = field(default_factory=list)
    events: list[dict[str, object]] = field(default_factory=list)
    participants: list[dict[str, object]] = field(default_factory=list)
    people: dict[str, dict[str, object]] = field(default_factory=dict)
    actions: list[dict[str, object]] = field(default_factory=list)
    statuses: Statuses = field(init=False)

    def __post_init__(self) -> None:
        self.statuses = Statuses(self.mapping.states, (row.value for row in self.export.rows))

    def record(self, identifier: str, row: Row) -> None:
        """An issue, a sub-task, or an alert."""
        if is_alert(row.value) and "fields" not in row.value:
            self.events += alert_events(self.export, row, self.meet)
        elif not isinstance(row.value.get("fields"), dict):
            self.export.reject(row.place, row.value, "it has no object 'fields'; expected an issue")
        elif dig(row.value, "fields.issuetype.subtask") is True and (
            parent := text_of(dig(row.value, "fields.parent.key"))
        ):
            self._action(parent, row)
        else:
            self._issue(identifier, row)

    def _issue(self, incident_id: str, row: Row) -> None:
        """An issue: its row, its milestones, its people, its history."""
        fields, names = row.value["fields"], _names(row)
        found = self._fields(fields, names, incident_id, row)
        cells = renamed(row.value, COLUMNS, "issues.")
        status = self.statuses.status(said(fields.get("status")), text_of(dig(fields, "status.statusCategory.key")))
        components = listed(fields.get("components")) if fields.get("components") else []
        affected = listed(fields[found["affected_services"]]) if "affected_services" in found else components
        own_service = said(fields[found["service"]]) if "service" in found else None
        self.incidents.append(
            {
                "incident_id": incident_id,
                "title": cells["title"],
                "summary": plain(fields.get("description")),
                "kind": self.mapping.kinds.get((text_of(dig(fields, "issuetype.name")) or "").strip().lower(), "incident"),
                "status": status,
                "service": own_service or next(iter(affected or components), None),
                "affected_services": affected,
                "visibility": "internal",
                "time_zone": zone_as_written(cells["declared"]),
                "source_url": cells["source_url"],
                "references": self._references(incident_id, row, found),
                "source": self.export.source,
                "extra": self._beyond(row, found, names),
            }
        )  # fmt: skip
        self._milestones(incident_id, row, status, found)
        for cell, role in (("reporter", "reporter"), ("assignee", "responder")):
            person = self.meet(fields.get(cell))
            if person:
                held = {"person_id": person, "role": role, "source": self.export.source}
                self.participants.append({"incident_id": incident_id, **held})
        self._history(incident_id, row, found)
        self._comments(incident_id, row)
        inside = Row(f"{row.place}.fields", fields)
        for part in self.export.parts(inside, "subtasks", incident_id=incident_id):
            self._action(incident_id, part)

    def _fields(
        self, fields: Mapping[str, Any], names: Mapping[str, Any], incident_id: str, row: Row
    ) -> dict[str, str]:
        """The field by what it says: those of the mapping, and those whose names are the vendor's own."""
        by_name = {str(name).strip().lower(): key for key, name in names.items()}
        wanted = {
            ours: (theirs, ours in self.mapping.fields)
            for ours, theirs in (_STANDARD | dict(self.mapping.fields)).items()
        }
        wanted |= {point: (theirs, True) for point, theirs in self.mapping.milestones.items()}
        found = {}
        for ours, (theirs, is_mapped) in wanted.items():
            key = theirs if theirs in fields else by_name.get(theirs.lower(), "")
            if fields.get(key) is not None:
                found[ours] = key
            elif is_mapped and key not in fields:
                message = f"{{n}} issue(s) have no field {theirs!r}, which the mapping names for {ours}"
                self.export.count("mapping_unused", message)
        return found

    def _references(self, incident_id: str, row: Row, found: Mapping[str, str]) -> list[dict[str, object]]:
        """Linked issues, and the link to the review."""
        references: list[dict[str, object]] = []
        inside = Row(f"{row.place}.fields", row.value["fields"])
        for part in self.export.parts(inside, "issuelinks", incident_id=incident_id):
            for side in ("inward", "outward"):
                issue = part.value.get(f"{side}Issue")
                if isinstance(issue, dict):
                    how, key, title = (
                        text_of(dig(part.value, f"type.{side}")),
                        text_of(issue.get("key")),
                        text_of(dig(issue, "fields.summary")),
                    )
                    references.append(
                        {
                            "title": " ".join(word for word in (how, key, title) if word),
                            "url": text_of(issue.get("self")),
                        }
                    )
        if "review_url" in found:
            references.append({"title": "review", "url": said(row.value["fields"][found["review_url"]])})
        return references  # fmt: skip

    def _beyond(self, row: Row, found: Mapping[str, str], names: Mapping[str, Any]) -> dict[str, object]:
        """What an issue says beyond our columns."""
        fields = row.value["fields"]
        named: dict[str, object] = {
            "id": row.value.get("id"),
            "status": said(fields.get("status")),
            "status_category": dig(fields, "status.statusCategory.key"),
            "priority": said(fields.get("priority")),
            "issue_type": said(fields.get("issuetype")),
            "project": dig(fields, "project.key"),
            "resolution": dig(fields, "resolution.name"),
            "is_major": said(fields[found["is_major"]]) if "is_major" in found else None,
        }
        labels = (
            {"labels": listed(fields["labels"])} if isinstance(fields.get("labels"), list) and fields["labels"] else {}
        )
        plain_cells = {key: cell for key, cell in fields.items() if not key.startswith("customfield_")}
        used = tuple(key for ours, key in found.items() if ours not in self.mapping.milestones)
        return leftover(plain_cells, _USED) | custom_cells(fields, names, used) | leftover(named, ()) | labels

    def _milestones(self, incident_id: str, row: Row, status: str | None, found: Mapping[str, str]) -> None:
        """What the cells of an issue say of its course."""
        fields = row.value["fields"]
        opener = self.meet(fields.get("creator")) or self.meet(fields.get("reporter"))
        self._point(incident_id, row, "declared", "fields.created", actor_id=opener)
        ended = text_of(fields.get("resolutiondate"))
        if status in ("open", "mitigated"):
            if ended:
                message = f"{row.place} has resolutiondate {ended!r} but status {said(fields.get('status'))!r}; it is not read as resolved"
                self.export.note("contradiction", "warning", message, place=row.place, incident_id=incident_id, raw=ended)  # fmt: skip
        else:
            self._point(incident_id, row, "resolved", "fields.resolutiondate")
        for point in self.mapping.milestones:
            if point in found:
                self._point(incident_id, row, point, f"fields.{found[point]}")

    def _point(self, incident_id: str, row: Row, point: str, cell: str, **cells: object) -> None:
        at = self.export.instant(row, cell, incident_id=incident_id)
        if at is not None:
            ref = cell.removeprefix("fields.")
            self._add(incident_id, "milestone", at, field=point, source_ref=ref, **cells)

    def _history(self, incident_id: str, row: Row, found: Mapping[str, str]) -> None:
        """What the changelog says, from first to last, and since when the severity is what it is."""
        log, key = row.value.get("changelog"), found.get("severity")
        severity = SeverityField(key, text_of(_names(row).get(key)) if key else None)
        place = Row(f"{row.place}.changelog", _dict(log))
        parts = self.export.parts(place, "histories", incident_id=incident_id)
        timed: list[Timed] = [(self.export.instant(part, "created", incident_id=incident_id), part) for part in parts]
        is_whole = isinstance(log, dict) and not self._lacks(incident_id, row, "changelog", log, len(timed))
        changes = [
            (at, entry, item.value)
            for at, entry in in_time_order(timed)
            for item in self.export.parts(entry, "items", incident_id=incident_id)
        ]
        first = next((item for _, _, item in changes if severity.is_about(item)), None)
        self._first_severity(incident_id, row, severity, first, is_whole=is_whole)
        for at, entry, item in changes:
            ref = {"source_ref": text_of(entry.value.get("id")), "actor_id": self.meet(entry.value.get("author"))}
            cells = self._change(item, severity)
            self._add(incident_id, str(cells.pop("kind")), at, **ref | cells)

    def _first_severity(
        self, incident_id: str, row: Row, severity: SeverityField, first: dict[str, Any] | None, *, is_whole: bool
    ) -> None:
        """The severity before the first change of it; without one, that of the export."""
        fields = row.value["fields"]
        word = text_of(first.get("fromString")) if first else said(fields.get(severity.key or "priority"))
        if word is None:
            return
        # A whole changelog leaves no other time for it than the creation.
        at = self.export.instant(row, "fields.created", incident_id=incident_id) if is_whole else None
        note = (
            "held when the issue was created, by the changelog" if is_whole else "when it was set is not in this file"
        )
        ref = severity.key or "priority"
        self._add(incident_id, "severity", at, new=word, basis="inferred", source_ref=ref, note=note)

    def _change(self, item: Mapping[str, Any], severity: SeverityField) -> dict[str, object]:
        """What one change of a field is among our events."""
        name = text_of(item.get("field")) or text_of(item.get("fieldId")) or "a field"
        old, new = (text_of(item.get(f"{side}String")) or text_of(item.get(side)) for side in ("from", "to"))
        if name == "status":
            word, basis = self.statuses.turn(old, new)
            return {
                "kind": "status",
                "old": old,
                "new": word,
                "basis": basis,
                "extra": leftover({"as_written": new}, ()),
            }
        if severity.is_about(item):
            return {"kind": "severity", "old": old, "new": new}
        if name == "assignee" and new:
            person = self.meet({"accountId": item.get("to"), "displayName": item.get("toString")})
            return {"kind": "role", "field": "requested", "old": old, "new": new, "actor_id": person}
        return {"kind": "note", "field": name, "old": old, "new": new}

    def _comments(self, incident_id: str, row: Row) -> None:
        """What people wrote below an issue; the vendor marks what the customer sees."""
        page = row.value["fields"].get("comment")
        if not isinstance(page, dict):
            return
        place = Row(f"{row.place}.fields.comment", page)
        parts = list(self.export.parts(place, "comments", incident_id=incident_id))
        self._lacks(incident_id, row, "comments", page, len(parts))
        timed = [(self.export.instant(part, "created", incident_id=incident_id), part) for part in parts]
        for at, part in in_time_order(timed):
            audience = "stakeholders" if part.value.get("jsdPublic") is True else "internal"
            cells = {"text": plain(part.value.get("body")), "actor_id": self.meet(part.value.get("author"))}
            extra = leftover(part.value, ("id", "body", "created", "self", "jsdPublic"))
            ref = text_of(part.value.get("id"))
            self._add(incident_id, "message", at, **cells, audience=audience, source_ref=ref, extra=extra)

    def _lacks(self, incident_id: str, row: Row, what: str, page: Mapping[str, Any], n: int) -> bool:
        """Whether a page of an issue's entries is not all of them, which is said."""
        total = page.get("total")
        if not isinstance(total, int) or isinstance(total, bool) or total <= n:
            return False
        message = f"{row.place} holds {n} of {total} entries of its {what}; expected all of them. The rest is not known"
        self.export.note("incomplete", "warning", message, place=row.place, incident_id=incident_id)
        return True

    def _action(self, incident_id: str, row: Row) -> None:
        """A sub-task as an action item."""
        fields, key = _dict(row.value.get("fields")), text_of(row.value.get("key"))
        title = text_of(fields.get("summary")) or key
        if title is None:
            self.export.reject(row.place, row.value, "it has neither a key nor a summary", incident_id=incident_id)
            return
        category = text_of(dig(fields, "status.statusCategory.key"))
        self.actions.append(
            {
                "incident_id": incident_id,
                "action_id": key,
                "ticket": key,
                "title": title,
                "owner_id": self.meet(fields.get("assignee")),
                "priority": text_of(dig(fields, "priority.name")),
                "status": _ACTION_STATES.get(category or "", text_of(dig(fields, "status.name"))),
                "created_at": self.export.instant(row, "fields.created", incident_id=incident_id),
                "done_at": self.export.instant(row, "fields.resolutiondate", incident_id=incident_id),
                "basis": "stated",
                "source": self.export.source,
            }
        )

    def meet(self, ref: object) -> str | None:
        """The identifier of a person, who is added to the people; None when the reference names no person."""
        if not isinstance(ref, dict):
            return None
        person_id = next((found for key in ("accountId", "key", "name") if (found := identified(ref.get(key)))), None)
        if person_id is None:
            return None
        cells = renamed(ref, COLUMNS, "users.")
        known = self.people.setdefault(person_id, {"person_id": person_id, "source": self.export.source})
        known["name"] = known.get("name") or cells["name"]
        known["aliases"] = known.get("aliases") or ([cells["aliases"]] if cells["aliases"] else [])
        known["time_zone"] = known.get("time_zone") or cells["time_zone"]
        return person_id

    def _add(self, incident_id: str | None, kind: str, at: dt.datetime | None, **cells: object) -> None:
        self.events.append(self.export.event(kind, at, incident_id=incident_id, **cells))


def _is_issue(value: Mapping[str, Any]) -> bool:
    fields = value.get("fields")
    return "key" in value and isinstance(fields, dict) and bool(_ISSUE_FIELDS & set(fields))


def _names(row: Row) -> Mapping[str, Any]:
    """What people call the fields, where the export was asked for it."""
    return _dict(row.around.get("names")) or _dict(row.value.get("names"))


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
