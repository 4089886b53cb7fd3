"""Durations: what each one is, what an open, unknown, uncertain or contradictory incident yields, and why."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident_analytics import metrics
from incident_analytics.errors import UsageError
from incident_analytics.schema import CLOCK_POINTS

MINUTE = pd.Timedelta("1min")
OPEN = [{"incident_id": "A", "status": "open"}]
FULL = {
    "impact_start": "10:00",
    "detected": "10:04",
    "paged": "10:05",
    "acknowledged": "10:11",
    "declared": "10:20",
    "mitigated": "11:10",
    "resolved": "12:00",
}


def test_each_duration_is_its_formula(world, milestones):
    """Subtracted by hand: 4, 16, 6, 70, 100 and 120 min; the points used, their basis and precision are named."""
    full = world(*milestones(**FULL))
    names = ("time_to_detect", "time_to_declare", "time_to_acknowledge", "time_to_mitigate", "time_to_resolve")
    assert [full.value(name) for name in names] == [4, 16, 6, 70, 100]
    assert full.value("incident_duration") == 120
    row = full.measured("time_to_acknowledge")
    assert (row["start_point"], row["end_point"], row["basis"]) == ("paged", "acknowledged", "recorded")
    assert (row["start_at"], row["end_at"]) == tuple(pd.Timestamp(f"2026-03-02T{t}Z") for t in ("10:05", "10:11"))
    assert pd.isna(row["reason"])
    assert not row["is_open"]
    assert not row["is_interval"]


def test_functions_give_the_same_values(world, milestones, impact, held):
    """Each metric, called with the tables its definition lists, returns what the long form holds, named as itself."""
    roles = [held("p1", "incident_commander", "10:06"), held("p2", "responder", "10:20")]
    full = world(*milestones(**FULL), participants=roles, impacts=[impact("10:00", "11:00")])
    assert list(metrics.METRICS) == list(metrics.DEFINITIONS)
    for name, metric in metrics.METRICS.items():
        series = metric(*(getattr(full, table) for table in metrics.DEFINITIONS[name].tables))
        assert (series.name, series.index.name, str(series.dtype)) == (name, "incident_id", "timedelta64[us]")
        assert series["A"] == full.measured(name)["value"]
        assert pd.notna(series["A"])


def test_detection_before_the_impact_is_negative(world, milestones):
    """Known 178 min before users were affected: -178 min, a fact with a remark and not a contradiction."""
    early = world(*milestones(impact_start="13:35", detected="10:37", resolved="14:00"))
    assert early.value("time_to_detect") == -178
    assert early.measured("time_to_detect")["note"] == "known before the impact began"


@pytest.mark.parametrize("metric", ["time_to_mitigate", "incident_duration"])
def test_end_before_start_is_a_contradiction(world, milestones, metric):
    """Where the end must not come first there is no value, and the reason names both points and times."""
    wrong = world(*milestones(impact_start="10:00", mitigated="09:00", resolved="09:00"))
    row = wrong.measured(metric)
    assert row[["value", "low", "high"]].isna().all()
    end = "mitigated" if metric == "time_to_mitigate" else "resolved"
    assert row["reason"] == f"contradicting times: {end} 2 Mar 09:00 lies before impact_start 2 Mar 10:00"
    assert not row["is_open"]


def test_unknown_points_give_a_reason(world, milestones):
    """The reason says which point is not recorded, stated to be unknown or simply absent; never a 0."""
    bare = world(*milestones(detected="10:00", declared=None))
    reasons = bare.measurements.set_index("metric")["reason"]
    assert bare.measurements["value"].isna().all()
    assert reasons["time_to_detect"] == "impact start not recorded"
    assert reasons["time_to_declare"] == "declaration not recorded"
    assert reasons["time_to_mitigate"] == "impact start and mitigation not recorded"
    assert reasons["time_to_engage"] == "no engagement recorded"
    assert reasons["customer_impact_duration"] == "no impact interval recorded"


def test_call_falls_back_to_alert_and_detection(world, milestones):
    """Without a page the clock starts at the alert, without that at the detection; the row names it and remarks it."""
    alert = world(*milestones(alert_fired="10:02", detected="10:03", acknowledged="10:10", resolved="11:00"))
    assert alert.value("time_to_acknowledge") == 8
    assert alert.measured("time_to_acknowledge")["start_point"] == "alert_fired"
    seen = world(*milestones(detected="10:03", acknowledged="10:10", resolved="11:00"))
    row = seen.measured("time_to_acknowledge")
    assert (row["value"], row["start_point"]) == (7 * MINUTE, "detected")
    assert row["note"] == "page not recorded; counted from the detection"


def test_alert_after_the_acknowledgement_is_not_what_called(world, milestones):
    """An alert at 10:30 did not call whoever acknowledged at 10:10: without a page the detection at 10:03 did."""
    late = world(*milestones(alert_fired="10:30", detected="10:03", acknowledged="10:10", resolved="11:00"))
    assert late.value("time_to_acknowledge") == 7
    paged = world(*milestones(paged="10:30", detected="10:03", acknowledged="10:10", resolved="11:00"))
    assert paged.measured("time_to_acknowledge")["reason"].startswith("contradicting times: acknowledged 2 Mar 10:10")


def test_never_acknowledged_is_not_counted_at_its_end(world, entry, milestones):
    """A called-out incident that was resolved without an acknowledgement has no value and is said to be that."""
    called = [entry("alert", "10:00", field="paged"), *milestones(resolved="12:00")]
    row = world(*called).measured("time_to_acknowledge")
    assert pd.isna(row["value"])
    assert row["reason"] == "never acknowledged"
    assert not row["is_open"]
    unknown = world(*called, *milestones(acknowledged=None))
    assert unknown.measured("time_to_acknowledge")["reason"] == "acknowledgement not recorded"
    told = world(*milestones(detected="10:00", resolved="12:00"))
    assert told.measured("time_to_acknowledge")["reason"] == "acknowledgement not recorded"


def test_open_incident_has_a_lower_bound_and_no_value(world, milestones):
    """Open since 10:00 with data to 20:00: at least 10 h, no value, no upper bound."""
    going = world(*milestones(impact_start="10:00", detected="10:04", declared="10:20"), incidents=OPEN)
    for metric, hours in (("time_to_mitigate", "10h"), ("incident_duration", "10h"), ("time_to_resolve", "9h 40min")):
        row = going.measured(metric)
        assert bool(row["is_open"])
        assert row["low"] == pd.Timedelta(hours)
        assert row[["value", "high"]].isna().all()
        assert row["reason"] == "still open"
    assert going.value("time_to_detect") == 4


def test_open_incident_depends_on_the_end_of_the_data_only(world, entry, milestones):
    """An earlier end of the data gives a smaller bound, never below 0, none gives none; after it nothing has started."""
    points = milestones(impact_start="10:00")
    noon = pd.Timestamp("2026-03-02T13:00:00+01:00")
    assert world(*points, incidents=OPEN, as_of=noon).measured("time_to_mitigate")["low"] == pd.Timedelta("2h")
    assert pd.isna(world(*points, incidents=OPEN, as_of=pd.NaT).measured("time_to_mitigate")["low"])
    hour = entry("milestone", "10:00", field="impact_start", precision="hour")
    half_past = world(hour, incidents=OPEN, as_of=pd.Timestamp("2026-03-02T10:30:00Z")).measured("time_to_mitigate")
    assert (bool(half_past["is_open"]), half_past["low"]) == (True, pd.Timedelta(0))
    early = world(*points, incidents=OPEN, as_of=pd.Timestamp("2026-03-02T09:00:00Z")).measured("time_to_mitigate")
    assert not early["is_open"]
    assert early["reason"] == "starts after the end of the data"


def test_end_of_the_data_must_have_a_zone(world, milestones):
    """An end of the data without a time zone is an error that shows how to write one."""
    with pytest.raises(UsageError, match="must carry a time zone"):
        _ = world(*milestones(**FULL), as_of=pd.Timestamp("2026-03-02T20:00:00")).measurements


def test_open_incident_that_is_past_a_point_lacks_it(world, milestones):
    """An open incident that was declared without a detection is not waiting to be detected: it is not recorded."""
    row = world(*milestones(impact_start="10:00", declared="10:20"), incidents=OPEN).measured("time_to_detect")
    assert not row["is_open"]
    assert row["reason"] == "detection not recorded"


def test_hour_and_day_give_bounds(world, entry, milestones):
    """Start in the hour of 14:00, mitigated 17:15: 2 h 15 to 3 h 15 min, half-way 2 h 45 min, as coarse as an hour."""
    start = entry("milestone", "14:00", field="impact_start", precision="hour")
    end = entry("milestone", "17:15", field="mitigated", precision="minute")
    row = world(start, end, *milestones(resolved="18:40")).measured("time_to_mitigate")
    assert [row[c] / MINUTE for c in ("low", "value", "high")] == [135, 165, 195]
    assert bool(row["is_interval"])
    assert row["precision"] == "hour"


def test_bound_that_would_be_negative_is_cut_at_nothing(world, entry):
    """Start in the hour of 10:00, mitigated 10:40: 0 to 40 min, since relief cannot come before the impact."""
    start = entry("milestone", "10:00", field="impact_start", precision="hour")
    row = world(start, entry("milestone", "10:40", field="mitigated")).measured("time_to_mitigate")
    assert [row[c] / MINUTE for c in ("low", "value", "high")] == [0, 20, 40]
    assert row["note"] == "lower bound 0, because mitigated cannot come before impact_start"


def test_weaker_basis_of_both_points_counts(world, entry, milestones):
    """A recorded start and a derived end make a derived duration."""
    row = world(*milestones(declared="10:00"), entry("status", "11:00", new="resolved")).measured("time_to_resolve")
    assert row["basis"] == "derived"


def test_disputed_point_is_remarked(world, entry, milestones):
    """Where another source gives another time the remark says on which point they differ."""
    other = entry("milestone", "11:30", field="mitigated", source="statuspage:i.json")
    row = world(*milestones(impact_start="10:00", mitigated="11:00"), other).measured("time_to_mitigate")
    assert row["value"] == pd.Timedelta("1h")
    assert row["note"] == "sources differ on the mitigation"


def test_stretch_in_which_it_was_taken_for_over_is_left_out(world, entry, milestones):
    """10:00 to 13:00, resolved 10:40, reopened 11:10: 180 - 30 = 150 min; said again by another source, the same."""
    story = [entry("status", "10:40", new="resolved"), entry("status", "11:10", new="reopened")]
    once = world(*milestones(impact_start="10:00", resolved="13:00"), *story)
    row = once.measured("incident_duration")
    assert row["value"] == row["low"] == row["high"] == 150 * MINUTE
    assert row["note"] == "reopened once; 30 min in which it was taken for over are left out"
    echo = [entry("status", t, new=w, source="pd:x") for t, w in (("10:41", "resolved"), ("11:11", "reopened"))]
    assert world(*milestones(impact_start="10:00", resolved="13:00"), *story, *echo).value("incident_duration") == 150


def test_two_reopenings_add_up(world, entry, milestones):
    """Closed 10:30 to 10:40 and 11:00 to 11:20 of 10:00 to 12:00: 120 - 10 - 20 = 90 min, whatever the order of rows."""
    marks = [("10:30", "resolved"), ("10:40", "reopened"), ("11:00", "resolved"), ("11:05", "closed")]
    marks += [("11:20", "reopened"), ("12:00", "resolved")]
    story = [entry("status", time, new=word) for time, word in marks]
    start = milestones(impact_start="10:00")
    assert world(*start, *story).value("incident_duration") == 90
    assert world(*story[::-1], *start).value("incident_duration") == 90


def test_open_again_counts_what_was_closed(world, entry, milestones):
    """Open again at 12:00 after an end at 11:00; from 10:00 to the end of the data at 20:00 at least 10 h - 1 h = 9 h."""
    story = [entry("status", "11:00", new="resolved"), entry("status", "12:00", new="reopened")]
    row = world(*milestones(impact_start="10:00"), *story, incidents=OPEN).measured("incident_duration")
    assert bool(row["is_open"])
    assert row["low"] == pd.Timedelta("9h")


def test_reopening_without_a_time_is_remarked(world, entry, milestones):
    """A reopening at an unknown time takes nothing off, and the remark says so."""
    row = world(*milestones(impact_start="10:00", resolved="12:00"), entry("status", new="reopened")).measured(
        "incident_duration"
    )
    assert row["value"] == pd.Timedelta("2h")
    assert row["note"] == "reopened at an unknown time; nothing is taken off for it"


def test_time_to_engage_is_from_first_to_last_first_engagement(world, entry, milestones, held):
    """p1 at 10:05 by role, p2 at 10:30 by message, p3 at 10:45 by joining: 40 min; nobody counts twice."""
    story = [
        entry("message", "10:30", actor_id="p2"),
        entry("message", "11:30", actor_id="p2"),
        entry("role", "10:45", field="joined", actor_id="p3"),
        entry("status", "10:50", new="acknowledged", actor_id="p1"),
        entry("message", "10:00", actor_id="bot", is_automatic=True),
        entry("message", "10:01"),
        entry("update", "10:02", actor_id="p9"),
    ]
    full = world(*milestones(resolved="12:00"), *story, participants=[held("p1", "incident_commander", "10:05")])
    row = full.measured("time_to_engage")
    assert row["value"] == 40 * MINUTE
    assert (row["start_point"], row["end_point"], row["basis"]) == ("first_engaged", "last_engaged", "derived")
    people = metrics.first_engagements(full.events, full.participants)
    assert people["person_id"].tolist() == ["p1", "p2", "p3"]


def test_watching_and_coming_afterwards_is_not_engaging(world, entry, milestones, held):
    """An observer's message and a message after the resolution do not stretch the time to engage."""
    story = [
        entry("message", "10:30", actor_id="p2"),
        entry("message", "11:50", actor_id="p3"),
        entry("message", "12:30", actor_id="p4"),
    ]
    roles = [held("p1", "responder", "10:10"), held("p3", "observer", None)]
    assert world(*milestones(resolved="12:00"), *story, participants=roles).value("time_to_engage") == 20


def test_one_person_has_no_time_to_engage(world, entry, milestones):
    """With one person engaged there is no value, and the reason says it."""
    row = world(*milestones(resolved="12:00"), entry("message", "10:30", actor_id="p2")).measured("time_to_engage")
    assert pd.isna(row["value"])
    assert row["reason"] == "only one person recorded as engaged"


def test_engaging_in_an_open_incident_is_a_lower_bound(world, entry):
    """Two people so far, 20 min apart, incident open: at least 20 min, as more may come."""
    story = [entry("action", t, actor_id=p) for t, p in (("10:00", "p1"), ("10:20", "p2"))]
    row = world(*story, incidents=OPEN).measured("time_to_engage")
    assert bool(row["is_open"])
    assert row["low"] == 20 * MINUTE
    assert pd.isna(row["value"])


def test_rows_are_incident_by_incident_in_the_order_given(world, milestones):
    """Eight rows per incident, metrics in the order of the definitions, incidents in the order of the table."""
    both = world(
        *milestones(resolved="12:00"), incidents=[{"incident_id": i, "status": "resolved"} for i in ("B", "A")]
    )
    rows = both.measurements
    assert rows["incident_id"].tolist() == ["B"] * 8 + ["A"] * 8
    assert rows["metric"].tolist() == list(metrics.DEFINITIONS) * 2


def test_no_incident_gives_no_row_with_the_same_types(world, milestones):
    """Of nothing there is nothing measured, with the columns and types of a full table."""
    full = world(*milestones(**FULL))
    none = metrics.build_measurements(
        full.incidents.iloc[:0], full.clock.iloc[:0], full.events, full.impacts, full.participants, as_of=full.as_of
    )
    assert len(none) == 0
    assert none.dtypes.to_dict() == full.measurements.dtypes.to_dict()


def test_use_is_counted_with_reasons(world, milestones):
    """Of three incidents one has a time to mitigate, one contradicts itself, one is open: 1 of 3, and why."""
    story = milestones(impact_start="10:00", mitigated="11:00", resolved="11:30")
    story += milestones("B", impact_start="10:00", mitigated="09:00", resolved="11:30")
    story += milestones("C", impact_start="10:00")
    incidents = [{"incident_id": i, "status": s} for i, s in (("A", "resolved"), ("B", "resolved"), ("C", "open"))]
    use = metrics.summarise_use(world(*story, incidents=incidents).measurements).set_index("metric")
    row = use.loc["time_to_mitigate"]
    assert (row["n"], row["n_total"], row["n_open"]) == (1, 3, 1)
    assert row["reasons"] == {"contradicting times": 1, "still open": 1}
    assert row["text"] == "1 of 3; left out: 1 contradicting times, 1 still open"
    assert use.loc["time_to_detect", "reasons"] == {"detection not recorded": 2, "still open": 1}


def test_every_definition_is_complete():
    """Each measure says its meaning, formula, source and how others differ, and uses only known clock points."""
    table = metrics.definitions().set_index("name")
    assert list(table.index) == [*metrics.DEFINITIONS, *metrics.OTHER_DEFINITIONS]
    assert (
        (table[["label", "meaning", "formula", "when_open", "when_unknown", "source", "elsewhere"]] != "").all().all()
    )
    for definition in metrics.DEFINITIONS.values():
        assert {*definition.start, definition.end, *definition.ended_by} - {""} <= set(CLOCK_POINTS)


def hours(minutes):
    """Minutes of the day as HH:MM."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


times = st.one_of(st.none(), st.tuples(st.integers(0, 1200), st.sampled_from(["minute", "hour", "day", None])))


@given(
    st.fixed_dictionaries(dict.fromkeys(FULL, times)),
    st.sampled_from(["open", "resolved", None]),
    st.lists(st.tuples(st.integers(0, 1200), st.sampled_from(["resolved", "reopened"])), max_size=4),
)
@settings(max_examples=40, deadline=None)
def test_bounds_hold_whatever_the_record_says(world, entry, points, status, story):
    """Low <= value <= high; a value or a reason, never both; an open one has no value; nothing but detection is < 0."""
    events = [
        entry("milestone", hours(given[0]), field=point, precision=given[1])
        for point, given in points.items()
        if given is not None
    ]
    events += [entry("status", hours(minutes), new=word) for minutes, word in story]
    rows = world(*events, incidents=[{"incident_id": "A", "status": status}]).measurements
    assert (rows["value"].isna() == rows["reason"].notna()).all()
    known = rows.dropna(subset=["value"])
    assert ((known["low"] <= known["value"]) & (known["value"] <= known["high"])).all()
    assert (known["is_interval"] == (known["low"] != known["high"])).all()
    assert (known.loc[known["metric"] != "time_to_detect", "low"] >= pd.Timedelta(0)).all()
    assert rows.loc[rows["is_open"], "value"].isna().all()
    assert rows.loc[~rows["is_open"] & rows["value"].isna(), ["low", "high"]].isna().all().all()
