"""Reading the rows of a figure: which columns it needs, and cells as plain values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..errors import SchemaError, did_you_mean


def checked(rows: pd.DataFrame, figure: str, needed: Sequence[str]) -> pd.DataFrame:
    """The rows with a fresh index, once it is sure that all columns are there. A frame without rows needs none.

    Raises:
        SchemaError: names every missing column, and those there are.
    """
    missing = [name for name in needed if name not in rows.columns]
    if missing and len(rows):
        there = [str(name) for name in rows.columns]
        raise SchemaError(
            f"rows of {figure}",
            [
                f"column {name!r} is missing; there are: {', '.join(there)}.{did_you_mean(name, there)}"
                for name in missing
            ],
        )
    return rows.reset_index(drop=True)


def instants(rows: pd.DataFrame, name: str) -> pd.Series:
    """A column of instants in UTC; all NaT when the column is absent or holds nothing.

    Raises:
        SchemaError: the instants have no zone.
    """
    if name not in rows.columns or rows[name].isna().all():
        return pd.Series(pd.NaT, index=rows.index, dtype="datetime64[us, UTC]")
    given = rows[name]
    if isinstance(given.dtype, np.dtype) and given.dtype.kind == "M":
        raise SchemaError("rows of a figure", [f"column {name!r} has instants without a zone; expected UTC"])
    return pd.to_datetime(given, utc=True).dt.as_unit("us")


def spans(rows: pd.DataFrame, name: str) -> pd.Series:
    """A column of spans; all NaT when the column is absent or holds nothing."""
    if name not in rows.columns or rows[name].isna().all():
        return pd.Series(pd.NaT, index=rows.index, dtype="timedelta64[us]")
    return pd.to_timedelta(rows[name])


def texts(rows: pd.DataFrame, name: str) -> list[str]:
    """A column of texts; missing is an empty text. Lists are joined by commas."""
    if name not in rows.columns:
        return [""] * len(rows)
    return [_text(value) for value in rows[name]]


def _text(value: object) -> str:
    if isinstance(value, list | tuple | set | np.ndarray):
        return ", ".join(map(str, value))
    return "" if value is None or pd.isna(value) else str(value)


def flags(rows: pd.DataFrame, name: str) -> list[bool]:
    """A column of flags; missing counts as no."""
    if name not in rows.columns:
        return [False] * len(rows)
    return [bool(value) if not pd.isna(value) else False for value in rows[name]]


def numbers(rows: pd.DataFrame, name: str) -> pd.Series:
    """A column of numbers; NaN where missing, or everywhere when the column is absent."""
    if name not in rows.columns:
        return pd.Series(np.nan, index=rows.index, dtype="float64")
    return pd.to_numeric(rows[name]).astype("float64")


def iso(at: pd.Timestamp) -> str:
    """An instant as plotly reads it: UTC, without a zone, no longer than it needs to be, at most to the millisecond."""
    exact = "milliseconds" if at.microsecond else "seconds" if at.second else "minutes"
    return str(at.tz_convert("UTC").tz_localize(None).isoformat(timespec=exact))


def milliseconds(span: pd.Timedelta) -> float:
    """A span as plotly measures a date axis."""
    return float(span.total_seconds()) * 1000


def in_words(name: str) -> str:
    """The name of a clock point, role or other word of the vocabulary, as it is said: ``impact start``."""
    return name.replace("_", " ").strip()
