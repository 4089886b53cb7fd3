"""Durations that vendors work out themselves, against what their own events give under their own definition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from ... import wording
from ...schema import DTYPES, finding
from .._contract import IncidentSource, VendorDuration
from .._frame_columns import is_among
from .._registry import incident_sources
from .base import Found, fetched, said, systems, told

KEPT = "Both are kept; figures use ours."

COLUMNS = (
    "incident_id", "source", "key", "definition", "theirs", "ours", "difference", "verdict", "reason",
    "starts", "ends", "began", "ended",
)  # fmt: skip
"""Columns of a comparison."""

_SECONDS: Mapping[str, float] = {"ms": 0.001, "s": 1, "min": 60, "h": 3600, "iso8601": 1}
_LONGEST = 9e12
"""Longest duration in seconds that can be held."""


def build_comparison(
    incidents: pd.DataFrame, events: pd.DataFrame, sources: Mapping[str, IncidentSource] | None = None
) -> pd.DataFrame:
    """Every duration that a source works out itself, and ours under its definition: one row per incident and key.

    Ours comes from the events of the same source alone. No declared duration, or none in the data, gives no row.

    Args:
        incidents: the incidents, with the vendors' numbers in ``extra``.
        events: what happened.
        sources: sources by name; those of this package by default.

    Returns:
        Columns ``incident_id, source, key, definition, theirs, ours, difference, verdict, reason, starts, ends, began,
        ended``; ``verdict`` is agrees, differs or not_comparable, and ``reason`` says why the last.
    """
    declared = [
        (name, key, term)
        for name, source in (incident_sources() if sources is None else sources).items()
        for key, term in source.DURATIONS.items()
    ]
    filled = incidents[incidents["extra"].to_numpy().astype(bool)]
    if filled.empty:
        return _typed(pd.DataFrame(columns=list(COLUMNS)))
    held = frozenset().union(*filled["extra"])
    parts = [
        part
        for name in dict.fromkeys(name for name, _, _ in declared)
        for part in _of_source(name, [(k, t) for n, k, t in declared if n == name], filled, events, held)
    ]
    return _typed(pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(COLUMNS)))


def _of_source(
    name: str,
    terms: list[tuple[str, VendorDuration]],
    incidents: pd.DataFrame,
    events: pd.DataFrame,
    held: frozenset[str],
) -> list[pd.DataFrame]:
    keys = {key for key, _ in terms}
    if keys.isdisjoint(held):
        return []
    incidents = incidents[np.array([not keys.isdisjoint(extra) for extra in incidents["extra"]], dtype=bool)]
    if incidents.empty:
        return []
    own = events[is_among(events["incident_id"], incidents["incident_id"]) & (systems(events["source"]) == name)]
    words = own["field"].where(own["kind"] == "milestone").fillna(own["new"].where(own["kind"] == "status"))
    own = own.assign(word=words).dropna(subset=["word", "at"])
    # A record that this source did not write may use the same key for something else.
    is_own = (systems(incidents["source"]) == name) | is_among(incidents["incident_id"], own["incident_id"])
    incidents = incidents[is_own]
    return [_of_term(name, key, term, incidents, own) for key, term in terms]


def _of_term(name: str, key: str, term: VendorDuration, incidents: pd.DataFrame, own: pd.DataFrame) -> pd.DataFrame:
    cells = {
        incident_id: extra[key]
        for incident_id, extra in zip(incidents["incident_id"], incidents["extra"], strict=True)
        if extra.get(key) is not None
    }
    ids = pd.Series(list(cells), dtype="str")
    theirs, is_read = _seconds(cells.values(), term)
    began = fetched(own[own["word"] == term.starts].groupby("incident_id")["at"].min(), ids)
    last = own[own["word"] == term.ends].groupby("incident_id")["at"]
    ended = fetched(last.max() if term.ends_at == "last" else last.min(), ids)
    ours = (ended - began).dt.total_seconds().to_numpy()
    apart = theirs - ours
    slack = term.tolerance * _SECONDS[term.unit]
    verdict = np.where(np.isnan(apart), "not_comparable", np.where(np.abs(apart) <= slack, "agrees", "differs"))
    reasons = [~is_read, began.isna() & ended.isna(), began.isna(), ended.isna()]
    texts = [
        "its number cannot be read",
        f"neither {term.starts} nor {term.ends} is recorded",
        f"{term.starts} is not recorded",
        f"{term.ends} is not recorded",
    ]
    return pd.DataFrame(
        {
            "incident_id": ids,
            "source": name,
            "key": key,
            "definition": term.definition,
            "theirs": _spans(theirs),
            "ours": _spans(ours),
            "difference": _spans(apart),
            "verdict": verdict,
            "reason": np.where(verdict == "not_comparable", np.select(reasons, texts, ""), ""),
            "starts": term.starts,
            "ends": f"{term.ends_at} {term.ends}",
            "began": began,
            "ended": ended,
        }
    )


def _seconds(cells: Iterable[object], term: VendorDuration) -> tuple[np.ndarray, np.ndarray]:
    """The cells in seconds, NaN where one cannot be read, and whether each could be."""
    listed = pd.Series([cell if _may_be_number(cell) else None for cell in cells], dtype="object")
    if term.unit == "iso8601":
        texts = listed.where(listed.map(lambda cell: isinstance(cell, str))).astype("str")
        is_iso = texts.str.fullmatch(r"[+-]?P(?:\d+D)?(?:T(?:\d+H)?(?:\d+M)?(?:[\d.]+S)?)?", na=False)
        numbers = pd.to_timedelta(texts.where(is_iso), errors="coerce").dt.total_seconds()
    else:
        numbers = pd.to_numeric(listed, errors="coerce").astype("float64") * _SECONDS[term.unit]
    found = numbers.where(numbers.abs() < _LONGEST).to_numpy("float64")
    return found, ~np.isnan(found)


def _may_be_number(cell: object) -> bool:
    if isinstance(cell, int) and not isinstance(cell, bool):
        return abs(cell) < 10**18
    return isinstance(cell, (float, str))


def _spans(seconds: np.ndarray) -> pd.Series:
    micros = pd.Series(np.where(np.isnan(seconds), 0, np.round(seconds * 1e6)).astype("int64"))
    return micros.astype("timedelta64[us]").mask(np.isnan(seconds))


def _typed(made: pd.DataFrame) -> pd.DataFrame:
    spans = dict.fromkeys(("theirs", "ours", "difference"), DTYPES["span"])
    instants = dict.fromkeys(("began", "ended"), DTYPES["instant"])
    texts = {column: "str" for column in COLUMNS if column not in {**spans, **instants}}
    return made[list(COLUMNS)].astype({**texts, **spans, **instants})


def vendor_duration_differs(durations: pd.DataFrame) -> Found:
    """Incidents whose vendor gives another duration than its own events do."""
    found = durations[durations["verdict"] == "differs"]
    rows: Found = []
    if found.empty:
        return rows
    for (_, key), group in found.groupby(["source", "key"]):
        of = int(((durations["key"] == key) & (durations["source"] == group["source"].iloc[0])).sum())
        rows += told(
            "vendor_duration_differs", "warning", group, _differs, of=of, table="incidents", done=KEPT,
            row=lambda each: each.key, about=f"have another {key} than their own events give",
        )  # fmt: skip
    return rows


def _differs(each: Any) -> str:
    def span(value: pd.Timedelta) -> str:
        return f"{value.total_seconds():g} s"

    return (
        f"{each.key} is {span(each.theirs)}, but from {each.starts} ({said(each.began)}) to {each.ends} "
        f"({said(each.ended)}) are {span(each.ours)}"
    )


def vendor_duration_compared(durations: pd.DataFrame) -> Found:
    """One finding per source and key: how many agree, how many differ, and why the rest cannot be compared."""
    rows: Found = []
    for (source, key), group in durations.groupby(["source", "key"]):
        n = group["verdict"].value_counts()
        first = group.iloc[0]
        message = (
            f"{key} of {source} ({first['starts']} to {first['ends']}): {n.get('agrees', 0)} of "
            f"{wording.count(len(group), 'incident')} equal ours"
        )
        if n.get("differs", 0):
            message += f", {n['differs']} differ"
        reasons = group.loc[group["verdict"] == "not_comparable", "reason"].value_counts()
        if len(reasons):
            message += f", {reasons.sum()} cannot be compared: " + "; ".join(
                f"{why} ({m})" for why, m in reasons.items()
            )
        rows.append(
            finding("vendor_duration_compared", "info", message, table="incidents", row=key, source=str(source))
        )
    return rows


def vendor_durations() -> pd.DataFrame:
    """All durations that vendors work out themselves, as terms of their dialects.

    Returns:
        Columns ``source, key, starts, ends, unit, definition``.
    """
    rows = [
        {
            "source": name,
            "key": key,
            "starts": term.starts,
            "ends": f"{term.ends_at} {term.ends}",
            "unit": term.unit,
            "definition": term.definition,
        }
        for name, source in incident_sources().items()
        for key, term in source.DURATIONS.items()
    ]
    return pd.DataFrame(rows, columns=["source", "key", "starts", "ends", "unit", "definition"], dtype="str")
