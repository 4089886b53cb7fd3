"""Errors per minute and service, and where they begin."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident_analytics.errors import UsageError
from incident_analytics.schema import empty, frame_of
from incident_analytics.timeline import build_log_onsets, build_log_rates, log_entries
from incident_analytics.timeline.log_evidence import ONSET_COLUMNS, RATE_COLUMNS

NINE = pd.Timestamp("2026-03-02T09:00:00Z")
MINUTE = pd.Timedelta("1min")


def line(
    minute: float, service: str | None = "checkout-api", level: str = "error", **more: object
) -> dict[str, object]:
    """A log entry some minutes after 09:00."""
    return {"at": NINE + minute * MINUTE, "service": service, "level": level, "source": "a.log", **more}


def rates_of(errors: list[int], service: str = "checkout-api", first: int = 0) -> pd.DataFrame:
    """Errors a minute from 09:00 on."""
    minutes = pd.date_range(NINE + first * MINUTE, periods=len(errors), freq="min", unit="us")
    return pd.DataFrame(
        {"minute": minutes, "service": pd.Series([service] * len(errors), dtype="str"), "entries": 20, "errors": errors}
    )


STEP = [0, 0, 1] * 30 + [14, 15, 13] * 10


def test_rates_by_hand():
    """Entries and errors are counted per minute and service; minutes without an entry stand as 0."""
    logs = frame_of(
        "logs",
        [
            line(0.2),
            line(0.9, level="info"),
            line(3.5, level="fatal"),
            line(3.6, level="critical"),
            line(3.7, level="warning"),
            line(1, service="search"),
        ],
    )
    rates = build_log_rates(logs)
    checkout = rates[rates["service"] == "checkout-api"]
    assert checkout["minute"].tolist() == [NINE + i * MINUTE for i in range(4)]
    assert checkout["entries"].tolist() == [2, 0, 0, 3]
    assert checkout["errors"].tolist() == [1, 0, 0, 2]
    assert rates[rates["service"] == "search"]["entries"].tolist() == [1]


def test_window_that_is_known_to_be_covered():
    """When the window of the log is given, all its minutes stand, and nothing outside it is counted."""
    logs = frame_of("logs", [line(-5), line(2), line(4), line(9)])
    rates = build_log_rates(logs, start=NINE, end=NINE + 5 * MINUTE)
    assert rates["entries"].tolist() == [0, 0, 1, 0, 1]


def test_entries_without_service_or_time():
    """An entry without a service counts under its file; one without a time cannot be counted."""
    logs = frame_of("logs", [line(0, service=None), line(0) | {"at": None}])
    rates = build_log_rates(logs)
    assert rates[["service", "entries"]].to_numpy().tolist() == [["a.log", 1]]


def test_a_stretch_of_more_than_a_day_is_not_called_quiet():
    """A day and a minute without an entry is a gap in the log, an exact day is a quiet day."""
    day = 24 * 60
    logs = frame_of("logs", [line(0), line(day), line(2 * day + 1)])
    assert len(build_log_rates(logs)) == day + 2
    # A wrong year in one line must not fill the memory with minutes.
    assert len(build_log_rates(frame_of("logs", [line(0), line(-50 * 365 * day)]))) == 2


def test_empty_logs_have_no_rates_and_no_onsets(full_clock):
    """No logs give empty frames of the same columns and dtypes, all the way to the entries."""
    rates = build_log_rates(empty("logs"))
    assert rates.dtypes.astype("str").to_dict() == RATE_COLUMNS
    onsets = build_log_onsets(rates, full_clock)
    assert len(onsets) == 0
    assert onsets.dtypes.astype("str").to_dict() == ONSET_COLUMNS
    assert len(log_entries(onsets)) == 0


def test_onset_and_its_distance(clock_of):
    """The step at minute 90 is found there: 3 min before the recorded start, 10 min before detection."""
    clock = clock_of(impact_start="10:33", detected="10:40", resolved="11:00")
    row = build_log_onsets(rates_of(STEP), clock).iloc[0]
    assert row["at"] == NINE + 90 * MINUTE
    assert (row["incident_id"], row["service"], row["errors"]) == ("INC-1", "checkout-api", 14)
    assert row["expected"] == pytest.approx(1 / 3)
    assert (row["from_impact_start"], row["from_detected"]) == (-3 * MINUTE, -10 * MINUTE)
    assert row["from_impact_start_low"] == -3 * MINUTE
    assert (row["searched_from"], row["searched_to"]) == (NINE + 60 * MINUTE, NINE + 119 * MINUTE)
    assert (row["rule"], row["is_bursty"]) == ("poisson", False)
    assert pd.isna(row["reason"])


def test_distance_to_an_uncertain_or_unknown_start(clock_of):
    """Against a start known to the hour there are two distances; against an unknown detection there is none."""
    onsets = build_log_onsets(rates_of(STEP), clock_of(impact_start=("10:00", "11:00"), resolved="12:00"))
    assert onsets["from_impact_start"].tolist() == [30 * MINUTE]
    assert onsets["from_impact_start_low"].tolist() == [-30 * MINUTE]
    assert onsets["from_detected"].isna().all()


def test_every_service_has_a_row_and_a_reason(clock_of):
    """Services that do not depart, are too short, or begin after the end keep a row that says why."""
    rates = pd.concat(
        [
            rates_of([0, 1] * 60, "quiet"),
            rates_of([5] * 30, "short"),
            rates_of([5] * 99, "late", first=150),
            rates_of(STEP, "step"),
        ]
    )
    onsets = build_log_onsets(rates, clock_of(impact_start="10:30", resolved="11:00")).set_index("service")
    assert onsets.index.tolist() == ["step", "late", "quiet", "short"]
    assert onsets.loc["quiet", "reason"] == "no minute departs from the hour before it"
    assert onsets.loc["short", "reason"] == "no minute of this log has a whole hour of log before it"
    assert onsets.loc["late", "reason"] == "this log has no minute to compare before the incident was resolved"
    assert onsets.loc[["quiet", "short", "late"], "at"].isna().all()
    assert onsets["searched_from"].notna().tolist() == [True, False, True, False]


def test_nothing_after_the_end_counts(clock_of):
    """A rise after the incident was resolved is not its beginning; while it is open the whole log is searched."""
    rates = rates_of(STEP)
    assert build_log_onsets(rates, clock_of(resolved="10:29"))["at"].isna().all()
    assert build_log_onsets(rates, clock_of(detected="10:00"))["at"].tolist() == [NINE + 90 * MINUTE]


def test_start_skips_what_came_long_before(clock_of):
    """With a start given, an earlier peak of the same log is not reported."""
    errors = [0] * 70 + [9] + [0] * 80 + [9] * 5
    clock = clock_of(impact_start="11:30", resolved="12:00")
    assert build_log_onsets(rates_of(errors), clock)["at"].tolist() == [NINE + 70 * MINUTE]
    found = build_log_onsets(rates_of(errors), clock, start=NINE + 100 * MINUTE)
    assert found["at"].tolist() == [NINE + 151 * MINUTE]


def test_no_baseline_reaches_across_a_gap(clock_of):
    """After a gap in the log a whole hour must pass again before a minute is compared."""
    rates = pd.concat([rates_of([0] * 70), rates_of([8] * 59, first=1600)])
    onsets = build_log_onsets(rates, clock_of(detected="09:00"))
    assert onsets["reason"].tolist() == ["no minute departs from the hour before it"]
    rates = pd.concat([rates_of([0] * 70), rates_of([0] * 61 + [8], first=1600)])
    onsets = build_log_onsets(rates, clock_of(detected="09:00"))
    assert onsets["at"].tolist() == [NINE + 1661 * MINUTE]


def test_which_incident(clock_of):
    """A clock of two incidents needs a name; an unknown name is an error that lists near ones."""
    clock = pd.concat([clock_of("INC-1", resolved="12:00"), clock_of("INC-2", resolved="10:00")])
    with pytest.raises(UsageError, match="holds 2 incidents"):
        build_log_onsets(rates_of(STEP), clock)
    with pytest.raises(UsageError, match="Did you mean"):
        build_log_onsets(rates_of(STEP), clock, incident_id="INC-3")
    assert build_log_onsets(rates_of(STEP), clock, incident_id="INC-1")["at"].notna().all()
    assert build_log_onsets(rates_of(STEP), clock, incident_id="INC-2")["at"].isna().all()


def test_entries_of_onsets(clock_of):
    """An onset becomes one entry of kind log that says how many errors a minute stand against how many."""
    rates = pd.concat([rates_of(STEP), rates_of([0] * 120, "quiet"), rates_of([0] * 90 + [3] * 9, "billing")])
    entries = log_entries(build_log_onsets(rates, clock_of(resolved="12:00")))
    assert entries["text"].tolist() == [
        "errors of billing depart from the hour before: 3 a minute against 0",
        "errors of checkout-api depart from the hour before: 14 a minute against 0.3",
    ]
    assert set(entries["kind"]) == {"log"}
    assert entries["is_automatic"].all()
    assert entries["at"].tolist() == [NINE + 90 * MINUTE] * 2
    assert entries["note"].str.contains("1 in|one false alarm in 10 000").all()


@settings(max_examples=30, deadline=None)
@given(
    lines=st.lists(
        st.tuples(st.integers(0, 5000), st.sampled_from(["a", "b", None]), st.sampled_from(["info", "error", "fatal"])),
        max_size=30,
    ),
    seed=st.integers(0, 9),
)
def test_no_entry_is_lost_and_order_does_not_matter(lines, seed):
    """The rates add up to the entries and errors read, in whatever order they came, with no minute twice."""
    logs = frame_of("logs", [line(minute, service=service, level=level) for minute, service, level in lines])
    rates = build_log_rates(logs)
    assert rates["entries"].sum() == len(lines)
    assert rates["errors"].sum() == sum(level != "info" for *_, level in lines)
    assert not rates.duplicated(["service", "minute"]).any()
    order = np.random.default_rng(seed).permutation(len(logs))
    pd.testing.assert_frame_equal(rates, build_log_rates(logs.iloc[order]))
