"""How long each audience heard nothing, against what the policy promises."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..clock import bounds_of, event_bounds
from ..policy import AUDIENCES, Policy
from ..schema import DTYPES, Events
from ..stats.intervals import MISSING, whole_micros
from .measured import instants
from .severity import incident_ends

FINAL_WORD = pd.Timedelta("1D")
"""An update this long after the end still tells that it ended; a later one is a report."""

_STARTS = ("detected", "declared", "impact_start")
_START, _UPDATE, _END = 0, 1, 2


def build_update_gaps(
    events: Events, clock: pd.DataFrame, steps: pd.DataFrame, *, policy: Policy, as_of: pd.Timestamp
) -> pd.DataFrame:
    """Stretches in which an audience heard nothing, one after the other, per incident and audience.

    The first runs from the detection (else the declaration, else the impact start) to the first update, the last
    from the last update to the end of the incident; while it is open, to the end of the data. An update that tells
    of the end within a day after it ends the stretch instead. "Nothing new" is an update. An audience is listed when it
    was told anything, or when the policy promises it a cadence for a severity the incident had.

    Updates that are not in the data would shorten the gaps: each is an upper bound. Updates without a time, and
    entries before the start, begin or end no first gap.

    Args:
        events: what happened.
        clock: the clock; incidents that are not in it are left out.
        steps: severity steps of the same incidents.
        policy: the cadence per severity and audience.
        as_of: end of the data.

    Returns:
        Columns ``incident_id, audience, began_at, ended_at, span, from_text, to_text, severity, cadence, over, is_open,
        position, is_interval``. ``severity`` is the one in force at the beginning, before any was set the first one.
        ``cadence`` and ``over`` are ``NaT`` where nothing is promised; ``over`` is 0 within the cadence. ``position``
        is first and between for gaps that an update ended, last for one that ran to the end. ``is_interval`` marks a
        gap whose beginning or end is known only within bounds.
    """
    marks = _marks(events, clock, steps, policy, as_of)
    follows = (
        (marks["incident"] == marks["incident"].shift(-1)) & (marks["audience"] == marks["audience"].shift(-1))
    ).to_numpy()
    begin, end = marks[follows].reset_index(drop=True), marks.shift(-1)[follows].reset_index(drop=True)
    began, ended = instants(begin["at"].to_numpy()), instants(end["at"].to_numpy(dtype=np.int64))
    gaps = pd.DataFrame(
        {
            "incident_id": begin["incident_id"],
            "audience": begin["audience"],
            "began_at": began,
            "ended_at": ended,
            "span": ended - began,
            "from_text": begin["text"],
            "to_text": end["text"],
            "is_open": (end["is_open"].astype(bool)).astype("boolean"),
            "position": np.select([end["sort"] == _END, begin["sort"] == _START], ["last", "first"], "between"),
            "is_interval": (begin["is_uncertain"].astype(bool) | end["is_uncertain"].astype(bool)).astype("boolean"),
        }
    )
    gaps["severity"] = _in_force(gaps, steps)
    gaps["cadence"] = _promised(gaps, policy)
    over = gaps["span"] - gaps["cadence"]
    gaps["over"] = over.where(~(over < pd.Timedelta(0)), pd.Timedelta(0).as_unit("us"))
    order = [
        "incident_id", "audience", "began_at", "ended_at", "span", "from_text", "to_text", "severity", "cadence",
        "over", "is_open", "position", "is_interval",
    ]  # fmt: skip
    spans = dict.fromkeys(("span", "cadence", "over"), DTYPES["span"])
    return gaps[order].astype({**spans, "position": "str", "severity": "str", "from_text": "str", "to_text": "str"})


def communication_summary(gaps: pd.DataFrame, events: Events) -> pd.DataFrame:
    """Per incident and audience: how many updates, the longest gap, and the share of time within the cadence.

    Args:
        gaps: what :func:`build_update_gaps` returns.
        events: what happened.

    Returns:
        Columns ``incident_id, audience, n_updates, n_automatic, n_untimed, longest, over, share_within``. ``over`` is
        the time beyond the cadence, added up; ``share_within`` the share of the time with a promise that lay within
        it, missing where nothing was promised. The share is a lower bound, as gaps are upper bounds.
    """
    updates = events[(events["kind"] == "update") & events["audience"].notna()]
    counted = updates.assign(
        is_automatic=updates["is_automatic"].fillna(False).astype(bool), is_untimed=updates["at"].isna()
    ).groupby(["incident_id", "audience"])
    told = counted.agg(n_updates=("kind", "size"), n_automatic=("is_automatic", "sum"), n_untimed=("is_untimed", "sum"))
    promised = gaps.assign(judged=gaps["span"].where(gaps["cadence"].notna()))
    summed = promised.groupby(["incident_id", "audience"], sort=False)
    total = summed.agg(longest=("span", "max"), over=("over", "sum"), judged=("judged", "sum"), n=("judged", "count"))
    judged, over = total["judged"] / pd.Timedelta("1us"), total["over"] / pd.Timedelta("1us")
    total["share_within"] = (1 - over / judged.where(judged > 0)).astype("float64")
    total["over"] = total["over"].where(total["n"] > 0)
    table = total.drop(columns=["judged", "n"]).join(told).reset_index()
    counts = ["n_updates", "n_automatic", "n_untimed"]
    table[counts] = table[counts].fillna(0).astype("Int64")
    return table[["incident_id", "audience", *counts, "longest", "over", "share_within"]]


def _marks(
    events: Events, clock: pd.DataFrame, steps: pd.DataFrame, policy: Policy, as_of: pd.Timestamp
) -> pd.DataFrame:
    """Start, updates and end of every incident and audience, in order."""
    ids, end, is_open = incident_ends(clock, as_of)
    updates = events[(events["kind"] == "update") & events["audience"].notna() & events["at"].notna()]
    updates = updates[updates["incident_id"].isin(ids)]
    pairs = pd.concat([updates[["incident_id", "audience"]], _promised_audiences(steps, policy)]).drop_duplicates()
    pairs = pairs.assign(incident=ids.get_indexer(pd.Index(pairs["incident_id"])))
    pairs = pairs[pairs["incident"] >= 0]
    incident = pairs["incident"].to_numpy()
    at, latest, text = _starts(clock)
    starts = pairs.assign(at=at[incident], latest=latest[incident], text=text[incident], sort=_START, is_open=False)
    words = np.where(is_open, "end of the data", "resolved")
    _, (resolved, resolved_latest) = bounds_of(clock, "resolved")
    words = np.where(~is_open & (resolved == MISSING), "closed", words)
    end_latest = np.where(is_open | (resolved == MISSING), end, resolved_latest)
    ends = pairs.assign(
        at=end[incident], latest=end_latest[incident], text=words[incident], sort=_END, is_open=is_open[incident]
    )
    told_at, told_latest = event_bounds(updates)
    told = pd.DataFrame(
        {
            "incident_id": updates["incident_id"],
            "audience": updates["audience"],
            "incident": ids.get_indexer(pd.Index(updates["incident_id"])),
            "at": told_at,
            "latest": told_latest,
            "text": updates["text"],
            "sort": _UPDATE,
            "is_open": False,
        }
    )
    marks = pd.concat([starts, told, ends], ignore_index=True).astype({"text": "str"})
    marks = marks[marks["at"] != MISSING].assign(is_uncertain=lambda t: t["at"] != t["latest"])
    marks = marks.assign(place=marks["audience"].map({a: n for n, a in enumerate(AUDIENCES)}).fillna(len(AUDIENCES)))
    marks = marks.sort_values(["incident", "place", "audience", "at", "sort", "text"], ignore_index=True)
    return _inside(marks, end, is_open)


def _inside(marks: pd.DataFrame, end: np.ndarray, is_open: np.ndarray) -> pd.DataFrame:
    """Marks of the incident: nothing before its start if an update came first, nothing after the word of its end."""
    key = ["incident", "audience"]
    is_update = marks["sort"] == _UPDATE
    first = marks["at"].where(is_update).groupby([marks[k] for k in key]).transform("min")
    ended, going = end[marks["incident"]], is_open[marks["incident"]]
    has_end = ended != MISSING
    limit = np.where(going, ended, ended + whole_micros(FINAL_WORD))
    tells_end = is_update & has_end & ~going & (marks["at"] >= ended) & (marks["at"] <= limit)
    final = marks["at"].where(tells_end).groupby([marks[k] for k in key]).transform("min")
    last = final.fillna(pd.Series(ended, index=marks.index))
    is_kept = ~((marks["sort"] == _START) & (first < marks["at"]))
    is_kept &= ~((marks["sort"] == _END) & final.notna())
    is_kept &= ~(is_update & has_end & (marks["at"] > last))
    is_kept &= ~((marks["sort"] == _START) & has_end & (marks["at"] > ended))
    return marks[is_kept].reset_index(drop=True)


def _starts(clock: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """From when each incident could be told of: bounds, and the name of the clock point."""
    ids, (at, latest), *others = bounds_of(clock, *_STARTS)
    text = np.full(len(ids), _STARTS[0].replace("_", " "), dtype=object)
    for point, (other, other_latest) in zip(_STARTS[1:], others, strict=True):
        is_next = at == MISSING
        at, latest = np.where(is_next, other, at), np.where(is_next, other_latest, latest)
        text[is_next] = point.replace("_", " ")
    return at, latest, text


def _promised_audiences(steps: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Incident and audience for every severity an incident had for which the policy promises updates."""
    levels = {word: policy.level(word) for word in steps["level"].unique()}
    promised = pd.DataFrame(list(policy.cadence), columns=["known", "audience"]).astype("str")
    had = pd.DataFrame({"incident_id": steps["incident_id"], "known": steps["level"].map(levels).astype("str")})
    return had.dropna().drop_duplicates().merge(promised, on="known")[["incident_id", "audience"]]


def _in_force(gaps: pd.DataFrame, steps: pd.DataFrame) -> pd.Series:
    """The severity in force when each gap began; before any was set, the first one of the incident."""
    timed = steps.dropna(subset=["began_at"]).sort_values("began_at", kind="stable")
    left = gaps[["incident_id", "began_at"]].reset_index(names="gap").sort_values("began_at", kind="stable")
    found = pd.merge_asof(left, timed[["incident_id", "began_at", "level"]], on="began_at", by="incident_id")
    level = found.set_index("gap")["level"].reindex(gaps.index)
    first = steps.drop_duplicates("incident_id").set_index("incident_id")["level"]
    return level.fillna(gaps["incident_id"].map(first).astype("str"))


def _promised(gaps: pd.DataFrame, policy: Policy) -> pd.Series:
    levels = {word: policy.level(word) for word in gaps["severity"].dropna().unique()}
    found = [
        policy.cadence.get((levels.get(s) or "", a), pd.NaT)
        for s, a in zip(gaps["severity"], gaps["audience"], strict=True)
    ]
    return pd.Series(found, index=gaps.index, dtype=DTYPES["span"])
