"""Laying the settled clock points out as rows, column by column."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd

from ..errors import UsageError, did_you_mean
from ..schema import Incidents
from ..stats.intervals import MISSING
from .entries import Entries, Flags, Rows
from .rules import RULES

Array: TypeAlias = pd.api.extensions.ExtensionArray

COLUMNS = ("at", "at_latest", "precision", "basis", "knowledge", "verified", "source", "note", "rule", "is_disputed")
"""Columns of a clock beside ``incident_id`` and ``point``, in their order."""

_BASIS = ("recorded", "derived", "overridden")
_KNOWLEDGE = ("stated", "inferred", "unknown")


@dataclass(slots=True)
class Settled:
    """One clock point of all incidents, by incident number.

    Attributes:
        row: number of the entry it is taken from, -1 for none.
        void: number of the entry that states that the time is unknown, -1 for none.
        rule: number of the rule in ``RULES``, -1 for none.
        is_unknown: it is stated, or follows from the record, that the time is unknown.
        is_disputed: another source gives another time.
        notes: remarks of this package.
    """

    point: str
    row: Rows
    void: Rows
    rule: Rows
    is_unknown: Flags
    is_disputed: Flags
    notes: dict[int, str]

    def remark(self, number: int | np.integer, text: str) -> None:
        """Add a remark to the point of one incident."""
        before = self.notes.get(int(number))
        self.notes[int(number)] = f"{before}; {text}" if before else text


def checked_columns(columns: Iterable[str]) -> list[str]:
    """The columns as a list, in the order of a clock.

    Raises:
        UsageError: a clock has no such column; the message names near ones.
    """
    listed = list(columns)
    for column in listed:
        if column not in COLUMNS:
            known = ", ".join(COLUMNS)
            raise UsageError(f"a clock has no column {column!r}; columns are {known}.{did_you_mean(column, COLUMNS)}")
    return [column for column in COLUMNS if column in listed]


def laid_out(incidents: Incidents, entries: Entries, points: list[Settled], columns: list[str]) -> pd.DataFrame:
    """The settled points as rows: incident by incident, the points in their order."""
    row = _interleaved([p.row for p in points])
    told = np.where(row >= 0, row, _interleaved([p.void for p in points]))
    at, latest = entries.earliest[row], entries.latest[row]
    made: dict[str, Callable[[], object]] = {
        "at": lambda: _instants(at),
        "at_latest": lambda: _instants(np.where(latest == at, MISSING, latest)),
        "precision": lambda: _fetched(entries, "precision", told),
        "basis": lambda: _basis(entries, points),
        "knowledge": lambda: _knowledge(entries, points),
        "verified": lambda: _fetched(entries, "verified", told),
        "source": lambda: _fetched(entries, "source", told),
        "note": lambda: _notes(entries, points, told),
        "rule": lambda: _rules(points),
        "is_disputed": lambda: pd.array(_interleaved([p.is_disputed for p in points]), dtype="boolean"),
    }
    n, width = entries.n, len(points)
    keys = {
        "incident_id": incidents["incident_id"].array.take(np.repeat(np.arange(n), width)),
        "point": _worded([p.point for p in points], np.tile(np.arange(width), n)),
    }
    return pd.DataFrame({**keys, **{column: made[column]() for column in columns}})


def _interleaved(by_point: list[np.ndarray]) -> np.ndarray:
    return np.stack(by_point, axis=1).ravel()


def _instants(numbers: np.ndarray) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(numbers.view("datetime64[us]"), tz="UTC")


def _worded(words: Iterable[str], codes: np.ndarray) -> Array:
    return pd.array([*words, None], dtype="str").take(codes)


def _fetched(entries: Entries, column: str, rows: Rows) -> Array:
    """A column's texts of some rows. The words are few, so numbers are fetched first: texts far apart are slow."""
    codes, words = pd.factorize(entries.table[column])
    return _worded(words, codes[rows])


def _notes(entries: Entries, points: list[Settled], rows: Rows) -> Array:
    """The notes of the sources, and after them the remarks of this package."""
    codes, words = pd.factorize(entries.table["note"])
    known, places = [str(word) for word in words], codes[rows]
    for j, point in enumerate(points):
        for number, remark in point.notes.items():
            place = number * len(points) + j
            known.append(f"{known[places[place]]}; {remark}" if places[place] >= 0 else remark)
            places[place] = len(known) - 1
    return _worded(known, places)


def _basis(entries: Entries, points: list[Settled]) -> Array:
    codes = []
    for point in points:
        code = np.where(point.rule > 0, 1, point.rule)
        is_recorded = code == 0
        code[is_recorded] = np.where(entries.is_overridden(point.row[is_recorded]), 2, 0)
        codes.append(code)
    return _worded(_BASIS, _interleaved(codes))


def _knowledge(entries: Entries, points: list[Settled]) -> Array:
    """What a source states is stated unless it says otherwise, or only suggests the point."""
    codes = []
    for point in points:
        is_inferred = np.array([*(rule.is_inferred for rule in RULES[point.point]), False])[point.rule]
        is_inferred |= entries.has("basis", point.row, ("inferred",))
        known = np.where(entries.has("basis", point.row, ("unknown",)), 2, np.where(is_inferred, 1, 0))
        codes.append(np.where(point.row >= 0, known, np.where(point.is_unknown, 2, -1)))
    return _worded(_KNOWLEDGE, _interleaved(codes))


def _rules(points: list[Settled]) -> Array:
    texts = [rule.text for point in points for rule in RULES[point.point]]
    first = np.cumsum([0, *(len(RULES[point.point]) for point in points)])
    codes = [np.where(point.rule >= 0, first[j] + point.rule, -1) for j, point in enumerate(points)]
    return _worded(texts, _interleaved(codes))
