"""The regular lines of a block, read without a query: the same rows as ``placed_sql`` gives, several times as fast.

A line is regular when it is an entry, its time is spelled the usual way and nothing about it is in doubt. Everything else (broken
lines, lines of a stack trace, leap seconds, hours that a clock change makes doubtful) is left to the general way. Which way
a line goes makes no difference to what is read; the tests hold the two together.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..._instants import zone_named
from . import regular_json, regular_logfmt, regular_text
from .clocks import Instants, instants, is_in_range
from .layout import LogFormat
from .lines import Block
from .outside import times_in_front
from .parsing import ENTRY, OUTSIDE
from .slices import Flags, Ints, Spans, Text
from .years import Window

TEXTS = ("host", "service", "level", "message")

_DAY = 86_400 * 10**6
_SLACK = dt.timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class Regular:
    """What the regular lines of a block say.

    Attributes:
        lines: numbers of these lines, in order.
        table: a row per such line, with the columns of ``placed_sql``.
    """

    lines: Ints
    table: pa.Table


def regular_lines(
    block: Block,
    layout: LogFormat,
    *,
    time_zone: str | None,
    windows: Sequence[Window] | None,
    years: int | npt.NDArray[np.int64],
    shift: int = 0,
) -> list[Regular]:
    """The regular lines of a block, in groups of those that look alike.

    Args:
        block: the lines.
        layout: their format.
        time_zone: zone of times without an offset.
        windows: the time asked for; None for everything.
        years: year, or day, of times without one, for all lines or per line.
        shift: microseconds by which the clock is put right.
    """
    if not len(block.texts):
        return []
    text = Text(block.texts, has_return=block.has_return)
    found = []
    numbers, place = None, functools.partial(_zoned, time_zone=time_zone, shift=shift)
    if windows is not None:
        outside = _outside(text, block, layout, windows, years, place)
        if outside is not None:
            found.append(outside)
            is_open = np.ones(len(block.texts), bool)
            is_open[outside.lines] = False
            numbers = np.flatnonzero(is_open)
            if not len(numbers):
                return found
            block = replace(block, texts=block.texts.take(pa.array(numbers)))
            text = Text(block.texts, has_return=block.has_return)
            years = years if isinstance(years, int) else years[numbers]
    for lines, spans in _shaped(text, block, layout):
        at = instants(text, spans.pop("time"), layout.times, years if isinstance(years, int) else years[lines])
        micros, is_sure = place(at)
        chosen = np.flatnonzero(is_sure)
        if len(chosen):
            rows = _rows(text, at, micros[chosen], spans, chosen, windows)
            found.append(Regular(lines[chosen] if numbers is None else numbers[lines[chosen]], rows))
    return found


def _outside(
    text: Text,
    block: Block,
    layout: LogFormat,
    windows: Sequence[Window],
    years: int | npt.NDArray[np.int64],
    place: Callable[[Instants], tuple[Ints, Flags]],
) -> Regular | None:
    """The lines whose time, which stands in front, is not in the time asked for; None when there are none."""
    times = times_in_front(text, block.texts, layout)
    if times is None:
        return None
    at = instants(text, times, layout.times, years)
    micros, is_sure = place(at)
    is_asked = _asked(micros, windows)
    if is_asked is None:
        return None
    lines = np.flatnonzero(is_sure & ~is_asked)
    return Regular(lines, _rows(text, at, micros[lines], {}, lines, ())) if len(lines) else None


def _shaped(text: Text, block: Block, layout: LogFormat) -> Iterator[tuple[Ints, dict[str, Spans]]]:
    """Lines that are entries but for their time, and where their columns stand."""
    if regular_json.fits(layout):
        for group in regular_json.objects(text, block, layout):
            yield group.lines, group.spans
    elif regular_logfmt.fits(layout):
        yield from regular_logfmt.rows(text, block, layout)
    elif regular_text.fits(layout):
        is_shaped, spans = regular_text.fields(text, block, layout)
        lines = np.flatnonzero(is_shaped)
        if len(lines) == len(is_shaped):
            yield lines, spans
        elif len(lines):
            yield lines, {name: span.chosen(lines) for name, span in spans.items()}


def _zoned(at: Instants, time_zone: str | None, shift: int) -> tuple[Ints, Flags]:
    """Times as instants, and which of them are beyond doubt."""
    micros, is_sure = at.micros, at.is_read
    is_local = is_sure & ~at.is_aware
    if time_zone is not None and is_local.any():
        ahead, is_known = _shifts(micros, is_local, time_zone)
        micros, is_sure = micros - ahead, is_sure & is_known
    if shift:
        micros = micros + shift
    return micros, is_sure & is_in_range(micros)


def _shifts(micros: Ints, is_local: Flags, time_zone: str) -> tuple[Ints, Flags]:
    """How far a zone is ahead of UTC at local times, and where that is the same for hours before and after."""
    zone = zone_named(time_zone)
    days = np.where(is_local, micros // _DAY, 0)
    distinct, which = np.unique(days, return_inverse=True)
    shifts = np.zeros(len(distinct), np.int64)
    is_sure = np.zeros(len(distinct), bool)
    for n, day in enumerate(distinct.tolist()):
        begin = dt.datetime(1970, 1, 1, tzinfo=zone) + dt.timedelta(days=day)
        around = (begin - _SLACK, begin + dt.timedelta(hours=12), begin + dt.timedelta(days=1) + _SLACK)
        offsets = {at.replace(fold=fold).utcoffset() for at in around for fold in (0, 1)}
        offset = next(iter(offsets))
        if len(offsets) == 1 and offset is not None:
            shifts[n], is_sure[n] = offset // dt.timedelta(microseconds=1), True
    return np.where(is_local, shifts[which], 0), is_sure[which] | ~is_local


def _rows(
    text: Text, at: Instants, micros: Ints, spans: dict[str, Spans], chosen: Ints, windows: Sequence[Window] | None
) -> pa.Table:
    """The chosen lines as rows; the texts of those outside the time asked for are never made."""
    n = len(chosen)
    is_asked = _asked(micros, windows)
    is_naive = ~at.is_aware[chosen]
    yearless = pa.nulls(n, pa.int64())
    if at.is_yearless.any():
        yearless = pa.array(at.micros[chosen], mask=~at.is_yearless[chosen])
    wanted = chosen if is_asked is None else chosen[is_asked]
    texts = {name: _texts(text, spans.get(name), wanted, is_asked, n) for name in TEXTS}
    what = np.full(n, ENTRY, np.int8) if is_asked is None else np.where(is_asked, ENTRY, OUTSIDE).astype(np.int8)
    return pa.table(
        {
            "what": what,
            "instant": micros,
            "is_naive": is_naive,
            "is_skipped": np.zeros(n, bool),
            "is_repeated": np.zeros(n, bool),
            "zone_word": pa.nulls(n, pa.large_string()),
            "yearless": yearless,
            **texts,
        }
    )


def _asked(micros: Ints, windows: Sequence[Window] | None) -> Flags | None:
    """Which instants lie in the time asked for; None when all do."""
    if windows is None:
        return None
    is_asked = np.zeros(len(micros), bool)
    for start, end in windows:
        is_in = np.ones(len(micros), bool)
        if start is not None:
            is_in &= micros >= start
        if end is not None:
            is_in &= micros < end
        is_asked |= is_in
    return None if is_asked.all() else is_asked


def _texts(text: Text, span: Spans | None, wanted: Ints, is_asked: Flags | None, n: int) -> pa.Array:
    """A column for all rows, filled where it is asked for."""
    if span is None or not len(wanted):
        return pa.nulls(n, pa.large_string())
    filled = text.strings(span if len(wanted) == len(span.starts) else span.chosen(wanted))
    if is_asked is None:
        return filled
    return filled.take(pa.array(np.cumsum(is_asked) - 1, mask=~is_asked))
