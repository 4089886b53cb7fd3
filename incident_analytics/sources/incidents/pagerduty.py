"""PagerDuty: incidents, log entries, alerts, notes, status updates, analytics and users, as the REST API lists them.

Each file is read alone: a file of incidents gives incidents and what their own cells and lists say, a file of log
entries, alerts, notes or updates gives only events; all carry the incident's id. What the vendor does oddly:

- ``acknowledgements`` and ``assignments`` are emptied once an incident is resolved, so that they say who
  acknowledged only while it is open; log entries keep it.
- ``urgency`` says how loudly to notify, not how bad it is: it is kept, and is never a severity.
- ``priority`` stands in the incident as it is at the export; when it was set, only log entries say. Its number
  (``priority_order`` of the analytics, ``order`` elsewhere) is larger the more severe it is.
- log entries come newest first, and an acknowledgement is spelled in two ways.
- a note does not name its incident; what stands around the list may.
- rows of the analytics have ready-made numbers in place of a history, and the published examples of them contradict
  themselves: times without a zone, an end before the beginning. The numbers are kept beside ours, in ``extra``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ...records import Records
from .._contract import VendorDuration
from .._export import Row, collector_paused, open_export
from .._json import sketch
from .._json_cells import Alike, IrregularError
from .._pagerduty_columns import Columns, Sort
from .._pagerduty_entries import is_entry
from .._pagerduty_entry_columns import EntryColumns
from .._pagerduty_incidents import ANALYTIC, INCIDENT, tell_analytic, tell_incident
from .._pagerduty_lists import (
    incident_of,
    is_alert,
    is_catalogue,
    is_note,
    is_response,
    is_status_update,
    tell_alert,
    tell_note,
    tell_response,
    tell_status_update,
)
from .._pagerduty_told import Told

NAME = "pagerduty"
DESCRIPTION = (
    "PagerDuty incidents, log entries, alerts, notes, status updates, analytics and users: JSON of the REST API v2, "
    "or of a connector"
)
TIME_ZONE_RULE = (
    "Times carry Z or an offset. A time without one is read in the zone you name; otherwise it stays missing."
)
EXAMPLE = '[{"id": "QOTTER1", "incident_number": 1, "urgency": "high", "created_at": "2026-01-05T09:00:00Z"}]'
SEVERITIES: tuple[str, ...] = ()
DURATIONS: Mapping[str, VendorDuration] = MappingProxyType(
    {
        "seconds_to_first_ack": VendorDuration(
            "declared",
            "acknowledged",
            "s",
            "from the creation of the incident to its first acknowledgement; reassigning, escalating and resolving are "
            "none (PagerDuty analytics)",
            ends_at="first",
        ),
        "seconds_to_engage": VendorDuration(
            "acknowledged",
            "acknowledged",
            "s",
            "from the first person's engagement to the last person's; missing for fewer than two (PagerDuty analytics)",
        ),
        "seconds_to_mobilize": VendorDuration(
            "declared",
            "acknowledged",
            "s",
            "from the creation of the incident until the last of the responders added had acknowledged; missing for "
            "fewer than two (PagerDuty analytics)",
        ),
        "seconds_to_resolve": VendorDuration(
            "declared", "resolved", "s", "from the trigger of the incident to its resolution (PagerDuty analytics)"
        ),
    }
)
COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        **{f"incidents.{theirs}": ours for theirs, ours in INCIDENT.items()},
        "log_entries.id": "source_ref",
        "log_entries.incident.id": "incident_id",
        "log_entries.created_at": "at",
        "log_entries.agent.id": "actor_id",
        "log_entries.service.summary": "service",
        "log_entries.note": "reason",
        "alerts.id": "source_ref",
        "alerts.incident.id": "incident_id",
        "alerts.created_at": "at",
        "alerts.service.summary": "service",
        "alerts.summary": "text",
        "notes.id": "source_ref",
        "notes.created_at": "at",
        "notes.user.id": "actor_id",
        "notes.content": "text",
        "status_updates.id": "source_ref",
        "status_updates.created_at": "at",
        "status_updates.sender.id": "actor_id",
        "status_updates.message": "text",
        **{f"analytics.{theirs}": ours for theirs, ours in ANALYTIC.items()},
        "responses.responder_id": "actor_id",
        "responses.requested_at": "at",
        "users.id": "person_id",
        "users.name": "name",
        "users.email": "aliases",
        "users.time_zone": "time_zone",
    }
)

_LISTS = (
    "incidents", "log_entries", "users", "alerts", "notes", "status_updates", "status_update", "responses",
    "priorities", "data",
)  # fmt: skip
_STREAMS = ("incidents", "incident_log_entries", "users")
_INCIDENT_KEYS = ("urgency", "escalation_policy", "incident_key", "assignments", "last_status_change_at")


def recognises(head: bytes) -> bool:
    """By ``incident_number`` beside ``urgency`` and its like, by types ``..._log_entry``, or by keys of its other lists."""
    seen = sketch(head, _LISTS, _is_record)
    if not seen.records:
        # An empty page of the incident list has nothing but its page numbers to be known by.
        return any(seen.outer.get(name) == [] for name in _LISTS[:2]) and {"limit", "more"} <= set(seen.outer)
    return any(map(_is_record, seen.records))


def read(path: Path, *, time_zone: str | None = None) -> Records:
    """Incidents with what their cells say, events of log entries and of other lists, and everybody named in them."""
    with collector_paused():
        try:
            records = _read(path, time_zone, is_split=True)
        except IrregularError:
            records = _read(path, time_zone, is_split=False)
    # A file may hold an older and a newer state of one incident: merging makes them one row.
    return records.merge() if records.incidents["incident_id"].duplicated().any() else records


def _read(path: Path, time_zone: str | None, *, is_split: bool) -> Records:
    """A file in columns as far as its records are of usual shapes; or all of its records one by one."""
    export = open_export(
        path,
        name=NAME,
        lists=_LISTS,
        streams=_STREAMS,
        is_record=_is_record,
        is_ours=_is_ours,
        is_split=is_split,
        time_zone=time_zone,
    )
    told, columns = Told(export), Columns(export)
    _tell_all(told, columns, columns.take_usual(_sort_of) if is_split else enumerate(export.rows))
    incidents, events = columns.tables(told)
    return Records.build(
        incidents=incidents,
        events=events,
        participants=told.participants,
        people=told.people,
        findings=export.findings,
    )


def _sort_of(records: Alike, stream: str) -> Sort | None:
    """What records of one sort are, where those of usual shapes go into columns; as :func:`_tell_all` tells them."""
    value = dict.fromkeys(records.keys) | {"type": records["type"].values[0]}
    if "record" in value or is_response(value):
        return None
    if is_entry(value):
        return "entries"
    is_other = _is_user(value) or stream in ("users", "log_entries", "incident_log_entries")
    return "incidents" if _is_incident(value) and not is_other else None


def _tell_all(told: Told, columns: Columns, rows: Iterable[tuple[int, Row | None]]) -> None:
    """Records one by one, each with the item it stands in; None in place of one that repeats an earlier one."""
    # Rows of the analytics of responses have no identifier.
    for identifier, row in told.export.known_by("id", may_lack=is_response, rows=columns.in_turn(told, rows)):
        if is_response(row.value):
            tell_response(told, incident_of(row), row)
        elif is_entry(row.value) or row.stream in ("log_entries", "incident_log_entries"):
            columns.entries.take(row)
        else:
            _tell(told, identifier, row, columns.entries)


def _tell(told: Told, identifier: str, row: Row, entries: EntryColumns) -> None:
    """A record that is no log entry; log entries inside it are put to the others."""
    value = row.value
    if _is_user(value) or row.stream == "users":
        told.meet(value)
    elif _is_analytic(value):
        tell_analytic(told, identifier, row)
    elif _is_incident(value) or row.stream == "incidents":
        tell_incident(told, identifier, row)
        for part in told.export.parts(row, "log_entries", incident_id=identifier):
            entries.put(identifier, part)
    elif is_alert(value):
        tell_alert(told, incident_of(row), row)
    elif is_note(value):
        tell_note(told, incident_of(row), row)
    elif is_status_update(value):
        tell_status_update(told, incident_of(row), row)
    elif is_catalogue(value):
        told.list(row)
    else:
        told.export.reject(row.place, value, "it is neither an incident nor a log entry")


def _is_record(value: Mapping[str, Any]) -> bool:
    return _is_ours(value) or is_catalogue(value)


def _is_ours(value: Mapping[str, Any]) -> bool:
    """Whether a record says something of an incident, or of a person."""
    if is_entry(value) or _is_incident(value) or _is_user(value):
        return True
    return _is_analytic(value) or is_alert(value) or is_note(value) or is_status_update(value) or is_response(value)


def _is_incident(value: Mapping[str, Any]) -> bool:
    return "incident_number" in value and any(key in value for key in _INCIDENT_KEYS) and not _is_analytic(value)


def _is_analytic(value: Mapping[str, Any]) -> bool:
    # Rows of the vendor's analytics have ready-made numbers in place of a history.
    return "incident_number" in value and ("seconds_to_resolve" in value or "seconds_to_first_ack" in value)


def _is_user(value: Mapping[str, Any]) -> bool:
    return "notification_rules" in value and "contact_methods" in value
