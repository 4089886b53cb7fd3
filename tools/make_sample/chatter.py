"""Makes the conversations of ordinary incidents; those of the six stories are written by hand."""

from __future__ import annotations

from datetime import timedelta

from . import company
from .catalogue import MISHAPS, Mishap
from .dice import Dice
from .model import Incident, Line

_OPENERS = ("Looking.", "On it.", "Here, reading the graphs first.", "I have it, two minutes please.")
_QUESTIONS = (
    "Since when exactly?",
    "Do we see this in every region?",
    "Was anything released today?",
    "Who else is affected?",
)
_ANSWERS = (
    "Since about {minutes} minutes before the page.",
    "Only in one of them, as far as I see.",
    "Nothing since yesterday.",
    "Two partners at least, {second} has the list.",
)
_HOSTILE = (
    "customer wrote this into the form: <script>alert(1)</script>",
    "the export begins with =cmd|' /C calc'!A0 and nobody knows why",
    "log says: <img src=x onerror=alert(1)> [click](javascript:alert(1)) **bold** `code` ||x||",
    "pasting as is: customer.mallard@example.invalid from 203.0.113.42 got error 0x7f",
)
_THANKS = (
    "Thanks <@{second}>.",
    "Thank you, that was quick.",
    "Good, closing.",
    "Thanks all, ticket for the permanent fix follows.",
)


def converse(incidents: list[Incident], dice: Dice, n: int) -> None:
    """Gives the ``n`` most talked-about ordinary incidents a channel with a conversation."""
    fit = [i for i in incidents if i.special in ("", "reopened") and i.alerts and i.resolved_at is not None]
    fit.sort(key=lambda i: (i.severity, i.created_at))
    for place, incident in enumerate(fit[:n]):
        mishap = next(m for m in MISHAPS if m.title == incident.title)
        incident.chat = _conversation(incident, mishap, dice, _HOSTILE[place % 4] if place % 3 == 0 else "")


def _conversation(incident: Incident, mishap: Mishap, dice: Dice, hostile: str) -> list[Line]:
    begun = next(e for e in incident.entries if e.verb == "ack")
    first, end = begun.who, next(e.at for e in incident.entries if e.verb == "resolve")
    others = [key for key in company.TEAMS[company.SERVICES[mishap.service]] if key != first]
    second, support = dice.pick(others), dice.pick(company.TEAMS["Support"])
    minutes = dice.between(3, 20)
    # (share of the time between acknowledgement and end, who, way, text)
    script: list[tuple[float, str, str, str]] = [
        (0.01, first, "join", ""),
        (0.03, first, "said", dice.pick(_OPENERS)),
        (0.08, second, "join", ""),
        (0.10, second, "said", dice.pick(_QUESTIONS)),
        (0.14, first, "reply", dice.pick(_ANSWERS).format(minutes=minutes, second=second.capitalize())),
        (0.20, first, "said", f"Hypothesis: {mishap.suspect}."),
        (0.28, support, "join", ""),
        (0.30, support, "said", f"Support has {dice.between(1, 30)} tickets about this. @{first} what may we say?"),
        (0.33, first, "reply", "That we know and work on it, no time yet."),
        (0.42, second, "said", f'The theory "{mishap.suspect}" is refuted.'),
        (0.55, second, "said", f"Found: {mishap.found}."),
        (0.60, first, "said", f"Decision: the small repair first, the rest tomorrow. @{second} please."),
        (0.72, "bot", "said", f"change on {incident.service} by @{second}: {mishap.step}"),
        (0.85, second, "edited" if dice.chance(0.3) else "said", "Graphs come back."),
        (0.97, support, "said", "No new tickets."),
        (1.00, first, "said", dice.pick(_THANKS).format(second=company.PEOPLE[second].chat_id)),
    ]
    if hostile:
        script.insert(10, (0.48, second, "blocks" if dice.chance(0.4) else "said", hostile))
    span = end - begun.at
    lines = [
        Line(
            begun.at - timedelta(seconds=5),
            "bot",
            "said",
            f":rotating_light: channel opened for *{incident.title}* by @{first}",
        )
    ]
    for share, who, way, text in script:
        at = begun.at + timedelta(seconds=round(share * span.total_seconds()) + dice.between(0, 20))
        lines.append(Line(max(at, lines[-1].at + timedelta(seconds=3)), who, way, text))
    return lines
