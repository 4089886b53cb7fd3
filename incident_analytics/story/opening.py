"""The first screen: title, severity, how it ended, data quality, impact numbers, three sentences."""

from __future__ import annotations

from typing import Any

import pandas as pd

from .. import wording
from ..review import Review
from .fragment import Caption, Fragment, fragment, said
from .numbers import point_words, span_words
from .prompts import prompts

CORE_POINTS = ("impact_start", "detected", "acknowledged", "declared", "identified", "mitigated", "resolved")
_END_WORDS = {"fixed": "Fixed", "mitigated": "Mitigated", "self_recovered": "Recovered by itself"}


def opening(review: Review) -> Fragment:
    """Title, severity and its path, how it ended in words, data quality."""
    incident = review.incident
    is_known, ended, why = ending(review)
    known, disputed = clock_quality(review)
    answered, total = impact_answers(review)
    timed, entries = timed_entries(review)
    more = f"{known} of {len(CORE_POINTS)} clock points known{f', {disputed} disputed' if disputed else ''}."
    if total:
        more += f" {answered} of {total} impact questions answered."
    return fragment(
        "opening",
        kicker=kicker(review),
        title=said(incident["title"]) or review.incident_id,
        sub=wording.listed(incident["affected_services"], "and") or said(incident["service"]),
        severity=_peak(review),
        severity_path=_severity_path(review),
        ended=ended,
        ended_is_known=is_known,
        ended_why=why,
        quality=f"{timed} of {wording.count(entries, 'entry', 'entries')} timed" if entries else "no timeline entries",
        quality_more=more,
        missing=wording.missing(review.visibility),
    )


def kicker(review: Review) -> str:
    """The line above the title: whose incident, which day, from when to when."""
    incident = review.incident
    owner = said(incident["organisation"]) or said(incident["collection"])
    kind = said(incident["kind"]) or "incident"
    parts = [
        "Post-incident review" if kind == "incident" else f"Post-incident review of a {kind.replace('_', ' ')}",
        owner,
    ]
    began, ended = review.began_at, review.ended_at
    if pd.notna(began):
        span = wording.long_date(began)
        points = [
            p
            for p in ("impact_start", "detected", "alert_fired", "paged", "acknowledged", "declared")
            if review.at(p) == began
        ]
        if points and said(review.clock.loc[points[0], "precision"]) not in ("day",):
            span += f", {point_words(review, points[0])}"
        if pd.notna(ended):
            end = "resolved" if pd.notna(review.at("resolved")) else "impact_end"
            is_same_day = began.date() == ended.date()
            span += f" to {point_words(review, end, with_date=not is_same_day)} UTC"
        else:
            span += " UTC, still open"
        parts.append(span)
    return " · ".join(p for p in parts if p)


def ending(review: Review) -> tuple[bool, str, str]:
    """Whether the end is known, the end in words, and the reason in one clause."""
    incident = review.incident
    state, reason = said(incident["end_state"]), said(incident["end_reason"])
    resolved = review.at("resolved")
    if said(incident["status"]) in ("open",) or (pd.isna(resolved) and said(incident["status"]) == "mitigated"):
        since = wording.duration(review.as_of - review.began_at) if pd.notna(review.began_at) else ""
        return (
            True,
            "Still open",
            f"{since} so far, counted to {wording.date(review.as_of)}, the end of the data." if since else "",
        )
    when = f", service normal since {point_words(review, 'resolved')}" if pd.notna(resolved) else ""
    if state in _END_WORDS:
        return True, f"{_END_WORDS[state]}{when}", wording.sentence(reason) if reason else ""
    if pd.notna(resolved):
        why = reason or "whether it was fixed or only mitigated is not recorded"
        return True, f"Resolved at {point_words(review, 'resolved')}", wording.sentence(why)
    return (
        False,
        wording.missing(review.visibility),
        wording.sentence(reason) if reason else "The end is not in the data.",
    )


def _peak(review: Review) -> dict[str, Any] | None:
    steps = review.severity_steps
    if not len(steps):
        return None
    ranked = steps.dropna(subset=["rank"])
    row = ranked.loc[ranked["rank"].idxmin()] if len(ranked) else steps.iloc[0]
    return {"word": str(row["level"]), "rank": None if pd.isna(row["rank"]) else int(row["rank"])}


def _severity_path(review: Review) -> str:
    steps = review.severity_steps
    if not len(steps):
        return "No label, so no changes of it either."
    if len(steps) == 1:
        word = "published" if review.visibility == "public" else "recorded"
        return f"The one label {word}; no change of it is {word}."
    words = " → ".join(str(w) for w in steps["level"])
    silent = int((~steps["is_explained"].astype(bool) & (steps["direction"] != "first")).sum())
    return f"{words}. " + (
        f"{wording.small(silent).capitalize()} of {len(steps) - 1} changes without a recorded reason."
        if silent
        else "Every change with a reason."
    )


def clock_quality(review: Review) -> tuple[int, int]:
    """How many of the seven core clock points are known, and how many of them are disputed."""
    core = review.clock.loc[list(CORE_POINTS)]
    return int(core["at"].notna().sum()), int(core["is_disputed"].fillna(False).astype(bool).sum())


def impact_answers(review: Review) -> tuple[int, int]:
    """How many of the recorded questions about impact have an answer."""
    impacts = review.records.impacts
    has_answer = (
        impacts[["value", "low", "high"]].notna().any(axis=1) | impacts["text"].notna() | impacts["began_at"].notna()
    )
    return int(has_answer.sum()), len(impacts)


def timed_entries(review: Review) -> tuple[int, int]:
    """How many timeline entries carry a time of their own, of how many."""
    entries = review.timeline
    return int((entries["at"].notna() & ~entries["is_between"].astype(bool)).sum()), len(entries)


def impact_numbers(review: Review) -> Fragment:
    """Six numbers; unknown ones keep their seat, because an empty seat is information."""
    missing = wording.missing(review.visibility)
    seats = [
        _duration_seat(review, "incident_duration", "impact start to all normal", missing),
        _duration_seat(review, "time_to_mitigate", "until the main impact was over", missing),
        _duration_seat(review, "time_to_detect", "until somebody knew", missing),
    ]
    impacts = review.records.impacts
    measured = impacts[
        impacts["measure"].notna() & (impacts["nature"].isin(["business", "technical"]) | impacts["nature"].isna())
    ]
    has_number = measured[["value", "low", "high"]].notna().any(axis=1)
    has_text = measured["text"].notna() & (measured["text"].str.len() <= 22)
    unknown = measured[~has_number & measured["text"].isna()]
    known = pd.concat([measured[has_number], measured[~has_number & has_text]])
    room = 3 if not len(unknown) else 3 - min(len(unknown), 2)
    for row in pd.concat([known.head(room), unknown]).head(3).itertuples():
        seats.append(_impact_seat(row, missing))
    for question in ("customers affected", "requests that failed", "revenue"):
        if len(seats) < 6 and question not in [s["label"] for s in seats]:
            seats.append({"label": question, "more": "", "value": missing, "unit": "", "is_known": False})
    return fragment("numbers_row", numbers=seats[:6])


def _impact_seat(row: Any, missing: str) -> dict[str, Any]:
    """One measured effect: the value large, its unit small, its bounds below the question."""
    unit = said(row.unit) or ""
    has_bounds = pd.notna(row.low) and pd.notna(row.high) and row.low != row.high
    bounds = f"{wording.number(row.low)} to {wording.number(row.high)}" if has_bounds else ""
    if pd.notna(row.value):
        value, more = wording.number(row.value), bounds
    else:
        value, more = (bounds, "") if bounds else (said(row.text) or "", "")
        unit = unit if bounds else ""
    known = bool(value)
    return {
        "label": str(row.measure),
        "more": more,
        "value": value or missing,
        "unit": unit if known else "",
        "is_known": known,
    }


def _duration_seat(review: Review, metric: str, label: str, missing: str) -> dict[str, Any]:
    words = span_words(review, metric)
    row = review.measurements.loc[metric]
    more = wording.span_range(row["low"], row["high"]) if words and words.startswith("about") else ""
    if words and " to " in words:
        words, more = f"≤ {wording.duration(row['high'])}", f"at least {wording.duration(row['low'])}"
    if words and pd.notna(row["value"]) and row["value"] < pd.Timedelta(0):
        words, label = wording.duration(-row["value"]), "known before the impact began"
    return {"label": label, "more": more, "value": words or missing, "unit": "", "is_known": bool(words)}


def impact_value(row: Any) -> str:
    """The answer of an impact row in words: value with unit and range, or its text; empty when there is none."""
    unit = said(row.unit) or ""
    unit = f" {unit}" if unit else ""
    if pd.notna(row.value):
        bounds = (
            f" ({wording.number(row.low)} to {wording.number(row.high)})"
            if pd.notna(row.low) and pd.notna(row.high) and row.low != row.high
            else ""
        )
        return f"{wording.number(row.value)}{unit}{bounds}"
    if pd.notna(row.low) and pd.notna(row.high):
        return f"{wording.number(row.low)} to {wording.number(row.high)}{unit}"
    return said(row.text) or ""


def summary(review: Review) -> Fragment:
    """What happened in three sentences, what is worth talking about, and how good the data is."""
    sentences, is_computed = three_sentences(review)
    return fragment(
        "summary", sentences=sentences, is_computed=is_computed, prompts=prompts(review), how_good=how_good(review)
    )


def three_sentences(review: Review) -> tuple[list[str], bool]:
    """The recorded summary, or three sentences out of the record's fields; and whether they were computed."""
    written = said(review.incident["summary"])
    if written:
        parts = [s.strip() for s in written.replace("\n", " ").split(". ") if s.strip()]
        return [wording.sentence(p) for p in parts], False
    missing = wording.missing(review.visibility)
    service = said(review.incident["service"])
    title = said(review.incident["title"]) or review.incident_id
    began = (
        f"It began at {point_words(review, 'impact_start')}"
        if pd.notna(review.at("impact_start"))
        else f"When its impact began is {missing}"
    )
    first = f"{service}: {title}." if service and service.lower() not in title.lower() else wording.sentence(title)
    ack = span_words(review, "time_to_acknowledge")
    noticed = (
        f"a person took it up {ack} after the call"
        if ack and not ack.startswith("at least")
        else f"when a person took it up is {missing}"
    )
    return [first, f"{began}; {noticed}.", _end_sentence(review)], True


def _end_sentence(review: Review) -> str:
    """When it ended, counted from the declaration or, where that is not known, from the start of the impact."""
    for metric, since in (("time_to_resolve", "it was declared"), ("incident_duration", "its impact began")):
        words = span_words(review, metric)
        if words and review.measurements.loc[metric, "is_open"]:
            return f"It was still open at the end of the data, {words} after {since}."
        if words:
            return f"It was resolved {words} after {since}."
    if pd.notna(review.at("resolved")):
        return f"It was resolved at {point_words(review, 'resolved', with_date=True)}."
    return f"When it was resolved is {wording.missing(review.visibility)}."


def how_good(review: Review) -> str:
    """The data-quality paragraph: entries, clock points, conflicts, what is absent altogether."""
    timed, entries = timed_entries(review)
    known, disputed = clock_quality(review)
    conflicts = int((review.records.findings["check"] == "sources_differ").sum())
    absent = [
        name
        for name, frame in (
            ("roles", review.records.participants),
            ("impact", review.records.impacts),
            ("action items", review.records.actions),
            ("learnings", review.records.learnings),
            ("logs", review.log_rates),
        )
        if not len(frame)
    ]
    where = "the sources" if review.visibility == "public" else "the record"
    text = f"{wording.count(entries, 'timeline entry', 'timeline entries')}, {timed} with a time. {known} of {len(CORE_POINTS)} clock points known{f', {disputed} of them disputed between sources' if disputed else ''}."
    if conflicts:
        text += f" The sources contradict each other in {wording.count(conflicts, 'place')}."
    if absent:
        text += f" {wording.listed(absent).capitalize()} are not in {where}."
    return text


def phase_caption(review: Review) -> Caption:
    """Caption of the duration strip; it stands without a heading on the first screen."""
    return Caption(finding="How long each phase lasted, to scale")
