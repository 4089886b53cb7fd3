"""Which format a log file is in: the one that accounts for nearly all of its first lines."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

from ...errors import SourceError
from ._engine import Database, first_bytes, read_sample

SAMPLE_LINES = 200
SAMPLE_BYTES = 1 << 20
ENOUGH = 0.8
"""Share of a sample's lines that a format must account for to be recognised."""

_BLANK = b" \t\r\n\f"


@functools.cache
def log_formats() -> Mapping[str, ModuleType]:
    """The format modules found in this folder, by name."""
    names = [info.name for info in pkgutil.iter_modules([str(Path(__file__).parent)]) if not info.name.startswith("_")]
    modules = [importlib.import_module(f"{__package__}.{name}") for name in names]
    return {module.NAME: module for module in sorted(modules, key=lambda module: str(module.NAME))}


def recognised(database: Database, path: Path) -> tuple[str, dict[str, float]]:
    """The format of a file, and the share of its first lines that each format accounts for.

    A file without a line has no format: an empty name, no shares.

    Raises:
        SourceError: no format accounts for enough, two do so equally well, or the file cannot be read.
    """
    sample = _sample(path)
    if not sample:
        return "", {}
    shares = {}
    for name, module in log_formats().items():
        counts = read_sample(database, b"\n".join(sample), module.FORMAT)
        shares[name] = (counts["entries"] + counts["continued"]) / len(sample)
    best = max(shares.values())
    winners = [name for name, share in shares.items() if share == best]
    if best >= ENOUGH and len(winners) == 1:
        return winners[0], shares
    ranked = sorted(shares.items(), key=lambda item: -item[1])
    listed = ", ".join(f"{name} for {share:.0%}" for name, share in ranked)
    problem = "more than one log format fits equally well" if best >= ENOUGH else "no log format fits"
    raise SourceError(
        f"{path}: {problem}. Of its first {len(sample)} line(s), each accounts for so many: {listed}; "
        f"expected one format to account for at least {ENOUGH:.0%} of them"
    )


def n_blank_lines(path: Path) -> int:
    """How many lines a file without anything but blank lines has."""
    head = first_bytes(path, SAMPLE_BYTES)
    return head.count(b"\n") + (not head.endswith(b"\n") and bool(head))


def _sample(path: Path) -> list[bytes]:
    """The first lines of a file that are not blank; one that was cut off by the size of the sample is left out."""
    head = first_bytes(path, SAMPLE_BYTES)
    is_cut = len(head) == SAMPLE_BYTES
    lines = head.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    if is_cut and len(lines) > 1:
        lines.pop()
    filled = [line for line in lines if line.strip(_BLANK)]
    if is_cut and not filled:
        raise SourceError(f"{path}: its first {SAMPLE_BYTES:,} bytes are blank; expected log entries")
    return filled[:SAMPLE_LINES]
