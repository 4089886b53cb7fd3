"""Severity over time: which level was in force when, and whether a change came with a reason."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from ..clock import bounds_of, open_incidents
from ..policy import Policy
from ..schema import DTYPES, Events
from ..stats.intervals import MISSING, Micros, micros
from .measured import Flags, as_micros, instants

_SAYS_SEVERITY = r"\bsev(?:erity|[\s-]?\d+)?\b"
_KEPT = ["incident_id", "kind", "new", "at", "sequence", "reason", "text", "source", "basis"]


def build_severity_steps(events: Events, clock: pd.DataFrame, *, policy: Policy, as_of: pd.Timestamp) -> pd.DataFrame:
    """Stretches of one severity, in order; an incident without a recorded severity has none.

    A level lasts until the next change, the last one until the incident is resolved (or closed), and while it is open
    until the end of the data. The same word said again is no new step. A level set after the end was in force for no
    time of it. Where the time of a change is not known, the lengths on both sides of it are not known either.

    A change counts as explained when a reason is recorded with it, by any source, or when a person said the new word
    or spoke of severity in a message or an update no further away than the policy's ``explained_within``.

    Args:
        events: what happened.
        clock: the clock; incidents that are not in it are left out.
        policy: order of the levels, and how close an explanation must be.
        as_of: end of the data.

    Returns:
        Columns ``incident_id, level, rank, began_at, ended_at, span, is_open, direction, is_explained, reason, text``.
        ``level`` is the word as written; ``rank`` 1 is the most severe, missing for a word the policy does not know.
        ``direction`` is first, raised, lowered, same (another word of the same rank) or unordered.
    """
    ids, end, is_open = incident_ends(clock, as_of)
    said = events.loc[(events["kind"] == "severity") & events["new"].notna() & events["incident_id"].isin(ids), _KEPT]
    said = without_snapshots(said)
    said = _in_order(said.assign(incident=ids.get_indexer(pd.Index(said["incident_id"]))), policy)
    is_repeat = (said["incident"] == said["incident"].shift()) & (said["folded"] == said["folded"].shift())
    steps = said[~is_repeat].reset_index(drop=True)
    is_new = (steps["incident"] != steps["incident"].shift()).to_numpy()
    is_last = np.append(is_new[1:], True) if len(steps) else is_new
    incident = steps["incident"].to_numpy()
    began, ended = _bounds(steps["at"], is_last, end[incident])
    steps["direction"] = _direction(steps, is_new)
    steps["reason"] = _reason(steps, said, policy)
    is_told = _told_by_somebody(steps, events, policy)
    made = pd.DataFrame(
        {
            "incident_id": steps["incident_id"],
            "level": steps["new"],
            "rank": steps["rank"],
            "began_at": instants(began),
            "ended_at": instants(ended),
            "span": instants(ended) - instants(began),
            "is_open": pd.array(is_last & is_open[incident], dtype="boolean"),
            "direction": steps["direction"],
            "is_explained": (steps["reason"].notna() | is_told | (steps["direction"] == "same")).astype("boolean"),
            "reason": steps["reason"],
            "text": steps["text"],
        }
    )
    return made.astype({"span": DTYPES["span"], "direction": "str"})


def without_snapshots(events: Events) -> Events:
    """The events without levels inferred from how a record stood at export, where the changes themselves are recorded."""
    is_severity = events["kind"] == "severity"
    is_snapshot = is_severity & (events["basis"] == "inferred")
    stated = events.loc[is_severity & ~is_snapshot, "incident_id"]
    return events[~(is_snapshot & events["incident_id"].isin(stated))]


def build_time_in_severity(steps: pd.DataFrame) -> pd.DataFrame:
    """How long each level was in force: the spans of its steps added up.

    Args:
        steps: what :func:`build_severity_steps` returns.

    Returns:
        Columns ``incident_id, level, rank, span, is_open``, in the order in which the levels were first set. A level
        with a stretch of unknown length has ``NaT``; ``is_open`` means "at least this long".
    """
    grouped = steps.assign(lacks=steps["span"].isna()).groupby(["incident_id", "level"], sort=False, as_index=False)
    total = grouped.agg(
        rank=("rank", "first"), span=("span", "sum"), is_open=("is_open", "any"), lacks=("lacks", "any")
    )
    total["span"] = total["span"].where(~total["lacks"].astype(bool)).astype(DTYPES["span"])
    return total.drop(columns="lacks").astype({"is_open": "boolean"})


def incident_ends(clock: pd.DataFrame, as_of: pd.Timestamp) -> tuple[pd.Index, Micros, Flags]:
    """Ids, when each incident ended, and whether it is open; an open one "ends" with the data.

    The end is ``resolved``, else ``closed``; ``MISSING`` where the incident is over at a time nobody recorded.
    """
    ids, (resolved, _), (closed, _) = bounds_of(clock, "resolved", "closed")
    is_open = open_incidents(clock).to_numpy()
    end = np.where(resolved != MISSING, resolved, closed)
    return ids, np.where(is_open, as_micros(as_of), end), is_open


def _in_order(said: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Severity entries in the order of time; one without a time keeps its place after the entry told before it."""
    words = {word: policy.rank(word) for word in said["new"].unique()}
    said = said.assign(rank=said["new"].map(words).astype("Int64"), folded=said["new"].str.strip().str.casefold())
    told = said.sort_values(["incident", "sequence", "at"])
    place = told.groupby("incident")["at"].ffill().reindex(said.index)
    keys = ["incident", "place", "sequence", "folded", "new", "reason", "source", "text"]
    return said.assign(place=place).sort_values(keys, na_position="first", ignore_index=True)


def _bounds(at: pd.Series, is_last: Flags, end: Micros) -> tuple[Micros, Micros]:
    began = micros(at)
    following = np.append(began[1:], MISSING) if len(began) else began
    ended = np.where(is_last, end, following)
    # The end of the incident cuts the step before it; what is set afterwards lasts for no time of the incident.
    is_cut = (ended != MISSING) & (end != MISSING) & (ended > end)
    ended = np.where(is_cut, end, ended)
    is_after = (began != MISSING) & (ended != MISSING) & (ended < began)
    return began, np.where(is_after, began, ended)


def _direction(steps: pd.DataFrame, is_new: Flags) -> pd.Series:
    before = steps["rank"].shift()
    change = (steps["rank"] - before).astype("Float64")
    choices = [is_new, change.isna(), change < 0, change > 0]
    masks = [np.asarray(pd.array(choice, dtype="boolean").fillna(False), dtype=bool) for choice in choices]
    return pd.Series(
        np.select(masks, ["first", "unordered", "raised", "lowered"], "same"), index=steps.index, dtype="str"
    )


def _reason(steps: pd.DataFrame, said: pd.DataFrame, policy: Policy) -> pd.Series:
    """The reason recorded with the change, or with another source's entry of the same change close to it."""
    given = said[said["reason"].notna() & said["at"].notna()][["incident", "folded", "at", "reason"]]
    lacking = steps[steps["reason"].isna()].reset_index(names="step")[["incident", "folded", "at", "step"]]
    near = lacking.merge(given, on=["incident", "folded"], suffixes=("", "_given")).drop(columns="folded")
    near["away"] = (near["at_given"] - near["at"]).abs()
    near = near[near["away"] <= policy.explained_within].sort_values(["step", "away", "reason"]).drop_duplicates("step")
    return steps["reason"].fillna(near.set_index("step")["reason"])


def _told_by_somebody(steps: pd.DataFrame, events: Events, policy: Policy) -> Flags:
    """A person said the new word, or spoke of severity, close to the change."""
    found = np.zeros(len(steps), dtype=bool)
    is_message = events["kind"].isin(["message", "update"]) & ~events["is_automatic"].fillna(False)
    words = {word: _spoken(word, policy) for word in steps["new"].unique()}
    anything = re.compile("|".join([_SAYS_SEVERITY, *sorted(words.values())]), re.IGNORECASE)
    texts = events.loc[is_message & events["incident_id"].isin(steps["incident_id"]), ["incident_id", "at", "text"]]
    texts = texts[texts["text"].str.contains(anything, na=False)]
    changes = steps.loc[steps["reason"].isna(), ["incident_id", "at", "new"]].reset_index(names="step")
    near = changes.merge(texts, on="incident_id", suffixes=("", "_said"))
    near = near[(near["at_said"] - near["at"]).abs() <= policy.explained_within]
    speaks = [
        re.search(f"{_SAYS_SEVERITY}|{words[word]}", text, re.IGNORECASE) is not None
        for word, text in zip(near["new"], near["text"], strict=True)
    ]
    found[near["step"][np.array(speaks, dtype=bool)]] = True
    return found


def _spoken(word: str, policy: Policy) -> str:
    """A pattern for a level's word, as written or as the policy writes it, standing by itself."""
    spellings = {word.strip(), policy.level(word) or word.strip()}
    return "|".join(rf"(?<!\w){re.escape(spelling)}(?!\w)" for spelling in sorted(spellings))
