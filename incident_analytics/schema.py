"""Every table and column: name, type, unit, whether it is required, and what it means.

This module is the glossary of the package. A column's name is used unchanged as argument, heading and key of the
record files; ``incident-analytics schema`` prints it. ``conform`` is the door: behind it, dtypes, UTC and column
order can be relied on.

Kinds of columns
    instant  ``datetime64[us, UTC]``; unknown is ``NaT``, never now, never 1970
    span     ``timedelta64[us]``
    text     ``str``; missing is ``NaN``
    word     ``str`` out of a small vocabulary; other words are kept and reported as a finding
    number   ``float64``
    count    ``Int64``
    flag     ``boolean``
    items    ``object`` holding a list of texts or of dicts per row; missing is an empty list
    extra    ``object`` holding a dict per row: what a source said beyond our columns
"""

from __future__ import annotations

import datetime as dt
import functools
import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa

from .errors import SchemaError, UsageError, did_you_mean

Kind = Literal["instant", "span", "text", "word", "number", "count", "flag", "items", "extra"]

Incidents: TypeAlias = pd.DataFrame
Events: TypeAlias = pd.DataFrame
Participants: TypeAlias = pd.DataFrame
People: TypeAlias = pd.DataFrame
Impacts: TypeAlias = pd.DataFrame
Actions: TypeAlias = pd.DataFrame
Learnings: TypeAlias = pd.DataFrame
Logs: TypeAlias = pd.DataFrame
Findings: TypeAlias = pd.DataFrame

DTYPES: dict[Kind, str] = {
    "instant": "datetime64[us, UTC]",
    "span": "timedelta64[us]",
    "text": "str",
    "word": "str",
    "number": "float64",
    "count": "Int64",
    "flag": "boolean",
    "items": "object",
    "extra": "object",
}

CLOCK_POINTS: dict[str, str] = {
    "impact_start": "users or systems began to be affected",
    "alert_fired": "the first alert fired",
    "detected": "the responding side first knew, by an alert, a person or a customer",
    "paged": "a person was first called",
    "acknowledged": "a person first confirmed to be on it",
    "declared": "it was declared an incident",
    "ic_assumed": "an incident commander took the role",
    "channel_open": "a channel or call for the response was opened",
    "mobilised": "the last of the people asked for at first had joined",
    "severity_first": "a severity was first set",
    "stakeholder_first": "stakeholders were first told",
    "public_first": "the public was first told",
    "identified": "what set it off was believed to be known",
    "mitigation_started": "the first step against the impact was taken",
    "mitigated": "the main impact was over",
    "impact_end": "nobody was affected any more",
    "resolved": "the incident was called over; the last time, when it was reopened",
    "closed": "the record was closed",
    "followup_first": "the first follow-up after the end",
    "review_held": "the review was held",
    "report_published": "the review or report was published",
    "fixed": "the permanent change was in place",
}
"""Clock points in the order in which they usually come, with their meaning."""

BASIS = ("stated", "inferred", "unknown")
VERIFIED = ("primary", "secondary", "memory", "none")
PRECISION = ("second", "minute", "hour", "day")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes:
        name: the column's name, the same word everywhere.
        kind: see the module's docstring.
        meaning: what a value says, in one sentence.
        unit: unit of a number, if it has one.
        is_required: the column must be there and must have a value in every row.
        vocabulary: the words expected; others are kept and reported.
    """

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    is_required: bool = False
    vocabulary: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """One table: what a row is, and its columns in order."""

    name: str
    row: str
    columns: tuple[Column, ...]

    @property
    def column_names(self) -> list[str]:
        """Names of the columns in their order."""
        return [column.name for column in self.columns]

    def __getitem__(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


def _knowledge() -> tuple[Column, ...]:
    return (
        Column(
            "basis",
            "word",
            "how the fact is known: the source states it, it was inferred, or it is unknown",
            vocabulary=BASIS,
        ),
        Column("verified", "word", "how far the fact was checked against the original", vocabulary=VERIFIED),
    )


def _origin() -> tuple[Column, ...]:
    return (
        Column("source", "text", "which source module and file said so"),
        Column("extra", "extra", "what the source said beyond our columns"),
    )


_INCIDENT_ID = Column("incident_id", "text", "the incident; missing while an alert or message belongs to none")
_INCIDENT_ID_REQUIRED = Column("incident_id", "text", "the incident", is_required=True)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table(
            "incidents",
            "an incident",
            (
                Column("incident_id", "text", "identifier as the source writes it; unique", is_required=True),
                Column("number", "text", "short number people use for it, if it has one"),
                Column("title", "text", "title as the source writes it"),
                Column("summary", "text", "what happened, in up to three sentences"),
                Column(
                    "kind",
                    "word",
                    "what sort of record this is; only incident and near_miss count in statistics",
                    vocabulary=("incident", "near_miss", "maintenance", "drill", "test", "backfilled"),
                ),
                Column(
                    "status",
                    "word",
                    "state at the end of the data",
                    vocabulary=("open", "mitigated", "resolved", "closed", "cancelled"),
                ),
                Column(
                    "end_state",
                    "word",
                    "how it ended: permanently fixed, mitigated only, recovered by itself, or not known",
                    vocabulary=("fixed", "mitigated", "self_recovered", "unknown"),
                ),
                Column("end_reason", "text", "why the end state is what it is, in one clause"),
                Column("service", "text", "the service or product it is filed under"),
                Column("affected_services", "items", "services that were affected"),
                Column("organisation", "text", "whose incident it is"),
                Column("collection", "text", "data set the record came with; sets are never pooled in statistics"),
                Column(
                    "visibility",
                    "word",
                    "whether the record is a public account or an internal one",
                    vocabulary=("public", "internal"),
                ),
                Column("trigger", "text", "what set it off, in one sentence"),
                Column("trigger_kind", "text", "class of the trigger"),
                Column("trigger_basis", "word", "how the trigger is known", vocabulary=BASIS),
                Column("trigger_verified", "word", "how far the trigger was checked", vocabulary=VERIFIED),
                Column("contributing", "items", "conditions that let the trigger matter, in no order"),
                Column("channel", "text", "chat channel of the response"),
                Column("time_zone", "text", "zone in which the source writes its times"),
                Column("source_url", "text", "link to the record or report"),
                Column(
                    "references",
                    "items",
                    "documents the record rests on: dicts of title, url, published, read",
                ),
                *_origin(),
            ),
        ),
        Table(
            "events",
            "something that happened",
            (
                _INCIDENT_ID,
                Column(
                    "sequence",
                    "count",
                    "place in the source's own account; orders entries whose time is unknown",
                ),
                Column(
                    "at",
                    "instant",
                    "when it happened; the earliest possible instant when only an interval is known",
                ),
                Column("at_latest", "instant", "the latest possible instant when only an interval is known"),
                Column("precision", "word", "how exactly the source gives the time", vocabulary=PRECISION),
                Column("recorded_at", "instant", "when it was written down"),
                Column(
                    "kind",
                    "word",
                    "what sort of entry it is; milestone means a clock point named in field",
                    vocabulary=(
                        "milestone",
                        "severity",
                        "status",
                        "role",
                        "update",
                        "action",
                        "decision",
                        "hypothesis",
                        "finding",
                        "message",
                        "alert",
                        "change",
                        "impact",
                        "recovery",
                        "note",
                        "log",
                    ),
                ),
                Column("actor_id", "text", "person or system that acted; see people"),
                Column("role", "text", "role in which the person acted"),
                Column("field", "text", "what changed, or which sort of action; the clock point of a milestone"),
                Column("old", "text", "value before"),
                Column("new", "text", "value after"),
                Column("text", "text", "what happened, as the source says it"),
                Column("reason", "text", "why it was done, when given"),
                Column("audience", "word", "who was told", vocabulary=("internal", "stakeholders", "public")),
                Column("channel", "text", "channel, page or tool it went through"),
                Column("service", "text", "service it concerns"),
                Column("is_automatic", "flag", "a machine did or said it"),
                *_knowledge(),
                Column("note", "text", "remark on the time or the source"),
                Column("source_ref", "text", "identifier or link of the entry in its source"),
                *_origin(),
            ),
        ),
        Table(
            "participants",
            "a role held for an interval",
            (
                _INCIDENT_ID_REQUIRED,
                Column("person_id", "text", "who held it; see people", is_required=True),
                Column(
                    "role",
                    "word",
                    "the role that was held",
                    is_required=True,
                    vocabulary=(
                        "incident_commander",
                        "communication_manager",
                        "responder",
                        "scribe",
                        "observer",
                        "reporter",
                    ),
                ),
                Column("duty", "text", "what the person was responsible for in this incident"),
                Column("assumed_at", "instant", "when the role was taken"),
                Column("released_at", "instant", "when it was given up; NaT while held, or when not recorded"),
                Column("is_on_call", "flag", "the person was on call"),
                Column("handover_note", "text", "note that came with a hand-over"),
                *_origin(),
            ),
        ),
        Table(
            "people",
            "a person",
            (
                Column("person_id", "text", "identifier in the source; unique", is_required=True),
                Column("name", "text", "full name"),
                Column("aliases", "items", "handles, mail addresses and other spellings of the same person"),
                Column("team", "text", "team the person belongs to"),
                Column("time_zone", "text", "zone the person lives in"),
                *_origin(),
            ),
        ),
        Table(
            "impacts",
            "one measured or described effect over an interval",
            (
                _INCIDENT_ID_REQUIRED,
                Column("service", "text", "service affected"),
                Column(
                    "began_at",
                    "instant",
                    "when it began; the earliest possible instant when only an interval is known",
                ),
                Column("began_at_latest", "instant", "the latest possible beginning"),
                Column(
                    "ended_at",
                    "instant",
                    "when it ended; the earliest possible instant when only an interval is known",
                ),
                Column("ended_at_latest", "instant", "the latest possible end"),
                Column(
                    "degree",
                    "word",
                    "how far the service was affected",
                    vocabulary=("outage", "partial", "degraded", "none"),
                ),
                Column(
                    "nature",
                    "word",
                    "which kind of impact",
                    vocabulary=("business", "technical", "qualitative", "team"),
                ),
                Column("measure", "text", "what was measured or asked, as a short phrase"),
                Column("low", "number", "lowest plausible value"),
                Column("value", "number", "best value"),
                Column("high", "number", "highest plausible value"),
                Column("unit", "text", "unit of low, value and high"),
                Column(
                    "text",
                    "text",
                    "the effect in words; missing, with no value either, means the question has no answer",
                ),
                *_knowledge(),
                Column("note", "text", "remark on the value"),
                *_origin(),
            ),
        ),
        Table(
            "actions",
            "an action item",
            (
                _INCIDENT_ID_REQUIRED,
                Column("action_id", "text", "identifier, unique within the incident"),
                Column("ticket", "text", "ticket that tracks it"),
                Column("title", "text", "what is to be done", is_required=True),
                Column("owner_id", "text", "person or team that owns it"),
                Column(
                    "type",
                    "word",
                    "what it is good for",
                    vocabulary=("mitigate", "prevent", "detect", "process", "other"),
                ),
                Column("priority", "text", "priority as written, P1 the most urgent"),
                Column("status", "word", "state of the work", vocabulary=("open", "in_progress", "done", "cancelled")),
                Column("created_at", "instant", "when it was opened"),
                Column("due_at", "instant", "when it is due"),
                Column("done_at", "instant", "when it was done"),
                *_knowledge(),
                *_origin(),
            ),
        ),
        Table(
            "learnings",
            "one sentence of a retrospective",
            (
                _INCIDENT_ID_REQUIRED,
                Column(
                    "category",
                    "word",
                    "which list it stands in",
                    is_required=True,
                    vocabulary=("went_well", "went_poorly", "got_lucky"),
                ),
                Column("text", "text", "the sentence", is_required=True),
                Column("theme", "text", "theme it belongs to"),
                Column("votes", "count", "votes in the review"),
                *_knowledge(),
                *_origin(),
            ),
        ),
        Table(
            "logs",
            "a log entry",
            (
                Column("at", "instant", "time of the entry"),
                Column("source", "text", "file it stands in"),
                Column("host", "text", "host that wrote it"),
                Column("service", "text", "service that wrote it"),
                Column(
                    "level",
                    "word",
                    "level on one scale",
                    vocabulary=("trace", "debug", "info", "notice", "warning", "error", "critical", "fatal"),
                ),
                Column("level_as_written", "text", "the level as the entry has it: a word, a number, a status"),
                Column("message", "text", "the message"),
                Column("template", "text", "the message with numbers, identifiers and addresses masked"),
                Column("raw_offset", "count", "where the entry begins in the uncompressed file", unit="byte"),
            ),
        ),
        Table(
            "findings",
            "a data-quality finding",
            (
                Column("incident_id", "text", "incident it concerns; missing when it concerns a whole file"),
                Column("table", "text", "table it concerns"),
                Column("row", "text", "row or place it concerns"),
                Column("check", "text", "short name of the check", is_required=True),
                Column(
                    "severity",
                    "word",
                    "how much a reader should care",
                    is_required=True,
                    vocabulary=("error", "warning", "info"),
                ),
                Column("message", "text", "what was found, where, and what was expected", is_required=True),
                Column("raw", "text", "the raw text of a row that could not be read"),
                Column("source", "text", "which source module and file it came from"),
            ),
        ),
    )
}
"""All tables by name, in the order in which a bundle holds them."""


def table(name: str) -> Table:
    """The table called ``name``.

    Raises:
        UsageError: there is no such table; the message lists those there are.
    """
    if name not in TABLES:
        raise UsageError(f"there is no table {name!r}; tables are {', '.join(TABLES)}.{did_you_mean(name, TABLES)}")
    return TABLES[name]


def glossary() -> pd.DataFrame:
    """All columns of all tables: table, column, kind, dtype, unit, required, vocabulary, meaning."""
    rows = [
        {
            "table": t.name,
            "column": c.name,
            "kind": c.kind,
            "dtype": DTYPES[c.kind],
            "unit": c.unit,
            "is_required": c.is_required,
            "vocabulary": ", ".join(c.vocabulary),
            "meaning": c.meaning,
        }
        for t in TABLES.values()
        for c in t.columns
    ]
    return pd.DataFrame(rows)


def empty(name: str) -> pd.DataFrame:
    """The table ``name`` with no rows and the right dtypes."""
    return _empty(name).copy(deep=False)


@functools.cache
def _empty(name: str) -> pd.DataFrame:
    return conform(name, pd.DataFrame())


def frame_of(name: str, rows: Iterable[dict[str, object]]) -> pd.DataFrame:
    """Make the table ``name`` of dicts; keys are column names, absent keys are missing values."""
    listed = list(rows)
    if not listed:
        return empty(name)
    columns = dict.fromkeys(itertools.chain.from_iterable(listed))
    kinds = {column.name: column.kind for column in table(name).columns}
    data = {c: _column([row.get(c) for row in listed], kinds.get(c)) for c in columns}
    return conform(name, pd.DataFrame(data))


def finding(
    check: str,
    severity: Literal["error", "warning", "info"],
    message: str,
    *,
    incident_id: str | None = None,
    table: str | None = None,
    row: object = None,
    raw: str | None = None,
    source: str | None = None,
) -> dict[str, object]:
    """One row of the findings table as a dict, for ``frame_of('findings', ...)``."""
    return {
        "incident_id": incident_id,
        "table": table,
        "row": None if row is None else str(row),
        "check": check,
        "severity": severity,
        "message": message,
        "raw": raw,
        "source": source,
    }


def conform(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Bring a frame to the contract of table ``name``; absent optional columns are added as missing.

    The input is not changed. Column order and dtypes are those of the schema, the index is 0..n-1.

    Args:
        name: name of the table.
        frame: any frame; instants may be ``datetime64`` with a zone or ISO 8601 texts with an offset.

    Raises:
        SchemaError: lists all faults at once: unknown columns (with near names), missing required columns or
            values, values that do not fit the column's kind, instants without a zone.
    """
    spec = table(name)
    faults = [
        f"column {column!r} is not part of the table.{did_you_mean(str(column), spec.column_names)}"
        for column in frame.columns
        if column not in spec.column_names
    ]
    columns: dict[str, pd.Series] = {}
    for column in spec.columns:
        given = frame[column.name] if column.name in frame.columns else None
        if given is None:
            if column.is_required and len(frame):
                faults.append(f"column {column.name!r} is missing; it says: {column.meaning}")
            columns[column.name] = _missing(column.kind, len(frame))
            continue
        values, fault = _coerce(given.reset_index(drop=True), column)
        columns[column.name] = values
        if fault:
            faults.append(fault)
        elif column.is_required and values.isna().any():
            rows = list(values.index[values.isna()][:5])
            faults.append(f"column {column.name!r} has no value in {int(values.isna().sum())} row(s), first {rows}")
    if faults:
        raise SchemaError(name, faults)
    return pd.DataFrame(columns, columns=spec.column_names)


def unknown_words(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Findings for words outside a column's vocabulary; the words themselves stay as they are."""
    rows = []
    for column in table(name).columns:
        if not column.vocabulary or column.name not in frame.columns:
            continue
        strange = frame[column.name].dropna()
        strange = strange[~strange.isin(column.vocabulary)]
        for word, group in strange.groupby(strange):
            ids = (
                frame.loc[group.index, "incident_id"].dropna()
                if "incident_id" in frame.columns
                else pd.Series(dtype="str")
            )
            rows.append(
                finding(
                    "unknown_word",
                    "warning",
                    f"{name}.{column.name} holds {str(word)!r} in {len(group)} row(s); "
                    f"expected one of {', '.join(column.vocabulary)}. Kept as it is.",
                    incident_id=str(ids.iloc[0]) if len(set(ids)) == 1 else None,
                    table=name,
                    row=group.index[0],
                )
            )
    return frame_of("findings", rows)


def _column(cells: list[object], kind: Kind | None) -> pd.Series:
    """The cells of a column: in its dtype where all of them fit without a doubt, else as they are."""
    # Nearly every column fits, and is made at once; every other goes to conform, which says what is wrong with it.
    types = set(map(type, cells)) - {type(None)}
    try:
        if kind in ("text", "word") and types <= {str}:
            return pd.Series(pd.array(pa.array(cells, pa.large_string()), dtype="str"))
        if kind == "flag" and types <= {bool}:
            return pd.Series(pd.array(cells, dtype="boolean"))
        # Arrow takes a time without a zone for one of UTC, which would be a guess.
        if kind == "instant" and types == {dt.datetime} and not any(map(_is_zoneless, cells)):
            return pd.Series(pa.array(cells, pa.timestamp("us", "UTC")).to_pandas()).astype(DTYPES["instant"])
    except (pa.ArrowException, UnicodeError, OverflowError):
        pass
    return pd.Series(cells, dtype="object")


def _is_zoneless(cell: object) -> bool:
    return isinstance(cell, dt.datetime) and cell.tzinfo is None


def _missing(kind: Kind, n: int) -> pd.Series:
    if kind == "items":
        return pd.Series([[] for _ in range(n)], dtype="object")
    if kind == "extra":
        return pd.Series([{} for _ in range(n)], dtype="object")
    if kind in ("text", "word"):
        return pd.Series(pd.array(pa.nulls(n, pa.large_string()), dtype="str"))
    return pd.Series([None] * n, dtype="object").astype(DTYPES[kind])


def _coerce(values: pd.Series, column: Column) -> tuple[pd.Series, str]:
    """The values in the column's dtype, and a fault if they do not fit."""
    try:
        match column.kind:
            case "instant":
                return _instants(values, column.name)
            case "text" | "word":
                return _texts(values, column.name)
            case "items":
                return _objects(values, column.name, list)
            case "extra":
                return _objects(values, column.name, dict)
            case "flag":
                strange = values[~values.isna() & ~values.isin([True, False])]
                if len(strange):
                    return values, _misfit(column.name, strange, "true or false")
                return values.astype("boolean"), ""
            case "span":
                return pd.to_timedelta(values).astype(DTYPES["span"]), ""
            case "number" | "count":
                numbers = pd.to_numeric(values.where(values.notna(), np.nan), errors="coerce")
                is_lost = numbers.isna() & values.notna() | values.map(lambda v: isinstance(v, bool))
                if is_lost.any():
                    return values, _misfit(column.name, values[is_lost], "a number")
                if column.kind == "number":
                    return numbers.astype("float64"), ""
                broken = numbers[numbers.notna() & (numbers % 1 != 0)]
                if len(broken):
                    return values, _misfit(column.name, broken, "a whole number")
                return numbers.astype("Int64"), ""
    except (TypeError, ValueError, OverflowError) as error:
        return values, f"column {column.name!r} cannot be read as {column.kind}: {error}"


def _misfit(name: str, strange: pd.Series, expected: str) -> str:
    first = strange.iloc[0]
    return (
        f"column {name!r} holds {first!r} in row {strange.index[0]} ({len(strange)} such row(s)); expected {expected}"
    )


def _instants(values: pd.Series, name: str) -> tuple[pd.Series, str]:
    dtype = DTYPES["instant"]
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return values.dt.tz_convert("UTC").dt.as_unit("us"), ""
    if values.isna().all():
        return _missing("instant", len(values)), ""
    if pd.api.types.is_datetime64_dtype(values.dtype):
        return values, f"column {name!r} has instants without a time zone; localise them first"
    texts = values.map(lambda v: v.isoformat() if hasattr(v, "isoformat") and not pd.isna(v) else v)
    strange = texts[texts.notna() & ~texts.map(lambda v: isinstance(v, str))]
    if len(strange):
        return values, _misfit(name, strange, "an ISO 8601 instant with an offset, such as 2026-01-31T09:30:00Z")
    is_naive = texts.notna() & ~texts.str.contains(r"(?:Z|[+-]\d{2}:?\d{2})$", na=False)
    if is_naive.any():
        return values, _misfit(
            name, texts[is_naive], "an ISO 8601 instant with an offset, such as 2026-01-31T09:30:00Z"
        )
    parsed = pd.to_datetime(texts, format="ISO8601", utc=True, errors="coerce")
    is_lost = parsed.isna() & texts.notna()
    if is_lost.any():
        return values, _misfit(name, texts[is_lost], "an ISO 8601 instant with an offset, such as 2026-01-31T09:30:00Z")
    return parsed.astype(dtype), ""


def _texts(values: pd.Series, name: str) -> tuple[pd.Series, str]:
    if values.dtype == "str":
        return values, ""
    strange = values[values.notna() & ~values.map(lambda v: isinstance(v, str))]
    if len(strange):
        return values, _misfit(name, strange, "a text")
    # Lone surrogates cannot be stored as UTF-8: they are spelled out, so nothing is lost and nothing breaks.
    clean = values.map(lambda v: v.encode("utf-8", "backslashreplace").decode() if isinstance(v, str) else None)
    return clean.astype("str"), ""


def _objects(values: pd.Series, name: str, kind: type) -> tuple[pd.Series, str]:
    def settled(value: object) -> object:
        if isinstance(value, np.ndarray):
            return value.tolist()
        return kind() if value is None or (isinstance(value, float) and np.isnan(value)) else value

    types = set(map(type, values))
    if types <= {kind}:
        return values.astype("object"), ""
    cells = pd.Series([settled(v) for v in values], dtype="object")
    strange = cells[~cells.map(lambda v: isinstance(v, kind))]
    if len(strange):
        return values, _misfit(name, strange, f"a {kind.__name__}")
    return cells, ""
