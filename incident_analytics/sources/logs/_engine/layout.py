"""What a log format is: data that the engine turns into SQL. A format module is one value of :class:`LogFormat`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["pattern", "json", "logfmt", "columns"]

COLUMNS = ("time", "host", "service", "level", "message")
"""What a format may find in a line."""

SYSLOG_SEVERITIES = ("fatal", "critical", "critical", "error", "warning", "notice", "info", "debug")
"""Syslog severities 0 to 7 (RFC 5424, table 2) on our scale; ``alert`` and ``critical`` are one level of ours."""

LEVEL_NAMES: Mapping[str, str] = {
    **dict.fromkeys(("trace", "verbose", "finest", "finer"), "trace"),
    **dict.fromkeys(("debug", "fine", "dbg"), "debug"),
    **dict.fromkeys(("info", "information", "informational", "inf"), "info"),
    "notice": "notice",
    **dict.fromkeys(("warning", "warn", "wrn"), "warning"),
    **dict.fromkeys(("error", "err", "severe"), "error"),
    **dict.fromkeys(("critical", "crit", "alert"), "critical"),
    **dict.fromkeys(("fatal", "emergency", "emerg", "panic", "dpanic"), "fatal"),
}
"""Words of common loggers, in lower case, on our scale."""


@dataclass(frozen=True, slots=True)
class LogFormat:
    """How the entries of one log format are read.

    Attributes:
        kind: ``pattern`` for text taken apart by regular expressions, ``json`` for one JSON object per line,
            ``logfmt`` for pairs such as ``level=info``, ``columns`` for values whose names a line above them gives.
        times: spellings tried in order: ``iso8601``, ``epoch`` (seconds, milli-, micro- or nanoseconds, told
            apart by size), ``tai64n``, ``dated`` (the month is a word) or a ``strptime`` format; one without ``%Y`` has its year worked out, one
            without ``%d`` its day. A time that fits none is tried again without its liberties: see :mod:`.times`.
        levels: word or number as written, in lower case -> level on our scale; others are missing.
        patterns: RE2 expressions with named groups out of ``COLUMNS``, and ``head`` around all that stands before
            the rest of the line: the next pattern is matched against that rest, and what is left behind the last
            one is the message. Where a column may stand in several places, the others have a digit behind
            their name, as in ``time2``. At most four groups each, and at every character only one way to go on:
            RE2 then reads a line in a single pass, which is three to four times as fast.
        required: groups that an entry is never without; a line in which one is empty is no entry.
        keys: candidate keys per column, the first that is there wins. ``a.b`` is tried as a key with a dot and
            as ``b`` inside ``a``, an object or a text that holds one; ``a+b`` is both, with a blank between. Of
            ``columns``, a key with blanks stands for several joined by blanks.
        is_service_from_file: an entry without a service belongs to the one its file is named for.
        continues: which lines belong to the entry before them: ``indented`` ones and those that name what was
            raised, or ``any`` that do not begin as an entry does.
        begins: RE2 expression for how a line begins that means to be an entry: it is one, or it is rejected.
        comments: RE2 expression for lines that a logger writes about the file, which count as blank.
        header: of ``columns``: how the line begins that names them.
        time_zone: the zone of times without an offset, where the format's documentation names one.
        is_general: a catch-all, which is chosen only where no other format fits as well.
        marks: of JSON: keys that tell this format from others; an object that lacks one is no entry. Of ``a|b``,
            one is enough.
        seconds: of JSON: pairs of keys of whole seconds since 1970 and of the nanoseconds beside them.
        has_line_end: a message carries the line end of the program that wrote it, which is taken off.
        has_byte_lists: of JSON: a message may be a list of bytes, where it is not all printable.
        records: of JSON: where in a document its records may stand, such as ``Records[]``, an element of the list
            ``Records``; the first place at which a file has some counts. A list of records, and documents that are
            one record each, are read without being named here.
        context: of ``records``: what an entry takes from the objects around it, by column: ``group`` is the value
            of a key that stands before the records, ``tags[name]`` that of the item with this key in a list.
        packed: of JSON: key whose text is a document of the same kind, as BASE64 of GZIP.
        joins: how pieces of a message that was too long for one line are told: by the missing line end of
            ``docker``, or by the tag ``P`` of ``cri``.
    """

    kind: Kind
    times: tuple[str, ...]
    levels: Mapping[str, str]
    patterns: tuple[str, ...] = ()
    required: tuple[str, ...] = ("time",)
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    is_service_from_file: bool = False
    continues: Literal["indented", "any"] = "indented"
    begins: str = ""
    comments: str = ""
    header: str = ""
    time_zone: str | None = None
    is_general: bool = False
    marks: tuple[str, ...] = ()
    seconds: tuple[tuple[str, str], ...] = ()
    has_line_end: bool = False
    has_byte_lists: bool = False
    records: tuple[str, ...] = ()
    context: Mapping[str, str] = field(default_factory=dict)
    packed: str = ""
    joins: Literal["docker", "cri"] | None = None

    @property
    def has_chains(self) -> bool:
        """Lines that are no entry may belong to the entry before them, such as those of a stack trace."""
        return self.kind in ("pattern", "logfmt")

    @property
    def top_keys(self) -> tuple[str, ...]:
        """Keys at the top level of an object that this format knows."""
        named = (*chain(*self.keys.values()), *self.marks, *chain(*self.seconds))
        keys = (key for text in named for key in re.split("[+|]", text))
        return tuple(dict.fromkeys(top for key in keys for top in (key, key.split(".")[0])))

    @property
    def lacks_year(self) -> bool:
        """Some spelling of its times has a day, but no year."""
        return "dated" in self.times or any(_has(spelling, "d") and not _has(spelling, "Yy") for spelling in self.times)

    @property
    def lacks_day(self) -> bool:
        """Some spelling of its times has no day."""
        return any("%" in spelling and not _has(spelling, "djs") for spelling in self.times)


def _has(spelling: str, letters: str) -> bool:
    """A spelling holds one of these directives."""
    return any(f"%{letter}" in spelling.replace("%-", "%") for letter in letters)
