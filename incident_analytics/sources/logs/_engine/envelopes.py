"""What stands around records: how documents are laid out, values of their objects, documents packed inside others."""

from __future__ import annotations

import base64
import functools
import json
import re
import zlib
from dataclasses import dataclass
from typing import Any

from .brackets import Brackets

PACKED_BYTES = 64 << 20
"""How much a document may hold that is packed inside another one."""

_BOM = b"\xef\xbb\xbf"
_PLACE = re.compile(r"([^.\[\]]+)(?:\[([^\]]*)\])?")


@dataclass(frozen=True, slots=True)
class Shape:
    """How the JSON of a file is laid out.

    Attributes:
        is_document: documents go over several lines, or hold their records in a list.
        is_per_line: each line is a document of its own.
    """

    is_document: bool
    is_per_line: bool


@functools.lru_cache(maxsize=2)
@functools.lru_cache(maxsize=2)  # every format asks it of the same file
def shape_of(head: bytes) -> Shape:
    """What the beginning of a file says about how its JSON is laid out."""
    text = head.removeprefix(_BOM).lstrip()
    first, _, rest = text.partition(b"\n")
    first = first.rstrip()
    if not first.startswith((b"{", b"[")):
        return Shape(is_document=False, is_per_line=True)
    is_open = bool(rest.strip()) and first.endswith((b"{", b"[", b",")) and not _is_balanced(first)
    # A list that does not begin with an object is none of records; in a text log a bracket is only a bracket.
    is_list = re.match(rb"\[\s*[{\]]", text) is not None
    return Shape(is_document=is_open or is_list, is_per_line=not is_open)


def _is_balanced(line: bytes) -> bool:
    depths = Brackets(is_per_line=False).of(line).depths
    return len(depths) > 0 and int(depths[-1]) == 0


def loaded(text: bytes) -> Any:
    """A JSON value; None where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def value_at(value: Any, path: str) -> Any:
    """What stands at a path such as ``group`` or ``tags[name]``; None where nothing does."""
    for step in _PLACE.finditer(path):
        value = value.get(step[1]) if isinstance(value, dict) else None
        if step[2] is not None:
            items = value if isinstance(value, list) else []
            value = next((x.get("value") for x in items if isinstance(x, dict) and x.get("key") == step[2]), None)
            if isinstance(value, dict):  # a value with its type for a key
                value = next(iter(value.values()), None)
    return value


def unpacked(text: str) -> bytes | None:
    """BASE64 of GZIP; None where it is not, or too much."""
    try:
        stream = zlib.decompressobj(wbits=31)
        data = stream.decompress(base64.b64decode(text, validate=True), PACKED_BYTES + 1)
    except (ValueError, zlib.error):
        return None
    return data if stream.eof and len(data) <= PACKED_BYTES else None
