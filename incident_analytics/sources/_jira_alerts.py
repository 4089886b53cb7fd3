"""Alerts of Jira Service Management: when they fired, and what their report says of the rest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from ._export import Export, Row, dig, identified, leftover, text_of

_KEYS = {"tinyId", "alias", "message"}
_USED = ("id", "alias", "createdAt", "message", "entity")
_LONGEST = 1e13  # milliseconds: some 300 years


def is_alert(value: Mapping[str, Any]) -> bool:
    """Whether a record is an alert."""
    return set(value) >= _KEYS and "fields" not in value


def alert_events(export: Export, row: Row, meet: Callable[[object], str | None]) -> list[dict[str, object]]:
    """An alert as events: fired when created, acknowledged and over as many milliseconds later as its report says.

    Args:
        export: the file.
        row: the alert.
        meet: takes in a person by a reference and returns the identifier.
    """
    at = export.instant(row, "createdAt")
    shared: dict[str, object] = {"incident_id": None, "is_automatic": True}
    shared |= {"source_ref": text_of(row.value.get("alias")), "text": text_of(row.value.get("message"))}
    shared["service"] = text_of(row.value.get("entity"))
    report = row.value.get("report")
    said = leftover(report, (), prefix="report.") if isinstance(report, dict) else {}
    events = [export.event("alert", at, **shared, field="fired", extra=leftover(row.value, _USED) | said)]
    for cell, word, by in (("ackTime", "acknowledged", "acknowledgedBy"), ("closeTime", "resolved", "closedBy")):
        span = dig(row.value, f"report.{cell}")
        if span is None:
            continue
        if at is None or isinstance(span, bool) or not isinstance(span, (int, float)) or not 0 <= span < _LONGEST:
            place, raw = f"{row.place}.report.{cell}", str(span)[:100]
            message = f"{place} holds {raw!r}; expected milliseconds since createdAt. Left out."
            export.note("unreadable_time", "warning", message, place=place, raw=raw)
            continue
        actor = identified(dig(row.value, f"report.{by}"))
        known = {"actor_id": meet({"accountId": actor}), "is_automatic": actor is None, "basis": "inferred"}
        note = f"createdAt and {cell} milliseconds of its report"
        later = at + dt.timedelta(milliseconds=span)
        events.append(export.event("alert", later, **shared | known, field=word, note=note))
    return events
