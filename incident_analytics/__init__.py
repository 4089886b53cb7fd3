"""Post-incident analytics: incident records and logs into frames, honest durations, review reports.

>>> import incident_analytics as ia
>>> records = ia.load_sample("public")
>>> ia.measure(records)["time_to_mitigate"].median()  # doctest: +SKIP

Importing this package loads pandas and nothing heavier; figures (plotly), logs (DuckDB) and rendering (papermill,
nbconvert) are imported when they are first used.
"""

from __future__ import annotations

import importlib
import logging
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

logging.getLogger(__name__).addHandler(logging.NullHandler())

_HOMES: dict[str, str] = {
    "DataError": "errors",
    "IncidentAnalyticsError": "errors",
    "LeakError": "errors",
    "Policy": "policy",
    "PolicyError": "errors",
    "Records": "records",
    "RenderError": "errors",
    "Review": "review",
    "SchemaError": "errors",
    "SourceError": "errors",
    "UsageError": "errors",
    "build_clock": "clock",
    "build_log_rates": "timeline",
    "build_measurements": "review",
    "build_phases": "timeline",
    "build_review": "review",
    "build_timeline": "timeline",
    "check_future": "sources",
    "checks": "sources",
    "compare_vendor_durations": "sources",
    "count_entries": "sources",
    "count_logs": "sources",
    "default_policy": "policy",
    "definitions": "metrics",
    "drain_templates": "sources",
    "find_leaks": "privacy",
    "formats": "sources",
    "load": "records",
    "load_sample": "datasets",
    "measure": "review",
    "plot_action_ageing": "figures",
    "plot_clock_points": "figures",
    "plot_ecdf": "figures",
    "plot_first_minutes": "figures",
    "plot_impact_band": "figures",
    "plot_incident_counts": "figures",
    "plot_incident_timeline": "figures",
    "plot_log_rates": "figures",
    "plot_pages_heat": "figures",
    "plot_phase_spans": "figures",
    "plot_phases": "figures",
    "plot_recovery": "figures",
    "plot_roles": "figures",
    "plot_severity": "figures",
    "plot_severity_matrix": "figures",
    "plot_survival": "figures",
    "plot_updates": "figures",
    "pseudonymise": "privacy",
    "read": "sources",
    "read_logs": "sources",
    "read_policy": "policy",
    "run_batch": "batch",
    "schema": "",
    "vendor_durations": "sources",
    "write_record": "sources",
    "write_timesketch": "sources",
}
"""Where each public name lives; modules are imported when a name of theirs is first asked for."""

__all__ = sorted([*_HOMES, "__version__"])  # noqa: PLE0605 - the list above is the one place to name them

if TYPE_CHECKING:
    from . import schema as schema
    from .batch import run_batch as run_batch
    from .clock import build_clock as build_clock
    from .datasets import load_sample as load_sample
    from .errors import (
        DataError as DataError,
    )
    from .errors import (
        IncidentAnalyticsError as IncidentAnalyticsError,
    )
    from .errors import (
        LeakError as LeakError,
    )
    from .errors import (
        PolicyError as PolicyError,
    )
    from .errors import (
        RenderError as RenderError,
    )
    from .errors import (
        SchemaError as SchemaError,
    )
    from .errors import (
        SourceError as SourceError,
    )
    from .errors import (
        UsageError as UsageError,
    )
    from .metrics import definitions as definitions
    from .policy import Policy as Policy
    from .policy import default_policy as default_policy
    from .policy import read_policy as read_policy
    from .privacy import find_leaks as find_leaks
    from .privacy import pseudonymise as pseudonymise
    from .records import Records as Records
    from .records import load as load
    from .review import (
        Review as Review,
    )
    from .review import (
        build_measurements as build_measurements,
    )
    from .review import (
        build_review as build_review,
    )
    from .review import (
        measure as measure,
    )
    from .sources import check_future as check_future
    from .sources import checks as checks
    from .sources import compare_vendor_durations as compare_vendor_durations
    from .sources import count_entries as count_entries
    from .sources import count_logs as count_logs
    from .sources import drain_templates as drain_templates
    from .sources import formats as formats
    from .sources import read as read
    from .sources import read_logs as read_logs
    from .sources import vendor_durations as vendor_durations
    from .sources import write_record as write_record
    from .sources import write_timesketch as write_timesketch
    from .timeline import (
        build_log_rates as build_log_rates,
    )
    from .timeline import (
        build_phases as build_phases,
    )
    from .timeline import (
        build_timeline as build_timeline,
    )


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = _HOMES[name]
    module = importlib.import_module(f".{home or name}", __name__)
    found = getattr(module, name) if home else module
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return __all__
