"""What a review tells: the lines of its document understood one by one, and the rest kept with its words."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from ..records import Records
from ..schema import finding
from ._markdown_actions import ACTION_COLUMNS, action_of_line, action_of_row, lists_actions
from ._markdown_issue import CHANGES, in_order, untracked
from ._markdown_layout import Document, Line, column_name, line_of, said_in
from ._markdown_words import (
    CLOCK_LABELS,
    DURATION_LABELS,
    SECTIONS,
    Moment,
    day_in,
    is_day_only,
    minutes_in,
    moment_at,
    normal,
    zone_in,
)
from ._yaml import Node, plain

_DAY_LONG = dt.timedelta(days=1)
_TURN = dt.timedelta(hours=12)
_STATUS = {
    "resolved": "resolved", "closed": "closed", "open": "open", "ongoing": "open", "investigating": "open",
    "identified": "open", "monitoring": "open", "mitigated": "mitigated", "complete": "resolved",
    "completed": "resolved", "done": "resolved",
}  # fmt: skip
_TIME_COLUMNS = ("time", "when", "timestamp", "date", "date time", "date/time", "datetime", "at")
_NOTHING = ("n/a", "none", "na", "tbd", "-", "nothing")
_ID_KEYS = ("uuid", "incident_id", "incident-id", "id")
_FRONT_COLUMNS = {"company": "organisation", "product": "service", "service": "service", "url": "source_url"}


@dataclass(slots=True)
class Told:
    """What a document has told so far.

    Attributes:
        incident_id: what the incident is called when the document does not say.
        source: which source module and file this is.
        named_zone: zone of times written without one, as the caller named it.
        is_issue: it is an issue of cState.
        day: the day of times that are given without one.
    """

    incident_id: str
    source: str
    named_zone: str | None = None
    is_issue: bool = False
    day: dt.date | None = None
    cells: dict[str, object] = field(default_factory=dict)
    extra: dict[str, object] = field(default_factory=dict)
    events: list[dict[str, object]] = field(default_factory=list)
    impacts: list[dict[str, object]] = field(default_factory=list)
    actions: list[dict[str, object]] = field(default_factory=list)
    learnings: list[dict[str, object]] = field(default_factory=list)
    findings: list[dict[str, object]] = field(default_factory=list)
    sections: dict[str, list[str]] = field(default_factory=dict)
    _zone: str = ""
    _first_day: dt.date | None = None
    _last: dt.datetime | None = None
    _naive: int = 0

    def document(self, document: Document) -> None:
        """Understand a document, from its front matter to its last line."""
        front = dict(document.front)
        self._zone = self.named_zone or self._zone_named(front, document.lines)
        titles = [line.text for line in document.lines if line.kind == "heading"]
        title = said_in(front.get("title")) or (titles[0] if titles else None)
        self.cells["title"] = title
        self._first_day = (
            day_in(title or "") or self.day or next(filter(None, (day_in(line.text) for line in document.lines)), None)
        )
        self.day = self._first_day
        self._front(front)
        for line in document.lines:
            if self.is_issue:
                self._update(line)
            else:
                self._line(line)
        if self.is_issue:
            self.events = in_order(self.events)

    def records(self) -> Records:
        """All of it as records."""
        if self._naive:
            message = (
                f"{self._naive} time(s) without a zone were read as UTC; expected the zone, "
                "or to be told it for this source"
            )
            self.findings.append(finding("naive_time", "warning", message, source=self.source))
        for title, texts in self.sections.items():
            self.extra.setdefault("sections", {})
            held = self.extra["sections"]
            if isinstance(held, dict):
                held[title or "text"] = "\n".join(texts)
        ends = {event["field"] for event in self.events if event["kind"] == "milestone" and event["at"] is not None}
        status = self.cells.get("status") or ("resolved" if ends & {"resolved", "closed"} else None)
        kept = {"kind": "incident", "visibility": None} | self.cells
        incident = kept | {
            "incident_id": self.incident_id, "status": status, "time_zone": self._zone or None,
            "source": self.source, "extra": self.extra,
        }  # fmt: skip
        if self.extra.get("informational") is True:
            # Its date is that of the post: nothing began then.
            self.events = [self._published(event) for event in self.events]
        rows = [event | {"incident_id": self.incident_id} for event in self.events]
        return Records.build(
            incidents=[incident],
            events=rows,
            impacts=[row | {"incident_id": self.incident_id, "source": self.source} for row in self.impacts],
            actions=[row | {"incident_id": self.incident_id, "source": self.source} for row in self.actions],
            learnings=[row | {"incident_id": self.incident_id, "source": self.source} for row in self.learnings],
            findings=[each | {"incident_id": self.incident_id} for each in self.findings],
        )

    def _published(self, event: dict[str, object]) -> dict[str, object]:
        if event["kind"] != "milestone" or event["field"] != "impact_start":
            return event
        told = {"kind": "update", "field": None, "text": self.cells.get("title")}
        return event | told | {"audience": "public", "channel": "status page"}

    def _zone_named(self, front: Mapping[str, Node], lines: Iterable[Line]) -> str:
        said = next((said_in(front[key]) for key in front if normal(key) in ("timezone", "time zone")), None)
        found = [zone_in(f"times are {said}")] if said else []
        found += [zone_in(line.text) for line in lines if line.kind != "row"]
        found += [zone_in(title) for line in lines if line.kind == "row" for title in line.cells]
        return next(filter(None, found), "")

    def _front(self, front: Mapping[str, Node]) -> None:
        for key, node in front.items():
            name, said = key.lower(), said_in(node)
            label = normal(key)
            point = {"date": "impact_start", "resolvedwhen": "resolved"}.get(name) if self.is_issue else None
            point = point or CLOCK_LABELS.get(label)
            if name == "title":
                continue
            if name in _ID_KEYS and said and not self.is_issue:
                self.incident_id = said
            elif name == "resolved" and said in ("true", "false"):
                self.cells["status"] = "resolved" if said == "true" else "open"
            elif point is not None:
                self._front_point(point, key, said)
            elif name == "severity" and said:
                self._severity(said, key)
            elif name == "informational":
                self.extra[key] = plain(node)
                self._is_no_incident(said == "true", "an informational post")
            elif name in ("affected", "affected_services") and isinstance(node.value, list):
                self.cells["affected_services"] = [text for text in map(said_in, node.value) if text]
            elif name == "summary" and said:
                self.cells["summary"] = said
            elif name in _FRONT_COLUMNS and said:
                self.cells[_FRONT_COLUMNS[name]] = said
            else:
                self.extra[key] = plain(node)
        if self.is_issue:
            self.cells["visibility"] = "public"

    def _front_point(self, point: str, key: str, said: str | None) -> None:
        if said is None:
            return
        if point == "resolved" and self.cells.get("status") == "open":
            message = f"{key} {said!r} but resolved: false; it is not read as resolved"
            self._note("contradiction", message, key, said)
            self.extra[key] = said
            return
        moment = moment_at(said)
        if moment is None or moment.rest:
            self._note(
                "unreadable_time", f"{key} holds {said[:100]!r}: expected a day and a time. Left missing.", key, said
            )
            self.extra[key] = said
            return
        self._milestone(point, moment, key, key)
        if point == "impact_start" and moment.day:
            self._first_day = self.day = moment.day

    def _severity(self, said: str, ref: str) -> None:
        note = "severity when the document was written; when it was set is not said"
        self._add("severity", None, new=said, basis="inferred", note=note, source_ref=ref)
        if self.is_issue and said == "notice":
            self._is_no_incident(True, "a notice")

    def _is_no_incident(self, is_so: bool, what: str) -> None:
        if is_so:
            self.cells["kind"] = None
            message = f"the document is {what} and says of no incident; its kind is left missing"
            self._note("no_incident", message, "front matter", None, severity="info")

    def _update(self, line: Line) -> None:
        if line.kind == "heading":
            self._keep(line)
            return
        text, tracks = untracked(line.text)
        at = None
        cells: dict[str, object] = {"source_ref": line.place}
        if tracks:
            moment = moment_at(tracks[0])
            if moment is None:
                message = f"{line.place} is dated {tracks[0][:100]!r}: expected a day and a time. Left missing."
                self._note("unreadable_time", message, line.place, tracks[0])
            else:
                at = self._instant(moment, line.place)
                cells |= {"precision": "second" if moment.is_exact else "minute"} if at else {}
        if len(tracks) > 1:
            cells["extra"] = {"tracks": tracks}
        if "kind" in self.cells and not tracks:
            # A post that is no incident has no updates, only words.
            self._keep(replace(line, text=text))
            return
        self._add("update", at, text=text or None, audience="public", channel="status page", **cells)
        word = normal(line.label)
        if word in CHANGES:
            cells.pop("extra", None)
            self._add("status", at, new=CHANGES[word], text=f"status page: {line.label}", **cells)

    def _line(self, line: Line) -> None:
        day = day_in(line.text)
        if line.kind == "heading" or (line.kind != "row" and is_day_only(line.text)):
            if day is not None:
                self.day, self._last = day, None
            return
        if line.kind == "row":
            self._row(line)
            return
        if line.kind == "code":
            self._rest(line, [line.text])
            return
        rest: list[str] = []
        entry: dict[str, object] | None = None
        for n, part in enumerate(line.text.split("\n")):
            one = line if "\n" not in line.text else line_of(line, part, is_first=n == 0)
            told = self._told(one)
            if told is not None:
                entry = told
            elif entry and n:
                entry["text"] = f"{entry.get('text') or ''}\n{part.strip()}".strip()
            else:
                rest.append(part)
        if any(part.strip() for part in rest):
            self._rest(line, rest)

    def _told(self, line: Line) -> dict[str, object] | None:
        """What one physical line says under a label or after a time; None when it says neither.

        An empty result says that the line was understood and makes no event that could go on in the next line.
        """
        label = normal(line.label)
        if label in DURATION_LABELS:
            self._duration(line)
            return {}
        if label == "severity" and line.rest:
            self._severity(line.rest, line.place)
            return {}
        if label == "status" and line.rest:
            self._status(line)
            return {}
        if label in CLOCK_LABELS:
            return self._labelled(line, CLOCK_LABELS[label], line.rest)
        found = re.search(r"\d", line.text)
        point = CLOCK_LABELS.get(normal(line.text[: found.start()])) if found else None
        if found and point is not None:
            return self._labelled(line, point, line.text[found.start() :])
        return self._entry(line)

    def _labelled(self, line: Line, point: str, said: str) -> dict[str, object] | None:
        moment = moment_at(said)
        if moment is None or moment.clock is None:
            if SECTIONS.get(normal(line.section)) == "timeline" or re.search(r"\d", said):
                message = f"{line.place} says {line.text[:100]!r}: expected a time behind it. Left missing."
                self._note("unreadable_time", message, line.place, line.text)
            return None
        if moment.day:
            self.day = moment.day
        return self._milestone(point, moment, line.text, line.place)

    def _milestone(self, point: str, moment: Moment, text: str, ref: str) -> dict[str, object]:
        at = self._instant(moment, ref)
        cells: dict[str, object] = {"field": point, "text": text, "source_ref": ref}
        return self._timed("milestone", at, moment, cells)

    def _entry(self, line: Line) -> dict[str, object] | None:
        """A line of a time line; None when it begins with no time of day."""
        moment = moment_at(line.text)
        if moment is None or moment.clock is None:
            return None
        is_timeline = SECTIONS.get(normal(line.section)) == "timeline"
        if not moment.rest and not is_timeline:
            return None
        return self._happened(moment, moment.rest, line)

    def _happened(self, moment: Moment, text: str, line: Line) -> dict[str, object]:
        at = self._instant(moment, line.place, is_entry=True)
        if moment.day:
            self.day = moment.day
        point = CLOCK_LABELS.get(normal(text))
        cells: dict[str, object] = {"text": text or None, "source_ref": line.place, "sequence": len(self.events) + 1}
        if moment.until:
            cells["extra"] = {"until": moment.until}
        if point is not None:
            return self._timed("milestone", at, moment, cells | {"field": point})
        return self._timed("note", at, moment, cells)

    def _timed(self, kind: str, at: dt.datetime | None, moment: Moment, cells: dict[str, object]) -> dict[str, object]:
        if at is not None:
            cells["precision"] = "day" if moment.clock is None else "second" if moment.is_exact else "minute"
        if at is not None and moment.clock is None:
            cells["at_latest"] = at + _DAY_LONG
        if moment.is_about:
            cells["note"] = "the time is said to be approximate"
        return self._add(kind, at, **cells)

    def _instant(self, moment: Moment, place: str, *, is_entry: bool = False) -> dt.datetime | None:
        """The instant of a time; of a time line without days, one that goes back far is of the next day."""
        day = moment.day or self.day
        if day is None:
            message = f"{place} says {moment.raw!r} and no day is named above it. Left missing."
            self._note("no_day", message, place, moment.raw)
            return None
        try:
            at = moment.instant(day, self._zone or "UTC")
            if is_entry and moment.day is None and self._last is not None and self._last - at > _TURN:
                self.day = day + _DAY_LONG
                at = moment.instant(self.day, self._zone or "UTC")
        except (ValueError, OverflowError) as error:
            message = f"{place} holds {moment.raw!r}: {error}. Left missing."
            self._note("unreadable_time", message, place, moment.raw)
            return None
        if is_entry:
            self._last = at
        if not moment.zone and not self._zone:
            self._naive += 1
        return at

    def _duration(self, line: Line) -> None:
        self.extra[line.label] = line.rest
        key, minutes = DURATION_LABELS[normal(line.label)], minutes_in(line.rest)
        if minutes is not None:
            self.extra[key] = minutes
            return
        message = f"{line.label} is {line.rest[:100]!r}, which is no plain duration; it is kept and not compared"
        self._note("stated_duration", message, line.place, line.rest, severity="info")

    def _status(self, line: Line) -> None:
        word = line.rest.split()[0].strip(".,;:").lower()
        self.extra[line.label] = line.rest
        if word in _STATUS:
            self.cells.setdefault("status", _STATUS[word])

    def _rest(self, line: Line, parts: list[str]) -> None:
        """A line without a time, by the section it stands in."""
        text = "\n".join(part for part in parts if part.strip()).strip()
        own = SECTIONS.get(normal(line.label)) if line.label else None
        # A label "Timeline" in a line of its own leads to another document.
        own = None if own == "timeline" else own
        section, said = (own, line.rest) if own else (SECTIONS.get(normal(line.section)), text)
        if normal(said) in _NOTHING:
            self._keep(line)
        elif section == "impact":
            self.impacts.append({"nature": "qualitative", "text": said, "basis": "stated"})
        elif section in ("went_well", "went_poorly", "got_lucky"):
            self.learnings.append({"category": section, "text": said, "basis": "stated"})
        elif section == "actions":
            self.actions.append(action_of_line(said, line, len(self.actions) + 1))
        elif section == "resolution":
            self._add("recovery", None, text=said, source_ref=line.place, sequence=len(self.events) + 1)
        elif section == "timeline":
            self._add("note", None, text=said, source_ref=line.place, sequence=len(self.events) + 1)
        elif section in ("summary", "trigger"):
            known = self.cells.get(section)
            self.cells[section] = f"{known}\n{said}" if known else said
            if section == "trigger":
                self.cells["trigger_basis"] = "stated"
        else:
            self._keep(line)

    def _keep(self, line: Line) -> None:
        """Words that no column takes, under the title they stand under, or under their own label."""
        if line.label and not line.section:
            self.sections.setdefault(line.label, []).append(line.rest)
        else:
            self.sections.setdefault(line.section, []).append(line.text)

    def _row(self, line: Line) -> None:
        by_name = {column_name(title): cell for title, cell in line.cells.items()}
        timed = next((by_name[name] for name in _TIME_COLUMNS if by_name.get(name)), None)
        section = SECTIONS.get(normal(line.section))
        if section != "timeline" and lists_actions(
            by_name, is_section=section == "actions", has_times=timed is not None
        ):
            if any(by_name.get(name) for name in ACTION_COLUMNS):
                self.actions.append(action_of_row(by_name, line.place, len(self.actions) + 1))
            else:
                message = f"{line.place} was set aside: a row of action items without words"
                self._note("row_rejected", message, line.place, line.text, severity="error")
            return
        moment = moment_at(timed) if timed else None
        if moment is not None:
            if moment.clock is None and moment.day is not None:
                later = [cell for name, cell in by_name.items() if name in _TIME_COLUMNS and cell != timed]
                inner = moment_at(later[0]) if later else None
                moment = replace(inner, day=moment.day) if inner and inner.clock else moment
            words = [cell for name, cell in by_name.items() if name not in _TIME_COLUMNS and cell]
            text = " | ".join([*filter(None, [moment.rest]), *words])
            self._happened(replace(moment, rest=""), text, line)
        elif timed:
            message = f"{line.place} is dated {timed[:100]!r}: expected a time of day. Left missing."
            self._note("unreadable_time", message, line.place, timed)
            self._add("note", None, text=line.text, source_ref=line.place, sequence=len(self.events) + 1)
        elif len(line.cells) == 2:
            label, rest = line.cells.values()
            pair = replace(line, kind="item", label=label.strip(" :*"), rest=rest, text=f"{label}: {rest}")
            if self._told(pair) is None:
                self._rest(pair, [pair.text])
        else:
            self._rest(line, [line.text])

    def _add(self, kind: str, at: dt.datetime | None, **cells: object) -> dict[str, object]:
        event = {"kind": kind, "at": at, "field": None, "basis": "stated", "source": self.source} | cells
        self.events.append(event)
        return event

    def _note(
        self,
        check: str,
        message: str,
        place: str,
        raw: str | None,
        *,
        severity: Literal["error", "warning", "info"] = "warning",
    ) -> None:
        self.findings.append(
            finding(check, severity, message, row=place, raw=raw[:500] if raw else None, source=self.source)
        )
