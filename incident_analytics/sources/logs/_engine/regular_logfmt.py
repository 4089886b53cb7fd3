"""Rows of pairs that look like one another, read by what stands around their values.

A program writes its pairs with the same keys in the same order. One line is taken as the model, and a line with the same
keys, whose values are quoted where the model's are, has its columns where the model has them. A line with a tab in it, a
backslash between quotes, or other keys is left to the general way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from .layout import COLUMNS, LogFormat
from .lines import Block
from .slices import Ints, Spans, Text
from .walking import Model, walked

MODELS = 8
"""Kinds of lines of a block that are read this way."""

_PART = re.compile(r'([^ ="\t\r\n]+)(=(?:"([^"\\\t\n]*)"|([^ "\t\r\n]*)))?( |$)')
_MARK, _ODD = b"\xef", b"\t\r\x1b"


@dataclass(slots=True)
class _Makeup:
    """What a line looks like, and what its values are.

    Attributes:
        model: bytes that are the same in every line, with the values between them.
        columns: what holds a column: number of the value, and whether it is quoted.
    """

    model: Model = field(default_factory=Model)
    columns: dict[str, tuple[int, bool]] = field(default_factory=dict)


def fits(layout: LogFormat) -> bool:
    """The format is one of pairs."""
    return layout.kind == "logfmt"


def rows(text: Text, block: Block, layout: LogFormat) -> Iterator[tuple[Ints, dict[str, Spans]]]:
    """Groups of lines that look like one another, and where their columns stand.

    Args:
        text: the texts of the block.
        block: the lines.
        layout: a format that ``fits``.
    """
    is_open = text.contents > text.begins
    is_open[text.lines_with((_ODD if block.has_control else b"") + (_MARK if block.has_mark else b""))] = False
    for _ in range(MODELS):
        lines = np.flatnonzero(is_open)
        if not len(lines):
            return
        # Whatever stands at the beginning of a block, in its middle is more likely what there is most of.
        middle = lines[len(lines) // 2]
        is_open[middle] = False
        makeup = _makeup(text.data[text.begins[middle] : text.contents[middle]].tobytes().decode(), layout)
        if makeup is None:
            continue
        alike, values = walked(text, lines, makeup.model)
        spans = _columns(text, alike, values, makeup)
        is_there = spans["time"].lengths > 0
        if not is_there.all():
            alike, spans = alike[is_there], {name: span.chosen(is_there) for name, span in spans.items()}
        is_open[alike] = False
        if len(alike):
            yield alike, spans


def _columns(text: Text, lines: Ints, values: list[Spans], makeup: _Makeup) -> dict[str, Spans]:
    spans = {}
    for name, (number, is_quoted) in makeup.columns.items():
        span = values[number]
        # What is quoted and empty is an empty text, what is bare and empty is missing.
        spans[name] = span if is_quoted else Spans(span.starts, span.ends, span.lengths > 0)
    begins, ends = text.begins[lines], text.contents[lines]
    if "message" not in spans:
        spans["message"] = Spans(begins, ends)
    elif spans["message"].is_there is not None and not spans["message"].is_there.all():
        # Without a message, all of the line is one.
        is_there = spans["message"].is_there
        starts = np.where(is_there, spans["message"].starts, begins)
        spans["message"] = Spans(starts, np.where(is_there, spans["message"].ends, ends))
    return spans


def _makeup(line: str, layout: LogFormat) -> _Makeup | None:
    """What lines like this one look like; None when this line is not read this way."""
    columns = {key: name for name in COLUMNS for key in layout.keys.get(name, ())}
    makeup, place = _Makeup(), 0
    model = makeup.model
    while place < len(line):
        part = _PART.match(line, place)
        if part is None or (part[5] == " " and part.end() == len(line)):
            return None
        place = part.end()
        model.add(part[1].encode())
        if part[2]:
            is_quoted = part[3] is not None
            model.add(b'="' if is_quoted else b"=")
            held = part[3] if is_quoted else part[4]
            number = model.add_value(len(held.encode()), strangers=b"\\" if is_quoted else b' "')
            model.add(b'"' if is_quoted else b"")
            if part[1] in columns:
                makeup.columns.setdefault(columns[part[1]], (number, is_quoted))
        model.add(part[5].encode())
    return makeup if "time" in makeup.columns else None
