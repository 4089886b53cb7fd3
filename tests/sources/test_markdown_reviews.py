"""Reviews written by hand: what is taken for one, how times without a day or a zone are read, and hostile documents."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incident_analytics import sources
from incident_analytics.errors import SourceError
from incident_analytics.records import Records
from incident_analytics.sources._markdown_words import minutes_in, moment_at
from incident_analytics.sources.incidents import markdown_review

FIXTURES = Path(__file__).parent / "incidents" / "markdown_review"
ROOT = Path(__file__).parents[2]


def _read(tmp_path: Path, text: str, *, name: str = "dam.md", time_zone: str | None = None) -> Records:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return markdown_review.read(path, time_zone=time_zone)


@pytest.mark.parametrize(
    "text",
    [
        "# Otters\n\nA project about otters. Released 2026-01-05 10:00.\n",
        "# Changelog\n\n## 2026-01-05\n\n- Fixed: the dam leaked at 10:00\n- 11:00 is lunch\n",
        "# Agenda\n\n- 10:00 Coffee\n- 11:00 Dams\n",
        "---\ntitle: About us\ndate: 2026-01-05\n---\nWe are otters.\n",
        "10:00 dam leaks\n11:00 dam holds\n",
        "Detected: 2026-01-05 10:00\nResolved: 2026-01-05 11:00\n",
        "# settings of the incident tool\nstart: 10\nend: 20\n",
        "format: incident-record/1\n# Incident\ntimes:\n  detected: 2026-01-05 10:00\n  resolved: 2026-01-05 11:00\n",
        "2026-01-05 10:00:00 INFO # incident started\n2026-01-05 10:00:01 INFO resolved\n",
    ],
)
def test_other_documents_are_not_claimed(text: str) -> None:
    """A readme, a changelog, an agenda, a page, a chat, a setting, our own record and a log are no review."""
    assert not markdown_review.recognises(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "# Dam leaks\n\n- **Detected**: 2026-01-05 10:00\n- **Resolved**: 2026-01-05 11:00\n",
        "# Dam leaks\n\n| | |\n|-|-|\n| Start time | 2026-01-05 10:00 |\n| End time | 2026-01-05 11:00 |\n",
        "Dam leaks\n=========\n\nFirst detected 2026-01-05 10:00\n\nResolved 2026-01-05 11:00\n",
        "# Post-mortem: dam leaks\n\n* 10:00 - It leaks\n* [10:30] It holds\n",
        "---\ntitle: Dam leaks\ndetected_at: 2026-01-05T10:00Z\nresolved_at: 2026-01-05T11:00Z\n---\n",
        "---\ntitle: Dam leaks\ndate: 2026-01-05\nseverity: down\nresolved: true\n---\n",
    ],
)
def test_reviews_in_common_manners_are_claimed(text: str) -> None:
    """Labelled times in lists, tables, lines or front matter, and a time line below a title, make a review."""
    assert markdown_review.recognises(text.encode())


def test_documents_of_this_project_are_not_claimed() -> None:
    """None of the documents that this project itself brings is taken for a review."""
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    assert documents
    assert [path.name for path in documents if markdown_review.recognises(path.read_bytes()[:65536])] == []


def test_a_named_zone_reads_the_times(tmp_path: Path) -> None:
    """10:00 in London in July is 09:00 UTC (UTC+1), and nothing has to be said about it."""
    text = "# Dam leaks\n\nDetected: 2026-07-05 10:00\n\nResolved: 2026-07-05 11:00\n"
    records = _read(tmp_path, text, time_zone="Europe/London")
    assert list(records.events["at"]) == [pd.Timestamp("2026-07-05T09:00Z"), pd.Timestamp("2026-07-05T10:00Z")]
    assert records.findings.empty


def test_the_zone_a_document_names_reads_its_times(tmp_path: Path) -> None:
    """A document that says its times are of Berlin is read so; the zone the caller names goes before it."""
    text = "# Dam leaks\n\nTimes are in Europe/Berlin.\n\nDetected: 2026-01-05 10:00\n\nResolved: 2026-01-05 11:00\n"
    assert _read(tmp_path, text).events["at"][0] == pd.Timestamp("2026-01-05T09:00Z")
    assert _read(tmp_path, text, time_zone="UTC").events["at"][0] == pd.Timestamp("2026-01-05T10:00Z")


def test_a_time_a_zone_has_twice_stays_missing(tmp_path: Path) -> None:
    """02:30 on the night Berlin's clocks go back is two instants: it is missing and reported."""
    text = "# Dam leaks\n\nDetected: 2026-10-25 02:30\n\nResolved: 2026-10-25 05:00\n"
    records = _read(tmp_path, text, time_zone="Europe/Berlin")
    assert list(records.events["at"].isna()) == [True, False]
    assert list(records.findings["raw"]) == ["2026-10-25 02:30"]


@pytest.mark.parametrize(
    ("lines", "hours"),
    [
        (["22:00 a", "23:59 b", "00:01 c", "01:00 d"], [22, 24 - 1 / 60, 24 + 1 / 60, 25]),
        (["10:00 a", "09:58 b", "11:00 c"], [10, 10 - 2 / 60, 11]),
        (["23:00 a", "01:00 b", "23:00 c", "00:30 d"], [23, 25, 47, 48.5]),
    ],
)
def test_a_time_line_goes_on_after_midnight(lines: list[str], hours: list[float], tmp_path: Path) -> None:
    """A time that goes back by more than half a day is of the next day; one out of order stays where it is."""
    text = "# Outage of 2026-01-05\n\n## Timeline\n\n" + "\n".join(f"- {line}" for line in lines)
    start = pd.Timestamp("2026-01-05T00:00Z")
    told = _read(tmp_path, text).events["at"]
    assert [round((at - start) / pd.Timedelta("1h"), 4) for at in told] == [round(hour, 4) for hour in hours]


def test_the_day_is_the_last_one_named_above(tmp_path: Path) -> None:
    """A heading or a line with a day begins it; without any, the day in the file's name counts."""
    text = "# Outage\n\n## Timeline\n\n09:00 one\n\n**6 January 2026**\n\n09:00 two\n\n### January 7th, 2026\n\n- 09:00 three\n"
    told = _read(tmp_path, text, name="2026-01-05-outage.md").events
    assert list(told["at"].dt.day) == [5, 6, 7]


def test_two_files_called_review_are_two_incidents(tmp_path: Path) -> None:
    """Documents whose names say nothing are called by their folders, so that none is taken for another."""
    for name in ("dam", "raft"):
        (tmp_path / name).mkdir()
        text = f"# Outage of the {name}\n\nDetected: 2026-01-05 10:00\n\nResolved: 2026-01-05 11:00\n"
        (tmp_path / name / "review.md").write_text(text, encoding="utf-8")
    records = sources.read(tmp_path)
    assert sorted(records.incidents["incident_id"]) == ["dam", "raft"]


def test_a_folder_of_reviews_with_folders_beside_them_is_one_collection(tmp_path: Path) -> None:
    """Reviews are data, so folders of pictures beside them do not become collections of their own."""
    text = "# Outage\n\nDetected: 2026-01-05 10:00\n\nResolved: 2026-01-05 11:00\n"
    (tmp_path / "2026-01-05.md").write_text(text, encoding="utf-8")
    (tmp_path / "README.md").write_text("# Reviews\n", encoding="utf-8")
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "dam.csv").write_text("a\n1\n", encoding="utf-8")
    records = sources.read(tmp_path)
    assert list(records.incidents["collection"]) == [tmp_path.name]
    assert "README.md is a document, not data; it was not read" in list(records.findings["message"])


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("0h 07m", 7),
        ("1 day 2 hours", 1560),
        ("2 hours and 5 minutes", 125),
        ("90s", 1.5),
        ("7h (support hours)", None),
        ("", None),
    ],
)
def test_a_stated_duration_is_a_number_only_when_nothing_else_is_said(text: str, minutes: float | None) -> None:
    """A plain duration is read in minutes; one with a remark counts something else and stays words."""
    assert minutes_in(text) == minutes


@pytest.mark.parametrize(
    ("text", "day", "clock", "zone", "rest"),
    [
        ("2026-01-05T10:00:00-05:00 x", dt.date(2026, 1, 5), dt.time(10), "-05:00", "x"),
        ("2026-01-05 10:00Z", dt.date(2026, 1, 5), dt.time(10), "Z", ""),
        ("10:00-11:00 UTC: x", None, dt.time(10), "UTC", "x"),
        ("12:05 am, x", None, dt.time(0, 5), "", "x"),
        ("10:05 API down", None, dt.time(10, 5), "", "API down"),
        ("5th March 2026 at 9:30", dt.date(2026, 3, 5), dt.time(9, 30), "", ""),
    ],
)
def test_a_time_is_read_as_it_is_written(text: str, day: dt.date | None, clock: dt.time, zone: str, rest: str) -> None:
    """Offsets, stretches, halves of the day and words behind a time are told apart."""
    moment = moment_at(text)
    assert moment is not None
    assert (moment.day, moment.clock, moment.zone, moment.rest) == (day, clock, zone, rest)


@pytest.mark.parametrize(
    "text", ["24:10 x", "10:70 x", "13:00 pm", "2026-02-30 10:00", "01/02/2026 10:00", "1000 x", ""]
)
def test_what_is_no_time_is_none(text: str) -> None:
    """Hours, minutes and days that do not exist, and days that could be two, are not read."""
    moment = moment_at(text)
    assert moment is None or moment.clock is None


@given(
    parts=st.lists(
        st.sampled_from(
            ["# ", "## Timeline\n", "- ", "10:00 ", "2026-01-05 ", "**Impact**", ": ", "| a | b |\n|-|-|\n| ", "\n", "\n\n",
             "```\n", "[x](", "<!-- ", "Resolved ", "{{< track \"", "---\n", "title: x\n", "&a *a ", "\u2028", "\x00", "=CMD()", "../../etc/passwd"]
        )
        | st.text(max_size=6),
        max_size=30,
    )
)  # fmt: skip
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_document_is_read_or_refused(parts: list[str], tmp_path: Path) -> None:
    """Whatever stands in a document, it gives one incident, or a clear error."""
    path = tmp_path / "dam.md"
    path.write_bytes("".join(parts).encode("utf-8", "surrogatepass"))
    try:
        records = markdown_review.read(path)
    except SourceError as error:
        assert "dam.md" in str(error)
    else:
        assert len(records.incidents) == 1
        assert list(records.incidents["source"]) == ["markdown_review:dam.md"]


@pytest.mark.parametrize(
    "text",
    ["[" * 50_000, "> " * 20_000, "*a " * 20_000, "|a" * 20_000, "\n".join("  " * n + "- a" for n in range(300))],
)
def test_hostile_markup_is_read_in_time(text: str, tmp_path: Path) -> None:
    """Markup nested without end, or begun without end, does not hold the reader up."""
    started = time.monotonic()
    _read(tmp_path, f"# Outage\n\n{text}")
    assert time.monotonic() - started < 20


def test_a_file_too_large_is_refused(tmp_path: Path) -> None:
    """A document larger than any review is refused before it is parsed."""
    with pytest.raises(SourceError, match="at most"):
        _read(tmp_path, "# Outage\n" + "a" * 2_000_000)


def test_an_alias_in_front_matter_is_refused(tmp_path: Path) -> None:
    """Anchors and aliases, by which small YAML becomes large, are refused with their line."""
    with pytest.raises(SourceError, match="line 3"):
        _read(tmp_path, "---\ntitle: x\na: &a [1]\nb: *a\n---\n")
