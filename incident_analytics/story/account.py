"""The incident timeline as a list, the figures' captions, the recovery part, the log evidence."""

from __future__ import annotations

from typing import Any

import pandas as pd

from .. import wording
from ..review import Review
from .fragment import Caption, Fragment, fragment, said

_PHASE_NUMBERS = {"unnoticed": 1, "noticed": 2, "gathering": 3, "understanding": 4, "mitigating": 5, "restoring": 6}
_LONG = 60
_MINOR = ("message", "log")


def timeline_list(review: Review) -> Fragment:
    """Every entry in order under its phase, silences marked; long runs of chat are folded, never dropped."""
    items: list[dict[str, Any]] = []
    rows = review.timeline
    day = None
    phases = {str(p.phase): p for p in review.phases.itertuples()}
    silences = review.silences.sort_values("began_at") if len(review.silences) else review.silences
    pending = list(silences.itertuples())
    current = None
    for entry in rows.itertuples():
        while pending and pd.notna(entry.at) and not entry.is_between and entry.at >= pending[0].ended_at:
            items.append(_silence(pending.pop(0), current))
        if isinstance(entry.phase, str) and entry.phase != current:
            current = entry.phase
            items.append(_phase(current, phases))
        is_new_day = pd.notna(entry.at) and entry.at.date() != day
        if pd.notna(entry.at):
            day = entry.at.date()
        items.append(_entry(review, entry, with_date=is_new_day))
    folded = _fold(items) if len(rows) > _LONG else items
    return fragment("timeline", items=folded, lede=_lede(review), missing=wording.missing(review.visibility))


def _lede(review: Review) -> str:
    kinds = review.timeline["kind"].value_counts()
    parts = [
        wording.count(int(kinds[k]), w)
        for k, w in (("message", "chat message"), ("alert", "alert"), ("update", "update"))
        if k in kinds
    ]
    return (
        f"{wording.count(len(review.timeline), 'entry', 'entries')} from {wording.listed(sorted({_module(s) for s in review.timeline['source'].dropna()}))}{', among them ' + wording.listed(parts) if parts else ''}."
        if len(review.timeline)
        else ""
    )


def _module(source: str) -> str:
    name = source.split(":", maxsplit=1)[0]
    return {
        "record": "the review record",
        "pagerduty": "PagerDuty",
        "slack": "chat",
        "alertmanager": "Alertmanager",
        "statuspage": "the status page",
        "table": "the mapped table",
        "logs": "logs",
        "log": "logs",
    }.get(name, name)


def _phase(name: str, phases: dict[str, Any]) -> dict[str, Any]:
    if name not in phases:
        return {"kind": "phase", "number": 0, "title": name.capitalize(), "span": ""}
    p = phases[name]
    covers = list(p.covers) if isinstance(p.covers, (list, tuple)) else []
    title = name.capitalize() if len(covers) <= 1 else f"{covers[0].capitalize()} to {covers[-1]}"
    end = (
        f"{wording.clock_time(p.began_at)} to {wording.clock_time(p.ended_at)}"
        if pd.notna(p.ended_at) and pd.notna(p.began_at)
        else ""
    )
    state = ", still open" if p.is_open else ""
    words = ", ".join(t for t in (end, wording.duration(p.span) if pd.notna(p.span) else "") if t)
    return {
        "kind": "phase",
        "number": _PHASE_NUMBERS.get(covers[-1] if covers else name, 0),
        "title": title,
        "span": words + state,
    }


def _silence(row: Any, phase: Any) -> dict[str, Any]:
    return {
        "kind": "silence",
        "number": _PHASE_NUMBERS.get(str(phase), 0),
        "text": f"No timed entry for {wording.duration(row.span)}.",
    }


def _entry(review: Review, entry: Any, *, with_date: bool) -> dict[str, Any]:
    detail = said(entry.detail) or ""
    points = [str(p).replace("_", " ") for p in (entry.points if isinstance(entry.points, (list, tuple)) else [])]
    unsaid = [p for p in points if p not in detail.lower()]
    details = [f"Clock point: {wording.listed(unsaid)}." if unsaid else "", detail]
    return {
        "kind": "entry",
        "is_minor": entry.kind in _MINOR,
        "number": _PHASE_NUMBERS.get(str(entry.phase), 0),
        "time": _time_words(entry, with_date=with_date),
        "elapsed": wording.elapsed(entry.elapsed) if pd.notna(entry.elapsed) and not entry.is_between else "",
        "who": _who(review, entry),
        "text": said(entry.text) or _wordless(entry),
        "detail": " ".join(d for d in details if d),
        "ref": 0,
        "origin": _module(entry.source) if isinstance(entry.source, str) and review.visibility != "public" else "",
        "basis": said(entry.basis),
        "verified": said(entry.verified),
    }


def _who(review: Review, entry: Any) -> str:
    name = review.names.get(entry.actor_id, "") if isinstance(entry.actor_id, str) else ""
    if entry.kind == "update" and isinstance(entry.audience, str):
        target = {"public": "to the public", "stakeholders": "to stakeholders", "internal": "internally"}.get(
            entry.audience, entry.audience
        )
        return f"{name or ('Automatic' if entry.is_automatic is True else 'Update')} {target}:"
    return f"{name}:" if name else ""


def _wordless(entry: Any) -> str:
    change = " to ".join(
        t
        for t in (
            said(entry.old) if hasattr(entry, "old") else None,
            said(entry.new) if hasattr(entry, "new") else None,
        )
        if t
    )
    return " ".join(t for t in (str(entry.kind).capitalize(), (said(entry.field) or "").replace("_", " "), change) if t)


def _time_words(entry: Any, *, with_date: bool) -> str:
    if pd.isna(entry.at) and pd.isna(entry.at_latest):
        return "time unknown"
    if entry.is_between:
        ends = [wording.clock_time(t, "minute") for t in (entry.at, entry.at_latest) if pd.notna(t)]
        return " – ".join(ends) if len(ends) == 2 else f"after {ends[0]}" if pd.notna(entry.at) else f"before {ends[0]}"
    if pd.notna(entry.at_latest) and said(entry.precision) not in ("hour", "day"):
        return f"{wording.clock_time(entry.at)} – {wording.clock_time(entry.at_latest)}"
    words = wording.clock_time(entry.at, said(entry.precision), with_date=with_date)
    return f"{words} (hour)" if said(entry.precision) == "hour" else words


def _fold(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Runs of four or more chat lines become one line that opens; everything stays on the page."""
    folded: list[dict[str, Any]] = []
    run: list[dict[str, Any]] = []

    def close() -> None:
        if len(run) >= 4:
            folded.append(
                {
                    "kind": "folded",
                    "number": run[0]["number"],
                    "text": f"{run[0]['time']} to {run[-1]['time']}: {wording.count(len(run), 'chat message')}",
                    "items": list(run),
                }
            )
        else:
            folded.extend(run)
        run.clear()

    for item in items:
        if item["kind"] == "entry" and item["is_minor"] and not item["detail"]:
            run.append(item)
        else:
            close()
            folded.append(item)
    close()
    return folded


def timeline_caption(review: Review) -> Caption:
    """The finding about the density of the account."""
    silences, rows = review.silences, review.timeline
    timed = int((rows["at"].notna() & ~rows["is_between"].astype(bool)).sum())
    note = f"Filled mark: a person. Hollow: automatic, or a change. Dashed bracket: the time lies somewhere in it. Grey: no timed entry. {timed} of {wording.count(len(rows), 'entry', 'entries')} have a time."
    if len(silences):
        longest = silences.loc[silences["span"].idxmax()]
        finding = f"{wording.small(len(silences)).capitalize()} long stretch{'es' if len(silences) > 1 else ''} without an entry, the longest {wording.duration(longest['span'])} from {wording.clock_time(longest['began_at'])}"
    else:
        finding = f"No stretch without an entry longer than {wording.duration(review.policy.silence)}"
    return Caption(finding, "Lanes by kind of entry, UTC below, elapsed time above", note)


_STEPS = ("action", "recovery", "decision", "status", "finding", "milestone", "impact")


def recovery_rows(review: Review) -> pd.DataFrame:
    """Rows of the recovery figure: steps known to the minute, from the first mitigation to the end, chat left out."""
    rows = review.timeline
    is_step = rows["is_recovery"].astype(bool) & rows["kind"].isin(_STEPS) & ~rows["is_between"].astype(bool)
    is_step &= rows["at"].notna() & ~rows["precision"].isin(["hour", "day"]) & (rows["phase"] != "after")
    return rows[is_step].reset_index(drop=True)


def recovery_lede(review: Review) -> Fragment:
    """Where the recovery part starts, and whether that was before the trigger was known."""
    rows = recovery_rows(review)
    missing = wording.missing(review.visibility)
    if not len(rows):
        return Fragment(
            f'<p class="lede">No step towards recovery is <span class="unknown" data-gap="1">{missing}</span>.</p>'
        )
    first, identified = rows["at"].iloc[0], review.at("identified")
    text = f"Starts at the first step against the impact, {wording.clock_time(first)}"
    if pd.notna(identified):
        text += ", which came before the trigger was known." if first < identified else ", after the trigger was known."
    else:
        text += "."
    return Fragment(f'<p class="lede">{text}</p>')


def recovery_caption(review: Review) -> Caption:
    """The finding about the recovery: the longest step."""
    rows = recovery_rows(review)
    gaps = rows["at"].diff()
    if len(rows) < 2 or gaps.dropna().empty:
        return Caption("One recorded step", "Time of the step, UTC")
    longest = int(gaps.fillna(pd.Timedelta(0)).argmax())
    text = said(rows["text"].iloc[longest]) or "the next step"
    short = text if len(text) <= 60 else text[:57].rstrip() + "…"
    return Caption(
        f"The longest wait, {wording.duration(gaps.iloc[longest])}, came before “{short}”",
        "Each bar is the time since the step before",
        f"{wording.count(len(rows), 'dated step')} from the first mitigation on. Why a step took its time is said only where the record says it.",
    )


def log_caption(review: Review) -> Caption:
    """The finding from the logs: which service departed first, and how far before detection."""
    onsets = review.log_onsets.dropna(subset=["at"]) if len(review.log_onsets) else review.log_onsets
    n = review.log_rates["service"].nunique() if len(review.log_rates) else 0
    method = "A minute departs when so many errors would be seen in fewer than 1 in 10 000 quiet minutes, given the hour before it (Poisson counts, Jeffreys prior): about one false alarm a week per service."
    if not len(onsets):
        return Caption(f"No service of {n} departed from the hour before", "Errors per minute and service, UTC", method)
    first = onsets.loc[onsets["at"].idxmin()]
    finding = f"{first['service']} departed from its usual error rate at {wording.clock_time(first['at'])}"
    detected, start = review.at("detected"), review.at("impact_start")
    parts = []
    for at, words in ((start, "the recorded start"), (detected, "detection")):
        if pd.notna(at):
            gap = at - first["at"]
            side = "before" if gap >= pd.Timedelta(0) else "after"
            parts.append(
                f"{wording.duration(abs(gap))} {side} {words}"
                if abs(gap) >= pd.Timedelta("1min")
                else f"in the minute of {words}"
            )
    return Caption(
        finding + (f", {wording.listed(parts)}" if parts else ""),
        "Errors per minute and service, UTC",
        f"{len(onsets)} of {n} services departed. {method}",
    )


def log_rows(review: Review) -> pd.DataFrame:
    """Rows of the log figure: errors per minute of the services that wrote any error."""
    rates = review.log_rates
    if not len(rates):
        return rates
    noisy = rates.groupby("service")["errors"].sum()
    return rates[rates["service"].isin(noisy[noisy > 0].index)].reset_index(drop=True)


def log_evidence(review: Review) -> Fragment:
    """What was read from the logs: entries, services, span; or that there were none."""
    rates = review.log_rates
    if not len(rates):
        missing = wording.missing(review.visibility)
        text = f'When errors began in the logs is <span class="unknown" data-gap="1">{missing}</span>: no log was read.'
        return Fragment(f'<p class="lede">{text}</p>')
    entries, errors = int(rates["entries"].sum()), int(rates["errors"].sum())
    first, last = rates["minute"].min(), rates["minute"].max()
    return fragment(
        "lede",
        text=f"{wording.count(entries, 'log entry', 'log entries')} of {wording.count(int(rates['service'].nunique()), 'service')} "
        f"between {wording.clock_time(first, with_date=True)} and {wording.clock_time(last, with_date=True)} were read; "
        f"{wording.count(errors, 'error')} among them.",
    )
