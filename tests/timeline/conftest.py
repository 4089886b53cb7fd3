"""Small clocks, written by hand."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from incident_analytics.schema import CLOCK_POINTS, DTYPES

TEXTS = ("precision", "basis", "knowledge", "verified", "source", "note", "rule")


def instant(text: str | None, day: str) -> pd.Timestamp:
    """``11:28`` on the day; a longer text is a whole instant."""
    if text is None:
        return pd.NaT
    return pd.Timestamp(f"{day}T{text}Z" if len(text) <= 8 else text)


@pytest.fixture
def clock_of() -> Callable[..., pd.DataFrame]:
    """A clock of one incident with the full grid; points not named are not known.

    A value is a time, ``(earliest, latest)``, or a dict of columns.
    """

    def make(incident_id: str = "INC-1", day: str = "2026-03-02", **points: object) -> pd.DataFrame:
        rows = []
        for point in CLOCK_POINTS:
            given = points.get(point)
            row = dict(given) if isinstance(given, dict) else {}
            if isinstance(given, tuple):
                row = {"at": given[0], "at_latest": given[1]}
            elif isinstance(given, str):
                row = {"at": given}
            is_known = row.get("at") is not None
            rows.append(
                {
                    "incident_id": incident_id,
                    "point": point,
                    **{"basis": "recorded" if is_known else None, "knowledge": "stated" if is_known else None},
                    **row,
                    "at": instant(row.get("at"), day),
                    "at_latest": instant(row.get("at_latest"), day),
                    "is_disputed": row.get("is_disputed", False),
                }
            )
        clock = pd.DataFrame(rows)
        for name in ("at", "at_latest"):
            clock[name] = pd.to_datetime(clock[name], utc=True).astype(DTYPES["instant"])
        for name in TEXTS:
            clock[name] = clock.get(name, pd.Series(None, index=clock.index, dtype="object")).astype("str")
        return clock

    return make


@pytest.fixture
def full_clock(clock_of: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    """All seven boundaries in order: 3, 1, 3, 122, 53 and 156 minutes apart, 5 h 38 min in all."""
    return clock_of(
        impact_start="11:28",
        detected="11:31",
        acknowledged="11:32",
        declared="11:35",
        identified="13:37",
        mitigated="14:30",
        resolved="17:06",
    )
