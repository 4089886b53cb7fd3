"""Kaplan-Meier against the textbook example: remission of leukaemia under 6-MP (Freireich et al. 1963)."""

import math

import numpy as np
import pytest

from incident_analytics.stats.survival import median_survival, same_distribution, survival_curve

ENDED = np.array([6.0, 6, 6, 7, 10, 13, 16, 22, 23])
WAITING = np.array([6.0, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35])
PLACEBO = np.array([1.0, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23])


def test_the_curve_is_the_textbooks():
    """Shares at 6, 7, 10, 13, 16, 22, 23 weeks as printed in Kleinbaum and Klein, Survival Analysis, table 2.1."""
    curve = survival_curve(ENDED, WAITING)
    steps = curve[~curve["is_open"]]

    assert [6, 7, 10, 13, 16, 22, 23] == steps["value"].tolist()
    assert [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448] == steps["share"].round(3).tolist()


def test_open_cases_are_ticks_on_the_curve():
    """Each open case has a tick at its time so far, on the curve."""
    ticks = survival_curve(ENDED, WAITING).query("is_open")

    assert sorted(WAITING) == ticks["value"].tolist()
    assert pytest.approx(0.857, abs=1e-3) == ticks["share"].iloc[0]


def test_median_and_its_interval():
    """R's survfit (log-log) gives median 23, from 13 to open-ended."""
    found = median_survival(ENDED, WAITING)

    assert (23.0, 13.0) == (found.value, found.low)
    assert math.isnan(found.high)


def test_log_rank_against_placebo():
    """The log-rank statistic of the example is 16.79 on one degree of freedom, p = 0.0000417 (same book)."""
    assert pytest.approx(4.17e-5, rel=1e-2) == same_distribution((ENDED, WAITING), (PLACEBO, np.array([])))


def test_nothing_ended_gives_no_median():
    """When every case is open there is no curve and no median, not a median of 0."""
    assert survival_curve(np.array([]), WAITING).empty
    assert math.isnan(median_survival(np.array([]), WAITING).value)
    assert math.isnan(same_distribution((np.array([]), WAITING), (PLACEBO, WAITING)))


def test_leaving_out_the_open_ones_would_flatter():
    """The median with open cases counted is longer than the plain median of the ended ones."""
    assert median_survival(ENDED, WAITING).value > np.median(ENDED)
