r"""A PostgreSQL dump as text: the rows of its COPY blocks, which are tab separated, with ``\N`` for null.

Nothing else in the file is looked at, and nothing is executed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_START = re.compile(r'COPY (?:"?([\w$-]+)"?\.)?"?([\w$-]+)"? \((.*)\) FROM stdin;')
_ESCAPE = re.compile(r"\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{1,2})|(.))", re.DOTALL)
_CONTROLS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


@dataclass(frozen=True, slots=True)
class CopiedRow:
    """One row of a COPY block.

    Attributes:
        place: where it stands: ``line 12``.
        schema: schema of the table; empty when the dump names none.
        table: name of the table.
        cells: text by column, None for null; None where the row cannot be read.
        raw: the line.
        why: why it cannot be read.
    """

    place: str
    schema: str
    table: str
    cells: dict[str, str | None] | None
    raw: str
    why: str = ""


def copied_rows(lines: Iterable[str]) -> Iterator[CopiedRow]:
    """The rows of all COPY blocks, in the order of the file; that the last block has no end is a row without cells."""
    start: re.Match[str] | None = None
    columns: list[str] = []
    for number, line in enumerate((each.rstrip("\r\n") for each in lines), 1):
        if start is None:
            start = _START.fullmatch(line)
            columns = [name.strip().strip('"') for name in start[3].split(",")] if start else []
        elif line == "\\.":
            start = None
        else:
            written = line.split("\t")
            place, schema, table = f"line {number}", start[1] or "", start[2]
            if len(written) == len(columns):
                cells = dict(zip(columns, map(_cell, written), strict=True))
                yield CopiedRow(place, schema, table, cells, line)
            else:
                why = f"found {len(written)} cells, expected the {len(columns)} columns of {table}"
                yield CopiedRow(place, schema, table, None, line, why)
    if start is not None:
        why = f"the file ends inside the rows of {start[2]}; expected a line with \\. after them"
        yield CopiedRow("the end of the file", start[1] or "", start[2], None, "", why)


def _cell(written: str) -> str | None:
    if written == "\\N":
        return None
    return _ESCAPE.sub(_character, written) if "\\" in written else written


def _character(match: re.Match[str]) -> str:
    octal, hexadecimal, letter = match.groups()
    if octal or hexadecimal:
        return chr(int(octal, 8) if octal else int(hexadecimal, 16))
    return _CONTROLS.get(letter, letter)
