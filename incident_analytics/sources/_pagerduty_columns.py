"""Log entries by the million: those of the usual shapes go straight into columns.

An entry is of a usual shape when nothing about it needs a second thought; it is told as
:mod:`incident_analytics.sources._pagerduty_entries` tells it. An incident with any other entry, or that was triggered
after it was resolved, is told there as a whole. A test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ..schema import conform, frame_of
from ._export import NEVER, PLAIN_TIME, Export, Row, Timed, as_plain_time, identified, in_time_order, text_of
from ._json import IrregularError
from ._pagerduty_entries import ASKING, ENTRIES, extra_of, tell_entries, text_for, word_of
from ._pagerduty_told import Told, is_person, targets

# What an event says by itself, by its place in this list: kind, field, new, audience.
_FACTS: list[tuple[object, ...]] = [
    ("alert", "fired", None, None),
    ("status", None, "triggered", None),
    ("alert", "paged", None, None),
    ("alert", "escalated", None, None),
    ("role", "requested", None, None),
    *((kind, cells.get("field"), cells.get("new"), cells.get("audience")) for kind, cells in ENTRIES.values()),
]
_FIRED, _TRIGGERED, _PAGED, _ESCALATED, _REQUESTED = range(5)
_CODES = {word: code for code, word in enumerate(ENTRIES, 5) if word != "reopen"}
_RESOLVED = _CODES["resolve"]

_Event = tuple[int, int, str | None, object]

_BLOCK = 20_000
"""Rows that stand in memory as Python objects at a time: as many as a processor's cache holds."""

# Of an entry: its place among all, its incident's number, its time, its cells, where it stands, its first event's fact.
_ENTRY = pa.schema(
    {
        "taken": pa.int64(), "number": pa.int64(), "written": pa.large_string(),
        "source_ref": pa.large_string(), "service": pa.large_string(), "reason": pa.large_string(),
        "text": pa.large_string(), "place": pa.large_string(), "start": pa.int64(), "code": pa.int64(),
    }
)  # fmt: skip
# Of an event: its entry, the fact, who acted, whether a machine did.
_EVENT = pa.schema({"entry": pa.int64(), "code": pa.int64(), "actor_id": pa.large_string(), "is_automatic": pa.bool_()})


class _UnusualError(Exception):
    """An entry is of no usual shape."""


class _Table:
    """Rows that become columns block by block."""

    def __init__(self, schema: pa.Schema) -> None:
        self.rows: list[tuple[object, ...]] = []
        self._schema = schema
        self._batches: list[pa.RecordBatch] = []

    def settle(self) -> None:
        """Turn the rows into columns."""
        cells = [
            pa.array(map(itemgetter(place), self.rows), kind, size=len(self.rows))
            for place, kind in enumerate(self._schema.types)
        ]
        self._batches.append(pa.RecordBatch.from_arrays(cells, schema=self._schema))
        self.rows = []

    def whole(self) -> pa.Table:
        """All of it."""
        self.settle()
        return pa.Table.from_batches(self._batches, self._schema).combine_chunks()


@dataclass(slots=True)
class Columns:
    """The log entries of a file: usual ones in columns, the others as they are."""

    export: Export
    _numbers: dict[str | None, int] = field(default_factory=dict)
    _n_taken: int = 0
    _entries: _Table = field(default_factory=lambda: _Table(_ENTRY))
    _n_entries: int = 0
    _events: _Table = field(default_factory=lambda: _Table(_EVENT))
    _extras: list[dict[str, object]] = field(default_factory=list)
    # Per person named in a usual entry: the entry, and the reference.
    _met: list[tuple[int, int]] = field(default_factory=list)
    _refs: dict[tuple[object, ...], int] = field(default_factory=dict)
    _rest: dict[int, list[tuple[int, Timed]]] = field(default_factory=dict)

    def take(self, row: Row) -> None:
        """A log entry."""
        incident = row.value.get("incident")
        incident_id = identified(incident.get("id")) if isinstance(incident, dict) else None
        self.put(incident_id, row)

    def put(self, incident_id: str | None, row: Row) -> None:
        """A log entry of an incident."""
        number = self._numbers.setdefault(incident_id, len(self._numbers))
        self._n_taken += 1
        try:
            self._usual(number, row)
        except _UnusualError:
            at = self.export.instant(row, "created_at", incident_id=incident_id)
            self._rest.setdefault(number, []).append((self._n_taken, (at, row)))

    def _usual(self, number: int, row: Row) -> None:
        """Put an entry into the columns.

        Raises:
            _UnusualError: it is of no usual shape; nothing was put.
        """
        value = row.value
        ref, written, word = value.get("id"), value.get("created_at"), word_of(value.get("type"))
        if row.start < 0 or word is None or not isinstance(ref, str) or not _looks_plain(written):
            raise _UnusualError
        met: list[int] = []
        actor_id, is_automatic = self._actor(value.get("agent"), met)
        extra, entry = extra_of(value), self._n_entries
        extras = [extra]
        code = _CODES.get(word)
        if code is not None:
            events: list[_Event] = [(entry, code, actor_id, is_automatic)]
        elif word == "trigger":
            code = _TRIGGERED if is_automatic is False else _FIRED
            events = [(entry, code, actor_id, is_automatic)]
        elif word == "notify":
            events = [(entry, _PAGED, self._person(value.get("user"), met), True)]
        elif word in ASKING or word == "escalate":
            is_escalated = word == "escalate"
            events = [(entry, _ESCALATED, actor_id, is_automatic)] if is_escalated else []
            asked: list[str | None] = [self._person(target, met) for target in targets(value)]
            said = {**extra, "requested_by": actor_id} if actor_id else extra
            people = asked or ([] if is_escalated else [None])
            extras = [*extras[: len(events)], *(said for _ in people)]
            events += [(entry, _REQUESTED, person, is_automatic) for person in people]
        else:
            raise _UnusualError
        service, note = value.get("service"), value.get("note")
        self._n_entries += 1
        self._entries.rows.append(
            (
                self._n_taken,
                number,
                written,
                ref,
                text_of(service.get("summary")) if isinstance(service, dict) else None,
                None if note is None or word == "annotate" else text_of(note),
                text_for(value, word),
                row.place,
                row.start,
                events[0][1],
            )
        )
        self._events.rows += events
        self._extras += extras
        if met:
            self._met += [(entry, person) for person in met]
        if len(self._entries.rows) == _BLOCK:
            self._entries.settle()
            self._events.settle()

    def _actor(self, agent: object, met: list[int]) -> tuple[str | None, object]:
        if not isinstance(agent, dict):
            return None, None
        if is_person(agent):
            return self._person(agent, met), False
        known = agent.get("id")
        return (known if isinstance(known, str) and known.strip() else identified(known)), True

    def _person(self, ref: object, met: list[int]) -> str:
        """The identifier of a person that is referred to in the usual way."""
        if not isinstance(ref, dict):
            raise _UnusualError
        person_id = ref.get("id")
        key = (person_id, ref.get("name"), ref.get("summary"), ref.get("email"), ref.get("time_zone"))
        try:
            number = self._refs.get(key)
        except TypeError as error:
            raise _UnusualError from error
        if not isinstance(person_id, str):
            raise _UnusualError
        if number is None:
            if identified(person_id) is None or not all(cell is None or isinstance(cell, str) for cell in key):
                raise _UnusualError
            number = self._refs.setdefault(key, len(self._refs))
        met.append(number)
        return person_id

    def events(self, told: Told) -> pd.DataFrame:
        """All events of what was told and taken: those told, then by incident, from first to last.

        Everybody named in an entry is told of besides.
        """
        if not self._numbers:
            told.rank()
            return frame_of("events", told.events)
        entries = _Entries.of(self._entries.whole(), len(self._numbers))
        is_odd = entries.is_odd(set(self._rest))
        numbers = [np.full(len(told.events), -1)]
        ids = list(self._numbers)
        for number, timed in self._one_by_one(is_odd, entries).items():
            told.turn, n_told = number, len(told.events)
            tell_entries(told, ids[number], in_time_order(timed))
            numbers.append(np.full(len(told.events) - n_told, number))
        self._introduce(told, is_odd, entries)
        told.rank()
        usual, usual_numbers = self._frame(ids, is_odd, entries)
        if not told.events:
            return usual
        events = pd.concat([frame_of("events", told.events), usual], ignore_index=True)
        order = np.argsort(np.concatenate([*numbers, usual_numbers]), kind="stable")
        return events.iloc[order].reset_index(drop=True)

    def _one_by_one(self, is_odd: np.ndarray, entries: _Entries) -> dict[int, list[Timed]]:
        """The entries of incidents that are told one by one, by the incident's number, in the order of the file."""
        found = {number: self._rest.get(number, []) for number in np.flatnonzero(is_odd).tolist()}
        for place in np.flatnonzero(is_odd[entries.number]).tolist():
            taken, number, shown, start = (
                entries.table.column(name)[place].as_py() for name in ("taken", "number", "place", "start")
            )
            row = Row(shown, self.export.again(start))
            found[number].append((taken, (self.export.instant(row, "created_at"), row)))
        return {
            number: [timed for _, timed in sorted(listed, key=lambda pair: pair[0])] for number, listed in found.items()
        }

    def _introduce(self, told: Told, is_odd: np.ndarray, entries: _Entries) -> None:
        """Tell of everybody named in a usual entry, in the order in which the events name them."""
        met = np.array(self._met, dtype="int64").reshape(-1, 2)
        met = met[~is_odd[entries.number[met[:, 0]]]]
        met = met[np.argsort(entries.rank[met[:, 0]], kind="stable")]
        refs, first = np.unique(met[:, 1], return_index=True)
        keys = list(self._refs)
        for place, ref in sorted(zip(first.tolist(), refs.tolist(), strict=True)):
            cells = zip(("id", "name", "summary", "email", "time_zone"), keys[ref], strict=True)
            told.introductions.append((int(entries.number[met[place, 0]]), dict(cells)))

    def _frame(self, ids: list[str | None], is_odd: np.ndarray, entries: _Entries) -> tuple[pd.DataFrame, np.ndarray]:
        """The events of usual entries, ordered, and the number of the incident of each."""
        events = self._events.whole()
        of_entry = events["entry"].to_numpy()
        order = np.argsort(entries.rank[of_entry], kind="stable")
        order = order[~is_odd[entries.number[of_entry[order]]]]
        entry, facts = of_entry[order], events["code"].to_numpy()[order]
        number = entries.number[entry]
        columns = {
            "incident_id": _texts(ids, number),
            "at": pd.Series(pd.DatetimeIndex(entries.at.view("datetime64[us]")[entry], tz="UTC")),
            **{name: _taken(entries.table[name], entry) for name in ("source_ref", "service", "reason", "text")},
            "actor_id": _taken(events["actor_id"], order),
            "is_automatic": pd.Series(pd.array(events["is_automatic"].take(order).to_pandas(), dtype="boolean")),
            "extra": pd.Series(_objects(self._extras)[order], dtype="object"),
            **{name: _texts([fact[place] for fact in _FACTS], facts) for place, name in enumerate(_FACT_COLUMNS)},
            **{name: _texts([word], np.zeros_like(entry)) for name, word in (*_ALWAYS, ("source", self.export.source))},
        }
        return conform("events", pd.DataFrame(columns)), number


_FACT_COLUMNS = ("kind", "field", "new", "audience")
_ALWAYS = (("precision", "second"), ("basis", "stated"))


@dataclass(frozen=True, slots=True)
class _Entries:
    """Usual entries as arrays: number of the incident, time, rank by incident and time, first fact."""

    table: pa.Table
    number: np.ndarray
    at: np.ndarray
    rank: np.ndarray
    code: np.ndarray
    n_incidents: int

    @classmethod
    def of(cls, table: pa.Table, n_incidents: int) -> _Entries:
        """The arrays of entries in the order of the file.

        Raises:
            IrregularError: one has a time that only looks like one.
        """
        number, written = table["number"].to_numpy(), table["written"]
        try:
            is_plain = pc.all(pc.match_substring_regex(written, f"^{PLAIN_TIME}$")).as_py()
            at = written.cast(pa.timestamp("us", "UTC")).to_numpy()
        except pa.ArrowException as error:
            raise IrregularError(str(error)) from error
        if is_plain is False:
            raise IrregularError("a time that only looks like one")
        at = at.astype("datetime64[us]").view("int64")
        return cls(table, number, at, _ranks(number, at, n_incidents), table["code"].to_numpy(), n_incidents)

    def is_odd(self, known: set[int]) -> np.ndarray:
        """By number, whether an incident must be told one by one: it is known to, or triggered once it was resolved."""
        first_end = np.full(self.n_incidents, len(self.number))
        last_trigger = np.full(self.n_incidents, -1)
        is_end, is_trigger = self.code == _RESOLVED, np.isin(self.code, [_FIRED, _TRIGGERED])
        np.minimum.at(first_end, self.number[is_end], self.rank[is_end])
        np.maximum.at(last_trigger, self.number[is_trigger], self.rank[is_trigger])
        is_odd: np.ndarray = last_trigger > first_end
        is_odd[list(known)] = True
        return is_odd


def _looks_plain(written: object) -> bool:
    """Whether a text looks like ``2026-01-31T09:30:00Z``; whether it is a time is asked for all of them at once."""
    if isinstance(written, str) and len(written) == 20:
        return written[10] == "T" and written[19] == "Z" and not written.startswith(NEVER)
    return as_plain_time(written) is not None


def _ranks(number: np.ndarray, at: np.ndarray, n_incidents: int) -> np.ndarray:
    """The place of every entry when all are ordered as :func:`in_time_order` orders those of each incident."""
    by_number = np.argsort(number, kind="stable")
    edges = np.searchsorted(number[by_number], np.arange(n_incidents + 1))
    has_any = edges[1:] > edges[:-1]
    is_turned = np.zeros(n_incidents, dtype=bool)
    is_turned[has_any] = at[by_number[edges[:-1][has_any]]] > at[by_number[edges[1:][has_any] - 1]]
    place = np.arange(len(number))
    order = np.lexsort((np.where(is_turned[number], -place, place), at, number))
    rank = np.empty_like(order)
    rank[order] = place
    return rank


def _texts(cells: list[Any], places: np.ndarray) -> pd.Series:
    """The cells at some places as a column of texts."""
    return _taken(pa.array(cells, pa.large_string()), places)


def _taken(cells: Any, places: np.ndarray) -> pd.Series:
    return pd.Series(pd.array(cells.take(pa.array(places)), dtype="str"))


def _objects(cells: Any) -> np.ndarray:
    array = np.empty(len(cells), dtype="object")
    array[:] = cells
    return array
