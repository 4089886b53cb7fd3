"""Any table, with a mapping file that says which column is what; see ``_table_mapping.py`` for its keys.

A table has no form of its own, so nothing is recognised: a file is read as a table when a mapping names it. Columns
that the mapping does not name are kept in ``extra``.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

import pandas as pd

from ...errors import SourceError, did_you_mean
from ...records import Records
from ...schema import TABLES, finding
from .._contract import VendorDuration, origin
from .._instants import epochs_of, fault_findings, instants_of, precision_of
from .._table_mapping import EPOCHS, Listed, TableMapping, read_mapping
from .._table_rows import RAW_LIMIT, Rows, lookup, rows_of, storable, text_of

NAME = "table"
DESCRIPTION = "any CSV, JSON, JSON lines or Parquet table, with a mapping file (TOML) of their columns to ours"
TIME_ZONE_RULE = "the mapping's time_zone, else the zone you name; otherwise a time without a zone stays missing"
EXAMPLE = "ticket;opened;closed"
SEVERITIES: tuple[str, ...] = ()
DURATIONS: Mapping[str, VendorDuration] = {}
COLUMNS: Mapping[str, str] = {}
MAPPED = True

_ITEMS = tuple(column.name for column in TABLES["incidents"].columns if column.kind == "items")
_DAY = pd.Timedelta("1D")


def recognises(head: bytes) -> bool:
    """By a mapping file that names it: never by its content."""
    return False


def read(path: Path, *, time_zone: str | None = None, mapping: Path | None = None) -> Records:
    """The rows of a table as incidents, their times as milestones, their lists of messages as updates.

    Args:
        path: the table.
        time_zone: zone of times without one, where the mapping names none.
        mapping: the mapping file; None: the one beside the table, ``x.mapping.toml`` for ``x.csv``.

    Raises:
        SourceError: there is no mapping, it names a column that no row has, or the file cannot be read.
    """
    path = Path(path)
    about = read_mapping(mapping or path.with_suffix(".mapping.toml"))
    rows = rows_of(
        path,
        kind=about.source.get("format"),
        records=about.source.get("records"),
        delimiter=about.source.get("delimiter"),
    )
    table = _Table(path, about, rows, about.source.get("time_zone") or time_zone)
    table.refuse_absent(about.columns, rows, "the table")
    return table.records()


@dataclass(slots=True)
class _Table:
    """One table being read."""

    path: Path
    about: TableMapping
    rows: Rows
    time_zone: str | None
    ids: dict[str, str] = field(default_factory=dict)
    events: list[dict[str, object]] = field(default_factory=list)
    findings: list[dict[str, object]] = field(default_factory=list)

    @property
    def source(self) -> str:
        """The value of the ``source`` columns."""
        return origin(NAME, self.path)

    def records(self) -> Records:
        """Everything the table says."""
        for rejected in self.rows.rejected:
            self.reject(rejected.place, rejected.raw, rejected.why)
        self.identify()
        for point, column in self.about.milestones.items():
            self.milestones(point, column)
        self.severities()
        for kind, listed in (("update", self.about.updates), ("event", self.about.events)):
            if listed is not None:
                self.listed(kind, listed)
        ended = {str(e["incident_id"]) for e in self.events if e["kind"] == "milestone" and e["field"] == "resolved"}
        incidents = [self.incident(place, ended) for place in self.ids]
        return Records.build(policies=None, incidents=incidents, events=self.events, findings=self.findings).merge()

    def refuse_absent(self, named: Mapping[str, str], rows: Rows, where: str) -> None:
        """Refuse a mapping that names a column which no row has; absent in some rows it is missing there."""
        if not rows.rows and not rows.header:
            return
        for key, column in named.items():
            if not rows.has(column):
                known = rows.columns
                near = did_you_mean(column, known)
                raise SourceError(
                    f"mapping {self.about.origin}: {key} names the column {column!r}, which {where} "
                    f"{self.path} does not have; it has {', '.join(known[:40])}.{near}"
                )

    def reject(self, place: str, raw: str, why: str) -> None:
        """Set a row aside, with its text."""
        message = f"{place} was set aside: {why}"
        self.findings.append(
            finding("row_rejected", "error", message, table="incidents", row=place, raw=raw, source=self.source)
        )

    def identify(self) -> None:
        """Incident by place; a row without an identifier is set aside, one met before is pointed out."""
        column = self.about.incidents["incident_id"]
        first: dict[str, str] = {}
        for place, row in self.rows.rows.items():
            incident_id = text_of(lookup(row, column)[1])
            if incident_id is None:
                self.reject(place, (text_of(row) or "")[:RAW_LIMIT], f"its {column!r} is empty; expected an identifier")
                continue
            if incident_id in first:
                message = f"{place} names the incident of {first[incident_id]} again; both are read as one"
                self.findings.append(
                    finding(
                        "duplicate_id",
                        "warning",
                        message,
                        incident_id=incident_id,
                        table="incidents",
                        row=place,
                        source=self.source,
                    )
                )
            first.setdefault(incident_id, place)
            self.ids[place] = incident_id

    def incident(self, place: str, ended: set[str]) -> dict[str, object]:
        """A row of ``incidents``; what the mapping does not name goes to ``extra``."""
        row = self.rows.rows[place]
        ours: dict[str, object] = {"source": self.source, "time_zone": self.time_zone}
        ours |= {key: self.about.source[key] for key in ("organisation", "visibility") if key in self.about.source}
        for column, theirs in self.about.incidents.items():
            cell = lookup(row, theirs)[1]
            ours[column] = _items(cell) if column in _ITEMS else text_of(cell)
        # A table that says when an incident was resolved need not say in another column that it is.
        if self.ids[place] in ended and "status" not in self.about.words:
            ours.setdefault("status", "resolved")
        for column, words in self.about.words.items():
            word = text_of(lookup(row, words.column)[1])
            ours[column] = words.default if word is None else words.translated(word)
        used = set(self.about.columns.values())
        left = {k: cell for k, cell in row.items() if k not in used and cell is not None and cell != ""}
        return ours | {"extra": storable(left)}

    def cells(self, column: str) -> pd.Series:
        """A column of theirs by place, missing where a row does not have it."""
        cells = {place: lookup(self.rows.rows[place], column)[1] for place in self.ids}
        return pd.Series(cells.values(), index=list(cells), dtype="object")

    def instants(self, values: pd.Series, column: str, ids: pd.Series) -> pd.DataFrame:
        """``at``, ``at_latest`` and ``precision`` of a column; what cannot be read is a finding and stays missing."""
        formats = self.about.time_formats
        if formats and formats[0] in EPOCHS:
            at, faults = epochs_of(values, unit=cast("Literal['s', 'ms']", EPOCHS[formats[0]]))
        else:
            at, faults = instants_of(values, time_zone=self.time_zone, formats=formats)
        self.findings += fault_findings(faults, table="events", column=column, source=self.source, ids=ids)
        precision = precision_of(values, at, formats=formats)
        timed = pd.DataFrame({"at": at, "precision": pd.Series(precision, index=at.index, dtype="object")})
        timed["precision"] = timed["precision"].where(at.notna(), None)
        timed["at_latest"] = at + _DAY if precision == "day" else pd.Series(pd.NaT, index=at.index, dtype=at.dtype)
        return timed

    def milestones(self, point: str, column: str) -> None:
        """The times of one clock point."""
        ids = pd.Series(self.ids, dtype="str")
        timed = self.instants(self.cells(column), column, ids).dropna(subset=["at"])
        for place, row in _records(timed):
            about = {"incident_id": self.ids[place], "kind": "milestone", "field": point, "basis": "stated"}
            self.events.append(row | about | {"source": self.source})

    def severities(self) -> None:
        """The severity of each incident. A table does not say since when, so no time is given.

        A word that the same column uses for the kind of record is no severity.
        """
        words = self.about.severity
        if words is None:
            return
        kinds = [w for w in self.about.words.values() if w.column == words.column]
        for place, cell in self.cells(words.column).items():
            word = text_of(cell)
            if word is None or any(kind.lists(word) for kind in kinds):
                continue
            event = {"incident_id": self.ids[str(place)], "kind": "severity", "new": words.translated(word)}
            said = {"as_written": word} if event["new"] != word else {}
            self.events.append(event | {"basis": "stated", "source": self.source, "extra": said})

    def listed(self, kind: str, listed: Listed) -> None:
        """The entries of a list column: updates with the states they say, or other events."""
        entries = dict(self.entries(listed))
        inner = Rows(rows={place: entry for place, (_, _, entry) in entries.items()})
        self.refuse_absent({f"{kind}s.{ours}": theirs for ours, theirs in listed.keys.items()}, inner, "the list in")
        ids = pd.Series({place: owner for place, (owner, _, _) in entries.items()}, dtype="str")
        column = listed.keys.get("at", "at")
        values = [lookup(entry, column)[1] if "at" in listed.keys else None for _, _, entry in entries.values()]
        timed = self.instants(pd.Series(values, index=list(entries), dtype="object"), f"{listed.column}.{column}", ids)
        for place, when in _records(timed):
            owner, number, entry = entries[place]
            said = {o: text_of(lookup(entry, t)[1]) for o, t in listed.keys.items() if o not in ("at", "status")}
            left = {k: c for k, c in entry.items() if k not in listed.keys.values() and c is not None}
            shared = when | {"incident_id": owner, "sequence": number, "basis": "stated", "source": self.source}
            event = shared | {"kind": kind if kind == "update" else "note"} | said | dict(listed.constants)
            word = text_of(lookup(entry, listed.keys["status"])[1]) if "status" in listed.keys else None
            self.events.append(event | {"extra": storable(left) | ({"status": word} if word else {})})
            state = listed.words.get(word.strip().lower()) if word else None
            if state:
                self.events.append(shared | {"kind": "status", "new": state, "extra": {"as_written": word}})

    def entries(self, listed: Listed) -> Iterator[tuple[str, tuple[str, int, dict[str, Any]]]]:
        """Incident, number and cells of each entry, by place; what is no entry is set aside."""
        for place, cell in self.cells(listed.column).items():
            where = f"{place} {listed.column}"
            found = _list_of(cell)
            if found is None:
                self.reject(where, str(cell)[:RAW_LIMIT], "expected a list of entries")
                continue
            for i, entry in enumerate(found, 1):
                if isinstance(entry, dict):
                    yield f"{where}[{i}]", (self.ids[str(place)], i, entry)
                else:
                    self.reject(f"{where}[{i}]", (text_of(entry) or "")[:RAW_LIMIT], "expected an object")


def _records(timed: pd.DataFrame) -> Iterator[tuple[str, dict[str, object]]]:
    for place, row in zip(timed.index, timed.to_dict("records"), strict=True):
        yield str(place), {str(key): value for key, value in row.items()}


def _list_of(cell: object) -> list[object] | None:
    """A list cell; a CSV has it as JSON text. Missing is an empty list, None is no list."""
    if cell is None or (isinstance(cell, Hashable) and pd.isna(cell)):
        return []
    if isinstance(cell, str):
        try:
            cell = json.loads(cell)
        except (ValueError, RecursionError):
            return None
    return cell if isinstance(cell, list) else None


def _items(cell: object) -> list[object]:
    if isinstance(cell, list):
        return [storable(item) if isinstance(item, dict) else text_of(item) for item in cell if item is not None]
    text = text_of(cell)
    return [] if text is None else [text]
