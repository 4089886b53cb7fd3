"""Google Cloud's public status history: ``incidents.json`` of status.cloud.google.com, with every update.

What the vendor does oddly:

- ``begin`` is when customers were first affected, ``created`` when the public record was opened: hours later at times,
  days when the incident is told afterwards.
- ``end`` is when customers were no longer affected; the update that says so comes later as a rule.
- updates come newest first. Their ``status`` is the state of the service, not of the work on it: ``AVAILABLE`` says
  that it is over, and is repeated by reports that follow.
- ``severity`` and ``status_impact`` are those at the export; each update has the impact of its time.
- ``number`` has 19 or 20 digits, more than a number of a table holds: it stays text.
- wall-clock times of US/Pacific inside the texts stay part of the text.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ...records import Records
from .._contract import VendorDuration
from .._export import (
    Export,
    Row,
    in_time_order,
    leftover,
    open_export,
    renamed,
    text_of,
    zone_as_written,
)
from .._json import sketch

NAME = "google_cloud"
DESCRIPTION = "Google Cloud status history: incidents.json of the public status page"
TIME_ZONE_RULE = (
    "Times carry Z or an offset. A time without one is read in the zone you name; otherwise it stays missing."
)
EXAMPLE = (
    '[{"id": "g1", "begin": "2026-01-05T09:00:00Z", "external_desc": "Slow dams", "status_impact": "", "updates": []}]'
)
SEVERITIES = ("high", "medium", "low")  # the words of the page's published schema, which lists them from low to high
DURATIONS: Mapping[str, VendorDuration] = {}
COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "incidents.id": "incident_id",
        "incidents.number": "number",
        "incidents.external_desc": "title",
        "incidents.service_name": "service",
        "incidents.affected_products": "affected_services",
        "incidents.uri": "source_url",
        "incidents.begin": "impact_start",
        "incidents.created": "public_first",
        "incidents.end": "impact_end",
        "incidents.severity": "new",
        "incidents.status_impact": "degree",
        "updates.when": "at",
        "updates.created": "recorded_at",
        "updates.text": "text",
        "updates.status": "new",
    }
)

ORGANISATION = "Google Cloud"
CHANNEL = "status page"
PAGE = "https://status.cloud.google.com/"
_KEYS = {"external_desc", "status_impact", "most_recent_update", "affected_products", "service_key"}
_OVER = "AVAILABLE"
_DEGREES = {"SERVICE_OUTAGE": "outage", "SERVICE_DISRUPTION": "partial"}
_LOCATIONS = ("currently_affected_locations", "previously_affected_locations")


def recognises(head: bytes) -> bool:
    """By ``external_desc`` beside ``status_impact``, products or the most recent update."""
    return any("external_desc" in value and len(_KEYS & set(value)) >= 2 for value in sketch(head, ()).records)


def read(path: Path, *, time_zone: str | None = None) -> Records:
    """Incidents with their milestones, every update as it was published, and how each product was affected."""
    export = open_export(path, name=NAME, time_zone=time_zone)
    told = _Told(export)
    for incident_id, row in export.known_by("id"):
        told.incident(incident_id, row)
    records = Records.build(
        incidents=told.incidents, events=told.events, impacts=told.impacts, findings=export.findings
    )
    # A file may hold an older and a newer state of one incident: merging makes them one row.
    return records.merge() if records.incidents["incident_id"].duplicated().any() else records


@dataclass(slots=True)
class _Told:
    """What a file has told so far."""

    export: Export
    incidents: list[dict[str, object]] = field(default_factory=list)
    events: list[dict[str, object]] = field(default_factory=list)
    impacts: list[dict[str, object]] = field(default_factory=list)

    def incident(self, incident_id: str, row: Row) -> None:
        """An incident: its row, its milestones, its updates, its products."""
        cells = renamed(row.value, COLUMNS, "incidents.")
        products = list(self.export.parts(row, "affected_products", incident_id=incident_id))
        ended = self.export.instant(row, "end", incident_id=incident_id)
        self.incidents.append(
            {
                "incident_id": incident_id,
                "number": cells["number"],
                "title": cells["title"],
                "service": cells["service"],
                "affected_services": list(filter(None, (text_of(each.value.get("title")) for each in products))),
                "status": "open" if ended is None else "resolved",
                "kind": "incident",
                "organisation": ORGANISATION,
                "visibility": "public",
                "time_zone": zone_as_written(cells["impact_start"]),
                "source_url": _linked(cells["source_url"]),
                "source": self.export.source,
                "extra": self._beyond(incident_id, row),
            }
        )
        began = self.export.instant(row, "begin", incident_id=incident_id)
        created = self.export.instant(row, "created", incident_id=incident_id)
        self._point(incident_id, "impact_start", "begin", began)
        self._point(incident_id, "public_first", "created", created)
        self._point(incident_id, "impact_end", "end", ended)
        self._severity(incident_id, cells["new"], created)
        self._updates(incident_id, row)
        for product in products or [Row(row.place, {"title": cells["service"]})]:
            self._affected(incident_id, product.value, cells["degree"], began, ended)

    def _titles(self, incident_id: str, row: Row, key: str) -> list[str]:
        """The titles in one of the vendor's lists of things with a title and an id."""
        parts = self.export.parts(row, key, incident_id=incident_id)
        return list(filter(None, (text_of(part.value.get("title")) for part in parts)))

    def _beyond(self, incident_id: str, row: Row) -> dict[str, object]:
        """What an incident says beyond our columns, with the places that were affected."""
        taken = {theirs.removeprefix("incidents.") for theirs in COLUMNS if theirs.startswith("incidents.")}
        extra = leftover(row.value, tuple(taken - {"status_impact"}))
        for key in _LOCATIONS:
            titles = self._titles(incident_id, row, key)
            extra |= {key: titles} if titles else {}
        return extra

    def _point(self, incident_id: str, point: str, cell: str, at: dt.datetime | None) -> None:
        if at is not None:
            self._add(incident_id, "milestone", at, field=point, text=f"Google Cloud {cell}", source_ref=cell)

    def _severity(self, incident_id: str, severity: str | None, created: dt.datetime | None) -> None:
        if severity is not None:
            note = "severity at the time of the export; when it was set is not in this file"
            self._add(
                incident_id, "severity", created, new=severity, basis="inferred", note=note, source_ref="severity"
            )

    def _updates(self, incident_id: str, row: Row) -> None:
        """Every update as the public saw it; the first that says the service is available again resolves."""
        parts = self.export.parts(row, "updates", incident_id=incident_id)
        timed = [(self.export.instant(part, _shown(part.value), incident_id=incident_id), part) for part in parts]
        is_over = False
        for at, update in in_time_order(timed):
            word = text_of(update.value.get("status"))
            self._update(incident_id, at, update, word)
            # The first update opens nothing again, and a report after the end ends nothing twice.
            if word is not None and (word == _OVER) != is_over:
                is_over = word == _OVER
                text = f"status page: {word}"
                new = "resolved" if is_over else "reopened"
                self._add(incident_id, "status", at, new=new, text=text, source_ref=_ref(update), basis="inferred")

    def _update(self, incident_id: str, at: dt.datetime | None, update: Row, word: str | None) -> None:
        cells = renamed(update.value, COLUMNS, "updates.")
        written = self.export.instant(update, "created", incident_id=incident_id) if cells["at"] else at
        titles = self._titles(incident_id, update, "affected_locations")
        extra = leftover({"status": word, **update.value}, ("when", "created", "text"))
        extra |= {"affected_locations": titles} if titles else {}
        shown: Mapping[str, object] = {
            "basis": "stated" if cells["at"] else "inferred",
            "note": None if cells["at"] else "no shown time is given; the update was written then",
        }
        told = {"text": cells["text"], "audience": "public", "channel": CHANNEL, "extra": extra}
        self._add(incident_id, "update", at, recorded_at=written, source_ref=_ref(update), **shown, **told)

    def _affected(
        self,
        incident_id: str,
        product: Mapping[str, Any],
        impact: str | None,
        began: dt.datetime | None,
        ended: dt.datetime | None,
    ) -> None:
        """A product over the whole incident: the page does not say when each of several was affected."""
        self.impacts.append(
            {
                "incident_id": incident_id,
                "service": text_of(product.get("title")),
                "began_at": began,
                "ended_at": ended,
                "degree": _DEGREES.get(impact or ""),
                "nature": "technical",
                "text": f"status_impact {impact}" if impact else None,
                "basis": "stated",
                "note": "begin and end of the whole incident",
                "source": self.export.source,
                "extra": leftover(product, ("title",), prefix="product."),
            }
        )

    def _add(self, incident_id: str, kind: str, at: dt.datetime | None, **cells: object) -> None:
        self.events.append(self.export.event(kind, at, incident_id=incident_id, **cells))


def _shown(update: Mapping[str, Any]) -> str:
    """The cell that says when an update was shown; the time of writing only where no other is given."""
    return "created" if text_of(update.get("when")) is None else "when"


def _ref(update: Row) -> str:
    """Where an update stands: updates have no identifier of their own."""
    return update.place.rsplit(".", 1)[-1]


def _linked(uri: str | None) -> str | None:
    return PAGE + uri.lstrip("/") if uri else None
