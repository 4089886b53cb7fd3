"""JSON documents that hold log records: one line per record, each with the byte offset at which the record begins.

A document is read through once, whatever its size: :mod:`.brackets` finds what opens and closes outside of texts, a
chunk at a time, and only what is as shallow as the records is looked at one by one. Nothing is nested in Python, so
depth costs nothing; a record longer than a line may be is reported like one.

- A document without a record becomes a line itself, which its format rejects or not; one whose list of records is
  empty becomes a blank line. What stands between records and is none becomes a line of its own. So nothing is lost.
- Of what surrounds the records, only what :attr:`~.layout.LogFormat.context` names is kept, and only where it stands
  before them.
- A record that was packed inside a document has the place of that document.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from .brackets import CLOSING, LINE_END, LIST, OBJECT, Brackets
from .envelopes import Shape, loaded, shape_of, unpacked, value_at
from .layout import LogFormat
from .lines import HEAD_BYTES, LONGEST_LINE, MOST_LINES, Piece
from .streams import CHUNK_BYTES, BrokenStreamError

ENVELOPE = "envelope"
"""Key under which a record carries what it takes from the objects around it."""

ANY_DOCUMENT = ("[]", "")
"""Where the records of a document stand when its format does not say: a list of objects, or one object each."""

_STEP_BYTES = 1 << 20
_SAMPLE_STEP = 1 << 16
_BOM = b"\xef\xbb\xbf"
_SEPARATORS = frozenset(b" \t\r\n,\x1e")
_BETWEEN = re.compile(rb"[ \t\r\n,\x1e]*")
_KEY_BYTES = 512
_STEP = re.compile(r"([^.\[\]]+)|\[\]")


def holds_documents(layout: LogFormat, head: bytes) -> bool:
    """Whether a file that begins like this has to be taken apart into records."""
    if layout.kind != "json" or not (paths := _paths(layout, head, shape_of(head))):
        return False
    # One object over many lines may be anything that has a time: the formats that are told by more have to know it.
    if not layout.is_general:
        return True
    return _looked_into(layout, head, paths[0]).n_records > 0 or _looked_into(layout, head, "", 2).n_records > 1


def _paths(layout: LogFormat, head: bytes, shape: Shape) -> list[str]:
    """Where the file may have records of this format: its own places by their keys, any document's by the shape."""
    own = [path for path in layout.records if _has_keys(path, head)]
    if layout.packed and _has_keys(layout.packed, head):
        return own or [*layout.records[:1]]
    return own + (list(ANY_DOCUMENT) if shape.is_document else [])


def _has_keys(path: str, head: bytes) -> bool:
    keys = [step for step in _steps(path) if step is not None]
    return bool(keys) and all(f'"{key}"'.encode() in head for key in keys)


def records(chunks: Iterable[bytes], layout: LogFormat, head: bytes) -> Iterator[Piece]:
    """The records of JSON documents as lines, with the place at which each begins.

    Args:
        chunks: the bytes of a file, in UTF-8.
        layout: the format.
        head: the beginning of the file, which says where its records stand.

    Raises:
        BrokenStreamError: as ``chunks`` does, or a document that does not end; after all records before that.
    """
    walk = _walk(layout, head)
    broken = None
    try:
        for chunk in chunks:
            walk.feed(chunk)
            if walk.waiting >= CHUNK_BYTES or len(walk.lines) >= MOST_LINES:
                yield from walk.pieces()
    except BrokenStreamError as error:
        broken = error
    began = walk.finish()
    yield from walk.pieces()
    if broken is not None:
        raise broken
    if began is not None:
        raise BrokenStreamError(f"the document that begins at byte {began} does not end", walk.end)


def sample_of_records(head: bytes, layout: LogFormat, most: int, *, is_cut: bool) -> list[bytes]:
    """The first records of a file as lines, about so many; one that the sample cuts off is left out."""
    walk = _walk(layout, head)
    for begin in range(0, len(head), _SAMPLE_STEP):
        walk.feed(head[begin : begin + _SAMPLE_STEP])
        if len(walk.lines) >= most:
            break
    else:
        if not is_cut:
            walk.finish()
    return [line.text for line in walk.lines[:most]]


def _walk(layout: LogFormat, head: bytes) -> _Walk:
    """A walk to the first of the format's places at which the file has records, or else room for them."""
    paths = _paths(layout, head, shape_of(head)) or [""]
    empty = None
    for path in paths if len(paths) > 1 else []:
        walk = _looked_into(layout, head, path)
        if walk.n_records and (path or empty is None):
            return _Walk(layout, path, head)
        if empty is None and walk.n_places:
            empty = path
    return _Walk(layout, paths[-1] if empty is None else empty, head)


def _looked_into(layout: LogFormat, head: bytes, path: str, most: int = 1) -> _Walk:
    """A walk through the beginning of a file, until it has met some records."""
    walk = _Walk(layout, path, head)
    for begin in range(0, len(head), _SAMPLE_STEP):
        walk.feed(head[begin : begin + _SAMPLE_STEP])
        if walk.n_records >= most:
            break
    return walk


def _steps(path: str) -> tuple[str | None, ...]:
    """The way from a document to its records: a key, or None for any element of a list."""
    return tuple(step[1] for step in _STEP.finditer(path))


@dataclass(frozen=True, slots=True)
class _Line:
    text: bytes
    place: int
    is_too_long: bool = False


@dataclass(slots=True)
class _Container:
    """An object or list on the way to the records; what the context takes from it, once that was read."""

    kind: int
    place: int
    found: dict[str, str] | None = None


class _Walk:
    """The way through the documents of a file, chunk by chunk.

    A *unit* is what becomes a line when it holds no record: a line where each is a document, else a document.

    Attributes:
        lines: what was found and not yet handed out.
        waiting: its size in bytes.
        n_records: how many records there were so far.
        n_places: how many lists or keys there were for them, with or without records.
        end: how many bytes were looked at.
    """

    def __init__(self, layout: LogFormat, path: str, head: bytes) -> None:
        self.lines: list[_Line] = []
        self.waiting = 0
        self.n_records = 0
        self.n_places = 0
        self.end = 0
        self._layout = layout
        self._steps = _steps(path)
        self._is_per_line = shape_of(head).is_per_line
        self._brackets = Brackets(is_per_line=self._is_per_line)
        self._data = bytearray()  # what is still needed, from _start on
        self._start = 0
        self._heads: dict[int, bytes] = {}  # by place: the beginning of what was too long to be kept
        self._way: list[_Container] = []  # the open objects and lists that lead to the records
        self._record: int | None = None  # where the open record begins
        self._document: int | None = None  # where the open document begins
        self._done = len(_BOM) if head.startswith(_BOM) else 0  # up to here nothing is left to be looked at
        self._unit = self._done
        self._unit_head = b""
        self._n_before = 0  # records before this unit
        self._n_at_document = 0  # and before this document
        self._has_place = False  # the document has a place for records
        self._junk: list[_Line] = []
        self._wrapping = b""

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the file."""
        for begin in range(0, len(chunk), _STEP_BYTES):
            part = chunk[begin : begin + _STEP_BYTES]
            found = self._brackets.of(part).shallow(len(self._steps))
            self._data += part
            places = (found.places + self.end).tolist()
            self.end += len(part)
            for place, kind, depth in zip(places, found.kinds.tolist(), found.depths.tolist(), strict=True):
                if kind == LINE_END:
                    self._end_line(place)
                elif kind in CLOSING:
                    self._close(place, depth)
                else:
                    self._open(place, kind, depth - 1)
            self._forget()

    def finish(self) -> int | None:
        """The end of the file.

        Returns:
            Where a document begins that has none, unless each line is a document.
        """
        if self._is_per_line:
            if self._unit < self.end:
                self._end_line(self.end)
            return None
        if self._document is None:
            self._between(self._done, self.end)
            return None
        if self._record is not None:
            self._emit(self._record, self.end)
        elif self.n_records == self._n_before:
            self._emit(self._unit, self.end)
        elif self._is_among_records():
            self._between(self._done, self.end)
        return self._document

    def pieces(self) -> Iterator[Piece]:
        """The lines found so far."""
        lines, self.lines, self.waiting = self.lines, [], 0
        stops = [n for n, line in enumerate(lines) if line.is_too_long]
        begin = 0
        for stop in [*stops, len(lines)]:
            for first in range(begin, stop, MOST_LINES):
                some = lines[first : min(first + MOST_LINES, stop)]
                places = np.array([line.place for line in some], np.int64)
                yield Piece(b"".join(line.text + b"\n" for line in some), some[0].place, offsets=places)
            if stop < len(lines):
                yield Piece(lines[stop].text, lines[stop].place, is_too_long=True)
            begin = stop + 1

    def _open(self, place: int, kind: int, depth: int) -> None:
        if depth == 0:
            self._between(self._done, place)
            self._document = self._done = place
            self._way.clear()
            self._n_at_document, self._has_place = self.n_records, False
            if not self._is_per_line:
                self._begin_unit(place)
        if self._record is not None or depth != len(self._way) or not self._leads_on(place, kind, depth):
            return
        if self._is_among_records():
            self._between(self._done, place)
        if depth < len(self._steps):
            if self._way:
                self._read_context(self._way[-1], place)
            self._way.append(_Container(kind, place))
            if depth + 1 == len(self._steps):
                self._has_place, self._done = True, place + 1
                self.n_places += 1
                self._wrap()
        else:
            self._record = place
            if self.n_records == self._n_before:
                self._unit_head = self._text(self._unit, min(self._unit + HEAD_BYTES, place + 1))

    def _leads_on(self, place: int, kind: int, depth: int) -> bool:
        """Whether what opens here is the next step on the way to the records."""
        if depth < len(self._steps) and kind != (LIST if self._steps[depth] is None else OBJECT):
            return False
        step = self._steps[depth - 1] if depth else None
        if step is None:
            return True
        here = place - self._start
        before = bytes(self._data[max(0, here - _KEY_BYTES) : here]).rstrip()
        key = b'"%b"' % step.encode()
        name = before[:-1].rstrip()
        return before.endswith(b":") and name.endswith(key) and not name.endswith(b"\\" + key)

    def _is_among_records(self) -> bool:
        """Whether the innermost open list is one of records."""
        return len(self._way) == len(self._steps) > 0 and self._steps[-1] is None

    def _close(self, place: int, depth: int) -> None:
        if self._record is not None:
            if depth == len(self._steps):
                self._emit(self._record, place + 1, is_record=True)
                self._record, self._done = None, place + 1
        elif self._way and depth == len(self._way) - 1:
            if self._is_among_records():
                self._between(self._done, place)
            self._way.pop()
            self._done = place + 1
        if depth == 0 and self._document is not None:
            if not self._is_per_line:
                self._end_unit(place + 1)
            elif self.n_records == self._n_at_document:
                here = self._document
                self._junk.append(_Line(b"", here) if self._has_place else self._line(here, place + 1))
            self._document, self._done = None, place + 1
            self._way.clear()

    def _end_line(self, place: int) -> None:
        """Where each line is a document, a line ends all that is open in it."""
        if self._record is not None:
            self._junk.append(self._line(self._record, place))
        elif self._document is None or self._is_among_records():
            self._between(self._done, place)
        if self._document is not None and not self._junk and self.n_records > self._n_before:
            # All of its records were read, but the document that held them does not end.
            self._junk.append(_Line(self._unit_head, self._unit))
        self._end_unit(place)
        self._way.clear()
        self._document = self._record = None
        self._done = place + 1
        self._begin_unit(place + 1)

    def _begin_unit(self, place: int) -> None:
        self._unit, self._n_before, self._has_place = place, self.n_records, False

    def _end_unit(self, end: int) -> None:
        """A unit without records is handed out as it is; of one with records, what was none among them."""
        junk, self._junk = self._junk, []
        if self.n_records > self._n_before:
            for line in junk:
                self._add(line)
        elif (self._has_place and not any(line.text for line in junk)) or not self._text(self._unit, end).strip():
            self._add(_Line(b"", self._unit))
        elif not self._unpacked(self._unit, end):
            self._emit(self._unit, end)

    def _between(self, first: int, last: int) -> None:
        """What stands between records or documents; what is no mere separator becomes lines."""
        if last <= first or (last == first + 1 and self._data[first - self._start] in _SEPARATORS):
            return
        if _BETWEEN.fullmatch(self._text(first, last)):
            return
        if self._is_per_line:
            self._junk.append(self._line(first, last))
            return
        for text in self._text(first, last).split(b"\n"):
            if not _BETWEEN.fullmatch(text):
                self._emit(first, first + len(text))
            first += len(text) + 1

    def _text(self, first: int, last: int) -> bytes:
        """Bytes that are still there; of more than a line may have, or of what is gone, only the beginning."""
        if first < self._start:
            return self._heads.get(first, b"")
        return bytes(self._data[first - self._start : min(last, first + LONGEST_LINE + 1) - self._start])

    def _line(self, first: int, last: int) -> _Line:
        text = self._text(first, last)
        if first < self._start or last - first > LONGEST_LINE:
            return _Line(text[:HEAD_BYTES], first, is_too_long=True)
        return _Line(text.replace(b"\n", b" "), first)

    def _emit(self, first: int, last: int, *, is_record: bool = False) -> None:
        line = self._line(first, last)
        if is_record:
            self.n_records += 1
            if self._wrapping and not line.is_too_long and line.text.startswith(b"{"):
                rest = line.text[1:].lstrip()
                line = _Line(self._wrapping + (b"" if rest.startswith(b"}") else b",") + rest, first)
        self._add(line)

    def _add(self, line: _Line) -> None:
        self.lines.append(line)
        self.waiting += len(line.text)

    def _forget(self) -> None:
        """Let go of the bytes that nobody will ask for again, and of what is too long to be kept."""
        if self.n_records == self._n_before:
            needed = min(self._unit, self._done)
        elif self._record is not None:
            needed = self._record
        else:
            needed = self._done
            if self._layout.context and self._way and self._way[-1].found is None:
                needed = min(needed, self._way[-1].place)
        if self.end - needed > LONGEST_LINE:
            kept = [self._unit, self._done] if self._record is None else [self._unit, self._done, self._record]
            self._heads = {place: self._text(place, place + HEAD_BYTES) for place in kept}
            needed = self.end - _KEY_BYTES
        needed = min(needed, self.end)
        if needed > self._start:
            del self._data[: needed - self._start]
            self._start = needed

    def _read_context(self, container: _Container, end: int) -> None:
        """What the context takes from an object of which all before ``end`` has been seen, and a bracket there."""
        if container.found is not None or not self._layout.context or container.kind != OBJECT:
            return
        container.found = {}
        if container.place >= self._start and end - container.place <= LONGEST_LINE:
            text = self._text(container.place, end + 1)
            found = loaded(text + (b"]}" if text.endswith(b"[") else b"}}"))
            for column, path in self._layout.context.items():
                value = value_at(found, path)
                if isinstance(value, str):
                    container.found[column] = value.encode("utf-8", "backslashreplace").decode()

    def _wrap(self) -> None:
        found: dict[str, str] = {}
        for container in self._way:
            found |= container.found or {}
        self._wrapping = f'{{"{ENVELOPE}":{json.dumps(found)}'.encode() if found else b""

    def _unpacked(self, first: int, last: int) -> bool:
        """Whether the unit is a document that holds another one, packed; its records are then among the lines."""
        if not self._layout.packed or first < self._start or last - first > LONGEST_LINE:
            return False
        packed = value_at(loaded(self._text(first, last)), self._layout.packed)
        data = unpacked(packed) if isinstance(packed, str) else None
        if data is None:
            return False
        walk = _walk(self._layout, data)
        walk.feed(data)
        walk.finish()
        for line in walk.lines:
            self._add(_Line(line.text, first, line.is_too_long))
        self.n_records += walk.n_records
        return bool(walk.lines)
