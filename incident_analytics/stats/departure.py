"""The first count of a series that departs from the counts before it, with a stated rate of false alarms.

Two rules, chosen by how the baseline looks:

``poisson``
    The baseline of ``n`` counts with sum ``S`` is taken as Poisson with an unknown rate. Under the Jeffreys
    prior the
    rate is then Gamma(S + 1/2, n) and the next count is negative binomial with r = S + 1/2 and p = n / (n +
    1), so
    that P(X >= x) = I(1 - p; x, r), the regularised incomplete beta function. The count departs when this is
    below
    ``alpha``. Source: Gelman, Carlin, Stern, Dunson, Vehtari, Rubin, Bayesian Data Analysis, chapter 2
    (Poisson model
    with conjugate prior; Jeffreys prior; negative binomial predictive).
``ranks``
    A baseline whose variance is more than ``BURSTY`` times its mean is not Poisson, and the stated rate would not
    hold. From such a baseline on, a count departs when it and the counts after it, ``k`` in a row, all lie above
    the largest of the baseline. If the n + k counts are exchangeable, every set of k of them is equally likely to
    be the k largest, so this happens by chance once in C(n + k, k) times, whatever the distribution; k is the
    smallest number that brings it below ``alpha`` (3 for an hour of minutes and 1e-4: once in 39 711). Bursts
    that last k minutes or longer break the assumption and can still raise a false alarm.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

BASELINE = 60
ALPHA = 1e-4
BURSTY = 3.0

METHOD = (
    "The first minute whose number of errors departs from the 60 minutes before it: a count that a "
    "steady (Poisson) rate, estimated from those 60 minutes with the Jeffreys prior, would reach or "
    "pass with a probability below 1 in 10 000 (Gelman et al., Bayesian Data Analysis, ch. 2). In quiet "
    "minutes that is at most one false alarm in 10 000 minutes per service, about one in a week. Once "
    "the hour before has been bursty (variance more than 3 times the mean), three minutes in a row must "
    "each exceed the largest minute of that hour instead: by chance once in 39 711 times if minutes are "
    "exchangeable, more often if bursts last several minutes."
)
"""What to print beside a result made with the default options."""


@dataclass(frozen=True, slots=True)
class Departure:
    """A count that departs from those before it.

    Attributes:
        index: its place in the series.
        count: the count itself.
        expected: mean of the baseline.
        probability: of this or something more extreme, if nothing had changed, under the rule that was used.
        is_bursty: the baseline, or an earlier one, was too uneven for a Poisson rate.
        rule: the rule that was used; see the module's docstring.
    """

    index: int
    count: int
    expected: float
    probability: float
    is_bursty: bool
    rule: Literal["poisson", "ranks"]


def first_departure(
    counts: npt.ArrayLike, *, baseline: int = BASELINE, alpha: float = ALPHA, start: int = 0
) -> Departure | None:
    """The first count that departs upwards from the ``baseline`` counts before it.

    None when no count does, or when the series is too short for a baseline. A slow rise that the baseline can
    follow
    is not found; a lasting step is found at its first count.

    Args:
        counts: whole numbers, evenly spaced in time, none missing.
        baseline: how many counts before are compared with; they must all exist.
        alpha: largest probability of a false alarm, per count.
        start: first place to look at; places before it serve as baseline only.

    Raises:
        ValueError: counts that are negative, missing or no whole numbers; a baseline or alpha out of range.
    """
    series = _checked(counts, baseline=baseline, alpha=alpha)
    if len(series) <= baseline:
        return None
    now = series[baseline:]
    windows = np.lib.stride_tricks.sliding_window_view(series, baseline)[:-1]
    sums = windows.sum(axis=1)
    tails = upper_tail(now, sums, baseline=baseline)
    # A series that was bursty once is not trusted again: between bursts it can look quiet for an hour.
    is_bursty = np.logical_or.accumulate(_variance(series, sums, baseline) > BURSTY * sums / baseline)
    run = run_length(baseline, alpha)
    departs = np.where(is_bursty, _stays_above(series, windows.max(axis=1), run), tails < alpha)
    departs[: max(start - baseline, 0)] = False
    if not departs.any():
        return None
    place = int(departs.argmax())
    bursty = bool(is_bursty[place])
    return Departure(
        index=place + baseline,
        count=int(now[place]),
        expected=float(sums[place] / baseline),
        probability=1 / math.comb(baseline + run, run) if bursty else float(tails[place]),
        is_bursty=bursty,
        rule="ranks" if bursty else "poisson",
    )


def upper_tail(counts: npt.ArrayLike, sums: npt.ArrayLike, *, baseline: int = BASELINE) -> npt.NDArray[Any]:
    """Probability of a count at least this large, given the sum of the baseline; 1 for a count of 0.

    Poisson counts with the Jeffreys prior on the rate; see the module's docstring.

    >>> round(float(upper_tail(1, 0, baseline=60)), 6)
    0.008231
    """
    from scipy.special import betainc

    x, r = np.asarray(counts, dtype="float64"), np.asarray(sums, dtype="float64") + 0.5
    # betainc needs x > 0; at least 0 is certain.
    return np.where(x > 0, betainc(np.maximum(x, 1), r, 1 / (baseline + 1)), 1.0)


def run_length(baseline: int, alpha: float) -> int:
    """How many counts in a row above the largest of the baseline are rarer than ``alpha`` by ranks alone.

    >>> run_length(60, 1e-4)
    3
    """
    run = 1
    while 1 / math.comb(baseline + run, run) >= alpha:
        run += 1
    return run


def _variance(series: npt.NDArray[Any], sums: npt.NDArray[Any], baseline: int) -> npt.NDArray[Any]:
    """Sample variance of every baseline, without a copy of each; 0 for a baseline of one count."""
    squares = np.lib.stride_tricks.sliding_window_view(series.astype("float64") ** 2, baseline)[:-1].sum(axis=1)
    return np.asarray((squares - sums.astype("float64") ** 2 / baseline) / max(baseline - 1, 1))


def _stays_above(series: npt.NDArray[Any], largest: npt.NDArray[Any], run: int) -> npt.NDArray[np.bool_]:
    """Whether a count and those after it, ``run`` in all, exceed the largest of the baseline before it."""
    baseline = len(series) - len(largest)
    lowest = np.full(len(largest), -1)
    if len(largest) >= run:
        ahead = np.lib.stride_tricks.sliding_window_view(series[baseline:], run)
        lowest[: len(ahead)] = ahead.min(axis=1)
    return np.asarray(lowest > largest)


def _checked(counts: npt.ArrayLike, *, baseline: int, alpha: float) -> npt.NDArray[np.int64]:
    given = np.asarray(counts, dtype="float64")
    strange = given[~(np.isfinite(given) & (given >= 0) & (np.floor(given) == given))]
    if given.ndim != 1 or strange.size:
        found = strange[0] if given.ndim == 1 else f"an array of {given.ndim} dimensions"
        raise ValueError(f"counts must be a series of whole numbers, none missing or negative; found {found}")
    if baseline < 1:
        raise ValueError(f"baseline must be at least 1, found {baseline}")
    if not 0 < alpha < 1:
        raise ValueError(f"alpha must lie between 0 and 1, found {alpha}")
    return given.astype(np.int64)
