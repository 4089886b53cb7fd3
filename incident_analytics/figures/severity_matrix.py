"""First severity against final severity."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from .. import wording
from ._canvas import LINE, Canvas, nothing
from ._cells import Cell, draw_cells
from ._labels import text_width
from ._rows import checked, numbers, texts
from .theme import hover_text

NEEDED = ("first", "final", "n")

_TOP = 45.0
_PITCH = 52
_MOST_LEVELS = 8


def plot_severity_matrix(
    rows: pd.DataFrame,
    *,
    order: Sequence[str] | None = None,
    beside: Sequence[Sequence[str]] = (),
    title: str | None = None,
    width: int = 912,
) -> go.Figure:
    """Draw how many incidents began with one severity and ended with another; outlined: unchanged.

    Args:
        rows: ``first, final, n``.
        order: levels, the worst first; levels that occur but are not in it come last. Without it, as they occur.
        beside: blocks of lines to stand beside the matrix where there is room, the first line of each in bold.
        title: written above the figure.
        width: px; 358 has no room beside the matrix.

    Raises:
        SchemaError: a column is missing.
    """
    rows = checked(rows, "plot_severity_matrix", NEEDED)
    table = pd.DataFrame({"first": texts(rows, "first"), "final": texts(rows, "final"), "n": numbers(rows, "n")})
    table = table[table["n"].notna()]
    if table.empty or table["n"].sum() <= 0:
        return nothing(width, title, "First and final severity: not recorded")
    canvas = Canvas(width, title=title)
    levels = list(dict.fromkeys([*(order or ()), *table["first"], *table["final"]]))
    if len(levels) > _MOST_LEVELS:
        canvas.note(f"{wording.count(len(levels) - _MOST_LEVELS, 'level')} more, not drawn")
        levels = levels[:_MOST_LEVELS]
    counts = table.groupby(["first", "final"])["n"].sum()
    names = [level or "none" for level in levels]
    left = min(max(91.0, max(map(text_width, names)) + 14), 150.0)
    pitch = min(_PITCH, (width - left) / len(levels))
    cells = [
        Cell(left + c * pitch, _TOP + r * pitch, pitch - 2, pitch - 2, n, _said(names[r], names[c], n))
        for r, first in enumerate(levels)
        for c, final in enumerate(levels)
        for n in (int(counts.get((first, final), 0)),)
    ]
    size = pitch * len(levels)
    most = max(cell.n for cell in cells)
    draw_cells(canvas, cells, (left, _TOP, left + size, _TOP + size), most=most, has_numbers=True, zero="·")
    _heads(canvas, names, left, pitch)
    height = _TOP + size
    if not canvas.is_narrow:
        height = max(height, _beside(canvas, beside, left + size + 36))
    label = f"First against final severity of {wording.count(int(counts.sum()), 'incident')}, in cells of counts."
    return canvas.figure(height + 4, label)


def _heads(canvas: Canvas, names: list[str], left: float, pitch: float) -> None:
    """Name rows and columns, and outline the cells of what did not change."""
    canvas.words("final severity", left, 9, tone="ink")
    canvas.words("first", 0, 31, tone="ink")
    for n, name in enumerate(names):
        start, end = n * pitch, (n + 1) * pitch - 2
        canvas.words(name, left + (start + end) / 2, 31, tone="ink-3", align="center", room=pitch - 2)
        canvas.words(name, 0, _TOP + (start + end) / 2, tone="ink-3", room=left - 8)
        canvas.rect(left + start, _TOP + start, left + end, _TOP + end, "transparent", edge="ink", width=1.5)


def _said(first: str, final: str, n: int) -> str:
    change = "unchanged" if first == final else f"later {final}"
    return hover_text(f"First {first}, {change}: {wording.count(n, 'incident')}")


def _beside(canvas: Canvas, blocks: Sequence[Sequence[str]], x: float) -> float:
    y = 57.0
    for lines in blocks:
        for n, line in enumerate(lines):
            tone = "ink" if n < 2 else "ink-3"
            canvas.words(line, x, y, tone=tone, is_bold=n == 0, room=canvas.width - x)
            y += LINE + 1
        y += 10
    return y
