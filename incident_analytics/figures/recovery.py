"""The recovery: its steps, and how long each came after the one before."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from .. import wording
from ._axes import far_words, near
from ._canvas import Canvas, Panel, nothing
from ._entries import ANYTHING_ELSE, point_set, weight_of
from ._labels import text_width
from ._rows import checked, flags, instants, texts
from .theme import hover_text

NEEDED = ("at", "text")

_MOST_STEPS = 18


@dataclass(frozen=True, slots=True)
class _Step:
    at: pd.Timestamp
    latest: pd.Timestamp
    known_to: str
    text: str
    weight: int
    is_hollow: bool
    is_inside: bool
    hover: str

    def words(self, *, with_date: bool) -> str:
        """Time and text as they stand in the figure."""
        return f"{wording.clock_time(self.at, self.known_to, with_date=with_date)} {self.text}".strip()


def plot_recovery(rows: pd.DataFrame, *, title: str | None = None, width: int = 912) -> go.Figure:
    """Draw the steps of the recovery below each other; each line is the time since the step before.

    Only what tells the recovery is drawn: of a full channel, no chat and no alerts, and at most eighteen steps. Hollow: a
    statement or something a machine did, not a step a person took. A dashed line leads to the latest time at
    which an uncertain step may have been.

    Args:
        rows: timeline rows; those with ``is_recovery`` are drawn, or all where the column is absent. ``at, text``, and
            ``at_latest, precision, kind, is_automatic, phase, detail, source`` where known. What came long after the
            incident, such as its report, is counted below the figure.
        title: written above the figure.
        width: px; 358 puts the text above its line.

    Raises:
        SchemaError: a column is missing.
    """
    steps, left_out = _steps(checked(rows, "plot_recovery", NEEDED))
    if not steps:
        missing = f"; {wording.count(left_out, 'step')} without a time" if left_out else ""
        return nothing(width, title, f"Recovery steps: not recorded{missing}")
    canvas = Canvas(width, title=title)
    if left_out:
        canvas.note(f"{wording.count(left_out, 'step')} without a time, only in the list")
    steps = _near_steps(canvas, steps)
    pitch = 38 if canvas.is_narrow else 26
    bottom = 6 + pitch * len(steps) + (4 if canvas.is_narrow else 0)
    panel = _panel(canvas, steps, bottom)
    with_date = steps[0].at.date() != steps[-1].at.date()
    heights = [6 + pitch * n + (29 if canvas.is_narrow else pitch / 2) for n in range(len(steps))]
    _draw(panel, steps, heights)
    for step, y in zip(steps, heights, strict=True):
        at = y - 20 if canvas.is_narrow else y
        canvas.words(
            step.words(with_date=with_date), 0, at, tone="ink", room=width if canvas.is_narrow else panel.left - 10
        )
    if not canvas.is_narrow:
        canvas.words("UTC", 0, bottom + 9, tone="ink-3")
    first, last = wording.clock_time(steps[0].at), wording.clock_time(steps[-1].at)
    label = f"{wording.count(len(steps), 'recovery step')} from {first} to {last} UTC with the time between each."
    return canvas.figure(bottom + 24, label)


def _panel(canvas: Canvas, steps: list[_Step], bottom: float) -> Panel:
    longest = max(text_width(step.words(with_date=True)) for step in steps)
    left = 8 if canvas.is_narrow else min(max(180, longest + 20), 330)
    low, high = steps[0].at, max(step.latest for step in steps)
    high = max(high, low + pd.Timedelta(minutes=1))
    # Room right of the last step for its length.
    high += (high - low) * (24 if canvas.is_narrow else 84) / (canvas.width - left)
    panel = canvas.panel(left, canvas.width - 20, 4, bottom, low, high, has_axis_line=False)
    panel.utc_ticks(4 if canvas.is_narrow else 7)
    return panel


def _near_steps(canvas: Canvas, steps: list[_Step]) -> list[_Step]:
    """The steps that can share one axis; what lies long after the incident, or is known too roughly, is noted."""
    core = [step for step in steps if step.is_inside] or steps
    low, high = min(step.at for step in core), max(step.at for step in core)
    reach = near(high - low)
    rough = [step for step in steps if step.latest - step.at > (high - low) + 2 * reach and len(steps) > 1]
    later = [step for step in steps if step.at > high + reach and step not in rough]
    kept = [step for step in steps if step not in rough and step not in later] or steps
    if rough and kept != steps:
        canvas.note(f"{wording.count(len(rough), 'step')} known too roughly for this axis, only in the list")
    if later and kept != steps:
        edge = far_words("until", max(step.at for step in later), high)
        canvas.note(f"{wording.count(len(later), 'later step')} {edge}, only in the list")
    chosen = _telling(kept)
    if len(chosen) < len(kept):
        canvas.note(f"{wording.count(len(kept) - len(chosen), 'further entry', 'further entries')} only in the list")
    return chosen


def _telling(steps: list[_Step]) -> list[_Step]:
    """The steps that tell the recovery: without chat and alerts where there is something else, the weightiest first."""
    told = [step for step in steps if step.weight < ANYTHING_ELSE]
    told = told if len(told) >= 2 else steps
    chosen = sorted(told, key=lambda step: (step.weight, step.at))[:_MOST_STEPS]
    return [step for step in told if step in chosen]


def _steps(rows: pd.DataFrame) -> tuple[list[_Step], int]:
    """The steps in order of time, and how many have none."""
    if "is_recovery" in rows.columns:
        rows = rows[flags(rows, "is_recovery")].reset_index(drop=True)
    ats, latest = instants(rows, "at"), instants(rows, "at_latest")
    columns = ("text", "detail", "source", "kind", "field", "precision", "phase")
    said, details, sources, kinds, fields, precision, phases = (texts(rows, column) for column in columns)
    is_automatic = flags(rows, "is_automatic")
    points = [point_set(value) for value in rows["points"]] if "points" in rows else [frozenset[str]()] * len(rows)
    steps = []
    for n in range(len(rows)):
        if pd.isna(ats[n]):
            continue
        end = ats[n] if pd.isna(latest[n]) else max(latest[n], ats[n])
        known_to = precision[n] if precision[n] in ("hour", "day") else "minute"
        until = f" to {wording.clock_time(end, with_date=True)}" if end > ats[n] else ""
        hover = hover_text(
            said[n], f"{wording.clock_time(ats[n], with_date=True)}{until}", details[n] or None, sources[n] or None
        )
        is_hollow = is_automatic[n] or kinds[n] in ("update", "message")
        weight = weight_of(kinds[n], fields[n], points[n])
        steps.append(_Step(ats[n], end, known_to, said[n], weight, is_hollow, phases[n] != "after", hover))
    return sorted(steps, key=lambda s: s.at), len(rows) - len(steps)


def _draw(panel: Panel, steps: list[_Step], heights: list[float]) -> None:
    for n, (before, step) in enumerate(itertools.pairwise(steps), start=1):
        x = panel.px(before.at)
        panel.canvas.line(x, heights[n - 1] + 4, x, heights[n], "rule-2")
        panel.line([before.at, step.at], [heights[n], heights[n]], "ink", width=1.75)
        _say(panel, wording.duration(step.at - before.at), before, step, heights[n])
    for step, y in zip(steps, heights, strict=True):
        if step.latest > step.at:
            panel.line([step.at, step.latest], [y, y], "axis", dash="3px,3px")
    symbols = ["circle-open" if step.is_hollow else "circle" for step in steps]
    panel.marks([s.at for s in steps], heights, [s.hover for s in steps], symbol=symbols)


def _say(panel: Panel, words: str, before: _Step, step: _Step, y: float) -> None:
    """Write the length right of the step, left of the line, or on a long line above it."""
    end, need, width = panel.px(step.latest), text_width(words), panel.canvas.width
    if end + 9 + need <= width:
        panel.canvas.words(words, end + 9, y)
    elif panel.px(step.at) - panel.px(before.at) > need + 20:
        panel.canvas.words(words, (panel.px(before.at) + panel.px(step.at)) / 2, y - 8, align="center")
    else:
        panel.canvas.words(words, panel.px(before.at) - 7, y, align="right")
