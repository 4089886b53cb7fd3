"""Incidents per month."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from .. import wording
from ._axes import count_ticks
from ._canvas import Bar, Canvas, Panel, nothing
from ._labels import Shelf, text_width
from ._rows import checked, instants, numbers, texts
from .theme import hover_text, severity_token

NEEDED = ("month", "n", "low", "high")


def plot_incident_counts(rows: pd.DataFrame, *, title: str | None = None, width: int = 912) -> go.Figure:
    """Draw how many incidents began in each month, with the interval of the rate behind the count.

    With ``severity`` the months are stacked, the worst at the bottom, and no interval is drawn. A month that is not in
    the rows is a gap, not a zero.

    Args:
        rows: ``month`` (its first instant), ``n, low, high``, and ``severity`` with ``rank`` where wanted.
        title: written above the figure.
        width: px.

    Raises:
        SchemaError: a column is missing.
    """
    rows = checked(rows, "plot_incident_counts", NEEDED)
    months = _first_instants(instants(rows, "month"))
    table = pd.DataFrame({"month": months} | {c: numbers(rows, c) for c in ("n", "low", "high", "rank")})
    table["severity"] = texts(rows, "severity")
    is_known = table["month"].notna() & table["n"].notna()
    if not is_known.any():
        return nothing(width, title, "Incidents per month: none with a known month")
    canvas = Canvas(width, title=title)
    if not is_known.all():
        canvas.note(f"{wording.count(int((~is_known).sum()), 'row')} without a month or a number, not drawn")
    table = table[is_known].sort_values(["month", "rank", "severity"], kind="stable")
    is_stacked = "severity" in rows.columns and bool((table["severity"] != "").any())
    head = 24.0 if is_stacked else 4.0
    sums = table.groupby("month")["n"].sum()
    tallest = float(sums.max() if is_stacked else max(table["high"].max(), table["n"].max()))
    panel = _panel(canvas, table["month"], head, tallest)
    if is_stacked:
        _stacks(panel, table)
        _key(canvas, table)
    else:
        _intervals(panel, table)
    last = f"{sums.index[-1]:%b %Y}"
    total = wording.count(int(sums.sum()), "incident")
    return canvas.figure(head + 206, f"{total} by month from {sums.index[0]:%b %Y} to {last}.")


def _first_instants(months: pd.Series) -> pd.Series:
    """The first instant of the month that each instant lies in."""
    days = pd.to_timedelta(months.dt.day - 1, unit="D")
    return (months.dt.floor("D") - days).dt.as_unit("us")


def _end(month: pd.Timestamp) -> pd.Timestamp:
    """First instant of the next month."""
    return month + pd.offsets.MonthBegin(1)


def _panel(canvas: Canvas, months: pd.Series, head: float, tallest: float) -> Panel:
    low, high = months.min(), _end(months.max())
    panel = canvas.panel(34, canvas.width - 8, head + 12, head + 180, low, high, has_grid=False)
    panel.y_range = (0.0, max(tallest, 1.0) * 1.08)
    panel.y_ticks = [(float(n), str(n)) for n in count_ticks(max(tallest, 1.0))]
    firsts = pd.date_range(low, months.max(), freq="MS")
    most = 5 if canvas.is_narrow else 14
    every = next((k for k in (1, 2, 3, 6, 12, 24, 60, 120) if len(firsts) / k <= most), 240)
    for n, month in enumerate(firsts):
        if (month.month - 1) % every == 0 if every <= 12 else month.month == 1 and month.year % (every // 12) == 0:
            words = f"{month:%b %Y}" if month.month == 1 or n == 0 else f"{month:%b}"
            middle = month + (_end(month) - month) / 2
            if panel.px(middle) + text_width(words) / 2 <= canvas.width and _is_clear(panel, middle, words):
                panel.ticks.append((middle, words))
    return panel


def _is_clear(panel: Panel, middle: pd.Timestamp, words: str) -> bool:
    if not panel.ticks:
        return True
    at, before = panel.ticks[-1]
    return panel.px(middle) - panel.px(at) > (text_width(words) + text_width(before)) / 2 + 6


def _bar(panel: Panel, month: pd.Timestamp, bottom: float, top: float, hover: str) -> Bar:
    """A bar over a month, which leaves a seventh of it free on both sides."""
    free = (_end(month) - month) / 7
    return Bar(month + free, _end(month) - free, panel.py(top), panel.py(bottom), hover)


def _intervals(panel: Panel, table: pd.DataFrame) -> None:
    panel_bars, xs, ys = [], [], []
    shelf = Shelf()
    for month, n, low, high in table[["month", "n", "low", "high"]].itertuples(index=False):
        middle = month + (_end(month) - month) / 2
        words = f"{month:%b %Y}: {wording.count(int(n), 'incident')}"
        has_interval = pd.notna(low) and pd.notna(high)
        interval = f"95 % interval {low:.1f} to {high:.1f}" if has_interval else None
        panel_bars.append(_bar(panel, month, 0.0, float(n), hover_text(words, interval)))
        if has_interval:
            xs += [middle, middle, None]
            ys += [panel.py(float(low)), panel.py(float(high)), None]
        pitch, need = panel.px(_end(month)) - panel.px(month), text_width(str(int(n)))
        if has_interval and pitch * 0.36 >= need + 4 and shelf.is_free(panel.px(middle) - 5 - need, panel.px(middle)):
            shelf.take(panel.px(middle) - 5 - need, panel.px(middle))
            # On top of the bar, beside the interval's line.
            panel.words(str(int(n)), middle, panel.py(float(n)) - 8, align="right", shift=-5)
        elif pitch >= need + 3 and shelf.is_free(panel.px(middle) - need / 2, panel.px(middle) + need / 2):
            shelf.take(panel.px(middle) - need / 2, panel.px(middle) + need / 2)
            top = max(float(n), float(high)) if has_interval else float(n)
            panel.words(str(int(n)), middle, panel.py(top) - 8, align="center")
    _draw_bars(panel, panel_bars, "q3")
    if xs:
        panel.line(xs, [y if y is None else _value(panel, y) for y in ys], "band-ink", width=1.75)


def _value(panel: Panel, py: float) -> float:
    """The y axis' value at a px, the reverse of ``Panel.py``."""
    assert panel.y_range is not None
    return (panel.bottom - py) / (panel.bottom - panel.top) * panel.y_range[1]


def _draw_bars(panel: Panel, bars: list[Bar], tone: str) -> None:
    """Draw bars given in px on an axis with values."""
    for bar in bars:
        bar.top, bar.bottom = _value(panel, bar.top), _value(panel, bar.bottom)
    panel.bars([bar for bar in bars if bar.top > bar.bottom], tone)


def _stacks(panel: Panel, table: pd.DataFrame) -> None:
    base: dict[pd.Timestamp, float] = {}
    for (rank, severity), own in _by_severity(table):
        bars = []
        for month, n in own.groupby("month")["n"].sum().items():
            bottom = base.get(month, 0.0)
            said = hover_text(f"{month:%b %Y}, {severity or 'no severity'}: {wording.count(int(n), 'incident')}")
            bars.append(_bar(panel, month, bottom, bottom + float(n), said))
            base[month] = bottom + float(n)
        _draw_bars(panel, bars, severity_token(rank))
    for month, n in base.items():
        if panel.px(_end(month)) - panel.px(month) >= text_width(str(int(n))) + 3:
            panel.words(str(int(n)), month + (_end(month) - month) / 2, panel.py(n) - 8, align="center")


def _by_severity(table: pd.DataFrame) -> list[tuple[tuple[float, str], pd.DataFrame]]:
    """Rows by severity, the worst first; those without a rank last."""
    names = table.drop_duplicates("severity").sort_values(["rank", "severity"], na_position="last")
    return [
        ((float(rank), severity), table[table["severity"] == severity])
        for severity, rank in names[["severity", "rank"]].itertuples(index=False)
    ]


def _key(canvas: Canvas, table: pd.DataFrame) -> None:
    """Name the colours in the order in which they are stacked."""
    x = 34.0
    for (rank, severity), _ in _by_severity(table):
        words = severity or "no severity"
        if x + 18 + text_width(words) > canvas.width:
            break
        canvas.swatch(x, 9, severity_token(rank))
        canvas.words(words, x + 18, 9, tone="ink")
        x += 18 + text_width(words) + 18
