"""Messages into templates: what differs between two runs of the same statement becomes a placeholder.

Before the masks are put on, all digits are written as 0 and equal texts are put together: the masks
treat all digits alike, so the result is the same, and they see a few hundred texts instead of a million.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_HEX = "[0-9a-fA-F]"
# Eight or more hexadecimal digits with a letter among them, by where the first letter stands.
_LONG_HEX = "|".join([*(f"[0-9]{{{n}}}[a-fA-F]{_HEX}{{{7 - n},}}" for n in range(8)), f"[0-9]{{8,}}[a-fA-F]{_HEX}*"])

MASKS: tuple[tuple[str, str], ...] = (
    ("<uuid>", rf"\b{_HEX}{{8}}-(?:{_HEX}{{4}}-){{3}}{_HEX}{{12}}\b"),
    ("<path>", r"""["']/[^"'\s]*["']"""),
    ("<ip>", r"\b(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?::[0-9]{1,5})?\b"),
    ("<ip>", rf"\b(?:{_HEX}{{1,4}}:){{3,7}}{_HEX}{{1,4}}\b|\b(?:{_HEX}{{1,4}}:){{1,6}}(?::{_HEX}{{1,4}}){{1,6}}\b"),
    ("<hex>", rf"\b(?:0[xX]{_HEX}+|{_LONG_HEX})\b"),
    ("<num>", r"[0-9]+(?:\.[0-9]+)*"),
)
"""Placeholder and what it stands for, in the order in which they are applied."""

FEW = 2_000
"""Distinct messages of a block, up to which their templates are looked up among those that are known."""

MOST_KNOWN = 20_000
"""Templates that are remembered: memory must not depend on how many a file has."""

_ZERO = ord("0")


def templates_of(messages: pa.Array, known: dict[str, str]) -> pa.Array:
    """The template of each message; missing where the message is.

    Args:
        messages: texts.
        known: templates that were worked out before, which is added to; a file has the same few from block to block.
    """
    distinct = _digits_as_zero(messages).dictionary_encode()
    texts = distinct.dictionary
    if len(texts) > FEW:
        return _masked(texts).take(distinct.indices)
    spelled = texts.to_pylist()
    new = [text for text in spelled if text not in known]
    if new:
        masked = _masked(pa.array(new, pa.large_string())).to_pylist()
        if len(known) < MOST_KNOWN:
            known.update(zip(new, masked, strict=True))
        else:
            return _masked(texts).take(distinct.indices)
    return pa.array([known[text] for text in spelled], pa.large_string()).take(distinct.indices)


def _masked(texts: pa.Array) -> pa.Array:
    for placeholder, pattern in MASKS:
        texts = pc.replace_substring_regex(texts, pattern, placeholder)
    return texts


def _digits_as_zero(messages: pa.Array) -> pa.Array:
    """The same texts with every digit as 0: ASCII digits are single bytes in UTF-8, so the bytes may be swapped."""
    texts = messages.cast(pa.large_string())
    if texts.offset:
        texts = pa.concat_arrays([texts, pa.array([], pa.large_string())])
    valid, offsets, data = texts.buffers()
    if data is None:
        return texts
    swapped = np.frombuffer(data, np.uint8).copy()
    # Step by step in place: much faster than a look-up per byte, and it lets other threads work.
    above = swapped - np.uint8(_ZERO)
    above *= above <= 9
    swapped -= above
    return pa.Array.from_buffers(pa.large_string(), len(texts), [valid, offsets, pa.py_buffer(swapped)])
