r"""Log formats that a user describes in a TOML file: a table per format, its keys the fields of ``LogFormat``.

[pond_log]                                # the format's name
patterns = ['^(?P<head>(?P<time>[^|]+)\|(?P<level>[A-Z]+)\|)']
times = ["%d.%m.%Y %H:%M:%S"]             # or iso8601, epoch, tai64n, dated
levels = { wach = "info", krank = "error" }   # besides the usual words
continues = "any"
time_zone = "Europe/Berlin"

What is wrong in such a file is said before anything is read, all of it at once.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import pyarrow as pa
import pyarrow.compute as pc

from ...errors import SourceError, UsageError, did_you_mean
from ...schema import table
from .._instants import zone_named
from ._engine import COLUMNS, LEVEL_NAMES, Database, Kind, LogFormat

_WORDS = ("iso8601", "epoch", "tai64n", "dated")
_CHOICES = {"kind": get_args(Kind), "continues": ("indented", "any")}
_LISTS = ("patterns", "times", "required")
_TEXTS = ("kind", "continues", "begins", "comments", "header", "time_zone")
_FLAGS = ("is_service_from_file",)
_TABLES = ("levels", "keys")
_KNOWN = (*_LISTS, *_TEXTS, *_FLAGS, *_TABLES)
_LEVELS = table("logs")["level"].vocabulary


def user_formats(
    database: Database, files: str | Path | Iterable[str | Path], taken: Iterable[str]
) -> dict[str, LogFormat]:
    """The formats of some TOML files, by name.

    Args:
        database: knows which spellings of times can be read.
        files: the files.
        taken: names that formats have already.

    Raises:
        SourceError: a file that cannot be read, or that has a key, pattern, group, spelling, level or zone that
            cannot be used; every fault is listed.
    """
    found: dict[str, LogFormat] = {}
    known = set(taken)
    for file in [files] if isinstance(files, (str, Path)) else files:
        faults: list[str] = []
        for name, given in _read(Path(file)).items():
            if name in known:
                faults.append(f"{name}: there is a format of this name already")
            problems = _faults(database, given)
            faults += [f"{name}: {problem}" for problem in problems]
            if not problems:
                found[name] = _layout(given)
            known.add(name)
        if faults:
            listed = "\n".join(f"  - {fault}" for fault in faults)
            raise SourceError(f"formats file {file} has {len(faults)} fault(s):\n{listed}")
    return found


def _read(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SourceError(f"formats file {path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SourceError(f"formats file {path} is no TOML: {error}") from error


def _layout(given: Mapping[str, Any]) -> LogFormat:
    fields: dict[str, Any] = {"kind": "pattern"}
    fields |= {key: tuple(value) if key in _LISTS else value for key, value in given.items() if key not in _TABLES}
    levels = {str(word).strip().lower(): level for word, level in given.get("levels", {}).items()}
    keys = {column: tuple(names) for column, names in given.get("keys", {}).items()}
    return LogFormat(**fields, levels={**LEVEL_NAMES, **levels}, keys=keys)


def _faults(database: Database, given: Any) -> list[str]:
    """What cannot be used of a format's table."""
    if not isinstance(given, dict):
        return [f"expected a table of settings, found {given!r}"]
    unknown = [
        f"there is no key {key!r}; expected one of {', '.join(_KNOWN)}.{did_you_mean(key, _KNOWN)}"
        for key in given
        if key not in _KNOWN
    ]
    wrong = [fault for key, value in given.items() if key in _KNOWN and (fault := _kind_fault(key, value))]
    if unknown or wrong:
        return unknown + wrong
    return [*_pattern_faults(given), *_time_faults(database, given), *_word_faults(given)]


def _kind_fault(key: str, value: Any) -> str:
    if key in _LISTS:
        is_right, expected = _is_texts(value) and bool(value), "a list of texts"
    elif key in _FLAGS:
        is_right, expected = isinstance(value, bool), "true or false"
    elif key == "levels":
        is_right = isinstance(value, dict) and all(isinstance(word, str) for word in value.values())
        expected = "a table of words and levels"
    elif key == "keys":
        is_right = isinstance(value, dict) and all(_is_texts(names) for names in value.values())
        expected = "a table of columns and lists of their keys"
    else:
        choices = _CHOICES.get(key)
        is_right = isinstance(value, str) and (choices is None or value in choices)
        expected = f"one of {', '.join(choices)}" if choices else "a text"
    return "" if is_right else f"{key} is {value!r}; expected {expected}"


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _pattern_faults(given: Mapping[str, Any]) -> list[str]:
    kind, patterns = given.get("kind", "pattern"), given.get("patterns", [])
    odd = [key for names in given.get("keys", {}).values() for key in names if re.search(r"[\"'\\\x00-\x1f]|^$", key)]
    if odd:
        return [f"key {key!r} is empty or has a quote, a backslash or a control character" for key in odd]
    faults = [fault for key in ("begins", "comments") if (fault := _regex_fault(key, given.get(key, "")))]
    if kind != "pattern":
        columns = given.get("keys", {})
        faults += [
            f"keys names {name!r}; expected columns out of {', '.join(COLUMNS)}"
            for name in columns
            if name not in COLUMNS
        ]
        missing = [] if columns.get("time") else ["keys.time is missing: without a key for its time a line is no entry"]
        if kind == "columns" and not given.get("header"):
            missing.append("header is missing: how the line begins that names the columns")
        return faults + missing
    if not patterns:
        return [*faults, "patterns is missing: how its lines are taken apart"]
    broken = [fault for pattern in patterns if (fault := _regex_fault("pattern", pattern, has_groups=True))]
    if broken:
        return faults + broken
    groups = [group for pattern in patterns for group in re.findall(r"\(\?P<(\w+)>", pattern)]
    for group in groups:
        if group != "head" and not re.fullmatch(f"(?:{'|'.join(COLUMNS)})[0-9]?", group):
            faults.append(
                f"there is no group {group!r}; expected head, {', '.join(COLUMNS)}.{did_you_mean(group, COLUMNS)}"
            )
    columns = {group.rstrip("0123456789") for group in groups}
    required = given.get("required", ["time"])
    faults += [
        f"no pattern has the group {name!r}, which an entry must have" for name in required if name not in columns
    ]
    if "time" not in required:
        faults.append("required must name time: without one a line is no entry")
    return faults


def _regex_fault(what: str, pattern: str, *, has_groups: bool = False) -> str:
    try:
        if has_groups:
            pc.extract_regex_span(pa.array([""]), pattern)
        else:
            pc.match_substring_regex(pa.array([""]), pattern)
    except pa.ArrowInvalid as error:
        return f"{what} {pattern!r} is no RE2 expression whose groups all have names: {error}"
    return ""


def _time_faults(database: Database, given: Mapping[str, Any]) -> list[str]:
    times: Sequence[str] = given.get("times", [])
    if not times:
        return [f"times is missing: how times are spelled, by {', '.join(_WORDS)} or a strptime format"]
    faults = [
        f"time {spelling!r} is neither one of {', '.join(_WORDS)} nor a strptime format"
        for spelling in times
        if not _is_spelling(database, spelling)
    ]
    if not faults:
        layout = LogFormat("pattern", tuple(times), {})
        if layout.lacks_year and layout.lacks_day:
            faults.append("times without a year and times without a day cannot be told apart in one format")
    return faults


def _is_spelling(database: Database, spelling: str) -> bool:
    import duckdb

    if spelling in _WORDS or "%" not in spelling:
        return spelling in _WORDS
    quoted = spelling.replace("'", "''")
    try:
        database.session.run(f"SELECT try_strptime('1', '{quoted}') AS at")
    except duckdb.Error:
        return False
    return True


def _word_faults(given: Mapping[str, Any]) -> list[str]:
    faults = [
        f"level {level!r} of word {word!r} is none of ours; expected one of {', '.join(_LEVELS)}"
        for word, level in given.get("levels", {}).items()
        if level not in _LEVELS
    ]
    if "time_zone" in given:
        try:
            zone_named(given["time_zone"])
        except UsageError as error:
            faults.append(str(error))
    return faults
