"""What a PagerDuty export tells, gathered: its incidents, its events, and everybody named in either."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ._export import Export, Row, cells_of, dig, first_text, identified, leftover, text_of

_USER = cells_of({"name": "name", "email": "email", "time_zone": "time_zone"})
_PERSON_TYPES = ("user_reference", "user")
_LISTED = ("assignees", "responders", "responder_request_targets", "incidents_responders")
ASKED = (*_LISTED, "assigned_user")
"""Where a log entry or a request names the people it asks."""

_NOBODY: Mapping[str, object] = {"actor_id": None, "is_automatic": None}


@dataclass(slots=True)
class Told:
    """What a file has told so far.

    Attributes:
        export: the file.
        introductions: references to people, each with the turn in which it was met.
        turn: which incident's entries are being told; -1 before those.
        ranks: number by the name of a priority, where the file ranks them; larger is more severe.
    """

    export: Export
    incidents: list[dict[str, object]] = field(default_factory=list)
    events: list[dict[str, object]] = field(default_factory=list)
    participants: list[dict[str, object]] = field(default_factory=list)
    ranks: dict[str, object] = field(default_factory=dict)
    introductions: list[tuple[int, Mapping[str, Any]]] = field(default_factory=list)
    turn: int = -1
    _met: set[tuple[object, ...]] = field(default_factory=set)

    def add(self, incident_id: str | None, kind: str, at: dt.datetime | None, **cells: object) -> None:
        """One event."""
        self.events.append(self.export.event(kind, at, incident_id=incident_id, **cells))

    def meet(self, ref: object) -> str | None:
        """The identifier of a person, who is added to the people; None when the reference names no person."""
        if not isinstance(ref, dict):
            return None
        person_id = identified(ref.get("id"))
        if person_id is None:
            return None
        key = (person_id, ref.get("name"), ref.get("summary"), ref.get("email"), ref.get("time_zone"))
        if any(isinstance(cell, (dict, list)) for cell in key):
            self.introductions.append((self.turn, ref))
        elif key not in self._met:
            self._met.add(key)
            self.introductions.append((self.turn, ref))
        return person_id

    @property
    def people(self) -> list[dict[str, object]]:
        """Everybody named, in the order of the turns: the first name, address and zone that are there."""
        people: dict[str, dict[str, object]] = {}
        for _, ref in sorted(self.introductions, key=lambda pair: pair[0]):
            cells, person_id = _USER(ref), str(identified(ref.get("id")))
            known = people.setdefault(person_id, {"person_id": person_id, "source": self.export.source})
            known["name"] = known.get("name") or cells["name"] or first_text(ref, "summary")
            known["aliases"] = known.get("aliases") or ([cells["email"]] if cells["email"] else [])
            known["time_zone"] = known.get("time_zone") or cells["time_zone"]
        return list(people.values())

    def actor(self, agent: object) -> Mapping[str, object]:
        """Who acted: a person, or a machine; unknown when nobody is named."""
        if not isinstance(agent, dict):
            return _NOBODY
        if agent.get("type") in _PERSON_TYPES:
            return {"actor_id": self.meet(agent), "is_automatic": False}
        return {"actor_id": identified(agent.get("id")), "is_automatic": True}

    def asked(
        self,
        incident_id: str | None,
        at: dt.datetime | None,
        asked: Iterable[Any],
        by: Mapping[str, object],
        cells: Mapping[str, object],
        *,
        may_be_nobody: bool = False,
    ) -> None:
        """One event per person asked to take part; one without a person when it is not said who."""
        people: list[str | None] = [person for person in map(self.meet, asked) if person]
        extra = as_dict(cells.get("extra")) | leftover({"requested_by": by.get("actor_id")}, ())
        request = {"field": "requested", "is_automatic": by.get("is_automatic")}
        for person in people or ([] if may_be_nobody else [None]):
            self.add(incident_id, "role", at, **{**cells, **request, "actor_id": person, "extra": extra})

    def joined(self, incident_id: str, value: Mapping[str, Any]) -> None:
        """People who took part, named without a time; they go by their identifiers where there is one for each name."""
        names, ids = ([*_texts(value.get(f"joined_user_{which}"))] for which in ("names", "ids"))
        known = dict(zip(names, ids, strict=True)) if len(names) == len(ids) else {}
        for name in dict.fromkeys([*names, *_texts(value.get("acknowledged_user_names"))]):
            person_id = self.meet({"id": known.get(name, name), "name": name})
            row = {"incident_id": incident_id, "person_id": person_id, "role": "responder"}
            self.participants.append({**row, "source": self.export.source})

    def list(self, row: Row) -> None:
        """A record that describes the account; of a priority, its rank is kept for the severities of this file."""
        kind, name = text_of(row.value.get("type")), first_text(row.value, "summary", "name")
        if name is not None and ranked(row.value):
            self.ranks[name] = row.value["order"]
        self.export.count("other_list", f"{{n}} record(s) of the type {kind!r} describe the account, no incident")

    def rank(self) -> None:
        """Say of every severity how severe it is, where the file lists the priorities with their ranks."""
        for event in self.events if self.ranks else ():
            extra = as_dict(event.get("extra"))
            if event["kind"] == "severity" and event.get("new") in self.ranks and "severity_rank" not in extra:
                event["extra"] = {**extra, "severity_rank": self.ranks[str(event["new"])]}


def _texts(listed: object) -> Iterator[str]:
    return (text for text in map(text_of, listed if isinstance(listed, list) else ()) if text)


def is_person(ref: Mapping[str, Any]) -> bool:
    """Whether a reference is one to a person."""
    return ref.get("type") in _PERSON_TYPES


def as_dict(value: object) -> dict[str, Any]:
    """An object, or an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}


def label(value: object) -> str | None:
    """A value that is a text, or an object with a name."""
    return first_text(value, "summary", "name", "id") if isinstance(value, dict) else text_of(value)


def ranked(priority: object, key: str = "order") -> dict[str, object]:
    """How severe a priority says it is among the others, for ``extra``: PagerDuty's number is larger for the worse."""
    rank = dig(priority, key)
    is_number = isinstance(rank, (int, float)) and not isinstance(rank, bool)
    return {"severity_rank": rank} if is_number else {}


def targets(value: Mapping[str, Any]) -> list[Any]:
    """The people a log entry or a request asks, in whichever of the vendor's shapes they are listed."""
    listed: list[Any] = []
    for key in _LISTED:
        parts = value.get(key)
        listed += parts if isinstance(parts, list) else []
    if isinstance(value.get("assigned_user"), dict):
        listed.append(value["assigned_user"])
    return list(_people_in(listed))


def _people_in(listed: Iterable[Any]) -> Iterator[Any]:
    for part in map(as_dict, listed):
        target = as_dict(part.get("responder_request_target"))
        if target:
            nested = target.get("incidents_responders")
            yield from _people_in(nested if isinstance(nested, list) and nested else [target])
        elif isinstance(part.get("user"), dict):
            yield part["user"]
        elif is_person(part):
            yield part
