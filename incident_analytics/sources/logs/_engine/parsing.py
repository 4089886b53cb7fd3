"""The SQL that a format stands for: lines in, one row per line out, in the order of the lines.

``entries_sql`` reads what stands in a line; ``placed_sql`` says when that was and whether it was asked for. Texts of
entries outside the window are never handed out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .layout import COLUMNS, LogFormat
from .pairs import columns_sql, logfmt_sql
from .times import LAST_MICROS, instants_sql, zoned_sql
from .years import Window

ENTRY, OUTSIDE, CONTINUING, BLANK, MISFIT, UNTIMED = range(6)
"""What a line is: an entry asked for or not, what looks like part of one, nothing, or rejected (no time in it)."""

ESCAPES = r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])"
# Indented lines, and the lines of a stack trace that are not: what was raised, and what that came from.
_CONTINUING = (
    r"^(?:[ \t]|Caused by|Suppressed:|Traceback|\.\.\."
    r"|(?:[A-Za-z_$][A-Za-z0-9_$]*\.)+[A-Z][A-Za-z0-9_$]*(?::|\s*$)|[A-Z][A-Za-z0-9_]*(?:Error|Exception)(?::|\s*$))"
)
_NAMES = ("host", "service", "level")
_NOTHING = "CAST(NULL AS VARCHAR)"


def n_continuing(lines: Sequence[bytes]) -> int:
    """How many lines look like part of an entry."""
    return sum(re.match(_CONTINUING, line.decode("utf-8", "replace")) is not None for line in lines)


def entries_sql(
    layout: LogFormat,
    *,
    has_escape: bool = False,
    has_return: bool = False,
    has_mark: bool = False,
    columns: Sequence[str] = (),
) -> str:
    """From ``lines(line, year)`` to ``line, host, service, level, message, is_shaped`` and the columns of ``instants_sql``.

    Args:
        layout: the format.
        has_escape: some line may hold an escape character, so terminal colours are taken out.
        has_return: some line ends in a carriage return.
        has_mark: some message may begin with a byte order mark.
        columns: names of the columns, where the file gives them.
    """
    line = _without_escapes("line") if has_escape else "line"
    match layout.kind:
        case "json":
            split = _json_sql(layout)
        case "logfmt":
            # The last value of a line must not take the carriage return for a part of it.
            split = logfmt_sql(layout, _without_return(line) if has_return else line)
        case "columns":
            split = columns_sql(layout, columns)
        case _:
            split = _pattern_sql(layout, line)
    message = "message"
    if layout.has_line_end:
        message = _without_last(_without_last(message, "\n"), "\r")
    if has_return:
        message = _without_last(message, "\r")
    if has_mark:
        message = f"ltrim({message}, chr(65279))"
    if layout.kind == "json":
        message = _without_escapes(message)
    return f"SELECT * REPLACE ({message} AS message) FROM ({instants_sql(layout.times, split)})"


def placed_sql(
    source: str,
    layout: LogFormat,
    *,
    time_zone: str | None,
    windows: Sequence[Window] | None,
    is_second: bool = False,
    shift: int = 0,
) -> str:
    """What every line is and says, in this order: ``what, instant``, flags, ``yearless``, names, level and message.

    The flags say whether a time has no offset (``is_naive``), is one that its zone has twice (``is_repeated``) or not at all
    (``is_skipped``); ``zone_word`` is the name of a zone that could not be followed.

    The message of a line that is no entry is the line itself.

    Args:
        source: the rows of ``entries_sql``.
        layout: the format.
        time_zone: zone of times without an offset.
        windows: the time asked for; None for everything.
        is_second: an hour that the zone has twice is the second one.
        shift: microseconds by which the clock is put right.
    """
    local = "coalesce(local, yearless)" if layout.lacks_year or layout.lacks_day else "local"
    zoned = zoned_sql(local, time_zone or layout.time_zone, is_second=is_second)
    is_naive = f"aware IS NULL AND {local} IS NOT NULL"
    doubts = [
        f"{f'{is_naive} AND ({doubt})' if doubt else 'FALSE'} AS {name}"
        for name, doubt in (("is_skipped", zoned.is_skipped), ("is_repeated", zoned.is_repeated))
    ]
    leap = "CASE WHEN is_leap THEN 1000000 ELSE 0 END"
    placed = (
        f"SELECT line, host, service, level, message, is_shaped, CASE WHEN is_shaped THEN yearless END AS yearless, "
        f"{is_naive} AS is_naive, {', '.join(doubts)}, CASE WHEN is_shaped THEN zone_word END AS zone_word, "
        f"CASE WHEN is_shaped THEN coalesce(aware, {zoned.at}) + {leap} + {shift} END AS instant FROM {source}"
    )
    what = f"CASE WHEN instant BETWEEN 0 AND {LAST_MICROS} THEN {_asked_sql(windows)} {_no_entry_sql(layout)} END"
    # Without a window, what is no entry is dropped by its row; there is nothing to hold back.
    kept = [f"CASE WHEN what = {ENTRY} THEN {n} END AS {n}" if windows is not None else n for n in _NAMES]
    text = f"CASE WHEN what = {ENTRY} THEN message WHEN what > {OUTSIDE} THEN rtrim(line, chr(13) || chr(10)) END"
    return (
        f"SELECT what, CASE WHEN what <= {OUTSIDE} THEN instant END AS instant, "
        f"is_naive, is_skipped, is_repeated, zone_word, yearless, {', '.join(kept)}, {text} AS message FROM (SELECT *, CAST({what} AS TINYINT) AS what FROM ({placed}))"
    )


def _asked_sql(windows: Sequence[Window] | None) -> str:
    return str(ENTRY) if windows is None else f"CASE WHEN {_window_sql(windows)} THEN {ENTRY} ELSE {OUTSIDE} END"


def _no_entry_sql(layout: LogFormat) -> str:
    tests = [("regexp_full_match(line, '\\s*')", BLANK)]
    if layout.comments:
        tests.append((f"regexp_matches(line, '{_quoted(layout.comments)}')", BLANK))
    if layout.begins:
        tests.append((f"regexp_matches(line, '{_quoted(layout.begins)}')", MISFIT))
    if layout.has_chains:
        tests.append(("TRUE" if layout.continues == "any" else f"regexp_matches(line, '{_CONTINUING}')", CONTINUING))
    return f"WHEN is_shaped THEN {UNTIMED} {' '.join(f'WHEN {test} THEN {n}' for test, n in tests)} ELSE {MISFIT}"


def _pattern_sql(layout: LogFormat, line: str) -> str:
    source = f"(SELECT {line} AS line, year FROM lines)"
    where: dict[str, list[str]] = {}
    # What follows the head of a pattern that did not fit is all of it: then there is no head.
    subject = "line"
    for step, pattern in enumerate(layout.patterns):
        groups = re.findall(r"\(\?P<([a-z]+[0-9]?)>", pattern)
        names = ", ".join(f"'{name}'" for name in groups)
        source = f"(SELECT *, regexp_extract({subject}, '{_quoted(pattern)}', [{names}]) AS g{step} FROM {source})"
        for name in groups:
            where.setdefault(name.rstrip("0123456789"), []).append(f"g{step}.{name}")
        if "head" in groups:
            source = f"(SELECT *, substr({subject}, length(g{step}.head) + 1) AS rest{step} FROM {source})"
            subject = f"rest{step}"
    where = {name: sorted(places, key=lambda place: place.split(".")[1]) for name, places in where.items()}
    # A line has one line end at most, so taking it out everywhere takes it off the end, and does so faster.
    where.setdefault("message", [f"replace({subject}, chr(10), '')"])
    columns = ", ".join(f"{_found(where.get(name, ()), name)} AS {name}" for name in COLUMNS)
    is_there = (" OR ".join(f"{place} <> ''" for place in where[name]) for name in layout.required)
    return f"SELECT line, year, {columns}, {' AND '.join(f'({test})' for test in is_there)} AS is_shaped FROM {source}"


def _found(places: Sequence[str], name: str) -> str:
    """Groups as a column; empty is missing, and so is the dash that stands for an unknown host or service."""
    columns = []
    for place in places:
        # Some daemons write the host as if it were a tag, with a colon behind it; a message may go on to the line end.
        last = {"host": ":", "message": "\n" if place.startswith("g") else ""}.get(name)
        found = f"nullif({_without_last(place, last) if last else place}, '')"
        columns.append(f"nullif({found}, '-')" if name in ("host", "service") else found)
    if not columns:
        return _NOTHING
    return columns[0] if len(columns) == 1 else f"coalesce({', '.join(columns)})"


def _json_sql(layout: LogFormat) -> str:
    """One pass over the object for all keys of its top level; objects inside it are opened only where they are."""
    wanted = ", ".join(f'"{top}": "VARCHAR"' for top in layout.top_keys)
    columns = []
    for name in COLUMNS:
        places = [place for key in layout.keys.get(name, ()) for place in _places(key)]
        if name in ("host", "service"):
            places = [f"nullif({place}, '')" for place in places]
        if name == "time":  # zero is how a time that is not known is written
            places = [f"nullif({place}, '0')" for place in places]
            places += [_seconds_sql(*pair) for pair in layout.seconds]
        if name == "message" and layout.has_byte_lists:
            places = [_byte_list_sql(key) for key in layout.keys[name]] + places
        columns.append(f"coalesce({', '.join(places)}) AS {name}" if places else f"{_NOTHING} AS {name}")
    is_shaped = " AND ".join(["found IS NOT NULL", *(f"{_found_at(mark)} IS NOT NULL" for mark in layout.marks)])
    return (
        f"SELECT line, year, {', '.join(columns)}, {is_shaped} AS is_shaped FROM (SELECT line, year, "
        f"CASE WHEN json_valid(line) THEN from_json(line, '{{{wanted}}}') END AS found FROM lines)"
    )


def _places(key: str) -> list[str]:
    """Where the value of a candidate key may stand: under that key, and, where it has dots, inside an object."""
    if "+" in key:
        return [f"nullif(concat_ws(' ', {', '.join(_found_at(part) for part in key.split('+'))}), '')"]
    places = [f'found."{key}"']
    if "." in key:
        top, inner = key.split(".", 1)
        path = "$" + "".join(f'."{part}"' for part in inner.split("."))
        outer = f'found."{top}"'
        is_object = f"starts_with({outer}, '{{') AND json_valid({outer})"
        places.append(f"CASE WHEN {is_object} THEN json_extract_string({outer}, '{path}') END")
    return places


def _found_at(key: str) -> str:
    places = [place for option in key.split("|") for place in _places(option)]
    return f"coalesce({', '.join(places)})" if len(places) > 1 else places[0]


def _seconds_sql(seconds: str, nanos: str) -> str:
    """Whole seconds and the nanoseconds beside them as one number."""
    whole, parts = _found_at(seconds), f"coalesce({_found_at(nanos)}, '0')"
    are_numbers = f"regexp_full_match({whole}, '[0-9]{{9,11}}') AND regexp_full_match({parts}, '[0-9]{{1,9}}')"
    return f"CASE WHEN {are_numbers} THEN {whole} || '.' || lpad({parts}, 9, '0') END"


def _byte_list_sql(key: str) -> str:
    """A list of bytes as the text that they are in UTF-8, or with its other bytes spelled out."""
    is_list = f"starts_with(found.\"{key}\", '[') AND json_type(line, '$.\"{key}\"') = 'ARRAY'"
    numbers = f'try_cast(found."{key}" AS UTINYINT[])'
    digits = f"list_transform({numbers}, lambda x: printf('%02x', x))"
    found = f"unhex(array_to_string({digits}, ''))"
    are_bytes = f"list_count({numbers}) = len({numbers})"
    return f"CASE WHEN {is_list} AND {are_bytes} THEN coalesce(TRY(decode({found})), CAST({found} AS VARCHAR)) END"


def _window_sql(windows: Sequence[Window]) -> str:
    tests = []
    for start, end in windows:
        bounds = [f"instant >= {start}" if start is not None else "", f"instant < {end}" if end is not None else ""]
        tests.append(" AND ".join(bound for bound in bounds if bound) or "TRUE")
    return " OR ".join(f"({test})" for test in tests) or "FALSE"


def _without_return(line: str) -> str:
    """The line without the carriage return before its line end."""
    return (
        f"CASE WHEN ends_with({line}, chr(13) || chr(10)) THEN left({line}, -2) || chr(10) "
        f"WHEN ends_with({line}, chr(13)) THEN left({line}, -1) ELSE {line} END"
    )


def _without_last(column: str, character: str) -> str:
    """The text without that last character; ``rtrim`` would take many times as long."""
    return f"CASE WHEN ends_with({column}, chr({ord(character)})) THEN left({column}, -1) ELSE {column} END"


def _without_escapes(column: str) -> str:
    return (
        f"CASE WHEN contains({column}, chr(27)) THEN regexp_replace({column}, '{_quoted(ESCAPES)}', '', 'g') "
        f"ELSE {column} END"
    )


def _quoted(text: str) -> str:
    return text.replace("'", "''")
