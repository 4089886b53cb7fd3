"""Times as other people write them, read without guessing.

A spelling is either ISO 8601 (with the usual small liberties: a blank for the ``T``, an offset without a
colon, ``UTC`` for ``Z``) or a format that the caller names. A time without an offset is read only in a zone
that the caller names. Everything else stays missing and comes back as a fault, for the findings. Oddities:

- ``24:00:00`` is the midnight that ends the day; second 60 is a leap second only at 23:59 UTC.
- The years 0001 and 9999 are how Go and SQL write "never": they are missing, and no fault.
- A time that a zone has twice or not at all when its clocks change is a fault: which was meant is open.
- Digits beyond the microsecond are cut off, towards the past.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

import pandas as pd

from ..errors import UsageError, did_you_mean
from ..schema import finding

NEVER_YEARS = (1, 9999)
EPOCH_LIMIT = 253_402_300_800  # seconds to the year 10000
_MICROSECONDS = {"s": 6, "ms": 3}
_EXPECTED = "expected an ISO 8601 time such as 2026-01-31T09:30:00Z"
_NO_ZONE = "it has no zone; expected an offset such as Z or +02:00, or the zone to be named"

# What pandas reads directly: nearly every export is wholly in this spelling, so nothing is done row by row.
_STRICT = (
    r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    r"(?:\.[0-9]{1,6})?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_SPELLING = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8})"
    r"(?:[Tt ](?P<hour>[0-9]{2})(?::?(?P<minute>[0-9]{2})"
    r"(?::?(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]+))?)?)?)?"
    r" ?(?P<offset>[Zz]|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)
_DAY = re.compile(r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}")
_EPOCH = re.compile(r"(-?)([0-9]{1,17})(?:\.([0-9]{1,12}))?")


@dataclass(frozen=True, slots=True)
class Fault:
    """A time that could not be read: its row, the text as written, and why."""

    row: Hashable
    raw: str
    problem: str


def instants_of(
    values: pd.Series,
    *,
    time_zone: str | None = None,
    formats: Sequence[str] = (),
    never: Sequence[int] = NEVER_YEARS,
) -> tuple[pd.Series, list[Fault]]:
    """The instants that a column of texts says, and a fault for every one that cannot be read.

    Args:
        values: texts, or ``datetime64`` (with a zone, or in ``time_zone``); missing and empty stay missing.
        time_zone: zone of times without an offset, ``Europe/Berlin`` or ``+02:00``; None: they are faults.
        formats: ``strptime`` formats to be used instead of ISO 8601; the first that fits wins.
        never: years that mean "never" and are read as missing.

    Returns:
        ``datetime64[us, UTC]`` with the index of ``values``; the faults in the order of the rows.

    Raises:
        UsageError: an unknown zone, or a format that leaves the day or the zone open.
    """
    zone = zone_named(time_zone) if time_zone else None
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return _without(values.dt.tz_convert("UTC").dt.as_unit("us"), never), []
    # Rows are counted from here on: an index may name two rows alike.
    index, values = values.index, values.reset_index(drop=True)
    texts, problems = _texts_of(values)
    read = _by_formats(texts, formats, zone, problems) if formats else _by_iso(texts, zone, never, problems)
    result = _without(read, never)
    faults = [Fault(index[row], str(values[row]), problems[row]) for row in sorted(problems)]
    return result.set_axis(index), faults


def epochs_of(values: pd.Series, *, unit: Literal["s", "ms"]) -> tuple[pd.Series, list[Fault]]:
    """The instants that a column of numbers since 1970 says; the unit is stated, never told from the size.

    Decimals are read digit by digit: a float would add noise in the microseconds.

    Args:
        values: whole numbers, or texts such as ``1456427378.000002``; missing stays missing.
        unit: ``s`` or ``ms``.

    Returns:
        ``datetime64[us, UTC]`` with the index of ``values``; the faults in the order of the rows.
    """
    micros: list[int | None] = []
    faults = []
    for row, value in values.items():
        text = "" if _is_missing(value) else str(value).strip()
        try:
            micros.append(_epoch_micros(value, unit) if text else None)
        except ValueError as error:
            micros.append(None)
            faults.append(Fault(row, text, str(error)))
    counts = pd.Series(micros, index=values.index, dtype="Int64")
    return pd.to_datetime(counts, unit="us", utc=True).dt.as_unit("us"), faults


def epoch_of(value: object, *, unit: Literal["s", "ms"]) -> dt.datetime:
    """One number since 1970, in a stated unit, as an instant in UTC.

    Raises:
        ValueError: it is no such number, or lies beyond the year 9999.
    """
    return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=_epoch_micros(value, unit))


def _epoch_micros(value: object, unit: Literal["s", "ms"]) -> int:
    """A number since 1970 as microseconds, digit by digit.

    Raises:
        ValueError: it is no such number, or lies beyond the year 9999.
    """
    match = _EPOCH.fullmatch(str(value).strip())
    if match is None or isinstance(value, bool):
        raise ValueError(f"expected a number of {unit} since 1970")
    sign, whole, fraction = match.groups()
    digits = _MICROSECONDS[unit]
    count = int(whole + (fraction or "").ljust(digits, "0")[:digits]) * (-1 if sign else 1)
    if abs(count) >= EPOCH_LIMIT * 10**6:
        raise ValueError(f"as {unit} since 1970 it lies beyond the year 9999")
    return count


def instant_of(text: str, *, time_zone: str | None = None) -> dt.datetime:
    """One ISO 8601 time as an instant in UTC.

    Raises:
        ValueError: it cannot be read; the message says why.
    """
    spelled = _spelled(text.strip())
    if spelled is None:
        raise ValueError(_EXPECTED)
    try:
        at = dt.datetime.fromisoformat(spelled.local + spelled.offset) + dt.timedelta(seconds=spelled.carry)
    except (ValueError, OverflowError) as error:
        raise ValueError(_EXPECTED) from error
    at = _in_utc(at, time_zone, _EXPECTED)
    if spelled.is_leap and (at.hour, at.minute) != (0, 0):
        raise ValueError(_LEAP)
    return at


def instant_in(text: str, formats: Sequence[str], *, time_zone: str | None = None) -> dt.datetime:
    """One time in the first ``strptime`` format that fits, as an instant in UTC.

    Raises:
        ValueError: none fits, or the zone is not known; the message says why.
        UsageError: a format that leaves the day or the zone open.
    """
    expected = f"expected the format {' or '.join(formats)}"
    for spelling in formats:
        fault = format_fault(spelling)
        if fault:
            raise UsageError(f"time format {spelling!r} leaves the instant open: {fault}")
        try:
            at = dt.datetime.strptime(text.strip(), spelling)  # noqa: DTZ007  # the zone is settled below
        except ValueError:
            continue
        return _in_utc(at, time_zone, expected)
    raise ValueError(expected)


def _in_utc(at: dt.datetime, time_zone: str | None, expected: str) -> dt.datetime:
    """A time with its offset, or one of a zone that is named, as an instant."""
    is_open = False
    if at.tzinfo is None:
        if not time_zone:
            raise ValueError(_NO_ZONE)
        at = at.replace(tzinfo=zone_named(time_zone))
        is_open = at.utcoffset() != at.replace(fold=1).utcoffset()
    try:
        at = at.astimezone(dt.UTC)
    except OverflowError as error:
        raise ValueError(expected) from error
    if is_open:
        raise ValueError(_clock_change(time_zone))
    return at


def precision_of(values: pd.Series, instants: pd.Series, *, formats: Sequence[str] = ()) -> str | None:
    """How exactly a column of one file is written: to the day, the minute or the second; None when empty.

    A tool that writes ``:00`` in every row does not know the seconds.

    Args:
        values: the column as written.
        instants: what was read of it.
        formats: the formats it was read with, where it is not ISO 8601.
    """
    known = instants.dropna()
    if not len(known):
        return None
    if _are_days(values.loc[known.index], formats):
        return "day"
    is_whole = (known.dt.second == 0) & (known.dt.microsecond == 0)
    return "minute" if is_whole.all() else "second"


def _are_days(values: pd.Series, formats: Sequence[str]) -> bool:
    if formats:
        return not any(clock in spelling for spelling in formats for clock in ("%H", "%I", "epoch"))
    return all(isinstance(v, str) and _DAY.fullmatch(v.strip()) for v in values)


def fault_findings(
    faults: Iterable[Fault], *, table: str, column: str, source: str, ids: pd.Series | None = None
) -> list[dict[str, object]]:
    """Findings for times that could not be read; ``naive_time`` where only the zone lacks. Cells stay missing.

    Args:
        faults: what :func:`instants_of` or :func:`epochs_of` returned.
        table: our table that misses the time.
        column: the column as the source calls it.
        source: which source module and file it came from.
        ids: incident by row, where known.
    """
    known = {} if ids is None else {row: str(value) for row, value in ids.dropna().items()}
    return [
        finding(
            "naive_time" if fault.problem == _NO_ZONE else "unreadable_time",
            "warning",
            f"{column} holds {fault.raw[:100]!r}: {fault.problem}. Left missing.",
            incident_id=known.get(fault.row),
            table=table,
            row=fault.row,
            raw=fault.raw,
            source=source,
        )
        for fault in faults
    ]


def zone_named(name: str) -> dt.tzinfo:
    """The time zone called ``name``: one of the IANA database, ``UTC``, or a fixed offset such as ``+02:00``.

    Raises:
        UsageError: there is no such zone; near names are given.
    """
    if name in ("UTC", "Z"):
        return dt.UTC
    fixed = re.fullmatch(r"([+-])([01][0-9]|2[0-3]):?([0-5][0-9])", name)
    if fixed:
        span = dt.timedelta(hours=int(fixed[2]), minutes=int(fixed[3]))
        return dt.timezone(-span if fixed[1] == "-" else span)
    # Asked by name in the list first: ZoneInfo would take any text as a path below its folder.
    if name not in available_timezones():
        near = did_you_mean(name, available_timezones())
        raise UsageError(f"there is no time zone {name!r}; expected a name such as Europe/Berlin or UTC.{near}")
    return ZoneInfo(name)


def format_fault(spelling: str) -> str:
    """Why a ``strptime`` format would leave the reader to guess; an empty string when it does not."""
    directives = set(re.findall(r"%[-#]?([a-zA-Z])", spelling))
    if "Z" in directives:
        return "%Z names of zones are ambiguous: use %z, or name the zone"
    if directives & {"c", "x", "X"}:
        return "%c, %x and %X differ from machine to machine: spell the format out"
    if not directives & {"Y", "y"}:
        return "it has no year (%Y)"
    if not (("d" in directives and directives & {"m", "b", "B"}) or "j" in directives):
        return "it has no month and day (%m and %d)"
    if "I" in directives and "p" not in directives:
        return "%I without %p leaves the half of the day open"
    return ""


_LEAP = "second 60 is a leap second only at 23:59 UTC"


@dataclass(frozen=True, slots=True)
class _Spelled:
    """A time in the strict spelling, without what the strict spelling cannot say."""

    local: str
    offset: str
    carry: int = 0
    is_leap: bool = False


def _spelled(text: str) -> _Spelled | None:
    """A liberal ISO 8601 spelling as a strict one; None when it is none."""
    match = _SPELLING.fullmatch(text)
    if match is None:
        return None
    date, hour = match["date"], match["hour"] or "00"
    if len(date) == 8:
        date = f"{date[:4]}-{date[4:6]}-{date[6:]}"
    minute, second, fraction = match["minute"] or "00", match["second"] or "00", (match["fraction"] or "")[:6]
    carry, is_leap = 0, second == "60"
    if hour == "24":
        if minute != "00" or second != "00" or fraction.strip("0"):
            return None
        hour, carry = "00", 86400
    if is_leap:
        second, carry = "59", 1
    offset = match["offset"] or ""
    if offset in ("Z", "z", "UTC", "GMT"):
        offset = "Z"
    elif offset:
        offset = offset if ":" in offset else f"{offset[:3]}:{offset[3:] or '00'}"
    local = f"{date}T{hour}:{minute}:{second}.{fraction.ljust(6, '0')}"
    strict = local + (offset or "Z")
    return _Spelled(local, offset, carry, is_leap) if re.fullmatch(_STRICT, strict) else None


def _texts_of(values: pd.Series) -> tuple[pd.Series, dict[int, str]]:
    """The values as stripped texts, missing where empty; and what is no text at all, by row."""
    problems: dict[int, str] = {}
    if values.dtype == "str":
        texts = values.str.strip()
    else:
        said: list[str | None] = []
        for row, value in enumerate(values):
            if _is_missing(value):
                said.append(None)
            elif isinstance(value, str):
                said.append(value.encode("utf-8", "backslashreplace").decode().strip())
            elif isinstance(value, dt.datetime):
                said.append(value.isoformat())
            else:
                said.append(None)
                problems[row] = f"it is no text; {_EXPECTED}"
        texts = pd.Series(said, index=values.index, dtype="str")
    return texts.mask(texts == ""), problems


def _by_iso(texts: pd.Series, zone: dt.tzinfo | None, never: Sequence[int], problems: dict[int, str]) -> pd.Series:
    years = [f"{year:04d}" for year in never]
    texts = texts.mask(texts.str[:4].isin(years) & texts.str.match(r"[0-9]{8}|[0-9]{4}-", na=False))
    is_strict = texts.str.fullmatch(_STRICT, na=False)
    result = _utc(texts.where(is_strict))
    _note(problems, texts.index[is_strict & result.isna()], _EXPECTED)
    odd = texts[texts.notna() & ~is_strict]
    if not len(odd):
        return result
    spelled = odd.map(_spelled).astype("object")
    _note(problems, odd.index[spelled.isna()], _EXPECTED)
    spelled = spelled.dropna()
    aware = spelled[spelled.map(lambda s: bool(s.offset)).astype(bool)]
    result.loc[aware.index] = _utc(aware.map(lambda s: s.local + s.offset).astype("str"))
    naive = spelled.drop(aware.index)
    local = pd.to_datetime(naive.map(lambda s: s.local).astype("str"), format="ISO8601", errors="coerce")
    result.loc[naive.index] = _localised(local.dt.as_unit("us"), zone, problems)
    unread = spelled.index[result.loc[spelled.index].isna()]
    _note(problems, unread, _EXPECTED)
    carry = pd.to_timedelta(spelled.map(lambda s: s.carry).astype("int64"), unit="s").dt.as_unit("us")
    result.loc[spelled.index] = result.loc[spelled.index] + carry
    leaps = result.loc[spelled.index[spelled.map(lambda s: s.is_leap).astype(bool)]]
    # A fraction of the leap second is carried along, so only hour and minute are compared.
    wrong = leaps.index[leaps.notna() & ~((leaps.dt.hour == 0) & (leaps.dt.minute == 0))]
    result.loc[wrong] = pd.NaT
    _note(problems, wrong, _LEAP)
    return result


def _by_formats(
    texts: pd.Series, formats: Sequence[str], zone: dt.tzinfo | None, problems: dict[int, str]
) -> pd.Series:
    result = _utc(texts.where(pd.Series(False, index=texts.index)))
    rest = texts.dropna()
    for spelling in formats:
        fault = format_fault(spelling)
        if fault:
            raise UsageError(f"time format {spelling!r} leaves the instant open: {fault}")
        is_aware = "%z" in spelling
        parsed = pd.to_datetime(rest, format=spelling, errors="coerce", utc=is_aware).dropna().dt.as_unit("us")
        result.loc[parsed.index] = parsed if is_aware else _localised(parsed, zone, problems)
        rest = rest.drop(parsed.index)
    _note(problems, rest.index, f"expected the format {' or '.join(formats)}")
    return result


def _localised(local: pd.Series, zone: dt.tzinfo | None, problems: dict[int, str]) -> pd.Series:
    """Times of a zone as instants; without a zone, and where its clocks change, they stay missing."""
    known = local.index[local.notna()]
    if zone is None:
        _note(problems, known, _NO_ZONE)
        return _utc(pd.Series(None, index=local.index, dtype="str"))
    result: pd.Series = (
        local.dt.tz_localize(zone, ambiguous="NaT", nonexistent="NaT").dt.tz_convert("UTC").dt.as_unit("us")
    )
    _note(problems, known[result.loc[known].isna()], _clock_change(str(zone)))
    return result


def _clock_change(zone: str | None) -> str:
    return f"{zone} has this time twice or not at all, since its clocks change there; expected an offset"


def _utc(texts: pd.Series) -> pd.Series:
    return pd.to_datetime(texts, format="ISO8601", utc=True, errors="coerce").dt.as_unit("us")


def _without(instants: pd.Series, never: Sequence[int]) -> pd.Series:
    return instants.mask(instants.dt.year.isin(list(never))) if never else instants


def _note(problems: dict[int, str], rows: Iterable[int], problem: str) -> None:
    for row in rows:
        problems.setdefault(row, problem)


def _is_missing(value: object) -> bool:
    return value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and math.isnan(value))
