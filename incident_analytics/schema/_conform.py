"""The door to the schema: any frame brought to the contract of its table, or refused with all of its faults."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from ..errors import SchemaError, did_you_mean
from ._columns import DTYPES, Column, Kind
from ._tables import table


def conform(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Bring a frame to the contract of table ``name``; absent optional columns are added as missing.

    The input is not changed. Column order and dtypes are those of the schema, the index is 0..n-1.

    Args:
        name: name of the table.
        frame: any frame; instants may be ``datetime64`` with a zone or ISO 8601 texts with an offset.

    Raises:
        SchemaError: lists all faults at once: unknown columns (with near names), missing required columns or
            values, values that do not fit the column's kind, instants without a zone.
    """
    spec = table(name)
    faults = [
        f"column {column!r} is not part of the table.{did_you_mean(str(column), spec.column_names)}"
        for column in frame.columns
        if column not in spec.column_names
    ]
    columns: dict[str, pd.Series] = {}
    for column in spec.columns:
        given = frame[column.name] if column.name in frame.columns else None
        if given is None:
            if column.is_required and len(frame):
                faults.append(f"column {column.name!r} is missing; it says: {column.meaning}")
            columns[column.name] = _missing(column.kind, len(frame))
            continue
        values, fault = _coerce(given.reset_index(drop=True), column)
        columns[column.name] = values
        if fault:
            faults.append(fault)
        elif column.is_required and values.isna().any():
            rows = list(values.index[values.isna()][:5])
            faults.append(f"column {column.name!r} has no value in {int(values.isna().sum())} row(s), first {rows}")
    if faults:
        raise SchemaError(name, faults)
    return pd.DataFrame(columns, columns=spec.column_names)


def _missing(kind: Kind, n: int) -> pd.Series:
    if kind == "items":
        return pd.Series([[] for _ in range(n)], dtype="object")
    if kind == "extra":
        return pd.Series([{} for _ in range(n)], dtype="object")
    if kind in ("text", "word"):
        return pd.Series(pd.array(pa.nulls(n, pa.large_string()), dtype="str"))
    return pd.Series(None, index=pd.RangeIndex(n), dtype=DTYPES[kind])


def _coerce(values: pd.Series, column: Column) -> tuple[pd.Series, str]:
    """The values in the column's dtype, and a fault if they do not fit."""
    try:
        match column.kind:
            case "instant":
                return _instants(values, column.name)
            case "text" | "word":
                return _texts(values, column.name)
            case "items":
                return _objects(values, column.name, list)
            case "extra":
                return _objects(values, column.name, dict)
            case "flag":
                strange = values[~values.isna() & ~values.isin([True, False])]
                if len(strange):
                    return values, _misfit(column.name, strange, "true or false")
                return values.astype("boolean"), ""
            case "span":
                return pd.to_timedelta(values).astype(DTYPES["span"]), ""
            case "number" | "count":
                numbers = pd.to_numeric(values.where(values.notna(), np.nan), errors="coerce")
                is_lost = numbers.isna() & values.notna() | _are_bools(values)
                if is_lost.any():
                    return values, _misfit(column.name, values[is_lost], "a number")
                if column.kind == "number":
                    return numbers.astype("float64"), ""
                broken = numbers[numbers.notna() & (numbers % 1 != 0)]
                if len(broken):
                    return values, _misfit(column.name, broken, "a whole number")
                return numbers.astype("Int64"), ""
    except (TypeError, ValueError, OverflowError) as error:
        return values, f"column {column.name!r} cannot be read as {column.kind}: {error}"


def _are_bools(values: pd.Series) -> pd.Series | bool:
    """Which values are no numbers but true or false; a column of numbers has none."""
    is_numeric = pd.api.types.is_any_real_numeric_dtype(values.dtype)
    return False if is_numeric else values.map(lambda v: isinstance(v, bool))


def _misfit(name: str, strange: pd.Series, expected: str) -> str:
    first = strange.iloc[0]
    return (
        f"column {name!r} holds {first!r} in row {strange.index[0]} ({len(strange)} such row(s)); expected {expected}"
    )


def _instants(values: pd.Series, name: str) -> tuple[pd.Series, str]:
    dtype = DTYPES["instant"]
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return values.dt.tz_convert("UTC").dt.as_unit("us"), ""
    if values.isna().all():
        return _missing("instant", len(values)), ""
    if pd.api.types.is_datetime64_dtype(values.dtype):
        return values, f"column {name!r} has instants without a time zone; localise them first"
    texts = values.map(lambda v: v.isoformat() if hasattr(v, "isoformat") and not pd.isna(v) else v)
    strange = texts[texts.notna() & ~texts.map(lambda v: isinstance(v, str))]
    if len(strange):
        return values, _misfit(name, strange, "an ISO 8601 instant with an offset, such as 2026-01-31T09:30:00Z")
    is_naive = texts.notna() & ~texts.str.contains(r"(?:Z|[+-]\d{2}:?\d{2})$", na=False)
    if is_naive.any():
        return values, _misfit(
            name, texts[is_naive], "an ISO 8601 instant with an offset, such as 2026-01-31T09:30:00Z"
        )
    parsed = pd.to_datetime(texts, format="ISO8601", utc=True, errors="coerce")
    is_lost = parsed.isna() & texts.notna()
    if is_lost.any():
        return values, _misfit(name, texts[is_lost], "an ISO 8601 instant with an offset, such as 2026-01-31T09:30:00Z")
    return parsed.astype(dtype), ""


def _texts(values: pd.Series, name: str) -> tuple[pd.Series, str]:
    if values.dtype == "str":
        return values, ""
    strange = values[values.notna() & ~values.map(lambda v: isinstance(v, str))]
    if len(strange):
        return values, _misfit(name, strange, "a text")
    # Lone surrogates cannot be stored as UTF-8: they are spelled out, so nothing is lost and nothing breaks.
    clean = values.map(lambda v: v.encode("utf-8", "backslashreplace").decode() if isinstance(v, str) else None)
    return clean.astype("str"), ""


def _objects(values: pd.Series, name: str, kind: type) -> tuple[pd.Series, str]:
    def settled(value: object) -> object:
        if isinstance(value, np.ndarray):
            return value.tolist()
        return kind() if value is None or (isinstance(value, float) and np.isnan(value)) else value

    types = set(map(type, values))
    if types <= {kind}:
        return values.astype("object"), ""
    cells = pd.Series([settled(v) for v in values], dtype="object")
    strange = cells[~cells.map(lambda v: isinstance(v, kind))]
    if len(strange):
        return values, _misfit(name, strange, f"a {kind.__name__}")
    return cells, ""
