"""The records of a PagerDuty export: those of usual shapes in columns, the others as they are told one by one.

An identifier that several records have is looked into: what repeats an earlier record word for word is read once, and
any others that share one are told one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa

from ..schema import frame_of
from ._export import Export, Row, identified
from ._json_cells import Alike
from ._pagerduty_entry_columns import EntryColumns
from ._pagerduty_incident_columns import IncidentColumns
from ._pagerduty_told import Told

Sort: TypeAlias = Literal["entries", "incidents"]
Placed: TypeAlias = tuple[int, Row | None]
"""A record with the item of the file that it stands in; None in place of one that repeats an earlier one."""


@dataclass(slots=True)
class Columns:
    """The columns of a file, and the places of what is told beside them."""

    export: Export
    entries: EntryColumns = field(init=False)
    incidents: IncidentColumns = field(init=False)
    _incident_items: list[int] = field(default_factory=list)
    _event_items: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.entries, self.incidents = EntryColumns(self.export), IncidentColumns(self.export)

    def take_usual(self, sort_of: Callable[[Alike, str], Sort | None]) -> list[Placed]:
        """Put the records of usual shapes into columns; the others come back, in the order of the file.

        Args:
            sort_of: what records are, given the name of their list; None where they have no columns.

        Raises:
            IrregularError: the file must be read as a whole.
        """
        split = self.export.split
        assert split is not None
        others: list[int] = []
        for records in split.alike():
            if isinstance(records, list):
                others += records
                continue
            sort = sort_of(records, split.stream)
            take = {"entries": self.entries.take_alike, "incidents": self.incidents.take_alike, None: _places_of}[sort]
            others += take(records).tolist()
        rows: list[Placed] = [(item, row) for item in sorted(others) for row in self.export.rows_at(item)]
        return self._with_shared(rows)

    def _with_shared(self, rows: list[Placed]) -> list[Placed]:
        """Rows to be told, and besides them those of usual shapes that have an identifier of others."""
        usual = pa.concat_tables([self.entries.identifiers(), self.incidents.identifiers()]).to_pandas()
        told = {identified(row.value.get("id")) for _, row in rows if row is not None} - {None}
        is_shared = usual["id"].duplicated(keep=False) | usual["id"].isin(told)
        if not is_shared.any():
            return rows
        split = self.export.split
        assert split is not None
        repeats, others = [], []
        for identifier, items in usual[is_shared].sort_values("item").groupby("id")["item"]:
            first, *later = items.tolist()
            if identifier not in told and len({bytes(split.items[item]) for item in (first, *later)}) == 1:
                repeats += later
            else:
                others += [first, *later]
        left = np.array([*repeats, *others])
        self.entries.leave(left)
        self.incidents.leave(left)
        shared = [(item, None) for item in repeats] + [(item, split.row(item)) for item in others]
        return sorted([*rows, *shared], key=lambda pair: pair[0])

    def in_turn(self, told: Told, rows: Iterable[Placed]) -> Iterator[Row]:
        """The records that are told one by one; where each stands is kept with what is told of it."""
        for item, row in rows:
            self.entries.item = item
            if row is None:
                self.export.count_repeated()
            else:
                yield row
            self._incident_items += [item] * (len(told.incidents) - len(self._incident_items))
            self._event_items += [item] * (len(told.events) - len(self._event_items))

    def tables(self, told: Told) -> tuple[pd.DataFrame, pd.DataFrame]:
        """All incidents in the order of the file; their own events so too, then those of log entries by incident."""
        n_told = len(told.events)
        usual, usual_numbers, numbers = self.entries.events(told)
        told.rank()
        described, opened = self.incidents.tables(told.ranks)
        incidents = _ordered((frame_of("incidents", told.incidents), self._incident_items), described)
        events = _ordered(
            (
                frame_of("events", told.events),
                [*self._event_items, *([0] * len(numbers))],
                [*([-1] * n_told), *numbers],
            ),
            (*opened, np.full(len(opened[0]), -1)),
            (usual, np.zeros(len(usual)), usual_numbers),
        )
        return incidents, events


def _places_of(records: Alike) -> np.ndarray:
    return records.places


def _ordered(*parts: tuple[pd.DataFrame, *tuple[Iterable[int], ...]]) -> pd.DataFrame:
    """Parts of a table as one, by the last of the keys of each row, then by those before it."""
    filled = [part for part in parts if len(part[0])] or list(parts[:1])
    if len(filled) == 1:
        return filled[0][0]
    frames, *keys = zip(*filled, strict=True)
    order = np.lexsort([np.concatenate([np.asarray(key) for key in each]) for each in keys])
    return pd.concat(frames, ignore_index=True).iloc[order].reset_index(drop=True)
