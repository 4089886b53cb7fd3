"""Responses of a length that no response has: far too long, or none at all."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ... import wording
from .base import COUNTED, Found, systems, told

LONGEST = pd.Timedelta("365D")
"""A response longer than this is pointed out: a limit of this package, for a record that nobody closed."""

FENCE = 3.0
"""How many interquartile ranges (of the logarithm) above the third quartile a duration is far out: Tukey's outer fence."""

FEWEST = 20
"""Quartiles of fewer durations say nothing about the next one."""

KEPT = "Kept; check the two times."


def duration_absurd(spans: pd.DataFrame) -> Found:
    """Responses longer than a year."""
    length = spans["ended"] - spans["began"]
    found = spans.assign(length=length)[length > LONGEST]
    limit = f"the limit of this package is {wording.duration(LONGEST)}"

    def clause(each: Any) -> str:
        return f"it lasts {each.length / pd.Timedelta('1D'):.1f} d; {limit}"

    about = f"last longer than a year ({limit})"
    return told("duration_absurd", "warning", found, clause, about=about, of=int(length.notna().sum()), done=KEPT)


def duration_far_out(spans: pd.DataFrame) -> Found:
    """Responses far longer than the others of their source, by a limit drawn from those."""
    length = (spans["ended"] - spans["began"]).dt.total_seconds()
    usual = length[(length > 0) & spans["kind"].isin(COUNTED)]
    rows: Found = []
    for _, group in usual.groupby(systems(spans["source"])):
        if len(group) < FEWEST:
            continue
        first, third = np.quantile(np.log(group), [0.25, 0.75])
        limit = float(np.exp(third + FENCE * (third - first)))
        far = spans.loc[group.index].assign(length=group)[group.between(limit, LONGEST.total_seconds(), "neither")]
        origin = f"three interquartile ranges above the third quartile of {len(group)} responses, on a log scale"
        rows += told(
            "duration_far_out", "info", far, _longer(limit, origin), about=f"last longer than {_words(limit)}, {origin}",
            of=len(group), done=KEPT,
        )  # fmt: skip
    return rows


def _longer(limit: float, origin: str) -> Any:
    def clause(each: Any) -> str:
        return f"it lasts {_words(each.length)}; the others of its source last up to {_words(limit)} ({origin})"

    return clause


def duration_zero(spans: pd.DataFrame) -> Found:
    """Responses that end in the instant in which they begin."""
    is_zero = (spans["ended"] == spans["began"]) & ~spans["is_coarse"] & spans["kind"].isin(COUNTED)
    known = int((spans["ended"].notna() & spans["began"].notna()).sum())

    def clause(_: Any) -> str:
        return "it begins and ends in the same instant; expected a beginning and an end of its own"

    return told("duration_zero", "info", spans[is_zero], clause, about="end when they begin", of=known)


def _words(seconds: float) -> str:
    return wording.duration(seconds, with_seconds=True)
