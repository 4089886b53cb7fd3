"""Messages into templates: what differs between two runs of the same statement becomes a placeholder.

Before the masks are put on, all digits are written as 0 and equal texts are put together: the masks
treat all digits alike, so the result is the same, and they see a few hundred texts instead of a million.
"""

from __future__ import annotations

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

_ZEROS = bytes.maketrans(b"123456789", b"000000000")


def templates_of(messages: pa.Array) -> pa.Array:
    """The template of each message; missing where the message is."""
    distinct = _digits_as_zero(messages).dictionary_encode()
    return _masked(distinct.dictionary).take(distinct.indices)


def _masked(texts: pa.Array) -> pa.Array:
    for placeholder, pattern in MASKS:
        texts = pc.replace_substring_regex(texts, pattern, placeholder)
    return texts


def _digits_as_zero(messages: pa.Array) -> pa.Array:
    """The same texts with every digit as 0: ASCII digits are single bytes in UTF-8, so the bytes may be swapped."""
    texts = messages.cast(pa.large_string())
    if texts.offset:
        texts = pc.take(texts, pa.array(range(len(texts))))
    valid, offsets, data = texts.buffers()
    swapped = pa.py_buffer(data.to_pybytes().translate(_ZEROS) if data is not None else b"")
    return pa.Array.from_buffers(pa.large_string(), len(texts), [valid, offsets, swapped])
