"""Incidents by the hundred thousand: those of the usual shapes go straight into columns.

An incident is of a usual shape when its times are plain and nothing of the response is listed in it, as in nearly every
one that is over; it is told as :mod:`incident_analytics.sources._pagerduty_incidents` tells it. A test holds the two
together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ..schema import conform
from ._export import Export, is_known, text_of, texts_at
from ._frame_columns import always, flags, instants, objects, taken, texts
from ._json_cells import Alike, as_objects
from ._pagerduty_incidents import ENDED, INCIDENT, LISTED, NAMED, OPENED, PRIORITY, TAKEN, kind_of, status_of
from ._pagerduty_told import ranked
from ._plain_times import plain_times

_AS_WRITTEN = {ours: theirs for theirs, ours in INCIDENT.items() if ours not in ("status", "declared", "resolved")}
_WORDS = ("kind", "field", "basis", "precision", "note", "source_ref")
_STATED = {"basis": "stated", "precision": "second"}
_EVENTS: tuple[dict[str, Any], ...] = (
    {**_STATED, "kind": "status", **OPENED},
    {**_STATED, "kind": "milestone", **ENDED},
    {"kind": "severity", "source_ref": "priority", **PRIORITY},
)
_OPENED, _ENDED, _RANKED = range(3)

_NO_INCIDENTS = pa.table(
    {name: pa.array([], pa.int64()) for name in ("item", "began", "ended")}
    | {"is_over": pa.array([], pa.bool_())}
    | {name: pa.array([], pa.large_string()) for name in (*_AS_WRITTEN, "status", "kind")}
)


@dataclass(slots=True)
class IncidentColumns:
    """The incidents of a file that are of usual shapes."""

    export: Export
    # By incident: its item, its times, its cells; what else is said of it, and of its priority.
    _tables: list[pa.Table] = field(default_factory=lambda: [_NO_INCIDENTS])
    _extras: list[dict[str, object]] = field(default_factory=list)
    _ranks: list[Mapping[str, object]] = field(default_factory=list)

    def take_alike(self, records: Alike) -> np.ndarray:
        """Put incidents of one sort into the columns; the places of those that are of no usual shape come back."""
        (is_plain, began), (is_ended, ended) = (
            plain_times(records[key].values) for key in ("created_at", "resolved_at")
        )
        is_over = records["status"].flags(lambda status: text_of(status) == "resolved")
        has_no_end = records["resolved_at"].flags(lambda written: text_of(written) is None)
        is_usual = records["id"].flags(is_known) & is_plain[records["created_at"].codes]
        is_usual &= np.where(is_over, is_ended[records["resolved_at"].codes], has_no_end)
        for key in LISTED:
            is_usual &= records[key].flags(lambda listed: listed is None or listed == [])
        if is_usual.any():
            kept = records.only(is_usual)
            cells = {ours: texts_at(kept, theirs) for ours, theirs in _AS_WRITTEN.items()}
            table = {
                "item": kept.places,
                "began": began[kept["created_at"].codes],
                "ended": ended[kept["resolved_at"].codes],
                "is_over": is_over[is_usual],
                **cells,
                "status": kept["status"].texts(status_of),
                "kind": kept["incident_type"].part("name").texts(kind_of),
            }
            self._tables.append(pa.table(table))
            named = [(key, kept[key].part(name)) for key, name in NAMED.items()]
            self._extras += kept.leftover(TAKEN, named).copies()
            self._ranks += kept["priority"].objects(ranked).tolist()
        unusual: np.ndarray = records.places[~is_usual]
        return unusual

    def identifiers(self) -> pa.Table:
        """Item and identifier of the incidents that are of a usual shape so far."""
        table = pa.concat_tables(self._tables)
        return pa.table({"item": table["item"], "id": table["incident_id"]})

    def leave(self, items: np.ndarray) -> None:
        """Take the incidents of some items out of the columns."""
        table = pa.concat_tables(self._tables)
        is_kept = ~np.isin(table["item"].to_numpy(), items)
        self._tables = [table.filter(pa.array(is_kept))]
        self._extras, self._ranks = (as_objects(each)[is_kept].tolist() for each in (self._extras, self._ranks))

    def tables(
        self, ranks: Mapping[str, object]
    ) -> tuple[tuple[pd.DataFrame, np.ndarray], tuple[pd.DataFrame, np.ndarray]]:
        """Their rows and their events, in the order of the file, each with the item that it stands in.

        Args:
            ranks: number by the name of a priority, where the file ranks them.
        """
        table = pa.concat_tables(self._tables).combine_chunks()
        items = table["item"].to_numpy()
        order = np.argsort(items)
        return (self._rows(table, order), items[order]), self._events(table, items, order, ranks)

    def _rows(self, table: pa.Table, order: np.ndarray) -> pd.DataFrame:
        fixed = {"visibility": "internal", "time_zone": "UTC", "source": self.export.source}
        columns = {
            **{name: taken(table[name], order) for name in (*_AS_WRITTEN, "status", "kind") if name != "new"},
            **{name: always(word, len(order)) for name, word in fixed.items()},
            "extra": objects(self._extras, order),
        }
        return conform("incidents", pd.DataFrame(columns))

    def _events(
        self, table: pa.Table, items: np.ndarray, order: np.ndarray, ranks: Mapping[str, object]
    ) -> tuple[pd.DataFrame, np.ndarray]:
        """What is told of each: that it was opened, that it is over, and its priority."""
        has_event = (np.ones(len(items), dtype=bool), table["is_over"].to_numpy(), table["new"].is_valid().to_numpy())
        of = np.concatenate([order[has[order]] for has in has_event])
        fact = np.repeat(np.arange(len(_EVENTS)), [int(has.sum()) for has in has_event])
        turn = np.lexsort((fact, items[of]))
        of, fact = of[turn], fact[turn]
        is_ranked = fact == _RANKED
        at = np.where(fact == _OPENED, table["began"].to_numpy()[of], table["ended"].to_numpy()[of])
        at[is_ranked] = np.iinfo("int64").min  # when the priority was set is not known
        said = pa.array([each.get("new") for each in _EVENTS], pa.large_string()).take(pa.array(fact))
        new = pc.if_else(pa.array(is_ranked), table["new"].combine_chunks().take(pa.array(of)), said)
        extra: list[dict[str, object]] = [{} for _ in of]
        for place in np.flatnonzero(is_ranked).tolist():
            name = new[place].as_py()
            extra[place] = ({"severity_rank": ranks[name]} if name in ranks else {}) | dict(self._ranks[of[place]])
        columns = {
            "incident_id": taken(table["incident_id"], of),
            "at": instants(at),
            "new": pd.Series(pd.array(new, dtype="str")),
            **{name: texts([each.get(name) for each in _EVENTS], fact) for name in _WORDS},
            "is_automatic": flags(fact == _OPENED, fact == _OPENED),
            "source": always(self.export.source, len(of)),
            "extra": objects(extra, np.arange(len(of))),
        }
        return conform("events", pd.DataFrame(columns)), items[of]
