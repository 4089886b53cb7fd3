"""JSON lines that look like one another, read by what stands around their values.

A program writes its lines with the same keys in the same order. One line is taken as the model; a line that has the same
bytes everywhere outside its values, texts without a quote and other values of the same kind, is valid JSON with the same
structure, and what it says under a key stands where the model has it. A line with an escape in it, with other keys or
other kinds of values is no such line and is left to the general way, as is every line that cannot be JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, cast

import numpy as np
import pyarrow.compute as pc

from .layout import COLUMNS, LogFormat
from .lines import Block
from .slices import Flags, Ints, Spans, Text
from .walking import Model, walked

MODELS = 8
"""Kinds of lines of a block that are read this way."""

MOST_VALUES = 200

_BACKSLASH, _MARK = b"\\", b"\xef"
_SCALAR = r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,15})?|true|false|null"
_ONE_SCALAR = re.compile(rf"([\s,:\[\]{{}}]*)({_SCALAR})([\s,:\[\]{{}}]*)")
_WHOLE = "^(?:0|-?[1-9][0-9]{0,17})$"
# What is a number with a fraction goes through a double on its way; up to here that changes nothing.
_SECONDS = r"^(?:0|[1-9][0-9]{0,17}|[1-9][0-9]{9}\.[0-9]{0,5}[1-9])$"

Kind = Literal["text", "number", "time"]


@dataclass(slots=True)
class _Makeup:
    """What a line looks like, and what its values are. Values are numbered from 0.

    Attributes:
        model: bytes that are the same in every line, with the values between them.
        scalars: values that are no texts.
        columns: what holds a column: number and kind of the value.
    """

    model: Model = field(default_factory=Model)
    scalars: list[int] = field(default_factory=list)
    columns: dict[str, tuple[int, Kind]] = field(default_factory=dict)


@dataclass(slots=True)
class Found:
    """Where the columns stand in some lines.

    Attributes:
        lines: numbers of the lines, in order.
        spans: per column of the format that these lines have.
    """

    lines: Ints
    spans: dict[str, Spans]


def fits(layout: LogFormat) -> bool:
    """The format asks for nothing that is not read this way."""
    return layout.kind == "json" and not (layout.seconds or layout.has_byte_lists or layout.has_line_end)


def objects(text: Text, block: Block, layout: LogFormat) -> Iterator[Found]:
    """Groups of lines that look like one another; what is in none is left to the general way.

    Args:
        text: the texts of the block.
        block: the lines.
        layout: a format that ``fits``.
    """
    is_open = _is_regular(text, block)
    for _ in range(MODELS):
        lines = np.flatnonzero(is_open)
        if not len(lines):
            return
        # Whatever stands at the beginning of a block, in its middle is more likely what there is most of.
        middle = lines[len(lines) // 2]
        is_open[middle] = False
        makeup = _makeup(text.data[text.begins[middle] : text.contents[middle]].tobytes(), layout)
        if makeup is None:
            continue
        alike, spans = _alike(text, lines, makeup)
        is_open[alike] = False
        if len(alike):
            yield Found(alike, spans)


def _is_regular(text: Text, block: Block) -> Flags:
    """Lines without a backslash or mark, and without a control character, a carriage return at the end aside."""
    is_regular = np.ones(len(text.begins), bool)
    is_regular[text.lines_with((_BACKSLASH if block.has_backslash else b"") + (_MARK if block.has_mark else b""))] = (
        False
    )
    if block.has_control:
        is_regular[text.lines_with_control()] = False
    return is_regular


def _alike(text: Text, lines: Ints, makeup: _Makeup) -> tuple[Ints, dict[str, Spans]]:
    """Which lines look like the model, and where the columns stand in them."""
    lines, values = walked(text, lines, makeup.model)
    is_alike = np.ones(len(lines), bool)
    kinds = dict(makeup.columns.values())
    for number in makeup.scalars:
        is_alike &= _are_values(text, values[number], kinds.get(number, ""))
    spans = {name: values[number] for name, (number, _) in makeup.columns.items()}
    for name in spans.keys() & {"host", "service"}:
        # What is empty is missing: then another key may say it.
        is_alike &= spans[name].lengths > 0
    if is_alike.all():
        return lines, spans
    return lines[is_alike], {name: span.chosen(is_alike) for name, span in spans.items()}


def _are_values(text: Text, span: Spans, kind: str) -> Flags:
    """Which stretches hold a value of JSON that is no text; under a column, a number of a certain kind."""
    if not len(span.starts):
        return np.ones(0, bool)
    pattern = {"number": _WHOLE, "time": _SECONDS}.get(kind, f"^(?:{_SCALAR})$")
    cells = text.strings(span).dictionary_encode()
    is_known = pc.match_substring_regex(cells.dictionary, pattern).to_numpy(zero_copy_only=False)
    return cast("Flags", is_known[cells.indices.to_numpy()])


def _makeup(line: bytes, layout: LogFormat) -> _Makeup | None:
    """What lines like this one look like; None when this line is no entry, or not of a kind that is read this way."""
    try:
        value = json.loads(line, object_pairs_hook=_without_twice)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    parts = line.split(b'"')
    makeup = _Makeup()
    model = makeup.model
    model.add(parts[0])
    by_path: dict[tuple[str, ...], tuple[int, str]] = {}
    for (role, path), part in zip(_roles(parts), parts[1:], strict=True):
        model.add(b'"')
        scalar = _ONE_SCALAR.fullmatch(part.decode()) if role == "between" else None
        if role == "value":
            number = model.add_value(len(part))
            if path:
                by_path[path] = (number, "text")
        elif scalar is None or scalar[2] == "null":
            model.add(part)
        else:
            model.add(scalar[1].encode())
            number = model.add_value(len(scalar[2]))
            model.add(scalar[3].encode())
            makeup.scalars.append(number)
            if path and scalar[1].strip() == ":":
                by_path[path] = (number, "number" if scalar[2][0] in "-0123456789" else "flag")
    if len(model.lengths) > MOST_VALUES:
        return None
    return makeup if _has_columns(makeup, by_path, value, layout) else None


def _has_columns(
    makeup: _Makeup, by_path: Mapping[tuple[str, ...], tuple[int, str]], value: dict[str, object], layout: LogFormat
) -> bool:
    """Find where the columns of the format stand; false when one of them is of a kind that is not read this way."""
    for mark in layout.marks:
        if all(_under(value, option) in (_MISSING, None) for option in mark.split("|")):
            return False
    for name in COLUMNS:
        for path in (path for key in layout.keys.get(name, ()) for path in _candidates(key)):
            held = _inside(value, path)
            if "+" in path[-1] and any(part in value for part in path[-1].split("+")):
                return False
            if held is _MISSING or held is None:
                continue
            number, kind = by_path.get(path, (0, ""))
            if kind not in ("text", "number"):
                return False
            read_as: Kind = "text" if kind == "text" else "time" if name == "time" else "number"
            if any(number == taken for taken, _ in makeup.columns.values()):
                return False
            makeup.columns[name] = (number, read_as)
            break
    return "time" in makeup.columns


_MISSING = object()


def _candidates(key: str) -> list[tuple[str, ...]]:
    """Where a key may stand: as it is and, where it has dots, inside an object."""
    return [(key,), tuple(key.split("."))] if "." in key else [(key,)]


def _inside(value: object, path: tuple[str, ...]) -> object:
    for part in path:
        if not isinstance(value, dict) or part not in value:
            return _MISSING
        value = value[part]
    return value


def _under(value: dict[str, object], key: str) -> object:
    return next((held for path in _candidates(key) if (held := _inside(value, path)) is not _MISSING), _MISSING)


def _without_twice(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _roles(parts: list[bytes]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What stands behind each quote of a valid line: a ``key``, a ``value``, or what is ``between`` texts; and under which keys.

    What stands in a list has no path: an empty one.
    """
    keys: list[str | None] = []  # per object that is open its last key, None for a list
    is_key = False
    for number, part in enumerate(parts):
        if number % 2:
            if is_key:
                keys[-1] = part.decode()
            yield "key" if is_key else "value", _path(keys)
            is_key = False
            continue
        if number:
            yield "between", _path(keys)
        for sign in part.decode():
            if sign == "{":
                keys.append("")
            elif sign == "[":
                keys.append(None)
            elif sign in "}]":
                keys.pop()
            is_key = sign in "{," and keys[-1] is not None if sign in "{}[],:" else is_key


def _path(keys: list[str | None]) -> tuple[str, ...]:
    named = [key for key in keys if key is not None]
    return tuple(named) if len(named) == len(keys) else ()
