"""TAI64N labels, such as ``@4000000037c219bf2ef02e94``: seconds of atomic time, which has no leap seconds.

UTC is behind by 10 s and all leap seconds since 1972: 37 s since 2017. Loggers that know no leap seconds
(multilog, svlogd) add 10 s to the clock, whatever the year; to them a shift has to be given.
"""

from __future__ import annotations

import datetime as dt

PATTERN = "@4[0-9a-f]{7}[0-9a-f]{8}[0-9a-f]{8}"

_FIRST_OFFSET = 10
# The days that began behind a leap second (IERS Bulletin C).
_LEAPS = (
    *("1972-07-01", "1973-01-01", "1974-01-01", "1975-01-01", "1976-01-01", "1977-01-01", "1978-01-01", "1979-01-01"),
    *("1980-01-01", "1981-07-01", "1982-07-01", "1983-07-01", "1985-07-01", "1988-01-01", "1990-01-01", "1991-01-01"),
    *("1992-07-01", "1993-07-01", "1994-07-01", "1996-01-01", "1997-07-01", "1999-01-01", "2006-01-01", "2009-01-01"),
    *("2012-07-01", "2015-07-01", "2017-01-01"),
)


def tai64n_sql(column: str) -> str:
    """Microseconds since 1970 in UTC of a label; NULL for what is none."""
    seconds = f"(CAST(try_cast('0x' || substr({column}, 2, 16) AS UBIGINT) AS BIGINT) - {1 << 62})"
    nanos = f"try_cast('0x' || substr({column}, 18, 8) AS UBIGINT)"
    cases = " ".join(f"WHEN {seconds} >= {at + offset} THEN {offset}" for at, offset in _offsets())
    micros = f"({seconds} - CASE {cases} ELSE {_FIRST_OFFSET} END) * 1000000 + CAST({nanos} // 1000 AS BIGINT)"
    return f"CASE WHEN regexp_full_match({column}, '{PATTERN}') AND {nanos} < 1000000000 THEN {micros} END"


def _offsets() -> list[tuple[int, int]]:
    """From which second on, and by how much, atomic time was ahead; the latest first."""
    days = [dt.datetime.fromisoformat(day).replace(tzinfo=dt.UTC) for day in _LEAPS]
    return [(int(day.timestamp()), _FIRST_OFFSET + n) for n, day in reversed(list(enumerate(days, start=1)))]
