"""Cells that count: one blue in five steps, with the number in the cell."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ._canvas import Canvas
from ._panel import Bar


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell in px, how many it stands for, and what is said about it."""

    left: float
    top: float
    width: float
    height: float
    n: int
    hover: str


def step(n: float, most: float) -> int:
    """Which of the five steps a count has: 0 for none, 5 for the largest, in equal steps."""
    return 0 if n <= 0 or most <= 0 else min(5, max(1, math.ceil(5 * n / most)))


def draw_cells(
    canvas: Canvas, cells: Sequence[Cell], ends: tuple[float, float, float, float], *, most: int, has_numbers: bool,
    zero: str = "",
) -> None:  # fmt: skip
    """Draw cells between ``ends`` (left, top, right, bottom), with their numbers when there is room for them."""
    left, top, right, bottom = ends
    # One px more on each side, or the outlines of the outer cells would be cut in half.
    left, top, right, bottom = left - 1, top - 1, min(right + 1, canvas.width), bottom + 1
    panel = canvas.panel(left, right, top, bottom, left, right, "linear", has_axis_line=False, has_grid=False)
    for n in range(6):
        own = [Bar(c.left, c.left + c.width, c.top, c.top + c.height, c.hover) for c in cells if step(c.n, most) == n]
        panel.bars(own, f"q{n}" if n else "paper", edge=None if n else "rule")
    if has_numbers:
        for cell in cells:
            tone = "surface" if step(cell.n, most) >= 4 else "ink" if cell.n else "ink-3"
            words = str(cell.n) if cell.n else zero
            canvas.words(words, cell.left + cell.width / 2, cell.top + cell.height / 2, tone=tone, align="center")
