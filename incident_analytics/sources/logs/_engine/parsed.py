"""One block of lines, parsed: what a worker makes of it, as Arrow columns, without a Python object per line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .database import Session
from .layout import LogFormat
from .lines import Block
from .masking import templates_of
from .parsing import ENTRY, MISFIT, entries_sql, placed_sql
from .regular import Regular, regular_lines
from .years import ANY_YEAR, Window


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a file.

    Attributes:
        windows: the time asked for; None for everything, an empty tuple for nothing.
        time_zone: zone of times written without one; None: read as UTC, with a finding.
        year: year of a file's first entry where times have none.
        with_templates: fill the column ``template``.
    """

    windows: tuple[Window, ...] | None = None
    time_zone: str | None = None
    year: int | None = None
    with_templates: bool = True


@dataclass(frozen=True, slots=True)
class Parsed:
    """A block with what its lines say.

    Attributes:
        block: the lines.
        kinds: what each line is by itself; see :mod:`.parsing`.
        table: a row per line with the columns of ``placed_sql``, the levels on our scale.
        year: the year that times without one were read in, when it was one for all lines.
        templates: per entry that was asked for, in order.
    """

    block: Block
    kinds: npt.NDArray[np.int8]
    table: pa.Table
    year: int | None
    templates: pa.Array | None = None

    @property
    def is_yearless(self) -> npt.NDArray[np.bool_]:
        """Which lines have a time without a year."""
        return cast("npt.NDArray[np.bool_]", self.table["yearless"].is_valid().to_numpy())

    @property
    def yearless(self) -> npt.NDArray[np.int64]:
        """Those times as they were read, in the order of the lines."""
        return cast("npt.NDArray[np.int64]", self.table["yearless"].drop_null().to_numpy())


def parsed(
    session: Session, block: Block, layout: LogFormat, request: Request, years: int | npt.NDArray[np.int64] = ANY_YEAR
) -> Parsed:
    """What the lines of a block say.

    Args:
        session: of the database.
        block: the lines.
        layout: their format.
        request: what is asked for.
        years: year of times without one, for all lines or per line.
    """
    if block.head is not None:
        return Parsed(block, np.array([MISFIT], np.int8), pa.table({}), None)
    zone, windows = request.time_zone, request.windows
    regular = regular_lines(block, layout, time_zone=zone, windows=windows, years=years)
    table = _together(session, block, layout, request, years, regular)
    kinds = table["what"].to_numpy()
    table = table.set_column(table.column_names.index("level"), "level", _levels(one_piece(table["level"]), layout))
    templates = None
    if request.with_templates:
        templates = templates_of(one_piece(table["message"].filter(pa.array(kinds == ENTRY))), session.templates)
    return Parsed(block, kinds, table, years if isinstance(years, int) else None, templates)


def _together(
    session: Session,
    block: Block,
    layout: LogFormat,
    request: Request,
    years: int | npt.NDArray[np.int64],
    regular: list[Regular],
) -> pa.Table:
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
        texts = block.texts if len(others) == n else block.texts.take(pa.array(others))
        years = years if isinstance(years, int) else years[others]
        groups.append((others, general_rows(session, block, texts, layout, request, years)))
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
    years: int | npt.NDArray[np.int64],
) -> pa.Table:
    """Lines of a block by way of the database, whatever they hold."""
    entries = entries_sql(layout, has_escape=block.has_escape, has_return=block.has_return, has_mark=block.has_mark)
    sql = placed_sql(f"({entries})", layout, time_zone=request.time_zone, windows=request.windows)
    return session.run(sql, lines=_with_years(texts, years)).combine_chunks()


def one_piece(column: pa.ChunkedArray) -> pa.Array:
    """A column as a single array."""
    whole = column.combine_chunks()
    return pa.concat_arrays(whole.chunks) if isinstance(whole, pa.ChunkedArray) else whole


def _with_years(lines: pa.Array, years: int | npt.NDArray[np.int64]) -> pa.Table:
    column = (
        pa.repeat(pa.scalar(years, pa.int16()), len(lines)) if isinstance(years, int) else pa.array(years, pa.int16())
    )
    return pa.table({"line": lines, "year": column})


def _levels(words: pa.Array, layout: LogFormat) -> pa.Array:
    """Levels as written on our scale; a word that the format does not know is missing."""
    encoded = words.dictionary_encode()
    known = [layout.levels.get(word.strip().lower()) for word in encoded.dictionary.to_pylist()]
    return pa.array(known, pa.large_string()).take(encoded.indices)
