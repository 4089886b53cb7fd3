"""How long things took: the distribution, and the share still going on."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from .. import wording
from ._axes import duration_range
from ._canvas import Canvas, Panel, nothing
from ._labels import text_width
from ._rows import checked, flags, numbers, texts
from .theme import hover_text

ECDF_NEEDED = ("collection", "minutes", "share", "low", "high", "n", "of")
SURVIVAL_NEEDED = ("group", "minutes", "share", "low", "high", "is_open")

TONES = ("ink", "band-ink", "ink-3")
DASHES = ("solid", "solid", "4px,3px")
"""Of groups in one panel; a third one is dashed as well, so that grey is not all that tells it apart."""

_MOST_PANELS = 8
_MOST_GROUPS = 3


def plot_ecdf(rows: pd.DataFrame, *, title: str | None = None, width: int = 912) -> go.Figure:
    """Draw the share that was over within a time, one panel per collection; collections are never pooled.

    The pale band holds the whole curve at once; the mark is the median with its interval. The axis is logarithmic.

    Args:
        rows: points of the curves: ``collection, minutes, share, low, high, n, of``, and ``median, median_low,
            median_high`` in minutes where known, the same in every row of a collection. A first row with share 0
            carries the band to the left end of the axis. Missing ``minutes`` are left out.
        title: written above the figure.
        width: px; 358 puts the panels below each other.

    Raises:
        SchemaError: a column is missing.
    """
    rows = checked(rows, "plot_ecdf", ECDF_NEEDED)
    table = _curve_table(rows, "collection", ("low", "high", "n", "of", "median", "median_low", "median_high"))
    if table.empty:
        return nothing(width, title, "Distribution of durations: no duration is known")
    canvas = Canvas(width, title=title)
    _note_negative(canvas, rows)
    names = list(dict.fromkeys(table["name"]))
    if len(names) > _MOST_PANELS:
        canvas.note(f"{wording.count(len(names) - _MOST_PANELS, 'collection')} more, not drawn")
        names = names[:_MOST_PANELS]
    ends = duration_range(float(table["minutes"].min()), float(table["minutes"].max()))
    per_row = 1 if canvas.is_narrow or len(names) == 1 else 2
    tall = 246.0
    left, gap = 51.0, 61.0
    wide = (width - left - 8 - gap * (per_row - 1)) / per_row
    for n, name in enumerate(names):
        top, x = tall * (n // per_row), left + (wide + gap) * (n % per_row)
        panel = _share_panel(canvas, x, x + wide, top + 26, top + 218, ends, has_percent=n % per_row == 0)
        _distribution(panel, name, table[table["name"] == name])
    height = tall * ((len(names) + per_row - 1) // per_row)
    said = wording.listed([name or "not named" for name in names])
    return canvas.figure(height, f"Share over within a time, on a log axis: {said}.")


def plot_survival(rows: pd.DataFrame, *, title: str | None = None, width: int = 912) -> go.Figure:
    """Draw the share not yet over by time; an upright tick is an incident that was still open after that time.

    Args:
        rows: ``group, minutes, share, low, high, is_open``, and ``n`` where known. Rows with ``is_open`` are ticks.
        title: written above the figure.
        width: px.

    Raises:
        SchemaError: a column is missing.
    """
    rows = checked(rows, "plot_survival", SURVIVAL_NEEDED)
    table = _curve_table(rows, "group", ("low", "high", "n"))
    if table.empty:
        return nothing(width, title, "Time until the end: no duration is known")
    canvas = Canvas(width, title=title)
    _note_negative(canvas, rows)
    names = list(dict.fromkeys(table["name"]))
    if len(names) > _MOST_GROUPS:
        canvas.note(f"{wording.count(len(names) - _MOST_GROUPS, 'group')} more, not drawn")
        names = names[:_MOST_GROUPS]
    ends = duration_range(float(table["minutes"].min()), float(table["minutes"].max()))
    head = 16.0 * len(names) + 6 if canvas.is_narrow else 8.0
    panel = _share_panel(canvas, 51, width - 8, head, head + 216, ends, has_percent=True)
    # The bands lie below all curves.
    groups = [_Group(name, table[table["name"] == name], n) for n, name in enumerate(names)]
    for group in groups:
        if group.number > 0 or len(groups) == 1:
            _band(panel, group.curve)
    for group in groups:
        if group.number == 0 and len(groups) > 1:
            _edges(panel, group.curve)
        _survival(panel, group)
    for group in groups:
        y = (9 if canvas.is_narrow else head + 8) + 16 * group.number
        tone = TONES[group.number]
        canvas.words(group.words, width - 8, y, tone=tone, is_bold=True, align="right")
        x = width - 8 - text_width(group.words, is_bold=True)
        canvas.line(x - 28, y, x - 8, y, tone, width=2, dash=DASHES[group.number])
    said = wording.listed([group.words for group in groups])
    return canvas.figure(head + 240, f"Share not yet over by time, on a log axis: {said}.")


def _curve_table(rows: pd.DataFrame, name: str, columns: tuple[str, ...]) -> pd.DataFrame:
    """Name, minutes, share and numbers of every point that has a place, by name in order of appearance, then time."""
    if rows.empty:
        return pd.DataFrame({"name": [], "minutes": []})
    table = pd.DataFrame({c: numbers(rows, c) for c in ("minutes", "share", *columns)})
    table.insert(0, "name", texts(rows, name))
    table["is_open"] = flags(rows, "is_open")
    order = {name: n for n, name in enumerate(dict.fromkeys(table["name"]))}
    table = table.assign(order=table["name"].map(order))
    table = table[table["minutes"].notna() & (table["minutes"] >= 0) & table["share"].notna()]
    return table.sort_values(["order", "minutes"], kind="stable", ignore_index=True)


def _note_negative(canvas: Canvas, rows: pd.DataFrame) -> None:
    """A negative duration has no place on a log axis; it is an error of the data, so it is said."""
    n = int((numbers(rows, "minutes") < 0).sum())
    if n:
        canvas.note(f"{wording.count(n, 'negative duration')} not drawn")


def _share_panel(
    canvas: Canvas,
    left: float,
    right: float,
    top: float,
    bottom: float,
    ends: tuple[float, float],
    *,
    has_percent: bool,
) -> Panel:
    panel = canvas.panel(left, right, top, bottom, *ends, "log", has_grid=False, y_range=(0.0, 1.0))
    panel.duration_ticks()
    said = {0.0: "0 %", 0.5: "50 %", 1.0: "100 %"} if has_percent else {}
    panel.y_ticks = [(share, said.get(share, "")) for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
    return panel


def _steps(xs: list[float], ys: list[float]) -> tuple[list[float], list[float]]:
    """The corners of a curve that stays level until its next point."""
    corners_x, corners_y = [xs[0]], [ys[0]]
    for x, before, y in zip(xs[1:], ys, ys[1:], strict=False):
        corners_x += [x, x]
        corners_y += [before, y]
    return corners_x, corners_y


def _band(panel: Panel, curve: pd.DataFrame) -> None:
    """Fill between the bounds, where both are known, to the right end of the curve."""
    known = curve.dropna(subset=["low", "high"])
    if known.empty:
        return
    xs = [max(x, panel.low) for x in known["minutes"]]
    xs.append(float(curve["minutes"].max()) if "end" not in curve else float(curve["end"].iloc[0]))
    lows, highs = [*known["low"], known["low"].iloc[-1]], [*known["high"], known["high"].iloc[-1]]
    up_x, up_y = _steps(xs, highs)
    down_x, down_y = _steps(xs, lows)
    panel.area([*up_x, *reversed(down_x)], [*up_y, *reversed(down_y)], "band", opacity=0.55)


def _edges(panel: Panel, curve: pd.DataFrame) -> None:
    """Draw the bounds as dotted lines, where a second band would hide the first."""
    known = curve.dropna(subset=["low", "high"])
    for bound in ("low", "high"):
        panel.line(
            [max(x, panel.low) for x in known["minutes"]], list(known[bound]), "axis", dash="1px,3px", is_step=True
        )


def _distribution(panel: Panel, name: str, table: pd.DataFrame) -> None:
    first = table.iloc[0]
    n_of = "" if pd.isna(first["n"]) else f", n = {wording.number(first['n'])}"
    n_of += "" if not n_of or pd.isna(first["of"]) else f" of {wording.number(first['of'])}"
    panel.canvas.words(
        f"{name or 'not named'}{n_of}", panel.left, panel.top - 14, tone="ink", is_bold=True,
        room=panel.right - panel.left,
    )  # fmt: skip
    _band(panel, table.assign(end=panel.high))
    minutes = [max(x, panel.low) for x in table["minutes"]]
    xs, ys = [panel.low, *minutes, panel.high], [0.0, *table["share"], float(table["share"].iloc[-1])]
    hover = [
        "",
        *[_point_words(m, s, "over within") for m, s in zip(table["minutes"], table["share"], strict=True)],
        "",
    ]
    panel.line(xs, ys, "ink", width=1.75, is_step=True, hover=hover)
    if pd.notna(first["median"]):
        _median(panel, first, xs, ys)


def _point_words(minutes: float, share: float, words: str) -> str:
    return hover_text(f"{wording.percent(share)} {words} {wording.duration(minutes * 60)}")


def _median(panel: Panel, first: pd.Series, xs: list[float], ys: list[float]) -> None:
    median, low, high = (float(first[c]) for c in ("median", "median_low", "median_high"))
    said = [f"half within {wording.duration(median * 60)}"]
    if pd.notna(low) and pd.notna(high):
        ends = [panel.clipped(low), panel.clipped(high)]
        panel.line(ends, [0.5, 0.5], "band-ink", width=3.5)
        said.append(f"95 %: {wording.duration(low * 60)} to {wording.duration(high * 60)}")
    panel.marks([panel.clipped(median)], [0.5], [hover_text(*said)], size=10)
    need = max(map(text_width, said)) + 12
    # Lower right, unless the curve comes through there; then upper left.
    edge = panel.right - need
    at_edge = max((y for x, y in zip(xs, ys, strict=True) if panel.px(x) <= edge), default=0.0)
    is_right = at_edge > 0.42
    for n, words in enumerate(said):
        y = panel.py(0.25) + 17 * n if is_right else panel.py(0.95) + 17 * n
        x = panel.right - 4 if is_right else panel.left + 8
        tone = "ink-2" if n == 0 else "ink-3"
        panel.canvas.words(words, x, y, tone=tone, align="right" if is_right else "left")


@dataclass(frozen=True)
class _Group:
    name: str
    table: pd.DataFrame
    number: int

    @property
    def curve(self) -> pd.DataFrame:
        """The curve's own points."""
        return self.table[~self.table["is_open"]]

    @property
    def ticks(self) -> pd.DataFrame:
        """The incidents that were still open."""
        return self.table[self.table["is_open"]]

    @property
    def words(self) -> str:
        """Name, size, and how many were open."""
        n = self.table["n"].dropna()
        size = f", n = {wording.number(n.iloc[0])}" if len(n) else ""
        return f"{self.name or 'all'}{size}, open {len(self.ticks)}"


def _survival(panel: Panel, group: _Group) -> None:
    tone, dash = TONES[group.number], DASHES[group.number]
    minutes = [max(x, panel.low) for x in group.curve["minutes"]]
    shares = list(group.curve["share"])
    last = max([*minutes, *group.ticks["minutes"], panel.low])
    xs, ys = [panel.low, *minutes, last], [1.0, *shares, shares[-1] if shares else 1.0]
    said = [_point_words(m, s, "not over after") for m, s in zip(group.curve["minutes"], shares, strict=True)]
    panel.line(xs, ys, tone, width=1.75, dash=dash, is_step=True, hover=["", *said, ""])
    ticks = group.ticks
    hover = [hover_text(f"still open after {wording.duration(m * 60)}") for m in ticks["minutes"]]
    at = [max(m, panel.low) for m in ticks["minutes"]]
    if at:
        panel.marks(at, list(ticks["share"]), hover, tone=tone, symbol="line-ns-open", size=13)
