"""What Dispatch's own account says: its events are sentences, and most of what changed stands only in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ._export import dig, first_text, text_of

ROLES: Mapping[str, str] = MappingProxyType(
    {
        "incident commander": "incident_commander",
        "liaison": "communication_manager",
        "scribe": "scribe",
        "participant": "responder",
        "assignee": "responder",
        "observer": "observer",
        "reporter": "reporter",
    }
)
"""Our role by the vendor's, in lower case."""

_SEVERITY = re.compile(r"(?P<who>.+) changed the incident severity to (?P<new>.+)")
_PRIORITY = re.compile(r"(?P<who>.+) changed the incident priority to (?P<new>.+)")
_MARKED = re.compile(r"(?P<who>.+) marked the incident as (?P<new>.+)")
_MOVED = re.compile(r"The incident status has been changed from (?P<old>.+) to (?P<new>.+)")
_JOINED = re.compile(r"(?P<who>.+?) (?:has been )?added to incident with (?P<role>.+) role")
_SAID = re.compile(r'"(?P<text>.*)," said (?P<who>.+)', re.DOTALL)
_REPORT = re.compile(r"(?P<who>.+) created a new (?P<sort>tactical|executive) report")
_STATES = {"active": "reopened", "stable": "mitigated", "closed": "closed"}
_TACTICAL, _EXECUTIVE = ("conditions", "actions", "needs"), ("current_status", "overview", "next_steps")


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a sentence of the account says.

    Attributes:
        kind: kind of our event.
        who: name of the person that it names.
        cells: further columns of our event.
    """

    kind: str
    who: str | None = None
    cells: Mapping[str, object] = field(default_factory=dict)


def understood(event: Mapping[str, Any], *, priority_is_severity: bool) -> Sentence:
    """What an event says, by its text; a text of no known form is a note, or a message where it was imported.

    Args:
        event: the event as the API gives it.
        priority_is_severity: the instance is of an age before there were severities.
    """
    text = text_of(event.get("description")) or ""
    if match := _SEVERITY.fullmatch(text):
        return Sentence("severity", match["who"], {"new": match["new"].strip()})
    if match := _PRIORITY.fullmatch(text):
        if priority_is_severity:
            return Sentence("severity", match["who"], {"new": match["new"].strip()})
        return Sentence("note", match["who"], {"field": "priority", "new": match["new"].strip()})
    if match := _MARKED.fullmatch(text) or _MOVED.fullmatch(text):
        said, word = match.groupdict(), match["new"].strip()
        return Sentence("status", said.get("who"), {"old": said.get("old"), "new": _STATES.get(word.lower(), word)})
    if match := _JOINED.fullmatch(text):
        role = match["role"].strip()
        return Sentence("role", match["who"], {"field": "joined", "role": ROLES.get(role.lower(), role)})
    if match := _REPORT.fullmatch(text):
        return Sentence(
            "update", match["who"], {"text": report_text(event.get("details")) or text, **audience_of(match["sort"])}
        )
    if match := _SAID.fullmatch(text):
        return Sentence("message", match["who"], {"text": match["text"]})
    kind = "message" if text_of(event.get("type")) == "Imported message" else "note"
    return Sentence(kind, text_of(event.get("owner")))  # fmt: skip


def audience_of(sort: str) -> dict[str, object]:
    """Whom a report is for: a tactical one the responders, an executive one those above."""
    is_executive = "executive" in sort.lower()
    return {
        "audience": "stakeholders" if is_executive else "internal",
        "channel": "executive report" if is_executive else "tactical report",
    }


def report_text(details: object) -> str | None:
    """The parts of a report as one text."""
    told = [(key, first_text(details, key)) for key in (*_TACTICAL, *_EXECUTIVE)]
    lines = [f"{key.replace('_', ' ').capitalize()}: {text}" for key, text in told if text]
    return "\n".join(lines) or None


def severity_at_creation(event: Mapping[str, Any]) -> str | None:
    """The severity that the sentence about the creation keeps in its details; older ages keep none."""
    is_creation = text_of(event.get("description")) == "Incident created"
    return text_of(dig(event, "details.severity")) if is_creation else None
