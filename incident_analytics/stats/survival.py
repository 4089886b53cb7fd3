"""Time to an event when some are still waiting for it: Kaplan-Meier by scipy, open cases as right-censored."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from .estimates import Floats, Interval


def survival_curve(observed: Floats, still_open: Floats, *, confidence: float = 0.95) -> pd.DataFrame:
    """Share not yet ended by time, with the log-log interval.

    Args:
        observed: times of those that ended.
        still_open: times so far of those that did not.
        confidence: of the interval at each time.

    Returns:
        Rows ``value``, ``share``, ``low``, ``high``, ``is_open``: the curve at each time something ended, and one row
        with ``is_open`` at each time an open case was last seen. Empty when nothing ended.
    """
    from scipy.stats import CensoredData, ecdf

    columns = ("value", "share", "low", "high")
    if not len(observed):
        return pd.DataFrame({c: pd.Series(dtype="float64") for c in columns}).assign(is_open=pd.Series(dtype="bool"))
    times = np.concatenate([observed, still_open])
    is_censored = np.concatenate([np.zeros(len(observed), bool), np.ones(len(still_open), bool)])
    curve = ecdf(CensoredData.right_censored(times, is_censored)).sf
    with np.errstate(divide="ignore", invalid="ignore"):
        bounds = _quiet_interval(curve, confidence)
    rows = pd.DataFrame(
        {"value": curve.quantiles, "share": curve.probabilities, "low": bounds[0], "high": bounds[1], "is_open": False}
    )
    rows = rows[rows["value"].isin(observed)]
    ticks = pd.DataFrame({"value": np.sort(still_open), "share": curve.evaluate(np.sort(still_open)), "is_open": True})
    return (
        pd.concat([rows, ticks], ignore_index=True).astype({"share": float})
        if len(ticks)
        else rows.reset_index(drop=True)
    )


def _quiet_interval(curve: object, confidence: float) -> tuple[Floats, Floats]:
    """The log-log bounds; NaN where they are undefined, at shares of 0 and 1, without scipy's warning about it."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        found = curve.confidence_interval(confidence, method="log-log")  # type: ignore[attr-defined]  # scipy is untyped here
    return found.low.probabilities, found.high.probabilities


def median_survival(observed: Floats, still_open: Floats) -> Interval:
    """Median time by Kaplan-Meier with the interval read off the log-log bounds.

    A bound that the curve does not reach is NaN; so is the median when more than half were still open.
    """
    curve = survival_curve(observed, still_open)
    curve = curve[~curve["is_open"]] if len(curve) else curve

    def first_below(column: str) -> float:
        reached = curve.loc[curve[column] <= 0.5, "value"]
        return float(reached.iloc[0]) if len(reached) else math.nan

    if not len(curve):
        return Interval(math.nan, math.nan, math.nan)
    return Interval(first_below("share"), first_below("low"), first_below("high"))


def same_distribution(first: tuple[Floats, Floats], second: tuple[Floats, Floats]) -> float:
    """p-value of the log-rank test that two groups (ended, still open) wait alike; NaN when a group has nobody ended."""
    from scipy.stats import CensoredData, logrank

    if not len(first[0]) or not len(second[0]):
        return math.nan
    groups = [
        CensoredData.right_censored(
            np.concatenate([ended, waiting]), np.concatenate([np.zeros(len(ended), bool), np.ones(len(waiting), bool)])
        )
        for ended, waiting in (first, second)
    ]
    return float(logrank(*groups).pvalue)
