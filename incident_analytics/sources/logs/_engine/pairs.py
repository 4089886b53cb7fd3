"""The SQL of formats whose values have names: logfmt, and columns that a line above them names.

Both give ``line, year, time, host, service, level, message, is_shaped`` from ``lines(line, year)``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .layout import COLUMNS, LogFormat

_NOTHING = "CAST(NULL AS VARCHAR)"
_QUOTED = r'"(?:[^"\\\n]|\\[^\n])*"'
_VALUE = rf'(?:{_QUOTED}|[^ "\n]*)'
_KEY = r'[^ ="\n]+'
PAIR = rf"([^ =\"\n]+)={_VALUE}"
"""A pair, with its key."""


def logfmt_sql(layout: LogFormat, line: str = "line") -> str:
    """Pairs in any order. Of a column's keys the one that stands first in the line counts.

    A line that is no row of pairs to its end is no entry. Looking for keys where they stand costs a tenth of taking
    all pairs apart; so the latter is done only where a key may stand inside quotes.
    """
    keys = [re.escape(key) for name in COLUMNS for key in layout.keys.get(name, ())]
    hidden = rf'="(?:[^"\\\n]|\\[^\n])* (?:{"|".join(keys)})='
    # A word without a value is a flag; a line of words only is none.
    shape = rf"^\s*(?:{_KEY}(?:={_VALUE})?[ \t\r\n]+)*{_KEY}={_VALUE}(?:[ \t]+{_KEY}(?:={_VALUE})?)*\s*$"
    columns = []
    for name in COLUMNS:
        wanted = layout.keys.get(name, ())
        columns.append(f"{_logfmt_value(wanted) if wanted else _NOTHING} AS {name}")
    source = f"SELECT {line} AS line, year, regexp_matches({line}, '{_sql(shape)}') AS is_shaped FROM lines"
    pair = _sql(rf"{_KEY}={_VALUE}")
    pairs = (
        f"CASE WHEN is_shaped AND regexp_matches(line, '{_sql(hidden)}') THEN regexp_extract_all(line, '{pair}') END"
    )
    source = f"SELECT *, {pairs} AS pairs FROM ({source})"
    source = f"SELECT line, year, is_shaped, {', '.join(columns)} FROM ({source})"
    # Without a message, all of the line is one.
    unquoted = ", ".join(f"{_unquoted(name)} AS {name}" for name in COLUMNS if name != "message")
    unquoted += f", coalesce({_unquoted('message')}, rtrim(line, chr(13) || chr(10))) AS message"
    return f"SELECT line, year, {unquoted}, is_shaped AND time <> '' AS is_shaped FROM ({source})"


def _logfmt_value(keys: Sequence[str]) -> str:
    """The value of the first of these keys in a line, as written."""
    one_of = "|".join(re.escape(key) for key in keys)
    is_there = " OR ".join(f"contains(line, '{key}=')" for key in keys)
    pair = _sql(rf"(?:^|[ \t])(?:{one_of})=({_VALUE})")
    found = f"regexp_extract(line, '{pair}', 1)"
    begins = " OR ".join(f"starts_with(pair, '{key}=')" for key in keys)
    slow = f"regexp_extract(list_filter(pairs, lambda pair: {begins})[1], '=((?s:.*))$', 1)"
    return f"CASE WHEN pairs IS NOT NULL THEN {slow} WHEN {is_there} THEN {found} END"


def _unquoted(column: str) -> str:
    r"""A value without its quotes and backslashes; what JSON would not accept, such as ``\x1b``, stays as written."""
    inner = f"substr({column}, 2, length({column}) - 2)"
    escaped = f"contains({column}, '\\') AND json_valid({column})"
    return (
        f"CASE WHEN NOT starts_with({column}, '\"') THEN nullif({column}, '') "
        f"WHEN {escaped} THEN json_extract_string({column}, '$') ELSE {inner} END"
    )


def columns_sql(layout: LogFormat, names: Sequence[str]) -> str:
    """Values apart by a tab where the line has one, else by a blank; a dash stands for none.

    A line with more or fewer values than there are names is no entry. Without keys for the message it is made of all
    other values, as pairs.

    Args:
        layout: the format.
        names: of the columns, as the line above says; none before there was such a line.
    """
    tab = "chr(9)"
    parts = f"string_split(rtrim(line, chr(13) || chr(10)), CASE WHEN contains(line, {tab}) THEN {tab} ELSE ' ' END)"
    places = {name: f"nullif(parts[{place}], '-')" for place, name in enumerate(names, start=1)}
    columns = {name: _column(layout.keys.get(name, ()), places) for name in COLUMNS}
    if not layout.keys.get("message"):
        shown = {name: at for name, at in places.items() if name not in layout.keys["time"]}
        pairs = ", ".join(f"'{_sql(name)}=' || {place}" for name, place in shown.items())
        columns["message"] = f"concat_ws(' ', {pairs})" if pairs else _NOTHING
    listed = ", ".join(f"{columns[name]} AS {name}" for name in COLUMNS)
    is_shaped = f"len(parts) = {len(names)} AND time <> ''" if names else "FALSE"
    comment = f"regexp_matches(line, '{_sql(layout.comments)}')"
    source = f"SELECT line, year, CASE WHEN NOT {comment} THEN {parts} END AS parts FROM lines"
    source = f"SELECT line, year, parts, {listed} FROM ({source})"
    return f"SELECT * EXCLUDE (parts), coalesce({is_shaped}, FALSE) AS is_shaped FROM ({source})"


def _column(keys: Sequence[str], places: dict[str, str]) -> str:
    """The first candidate that the file has; of one with several names, those it has."""
    for key in keys:
        found = [places[name] for name in key.split(" ") if name in places]
        if found:
            # All but the message are single values, or wholes of which no part may be missing.
            return found[0] if len(found) == 1 else f"concat_ws(' ', {', '.join(found)})"
    return _NOTHING


def _sql(text: str) -> str:
    return text.replace("'", "''")
