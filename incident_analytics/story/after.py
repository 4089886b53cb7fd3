"""Learnings, action items, and the closing check: is it solved, have we learned, do stakeholders know?"""

from __future__ import annotations

from typing import Any

import pandas as pd

from .. import wording
from ..review import Review
from .fragment import Fragment, fragment, said

_LISTS = (
    ("went_well", "Went well", "What worked as hoped, and would be missed if it were gone?"),
    ("went_poorly", "Not so well", "What made this harder than it had to be?"),
    ("got_lucky", "Where we got lucky", "What, had it been a little different, would have made this worse?"),
)


def learnings(review: Review) -> Fragment:
    """The three lists of a retrospective, most votes first; an empty list says so and asks."""
    frame = review.records.learnings
    none = "The sources name none." if review.visibility == "public" else "Nothing recorded."
    columns = []
    for category, title, question in _LISTS:
        own = frame[frame["category"] == category]
        own = own.assign(rank=own["votes"].fillna(0)).sort_values("rank", ascending=False, kind="stable")
        rows = [
            {
                "text": str(r.text),
                "theme": said(r.theme) or "",
                "votes": wording.count(int(r.votes), "vote") if pd.notna(r.votes) else "",
                "basis": said(r.basis),
                "verified": said(r.verified),
            }
            for r in own.itertuples()
        ]
        columns.append(
            {
                "title": title,
                "rows": rows,
                "none": none,
                "remark": "That is not the same as none.",
                "question": question,
                "is_gap": not len(frame),
            }
        )
    return fragment("learnings", columns=columns)


def actions(review: Review) -> Fragment:
    """Action items by state, with what is missing on each; steps done during the incident stand first."""
    items = review.records.actions
    groups = []
    during = _done_during(review)
    if during:
        groups.append({"title": "Done during the incident", "rows": during})
    is_closed = items["status"].isin(["done", "cancelled"])
    for title, part in (("To do", items[~is_closed]), ("Done or cancelled", items[is_closed])):
        rows = [_action(review, r) for r in part.itertuples()]
        if rows:
            groups.append({"title": title, "rows": rows})
    return fragment("actions", lede=_actions_lede(review), groups=groups, missing=wording.missing(review.visibility))


def _actions_lede(review: Review) -> str:
    items = review.records.actions
    missing = wording.missing(review.visibility)
    if not len(items):
        return f"No action item is recorded. Few and prioritised beats many; none needs a reason, which is {missing}."
    is_open = items[~items["status"].isin(["done", "cancelled"])]
    complete = int(is_open[["ticket", "owner_id", "type", "priority", "due_at"]].notna().all(axis=1).sum())
    text = (
        f"{wording.count(len(items), 'item')}, {len(is_open)} not done. {complete} of {len(is_open)} have ticket, owner, type, priority and due date."
        if len(is_open)
        else f"{wording.count(len(items), 'item')}, all done or cancelled."
    )
    late = is_open[is_open["due_at"] < review.as_of]
    if len(late):
        text += f" {wording.count(len(late), 'item')} past due on {wording.date(review.as_of)}."
    if len(is_open) > review.policy.action_budget:
        text += f" More than the {review.policy.action_budget} the policy calls reasonable for one review."
    return text


def _action(review: Review, row: Any) -> dict[str, Any]:
    owner = review.names.get(row.owner_id, said(row.owner_id)) if isinstance(row.owner_id, str) else None
    cells: list[dict[str, Any]] = [
        {"label": "Priority", "value": said(row.priority)},
        {"label": "Owner", "value": owner},
        {"label": "Ticket", "value": said(row.ticket)},
        {"label": "Due", "value": wording.date(row.due_at) if pd.notna(row.due_at) else None},
        {"label": "State", "value": _state(review, row)},
    ]
    absent = [c["label"].lower() for c in cells if not c["value"]]
    return {
        "title": str(row.title),
        "type": said(row.type) or "",
        "type_is_inferred": isinstance(row.extra, dict) and row.extra.get("type_basis") == "inferred",
        "basis": said(row.basis),
        "verified": said(row.verified),
        "cells": cells,
        "unknown_run": f"{', '.join(absent)}: {wording.missing(review.visibility)}"
        if len(absent) == len(cells)
        else "",
    }


def _state(review: Review, row: Any) -> str | None:
    status = said(row.status)
    if status is None:
        return None
    words = status.replace("_", " ")
    if status == "done" and pd.notna(row.done_at):
        return f"done {wording.date(row.done_at)}"
    if status in ("open", "in_progress") and pd.notna(row.created_at):
        age = max((review.as_of - row.created_at).days, 0)
        late = ", past due" if pd.notna(row.due_at) and row.due_at < review.as_of else ""
        return f"{words}, {age} d old{late}"
    return words


def _done_during(review: Review) -> list[dict[str, Any]]:
    rows = review.timeline
    steps = rows[(rows["kind"] == "action") & (rows["field"] == "mitigation") & rows["at"].notna()]
    end = review.at("resolved")
    if pd.notna(end):
        steps = steps[steps["at"] <= end]
    missing = wording.missing(review.visibility)
    return [
        {
            "title": said(s.text) or "mitigation",
            "type": "mitigate",
            "type_is_inferred": False,
            "basis": None,
            "verified": None,
            "cells": [
                {"label": "Priority", "value": "—"},
                {"label": "Owner", "value": review.names.get(s.actor_id) if isinstance(s.actor_id, str) else None},
                {"label": "Ticket", "value": None},
                {"label": "Due", "value": "—"},
                {"label": "State", "value": f"done {wording.clock_time(s.at)}"},
            ],
            "unknown_run": ""
            if isinstance(s.actor_id, str)
            else f"done {wording.clock_time(s.at)}; owner, ticket: {missing}",
        }
        for s in steps.itertuples()
    ]


def closing(review: Review) -> Fragment:
    """Three computed checks, each with its reasons: solved, learned, stakeholders informed."""
    return fragment("closing", checks=[_solved(review), _learned(review), _told(review)])


def _solved(review: Review) -> dict[str, str]:
    state = said(review.incident["end_state"])
    open_items = int((~review.records.actions["status"].isin(["done", "cancelled"])).sum())
    tail = f" {wording.count(open_items, 'action item')} without a recorded completion." if open_items else ""
    if pd.isna(review.at("resolved")) and pd.isna(review.at("impact_end")):
        return {"question": "Is it solved?", "answer": "not yet", "reason": "No end is recorded." + tail}
    if state == "fixed":
        return {
            "question": "Is it solved?",
            "answer": "yes" if not open_items else "in part",
            "reason": "Recorded as permanently fixed." + tail,
        }
    word = {
        "mitigated": "Mitigated, not fixed.",
        "self_recovered": "It recovered by itself; nothing permanent is recorded.",
    }.get(state or "", "Resolved; fixed or mitigated is not recorded.")
    return {"question": "Is it solved?", "answer": "in part", "reason": word + tail}


def _learned(review: Review) -> dict[str, str]:
    n = len(review.records.learnings)
    published, held = review.at("report_published"), review.at("review_held")
    when = (
        f"Review published {wording.date(published)}"
        if pd.notna(published)
        else f"Review held {wording.date(held)}"
        if pd.notna(held)
        else "No review is recorded"
    )
    absent = [
        title.lower() for category, title, _ in _LISTS if not (review.records.learnings["category"] == category).any()
    ]
    text = f"{when}, with {wording.count(n, 'learning')}." if n else f"{when}; no learning is recorded."
    if n and absent:
        text += f" The list “{absent[-1]}” is empty."
    answer = (
        "yes"
        if n and (pd.notna(published) or pd.notna(held))
        else "in part"
        if n or pd.notna(published) or pd.notna(held)
        else "not yet"
    )
    return {"question": "Have we learned?", "answer": answer, "reason": text}


def _told(review: Review) -> dict[str, str]:
    events = review.records.events
    updates = events[(events["kind"] == "update") & events["at"].notna()]
    outside = updates[updates["audience"].isin(["stakeholders", "public"])].sort_values("at", kind="stable")
    end = review.at("resolved")
    if not len(outside):
        return {
            "question": "Do stakeholders know?",
            "answer": "not recorded",
            "reason": "No message to stakeholders or the public is in the data.",
        }
    last = outside.iloc[-1]
    to = {"public": "public", "stakeholders": "stakeholder"}[str(last["audience"])]
    if pd.notna(end) and last["at"] >= end:
        return {
            "question": "Do stakeholders know?",
            "answer": "yes",
            "reason": f"The last {to} update came {wording.duration(last['at'] - end)} after the end."
            if last["at"] > end
            else f"The last {to} update came at the end.",
        }
    return {
        "question": "Do stakeholders know?",
        "answer": "in part",
        "reason": f"The last {to} update, at {wording.clock_time(last['at'], with_date=True)}, came before the end; no word that it is over is recorded.",
    }
