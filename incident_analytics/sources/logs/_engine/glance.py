"""A first look at a few lines: how many of them could be entries of a format, and how much of them it explains.

No database and no times: a look at 200 lines costs a format about a millisecond. It says which formats are worth a
closer look; a line that only resembles an entry counts here and is found out there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .layout import LogFormat
from .pairs import PAIR
from .parsing import ESCAPES
from .regular_text import spans_of

LONGEST_SEEN = 4_096
"""Characters of a line of text that are looked at."""


@dataclass(frozen=True, slots=True)
class Glance:
    """What a format makes of some lines at first sight.

    Attributes:
        entries: share of the lines that could be entries.
        explained: how much of the lines the format accounts for before the message begins, or how many keys of the
            objects it knows; 0 to 1, over all lines.
        resembling: share of the lines that are of the format's kind, entries or not: it orders those that do not fit.
    """

    entries: float
    explained: float
    resembling: float


class Sample:
    """A few lines of a file, as every format sees them."""

    def __init__(self, lines: Sequence[bytes]) -> None:
        texts = (line.decode("utf-8", "backslashreplace") for line in lines)
        self._texts = [re.sub(ESCAPES, "", text) if "\x1b" in text else text for text in texts]

    def __len__(self) -> int:
        return len(self._texts)

    def glance(self, layout: LogFormat) -> Glance:
        """What a format makes of the lines at first sight."""
        if not self._texts:
            return Glance(0.0, 0.0, 0.0)
        match layout.kind:
            case "json":
                return self._json_glance(layout)
            case "logfmt":
                return self._logfmt_glance(layout)
            case "columns":
                return self._columns_glance(layout)
            case _:
                return self._pattern_glance(layout)

    @cached_property
    def _objects(self) -> list[dict[str, Any]]:
        """The lines that are JSON objects."""
        found = (_object_of(text) for text in self._texts if text.lstrip()[:1] == "{")
        return [value for value in found if value is not None]

    @cached_property
    def _heads(self) -> pa.Array:
        # A line end stands there for patterns that ask for one.
        return pa.array([f"{text[:LONGEST_SEEN]}\n" for text in self._texts], pa.string())

    def _json_glance(self, layout: LogFormat) -> Glance:
        known = set(layout.top_keys)
        times = (*layout.keys.get("time", ()), *(whole for whole, _ in layout.seconds))
        entries, explained = 0, 0.0
        for value in self._objects:
            if any(_holds(value, key) for key in times) and all(map(partial(_holds, value), layout.marks)):
                entries += 1
                explained += len(known & value.keys()) / len(value)
        n = len(self._texts)
        return Glance(entries / n, explained / n, len(self._objects) / n)

    def _logfmt_glance(self, layout: LogFormat) -> Glance:
        keys = {key for keys in layout.keys.values() for key in keys}
        times = set(layout.keys["time"])
        shaped = [re.findall(PAIR, text[:LONGEST_SEEN]) for text in self._texts if re.match(PAIR, text.lstrip())]
        entries = [set(found) for found in shaped if times.intersection(found)]
        explained = sum(len(keys & found) / len(found) for found in entries)
        n = len(self._texts)
        return Glance(len(entries) / n, explained / n, len(shaped) / n)

    def _columns_glance(self, layout: LogFormat) -> Glance:
        names, said, entries = 0, 0, 0
        for text in self._texts:
            if text.startswith(layout.header):
                names = len(text[len(layout.header) :].split())
            if re.match(layout.comments, text):
                said += 1
            elif names and len(text.rstrip("\r").split("\t" if "\t" in text else " ")) == names:
                entries += 1
        share = (said + entries) / len(self._texts) if names else 0.0
        return Glance(share, share, share)

    def _pattern_glance(self, layout: LogFormat) -> Glance:
        subject, size = self._heads, pc.binary_length(self._heads).to_numpy()
        found: dict[str, Any] = {}
        explained, any_match = np.zeros(len(size)), np.zeros(len(size), bool)
        for pattern in layout.patterns:
            spans = pc.extract_regex_span(subject, pattern)
            any_match |= spans.is_valid().to_numpy(zero_copy_only=False)
            for field in spans.type:
                span, name = spans_of(spans, field.name), field.name.rstrip("0123456789")
                found[name] = np.maximum(found[name], span[:, 1]) if name in found else span[:, 1]
                if name == "message":
                    explained += span[:, 0]
            if "head" in found:
                head = found.pop("head")
                explained += head
                if not head.any():
                    continue
                subject = pa.array([text[n:] for text, n in zip(_bytes_of(subject), head, strict=True)]).cast(
                    pa.string()
                )
        if not explained.any():
            explained += sum(found[name] for name in found if name != "message")
        is_entry = np.ones(len(size), bool)
        for name in layout.required:
            is_entry &= found[name] > 0
        n = len(self._texts)
        share = (explained * is_entry / size).sum() / n
        return Glance(float(is_entry.sum() / n), float(share), float(any_match.sum() / n))


def _object_of(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _holds(value: dict[str, Any], key: str) -> bool:
    """The object has that key, as it is or, where it has dots, inside others; of ``a|b``, one of them."""
    if "|" in key:
        return any(_holds(value, option) for option in key.split("|"))
    if key in value:
        return True
    inner: Any = value
    for part in key.split("."):
        if not isinstance(inner, dict) or part not in inner:
            return False
        inner = inner[part]
    return True


def _bytes_of(texts: pa.Array) -> list[bytes]:
    return [bytes(text) for text in texts.cast(pa.binary()).to_pylist()]
