"""The rules by which an entry becomes a clock point, as data.

For every clock point the first rule is the recorded one; the others are derivations, tried in their order while
nothing states that the point is unknown. Nothing is taken from a later point: an incident that was never acknowledged
has no acknowledgement, also when it was resolved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

ASKED_AT_FIRST = pd.Timedelta("15min")
"""People asked for until this long after the declaration count as asked for at first."""

OPEN_WORDS = (
    "triggered",
    "acknowledged",
    "unacknowledged",
    "declared",
    "identified",
    "mitigated",
    "monitoring",
    "reopened",
)
"""Words of a status under which an incident is going on."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How one entry becomes a clock point. An entry must meet all conditions that are not empty.

    Attributes:
        text: the rule in words; printed in the column ``rule``.
        kind: kinds of entries; ``role_held`` is a row of participants, ``impact_interval`` one of impacts.
        field: words allowed in the entry's ``field``; an empty word allows a missing one.
        new: words allowed in the entry's ``new``.
        audience: audiences allowed.
        by_person: the entry is not automatic.
        in_channel: the entry names a channel.
        takes_last: the last such entry counts, not the first.
        is_inferred: the entry suggests the point but does not say it.
        is_statement: another source's entry of this sort says the same thing, so a different time is a dispute.
        of_point: instead of an entry, the instant of this clock point is taken.
        not_after: the entry counts only if it is not later than these points, where they are known.
    """

    text: str
    kind: tuple[str, ...] = ()
    field: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    audience: tuple[str, ...] = ()
    by_person: bool = False
    in_channel: bool = False
    takes_last: bool = False
    is_inferred: bool = False
    is_statement: bool = False
    of_point: str = ""
    not_after: tuple[str, ...] = ()


def _recorded(point: str, *, takes_last: bool = False) -> Rule:
    which = "the last time it is recorded" if takes_last else "recorded"
    return Rule(which, kind=("milestone",), field=(point,), takes_last=takes_last, is_statement=True)


def _status(word: str, *, which: str = "first", by_person: bool = False) -> Rule:
    return Rule(
        f"{which} change of status to {word}{' by a person' if by_person else ''}",
        kind=("status",), new=(word,), by_person=by_person, takes_last=which == "last", is_statement=True,
    )  # fmt: skip


def _impact(text: str, edge: str, *, takes_last: bool = False) -> Rule:
    return Rule(text, kind=("impact_interval",), field=(edge,), takes_last=takes_last, is_inferred=True)


def _told(point: str, audience: str) -> tuple[Rule, ...]:
    text = f"first update to {audience} that is not automatic"
    return (_recorded(point), Rule(text, kind=("update",), audience=(audience,), by_person=True))


LAST_OF_ASKED = Rule(
    "the last to join of those asked for until 15 min after the declaration (or the detection)",
    kind=("role",), field=("joined",), takes_last=True, is_inferred=True,
)  # fmt: skip

RULES: Mapping[str, tuple[Rule, ...]] = MappingProxyType(
    {
        "impact_start": (
            _recorded("impact_start"),
            _impact("earliest beginning of a recorded impact", "began"),
        ),
        "alert_fired": (_recorded("alert_fired"), Rule("first alert that fired", kind=("alert",), field=("fired",))),
        "detected": (
            _recorded("detected"),
            Rule(
                "first alert, when it is not later than acknowledgement and declaration",
                of_point="alert_fired", is_inferred=True, not_after=("acknowledged", "declared"),
            ),
            Rule(
                "first change of status to triggered, when it is not later than acknowledgement and declaration",
                kind=("status",), new=("triggered",), is_inferred=True, not_after=("acknowledged", "declared"),
            ),
        ),
        "paged": (_recorded("paged"), Rule("first call of a person", kind=("alert",), field=("paged",))),
        "acknowledged": (_recorded("acknowledged"), _status("acknowledged", by_person=True)),
        "declared": (_recorded("declared"), _status("declared")),
        "ic_assumed": (
            _recorded("ic_assumed"),
            Rule("first incident commander took the role", kind=("role_held",), field=("incident_commander",)),
        ),
        "channel_open": (
            _recorded("channel_open"),
            Rule(
                "first person who wrote in a channel or joined it",
                kind=("message", "role"), field=("", "joined"), by_person=True, in_channel=True, is_inferred=True,
            ),
        ),
        "mobilised": (_recorded("mobilised"), LAST_OF_ASKED),
        "severity_first": (_recorded("severity_first"), Rule("first severity set", kind=("severity",))),
        "stakeholder_first": _told("stakeholder_first", "stakeholders"),
        "public_first": _told("public_first", "public"),
        "identified": (_recorded("identified"), _status("identified")),
        "mitigation_started": (
            _recorded("mitigation_started"),
            Rule("first step against the impact", kind=("action",), field=("mitigation",)),
        ),
        "mitigated": (_recorded("mitigated"), _status("mitigated")),
        "impact_end": (
            _recorded("impact_end"),
            _impact("latest end of a recorded impact, when every one has ended", "ended", takes_last=True),
        ),
        "resolved": (_recorded("resolved", takes_last=True), _status("resolved", which="last")),
        "closed": (_recorded("closed", takes_last=True), _status("closed", which="last")),
        "followup_first": (_recorded("followup_first"),),
        "review_held": (_recorded("review_held"),),
        "report_published": (_recorded("report_published"),),
        "fixed": (_recorded("fixed"),),
    }
)  # fmt: skip
"""For every clock point how it is recorded, then how it is derived, in order."""

NEEDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "detected": ("alert_fired", "acknowledged", "declared"),
        "mobilised": ("declared", "detected"),
        "resolved": ("closed",),
    }
)
"""Points that must be settled before another one."""
