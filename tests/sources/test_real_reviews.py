"""Recorded reviews written by hand, where they are at hand: times against counts by plain ``re``.

The files are not part of the project; without them the tests are skipped.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from incident_analytics import sources
from incident_analytics.records import Records
from incident_analytics.schema import Events
from incident_analytics.sources._checks.while_reading import WHILE_READING
from incident_analytics.sources.incidents import markdown_review

REAL = Path(__file__).parents[3] / "shared" / "realdata"
MOJ = REAL / "moj-cloud-platform-2020-2021"
CSTATE = REAL / "cstate-issues"

pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason="the recorded reviews are not at hand")

WORDS = {
    "Fault occurs": "impact_start",
    "First detected": "detected",
    "Fault detected": "detected",
    "Team aware": "detected",
    "Incident declared": "declared",
    "Repaired": "mitigated",
    "Resolved": "resolved",
}


@pytest.fixture(scope="module")
def platform() -> Records:
    """The folder of 18 reviews, read once."""
    return sources.read(MOJ)


def _stated(path: Path) -> list[tuple[str, str]]:
    """The key events of a review by a plain pattern: clock point and time as written."""
    pattern = rf"^ *- ({'|'.join(WORDS)}):? (\d{{4}}-\d\d-\d\d) (\d{{1,2}}):(\d\d)$"
    found = re.findall(pattern, path.read_text("utf-8"), re.MULTILINE)
    return sorted((WORDS[word], f"{day}T{int(hour):02}:{minute}") for word, day, hour, minute in found)


def _told(events: Events) -> list[tuple[str, str]]:
    events = events[events["kind"] == "milestone"]
    return sorted(zip(events["field"], events["at"].dt.strftime("%Y-%m-%dT%H:%M"), strict=True))


def test_reviews_of_a_platform(platform: Records) -> None:
    """In each of 18 recorded reviews every key event with a time is a milestone at that time, and no other is."""
    paths = sorted(MOJ.glob("*.erb"))
    assert len(paths) == 18
    for path in paths:
        assert markdown_review.recognises(path.read_bytes()), path.name
        told = platform.events[platform.events["source"] == f"markdown_review:{path.name}"]
        assert _told(told) == _stated(path), path.name
    assert sum(len(_stated(path)) for path in paths) == 66


def test_a_folder_of_reviews_reads_with_no_mapping(platform: Records) -> None:
    """The folder is 18 incidents from February 2020 to November 2021; all times are said to be read as UTC."""
    records = platform
    assert len(records.incidents) == 18
    milestones = records.events[records.events["kind"] == "milestone"]
    # One declaration is dated a year early in the source; it is kept as written.
    assert milestones["at"].min() == pd.Timestamp("2020-02-12T11:45Z")
    assert milestones["at"].max() == pd.Timestamp("2021-11-05T10:46Z")
    checks = list(records.findings["check"])
    assert checks.count("naive_time") == 18
    # "(during support hours ...)" stands in four of the reviews.
    texts = [path.read_text("utf-8") for path in MOJ.glob("*.erb")]
    assert checks.count("stated_duration") == sum("during support hours" in text for text in texts) == 4
    # A link in place of a declaration.
    assert checks.count("unreadable_time") == 1
    # What else is found is found of what was read: one order broken, and stated durations that differ.
    while_reading = {check.name for check in WHILE_READING}
    assert set(checks) & while_reading == {"naive_time", "stated_duration", "unreadable_time", "skipped"}
    assert checks.count("order_broken") == 1
    actions = [len(re.findall(r"^  - (?!N/A)", text.partition("ction" + "s")[2], re.MULTILINE)) for text in texts]
    assert len(records.actions) == sum(actions) == 24


def test_stated_repair_times_against_the_clock(platform: Records) -> None:
    """Of the reviews that state detection, repair and a plain time to repair, 7 of 10 agree with their clocks."""
    records = platform
    milestones = records.events[records.events["kind"] == "milestone"].drop_duplicates(["incident_id", "field"])
    clock = milestones.set_index(["incident_id", "field"])["at"].unstack("field")
    said = records.incidents.set_index("incident_id")["extra"].map(lambda extra: extra.get("time_to_repair"))
    ours = (clock["mitigated"] - clock["detected"]) / pd.Timedelta("1min")
    both = pd.DataFrame({"ours": ours, "said": said.astype("float64")}).dropna()
    differing = both[both["ours"] != both["said"]]
    assert len(both) == 10
    # One counts from the declaration, two count support hours without saying so.
    assert list(differing.index) == [
        "2020-09-28-termination-nodes-updating-kops",
        "2021-09-04-pingdom-check-prometheus-down",
        "2021-09-30-ssl-certificate-issue-browsers",
    ]


def test_issues_of_a_status_page() -> None:
    """All 11 recorded issues are read: each date, each end, and every update with its time."""
    paths = sorted(CSTATE.glob("*.md"))
    issues = [path for path in paths if path.name != "SOURCE.md"]
    assert len(issues) == 11
    assert [path for path in paths if markdown_review.recognises(path.read_bytes())] == issues
    records = sources.read(CSTATE)
    assert len(records.incidents) == 11
    texts = {path.stem: path.read_text("utf-8") for path in issues}
    ends = {
        name: found[1] for name, text in texts.items() if (found := re.search(r"^resolvedWhen: (.*?) *$", text, re.M))
    }
    milestones = records.events[records.events["kind"] == "milestone"]
    told = milestones[milestones["field"] == "resolved"].set_index("incident_id")["at"]
    assert {name: at.strftime("%Y-%m-%d %H:%M:%S") for name, at in told.items()} == ends
    informational = [name for name, text in texts.items() if "informational: true" in text]
    began = milestones.loc[milestones["field"] == "impact_start", "incident_id"]
    assert sorted(began) == sorted(set(texts) - set(informational))
    timed = records.events[(records.events["kind"] == "update") & records.events["at"].notna()]
    tracked = sum(text.count("{{< track") for text in texts.values())
    assert len(timed) == tracked + len(informational)
    assert list(records.incidents.loc[records.incidents["status"] == "open", "incident_id"]) == [
        "2024-12-27-dns-resolution-api"
    ]
