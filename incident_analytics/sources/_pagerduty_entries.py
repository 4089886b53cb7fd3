"""Log entries of PagerDuty incidents: one kind of event, or a few, for each of the vendor's types."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from ._export import Row, Timed, dig, first_text, leftover, text_of
from ._pagerduty_told import Told, as_dict, is_person, label, ranked, targets

_CHANGES = ("application_fields", "customer_fields")

# Types of log entries, without "_log_entry". Those of trigger, escalate and field changes need more than a word.
ENTRIES: Mapping[str, tuple[str, Mapping[str, object]]] = MappingProxyType(
    {
        "acknowledge": ("status", {"new": "acknowledged"}),
        "acknowledgement": ("status", {"new": "acknowledged"}),
        "unacknowledge": ("status", {"new": "unacknowledged"}),
        "resolve": ("status", {"new": "resolved"}),
        "reopen": ("status", {"new": "reopened"}),
        "annotate": ("message", {"reason": None}),
        "status_update": ("update", {"audience": "stakeholders"}),
        "snooze": ("note", {"field": "snooze"}),
        "urgency_change": ("note", {"field": "urgency_change"}),
        "exhaust_escalation_path": ("note", {"field": "exhaust_escalation_path"}),
        "repeat_escalation_path": ("note", {"field": "repeat_escalation_path"}),
        "reach_ack_limit": ("note", {"field": "reach_ack_limit"}),
        "reach_trigger_limit": ("note", {"field": "reach_trigger_limit"}),
    }
)
ASKING = frozenset({"assign", "reassign", "delegate", "responder_request"})
_CHANGING = frozenset({"field_value_change", "custom_field_value_change", "priority_change"})
_WORDS = {f"{word}_log_entry": word for word in (*ENTRIES, *ASKING, *_CHANGING, "trigger", "notify", "escalate")}
_TEXTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "trigger": ("event_details.description", "channel.summary", "summary"),
        "annotate": ("channel.summary", "channel.content", "note", "summary"),
        "status_update": ("message", "channel.message", "summary", "channel.summary"),
    }
)
_TEXT = ("summary", "channel.summary")
TAKEN = frozenset({"id", "created_at", "note", "message", "type", "self", "summary", "html_url"})
"""Keys of a log entry that columns take, or that say nothing more."""


def is_entry(value: Mapping[str, Any]) -> bool:
    """Whether a record is a log entry, by its type."""
    return word_of(value.get("type")) is not None


def tell_entries(told: Told, incident_id: str | None, timed: Iterable[Timed]) -> None:
    """The log entries of one incident, from first to last."""
    is_resolved = False
    for at, row in timed:
        word = word_of(row.value.get("type"))
        if word is None:
            word = (text_of(row.value.get("type")) or "").removesuffix("_reference")
        if word == "trigger" and is_resolved:
            # Triggered again: the incident is open again, and a machine's trigger is an alert besides.
            is_resolved = False
            _tell(told, incident_id, at, row, "reopen")
            if is_person(as_dict(row.value.get("agent"))):
                continue
        if word in ("trigger", "reopen", "resolve"):
            is_resolved = word == "resolve"
        _tell(told, incident_id, at, row, word)


def word_of(written: object) -> str | None:
    """The type of a log entry without its ending: ``acknowledge``; None when it is none."""
    if not isinstance(written, str):
        return None
    word = _WORDS.get(written)
    return word if word is not None else _unusual_word(written)


def _unusual_word(written: str) -> str | None:
    word = written.removesuffix("_reference")
    return word.removesuffix("_log_entry") if word.endswith("_log_entry") else None


def _tell(told: Told, incident_id: str | None, at: dt.datetime | None, row: Row, word: str) -> None:
    """The events of one log entry."""
    value, actor = row.value, told.actor(row.value.get("agent"))
    cells = about(row, word)
    if word in ENTRIES:
        kind, fact = ENTRIES[word]
        told.add(incident_id, kind, at, **{**cells, **actor, **fact})
    elif word == "trigger":
        by_person = actor["is_automatic"] is False
        kind, fact = ("status", {"new": "triggered"}) if by_person else ("alert", {"field": "fired"})
        told.add(incident_id, kind, at, **{**cells, **actor, **fact})
    elif word == "notify":
        called = told.meet(value.get("user"))
        told.add(incident_id, "alert", at, **cells, field="paged", actor_id=called, is_automatic=True)
    elif word in ASKING:
        told.asked(incident_id, at, targets(value), actor, cells)
    elif word == "escalate":
        told.add(incident_id, "alert", at, **cells, **actor, field="escalated")
        told.asked(incident_id, at, targets(value), actor, cells, may_be_nobody=True)
    elif word in _CHANGING:
        for kind, change in _changes(told, row, word):
            extra = {**as_dict(cells["extra"]), **as_dict(change.pop("extra", None))}
            told.add(incident_id, kind, at, **{**cells, **actor, **change, "extra": extra})
    else:
        message = f"{{n}} log entries of the unknown type {value.get('type')!r} were kept as notes"
        told.export.count("unknown_type", message)
        told.add(incident_id, "note", at, **cells, **actor, field=word)


def about(row: Row, word: str) -> dict[str, object]:
    """What every event of a log entry says, whatever its type."""
    value = row.value
    return {
        "source_ref": text_of(value.get("id")),
        "service": text_of(dig(value, "service.summary")),
        "reason": text_of(value.get("note")),
        "text": text_for(value, word),
        "extra": extra_of(value),
    }


def text_for(value: Mapping[str, Any], word: str) -> str | None:
    """What a log entry says in words."""
    return first_text(value, *paths_of(word))


def paths_of(word: str) -> tuple[str, ...]:
    """Where log entries of a type say something in words; the first that does counts."""
    return _TEXTS.get(word, _TEXT)


def extra_of(value: Mapping[str, Any]) -> dict[str, object]:
    """The plain cells of a log entry and of its channel that no column of ours takes."""
    channel = as_dict(value.get("channel"))
    extra = leftover(value, TAKEN) | leftover({"entry_type": value.get("type")}, ())
    return extra | leftover(channel, ("summary",), prefix="channel.")


def _changes(told: Told, row: Row, word: str) -> Iterator[tuple[str, dict[str, object]]]:
    """What a change of fields changed: a severity for the priority, a note for every other field."""
    value = row.value
    if word == "priority_change":
        old, new = (dig(value, f"channel.{which}_priority") for which in ("old", "new"))
        yield "severity", {"old": label(old), "new": label(new), "extra": ranked(new)}
        return
    changeset = Row(f"{row.place}.channel.changeset", as_dict(dig(value, "channel.changeset")))
    listed = [part.value for key in _CHANGES for part in told.export.parts(changeset, key)]
    for cell in listed:
        old, new = label(cell.get("old_value")), label(cell.get("value"))
        name = text_of(cell.get("name")) or word
        if name.lower() == "priority":
            yield "severity", {"old": old, "new": new, "extra": ranked(cell.get("value"))}
        else:
            yield "note", {"field": name, "old": old, "new": new}
    if not listed:
        yield "note", {"field": word}
