"""Cells of a Jira issue as text: documents, options, people, service levels, whichever shape an instance gives them.

The third version of the interface writes rich texts as trees of nodes, the second as text; a custom field is whatever
its type makes of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ._export import first_text, text_of

_BLOCKS = ("paragraph", "heading", "blockquote", "codeBlock", "listItem", "tableRow", "panel", "rule")


def plain(value: object) -> str | None:
    """A text, or a document of nodes, as people read it."""
    if isinstance(value, dict) and value.get("type") == "doc":
        text = "".join(_pieces(value))
        lines = [line.rstrip() for line in text.split("\n")]
        return "\n".join(line for line in lines if line) or None
    return said(value)


def _pieces(node: object) -> Iterator[str]:
    if not isinstance(node, dict):
        return
    kind, attrs = node.get("type"), node.get("attrs")
    if kind == "text":
        yield str(node.get("text", ""))
    elif kind == "hardBreak":
        yield "\n"
    elif kind in ("mention", "emoji", "inlineCard", "status", "date") and isinstance(attrs, dict):
        yield first_text(attrs, "text", "url", "shortName", "timestamp") or ""
    inner = node.get("content")
    for part in inner if isinstance(inner, list) else []:
        yield from _pieces(part)
    if kind in _BLOCKS:
        yield "\n"


def said(value: object) -> str | None:
    """A cell in words: the value of an option, the name of a person or service, a list as its words."""
    if isinstance(value, dict):
        found = first_text(value, "value", "displayName", "name", "key", "id")
        return found if found is not None else text_of(value)
    if isinstance(value, list):
        return ", ".join(listed(value)) or None
    return text_of(value)


def listed(value: object) -> list[str]:
    """A cell as a list of words, one for each of its parts."""
    parts = value if isinstance(value, list) else [value]
    return [word for word in map(said, parts) if word is not None]


def service_level(value: object) -> tuple[str, int | float] | None:
    """Name and elapsed milliseconds of a service level, of its last completed cycle; None for anything else."""
    if not isinstance(value, dict) or not isinstance(value.get("completedCycles"), list):
        return None
    name, cycles = text_of(value.get("name")), [c for c in value["completedCycles"] if isinstance(c, dict)]
    elapsed = cycles[-1].get("elapsedTime") if cycles else None
    millis = elapsed.get("millis") if isinstance(elapsed, dict) else None
    is_number = isinstance(millis, (int, float)) and not isinstance(millis, bool)
    return (name, millis) if name and is_number else None  # type: ignore[return-value]  # told to be a number above


def custom_cells(fields: Mapping[str, Any], names: Mapping[str, Any], used: Sequence[str]) -> dict[str, object]:
    """What custom fields say, under the name people see, where the export gives it; service levels as a number."""
    cells: dict[str, object] = {}
    for key, value in fields.items():
        if not key.startswith("customfield_") or key in used or value is None or value in ("", [], {}):
            continue
        level = service_level(value)
        if level is not None:
            cells[f"sla.{level[0]}"] = level[1]
        elif isinstance(value, (dict, list)):
            words = listed(value) if isinstance(value, list) else plain(value)
            cells[text_of(names.get(key)) or key] = words
        else:
            cells[text_of(names.get(key)) or key] = value
    return cells
