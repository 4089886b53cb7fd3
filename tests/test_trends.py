"""Many incidents together, where what is known of them is thin."""

import pandas as pd

from incident_analytics import Records, trends


def world(**milestones: str) -> Records:
    """One incident with those milestones and no others."""
    events = [
        {"incident_id": "OTTER-1", "kind": "milestone", "field": point, "at": at} for point, at in milestones.items()
    ]
    return Records.build(incidents=[{"incident_id": "OTTER-1", "kind": "incident"}], events=events)


def test_incidents_count_by_month_whatever_begins_them():
    """An incident counts in the month of its first known beginning, also where no incident has the earlier points."""
    for point in ("impact_start", "detected", "declared"):
        (one,) = trends.build_trends(world(**{point: "2026-01-05T09:00:00Z"}))
        assert [[pd.Timestamp("2026-01-01T00:00Z"), 1]] == trends.build_counts(one)[["month", "n"]].to_numpy().tolist()


def test_incidents_without_a_beginning_count_in_no_month():
    """Where nothing says when an incident began, no month has it, and the table is empty rather than an error."""
    (one,) = trends.build_trends(world(resolved="2026-01-05T09:00:00Z"))

    assert 0 == len(trends.build_counts(one))
