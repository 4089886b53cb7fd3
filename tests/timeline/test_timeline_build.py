"""One ordered account out of records, chat, alerts and log evidence."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident_analytics.schema import DTYPES, empty, frame_of
from incident_analytics.timeline import LANES, build_timeline
from incident_analytics.timeline.build import COLUMNS

MINUTE = pd.Timedelta("1min")
RECORD = "record:review.yaml"


def event(time: str | None, kind: str, text: str | None = None, **more: object) -> dict[str, object]:
    """An event of INC-1 on 2 March 2026; minutes since 11:00 or a clock time."""
    at = f"2026-03-02T{time}Z" if time and time[2] == ":" else time
    return {"incident_id": "INC-1", "at": at, "kind": kind, "text": text, "source": RECORD} | more


def events_of(*rows: dict[str, object]) -> pd.DataFrame:
    """Dicts as the events table."""
    return frame_of("events", rows)


def told(*texts: str | None) -> list[dict[str, object]]:
    """An account in narrative order: ``11:28 text``, or a text without a time."""
    rows = []
    for place, line in enumerate(texts):
        has_time = line[:2].isdigit()
        time, text = (line[:5], line[6:]) if has_time else (None, line)
        rows.append(event(time, "note", text, sequence=place))
    return rows


# The account ------------------------------------------------------------------------------------


def test_every_kind_has_its_lane(full_clock):
    """Each kind of entry stands in the lane the data of LANES give; an unknown kind stands in Response."""
    kinds = [kind for kind in LANES if kind != "milestone"] + ["gossip"]
    rows = build_timeline(events_of(*[event("12:00", kind, f"a {kind}") for kind in kinds]), full_clock)
    lanes = rows.set_index("kind")["lane"]
    assert lanes["hypothesis"] == "Understanding"
    assert lanes["impact"] == lanes["recovery"] == "Impact"
    assert lanes["gossip"] == "Response"
    assert {k: lanes[k] for k in kinds if k != "gossip"} == {k: LANES[k] for k in LANES if k != "milestone"}


def test_order_elapsed_and_phases(full_clock):
    """Entries stand in order of time; elapsed counts from the start of impact; each lies in its phase."""
    rows = build_timeline(
        events_of(
            event("17:44:58", "update", "normal again", audience="public"),
            event("11:05", "change", "access change"),
            event("11:28", "impact", "first errors"),
            event("13:36:59", "note", "just before"),
            event("13:37", "finding", "the file"),
            event("17:06", "recovery", "all restarted"),
        ),
        full_clock,
    )
    rows = rows[rows["kind"] != "milestone"]
    assert rows["text"].tolist() == [
        "access change",
        "first errors",
        "just before",
        "the file",
        "all restarted",
        "normal again",
    ]
    assert (rows["elapsed"] / MINUTE).round(2).tolist() == [-23, 0, 128.98, 129, 338, 376.97]
    assert rows["phase"].tolist() == ["before", "unnoticed", "understanding", "mitigating", "restoring", "after"]
    assert rows["stage"].tolist()[1:] == ["impact", "response", "response", "recovery", "follow_up"]
    assert pd.isna(rows["stage"].iloc[0])


def test_elapsed_without_a_known_start(clock_of):
    """Without a start of impact, time counts from the first known boundary, and without any from the first entry."""
    events = events_of(event("10:00", "note", "a"), event("10:30", "note", "b"))
    rows = build_timeline(events, clock_of(detected="10:10", resolved="11:00"))
    assert (rows.loc[rows["kind"] == "note", "elapsed"] / MINUTE).tolist() == [-10, 20]
    rows = build_timeline(events, clock_of())
    assert (rows["elapsed"] / MINUTE).tolist() == [0, 30]
    assert rows["phase"].isna().all()


def test_equal_instants_keep_the_order_of_the_source(clock_of):
    """Entries at the same instant stand in the order in which the source tells them."""
    rows = build_timeline(events_of(*told("11:00 zebra", "11:00 apple", "11:00 mango")[::-1]), clock_of())
    assert rows["text"].tolist() == ["zebra", "apple", "mango"]


def test_texts_are_never_shortened(clock_of):
    """A text of any length, with markup in it, comes through as it is."""
    text = "<b>" + "long " * 5000
    assert build_timeline(events_of(event("11:00", "message", text)), clock_of())["text"].tolist() == [text]


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ({"kind": "severity", "old": "SEV3", "new": "SEV2"}, "severity from SEV3 to SEV2"),
        ({"kind": "severity", "new": "SEV2"}, "severity set to SEV2"),
        ({"kind": "status", "new": "acknowledged"}, "status set to acknowledged"),
        ({"kind": "role", "field": "joined", "role": "incident_commander"}, "joined as incident commander"),
        ({"kind": "role", "field": "requested"}, "requested"),
        ({"kind": "alert", "field": "fired", "service": "search"}, "alert fired: search"),
        ({"kind": "alert", "field": "paged"}, "a person was called"),
        ({"kind": "update", "audience": "stakeholders"}, "update to stakeholders"),
        ({"kind": "action", "field": "mitigation"}, "action: mitigation"),
        ({"kind": "decision"}, "decision"),
        ({"kind": "message", "text": " "}, "message"),
    ],
)
def test_an_entry_without_a_text_says_what_changed(clock_of, row, text):
    """An entry without a text is said with what its other columns hold."""
    rows = build_timeline(events_of(event("11:00", "") | row), clock_of())
    assert rows["text"].tolist() == [text]


def test_remarks(clock_of):
    """Note, reason, how far the time is known and a late record stand in detail, one sentence each."""
    rows = build_timeline(
        events_of(
            event("11:00", "severity", new="SEV1", reason="checkout fails for all", note="from chat"),
            event("12:00", "note", "late", recorded_at="2026-03-02T12:40:00Z"),
            event("13:00", "note", "in time", recorded_at="2026-03-02T13:15:00Z"),
            event("14:00", "note", "an hour", precision="hour", at_latest="2026-03-02T15:00:00Z"),
            event(None, "note", "no time at all"),
        ),
        clock_of(),
    )
    assert rows["detail"].tolist()[:2] == ["From chat. Reason: checkout fails for all.", "Recorded 40 min later."]
    assert pd.isna(rows["detail"].iloc[2])
    assert rows["detail"].tolist()[3:] == ["Known to the hour.", "Time not recorded."]
    assert rows["text"].iloc[-1] == "no time at all"
    assert pd.isna(rows["elapsed"].iloc[-1])


def test_the_same_fact_from_two_sources_stands_once(clock_of):
    """Equal kind and text within a second from two sources: one entry, the earlier time, both sources."""
    rows = build_timeline(
        events_of(
            event("11:00:01", "update", "We are looking into it", source="statuspage:x.json", audience="public"),
            event("11:00:00", "update", "We are looking into it ", source="slack:inc.json", channel="#inc"),
            event("11:00:03", "update", "We are looking into it", source="table:y.csv"),
        ),
        clock_of(),
    )
    assert rows["source"].tolist() == ["slack:inc.json; statuspage:x.json", "table:y.csv"]
    first = rows.iloc[0]
    assert (first["audience"], first["channel"]) == ("public", "#inc")
    assert first["at"] == pd.Timestamp("2026-03-02T11:00:00Z")


def test_what_one_source_says_twice_stands_twice(clock_of):
    """Repeats within one source are kept, and so are equal texts of different kinds."""
    rows = build_timeline(
        events_of(event("11:00", "message", "+1"), event("11:00", "message", "+1"), event("11:00", "note", "+1")),
        clock_of(),
    )
    assert len(rows) == 3


def test_events_of_no_incident_are_left_out(clock_of):
    """An alert that belongs to no incident is in no incident's account."""
    stray = event("11:00", "alert", "disk full") | {"incident_id": None}
    assert len(build_timeline(events_of(stray), clock_of())) == 0


# Times that are not known -----------------------------------------------------------------------


def test_an_entry_without_a_time_lies_between_its_neighbours(full_clock):
    """Its bounds are the latest time known before it and the earliest known after it in the account."""
    rows = build_timeline(events_of(*told("11:48 post", "attack suspected", "13:05 older proxy")), full_clock)
    row = rows[rows["text"] == "attack suspected"].iloc[0]
    assert row["is_between"]
    assert (row["at"], row["at_latest"]) == (pd.Timestamp("2026-03-02T11:48Z"), pd.Timestamp("2026-03-02T13:05Z"))
    assert row["elapsed"] == 20 * MINUTE
    assert row["phase"] == "understanding"
    assert row["detail"] == "Time not given: between the neighbouring entries."
    notes = rows[rows["kind"] == "note"]
    assert notes["text"].tolist() == ["post", "attack suspected", "older proxy"]
    assert notes["is_between"].tolist() == [False, True, False]


def test_several_in_a_row_and_at_the_edges(clock_of):
    """Several unknown times share their bounds and keep their order; at an edge a bound stays missing."""
    clock = clock_of(impact_start="11:00", resolved="12:00")
    rows = build_timeline(events_of(*told("context", "11:00 start", "b", "a", "12:00 end", "aftermath")), clock)
    assert rows["text"].tolist() == ["context", "start", "b", "a", "end", "aftermath"]
    assert rows["at"].isna().tolist() == [True, False, False, False, False, False]
    assert rows["at_latest"].isna().tolist() == [False, True, False, False, True, True]
    # What came before the start is not yet in the first phase, and what came after the end no longer in the last.
    assert rows["phase"].tolist() == ["before", *["until resolved"] * 4, "after"]
    assert rows["detail"].iloc[0] == "Time not given: before the next entry."
    assert rows["detail"].iloc[-1] == "Time not given: after the entry before."


def test_a_neighbour_known_to_the_hour_gives_its_whole_hour(clock_of):
    """Before an hour means up to its end, after an hour means from its beginning."""
    hour = event("13:00", "note", "hour", precision="hour", at_latest="2026-03-02T14:00:00Z", sequence=2)
    rows = build_timeline(
        events_of(
            event("12:00", "note", "a", sequence=0),
            event(None, "note", "before", sequence=1),
            hour,
            event(None, "note", "after", sequence=3),
            event("15:00", "note", "z", sequence=4),
        ),
        clock_of(),
    ).set_index("text")
    assert rows.loc["before", "at_latest"] == pd.Timestamp("2026-03-02T14:00Z")
    assert rows.loc["after", "at"] == pd.Timestamp("2026-03-02T13:00Z")


def test_an_account_that_goes_back_in_time(clock_of):
    """Between 13:00 and 12:00, in that order, an entry lies between 12:00 and 13:00, and the remark says why."""
    rows = build_timeline(events_of(*told("13:00 late", "unknown", "12:00 early")), clock_of()).set_index("text")
    row = rows.loc["unknown"]
    assert (row["at"], row["at_latest"]) == (pd.Timestamp("2026-03-02T12:00Z"), pd.Timestamp("2026-03-02T13:00Z"))
    assert "not in order of time" in row["detail"]


def test_neighbours_are_those_of_the_same_source(clock_of):
    """The place in one source's account says nothing about the place in another's."""
    rows = build_timeline(
        events_of(
            event("11:00", "note", "a", sequence=0),
            event(None, "note", "b", sequence=1),
            event("11:30", "note", "other", sequence=2, source="table:other.csv"),
            event("12:00", "note", "c", sequence=3),
        ),
        clock_of(),
    ).set_index("text")
    assert rows.loc["b", "at_latest"] == pd.Timestamp("2026-03-02T12:00Z")


def test_a_time_known_to_the_day_keeps_its_place_in_the_account(clock_of):
    """A whole day told after an entry of that day stands after it, though the day began earlier."""
    day = event("00:00", "note", "that day", precision="day", at_latest="2026-03-03T00:00:00Z", sequence=1)
    rows = build_timeline(
        events_of(event("11:00", "note", "first", sequence=0), day, event("12:00", "note", "last", sequence=2)),
        clock_of(impact_start="11:00"),
    )
    rows = rows[rows["kind"] == "note"]
    assert rows["text"].tolist() == ["first", "that day", "last"]
    assert rows["at"].iloc[1] == pd.Timestamp("2026-03-02T00:00Z")
    assert rows["elapsed"].iloc[1] == 0 * MINUTE


# Clock points -----------------------------------------------------------------------------------


def test_a_clock_point_is_put_on_the_entry_that_it_is(clock_of):
    """A milestone in the minute of an entry is not told twice: the entry lists it, and its note is kept."""
    clock = clock_of(impact_start="11:28", detected="11:31", resolved="17:06")
    rows = build_timeline(
        events_of(
            event("11:28", "milestone", field="impact_start", note="the text opens with 11:20"),
            event("11:31", "milestone", field="detected"),
            event("17:06", "milestone", field="resolved"),
            event("11:28:10", "impact", "first errors"),
            event("11:31:50", "alert", "test fails", field="fired"),
            event("17:06", "recovery", "all normal"),
        ),
        clock,
    )
    assert rows["text"].tolist() == ["first errors", "test fails", "all normal"]
    assert rows["points"].tolist() == [["impact_start"], ["detected"], ["resolved"]]
    assert rows["detail"].iloc[0] == "Impact start: The text opens with 11:20."


def test_a_clock_point_alone_becomes_an_entry(clock_of):
    """A milestone that no entry stands for is told with its meaning; impact's in Impact, others in Response."""
    clock = clock_of(impact_start="11:28", declared="11:35", alert_fired="11:35")
    rows = build_timeline(
        events_of(
            event("11:28", "milestone", field="impact_start", basis="stated", verified="primary"),
            event("11:35", "milestone", field="declared"),
            event("11:35", "milestone", field="alert_fired"),
        ),
        clock,
    )
    assert rows["lane"].tolist() == ["Impact", "Response"]
    assert rows["text"].iloc[0] == "Users or systems began to be affected"
    assert rows["points"].tolist() == [["impact_start"], ["alert_fired", "declared"]]
    assert rows["text"].iloc[1] == "The first alert fired; it was declared an incident"
    assert (rows["basis"].iloc[0], rows["verified"].iloc[0], rows["source"].iloc[0]) == ("stated", "primary", RECORD)


def test_points_that_the_clock_derived_count_too(clock_of):
    """A derived point is put on the entry it comes from, or told with the rule when no entry is there."""
    derived = {"basis": "derived", "knowledge": "inferred", "source": "record:review.yaml"}
    clock = clock_of(
        public_first={"at": "11:48:27", "rule": "first update to the public"} | derived,
        ic_assumed={"at": "11:40", "rule": "first time the role was held"} | derived,
    )
    rows = build_timeline(events_of(event("11:48:27", "update", "first post", audience="public")), clock)
    assert rows["points"].tolist() == [["ic_assumed"], ["public_first"]]
    assert rows["text"].iloc[0] == "An incident commander took the role"
    assert rows["detail"].iloc[0] == "Derived: first time the role was held."
    assert rows["basis"].iloc[0] == "inferred"


def test_the_likeliest_entry_is_chosen(clock_of):
    """Of two entries in the same minute, the impact is where impact starts, not the command before it."""
    rows = build_timeline(
        events_of(
            event("17:37", "note", "a wrong argument", sequence=0),
            event("17:37", "impact", "requests fail", sequence=1),
            event("17:37", "milestone", field="impact_start"),
        ),
        clock_of(impact_start="17:37"),
    )
    assert rows["points"].tolist() == [[], ["impact_start"]]


def test_a_chat_line_in_the_same_minute_is_not_the_clock_point(clock_of):
    """A message counts as a clock point only on the very second; an update only for its own audience."""
    rows = build_timeline(
        events_of(
            event("11:35:20", "message", "lunch?"),
            event("11:50:00", "update", "for the team", audience="internal"),
            event("11:35", "milestone", field="declared"),
            event("11:50", "milestone", field="public_first"),
        ),
        clock_of(declared="11:35", public_first="11:50"),
    )
    assert rows.loc[rows["kind"] != "milestone", "points"].tolist() == [[], []]
    assert rows.loc[rows["kind"] == "milestone", "points"].tolist() == [["declared"], ["public_first"]]
    rows = build_timeline(
        events_of(event("11:35:20.198", "message", "declaring"), event("11:35:20", "milestone", field="declared")),
        clock_of(declared="11:35:20"),
    )
    assert rows["points"].tolist() == [["declared"]]


def test_a_day_is_not_the_minute_it_begins_with(clock_of):
    """A point known to the day does not fall on an entry at midnight."""
    day = {"at": "2026-03-10T00:00:00Z", "at_latest": "2026-03-11T00:00:00Z", "precision": "day"}
    rows = build_timeline(
        events_of(
            event("2026-03-10T00:00:00Z", "note", "midnight"),
            event(None, "milestone", field="report_published") | day,
        ),
        clock_of(report_published=day),
    )
    assert len(rows) == 2


def test_a_report_known_to_the_day_of_the_end_comes_last(clock_of):
    """Published on the day the incident ended: after the incident, at the end of that day, not at its midnight."""
    day = {"at": "2026-03-02T00:00:00Z", "at_latest": "2026-03-03T00:00:00Z", "precision": "day"}
    clock = clock_of(impact_start="11:28", resolved="17:06", report_published=day)
    rows = build_timeline(
        events_of(
            event(None, "milestone", field="report_published") | day,
            event("17:06", "recovery", "all normal"),
            event("17:44:58", "update", "last post"),
        ),
        clock,
    )
    assert rows["points"].tolist() == [["impact_start"], ["resolved"], [], ["report_published"]]
    assert rows["phase"].iloc[-1] == "after"
    assert rows["elapsed"].iloc[-1] == 338 * MINUTE
    assert rows["detail"].iloc[-1] == "Known to the day."


def test_a_disputed_time_is_said(clock_of):
    """Of two times for one point the clock's is used; the other keeps its place and says which is used."""
    clock = clock_of(impact_start={"at": "11:28", "is_disputed": True}, resolved="12:00")
    rows = build_timeline(
        events_of(
            event("11:28", "milestone", field="impact_start"),
            event("11:20", "milestone", field="impact_start", source="pagerduty:incidents.json"),
            event("12:00", "recovery", "normal"),
        ),
        clock,
    )
    assert rows["points"].tolist() == [[], ["impact_start"], ["resolved"]]
    assert rows["detail"].iloc[0] == "For this clock point 2026-03-02 11:28 UTC is used."
    assert rows["detail"].iloc[1] == "Sources differ on this time."


def test_a_milestone_with_a_text_says_when_another_time_is_used(clock_of):
    """A vendor's own time for a point, told in its words, says which time the clock uses instead."""
    rows = build_timeline(
        events_of(event("09:58:19", "milestone", "created_at", field="declared", source="pagerduty:incidents.json")),
        clock_of(declared="10:09"),
    )
    assert rows["text"].tolist() == ["created_at", "It was declared an incident"]
    assert rows["detail"].iloc[0] == "For this clock point 2026-03-02 10:09 UTC is used."
    assert rows["points"].tolist() == [[], ["declared"]]


def test_a_step_that_lasts_is_where_its_point_falls(clock_of):
    """A restart from 11:30 to 11:52 is the first step at 11:30: it is known to the minute, though it lasted."""
    rows = build_timeline(
        events_of(
            event(
                "11:30", "action", "restarts", field="mitigation", precision="minute", at_latest="2026-03-02T11:52:00Z"
            ),
            event("11:30", "milestone", field="mitigation_started", precision="minute"),
        ),
        clock_of(mitigation_started={"at": "11:30", "precision": "minute"}),
    )
    assert rows["points"].tolist() == [["mitigation_started"]]


def test_points_stated_to_be_unknown_are_no_entries(clock_of):
    """A milestone that says its time is unknown stands in the clock, not in the account."""
    rows = build_timeline(events_of(event(None, "milestone", field="declared", basis="unknown")), clock_of())
    assert len(rows) == 0


def test_a_milestone_with_its_own_text_is_an_entry(clock_of):
    """A milestone that has a text is told with it, once, and is the entry of its point."""
    rows = build_timeline(
        events_of(
            event("11:35", "milestone", "Incident call opened", field="declared"),
            event("11:35", "status", "declared in the tool", new="declared"),
        ),
        clock_of(declared="11:35"),
    )
    assert sorted(rows["text"]) == ["Incident call opened", "declared in the tool"]
    assert rows.set_index("text")["points"].to_dict() == {
        "Incident call opened": ["declared"],
        "declared in the tool": [],
    }


# Recovery and log evidence ----------------------------------------------------------------------


def test_recovery_begins_with_the_clock_point(clock_of):
    """From the first step against the impact on everything is recovery, entries of any kind."""
    clock = clock_of(impact_start="11:00", mitigation_started="11:30", resolved="12:00")
    rows = build_timeline(
        events_of(
            event("11:10", "action", "an attempt", field="mitigation"),
            event("11:30", "action", "the older proxy", field="mitigation"),
            event("11:40", "message", "looks better"),
            event(None, "note", "no time"),
        ),
        clock,
    ).set_index("text")["is_recovery"]
    assert not rows["an attempt"]
    assert rows["the older proxy"]
    assert rows["looks better"]
    assert not rows["no time"]


def test_recovery_begins_with_the_first_step_otherwise(clock_of):
    """Without that clock point it begins with the first mitigation or recovery inside the incident."""
    clock = clock_of(impact_start="11:00", resolved="12:00")
    rows = build_timeline(
        events_of(
            event("10:00", "action", "weeks of preparation", field="mitigation"),
            event("11:10", "action", "looking", field="diagnosis"),
            event("11:20", "recovery", "sign-in works again"),
        ),
        clock,
    )
    assert rows.loc[rows["is_recovery"], "text"].tolist()[0] == "sign-in works again"
    assert rows["is_recovery"].tolist() == [False, False, False, True, True]


def test_log_onsets_are_told(clock_of):
    """The onset of errors in a log stands among the entries, in the lane of alerts and logs."""
    onsets = pd.DataFrame(
        {
            "incident_id": "INC-1",
            "service": ["checkout-api", "search"],
            "at": pd.to_datetime(["2026-03-02T11:25:00Z", None], utc=True).as_unit("us"),
            "errors": pd.array([14, None], dtype="Int64"),
            "expected": [0.3, None],
            "is_bursty": pd.array([False, None], dtype="boolean"),
        }
    )
    rows = build_timeline(
        events_of(event("11:28", "impact", "errors")), clock_of(impact_start="11:28"), log_onsets=onsets
    )
    assert rows["kind"].tolist() == ["log", "impact"]
    assert rows["lane"].iloc[0] == "Alerts and logs"
    assert rows["text"].iloc[0] == "errors of checkout-api depart from the hour before: 14 a minute against 0.3"
    assert rows["elapsed"].iloc[0] == -3 * MINUTE
    assert rows["is_automatic"].iloc[0]


# Laws -------------------------------------------------------------------------------------------


def test_nothing_gives_nothing(clock_of, full_clock):
    """No events give the clock's points alone, no clock the events alone, neither an empty frame of right dtypes."""
    nothing = build_timeline(empty("events"), full_clock.iloc[:0])
    assert len(nothing) == 0
    assert nothing.dtypes.astype("str").to_dict() == COLUMNS
    points = build_timeline(empty("events"), full_clock)["points"].explode().tolist()
    assert points == full_clock["point"][full_clock["at"].notna()].tolist()
    rows = build_timeline(events_of(event("11:00", "note", "a")), full_clock.iloc[:0])
    assert rows["text"].tolist() == ["a"]
    assert rows.dtypes.astype("str").to_dict() == COLUMNS


def test_incidents_do_not_mix(clock_of):
    """Entries and points of two incidents in the same minute stay with their own incident."""
    events = events_of(
        event("11:00", "impact", "a"),
        event("11:00", "note", "b") | {"incident_id": "INC-2"},
        event(None, "note", "c", sequence=5) | {"incident_id": "INC-2"},
    )
    clock = pd.concat(
        [clock_of("INC-1", impact_start="11:00"), clock_of("INC-2", detected="11:00", impact_start="10:00")]
    )
    rows = build_timeline(events, clock)
    assert rows.groupby("incident_id")["points"].sum().to_dict() == {
        "INC-1": ["impact_start"],
        "INC-2": ["impact_start", "detected"],
    }
    assert (rows[rows["text"] == "b"]["elapsed"] / MINUTE).tolist() == [60]


def test_entries_that_differ_in_their_last_bound_alone_keep_one_order(full_clock):
    """Two entries alike but for how late they may have been stand in one order, however they come."""
    later = {"at_latest": "2026-03-02T12:00:00Z"}
    events = events_of(event("11:00", "impact", "x"), event("11:00", "impact", "x", **later))
    account = build_timeline(events, full_clock)
    assert account["at_latest"].notna().sum() == 1
    pd.testing.assert_frame_equal(account, build_timeline(events.iloc[::-1], full_clock))


any_event = st.fixed_dictionaries(
    {
        "minute": st.none() | st.integers(0, 90),
        "width": st.sampled_from([0, 0, 0, 60]),
        "sequence": st.none() | st.integers(0, 9),
        "kind": st.sampled_from(["note", "impact", "message", "action", "milestone", "update", "recovery"]),
        "field": st.sampled_from([None, "mitigation", "declared", "impact_start", "resolved", "report_published"]),
        "text": st.sampled_from([None, "x", "y"]),
        "source": st.sampled_from(["a:1", "b:2", None]),
        "incident_id": st.sampled_from(["I1", "I2"]),
    }
)


def _events(rows: list[dict[str, object]]) -> pd.DataFrame:
    start = pd.Timestamp("2026-03-02T10:00:00Z")
    made = []
    for row in rows:
        minute, width = row.pop("minute"), row.pop("width")
        at = None if minute is None else start + minute * MINUTE
        made.append({**row, "at": at, "at_latest": at + width * MINUTE if at is not None and width else None})
    return frame_of("events", made)


@settings(max_examples=25, deadline=None)
@given(rows=st.lists(any_event, max_size=14), seed=st.integers(0, 99), has_clock=st.booleans())
def test_laws_of_the_account(rows, seed, has_clock):
    """Whatever the events, in any order: none gets lost, bounds are bounds, and time never runs back."""
    events = _events(rows)
    points = ["impact_start", "declared", "resolved"]
    clock = pd.DataFrame(
        {
            "incident_id": ["I1"] * 3,
            "point": points,
            "at": pd.to_datetime([f"2026-03-02T10:{m}:00Z" for m in ("20", "20", "55")], utc=True).as_unit("us"),
            "at_latest": pd.Series([pd.NaT] * 3, dtype=DTYPES["instant"]),
            "is_disputed": False,
            **{
                name: pd.Series([None] * 3, dtype="str")
                for name in ("precision", "knowledge", "verified", "source", "note", "rule")
            },
        }
    ).iloc[: 3 * has_clock]
    account = build_timeline(events, clock)
    shuffled = build_timeline(events.sample(frac=1, random_state=seed), clock.sample(frac=1, random_state=seed))
    pd.testing.assert_frame_equal(account, shuffled)

    is_bare = (events["kind"] == "milestone") & events["text"].isna()
    has_text = events[~is_bare & events["text"].notna()]
    for (incident_id, kind, text), group in has_text.groupby(["incident_id", "kind", "text"]):
        found = account[(account["incident_id"] == incident_id) & (account["kind"] == kind) & (account["text"] == text)]
        assert len(found) >= group.groupby("source", dropna=False).size().max()
        assert set("; ".join(found["source"].dropna()).split("; ")) - {""} == set(group["source"].dropna())
    between = account[account["is_between"]]
    assert not (between["at"] > between["at_latest"]).any()
    exact = account[account["at"].notna() & account["at_latest"].isna() & ~account["is_between"]]
    for _, group in exact.groupby("incident_id"):
        assert group["at"].is_monotonic_increasing
    assert (
        not account[account["incident_id"] == "I1"]
        .explode("points")
        .dropna(subset=["points"])
        .duplicated("points")
        .any()
    )
    for _, group in account.groupby("incident_id"):
        dated = group.dropna(subset=["elapsed"])
        assert dated["is_recovery"].is_monotonic_increasing
