"""The duration strip: where the time of one incident went."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd
import plotly.graph_objects as go

from .. import wording
from ._canvas import LINE, Bar, Canvas, Panel, nothing
from ._labels import Shelf, text_width
from ._rows import checked, flags, in_words, instants, spans, texts
from .theme import hover_text, phase_token

NEEDED = ("phase", "began_at", "ended_at", "span", "share", "is_open", "covers", "start_point", "end_point")

SMALL_SHARE = 0.04
"""A phase narrower than this share of the strip cannot be read without the lens."""

_LISTED = 12


@dataclass(frozen=True, slots=True)
class _Phase:
    name: str
    words: str
    token: str
    start: pd.Timestamp
    latest: pd.Timestamp
    end: pd.Timestamp
    end_latest: pd.Timestamp
    span: pd.Timedelta
    shortest: pd.Timedelta
    longest: pd.Timedelta
    share: float
    is_open: bool
    is_merged: bool
    start_point: str
    end_point: str

    @property
    def length(self) -> str:
        """How long it took; what is still open took at least so long."""
        is_range = pd.notna(self.shortest) and pd.notna(self.longest) and self.shortest < self.longest
        said = wording.span_range(self.shortest, self.longest) if is_range else wording.duration(self.span)
        return f"{'open, ' if self.is_open else ''}{said}"

    def hover(self) -> str:
        """Name, length, and between which clock points."""
        began = f"{in_words(self.start_point)} {wording.clock_time(self.start, with_date=True)}"
        ended = f"{in_words(self.end_point)} {wording.clock_time(self.end, with_date=True)}"
        unsure = f"the start may be as late as {wording.clock_time(self.latest, with_date=True)}"
        return hover_text(
            f"{self.words}: {self.length}{self.percent()}",
            f"{began} to {'the end of the data, still open' if self.is_open else ended}",
            unsure if self.latest > self.start else None,
        )

    def percent(self) -> str:
        """The share of the whole incident, after a comma; nothing when it is not known."""
        return "" if pd.isna(self.share) else f", {wording.percent(self.share)}"


def plot_phases(
    rows: pd.DataFrame, *, title: str | None = None, width: int = 912, as_of: pd.Timestamp | None = None
) -> go.Figure:
    """Draw the phases of one incident as one strip, from the first known clock point to the last.

    Phases at the start that are narrower than 4 % of the strip are shown once more under a lens. A start that is only
    known to lie in an interval is hatched; a stretch whose inner boundaries are not recorded is one neutral hatched
    piece, named for the point where it ends. An open phase ends in an upright tick.

    Args:
        rows: phases in order: ``phase, began_at, ended_at, span, share, is_open, covers, start_point, end_point``;
            ``began_at_latest`` where a start is uncertain.
        title: written above the figure.
        width: px; 358 lists the phases below the strip instead of labelling it.
        as_of: end of the data, for an open phase without a span.

    Raises:
        SchemaError: a column is missing.
    """
    phases, left_out = _phases(checked(rows, "plot_phases", NEEDED), as_of)
    if not phases:
        unusable = wording.count(len(left_out), "phase")
        words = f"{unusable} without usable times" if left_out else "no two clock points are recorded"
        return nothing(width, title, f"Phases: {words}")
    canvas = Canvas(width, title=title)
    for name in left_out[:3]:
        canvas.note(f"{name}: not drawn, a time is missing or it ends before it begins")
    if len(left_out) > 3:
        canvas.note(f"{len(left_out) - 3} more not drawn for the same reason")
    small = _run_of_small(phases)
    height = _narrow(canvas, phases, small) if canvas.is_narrow else _wide(canvas, phases, small)
    said = wording.listed([f"{p.words} {p.length}" for p in phases[:8]])
    return canvas.figure(height, f"Duration strip: {said}.")


def _phases(rows: pd.DataFrame, as_of: pd.Timestamp | None) -> tuple[list[_Phase], list[str]]:
    """The phases that can be drawn, and the names of those that cannot."""
    starts, ends, lengths = instants(rows, "began_at"), instants(rows, "ended_at"), spans(rows, "span")
    latest, ended_latest = instants(rows, "began_at_latest"), instants(rows, "ended_at_latest")
    shortest, longest = spans(rows, "span_low"), spans(rows, "span_high")
    is_open = flags(rows, "is_open")
    stop = as_of if as_of is not None else max(starts.max(), ends.max(), latest.max())
    drawn, left_out = [], []
    covers, names = rows.get("covers"), texts(rows, "phase")
    points = list(zip(texts(rows, "start_point"), texts(rows, "end_point"), strict=True))
    shares = pd.to_numeric(rows["share"]) if len(rows) else pd.Series(dtype=float)
    for n, name in enumerate(names):
        listed = covers.iloc[n] if covers is not None else None
        is_merged = isinstance(listed, list | tuple) and len(listed) > 1
        words = f"until {in_words(points[n][1])}" if is_merged and points[n][1] else name or "phase"
        end = starts[n] + lengths[n] if pd.isna(ends[n]) and pd.notna(lengths[n]) else ends[n]
        end = stop if pd.isna(end) and is_open[n] else end
        if pd.isna(starts[n]) or pd.isna(end) or end < starts[n]:
            left_out.append(words)
            continue
        drawn.append(
            _Phase(
                name, words, "band" if is_merged else phase_token(name), starts[n],
                min(latest[n], end) if pd.notna(latest[n]) else starts[n], end,
                max(ended_latest[n], end) if pd.notna(ended_latest[n]) else end,
                lengths[n] if pd.notna(lengths[n]) else end - starts[n], shortest[n], longest[n],
                float(shares.iloc[n]), is_open[n], is_merged, *points[n],
            )
        )  # fmt: skip
    return drawn, left_out


def _run_of_small(phases: list[_Phase]) -> list[_Phase]:
    """The phases at the start that are too narrow to read, if there is something longer after them."""
    whole = (phases[-1].end - phases[0].start).total_seconds()
    run: list[_Phase] = []
    for phase in phases:
        if whole == 0 or (phase.end - phase.start).total_seconds() >= SMALL_SHARE * whole:
            break
        run.append(phase)
    is_worth_it = 0 < len(run) < len(phases) and run[-1].end > run[0].start
    return run if is_worth_it else []


def _strip(panel: Panel, phases: list[_Phase], *, gap: float) -> None:
    """Draw the phases into a panel; between two there is a gap, so that colours never touch."""
    per_px = (panel.high - panel.low) / (panel.right - panel.left)
    for phase in phases:
        start, end = panel.clipped(phase.start), panel.clipped(phase.end)
        trimmed = end - min(per_px * gap, (end - start) * 0.3)
        edge = "band-ink" if phase.is_merged else None
        solid = [Bar(start, trimmed, panel.top, panel.bottom, phase.hover())]
        if phase.latest > phase.start and phase is phases[0]:
            # Nothing came before: whether the incident had begun at all is what is not known.
            sure = max(start, panel.clipped(phase.latest))
            panel.bars([replace(solid[0], end=sure)], "transparent", hatch="hatch")
            solid = [replace(solid[0], start=sure)] if trimmed > sure else []
        panel.bars(solid, phase.token, edge=edge, hatch="band-ink" if phase.is_merged else None, least=1)
        if phase.latest > phase.start and phase is not phases[0]:
            unsure = Bar(start, min(trimmed, phase.latest), panel.top, panel.bottom, phase.hover())
            panel.bars([unsure], "transparent", hatch="paper")
        if phase.is_open:
            x = panel.px(end)
            panel.canvas.line(x - 1, panel.top - 4, x - 1, panel.bottom + 4, "ink", width=2)


def _lens(canvas: Canvas, phases: list[_Phase], small: list[_Phase], top: float, strip: Panel) -> Panel:
    """Draw the small phases once more, larger, and the beam that joins both drawings."""
    length = 190 if canvas.is_narrow else 442
    depth = 14 if canvas.is_narrow else 16
    lens = canvas.panel(0, length, top, top + depth, small[0].start, small[-1].end, has_axis_line=False, has_grid=False)
    near, far = strip.px(small[0].start), max(strip.px(small[-1].end), 2)
    canvas.polygon([(0, top + depth), (length, top + depth), (far, strip.top), (near, strip.top)], "silence")
    _strip(lens, small, gap=2)
    span = small[-1].end - phases[0].start
    words = f"the first {wording.duration(span)}, enlarged"
    if text_width(words) > canvas.width - length - 10:
        words = f"first {wording.duration(span)}"
    canvas.words(words, length + 10, top + depth / 2, tone="ink-3")
    return lens


def _wide(canvas: Canvas, phases: list[_Phase], small: list[_Phase]) -> float:
    top = 58 if small else 2
    strip = canvas.panel(
        0, canvas.width, top, top + 26, phases[0].start, _last(phases), has_axis_line=False, has_grid=False
    )
    labels = Shelf()
    if small:
        lens = _lens(canvas, phases, small, 18, strip)
        _lens_labels(canvas, lens, small)
        words = wording.duration(small[-1].end - small[0].start)
        canvas.words("first", 0, top + 38, tone="ink")
        canvas.words(words, 0, top + 54, tone="ink")
        labels.take(0, text_width(words) + 6)
    _strip(strip, phases, gap=2)
    unnamed = _labels(canvas, strip, phases[len(small) :], labels)
    if unnamed:
        rest = [f"{p.words} {p.length}" for p in unnamed[:6]]
        more = [f"{len(unnamed) - 6} more"] if len(unnamed) > 6 else []
        canvas.note(f"Too short to be named in the strip: {wording.listed(rest + more)}")
    if phases[0].latest > phases[0].start:
        _uncertain_start(canvas, phases[0], 9 if small else top + 86)
    return top + (80 if small or phases[0].latest == phases[0].start else 98)


def _last(phases: list[_Phase]) -> pd.Timestamp:
    """Right end of the strip: never the same instant as the left end."""
    last = max(p.end for p in phases)
    return last if last > phases[0].start else phases[0].start + pd.Timedelta(minutes=1)


def _uncertain_start(canvas: Canvas, first: _Phase, middle: float) -> None:
    words = f"start between {wording.clock_time(first.start)} and {wording.clock_time(first.latest)}"
    right = canvas.width if middle < 20 else 0
    canvas.words(words, right, middle, tone="ink-3", is_italic=True, align="right" if right else "left")


def _lens_labels(canvas: Canvas, lens: Panel, small: list[_Phase]) -> None:
    for phase in small:
        left = max(lens.px(phase.latest if phase is small[0] else phase.start), 0)
        room = lens.px(phase.end) - left - 4
        for words in (f"{phase.words} {phase.length}", phase.length):
            if text_width(words) <= room:
                canvas.words(words, left, lens.top - 9, tone="ink")
                break


def _labels(canvas: Canvas, strip: Panel, phases: list[_Phase], shelf: Shelf) -> list[_Phase]:
    """Name the phases below the strip, the longest first; returns those there was no room for."""
    unnamed = []
    with_date = strip.low.date() != strip.high.date()
    last = phases[-1]
    ended = "" if last.is_open else _point(last.end, last.end_latest, last.end_point, with_date=with_date)
    canvas.words(ended, canvas.width, strip.bottom + 44, tone="ink-3", align="right")
    for phase in sorted(phases, key=lambda p: p.span, reverse=True):
        for length in (f"{phase.length}{phase.percent()}", phase.length, wording.duration(phase.span)):
            need = max(text_width(phase.words, is_bold=True), text_width(length))
            left = _free_left(strip, phase, need, shelf)
            if left is not None:
                shelf.take(left, left + need + 8)
                _label(strip, phase, length, left, ended, with_date=with_date)
                break
        else:
            unnamed.append(phase)
    return sorted(unnamed, key=lambda p: p.start)


def _label(strip: Panel, phase: _Phase, length: str, left: float, ended: str, *, with_date: bool) -> None:
    """Write name, length and beginning below each other; the beginning where it keeps clear of the last point."""
    canvas = strip.canvas
    canvas.words(phase.words, left, strip.bottom + 12, tone="ink", is_bold=True)
    canvas.words(length, left, strip.bottom + 28, tone="ink")
    began = _point(phase.start, phase.latest, phase.start_point, with_date=with_date)
    right = strip.px(phase.end)
    right -= text_width(ended) + 12 if right >= canvas.width - 1 else 0
    if text_width(began) <= right - left:
        canvas.words(began, left, strip.bottom + 44, tone="ink-3")


def _point(at: pd.Timestamp, latest: pd.Timestamp, point: str, *, with_date: bool) -> str:
    """An end of a phase, said no more exactly than it is known."""
    room = latest - at
    known_to = "day" if room >= pd.Timedelta(days=1) else "hour" if room >= pd.Timedelta(hours=1) else "minute"
    about = "about " if known_to == "hour" else ""
    return f"{about}{wording.clock_time(at, known_to, with_date=with_date)} {in_words(point)}".strip()


def _free_left(strip: Panel, phase: _Phase, need: float, shelf: Shelf) -> float | None:
    """Where the phase's label may begin: at its start, a little inside it, or flush right at the end of the strip."""
    start, end = strip.px(phase.start), strip.px(phase.end)
    inside = [start + shift for shift in (20, 40, 60) if start + shift + need <= end]
    for left in (min(start, strip.right - need), *inside):
        if left >= 0 and shelf.is_free(left, left + need + 8):
            return left
    return None


def _narrow(canvas: Canvas, phases: list[_Phase], small: list[_Phase]) -> float:
    top = 30 if small else 2
    strip = canvas.panel(
        0, canvas.width, top, top + 24, phases[0].start, _last(phases), has_axis_line=False, has_grid=False
    )
    if small:
        _lens(canvas, phases, small, 2, strip)
    _strip(strip, phases, gap=1.2)
    whole = _last(phases) - phases[0].start
    is_one_day = phases[0].start.date() == _last(phases).date()
    middle: float = top + 44
    for phase in phases[:_LISTED]:
        hatch = "band-ink" if phase.is_merged else None
        canvas.swatch(0, middle, phase.token, hatch=hatch)
        is_long = phase.span >= SMALL_SHARE * whole
        canvas.words(phase.words, 20, middle, tone="ink", is_bold=is_long, room=124)
        until = "open" if phase.is_open else wording.clock_time(phase.end, "minute")
        when = (
            f"{wording.clock_time(phase.start, 'minute')} – {until}"
            if is_one_day
            else _point(phase.start, phase.latest, "", with_date=True)
        )
        canvas.words(when, 148, middle, tone="ink-3", room=120)
        canvas.words(wording.duration(phase.span), canvas.width, middle, tone="ink", align="right")
        middle += 21
    if phases[0].latest > phases[0].start:
        between = f"{wording.clock_time(phases[0].start)} to {wording.clock_time(phases[0].latest)}"
        canvas.swatch(0, middle, "transparent", hatch="hatch")
        canvas.words("start uncertain", 20, middle, tone="ink-3", is_italic=True)
        canvas.words(between, canvas.width, middle, tone="ink-3", is_italic=True, align="right")
        middle += 21
    if len(phases) > _LISTED:
        canvas.note(f"{len(phases) - _LISTED} more phases are not listed here")
    return middle - 21 + LINE
