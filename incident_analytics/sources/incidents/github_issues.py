"""GitHub: issues as incidents, with their events, timelines and comments, by the REST API or ``gh issue list --json``.

What the vendor does oddly:

- a list of issues holds the pull requests as well; they are left out and counted.
- a number is unique only within its repository, so an incident is called ``owner/repository#12``.
- the timeline of an issue does not say of which: where all else in a file is about one issue, it is that one.
- an issue is only ever open or closed: closing is read as its end, unless it is closed as not planned.
- a label may be a severity, a service or anything else. Labels are kept as they are; one is a severity where the
  policy lists it, and a service where it says so (``service: bread``, ``component:bread``).
- ``root cause: <commit>`` in the text names the change that set it off, by a common convention of those who measure
  deliveries.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ...records import Records
from .._contract import VendorDuration
from .._export import Export, Row, dig, first_text, identified, leftover, open_export, renamed, text_of, zone_as_written
from .._json import sketch

NAME = "github_issues"
DESCRIPTION = (
    "GitHub issues, their events, timelines and comments: JSON of the REST API, of gh issue list, or of a connector"
)
TIME_ZONE_RULE = "Times carry Z. A time without a zone is read in the zone you name; otherwise it stays missing."
EXAMPLE = (
    '[{"number": 7, "title": "Cold oven", "state": "open", "html_url": "https://github.com/otter/bakery/issues/7"}]'
)
SEVERITIES: tuple[str, ...] = ()
DURATIONS: Mapping[str, VendorDuration] = {}
COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "issues.number": "number",
        "issues.title": "title",
        "issues.body": "summary",
        "issues.state": "status",
        "issues.html_url": "source_url",
        "issues.created_at": "declared",
        "issues.closed_at": "resolved",
        "events.id": "source_ref",
        "events.created_at": "at",
        "events.event": "field",
        "events.actor.login": "actor_id",
        "events.commit_id": "reason",
        "comments.id": "source_ref",
        "comments.body": "text",
        "comments.user.login": "actor_id",
        "users.login": "person_id",
        "users.name": "name",
        "users.email": "aliases",
    }
)

_LISTS = ("items",)
_STREAMS = ("issues", "issue_events", "issue_timeline_events", "comments")
# What the command line tool calls differently.
_BY_TOOL = {
    "createdAt": "created_at", "closedAt": "closed_at", "updatedAt": "updated_at", "stateReason": "state_reason",
    "author": "user", "url": "html_url",
}  # fmt: skip
_PLACE = re.compile(r"([\w.-]+/[\w.-]+)/(?:issues|pull)/(\d+)(?![\w/])")
_REPOSITORY = re.compile(r"/repos/([\w.-]+/[\w.-]+)$")
_CAUSE = re.compile(r"\broot cause:\s*([0-9a-f]{7,40})\b", re.IGNORECASE)
_PART = re.compile(r"(?:service|component)\s*[:/]\s*(.+)", re.IGNORECASE)
_DROPPED = ("not_planned", "duplicate")
_KEPT = ("closed", "reopened", "assigned", "unassigned", "labeled", "unlabeled", "commented", "renamed")


def recognises(head: bytes) -> bool:
    """By an issue's ``number`` beside its state and an address or author, by an issue's events, or by its comments."""
    return any(
        _is_issue(value) or _is_event(value) or _is_comment(value)
        for value in (_plainly(value) for value in sketch(head, _LISTS).records)
    )


def read(path: Path, *, time_zone: str | None = None) -> Records:
    """Issues with their milestones, people and labels; events and comments of issues."""
    export = open_export(path, name=NAME, lists=_LISTS, streams=_STREAMS, time_zone=time_zone)
    export.rows = [row._replace(value=_plainly(row.value)) for row in export.rows]
    told = _Told(export, _only_issue(export.rows))
    for _, row in export.known_by("number", "id", "sha", "event"):
        told.record(row)
    told.say_what_was_assumed()
    records = Records.build(
        incidents=told.incidents,
        events=told.events,
        participants=told.participants,
        people=told.people.values(),
        findings=export.findings,
    )
    # A file may hold an older and a newer state of one issue: merging makes them one row.
    return records.merge() if records.incidents["incident_id"].duplicated().any() else records


@dataclass(slots=True)
class _Told:
    """What a file has told so far.

    Attributes:
        only: the issue that everything in the file is about, if it is one.
    """

    export: Export
    only: str | None
    incidents: list[dict[str, object]] = field(default_factory=list)
    events: list[dict[str, object]] = field(default_factory=list)
    participants: list[dict[str, object]] = field(default_factory=list)
    people: dict[str, dict[str, object]] = field(default_factory=dict)
    n_unlabelled: int = 0

    def record(self, row: Row) -> None:
        """An issue, an event or a comment; pull requests are counted."""
        if _is_pull_request(row.value) or _is_pull_request(_dict(row.value.get("issue"))):
            self.export.count("pull_request", "{n} pull request(s) or events of them were left out; read are issues")
        elif _is_event(row.value):
            self._event(self._issue_of(row), row)
        elif _is_comment(row.value):
            self._comment(self._issue_of(row), row)
        elif "number" in row.value:
            self._issue(row)
        else:
            self.export.reject(row.place, row.value, "it is neither an issue nor an event or comment of one")

    def say_what_was_assumed(self) -> None:
        """Say how many issues do not call themselves an incident."""
        if self.n_unlabelled:
            message = "{n} issue(s) carry no label with 'incident' in it; they are read as incidents all the same"
            for _ in range(self.n_unlabelled):
                self.export.count("not_labelled", message)

    def _issue_of(self, row: Row) -> str | None:
        """The issue of an event or a comment, as it says itself, else as all else in the file says."""
        issue_id = _named_in(row.value)
        if issue_id is None and self.only is not None:
            self.export.count(
                "assumed_issue", f"{{n}} entries do not say of which issue they are; all others are of {self.only}"
            )
        elif issue_id is None:
            self.export.count("unlinked", "{n} entries do not say of which issue they are. Kept, unlinked.")
        return issue_id or self.only  # fmt: skip

    def _issue(self, row: Row) -> None:
        """An issue: its row, its milestones, its people, its labels, and comments that came with it."""
        value, cells = row.value, renamed(row.value, COLUMNS, "issues.")
        incident_id = _named_in(value) or str(cells["number"])
        labels = self._labels(row, incident_id)
        self.n_unlabelled += not any("incident" in label.lower() for label in labels)
        parts = [match[1].strip() for label in labels if (match := _PART.fullmatch(label.strip()))]
        cause = _CAUSE.search(cells["summary"] or "")
        is_dropped = text_of(value.get("state_reason")) in _DROPPED
        is_closed = (cells["status"] or "").lower() == "closed"
        named = {"labels": labels} if labels else {}
        self.incidents.append(
            {
                "incident_id": incident_id,
                "number": cells["number"],
                "title": cells["title"],
                "summary": cells["summary"],
                "kind": "incident",
                "status": ("cancelled" if is_dropped else "resolved") if is_closed else (cells["status"] or "").lower() or None,
                "service": next(iter(parts), incident_id.partition("#")[0] if "#" in incident_id else None),
                "affected_services": parts,
                "trigger": f"change {cause[1]}" if cause else None,
                "trigger_kind": "change" if cause else None,
                "trigger_basis": "stated" if cause else None,
                "time_zone": zone_as_written(cells["declared"]),
                "source_url": cells["source_url"],
                "source": self.export.source,
                "extra": leftover(value, (*_taken("issues."), "url")) | leftover({"milestone": dig(value, "milestone.title")}, ()) | named,
            }
        )  # fmt: skip
        self._milestones(incident_id, row, is_closed=is_closed, is_dropped=is_dropped)
        for label in labels:
            cell = {"field": "label", "new": label, "basis": "inferred", "source_ref": "labels"}
            self._add(
                incident_id,
                "note",
                None,
                **cell,
                note="carried at the time of the export; since when is not in this file",
            )
        self._people(incident_id, row)
        if isinstance(value.get("comments"), list):
            for part in self.export.parts(row, "comments", incident_id=incident_id):
                self._comment(incident_id, part._replace(value=_plainly(part.value)))

    def _labels(self, row: Row, incident_id: str) -> list[str]:
        """The names of the labels, which older lists give as texts."""
        listed = row.value.get("labels")
        if not isinstance(listed, list):
            return []
        return list(dict.fromkeys(label for label in map(_name_of, listed) if label))

    def _milestones(self, incident_id: str, row: Row, *, is_closed: bool, is_dropped: bool) -> None:
        """What the cells of an issue say of its course."""
        opened = self.export.instant(row, "created_at", incident_id=incident_id)
        self._point(incident_id, "declared", opened, source_ref="created_at", **self._actor(row.value.get("user")))
        written = text_of(row.value.get("closed_at"))
        if written and not is_closed:
            message = (
                f"{row.place} has closed_at {written!r} but state {row.value.get('state')!r}; it is not read as closed"
            )
            self.export.note("contradiction", "warning", message, place=row.place, incident_id=incident_id, raw=written)
            return
        closed = self.export.instant(row, "closed_at", incident_id=incident_id)
        by = self._actor(row.value.get("closed_by")) | {"source_ref": "closed_at"}
        if is_dropped:
            self._point(incident_id, "closed", closed, **by)
        else:
            note = "the issue was closed then; an issue says no other end"
            self._point(incident_id, "resolved", closed, basis="inferred", note=note, **by)

    def _point(self, incident_id: str, point: str, at: dt.datetime | None, **cells: object) -> None:
        if at is not None:
            self._add(incident_id, "milestone", at, field=point, **cells)

    def _people(self, incident_id: str, row: Row) -> None:
        assignees = row.value.get("assignees")
        held = [("reporter", row.value.get("user"))]
        held += [("responder", person) for person in (assignees if isinstance(assignees, list) else [])]
        for role, person in held:
            person_id = self.meet(person)
            if person_id and not _is_machine(person):
                said = {"person_id": person_id, "role": role, "source": self.export.source}
                self.participants.append({"incident_id": incident_id, **said})

    def _event(self, incident_id: str | None, row: Row) -> None:
        """One entry of the events or the timeline of an issue."""
        value, word = row.value, text_of(row.value.get("event")) or ""
        if word == "commented":
            self._comment(incident_id, row)
            return
        at = self.export.instant(row, "created_at", incident_id=incident_id)
        cells = renamed(value, COLUMNS, "events.")
        actor = self._actor(value.get("actor") or value.get("user"))
        shared: dict[str, object] = {
            "source_ref": cells["source_ref"] or text_of(value.get("node_id")),
            "reason": cells["reason"],
        }
        shared["extra"] = leftover(value, ("id", "node_id", "url", "event", "created_at", "commit_id"))
        kind, said = self._said(word, value)
        self._add(incident_id, kind, at, **shared | actor | said)

    def _said(self, word: str, value: Mapping[str, Any]) -> tuple[str, dict[str, object]]:
        """Kind and cells of an entry by its word."""
        match word:
            case "closed":
                is_dropped = text_of(value.get("state_reason")) in _DROPPED
                return "status", {"new": "cancelled" if is_dropped else "resolved"}
            case "reopened":
                return "status", {"new": "reopened"}
            case "assigned":
                person = self.meet(value.get("assignee"))
                return "role", {"field": "requested", "new": person, "actor_id": person}
            case "unassigned":
                return "role", {"field": "unassigned", "old": self.meet(value.get("assignee"))}
            case "labeled" | "unlabeled":
                side = "new" if word == "labeled" else "old"
                return "note", {"field": "label", side: _name_of(value.get("label"))}
            case "renamed":
                old, new = (text_of(dig(value, f"rename.{side}")) for side in ("from", "to"))
                return "note", {"field": "title", "old": old, "new": new}
            case _:
                text = first_text(value, "source.issue.html_url", "milestone.title", "message", "body")
                return "note", {"field": word or None, "text": text}

    def _comment(self, incident_id: str | None, row: Row) -> None:
        cells = renamed(row.value, COLUMNS, "comments.")
        at = self.export.instant(row, "created_at", incident_id=incident_id)
        actor = self._actor(row.value.get("user") or row.value.get("actor"))
        ref = {"source_ref": cells["source_ref"] or text_of(row.value.get("html_url")), "text": cells["text"]}
        used = ("id", "node_id", "url", "issue_url", "body", "created_at", "event")
        self._add(incident_id, "message", at, **ref | actor, extra=leftover(row.value, used))

    def _actor(self, ref: object) -> dict[str, object]:
        """Who acted: a person, or a machine; unknown when nobody is named."""
        login = self.meet(ref)
        return {"actor_id": login, "is_automatic": None if login is None else _is_machine(ref)}

    def meet(self, ref: object) -> str | None:
        """The login in a reference, whose person is added to the people; None when it names none."""
        login = identified(ref.get("login")) if isinstance(ref, dict) else None
        if login is None or not isinstance(ref, dict) or _is_machine(ref):
            return login
        cells = renamed(ref, COLUMNS, "users.")
        known = self.people.setdefault(login, {"person_id": login, "source": self.export.source})
        known["name"] = known.get("name") or cells["name"]
        known["aliases"] = known.get("aliases") or ([cells["aliases"]] if cells["aliases"] else [])
        return login

    def _add(self, incident_id: str | None, kind: str, at: dt.datetime | None, **cells: object) -> None:
        self.events.append(self.export.event(kind, at, incident_id=incident_id, **cells))


def _plainly(value: dict[str, Any]) -> dict[str, Any]:
    """The record as the REST API spells it."""
    if not any(key in value for key in ("createdAt", "closedAt", "stateReason")):
        return value
    return {_BY_TOOL.get(key, key): cell for key, cell in value.items()} | (
        {"state_reason": str(value["stateReason"]).lower()} if value.get("stateReason") else {}
    )


def _only_issue(rows: Iterable[Row]) -> str | None:
    """The issue that all entries of a file are about, where those that say so name one."""
    named = {issue_id for row in rows if (issue_id := _named_in(row.value))}
    return next(iter(named)) if len(named) == 1 else None


def _named_in(value: Mapping[str, Any]) -> str | None:
    """The issue as ``owner/repository#12``, out of the addresses in a record."""
    issue = _dict(value.get("issue"))
    for address in (
        issue.get("html_url"),
        issue.get("url"),
        value.get("issue_url"),
        value.get("html_url"),
        value.get("url"),
    ):
        match = _PLACE.search(address) if isinstance(address, str) else None
        if match:
            return f"{match[1]}#{match[2]}"
    repository = _REPOSITORY.search(text_of(value.get("repository_url")) or "")
    number = identified(value.get("number"))
    return f"{repository[1]}#{number}" if repository and number else None  # fmt: skip


def _is_issue(value: Mapping[str, Any]) -> bool:
    address = value.get("html_url")
    is_there = "repository_url" in value or (isinstance(address, str) and _PLACE.search(address) is not None)
    return (
        "number" in value and "title" in value and "state" in value and (is_there or {"user", "labels"} <= set(value))
    )


def _is_event(value: Mapping[str, Any]) -> bool:
    word = value.get("event")
    is_known = word in _KEPT or any(key in value for key in ("commit_id", "node_id", "performed_via_github_app"))
    return isinstance(word, str) and is_known and bool({"actor", "user", "sha", "issue"} & set(value))


def _is_comment(value: Mapping[str, Any]) -> bool:
    return "issue_url" in value and "body" in value and "user" in value


def _is_pull_request(value: Mapping[str, Any]) -> bool:
    return isinstance(value.get("pull_request"), dict) or "/pull/" in str(value.get("html_url", ""))


def _taken(prefix: str) -> tuple[str, ...]:
    """Cells that stand in our columns."""
    return tuple(theirs.removeprefix(prefix) for theirs in COLUMNS if theirs.startswith(prefix))


def _is_machine(ref: object) -> bool:
    return isinstance(ref, dict) and (ref.get("type") == "Bot" or str(ref.get("login")).endswith("[bot]"))


def _name_of(label: object) -> str | None:
    return first_text(label, "name") if isinstance(label, dict) else text_of(label)


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
