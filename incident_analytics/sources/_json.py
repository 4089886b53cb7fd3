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
_scan_once = json.scanner.make_scanner(json.JSONDecoder())  # type: ignore[attr-defined]  # it is there
_WHITESPACE = re.compile(r"[ \t\n\r]*")
_BLANKS = (" ", "\t", "\n", "\r")
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
        start: where it begins in a text that is read row by row; -1 elsewhere, and where it is wrapped.
    """

    place: str
    value: Any
    around: Mapping[str, Any] = MappingProxyType({})
    stream: str = ""
    start: int = -1


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
        found = [each for document in documents for each in _unwrapped(document, "", lists, is_record)]
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
        if _is_deep(document):
            raise RecursionError(f"nested more than {MAX_DEPTH} deep")
        yield from _unwrapped(document if is_clean else _storable(document), place, lists, is_record)


def is_storable(text: str) -> bool:
    """Whether what a file of JSON says can be stored as it is, with no half of a surrogate pair in it."""
    if "\\u" in text and _HALF.search(text):
        return False
    try:
        return text.isascii() or bool(text.encode("utf-8"))
    except UnicodeEncodeError:
        return False


class IrregularError(ValueError):
    """A file is not laid out so that its records can be read one by one."""


def streamed(text: str, lists: Sequence[str], is_record: IsRecord | None = None) -> Iterator[Found]:
    """What :func:`found_in` finds, one by one, so that a large file never stands in memory as a million objects.

    Args:
        text: a whole file that :func:`is_storable`.
        lists: names under which the vendor puts its records.
        is_record: see :func:`found_in`.

    Yields:
        The records. What stands around a list is complete when all of it was taken.

    Raises:
        IrregularError: it is neither a list, nor an object around one list, nor whole lines; or it is no JSON. It may
            come after some records, which :func:`found_in` then gives again, or says what is wrong with them.
    """
    start = _after_blanks(text, 0)
    try:
        if text.startswith("[", start):
            for index, begin, item in _items(text, start, _End()):
                yield from _placed(begin, item, f"[{index}]", lists, is_record)
        elif _begins_line(text, start):
            yield from _by_line(text, start, lists, is_record)
        else:
            yield from _in_page(text, start, lists, is_record)
    except (ValueError, RecursionError) as error:
        raise IrregularError(str(error)) from error


def value_at(text: str, start: int) -> Any:
    """The value that begins at a place of a text of JSON, once more."""
    return _scan(text, start)[0]


def _scan(text: str, start: int) -> tuple[Any, int]:
    try:
        value, after = _scan_once(text, start)
    except StopIteration as error:
        raise IrregularError(f"no value at {start}") from error
    return value, after


class _End:
    """Where a list in a text ends, known once all of it was taken; a list that is not alone goes on behind it."""

    at = -1


def _items(text: str, start: int, end: _End, *, is_alone: bool = True) -> Iterator[tuple[int, int, object]]:
    """Number, beginning and value of every item of the list that begins at a place."""
    begin, index = _after_blanks(text, start + 1), 0
    if text.startswith("]", begin):
        end.at = begin + 1
    while end.at < 0:
        item, mark = _scan(text, begin)
        # A record is as deep as it has opening brackets, at most.
        if text.count("[", begin, mark) + text.count("{", begin, mark) > MAX_DEPTH and _is_deep(item):
            raise IrregularError("nested too deeply")
        yield index, begin, item
        if text[mark : mark + 1] in _BLANKS:
            mark = _after_blanks(text, mark)
        if text[mark : mark + 1] == ",":
            begin, index = _after_blanks(text, mark + 1), index + 1
        elif text[mark : mark + 1] == "]":
            end.at = mark + 1
        else:
            raise IrregularError(f"neither a comma nor the end of the list at {mark}")
    if is_alone and _after_blanks(text, end.at) != len(text):
        raise IrregularError("more after the list")


def _placed(begin: int, item: object, place: str, lists: Sequence[str], is_record: IsRecord | None) -> Iterator[Found]:
    for found in _unwrapped(item, place, lists, is_record):
        yield found._replace(start=begin) if found.value is item else found


def _in_page(text: str, start: int, lists: Sequence[str], is_record: IsRecord | None) -> Iterator[Found]:
    """The records of the only list in an object."""
    if not text.startswith("{", start):
        raise IrregularError("neither a list nor an object")
    around: dict[str, Any] = {}
    named, at = "", start
    while not text.startswith("}", at) or at == start:
        quote = _after_blanks(text, at + 1)
        if not text.startswith('"', quote):
            raise IrregularError("no name where one is expected")
        name, after = _scan(text, quote)
        colon = _after_blanks(text, after)
        begin = _after_blanks(text, colon + 1)
        if not text.startswith(":", colon) or name in around or name == named:
            raise IrregularError("a name without a value, or twice")
        if name in lists:
            if named or not text.startswith("[", begin):
                raise IrregularError("more than one list, or none")
            named, end = name, _End()
            for index, item_begin, item in _items(text, begin, end, is_alone=False):
                yield Found(f"{name}[{index}]", item, around, name, item_begin)
            after = end.at
        else:
            around[name], after = _scan(text, begin)
        at = _after_blanks(text, after)
        if text[at : at + 1] not in (",", "}"):
            raise IrregularError("neither a comma nor the end of the object")
    if _after_blanks(text, at + 1) != len(text):
        raise IrregularError("more after the object")
    if not named or _is_deep(around) or (is_record is not None and is_record({**around, named: []})):
        raise IrregularError("no list of records")


def _begins_line(text: str, start: int) -> bool:
    """Whether the first line is a whole object and another line follows it."""
    end = text.find("\n", start)
    return (
        text.startswith("{", start)
        and 0 < end < _after_blanks(text, end) < len(text)
        and isinstance(_parsed(text[start:end]), dict)
    )


def _by_line(text: str, start: int, lists: Sequence[str], is_record: IsRecord | None) -> Iterator[Found]:
    number = 1 + text.count("\n", 0, start)
    while start < len(text):
        item, after = _scan(text, start)
        if not isinstance(item, (dict, list)) or "\n" in text[start:after] or _is_deep(item):
            raise IrregularError("a line that is no whole record")
        yield from _placed(start, item, f"line {number}", lists, is_record)
        start = _after_blanks(text, after)
        n_breaks = text.count("\n", after, start)
        if not n_breaks and start < len(text):
            raise IrregularError("more than one value in a line")
        number += n_breaks


def _after_blanks(text: str, at: int) -> int:
    return at if text[at : at + 1] not in _BLANKS else _WHITESPACE.match(text, at).end()  # type: ignore[union-attr]  # it always matches


def _is_deep(document: object) -> bool:
    level = [document]
    for _ in range(MAX_DEPTH):
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


def _unwrapped(value: object, place: str, lists: Sequence[str], is_record: IsRecord | None) -> Iterator[Found]:
    """What may be records in a document."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unwrapped(item, f"{place}[{index}]", lists, is_record)
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
