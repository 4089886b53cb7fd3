"""Lines that name the columns of the lines below them, as W3C and Zeek logs have; they may come again, with other names."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow.compute as pc

from .lines import Block


def columns_named(block: Block, header: str) -> list[tuple[int, tuple[str, ...]]]:
    """The lines of a block that name columns: where each stands, and the names."""
    if block.head is not None:
        return []
    where = np.flatnonzero(pc.starts_with(block.texts, header).to_numpy(zero_copy_only=False))
    return [(int(line), tuple(block.texts[int(line)].as_py()[len(header) :].split())) for line in where]


def parts_between(block: Block, header: str, columns: tuple[str, ...]) -> Iterator[tuple[Block, tuple[str, ...]]]:
    """The block, cut where the names of the columns change, each part with the names that hold in it.

    Args:
        block: some lines.
        header: how a line begins that names columns.
        columns: the names that hold at its beginning.
    """
    begin = 0
    for line, names in columns_named(block, header):
        if names != columns:
            if line > begin:
                yield block.part(slice(begin, line)), columns
            begin, columns = line, names
    yield block.part(slice(begin, len(block.texts))), columns
