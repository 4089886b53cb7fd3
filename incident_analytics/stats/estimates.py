"""Estimates with intervals for small samples. Knows nothing of incidents; scipy does the distributions."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """A value with its interval; NaN where the sample cannot say."""

    value: float
    low: float
    high: float


def median_interval(values: Floats, *, confidence: float = 0.95) -> Interval:
    """Sample median with the exact interval between two order statistics.

    The interval is the narrowest symmetric pair whose binomial coverage is at least ``confidence`` (Conover,
    Practical Nonparametric Statistics, section 3.2). Below six values no pair reaches 95 %: the bounds are NaN.
    """
    from scipy.stats import binom

    ordered = np.sort(np.asarray(values, dtype=float))
    n = len(ordered)
    if n == 0:
        return Interval(math.nan, math.nan, math.nan)
    middle = float(np.median(ordered))
    lower = int(binom.ppf((1 - confidence) / 2, n, 0.5))
    while lower > 0 and 1 - 2 * binom.cdf(lower - 1, n, 0.5) < confidence:
        lower -= 1
    if lower < 1:
        return Interval(middle, math.nan, math.nan)
    return Interval(middle, float(ordered[lower - 1]), float(ordered[n - lower]))


def share_interval(hits: int, n: int, *, confidence: float = 0.95) -> Interval:
    """A share with its Wilson interval; NaN for n = 0."""
    from scipy.stats import binomtest

    if n == 0:
        return Interval(math.nan, math.nan, math.nan)
    bounds = binomtest(hits, n).proportion_ci(confidence, method="wilson")
    return Interval(hits / n, float(bounds.low), float(bounds.high))


def count_interval(n: int, *, confidence: float = 0.95) -> Interval:
    """A count with the exact (Garwood) interval of the Poisson rate behind it."""
    from scipy.stats import chi2

    tail = (1 - confidence) / 2
    low = 0.0 if n == 0 else float(chi2.ppf(tail, 2 * n) / 2)
    return Interval(float(n), low, float(chi2.ppf(1 - tail, 2 * n + 2) / 2))


def distribution_band(values: Floats, *, confidence: float = 0.95) -> pd.DataFrame:
    """Empirical distribution with a band for the whole curve at once (Dvoretzky-Kiefer-Wolfowitz, Massart's constant).

    Returns:
        One row per distinct value: ``value``, ``share`` of the sample at or below it, ``low``, ``high``. Empty for an
        empty sample.
    """
    ordered = np.sort(np.asarray(values, dtype=float))
    n = len(ordered)
    if n == 0:
        return pd.DataFrame({c: pd.Series(dtype="float64") for c in ("value", "share", "low", "high")})
    distinct, counts = np.unique(ordered, return_counts=True)
    share = np.cumsum(counts) / n
    margin = math.sqrt(math.log(2 / (1 - confidence)) / (2 * n))
    return pd.DataFrame(
        {"value": distinct, "share": share, "low": np.clip(share - margin, 0, 1), "high": np.clip(share + margin, 0, 1)}
    )


def ratio_of_typical(before: Floats, after: Floats, *, confidence: float = 0.95) -> Interval:
    """Ratio of geometric means, after over before, with Welch's interval on the log scale.

    NaN when either sample has fewer than two positive values. An interval that holds 1 claims no change.
    """
    from scipy.stats import t

    a, b = np.log(before[before > 0]), np.log(after[after > 0])
    if len(a) < 2 or len(b) < 2:
        return Interval(math.nan, math.nan, math.nan)
    spread = np.array([a.var(ddof=1) / len(a), b.var(ddof=1) / len(b)])
    error = math.sqrt(spread.sum())
    difference = b.mean() - a.mean()
    if error == 0:
        return Interval(math.exp(difference), math.exp(difference), math.exp(difference))
    freedom = spread.sum() ** 2 / (spread[0] ** 2 / (len(a) - 1) + spread[1] ** 2 / (len(b) - 1))
    margin = float(t.ppf((1 + confidence) / 2, freedom)) * error
    return Interval(math.exp(difference), math.exp(difference - margin), math.exp(difference + margin))


def smallest_visible_change(before: Floats, after: Floats, *, power: float = 0.8, confidence: float = 0.95) -> float:
    """Smallest relative reduction of the typical value that samples of this size and spread would show.

    On the log scale: (z for the confidence + z for the power) times the standard error, as a share of the typical
    value. NaN when either sample has fewer than two positive values.
    """
    from scipy.stats import norm

    a, b = np.log(before[before > 0]), np.log(after[after > 0])
    if len(a) < 2 or len(b) < 2:
        return math.nan
    error = math.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b))
    return float(1 - math.exp(-(norm.ppf((1 + confidence) / 2) + norm.ppf(power)) * error))
