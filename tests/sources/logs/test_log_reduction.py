"""Logs counted instead of read: the same counts however files are cut, and whoever counts the spans."""

from __future__ import annotations

import gzip
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incident_analytics.errors import SourceError, UsageError
from incident_analytics.sources import logs
from incident_analytics.sources.logs import LogCounts, count_entries, count_logs, scan

# Entries of two minutes, lines of a stack trace, blank lines, and lines that are none of it.
LINES = (
    "2026-01-05T09:00:01Z web-1 otter[7]: dived 3 m",
    "2026-01-05T09:00:59Z web-1 otter[7]: dived 12 m",
    "2026-01-05T09:01:00Z web-1 otter[7]: surfaced",
    "    at Otter.dive(Otter.java:7)",
    "Caused by: CurrentError",
    "",
    "otters hold hands",
    "2026-13-05T09:01:00Z web-1 otter[7]: no such month",
)
START = pd.Timestamp("2026-01-05T09:01:00Z")


def assert_same(found: LogCounts, whole: logs.LogReading) -> None:
    """What was counted is what was read: entries per key, lines per file, and how many were rejected."""
    pd.testing.assert_frame_equal(found.counts, count_entries(whole.logs))
    pd.testing.assert_frame_equal(found.files, whole.counts)
    told = [set(each.loc[each["check"] != "entry_cut", "check"]) for each in (found.findings, whole.findings)]
    assert told[0] == told[1]
    places = [each.loc[each["check"] == "row_rejected", "row"].tolist() for each in (found.findings, whole.findings)]
    assert set(places[0]) <= set(places[1])


@given(
    lines=st.lists(st.sampled_from(LINES), min_size=1, max_size=30),
    size=st.integers(1, 400),
    is_ended=st.booleans(),
    start=st.sampled_from([None, START]),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_how_a_file_is_cut_makes_no_difference(
    lines: list[str],
    size: int,
    is_ended: bool,
    start: pd.Timestamp | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Spans of any size give the counts of the whole file, also where they begin in the middle of a stack trace."""
    monkeypatch.setattr(logs._planning, "recognised", lambda *_: ("syslog_iso", {"syslog_iso": 1.0}))
    path = tmp_path / "otter.log"
    path.write_text("\n".join(lines) + ("\n" if is_ended else ""))
    assert_same(count_logs(path, span_bytes=size, start=start), scan(path, start=start))


@pytest.fixture(scope="module")
def sample() -> Path:
    """The logs of the fictional company: plain and compressed, with and without a year."""
    return Path(__file__).parents[3] / "data" / "sample" / "fictional" / "logs"


def test_the_sample_counts_as_it_reads(sample: Path) -> None:
    """Every file of the sample, whatever its format, is counted as it is read; small spans and windows included."""
    window = {"start": "2025-04-24T00:00:00Z", "end": "2025-08-06T00:00:00Z"}
    assert_same(count_logs(sample, span_bytes=50_000, **window), scan(sample, **window))


def test_counts_add_up_by_hand(tmp_path: Path) -> None:
    """Two dives in the first minute are one template, and the next minute has its own row."""
    path = tmp_path / "otter.log"
    path.write_text("\n".join(LINES[:3]) + "\n")
    counts = count_logs(path).counts
    assert counts[["at", "service", "template", "n"]].to_numpy().tolist() == [
        [pd.Timestamp("2026-01-05T09:00Z"), "otter", "dived <num> m", 2],
        [pd.Timestamp("2026-01-05T09:01Z"), "otter", "surfaced", 1],
    ]
    assert str(counts["at"].dtype) == "datetime64[us, UTC]"


def test_nothing_counts_as_nothing(tmp_path: Path) -> None:
    """An empty file gives an empty frame of the same columns and kinds, a line of counts, and a finding."""
    (tmp_path / "otter.log").write_text("")
    found = count_logs(tmp_path / "otter.log")
    assert len(found.counts) == 0
    assert found.counts.dtypes.astype(str).tolist() == ["str", "datetime64[us, UTC]", "str", "str", "str", "Int64"]
    assert found.files["lines"].tolist() == [0]
    assert found.findings["check"].tolist() == ["empty_file"]


def test_what_cannot_be_counted_is_said(tmp_path: Path) -> None:
    """In a folder a file that cannot be unpacked is a finding and the rest is counted; named it is an error."""
    packed = gzip.compress("\n".join(LINES[:3]).encode() + b"\n", mtime=0)
    (tmp_path / "a.log.gz").write_bytes(packed[:12] + bytes(8) + packed[20:])
    (tmp_path / "b.log").write_text("\n".join(LINES[:3]) + "\n")
    assert count_logs(tmp_path).counts["n"].sum() == 3
    with pytest.raises(SourceError, match=r"a\.log\.gz"):
        count_logs(tmp_path / "a.log.gz")


def long_log(path: Path, n: int) -> Path:
    """A log of n entries over an hour, every tenth with a stack trace, every hundredth line rejected."""
    lines = []
    for i in range(n):
        lines.append(f"2026-01-05T09:{i * 60 // n:02}:{i % 60:02}Z web-{i % 3} otter[{i}]: dived {i} m at {i % 7:x}f")
        if i % 10 == 0:
            lines.append("    at Otter.dive(Otter.java:7)")
        if i % 100 == 0:
            lines.append("2026-13-05T09:01:00Z web-1 otter[7]: no such month")
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("pool", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_any_executor_counts_the_same(pool: type[Executor], tmp_path: Path) -> None:
    """Threads and processes give what one process gives, in the same order."""
    path = long_log(tmp_path / "otter.log", 3000)
    alone = count_logs(path)
    with pool(2) as executor:  # type: ignore[call-arg]  # Executor itself promises no arguments
        together = count_logs(path, executor=executor, span_bytes=60_000)
    pd.testing.assert_frame_equal(together.counts, alone.counts)
    pd.testing.assert_frame_equal(together.files, alone.files)


def test_an_executor_that_does_not_exist_is_an_error_of_the_call(tmp_path: Path) -> None:
    """A name that is no executor, a scheduler that does not answer and a span of nothing are refused."""
    path = long_log(tmp_path / "otter.log", 10)
    with pytest.raises(UsageError, match="expected dask://HOST:PORT"):
        count_logs(path, executor="spark://127.0.0.1:1")
    with pytest.raises(UsageError, match="span_bytes must be at least 1"):
        count_logs(path, span_bytes=0)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A real Dask cluster of this machine: a scheduler and two worker processes of one thread each."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    ) as made:
        yield made


def test_a_dask_cluster_counts_the_same(cluster: Any, tmp_path: Path) -> None:
    """A cluster named by its address gives what one process gives."""
    path = long_log(tmp_path / "otter.log", 3000)
    address = cluster.scheduler_address.removeprefix("tcp://")
    found = count_logs(path, executor=f"dask://{address}", span_bytes=60_000)
    pd.testing.assert_frame_equal(found.counts, count_logs(path).counts)


class _Killing(Executor):
    """An executor that kills one worker when a few results are there and others are still to come."""

    def __init__(self, pool: Executor, victim: int) -> None:
        self.pool, self.victim = pool, victim
        self.futures: list[Future[Any]] = []
        self.n_unfinished = 0
        self.is_dead = threading.Event()

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Hand on, and look at every result that comes."""
        future = self.pool.submit(fn, *args, **kwargs)
        self.futures.append(future)
        future.add_done_callback(self._finished)
        return future

    def _finished(self, _: Future[Any]) -> None:
        if sum(future.done() for future in self.futures) >= 3 and not self.is_dead.is_set():
            self.is_dead.set()
            self.n_unfinished = sum(not future.done() for future in self.futures)
            os.kill(self.victim, signal.SIGKILL)


def test_a_worker_that_dies_on_the_way_changes_nothing(cluster: Any, tmp_path: Path) -> None:
    """One of two worker processes is killed while spans are being counted; the counts are those of one process."""
    from distributed import Client

    path = long_log(tmp_path / "otter.log", 40_000)
    alone = count_logs(path)
    with Client(cluster) as client:
        before = client.run(os.getpid)
        victim = next(iter(before.values()))
        killing = _Killing(client.get_executor(pure=False), victim)
        found = count_logs(path, executor=killing, span_bytes=100_000)
        client.wait_for_workers(2, timeout=60)
        after = client.run(os.getpid)
    assert killing.is_dead.is_set()
    assert killing.n_unfinished > 3
    assert len(before) == 2
    assert victim not in after.values()
    pd.testing.assert_frame_equal(found.counts, alone.counts)
    pd.testing.assert_frame_equal(found.files, alone.files)
    assert found.counts["n"].sum() == 40_000
