"""A file cut into spans that are counted side by side, and put together as if it had been read in one go."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ....errors import SourceError
from ..._instants import zone_named
from .account import SPELLED_OUT, Account
from .chains import Chain
from .database import Database
from .documents import holds_documents
from .encodings import UTF_8, encoding_of
from .layout import LogFormat
from .lines import pieces
from .parsed import Request
from .parsing import ENTRY, MISFIT, OUTSIDE
from .reading import Reader, stored
from .streams import CHUNK_BYTES, LEAST_PADDING, is_compressed, whole_lines
from .tally import KEYS, Tally

LOOKED_AT = 1 << 20

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class SpanReading:
    """What came of one span; small, and made to be sent from one process to another.

    Attributes:
        table: the counts of a :class:`Tally`.
        counts: how many lines were what, and what else was counted.
        rejected: a finding for each of the first rejected lines.
        findings: what has to be said of the file, when the span is all of it.
        n_leading: lines before the first entry; they belong to the entry before the span, and count as such.
        last_kind: what the last line was that was an entry or rejected; None when there is no such line.
        zone_words: names of zones that do not mean one offset.
        covers: first and last instant.
    """

    table: pa.Table
    counts: dict[str, int]
    rejected: list[dict[str, object]]
    findings: list[dict[str, object]]
    n_leading: int = 0
    last_kind: int | None = None
    zone_words: dict[str, int] = field(default_factory=dict)
    covers: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class FileCounts:
    """What came of one file: its entries counted, its lines by ``COUNTS``, rows of ``findings``."""

    table: pa.Table
    counts: dict[str, int]
    findings: list[dict[str, object]]


def line_spans(path: Path, layout: LogFormat, request: Request, size: int) -> list[Span]:
    """Where a file may be cut so that each span begins with a line; one span of all of it where it may not be.

    A file is read from its beginning where what a line means depends on the lines before it: where times lack a year
    or a day, a line names the columns, messages were split, records stand in documents, or the zone has an hour twice;
    and where it is compressed, or in another encoding.

    Args:
        path: the file.
        layout: its format.
        request: what is asked of it.
        size: how many bytes a span has, but for the rest of its last line.
    """
    try:
        with path.open("rb") as file:
            end = file.seek(0, 2)
            file.seek(0)
            head = file.read(LOOKED_AT)
            if end <= size or not _may_be_cut(head, layout, request) or is_compressed(head):
                return [(0, end)]
            places = [0]
            while places[-1] + size < end:
                file.seek(places[-1] + size)
                place = file.tell()
                while (line := file.readline(CHUNK_BYTES)) and not line.endswith(b"\n"):
                    place += len(line)
                places.append(place + len(line))
    except OSError as error:
        raise SourceError(f"log file {path} cannot be read: {error.strerror}") from error
    bounds = [*places, end] if places[-1] < end else places
    return list(itertools.pairwise(bounds))


def read_span(
    database: Database, path: Path, name: str, layout: LogFormat, request: Request, *, service: str, span: Span | None
) -> SpanReading:
    """Count the entries of a span, or of a whole file.

    Args:
        database: where the work is done.
        path: the file.
        name: the format's name, for the findings.
        layout: the format.
        request: what is asked for.
        service: the service the file is named for.
        span: which bytes; None for all of the file, which may then be compressed.

    Raises:
        SourceError: the file cannot be opened, unpacks beyond the limits, or holds nothing readable.
    """
    tally = Tally()
    is_rest = span is not None and span[0] > 0
    # What leads a later span counts as part of an entry until it is known whether there is one before it.
    reader = Reader(
        path, name, layout, request, database=database, tally=tally, is_part=span is not None,
        chain=Chain(kind=ENTRY if is_rest else MISFIT), is_leading=is_rest,
    )  # fmt: skip
    broken = None
    if span is None:
        broken = reader.read_all()
    else:
        reader.read(pieces(_bytes_of(path, span), start=span[0]))
    table = tally.table()
    if reader.too_late():
        table = table.set_column(0, "minute", pc.subtract(table["minute"], reader.too_late()))
    if layout.is_service_from_file:
        place = table.column_names.index("service")
        table = table.set_column(place, "service", pc.fill_null(table["service"], stored(service)))
    return SpanReading(
        table=table,
        counts=dict(reader.counts),
        rejected=reader.rejected,
        findings=reader.findings(broken),
        n_leading=reader.n_leading if is_rest else 0,
        last_kind=None if is_rest and reader.is_leading else reader.chain.kind,
        zone_words=dict(reader.zone_words),
        covers=reader.covers,
    )


def together(parts: Sequence[SpanReading], path: Path, name: str, layout: LogFormat, request: Request) -> FileCounts:
    """The spans of a file, in order, as one."""
    tally = Tally()
    for part in parts:
        tally.include(part.table)
    if len(parts) == 1:
        only = parts[0]
        account = Account(path, name, layout, request, counts=Counter(only.counts))
        return FileCounts(tally.table(), account.counted(), only.findings)
    account = Account(path, name, layout, request, is_part=True)
    before = MISFIT
    for part in parts:
        account.counts.update(part.counts)
        if before != ENTRY:
            account.counts["continued"] -= part.n_leading
            account.counts["outside_window" if before == OUTSIDE else "rejected"] += part.n_leading
        before = before if part.last_kind is None else part.last_kind
        account.rejected += part.rejected[: SPELLED_OUT - len(account.rejected)]
        account.zone_words.update(part.zone_words)
        if part.covers:
            known = account.covers or part.covers
            account.covers = (min(known[0], part.covers[0]), max(known[1], part.covers[1]))
    return FileCounts(tally.table(), account.counted(), account.findings(None))


def frame_of_counts(table: pa.Table, path: Path) -> pd.DataFrame:
    """Counts as a frame: ``source``, ``at``, ``service``, ``level``, ``template``, ``n``."""
    texts = {name: table[name].to_pandas(types_mapper=None).astype("str") for name in KEYS[1:]}
    minutes = pd.DatetimeIndex(table["minute"].to_numpy().view("M8[us]"), tz="UTC")
    frame = pd.DataFrame({"source": stored(path.name), "at": minutes, **texts, "n": table["n"].to_numpy()})
    return frame.astype({"source": "str", "n": "Int64"})


def _may_be_cut(head: bytes, layout: LogFormat, request: Request) -> bool:
    zone = request.time_zone or layout.time_zone
    changes = zone is not None and zone_named(zone).utcoffset(None) is None
    depends = layout.lacks_year or layout.lacks_day or layout.header or layout.joins or layout.packed
    is_padded = head.startswith(b"\0" * LEAST_PADDING)
    is_plain = not is_padded and encoding_of(head, request.encoding).name == UTF_8 and not holds_documents(layout, head)
    return is_plain and not depends and not changes


def _bytes_of(path: Path, span: Span) -> Iterator[bytes]:
    """The bytes of a span, chunk by chunk.

    Raises:
        SourceError: the file cannot be opened, or is shorter than it was.
    """
    place, end = span
    try:
        with path.open("rb", buffering=0) as file:
            file.seek(place)
            for chunk in whole_lines(file, CHUNK_BYTES, end):
                place += len(chunk)
                yield chunk
        if place < end:
            raise SourceError(f"log file {path} ends at byte {place}; expected it to reach byte {end}")
    except OSError as error:
        raise SourceError(f"log file {path} cannot be read: {error.strerror}") from error
