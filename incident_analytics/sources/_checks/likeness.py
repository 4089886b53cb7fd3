"""Records that may be one: alike, overlapping, or in fragments. They are pointed out and never merged."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ...schema import finding
from .._frame_columns import is_among
from .base import COUNTED, Found, fetched, said, told

NEAR = pd.Timedelta("15min")
"""A record of the same service that begins this soon after the end of another may be the same outage."""

SHOWN = 5
"""How many identifiers of a group are named."""

NEVER_MERGED = "They are counted as they are; only the same identifier makes one record."


def looks_alike(spans: pd.DataFrame) -> Found:
    """Records of different identifiers with the same title and service that begin in the same minute."""
    rows = spans[spans["title"].notna() & spans["began"].notna()]
    title = rows["title"].str.strip().str.casefold()
    key = [title, rows["service"].fillna(""), rows["began"].dt.floor("min")]
    if len(rows) < 2:
        return []
    is_alike = pd.DataFrame(dict(enumerate(key))).duplicated(keep=False)
    found = _groups(rows[is_alike], [part[is_alike] for part in key])

    def clause(each: Any) -> str:
        return f"{each.n} records have the same title, service and start {said(each.began)}: {each.ids}"

    about = "have the same title, service and start"
    return told(
        "looks_alike", "info", found, clause, noun="group of records", plural="groups of records", about=about,
        table="incidents", done=NEVER_MERGED,
    )  # fmt: skip


def overlapping(spans: pd.DataFrame) -> Found:
    """Records of one service that begin before an earlier one of it has ended."""
    rows, reached = _by_service(spans)
    return _chained(
        rows, (rows["began"] < reached).fillna(False), "overlapping", "run at the same time", "overlap in time"
    )


def fragments(spans: pd.DataFrame) -> Found:
    """Records of one service that begin within minutes after the end of an earlier one: maybe one outage in pieces."""
    rows, reached = _by_service(spans)
    is_next = ((rows["began"] >= reached) & (rows["began"] <= reached + NEAR)).fillna(False)
    minutes = int(NEAR.total_seconds() // 60)
    return _chained(
        rows, is_next, "fragments", f"follow each other within {minutes} min", "may be one outage in pieces"
    )


def _by_service(spans: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Counted records with service, beginning and end, in order; and the latest end so far of the same service."""
    rows = spans[spans["kind"].isin(COUNTED) & spans["service"].notna()].dropna(subset=["began", "ended"])
    rows = rows[(rows["ended"] > rows["began"]) & ~rows["is_coarse"]]
    rows = rows.sort_values(["service", "began", "incident_id"], kind="stable", ignore_index=True)
    reached = rows.groupby("service")["ended"].cummax()
    return rows, reached.groupby(rows["service"]).shift()


def _chained(rows: pd.DataFrame, is_next: pd.Series, check: str, says: str, about: str) -> Found:
    """One group per chain of records of which each follows on the one before."""
    if not is_next.any():
        return []
    chain = (~is_next).cumsum()
    is_long = chain.groupby(chain).transform("size") > 1
    found = _groups(rows[is_long], [chain[is_long]])

    def clause(each: Any) -> str:
        return f"{each.n} records of {each.service!r} {says}, from {said(each.began)} on: {each.ids}"

    return told(
        check, "info", found, clause, noun="group of records", plural="groups of records", about=about,
        table="incidents", done=NEVER_MERGED,
    )  # fmt: skip


def _groups(rows: pd.DataFrame, keys: list[pd.Series]) -> pd.DataFrame:
    """One row per group: its first record, how many there are, and their identifiers."""
    grouped = rows.groupby([key.to_numpy() for key in keys], sort=False)
    place = grouped.ngroup().to_numpy()
    firsts = rows.assign(group=place).drop_duplicates("group")[["group", "source", "service", "began"]]
    shown = rows.assign(group=place, nth=grouped.cumcount().to_numpy())
    first, *others = (shown.loc[shown["nth"] == n].set_index("group")["incident_id"] for n in range(SHOWN))
    ids = first
    for other in others:
        ids = ids + (", " + other).reindex(ids.index).fillna("")
    sizes = pd.Series(place).value_counts()
    found = firsts.assign(ids=fetched(ids, firsts["group"]), n=fetched(sizes, firsts["group"]), incident_id=None)
    found = found.astype({"ids": "str", "incident_id": "str"})
    more = found["ids"].where(found["n"] <= SHOWN, found["ids"] + " and more")
    return found.assign(ids=more)


def unknown_incident(incidents: pd.DataFrame, *tables: pd.DataFrame) -> Found:
    """Rows that name an incident which no file describes, one finding per table and source."""
    known = incidents["incident_id"]
    rows = []
    for table, frame in zip(("events", "participants", "impacts", "actions", "learnings"), tables, strict=True):
        strange = frame[frame["incident_id"].notna() & ~is_among(frame["incident_id"], known)]
        for source, group in strange.groupby(strange["source"].fillna("an unnamed source")):
            ids = group["incident_id"].drop_duplicates()
            rows.append(
                finding(
                    "unknown_incident",
                    "warning",
                    f"{len(group)} row(s) of {len(ids)} incident(s) that no file describes, first "
                    f"{', '.join(map(repr, ids[:3]))}; expected the incidents beside them. Kept.",
                    table=table,
                    source=str(source),
                )
            )
    return rows
