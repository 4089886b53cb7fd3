"""The tables and their columns."""

from __future__ import annotations

import pandas as pd

from ..errors import UsageError, did_you_mean
from ._columns import BASIS, DTYPES, PRECISION, VERIFIED, Column, Table


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
