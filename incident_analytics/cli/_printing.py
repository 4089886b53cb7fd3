"""Tables on their way out: spans as seconds, no formulas, CSV, JSON or Parquet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import UsageError

if TYPE_CHECKING:
    import pandas as pd


def in_seconds(frame: pd.DataFrame) -> pd.DataFrame:
    """Spans as seconds, under names that say so; texts that a spreadsheet would run as a formula are quoted."""
    made = frame.copy()
    for name in frame.columns:
        if frame[name].dtype.kind == "m":
            made[name] = frame[name].dt.total_seconds()
            made = made.rename(columns={name: f"{name}_seconds"})
        elif frame[name].dtype == "str":
            is_formula = frame[name].str.match(r"[=+\-@\t\r]", na=False)
            made[name] = frame[name].where(~is_formula, "'" + frame[name])
    return made


def write_table(frame: pd.DataFrame, form: str, out: str | None) -> None:
    if form == "parquet":
        if out is None:
            raise UsageError("--format parquet needs --out FILE: Parquet is not text")
        frame.to_parquet(out, index=False)
    else:
        text = (
            frame.to_csv(index=False)
            if form == "csv"
            else frame.to_json(orient="records", date_format="iso", indent=1) + "\n"
        )
        if out is None:
            click.echo(text, nl=False)
        else:
            Path(out).write_text(text, encoding="utf-8")
