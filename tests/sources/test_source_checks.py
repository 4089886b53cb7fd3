"""First checks of what was read: what cannot be is said, and nothing is changed."""

from __future__ import annotations

from incident_analytics.records import Records
from incident_analytics.sources._checks import check


def milestone(field: str, at: str, latest: str | None = None, **columns: object) -> dict[str, object]:
    """A clock point of the incident A on the first of March."""
    day = "2026-03-01T{}:00Z"
    about = {"incident_id": "A", "kind": "milestone", "field": field, "source": "record:a.yaml"}
    return about | {"at": day.format(at), "at_latest": latest and day.format(latest)} | columns


def found(**tables: object) -> list[tuple[str, str]]:
    """Check and severity of what the checks find."""
    records = check(Records.build(**({"incidents": [{"incident_id": "A"}]} | tables)))
    return list(zip(records.findings["check"], records.findings["severity"], strict=True))


def test_an_end_before_its_beginning_is_an_error() -> None:
    """Resolved before the impact began is found once per pair, with both instants; an hour that may be later is not."""
    assert found(events=[milestone("impact_start", "10:00"), milestone("resolved", "09:00")]) == [
        ("order_broken", "error")
    ]
    assert found(events=[milestone("impact_start", "10:00"), milestone("resolved", "09:30", "10:30")]) == []
    assert found(events=[milestone("impact_start", "10:00"), milestone("resolved", "10:00")]) == []


def test_a_backfilled_record_may_be_declared_afterwards() -> None:
    """A record made later is declared after it was over; any other is an error."""
    events = [milestone("declared", "12:00"), milestone("resolved", "11:00")]
    assert found(events=events) == [("order_broken", "error")]
    assert found(events=events, incidents=[{"incident_id": "A", "kind": "backfilled"}]) == []


def test_rows_that_end_before_they_begin_are_errors() -> None:
    """An impact, a role and an interval that run backwards are found; open ones are not."""
    early, late = "2026-03-01T10:00:00Z", "2026-03-01T11:00:00Z"
    role = {"incident_id": "A", "person_id": "p", "role": "responder"}
    assert found(
        impacts=[{"incident_id": "A", "began_at": late, "ended_at": early}, {"incident_id": "A", "began_at": late}],
        participants=[role | {"assumed_at": late, "released_at": early}, role | {"assumed_at": late}],
        events=[{"incident_id": "A", "kind": "note", "at": late, "at_latest": early}],
    ) == [("ended_before_began", "error"), ("interval_reversed", "error"), ("released_before_assumed", "error")]


def test_a_second_end_of_the_same_source_is_a_reopening() -> None:
    """Two ends in one source, or a state reopened, are said; the same end from two sources is not."""
    twice = [milestone("resolved", "10:00"), milestone("resolved", "12:00")]
    assert found(events=twice) == [("reopened", "info")]
    assert found(events=[{"incident_id": "A", "kind": "status", "new": "reopened"}]) == [("reopened", "info")]
    assert found(events=[twice[0], twice[1] | {"source": "pagerduty:x.json"}]) == []


def test_entries_of_an_unknown_incident_are_kept_and_counted() -> None:
    """Log entries of incidents that no file describes stay, with one finding per source."""
    strange = [milestone("resolved", "10:00", incident_id=name, source="pagerduty:log.json") for name in "XYY"]
    records = check(Records.build(incidents=[{"incident_id": "A"}], events=strange))
    assert len(records.events) == 3
    said = records.findings[["check", "severity", "source"]].to_numpy().tolist()
    assert said == [["unknown_incident", "warning", "pagerduty:log.json"]]
    assert "3 row(s) of 2 incident(s)" in records.findings["message"][0]
