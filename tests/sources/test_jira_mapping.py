"""Mapping files for Jira's custom fields: refused where they make no sense, and handed over from wherever they lie."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

import pytest

from incident_analytics import read
from incident_analytics.errors import SourceError
from incident_analytics.sources._jira_mapping import read_jira_mapping

CASE = Path(__file__).parent / "incidents" / "jira" / "mapped.json"
MAPPING = CASE.with_suffix(".mapping.toml")

FAULTS = {
    "no TOML": ("[jira", "is not valid TOML"),
    "another table": ('[source]\nformat = "json"', r"unknown key \[source\]; expected one of jira"),
    "an unknown field": ('[jira]\nseverety = "x"', r"unknown key jira\.severety.*severity"),
    "an unknown clock point": ('[jira.milestones]\nimpact_begin = "x"', r"unknown key jira\.milestones\.impact_begin"),
    "an unknown state": ('[jira.states]\nasleep = ["x"]', r"unknown key jira\.states\.asleep"),
    "an unknown kind": ('[jira.kinds]\nbun = ["x"]', r"unknown key jira\.kinds\.bun; expected one of incident"),
    "a number for a field": ("[jira]\nseverity = 7", r"jira\.severity must name a field, found 7"),
    "a text for a list": ('[jira.kinds]\ndrill = "x"', r"jira\.kinds\.drill must be a list"),
    "a word for two": (
        '[jira.states]\nresolved = ["Done"]\nclosed = ["done"]',
        "'done' stands for resolved and closed",
    ),
    "no tables": ("jira = 7", r"\[jira\] must be a table"),
}


@pytest.mark.parametrize(("text", "said"), FAULTS.values(), ids=FAULTS)
def test_a_mapping_that_makes_no_sense_is_refused(text: str, said: str, tmp_path: Path) -> None:
    """A mapping with a fault is an error that names the file and the place."""
    path = tmp_path / "otters.mapping.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=said) as caught:
        read_jira_mapping(path)
    assert "otters.mapping.toml" in str(caught.value)


def test_a_mapping_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """A missing mapping is named in an error of this package."""
    with pytest.raises(SourceError, match=r"gone\.toml cannot be read"):
        read_jira_mapping(tmp_path / "gone.toml")


def test_a_mapping_beside_an_export_is_used(tmp_path: Path) -> None:
    """In a folder, the export is read by its own mapping, also when it is packed."""
    (tmp_path / "buns.json.gz").write_bytes(gzip.compress(CASE.read_bytes()))
    shutil.copy(MAPPING, tmp_path / "buns.mapping.toml")
    records = read(tmp_path)
    assert list(records.incidents["service"]) == ["Oven three"]
    assert list(records.incidents["kind"]) == ["near_miss"]


def test_a_mapping_named_for_all_is_that_of_its_vendor_only(tmp_path: Path) -> None:
    """A mapping for Jira passed for a folder is used for Jira's exports, and other vendors' are read as ever."""
    shutil.copy(CASE, tmp_path / "buns.json")
    other = {"id": "Q1", "incident_number": 1, "urgency": "low", "status": "triggered", "title": "Otters awake"}
    (tmp_path / "pager.json").write_text(json.dumps([other]), encoding="utf-8")
    mapping = tmp_path.parent / "all.mapping.toml"
    shutil.copy(MAPPING, mapping)
    for paths in ([tmp_path], [tmp_path / "buns.json", tmp_path / "pager.json"]):
        records = read(*paths, mapping=mapping)
        by_title = dict(zip(records.incidents["title"], records.incidents["kind"], strict=True))
        assert by_title == {"Buns burnt": "near_miss", "Otters awake": "incident"}


def test_without_a_mapping_custom_fields_are_kept(tmp_path: Path) -> None:
    """An export without names and without a mapping has its priority for severity, and its own fields in extra."""
    shutil.copy(CASE, tmp_path / "buns.json")
    records = read(tmp_path / "buns.json")
    severities = records.events.loc[records.events["kind"] == "severity", "new"]
    assert list(severities) == ["Low"]
    assert records.incidents["extra"][0]["customfield_1"] == "Dire"


def test_a_table_mapping_still_reads_an_export_as_a_table(tmp_path: Path) -> None:
    """A mapping that is not named after a vendor makes a table of the same file."""
    shutil.copy(CASE, tmp_path / "buns.json")
    mapping = tmp_path.parent / "table.toml"
    mapping.write_text(
        '[source]\nrecords = "issues"\n[incidents]\nincident_id = "key"\ntitle = "fields.summary"\n', encoding="utf-8"
    )
    records = read(tmp_path / "buns.json", mapping=mapping)
    assert list(records.incidents["source"]) == ["table:buns.json"]
