"""A DuckDB of one call: sealed off, in UTC, bounded in memory, and with as many sessions as it has workers."""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from threading import Lock
from types import TracebackType
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa

from .streams import BrokenStreamError

WORKERS = 2
"""Blocks worked on side by side. Each query then runs on one thread: whole blocks share two cores better."""

AHEAD = 1
"""Blocks that wait to be worked on, so that no worker waits for one to be read."""

_MOST_KEPT = (32 << 20) - (64 << 10)

Task = TypeVar("Task")
Result = TypeVar("Result")


class _Given:
    """A table that a prepared query reads anew each time it is run: planning a query takes longer than a small block."""

    def __init__(self, table: pa.Table) -> None:
        self.table: pa.Table | None = table
        self._schema = table.schema

    def __arrow_c_schema__(self) -> object:
        return self._schema.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        assert self.table is not None
        return self.table.__arrow_c_stream__(requested_schema)


class Session:
    """A connection of its own, opened when it is first needed; one thread at a time may use it."""

    def __init__(self, connect: Callable[[], Any]) -> None:
        self._connect = connect
        self._connection: Any = None
        self._given: dict[str, _Given] = {}
        self._prepared: dict[str, str] = {}
        self.templates: dict[str, str] = {}
        """What the thread that uses this session knows already; see :mod:`.masking`."""

    def run(self, sql: str, **tables: pa.Table) -> pa.Table:
        """The rows of a query over the tables given by name; under one name always the same columns."""
        if self._connection is None:
            self._connection = self._connect()
            self._connection.execute("SET TimeZone = 'UTC'")
        for name, table in tables.items():
            if name not in self._given:
                self._given[name] = _Given(table)
                self._connection.register(name, self._given[name])
            self._given[name].table = table
        if sql not in self._prepared:
            name = f"query_{len(self._prepared)}"
            self._connection.execute(f"PREPARE {name} AS {sql}")
            self._prepared[sql] = name
        rows = self._connection.sql(f"EXECUTE {self._prepared[sql]}").to_arrow_table()
        for name in tables:
            self._given[name].table = None
        return rows

    def close(self) -> None:
        """Give everything back."""
        if self._connection is not None:
            self._connection.close()


class Database:
    """A database in memory without a way to files or the network; close it, or use it in a ``with`` block.

    It is loaded when a first query is run: blocks that need none do not wait for it.
    """

    def __init__(self) -> None:
        self._connection: Any = None
        self._opening = Lock()
        self.session = Session(self._cursor)
        """For work that is not shared out."""
        self._sessions = [Session(self._cursor) for _ in range(WORKERS)]

    def _cursor(self) -> Any:
        with self._opening:
            if self._connection is None:
                # Imported here: whoever reads no logs does not wait for a database to load.
                import duckdb

                self._connection = duckdb.connect(
                    config={
                        "threads": 1,
                        "memory_limit": "1GB",
                        "enable_external_access": False,
                        "python_enable_replacements": False,
                        "arrow_large_buffer_size": True,
                    }
                )
            return self._connection.cursor()

    def __enter__(self) -> Database:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give everything back."""
        for session in (self.session, *self._sessions):
            session.close()
        if self._connection is not None:
            self._connection.close()

    def in_order(self, tasks: Iterable[Task], work: Callable[[Session, Task], Result]) -> Iterator[Result]:
        """``work(session, task)`` for every task, side by side; results come in the order of the tasks.

        No more tasks are taken than are being worked on, plus one: memory stays bounded.

        Raises:
            BrokenStreamError: as ``tasks`` does, after the results of those before.
        """
        _keep_freed_memory()
        free: SimpleQueue[Session] = SimpleQueue()
        for session in self._sessions:
            free.put(session)

        def run(task: Task) -> Result:
            session = free.get()
            try:
                return work(session, task)
            finally:
                free.put(session)

        waiting: deque[Future[Result]] = deque()
        with ThreadPoolExecutor(WORKERS) as pool:
            broken = None
            try:
                for task in tasks:
                    waiting.append(pool.submit(run, task))
                    if len(waiting) > WORKERS + AHEAD:
                        yield waiting.popleft().result()
            except BrokenStreamError as error:
                broken = error
            while waiting:
                yield waiting.popleft().result()
        if broken is not None:
            raise broken


@functools.cache
def _keep_freed_memory() -> None:
    """Let glibc keep freed memory of a block's size for the next block, instead of giving it back page by page.

    It takes the largest block that it ever got back, up to 32 MB, as the measure of what to keep: see
    ``M_MMAP_THRESHOLD`` in mallopt(3). Elsewhere this does nothing.
    """
    np.empty(_MOST_KEPT, np.uint8)
