"""Records written as our record file: only what the reader would not know by itself."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ..errors import DataError
from ..records import Records
from ..schema import CLOCK_POINTS, TABLES
from ._contract import origin
from ._record_layout import FORMAT, IMPLIED, NAME, ROWS, SECTIONS, latest_of
from ._yaml import dump


def write_record(records: Records, incident_id: str, path: str | Path) -> Path:
    """Write one incident as a record file; reading it gives back every table but the logs.

    Rows come in the order of the layout: clock points before the rest of the timeline, conflicts before the other
    findings, learnings by category. The same incident gives the same bytes.

    Args:
        records: a bundle that holds the incident; people are those that take part in it.
        incident_id: the incident.
        path: the file to write; an existing one is replaced.

    Returns:
        The path.

    Raises:
        UsageError: the bundle holds no such incident.
        DataError: a cell holds what a record cannot say, such as a learning in an unknown category.
    """
    path = Path(path)
    one = records.select(incident_id)
    writing = _Writing(origin(NAME, path), incident_id)
    path.write_text(dump(writing.tree_of(one)), encoding="utf-8", newline="\n")
    return path


@dataclass(frozen=True, slots=True)
class _Writing:
    """One record being written: what the reader will take over from the file, and so need not be said."""

    source: str
    incident_id: str

    def tree_of(self, one: Records) -> dict[str, object]:
        """The whole file as nested mappings, empty sections left out."""
        is_time = (one.events["kind"] == "milestone") & one.events["field"].isin(list(CLOCK_POINTS))
        is_time &= one.events["sequence"].isna()
        # The reader finds unknown words anew, and counts the rows anew.
        findings = one.findings[(one.findings["check"] != "unknown_word") | one.findings["source"].notna()]
        is_conflict = self._conflicts(findings)
        tree: dict[str, object] = {
            "format": FORMAT,
            "incident": self._entry(next(_rows(one.incidents)), "incidents"),
            "times": self._times(one.events[is_time]),
            "timeline": self._timeline(one.events[~is_time]),
        }
        for section, name in ROWS.items():
            if section not in ("timeline", "findings"):
                tree[section] = [self._entry(row, name) for row in _rows(getattr(one, name))]
        tree["learnings"] = self._learnings(one.learnings)
        tree["conflicts"] = [str(m) for m in findings.loc[is_conflict, "message"]]
        tree["findings"] = [self._entry(row, "findings") for row in _rows(findings[~is_conflict])]
        return {section: tree[section] for section in SECTIONS if tree[section]}

    def _conflicts(self, findings: pd.DataFrame) -> pd.Series:
        is_conflict = (findings["check"] == "sources_differ") & (findings["severity"] == "info")
        is_bare = findings[["table", "row", "raw"]].isna().all(axis=1)
        return is_conflict & is_bare & (findings["source"] == self.source)

    def _times(self, events: pd.DataFrame) -> dict[str, object]:
        points: dict[str, list[object]] = {}
        for row in _rows(events):
            entry: object = self._entry(row, "events", implied=IMPLIED["times"])
            if isinstance(entry, dict) and list(entry) == ["at"]:
                entry = entry["at"]
            elif entry == {"basis": "unknown"}:
                entry = None
            points.setdefault(str(row["field"]), []).append(entry)
        # One entry stands for itself; an empty list would lose a clock point, so it never occurs.
        return {point: entries[0] if len(entries) == 1 else entries for point, entries in points.items()}

    def _timeline(self, events: pd.DataFrame) -> list[object]:
        entries: list[object] = []
        for i, row in enumerate(_rows(events), 1):
            entry = self._entry(row, "events")
            said = entry.pop("sequence", None)
            entries.append(entry if said == i else entry | {"sequence": said})
        return entries

    def _learnings(self, learnings: pd.DataFrame) -> dict[str, object]:
        known = TABLES["learnings"]["category"].vocabulary
        lists: dict[str, list[object]] = {category: [] for category in known}
        for row in _rows(learnings):
            category = str(row["category"])
            if category not in lists:
                raise DataError(f"learnings.category holds {category!r}; a record has {', '.join(known)}")
            entry = self._entry(row, "learnings", implied=IMPLIED["learnings"])
            lists[category].append(entry["text"] if list(entry) == ["text"] else entry)
        return {category: entries for category, entries in lists.items() if entries}

    def _entry(
        self, row: Mapping[str, object], name: str, *, implied: tuple[str, ...] = ("incident_id",)
    ) -> dict[str, object]:
        """A row as a mapping of what the reader would not know by itself; ``null`` denies what it would assume."""
        assumed: dict[str, object] = {"source": self.source}
        if name == "findings":
            assumed["incident_id"] = self.incident_id
        elif name != "incidents":
            row = {key: value for key, value in row.items() if key not in implied}
        if name == "events":
            assumed["at_latest"] = latest_of(row["at"], row["precision"])
        entry: dict[str, object] = {}
        for column in TABLES[name].columns:
            if column.name not in row:
                continue
            value, default = row[column.name], assumed.get(column.name)
            is_missing = _is_missing(value)
            if is_missing and default is None:
                continue
            if is_missing or value != default:
                entry[column.name] = None if is_missing else _written(value)
        return entry


def _rows(frame: pd.DataFrame) -> Iterator[dict[str, object]]:
    for row in frame.to_dict("records"):
        yield {str(key): value for key, value in row.items()}


def _is_missing(value: object) -> bool:
    if isinstance(value, (list, dict)):
        return not value
    return value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and math.isnan(value))


def _written(value: object) -> object:
    if isinstance(value, dt.datetime):
        text = value.astimezone(dt.UTC).isoformat()
        return text.replace("+00:00", "Z")
    return value
