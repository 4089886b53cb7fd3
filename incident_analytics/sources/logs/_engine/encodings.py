"""Bytes of a log in another encoding as UTF-8, with a way back from places in the one to places in the other.

UTF-16 is told by its byte order mark, or by the NUL bytes that every other byte of plain text is. Everything else is
UTF-8 unless the caller says so: Latin-1 and its relatives cannot be told from one another.
"""

from __future__ import annotations

import codecs
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ....errors import UsageError
from .lines import LONGEST_LINE, Offsets, Piece, line_starts
from .streams import BrokenStreamError

UTF_8 = "utf-8"

_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_WIDE = {"utf-16-le": np.dtype("<u2"), "utf-16-be": np.dtype(">u2")}
_LOOKED_AT = 4096
_LEAST = 16
_SPELLED_OUT = "backslashreplace"


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the bytes of a file are to be read.

    Attributes:
        name: of the codec.
        n_mark: bytes of the byte order mark at the beginning.
        why: what it was told by; empty when the caller named it, or when nothing speaks against UTF-8.
    """

    name: str = UTF_8
    n_mark: int = 0
    why: str = ""


def encoding_named(name: str) -> str:
    """The codec of this name; ``utf-16`` stands for either byte order, as the file has it.

    Raises:
        UsageError: there is none, or it is none for lines of text.
    """
    try:
        codec = codecs.lookup(name).name.replace("_", "-")
        is_text = "\n".encode(codec).endswith(b"\n") or codec in (*_WIDE, "utf-16")
    except (LookupError, TypeError, ValueError):
        is_text = False
    if not is_text or codec.startswith("utf-32"):
        raise UsageError(f"there is no encoding {name!r} for logs; expected one such as utf-8, utf-16 or cp1252")
    return UTF_8 if codec in ("ascii", "utf-8-sig") else codec


def encoding_of(head: bytes, named: str | None = None) -> Encoding:
    """The encoding of a file that begins like this.

    Args:
        head: its first bytes.
        named: what the caller said.
    """
    told = _wide_encoding(head)
    codec = encoding_named(named) if named else None
    if codec is None:
        return told or Encoding()
    if codec == "utf-16":
        return replace(told, why="") if told else Encoding("utf-16-le")
    return Encoding(codec, n_mark=told.n_mark if told and told.name == codec else 0)


def _wide_encoding(head: bytes) -> Encoding | None:
    text = head[:_LOOKED_AT]
    units = np.frombuffer(text[: len(text) // 2 * 2], np.uint8).reshape(-1, 2)
    marked = _MARKS.get(text[:2])
    # A mark alone is two bytes like any others: where there is no NUL, there is no ASCII letter and no line end.
    if marked is not None and (len(text) == 2 or (units == 0).any()):
        return Encoding(marked, n_mark=2, why="by its byte order mark")
    if len(text) < _LEAST:
        return None
    first, second = (units == 0).mean(axis=0)
    for name, zeros, others in (("utf-16-le", second, first), ("utf-16-be", first, second)):
        if zeros > 0.5 and others < 0.05:
            return Encoding(name, why="by its NUL bytes, without a byte order mark")
    return None


@dataclass(slots=True)
class Places:
    """From places in the UTF-8 text to places in the file: exact for the beginning of a line, that of its line else.

    Attributes:
        n_mended: lines with bytes that the encoding does not have.
        n_padding: bytes that stand before the text in the file.
    """

    n_mended: int = 0
    n_padding: int = 0
    _known: deque[tuple[Offsets, Offsets]] = field(default_factory=deque)

    def add(self, text: Offsets, file: Offsets) -> None:
        """Further places that belong together, in order."""
        self._known.append((text, file + self.n_padding))

    def of(self, text: Offsets) -> Offsets:
        """The places in the file; none that lies before the first of these will be asked for again."""
        while len(self._known) > 1 and self._known[1][0][0] <= text[0]:
            self._known.popleft()
        texts, files = (np.concatenate(column) for column in zip(*self._known, strict=True))
        found: Offsets = files[np.maximum(np.searchsorted(texts, text, side="right") - 1, 0)]
        return found


def in_utf_8(chunks: Iterator[bytes], encoding: Encoding, places: Places) -> Iterator[bytes]:
    """The same text in UTF-8, cut at line ends where there are any; bytes that are none are spelled out.

    Args:
        chunks: the bytes of the file.
        encoding: what they are in.
        places: is told where the lines lie.

    Raises:
        BrokenStreamError: as ``chunks`` does, after all before that.
    """
    rest, start, made, broken = b"", encoding.n_mark, 0, None
    n_skipped = encoding.n_mark
    while True:
        try:
            chunk = next(chunks, b"")
        except BrokenStreamError as error:
            chunk, broken = b"", error
        taken = chunk[n_skipped:]
        n_skipped -= len(chunk) - len(taken)
        data = rest + taken
        end = _cut(data, encoding.name) if chunk else len(data)
        if end:
            text, n_mended = _recoded(data[:end], encoding.name)
            places.add(made + _begins(text, np.dtype(np.uint8)), start + _begins(data[:end], _unit(encoding.name)))
            places.n_mended += n_mended
            yield text
            made, start = made + len(text), start + end
        rest = data[end:]
        if not chunk:
            break
    if broken is not None:
        raise broken


def placed(pieces: Iterator[Piece], places: Places) -> Iterator[Piece]:
    """The pieces of the UTF-8 text with the places that their lines have in the file.

    Raises:
        BrokenStreamError: as ``pieces`` does.
    """
    for piece in pieces:
        offsets = places.of(line_starts(piece))
        yield replace(piece, start=int(offsets[0]), offsets=offsets)


def _unit(codec: str) -> np.dtype[np.uint16] | np.dtype[np.uint8]:
    return _WIDE.get(codec, np.dtype(np.uint8))


def _cut(data: bytes, codec: str) -> int:
    """Behind the last line end, or, in a line that is longer, behind the last whole character."""
    unit = _unit(codec)
    whole = len(data) // unit.itemsize * unit.itemsize
    ends = np.flatnonzero(np.frombuffer(data[:whole], unit) == ord("\n"))
    if len(ends):
        return int(ends[-1] + 1) * unit.itemsize
    if unit.itemsize > 1 and whole and 0xD800 <= int(np.frombuffer(data[:whole], unit)[-1]) < 0xDC00:
        whole -= unit.itemsize
    return whole if unit.itemsize > 1 or _is_single(codec) or whole > LONGEST_LINE else 0


def _is_single(codec: str) -> bool:
    """Whether every byte is a character."""
    return codec.startswith(("cp125", "iso8859", "latin", "koi8", "cp437", "cp85", "mac"))


def _begins(data: bytes, unit: npt.DTypeLike) -> Offsets:
    """Where lines begin."""
    unit = np.dtype(unit)
    units = np.frombuffer(data[: len(data) // unit.itemsize * unit.itemsize], unit)
    ends = (np.flatnonzero(units == ord("\n")) + 1) * unit.itemsize
    begins = np.concatenate(([0], ends)).astype(np.int64)
    return begins[:-1] if len(begins) > 1 and begins[-1] == len(data) else begins


def _recoded(data: bytes, codec: str) -> tuple[bytes, int]:
    r"""The text in UTF-8 with as many lines, and in how many of them bytes had to be spelled out as ``\xNN``."""
    try:
        return data.decode(codec).encode(), 0
    except UnicodeError:
        pass
    end = "\n".encode(codec)
    begins = [*_begins(data, _unit(codec)).tolist(), len(data)]
    texts, n_mended = [], 0
    for first, last in pairwise(begins):
        line = data[first:last].removesuffix(end)
        text = line.decode(codec, _SPELLED_OUT)
        n_mended += not _is_valid(line, codec)
        texts.append(text.replace("\n", "\\n").encode() + (b"\n" if len(line) < last - first else b""))
    return b"".join(texts), n_mended


def _is_valid(data: bytes, codec: str) -> bool:
    try:
        data.decode(codec)
    except UnicodeError:
        return False
    return True
