"""What each duration means, as data: the report, the command line and the documentation all print this.

The clock points are this project's default; other tools use the same words for other points, which is why each
definition says how they differ. A number from elsewhere is comparable only under its own definition.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from types import MappingProxyType

import pandas as pd


@dataclass(frozen=True, slots=True)
class Definition:
    """One measure.

    Attributes:
        name: its term; name of the function, of the column and of the key.
        label: as headings say it.
        meaning: what a value says, in one sentence.
        formula: how it is computed, in clock points.
        start: where the clock starts, in order of preference; a later one is used where the earlier is not known.
        end: where the clock ends.
        unit: unit of a value.
        when_open: what an incident yields that has started this clock and not ended it.
        when_unknown: what an incident yields whose points are not known.
        source: where the definition comes from.
        elsewhere: how other tools define the same term.
        tables: the tables the function asks for, in its order.
        may_be_negative: an end before the start is a fact, not a contradiction.
        ended_by: clock points after which a missing end is not recorded, rather than still to come.
    """

    name: str
    label: str
    meaning: str
    formula: str
    start: tuple[str, ...] = ()
    end: str = ""
    unit: str = "duration"
    when_open: str = "no value; at least the time from its start to the end of the data"
    when_unknown: str = "no value, with the reason; never 0"
    source: str = ""
    elsewhere: str = ""
    tables: tuple[str, ...] = ("clock",)
    may_be_negative: bool = False
    ended_by: tuple[str, ...] = ()


_UNDER_WAY = ("ic_assumed", "channel_open", "identified", "mitigation_started", "mitigated")

_DURATIONS = (
    Definition(
        name="time_to_detect",
        label="Time to detect",
        meaning="how long the impact lasted before the responding side knew; negative when it knew before the impact",
        formula="detected - impact_start",
        start=("impact_start",),
        end="detected",
        may_be_negative=True,
        ended_by=("paged", "acknowledged", "declared", *_UNDER_WAY),
        when_unknown="no value, with the reason; the creation of the record is never taken for the detection",
        source="common use; clock points as in Rootly and keep",
        elsewhere=(
            "FireHydrant: detected - started, both set to the alert's time when opened from an alert, so 0. "
            "Rootly: detected_at - started_at, recorded only by hand. Datadog: detected - customer_impact_start; "
            "detected is the creation of the source. keep: creation - start, 0 without data."
        ),
    ),
    Definition(
        name="time_to_declare",
        label="Detect to declare",
        meaning="how long it took from knowing to calling it an incident",
        formula="declared - detected",
        start=("detected",),
        end="declared",
        ended_by=_UNDER_WAY,
        source="Datadog calls it time to internal response",
        elsewhere="Datadog: the difference of detected and created. Others do not report it.",
    ),
    Definition(
        name="time_to_acknowledge",
        label="Time to acknowledge",
        meaning="how long a called person took to confirm being on it",
        formula=(
            "first acknowledgement by a person - first page; where no page is recorded, from the first alert, else "
            "the detection, if that is not later"
        ),
        start=("paged", "alert_fired", "detected"),
        end="acknowledged",
        when_unknown="no value; one that was never acknowledged is not counted at its end",
        source="PagerDuty's responder view, from the page instead of the assignment",
        elsewhere=(
            "PagerDuty: first acknowledgement - start; never acknowledged ones are dropped. FireHydrant: "
            "acknowledged - started, 0 when opened by hand. GoAlert: never acknowledged counts at the close. "
            "Grafana OnCall: the first of acknowledged, resolved, silenced or wiped - started, shown as MTTR."
        ),
    ),
    Definition(
        name="time_to_engage",
        label="Time to engage",
        meaning="how long it took from the first person engaged to the last one to engage for the first time",
        formula=(
            "last first engagement of a person - first; engaged by a role other than observer or reporter, an "
            "acknowledgement, joining, or a first message or step, until the resolution"
        ),
        when_open="no value; at least the time between the engagements so far",
        when_unknown="no value where fewer than two people are recorded as engaged",
        source="PagerDuty's time to engage",
        elsewhere="PagerDuty: first to last user engagement; none with one user or fewer.",
        tables=("clock", "events", "participants"),
    ),
    Definition(
        name="time_to_mitigate",
        label="Time to mitigate",
        meaning="how long the main impact lasted",
        formula="mitigated - impact_start",
        start=("impact_start",),
        end="mitigated",
        source="common use; FireHydrant and Rootly use the same points",
        elsewhere=(
            "FireHydrant: mitigated - started. Rootly: mitigated_at - started_at in whole hours. Netflix Dispatch: "
            "stable_at - reported_at in whole hours, now where there is no stable_at. Datadog: none; its time to "
            "repair is customer_impact_end - detected."
        ),
    ),
    Definition(
        name="time_to_resolve",
        label="Time to resolve",
        meaning="how long it took from the declaration until the incident was called over for the last time",
        formula="last resolved - declared",
        start=("declared",),
        end="resolved",
        source="Datadog's documentation",
        elsewhere=(
            "PagerDuty: trigger to resolved. FireHydrant, Rootly: resolved - started. Datadog: documentation says "
            "from declared, the client from created. GoAlert: first close. ServiceNow: to resolve or to close."
        ),
    ),
    Definition(
        name="incident_duration",
        label="Incident duration",
        meaning="how long the incident lasted, without stretches in which it was taken for over",
        formula="last resolved - impact_start - stretches from a resolution or closure to the reopening after it",
        start=("impact_start",),
        end="resolved",
        source="Datadog's cumulative status segments, from the start of the impact",
        elsewhere=(
            "Rootly: ends at mitigated for a resolved incident, now for another. Datadog: sum of the active and "
            "stable segments. DevLake: ends at the last edit of the record."
        ),
        tables=("clock", "events"),
    ),
    Definition(
        name="customer_impact_duration",
        label="Customer impact",
        meaning="how long at least one service was affected for somebody outside the team",
        formula=(
            "length of the union of the recorded impact intervals whose degree is not none; without any: "
            "impact_end - impact_start"
        ),
        start=("impact_start",),
        end="impact_end",
        when_unknown="no value where an interval lacks an end; 0 only where the record states that nobody was affected",
        source="Datadog's documentation: based on the impacts",
        elsewhere="Datadog: documentation says based on the impacts, the client end - start. Statuspage: per component.",
        tables=("clock", "impacts"),
    ),
)

_OTHERS = (
    Definition(
        name="time_in_severity",
        label="Time in severity",
        meaning="how long each severity was in force",
        formula="from each severity set to the next one, the last until resolved",
        end="resolved",
        when_open="the last severity lasts at least until the end of the data",
        when_unknown="a stretch without a known end has no length",
        source="severity changes as recorded; levels ordered by the policy",
        elsewhere="Tools store the changes; no statistic of them was found.",
        tables=("steps",),
    ),
    Definition(
        name="update_gap",
        label="Gap between updates",
        meaning="how long an audience heard nothing",
        formula=(
            "from detected (else declared, else impact_start) to the first update, between updates, and from the "
            "last one to resolved; over = what exceeds the cadence promised for the severity in force at its beginning"
        ),
        start=("detected", "declared", "impact_start"),
        end="resolved",
        when_open="the last gap lasts until the end of the data",
        when_unknown="no first gap without a start, no last gap without an end; no 'over' where nothing is promised",
        source="the policy's cadence per severity and audience",
        elsewhere="PagerDuty: a cadence in its documentation, no measure of it was found.",
        tables=("events", "clock", "steps"),
    ),
    Definition(
        name="first_five_minutes",
        label="First five minutes",
        meaning="when each of the five first steps of a response left its first trace",
        formula="first entry that meets the rules of a step - clock zero (first page, else declaration, else detection)",
        start=("paged", "declared", "detected"),
        when_open="a step without a trace is not recorded",
        when_unknown="not recorded does not mean not done",
        source="five steps: know the situation, tell stakeholders, open channels, gather the team, evaluate",
        elsewhere="PagerDuty reports acknowledgement, mobilising and engaging; the five steps together: none was found.",
        tables=("incidents", "events", "participants", "clock"),
    ),
)

DEFINITIONS: Mapping[str, Definition] = MappingProxyType({definition.name: definition for definition in _DURATIONS})
"""The eight durations by name, in the order in which they are printed."""

OTHER_DEFINITIONS: Mapping[str, Definition] = MappingProxyType({definition.name: definition for definition in _OTHERS})
"""What the other frames of this package measure."""


def definitions() -> pd.DataFrame:
    """Every measure as a row: name, label, meaning, formula, clock points, open and unknown incidents, sources."""
    names = [field.name for field in fields(Definition)]
    rows = [asdict(definition) for definition in (*_DURATIONS, *_OTHERS)]
    joined = [
        {key: ", ".join(value) if isinstance(value, tuple) else value for key, value in row.items()} for row in rows
    ]
    return pd.DataFrame(joined, columns=names)
