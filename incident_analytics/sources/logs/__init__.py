"""Log files -> table ``logs``. One module per format; the folder is the registry, and one engine runs all of them.

A module here offers ``NAME``, ``DESCRIPTION``, ``RECOGNISED_BY``, ``EXAMPLE`` (an entry), ``TIME_ZONE_RULE`` and
``FORMAT``, a value of :class:`incident_analytics.sources.logs._engine.LogFormat`. Names that begin with ``_`` are not formats.

Every line of a file ends up as an entry, as part of one, as blank, outside the time asked for, or rejected with its
byte offset: the counts add up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import pandas as pd

from ...errors import SourceError, UsageError
from ...schema import Findings, Logs, empty, finding, frame_of
from .._instants import zone_named
from ._drain import drain_templates
from ._engine import COUNTS, Database, FileReading, LogFormat, Request, encoding_named, read_file
from ._recognition import log_formats, n_blank_lines, recognised
from ._user_formats import user_formats
from ._windows import Instant, Shift, Windows, shift_of, windows_asked

__all__ = ["LogReading", "drain_templates", "formats", "log_formats", "read_logs", "recognise", "scan", "service_named"]


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

    Raises:
        UsageError: no path, an unknown zone or encoding, instants without a zone or in the wrong order, a shift that
            cannot be read.
        SourceError: a path that does not exist or cannot be read, or a file that no format, or more than one,
            recognises; a file of formats that cannot be used.
    """
    request = Request(
        windows=windows_asked(start, end, windows),
        year=year,
        encoding=encoding_named(encoding) if encoding else None,
    )
    for zone in filter(None, [time_zone, *(zones or {}).values()]):
        zone_named(zone)
    readings: list[FileReading] = []
    skipped: list[dict[str, object]] = []
    counts: list[dict[str, object]] = []
    moved = {name: shift_of(shift) for name, shift in (shifts or {}).items()}
    with Database() as database:
        own = user_formats(database, formats, log_formats()) if formats is not None else {}
        by_name = _ByName(time_zone, zones or {}, moved, own)
        for path, is_named in _files(paths):
            try:
                name, reading = _read(database, path, request, by_name)
            except SourceError as error:
                if is_named:
                    raise
                skipped.append(_note("not_recognised", "warning", f"{error}; skipped", path))
                continue
            readings.append(reading)
            counts.append({"file": path.name, "format": name, **reading.counts})
    filled = [reading.logs for reading in readings if len(reading.logs)]
    notes = [note for reading in readings for note in reading.findings] + by_name.unused()
    return LogReading(
        logs=pd.concat(filled, ignore_index=True) if filled else empty("logs"),
        findings=frame_of("findings", skipped + notes),
        counts=_counts_frame(counts),
    )


def recognise(path: str | Path) -> tuple[str, dict[str, float]]:
    """The format of a file, by the share of its first 200 lines that each format accounts for.

    Where several account for as many, a specific format goes before a general one, and then the one that explains more
    of each line.

    Returns:
        The format's name, and the shares of all formats (of those that stand no chance, what they could account for at
        most); an empty name for a file without a line.

    Raises:
        SourceError: no format accounts for 80 % of the lines, two do so equally well, or the file cannot be read.
    """
    with Database() as database:
        return recognised(database, Path(path))


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


def service_named(path: Path) -> str:
    """The service that a file is named for: its name without endings, rotation numbers and dates.

    >>> service_named(Path("checkout-api.access.log-20250424.gz"))
    'checkout-api'
    """
    name = path.name
    while (shorter := _ENDING.sub("", name)) and shorter != name:
        name = shorter
    return name


_ENDING = re.compile(
    r"(?:\.(?:gz|zst|bz2|xz|jsonl|ndjson|json|txt|out|syslog|[0-9]{1,4})|[._-]access(?:[._-]log)?|[._-]logs?"
    r"|[._-][0-9]{4}-?[0-9]{2}-?[0-9]{2}(?:[T_-]?[0-9]{2,6})?)$",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _ByName:
    """What a caller says about some of the files: by file name, service or format.

    Attributes:
        time_zone: zone of all of them.
        zones: zones of some.
        shifts: microseconds by which the clocks of some are put right.
        own: formats of the caller's own.
        used: names under ``shifts`` that were those of a file.
    """

    time_zone: str | None
    zones: Mapping[str, str]
    shifts: Mapping[str, int]
    own: Mapping[str, LogFormat]
    used: set[str] = field(default_factory=set)

    def request(self, request: Request, names: tuple[str, ...]) -> Request:
        """What is asked of a file with these names; the first of them that something was said about counts."""
        zone = self.time_zone or next((self.zones[name] for name in names if name in self.zones), None)
        moved = [name for name in names if name in self.shifts]
        self.used.update(moved)
        return replace(request, time_zone=zone, shift=self.shifts[moved[0]] if moved else 0)

    def unused(self) -> list[dict[str, object]]:
        """A note for every shift that moved nothing: a name may be misspelled."""
        notes = []
        for name in self.shifts.keys() - self.used:
            message = f"no file, service or format read is named {name!r}: the shift given for it moved nothing"
            notes.append(finding("shift_unused", "warning", message, table="logs"))
        return sorted(notes, key=lambda note: str(note["message"]))


def _read(database: Database, path: Path, request: Request, by_name: _ByName) -> tuple[str, FileReading]:
    name, _ = recognised(database, path, request.encoding, by_name.own)
    if not name:
        counts = dict.fromkeys(COUNTS, 0) | dict.fromkeys(("lines", "blank"), n_blank_lines(path))
        return name, FileReading(empty("logs"), counts, [_note("empty_file", "info", f"{path.name} is empty", path)])
    service = service_named(path)
    layout = by_name.own[name] if name in by_name.own else log_formats()[name].FORMAT
    asked = by_name.request(request, (path.name, service, name))
    return name, read_file(database, path, name, layout, asked, service=service)


def _note(check: str, severity: Literal["warning", "info"], message: str, path: Path) -> dict[str, object]:
    return finding(check, severity, message, table="logs", source=f"logs:{path.name}")


def _files(paths: Iterable[str | Path]) -> Iterator[tuple[Path, bool]]:
    """The files meant, each with whether it was named by itself."""
    named = [Path(path) for path in paths]
    if not named:
        raise UsageError("no log file was named; expected at least one path")
    for path in named:
        if not path.is_dir():
            yield path, True
            continue
        found = [file for file in path.rglob("*") if file.is_file() and not _is_hidden(file.relative_to(path))]
        if not found:
            raise SourceError(f"log folder {path} holds no file; expected log files")
        yield from ((file, False) for file in sorted(found))


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _counts_frame(rows: list[dict[str, object]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["file", "format", *COUNTS])
    return frame.astype({"file": "str", "format": "str", **dict.fromkeys(COUNTS, "int64")})
