"""Entries counted instead of kept: per minute, service, level and template, in memory that follows from those alone."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

MINUTE = 60 * 10**6
KEYS = ("minute", "service", "level", "template")
"""What entries are counted by; ``minute`` is its beginning in microseconds since 1970."""

_TEXT = pa.large_string()
SCHEMA = pa.schema([("minute", pa.int64()), *((name, _TEXT) for name in KEYS[1:]), ("n", pa.int64())])
_TOGETHER = 16


@dataclass(slots=True)
class Tally:
    """Counts so far; what is added is put together again and again, so that only distinct keys are held."""

    _parts: list[pa.Table] = field(default_factory=list)

    def add(self, instants: pa.Array, service: pa.Array, level: pa.Array, template: pa.Array) -> None:
        """Count entries.

        Args:
            instants: microseconds since 1970.
            service: by entry; missing is a key of its own.
            level: by entry.
            template: by entry.
        """
        # No entry lies before 1970, so cutting off is rounding down.
        minutes = pc.multiply(pc.divide(instants, MINUTE), MINUTE)
        texts = [column.cast(_TEXT) for column in (service, level, template)]
        counts = pa.nulls(len(minutes), pa.int64()).fill_null(1)
        self._parts.append(_summed(pa.table([minutes, *texts, counts], schema=SCHEMA)))
        if len(self._parts) >= _TOGETHER:
            self._parts = [self.table()]

    def include(self, table: pa.Table) -> None:
        """Add counts that were made elsewhere."""
        self._parts.append(table)

    def table(self) -> pa.Table:
        """The counts, a row per key: ``KEYS`` and ``n``, in the order of the keys."""
        whole = _summed(pa.concat_tables([SCHEMA.empty_table(), *self._parts]))
        return whole.sort_by([(name, "ascending") for name in KEYS])


def _summed(table: pa.Table) -> pa.Table:
    made = table.group_by(list(KEYS), use_threads=False).aggregate([("n", "sum")])
    return made.select([*KEYS, "n_sum"]).rename_columns([*KEYS, "n"]).cast(SCHEMA)
