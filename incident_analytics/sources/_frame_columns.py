"""Arrays as columns of our tables, in the dtypes of the schema, and what is asked of whole columns of texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc


def taken(cells: Any, places: np.ndarray) -> pd.Series:
    """The texts of a column of Arrow at some places."""
    return pd.Series(pd.array(cells.take(pa.array(places)), dtype="str"))


def texts(cells: Sequence[str | None], places: np.ndarray) -> pd.Series:
    """The texts of a list at some places."""
    return taken(pa.array(cells, pa.large_string()), places)


def always(text: str, n: int) -> pd.Series:
    """The same text everywhere."""
    return texts([text], np.zeros(n, dtype="int64"))


def instants(microseconds: np.ndarray) -> pd.Series:
    """Instants of microseconds since 1970."""
    return pd.Series(pd.DatetimeIndex(microseconds.view("datetime64[us]"), tz="UTC"))


def flags(is_set: np.ndarray, is_known: np.ndarray) -> pd.Series:
    """What is so, where it is known."""
    return pd.Series(pd.arrays.BooleanArray(is_set, ~is_known))


def objects(cells: Sequence[object], places: np.ndarray) -> pd.Series:
    """Objects of a list at some places."""
    return pd.Series(np.fromiter(cells, dtype="object", count=len(cells))[places], dtype="object")


def is_among(values: pd.Series, known: Iterable[str]) -> pd.Series:
    """Whether each text is among the known ones; a missing one is not."""
    wanted = pa.array(known, pa.large_string(), from_pandas=True)
    found = pc.is_in(pa.array(values, pa.large_string(), from_pandas=True), value_set=wanted, skip_nulls=True)
    return pd.Series(found.to_numpy(zero_copy_only=False), index=values.index)
