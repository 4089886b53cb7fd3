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
OpenWindow: TypeAlias = tuple[pd.Timestamp | None, pd.Timestamp | None]


MOST_BYTES = 2 << 30
"""Bytes of log files that are read whole, when nothing says which part of them is wanted."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the caller asks of logs, where it is not the time of the incidents in the formats that we know.

    Attributes:
        start: beginning of the stretch asked for; open when missing.
        end: its end, not included; open when missing.
        margin: how far before and after an incident logs are read, in place of the policy's margins.
        formats: files with log formats of the caller's own.
    """

    start: pd.Timestamp | None = None
    end: pd.Timestamp | None = None
    margin: pd.Timedelta | None = None
    formats: tuple[Path, ...] = ()

    @property
    def window(self) -> OpenWindow | None:
        """The stretch asked for; None when the incidents decide."""
        return None if self.start is None and self.end is None else (self.start, self.end)


def windows_of(spans: pd.DataFrame, policy: Policy, margin: pd.Timedelta | None = None) -> list[Window]:
    """The stretches of time around incidents, merged where they overlap, in order; empty when no time is known.

    Args:
        spans: ``began_at`` and ``ended_at`` by incident.
        policy: says how far before and after an incident logs are read.
        margin: goes before what the policy says.
    """
    before, after = (policy.margin_before, policy.margin_after) if margin is None else (margin, margin)
    return _union(pd.DataFrame({"start": spans["began_at"] - before, "end": spans["ended_at"] + after}))


def merged(windows: Iterable[Window]) -> list[Window]:
    """Windows in order, those that overlap or touch made one."""
    return _union(pd.DataFrame(windows, columns=["start", "end"]))


def _union(windows: pd.DataFrame) -> list[Window]:
    ordered = windows.sort_values("start")
    reached = ordered["end"].cummax()
    number = (ordered["start"] > reached.shift()).cumsum()
    found = ordered.assign(end=reached).groupby(number).agg({"start": "first", "end": "last"})
    return list(zip(found["start"], found["end"], strict=True))


@dataclass(frozen=True, slots=True)
class Zones:
    """Zones of logs that write times without one, and clocks that were wrong.

    Attributes:
        of_all: the zone of all of them; it goes before the others.
        by_name: zone by file, service or format.
        shifts: by how much clocks are put right, by file, service or format.
    """

    of_all: str | None = None
    by_name: Mapping[str, str] = field(default_factory=dict)
    shifts: Mapping[str, pd.Timedelta] = field(default_factory=dict)


def windows_asked(
    paths: Iterable[Path], windows: list[Window], asked: Asked, n_incidents: int
) -> list[OpenWindow] | str | None:
    """Which part of log files is read: stretches of time, all of it (None), or why nothing is.

    Args:
        paths: the log files.
        windows: around the incidents.
        asked: what the caller asks for.
        n_incidents: logs without any incident are read whole, as long as they are not too large for that.
    """
    if asked.window is not None:
        return [asked.window]
    if windows:
        return list(windows)
    listed = list(paths)
    names = ", ".join(path.name for path in listed[:3]) + (f" and {len(listed) - 3} more" if len(listed) > 3 else "")
    if n_incidents:
        return f"logs were not read ({names}): no incident says when it happened"
    size = sum(file.stat().st_size for path in listed for file in ([path] if path.is_file() else path.rglob("*")))
    if size > MOST_BYTES:
        return (
            f"logs of {size / 1e9:.1f} GB were not read ({names}): no incident says which part of them is wanted; "
            "name the time with --from and --to"
        )
    return None


def read_windows(
    path: str | Path, windows: Iterable[OpenWindow] | None, zones: Zones, formats: Sequence[Path] = ()
) -> Records:
    """The log entries of one file or folder inside the windows, with what had to be noted about them.

    Args:
        path: a log file or folder.
        windows: from :func:`windows_asked`; None for everything.
        zones: for logs that write times without one.
        formats: TOML files with formats of the caller's own.

    Raises:
        DataError: no log format, or more than one, recognises the file, or it cannot be read.
    """
    # The log engine brings a database along: it is loaded when there are logs, not before.
    from .logs import scan

    reading = scan(
        path, windows=windows, zones=zones.by_name, time_zone=zones.of_all, shifts=zones.shifts, formats=formats
    )
    # A shift that is not for this file may be for another one.
    notes = reading.findings[reading.findings["check"] != "shift_unused"]
    return Records.build(policies=None, logs=reading.logs, findings=notes)
