"""Bytes of a log file, unpacked where it is compressed, within bounds on size and ratio."""

from __future__ import annotations

import bz2
import gzip
import lzma
import math
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

import pyarrow as pa

from ....errors import SourceError

CHUNK_BYTES = 10 << 20
"""How much of a file is held at a time: memory follows from it, and so does speed. Of less, a step takes so little time
that the threads wait for one another; of more, too little stays near the processor."""

FIRST_BYTES = (1 << 20) + (1 << 16)
"""The same for the beginning of a file: what is looked at to tell how it is laid out, and room to end at a line end."""

LEAST_PADDING = 64
"""So many NUL bytes at the beginning of a file are no text."""

_STEP = 1 << 20
_TAIL = 1 << 16
_ZSTD_STEP = 1 << 16  # what is read in the step that meets the cut of a truncated file is lost
_MEMBER_STEP = 1 << 13  # the same for bzip2 and xz
_GZIP, _ZSTD, _BZIP2, _XZ = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zXZ\x00"
_XZ_MEMORY = 256 << 20  # what unpacking may hold; xz itself writes no file that needs more than 65 MB


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a compressed file may expand before it is refused.

    Attributes:
        size: bytes it may unpack to.
        ratio: how many times its compressed size it may unpack to, beyond the first ``free`` bytes.
        free: bytes that may come out at any ratio: a short log of equal lines compresses extremely well.
    """

    size: int = 20 * 10**9
    ratio: int = 1000
    free: int = 10 * 10**6


LIMITS = Limits()


class BrokenStreamError(Exception):
    """A compressed file ends in the middle or holds damaged data; everything before that was handed out.

    Attributes:
        place: byte of the uncompressed file at which reading ended.
    """

    def __init__(self, problem: str, place: int) -> None:
        self.place = place
        super().__init__(problem)


def chunks(path: Path, *, size: int = CHUNK_BYTES, limits: Limits = LIMITS) -> Iterator[bytes]:
    """The uncompressed bytes of a file, ``size`` at a time; gzip, zstd, bzip2 and xz are told by their first bytes.

    Raises:
        SourceError: the file cannot be opened, or expands beyond the limits.
        BrokenStreamError: compressed data that is cut off or damaged, after all that could be read.
    """
    with ExitStack() as stack:
        try:
            raw = stack.enter_context(path.open("rb", buffering=0))
            magic = raw.read(6)
            raw.seek(0)
        except OSError as error:
            raise SourceError(f"log file {path} cannot be read: {error.strerror}") from error
        if magic[:2] == _GZIP:
            unpacked = stack.enter_context(gzip.GzipFile(fileobj=raw))
            yield from _bounded(path, lambda: unpacked.read1(_STEP), raw, size, limits)
        elif magic[:4] == _ZSTD:
            stream = stack.enter_context(pa.CompressedInputStream(pa.PythonFile(raw, mode="r"), "zstd"))
            yield from _bounded(path, lambda: cast(bytes, stream.read(_ZSTD_STEP)), raw, size, limits)
        elif magic[:3] == _BZIP2 and magic[3:4] in b"123456789":
            yield from _bounded(path, _Members(raw, _bzip2_decompressor).read, raw, size, limits)
        elif magic == _XZ:
            yield from _bounded(path, _Members(raw, _xz_decompressor).read, raw, size, limits)
        else:
            yield from whole_lines(raw, size, first=min(FIRST_BYTES, size))


def whole_lines(raw: BinaryIO, size: int, end: int | None = None, *, first: int | None = None) -> Iterator[bytes]:
    """The bytes of a file from where it stands, at most ``size`` at a time and cut at line ends where there are some.

    So that the lines need not be put together again, which costs a copy of every byte.

    Args:
        raw: the file.
        size: bytes at a time.
        end: where to end; None for the end of the file.
        first: bytes of the first time, where these are others.
    """
    place, most = raw.tell(), first or size
    while True:
        tail = min(_TAIL, most)
        n = most if end is None else min(most, end - place)
        if n == most:
            raw.seek(place + n - tail)
            cut = raw.read(tail).rfind(b"\n") + 1
            n -= tail - cut if cut else 0
            raw.seek(place)
        chunk = raw.read(n)
        if not chunk:
            return
        place, most = place + len(chunk), size
        yield chunk


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some bytes of a file that are read by whoever works on them, which shares out the work of reading as well.

    Attributes:
        file: the file, open; it is read without moving in it, so that others may.
        place: where the bytes begin.
        length: how many there are.
    """

    file: BinaryIO
    place: int
    length: int

    def read(self) -> bytes:
        """The bytes; fewer when the file was cut short since."""
        return os.pread(self.file.fileno(), self.length, self.place)


def stretches(file: BinaryIO, place: int, *, size: int = CHUNK_BYTES) -> Iterator[Stretch]:
    """The rest of a file in stretches of whole lines, up to where one would be longer than ``size``.

    Args:
        file: a file that holds its bytes as they are.
        place: where the rest begins.
        size: bytes of a stretch, at most.
    """
    end = os.fstat(file.fileno()).st_size
    # An even number of equal ones, as far as lines allow: then two workers come to the end together.
    n_pairs = max(1, math.ceil((end - place) / (2 * size)))
    size = min(size, (end - place) // (2 * n_pairs) + _TAIL)
    while place < end:
        n, cut = min(size, end - place), 0
        if place + n < end:
            tail = min(_TAIL, n)
            cut = Stretch(file, place + n - tail, tail).read().rfind(b"\n") + 1
            if not cut:
                tail = n
                cut = Stretch(file, place, n).read().rfind(b"\n") + 1
            if not cut:
                return
            n -= tail - cut
        yield Stretch(file, place, n)
        place += n


def is_compressed(head: bytes) -> bool:
    """Whether a file that begins like this is unpacked on the way."""
    is_bzip2 = head[:3] == _BZIP2 and head[3:4] in (*(b"%d" % n for n in range(1, 10)),)
    return head[:2] == _GZIP or head[:4] == _ZSTD or head[:6] == _XZ or is_bzip2


def padded(source: Iterator[bytes]) -> tuple[int, bytes]:
    """How many NUL bytes stand before anything else, and what begins behind them.

    A log that is emptied while a program goes on writing it begins with as many NUL bytes as it had bytes before. Of
    a few, there is no telling: text in UTF-16 begins with one.
    """
    n_padding, first = 0, next(source, b"")
    if not first.startswith(b"\0" * LEAST_PADDING):
        return 0, first
    while first and not (rest := first.lstrip(b"\0")):
        n_padding += len(first)
        first = next(source, b"")
    return (n_padding + len(first) - len(rest), rest) if first else (n_padding, b"")


def first_bytes(path: Path, size: int) -> bytes:
    """The first ``size`` uncompressed bytes of a file behind its padding, fewer when it has no more.

    Raises:
        SourceError: the file cannot be opened, or nothing of it can be unpacked.
    """
    try:
        source = chunks(path, size=size)
        n_padding, first = padded(source)
        while len(first) < size and n_padding and (chunk := next(source, b"")):
            first += chunk
        return first[:size]
    except BrokenStreamError as error:
        raise SourceError(f"log file {path} cannot be unpacked: {error}") from error


class _Decompressor(Protocol):
    """What the decompressors of the standard library have in common."""

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


def _bzip2_decompressor() -> _Decompressor:
    return bz2.BZ2Decompressor()


def _xz_decompressor() -> _Decompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)


class _Members:
    """A file of one or more compressed members, one behind the other."""

    def __init__(self, raw: BinaryIO, new: Callable[[], _Decompressor]) -> None:
        self._raw, self._new = raw, new
        self._member: _Decompressor | None = new()
        self._rest = b""

    def read(self) -> bytes:
        """Some uncompressed bytes; none at the end.

        Raises:
            EOFError: the file ends in the middle.
            OSError: it is damaged.
        """
        while True:
            needs_more = self._member is None or self._member.needs_input
            data = self._rest or (self._raw.read(_MEMBER_STEP) if needs_more else b"")
            self._rest = b""
            if self._member is None:
                data = data.lstrip(b"\0")  # xz pads its members
                if not data:
                    return b""
                self._member = self._new()
            elif needs_more and not data:
                raise EOFError("compressed file ended before its end was reached")
            try:
                found = self._member.decompress(data, _STEP)
            except (OSError, EOFError, lzma.LZMAError, ValueError) as error:
                raise OSError(str(error)) from error
            if self._member.eof:
                self._rest, self._member = self._member.unused_data, None
            if found:
                return found


def _bounded(path: Path, read: Callable[[], bytes], raw: BinaryIO | Any, size: int, limits: Limits) -> Iterator[bytes]:
    total, waiting, parts = 0, 0, list[bytes]()
    problem: Exception | None = None
    while True:
        try:
            piece = read()
        except (EOFError, OSError, zlib.error) as error:
            problem, piece = error, b""
        total += len(piece)
        waiting += len(piece)
        parts.append(piece)
        if total > limits.size or total > max(limits.free, raw.tell() * limits.ratio):
            raise SourceError(
                f"log file {path} expands beyond what is allowed: {raw.tell():,} compressed bytes gave {total:,}; "
                f"expected at most {limits.size:,} bytes and {limits.ratio} times the compressed size"
            )
        if waiting >= size or (waiting and not piece):
            yield b"".join(parts)
            waiting, parts = 0, []
        if not piece:
            break
    if problem is not None:
        raise BrokenStreamError(str(problem), total) from problem
