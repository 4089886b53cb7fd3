"""Rows of a toy world for every figure, and what may be wrong with them.

The lighthouse: on 5 March 2024 its lamp was out from 10:00 to 12:00 UTC.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from incident_analytics import figures
from incident_analytics.figures._labels import text_width
from incident_analytics.figures.theme import BOLD, PHASES

HOSTILE = (
    '<img src=x onerror=alert(1)><b>bold</b><a href="javascript:alert(1)">x</a> $\\href{javascript:1}{x}$ %{x} &lt;'
)
INSTANT = "datetime64[us, UTC]"


def at(clock: str, day: str = "2024-03-05") -> pd.Timestamp:
    """An instant of the toy day."""
    return pd.Timestamp(f"{day}T{clock}", tz="UTC")


def instants(*clocks: str | None) -> pd.Series:
    """A column of instants of the toy day; None is unknown."""
    return pd.Series([pd.NaT if clock is None else at(clock) for clock in clocks], dtype=INSTANT)


def minutes(*values: float | None) -> pd.Series:
    """A column of spans in minutes."""
    return pd.to_timedelta(pd.Series(values, dtype="float64"), unit="min")


def phases() -> pd.DataFrame:
    """Six phases of 10, 10, 10, 30, 30 and 30 minutes."""
    bounds = ["10:00", "10:10", "10:20", "10:30", "11:00", "11:30", "12:00"]
    points = ["impact_start", "detected", "acknowledged", "declared", "identified", "mitigated", "resolved"]
    rows = pd.DataFrame({"phase": PHASES, "began_at": instants(*bounds[:-1]), "ended_at": instants(*bounds[1:])})
    rows["began_at_latest"] = pd.Series(pd.NaT, index=rows.index, dtype=INSTANT)
    rows["span"] = rows["ended_at"] - rows["began_at"]
    rows["share"] = rows["span"] / pd.Timedelta("2h")
    rows["is_open"] = False
    rows["covers"] = [[name] for name in PHASES]
    return rows.assign(start_point=points[:-1], end_point=points[1:])


def timeline() -> pd.DataFrame:
    """Seven entries in all lanes, one of which lies between its neighbours."""
    rows = pd.DataFrame(
        {
            "at": instants("09:50", "10:00", "10:10", "10:20", "10:40", "11:30", "12:00"),
            "at_latest": instants(None, None, None, None, "11:30", None, None),
            "lane": ["Changes", "Impact", "Alerts and logs", "Response", "Understanding", "Changes", "Updates"],
            "kind": ["change", "milestone", "alert", "status", "hypothesis", "action", "update"],
            "field": [None, "impact_start", "fired", None, None, "mitigation", None],
            "text": ["new bulb fitted", "the lamp went out", "keeper's alarm", "keeper awake", "fuse suspected",
                     "fuse replaced", "harbour told that the lamp burns"],
            "detail": [None, None, None, "Known to the minute.", None, None, None],
            "audience": [None, None, None, None, None, None, "public"],
            "is_automatic": pd.Series([False, False, True, False, False, False, False], dtype="boolean"),
            "is_between": [False, False, False, False, True, False, False],
            "is_recovery": [False, False, False, False, False, True, True],
            "precision": ["minute"] * 7,
            "source": ["record:lamp.yaml"] * 7,
            "phase": ["before", *PHASES[:3], PHASES[3], PHASES[5], "after"],
            "points": [[], ["impact_start"], ["detected"], ["acknowledged"], [], ["mitigated"], ["resolved"]],
        }
    )  # fmt: skip
    return rows.assign(elapsed=rows["at"] - at("10:00"))


def silences() -> pd.DataFrame:
    """One silence of 70 minutes."""
    return pd.DataFrame({"began_at": instants("10:20"), "ended_at": instants("11:30"), "span": minutes(70)})


def severity() -> pd.DataFrame:
    """SEV2 from 10:30, raised to SEV1 at 10:40 with a reason, lowered at 11:30 without one."""
    return pd.DataFrame(
        {
            "level": ["SEV2", "SEV1", "SEV2"],
            "rank": [2, 1, 2],
            "began_at": instants("10:30", "10:40", "11:30"),
            "ended_at": instants("10:40", "11:30", "12:00"),
            "is_explained": [True, True, False],
            "direction": ["set", "raised", "lowered"],
            "is_open": [False, False, False],
            "reason": [None, "ships near", None],
        }
    )


def roles() -> pd.DataFrame:
    """A commander from 10:30 with one hand-over, and two responders at once."""
    return pd.DataFrame(
        {
            "role": ["incident_commander", "incident_commander", "responder", "responder"],
            "label": ["R1", "R2", "R3", "R4"],
            "assumed_at": instants("10:30", "11:00", "10:20", "10:40"),
            "released_at": instants("11:00", "12:00", "12:00", "11:30"),
            "is_on_call": pd.Series([True, False, True, True], dtype="boolean"),
        }
    )


def impacts() -> pd.DataFrame:
    """The lamp out, then dim; the horn affected from some time between 10:00 and 10:10."""
    return pd.DataFrame(
        {
            "service": ["lamp", "lamp", "horn"],
            "began_at": instants("10:00", "11:30", "10:00"),
            "began_at_latest": instants(None, None, "10:10"),
            "ended_at": instants("11:30", "12:00", "11:00"),
            "ended_at_latest": instants(None, None, "11:10"),
            "degree": ["outage", "degraded", "partial"],
            "text": ["no light", None, None],
        }
    )


def first_minutes() -> pd.DataFrame:
    """Five steps: one before the zero point, one at it, one late, two not recorded."""
    return pd.DataFrame(
        {
            "step": [1, 2, 3, 4, 5],
            "name": ["Gain situational awareness", "Acknowledge", "Establish channels", "Gather the team", "Evaluate"],
            "offset": minutes(-3, 13, 0, None, None),
            "evidence": ["keeper looks out", "harbour told", "call opened", None, None],
            "state": ["recorded", "recorded", "recorded", "not recorded", "not recorded"],
            "zero_point": ["paged"] * 5,
            "zero_at": instants(*["10:10"] * 5),
        }
    )


def update_gaps() -> pd.DataFrame:
    """Public gaps of 20 and 60 minutes against a cadence of 30, and one internal gap still open after 40."""
    rows = pd.DataFrame(
        {
            "audience": ["public", "public", "internal"],
            "began_at": instants("10:00", "10:20", "10:00"),
            "ended_at": instants("10:20", "11:20", None),
            "span": minutes(20, 60, 40),
            "cadence": minutes(30, 30, 30),
            "over": minutes(0, 30, 10),
            "position": ["first", "middle", "last"],
            "is_open": [False, False, True],
        }
    )
    return rows.assign(from_text="lamp out", to_text="harbour told")


def log_rates() -> pd.DataFrame:
    """Errors of two services in three minutes; the horn's second minute is missing."""
    return pd.DataFrame(
        {
            "minute": instants("10:00", "10:01", "10:02", "10:00", "10:02"),
            "service": ["lamp", "lamp", "lamp", "horn", "horn"],
            "errors": [0, 10, 20, 1, 2],
        }
    )


def ecdf() -> pd.DataFrame:
    """Three of four incidents took 10, 60 and 360 minutes."""
    return pd.DataFrame(
        {
            "collection": ["harbour"] * 3,
            "minutes": [10.0, 60.0, 360.0],
            "share": [1 / 3, 2 / 3, 1.0],
            "low": [0.0, 0.1, 0.4],
            "high": [0.9, 1.0, 1.0],
            "n": [3] * 3,
            "of": [4] * 3,
            "median": [60.0] * 3,
            "median_low": [np.nan] * 3,
            "median_high": [np.nan] * 3,
        }
    )


def survival() -> pd.DataFrame:
    """Two groups; one incident of the first was still open after 100 minutes."""
    return pd.DataFrame(
        {
            "group": ["spring", "spring", "spring", "autumn", "autumn"],
            "minutes": [10.0, 60.0, 100.0, 20.0, 30.0],
            "share": [0.7, 0.3, 0.3, 0.5, 0.0],
            "low": [0.3, 0.1, np.nan, 0.1, np.nan],
            "high": [0.9, 0.7, np.nan, 0.8, np.nan],
            "is_open": [False, False, True, False, False],
        }
    )


def phase_spans() -> pd.DataFrame:
    """Two phases with numbers and one without."""
    return pd.DataFrame(
        {
            "phase": ["unnoticed", "understanding", "restoring"],
            "q10": [1.0, 5.0, np.nan],
            "q25": [2.0, 10.0, np.nan],
            "median": [5.0, 30.0, np.nan],
            "q75": [10.0, 60.0, np.nan],
            "q90": [20.0, 200.0, np.nan],
            "median_low": [3.0, 20.0, np.nan],
            "median_high": [8.0, 45.0, np.nan],
            "n": [9, 8, 0],
            "of": [10, 10, 10],
        }
    )


def severity_pairs() -> pd.DataFrame:
    """Ten incidents: four unchanged at SEV1, one lowered, five unchanged at SEV2."""
    return pd.DataFrame({"first": ["SEV1", "SEV1", "SEV2"], "final": ["SEV1", "SEV2", "SEV2"], "n": [4, 1, 5]})


def pages() -> pd.DataFrame:
    """Three pages on Monday at 9, one on Sunday at 23."""
    return pd.DataFrame({"weekday": [0, 6], "hour": [9, 23], "n": [3, 1]})


def actions() -> pd.DataFrame:
    """Four open items: past due, within due, without a due date, and one of another priority."""
    return pd.DataFrame(
        {
            "priority": ["P1", "P1", "P1", "P2"],
            "age_days": [40.0, 10.0, 100.0, 5.0],
            "due_days": [30.0, 30.0, np.nan, 60.0],
            "is_past_due": [True, False, False, False],
            "has_due_date": [True, True, False, True],
            "title": ["spare fuses", "second lamp", "log of the keeper", "paint the door"],
        }
    )


def counts() -> pd.DataFrame:
    """Three months with 2, 0 and 5 incidents."""
    months = pd.to_datetime(pd.Series(["2024-01-01", "2024-02-01", "2024-03-01"]), utc=True).dt.as_unit("us")
    return pd.DataFrame({"month": months, "n": [2, 0, 5], "low": [0.2, 0.0, 1.6], "high": [7.2, 3.7, 11.7]})


def clock_points() -> pd.DataFrame:
    """Two incidents with three clock points each in all four states."""
    return pd.DataFrame(
        {
            "title": ["lamp out"] * 3 + ["horn silent"] * 3,
            "point": ["detected", "impact_start", "resolved"] * 2,
            "state": ["stated", "inferred", "unknown", "coarse", "stated", "stated"],
        }
    )


@dataclass(frozen=True)
class Toy:
    """A figure and its rows in the toy world."""

    plot: Callable[..., Any]
    rows: Callable[[], pd.DataFrame]


TOYS: dict[str, Toy] = {
    "action_ageing": Toy(figures.plot_action_ageing, actions),
    "clock_points": Toy(figures.plot_clock_points, clock_points),
    "ecdf": Toy(figures.plot_ecdf, ecdf),
    "first_minutes": Toy(figures.plot_first_minutes, first_minutes),
    "impact_band": Toy(figures.plot_impact_band, impacts),
    "incident_counts": Toy(figures.plot_incident_counts, counts),
    "incident_timeline": Toy(figures.plot_incident_timeline, timeline),
    "log_rates": Toy(figures.plot_log_rates, log_rates),
    "pages_heat": Toy(figures.plot_pages_heat, pages),
    "phase_spans": Toy(figures.plot_phase_spans, phase_spans),
    "phases": Toy(figures.plot_phases, phases),
    "recovery": Toy(figures.plot_recovery, timeline),
    "roles": Toy(figures.plot_roles, roles),
    "severity": Toy(figures.plot_severity, severity),
    "severity_matrix": Toy(figures.plot_severity_matrix, severity_pairs),
    "survival": Toy(figures.plot_survival, survival),
    "updates": Toy(figures.plot_updates, update_gaps),
}

ENDS = {"ended_at": "began_at", "released_at": "assumed_at", "ended_at_latest": "began_at_latest", "at_latest": "at"}


def _empty(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.iloc[:0]


def _one_row(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.iloc[[-1]]


def _all_open(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.copy()
    for end in ENDS:
        if end in rows:
            rows[end] = pd.Series(pd.NaT, index=rows.index, dtype=INSTANT)
    for name in ("span", "offset"):
        if name in rows:
            rows[name] = pd.Series(pd.NaT, index=rows.index, dtype="timedelta64[us]")
    return rows.assign(is_open=True) if "is_open" in rows else rows


def _reversed(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.copy()
    for end, start in ENDS.items():
        if end in rows and start in rows:
            rows[[end, start]] = rows[[start, end]].to_numpy()
            rows = rows.astype({end: INSTANT, start: INSTANT})
    if "span" in rows:
        rows["span"] = -rows["span"]
    for low, high in (("low", "high"), ("q10", "q90"), ("q25", "q75")):
        if low in rows:
            rows[[low, high]] = rows[[high, low]].to_numpy()
    return rows.iloc[::-1]


def _uncertain(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.copy()
    for known, latest in (("began_at", "began_at_latest"), ("ended_at", "ended_at_latest"), ("at", "at_latest")):
        if known in rows:
            rows[latest] = rows[known] + pd.Timedelta("1h")
    return rows.assign(precision="hour") if "precision" in rows else rows


def _hostile(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.copy()
    for name in rows.columns:
        if rows[name].dtype == "str" or rows[name].dtype == object:
            is_list = rows[name].map(lambda value: isinstance(value, list)).any()
            rows[name] = [[HOSTILE, "x"]] * len(rows) if is_list else HOSTILE
    return rows


def _all_missing(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.apply(lambda column: column.where(pd.Series(False, index=rows.index)))


def _many(rows: pd.DataFrame) -> pd.DataFrame:
    """Two thousand rows over a day and a half, with many names."""
    times = -(-2000 // len(rows))
    many = pd.concat([rows] * times, ignore_index=True).iloc[:2000]
    shift = pd.Series(pd.to_timedelta((np.arange(2000) * 67) % 2160, unit="min"))
    for name in many.columns:
        if isinstance(many[name].dtype, pd.DatetimeTZDtype):
            many[name] = many[name] + shift
        elif many[name].dtype == "str" and name not in (
            "lane",
            "kind",
            "audience",
            "point",
            "state",
            "phase",
            "degree",
        ):
            many[name] = many[name] + " " + pd.Series((np.arange(2000) % 400).astype(str))
        elif many[name].dtype == "float64" and name not in ("share", "low", "high"):
            many[name] = many[name] * (1 + np.arange(2000) / 50)
    return many


def _far_apart(rows: pd.DataFrame) -> pd.DataFrame:
    """The last row is three years later."""
    rows = rows.copy()
    for name in rows.columns:
        if isinstance(rows[name].dtype, pd.DatetimeTZDtype):
            rows.loc[rows.index[-1], name] = rows[name].iloc[-1] + pd.Timedelta(days=1100)
    return rows


AWKWARD: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "as they are": lambda rows: rows,
    "empty": _empty,
    "no columns": lambda _: pd.DataFrame(),
    "one row": _one_row,
    "all open": _all_open,
    "reversed": _reversed,
    "uncertain": _uncertain,
    "hostile text": _hostile,
    "all missing": _all_missing,
    "two thousand rows": _many,
    "years apart": _far_apart,
}


def texts_of(figure: Any) -> Iterator[str]:
    """Every text that plotly may draw."""
    for annotation in figure.layout.annotations:
        yield annotation.text
    for name in figure.layout:
        if name.startswith(("xaxis", "yaxis")) and figure.layout[name] is not None:
            yield from figure.layout[name].ticktext or ()
    for trace in figure.data:
        hover = trace.hovertext
        yield from ([hover] if isinstance(hover, str) else [h for h in (hover if hover is not None else ()) if h])


@dataclass(frozen=True)
class Box:
    """A text as it lies on the sheet, in px from the top left, by its estimated width."""

    left: float
    top: float
    right: float
    bottom: float
    text: str

    def overlaps(self, other: Box) -> bool:
        """The two texts share more than a px."""
        is_beside = self.right - 1 <= other.left or other.right - 1 <= self.left
        return not is_beside and self.bottom - 1 > other.top and other.bottom - 1 > self.top


def boxes(figure: Any) -> list[Box]:
    """Where the level annotations of a figure lie."""
    found = []
    width, height = figure.layout.width, figure.layout.height
    for note in figure.layout.annotations:
        if note.textangle:
            continue
        plain = html.unescape(note.text)
        need = text_width(plain, is_bold=note.font.weight == BOLD)
        x = _px(figure, note) + (note.xshift or 0)
        left = {"left": x, "center": x - need / 2, "right": x - need}[note.xanchor]
        middle = (1 - note.y) * height
        found.append(Box(left, middle - 6, left + need, middle + 6, plain))
    assert width > 0
    return found


def _px(figure: Any, note: Any) -> float:
    if note.xref == "paper":
        return float(note.x * figure.layout.width)
    axis = figure.layout["xaxis" + note.xref[1:]]
    low, high, at_ = (pd.Timestamp(value) for value in (*axis.range, note.x))
    share = (at_ - low) / (high - low)
    return float((axis.domain[0] + share * (axis.domain[1] - axis.domain[0])) * figure.layout.width)
