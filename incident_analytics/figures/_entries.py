"""The marks of the timeline: entries as they are drawn, lane by lane."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from .. import wording
from ._labels import Shelves, shortened, text_width
from ._panel import Panel
from ._rows import flags, in_words, instants, spans, texts
from .theme import hover_text

LANES = ("Impact", "Alerts and logs", "Response", "Understanding", "Changes")
"""Usual order of the lanes; the updates follow, one lane per audience, and then lanes of other names."""

UPDATES = "Updates"
AUDIENCES = {
    "internal": "Internal updates", "stakeholders": "Stakeholder updates", "public": "Public updates", "": "Updates",
}  # fmt: skip

_ENDS = {"resolved", "impact_end", "closed"}
_WEIGHTS = {"decision": 1, "recovery": 2, "update": 3, "finding": 3, "change": 3, "impact": 3, "hypothesis": 4}
ANYTHING_ELSE = 5
"""Weight of what says little by itself: a chat line, an alert, a note."""

_MOST_LABELS = 24
_ROW = 14.0


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the timeline as it is drawn.

    Attributes:
        at: when, or the earliest possible instant; ``latest`` is the latest possible.
        lane: head of its lane.
        words: what is said.
        when: its time as a label says it.
        hover: everything that is known.
        symbol: plotly's name of its mark.
        weight: how much it matters, 0 the most.
        is_between: its time is only known to lie between its neighbours.
        is_bare: it stands for a clock point and says nothing else.
        is_inside: it lies in a phase of the incident.
    """

    at: pd.Timestamp
    latest: pd.Timestamp
    lane: str
    words: str
    when: str
    hover: str
    symbol: str
    weight: int
    is_between: bool
    is_bare: bool
    is_inside: bool

    @property
    def first(self) -> pd.Timestamp:
        """Earliest known instant of the entry."""
        return self.latest if pd.isna(self.at) else self.at

    @property
    def last(self) -> pd.Timestamp:
        """Latest known instant of the entry."""
        return self.first if pd.isna(self.latest) else max(self.first, self.latest)

    @property
    def is_uncertain(self) -> bool:
        """Only an interval, or one side of it, is known."""
        return self.is_between or (pd.notna(self.latest) and pd.notna(self.at) and self.latest > self.at)


def entries(rows: pd.DataFrame) -> tuple[list[Entry], int]:
    """The entries in order of time, and how many have no time at all."""
    ats, latest, elapsed = instants(rows, "at"), instants(rows, "at_latest"), spans(rows, "elapsed")
    columns = ("lane", "kind", "field", "text", "detail", "audience", "source", "phase", "precision")
    lane, kind, what, text, detail, audience, source, phase, precision = (texts(rows, c) for c in columns)
    is_automatic, is_between = flags(rows, "is_automatic"), flags(rows, "is_between")
    points = [point_set(value) for value in rows["points"]] if "points" in rows else [frozenset[str]()] * len(rows)
    found = []
    for n in range(len(rows)):
        if pd.isna(ats[n]) and pd.isna(latest[n]):
            continue
        known_to = precision[n] if precision[n] in ("hour", "day") else "minute"
        when = _when(ats[n], latest[n], known_to, is_between=is_between[n])
        since = "" if pd.isna(elapsed[n]) else f", {wording.elapsed(elapsed[n])}"
        stands_for = wording.listed([in_words(p) for p in sorted(points[n])])
        hover = hover_text(
            text[n] or kind[n],
            f"{_span_words(ats[n], latest[n])} UTC{since}{', ' + phase[n] if phase[n] else ''}",
            stands_for or None,
            detail[n] or None,
            source[n] or None,
        )
        found.append(
            Entry(
                ats[n], latest[n], _lane(lane[n], audience[n]), text[n] or kind[n], when, hover,
                _symbol(kind[n], points[n], is_automatic=is_automatic[n]), weight_of(kind[n], what[n], points[n]),
                is_between[n] or bool(pd.isna(ats[n])), kind[n] == "milestone",
                phase[n] not in ("", "before", "after"),
            )
        )  # fmt: skip
    found.sort(key=lambda entry: entry.first)
    return found, len(rows) - len(found)


def point_set(value: object) -> frozenset[str]:
    """The clock points an entry stands for, from a list or a text with commas."""
    if isinstance(value, str):
        return frozenset(p.strip() for p in value.split(",") if p.strip())
    return frozenset(map(str, value)) if isinstance(value, list | tuple | set | frozenset) else frozenset()


def _when(at: pd.Timestamp, latest: pd.Timestamp, known_to: str, *, is_between: bool) -> str:
    """The time as it stands in a label."""
    if is_between:
        return "time unknown"
    if pd.isna(at):
        return f"before {wording.clock_time(latest, 'minute')}"
    first = wording.clock_time(at, known_to)
    if known_to != "minute":
        return f"about {first}" if known_to == "hour" else first
    return first if pd.isna(latest) or latest <= at else f"{first} to {wording.clock_time(latest, 'minute')}"


def _span_words(at: pd.Timestamp, latest: pd.Timestamp) -> str:
    if pd.isna(at):
        return f"before {wording.clock_time(latest, with_date=True)}"
    first = wording.clock_time(at, with_date=True)
    return first if pd.isna(latest) or latest <= at else f"{first} to {wording.clock_time(latest, with_date=True)}"


def _lane(lane: str, audience: str) -> str:
    if lane == UPDATES:
        return AUDIENCES.get(audience, f"Updates, {audience}")
    return lane or "Response"


def _symbol(kind: str, points: frozenset[str], *, is_automatic: bool) -> str:
    if kind == "change":
        return "diamond-open"
    if points & _ENDS:
        return "square"
    return "circle-open" if is_automatic else "circle"


def weight_of(kind: str, what: str, points: frozenset[str]) -> int:
    """How much an entry matters to a reader of the whole: 0 the most, 5 the least."""
    if points or kind in ("severity", "milestone"):
        return 0
    if kind == "action" and what == "mitigation":
        return 2
    return _WEIGHTS.get(kind, ANYTHING_ELSE)


def lanes_of(found: list[Entry]) -> dict[str, list[Entry]]:
    """Entries by lane, lanes in their order."""
    present = dict.fromkeys(entry.lane for entry in found)
    known = [*LANES, *AUDIENCES.values()]
    order = [*[lane for lane in known if lane in present], *[lane for lane in present if lane not in known]]
    return {lane: [entry for entry in found if entry.lane == lane] for lane in order}


@dataclass(frozen=True, slots=True)
class Lane:
    """How a lane is drawn: its height, where its marks stand, rows for labels, and which entries are worth one."""

    height: float
    middle: float
    rows: tuple[int, ...]
    named: tuple[Entry, ...]
    is_dense: bool


def planned(inside: list[Entry], panel: Panel) -> Lane:
    """Room for a lane. A dense lane names only what matters most and draws the rest as ticks."""
    is_dense = len(inside) > (panel.right - panel.left) / 16
    named = [entry for entry in inside if not is_dense or entry.weight <= 2]
    named = sorted(named, key=lambda e: (e.weight, e.first))[:_MOST_LABELS]
    has_bracket = any(entry.is_uncertain for entry in inside)
    if not named or (len(named) == 1 and not has_bracket and not is_dense):
        return Lane(32, 16, (0,), tuple(named), is_dense)
    if len(named) <= 3:
        return Lane(44, 27, (0, -1), tuple(named), is_dense)
    if len(named) <= 8:
        return Lane(58, 29, (0, -1, 1), tuple(named), is_dense)
    return Lane(84, 42, (0, -1, 1, -2, 2), tuple(named), is_dense)


def draw_entries(panel: Panel, inside: list[Entry], lane: Lane, middle: float) -> None:
    """Draw a lane: brackets for uncertain times, marks, and the labels there is room for."""
    uncertain = [entry for entry in inside if entry.is_uncertain]
    sure = [entry for entry in inside if not entry.is_uncertain]
    shelves = Shelves(panel.left if not panel.canvas.is_narrow else 0, panel.canvas.width, lane.rows)
    _brackets(panel, uncertain, middle, shelves)
    if sure:
        important = {id(entry) for entry in lane.named} | {id(e) for e in sure if not lane.is_dense}
        symbols = [e.symbol if id(e) in important else "line-ns-open" for e in sure]
        ticks = [s == "line-ns-open" for s in symbols]
        # What matters lies on top of the ticks, whatever their times.
        for wanted in (True, False):
            part = [(e, s) for e, s, tick in zip(sure, symbols, ticks, strict=True) if tick is wanted]
            size = 8 if wanted else 9
            panel.marks(
                [e.at for e, _ in part], [middle] * len(part), [e.hover for e, _ in part],
                symbol=[s for _, s in part], size=size, tone="ink-3" if wanted else "ink",
            ) if part else None  # fmt: skip
        for entry, tick in zip(sure, ticks, strict=True):
            reach = 1.5 if tick else 5.0
            shelves.take(0, panel.px(entry.at) - reach, panel.px(entry.at) + reach)
    for entry in lane.named:
        _name(panel, entry, shelves, middle, is_dense=lane.is_dense)


def _ends(panel: Panel, entry: Entry) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Ends of a bracket; where one side is not known it is drawn 24 px long."""
    reach = (panel.high - panel.low) / (panel.right - panel.left) * 24
    start = entry.latest - reach if pd.isna(entry.at) else entry.at
    end = entry.at + reach if pd.isna(entry.latest) else entry.latest
    return panel.clipped(start), panel.clipped(end)


def _brackets(panel: Panel, uncertain: list[Entry], middle: float, shelves: Shelves) -> None:
    if not uncertain:
        return
    ends = [_ends(panel, entry) for entry in uncertain]
    xs = [x for start, end in ends for x in (start, end, None)]
    panel.line(xs, [middle, middle, None] * len(ends), "axis", dash="3px,3px")
    ticks = [
        (at, known)
        for (start, end), entry in zip(ends, uncertain, strict=True)
        for at, known in ((start, entry.at), (end, entry.latest))
        if pd.notna(known) and panel.has(known)
    ]
    panel.line([x for at, _ in ticks for x in (at, at, None)], [middle - 5, middle + 5, None] * len(ticks), "axis")
    centres = [start + (end - start) / 2 for start, end in ends]
    panel.draw(
        x=[panel.value(at) for at in centres], y=[middle] * len(centres), mode="markers", opacity=0,
        marker={"size": 12}, hovertext=[entry.hover for entry in uncertain],
    )  # fmt: skip
    for start, end in ends:
        shelves.take(0, panel.px(start), panel.px(end))


def _name(panel: Panel, entry: Entry, shelves: Shelves, middle: float, *, is_dense: bool) -> None:
    if entry.is_uncertain:
        start, end = _ends(panel, entry)
        at, reach = start + (end - start) / 2, (panel.px(end) - panel.px(start)) / 2
    else:
        at, reach = entry.at, 4.5
    rooms = (150, 90) if panel.canvas.is_narrow else (250, 150)
    cut = [shortened(entry.words, room) for room in rooms]
    wordings = [
        f"{words}{',' if entry.is_between and not words.endswith('…') else ''} {entry.when}".strip() for words in cut
    ]
    # The bare time helps where a reader knows what it is the time of.
    if not is_dense and not entry.is_uncertain and (entry.weight <= 2 or entry.lane in AUDIENCES.values()):
        wordings.append(entry.when)
    x = panel.px(at)
    placed = shelves.place(x, reach, list(dict.fromkeys(wordings)), is_centred=entry.is_uncertain)
    if placed is None:
        return
    y = middle + placed.row * _ROW
    tone = "ink-3" if entry.is_uncertain else "ink-2"
    panel.words(placed.words, at, y, tone=tone, is_italic=entry.is_uncertain, shift=round(placed.left - x, 1))
    if abs(placed.row) > 1:
        sign = 1 if placed.row > 0 else -1
        panel.upright(at, middle + sign * 6, y - sign * 7, "rule-2")


def label_right(panel: Panel, words: str, at: pd.Timestamp) -> bool:
    """The words fit between an instant and the right edge of the sheet."""
    return panel.px(at) + text_width(words) <= panel.canvas.width
