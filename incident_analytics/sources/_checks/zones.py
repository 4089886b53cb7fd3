"""Time zones that cannot be right: mixed inside one source, or moving all times of it against another source."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from ...schema import finding
from ...wording import count, listed
from .base import BEGINS, ENDS, OVERRIDES, Found

STEP = pd.Timedelta("30min")
"""Zones differ by whole or half hours."""

EXACT = pd.Timedelta("1min")
"""How close to such a step a difference must be to count as one: within a minute two sources say the same."""

CLOSE = pd.Timedelta("15min")
"""How close the beginnings must be to the step where only the ends can be compared exactly."""

FEWEST = 3
"""So many incidents at least must differ alike."""

SHARE = 2 / 3
"""So many of those that can be compared must differ alike."""

MANY_ENDS = (*ENDS, "mitigated", "impact_end")
_OFFSET = re.compile(r"([+-])(\d{2}):(\d{2})")


def mixed_zones(incidents: pd.DataFrame, findings: pd.DataFrame) -> Found:
    """Sources that write some times with a zone and some without, or in zones that no daylight saving explains."""
    zones = incidents[["source", "organisation", "time_zone"]].dropna(subset=["source", "time_zone"])
    if zones.empty:
        return []
    # Where the zone of such times is known by rule, it is one zone for all of them: that is a remark, no warning.
    is_naive = (findings["check"] == "naive_time") & (findings["severity"] == "warning")
    naive = set(findings.loc[is_naive, "source"].dropna())
    rows: Found = []
    for source, group in zones.groupby("source"):
        written = sorted(group["time_zone"].unique())
        if source in naive:
            message = (
                f"{source} writes times with a zone ({listed(written[:3])}) and times without one; expected one way "
                "of writing. Times without a zone are listed as naive_time"
            )
            rows.append(finding("mixed_zones", "warning", message, table="incidents", source=str(source)))
    wide = zones.groupby(["source", "organisation"], dropna=False)["time_zone"].agg(_spread)
    for (source, _), (spread, words) in wide[wide.map(lambda pair: pair[0] > 60)].items():
        message = (
            f"{source} writes its times in zones {spread / 60:g} h apart ({listed(words[:5])}); "
            "expected one zone, an hour apart at most for daylight saving. Read as written"
        )
        rows.append(finding("mixed_zones", "info", message, table="incidents", source=str(source)))
    return rows


def _spread(zones: pd.Series) -> tuple[int, list[str]]:
    """Minutes between the least and the greatest offset written, and the zones; zones with a name are left out."""
    words = sorted(zones.unique())
    offsets = [offset for word in words if (offset := _minutes(word)) is not None]
    return (max(offsets) - min(offsets) if offsets else 0), words


def _minutes(zone: str) -> int | None:
    if zone in ("UTC", "Z"):
        return 0
    match = _OFFSET.fullmatch(zone)
    return None if match is None else int(f"{match[1]}1") * (60 * int(match[2]) + int(match[3]))


def zone_shift_suspected(points: pd.DataFrame) -> Found:
    """Sources whose times of the same incidents and points differ by the same whole or half hours nearly throughout.

    It takes three incidents and two thirds of those that can be compared. An end alone may honestly come an hour
    later in another tool, so where only ends are shared the beginnings must lie apart by about the same.
    """
    own = points[(points["system"] != OVERRIDES) & ~points["is_coarse"]]
    if own["system"].nunique() < 2:
        return []
    first = _one_each(own)
    names = sorted(first["system"].unique())
    rows: Found = []
    for i, mine in enumerate(names):
        for other in names[i + 1 :]:
            rows += _compared(first[first["system"] == mine], first[first["system"] == other], mine, other)
    return rows


def _one_each(points: pd.DataFrame) -> pd.DataFrame:
    """One time per incident, source module and word: the first, of ends the last; and of all beginnings the first."""
    begins = points[points["word"].isin(BEGINS)].assign(word="any beginning")
    rows = pd.concat([points, begins])[["incident_id", "system", "word", "at"]]
    grouped = rows.groupby(["incident_id", "system", "word"])["at"].agg(["min", "max"]).reset_index()
    is_end = grouped["word"].isin(MANY_ENDS)
    return grouped.assign(at=grouped["min"].where(~is_end, grouped["max"]))[["incident_id", "system", "word", "at"]]


def _compared(a: pd.DataFrame, b: pd.DataFrame, mine: str, other: str) -> Found:
    both = a.merge(b, on=["incident_id", "word"], suffixes=("", "_other"))
    both = both.assign(apart=both["at_other"] - both["at"])
    exact = both[both["word"] != "any beginning"]
    if exact["incident_id"].nunique() < FEWEST:
        return []
    steps = np.round(exact["apart"] / STEP)
    is_step = (exact["apart"] - steps * STEP).abs() <= EXACT
    exact = exact.assign(step=steps.where(is_step))
    # An incident differs by a step when all its points do.
    by_incident = exact.groupby("incident_id")["step"].agg(["min", "max", "size", "count"])
    is_alike = (by_incident["min"] == by_incident["max"]) & (by_incident["size"] == by_incident["count"])
    alike = by_incident.loc[is_alike, "min"]
    if alike.empty:
        return []
    step = float(alike.mode().iloc[0])
    n, total = int((alike == step).sum()), len(by_incident)
    if step == 0 or n < FEWEST or n < SHARE * total:
        return []
    shift, words = step * STEP, sorted(exact["word"].unique())
    if set(words) <= set(MANY_ENDS):
        begins = both.loc[both["word"] == "any beginning", "apart"]
        if begins.empty or abs(begins.median() - shift) > CLOSE:
            return []
    return [_shift(shift, n, total, words, mine, other)]


def _shift(shift: pd.Timedelta, n: int, total: int, words: list[str], mine: str, other: str) -> dict[str, object]:
    minutes = int(shift.total_seconds() // 60)
    by = f"{'-' if minutes > 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
    message = (
        f"times of {other} lie {abs(minutes) / 60:g} h {'after' if minutes > 0 else 'before'} those of {mine} in {n} of "
        f"{count(total, 'incident')} that both tell of ({listed(words)}); expected the same times. Nothing was changed. "
        f'If {other} writes another zone, correct it in overrides.toml: [[shift]] source = "{other}", by = "{by}"'
    )
    return finding("zone_shift_suspected", "warning", message, table="events", source=other)
