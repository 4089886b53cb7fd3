"""Datadog incidents with their impacts and tasks, as the API (version 2) answers, or as a client recorded its answers.

A file may be one answer, a page, search results, a connector's lines, or recorded exchanges (VCR cassettes); every
incident in it is read once, in the state modified last. What the vendor does oddly:

- the documentation counts the time to resolve from the declaration, the client libraries say from ``created``; where
  both are given and differ, as in imported incidents, the recorded numbers agree with ``declared``.
- ``time_to_detect`` and its like are 0 also where one of their ends is missing: nothing was worked out then.
- ``detected`` is when the source (an alert, say) was created, and without one the declaration itself.
- ``resolved`` is the last resolution; it stays when an incident is opened again, and may be missing in one that is
  resolved. ``field_analytics`` has the spans of each state, in seconds since 1970.
- severity ``UNKNOWN`` says that none was set: it is kept and is no severity.
- ``modified`` may lie before ``created``; some clients write ``publicId`` for ``public_id``; metrics, service-level
  objectives and notification rules come in the same envelope and are counted, not read.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ...records import Records
from .._contract import VendorDuration
from .._datadog_answers import LISTS, is_cassette, open_answers, related
from .._export import Export, Row, dig, first_text, identified, leftover, renamed, text_of, zone_as_written
from .._json import sketch
from .._told import Told, dict_of, names_in, newest

NAME = "datadog"
DESCRIPTION = "Datadog incidents, impacts and tasks: JSON of the API v2, of a connector, or recorded exchanges in YAML"
TIME_ZONE_RULE = (
    "Times carry Z or an offset. A time without one is read in the zone you name; otherwise it stays missing."
)
EXAMPLE = '{"data": [{"type": "incidents", "id": "o1", "attributes": {"public_id": 1, "customer_impacted": false}}]}'
# The settings of severities in the documentation: SEV-0 or SEV-1 is the most severe, the number grows from there.
SEVERITIES = ("SEV-0", "SEV-1", "SEV-2", "SEV-3", "SEV-4", "SEV-5")
DURATIONS: Mapping[str, VendorDuration] = MappingProxyType(
    {
        "time_to_detect": VendorDuration(
            "impact_start",
            "detected",
            "s",
            "detected less customer_impact_start (client libraries and documentation)",
            ends_at="first",
        ),
        "time_to_internal_response": VendorDuration(
            "detected",
            "declared",
            "s",
            "from detected to created (client libraries); recorded imports count to declared",
            ends_at="first",
        ),
        "time_to_repair": VendorDuration(
            "detected", "impact_end", "s", "customer_impact_end less detected (client libraries and documentation)"
        ),
        "time_to_resolve": VendorDuration(
            "declared",
            "resolved",
            "s",
            "the last resolution less declared (documentation) or less created (client libraries); the two are the "
            "same instant unless the incident was imported",
        ),
        "customer_impact_duration": VendorDuration(
            "impact_start",
            "impact_end",
            "s",
            "customer_impact_end less customer_impact_start (client libraries); by all impacts (documentation)",
        ),
    }
)
COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "incidents.id": "incident_id",
        "incidents.public_id": "number",
        "incidents.title": "title",
        "incidents.state": "status",
        "incidents.detected": "detected",
        "incidents.declared": "declared",
        "incidents.customer_impact_start": "impact_start",
        "incidents.customer_impact_end": "impact_end",
        "incidents.resolved": "resolved",
        "incidents.severity": "new",
        "incidents.fields.summary": "summary",
        "incidents.fields.services": "affected_services",
        "incident_impacts.description": "text",
        "incident_impacts.start_at": "began_at",
        "incident_impacts.end_at": "ended_at",
        "incident_todos.id": "action_id",
        "incident_todos.incident_id": "incident_id",
        "incident_todos.content": "title",
        "incident_todos.assignees": "owner_id",
        "incident_todos.created": "created_at",
        "incident_todos.due_date": "due_at",
        "incident_todos.completed": "done_at",
        "incident_integrations.metadata.channels.channel_name": "channel",
        "incident_attachments.attachment.documentUrl": "references",
        "users.id": "person_id",
        "users.name": "name",
        "users.email": "aliases",
        "users.handle": "aliases",
    }
)

_STREAMS = ("incidents", "users")
_TYPES = (
    "users", "incidents", "incident_impacts", "incident_todos", "incident_integrations", "incident_attachments",
)  # fmt: skip
_ONLY_DATADOG = {*_TYPES[2:], "incidents_search_results", "service_level_objective_search_results"}
_INCIDENT_KEYS = {
    "public_id", "publicId", "customer_impacted", "customerImpacted", "customer_impact_scope", "customerImpactScope",
    "customer_impact_duration", "customerImpactDuration", "notification_handles", "notificationHandles",
    "time_to_internal_response", "timeToInternalResponse", "creation_idempotency_key", "non_datadog_creator",
}  # fmt: skip
_STATUS = {"active": "open", "stable": "mitigated", "resolved": "resolved", "completed": "closed"}
_CHANGES = {"stable": "mitigated", "resolved": "resolved", "completed": "closed"}
_OVER = ("resolved", "closed")
# Fields that have a column, or repeat an attribute.
_OWN_FIELDS = ("severity", "state", "summary", "services", "slug")


def recognises(head: bytes) -> bool:
    """By incidents with ``public_id``, ``customer_impacted`` and their like, or by recorded exchanges with Datadog."""
    if is_cassette(head):
        return True
    seen = sketch(head, LISTS)
    return _is_metrics(seen.outer) or any(_is_datadog(value) for value in seen.records)


def read(path: Path, *, time_zone: str | None = None) -> Records:
    """Every incident once, with its milestones, commander, impacts and tasks; other answers are counted."""
    export = open_answers(path, name=NAME, streams=_STREAMS, time_zone=time_zone)
    export.rows = [row for row in export.rows if _is_wanted(export, row)]
    of_type: dict[str, list[tuple[str, Row]]] = {kind: [] for kind in _TYPES}
    for identifier, row in export.known_by("id"):
        kind = row.value.get("type")
        if isinstance(kind, str) and kind in of_type and isinstance(row.value.get("attributes"), dict):
            of_type[kind].append((identifier, row))
        else:
            export.reject(row.place, row.value, "it has no 'type' or no 'attributes'; expected an incident")
    told = _Told(Told(export, "Datadog"))
    for _, row in of_type["users"]:
        told.meet(row.value)
    for _, row, _ in newest(export, of_type["incident_impacts"], "attributes.modified"):
        told.impact(row)
    for _, row in of_type["incident_integrations"]:
        told.channel(row)
    for _, row, _ in newest(export, of_type["incident_attachments"], "attributes.modified"):
        told.document(row)
    for identifier, row, older in newest(export, of_type["incidents"], "attributes.modified"):
        told.incident(identifier, row, older)
    for identifier, row, _ in newest(export, of_type["incident_todos"], "attributes.modified"):
        told.todo(identifier, row)
    told.count_unplaced()
    return told.base.records()


@dataclass(slots=True)
class _Told:
    """How Datadog tells it."""

    base: Told
    _channels: dict[str, str] = field(default_factory=dict)
    _documents: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    _with_impacts: set[str] = field(default_factory=set)

    def incident(self, incident_id: str, row: Row, older: Iterable[Row]) -> None:
        """An incident: its row, its milestones, the spans of its state, its severity, its commander."""
        base, part = self.base, _attributes(row)
        value = part.value
        cells = renamed(value, COLUMNS, "incidents.")
        state = cells["status"] or text_of(_field(value, "state"))
        status = _STATUS.get(state or "", state)
        base.incidents.append(
            {
                "incident_id": incident_id,
                "number": cells["number"],
                "title": cells["title"],
                "summary": text_of(_field(value, "summary")),
                "status": status,
                "kind": "test" if value.get("is_test") is True else "incident",
                "affected_services": _listed(_field(value, "services")),
                "channel": self._channels.pop(incident_id, None),
                "visibility": "internal",
                "time_zone": zone_as_written(first_text(value, "created")),
                "references": self._documents.pop(incident_id, []),
                "source": base.export.source,
                "extra": _beyond(value),
            }
        )
        self._milestones(incident_id, row, part, status)
        dated = self._spans(incident_id, part)
        dated |= self._between(incident_id, [*map(_attributes, older), part])
        if not dated:
            base.severity(incident_id, _severity(value), "severity")
        self._impact_of_cells(incident_id, part)
        commander = self._user(row.value, value, "commander")
        if commander is not None:
            base.participant(incident_id, commander, "commander")

    def _milestones(self, incident_id: str, row: Row, part: Row, status: str | None) -> None:
        base = self.base
        base.milestone(incident_id, part, "impact_start", "customer_impact_start")
        base.milestone(incident_id, part, "detected", "detected")
        if text_of(part.value.get("declared")) is None:
            base.declared(incident_id, part, "created", **_by(self._user(row.value, part.value, "created_by")))
        else:
            by = _by(self._user(row.value, part.value, "declared_by"))
            base.milestone(incident_id, part, "declared", "declared", **by)
        base.milestone(incident_id, part, "impact_end", "customer_impact_end")
        if status in _OVER:
            base.milestone(incident_id, part, "resolved", "resolved")
        else:
            base.not_over(incident_id, part, "resolved", status)

    def _spans(self, incident_id: str, part: Row) -> bool:
        """Changes of state and severity by the spans of each; returns whether a severity has a time."""
        states = sorted(set(self._begun(incident_id, part, "state")))
        was_over = False
        for number, (at, word) in enumerate(states):
            new = _CHANGES.get(word) or ("reopened" if was_over and word == "active" else word)
            was_over = new in _OVER
            if number or word != "active":
                self.base.add(
                    incident_id, "status", at, new=new, note=f"Datadog state {word}", source_ref="field_analytics.state"
                )
        levels = sorted(set(self._begun(incident_id, part, "severity")))
        for at, word in levels:
            self.base.add(incident_id, "severity", at, new=word, source_ref="field_analytics.severity")
        return bool(levels)

    def _begun(self, incident_id: str, part: Row, name: str) -> Iterator[tuple[Any, str]]:
        """When each span of a field began, and its value then."""
        for word, spans in dict_of(dig(part.value, f"field_analytics.{name}")).items():
            place = f"{part.place}.field_analytics.{name}.{word}"
            for span in self.base.export.parts(Row(place, dict_of(spans)), "spans", incident_id=incident_id):
                at = self.base.export.instant(span, "start", incident_id=incident_id, epoch="s")
                if at is not None and not (name == "severity" and word == "UNKNOWN"):
                    yield at, word

    def _between(self, incident_id: str, states: list[Row]) -> bool:
        """Changes of severity between two states of the record, from old to new: between their times, not at one."""
        dated = False
        for before, after in itertools.pairwise(states):
            old, new = _severity(before.value), _severity(after.value)
            since, until = (self.base.instant(part, "modified", incident_id) for part in (before, after))
            if new is not None and new != old and since is not None and until is not None and since <= until:
                if not dated:
                    self._severity_until(incident_id, before, old, since)
                note = "the severity differs between two states of the record; it changed between them"
                said = {"old": old, "new": new, "at_latest": until, "basis": "inferred", "note": note}
                self.base.add(incident_id, "severity", since, **said, source_ref="severity")
                dated = True
        return dated

    def _severity_until(self, incident_id: str, part: Row, word: str | None, until: dt.datetime) -> None:
        """The severity of the oldest state: it was set between the creation and the time of that state."""
        created = self.base.instant(part, "created", incident_id)
        if word is None or created is None or created > until:
            self.base.severity(incident_id, word, "severity")
            return
        note = "the severity of the oldest state; it was set between the creation and that state"
        said = {"new": word, "at_latest": until, "basis": "inferred", "note": note, "source_ref": "severity"}
        self.base.add(incident_id, "severity", created, **said)

    def impact(self, row: Row) -> None:
        """An impact that an answer lists by itself."""
        base, part = self.base, _attributes(row)
        incident_id = related(row.value, "incident") or identified(part.value.get("incident_id"))
        if incident_id is None:
            base.export.reject(row.place, row.value, "it names no incident; expected the incident it belongs to")
            return
        self._with_impacts.add(incident_id)
        self._affected(incident_id, part, "start_at", "end_at", text_of(part.value.get("description")))

    def _impact_of_cells(self, incident_id: str, part: Row) -> None:
        """The customers' impact as the incident itself gives it, unless the impacts are listed."""
        scope = text_of(part.value.get("customer_impact_scope"))
        has_one = part.value.get("customer_impacted") is True or first_text(
            part.value, "customer_impact_start", "customer_impact_end"
        )
        if has_one and incident_id not in self._with_impacts:
            self._affected(incident_id, part, "customer_impact_start", "customer_impact_end", scope)

    def _affected(self, incident_id: str, part: Row, start: str, end: str, text: str | None) -> None:
        base = self.base
        base.impacts.append(
            {
                "incident_id": incident_id,
                "began_at": base.instant(part, start, incident_id),
                "ended_at": base.instant(part, end, incident_id),
                "text": text,
                "basis": "stated",
                "source": base.export.source,
                "extra": leftover({"impact_type": part.value.get("impact_type")}, ()),
            }
        )

    def channel(self, row: Row) -> None:
        """The chat channel that an integration opened for an incident."""
        value = _attributes(row).value
        incident_id = identified(value.get("incident_id"))
        names = names_in(dig(value, "metadata.channels"), "channel_name")
        if incident_id is not None and names:
            self._channels.setdefault(incident_id, names[0])

    def document(self, row: Row) -> None:
        """A document that is attached to an incident."""
        incident_id = related(row.value, "incident")
        attached = dict_of(_attributes(row).value.get("attachment"))
        link = {"title": text_of(attached.get("title")), "url": text_of(attached.get("documentUrl"))}
        if incident_id is not None and link["url"]:
            said = {key: text for key, text in link.items() if text is not None}
            self._documents.setdefault(incident_id, []).append(said)

    def count_unplaced(self) -> None:
        """Say what was attached to incidents that the file does not hold."""
        for _ in (*self._channels, *self._documents):
            message = "{n} channel(s) or document(s) belong to incidents that are not in this file; they were left out"
            self.base.export.count("unlinked", message)

    def todo(self, action_id: str, row: Row) -> None:
        """A task of an incident as an action item."""
        base, part = self.base, _attributes(row)
        value = part.value
        incident_id = identified(value.get("incident_id")) or related(row.value, "incident")
        done = base.instant(part, "completed", incident_id)
        owners = [each for each in map(self._assignee, _each(value.get("assignees"))) if each]
        made = {
            "action_id": action_id,
            "owner_id": owners[0] if owners else None,
            "status": "open" if text_of(value.get("completed")) is None else "done",
            "created_at": base.instant(part, "created", incident_id),
            "due_at": base.instant(part, "due_date", incident_id),
            "done_at": done,
            "basis": "stated",
            "extra": {"other_owners": owners[1:]} if owners[1:] else {},
        }
        base.action(incident_id, row, text_of(value.get("content")), **made)

    def _assignee(self, value: object) -> str | None:
        """Who is to do a task: a handle such as ``@otter@example.invalid``, or a user of a chat."""
        if isinstance(value, dict):
            return self.base.person(value.get("id"), value.get("name"), name=value.get("name"))
        handle = (text_of(value) or "").removeprefix("@")
        known = [p for p, person in self.base.people.items() if handle and handle in dict_of(person)["aliases"]]
        return known[0] if known else self.base.person(handle)

    def meet(self, user: object) -> str | None:
        """A user resource; None when it is none."""
        said = dict_of(dict_of(user).get("attributes"))
        aliases = (said.get("email"), said.get("handle"))
        return self.base.person(dict_of(user).get("id"), said.get("uuid"), name=said.get("name"), aliases=aliases)

    def _user(self, resource: Mapping[str, Any], attributes: Mapping[str, Any], name: str) -> str | None:
        """A user that an incident names, in its attributes or by a relation."""
        within = self.meet(dig(attributes, f"{name}.data"))
        return within or self.base.person(related(resource, f"{name}_user"))


def _is_wanted(export: Export, row: Row) -> bool:
    """Whether a row is to be read; what else Datadog answers is counted by its type."""
    kind = row.value.get("type")
    if _is_metrics(row.value):
        kind = "metrics query"
    if not isinstance(kind, str) or not kind or kind in _TYPES:
        return True
    export.count(
        "other_type", f"{{n}} record(s) of the type {kind[:100]!r} were left out; read are {', '.join(_TYPES)}"
    )
    return False


def _is_metrics(value: Mapping[str, Any]) -> bool:
    """The answer to a query of metrics, which has no envelope of its own."""
    return "res_type" in value and isinstance(value.get("series"), list) and "from_date" in value


def _is_datadog(value: Mapping[str, Any]) -> bool:
    kind, said = value.get("type"), dict_of(value.get("attributes"))
    if not isinstance(kind, str):
        return False
    if kind == "users":
        return "handle" in said and bool({"service_account", "serviceAccount", "uuid"} & set(said))
    return kind in _ONLY_DATADOG or (kind == "incidents" and len(_INCIDENT_KEYS & set(said)) >= 2)


def _attributes(row: Row) -> Row:
    """The attributes of a resource as a record of their own."""
    return Row(f"{row.place}.attributes", dict_of(row.value.get("attributes")))


def _field(value: Mapping[str, Any], name: str) -> object:
    """The value of one of the incident's fields."""
    return dig(value, f"fields.{name}.value")


def _severity(value: Mapping[str, Any]) -> str | None:
    word = first_text(value, "severity", "fields.severity.value")
    return None if word == "UNKNOWN" else word


def _each(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _listed(value: object) -> list[str]:
    """The values of a field that holds one or many."""
    return names_in(value, "value", "name")


def _by(person: str | None) -> dict[str, object]:
    return {} if person is None else {"actor_id": person, "is_automatic": False}


def _beyond(value: Mapping[str, Any]) -> dict[str, object]:
    """What an incident says beyond our columns: its plain cells, its durations, and fields that users added."""
    columns = [theirs.removeprefix("incidents.") for theirs in COLUMNS if theirs.startswith("incidents.")]
    used = columns if text_of(value.get("declared")) is not None else [*columns, "created"]
    extra = leftover(value, used) | leftover({"state": value.get("state") or _field(value, "state")}, ())
    if _severity(value) is None:
        extra |= leftover({"severity": first_text(value, "severity", "fields.severity.value")}, ())
    extra |= leftover({"creator": dig(value, "non_datadog_creator.name")}, ())
    for name, cell in dict_of(value.get("fields")).items():
        said = dict_of(cell).get("value")
        if name not in _OWN_FIELDS and said not in (None, "", []):
            extra[f"fields.{name}"] = _listed(said) if isinstance(said, list) else text_of(said)
    return extra
