"""A vendor's JSON export, opened: its records one by one, their cells, and what had to be noted about it.

Nothing in a file is trusted to have the kind its name suggests. What cannot be a record, and a time that cannot be
read, is kept as a finding with its text; the rest is read.
"""

from __future__ import annotations

import codecs
import contextlib
import datetime as dt
import functools
import gc
import json
import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from ..errors import SourceError
from ..schema import finding
from ._contract import origin
from ._instants import NEVER_YEARS, epoch_of, instant_in, instant_of, zone_named
from ._json import Found, IsRecord, found_in, repeated_keys
from ._json_cells import NO_CELLS, Alike, IrregularError, Split, split_up
from ._plain_times import as_plain_time, is_plain

MOST_LOOKED_THROUGH = 32 << 20
"""Characters of a file up to which it is looked through for keys that an object has twice, which takes as long again."""

RAW_LIMIT = 500
"""How much of a rejected record's text a finding keeps."""

_LAST = dt.datetime.max.replace(tzinfo=dt.UTC)


Row = Found
"""One record of an export: its place, its value, what stood around its list, and the name of its list or stream."""

Timed = tuple[dt.datetime | None, Row]


@dataclass(slots=True)
class Export:
    """An opened export: its records, and what had to be noted about it.

    Attributes:
        source: which source module and file this is, for the ``source`` columns.
        time_zone: zone of times that carry no offset; None leaves them missing.
        rows: its records in the order of the file; empty when it was split up.
        split: its items, unparsed, when it was split up.
    """

    source: str
    time_zone: str | None = None
    rows: list[Row] = field(default_factory=list)
    split: Split | None = None
    _findings: list[dict[str, object]] = field(default_factory=list)
    _counted: Counter[tuple[str, str]] = field(default_factory=Counter)
    # What was noted of things that are no records: first, whether the file is read in columns or as a whole.
    _set_aside: list[dict[str, object]] = field(default_factory=list)
    _left_out: Counter[tuple[str, str]] = field(default_factory=Counter)
    _chosen: Callable[[Iterable[Found]], Iterator[Row]] = iter

    @property
    def findings(self) -> list[dict[str, object]]:
        """Rows for the findings table: one per fault, and one per sort of thing that was only counted."""
        counted = [
            finding(check, "info", message.replace("{n}", str(n)), source=self.source)
            for (check, message), n in (*self._left_out.items(), *self._counted.items())
        ]
        return self._set_aside + self._findings + counted

    def note(
        self,
        check: str,
        severity: Literal["error", "warning", "info"],
        message: str,
        *,
        place: str,
        incident_id: str | None = None,
        raw: str | None = None,
    ) -> None:
        """Keep a finding about one place of the file."""
        self._findings.append(
            finding(check, severity, message, incident_id=incident_id, row=place, raw=raw, source=self.source)
        )

    def count(self, check: str, message: str) -> None:
        """Count something harmless that is worth one sentence; ``{n}`` in the message becomes the number."""
        self._counted[check, message] += 1

    def reject(self, place: str, value: object, why: str, *, incident_id: str | None = None) -> None:
        """Set a record aside, with its text cut at ``RAW_LIMIT`` characters."""
        raw = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        message = f"{place} was set aside: {why}"
        self.note("row_rejected", "error", message, place=place, incident_id=incident_id, raw=raw[:RAW_LIMIT])

    def known_by(
        self,
        *keys: str,
        may_lack: Callable[[Mapping[str, Any]], bool] | None = None,
        rows: Iterable[Row] | None = None,
    ) -> Iterator[tuple[str, Row]]:
        """Records with their identifier; those without one are rejected, exact repetitions are counted.

        Args:
            keys: where a record has its identifier: under the first of them that has one.
            may_lack: tells a record that needs none; its identifier is empty.
            rows: the records, where they are not all of the file.
        """
        seen: dict[tuple[str, str], dict[str, Any]] = {}
        for row in self.rows if rows is None else rows:
            identifier = identified(row.value.get(keys[0]))
            for key in keys[1:]:
                identifier = identifier or identified(row.value.get(key))
            if identifier is None and may_lack is not None and may_lack(row.value):
                yield "", row
                continue
            if identifier is None:
                wanted = " or ".join(map(repr, keys))
                self.reject(row.place, row.value, f"it has no {wanted}; expected a record with an identifier")
                continue
            if seen.get((row.stream, identifier)) == row.value:
                self.count_repeated()
            else:
                seen[row.stream, identifier] = row.value
                yield identifier, row

    def count_repeated(self) -> None:
        """Count a record that repeats an earlier one."""
        self.count("repeated_row", "{n} record(s) repeat an earlier one word for word; read once")

    def rows_at(self, item: int) -> Iterator[Row]:
        """The records in one item of an export that was split up."""
        assert self.split is not None
        return self._chosen(self.split.found(item))

    def row_at(self, item: int) -> Row:
        """One item of an export that was split up, which is a record as it stands."""
        assert self.split is not None
        return self.split.row(item)

    def parts(self, row: Row, key: str, *, incident_id: str | None = None) -> Iterator[Row]:
        """The records in a list inside a record; whatever else stands there is rejected."""
        value = row.value.get(key)
        if value is None or value == []:
            return
        place = f"{row.place}.{key}"
        if not isinstance(value, list):
            self.reject(place, value, "expected a list", incident_id=incident_id)
            return
        for index, part in enumerate(value):
            if isinstance(part, dict):
                yield Row(f"{place}[{index}]", part)
            else:
                self.reject(f"{place}[{index}]", part, "expected an object", incident_id=incident_id)

    def instant(
        self,
        row: Row,
        key: str,
        *,
        incident_id: str | None = None,
        formats: Sequence[str] = (),
        epoch: Literal["s", "ms"] | None = None,
    ) -> dt.datetime | None:
        """The time that a record's cell says, in UTC; None when it says none.

        A time that cannot be read stays missing and is kept as a finding: ``naive_time`` when only its zone is
        not known, ``unreadable_time`` otherwise. The years 0001 and 9999 mean "never".

        Args:
            row: the record.
            key: the cell, as a dotted path.
            incident_id: the incident a finding belongs to.
            formats: ``strptime`` spellings that are read instead of ISO 8601; the first that fits wins.
            epoch: the cell is a number of these since 1970.
        """
        value = dig(row.value, key)
        if epoch is None and not formats and (plain := as_plain_time(value)):
            return plain
        written = text_of(value)
        if written is None:
            return None
        try:
            at = epoch_of(value, unit=epoch) if epoch else _clocked(value, self.time_zone, formats)
        except ValueError as error:
            place = f"{row.place}.{key}"
            check = "naive_time" if _lacks_zone_only(written) else "unreadable_time"
            message = f"{place} holds {written[:100]!r}: {error}. Left missing."
            self.note(check, "warning", message, place=place, incident_id=incident_id, raw=written[:RAW_LIMIT])
            return None
        if at.year in NEVER_YEARS:
            return None
        if epoch is None and zone_as_written(written) is None and not any("%z" in each for each in formats):
            self.count("naive_time", f"{{n}} time(s) without a zone were read as times of {self.time_zone}")
        return at

    def event(self, kind: str, at: dt.datetime | None, **cells: object) -> dict[str, object]:
        """A row of events as this export states it; vendors write their times to the second or finer."""
        precision = None if at is None else "second"
        return {"kind": kind, "at": at, "precision": precision, "basis": "stated", "source": self.source, **cells}


def open_export(
    path: Path,
    *,
    name: str,
    lists: Sequence[str] = (),
    streams: Sequence[str] = (),
    is_record: IsRecord | None = None,
    is_ours: Callable[[Mapping[str, Any]], bool] | None = None,
    is_split: bool = False,
    time_zone: str | None = None,
) -> Export:
    """Open a vendor's file. No record gives an empty export.

    Args:
        path: the file.
        name: name of the source module, for messages.
        lists: names under which this vendor puts its records.
        streams: connector streams that are read; those left out are counted as a finding. Empty: all are read.
        is_record: tells a record from what stands around a list of them, where records hold lists of such a name.
        is_ours: what tells whether a record of any other stream is to be read all the same.
        is_split: split it up instead of reading its records.
        time_zone: zone of times that carry no offset.

    Raises:
        SourceError: the file cannot be opened or is no JSON; the message names the place.
        UsageError: no such time zone.
        IrregularError: the file cannot be split up, and must be opened again without this.
    """
    if time_zone:
        zone_named(time_zone)
    export = Export(origin(name, path), time_zone)
    try:
        data = path.read_bytes()
        # A text has at least a quarter as many characters as bytes.
        if not is_split or len(data) <= 4 * MOST_LOOKED_THROUGH:
            text = data.decode("utf-8-sig", "surrogateescape")
            _look_through(export, text)
        named = (*streams, *lists) if streams else ()
        export._chosen = functools.partial(_rows, export, known=named, named=streams, is_ours=is_ours)
        if is_split:
            export.split = split_up(data.removeprefix(codecs.BOM_UTF8), lists, is_record)
        else:
            export.rows = list(export._chosen(found_in(text, lists, is_record)))
    except IrregularError:
        raise
    except OSError as error:
        raise SourceError(f"{path} cannot be opened: {error.strerror or error}") from error
    except RecursionError as error:
        raise SourceError(f"{path} is nested too deeply to be a {name} export") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        message = f"{path} cannot be read as JSON: {error.msg} at {where}; expected a {name} export"
        raise SourceError(message) from error
    except ValueError as error:
        raise SourceError(f"{path} cannot be read as JSON: {error}; expected a {name} export") from error
    return export


def _look_through(export: Export, text: str) -> None:
    """Note the keys that an object has twice."""
    for key, n in repeated_keys(text).items() if len(text) <= MOST_LOOKED_THROUGH else ():
        shown = key.encode("utf-8", "backslashreplace").decode()[:100]
        message = f"{n} object(s) have the key {shown!r} more than once; the last value was used"
        export.note("duplicate_key", "warning", message, place=shown)


@contextlib.contextmanager
def collector_paused() -> Iterator[None]:
    """Without Python's search for cycles, which a million new objects without one would set off again and again."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _rows(
    export: Export,
    found: Iterable[Found],
    known: Sequence[str],
    named: Sequence[str],
    is_ours: Callable[[Mapping[str, Any]], bool] | None,
) -> Iterator[Row]:
    """What was found, without the streams that are left out; what is no object is rejected."""
    for row in found:
        value, stream = row.value, row.stream
        if known and stream and stream not in known and not (is_ours and isinstance(value, dict) and is_ours(value)):
            message = f"{{n}} record(s) of the stream {stream!r} were left out; read are {', '.join(named)}"
            export._left_out["other_stream", message] += 1
        elif isinstance(value, dict):
            yield row
        else:
            export.reject(row.place, value, "expected a JSON object")
            export._set_aside.append(export._findings.pop())


def dig(value: object, path: str) -> Any:
    """The cell at a dotted path inside objects; None where the way is not there."""
    return _dug(value, _steps(path))


@functools.lru_cache(maxsize=4096)
def _steps(path: str) -> tuple[str, ...]:
    return tuple(path.split("."))


def _dug(value: object, steps: tuple[str, ...]) -> Any:
    for key in steps:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def text_of(value: object) -> str | None:
    """A cell as text: missing when null or blank; what is no text is written as JSON, so that it is not lost."""
    if isinstance(value, str):
        return value if value and not value.isspace() else None
    return None if value is None else json.dumps(value, ensure_ascii=False)


def texts_at(records: Alike, path: str) -> pa.Array:
    """The cells at a dotted path in a column of texts; see :func:`text_of`."""
    key, *way = _steps(path)
    cells = records[key]
    for step in way:
        cells = cells.part(step)
    return cells.texts(text_of)


def first_text(value: object, *paths: str) -> str | None:
    """The first cell out of several that says something."""
    for path in paths:
        text = text_of(_dug(value, _steps(path)))
        if text is not None:
            return text
    return None


def identified(value: object) -> str | None:
    """An identifier as text; None unless it is a text or a whole number."""
    if isinstance(value, str):
        return text_of(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def is_known(value: object) -> bool:
    """Whether an identifier is a text that says something, as nearly all are."""
    return isinstance(value, str) and identified(value) is not None


def renamed(value: Mapping[str, Any], columns: Mapping[str, str], prefix: str) -> dict[str, str | None]:
    """The cells of a record as texts under our names.

    Args:
        value: the record.
        columns: a module's ``COLUMNS``.
        prefix: which of them, such as ``incidents.``; the rest of the key is the path inside the record.
    """
    mine = {theirs.removeprefix(prefix): ours for theirs, ours in columns.items() if theirs.startswith(prefix)}
    return {ours: text_of(_dug(value, _steps(path))) for path, ours in mine.items()}


def cells_of(paths: Mapping[str, str]) -> Callable[[object], dict[str, str | None]]:
    """What takes the cells of a record as texts, when there are many records: dotted path -> name with us."""
    steps = [(_steps(path), ours) for path, ours in paths.items()]
    return lambda value: {ours: text_of(_dug(value, way)) for way, ours in steps}


def leftover(value: Mapping[str, Any], used: Container[str], *, prefix: str = "") -> dict[str, object]:
    """The plain cells of a record that no column of ours takes, for ``extra``; objects and lists are left out."""
    return {
        prefix + key: cell
        for key, cell in value.items()
        if key not in used and type(cell) not in NO_CELLS and cell != ""
    }


def zone_as_written(text: str | None) -> str | None:
    """The zone a time is written in: ``UTC``, an offset such as ``-06:00``, or None when it has none."""
    if text is not None and is_plain(text):
        return "UTC"
    match = re.search(r"(?:(Z|UTC|GMT)|([+-]\d{2}):?(\d{2})?)$", (text or "").strip(), re.IGNORECASE)
    if match is None or ":" not in (text or ""):
        return None
    return "UTC" if match[1] else f"{match[2]}:{match[3] or '00'}"


def in_time_order(timed: Sequence[Timed]) -> list[Timed]:
    """Entries of one incident from first to last, whichever way round the vendor lists them.

    Vendors list newest first. Entries of the same instant then stand the wrong way round too, so a list that runs
    backwards is turned before it is sorted. Entries without a time keep to the end.
    """
    known = [at for at, _ in timed if at is not None]
    turned = list(reversed(timed)) if known and known[0] > known[-1] else list(timed)
    return sorted(turned, key=lambda pair: pair[0] or _LAST)


def _clocked(value: object, time_zone: str | None, formats: Sequence[str] = ()) -> dt.datetime:
    """A time with its clock, in UTC; a day alone is none, since midnight would be a guess.

    Raises:
        ValueError: it is none; the message says why.
    """
    if isinstance(value, str) and formats:
        return instant_in(value, formats, time_zone=time_zone)
    if not isinstance(value, str) or ":" not in value:
        raise ValueError("expected an ISO 8601 time such as 2026-01-31T09:30:00Z")
    return instant_of(value, time_zone=time_zone)


def _lacks_zone_only(written: str) -> bool:
    if zone_as_written(written):
        return False
    try:
        _clocked(written, "UTC")
    except ValueError:
        return False
    return True
