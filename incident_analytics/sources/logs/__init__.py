"""Log files -> table ``logs``. One module per format; the folder is the registry, and one engine runs all of them.

A module here offers ``NAME``, ``DESCRIPTION``, ``RECOGNISED_BY``, ``EXAMPLE`` (an entry), ``TIME_ZONE_RULE`` and
``FORMAT``, a value of :class:`incident_analytics.sources.logs._engine.LogFormat`. Names that begin with ``_`` are not formats.

Every line of a file ends up as an entry, as part of one, as blank, outside the time asked for, or rejected with its
byte offset: the counts add up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ...errors import SourceError, UsageError
from ...schema import Findings, Logs, empty, frame_of
from ._drain import drain_templates
from ._engine import Database, FileReading, frame_of_counts, read_file
from ._planning import Asked, planned, service_named
from ._recognition import log_formats, recognised
from ._reduction import SPAN_BYTES, count_entries, counted, ordered
from ._user_formats import user_formats
from ._windows import Instant, Shift, Windows

__all__ = [
    "LogCounts",
    "LogReading",
    "count_entries",
    "count_logs",
    "drain_templates",
    "formats",
    "log_formats",
    "read_logs",
    "recognise",
    "scan",
    "service_named",
]


@dataclass(frozen=True, slots=True)
class LogReading:
    """What log files said.

    Attributes:
        logs: the entries, file by file in the order of the lines.
        findings: rejected lines, times without a zone or year, files that were skipped.
        counts: one row per file: ``file``, ``format`` and how many ``lines`` it has; of these ``entries``,
            ``continued`` (lines that belong to an entry, such as those of a stack trace), ``rejected``,
            ``outside_window`` and ``blank``, which add up to ``lines``. Where a file holds JSON documents, each
            record counts as a line, and so does what stands between them.
    """

    logs: Logs
    findings: Findings
    counts: pd.DataFrame


@dataclass(frozen=True, slots=True)
class LogCounts:
    """What log files come down to.

    Attributes:
        counts: one row per file, minute, service, level and template: ``source``, ``at`` (the beginning of the minute),
            ``service``, ``level``, ``template`` and ``n``, the number of entries; in that order. What an entry does not
            say is missing.
        files: counts of lines per file, as :attr:`LogReading.counts`.
        findings: as :attr:`LogReading.findings`.
    """

    counts: pd.DataFrame
    files: pd.DataFrame
    findings: Findings


def read_logs(
    *paths: str | Path,
    start: Instant | None = None,
    end: Instant | None = None,
    windows: Windows | None = None,
    time_zone: str | None = None,
    zones: Mapping[str, str] | None = None,
    shifts: Mapping[str, Shift] | None = None,
    year: int | None = None,
    formats: str | Path | Iterable[str | Path] | None = None,
    encoding: str | None = None,
    templates: bool = True,
) -> Logs:
    """The entries of log files as table ``logs``: :func:`scan` without its findings and counts."""
    reading = scan(
        *paths,
        start=start,
        end=end,
        windows=windows,
        time_zone=time_zone,
        zones=zones,
        shifts=shifts,
        year=year,
        formats=formats,
        encoding=encoding,
        templates=templates,
    )
    return reading.logs


def scan(
    *paths: str | Path,
    start: Instant | None = None,
    end: Instant | None = None,
    windows: Windows | None = None,
    time_zone: str | None = None,
    zones: Mapping[str, str] | None = None,
    shifts: Mapping[str, Shift] | None = None,
    year: int | None = None,
    formats: str | Path | Iterable[str | Path] | None = None,
    encoding: str | None = None,
    templates: bool = True,
) -> LogReading:
    """Read log files and account for every line.

    Of a line outside the time asked for no more is looked at than its time, where that stands in front: broken or not,
    it is counted as outside. An empty file gives no entries and a finding. In a folder, a file that cannot be read or is of no known format is
    a finding; named by itself it is an error.

    Args:
        paths: log files, and folders that hold them at any depth; gzip, zstd, bzip2 and xz are
            unpacked on the way.
        start: beginning of the time asked for, with a zone; open when missing.
        end: its end, not included.
        windows: several stretches of time instead; an empty list asks for nothing.
        time_zone: zone of times written without one; without any, they are read as UTC, with a finding.
        zones: such zones by file name, by the service a file is named for, or by format; ``time_zone`` goes before.
        shifts: by how much the clock of a file is put right, by the same names: ``"-00:03:10"`` where it was three
            minutes and ten seconds fast. A finding says so.
        year: year of a file's first entry where times have none; else it follows from the time asked for, the
            file's name or its date, and a finding says which.
        formats: TOML files with formats of your own, whose keys are the fields of ``LogFormat``; one of them goes before
            ours where it fits.
        encoding: what the files are in, such as ``cp1252``; else UTF-8, or UTF-16 where a file looks like that,
            with a finding.
        templates: fill the column ``template``; without, it is missing, and reading takes about a tenth less time.

    Raises:
        UsageError: no path, an unknown zone or encoding, instants without a zone or in the wrong order, a shift that
            cannot be read.
        SourceError: a path that does not exist or cannot be read, or a file that no format, or more than one,
            recognises; a file of formats that cannot be used.
    """
    asked = Asked(start, end, windows, time_zone, zones, shifts, year, formats, encoding, templates)
    readings: list[FileReading] = []
    with Database() as database:
        plan = planned(database, paths, asked)
        for file in plan.files:
            try:
                found = read_file(database, file.path, file.name, file.layout, file.request, service=file.service)
            except SourceError as error:
                if file.is_named:
                    raise
                plan.skip(file.path, error)
                continue
            readings.append(found)
            plan.done(file, found.counts)
    filled = [found.logs for found in readings if len(found.logs)]
    return LogReading(
        logs=pd.concat(filled, ignore_index=True) if filled else empty("logs"),
        findings=frame_of("findings", plan.findings(note for found in readings for note in found.findings)),
        counts=plan.counted(),
    )


def count_logs(
    *paths: str | Path,
    executor: Executor | str | None = None,
    span_bytes: int = SPAN_BYTES,
    start: Instant | None = None,
    end: Instant | None = None,
    windows: Windows | None = None,
    time_zone: str | None = None,
    zones: Mapping[str, str] | None = None,
    shifts: Mapping[str, Shift] | None = None,
    year: int | None = None,
    formats: str | Path | Iterable[str | Path] | None = None,
    encoding: str | None = None,
) -> LogCounts:
    """Count the entries of log files per minute, service, level and template, without keeping any of them.

    For logs that are larger than memory, or than one machine: files are cut into spans, which are counted side by side
    and put together. Memory follows from how many different minutes, services, levels and templates there are.

    Args:
        paths: as :func:`scan`. Whoever works on a span must find the file under the same path.
        executor: who works on the spans: any ``concurrent.futures.Executor``, or ``dask://HOST:PORT`` for a Dask
            cluster; None: this process, one after the other.
        span_bytes: how many bytes of a file are one piece of work.
        start: this and all that follow as :func:`scan`.
        end: the end of the time asked for.
        windows: several stretches of time instead.
        time_zone: zone of times written without one.
        zones: such zones by name.
        shifts: by how much clocks are put right, by name.
        year: year of times that have none.
        formats: TOML files with formats of your own.
        encoding: what the files are in.

    Raises:
        UsageError: as :func:`scan`; an executor that does not exist or does not answer; a size that is no size.
        SourceError: as :func:`scan`.
    """
    if span_bytes < 1:
        raise UsageError(f"span_bytes must be at least 1, found {span_bytes}")
    asked = Asked(start, end, windows, time_zone, zones, shifts, year, formats, encoding)
    with Database() as database:
        plan = planned(database, paths, asked)
    frames, notes = [], []
    for file, found in zip(plan.files, counted(plan.files, span_bytes, executor), strict=True):
        if isinstance(found, SourceError):
            if file.is_named:
                raise found
            plan.skip(file.path, found)
            continue
        plan.done(file, found.counts)
        frames.append(frame_of_counts(found.table, file.path))
        notes += found.findings
    return LogCounts(counts=ordered(frames), files=plan.counted(), findings=frame_of("findings", plan.findings(notes)))


def recognise(
    path: str | Path, *, formats: str | Path | Iterable[str | Path] | None = None
) -> tuple[str, dict[str, float]]:
    """The format of a file, by the share of its first 200 lines that each format accounts for.

    Where several account for as many, a specific format goes before a general one, and then the one that explains more
    of each line.

    Args:
        path: the file.
        formats: TOML files with formats of your own.

    Returns:
        The format's name, and the shares of all formats (of those that stand no chance, what they could account for at
        most; of formats of text nothing, where all lines are entries of JSON); an empty name for a file without a line.

    Raises:
        SourceError: no format accounts for 80 % of the lines, two do so equally well, or the file cannot be read.
    """
    with Database() as database:
        own = user_formats(database, formats, log_formats()) if formats is not None else {}
        return recognised(database, Path(path), None, own)


def formats() -> pd.DataFrame:
    """All log formats: name, kind, description, how recognised, time zone rule, an example."""
    rows = [
        {
            "name": name,
            "kind": "log",
            "description": module.DESCRIPTION,
            "recognised_by": module.RECOGNISED_BY,
            "time_zone_rule": module.TIME_ZONE_RULE,
            "example": module.EXAMPLE,
        }
        for name, module in log_formats().items()
    ]
    return pd.DataFrame(rows, dtype="str")
