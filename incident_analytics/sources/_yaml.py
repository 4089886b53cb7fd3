"""YAML as a person writes it, read without YAML's surprises.

Every scalar is a text: ``NO`` stays a text, ``2019-07-02`` is no date, ``010`` no octal and ``12:30`` no number in
base 60; what a text is to become is the schema's business. Only an unquoted ``null``, ``~`` or nothing at all is
missing. Anchors, aliases and tags are refused (an alias can blow a small file up to gigabytes), so are a key given
twice, a second document, and nesting deeper than any record. Every node knows its line, for messages.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import yaml

from ..errors import DataError, SourceError

MAX_DEPTH = 24
_NULLS = ("", "~", "null", "Null", "NULL")
_NUMBER = re.compile(r"[+-]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_SPECIAL = {".nan": math.nan, ".inf": math.inf, "-.inf": -math.inf, "true": True, "false": False}
_LONGEST_INTEGER = 4000  # digits; Python refuses longer ones
# The C parser when PyYAML was built with it: the same events, some ten times faster.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True)
class Node:
    """A value of the file and the line it stands in.

    Attributes:
        line: counted from 1.
        value: None, a text, a list of nodes, or nodes by key.
        is_plain: a text that was written without quotes.
        key_lines: line of each key of a mapping.
    """

    line: int
    value: str | list[Node] | dict[str, Node] | None
    is_plain: bool = False
    key_lines: dict[str, int] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """What the node is, as a message says it."""
        names = {str: "a text", list: "a list", dict: "a mapping", type(None): "nothing"}
        return names[type(self.value)]


def parse(text: str, *, where: str) -> Node:
    """The only document of a YAML text as a tree of nodes.

    Args:
        text: the file's text.
        where: how messages call the file.

    Raises:
        SourceError: it is no YAML, or uses what this reader refuses; the message names the line.
    """
    root = Node(1, None)
    stack: list[_Open] = []
    documents = 0
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            line = event.start_mark.line + 1 if event.start_mark else 0
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise SourceError(f"{where}, line {line}: a second document begins; expected one record")
            elif isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
                stack.pop()
            elif isinstance(event, yaml.NodeEvent):
                _refuse(event, where, line)
                node = _node_of(event, line)
                if stack:
                    stack[-1].add(node, where)
                else:
                    root = node
                if isinstance(node.value, (list, dict)):
                    stack.append(_Open(node))
                if len(stack) > MAX_DEPTH:
                    raise SourceError(f"{where}, line {line}: nested deeper than {MAX_DEPTH} levels")
    except yaml.YAMLError as error:
        raise SourceError(f"{where}: not valid YAML: {_said(error)}") from error
    return root


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come yet."""

    node: Node
    key: Node | None = None

    def add(self, node: Node, where: str) -> None:
        """Put the next node into the list, or keep it as the next key of the mapping."""
        inside = self.node.value
        if isinstance(inside, list):
            inside.append(node)
        elif isinstance(inside, dict):
            if self.key is not None:
                inside[cast("str", self.key.value)] = node
                self.key = None
                return
            if isinstance(node.value, (list, dict)):
                raise SourceError(f"{where}, line {node.line}: {node.kind} is used as a key; expected a text")
            node.value = node.value or ""
            if node.value in inside:
                first = self.node.key_lines[node.value]
                raise SourceError(
                    f"{where}, line {node.line}: key {node.value!r} is given twice, first in line {first}"
                )
            self.node.key_lines[node.value] = node.line
            self.key = node


def _refuse(event: yaml.NodeEvent, where: str, line: int) -> None:
    if isinstance(event, yaml.AliasEvent) or event.anchor:
        raise SourceError(
            f"{where}, line {line}: anchors and aliases (&{event.anchor}, *{event.anchor}) are not read; "
            "expected the value itself"
        )
    tag = getattr(event, "tag", None)
    # A quoted scalar carries the tag "!" in some versions of the parser: that is no tag of the writer's.
    if tag not in (None, "!"):
        raise SourceError(f"{where}, line {line}: the tag {tag!r} is not read; expected a plain value")


def _node_of(event: yaml.NodeEvent, line: int) -> Node:
    if isinstance(event, yaml.SequenceStartEvent):
        return Node(line, [])
    if isinstance(event, yaml.MappingStartEvent):
        return Node(line, {})
    scalar = cast("yaml.ScalarEvent", event)
    is_plain = scalar.style in (None, "")
    value = None if is_plain and scalar.value in _NULLS else scalar.value
    return Node(line, value, is_plain=is_plain)


def _said(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    return f"{problem} in line {mark.line + 1}" if mark is not None else str(problem)


def plain(node: Node) -> Any:
    """The node as JSON would have it, for a column that holds whatever a source said.

    Unquoted numbers, ``true`` and ``false`` are numbers and flags here; quoted ones, and all else, are texts.
    """
    match node.value:
        case dict():
            return {key: plain(inner) for key, inner in node.value.items()}
        case list():
            return [plain(inner) for inner in node.value]
        case str() if node.is_plain:
            return _typed(node.value)
        case _:
            return node.value


def _typed(text: str) -> object:
    if text in _SPECIAL:
        return _SPECIAL[text]
    if len(text) > _LONGEST_INTEGER or not _NUMBER.fullmatch(text):
        return text
    return float(text) if set(text) & set(".eE") else int(text)


class _Dumper(yaml.SafeDumper):
    """Quotes every text that any YAML reader could take for something else, and that :func:`plain` could."""

    def ignore_aliases(self, data: object) -> bool:
        """Write an object met twice twice: aliases are not read."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent the entries of a list below their key."""
        super().increase_indent(flow, False)


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # These count as line ends in YAML 1.1 and come back as plain ones unless they are escaped.
    has_odd_ends = any(c in text for c in "\x85\u2028\u2029\ufeff")
    style = '"' if has_odd_ends else "|" if "\n" in text.strip("\n") else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)
_Dumper.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(rf"^(?:{_NUMBER.pattern}|-?\.inf|\.nan)$"), list("+-.0123456789")
)


def dump(tree: Mapping[str, object]) -> str:
    """The tree as YAML that :func:`parse` and :func:`plain` read back without loss; the same tree, the same text.

    Raises:
        DataError: it holds something that JSON has no word for.
    """
    return yaml.dump(
        _jsonable(tree, "record"), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=108, indent=2
    )


def _jsonable(value: object, place: str) -> object:
    if isinstance(value, np.generic):
        value = value.item()
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Mapping():
            for key in value:
                if not isinstance(key, str):
                    raise DataError(f"{place} holds the key {key!r}; expected a text")
            return {key: _jsonable(inner, f"{place}.{key}") for key, inner in value.items()}
        case Sequence() | np.ndarray():
            return [_jsonable(inner, f"{place}[{i}]") for i, inner in enumerate(value)]
        case _:
            raise DataError(f"{place} holds a {type(value).__name__}; expected text, number, flag, list or mapping")
