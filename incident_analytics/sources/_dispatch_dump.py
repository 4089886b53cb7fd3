"""A PostgreSQL dump of Dispatch as the records that its API would give: rows put together by their keys, per schema.

A dump may hold schemas of different ages of the same tables; a column that an older one lacks is missing there.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import SourceError
from ._copy_text import copied_rows
from ._export import Export, Row

_NEEDED = (
    "incident", "event", "incident_priority", "incident_severity", "incident_type", "incident_cost",
    "incident_cost_type", "participant", "participant_role", "individual_contact", "task", "ticket", "report", "project",
)  # fmt: skip
_HANGING = ("event", "incident_cost", "participant", "report", "task", "ticket")
_KNOWN = re.compile(rb"^COPY (?:\S+\.)?(?:incident|incident_priority|participant_role) \(", re.MULTILINE)
_BLOCK = re.compile(rb"^COPY \S*dispatch_\S*\.\S+ \(.*\) FROM stdin;", re.MULTILINE)
_ROLE = re.compile(r"(.+) added to incident with (.+) role")
_FLAGS = {"t": True, "f": False}

Rows = dict[str, dict[str, Any]]


def is_dump(head: bytes) -> bool:
    """Whether a file begins like a dump of Dispatch. Never raises."""
    return b"FROM stdin;" in head and bool(_KNOWN.search(head) or _BLOCK.search(head))


def records_of_dump(path: Path, export: Export) -> Iterator[Row]:
    """One record per incident, as the API nests it; a row that cannot be read is set aside.

    Raises:
        SourceError: the file cannot be opened.
    """
    try:
        with path.open(encoding="utf-8", errors="backslashreplace", newline="\n") as lines:
            schemas = _tables(lines, export)
    except OSError as error:
        raise SourceError(f"{path} cannot be opened: {error.strerror or error}") from error
    for schema, tables in schemas.items():
        whole = _Schema(schema, tables)
        for table in whole.loose():
            export.count(
                "other_stream", f"{{n}} row(s) of the table {table!r} hang on no incident of the dump; left out"
            )
        for place, incident in tables["incident"].items():
            yield Row(place, whole.incident(incident), stream=schema)


def _tables(lines: Any, export: Export) -> dict[str, dict[str, Rows]]:
    """The rows of the tables that are needed, by schema, table and place."""
    schemas: dict[str, dict[str, Rows]] = defaultdict(lambda: {name: {} for name in _NEEDED})
    for row in copied_rows(lines):
        if row.table not in _NEEDED:
            export.count("other_stream", f"{{n}} row(s) of the table {row.table!r} were left out")
        elif row.cells is None:
            export.reject(row.place, row.raw, row.why)
        else:
            schemas[row.schema][row.table][row.place] = {k: v for k, v in row.cells.items() if k != "search_vector"}
    return schemas


class _Schema:
    """The tables of one schema, put together."""

    def __init__(self, name: str, tables: dict[str, Rows]) -> None:
        """Index the rows by the keys they are looked up by."""
        self._name = name
        self._by_id = {name: {row.get("id"): row for row in rows.values()} for name, rows in tables.items()}
        self._hanging: dict[tuple[str, object], list[dict[str, Any]]] = defaultdict(list)
        for table, rows in tables.items():
            for row in rows.values():
                holder = row.get("participant_id" if table == "participant_role" else "incident_id")
                self._hanging[table, holder].append(row)

    def loose(self) -> Iterator[str]:
        """The table of every row that hangs on no incident, such as those of cases."""
        for (table, holder), rows in self._hanging.items():
            if table in _HANGING and holder not in self._by_id["incident"]:
                yield from [table] * len(rows)

    def incident(self, row: dict[str, Any]) -> dict[str, Any]:
        """An incident with all that hangs on it."""
        mine = row.get("id")
        events = [self._event(each) for each in self._of(mine, "event")]
        made: dict[str, Any] = {key: value for key, value in row.items() if not key.endswith("_id")}
        for key in ("incident_priority", "incident_severity", "incident_type", "project"):
            named = self._by_id[key].get(row.get(f"{key}_id"), {})
            made[key] = {k: _FLAGS.get(str(v), v) if k == "exclude_from_metrics" else v for k, v in named.items()}
        made["participants"] = self._participants(mine, events)
        made["events"] = events
        made["tasks"] = [each | {"owner": self._individual_of(each.get("owner_id"))} for each in self._of(mine, "task")]
        made["incident_costs"] = [self._cost(each) for each in self._of(mine, "incident_cost")]
        made["reports"] = [each | {"details": _parsed(each.get("details"))} for each in self._of(mine, "report")]
        tickets = self._of(mine, "ticket")
        return made | ({"ticket": tickets[0]} if tickets else {})

    def _of(self, holder: object, table: str) -> list[dict[str, Any]]:
        """The rows of a table that hang on an incident, or on a participant."""
        return [] if holder is None else self._hanging[table, holder]

    def _event(self, row: dict[str, Any]) -> dict[str, Any]:
        individual = self._individual(row.get("individual_id"))
        return row | {"details": _parsed(row.get("details")), "individual": individual}

    def _cost(self, row: dict[str, Any]) -> dict[str, Any]:
        kind = self._by_id["incident_cost_type"].get(row.get("incident_cost_type_id"), {})
        return {"amount": _number(row.get("amount")), "incident_cost_type": kind}

    def _participants(self, incident: object, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Who took part in which roles; a dump without people names them only in the texts of its events."""
        made = []
        for row in self._of(incident, "participant"):
            roles = self._of(row.get("id"), "participant_role")
            made.append(
                row | {"participant_roles": roles, "individual": self._individual(row.get("individual_contact_id"))}
            )
        if len(made) == 1 and made[0]["individual"] and not made[0]["individual"].get("name"):
            told = {match[1] for each in events if (match := _ROLE.fullmatch(each.get("description") or ""))}
            if len(told) == 1:
                made[0]["individual"]["name"] = told.pop()
        return made

    def _individual(self, number: object) -> dict[str, Any] | None:
        if number is None:
            return None
        known = self._by_id["individual_contact"].get(number, {})
        # Each schema numbers its people anew.
        return known | {"id": f"{self._name}.{number}" if self._name else number}

    def _individual_of(self, participant: object) -> dict[str, Any] | None:
        row = self._by_id["participant"].get(participant)
        return self._individual(row.get("individual_contact_id")) if row else None


def _parsed(text: object) -> Any:
    """The document in a cell; the text itself when it is none."""
    if not isinstance(text, str):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return {"text": text}


def _number(text: object) -> object:
    """An amount as a number; what is none as it is."""
    is_one = isinstance(text, str) and re.fullmatch(r"-?[0-9]{1,15}(?:\.[0-9]{1,6})?", text)
    return float(str(text)) if is_one else text
