"""Time per phase over many incidents."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from .. import wording
from ._axes import duration_range
from ._canvas import Bar, Canvas, Panel, nothing
from ._labels import text_width
from ._rows import checked, numbers, texts
from .theme import hover_text, phase_token

NEEDED = ("phase", "q10", "q25", "median", "q75", "q90", "median_low", "median_high", "n", "of")

_QUANTILES = ("q10", "q25", "median", "q75", "q90")
_MOST_ROWS = 20


def plot_phase_spans(rows: pd.DataFrame, *, title: str | None = None, width: int = 912) -> go.Figure:
    """Draw how long each phase usually took, on a log axis.

    The upright line and the number are the median, the strong bar its interval, the pale bar the middle half and the
    thin line the middle four fifths. A phase without a median has no bar and says so.

    Args:
        rows: one per phase, in order; times in minutes: ``phase, q10, q25, median, q75, q90, median_low, median_high,
            n, of``.
        title: written above the figure.
        width: px; 358 puts the phase's name above its bar.

    Raises:
        SchemaError: a column is missing.
    """
    rows = checked(rows, "plot_phase_spans", NEEDED)
    if rows.empty:
        return nothing(width, title, "Time per phase: no phase has both of its clock points")
    canvas = Canvas(width, title=title)
    if len(rows) > _MOST_ROWS:
        canvas.note(f"{wording.count(len(rows) - _MOST_ROWS, 'phase')} more, not drawn")
        rows = rows.head(_MOST_ROWS)
    table = pd.DataFrame({c: numbers(rows, c) for c in NEEDED[1:]})
    known = pd.concat([table[c] for c in (*_QUANTILES, "median_low", "median_high")]).dropna()
    pitch = 47 if canvas.is_narrow else 32
    bottom = 4 + pitch * len(rows)
    counts = [_n_of(row) for row in table.itertuples()]
    left = 24 if canvas.is_narrow else 190
    right = width - 24 if canvas.is_narrow else width - max(map(text_width, counts)) - 20
    ends = duration_range(float(known.min()), float(known.max())) if len(known) else (1.0, 360.0)
    panel = canvas.panel(left, right, 0, bottom, *ends, "log", has_axis_line=False)
    panel.duration_ticks()
    for n, name in enumerate(texts(rows, "phase")):
        top = 4 + pitch * n
        head, y = (top + 9, top + 30) if canvas.is_narrow else (top + pitch / 2, top + pitch / 2)
        canvas.swatch(0, head, phase_token(name))
        canvas.words(name or wording.NOT_RECORDED, 20, head, tone="ink", room=160)
        canvas.words(counts[n], width, head, tone="ink-3", align="right")
        _row(panel, name, table.iloc[n], y)
    said = [
        f"{name} {wording.duration(m * 60)}"
        for name, m in zip(texts(rows, "phase"), table["median"], strict=True)
        if pd.notna(m)
    ]
    return canvas.figure(bottom + 22, f"Median time per phase: {wording.listed(said) or 'not computable'}.")


def _n_of(row: tuple[object, ...]) -> str:
    n, of = getattr(row, "n", float("nan")), getattr(row, "of", float("nan"))
    return " of ".join(wording.number(value) for value in (n, of) if pd.notna(value))


def _row(panel: Panel, name: str, row: pd.Series, y: float) -> None:
    tone = phase_token(name)
    if pd.isna(row["median"]):
        panel.canvas.words(wording.NOT_COMPUTABLE, panel.left + 4, y, tone="ink-3", is_italic=True)
        return
    q10, q25, median, q75, q90, low, high = (
        row[c] if pd.isna(row[c]) else panel.clipped(row[c]) for c in (*_QUANTILES, "median_low", "median_high")
    )
    words = wording.duration(row["median"] * 60)
    said = hover_text(
        f"{name}: median {words}",
        _range("95 % interval of the median", row["median_low"], row["median_high"]),
        _range("middle half", row["q25"], row["q75"]),
        _range("middle four fifths", row["q10"], row["q90"]),
    )
    if pd.notna(q10) and pd.notna(q90) and q10 <= q90:
        panel.bars([Bar(q10, q90, y - 0.5, y + 0.5)], "axis")
    if pd.notna(q25) and pd.notna(q75) and q25 <= q75:
        panel.bars([Bar(q25, q75, y - 6, y + 6, said)], tone, opacity=0.45)
    if pd.notna(low) and pd.notna(high) and low <= high:
        # Narrower, for with few incidents the interval is wider than the middle half and would hide it.
        panel.bars([Bar(low, high, y - 3.5, y + 3.5, said)], tone)
    panel.draw(x=[median], y=[y], mode="markers", opacity=0, marker={"size": 14}, hovertext=[said])
    panel.upright(median, y - 8, y + 8, "ink", width=2)
    reach = panel.px(max(v for v in (median, q75, q90, high) if pd.notna(v))) + 8
    if reach + text_width(words) <= panel.right + 20:
        panel.canvas.words(words, reach, y)
    else:
        first = panel.px(min(v for v in (median, q25, q10, low) if pd.notna(v))) - 8
        panel.canvas.words(words, first, y, align="right")


def _range(words: str, low: float, high: float) -> str | None:
    if pd.isna(low) or pd.isna(high):
        return None
    return f"{words}: {wording.duration(low * 60)} to {wording.duration(high * 60)}"
