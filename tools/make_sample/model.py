"""What the topics hand to each other: incidents with their pages and chat, and how times are written in stories."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

_SHORT_TIME = re.compile(r"^(?:\+(\d) )?(\d\d):(\d\d)(?::(\d\d))?$")


@dataclass(slots=True)
class Entry:
    """One entry of the paging tool's log.

    Attributes:
        at: when.
        verb: trigger, assign, notify, escalate, ack, unack, note, priority, resolve.
        who: key of the person who acted or was called; empty for the machine.
        text: a note, or the reason of a priority change.
        new: the new priority; or the way of a notification (push, phone).
    """

    at: datetime
    verb: str
    who: str = ""
    text: str = ""
    new: str = ""


@dataclass(slots=True)
class Line:
    """One line of chat: by whom, and in which way (said, reply, edited, blocks, join, leave)."""

    at: datetime
    who: str
    way: str
    text: str = ""


@dataclass(slots=True)
class Alert:
    """One alert; ``ended_at`` is missing while it fires."""

    name: str
    service: str
    severity: str
    summary: str
    fired_at: datetime
    ended_at: datetime | None
    fingerprint: str = ""
    extra_labels: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Incident:
    """One incident as the paging tool knows it, before it is written in anybody's format."""

    incident_id: str
    service: str
    title: str
    created_at: datetime
    entries: list[Entry]
    kind: str = "incident"
    key: str = ""
    special: str = ""
    number: int = 0
    resolved_at: datetime | None = None
    alerts: list[Alert] = field(default_factory=list)
    chat: list[Line] = field(default_factory=list)

    @property
    def channel(self) -> str:
        """Name of the incident's chat channel."""
        return f"inc-{self.number}-{self.service}"

    @property
    def status(self) -> str:
        """State after the last entry that changes it."""
        words = {"trigger": "triggered", "ack": "acknowledged", "unack": "triggered", "resolve": "resolved"}
        changes = [words[e.verb] for e in sorted(self.entries, key=lambda e: e.at) if e.verb in words]
        return "resolved" if self.resolved_at else changes[-1]

    @property
    def severity(self) -> str:
        """The last priority set."""
        changes = [e.new for e in sorted(self.entries, key=lambda e: e.at) if e.verb == "priority"]
        return changes[-1] if changes else ""


def short_instant(day: date, text: str) -> datetime | None:
    """The instant of ``07:19``, ``07:19:04`` or ``+1 01:12`` (the day after); None when written otherwise."""
    match = _SHORT_TIME.match(text)
    if not match:
        return None
    later, hour, minute, second = (int(part or 0) for part in match.groups())
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=UTC) + timedelta(days=later)


def instant(day: date, text: str) -> datetime:
    """Like ``short_instant``; a text written otherwise is an error."""
    at = short_instant(day, text)
    if at is None:
        raise ValueError(f"{text!r} is not a time such as 07:19, 07:19:04 or +1 01:12")
    return at


def iso(at: datetime) -> str:
    """The instant in ISO 8601, to the second, in UTC."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
