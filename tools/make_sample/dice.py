"""Seeded dice that fall the same way on every Python version.

Only ``random.Random.random`` and its seeding with a text are promised to stay the same between versions, so every
other draw is made of them here.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

_BASE36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Dice:
    """One topic's dice.

    Args:
        seed: the seed of the whole sample.
        topic: what the dice are for; topics do not disturb each other.
    """

    def __init__(self, seed: int, topic: str) -> None:
        self._random = random.Random(f"{seed}/{topic}")
        self.unit = self._random.random

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int(self.unit() * (high - low + 1))

    def chance(self, probability: float) -> bool:
        """True with the given probability."""
        return self.unit() < probability

    def pick(self, items: Sequence[T]) -> T:
        """One of the items."""
        return items[int(self.unit() * len(items))]

    def weighted(self, items: Sequence[T], cumulative: Sequence[float]) -> T:
        """One of the items; ``cumulative`` are the running sums of their weights."""
        mark = self.unit() * cumulative[-1]
        return next(item for item, edge in zip(items, cumulative, strict=True) if mark < edge)

    def sample(self, items: Sequence[T], n: int) -> list[T]:
        """``n`` different items in the order in which they were drawn."""
        left = list(items)
        return [left.pop(int(self.unit() * len(left))) for _ in range(n)]

    def lognormal(self, mu: float, sigma: float) -> float:
        """A lognormal draw, rounded so that the last bit of a logarithm cannot matter."""
        normal = math.sqrt(-2 * math.log(1 - self.unit())) * math.cos(2 * math.pi * self.unit())
        return round(math.exp(mu + sigma * normal), 6)

    def poisson(self, mean: float) -> int:
        """How often something rare happened (Knuth's method; fine for means below some hundreds)."""
        if mean <= 0:
            return 0
        edge, product, n = math.exp(-mean), self.unit(), 0
        while product > edge:
            product *= self.unit()
            n += 1
        return n

    def hexadecimal(self, digits: int) -> str:
        """That many hexadecimal digits."""
        return (
            f"{int(self.unit() * (1 << 48)):012x}"[:digits]
            if digits <= 12
            else (self.hexadecimal(12) + self.hexadecimal(digits - 12))
        )

    def token(self, letters: int) -> str:
        """That many capital letters and digits."""
        return "".join(_BASE36[int(self.unit() * 36)] for _ in range(letters))
