"""Frames to one ordered account: what happened when, in which phase, and where the record is silent.

``build_timeline`` puts records, chat, alerts and log evidence into one frame; ``build_phases`` parts an incident at
its clock points; ``build_silences`` marks the stretches without an entry; ``build_log_rates`` and
``build_log_onsets`` read the beginning off the logs. All take tables and give tables.
"""

from .build import LANES, build_timeline
from .log_evidence import ERROR_LEVELS, METHOD, build_log_onsets, build_log_rates, log_entries
from .phases import BOUNDARIES, PHASES, STAGES, Phase, build_phases
from .silences import NOT_COUNTED, build_silences

__all__ = [
    "BOUNDARIES",
    "ERROR_LEVELS",
    "LANES",
    "METHOD",
    "NOT_COUNTED",
    "PHASES",
    "STAGES",
    "Phase",
    "build_log_onsets",
    "build_log_rates",
    "build_phases",
    "build_silences",
    "build_timeline",
    "log_entries",
]
