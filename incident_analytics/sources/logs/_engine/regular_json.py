"""JSON lines that look like one another, read by where their quotes stand.

A program writes its lines with the same keys in the same order. One line is taken as the model; a line that has its
quotes where the model has them, the same bytes everywhere outside its values, and values of the same kind, is valid JSON
with the same structure, and what it says under a key stands between known quotes. A line with an escape in it, with other keys or
other kinds of values is no such line and is left to the general way, as is every line that cannot be JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pyarrow.compute as pc

from .layout import COLUMNS, LogFormat
from .slices import Flags, Ints, Spans, Text

MODELS = 8
"""Kinds of lines of a block that are read this way."""

MOST_QUOTES = 400
OPEN = -1

_QUOTE, _BACKSLASH, _MARK = b'"\\\xef'
_SCALAR = r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,15})?|true|false|null"
_ONE_SCALAR = re.compile(rf"([\s,:\[\]{{}}]*)({_SCALAR})([\s,:\[\]{{}}]*)")
_WHOLE = "^(?:0|-?[1-9][0-9]{0,17})$"
# What is a number with a fraction goes through a double on its way; up to here that changes nothing.
_SECONDS = r"^(?:0|[1-9][0-9]{0,17}|[1-9][0-9]{9}\.[0-9]{0,5}[1-9])$"

Kind = Literal["text", "number", "time"]


@dataclass(slots=True)
class _Model:
    """What a line looks like. Quotes are numbered from 0.

    Attributes:
        head: bytes before the first quote.
        fixed: bytes that are the same in every line: number of the quote they begin with, bytes, number of the quote
            that follows them.
        scalars: values without quotes: by the number of the quote before it, how many bytes stand before it from
            there, and the bytes from its end to the next quote.
        values: what holds a column: number of the quote before it, and the kind of value.
    """

    head: bytes
    fixed: list[tuple[int, bytes, int]] = field(default_factory=list)
    scalars: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    values: dict[str, tuple[int, Kind]] = field(default_factory=dict)

    def add_fixed(self, quote: int, part: bytes, *, is_open: bool = False) -> None:
        """Bytes from a quote to the next one; with ``is_open``, only to a value in between."""
        before = self.fixed[-1] if self.fixed else (0, b"", -1)
        start, read = (before[0], before[1]) if before[2] == quote else (quote, b"")
        if before[2] == quote:
            self.fixed.pop()
        self.fixed.append((start, read + b'"' + part, OPEN if is_open else quote + 1))


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


def objects(text: Text, layout: LogFormat, *, has_mark: bool) -> Iterator[Found]:
    """Groups of lines that look like one another; what is in none is left to the general way.

    Args:
        text: the block.
        layout: a format that ``fits``.
        has_mark: a line may hold a byte order mark.
    """
    quotes = text.places_of(_QUOTE)
    first = np.searchsorted(quotes, text.begins)
    counts = np.diff(first, append=len(quotes))
    is_open = (counts > 0) & (counts <= MOST_QUOTES) & (counts % 2 == 0) & _is_regular(text, has_mark)
    for _ in range(MODELS):
        if not is_open.any():
            return
        usual = int(np.bincount(counts[is_open]).argmax())
        lines = np.flatnonzero(is_open & (counts == usual))
        is_open[lines[0]] = False
        model = _model(text.data[text.begins[lines[0]] : text.contents[lines[0]]].tobytes(), layout)
        if model is None:
            continue
        is_alike, spans = _alike(text, lines, _Places(quotes, first[lines], usual, text.contents[lines]), model)
        lines = lines[is_alike]
        is_open[lines] = False
        if len(lines):
            yield Found(lines, {name: span.chosen(is_alike) for name, span in spans.items()})


def _is_regular(text: Text, has_mark: bool) -> Flags:
    """Lines without a backslash or mark, and without a control character, a carriage return at the end aside."""
    is_regular = np.ones(len(text.begins), bool)
    data = text.data
    if len(text.begins) == 0:
        return is_regular
    start, end = int(text.begins[0]), int(text.ends[-1])
    n_ends = int((text.ends - text.contents).sum())
    odd = text.places_of(_BACKSLASH)
    if np.count_nonzero(data[start:end] < 32) != n_ends:
        control = np.flatnonzero(data[start:end] < 32) + start
        odd = np.concatenate((odd, control[control < text.contents[text.lines_at(control)]]))
    if has_mark:
        odd = np.concatenate((odd, text.places_of(_MARK)))
    is_regular[text.lines_at(odd)] = False
    return is_regular


class _Places:
    """Where the quotes of lines with as many of them are: ``places[n]`` is the one numbered n; behind the last, the line's end."""

    def __init__(self, quotes: Ints, first: Ints, n_quotes: int, ends: Ints) -> None:
        self._quotes = quotes
        self._first = first
        self._known: dict[int, Ints] = {n_quotes: ends}

    def __getitem__(self, nth: int) -> Ints:
        if nth not in self._known:
            self._known[nth] = self._quotes[self._first + nth]
        return self._known[nth]


def _alike(text: Text, lines: Ints, places: _Places, model: _Model) -> tuple[Flags, dict[str, Spans]]:
    """Which lines look like the model, and where the columns stand in all of them."""
    begins = text.begins[lines]
    is_alike = (places[0] - begins == len(model.head)) & text.reads(begins, model.head)
    for quote, expected, following in model.fixed:
        if following != OPEN:
            is_alike &= places[following] - places[quote] == len(expected)
        is_alike &= text.reads(places[quote], expected)
    spans = {}
    columns = {quote: name for name, (quote, _) in model.values.items()}
    for quote, (before, behind) in model.scalars.items():
        starts, stops = places[quote] + before, places[quote + 1] - len(behind)
        is_alike &= (stops > starts) & text.reads(stops, behind)
        span = Spans(np.where(is_alike, starts, 0), np.where(is_alike, stops, 0))
        kind = model.values[columns[quote]][1] if quote in columns else ""
        is_alike &= _are_values(text, span, is_alike, kind)
        if quote in columns:
            spans[columns[quote]] = span
    for name, (quote, kind) in model.values.items():
        if kind == "text":
            spans[name] = Spans(places[quote] + 1, places[quote + 1])
            if name in ("host", "service"):
                # What is empty is missing: then another key may say it.
                is_alike &= spans[name].lengths > 0
    return is_alike, spans


def _are_values(text: Text, span: Spans, among: Flags, kind: str) -> Flags:
    """Which stretches, among some, hold a value of JSON that is no text; under a column, a number of a certain kind."""
    pattern = {"number": _WHOLE, "time": _SECONDS}.get(kind, f"^(?:{_SCALAR})$")
    chosen = np.flatnonzero(among)
    is_value = np.zeros(len(among), bool)
    if len(chosen):
        cells = text.strings(span.chosen(chosen)).dictionary_encode()
        is_known = pc.match_substring_regex(cells.dictionary, pattern).to_numpy(zero_copy_only=False)
        is_value[chosen] = is_known[cells.indices.to_numpy()]
    return is_value


def _model(line: bytes, layout: LogFormat) -> _Model | None:
    """What lines like this one look like; None when this line is no entry, or not of a kind that is read this way."""
    try:
        value = json.loads(line, object_pairs_hook=_without_twice)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    parts = line.split(b'"')
    model = _Model(parts[0])
    by_path: dict[tuple[str, ...], tuple[int, str]] = {}
    for quote, ((role, path), part) in enumerate(zip(_roles(parts), parts[1:], strict=True)):
        scalar = _ONE_SCALAR.fullmatch(part.decode()) if role == "between" else None
        if role == "value":
            if path:
                by_path[path] = (quote, "text")
        elif scalar is None or scalar[2] == "null":
            model.add_fixed(quote, part)
        else:
            model.add_fixed(quote, scalar[1].encode(), is_open=True)
            model.scalars[quote] = (len(scalar[1]) + 1, scalar[3].encode())
            if path and scalar[1].strip() == ":":
                by_path[path] = (quote, "number" if scalar[2][0] in "-0123456789" else "flag")
    return model if _has_columns(model, by_path, value, layout) else None


def _has_columns(
    model: _Model, by_path: Mapping[tuple[str, ...], tuple[int, str]], value: dict[str, object], layout: LogFormat
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
            quote, kind = by_path.get(path, (0, ""))
            if kind not in ("text", "number"):
                return False
            read_as: Kind = "text" if kind == "text" else "time" if name == "time" else "number"
            if any(at == quote for at, _ in model.values.values()):
                return False
            model.values[name] = (quote, read_as)
            break
    return "time" in model.values


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
