"""What a Jira instance's own words say: its statuses by their categories, and the field that is its severity."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ._export import dig, text_of

_CANCELLED = ("canceled", "cancelled", "declined", "rejected", "withdrawn")
_DONE_WORDS = ("resolved", "done", "closed", "completed", "fixed", *_CANCELLED)
_ENDS = ("resolved", "closed", "cancelled")


class Statuses:
    """The statuses of an instance: the changelog names them, and the category of each is that of any issue in it."""

    def __init__(self, states: Mapping[str, str], issues: Iterable[Mapping[str, Any]]) -> None:
        """Learn the categories of all statuses that the issues show.

        Args:
            states: our state by their status, in lower case, as the user maps them.
            issues: all issues of a file.
        """
        self._states = states
        self._categories: dict[str, str] = {}
        for issue in issues:
            for shown in _shown_in(issue):
                name, category = (text_of(dig(shown, f"fields.status.{key}")) for key in ("name", "statusCategory.key"))
                if name and category:
                    self._categories[name.strip().lower()] = category

    def status(self, name: str | None, category: str | None = None) -> str | None:
        """Our word for a status: by the mapping, by its category, else by its name; a strange one as it is."""
        folded = (name or "").strip().lower()
        state = self._states.get(folded)
        if state in ("mitigated", *_ENDS):
            return state
        category = category or self._categories.get(folded)
        if category == "done" or (category is None and folded in _DONE_WORDS):
            return "cancelled" if folded in _CANCELLED else "closed" if folded == "closed" else "resolved"
        return "open" if category in ("new", "indeterminate") or state else name

    def turn(self, old: str | None, new: str | None) -> tuple[str | None, str]:
        """The word for a change of status, and whether it is the vendor's or our reading of it."""
        folded = (new or "").strip().lower()
        if folded in self._states:
            return self._states[folded], "stated"
        before, after = self.status(old), self.status(new)
        if before in _ENDS and after not in _ENDS:
            return "reopened", "stated"
        if after in _ENDS:
            return after, "stated"
        begun = (self._categories.get((old or "").strip().lower()), self._categories.get(folded))
        # Out of "to do" into "in progress": somebody has begun.
        return ("acknowledged", "inferred") if begun == ("new", "indeterminate") else (new, "stated")


@dataclass(frozen=True, slots=True)
class SeverityField:
    """Which field says the severity: one of the instance's own, else the priority.

    Attributes:
        key: identifier of the instance's field; None for the priority.
        name: what people call it, where the export says so.
    """

    key: str | None
    name: str | None

    def is_about(self, item: Mapping[str, Any]) -> bool:
        """Whether a change in the changelog is one of the severity."""
        if self.key is None:
            return item.get("field") == "priority"
        return item.get("fieldId") == self.key or (self.name is not None and item.get("field") == self.name)


def _shown_in(issue: Mapping[str, Any]) -> Iterator[Any]:
    """The issue, and those that stand in it: its sub-tasks and the issues it is linked to."""
    yield issue
    for key in ("fields.subtasks", "fields.issuelinks"):
        parts = dig(issue, key)
        for part in parts if isinstance(parts, list) else []:
            yield part
            yield dig(part, "outwardIssue")
            yield dig(part, "inwardIssue")
