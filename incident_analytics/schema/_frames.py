"""Tables made of rows: empty ones, those of dicts, and the rows of the findings."""

from __future__ import annotations

import datetime as dt
import functools
import itertools
from collections.abc import Iterable
from typing import Literal

import pandas as pd
import pyarrow as pa

from ._columns import DTYPES, Kind
from ._conform import conform
from ._tables import table


def empty(name: str) -> pd.DataFrame:
    """The table ``name`` with no rows and the right dtypes."""
    return _empty(name).copy(deep=False)


@functools.cache
def _empty(name: str) -> pd.DataFrame:
    return conform(name, pd.DataFrame())


def frame_of(name: str, rows: Iterable[dict[str, object]]) -> pd.DataFrame:
    """Make the table ``name`` of dicts; keys are column names, absent keys are missing values."""
    listed = list(rows)
    if not listed:
        return empty(name)
    columns = dict.fromkeys(itertools.chain.from_iterable(listed))
    kinds = {column.name: column.kind for column in table(name).columns}
    data = {c: _column([row.get(c) for row in listed], kinds.get(c)) for c in columns}
    return conform(name, pd.DataFrame(data))


def finding(
    check: str,
    severity: Literal["error", "warning", "info"],
    message: str,
    *,
    incident_id: str | None = None,
    table: str | None = None,
    row: object = None,
    raw: str | None = None,
    source: str | None = None,
) -> dict[str, object]:
    """One row of the findings table as a dict, for ``frame_of('findings', ...)``."""
    return {
        "incident_id": incident_id,
        "table": table,
        "row": None if row is None else str(row),
        "check": check,
        "severity": severity,
        "message": message,
        "raw": raw,
        "source": source,
    }


def unknown_words(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Findings for words outside a column's vocabulary; the words themselves stay as they are."""
    rows = []
    for column in table(name).columns:
        if not column.vocabulary or column.name not in frame.columns:
            continue
        # Nearly always every word is known: the few there are tell that much faster than the rows.
        if set(frame[column.name].dropna().unique()) <= set(column.vocabulary):
            continue
        strange = frame[column.name].dropna()
        strange = strange[~strange.isin(column.vocabulary)]
        for word, group in strange.groupby(strange):
            ids = (
                frame.loc[group.index, "incident_id"].dropna()
                if "incident_id" in frame.columns
                else pd.Series(dtype="str")
            )
            rows.append(
                finding(
                    "unknown_word",
                    "warning",
                    f"{name}.{column.name} holds {str(word)!r} in {len(group)} row(s); "
                    f"expected one of {', '.join(column.vocabulary)}. Kept as it is.",
                    incident_id=str(ids.iloc[0]) if len(set(ids)) == 1 else None,
                    table=name,
                    row=group.index[0],
                )
            )
    return frame_of("findings", rows)


def _column(cells: list[object], kind: Kind | None) -> pd.Series:
    """The cells of a column: in its dtype where all of them fit without a doubt, else as they are."""
    # Nearly every column fits, and is made at once; every other goes to conform, which says what is wrong with it.
    types = set(map(type, cells)) - {type(None)}
    try:
        if kind in ("text", "word") and types <= {str}:
            return pd.Series(pd.array(pa.array(cells, pa.large_string()), dtype="str"))
        if kind == "flag" and types <= {bool}:
            return pd.Series(pd.array(cells, dtype="boolean"))
        # Arrow takes a time without a zone for one of UTC, which would be a guess.
        if kind == "instant" and types == {dt.datetime} and not any(map(_is_zoneless, cells)):
            return pd.Series(pa.array(cells, pa.timestamp("us", "UTC")).to_pandas()).astype(DTYPES["instant"])
    except (pa.ArrowException, UnicodeError, OverflowError):
        pass
    return pd.Series(cells, dtype="object")


def _is_zoneless(cell: object) -> bool:
    return isinstance(cell, dt.datetime) and cell.tzinfo is None
