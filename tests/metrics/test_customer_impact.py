"""Customer impact: the union of what was recorded, its bounds, and its degrees apart."""

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from incident_analytics import metrics

MINUTE = pd.Timedelta("1min")
OPEN = [{"incident_id": "A", "status": "open"}]
METRIC = "customer_impact_duration"


def bounds(row):
    """Low, value and high of a row in minutes."""
    return [row[c] / MINUTE for c in ("low", "value", "high")]


def test_overlapping_impacts_count_once(world, impact):
    """10:00 to 10:40 and 10:30 to 11:00 are 60 min, 12:00 to 12:10 adds 10; none and the team's own do not count."""
    one = world(
        impacts=[
            impact("10:00", "10:40"), impact("10:30", "11:00", "degraded"), impact("12:00", "12:10", "partial"),
            impact("09:00", "13:00", "none"), impact("08:00", "14:00", nature="team"),
        ]
    )  # fmt: skip
    row = one.measured(METRIC)
    assert bounds(row) == [70, 70, 70]
    assert (row["start_point"], row["end_point"], row["basis"]) == ("first_impact", "last_impact", "recorded")
    assert (row["start_at"], row["end_at"]) == tuple(pd.Timestamp(f"2026-03-02T{t}Z") for t in ("10:00", "12:10"))


def test_uncertain_bounds_make_an_interval(world, impact):
    """Began 10:00 to 11:00, ended 12:00 to 12:30: at least 60, at most 150, half-way 105 min."""
    row = world(impacts=[impact("10:00", "12:00", began_latest="11:00", ended_latest="12:30")]).measured(METRIC)
    assert bounds(row) == [60, 105, 150]
    assert bool(row["is_interval"])


def test_impact_that_may_not_have_lasted_has_no_negative_bound(world, impact):
    """Began 10:00 to 11:00, ended 10:30 to 10:40: at least nothing, at most 40 min."""
    row = world(impacts=[impact("10:00", "10:30", began_latest="11:00", ended_latest="10:40")]).measured(METRIC)
    assert bounds(row) == [0, 5, 40]


def test_impact_without_an_end_takes_that_of_the_incident(world, milestones, impact):
    """One impact has no end of its own: it lasts until the recorded impact_end, and a remark says so."""
    row = world(
        *milestones(impact_end="11:30", resolved="12:00"), impacts=[impact("10:00", None), impact("10:00", "10:10")]
    ).measured(METRIC)
    assert bounds(row) == [90, 90, 90]
    assert row["note"] == "an impact without a beginning or end of its own takes that of the incident"


def test_impact_that_goes_on_is_a_lower_bound(world, impact):
    """Open since 19:00 with data to 20:00, beside one of 30 min before: at least 90 min, no value."""
    row = world(impacts=[impact("19:00", None), impact("10:00", "10:30")], incidents=OPEN).measured(METRIC)
    assert bool(row["is_open"])
    assert row["low"] == 90 * MINUTE
    assert row[["value", "high"]].isna().all()
    assert row["reason"] == "still open"


def test_end_that_nobody_recorded_is_missing(world, milestones, impact):
    """A resolved incident with an impact without an end has no value, and the resolution is not taken for it."""
    row = world(*milestones(resolved="12:00"), impacts=[impact("10:00", None)]).measured(METRIC)
    assert pd.isna(row["value"])
    assert row["reason"] == "impact end not recorded"


def test_without_intervals_the_clock_points_count(world, milestones):
    """No impact recorded, impact start and end known: their difference, said to be that."""
    row = world(*milestones(impact_start="10:00", impact_end="10:45", resolved="11:00")).measured(METRIC)
    assert bounds(row) == [45, 45, 45]
    assert (row["start_point"], row["end_point"]) == ("impact_start", "impact_end")
    assert row["note"] == "no impact interval recorded; from impact start to impact end"


def test_nobody_affected_is_nothing_and_unknown_is_not(world, milestones, impact):
    """Where the record states that nobody was affected it is 0 min; where it states nothing there is no value."""
    row = world(*milestones(resolved="11:00"), impacts=[impact("10:00", "10:30", "none")]).measured(METRIC)
    assert bounds(row) == [0, 0, 0]
    assert row["note"] == "the record states that nobody outside the team was affected"
    beside = world(impacts=[impact("10:00", "10:30", "none"), impact("10:10", "10:20", None)]).measured(METRIC)
    assert bounds(beside) == [10, 10, 10]
    described = {**impact(None, None, "outage"), "text": "some customers"}
    for impacts in ([], [described], [impact(None, None, "none"), described]):
        unknown = world(*milestones(resolved="11:00"), impacts=impacts).measured(METRIC)
        assert pd.isna(unknown["value"])
        assert unknown["reason"] == "no impact interval recorded"


def test_impact_that_ends_before_it_begins_is_a_contradiction(world, impact):
    """One reversed impact makes the union unknown, with the reason, never shorter."""
    row = world(impacts=[impact("11:00", "10:00"), impact("10:00", "10:30")]).measured(METRIC)
    assert row[["value", "low", "high"]].isna().all()
    assert row["reason"] == "contradicting times: an impact ends before it begins"


def test_minute_counts_under_its_worst_degree(world, impact):
    """Degraded 10:00 to 11:00, outage 10:20 to 10:30, partial 10:25 to 10:40: 10, 10 and 40 min, together 60."""
    one = world(
        impacts=[
            impact("10:00", "11:00", "degraded"), impact("10:20", "10:30", "outage"), impact("10:25", "10:40", "partial"),
        ]
    )  # fmt: skip
    times = metrics.build_impact_times(one.clock, one.impacts)
    assert times["degree"].tolist() == ["outage", "partial", "degraded"]
    assert (times["span"] / MINUTE).tolist() == [10, 10, 40]


def test_impact_without_a_degree_stands_apart(world, impact):
    """A degree nobody wrote down is unspecified; an impact that is not over leaves its incident out."""
    one = world(impacts=[impact("10:00", "10:30", None)])
    times = metrics.build_impact_times(one.clock, one.impacts)
    assert (times["degree"].tolist(), (times["span"] / MINUTE).tolist()) == (["unspecified"], [30])
    going = world(impacts=[impact("10:00", None)], incidents=OPEN)
    assert len(metrics.build_impact_times(going.clock, going.impacts)) == 0


def hours(minutes):
    """Minutes after 8:00 as HH:MM."""
    return f"{8 + minutes // 60:02d}:{minutes % 60:02d}"


spells = st.lists(
    st.tuples(
        st.integers(0, 300), st.integers(0, 60), st.integers(0, 120), st.integers(0, 60),
        st.sampled_from(["outage", "partial", "degraded", None]),
    ),
    min_size=1,
    max_size=5,
)  # fmt: skip


@given(spells, st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_bounds_and_degrees_agree(world, impact, drawn, random):
    """Low <= value <= high in any order of rows; the degrees add up to the value."""
    rows = [
        impact(
            hours(m),
            hours(m + slack + length),
            degree,
            began_latest=hours(m + slack),
            ended_latest=hours(m + slack + length + more),
        )
        for m, slack, length, more, degree in drawn
    ]
    one = world(impacts=rows)
    row = one.measured(METRIC)
    assert row["low"] <= row["value"] <= row["high"]
    again = world(impacts=random.sample(rows, len(rows))).measured(METRIC)
    assert bounds(again) == bounds(row)
    degrees = metrics.build_impact_times(one.clock, one.impacts)
    assert degrees["span"].sum() == row["value"]
