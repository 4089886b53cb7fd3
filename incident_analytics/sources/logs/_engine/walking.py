"""Lines made of the same bytes around values that differ, taken apart from left to right, a step for all lines at once."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .slices import Flags, Ints, Spans, Text

SOME = 50
"""Lines of a block that show which values are of one length."""


@dataclass(slots=True)
class Model:
    """What lines look like: ``fixed[0]``, a value, ``fixed[1]``, a value, and so on up to ``fixed[-1]``, which ends them.

    Attributes:
        fixed: bytes that are the same in every line. A value ends where the first byte of what follows it first stands:
            where nothing follows, with the line.
        lengths: bytes of each value in the line that the model was made from.
        strangers: per value, bytes that it must not have.
    """

    fixed: list[bytes] = field(default_factory=lambda: [b""])
    lengths: list[int] = field(default_factory=list)
    strangers: list[bytes] = field(default_factory=list)

    def add(self, part: bytes) -> None:
        """Bytes that are the same in every line."""
        self.fixed[-1] += part

    def add_value(self, length: int, *, strangers: bytes = b"") -> int:
        """A value; its number."""
        self.fixed.append(b"")
        self.lengths.append(length)
        self.strangers.append(strangers)
        return len(self.lengths) - 1


def walked(text: Text, lines: Ints, model: Model) -> tuple[Ints, list[Spans]]:
    """The lines that look like the model, and where their values stand.

    Args:
        text: the block.
        lines: numbers of the lines to look at.
        model: what they look like.
    """
    if len(lines) == len(text.begins):
        values = _by_length(text, model)
        if values is not None:
            return lines, values
    return _by_search(text, lines, model)


def _by_search(text: Text, lines: Ints, model: Model) -> tuple[Ints, list[Spans]]:
    """The same, each value up to where it ends, the lines that do not look like the model left out on the way."""
    values: list[Spans] = []
    limits, at = text.contents[lines], text.begins[lines]
    is_alike = text.reads(at, model.fixed[0])
    at = at + len(model.fixed[0])
    for following, length, strangers in zip(model.fixed[1:], model.lengths, model.strangers, strict=True):
        lines, limits, at, values = _kept(is_alike, lines, limits, at, values)
        wanted = following[:1] + strangers
        ends = text.found(at, wanted, limits, usual=length) if wanted else limits
        values.append(Spans(at, ends))
        is_alike = text.reads(ends, following)
        at = ends + len(following)
    lines, _, _, values = _kept(is_alike & (at == limits), lines, limits, at, values)
    return lines, values


def _by_length(text: Text, model: Model) -> list[Spans] | None:
    """Where the values stand, if all lines of the block look like the model; None where that is not so easily told.

    Mostly values of a kind are of one length, as times are, and the last one ends at the same distance from the line
    end. Then it is enough to see what stands around them, and that there are no more quotes in the block than those.
    """
    *middle, last = model.fixed[1:]
    if any(model.strangers) or last[:1] != b'"':
        return None
    some = np.arange(0, len(text.begins), max(1, len(text.begins) // SOME))
    alike, seen = _by_search(text, some, model)
    if len(alike) < len(some):
        return None
    at, values, run = text.begins, list[Spans](), _Run(model.fixed[0])
    for following, length, span in zip(middle, model.lengths, seen, strict=False):
        if following[:1] == b'"' and (span.lengths == length).all():
            run.add(length, following)
            continue
        if not text.reads(at, run.expected, run.mask).all():
            return None
        values += run.values(at)
        at = at + len(run.expected)
        ends = text.found(at, following[:1], text.contents, usual=length)
        values.append(Spans(at, ends))
        at, run = ends, _Run(following)
    if not text.reads(at, run.expected, run.mask).all():
        return None
    values += run.values(at)
    at, ends = at + len(run.expected), text.contents - len(last)
    # A value that was taken beyond the end of its line shows in the last one, which then ends before it begins.
    if (ends < at).any() or not text.reads(ends, last).all():
        return None
    n_quotes = sum(part.count(b'"') for part in model.fixed)
    return [*values, Spans(at, ends)] if text.count(b'"') == n_quotes * len(text.begins) else None


class _Run:
    """Fixed bytes with values of a known length between them, to be compared in one go: the mask leaves out the values."""

    def __init__(self, part: bytes) -> None:
        self.expected = part
        self.mask = b"\xff" * len(part)
        self._values: list[tuple[int, int]] = []

    def add(self, length: int, following: bytes) -> None:
        self._values.append((len(self.expected), length))
        self.expected += bytes(length) + following
        self.mask += bytes(length) + b"\xff" * len(following)

    def values(self, at: Ints) -> list[Spans]:
        return [Spans(at + place, at + (place + length)) for place, length in self._values]


def _kept(
    is_alike: Flags, lines: Ints, limits: Ints, at: Ints, values: list[Spans]
) -> tuple[Ints, Ints, Ints, list[Spans]]:
    """All of it for the lines that still look like the model."""
    if is_alike.all():
        return lines, limits, at, values
    which = np.flatnonzero(is_alike)
    return lines[which], limits[which], at[which], [span.chosen(which) for span in values]
