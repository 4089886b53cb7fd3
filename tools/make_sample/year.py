"""Throws the incidents of the year around the six stories: ordinary ones and the awkward special cases."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from statistics import NormalDist

from . import company
from .catalogue import BACKFILLED, DRILLS, MAINTENANCE, MISHAPS, REASONS_DOWN, REASONS_UP, Mishap
from .dice import Dice
from .model import Alert, Entry, Incident

ORDINARY = 49
GRAVE = (5, 11)  # places of the ordinary incidents that begin as SEV1; they are short, the long ones are told
_SHORT = timedelta(minutes=55)
SPECIAL = {
    "open": 4,
    "reopened": 2,  # one of the stories is the third
    "unacknowledged": 6,
    "drill": 4,
    "maintenance": 5,
    "backfilled": 2,
    "contradicting": 2,
}
_START = datetime(company.YEAR, 1, 1, tzinfo=UTC)
_SEVERITIES, _EDGES = ("SEV1", "SEV2", "SEV3", "SEV4"), (0.04, 0.32, 0.76, 1.0)
_ESCALATE_AFTER = {"SEV1": 5, "SEV2": 5, "SEV3": 15, "SEV4": 30}
# Minutes; with the six stories among them the year's median comes to about 70 minutes, the 95th percentile to 9 hours.
_MU, _SIGMA = 4.15, 1.4


def throw(dice: Dice) -> list[Incident]:
    """All incidents of the year except the stories, in no particular order and without numbers."""
    incidents = [
        _ordinary(dice, _moment(dice), min(span, _SHORT) if place in GRAVE else span, is_grave=place in GRAVE)
        for place, span in enumerate(_spans(dice, ORDINARY))
    ]
    incidents += [_open(dice, place) for place in range(SPECIAL["open"])]
    incidents += [_reopened(dice, _moment(dice)) for _ in range(SPECIAL["reopened"])]
    incidents += [_unacknowledged(dice, _moment(dice)) for _ in range(SPECIAL["unacknowledged"])]
    for special, titles in (("drill", DRILLS), ("maintenance", MAINTENANCE), ("backfilled", BACKFILLED)):
        incidents += [_planned(dice, special, title) for title in titles]
    incidents += [_contradicting(dice, place) for place in range(SPECIAL["contradicting"])]
    return incidents


def _moment(dice: Dice) -> datetime:
    """Any moment of the year; working hours and working days are likelier, as changes are made then."""
    while True:
        at = _START + timedelta(seconds=dice.between(0, 350 * 86400))
        is_work = at.weekday() < 5 and 7 <= at.hour < 19
        if is_work or dice.chance(0.4):
            return at


def _spans(dice: Dice, n: int) -> list[timedelta]:
    """Lengths of ``n`` incidents, lognormal, at least four minutes.

    One from each n-th part of the distribution, shuffled, so that a small year still has the intended median.
    """
    shape = NormalDist(_MU, _SIGMA)
    minutes = [math.exp(shape.inv_cdf((place + 0.5) / n)) for place in range(n)]
    return [
        timedelta(seconds=round(60 * max(4.0, length) + dice.between(-25, 25))) for length in dice.sample(minutes, n)
    ]


def _begun(dice: Dice, at: datetime, mishap: Mishap, *, is_grave: bool = False) -> Incident:
    """An incident that has just been triggered, with its alert and first severity."""
    alerts = []
    key = dice.hexadecimal(32)
    if mishap.alert:
        key = dice.hexadecimal(16)
        fired = at - timedelta(seconds=dice.between(4, 30))
        alerts.append(Alert(mishap.alert, mishap.service, "warning", mishap.summary, fired, None, fingerprint=key))
    severity = mishap.worst if is_grave else max(dice.weighted(_SEVERITIES, _EDGES), mishap.worst)
    opener = "" if mishap.alert else dice.pick(company.TEAMS["Support"])
    entries = [
        Entry(at, "trigger", opener),
        Entry(at + timedelta(seconds=1), "priority", "", "set by the service's rule", severity),
    ]
    incident_id = "QNIMBUS" + dice.token(7)
    return Incident(incident_id, mishap.service, mishap.title, at, entries, key=key, alerts=alerts)


def _page(dice: Dice, incident: Incident, *, is_acknowledged: bool = True) -> str:
    """Calls people until somebody acknowledges; returns who did, or who was called last."""
    first, second = company.on_call(incident.service, incident.created_at.hour)
    at = incident.created_at + timedelta(seconds=1)
    is_late = not 7 <= incident.created_at.hour < 19
    delay = timedelta(seconds=round(60 * dice.lognormal(1.6 if is_late else 1.0, 0.9)))
    limit = timedelta(minutes=_ESCALATE_AFTER[incident.entries[1].new])
    entries = incident.entries
    entries.append(Entry(at, "assign", first))
    entries.append(Entry(at + timedelta(seconds=4), "notify", first, new="push"))
    if not is_acknowledged or delay > timedelta(minutes=2):
        entries.append(Entry(at + timedelta(minutes=2, seconds=4), "notify", first, new=dice.pick(("phone", "sms"))))
    if not is_acknowledged:
        return first
    if delay > limit:
        entries.append(Entry(at + limit, "escalate", second))
        entries.append(Entry(at + limit + timedelta(seconds=5), "notify", second, new="phone"))
        entries.append(Entry(at + limit + timedelta(seconds=dice.between(40, 400)), "ack", second))
        return second
    entries.append(Entry(at + max(delay, timedelta(seconds=20)), "ack", first))
    return first


def _worked(dice: Dice, incident: Incident, who: str, mishap: Mishap, end: datetime) -> None:
    """Notes and severity changes between the acknowledgement and the end."""
    begun = max(e.at for e in incident.entries)
    room = (end - begun).total_seconds()
    if room < 240:
        return
    at = [begun + timedelta(seconds=round(room * share)) for share in (0.2, 0.35, 0.55, 0.8)]
    if dice.chance(0.5):
        incident.entries.append(Entry(at[0], "note", who, f"First theory: {mishap.suspect}"))
    if dice.chance(0.7):
        incident.entries.append(Entry(at[2], "note", who, mishap.found.capitalize()))
    if dice.chance(0.3):
        place = _SEVERITIES.index(incident.severity)
        is_up = place == 3 or (place > 1 and dice.chance(0.5))
        new = _SEVERITIES[place - 1 if is_up else place + 1]
        reason = dice.pick(REASONS_UP if is_up else REASONS_DOWN) if dice.chance(0.5) else ""
        incident.entries.append(Entry(at[1] if is_up else at[3], "priority", who, reason, new))


def _resolve(incident: Incident, end: datetime, who: str, text: str = "") -> None:
    incident.entries.append(Entry(end, "resolve", who, text))
    incident.resolved_at = end
    for alert in incident.alerts:
        alert.ended_at = max(end - timedelta(minutes=2), alert.fired_at + timedelta(minutes=1))


def _sorted(incident: Incident, special: str = "") -> Incident:
    incident.entries.sort(key=lambda e: e.at)
    incident.special = special
    return incident


def _ordinary(dice: Dice, at: datetime, span: timedelta = timedelta(minutes=75), *, is_grave: bool = False) -> Incident:
    mishap = dice.pick([m for m in MISHAPS if m.worst == "SEV1"] if is_grave else MISHAPS)
    incident = _begun(dice, at, mishap, is_grave=is_grave)
    who = _page(dice, incident)
    end = max(at + span, max(e.at for e in incident.entries) + timedelta(minutes=2))
    _worked(dice, incident, who, mishap, end)
    incident.entries.append(Entry(end - timedelta(seconds=30), "note", who, mishap.step.capitalize()))
    _resolve(incident, end, who)
    return _sorted(incident)


def _open(dice: Dice, place: int) -> Incident:
    """Still going on at the end of the data: three acknowledged, one that nobody has taken."""
    days = (12, 3, 1, 0)[place]
    at = datetime(company.YEAR, 12, 31 - days, (9, 14, 20, 22)[place], dice.between(0, 59), 12, tzinfo=UTC)
    mishap = [m for m in MISHAPS if m.alert][dice.between(0, 17)]
    incident = _begun(dice, at, mishap)
    who = _page(dice, incident, is_acknowledged=place < 3)
    if place < 3:
        last = max(e.at for e in incident.entries)
        incident.entries.append(
            Entry(last + timedelta(minutes=25), "note", who, f'Theory "{mishap.suspect}" dropped, still looking')
        )
    return _sorted(incident, "open")


def _reopened(dice: Dice, at: datetime) -> Incident:
    """Resolved, triggered again within hours, resolved for good."""
    incident = _ordinary(dice, at)
    first_end = incident.entries[-1].at
    again = first_end + timedelta(minutes=dice.between(20, 150))
    who = company.on_call(incident.service, again.hour)[0]
    incident.entries += [
        Entry(again, "trigger"),
        Entry(again + timedelta(seconds=4), "notify", who, new="push"),
        Entry(again + timedelta(minutes=3), "ack", who),
    ]
    _resolve(incident, again + timedelta(minutes=dice.between(25, 90)), who)
    return _sorted(incident, "reopened")


def _unacknowledged(dice: Dice, at: datetime) -> Incident:
    """Nobody answers, and the alert goes away by itself before anybody would have had to."""
    mishap = [m for m in MISHAPS if m.alert][dice.between(0, 17)]
    incident = _begun(dice, at, mishap)
    _page(dice, incident, is_acknowledged=False)
    is_timeout = dice.chance(0.3)
    end = at + (timedelta(hours=4) if is_timeout else timedelta(minutes=dice.between(4, 22)))
    _resolve(incident, end, "", "timeout" if is_timeout else "")
    return _sorted(incident, "unacknowledged")


def _planned(dice: Dice, special: str, title: str) -> Incident:
    """A drill, a maintenance or a record made afterwards: not an incident, and said so by its type."""
    day = _START + timedelta(days=dice.between(7, 340), hours=dice.between(8, 16), minutes=dice.between(0, 59))
    service = next((s for s in company.SERVICES if s in title), dice.pick(list(company.SERVICES)))
    who = company.on_call(service, day.hour)[0]
    entries = [
        Entry(day, "trigger", who),
        Entry(day + timedelta(seconds=1), "priority", who, "", "SEV4"),
        Entry(day + timedelta(seconds=40), "ack", who),
    ]
    incident = Incident("QNIMBUS" + dice.token(7), service, title, day, entries, kind=special, key=dice.hexadecimal(32))
    is_backfilled = special == "backfilled"
    _resolve(incident, day + (timedelta(minutes=1) if is_backfilled else timedelta(minutes=dice.between(40, 190))), who)
    if is_backfilled:
        entries.insert(
            1,
            Entry(
                day + timedelta(seconds=20),
                "note",
                who,
                "Entered afterwards; it happened about three weeks earlier and lasted two hours",
            ),
        )
    return _sorted(incident, special)


def _contradicting(dice: Dice, place: int) -> Incident:
    """Times that cannot all be true: an end before the beginning, or an answer before the call."""
    incident = _ordinary(dice, _moment(dice))
    if place == 0:
        wrong = incident.created_at - timedelta(hours=22, minutes=13)
        incident.resolved_at = wrong
        incident.entries[-1].at = wrong
    else:
        answer = next(e for e in incident.entries if e.verb == "ack")
        answer.at = incident.created_at - timedelta(minutes=58)
    return _sorted(incident, "contradicting")
