"""Times of a fixed spelling, read column by column out of bytes: the usual case of what ``times`` reads as SQL.

What is read here is read the same there; what is not, such as a leap second, an hour 24 or a month that does not exist,
is left to it. The tests hold the two together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TypeAlias, cast

import numpy as np
import numpy.typing as npt

from .slices import Bytes, Flags, Ints, Spans, Text, by_length
from .times import FROM, LAST_MICROS, PER_SECOND, TO

LONGEST = 40
"""Characters of the longest time that is read here."""

_MONTHS = (b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec")
_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_SECOND = 10**6
_WORD = 8
Plan: TypeAlias = dict[str, tuple[int, int]]
"""Where the parts of a time stand: by the letter of ``strptime``, place and width; for other signs, place and byte."""

Read: TypeAlias = tuple[Flags, Ints]
"""Which times were read, and the microseconds since 1970 that they say."""

_DIRECTIVES = {"%Y": 4, "%m": 2, "%d": 2, "%H": 2, "%M": 2, "%S": 2, "%b": 3, "%z": 5}


@dataclass(slots=True)
class Instants:
    """What times say, per line; see :func:`.times.instants_sql` for the kinds of times.

    Attributes:
        is_read: a time was read.
        micros: microseconds since 1970, as written where there is no offset.
        is_aware: the time says its offset or counts from 1970.
        is_yearless: the time has no year and was read in the one given.
    """

    is_read: Flags
    micros: Ints
    is_aware: Flags
    is_yearless: Flags


def instants(text: Text, spans: Spans, times: Sequence[str], years: int | npt.NDArray[np.int64]) -> Instants:
    """The times that stand at these places, where they are spelled in the plainest way.

    Args:
        text: the block.
        spans: where its times are.
        times: spellings of the format, tried in their order.
        years: year of times without one, for all lines or per line.
    """
    n = len(spans.starts)
    found = Instants(np.zeros(n, bool), np.zeros(n, np.int64), np.zeros(n, bool), np.zeros(n, bool))
    for width, rows in by_length(spans, most=LONGEST):
        cells = text.window(spans.starts[rows], -(-width // _WORD) * _WORD)
        year = years if isinstance(years, int) else years[rows]
        _read_width(_Cells(cells, width), rows, times, year, found)
    return found


class _Cells:
    """Times of one length.

    Attributes:
        rows: a row per time, a column per character, filled up to whole words with what stands behind the time.
        width: characters.
    """

    def __init__(self, rows: Bytes, width: int) -> None:
        self.rows = rows
        self.width = width

    @cached_property
    def columns(self) -> Bytes:
        """A row per character."""
        return np.ascontiguousarray(self.rows[:, : self.width].T)

    def changes(self, places: Sequence[int]) -> Flags:
        """Which times differ at some of these places from the one before; the first one does."""
        mask = np.zeros(self.rows.shape[1], np.uint8)
        mask[list(places)] = 255
        is_new = np.zeros(len(self.rows), bool)
        is_new[:1] = True
        for word, bits in zip(self.rows.view("<u8").T, mask.view("<u8"), strict=True):
            if bits:
                is_new[1:] |= (word[1:] ^ word[:-1]) & bits != 0
        return is_new


def _read_width(cells: _Cells, rows: Ints, times: Sequence[str], years: int | Ints, found: Instants) -> None:
    """Times of one length."""
    is_open = np.ones(len(rows), bool)
    for spelling in times:
        if spelling in ("dated", "tai64n"):
            continue  # these read nothing that another spelling reads
        ways = list(_ways(cells, spelling, years))
        if not ways and spelling not in ("iso8601", "epoch"):
            # A spelling that is not read here may claim anything, and would do so before those after it.
            return
        for read, is_aware, is_yearless in ways:
            is_read, micros = read()
            if len(rows) == len(found.micros) and is_read.all() and is_open.all():
                found.is_read[:], found.micros[:] = True, micros
                found.is_aware[:], found.is_yearless[:] = is_aware, is_yearless
                return
            taken = is_open & is_read
            if taken.any():
                where = rows[taken]
                found.is_read[where] = True
                found.micros[where] = micros[taken]
                found.is_aware[where] = is_aware
                found.is_yearless[where] = is_yearless
                is_open &= ~taken
                if not is_open.any():
                    return


def _ways(cells: _Cells, spelling: str, years: int | Ints) -> Iterator[tuple[Callable[[], Read], bool, bool]]:
    """The ways to read times of this length: how, whether they are instants by themselves, whether they lack a year."""
    if spelling == "epoch":
        yield lambda: _epochs(cells.columns), True, False
    elif spelling == "iso8601":
        for plan in _iso_plans(cells.width, bytes(cells.rows[0, : cells.width])[-6:]):
            yield partial(_calendar, cells, plan, years), not plan.keys().isdisjoint("zZ"), False
    else:
        own = _plan(spelling, cells.width)
        if own is not None:
            yield partial(_calendar, cells, own, years), "z" in own, "Y" not in own


def _plan(spelling: str, width: int) -> Plan | None:
    """Where the parts of a ``strptime`` spelling stand in times of this length; None when that cannot be said."""
    plan: Plan = {}
    place, spare = 0, width - _width(spelling)
    for part in re.findall("%.|.", spelling):
        if part == "%f":
            if not 1 <= spare <= 6:
                return None
            plan["f"] = (place, spare)
            place += spare
        elif part in _DIRECTIVES:
            if part[1] in plan:
                return None
            plan[part[1]] = (place, _DIRECTIVES[part])
            place += _DIRECTIVES[part]
        elif part[0] == "%":
            return None
        else:
            plan[f"'{place}"] = (place, ord(part) if ord(part) < 128 else -1)
            place += 1
    is_complete = {"d", "H", "M", "S"} <= plan.keys() and ("b" in plan) != ("m" in plan)
    return plan if place == width and is_complete else None


def _width(spelling: str) -> int:
    return sum(0 if part == "%f" else _DIRECTIVES.get(part, 1) for part in re.findall("%.|.", spelling))


def _iso_plans(width: int, usual: bytes) -> Iterator[Plan]:
    """Where the parts of a time in ISO 8601 may stand: with a Z at the end, with an offset or without, the usual one first.

    Args:
        width: characters of the time.
        usual: how such a time ends.
    """
    ends: list[tuple[bool, Plan]] = [
        (usual[-1:] == b"Z", {"Z": (width - 1, 1), f"'{width - 1}": (width - 1, ord("Z"))}),
        (usual[-6:-5] in (b"+", b"-"), {"z": (width - 6, 6)}),
        (usual[-5:-4] in (b"+", b"-"), {"z": (width - 5, 5)}),
        (True, {}),
    ]
    for _, end in sorted(ends, key=lambda pair: not pair[0]):
        plan: Plan = {"Y": (0, 4), "m": (5, 2), "d": (8, 2), "T": (10, 1), "H": (11, 2), "M": (14, 2), "S": (17, 2)}
        plan |= {f"'{place}": (place, ord(sign)) for place, sign in ((4, "-"), (7, "-"), (13, ":"), (16, ":"))}
        digits = min((place for place, _ in end.values()), default=width) - 20
        if digits == -1:
            yield plan | end
        elif 1 <= digits <= 9:
            yield plan | end | {".": (19, 1), "f": (20, digits)}


def _calendar(cells: _Cells, plan: Plan, years: int | Ints) -> tuple[Flags, Ints]:
    """Which times are spelled as planned and exist, and the microseconds since 1970 that they say."""
    finer = {name: plan[name] for name in ("S", ".", "f") if name in plan}
    coarse = {name: where for name, where in plan.items() if name not in finer}
    is_read, micros = _minutes(cells, coarse, years)
    columns = cells.rows.T
    if "." in finer:
        sign = columns[finer["."][0]]
        is_read &= (sign == ord(".")) | (sign == ord(","))
    number = _Numbers(columns, is_read)
    second = number(finer["S"])
    micros = micros + second * _SECOND
    if "f" in finer:
        place, digits = finer["f"]
        kept = min(digits, 6)
        micros += number((place, kept)) * 10 ** (6 - kept)
        if digits > kept:
            number((place + kept, digits - kept))
    return number.is_read & (second <= 59), micros


def _minutes(cells: _Cells, plan: Plan, years: int | Ints) -> tuple[Flags, Ints]:
    """The same up to the minute. Lines that follow one another mostly say the same one, which is worked out once."""
    # Of a sign that stands between the parts, the plan has the byte that it must be, not how many there are.
    widths = {name: 1 if name[0] in "'TZ" else width for name, (_, width) in plan.items()}
    is_new = cells.changes([place + n for name, (place, _) in plan.items() for n in range(widths[name])])
    if not isinstance(years, int):
        is_new[1:] |= years[1:] != years[:-1]
    first = np.flatnonzero(is_new)
    if len(first) > len(is_new) // 2:
        return _each_minute(cells.columns, plan, years)
    few = np.ascontiguousarray(cells.rows[first].T)
    is_read, micros = _each_minute(few, plan, years if isinstance(years, int) else years[first])
    lengths = np.diff(first, append=len(is_new))
    return np.repeat(is_read, lengths), np.repeat(micros, lengths)


def _each_minute(cells: Bytes, plan: Plan, years: int | Ints) -> tuple[Flags, Ints]:
    is_read = np.ones(cells.shape[1], bool)
    for name, (place, wanted) in plan.items():
        if name[0] == "'":
            is_read &= cells[place] == wanted
        elif name == "T":
            is_read &= (cells[place] == ord("T")) | (cells[place] == ord(" "))
    number = _Numbers(cells, is_read)
    year: Ints = number(plan["Y"]) if "Y" in plan else np.broadcast_to(np.asarray(years, np.int64), cells.shape[1:])
    month = _named_months(cells, plan["b"][0]) if "b" in plan else number(plan["m"])
    day, hour, minute = number(plan["d"], padded="b" in plan), number(plan["H"]), number(plan["M"])
    is_read = number.is_read & (month >= 1) & (month <= 12) & (hour <= 23) & (minute <= 59) & (year >= 1970)
    month = np.where(is_read, month, 1)
    is_leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    is_read &= (day >= 1) & (day <= _DAYS[month] + ((month == 2) & is_leap))
    seconds = _days_since_1970(year, month, day) * 86_400 + hour * 3_600 + minute * 60
    if "z" in plan:
        offset, is_offset = _offsets(cells, *plan["z"])
        seconds -= offset
        is_read &= is_offset
    return is_read, seconds * _SECOND


class _Numbers:
    """Numbers out of columns of characters; where a character is no digit, ``is_read`` turns false."""

    def __init__(self, cells: Bytes, is_read: Flags) -> None:
        self._cells = cells
        self.is_read = is_read

    def __call__(self, where: tuple[int, int], *, padded: bool = False) -> Ints:
        place, digits = where
        value = np.zeros(self._cells.shape[1], np.int32)
        for column in range(place, place + digits):
            digit = self._cells[column] - np.uint8(48)  # what is less becomes more than nine
            if padded and column == place:
                digit = np.where(self._cells[column] == 32, np.uint8(0), digit)
            self.is_read &= digit <= 9
            value = value * np.int32(10) + digit
        return value.astype(np.int64)


def _named_months(cells: Bytes, place: int) -> Ints:
    """Months by their English names; 0 for anything else."""
    wide = cells[place : place + 3].astype(np.int32)
    code = (wide[0] << 16) | (wide[1] << 8) | wide[2]
    months = np.zeros(cells.shape[1], np.int64)
    for number, name in enumerate(_MONTHS, 1):
        months[code == int.from_bytes(name, "big")] = number
    return months


def _offsets(cells: Bytes, place: int, width: int) -> tuple[Ints, Flags]:
    """Offsets from UTC in seconds, as ``+0100`` or ``+01:00``, and which can be read."""
    number = _Numbers(cells, (cells[place] == ord("+")) | (cells[place] == ord("-")))
    if width == 6:
        number.is_read &= cells[place + 3] == ord(":")
    hours, minutes = number((place + 1, 2)), number((place + width - 2, 2))
    seconds = hours * 3_600 + minutes * 60
    is_read = number.is_read & (hours <= 14) & (minutes <= 59)
    return np.where(cells[place] == ord("-"), -seconds, seconds), is_read


def _days_since_1970(year: Ints, month: Ints, day: Ints) -> Ints:
    """Days of the Gregorian calendar; the year is taken to begin in March, so that the leap day is its last."""
    is_early = month <= 2
    year = year - is_early
    shifted = np.where(is_early, month + 9, month - 3)
    days = year * 365 + year // 4 - year // 100 + year // 400 + (153 * shifted + 2) // 5 + day - 719_469
    return cast("Ints", days)


def _epochs(cells: Bytes) -> tuple[Flags, Ints]:
    """Numbers of seconds, milli-, micro- or nanoseconds since 1970, told apart by their size."""
    width = len(cells)
    if not 9 <= width <= 19:
        return np.zeros(cells.shape[1], bool), np.zeros(cells.shape[1], np.int64)
    if width >= 12 and bytes(cells[10:11, 0]) == b".":
        return _fractions(cells)
    is_read, value = _digits(cells)
    micros = np.zeros(len(value), np.int64)
    is_known = np.zeros(len(value), bool)
    for per in PER_SECOND:
        is_unit = is_read & (value >= FROM * per) & (value <= TO * per)
        micros[is_unit] = value[is_unit] * (_SECOND // per) if per <= _SECOND else value[is_unit] // (per // _SECOND)
        is_known |= is_unit
    return is_known, micros


def _fractions(cells: Bytes) -> tuple[Flags, Ints]:
    """Seconds since 1970 with a fraction."""
    is_read, seconds = _digits(cells[:10])
    digits = min(len(cells) - 11, 6)
    is_fraction, fraction = _digits(cells[11 : 11 + digits])
    is_rest, _ = _digits(cells[11 + digits :])
    is_read &= is_fraction & is_rest & (cells[10] == ord(".")) & (seconds >= FROM) & (seconds < TO)
    return is_read, seconds * _SECOND + fraction * 10 ** (6 - digits)


def _digits(cells: Bytes) -> tuple[Flags, Ints]:
    is_read = np.ones(cells.shape[1], bool)
    value = np.zeros(cells.shape[1], np.int64)
    for row in cells:
        digit = row - np.uint8(48)
        is_read &= digit <= 9
        value = value * 10 + digit
    return is_read, value


def is_in_range(micros: Ints) -> Flags:
    """Times that an entry may have."""
    return (micros >= 0) & (micros <= LAST_MICROS)
