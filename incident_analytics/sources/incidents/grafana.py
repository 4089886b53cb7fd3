"""Grafana Incident and Grafana OnCall: incidents with activity and tasks, and alert groups.

The two come from two interfaces of one product, in files of their own. What the vendor does oddly:

- an alert group may be resolved without ever being acknowledged, by its source or by a rule: nothing is inferred from
  the resolution. Being silenced is no response either, though the product's own response time counts it as one (the
  earliest of acknowledged, resolved, silenced and wiped); that number is in no export.
- ``durationSeconds`` is how long an incident was open, or has been: of one that is active it counts to the moment of
  the export, and is kept under another name so that nothing takes it for a length.
- ``createdTime`` is the declaration, ``incidentStart`` and ``incidentEnd`` are when people say it began and ended; the
  vendor's own examples write these two without a zone.
- an activity item has two times, ``eventTime`` when it happened and ``createdTime`` when it was written down; what it
  changed stands in its text. Tasks have no due date.
- an assignment of a role may name nobody; users name their roles and severities themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ...records import Records
from .._contract import VendorDuration
from .._export import (
    Row,
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
from .._told import Told, dict_of, names_in, newest

NAME = "grafana"
DESCRIPTION = "Grafana Incident (incidents, activity, tasks) and Grafana OnCall (alert groups): JSON of their APIs"
TIME_ZONE_RULE = (
    "Times carry Z or an offset. A time without one is read in the zone you name; otherwise it stays missing."
)
EXAMPLE = '{"incidents": [{"incidentID": "1", "title": "Slow pages", "isDrill": false, "createdTime": ""}]}'
SEVERITIES: tuple[str, ...] = ()
DURATIONS: Mapping[str, VendorDuration] = MappingProxyType(
    {
        "durationSeconds": VendorDuration(
            "declared", "resolved", "s", "seconds the incident was open, createdTime to closedTime (client library)"
        )
    }
)
COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "incidents.incidentID": "incident_id",
        "incidents.title": "title",
        "incidents.summary": "summary",
        "incidents.status": "status",
        "incidents.overviewURL": "source_url",
        "incidents.createdTime": "declared",
        "incidents.incidentStart": "impact_start",
        "incidents.incidentEnd": "impact_end",
        "incidents.closedTime": "resolved",
        "incidents.severity": "new",
        "activity.activityItemID": "source_ref",
        "activity.incidentID": "incident_id",
        "activity.eventTime": "at",
        "activity.createdTime": "recorded_at",
        "activity.body": "text",
        "activity.activityKind": "field",
        "tasks.taskID": "action_id",
        "tasks.text": "title",
        "tasks.status": "status",
        "tasks.createdTime": "created_at",
        "alert_groups.id": "incident_id",
        "alert_groups.title": "title",
        "alert_groups.state": "status",
        "alert_groups.alert_group_number": "number",
        "alert_groups.permalinks.web": "source_url",
        "alert_groups.created_at": "alert_fired",
        "alert_groups.acknowledged_at": "acknowledged",
        "alert_groups.resolved_at": "resolved",
        "users.userID": "person_id",
        "users.name": "name",
    }
)

_LISTS = ("incidents", "incident", "incidentPreviews", "activityItems", "activityItem", "results")
_INCIDENT_KEYS = {
    "isDrill",
    "createdTime",
    "incidentStart",
    "closedTime",
    "durationSeconds",
    "incidentMembership",
    "taskList",
}
_GROUP_KEYS = {"integration_id", "alerts_count", "route_id", "silenced_at", "acknowledged_at"}
_IDS = {"incidents": "incidentID", "activity": "activityItemID"}
_STATUS = {"active": "open", "resolved": "resolved"}
_GROUP_STATUS = {"new": "open", "firing": "open", "acknowledged": "open", "silenced": "open", "resolved": "resolved"}
_DONE = {"todo": "open", "progress": "in_progress", "in_progress": "in_progress", "done": "done"}


def recognises(head: bytes) -> bool:
    """By ``incidentID`` beside ``createdTime`` and its like, by ``activityItemID``, or by groups with ``alerts_count``."""
    seen = sketch(head, _LISTS, is_record=_is_record)
    return any(_is_record(value) for value in seen.records)


def read(path: Path, *, time_zone: str | None = None) -> Records:
    """Incidents with milestones, roles and tasks as actions; activity; alert groups as incidents of their own."""
    export = open_export(path, name=NAME, lists=_LISTS, is_record=_is_record, time_zone=time_zone)
    told = _Told(Told(export, "Grafana"))
    found: dict[str, dict[str, list[Row]]] = {"incidents": {}, "activity": {}, "groups": {}}
    for row in export.rows:
        sort = _sort(row.value)
        identifier = identified(row.value.get(_IDS.get(sort or "", "id")))
        if sort is None or identifier is None:
            export.reject(row.place, row.value, "expected an incident, an activity item or an alert group with its id")
            continue
        listed = found[sort].setdefault(identifier, [])
        if any(other.value == row.value for other in listed):
            export.count("repeated_row", "{n} record(s) repeat an earlier one word for word; read once")
        else:
            listed.append(row)
    incidents, activity, groups = (
        [(identifier, row) for identifier, rows in of_sort.items() for row in rows] for of_sort in found.values()
    )
    for incident_id, row, _ in newest(export, incidents, "modifiedTime"):
        told.incident(incident_id, row)
    told.activity(row for _, row, _ in newest(export, activity, "createdTime"))
    for incident_id, row, _ in newest(export, groups, "updated_at"):
        told.group(incident_id, row)
    return told.base.records()


@dataclass(slots=True)
class _Told:
    """How Grafana tells it."""

    base: Told

    def incident(self, incident_id: str, row: Row) -> None:
        """An incident: its row, its milestones, its severity, its people, its tasks."""
        base, value = self.base, row.value
        cells = renamed(value, COLUMNS, "incidents.")
        status = _STATUS.get(cells["status"] or "", cells["status"])
        base.incidents.append(
            {
                "incident_id": incident_id,
                **{key: cells[key] for key in ("title", "summary", "source_url")},
                "status": status,
                "kind": "drill" if value.get("isDrill") is True else "incident",
                "visibility": "internal",
                "time_zone": zone_as_written(cells["declared"]),
                "source": base.export.source,
                "extra": _beyond(value, is_over=status == "resolved"),
            }
        )
        by = self._by(value.get("createdByUser"))
        base.milestone(incident_id, row, "declared", "createdTime", **by)
        base.milestone(incident_id, row, "impact_start", "incidentStart")
        base.milestone(incident_id, row, "impact_end", "incidentEnd")
        if status == "resolved":
            base.milestone(incident_id, row, "resolved", "closedTime")
        else:
            base.not_over(incident_id, row, "closedTime", status)
        word = cells["new"] or first_text(value, "severityLabel")
        base.severity(incident_id, word, "severity")
        self._people(incident_id, row)
        tasks = Row(f"{row.place}.taskList", dict_of(value.get("taskList")))
        for part in base.export.parts(tasks, "tasks", incident_id=incident_id):
            self._task(incident_id, part)

    def _people(self, incident_id: str, row: Row) -> None:
        """Who holds which role: in the membership, or in the list of roles that came before it."""
        base = self.base
        member = Row(f"{row.place}.incidentMembership", dict_of(row.value.get("incidentMembership")))
        held = list(base.export.parts(member, "assignments", incident_id=incident_id))
        for part in held or base.export.parts(row, "roles", incident_id=incident_id):
            name = first_text(part.value, "role.name", "role.role", "role", "roleID")
            base.participant(incident_id, self.meet(part.value.get("user")), name)

    def _task(self, incident_id: str, part: Row) -> None:
        """A task as an action item; when it was done is not said, only when it was changed last."""
        base, value = self.base, part.value
        status = text_of(value.get("status"))
        cells = {
            "action_id": identified(value.get("taskID")),
            "owner_id": self.meet(value.get("assignedUser")),
            "status": _DONE.get(status or "", status),
            "created_at": base.instant(part, "createdTime", incident_id),
            "basis": "stated",
            "extra": leftover({"modifiedTime": value.get("modifiedTime")}, ()),
        }
        base.action(incident_id, part, text_of(value.get("text")), **cells)

    def activity(self, rows: Iterable[Row]) -> None:
        """What happened, of each incident from first to last."""
        of_incident: dict[str | None, list[Any]] = {}
        for row in rows:
            incident_id = identified(row.value.get("incidentID"))
            cell = "createdTime" if text_of(row.value.get("eventTime")) is None else "eventTime"
            of_incident.setdefault(incident_id, []).append((self.base.instant(row, cell, incident_id), row))
        for incident_id, timed in of_incident.items():
            for at, row in in_time_order(timed):
                self._item(incident_id, at, row)

    def _item(self, incident_id: str | None, at: Any, row: Row) -> None:
        base, value = self.base, row.value
        cells = renamed(value, COLUMNS, "activity.")
        is_message = (cells["field"] or "").lower() == "usernote"
        said = {
            "field": None if is_message else cells["field"],
            "text": cells["text"],
            "recorded_at": base.instant(row, "createdTime", incident_id),
            "source_ref": cells["source_ref"],
            "extra": _said_beyond(value),
            **self._by(value.get("user")),
        }
        subject = self.meet(value.get("subjectUser"))
        if subject is not None:
            said["extra"] = dict_of(said["extra"]) | {"subject": subject}
        base.add(incident_id, "message" if is_message else "note", at, **said)

    def group(self, incident_id: str, row: Row) -> None:
        """An alert group as an incident: when it fired, who acknowledged it, when it was silenced or resolved."""
        base, value = self.base, row.value
        cells = renamed(value, COLUMNS, "alert_groups.")
        status = _GROUP_STATUS.get(cells["status"] or "", cells["status"])
        used = (
            "id", "title", "alert_group_number", "created_at", "acknowledged_at", "acknowledged_by",
            "resolved_at", "resolved_by", "silenced_at",
        )  # fmt: skip
        labels = _labels(value)
        links = {key: text_of(link) for key, link in dict_of(value.get("permalinks")).items() if link is not None}
        base.incidents.append(
            {
                "incident_id": incident_id,
                "number": cells["number"],
                "title": cells["title"],
                "status": status,
                "kind": "incident",
                "visibility": "internal",
                "time_zone": zone_as_written(cells["alert_fired"]),
                "source_url": cells["source_url"] or next(iter(links.values()), None),
                "source": base.export.source,
                "extra": leftover(value, used) | ({"labels": labels} if labels else {}),
            }
        )
        fired = base.instant(row, "created_at", incident_id)
        if fired is not None:
            said = {"field": "fired", "is_automatic": True, "text": cells["title"], "source_ref": "created_at"}
            base.add(incident_id, "alert", fired, **said)
        acknowledged = base.instant(row, "acknowledged_at", incident_id)
        if acknowledged is not None:
            by = self._by(value.get("acknowledged_by"))
            said = {"new": "acknowledged", "note": "Grafana acknowledged_at", "source_ref": "acknowledged_at"}
            base.add(incident_id, "status", acknowledged, **said, **by)
        silenced = base.instant(row, "silenced_at", incident_id)
        if silenced is not None:
            note = "Grafana silenced_at; that somebody silenced it is no response"
            base.add(incident_id, "note", silenced, field="silenced", note=note, source_ref="silenced_at")
        if status == "resolved":
            base.milestone(incident_id, row, "resolved", "resolved_at", **self._by(value.get("resolved_by")))
        else:
            base.not_over(incident_id, row, "resolved_at", status)

    def meet(self, user: object) -> str | None:
        """A person whom a record names by an object, or by an identifier alone."""
        if not isinstance(user, dict):
            return self.base.person(user)
        ids = (user.get("userID"), user.get("id"), user.get("pk"))
        return self.base.person(*ids, name=user.get("name"), aliases=(user.get("email"), user.get("username")))

    def _by(self, user: object) -> dict[str, object]:
        person = self.meet(user)
        return {} if person is None else {"actor_id": person, "is_automatic": False}


def _sort(value: Mapping[str, Any]) -> str | None:
    """Which of the vendor's records it is, by its own keys."""
    if "activityItemID" in value or {"activityKind", "incidentID"} <= set(value):
        return "activity"
    if "incidentID" in value and (_INCIDENT_KEYS & set(value) or "title" in value):
        return "incidents"
    return "groups" if len(_GROUP_KEYS & set(value)) >= 3 else None


def _is_record(value: Mapping[str, Any]) -> bool:
    return _sort(value) is not None


def _labels(value: Mapping[str, Any]) -> list[str]:
    """Labels as ``key:value`` texts, in either interface's shape."""
    found = []
    listed = value.get("labels")
    for part in listed if isinstance(listed, list) else []:
        key = first_text(part, "key.name", "key") if isinstance(part, dict) else None
        name = first_text(part, "value.name", "value", "label") if isinstance(part, dict) else text_of(part)
        found.append(":".join(text for text in (key, name) if text))
    return [label for label in found if label]


def _beyond(value: Mapping[str, Any], *, is_over: bool) -> dict[str, object]:
    """What an incident says beyond our columns; how long it has been open is no length while it is."""
    used = [theirs.removeprefix("incidents.") for theirs in COLUMNS if theirs.startswith("incidents.")]
    extra = leftover(value, (*used, "heroImagePath"))
    if not is_over and "durationSeconds" in extra:
        extra["durationSeconds_until_export"] = extra.pop("durationSeconds")
    labels = _labels(value)
    return extra | ({"labels": labels} if labels else {})


def _said_beyond(value: Mapping[str, Any]) -> dict[str, object]:
    """What an activity item says beyond our columns."""
    used = [theirs.removeprefix("activity.") for theirs in COLUMNS if theirs.startswith("activity.")]
    extra = leftover(value, (*used, "immutable")) | leftover(
        dict_of(value.get("fieldValues")), (), prefix="fieldValues."
    )
    tags = names_in(value.get("tags"), "tag", "name")
    return extra | ({"tags": tags} if tags else {})
