"""Action items of a review: lines of a list, and rows of a table whose columns people call in many ways."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ._markdown_layout import Line
from ._markdown_words import normal

ACTION_COLUMNS = ("action", "action item", "actions", "task", "todo", "item", "what", "description")
"""Columns that say what is to be done, the likeliest first."""
_OWNER_COLUMNS = ("owner", "assignee", "who", "assigned to", "responsible")
_TICKET_COLUMNS = ("ticket", "issue", "bug", "tracking", "link", "jira")
_TICKET = re.compile(r"(?<![\w/#])#\d+\b|\b[A-Z][A-Z0-9]{1,9}-\d+\b")
_OWNER = re.compile(r"\b(?:owner|assignee|assigned to)\s*[:=]?\s*@?(?P<name>[^,;()|\n]{2,40})", re.IGNORECASE)
_DONE = {
    "done": "done", "complete": "done", "completed": "done", "closed": "done", "fixed": "done",
    "in progress": "in_progress", "wip": "in_progress", "started": "in_progress",
    "open": "open", "todo": "open", "to do": "open", "not started": "open",
    "cancelled": "cancelled", "canceled": "cancelled", "won't do": "cancelled", "wontfix": "cancelled",
}  # fmt: skip


def lists_actions(by_name: Mapping[str, str], *, is_section: bool, has_times: bool) -> bool:
    """Whether a row of a table is an action item.

    Args:
        by_name: its cells by the name of their column.
        is_section: it stands under a title such as "Action items".
        has_times: it has a time, so that without such a title it is a line of a time line.
    """
    says_who = any(name in by_name for name in (*_OWNER_COLUMNS, *_TICKET_COLUMNS, "due", "status", "priority"))
    return (is_section or (says_who and not has_times)) and bool(set(ACTION_COLUMNS) & set(by_name))


def action_of_row(by_name: Mapping[str, str], place: str, number: int) -> dict[str, object]:
    """The action item of a row; columns that are not known, and a day it is due, stay in ``extra`` as written."""
    action = next(name for name in ACTION_COLUMNS if by_name.get(name))
    owner = next((by_name[name] for name in _OWNER_COLUMNS if by_name.get(name)), None)
    ticket = next((by_name[name] for name in _TICKET_COLUMNS if by_name.get(name)), None)
    taken = (action, *_OWNER_COLUMNS, *_TICKET_COLUMNS, "status", "priority")
    state = by_name.get("status", "")
    extra: dict[str, object] = {name: cell for name, cell in by_name.items() if name not in taken and cell}
    if state and normal(state) not in _DONE:
        extra["status"] = state
    return {
        "action_id": str(number), "title": by_name[action], "owner_id": owner, "ticket": ticket,
        "priority": by_name.get("priority") or None, "status": _DONE.get(normal(state)), "basis": "stated",
        "extra": extra | {"place": place},
    }  # fmt: skip


def action_of_line(said: str, line: Line, number: int) -> dict[str, object]:
    """The action item of a line: its ticket and owner where it names them, and its box where it has one."""
    ticket, owner = _TICKET.search(said), _OWNER.search(said)
    status = None if line.checked is None else "done" if line.checked else "open"
    if re.search(r"\bDONE\b", said):
        status = "done"
    return {
        "action_id": str(number), "title": said, "status": status, "basis": "stated",
        "ticket": ticket[0] if ticket else None, "owner_id": owner["name"].strip() if owner else None,
        "extra": {"place": line.place},
    }  # fmt: skip
