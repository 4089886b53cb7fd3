"""The first five minutes: when each of the five steps was taken."""

from __future__ import annotations

import math

import pandas as pd
import plotly.graph_objects as go

from .. import wording
from ._canvas import Bar, Canvas, Panel, nothing
from ._labels import shortened, text_width
from ._rows import checked, in_words, instants, spans, texts
from .theme import hover_text

NEEDED = ("step", "name", "offset", "evidence", "state", "zero_point", "zero_at")

WINDOW = 5
"""Minutes in which all five steps are hoped for."""

FARTHEST = 60
"""Minutes before or after the zero point that the axis shows; what lies farther stands at its end, with its value."""

_MOST_ROWS = 20


def plot_first_minutes(rows: pd.DataFrame, *, title: str | None = None, width: int = 912) -> go.Figure:
    """Draw when each step of the first five minutes was taken, counted from the zero point.

    A step without a recorded time is hatched over the five minutes: not recorded does not mean not done. A step more
    than an hour away from the zero point stands at the end of the axis as a triangle, with its time written out.

    Args:
        rows: one per step: ``step, name, offset, evidence, state, zero_point, zero_at``, and ``at, at_latest`` where a
            step is uncertain: a dashed line holds it, and its mark is hollow.
        title: written above the figure.
        width: px; 358 puts the step's name above its mark.

    Raises:
        SchemaError: a column is missing.
    """
    rows = checked(rows, "plot_first_minutes", NEEDED)
    if rows.empty:
        return nothing(width, title, "The first five minutes: not recorded")
    canvas = Canvas(width, title=title)
    if len(rows) > _MOST_ROWS:
        canvas.note(f"{wording.count(len(rows) - _MOST_ROWS, 'step')} more, not drawn")
        rows = rows.head(_MOST_ROWS)
    minutes = [None if pd.isna(s) else s.total_seconds() / 60 for s in spans(rows, "offset")]
    pitch, head = (42, 20) if canvas.is_narrow else (28, 20)
    bottom = head + pitch * len(rows)
    panel = _panel(canvas, rows, minutes, head, bottom)
    panel.stretch(0, WINDOW, head, bottom, "band", opacity=0.5)
    panel.words("first 5 min", WINDOW / 2, 9, tone="ink-3", align="center")
    for n, at in enumerate(minutes):
        y = head + pitch * n
        canvas.line(0, y, width, y, "rule-2")
        head_y = y + 11 if canvas.is_narrow else y + pitch / 2
        canvas.words(_head(rows, n), 0, head_y, tone="ink", room=width if canvas.is_narrow else panel.left - 8)
        _step(panel, rows.iloc[n], at, y + 30 if canvas.is_narrow else y + pitch / 2)
    canvas.line(0, bottom, width, bottom, "axis")
    _say_zero(panel, rows)
    taken = sum(at is not None for at in minutes)
    label = f"First five minutes: {taken} of {len(rows)} steps have a recorded time."
    return canvas.figure(bottom + (40 if canvas.is_narrow else 24), label)


def _head(rows: pd.DataFrame, n: int) -> str:
    step = texts(rows, "step")[n]
    return f"{step.removesuffix('.0')} {texts(rows, 'name')[n]}".strip()


def _panel(canvas: Canvas, rows: pd.DataFrame, minutes: list[float | None], head: float, bottom: float) -> Panel:
    bounds = [bound for _, row in rows.iterrows() for bound in _bounds(row) or ()]
    known = [min(max(m, -FARTHEST), FARTHEST) for m in [*minutes, *bounds] if m is not None]
    most = 5 if canvas.is_narrow else 8
    low, high = min([-WINDOW, *known]), max([2 * WINDOW, *known])
    step = next((s for s in (5, 10, 15, 20, 30) if (high - low) / s <= most), 60)
    low, high = math.floor(low / step) * step, math.ceil(high / step) * step
    longest = max(text_width(_head(rows, n)) for n in range(len(rows)))
    left = 14 if canvas.is_narrow else min(max(190, longest + 24), 300)
    # Room at the right for the label of the last mark, as far as that does not squeeze the rest.
    need = 10 + max([text_width(f"{m} min 00 s: {e}") for m, e in zip(minutes, texts(rows, "evidence"), strict=True)])
    for _ in range(2):
        last = max([*known, WINDOW])
        if high < FARTHEST and (high - last) / (high - low) * (canvas.width - left) < need:
            high += step
    panel = canvas.panel(left, canvas.width - 22, head, bottom, float(low), float(high), "linear", has_axis_line=False)
    panel.ticks = [(float(m), f"{'+' if m > 0 else '−' if m < 0 else ''}{abs(m)}") for m in range(low, high + 1, step)]
    return panel


def _step(panel: Panel, row: pd.Series, at: float | None, y: float) -> None:
    state, evidence = in_words(_plain(row["state"])), _plain(row["evidence"])
    name = f"{_plain(row['step'])} {_plain(row['name'])}"
    if at is None:
        # A trace without a time is more than nothing recorded.
        known = state if state and state != "uncertain" else "time not recorded" if evidence else wording.NOT_RECORDED
        said = hover_text(name, known, evidence or None, "Not recorded does not mean not done.")
        panel.bars([Bar(0.0, float(WINDOW), y - 5, y + 5, said)], "transparent", hatch="hatch")
        full = f"{known}: {evidence}" if evidence else known
        words = full if panel.px(WINDOW) + 7 + text_width(full) <= panel.canvas.width else known
        panel.words(words, WINDOW, y, tone="ink-3", is_italic=True, shift=7)
        return
    when = wording.duration(at * 60, with_seconds=True)
    words = "0" if at == 0 else f"{when.removeprefix('−')} before" if at < 0 else when
    bounds = _bounds(row)
    if bounds is not None:
        words = f"{wording.duration(bounds[0] * 60)} to {wording.duration(bounds[1] * 60)}"
        low, high = panel.clipped(bounds[0]), panel.clipped(bounds[1])
        panel.line([low, high], [y, y], "axis", dash="3px,3px")
    said = hover_text(name, f"{words}{', ' + state if state else ''}", evidence or None)
    shown = panel.clipped(at)
    symbol = "circle" if bounds is None else "circle-open"
    if shown != at:
        symbol = "triangle-right" if at > shown else "triangle-left"
    panel.marks([shown], [y], [said], symbol=symbol)
    _label(panel, f"{words}: {evidence}" if evidence else words, words, shown, y)


def _bounds(row: pd.Series) -> tuple[float, float] | None:
    """Minutes from the zero point between which an uncertain step lies; None when it is certain or says nothing."""
    at, latest, zero = (row.get(name, pd.NaT) for name in ("at", "at_latest", "zero_at"))
    if pd.isna(at) or pd.isna(latest) or pd.isna(zero) or latest <= at:
        return None
    return (at - zero).total_seconds() / 60, (latest - zero).total_seconds() / 60


def _plain(value: object) -> str:
    return "" if value is None or pd.isna(value) else str(value)


def _label(panel: Panel, full: str, short: str, at: float, y: float) -> None:
    """Write beside the mark: in full right or left of it, else shortened where there is more room, else the time."""
    x = panel.px(at)
    to_right, to_left = panel.canvas.width - x - 10, x - 10 - (0 if panel.canvas.is_narrow else panel.left)
    room = max(to_right, to_left)
    if text_width(full) <= to_right:
        align, shift, words = "left", 9, full
    elif text_width(full) <= to_left:
        align, shift, words = "right", -9, full
    else:
        align, shift = ("left", 9) if to_right >= to_left else ("right", -9)
        words = shortened(full, room) if room >= text_width(short) + 40 else short
    panel.words(words, at, y, align=align, shift=shift)


def _say_zero(panel: Panel, rows: pd.DataFrame) -> None:
    """Say what the axis counts from: above the names of the steps, on a phone below everything."""
    point, zero = texts(rows, "zero_point")[0], instants(rows, "zero_at")[0]
    since = f"min since {in_words(point)}" if point else "min"
    if pd.notna(zero):
        since = f"{since}, {wording.clock_time(zero)} UTC"
    is_narrow = panel.canvas.is_narrow
    room = panel.canvas.width if is_narrow else panel.px(WINDOW / 2) - 48
    panel.canvas.words(since, 0, panel.bottom + 31 if is_narrow else 9, tone="ink-3", room=room)
