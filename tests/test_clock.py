"""The clock: which entry becomes which clock point, what stays unknown, and what two sources disagree on."""

from typing import NamedTuple

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident_analytics.clock import (
    RULES,
    bounds_of,
    build_clock,
    counted_impacts,
    interval,
    open_incidents,
    rows_of,
)
from incident_analytics.errors import SchemaError, UsageError
from incident_analytics.schema import CLOCK_POINTS, conform, empty, frame_of

DAY = "2026-03-02T"


class World(NamedTuple):
    """The tables the clock reads."""

    incidents: pd.DataFrame
    events: pd.DataFrame
    participants: pd.DataFrame
    impacts: pd.DataFrame

    @property
    def clock(self):
        """The clock of this world."""
        return build_clock(*self)


def at(time):
    """An instant of the day of the tests; None stays None."""
    return None if time is None else f"{DAY}{time}Z"


def event(kind, time=None, **columns):
    """An entry of incident A."""
    latest = columns.pop("latest", None)
    source = columns.pop("source", "pagerduty:log.json")
    given = {"incident_id": "A", "source": source, "kind": kind, "at": at(time), "at_latest": at(latest)}
    return given | columns


def milestone(point, time=None, **columns):
    """A recorded clock point of incident A, in our own record unless said otherwise."""
    return event("milestone", time, field=point, **({"source": "record:a.yaml"} | columns))


def status(word, time, **columns):
    """A change of status of incident A."""
    return event("status", time, new=word, **columns)


def world(*events, incidents=None, participants=(), impacts=()):
    """Tables of incident A, resolved unless said otherwise."""
    return World(
        frame_of("incidents", incidents or [{"incident_id": "A", "status": "resolved"}]),
        frame_of("events", events),
        frame_of("participants", participants),
        frame_of("impacts", impacts),
    )


def point(clock, name, incident="A"):
    """The row of one clock point."""
    return rows_of(clock, name).loc[incident]


def time_of(clock, name):
    """The instant of a clock point of incident A as HH:MM, or None."""
    found = point(clock, name)["at"]
    return None if pd.isna(found) else f"{found:%H:%M}"


def test_grid_is_full_and_in_order():
    """Every incident has every clock point, in the order of the incidents and of the schema, known or not."""
    clock = world(incidents=[{"incident_id": "B"}, {"incident_id": "A"}]).clock
    assert clock["incident_id"].tolist() == ["B"] * len(CLOCK_POINTS) + ["A"] * len(CLOCK_POINTS)
    assert clock["point"].tolist() == list(CLOCK_POINTS) * 2
    assert clock["at"].isna().all()


def test_columns_have_their_types_even_when_empty():
    """A clock without any row or entry has the same columns and types as a full one."""
    full = world(milestone("detected", "10:00")).clock
    for tables in (world(), World(*(empty(n) for n in ("incidents", "events", "participants", "impacts")))):
        assert tables.clock.dtypes.to_dict() == full.dtypes.to_dict()
    assert str(full["at"].dtype) == "datetime64[us, UTC]"


def test_every_clock_point_has_a_rule_and_a_recorded_one_first():
    """No clock point is without a rule; the first is that it is recorded; every rule says itself in words."""
    assert set(RULES) == set(CLOCK_POINTS)
    for name, rules in RULES.items():
        assert rules[0].kind == ("milestone",)
        assert rules[0].field == (name,)
        assert all(rule.text for rule in rules)


def test_recorded_point_comes_before_a_derived_one():
    """A milestone wins over the entry that would suggest the point, and says so."""
    found = point(world(milestone("declared", "10:05"), status("declared", "10:01")).clock, "declared")
    assert (found["basis"], found["rule"], found["source"]) == ("recorded", "recorded", "record:a.yaml")
    assert found["at"] == pd.Timestamp(at("10:05"))


def test_our_record_wins_over_another_source_and_the_difference_is_flagged():
    """Record 10:05 against 10:01 elsewhere: 10:05, disputed, and the note says what the other gives."""
    clock = world(milestone("mitigated", "10:01", source="statuspage:i.json"), milestone("mitigated", "10:05")).clock
    found = point(clock, "mitigated")
    assert time_of(clock, "mitigated") == "10:05"
    assert bool(found["is_disputed"])
    assert found["note"] == "statuspage gives 2 Mar 10:01 UTC"


def test_sources_within_a_minute_agree():
    """A difference of exactly one minute is no dispute, one second more is."""
    near = world(milestone("resolved", "10:00"), status("resolved", "10:01:00"))
    far = world(milestone("resolved", "10:00"), status("resolved", "10:01:01"))
    assert not bool(point(near.clock, "resolved")["is_disputed"])
    assert bool(point(far.clock, "resolved")["is_disputed"])


def test_time_inside_an_uncertain_one_is_no_dispute():
    """A record that says "in the hour from 10:00" does not contradict 10:40 elsewhere, but does 11:30."""
    hour = milestone("detected", "10:00", precision="hour")
    for other, is_disputed in (("10:40", False), ("11:30", True)):
        clock = world(hour, milestone("detected", other, source="opsgenie:x.json")).clock
        assert bool(point(clock, "detected")["is_disputed"]) == is_disputed


def test_one_source_never_disputes_itself():
    """Two times of the same source for one point are a choice, not a dispute: the last end counts."""
    clock = world(milestone("resolved", "10:00"), milestone("resolved", "12:00")).clock
    assert time_of(clock, "resolved") == "12:00"
    assert not point(clock, "resolved")["is_disputed"]


def test_overridden_point_wins_over_everything():
    """A row whose extra holds an override beats our own record and is marked as overridden."""
    changed = milestone("detected", "09:50", source="jira:x.json", extra={"override": "by the reviewer"})
    found = point(world(milestone("detected", "10:00"), changed).clock, "detected")
    assert (found["at"], found["basis"]) == (pd.Timestamp(at("09:50")), "overridden")


def test_stated_unknown_stays_unknown():
    """A point that the record states to be unknown is not derived; its note is kept."""
    clock = world(milestone("acknowledged", basis="unknown", note="nobody wrote it down")).clock
    found = point(clock, "acknowledged")
    assert pd.isna(found["at"])
    assert (found["knowledge"], found["note"]) == ("unknown", "nobody wrote it down")
    told = world(milestone("acknowledged", basis="unknown"), status("acknowledged", "10:03")).clock
    assert pd.isna(point(told, "acknowledged")["at"])
    assert pd.isna(point(told, "acknowledged")["basis"])


def test_value_of_another_source_beside_a_stated_unknown_is_noted():
    """Unknown in our record, 10:03 elsewhere: still unknown, disputed, and the note gives the other value."""
    found = point(
        world(milestone("acknowledged", basis="unknown"), status("acknowledged", "10:03")).clock, "acknowledged"
    )
    assert bool(found["is_disputed"])
    assert found["note"] == "pagerduty gives 2 Mar 10:03 UTC"


def test_known_time_wins_over_unknown_of_the_same_source():
    """When one row of the record gives a time and another says unknown, the time counts."""
    assert time_of(world(milestone("declared", basis="unknown"), milestone("declared", "10:00")).clock, "declared") == (
        "10:00"
    )


def test_never_acknowledged_is_not_acknowledged_by_its_end():
    """An incident with an end and no acknowledgement has no acknowledgement."""
    clock = world(status("triggered", "10:00"), status("resolved", "11:00")).clock
    assert time_of(clock, "acknowledged") is None
    assert time_of(clock, "resolved") == "11:00"


def test_automatic_acknowledgement_does_not_count():
    """Only a person acknowledges: the machine's at 10:01 is passed over for 10:04."""
    entries = status("acknowledged", "10:01", is_automatic=True), status("acknowledged", "10:04")
    assert time_of(world(*entries).clock, "acknowledged") == "10:04"


def test_detection_is_the_first_alert():
    """Without a recorded detection the first alert that fired is it, inferred."""
    clock = world(
        event("alert", "10:02", field="fired"), event("alert", "10:05", field="fired"), status("triggered", "10:00")
    ).clock
    assert time_of(clock, "detected") == time_of(clock, "alert_fired") == "10:02"
    assert point(clock, "detected")["knowledge"] == "inferred"
    assert point(clock, "detected")["basis"] == "derived"


def test_alert_after_the_acknowledgement_is_no_detection():
    """An alert at 10:30 cannot be how an incident acknowledged at 10:05 was detected: the trigger at 10:00 is."""
    alert = event("alert", "10:30", field="fired")
    clock = world(status("triggered", "10:00"), status("acknowledged", "10:05"), alert).clock
    assert time_of(clock, "detected") == "10:00"
    assert time_of(world(status("acknowledged", "10:05"), alert).clock, "detected") is None


def test_page_and_declaration_are_the_first_of_their_kind():
    """The first call of a person and the first declaration count."""
    clock = world(
        event("alert", "10:06", field="paged"),
        event("alert", "10:03", field="paged"),
        status("declared", "10:20"),
        status("declared", "10:10"),
    ).clock
    assert (time_of(clock, "paged"), time_of(clock, "declared")) == ("10:03", "10:10")


def test_commander_comes_from_the_roles():
    """The first incident commander's begin is the point; other roles and roles without a begin are not."""
    roles = [
        {"incident_id": "A", "person_id": p, "role": role, "assumed_at": at(time)}
        for p, role, time in (
            ("p1", "responder", "10:00"),
            ("p2", "incident_commander", "10:09"),
            ("p3", "incident_commander", "11:00"),
            ("p4", "incident_commander", None),
        )
    ]
    assert time_of(world(participants=roles).clock, "ic_assumed") == "10:09"


def test_channel_opens_with_the_first_person_in_it():
    """A bot's message and a message outside any channel do not open it; joining does."""
    clock = world(
        event("message", "10:00", channel="#inc", is_automatic=True),
        event("message", "10:01"),
        event("message", "10:09", channel="#inc"),
        event("role", "10:05", field="joined", channel="#inc"),
        event("role", "10:02", field="requested", channel="#inc"),
    ).clock
    assert time_of(clock, "channel_open") == "10:05"


def test_first_words_to_an_audience_are_a_persons():
    """Updates count by audience, the automatic one does not."""
    clock = world(
        event("update", "10:01", audience="public", is_automatic=True),
        event("update", "10:21", audience="public"),
        event("update", "10:11", audience="stakeholders"),
        event("update", "10:05", audience="internal"),
    ).clock
    assert (time_of(clock, "public_first"), time_of(clock, "stakeholder_first")) == ("10:21", "10:11")


def test_impact_runs_from_its_earliest_beginning_to_its_latest_end():
    """Beginning 09:50 and end 11:00 of two impacts; a degree of none and the team's own burden do not count."""
    impacts = [
        {"incident_id": "A", "degree": degree, "nature": nature, "began_at": at(began), "ended_at": at(ended)}
        for degree, nature, began, ended in (
            ("outage", "technical", "10:00", "10:30"),
            ("degraded", "business", "09:50", "11:00"),
            ("none", "technical", "09:00", "12:00"),
            ("outage", "team", "08:00", "13:00"),
        )
    ]
    tables = world(impacts=impacts)
    assert (time_of(tables.clock, "impact_start"), time_of(tables.clock, "impact_end")) == ("09:50", "11:00")
    assert len(counted_impacts(tables.impacts)) == 2


def test_impact_that_goes_on_has_no_end():
    """While one impact has not ended there is no impact_end, though another has ended."""
    impacts = [
        {"incident_id": "A", "degree": "outage", "began_at": at("10:00"), "ended_at": at("10:30")},
        {"incident_id": "A", "degree": "degraded", "began_at": at("10:00")},
    ]
    clock = world(impacts=impacts).clock
    assert (time_of(clock, "impact_start"), time_of(clock, "impact_end")) == ("10:00", None)


def test_mobilised_when_the_last_of_those_asked_at_first_joined():
    """Of three asked within 15 min, two came, at 10:12 and 10:20; one asked later and one unasked do not count."""
    asked = [event("role", time, field="requested", actor_id=p) for p, time in (("p1", "10:01"), ("p2", "10:14"))]
    asked += [
        event("role", "10:15", field="requested", actor_id="p3"),
        event("role", "10:16", field="requested", actor_id="p4"),
    ]
    came = [
        event("role", time, field="joined", actor_id=p)
        for p, time in (("p1", "10:12"), ("p2", "10:20"), ("p2", "10:50"), ("p4", "10:40"), ("p5", "10:55"))
    ]
    found = point(world(status("declared", "10:00"), *asked, *came).clock, "mobilised")
    assert found["at"] == pd.Timestamp(at("10:20"))
    assert found["note"] == "1 of 3 asked for are not recorded as joined"


def test_end_is_the_last_one_after_a_reopening():
    """Resolved, reopened, resolved again: the second end counts."""
    clock = world(status("resolved", "10:00"), status("reopened", "10:30"), status("resolved", "11:00")).clock
    assert time_of(clock, "resolved") == "11:00"


def test_reopened_and_not_resolved_again_has_no_end():
    """The end before a reopening is taken back; the incident is open and the note says why."""
    tables = world(
        status("resolved", "10:00"), status("reopened", "10:30"), incidents=[{"incident_id": "A", "status": "open"}]
    )
    found = point(tables.clock, "resolved")
    assert pd.isna(found["at"])
    assert found["note"] == "reopened 2 Mar 10:30 UTC and not resolved again"
    assert bool(open_incidents(tables.clock)["A"])


@pytest.mark.parametrize(
    ("given", "entries", "is_open"),
    [
        ("open", (), True),
        ("mitigated", (), True),
        ("resolved", (), False),
        ("cancelled", (), False),
        (None, (), False),
        (None, (status("acknowledged", "10:00"),), True),
        (None, (status("reopened", "10:10"), status("resolved", "10:20")), False),
        ("open", (status("resolved", "10:20"),), False),
        ("open", (milestone("resolved", basis="unknown"),), False),
        ("open", (status("closed", "10:20"),), False),
    ],
)
def test_open_is_only_what_is_said_to_be_open(given, entries, is_open):
    """An incident is open when its status, or without one its last change of status, says so, and no end is known."""
    clock = world(*entries, incidents=[{"incident_id": "A", "status": given}]).clock
    assert bool(open_incidents(clock)["A"]) == is_open


def test_end_at_an_unrecorded_time_is_unknown():
    """An incident that is resolved, nobody wrote down when, has an unknown end, and the note says so."""
    found = point(world().clock, "resolved")
    assert (found["knowledge"], found["note"]) == ("unknown", "the record says resolved, not when")


def test_hour_and_day_become_intervals():
    """A point known to the hour lasts until its end, to the day until midnight; a minute is an instant."""
    clock = world(
        milestone("impact_start", "14:00", precision="hour"),
        milestone("resolved", "00:00", precision="day"),
        milestone("detected", "14:45", precision="minute"),
    ).clock
    assert point(clock, "impact_start")["at_latest"] == pd.Timestamp(at("15:00"))
    assert point(clock, "resolved")["at_latest"] == pd.Timestamp("2026-03-03T00:00:00Z")
    assert pd.isna(point(clock, "detected")["at_latest"])


def test_interval_between_uncertain_points():
    """From the hour of 14:00 to 14:45: at least -15, at most 45 min, half-way 15 min; back again the signs turn."""
    clock = world(milestone("impact_start", "14:00", precision="hour"), milestone("detected", "14:45")).clock
    there, back = interval(clock, "impact_start", "detected"), interval(clock, "detected", "impact_start")
    assert there.loc["A"].tolist() == [pd.Timedelta(m, "min") for m in (-15, 15, 45)]
    assert back.loc["A"].tolist() == [pd.Timedelta(m, "min") for m in (-45, -15, 15)]
    assert interval(clock, "impact_start", "resolved").loc["A"].isna().all()
    assert there.index.name == "incident_id"


def test_asking_for_some_points_gives_the_same_rows():
    """A clock of three points holds what the whole clock says of them, in the schema's order."""
    tables = world(
        event("alert", "10:30", field="fired"), status("acknowledged", "10:05"), status("triggered", "10:00"),
        status("resolved", "11:00"),
    )  # fmt: skip
    some = build_clock(*tables, points=("resolved", "detected"))
    assert some["point"].tolist() == ["detected", "resolved"]
    whole = tables.clock[tables.clock["point"].isin(["detected", "resolved"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(some, whole)


def test_rows_of_a_filtered_clock_are_those_of_the_whole():
    """A clock that was filtered or sorted gives the same rows of a point, by incident."""
    tables = world(
        milestone("detected", "10:00"), milestone("resolved", "11:00") | {"incident_id": "B"},
        incidents=[{"incident_id": "A"}, {"incident_id": "B"}],
    )  # fmt: skip
    clock = tables.clock
    shuffled = clock.sort_values("at", na_position="first")
    for name in ("detected", "resolved"):
        pd.testing.assert_frame_equal(rows_of(clock, name), rows_of(shuffled, name).loc[["A", "B"]])
    cut = clock[clock["at"].notna()]
    ids, (detected, _), (resolved, _) = bounds_of(cut, "detected", "resolved")
    assert ids.tolist() == ["A", "B"]
    assert (detected > 0).tolist() == [True, False]
    assert (resolved > 0).tolist() == [False, True]


@pytest.mark.parametrize("points", [["detectd"], []])
def test_unknown_points_are_refused(points):
    """A misspelt clock point is an error that names a near one; asking for none is an error too."""
    with pytest.raises(UsageError, match=r"Did you mean 'detected'|no clock point is asked for"):
        build_clock(*world(), points=points)


def test_point_that_the_clock_was_built_without_is_refused():
    """Asking a partial clock for another point says which ones it holds."""
    clock = build_clock(*world(), points=["detected", "resolved"])
    with pytest.raises(UsageError, match="it holds detected, resolved"):
        rows_of(clock, "mitigated")


def test_incident_in_two_rows_is_refused():
    """The same incident twice is an error that names it, not two clocks."""
    with pytest.raises(SchemaError, match="'A' stands in more than one row"):
        _ = world(incidents=[{"incident_id": "A"}, {"incident_id": "A"}]).clock


def test_entries_of_nobody_are_left_out():
    """An alert without an incident, or of an incident that is not asked for, changes no clock."""
    others = [event("alert", "10:00", field="fired") | {"incident_id": i} for i in (None, "Z")]
    assert world(*others).clock["at"].isna().all()


kinds = st.sampled_from(
    [
        ("milestone", {"field": "impact_start"}),
        ("milestone", {"field": "detected"}),
        ("milestone", {"field": "resolved"}),
        ("alert", {"field": "fired"}),
        ("alert", {"field": "paged"}),
        ("status", {"new": "acknowledged"}),
        ("status", {"new": "declared"}),
        ("status", {"new": "resolved"}),
        ("status", {"new": "reopened"}),
        ("message", {"channel": "#c"}),
        ("role", {"field": "requested", "actor_id": "p1"}),
        ("role", {"field": "joined", "actor_id": "p1"}),
        ("severity", {"new": "SEV1"}),
    ]
)
entries = st.lists(
    st.tuples(
        st.sampled_from(["A", "B"]),
        kinds,
        st.one_of(st.none(), st.integers(0, 59)),
        st.sampled_from([None, "record:a.yaml", "pagerduty:x.json", "slack:y.json"]),
        st.sampled_from([None, "minute", "hour"]),
        st.sampled_from([None, "stated", "unknown"]),
        st.sampled_from([None, "one note", "another note"]),
    ),
    max_size=14,
)


def built(rows, zone="UTC"):
    """The clock of incidents A and B from drawn entries, whose instants are written in a zone."""
    events = []
    for incident, (kind, columns), minute, source, precision, basis, note in rows:
        time = None if minute is None else pd.Timestamp(at(f"10:{minute:02d}")).tz_convert(zone).isoformat()
        given = {"incident_id": incident, "kind": kind, "at": time, "source": source}
        events.append(given | columns | {"precision": precision, "basis": basis, "note": note})
    incidents = frame_of("incidents", [{"incident_id": "A"}, {"incident_id": "B", "status": "open"}])
    return build_clock(incidents, frame_of("events", events), empty("participants"), empty("impacts"))


@given(entries, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_order_of_rows_and_zone_of_input_do_not_matter(rows, random):
    """The same entries in another order, or written in another time zone, give the same clock, cell by cell."""
    clock = built(rows)
    pd.testing.assert_frame_equal(clock, built(random.sample(rows, len(rows))))
    pd.testing.assert_frame_equal(clock, built(rows, zone="Asia/Kolkata"))


@given(entries)
@settings(max_examples=40, deadline=None)
def test_clock_keeps_its_own_rules(rows):
    """A point has a basis and a rule exactly when it has a time, bounds are in order, and intervals are too."""
    clock = built(rows)
    has_time = clock["at"].notna()
    assert (has_time == clock["basis"].notna()).all()
    assert (has_time == clock["rule"].notna()).all()
    assert (clock["at_latest"] > clock["at"])[clock["at_latest"].notna()].all()
    for start, end in (("impact_start", "detected"), ("declared", "resolved"), ("paged", "acknowledged")):
        spans = interval(clock, start, end)
        known = spans.dropna()
        assert len(known) == int((rows_of(clock, start)["at"].notna() & rows_of(clock, end)["at"].notna()).sum())
        assert ((known["low"] <= known["value"]) & (known["value"] <= known["high"])).all()
        back = interval(clock, end, start)
        assert (back["value"].dropna() == -known["value"]).all()
        assert (back["low"].dropna() == -known["high"]).all()


@given(entries)
@settings(max_examples=40, deadline=None)
def test_derived_point_is_one_of_the_entries(rows):
    """No instant is invented: each is the time of an entry of that incident."""
    clock = built(rows)
    given_times = {(i, at(f"10:{m:02d}")) for i, _, m, *_ in rows if m is not None}
    found = clock[clock["at"].notna()]
    for incident, instant in zip(found["incident_id"], found["at"], strict=True):
        assert (incident, f"{instant:%Y-%m-%dT%H:%M}Z") in given_times


def test_entries_of_the_same_instant_are_told_apart_by_what_they_say():
    """Two notes on the same acknowledgement: whichever row comes first, the same one is kept."""
    twins = [status("acknowledged", "10:00", note=note, source=f"{note}:x") for note in ("b", "a")]
    forth, back = world(*twins).clock, world(*twins[::-1]).clock
    pd.testing.assert_frame_equal(forth, back)
    assert point(forth, "acknowledged")["note"] == "a"


def test_input_is_not_changed():
    """Building the clock leaves the tables as they were."""
    tables = world(status("resolved", "10:00"), milestone("detected", "09:00", precision="hour"))
    before = [table.copy() for table in tables]
    _ = tables.clock
    for table, old, name in zip(tables, before, ("incidents", "events", "participants", "impacts"), strict=True):
        pd.testing.assert_frame_equal(table, old)
        pd.testing.assert_frame_equal(conform(name, table), old)


def test_latest_instant_before_the_earliest_is_not_used():
    """A row whose latest instant lies before its earliest is taken as an instant, never as a reversed interval."""
    clock = world(milestone("detected", "10:00", latest="09:00")).clock
    assert pd.isna(point(clock, "detected")["at_latest"])
    assert interval(clock, "detected", "detected").loc["A"].tolist() == [pd.Timedelta(0)] * 3


def test_asking_for_some_columns_gives_the_same_cells():
    """A clock of instants only holds the same instants; an unknown column is an error that names a near one."""
    tables = world(status("acknowledged", "10:05"), milestone("resolved", "11:00", precision="hour"))
    lean = build_clock(*tables, columns=["at_latest", "at"])
    pd.testing.assert_frame_equal(lean, tables.clock[["incident_id", "point", "at", "at_latest"]])
    with pytest.raises(UsageError, match="Did you mean 'source'"):
        build_clock(*tables, columns=["sources"])
