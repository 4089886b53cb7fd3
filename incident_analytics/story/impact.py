"""Impact in its four natures, and the trigger."""

from __future__ import annotations

from typing import Any

import pandas as pd

from .. import wording
from ..review import Review
from .fragment import Caption, Fragment, fragment, said
from .numbers import span_words
from .opening import impact_answers, impact_value

_NATURES = {"technical": "Technical", "business": "Business", "qualitative": "Qualitative", "team": "Team"}
_ALWAYS_ASKED = {
    "technical": "Services and requests",
    "business": "Customers, revenue, support contacts",
    "qualitative": "Trust, regulation, reputation",
    "team": "People and hours, who was woken at night",
}


def impact(review: Review) -> Fragment:
    """All answers and all open questions about impact; the four natures always have a row."""
    answered, total = impact_answers(review)
    impacts = review.records.impacts
    groups = []
    for nature, title in _NATURES.items():
        own = impacts[impacts["nature"] == nature]
        if nature == "technical":
            own = pd.concat([own, impacts[impacts["nature"].isna()]])
        rows = [_row(r) for r in own.itertuples()]
        if nature == "technical" and (words := span_words(review, "customer_impact_duration")):
            rows.insert(
                0,
                {
                    "question": "How long customers were affected",
                    "answer": words,
                    "note": "union of the intervals below" if len(own) > 1 else None,
                    "basis": None,
                    "verified": None,
                },
            )
        rows = rows or [
            {"question": _ALWAYS_ASKED[nature], "answer": None, "note": None, "basis": None, "verified": None}
        ]
        groups.append({"title": title, "rows": rows})
    return fragment(
        "impact",
        answered=answered,
        total=total,
        groups=groups,
        is_public=review.visibility == "public",
        missing=wording.missing(review.visibility),
    )


def _row(row: Any) -> dict[str, Any]:
    answer = impact_value(row)
    text = said(row.text)
    if answer and text and text != answer:
        answer = f"{answer}: {text}" if not answer.endswith(text) else answer
    if pd.notna(row.began_at):
        span = f"from {wording.clock_time(row.began_at, with_date=True)}"
        if pd.notna(row.ended_at):
            is_day = pd.notna(row.ended_at_latest) and row.ended_at_latest - row.ended_at >= pd.Timedelta(days=1)
            span += f" to {wording.clock_time(row.ended_at, 'day' if is_day else None, with_date=True)}"
        else:
            span += ", end not recorded"
        answer = "; ".join(t for t in (answer, said(row.degree), span) if t)
    question = said(row.measure) or said(row.service) or "Effect"
    if said(row.service) and said(row.measure):
        question = f"{question}, {said(row.service)}"
    return {
        "question": question[:1].upper() + question[1:],
        "answer": answer or None,
        "note": said(row.note),
        "basis": said(row.basis),
        "verified": said(row.verified),
    }


def impact_rows(review: Review) -> pd.DataFrame:
    """Rows of the impact band: every effect with an interval; effects measured over the same interval stand once."""
    impacts = review.records.impacts
    rows = impacts[impacts["began_at"].notna() & (impacts["degree"] != "none")]
    rows = rows.assign(service=rows["service"].fillna(rows["measure"]).fillna("service"))
    return rows.drop_duplicates(["service", "began_at", "ended_at", "degree"]).reset_index(drop=True)


def impact_caption(review: Review) -> Caption:
    """The finding about how long customers were affected."""
    words = span_words(review, "customer_impact_duration")
    rows = impact_rows(review)
    services = rows["service"].nunique()
    finding = f"Customers were affected for {words}" if words else "How long customers were affected cannot be computed"
    if services > 1:
        finding += f", on {wording.small(services)} services"
    missing = len(review.records.impacts) - len(rows)
    note = f"Overlapping intervals count once. {wording.count(len(rows), 'interval')} of {wording.count(len(review.records.impacts), 'recorded effect')}; {wording.small(missing)} without times."
    return Caption(finding, "Each service from the start to the end of its impact, UTC", note)


def trigger(review: Review) -> Fragment:
    """The trigger, apart from the conditions that let it matter; with the nearest recorded change before the start."""
    incident = review.incident
    return fragment(
        "trigger",
        text=said(incident["trigger"]),
        kind=said(incident["trigger_kind"]),
        basis=said(incident["trigger_basis"]),
        verified=said(incident["trigger_verified"]),
        nearest=_nearest_change(review),
        conditions=[str(c) for c in incident["contributing"]],
        missing=wording.missing(review.visibility),
    )


def _nearest_change(review: Review) -> str:
    start = review.at("impact_start")
    changes = review.timeline[(review.timeline["kind"] == "change") & review.timeline["at"].notna()]
    if pd.isna(start) or not len(changes):
        return ""
    before = changes[changes["at"] <= start]
    if not len(before):
        return ""
    row = before.iloc[-1]
    is_named = said(row["field"]) == "trigger"
    lag = start - row["at"]
    how = "at the same minute" if lag < pd.Timedelta("1min") else f"{wording.duration(lag)} before the impact"
    close = "The source itself names it as the trigger." if is_named else "It is a candidate, not a verdict."
    return f"Nearest recorded change: “{said(row['text'])}”, {how}. {close}"
