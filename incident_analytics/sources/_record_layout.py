"""The layout of our record file: its sections, what a place implies, and the JSON Schema that editors use."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from ..schema import CLOCK_POINTS, TABLES, Column

NAME = "record"
FORMAT = "incident-record/1"
ROWS = {
    "timeline": "events",
    "people": "people",
    "roles": "participants",
    "impacts": "impacts",
    "actions": "actions",
    "findings": "findings",
}
"""Sections that are lists of rows, and the table of each."""

SECTIONS = (
    "format",
    "incident",
    "times",
    "timeline",
    "people",
    "roles",
    "impacts",
    "actions",
    "learnings",
    "conflicts",
    "findings",
)
"""All sections in the order in which they are written."""

IMPLIED = {
    "times": ("incident_id", "kind", "field", "sequence"),
    "learnings": ("incident_id", "category"),
}
"""Columns that a row's place in the file says already, where it is more than the incident."""

_SPANS = {"hour": dt.timedelta(hours=1), "day": dt.timedelta(days=1)}


def latest_of(at: object, precision: object) -> dt.datetime | None:
    """The end of the hour or day that begins at ``at`` (ISO 8601 reduced precision); None for a point.

    Args:
        at: the beginning, or missing.
        precision: how exactly it is known.
    """
    span = _SPANS.get(precision) if isinstance(precision, str) else None
    if span is None or not isinstance(at, dt.datetime) or pd.isna(at):
        return None
    return at + span


def record_schema() -> dict[str, Any]:
    """A JSON Schema of the record file for editors, made of :data:`incident_analytics.schema.TABLES`.

    It is as strict as the reader: an unknown key is refused, a word outside a vocabulary is let through (the reader
    keeps it with a finding), but the known words are offered.
    """
    sections: dict[str, Any] = {
        "format": {"const": FORMAT},
        "incident": _row("incidents"),
        "times": {
            "type": ["object", "null"],
            "additionalProperties": False,
            "properties": {point: _clock_point(meaning) for point, meaning in CLOCK_POINTS.items()},
        },
        **{section: _list(_row(name)) for section, name in ROWS.items()},
        "learnings": {
            "type": ["object", "null"],
            "additionalProperties": False,
            "properties": {
                category: _list({"anyOf": [{"type": "string"}, _row("learnings", IMPLIED["learnings"])]})
                for category in TABLES["learnings"]["category"].vocabulary
            },
        },
        "conflicts": _list({"type": "string"}),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Incident record",
        "type": "object",
        "additionalProperties": False,
        "required": ["format", "incident"],
        "properties": {section: sections[section] for section in SECTIONS},
        "$defs": {
            "instant": {
                "type": "string",
                "pattern": r"^[0-9]{4}-?[0-9]{2}-?[0-9]{2}[Tt ].*([Zz]|UTC|GMT|[+-][0-9]{2}(:?[0-9]{2})?)$",
                "description": "ISO 8601 with an offset, such as 2026-01-31T09:30:00Z",
            }
        },
    }


def _clock_point(meaning: str) -> dict[str, Any]:
    entry = _row("events", IMPLIED["times"])
    one = [{"$ref": "#/$defs/instant"}, entry, {"type": "null"}]
    return {"description": meaning, "anyOf": [*one, {"type": "array", "items": {"anyOf": one}}]}


def _row(name: str, implied: tuple[str, ...] = ("incident_id",)) -> dict[str, Any]:
    own = ("incidents", "findings")
    columns = [c for c in TABLES[name].columns if c.name not in implied or name in own]
    required = [c.name for c in columns if c.is_required]
    return {
        "type": "object",
        "description": TABLES[name].row,
        "additionalProperties": False,
        "properties": {column.name: _column(column) for column in columns},
        **({"required": required} if required else {}),
    }


def _column(column: Column) -> dict[str, Any]:
    about = column.meaning + (f" ({column.unit})" if column.unit else "")
    return {"description": about, **_value(column)}


_TYPES: dict[str, dict[str, Any]] = {
    "instant": {"anyOf": [{"$ref": "#/$defs/instant"}, {"type": "null"}]},
    "number": {"type": ["number", "null"]},
    "count": {"type": ["integer", "null"]},
    "flag": {"type": ["boolean", "null"]},
    "items": {"type": ["array", "null"], "items": {"type": ["string", "number", "boolean", "object"]}},
    "extra": {"type": ["object", "null"]},
    # The reader takes every unquoted scalar of a text column as the text it is, so an editor must not mind.
    "text": {"type": ["string", "number", "boolean", "null"]},
}


def _value(column: Column) -> dict[str, Any]:
    if column.vocabulary:
        return {"anyOf": [{"enum": list(column.vocabulary)}, _TYPES["text"]]}
    return _TYPES["text" if column.kind == "word" else column.kind]


def _list(entry: dict[str, Any]) -> dict[str, Any]:
    return {"type": ["array", "null"], "items": entry}
