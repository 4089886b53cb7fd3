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

_WORD = 8


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
        ends: where each line ends, behind its line end.
    """

    def __init__(self, texts: pa.Array) -> None:
        _, offsets, self.buffer = texts.buffers()
        places = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
        self.data: Bytes = np.frombuffer(self.buffer, np.uint8)
        self.begins: Ints = places[:-1]
        self.ends: Ints = places[1:]

    @cached_property
    def contents(self) -> Ints:
        """Where each line ends before its line end: a line feed, or a carriage return and a line feed."""
        return self._without_last(self._without_last(self.ends, 10), 13)

    def _without_last(self, ends: Ints, byte: int) -> Ints:
        is_last = (ends > self.begins) & (self.data[ends - 1] == byte)
        return cast("Ints", ends - is_last)

    def places_of(self, byte: int) -> Ints:
        """Where a byte stands in the lines."""
        start = int(self.begins[0])
        found = np.flatnonzero(self.data[start : int(self.ends[-1])] == byte)
        return found + start if start else found

    def lines_at(self, places: Ints) -> Ints:
        """The numbers of the lines that hold these bytes."""
        return np.searchsorted(self.begins, places, side="right") - 1

    def window(self, starts: Ints, width: int) -> Bytes:
        """As many bytes from each start on, a row per start and a column per byte; beyond the data they are 0."""
        room = len(self.data) - width
        is_inside = starts <= room
        if not len(starts) or room < 0 or not is_inside.any():
            return self._window_at_end(starts, width)
        shifted = np.ndarray((room + 1,), f"V{width}", buffer=self.data, strides=(1,))
        if is_inside.all():
            return shifted[starts].view(np.uint8).reshape(-1, width)
        found = shifted[np.where(is_inside, starts, 0)].view(np.uint8).reshape(-1, width)
        found[~is_inside] = self._window_at_end(starts[~is_inside], width)
        return found

    def _window_at_end(self, starts: Ints, width: int) -> Bytes:
        rows = b"".join(self.data[start : start + width].tobytes().ljust(width, b"\0") for start in starts.tolist())
        return np.frombuffer(rows, np.uint8).reshape(-1, width)

    def reads(self, starts: Ints, expected: bytes) -> Flags:
        """Whether these bytes stand at each start; none does so beyond the end of the data."""
        width, size = len(expected), len(self.data)
        if width < _WORD or size < _WORD:
            return self._reads_few(starts, expected)
        if not len(starts):
            return np.empty(0, bool)
        if int(starts.max()) + width <= size:
            is_read = np.ones(len(starts), bool)
        else:
            is_read = starts + width <= size
            starts = np.where(is_read, starts, 0)
        words = self._words
        for place in (*range(0, width - _WORD, _WORD), width - _WORD):
            is_read &= words[starts + place] == int.from_bytes(expected[place : place + _WORD], "little")
        return is_read

    def _reads_few(self, starts: Ints, expected: bytes) -> Flags:
        """The same for less than a word, of which the rest is masked out."""
        width, last = len(expected), len(self.data) - _WORD
        if not width:
            return starts <= len(self.data)
        wanted, mask = int.from_bytes(expected, "little"), (1 << 8 * width) - 1
        if len(starts) and int(starts.max()) <= last:
            return cast("Flags", (self._words[starts] & mask) == wanted)
        is_read = np.zeros(len(starts), bool)
        is_inside = starts <= last
        if is_inside.any():
            is_read = is_inside & ((self._words[np.where(is_inside, starts, 0)] & mask) == wanted)
        for row in np.flatnonzero(~is_inside):
            start = int(starts[row])
            is_read[row] = self.data[start : start + width].tobytes() == expected
        return is_read

    @cached_property
    def _words(self) -> npt.NDArray[np.uint64]:
        """The eight bytes from each place on, as a number."""
        return np.ndarray((max(len(self.data) - _WORD + 1, 0),), "<u8", buffer=self.data, strides=(1,))

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


def by_length(spans: Spans, *, most: int) -> Iterator[tuple[int, Ints]]:
    """The lengths that occur, each with the rows that have it, the usual ones first.

    Args:
        spans: the stretches; those that are not there have no length.
        most: longest length of interest.
    """
    lengths = np.clip(spans.lengths, 0, most + 1)
    if spans.is_there is not None:
        lengths = np.where(spans.is_there, lengths, 0)
    counts = np.bincount(lengths, minlength=most + 2)
    counts[[0, most + 1]] = 0
    for length in np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)]:
        if counts[length] == len(lengths):
            yield int(length), np.arange(len(lengths))
        else:
            yield int(length), np.flatnonzero(lengths == length)
