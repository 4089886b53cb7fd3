"""The trends page in words: what the period shows, how sure it is, and what it cannot tell."""

from __future__ import annotations

import math

import pandas as pd

from .. import metrics, wording
from ..trends import (
    SMALLEST_HALF,
    Trends,
    build_action_ages,
    build_clock_points,
    build_counts,
    build_distribution,
    build_pages,
    build_phase_spans,
    build_severity_changes,
    build_summary,
    build_survival,
    compare_halves,
)
from .fragment import Caption, Fragment, fragment
from .opening import CORE_POINTS

MAIN_METRICS = ("time_to_mitigate", "time_to_resolve")


def minutes(value: float) -> str:
    """Minutes in words; "not computable" for NaN."""
    return wording.duration(value * 60) if not math.isnan(value) else wording.NOT_COMPUTABLE


def between(low: float, high: float) -> str:
    """A 95 % interval in words; an open side is said."""
    if math.isnan(low) and math.isnan(high):
        return "too few for an interval"
    if math.isnan(high):
        return f"95 %: {minutes(low)} or more"
    if math.isnan(low):
        return f"95 %: up to {minutes(high)}"
    return f"95 %: {minutes(low)} to {minutes(high)}"


def main_metric(trends: Trends) -> str:
    """The duration a data set can say most about: to mitigate where half its incidents have it, else the best known."""

    def known(metric: str) -> int:
        ended, waiting = trends.spans(metric)
        return len(ended) + len(waiting)

    if known("time_to_mitigate") >= len(trends.incidents) / 2:
        return "time_to_mitigate"
    return max(("time_to_resolve", "incident_duration"), key=known)


def opening(every: list[Trends]) -> Fragment:
    """Title, which data sets, what was left out of them, and the findings in short."""
    sets = []
    for t in every:
        left = wording.listed([_left_out(int(r.n), str(r.kind)) for r in t.left_out.itertuples()])
        sets.append(
            {
                "name": t.collection or "Incidents",
                "text": f"{wording.count(len(t.incidents) + int(t.left_out['n'].sum()), 'record')}, "
                f"{len(t.incidents)} counted." + (f" Left out: {left}." if left else ""),
            }
        )
    text = (
        "One data set"
        if len(every) == 1
        else f"{wording.small(len(every)).capitalize()} data sets, side by side, never pooled"
    )
    return fragment("trends_opening", sub=text + ".", sets=sets, findings=in_short(every))


_KIND_WORDS = {
    "maintenance": ("maintenance window", "maintenance windows"),
    "backfilled": ("backfilled record", "backfilled records"),
}


def _left_out(n: int, kind: str) -> str:
    one, many = _KIND_WORDS.get(kind, (kind, f"{kind}s"))
    return wording.count(n, one, many)


def in_short(every: list[Trends]) -> list[str]:
    """The few sentences a reader takes away: typical time, whether the halves differ, what is still open."""
    found = []
    summary = build_summary(every).set_index(["collection", "metric"])
    for t in every:
        metric = main_metric(t)
        row = summary.loc[(t.collection, metric)]
        name = t.collection or "The incidents"
        verb = "mitigated" if metric == "time_to_mitigate" else "resolved"
        since = "of being declared" if metric == "time_to_resolve" else "of the impact’s start"
        if not math.isnan(row["median"]):
            found.append(
                f"{name}: half were {verb} within {minutes(row['median'])} {since} ({between(row['low'], row['high'])}; n = {row['n']} of {row['of']})."
            )
        comparison = compare_halves(t, metric)
        if comparison is not None and not comparison.is_different:
            found.append(
                f"{name}: the typical time of the two halves cannot be told apart; a change smaller than {wording.percent(comparison.smallest_change)} would go unseen."
            )
        elif comparison is not None:
            found.append(
                f"{name}: the typical time of {comparison.second} was {comparison.ratio.value:.2f} times that of {comparison.first} (95 %: {comparison.ratio.low:.2f} to {comparison.ratio.high:.2f})."
            )
        if row["n_open"]:
            found.append(
                f"{name}: {wording.count(int(row['n_open']), 'incident')} still open, counted up to {wording.date(t.as_of)}."
            )
    return found


def counts_caption(trends: Trends) -> Caption:
    """The finding about how many incidents came per month."""
    rows = build_counts(trends)
    name = trends.collection or "Incidents"
    if not len(rows):
        return Caption(f"{name}: no incident has a time")
    total, low, high = int(rows["n"].sum()), rows["low"].max(), rows["high"].min()
    alike = low <= high
    finding = f"{name}: {wording.count(total, 'incident')} in {wording.count(len(rows), 'month')}"
    finding += (
        "; no month stands out from the others"
        if alike
        else f"; between {int(rows['n'].min())} and {int(rows['n'].max())} a month"
    )
    return Caption(
        finding,
        "Incidents per month (UTC), with the 95 % interval of the rate behind each count",
        f"n = {total} of {len(trends.incidents)}. Exact Poisson intervals; two counts whose intervals overlap widely say little about a change.",
    )


def distribution_caption(every: list[Trends], metric: str) -> Caption:
    """The finding of a distribution: half within what, for each data set."""
    rows = build_distribution(every, metric)
    definition = metrics.DEFINITIONS[metric]
    parts, notes = [], []
    for collection, group in rows.groupby("collection", sort=False):
        first = group.iloc[0]
        parts.append(
            f"{collection}: half within {minutes(first['median'])} ({between(first['median_low'], first['median_high'])})"
        )
        notes.append(f"{collection}: n = {int(first['n'])} of {int(first['of'])}")
    for t in every:
        name = t.collection or "incidents"
        if name not in set(rows["collection"] if len(rows) else []):
            notes.append(f"{name}: only {len(t.spans(metric)[0])} of {len(t.incidents)}, too few for a curve")
    if not parts:
        return Caption(f"{definition.label}: {'; '.join(notes)}")
    return Caption(
        "; ".join(parts),
        f"{definition.label}: share of incidents by time, log axis",
        f"Band: 95 % for the whole curve at once; it is wide where incidents are few. {'. '.join(notes)}. No mean is shown: a few long incidents would decide it.",
    )


def survival_caption(trends: Trends, metric: str) -> Caption:
    """The finding about those still open, and whether two halves differ."""
    ended, waiting = trends.spans(metric)
    comparison = compare_halves(trends, metric)
    name = trends.collection or "Incidents"
    sub = f"Share not over by {metrics.DEFINITIONS[metric].label.lower()}, log axis. Upright ticks: still open, counted up to the end of the data"
    n = f"n = {len(ended) + len(waiting)} of {len(trends.incidents)}; {len(waiting)} open."
    if comparison is None:
        return Caption(
            f"{name}: too few incidents to compare two halves of the period",
            sub,
            f"{n} Halves are compared from {SMALLEST_HALF} incidents each.",
        )
    ratio = comparison.ratio
    if comparison.is_different:
        finding = f"{name}: the second half took {ratio.value:.2f} times as long"
    elif comparison.p_value < 0.05:
        finding = f"{name}: no difference in the typical time can be claimed, though the whole curves differ"
    else:
        finding = f"{name}: no difference between the halves can be claimed"
    return Caption(
        finding,
        sub,
        f"{n} {comparison.second} against {comparison.first}: ratio of typical times {ratio.value:.2f}, 95 % interval "
        f"{ratio.low:.2f} to {ratio.high:.2f}. Whole curves, open incidents counted: log-rank p = {comparison.p_value:.2f}. "
        f"No change of the typical time below {wording.percent(comparison.smallest_change)} could be seen in this data.",
    )


def phase_spans_caption(trends: Trends) -> Caption:
    """The finding about phases: which are long, which are rarely known."""
    rows = build_phase_spans(trends)
    name = trends.collection or "Incidents"
    if not len(rows):
        return Caption(f"{name}: no phase has both clock points")
    longest = rows.sort_values("median", ascending=False)["phase"].tolist()
    rarest = rows.loc[rows["n"].idxmin()]
    finding = f"{name}: {wording.listed(longest[:2])} took longest where known; {rarest['phase']} is known for {int(rarest['n'])} of {int(rarest['of'])}"
    return Caption(
        finding,
        "Minutes in each phase, log axis; n differs per phase",
        "Upright line and number: median. Strong: 95 % interval of the median. Pale: middle half. Thin: middle 80 %. A phase without both clock points is left out, not counted as zero.",
    )


def severity_caption(trends: Trends) -> Caption:
    """The finding about first and final severity."""
    rows = build_severity_changes(trends)
    rank = {level: i for i, level in enumerate(trends.policy.severity_order)}
    name = trends.collection or "Incidents"
    total = int(rows["n"].sum()) if len(rows) else 0
    if not total:
        return Caption(f"{name}: no severity is recorded")
    change = rows["final"].map(rank) - rows["first"].map(rank)
    lowered, raised = int(rows.loc[change > 0, "n"].sum()), int(rows.loc[change < 0, "n"].sum())
    return Caption(
        f"{name}: {lowered} of {total} were lowered and {raised} raised after the first level",
        "Rows: first severity recorded. Columns: final. Outlined: unchanged",
        f"n = {total} of {len(trends.incidents)}. Starting high and lowering later is what the policy asks for.",
    )


def pages_caption(trends: Trends) -> Caption:
    """The finding about pages at night."""
    rows = build_pages(trends)
    total = int(rows["n"].sum()) if len(rows) else 0
    if not total:
        return Caption("No page is recorded")
    sleep = trends.policy.hours["sleeping"]
    start, end = int(sleep[0][:2]), int(sleep[1][:2])
    asleep = rows["hour"].ge(start) | rows["hour"].lt(end) if start > end else rows["hour"].between(start, end - 1)
    return Caption(
        f"{trends.collection or 'Incidents'}: {int(rows.loc[asleep, 'n'].sum())} of {total} pages came between {sleep[0]} and {sleep[1]}",
        "Pages per weekday and hour, in the local time of the person paged",
        f"n = {total} pages of {len(trends.incidents)} incidents. Outlined: working hours of the policy. Counts of 1 to 3 per cell are noise; read rows and blocks, not cells.",
    )


def ageing_caption(trends: Trends) -> Caption:
    """The finding about open action items."""
    rows = build_action_ages(trends)
    n_all = len(trends.records.actions)
    if not len(rows):
        return Caption(
            f"{trends.collection or 'Incidents'}: no open action item with a creation date",
            "",
            f"{n_all} items in all.",
        )
    late, undated = int(rows["is_past_due"].sum()), int((~rows["has_due_date"]).sum())
    return Caption(
        f"{trends.collection or 'Incidents'}: {late} of {wording.count(len(rows), 'open item')} past due; the oldest is {int(rows['age_days'].max())} days old",
        "Each dot is an open item, by age in days",
        f"n = {len(rows)} open of {n_all} created. Filled, right of the due line: past due. Hollow: no due date ({undated}), shown but not counted as late.",
    )


def clock_points_caption(trends: Trends) -> Caption:
    """The finding about which clock points the records hold."""
    rows = build_clock_points(trends, CORE_POINTS)
    known = rows[rows["state"] != "unknown"].groupby("point").size().reindex(list(CORE_POINTS), fill_value=0)
    rarest = known.idxmin()
    return Caption(
        f"{trends.collection or 'Incidents'}: {int(known[rarest])} of {len(trends.incidents)} say when it was {rarest.replace('_', ' ')}",
        "Clock points per incident. Filled: stated to the minute. Hollow: inferred, coarse or unchecked. Hatched: unknown",
    )


def summary_table(every: list[Trends]) -> Fragment:
    """All durations of all data sets with n, open, median and interval, and why the rest is missing."""
    rows = build_summary(every)
    groups = []
    for collection, group in rows.groupby("collection", sort=False):
        groups.append(
            {
                "name": collection or "Incidents",
                "rows": [
                    {
                        "label": metrics.DEFINITIONS[r.metric].label,
                        "n": f"{r.n} of {r.of}" + (f", {r.n_open} open" if r.n_open else ""),
                        "median": minutes(r.median) if not math.isnan(r.median) else "",
                        "interval": between(r.low, r.high).removeprefix("95 %: ") if not math.isnan(r.median) else "",
                        "why": r.why_missing,
                    }
                    for r in group.itertuples()
                ],
            }
        )
    return fragment("trends_summary", groups=groups)


def cannot_tell(every: list[Trends]) -> Fragment:
    """What this data cannot tell, with the numbers that say why."""
    points = []
    for t in every:
        comparison = compare_halves(t, main_metric(t))
        name = t.collection or "These incidents"
        if comparison is not None:
            points.append(
                (
                    "Whether things got better.",
                    f"{name}: {comparison.n_first} and {comparison.n_second} incidents cannot show a change smaller than {wording.percent(comparison.smallest_change)}.",
                )
            )
        else:
            points.append(("Whether things got better.", f"{name}: too few incidents for any comparison of periods."))
        known = len(t.spans("time_to_detect")[0])
        points.append(
            (
                "How good detection is.",
                f"{name}: impact start and detection are both known for {known} of {len(t.incidents)}; the rest may be the slow ones.",
            )
        )
        if t.visibility == "public" and not t.is_one_house:
            points.append(
                (
                    "Whether famous incidents are typical.",
                    f"{name} are known because they were long or wide. Their durations are a sample of nothing.",
                )
            )
    points.append(("Who is fast.", "No figure is per person, and none will be."))
    points.append(("What was done but not written down.", "An empty clock point means not recorded."))
    return fragment("trends_cannot", points=points)


def footer(every: list[Trends]) -> Fragment:
    """As of when, and from which data."""
    as_of = every[0].as_of if every else pd.NaT
    return fragment(
        "trends_footer",
        text=f"As of {wording.date(as_of)}; times UTC except pages, which are local. Open incidents are right-censored at that instant."
        if every
        else "No incidents.",
    )


def survival_rows(trends: Trends) -> tuple[pd.DataFrame, str]:
    """Rows of the survival figure and the metric they show."""
    metric = main_metric(trends)
    return build_survival(trends, metric), metric
