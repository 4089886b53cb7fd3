"""Log entries by the million: those of the usual shapes go straight into columns.

An entry is of a usual shape when nothing about it needs a second thought; it is told as
:mod:`incident_analytics.sources._pagerduty_entries` tells it. An incident with any other entry, or that was triggered
after it was resolved, is told there as a whole. A test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ..schema import conform, frame_of
from ._export import Export, Row, Timed, identified, in_time_order, is_known, leftover, texts_at
from ._frame_columns import always, flags, instants, objects, taken, texts
from ._json_cells import Alike, Cells, as_objects, together
from ._pagerduty_entries import ASKING, ENTRIES, TAKEN, paths_of, tell_entries, word_of
from ._pagerduty_told import ASKED, Told, as_dict, is_person, targets
from ._plain_times import plain_times

# What an event says by itself, by its place in this list: kind, field, new, audience.
_FACTS: list[tuple[Any, ...]] = [
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
_TOLD = frozenset({*_CODES, *ASKING, "trigger", "notify", "escalate"})
_FACT_COLUMNS = ("kind", "field", "new", "audience")
_ALWAYS = (("precision", "second"), ("basis", "stated"))

# In place of the number of a reference, and of whether a machine acted: nobody; unknown; of no usual shape.
_NOBODY, _UNKNOWN, _UNUSUAL = -1, -1, -2

_ENTRY_TEXTS = ("source_ref", "service", "reason", "text")


@dataclass(slots=True)
class EntryColumns:
    """The log entries of a file: usual ones in columns, the others as they are.

    Attributes:
        item: the item of the file whose entries are being put.
    """

    export: Export
    item: int = 0
    # By entry: its item, time, first fact and cells. By event: its item, fact, actor, whether a machine acted; and what
    # else is said. By person named: the item, and the number of the reference.
    _entries: list[pa.Table] = field(default_factory=list)
    _events: list[pa.Table] = field(default_factory=list)
    _extras: list[dict[str, object]] = field(default_factory=list)
    _met: list[pa.Table] = field(default_factory=list)
    _actors: dict[str | None, int] = field(default_factory=lambda: {None: 0})
    _refs: dict[tuple[Any, ...], int] = field(default_factory=dict)
    _rest: list[tuple[int, str | None, Row]] = field(default_factory=list)

    def take(self, row: Row) -> None:
        """A log entry of no usual shape."""
        incident = row.value.get("incident")
        self.put(identified(incident.get("id")) if isinstance(incident, dict) else None, row)

    def put(self, incident_id: str | None, row: Row) -> None:
        """A log entry of no usual shape, of an incident."""
        self._rest.append((self.item, incident_id, row))

    def take_alike(self, records: Alike) -> np.ndarray:
        """Put log entries of one sort into the columns; the places of those that are of no usual shape come back."""
        word = word_of(records["type"].values[0])
        if word is None or word not in _TOLD:
            return records.places
        agents = np.array([self._agent(agent) for agent in records["agent"].values])
        people = self._people(word, records)
        is_plain, at = plain_times(records["created_at"].values)
        is_usual = is_plain[records["created_at"].codes] & records["id"].flags(is_known)
        is_usual &= (agents[:, 1] != _UNUSUAL)[records["agent"].codes] & people.flags(lambda refs: refs is not None)
        if is_usual.any():
            kept = records.only(is_usual)
            self._put_alike(word, kept, at[kept["created_at"].codes], agents, people.only(is_usual))
        unusual: np.ndarray = records.places[~is_usual]
        return unusual

    def _put_alike(self, word: str, records: Alike, at: np.ndarray, agents: np.ndarray, people: Cells) -> None:
        """Entries of a usual shape: what they say, which events they are, and whom they name."""
        place = records.places
        actor, is_automatic, ref = agents[records["agent"].codes].T
        extra = _extra(records)
        # The people that an entry names besides who acted: which entry, which reference.
        named = [people.values[code] or () for code in people.codes.tolist()]
        of = np.repeat(np.arange(len(place)), list(map(len, named)))
        refs = np.fromiter(chain.from_iterable(named), dtype="int64", count=len(of))
        called = np.array([self._actors[key[0]] for key in self._refs], dtype="int64")[refs]
        self._met += [_met(place[ref != _NOBODY], ref[ref != _NOBODY]), _met(place[of], refs)]
        if word == "notify":
            code = np.full_like(place, _PAGED)
            self._put_events(place, code, called, np.ones_like(place), extra)
        elif word in ASKING or word == "escalate":
            code = np.full_like(place, _ESCALATED if word == "escalate" else _REQUESTED)
            if word == "escalate":
                self._put_events(place, code, actor, is_automatic, extra)
            else:
                # Nobody in particular is asked where nobody is named.
                alone = np.setdiff1d(np.arange(len(place)), of)
                of, called = np.append(of, alone), np.append(called, np.zeros_like(alone))
            ids = list(self._actors)
            by = [{"requested_by": ids[each]} if each else {} for each in actor.tolist()]
            said = [{**extra[each], **by[each]} for each in of.tolist()]
            self._put_events(place[of], np.full_like(of, _REQUESTED), called, is_automatic[of], said)
        else:
            is_person_s = word == "trigger" and is_automatic == 0
            code = np.where(is_person_s, _TRIGGERED, _CODES.get(word, _FIRED)) + np.zeros_like(place)
            self._put_events(place, code, actor, is_automatic, extra)
        reason = pa.nulls(len(place), pa.large_string()) if word == "annotate" else texts_at(records, "note")
        cells = {
            "incident_id": records["incident"].part("id").texts(identified),
            "source_ref": texts_at(records, "id"),
            "service": texts_at(records, "service.summary"),
            "reason": reason,
            "text": pc.coalesce(*(texts_at(records, path) for path in paths_of(word))),
        }
        self._entries.append(pa.table({"item": place, "at": at, "code": code, **cells}))

    def _put_events(
        self,
        place: np.ndarray,
        code: np.ndarray,
        actor: np.ndarray,
        is_automatic: np.ndarray,
        extra: list[dict[str, object]],
    ) -> None:
        cells = {"item": place, "code": code, "actor": actor, "is_automatic": is_automatic}
        self._events.append(pa.table(cells))
        self._extras += extra

    def _agent(self, agent: object) -> tuple[int, int, int]:
        """Who acted, whether it was a machine, and the number of the reference where it was a person."""
        if not isinstance(agent, dict):
            return 0, _UNKNOWN, _NOBODY
        if is_person(agent):
            ref = self._person(agent)
            return (0, _UNUSUAL, _NOBODY) if ref is None else (self._actors[agent["id"]], 0, ref)
        known = identified(agent.get("id"))
        return self._actors.setdefault(known, len(self._actors)), 1, _NOBODY

    def _people(self, word: str, records: Alike) -> Cells:
        """The references to those whom entries name besides who acted; None where one is of no usual shape."""
        if word == "notify":
            cells = records["user"]
            asked = [[user] for user in cells.values]
        elif word in ASKING or word == "escalate":
            cells = together({key: records[key] for key in ASKED}, len(records.places))
            asked = list(map(targets, cells.values))
        else:
            return Cells(np.zeros(len(records.places), dtype="int64"), values=[()])
        refs = [[self._person(ref) for ref in each] for each in asked]
        return Cells(cells.codes, values=[None if None in each else each for each in refs])

    def _person(self, ref: object) -> int | None:
        """The number of a person that is referred to in the usual way; None for every other way."""
        if not isinstance(ref, dict):
            return None
        key = tuple(ref.get(name) for name in _REF)
        if not is_known(key[0]) or not all(cell is None or isinstance(cell, str) for cell in key):
            return None
        self._actors.setdefault(key[0], len(self._actors))
        return self._refs.setdefault(key, len(self._refs))

    def identifiers(self) -> pa.Table:
        """Item and identifier of the entries that are of a usual shape so far."""
        table = pa.concat_tables([_NO_ENTRIES, *self._entries])
        return pa.table({"item": table["item"], "id": table["source_ref"]})

    def leave(self, items: np.ndarray) -> None:
        """Take the entries of some items out of the columns."""
        if not self._entries:
            return
        left = pa.array(items)
        events = pa.concat_tables(self._events)
        is_kept = ~np.isin(events["item"].to_numpy(), items)
        self._extras = as_objects(self._extras)[is_kept].tolist()
        self._events = [events.filter(pa.array(is_kept))]
        self._entries, self._met = (
            [table.filter(pc.invert(pc.is_in(table["item"], left))) for table in tables]
            for tables in (self._entries, self._met)
        )

    def events(self, told: Told) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
        """The events of usual entries by incident, from first to last, with the incidents' numbers.

        Those of other incidents are told; the number of the incident of each comes back too. So is everybody named.
        """
        entries = _Entries.of(self._entries, self._rest)
        is_odd = entries.is_odd()
        numbers = []
        for number, timed in self._one_by_one(is_odd, entries).items():
            told.turn, n_told = number, len(told.events)
            tell_entries(told, entries.ids[number], in_time_order(timed))
            numbers += [number] * (len(told.events) - n_told)
        self._introduce(told, is_odd, entries)
        return *self._frame(is_odd, entries), np.array(numbers, dtype="int64")

    def _one_by_one(self, is_odd: np.ndarray, entries: _Entries) -> dict[int, list[Timed]]:
        """The entries of incidents that are told one by one, by the incident's number, in the order of the file."""
        found: dict[int, list[tuple[int, Timed]]] = {number: [] for number in np.flatnonzero(is_odd).tolist()}
        for number, (place, incident_id, row) in zip(entries.numbers_of_rest.tolist(), self._rest, strict=True):
            at = self.export.instant(row, "created_at", incident_id=incident_id)
            found[number].append((place, (at, row)))
        for each in np.flatnonzero(is_odd[entries.number]).tolist():
            place = int(entries.place[each])
            row = self.export.row_at(place)
            found[int(entries.number[each])].append((place, (self.export.instant(row, "created_at"), row)))
        return {
            number: [timed for _, timed in sorted(listed, key=lambda pair: pair[0])] for number, listed in found.items()
        }

    def _introduce(self, told: Told, is_odd: np.ndarray, entries: _Entries) -> None:
        """Tell of everybody named in a usual entry, in the order in which the events name them."""
        if not self._met:
            return
        met = pa.concat_tables(self._met)
        of, ref = entries.at_places(met["item"].to_numpy()), met["ref"].to_numpy()
        is_told = ~is_odd[entries.number[of]]
        of, ref = of[is_told], ref[is_told]
        order = np.argsort(entries.rank[of], kind="stable")
        refs, first = np.unique(ref[order], return_index=True)
        keys = list(self._refs)
        for place, number in sorted(zip(first.tolist(), refs.tolist(), strict=True)):
            cells = zip(_REF, keys[number], strict=True)
            told.introductions.append((int(entries.number[of[order[place]]]), dict(cells)))

    def _frame(self, is_odd: np.ndarray, entries: _Entries) -> tuple[pd.DataFrame, np.ndarray]:
        """The events of usual entries, ordered, and the number of the incident of each."""
        if not self._events:
            return frame_of("events", []), np.array([], dtype="int64")
        events = pa.concat_tables(self._events)
        of = entries.at_places(events["item"].to_numpy())
        order = np.argsort(entries.rank[of], kind="stable")
        order = order[~is_odd[entries.number[of[order]]]]
        entry, facts = of[order], events["code"].to_numpy()[order]
        is_automatic = events["is_automatic"].to_numpy()[order]
        columns = {
            "incident_id": texts(entries.ids, entries.number[entry]),
            "at": instants(entries.time[entry]),
            **{name: taken(entries.table[name], entry) for name in _ENTRY_TEXTS},
            "actor_id": texts(list(self._actors), events["actor"].to_numpy()[order]),
            "is_automatic": flags(is_automatic == 1, is_automatic != _UNKNOWN),
            "extra": objects(self._extras, order),
            **{name: texts([fact[place] for fact in _FACTS], facts) for place, name in enumerate(_FACT_COLUMNS)},
            **{name: always(word, len(entry)) for name, word in (*_ALWAYS, ("source", self.export.source))},
        }
        return conform("events", pd.DataFrame(columns)), entries.number[entry]


_REF = ("id", "name", "summary", "email", "time_zone")


@dataclass(frozen=True, slots=True)
class _Entries:
    """Usual entries as arrays, in the order of the file: item, number of the incident, time, rank by both, first fact.

    Attributes:
        ids: identifier by number of an incident, in the order in which the file first names them.
        numbers_of_rest: the numbers of the incidents of the other entries.
    """

    table: pa.Table
    place: np.ndarray
    number: np.ndarray
    time: np.ndarray
    rank: np.ndarray
    code: np.ndarray
    ids: list[str | None]
    numbers_of_rest: np.ndarray

    @classmethod
    def of(cls, tables: list[pa.Table], rest: list[tuple[int, str | None, Row]]) -> _Entries:
        """The arrays of usual entries, beside other ones."""
        table = pa.concat_tables(tables).combine_chunks().sort_by("item") if tables else _NO_ENTRIES
        place = table["item"].to_numpy()
        others = pa.array([incident_id for _, incident_id, _ in rest], pa.large_string())
        named = pa.chunked_array([*table["incident_id"].chunks, others]).combine_chunks()
        places = np.concatenate([place, np.array([at for at, _, _ in rest], dtype="int64")])
        order = np.argsort(places, kind="stable")
        if rest:
            named = named.take(pa.array(order))
        known = named.dictionary_encode(null_encoding="encode")
        numbers = np.empty_like(order)
        numbers[order] = known.indices.to_numpy()
        number, at = numbers[: len(place)], table["at"].to_numpy()
        ids = known.dictionary.to_pylist()
        rank = _ranks(number, at, len(ids))
        return cls(table, place, number, at, rank, table["code"].to_numpy(), ids, numbers[len(place) :])

    def at_places(self, places: np.ndarray) -> np.ndarray:
        """The numbers of the entries at some items of the file."""
        return np.searchsorted(self.place, places)

    def is_odd(self) -> np.ndarray:
        """By number, whether an incident is told one by one: it has other entries, or is triggered once resolved."""
        first_end = np.full(len(self.ids), len(self.number))
        last_trigger = np.full(len(self.ids), -1)
        is_end, is_trigger = self.code == _RESOLVED, np.isin(self.code, [_FIRED, _TRIGGERED])
        np.minimum.at(first_end, self.number[is_end], self.rank[is_end])
        np.maximum.at(last_trigger, self.number[is_trigger], self.rank[is_trigger])
        is_odd: np.ndarray = last_trigger > first_end
        is_odd[self.numbers_of_rest] = True
        return is_odd


_NO_ENTRIES = pa.table(
    {name: pa.array([], pa.int64()) for name in ("item", "at", "code")}
    | {name: pa.array([], pa.large_string()) for name in ("incident_id", *_ENTRY_TEXTS)}
)


def _extra(records: Alike) -> list[dict[str, object]]:
    """The plain cells of log entries and of their channels that no column takes, by entry."""
    extra = records.leftover(TAKEN, [("entry_type", records["type"])])
    said = records["channel"].mapped(lambda cell: leftover(as_dict(cell), ("summary",), prefix="channel."))
    codes = zip(extra.codes.tolist(), said.codes.tolist(), strict=True)
    own, channel = extra.values, said.values
    return [own[mine] | channel[theirs] for mine, theirs in codes]


def _met(place: np.ndarray, ref: np.ndarray) -> pa.Table:
    return pa.table({"item": place, "ref": ref})


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
