"""Updates of cState's issues: paragraphs, newest first, with the time in a shortcode."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

CHANGES: Mapping[str, str] = MappingProxyType(
    {"identified": "identified", "monitoring": "monitoring", "resolved": "resolved", "fixed": "resolved"}
)
"""Words before an update that say a change of status; the others say no more than that somebody wrote."""

_TRACK = re.compile(r"\{\{[<%]\s*track\s+[\"'](?P<at>[^\"']*)[\"']\s*[>%]\}\}")
_LATEST = dt.datetime.max.replace(tzinfo=dt.UTC)


def untracked(text: str) -> tuple[str, list[str]]:
    """An update without its shortcodes, and the times in them as written."""
    return _TRACK.sub("", text).strip(), [found["at"] for found in _TRACK.finditer(text)]


def in_order(events: Sequence[dict[str, object]]) -> list[dict[str, object]]:
    """Events of one issue with its updates from first to last; those without a time come behind."""
    updates = [event for event in events if event["kind"] in ("update", "status")]
    others = [event for event in events if event["kind"] not in ("update", "status")]
    known = [event["at"] for event in updates if isinstance(event["at"], dt.datetime)]
    if known and known[0] > known[-1]:
        turned = [event for event in reversed(updates) if event["kind"] == "update"]
        updates = [each for event in turned for each in (event, *_drawn_from(updates, event))]
    return others + sorted(updates, key=lambda event: event["at"] if isinstance(event["at"], dt.datetime) else _LATEST)


def _drawn_from(events: Sequence[dict[str, object]], update: Mapping[str, object]) -> list[dict[str, object]]:
    """The changes of status that an update says."""
    return [each for each in events if each["kind"] == "status" and each["source_ref"] == update["source_ref"]]
