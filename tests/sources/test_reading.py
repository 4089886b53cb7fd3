"""Files and folders -> one bundle: collections, policies, what is skipped, set aside, combined and checked."""

from __future__ import annotations

import gzip
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident_analytics.errors import PolicyError, SourceError, UsageError
from incident_analytics.policy import default_policy
from incident_analytics.records import Records
from incident_analytics.schema import empty, frame_of
from incident_analytics.sources import _unpacking, formats, logs, read
from incident_analytics.sources._log_windows import merged
from incident_analytics.sources._registry import incident_sources, recognise

OVEN = """\
format: incident-record/1
incident: {{incident_id: {name}, title: Oven cold{rest}}}
times: {{impact_start: 2026-03-01T10:00:00Z, resolved: 2026-03-01T11:00:00Z}}
people: [{{person_id: p1, name: {person}}}]
roles: [{{person_id: p1, role: responder}}]
"""
TABLE = '[incidents]\nincident_id = "No"\n[milestones]\nresolved = "To"\n'


def oven(path: Path, name: str = "OVEN-1", *, person: str = "Ada Crumb", rest: str = "") -> Path:
    """A record of a bakery whose oven stayed cold."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(OVEN.format(name=name, person=person, rest=rest))
    return path


def write(path: Path, text: str = "") -> Path:
    """A file with that text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def noted(records: Records) -> list[list[object]]:
    """Check, severity and source of the findings."""
    return records.findings[["check", "severity", "source"]].fillna("-").to_numpy().tolist()


def test_a_folder_of_folders_is_a_set_of_collections(tmp_path: Path) -> None:
    """Each sub-folder is a collection, named by its policy or by its folder, with its own policy or the default."""
    oven(tmp_path / "bakery" / "deep" / "a.yaml", "A")
    write(tmp_path / "bakery" / "policy.toml", '[organisation]\nname = "Crumb & Co"\n')
    oven(tmp_path / "mill" / "b.yaml", "B")
    records = read(tmp_path)
    assert records.incidents[["incident_id", "collection"]].to_numpy().tolist() == [["A", "Crumb & Co"], ["B", "mill"]]
    assert list(records.policies) == ["Crumb & Co"]
    assert records.policy_for("Crumb & Co").name == "Crumb & Co"
    assert records.policy_for("mill") is default_policy()
    assert len(records.findings) == 0


def test_a_readme_does_not_make_a_set_one_collection(tmp_path: Path) -> None:
    """A document that tells about the whole set is skipped, and said to be."""
    oven(tmp_path / "bakery" / "a.yaml", "A")
    oven(tmp_path / "mill" / "b.yaml", "B")
    write(tmp_path / "README.md", "# Two collections")
    records = read(tmp_path)
    assert records.incidents["collection"].tolist() == ["bakery", "mill"]
    assert noted(records) == [["skipped", "info", "README.md"]]


def test_a_folder_with_a_file_or_with_logs_is_one_collection(tmp_path: Path) -> None:
    """Files beside sub-folders make one collection of all of it; so does a folder named logs."""
    oven(tmp_path / "one" / "a.yaml", "A")
    oven(tmp_path / "one" / "sub" / "b.yaml", "B")
    oven(tmp_path / "two" / "records" / "c.yaml", "C")
    write(tmp_path / "two" / "logs" / ".keep")
    assert set(read(tmp_path / "one").incidents["collection"]) == {"one"}
    assert set(read(tmp_path / "two").incidents["collection"]) == {"two"}


def test_files_named_one_by_one_are_one_collection(tmp_path: Path) -> None:
    """Two files of sister folders are one collection, named for the folder they share."""
    paths = [oven(tmp_path / "bakery" / "x" / "a.yaml", "A"), oven(tmp_path / "bakery" / "y" / "b.yaml", "B")]
    assert set(read(*paths).incidents["collection"]) == {"bakery"}


def test_a_policy_of_the_caller_goes_before_all_others(tmp_path: Path) -> None:
    """The policy passed in is in force in every collection, and names the collection when there is only one."""
    oven(tmp_path / "set" / "bakery" / "a.yaml", "A")
    write(tmp_path / "set" / "bakery" / "policy.toml", '[organisation]\nname = "Crumb"\n')
    oven(tmp_path / "set" / "mill" / "b.yaml", "B")
    own = write(tmp_path / "own.toml", '[organisation]\nname = "Grain"\n[timeline]\nsilence = "5 min"\n')
    records = read(tmp_path / "set", policy=own)
    assert list(records.policies) == ["Crumb", "mill"]
    assert {policy.silence for policy in records.policies.values()} == {pd.Timedelta("5min")}
    assert read(tmp_path / "set" / "mill", policy=own).incidents["collection"].tolist() == ["Grain"]


def test_in_a_folder_documents_are_skipped_and_the_rest_is_said(tmp_path: Path) -> None:
    """A readme is information; an unknown file and a broken record are errors with file and place; the rest is read."""
    oven(tmp_path / "a.yaml", "A")
    write(tmp_path / "README.md", "# Bakery")
    write(tmp_path / "LICENSE.upstream.txt", "MIT")
    write(tmp_path / ".hidden", "x")
    write(tmp_path / "deep" / "notes.xyz", "flour")
    oven(tmp_path / "deep" / "broken.yaml", "B", rest=", titel: x")
    records = read(tmp_path)
    assert records.incident_ids == ["A"]
    assert noted(records) == [
        ["skipped", "info", "LICENSE.upstream.txt"],
        ["skipped", "info", "README.md"],
        ["not_read", "error", "deep/broken.yaml"],
        ["not_recognised", "error", "deep/notes.xyz"],
    ]
    broken, unknown = records.findings["message"].iloc[2:]
    assert "unknown key 'titel'" in broken
    assert unknown.startswith(f"deep/notes.xyz is recognised by none of the {len(incident_sources())} sources")
    assert "it begins 'flour'" in unknown
    assert "As a log: no log format fits" in unknown
    assert not records.findings["message"].str.contains(str(tmp_path), regex=False).any()


@pytest.mark.parametrize("name", ["notes.xyz", "README.md"])
def test_a_file_named_directly_must_be_read(tmp_path: Path, name: str) -> None:
    """What is a finding in a folder is an error when the file itself was asked for."""
    path = write(tmp_path / name, "flour")
    with pytest.raises(SourceError, match="is recognised by none of the"):
        read(path)


def test_a_broken_file_named_directly_is_an_error_with_its_message(tmp_path: Path) -> None:
    """The source's own message comes through, with path and line."""
    path = oven(tmp_path / "broken.yaml", rest=", titel: x")
    with pytest.raises(SourceError, match=r"broken\.yaml breaks the record layout(.|\n)*line 2: unknown key 'titel'"):
        read(path)


def test_nothing_to_read_is_an_error(tmp_path: Path) -> None:
    """No path, an empty folder, folders without files, and a folder where nothing could be read are refused."""
    with pytest.raises(UsageError, match="nothing to read"):
        read()
    with pytest.raises(SourceError, match="is empty"):
        read(tmp_path)
    (tmp_path / "a" / "b").mkdir(parents=True)
    with pytest.raises(SourceError, match="holds no file"):
        read(tmp_path)
    write(tmp_path / "a" / "README.md")
    with pytest.raises(SourceError, match=r"nothing could be read(.|\n)*README\.md is a document"):
        read(tmp_path)


def test_a_path_that_does_not_exist_names_near_ones(tmp_path: Path) -> None:
    """A misspelled path, mapping or zone is a mistake of the call, with the near name where there is one."""
    path = oven(tmp_path / "ovens.yaml")
    with pytest.raises(UsageError, match=r"Did you mean 'ovens\.yaml'"):
        read(tmp_path / "oven.yaml")
    with pytest.raises(UsageError, match="no mapping file"):
        read(path, mapping=tmp_path / "x.toml")
    with pytest.raises(UsageError, match="no time zone 'Mars'"):
        read(path, time_zone="Mars")


def test_an_unusable_policy_stops_the_reading(tmp_path: Path) -> None:
    """A policy with an unknown key would make every number wrong, so nothing is read with it."""
    oven(tmp_path / "a.yaml")
    write(tmp_path / "policy.toml", "[severty]\n")
    with pytest.raises(PolicyError, match="Did you mean 'severity'"):
        read(tmp_path)


def test_two_sources_that_claim_a_file_are_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is never given to the first that takes it: both are named."""
    path = write(tmp_path / "people.csv", "person_id,name\n")
    monkeypatch.setattr(incident_sources()["record"], "recognises", lambda _: True)
    with pytest.raises(SourceError, match="claimed by more than one source: record, roster"):
        recognise(path)


def test_a_mapping_beside_its_table_is_used(tmp_path: Path) -> None:
    """x.mapping.toml maps x.csv, in a folder and when the table is named; without a table it is pointed out."""
    table = write(tmp_path / "x.csv", "No,To\n1,2026-03-01T10:00:00Z\n")
    write(tmp_path / "x.mapping.toml", TABLE)
    assert read(table).incident_ids == ["1"]
    write(tmp_path / "y.mapping.toml", TABLE)
    records = read(tmp_path)
    assert records.incident_ids == ["1"]
    assert noted(records) == [["mapping_unused", "warning", "y.mapping.toml"]]
    with pytest.raises(UsageError, match="pass it as the mapping"):
        read(table, tmp_path / "y.mapping.toml")


def test_a_mapping_of_the_caller_maps_what_no_source_knows(tmp_path: Path) -> None:
    """A table named directly is read with it; in a folder only tables that nobody recognises are."""
    mapping = write(tmp_path / "any.toml", TABLE)
    table = write(tmp_path / "data" / "x.csv", "No,To\n1,2026-03-01T10:00:00Z\n")
    write(tmp_path / "data" / "roster.csv", "person_id,name\np1,Ada Crumb\n")
    oven(tmp_path / "data" / "a.yaml", "A")
    assert read(table, mapping=mapping).incident_ids == ["1"]
    records = read(tmp_path / "data", mapping=mapping)
    assert records.incident_ids == ["A", "1"]
    assert len(records.findings) == 0


def test_a_mapping_that_misses_a_column_is_a_finding_in_a_folder(tmp_path: Path) -> None:
    """The table is left out with the mapping's message; the rest of the folder is read."""
    write(tmp_path / "x.csv", "Nr,To\n1,\n")
    write(tmp_path / "x.mapping.toml", TABLE)
    oven(tmp_path / "a.yaml", "A")
    records = read(tmp_path)
    assert noted(records) == [["not_read", "error", "x.csv"]]
    assert "mapping x.mapping.toml: incidents.incident_id names the column 'No'" in records.findings["message"][0]


def test_the_zone_comes_from_the_caller_else_from_the_policy(tmp_path: Path) -> None:
    """A source that writes naive times is read in the zone that the policy names for it, or in the caller's."""
    write(tmp_path / "x.csv", "No,To\n1,2026-07-01 10:00\n")
    write(tmp_path / "x.mapping.toml", TABLE)
    assert noted(read(tmp_path)) == [["naive_time", "warning", "table:x.csv"]]
    write(tmp_path / "policy.toml", '[time_zones]\ntable = "Europe/Berlin"\n')
    assert read(tmp_path).events["at"].tolist() == [pd.Timestamp("2026-07-01T08:00Z")]
    assert read(tmp_path, time_zone="UTC").events["at"].tolist() == [pd.Timestamp("2026-07-01T10:00Z")]


def test_our_record_wins_over_other_sources(tmp_path: Path) -> None:
    """The title people wrote is used, the other one is a finding, and the times of both are kept."""
    write(tmp_path / "a_table.csv", "No,To,Title\nOVEN-1,2026-03-01T11:30:00Z,oven?\n")
    write(tmp_path / "a_table.mapping.toml", TABLE.replace("[mile", 'title = "Title"\n[mile'))
    oven(tmp_path / "z_record.yaml")
    records = read(tmp_path)
    assert records.incidents["title"].tolist() == ["Oven cold"]
    assert "sources_differ" in set(records.findings["check"])
    assert (records.events["field"] == "resolved").sum() == 2
    assert "reopened" not in set(records.findings["check"])


def test_the_same_identifier_in_two_collections_is_two_incidents(tmp_path: Path) -> None:
    """The later one is prefixed with its collection everywhere, and pointed out as an error."""
    oven(tmp_path / "bakery" / "a.yaml", "1")
    oven(tmp_path / "mill" / "a.yaml", "1", person="Max Bran")
    records = read(tmp_path)
    assert records.incident_ids == ["1", "mill/1"]
    assert records.events.groupby("incident_id").size().to_dict() == {"1": 2, "mill/1": 2}
    assert records.people[["person_id", "name"]].to_numpy().tolist() == [["p1", "Ada Crumb"], ["mill/p1", "Max Bran"]]
    assert records.participants["person_id"].tolist() == ["p1", "mill/p1"]
    found = records.findings[["check", "severity", "incident_id"]].to_numpy().tolist()
    assert found == [["duplicate_id", "error", "mill/1"]]


def test_two_collections_of_one_name_are_told_apart(tmp_path: Path) -> None:
    """Two folders named alike are two collections with two names."""
    oven(tmp_path / "x" / "bakery" / "a.yaml", "A")
    oven(tmp_path / "y" / "bakery" / "b.yaml", "B")
    records = read(tmp_path / "x" / "bakery", tmp_path / "y" / "bakery")
    assert records.incidents["collection"].tolist() == ["bakery", "bakery 2"]


def test_saved_records_are_read_as_they_are(tmp_path: Path) -> None:
    """A folder that was saved is loaded whole, its collections and policies with it."""
    oven(tmp_path / "bakery" / "a.yaml", "A")
    write(tmp_path / "bakery" / "policy.toml", '[organisation]\nname = "Crumb"\n')
    before = read(tmp_path / "bakery")
    after = read(before.save(tmp_path / "saved"))
    assert after.digest() == before.digest()
    assert list(after.policies) == ["Crumb"]


def test_reading_twice_gives_the_same(tmp_path: Path) -> None:
    """The same folder, read again, is equal cell by cell."""
    oven(tmp_path / "a" / "a.yaml", "A")
    write(tmp_path / "a" / "notes.xyz", "flour")
    oven(tmp_path / "b" / "b.yaml", "A")
    assert read(tmp_path).digest() == read(tmp_path).digest()


def test_a_gzipped_file_is_read_like_the_file_in_it(tmp_path: Path) -> None:
    """The source sees the name without .gz; a broken archive is a finding that names the archive."""
    inner = oven(tmp_path / "plain.yaml", "A")
    (tmp_path / "z").mkdir()
    (tmp_path / "z" / "oven.yaml.gz").write_bytes(gzip.compress(inner.read_bytes()))
    records = read(tmp_path / "z" / "oven.yaml.gz")
    assert records.incident_ids == ["A"]
    assert records.incidents["source"].tolist() == ["record:oven.yaml"]
    oven(tmp_path / "z" / "b.yaml", "B")
    (tmp_path / "z" / "cut.yaml.gz").write_bytes(gzip.compress(inner.read_bytes() * 100)[:-20])
    broken = oven(tmp_path / "broken.yaml", rest=", titel: x")
    (tmp_path / "z" / "odd.yaml.gz").write_bytes(gzip.compress(broken.read_bytes()))
    records = read(tmp_path / "z")
    assert records.incident_ids == ["B", "A"]
    assert [source for check, _, source in noted(records) if check == "not_read"] == ["cut.yaml.gz", "odd.yaml.gz"]
    said = records.findings.loc[records.findings["check"] == "not_read", "message"]
    assert said.str.startswith(("cut.yaml.gz", "odd.yaml.gz breaks")).all()


def test_a_gzip_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small file that unpacks to more than 200 times its size is an error, and nothing of it is kept."""
    monkeypatch.setattr(_unpacking, "RATIO_APPLIES_FROM", 1 << 20)
    path = tmp_path / "bomb.yaml.gz"
    path.write_bytes(gzip.compress(b"format: incident-record/1\n" + b"#" * (4 << 20)))
    with pytest.raises(SourceError, match=r"bomb\.yaml\.gz holds more than"):
        read(path)


@settings(max_examples=20, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["x.json", "x.csv", "x.yaml", "x", "x.json.gz"]))
def test_any_bytes_are_refused_in_our_own_words(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, name: str
) -> None:
    """Whatever a file holds, it is read or refused with an error of ours, also behind the beginning of a record."""
    path = tmp_path_factory.mktemp("any") / name
    for content in (data, b"format: incident-record/1\n" + data, b"\x1f\x8b" + data, b"person_id,name\n" + data):
        path.write_bytes(content)
        try:
            read(path)
        except SourceError as error:
            assert str(path) in str(error)


def test_a_mistake_of_a_source_is_said_with_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that stumbles over a file it did not expect does not stop the others."""
    oven(tmp_path / "a.yaml", "A")
    write(tmp_path / "roster.csv", "person_id,name\np1,x\n")

    def stumble(path: Path, *, time_zone: str | None = None) -> Records:
        raise KeyError("aliases")

    monkeypatch.setattr(incident_sources()["roster"], "read", stumble)
    records = read(tmp_path)
    assert records.incident_ids == ["A"]
    assert records.findings["message"].tolist() == ["roster.csv cannot be read as roster: KeyError: 'aliases'"]


# --- logs ------------------------------------------------------------------------------------------------------


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[tuple[pd.Timestamp, pd.Timestamp]], dict[str, str]]]:
    """What the log engine is asked for; it answers with one entry per file."""
    calls = []

    def scan(path: Path, *, windows: list, zones: dict, time_zone: str | None, **_: object) -> logs.LogReading:
        calls.append((path.name, windows, zones))
        if "broken" in path.name:
            raise SourceError(f"{path} is no log")
        entries = frame_of("logs", [{"at": windows[0][0].isoformat(), "message": path.name}])
        return logs.LogReading(entries, empty("findings"), pd.DataFrame())

    monkeypatch.setattr(logs, "scan", scan)
    return calls


def test_logs_are_read_around_the_incidents_only(tmp_path: Path, asked: list) -> None:
    """The window is an hour before the first and half an hour after the last clock point; overlapping ones are one."""
    oven(tmp_path / "a.yaml", "A")
    oven(tmp_path / "b.yaml", "B")
    late = OVEN.replace("2026-03-01T1", "2026-03-05T1").format(name="C", person="Ada Crumb", rest="")
    write(tmp_path / "c.yaml", late)
    write(tmp_path / "policy.toml", '[time_zones]\nhaproxy = "Europe/Berlin"\n')
    write(tmp_path / "logs" / "mill" / "app.log", "x")
    write(tmp_path / "logs" / "broken.log", "x")
    write(tmp_path / "logs" / "README.md", "x")
    records = read(tmp_path)
    hours = [("2026-03-01T09:00Z", "2026-03-01T11:30Z"), ("2026-03-05T09:00Z", "2026-03-05T11:30Z")]
    windows = [(pd.Timestamp(start), pd.Timestamp(end)) for start, end in hours]
    zones = {"haproxy": "Europe/Berlin"}
    assert asked == [("broken.log", windows, zones), ("app.log", windows, zones)]
    assert records.logs["message"].tolist() == ["app.log"]
    assert noted(records) == [
        ["looks_alike", "info", "record:a.yaml"],
        ["skipped", "info", "logs/README.md"],
        ["not_read", "error", "logs/broken.log"],
    ]


def test_logs_that_are_named_are_read_for_all_collections(tmp_path: Path, asked: list) -> None:
    """Logs passed by themselves are read around every incident of every collection; a broken one is an error."""
    oven(tmp_path / "set" / "bakery" / "a.yaml", "A")
    oven(tmp_path / "set" / "mill" / "b.yaml", "B")
    records = read(tmp_path / "set", logs=[write(tmp_path / "app.log"), write(tmp_path / "web.log")])
    assert [(name, len(windows)) for name, windows, _ in asked] == [("app.log", 1), ("web.log", 1)]
    assert records.logs["message"].tolist() == ["app.log", "web.log"]
    with pytest.raises(SourceError, match="is no log"):
        read(tmp_path / "set", logs=write(tmp_path / "broken.log"))


def test_log_entries_and_what_was_noted_of_them_are_in_the_bundle(tmp_path: Path) -> None:
    """Entries of a real log around the incident are there, those of the night before are not, a torn line is said."""
    oven(tmp_path / "a.yaml", "A")
    times = ["01:00", "08:59", "09:00", "10:30", "11:29", "11:30", "12:00", "13:00"]
    lines = [
        f'{{"time": "2026-03-01T{at}:00Z", "level": "error", "msg": "too cold {n}"}}' for n, at in enumerate(times)
    ]
    write(tmp_path / "logs" / "oven.jsonl", "\n".join([*lines, '{"time": "2026-0']))
    records = read(tmp_path)
    assert records.logs["message"].tolist() == ["too cold 2", "too cold 3", "too cold 4"]
    assert [name for name, _, source in noted(records) if "oven.jsonl" in str(source)] != []


def test_every_format_is_listed_with_how_it_is_recognised() -> None:
    """Incident sources and log formats stand in one list, none without a word on recognition and time zones."""
    listed = formats()
    assert set(listed["kind"]) == {"incident", "log"}
    assert set(incident_sources()) == set(listed.loc[listed["kind"] == "incident", "name"])
    assert (listed[["description", "recognised_by", "time_zone_rule", "example"]].map(len) > 10).all(axis=None)


def test_without_a_time_no_log_is_read(tmp_path: Path, asked: list) -> None:
    """When no incident says when it happened, logs are left unread, and that is said."""
    text = "format: incident-record/1\nincident: {incident_id: A}\n"
    write(tmp_path / "in" / "a.yaml", text)
    write(tmp_path / "in" / "logs" / "app.log", "x")
    records = read(tmp_path / "in", logs=write(tmp_path / "more" / "web.log"))
    assert asked == []
    assert noted(records) == [["logs_not_read", "warning", "-"]] * 2
    assert records.findings["message"].str.extract(r"\((.*)\)")[0].tolist() == ["app.log", "web.log"]
    pd.testing.assert_frame_equal(records.logs, empty("logs"))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 10)).map(lambda w: (w[0], w[0] + w[1])), max_size=8))
def test_merged_windows_cover_the_same_time_without_touching(windows: list[tuple[int, int]]) -> None:
    """Windows made one hold exactly the instants that the given ones held, in order and apart."""
    found = merged(windows)
    halves = [n / 2 for n in range(-2, 240)]
    for at in halves:
        assert any(a <= at <= b for a, b in found) == any(a <= at <= b for a, b in windows)
    assert all(first[1] < second[0] for first, second in pairwise(found))


def test_importing_the_sources_loads_nothing_heavy() -> None:
    """Neither the database of the log engine nor anything that draws or renders is loaded with the sources."""
    script = (
        "import sys, incident_analytics.sources as s; s.read; "
        "heavy = {'duckdb', 'plotly', 'papermill', 'nbconvert', 'yaml', 'pyarrow.parquet'} & set(sys.modules); "
        "print(*heavy, end='')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
