"""When each person first took part, and how long it took until the last of them did."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..clock import bounds_of, event_bounds, open_incidents
from ..schema import Events, Participants
from ..stats.intervals import MISSING, difference, micros, middle
from .measured import instants, measured_rows, words_at

_WATCHING = ("observer", "reporter")


def first_engagements(events: Events, participants: Participants) -> pd.DataFrame:
    """When each person first took part in each incident: one row per incident and person.

    Taking part is a role taken (other than observer or reporter), an acknowledgement, joining, or a first message or
    step that is not automatic. People who only watched or reported are left out, as are entries that name nobody or
    have no time.

    Returns:
        Columns ``incident_id, person_id, at, at_latest``, sorted by incident, time and person; ``at_latest`` equals
        ``at`` for a known instant.
    """
    is_human = ~events["is_automatic"].fillna(False).to_numpy(bool)
    is_act = (
        events["kind"].isin(["message", "action"])
        | ((events["kind"] == "status") & (events["new"] == "acknowledged"))
        | ((events["kind"] == "role") & (events["field"] == "joined"))
    )
    acts = events[is_human & is_act & events["actor_id"].notna()]
    acts = acts.assign(at_latest=instants(event_bounds(acts)[1]))
    acts = acts[["incident_id", "actor_id", "at", "at_latest"]].rename(columns={"actor_id": "person_id"})
    is_watching = participants["role"].isin(_WATCHING)
    roles = participants[~is_watching][["incident_id", "person_id", "assumed_at"]].rename(columns={"assumed_at": "at"})
    engaged = pd.concat([acts, roles.assign(at_latest=roles["at"])], ignore_index=True)
    engaged = engaged.dropna(subset=["incident_id", "at"])
    watchers = participants[is_watching][["incident_id", "person_id"]].drop_duplicates()
    watchers = watchers.merge(roles[["incident_id", "person_id"]].drop_duplicates(), how="left", indicator="has")
    watchers = watchers[watchers["has"] == "left_only"]
    if len(watchers):
        engaged = engaged.merge(watchers, how="left", on=["incident_id", "person_id"])
        engaged = engaged[engaged["has"].isna()].drop(columns="has")
    first = engaged.groupby(["incident_id", "person_id"], sort=False)[["at", "at_latest"]].min().reset_index()
    return first.sort_values(["incident_id", "at", "person_id"], ignore_index=True)


def time_to_engage(clock: pd.DataFrame, events: Events, participants: Participants) -> pd.Series:
    """From the first person engaged to the last one to engage for the first time, until the resolution.

    ``NaT`` with fewer than two people engaged, and while the incident is open: more may still engage.
    """
    measured = measured_engagement(clock, events, participants)
    return pd.Series(
        measured["value"].to_numpy(), index=pd.Index(measured["incident_id"], name="incident_id"), name="time_to_engage"
    )


def measured_engagement(clock: pd.DataFrame, events: Events, participants: Participants) -> pd.DataFrame:
    """The rows of ``build_measurements`` for :func:`time_to_engage`."""
    ids, (_, ended) = bounds_of(clock, "resolved")
    people = first_engagements(events, participants)
    incident = ids.get_indexer(pd.Index(people["incident_id"]))
    at, latest = micros(people["at"]), micros(people["at_latest"])
    is_during = (incident >= 0) & ((ended[incident] == MISSING) | (at <= ended[incident]))
    incident, at, latest = incident[is_during], at[is_during], latest[is_during]
    n = np.bincount(incident, minlength=len(ids))
    far = np.iinfo(np.int64).max
    bounds = [np.full(len(ids), fill) for fill in (far, far, MISSING, MISSING)]
    for bound, reduce, values in zip(
        bounds, (np.minimum, np.minimum, np.maximum, np.maximum), (at, latest) * 2, strict=True
    ):
        reduce.at(bound, incident, values)
    first_low, first_high, last_low, last_high = (np.where(n > 0, bound, MISSING) for bound in bounds)
    low, _, high = difference(first_low, first_high, last_low, last_high)
    low = np.where(low == MISSING, MISSING, np.maximum(low, 0))
    value = middle(low, high)
    is_open = open_incidents(clock).to_numpy() & (n > 1)
    is_known = (n > 1) & ~is_open
    reason = np.select(
        [is_known, is_open, n == 1], ["", "still open", "only one person recorded as engaged"], "no engagement recorded"
    )
    word = np.where(is_known | is_open, 0, -1)
    return measured_rows(
        ids,
        "time_to_engage",
        value=np.where(is_known, value, MISSING),
        low=np.where(is_known | is_open, low, MISSING),
        high=np.where(is_known, high, MISSING),
        is_open=is_open,
        start_point=words_at(["first_engaged"], np.where(n > 0, 0, -1)),
        end_point=words_at(["last_engaged"], word),
        start_at=first_low,
        end_at=np.where(word == 0, last_low, MISSING),
        reason=reason.astype(object),
        basis=words_at(["derived"], word),
        precision=pd.array([None] * len(ids), dtype="str"),
        note=np.full(len(ids), "", dtype=object),
    )
