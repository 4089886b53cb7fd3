"""How numbers, instants and gaps in knowledge are said. Knows nothing of incidents.

Durations: seconds only when both ends are known to the second; minutes below two days; then days. An unknown value
is always said in words, never 0, never a bare dash.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

MINUTE = 60
HOUR = 3600
DAY = 86400

NOT_PUBLISHED = "not published"
NOT_RECORDED = "not recorded"
NOT_COMPUTABLE = "not computable"


def missing(visibility: str | None = None) -> str:
    """The words for a fact that the source does not give: public accounts do not publish, records do not record."""
    return NOT_PUBLISHED if visibility == "public" else NOT_RECORDED


def duration(span: pd.Timedelta | float | None, *, with_seconds: bool = False) -> str:
    """A span in words.

    >>> duration(pd.Timedelta("2h 2min"))
    '2 h 02 min'
    >>> duration(pd.Timedelta("20min 27s"), with_seconds=True)
    '20 min 27 s'
    >>> duration(pd.Timedelta("76h"))
    '3 d 4 h'

    Args:
        span: a timedelta, or seconds; missing gives "not computable".
        with_seconds: say seconds for spans under two hours; otherwise whole minutes, half a minute rounds up.
    """
    if span is None or pd.isna(span):
        return NOT_COMPUTABLE
    total = span.total_seconds() if isinstance(span, pd.Timedelta) else float(span)
    sign = "−" if total < 0 else ""
    total = abs(total)
    if with_seconds and total < 2 * HOUR:
        whole = math.floor(total + 0.5)
        if whole < MINUTE:
            return f"{sign}{whole} s"
        minutes, seconds = divmod(whole, MINUTE)
        if minutes < MINUTE:
            return f"{sign}{minutes} min {seconds:02d} s" if seconds else f"{sign}{minutes} min"
        hours, minutes = divmod(minutes, MINUTE)
        return f"{sign}{hours} h {minutes:02d} min {seconds:02d} s"
    if 0 < total < MINUTE / 2:
        return f"{sign}under 1 min" if not sign else "under 1 min"
    whole_minutes = math.floor(total / MINUTE + 0.5)
    if whole_minutes < MINUTE:
        return f"{sign}{whole_minutes} min"
    if whole_minutes < 48 * MINUTE:
        hours, minutes = divmod(whole_minutes, MINUTE)
        return f"{sign}{hours} h {minutes:02d} min"
    whole_hours = math.floor(total / HOUR + 0.5)
    days, hours = divmod(whole_hours, 24)
    return f"{sign}{days} d {hours} h" if hours and days < 10 else f"{sign}{days} d"


def span_range(low: pd.Timedelta, high: pd.Timedelta) -> str:
    """A range of spans; the unit is said once when it is the same.

    >>> span_range(pd.Timedelta("3h 40min"), pd.Timedelta("4h 40min"))
    '3 h 40 min to 4 h 40 min'
    """
    first, last = duration(low), duration(high)
    return first if first == last else f"{first} to {last}"


def about(span: pd.Timedelta) -> str:
    """A span known only roughly: to the day above two days, to the hour below.

    >>> about(pd.Timedelta("316h"))
    'about 13 d'
    """
    total = span.total_seconds()
    if abs(total) >= 2 * DAY:
        return f"about {round(total / DAY)} d"
    if abs(total) >= 2 * HOUR:
        return f"about {round(total / HOUR)} h"
    return f"about {duration(span)}"


def elapsed(span: pd.Timedelta) -> str:
    """Time since the start as a clock: ``+2:09``, ``−0:23``; days from 48 hours on: ``+3 d 4:00``.

    >>> elapsed(pd.Timedelta("2h 9min"))
    '+2:09'
    """
    total = span.total_seconds()
    sign = "−" if total < 0 else "+"
    minutes = math.floor(abs(total) / MINUTE)
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{sign}{hours}:{minutes:02d}"
    days, hours = divmod(hours, 24)
    return f"{sign}{days} d {hours}:{minutes:02d}"


def clock_time(at: pd.Timestamp, precision: str | None = None, *, with_date: bool = False) -> str:
    """An instant in UTC as the reader needs it: ``11:48:27``, ``11:05``, ``about 18 h``, ``5 Apr``.

    Args:
        at: an instant.
        precision: second, minute, hour or day; a missing precision means minute, or second if seconds are there.
        with_date: say the day too.
    """
    if pd.isna(at):
        return NOT_RECORDED
    at = at.tz_convert("UTC")
    day = f"{at.day} {at:%b}"
    if precision == "day":
        return day
    if precision == "hour":
        text = f"{at:%H} h"
    elif precision == "second" or (precision not in ("minute",) and at.second):
        text = f"{at:%H:%M:%S}"
    else:
        text = f"{at:%H:%M}"
    return f"{day} {text}" if with_date else text


def date(at: pd.Timestamp) -> str:
    """A day in UTC: ``18 Nov 2025``."""
    if pd.isna(at):
        return NOT_RECORDED
    at = at.tz_convert("UTC")
    return f"{at.day} {at:%b %Y}"


def long_date(at: pd.Timestamp) -> str:
    """A day in UTC with its weekday: ``Tuesday 18 November 2025``."""
    if pd.isna(at):
        return NOT_RECORDED
    at = at.tz_convert("UTC")
    return f"{at:%A} {at.day} {at:%B %Y}"


def count(n: int, noun: str, plural: str | None = None) -> str:
    """A number with its noun in the right form.

    >>> count(1, "incident"), count(2, "entry", "entries")
    ('1 incident', '2 entries')
    """
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}".replace(",", " ")


SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def small(n: int) -> str:
    """Numbers up to ten as words, larger ones as digits."""
    return SMALL[n] if 0 <= n < len(SMALL) else str(n)


def percent(share: float, n: int | None = None) -> str:
    """A share in percent; no decimals below n = 1000.

    >>> percent(0.356, 120)
    '36 %'
    """
    if share is None or math.isnan(share):
        return NOT_COMPUTABLE
    return f"{share * 100:.1f} %" if n is not None and n >= 1000 else f"{round(share * 100)} %"


def listed(items: Sequence[str], last: str = "and") -> str:
    """Items as a list in a sentence: ``a, b and c``."""
    items = list(items)
    if len(items) < 2:
        return items[0] if items else ""
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def number(value: float) -> str:
    """A number without a false decimal, thousands parted: ``200 000``, ``23.2``."""
    if pd.isna(value):
        return NOT_RECORDED
    if float(value).is_integer():
        return f"{int(value):,}".replace(",", " ")
    return f"{value:,.3g}" if abs(value) < 100 else f"{value:,.1f}".replace(",", " ")


def basis_mark(basis: str | None, verified: str | None) -> str:
    """The mark of knowing beside a fact: stated, inferred, retold, from memory; empty when nothing was said.

    A fact that is inferred stays inferred however well its source was read; a stated fact that was read only in
    somebody else's account is retold; one that nobody could check is from memory.
    """
    if basis == "unknown" or basis is None or pd.isna(basis):
        return ""
    if basis == "inferred":
        return "inferred"
    return {"secondary": "retold", "memory": "from memory"}.get(verified or "", "stated")


def sentence(text: str) -> str:
    """The text with a capital first letter and a full stop."""
    text = text.strip()
    if not text:
        return ""
    text = text[0].upper() + text[1:]
    return text if text[-1] in ".!?…" else text + "."
