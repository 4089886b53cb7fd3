"""JSON as exports hand it out: records found in a whole file, and in the first bytes of one.

An export is a list of records, an object around such a list (``{"incidents": [...]}``), JSON lines of either, or
the lines of a connector (``{"record": {"stream": ..., "data": {...}}}``).
"""

from __future__ import annotations

import functools
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[{}\[\],]', re.DOTALL)
MAX_DEPTH = 300
"""How deep an export may be nested; no vendor's comes near."""

_CLOSER = {"{": "}", "[": "]"}
_HALF = re.compile(r"\\u[dD][89a-fA-F]")  # half of a surrogate pair, escaped; most have their other half
# A connector's own messages between the records; they say nothing of incidents.
_CHATTER = ("LOG", "STATE", "TRACE", "SPEC", "CATALOG", "CONTROL")

IsRecord: TypeAlias = Callable[[dict[str, Any]], bool]


class Found(NamedTuple):
    """Something that stands where a record is expected.

    Attributes:
        place: where: ``incidents[3]``, ``line 7``.
        value: a dict, or whatever else stands there; the text of a line that is no JSON.
        around: what stood beside the list it is in, such as a page or the state of a group.
        stream: name of its list or stream; empty when it has none.
    """

    place: str
    value: Any
    around: Mapping[str, Any] = MappingProxyType({})
    stream: str = ""


@dataclass(frozen=True, slots=True)
class Sketch:
    """What the first bytes of a file show.

    Attributes:
        outer: the outermost object; empty when the file is a list or lines.
        records: the records seen, the last perhaps cut short.
    """

    outer: dict[str, Any]
    records: list[dict[str, Any]]


def sketch(head: bytes, lists: Sequence[str], is_record: IsRecord | None = None) -> Sketch:
    """The records that begin in the first bytes of a file; none when it is no JSON. Never raises.

    Args:
        head: the beginning of the file; it may end anywhere.
        lists: names under which the vendor puts its records.
        is_record: see :func:`found_in`.
    """
    documents = _begun(head)
    try:
        found = [each for document in documents for each in unwrapped(document, "", lists, is_record)]
    except RecursionError:
        return Sketch({}, [])
    outer = documents[0] if len(documents) == 1 and isinstance(documents[0], dict) else {}
    return Sketch(outer, [each.value for each in found if isinstance(each.value, dict)])


@functools.lru_cache(maxsize=2)
def _begun(head: bytes) -> list[Any]:
    """The documents that begin in the first bytes of a file; parsed once, however many sources are asked about it."""
    text = head.decode("utf-8-sig", "replace")
    try:
        try:
            return [json.loads(text)]
        except ValueError:
            return [d for _, d in _lines(text) if not isinstance(d, str)] or [json.loads(_mended(text))]
    except (ValueError, RecursionError):
        return []


def found_in(text: str, lists: Sequence[str], is_record: IsRecord | None = None) -> Iterator[Found]:
    """All that stands where a record is expected, in the order of the file.

    What comes out is not nested more than ``MAX_DEPTH`` deep, for what is done with it later, and holds no lone
    surrogate.

    Args:
        text: a whole file; bytes that are no UTF-8 may be there as surrogates.
        lists: names under which the vendor puts its records.
        is_record: tells a record from what stands around a list of them, where records hold lists of such a name.

    Raises:
        JSONDecodeError: it is no JSON, or neither a list nor an object.
        ValueError: it holds a number too long to be read.
        RecursionError: it is nested too deeply.
    """
    is_clean = is_storable(text)
    for place, document in _documents(text):
        if is_nested_deeper(document, MAX_DEPTH):
            raise RecursionError(f"nested more than {MAX_DEPTH} deep")
        yield from unwrapped(document if is_clean else _storable(document), place, lists, is_record)


def is_storable(text: str) -> bool:
    """Whether what a file of JSON says can be stored as it is, with no half of a surrogate pair in it."""
    if "\\u" in text and _HALF.search(text):
        return False
    try:
        return text.isascii() or bool(text.encode("utf-8"))
    except UnicodeEncodeError:
        return False


def is_nested_deeper(document: object, depth: int) -> bool:
    """Whether a document has objects and lists within each other more than so many deep."""
    level = [document]
    for _ in range(depth):
        level = [
            part
            for whole in level
            for part in (whole.values() if isinstance(whole, dict) else whole if isinstance(whole, list) else ())
            if isinstance(part, (dict, list))
        ]
        if not level:
            return False
    return True


def repeated_keys(text: str) -> Counter[str]:
    """Keys that an object of a file has more than once, each with how many objects have it so. Never raises."""
    repeated: Counter[str] = Counter()

    def noted(pairs: list[tuple[str, object]]) -> dict[str, object]:
        made = dict(pairs)
        if len(made) < len(pairs):
            repeated.update({key for key, n in Counter(key for key, _ in pairs).items() if n > 1})
        return made

    def is_read(document: str) -> bool:
        try:
            json.loads(document, object_pairs_hook=noted)
        except (ValueError, RecursionError):
            return False
        return True

    if not is_read(text):
        repeated.clear()
        for line in text.split("\n"):
            is_read(line)
    return repeated


def _documents(text: str) -> Iterator[tuple[str, object]]:
    """The JSON documents of a file with their places: one, or one per line; a broken line as its text."""
    try:
        whole = json.loads(text)
    except json.JSONDecodeError:
        lines = list(_lines(text))
        if not lines:
            raise
        yield from lines
        return
    if not isinstance(whole, (dict, list)):
        raise json.JSONDecodeError("neither a list nor an object", text, 0)
    yield "", whole


def _lines(text: str) -> Iterator[tuple[str, object]]:
    """Documents of a file of JSON lines, an unreadable line as its text; nothing when the file is no such thing.

    It is one when the first line begins an object and the first or the second line is a whole one.
    """
    lines = [(f"line {number}", line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    if len(lines) < 2 or not lines[0][1].lstrip().startswith("{"):
        return
    if not any(isinstance(_parsed(line), dict) for _, line in lines[:2]):
        return
    for place, line in lines:
        yield place, _parsed(line)


def _parsed(line: str) -> object:
    """A line's document, or the line itself when it is none."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return line
    return value if isinstance(value, (dict, list)) else line


def _mended(text: str) -> str:
    """The longest beginning of a cut-off document that is whole once its open brackets are closed."""
    stack: list[str] = []
    cut = 0
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if mark in _CLOSER:
            stack.append(_CLOSER[mark])
            cut = token.end()
        elif mark == ",":
            cut = token.start()
        elif mark in ("}", "]"):
            if not stack or stack.pop() != mark:
                break
            cut = token.end()
            if not stack:
                break
    return text[:cut] + "".join(reversed(stack))


def unwrapped(value: object, place: str, lists: Sequence[str], is_record: IsRecord | None) -> Iterator[Found]:
    """What may be records in a document; see :func:`found_in`."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from unwrapped(item, f"{place}[{index}]", lists, is_record)
        return
    if not isinstance(value, dict):
        yield Found(place, value, {}, "")
        return
    record = value.get("record")
    if isinstance(record, dict) and "data" in record:
        yield Found(place, record["data"], {}, str(record.get("stream", "")).rsplit("__", 1)[-1])
        return
    named = [name for name in lists if name in value]
    if named and is_record is not None and is_record(value):
        named = []
    if named:
        yield from _listed(value, place, named)
    elif not (value.get("type") in _CHATTER and str(value["type"]).lower() in value):
        yield Found(place, value, {}, "")


def _listed(value: dict[str, Any], place: str, named: Sequence[str]) -> Iterator[Found]:
    around = {key: cell for key, cell in value.items() if key not in named}
    start = f"{place}." if place else ""
    for name in named:
        inner = value[name]
        if isinstance(inner, list):
            for index, item in enumerate(inner):
                yield Found(f"{start}{name}[{index}]", item, around, name)
        elif inner is not None:
            yield Found(f"{start}{name}", inner, around, name)


def _storable(value: object) -> Any:
    """The document without lone surrogates, which no table can store: they are spelled out."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {_storable(key): _storable(item) for key, item in value.items()}
    return value
