"""Alerts and chat lines find their incident, or are left alone."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident_analytics.records import Records
from incident_analytics.sources._linking import LEAD, _holding, link, spans_of
from incident_analytics.sources._reading import RESPONSE_POINTS

DAY = "2026-03-01T"


def incident(name: str, began: str | None, ended: str | None, **columns: object) -> tuple[dict, list[dict]]:
    """An incident of the mill's week with its beginning and end."""
    times = {"impact_start": began, "resolved": ended}
    events = [
        {"incident_id": name, "kind": "milestone", "field": point, "at": f"{DAY}{at}Z"}
        for point, at in times.items()
        if at is not None
    ]
    return {"incident_id": name, **columns}, events


def alert(at: str | None, service: str | None = "mill", ref: str | None = None, **columns: object) -> dict:
    """An alert that knows its service and nothing of incidents."""
    time = None if at is None else f"{DAY}{at}Z"
    about = {"kind": "alert", "field": "fired", "at": time, "service": service, "source_ref": ref}
    return about | {"source": "alertmanager:alerts.json"} | columns


def message(channel: str, text: str = "hm") -> dict:
    """A line of chat."""
    return {"kind": "message", "channel": channel, "text": text, "at": f"{DAY}10:00:00Z", "source": "slack:day.json"}


def linked(incidents: list[tuple[dict, list[dict]]], events: list[dict]) -> Records:
    """The bundle after linking; the events of the incidents come first."""
    mine = [event for _, owned in incidents for event in owned]
    records = Records.build(incidents=[row for row, _ in incidents], events=mine + events)
    return link(records, spans_of(records, RESPONSE_POINTS))


def owners(records: Records, kind: str) -> list[str]:
    """Incident of each alert or message in order; a dash for none."""
    return records.events.loc[records.events["kind"] == kind, "incident_id"].fillna("-").tolist()


def test_a_message_belongs_to_the_incident_that_names_its_channel() -> None:
    """The channel's hash and its case do not matter; a channel that nobody names stays unlinked and is counted."""
    records = linked([incident("A", None, None, channel="#Mill-Down")], [message("mill-down"), message("lunch")] * 2)
    assert owners(records, "message") == ["A", "-", "A", "-"]
    assert records.findings[["check", "severity", "row"]].to_numpy().tolist() == [["unlinked", "info", "lunch"]]
    assert records.findings["message"][0].startswith("2 messages of channel 'lunch' without an incident")


@pytest.mark.parametrize(
    ("channel", "number", "is_linked"),
    [
        ("inc-12", "12", True),
        ("inc_12_mill", "12", True),
        ("inc12", "12", True),
        ("incident-0012-mill", "12", True),
        ("#2026-03-inc-12", "#12", True),
        ("inc-12", "INC-12", True),
        ("inc-123", "12", False),
        ("zinc-12", "12", False),
        ("mill-12", "12", False),
        ("inc-12", "mill", False),
    ],
)
def test_a_channel_that_carries_the_number_belongs_to_the_incident(channel: str, number: str, is_linked: bool) -> None:
    """The whole number after inc or incident counts, and no other number in the name."""
    records = linked([incident("A", None, None, number=number)], [message(channel)])
    assert owners(records, "message") == ["A" if is_linked else "-"]


def test_a_channel_that_two_incidents_claim_stays_unlinked() -> None:
    """A shared channel is decided for neither; the finding names both."""
    both = [incident("A", None, None, channel="ops"), incident("B", None, None, channel="ops")]
    records = linked(both, [message("ops")])
    assert owners(records, "message") == ["-"]
    assert "several incidents claim it (A, B)" in records.findings["message"][0]


def test_chat_alone_makes_one_incident_per_channel() -> None:
    """Without any other source each channel is an incident of its own that keeps its source."""
    records = linked([], [message("inc-1"), message("inc-2"), message("inc-1")])
    assert records.incidents[["incident_id", "title", "kind", "source"]].to_numpy().tolist() == [
        ["inc-1", "inc-1", "incident", "slack:day.json"],
        ["inc-2", "inc-2", "incident", "slack:day.json"],
    ]
    assert owners(records, "message") == ["inc-1", "inc-2", "inc-1"]
    assert len(records.findings) == 0


def test_an_alert_belongs_to_the_incident_opened_under_its_fingerprint() -> None:
    """The fingerprint goes before time and service: it links even a late alert of another service."""
    known = incident("A", "10:00:00", "11:00:00", service="mill", extra={"incident_key": "f1"})
    records = linked([known], [alert("15:00:00", "oven", "f1"), alert("15:00:00", "oven", "f2")])
    assert owners(records, "alert") == ["A", "-"]


@pytest.mark.parametrize(
    ("at", "is_linked"),
    [
        ("09:29:59", False),
        ("09:30:00", True),
        ("10:30:00", True),
        ("11:00:00", True),
        ("11:00:01", False),
    ],
)
def test_an_alert_belongs_to_the_only_incident_of_its_service_at_that_time(at: str, is_linked: bool) -> None:
    """From 30 minutes before the start up to the end, both included, whatever the case of the service's name."""
    records = linked([incident("A", "10:00:00", "11:00:00", service="Mill")], [alert(at)])
    assert owners(records, "alert") == ["A" if is_linked else "-"]


def test_an_alert_within_two_incidents_stays_unlinked() -> None:
    """Two incidents of the service at once: no link; outside the overlap the one that is left gets the alert."""
    both = [
        incident("A", "10:00:00", "11:00:00", service="mill"),
        incident("B", "10:50:00", "12:00:00", service="mill"),
    ]
    records = linked(both, [alert("10:10:00"), alert("10:55:00"), alert("11:30:00")])
    assert owners(records, "alert") == ["A", "-", "B"]
    assert "several incidents of their service were open" in records.findings["message"][0]


def test_an_open_incident_takes_alerts_until_the_data_ends() -> None:
    """One that is open has no end; one that is closed without an end takes none after its last entry."""
    for status, owner in (("open", "A"), ("closed", "-")):
        records = linked([incident("A", "10:00:00", None, service="mill", status=status)], [alert("20:00:00")])
        assert owners(records, "alert") == [owner]


def test_the_end_of_an_alert_goes_with_its_beginning() -> None:
    """An alert that ends after the incident is still its alert; the next one of the same fingerprint is not."""
    events = [
        alert("10:10:00", ref="f"),
        alert("11:40:00", ref="f", field="resolved"),
        alert("14:00:00", ref="f"),
        alert("14:10:00", ref="f", field="resolved"),
    ]
    records = linked([incident("A", "10:00:00", "11:00:00", service="mill")], events)
    assert owners(records, "alert") == ["A", "A", "-", "-"]


def test_alerts_without_a_time_or_a_service_are_counted_by_reason() -> None:
    """What cannot be placed stays unlinked: one finding per reason, with the count."""
    known = incident("A", "10:00:00", "11:00:00", service="mill")
    records = linked([known], [alert(None), alert("10:10:00", None), alert("20:00:00")])
    assert owners(records, "alert") == ["-", "-", "-"]
    assert records.findings["message"].tolist() == [
        "2 alert entries without an incident: their time or service is not known. Kept, unlinked.",
        "1 alert entry without an incident: no incident of their service was open. Kept, unlinked.",
    ]


def test_what_knows_its_incident_is_left_as_it_is() -> None:
    """An alert that names its incident keeps it, even one that no file describes."""
    known = incident("A", "10:00:00", "11:00:00", service="mill")
    records = linked([known], [alert("10:10:00", incident_id="Z")])
    assert owners(records, "alert") == ["Z"]
    assert len(records.findings) == 0


def test_the_span_of_an_incident_is_that_of_its_response() -> None:
    """A review weeks later does not count; without an end the last entry does; the end of an hour is its latest."""
    records = Records.build(
        incidents=[{"incident_id": name} for name in "ABC"],
        events=[
            {"incident_id": "A", "kind": "milestone", "field": "impact_start", "at": "2026-03-01T10:00:00Z"},
            {"incident_id": "A", "kind": "milestone", "field": "resolved", "at": "2026-03-01T11:00:00Z"}
            | {"at_latest": "2026-03-01T12:00:00Z"},
            {"incident_id": "A", "kind": "milestone", "field": "review_held", "at": "2026-03-20T11:00:00Z"},
            {"incident_id": "A", "kind": "note", "at": "2026-03-09T11:00:00Z"},
            {"incident_id": "B", "kind": "milestone", "field": "paged", "at": "2026-03-02T10:00:00Z"},
            {"incident_id": "B", "kind": "note", "at": "2026-03-02T15:00:00Z"},
            {"incident_id": "C", "kind": "milestone", "field": "resolved", "basis": "unknown"},
        ],
        impacts=[{"incident_id": "B", "began_at": "2026-03-02T09:00:00Z"}],
    )
    spans = spans_of(records, RESPONSE_POINTS)
    assert spans.index.tolist() == ["A", "B"]
    assert spans["began_at"].tolist() == [pd.Timestamp("2026-03-01T10:00Z"), pd.Timestamp("2026-03-02T09:00Z")]
    assert spans["ended_at"].tolist() == [pd.Timestamp("2026-03-01T12:00Z"), pd.Timestamp("2026-03-02T15:00Z")]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 20)), max_size=6),
    st.lists(st.integers(-5, 80), min_size=1, max_size=10),
)
def test_counting_by_sorting_agrees_with_comparing_everything(
    intervals: list[tuple[int, int]], instants: list[int]
) -> None:
    """The number of intervals that hold an instant, and which one when it is one, are those of a plain loop."""
    ends = [(start, start + length) for start, length in intervals]
    began = pd.Series([start for start, _ in ends], dtype="int64")
    ended = pd.Series([end for _, end in ends], dtype="int64")
    count, place = _holding(began, ended, pd.Series(instants, dtype="int64"))
    for i, at in enumerate(instants):
        holding = [n for n, (start, end) in enumerate(ends) if start <= at <= end]
        assert count[i] == len(holding)
        if len(holding) == 1:
            assert place[i] == holding[0]


def test_the_lead_is_half_an_hour() -> None:
    """Alerts fire before people open an incident: half an hour of that is allowed for."""
    assert pd.Timedelta(minutes=30) == LEAD
