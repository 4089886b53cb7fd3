"""The incident timeline: everything that happened, on one time axis."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pandas as pd
import plotly.graph_objects as go

from .. import wording
from ._axes import far_words, near, time_step
from ._bands import (
    LEADING,
    draw_effect,
    draw_gaps,
    draw_lane,
    draw_levels,
    effects,
    gaps_of,
    held_roles,
    levels,
    packed,
    role_lanes,
    role_words,
    steps_of,
)
from ._canvas import LINE, Bar, Canvas, Panel, nothing
from ._entries import Entry, draw_entries, entries, lanes_of, planned
from ._labels import Shelf, shortened, text_width, wrapped
from ._minutes import draw_errors
from ._rows import checked, flags, in_words, instants, numbers, spans, texts
from .theme import hover_text, phase_token

NEEDED = ("at", "lane", "kind", "text")

APART = pd.Timedelta(days=3)
"""Entries further apart than this do not belong to one stretch of work, if nothing else says what the incident is."""

_MOST_IMPACT_LANES = 4
_MOST_ROLE_LANES = 6


@dataclass
class _Sheet:
    """The drawing in progress: blocks are put below each other.

    Attributes:
        canvas: the sheet of paper.
        panel: the shared time axis.
        y: where the next block begins.
        zero: where elapsed time counts from.
        over_at: end of the incident itself.
        named: blocks that have a name already.
    """

    canvas: Canvas
    panel: Panel
    y: float
    zero: pd.Timestamp
    over_at: pd.Timestamp
    named: set[str] = field(default_factory=set)

    def head(self, name: str, middle: float, remark: str = "", *, most_lines: int = 2) -> float:
        """Name a block: in the left column, or on a phone above it; returns how far the block is pushed down."""
        self.named.add(name)
        if self.canvas.is_narrow:
            self.canvas.words(name, 0, self.y + 10, tone="ink", is_bold=True)
            self.canvas.words(remark, text_width(name, is_bold=True) + 8, self.y + 10, tone="ink-3")
            return LINE
        room = self.panel.left - 10
        lines = wrapped(name, room)[:most_lines] if most_lines > 1 else [shortened(name, room)]
        for n, line in enumerate(lines):
            self.canvas.words(line, 0, middle + (n - (len(lines) - 1) / 2) * 14, tone="ink")
        self.canvas.words(remark, 0, middle + LINE, tone="ink-3", room=self.panel.left - 8)
        return 0

    def close(self, height: float, tone: str = "rule-2") -> None:
        """End a block of ``height`` px with a line."""
        self.y += height
        self.canvas.line(0, self.y, self.canvas.width, self.y, tone)


def plot_incident_timeline(
    rows: pd.DataFrame,
    *,
    phases: pd.DataFrame | None = None,
    silences: pd.DataFrame | None = None,
    severity: pd.DataFrame | None = None,
    roles: pd.DataFrame | None = None,
    impacts: pd.DataFrame | None = None,
    log_rates: pd.DataFrame | None = None,
    start_at: pd.Timestamp | None = None,
    end_at: pd.Timestamp | None = None,
    title: str | None = None,
    width: int = 912,
) -> go.Figure:
    """Draw the whole incident on one time axis: phases, severity, roles, impact, all entries by lane, log errors.

    Filled marks are what people did or said, hollow ones what a machine did; a diamond is a change, a square an end.
    A dashed bracket holds a time that is not known better. Grey is a stretch without an entry, with its length. In a
    dense lane only what matters most is named and the rest are ticks; hover says everything.

    Args:
        rows: the timeline: ``at, lane, kind, text``, and ``at_latest, elapsed, field, detail, audience, is_automatic,
            is_between, precision, source, phase, points`` where known.
        phases: as for ``plot_phases``.
        silences: stretches without an entry: ``began_at, ended_at, span``.
        severity: as for ``plot_severity``.
        roles: as for ``plot_roles``.
        impacts: as for ``plot_impact_band``.
        log_rates: as for ``plot_log_rates``; the errors of all services are added up.
        start_at: left end of the axis. When not given, the incident (its phases, or else its entries) with a margin;
            entries far outside are counted below the figure, not drawn.
        end_at: right end of the axis, likewise.
        title: written above the figure.
        width: px; 358 puts the names of the lanes above them.

    Raises:
        SchemaError: a column is missing.
    """
    rows = checked(rows, "plot_incident_timeline", NEEDED)
    found, timeless = entries(rows)
    if not found:
        return nothing(width, title, "Timeline: no entry with a time is recorded")
    core = _core(found, phases)
    sheet = _sheet(Canvas(width, title=title), _ends(found, core, start_at, end_at), _zero(rows, found), core[1])
    canvas, panel = sheet.canvas, sheet.panel
    _elapsed(sheet)
    _phase_band(sheet, phases)
    panel.top = sheet.y
    sheet.close(0)
    _severity_steps(sheet, severity)
    _role_lanes(sheet, roles)
    _impact_bars(sheet, impacts)
    _entry_lanes(sheet, found, silences)
    _log_errors(sheet, log_rates)
    panel.bottom = sheet.y
    _left_out(canvas, panel, found, timeless)
    if not canvas.is_narrow:
        canvas.words("UTC", 0, sheet.y + 14, tone="ink-3")
    # Below hours stands their day, if there is more than one.
    has_hours = time_step(panel.high - panel.low, 9) < 86400
    two_lines = panel.is_zoomable and has_hours and panel.low.date() != panel.high.date()
    return canvas.figure(sheet.y + (38 if two_lines else 24), _label(panel, found))


def _sheet(
    canvas: Canvas, ends: tuple[pd.Timestamp, pd.Timestamp], zero: pd.Timestamp, over_at: pd.Timestamp
) -> _Sheet:
    left, right = (8.0, canvas.width - 12.0) if canvas.is_narrow else (138.0, canvas.width - 18.0)
    panel = canvas.panel(left, right, 46, 46, *ends, is_zoomable=not canvas.is_narrow)
    panel.utc_ticks(4 if canvas.is_narrow else 9)
    return _Sheet(canvas, panel, 24, zero, over_at)


def _label(panel: Panel, found: list[Entry]) -> str:
    low, high = (wording.clock_time(at, "minute", with_date=True) for at in (panel.low, panel.high))
    lanes = wording.listed(list(lanes_of(found)))
    return f"Timeline from {low} to {high} UTC with {wording.count(len(found), 'entry', 'entries')}; lanes: {lanes}."


def _ends(
    found: list[Entry],
    core: tuple[pd.Timestamp, pd.Timestamp],
    start_at: pd.Timestamp | None,
    end_at: pd.Timestamp | None,
) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Ends of the axis: those given, or the incident, what lies near it, and a margin."""
    core_low, core_high = core
    reach = near(core_high - core_low)
    low = min([core_low, *[e.first for e in found if e.first >= core_low - reach]])
    high = max([core_high, *[e.last for e in found if e.last <= core_high + reach and e.first >= core_low - reach]])
    if high - low < pd.Timedelta(minutes=2):
        low, high = low - pd.Timedelta(minutes=5), high + pd.Timedelta(minutes=5)
    margin = (high - low) * 0.035
    low = low - margin if start_at is None else start_at
    high = high + margin if end_at is None else end_at
    return low, max(high, low + pd.Timedelta(minutes=2))


def _core(found: list[Entry], phases: pd.DataFrame | None) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The incident itself: its phases, or the entries in one, or the most entries without days between them."""
    if phases is not None and len(phases):
        rows = phases.reset_index(drop=True)
        starts, ends = instants(rows, "began_at"), instants(rows, "ended_at")
        bounds = pd.concat([starts, ends, starts + spans(rows, "span")]).dropna()
        if len(bounds):
            return bounds.min(), bounds.max()
    inside = [entry for entry in found if entry.is_inside] or _most_entries(found)
    return min(entry.first for entry in inside), max(entry.last for entry in inside)


def _most_entries(found: list[Entry]) -> list[Entry]:
    """Of the entries, parted where days lie between two, the part with the most."""
    parts: list[list[Entry]] = [[]]
    for entry in found:
        if parts[-1] and entry.first - parts[-1][-1].first > APART:
            parts.append([])
        parts[-1].append(entry)
    return max(parts, key=len)


def _zero(rows: pd.DataFrame, found: list[Entry]) -> pd.Timestamp:
    """Where elapsed time counts from: what the rows themselves count from, or else their first entry."""
    zeros = (instants(rows, "at") - spans(rows, "elapsed")).dropna()
    return zeros.iloc[0] if len(zeros) else min(entry.first for entry in found)


def _is_on(panel: Panel, entry: Entry) -> bool:
    """Some of the entry's time lies on the axis, and not all of the axis lies within it."""
    return bool(entry.last >= panel.low and entry.first <= panel.high) and not _is_wider(panel, entry)


def _is_wider(panel: Panel, entry: Entry) -> bool:
    """The entry is known so roughly that it could be anywhere on the axis: the day of an incident of an hour."""
    return bool(entry.first <= panel.low and entry.last >= panel.high)


def _elapsed(sheet: _Sheet) -> None:
    panel, is_narrow = sheet.panel, sheet.canvas.is_narrow
    panel.elapsed_axis(sheet.zero, 8, most=4 if is_narrow else 8, tick_at=17)
    if not is_narrow:
        sheet.canvas.words(
            f"since {wording.clock_time(sheet.zero, 'minute')}", 0, 8, tone="ink-3", room=panel.left - 20
        )


def _phase_band(sheet: _Sheet, phases: pd.DataFrame | None) -> None:
    canvas, main, top = sheet.canvas, sheet.panel, sheet.y + 2
    if phases is None or phases.empty:
        sheet.y += 4
        return
    # A panel of its own, so that the grid stays below the band; both move together.
    panel = canvas.panel(main.left, main.right, top, top + 8, main.low, main.high, has_axis_line=False, has_grid=False)
    panel.is_zoomable, panel.matches = main.is_zoomable, f"x{main.suffix}"
    if not canvas.is_narrow:
        canvas.words("Phase", 0, top + 4, tone="ink")
    shelf, has_names = Shelf(), False
    per_px = (panel.high - panel.low) / (panel.right - panel.left)
    for words, tone, bar in _phase_bars(panel, phases.reset_index(drop=True)):
        hatch = "band-ink" if tone == "band" else None
        gap = min(per_px, (bar.end - bar.start) * 0.3)
        panel.bars([replace(bar, end=bar.end - gap)], tone, edge=hatch, hatch=hatch, least=1)
        need, x = text_width(words), panel.px(bar.start)
        if need <= panel.px(bar.end) - x and shelf.is_free(x, x + need + 6):
            shelf.take(x, x + need + 6)
            panel.words(words, bar.start, top + 17, tone="ink")
            has_names = True
    sheet.y = top + (28 if has_names else 14)


def _phase_bars(panel: Panel, phases: pd.DataFrame) -> Iterator[tuple[str, str, Bar]]:
    """Name, colour and bar of every phase that lies on the axis."""
    starts, ends, is_open = instants(phases, "began_at"), instants(phases, "ended_at"), flags(phases, "is_open")
    ends = ends.fillna(starts + spans(phases, "span"))
    for n, (name, until) in enumerate(zip(texts(phases, "phase"), texts(phases, "end_point"), strict=True)):
        end = panel.high if pd.isna(ends[n]) and is_open[n] else ends[n]
        if pd.isna(starts[n]) or pd.isna(end) or not starts[n] <= end or end < panel.low or starts[n] > panel.high:
            continue
        covers = phases["covers"].iloc[n] if "covers" in phases else None
        is_merged = isinstance(covers, list | tuple) and len(covers) > 1
        words = f"until {in_words(until)}" if is_merged and until else name
        hover = hover_text(
            f"{words}: {'open, ' if is_open[n] else ''}{wording.duration(end - starts[n])}",
            f"{wording.clock_time(starts[n], with_date=True)} to {wording.clock_time(end, with_date=True)}",
        )
        bar = Bar(panel.clipped(starts[n]), panel.clipped(end), panel.top, panel.bottom, hover)
        yield words, "band" if is_merged else phase_token(name), bar


def _severity_steps(sheet: _Sheet, severity: pd.DataFrame | None) -> None:
    if severity is None or severity.empty:
        return
    found, _ = levels(severity.reset_index(drop=True), sheet.panel.high)
    if not found:
        return
    steps = steps_of(found)
    pitch = 20.0
    pushed = sheet.head("Severity", sheet.y + 6 + pitch * min(len(steps), 5) / 2)
    heights = {name: sheet.y + pushed + 18 + pitch * min(n, 4) for n, (name, _) in enumerate(steps)}
    draw_levels(sheet.panel, found, heights)
    shelves = {y: Shelf() for y in heights.values()}
    for level in found:
        if level.end < sheet.panel.low or level.start > sheet.panel.high:
            continue
        start = sheet.panel.clipped(level.start)
        need, x, y = text_width(level.name), sheet.panel.px(start), heights[level.name]
        length = sheet.panel.px(sheet.panel.clipped(level.end)) - x
        if length >= need + 6 and shelves[y].is_free(x, x + need + 6):
            shelves[y].take(x, x + need + 6)
            sheet.panel.words(level.name, start, y - 10, tone="ink", shift=3)
        elif x - need - 6 >= (0 if sheet.canvas.is_narrow else 70) and shelves[y].is_free(x - need - 6, x):
            shelves[y].take(x - need - 6, x)
            sheet.panel.words(level.name, start, y, align="right", shift=-5)
    sheet.close(pushed + 12 + pitch * min(len(steps), 5))


def _role_lanes(sheet: _Sheet, roles: pd.DataFrame | None) -> None:
    if roles is None or roles.empty:
        return
    panel = sheet.panel
    held, _ = held_roles(roles.reset_index(drop=True), panel.high)
    held = [item for item in held if item.end >= panel.low and item.start <= panel.high]
    if not held:
        return
    by_role = role_lanes(held)
    lanes = [(role, n, lane) for role, own in by_role.items() for n, lane in enumerate(own)]
    if len(lanes) > _MOST_ROLE_LANES:
        sheet.canvas.note(f"{wording.count(len(lanes) - _MOST_ROLE_LANES, 'more role lane')} in the roles figure")
        lanes = lanes[:_MOST_ROLE_LANES]
    for role, n, lane in lanes:
        sheet.y += sheet.head(role_words(role), sheet.y + 12, most_lines=1) if n == 0 else 0
        if n == 0 and role == LEADING:
            everybody = [item for own in by_role[role] for item in own]
            inside = (max(panel.low, sheet.zero), min(panel.high, sheet.over_at))
            draw_gaps(panel, gaps_of(everybody, *inside), role, sheet.y + 4, sheet.y + 20)
        draw_lane(panel, lane, sheet.y + 4, sheet.y + 20, zero=sheet.zero)
        sheet.y += 22
    sheet.close(4)


def _impact_bars(sheet: _Sheet, impacts: pd.DataFrame | None) -> None:
    if impacts is None or impacts.empty:
        return
    panel = sheet.panel
    found, _ = effects(impacts.reset_index(drop=True), panel.high)
    found = [e for e in found if e.end_latest >= panel.low and e.start <= panel.high]
    if not found:
        return
    lanes = packed(found)
    shown = lanes[:_MOST_IMPACT_LANES]
    if len(lanes) > len(shown):
        rest = sum(map(len, lanes[len(shown) :]))
        sheet.canvas.note(f"{wording.count(rest, 'more effect')} in the impact figure")
    pushed = sheet.head("Impact", sheet.y + 5 + len(shown) * 12)
    for n, lane in enumerate(shown):
        top = sheet.y + pushed + 6 + n * 24
        for effect in lane:
            draw_effect(panel, effect, top, top + 20, with_service=True)
    sheet.close(pushed + 10 + len(shown) * 24)


def _entry_lanes(sheet: _Sheet, found: list[Entry], silences: pd.DataFrame | None) -> None:
    """Draw all lanes; silences are grey from below the impact down, for the impact goes on in silence too."""
    by_lane = lanes_of([entry for entry in found if _is_on(sheet.panel, entry)])
    of_impact = by_lane.pop("Impact", [])
    # The bars already say when the impact began and ended.
    if "Impact" not in sheet.named or not all(entry.is_bare for entry in of_impact):
        _entry_lane(sheet, "Impact", of_impact)
    silent_from = sheet.y
    _silence_words(sheet, silences)
    for name, inside in by_lane.items():
        _entry_lane(sheet, name, inside)
    for low, high in _silences(sheet, silences):
        sheet.panel.stretch(sheet.panel.clipped(low), sheet.panel.clipped(high), silent_from, sheet.y, "silence")


def _entry_lane(sheet: _Sheet, name: str, inside: list[Entry]) -> None:
    if not inside:
        return
    lane = planned(inside, sheet.panel)
    # The marks of the impact stand under its bars, which already carry the name.
    is_named = name in sheet.named
    pushed = 0 if is_named else sheet.head(name, sheet.y + lane.middle)
    draw_entries(sheet.panel, inside, lane, sheet.y + pushed + lane.middle)
    sheet.close(pushed + lane.height)


def _silences(sheet: _Sheet, silences: pd.DataFrame | None) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    if silences is None or silences.empty:
        return []
    rows = silences.reset_index(drop=True)
    pairs = zip(instants(rows, "began_at"), instants(rows, "ended_at"), strict=True)
    return [
        (low, high)
        for low, high in pairs
        if pd.notna(low) and pd.notna(high) and low < high and high > sheet.panel.low and low < sheet.panel.high
    ]


def _silence_words(sheet: _Sheet, silences: pd.DataFrame | None) -> None:
    """Say the length of each silence in a row of its own, where its stretch has room."""
    panel, shelf = sheet.panel, Shelf()
    stretches = _silences(sheet, silences)
    if not stretches:
        return
    for low, high in sorted(stretches, key=lambda s: s[0] - s[1]):
        length = wording.duration(high - low)
        start, end = panel.clipped(low), panel.clipped(high)
        centre, room = start + (end - start) / 2, panel.px(end) - panel.px(start)
        for words in (f"no timed entry for {length}", f"silent {length}", length):
            half = text_width(words) / 2
            left = min(max(panel.px(centre) - half, panel.left), panel.canvas.width - 2 * half)
            if 2 * half <= room + 60 and shelf.is_free(left - 6, left + 2 * half + 6):
                shelf.take(left - 6, left + 2 * half + 6)
                shift = round(left - panel.px(centre), 1)
                panel.words(words, centre, sheet.y + 10, tone="ink-3", is_italic=True, shift=shift)
                break
    sheet.y += LINE + 2


def _log_errors(sheet: _Sheet, log_rates: pd.DataFrame | None) -> None:
    if log_rates is None or log_rates.empty:
        return
    rows = log_rates.reset_index(drop=True)
    table = pd.DataFrame({"minute": instants(rows, "minute"), "errors": numbers(rows, "errors")}).dropna()
    table = table[(table["minute"] >= sheet.panel.low) & (table["minute"] <= sheet.panel.high)]
    if table.empty:
        return
    summed = table.groupby("minute")["errors"].sum()
    peak = f"≤ {wording.number(max(float(summed.max()), 1.0))} a min"
    pushed = sheet.head("Log errors", sheet.y + 16, peak)
    draw_errors(sheet.panel, "", summed, sheet.y + pushed + 46, 38)
    sheet.close(pushed + 48)


def _left_out(canvas: Canvas, panel: Panel, found: list[Entry], timeless: int) -> None:
    """Say which entries are not on the axis."""
    earlier = [entry.first for entry in found if entry.last < panel.low]
    later = [entry.last for entry in found if entry.first > panel.high]
    if earlier:
        edge = far_words("from", min(earlier), panel.low)
        canvas.note(f"{wording.count(len(earlier), 'earlier entry', 'earlier entries')} {edge}, only in the list")
    if later:
        edge = far_words("until", max(later), panel.high)
        canvas.note(f"{wording.count(len(later), 'later entry', 'later entries')} {edge}, only in the list")
    rough = sum(_is_wider(panel, entry) for entry in found)
    if rough:
        canvas.note(f"{wording.count(rough, 'entry', 'entries')} known too roughly for this axis, only in the list")
    if timeless:
        canvas.note(f"{wording.count(timeless, 'entry', 'entries')} without a time, only in the list")
