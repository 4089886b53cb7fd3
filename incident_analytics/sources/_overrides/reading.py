"""The file of overrides: parsed and checked as far as it can be without the data."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ...errors import UsageError, did_you_mean
from ...schema import CLOCK_POINTS, TABLES, Column

UNKNOWN = "unknown"
TABLES_HERE = ("incidents", "events", "participants", "people", "impacts", "actions", "learnings")
FIXED = ("incident_id", "person_id", "extra", "source", "collection", "sequence")
"""Columns that tell rows apart or say where they come from; they cannot be overridden."""

_KEYS = {
    "override": ("incident_id", "milestone", "table", "where", "row", "column", "value", "who", "why", "at"),
    "shift": ("source", "log", "by", "who", "why", "at"),
}
_OFFSET = re.compile(r"([+-])(\d{1,2}):([0-5]\d)(?::([0-5]\d))?")


@dataclass(frozen=True, slots=True)
class Override:
    """One correction of a clock point or of a cell.

    Attributes:
        place: where it stands in its file, for messages.
        incident_id: the incident; None only for people.
        milestone: the clock point, if it is one.
        table: the table of the cell.
        column: the column of the cell.
        where: cells by which the row is found.
        row: which of the rows found, counted from 1; None where there must be one.
        value: the new value; ``UNKNOWN`` for a clock point that is not known.
        who: who corrects.
        why: the reason.
        at: when it was corrected, as written.
    """

    place: str
    incident_id: str | None
    milestone: str | None
    table: str
    column: str
    where: Mapping[str, str]
    row: int | None
    value: Any
    who: str
    why: str
    at: str | None


@dataclass(frozen=True, slots=True)
class Shift:
    """One correction of all times of a source, or of a log: ``by`` is added to each.

    Attributes:
        place: where it stands in its file, for messages.
        source: the source module, or module and file; empty for a log.
        log: the file, service or format of the logs; empty for a source.
        by: what is added.
        written: the same as written.
        who: who corrects.
        why: the reason.
        at: when it was corrected, as written.
    """

    place: str
    source: str
    log: str
    by: pd.Timedelta
    written: str
    who: str
    why: str
    at: str | None


@dataclass(frozen=True, slots=True)
class Overrides:
    """All corrections of one file."""

    name: str
    overrides: tuple[Override, ...] = ()
    shifts: tuple[Shift, ...] = ()


def read_overrides(path: str | Path) -> Overrides:
    """Read a file of overrides.

    Raises:
        UsageError: the file cannot be read or parsed, has an unknown key, word or point (near ones are named), lacks
            ``who`` or ``why``, or holds a value that its place cannot have.
    """
    path = Path(path)
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"overrides file {path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"overrides file {path} is not valid TOML: {error}") from error
    for section, rows in given.items():
        if section not in _KEYS:
            near = did_you_mean(section, _KEYS)
            raise UsageError(
                f"overrides file {path}: unknown section {section!r}; expected [[override]] or [[shift]].{near}"
            )
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise UsageError(f"overrides file {path}: write [[{section}]], with two brackets, before each correction")
    overrides = tuple(_override(row, _Place(path, "override", i)) for i, row in enumerate(given.get("override", ()), 1))
    shifts = tuple(_shift(row, _Place(path, "shift", i)) for i, row in enumerate(given.get("shift", ()), 1))
    return Overrides(path.name, overrides, shifts)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a correction stands, and the errors about it."""

    path: Path
    section: str
    number: int

    @property
    def short(self) -> str:
        return f"{self.path.name}, [[{self.section}]] {self.number}"

    def fault(self, message: str) -> UsageError:
        return UsageError(f"overrides file {self.path}, [[{self.section}]] {self.number}: {message}")

    def text(self, row: Mapping[str, Any], key: str) -> str:
        value = row.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.fault(f"{key} is required and must be a text, found {value!r}")
        return value.strip()

    def word(self, word: str, known: Any, what: str) -> str:
        if word not in known:
            raise self.fault(
                f"there is no {what} {word!r}; expected one of {', '.join(known)}.{did_you_mean(word, known)}"
            )
        return word

    def keys(self, row: Mapping[str, Any]) -> None:
        known = _KEYS[self.section]
        for key in row:
            if key not in known:
                raise self.fault(f"unknown key {key!r}; expected one of {', '.join(known)}.{did_you_mean(key, known)}")


def _override(row: Mapping[str, Any], place: _Place) -> Override:
    place.keys(row)
    who, why, at = place.text(row, "who"), place.text(row, "why"), _when(row, place)
    if ("milestone" in row) == ("column" in row):
        raise place.fault("expected either milestone or column, one of the two")
    if "value" not in row:
        raise place.fault("value is required: the corrected value")
    if "milestone" in row:
        return _milestone(row, place, who, why, at)
    table = place.word(str(row.get("table", "incidents")), TABLES_HERE, "table")
    columns = [column for column in TABLES[table].column_names if column not in FIXED]
    column = TABLES[table][place.word(place.text(row, "column"), columns, f"column of {table} to correct")]
    incident_id = None if table == "people" else place.text(row, "incident_id")
    where = _where(row, table, place)
    if table == "people" and not where:
        raise place.fault('expected where = { person_id = "..." } for a row of people')
    return Override(
        place.short, incident_id, None, table, column.name, where, _row(row, place), _value(row["value"], column, place),
        who, why, at,
    )  # fmt: skip


def _milestone(row: Mapping[str, Any], place: _Place, who: str, why: str, at: str | None) -> Override:
    for key in ("table", "where", "row"):
        if key in row:
            raise place.fault(f"{key} does not go with milestone; a clock point is found by its incident and its name")
    point = place.word(place.text(row, "milestone"), CLOCK_POINTS, "clock point")
    value = row["value"]
    if value != UNKNOWN:
        value = _instant(value, "value", place)
    return Override(place.short, place.text(row, "incident_id"), point, "events", "at", {}, None, value, who, why, at)


def _where(row: Mapping[str, Any], table: str, place: _Place) -> dict[str, str]:
    where = row.get("where", {})
    if not isinstance(where, dict):
        raise place.fault(f"where must be a table of column = value, found {where!r}")
    plain = [c.name for c in TABLES[table].columns if c.kind in ("text", "word", "instant", "flag", "count")]
    for column in where:
        place.word(column, plain, f"column of {table} to find a row by")
    return {column: as_text(value) for column, value in where.items()}


def _row(row: Mapping[str, Any], place: _Place) -> int | None:
    number = row.get("row")
    if number is not None and (not isinstance(number, int) or isinstance(number, bool) or number < 1):
        raise place.fault(f"row must be a whole number from 1 on, found {number!r}")
    return number


def _value(value: object, column: Column, place: _Place) -> object:
    """The value in the kind of its column."""
    match column.kind:
        case "instant":
            return _instant(value, "value", place)
        case "number" | "count" if isinstance(value, (int, float)) and not isinstance(value, bool):
            if column.kind == "number" or float(value).is_integer():
                return value
        case "flag" if isinstance(value, bool):
            return value
        case "items" if isinstance(value, list) and all(isinstance(part, str) for part in value):
            return value
        case "word" if isinstance(value, str):
            return place.word(value, column.vocabulary, f"word for {column.name}") if column.vocabulary else value
        case "text" if isinstance(value, str):
            return value
    kinds = {"number": "a number", "count": "a whole number", "flag": "true or false", "items": "a list of texts"}
    raise place.fault(f"{column.name} must be {kinds.get(column.kind, 'a text')}, found {value!r}")


def _instant(value: object, key: str, place: _Place) -> pd.Timestamp:
    try:
        instant = pd.Timestamp(value)
        if pd.isna(instant) or instant.tzinfo is None or isinstance(value, (int, float)):
            raise ValueError
        return instant.tz_convert("UTC").as_unit("us")
    except (ValueError, TypeError, OverflowError) as error:
        message = f"{key} must be an instant with its offset, such as 2026-01-31T09:30:00Z, found {as_text(value)!r}"
        raise place.fault(message) from error


def _when(row: Mapping[str, Any], place: _Place) -> str | None:
    return None if row.get("at") is None else as_text(_instant(row["at"], "at", place))


def _shift(row: Mapping[str, Any], place: _Place) -> Shift:
    place.keys(row)
    who, why, at = place.text(row, "who"), place.text(row, "why"), _when(row, place)
    written = place.text(row, "by")
    match = _OFFSET.fullmatch(written)
    if match is None:
        raise place.fault(f'by must be a signed time such as "-01:00" or "+00:00:42", found {written!r}')
    sign, hours, minutes, seconds = match.groups()
    by = pd.Timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds or 0)) * int(f"{sign}1")
    if ("source" in row) == ("log" in row):
        raise place.fault("expected either source, or log with the name of a log's file, service or format")
    source, log = (place.text(row, key) if key in row else "" for key in ("source", "log"))
    return Shift(place.short, source, log, by, written, who, why, at)


def as_text(value: object) -> str:
    """A value as findings and lookups write it: instants in UTC with Z."""
    if hasattr(value, "isoformat"):
        return str(value.isoformat()).replace("+00:00", "Z")
    return str(value).lower() if isinstance(value, bool) else str(value)
