"""One block of lines, parsed: what a worker makes of it, as Arrow columns, without a Python object per line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .database import Session
from .layout import LogFormat
from .lines import Block
from .masking import templates_of
from .parsing import ENTRY, MISFIT, entries_sql, placed_sql
from .regular import Regular, regular_lines
from .slices import Ints
from .years import ANY_YEAR, Window

Years: TypeAlias = "int | npt.NDArray[np.int64]"


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a file.

    Attributes:
        windows: the time asked for; None for everything, an empty tuple for nothing.
        time_zone: zone of times written without one; None: read as UTC, with a finding.
        year: year of a file's first entry where times have none.
        shift: microseconds by which the file's clock is put right.
        with_templates: fill the column ``template``.
        encoding: what the file is in; None: UTF-8, or UTF-16 where it looks like that.
    """

    windows: tuple[Window, ...] | None = None
    time_zone: str | None = None
    year: int | None = None
    shift: int = 0
    with_templates: bool = True
    encoding: str | None = None


@dataclass(frozen=True, slots=True)
class Parsed:
    """A block with what its lines say.

    Attributes:
        block: the lines.
        kinds: what each line is by itself; see :mod:`.parsing`.
        table: a row per line with the columns of ``placed_sql``, the levels on our scale and ``level_as_written``.
        years: the year that times without one were read in (or the day, see :mod:`.days`), for all lines or per line.
        columns: the names of the columns it was read with.
        templates: per entry that was asked for, in order.
    """

    block: Block
    kinds: npt.NDArray[np.int8]
    table: pa.Table
    years: Years
    columns: tuple[str, ...] = ()
    templates: pa.Array | None = None

    @property
    def is_yearless(self) -> npt.NDArray[np.bool_]:
        """Which lines have a time without a year or a day."""
        return cast("npt.NDArray[np.bool_]", self.table["yearless"].is_valid().to_numpy())

    @property
    def yearless(self) -> npt.NDArray[np.int64]:
        """Those times as they were read, in the order of the lines."""
        return cast("npt.NDArray[np.int64]", self.table["yearless"].drop_null().to_numpy())


def parsed(
    session: Session,
    block: Block,
    layout: LogFormat,
    request: Request,
    years: Years = ANY_YEAR,
    *,
    columns: tuple[str, ...] = (),
    is_second: bool = False,
) -> Parsed:
    """What the lines of a block say.

    Args:
        session: of the database.
        block: the lines.
        layout: their format.
        request: what is asked for.
        years: year, or day, of times without one, for all lines or per line.
        columns: names of the columns, where the file gives them.
        is_second: an hour that the zone has twice is the second one.
    """
    if block.head is not None:
        return Parsed(block, np.array([MISFIT], np.int8), pa.table({}), years)
    regular = regular_lines(
        block,
        layout,
        time_zone=request.time_zone or layout.time_zone,
        windows=request.windows,
        years=years,
        shift=request.shift,
    )
    table = _together(
        block,
        regular,
        lambda texts, lines: general_rows(
            session,
            block,
            texts,
            layout,
            request,
            years if isinstance(years, int) else years[lines],
            columns=columns,
            is_second=is_second,
        ),
    )
    kinds = table["what"].to_numpy()
    words = one_piece(table["level"])
    table = table.append_column("level_as_written", words)
    table = table.set_column(table.column_names.index("level"), "level", _levels(words, layout))
    templates = None
    if request.with_templates:
        is_entry = kinds == ENTRY
        messages = table["message"] if is_entry.all() else table["message"].filter(pa.array(is_entry))
        templates = templates_of(one_piece(messages), session.templates)
    return Parsed(block, kinds, table, years, columns, templates)


def _together(block: Block, regular: list[Regular], read: Callable[[pa.Array, Ints], pa.Table]) -> pa.Table:
    """The rows of a block: those of its regular lines, and those that the general way gives for all others."""
    n = len(block.texts)
    if len(regular) == 1 and len(regular[0].lines) == n:
        return regular[0].table
    is_open = np.ones(n, bool)
    for group in regular:
        is_open[group.lines] = False
    others = np.flatnonzero(is_open)
    groups = [(group.lines, group.table) for group in regular]
    if len(others):
        groups.append((others, read(block.texts if len(others) == n else block.texts.take(pa.array(others)), others)))
    if len(groups) == 1:
        return groups[0][1]
    place = np.empty(n, np.int64)
    place[np.concatenate([lines for lines, _ in groups])] = np.arange(n)
    return pa.concat_tables([table for _, table in groups]).take(pa.array(place)).combine_chunks()


def general_rows(
    session: Session,
    block: Block,
    texts: pa.Array,
    layout: LogFormat,
    request: Request,
    years: Years,
    *,
    columns: tuple[str, ...] = (),
    is_second: bool = False,
) -> pa.Table:
    """Lines of a block by way of the database, whatever they hold: the rows of ``placed_sql``.

    Args:
        session: of the database.
        block: where the lines are from.
        texts: the lines.
        layout: their format.
        request: what is asked for.
        years: year, or day, of times without one, for all lines or per line.
        columns: names of the columns, where the file gives them.
        is_second: an hour that the zone has twice is the second one.
    """
    entries = entries_sql(
        layout,
        has_escape=block.has_escape,
        has_return=block.has_return,
        has_mark=block.has_mark,
        columns=columns,
    )
    sql = placed_sql(
        f"({entries})",
        layout,
        time_zone=request.time_zone,
        windows=request.windows,
        is_second=is_second,
        shift=request.shift,
    )
    return session.run(sql, lines=_with_years(texts, years)).combine_chunks()


def one_piece(column: pa.ChunkedArray) -> pa.Array:
    """A column as a single array."""
    whole = column.combine_chunks()
    return pa.concat_arrays(whole.chunks) if isinstance(whole, pa.ChunkedArray) else whole


def _with_years(lines: pa.Array, years: Years) -> pa.Table:
    column = (
        pa.repeat(pa.scalar(years, pa.int32()), len(lines)) if isinstance(years, int) else pa.array(years, pa.int32())
    )
    return pa.table({"line": lines, "year": column})


def _levels(words: pa.Array, layout: LogFormat) -> pa.Array:
    """Levels as written on our scale; a word that the format does not know is missing."""
    if words.null_count == len(words):
        return words.cast(pa.large_string())
    encoded = words.dictionary_encode()
    known = [layout.levels.get(word.strip().lower()) for word in encoded.dictionary.to_pylist()]
    return pa.array(known, pa.large_string()).take(encoded.indices)
