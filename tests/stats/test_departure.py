"""The first count that departs from those before it, and how often quiet counts do so by chance."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident_analytics.stats.departure import ALPHA, METHOD, first_departure, run_length, upper_tail

WEEK = 7 * 24 * 60


def predictive_tail(x: int, total: int, n: int = 60) -> float:
    """P(X >= x) by adding up the negative binomial probabilities one by one."""
    r, p = total + 0.5, n / (n + 1)
    below = sum(
        math.exp(math.lgamma(k + r) - math.lgamma(r) - math.lgamma(k + 1)) * p**r * (1 - p) ** k for k in range(x)
    )
    return 1 - below


def false_alarms(draw, weeks: int) -> int:
    """How many counts depart in some weeks of minutes in which nothing changes."""
    found = 0
    for _ in range(weeks):
        counts, start = draw(WEEK + 60), 0
        while alarm := first_departure(counts, start=start):
            found, start = found + 1, alarm.index + 1
    return found


def test_a_single_error_after_a_quiet_hour_by_hand():
    """After 60 minutes without an error, one error has probability 1 - sqrt(60/61) = 0.823 %."""
    assert upper_tail(1, 0) == pytest.approx(1 - math.sqrt(60 / 61), rel=1e-12)
    assert upper_tail(0, 0) == 1


@pytest.mark.parametrize(("x", "total"), [(2, 0), (3, 0), (5, 18), (14, 18), (30, 600)])
def test_tail_is_the_sum_of_the_predictive_distribution(x, total):
    """The closed form agrees with the negative binomial probabilities added up."""
    assert upper_tail(x, total) == pytest.approx(predictive_tail(x, total), rel=1e-3)


def test_two_errors_after_a_quiet_hour_are_not_enough_and_three_are():
    """By hand: 1 - sqrt(60/61) (1 + 1/122) = 1.016e-4 for two, just above 1e-4; three are far below."""
    quiet = [0] * 60
    assert first_departure([*quiet, 2]) is None
    found = first_departure([*quiet, 3])
    assert (found.index, found.count, found.expected) == (60, 3, 0.0)
    assert found.rule == "poisson"
    assert not found.is_bursty


def test_a_clear_step_is_found_at_its_first_minute():
    """Eighteen errors in an hour, then fourteen a minute: the first of these minutes departs."""
    hour = ([0, 0, 1] * 20)[:60]
    hour[0], hour[1] = 0, 0
    before = sum(hour)
    found = first_departure([*hour, 0, 1, 14, 15, 12])
    assert found.index == 62
    # The baseline of minute 62 are minutes 2 to 61: the first two were empty, and one error came since.
    assert found.expected == pytest.approx((before + 1) / 60)
    assert found.probability < 1e-9


def test_a_series_that_was_bursty_once_is_not_trusted_again():
    """A burst, a quiet hour, a burst: the second is no departure, though the hour before it was quiet."""
    counts = [0] * 30 + [9, 9] + [0] * 80 + [9, 9] + [0] * 20
    assert first_departure(counts) is None
    assert first_departure(counts[40:]).index == 72


def test_start_leaves_earlier_departures_out():
    """Looking from a later place on, an earlier peak serves as baseline only."""
    counts = [0] * 60 + [9] + [0] * 60 + [9] * 5
    assert first_departure(counts).index == 60
    assert first_departure(counts, start=61).index == 121


@pytest.mark.parametrize("counts", [[], [7], [0] * 60])
def test_no_baseline_no_departure(counts):
    """A count is compared only when all sixty before it exist."""
    assert first_departure(counts) is None


def test_regular_bursts_are_not_a_departure():
    """Ten errors every fifth minute would pass a Poisson rate each time; the guard sees that the hour is bursty."""
    bursts = [10, 0, 0, 0, 0] * 40
    assert upper_tail(10, 120) < ALPHA
    assert first_departure(bursts) is None


def test_bursts_that_rise_for_good_are_found_by_ranks():
    """Three minutes in a row above the largest of a bursty hour depart, at the first of them."""
    found = first_departure([10, 0, 0, 0, 0] * 20 + [30, 2, 31, 32, 33, 34])
    assert (found.index, found.count, found.rule, found.is_bursty) == (102, 31, "ranks", True)
    assert found.probability == pytest.approx(1 / 39711)


def test_run_length_by_hand():
    """1/C(62, 2) = 1/1891 is not below 1e-4, 1/C(63, 3) = 1/39711 is: three in a row."""
    assert math.comb(62, 2) == 1891
    assert run_length(60, 1e-4) == 3
    assert run_length(60, 1e-3) == 2
    assert "1 in 10 000" in METHOD
    assert "39 711" in METHOD


@pytest.mark.parametrize("rate", [0.02, 0.1, 0.3, 1, 5, 20])
def test_exact_false_alarm_rate_of_quiet_minutes(rate):
    """At any Poisson rate, the exact probability that a quiet minute departs is at most alpha.

    Sum over all baselines of their probability times that of a count at or above the threshold they set.
    """
    from scipy.special import gammaln, pdtrc

    totals = np.arange(int(60 * rate + 40 * math.sqrt(60 * rate) + 40))
    counts = np.arange(1, 400)
    thresholds = counts[(upper_tail(counts[None, :], totals[:, None]) < ALPHA).argmax(axis=1)]
    weights = np.exp(totals * math.log(60 * rate) - 60 * rate - gammaln(totals + 1))
    assert weights.sum() == pytest.approx(1)
    assert 0 < (weights * pdtrc(thresholds - 1, rate)).sum() <= ALPHA


def test_simulated_false_alarm_rate_of_quiet_minutes():
    """In 60 simulated quiet weeks at three rates, alarms are at most one a week, and not absent either.

    Exact rates are 3.8e-5 to 7.2e-5 a minute, so that 32 alarms are expected among 604 800 minutes; the bounds are
    four standard deviations wide.
    """
    rng = np.random.default_rng(20260302)
    alarms = sum(false_alarms(lambda n, rate=rate: rng.poisson(rate, n), weeks=20) for rate in (0.3, 2, 20))
    assert 9 <= alarms <= 60


def test_simulated_false_alarm_rate_of_bursty_minutes():
    """Bursty minutes (variance 10 times the mean) keep the promise through the guard; without it they break it.

    201 600 minutes at one in 39 711 let 5 alarms be expected.
    """
    rng = np.random.default_rng(7)
    counts = rng.negative_binomial(0.2, 0.1, WEEK * 10 + 60)
    sums = np.lib.stride_tricks.sliding_window_view(counts, 60)[:-1].sum(axis=1)
    unguarded = (upper_tail(counts[60:], sums) < ALPHA).mean()
    assert unguarded > 20 * ALPHA
    alarms = false_alarms(lambda n: rng.negative_binomial(0.2, 0.1, n), weeks=20)
    assert 1 <= alarms <= 5 + 4 * math.sqrt(5)


@pytest.mark.parametrize(
    ("counts", "options", "message"),
    [
        ([0, -1], {}, "found -1"),
        ([0.5], {}, "found 0.5"),
        ([float("nan")], {}, "found nan"),
        ([[1, 2]], {}, "2 dimensions"),
        ([1], {"baseline": 0}, "baseline must be at least 1, found 0"),
        ([1], {"alpha": 1}, "alpha must lie between 0 and 1, found 1"),
    ],
)
def test_bad_input_is_named(counts, options, message):
    """Counts that are no counts, and options out of range, are errors that show what was found."""
    with pytest.raises(ValueError, match=message):
        first_departure(counts, **options)


@settings(max_examples=50, deadline=None)
@given(counts=st.lists(st.integers(0, 6), max_size=150), more=st.lists(st.integers(0, 9), max_size=30))
def test_only_the_hour_before_matters(counts, more):
    """A Poisson departure depends on the hour before it alone: not on what was earlier, not on what comes later."""
    found = first_departure(counts)
    if found and found.rule == "poisson":
        alone = first_departure(counts[found.index - 60 :])
        assert (alone.index, alone.probability, alone.expected) == (60, found.probability, found.expected)
        assert first_departure([*counts, *more]) == found
