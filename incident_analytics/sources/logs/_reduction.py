"""Logs larger than one machine: spans of files counted wherever an executor has room, and put together again.

A file that can be read from the middle is cut into spans at line ends; every other file is one span. How a file was cut
makes no difference to any count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd

from ...errors import SourceError, UsageError
from ...schema import Logs
from ._engine import (
    Database,
    FileCounts,
    SpanReading,
    line_spans,
    read_span,
    together,
)  # fmt: skip
from ._planning import File

SPAN_BYTES = 64 << 20
"""How much of a file is one piece of work."""

COLUMNS = ("source", "at", "service", "level", "template", "n")
"""Columns of counted entries; all but the last are what they are counted by."""


def cut(file: File, size: int) -> list[File]:
    """The spans of a file; the file itself where it must be read from its beginning."""
    spans = line_spans(file.path, file.layout, file.request, size)
    return [file] if len(spans) < 2 else [replace(file, span=span) for span in spans]


def run(file: File) -> SpanReading:
    """Count one span; a function of the module's own, so that it can be sent to another process or machine.

    Raises:
        SourceError: the file cannot be opened, or nothing of it can be unpacked.
    """
    with Database() as database:
        return _count(database, file)


def _count(database: Database, file: File) -> SpanReading:
    return read_span(database, file.path, file.name, file.layout, file.request, service=file.service, span=file.span)


def counted(files: Sequence[File], size: int, executor: Executor | str | None) -> list[FileCounts | SourceError]:
    """What came of each file, in their order: its counts, or why it could not be read.

    Args:
        files: the files.
        size: how many bytes a span has.
        executor: who works on the spans; see :func:`incident_analytics.sources.count_logs`.
    """
    with _working(executor) as pool:
        waiting = [[pool(part) for part in cut(file, size)] for file in files]
        done: list[FileCounts | SourceError] = []
        for file, parts in zip(files, waiting, strict=True):
            try:
                readings = [part() for part in parts]
            except SourceError as error:
                done.append(error)
            else:
                done.append(together(readings, file.path, file.name, file.layout, file.request))
        return done


def count_entries(logs: Logs) -> pd.DataFrame:
    """Entries of table ``logs`` per file, minute, service, level and template: the counts that ``count_logs`` gives.

    An empty table gives an empty one.
    """
    keyed = pd.DataFrame({name: logs[name] for name in COLUMNS[:-1]}).assign(at=logs["at"].dt.floor("min"))
    grouped = keyed.groupby(list(COLUMNS[:-1]), dropna=False, sort=False, observed=True).size()
    return ordered([grouped.rename("n").reset_index()])


def ordered(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Counts of several files as one frame, in the order of its columns."""
    filled = [frame for frame in frames if len(frame)]
    whole = pd.concat(filled) if filled else pd.DataFrame(columns=list(COLUMNS))
    texts = dict.fromkeys(("source", "service", "level", "template"), "str")
    made = whole[list(COLUMNS)].astype({**texts, "at": "datetime64[us, UTC]", "n": "Int64"})
    return made.sort_values(list(COLUMNS[:-1]), kind="stable", ignore_index=True)


@contextmanager
def _working(executor: Executor | str | None) -> Iterator[Callable[[File], Callable[[], SpanReading]]]:
    """What takes a file, and gives what waits for its result; without an executor, this process does it then."""
    if executor is None:
        with Database() as database:
            yield lambda file: partial(_count, database, file)
    elif isinstance(executor, str):
        with _dask(executor) as client:
            # Not pure: the same file may have grown since it was counted last.
            pool = client.get_executor(pure=False)
            yield lambda file: pool.submit(run, file).result
    else:
        yield lambda file: executor.submit(run, file).result


def _dask(name: str) -> Any:
    """A client of the Dask cluster that is meant."""
    scheme, _, address = name.partition("://")
    if scheme != "dask" or not address:
        raise UsageError(f"there is no executor {name!r}; expected dask://HOST:PORT")
    try:
        from distributed import Client
    except ImportError as error:
        raise UsageError("dask:// needs Dask: pip install 'incident-analytics[dask]'") from error
    try:
        return Client(f"tcp://{address}", timeout="10s")
    except (OSError, ValueError) as error:
        raise UsageError(f"no Dask scheduler answers at {address}: {error}") from error
