"""Five durations of many incidents: ours against a loop over groups, and against the same rules as SQL in DuckDB.

    python benchmarks/metrics.py [--incidents 200000] [--events 2000000] [--groups 1000]

Everything runs on the same tables in one process, in turn, the best of five runs each. All three ways
must give the same answers, or the benchmark stops. The loop runs on the first ``--groups`` incidents and is scaled.
The SQL applies the same choice of entries, recorded before derived; it leaves out what the data does not need
(several sources, overrides, uncertain instants), so the comparison favours it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import duckdb
import numpy as np
import pandas as pd

from incident_analytics import metrics
from incident_analytics.clock import build_clock
from incident_analytics.schema import DTYPES, TABLES, empty

DURATIONS = ("time_to_detect", "time_to_declare", "time_to_acknowledge", "time_to_mitigate", "time_to_resolve")
POINTS = ("impact_start", "alert_fired", "detected", "paged", "acknowledged", "declared", "mitigated", "resolved")

# What an incident has: kind, field, new, chance, minutes after its start. The rest is chatter.
_ENTRIES = (
    ("milestone", "impact_start", None, 0.7, 0),
    ("alert", "fired", None, 0.9, 3),
    ("status", None, "triggered", 0.9, 4),
    ("alert", "paged", None, 0.8, 5),
    ("status", None, "acknowledged", 0.8, 9),
    ("milestone", "detected", None, 0.2, 3),
    ("status", None, "declared", 0.6, 15),
    ("milestone", "mitigated", None, 0.5, 60),
    ("status", None, "mitigated", 0.3, 61),
    ("status", None, "resolved", 0.9, 90),
)

SQL = """
with entries as (
    select incident_id,
        min("at") filter (where kind = 'milestone' and field = 'impact_start') as impact_start,
        min("at") filter (where kind = 'milestone' and field = 'detected') as m_detected,
        min("at") filter (where kind = 'milestone' and field = 'mitigated') as m_mitigated,
        min("at") filter (where kind = 'alert' and field = 'fired') as alert_fired,
        min("at") filter (where kind = 'alert' and field = 'paged') as paged,
        min("at") filter (where kind = 'status' and "new" = 'triggered') as triggered,
        min("at") filter (where kind = 'status' and "new" = 'acknowledged' and is_automatic is not true) as acknowledged,
        min("at") filter (where kind = 'status' and "new" = 'declared') as declared,
        min("at") filter (where kind = 'status' and "new" = 'mitigated') as s_mitigated,
        max("at") filter (where kind = 'status' and "new" = 'resolved') as s_resolved,
        max("at") filter (where kind = 'status' and "new" = 'reopened') as reopened
    from events group by incident_id
), chosen as (
    select incident_id, impact_start, alert_fired, paged, acknowledged, declared,
        coalesce(m_detected,
            case when alert_fired <= least(coalesce(acknowledged, alert_fired), coalesce(declared, alert_fired))
                then alert_fired end,
            case when triggered <= least(coalesce(acknowledged, triggered), coalesce(declared, triggered))
                then triggered end) as detected,
        coalesce(m_mitigated, s_mitigated) as mitigated,
        case when reopened > s_resolved then null else s_resolved end as resolved
    from entries
), points as (
    -- what stands in for a page that is not recorded must not be later than the acknowledgement
    select *, coalesce(paged, case when alert_fired <= acknowledged then alert_fired end,
        case when detected <= acknowledged then detected end) as called
    from chosen
)
select i.incident_id,
    detected - impact_start as time_to_detect,
    case when declared >= detected then declared - detected end as time_to_declare,
    case when acknowledged >= called then acknowledged - called end as time_to_acknowledge,
    case when mitigated >= impact_start then mitigated - impact_start end as time_to_mitigate,
    case when resolved >= declared then resolved - declared end as time_to_resolve
from incidents i left join points using (incident_id)
"""


def make_tables(n_incidents: int, n_events: int, seed: int = 1) -> dict[str, pd.DataFrame]:
    """Incidents of one year with their entries in random order; the entries beyond the usual ones are messages."""
    rng = np.random.default_rng(seed)
    ids = pd.array([f"INC-{number:07d}" for number in range(n_incidents)], dtype="str")
    began = rng.integers(0, 365 * 86_400, n_incidents) * 1_000_000 + 1_735_689_600_000_000
    parts = []
    for kind, field, new, chance, minutes in _ENTRIES:
        incident = np.flatnonzero(rng.random(n_incidents) < chance)
        late = rng.integers(0, 600, len(incident)) + 60 * minutes
        parts.append((incident, began[incident] + late * 1_000_000, kind, field, new))
    n_messages = max(0, n_events - sum(len(part[0]) for part in parts))
    incident = rng.integers(0, n_incidents, n_messages)
    parts.append((incident, began[incident] + rng.integers(0, 7200, n_messages) * 1_000_000, "message", None, None))
    incident = np.concatenate([part[0] for part in parts])
    sizes = [len(part[0]) for part in parts]
    order = rng.permutation(len(incident))
    columns = {column.name: column for column in TABLES["events"].columns}
    words = {
        name: pd.array([part[place] for part in parts], dtype="str").take(
            np.repeat(np.arange(len(parts)), sizes)[order]
        )
        for name, place in (("kind", 2), ("field", 3), ("new", 4))
    }
    at = np.concatenate([part[1] for part in parts])[order]
    n = len(order)
    given = {
        "incident_id": ids.take(incident[order]),
        "at": pd.DatetimeIndex(at.view("datetime64[us]"), tz="UTC"),
        "is_automatic": pd.array(rng.random(n) < 0.2, dtype="boolean"),
        "source": pd.array(["made:events"], dtype="str").take(np.zeros(n, dtype=int)),
        **words,
    }
    missing = {
        name: pd.Series([{}], dtype="object").take(np.zeros(n, dtype=int)).reset_index(drop=True)
        if column.kind == "extra"
        else pd.Series(pd.array([None], dtype=DTYPES[column.kind]).take(np.zeros(n, dtype=int)))
        for name, column in columns.items()
        if name not in given
    }
    events = pd.DataFrame({**given, **missing})[list(columns)]
    incidents = empty("incidents").reindex(range(n_incidents)).assign(incident_id=ids)
    incidents["status"] = pd.array(["resolved"], dtype="str").take(np.zeros(n_incidents, dtype=int))
    return {
        "incidents": incidents,
        "events": events,
        "participants": empty("participants"),
        "impacts": empty("impacts"),
    }


def ours(tables: dict[str, pd.DataFrame], columns: tuple[str, ...] | None = ("at", "at_latest")) -> pd.DataFrame:
    """Entries to the instants of eight clock points to five durations; with all columns, also where each is from."""
    four = (tables[name] for name in ("incidents", "events", "participants", "impacts"))
    clock = build_clock(*four, points=POINTS, columns=columns)
    return pd.concat([metrics.METRICS[name](clock) for name in DURATIONS], axis=1)


def in_duckdb(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The same in SQL, handed back as a frame."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.register("events", tables["events"].drop(columns="extra"))
        connection.register("incidents", tables["incidents"][["incident_id"]])
        return connection.sql(SQL).df()


def of_one(group: pd.DataFrame) -> pd.Series:
    """The same for the entries of one incident, as one would write it for ``groupby.apply``."""

    def first(is_it: pd.Series) -> pd.Timestamp:
        return group.loc[is_it, "at"].min()

    def status(word: str) -> pd.Series:
        return (group["kind"] == "status") & (group["new"] == word)

    def milestone(point: str) -> pd.Timestamp:
        return first((group["kind"] == "milestone") & (group["field"] == point))

    def after(end: pd.Timestamp, start: pd.Timestamp) -> pd.Timedelta:
        return end - start if pd.notna(end) and pd.notna(start) and end >= start else pd.NaT

    fired = first((group["kind"] == "alert") & (group["field"] == "fired"))
    paged = first((group["kind"] == "alert") & (group["field"] == "paged"))
    acknowledged = first(status("acknowledged") & ~group["is_automatic"].fillna(False))
    declared, triggered = first(status("declared")), first(status("triggered"))
    resolved, reopened = group.loc[status("resolved"), "at"].max(), group.loc[status("reopened"), "at"].max()
    resolved = pd.NaT if pd.notna(reopened) and reopened > resolved else resolved
    impact_start, detected, mitigated = milestone("impact_start"), milestone("detected"), milestone("mitigated")
    for candidate in (fired, triggered):
        if pd.isna(detected) and not (candidate > acknowledged or candidate > declared):
            detected = candidate
    mitigated = first(status("mitigated")) if pd.isna(mitigated) else mitigated
    called = paged
    for candidate in (fired, detected):
        if pd.isna(called) and pd.notna(candidate) and not candidate > acknowledged:
            called = candidate
    return pd.Series(
        {
            "time_to_detect": detected - impact_start,
            "time_to_declare": after(declared, detected),
            "time_to_acknowledge": after(acknowledged, called),
            "time_to_mitigate": after(mitigated, impact_start),
            "time_to_resolve": after(resolved, declared),
        },
        dtype="timedelta64[us]",
    )


def in_turn(n: int, *runs: Callable[[], pd.DataFrame]) -> tuple[list[float], list[pd.DataFrame]]:
    """The shortest of ``n`` rounds of each run in seconds, and the answers."""
    times, answers = [[] for _ in runs], [pd.DataFrame() for _ in runs]
    for _ in range(n):
        for place, run in enumerate(runs):
            began = time.perf_counter()
            answers[place] = run()
            times[place].append(time.perf_counter() - began)
    return [min(taken) for taken in times], answers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--incidents", type=int, default=200_000)
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--groups", type=int, default=1_000, help="incidents for the loop over groups")
    asked = parser.parse_args()
    tables = make_tables(asked.incidents, asked.events)
    print(f"{len(tables['incidents']):,} incidents, {len(tables['events']):,} events, five durations")

    runs = (lambda: ours(tables), lambda: in_duckdb(tables), lambda: ours(tables, None))
    (seconds, sql_seconds, full_seconds), (mine, theirs, full) = in_turn(5, *runs)
    pd.testing.assert_frame_equal(mine, full)
    print(f"ours, entries to clock to durations   {seconds:8.3f} s")
    theirs = theirs.set_index("incident_id").reindex(mine.index)
    for name in DURATIONS:
        pd.testing.assert_series_equal(mine[name], theirs[name].astype("timedelta64[us]"), check_names=False)
    print(
        f"the same SQL in DuckDB                {sql_seconds:8.3f} s   ours takes {seconds / sql_seconds:.1f} times as long"
    )

    print(
        f"ours, with source and rule of each   {full_seconds:9.3f} s   {full_seconds / sql_seconds:.1f} times as long as DuckDB"
    )

    few = tables["incidents"]["incident_id"].head(asked.groups)
    part = tables["events"][tables["events"]["incident_id"].isin(few)]
    (loop,), (applied,) = in_turn(
        1, lambda: part.groupby("incident_id")[["kind", "field", "new", "at", "is_automatic"]].apply(of_one)
    )
    for name in DURATIONS:
        expected = applied[name].reindex(few).astype("timedelta64[us]")
        pd.testing.assert_series_equal(mine[name].loc[few], expected, check_names=False, check_index_type=False)
    scaled = loop * len(tables["incidents"]) / len(few)
    print(
        f"groupby.apply, scaled from {len(few):,}       {scaled:8.1f} s   {scaled / seconds:.0f} times as long as ours"
    )

    arguments = [tables[name] for name in ("incidents", "events", "participants", "impacts")]
    (whole,), (clock,) = in_turn(1, lambda: build_clock(*arguments))
    print(f"whole clock, {clock['point'].nunique()} points               {whole:8.3f} s")
    order = ("events", "impacts", "participants")
    until = pd.Timestamp("2026-02-01", tz="UTC")
    (every,), _ = in_turn(
        1,
        lambda: metrics.build_measurements(tables["incidents"], clock, *(tables[name] for name in order), as_of=until),
    )
    print(f"all eight durations with reasons      {every:8.3f} s")


if __name__ == "__main__":
    main()
