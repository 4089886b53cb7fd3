"""What a table and a column are, and the words that columns have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["instant", "span", "text", "word", "number", "count", "flag", "items", "extra"]

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
