"""The first five minutes: which entry is the trace of a step, and where it lies from clock zero."""

import pandas as pd
import pytest

from incident_analytics import metrics

MINUTE = pd.Timedelta("1min")


def steps(one):
    """The steps of incident A by number."""
    return one.first_minutes.set_index("step")


def test_five_steps_from_the_page(world, entry, milestones, held):
    """Paged 10:00: looked at 10:02, told 10:07, channel 10:01, second person 10:05, severity 10:06, by hand."""
    one = world(
        *milestones(paged="10:00", declared="10:04", detected="09:58", channel_open="10:01", resolved="12:00"),
        entry("action", "10:02", field="diagnosis", text="error graph opened", actor_id="p1"),
        entry("update", "10:07", audience="stakeholders", text="we are on it"),
        entry("severity", "10:06", new="SEV1"),
        participants=[held("p2", "responder", "10:05")],
    )
    found = steps(one)
    assert (found["offset"] / MINUTE).tolist() == [2, 7, 1, 5, 6]
    assert found["state"].tolist() == ["in_time", "late", "in_time", "in_time", "late"]
    assert found["evidence"].tolist() == [
        "diagnosis: error graph opened",
        "first update: we are on it",
        "channel open",
        "second person engaged",
        "severity set",
    ]
    assert set(found["zero_point"]) == {"paged"}
    assert set(found["zero_at"]) == {pd.Timestamp("2026-03-02T10:00:00Z")}


@pytest.mark.parametrize(
    ("points", "zero"),
    [
        ({"declared": "10:04", "detected": "10:00"}, "declared"),
        ({"detected": "10:00"}, "detected"),
        ({"paged": None, "declared": None, "detected": "10:00"}, "detected"),
    ],
)
def test_clock_zero_falls_back(world, milestones, points, zero):
    """Without a page the declaration is clock zero, without that the detection; it is named in every row."""
    assert set(steps(world(*milestones(**points)))["zero_point"]) == {zero}


def test_real_incident_by_hand(world, milestones):
    """A real incident: acknowledged 3 min before its call at 11:35, public told 13 min 27 s after it, rest unknown."""
    one = world(
        *milestones(
            impact_start="11:28", detected="11:31", acknowledged="11:32", declared="11:35", channel_open="11:35",
            public_first="11:48:27", resolved="17:06",
        )
    )  # fmt: skip
    found = steps(one)
    assert found["state"].tolist() == ["before", "late", "in_time", "not_recorded", "not_recorded"]
    assert found["offset"].tolist()[:3] == [pd.Timedelta(t) for t in ("-3min", "13min 27s", "0min")]
    assert found["offset"].tolist()[3:] == [pd.NaT, pd.NaT]


@pytest.mark.parametrize(
    ("time", "state"), [("09:59:59", "before"), ("10:00", "in_time"), ("10:05", "in_time"), ("10:05:01", "late")]
)
def test_limits_of_the_five_minutes(world, entry, milestones, time, state):
    """Exactly 0 and exactly 5 min are in time; a second before or after is not."""
    one = world(*milestones(paged="10:00"), entry("severity", time, new="SEV2"))
    assert steps(one).loc[5, "state"] == state


def test_machines_leave_no_trace_and_the_automatic_update_is_told_apart(world, entry, milestones):
    """What a machine did is no step of a person; its update is mentioned beside the human one, or alone."""
    bot = [
        entry("update", "10:01", audience="public", is_automatic=True),
        entry("severity", "10:01", new="SEV1", is_automatic=True),
        entry("hypothesis", "10:01", text="anomaly", is_automatic=True),
    ]
    alone = steps(world(*milestones(paged="10:00"), *bot))
    assert alone["state"].tolist() == ["not_recorded"] * 5
    assert alone.loc[2, "evidence"] == "automatic update 2 Mar 10:01 UTC not counted"
    both = steps(world(*milestones(paged="10:00"), *bot, entry("update", "10:09", audience="public", text="seen")))
    assert both.loc[2, "evidence"] == "first update: seen; automatic update 2 Mar 10:01 UTC not counted"
    assert both.loc[2, "offset"] == 9 * MINUTE


def test_internal_update_tells_no_stakeholder(world, entry, milestones):
    """Only updates to stakeholders or the public count for the second step."""
    one = world(*milestones(paged="10:00"), entry("update", "10:02", audience="internal"))
    assert steps(one).loc[2, "state"] == "not_recorded"


def test_impact_counts_when_somebody_assessed_it(world, entry, milestones):
    """An account of what users met is no assessment; one that a person noted is."""
    account = entry("impact", "10:01", text="requests fail")
    assert steps(world(*milestones(paged="10:00"), account)).loc[5, "state"] == "not_recorded"
    noted = entry("impact", "10:03", text="a third of requests fail", actor_id="p1")
    assert steps(world(*milestones(paged="10:00"), account, noted)).loc[5, "evidence"] == (
        "impact assessed: a third of requests fail"
    )


def test_tagged_entry_wins_over_the_rules(world, entry, milestones):
    """An entry that somebody tagged as a step is its trace, though another one came earlier."""
    early = entry("hypothesis", "10:01", text="early guess")
    for tag in (1, "1", "awareness"):
        tagged = entry("note", "10:04", text="read the dashboards", extra={"step": tag})
        found = steps(world(*milestones(paged="10:00"), early, tagged)).loc[1]
        assert found["evidence"] == "tagged: read the dashboards"
        assert found["offset"] == 4 * MINUTE


def test_uncertain_times_are_said_to_be_uncertain(world, entry, milestones):
    """Known to the hour, tagged without a time, or without a clock zero: uncertain, never in time or late."""
    hour = entry("severity", "10:00", new="SEV1", precision="hour")
    found = steps(world(*milestones(paged="10:02"), hour)).loc[5]
    assert found["state"] == "uncertain"
    assert found["offset"] == 28 * MINUTE
    tagged = entry("note", None, extra={"step": 3})
    assert steps(world(*milestones(paged="10:00"), tagged)).loc[3, "state"] == "uncertain"
    no_zero = steps(world(entry("severity", "10:00", new="SEV1"))).loc[5]
    assert no_zero["state"] == "uncertain"
    assert pd.isna(no_zero["offset"])


def test_uncertain_time_far_away_is_late(world, entry, milestones):
    """Somewhere between 11:00 and 12:00 is late for a page at 10:00, however uncertain."""
    one = world(*milestones(paged="10:00"), entry("severity", "11:00", new="SEV1", precision="hour"))
    assert steps(one).loc[5, "state"] == "late"


def test_every_step_has_rules_and_a_name():
    """Five steps, each with evidence rules in words."""
    assert list(metrics.STEP_RULES) == [1, 2, 3, 4, 5]
    assert all(rule.evidence for rules in metrics.STEP_RULES.values() for rule in rules)


def test_five_rows_per_incident_in_order(world, entry, milestones):
    """Each incident has its five rows, in the order of the table; an incident without entries has five unknown ones."""
    incidents = [{"incident_id": i, "status": "resolved"} for i in ("B", "A")]
    one = world(*milestones(paged="10:00"), entry("severity", "10:01", new="SEV1"), incidents=incidents)
    table = one.first_minutes
    assert table["incident_id"].tolist() == ["B"] * 5 + ["A"] * 5
    assert table["step"].tolist() == [1, 2, 3, 4, 5] * 2
    assert table["state"].tolist() == ["not_recorded"] * 9 + ["in_time"]


def test_no_incident_gives_no_row(world, milestones):
    """Of no incident there is no step, in a frame of the same types."""
    one = world(*milestones(paged="10:00"))
    none = metrics.build_first_minutes(one.incidents.iloc[:0], one.events, one.participants, one.clock)
    assert len(none) == 0
    assert none.dtypes.to_dict() == one.first_minutes.dtypes.to_dict()
