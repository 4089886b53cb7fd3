"""Whatever tables hold, checking says something or nothing, and never breaks or changes them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incident_analytics.policy import policy_of
from incident_analytics.records import Records
from incident_analytics.schema import CLOCK_POINTS, TABLES, conform
from incident_analytics.sources import check_future, compare_vendor_durations
from incident_analytics.sources._checks import check, with_severity_order
from incident_analytics.story.quality import finding_groups, findings_as_text

ODD = ["", " ", "A", "../../etc/passwd", "=cmd()", "<b>", "otter\x00", "\ud800", "ü" * 300]
IDS = ["A", "B", "C", None, *ODD[3:5]]
TIMES = [
    None,
    "0001-01-02T00:00:00Z",
    "2026-03-01T10:00:00Z",
    "2026-03-01T11:00:00Z",
    "2026-03-01T11:30:00+05:30",
    "9999-12-30T00:00:00Z",
]
WORDS = [
    *list(CLOCK_POINTS)[:3],
    "resolved",
    "closed",
    "paged",
    "fired",
    "reopened",
    "declared",
    "acknowledged",
    None,
    *ODD,
]
EXTRAS = [
    None,
    {"severity_rank": 1},
    {"severity_rank": float("nan")},
    {"updated_at": "2026-03-01T10:00:00Z", "duration_minutes": 5},
    {"updated_at": 7, "labels": [["test"], {"name": 3}], "is_test": True},
    {"override": {"at": {"old": "x"}}},
    {"seconds_to_resolve": 10**30, "tags": "drill"},
]  # fmt: skip
SOURCES = [None, "pagerduty:a.json", "statuspage:b.json", "statuspage:c.json", "record:a.yaml", ":", "overrides:o.toml"]


def pick(values: list[object]) -> st.SearchStrategy[object]:
    """One of the values."""
    return st.sampled_from(values)


EVENTS = st.lists(
    st.fixed_dictionaries(
        {
            "incident_id": pick(IDS), "at": pick(TIMES), "at_latest": pick(TIMES), "recorded_at": pick(TIMES),
            "kind": pick(["milestone", "status", "alert", "severity", "update", "action", "croissant", None]),
            "field": pick(WORDS), "old": pick(WORDS), "new": pick(WORDS), "source": pick(SOURCES), "extra": pick(EXTRAS),
            "is_automatic": pick([True, False, None]), "basis": pick(["stated", "inferred", None]),
        }
    ),
    max_size=14,
)  # fmt: skip
INCIDENTS = st.lists(
    st.fixed_dictionaries(
        {
            "title": pick(["Test", "Scheduled maintenance", None, *ODD]), "kind": pick(["incident", "near_miss", "drill", None]),
            "status": pick(["open", "resolved", None, "?"]), "service": pick(["oven", None, "\x00"]), "source": pick(SOURCES),
            "time_zone": pick(["UTC", "+05:30", "-11:00", "Europe/Berlin", "??", None]), "extra": pick(EXTRAS),
        }
    ),
    max_size=4,
)  # fmt: skip


@given(incidents=INCIDENTS, events=EVENTS, is_own=st.booleans())
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_checks_survive_anything(
    incidents: list[dict[str, object]], events: list[dict[str, object]], is_own: bool, tmp_path: Path
) -> None:
    """Any rows give conforming, storable findings, and every other table is the same object as before."""
    rows = [row | {"incident_id": name, "collection": "bakery"} for row, name in zip(incidents, "ABCD", strict=False)]
    spans = [
        {"incident_id": "A", "began_at": e["at"], "ended_at": e["at_latest"], "source": e["source"]} for e in events
    ]
    records = Records.build(incidents=rows, events=events, impacts=spans)
    own = policy_of({"severity": {"order": ["A", "resolved"]}}, origin="p.toml") if is_own else None
    after = check_future(with_severity_order(check(records), own), as_of=pd.Timestamp("2026-03-01T11:00:00Z"))
    assert all(after.tables[name] is records.tables[name] for name in TABLES if name != "findings")
    pd.testing.assert_frame_equal(conform("findings", after.findings), after.findings)
    assert sum(len(group.findings) for group in finding_groups(after.findings)) == len(after.findings)
    assert all(line.isprintable() for line in findings_as_text(finding_groups(after.findings)))
    assert set(compare_vendor_durations(after)["verdict"]) <= {"agrees", "differs", "not_comparable"}
    assert Records.load(after.save(tmp_path / "saved")).digest() == after.digest()
