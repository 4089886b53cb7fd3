"""A sheet on which one figure is laid out in pixels, top left is 0, 0, and then handed to plotly.

The sheet has the figure's real size and no margins, so that the geometry of a figure can be read in its code. A
``Panel`` is a part of it with an x axis in the data's own unit. Colours are named by their token, never by value.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import plotly.graph_objects as go

from ._labels import shortened, wrapped
from ._panel import Bar, Kind, Panel
from .theme import BOLD, NARROW, NORMAL, TEMPLATE, TEXT_SIZE, WIDE, colour, escaped

__all__ = ["LINE", "Bar", "Canvas", "Panel", "nothing"]

Align = Literal["left", "center", "right"]
Layer = Literal["below", "between", "above"]
Points = Sequence[tuple[float, float]]

LINE = 16
_TITLE_LINE = 18


class Canvas:
    """Collects what is drawn; ``figure`` turns px into plotly's coordinates at the end, when the height is known."""

    def __init__(self, width: int, *, title: str | None = None) -> None:
        self.width = width
        self.is_narrow = width < (NARROW + WIDE) / 2
        self.traces: list[dict[str, Any]] = []
        self.panels: list[Panel] = []
        self._shapes: list[dict[str, Any]] = []
        self._annotations: list[dict[str, Any]] = []
        self._notes: list[str] = []
        self._title = wrapped(title, width, is_bold=True) if title else []
        self._head = _TITLE_LINE * len(self._title) + (6 if self._title else 0)

    def panel(
        self,
        left: float,
        right: float,
        top: float,
        bottom: float,
        low: Any,
        high: Any,
        kind: Kind = "date",
        **more: Any,
    ) -> Panel:
        """Add a panel between these px, whose x axis runs from ``low`` to ``high``."""
        made = Panel(self, len(self.panels) + 1, left, right, top, bottom, kind, low, high, **more)
        self.panels.append(made)
        return made

    def words(
        self,
        text: str,
        x: Any,
        py: float,
        *,
        tone: str = "ink-2",
        align: Align = "left",
        is_bold: bool = False,
        is_italic: bool = False,
        room: float | None = None,
        angle: float = 0,
        shift: float = 0,
        ref: str = "paper",
        px: float | None = None,
    ) -> None:
        """Write one line of text, escaped, its middle at ``py``. What would leave the sheet is shortened.

        Args:
            text: the words, as they are in the data.
            x: px, or a value of the axis ``ref``.
            py: px from the top.
            tone: colour token.
            align: which part of the text stands at ``x``.
            is_bold: heavier.
            is_italic: slanted, for what is not known.
            room: px; a longer text is shortened, as is one that would not end on the sheet.
            angle: turned by so many degrees, about its left bottom corner.
            shift: px to the right of ``x``.
            ref: ``paper`` for px.
            px: where ``x`` lies, when it is not itself px.
        """
        if not angle:
            at = (x if px is None else px) + shift
            ends = {"left": self.width - at, "right": at, "center": 2 * min(at, self.width - at)}
            text = shortened(text, min(ends[align], ends[align] if room is None else room) + 1, is_bold=is_bold)
        if not text:
            return
        font: dict[str, Any] = {"color": colour(tone), "size": TEXT_SIZE, "weight": BOLD if is_bold else NORMAL}
        if is_italic:
            font["style"] = "italic"
        place = {"xref": ref, "x": x, "yref": "paper", "y": py, "xanchor": align, "yanchor": "middle"}
        turned = {"textangle": angle, "yanchor": "bottom"} if angle else {}
        moved = {"xshift": shift} if shift else {}
        said = {"text": escaped(text), "font": font, "showarrow": False, "align": align}
        self._annotations.append(place | said | turned | moved)

    def line(
        self,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        tone: str,
        *,
        width: float = 1,
        dash: str = "solid",
        layer: Layer = "above",
    ) -> None:
        """Draw a straight line in px."""
        style = {"color": colour(tone), "width": width, "dash": dash}
        self.shape("line", "paper", (x0, y0, x1, y1), layer, line=style)

    def rect(
        self,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        tone: str,
        *,
        edge: str | None = None,
        width: float = 1,
        layer: Layer = "above",
        opacity: float = 1.0,
    ) -> None:
        """Draw a rectangle in px; its outline lies half in and half out."""
        outline = {"width": 0} if edge is None else {"color": colour(edge), "width": width}
        self.shape("rect", "paper", (x0, y0, x1, y1), layer, line=outline, fillcolor=colour(tone), opacity=opacity)

    def shape(self, kind: str, ref: str, ends: tuple[Any, float, Any, float], layer: Layer, **style: Any) -> None:
        """Add a line or rectangle: x is px, or a value of the axis ``ref``; y is px."""
        x0, y0, x1, y1 = ends
        place = {"xref": ref, "yref": "paper", "x0": x0, "y0": y0, "x1": x1, "y1": y1, "layer": layer}
        self._shapes.append({"type": kind} | place | style)

    def hatch(self, x0: float, y0: float, x1: float, y1: float, tone: str = "hatch", *, gap: float = 4.5) -> None:
        """Hatch a rectangle in px: something here is not known."""
        width, height = x1 - x0, y1 - y0
        parts = []
        offset = gap - height
        while offset < width:
            near, far = max(offset, 0.0), min(offset + height, width)
            if far > near:
                parts.append([(x0 + near, y1 - (near - offset)), (x0 + far, y1 - (far - offset))])
            offset += gap
        if parts:
            self.polyline(parts, tone)

    def polyline(self, parts: Sequence[Points], tone: str, *, width: float = 1) -> None:
        """Draw lines in px, each a list of points."""
        self._shapes.append({"type": "path", "points": parts, "line": {"color": colour(tone), "width": width}})

    def polygon(self, points: Points, tone: str) -> None:
        """Fill a shape in px, behind everything else."""
        style = {"fillcolor": colour(tone), "line": {"width": 0}, "layer": "below"}
        self._shapes.append({"type": "path", "points": [points], "is_closed": True} | style)

    def swatch(self, px: float, middle: float, tone: str, *, hatch: str | None = None) -> None:
        """Draw a small square that names a colour beside its word; ``transparent`` with ``hatch`` for the unknown."""
        if tone != "transparent":
            self.rect(px, middle - 6, px + 12, middle + 6, tone)
        if hatch is not None:
            self.hatch(px, middle - 6, px + 12, middle + 6, hatch)

    def note(self, text: str) -> None:
        """Say below the figure what could not be drawn."""
        self._notes.append(text)

    def figure(self, height: float, label: str) -> go.Figure:
        """The figure.

        Args:
            height: px of the content, without title and notes.
            label: what the figure shows, in one sentence, for readers who do not see it.
        """
        lines = [line for note in self._notes for line in wrapped(note, self.width)]
        for n, line in enumerate(lines):
            self.words(line, 0, height + 10 + n * LINE, tone="ink-3")
        for n, line in enumerate(self._title):
            self.words(line, 0, n * _TITLE_LINE + 9 - self._head, tone="ink", is_bold=True)
        full = round(height + self._head + len(lines) * LINE + (4 if lines else 0))
        layout: dict[str, Any] = {
            "template": TEMPLATE,
            "width": self.width,
            "height": full,
            "meta": {"label": label},
            "annotations": [self._placed_text(a, full) for a in self._annotations],
            "shapes": [self._placed_shape(s, full) for s in self._shapes],
        }
        hidden = {"visible": False, "range": [0, 1]}
        layout |= {} if self.panels else {"xaxis": hidden, "yaxis": hidden}
        for panel in self.panels:
            layout |= self._axes(panel, full)
        if any(panel.is_zoomable for panel in self.panels):
            layout["dragmode"] = "zoom"
        return go.Figure(data=self.traces, layout=layout)

    def _x(self, px: float) -> float:
        return round(px / self.width, 6)

    def _y(self, py: float, full: float) -> float:
        return round(1 - (py + self._head) / full, 6)

    def _placed_text(self, annotation: dict[str, Any], full: float) -> dict[str, Any]:
        x = self._x(annotation["x"]) if annotation["xref"] == "paper" else annotation["x"]
        return annotation | {"x": x, "y": self._y(annotation["y"], full)}

    def _placed_shape(self, shape: dict[str, Any], full: float) -> dict[str, Any]:
        if "points" in shape:
            parts = ["M" + " L".join(f"{self._x(x)} {self._y(y, full)}" for x, y in part) for part in shape["points"]]
            close = " Z" if shape.get("is_closed") else ""
            rest = {key: value for key, value in shape.items() if key not in ("points", "is_closed")}
            return rest | {"xref": "paper", "yref": "paper", "path": " ".join(parts) + close}
        placed = shape | {"y0": self._y(shape["y0"], full), "y1": self._y(shape["y1"], full)}
        if shape["xref"] == "paper":
            placed |= {"x0": self._x(shape["x0"]), "x1": self._x(shape["x1"])}
        return placed

    def _axes(self, panel: Panel, full: float) -> dict[str, Any]:
        x: dict[str, Any] = {
            "type": panel.kind,
            "range": [panel.value(panel.low), panel.value(panel.high)],
            "domain": [self._x(panel.left), self._x(panel.right)],
            "anchor": f"y{panel.suffix}",
            "showgrid": panel.has_grid,
            "showline": panel.has_axis_line,
            "ticks": "outside" if panel.has_axis_line else "",
            "ticklen": 4,
            "fixedrange": not panel.is_zoomable,
        }
        if panel.kind == "log":
            x["range"] = [math.log10(panel.low), math.log10(panel.high)]
        if panel.matches is not None:
            x["matches"] = panel.matches
        if panel.nticks is not None:
            x |= {"nticks": panel.nticks, "tickformatstops": _zoomed_formats(panel)}
        else:
            x |= {"tickmode": "array", "tickvals": [panel.value(at) for at, _ in panel.ticks]}
            x["ticktext"] = [text for _, text in panel.ticks]
        y = {
            "range": list(panel.y_range or (panel.bottom, panel.top)),
            "domain": [self._y(panel.bottom, full), self._y(panel.top, full)],
            "anchor": f"x{panel.suffix}",
            "visible": bool(panel.y_ticks),
            "showgrid": bool(panel.y_ticks),
            "tickmode": "array",
            "ticklabelstandoff": 6,
            "tickvals": [at for at, _ in panel.y_ticks],
            "ticktext": [text for _, text in panel.y_ticks],
        }
        return {f"xaxis{panel.suffix}": x, f"yaxis{panel.suffix}": y}


def _zoomed_formats(panel: Panel) -> list[dict[str, Any]]:
    """Formats of an axis that finds its own ticks; the day stands below when the axis has more than one."""
    day = "" if panel.low.date() == panel.high.date() else "\n%-d %b"
    return [
        {"dtickrange": [None, 60_000], "value": f"%H:%M:%S{day}"},
        {"dtickrange": [60_000, 86_400_000], "value": f"%H:%M{day}"},
        {"dtickrange": [86_400_000, "M1"], "value": "%-d %b"},
        {"dtickrange": ["M1", None], "value": "%b %Y"},
    ]


def nothing(width: int, title: str | None, words: str) -> go.Figure:
    """A figure that says, beside a hatched mark, that there is nothing to draw: ``Roles: not recorded``."""
    canvas = Canvas(width, title=title)
    canvas.hatch(0, 11, 12, 23)
    lines = wrapped(words, width - 20)
    for n, line in enumerate(lines):
        canvas.words(line, 20, 17 + n * LINE, tone="ink-3", is_italic=True)
    return canvas.figure(24 + LINE * len(lines), words)
