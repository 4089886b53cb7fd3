"""Stretches of bytes as numpy and Arrow see them: compared, counted and copied out, none as a Python object."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]

_WORD, _NUMBER = 8, 16
_FEED, _RETURN, _BLANK = 10, 13, 32
_ONE, _ALL = np.uint64(1), (1 << 64) - 1
_MASKS = {16: "<u2", 32: "<u4", 64: "<u8"}
"""Widths of a window in which a byte is looked for, and the number that has a bit per byte of it."""

_WIDEST = max(_MASKS)
_SPARE = 4
_STEPS = 64
"""Windows looked through for all lines at once; what is further away is looked for line by line."""


@dataclass(frozen=True, slots=True)
class Spans:
    """A stretch of bytes per line.

    Attributes:
        starts: where it begins.
        ends: where it ends; the same where it is empty.
        is_there: whether there is one; None when every line has one.
    """

    starts: Ints
    ends: Ints
    is_there: Flags | None = None

    @property
    def lengths(self) -> Ints:
        """Bytes of each stretch."""
        return self.ends - self.starts

    def chosen(self, which: Flags | Ints) -> Spans:
        """The stretches of some lines."""
        is_there = None if self.is_there is None else self.is_there[which]
        return Spans(self.starts[which], self.ends[which], is_there)


class Text:
    """The bytes of a block and where its lines are.

    Attributes:
        data: the bytes.
        begins: where each line begins.
        ends: where each line ends, behind its line end, which the last line may lack.
    """

    def __init__(self, texts: pa.Array, *, has_return: bool = True) -> None:
        """The lines.

        Args:
            texts: the lines with their line ends.
            has_return: a line may end in a carriage return and a line feed.
        """
        _, offsets, self.buffer = texts.buffers()
        places = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
        self.data: Bytes = np.frombuffer(self.buffer, np.uint8)
        self.begins: Ints = places[:-1]
        self.ends: Ints = places[1:]
        self._has_return = has_return

    @cached_property
    def contents(self) -> Ints:
        """Where each line ends before its line end: a line feed, or a carriage return and a line feed."""
        ends = self.ends - 1
        if len(ends) and (ends[-1] < self.begins[-1] or self.data[ends[-1]] != _FEED):
            ends[-1] += 1
        if not self._has_return:
            return ends
        is_return = (ends > self.begins) & (self.data[ends - 1] == _RETURN)
        return cast("Ints", ends - is_return)

    def places_of(self, byte: int) -> Ints:
        """Where a byte stands in the lines."""
        start = int(self.begins[0])
        return places_where(self.data[start : int(self.ends[-1])] == byte) + start

    def count(self, byte: bytes) -> int:
        """How many times a byte stands in the lines."""
        return int(np.count_nonzero(self.data[int(self.begins[0]) : int(self.ends[-1])] == ord(byte)))

    def lines_with(self, wanted: bytes) -> Ints:
        """The numbers of the lines that hold one of these bytes before their line end."""
        return self.lines_at(np.concatenate([np.empty(0, np.int64), *map(self.places_of, wanted)]))

    def lines_with_control(self) -> Ints:
        """The numbers of the lines that hold a control character before their line end."""
        start = int(self.begins[0])
        return self.lines_at(places_where(self.data[start : int(self.ends[-1])] < _BLANK) + start)

    def lines_at(self, places: Ints) -> Ints:
        """The numbers of the lines that hold these bytes before their line end."""
        lines = np.searchsorted(self.begins, places, side="right") - 1
        return lines[places < self.contents[lines]]

    def window(self, starts: Ints, width: int) -> Bytes:
        """As many bytes from each start on, a row per start and a column per byte; beyond the data they are 0.

        Args:
            starts: places, in order.
            width: bytes per place.
        """
        room = len(self.data) - width
        n_inside = int(np.searchsorted(starts, room, side="right")) if room >= 0 else 0
        if not n_inside:
            return self._window_at_end(starts, width)
        # Numbers of 16 bytes are copied faster than bytes of no type.
        kind = "c16" if width == _NUMBER else f"V{width}"
        shifted = np.ndarray((room + 1,), kind, buffer=self.data, strides=(1,))
        inside = shifted[starts[:n_inside]].view(np.uint8).reshape(-1, width)
        if n_inside == len(starts):
            return inside
        return np.concatenate((inside, self._window_at_end(starts[n_inside:], width)))

    def _window_at_end(self, starts: Ints, width: int) -> Bytes:
        rows = b"".join(self.data[start : start + width].tobytes().ljust(width, b"\0") for start in starts.tolist())
        return np.frombuffer(rows, np.uint8).reshape(-1, width)

    def reads(self, starts: Ints, expected: bytes, mask: bytes = b"") -> Flags:
        """Whether these bytes stand at each start; none does so beyond the end of the data.

        Args:
            starts: places, in order.
            expected: the bytes.
            mask: per byte 255 where it counts, 0 where any will do; without a mask, all count.
        """
        is_read = starts <= len(self.data) - len(expected)
        mask = mask or b"\xff" * len(expected)
        for place in range(0, len(expected), _WIDEST):
            part, counting = expected[place : place + _WIDEST], mask[place : place + _WIDEST]
            n_words = -(-len(part) // _WORD)
            words = self.window(starts + place if place else starts, max(n_words * _WORD, _NUMBER)).view("<u8")
            for number in range(n_words):
                which = slice(number * _WORD, (number + 1) * _WORD)
                wanted, bits = int.from_bytes(part[which], "little"), int.from_bytes(counting[which], "little")
                if bits:
                    is_read &= (words[:, number] if bits == _ALL else words[:, number] & bits) == wanted
        return is_read

    def found(self, starts: Ints, wanted: bytes, limits: Ints, *, usual: int) -> Ints:
        """The first place from each start on at which one of these bytes stands; the limit where none does before it.

        Args:
            starts: where to begin, in order.
            wanted: the bytes.
            limits: where to end.
            usual: how far it is to most of these places.
        """
        width = next((width for width in _MASKS if usual + _SPARE <= width), _WIDEST)
        places: Ints = np.minimum(starts + self._first(starts, wanted, width), limits)
        # What was looked through without finding one.
        far = np.flatnonzero(places - starts == width)
        begin = starts[far] + width
        for _ in range(_STEPS):
            if not len(far):
                return places
            places[far] = np.minimum(begin + self._first(begin, wanted, _WIDEST), limits[far])
            is_open = places[far] - begin == _WIDEST
            far, begin = far[is_open], begin[is_open] + _WIDEST
        for line, start in zip(far.tolist(), begin.tolist(), strict=True):
            rest = self.data[start : limits[line]].tobytes()
            places[line] = start + min((at for byte in wanted if (at := rest.find(byte)) >= 0), default=len(rest))
        return places

    def _first(self, starts: Ints, wanted: bytes, width: int) -> Ints:
        """How many bytes stand before the first of the wanted ones in the window at each start, ``width`` where none is in it."""
        cells = self.window(starts, width)
        is_wanted = cells == wanted[0]
        for byte in wanted[1:]:
            is_wanted |= cells == byte
        # A window is some whole bytes of bits, so that all of them can be packed in one go.
        bits = np.packbits(is_wanted.reshape(-1), bitorder="little").view(_MASKS[width])
        # The ones below the lowest one: as many as there are zeros before it.
        return cast("Ints", np.bitwise_count(~bits & (bits - bits.dtype.type(1))).astype(np.int64))

    def strings(self, spans: Spans) -> pa.Array:
        """The stretches as texts, missing where there is none. They are in order and do not overlap."""
        n = len(spans.starts)
        if not n:
            return pa.array([], pa.large_string())
        # Every other text of an array that also holds what stands between them.
        offsets = np.empty(2 * n + 1, np.int64)
        offsets[0:-1:2] = spans.starts
        offsets[1::2] = spans.ends
        offsets[-1] = spans.ends[-1]
        between = pa.LargeStringArray.from_buffers(2 * n, pa.py_buffer(offsets), self.buffer)
        is_missing = None if spans.is_there is None else ~spans.is_there
        return between.take(pa.array(np.arange(0, 2 * n, 2), mask=is_missing))


def places_where(flags: Flags) -> Ints:
    """Where flags are true, as ``numpy.flatnonzero`` tells it: faster, where few of many are."""
    bits = np.packbits(flags, bitorder="little")
    words = np.concatenate((bits, np.zeros(-len(bits) % _WORD, np.uint8))).view("<u8")
    rows = np.flatnonzero(words)
    words = words[rows]
    counts = np.bitwise_count(words)
    at = np.cumsum(counts, dtype=np.int64) - counts
    places, base = np.empty(int(counts.sum()), np.int64), rows * (8 * _WORD)
    while len(words):
        places[at] = base + np.bitwise_count(~words & (words - _ONE))
        words = words & (words - _ONE)
        more = np.flatnonzero(words)
        words, at, base = words[more], at[more] + 1, base[more]
    return places


def by_length(spans: Spans, *, most: int) -> Iterator[tuple[int, Ints]]:
    """The lengths that occur, each with the rows that have it, the usual ones first.

    Args:
        spans: the stretches; those that are not there have no length.
        most: longest length of interest.
    """
    lengths = np.clip(spans.lengths, 0, most + 1)
    if spans.is_there is not None:
        lengths = np.where(spans.is_there, lengths, 0)
    if len(lengths) and 0 < lengths[0] <= most and (lengths == lengths[0]).all():
        yield int(lengths[0]), np.arange(len(lengths))
        return
    counts = np.bincount(lengths, minlength=most + 2)
    counts[[0, most + 1]] = 0
    for length in np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)]:
        if counts[length] == len(lengths):
            yield int(length), np.arange(len(lengths))
        else:
            yield int(length), np.flatnonzero(lengths == length)
