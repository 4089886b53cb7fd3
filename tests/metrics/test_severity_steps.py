"""Severity steps: which level was in force when, its direction, and whether a change was explained."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident_analytics import metrics

OPEN = [{"incident_id": "A", "status": "open"}]
MINUTE = pd.Timedelta("1min")


def test_level_lasts_until_the_next_and_the_last_until_resolved(world, entry, milestones):
    """SEV2 at 10:00, SEV1 at 10:20, SEV3 at 11:00, resolved 11:30: 20, 40 and 30 min; raised, then lowered."""
    levels = [entry("severity", t, new=w) for t, w in (("10:20", "SEV1"), ("11:00", "SEV3"), ("10:00", "SEV2"))]
    steps = world(*levels, *milestones(resolved="11:30")).steps
    assert steps["level"].tolist() == ["SEV2", "SEV1", "SEV3"]
    assert steps["rank"].tolist() == [2, 1, 3]
    assert (steps["span"] / MINUTE).tolist() == [20, 40, 30]
    assert steps["direction"].tolist() == ["first", "raised", "lowered"]
    assert not steps["is_open"].any()


def test_open_incident_holds_its_last_level_until_the_end_of_the_data(world, entry):
    """Set at 19:00, incident open, data to 20:00: at least 60 min, marked as open."""
    steps = world(entry("severity", "18:00", new="SEV2"), entry("severity", "19:00", new="SEV1"), incidents=OPEN).steps
    assert (steps["span"] / MINUTE).tolist() == [60, 60]
    assert steps["is_open"].tolist() == [False, True]


def test_end_at_an_unknown_time_leaves_the_last_level_without_a_length(world, entry):
    """Resolved, nobody wrote down when: the last level has no end and no span, and is not open."""
    steps = world(entry("severity", "10:00", new="SEV2")).steps
    assert steps[["ended_at", "span"]].isna().all().all()
    assert not steps["is_open"].any()


def test_same_word_again_is_no_step(world, entry, milestones):
    """A level said again, by the same or another source, changes nothing; another word of its rank is "same"."""
    levels = [entry("severity", t, new=w) for t, w in (("10:00", "SEV1"), ("10:05", "sev1 "), ("10:10", "critical"))]
    steps = world(*levels, *milestones(resolved="11:00")).steps
    assert steps["level"].tolist() == ["SEV1", "critical"]
    assert steps["direction"].tolist() == ["first", "same"]
    assert steps["is_explained"].tolist() == [False, True]


def test_unknown_word_has_no_rank_and_no_direction(world, entry, milestones):
    """A word the policy does not know is kept as written, without rank; changes to and from it are unordered."""
    levels = [entry("severity", t, new=w) for t, w in (("10:00", "SEV2"), ("10:10", "purple"), ("10:20", "SEV1"))]
    steps = world(*levels, *milestones(resolved="11:00")).steps
    assert steps["level"].tolist() == ["SEV2", "purple", "SEV1"]
    assert steps["rank"].isna().tolist() == [False, True, False]
    assert steps["direction"].tolist() == ["first", "unordered", "unordered"]


def test_recorded_reason_explains(world, entry, milestones):
    """A change with a reason is explained, one without is not; a reason another source gives 3 min away counts too."""
    levels = [
        entry("severity", "10:00", new="SEV3"),
        entry("severity", "10:10", new="SEV2", reason="checkout fails"),
        entry("severity", "10:20", new="SEV1"),
        entry("severity", "10:40", new="SEV2"),
        entry("severity", "10:43", new="SEV2", reason="load is back to normal", source="pagerduty:x.json"),
    ]
    steps = world(*levels, *milestones(resolved="11:00")).steps
    assert steps["is_explained"].tolist() == [False, True, False, True]
    assert steps["reason"].tolist()[1:] == [
        "checkout fails",
        pytest.approx(float("nan"), nan_ok=True),
        "load is back to normal",
    ]


@pytest.mark.parametrize(
    ("said", "more", "is_explained"),
    [
        ("this is a SEV1 now", {}, True),
        ("raising severity, all regions fail", {}, True),
        ("going to sev-1", {}, True),
        ("this is a SEV1 now", {"is_automatic": True}, False),
        ("checkout fails everywhere", {}, False),
        ("ticket ASEV11 was opened", {}, False),
    ],
)
@pytest.mark.parametrize("kind", ["message", "update"])
def test_person_who_says_it_explains(world, entry, milestones, kind, said, more, is_explained):
    """A person's message or update with the new word, or about severity, explains a change; a machine's does not."""
    levels = [entry("severity", "10:00", new="SEV2"), entry("severity", "10:20", new="SEV1", text="SEV1 set")]
    steps = world(*levels, entry(kind, "10:24", text=said, **more), *milestones(resolved="11:00")).steps
    assert steps["is_explained"].tolist() == [False, is_explained]


@pytest.mark.parametrize(
    ("time", "is_explained"), [("10:15", True), ("10:25", True), ("10:14", False), ("10:26", False)]
)
def test_explanation_must_be_close(world, entry, milestones, time, is_explained):
    """Within the policy's 5 min before or after the change a message explains it, a minute further away not."""
    levels = [entry("severity", "10:00", new="SEV2"), entry("severity", "10:20", new="SEV1")]
    steps = world(*levels, entry("message", time, text="SEV1"), *milestones(resolved="11:00")).steps
    assert steps["is_explained"].tolist() == [False, is_explained]


def test_hostile_word_is_only_a_word(world, entry, milestones):
    """A level full of signs that mean something in a pattern is looked for as it stands."""
    levels = [entry("severity", "10:00", new="SEV2"), entry("severity", "10:20", new=".*(")]
    quiet = world(*levels, entry("message", "10:21", text="anything"), *milestones(resolved="11:00"))
    assert quiet.steps["is_explained"].tolist() == [False, False]
    told = world(*levels, entry("message", "10:21", text="now .*( it is"), *milestones(resolved="11:00"))
    assert told.steps["is_explained"].tolist() == [False, True]


def test_level_without_a_time_keeps_its_place(world, entry, milestones):
    """Told between two timed levels: it stands between them, and its own length and that before it are not known."""
    levels = [
        entry("severity", "10:00", new="SEV3", sequence=1),
        entry("severity", None, new="SEV2", sequence=2),
        entry("severity", "10:40", new="SEV1", sequence=3),
    ]
    steps = world(*levels, *milestones(resolved="11:00")).steps
    assert steps["level"].tolist() == ["SEV3", "SEV2", "SEV1"]
    assert steps["span"].isna().tolist() == [True, True, False]
    assert steps["direction"].tolist() == ["first", "raised", "raised"]


def test_level_set_after_the_end_lasts_no_time(world, entry, milestones):
    """SEV2 from 10:00, resolved 11:00, corrected to SEV1 at 12:00: 60 min of SEV2 and none of SEV1."""
    levels = [entry("severity", "10:00", new="SEV2"), entry("severity", "12:00", new="SEV1")]
    steps = world(*levels, *milestones(resolved="11:00")).steps
    assert (steps["span"] / MINUTE).tolist() == [60, 0]


def test_time_in_severity_adds_up(world, entry, milestones):
    """SEV2 10 min, SEV1 20 min, SEV2 30 min: 40 and 20 min; a stretch of unknown length makes its level unknown."""
    levels = [entry("severity", t, new=w) for t, w in (("10:00", "SEV2"), ("10:10", "SEV1"), ("10:30", "SEV2"))]
    total = metrics.build_time_in_severity(world(*levels, *milestones(resolved="11:00")).steps)
    assert dict(zip(total["level"], total["span"] / MINUTE, strict=True)) == {"SEV2": 40, "SEV1": 20}
    unknown = metrics.build_time_in_severity(world(*levels).steps)
    assert unknown["span"].isna().tolist() == [True, False]


def test_incident_without_a_severity_has_no_step(world, milestones):
    """Nothing recorded gives no row, in frames of the usual types."""
    quiet = world(*milestones(resolved="11:00"))
    assert len(quiet.steps) == len(metrics.build_time_in_severity(quiet.steps)) == 0
    assert str(quiet.steps["span"].dtype) == "timedelta64[us]"


@given(
    st.lists(
        st.tuples(st.integers(0, 600), st.sampled_from(["SEV1", "SEV2", "P1", "odd"])),
        max_size=6,
        unique_by=lambda x: x[0],
    ),
    st.integers(0, 700),
    st.randoms(use_true_random=False),
)
@settings(max_examples=40, deadline=None)
def test_steps_cover_the_time_once(world, entry, milestones, drawn, end, random):
    """From the first level to the end every minute lies in exactly one step, whatever the order of rows."""
    levels = [entry("severity", f"{8 + m // 60:02d}:{m % 60:02d}", new=w) for m, w in drawn]
    steps = world(*levels, *milestones(resolved=f"{8 + end // 60:02d}:{end % 60:02d}")).steps
    shuffled = world(*milestones(resolved=f"{8 + end // 60:02d}:{end % 60:02d}"), *random.sample(levels, len(levels)))
    pd.testing.assert_frame_equal(steps, shuffled.steps)
    began = min((m for m, _ in drawn), default=end)
    assert steps["span"].sum() / MINUTE == max(0, end - began)
    assert (steps["direction"] == "first").sum() == (1 if drawn else 0)
