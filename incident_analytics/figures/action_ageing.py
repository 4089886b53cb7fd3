"""Open action items by age."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from .. import wording
from ._canvas import Canvas, Panel, nothing
from ._labels import text_width
from ._rows import checked, flags, numbers, texts
from .theme import hover_text

NEEDED = ("priority", "age_days", "due_days", "is_past_due", "has_due_date", "title")

_ROW = 64.0
_TOP = 6.0
_MOST_ROWS = 8
_DOT = 8.0
_TICKS = (0, 30, 60, 90, 180, 270, 365, 545, 730, 1095, 1460, 1825, 2555, 3650, 7300)


@dataclass(frozen=True, slots=True)
class _Item:
    age: float
    kind: str
    hover: str


def plot_action_ageing(rows: pd.DataFrame, *, title: str | None = None, width: int = 912) -> go.Figure:
    """Draw each open action item as a dot by its age, one row per priority.

    Filled: past due. Pale: within due. Hollow: no due date, shown but not counted as late. The dashed line is when
    items of the row are due, if all have the same time.

    Args:
        rows: open items: ``priority, age_days, due_days, is_past_due, has_due_date, title``. Items without an age are
            counted below the figure.
        title: written above the figure.
        width: px.

    Raises:
        SchemaError: a column is missing.
    """
    rows = checked(rows, "plot_action_ageing", NEEDED)
    ages = numbers(rows, "age_days")
    if not len(rows) or not ages.notna().any():
        return nothing(width, title, "Open action items: none with a known age")
    canvas = Canvas(width, title=title)
    if ages.isna().any():
        canvas.note(f"{wording.count(int(ages.isna().sum()), 'item')} of unknown age, not drawn")
    table = rows.assign(
        age_days=ages.clip(lower=0), priority=texts(rows, "priority"), due_days=numbers(rows, "due_days")
    )
    table = table[ages.notna()].sort_values(["priority", "age_days"], kind="stable")
    # A missing priority stands last.
    names = sorted(dict.fromkeys(table["priority"]), key=lambda name: (name == "", name))
    if len(names) > _MOST_ROWS:
        canvas.note(f"{wording.count(len(names) - _MOST_ROWS, 'priority', 'priorities')} more, not drawn")
        names = names[:_MOST_ROWS]
    left = min(max(46.0, max(text_width(n or "none") for n in names) + 16), 130.0)
    bottom = _TOP + _ROW * len(names)
    high = max(
        float(table["age_days"].max()), float(table["due_days"].max()) if table["due_days"].notna().any() else 0, 30
    )
    right = width - (12 if canvas.is_narrow else 120)
    panel = canvas.panel(left, right, _TOP, bottom, 0.0, high * 1.03, "linear", has_axis_line=False)
    panel.ticks = _ticks(panel, high)
    for n, name in enumerate(names):
        _row(panel, name, table[table["priority"] == name], _TOP + _ROW * n)
    past = int(sum(flags(table, "is_past_due")))
    label = f"{wording.count(len(table), 'open action item')} by age, {past} past due."
    return canvas.figure(bottom + 22, label)


def _ticks(panel: Panel, high: float) -> list[tuple[float, str]]:
    kept: list[tuple[float, str]] = []
    free_from = -1.0
    for days in (d for d in _TICKS if d <= high * 1.02):
        words = str(days)
        x = panel.px(float(days))
        if x - text_width(words) / 2 > free_from:
            kept.append((float(days), words))
            free_from = x + text_width(words) / 2 + 8
    return [*kept[:-1], (kept[-1][0], f"{kept[-1][1]} d")] if kept else []


def _row(panel: Panel, name: str, items: pd.DataFrame, top: float) -> None:
    canvas, middle = panel.canvas, top + _ROW * 0.56
    canvas.line(panel.left, top + _ROW, canvas.width, top + _ROW, "rule-2")
    canvas.words(name or "none", 0, middle, tone="ink", room=panel.left - 8)
    past, total = sum(flags(items, "is_past_due")), len(items)
    words = f"{past}/{total} past due" if canvas.is_narrow else f"{past} of {total} past due"
    canvas.words(words, canvas.width, top + 10 if canvas.is_narrow else middle, tone="ink-2", align="right")
    due = items["due_days"].dropna().round().unique()
    if len(due) == 1:
        panel.upright(float(due[0]), top + 6, top + _ROW - 5, "ink", dash="3px,3px")
        _say_due(panel, float(due[0]), top + 10, text_width(words) + 8 if canvas.is_narrow else 0)
    found = [
        _Item(age, _kind(is_past, has_due), hover_text(title, _age_words(age, is_past, has_due)))
        for age, is_past, has_due, title in zip(
            items["age_days"], flags(items, "is_past_due"), flags(items, "has_due_date"), texts(items, "title"),
            strict=True,
        )
    ]  # fmt: skip
    shifts = offsets([panel.px(item.age) for item in found])
    for kind, tone, symbol in (
        ("within", "band-ink", "circle"),
        ("none", "ink", "circle-open"),
        ("past", "ink", "circle"),
    ):
        own = [(item, shift) for item, shift in zip(found, shifts, strict=True) if item.kind == kind]
        if own:
            panel.marks(
                [item.age for item, _ in own], [middle + shift for _, shift in own], [item.hover for item, _ in own],
                tone=tone, symbol=symbol, size=_DOT,
            )  # fmt: skip


def _say_due(panel: Panel, days: float, y: float, taken: float) -> None:
    """Write when a row is due beside its line; ``taken`` px at the right of the sheet hold another text."""
    words, x = f"due {wording.number(days)} d", panel.px(days)
    is_right = x + 5 + text_width(words) <= panel.canvas.width - taken
    if not is_right and x - 5 > panel.canvas.width - taken:
        y += _ROW - 20
    panel.words(words, days, y, tone="ink-3", align="left" if is_right else "right", shift=5 if is_right else -5)


def _kind(is_past: bool, has_due: bool) -> str:
    if not has_due:
        return "none"
    return "past" if is_past else "within"


def _age_words(age: float, is_past: bool, has_due: bool) -> str:
    due = {"none": "no due date", "past": "past due", "within": "within due"}[_kind(is_past, has_due)]
    return f"open for {wording.count(round(age), 'day')}, {due}"


def offsets(at: list[float]) -> list[float]:
    """How far each dot is moved up or down so that dots do not hide each other; ``at`` in px, ascending.

    At most two rows to each side: in a fuller row dots overlap rather than leave it.
    """
    levels = (0.0, 9.0, -9.0, 18.0, -18.0)
    last = dict.fromkeys(levels, float("-inf"))
    moved = []
    for x in at:
        level = next((level for level in levels if x - last[level] >= _DOT + 1.5), min(last, key=lambda k: last[k]))
        last[level] = x
        moved.append(level)
    return moved
