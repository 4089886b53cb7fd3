"""The hour that a zone has twice when its clocks go back: told apart by the order of the entries, where that can be.

In a file whose entries are in order, the first pass through that hour ends where the times go back. Without such a
step the entries are read as of the first pass, and stay doubtful; with more than one they are out of order, and stay so too.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .times import HOUR_MICROS

Times = npt.NDArray[np.int64]

_JITTER = 10 * 10**6
"""Entries of several threads are out of order by seconds, which is no change of the clocks."""

_APART = 12 * HOUR_MICROS
"""Times further apart than this are not of the same change."""


@dataclass(slots=True)
class _Change:
    """One change of the clocks: entries read as before it and behind it, and how often the times went back."""

    n_first: int = 0
    n_second: int = 0
    n_back: int = 0


@dataclass(slots=True)
class HourCount:
    """The entries in hours that the zone has twice, carried from block to block.

    Attributes:
        last: the last such entry, read as of the first pass; None before there was one.
        changes: one per change of the clocks that the file passes.
    """

    last: int | None = None
    changes: list[_Change] = field(default_factory=list)

    def seconds(self, times: Times) -> npt.NDArray[np.bool_]:
        """Which of these entries, which come next in the file, are of the second pass.

        Args:
            times: instants read as of the first pass, in microseconds since 1970.
        """
        before = np.concatenate(([times[0] if self.last is None else self.last], times[:-1]))
        is_new = np.abs(times - before) > _APART
        if not self.changes:
            is_new[0] = True
        is_back = (times - before < -_JITTER) & ~is_new
        is_second = np.zeros(len(times), bool)
        for part in np.split(np.arange(len(times)), np.flatnonzero(is_new)):
            if not len(part):
                continue
            if is_new[part[0]]:
                self.changes.append(_Change())
            change = self.changes[-1]
            is_second[part] = change.n_back + np.cumsum(is_back[part]) > 0
            change.n_back += int(is_back[part].sum())
            change.n_second += int(is_second[part].sum())
            change.n_first += int((~is_second[part]).sum())
        self.last = int(times[-1])
        return is_second

    def told_apart(self) -> tuple[int, int]:
        """How many entries are certainly of the first pass, and of the second."""
        certain = [change for change in self.changes if change.n_back == 1]
        return sum(change.n_first for change in certain), sum(change.n_second for change in certain)

    def n_doubtful(self) -> int:
        """How many entries may be of either pass."""
        return sum(change.n_first + change.n_second for change in self.changes if change.n_back != 1)
