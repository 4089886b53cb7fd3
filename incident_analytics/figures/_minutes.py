"""Numbers per minute as an outline that can be drawn, however many minutes there are."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import pandas as pd

from .. import wording
from ._panel import Panel
from .theme import hover_text

MINUTE = pd.Timedelta(minutes=1)


@dataclass
class Outline:
    """Closed shapes over the stretches that have a value; what is missing is a gap, not a zero."""

    xs: list[pd.Timestamp | None] = field(default_factory=list)
    ys: list[float | None] = field(default_factory=list)


def highest(rates: pd.Series, panel: Panel) -> tuple[pd.Series, pd.Timedelta]:
    """Numbers per step, and the step: a minute, or on a long axis as many as go into a px, of which the highest.

    Args:
        rates: number by minute, ascending.
        panel: where they are to be drawn.
    """
    minutes = (panel.high - panel.low) / MINUTE
    step = MINUTE * max(1, math.ceil(minutes / (panel.right - panel.left)))
    return (rates if step == MINUTE else rates.groupby(rates.index.floor(step)).max()), step


def outline(rates: pd.Series, step: pd.Timedelta, base: float, scale: float) -> Outline:
    """Steps over runs of successive numbers, as closed shapes from ``base`` px upwards; ``scale`` is px per unit."""
    shape = Outline()
    run: list[tuple[pd.Timestamp, float]] = []
    for at, value in [*rates.items(), (None, 0.0)]:
        if run and (at is None or at - run[-1][0] > step):
            _close(shape, run, step, base)
            run = []
        if at is not None:
            run.append((at, round(base - float(value) * scale, 2)))
    return shape


def _close(shape: Outline, run: list[tuple[pd.Timestamp, float]], step: pd.Timedelta, base: float) -> None:
    xs: list[pd.Timestamp | None] = [run[0][0]]
    ys: list[float | None] = [base]
    for at, y in run:
        # A number that is the same as the one before adds no corner.
        if y != ys[-1]:
            xs += [at, at]
            ys += [ys[-1], y]
    end = run[-1][0] + step
    shape.xs += [*xs, end, end, run[0][0], None]
    shape.ys += [*ys, ys[-1], base, base, None]


def draw_errors(panel: Panel, name: str, rates: pd.Series, base: float, tall: float) -> float:
    """Draw errors per minute ``tall`` px high at their highest, and returns that highest number."""
    peak = max(float(rates.max()), 1.0)
    shown, step = highest(rates, panel)
    shape = outline(shown, step, base, tall / peak)
    panel.area([x if x is None else panel.clipped(x) for x in shape.xs], shape.ys, "band-ink")
    pointed = shown[shown > 0]
    each = "in the minute" if step == MINUTE else f"in the worst minute of the {wording.duration(step)}"
    hover = [
        hover_text(
            name or None, f"{wording.count(int(n), 'error')} {each} from {wording.clock_time(at, with_date=True)}"
        )
        for at, n in pointed.items()
    ]
    panel.draw(
        x=[panel.value(at) for at in pointed.index],
        y=[round(base - float(n) * tall / peak, 2) for n in pointed],
        mode="markers",
        marker={"size": 6},
        opacity=0,
        hovertext=hover,
    )
    return peak
