"""One log file, block by block: its entries as a frame, counts that add up, and findings for everything else."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ....errors import SourceError
from ....schema import Logs, empty, finding
from ....schema import table as schema_table
from .chains import LONGEST_CHAIN, Chain, Kinds, with_chains
from .database import Database, Session
from .days import ANY_DAY, DayCount, first_day
from .encodings import UTF_8, Encoding
from .feeding import Feed, feed
from .headers import columns_named, parts_between
from .hours import HourCount
from .layout import LogFormat
from .lines import LONGEST_LINE, Block, Piece, blocks
from .parsed import Parsed, Request, parsed
from .parsing import BLANK, CONTINUING, ENTRY, MISFIT, OUTSIDE, UNTIMED
from .streams import BrokenStreamError, chunks
from .times import DAY_MICROS
from .years import ANY_YEAR, GIVEN, WRITTEN, YearCount, first_year

COUNTS = ("lines", "entries", "continued", "rejected", "outside_window", "blank")
"""What every line of a file is counted as; the first is the sum of the others."""

SPELLED_OUT = 100
"""Rejected lines of a file that get a finding of their own."""

RAW_LENGTH = 500

PEEK_BYTES = 64 * 1024
"""How far into a file is looked for a first time without a year or a day, and for the names of columns."""

_PEEK = Request(time_zone="UTC", with_templates=False)
_TEXT = pa.large_string()
_TEXTS = ("host", "service", "level", "level_as_written")
Severity = Literal["error", "warning", "info"]

_COUNTED_AS = {
    ENTRY: "entries",
    OUTSIDE: "outside_window",
    CONTINUING: "continued",
    BLANK: "blank",
    MISFIT: "rejected",
    UNTIMED: "rejected",
}


@dataclass(frozen=True, slots=True)
class FileReading:
    """What one file said: its entries as table ``logs``, counts by ``COUNTS``, rows of ``findings``."""

    logs: Logs
    counts: dict[str, int]
    findings: list[dict[str, object]]


def read_file(
    database: Database, path: Path, name: str, layout: LogFormat, request: Request, *, service: str
) -> FileReading:
    """Read one file.

    Args:
        database: where the work is done.
        path: the file; gzip and zstd are unpacked on the way.
        name: the format's name, for the findings.
        layout: the format.
        request: what is asked for.
        service: the service the file is named for.

    Raises:
        SourceError: the file cannot be opened, unpacks beyond the limits, or holds nothing readable.
    """
    reader = _Reader(database, path, name, layout, request)
    broken = None
    try:
        reader.feed = feed(chunks(path), layout, request.encoding)
        reader.read(reader.feed.pieces)
    except BrokenStreamError as error:
        if not reader.counts["lines"]:
            raise SourceError(f"log file {path} cannot be unpacked: {error}") from error
        broken = error
    return FileReading(reader.frame(service), reader.counted(), reader.findings(broken))


def read_sample(database: Database, sample: bytes, layout: LogFormat) -> dict[str, int]:
    """Counts of a format over the beginning of a file, by ``COUNTS``."""
    request = Request(time_zone="UTC", year=ANY_YEAR, with_templates=False)
    reader = _Reader(database, Path(), "", layout, request)
    reader.read(iter([Piece(sample, 0)]))
    return reader.counted()


@dataclass(slots=True)
class _Reader:
    """What is known so far about the file being read."""

    database: Database
    path: Path
    name: str
    layout: LogFormat
    request: Request
    counts: Counter[str] = field(default_factory=Counter)
    kept: list[pa.Table] = field(default_factory=list)
    parts: list[pa.Table] = field(default_factory=list)
    rejected: list[dict[str, object]] = field(default_factory=list)
    chain: Chain = field(default_factory=Chain)
    years: YearCount | DayCount | None = None
    columns: tuple[str, ...] = ()
    ahead: tuple[str, ...] = ()
    hours: HourCount = field(default_factory=HourCount)
    zone_words: Counter[str] = field(default_factory=Counter)
    covers: tuple[int, int] | None = None
    feed: Feed | None = None

    def read(self, source: Iterator[Piece]) -> None:
        """Go through the file."""
        if self.layout.lacks_year or self.layout.lacks_day or self.layout.header:
            source = self._after_a_look(source)
        for found in self.database.in_order(source, self._work):
            for block in found:
                for part in self._settled(block):
                    self._add(part)

    def counted(self) -> dict[str, int]:
        """How many lines were what."""
        return {name: self.counts[name] for name in COUNTS}

    def _work(self, session: Session, piece: Piece) -> list[Parsed]:
        """What a worker does with a piece of the file; it must change nothing that others see."""
        columns = self.columns or self.ahead
        return [
            parsed(session, block, self.layout, self.request, self._year(), columns=columns) for block in blocks(piece)
        ]

    def _year(self) -> int:
        return self.years.year if self.years else self._any_year()

    def _any_year(self) -> int:
        return ANY_DAY if self.layout.lacks_day else ANY_YEAR

    def _after_a_look(self, source: Iterator[Piece]) -> Iterator[Piece]:
        """The same pieces, after a look at the beginning of the first."""
        is_first = True
        for piece in source:
            if is_first:
                is_first = False
                end = piece.data.find(b"\n", PEEK_BYTES) + 1
                head = Piece(piece.data[: end or len(piece.data)], piece.start, piece.is_too_long)
                for block in blocks(head):
                    self._look_at(block)
            yield piece

    def _look_at(self, block: Block) -> None:
        if self.layout.header and not self.ahead:
            self.ahead = next((names for _, names in columns_named(block, self.layout.header)), ())
        if self.years is None and (self.layout.lacks_year or self.layout.lacks_day):
            session, years = self.database.session, self._any_year()
            self._note_first_year(parsed(session, block, self.layout, _PEEK, years, columns=self.ahead))

    def _note_first_year(self, found: Parsed) -> None:
        if self.years is None and found.block.head is None and len(found.yearless):
            first, windows = int(found.yearless[0]), self.request.windows or ()
            if self.layout.lacks_day:
                zone = self.request.time_zone or self.layout.time_zone
                shift = self.request.shift
                self.years = first_day(first, windows=windows, path=self.path, time_zone=zone, shift=shift)
            else:
                self.years = first_year(first, year=self.request.year, windows=windows, path=self.path)

    def _settled(self, found: Parsed) -> Iterator[Parsed]:
        """The block as it is, or in parts that are read again where what went before says that they mean something else."""
        if found.block.head is not None:
            yield found
            return
        for part in self._with_its_columns(found):
            yield from self._in_its_hour(self._in_its_year(part))

    def _with_its_columns(self, found: Parsed) -> Iterator[Parsed]:
        """The block in parts between the lines that name columns, each read with the names above it."""
        if not self.layout.header:
            yield found
            return
        for block, columns in parts_between(found.block, self.layout.header, self.columns):
            self.columns = columns
            if columns == found.columns and len(block.texts) == len(found.block.texts):
                yield found
            else:
                yield parsed(self.database.session, block, self.layout, self.request, found.years, columns=columns)

    def _in_its_year(self, found: Parsed) -> Parsed:
        """The block as it is, or read again where its times lack a year or a day and were read in another than theirs."""
        if not (self.layout.lacks_year or self.layout.lacks_day) or not len(found.yearless):
            return found
        self._note_first_year(found)
        assert self.years is not None
        if isinstance(found.years, int) and found.years == self.years.year and self.years.passes(found.yearless):
            return found
        years = np.concatenate(([self.years.year], self.years.years(found.yearless)))
        # A line that is read only in its own year, as a leap day is, takes that of the line before it.
        per_line = years[np.cumsum(found.is_yearless)]
        return self._again(found, slice(None), per_line)

    def _in_its_hour(self, found: Parsed) -> Iterator[Parsed]:
        """The block as it is, or in parts where some of it lies in the second of the hours that its zone has twice."""
        is_repeated = pc.and_(found.table["is_repeated"], found.table["instant"].is_valid())
        lines = np.flatnonzero(pc.fill_null(is_repeated, False).to_numpy(zero_copy_only=False))
        if not len(lines):
            yield found
            return
        is_second = self.hours.seconds(found.table["instant"].take(pa.array(lines)).to_numpy())
        if not is_second.any():
            yield found
            return
        # Lines between take what holds for the entry before them.
        turns = [0, *(lines[1:][is_second[1:] != is_second[:-1]]), len(found.kinds)]
        second = bool(is_second[0])
        for begin, end in itertools.pairwise(turns):
            yield self._again(found, slice(begin, end), is_second=second)
            second = not second

    def _again(
        self, found: Parsed, lines: slice, years: npt.NDArray[np.int64] | None = None, *, is_second: bool = False
    ) -> Parsed:
        """Some lines of a block, read again."""
        known = found.years if years is None else years
        return parsed(
            self.database.session,
            found.block.part(lines),
            self.layout,
            self.request,
            known if isinstance(known, int) else known[lines],
            columns=found.columns,
            is_second=is_second,
        )

    def _add(self, found: Parsed) -> None:
        block, table = found.block, found.table
        first = self.counts["lines"]
        kinds, rows, behind = self.chain.joined(found.kinds, first, self.counts["entries"])
        further = np.zeros(len(kinds), np.int64) if block.further is None else block.further
        numbers = first + np.arange(len(kinds)) + np.cumsum(further) - further
        if block.head is not None:
            self._reject(first, int(block.offsets[0]), block.head, f"is longer than {LONGEST_LINE >> 20} MB")
        else:
            self._note_times(table)
            self._note_rejected(kinds, table["message"], block, numbers)
            self._keep_parts(kinds == CONTINUING, rows, behind, table["message"])
            self._keep(found, kinds == ENTRY)
        self.counts["mended"] += block.n_mended
        self.counts["lines"] += len(kinds) + int(further.sum())
        for kind in np.unique(kinds):
            is_kind = kinds == kind
            counted_as = _COUNTED_AS[int(kind)]
            self.counts[counted_as] += int(is_kind.sum())
            # The other lines of an entry that was put together are part of it, as those of a stack trace are.
            self.counts["continued" if kind == ENTRY else counted_as] += int(further[is_kind].sum())

    def _keep(self, found: Parsed, is_kept: npt.NDArray[np.bool_]) -> None:
        if not is_kept.any():
            return
        rows = found.table if is_kept.all() else found.table.filter(pa.array(is_kept))
        columns = {name: rows[name] for name in ("instant", *_TEXTS, "message")}
        columns["raw_offset"] = pa.chunked_array([found.block.offsets[is_kept]])
        if found.templates is not None:
            columns["template"] = pa.chunked_array([found.templates])
        self.kept.append(pa.table(columns))

    def _keep_parts(
        self, is_part: npt.NDArray[np.bool_], rows: npt.NDArray[np.int64], behind: npt.NDArray[np.int64], texts: Any
    ) -> None:
        """Lines that belong to an entry that is kept, until the whole file was read."""
        self.counts["cut"] += int((is_part & (behind > LONGEST_CHAIN)).sum())
        where = np.flatnonzero(is_part & (behind <= LONGEST_CHAIN))
        if len(where):
            text = texts.take(pa.array(where)).cast(pa.large_string())
            self.parts.append(pa.table({"row": rows[where], "line": where + self.counts["lines"], "text": text}))

    def _note_times(self, table: pa.Table) -> None:
        is_read = table["instant"].is_valid()
        for name in ("naive", "skipped"):
            self.counts[name] += pc.sum(pc.and_(table[f"is_{name}"], is_read)).as_py() or 0
        if table["zone_word"].null_count < len(table):
            words = pc.value_counts(table["zone_word"].drop_null())
            self.zone_words.update({word["values"]: word["counts"] for word in words.to_pylist()})
        bounds = pc.min_max(table["instant"]).as_py()
        if bounds["min"] is not None:
            known = self.covers or (bounds["min"], bounds["max"])
            self.covers = (min(known[0], bounds["min"]), max(known[1], bounds["max"]))

    def _note_rejected(
        self, kinds: Kinds, texts: pa.ChunkedArray, block: Block, numbers: npt.NDArray[np.int64]
    ) -> None:
        for line in np.flatnonzero(kinds >= MISFIT)[: SPELLED_OUT - len(self.rejected)]:
            why = "has no time that can be read" if kinds[line] == UNTIMED else f"is no entry of format {self.name}"
            self._reject(int(numbers[line]), int(block.offsets[line]), texts[int(line)].as_py(), why)

    def _reject(self, line: int, offset: int, text: str, why: str) -> None:
        if len(self.rejected) < SPELLED_OUT:
            message = f"line {line + 1} of {self.path.name}, at byte {offset}, {why}"
            row = self._finding("row_rejected", "warning", message, row=f"byte {offset}", raw=text[:RAW_LENGTH])
            self.rejected.append(row)

    def frame(self, service: str) -> Logs:
        """The entries as table ``logs``, in the order of the file; the same as after ``schema.conform``."""
        if not self.kept:
            return empty("logs")
        table = pa.concat_tables(self.kept)
        columns: dict[str, Any] = {name: table[name] for name in (*_TEXTS, "template")}
        columns["message"] = with_chains(self.database.session, table["message"], self.parts)
        columns["source"] = pa.chunked_array([pa.repeat(pa.scalar(_stored(self.path.name), _TEXT), len(table))])
        if self.layout.is_service_from_file:
            columns["service"] = pc.fill_null(columns["service"], _stored(service))
        columns = {name: _text_column(values) for name, values in columns.items()}
        instants = table["instant"].to_numpy() - self._too_late()
        columns["at"] = pd.DatetimeIndex(instants.view("M8[us]"), tz="UTC")
        offsets = table["raw_offset"].to_numpy()
        columns["raw_offset"] = pd.arrays.IntegerArray(offsets, np.zeros(len(offsets), bool))
        return pd.DataFrame(columns, columns=schema_table("logs").column_names)

    def _too_late(self) -> int:
        return self.years.too_late * DAY_MICROS if isinstance(self.years, DayCount) else 0

    def findings(self, broken: BrokenStreamError | None) -> list[dict[str, object]]:
        """What a reader of the entries has to know about this file."""
        return [*self._notes(broken), *self.rejected]

    def _notes(self, broken: BrokenStreamError | None) -> Iterator[dict[str, object]]:
        n, file = self.counts, self.path.name
        if broken is not None:
            why = f"{file} ends in the middle: {broken}; everything before byte {broken.place} was read"
            yield self._finding("file_cut_short", "error", why, row=f"byte {broken.place}")
        if n["rejected"]:
            listed = f"; the first {len(self.rejected)} are listed" if n["rejected"] > len(self.rejected) else ""
            yield self._finding(
                "rows_rejected", "warning", f"{n['rejected']} of {n['lines']} lines of {file} were rejected{listed}"
            )
        yield from self._notes_on_times()
        encoding = self.feed.encoding if self.feed else Encoding()
        if self.feed and self.feed.places and (n_padding := self.feed.places.n_padding):
            why = f"{file} begins with {n_padding} NUL bytes, as one does that was emptied while it was written"
            yield self._finding("nul_padding", "info", f"{why}; they were passed over", row="byte 0")
        if encoding.why:
            why = f"{file} was read as {encoding.name}, told {encoding.why}"
            yield self._finding("encoding_assumed", "info", why)
        n_mended = n["mended"] + (self.feed.places.n_mended if self.feed and self.feed.places else 0)
        if n_mended:
            name = "UTF-8" if encoding.name == UTF_8 else encoding.name
            why = f"{n_mended} lines of {file} hold bytes that are no {name}; those bytes are spelled out"
            yield self._finding("invalid_utf8" if encoding.name == UTF_8 else "invalid_bytes", "info", why)
        if n["cut"]:
            why = f"{n['cut']} lines of {file} belong to an entry of more than {LONGEST_CHAIN} lines"
            yield self._finding("entry_cut", "info", f"{why}; they are counted, but not part of its message")
        if self.covers and not n["entries"]:
            first, last = (
                pd.Timestamp(at - self._too_late(), unit="us", tz="UTC").isoformat(timespec="seconds")
                for at in self.covers
            )
            why = f"{file} has no entry in the time asked for; it covers {first} to {last}"
            yield self._finding("no_entries", "info", why)

    def _notes_on_times(self) -> Iterator[dict[str, object]]:
        n, file, zone = self.counts, self.path.name, self.request.time_zone
        if n["naive"] and (zone or not self.layout.time_zone):
            read_as = f"in {zone}" if zone else "as UTC, since no zone was named"
            why = f"{n['naive']} entries of {file} have times without an offset; they were read {read_as}"
            yield self._finding("naive_time", "info" if zone else "warning", why)
        if self.zone_words:
            words = ", ".join(f"{word!r}" for word, _ in self.zone_words.most_common(5))
            why = f"{self.zone_words.total()} entries of {file} name a zone that does not mean one offset: {words}"
            yield self._finding("unknown_zone", "warning", f"{why}; they were read as if they named none")
        if n["skipped"]:
            why = f"{n['skipped']} entries of {file} lie in an hour that {zone} does not have"
            yield self._finding("clock_change", "warning", f"{why}; they were read as in the hour after it")
        if self.hours.n_doubtful():
            why = f"{self.hours.n_doubtful()} entries of {file} lie in an hour that {zone} has twice, in no order that tells which"
            yield self._finding("clock_change", "warning", f"{why}; up to where times go back it was read as the first")
        first, second = self.hours.told_apart()
        if first or second:
            why = f"{first + second} entries of {file} lie in an hour that {zone} has twice; by their order {first} are"
            yield self._finding("clock_change", "info", f"{why} of the first and {second} of the second")
        if self.years is not None and self.years.origin != GIVEN:
            what = "day" if self.layout.lacks_day else "year"
            why = f"times in {file} have no {what}: {self.years.said()} was assumed, {self.years.origin}"
            yield self._finding(f"{what}_assumed", "warning" if self.years.origin == WRITTEN else "info", why)
        if self.request.shift:
            by = pd.Timedelta(abs(self.request.shift), unit="us")
            how = f"{'back' if self.request.shift < 0 else 'ahead'} by {by}"
            yield self._finding("clock_shifted", "info", f"all times of {file} were moved {how}, as asked for")
        if "tai64n" in self.layout.times and n["entries"]:
            why = f"times in {file} are TAI64N labels, read with the leap seconds that UTC has had"
            why = f"{why}; a logger that knows none (multilog, svlogd) labels with 10 s only, and needs a shift"
            yield self._finding("tai64n_time", "info", why)

    def _finding(self, check: str, severity: Severity, message: str, **more: Any) -> dict[str, object]:
        return finding(check, severity, message, table="logs", source=f"{self.name}:{self.path.name}", **more)


def _text_column(values: pa.ChunkedArray) -> Any:
    """Texts as pandas holds them, without making a Python object of any."""
    return pd.array(values.cast(_TEXT), dtype=pd.StringDtype("pyarrow", na_value=np.nan))


def _stored(name: str) -> str:
    """A file's name as a text that can be stored: bytes that are no UTF-8 are spelled out."""
    return name.encode("utf-8", "backslashreplace").decode()
