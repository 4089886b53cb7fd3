"""Alerts and chat lines come from tools that do not know the incident: here they are put to it, or left alone.

A chat line belongs to the incident that names its channel, or whose number its channel carries. An alert belongs to
the incident that was opened under its fingerprint, else to the only incident that its service had at that time. What
fits none, or several, stays unlinked and is counted in a finding: a wrong link would move the clock.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping

import numpy as np
import pandas as pd

from ..records import Records
from ..schema import finding, frame_of
from ..wording import count
from ._frame_columns import is_among

LEAD = pd.Timedelta("30min")
"""How long before an incident's start an alert of its service may fire and still belong to it."""

_IN_CHANNEL = re.compile(r"(?:^|[^a-z0-9])inc(?:ident)?[-_]?0*([0-9]+)(?![0-9])", re.IGNORECASE)
_NUMBER = re.compile(r"#?(?:inc(?:ident)?[-_]?)?0*([0-9]+)", re.IGNORECASE)
_OVER = ("resolved", "impact_end")
_OPEN = ("open", "mitigated")


def link(records: Records, spans: pd.DataFrame) -> Records:
    """The bundle with alerts and chat lines put to their incidents; what stays unlinked is a finding per reason.

    A collection that knows incidents from its chat alone gets one incident per channel.

    Args:
        records: the records of one collection.
        spans: first and last instant by incident; see :func:`spans_of`.
    """
    is_alone = records.events["incident_id"].isna()
    if not is_alone.any():
        return records
    if not len(records.incidents):
        records = _incidents_of_channels(records)
    by_channel, notes = _by_channel(records)
    by_alert, more = _by_alert(records, spans)
    linked = records.events["incident_id"].fillna(by_channel).fillna(by_alert)
    events = records.events.assign(incident_id=linked.astype("str"))
    return records.with_tables(events=events).add_findings(notes + more)


def spans_of(records: Records, points: list[str]) -> pd.DataFrame:
    """First and last instant of the response by incident: ``began_at``, ``ended_at``; no row where no time is known.

    Clock points and impacts count; where an incident has no end among them, and where it has none at all, its other
    entries do.

    Args:
        records: the bundle.
        points: the clock points that belong to the response.
    """
    events = records.events.dropna(subset=["incident_id"])
    is_point = (events["kind"] == "milestone") & events["field"].isin(points)
    ended = events.loc[is_point & events["field"].isin(_OVER) & events["at"].notna(), "incident_id"]
    is_other = (events["kind"] != "milestone") & ~is_among(events["incident_id"], ended)
    impacts = records.impacts
    parts = [
        events.loc[is_point | is_other, ["incident_id", "at"]],
        events.loc[is_point, ["incident_id", "at_latest"]],
        *(impacts[["incident_id", c]] for c in ("began_at", "began_at_latest", "ended_at", "ended_at_latest")),
    ]
    instants = pd.concat([part.set_axis(["incident_id", "at"], axis=1) for part in parts]).dropna()
    return instants.groupby("incident_id")["at"].agg(began_at="min", ended_at="max")


def _incidents_of_channels(records: Records) -> Records:
    chat = _chat(records.events)
    first = chat.drop_duplicates("channel")
    rows = [
        {"incident_id": channel, "title": channel, "kind": "incident", "channel": channel, "source": source}
        for channel, source in zip(first["channel"], first["source"], strict=True)
    ]
    return records.with_tables(incidents=frame_of("incidents", rows))


def _chat(events: pd.DataFrame) -> pd.DataFrame:
    return events[events["incident_id"].isna() & (events["kind"] != "alert") & events["channel"].notna()]


def _by_channel(records: Records) -> tuple[pd.Series, list[dict[str, object]]]:
    """Incident by row of events for chat lines, and a finding per channel that has none."""
    chat = _chat(records.events)
    named = _ids_by(records.incidents, records.incidents["channel"].map(_bare, na_action="ignore"))
    numbered = _ids_by(records.incidents, records.incidents["number"].map(_digits, na_action="ignore"))
    found: dict[Hashable, str] = {}
    notes = []
    for channel, lines in chat.groupby("channel"):
        ids = named.get(_bare(str(channel)))
        if ids is None:
            ids = next((numbered[n] for n in _IN_CHANNEL.findall(str(channel)) if n in numbered), [])
        if len(ids) == 1:
            found |= dict.fromkeys(lines.index, ids[0])
            continue
        why = f"several incidents claim it ({', '.join(ids[:5])})" if ids else "no incident names it"
        notes.append(
            finding(
                "unlinked",
                "info",
                f"{count(len(lines), 'message')} of channel {channel!r} without an incident: {why}. Kept, unlinked.",
                table="events",
                row=channel,
                source=str(lines["source"].iloc[0]),
            )
        )
    return pd.Series(found, dtype="str"), notes


def _ids_by(incidents: pd.DataFrame, keys: pd.Series) -> dict[str, list[str]]:
    known = keys.dropna()
    known = known[known != ""]
    found: dict[str, list[str]] = {}
    for key, incident_id in zip(known, incidents.loc[known.index, "incident_id"], strict=True):
        found.setdefault(str(key), []).append(str(incident_id))
    return found


def _bare(channel: str) -> str:
    return channel.strip().lstrip("#").lower()


def _digits(number: str) -> str:
    match = _NUMBER.fullmatch(number.strip())
    return match[1] if match else ""


def _by_alert(records: Records, spans: pd.DataFrame) -> tuple[pd.Series, list[dict[str, object]]]:
    """Incident by row of events for alerts, and a finding per reason why some have none."""
    events = records.events
    alerts = events[events["incident_id"].isna() & (events["kind"] == "alert")]
    if not len(alerts):
        return pd.Series(dtype="str"), []
    keys = records.incidents["extra"].map(lambda extra: extra.get("incident_key"))
    by_key = {key: ids[0] for key, ids in _ids_by(records.incidents, keys).items() if len(ids) == 1}
    linked = pd.Series([by_key.get(ref) for ref in alerts["source_ref"]], index=alerts.index, dtype="str")
    rest = alerts[linked.isna()]
    several = _several(records.incidents, spans, rest)
    linked = linked.fillna(several.where(several.str.len() > 0))
    linked = _with_their_end(alerts, linked)
    lost = alerts[linked.isna()]
    return linked.dropna().astype("str"), _unlinked_alerts(lost, several)


_MANY = ""  # an alert whose service had several incidents at that time


def _several(incidents: pd.DataFrame, spans: pd.DataFrame, alerts: pd.DataFrame) -> pd.Series:
    """The only incident of the alert's service at its time; ``_MANY`` where there are several, missing for none."""
    known = incidents.dropna(subset=["service"]).merge(spans, left_on="incident_id", right_index=True)
    known = known.assign(service=known["service"].str.lower(), began_at=known["began_at"] - LEAD)
    # An incident that is open lasts until the data ends; a closed one without an end, until its last entry.
    known["ended_at"] = known["ended_at"].mask(
        known["status"].isin(_OPEN), pd.Timestamp.max.tz_localize("UTC").as_unit("us")
    )
    found = pd.Series(None, index=alerts.index, dtype="object")
    timed = alerts.dropna(subset=["at", "service"])
    for service, group in timed.groupby(timed["service"].str.lower()):
        held = known[known["service"] == service]
        held_by, place = _holding(held["began_at"], held["ended_at"], group["at"])
        ids = held["incident_id"].to_numpy()
        names = np.where(held_by == 1, ids[np.where(held_by == 1, place, 0)] if len(ids) else _MANY, _MANY)
        found.loc[group.index] = pd.Series(names, index=group.index, dtype="object").where(held_by > 0)
    return found.astype("str")


def _holding(began: pd.Series, ended: pd.Series, at: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """How many intervals hold each instant, and the place of the interval where it is one.

    Counted by sorting, not by comparing every alert with every incident: the sum of the places of those begun less
    those ended is the place itself when one is left.
    """
    starts, ends = np.argsort(began.to_numpy(), kind="stable"), np.argsort(ended.to_numpy(), kind="stable")
    begun = np.searchsorted(began.to_numpy()[starts], at.to_numpy(), side="right")
    over = np.searchsorted(ended.to_numpy()[ends], at.to_numpy(), side="left")
    sums = [np.concatenate([[0], np.cumsum(order)]) for order in (starts, ends)]
    return begun - over, sums[0][begun] - sums[1][over]


def _with_their_end(alerts: pd.DataFrame, linked: pd.Series) -> pd.Series:
    """The end of an alert goes with its beginning, however late it comes; where that is unlinked, by its time."""
    order = alerts.assign(linked=linked).sort_values(["source_ref", "at"], kind="stable")
    is_end = (order["field"] == "resolved") & order["source_ref"].notna()
    begun = order["linked"].where(~is_end)
    # Within one fingerprint, each end takes over from the last beginning before it.
    latest = (~is_end).groupby(order["source_ref"], dropna=False).cumsum()
    carried = begun.groupby([order["source_ref"], latest]).transform("first")
    return carried.where(is_end).reindex(linked.index).fillna(linked)


def _unlinked_alerts(lost: pd.DataFrame, several: pd.Series) -> list[dict[str, object]]:
    is_many = (several.reindex(lost.index) == _MANY).fillna(False)
    is_blind = lost["at"].isna() | lost["service"].isna()
    reasons: Mapping[str, pd.Series] = {
        "their time or service is not known": is_blind,
        "several incidents of their service were open": is_many & ~is_blind,
        "no incident of their service was open": ~is_many & ~is_blind,
    }
    return [
        finding(
            "unlinked",
            "info",
            f"{count(int(chosen.sum()), 'alert entry', 'alert entries')} without an incident: {reason}. "
            "Kept, unlinked.",
            table="events",
            source=str(lost.loc[chosen, "source"].iloc[0]),
        )
        for reason, chosen in reasons.items()
        if chosen.any()
    ]
