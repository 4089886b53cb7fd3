"""The impact band: which service was affected how far, and when."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from .. import wording
from ._bands import Effect, draw_effect, effects, packed
from ._canvas import Canvas, nothing
from ._labels import text_width
from ._rows import checked

NEEDED = ("service", "began_at", "ended_at", "degree")

_MOST_ROWS = 30
_BAR = 22


def plot_impact_band(
    rows: pd.DataFrame,
    *,
    title: str | None = None,
    width: int = 912,
    as_of: pd.Timestamp | None = None,
    start_at: pd.Timestamp | None = None,
    end_at: pd.Timestamp | None = None,
    zero_at: pd.Timestamp | None = None,
) -> go.Figure:
    """Draw the effects on each service over time, one row per service; the stronger, the worse.

    Where a beginning or an end is only known to lie in an interval, the interval is hatched. An effect that had not
    ended runs to ``as_of`` and ends in an upright tick. Effects without a time are counted below the figure.

    Args:
        rows: effects: ``service, began_at, ended_at, degree``, and ``began_at_latest``, ``ended_at_latest``,
            ``measure``, ``text`` where known.
        title: written above the figure.
        width: px; 358 puts the service above its bar.
        as_of: end of the data.
        start_at: left end of the axis; the first beginning when not given.
        end_at: right end of the axis; the last end when not given.
        zero_at: start of the incident, for the elapsed time above.

    Raises:
        SchemaError: a column is missing.
    """
    found, left_out = effects(checked(rows, "plot_impact_band", NEEDED), as_of)
    if not found:
        missing = f"; {wording.count(left_out, 'effect')} without usable times" if left_out else ""
        return nothing(width, title, f"When which service was affected: not recorded{missing}")
    canvas = Canvas(width, title=title)
    if left_out:
        canvas.note(f"{wording.count(left_out, 'effect')} without usable times, only in the table")
    lanes = _lanes(found)
    if len(lanes) > _MOST_ROWS:
        canvas.note(f"{wording.count(len(lanes) - _MOST_ROWS, 'row')} more, not drawn")
        lanes = lanes[:_MOST_ROWS]
    head = 20 if zero_at is not None else 4
    pitch = 46 if canvas.is_narrow else 32
    bottom = head + pitch * len(lanes) + 2
    panel = canvas.panel(_left(canvas, found), canvas.width - 18, head, bottom, *_ends(found, start_at, end_at))
    panel.utc_ticks(4 if canvas.is_narrow else 9)
    if zero_at is not None:
        panel.elapsed_axis(zero_at, 7, most=4 if canvas.is_narrow else 8)
    for n, (service, lane) in enumerate(lanes):
        top = head + n * pitch + (19 if canvas.is_narrow else 5)
        middle = top - 9 if canvas.is_narrow else top + _BAR / 2
        canvas.words(service, 0, middle, tone="ink", room=canvas.width if canvas.is_narrow else panel.left - 12)
        for effect in lane:
            draw_effect(panel, effect, top, top + _BAR)
    canvas.words("UTC", 0, bottom + 14, tone="ink-3") if not canvas.is_narrow else None
    said = wording.listed([f"{service or 'service not recorded'} {lane[0].words}" for service, lane in lanes[:6]])
    return canvas.figure(bottom + 24, f"Impact by service: {said}.")


def _left(canvas: Canvas, found: list[Effect]) -> float:
    if canvas.is_narrow:
        return 2
    return min(max(104, max(text_width(e.service) for e in found) + 14), 260)


def _ends(
    found: list[Effect], start_at: pd.Timestamp | None, end_at: pd.Timestamp | None
) -> tuple[pd.Timestamp, pd.Timestamp]:
    low = start_at if start_at is not None else min(effect.start for effect in found)
    high = end_at if end_at is not None else max(effect.end_latest for effect in found)
    high = max(high, low + pd.Timedelta(minutes=1))
    return low, high if end_at is not None else high + (high - low) * 0.02


def _lanes(found: list[Effect]) -> list[tuple[str, list[Effect]]]:
    """Rows of the figure: services in order of their first effect, a second row where two effects overlap."""
    by_service: dict[str, list[Effect]] = {}
    for effect in sorted(found, key=lambda e: (e.start, e.end_latest)):
        by_service.setdefault(effect.service, []).append(effect)
    return [
        (service or "not recorded" if n == 0 else "", lane)
        for service, own in by_service.items()
        for n, lane in enumerate(packed(own))
    ]
