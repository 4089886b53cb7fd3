"""A large export of JSON in columns: its records are split into raw cells, and equal cells are parsed once.

Records that have the same keys stand together, so that a key of theirs is a column. What a cell says is parsed once for
all records that say the same. Whatever Python's own parser might read otherwise makes the file be read as a whole.
"""

from __future__ import annotations

import contextlib
import functools
import json
import math
import re
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import msgspec
import numpy as np
import pyarrow as pa
from msgspec import Raw

from ._json import MAX_DEPTH, Found, IsRecord, is_nested_deeper, unwrapped

BLOCK = 100_000
"""Records whose cells stand in memory at a time."""

MOST_SORTS = 100
"""So many sorts of records of a block stand in columns; those of the sorts met after them are read one by one."""

NO_CELLS = frozenset({dict, list, type(None)})
"""Types of JSON that are no plain cell."""

_AT_HAND = 500  # items that a processor's cache holds together with their cells
_FEW = 1_000  # combinations of cells that are made once each, not by record
_FIRST = 256  # where so many cells all say something else, it is not looked for what says the same

_DEEP = MAX_DEPTH - 3  # a cell of an item of a list of an object is so deep, at most
_ORDINARY = 2 * _DEEP  # a text of fewer bytes is not so deep, and holds no number that is too long
_LONG = 4300  # Python refuses numbers of more digits
_LONG_NUMBER = re.compile(rb"[0-9]{%d}" % _LONG)
_BLANKS = b" \t\n\r"
_BRACE = ord("{")
_Sort: TypeAlias = tuple[bytes, tuple[str, ...]]  # the text of the type, and the keys
_split_list = msgspec.json.Decoder(list[Raw]).decode
_split_object = msgspec.json.Decoder(dict[str, Raw]).decode
_whole = msgspec.json.Decoder(Raw).decode


class IrregularError(ValueError):
    """A file is not laid out so that its records can be split off one by one."""


class Cells:
    """One cell of many records: what they say is parsed once where many say the same.

    Attributes:
        codes: by record, which of the values it has.
    """

    def __init__(self, codes: np.ndarray, *, values: list[Any] | None = None, raw: Sequence[bytes] = ()) -> None:
        self.codes = codes
        self._values = values
        self._raw = raw

    @property
    def values(self) -> list[Any]:
        """The distinct values."""
        if self._values is None:
            self._values = json.loads((b"[" + b",".join(self._raw) + b"]").decode())
        return self._values

    @property
    def has_plain(self) -> bool:
        """Whether any may be a plain cell: neither an object nor a list."""
        return self._values is not None or any(text[0] not in b"{[" for text in self._raw)

    def only(self, chosen: np.ndarray) -> Cells:
        """Those of some records."""
        return Cells(self.codes[chosen], values=self._values, raw=self._raw)

    def mapped(self, of: Callable[[Any], object]) -> Cells:
        """What is made of them."""
        return Cells(self.codes, values=[of(value) for value in self.values])

    def copies(self) -> list[Any]:
        """The objects that records have, one of its own for each."""
        values = self.values
        return [values[code].copy() for code in self.codes.tolist()]

    def part(self, key: str) -> Cells:
        """What an object in each cell has under a key; None where there is none."""
        if self._values is None:
            # The rest of the objects need not be parsed; where not all are objects, they are looked at one by one.
            with contextlib.suppress(msgspec.MsgspecError):
                parts = _part(key)(b"[" + b",".join(self._raw) + b"]")
                return Cells(self.codes, values=[each.part for each in parts])
        return self.mapped(lambda value: value.get(key) if isinstance(value, dict) else None)

    def texts(self, of: Callable[[Any], str | None]) -> pa.Array:
        """What each record's value says, as a text."""
        return pa.array([of(value) for value in self.values], pa.large_string()).take(pa.array(self.codes))

    def flags(self, of: Callable[[Any], bool]) -> np.ndarray:
        """What is asked of each record's value."""
        answers: np.ndarray = np.array([of(value) for value in self.values], dtype=bool)[self.codes]
        return answers

    def objects(self, of: Callable[[Any], object]) -> np.ndarray:
        """What is made of each record's value; records that say the same share it."""
        made: np.ndarray = as_objects([of(value) for value in self.values])[self.codes]
        return made


@functools.cache
def _part(key: str) -> Callable[[bytes], list[Any]]:
    part = msgspec.defstruct("Part", [("part", Any, None)], rename={"part": key})
    return msgspec.json.Decoder(list[part]).decode  # type: ignore[valid-type]  # it is a type, made here


def together(cells: Mapping[Any, Cells], n: int) -> Cells:
    """Several cells of n records as one: by record, an object of those under their keys."""
    whole = Cells(np.zeros(n, dtype="int64"), values=[{}])
    for key, other in cells.items():
        pairs, codes = np.arange(len(other.values)), other.codes
        if len(whole.values) > 1:
            pairs, codes = np.unique(whole.codes * len(other.values) + other.codes, return_inverse=True)
        split = (divmod(pair, len(other.values)) for pair in pairs.tolist())
        whole = Cells(codes, values=[{**whole.values[mine], key: other.values[theirs]} for mine, theirs in split])
    return whole


class _Numbered(dict[bytes, int]):
    """Texts by the order in which they are met."""

    def __missing__(self, text: bytes) -> int:
        if len(text) >= _ORDINARY:
            _refuse_beyond_limits([text])
        number = self[text] = len(self)
        return number


class _Column:
    """The cells of a key as their texts, gathered."""

    def __init__(self) -> None:
        self._numbers = _Numbered()
        self._codes = array("q")
        self._texts: list[bytes] = []

    def extend(self, texts: Sequence[bytes]) -> None:
        """More of them."""
        if self._texts:
            self._texts += texts
            if max(map(len, texts)) >= _ORDINARY:
                _refuse_beyond_limits(texts)
            return
        self._codes.extend(map(self._numbers.__getitem__, texts))
        if _FIRST <= len(self._codes) == len(self._numbers):
            self._texts = list(self._numbers)

    def cells(self) -> Cells:
        """All of them."""
        if self._texts:
            return Cells(np.arange(len(self._texts)), raw=self._texts)
        return Cells(np.array(self._codes, dtype="int64"), raw=list(self._numbers))


class Alike:
    """Records of one sort: they have the same keys in the same order, and the same type where they name one.

    Attributes:
        places: by record, which of the list's items it is.
        keys: their keys.
    """

    def __init__(self, places: np.ndarray, cells: Mapping[str, Cells]) -> None:
        self.places = places
        self.keys = tuple(cells)
        self._cells = cells

    def __getitem__(self, key: str) -> Cells:
        """The cells of a key; nothing everywhere where the records have no such key."""
        cells = self._cells.get(key)
        return Cells(np.zeros(len(self.places), dtype="int64"), values=[None]) if cells is None else cells

    def only(self, chosen: np.ndarray) -> Alike:
        """Some of them."""
        if chosen.all():
            return self
        return Alike(self.places[chosen], {key: cells.only(chosen) for key, cells in self._cells.items()})

    def leftover(self, used: Collection[str], more: Iterable[tuple[str, Cells]] = ()) -> Cells:
        """The plain cells that no column takes, as an object by record, and some more under names of their own.

        Args:
            used: keys that columns take.
            more: name and cells; what is no plain cell is left out here too.
        """
        kept = ((key, self[key]) for key in self.keys if key not in used)
        plain = [
            (name, cells) for name, cells in (*kept, *more) if cells.has_plain and any(map(_is_plain, cells.values))
        ]
        names = [name for name, _ in plain]
        if math.prod(len(cells.values) for _, cells in plain) <= _FEW:
            whole = together({place: cells for place, (_, cells) in enumerate(plain)}, len(self.places))
            return whole.mapped(lambda row: {name: row[n] for n, name in enumerate(names) if _is_plain(row[n])})
        columns = [as_objects(cells.values)[cells.codes].tolist() for _, cells in plain]
        if all(_is_plain(value) for _, cells in plain for value in cells.values):
            found = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
        else:
            rows = zip(*columns, strict=True)
            found = [{n: cell for n, cell in zip(names, row, strict=True) if _is_plain(cell)} for row in rows]
        return Cells(np.arange(len(found)), values=found)


def _is_plain(value: object) -> bool:
    return type(value) not in NO_CELLS and value != ""


@dataclass(frozen=True, slots=True)
class Split:
    """The items of an export, each as its text.

    Attributes:
        items: the texts.
        lists: names under which the vendor puts its records.
        is_record: see :func:`incident_analytics.sources._json.found_in`.
        around: what stands beside their list.
        stream: name of their list; empty when it has none.
        lines: the numbers of the lines they stand in, where each has its own.
    """

    items: list[Raw]
    lists: Sequence[str]
    is_record: IsRecord | None
    around: dict[str, Any] = field(default_factory=dict)
    stream: str = ""
    lines: list[int] | None = None

    def place(self, number: int) -> str:
        """Where an item stands: ``incidents[3]``, ``line 7``."""
        return f"{self.stream}[{number}]" if self.lines is None else f"line {self.lines[number]}"

    def value(self, number: int) -> Any:
        """An item, parsed."""
        return json.loads(bytes(self.items[number]).decode())

    def row(self, number: int) -> Found:
        """An item that is a record as it stands."""
        return Found(self.place(number), self.value(number), self.around, self.stream)

    def found(self, number: int) -> Iterator[Found]:
        """What :func:`incident_analytics.sources._json.found_in` finds in an item."""
        if self.stream:
            yield self.row(number)
        else:
            yield from unwrapped(self.value(number), self.place(number), self.lists, self.is_record)

    def alike(self) -> Iterator[Alike | list[int]]:
        """The items, those of one sort together; and the numbers of those that are of no common sort.

        Raises:
            IrregularError: one cannot be read without more care.
        """
        for begin in range(0, len(self.items), BLOCK):
            try:
                yield from _sorted_out(self.items[begin : begin + BLOCK], begin)
            except (msgspec.MsgspecError, RecursionError) as error:
                raise IrregularError(str(error)) from error


def _sorted_out(items: list[Raw], begin: int) -> Iterator[Alike | list[int]]:
    sorts: dict[_Sort, tuple[list[int], list[_Column]]] = {}
    rare: list[int] = []
    for start in range(0, len(items), _AT_HAND):
        for sort, (numbers, rows) in _near(items[start : start + _AT_HAND], begin + start, rare).items():
            if sort not in sorts and len(sorts) == MOST_SORTS:
                _refuse_beyond_limits(bytes(items[number - begin]) for number in numbers)
                rare += numbers
                continue
            gathered, columns = sorts.setdefault(sort, ([], [_Column() for _ in sort[1]]))
            gathered += numbers
            for column, texts in zip(columns, zip(*rows, strict=True), strict=True):
                column.extend(texts)
    if rare:
        yield rare
    for (_, keys), (numbers, columns) in sorts.items():
        yield Alike(np.array(numbers), {key: column.cells() for key, column in zip(keys, columns, strict=True)})


def _near(items: list[Raw], begin: int, rare: list[int]) -> dict[_Sort, tuple[list[int], list[tuple[bytes, ...]]]]:
    """The cells of a few items by their sort, with the numbers of the items; the rare ones are no objects."""
    sorts: dict[_Sort, tuple[list[int], list[tuple[bytes, ...]]]] = {}
    for number, item in enumerate(items, begin):
        if memoryview(item)[0] != _BRACE:
            _refuse_beyond_limits([bytes(item)])
            rare.append(number)
            continue
        cells = _split_object(item)
        numbers, rows = sorts.setdefault((bytes(cells.get("type", b"")), tuple(cells)), ([], []))
        numbers.append(number)
        rows.append(tuple(map(bytes, cells.values())))
    return sorts


def _refuse_beyond_limits(texts: Iterable[bytes]) -> None:
    """Raise where a text is nested so deep, or holds a number so long, that the file must be read as a whole."""
    for text in texts:
        # A text is as deep as it has opening brackets, at most.
        if text.count(b"{") + text.count(b"[") > _DEEP and is_nested_deeper(json.loads(text), _DEEP):
            raise IrregularError("nested too deeply")
        if len(text) >= _LONG and _LONG_NUMBER.search(text):
            raise IrregularError("a number without end")


def split_up(data: bytes, lists: Sequence[str], is_record: IsRecord | None = None) -> Split:
    """The items of a list, of the only list in an object, or of lines; each is JSON, and none has half a character.

    Args:
        data: a whole file, without a byte order mark.
        lists: names under which the vendor puts its records.
        is_record: see :func:`incident_analytics.sources._json.found_in`.

    Raises:
        IrregularError: it is none of these, or not all of it is JSON.
    """
    try:
        if not data.isascii():
            data.decode()
        start = _after_blanks(data, 0)
        if data[start : start + 1] == b"[":
            return Split(_split_list(data), lists, is_record)
        if _begins_line(data, start):
            return _by_line(data, lists, is_record)
        return _in_page(_split_object(data), lists, is_record)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise IrregularError(str(error)) from error


def _in_page(page: dict[str, Raw], lists: Sequence[str], is_record: IsRecord | None) -> Split:
    """The records of the only list in an object."""
    named = [name for name in lists if name in page]
    if len(named) != 1:
        raise IrregularError("more than one list, or none")
    around = {key: json.loads(bytes(cell).decode()) for key, cell in page.items() if key not in named}
    if is_nested_deeper(around, MAX_DEPTH) or (is_record is not None and is_record({**around, named[0]: []})):
        raise IrregularError("no list of records")
    if "record" in around:
        raise IrregularError("perhaps a line of a connector")
    return Split(_split_list(page[named[0]]), lists, is_record, around, named[0])


def _begins_line(data: bytes, start: int) -> bool:
    """Whether the first line is a whole object and another line follows it."""
    end = data.find(b"\n", start)
    if not 0 < end < _after_blanks(data, end) < len(data):
        return False
    try:
        _split_object(data[start:end])
    except msgspec.MsgspecError:
        return False
    return True


def _by_line(data: bytes, lists: Sequence[str], is_record: IsRecord | None) -> Split:
    lines = [(number, line) for number, line in enumerate(data.split(b"\n"), 1) if line.strip(_BLANKS)]
    items = [_whole(line) for _, line in lines]
    if not all(bytes(item)[:1] in (b"{", b"[") for item in items):
        raise IrregularError("a line that is no whole record")
    return Split(items, lists, is_record, lines=[number for number, _ in lines])


def _after_blanks(data: bytes, at: int) -> int:
    while data[at : at + 1] and data[at] in _BLANKS:
        at += 1
    return at


def as_objects(cells: Sequence[object]) -> np.ndarray:
    """Cells of any kind as an array, one each."""
    return np.fromiter(cells, dtype="object", count=len(cells))
