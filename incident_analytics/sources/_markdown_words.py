"""How people word a review: titles of sections, labels of times and durations, and the times themselves.

A word is understood when it is one of these and nothing else; what is not understood keeps its own words.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ._instants import zone_named

_CLOCK_WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "impact_start": (
            "fault occurs", "fault occurred", "impact start", "impact started", "impact began", "start of impact",
            "started", "started at", "start", "start time", "began", "began at", "incident start", "incident started",
            "incident began", "issue started", "outage start", "outage started", "first impact",
        ),
        "alert_fired": ("alert fired", "first alert", "alerted", "alerted at"),
        "detected": (
            "first detected", "detected", "detected at", "detection", "detection time", "time detected",
            "fault detected", "incident detected", "issue detected", "team aware",
        ),
        "paged": ("paged", "paged at", "first paged", "on-call paged"),
        "acknowledged": ("acknowledged", "acknowledged at", "incident acknowledged"),
        "declared": ("incident declared", "declared", "declared at"),
        "identified": ("identified at", "cause identified", "root cause identified"),
        "mitigated": (
            "repaired", "repaired at", "mitigated", "mitigated at", "impact mitigated", "incident mitigated",
            "service restored",
        ),
        "impact_end": ("impact end", "impact ended", "end of impact", "outage end", "outage ended"),
        "resolved": (
            "resolved", "resolved at", "incident resolved", "issue resolved", "end", "ended", "ended at", "end time",
            "incident end", "incident ended",
        ),
        "closed": ("closed", "closed at", "incident closed"),
    }
)  # fmt: skip
CLOCK_LABELS = {word: point for point, words in _CLOCK_WORDS.items() for word in words}
"""What a writer calls a clock point -> ours."""

_SECTION_WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "timeline": (
            "timeline", "time line", "key events", "chronology", "sequence of events", "timeline of events", "events",
            "incident timeline",
        ),
        "impact": ("impact", "customer impact", "user impact", "business impact", "what was the impact"),
        "summary": ("summary", "executive summary", "overview", "abstract", "incident summary", "tl;dr"),
        "trigger": ("trigger", "root cause", "root causes", "cause", "causes", "what caused it"),
        "resolution": ("resolution", "how it was resolved", "how was it resolved", "recovery", "mitigation"),
        "went_well": ("what went well", "went well", "things that went well", "what worked well", "what worked"),
        "went_poorly": (
            "what went wrong", "what went poorly", "went wrong", "went poorly", "what did not go well",
            "what didn't go well", "what went badly", "what did not go so well", "what didn't go so well",
            "not so well", "what went not so well", "what could have gone better", "what could be improved",
            "things that went poorly", "things that went wrong",
        ),
        "got_lucky": ("where we got lucky", "got lucky", "lucky", "where we were lucky", "we got lucky"),
        "actions": (
            "action items", "actions", "review actions", "actions following review", "follow-up actions", "follow-ups",
            "follow ups", "followups", "follow-up items", "next steps", "corrective actions", "preventive actions",
            "preventative actions", "preventative measures", "preventive measures", "remediation items", "to do",
        ),
    }
)  # fmt: skip
SECTIONS = {word: name for name, words in _SECTION_WORDS.items() for word in words}
"""What a writer calls a section -> what is done with it."""

DURATION_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "time to detect": "time_to_detect", "ttd": "time_to_detect", "time to detection": "time_to_detect",
        "time to mitigate": "time_to_mitigate", "time to repair": "time_to_repair",
        "time to resolve": "time_to_resolve", "time to resolution": "time_to_resolve", "ttr": "time_to_resolve",
        "duration": "duration", "incident duration": "duration", "outage duration": "duration",
        "total duration": "duration",
    }
)  # fmt: skip
"""What a writer calls a duration -> its key in ``extra``."""

_UNITS = {"d": 1440, "h": 60, "m": 1, "s": 1 / 60}
_PART = re.compile(
    r"(\d{1,6})\s*(d(?:ays?)?|h(?:(?:ou)?rs?)?|m(?:in(?:ute)?s?)?|s(?:ec(?:ond)?s?)?)\b[,\s]*(?:and\s+)?"
)

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = rf"(?:{'|'.join(_MONTHS)})[a-z]{{0,6}}\.?"
_DAY = re.compile(
    r"(?P<y1>\d{4})[-/](?P<m1>\d{1,2})[-/](?P<d1>\d{1,2})(?!\d)"
    rf"|(?P<d2>\d{{1,2}})(?:st|nd|rd|th)? (?P<m2>{_MONTH}),? (?P<y2>\d{{4}})(?!\d)"
    rf"|(?P<m3>{_MONTH}) (?P<d3>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y3>\d{{4}})(?!\d)",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"(?P<hour>\d{1,2}):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d)(?:[.,](?P<fraction>\d{1,9}))?)?(?!\d)"
    r"(?: ?(?P<half>[AaPp])\.?[Mm]\b\.?)?"
)
# Abbreviations that mean one offset; those that mean several are known as zones, and left open.
_OFFSETS = {
    "Z": "UTC", "UTC": "UTC", "GMT": "UTC", "PST": "-08:00", "PDT": "-07:00", "MST": "-07:00", "MDT": "-06:00",
    "EST": "-05:00", "EDT": "-04:00", "CDT": "-05:00", "CET": "+01:00", "CEST": "+02:00", "EET": "+02:00",
    "EEST": "+03:00", "JST": "+09:00", "AEST": "+10:00", "AEDT": "+11:00",
}  # fmt: skip
_OPEN = ("BST", "IST", "CST", "AST", "PT", "ET", "CT", "MT")
_ZONE = re.compile(
    rf"\(?(?P<zone>{'|'.join(sorted((*_OFFSETS, *_OPEN), key=len, reverse=True))})\b\)?|(?P<offset>[+-]\d{{2}}:?\d{{2}})(?!\d)"
)
_NAMED_ZONE = re.compile(
    r"\b[Tt]imes?\b[^.\n]{0,40}?\b(?:in|are|is|:)\s*(?:in\s+)?(?P<zone>UTC|GMT|[A-Z][A-Za-z]+/[A-Z][A-Za-z_]+)\b"
)
_LEAD = re.compile(r"[\s*_\[(~]*(?:at |around |approx(?:imately|\.)? |about |ca?\. )?[\s~]*", re.IGNORECASE)
_ABOUT = re.compile(r"~|around|approx|about|ca?\.", re.IGNORECASE)
_BETWEEN = re.compile(r"(?:[T ,@]|at\b|-)*")
_AFTER = " \t\r\n])*_|,;:-\u2013\u2014"
_RANGE = re.compile(r"\s*[-\u2013\u2014]\s*(\d{1,2}:\d{2})(?!\d)")


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as somebody wrote it.

    Attributes:
        day: its day; None when only a clock is given.
        clock: its time of day; None when only a day is given.
        zone: the zone as written; empty when none is.
        rest: what stands behind it.
        raw: the time as written.
        until: the end, when a stretch is given.
        is_exact: it has seconds.
        is_about: it is said to be approximate.
    """

    day: dt.date | None
    clock: dt.time | None
    zone: str
    rest: str
    raw: str
    until: str = ""
    is_exact: bool = False
    is_about: bool = False

    def instant(self, day: dt.date, zone: str) -> dt.datetime:
        """The instant on a day, in a zone that is named where none is written.

        Raises:
            ValueError: the zone means more than one, the day lacks, or the zone has this time twice or never.
        """
        if self.zone in _OPEN:
            raise ValueError(f"{self.zone} is the name of more than one zone; expected an offset such as +01:00")
        name = _OFFSETS.get(self.zone, self.zone) if self.zone else zone
        at = dt.datetime.combine(self.day or day, self.clock or dt.time(), zone_named(name))
        if at.utcoffset() != at.replace(fold=1).utcoffset():
            raise ValueError(f"{name} has this time twice or not at all, since its clocks change there")
        return at.astimezone(dt.UTC)


def normal(words: str) -> str:
    """Words as the tables here have them: lower case, single spaces, without the marks around them."""
    said = re.sub(r"[\s_]+", " ", words.replace("\u2019", "'")).strip(" .:;?!*#-\u2013\u2014").lower()
    return re.sub(r"^\d+[.)] ", "", said)


def moment_at(text: str) -> Moment | None:
    """The time that a text begins with; None when it begins with none."""
    lead = _LEAD.match(text)
    place = lead.end() if lead else 0
    begins = place
    found = _DAY.match(text, place)
    day = None
    if found is not None:
        day = _day_of(found)
        if day is None:
            return None
        place = found.end()
        between = _BETWEEN.match(text, place)
        place = between.end() if between else place
    time = _TIME.match(text, place)
    clock = _clock_of(time) if time is not None else None
    if day is None and clock is None:
        return None
    if clock is None or time is None:
        end = found.end() if found else place
        return Moment(day, None, "", text[end:].strip(_AFTER), text[begins:end])
    place = time.end()
    # 10:00-11:00 is a stretch, 2026-01-05T10:00-05:00 a time with its offset.
    until = None if "T" in text[begins:place] or time["second"] else _RANGE.match(text, place)
    place = until.end() if until else place
    blank = len(text[place:]) - len(text[place:].lstrip(" "))
    named = _ZONE.match(text, place + blank)
    place = named.end() if named else place
    return Moment(
        day,
        clock,
        (named["zone"] or named["offset"]) if named else "",
        text[place:].strip(_AFTER),
        text[begins:place].strip(),
        until[1] if until else "",
        is_exact=time["second"] is not None,
        is_about=lead is not None and _ABOUT.search(lead[0]) is not None,
    )


def day_in(text: str) -> dt.date | None:
    """The first day that a text names."""
    found = _DAY.search(text)
    return _day_of(found) if found else None


def is_day_only(text: str) -> bool:
    """Whether a text is a day and nothing else, perhaps with the name of the day of the week."""
    found = _DAY.search(text)
    around = (text[: found.start()] + text[found.end() :]) if found else "x"
    return (
        re.fullmatch(
            r"[\W_]*(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?)?[\W_]*", around, re.IGNORECASE
        )
        is not None
    )


def zone_in(text: str) -> str:
    """The zone a document says its times are in; empty when it says none."""
    found = _NAMED_ZONE.search(text)
    if found is not None:
        return "UTC" if found["zone"] in ("UTC", "GMT") else found["zone"]
    head = re.fullmatch(r"[^(]*\((?P<zone>UTC|GMT)\)\s*", text)
    return "UTC" if head else ""


def minutes_in(text: str) -> float | None:
    """A duration such as ``0h 07m`` in minutes; None when the text says anything besides."""
    place, total = 0, 0.0
    text = text.strip().rstrip(".").lower()
    while place < len(text):
        part = _PART.match(text, place)
        if part is None:
            return None
        total += int(part[1]) * _UNITS[part[2][0]]
        place = part.end()
    return round(total, 3) if text else None


def _day_of(found: re.Match[str]) -> dt.date | None:
    for n in ("1", "2", "3"):
        if found[f"y{n}"]:
            month = found[f"m{n}"]
            number = int(month) if month.isdigit() else _MONTHS.index(month[:3].lower()) + 1
            try:
                return dt.date(int(found[f"y{n}"]), number, int(found[f"d{n}"]))
            except ValueError:
                return None
    return None


def _clock_of(found: re.Match[str]) -> dt.time | None:
    hour, half = int(found["hour"]), (found["half"] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 23:
        return None
    micros = int((found["fraction"] or "0")[:6].ljust(6, "0"))
    return dt.time(hour, int(found["minute"]), int(found["second"] or 0), micros)
