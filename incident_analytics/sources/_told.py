"""What a file of an incident-management product has told so far: the rows that its module collects.

These products tell much of the same sort: milestones with the cell they stand in, people who hold roles, tasks that
somebody owns, and the same incident in an older and a newer state. How each of them spells it stays in its module.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..records import Records
from ._export import Export, Row, dig, identified, text_of

# Parts of the names that products and their users give to roles -> ours; whoever else takes part responds.
_ROLES = (
    ("command", "incident_commander"),
    ("incident lead", "incident_commander"),
    ("incident manager", "incident_commander"),
    ("communicat", "communication_manager"),
    ("comms", "communication_manager"),
    ("liaison", "communication_manager"),
    ("scribe", "scribe"),
    ("note taker", "scribe"),
    ("observer", "observer"),
    ("reporter", "reporter"),
)
_LONG_AGO = dt.datetime.min.replace(tzinfo=dt.UTC)


@dataclass(slots=True)
class Told:
    """Rows for our tables, one list per table.

    Attributes:
        export: the file, for its name, its times and its findings.
        vendor: how the product is called in texts.
    """

    export: Export
    vendor: str
    incidents: list[dict[str, object]] = field(default_factory=list)
    events: list[dict[str, object]] = field(default_factory=list)
    participants: list[dict[str, object]] = field(default_factory=list)
    impacts: list[dict[str, object]] = field(default_factory=list)
    actions: list[dict[str, object]] = field(default_factory=list)
    people: dict[str, dict[str, object]] = field(default_factory=dict)

    def add(self, incident_id: str | None, kind: str, at: dt.datetime | None, **cells: object) -> None:
        """One event; one that should name its incident and does not is counted."""
        if incident_id is None and kind != "alert":
            self.export.count("unlinked", "{n} entries name no incident; they were kept without one")
        self.events.append(self.export.event(kind, at, incident_id=incident_id, **cells))

    def instant(self, row: Row, cell: str, incident_id: str | None) -> dt.datetime | None:
        """The time in a cell; a fault becomes a finding of the incident."""
        return self.export.instant(row, cell, incident_id=incident_id)

    def milestone(self, incident_id: str, row: Row, point: str, cell: str, **cells: object) -> dt.datetime | None:
        """The milestone that a cell of a record states, named by that cell; nothing where it states none."""
        at = self.instant(row, cell, incident_id)
        if at is not None:
            said = {"note": f"{self.vendor} {cell}", "source_ref": cell} | cells
            self.add(incident_id, "milestone", at, field=point, **said)
        return at

    def declared(self, incident_id: str, row: Row, cell: str, **cells: object) -> None:
        """The opening of a record, as a status that the clock may take for the declaration.

        That a record was opened is our reading of a declaration: no milestone, which would dispute what a person wrote.
        """
        at = self.instant(row, cell, incident_id)
        if at is not None:
            said = {"new": "declared", "basis": "inferred", "note": f"{self.vendor} {cell}", "source_ref": cell}
            self.add(incident_id, "status", at, **said | cells)

    def severity(self, incident_id: str, word: str | None, cell: str, **cells: object) -> None:
        """The severity that a record has at the export; when it was set is not known."""
        if word is not None:
            note = f"{cell} at the time of the export; when it was set is not in this record"
            said = {"new": word, "basis": "inferred", "note": note, "source_ref": cell}
            self.add(incident_id, "severity", None, **said | cells)

    def not_over(self, incident_id: str, row: Row, cell: str, status: str | None) -> None:
        """A time of resolution in a record that is not resolved: it is kept as a finding and not believed."""
        written = text_of(dig(row.value, cell))
        if written is not None:
            message = f"{row.place} has {cell} {written[:100]!r} but status {status!r}; it is not read as resolved"
            place = f"{row.place}.{cell}"
            self.export.note(
                "contradiction", "warning", message, place=place, incident_id=incident_id, raw=written[:500]
            )

    def person(self, *ids: object, name: object = None, aliases: Iterable[object] = (), team: str | None = None,
               extra: Mapping[str, object] | None = None) -> str | None:  # fmt: skip
        """The identifier of a person, who is added to the people; the first of ``ids`` that identifies one."""
        person_id = next((each for each in map(identified, ids) if each is not None), None)
        if person_id is None:
            return None
        known = self.people.setdefault(person_id, {"person_id": person_id, "source": self.export.source})
        known["name"] = known.get("name") or text_of(name)
        met = [text for text in map(text_of, aliases) if text is not None and text != person_id]
        before = known.get("aliases")
        known["aliases"] = list(dict.fromkeys([*(before if isinstance(before, list) else []), *met]))
        known["team"] = known.get("team") or team
        known["extra"] = known.get("extra") or dict(extra or {})
        return person_id

    def participant(self, incident_id: str, person_id: str | None, duty: str | None, **cells: object) -> None:
        """A role that a person holds, under our word, with the vendor's beside it; one without a person is counted."""
        if person_id is None:
            self.export.count("role_without_person", "{n} role(s) that nobody holds were left out")
            return
        held = {"incident_id": incident_id, "person_id": person_id, "role": role_of(duty), "duty": duty}
        self.participants.append(held | {"source": self.export.source} | cells)

    def action(self, incident_id: str | None, row: Row, title: str | None, **cells: object) -> None:
        """An action item; one without an incident or without words is rejected."""
        if incident_id is None:
            self.export.reject(row.place, row.value, "it names no incident; expected the incident it belongs to")
        elif title is None:
            self.export.reject(row.place, row.value, "it says not what is to be done", incident_id=incident_id)
        else:
            self.actions.append({"incident_id": incident_id, "title": title, "source": self.export.source, **cells})

    def records(self) -> Records:
        """Everything as records; rows of one incident become one."""
        records = Records.build(
            incidents=self.incidents, events=self.events, participants=self.participants, impacts=self.impacts,
            actions=self.actions, people=self.people.values(), findings=self.export.findings,
        )  # fmt: skip
        return records.merge() if records.incidents["incident_id"].duplicated().any() else records


def role_of(name: str | None) -> str:
    """Our word for a role, by what its name contains; ``responder`` for all that has no word of its own."""
    lowered = (name or "").lower().replace("_", " ").replace("-", " ")
    return next((role for part, role in _ROLES if part in lowered), "responder")


def newest(export: Export, rows: Iterable[tuple[str, Row]], cell: str) -> Iterator[tuple[str, Row, list[Row]]]:
    """Each identifier once: its newest state by the time in ``cell``, and the older ones from old to new.

    A state that is told twice, in more and in less detail, is one state. Which of two states is the newer one is never
    guessed: where ``cell`` does not say, the first listed counts and a finding says so.
    """
    states: dict[str, list[Row]] = {}
    for identifier, row in rows:
        states.setdefault(identifier, []).append(row)
    for identifier, listed in states.items():
        if len(listed) == 1:
            yield identifier, listed[0], []
            continue
        timed: list[tuple[dt.datetime | None, Row]] = []
        is_open = False
        for row in listed:
            at = export.instant(row, cell, incident_id=identifier)
            place = next((place for place, (other, _) in enumerate(timed) if other == at), None)
            joined = None if place is None else _joined(timed[place][1].value, row.value)
            if place is not None and isinstance(joined, dict):
                timed[place] = (at, timed[place][1]._replace(value=joined))
                export.count("repeated_state", "{n} record(s) tell a state again that was told already; read once")
            else:
                is_open |= at is None or place is not None
                timed.append((at, row))
        if is_open:
            places = ", ".join(row.place for row in listed[:5])
            message = f"{identifier!r} is listed in {len(listed)} states ({places}) that {cell!r} does not order"
            export.note("states_differ", "warning", f"{message}; the first counts among equals", place=listed[0].place)
        # A stable sort from new to old keeps the first listed in front of its equals.
        ordered = [row for _, row in sorted(timed, key=lambda pair: pair[0] or _LONG_AGO, reverse=True)]
        for _ in ordered[1:]:
            export.count("older_state", "{n} older state(s) of a record listed again were read behind the newest")
        yield identifier, ordered[0], ordered[:0:-1]


def _joined(first: object, second: object) -> object:
    """Two accounts of one state as one, where neither contradicts the other; None where they do.

    Nothing said contradicts nothing; a list contradicts every other list.
    """
    if first is None or second is None or first == second:
        return second if first is None else first
    if not isinstance(first, dict) or not isinstance(second, dict):
        return None
    made = {}
    for key in {**first, **second}:
        joined = _joined(first.get(key), second.get(key))
        if joined is None and not (first.get(key) is None and second.get(key) is None):
            return None
        made[key] = joined
    return made


def number_of(value: object) -> float | None:
    """A finite number, also one written as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def rank_of(value: object) -> dict[str, object]:
    """What ``extra`` of a severity event says where an export ranks its severities, larger the more severe."""
    number = number_of(value)
    return {} if number is None else {"severity_rank": int(number) if number.is_integer() else number}


def dict_of(value: object) -> dict[str, Any]:
    """An object, or an empty one for whatever else stands there."""
    return value if isinstance(value, dict) else {}


def names_in(value: object, *paths: str) -> list[str]:
    """The names in a list of texts or of objects, or of the only one where there is no list, once each.

    Args:
        value: the list.
        paths: where the name of an object may stand, as dotted paths.
    """
    listed = value if isinstance(value, list) else [value]
    found = [
        next((text for text in (text_of(dig(part, path)) for path in paths) if text is not None), None)
        if isinstance(part, dict)
        else text_of(part)
        for part in listed
    ]
    return list(dict.fromkeys(name for name in found if name is not None))
