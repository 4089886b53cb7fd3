"""Reads the six stories and turns them into incidents, review records and the shape of their logs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from . import company
from .model import Alert, Entry, Incident, Line, instant, iso, short_instant

FOLDER = Path(__file__).parent / "stories"

_ENTRY = re.compile(r"^(?P<time>(?:\+\d )?[\d:]+) (?P<verb>\w+)(?P<words>[^|]*?)(?:\| (?P<text>.*))?$")
_LINE = re.compile(r"^(?P<time>(?:\+\d )?[\d:]+) (?P<who>\w+) (?P<sign>[|>~#]|joins|leaves) ?(?P<text>.*)$")
_WAYS = {"|": "said", ">": "reply", "~": "edited", "#": "blocks", "joins": "join", "leaves": "leave"}
_PERSON_KEYS = {"actor_id", "person_id", "owner_id"}


def stories() -> list[dict[str, Any]]:
    """All stories as written, in the order of their file names."""
    paths = sorted(p for p in FOLDER.glob("*.yaml") if not p.name.endswith(".logs.yaml"))
    return [{"slug": path.stem, **yaml.safe_load(path.read_text(encoding="utf-8"))} for path in paths]


def log_shapes(slug: str) -> list[dict[str, Any]]:
    """The shape of a story's logs, one mapping per file."""
    shapes = yaml.safe_load((FOLDER / f"{slug}.logs.yaml").read_text(encoding="utf-8"))
    return list(shapes["files"])


def incident_of(story: Mapping[str, Any]) -> Incident:
    """The story as the paging tool, the chat and the alerts saw it."""
    day, pager = story["day"], story["pager"]
    entries = sorted((_entry(day, text) for text in pager["entries"]), key=lambda e: e.at)
    return Incident(
        incident_id=story["incident_id"],
        service=story["service"],
        title=pager["title"],
        created_at=entries[0].at,
        entries=entries,
        special="story",
        resolved_at=max(e.at for e in entries if e.verb == "resolve"),
        alerts=[_alert(day, given) for given in story["alerts"]],
        chat=[_line(day, text) for text in story["chat"].strip().splitlines()],
    )


def _entry(day: date, text: str) -> Entry:
    match = _ENTRY.match(text)
    if match is None:
        raise ValueError(f"not an entry of the paging log: {text!r}")
    at, verb, words = instant(day, match["time"]), match["verb"], match["words"].split()
    entry = Entry(at, verb, text=match["text"] or "")
    if verb == "priority":
        entry.new, entry.who = words[0], words[1].replace("-", "")
    elif verb == "notify":
        entry.who, entry.new = words
    elif words:
        entry.who = words[0]
    return entry


def _line(day: date, text: str) -> Line:
    match = _LINE.match(text)
    if match is None:
        raise ValueError(f"not a line of chat: {text!r}")
    return Line(instant(day, match["time"]), match["who"], _WAYS[match["sign"]], match["text"])


def _alert(day: date, given: Mapping[str, Any]) -> Alert:
    return Alert(
        name=given["name"],
        service=given["service"],
        severity=given["severity"],
        summary=given["summary"],
        fired_at=instant(day, given["fired"]),
        ended_at=instant(day, given["ended"]),
        extra_labels={"part": given["instance"]} if "instance" in given else {},
    )


def record_of(story: Mapping[str, Any], incident: Incident) -> dict[str, Any]:
    """The review record of a story in the project's own format, instants written out."""
    told, day = story["record"], story["day"]
    written: dict[str, Any] = {
        "format": "incident-record/1",
        "incident": {
            "incident_id": incident.incident_id,
            "number": str(incident.number),
            "kind": "incident",
            "status": "closed" if "closed" in told["times"] else "resolved",
            "organisation": company.NAME,
            "visibility": "internal",
            "service": incident.service,
            "channel": incident.channel,
            "time_zone": "UTC",
            "trigger_basis": "stated",
            "trigger_verified": "primary",
            **told["incident"],
        },
        "times": {point: _times(day, value) for point, value in told["times"].items()},
        "timeline": [_written(day, entry, is_event=True) for entry in told["timeline"]],
        "roles": [_written(day, row) for row in told["roles"]],
        "impacts": [_written(day, row, is_known=True) for row in told["impacts"]],
        "actions": [_written(day, row, is_known=True) for row in told["actions"]],
        "learnings": told["learnings"],
    }
    if "conflicts" in told:
        written["conflicts"] = told["conflicts"]
    return written


def _times(day: date, value: Any) -> Any:
    if isinstance(value, list):
        return [_times(day, one) for one in value]
    row = _written(day, value if isinstance(value, dict) else {"at": value}, is_event=True)
    return row


def _written(day: date, row: Mapping[str, Any], *, is_event: bool = False, is_known: bool = False) -> dict[str, Any]:
    """A row with instants and identifiers written out, its precision and how it is known said."""
    out = dict(_pairs(day, row))
    if is_event and "at" in row:
        text = str(row["at"])
        out.setdefault("precision", "second" if text.count(":") == 2 and not text.endswith(":00Z") else "minute")
    if is_event or is_known:
        out.setdefault("basis", "stated")
        out.setdefault("verified", "primary")
    return out


def _pairs(day: date, row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in row.items():
        if key in _PERSON_KEYS and value in company.PEOPLE:
            yield key, company.PEOPLE[value].person_id
        elif isinstance(value, str) and (at := short_instant(day, value)) is not None:
            yield key, iso(at)
        else:
            yield key, value
