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
from typing import TYPE_CHECKING, Any

from ..errors import SourceError, UsageError
from ..policy import Policy, read_policy
from ..records import Records
from ..schema import finding
from ._combining import combine
from ._discovery import discover
from ._instants import zone_named
from ._log_windows import Zones, merged, read_windows
from ._people import one_row_each
from ._reading import Options, Reading, read_collection
from ._registry import formats

if TYPE_CHECKING:
    from ._record_writing import write_record as write_record
    from .logs import read_logs as read_logs

__all__ = ["formats", "read", "read_logs", "write_record"]

# Loaded when they are first asked for: the log engine brings a database along.
_HOMES = {"read_logs": "logs", "write_record": "_record_writing"}


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
    log_formats: str | Path | Iterable[str | Path] | None = None,
) -> Records:
    """Read incident records, exports and logs; what cannot be read in a folder is a finding, the rest is read.

    Args:
        paths: files, and folders of files or of collections.
        logs: log files or folders beside those of the collections; only what lies around an incident is read.
        mapping: how to read a table that no source knows: a TOML file, their columns to ours.
        time_zone: zone of times that are written without one; it goes before the policy's ``[time_zones]``.
        policy: a policy file, or a policy, for all collections, in place of their own.
        log_formats: TOML files with log formats of your own; one of them goes before ours where it fits.

    Raises:
        UsageError: a path, zone or policy that does not exist or cannot be used.
        SourceError: a file named directly that no source, or more than one, recognises, or that cannot be read; a
            folder that is empty, or in which nothing could be read.
    """
    options = _options(mapping, time_zone, policy, log_formats)
    # 1. Find what belongs together.
    collections = discover(paths)
    if options.policy and options.policy.name and len(collections) == 1:
        collections = [replace(collections[0], name=options.policy.name)]
    # 2. Read each collection by itself.
    readings = [read_collection(collection, options) for collection in collections]
    _refuse_nothing(readings, paths)
    # 3. Put them side by side.
    records = combine((c.name, one_row_each(reading.records)) for c, reading in zip(collections, readings, strict=True))
    # 4. Add the logs that were named by themselves.
    return _with_named_logs(records, readings, logs, options)


def _options(
    mapping: str | Path | None,
    time_zone: str | None,
    policy: str | Path | Policy | None,
    log_formats: str | Path | Iterable[str | Path] | None,
) -> Options:
    if time_zone is not None:
        zone_named(time_zone)
    if mapping is not None and not Path(mapping).is_file():
        raise UsageError(f"there is no mapping file {mapping}")
    checked = read_policy(policy) if isinstance(policy, (str, Path)) else policy
    named = [log_formats] if isinstance(log_formats, (str, Path)) else log_formats or ()
    named = list(named)
    for file in named:
        if not Path(file).is_file():
            raise UsageError(f"there is no file of log formats {file}")
    return Options(None if mapping is None else Path(mapping), time_zone, checked, tuple(Path(file) for file in named))


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
    windows = merged(window for reading in readings for window in reading.windows)
    if not windows:
        message = f"{len(named)} log path(s) were not read: no incident says when it happened"
        return records.add_findings([finding("logs_not_read", "warning", message, table="logs")])
    policies = [options.policy] if options.policy else list(records.policies.values())
    by_name = {name: zone for policy in reversed(policies) for name, zone in policy.time_zones.items()}
    zones = Zones(options.time_zone, by_name)
    return records.merge(*(read_windows(path, windows, zones, options.log_formats) for path in named))
