"""Which log files are meant, in which format each is, and what is asked of it: settled before anything is read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from ...errors import SourceError, UsageError
from ...schema import finding
from .._instants import zone_named
from ._engine import COUNTS, Database, LogFormat, Request, encoding_named
from ._recognition import ENOUGH, log_formats, n_blank_lines, recognised
from ._user_formats import user_formats
from ._windows import Instant, Shift, Windows, shift_of, windows_asked


@dataclass(frozen=True, slots=True)
class File:
    """A log file, or one span of it, and how it is to be read; it can be sent to another process or machine.

    Attributes:
        path: the file.
        name: the format's name.
        layout: its format.
        request: what is asked of it.
        service: the service the file is named for.
        is_named: it was named by itself, so that not being able to read it is an error.
        span: from (included) to (not included) which byte; None for all of the file.
    """

    path: Path
    name: str
    layout: LogFormat
    request: Request
    service: str
    is_named: bool
    span: tuple[int, int] | None = None


@dataclass(slots=True)
class Plan:
    """What is to be read, and what is known before.

    Attributes:
        files: the files, in order.
        by_name: what was said of some of them.
        skipped: findings for files that cannot be read, are empty, or may be in another format.
        order: every file that was not skipped.
        counts: counts of lines by file, as far as they are known.
    """

    files: list[File]
    by_name: ByName
    skipped: list[dict[str, object]] = field(default_factory=list)
    order: list[Path] = field(default_factory=list)
    counts: dict[Path, dict[str, Any]] = field(default_factory=dict)

    def skip(self, path: Path, error: SourceError) -> None:
        """Leave a file out, with a finding."""
        self.skipped.append(_note("not_recognised", "warning", f"{error}; skipped", path))

    def done(self, file: File, counts: Mapping[str, int]) -> None:
        """A file was read."""
        self.counts[file.path] = {"format": file.name, **counts}

    def findings(self, notes: Iterable[dict[str, object]]) -> list[dict[str, object]]:
        """All that has to be said: of files that were left out, of those that were read, and of names without a file."""
        return [*self.skipped, *notes, *self.by_name.unused()]

    def counted(self) -> pd.DataFrame:
        """Counts of lines, a row per file: ``file``, ``format`` and ``COUNTS``."""
        rows = [{"file": path.name, **self.counts[path]} for path in self.order if path in self.counts]
        frame = pd.DataFrame(rows, columns=["file", "format", *COUNTS])
        return frame.astype({"file": "str", "format": "str", **dict.fromkeys(COUNTS, "int64")})


@dataclass(frozen=True, slots=True)
class Asked:
    """What a caller asks of log files; see :func:`incident_analytics.sources.logs.scan`."""

    start: Instant | None
    end: Instant | None
    windows: Windows | None
    time_zone: str | None
    zones: Mapping[str, str] | None
    shifts: Mapping[str, Shift] | None
    year: int | None
    formats: str | Path | Iterable[str | Path] | None
    encoding: str | None
    templates: bool = True


def planned(database: Database, paths: Iterable[str | Path], asked: Asked) -> Plan:
    """What is to be read.

    Raises:
        UsageError: no path, an unknown zone or encoding, instants without a zone or in the wrong order, a shift that
            cannot be read.
        SourceError: a path that does not exist or cannot be read, or a file that no format, or more than one,
            recognises; a file of formats that cannot be used.
    """
    request = Request(
        windows=windows_asked(asked.start, asked.end, asked.windows),
        year=asked.year,
        with_templates=asked.templates,
        encoding=encoding_named(asked.encoding) if asked.encoding else None,
    )
    for zone in filter(None, [asked.time_zone, *(asked.zones or {}).values()]):
        zone_named(zone)
    moved = {name: shift_of(shift) for name, shift in (asked.shifts or {}).items()}
    own = user_formats(database, asked.formats, log_formats()) if asked.formats is not None else {}
    plan = Plan([], ByName(asked.time_zone, asked.zones or {}, moved, own))
    for path, is_named in _files(paths):
        try:
            name, shares = recognised(database, path, request.encoding, own)
        except SourceError as error:
            if is_named:
                raise
            plan.skip(path, error)
            continue
        plan.order.append(path)
        if not name:
            counts = dict.fromkeys(COUNTS, 0) | dict.fromkeys(("lines", "blank"), n_blank_lines(path))
            plan.counts[path] = {"format": name, **counts}
            plan.skipped.append(_note("empty_file", "info", f"{path.name} is empty", path))
            continue
        if shares[name] < ENOUGH:
            why = f"{path.name} was read as {name}, which accounts for {shares[name]:.0%} of its first lines only"
            plan.skipped.append(_note("doubtful_format", "warning", why, path))
        service = service_named(path)
        layout = own[name] if name in own else log_formats()[name].FORMAT
        of_file = plan.by_name.request(request, (path.name, service, name))
        plan.files.append(File(path, name, layout, of_file, service, is_named))
    return plan


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
class ByName:
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
