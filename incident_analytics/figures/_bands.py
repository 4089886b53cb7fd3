"""What is held over an interval, severity, roles and impact, drawn alike alone and inside the timeline."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from dataclasses import dataclass, replace

import pandas as pd

from .. import wording
from ._canvas import Bar, Panel
from ._labels import shortened, text_width
from ._rows import flags, in_words, instants, numbers, texts
from .theme import hover_text, severity_token

_DIRECTIONS = {"": "set", "first": "set", "same": "renamed", "unordered": "changed"}
"""How a change is said; raised and lowered say themselves."""

_ROLE_WORDS = {"communication_manager": "Communications"}

ROLES = ("incident_commander", "communication_manager", "scribe", "responder", "observer", "reporter")

LEADING = "incident_commander"
"""The role in which a stretch without anybody is shown: an incident always needs one."""

DEGREES: dict[str, tuple[float, str]] = {
    "outage": (1.0, "surface"),
    "partial": (0.6, "ink"),
    "degraded": (0.32, "ink"),
    "none": (0.12, "ink"),
}
"""How strong a degree is drawn, and in which tone its label stands on it."""


@dataclass(frozen=True, slots=True)
class Level:
    """A severity in force from ``start`` to ``end``."""

    name: str
    rank: float
    start: pd.Timestamp
    end: pd.Timestamp
    is_open: bool
    is_end_known: bool
    is_explained: bool
    direction: str
    reason: str

    def hover(self) -> str:
        """Level, how long, and whether the change to it has a recorded reason."""
        change = f"{self.direction} at {wording.clock_time(self.start, with_date=True)}"
        length = wording.duration(self.end - self.start) if self.is_end_known else "end not recorded"
        return hover_text(
            f"{self.name}: {'open, ' if self.is_open else ''}{length}",
            change if self.is_explained else f"{change}, no reason recorded",
            self.reason or None,
        )


def levels(rows: pd.DataFrame, as_of: pd.Timestamp | None) -> tuple[list[Level], int]:
    """The severities in force, in order of time, and how many rows cannot be drawn.

    One that is still in force ends at ``as_of``, or at the last instant there is; one whose end is not known ends,
    for the drawing, where the next begins. A row without a beginning or with an end before it cannot be drawn.
    """
    starts, ends, ranks = instants(rows, "began_at"), instants(rows, "ended_at"), numbers(rows, "rank")
    last = _stop(as_of, starts, ends)
    is_open, is_explained = flags(rows, "is_open"), flags(rows, "is_explained")
    names, directions, reasons = texts(rows, "level"), texts(rows, "direction"), texts(rows, "reason")
    known = sorted(starts.dropna())
    drawn = []
    for n in range(len(rows)):
        following = known[bisect_right(known, starts[n]) :][:1] if pd.notna(starts[n]) else []
        end = ends[n] if pd.notna(ends[n]) else last if is_open[n] or not following else following[0]
        if pd.notna(starts[n]) and starts[n] <= end:
            drawn.append(
                Level(
                    names[n] or wording.NOT_RECORDED, float(ranks[n]), starts[n], end,
                    is_open[n], is_open[n] or bool(pd.notna(ends[n])), is_explained[n],
                    _DIRECTIONS.get(directions[n], directions[n]), reasons[n],
                )
            )  # fmt: skip
    return sorted(drawn, key=lambda level: level.start), len(rows) - len(drawn)


def steps_of(found: list[Level]) -> list[tuple[str, float]]:
    """The levels that occur, the worst first; levels without a rank come last."""
    seen = {level.name: level.rank for level in found}
    return sorted(seen.items(), key=lambda step: (pd.isna(step[1]), step[1] if pd.notna(step[1]) else 0, step[0]))


def draw_levels(panel: Panel, found: list[Level], heights: dict[str, float], *, thickness: float = 5) -> None:
    """Draw severities as steps; a dashed riser is a change without a recorded reason, a dashed level an unknown end."""
    half = thickness / 2
    bars: dict[str, list[Bar]] = {}
    for level in found:
        y, start, end = heights[level.name], panel.clipped(level.start), panel.clipped(level.end)
        if not level.is_end_known:
            panel.line([start, end], [y, y], severity_token(level.rank), width=2, dash="4px,3px")
            end = start
        if start < end or panel.has(level.start):
            bar = Bar(start, end, y - half, y + half, level.hover())
            bars.setdefault(severity_token(level.rank), []).append(bar)
        if level.is_open and panel.has(level.end):
            panel.upright(level.end, y - 7, y + 7, "ink", width=2)
    for tone, own in bars.items():
        panel.bars(own, tone)
    for is_explained, dash in ((True, "solid"), (False, "3px,3px")):
        risers = [
            (level.start, heights[before.name], heights[level.name])
            for before, level in itertools.pairwise(found)
            if level.is_explained is is_explained and panel.has(level.start)
        ]
        if risers:
            xs = [x for at, _, _ in risers for x in (at, at, None)]
            ys = [y for _, low, high in risers for y in (low, high, None)]
            panel.line(xs, ys, "axis" if is_explained else "ink-3", dash=dash)


@dataclass(frozen=True, slots=True)
class Held:
    """A role held by somebody."""

    role: str
    label: str
    start: pd.Timestamp
    end: pd.Timestamp
    is_open: bool
    is_on_call: bool

    def hover(self, zero: pd.Timestamp | None) -> str:
        """Role, who, from when to when."""
        until = "no end recorded" if self.is_open else wording.clock_time(self.end, with_date=True)
        since = "" if zero is None else f", {wording.elapsed(self.start - zero)}"
        return hover_text(
            f"{wording.sentence(in_words(self.role)).rstrip('.')}: {self.label or wording.NOT_RECORDED}",
            f"{wording.clock_time(self.start, with_date=True)}{since} to {until}",
            "on call" if self.is_on_call else None,
        )


def held_roles(rows: pd.DataFrame, end_at: pd.Timestamp | None) -> tuple[list[Held], int]:
    """The roles held, and how many rows cannot be drawn for want of a beginning or with an end before it.

    A role without a recorded end runs to ``end_at``.
    """
    starts, ends = instants(rows, "assumed_at"), instants(rows, "released_at")
    last = _stop(end_at, starts, ends)
    roles, labels, on_call = texts(rows, "role"), texts(rows, "label"), flags(rows, "is_on_call")
    drawn = []
    for n in range(len(rows)):
        end = max(last, starts[n]) if pd.isna(ends[n]) and pd.notna(starts[n]) else ends[n]
        if pd.notna(starts[n]) and starts[n] <= end:
            drawn.append(Held(roles[n], labels[n], starts[n], end, bool(pd.isna(ends[n])), on_call[n]))
    return drawn, len(rows) - len(drawn)


def role_lanes(held: list[Held]) -> dict[str, list[list[Held]]]:
    """Per role, in the usual order, as few lanes as hold its intervals without one hiding another."""
    order = {role: n for n, role in enumerate(ROLES)}
    found: dict[str, list[list[Held]]] = {}
    for item in sorted(held, key=lambda h: (order.get(h.role, len(order)), h.role, h.start, h.end, h.label)):
        lanes = found.setdefault(item.role, [])
        lane = next((lane for lane in lanes if lane[-1].end <= item.start), None)
        if lane is None:
            lanes.append([item])
        else:
            lane.append(item)
    return found


def role_words(role: str) -> str:
    """A role as a row's head: ``Incident commander``."""
    words = _ROLE_WORDS.get(role, in_words(role))
    return words[:1].upper() + words[1:]


def draw_lane(panel: Panel, lane: list[Held], top: float, bottom: float, *, zero: pd.Timestamp | None = None) -> None:
    """Draw the intervals of one lane as outlined bars with their holder's name in them."""
    bars = []
    for item in lane:
        start, end = panel.clipped(item.start), panel.clipped(item.end)
        if item.end < panel.low or item.start > panel.high:
            continue
        bars.append(Bar(start, end, top, bottom, item.hover(zero)))
        room = panel.px(end) - panel.px(start) - 9
        panel.words(shortened(item.label, room), start, (top + bottom) / 2, tone="ink", shift=5)
        if item.is_open and item.end <= panel.high:
            panel.upright(end, top - 3, bottom + 3, "ink", width=2)
    panel.bars(bars, "band", edge="band-ink")


def gaps_of(held: list[Held], start: pd.Timestamp, end: pd.Timestamp) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """Stretches from ``start`` to ``end`` in which nobody held the role."""
    gaps, free_from = [], start
    for item in sorted(held, key=lambda h: h.start):
        if item.start > free_from:
            gaps.append((free_from, min(item.start, end)))
        free_from = max(free_from, item.end)
    if free_from < end:
        gaps.append((free_from, end))
    return [(low, high) for low, high in gaps if low < high]


def draw_gaps(
    panel: Panel, gaps: list[tuple[pd.Timestamp, pd.Timestamp]], role: str, top: float, bottom: float
) -> None:
    """Hatch the stretches in which nobody is recorded to have held the role."""
    bars = [
        Bar(
            low,
            high,
            top,
            bottom,
            hover_text(f"Nobody recorded as {in_words(role)} for {wording.duration(high - low)}"),
        )
        for low, high in gaps
    ]
    panel.bars(bars, "transparent", hatch="hatch", least=0.5)


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect on a service; both ends may be known only as an interval."""

    service: str
    degree: str
    start: pd.Timestamp
    start_latest: pd.Timestamp
    end: pd.Timestamp
    end_latest: pd.Timestamp
    is_open: bool
    text: str

    @property
    def words(self) -> str:
        """Degree and length; a range when an end is not known exactly."""
        shortest, longest = self.end - self.start_latest, self.end_latest - self.start
        length = wording.span_range(max(shortest, pd.Timedelta(0)), longest)
        return f"{self.degree or 'degree not recorded'}, {'open, ' if self.is_open else ''}{length}"

    def hover(self) -> str:
        """Service, degree, length, and from when to when."""
        began = _between(self.start, self.start_latest)
        ended = "still open" if self.is_open else _between(self.end, self.end_latest)
        return hover_text(self.service or None, self.words, f"{began} to {ended}", self.text or None)


def _between(low: pd.Timestamp, high: pd.Timestamp) -> str:
    first = wording.clock_time(low, with_date=True)
    return first if high <= low else f"between {first} and {wording.clock_time(high, with_date=True)}"


def effects(rows: pd.DataFrame, as_of: pd.Timestamp | None) -> tuple[list[Effect], int]:
    """The effects that have a time, and how many rows have none or end before they begin.

    One without an end runs to ``as_of``, or to the last instant there is.
    """
    starts, starts_latest = instants(rows, "began_at"), instants(rows, "began_at_latest")
    ends, ends_latest = instants(rows, "ended_at"), instants(rows, "ended_at_latest")
    last = _stop(as_of, starts, starts_latest, ends, ends_latest)
    services, degrees = texts(rows, "service"), texts(rows, "degree")
    remarks = [" ".join(t) for t in zip(texts(rows, "measure"), texts(rows, "text"), strict=True)]
    drawn = []
    for n in range(len(rows)):
        is_open = bool(pd.isna(ends[n]) and pd.isna(ends_latest[n]))
        # An end known only as "not after" is as uncertain as the whole stretch before it.
        end = last if is_open else starts[n] if pd.isna(ends[n]) else ends[n]
        effect = Effect(
            services[n], degrees[n], starts[n], starts[n] if pd.isna(starts_latest[n]) else starts_latest[n],
            end, end if pd.isna(ends_latest[n]) else ends_latest[n], is_open, remarks[n].strip(),
        )  # fmt: skip
        if pd.notna(effect.start) and effect.start <= effect.end:
            drawn.append(effect)
    return _joined(drawn), len(rows) - len(drawn)


def _joined(drawn: list[Effect]) -> list[Effect]:
    """Effects that differ only in what was measured are one; their texts are said one after the other."""
    found: dict[tuple[object, ...], Effect] = {}
    for effect in drawn:
        key = (effect.service, effect.degree, effect.start, effect.start_latest, effect.end, effect.end_latest)
        before = found.get(key)
        text = "; ".join(filter(None, [before.text if before else "", effect.text]))
        found[key] = replace(effect, text=text)
    return list(found.values())


def packed(found: list[Effect]) -> list[list[Effect]]:
    """As few lanes as hold the effects without one hiding another, in order of their beginning."""
    lanes: list[list[Effect]] = []
    for effect in sorted(found, key=lambda e: (e.start, e.end_latest, e.service)):
        lane = next((lane for lane in lanes if lane[-1].end_latest <= effect.start), None)
        if lane is None:
            lanes.append([effect])
        else:
            lane.append(effect)
    return lanes


def draw_effect(panel: Panel, effect: Effect, top: float, bottom: float, *, with_service: bool = False) -> None:
    """Draw one effect: sure from the latest start to the earliest end, hatched where it is not sure."""
    if effect.end_latest < panel.low or effect.start > panel.high:
        return
    opacity, tone = DEGREES.get(effect.degree, (0.0, "ink"))
    start, end = panel.clipped(effect.start), panel.clipped(effect.end_latest)
    sure = (panel.clipped(min(effect.start_latest, effect.end)), panel.clipped(effect.end))
    bar = Bar(start, end, top, bottom, effect.hover())
    unsure = [replace(bar, end=sure[0]), replace(bar, start=sure[1])]
    panel.bars([b for b in unsure if b.start < b.end], "transparent", hatch="hatch", least=0)
    certain = [replace(bar, start=sure[0], end=sure[1])] if sure[0] < sure[1] or start == end else []
    if opacity:
        panel.bars(certain, "sev-1", opacity=opacity)
    else:
        panel.bars(certain, "band", edge="band-ink")
    if effect.is_open and panel.has(effect.end):
        panel.upright(effect.end, top - 4, bottom + 4, "ink", width=2)
    left, right = panel.px(sure[0]), panel.px(sure[1])
    said = (effect.words, effect.words.split(", ", 1)[-1], effect.degree)
    named: tuple[str, ...] = ()
    if with_service and effect.service:
        service = effect.service
        named = (f"{service}: {effect.words}", f"{service}: {effect.degree}", service)
    for words in (*named, *said):
        if text_width(words, is_bold=tone == "surface") <= right - left - 14:
            panel.words(words, sure[0], (top + bottom) / 2, tone=tone, is_bold=tone == "surface", shift=7)
            return


def _stop(as_of: pd.Timestamp | None, *columns: pd.Series) -> pd.Timestamp:
    """Where what is still open is drawn to: the end of the data, or the last instant in the rows."""
    if as_of is not None:
        return as_of
    return max((column.max() for column in columns if column.notna().any()), default=pd.NaT)
