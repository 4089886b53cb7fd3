"""Phases of an incident out of clocks that are complete, incomplete, uncertain or out of order."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident_analytics.errors import UsageError
from incident_analytics.schema import DTYPES, frame_of
from incident_analytics.timeline import BOUNDARIES, PHASES, build_phases
from incident_analytics.timeline.phases import COLUMNS

AS_OF = pd.Timestamp("2026-03-02T20:00:00Z")
MINUTE = pd.Timedelta("1min")


def minutes(spans: pd.Series) -> list[float]:
    """Spans as minutes."""
    return [span / MINUTE for span in spans]


def test_complete_clock(full_clock):
    """A complete clock gives the six phases with the spans between neighbouring points and shares of the total."""
    phases = build_phases(full_clock, as_of=AS_OF)
    assert list(phases["phase"]) == [p.name for p in PHASES]
    assert minutes(phases["span"]) == [3, 1, 3, 122, 53, 156]
    # 338 minutes in all; 122/338 and 156/338 are the 36 % and 46 % of the design study.
    assert phases["share"].round(3).tolist() == [0.009, 0.003, 0.009, 0.361, 0.157, 0.462]
    assert phases["stage"].tolist() == ["impact", "detection", "response", "response", "response", "recovery"]
    assert phases["covers"].tolist() == [[p.name] for p in PHASES]
    assert not phases["is_open"].any()
    assert phases["note"].isna().all()
    assert phases["start_point"].tolist() == list(BOUNDARIES[:-1])


def test_unknown_boundaries_merge(clock_of):
    """Phases between which the clock knows no boundary become one row, named after its end, that lists them."""
    clock = clock_of(impact_start="17:37", mitigated="20:26", resolved="21:54")
    phases = build_phases(clock, as_of=AS_OF)
    assert phases["phase"].tolist() == ["until mitigated", "restoring"]
    assert phases["covers"].iloc[0] == ["unnoticed", "noticed", "gathering", "understanding", "mitigating"]
    assert phases["stage"].tolist() == ["impact to response", "recovery"]
    assert minutes(phases["span"]) == [169, 88]
    assert phases["start_point"].tolist() == ["impact_start", "mitigated"]


def test_unknown_start(clock_of):
    """Without a start of the impact the phases begin at the first boundary that is known."""
    phases = build_phases(clock_of(detected="10:00", resolved="11:00"), as_of=AS_OF)
    assert phases["phase"].tolist() == ["until resolved"]
    assert phases["covers"].iloc[0] == [p.name for p in PHASES[1:]]
    assert phases["share"].tolist() == [1.0]


def test_detected_before_impact_is_left_out_and_named(clock_of):
    """A detection before anybody was affected parts nothing; the row it would have stood in names it."""
    clock = clock_of(detected="20:37", impact_start="23:35", resolved="23:55")
    phases = build_phases(clock, as_of=AS_OF)
    assert phases["phase"].tolist() == ["until resolved"]
    assert phases["note"].tolist() == ["out of order and left out: detected (2026-03-02 20:37 UTC)"]


def test_between_two_equal_choices_the_earlier_boundary_stays(clock_of):
    """Identified before declared: one of the two must go, and it is the one that usually comes later."""
    clock = clock_of(
        impact_start="22:52",
        detected="22:54",
        identified="23:02",
        declared="23:09",
        mitigated="23:50",
        resolved="23:59",
    )
    phases = build_phases(clock, as_of=AS_OF)
    assert phases["phase"].tolist() == ["unnoticed", "until declared", "until mitigated", "restoring"]
    assert minutes(phases["span"]) == [2, 15, 41, 9]
    assert phases["note"].dropna().tolist() == ["out of order and left out: identified (2026-03-02 23:02 UTC)"]
    assert phases.loc[phases["note"].notna(), "phase"].tolist() == ["until mitigated"]


def test_one_late_boundary_does_not_remove_several_good_ones(clock_of):
    """Declared after mitigated: declared is left out, not identified and mitigated, because that keeps more."""
    clock = clock_of(
        impact_start="17:49",
        detected="17:51",
        acknowledged="17:51",
        identified="17:59",
        mitigated="18:29",
        declared="18:46",
        resolved="19:18",
    )
    phases = build_phases(clock, as_of=AS_OF)
    assert phases["phase"].tolist() == ["unnoticed", "noticed", "until identified", "mitigating", "restoring"]
    assert minutes(phases["span"]) == [2, 0, 8, 30, 49]


def test_resolved_before_start_keeps_the_start(clock_of):
    """When the end comes before the start, the start stands, the end is named, and no phase has negative length."""
    clock = clock_of(impact_start="12:00", detected="12:05", resolved="11:00")
    phases = build_phases(clock, as_of=AS_OF)
    assert phases["phase"].tolist() == ["unnoticed"]
    assert phases["note"].tolist() == ["out of order and left out: resolved (2026-03-02 11:00 UTC)"]
    assert not phases["is_open"].any()


def test_uncertain_boundary(clock_of):
    """A start known to the hour gives bounds of the span: 45 min from 14:00, none at all from 14:45 on."""
    clock = clock_of(impact_start=("14:00", "15:00"), detected="14:45", resolved="18:40")
    first = build_phases(clock, as_of=AS_OF).iloc[0]
    assert first["span"] == 45 * MINUTE
    assert (first["span_low"], first["span_high"]) == (0 * MINUTE, 45 * MINUTE)
    assert first["began_at_latest"] == pd.Timestamp("2026-03-02T14:45:00Z")
    assert pd.isna(first["ended_at_latest"])


def test_uncertain_boundary_is_in_order_if_some_instant_of_it_is(clock_of):
    """Mitigated on the day, resolved at an hour of it: the day begins before detection and still parts the phases."""
    clock = clock_of(
        impact_start="07:38",
        detected="07:46",
        mitigated=("2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z"),
        resolved="15:46",
    )
    phases = build_phases(clock, as_of=AS_OF)
    assert phases["phase"].tolist() == ["unnoticed", "until mitigated", "restoring"]
    assert minutes(phases["span_low"]) == [8, 0, 0]
    assert minutes(phases["span_high"]) == [8, 480, 480]
    assert phases["note"].isna().all()


def test_open_incident(clock_of):
    """The phase in progress ends at as_of without an end point, and covers whatever may have begun in it."""
    phases = build_phases(clock_of(impact_start="19:00", detected="19:10", declared="19:30"), as_of=AS_OF)
    last = phases.iloc[-1]
    assert (last["phase"], last["is_open"]) == ("since declared", True)
    assert last["covers"] == ["understanding", "mitigating", "restoring"]
    assert (last["ended_at"], last["span"]) == (AS_OF, 30 * MINUTE)
    assert pd.isna(last["end_point"])
    assert phases["is_open"].tolist() == [False, False, True]


def test_open_incident_that_is_mitigated(clock_of):
    """An open incident that is mitigated is restoring."""
    phases = build_phases(clock_of(impact_start="19:00", mitigated="19:30"), as_of=AS_OF)
    assert phases["phase"].tolist() == ["until mitigated", "restoring"]
    assert phases["is_open"].tolist() == [False, True]


@pytest.mark.parametrize("as_of", [pd.NaT, pd.Timestamp("2026-03-02T19:05:00Z")])
def test_open_incident_without_a_usable_as_of(clock_of, as_of):
    """Without an as_of, or with one before the last boundary, the phase in progress has no row."""
    phases = build_phases(clock_of(impact_start="19:00", detected="19:10"), as_of=as_of)
    assert phases["phase"].tolist() == ["unnoticed"]


def test_end_that_is_stated_to_be_unknown_is_not_open(clock_of):
    """An end that the source says is unknown, a record that was closed, a status that says so: none of them is open."""
    known = {"impact_start": "19:00", "detected": "19:10"}
    stated = clock_of("A", **known, resolved={"knowledge": "unknown"})
    closed = clock_of("B", **known, closed="19:50")
    status = clock_of("C", **known)
    incidents = frame_of("incidents", [{"incident_id": "C", "status": "resolved"}])
    phases = build_phases(pd.concat([stated, closed, status]), as_of=AS_OF, incidents=incidents)
    assert phases["incident_id"].tolist() == ["A", "B", "C"]
    assert phases["phase"].unique().tolist() == ["unnoticed"]


def test_nothing_to_part(clock_of):
    """No clock at all, and a clock without any boundary, give no rows and the same columns and dtypes."""
    for clock in (clock_of().iloc[:0], clock_of(paged="10:00")):
        phases = build_phases(clock, as_of=AS_OF)
        assert len(phases) == 0
        assert phases.dtypes.astype("str").to_dict() == COLUMNS


def test_naive_as_of_is_refused(full_clock):
    """An as_of without a zone is an error that shows what was found."""
    with pytest.raises(UsageError, match=r"as_of must carry a time zone.*2026-03-02 20:00"):
        build_phases(full_clock, as_of=pd.Timestamp("2026-03-02 20:00"))


def _clock(points: dict[str, tuple[int, int]], incident_id: str) -> pd.DataFrame:
    """A clock of boundaries given as minutes and minutes of uncertainty."""
    start = pd.Timestamp("2026-03-02T00:00:00Z")
    rows = [
        {
            "incident_id": incident_id,
            "point": point,
            "at": start + at * MINUTE,
            "at_latest": start + (at + width) * MINUTE if width else pd.NaT,
            "knowledge": "stated",
        }
        for point, (at, width) in points.items()
    ]
    clock = pd.DataFrame(rows, columns=["incident_id", "point", "at", "at_latest", "knowledge"])
    for name in ("at", "at_latest"):
        clock[name] = pd.to_datetime(clock[name], utc=True).astype(DTYPES["instant"])
    return clock.astype({"incident_id": "str", "point": "str", "knowledge": "str"})


any_points = st.dictionaries(
    st.sampled_from(BOUNDARIES), st.tuples(st.integers(0, 900), st.sampled_from([0, 0, 0, 60])), max_size=7
)


@settings(max_examples=40, deadline=None)
@given(clocks=st.lists(any_points, min_size=1, max_size=4), seed=st.integers(0, 99))
def test_phases_are_a_partition(clocks, seed):
    """Whatever the clock, in any order of rows: phases touch, are never negative, and sum to the whole."""
    clock = pd.concat([_clock(points, f"I{i}") for i, points in enumerate(clocks)], ignore_index=True)
    phases = build_phases(clock, as_of=AS_OF)
    shuffled = build_phases(clock.sample(frac=1, random_state=seed), as_of=AS_OF)
    pd.testing.assert_frame_equal(phases, shuffled)
    assert (phases["span"] >= 0 * MINUTE).all()
    assert ((phases["span_low"] <= phases["span"]) & (phases["span"] <= phases["span_high"])).all()
    for _, rows in phases.groupby("incident_id"):
        assert (rows["ended_at"].iloc[:-1].to_numpy() == rows["began_at"].iloc[1:].to_numpy()).all()
        assert rows["span"].sum() == rows["ended_at"].iloc[-1] - rows["began_at"].iloc[0]
        assert [name for covers in rows["covers"] for name in covers] == [
            p.name for p in PHASES if p.name in {n for c in rows["covers"] for n in c}
        ]
        total = rows["span"].sum() / MINUTE
        assert rows["share"].sum() == pytest.approx(1) if total else rows["share"].isna().all()


@settings(max_examples=40, deadline=None)
@given(points=any_points)
def test_every_known_boundary_is_used_or_named(points):
    """No boundary with a time gets lost: it parts two phases, or it stands in the note of a phase.

    Incidents without any row are those with a single usable boundary that have ended.
    """
    phases = build_phases(_clock(points, "I"), as_of=AS_OF)
    notes = " ".join(phases["note"].dropna())
    if len(phases):
        ends = set(phases["start_point"]) | set(phases["end_point"].dropna())
        assert set(points) == ends | {point for point in points if f"{point} (" in notes}
        assert not ends & {point for point in points if f"{point} (" in notes}
