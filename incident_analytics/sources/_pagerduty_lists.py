"""What PagerDuty lists beside incidents and log entries: alerts, notes, status updates, and analytics of responses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._export import Row, dig, first_text, identified, leftover, text_of
from ._pagerduty_told import Told, as_dict, is_person

CATALOGUE = (
    "priority", "service", "team", "escalation_policy", "schedule", "business_service", "vendor", "extension",
)  # fmt: skip
"""Types of records that describe the account, not an incident."""

_HOME = "https://api.pagerduty.com/"
_TAKEN = frozenset({"id", "type", "self", "summary", "html_url", "created_at", "incident_id"})
_JOINED = ("accepted", "acknowledged", "joined", "responded")
_NO_INCIDENT = "{n} note(s) or update(s) do not say their incident; expected it in the record or around the list. Kept."


def is_alert(value: Mapping[str, Any]) -> bool:
    """Whether a record is an alert: something of a service that an incident may have been opened for."""
    return "alert_key" in value and ("suppressed" in value or "incident" in value)


def is_note(value: Mapping[str, Any]) -> bool:
    """Whether a record is a note that a person put to an incident."""
    return "content" in value and is_person(as_dict(value.get("user")))


def is_status_update(value: Mapping[str, Any]) -> bool:
    """Whether a record is an update to the subscribers of an incident."""
    return "message" in value and is_person(as_dict(value.get("sender")))


def is_response(value: Mapping[str, Any]) -> bool:
    """Whether a record is a row of the analytics of responses."""
    return "response_status" in value and ("responder_name" in value or "responder_id" in value)


def is_catalogue(value: Mapping[str, Any]) -> bool:
    """Whether a record describes the account: a service, a team, a priority."""
    kind = (text_of(value.get("type")) or "").removesuffix("_reference")
    return kind in CATALOGUE and (text_of(value.get("self")) or "").startswith(_HOME)


def tell_alert(told: Told, incident_id: str | None, row: Row) -> None:
    """An alert, once as fired and, where it says when, once as resolved; one that was suppressed called nobody."""
    value, export = row.value, told.export
    is_suppressed = value.get("suppressed") is True
    cells = {
        "source_ref": text_of(value.get("id")),
        "service": text_of(dig(value, "service.summary")),
        "text": first_text(value, "summary", "body.details.description", "body.details"),
        "is_automatic": True,
        "extra": leftover(value, _TAKEN | {"resolved_at"}) | leftover({"entry_type": "alert"}, ()),
    }
    at = export.instant(row, "created_at", incident_id=incident_id)
    told.add(incident_id, "alert", at, **cells, field="suppressed" if is_suppressed else "fired")
    ended = export.instant(row, "resolved_at", incident_id=incident_id)
    if ended is not None and not is_suppressed:
        told.add(incident_id, "alert", ended, **cells, field="resolved")


def tell_note(told: Told, incident_id: str | None, row: Row) -> None:
    """A note as a message of the person who wrote it."""
    cells = {"text": text_of(row.value.get("content")), "extra": _extra(row, {"content"}, "note")}
    _tell_words(told, "message", incident_id, row, "user", cells)


def tell_status_update(told: Told, incident_id: str | None, row: Row) -> None:
    """A status update as what stakeholders were told."""
    cells = {
        "text": text_of(row.value.get("message")),
        "audience": "stakeholders",
        "extra": _extra(row, {"message"}, "status_update"),
    }
    _tell_words(told, "update", incident_id, row, "sender", cells)


def _tell_words(
    told: Told, kind: str, incident_id: str | None, row: Row, writer: str, cells: Mapping[str, object]
) -> None:
    at = told.export.instant(row, "created_at", incident_id=incident_id)
    if incident_id is None:
        told.export.count("no_incident", _NO_INCIDENT)
    source_ref = text_of(row.value.get("id"))
    told.add(incident_id, kind, at, **told.actor(row.value.get(writer)), **cells, source_ref=source_ref)


def _extra(row: Row, taken: set[str], kind: str) -> dict[str, object]:
    channel = as_dict(row.value.get("channel"))
    extra = leftover(row.value, _TAKEN | taken) | leftover(channel, ("summary", "id"), prefix="channel.")
    return extra | {"entry_type": kind}


def tell_response(told: Told, incident_id: str | None, row: Row) -> None:
    """A row of the analytics of responses: a person was asked, and joined when it says so."""
    value, export = row.value, told.export
    name = text_of(value.get("responder_name"))
    person = told.meet({"id": value.get("responder_id") or name, "name": name})
    by = {"actor_id": person, "source_ref": "responses"}
    extra = leftover(value, ("responder_name", "responder_id", "requested_at", "responded_at", "incident_id"))
    asked = export.instant(row, "requested_at", incident_id=incident_id)
    told.add(incident_id, "role", asked, **by, field="requested", extra=extra)
    word = (text_of(value.get("response_status")) or "").lower()
    responded = export.instant(row, "responded_at", incident_id=incident_id)
    if word in _JOINED:
        told.add(incident_id, "role", responded, **by, field="joined", is_automatic=False, extra=extra)
    elif responded is not None:
        told.add(incident_id, "note", responded, **by, field=word or "responded", is_automatic=False, extra=extra)


def incident_of(row: Row) -> str | None:
    """The incident a record of a list belongs to: as it says itself, or as what stands around its list says."""
    found = (
        row.value.get("incident_id"),
        dig(row.value, "incident.id"),
        row.around.get("incident_id"),
        dig(row.around.get("incident"), "id"),
    )
    return next((known for known in map(identified, found) if known is not None), None)
