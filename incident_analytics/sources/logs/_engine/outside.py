"""Lines outside the time asked for, told by their time alone: nothing else about them is looked at.

Where a line begins as an entry does, up to its time, and that time is spelled in a regular way, the time settles whether the line
was asked for. That most lines of a large file cost no more than this makes reading an hour out of a day fast. A line
that is broken behind such a time is outside as well: it would be rejected if its time had been asked for. What is
decided here is decided by the line itself, so it makes no difference how a file is cut into blocks.
"""

from __future__ import annotations

import functools

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .clocks import LONGEST
from .layout import LogFormat
from .regular_text import spans_of
from .slices import Spans, Text

_USUAL = 24  # as in 2026-01-05T09:00:00.000Z


def times_in_front(text: Text, texts: pa.Array, layout: LogFormat) -> Spans | None:
    """Where the time stands in each line, as far as that can be told without reading what follows it.

    Args:
        text: the block.
        texts: its lines.
        layout: their format.

    Returns:
        None when the format does not have its times in front.
    """
    keys = layout.keys.get("time", ())
    if layout.kind == "json":
        # Only the key that goes before all others: another may stand further on.
        heads = [f'{{"{key}":{blank}' for key in keys[:1] for blank in ("", " ") if not {".", "+"} & set(key)]
        return _first_values(text, heads, b",}")
    if layout.kind == "logfmt":
        return _first_values(text, [f"{key}=" for key in keys], b" \n")
    pattern = _up_to_time(layout.patterns[0]) if layout.kind == "pattern" else None
    if pattern is None:
        return None
    pairs = spans_of(pc.extract_regex_span(texts, pattern), "time")
    begins = text.begins + pairs[:, 0]
    return Spans(begins, begins + pairs[:, 1], pairs[:, 1] > 0)


def _first_values(text: Text, heads: list[str], closing: bytes) -> Spans | None:
    """What stands behind the head that a line begins with: up to the next quote where it begins with one, else to a sign."""
    n = len(text.begins)
    starts, ends, is_there = np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n, bool)
    for head in (head.encode() for head in heads):
        if is_there.all():
            break
        quoted = text.reads(text.begins, head + b'"')
        bare = text.reads(text.begins, head) & ~quoted if not quoted.all() else ~quoted
        for which, wanted in ((quoted, b'"'), (bare, b'"' + closing)):
            lines = np.flatnonzero(which)
            if len(lines):
                at = text.begins[lines] + len(head)
                limits = np.minimum(at + LONGEST + 2, text.ends[lines])
                places = text.found(at + 1, wanted, limits, usual=_USUAL)
                starts[lines], ends[lines], is_there[lines] = at + quoted[lines], places, places < limits
    return Spans(starts, ends, is_there) if heads else None


@functools.cache
def _up_to_time(pattern: str) -> str | None:
    """The pattern as far as it reads the time; None when it may begin in several ways, or has more places for a time."""
    start = pattern.find("(?P<time>")
    if start < 0 or not pattern.startswith("^") or "(?P<time2>" in pattern:
        return None
    depth = outer = place = 0
    is_class = False
    while place < len(pattern):
        sign = pattern[place]
        if place == start:
            outer = depth
        if sign == "\\":
            place += 1
        elif is_class:
            is_class = sign != "]"
        elif sign == "[":
            is_class = True
            # A bracket that stands first is one of the characters.
            place += pattern[place + 1 : place + 2] == "^"
            place += pattern[place + 1 : place + 2] == "]"
        elif sign == "(":
            depth += 1
        elif sign == "|" and place < start and depth == 0:
            return None
        elif sign == ")":
            depth -= 1
            if place > start and depth == outer:
                is_optional = pattern[place + 1 : place + 2] in ("?", "*")
                return None if is_optional else pattern[: place + 1] + ")" * depth
        place += 1
    return None
