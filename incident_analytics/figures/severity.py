"""Severity in force, step by step."""

from __future__ import annotations

import itertools

import pandas as pd
import plotly.graph_objects as go

from .. import wording
from ._bands import Level, draw_levels, levels, steps_of
from ._canvas import Canvas, Panel, nothing
from ._labels import Shelf, text_width
from ._rows import checked

NEEDED = ("level", "rank", "began_at", "ended_at", "is_explained", "direction", "is_open")

_STEP = 26
_MOST_STEPS = 8


def plot_severity(
    rows: pd.DataFrame,
    *,
    title: str | None = None,
    width: int = 912,
    as_of: pd.Timestamp | None = None,
    zero_at: pd.Timestamp | None = None,
) -> go.Figure:
    """Draw which severity was in force when; the worst level is the top row.

    A dashed riser is a change without a recorded reason. A level that is still in force ends in an upright tick.

    Args:
        rows: stretches of one severity: ``level, rank, began_at, ended_at, is_explained, direction, is_open``, and
            ``reason`` where it is known; ``rank`` 1 is the worst.
        title: written above the figure.
        width: px.
        as_of: end of the data, for a level still in force.
        zero_at: start of the incident, for the elapsed time above.

    Raises:
        SchemaError: a column is missing.
    """
    found, left_out = levels(checked(rows, "plot_severity", NEEDED), as_of)
    if not found:
        missing = f"; {wording.count(left_out, 'stretch', 'stretches')} without usable times" if left_out else ""
        return nothing(width, title, f"Severity over time: not recorded{missing}")
    canvas = Canvas(width, title=title)
    if left_out:
        canvas.note(f"{wording.count(left_out, 'stretch', 'stretches')} without usable times, not drawn")
    steps = steps_of(found)
    if len(steps) > _MOST_STEPS:
        canvas.note(f"{wording.count(len(steps) - _MOST_STEPS, 'level')} more share the lowest row")
    head = 20 if zero_at is not None else 0
    heights = {name: head + 22.0 + _STEP * min(n, _MOST_STEPS - 1) for n, (name, _) in enumerate(steps)}
    bottom = max(heights.values()) + 14
    panel = _panel(canvas, found, bottom, head)
    panel.utc_ticks(4 if canvas.is_narrow else 9)
    if zero_at is not None:
        panel.elapsed_axis(zero_at, 7, most=3 if canvas.is_narrow else 7)
    for name, _ in steps[:_MOST_STEPS]:
        canvas.line(panel.left, heights[name], panel.right, heights[name], "grid", layer="below")
        canvas.words(name, 0, heights[name], tone="ink", room=panel.left - 10)
    draw_levels(panel, found, heights)
    _say_changes(canvas, panel, found, heights)
    canvas.words("UTC", 0, bottom + 14, tone="ink-3")
    path = " to ".join(level.name for level in found[:6])
    return canvas.figure(bottom + 24, f"Severity in force over time: {path}.")


def _panel(canvas: Canvas, found: list[Level], bottom: float, head: float) -> Panel:
    low, high = found[0].start, max(level.end for level in found)
    high = max(high, low + pd.Timedelta(minutes=1))
    longest = max(text_width(level.name) for level in found)
    left = min(max(60, longest + 14), canvas.width * 0.3)
    return canvas.panel(left, canvas.width - 18, head, bottom, low, high + (high - low) * 0.02, has_grid=False)


def _say_changes(canvas: Canvas, panel: Panel, found: list[Level], heights: dict[str, float]) -> None:
    """Write beside each change what it was, where there is room: above its level, or before it on its line."""
    above, before = _lines_in_the_way(panel, found, heights)
    for level in found[1:]:
        x, y = panel.px(level.start), heights[level.name]
        tone, is_italic = "ink-2" if level.is_explained else "ink-3", not level.is_explained
        for words in _wordings(level):
            need = text_width(words)
            if x + 8 + need <= canvas.width and above[y].is_free(x + 5, x + need + 12):
                above[y].take(x, x + need + 12)
                canvas.words(words, x + 8, y - 12, tone=tone, is_italic=is_italic)
                break
            if x - 6 - need >= panel.left and before[y].is_free(x - 6 - need, x - 2):
                before[y].take(x - 6 - need, x)
                canvas.words(words, x - 6, y, align="right", tone=tone, is_italic=is_italic)
                break


def _lines_in_the_way(
    panel: Panel, found: list[Level], heights: dict[str, float]
) -> tuple[dict[float, Shelf], dict[float, Shelf]]:
    """What labels must keep clear of, by row: above the rows, and on them."""
    above = {y: Shelf() for y in heights.values()}
    on = {y: Shelf() for y in heights.values()}
    for level in found:
        on[heights[level.name]].take(panel.px(level.start), panel.px(level.end))
    for old, new in itertools.pairwise(found):
        x = panel.px(new.start)
        top, bottom = sorted((heights[old.name], heights[new.name]))
        for y, shelf in above.items():
            if top < y - 12 < bottom:
                shelf.take(x - 2, x + 2)
            if top < y < bottom:
                on[y].take(x - 2, x + 2)
    return above, on


def _wordings(level: Level) -> tuple[str, ...]:
    change = f"{level.direction} {wording.clock_time(level.start, 'minute')}"
    if not level.is_explained:
        return f"{change}, no reason recorded", f"{change}, no reason", change
    return (f"{change}: {level.reason}", f"{change}, reason given", change) if level.reason else (change,)
