"""Many incidents over a period: counts, distributions, open incidents as censored, each data set for itself.

Data sets (the ``collection`` column) are never pooled. Only incidents and near misses count; maintenance, drills,
tests and backfilled records are left out and listed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from . import metrics, timeline
from .clock import build_clock
from .policy import Policy
from .records import Records, as_instant
from .schema import DTYPES
from .stats.estimates import (
    Floats,
    Interval,
    count_interval,
    distribution_band,
    median_interval,
    ratio_of_typical,
    smallest_visible_change,
)
from .stats.survival import median_survival, same_distribution, survival_curve

COUNTED = ("incident", "near_miss")
SMALLEST_HALF = 20
"""Two halves of a period are compared only when each holds at least this many."""


@dataclass(frozen=True)
class Comparison:
    """Two halves of a period: what can and what cannot be claimed.

    Attributes:
        first, second: the halves in words.
        n_first, n_second: incidents in each.
        ratio: typical time of the second half over the first, with its 95 % interval.
        p_value: log-rank test over all of them, open ones censored.
        smallest_change: the smallest relative reduction these samples would show.
    """

    first: str
    second: str
    n_first: int
    n_second: int
    ratio: Interval
    p_value: float
    smallest_change: float

    @property
    def is_different(self) -> bool:
        """The interval of the ratio leaves out 1; only then may a change be claimed."""
        return bool(self.ratio.low > 1 or self.ratio.high < 1)


@dataclass(frozen=True)
class Trends:
    """One data set's year at a glance; every frame is tidy.

    Attributes:
        collection: name of the data set.
        policy: the policy in force.
        as_of: open incidents are counted up to here.
        visibility: public or internal.
        incidents: the incidents that count.
        left_out: kind and number of the records that do not.
        measurements: long form, counted incidents only.
        clock: clock of the counted incidents.
    """

    collection: str
    policy: Policy
    as_of: pd.Timestamp
    visibility: str
    incidents: pd.DataFrame
    left_out: pd.DataFrame
    measurements: pd.DataFrame
    clock: pd.DataFrame
    records: Records

    @property
    def is_one_house(self) -> bool:
        """All incidents are of one organisation; only then do counts per month mean anything."""
        return len(set(self.incidents["organisation"].dropna())) <= 1

    def spans(self, metric: str) -> tuple[Floats, Floats]:
        """Minutes of a metric: those that ended, and those still open so far. Others are in ``why_missing``."""
        own = self.measurements[self.measurements["metric"] == metric]
        ended = own.loc[own["value"].notna() & (own["value"] >= pd.Timedelta(0)), "value"]
        waiting = own.loc[own["is_open"].astype(bool) & own["low"].notna(), "low"]
        return _minutes(ended), _minutes(waiting[waiting > pd.Timedelta(0)])

    def why_missing(self, metric: str) -> pd.Series:
        """Reasons why a metric has no value, with their counts, the most frequent first."""
        own = self.measurements[(self.measurements["metric"] == metric) & self.measurements["value"].isna()]
        return own["reason"].str.split(":").str[0].value_counts()


def build_trends(
    records: Records, *, policy: Policy | None = None, as_of: str | pd.Timestamp | None = None
) -> list[Trends]:
    """One :class:`Trends` per data set, in the order of the records; empty for records without incidents."""
    instant = as_instant(as_of, records)
    names = records.incidents["collection"].fillna("")
    made = []
    for name in dict.fromkeys(names):
        own = records.select(list(records.incidents.loc[names == name, "incident_id"]))
        is_counted = own.incidents["kind"].isin(COUNTED) | own.incidents["kind"].isna()
        counted = own.select(list(own.incidents.loc[is_counted, "incident_id"]))
        clock = build_clock(counted.incidents, counted.events, counted.participants, counted.impacts)
        left_out = own.incidents.loc[~is_counted, "kind"].value_counts().rename_axis("kind").reset_index(name="n")
        public = (counted.incidents["visibility"] == "public").mean() if len(counted.incidents) else 0
        made.append(
            Trends(
                collection=name,
                policy=policy or records.policy_for(name),
                as_of=instant,
                visibility="public" if public > 0.5 else "internal",
                incidents=counted.incidents,
                left_out=left_out,
                measurements=metrics.build_measurements(
                    counted.incidents, clock, counted.events, counted.impacts, counted.participants, as_of=instant
                ),
                clock=clock,
                records=counted,
            )
        )
    return made


def _minutes(spans: pd.Series) -> Floats:
    return np.asarray(spans.dt.total_seconds() / 60, dtype="float64")


def typical(ended: Floats, waiting: Floats) -> Interval:
    """Median in minutes with its 95 % interval: exact order statistics where all ended, Kaplan-Meier where some wait."""
    return median_survival(ended, waiting) if len(waiting) else median_interval(ended)


def begins(trends: Trends) -> pd.Series:
    """When each incident began, by ``incident_id``: impact start, else detected, declared; NaT when nothing is known."""
    wide = trends.clock[trends.clock["point"].isin(["impact_start", "detected", "declared"])]
    wide = wide.pivot_table(index="incident_id", columns="point", values="at", aggfunc="first", observed=True)
    # A point that no incident has gives a column of no kind.
    wide = wide.reindex(columns=["impact_start", "detected", "declared"]).astype(DTYPES["instant"])
    return (
        wide["impact_start"].fillna(wide["detected"]).fillna(wide["declared"]).reindex(trends.incidents["incident_id"])
    )


def build_counts(trends: Trends) -> pd.DataFrame:
    """Incidents per calendar month (UTC) with the exact interval of the rate: ``month``, ``n``, ``low``, ``high``.

    Months without an incident are there with n = 0. Incidents without any time are not in it.
    """
    months = begins(trends).dropna().dt.tz_localize(None).dt.to_period("M")
    if not len(months):
        return pd.DataFrame({"month": pd.Series(dtype="datetime64[us, UTC]"), "n": [], "low": [], "high": []})
    every = pd.period_range(months.min(), months.max(), freq="M")
    counts = months.value_counts().reindex(every, fill_value=0)
    bounds = [count_interval(int(n)) for n in counts]
    return pd.DataFrame(
        {
            "month": every.to_timestamp().tz_localize("UTC").as_unit("us"),
            "n": counts.to_numpy(),
            "low": [b.low for b in bounds],
            "high": [b.high for b in bounds],
        }
    )


def build_distribution(every: list[Trends], metric: str, *, smallest: int = 5) -> pd.DataFrame:
    """Empirical distribution of a metric per data set, with a band for the whole curve: rows of ``plot_ecdf``.

    Data sets with fewer than ``smallest`` values are not in it. Open incidents are not in a distribution function;
    they are in the survival curve.
    """
    parts = []
    for trends in every:
        ended, waiting = trends.spans(metric)
        if len(ended) < smallest:
            continue
        middle = typical(ended, waiting)
        band = distribution_band(ended).rename(columns={"value": "minutes"})
        parts.append(
            band.assign(
                collection=trends.collection or "incidents",
                n=len(ended),
                of=len(trends.incidents),
                median=middle.value,
                median_low=middle.low,
                median_high=middle.high,
            )
        )
    return (
        pd.concat(parts, ignore_index=True)
        if parts
        else pd.DataFrame(columns=["collection", "minutes", "share", "low", "high", "n", "of"])
    )


def halves(trends: Trends) -> dict[str, list[str]]:
    """Identifiers of the incidents in the first and second half of the period, by the halves' names in words."""
    began = begins(trends).dropna().sort_values()
    if not len(began):
        return {}
    middle = began.iloc[0] + (began.iloc[-1] - began.iloc[0]) / 2
    first, second = began[began < middle], began[began >= middle]

    def words(part: pd.Series) -> str:
        return f"{part.iloc[0]:%b %Y} – {part.iloc[-1]:%b %Y}" if len(part) else ""

    return {words(part): list(part.index) for part in (first, second) if len(part)}


def build_survival(trends: Trends, metric: str) -> pd.DataFrame:
    """Share not yet ended by time: rows of ``plot_survival``, one group per half when both are large enough."""
    parts = halves(trends)
    groups = (
        parts
        if len(parts) == 2 and min(map(len, parts.values())) >= SMALLEST_HALF
        else {"all": list(trends.incidents["incident_id"])}
    )
    rows = []
    for name, ids in groups.items():
        ended, waiting = _of(trends, metric, ids)
        curve = survival_curve(ended, waiting).rename(columns={"value": "minutes"})
        rows.append(curve.assign(group=name, n=len(ended) + len(waiting)))
    return pd.concat(rows, ignore_index=True)


def _of(trends: Trends, metric: str, ids: list[str]) -> tuple[Floats, Floats]:
    part = trends.measurements[trends.measurements["incident_id"].isin(ids)]
    return Trends(**{**vars(trends), "measurements": part}).spans(metric)


def compare_halves(trends: Trends, metric: str) -> Comparison | None:
    """The two halves of the period side by side; None when either has fewer than ``SMALLEST_HALF`` incidents."""
    parts = halves(trends)
    if len(parts) != 2 or min(map(len, parts.values())) < SMALLEST_HALF:
        return None
    (first, a_ids), (second, b_ids) = parts.items()
    a, b = _of(trends, metric, a_ids), _of(trends, metric, b_ids)
    if min(len(a[0]), len(b[0])) < SMALLEST_HALF // 2:
        return None
    return Comparison(
        first=first,
        second=second,
        n_first=len(a[0]) + len(a[1]),
        n_second=len(b[0]) + len(b[1]),
        ratio=ratio_of_typical(a[0], b[0]),
        p_value=same_distribution(a, b),
        smallest_change=smallest_visible_change(a[0], b[0]),
    )


def build_summary(every: list[Trends]) -> pd.DataFrame:
    """Each duration of each data set: n used, n open, n of, median with its 95 % interval, in minutes.

    Columns ``collection``, ``metric``, ``n``, ``n_open``, ``of``, ``median``, ``low``, ``high``, ``why_missing``. A
    median is NaN when nothing ended or more than half are still open; a bound is NaN where the curve does not reach it.
    """
    rows = []
    for trends in every:
        for metric in metrics.DEFINITIONS:
            ended, waiting = trends.spans(metric)
            middle = typical(ended, waiting)
            reasons = trends.why_missing(metric)
            rows.append(
                {
                    "collection": trends.collection,
                    "metric": metric,
                    "n": len(ended),
                    "n_open": len(waiting),
                    "of": len(trends.incidents),
                    "median": middle.value,
                    "low": middle.low,
                    "high": middle.high,
                    "why_missing": "; ".join(f"{reason} ({n})" for reason, n in reasons.head(3).items()),
                }
            )
    return pd.DataFrame(rows)


def build_phase_spans(trends: Trends) -> pd.DataFrame:
    """Minutes per phase over all incidents: rows of ``plot_phase_spans``. Merged phases are left out, not split."""
    phases = timeline.build_phases(trends.clock, as_of=trends.as_of, incidents=trends.incidents)
    plain = phases[phases["covers"].map(len).le(1) & ~phases["is_open"].astype(bool) & phases["span"].notna()]
    rows = []
    for phase in (p.name for p in timeline.PHASES):
        minutes = _minutes(plain.loc[plain["phase"] == phase, "span"])
        if not len(minutes):
            continue
        middle = median_interval(minutes)
        q10, q25, q75, q90 = np.quantile(minutes, [0.1, 0.25, 0.75, 0.9])
        rows.append(
            {
                "phase": phase,
                "q10": q10,
                "q25": q25,
                "median": middle.value,
                "q75": q75,
                "q90": q90,
                "median_low": middle.low,
                "median_high": middle.high,
                "n": len(minutes),
                "of": len(trends.incidents),
            }
        )
    return pd.DataFrame(rows)


def build_severity_changes(trends: Trends) -> pd.DataFrame:
    """First against final severity: ``first``, ``final``, ``n``; levels of the policy's order only."""
    steps = metrics.build_severity_steps(trends.records.events, trends.clock, policy=trends.policy, as_of=trends.as_of)
    steps = steps.assign(level=steps["level"].map(trends.policy.level, na_action="ignore")).dropna(subset=["level"])
    ends = steps.groupby("incident_id", sort=False)["level"].agg(["first", "last"])
    pairs = ends.groupby(["first", "last"]).size().reset_index(name="n")
    return pairs.rename(columns={"last": "final"})


def build_pages(trends: Trends) -> pd.DataFrame:
    """Pages by weekday (Monday 0) and hour in the zone of the person paged, else in the policy's zone."""
    events = trends.records.events
    pages = events[(events["kind"] == "alert") & (events["field"] == "paged") & events["at"].notna()]
    if not len(pages):
        return pd.DataFrame({"weekday": [], "hour": [], "n": []}).astype("int64")
    people = trends.records.people.drop_duplicates("person_id").set_index("person_id")["time_zone"]
    zones = pages["actor_id"].map(people).fillna(trends.policy.hours["time_zone"])
    local = pd.concat([at.dt.tz_convert(zone).dt.tz_localize(None) for zone, at in pages["at"].groupby(zones)])
    return (
        pd.DataFrame({"weekday": local.dt.weekday, "hour": local.dt.hour})
        .groupby(["weekday", "hour"])
        .size()
        .reset_index(name="n")
    )


def build_action_ages(trends: Trends) -> pd.DataFrame:
    """Open action items by age: rows of ``plot_action_ageing``. Items without a creation time are not in it."""
    items = trends.records.actions
    waiting = items[~items["status"].isin(["done", "cancelled"]) & items["created_at"].notna()]
    due = waiting["due_at"]
    return pd.DataFrame(
        {
            "priority": waiting["priority"].fillna("none"),
            "age_days": (trends.as_of - waiting["created_at"]).dt.total_seconds() / 86400,
            "due_days": (due - waiting["created_at"]).dt.total_seconds() / 86400,
            "is_past_due": (due < trends.as_of).fillna(False),
            "has_due_date": due.notna(),
            "title": waiting["title"],
        }
    ).reset_index(drop=True)


def build_clock_points(trends: Trends, points: tuple[str, ...]) -> pd.DataFrame:
    """What is known of each incident's clock: ``title``, ``point``, ``state`` (stated, inferred, coarse, unknown)."""
    own = trends.clock[trends.clock["point"].isin(points)]
    state = pd.Series("stated", index=own.index)
    state[(own["knowledge"] == "inferred") | (own["verified"] == "memory") | (own["basis"] == "derived")] = "inferred"
    state[own["at_latest"].notna()] = "coarse"
    state[own["at"].isna()] = "unknown"
    titles = trends.incidents.set_index("incident_id")["title"]
    return pd.DataFrame({"title": own["incident_id"].map(titles), "point": own["point"], "state": state}).reset_index(
        drop=True
    )
