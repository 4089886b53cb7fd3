"""Spellings of times as SQL.

A spelling gives ``aware`` (an instant), ``local`` (a time of day in a zone still to be said) or ``yearless`` (one in
a year or on a day still to be said), as microseconds since 1970; what it cannot read is NULL. Digits beyond the
microsecond are cut off, towards the past.

Liberties that are taken off where nothing else has read a time: a comma before the fraction, slashes and dots in a
date of ISO 8601 or no marks at all, small letters, months in other languages, names of zones. A zone whose name does
not mean one offset only is said, and its time read as if it were not there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from ..._instants import zone_named
from .tai import tai64n_sql
from .words import MONTHS, ZONES

LAST_MICROS = 253_370_764_800 * 10**6
"""Beginning of the year 9999, which means "never"; a time before 1970 is taken as a clock that was not set."""

HOUR_MICROS = 3_600 * 10**6
DAY_MICROS = 24 * HOUR_MICROS

_LEAP = ":59:60"
_NOTHING = "CAST(NULL AS VARCHAR)"
_NOT_READ = ", ".join(f"CAST(NULL AS BIGINT) AS {target}" for target in ("aware", "local", "yearless"))
_UNREAD = "aware IS NULL AND local IS NULL AND yearless IS NULL"
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?"
_OFFSET = "(?:Z|[+-][01][0-9](?::?[0-5][0-9])?)"
_AWARE = f"{_DAY}[T ]{_CLOCK}{_OFFSET}"
_NAIVE = f"{_DAY}[T ]{_CLOCK}"
_NUMBER = r"[0-9]{9,19}(?:\.[0-9]+)?"

# A number of seconds, milli-, micro- or nanoseconds lies between 1990 and 2100 in one of these units at most.
FROM, TO = 631_152_000, 4_102_444_800
PER_SECOND = (1, 10**3, 10**6, 10**9)


# A zone stands behind the clock, a year may follow it; AM and PM are no zones.
_ZONE = "(:[0-9]{2}(?:[.][0-9]+)?) ?([A-Z]{1,5})( [0-9]{4})?$"
_NO_ZONES = ("", "AM", "PM")


def instants_sql(times: Sequence[str], source: str) -> str:
    """From rows with ``time`` to the same rows with ``aware``, ``local``, ``yearless``, ``zone_word``, ``is_leap`` instead.

    ``aware`` is set where a time says its offset or counts from 1970, ``local`` where it has a date but no offset,
    ``yearless`` where it has no year or no day and was read in the one of column ``year``; one of them at most.
    ``zone_word`` is the name of a zone that does not say an offset. The spellings are tried in their order, and
    nothing is tried on a time that has been read: the usual spelling costs little.
    """
    sql = f"SELECT *, contains(time, '{_LEAP}') AS is_leap, {_NOT_READ} FROM ({source})"
    leap = f"CASE WHEN is_leap THEN replace(time, '{_LEAP}', ':59:59') ELSE time END AS time"
    sql = f"SELECT * REPLACE ({leap}) FROM ({sql})"
    for spelling in times:
        for target, read in _readings(spelling, "time"):
            sql = f"SELECT * REPLACE (CASE WHEN {_UNREAD} THEN {read} ELSE {target} END AS {target}) FROM ({sql})"
    if all(spelling in ("epoch", "tai64n") for spelling in times):
        return f"SELECT * EXCLUDE (time), {_NOTHING} AS zone_word FROM ({sql})"
    is_dated = "dated" in times
    sql = _plain_sql(sql, has_months=is_dated or any("%b" in spelling for spelling in times), is_dated=is_dated)
    for spelling in times:
        if spelling not in ("epoch", "tai64n"):
            liberal = ", ".join(f"coalesce({to}, {read}) AS {to}" for to, read in _readings(spelling, "plain"))
            sql = f"SELECT * REPLACE ({liberal}) FROM ({sql})"
    return f"SELECT * EXCLUDE (time, plain) FROM ({sql})"


def _plain_sql(source: str, *, has_months: bool, is_dated: bool) -> str:
    """The same rows with ``plain``: a time that has not been read without its liberties; and ``zone_word``."""
    plain = f"CASE WHEN {_UNREAD} THEN upper(trim(time)) END"
    plain = f"regexp_replace({plain}, '(:[0-9]{{2}}),([0-9])', '\\1.\\2')"
    plain = f"regexp_replace({plain}, '(:[0-9]{{2}}[.][0-9]{{6}})[0-9]+', '\\1')"
    plain = f"regexp_replace({plain}, '^([0-9]{{4}})[/.]([0-9]{{2}})[/.]([0-9]{{2}})[ .T_:-]', '\\1-\\2-\\3 ')"
    compact = "^([0-9]{4})([0-9]{2})([0-9]{2})[T ._-]([0-9]{2}):?([0-9]{2}):?([0-9]{2})[.,]?"
    # What follows is a fraction or an offset; an empty fraction does no harm.
    sql = f"SELECT *, regexp_replace({plain}, '{compact}', '\\1-\\2-\\3 \\4:\\5:\\6.') AS plain FROM ({source})"
    sql = f"SELECT * REPLACE (regexp_replace(plain, '[.]($|[^0-9])', '\\1') AS plain) FROM ({sql})"
    if has_months:
        sql = _with_english_months_sql(sql)
    if is_dated:
        sql = _in_one_order_sql(sql)
    sql = f"SELECT *, regexp_extract(plain, '{_ZONE}', 2) AS zone_word FROM ({sql})"
    offsets = " ".join(f"WHEN '{name}' THEN '{offset}'" for name, offset in ZONES.items())
    known = ", ".join(f"'{name}'" for name in (*_NO_ZONES, *ZONES))
    said = f"regexp_replace(plain, '{_ZONE}', '\\1' || coalesce(' ' || CASE zone_word {offsets} END, '') || '\\3')"
    return (
        f"SELECT * REPLACE (CASE WHEN zone_word IN ({_listed(_NO_ZONES)}) THEN plain ELSE {said} END AS plain, "
        f"CASE WHEN zone_word NOT IN ({known}) THEN zone_word END AS zone_word) FROM ({sql})"
    )


def _with_english_months_sql(source: str) -> str:
    """``plain`` with the month as English writes it."""
    word = "regexp_extract(plain, '\\pL{3,}[.]?')"
    names = ", ".join(f"'{name}': '{english}'" for name, english in MONTHS.items())
    english = f"MAP {{{names}}}[rtrim(lower({word}), '.')]"
    return f"SELECT * REPLACE (coalesce(replace(plain, {word}, {english}), plain) AS plain) FROM ({source})"


def _in_one_order_sql(source: str) -> str:
    """``plain`` without what dates have between their parts: ``5. DE Jan DE 2026, 9:00``, ``05-Jan-2026``, ``Jan 5, 2026``."""
    day = "^([0-9]{1,2})(?:[.]|ER|º|ª)?[ ./-]*(?:DE )?(\\pL{3,})[ ./-]+(?:DE )?([0-9]{4})[ :,T]+"
    plain = f"regexp_replace(plain, '{day}', '\\1 \\2 \\3 ')"
    plain = f"regexp_replace({plain}, '^(\\pL{{3,}}) +([0-9]{{1,2}}),? +(?:([0-9]{{4}}),? +)?', '\\1 \\2 \\3 ')"
    return f"SELECT * REPLACE (replace({plain}, '  ', ' ') AS plain) FROM ({source})"


def _dated_readings() -> list[tuple[str, str]]:
    clocks = ("%H:%M:%S", "%H:%M:%S.%f", "%H:%M", "%I:%M:%S %p", "%I:%M %p")
    dates = [f"{day} {clock}@" for day in ("%d %b %Y", "%b %d %Y") for clock in clocks]
    dates += [f"%b %d {clock}@ %Y" for clock in clocks]

    def first_of(spellings: Sequence[str], subject: str = "plain") -> str:
        return f"epoch_us(try_strptime({subject}, [{_listed(spellings)}]))"

    return [
        ("aware", first_of([spelling.replace("@", " %z") for spelling in dates])),
        ("local", first_of([spelling.replace("@", "") for spelling in dates])),
        ("yearless", first_of([f"%Y %b %d {clock}" for clock in clocks], "(year || ' ' || plain)")),
    ]


def _readings(spelling: str, column: str) -> list[tuple[str, str]]:
    """Which of ``aware``, ``local`` and ``yearless`` a spelling can give, and how."""
    if spelling == "iso8601":
        if column == "plain":
            column = "regexp_replace(plain, ' ([+-][0-9:]+|Z)$', '\\1')"
        # What ends in Z and can be cast at all is an instant; anything else has to prove that it has an offset.
        is_aware = f"ends_with({column}, 'Z') OR regexp_full_match({column}, '{_AWARE}')"
        return [
            ("aware", f"CASE WHEN {is_aware} THEN epoch_us(try_cast({column} AS TIMESTAMPTZ)) END"),
            (
                "local",
                f"CASE WHEN regexp_full_match({column}, '{_NAIVE}') THEN epoch_us(try_cast({column} AS TIMESTAMP)) END",
            ),
        ]
    if spelling == "epoch":
        return [("aware", _epoch_sql(column))]
    if spelling == "dated":
        return _dated_readings() if column == "plain" else []
    if spelling == "tai64n":
        return [("aware", tai64n_sql(column))]
    spelling = spelling.replace("'", "''")
    if "%d" not in spelling:
        clock = f"epoch_us(try_strptime('1970-01-01 ' || {column}, '%Y-%m-%d {spelling}'))"
        return [("yearless", f"{clock} + CAST(year AS BIGINT) * {DAY_MICROS}")]
    if "%Y" not in spelling and "%y" not in spelling:
        return [("yearless", f"epoch_us(try_strptime(year || ' ' || {column}, '%Y {spelling}'))")]
    return [("aware" if "%z" in spelling else "local", f"epoch_us(try_strptime({column}, '{spelling}'))")]


@dataclass(frozen=True, slots=True)
class Zoned:
    """Local times in a zone, as SQL.

    Attributes:
        at: the instant, in microseconds since 1970.
        is_skipped: the zone has no such time, its clocks went from before it to behind it; empty when none is.
        is_repeated: the zone has this time twice; empty when none is.
    """

    at: str
    is_skipped: str = ""
    is_repeated: str = ""


def zoned_sql(column: str, time_zone: str | None, *, is_second: bool = False) -> Zoned:
    """Local microseconds as instants, with tests for those that a change of the clocks makes doubtful.

    Args:
        column: the local times.
        time_zone: the zone; none is UTC.
        is_second: what the zone has twice is the later one of the two; else it is the first. What it skips is read
            as the hour after.

    Raises:
        UsageError: there is no such zone.
    """
    zone = zone_named(time_zone) if time_zone else dt.UTC
    fixed = zone.utcoffset(None)
    if fixed is not None:
        return Zoned(f"({column} - {fixed // dt.timedelta(microseconds=1)})" if fixed else column)
    # The database reads what is there twice as the later one.
    at = f"timezone('{time_zone}', make_timestamp({column}))"
    is_repeated = f"timezone('{time_zone}', {at} - INTERVAL 1 HOUR) = make_timestamp({column})"
    first = f"CASE WHEN {is_repeated} THEN {HOUR_MICROS} ELSE 0 END"
    return Zoned(
        at=f"epoch_us({at})" if is_second else f"(epoch_us({at}) - {first})",
        is_skipped=f"timezone('{time_zone}', {at}) <> make_timestamp({column})",
        is_repeated=is_repeated,
    )


def _listed(words: Sequence[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def _epoch_sql(column: str) -> str:
    number = f"try_cast({column} AS DECIMAL(38, 9))"
    cases = " ".join(
        f"WHEN {number} BETWEEN {FROM * per} AND {TO * per} "
        f"THEN CAST(floor({number} * {max(10**6 // per, 1)}) AS BIGINT) // {max(per // 10**6, 1)}"
        for per in PER_SECOND
    )
    return f"CASE WHEN regexp_full_match({column}, '{_NUMBER}') THEN CASE {cases} END END"
