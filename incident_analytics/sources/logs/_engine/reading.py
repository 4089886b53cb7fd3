"""One log file, block by block: its entries as a frame, or counted; with an account of everything else."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ....errors import SourceError
from ....schema import Logs, empty
from ....schema import table as schema_table
from .account import Account
from .chains import LONGEST_CHAIN, Chain, Kinds, with_chains
from .database import Database, Session
from .days import ANY_DAY, first_day
from .feeding import feed
from .headers import columns_named, parts_between
from .layout import LogFormat
from .lines import LONGEST_LINE, Block, Piece, blocks, unread_pieces
from .parsed import Parsed, Request, one_piece, parsed
from .parsing import BLANK, CONTINUING, ENTRY, MISFIT, OUTSIDE, UNTIMED
from .streams import BrokenStreamError, chunks, is_compressed
from .tally import Tally
from .years import ANY_YEAR, first_year

PEEK_BYTES = 64 * 1024
"""How far into a file is looked for a first time without a year or a day, and for the names of columns."""

_PEEK = Request(time_zone="UTC", with_templates=False)
_TEXT = pa.large_string()
_TEXTS = ("host", "service", "level", "level_as_written")

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
    reader = Reader(path, name, layout, request, database=database)
    broken = reader.read_all()
    return FileReading(reader.frame(service), reader.counted(), reader.findings(broken))


def read_sample(database: Database, sample: bytes, layout: LogFormat) -> dict[str, int]:
    """Counts of a format over the beginning of a file, by ``COUNTS``."""
    request = Request(time_zone="UTC", year=ANY_YEAR, with_templates=False)
    reader = Reader(Path(), "", layout, request, database=database)
    reader.read(iter([Piece(sample, 0)]))
    return reader.counted()


@dataclass(slots=True)
class Reader(Account):
    """What is known so far about the file being read.

    Attributes:
        database: where the work is done.
        tally: counts the entries, which are then not kept.
        kept: the entries, block by block.
        parts: lines that belong to entries.
        chain: the entry that following lines may belong to.
        columns: names of the columns, where a line of the file gives them.
        n_leading: lines before the first entry of a part of a file that may belong to the entry before it.
        is_leading: there was no such entry yet.
    """

    database: Database = field(kw_only=True)
    tally: Tally | None = None
    kept: list[pa.Table] = field(default_factory=list)
    parts: list[pa.Table] = field(default_factory=list)
    chain: Chain = field(default_factory=Chain)
    columns: tuple[str, ...] = ()
    ahead: tuple[str, ...] = ()
    n_leading: int = 0
    is_leading: bool = True

    def read_all(self) -> BrokenStreamError | None:
        """Go through the whole file; what broke off its stream, if anything did.

        Raises:
            SourceError: the file cannot be opened, unpacks beyond the limits, or holds nothing readable.
        """
        try:
            with ExitStack() as stack:
                rest = partial(_unread, self.path, stack)
                self.feed = feed(chunks(self.path), self.layout, self.request.encoding, rest=rest)
                self.read(self.feed.pieces)
        except BrokenStreamError as error:
            if not self.counts["lines"]:
                raise SourceError(f"log file {self.path} cannot be unpacked: {error}") from error
            return error
        return None

    def read(self, source: Iterator[Piece]) -> None:
        """Go through the file."""
        if self.layout.lacks_year or self.layout.lacks_day or self.layout.header:
            source = self._after_a_look(source)
        for found in self.database.in_order(source, self._work):
            for block in self._worked_on(found):
                for part in self._settled(block):
                    self._add(part)

    def _worked_on(self, found: list[Parsed] | list[Piece]) -> Iterator[Parsed]:
        """The blocks of a piece; its parts, where it has too many lines to be held at once, are worked on in turn."""
        for each in found:
            if isinstance(each, Piece):
                yield from self._blocks(self.database.session, each)
            else:
                yield each

    def _work(self, session: Session, piece: Piece) -> list[Parsed] | list[Piece]:
        """What a worker does with a piece of the file; it must change nothing that others see."""
        parts = piece.parts()
        return parts if len(parts) > 1 else list(self._blocks(session, parts[0]))

    def _blocks(self, session: Session, piece: Piece) -> Iterator[Parsed]:
        columns = self.columns or self.ahead
        for block in blocks(piece):
            yield parsed(session, block, self.layout, self.request, self._year(), columns=columns)

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
        if not pc.any(found.table["is_repeated"]).as_py():
            yield found
            return
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
        self._note_leading(found.kinds)
        kinds, rows, behind = self.chain.joined(found.kinds, first, self.counts["entries"])
        further = block.further
        if block.head is not None:
            self.reject(first, int(block.offsets[0]), block.head, f"is longer than {LONGEST_LINE >> 20} MB")
        else:
            self.note_times(table)
            self.note_rejected(kinds, table["message"], block, first, further)
            self._keep_parts(kinds == CONTINUING, rows, behind, table["message"])
            self._keep(found, kinds == ENTRY)
        self.counts["mended"] += block.n_mended
        self.counts["lines"] += len(kinds)
        for kind, n in enumerate(np.bincount(kinds, minlength=len(_COUNTED_AS)).tolist()):
            self.counts[_COUNTED_AS[kind]] += n
        if further is not None:
            self.counts["lines"] += int(further.sum())
            for kind, counted_as in _COUNTED_AS.items():
                # The other lines of an entry that was put together are part of it, as those of a stack trace are.
                self.counts["continued" if kind == ENTRY else counted_as] += int(further[kinds == kind].sum())

    def _note_leading(self, kinds: Kinds) -> None:
        """Count the lines before the first entry of the part that is read."""
        if self.is_leading:
            anchors = np.flatnonzero((kinds != CONTINUING) & (kinds != BLANK))
            self.is_leading = not len(anchors)
            self.n_leading += int((kinds[: anchors[0] if len(anchors) else None] == CONTINUING).sum())

    def _keep(self, found: Parsed, is_kept: npt.NDArray[np.bool_]) -> None:
        if not is_kept.any():
            return
        if self.tally is not None:
            chosen = found.table.select(["instant", "service", "level"]).filter(pa.array(is_kept))
            instants, service, level = (one_piece(column) for column in chosen.columns)
            self.tally.add(instants, service, level, found.templates)
            return
        rows = found.table if is_kept.all() else found.table.filter(pa.array(is_kept))
        columns = {name: rows[name] for name in ("instant", *_TEXTS, "message")}
        offsets = found.block.offsets
        columns["raw_offset"] = pa.chunked_array([offsets if rows is found.table else offsets[is_kept]])
        templates = pa.nulls(rows.num_rows, _TEXT) if found.templates is None else found.templates
        columns["template"] = pa.chunked_array([templates])
        columns["source"] = pa.chunked_array([pa.repeat(pa.scalar(stored(self.path.name), _TEXT), rows.num_rows)])
        self.kept.append(pa.table(columns))

    def _keep_parts(
        self, is_part: npt.NDArray[np.bool_], rows: npt.NDArray[np.int64], behind: npt.NDArray[np.int64], texts: Any
    ) -> None:
        """Lines that belong to an entry that is kept, until the whole file was read."""
        if self.tally is not None or not is_part.any():
            return
        self.counts["cut"] += int((is_part & (behind > LONGEST_CHAIN)).sum())
        where = np.flatnonzero(is_part & (behind <= LONGEST_CHAIN))
        if len(where):
            text = texts.take(pa.array(where)).cast(pa.large_string())
            self.parts.append(pa.table({"row": rows[where], "line": where + self.counts["lines"], "text": text}))

    def frame(self, service: str) -> Logs:
        """The entries as table ``logs``, in the order of the file; the same as after ``schema.conform``."""
        if not self.kept:
            return empty("logs")
        table = pa.concat_tables(self.kept)
        columns: dict[str, Any] = {name: table[name] for name in (*_TEXTS, "template", "source")}
        columns["message"] = with_chains(self.database.session, table["message"], self.parts)
        if self.layout.is_service_from_file:
            columns["service"] = pc.fill_null(columns["service"], stored(service))
        columns = {name: _text_column(values) for name, values in columns.items()}
        instants = _own(table["instant"])
        instants -= self.too_late()
        columns["at"] = pd.DatetimeIndex(instants.view("M8[us]"), tz="UTC", copy=False)
        offsets = _own(table["raw_offset"])
        columns["raw_offset"] = pd.arrays.IntegerArray(offsets, np.zeros(len(offsets), bool))
        return pd.DataFrame(columns, columns=schema_table("logs").column_names, copy=False)


def _text_column(values: pa.ChunkedArray) -> Any:
    """Texts as pandas holds them, without making a Python object of any."""
    return pd.array(values.cast(_TEXT), dtype=pd.StringDtype("pyarrow", na_value=np.nan))


def _unread(path: Path, stack: ExitStack, known: bytes) -> Iterator[Piece] | None:
    """The pieces of a plain file behind a beginning of it, to be read by the workers.

    None where it is packed, is another file by now, or can be read by one thread only, as on Windows.
    """
    if is_compressed(known) or not hasattr(os, "pread"):
        return None
    try:
        file = stack.enter_context(path.open("rb", buffering=0))
        return unread_pieces(file, len(known)) if file.read(len(known)) == known else None
    except OSError:  # it was taken away meanwhile; it is still open where it was first opened
        return None


def _own(numbers: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """Numbers that whoever gets the frame may change."""
    found = numbers.to_numpy()
    return cast("npt.NDArray[np.int64]", found if found.flags.writeable else found.copy())


def stored(name: str) -> str:
    """A file's name as a text that can be stored: bytes that are no UTF-8 are spelled out."""
    return name.encode("utf-8", "backslashreplace").decode()
