"""ServiceNow's incident table as CSV: no row is lost, no order is guessed, and what the file leaves open is said."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incident_analytics.errors import SourceError, UsageError
from incident_analytics.records import Records
from incident_analytics.sources.incidents import servicenow

HEADER = "number,opened_at,sys_mod_count,sys_updated_on,incident_state,priority,resolved_at"
LOG = Path(__file__).parent / "incidents" / "servicenow" / "update_log.csv"


def _read(tmp_path: Path, *lines: str, header: str = HEADER, time_zone: str | None = None) -> Records:
    path = tmp_path / "otters.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    assert servicenow.recognises(path.read_bytes())
    return servicenow.read(path, time_zone=time_zone)


def _opened(tmp_path: Path, *opened: str, **options: str) -> list[pd.Timestamp]:
    lines = [f"INC{n},{text},0,{text},New,1 - Critical," for n, text in enumerate(opened)]
    events = _read(tmp_path, *lines, **options).events  # type: ignore[arg-type]  # only a zone is passed
    return list(events.loc[events["field"] == "declared", "at"])


@given(pattern=st.lists(st.sampled_from(["good", "short", "long", "nameless"]), max_size=12))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_row_is_read_or_set_aside(pattern: list[str], tmp_path: Path) -> None:
    """Of rows that are whole, cut, too long or nameless, the whole ones are incidents and the others findings."""
    rest = "2026-01-05 09:00:00,0,2026-01-05 09:00:00,New,1 - Critical,"
    lines = {
        "good": "INC{n}," + rest,
        "short": "INC{n},2026",
        "long": "INC{n}," + rest + ",more",
        "nameless": "," + rest,
    }
    records = _read(tmp_path, *(lines[each].replace("{n}", str(n)) for n, each in enumerate(pattern)))
    assert list(records.incidents["incident_id"]) == [f"INC{n}" for n, each in enumerate(pattern) if each == "good"]
    assert Counter(records.findings["check"])["row_rejected"] == len(pattern) - pattern.count("good")


def test_the_order_of_the_rows_does_not_matter_where_they_are_numbered(tmp_path: Path) -> None:
    """Shuffled updates that are numbered tell the same course of events."""
    header, *lines = LOG.read_text("utf-8").splitlines()
    random.Random(7).shuffle(lines)
    columns = ["incident_id", "at", "kind", "field", "old", "new"]
    told = [
        frame[columns].sort_values(columns, ignore_index=True)
        for frame in (servicenow.read(LOG).events, _read(tmp_path, *lines, header=header).events)
    ]
    pd.testing.assert_frame_equal(*told)


def test_one_date_tells_the_order_of_day_and_month_of_all(tmp_path: Path) -> None:
    """Beside a 13th, which is no month, the 3rd of April is read as such and not as the 4th of March."""
    april, _ = _opened(tmp_path, "03-04-2026 09:00:00", "13-04-2026 09:00:00")
    assert april == pd.Timestamp("2026-04-03T09:00:00Z")
    march, _ = _opened(tmp_path, "03/04/2026 09:00:00 PM", "03/13/2026 09:00:00 AM")
    assert march == pd.Timestamp("2026-03-04T21:00:00Z")


def test_dates_that_fit_two_orders_stay_missing(tmp_path: Path) -> None:
    """Where every date can be read both ways, no time is read, and one finding says so."""
    records = _read(tmp_path, "INC1,03-04-2026 09:00:00,0,03-04-2026 09:00:00,New,1 - Critical,")
    assert records.events["at"].isna().all()
    assert list(records.findings["check"]) == ["ambiguous_time"]
    assert "%d-%m-%Y" in records.findings["message"][0]
    assert "%m-%d-%Y" in records.findings["message"][0]


def test_times_of_a_list_are_in_the_zone_that_is_named(tmp_path: Path) -> None:
    """9 o'clock in Berlin in January is 8 in UTC (UTC+1); without a zone it is read as UTC with a warning."""
    assert _opened(tmp_path, "2026-01-05 09:00:00", time_zone="Europe/Berlin") == [pd.Timestamp("2026-01-05T08:00:00Z")]
    assert _opened(tmp_path, "2026-01-05 09:00:00") == [pd.Timestamp("2026-01-05T09:00:00Z")]
    with pytest.raises(UsageError, match="Europe/Berlin"):
        _opened(tmp_path, "2026-01-05 09:00:00", time_zone="Europe/Berln")


def test_shown_records_are_in_the_zone_that_is_named() -> None:
    """Records with values as shown follow a named zone, and then nothing is warned of."""
    records = servicenow.read(LOG.with_name("shown.json"), time_zone="Europe/Berlin")
    declared = records.events.loc[records.events["field"] == "declared", "at"]
    assert list(declared) == [pd.Timestamp("2026-01-05T09:00:00Z")]
    assert list(records.findings["severity"]) == ["info"]


def test_many_findings_of_one_sort_become_one(tmp_path: Path) -> None:
    """Twenty incidents with a fault have a finding each; from the twenty-first on there is one, with the number."""
    line = "INC{n},2026-01-05 09:00:00,0,2026-01-05 09:00:00,New,1 - Critical,2026-01-05 10:00:00"
    for n, expected in ((20, 20), (21, 1)):
        findings = _read(tmp_path, *(line.replace("{n}", str(each)) for each in range(n))).findings
        told = findings[findings["check"] == "contradiction"]
        assert len(told) == expected
    assert told["message"].iloc[0].startswith("21 incidents, first INC0, INC1")


def test_a_state_nobody_knows_is_kept(tmp_path: Path) -> None:
    """A state of an instance's own is kept as it is, and reported."""
    records = _read(tmp_path, "INC1,2026-01-05 09:00:00,0,2026-01-05 09:00:00,Asleep,1 - Critical,")
    assert list(records.incidents["status"]) == ["Asleep"]
    assert "unknown_word" in set(records.findings["check"])


def test_a_table_without_rows_is_empty(tmp_path: Path) -> None:
    """A header alone gives no incident and no complaint."""
    records = _read(tmp_path)
    assert records.incidents.empty
    assert records.findings.empty


def test_a_cell_beyond_all_measure_is_set_aside(tmp_path: Path) -> None:
    """A cell longer than a CSV reader takes is a rejected row, and the rows after it are read."""
    rest = "2026-01-05 09:00:00,0,2026-01-05 09:00:00,New,1 - Critical,"
    records = _read(tmp_path, f"INC1,{rest}{'x' * 200_000}", f"INC2,{rest}")
    assert list(records.incidents["incident_id"]) == ["INC2"]
    (rejected,) = records.findings.query("check == 'row_rejected'")["raw"]
    assert len(rejected) == 500


def test_a_file_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    """A missing file is named in an error of this package."""
    with pytest.raises(SourceError, match=r"gone\.csv cannot be opened"):
        servicenow.read(tmp_path / "gone.csv")
