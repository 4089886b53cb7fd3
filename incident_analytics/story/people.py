"""Severity and its changes, and people: roles and duties."""

from __future__ import annotations

from typing import Any

import pandas as pd

from .. import wording
from ..review import Review
from .fragment import Caption, Fragment, fragment, said

ROLE_WORDS = {
    "incident_commander": "Incident commander",
    "communication_manager": "Communication manager",
    "responder": "Responder",
    "scribe": "Scribe",
    "observer": "Observer",
    "reporter": "Reporter",
}


def severity(review: Review) -> Fragment:
    """Every level with its time in force and the reason of the change."""
    steps = review.severity_steps
    rows = [
        {
            "word": str(s.level),
            "rank": None if pd.isna(s.rank) else int(s.rank),
            "since": wording.clock_time(s.began_at) if pd.notna(s.began_at) else "time not recorded",
            "span": (f"{wording.duration(s.span)}{', still' if s.is_open else ''}")
            if pd.notna(s.span)
            else wording.NOT_COMPUTABLE,
            "reason": said(s.reason) or (said(s.text) if s.direction != "first" and s.is_explained else None),
            "is_first": s.direction == "first",
        }
        for s in steps.itertuples()
    ]
    return fragment(
        "severity", rows=rows, lede=severity_caption(review).finding, missing=wording.missing(review.visibility)
    )


def severity_caption(review: Review) -> Caption:
    """The finding about severity changes: how often raised and lowered, how often without a reason."""
    steps = review.severity_steps
    changes = steps[steps["direction"] != "first"]
    sub = "Severity in force, hours since the first entry"
    note = "A dashed step is a change without a recorded reason. Starting high and lowering later is what the policy asks for; it is never counted against anybody."
    if not len(changes):
        return Caption("One level throughout" if len(steps) else "No severity recorded", sub, note)
    parts = []
    for direction in ("raised", "lowered", "unordered"):
        group = changes[changes["direction"] == direction]
        if len(group):
            silent = int((~group["is_explained"].astype(bool)).sum())
            times = {1: "once", 2: "twice"}.get(len(group), f"{wording.small(len(group))} times")
            how = (
                "with a reason"
                if not silent
                else "without a recorded reason"
                if silent == len(group)
                else f"{wording.small(silent)} of them without a recorded reason"
            )
            parts.append(
                f"{'changed' if direction == 'unordered' else direction} {times}{',' if 'of them' in how else ''} {how}"
            )
    finding = "; ".join(parts)
    return Caption(finding[:1].upper() + finding[1:], sub, note)


def roles(review: Review) -> Fragment:
    """Who held which role, under role names, with duties and how much of the response each role was covered."""
    held = review.records.participants
    rows = []
    for role, group in held.groupby("role", sort=False):
        for person, own in group.groupby("person_id", sort=False) if role == "responder" else [(None, group)]:
            rows.append(_role_row(review, str(role), person, own))
    rows.sort(
        key=lambda r: (
            list(ROLE_WORDS.values()).index(r["role"].split(",")[0])
            if r["role"].split(",")[0] in ROLE_WORDS.values()
            else 9
        )
    )
    return fragment(
        "people",
        rows=rows,
        lede=roles_caption(review).finding + "." if rows else "",
        others=_others(review),
        missing=wording.missing(review.visibility),
    )


def role_rows(review: Review) -> pd.DataFrame:
    """Rows of the roles figure: role, label, assumed_at, released_at, is_on_call, ordered by role."""
    held = review.records.participants
    names = review.names
    frame = held.assign(label=[names.get(p, p) for p in held["person_id"]])
    order = frame["role"].map({role: i for i, role in enumerate(ROLE_WORDS)}).fillna(9)
    frame = frame.assign(order=order).sort_values(["order", "assumed_at"], kind="stable").drop(columns="order")
    return frame[frame["assumed_at"].notna()].reset_index(drop=True)


def _role_row(review: Review, role: str, person: Any, group: pd.DataFrame) -> dict[str, Any]:
    names = review.names
    word = ROLE_WORDS.get(role, role.replace("_", " ").capitalize())
    team = review.records.people.set_index("person_id")["team"].get(person) if person is not None else None
    held = []
    for g in group.sort_values("assumed_at", kind="stable").itertuples():
        since = f" from {wording.clock_time(g.assumed_at)}" if pd.notna(g.assumed_at) else ""
        until = f" to {wording.clock_time(g.released_at)}" if pd.notna(g.released_at) else ""
        note = ", with a hand-over note" if said(g.handover_note) else ""
        held.append(f"{names.get(g.person_id, g.person_id)}{since}{until}{note}")
    duties = list(dict.fromkeys(d for d in (said(x) for x in group["duty"]) if d))
    return {
        "role": f"{word}, {team}" if said(team) else word,
        "duty": "; ".join(duties) or None,
        "held": "; then ".join(held),
        "covered": coverage_words(review, group),
    }


def coverage_words(review: Review, group: pd.DataFrame) -> str:
    """Share of the response (declared, else first known point, to resolved) in which somebody held the role."""
    share = coverage(review, group)
    return wording.percent(share) if share is not None else wording.NOT_COMPUTABLE


def coverage(review: Review, group: pd.DataFrame) -> float | None:
    """Union of the role's intervals over the response, as a share; None when either cannot be computed."""
    start = next((review.at(p) for p in ("declared", "acknowledged", "detected") if pd.notna(review.at(p))), pd.NaT)
    end = review.at("resolved") if pd.notna(review.at("resolved")) else review.as_of
    if pd.isna(start) or pd.isna(end) or end <= start:
        return None
    spans = sorted(
        (max(a, start), min(b if pd.notna(b) else end, end))
        for a, b in zip(group["assumed_at"], group["released_at"], strict=True)
        if pd.notna(a)
    )
    covered, reached = pd.Timedelta(0), start
    for began, ended in spans:
        if ended > reached:
            covered += ended - max(began, reached)
            reached = ended
    return float(covered / (end - start))


def _others(review: Review) -> str:
    involved = set(review.timeline["actor_id"].dropna()) & set(review.names)
    without = involved - set(review.records.participants["person_id"])
    if not without:
        return ""
    return (
        f"{wording.count(len(without), 'more person', 'more people')} appear in the timeline without a recorded role."
    )


def roles_caption(review: Review) -> Caption:
    """The finding about roles: how long an incident commander was there, hand-overs, double roles."""
    held = review.records.participants
    sub, note = (
        "Roles held, UTC",
        "Hatched: nobody held the role. A role without a recorded end is drawn to the end of the incident.",
    )
    commanders = held[held["role"] == "incident_commander"]
    if not len(held):
        return Caption("No role is recorded", sub, note)
    if not len(commanders):
        return Caption("No incident commander is recorded", sub, note)
    share = coverage(review, commanders)
    finding = (
        f"An incident commander for {wording.percent(share)} of the response"
        if share is not None
        else "An incident commander is recorded"
    )
    handovers = commanders["person_id"].nunique() - 1
    if handovers > 0:
        noted = int(commanders["handover_note"].notna().sum())
        with_note = (
            "with a note"
            if noted >= handovers
            else "without a note"
            if not noted
            else f"{wording.small(noted)} with a note"
        )
        finding += f", {wording.small(handovers)} hand-over{'s' if handovers > 1 else ''} {with_note}"
    return Caption(finding, sub, note)
