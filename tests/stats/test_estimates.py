"""Intervals for small samples, against hand calculations and published tables."""

import math

import numpy as np
import pytest

from incident_analytics.stats.estimates import (
    count_interval,
    distribution_band,
    median_interval,
    ratio_of_typical,
    share_interval,
    smallest_visible_change,
)


def test_median_of_ten_lies_between_the_second_and_ninth():
    """For n = 10 the order statistics 2 and 9 cover the median with 97.9 % (binomial tables; Conover, table A3)."""
    found = median_interval(np.arange(1.0, 11.0))

    assert (5.5, 2.0, 9.0) == (found.value, found.low, found.high)


def test_five_values_have_no_interval_for_their_median():
    """Even the smallest and largest of five cover the median with only 93.75 %, so no bounds are given."""
    found = median_interval(np.array([1.0, 2.0, 3.0, 4.0, 5.0]))

    assert 3.0 == found.value
    assert math.isnan(found.low)


def test_six_values_are_the_fewest_with_an_interval():
    """Smallest and largest of six cover the median with 1 - 2/64 = 96.9 %."""
    found = median_interval(np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]))

    assert (1.0, 6.0) == (found.low, found.high)


def test_nothing_gives_nothing():
    """Empty samples give NaN, never 0."""
    assert math.isnan(median_interval(np.array([])).value)
    assert math.isnan(share_interval(0, 0).value)
    assert distribution_band(np.array([])).empty
    assert math.isnan(ratio_of_typical(np.array([1.0]), np.array([2.0, 3.0])).value)
    assert math.isnan(smallest_visible_change(np.array([]), np.array([])))


def test_poisson_interval_of_five():
    """Garwood's exact interval for a count of 5 is 1.62 to 11.67 (Garwood 1936)."""
    found = count_interval(5)

    assert (1.62, 11.67) == (round(found.low, 2), round(found.high, 2))


def test_a_count_of_zero_still_has_an_upper_bound():
    """For 0 the upper bound is -ln(0.025) = 3.69, the lower one 0."""
    found = count_interval(0)

    assert (0.0, 3.69) == (found.low, round(found.high, 2))


def test_wilson_interval_of_three_in_ten():
    """Wilson's interval for 3 of 10 is 0.108 to 0.603 (Newcombe 1998 gives the formula; computed by hand)."""
    found = share_interval(3, 10)

    assert (0.108, 0.603) == (round(found.low, 3), round(found.high, 3))


def test_the_band_has_the_width_of_its_theorem():
    """Half the band is sqrt(ln(2/0.05) / 2n): 0.430 for n = 10."""
    band = distribution_band(np.arange(1.0, 11.0))

    middle = band.iloc[4]
    assert 0.5 == middle["share"]
    assert round(math.sqrt(math.log(40) / 20), 6) == round(middle["high"] - middle["share"], 6)


def test_a_doubled_sample_has_ratio_two():
    """When every value doubles, the ratio of geometric means is 2, whatever the spread."""
    values = np.array([3.0, 10.0, 45.0, 90.0, 200.0])

    assert 2.0 == pytest.approx(ratio_of_typical(values, 2 * values).value)


def test_identical_halves_claim_nothing():
    """The interval of the ratio holds 1 when both halves are the same."""
    values = np.array([3.0, 10.0, 45.0, 90.0, 200.0])
    found = ratio_of_typical(values, values)

    assert found.low < 1 < found.high


def test_more_incidents_show_smaller_changes():
    """Four times as many incidents of the same spread show a smaller change."""
    few = np.exp(np.linspace(2, 6, 20))

    assert smallest_visible_change(np.repeat(few, 4), np.repeat(few, 4)) < smallest_visible_change(few, few)
