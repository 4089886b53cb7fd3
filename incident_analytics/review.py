"""Records to everything a review needs, computed once: clock, measurements, phases, timeline, updates, severity.

``measure`` gives one row per incident; ``build_review`` gives one incident in full. Both are plain functions of the
records, a policy and ``as_of``; the same input gives the same output.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import pandas as pd

from . import metrics, timeline
from .clock import build_clock
from .errors import UsageError
from .policy import Policy
from .privacy import pseudonymise
from .records import Records, as_instant
from .schema import DTYPES


@dataclass(frozen=True)
class Review:
    """One incident with everything computed about it; all frames are tidy and can be printed.

    Attributes:
        incident: its row of ``incidents``.
        records: the bundle of this incident alone, names removed unless they were to be kept.
        policy: the policy in force.
        as_of: open spans are counted up to here; the end of the data unless given.
        clock: one row per clock point, indexed by ``point``.
        measurements: one row per duration metric, indexed by ``metric``.
        phases, timeline, silences: see :mod:`incident_analytics.timeline`.
        severity_steps, update_gaps, first_minutes: see :mod:`incident_analytics.metrics`.
        log_rates, log_onsets: errors per minute and service, and the first minute that departs from the hour before.
    """

    incident: pd.Series
    records: Records
    policy: Policy
    as_of: pd.Timestamp
    clock: pd.DataFrame
    measurements: pd.DataFrame
    phases: pd.DataFrame
    timeline: pd.DataFrame
    silences: pd.DataFrame
    severity_steps: pd.DataFrame
    update_gaps: pd.DataFrame
    first_minutes: pd.DataFrame
    log_rates: pd.DataFrame
    log_onsets: pd.DataFrame

    @property
    def incident_id(self) -> str:
        """Identifier of the incident."""
        return str(self.incident["incident_id"])

    @property
    def visibility(self) -> str:
        """Public or internal; internal when the record does not say."""
        found = self.incident["visibility"]
        return found if isinstance(found, str) else "internal"

    @property
    def names(self) -> dict[str, str]:
        """What to call each person, by ``person_id``."""
        people = self.records.people
        return {p: n if isinstance(n, str) else p for p, n in zip(people["person_id"], people["name"], strict=True)}

    def at(self, point: str) -> pd.Timestamp:
        """The instant of a clock point (the earliest possible one); NaT when unknown."""
        return self.clock.loc[point, "at"]

    @property
    def began_at(self) -> pd.Timestamp:
        """Start of the incident for display: the first known of impact, detection, declaration, else the first entry."""
        for point in ("impact_start", "detected", "alert_fired", "paged", "acknowledged", "declared"):
            if pd.notna(self.at(point)):
                return self.at(point)
        dated = self.timeline["at"].dropna()
        return dated.min() if len(dated) else pd.NaT

    @property
    def ended_at(self) -> pd.Timestamp:
        """End of the incident for display: resolved, else impact_end; NaT while open."""
        return self.at("resolved") if pd.notna(self.at("resolved")) else self.at("impact_end")

    @property
    def drawn_until(self) -> pd.Timestamp:
        """Right end of a figure's axis: the end, or ``as_of`` while it is open."""
        return self.ended_at if pd.notna(self.ended_at) else self.as_of


def build_measurements(records: Records, *, as_of: str | pd.Timestamp | None = None) -> pd.DataFrame:
    """All durations of all incidents in long form, with bounds and reasons; see ``metrics.build_measurements``."""
    clock = build_clock(records.incidents, records.events, records.participants, records.impacts)
    return metrics.build_measurements(
        records.incidents,
        clock,
        records.events,
        records.impacts,
        records.participants,
        as_of=as_instant(as_of, records),
    )


def measure(records: Records, policy: Policy | None = None, as_of: str | pd.Timestamp | None = None) -> pd.DataFrame:
    """One row per incident, one column per metric: durations as ``timedelta64[us]``, counts as ``Int64``.

    A duration that cannot be computed is NaT; :func:`build_measurements` says why, and gives the bounds of durations
    whose clock points are known only to the hour or day (here their midpoint stands). Open incidents are NaT.

    Args:
        records: the incidents.
        policy: overrides the policies the records came with.
        as_of: open spans are counted up to here; the end of the data unless given.
    """
    clock = build_clock(records.incidents, records.events, records.participants, records.impacts)
    instant = as_instant(as_of, records)
    durations = metrics.build_measurements(
        records.incidents, clock, records.events, records.impacts, records.participants, as_of=instant
    )
    order = pd.Index(records.incidents["incident_id"], name="incident_id")
    wide = durations.set_index(["incident_id", "metric"])["value"].unstack().reindex(order)
    wide = wide.reindex(columns=list(metrics.DEFINITIONS)).astype(DTYPES["span"])
    steps = _by_policy(
        records, policy, lambda p, part: metrics.build_severity_steps(part.events, clock, policy=p, as_of=instant)
    )
    changes = steps[steps["direction"] != "first"].groupby("incident_id").size()
    wide["severity_changes"] = changes.reindex(order).where(order.isin(steps["incident_id"]), pd.NA).astype("Int64")
    has_severity = order.isin(steps["incident_id"])
    wide.loc[has_severity, "severity_changes"] = wide.loc[has_severity, "severity_changes"].fillna(0)
    first = metrics.build_first_minutes(records.incidents, records.events, records.participants, clock)
    in_time = first[first["state"].isin(["in_time", "before"])].groupby("incident_id").size()
    wide["steps_in_first_five_minutes"] = in_time.reindex(order, fill_value=0).astype("Int64")
    wide.columns.name = None
    wide.attrs = {"as_of": str(instant)}
    return wide


def _by_policy(records: Records, policy: Policy | None, build: object) -> pd.DataFrame:
    """A frame built collection by collection, each under its own policy."""
    assert callable(build)
    if policy is not None or not records.policies:
        return build(policy or records.policy_for(None), records)
    parts = []
    for collection, group in records.incidents.groupby("collection", dropna=False, sort=False):
        parts.append(build(records.policy_for(collection), records.select(list(group["incident_id"]))))
    return pd.concat(parts, ignore_index=True) if parts else build(records.policy_for(None), records)


def pick_incident(records: Records) -> str:
    """The incident with the most to tell: the one with most timeline entries; the first of equals.

    Raises:
        UsageError: there is no incident at all.
    """
    if not len(records.incidents):
        raise UsageError("there is no incident in these records")
    sizes = records.events["incident_id"].value_counts()
    return str(
        records.incidents["incident_id"].iloc[records.incidents["incident_id"].map(sizes).fillna(0).to_numpy().argmax()]
    )


def build_review(
    records: Records,
    incident_id: str | None = None,
    *,
    policy: Policy | None = None,
    as_of: str | pd.Timestamp | None = None,
    names: Literal["remove", "keep"] = "remove",
) -> Review:
    """Compute everything about one incident.

    Args:
        records: any bundle that holds the incident.
        incident_id: which one; :func:`pick_incident` chooses when it is not given.
        policy: overrides the policy of the incident's collection.
        as_of: open spans are counted up to here; the end of the whole data unless given.
        names: ``remove`` replaces people by roles before anything is computed; ``keep`` shows them.

    Raises:
        UsageError: an unknown identifier (near ones are named) or a bad ``as_of``.
    """
    instant = as_instant(as_of, records)
    one = records.select(incident_id or pick_incident(records))
    one = own_logs(one, log_windows(one, policy, as_of=instant))
    if names == "remove":
        one = pseudonymise(one)
    incident = one.incidents.iloc[0]
    policy = policy or records.policy_for(incident["collection"])
    clock = build_clock(one.incidents, one.events, one.participants, one.impacts)
    phases = timeline.build_phases(clock, as_of=instant, incidents=one.incidents)
    rates, onsets = _log_evidence(one, clock)
    rows = timeline.build_timeline(metrics.without_snapshots(one.events), clock, log_onsets=onsets)
    steps = metrics.build_severity_steps(one.events, clock, policy=policy, as_of=instant)
    measurements = metrics.build_measurements(
        one.incidents, clock, one.events, one.impacts, one.participants, as_of=instant
    )
    return Review(
        incident=incident,
        records=one,
        policy=policy,
        as_of=instant,
        clock=clock.set_index("point"),
        measurements=measurements.set_index("metric"),
        phases=phases,
        timeline=rows,
        silences=timeline.build_silences(rows, limit=policy.silence),
        severity_steps=steps,
        update_gaps=metrics.build_update_gaps(one.events, clock, steps, policy=policy, as_of=instant),
        first_minutes=metrics.build_first_minutes(one.incidents, one.events, one.participants, clock),
        log_rates=rates,
        log_onsets=onsets,
    )


def incident_window(clock: pd.DataFrame, policy: Policy, *, as_of: pd.Timestamp) -> pd.DataFrame:
    """From when to when logs matter, per incident: first clock point to resolved, with the policy's margins.

    Returns:
        Frame indexed by ``incident_id`` with ``began_at`` and ``ended_at``; incidents without any instant are absent.
        Clock points of the follow-up do not stretch the window.
    """
    response = clock[~clock["point"].isin(["closed", "followup_first", "review_held", "report_published", "fixed"])]
    dated = response.dropna(subset=["at"])
    began = dated.groupby("incident_id")["at"].min() - policy.margin_before
    last = dated[["at", "at_latest"]].max(axis=1)
    ended = last.groupby(dated["incident_id"]).max()
    resolved = clock[clock["point"] == "resolved"].set_index("incident_id")["at"].reindex(ended.index)
    ended = ended.where(resolved.notna(), as_of) + policy.margin_after
    return pd.DataFrame({"began_at": began, "ended_at": ended})


def log_windows(records: Records, policy: Policy | None = None, *, as_of: pd.Timestamp) -> pd.DataFrame:
    """From when to when each incident's logs matter, each under the policy of its collection; see the window's margins.

    Returns:
        Frame indexed by ``incident_id`` with ``began_at`` and ``ended_at``, an hour before the margin included, which
        the first minutes are compared with. Empty when there are no logs.
    """
    if not len(records.logs):
        return pd.DataFrame({"began_at": [], "ended_at": []})
    clock = build_clock(records.incidents, records.events, records.participants, records.impacts)
    parts = []
    for collection, group in records.incidents.groupby("collection", dropna=False, sort=False):
        own = clock[clock["incident_id"].isin(group["incident_id"])]
        parts.append(incident_window(own, policy or records.policy_for(collection), as_of=as_of))
    windows = pd.concat(parts)
    return windows.assign(began_at=windows["began_at"] - pd.Timedelta("60min"))


def own_logs(one: Records, windows: pd.DataFrame) -> Records:
    """The bundle of one incident with only the log entries of its window; none when it has no window."""
    if not len(one.logs):
        return one
    if one.incident_ids[0] not in windows.index:
        return replace(one, logs=one.logs.iloc[:0])
    began, ended = windows.loc[one.incident_ids[0]]
    return replace(one, logs=one.logs[one.logs["at"].between(began, ended)].reset_index(drop=True))


def _log_evidence(one: Records, clock: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Errors per minute and service of an incident's own logs, and where they depart from the hour before."""
    logs = one.logs
    start, end = (logs["at"].min(), logs["at"].max()) if len(logs) else (None, None)
    rates = timeline.build_log_rates(logs, start=start, end=end)
    return rates, timeline.build_log_onsets(rates, clock)
