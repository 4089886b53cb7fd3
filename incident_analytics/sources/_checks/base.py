"""What all checks share: how a finding is told, and the tables that several of them start from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from ...schema import finding
from ...wording import count
from .._frame_columns import is_among, texts

Level = Literal["error", "warning", "info"]
Found = list[dict[str, object]]

EACH = 20
"""Up to this many findings of a check and source are told one by one; more of them become one with examples."""

EXAMPLES = 5
"""How many examples stand in a finding that stands for many."""

NOTHING = "Nothing was changed."
_OF_ALERTS = {"fired": "alert_fired", "paged": "paged"}
OVERRIDES = "overrides"
"""Source of what a user corrected."""

BEGINS = ("impact_start", "alert_fired", "detected", "paged", "triggered", "declared")
ENDS = ("resolved", "closed")
COUNTED = ("incident", "near_miss")
"""Kinds of records that count in statistics."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what it looks for, how bad that is, and what is done about it.

    Attributes:
        name: as it stands in the findings.
        severity: how bad it is; some are milder where the case is.
        meaning: what a finding of this name says, in one sentence.
        find: a function of the tables named in ``tables`` that returns rows of findings; None for what is found
            while a file is read.
        tables: tables of the bundle, or ``points`` and ``spans``, which are made of them.
        done: what was done about it.
    """

    name: str
    severity: Level
    meaning: str
    find: Callable[..., Found] | None = None
    tables: tuple[str, ...] = ()
    done: str = NOTHING


def told(
    check: str,
    severity: Level,
    found: pd.DataFrame,
    detail: Callable[[Any], str],
    *,
    about: str,
    noun: str = "incident",
    plural: str | None = None,
    of: int | None = None,
    table: str = "events",
    row: Callable[[Any], object] | str | None = None,
    done: str = NOTHING,
) -> Found:
    """Findings of one check: one each while they are few, one with a count and examples per source when they are many.

    Args:
        check: name of the check.
        severity: how bad it is.
        found: a row per finding with ``incident_id`` and ``source``.
        detail: what was found in a row and what was expected, as a clause.
        about: the same of many, after their number: ``end before they begin``.
        noun: what is counted.
        plural: its plural, where it is not the noun with an s.
        of: how many there are in all.
        table: table they concern.
        row: what a row concerns in that table.
        done: what was done, as a sentence.
    """
    rows: Found = []
    if found.empty:
        return rows
    for system, group in found.groupby(systems(found["source"]), sort=True):
        if len(group) <= EACH:
            rows += [
                finding(
                    check, severity, f"{detail(each)}. {done}", incident_id=text(each.incident_id),
                    table=table, row=row(each) if callable(row) else row, source=text(each.source),
                )
                for each in group.itertuples()
            ]  # fmt: skip
            continue
        examples = _examples(group.head(EXAMPLES), detail)
        whole = "" if of is None else f" of {of:,}".replace(",", " ")
        message = f"{count(len(group), noun, plural)}{whole} {about}, such as {examples}. {done}"
        sources = group["source"].dropna().unique()
        name = str(sources[0]) if len(sources) == 1 else str(system) or None
        rows.append(finding(check, severity, message, table=table, source=name))
    return rows


def _examples(group: pd.DataFrame, detail: Callable[[Any], str]) -> str:
    """Incidents with what was found in each; the incidents alone where it is the same of all."""
    said_of = [(text(each.incident_id), detail(each)) for each in group.itertuples()]
    if len({clause for _, clause in said_of}) == 1 and all(incident_id for incident_id, _ in said_of):
        return ", ".join(str(incident_id) for incident_id, _ in said_of)
    return "; ".join(clause if incident_id is None else f"{incident_id}: {clause}" for incident_id, clause in said_of)


def systems(source: pd.Series) -> pd.Series:
    """The source modules by row: what stands before the colon; an empty text where no source is named.

    >>> list(systems(pd.Series(["pagerduty:a.json", None], dtype="str")))
    ['pagerduty', '']
    """
    codes, words = pd.factorize(source)
    heads = [*(str(word).partition(":")[0] for word in words), ""]
    return texts(heads, np.where(codes < 0, len(words), codes)).set_axis(source.index)


def points_of(events: pd.DataFrame) -> pd.DataFrame:
    """Every clock point and status that an entry states with a time: the table ``points`` of the checks.

    What a user has overridden stands alone: other statements of the same point of that incident are left out.

    Returns:
        Columns ``incident_id, system, source, word, at, latest, kind, is_automatic, is_day``.
    """
    is_kind = events["kind"].isin(["milestone", "status", "alert"])
    rows = events[is_kind & events["incident_id"].notna() & events["at"].notna()]
    made = pd.DataFrame(
        {
            "incident_id": rows["incident_id"],
            "system": systems(rows["source"]),
            "source": rows["source"],
            "word": _words_of(rows),
            "at": rows["at"],
            "latest": rows["at_latest"].fillna(rows["at"]),
            "kind": rows["kind"],
            "is_automatic": rows["is_automatic"],
            "is_coarse": rows["precision"].isin(["hour", "day"]) | rows["at_latest"].notna(),
            "is_overridden": _is_overridden(rows["extra"]),
        }
    )
    return _without_overridden(made[made["word"].notna()])


def _words_of(rows: pd.DataFrame) -> pd.Series:
    """The point or status that each milestone, status and alert states; missing where it states none."""
    (fields, named), (news, changed) = (pd.factorize(rows[name]) for name in ("field", "new"))
    choices = [*named, *changed, *map(_OF_ALERTS.get, named), None]
    first = {"milestone": (fields, 0), "status": (news, len(named)), "alert": (fields, len(named) + len(changed))}
    place = np.full(len(rows), len(choices) - 1)
    for kind, (codes, start) in first.items():
        is_said = (rows["kind"] == kind).to_numpy(dtype=bool) & (codes >= 0)
        place[is_said] = start + codes[is_said]
    return texts(choices, place).set_axis(rows.index)


def _is_overridden(extra: pd.Series) -> np.ndarray:
    cells = extra.to_numpy()
    # Nearly all are empty: only the others are looked into.
    found: np.ndarray = cells.astype(bool)
    found[found] = [bool(cell.get("override")) for cell in cells[found]]
    return found


def _without_overridden(points: pd.DataFrame) -> pd.DataFrame:
    key = ["incident_id", "word"]
    if points["is_overridden"].any():
        set_by_user = pd.MultiIndex.from_frame(points.loc[points["is_overridden"], key])
        is_other = ~points["is_overridden"] & (points["kind"] == "milestone")
        points = points[~(is_other & pd.MultiIndex.from_frame(points[key]).isin(set_by_user))]
    return points.drop(columns="is_overridden").reset_index(drop=True)


def spans_of(incidents: pd.DataFrame, points: pd.DataFrame) -> pd.DataFrame:
    """One row per incident with the span of its response: the table ``spans`` of the checks.

    Returns:
        Columns ``incident_id, title, kind, status, service, source, began, ended, is_coarse``; the first beginning that
        anything states, and the last resolution, else the last closure.
    """
    begins = points[points["word"].isin(BEGINS)]
    made = incidents[["incident_id", "title", "kind", "status", "service", "source"]].drop_duplicates("incident_id")
    keys = made["incident_id"]
    made = made.assign(began=fetched(begins.groupby("incident_id")["at"].min(), keys))
    ends = {word: points[points["word"] == word].groupby("incident_id")["latest"].max() for word in ENDS}
    ended = fetched(ends["resolved"], keys).fillna(fetched(ends["closed"], keys))
    is_edge = points["word"].isin([*BEGINS, *ENDS])
    coarse = points.loc[points["is_coarse"] & is_edge, "incident_id"]
    return made.assign(ended=ended, is_coarse=is_among(keys, coarse)).reset_index(drop=True)


def fetched(by: pd.Series, keys: pd.Series) -> pd.Series:
    """The value of each key, in the dtype that the values have; missing where there is none."""
    return pd.Series(by.reindex(pd.Index(keys)).array, index=keys.index)


def text(value: object) -> str | None:
    """A cell's text; None when it is missing."""
    return value if isinstance(value, str) else None


def said(at: pd.Timestamp) -> str:
    """An instant as findings write it: ``2026-01-05T09:30:00Z``."""
    return str(at.isoformat()).replace("+00:00", "Z")
