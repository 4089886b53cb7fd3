"""Checks of what was read. A check never changes a record: it says what cannot be, or is unlikely, and where.

Every check is a function of tables that returns rows of findings; ``CHECKS`` lists them with what they mean. What lies
in the future is checked only by ``check_future``, for a caller who says what time it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import pandas as pd

from ...records import Records, as_instant
from ...schema import TABLES, unknown_words
from . import durations, ends, kinds, likeness, order, recording, vendor_durations, zones
from .base import EACH, Check, points_of, spans_of
from .severities import with_severity_order
from .vendor_durations import build_comparison
from .while_reading import WHILE_READING

__all__ = ["CHECKS", "EACH", "Check", "build_comparison", "check", "check_future", "checks", "with_severity_order"]

_WITH_INCIDENT = ("events", "participants", "impacts", "actions", "learnings")

CHECKS: tuple[Check, ...] = (
    Check(
        "order_broken", "error", "a later point of the response lies before an earlier one",
        order.order_broken, ("incidents", "points"), order.KEPT,
    ),
    Check(
        "ended_before_began", "error", "an impact ends before it begins",
        order.ended_before_began, ("impacts",), order.KEPT,
    ),
    Check(
        "interval_reversed", "error", "the latest possible instant of an entry lies before the earliest",
        order.interval_reversed, ("events",), order.KEPT,
    ),
    Check(
        "released_before_assumed", "error", "a role was given up before it was taken",
        order.released_before_assumed, ("participants",), order.KEPT,
    ),
    Check(
        "zone_shift_suspected", "warning", "a source's times differ from another's by the same whole or half hours",
        zones.zone_shift_suspected, ("points",),
    ),
    Check(
        "mixed_zones", "warning", "a source writes times in several ways or in zones far apart",
        zones.mixed_zones, ("incidents", "findings"), "Read as written.",
    ),
    Check(
        "duration_absurd", "warning", "a response lasts longer than a year",
        durations.duration_absurd, ("spans",), durations.KEPT,
    ),
    Check(
        "backfilled_suspected", "warning", "a record was written down only after the incident was over",
        kinds.backfilled_suspected, ("events", "spans"),
    ),
    Check(
        "other_kind_suspected", "warning", "a record that counts as incident speaks of a maintenance, a drill or a test",
        kinds.other_kind_suspected, ("incidents",),
    ),
    Check(
        "stale_status", "warning", "a record's status says open though it was resolved",
        ends.stale_status, ("incidents", "points"),
    ),
    Check(
        "severity_not_continued", "warning", "a change of severity starts from another level than the one before",
        order.severity_not_continued, ("events",),
    ),
    Check(
        "unknown_incident", "warning", "rows name an incident that no file describes",
        likeness.unknown_incident, ("incidents", *_WITH_INCIDENT), "Kept.",
    ),
    Check(
        "vendor_duration_differs", "warning", "a vendor's own duration is not what its own events give",
        vendor_durations.vendor_duration_differs, ("durations",), vendor_durations.KEPT,
    ),
    Check(
        "vendor_duration_compared", "info", "how many of a vendor's own durations its events confirm",
        vendor_durations.vendor_duration_compared, ("durations",),
    ),
    Check(
        "updates_after_end", "info", "a source tells of the response after its own end",
        ends.updates_after_end, ("events", "points"),
    ),
    Check(
        "reopened", "info", "an incident was resolved more than once",
        ends.reopened, ("events", "points"), "The last end counts as resolved.",
    ),
    Check("auto_closed", "info", "a machine closes or resolves the records of a source", ends.auto_closed, ("points",)),
    Check(
        "stale_updated_at", "info", "a record was changed after the time of its last change",
        ends.stale_updated_at, ("incidents", "events"),
    ),
    Check(
        "duration_far_out", "info", "a response lasts far longer than the others of its source",
        durations.duration_far_out, ("spans",), durations.KEPT,
    ),
    Check("duration_zero", "info", "a response ends in the instant it begins", durations.duration_zero, ("spans",)),
    Check(
        "looks_alike", "info", "records of different identifiers have the same title, service and start",
        likeness.looks_alike, ("spans",), likeness.NEVER_MERGED,
    ),
    Check(
        "overlapping", "info", "records of one service overlap in time",
        likeness.overlapping, ("spans",), likeness.NEVER_MERGED,
    ),
    Check(
        "fragments", "info", "records of one service follow each other within minutes",
        likeness.fragments, ("spans",), likeness.NEVER_MERGED,
    ),
    Check(
        "backfilled", "info", "records were entered afterwards, by their own word", kinds.backfilled, ("incidents",),
        "They do not count in statistics.",
    ),
    Check(
        "late_entry", "info", "entries were written down long after they happened",
        recording.late_entry, ("incidents", "events"),
    ),
    Check(
        "recorded_before", "info", "entries were written down before they happened",
        recording.recorded_before, ("events",),
    ),
)  # fmt: skip
"""All checks of a bundle, the worst first."""

ON_REQUEST = (
    Check("in_the_future", "error", "a time lies after the instant at which the data is looked at"),
    Check(
        "severity_unordered", "warning", "nothing says how severe a word for severity is",
        done="It has no rank: name it in the policy's severity.order or severity.aliases.",
    ),
    Check(
        "severity_order_differs", "warning", "the policy orders severities otherwise than their source does",
        done="The policy's order is used.",
    ),
    Check(
        "severity_order_from_source", "info", "the order of severities was taken from their source",
        done="Ranks follow it; the policy can say otherwise.",
    ),
    Check(
        "overridden", "info", "a user corrected a value",
        done="The correction is used; what the source said is kept beside it.",
    ),
    Check("shifted", "info", "a user moved all times of a source", done="All times of that source were moved."),
)  # fmt: skip
"""Checks that need more than the tables: an instant, a policy, or a user's corrections."""


class Given:
    """The tables of a bundle, and those that several checks start from, made once when first asked for."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def __getitem__(self, name: str) -> pd.DataFrame:
        found: pd.DataFrame = getattr(self if hasattr(type(self), name) else self._records, name)
        return found

    @cached_property
    def points(self) -> pd.DataFrame:
        return points_of(self._records.events)

    @cached_property
    def spans(self) -> pd.DataFrame:
        return spans_of(self._records.incidents, self.points)

    @cached_property
    def durations(self) -> pd.DataFrame:
        return build_comparison(self._records.incidents, self._records.events)


def check(records: Records) -> Records:
    """The bundle with a finding for everything that cannot be, or is unlikely; nothing is changed or left out.

    Words outside a vocabulary, found file by file, are counted over all files.
    """
    given = Given(records)
    rows = [row for each in CHECKS if each.find for row in each.find(*(given[name] for name in each.tables))]
    return _with_words(records).add_findings(rows)


def _with_words(records: Records) -> Records:
    """The bundle with unknown words found anew in the whole tables, in place of those of each file."""
    is_word = (records.findings["check"] == "unknown_word") & records.findings["source"].isna()
    if not is_word.any():
        return records
    others = records.with_tables(findings=records.findings[~is_word])
    anew = [unknown_words(name, getattr(records, name)) for name in TABLES if name not in ("findings", "logs")]
    return others.add_findings(row for frame in anew for row in frame.to_dict("records"))


def check_future(records: Records, *, as_of: str | pd.Timestamp) -> Records:
    """The bundle with a finding for times after ``as_of``, by table, column and source.

    Args:
        records: the bundle.
        as_of: the instant at which the data is looked at; only the caller knows what time it is.

    Raises:
        UsageError: ``as_of`` is no instant with a zone.
    """
    tables: Mapping[str, Any] = {name: getattr(records, name) for name in recording.INSTANTS}
    return records.add_findings(recording.in_the_future(as_instant(as_of, records), records.incidents, **tables))


def checks() -> pd.DataFrame:
    """All checks: name, severity, meaning, when it is made, and what is done about what it finds.

    A source may find more than is listed here; its findings say themselves what they mean.
    """
    listed = [("afterwards", each) for each in (*CHECKS, *ON_REQUEST)]
    listed += [("while reading", each) for each in WHILE_READING]
    return pd.DataFrame(
        [
            {"check": c.name, "severity": c.severity, "meaning": c.meaning, "made": when, "done": c.done}
            for when, c in listed
        ],
        dtype="str",
    )
