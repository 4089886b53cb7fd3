"""Records that may not belong into statistics: written down afterwards, maintenance, drills and tests."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from ... import wording
from ...schema import finding
from .base import COUNTED, NOTHING, Found, fetched, said, systems, told

LATE = pd.Timedelta("1h")
"""A record of which nothing was written down until this long after its end was entered afterwards."""

_TITLES: Mapping[str, str] = {
    "maintenance": r"\b(?:scheduled|planned|routine|emergency)\b[^.:;]{0,30}\bmaintenance\b|\bmaintenance window\b|\bmaintenance\W*$"
    r"|^\W*maintenance(?:\s*[:|–-]|\s+(?:on|for|of|at|in|window)\b)",
    "drill": r"\b(?:fire|incident|dr|failover|security)[ -]drill\b|^\W*drill\b|\bdrill\W*$|\bgame ?day\b|\bthis is (?:only )?a drill\b",
    "test": r"^\W*test(?:ing)?\b(?:\W|$)(?!\s*(?:suite|environment|server|cluster|stage|system)s?\b)|\btest incident\b"
    r"|\bthis is (?:only )?a test\b|\b(?:please|pls) ignore\b",
}
_WORDS: Mapping[str, frozenset[str]] = {
    "maintenance": frozenset({"maintenance", "scheduled", "scheduled_maintenance", "planned maintenance"}),
    "drill": frozenset({"drill", "exercise", "game day", "gameday", "simulation", "tutorial"}),
    "test": frozenset({"test", "testing", "test incident"}),
}
_CELLS = ("labels", "tags", "tag_list", "type", "incident_type", "status", "mode", "impact", "category", "environment")
_FLAGS: Mapping[str, str] = {"is_test": "test", "isTest": "test", "is_drill": "drill", "isDrill": "drill"}
_LOOKED_INTO = frozenset({*_CELLS, *_FLAGS})
_CELL_SPLIT = re.compile(r"[,;]")


def backfilled(incidents: pd.DataFrame) -> Found:
    """Records that say themselves that they were entered afterwards, counted by source."""
    rows = incidents[incidents["kind"] == "backfilled"]
    if rows.empty:
        return []
    total = systems(incidents["source"]).value_counts()
    return [
        finding(
            "backfilled",
            "info",
            f"{n} of {wording.count(int(total[system]), 'record')} were entered afterwards, by their own word: their "
            "times are somebody's memory. They do not count in statistics",
            table="incidents",
            source=str(system) or None,
        )
        for system, n in systems(rows["source"]).value_counts().sort_index().items()
    ]


def backfilled_suspected(events: pd.DataFrame, spans: pd.DataFrame) -> Found:
    """Records counted as incidents of which nothing was written down until an hour after the end."""
    if events["recorded_at"].isna().all():
        return []
    timed = events[events["incident_id"].notna() & events["at"].notna()].groupby("incident_id")["recorded_at"]
    # Where most entries do not say when they were written down, the few that do are additions.
    first = timed.min()[timed.count() * 2 >= timed.size()]
    rows = spans[spans["kind"].isin(COUNTED) & spans["ended"].notna()]
    rows = rows.assign(first=fetched(first, rows["incident_id"])).dropna(subset=["first"])
    found = rows[rows["first"] > rows["ended"] + LATE]

    def clause(each: Any) -> str:
        late = wording.duration(each.first - each.ended)
        return f"it ended at {said(each.ended)}, and the first thing about it was written down {late} later"

    about = "were written down only after they had ended"
    return told("backfilled_suspected", "warning", found, clause, about=about, of=len(rows), done=NOTHING)


def other_kind_suspected(incidents: pd.DataFrame) -> Found:
    """Records counted as incidents whose title, labels or status speak of a maintenance, a drill or a test."""
    rows = incidents[incidents["kind"].isin(COUNTED)]
    kind = pd.Series(None, index=rows.index, dtype="str")
    where = pd.Series("", index=rows.index, dtype="str")
    # Titles come again and again: each is looked at once.
    codes, titles = pd.factorize(rows["title"])
    for name, pattern in _TITLES.items():
        has_word = pd.Series(titles, dtype="str").str.contains(pattern, case=False, regex=True)
        is_said = np.append(has_word.to_numpy(dtype=bool), False)[codes] & kind.isna()
        if not is_said.any():
            continue
        kind = kind.mask(is_said, name)
        where = where.mask(is_said, "title " + rows["title"].map(repr, na_action="ignore").astype("str"))
    said_in = {
        place: hit
        for place, extra in rows["extra"].items()
        if not _LOOKED_INTO.isdisjoint(extra) and (hit := _labelled(extra))
    }
    if said_in:
        labelled = pd.DataFrame.from_dict(said_in, orient="index", columns=["kind", "where"])
        labelled = labelled[kind.loc[labelled.index].isna()]
        kind.loc[labelled.index], where.loc[labelled.index] = labelled["kind"], labelled["where"]
    found = rows.assign(other=kind, where=where)[kind.notna()]

    def clause(each: Any) -> str:
        return f"it counts as {each.kind}, but its {each.where} speaks of a {each.other}"

    done = f'{NOTHING} If it is one, set its kind in overrides.toml: column = "kind"'
    about = "speak of a maintenance, a drill or a test, but count as incidents"
    return told(
        "other_kind_suspected", "warning", found, clause, about=about, of=len(rows), table="incidents", done=done
    )


def _labelled(extra: Mapping[str, Any]) -> tuple[str, str] | None:
    """The other kind that a record's labels, type or flags name, and which cell does."""
    for key, kind in _FLAGS.items():
        if extra.get(key) is True:
            return kind, f"cell {key}"
    for key in _CELLS:
        for word in _words(extra.get(key)):
            for kind, words in _WORDS.items():
                if word in words:
                    return kind, f"cell {key} {word!r}"
    return None


def _words(value: object) -> Iterator[str]:
    """The words of a label cell: a text, a list of texts, or of objects with a name."""
    if isinstance(value, str):
        yield from (word.strip().casefold() for word in _CELL_SPLIT.split(value))
    elif isinstance(value, list):
        for part in value[:50]:
            yield from _words(part)
    elif isinstance(value, dict):
        for key in ("name", "label", "title"):
            yield from _words(value.get(key)) if isinstance(value.get(key), str) else ()
