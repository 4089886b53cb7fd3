"""Errors per minute in the logs, one row per service."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from .. import wording
from ._canvas import Canvas, Panel, nothing
from ._labels import Shelf, text_width
from ._minutes import MINUTE, draw_errors
from ._rows import checked, in_words, instants, numbers, texts
from .theme import hover_text

NEEDED = ("minute", "service", "errors")

ONSET_COLUMNS = ("onset_at", "onset", "at", "minute")
"""Names under which a frame of onsets may hold the instant."""

_MOST_SERVICES = 8


def plot_log_rates(
    rows: pd.DataFrame,
    *,
    onsets: pd.DataFrame | None = None,
    marks: Mapping[str, pd.Timestamp] | None = None,
    title: str | None = None,
    width: int = 912,
) -> go.Figure:
    """Draw errors per minute for each service, the one with the most errors first, on one time axis.

    Each row has its own height: its highest minute is written beside it. The onset is the first minute that departs
    from the time before it. A minute that is not in the rows is a gap.

    Args:
        rows: ``minute, service, errors``.
        onsets: per ``service`` the onset, as ``onset_at`` or ``at``.
        marks: clock points to compare with, by name.
        title: written above the figure.
        width: px.

    Raises:
        SchemaError: a column is missing.
    """
    rows = checked(rows, "plot_log_rates", NEEDED)
    minutes, errors = instants(rows, "minute"), numbers(rows, "errors")
    known = minutes.notna() & errors.notna()
    if not known.any():
        return nothing(width, title, "Errors in the logs: no logs were given")
    table = pd.DataFrame({"minute": minutes, "service": texts(rows, "service"), "errors": errors})[known]
    canvas = Canvas(width, title=title)
    if not known.all():
        canvas.note(f"{wording.count(int((~known).sum()), 'minute')} without a time or a number, not drawn")
    totals = table.groupby("service")["errors"].sum().sort_values(ascending=False, kind="stable")
    if len(totals) > _MOST_SERVICES:
        canvas.note(f"{wording.count(len(totals) - _MOST_SERVICES, 'service')} with fewer errors, not drawn")
    services = list(totals.index[:_MOST_SERVICES])
    found = _onsets(onsets)
    points = {name: at for name, at in (marks or {}).items() if pd.notna(at)}
    low, high = _ends(table["minute"], [*points.values()])
    head, pitch = (24 if points else 4), 52
    bottom = head + pitch * len(services)
    left = 4 if canvas.is_narrow else min(max(104, max(map(text_width, services)) + 14), 230)
    panel = canvas.panel(left, width - 18, head, bottom, low, high)
    panel.is_zoomable = not canvas.is_narrow
    panel.utc_ticks(4 if canvas.is_narrow else 9)
    canvas.words("UTC", 0, bottom + 14, tone="ink-3") if not canvas.is_narrow else None
    for n, service in enumerate(services):
        mine = table[table["service"] == service].sort_values("minute")
        _row(panel, service, mine, found.get(service), head + pitch * n, pitch)
    _points(panel, points, bottom)
    peaks = table.groupby("service")["errors"].max()
    said = wording.listed([f"{s or 'service not recorded'} up to {wording.number(peaks[s])}" for s in services])
    return canvas.figure(bottom + (40 if low.date() != high.date() else 24), f"Errors per minute in the logs: {said}.")


def _onsets(onsets: pd.DataFrame | None) -> dict[str, pd.Timestamp]:
    if onsets is None or onsets.empty or "service" not in onsets.columns:
        return {}
    onsets = onsets.reset_index(drop=True)
    name = next((c for c in ONSET_COLUMNS if c in onsets.columns), "")
    ats = instants(onsets, name)
    return {service: at for service, at in zip(texts(onsets, "service"), ats, strict=True) if pd.notna(at)}


def _ends(minutes: pd.Series, points: list[pd.Timestamp]) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Ends of the axis: the log's minutes, and the points that lie within its own length of them."""
    low, high = minutes.min(), minutes.max() + MINUTE
    reach = max(high - low, pd.Timedelta(minutes=10))
    near = [at for at in points if low - reach <= at <= high + reach]
    return min([low, *near]), max([high, *near])


def _row(panel: Panel, service: str, mine: pd.DataFrame, onset: pd.Timestamp | None, top: float, pitch: float) -> None:
    canvas, base = panel.canvas, top + pitch - 4
    rates = mine.groupby("minute")["errors"].sum()
    peak = draw_errors(panel, service, rates, base, pitch - 20)
    canvas.line(0, top + pitch, canvas.width, top + pitch, "rule")
    name = service or wording.NOT_RECORDED
    highest = f"up to {wording.number(peak)} a min"
    if canvas.is_narrow:
        canvas.words(f"{name}, {highest}", 0, top + 9, room=canvas.width)
    else:
        canvas.words(name, 0, top + 18, tone="ink", room=panel.left - 10)
        canvas.words(highest, 0, top + 34, tone="ink-3", room=panel.left - 10)
    if onset is not None and panel.has(onset):
        _onset(panel, service, onset, top, base)


def _onset(panel: Panel, service: str, onset: pd.Timestamp, top: float, base: float) -> None:
    """Mark the first minute that departs from the time before it."""
    panel.upright(onset, top + 14, base, "ink", width=1.5)
    words = f"from {wording.clock_time(onset)}"
    said = hover_text(f"{service}: errors depart from the time before", words)
    panel.marks([onset], [base], [said], symbol="triangle-up")
    if not panel.canvas.is_narrow:
        is_right = panel.px(onset) + text_width(words) + 6 <= panel.canvas.width
        panel.words(words, onset, top + 10, align="left" if is_right else "right", shift=3 if is_right else -3)


def _points(panel: Panel, points: dict[str, pd.Timestamp], bottom: float) -> None:
    shelf = Shelf()
    for n, (name, at) in enumerate(sorted(points.items(), key=lambda p: p[1])):
        if not panel.has(at):
            panel.canvas.note(f"{in_words(name)} {wording.clock_time(at, with_date=True)} lies outside these minutes")
            continue
        panel.upright(at, 16, bottom, "ink-2", dash="3px,3px")
        for words in (f"{in_words(name)} {wording.clock_time(at)}", in_words(name)):
            need, x = text_width(words), panel.px(at)
            # The first point is named to its left, so that the next, often minutes later, has room to its right.
            for left in (x - 3 - need, x + 3) if n == 0 else (x + 3, x - 3 - need):
                if left >= 0 and left + need <= panel.canvas.width and shelf.is_free(left - 4, left + need + 4):
                    shelf.take(left - 4, left + need + 4)
                    panel.words(words, at, 9, align="left" if left > x else "right", shift=3 if left > x else -3)
                    break
            else:
                continue
            break
