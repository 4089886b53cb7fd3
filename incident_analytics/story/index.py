"""Rows of the index: one line per incident, with its place on a shared log axis and what is known of its clock."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from .. import metrics, wording
from ..clock import build_clock
from ..records import Records, as_instant
from .fragment import said
from .opening import CORE_POINTS

TICKS = ((1, "1 min"), (10, "10"), (60, "1 h"), (360, "6 h"), (1440, "1 d"), (14400, "10 d"))
_LONGEST = 43200.0


def place(minutes: float) -> float:
    """Where a span stands on the index's log axis, in percent: 1 min at 0, 30 days at 100."""
    return round(100 * math.log(min(max(minutes, 1.0), _LONGEST)) / math.log(_LONGEST), 2)


def index_rows(
    records: Records,
    *,
    hrefs: Mapping[str, str],
    titles: Mapping[str, tuple[str, str]],
    as_of: str | pd.Timestamp | None = None,
) -> list[dict[str, Any]]:
    """One dict per incident for the index page, newest first.

    Args:
        records: all incidents.
        hrefs: link of each report by incident_id; an incident without a report has none.
        titles: title and second line by incident_id, names already removed.
        as_of: open spans are counted up to here.
    """
    instant = as_instant(as_of, records)
    clock = build_clock(records.incidents, records.events, records.participants, records.impacts)
    spans = metrics.build_measurements(
        records.incidents, clock, records.events, records.impacts, records.participants, as_of=instant
    ).set_index(["incident_id", "metric"])
    points = {str(i): group.set_index("point") for i, group in clock.groupby("incident_id", sort=False)}
    severities = _severities(records)
    conflicts = records.findings[records.findings["check"] == "sources_differ"]["incident_id"].value_counts()
    rows = [
        _row(
            i,
            points[i.incident_id],
            spans.loc[i.incident_id],
            severities.get(i.incident_id),
            int(conflicts.get(i.incident_id, 0)),
        )
        | {"href": hrefs.get(i.incident_id, ""), "title": titles[i.incident_id][0], "second": titles[i.incident_id][1]}
        for i in records.incidents.itertuples()
    ]
    return sorted(rows, key=lambda r: (r["sort_date"], r["id"]), reverse=True)


def _severities(records: Records) -> dict[str, dict[str, Any]]:
    """The highest severity each incident had, with its rank under the collection's policy."""
    events = records.events[(records.events["kind"] == "severity") & records.events["new"].notna()]
    policies = {i.incident_id: records.policy_for(i.collection) for i in records.incidents.itertuples()}
    found: dict[str, dict[str, Any]] = {}
    for event in events.itertuples():
        policy = policies.get(event.incident_id)
        if policy is None:
            continue
        rank = policy.rank(event.new)
        before = found.get(event.incident_id)
        if before is None or (rank is not None and (before["rank"] is None or rank < before["rank"])):
            found[event.incident_id] = {"word": event.new, "rank": rank}
    return found


def _row(
    incident: Any, clock: pd.DataFrame, spans: pd.DataFrame, severity: dict[str, Any] | None, conflicts: int
) -> dict[str, Any]:
    missing = wording.missing(said(incident.visibility))
    began = next(
        (
            clock.loc[p, "at"]
            for p in ("impact_start", "detected", "alert_fired", "paged", "declared", "acknowledged")
            if pd.notna(clock.loc[p, "at"])
        ),
        pd.NaT,
    )
    span, words, is_coarse = _span(spans)
    points = [_state(clock.loc[p]) for p in CORE_POINTS]
    known = sum(state != "no" for state in points)
    return {
        "id": incident.incident_id,
        "kind": said(incident.kind) or "incident",
        "collection": said(incident.collection) or "",
        "date": wording.date(began) if pd.notna(began) else "date unknown",
        "iso": began.strftime("%Y-%m-%d") if pd.notna(began) else "",
        "sort_date": began.strftime("%Y-%m-%dT%H:%M:%S") if pd.notna(began) else "",
        "severity": severity,
        "severity_sort": severity["rank"] if severity and severity["rank"] else 9,
        "missing": missing,
        "duration": words or missing,
        "has_duration": bool(words),
        "minutes": round(span.total_seconds() / 60, 1) if span is not None else -1,
        "bar": _bar(spans, span, words, is_coarse=is_coarse, missing=missing),
        "ended": _ended(incident, spans),
        "points": points,
        "known": known,
        "differ": f"{conflicts} differ" if conflicts else "",
    }


def _span(spans: pd.DataFrame) -> tuple[pd.Timedelta | None, str, bool]:
    """The duration that stands in the row: since impact, else since declared; and whether it is coarse."""
    for metric, suffix in (("incident_duration", ""), ("time_to_resolve", "")):
        row = spans.loc[metric]
        if row["is_open"] and pd.notna(row["low"]):
            return row["low"], f"≥ {wording.duration(row['low'])}", True
        if pd.isna(row["value"]) or row["value"] < pd.Timedelta(0):
            continue
        if row["is_interval"]:
            is_close = row["high"] - row["low"] <= 0.25 * row["value"]
            words = wording.about(row["value"]) if is_close else f"≤ {wording.duration(row['high'])}"
            return row["value"], words + suffix, True
        return row["value"], wording.duration(row["value"]) + suffix, metric != "incident_duration"
    return None, "", True


def _state(point: pd.Series) -> str:
    if pd.isna(point["at"]):
        return "no"
    is_coarse = (
        pd.notna(point["at_latest"]) or said(point["knowledge"]) == "inferred" or said(point["verified"]) == "memory"
    )
    return "half" if is_coarse else "full"


def _ended(incident: Any, spans: pd.DataFrame) -> str:
    state = said(incident.end_state)
    if state in ("fixed", "mitigated", "self_recovered"):
        return state.replace("_", " ")
    return "open" if said(incident.status) == "open" else ""


def _bar(
    spans: pd.DataFrame, span: pd.Timedelta | None, words: str, *, is_coarse: bool, missing: str
) -> dict[str, Any] | None:
    if span is None:
        return None

    def minutes(metric: str) -> float | None:
        value = spans.loc[metric, "value"]
        return None if pd.isna(value) else value.total_seconds() / 60

    end = place(span.total_seconds() / 60)
    mitigated, detected = minutes("time_to_mitigate"), minutes("time_to_detect")
    said_as = [f"resolved after {words}" if not words.startswith("≥") else f"open for {words[2:]} or more"]
    said_as.append(
        f"mitigated after {wording.duration(spans.loc['time_to_mitigate', 'value'])}"
        if mitigated is not None
        else f"mitigated {missing}"
    )
    said_as.append(
        f"detected after {wording.duration(spans.loc['time_to_detect', 'value'])}"
        if detected is not None
        else f"detected {missing}"
    )
    return {
        "end": end,
        "mitigated": min(place(mitigated), end) if mitigated is not None and mitigated >= 0 else None,
        "detected": min(place(detected), end) if detected is not None and detected >= 0 else None,
        "is_before": detected is not None and detected < 0,
        "is_coarse": is_coarse,
        "is_open": words.startswith("≥"),
        "label": ", ".join(said_as),
    }


def index_lede(records: Records, rows: list[dict[str, Any]]) -> list[str]:
    """One sentence per data set: how many incidents, which years, how much of the clock is known."""
    sentences = []
    for collection in dict.fromkeys(r["collection"] for r in rows):
        own = [r for r in rows if r["collection"] == collection]
        years = sorted({r["iso"][:4] for r in own if r["iso"]})
        span = f", {years[0]}" + (f" to {years[-1]}" if len(years) > 1 else "") if years else ""
        other = [r for r in own if r["kind"] not in ("incident", "near_miss")]
        severities = sum(1 for r in own if r["severity"])
        acked = sum(1 for r in own if r["points"][2] != "no")
        mitigated = sum(1 for r in own if r["points"][5] != "no")
        text = f"{collection or 'Incidents'}: {wording.count(len(own), 'record')}{span}"
        if other:
            kinds = pd.Series([r["kind"] for r in other]).value_counts()
            text += f", among them {wording.listed([f'{n} of kind {k}' for k, n in kinds.items()])}"
        sentences.append(
            f"{text}. {severities} have a severity, {acked} an acknowledgement, {mitigated} a mitigation time."
        )
    return sentences
