"""Our own record: one YAML file per incident, written by people, read and written without loss.

The sections of a file: ``format``, ``incident``, ``times`` (clock points), ``timeline`` (everything else that
happened, in the order of the account), ``people``, ``roles``, ``impacts``, ``actions``, ``learnings``, ``conflicts``
and ``findings``. Keys are the columns of :mod:`incident_analytics.schema`; what its place in the file says already
(the incident, a clock point's name, the order of the account) is not written again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ...errors import SourceError, did_you_mean
from ...records import Records
from ...schema import CLOCK_POINTS, TABLES, Column, Table
from .._contract import VendorDuration, origin
from .._instants import instant_of
from .._record_layout import FORMAT, IMPLIED, NAME, ROWS, SECTIONS, latest_of, record_schema
from .._record_writing import write_record
from .._yaml import Node, parse, plain

__all__ = ["COLUMNS", "DESCRIPTION", "NAME", "TIME_ZONE_RULE", "read", "recognises", "record_schema", "write_record"]

DESCRIPTION = "our own record of one incident, a YAML file that people write"
TIME_ZONE_RULE = "every time carries its offset; a time without one is rejected"
EXAMPLE = "format: incident-record/1\nincident:\n  incident_id: INC-1"
SEVERITIES: tuple[str, ...] = ()
DURATIONS: Mapping[str, VendorDuration] = {}
COLUMNS: Mapping[str, str] = {
    "incident": "incidents",
    "times": "events (kind milestone)",
    "timeline": "events",
    "people": "people",
    "roles": "participants",
    "impacts": "impacts",
    "actions": "actions",
    "learnings": "learnings",
    "conflicts": "findings (check sources_differ)",
    "findings": "findings",
}
MAX_BYTES = 5_000_000

_HEAD = re.compile(rb"^format:[ \t]*[\"']?incident-record/", re.MULTILINE)
_COUNT = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?|-?\.inf")
_FLAGS = {"true": True, "false": False}
# References are texts through and through: a title such as 1984 or a date is no number.
_TEXTS_ONLY = ("references",)


def recognises(head: bytes) -> bool:
    """A line ``format: incident-record/…`` at the left margin."""
    return _HEAD.search(head) is not None


def read(path: Path, *, time_zone: str | None = None) -> Records:
    """Read one record file.

    Args:
        path: the file.
        time_zone: not used; a record's times carry their offset.

    Raises:
        SourceError: it is too large, no YAML, or breaks the layout; the message lists every fault with its line.
    """
    path = Path(path)
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise SourceError(f"{path} has {size} bytes; a record has at most {MAX_BYTES}")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(f"{path} is not UTF-8 text: byte {error.start} cannot be read") from error
    reading = _Reading(origin(NAME, path))
    tables = reading.tables_of(parse(text, where=str(path)))
    if reading.faults:
        listed = "\n".join(f"  - {fault}" for fault in reading.faults)
        raise SourceError(f"{path} breaks the record layout in {len(reading.faults)} place(s):\n{listed}")
    return Records.build(policies=None, **{name: tables[name] for name in TABLES if name in tables})


class _MisfitError(ValueError):
    """A value that does not fit its column; the message says what was expected."""


@dataclass(slots=True)
class _Reading:
    """One file being read: the faults met so far, and what every row takes over from the file."""

    source: str
    incident_id: str | None = None
    faults: list[str] = field(default_factory=list)

    def tables_of(self, root: Node) -> dict[str, list[dict[str, object]]]:
        """The rows of every table that the file fills."""
        sections = self._sections(root)
        tables: dict[str, list[dict[str, object]]] = {"incidents": [self._incident(sections.get("incident"), root)]}
        events = list(self._times(sections.get("times")))
        for section, name in ROWS.items():
            rows = [
                self._row(node, TABLES[name], f"{section} entry {i}") for i, node in self._entries(sections, section)
            ]
            tables.setdefault(name, []).extend(rows)
        for i, event in enumerate(tables["events"], 1):
            event.setdefault("sequence", i)
        tables["events"] = [self._with_latest(event) for event in events + tables["events"]]
        tables["learnings"] = list(self._learnings(sections.get("learnings")))
        conflicts = [self._conflict(node, i) for i, node in self._entries(sections, "conflicts")]
        tables["findings"] = conflicts + tables["findings"]
        return tables

    def _fault(self, place: str, line: int, problem: str) -> None:
        self.faults.append(f"{place}, line {line}: {problem}")

    def _sections(self, root: Node) -> dict[str, Node]:
        if not isinstance(root.value, dict):
            self._fault("the file", root.line, f"expected a mapping of {', '.join(SECTIONS)}; found {root.kind}")
            return {}
        for key in root.value:
            if key not in SECTIONS:
                near = did_you_mean(key, SECTIONS)
                problem = f"unknown section {key!r}; expected one of {', '.join(SECTIONS)}.{near}"
                self._fault("the file", root.key_lines[key], problem)
        said = root.value.get("format")
        if said is None or said.value != FORMAT:
            found = "nothing" if said is None else repr(said.value)
            self._fault("format", said.line if said else root.line, f"expected {FORMAT!r}; found {found}")
        return root.value

    def _incident(self, node: Node | None, root: Node) -> dict[str, object]:
        row = self._row(node or Node(root.line, {}), TABLES["incidents"], "incident")
        found = row.get("incident_id")
        if not isinstance(found, str) or not found:
            self._fault("incident", (node or root).line, "key 'incident_id' is missing; expected the identifier")
        self.incident_id = str(found)
        return row

    def _times(self, node: Node | None) -> Iterator[dict[str, object]]:
        if node is None or node.value is None:
            return
        if not isinstance(node.value, dict):
            self._fault("times", node.line, f"expected a mapping of clock points; found {node.kind}")
            return
        for point, inner in node.value.items():
            if point not in CLOCK_POINTS:
                problem = f"unknown clock point {point!r}; expected one of {', '.join(CLOCK_POINTS)}."
                self._fault("times", node.key_lines[point], problem + did_you_mean(point, CLOCK_POINTS))
            entries = inner.value if isinstance(inner.value, list) else [inner]
            for entry in entries:
                yield self._time(entry, point)

    def _time(self, node: Node, point: str) -> dict[str, object]:
        """A clock point: an ISO text, a mapping, or nothing, which says that it is known to be unknown."""
        place = f"times.{point}"
        if isinstance(node.value, str):
            row = self._row(Node(node.line, {"at": node}, key_lines={"at": node.line}), TABLES["events"], place)
        elif node.value is None:
            row = self._row(Node(node.line, {}), TABLES["events"], place) | {"basis": "unknown"}
        else:
            row = self._row(node, TABLES["events"], place, implied=IMPLIED["times"])
        return row | {"kind": "milestone", "field": point}

    def _learnings(self, node: Node | None) -> Iterator[dict[str, object]]:
        if node is None or node.value is None:
            return
        known = TABLES["learnings"]["category"].vocabulary
        if not isinstance(node.value, dict):
            self._fault("learnings", node.line, f"expected a mapping of {', '.join(known)}; found {node.kind}")
            return
        for category in node.value:
            if category not in known:
                problem = f"unknown key {category!r}; expected one of {', '.join(known)}."
                self._fault("learnings", node.key_lines[category], problem + did_you_mean(category, known))
            for i, entry in self._entries(node.value, category, f"learnings.{category}"):
                is_text = isinstance(entry.value, str)
                mapping = Node(entry.line, {"text": entry}, key_lines={"text": entry.line}) if is_text else entry
                place = f"learnings.{category} entry {i}"
                yield self._row(mapping, TABLES["learnings"], place, implied=IMPLIED["learnings"]) | {
                    "category": category
                }

    def _conflict(self, node: Node, i: int) -> dict[str, object]:
        if not isinstance(node.value, str):
            self._fault(f"conflicts entry {i}", node.line, f"expected a text; found {node.kind}")
        about = {"check": "sources_differ", "severity": "info", "message": node.value}
        return {"incident_id": self.incident_id, "source": self.source, **about}

    def _entries(self, sections: Mapping[str, Node], section: str, place: str = "") -> Iterator[tuple[int, Node]]:
        node = sections.get(section)
        if node is None or node.value is None:
            return
        if not isinstance(node.value, list):
            self._fault(place or section, node.line, f"expected a list; found {node.kind}")
            return
        yield from enumerate(node.value, 1)

    def _row(
        self, node: Node, table: Table, place: str, *, implied: tuple[str, ...] = ("incident_id",)
    ) -> dict[str, object]:
        """A mapping as a row; the incident and the source come from the file unless the row has its own."""
        row: dict[str, object] = {"source": self.source}
        names = [c for c in table.column_names if c not in implied or table.name in ("incidents", "findings")]
        if table.name not in ("incidents", "people"):
            row["incident_id"] = self.incident_id
        if not isinstance(node.value, dict):
            self._fault(
                place, node.line, f"expected a mapping with keys such as {', '.join(names[:4])}; found {node.kind}"
            )
            return row
        for key, inner in node.value.items():
            if key not in names:
                near = did_you_mean(key, names) or f" Expected one of {', '.join(names)}."
                self._fault(place, node.key_lines[key], f"unknown key {key!r}.{near}")
                continue
            row[key] = self._cell(inner, table[key], f"{place}.{key}")
        for column in table.columns:
            if (
                column.is_required
                and column.name in names
                and row.get(column.name) is None
                and table.name != "incidents"
            ):
                self._fault(place, node.line, f"key {column.name!r} is missing; it says: {column.meaning}")
        return row

    def _cell(self, node: Node, column: Column, place: str) -> object:
        """A value in its column's type; one that does not fit is a fault and stays missing."""
        if node.value is None:
            return None
        try:
            match column.kind:
                case "items":
                    return _items_of(node, column)
                case "extra":
                    return _extra_of(node)
            if not isinstance(node.value, str):
                raise _MisfitError("expected a text")
            return _scalar_of(node.value, column)
        except ValueError as error:
            found = repr(node.value[:80]) if isinstance(node.value, str) else node.kind
            self._fault(place, node.line, f"{error}; found {found}")
            return None

    def _with_latest(self, event: dict[str, object]) -> dict[str, object]:
        """An hour or a day is an interval: its end is added unless the file says another one."""
        return (
            event if "at_latest" in event else event | {"at_latest": latest_of(event.get("at"), event.get("precision"))}
        )


def _scalar_of(text: str, column: Column) -> object:
    match column.kind:
        case "instant":
            return instant_of(text)
        case "number":
            if not _NUMBER.fullmatch(text):
                raise _MisfitError("expected a number")
            return float(text.replace(".inf", "inf"))
        case "count":
            if not _COUNT.fullmatch(text):
                raise _MisfitError("expected a whole number")
            return int(text)
        case "flag":
            if text.lower() not in _FLAGS:
                raise _MisfitError("expected true or false")
            return _FLAGS[text.lower()]
        case _:
            return text


def _items_of(node: Node, column: Column) -> list[object]:
    if not isinstance(node.value, list):
        raise _MisfitError("expected a list")
    items: list[object] = []
    for inner in node.value:
        if isinstance(inner.value, str):
            items.append(inner.value)
        elif isinstance(inner.value, dict):
            is_texts = column.name in _TEXTS_ONLY
            items.append(
                {k: v.value if is_texts and isinstance(v.value, str) else plain(v) for k, v in inner.value.items()}
            )
        else:
            raise _MisfitError(f"expected texts or mappings in the list, not {inner.kind} (line {inner.line})")
    return items


def _extra_of(node: Node) -> dict[str, object]:
    if not isinstance(node.value, dict):
        raise _MisfitError("expected a mapping")
    return {key: plain(inner) for key, inner in node.value.items()}
