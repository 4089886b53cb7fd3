"""A Markdown document laid out line by line: which section a line stands in, and what label it carries.

Reviews are written in two manners: with headings, and as one list whose items begin with a bold label (``**Impact**:``)
and hold the rest as nested items. Both become the same: lines, each with the title of what it stands under.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import mistune

from ..errors import SourceError
from ._markdown_words import normal
from ._yaml import Node, parse

MAX_BYTES = 2_000_000
FRONT = re.compile(r"\A---[ \t]*\r?\n(?P<yaml>.*?)^(?:---|\.\.\.)[ \t]*\r?$\n?", re.DOTALL | re.MULTILINE)
_LABEL = re.compile(r"(?P<label>[^\W\d_][^:|\n]{1,48}?)\s*:\s+(?P<rest>\S.*)", re.DOTALL)
_SEPARATORS = " \t\n:-\u2013\u2014"
_BREAKS = ("softbreak", "linebreak")


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph, an item, a row or a heading.

    Attributes:
        kind: ``heading``, ``paragraph``, ``item``, ``row`` or ``code``.
        section: title of what it stands under, the nearest first named; empty at the top.
        text: its words without markup; addresses of links stay, in brackets.
        label: the words it begins with when they are set off: in bold or italics, or by a colon.
        rest: what follows the label; the whole text without one.
        checked: whether the box of a task is ticked; None when it has no box.
        cells: of a row, its cells by the title of their column.
        place: where it stands: ``block 7``.
    """

    kind: str
    section: str
    text: str
    place: str
    label: str = ""
    rest: str = ""
    checked: bool | None = None
    cells: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """A Markdown document.

    Attributes:
        front: its front matter by key; empty when it has none.
        lines: the rest, in order.
    """

    front: Mapping[str, Node]
    lines: Sequence[Line]


def laid_out(text: str, where: str) -> Document:
    """A document's front matter and its lines.

    Args:
        text: the whole file.
        where: how messages call it.

    Raises:
        SourceError: the front matter is no YAML mapping, or the text is nested too deeply.
    """
    front: Mapping[str, Node] = {}
    match = FRONT.match(text)
    if match is not None:
        # The line of the opening mark is kept, so that messages count lines as the file does.
        root = parse("\n" + match["yaml"], where=where)
        if not isinstance(root.value, dict):
            if root.value is not None:
                raise SourceError(f"{where}: the front matter is {root.kind}; expected keys and values")
        else:
            front = root.value
        text = text[match.end() :]
    markdown = mistune.create_markdown(renderer=None, plugins=["table", "task_lists"])
    try:
        tokens = markdown(text)
        walk = _Walk()
        walk.blocks(tokens if isinstance(tokens, list) else [])
    except RecursionError as error:
        raise SourceError(f"{where} is nested too deeply to be a review") from error
    return Document(front, walk.lines)


def line_of(line: Line, part: str, *, is_first: bool) -> Line:
    """One of the lines that a paragraph is written in, with its own label."""
    label, colon, rest = part.partition(":")
    if is_first and line.label and not colon:
        return replace(line, text=part)
    is_label = bool(colon) and rest[:1] in ("", " ") and len(label) < 50 and not label[:1].isdigit()
    if not is_label:
        return replace(line, text=part, label="", rest=part)
    return replace(line, text=part, label=label.strip(" *-"), rest=rest.strip())


class _Walk:
    """Goes through the parsed document once, and notes every line with its section."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._headings: list[tuple[int, str]] = []

    def blocks(self, tokens: Iterable[Mapping[str, Any]], section: str | None = None) -> None:
        """Note the lines of blocks; a section that is given goes before the headings."""
        for token in tokens:
            kind, children = str(token.get("type")), _children(token)
            if kind == "heading":
                self._heading(token)
            elif kind in ("paragraph", "block_text"):
                self._text(children, "paragraph", self._under(section))
            elif kind == "list":
                for item in children:
                    self._item(item, section)
            elif kind == "table":
                self._table(children, self._under(section))
            elif kind == "block_quote":
                self.blocks(children, section)
            elif kind in ("block_code", "block_html"):
                self._note("code", self._under(section), str(token.get("raw", "")).strip())

    def _under(self, section: str | None) -> str:
        return section if section is not None else self._headings[-1][1] if self._headings else ""

    def _heading(self, token: Mapping[str, Any]) -> None:
        level, title = int(token.get("attrs", {}).get("level", 1)), plain_text(_children(token))
        self._headings = [each for each in self._headings if each[0] < level]
        self._note("heading", self._under(None), title)
        # The title of the document is nothing that lines stand under.
        self._headings.append((level, title if level > 1 or self._headings else ""))

    def _item(self, token: Mapping[str, Any], section: str | None) -> None:
        children = _children(token)
        checked = token.get("attrs", {}).get("checked") if token.get("type") == "task_list_item" else None
        head, more = children[:1], children[1:]
        if not head or head[0].get("type") not in ("paragraph", "block_text"):
            self.blocks(children, section)
            return
        inline = _children(head[0])
        label, rest = _labelled(inline)
        is_section = bool(label) and bool(more) and (not rest or any(each.get("type") == "list" for each in more))
        if is_section:
            if rest:
                self._note("item", label, rest, checked=checked)
            self.blocks(more, label)
            return
        self._text(inline, "item", self._under(section), checked)
        self.blocks(more, section)

    def _text(self, inline: Sequence[Mapping[str, Any]], kind: str, section: str, checked: bool | None = None) -> None:
        text, (label, rest) = plain_text(inline), _labelled(inline)
        if text:
            self._note(kind, section, text, label, rest, checked)

    def _table(self, parts: Sequence[Mapping[str, Any]], section: str) -> None:
        head = [plain_text(_children(cell)) for part in parts[:1] for cell in _children(part)]
        for part in parts[1:]:
            for row in _children(part):
                cells = [plain_text(_children(cell)) for cell in _children(row)]
                named = {title or f"column {n}": cell for n, (title, cell) in enumerate(zip(head, cells, strict=False))}
                place = f"block {len(self.lines) + 1}"
                text = " | ".join(cells)
                self.lines.append(Line("row", section, text, place, cells=named, rest=text))

    def _note(
        self, kind: str, section: str, text: str, label: str = "", rest: str = "", checked: bool | None = None
    ) -> None:
        place = f"block {len(self.lines) + 1}"
        self.lines.append(Line(kind, section, text, place, label, rest if label else text, checked))


def _children(token: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = token.get("children")
    return found if isinstance(found, list) else []


def _labelled(inline: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """The words a line begins with when they are set off, and the rest; no label gives an empty one."""
    shown = [token for token in inline if token.get("type") != "text" or str(token.get("raw")).strip(" *_")]
    if shown and shown[0].get("type") in ("strong", "emphasis"):
        label = plain_text(_children(shown[0]))
        after = plain_text(shown[1:])
        if not after or after[0] in _SEPARATORS or label.endswith(":"):
            return label.strip(_SEPARATORS), after.strip(_SEPARATORS)
    match = _LABEL.fullmatch(plain_text(inline))
    return (match["label"], match["rest"]) if match else ("", "")


def plain_text(inline: Iterable[Mapping[str, Any]]) -> str:
    """The words of inline markup; a link keeps its address where its words do not show it."""
    return "".join(_words(inline)).strip()


def _words(inline: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for token in inline:
        kind = token.get("type")
        if kind in _BREAKS:
            yield "\n"
        elif kind == "link":
            words, url = "".join(_words(_children(token))), str(token.get("attrs", {}).get("url", ""))
            yield words if not url or url in words else f"{words} ({url})"
        elif kind == "image":
            yield f"{''.join(_words(_children(token)))} ({token.get('attrs', {}).get('url', '')})"
        elif _children(token):
            yield from _words(_children(token))
        else:
            yield str(token.get("raw", ""))


def said_in(node: Node | None) -> str | None:
    """A text of the front matter; None when it is no text, or blank."""
    return node.value.strip() or None if node is not None and isinstance(node.value, str) else None


def column_name(title: str) -> str:
    """The name of a column without what stands in brackets behind it."""
    return normal(re.sub(r"\([^)]*\)", "", title))
