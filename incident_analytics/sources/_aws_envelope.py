"""The envelopes in which AWS delivers what happened: EventBridge events, and notifications of SNS around anything.

One event comes in two spellings, as a rule receives it (``detail-type``, ``detail``) and as somebody puts it
(``DetailType``, ``Detail`` as JSON text). A notification holds its message as JSON text. What is inside comes out the
same from all of them.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

from ._export import Export, Row, dig, text_of
from ._json import found_in

_SPELLINGS = {
    "DetailType": "detail-type",
    "Detail": "detail",
    "Source": "source",
    "Time": "time",
    "Resources": "resources",
    "EventBusName": "event-bus",
}
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_ZERO = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Delivered:
    """Something that was delivered.

    Attributes:
        row: what is inside: the detail of an event, the message of a notification, or a bare record.
        envelope: the event around it, under EventBridge's names; empty when it came without one.
    """

    row: Row
    envelope: dict[str, Any] = field(default_factory=dict)

    @property
    def said_at(self) -> Row:
        """The envelope as a record, for its ``time``."""
        return Row(self.row.place, self.envelope)


def event_of(value: dict[str, Any]) -> dict[str, Any]:
    """An event under the names that EventBridge delivers it with; anything else as it is."""
    if "detail-type" in value or "DetailType" not in value:
        return value
    return {_SPELLINGS.get(key, key): cell for key, cell in value.items()}


def message_of(value: dict[str, Any]) -> object:
    """The message of a notification, still as text; None when this is no notification."""
    inner = dig(value, "Sns.Message")
    if inner is None and value.get("Type") == "Notification":
        inner = value.get("Message")
    return inner


def opened(value: object) -> dict[str, Any] | None:
    """An object, also one that is written as JSON text; None when it is neither."""
    if isinstance(value, dict):
        return value
    if not isinstance(value, str) or not value.lstrip().startswith("{"):
        return None
    try:
        found = [each.value for each in found_in(value, ())]
    except (json.JSONDecodeError, ValueError, RecursionError):
        return None
    return found[0] if len(found) == 1 and isinstance(found[0], dict) else None


def delivered(export: Export) -> Iterator[Delivered]:
    """What each record of an export delivers; a message or a detail that is no object is rejected."""
    for row in export.rows:
        value, place = row.value, row.place
        message = message_of(value)
        if message is not None:
            inner = opened(message)
            if inner is None:
                export.reject(f"{place}.Message", message, "expected an object, or one as JSON text")
                continue
            value, place = inner, f"{place}.Message"
        event = event_of(value)
        if "detail-type" not in event:
            yield Delivered(row._replace(place=place, value=value))
            continue
        detail = opened(event.get("detail"))
        if detail is None:
            export.reject(f"{place}.detail", event.get("detail"), "expected an object, or one as JSON text")
            continue
        yield Delivered(Row(place, detail), {key: cell for key, cell in event.items() if key != "detail"})


def aws_instant(export: Export, row: Row, key: str, *, incident_id: str | None = None) -> dt.datetime | None:
    """A time of AWS: ISO 8601, RFC 1123, or seconds since 1970; None when it says none.

    The day of the week of an RFC 1123 time is not needed and at times is another day's: the date counts, and the
    difference is a finding. The beginning of 1970 stands for a time that is not known.
    """
    value = dig(row.value, key)
    written = text_of(value)
    if written is None:
        return None
    at = _mail_time(export, row, key, written, incident_id)
    if at is None:
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        at = export.instant(row, key, incident_id=incident_id, epoch="s" if is_number else None)
    if at == _ZERO:
        message = f"{row.place}.{key} holds {written!r}, which stands for a time that is not known. Left missing."
        export.note("zero_time", "warning", message, place=row.place, incident_id=incident_id, raw=written)
        return None
    return at


def _mail_time(export: Export, row: Row, key: str, written: str, incident_id: str | None) -> dt.datetime | None:
    """A time such as ``Sun, 05 Jun 2016 15:10:09 GMT``; None when it is spelled otherwise."""
    name, comma, _ = written.partition(",")
    if not comma or name.strip().title() not in _DAYS:
        return None
    try:
        at = parsedate_to_datetime(written)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    if at.tzinfo is None:
        return None
    if _DAYS[at.weekday()] != name.strip().title():
        message = f"{row.place}.{key} says {written!r}, but that date is a {_DAYS[at.weekday()]}; the date was read"
        export.note("wrong_weekday", "info", message, place=row.place, incident_id=incident_id, raw=written)
    try:
        return at.astimezone(dt.UTC)
    except OverflowError:
        return None
