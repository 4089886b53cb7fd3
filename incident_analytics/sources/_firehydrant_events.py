"""FireHydrant's events: what each type says, as kinds and cells of ours.

An event has a type such as ``event/note`` and ``data`` of that type's own shape. What no rule knows is kept as a note
under its type. Milestones stand in the incident itself: events about them are notes, unless they lead back behind a
resolution, which says that it was opened again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ._export import Export, Row, first_text, leftover, text_of
from ._told import dict_of

VISIBILITIES = ("private_to_org", "internal_status_page", "open_to_public")
"""Who may see an event; the words are the vendor's own."""

_AUDIENCES = {"open_to_public": "public", "internal_status_page": "stakeholders"}
_OVER = ("resolved", "postmortem_started", "postmortem_completed", "closed")
_GOING_ON = ("started", "detected", "acknowledged", "investigating", "identified", "mitigated")
_MILESTONES = ("bulk_milestone_update", "milestone_update")
_KNOWN = {
    "note", "chat_message", "generic_chat_message", "runbook_step_execution_update", "runbook_attachment",
    "generic_resource_change", "bulk_milestone_update", "milestone_update", "incident_status", "role_update",
    "ticket_update", "impact_update", "bulk_update", "alert_linked", "task_update", "team_assignment",
}  # fmt: skip

Cells = dict[str, object]
Meet = Callable[[object], str | None]


def event_of(export: Export, row: Row, meet: Meet) -> Iterator[tuple[str, Cells]]:
    """What one event says: kinds with their cells.

    Args:
        export: where an unknown type is counted.
        row: the event.
        meet: makes the identifier of a person whom an object names.
    """
    value = row.value
    kind = _word(value)
    data = dict_of(value.get("data"))
    audience = _AUDIENCES.get(text_of(value.get("visibility")) or "")
    if kind == "bulk_update":
        listed = data.get("events")
        inner = [part for part in listed if isinstance(part, dict)] if isinstance(listed, list) else []
        for part in inner:
            word = _word(part)
            # Changes of milestones are listed as events of their own besides.
            if word not in _MILESTONES:
                yield from _one(word, dict_of(part.get("data")), audience, meet)
        if not inner:
            yield "note", {"field": kind}
        return
    if kind not in _KNOWN:
        message = f"{{n}} events of the type {kind[:100]!r}, which is not known here, were kept as notes"
        export.count("unknown_type", message)
    yield from _one(kind, data, audience, meet)


def _one(kind: str, data: Mapping[str, Any], audience: str | None, meet: Meet) -> Iterator[tuple[str, Cells]]:
    text = first_text(data, "description", "summary", "message", "body", "name")
    if kind == "note":
        yield _note(data, audience)
    elif kind in ("chat_message", "generic_chat_message"):
        yield "message", {"text": text, "channel": first_text(data, "channel.name", "channel")}
    elif kind == "generic_resource_change":
        yield from _changed(dict_of(data.get("fields")), text_of(data.get("operation")))
    elif kind in _MILESTONES:
        old, new = (text_of(data.get(key)) for key in ("original_milestone", "current_milestone"))
        if old in _OVER and new in _GOING_ON:
            yield "status", {"old": old, "new": "reopened", "text": f"milestone {new}"}
        else:
            yield "note", {"field": "milestone", "old": old, "new": new}
    elif kind == "role_update":
        held = dict_of(data.get("role_assignment"))
        duty, by = first_text(held, "incident_role.name"), text_of(data.get("operation"))
        yield "note", {"field": "role", "old": None, "new": duty, "text": by, "extra": _held_by(meet(held.get("user")))}
    else:
        changed = dict_of(data.get("changed_attributes"))
        said = leftover(data, ("id", "description", "summary", "message", "body", "name"))
        said |= leftover({key: changed.get(key) for key in ("type", "state")}, (), prefix="ticket.")
        affected = [first_text(data, "infrastructure.name"), first_text(data, "new_condition_name")]
        text = text or first_text(changed, "summary") or ": ".join(part for part in affected if part) or None
        yield "note", {"field": kind, "text": text, "extra": said}


def _note(data: Mapping[str, Any], audience: str | None) -> tuple[str, Cells]:
    """A note that a person or a machine wrote: an update where others than the responders may see it."""
    cells: Cells = {"text": first_text(data, "body", "description", "message")}
    # The note's own identifier: it may be told by itself and together with what was saved with it.
    cells |= {"source_ref": text_of(data.get("id"))} if text_of(data.get("id")) else {}
    return ("message", cells) if audience is None else ("update", cells | {"audience": audience})


def _changed(fields: Mapping[str, Any], operation: str | None) -> Iterator[tuple[str, Cells]]:
    """Cells of the incident that were changed: a severity, or a note for every other one."""
    for name, cell in fields.items():
        new = first_text(cell, "new", "to", "name") if isinstance(cell, dict) else text_of(cell)
        if name == "severity" and new not in (None, "UNSET", "MAINTENANCE", "GAMEDAY"):
            yield "severity", {"new": new, "field": None}
        else:
            yield "note", {"field": name, "new": new, "text": operation}
    if not fields:
        yield "note", {"field": "generic_resource_change", "text": operation}


def _word(event: Mapping[str, Any]) -> str:
    """The type of an event, without what all types begin with."""
    return (text_of(event.get("type")) or "event").removeprefix("event/").lower()


def _held_by(person: str | None) -> Cells:
    return {} if person is None else {"person": person}
