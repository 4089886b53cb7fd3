"""All entries that can become a clock point, whichever table they stand in, and how one is picked per incident.

Roles held and impacts are written like events, so that one rule format serves all. Entries are addressed by their
number; texts are fetched only for the entries chosen, which keeps two million events affordable.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import SchemaError
from ..schema import DTYPES, TABLES, Events, Impacts, Incidents, Participants, empty
from ..stats.intervals import MISSING, Micros, micros
from .rules import RULES, Rule

Rows: TypeAlias = npt.NDArray[np.intp]
Flags: TypeAlias = npt.NDArray[np.bool_]

TAKEN = ("precision", "verified", "source", "note")
"""Columns that a clock point takes over unchanged from its entry."""

_COLUMNS = (
    "incident_id", "at", "at_latest", "precision", "kind", "field", "new", "actor_id", "audience", "channel",
    "is_automatic", "basis", "verified", "source", "note", "extra",
)  # fmt: skip
_LENGTH: Mapping[str, int] = MappingProxyType({"hour": 3_600_000_000, "day": 86_400_000_000})
_NO_ROWS: Rows = np.empty(0, dtype=np.intp)


@dataclass(frozen=True, slots=True)
class Entries:
    """Entries of all incidents as columns. The last entry is empty, so that number -1 reads as missing everywhere.

    Attributes:
        table: the entries.
        n: number of incidents.
        incident: number of the entry's incident, -1 for none.
        earliest: earliest instant in microseconds.
        latest: latest instant; equal to ``earliest`` for a known instant. An hour or a day lasts until its end.
        by_person: the entry is not automatic.
        by_kind: entry numbers by kind; only entries of an incident.
    """

    table: pd.DataFrame
    n: int
    incident: Rows
    earliest: Micros
    latest: Micros
    by_person: Flags
    by_kind: Mapping[str, Rows]
    _codes: dict[str, tuple[Rows, list[str]]] = field(default_factory=dict)
    _codes_of_kind: dict[tuple[str, str], Rows] = field(default_factory=dict)

    def coded(self, column: str) -> tuple[Rows, list[str]]:
        """The column's words as numbers (-1 for missing), and the words; a source is its name before the colon."""
        if column not in self._codes:
            codes, found = pd.factorize(self.table[column])
            words = [str(word) for word in found]
            if column == "source":
                # An entry that names no source stands under the empty name.
                heads, names = pd.factorize(
                    np.array([*(w.partition(":")[0] for w in words), ""], dtype=object), sort=True
                )
                codes, words = heads[codes], [str(name) for name in names]
            self._codes[column] = codes, words
        return self._codes[column]

    @property
    def n_sources(self) -> int:
        """How many sources there are; entries that name none count as one."""
        name, names = self.coded("source")
        return int((np.bincount(name[:-1], minlength=len(names)) > 0).sum())

    def has(self, column: str, rows: Rows, words: tuple[str, ...]) -> Flags:
        """Whether each row holds one of the words; the empty word stands for a missing one."""
        codes, known = self.coded(column)
        return _is_among(known, words)[codes[rows]]

    def is_overridden(self, rows: Rows) -> Flags:
        """Whether a user has overridden each row."""
        said = self.table["extra"].to_numpy()[rows]
        found: Flags = said.astype(bool)
        # Nearly all are empty: only the others are looked into.
        found[found] = [isinstance(extra, dict) and bool(extra.get("override")) for extra in said[found]]
        return found

    def matching(self, rule: Rule) -> Rows:
        """Numbers of the entries that meet the rule, with or without a time."""
        return np.concatenate([_NO_ROWS, *(self._of_kind(kind, rule) for kind in rule.kind if kind in self.by_kind)])

    def _of_kind(self, kind: str, rule: Rule) -> Rows:
        rows = self.by_kind[kind]
        is_met = np.ones(len(rows), dtype=bool)
        for column, words in (("field", rule.field), ("new", rule.new), ("audience", rule.audience)):
            if words:
                codes, known = self.coded(column)
                # The same words are looked for in the same kinds many times.
                if (kind, column) not in self._codes_of_kind:
                    self._codes_of_kind[kind, column] = codes[rows]
                is_met &= _is_among(known, words)[self._codes_of_kind[kind, column]]
        rows = rows[is_met]
        if rule.by_person:
            rows = rows[self.by_person[rows]]
        if rule.in_channel:
            rows = rows[self.table["channel"].iloc[rows].notna().to_numpy()]
        return rows

    def timed(self, rule: Rule) -> Rows:
        """Numbers of the entries that meet the rule and have a time."""
        rows = self.matching(rule)
        is_timed: Flags = self.earliest[rows] != MISSING
        return rows[is_timed]

    def pick(self, rows: Rows, *, group: Rows | None = None, n: int | None = None, takes_last: bool = False) -> Rows:
        """Number of the first (or last) of the rows in each group, -1 for a group without any.

        The last is the one that can be latest. Rows of the same instant are told apart by what they say, never by
        their place in the table, so that the order of the input does not matter.

        Args:
            rows: entries with a time.
            group: group of each row; the incident by default.
            n: number of groups.
            takes_last: the last instead of the first.
        """
        group = self.incident[rows] if group is None else group
        n = self.n if n is None else n
        key = -self.latest[rows] if takes_last else self.earliest[rows]
        best = np.full(n, np.iinfo(np.int64).max)
        np.minimum.at(best, group, key)
        is_best = key == best[group]
        rows, group = rows[is_best], group[is_best]
        chosen = np.full(n, -1, dtype=np.intp)
        chosen[group] = rows
        is_tied = np.bincount(group, minlength=n)[group] > 1
        if is_tied.any():
            said = ["at", "at_latest", "basis", *TAKEN]
            tied = self.table[said].iloc[rows[is_tied]].assign(group=group[is_tied], row=rows[is_tied])
            tied = tied.sort_values(["group", *said]).drop_duplicates("group")
            chosen[tied["group"].to_numpy()] = tied["row"].to_numpy()
        return chosen


def gather(
    incidents: Incidents, events: Events, participants: Participants, impacts: Impacts, *, points: list[str]
) -> Entries:
    """The entries that can become one of the points.

    Raises:
        SchemaError: an incident stands in more than one row.
    """
    ids = incidents["incident_id"]
    if ids.duplicated().any():
        raise SchemaError(
            "incidents", [f"incident_id {ids[ids.duplicated()].iloc[0]!r} stands in more than one row; expected one"]
        )
    parts = [events[list(_COLUMNS)], _roles_held(participants), _impact_edges(impacts)]
    table = pd.concat([*(part for part in parts if len(part)), _blank([0])], ignore_index=True)
    kind, words = pd.factorize(table["kind"])
    wanted = {"status", *(kind for point in points for rule in RULES[point] for kind in rule.kind)}
    rows = np.flatnonzero(np.array([*(word in wanted for word in words), False])[kind])
    incident = np.full(len(table), -1, dtype=np.intp)
    number = pd.factorize(pd.concat([ids, table["incident_id"].iloc[rows]], ignore_index=True))[0][len(ids) :]
    incident[rows] = np.where(number < len(ids), number, -1)
    rows = rows[incident[rows] >= 0]
    by_kind = {word: rows[kind[rows] == code] for code, word in enumerate(words) if word in wanted}
    by_person = ~table["is_automatic"].fillna(False).to_numpy(bool)
    return Entries(table, len(ids), incident, *event_bounds(table), by_person, by_kind)


def _is_among(known: list[str], words: tuple[str, ...]) -> Flags:
    """For the number of each known word, and for -1, whether it is among the words; an empty word stands for -1."""
    return np.array([*(word in words for word in known), "" in words])


def event_bounds(events: pd.DataFrame) -> tuple[Micros, Micros]:
    """Earliest and latest possible instants of entries, in microseconds; equal where the instant is known.

    An entry known to the hour or the day lasts until its end, also where only its beginning is given. A latest
    instant that lies before the earliest is not used.
    """
    at, latest = micros(events["at"]), micros(events["at_latest"])
    precision, words = pd.factorize(events["precision"])
    length = np.array([*(_LENGTH.get(word, 0) for word in words), 0])[precision]
    is_open_ended = (latest == MISSING) | (latest < at)
    return at, np.where(at == MISSING, MISSING, np.where(is_open_ended, at + length, latest))


def counted_impacts(impacts: Impacts) -> pd.DataFrame:
    """Effects over an interval that somebody outside the team met: a degree that is not none, a beginning or an end."""
    has_interval = impacts["began_at"].notna() | impacts["ended_at"].notna()
    return impacts[has_interval & (impacts["degree"] != "none") & (impacts["nature"] != "team")]


def _roles_held(participants: Participants) -> pd.DataFrame:
    held = participants[participants["assumed_at"].notna()]
    return _like_events(held, kind="role_held", field=held["role"], at=held["assumed_at"], actor_id=held["person_id"])


def _impact_edges(impacts: Impacts) -> pd.DataFrame:
    """Beginnings of the impacts, and their ends where every impact of the incident has ended."""
    counted = counted_impacts(impacts)
    began = counted[counted["began_at"].notna()]
    ended = counted[~counted["incident_id"].isin(counted.loc[counted["ended_at"].isna(), "incident_id"])]
    kind = "impact_interval"
    return pd.concat(
        [
            _like_events(began, kind=kind, field="began", at=began["began_at"], at_latest=began["began_at_latest"]),
            _like_events(ended, kind=kind, field="ended", at=ended["ended_at"], at_latest=ended["ended_at_latest"]),
        ],
        ignore_index=True,
    )


@functools.cache
def _no_events() -> pd.DataFrame:
    return empty("events")[list(_COLUMNS)]


def _blank(index: pd.Index | list[int]) -> pd.DataFrame:
    return _no_events().reindex(index)


def _like_events(rows: pd.DataFrame, **columns: pd.Series | str) -> pd.DataFrame:
    """Rows of another table with the columns of events that are read here; what they do not say is missing."""
    if rows.empty:
        return _no_events()
    made = _blank(rows.index)
    shared = {c: rows[c] for c in ("incident_id", "source", "note", "basis", "verified") if c in rows.columns}
    made = made.assign(**shared, **columns)
    return made.astype({c: DTYPES[TABLES["events"][c].kind] for c in _COLUMNS})
