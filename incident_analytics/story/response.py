"""First five minutes, and communication."""

from __future__ import annotations

import pandas as pd

from .. import wording
from ..review import Review
from .fragment import Caption, Fragment, fragment, said

AUDIENCE_WORDS = {"internal": "Internal", "stakeholders": "Stakeholders", "public": "Public"}
_SHOWN = 12
_ZERO_WORDS = {
    "paged": "the first page",
    "ic_assumed": "an incident commander took over",
    "declared": "it was declared",
    "detected": "detection",
    "acknowledged": "the acknowledgement",
}


def first_minutes(review: Review) -> Fragment:
    """The five steps with their evidence; steps without a trace are said to be not recorded."""
    rows = [
        {
            "step": int(r.step),
            "name": str(r.name),
            "after": None if r.state == "not_recorded" else _after_words(r.offset),
            "evidence": said(r.evidence) or "",
        }
        for r in review.first_minutes.itertuples(index=False)
    ]
    return fragment(
        "five", rows=rows, is_empty=not any(r["after"] for r in rows), missing=wording.missing(review.visibility)
    )


def _after_words(offset: pd.Timedelta) -> str:
    if pd.isna(offset):
        return "time uncertain"
    if abs(offset) < pd.Timedelta("1s"):
        return "at once"
    words = wording.duration(abs(offset), with_seconds=True)
    return f"{words} before" if offset < pd.Timedelta(0) else words


def first_minutes_rows(review: Review) -> pd.DataFrame:
    """Rows of the strip; none when no step left a trace."""
    rows = review.first_minutes
    return rows if (rows["state"] != "not_recorded").any() else rows.iloc[:0]


def first_minutes_caption(review: Review) -> Caption:
    """The finding about the five steps, with the clock's zero named."""
    states = review.first_minutes["state"].value_counts()
    inside = int(states.get("in_time", 0) + states.get("before", 0))
    parts = [f"{wording.small(inside).capitalize()} of the five steps inside five minutes"]
    if late := int(states.get("late", 0)):
        parts.append(f"{wording.small(late)} later")
    if uncertain := int(states.get("uncertain", 0)):
        parts.append(f"{wording.small(uncertain)} at an uncertain time")
    if unknown := int(states.get("not_recorded", 0)):
        parts.append(f"{wording.small(unknown)} not recorded")
    zero_points = review.first_minutes["zero_point"].dropna()
    zero = (
        _ZERO_WORDS.get(str(zero_points.iloc[0]), str(zero_points.iloc[0])) if len(zero_points) else "an unknown zero"
    )
    zero_at = review.first_minutes["zero_at"].dropna()
    when = f" at {wording.clock_time(zero_at.iloc[0])}" if len(zero_at) else ""
    return Caption(
        ", ".join(parts),
        f"Minutes since {zero}{when}",
        "Each step is the first entry that matches its rule. Not recorded does not mean not done.",
    )


def communication(review: Review) -> Fragment:
    """Gaps between updates per audience against the policy; audiences without any update are named."""
    gaps = review.update_gaps
    told = _told(review)
    silent = [AUDIENCE_WORDS[a] for a in AUDIENCE_WORDS if a not in told]
    ordered = gaps.assign(size=gaps["over"].fillna(pd.Timedelta(0))) if len(gaps) else gaps
    listed = ordered[ordered["audience"].isin(told)] if len(gaps) else ordered
    cut = (
        listed.sort_values(["size", "span"], ascending=False, kind="stable").head(_SHOWN).sort_index()
        if len(listed) > _SHOWN
        else listed
    )
    rows = [
        {
            "audience": AUDIENCE_WORDS.get(str(g.audience), str(g.audience)),
            "begin": f"{wording.clock_time(g.began_at)} {_short(g.from_text)}".strip(),
            "end": f"{wording.clock_time(g.ended_at)} {_short(g.to_text)}".strip() if not g.is_open else "still open",
            "span": wording.duration(g.span),
            "over": wording.duration(g.over)
            if pd.notna(g.over) and g.over > pd.Timedelta(0)
            else "0"
            if pd.notna(g.cadence)
            else "no promise",
        }
        for g in cut.itertuples()
    ]
    hidden = f"The {len(cut)} longest of {wording.count(len(listed), 'gap')}." if len(listed) > len(cut) else ""
    word = "Updates" if not told else "Updates to " + wording.listed([s.lower() for s in silent])
    return fragment(
        "gaps",
        rows=rows,
        lede="",
        audiences_missing=word if silent else "",
        hidden=hidden,
        missing=wording.missing(review.visibility),
    )


def _told(review: Review) -> list[str]:
    updates = review.records.events[review.records.events["kind"] == "update"]
    return [a for a in AUDIENCE_WORDS if a in set(updates["audience"].dropna())]


def _short(text: object, limit: int = 48) -> str:
    words = said(text) or ""
    return words if len(words) <= limit else words[: limit - 1].rstrip() + "…"


def update_rows(review: Review) -> pd.DataFrame:
    """Rows of the figure: gaps of the audiences that were told anything."""
    gaps = review.update_gaps
    return gaps[gaps["audience"].isin(_told(review))].reset_index(drop=True) if len(gaps) else gaps


def communication_caption(review: Review) -> Caption:
    """The finding about cadence: the longest gap, and the share of time inside the promised cadence."""
    rows = update_rows(review)
    if not len(rows):
        return Caption("No update is recorded")
    longest = rows.loc[rows["span"].idxmax()]
    audience = AUDIENCE_WORDS.get(str(longest["audience"]), str(longest["audience"])).lower()
    promised = rows[rows["cadence"].notna()]
    finding = f"The longest gap was {wording.duration(longest['span'])} ({audience})"
    if len(promised):
        share = 1 - promised["over"].fillna(pd.Timedelta(0)).sum() / promised["span"].sum()
        finding = f"Within the cadence for at least {wording.percent(float(share))} of the time; the longest gap was {wording.duration(longest['span'])} ({audience})"
    own = "the shipped default" if review.policy.is_default else "the policy’s"
    if review.visibility == "public":
        own = "our reading, not the publisher’s"
    note = f"{wording.count(int((rows['position'] != 'last').sum()), 'update')}. Updates that are not in the data would shorten the gaps, so read each gap as an upper bound. Cadence: {own}."
    return Caption(finding, "Time since each audience last heard, from the first sign to the end", note)
