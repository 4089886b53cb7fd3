"""Rootly: incidents, events of their timelines and action items, as the JSON:API lists them.

Events and action items that are included with their incidents belong to those that name them; a list of them alone
says in which incident they stand only where each names it. What the vendor does oddly:

- ``duration`` of a resolved incident ends at the mitigation; of one that is not resolved it counts to the moment of the
  export, and is kept under another name so that nothing takes it for a length.
- the numbers named ``time_to_…`` are whole hours: an incident of 59 minutes has 0. The ``…_duration`` are seconds.
- ``detected_at`` and ``acknowledged_at`` are never logged by the product itself, only by a person or a workflow.
- users name and order their severities; beneath each lies one of four classes, critical, high, medium or low.
- kinds with ``_sub`` are parts of another incident; ``example`` is the vendor's tutorial, ``backfilled`` was entered
  afterwards, ``scheduled`` is a maintenance. All stand in one list.
- the due date of an action item is a day without a clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ...records import Records
from .._contract import VendorDuration
from .._export import Export, Row, dig, first_text, identified, leftover, open_export, renamed, text_of, zone_as_written
from .._json import sketch
from .._told import Told, dict_of, names_in, newest

NAME = "rootly"
DESCRIPTION = "Rootly incidents, timeline events and action items: JSON:API, a connector's lines, or webhooks"
TIME_ZONE_RULE = (
    "Times carry Z or an offset. A time without one is read in the zone you name; otherwise it stays missing."
)
EXAMPLE = '{"data": [{"id": "o1", "type": "incidents", "attributes": {"sequential_id": 1, "slug": "slow-pages"}}]}'
SEVERITIES: tuple[str, ...] = ()
_HOURS = "whole hours, cut off (documentation of the incident's timestamps)"
_SECONDS = "seconds (documentation of the incident's timestamps)"
DURATIONS: Mapping[str, VendorDuration] = MappingProxyType(
    {
        "duration": VendorDuration(
            "impact_start", "mitigated", "s", f"of a resolved incident: mitigated_at less started_at, {_SECONDS}"
        ),
        "time_to_detection": VendorDuration("impact_start", "detected", "h", f"detected_at less started_at, {_HOURS}"),
        "detection_duration": VendorDuration(
            "impact_start", "detected", "s", f"detected_at less started_at, {_SECONDS}"
        ),
        "time_to_acknowledge": VendorDuration(
            "impact_start", "acknowledged", "h", f"acknowledged_at less started_at, {_HOURS}"
        ),
        "acknowledge_duration": VendorDuration(
            "impact_start", "acknowledged", "s", f"acknowledged_at less started_at, {_SECONDS}"
        ),
        "time_to_mitigation": VendorDuration(
            "impact_start", "mitigated", "h", f"mitigated_at less started_at, {_HOURS}"
        ),
        "mitigation_duration": VendorDuration(
            "impact_start", "mitigated", "s", f"mitigated_at less started_at, {_SECONDS}"
        ),
        "time_to_resolution": VendorDuration("impact_start", "resolved", "h", f"resolved_at less started_at, {_HOURS}"),
    }
)
COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "incidents.id": "incident_id",
        "incidents.sequential_id": "number",
        "incidents.title": "title",
        "incidents.summary": "summary",
        "incidents.status": "status",
        "incidents.kind": "kind",
        "incidents.url": "source_url",
        "incidents.slack_channel_name": "channel",
        "incidents.created_at": "declared",
        "incidents.started_at": "impact_start",
        "incidents.detected_at": "detected",
        "incidents.acknowledged_at": "acknowledged",
        "incidents.mitigated_at": "mitigated",
        "incidents.resolved_at": "resolved",
        "incidents.closed_at": "closed",
        "incidents.severity": "new",
        "incidents.services": "affected_services",
        "incident_events.id": "source_ref",
        "incident_events.event": "text",
        "incident_events.occurred_at": "at",
        "incident_events.created_at": "recorded_at",
        "incident_action_items.id": "action_id",
        "incident_action_items.summary": "title",
        "incident_action_items.status": "status",
        "incident_action_items.priority": "priority",
        "incident_action_items.jira_issue_key": "ticket",
        "incident_action_items.created_at": "created_at",
        "incident_action_items.due_date": "due_at",
        "users.id": "person_id",
        "users.name": "name",
        "users.email": "aliases",
    }
)

_LISTS = ("data",)
_STREAMS = ("incidents", "users", "incident_events", "incident_action_items", "action_items", "events")
_TYPES = ("users", "incidents", "incident_events", "incident_action_items", "incident_role_assignments")
_CALLED = {"action_items": "incident_action_items", "events": "incident_events"}
_INCIDENT_KEYS = {
    "sequential_id", "in_triage_at", "mitigated_at", "cancelled_at", "retrospective_progress_status", "public_title",
    "mitigation_message", "resolution_message", "cancellation_message", "parent_incident_id", "duplicate_incident_id",
    "short_url", "slug",
}  # fmt: skip
_STATUS = {
    "in_triage": "open", "started": "open", "detected": "open", "acknowledged": "open", "mitigated": "mitigated",
    "resolved": "resolved", "closed": "closed", "cancelled": "cancelled",
    "scheduled": "open", "in_progress": "open", "completed": "resolved",
}  # fmt: skip
_KINDS = {
    "test": "test", "example": "test", "backfilled": "backfilled", "scheduled": "maintenance", "normal": "incident",
}  # fmt: skip
_POINTS = (
    ("impact_start", "started_at", "started_by", ""),
    ("detected", "detected_at", "", ""),
    ("acknowledged", "acknowledged_at", "", ""),
    ("mitigated", "mitigated_at", "mitigated_by", "mitigation_message"),
    ("resolved", "resolved_at", "resolved_by", "resolution_message"),
    ("closed", "closed_at", "closed_by", ""),
)
_STEPS = (
    ("in_triage", "in_triage_at", "in_triage_by", ""),
    ("cancelled", "cancelled_at", "cancelled_by", "cancellation_message"),
)
_OVER = ("resolved", "closed")
_CLASSES = {"critical": 4, "high": 3, "medium": 2, "low": 1}
_NAMES = ("data.attributes.name", "attributes.name", "name", "data.id", "id")
# Ways into a running call are no business of a record.
_SECRET = re.compile(r"password|start_url|join_url|pstn|dial_in", re.IGNORECASE)


def recognises(head: bytes) -> bool:
    """By incidents with ``sequential_id``, ``in_triage_at`` and their like, or by types ``incident_action_items``."""
    seen = sketch(head, _LISTS)
    return any(_is_rootly(value) for value in seen.records)


def read(path: Path, *, time_zone: str | None = None) -> Records:
    """Incidents with milestones and people, timeline events, and action items; included ones with their incident."""
    export = open_export(path, name=NAME, lists=_LISTS, streams=_STREAMS, time_zone=time_zone)
    _include(export)
    export.rows = [row for row in export.rows if _is_wanted(export, row)]
    of_type: dict[str, list[tuple[str, Row]]] = {kind: [] for kind in _TYPES}
    for identifier, row in export.known_by("id"):
        kind = _type(row)
        if kind in of_type:
            of_type[kind].append((identifier, row))
        else:
            export.reject(row.place, row.value, "it has no 'type' or no 'attributes'; expected an incident")
    told = _Told(Told(export, "Rootly"))
    for _, row in of_type["users"]:
        told.meet(row.value)
    for incident_id, row, _ in newest(export, of_type["incidents"], "attributes.updated_at"):
        told.incident(incident_id, row)
    for _, row, _ in newest(export, of_type["incident_role_assignments"], "attributes.updated_at"):
        told.role(row)
    for _, row, _ in newest(export, of_type["incident_events"], "attributes.updated_at"):
        told.event(row)
    for action_id, row, _ in newest(export, of_type["incident_action_items"], "attributes.updated_at"):
        told.action(action_id, row)
    return told.base.records()


@dataclass(slots=True)
class _Told:
    """How Rootly tells it.

    Attributes:
        holders: the incident by the identifier of what it says it holds.
    """

    base: Told
    holders: dict[str, str] = field(default_factory=dict)

    def incident(self, incident_id: str, row: Row) -> None:
        """An incident: its row, its milestones, its severity, and what it holds."""
        base, part = self.base, _attributes(row)
        value = part.value
        cells = renamed(value, COLUMNS, "incidents.")
        status = _STATUS.get(cells["status"] or "", cells["status"])
        kind = cells["kind"]
        base.incidents.append(
            {
                "incident_id": incident_id,
                **{key: cells[key] for key in ("number", "title", "summary", "source_url", "channel")},
                "status": status,
                "kind": _KINDS.get((kind or "normal").removesuffix("_sub"), kind),
                "affected_services": names_in(value.get("services"), *_NAMES)
                + names_in(value.get("functionalities"), *_NAMES),
                "visibility": "internal",
                "time_zone": zone_as_written(cells["declared"]),
                "source": base.export.source,
                "extra": _beyond(value, is_over=status in _OVER),
            }
        )
        base.declared(incident_id, part, "created_at", **self._by(value.get("user")))
        for point, cell, by, message in _POINTS:
            if point in _OVER and status not in _OVER:
                base.not_over(incident_id, part, cell, status)
            else:
                said = self._by(value.get(by)) | leftover({"text": text_of(value.get(message))}, ())
                base.milestone(incident_id, part, point, cell, **said)
        for word, cell, by, message in _STEPS:
            at = base.instant(part, cell, incident_id)
            if at is not None:
                said = self._by(value.get(by)) | leftover({"text": text_of(value.get(message))}, ())
                base.add(incident_id, "status", at, new=word, note=f"Rootly {cell}", source_ref=cell, **said)
        self._severity(incident_id, value)
        for name in ("events", "action_items", "roles"):
            for each in _objects(dig(row.value, f"relationships.{name}.data")):
                identifier = identified(each.get("id"))
                if identifier is not None:
                    self.holders.setdefault(identifier, incident_id)

    def _severity(self, incident_id: str, value: Mapping[str, Any]) -> None:
        name = first_text(value, "severity.data.attributes.name", "severity.attributes.name", "severity.name")
        if name is None and not isinstance(value.get("severity"), dict):
            name = text_of(value.get("severity"))
        found = first_text(
            value, "severity.data.attributes.severity", "severity.attributes.severity", "severity.severity"
        )
        extra = {"severity_rank": _CLASSES[found], "class": found} if found in _CLASSES else {}
        self.base.severity(incident_id, name, "severity", extra=extra)

    def role(self, row: Row) -> None:
        """A role that a person holds in an incident."""
        part = _attributes(row)
        incident_id = self._incident_of(row, part)
        if incident_id is None:
            self.base.export.reject(row.place, row.value, "it names no incident; expected the incident it belongs to")
            return
        name = first_text(part.value, "incident_role.data.attributes.name", "incident_role.name", "role")
        at = self.base.instant(part, "created_at", incident_id)
        self.base.participant(incident_id, self.meet(part.value.get("user")), name, assumed_at=at)

    def event(self, row: Row) -> None:
        """An entry of the timeline: an update where others may see it, else a note."""
        base, part = self.base, _attributes(row)
        incident_id = self._incident_of(row, part)
        cells = renamed(part.value, COLUMNS, "incident_events.")
        is_external = part.value.get("visibility") == "external"
        used = ("event", "occurred_at", "created_at", "updated_at", "incident_id")
        said = {
            "text": cells["text"],
            "audience": "public" if is_external else None,
            "recorded_at": base.instant(part, "created_at", incident_id),
            "source_ref": identified(row.value.get("id")),
            "extra": leftover(part.value, used),
            **self._by(part.value.get("user")),
        }
        at = base.instant(part, "occurred_at", incident_id)
        base.add(incident_id, "update" if is_external else "note", at, **said)

    def action(self, action_id: str, row: Row) -> None:
        """An action item."""
        base, part = self.base, _attributes(row)
        value = part.value
        incident_id = self._incident_of(row, part)
        due = text_of(value.get("due_date"))
        has_clock = due is not None and ":" in due
        if due is not None and not has_clock:
            base.export.count("day_only", "{n} due date(s) are days without a clock; they were kept in extra")
        owner = self.meet(value.get("assigned_to")) or base.person(value.get("assigned_to_user_id"))
        cells = {
            "action_id": action_id,
            "ticket": first_text(value, "jira_issue_key", "jira_issue_url"),
            "owner_id": owner,
            "priority": text_of(value.get("priority")),
            "status": text_of(value.get("status")),
            "created_at": base.instant(part, "created_at", incident_id),
            "due_at": base.instant(part, "due_date", incident_id) if has_clock else None,
            "basis": "stated",
            "extra": leftover({key: value.get(key) for key in ("kind", "description")}, ())
            | ({} if has_clock else leftover({"due_date": due}, ())),
        }
        base.action(incident_id, row, text_of(value.get("summary")), **cells)

    def _incident_of(self, row: Row, part: Row) -> str | None:
        """The incident that something belongs to: by its own word, or by that of the incident."""
        own = identified(part.value.get("incident_id")) or identified(dig(row.value, "relationships.incident.data.id"))
        return own or self.holders.get(identified(row.value.get("id")) or "")

    def meet(self, user: object) -> str | None:
        """A user, in whichever of the vendor's envelopes; None when it is none."""
        value = dict_of(dict_of(user).get("data")) or dict_of(user)
        said = dict_of(value.get("attributes")) or value
        aliases = (said.get("email"), said.get("slack_id"))
        name = said.get("full_name") or said.get("name")
        return self.base.person(value.get("id"), said.get("email"), name=name, aliases=aliases)

    def _by(self, user: object) -> dict[str, object]:
        person = self.meet(user)
        return {} if person is None else {"actor_id": person, "is_automatic": False}


def _include(export: Export) -> None:
    """Put what came along with the records behind them."""
    seen: set[int] = set()
    for row in list(export.rows):
        included = row.around.get("included")
        if isinstance(included, list) and id(included) not in seen:
            seen.add(id(included))
            for index, each in enumerate(included):
                if isinstance(each, dict):
                    export.rows.append(Row(f"included[{index}]", each))
                else:
                    export.reject(f"included[{index}]", each, "expected an object")


def _is_wanted(export: Export, row: Row) -> bool:
    """Whether a row is to be read; what else Rootly lists is counted by its type."""
    kind = row.value.get("type")
    if not isinstance(kind, str) or not kind or kind in _TYPES or kind in _CALLED:
        return True
    message = f"{{n}} record(s) of the type {kind[:100]!r} were left out; read are {', '.join(_TYPES)}"
    export.count("other_type", message)
    return False


def _type(row: Row) -> str | None:
    """The type of a record; one without an envelope, as webhooks send it, is an incident by its keys."""
    kind = row.value.get("type")
    if isinstance(kind, str) and isinstance(row.value.get("attributes"), dict):
        return _CALLED.get(kind, kind)
    return "incidents" if _is_bare(row.value) else None


def _is_rootly(value: Mapping[str, Any]) -> bool:
    kind, said = value.get("type"), dict_of(value.get("attributes"))
    if kind == "incidents" and said:
        return len(_INCIDENT_KEYS & set(said)) >= 2
    if kind == "incident_events" and said:
        return "event" in said and "occurred_at" in said
    return (kind == "incident_action_items" and "summary" in said) or _is_bare(value)


def _is_bare(value: Mapping[str, Any]) -> bool:
    return "title" in value and len(_INCIDENT_KEYS & set(value)) >= 4


def _attributes(row: Row) -> Row:
    """The attributes of a resource as a record of their own; the record itself where it has no envelope."""
    said = row.value.get("attributes")
    return Row(f"{row.place}.attributes", said) if isinstance(said, dict) else row


def _beyond(value: Mapping[str, Any], *, is_over: bool) -> dict[str, object]:
    """What an incident says beyond our columns: plain cells, labels, and what it is filed under."""
    used = [theirs.removeprefix("incidents.") for theirs in COLUMNS if theirs.startswith("incidents.")]
    messages = [message for _, _, _, message in (*_POINTS, *_STEPS)]
    extra = leftover(value, (*used, *messages, "in_triage_at", "cancelled_at"))
    extra = {key: cell for key, cell in extra.items() if not _SECRET.search(key)}
    if not is_over and "duration" in extra:
        extra["duration_until_export"] = extra.pop("duration")
    extra |= leftover({key: value.get(key) for key in ("status", "kind")}, ())
    extra |= {f"labels.{key}": text_of(cell) for key, cell in dict_of(value.get("labels")).items()}
    for name in ("environments", "incident_types", "groups"):
        listed = names_in(value.get(name), *_NAMES)
        extra |= {name: listed} if listed else {}
    return extra


def _objects(value: object) -> Iterable[dict[str, Any]]:
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []
