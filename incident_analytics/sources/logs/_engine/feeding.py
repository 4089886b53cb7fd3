"""From the bytes of a file to pieces of whole lines, as its format has them.

Three things may have to be done before lines can be read: another encoding is turned into UTF-8, JSON documents are
taken apart into one line per record, and messages that were split over several lines are put together. A file that
needs none of it passes through as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice

from .documents import holds_documents, records, sample_of_records
from .encodings import UTF_8, Encoding, Places, encoding_of, in_utf_8, placed
from .joining import joined
from .layout import LogFormat
from .lines import Piece, pieces
from .streams import LEAST_PADDING, BrokenStreamError, padded

LOOKED_AT = 1 << 20
"""Bytes from which is told how a file is laid out."""

BLANK = b" \t\r\n\f"
"""What a blank line may consist of."""

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Feed:
    """The lines of a file.

    Attributes:
        pieces: the lines, with their places in the file.
        encoding: what the file is in.
        places: of a file that has to be put in UTF-8, or begins with padding: knows what was found doing that.
    """

    pieces: Iterator[Piece]
    encoding: Encoding
    places: Places | None


def feed(
    chunks: Iterator[bytes],
    layout: LogFormat,
    encoding: str | None = None,
    *,
    rest: Callable[[bytes], Iterator[Piece] | None] = lambda _: None,
) -> Feed:
    """The lines of a file.

    Args:
        chunks: its bytes.
        layout: its format.
        encoding: what the caller says it is in.
        rest: another way to the lines behind a beginning of the file, where there is one: only for lines that need
            nothing else to be done.

    Returns:
        The lines; they raise BrokenStreamError where the bytes do.
    """
    head, seen, unseen = _looked_at(chunks)
    n_padding, places = 0, None
    if head.startswith(b"\0" * LEAST_PADDING):
        n_padding, first = padded(chain(seen, unseen))
        head, seen, unseen = _looked_at(chain((first,) if first else (), unseen))
    told = encoding_of(head, encoding)
    if told.name != UTF_8 or n_padding:
        places = Places(n_padding=n_padding)
        head, seen, unseen = _looked_at(in_utf_8(chain(seen, unseen), told, places))
    if holds_documents(layout, head):
        found = records(chain(seen, unseen), layout, head)
    elif layout.joins is not None:
        found = joined(pieces(chain(seen, unseen)), layout.joins)
    else:
        known = b"".join(seen) if places is None else b""
        others = rest(known) if known.endswith(b"\n") else None
        found = pieces(chain(seen, unseen)) if others is None else chain(pieces(seen), others)
    return Feed(found if places is None else placed(found, places), told, places)


def _looked_at(chunks: Iterator[bytes]) -> tuple[bytes, list[bytes], Iterator[bytes]]:
    """The beginning of a stream, the chunks that it is from, and those after them.

    Where the stream breaks off makes no difference to the beginning.
    """
    seen, size, broken = list[bytes](), 0, None
    while size < LOOKED_AT:
        try:
            chunk = next(chunks, b"")
        except BrokenStreamError as error:
            broken = error
            break
        if not chunk:
            break
        seen.append(chunk)
        size += len(chunk)
    return b"".join(seen)[:LOOKED_AT], seen, chunks if broken is None else _broken(broken)


def _broken(error: BrokenStreamError) -> Iterator[bytes]:
    yield from ()
    raise error


@dataclass(frozen=True)
class Head:
    """The beginning of a file, as the lines that each format would make of it.

    Attributes:
        data: in UTF-8.
        is_cut: the file goes on.
    """

    data: bytes
    is_cut: bool

    def lines(self, layout: LogFormat, most: int) -> tuple[bytes, ...]:
        """The first lines or records that are not blank, at most so many, and none that the beginning cuts off."""
        if holds_documents(layout, self.data):
            found = sample_of_records(self.data, layout, most, is_cut=self.is_cut)
        else:
            found = self._lines
        return tuple(islice((line for line in found if line.strip(BLANK)), most))

    @cached_property
    def _lines(self) -> list[bytes]:
        found = self.data.removeprefix(_BOM).split(b"\n")
        if self.is_cut and len(found) > 1:
            found.pop()
        return found


def head_of(data: bytes, encoding: str | None, *, is_cut: bool) -> Head:
    """The beginning of a file in UTF-8."""
    told = encoding_of(data, encoding)
    if told.name != UTF_8:
        data = b"".join(in_utf_8(iter((data,)), told, Places()))
    return Head(data, is_cut)
