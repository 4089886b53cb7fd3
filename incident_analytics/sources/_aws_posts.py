"""The posts inside a description of the old AWS Service Health Dashboard: HTML with a clock before each text.

A post has a wall-clock time with its zone as written (``PDT``, ``PST``) and, from the second day on, month and day; it
never has a year. The first post is written at the ``date`` of the record, which settles the day and the year.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

_ZONES = {"PDT": dt.timezone(dt.timedelta(hours=-7), "PDT"), "PST": dt.timezone(dt.timedelta(hours=-8), "PST")}
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_DAY = r"(?P<month{n}>[A-Z][a-z]{{2,8}})\.? (?P<day{n}>\d{{1,2}})(?:, ?(?P<year{n}>\d{{4}}))?"
_CLOCK = r"(?P<hour{n}>\d{{1,2}}):(?P<minute{n}>\d{{2}}) ?(?P<half{n}>[AP]M)"
_STAMP = re.compile((rf"(?:{_DAY},? )?{_CLOCK} (?P<zone>PDT|PST)").format(n=""))
_SIDE = rf"(?:{_DAY},?(?: at)? )?{_CLOCK}"
_WINDOW = re.compile(
    rf"\bbetween {_SIDE.format(n='1')}(?: (?P<zone1>PDT|PST))? and {_SIDE.format(n='2')} (?P<zone2>PDT|PST)\b",
    re.IGNORECASE,
)
_HALF_A_YEAR = dt.timedelta(days=183)
_DAY_LONG = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Post:
    """One post as it stands in the page.

    Attributes:
        clock: its time as written; empty when it has none.
        text: its words, without markup.
    """

    clock: str
    text: str


class _Page(HTMLParser):
    """Collects the posts: a ``div`` each, whose first ``span`` is the clock. Text outside of any is a post too."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.posts: list[Post] = []
        self._clock: list[str] = []
        self._text: list[str] = []
        self._in_span = False
        self._has_span = False
        self._link: str | None = None
        self._link_from = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a post, its clock, a line or a link."""
        if tag == "div":
            self._finish()
        elif tag == "span" and not self._has_span:
            self._in_span = self._has_span = True
        elif tag in ("br", "p", "li"):
            self._text.append("\n")
        elif tag == "a":
            self._link, self._link_from = dict(attrs).get("href"), len(self._text)

    def handle_endtag(self, tag: str) -> None:
        """End a post, its clock, or a link; a link whose words do not show the address gets it in brackets."""
        if tag == "div":
            self._finish()
        elif tag == "span":
            self._in_span = False
        elif tag == "a" and self._link:
            if self._link not in "".join(self._text[self._link_from :]):
                self._text.append(f" ({self._link})")
            self._link = None

    def handle_data(self, data: str) -> None:
        """Words of the clock, or of the post."""
        (self._clock if self._in_span else self._text).append(data)

    def _finish(self) -> None:
        clock = " ".join("".join(self._clock).split())
        lines = ("".join(self._text)).replace("\xa0", " ").split("\n")
        text = "\n".join(" ".join(line.split()) for line in lines).strip()
        if clock or text:
            self.posts.append(Post(clock, re.sub(r"\n{3,}", "\n\n", text)))
        self._clock, self._text, self._in_span, self._has_span = [], [], False, False

    def close(self) -> None:
        """End the last post, whether or not its ``div`` is closed."""
        super().close()
        self._finish()


def posts_of(description: str) -> list[Post]:
    """The posts of a description in the order of the page; markup that cannot be parsed is one post as it is."""
    page = _Page()
    try:
        page.feed(description)
        page.close()
    except AssertionError:  # how the parser answers some broken declarations
        return [Post("", description.strip())] if description.strip() else []
    return page.posts


def stamped(clock: str, first: dt.datetime) -> dt.datetime:
    """The instant of a post's clock.

    Args:
        clock: the time as written, such as ``1:02 AM PDT`` or ``Apr 27, 1:02 AM PDT``.
        first: when the first post was written; a clock without a day is of that day in its own zone, one with a day
            lies within half a year of it.

    Raises:
        ValueError: it is no such time.
    """
    match = _STAMP.fullmatch(clock)
    if match is None:
        raise ValueError("expected a time such as 1:02 AM PDT, or Apr 27, 1:02 AM PDT")
    zone = _ZONES[match["zone"]]
    near = first.astimezone(zone)
    if match["month"] is None:
        return _at(near.date(), match["hour"], match["minute"], match["half"], zone)
    day = _dated(match["month"], match["day"], match["year"], near.date())
    return _at(day, match["hour"], match["minute"], match["half"], zone)


def windows_in(text: str, said_at: dt.datetime) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """The times "between 9:05 AM and 1:10 PM PDT" in a post, as instants; what cannot be one is left out.

    Args:
        text: the words of the post.
        said_at: when it was written: an end without a day is the last such time before, and a beginning the last
            before the end.
    """
    for match in _WINDOW.finditer(text):
        parts = match.groupdict()
        zone2 = _ZONES[parts["zone2"].upper()]
        zone1 = _ZONES[(parts["zone1"] or parts["zone2"]).upper()]
        try:
            end = _before(said_at, "2", parts, zone2)
            start = _before(end, "1", parts, zone1)
        except ValueError:
            continue
        if start < end <= said_at:
            yield start.astimezone(dt.UTC), end.astimezone(dt.UTC)


def _before(limit: dt.datetime, n: str, parts: dict[str, str | None], zone: dt.timezone) -> dt.datetime:
    """One side of a window: on the day it names, or else the last such time of day before a limit."""
    near = limit.astimezone(zone)
    month, day = parts[f"month{n}"], parts[f"day{n}"]
    hour, minute, half = (parts[f"{name}{n}"] or "" for name in ("hour", "minute", "half"))
    if month and day:
        return _at(_dated(month, day, parts[f"year{n}"], near.date()), hour, minute, half, zone)
    at = _at(near.date(), hour, minute, half, zone)
    return at if at <= near else at - _DAY_LONG


def _dated(month: str, day: str, year: str | None, near: dt.date) -> dt.date:
    """A month and day in the year that brings it nearest to a date."""
    number = _MONTHS.get(month[:3].lower())
    if number is None:
        raise ValueError(f"{month!r} is no month")
    if year:
        return dt.date(int(year), number, int(day))
    at = dt.date(near.year, number, int(day))
    if at - near > _HALF_A_YEAR:
        return at.replace(year=near.year - 1)
    return at.replace(year=near.year + 1) if near - at > _HALF_A_YEAR else at


def _at(day: dt.date, hour: str, minute: str, half: str, zone: dt.timezone) -> dt.datetime:
    """A twelve-hour clock on a day."""
    if not 1 <= int(hour) <= 12:
        raise ValueError(f"{hour} is no hour of a twelve-hour clock")
    hours = int(hour) % 12 + (12 if half.upper() == "PM" else 0)
    return dt.datetime(day.year, day.month, day.day, hours, int(minute), tzinfo=zone)
