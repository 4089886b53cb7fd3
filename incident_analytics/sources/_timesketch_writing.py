"""Events written as a Timesketch timeline: CSV or JSON lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from ..errors import UsageError
from ..records import Records
from ._timesketch_layout import COLUMNS, MADE, NEEDED, PREFIX, guarded

_ENDINGS = (".csv", ".jsonl")


def write_timesketch(records: Records, path: str | Path, incident_id: str | None = None) -> Path:
    """Write events as a timeline that Timesketch imports, in the order of their times.

    An event without a time cannot stand in a timeline and is left out. What is written comes back unchanged when it is
    read; in CSV, cells that a spreadsheet would run as a formula begin with an apostrophe.

    Args:
        records: the events.
        path: the file to write, CSV or JSON lines by its ending; an existing one is replaced.
        incident_id: only the events of this incident; None: all.

    Returns:
        The path.

    Raises:
        UsageError: the bundle holds no such incident, or the path ends in neither ``.csv`` nor ``.jsonl``.
    """
    path = Path(path)
    if path.suffix.lower() not in _ENDINGS:
        raise UsageError(f"{path} ends in {path.suffix!r}; expected one of {', '.join(_ENDINGS)}")
    events = records.events if incident_id is None else records.select(incident_id).events
    timed = events[events["at"].notna()].sort_values("at", kind="stable")
    rows = list(_rows(timed))
    if path.suffix.lower() == ".csv":
        _write_csv(rows, path)
    else:
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        path.write_text(text, encoding="utf-8", newline="\n")
    return path


def _write_csv(rows: list[dict[str, object]], path: Path) -> None:
    used = {name for row in rows for name in row}
    order = (*NEEDED, "incident_id", MADE, *(PREFIX + name for name in COLUMNS))
    header = [name for name in order if name in used or name in NEEDED or name == f"{PREFIX}kind"]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)  # with CRLF, as the format has it: otherwise a lone CR in a cell is not quoted
        writer.writerow(header)
        for row in rows:
            writer.writerow([guarded(_cell(row.get(name))) for name in header])


def _cell(value: object) -> str:
    """A value as a cell: a text as it is, everything else as JSON writes it."""
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _rows(events: pd.DataFrame) -> Iterator[dict[str, object]]:
    for event in events.to_dict("records"):
        said = {str(name): _plain(value) for name, value in event.items()}
        known = {PREFIX + name: said[name] for name in COLUMNS if said[name] is not None}
        is_made = said["text"] is None
        row: dict[str, object] = {
            "message": _made(said) if is_made else said["text"],
            "datetime": said["at"],
            "timestamp_desc": " ".join(str(said[name]) for name in ("kind", "field") if said[name] is not None),
        }
        if said["incident_id"] is not None:
            row["incident_id"] = said["incident_id"]
        yield row | ({MADE: True} if is_made else {}) | known


def _made(said: Mapping[str, object]) -> str:
    """A message for an event without a text: ``severity SEV1``."""
    words = [str(said[name]) for name in ("kind", "field", "new") if said[name] is not None]
    return " ".join(words) or "event"


def _plain(value: object) -> object:
    """A cell as JSON has it: instants as text in UTC, missing and empty as nothing."""
    if isinstance(value, (dict, list)):
        return value or None
    if value is None or value is pd.NA or value is pd.NaT or value != value:  # noqa: PLR0124  # so is NaN
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat(timespec="microseconds")
    return value.item() if hasattr(value, "item") else value
