"""Stretches of an incident without an entry."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident_analytics.errors import UsageError
from incident_analytics.schema import frame_of
from incident_analytics.timeline import build_silences, build_timeline
from incident_analytics.timeline.silences import COLUMNS

MINUTE = pd.Timedelta("1min")
LIMIT = 30 * MINUTE
TEN = pd.Timestamp("2026-03-02T10:00:00Z")


def account(*rows: tuple[str | None, str], clock: pd.DataFrame, kind: str = "note", **more: object) -> pd.DataFrame:
    """A timeline of ``(time, text)`` in narrative order."""
    listed = [
        {
            "incident_id": "INC-1",
            "kind": kind,
            "text": text,
            "at": f"2026-03-02T{time}Z" if time else None,
            "sequence": place,
            "source": "record:a.yaml",
            **more,
        }
        for place, (time, text) in enumerate(rows)
    ]
    return build_timeline(frame_of("events", listed), clock)


def test_silences_by_hand(clock_of):
    """The two stretches of the design study: 1 h 17 min with an entry somewhere in it, and 2 h 23 min."""
    clock = clock_of(impact_start="11:28", resolved="17:06")
    rows = account(
        ("11:05", "access change"),
        ("11:28", "first errors"),
        ("11:48:27", "first post"),
        (None, "attack suspected"),
        ("13:05", "older proxy"),
        ("13:35", "thirty minutes later"),
        ("14:05", "again"),
        ("14:35", "again"),
        ("14:43", "monitoring"),
        ("17:06", "all normal"),
        ("19:00", "long after"),
        clock=clock,
    )
    found = build_silences(rows, limit=LIMIT)
    assert found["began_at"].dt.strftime("%H:%M:%S").tolist() == ["11:48:27", "14:43:00"]
    assert found["ended_at"].dt.strftime("%H:%M").tolist() == ["13:05", "17:06"]
    assert found["span"].tolist() == [pd.Timedelta("1h 16min 33s"), pd.Timedelta("2h 23min")]
    assert found["after_text"].tolist() == ["first post", "monitoring"]
    assert found["before_text"].tolist() == ["older proxy", "all normal"]
    assert found["between"].tolist() == [1, 0]


def test_log_evidence_does_not_end_a_silence(clock_of):
    """A log entry in the middle leaves the silence whole; an alert there parts it."""
    clock = clock_of(impact_start="10:00", resolved="12:00")
    ends = [("10:00", "start"), ("12:00", "end")]
    quiet = account(*ends, clock=clock)
    for kind, spans in (("log", [120]), ("alert", [60, 60])):
        rows = pd.concat([quiet, account(("11:00", "something"), clock=clock, kind=kind).query("text == 'something'")])
        rows = rows.sort_values("at")
        assert (build_silences(rows, limit=LIMIT)["span"] / MINUTE).tolist() == spans


def test_an_entry_known_to_the_hour_covers_its_hour(clock_of):
    """Nothing is called silent while an entry may have fallen there."""
    clock = clock_of(impact_start="10:00", resolved="15:00")
    rows = pd.concat(
        [
            account(("10:00", "start"), ("15:00", "end"), clock=clock),
            account(("12:00", "hour"), clock=clock, precision="hour", at_latest="2026-03-02T13:00:00Z").query(
                "text == 'hour'"
            ),
        ]
    ).sort_values("at")
    found = build_silences(rows, limit=LIMIT)
    assert (found["span"] / MINUTE).tolist() == [120, 120]
    assert found["began_at"].dt.hour.tolist() == [10, 13]
    assert found["after_text"].tolist() == ["start", "hour"]


def test_a_report_of_the_same_day_does_not_hide_a_silence(clock_of):
    """A report known only to the day of the incident comes after it, though its day covers it."""
    day = {"at": "2026-03-02T00:00:00Z", "at_latest": "2026-03-03T00:00:00Z", "precision": "day"}
    clock = clock_of(impact_start="10:00", resolved="12:00", report_published=day)
    found = build_silences(account(("10:00", "start"), ("12:00", "end"), clock=clock), limit=LIMIT)
    assert (found["span"] / MINUTE).tolist() == [120]
    assert found["before_text"].tolist() == ["end"]


def test_an_open_incident_is_silent_up_to_the_end_that_is_given(clock_of):
    """While it is open the account ends with its last entry, unless an end is given; that side has no text."""
    rows = account(("10:00", "start"), ("10:20", "last word"), clock=clock_of(impact_start="10:00"))
    assert len(build_silences(rows, limit=LIMIT)) == 0
    found = build_silences(rows, limit=LIMIT, end=pd.Timestamp("2026-03-02T13:20:00+02:00"))
    assert found["span"].tolist() == [60 * MINUTE]
    assert found["after_text"].tolist() == ["last word"]
    assert found["before_text"].isna().all()


def test_bounds_per_incident(clock_of):
    """A Series gives each incident its own bounds; an incident without one keeps its own."""
    one = account(("10:00", "a"), ("12:00", "b"), clock=clock_of(impact_start="10:00", resolved="12:00"))
    rows = pd.concat([one, one.assign(incident_id="INC-2")])
    start = pd.Series({"INC-1": TEN + 15 * MINUTE, "INC-2": pd.NaT}, dtype="datetime64[us, UTC]")
    found = build_silences(rows, limit=LIMIT, start=start).set_index("incident_id")
    assert (found["span"] / MINUTE).to_dict() == {"INC-1": 105, "INC-2": 120}
    assert found["after_text"].isna().to_dict() == {"INC-1": True, "INC-2": False}


def test_exactly_the_limit_is_no_silence(clock_of):
    """A stretch as long as the limit is not marked, a second more is."""
    clock = clock_of(impact_start="10:00", resolved="11:00:01")
    rows = account(("10:00", "a"), ("10:30", "b"), ("11:00:01", "c"), clock=clock)
    assert build_silences(rows, limit=LIMIT)["after_text"].tolist() == ["b"]


def test_nothing_is_not_a_silence(clock_of):
    """No timeline, one entry, and entries without a time give no rows and the same columns and dtypes."""
    empty = account(clock=clock_of())
    for rows in (empty, account(("10:00", "a"), clock=clock_of()), account((None, "a"), (None, "b"), clock=clock_of())):
        found = build_silences(rows, limit=LIMIT)
        assert len(found) == 0
        assert found.dtypes.astype("str").to_dict() == COLUMNS


def test_bad_options_are_named(clock_of):
    """A limit that is not positive and an end without a zone are errors that show what was found."""
    rows = account(("10:00", "a"), clock=clock_of())
    with pytest.raises(UsageError, match=r"limit must be a positive time.*0 days"):
        build_silences(rows, limit=pd.Timedelta(0))
    with pytest.raises(UsageError, match="must carry a time zone"):
        build_silences(rows, limit=LIMIT, end=pd.Timestamp("2026-03-02"))


entries = st.lists(
    st.tuples(st.none() | st.integers(0, 400), st.sampled_from([0, 0, 60]), st.sampled_from(["note", "log", "alert"])),
    max_size=12,
)


@settings(max_examples=50, deadline=None)
@given(given_entries=entries, seed=st.integers(0, 9))
def test_silences_are_disjoint_and_hold_no_entry(given_entries, seed):
    """Whatever the account and the order of its rows: the silences are the gaps longer than the limit, no others."""
    at = [None if minute is None else TEN + minute * MINUTE for minute, _, _ in given_entries]
    rows = pd.DataFrame(
        {
            "incident_id": pd.Series(["I"] * len(at), dtype="str"),
            "at": pd.to_datetime(at, utc=True).as_unit("us"),
            "at_latest": pd.to_datetime(
                [
                    t + width * MINUTE if t and width else None
                    for t, (_, width, _) in zip(at, given_entries, strict=True)
                ],
                utc=True,
            ).as_unit("us"),
            "kind": pd.Series([kind for *_, kind in given_entries], dtype="str"),
            "phase": pd.Series([None] * len(at), dtype="str"),
            "text": pd.Series(["x"] * len(at), dtype="str"),
            "is_between": False,
        }
    )
    found = build_silences(rows, limit=LIMIT)
    pd.testing.assert_frame_equal(found, build_silences(rows.sample(frac=1, random_state=seed), limit=LIMIT))
    known = [(minute, minute + width) for minute, width, kind in given_entries if minute is not None and kind != "log"]
    silent = [(TEN + a * MINUTE, TEN + b * MINUTE) for a, b in _gaps(known) if b - a > 30]
    assert list(zip(found["began_at"], found["ended_at"], strict=True)) == silent


def _gaps(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """What a union of spans leaves open between its first and its last minute."""
    gaps, reach = [], None
    for low, high in sorted(spans):
        if reach is not None and low > reach:
            gaps.append((reach, low))
        reach = high if reach is None else max(reach, high)
    return gaps
