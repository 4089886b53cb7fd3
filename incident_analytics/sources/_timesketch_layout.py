"""How our events stand in a Timesketch timeline, and come back from it without loss.

Timesketch asks for ``message``, ``datetime`` and ``timestamp_desc`` and takes any other column. Ours carry a prefix, so
that no tool's own ``kind`` or ``source`` is taken for them.
"""

from __future__ import annotations

import re

from ..schema import TABLES

NEEDED = ("message", "datetime", "timestamp_desc")
PREFIX = "ia_"
MADE = f"{PREFIX}message_is_made"
"""Column that says the message was made up of other cells, since the event has no text."""

# What stands in a column of Timesketch's own, or of everybody's.
_ELSEWHERE = ("incident_id", "at", "text")
COLUMNS = tuple(c.name for c in TABLES["events"].columns if c.name not in _ELSEWHERE)
"""Columns of events that are written with the prefix, in their order."""

_FORMULA = re.compile(r"'*[=+\-@\t\r]")


def guarded(cell: str) -> str:
    """A cell that no spreadsheet runs as a formula: an apostrophe goes before a sign that begins one."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    """The cell that :func:`guarded` was given."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
