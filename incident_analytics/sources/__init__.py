"""Someone else's files -> :class:`incident_analytics.records.Records`.

A source is a module in ``incidents/`` (or a log format in ``logs/``) with the names that ``_contract.py`` lists; the
folder is the registry. What is read is linked and checked, never repaired: what cannot be read, or cannot be, is a
row of ``findings``.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..errors import SourceError, UsageError
from ..policy import Policy, read_policy
from ..records import Records
from ..schema import finding
from ._checks import build_comparison, check_future, checks
from ._checks.vendor_durations import vendor_durations
from ._combining import combine
from ._discovery import discover
from ._instants import instant_of, zone_named
from ._log_windows import Asked, Zones, merged, read_windows, windows_asked
from ._overrides import clocks_of_logs, read_overrides, refuse_unknown
from ._people import one_row_each
from ._reading import Options, Reading, read_collection
from ._registry import formats, formats_page
from ._unpacking import Archives

if TYPE_CHECKING:
    from ._record_writing import write_record as write_record
    from ._timesketch_writing import write_timesketch as write_timesketch
    from .logs import count_entries as count_entries
    from .logs import count_logs as count_logs
    from .logs import drain_templates as drain_templates
    from .logs import read_logs as read_logs
    from .logs import scan as scan

__all__ = [
    "check_future",
    "checks",
    "compare_vendor_durations",
    "count_entries",
    "count_logs",
    "drain_templates",
    "formats",
    "formats_page",
    "read",
    "read_logs",
    "scan",
    "vendor_durations",
    "write_record",
    "write_timesketch",
]

# Loaded when they are first asked for: the log engine brings a database along.
_HOMES = {
    **dict.fromkeys(("count_entries", "count_logs", "drain_templates", "read_logs", "scan"), "logs"),
    "write_record": "_record_writing",
    "write_timesketch": "_timesketch_writing",
}


def __getattr__(name: str) -> Any:
    """Import what only some callers need when they ask for it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def read(
    *paths: str | Path,
    logs: str | Path | Iterable[str | Path] | None = None,
    mapping: str | Path | None = None,
    time_zone: str | None = None,
    policy: str | Path | Policy | None = None,
    overrides: str | Path | None = None,
    start: str | pd.Timestamp | None = None,
    end: str | pd.Timestamp | None = None,
    margin: str | pd.Timedelta | None = None,
    log_formats: str | Path | Iterable[str | Path] | None = None,
) -> Records:
    """Read incident records, exports and logs; what cannot be read in a folder is a finding, the rest is read.

    Args:
        paths: files, and folders of files or of collections.
        logs: log files or folders beside those of the collections; only what lies around an incident is read, or all
            of it where there is no incident at all.
        mapping: how to read a table that no source knows: a TOML file, their columns to ours.
        time_zone: zone of times that are written without one; it goes before the policy's ``[time_zones]``.
        policy: a policy file, or a policy, for all collections, in place of their own.
        overrides: a file of corrections for all collections, beside the ``overrides.toml`` that each may bring.
        start: beginning of the time asked of logs, an instant with a zone, in place of the times of the incidents.
        end: its end, not included.
        margin: how far before and after an incident logs are read, ``90 min``, in place of the policy's margins.
        log_formats: TOML files with log formats of your own; one of them goes before ours where it fits.

    Raises:
        UsageError: a path, zone, policy, instant or margin that does not exist or cannot be used.
        SourceError: a file named directly that no source, or more than one, recognises, or that cannot be read; a
            folder that is empty, or in which nothing could be read.
    """
    options = _options(mapping, time_zone, policy, overrides, _asked(start, end, margin, log_formats))
    with TemporaryDirectory(prefix="incident-analytics-") as scratch:
        # 1. Find what belongs together.
        collections = discover(paths, Archives(Path(scratch)))
        if options.policy and options.policy.name and len(collections) == 1:
            collections = [replace(collections[0], name=options.policy.name)]
        # 2. Read each collection by itself.
        readings = [read_collection(collection, options) for collection in collections]
    _refuse_nothing(readings, paths)
    # 3. Put them side by side.
    records = combine((c.name, one_row_each(reading.records)) for c, reading in zip(collections, readings, strict=True))
    refuse_unknown(records, options.overrides)
    # 4. Add the logs that were named by themselves.
    return _with_named_logs(records, readings, logs, options)


def compare_vendor_durations(records: Records) -> pd.DataFrame:
    """Every duration that a vendor works out itself beside ours, under that vendor's own definition.

    Ours comes from the events of the same source alone. A record without such a number gives no row.

    Args:
        records: any bundle.

    Returns:
        One row per incident and key: ``incident_id, source, key, definition, theirs, ours, difference, verdict, reason``
        and the two points used, ``starts, ends, began, ended``. ``verdict`` is agrees, differs or not_comparable;
        ``reason`` says why the last.
    """
    return build_comparison(records.incidents, records.events)


def _asked(
    start: str | pd.Timestamp | None,
    end: str | pd.Timestamp | None,
    margin: str | pd.Timedelta | None,
    log_formats: str | Path | Iterable[str | Path] | None,
) -> Asked:
    """What is asked of logs, checked."""
    first, last = _instant(start, "start"), _instant(end, "end")
    if first is not None and last is not None and last < first:
        raise UsageError(f"the time asked of logs ends before it starts: {start} to {end}")
    try:
        around = None if margin is None else pd.Timedelta(margin).as_unit("us")
    except ValueError as error:
        raise UsageError(f"margin must be a time such as '90 min', found {margin!r}") from error
    if around is not None and not around >= pd.Timedelta(0):
        raise UsageError(f"margin must be a time of zero or more, found {margin!r}")
    named = [log_formats] if isinstance(log_formats, (str, Path)) else list(log_formats or ())
    for file in named:
        if not Path(file).is_file():
            raise UsageError(f"there is no file of log formats {file}")
    return Asked(first, last, around, tuple(Path(file) for file in named))


def _instant(value: str | pd.Timestamp | None, name: str) -> pd.Timestamp | None:
    if value is None:
        return None
    try:
        at = pd.Timestamp(instant_of(value) if isinstance(value, str) else value)
        if at.tzinfo is None:
            raise ValueError("it has no zone")
    except ValueError as error:
        raise UsageError(f"{name} must be an instant such as 2026-01-31T09:30:00Z, found {value!r}: {error}") from error
    return at.tz_convert("UTC").as_unit("us")


def _options(
    mapping: str | Path | None,
    time_zone: str | None,
    policy: str | Path | Policy | None,
    overrides: str | Path | None,
    asked: Asked,
) -> Options:
    if time_zone is not None:
        zone_named(time_zone)
    if mapping is not None and not Path(mapping).is_file():
        raise UsageError(f"there is no mapping file {mapping}")
    checked = read_policy(policy) if isinstance(policy, (str, Path)) else policy
    corrections = None if overrides is None else read_overrides(overrides)
    return Options(None if mapping is None else Path(mapping), time_zone, checked, asked, corrections)


def _refuse_nothing(readings: list[Reading], paths: Iterable[str | Path]) -> None:
    if any(reading.n_read or len(reading.records.logs) for reading in readings):
        return
    said = [message for reading in readings for message in reading.records.findings["message"]]
    listed = "\n".join(f"  - {message}" for message in said[:10])
    raise SourceError(f"nothing could be read from {', '.join(map(str, paths))}:\n{listed}")


def _with_named_logs(
    records: Records,
    readings: list[Reading],
    logs: str | Path | Iterable[str | Path] | None,
    options: Options,
) -> Records:
    if logs is None:
        return records
    named = [logs] if isinstance(logs, (str, Path)) else list(logs)
    around = merged(window for reading in readings for window in reading.windows)
    windows = windows_asked([Path(path) for path in named], around, options.asked, len(records.incidents))
    if isinstance(windows, str):
        return records.add_findings([finding("logs_not_read", "warning", windows, table="logs")])
    policies = [options.policy] if options.policy else list(records.policies.values())
    by_name = {name: zone for policy in reversed(policies) for name, zone in policy.time_zones.items()}
    _, clocks = clocks_of_logs(records, None, options.overrides)
    zones = Zones(options.time_zone, by_name, clocks)
    return records.merge(*(read_windows(path, windows, zones, options.asked.formats) for path in named))
