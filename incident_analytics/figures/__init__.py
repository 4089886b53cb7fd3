"""Frames to plotly figures, one figure per file. Figures draw; they never count.

Every ``plot_x(rows, *, title=None, width=912)`` takes a tidy frame that can be printed and read, checks that the columns
it needs are there, and returns a ``plotly.graph_objects.Figure`` of fixed size. It shows nothing and saves nothing. No
rows give a figure that says what is not recorded.

- ``width=912`` is for a page, ``width=358`` for a phone: same function, other layout. A page may hold both and show one.
- ``figure.layout.meta["label"]`` is one sentence for readers who do not see the figure.
- Colours and fonts are in ``theme`` alone. ``theme.dark_css()`` makes figures follow the page's dark theme and
  ``theme.CONFIG`` belongs into every ``to_html`` or ``show``.
- Text from the rows is escaped; hover text says in full what a label had no room for.
"""

from __future__ import annotations

from .action_ageing import plot_action_ageing
from .clock_points import plot_clock_points
from .distribution import plot_ecdf, plot_survival
from .first_minutes import plot_first_minutes
from .impact import plot_impact_band
from .incident_counts import plot_incident_counts
from .incident_timeline import plot_incident_timeline
from .log_rates import plot_log_rates
from .pages_heat import plot_pages_heat
from .phase_spans import plot_phase_spans
from .phases import plot_phases
from .recovery import plot_recovery
from .roles import plot_roles
from .severity import plot_severity
from .severity_matrix import plot_severity_matrix
from .updates import plot_updates

__all__ = [
    "plot_action_ageing",
    "plot_clock_points",
    "plot_ecdf",
    "plot_first_minutes",
    "plot_impact_band",
    "plot_incident_counts",
    "plot_incident_timeline",
    "plot_log_rates",
    "plot_pages_heat",
    "plot_phase_spans",
    "plot_phases",
    "plot_recovery",
    "plot_roles",
    "plot_severity",
    "plot_severity_matrix",
    "plot_survival",
    "plot_updates",
]
