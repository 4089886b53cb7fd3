"""Which minutes of the logs are read: those around the incidents, and no others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import pandas as pd

from ..policy import Policy
from ..records import Records

Window: TypeAlias = tuple[pd.Timestamp, pd.Timestamp]


def windows_of(spans: pd.DataFrame, policy: Policy) -> list[Window]:
    """The stretches of time around incidents, merged where they overlap, in order; empty when no time is known.

    Args:
        spans: ``began_at`` and ``ended_at`` by incident.
        policy: says how far before and after an incident logs are read.
    """
    return merged(zip(spans["began_at"] - policy.margin_before, spans["ended_at"] + policy.margin_after, strict=True))


def merged(windows: Iterable[Window]) -> list[Window]:
    """Windows in order, those that overlap or touch made one."""
    found: list[Window] = []
    for start, end in sorted(windows):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


@dataclass(frozen=True, slots=True)
class Zones:
    """Zones of logs that write times without one.

    Attributes:
        of_all: the zone of all of them; it goes before the others.
        by_name: zone by file, service or format.
    """

    of_all: str | None = None
    by_name: Mapping[str, str] = field(default_factory=dict)


def read_windows(path: str | Path, windows: list[Window], zones: Zones, formats: Sequence[Path] = ()) -> Records:
    """The log entries of one file or folder inside the windows, with what had to be noted about them.

    Args:
        path: a log file or folder.
        windows: from :func:`windows_of`.
        zones: for logs that write times without one.
        formats: TOML files with formats of the caller's own.

    Raises:
        DataError: no log format, or more than one, recognises the file, or it cannot be read.
    """
    # The log engine brings a database along: it is loaded when there are logs, not before.
    from .logs import scan

    reading = scan(path, windows=windows, zones=zones.by_name, time_zone=zones.of_all, formats=formats)
    return Records.build(policies=None, logs=reading.logs, findings=reading.findings)
