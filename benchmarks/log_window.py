"""An hour out of a day's log, and what it takes to tell a log's format, on a file that it makes itself.

    python benchmarks/log_window.py [--lines 10000000] [--format json|access|syslog]

Reading everything and reading one hour each run in a process of their own, which says how much memory it had at most.
"CPU" is processor time, which other programs on the machine hardly change.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from incident_analytics.errors import SourceError
from incident_analytics.sources import logs

DAY = "2026-01-05"
HOUR = {"start": f"{DAY}T09:00:00Z", "end": f"{DAY}T10:00:00Z"}
BATCH = 100_000


def write(path: Path, n: int, form: str) -> None:
    """A day's log of so many lines."""
    rng = np.random.default_rng(7)
    with path.open("w") as file:
        for begin in range(0, n, BATCH):
            rows = np.arange(begin, min(begin + BATCH, n))
            at = np.datetime64(DAY, "ms") + (rows * (86_400_000 / n)).astype("m8[ms]")
            stamps = _stamps(at, form)
            users = rng.integers(10_000, 99_999, len(rows))
            file.writelines(_line(form, stamp, row, user) for stamp, row, user in zip(stamps, rows, users, strict=True))


def _stamps(at: np.ndarray, form: str) -> list[str]:
    texts = np.datetime_as_string(at)
    if form == "json":
        return [f"{text}Z" for text in texts]
    if form == "access":
        return [f"05/Jan/2026:{text[11:19]} +0000" for text in texts]
    return [f"Jan  5 {text[11:19]}" for text in texts]


def _line(form: str, at: str, row: int, user: int) -> str:
    if form == "json":
        return f'{{"ts":"{at}","level":"info","service":"oven","host":"oven-{row % 3}","msg":"bread {row} is in for u{user}"}}\n'
    if form == "access":
        return (
            f'10.0.{row % 256}.7 - - [{at}] "GET /bread/{user}?page={row % 31} HTTP/1.1" 200 {user} "-" "otter/1.0"\n'
        )
    return f"<134>{at} oven-{row % 24:02d} bakery[{row % 999}]: bread {row} is in for u{user}\n"


def read(path: Path, what: str) -> None:
    """Read and say how long it took and how much memory the process had at most."""
    start, cpu = time.perf_counter(), time.process_time()
    found = logs.scan(path, year=2026, **(HOUR if what == "hour" else {}))
    said = {
        "seconds": time.perf_counter() - start,
        "cpu": time.process_time() - cpu,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        **{name: int(found.counts[name].iloc[0]) for name in ("lines", "entries", "outside_window", "rejected")},
    }
    print(json.dumps(said))


def run(path: Path, what: str) -> dict[str, float]:
    """The same in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--read", what, str(path)], check=True, capture_output=True, text=True
    )
    said: dict[str, float] = json.loads(done.stdout)
    print(
        f"{what:12}{said['seconds']:10.2f}{said['cpu']:8.2f}{said['megabytes']:8.0f} MB{said['entries']:14,.0f} entries"
        f"{said['outside_window']:14,.0f} outside",
        flush=True,
    )
    return said


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--format", choices=["json", "access", "syslog"], default="json")
    parser.add_argument("--read", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.read:
        read(Path(asked.read[1]), asked.read[0])
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "oven.log"
        write(path, asked.lines, asked.format)
        print(f"{asked.lines:,} lines of a day, {path.stat().st_size / 1e6:,.0f} MB, format {asked.format}")
        print(f"{'':12}{'seconds':>10}{'CPU':>8}{'at most':>11}")
        nothing, hour, everything = run(path, "hour"), run(path, "hour"), run(path, "everything")
        hour = min(nothing, hour, key=lambda said: said["seconds"])
        assert hour["lines"] == everything["lines"] == hour["entries"] + hour["outside_window"] == asked.lines
        assert hour["rejected"] == 0
        wall, cpu = everything["seconds"] / hour["seconds"], everything["cpu"] / hour["cpu"]
        print(f"one hour is read {wall:.1f} times as fast as everything ({cpu:.1f} times in CPU)")
        recognition(path)


def recognition(path: Path) -> None:
    """How long the format of the large file and of each example takes."""
    files = [path]
    for name, module in logs.log_formats().items():
        files.append(path.with_name(f"{name}.log"))
        files[-1].write_text(f"{module.EXAMPLE}\n" * 300)
    times = []
    for file in files:
        start, cpu = time.perf_counter(), time.process_time()
        try:
            logs.recognise(file)
        except SourceError as error:
            print(error)
        times.append((time.perf_counter() - start, time.process_time() - cpu))
    seconds, cpu = np.array(times[1:]).T
    print(
        f"recognition among {len(logs.log_formats())} formats: the large file {times[0][0]:.3f} s ({times[0][1]:.3f} s CPU);"
    )
    print(
        f"an example of each: median {np.median(seconds):.3f} s ({np.median(cpu):.3f} s CPU), at most {seconds.max():.3f} s"
    )
    print(f"({cpu.max():.3f} s CPU)")


if __name__ == "__main__":
    main()
