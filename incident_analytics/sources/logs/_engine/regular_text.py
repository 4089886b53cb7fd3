"""Lines of text, taken apart by the patterns of their format into places of the block, not into copies.

The patterns run on the same engine for regular expressions as in the database, on the same bytes, so that they match the same
lines. What is left to the general way: lines with colours or marks in them, and lines that are no entry.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .layout import COLUMNS, LogFormat
from .slices import Flags, Ints, Spans, Text

_ESCAPE, _COLON, _DASH = 27, ord(":"), ord("-")


def fits(layout: LogFormat) -> bool:
    """The format is one of patterns."""
    return layout.kind == "pattern"


def fields(text: Text, texts: pa.Array, layout: LogFormat) -> tuple[Flags, dict[str, Spans]]:
    """Which lines have what an entry is never without, and where the columns stand in all lines.

    Args:
        text: the block.
        texts: its lines.
        layout: a format that ``fits``.
    """
    n = len(texts)
    is_shaped = np.ones(n, bool)
    is_shaped[np.searchsorted(text.begins, text.places_of(_ESCAPE), side="right") - 1] = False
    starts = text.begins
    found: dict[str, list[Spans]] = {}
    for pattern in layout.patterns:
        subject = texts if starts is text.begins else _rest(text, starts)
        matched = pc.extract_regex_span(subject, pattern)
        groups = {field.name: _placed(matched, field.name, starts) for field in matched.type}
        if "head" in groups:
            starts = groups.pop("head").ends
        for name, spans in groups.items():
            found.setdefault(name.rstrip("0123456789"), []).append(spans)
    if "message" not in found:
        found["message"] = [Spans(starts, _without_feed(text, starts))]
    for name in layout.required:
        is_shaped &= np.logical_or.reduce([spans.lengths > 0 for spans in found[name]])
    return is_shaped, {name: _column(text, found[name], name) for name in COLUMNS if name in found}


def _rest(text: Text, starts: Ints) -> pa.Array:
    return text.strings(Spans(starts, text.ends))


def _placed(found: pa.StructArray, name: str, starts: Ints) -> Spans:
    """Where a group stands in the block; empty, at the beginning of the text, where it has not matched."""
    spans = found.field(name).values
    if spans.null_count:
        spans = spans.fill_null(0)
    pairs = spans.to_numpy().reshape(-1, 2)
    begins = starts + pairs[:, 0]
    return Spans(begins, begins + pairs[:, 1])


def _without_feed(text: Text, starts: Ints) -> Ints:
    ends = text.ends
    return np.where((ends > starts) & (text.data[ends - 1] == 10), ends - 1, ends)


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
    ends = span.ends
    if name == "host":
        ends = ends - ((ends > span.starts) & (text.data[np.maximum(ends - 1, 0)] == _COLON))
    if name == "message":
        ends = ends - ((ends > span.starts) & (text.data[np.maximum(ends - 1, 0)] == 13))
    width = ends - span.starts
    is_there = span.ends > span.starts if name == "message" else width > 0
    if name in ("host", "service"):
        is_there &= ~((width == 1) & (text.data[np.minimum(span.starts, len(text.data) - 1)] == _DASH))
    return Spans(span.starts, ends, is_there)
