"""Which format a log file is in: the one that accounts for nearly all of its first lines.

Of several that account for as many, a specific format goes before a general one (any JSON with a time), and then the
one that explains more of each line. What is left are true ties: those are errors, never decided by an order.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import cast

from ...errors import SourceError
from ._engine import BLANK, Database, Glance, Head, LogFormat, Sample, first_bytes, head_of, n_continuing, read_sample

SAMPLE_LINES = 200
SAMPLE_BYTES = 1 << 20
ENOUGH = 0.8
"""Share of a sample's lines that a format must account for to be recognised."""

LEAST = 0.2
"""Share of them that must be entries, or look like part of one: most of a text is not one entry of a log."""

CLOSER = 3
"""Formats of each sort, general ones and others, that get more than a first look."""

DOUBTFUL = 0.5
"""Share from which a specific format is still taken when no format accounts for enough, and said to be doubtful."""

AS_GOOD = 0.1
"""How much less than a general format a specific one may account for and still fits as well: lines may be broken."""

EQUALLY = 0.005
"""Two formats that explain as much of the lines as this tells apart fit equally well."""

LISTED = 5


@functools.cache
def log_formats() -> Mapping[str, ModuleType]:
    """The format modules found in this folder, by name."""
    names = [info.name for info in pkgutil.iter_modules([str(Path(__file__).parent)]) if not info.name.startswith("_")]
    modules = [importlib.import_module(f"{__package__}.{name}") for name in names]
    return {module.NAME: module for module in sorted(modules, key=lambda module: str(module.NAME))}


def recognised(
    database: Database, path: Path, encoding: str | None = None, own: Mapping[str, LogFormat] | None = None
) -> tuple[str, dict[str, float]]:
    """The format of a file, and the share of its first lines that each format accounts for.

    A format of the user's own goes before all others where it accounts for enough of the lines.

    Where none accounts for enough, a specific format that accounts for half of them is taken; its share says so.

    All formats get a first look, the best few the closer one of the engine; the share of the others is what they
    could account for at most. A file without a line has no format: an empty name, no shares.

    Raises:
        SourceError: no format accounts for enough, two do so equally well, or the file cannot be read.
    """
    head = _head(path, encoding)
    if not head.data.removeprefix(b"\xef\xbb\xbf").strip(BLANK):
        return "", {}
    samples = {name: head.lines(module.FORMAT, SAMPLE_LINES) for name, module in log_formats().items()}
    glances = _glances(samples)
    chosen = _own_format(database, path, head, own or {})
    if chosen:
        return chosen
    shares = {name: glance.entries for name, glance in glances.items()}
    sure = dict(shares)
    is_settled = False
    for name in _candidates(glances):
        # Beside a specific format that accounts for every line, a general one cannot win.
        if not (is_settled and _is_general(name)):
            shares[name], sure[name] = _accounted(database, samples[name], log_formats()[name].FORMAT)
            is_settled = is_settled or (sure[name] == 1 and not _is_general(name))
    winners = _winners(shares, sure, glances)
    if not winners:
        specific = {name: share for name, share in shares.items() if not _is_general(name)}
        # A file of which most is in a format that says so itself is in that format, whatever the rest of it is.
        doubtful = _winners(specific, sure, glances, enough=DOUBTFUL)
        winners = doubtful if len(doubtful) == 1 else []
    if len(winners) == 1:
        return winners[0], shares
    ranked = sorted(shares, key=lambda name: (-shares[name], -glances[name].resembling, not _is_general(name), name))
    listed = ", ".join(f"{name} for {shares[name]:.0%}" for name in winners or ranked[:LISTED])
    problem = "more than one log format fits equally well" if winners else "no log format fits"
    n_lines = len(samples[ranked[0]])
    raise SourceError(
        f"{path}: {problem}. Of its first {n_lines} line(s), each accounts for so many: {listed}; "
        f"expected one format to account for at least {ENOUGH:.0%} of them"
    )


def _glances(samples: Mapping[str, tuple[bytes, ...]]) -> dict[str, Glance]:
    """What every format makes of the lines at first sight. Entries of JSON, all of them, are no lines of text."""
    seen = {lines: Sample(lines) for lines in set(samples.values())}
    glances = dict.fromkeys(samples, Glance(0.0, 0.0, 0.0))
    objects = set[tuple[bytes, ...]]()
    for name in sorted(samples, key=lambda name: log_formats()[name].FORMAT.kind != "json"):
        lines, layout = samples[name], log_formats()[name].FORMAT
        if layout.kind == "json" or lines not in objects:
            glances[name] = seen[lines].glance(layout)
            if layout.kind == "json" and glances[name].entries == 1:
                objects.add(lines)
    return glances


def _own_format(
    database: Database, path: Path, head: Head, own: Mapping[str, LogFormat]
) -> tuple[str, dict[str, float]] | None:
    """The format of the user's own that accounts for most of the lines, when it does so for enough of them."""
    found = {name: _accounted(database, head.lines(layout, SAMPLE_LINES), layout) for name, layout in own.items()}
    fitting = {name: sure for name, (share, sure) in found.items() if share >= ENOUGH and sure >= LEAST}
    best = [name for name, sure in fitting.items() if sure == max(fitting.values())]
    if len(best) > 1:
        raise SourceError(
            f"{path}: more than one log format fits equally well: {', '.join(best)} for {fitting[best[0]]:.0%} of its first "
            "lines each; expected one to fit better"
        )
    return (best[0], {name: share for name, (share, _) in found.items()}) if best else None


def _candidates(glances: Mapping[str, Glance]) -> list[str]:
    """The formats that may win: the best few of those that are told by their own marks, and of the general ones."""
    ranked = sorted(glances, key=lambda name: (-glances[name].entries, -glances[name].explained))
    possible = [name for name in ranked if glances[name].entries]
    own = [name for name in possible if not _is_general(name)]
    return [*own[:CLOSER], *[name for name in possible if _is_general(name)][:CLOSER]]


def _accounted(database: Database, lines: Sequence[bytes], layout: LogFormat) -> tuple[float, float]:
    """The share of lines that a format accounts for, and that share without those that any format would have taken.

    Lines that belong to an entry although nothing about them says so are a reason to read a file in a format, but none to
    prefer it to another, which might read them as entries.
    """
    counts = read_sample(database, b"\n".join(lines), layout)
    # The lines of a sample are not blank: what counts as blank is what a logger says about its file.
    sure = counts["entries"] + counts["blank"]
    share = (sure + counts["continued"]) / len(lines)
    return share, (sure + min(counts["continued"], n_continuing(lines))) / len(lines)


def _winners(
    shares: Mapping[str, float], sure: Mapping[str, float], glances: Mapping[str, Glance], *, enough: float = ENOUGH
) -> list[str]:
    """The formats that fit best: one, none, or several equally well."""
    fitting = [name for name, share in shares.items() if share >= enough and sure[name] >= LEAST]
    if not fitting:
        return []
    best = max(sure[name] for name in fitting)
    as_good = [name for name in fitting if sure[name] >= best - AS_GOOD]
    fitting = [name for name in as_good if not _is_general(name)] or as_good
    best = max(sure[name] for name in fitting)
    fitting = [name for name in fitting if sure[name] == best]
    most = max(glances[name].explained for name in fitting)
    return [name for name in fitting if glances[name].explained >= most - EQUALLY]


def _is_general(name: str) -> bool:
    return cast(bool, log_formats()[name].FORMAT.is_general)


def n_blank_lines(path: Path) -> int:
    """How many lines a file without anything but blank lines has."""
    head = first_bytes(path, SAMPLE_BYTES)
    return head.count(b"\n") + (not head.endswith(b"\n") and bool(head))


def _head(path: Path, encoding: str | None) -> Head:
    """The beginning of a file."""
    data = first_bytes(path, SAMPLE_BYTES)
    head = head_of(data, encoding, is_cut=len(data) == SAMPLE_BYTES)
    if head.is_cut and not head.data.strip(BLANK):
        raise SourceError(f"{path}: its first {SAMPLE_BYTES:,} bytes are blank; expected log entries")
    return head
