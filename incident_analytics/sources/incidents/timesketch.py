"""Timesketch timelines: CSV or JSON lines with ``message``, ``datetime`` and ``timestamp_desc``.

A timeline says what happened when, and of no incident unless a column ``incident_id`` does. What people do oddly:

- any other column may be there; it is kept in ``extra``.
- ``timestamp``, in microseconds since 1970, is read where ``datetime`` is empty.
- a timeline that this package wrote gives back the events it was written from.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from ...errors import SourceError
from ...records import Records
from ...schema import TABLES
from .._contract import VendorDuration, origin
from .._export import Export, Row, text_of
from .._instants import EPOCH_LIMIT, instant_of, zone_named
from .._json import sketch
from .._table_rows import Rows, rows_of
from .._timesketch_layout import COLUMNS as OURS
from .._timesketch_layout import MADE, NEEDED, PREFIX, unguarded
from .._timesketch_writing import write_timesketch

__all__ = ["COLUMNS", "DESCRIPTION", "NAME", "TIME_ZONE_RULE", "read", "recognises", "write_timesketch"]

NAME = "timesketch"
DESCRIPTION = "Timesketch timelines: CSV, JSON lines, or a JSON list"
TIME_ZONE_RULE = (
    "Times carry Z or an offset. A time without one is read in the zone you name; otherwise it stays missing."
)
EXAMPLE = "message,datetime,timestamp_desc\nThe dam leaks,2026-01-05T09:00:00+00:00,Observed"
SEVERITIES: tuple[str, ...] = ()
DURATIONS: Mapping[str, VendorDuration] = {}
COLUMNS: Mapping[str, str] = MappingProxyType(
    {"message": "text", "datetime": "at", "timestamp": "at", "timestamp_desc": "field", "incident_id": "incident_id"}
)

_INSTANTS = tuple(c.name for c in TABLES["events"].columns if c.kind == "instant" and c.name != "at")
_OTHERS = {c.name: c.kind for c in TABLES["events"].columns if c.kind in ("extra", "flag", "count")}
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def recognises(head: bytes) -> bool:
    """By ``message``, ``datetime`` and ``timestamp_desc``: names of a CSV header, or keys of records."""
    if any(set(NEEDED) <= set(value) for value in sketch(head, ()).records):
        return True
    first = head.split(b"\n", 1)[0].decode("utf-8", "replace").strip("\r\ufeff ")
    try:
        names = next(csv.reader([first]), [])
    except csv.Error:
        return False
    return set(NEEDED) <= {name.strip() for name in names}


def read(path: Path, *, time_zone: str | None = None) -> Records:
    """Every line of a timeline as an event; one without a message is rejected.

    Raises:
        SourceError: the file cannot be read, or has no message, datetime and timestamp_desc.
    """
    path = Path(path)
    if time_zone:
        zone_named(time_zone)
    table, is_csv = _opened(path)
    export = Export(origin(NAME, path), time_zone)
    for rejected in table.rejected:
        export.reject(rejected.place, rejected.raw, rejected.why)
    is_ours = any(f"{PREFIX}kind" in row for row in table.rows.values())
    events = []
    for place, cells in table.rows.items():
        row = Row(
            place, {k: unguarded(v) if is_csv and is_ours and isinstance(v, str) else v for k, v in cells.items()}
        )
        if text_of(row.value.get("message")) is None:
            export.reject(place, cells, "it has no message; expected one")
        elif text_of(row.value.get(f"{PREFIX}kind")) is not None:
            events.append(_returned(export, row))
        else:
            events.append(_observed(export, row))
    return Records.build(events=events, findings=export.findings)


def _opened(path: Path) -> tuple[Rows, bool]:
    try:
        with path.open("rb") as file:
            begins = file.read(100).removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    except OSError as error:
        raise SourceError(f"{path} cannot be opened: {error.strerror or error}") from error
    kind = {b"[": "json", b"{": "jsonl"}.get(begins, "csv")
    table = rows_of(path, kind=kind)
    if kind == "csv" and not set(NEEDED) <= set(table.header):
        raise SourceError(f"{path} has the columns {', '.join(table.header)}; expected {', '.join(NEEDED)} among them")
    return table, kind == "csv"


def _observed(export: Export, row: Row) -> dict[str, object]:
    """A line of somebody's timeline."""
    value = row.value
    incident_id = text_of(value.get("incident_id"))
    extra = {key: cell for key, cell in value.items() if key not in COLUMNS and cell not in (None, "")}
    return export.event(
        "note",
        _at(export, row, incident_id),
        incident_id=incident_id,
        field=text_of(value.get("timestamp_desc")),
        text=text_of(value.get("message")),
        extra=extra,
    )


def _at(export: Export, row: Row, incident_id: str | None) -> dt.datetime | None:
    """When it happened: ``datetime``, or ``timestamp`` where that is empty."""
    if text_of(row.value.get("datetime")) is not None:
        return export.instant(row, "datetime", incident_id=incident_id)
    written = text_of(row.value.get("timestamp"))
    if written is None:
        return None
    digits = written.strip()
    if digits.lstrip("-").isdecimal() and len(digits) < 20 and abs(int(digits)) < EPOCH_LIMIT * 10**6:
        return _EPOCH + dt.timedelta(microseconds=int(digits))
    place = f"{row.place}.timestamp"
    message = f"{place} holds {written[:100]!r}: expected microseconds since 1970. Left missing."
    export.note("unreadable_time", "warning", message, place=place, incident_id=incident_id, raw=written[:500])
    return None


def _returned(export: Export, row: Row) -> dict[str, object]:
    """An event that this package wrote, as it was; what another tool added goes to ``extra``."""
    value = row.value
    incident_id = text_of(value.get("incident_id"))
    event: dict[str, object] = {
        "incident_id": incident_id,
        "at": _at(export, row, incident_id),
        "text": None if text_of(value.get(MADE)) == "true" else text_of(value.get("message")),
    }
    for name in OURS:
        cell = value.get(PREFIX + name)
        event[name] = _typed(export, row, name, cell) if name in _INSTANTS or name in _OTHERS else text_of(cell)
    ours = {MADE, *COLUMNS, *(PREFIX + name for name in OURS)}
    added = {key: cell for key, cell in value.items() if key not in ours and cell not in (None, "")}
    known = event["extra"]
    return event | {"extra": (known if isinstance(known, dict) else {}) | added}


def _typed(export: Export, row: Row, name: str, cell: object) -> object:
    """A cell that is no text: an instant, a flag, a number, or whatever else was said."""
    said = text_of(cell)
    if said is None:
        return None
    place = f"{row.place}.{PREFIX}{name}"
    try:
        if name in _INSTANTS:
            return instant_of(said)
        value = json.loads(said) if isinstance(cell, str) else cell
    except (ValueError, RecursionError) as error:
        message = f"{place} holds {said[:100]!r}: {error}. Left missing."
        export.note("unreadable_cell", "warning", message, place=place, raw=said[:500])
        return None
    kinds = {"extra": dict, "flag": bool, "count": int}
    if isinstance(value, kinds[_OTHERS[name]]) and (name == "is_automatic" or not isinstance(value, bool)):
        return value
    message = f"{place} holds {said[:100]!r}: expected what this package writes there. Left missing."
    export.note("unreadable_cell", "warning", message, place=place, raw=said[:500])
    return None
