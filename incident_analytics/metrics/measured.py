"""The rows in which a measured duration is handed on: one shape for every metric."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import UsageError
from ..schema import DTYPES
from ..stats.intervals import MISSING, Micros, spans, whole_micros

Flags: TypeAlias = npt.NDArray[np.bool_]
Texts: TypeAlias = npt.NDArray[np.object_]

_FROM_STRONG_TO_WEAK = ("recorded", "overridden", "derived", "second", "minute", "hour", "day")


def as_micros(as_of: pd.Timestamp) -> int:
    """The end of the data in microseconds; the number of ``NaT`` when there is none.

    Raises:
        UsageError: the instant has no time zone.
    """
    if not pd.isna(as_of) and as_of.tzinfo is None:
        raise UsageError(f"as_of must carry a time zone, such as 2026-01-31T09:30:00Z, found {as_of.isoformat()!r}")
    return whole_micros(as_of)


def instants(numbers: Micros) -> pd.DatetimeIndex:
    """Microseconds as instants in UTC."""
    return pd.DatetimeIndex(numbers.view("datetime64[us]"), tz="UTC")


def measured_rows(
    ids: pd.Index,
    metric: str,
    *,
    value: Micros,
    low: Micros,
    high: Micros,
    is_open: Flags,
    start_point: object,
    end_point: object,
    start_at: Micros,
    end_at: Micros,
    reason: Texts,
    basis: object,
    precision: object,
    note: Texts,
) -> pd.DataFrame:
    """One metric of all incidents with the columns of ``build_measurements``; an empty text means there is none."""
    columns = {
        "incident_id": ids.array,
        "metric": metric,
        "value": spans(value),
        "low": spans(low),
        "high": spans(high),
        "is_interval": pd.array((value != MISSING) & (low != high), dtype=DTYPES["flag"]),
        "is_open": pd.array(is_open, dtype=DTYPES["flag"]),
        "start_point": start_point,
        "end_point": end_point,
        "start_at": instants(start_at),
        "end_at": instants(end_at),
        "reason": pd.Series(reason, dtype="object").replace("", None),
        "basis": basis,
        "precision": precision,
        "note": pd.Series(note, dtype="object").replace("", None),
    }
    words = ("metric", "start_point", "end_point", "reason", "basis", "precision", "note")
    return pd.DataFrame(columns).astype(dict.fromkeys(words, "str"))


def words_at(words: Sequence[str], places: npt.NDArray[np.integer]) -> pd.api.extensions.ExtensionArray:
    """The word at each place, missing at -1."""
    return pd.array(list(words), dtype="str").take(places, allow_fill=True)


def weaker(first: pd.Series, second: pd.Series, *, is_both: Flags, is_first: Flags) -> pd.api.extensions.ExtensionArray:
    """The weaker basis, or the coarser precision, of two points; of the first alone where only that one is used.

    Where one of two is not known, or neither is used, there is none.
    """
    one, two = (pd.Categorical(words, categories=_FROM_STRONG_TO_WEAK).codes for words in (first, second))
    both = np.where((one >= 0) & (two >= 0), np.maximum(one, two), -1)
    codes = np.where(is_both, both, np.where(is_first, one, -1))
    return words_at(_FROM_STRONG_TO_WEAK, codes)
