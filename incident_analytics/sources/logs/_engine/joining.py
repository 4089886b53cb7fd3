"""Messages that a container runtime split over several lines: the pieces are put together before they are read.

A message longer than 16 kB is written in pieces, each on a line of its own with a time of its own. Its entry has the
time and the place of the first piece; the other lines are counted as parts of it. Pieces of the two streams of a
container may alternate, so each stream is joined by itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from .lines import LONGEST_LINE, MOST_LINES, Piece, line_starts
from .streams import BrokenStreamError

LONGEST_MESSAGE = LONGEST_LINE // 2
"""A message is put together up to this many bytes; what follows begins an entry of its own."""

MOST_WAITING = 10_000
"""Lines that wait for the rest of a message before them; if it has not come by then, it never will."""

_DOCKER = re.compile(rb'\{"log":"((?:[^"\\\n]|\\.)*)"((?:,"stream":"([a-z]+)")?[^\n]*\})\s*')
_CRI = re.compile(rb"([^ \n]+ ([a-z]+) )([FP])((?::[^ \n]*)?(?: [^\n]*|))\n?")


@dataclass(slots=True)
class _Message:
    """A message as far as it is known: its place, what stands before and behind its text, the text's pieces."""

    place: int
    front: bytes
    back: bytes
    texts: list[bytes]
    size: int = 0
    n_further: int = 0

    @property
    def line(self) -> bytes:
        """The message on one line, as if it had never been split."""
        return self.front + b"".join(self.texts) + self.back + b"\n"


Read = Callable[[bytes], tuple[str, bytes, bytes, bytes, bool] | None]
"""From a line to its stream, what stands before and behind its text, the text, and whether that ends a message."""


def joined(pieces: Iterator[Piece], how: Literal["docker", "cri"]) -> Iterator[Piece]:
    """The same lines, those that are pieces of one message put together.

    Raises:
        BrokenStreamError: as ``pieces`` does, after the lines before that.
    """
    joiner = _Joiner(_read_docker if how == "docker" else _read_cri)
    is_split = _is_split_docker if how == "docker" else _is_split_cri
    broken = None
    try:
        for piece in pieces:
            if piece.is_too_long or (not joiner.open and not is_split(piece.data)):
                yield from joiner.flushed()
                yield piece
            else:
                yield from joiner.of(piece)
    except BrokenStreamError as error:
        broken = error
    yield from joiner.flushed()
    if broken is not None:
        raise broken


def _is_split_docker(data: bytes) -> bool:
    """Whether some line may be no whole message; as Docker writes them, whole ones end in a line end and a key."""
    n_lines = data.count(b"\n") + (not data.endswith(b"\n"))
    return data.count(b'\\n","stream":"') != n_lines or b'\\\\n","stream":"' in data


def _is_split_cri(data: bytes) -> bool:
    return b" P " in data or b" P\n" in data or b" P:" in data


def _read_docker(line: bytes) -> tuple[str, bytes, bytes, bytes, bool] | None:
    found = _DOCKER.fullmatch(line)
    if found is not None:
        return (found[3] or b"").decode(), b'{"log":"', b'"' + found[2], found[1], _ends_line(found[1])
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or not isinstance(text := said.get("log"), str):
        return None
    others = {key: value for key, value in said.items() if key != "log"}
    back = b'"' + (b"," + json.dumps(others).encode()[1:] if others else b"}")
    return str(said.get("stream", "")), b'{"log":"', back, json.dumps(text).encode()[1:-1], text.endswith("\n")


def _ends_line(text: bytes) -> bool:
    r"""Whether a JSON text ends in a line end: ``\n`` behind an even number of backslashes."""
    return text.endswith(b"\\n") and (len(text) - 1 - len(text[:-1].rstrip(b"\\"))) % 2 == 1


def _read_cri(line: bytes) -> tuple[str, bytes, bytes, bytes, bool] | None:
    found = _CRI.fullmatch(line)
    if found is None:
        return None
    tags, blank, text = found[4].partition(b" ")
    return found[2].decode(), found[1] + b"F" + tags + blank, b"", text, found[3] == b"F"


@dataclass(slots=True)
class _Joiner:
    """Messages in the order of their first pieces; those behind one that is not whole yet have to wait."""

    read: Read
    open: dict[str, _Message] = field(default_factory=dict)
    waiting: list[_Message] = field(default_factory=list)

    def of(self, piece: Piece) -> Iterator[Piece]:
        """The messages that are whole with the lines of a piece."""
        lines = piece.data.removesuffix(b"\n").split(b"\n")
        for place, line in zip(line_starts(piece).tolist(), lines, strict=True):
            self._take(place, line)
            if len(self.waiting) >= MOST_WAITING:
                yield from self._handed_out(is_end=False)
                if len(self.waiting) >= MOST_WAITING:
                    yield from self.flushed()
        yield from self._handed_out(is_end=False)

    def _take(self, place: int, line: bytes) -> None:
        found = self.read(line)
        if found is None:
            # Not a line of the runtime: it is handed on as it is, in its place.
            self.waiting.append(_Message(place, line, b"", []))
            return
        stream, front, back, text, is_end = found
        message = self.open.get(stream)
        if message is None or message.size + len(text) > LONGEST_MESSAGE:
            message = _Message(place, front, back, [])
            self.waiting.append(message)
            self.open[stream] = message
        else:
            message.n_further += 1
        message.texts.append(text)
        message.size += len(text)
        if is_end:
            del self.open[stream]

    def flushed(self) -> Iterator[Piece]:
        """All that is known; a message that never ended is what there is of it."""
        self.open.clear()
        yield from self._handed_out(is_end=True)

    def _handed_out(self, *, is_end: bool) -> Iterator[Piece]:
        n = len(self.waiting)
        if not is_end and self.open:
            first = min(message.place for message in self.open.values())
            n = next(i for i, message in enumerate(self.waiting) if message.place == first)
        for begin in range(0, n, MOST_LINES):
            some = self.waiting[begin : min(begin + MOST_LINES, n)]
            yield Piece(
                b"".join(message.line for message in some),
                some[0].place,
                offsets=np.array([message.place for message in some], np.int64),
                further=np.array([message.n_further for message in some], np.int64),
            )
        del self.waiting[:n]
