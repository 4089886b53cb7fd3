"""The old AWS Service Health Dashboard: ``data.json`` of status.aws.amazon.com, with what was posted and when.

What the vendor does oddly:

- there is no identifier: a record is told apart by its service and its ``date``.
- ``date`` is a number of seconds since 1970, as text: when the first post was written.
- the whole course of events is HTML in ``description``: a wall-clock time of the Pacific zone (``PDT``, ``PST``, each
  an offset as written), no year, and the day only from the second day on.
- the end is nowhere but in words: ``[RESOLVED]`` before the summary, and a post that says so. When the service was
  affected stands in a sentence, "between 9:05 AM and 1:10 PM PDT". Both are read, and marked as inferred.
- ``status`` is a digit: 1 an informational message, 2 a degradation, 3 a disruption, as it is at the export.
- ``service`` holds the service and the region: ``ec2-us-east-1``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from ...records import Records
from .._aws_posts import Post, posts_of, stamped, windows_in
from .._contract import VendorDuration
from .._export import Export, Row, leftover, open_export, renamed, text_of
from .._json import sketch

NAME = "aws_dashboard"
DESCRIPTION = "old AWS Service Health Dashboard: data.json of status.aws.amazon.com"
TIME_ZONE_RULE = (
    "The date is seconds since 1970; times of posts carry PDT (-07:00) or PST (-08:00). Others stay missing."
)
EXAMPLE = (
    '{"archive": [{"service_name": "Otter Dams", "summary": "Leaks", "date": "1767603600", "status": "1", '
    '"details": "", "description": "", "service": "dams-us-east-1"}], "current": []}'
)
SEVERITIES = ("disruption", "degradation", "informational")  # as the legend of the page orders its signs
DURATIONS: Mapping[str, VendorDuration] = {}
COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "items.summary": "title",
        "items.service_name": "service",
        "items.service": "affected_services",
        "items.date": "public_first",
        "items.status": "new",
        "items.description": "text",
    }
)

ORGANISATION = "Amazon Web Services"
CHANNEL = "status page"
ZONE = "America/Los_Angeles"
_LISTS = ("archive", "current")
_KEYS = {"service_name", "summary", "date", "status", "description", "service"}
_STATUS = {"1": "informational", "2": "degradation", "3": "disruption"}
_DEGREES = {"2": "degraded", "3": "outage"}
_RESOLVED = re.compile(r"^\s*\[RESOLVED\]\s*", re.IGNORECASE)
_SAYS_OVER = re.compile(
    r"\b(?:issues?|problem|event) (?:has|have|is|are|was|were)(?: now)?(?: been)?(?: fully)?(?: now)? resolved\b"
    r"|\bservices? (?:is|are)(?: now)?(?: again)? operating normally\b",
    re.IGNORECASE,
)
_REGION = re.compile(r"(?P<service>.+?)-(?P<region>[a-z]{2}(?:-[a-z]+)?-[a-z]+-\d)")


def recognises(head: bytes) -> bool:
    """By records with ``service_name``, ``summary``, ``date``, ``status``, ``description`` and ``service``."""
    seen = sketch(head, _LISTS)
    return any(set(value) >= _KEYS for value in seen.records) or (
        not seen.records and set(seen.outer) == set(_LISTS) and all(seen.outer[name] == [] for name in _LISTS)
    )


def read(path: Path, *, time_zone: str | None = None) -> Records:
    """Incidents with every post, when each was over by its own words, and the stretches that the posts tell of."""
    export = open_export(path, name=NAME, lists=_LISTS, time_zone=time_zone)
    told = _Told(export)
    seen: dict[str, dict[str, object]] = {}
    for row in export.rows:
        service, date = text_of(row.value.get("service")), text_of(row.value.get("date"))
        if service is None or date is None:
            export.reject(row.place, row.value, "it has no 'service' or no 'date'; expected both")
            continue
        incident_id = f"{service}-{date}"
        if seen.get(incident_id) == row.value:
            export.count("repeated_row", "{n} record(s) repeat an earlier one word for word; read once")
            continue
        seen[incident_id] = row.value
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
        """An incident: its row, its posts, its end, and when the service was affected."""
        cells = renamed(row.value, COLUMNS, "items.")
        title = cells["title"] or ""
        is_over = _RESOLVED.match(title) is not None
        self.incidents.append(
            {
                "incident_id": incident_id,
                "title": _RESOLVED.sub("", title) or None,
                "status": "resolved" if is_over else "open",
                "kind": "incident",
                "service": cells["service"],
                "affected_services": [cells["service"]] if cells["service"] else [],
                "organisation": ORGANISATION,
                "visibility": "public",
                "time_zone": ZONE,
                "source": self.export.source,
                "extra": _beyond(row),
            }
        )
        first = self.export.instant(row, "date", incident_id=incident_id, epoch="s")
        if first is not None:
            self._add(incident_id, first, kind="milestone", field="public_first", text="AWS date", source_ref="date")
        self._severity(incident_id, cells["new"], first)
        posts = posts_of(cells["text"] or "")
        timed = [(self._instant(incident_id, row, n, post, first), post) for n, post in enumerate(posts)]
        self._public(incident_id, timed)
        if is_over:
            self._resolved(incident_id, timed)
        if not self._affected(incident_id, row, timed):
            self._began_by(incident_id, first, timed)

    def _severity(self, incident_id: str, digit: str | None, first: dt.datetime | None) -> None:
        if digit is None:
            return
        note = "status at the time of the export; when it was set is not in this file"
        extra = {"status": digit, "severity_rank": int(digit)} if digit in _STATUS else {"status": digit}
        cells = {"new": _STATUS.get(digit, digit), "note": note, "source_ref": "status", "extra": extra}
        self._add(incident_id, first, kind="severity", basis="inferred", **cells)

    def _instant(self, incident_id: str, row: Row, n: int, post: Post, first: dt.datetime | None) -> dt.datetime | None:
        """When a post was written; None when it does not say, and a finding when it cannot be read."""
        place = f"{row.place}.description[{n}]"
        try:
            if first is None:
                raise ValueError("its day is not known, since the record has no date")
            return stamped(post.clock, first).astimezone(dt.UTC)
        except (ValueError, OverflowError) as error:
            message = f"{place} is dated {post.clock[:100]!r}: {error}. Left missing."
            self.export.note(
                "unreadable_time", "warning", message, place=place, incident_id=incident_id, raw=post.clock[:500]
            )
            return None

    def _public(self, incident_id: str, timed: Sequence[tuple[dt.datetime | None, Post]]) -> None:
        for n, (at, post) in enumerate(timed):
            cells = {"text": post.text or None, "audience": "public", "channel": CHANNEL}
            self._add(incident_id, at, kind="update", **cells, source_ref=f"description[{n}]")

    def _resolved(self, incident_id: str, timed: Sequence[tuple[dt.datetime | None, Post]]) -> None:
        """The end that only words tell: the last post that says so, else the last post."""
        known = [(at, n, post) for n, (at, post) in enumerate(timed) if at is not None]
        if not known:
            return
        saying = [each for each in known if _SAYS_OVER.search(each[2].text)]
        at, n, _ = (saying or known)[-1]
        note = "the post says so" if saying else "the summary says so; this is the last post"
        cells = {"field": "resolved", "note": note, "source_ref": f"description[{n}]"}
        self._add(incident_id, at, kind="milestone", basis="inferred", **cells)

    def _affected(self, incident_id: str, row: Row, timed: Sequence[tuple[dt.datetime | None, Post]]) -> bool:
        """The stretches that the last post to tell any tells of; whether there is one."""
        told = [(n, list(windows_in(post.text, at))) for n, (at, post) in enumerate(timed) if at is not None]
        told = [(n, windows) for n, windows in told if windows]
        n, windows = told[-1] if told else (0, [])
        for began, ended in windows:
            self.impacts.append(
                {
                    "incident_id": incident_id, "service": text_of(row.value.get("service_name")),
                    "began_at": began, "ended_at": ended, "degree": _DEGREES.get(str(row.value.get("status"))),
                    "nature": "technical", "text": timed[n][1].text, "basis": "inferred",
                    "note": f"read out of the sentences of description[{n}]", "source": self.export.source,
                }
            )  # fmt: skip
        return bool(windows)

    def _began_by(
        self, incident_id: str, first: dt.datetime | None, timed: Sequence[tuple[dt.datetime | None, Post]]
    ) -> None:
        """The first post stands for a beginning that nothing tells."""
        known = [(at, f"description[{n}]") for n, (at, _) in enumerate(timed) if at is not None]
        at, ref = known[0] if known else (first, "date")
        if at is not None:
            note = "no beginning is told; the first post was written then"
            cells = {"field": "impact_start", "note": note, "source_ref": ref}
            self._add(incident_id, at, kind="milestone", basis="inferred", **cells)

    def _add(self, incident_id: str, at: dt.datetime | None, *, kind: str, **cells: object) -> None:
        # The posts are given to the minute, the date of the record to the second.
        precision = None if at is None else "second" if cells["source_ref"] == "date" else "minute"
        self.events.append(self.export.event(kind, at, incident_id=incident_id, precision=precision, **cells))


def _beyond(row: Row) -> dict[str, object]:
    """What a record says beyond our columns, with its service taken apart and its summary as written."""
    extra = leftover(row.value, ("service_name", "description"))
    match = _REGION.fullmatch(text_of(row.value.get("service")) or "")
    if match is not None:
        extra |= {"service_key": match["service"], "region": match["region"]}
    return extra | leftover({"list": row.stream}, ())
