"""Rows of pairs that look like one another, read by an expression made from one of them.

A program writes its pairs with the same keys in the same order. One line is taken as the model, and an expression for all lines
with the same keys, whose values are quoted where the model's are, says where the columns stand. A line with a
backslash or a tab in it, or with other keys, is left to the general way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .layout import COLUMNS, LogFormat
from .regular_text import spans_of
from .slices import Ints, Spans, Text

MODELS = 8
"""Kinds of lines of a block that are read this way."""

_AT_ONCE = 4
"""Groups that an expression may have and still read a line in a single pass."""

_PART = re.compile(r'([^ ="\t\r\n]+)(=(?:"([^"\\\t\n]*)"|([^ "\t\r\n]*)))?( |$)')
_QUOTED, _BARE = r'[^"\\\t\n]*', r'[^ "\t\r\n]*'
_ESCAPE, _MARK = b"\x1b\xef"


def fits(layout: LogFormat) -> bool:
    """The format is one of pairs."""
    return layout.kind == "logfmt"


def rows(text: Text, texts: pa.Array, layout: LogFormat, *, has_mark: bool) -> Iterator[tuple[Ints, dict[str, Spans]]]:
    """Groups of lines that look like one another, and where their columns stand.

    Args:
        text: the block.
        texts: its lines.
        layout: a format that ``fits``.
        has_mark: a line may hold a byte order mark.
    """
    is_open = text.contents > text.begins
    for byte in (_ESCAPE, _MARK) if has_mark else (_ESCAPE,):
        is_open[text.lines_at(text.places_of(byte))] = False
    for _ in range(MODELS):
        lines = np.flatnonzero(is_open)
        if not len(lines):
            return
        is_open[lines[0]] = False
        first = text.data[text.begins[lines[0]] : text.contents[lines[0]]].tobytes().decode()
        model = _model(first, layout)
        if model is None:
            continue
        some = texts if len(lines) == len(texts) else texts.take(pa.array(lines))
        found = [pc.extract_regex_span(some, expression) for expression in model]
        is_alike = found[0].is_valid().to_numpy(zero_copy_only=False)
        spans = _columns(text, lines, found, layout)
        is_alike &= spans["time"].lengths > 0
        alike = lines[is_alike]
        is_open[alike] = False
        if len(alike):
            yield alike, {name: span.chosen(is_alike) for name, span in spans.items()}


def _columns(text: Text, lines: Ints, found: list[pa.StructArray], layout: LogFormat) -> Mapping[str, Spans]:
    begins = text.begins[lines]
    spans = {}
    for part in found:
        for field in part.type:
            pairs = spans_of(part, field.name)
            start = begins + pairs[:, 0]
            name, _, how = field.name.partition("_")
            # What is quoted and empty is an empty text, what is bare and empty is missing.
            spans[name] = Spans(start, start + pairs[:, 1], None if how == "quoted" else pairs[:, 1] > 0)
    if "message" not in spans:
        spans["message"] = Spans(begins, text.contents[lines])
    elif spans["message"].is_there is not None and not spans["message"].is_there.all():
        # Without a message, all of the line is one.
        is_there = spans["message"].is_there
        starts = np.where(is_there, spans["message"].starts, begins)
        spans["message"] = Spans(starts, np.where(is_there, spans["message"].ends, text.contents[lines]))
    return spans


def _model(line: str, layout: LogFormat) -> list[str] | None:
    """Expressions for lines like this one; None when it is not read this way.

    More than one when it has more columns than one can read at once: each reads the whole line.
    """
    columns = {key: name for name in COLUMNS for key in layout.keys.get(name, ())}
    parts, place, seen = [], 0, set[str]()
    while place < len(line):
        part = _PART.match(line, place)
        if part is None or (part[5] == " " and part.end() == len(line)):
            return None
        place = part.end()
        name = columns.get(part[1], "") if part[2] else ""
        parts.append((part[1], part[2], part[3] is not None, "" if name in seen else name))
        seen.add(name)
    if "time" not in seen:
        return None
    wanted = [name for name in COLUMNS if name in seen]
    return [_expression(parts, set(wanted[begin : begin + _AT_ONCE])) for begin in range(0, len(wanted), _AT_ONCE)]


def _expression(parts: list[tuple[str, str | None, bool, str]], wanted: set[str]) -> str:
    pieces = []
    for key, value, is_quoted, name in parts:
        piece = re.escape(key)
        if value is not None:
            held = _QUOTED if is_quoted else _BARE
            if name in wanted:
                held = f"(?P<{name}_{'quoted' if is_quoted else 'bare'}>{held})"
            piece += f'="{held}"' if is_quoted else f"={held}"
        pieces.append(piece)
    return f"^{' '.join(pieces)}\r?\n?$"
