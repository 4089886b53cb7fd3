"""What ServiceNow's incident table calls things, wherever it is exported from: states, priorities, reasons to close.

The REST interface says the numbers behind the words, a list shows the words; both are read as one.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

PRIORITIES = ("1 - Critical", "2 - High", "3 - Moderate", "4 - Low", "5 - Planning")
"""The priorities of the base system, the most severe first; they are worked out of impact and urgency."""

SECONDS = ("calendar_stc", "business_stc")
"""Cells in which the vendor gives a duration in seconds."""

SAYS_AS_SHOWN = (
    "times are in the time zone of whoever exported them, and the file does not say which; "
    "none was named, so they were read as UTC"
)

_STATES: Mapping[str, str] = MappingProxyType(
    {
        "1": "New", "2": "In Progress", "3": "On Hold", "4": "Awaiting User Info", "5": "Awaiting Evidence",
        "6": "Resolved", "7": "Closed", "8": "Canceled",
    }
)  # fmt: skip
_OPEN = ("new", "active", "in progress", "work in progress", "assigned", "on hold", "pending", "open")
_ENDS = {"resolved": "resolved", "closed": "closed", "canceled": "cancelled", "cancelled": "cancelled"}
_AT_WORK = ("active", "in progress", "work in progress")
_END_STATES = {
    "solved (permanently)": "fixed",
    "solved (work around)": "mitigated",
    "solved remotely (work around)": "mitigated",
    "solved remotely (permanently)": "fixed",
    "workaround provided": "mitigated",
}


def state_of(written: str | None) -> str | None:
    """The state in words: ``Resolved`` for ``6``."""
    return None if written is None else _STATES.get(written.strip(), written.strip())


def status_of(state: str | None) -> str | None:
    """Our word for the state of a record; a state that the base system does not have is kept as it is."""
    word = (state or "").strip().lower()
    if word in _OPEN or word.startswith("awaiting"):
        return "open"
    return _ENDS.get(word, state)


def change_to(old: str | None, new: str | None) -> str | None:
    """What a change of state says of the course: that somebody is on it, that it is over, that it is open again.

    ``In Progress`` (formerly ``Active``) is where the process puts a record that somebody works on.
    """
    before, after = status_of(old), status_of(new)
    if after == "open" and before in ("resolved", "closed", "cancelled"):
        return "reopened"
    if (new or "").strip().lower() in _AT_WORK:
        return "acknowledged"
    return after if after in ("resolved", "closed", "cancelled") else new


def priority_of(written: str | None) -> str | None:
    """The priority as a list shows it: ``3 - Moderate`` for ``3``."""
    if written is None:
        return None
    return next((word for word in PRIORITIES if written.strip() in (word, word[0])), written.strip())


def end_state_of(close_code: str | None) -> str | None:
    """What the reason to close says of how it ended; most reasons say nothing of it."""
    return _END_STATES.get((close_code or "").strip().lower())
