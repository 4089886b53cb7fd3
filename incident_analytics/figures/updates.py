"""Communication: how long each audience had not heard anything."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from .. import wording
from ._axes import duration_ticks
from ._canvas import Canvas, Panel, nothing
from ._entries import AUDIENCES
from ._labels import Shelf, text_width
from ._rows import checked, flags, instants, spans, texts
from .theme import hover_text

NEEDED = ("audience", "began_at", "ended_at", "span", "cadence", "over", "position", "is_open")

OFF_SCALE = 2.0
"""A cadence longer than the longest gap times this is not drawn."""

_MOST_AUDIENCES = 6
_MOST_LABELS = 40
_ALL_NAMED = 6


@dataclass(frozen=True, slots=True)
class _Gap:
    start: pd.Timestamp
    end: pd.Timestamp
    is_open: bool
    is_told: bool
    cadence: float | None
    hover: str

    @property
    def minutes(self) -> float:
        """Length of the gap."""
        return float((self.end - self.start).total_seconds()) / 60

    @property
    def is_over(self) -> bool:
        """Longer than the cadence asks for."""
        return self.cadence is not None and self.minutes > self.cadence


def plot_updates(
    rows: pd.DataFrame,
    *,
    title: str | None = None,
    width: int = 912,
    as_of: pd.Timestamp | None = None,
    zero_at: pd.Timestamp | None = None,
) -> go.Figure:
    """Draw the time since each audience last heard, as a saw-tooth, one panel per audience.

    The line climbs until the next update, a dot, and falls to zero there; the last may run to the end without one. The dashed level is the cadence the policy asks
    for; what lies above it is filled. A gap that had not ended stops at an upright tick. Updates missing in the record
    would shorten the gaps, so each is an upper bound.

    Args:
        rows: gaps: ``audience, began_at, ended_at, span, cadence, over, position, is_open``, and ``from_text``,
            ``to_text`` where known. An audience whose row has no times is said to be not recorded.
        title: written above the figure.
        width: px.
        as_of: end of the data, for a gap that had not ended and has no span.
        zero_at: start of the incident, for the elapsed time above.

    Raises:
        SchemaError: a column is missing.
    """
    rows = checked(rows, "plot_updates", NEEDED)
    by_audience, left_out = _gaps(rows, as_of)
    everything = [gap for gaps in by_audience.values() for gap in gaps]
    if not everything:
        missing = f"; {wording.count(left_out, 'gap')} ending before they begin" if left_out else ""
        return nothing(width, title, f"Updates: not recorded{missing}")
    canvas = Canvas(width, title=title)
    if left_out:
        canvas.note(f"{wording.count(left_out, 'gap')} that ends before it begins, not drawn")
    if len(by_audience) > _MOST_AUDIENCES:
        canvas.note(f"{wording.count(len(by_audience) - _MOST_AUDIENCES, 'audience')} more, not drawn")
        by_audience = dict(list(by_audience.items())[:_MOST_AUDIENCES])
    low, high = min(g.start for g in everything), max(g.end for g in everything)
    high = max(high, low + pd.Timedelta(minutes=1))
    ends = low - (high - low) * 0.035, high + (high - low) * 0.03
    cadences = {_short(g.cadence) for g in everything if g.cadence is not None}
    left = max([52.0, *[text_width(words) + 10 for words in cadences]])
    height = _panels(canvas, by_audience, left, ends, zero_at)
    longest = max(everything, key=lambda g: g.minutes)
    label = f"Time since each audience last heard; the longest gap is {wording.duration(longest.minutes * 60)}."
    return canvas.figure(height, label)


def _panels(
    canvas: Canvas,
    by_audience: dict[str, list[_Gap]],
    left: float,
    ends: tuple[pd.Timestamp, pd.Timestamp],
    zero_at: pd.Timestamp | None,
) -> float:
    """Draw the audiences below each other; returns the height."""
    top = 20.0 if zero_at is not None else 0.0
    deep = 200 if len(by_audience) == 1 else 132
    drawn = [audience for audience, gaps in by_audience.items() if gaps]
    for audience, gaps in by_audience.items():
        name = AUDIENCES.get(audience, f"Updates, {audience}")
        canvas.words(name, 0, top + 10, tone="ink", is_bold=True, room=canvas.width - 210)
        if not gaps:
            canvas.hatch(0, top + 22, 12, top + 34)
            canvas.words(wording.NOT_RECORDED, 20, top + 28, tone="ink-3", is_italic=True)
            top += 44
            continue
        panel = canvas.panel(left, canvas.width - 8, top + 40, top + deep, *ends, has_grid=False)
        if audience == drawn[-1]:
            panel.utc_ticks(4 if canvas.is_narrow else 9)
            canvas.words("UTC", 0, panel.bottom + 14, tone="ink-3")
        if audience == drawn[0] and zero_at is not None:
            panel.elapsed_axis(zero_at, 7, most=4 if canvas.is_narrow else 8)
        _saw_tooth(panel, gaps)
        top = panel.bottom + (26 if audience == drawn[-1] else 12)
    return top


def _gaps(rows: pd.DataFrame, as_of: pd.Timestamp | None) -> tuple[dict[str, list[_Gap]], int]:
    """Gaps by audience, in order of time, and how many end before they begin."""
    starts, ends, lengths = instants(rows, "began_at"), instants(rows, "ended_at"), spans(rows, "span")
    cadences, over = spans(rows, "cadence"), spans(rows, "over")
    is_open, audiences = flags(rows, "is_open"), texts(rows, "audience")
    known = [a for a in AUDIENCES if a and a in audiences]
    found: dict[str, list[_Gap]] = {a: [] for a in [*known, *dict.fromkeys(a for a in audiences if a not in known)]}
    before, after, positions = texts(rows, "from_text"), texts(rows, "to_text"), texts(rows, "position")
    left_out = 0
    # What is still open is drawn to the end of the data, or to the last instant there is.
    last = as_of if as_of is not None else pd.concat([starts, ends]).max()
    for n, audience in enumerate(audiences):
        end = ends[n] if pd.notna(ends[n]) else starts[n] + lengths[n]
        end = last if pd.isna(end) else end
        if pd.isna(starts[n]) or pd.isna(end):
            continue
        if end < starts[n]:
            left_out += 1
            continue
        hover = hover_text(
            f"{wording.duration(end - starts[n])}{', open' if is_open[n] else ''} without an update",
            f"{wording.clock_time(starts[n], with_date=True)} {before[n]}".strip(),
            f"{wording.clock_time(end, with_date=True)} {after[n]}".strip(),
            _over_words(over[n]),
            positions[n] or None,
        )
        cadence = cadences[n].total_seconds() / 60 if pd.notna(cadences[n]) else None
        found[audience].append(
            _Gap(starts[n], end, is_open[n] or bool(pd.isna(ends[n])), positions[n] != "last", cadence, hover)
        )
    return {audience: sorted(gaps, key=lambda g: g.start) for audience, gaps in found.items()}, left_out


def _over_words(over: pd.Timedelta) -> str | None:
    return f"{wording.duration(over)} over the cadence" if pd.notna(over) and over > pd.Timedelta(0) else None


def _saw_tooth(panel: Panel, gaps: list[_Gap]) -> None:
    highest = max(gap.minutes for gap in gaps)
    # A cadence far above every gap would press the gaps flat; it is said instead of drawn.
    cadences = [gap.cadence for gap in gaps if gap.cadence is not None and gap.cadence <= highest * OFF_SCALE]
    panel.y_range = (0.0, max([highest, *cadences, 1.0]) * 1.06)
    panel.y_ticks = _height_ticks(panel, cadences)
    xs: list[pd.Timestamp | None] = []
    ys: list[float | None] = []
    over_x: list[pd.Timestamp | None] = []
    over_y: list[float | None] = []
    for gap in gaps:
        xs += [gap.start, gap.end, None]
        ys += [0.0, gap.minutes, None]
        if gap.cadence is not None and gap.is_over:
            crossed = gap.start + pd.Timedelta(minutes=gap.cadence)
            over_x += [crossed, gap.end, gap.end, crossed, None]
            over_y += [gap.cadence, gap.minutes, gap.cadence, gap.cadence, None]
    if over_x:
        panel.area(over_x, over_y, "band")
    panel.line(xs, ys, "ink", width=1.5)
    _falls(panel, gaps)
    _cadence(panel, gaps)
    ended = [gap for gap in gaps if gap.is_told and not gap.is_open]
    panel.marks([g.end for g in ended], [0.0] * len(ended), [g.hover for g in ended], size=9 if len(gaps) < 60 else 5)
    # The peak is where a reader points; it has no mark of its own.
    panel.draw(
        x=[panel.value(g.end) for g in gaps], y=[g.minutes for g in gaps], mode="markers", opacity=0,
        marker={"size": 12}, hovertext=[g.hover for g in gaps],
    )  # fmt: skip
    _say_lengths(panel, gaps)


def _height_ticks(panel: Panel, cadences: list[float]) -> list[tuple[float, str]]:
    """Zero, the cadence, and round durations that keep clear of it and of each other."""
    assert panel.y_range is not None
    high = panel.y_range[1]
    step = next((s for s in (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080) if high / s <= 4), high)
    wanted = [(0.0, "0")]
    wanted += [(c, _short(c)) for c in dict.fromkeys(cadences[:1])]
    wanted += [(float(m), _short(m)) for m in range(int(step), int(high) + 1, int(max(step, 1)))]
    kept: list[tuple[float, str]] = []
    for minutes, words in wanted:
        if all(abs(panel.py(minutes) - panel.py(other)) >= 13 for other, _ in kept):
            kept.append((minutes, words))
    return sorted(kept)


def _short(minutes: float) -> str:
    exact = dict(duration_ticks(minutes, minutes))
    return next(iter(exact.values()), wording.duration(minutes * 60).replace(" 00 min", ""))


def _falls(panel: Panel, gaps: list[_Gap]) -> None:
    xs: list[pd.Timestamp | None] = []
    ys: list[float | None] = []
    for gap in gaps:
        if gap.is_open:
            panel.upright(gap.end, panel.py(gap.minutes) - 7, panel.py(gap.minutes) + 7, "ink", width=2)
        else:
            xs += [gap.end, gap.end, None]
            ys += [gap.minutes, 0.0, None]
    panel.line(xs, ys, "ink", dash="3px,3px")


def _cadence(panel: Panel, gaps: list[_Gap]) -> None:
    """Draw the level each gap is held against; it may change with the severity."""
    high = (panel.y_range or (0.0, 0.0))[1]
    xs: list[pd.Timestamp | None] = []
    ys: list[float | None] = []
    for gap in gaps:
        if gap.cadence is not None and gap.cadence <= high:
            xs += [gap.start, gap.end, None]
            ys += [gap.cadence, gap.cadence, None]
    levels = {gap.cadence for gap in gaps}
    if len(levels) == 1 and xs:
        xs, ys = [panel.low, panel.high], [ys[0], ys[0]]
    if xs:
        panel.line(xs, ys, "band-ink", width=1.25, dash="5px,3px")
    known = sorted(level for level in levels if level is not None)
    if known:
        _say_cadence(panel, known, is_off=known[0] > high)


def _say_cadence(panel: Panel, known: list[float], *, is_off: bool) -> None:
    """Name the dashed line above the panel, with its values."""
    said = [_short(level) for level in known]
    words = f"cadence {wording.listed(said) if len(said) < 3 else f'{said[0]} to {said[-1]}'}"
    words += ", off the scale" if is_off else ""
    y, right = panel.top - 30, panel.right
    panel.canvas.words(words, right, y, tone="ink-2", align="right")
    left = right - text_width(words)
    panel.canvas.line(left - 26, y, left - 6, y, "band-ink", width=1.25, dash="5px,3px")


def _say_lengths(panel: Panel, gaps: list[_Gap]) -> None:
    """Write the lengths at the peaks, the longest first, where they hide neither each other nor a line."""
    rows: dict[int, Shelf] = {}
    lines = [(panel.px(g.start), panel.py(0), panel.px(g.end), panel.py(g.minutes)) for g in gaps]
    longest = sorted(gaps, key=lambda g: g.minutes, reverse=True)
    worth = [g for n, g in enumerate(longest) if len(gaps) <= _ALL_NAMED or n == 0 or g.is_over or g.is_open]
    for gap in worth[:_MOST_LABELS]:
        words = f"{'open, ' if gap.is_open else ''}{wording.duration(gap.minutes * 60)}"
        need, y = text_width(words, is_bold=True), panel.py(gap.minutes) - 10
        level = y if gap.cadence is None else panel.py(gap.cadence)
        y = level - 9 if abs(level - y) < 8 else y
        right = max(panel.px(gap.end) + 2, panel.left + need)
        left = right - need
        touched = [rows.setdefault(band, Shelf()) for band in (int(y // 8), int(y // 8) + 1, int(y // 8) - 1)]
        if any(_crosses(line, left, right, y) for line in lines):
            continue
        if all(shelf.is_free(left - 4, right + 4) for shelf in touched):
            for shelf in touched:
                shelf.take(left - 4, right + 4)
            panel.canvas.words(words, right, y, tone="ink", is_bold=True, align="right")


def _crosses(line: tuple[float, float, float, float], left: float, right: float, y: float) -> bool:
    """The rising line comes through the label's box."""
    x0, y0, x1, y1 = line
    if x1 <= left or x0 >= right or x1 <= x0:
        return False
    slope = (y1 - y0) / (x1 - x0)
    at = [y0 + slope * (min(max(x, x0), x1) - x0) for x in (left, right)]
    return min(at) < y + 7 and max(at) > y - 7
