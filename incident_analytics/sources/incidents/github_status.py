"""Histories of GitHub's status page as mrshu/github-statuses keeps them: one JSON line per incident.

The file is somebody's reading of the page's feed; what he worked out is kept apart from what the page said:

- ``started_at`` and ``resolved_at`` are the times of the first and the last update, to the minute.
- ``impact_window`` was found by him in the sentences of a report; ``downtime_start``, ``downtime_end`` and
  ``duration_minutes`` are that window where there is one, else the time from the first to the last update.
- a maintenance stands among the incidents with the impact ``maintenance``; its first update announces it days before,
  so that its ``downtime`` counts the time of waiting.
- an update ``Update`` says that somebody wrote, and no state.
- ``components`` is absent where the page named none; with ``components_source`` a model guessed them from the text.
- an incident that was not over when the history was kept has no end: neither the last update nor the date of the
  file is one.

The tables beside it (``downtime_windows.csv``, ``segments.csv``) and the feed itself say nothing beyond the lines, or
say it without a year: they are recognised, counted, and not read.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ...errors import SourceError
from ...records import Records
from ...schema import finding
from .._contract import VendorDuration, origin
from .._export import (
    Export,
    Row,
    Timed,
    in_time_order,
    leftover,
    open_export,
    renamed,
    text_of,
    zone_as_written,
)
from .._json import sketch

NAME = "github_status"
DESCRIPTION = "histories of GitHub's status page as mrshu/github-statuses keeps them: incidents.jsonl"
TIME_ZONE_RULE = (
    "Times carry Z. A time without a zone is read in the zone you name; otherwise it stays missing."
)  # fmt: skip
EXAMPLE = '{"id": "1", "title": "Slow otters", "status_sequence": ["Investigating"], "downtime_start": "2026-01-05T09:00:00Z", "updates": []}'
SEVERITIES = ("critical", "major", "minor", "none")  # the impacts of Statuspage, on which the page runs
DURATIONS: Mapping[str, VendorDuration] = MappingProxyType(
    {
        "duration_minutes": VendorDuration(
            starts="downtime_start",
            ends="downtime_end",
            unit="min",
            definition="downtime_end - downtime_start, both worked out by the keeper of the history (its README)",
        )
    }
)
COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "incidents.id": "incident_id",
        "incidents.title": "title",
        "incidents.url": "source_url",
        "incidents.components": "affected_services",
        "incidents.impact": "new",
        "incidents.started_at": "impact_start",
        "incidents.resolved_at": "resolved",
        "incidents.impact_window.start_at": "impact_start",
        "incidents.impact_window.end_at": "impact_end",
        "incidents.impact_window.context": "text",
        "incidents.downtime_start": "at",
        "incidents.downtime_end": "at",
        "updates.at": "at",
        "updates.message": "text",
    }
)

ORGANISATION = "GitHub"
CHANNEL = "status page"
_KEYS = {"status_sequence", "downtime_start", "downtime_end", "duration_minutes", "impact_window"}
_TABLES = (
    ["incident_id", "downtime_start", "downtime_end", "duration_minutes"],
    ["incident_id", "start_at", "end_at", "status"],
)
_FEED = re.compile(rb"<feed\b.{0,2000}?<id>tag:www\.githubstatus\.com,", re.DOTALL)
_MAINTENANCE = ("Scheduled", "In progress", "Verifying", "Completed")
_BEGUN = "In progress"
_OVER = ("Resolved", "Completed")
_OPEN = ("Investigating", "Identified", "Monitoring")
# Words of an update that say a change of status; "Investigating" and "Update" say no more than that somebody wrote.
_CHANGES = {"Identified": "identified", "Monitoring": "monitoring", "Resolved": "resolved", "Completed": "resolved"}


def recognises(head: bytes) -> bool:
    """By ``status_sequence`` beside ``downtime_start`` and its like; the tables by their header, the feed by its id."""
    if _FEED.search(head[:10_000]) is not None or _header(head) in _TABLES:
        return True
    return any("updates" in value and len(_KEYS & set(value)) >= 2 for value in sketch(head, ()).records)


def read(path: Path, *, time_zone: str | None = None) -> Records:
    """Incidents and maintenances with every update; of a derived table, and of the feed, only that it was not read."""
    skipped = _skipped(path)
    if skipped is not None:
        return Records.build(findings=[skipped])
    export = open_export(path, name=NAME, time_zone=time_zone)
    told = _Told(export)
    for incident_id, row in export.known_by("id"):
        told.incident(incident_id, row)
    records = Records.build(
        incidents=told.incidents, events=told.events, impacts=told.impacts, findings=export.findings
    )
    # A file may hold an older and a newer state of one incident: merging makes them one row.
    return records.merge() if records.incidents["incident_id"].duplicated().any() else records


def _header(head: bytes) -> list[str]:
    """The first names of a CSV header; as many as the longest of the known ones has."""
    first = head.split(b"\n", 1)[0].strip().decode("utf-8", "replace")
    return first.split(",")[:4]


def _skipped(path: Path) -> dict[str, object] | None:
    """Why a file beside the history is not read; None when it is the history."""
    try:
        text = path.read_bytes().decode("utf-8-sig", "backslashreplace")
    except OSError as error:
        raise SourceError(f"{path} cannot be opened: {error.strerror or error}") from error
    source = origin(NAME, path)
    if _header(text[:500].encode()) in _TABLES:
        n = sum(1 for row in csv.reader(io.StringIO(text)) if row) - 1
        message = f"{n} row(s) were worked out from incidents.jsonl beside it and say nothing more; not read"
    elif _FEED.search(text[:10_000].encode()):
        n = len(re.findall(r"<entry[\s>]", text))
        message = f"{n} entry(s) of the feed give their times without a year; read incidents.jsonl, which has it"
    else:
        return None
    return finding("skipped", "info", message, source=source)


@dataclass(slots=True)
class _Told:
    """What a file has told so far."""

    export: Export
    incidents: list[dict[str, object]] = field(default_factory=list)
    events: list[dict[str, object]] = field(default_factory=list)
    impacts: list[dict[str, object]] = field(default_factory=list)

    def incident(self, incident_id: str, row: Row) -> None:
        """An incident or a maintenance: its row, its milestones, its updates, the window somebody found."""
        updates = self._timed(incident_id, row)
        words = [text_of(update.value.get("status")) for _, update in updates]
        is_maintenance = row.value.get("impact") == "maintenance" or bool(set(words) & set(_MAINTENANCE))
        is_over = bool(words) and words[-1] in _OVER
        cells = renamed(row.value, COLUMNS, "incidents.")
        self.incidents.append(
            {
                "incident_id": incident_id,
                "title": cells["title"],
                "status": "resolved" if is_over else "open",
                "kind": "maintenance" if is_maintenance else "incident",
                "affected_services": _components(row.value),
                "organisation": ORGANISATION,
                "visibility": "public",
                "time_zone": zone_as_written(text_of(row.value.get("started_at"))),
                "source_url": cells["source_url"],
                "source": self.export.source,
                "extra": _beyond(row.value),
            }
        )
        self._start(incident_id, row, updates, is_maintenance=is_maintenance)
        self._end(incident_id, row, is_over=is_over)
        self._window(incident_id, row)
        self._severity(incident_id, row)
        self._public(incident_id, updates)

    def _timed(self, incident_id: str, row: Row) -> list[Timed]:
        parts = self.export.parts(row, "updates", incident_id=incident_id)
        return in_time_order([(self.export.instant(part, "at", incident_id=incident_id), part) for part in parts])

    def _start(self, incident_id: str, row: Row, updates: Iterable[Timed], *, is_maintenance: bool) -> None:
        """The first update stands for the beginning where nothing else is told; of a maintenance, its beginning."""
        started = self.export.instant(row, "started_at", incident_id=incident_id)
        if isinstance(row.value.get("impact_window"), dict):
            return
        if not is_maintenance:
            note = "no beginning is told; the first update was shown then"
            self._point(incident_id, "impact_start", started, "started_at", note)
            return
        begun = [(at, part) for at, part in updates if part.value.get("status") == _BEGUN and at is not None]
        for at, part in begun[:1]:
            self._point(incident_id, "impact_start", at, _ref(part), "the maintenance was said to be in progress then")

    def _end(self, incident_id: str, row: Row, *, is_over: bool) -> None:
        ended = self.export.instant(row, "resolved_at", incident_id=incident_id)
        if ended is None:
            return
        if is_over:
            cells = {"text": "resolved_at, the time of the last update", "source_ref": "resolved_at"}
            self._add(incident_id, "milestone", ended, field="resolved", **cells)
            return
        said = text_of(row.value.get("resolved_at"))
        message = f"{row.place} has resolved_at {said!r} but no last update that says so; it is not read as resolved"
        self.export.note("contradiction", "warning", message, place=row.place, incident_id=incident_id, raw=said)

    def _window(self, incident_id: str, row: Row) -> None:
        """The keeper's reading: the window he found in a report, and the downtime he counts."""
        for cell in ("downtime_start", "downtime_end"):
            at = self.export.instant(row, cell, incident_id=incident_id)
            self._point(incident_id, cell, at, cell, "worked out by the keeper of the history")
        window = row.value.get("impact_window")
        if not isinstance(window, dict):
            return
        found = Row(f"{row.place}.impact_window", window)
        began, ended = (self.export.instant(found, cell, incident_id=incident_id) for cell in ("start_at", "end_at"))
        note = f"found in the text of a {text_of(window.get('source')) or 'report'} by the keeper of the history"
        self._point(incident_id, "impact_start", began, "impact_window.start_at", note)
        self._point(incident_id, "impact_end", ended, "impact_window.end_at", note)
        self.impacts.append(
            {
                "incident_id": incident_id, "began_at": began, "ended_at": ended, "nature": "technical",
                "text": text_of(window.get("context")), "basis": "inferred", "note": note,
                "source": self.export.source,
            }
        )  # fmt: skip

    def _severity(self, incident_id: str, row: Row) -> None:
        impact = text_of(row.value.get("impact"))
        if impact is None or impact == "maintenance":
            return
        note = "impact when the history was kept; when it was set is not in this file"
        cells = {"new": impact, "basis": "inferred", "note": note, "source_ref": "impact"}
        self._add(incident_id, "severity", None, **cells)

    def _public(self, incident_id: str, updates: Iterable[Timed]) -> None:
        """Every update as the public saw it, and the changes of status among them."""
        before, is_over = None, False
        for at, update in updates:
            word = text_of(update.value.get("status"))
            text, extra = text_of(update.value.get("message")), leftover(update.value, ("at", "message"))
            cells = {"source_ref": _ref(update)}
            told = {"text": text, "audience": "public", "channel": CHANNEL, "extra": extra}
            self._add(incident_id, "update", at, **cells, **told)
            cells["text"] = f"status page: {word}"
            if is_over and word in _OPEN:
                self._add(incident_id, "status", at, **cells, new="reopened")
            if word in _CHANGES and word != before:
                self._add(incident_id, "status", at, **cells, new=_CHANGES[word])
            is_over = word in _OVER or (is_over and word not in _OPEN)
            # "Update" leaves the state as it was.
            before = word if word in (*_OPEN, *_OVER, *_MAINTENANCE) else before

    def _point(self, incident_id: str, point: str, at: object, ref: str, note: str) -> None:
        if at is not None:
            self._add(incident_id, "milestone", at, field=point, basis="inferred", note=note, source_ref=ref)

    def _add(self, incident_id: str, kind: str, at: Any, **cells: object) -> None:
        precision = None if at is None else "minute"  # the updates of the page are given to the minute
        self.events.append(
            self.export.event(kind, at, **({"incident_id": incident_id, "precision": precision} | cells))
        )


def _ref(update: Row) -> str:
    """Where an update stands: updates have no identifier of their own."""
    return update.place.rsplit(".", 1)[-1]


def _components(value: Mapping[str, Any]) -> list[str]:
    listed = value.get("components")
    names = map(text_of, listed) if isinstance(listed, list) else []
    return list(dict.fromkeys(name for name in names if name is not None))


def _beyond(value: Mapping[str, Any]) -> dict[str, object]:
    """What an incident says beyond our columns: the keeper's numbers under his own names."""
    mine = {theirs.removeprefix("incidents.") for theirs in COLUMNS} - {"downtime_start", "downtime_end"}
    extra = leftover(value, tuple(mine))
    for key in ("components_confidence", "status_sequence"):
        if isinstance(value.get(key), (dict, list)) and value[key]:
            extra[key] = value[key]
    if isinstance(value.get("components"), (dict, str)):
        extra["components"] = value["components"]
    return extra
