"""Which lines belong to the entry before them: a line that looks like part of an entry and follows one.

Blank lines in between do not break the chain; a rejected line does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .database import Session
from .parsing import BLANK, CONTINUING, ENTRY, MISFIT, OUTSIDE

LONGEST_CHAIN = 2_000
"""Lines of one entry that are kept as its message; further ones are counted and reported, not kept."""

Lines = npt.NDArray[np.int64]
Kinds = npt.NDArray[np.int8]


@dataclass(slots=True)
class Chain:
    """The entry that following lines may belong to, carried from block to block.

    Attributes:
        kind: of the last line that was an entry or rejected; nothing before the first.
        row: row of the frame that the entry became, when it was kept.
        line: number of that line in the file.
    """

    kind: int = MISFIT
    row: int = -1
    line: int = -1

    def joined(self, kinds: Kinds, first_line: int, first_row: int) -> tuple[Kinds, Lines, Lines]:
        """Decide what the lines of a block are that look like part of an entry.

        Args:
            kinds: what each line is by itself.
            first_line: number of the block's first line in the file.
            first_row: row of the frame that the block's first kept entry becomes.

        Returns:
            The kinds: a line of an entry outside the window is outside too, one that follows none is rejected;
            per line that belongs to an entry, that entry's row, and how many lines behind its first it stands.
        """
        is_anchor = (kinds != CONTINUING) & (kinds != BLANK)
        if len(kinds) and is_anchor.all():
            self.kind, self.line = int(kinds[-1]), first_line + len(kinds) - 1
            self.row = first_row - 1 + int(np.count_nonzero(kinds == ENTRY))
            return kinds, np.zeros(len(kinds), np.int64), np.zeros(len(kinds), np.int64)
        position = np.arange(len(kinds), dtype=np.int64)
        anchor = np.maximum.accumulate(np.where(is_anchor, position, -1)) if len(kinds) else position
        rows = first_row - 1 + np.cumsum(kinds == ENTRY)
        is_before = anchor < 0
        anchored = np.where(is_before, self.kind, kinds[anchor])
        row = np.where(is_before, self.row, rows[anchor])
        behind = position + first_line - np.where(is_before, self.line, anchor + first_line)
        settled = kinds.copy()
        is_open = kinds == CONTINUING
        settled[is_open & (anchored == OUTSIDE)] = OUTSIDE
        settled[is_open & (anchored != OUTSIDE) & (anchored != ENTRY)] = MISFIT
        if is_anchor.any():
            last = int(anchor[-1])
            self.kind, self.row, self.line = int(kinds[last]), int(rows[last]), last + first_line
        return settled, row, behind


def with_chains(session: Session, messages: pa.ChunkedArray, parts: list[pa.Table]) -> pa.ChunkedArray:
    """The messages with the lines that belong to them below.

    Args:
        session: of the database.
        messages: message per row of the frame, without those lines.
        parts: tables of ``row, line, text``.
    """
    if not parts:
        return messages
    sql = "SELECT row, string_agg(text, chr(10) ORDER BY line) AS text FROM parts GROUP BY row ORDER BY row"
    joined = session.run(sql, parts=pa.concat_tables(parts))
    is_longer = np.zeros(len(messages), bool)
    is_longer[joined["row"].to_numpy()] = True
    mask = pa.array(is_longer)
    texts = pa.concat_arrays(joined["text"].cast(pa.large_string()).chunks)
    heads = pa.concat_arrays(messages.filter(mask).cast(pa.large_string()).chunks)
    longer = pc.binary_join_element_wise(heads, texts, pa.scalar("\n", pa.large_string()), null_handling="skip")
    return pa.chunked_array(
        [pc.replace_with_mask(pa.concat_arrays(messages.cast(pa.large_string()).chunks), mask, longer)]
    )
