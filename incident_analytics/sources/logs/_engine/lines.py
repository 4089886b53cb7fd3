"""Blocks of whole lines, each with the byte offset at which it begins; no line becomes a Python object."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .streams import BrokenStreamError

LONGEST_LINE = 8 << 20
"""A longer line is not read but reported: memory must not depend on where a file has its line ends."""

MOST_LINES = 1 << 18
"""Lines of a piece."""

HEAD_BYTES = 500
_BOM = b"\xef\xbb\xbf"
_NEWLINE = 10

Offsets = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of a file from the beginning of a line to the end of one.

    Attributes:
        data: the bytes; of a line that is too long only the beginning.
        start: where they begin in the uncompressed file.
        is_too_long: it is a single line that is too long to be read.
    """

    data: bytes
    start: int
    is_too_long: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    r"""Some lines in a row.

    Attributes:
        texts: the lines with their line ends; a line that is too long is missing, and alone.
        offsets: byte offset in the uncompressed file per line.
        n_mended: lines with bytes that are no UTF-8, which are spelled out as ``\xNN``.
        has_escape: a line may hold the escape character of terminal colours.
        has_return: a line may hold a carriage return.
        has_mark: a line may hold a byte order mark.
        head: of a line that is too long: its beginning.
    """

    texts: pa.Array
    offsets: Offsets
    n_mended: int = 0
    has_escape: bool = False
    has_return: bool = False
    has_mark: bool = False
    head: str | None = None

    def part(self, lines: slice) -> Block:
        """Some of the lines; what was mended is told of the first part."""
        begin, end, _ = lines.indices(len(self.texts))
        return replace(
            self,
            texts=self.texts.slice(begin, end - begin),
            offsets=self.offsets[begin:end],
            n_mended=0 if begin else self.n_mended,
        )


def pieces(chunks: Iterable[bytes], *, longest: int = LONGEST_LINE) -> Iterator[Piece]:
    """Cut a stream of bytes at line ends, at least once per chunk; a piece is ``longest`` bytes larger at most.

    Raises:
        BrokenStreamError: as ``chunks`` does, after the lines before that.
    """
    rest, start, broken = b"", 0, None
    long_line: Piece | None = None
    source = iter(chunks)
    while True:
        try:
            chunk = next(source, b"")
        except BrokenStreamError as error:
            chunk, broken = b"", error
        if not chunk:
            break
        if long_line is not None:
            end = chunk.find(b"\n") + 1
            if not end:
                start += len(chunk)
                continue
            yield long_line
            long_line, start, chunk = None, start + end, chunk[end:]
        data = rest + chunk if rest else chunk
        end = data.rfind(b"\n") + 1
        if end:
            yield from _halved(data[:end], start)
        rest, start = data[end:], start + end
        if len(rest) > longest:
            long_line = Piece(rest[:HEAD_BYTES], start, is_too_long=True)
            rest, start = b"", start + len(rest)
    if long_line is not None:
        yield long_line
    elif rest:
        yield Piece(rest, start)
    if broken is not None:
        raise broken


def _halved(data: bytes, start: int) -> Iterator[Piece]:
    """Whole lines, cut in two for as long as there are too many of them: a line costs memory however short it is."""
    if data.count(b"\n") <= MOST_LINES:
        yield Piece(data, start)
        return
    middle = data.rfind(b"\n", 0, len(data) // 2) + 1 or data.find(b"\n") + 1
    yield from _halved(data[:middle], start)
    yield from _halved(data[middle:], start + middle)


def blocks(piece: Piece, *, longest: int = LONGEST_LINE) -> Iterator[Block]:
    """The lines of a piece: one block, unless lines that are too long stand in between."""
    data, start = piece.data, piece.start
    if piece.is_too_long:
        yield _too_long(data, start)
        return
    if start == 0 and data.startswith(_BOM):
        data, start = data[len(_BOM) :], len(_BOM)
    ends = _line_ends(data)
    begins = np.concatenate(([0], ends[:-1]))
    done = 0
    for line in np.flatnonzero(ends - begins > longest):
        if line > done:
            yield _block(data, begins[done], ends[done:line], start)
        yield _too_long(data[begins[line] : ends[line] - 1], start + int(begins[line]))
        done = int(line) + 1
    if done < len(ends):
        yield _block(data, begins[done], ends[done:], start)


def _block(data: bytes, begin: int, ends: Offsets, start: int) -> Block:
    """The lines of ``data`` that end at ``ends``, the first of which begins at ``begin``."""
    texts = _strings(data, begin, ends)
    n_mended = 0
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid:
        # Line ends are never part of an invalid sequence, so the lines stay the same ones.
        spelled = data[begin : ends[-1]].decode("utf-8", "backslashreplace").encode()
        spelled_ends = _line_ends(spelled)
        texts = _strings(spelled, 0, spelled_ends)
        n_mended = int((np.diff(spelled_ends, prepend=0) != np.diff(ends, prepend=begin)).sum())
    return Block(
        texts=texts,
        offsets=np.concatenate(([begin], ends[:-1])) + start,
        n_mended=n_mended,
        has_escape=b"\x1b" in data,
        has_return=b"\r" in data,
        # Looked for by its first byte, which is rare: ten times as fast where there is none.
        has_mark=_BOM[:1] in data and _BOM in data,
    )


def _line_ends(data: bytes) -> Offsets:
    """Where each line ends, behind its line end; a last line without one ends with the data."""
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == _NEWLINE) + 1
    if len(data) and (not len(ends) or ends[-1] != len(data)):
        ends = np.append(ends, len(data))
    return ends.astype(np.int64, copy=False)


def _strings(data: bytes, begin: int, ends: Offsets) -> pa.Array:
    offsets = np.empty(len(ends) + 1, np.int32)
    offsets[0] = begin
    offsets[1:] = ends
    return pa.StringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(data))


def _too_long(line: bytes, offset: int) -> Block:
    head = line[:HEAD_BYTES].decode("utf-8", "backslashreplace")
    return Block(pa.array([None], pa.string()), np.array([offset], np.int64), head=head)
