"""What is drawn is what the rows say: positions, lengths and words, checked by hand in the toy world."""

from __future__ import annotations

import html
from typing import Any

import figure_toys as toys
import pandas as pd
import plotly.graph_objects as go
import pytest

from incident_analytics import figures
from incident_analytics.figures.theme import PHASE_COLOURS, TOKENS, severity_colour

LIGHT = TOKENS["light"]
HOUR = 3_600_000


def words(figure: go.Figure) -> list[str]:
    """The figure's texts as a reader sees them."""
    return [html.unescape(note.text) for note in figure.layout.annotations]


def bars(figure: go.Figure, colour: str, *, is_hatched: bool = False) -> list[tuple[Any, float]]:
    """Start and length of every bar of one colour."""
    found = []
    for trace in figure.data:
        has_pattern = trace.type == "bar" and trace.marker.pattern.shape == "/"
        if trace.type == "bar" and trace.marker.color == colour and has_pattern == is_hatched:
            found += list(zip(trace.base, trace.x, strict=True))
    return found


def marks(figure: go.Figure) -> list[tuple[str, str]]:
    """Place and symbol of every mark that can be seen."""
    found = []
    for trace in figure.data:
        if trace.type == "scatter" and trace.mode == "markers" and trace.opacity != 0:
            symbols = trace.marker.symbol
            symbols = [symbols] * len(trace.x) if isinstance(symbols, str) else symbols
            fills = trace.marker.color
            found += [
                (x, f"{symbol}-open" if fill == LIGHT["paper"] else symbol)
                for x, symbol, fill in zip(trace.x, symbols, fills, strict=True)
            ]
    return found


def hover(figure: go.Figure) -> str:
    """All that is said when marks are pointed at, without the line breaks."""
    said = [text for trace in figure.data if trace.hovertext is not None for text in trace.hovertext]
    return html.unescape(" ".join(said)).replace("<br>", " ")


def test_phases_have_their_place_and_length() -> None:
    """Each phase begins where its row says, is as long less the two px between phases, and has its own colour."""
    figure = figures.plot_phases(toys.phases())
    gap = 2 * 7.2e6 / 912
    ((start, length),) = bars(figure, PHASE_COLOURS["understanding"])
    assert start == "2024-03-05T10:30"
    assert length == pytest.approx(HOUR / 2 - gap, abs=1)
    assert "30 min, 25 %" in words(figure)
    assert "12:00 resolved" in words(figure)


def test_the_lens_holds_phases_too_small_to_see() -> None:
    """Phases at the start under 4 % of the strip are drawn a second time on an axis of their own."""
    rows = toys.phases().iloc[[0, 3]].reset_index(drop=True)
    rows.loc[1, "began_at"], rows.loc[1, "ended_at"] = toys.at("10:10"), toys.at("22:10")
    rows["span"] = rows["ended_at"] - rows["began_at"]
    figure = figures.plot_phases(rows)
    assert len(bars(figure, PHASE_COLOURS["unnoticed"])) == 2
    assert "the first 10 min, enlarged" in words(figure)
    assert tuple(figure.layout.xaxis2.range) == ("2024-03-05T10:00", "2024-03-05T10:10")
    assert not any("enlarged" in text for text in words(figures.plot_phases(toys.phases())))


def test_an_open_phase_runs_to_the_end_of_the_data_and_has_an_upright_tick() -> None:
    """What had not ended is drawn up to the end of the data and marked, never cut silently."""
    rows = toys.phases().iloc[[5]].reset_index(drop=True).assign(is_open=True)
    rows["ended_at"] = pd.Series([pd.NaT], dtype=toys.INSTANT)
    rows["span"] = pd.Series([pd.NaT], dtype="timedelta64[us]")
    figure = figures.plot_phases(rows, as_of=toys.at("13:30"))
    assert figure.layout.xaxis.range[1] == "2024-03-05T13:30"
    assert "open, 2 h 00 min, 25 %" in words(figure)
    uprights = [shape for shape in figure.layout.shapes if shape.type == "line" and shape.x0 == shape.x1]
    assert [shape.line.color for shape in uprights] == [LIGHT["ink"]]


def test_a_stretch_without_inner_boundaries_is_named_for_its_end() -> None:
    """Phases whose boundaries are missing are one hatched piece, called by the point it ends at."""
    rows = toys.phases().iloc[[0]].reset_index(drop=True)
    rows["covers"] = pd.Series([["unnoticed", "noticed"]])
    rows["end_point"] = "acknowledged"
    figure = figures.plot_phases(rows)
    assert bars(figure, LIGHT["band"], is_hatched=True)
    assert "until acknowledged" in words(figure)


def test_an_uncertain_start_is_hatched_up_to_its_latest_instant() -> None:
    """If the impact began between 10:00 and 10:05, those five minutes are hatched and only the rest is coloured."""
    rows = toys.phases()
    rows.loc[0, "began_at_latest"] = toys.at("10:05")
    figure = figures.plot_phases(rows)
    (hatched,) = bars(figure, "rgba(0,0,0,0)", is_hatched=True)
    assert hatched == ("2024-03-05T10:00", 5 * 60_000)
    (sure,) = bars(figure, PHASE_COLOURS["unnoticed"])
    assert sure[0] == "2024-03-05T10:05"


def test_an_end_before_its_beginning_is_said_not_drawn() -> None:
    """A reversed interval has no length, so the figure names it below instead."""
    rows = toys.phases()
    rows.loc[1, "ended_at"] = toys.at("09:00")
    figure = figures.plot_phases(rows)
    assert bars(figure, PHASE_COLOURS["noticed"]) == []
    assert any(text.startswith("noticed: not drawn") for text in words(figure))


def test_timeline_marks_stand_at_their_instants() -> None:
    """Filled is a person, hollow a machine, a diamond a change, a square the end; the uncertain has no mark."""
    figure = figures.plot_incident_timeline(toys.timeline())
    assert sorted(marks(figure)) == [
        ("2024-03-05T09:50", "diamond-open"),
        ("2024-03-05T10:00", "circle"),
        ("2024-03-05T10:10", "circle-open"),
        ("2024-03-05T10:20", "circle"),
        ("2024-03-05T11:30", "circle"),
        ("2024-03-05T12:00", "square"),
    ]
    dashed = [list(trace.x[:2]) for trace in figure.data if trace.mode == "lines" and trace.line.dash == "3px,3px"]
    assert dashed == [["2024-03-05T10:40", "2024-03-05T11:30"]]
    assert "fuse suspected, time unknown" in words(figure)


def test_timeline_hover_says_text_time_detail_and_source() -> None:
    """Pointing at a mark gives everything its row knows."""
    said = hover(figures.plot_incident_timeline(toys.timeline()))
    assert "keeper awake 5 Mar 10:20 UTC, +0:20, gathering acknowledged Known to the minute. record:lamp.yaml" in said


def test_elapsed_time_counts_from_where_the_rows_count() -> None:
    """The upper axis has its zero at the instant whose elapsed time is zero."""
    figure = figures.plot_incident_timeline(toys.timeline())
    assert "since 10:00" in words(figure)
    (zero,) = [note for note in figure.layout.annotations if note.text == "0"]
    assert zero.x == "2024-03-05T10:00"


def test_entries_long_before_are_counted_not_drawn() -> None:
    """One entry three weeks earlier would make the incident a dot; it is named below and stays in the list."""
    rows = toys.timeline()
    rows.loc[0, "at"] = toys.at("10:00", "2024-02-12")
    figure = figures.plot_incident_timeline(rows)
    assert "1 earlier entry from 12 Feb 2024, only in the list" in words(figure)
    assert pd.Timestamp(figure.layout.xaxis.range[0]) > pd.Timestamp("2024-03-05T09:00")
    assert len(marks(figure)) == 5


def test_an_entry_known_only_to_the_day_is_not_drawn_over_a_two_hour_axis() -> None:
    """A bracket from end to end of the axis says nothing, so the entry is counted below."""
    rows = toys.timeline()
    rows.loc[6, ["at", "at_latest"]] = [toys.at("00:00"), toys.at("00:00", "2024-03-06")]
    figure = figures.plot_incident_timeline(rows)
    assert "1 entry known too roughly for this axis, only in the list" in words(figure)
    assert len(marks(figure)) == 5


def test_entries_without_a_time_are_counted() -> None:
    """An entry that has no time at all has no place on a time axis."""
    rows = toys.timeline()
    rows.loc[[3, 4], ["at", "at_latest"]] = pd.NaT
    figure = figures.plot_incident_timeline(rows)
    assert "2 entries without a time, only in the list" in words(figure)


def test_a_silence_is_grey_and_says_its_length() -> None:
    """The stretch from 10:20 to 11:30 is tinted and called 1 h 10 min."""
    figure = figures.plot_incident_timeline(toys.timeline(), silences=toys.silences())
    (band,) = [shape for shape in figure.layout.shapes if shape.fillcolor == LIGHT["silence"]]
    assert (band.x0, band.x1, band.layer) == ("2024-03-05T10:20", "2024-03-05T11:30", "below")
    assert "no timed entry for 1 h 10 min" in words(figure)


def test_a_dense_lane_names_only_what_matters() -> None:
    """Among 400 chat lines only the mitigation keeps its name; the rest become ticks, each still at its instant."""
    chat = pd.DataFrame({"at": [toys.at("10:00") + pd.Timedelta(seconds=15 * n) for n in range(400)]})
    chat = chat.assign(lane="Changes", kind="message", text="chatter", field=None)
    rows = pd.concat([toys.timeline(), chat.astype({"at": toys.INSTANT})], ignore_index=True)
    figure = figures.plot_incident_timeline(rows)
    assert not any("chatter" in text for text in words(figure))
    assert any(text.startswith("fuse replaced") for text in words(figure))
    assert sum(symbol == "line-ns-open" for _, symbol in marks(figure)) == 401
    assert len(marks(figure)) == 406


def test_the_timeline_zooms_on_a_page_but_not_on_a_phone() -> None:
    """On a phone a finger on the figure must scroll the page."""
    wide, narrow = (figures.plot_incident_timeline(toys.timeline(), width=width) for width in (912, 358))
    assert wide.layout.xaxis.fixedrange is False
    assert wide.layout.dragmode == "zoom"
    assert narrow.layout.xaxis.fixedrange is True
    assert narrow.layout.dragmode is None
    assert narrow.layout.template.layout.dragmode is False


def test_timeline_phases_move_with_the_axis() -> None:
    """The phase band has its own axis, which follows the main one when a reader zooms in."""
    figure = figures.plot_incident_timeline(toys.timeline(), phases=toys.phases())
    assert figure.layout.xaxis2.matches == "x"
    assert figure.layout.xaxis2.range == figure.layout.xaxis.range


def test_severity_steps_have_the_colour_of_their_rank() -> None:
    """SEV1 from 10:40 lasts 50 minutes in the colour of rank 1; the change without a reason is dashed."""
    figure = figures.plot_severity(toys.severity())
    assert bars(figure, severity_colour(1)) == [("2024-03-05T10:40", 50 * 60_000)]
    assert bars(figure, severity_colour(2)) == [("2024-03-05T10:30", 10 * 60_000), ("2024-03-05T11:30", 30 * 60_000)]
    risers = {trace.line.dash: trace.x[0] for trace in figure.data if trace.type == "scatter"}
    assert risers == {"solid": "2024-03-05T10:40", "3px,3px": "2024-03-05T11:30"}
    assert "raised 10:40: ships near" in words(figure)
    assert "lowered 11:30, no reason recorded" in words(figure)


def test_a_severity_with_unknown_end_is_dashed_to_the_next() -> None:
    """Where the end is not recorded, the level is not drawn as if it were."""
    rows = toys.severity()
    rows["ended_at"] = toys.instants("10:40", None, "12:00")
    figure = figures.plot_severity(rows)
    (dashed,) = [trace for trace in figure.data if trace.type == "scatter" and trace.line.dash == "4px,3px"]
    assert list(dashed.x) == ["2024-03-05T10:40", "2024-03-05T11:30"]
    assert dashed.line.color == severity_colour(1)
    assert "SEV1: end not recorded" in hover(figure)


def test_nobody_as_commander_is_hatched() -> None:
    """From 10:00 until the first commander at 10:30 the lane is hatched; other roles have no such hatching."""
    figure = figures.plot_roles(toys.roles(), start_at=toys.at("10:00"), end_at=toys.at("12:00"))
    assert bars(figure, "rgba(0,0,0,0)", is_hatched=True) == [("2024-03-05T10:00", HOUR / 2)]
    assert ("2024-03-05T10:30", HOUR / 2) in bars(figure, LIGHT["band"])
    assert [text for text in words(figure) if text.startswith("R")] == ["R1", "R2", "Responder", "R3", "R4"]


def test_two_holders_at_once_stand_in_two_lanes() -> None:
    """R3 and R4 were responders at the same time, so neither bar hides the other."""
    figure = figures.plot_roles(toys.roles())
    heights = [
        y for trace in figure.data if trace.type == "bar" and trace.marker.color == LIGHT["band"] for y in trace.y
    ]
    assert len(set(heights)) == 3


def test_the_uncertain_ends_of_an_impact_are_hatched() -> None:
    """The horn was surely affected from 10:10 to 11:00, perhaps from 10:00 to 11:10."""
    figure = figures.plot_impact_band(toys.impacts())
    assert bars(figure, "rgba(0,0,0,0)", is_hatched=True) == [
        ("2024-03-05T10:00", 10 * 60_000),
        ("2024-03-05T11:00", 10 * 60_000),
    ]
    assert ("2024-03-05T10:10", 50 * 60_000) in bars(figure, severity_colour(1))
    assert "partial, 50 min to 1 h 10 min" in words(figure)


def test_effects_that_differ_only_in_their_measure_are_one_bar() -> None:
    """Two measurements of one outage are one stretch of time; both are said on hover."""
    rows = pd.concat([toys.impacts().iloc[[0]], toys.impacts().iloc[[0]].assign(text="12 ships")])
    figure = figures.plot_impact_band(rows)
    assert bars(figure, severity_colour(1)) == [("2024-03-05T10:00", 1.5 * HOUR)]
    assert "no light; 12 ships" in hover(figure)


def test_an_impact_without_an_end_is_open_until_the_end_of_the_data() -> None:
    """An effect that had not ended is drawn to the end of the data and says that it is open."""
    rows = toys.impacts().iloc[[0]].assign(ended_at=pd.Series([pd.NaT], dtype=toys.INSTANT))
    figure = figures.plot_impact_band(rows, as_of=toys.at("13:00"))
    assert bars(figure, severity_colour(1)) == [("2024-03-05T10:00", 3 * HOUR)]
    assert "outage, open, 3 h 00 min" in words(figure)


def test_first_minutes_stand_at_their_offset() -> None:
    """A step three minutes before zero stands at -3; a step without a time is hatched over the five minutes."""
    figure = figures.plot_first_minutes(toys.first_minutes())
    assert [x for x, _ in marks(figure)] == [-3, 13, 0]
    assert bars(figure, "rgba(0,0,0,0)", is_hatched=True) == [(0, 5), (0, 5)]
    said = words(figure)
    assert {"3 min before: keeper looks out", "13 min: harbour told", "0: call opened"} <= set(said)
    assert said.count("not recorded") == 2
    assert "min since paged, 10:10 UTC" in said


def test_a_step_hours_later_stands_at_the_end_with_its_time() -> None:
    """A step after two hours does not stretch the axis of the first five minutes; a triangle points beyond."""
    rows = toys.first_minutes()
    rows["offset"] = toys.minutes(0, 120, 0, 0, 0)
    figure = figures.plot_first_minutes(rows)
    assert (60, "triangle-right") in marks(figure)
    assert "2 h 00 min: harbour told" in words(figure)


def test_an_uncertain_step_is_held_by_a_dashed_line() -> None:
    """A step between 10:15 and 10:45, with zero at 10:10, is drawn from 5 to 35 minutes with a hollow mark."""
    rows = (
        toys.first_minutes()
        .iloc[[1]]
        .assign(at=toys.at("10:15"), at_latest=toys.at("10:45"), offset=pd.Timedelta("20min"))
    )
    figure = figures.plot_first_minutes(rows)
    (bracket,) = [trace for trace in figure.data if trace.mode == "lines"]
    assert list(bracket.x) == [5, 35]
    assert marks(figure) == [(20, "circle-open")]


def test_the_saw_tooth_climbs_to_the_length_of_each_gap() -> None:
    """The public gaps of 20 and 60 minutes are peaks of 20 and 60; what exceeds 30 minutes is filled."""
    figure = figures.plot_updates(toys.update_gaps().iloc[:2])
    lines = [trace for trace in figure.data if trace.mode == "lines" and trace.line.dash == "solid" and not trace.fill]
    assert [y for y in lines[0].y if y] == [20, 60]
    (filled,) = [trace for trace in figure.data if trace.fill == "toself"]
    assert list(filled.x[:3]) == ["2024-03-05T10:50", "2024-03-05T11:20", "2024-03-05T11:20"]
    assert list(filled.y[:3]) == [30, 60, 30]
    assert {"20 min", "1 h 00 min", "cadence 30 min"} <= set(words(figure))


def test_a_cadence_far_above_the_gaps_is_said_not_drawn() -> None:
    """Against a cadence of ten hours gaps of one hour would be flat lines."""
    rows = toys.update_gaps().iloc[:2].assign(cadence=pd.Timedelta("10h"))
    figure = figures.plot_updates(rows)
    assert "cadence 10 h, off the scale" in words(figure)
    assert figure.layout.yaxis.range[1] == pytest.approx(60 * 1.06)


def test_a_gap_that_no_update_ended_has_no_dot() -> None:
    """A dot is an update; the last gap of an incident runs to its end without one."""
    rows = toys.update_gaps().iloc[:2].assign(position=["first", "last"])
    figure = figures.plot_updates(rows)
    assert marks(figure) == [("2024-03-05T10:20", "circle")]


def test_an_audience_without_gaps_is_said_to_be_not_recorded() -> None:
    """An audience that was promised updates but has no times keeps its place."""
    rows = toys.update_gaps()
    rows.loc[2, ["began_at", "ended_at"]] = pd.NaT
    rows.loc[2, "span"] = pd.NaT
    said = words(figures.plot_updates(rows))
    assert "Internal updates" in said
    assert "not recorded" in said


def test_recovery_bars_are_the_time_since_the_step_before() -> None:
    """Thirty minutes lie between the new fuse and the word to the harbour; the latter is a statement, so hollow."""
    figure = figures.plot_recovery(toys.timeline())
    assert marks(figure) == [("2024-03-05T11:30", "circle"), ("2024-03-05T12:00", "circle-open")]
    (line,) = [trace for trace in figure.data if trace.mode == "lines"]
    assert list(line.x) == ["2024-03-05T11:30", "2024-03-05T12:00"]
    assert "30 min" in words(figure)
    assert "11:30 fuse replaced" in words(figure)


def test_the_recovery_is_told_without_chat() -> None:
    """Thirty chat lines during the recovery are counted below; the two steps that tell it remain."""
    chat = pd.DataFrame({"at": [toys.at("11:31") + pd.Timedelta(seconds=20 * n) for n in range(30)]})
    chat = chat.astype({"at": toys.INSTANT}).assign(kind="message", text="chatter", is_recovery=True)
    figure = figures.plot_recovery(pd.concat([toys.timeline(), chat], ignore_index=True))
    assert [place for place, _ in marks(figure)] == ["2024-03-05T11:30", "2024-03-05T12:00"]
    assert "30 further entries only in the list" in words(figure)


def test_a_report_weeks_later_is_no_recovery_step_on_the_axis() -> None:
    """What came long after the incident would press the recovery into a corner; it is noted with its day."""
    rows = pd.concat([toys.timeline(), toys.timeline().iloc[[6]]], ignore_index=True)
    rows.loc[7, "at"] = toys.at("12:00", "2024-04-01")
    figure = figures.plot_recovery(rows)
    assert len(marks(figure)) == 2
    assert "1 later step until 1 Apr 2024, only in the list" in words(figure)


def test_log_rates_leave_a_gap_where_a_minute_is_missing() -> None:
    """The horn has no second minute: two shapes, not one that falls to zero between."""
    figure = figures.plot_log_rates(toys.log_rates())
    shapes = [trace for trace in figure.data if trace.fill == "toself"]
    assert [list(trace.x).count(None) for trace in shapes] == [1, 2]
    assert {"up to 20 a min", "up to 2 a min"} <= set(words(figure))
    assert "20 errors in the minute from 5 Mar 10:02" in hover(figure)


def test_onsets_and_clock_points_are_marked_in_the_logs() -> None:
    """The first departing minute has a triangle on its service; clock points are dashed lines through all rows."""
    onsets = pd.DataFrame({"service": ["lamp", "horn"], "at": toys.instants("10:01", None)})
    figure = figures.plot_log_rates(toys.log_rates(), onsets=onsets, marks={"detected": toys.at("10:02")})
    assert marks(figure) == [("2024-03-05T10:01", "triangle-up")]
    assert {"from 10:01", "detected 10:02"} <= set(words(figure))
    dashed = [shape for shape in figure.layout.shapes if shape.line.dash == "3px,3px"]
    assert [shape.x0 for shape in dashed] == ["2024-03-05T10:02"]


def test_long_logs_are_drawn_by_their_worst_minutes() -> None:
    """A week of minutes has more minutes than px; each step then shows the highest minute it stands for."""
    minutes = pd.date_range("2024-03-05", periods=7 * 1440, freq="min", tz="UTC").as_unit("us")
    rows = pd.DataFrame({"minute": minutes, "service": "lamp", "errors": 1})
    rows.loc[5000, "errors"] = 99
    figure = figures.plot_log_rates(rows)
    assert "up to 99 a min" in words(figure)
    assert "99 errors in the worst minute of the 13 min" in hover(figure)
    assert sum(len(trace.x) for trace in figure.data) < 2000


def test_the_distribution_passes_through_its_points() -> None:
    """A third had ended within 10 minutes, two thirds within 60, all within 360; the curve stays level between."""
    figure = figures.plot_ecdf(toys.ecdf())
    (curve,) = [trace for trace in figure.data if trace.mode == "lines" and trace.line.shape == "hv"]
    assert list(curve.x[1:4]) == [10, 60, 360]
    assert list(curve.y) == [0, 1 / 3, 2 / 3, 1, 1]
    assert figure.layout.xaxis.type == "log"
    assert list(figure.layout.xaxis.ticktext) == ["1 min", "10 min", "1 h", "6 h"]
    assert {"harbour, n = 3 of 4", "half within 1 h 00 min"} <= set(words(figure))


def test_collections_are_never_in_one_panel() -> None:
    """Two data sets have two panels: side by side on a page, below each other on a phone."""
    rows = pd.concat([toys.ecdf(), toys.ecdf().assign(collection="river")])
    wide, narrow = figures.plot_ecdf(rows), figures.plot_ecdf(rows, width=358)
    assert wide.layout.xaxis.domain[1] < wide.layout.xaxis2.domain[0]
    assert narrow.layout.xaxis.domain == narrow.layout.xaxis2.domain
    assert narrow.layout.yaxis.domain[0] > narrow.layout.yaxis2.domain[1]


def test_a_zero_duration_stands_at_the_left_end_and_a_negative_one_is_said() -> None:
    """A log axis has no zero; nothing may vanish for it."""
    rows = toys.ecdf().assign(minutes=[-5.0, 0.0, 60.0])
    figure = figures.plot_ecdf(rows)
    (curve,) = [trace for trace in figure.data if trace.mode == "lines" and trace.line.shape == "hv"]
    assert list(curve.x[:3]) == [pytest.approx(1 / 60), pytest.approx(1 / 60), 60]
    assert "1 negative duration not drawn" in words(figure)


def test_open_incidents_are_upright_ticks_on_the_survival_curve() -> None:
    """Spring has one incident still open after 100 minutes, at the height the curve has there."""
    figure = figures.plot_survival(toys.survival())
    (ticks,) = [trace for trace in figure.data if trace.mode == "markers"]
    assert (list(ticks.x), list(ticks.y), list(ticks.marker.symbol)) == ([100], [0.3], ["line-ns-open"])
    assert {"spring, open 1", "autumn, open 0"} <= set(words(figure))
    curves = [trace for trace in figure.data if trace.mode == "lines" and trace.hovertext is not None]
    assert list(curves[0].x)[1:] == [10, 60, 100]
    assert list(curves[0].y) == [1, 0.7, 0.3, 0.3]


def test_phase_spans_draw_half_interval_and_four_fifths() -> None:
    """Unnoticed: middle half 2 to 10 min, interval of the median 3 to 8; thin line 1 to 20; n of N beside it."""
    figure = figures.plot_phase_spans(toys.phase_spans())
    found = {(base, base + length) for base, length in bars(figure, PHASE_COLOURS["unnoticed"])}
    assert found == {(2, 10), (3, 8)}
    assert (1, 19) in bars(figure, LIGHT["axis"])
    said = words(figure)
    assert {"5 min", "9 of 10", "not computable"} <= set(said)


def test_the_matrix_counts_and_outlines_what_did_not_change() -> None:
    """Four stayed SEV1, one was lowered, five stayed SEV2; none was raised, which is a dot."""
    figure = figures.plot_severity_matrix(toys.severity_pairs(), order=["SEV1", "SEV2"])
    assert [text for text in words(figure) if text in ("4", "1", "5", "·")] == ["4", "1", "·", "5"]
    assert len(bars(figure, LIGHT["q5"])) == 1
    assert len(bars(figure, LIGHT["q1"])) == 1
    outlines = [shape for shape in figure.layout.shapes if shape.line.color == LIGHT["ink"]]
    assert len(outlines) == 2
    assert "First SEV1, later SEV2: 1 incident" in hover(figure)


def test_pages_stand_in_their_hour_with_sums_beside() -> None:
    """Three pages on Monday between 9 and 10 and one on Sunday night; the outline spans 9 to 18, Monday to Friday."""
    figure = figures.plot_pages_heat(toys.pages())
    assert "Mon 09 to 10 h: 3 pages" in hover(figure)
    assert "Sun 23 to 00 h: 1 page" in hover(figure)
    said = words(figure)
    assert [said.count(n) for n in ("3", "1")] == [2, 2]
    (outline,) = [shape for shape in figure.layout.shapes if shape.line.color == LIGHT["ink"]]
    assert outline.y0 - outline.y1 == pytest.approx(5 * 24 / figure.layout.height, abs=1e-5)


def test_action_items_stand_at_their_age() -> None:
    """Past due is filled ink, within due is pale, without a due date hollow; the row's due line stands at 30 days."""
    figure = figures.plot_action_ageing(toys.actions())
    by_age = {trace.x[0]: (trace.marker.color[0], trace.marker.line.color) for trace in figure.data}
    assert by_age[40] == (LIGHT["ink"], LIGHT["ink"])
    assert by_age[10] == (LIGHT["band-ink"], LIGHT["band-ink"])
    assert by_age[100] == (LIGHT["paper"], LIGHT["ink"])
    assert {"1 of 3 past due", "0 of 1 past due", "due 30 d", "due 60 d"} <= set(words(figure))
    assert "log of the keeper open for 100 days, no due date" in hover(figure)


def test_months_have_their_bar_and_interval() -> None:
    """January had 2 incidents, with an interval of the rate from 0.2 to 7.2; February had none and no bar."""
    figure = figures.plot_incident_counts(toys.counts())
    (trace,) = [trace for trace in figure.data if trace.type == "bar"]
    assert list(trace.width) == pytest.approx([2, 5])
    (line,) = [trace for trace in figure.data if trace.type == "scatter"]
    assert list(line.y[:2]) == pytest.approx([0.2, 7.2])
    assert {"2", "0", "5"} <= set(words(figure))
    assert "Jan 2024: 2 incidents 95 % interval 0.2 to 7.2" in hover(figure)


def test_months_are_stacked_by_severity_with_the_worst_at_the_bottom() -> None:
    """With a severity each month is a stack in the colours of the ranks."""
    rows = pd.concat([toys.counts().assign(severity=name, rank=rank) for name, rank in (("SEV2", 2), ("SEV1", 1))])
    figure = figures.plot_incident_counts(rows)
    lowest = {trace.marker.color: trace.y[0] for trace in figure.data if trace.type == "bar"}
    assert lowest[severity_colour(1)] == pytest.approx(1)
    assert lowest[severity_colour(2)] == pytest.approx(3)
    assert [text for text in words(figure) if text.startswith("SEV")] == ["SEV1", "SEV2"]


def test_clock_points_are_filled_hollow_or_hatched() -> None:
    """Three are stated, two inferred or coarse, one unknown; below stands how many of the two incidents know each."""
    figure = figures.plot_clock_points(toys.clock_points())
    assert len(bars(figure, LIGHT["ink"])) == 3
    assert len(bars(figure, LIGHT["paper"])) == 2
    assert len(bars(figure, "rgba(0,0,0,0)", is_hatched=True)) == 1
    said = words(figure)
    assert said[:3] == ["impact", "detected", "resolved"]
    assert said[-3:] == ["2/2", "2/2", "1/2"]


def test_incidents_of_the_same_title_are_two_rows() -> None:
    """Two incidents called alike must not become one."""
    figure = figures.plot_clock_points(toys.clock_points().assign(title="lamp out"))
    assert words(figure).count("lamp out") == 2
    assert "known, of 2" in words(figure)
