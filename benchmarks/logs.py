"""Reading logs, side by side with what one would write by hand, in one run and on files that it makes itself.

    python benchmarks/logs.py [--lines 1000000] [--runs 5]

Each pair gives the same frame: times in UTC, names, levels on one scale, messages. That is checked before times are
printed. Ours also has the byte offset of each line and an account of all of them. "With templates", both sides add the
column that masks numbers and identifiers. "CPU" compares the processor time of both sides (without templates), which
other programs on the machine hardly change: theirs works on one core, ours on two.
"""

from __future__ import annotations

import argparse
import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd

from incident_analytics.sources import logs
from incident_analytics.sources.logs._engine.masking import MASKS

Frame = TypeVar("Frame", pd.DataFrame, pd.Series)

ACCESS = re.compile(r'^\S+ \S+ [^\[]+\[([^\]]+)\] ("(?:[^"\\]|\\.)*" (\d{3}) (?:\d+|-))')
SYSLOG = re.compile(r"^(?:<(\d{1,3})>)?([A-Z][a-z]{2} [ \d]\d [\d:]{8}) (\S+) (?:([^ :\[]+)(?:\[[^\]]*\])?: )?(.*)$")

RFC_5424 = re.compile(r"^<(\d{1,3})>\d+ (\S+) (\S+) (\S+) \S+ \S+ (?:-|(?:\[(?:[^\]\\]|\\.)*\])+) ?(.*)$")
LOGFMT = re.compile(
    r'^time=(\S+) level=(\S+) service=(\S+) host=(\S+) msg="((?:[^"\\]|\\.)*)"(?: [^ =]+=(?:"[^"]*"|[^ ]*))*$'
)


def write_json(path: Path, n: int, rng: np.random.Generator) -> None:
    levels = rng.choice(["info", "info", "info", "warn", "error"], n)
    users, spans = rng.integers(10_000, 99_999, n), rng.integers(20, 2_000, n)
    with path.open("w") as file:
        for i, at in enumerate(_times(n, rng)):
            file.write(
                f'{{"ts":"{at}Z","level":"{levels[i]}","service":"login","host":"login-{i % 3}",'
                f'"msg":"session created user=u{users[i]} ms={spans[i]} from 10.0.{i % 256}.{users[i] % 256}"}}\n'
            )


def write_access(path: Path, n: int, rng: np.random.Generator) -> None:
    stamps = pd.to_datetime(_times(n, rng)).strftime("%d/%b/%Y:%H:%M:%S +0000")
    status, sizes = rng.choice([200, 200, 200, 301, 404, 503], n), rng.integers(100, 99_999, n)
    with path.open("w") as file:
        for i, at in enumerate(stamps):
            file.write(
                f'10.0.{i % 256}.7 - - [{at}] "GET /product/{sizes[i] % 9973}?page={i % 31} HTTP/1.1" {status[i]} '
                f'{sizes[i]} "https://shop.example/p/{i % 97}" "Mozilla/5.0 (X11; Linux x86_64)"\n'
            )


def write_syslog(path: Path, n: int, rng: np.random.Generator) -> None:
    stamps = pd.to_datetime(_times(n, rng)).strftime("%b %e %H:%M:%S")
    priorities, spans = rng.choice([134, 134, 132, 131], n), rng.integers(8, 400, n)
    with path.open("w") as file:
        for i, at in enumerate(stamps):
            file.write(
                f"<{priorities[i]}>{at} edge-{i % 24:02d} edge-proxy[{i % 999}]: "
                f"tls: handshake ok client=10.1.{i % 256}.{spans[i] % 256} proto=TLSv1.3 ms={spans[i]}\n"
            )


def write_rfc_5424(path: Path, n: int, rng: np.random.Generator) -> None:
    stamps = _times(n, rng)
    priorities, spans = rng.choice([134, 134, 132, 131], n), rng.integers(8, 400, n)
    with path.open("w") as file:
        for i, at in enumerate(stamps):
            file.write(
                f'<{priorities[i]}>1 {at}Z edge-{i % 24:02d} edge-proxy {i % 999} ID{i % 7} [zone@32473 name="eu-{i % 3}"] '
                f"tls: handshake ok client=10.1.{i % 256}.{spans[i] % 256} proto=TLSv1.3 ms={spans[i]}\n"
            )


def write_logfmt(path: Path, n: int, rng: np.random.Generator) -> None:
    levels = rng.choice(["info", "info", "info", "warn", "error"], n)
    users, spans = rng.integers(10_000, 99_999, n), rng.integers(20, 2_000, n)
    with path.open("w") as file:
        for i, at in enumerate(_times(n, rng)):
            file.write(
                f"time={at}Z level={levels[i]} service=login host=login-{i % 3} "
                f'msg="session created for u{users[i]} from 10.0.{i % 256}.{users[i] % 256}" ms={spans[i]}\n'
            )


def pandas_json(path: Path) -> pd.DataFrame:
    raw = pd.read_json(path, lines=True, dtype=False)
    return _frame(
        at=pd.to_datetime(raw["ts"], format="ISO8601", utc=True),
        host=raw["host"],
        service=raw["service"],
        level=raw["level"].str.lower().map(logs.log_formats()["json_lines"].FORMAT.levels),
        message=raw["msg"],
    )


def loop_access(path: Path) -> pd.DataFrame:
    with path.open(encoding="utf-8", errors="backslashreplace") as file:
        found = [match.groups() for match in map(ACCESS.match, file) if match]
    stamps, messages, status = zip(*found, strict=True)
    return _frame(
        at=pd.to_datetime(pd.Series(stamps, dtype="str"), format="%d/%b/%Y:%H:%M:%S %z", utc=True),
        level=pd.Series(status, dtype="str").map(logs.log_formats()["access_log"].FORMAT.levels),
        message=pd.Series(messages, dtype="str"),
    )


def loop_syslog(path: Path) -> pd.DataFrame:
    with path.open(encoding="utf-8", errors="backslashreplace") as file:
        found = [match.groups() for match in map(SYSLOG.match, file) if match]
    priorities, stamps, hosts, tags, messages = zip(*found, strict=True)
    return _frame(
        at=pd.to_datetime("2026 " + pd.Series(stamps, dtype="str"), format="%Y %b %d %H:%M:%S", utc=True),
        host=pd.Series(hosts, dtype="str"),
        service=pd.Series(tags, dtype="str"),
        level=pd.Series(priorities, dtype="str").map(logs.log_formats()["syslog_rfc3164"].FORMAT.levels),
        message=pd.Series(messages, dtype="str"),
    )


def loop_rfc_5424(path: Path) -> pd.DataFrame:
    with path.open(encoding="utf-8", errors="backslashreplace") as file:
        found = [match.groups() for match in map(RFC_5424.match, file) if match]
    priorities, stamps, hosts, tags, messages = zip(*found, strict=True)
    return _frame(
        at=pd.to_datetime(pd.Series(stamps, dtype="str"), format="ISO8601", utc=True),
        host=pd.Series(hosts, dtype="str"),
        service=pd.Series(tags, dtype="str"),
        level=pd.Series(priorities, dtype="str").map(logs.log_formats()["syslog_rfc5424"].FORMAT.levels),
        message=pd.Series(messages, dtype="str"),
    )


def loop_logfmt(path: Path) -> pd.DataFrame:
    with path.open(encoding="utf-8", errors="backslashreplace") as file:
        found = [match.groups() for match in map(LOGFMT.match, file) if match]
    stamps, levels, services, hosts, messages = zip(*found, strict=True)
    return _frame(
        at=pd.to_datetime(pd.Series(stamps, dtype="str"), format="ISO8601", utc=True),
        host=pd.Series(hosts, dtype="str"),
        service=pd.Series(services, dtype="str"),
        level=pd.Series(levels, dtype="str").map(logs.log_formats()["logfmt"].FORMAT.levels),
        message=pd.Series(messages, dtype="str"),
    )


def masked(messages: pd.Series) -> pd.Series:
    for placeholder, pattern in MASKS:
        messages = messages.str.replace(pattern, placeholder, regex=True)
    return messages


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5, help="the best of so many counts")
    asked = parser.parse_args()
    rng = np.random.default_rng(7)
    pairs: list[tuple[str, Callable[[Path, int, np.random.Generator], None], Callable[[Path], pd.DataFrame]]] = [
        ("JSON lines, pandas.read_json(lines=True)", write_json, pandas_json),
        ("access log, compiled re in a loop", write_access, loop_access),
        ("syslog RFC 3164, compiled re in a loop", write_syslog, loop_syslog),
        ("syslog RFC 5424, compiled re in a loop", write_rfc_5424, loop_rfc_5424),
        ("logfmt, compiled re in a loop", write_logfmt, loop_logfmt),
    ]
    print(f"{asked.lines:,} lines each; seconds, the best of {asked.runs}")
    print(f"{'':44}{'':32}{'with templates':>32}")
    print(f"{'against':44}{'theirs':>8}{'ours':>8}{'ratio':>8}{'CPU':>8}{'theirs':>16}{'ours':>8}{'ratio':>8}")
    with tempfile.TemporaryDirectory() as folder:
        for label, write, theirs in pairs:
            path = Path(folder) / "bench.log"
            write(path, asked.lines, rng)
            compare(label, path, theirs, asked.runs)


def compare(label: str, path: Path, theirs: Callable[[Path], pd.DataFrame], runs: int) -> None:
    (a, cpu), expected = best(lambda: theirs(path), runs)
    (b, own), found = best(lambda: logs.read_logs(path, year=2026, templates=False), runs)
    for name in expected.columns:
        pd.testing.assert_series_equal(found[name], expected[name], check_dtype=False)
    (c, _), templates = best(lambda: masked(expected["message"]), runs)
    (d, _), found = best(lambda: logs.read_logs(path, year=2026), runs)
    assert found["template"].equals(templates)
    print(f"{label:44}{a:8.2f}{b:8.2f}{a / b:8.1f}{cpu / own:8.1f}{a + c:16.2f}{d:8.2f}{(a + c) / d:8.1f}", flush=True)


def best(run: Callable[[], Frame], runs: int) -> tuple[np.ndarray, Frame]:
    """The least time that a run took, by the clock and of the processor, and what it gave."""
    times = []
    for _ in range(runs):
        start = _now()
        found = run()
        times.append(_now() - start)
    return np.min(times, axis=0), found


def _now() -> np.ndarray:
    """The time, and the processor time used."""
    return np.array([time.perf_counter(), time.process_time()])


def _times(n: int, rng: np.random.Generator) -> np.ndarray:
    steps = rng.integers(0, 80, n).cumsum()
    return np.datetime_as_string(np.datetime64("2026-01-01T00:00:00.000", "ms") + steps.astype("m8[ms]"))


def _frame(**columns: pd.Series) -> pd.DataFrame:
    texts = {name: values.astype("str") for name, values in columns.items() if name != "at"}
    return pd.DataFrame({"at": columns["at"].dt.as_unit("us"), **texts})


if __name__ == "__main__":
    main()
