"""Checks of what was read: what cannot be, or is unlikely, is said with its place and number; nothing is changed.

The world is a bakery with a pager and a status page; every expected count is made by hand in the test.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from incident_analytics import sources
from incident_analytics.errors import UsageError
from incident_analytics.records import Records
from incident_analytics.schema import frame_of
from incident_analytics.sources import check_future, checks
from incident_analytics.sources._checks import CHECKS, EACH, Given, check


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
    assert found(events=events, incidents=[{"incident_id": "A", "kind": "backfilled"}]) == [("backfilled", "info")]


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


DAY = pd.Timestamp("2026-03-01T00:00:00Z")
PAGER, PAGE = "pagerduty:pager.json", "statuspage:page.json"


def at(minutes: float) -> str:
    """An instant so many minutes after midnight of the first of March."""
    return (DAY + pd.Timedelta(minutes=minutes)).isoformat()


def incident(incident_id: str, **columns: object) -> dict[str, object]:
    """A resolved incident of the oven, told by the pager."""
    about = {"title": f"Oven {incident_id} is cold", "kind": "incident", "status": "resolved", "service": "oven"}
    return {"incident_id": incident_id, "source": PAGER} | about | columns


def point(incident_id: str, field: str, minutes: float, source: str = PAGER, **columns: object) -> dict[str, object]:
    """A milestone of an incident."""
    return {
        "incident_id": incident_id,
        "kind": "milestone",
        "field": field,
        "at": at(minutes),
        "source": source,
    } | columns


def status(incident_id: str, new: str, minutes: float, source: str = PAGER, **columns: object) -> dict[str, object]:
    """A change of status of an incident."""
    return {"incident_id": incident_id, "kind": "status", "new": new, "at": at(minutes), "source": source} | columns


def span(incident_id: str, start: float, end: float, source: str = PAGER) -> list[dict[str, object]]:
    """The declaration and the resolution of an incident."""
    return [status(incident_id, "declared", start, source), point(incident_id, "resolved", end, source)]


def of(name: str, **tables: object) -> pd.DataFrame:
    """The findings of one check."""
    (one,) = [each for each in CHECKS if each.name == name]
    given = Given(Records.build(**tables))
    assert one.find
    return frame_of("findings", one.find(*(given[table] for table in one.tables)))


def test_no_check_trips_over_nothing() -> None:
    """An empty bundle, and one whose cells are all missing, give no finding at all."""
    assert check(Records()).findings.empty
    bare = Records.build(incidents=[{"incident_id": "A"}], events=[{"incident_id": "A"}, {}])
    assert check(bare).findings.empty


def test_checks_change_no_table_but_the_findings() -> None:
    """Whatever is found, the other tables are the same objects as before."""
    records = Records.build(incidents=[incident("A")], events=[*span("A", 60, 30)])
    after = check(records)
    assert len(after.findings)
    assert all(after.tables[name] is frame for name, frame in records.tables.items() if name != "findings")


def test_a_closure_or_an_acknowledgement_before_its_time_is_out_of_order() -> None:
    """Closed before resolved, and acknowledged before the first page, are told with both instants."""
    events = [
        *span("A", 0, 60), status("A", "closed", 50),
        *span("B", 0, 60), {"incident_id": "B", "kind": "alert", "field": "paged", "at": at(10)}, status("B", "acknowledged", 5),
    ]  # fmt: skip
    found = of("order_broken", incidents=[incident("A"), incident("B")], events=events)
    assert found[["incident_id", "row"]].to_numpy().tolist() == [["B", "acknowledged"], ["A", "closed"]]
    assert "closed at 2026-03-01T00:50:00Z lies before resolved at 2026-03-01T01:00:00Z" in found["message"][1]


def test_many_findings_of_one_source_become_one_with_its_count() -> None:
    """One more than are told one by one become one finding with their number, of how many, and five examples."""
    ids = [f"Q{n:02d}" for n in range(EACH + 1)]
    events = [event for n, i in enumerate(ids) for event in span(i, 60, 30 - n)] + span("GOOD", 0, 30)
    records = {"incidents": [incident(i) for i in [*ids, "GOOD"]], "events": events}
    (message,) = of("order_broken", **records)["message"]
    assert message.startswith("21 incidents of 22 have resolved before declared, such as Q00: ")
    assert message.count("expected declared first") == 5
    fewer = {"incidents": records["incidents"], "events": [e for e in events if e["incident_id"] != "Q00"]}
    assert len(of("order_broken", **fewer)) == EACH


def test_examples_that_say_the_same_are_listed_by_their_incidents() -> None:
    """Where the same holds of all, the finding names the first five incidents and says it once."""
    ids = [f"Q{n:02d}" for n in range(EACH + 1)]
    events = [event for i in ids for event in span(i, 5, 5)]
    (message,) = of("duration_zero", incidents=[incident(i) for i in ids], events=events)["message"]
    assert message == "21 incidents of 21 end when they begin, such as Q00, Q01, Q02, Q03, Q04. Nothing was changed."


def test_a_severity_that_starts_elsewhere_is_found() -> None:
    """A change from medium after one to high is found; the same words in another case, and other sources, are not."""

    def change(old: str | None, new: str, minutes: float, source: str = PAGER) -> dict[str, object]:
        return {"incident_id": "A", "kind": "severity", "old": old, "new": new, "at": at(minutes), "source": source}

    broken = [change(None, "high", 0), change("medium", "low", 9)]
    found = of("severity_not_continued", incidents=[incident("A")], events=broken)
    assert found["severity"].tolist() == ["warning"]
    assert "changes from 'medium', but it was 'high' before" in found["message"][0]
    for fine in ([change(None, "High ", 0), change("high", "low", 9)], [broken[0], broken[1] | {"source": PAGE}]):
        assert of("severity_not_continued", incidents=[incident("A")], events=fine).empty


def test_a_response_longer_than_a_year_names_the_limit() -> None:
    """366 days are found and the limit is said to be this package's; 365 days are not."""
    year = 365 * 24 * 60
    for minutes, n in ((year + 1440, 1), (year, 0)):
        found = of("duration_absurd", incidents=[incident("A")], events=span("A", 0, minutes))
        assert len(found) == n
        assert found["message"].str.contains("366.0 d; the limit of this package is 365 d").all()


def test_a_duration_far_from_the_others_is_told_with_the_limit_drawn_from_them() -> None:
    """Twenty responses of 10 to 29 minutes and one of ten days: only the last is far out; nineteen others say nothing.

    Quartiles of 10, 11, ... 29 and 14400 minutes on a log scale: ln 15 and ln 25, so the limit is
    25 * (25 / 15) ** 3 = 115.7 min.
    """
    ids = [f"Q{n:02d}" for n in range(20)]
    events = [event for n, i in enumerate(ids) for event in span(i, 0, 10 + n)] + span("LONG", 0, 14400)
    found = of("duration_far_out", incidents=[incident(i) for i in [*ids, "LONG"]], events=events)
    assert found["incident_id"].tolist() == ["LONG"]
    assert "it lasts 10 d; the others of its source last up to 1 h 55 min 44 s" in found["message"][0]
    few = [event for event in events if event["incident_id"] not in ("Q00", "Q01")]
    assert of("duration_far_out", incidents=[incident(i) for i in [*ids[2:], "LONG"]], events=few).empty


def test_an_end_in_the_instant_of_the_beginning_is_pointed_out() -> None:
    """A response of no length is found, unless its times are known to the hour only."""
    assert len(of("duration_zero", incidents=[incident("A")], events=span("A", 5, 5))) == 1
    coarse = [event | {"precision": "hour"} for event in span("A", 5, 5)]
    assert of("duration_zero", incidents=[incident("A")], events=coarse).empty


SHIFTED = ["A", "B", "C", "D"]


def two_tools(apart: list[float], starts: list[float] | None = None) -> dict[str, object]:
    """Four incidents told by pager and page, whose ends lie so many minutes apart, and whose starts do."""
    events = []
    for n, i in enumerate(SHIFTED):
        begin = 600 * n
        events += [status(i, "declared", begin), point(i, "resolved", begin + 90)]
        events.append(point(i, "impact_start", begin + (starts or apart)[n], PAGE))
        events.append(point(i, "resolved", begin + 90 + apart[n], PAGE))
    return {"incidents": [incident(i) for i in SHIFTED], "events": events}


def test_a_source_an_hour_away_from_another_is_suspected_of_its_zone() -> None:
    """Ends two hours later in three of four incidents, with starts that lie as far apart, are said with 3 of 4."""
    found = of("zone_shift_suspected", **two_tools([120, 120, 120.5, 117], [123, 118, 121, 126]))
    assert found["severity"].tolist() == ["warning"]
    assert "times of statuspage lie 2 h after those of pagerduty in 3 of 4 incidents" in found["message"][0]
    assert 'source = "statuspage", by = "-02:00"' in found["message"][0]
    half = of("zone_shift_suspected", **two_tools([-330] * 4))
    assert "5.5 h before" in half["message"][0]
    assert 'by = "+05:30"' in half["message"][0]


@pytest.mark.parametrize(
    ("apart", "starts"),
    [
        ([0, 0, 0, 0], None),
        ([60, 60, 60, 60], [2, 5, 1, 3]),
        ([60, 37, 62, 5], None),
        ([60, 60, 120, 30], None),
        ([60, 60, 0, 0], None),
    ],
    ids=["the same times", "closed an hour later by rule", "honest delays", "other steps each", "half of them"],
)
def test_honest_differences_are_no_zone(apart: list[float], starts: list[float] | None) -> None:
    """Equal times, ends that alone come an hour later, uneven delays and a minority are not suspected."""
    assert of("zone_shift_suspected", **two_tools(apart, starts)).empty


def test_two_incidents_prove_no_zone() -> None:
    """Two incidents that differ by an hour throughout are too few."""
    tables = two_tools([60] * 4)
    tables["events"] = [event for event in tables["events"] if event["incident_id"] in ("A", "B")]
    assert of("zone_shift_suspected", **tables).empty


def test_zones_far_apart_in_one_source_are_mixed() -> None:
    """Five and a half hours between zones are found; an hour, which daylight saving explains, is not."""

    def zones(*written: str) -> pd.DataFrame:
        return of("mixed_zones", incidents=[incident(z, time_zone=z, service=None) for z in written])

    assert "5.5 h apart" in zones("UTC", "+05:30")["message"][0]
    assert zones("-06:00", "-05:00").empty
    assert zones("Europe/Berlin", "UTC").empty
    assert of("mixed_zones", incidents=[incident("A", time_zone=None)]).empty


def test_times_with_and_without_zone_in_one_source_are_mixed() -> None:
    """Where some times of a file lack a zone and others have one, both ways of writing are named."""
    naive = {"check": "naive_time", "severity": "warning", "message": "no zone", "source": PAGER}
    found = of("mixed_zones", incidents=[incident("A", time_zone="+01:00")], findings=[naive])
    assert found["severity"].tolist() == ["warning"]
    assert "(+01:00) and times without one" in found["message"][0]
    by_rule = naive | {"severity": "info"}
    assert of("mixed_zones", incidents=[incident("A", time_zone="UTC")], findings=[by_rule]).empty


def told(kind: str, minutes: float, source: str = PAGER, **columns: object) -> dict[str, object]:
    """An entry of incident A."""
    return {"incident_id": "A", "kind": kind, "at": at(minutes), "source": source} | columns


@pytest.mark.parametrize(
    ("later", "n"),
    [
        ([told("action", 70)], 1),
        ([told("update", 70), told("update", 80), told("update", 90)], 2),
        ([told("update", 70)], 0),
        ([told("action", 64)], 0),
        ([told("action", 70, PAGE)], 0),
        ([told("message", 70)], 0),
        ([told("update", 70), told("update", 80, extra={"status": "postmortem"})], 0),
        ([told("update", 70), told("update", 80), point("A", "report_published", 80)], 0),
        ([told("alert", 70, field="resolved")], 0),
    ],
    ids=[
        "an action", "two more updates", "the announcement", "at once", "another source", "chat", "a postmortem",
        "the report", "an alert that goes away",
    ],
)  # fmt: skip
def test_an_end_before_the_last_step_is_pointed_out(later: list[dict[str, object]], n: int) -> None:
    """Steps that a source tells after its own end are counted; what honestly follows an end is not."""
    found = of("updates_after_end", incidents=[incident("A")], events=[*span("A", 0, 60), *later])
    assert len(found) == (1 if n else 0)
    assert found["message"].str.contains(f"Z; {n} entr").all()


def test_records_closed_by_a_machine_are_counted() -> None:
    """Five of six closed five days after the resolution, within an hour, are told; closures of three people are not."""
    ids = [f"Q{n}" for n in range(6)]
    days = [5 * 1440 + 59, 5 * 1440, 5 * 1440, 5 * 1440 - 20, 5 * 1440 + 1, 300]
    events = [point(i, "resolved", 0) for i in ids] + [point(i, "closed", d) for i, d in zip(ids, days, strict=True)]
    (message,) = of("auto_closed", incidents=[incident(i) for i in ids], events=events)["message"]
    assert message.startswith("5 of 6 incidents of pagerduty were closed 5 days after they were resolved")
    people = [event | ({"at": at(n * 700)} if event["field"] == "closed" else {}) for n, event in enumerate(events)]
    assert of("auto_closed", incidents=[incident(i) for i in ids], events=people).empty


def test_records_resolved_by_a_machine_are_counted() -> None:
    """Two of three that say who resolved them were resolved by a machine."""
    events = [status(i, "resolved", 9, is_automatic=machine) for i, machine in (("A", True), ("B", True), ("C", False))]
    (message,) = of("auto_closed", incidents=[incident(i) for i in "ABC"], events=events)["message"]
    assert message.startswith("2 of 3 incidents of pagerduty were ended by a machine")


def test_a_status_older_than_the_end_is_stale() -> None:
    """Open with an end is found; open after a reopening, and open without an end, are not."""
    ended, again = span("A", 0, 60), [*span("B", 0, 60), status("B", "reopened", 70)]
    events = [*ended, *again, status("C", "declared", 0)]
    found = of("stale_status", incidents=[incident(i, status="open") for i in "ABC"], events=events)
    assert found["incident_id"].tolist() == ["A"]
    assert "status is open, but it was resolved or closed at 2026-03-01T01:00:00Z" in found["message"][0]


def test_a_last_change_before_what_is_told_is_stale() -> None:
    """A record last changed at 00:30 that tells of 01:00 is found; with two sources nobody knows whose cell it is."""
    row = incident("A", extra={"updated_at": at(30)})
    assert (
        "last changed at 2026-03-01T00:30:00Z"
        in of("stale_updated_at", incidents=[row], events=span("A", 0, 60))["message"][0]
    )
    assert of("stale_updated_at", incidents=[row], events=[*span("A", 0, 20), *span("A", 0, 60, PAGE)]).empty
    naive = incident("A", extra={"updated_at": "2026-03-01T00:30:00"})
    assert of("stale_updated_at", incidents=[naive], events=span("A", 0, 60)).empty


def test_records_alike_are_pointed_out_and_stay_two() -> None:
    """Same title, service and minute under two identifiers is one finding; another service or day is none."""
    same = {"title": "Oven is cold"}
    rows = [incident("A", **same), incident("B", title="oven is COLD "), incident("C", service="till", **same)]
    records = Records.build(incidents=rows, events=[event for i in "ABC" for event in span(i, 0, 60)])
    after = check(records)
    (message,) = after.findings.loc[after.findings["check"] == "looks_alike", "message"]
    assert "2 records" in message
    assert "A, B" in message
    assert after.incident_ids == ["A", "B", "C"]
    other = {"incidents": rows[:2], "events": [*span("A", 0, 60), *span("B", 1440, 1500)]}
    assert of("looks_alike", **other).empty


def test_overlaps_and_fragments_are_told_as_groups() -> None:
    """Three records of a service in a row, five minutes apart, are one group; overlapping ones another; a day apart none."""
    times = {"A": (0, 60), "B": (65, 80), "C": (85, 99), "D": (2000, 2060), "E": (2030, 2040), "F": (9000, 9010)}
    tables = {
        "incidents": [incident(i) for i in times],
        "events": [event for i, (start, end) in times.items() for event in span(i, start, end)],
    }
    (pieces,), (overlap,) = of("fragments", **tables)["message"], of("overlapping", **tables)["message"]
    assert pieces.startswith("3 records of 'oven' follow each other within 15 min")
    assert pieces.count("A, B, C") == 1
    assert "D, E" in overlap
    apart = [row | {"service": f"oven {n}"} for n, row in enumerate(tables["incidents"])]
    assert of("fragments", incidents=apart, events=tables["events"]).empty


def test_a_record_first_written_after_its_end_is_suspected() -> None:
    """Everything written down two hours after the end is found; one late addition among live entries is not."""
    late = [event | {"recorded_at": at(180)} for event in span("A", 0, 60)]
    found = of("backfilled_suspected", incidents=[incident("A")], events=late)
    assert "the first thing about it was written down 2 h 00 min later" in found["message"][0]
    live = [*span("A", 0, 60), told("note", 30, recorded_at=at(180))]
    assert of("backfilled_suspected", incidents=[incident("A")], events=live).empty
    assert of("backfilled_suspected", incidents=[incident("A", kind="backfilled")], events=late).empty


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        ({"title": "Scheduled database maintenance"}, "maintenance"),
        ({"title": "[TEST] please ignore"}, "test"),
        ({"title": "Fire drill in the bakery"}, "drill"),
        ({"title": "Game day: ovens off"}, "drill"),
        ({"extra": {"labels": [{"name": "Drill"}]}}, "drill"),
        ({"extra": {"is_test": True}}, "test"),
        ({"extra": {"tags": "oven, maintenance"}}, "maintenance"),
        ({"title": "Maintenance script deletes bread"}, None),
        ({"title": "Test suite is red"}, None),
        ({"title": "Latest release broke testing of flour"}, None),
        ({"title": "Drilling machine offline"}, None),
        ({"extra": {"labels": ["oven"], "status": None, "type": {"a": 1}, "is_test": "no"}}, None),
        ({"title": "Scheduled maintenance", "kind": "maintenance"}, None),
        ({"title": None}, None),
    ],
)
def test_drills_tests_and_maintenances_among_incidents_are_pointed_out(
    columns: dict[str, object], kind: str | None
) -> None:
    """A title, label or flag that says so is found once; words that only look like it are not."""
    found = of("other_kind_suspected", incidents=[incident("A", **columns)])
    assert len(found) == (kind is not None)
    assert found["message"].str.contains(f"speaks of a {kind}").all()


def test_late_entries_are_counted_by_source() -> None:
    """Two of three entries written down an hour and more later are one finding; a backfilled record is not late."""
    delays = [0, 90, 600]
    events = [told("note", 0, recorded_at=at(delay)) for delay in delays]
    (message,) = of("late_entry", incidents=[incident("A")], events=events)["message"]
    assert message.startswith("2 of 3 entries of pagerduty were written down more than an hour after they happened")
    assert "the most by 10 h 00 min" in message
    assert of("late_entry", incidents=[incident("A", kind="backfilled")], events=events).empty


def test_entries_written_before_they_happened_are_counted() -> None:
    """Typed ten minutes before it was shown is found; thirty seconds, which two clocks explain, is not."""
    events = [told("update", 10, recorded_at=at(0)), told("update", 10, recorded_at=at(9.5))]
    (message,) = of("recorded_before", incidents=[incident("A")], events=events)["message"]
    assert message.startswith("1 of 2 entries of pagerduty were written down before they happened")


def test_the_future_is_only_known_to_a_caller() -> None:
    """Times after the instant given are counted by column; planned maintenance and due dates lie ahead by right."""
    records = Records.build(
        incidents=[incident("A"), incident("M", kind="maintenance")],
        events=[told("note", 30), told("note", 31), point("M", "impact_start", 90)],
        actions=[{"incident_id": "A", "title": "buy coal", "created_at": at(5), "due_at": at(9999)}],
    )
    assert "in_the_future" not in set(check(records).findings["check"])
    found = check_future(records, as_of=at(30)).findings
    assert found[["check", "severity", "table", "row"]].to_numpy().tolist() == [
        ["in_the_future", "error", "events", "1"]
    ]
    assert "1 time of events.at after 2026-03-01T00:30:00Z" in found["message"][0]
    assert check_future(records, as_of=at(31)).findings.empty
    with pytest.raises(UsageError, match="time zone"):
        check_future(records, as_of="2026-03-01T00:00:00")


def test_unknown_words_are_counted_over_all_files() -> None:
    """The same strange word in two files is one finding with both rows."""
    one, two = (Records.build(incidents=[incident(i, kind="croissant")]) for i in "AB")
    merged = one.merge(two)
    found = check(merged).findings
    found = found[found["check"] == "unknown_word"]
    assert len(found) == 1
    assert "'croissant' in 2 row(s)" in found["message"].iloc[0]


def test_every_check_explains_itself_once() -> None:
    """The list holds every check once per time it is made, with a meaning, a severity and what is done."""
    listed = checks()
    assert not listed["check"].duplicated().any()
    assert set(listed["severity"]) == {"error", "warning", "info"}
    assert (listed[["meaning", "done"]].map(len) > 0).all(axis=None)
    assert {each.name for each in CHECKS} <= set(listed["check"])


def test_hostile_cells_are_only_text() -> None:
    """Identifiers that look like paths, lone surrogates and huge numbers pass through all checks."""
    odd = "../../etc/passwd"
    rows = [incident(odd, title="\ud800 test", extra={"labels": [10**400, None, {"name": 7}], "updated_at": 5})]
    records = check(Records.build(incidents=rows, events=span(odd, 60, 30)))
    assert odd in records.findings.loc[records.findings["check"] == "order_broken", "incident_id"].tolist()


def test_every_finding_of_a_vendor_has_a_meaning() -> None:
    """Whatever the fixtures of all sources make a reader note is a check that is listed with what was done."""
    listed = set(checks()["check"])
    noted = {
        row["check"]
        for path in (Path(__file__).parent / "incidents").rglob("*.expected.json")
        for row in json.loads(path.read_text("utf-8")).get("findings", [])
        if "check" in row
    }
    assert noted - listed == set()
    assert len(noted) > 20


def test_every_check_named_in_the_code_is_listed() -> None:
    """A name that a reader gives to a finding, wherever it stands in the code, is a check that is listed."""
    package = Path(sources.__file__).parent
    named = {
        name
        for path in package.rglob("*.py")
        for name in re.findall(r'(?:finding|_note|\.note|\.count)\(\s*"([a-z][a-z0-9_]+)",\s', path.read_text("utf-8"))
    }
    assert {name for name in named if "_" in name} - set(checks()["check"]) == set()
    assert len(named) > 40
