"""Durations that a vendor works out itself, compared with its own events under its own definition.

The vendor is a toy pager; ours are differences of two clock times, worked out by hand in each test.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

import incident_analytics as ia
from incident_analytics.records import Records
from incident_analytics.sources import _registry
from incident_analytics.sources._checks import EACH, build_comparison
from incident_analytics.sources._checks.vendor_durations import vendor_duration_compared, vendor_duration_differs
from incident_analytics.sources._contract import VendorDuration

ACK = VendorDuration("declared", "acknowledged", "s", "creation to first acknowledgement", ends_at="first")
RESOLVE = VendorDuration("declared", "resolved", "min", "creation to resolution", tolerance=0.5)
PHASE = VendorDuration("declared", "resolved", "iso8601", "how long the phase took")
TOY: dict[str, Any] = {"toypager": SimpleNamespace(DURATIONS={"ack_s": ACK, "resolve_min": RESOLVE, "phase": PHASE})}


def pager(incident_id: str, extra: dict[str, object], source: str = "toypager:a.json") -> dict[str, object]:
    """An incident with the vendor's own numbers."""
    return {"incident_id": incident_id, "source": source, "extra": extra}


def status(incident_id: str, new: str, clock: str, source: str = "toypager:log.json") -> dict[str, object]:
    """A change of status on the first of March."""
    at = f"2026-03-01T{clock}Z"
    return {"incident_id": incident_id, "kind": "status", "new": new, "at": at, "source": source}


COURSE = [
    status("A", "declared", "10:00:00"),
    status("A", "acknowledged", "10:02:00"),
    status("A", "acknowledged", "10:20:00"),
    status("A", "resolved", "10:45:00"),
    status("A", "resolved", "11:00:00"),
]


def compared(extra: dict[str, object], events: list[dict[str, object]] | None = None) -> pd.DataFrame:
    """The comparison for one incident of the toy pager."""
    records = Records.build(incidents=[pager("A", extra)], events=COURSE if events is None else events)
    return build_comparison(records.incidents, records.events, TOY).set_index("key")


def test_numbers_equal_to_the_vendors_own_events_agree() -> None:
    """First acknowledgement after 120 s, last resolution after 60 min, and PT1H for the same: all agree."""
    made = compared({"ack_s": 120, "resolve_min": "60", "phase": "PT1H"})
    assert made["verdict"].tolist() == ["agrees"] * 3
    assert made.loc["ack_s", "ours"] == pd.Timedelta("2min")
    assert made.loc["resolve_min", "ours"] == pd.Timedelta("1h")
    assert made.loc["phase", "theirs"] == pd.Timedelta("1h")


def test_a_number_beyond_the_tolerance_differs() -> None:
    """Half a minute is rounding for a number in minutes with that tolerance, more is a difference."""
    assert compared({"resolve_min": 60.5}).loc["resolve_min", "verdict"] == "agrees"
    differing = compared({"resolve_min": 61})
    assert differing.loc["resolve_min", "verdict"] == "differs"
    assert differing.loc["resolve_min", "difference"] == pd.Timedelta("1min")


@pytest.mark.parametrize(
    ("extra", "events", "reason"),
    [
        ({"ack_s": 120}, COURSE[1:], "declared is not recorded"),
        ({"ack_s": 120}, COURSE[:1], "acknowledged is not recorded"),
        ({"ack_s": 120}, [], "neither declared nor acknowledged is recorded"),
        ({"ack_s": "soon"}, COURSE, "its number cannot be read"),
        ({"ack_s": 10**400}, COURSE, "its number cannot be read"),
        ({"ack_s": True}, COURSE, "its number cannot be read"),
        ({"ack_s": [120]}, COURSE, "its number cannot be read"),
        ({"ack_s": float("inf")}, COURSE, "its number cannot be read"),
        ({"phase": "1 day"}, COURSE, "its number cannot be read"),
        ({"phase": 3600}, COURSE, "its number cannot be read"),
        ({"phase": "P99999999999999D"}, COURSE, "its number cannot be read"),
    ],
)
def test_what_cannot_be_compared_says_why(
    extra: dict[str, object], events: list[dict[str, object]], reason: str
) -> None:
    """A missing point and a number that is none are not comparable, each with its reason; nothing is taken for 0."""
    (row,) = compared(extra, events).itertuples()
    assert (row.verdict, row.reason) == ("not_comparable", reason)
    assert pd.isna(row.difference)


def test_only_the_vendors_own_events_count() -> None:
    """Another source's resolution is not taken for the vendor's, and another source's key is not the vendor's."""
    other = [status("A", "declared", "10:00:00"), status("A", "acknowledged", "10:02:00", "chat:a.json")]
    assert compared({"ack_s": 120}, other).loc["ack_s", "verdict"] == "not_comparable"
    records = Records.build(incidents=[pager("A", {"ack_s": 1}, "chat:a.json")], events=[])
    assert build_comparison(records.incidents, records.events, TOY).empty
    assert compared({"ack_s": None}).empty


def test_findings_count_what_agrees_and_tell_what_differs() -> None:
    """Of three incidents one agrees, one differs with both numbers and points, one cannot be compared with its reason."""
    rows = [pager("A", {"ack_s": 120}), pager("B", {"ack_s": 60}), pager("C", {"ack_s": 5})]
    events = [*COURSE, *(row | {"incident_id": "B"} for row in COURSE)]
    records = Records.build(incidents=rows, events=events)
    made = build_comparison(records.incidents, records.events, TOY)
    (note,) = vendor_duration_compared(made)
    assert note["message"] == (
        "ack_s of toypager (declared to first acknowledged): 1 of 3 incidents equal ours, 1 differ, "
        "1 cannot be compared: neither declared nor acknowledged is recorded (1)"
    )
    (differing,) = vendor_duration_differs(made)
    assert (differing["incident_id"], differing["severity"]) == ("B", "warning")
    assert "ack_s is 60 s, but from declared (2026-03-01T10:00:00Z)" in str(differing["message"])
    assert "to first acknowledged (2026-03-01T10:02:00Z) are 120 s" in str(differing["message"])


def test_many_differences_are_one_finding() -> None:
    """More differences than are told one by one become one finding with their number and of how many."""
    ids = [f"Q{n:02d}" for n in range(EACH + 2)]
    rows = [pager(i, {"ack_s": 120 if n == 0 else 7}) for n, i in enumerate(ids)]
    events = [row | {"incident_id": i} for i in ids for row in COURSE]
    records = Records.build(incidents=rows, events=events)
    (note,) = vendor_duration_differs(build_comparison(records.incidents, records.events, TOY))
    assert str(note["message"]).startswith("21 incidents of 22 have another ack_s than their own events give")


def test_the_library_gives_the_table_for_the_sources_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """compare_vendor_durations uses the registry: a source that declares a duration needs no other change."""
    monkeypatch.setattr("incident_analytics.sources._checks.vendor_durations.incident_sources", lambda: TOY)
    records = Records.build(incidents=[pager("A", {"ack_s": 120})], events=COURSE)
    made = ia.compare_vendor_durations(records)
    assert made[["incident_id", "source", "key", "verdict"]].to_numpy().tolist() == [
        ["A", "toypager", "ack_s", "agrees"]
    ]
    assert made["definition"].tolist() == ["creation to first acknowledgement"]
    assert ia.compare_vendor_durations(Records()).empty


def test_every_declared_duration_can_be_measured() -> None:
    """Each term of a source names its two points, a unit and a definition, and is listed as a dialect."""
    from incident_analytics.sources import vendor_durations

    declared = {(name, key) for name, source in _registry.incident_sources().items() for key in source.DURATIONS}
    listed = vendor_durations()
    assert set(zip(listed["source"], listed["key"], strict=True)) == declared
    assert (listed.map(len) > 0).all(axis=None)
