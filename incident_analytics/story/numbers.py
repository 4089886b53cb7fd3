"""How a measured span is said, and the section on how every number was computed."""

from __future__ import annotations

import pandas as pd

from .. import metrics, wording
from ..review import Review
from .fragment import Fragment, fragment, said

_ROUGH = 0.25


def point_words(review: Review, point: str, *, with_date: bool = False) -> str:
    """An instant of the clock in words: ``11:28``, ``5 Apr``, ``about 18 h``; "not recorded" when it is unknown."""
    row = review.clock.loc[point]
    if pd.isna(row["at"]):
        return wording.missing(review.visibility)
    precision = said(row["precision"])
    text = wording.clock_time(row["at"], precision, with_date=with_date)
    if precision is None and pd.notna(row["at_latest"]):
        return f"{text} to {wording.clock_time(row['at_latest'], with_date=with_date)}"
    return text


def is_to_the_second(review: Review, *points: str) -> bool:
    """Every one of the clock points is known to the second."""
    rows = review.clock.loc[list(points)]
    return all(
        p == "second" or (pd.isna(p) and pd.notna(a) and a.second)
        for p, a in zip(rows["precision"], rows["at"], strict=True)
    )


def span_words(review: Review, metric: str) -> str | None:
    """A measured duration in words, as precise as its clock points; None when there is nothing to say.

    Known only within bounds, it is said as a range, or as "about" when the bounds lie close together. An open
    incident gives "at least".
    """
    row = review.measurements.loc[metric]
    if row["is_open"]:
        return f"at least {wording.duration(row['low'])}" if pd.notna(row["low"]) else None
    if pd.isna(row["value"]):
        return None
    if row["is_interval"]:
        is_close = row["value"] > pd.Timedelta(0) and (row["high"] - row["low"]) <= _ROUGH * row["value"]
        return wording.about(row["value"]) if is_close else wording.span_range(row["low"], row["high"])
    points = [p for p in (said(row["start_point"]), said(row["end_point"])) if p and p in review.clock.index]
    return wording.duration(row["value"], with_seconds=len(points) == 2 and is_to_the_second(review, *points))


def range_words(review: Review, metric: str) -> str:
    """The bounds of a duration in words; empty when there is one value."""
    row = review.measurements.loc[metric]
    if row["is_open"]:
        return "still open"
    if pd.isna(row["value"]) or not row["is_interval"]:
        return ""
    return wording.span_range(row["low"], row["high"])


def _points_words(review: Review, row: pd.Series) -> str:
    parts = []
    for side in ("start", "end"):
        point = said(row[f"{side}_point"])
        if point and point in review.clock.index:
            parts.append(f"{point.replace('_', ' ')} {point_words(review, point)}")
        elif point:
            parts.append(point.replace("_", " "))
    return " to ".join(parts)


def _basis_words(review: Review, row: pd.Series) -> str:
    words = []
    for side in ("start", "end"):
        point = said(row[f"{side}_point"])
        if point not in review.clock.index:
            continue
        found = review.clock.loc[point]
        mark = wording.basis_mark(said(found["knowledge"]), said(found["verified"]))
        if pd.notna(found["at"]):
            words.append(mark or said(found["basis"]) or "recorded")
    return ", ".join(words)


def computed(review: Review) -> Fragment:
    """The table of all durations: clock points, value, range, basis; with the formulas behind a fold."""
    rows = []
    for name, definition in metrics.DEFINITIONS.items():
        row = review.measurements.loc[name]
        rows.append(
            {
                "label": definition.label,
                "points": _points_words(review, row),
                "value": span_words(review, name),
                "range": range_words(review, name),
                "basis": _basis_words(review, row),
                "note": "; ".join(t for t in (said(row["reason"]), said(row["note"])) if t),
            }
        )
    known = sum(1 for r in rows if r["value"])
    lede = f"{known} of {len(rows)} durations can be computed. They are as precise as their clock points; where a point is known only within bounds, the range is the answer."
    return fragment(
        "computed",
        lede=lede,
        rows=rows,
        definitions=list(metrics.DEFINITIONS.values()),
        missing=wording.missing(review.visibility),
    )


_CHECK_ORDER = {"error": 0, "warning": 1, "info": 2}


def findings(review: Review) -> Fragment:
    """Data-quality findings of this incident, the worst first; conflicts between sources among them."""
    frame = review.records.findings
    frame = frame.assign(order=frame["severity"].map(_CHECK_ORDER).fillna(3)).sort_values("order", kind="stable")
    rows = [
        {
            "check": str(r.check).replace("_", " "),
            "message": wording.sentence(str(r.message)),
            "raw": said(r.raw),
            "where": ", ".join(t for t in (said(r.source), said(r.table), said(r.row) and f"row {r.row}") if t),
        }
        for r in frame.itertuples()
    ]
    worst = frame["severity"].value_counts()
    counted = wording.listed([wording.count(int(worst[s]), s) for s in _CHECK_ORDER if s in worst and s != "info"])
    lede = f"{wording.count(len(rows), 'finding')}" + (
        f", among them {counted}." if counted else "; none of them changes a number by itself."
    )
    return fragment("findings", rows=rows, lede=lede)


def sources(review: Review) -> Fragment:
    """What the report rests on, and the footer: version of the data, policy, names."""
    incident = review.incident
    references = [r for r in incident["references"] if isinstance(r, dict)]
    read = (
        review.records.events["source"].dropna().unique().tolist()
        + review.records.incidents["source"].dropna().tolist()
    )
    files = wording.listed(sorted({str(s) for s in read}))
    where = "shipped default" if review.policy.is_default else "the one that came with the data"
    zone = said(incident["time_zone"])
    footer = (
        f"All times UTC{f'; the source writes {zone}' if zone and zone != 'UTC' else ''}. Policy: {where}. "
        f"Data {review.records.digest()}, as of {wording.date(review.as_of)}."
    )
    is_removed = all(bool(e.get("is_pseudonym")) for e in review.records.people["extra"])
    names = (
        "Names removed: people appear as roles, the same person under the same name within this report."
        if is_removed
        else "Names are shown, as asked for. Do not hand this report on outside the team."
    )
    return fragment("sources", references=references, files=files, footer=footer, names=names)
