"""Lines of text, taken apart by the patterns of their format into places of the block, not into copies.

The patterns run on the same engine for regular expressions as in the database, on the same bytes, so that they match the same
lines. What is left to the general way: lines with colours or marks in them, and lines that are no entry.
"""

from __future__ import annotations

from typing import cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .layout import COLUMNS, LogFormat
from .lines import Block
from .slices import Flags, Ints, Spans, Text

_FEED, _RETURN, _COLON, _DASH = b"\n\r:-"
_ESCAPE, _MARK = b"\x1b", b"\xef"


def fits(layout: LogFormat) -> bool:
    """The format is one of patterns."""
    return layout.kind == "pattern"


def fields(text: Text, block: Block, layout: LogFormat) -> tuple[Flags, dict[str, Spans]]:
    """Which lines have what an entry is never without, and where the columns stand in all lines.

    Args:
        text: the texts of the block.
        block: the lines.
        layout: a format that ``fits``.
    """
    texts, starts = block.texts, text.begins
    is_shaped = np.ones(len(texts), bool)
    is_shaped[text.lines_with((_ESCAPE if block.has_escape else b"") + (_MARK if block.has_mark else b""))] = False
    found: dict[str, Spans] = {}
    for pattern in layout.patterns:
        subject = texts if starts is text.begins else _rest(text, starts)
        matched = pc.extract_regex_span(subject, pattern)
        groups = {field.name: _placed(matched, field.name, starts) for field in matched.type}
        if "head" in groups:
            starts = groups.pop("head").ends
        found |= groups
    places = {
        column: [found[name] for name in sorted(found) if name.rstrip("0123456789") == column] for column in COLUMNS
    }
    places["message"] = places["message"] or [Spans(starts, text.ends)]
    for name in layout.required:
        is_shaped &= np.logical_or.reduce([_filled(text, span, name).lengths > 0 for span in places[name]])
    return is_shaped, {name: _column(text, spans, name) for name, spans in places.items() if spans}


def _rest(text: Text, starts: Ints) -> pa.Array:
    return text.strings(Spans(starts, text.ends))


def _placed(found: pa.StructArray, name: str, starts: Ints) -> Spans:
    """Where a group stands in the block; empty, at the beginning of the text, where it has not matched."""
    pairs = spans_of(found, name)
    begins = starts + pairs[:, 0]
    return Spans(begins, begins + pairs[:, 1])


def spans_of(found: pa.StructArray, name: str) -> npt.NDArray[np.int32]:
    """Where a group of ``extract_regex_span`` begins in each text, in bytes, and how long it is; 0, 0 where it is not."""
    spans = found.field(name).values
    pairs = (spans.fill_null(0) if spans.null_count else spans).to_numpy()
    return cast("npt.NDArray[np.int32]", pairs.reshape(-1, 2))


def _filled(text: Text, span: Spans, name: str) -> Spans:
    """A group without the line end that a message may go on to."""
    return Spans(span.starts, _without_last(text, span.starts, span.ends, _FEED)) if name == "message" else span


def _without_last(text: Text, starts: Ints, ends: Ints, byte: int) -> Ints:
    return np.where((ends > starts) & (text.data[ends - 1] == byte), ends - 1, ends)


def _column(text: Text, places: list[Spans], name: str) -> Spans:
    """The first of the places of a column at which there is something."""
    first, *others = (_cell(text, place, name) for place in places)
    for other in others:
        is_there = first.is_there
        assert is_there is not None and other.is_there is not None
        starts, ends = np.where(is_there, first.starts, other.starts), np.where(is_there, first.ends, other.ends)
        first = Spans(starts, ends, is_there | other.is_there)
    return first


def _cell(text: Text, span: Spans, name: str) -> Spans:
    """A group as a column: what is empty is missing, and so is the dash that stands for an unknown host or service."""
    span = _filled(text, span, name)
    ends, is_there = span.ends, span.ends > span.starts
    if name == "message":
        ends = _without_last(text, span.starts, ends, _RETURN)
    elif name == "host":
        ends = _without_last(text, span.starts, ends, _COLON)
        is_there = ends > span.starts
    if name in ("host", "service"):
        is_there &= ~((ends - span.starts == 1) & (text.data[np.minimum(span.starts, len(text.data) - 1)] == _DASH))
    return Spans(span.starts, ends, is_there)
