"""Rows of a CSV, JSON, JSON lines or Parquet file as dicts, with their places; broken rows are set aside.

Nothing is converted: a CSV cell is a text (``NA`` and ``00123`` too), only an empty one is missing.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import SourceError

RAW_LIMIT = 500
"""How much of a broken row's text is kept."""

_BY_ENDING = {
    ".csv": "csv",
    ".tsv": "csv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}
_DEEPEST = 3  # levels of nested names that a message lists


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that could not be read: where it stands, its text, and why."""

    place: str
    raw: str
    why: str


@dataclass(slots=True)
class Rows:
    """A table as found.

    Attributes:
        rows: cells by column, by the row's place in the file.
        rejected: rows that could not be read.
        header: the columns of a CSV or Parquet file, which are there even when no row is.
    """

    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    header: list[str] = field(default_factory=list)

    def has(self, column: str) -> bool:
        """Whether the column is there at all: in the header, or in any row."""
        return column in self.header or any(lookup(row, column)[0] for row in self.rows.values())

    @property
    def columns(self) -> list[str]:
        """All names of columns, nested ones with dots, for messages."""
        names = dict.fromkeys(self.header)
        for row in self.rows.values():
            names |= dict.fromkeys(_names(row, ""))
        return list(names)

    def add(self, place: str, row: object, raw: str) -> None:
        """Take a row, or set it aside when it is no mapping."""
        if isinstance(row, dict):
            self.rows[place] = row
        else:
            self.rejected.append(Rejected(place, raw[:RAW_LIMIT], f"expected an object, found {type(row).__name__}"))


def rows_of(path: Path, *, kind: str | None = None, records: str | None = None, delimiter: str | None = None) -> Rows:
    """The rows of a table file.

    Args:
        path: the file.
        kind: csv, json, jsonl or parquet; None: the ending says.
        records: for JSON, the dotted path to the list; None: the file is the list.
        delimiter: for CSV; None: a tab in ``.tsv``, else a comma.

    Raises:
        SourceError: the ending is unknown, the file as a whole cannot be read, or it holds no list there.
    """
    kind = kind or _BY_ENDING.get(path.suffix.lower())
    if kind is None:
        endings = ", ".join(_BY_ENDING)
        raise SourceError(f"{path} ends in {path.suffix!r}; expected one of {endings}, or source.format in the mapping")
    try:
        match kind:
            case "csv":
                return _from_csv(path, delimiter or ("\t" if path.suffix.lower() == ".tsv" else ","))
            case "json":
                return _from_json(path, records)
            case "jsonl":
                return _from_lines(path)
            case _:
                return _from_parquet(path)
    except OSError as error:
        raise SourceError(f"{path} cannot be read as {kind}: {error.strerror or error}") from error


def lookup(row: Mapping[str, Any], column: str) -> tuple[bool, Any]:
    """Whether a row has a column, and its cell; dots lead into nested objects and, by number, into lists.

    >>> lookup({"fields": {"priority": {"name": "P1"}}}, "fields.priority.name")
    (True, 'P1')
    """
    if column in row:
        return True, row[column]
    cell: Any = row
    for step in column.split("."):
        if isinstance(cell, dict) and step in cell:
            cell = cell[step]
        elif isinstance(cell, list) and step.isascii() and step.isdigit() and int(step) < len(cell):
            cell = cell[int(step)]
        else:
            return False, None
    return True, cell


def text_of(cell: object) -> str | None:
    """A cell as text; missing stays missing, what is no text is written as JSON writes it."""
    match cell:
        case None | "":
            return None
        case str():
            return cell
        case dt.date() | dt.time():
            return cell.isoformat()
        case float():
            return None if math.isnan(cell) else repr(cell)
        case bool() | int() | list() | dict():
            return json.dumps(cell, ensure_ascii=False, default=str)
        case _:
            return str(cell)


def storable(cell: object) -> Any:
    """A cell that any table can hold: no lone surrogates, no types beyond those of JSON."""
    match cell:
        case str():
            return cell if cell.isascii() else cell.encode("utf-8", "backslashreplace").decode()
        case dict():
            return {storable(str(key)): storable(inner) for key, inner in cell.items()}
        case list() | tuple():
            return [storable(inner) for inner in cell]
        case None | bool() | int() | float():
            return cell
        case _:
            return text_of(cell)


class _Lines:
    """The lines of a CSV file, remembered until the row they make is done."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self.taken.append(line)
            yield line


def _from_csv(path: Path, delimiter: str) -> Rows:
    with path.open(encoding="utf-8-sig", errors="backslashreplace", newline="") as file:
        lines = _Lines(file)
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        try:
            header = next(reader, [])
        except csv.Error as error:
            raise SourceError(f"{path} has no readable header: {error}") from error
        header = [name.strip() or f"column {i}" for i, name in enumerate(header, 1)]
        twice = sorted({name for name in header if header.count(name) > 1})
        if not header or twice:
            found = f"names {', '.join(twice)} twice" if twice else "is empty"
            raise SourceError(f"the header of {path} {found}; expected every column once")
        found_rows = Rows(header=header)
        while True:
            start = reader.line_num + 1
            lines.taken.clear()
            try:
                cells = next(reader, None)
                if cells is None:
                    return found_rows
                why = f"found {len(cells)} cells, expected {len(header)}" if len(cells) != len(header) else ""
            except csv.Error as error:
                cells, why = [], str(error)
            place = f"line {start}" if reader.line_num <= start else f"lines {start} to {reader.line_num}"
            if why and (cells or "".join(lines.taken).strip()):
                found_rows.rejected.append(Rejected(place, "".join(lines.taken)[:RAW_LIMIT], why))
            elif not why:
                found_rows.rows[place] = {c: cell or None for c, cell in zip(header, cells, strict=True)}


def _from_json(path: Path, records: str | None) -> Rows:
    text = path.read_bytes().decode("utf-8-sig", "backslashreplace")
    document = _parsed(text, lambda why: SourceError(f"{path} cannot be read as JSON: {why}"))
    has, found = lookup(document, records) if records and isinstance(document, dict) else (not records, document)
    if not has or not isinstance(found, list):
        lists = (
            [n for n in _names(document, "") if isinstance(lookup(document, n)[1], list)]
            if isinstance(document, dict)
            else []
        )
        asked = f"at {records!r}" if records else "at its top"
        known = f"; lists are at {', '.join(lists)}: name one as source.records" if lists else ""
        raise SourceError(f"{path} holds no list {asked}{known}")
    rows = Rows()
    for i, item in enumerate(found):
        place = f"{records or ''}[{i}]"
        try:
            rows.add(place, storable(item), text_of(item) or "null")
        except RecursionError:
            rows.rejected.append(Rejected(place, "", "nested too deeply"))
    return rows


def _from_lines(path: Path) -> Rows:
    rows = Rows()
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            text = line.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "backslashreplace").strip()
            if not text:
                continue
            try:
                rows.add(f"line {number}", storable(_parsed(text, SourceError)), text)
            except (SourceError, RecursionError) as error:
                why = str(error) if isinstance(error, SourceError) else "nested too deeply"
                rows.rejected.append(Rejected(f"line {number}", text[:RAW_LIMIT], why))
    return rows


def _from_parquet(path: Path) -> Rows:
    import pyarrow
    import pyarrow.parquet

    try:
        table = pyarrow.parquet.read_table(path)
    except (pyarrow.ArrowException, OSError) as error:
        raise SourceError(f"{path} cannot be read as Parquet: {error}") from error
    rows = Rows(header=list(table.column_names))
    for number, row in enumerate(table.to_pylist(), 1):
        rows.add(f"row {number}", row, "")
    return rows


def _parsed(text: str, fault: Callable[[str], SourceError]) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise fault(f"{error.msg} at line {error.lineno}, column {error.colno}") from error
    except RecursionError as error:
        raise fault("it is nested too deeply") from error
    except ValueError as error:
        raise fault(str(error)) from error


def _names(row: Mapping[str, Any], prefix: str) -> Iterator[str]:
    for key, cell in row.items():
        yield f"{prefix}{key}"
        if isinstance(cell, dict) and prefix.count(".") < _DEEPEST - 1:
            yield from _names(cell, f"{prefix}{key}.")
