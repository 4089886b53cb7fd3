"""Where a direct label may stand: estimated widths, shortening, and rows of free space.

A label that does not fit is made shorter, then moved, then left out; what it says stays in the hover text and in the
list beside the figure. Nothing is ever drawn over something else.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_NARROW = frozenset(" ijlIJ'.,:;/\\|")
_SLIM = frozenset('frt()[]-!"·')
_BROAD = frozenset("mMwW%@—…")


def _char_width(char: str) -> float:
    """Width at 12 px in the widest of the usual system fonts, so that text in any other is a little shorter."""
    if char in _NARROW:
        return 3.9
    if char in _SLIM:
        return 4.7
    if char in _BROAD or unicodedata.east_asian_width(char) in "WF":
        return 11.8
    if char in "+<>=~#&^−":
        return 10.1
    if char.isupper():
        return 8.9
    return 7.4


def text_width(words: str, *, is_bold: bool = False) -> float:
    """Estimated width of a text at 12 px, in px. About 6.2 px per character of prose, never less than is drawn."""
    return sum(map(_char_width, words)) * (1.12 if is_bold else 1.0)


def shortened(words: str, room: float, *, is_bold: bool = False) -> str:
    """The text, or as many whole words of it as fit into ``room`` px with an ellipsis; empty when none fits.

    A first word that is itself too long is cut.
    """
    words = " ".join(words.split())
    if text_width(words, is_bold=is_bold) <= room:
        return words
    room -= text_width("…", is_bold=is_bold)
    used, end = 0.0, 0
    for char in words:
        used += text_width(char, is_bold=is_bold)
        if used > room:
            break
        end += 1
    if end < 3:
        return ""
    cut = words[:end]
    if words[end : end + 1] != " " and cut.rfind(" ") >= end * 0.6:
        cut = cut[: cut.rfind(" ")]
    return cut.rstrip(" ,;:.–-") + "…"


def wrapped(words: str, room: float, *, is_bold: bool = False) -> list[str]:
    """The text in lines of at most ``room`` px."""
    lines: list[str] = []
    for word in words.split():
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(joined, is_bold=is_bold) <= room:
            lines[-1] = joined
        else:
            lines.append(shortened(word, room, is_bold=is_bold) or word[:1])
    return lines


class Shelf:
    """One horizontal row of free space. What stands on it is kept as stretches that do not overlap."""

    def __init__(self) -> None:
        self._starts: list[float] = []
        self._ends: list[float] = []

    def is_free(self, start: float, end: float) -> bool:
        """Nothing stands between ``start`` and ``end``."""
        at = bisect_left(self._ends, start + 1e-6)
        return at >= len(self._starts) or self._starts[at] >= end - 1e-6

    def take(self, start: float, end: float) -> None:
        """Put something there; stretches that touch become one."""
        first = bisect_left(self._ends, start)
        last = first
        while last < len(self._starts) and self._starts[last] <= end:
            start, end = min(start, self._starts[last]), max(end, self._ends[last])
            last += 1
        self._starts[first:last] = [start]
        self._ends[first:last] = [end]


@dataclass(frozen=True, slots=True)
class Placed:
    """A label that found its place: its words, the row, and its left edge in px."""

    words: str
    row: int
    left: float


class Shelves:
    """The rows around a line of marks: row 0 is the marks' own, -1 above it, 1 below it."""

    def __init__(self, left: float, right: float, rows: Iterable[int]) -> None:
        self.left = left
        self.right = right
        self._rows = {row: Shelf() for row in rows}

    def take(self, row: int, start: float, end: float) -> None:
        """Mark a stretch of a row as used."""
        if row in self._rows:
            self._rows[row].take(start, end)

    def place(self, at: float, reach: float, wordings: Sequence[str], *, is_centred: bool = False) -> Placed | None:
        """Find room for a label of the mark at ``at``: the longest wording first, the mark's own row first.

        Args:
            at: where the mark stands, px.
            reach: how far the mark reaches to each side, px.
            wordings: the label's words, from the fullest to the shortest that still helps.
            is_centred: above or below the mark, stand over its middle rather than begin or end there.

        Returns:
            The place, now taken; None when there is room for no wording in any row.
        """
        for words in wordings:
            width = text_width(words)
            for row, shelf in self._rows.items():
                for left in self._candidates(row, at, reach, width, is_centred=is_centred):
                    is_inside = left >= self.left and left + width <= self.right
                    if is_inside and shelf.is_free(left - 5, left + width + 5):
                        shelf.take(left - 3, left + width + 3)
                        return Placed(words, row, left)
        return None

    def _candidates(self, row: int, at: float, reach: float, width: float, *, is_centred: bool) -> tuple[float, ...]:
        if row == 0:
            return at + reach + 7, at - reach - 7 - width
        centre = min(max(at - width / 2, self.left), self.right - width)
        return (centre,) if is_centred else (at - 4, at + 4 - width, centre)
