"""A part of the sheet with its own x axis: bars, marks, lines and texts by the data's own values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from ._axes import duration_ticks, elapsed_ticks, time_ticks
from ._labels import text_width
from ._rows import iso, milliseconds
from .theme import TRANSPARENT, colour

if TYPE_CHECKING:
    from ._canvas import Canvas

Kind = Literal["date", "linear", "log"]


@dataclass(slots=True)
class Bar:
    """A horizontal bar: from ``start`` to ``end`` in the axis' unit, ``top`` to ``bottom`` in px."""

    start: Any
    end: Any
    top: float
    bottom: float
    hover: str = ""


@dataclass
class Panel:
    """A part of the sheet with its own x axis; y is px unless ``y_range`` gives another unit.

    Attributes:
        canvas: the sheet it lies on.
        number: plotly's number of its axes.
        left: left end in px; likewise ``right``, ``top`` and ``bottom``.
        kind: instants, plain numbers, or durations in minutes on a log axis.
        low: left end in the axis' unit; likewise ``high``.
        y_range: bottom and top in the y axis' own unit, when it is not px.
        is_zoomable: a reader may zoom in time; what is bound to the axis then moves with it.
        ticks: values of the x axis and what is said at them.
        nticks: most ticks when plotly finds them itself.
        matches: plotly's name of another panel's x axis that this one moves with.
        y_ticks: values of the y axis and what is said at them; each has a grid line.
    """

    canvas: Canvas
    number: int
    left: float
    right: float
    top: float
    bottom: float
    kind: Kind
    low: Any
    high: Any
    y_range: tuple[float, float] | None = None
    is_zoomable: bool = False
    has_axis_line: bool = True
    has_grid: bool = True
    ticks: list[tuple[Any, str]] = field(default_factory=list)
    nticks: int | None = None
    matches: str | None = None
    y_ticks: list[tuple[float, str]] = field(default_factory=list)

    @property
    def suffix(self) -> str:
        """What plotly adds to the names of this panel's axes."""
        return "" if self.number == 1 else str(self.number)

    def px(self, at: Any) -> float:
        """Where a value of the x axis lies on the sheet."""
        if self.kind == "log":
            share = math.log(max(at, self.low) / self.low) / math.log(self.high / self.low)
        else:
            share = self._length(self.low, at) / self._length(self.low, self.high)
        return self.left + share * (self.right - self.left)

    def py(self, value: float) -> float:
        """Where a value of the y axis lies on the sheet."""
        if self.y_range is None:
            return value
        low, high = self.y_range
        return self.bottom - (value - low) / (high - low) * (self.bottom - self.top)

    def has(self, at: Any) -> bool:
        """The value lies on the x axis."""
        return bool(self.low <= at <= self.high)

    def clipped(self, at: Any) -> Any:
        """The value, or the end of the axis that it lies beyond."""
        return min(max(at, self.low), self.high)

    def value(self, at: Any) -> Any:
        """An x value as plotly takes it."""
        if at is None or pd.isna(at):
            return None
        return iso(at) if self.kind == "date" else float(at)

    def draw(self, **trace: Any) -> None:
        """Add a scatter trace to this panel."""
        hover = {"hoverinfo": "skip" if trace.get("hovertext") is None else "text"}
        axes = {"xaxis": f"x{self.suffix}", "yaxis": f"y{self.suffix}"}
        self.canvas.traces.append({"type": "scatter", "cliponaxis": self.is_zoomable} | axes | hover | trace)

    def line(
        self,
        xs: Sequence[Any],
        ys: Sequence[float | None],
        tone: str,
        *,
        width: float = 1.0,
        dash: str = "solid",
        is_step: bool = False,
        hover: Sequence[str] | None = None,
    ) -> None:
        """Draw a line; None lifts the pen."""
        style = {"color": colour(tone), "width": width, "dash": dash, "shape": "hv" if is_step else "linear"}
        said = None if hover is None else list(hover)
        self.draw(x=[self.value(x) for x in xs], y=list(ys), mode="lines", line=style, hovertext=said)

    def area(self, xs: Sequence[Any], ys: Sequence[float | None], tone: str, *, opacity: float = 1.0) -> None:
        """Fill closed shapes; None ends one and begins the next."""
        self.draw(
            x=[self.value(x) for x in xs],
            y=list(ys),
            mode="lines",
            line={"width": 0, "color": colour(tone)},
            fill="toself",
            fillcolor=colour(tone),
            opacity=opacity,
        )

    def marks(
        self,
        xs: Sequence[Any],
        ys: Sequence[float],
        hover: Sequence[str],
        *,
        tone: str = "ink",
        symbol: str | Sequence[str] = "circle",
        size: float | Sequence[float] = 9,
    ) -> None:
        """Draw marks; those whose symbol ends in ``-open`` are filled with paper, so that no line shows through."""
        symbols = [symbol] * len(xs) if isinstance(symbol, str) else list(symbol)
        is_hollow = [s.endswith("-open") and not s.startswith("line-") for s in symbols]
        marker = {
            "symbol": [s.removesuffix("-open") if hollow else s for s, hollow in zip(symbols, is_hollow, strict=True)],
            "size": size,
            "color": [colour("paper") if hollow else colour(tone) for hollow in is_hollow],
            "opacity": 1,
            "line": {"color": colour(tone), "width": [1.5 if s.endswith("-open") else 0 for s in symbols]},
        }
        self.draw(x=[self.value(x) for x in xs], y=list(ys), mode="markers", hovertext=list(hover), marker=marker)

    def bars(
        self,
        bars: Sequence[Bar],
        tone: str,
        *,
        opacity: float = 1.0,
        edge: str | None = None,
        hatch: str | None = None,
        least: float = 1.5,
    ) -> None:
        """Draw bars of one colour; a bar shorter than ``least`` px is drawn that long.

        Args:
            bars: the bars.
            tone: fill; ``transparent`` for hatching alone.
            opacity: of the whole bar.
            edge: token of a thin outline.
            hatch: token of the hatching, if any.
            least: shortest length in px.
        """
        if not bars:
            return
        marker: dict[str, Any] = {"color": colour(tone), "line": {"width": 0, "color": colour(edge or tone)}}
        if edge is not None:
            marker["line"]["width"] = 1
        if hatch is not None:
            marker["pattern"] = _hatching(tone, hatch)
        self.canvas.traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "xaxis": f"x{self.suffix}",
                "yaxis": f"y{self.suffix}",
                "base": [self.value(b.start) for b in bars],
                "x": [max(self._length(b.start, b.end), self._reach(b.start, least)) for b in bars],
                "y": [(b.top + b.bottom) / 2 for b in bars],
                "width": [abs(b.bottom - b.top) for b in bars],
                "marker": marker,
                "opacity": opacity,
                "textposition": "none",
                "hovertext": [b.hover for b in bars],
                "hoverinfo": "text" if any(b.hover for b in bars) else "skip",
            }
        )

    def _reach(self, start: Any, px: float) -> float:
        """How much of the axis ``px`` px are, from ``start`` on."""
        share = px / (self.right - self.left)
        if self.kind == "log":
            return float(start * ((self.high / self.low) ** share - 1))
        return self._length(self.low, self.high) * share

    def _length(self, start: Any, end: Any) -> float:
        return milliseconds(end - start) if self.kind == "date" else float(end - start)

    def _place(self, at: Any) -> tuple[str, Any]:
        """Reference and value of an x for texts and shapes: bound to the axis only where a reader can move it."""
        return (f"x{self.suffix}", self.value(at)) if self.is_zoomable else ("paper", self.px(at))

    def stretch(self, start: Any, end: Any, top: float, bottom: float, tone: str, *, opacity: float = 1.0) -> None:
        """Tint a stretch of the axis from ``top`` to ``bottom`` px, behind the grid."""
        ref, x0 = self._place(start)
        _, x1 = self._place(end)
        self.canvas.shape(
            "rect", ref, (x0, top, x1, bottom), "below", fillcolor=colour(tone), opacity=opacity, line={"width": 0}
        )

    def upright(self, at: Any, top: float, bottom: float, tone: str, *, width: float = 1, dash: str = "solid") -> None:
        """Draw an upright line at a value of the axis, from ``top`` to ``bottom`` px."""
        ref, x = self._place(at)
        style = {"color": colour(tone), "width": width, "dash": dash}
        self.canvas.shape("line", ref, (x, top, x, bottom), "above", line=style)

    def words(self, text: str, at: Any, py: float, **style: Any) -> None:
        """Write a text at a value of the axis; it moves with the axis when a reader zooms in."""
        ref, x = self._place(at)
        self.canvas.words(text, x, py, ref=ref, px=self.px(at), **style)

    def utc_ticks(self, most: int) -> None:
        """Put UTC ticks below; a zoomable axis finds its own as the reader zooms."""
        if self.is_zoomable:
            self.nticks = most
        else:
            found = time_ticks(self.low, self.high, most)
            self.ticks = [(at, text) for at, text in found if self._is_on_sheet(at, text)]

    def _is_on_sheet(self, at: Any, text: str) -> bool:
        """The label of a tick does not leave the sheet."""
        half = text_width(text) / 2
        return half - 2 <= self.px(at) <= self.canvas.width - half + 2

    def elapsed_axis(self, zero: pd.Timestamp, py: float, *, most: int, tick_at: float | None = None) -> None:
        """Write the time elapsed since ``zero`` above the panel, its middle at ``py`` px."""
        for at, text in elapsed_ticks(zero, self.low, self.high, most):
            half, x = text_width(text) / 2, self.px(at)
            align = "left" if x < half else "right" if x + half > self.canvas.width else "center"
            self.words(text, at, py, tone="ink-3", align=align)
            if tick_at is not None:
                self.upright(at, tick_at, tick_at + 5, "axis")

    def duration_ticks(self) -> None:
        """Put the ticks of a log axis of durations below; one too near to the tick before it is left out."""
        free_from = -math.inf
        for minutes, text in duration_ticks(self.low, self.high):
            at, half = self.px(minutes), text_width(text) / 2
            if at - half > free_from and at + half <= self.canvas.width:
                self.ticks.append((minutes, text))
                free_from = at + half + 6


def _hatching(tone: str, hatch: str) -> dict[str, Any]:
    background = TRANSPARENT if tone == "transparent" else colour(tone)
    return {
        "shape": "/",
        "size": 4.6,
        "solidity": 0.28,
        "fgcolor": colour(hatch),
        "fgopacity": 1,
        "bgcolor": background,
        "fillmode": "replace",
    }
