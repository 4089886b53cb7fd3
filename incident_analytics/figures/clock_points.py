"""Which clock points are known for which incident."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from .. import wording
from ..schema import CLOCK_POINTS
from ._canvas import Bar, Canvas, Panel, nothing
from ._labels import shortened, text_width
from ._rows import checked, in_words, texts
from .theme import hover_text

NEEDED = ("title", "point", "state")

STATES = {
    "stated": "stated to the minute or better",
    "inferred": "inferred",
    "coarse": "known only to the hour or day",
    "unknown": "not known",
}

_ROW = 22.0
_MOST_ROWS = 60
_NARROWEST = 16.0
"""Columns nearer to each other than this cannot have heads."""

_SHORT = {"impact_start": "impact", "severity_first": "severity", "ic_assumed": "commander"}


def plot_clock_points(rows: pd.DataFrame, *, title: str | None = None, width: int = 912) -> go.Figure:
    """Draw a grid of incidents and clock points: filled is stated, hollow inferred or coarse, hatched not known.

    Args:
        rows: ``title, point, state``; the state is stated, inferred, coarse or unknown. A pair that is not in the rows
            is unknown. Incidents of the same title are kept apart by ``incident_id``, or where that is absent by a
            pair of title and point that comes again.
        title: written above the figure.
        width: px; 358 shortens the titles and turns the heads.

    Raises:
        SchemaError: a column is missing.
    """
    rows = checked(rows, "plot_clock_points", NEEDED)
    if rows.empty:
        return nothing(width, title, "Clock points: none recorded")
    canvas = Canvas(width, title=title)
    names, keys = texts(rows, "title"), _keys(rows)
    states = dict(zip(zip(keys, texts(rows, "point"), strict=True), texts(rows, "state"), strict=True))
    incidents = dict(zip(keys, names, strict=True))
    present = {point for _, point in states}
    points = [*[p for p in CLOCK_POINTS if p in present], *sorted(present - set(CLOCK_POINTS))]
    shown = list(incidents)[:_MOST_ROWS]
    if len(incidents) > len(shown):
        canvas.note(f"{wording.count(len(incidents) - len(shown), 'incident')} more, not drawn but counted below")
    known = {point: sum(_is_known(states.get((key, point), "")) for key in incidents) for point in points}
    left = 118.0 if canvas.is_narrow else 290.0
    points = _that_fit(canvas, points, known, width - left)
    heads = [shortened(_SHORT.get(p, in_words(p)), 130) for p in points]
    longest = max(map(text_width, heads))
    widths = [text_width(words) for words in heads]
    nearest = max((a + b) / 2 for a, b in zip(widths, [*widths[1:], widths[-1]], strict=True))
    is_turned = nearest > (width - left) / len(points) - 6
    pitch = (width - left - (0.4 * longest if is_turned else 0)) / len(points)
    head = longest * 0.9 + 14 if is_turned else 22.0
    bottom = head + _ROW * len(shown)
    panel = canvas.panel(left, width, head, bottom, left, float(width), "linear", has_axis_line=False, has_grid=False)
    for n, words in enumerate(heads):
        middle = left + (n + 0.5) * pitch
        if is_turned:
            canvas.words(words, middle - 5, head - 4, tone="ink-3", angle=-65)
        else:
            canvas.words(words, middle, 10, tone="ink-3", align="center")
    _marks(panel, incidents, shown, points, states, pitch)
    for n, key in enumerate(shown):
        canvas.words(incidents[key] or wording.NOT_RECORDED, 0, head + _ROW * (n + 0.5), tone="ink", room=left - 12)
    _sums(canvas, [known[p] for p in points], len(incidents), left, pitch, bottom + 12)
    said = wording.listed([f"{words} {known[p]}" for words, p in zip(heads, points, strict=True)])
    return canvas.figure(bottom + 24, f"Known clock points of {wording.count(len(incidents), 'incident')}: {said}.")


def _keys(rows: pd.DataFrame) -> list[str]:
    """What tells incidents apart."""
    if "incident_id" in rows:
        return texts(rows, "incident_id")
    titles = pd.Series(texts(rows, "title"))
    again = titles.groupby([titles, pd.Series(texts(rows, "point"))]).cumcount()
    return [f"{title}\n{n}" for title, n in zip(titles, again, strict=True)]


def _that_fit(canvas: Canvas, points: list[str], known: dict[str, int], room: float) -> list[str]:
    """The clock points there is room for: those known most often, in their usual order; the rest is noted."""
    most = int((room - 50) // _NARROWEST)
    if len(points) <= most:
        return points
    kept = sorted(points, key=lambda p: (-known[p], points.index(p)))[:most]
    left_out = [f"{in_words(p)} {known[p]}" for p in points if p not in kept]
    canvas.note(f"No room for {wording.listed(left_out[:6])}{' and others' if len(left_out) > 6 else ''}")
    return [point for point in points if point in kept]


def _is_known(state: str) -> bool:
    return state in ("stated", "inferred", "coarse")


def _marks(
    panel: Panel,
    incidents: dict[str, str],
    shown: list[str],
    points: list[str],
    states: dict[tuple[str, str], str],
    pitch: float,
) -> None:
    drawn: dict[str, list[Bar]] = {"stated": [], "hollow": [], "unknown": []}
    half = min(7.0, pitch / 2 - 2)
    for r, key in enumerate(shown):
        for c, point in enumerate(points):
            state = states.get((key, point), "unknown")
            x, y = panel.left + (c + 0.5) * pitch, panel.top + _ROW * (r + 0.5)
            words = f"{in_words(point)}: {STATES.get(state, STATES['unknown'])}"
            kind = state if state == "stated" else "hollow" if _is_known(state) else "unknown"
            drawn[kind].append(Bar(x - half, x + half, y - 6, y + 6, hover_text(incidents[key] or None, words)))
    panel.bars(drawn["stated"], "ink")
    panel.bars(drawn["hollow"], "paper", edge="ink")
    panel.bars(drawn["unknown"], "transparent", hatch="hatch")


def _sums(canvas: Canvas, known: list[int], of: int, left: float, pitch: float, y: float) -> None:
    has_total = text_width(f"{of}/{of}") <= pitch - 4
    canvas.words(f"of {of}" if canvas.is_narrow else f"known, of {of}", 0, y, tone="ink")
    for n, count in enumerate(known):
        words = f"{count}/{of}" if has_total else str(count)
        if text_width(words) <= pitch:
            canvas.words(words, left + (n + 0.5) * pitch, y, tone="ink", align="center")
