"""Spellings of times as SQL.

A spelling gives ``aware`` (an instant) or ``local`` (a time of day in a zone still to be said), as microseconds
since 1970; what it cannot read is NULL. Digits beyond the microsecond are cut off, towards the past.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from ..._instants import zone_named

LAST_MICROS = 253_370_764_800 * 10**6
"""Beginning of the year 9999, which means "never"; a time before 1970 is taken as a clock that was not set."""

_LEAP = ":59:60"
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


def instants_sql(times: Sequence[str], source: str) -> str:
    """From rows with ``time`` to the same rows with ``aware``, ``local``, ``yearless`` and ``is_leap`` in its place.

    ``aware`` is set where a time says its offset or counts from 1970, ``local`` where it has a date but no offset,
    ``yearless`` where it has no year and was read in the one of column ``year``; one of them at most. The spellings are tried
    in their order, and nothing is tried on a time that has been read: the usual spelling costs little.
    """
    sql = f"SELECT *, contains(time, '{_LEAP}') AS is_leap, {_NOT_READ} FROM ({source})"
    leap = f"CASE WHEN is_leap THEN replace(time, '{_LEAP}', ':59:59') ELSE time END AS time"
    sql = f"SELECT * REPLACE ({leap}) FROM ({sql})"
    for spelling in times:
        for target, read in _readings(spelling, "time"):
            sql = f"SELECT * REPLACE (CASE WHEN {_UNREAD} THEN {read} ELSE {target} END AS {target}) FROM ({sql})"
    if "iso8601" in times:
        sql = f"SELECT *, CASE WHEN {_UNREAD} THEN {_plain_sql('time')} END AS plain FROM ({sql})"
        liberal = ", ".join(f"coalesce({to}, {read}) AS {to}" for to, read in _readings("iso8601", "plain"))
        sql = f"SELECT * EXCLUDE (plain) REPLACE ({liberal}) FROM ({sql})"
    return f"SELECT * EXCLUDE (time) FROM ({sql})"


def _plain_sql(column: str) -> str:
    """ISO 8601 without its liberties: blanks, commas, small letters, ``UTC``, no hyphens and colons."""
    plain = f"regexp_replace(replace(upper({column}), ',', '.'), ' ?(UTC|GMT|Z)$', 'Z')"
    plain = f"regexp_replace({plain}, ' ([+-][0-9:]+)$', '\\1')"
    compact = "^([0-9]{4})([0-9]{2})([0-9]{2})([T ])([0-9]{2})([0-9]{2})([0-9]{2})"
    plain = f"regexp_replace({plain}, '{compact}', '\\1-\\2-\\3\\4\\5:\\6:\\7')"
    return f"CASE WHEN regexp_matches({column}, '^[0-9]{{4}}-?[0-9]{{2}}-?[0-9]{{2}}[Tt ]') THEN {plain} END"


def _readings(spelling: str, column: str) -> list[tuple[str, str]]:
    """Which of ``aware``, ``local`` and ``yearless`` a spelling can give, and how."""
    if spelling == "iso8601":
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
    if "%Y" not in spelling:
        return [("yearless", f"epoch_us(try_strptime(year || ' ' || {column}, '%Y {spelling}'))")]
    return [("aware" if "%z" in spelling else "local", f"epoch_us(try_strptime({column}, '{spelling}'))")]


def zoned_sql(column: str, time_zone: str | None) -> tuple[str, str]:
    """Local microseconds as instants, and a test for those that a change of the clocks makes doubtful, if any does.

    An hour that the zone has twice is read as the later one, an hour that it skips as the one after it.

    Raises:
        UsageError: there is no such zone.
    """
    zone = zone_named(time_zone) if time_zone else dt.UTC
    fixed = zone.utcoffset(None)
    if fixed is not None:
        return (f"({column} - {fixed // dt.timedelta(microseconds=1)})" if fixed else column), ""
    at = f"timezone('{time_zone}', make_timestamp({column}))"
    earlier = f"timezone('{time_zone}', {at} - INTERVAL 1 HOUR)"
    is_doubtful = f"timezone('{time_zone}', {at}) <> make_timestamp({column}) OR {earlier} = make_timestamp({column})"
    return f"epoch_us({at})", is_doubtful


def _epoch_sql(column: str) -> str:
    number = f"try_cast({column} AS DECIMAL(38, 9))"
    cases = " ".join(
        f"WHEN {number} BETWEEN {FROM * per} AND {TO * per} "
        f"THEN CAST(floor({number} * {max(10**6 // per, 1)}) AS BIGINT) // {max(per // 10**6, 1)}"
        for per in PER_SECOND
    )
    return f"CASE WHEN regexp_full_match({column}, '{_NUMBER}') THEN CASE {cases} END END"
