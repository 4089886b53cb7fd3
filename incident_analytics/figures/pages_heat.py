"""When people are called: pages by weekday and hour."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from .. import wording
from ._canvas import Canvas, nothing
from ._cells import Cell, draw_cells
from ._labels import text_width
from ._rows import checked, numbers
from .theme import hover_text

NEEDED = ("weekday", "hour", "n")

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

_TOP = 20.0
_ROW = 24.0
_LEFT = 44.0
_BOTTOM = _TOP + 7 * _ROW
_WORKING_DAYS = 5


def plot_pages_heat(
    rows: pd.DataFrame, *, working: tuple[int, int] = (9, 18), title: str | None = None, width: int = 912
) -> go.Figure:
    """Draw how many pages fell into each hour of the week; outlined: working hours, Monday to Friday.

    Args:
        rows: ``weekday`` (0 is Monday), ``hour`` (0 to 23), ``n``. Several rows for one hour are added up; rows
            outside the week are counted below the figure.
        working: first and last working hour; the last is not included.
        title: written above the figure.
        width: px; 358 leaves the numbers out of the cells.

    Raises:
        SchemaError: a column is missing.
    """
    rows = checked(rows, "plot_pages_heat", NEEDED)
    table = pd.DataFrame({name: numbers(rows, name) for name in NEEDED})
    is_inside = table["weekday"].between(0, 6) & table["hour"].between(0, 23) & table["n"].notna()
    if not is_inside.any():
        return nothing(width, title, "Pages by weekday and hour: none recorded")
    canvas = Canvas(width, title=title)
    if not is_inside.all():
        canvas.note(f"{wording.count(int((~is_inside).sum()), 'row')} without a weekday and hour, not drawn")
    counts = table[is_inside].astype(int).groupby(["weekday", "hour"])["n"].sum()
    sums = [int(counts[counts.index.get_level_values(0) == day].sum()) for day in range(7)]
    widest = max(text_width(str(n)) for n in sums) + 12
    pitch = (width - _LEFT - max(40.0 if canvas.is_narrow else 56.0, widest)) / 24
    cells = [
        Cell(_LEFT + hour * pitch + 0.5, _TOP + day * _ROW + 0.5, pitch - 1, _ROW - 1, n, _said(day, hour, n))
        for day in range(7)
        for hour in range(24)
        for n in (int(counts.get((day, hour), 0)),)
    ]
    most = max(cell.n for cell in cells)
    has_numbers = not canvas.is_narrow and text_width(str(most)) <= pitch - 4
    draw_cells(canvas, cells, (_LEFT, _TOP, _LEFT + 24 * pitch, _BOTTOM), most=most, has_numbers=has_numbers)
    _heads(canvas, pitch, sums)
    _working_hours(canvas, pitch, max(0, min(working)), min(24, max(working)))
    return canvas.figure(_BOTTOM + 22, f"{wording.count(sum(sums), 'page')} by weekday and hour.")


def _heads(canvas: Canvas, pitch: float, sums: list[int]) -> None:
    """Name days and hours, and give each day's sum."""
    for day, name in enumerate(DAYS):
        canvas.words(name, 0, _TOP + (day + 0.5) * _ROW, tone="ink")
        canvas.words(str(sums[day]), canvas.width, _TOP + (day + 0.5) * _ROW, tone="ink-3", align="right")
    canvas.words("sum", canvas.width, 9, tone="ink-3", align="right")
    for hour in range(0, 25, 6 if canvas.is_narrow else 3):
        canvas.words(f"{hour:02d}", _LEFT + hour * pitch, _BOTTOM + 12, tone="ink-3", align="center")
    if not canvas.is_narrow:
        canvas.words("hour", canvas.width, _BOTTOM + 12, tone="ink-3", align="right")


def _working_hours(canvas: Canvas, pitch: float, start: int, end: int) -> None:
    if start < end:
        x0, x1 = _LEFT + start * pitch, _LEFT + end * pitch
        canvas.rect(x0, _TOP, x1, _TOP + _WORKING_DAYS * _ROW, "transparent", edge="ink", width=1.5)
        canvas.words("working hours", x0, 9, tone="ink")


def _said(day: int, hour: int, n: int) -> str:
    return hover_text(f"{DAYS[day]} {hour:02d} to {(hour + 1) % 24:02d} h: {wording.count(n, 'page')}")
