"""Durations, severity, communication, first steps and impact of incidents: frames in, frames out.

What a metric is: a function of one or more tables that returns a Series with one value per subject, named as the
metric, its index named for the subject (``incident_id``). It takes the tables it needs, not the bundle that holds
them. What is not known, or not over, is ``NaT``: never 0, never "until now". What each one means is data, in
``DEFINITIONS``.

``build_measurements`` gives all durations with bounds, the points used and the reason where there is no value.
``summarise_use`` says how many of how many were used, and why the rest was not. The other frames are severity steps,
gaps between updates, the first five minutes and the degrees of impact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import pandas as pd

from .communications import build_update_gaps, communication_summary
from .definition import DEFINITIONS, OTHER_DEFINITIONS, Definition, definitions
from .durations import (
    build_measurements,
    incident_duration,
    summarise_use,
    time_to_acknowledge,
    time_to_declare,
    time_to_detect,
    time_to_mitigate,
    time_to_resolve,
)
from .engagement import first_engagements, time_to_engage
from .first_minutes import STEP_RULES, build_first_minutes
from .impact import build_impact_times, customer_impact_duration
from .severity import build_severity_steps, build_time_in_severity, without_snapshots

METRICS: Mapping[str, Callable[..., pd.Series]] = MappingProxyType(
    {
        "time_to_detect": time_to_detect,
        "time_to_declare": time_to_declare,
        "time_to_acknowledge": time_to_acknowledge,
        "time_to_engage": time_to_engage,
        "time_to_mitigate": time_to_mitigate,
        "time_to_resolve": time_to_resolve,
        "incident_duration": incident_duration,
        "customer_impact_duration": customer_impact_duration,
    }
)
"""The duration metrics by name. Each takes the tables that its definition lists in ``tables``, in that order."""

__all__ = [
    "DEFINITIONS",
    "METRICS",
    "OTHER_DEFINITIONS",
    "STEP_RULES",
    "Definition",
    "build_first_minutes",
    "build_impact_times",
    "build_measurements",
    "build_severity_steps",
    "build_time_in_severity",
    "build_update_gaps",
    "communication_summary",
    "customer_impact_duration",
    "definitions",
    "first_engagements",
    "incident_duration",
    "summarise_use",
    "time_to_acknowledge",
    "time_to_declare",
    "time_to_detect",
    "time_to_engage",
    "time_to_mitigate",
    "time_to_resolve",
    "without_snapshots",
]
