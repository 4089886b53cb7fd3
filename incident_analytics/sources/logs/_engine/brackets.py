"""Brackets of JSON outside of texts, and how deep each stands, for a whole chunk of bytes at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt

LIST, OBJECT, LINE_END = ord("["), ord("{"), ord("\n")
CLOSING = frozenset((ord("]"), ord("}")))

_QUOTE, _BACKSLASH = ord('"'), ord("\\")
_CHANGE = np.zeros(256, np.int8)
_CHANGE[[LIST, OBJECT]] = 1
_CHANGE[list(CLOSING)] = -1

Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Found:
    """Brackets, and line ends where each line is a document, in their order.

    Attributes:
        places: where in the chunk.
        kinds: the byte.
        depths: how many brackets are open behind it; 0 behind a line end.
    """

    places: Places
    kinds: npt.NDArray[np.uint8]
    depths: Places

    def shallow(self, most: int) -> Found:
        """Those that open or close something in which at most ``most`` brackets are open."""
        chosen = np.flatnonzero(self.depths - (_CHANGE[self.kinds] > 0) <= most)
        return Found(self.places[chosen], self.kinds[chosen], self.depths[chosen])


class Brackets:
    """The brackets of a stream, chunk by chunk. A text ends with its line at the latest: JSON has no other."""

    def __init__(self, *, is_per_line: bool) -> None:
        self._is_per_line = is_per_line
        self._depth = 0
        self._is_in_text = False
        self._n_backslashes = 0

    def of(self, chunk: bytes) -> Found:
        """What the next bytes hold."""
        data = np.frombuffer(chunk, np.uint8)
        quotes = self._quotes(data, chunk)
        ends = np.flatnonzero(data == LINE_END)
        places = np.flatnonzero(_CHANGE[data])
        places = places[~self._in_text(places, quotes, ends)]
        if len(data):
            self._is_in_text = bool(self._in_text(np.array([len(data)]), quotes, ends)[0])
        if self._is_per_line:
            places = np.sort(np.concatenate((places, ends)))
        kinds = data[places]
        return Found(places, kinds, self._depths(kinds))

    def _quotes(self, data: npt.NDArray[np.uint8], chunk: bytes) -> Places:
        """Where a text begins or ends: quotes behind an even number of backslashes."""
        quotes = cast("Places", np.flatnonzero(data == _QUOTE))
        before = self._n_backslashes
        self._n_backslashes = len(chunk) - len(chunk.rstrip(b"\\"))
        if self._n_backslashes == len(chunk):
            self._n_backslashes += before
        if not before and b"\\" not in chunk:
            return quotes
        others = np.where(data != _BACKSLASH, np.arange(len(data)), -1 - before)
        last_other = np.concatenate(([-1 - before], np.maximum.accumulate(others)))
        is_plain = (quotes - 1 - last_other[quotes]) % 2 == 0
        return cast("Places", quotes[is_plain])

    def _in_text(self, places: Places, quotes: Places, ends: Places) -> npt.NDArray[np.bool_]:
        """Which places stand behind an odd number of quotes on their line."""
        line = np.searchsorted(ends, places)
        before_line = np.concatenate(([-int(self._is_in_text)], np.searchsorted(quotes, ends)))
        n_quotes = np.searchsorted(quotes, places) - before_line[line]
        return cast("npt.NDArray[np.bool_]", n_quotes % 2 == 1)

    def _depths(self, kinds: npt.NDArray[np.uint8]) -> Places:
        is_end = kinds == LINE_END
        sums = self._depth + np.cumsum(_CHANGE[kinds], dtype=np.int64)
        line = np.cumsum(is_end) if self._is_per_line else np.zeros(len(sums), np.int64)
        sums -= np.concatenate(([0], sums[is_end]))[line]
        if len(sums):
            if sums.min() < 0:
                # What closes more than was opened counts as nothing: depths are taken from the lowest so far on a line.
                per_line = len(sums) + 1 + self._depth
                lowest = np.minimum.accumulate(sums - line * per_line) + line * per_line
                sums -= np.minimum(lowest, 0)
            self._depth = int(sums[-1])
        return sums
