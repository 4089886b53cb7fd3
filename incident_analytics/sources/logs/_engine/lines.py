"""Blocks of whole lines, each with the byte offset at which it begins; no line becomes a Python object."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .slices import places_where
from .streams import CHUNK_BYTES, BrokenStreamError, Stretch, stretches, whole_lines

LONGEST_LINE = 8 << 20
"""A longer line is not read but reported: memory must not depend on where a file has its line ends."""

MOST_LINES = 1 << 18
"""Lines of a piece."""

HEAD_BYTES = 500
_BOM = b"\xef\xbb\xbf"
_NEWLINE, _BLANK = 10, 32
_SAMPLED = 61  # a prime, so that lines of one length do not all end at the bytes in between

Offsets = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of a file from the beginning of a line to the end of one.

    Attributes:
        data: the bytes; of a line that is too long only the beginning.
        start: where they begin in the uncompressed file.
        unread: where the bytes are to be read from, which have not been yet.
        is_too_long: it is a single line that is too long to be read.
        offsets: where each line begins in the file, when the bytes are not those of the file.
        further: how many lines of the file each line stands for, beyond itself.
    """

    data: bytes
    start: int
    is_too_long: bool = False
    offsets: Offsets | None = None
    further: Offsets | None = None
    unread: Stretch | None = None

    def parts(self) -> list[Piece]:
        """The piece with its bytes, in parts that have no more lines than fit."""
        return [self] if self.unread is None else list(_halved(self.unread.read(), self.start))


@dataclass(frozen=True, slots=True)
class Block:
    r"""Some lines in a row.

    Attributes:
        texts: the lines with their line ends; a line that is too long is missing, and alone.
        offsets: byte offset in the uncompressed file per line.
        n_mended: lines with bytes that are no UTF-8, which are spelled out as ``\xNN``.
        has_backslash: a line may hold a backslash.
        has_control: a line may hold a control character besides its line feed.
        has_escape: a line may hold the escape character of terminal colours.
        has_return: a line may hold a carriage return.
        has_mark: a line may hold a byte order mark.
        head: of a line that is too long: its beginning.
        further: per line, how many lines of the file it stands for beyond itself; None for none.
    """

    texts: pa.Array
    offsets: Offsets
    n_mended: int = 0
    has_backslash: bool = False
    has_control: bool = False
    has_escape: bool = False
    has_return: bool = False
    has_mark: bool = False
    head: str | None = None
    further: Offsets | None = None

    def part(self, lines: slice) -> Block:
        """Some of the lines; what was mended is told of the first part."""
        begin, end, _ = lines.indices(len(self.texts))
        return replace(
            self,
            texts=self.texts.slice(begin, end - begin),
            offsets=self.offsets[begin:end],
            n_mended=0 if begin else self.n_mended,
            further=None if self.further is None else self.further[begin:end],
        )


def pieces(chunks: Iterable[bytes], *, longest: int = LONGEST_LINE, start: int = 0) -> Iterator[Piece]:
    """Cut a stream of bytes at line ends, at least once per chunk; a piece is ``longest`` bytes larger at most.

    Args:
        chunks: the bytes.
        longest: a longer line is not read.
        start: where the bytes begin in the uncompressed file.

    Raises:
        BrokenStreamError: as ``chunks`` does, after the lines before that.
    """
    rest, broken = b"", None
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
        end = chunk.rfind(b"\n") + 1
        if end:
            # Put together in one go, or not at all: a copy of every byte is a cost that shows.
            data = b"".join((rest, memoryview(chunk)[:end])) if rest or end < len(chunk) else chunk
            yield from _halved(data, start)
            rest, start = chunk[end:], start + len(data)
        else:
            rest += chunk
        if len(rest) > longest:
            long_line = Piece(rest[:HEAD_BYTES], start, is_too_long=True)
            rest, start = b"", start + len(rest)
    if long_line is not None:
        yield long_line
    elif rest:
        yield Piece(rest, start)
    if broken is not None:
        raise broken


def unread_pieces(file: BinaryIO, place: int) -> Iterator[Piece]:
    """The rest of a file as pieces that are read when they are worked on.

    Args:
        file: a file that holds its bytes as they are.
        place: where the rest begins.
    """
    for stretch in stretches(file, place):
        yield Piece(b"", stretch.place, unread=stretch)
        place = stretch.place + stretch.length
    file.seek(place)
    # Where a line is too long, it and all behind it take the way that passes over such lines.
    yield from pieces(whole_lines(file, CHUNK_BYTES), start=place)


def _halved(data: bytes, start: int) -> Iterator[Piece]:
    """Whole lines, cut in two for as long as there are too many of them: a line costs memory however short it is."""
    if _are_few(data):
        yield Piece(data, start)
        return
    middle = data.rfind(b"\n", 0, len(data) // 2) + 1 or data.find(b"\n") + 1
    yield from _halved(data[:middle], start)
    yield from _halved(data[middle:], start + middle)


def _are_few(data: bytes) -> bool:
    """No more lines than a piece may have: lines are counted where those that end at some of the bytes do not settle it."""
    if len(data) <= MOST_LINES:
        return True
    is_end = np.frombuffer(data, np.uint8)[::_SAMPLED] == _NEWLINE
    if np.count_nonzero(is_end) * _SAMPLED < MOST_LINES // 2:
        return True
    return bool(np.count_nonzero(np.frombuffer(data, np.uint8) == _NEWLINE) <= MOST_LINES)


def line_starts(piece: Piece) -> Offsets:
    """Where each line of a piece begins in the file."""
    if piece.offsets is not None:
        return piece.offsets
    if piece.is_too_long:
        return np.array([piece.start], np.int64)
    return np.concatenate(([0], _line_ends(piece.data)[0][:-1])) + piece.start


def blocks(piece: Piece, *, longest: int = LONGEST_LINE) -> Iterator[Block]:
    """The lines of a piece: one block, unless lines that are too long stand in between."""
    data = piece.data
    if piece.is_too_long:
        yield _too_long(data, piece.start)
        return
    ends, has_control = _line_ends(data)
    offsets = piece.offsets
    if offsets is None:
        offsets = np.concatenate(([0], ends[:-1])) + piece.start
    first = len(_BOM) if piece.start == 0 and data.startswith(_BOM) else 0
    begins = np.concatenate(([first], ends[:-1]))
    if first:
        offsets = np.concatenate(([first], offsets[1:]))
        if first == len(data):
            return
    done = 0
    for line in np.flatnonzero(ends - begins > longest):
        if line > done:
            yield _block(piece, slice(done, line), begins, ends, offsets, has_control=has_control)
        yield _too_long(data[begins[line] : ends[line] - 1], int(offsets[line]))
        done = int(line) + 1
    if done < len(ends):
        yield _block(piece, slice(done, len(ends)), begins, ends, offsets, has_control=has_control)


def _block(
    piece: Piece, chosen: slice, begins: Offsets, ends: Offsets, offsets: Offsets, *, has_control: bool
) -> Block:
    """Some of the lines of a piece."""
    data, begin, ends = piece.data, int(begins[chosen][0]), ends[chosen]
    texts = _strings(data, begin, ends)
    n_mended = 0
    is_ascii = bool(np.frombuffer(data, np.int8).min() >= 0)  # three times as fast as to ask the bytes
    if not (is_ascii or _is_utf8(texts)):
        # Line ends are never part of an invalid sequence, so the lines stay the same ones.
        spelled = data[begin : ends[-1]].decode("utf-8", "backslashreplace").encode()
        spelled_ends, _ = _line_ends(spelled)
        texts = _strings(spelled, 0, spelled_ends)
        n_mended = int((np.diff(spelled_ends, prepend=0) != np.diff(ends, prepend=begin)).sum())
    return Block(
        texts=texts,
        offsets=offsets[chosen],
        n_mended=n_mended,
        has_backslash=n_mended > 0 or b"\\" in data,
        has_control=has_control,
        has_escape=has_control and b"\x1b" in data,
        has_return=has_control and b"\r" in data,
        has_mark=not is_ascii and _BOM in data,
        further=None if piece.further is None else piece.further[chosen],
    )


def _is_utf8(texts: pa.Array) -> bool:
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _line_ends(data: bytes) -> tuple[Offsets, bool]:
    """Where each line ends, behind its line end, and whether there are other control characters.

    A last line without a line end ends with the data.
    """
    signs = np.frombuffer(data, np.uint8)
    controls = places_where(signs < _BLANK)
    is_end = signs[controls] == _NEWLINE
    has_control = not is_end.all()
    ends = (controls[is_end] if has_control else controls) + 1
    if len(data) and (not len(ends) or ends[-1] != len(data)):
        ends = np.append(ends, len(data))
    return ends.astype(np.int64, copy=False), has_control


def _strings(data: bytes, begin: int, ends: Offsets) -> pa.Array:
    offsets = np.empty(len(ends) + 1, np.int32)
    offsets[0] = begin
    offsets[1:] = ends
    return pa.StringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(data))


def _too_long(line: bytes, offset: int) -> Block:
    head = line[:HEAD_BYTES].decode("utf-8", "backslashreplace")
    return Block(pa.array([None], pa.string()), np.array([offset], np.int64), head=head)
