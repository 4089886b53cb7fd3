"""What has to be said of a log file besides its entries: counts that add up, and findings for everything else."""

from __future__ import annotations

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

from ....schema import finding
from .chains import LONGEST_CHAIN, Kinds
from .days import DayCount
from .encodings import UTF_8, Encoding
from .feeding import Feed
from .hours import HourCount
from .layout import LogFormat
from .lines import Block
from .parsed import Request
from .parsing import MISFIT, UNTIMED
from .streams import BrokenStreamError
from .times import DAY_MICROS
from .years import GIVEN, WRITTEN, YearCount

COUNTS = ("lines", "entries", "continued", "rejected", "outside_window", "blank")
"""What every line of a file is counted as; the first is the sum of the others."""

SPELLED_OUT = 100
"""Rejected lines of a file that get a finding of their own."""

RAW_LENGTH = 500

Severity = Literal["error", "warning", "info"]


@dataclass(slots=True)
class Account:
    """The account of a file, or of a part of it.

    Attributes:
        path: the file.
        name: the format's name.
        layout: the format.
        request: what is asked for.
        counts: how many lines were what, and what else was counted.
        rejected: a finding for each of the first rejected lines.
        years: the year, or day, of entries that are written without one.
        hours: the entries in hours that the zone has twice.
        zone_words: names of zones that do not mean one offset.
        covers: first and last instant, in microseconds since 1970, asked for or not.
        feed: how the file was read.
        is_part: it is a part of a file, so that the numbers of its lines are not known.
    """

    path: Path
    name: str
    layout: LogFormat
    request: Request
    counts: Counter[str] = field(default_factory=Counter)
    rejected: list[dict[str, object]] = field(default_factory=list)
    years: YearCount | DayCount | None = None
    hours: HourCount = field(default_factory=HourCount)
    zone_words: Counter[str] = field(default_factory=Counter)
    covers: tuple[int, int] | None = None
    feed: Feed | None = None
    is_part: bool = False

    def counted(self) -> dict[str, int]:
        """How many lines were what."""
        return {name: self.counts[name] for name in COUNTS}

    def note_times(self, table: pa.Table) -> None:
        """Note what is odd about the times of a block, and from when to when they go."""
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

    def note_rejected(
        self, kinds: Kinds, texts: pa.ChunkedArray, block: Block, first: int, further: npt.NDArray[np.int64] | None
    ) -> None:
        """Keep the lines of a block that were rejected, as long as there are not too many of them.

        Args:
            kinds: what the lines are.
            texts: what they say.
            block: the lines.
            first: number of the first of them in the file.
            further: per line, how many lines of the file it stands for beyond itself; None for none.
        """
        for line in np.flatnonzero(kinds >= MISFIT)[: SPELLED_OUT - len(self.rejected)]:
            number = first + int(line) + (0 if further is None else int(further[:line].sum()))
            why = "has no time that can be read" if kinds[line] == UNTIMED else f"is no entry of format {self.name}"
            self.reject(number, int(block.offsets[line]), texts[int(line)].as_py(), why)

    def reject(self, line: int, offset: int, text: str, why: str) -> None:
        """Keep a rejected line with its place."""
        if len(self.rejected) < SPELLED_OUT:
            where = self.path.name if self.is_part else f"line {line + 1} of {self.path.name}"
            message = f"{where}, at byte {offset}, {why}"
            row = self._finding("row_rejected", "warning", message, row=f"byte {offset}", raw=text[:RAW_LENGTH])
            self.rejected.append(row)

    def too_late(self) -> int:
        """By how many microseconds times were read too late, while their day was not known."""
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
                pd.Timestamp(at - self.too_late(), unit="us", tz="UTC").isoformat(timespec="seconds")
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
