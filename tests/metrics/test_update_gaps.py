"""Gaps between updates: how long each audience heard nothing, against the cadence that is promised."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident_analytics import metrics
from incident_analytics.policy import policy_of

MINUTE = pd.Timedelta("1min")
OPEN = [{"incident_id": "A", "status": "open"}]


def minutes(spans):
    """Spans in minutes, missing ones as None."""
    return [None if pd.isna(span) else span / MINUTE for span in spans]


def hours(minutes_after_ten):
    """Minutes after 10:00 as HH:MM."""
    return f"{10 + minutes_after_ten // 60:02d}:{minutes_after_ten % 60:02d}"


@pytest.fixture(scope="session")
def told(entry):
    """Updates to an audience at times of the day."""
    return lambda audience, *times, **more: [entry("update", t, audience=audience, **more) for t in times]


def test_gaps_run_from_detection_to_updates_to_the_end(world, entry, milestones, told):
    """Detected 10:00, told 10:20 and 11:10, resolved 11:30: gaps of 20, 50 and 20 min against 30 promised, 20 over."""
    one = world(
        *milestones(detected="10:00", resolved="11:30"),
        entry("severity", "10:00", new="SEV1"),
        *told("public", "10:20", "11:10", text="nothing new"),
    )
    gaps = one.gaps[one.gaps["audience"] == "public"]
    assert minutes(gaps["span"]) == [20, 50, 20]
    assert minutes(gaps["over"]) == [0, 20, 0]
    assert minutes(gaps["cadence"]) == [30, 30, 30]
    assert gaps["position"].tolist() == ["first", "between", "last"]
    assert gaps["from_text"].tolist() == ["detected", "nothing new", "nothing new"]
    assert gaps["to_text"].tolist() == ["nothing new", "nothing new", "resolved"]
    assert not gaps["is_open"].any()


def test_real_incident_by_hand(world, milestones, told):
    """Four public posts of a real incident: 17 min 27 s from detection, then the lengths its posts give by hand.

    Posts at 11:48:27, 13:09:53, 14:42:37 and, after the end at 17:06, 17:44:58: 1 h 21 min 26 s, 1 h 32 min 44 s and
    3 h 02 min 21 s, because the last post is what told the public that it was over.
    """
    one = world(
        *milestones(detected="11:31", resolved="17:06"), *told("public", "11:48:27", "13:09:53", "14:42:37", "17:44:58")
    )
    expected = ["17min 27s", "1h 21min 26s", "1h 32min 44s", "3h 2min 21s"]
    assert one.gaps["span"].tolist() == [pd.Timedelta(span) for span in expected]
    assert one.gaps["position"].tolist() == ["first", "between", "between", "between"]


@pytest.mark.parametrize(
    ("points", "text"), [({"declared": "10:10"}, "declared"), ({"impact_start": "10:10"}, "impact start")]
)
def test_start_falls_back(world, milestones, told, points, text):
    """Without a detection the clock starts at the declaration, without that at the impact."""
    gaps = world(*milestones(**points, resolved="11:00"), *told("public", "10:30")).gaps
    assert (gaps["from_text"].iloc[0], minutes(gaps["span"])[0]) == (text, 20)


def test_unknown_start_or_end_gives_no_gap_there(world, told):
    """Without a start and an end only the time between updates is known."""
    gaps = world(*told("internal", "10:00", "10:30")).gaps
    assert minutes(gaps["span"]) == [30]
    assert gaps["position"].tolist() == ["between"]


def test_update_before_the_start_begins_the_account(world, milestones, told):
    """Told before the recorded detection: no negative first gap, the account starts with the update."""
    gaps = world(*milestones(detected="10:30", resolved="11:00"), *told("public", "10:00", "10:50")).gaps
    assert minutes(gaps["span"]) == [50, 10]
    assert gaps["position"].tolist() == ["between", "last"]


def test_open_incident_has_an_open_gap(world, milestones, told):
    """Open, told last at 19:00, data to 20:00: the gap is 60 min so far, marked as open."""
    gaps = world(*milestones(detected="18:00"), *told("public", "19:00"), incidents=OPEN).gaps
    assert minutes(gaps["span"]) == [60, 60]
    assert gaps["is_open"].tolist() == [False, True]
    assert gaps["to_text"].tolist()[1] == "end of the data"


def test_report_days_later_is_no_update(world, entry, milestones):
    """A post more than a day after the end is a report: the last gap ends with the incident."""
    late = entry("update", None, audience="public") | {"at": "2026-03-05T10:00:00Z"}
    gaps = world(*milestones(detected="10:00", resolved="11:00"), late).gaps
    assert minutes(gaps["span"]) == [60]
    assert gaps["to_text"].tolist() == ["resolved"]


def test_promise_without_any_update_is_one_gap(world, entry, milestones):
    """SEV2 promises three audiences an update every hour; nobody told anything for 90 min: 30 over for each."""
    one = world(*milestones(detected="10:00", resolved="11:30"), entry("severity", "10:05", new="SEV2"))
    assert one.gaps["audience"].tolist() == ["internal", "stakeholders", "public"]
    assert minutes(one.gaps["over"]) == [30, 30, 30]
    assert one.gaps["position"].tolist() == ["last"] * 3
    summary = metrics.communication_summary(one.gaps, one.events)
    assert summary["n_updates"].tolist() == [0, 0, 0]
    assert summary["share_within"].tolist() == [pytest.approx(60 / 90)] * 3


def test_cadence_is_that_of_the_severity_in_force(world, entry, milestones, told):
    """SEV1 (30 min) until 11:00, then SEV2 (60 min): the gap from 10:50 is judged by SEV1, the one from 11:30 by SEV2."""
    one = world(
        *milestones(detected="10:20", resolved="12:40"),
        entry("severity", "10:25", new="SEV1"),
        entry("severity", "11:00", new="SEV2"),
        *told("internal", "10:50", "11:30"),
    )
    gaps = one.gaps[one.gaps["audience"] == "internal"]
    assert gaps["severity"].tolist() == ["SEV1", "SEV1", "SEV2"]
    assert minutes(gaps["span"]) == [30, 40, 70]
    assert minutes(gaps["over"]) == [0, 10, 10]


def test_nothing_promised_is_not_within(world, entry, milestones, told):
    """SEV4 promises nothing: a gap has a length, no cadence, nothing over, and no share within."""
    one = world(
        *milestones(detected="10:00", resolved="12:00"),
        entry("severity", "10:00", new="SEV4"),
        *told("public", "11:00"),
    )
    assert minutes(one.gaps["span"]) == [60, 60]
    assert one.gaps[["cadence", "over"]].isna().all().all()
    summary = metrics.communication_summary(one.gaps, one.events)
    assert pd.isna(summary["share_within"].iloc[0])
    assert pd.isna(summary["over"].iloc[0])


def test_own_policy_is_used(world, entry, milestones, told):
    """A policy with its own words and cadence judges by them."""
    policy = policy_of({"severity": {"order": ["red", "amber"]}, "cadence": {"red": {"public": "10 min"}}})
    one = world(
        *milestones(detected="10:00", resolved="11:00"),
        entry("severity", "10:00", new="Red"),
        *told("public", "10:25"),
        policy=policy,
    )
    assert minutes(one.gaps["over"]) == [15, 25]


def test_summary_counts_every_update(world, milestones, told):
    """Three updates, one automatic, one without a time; the longest gap is 50 min."""
    one = world(
        *milestones(detected="10:00", resolved="11:00"),
        *told("public", "10:10", None),
        *told("public", "10:05", is_automatic=True),
    )
    row = metrics.communication_summary(one.gaps, one.events).iloc[0]
    assert (row["n_updates"], row["n_automatic"], row["n_untimed"]) == (3, 1, 1)
    assert row["longest"] == 50 * MINUTE


def test_uncertain_time_marks_its_gaps(world, entry, milestones, told):
    """An update known to the hour makes the gaps on both sides uncertain, and no other."""
    one = world(
        *milestones(detected="10:00", resolved="13:00"),
        *told("public", "12:30"),
        entry("update", "11:00", latest="12:00", audience="public"),
    )
    assert one.gaps["is_interval"].tolist() == [True, True, False]


def test_no_update_and_no_promise_gives_no_row(world, milestones):
    """An incident without updates and without a severity has no gaps, in frames of the usual types."""
    quiet = world(*milestones(detected="10:00", resolved="11:00"))
    assert len(quiet.gaps) == len(metrics.communication_summary(quiet.gaps, quiet.events)) == 0
    assert str(quiet.gaps["span"].dtype) == "timedelta64[us]"


@given(st.lists(st.integers(0, 180), max_size=8), st.integers(60, 170), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_gaps_cover_the_time_once(world, entry, milestones, told, drawn, end, random):
    """From the start to the end, or the word of it, gaps touch and add up; what is over never exceeds a gap."""
    updates = told("public", *(hours(m) for m in drawn))
    story = [*milestones(detected="10:30", resolved=hours(end)), entry("severity", "10:30", new="SEV1")]
    gaps = world(*story, *updates).gaps
    pd.testing.assert_frame_equal(gaps, world(*random.sample(updates, len(updates)), *story).gaps)
    public = gaps[gaps["audience"] == "public"]
    first, final = min([30, *drawn]), min([m for m in drawn if m >= end], default=end)
    assert public["span"].sum() / MINUTE == final - first
    assert (public["began_at"].iloc[1:].array == public["ended_at"].iloc[:-1].array).all()
    assert ((gaps["over"] >= pd.Timedelta(0)) & (gaps["over"] <= gaps["span"])).all()
