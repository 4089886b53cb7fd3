"""Reviews that people write by hand in Markdown: front matter, ``key: value`` lines, tables, and "HH:MM text" lines.

One document is one incident. What is read, and what people do oddly:

- front matter of any keys; that of cState's issues (``date``, ``resolvedWhen``, updates with their time in a
  ``track`` shortcode, newest first) and of lists of reviews (``start_time``, ``end_time``, ``company``, ``product``).
- times under a label (``First detected 2026-01-05 15:44``, ``Resolved: 16:02``), in a table, or before a line of text.
  A time without a day is of the day last named above it, else of the first day that the document names; one that goes
  back by more than half a day is of the day after.
- hardly anybody writes the zone. A time without one is read in the zone you name, else in the one that the document
  names for all its times ("all times in UTC"), else as UTC, which is a finding. ``BST`` and its like mean more than
  one zone and are left missing.
- durations people work out (``Time to repair: 0h 07m``) stay theirs. One with a remark behind it ("during support
  hours") counts something else than the clock: it is kept as written, and not as a number.
- sections under a heading or a bold label: impact, cause, resolution, what went well or not, action items. Every other
  section is kept with its words in ``extra``.
- a document is called by its file; a file called ``review`` or ``index`` by its folder.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from ...errors import SourceError
from ...records import Records
from .._contract import VendorDuration, origin
from .._instants import zone_named
from .._markdown_layout import MAX_BYTES, laid_out
from .._markdown_told import Told
from .._markdown_words import CLOCK_LABELS, day_in, moment_at, normal

NAME = "markdown_review"
DESCRIPTION = "reviews written by hand in Markdown, issues of cState among them: .md, .markdown, .html.md.erb"
TIME_ZONE_RULE = (
    "A time without a zone is read in the zone you name, else in the one the document names for all its times, "
    "else as UTC with a warning."
)
EXAMPLE = "# Incident: dam leaks\n\n- First detected: 2026-01-05 09:10\n- Resolved: 2026-01-05 10:30"
SEVERITIES = ("down", "disrupted", "notice")  # cState's; other writers use words of their own
DURATIONS: Mapping[str, VendorDuration] = MappingProxyType(
    {
        "time_to_detect": VendorDuration("impact_start", "detected", "min", "as the review states it"),
        "time_to_mitigate": VendorDuration("impact_start", "mitigated", "min", "as the review states it"),
        "time_to_repair": VendorDuration("detected", "mitigated", "min", "as the review states it"),
        "time_to_resolve": VendorDuration("detected", "resolved", "min", "as the review states it"),
        "duration": VendorDuration("impact_start", "resolved", "min", "as the review states it"),
    }
)
COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "title": "title",
        "summary": "summary",
        "severity": "new",
        "affected": "affected_services",
        "company": "organisation",
        "product": "service",
        "url": "source_url",
        "date": "impact_start",
        "start_time": "impact_start",
        "resolvedWhen": "resolved",
        "end_time": "resolved",
        "trigger": "trigger",
        "impact": "text",
    }
)

_FRONT = re.compile(r"\A---[ \t]*\r?\n(.*?)(?:^---[ \t]*\r?$|\Z)", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_KEY = re.compile(r"^([A-Za-z][\w -]*?)[ \t]*:(?=\s|$)", re.MULTILINE)
_HEADING = re.compile(r"^#{1,6}[ \t]+(\S.*)$|^(\S.*)\r?\n(?:=+|-{3,})[ \t]*$", re.MULTILINE)
_SUBJECT = re.compile(r"\b(?:incidents?|outages?|post[- ]?mortem|review|disruptions?|rca)\b", re.IGNORECASE)
_ITEM = re.compile(r"^[ \t>]*(?:[-*+]|\d+[.)])?[ \t]*(?:\|[ \t]*)?(\S.*)$", re.MULTILINE)
_OURS = re.compile(r"^format:[ \t]*[\"']?incident-record/", re.MULTILINE)
_CSTATE = {"resolvedwhen", "severity", "affected", "resolved", "informational"}
_LISTED = {"uuid", "company", "product", "start_time", "end_time", "categories", "keywords"}
_ENDINGS = (".html.md.erb", ".md.erb", ".md", ".markdown", ".erb", ".html")
_NAMELESS = ("index", "review", "report", "postmortem", "post-mortem", "incident", "readme")


def recognises(head: bytes) -> bool:
    """By front matter with keys of an incident, or by a title with at least two labelled times or a time line."""
    if head[:1] in (b"{", b"[", b"<") or b"\x00" in head:
        return False
    text = head.decode("utf-8", "replace")
    if _OURS.search(text):
        return False
    front = _FRONT.match(text)
    keys = {key.lower().replace(" ", "_") for key in _KEY.findall(front[1])} if front else set()
    if _is_issue(keys, front[1] if front else "") or len(keys & _LISTED) >= 3:
        return True
    # What stands in a block of code is an example of something, and no account.
    body = _CODE.sub("", text[front.end() :] if front else text)
    titles = ["".join(found) for found in _HEADING.findall(body)]
    if not titles and "title" not in keys:
        return False
    labels, lines = _signs(body)
    named = re.search(r"^title:(.*)$", front[1], re.MULTILINE) if front else None
    is_about = any(map(_SUBJECT.search, [*titles, named[1] if named else ""]))
    points = labels | {CLOCK_LABELS.get(normal(key)) for key in keys}
    return len(points - {None}) >= 2 or (is_about and lines >= 2)


def read(path: Path, *, time_zone: str | None = None) -> Records:
    """The incident of a document: its times, its time line, its impacts, learnings and action items.

    Raises:
        SourceError: the file cannot be opened, is too large or too deeply nested, or its front matter is no YAML.
    """
    path = Path(path)
    if time_zone:
        zone_named(time_zone)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SourceError(f"{path} has {path.stat().st_size} bytes; a review has at most {MAX_BYTES}")
        text = path.read_bytes().decode("utf-8-sig", "backslashreplace")
    except OSError as error:
        raise SourceError(f"{path} cannot be opened: {error.strerror or error}") from error
    document = laid_out(text, str(path))
    keys = {key.lower() for key in document.front}
    front = _FRONT.match(text)
    told = Told(
        incident_id=_called(path),
        source=origin(NAME, path),
        named_zone=time_zone,
        is_issue=_is_issue(keys, front[1] if front else ""),
        day=day_in(path.name),
    )
    told.document(document)
    return told.records()


def _signs(body: str) -> tuple[set[str | None], int]:
    """The clock points that lines of a text label, and how many lines begin with a time of day."""
    labels: set[str | None] = set()
    lines = 0
    for found in _ITEM.finditer(body):
        said = found[1].replace("*", "").replace("|", " ")
        match = re.search(r"\d", said)
        if match is None:
            continue
        point = CLOCK_LABELS.get(normal(said[: match.start()]))
        moment = moment_at(said[match.start() :])
        if point is not None and moment is not None and moment.clock is not None and len(moment.rest) < 40:
            labels.add(point)
        elif (
            said[: match.start()].strip() in ("", "[", "(", "~")
            and moment is not None
            and moment.clock is not None
            and moment.rest
        ):
            lines += 1
    return labels, lines


def _is_issue(keys: set[str], front: str) -> bool:
    """Whether front matter is that of an issue of cState."""
    says_issue = re.search(r"^section:[ \t]*[\"']?issue\b", front, re.MULTILINE) is not None
    return {"title", "date"} <= {key.lower() for key in keys} and (says_issue or len(keys & _CSTATE) >= 2)


def _called(path: Path) -> str:
    """What a document is called: its file without its ending; its folder where the file's name says nothing."""
    name = path.name
    for ending in _ENDINGS:
        if name.lower().endswith(ending):
            name = name[: -len(ending)]
            break
    return path.parent.name if name.lower() in _NAMELESS and path.parent.name else name or path.name
