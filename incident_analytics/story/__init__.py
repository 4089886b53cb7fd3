"""The story of an incident: sentences, tables and captions, computed from a :class:`~incident_analytics.review.Review`.

Each function gives one piece of a report as a :class:`Fragment`; a notebook puts them in order. Every sentence follows
from the records; nothing is said about a person.
"""

from .account import (
    log_caption,
    log_evidence,
    log_rows,
    recovery_caption,
    recovery_lede,
    recovery_rows,
    timeline_caption,
    timeline_list,
)
from .after import actions, closing, learnings
from .fragment import Caption, Fragment, show, show_or_say
from .impact import impact, impact_caption, impact_rows, trigger
from .numbers import computed, findings, sources
from .opening import impact_numbers, opening, phase_caption, summary
from .people import role_rows, roles, roles_caption, severity, severity_caption
from .response import (
    communication,
    communication_caption,
    first_minutes,
    first_minutes_caption,
    first_minutes_rows,
    update_rows,
)

__all__ = [
    "Caption",
    "Fragment",
    "actions",
    "closing",
    "communication",
    "communication_caption",
    "computed",
    "findings",
    "first_minutes",
    "first_minutes_caption",
    "first_minutes_rows",
    "impact",
    "impact_caption",
    "impact_numbers",
    "impact_rows",
    "learnings",
    "log_caption",
    "log_evidence",
    "log_rows",
    "opening",
    "phase_caption",
    "recovery_caption",
    "recovery_lede",
    "recovery_rows",
    "role_rows",
    "roles",
    "roles_caption",
    "severity",
    "severity_caption",
    "show",
    "show_or_say",
    "sources",
    "summary",
    "timeline_caption",
    "timeline_list",
    "trigger",
    "update_rows",
]
