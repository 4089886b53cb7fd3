"""Role lanes: who held which role, and when nobody did."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from .. import wording
from ._bands import LEADING, Held, draw_gaps, draw_lane, gaps_of, held_roles, role_lanes, role_words
from ._canvas import Canvas, Panel, nothing
from ._labels import text_width
from ._rows import checked

NEEDED = ("role", "label", "assumed_at", "released_at")

_MOST_LANES = 24
_BAR = 18


def plot_roles(
    rows: pd.DataFrame,
    *,
    title: str | None = None,
    width: int = 912,
    start_at: pd.Timestamp | None = None,
    end_at: pd.Timestamp | None = None,
    zero_at: pd.Timestamp | None = None,
) -> go.Figure:
    """Draw who held which role when, by the name used in this report; two at once stand in two lanes.

    Hatched: nobody is recorded as incident commander. A role without a recorded end runs to the end of the axis and
    ends in an upright tick.

    Args:
        rows: ``role, label, assumed_at, released_at``, and ``is_on_call`` where known.
        title: written above the figure.
        width: px; 358 puts the role above its lane.
        start_at: left end of the axis; the first beginning when not given.
        end_at: right end of the axis; the last instant when not given.
        zero_at: start of the incident, for the elapsed time above.

    Raises:
        SchemaError: a column is missing.
    """
    held, left_out = held_roles(checked(rows, "plot_roles", NEEDED), end_at)
    if not held:
        missing = f"; {wording.count(left_out, 'role')} without usable times" if left_out else ""
        return nothing(width, title, f"Who held which role when: not recorded{missing}")
    canvas = Canvas(width, title=title)
    if left_out:
        canvas.note(f"{wording.count(left_out, 'role')} without usable times, not drawn")
    by_role = role_lanes(held)
    lanes = [(role, n, lane) for role, lanes in by_role.items() for n, lane in enumerate(lanes)]
    if len(lanes) > _MOST_LANES:
        canvas.note(f"{wording.count(len(lanes) - _MOST_LANES, 'lane')} more, not drawn")
        lanes = lanes[:_MOST_LANES]
    low = start_at if start_at is not None else min(item.start for item in held)
    high = max(end_at if end_at is not None else max(item.end for item in held), low + pd.Timedelta(minutes=1))
    head = 20.0 if zero_at is not None else 4.0
    rows_at = _tops(canvas, lanes, head)
    bottom = rows_at[-1] + _BAR + 8
    left = 2 if canvas.is_narrow else min(max(130, max(text_width(role_words(r)) for r in by_role) + 16), 230)
    panel = canvas.panel(left, canvas.width - 18, head, bottom, low, high)
    panel.utc_ticks(4 if canvas.is_narrow else 8)
    if zero_at is not None:
        panel.elapsed_axis(zero_at, 7, most=4 if canvas.is_narrow else 7)
    _lanes(canvas, panel, lanes, rows_at, by_role, zero_at)
    if not canvas.is_narrow:
        canvas.words("UTC", 0, bottom + 14, tone="ink-3")
    names = wording.listed([role_words(role) for role in by_role][:6])
    return canvas.figure(bottom + 24, f"Roles held over time: {names}.")


def _tops(canvas: Canvas, lanes: list[tuple[str, int, list[Held]]], head: float) -> list[float]:
    """Top of each lane; on a phone the first of a role leaves room for its name."""
    tops, at = [], head + 2
    for _, n, _ in lanes:
        at += 20 if canvas.is_narrow and n == 0 else 4 if n == 0 else 0
        tops.append(at)
        at += _BAR + 6
    return tops


def _lanes(
    canvas: Canvas,
    panel: Panel,
    lanes: list[tuple[str, int, list[Held]]],
    tops: list[float],
    by_role: dict[str, list[list[Held]]],
    zero_at: pd.Timestamp | None,
) -> None:
    for (role, n, lane), top in zip(lanes, tops, strict=True):
        if n == 0:
            middle = top - 9 if canvas.is_narrow else top + _BAR / 2
            canvas.words(role_words(role), 0, middle, tone="ink", room=None if canvas.is_narrow else panel.left - 10)
        if n == 0 and role == LEADING:
            everybody = [item for sub in by_role[role] for item in sub]
            draw_gaps(panel, gaps_of(everybody, panel.low, panel.high), role, top, top + _BAR)
        draw_lane(panel, lane, top, top + _BAR, zero=zero_at)
