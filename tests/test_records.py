"""The bundle: selecting, merging, saving and loading."""

import json

import pandas as pd
import pytest

from incident_analytics import Records
from incident_analytics.errors import DataError, UsageError
from incident_analytics.policy import policy_of


@pytest.fixture
def two_incidents() -> Records:
    """Two incidents, one person taking part in the first only."""
    return Records.build(
        incidents=[
            {
                "incident_id": "INC-1",
                "title": "Checkout slow",
                "affected_services": ["checkout"],
                "extra": {"deep": [1, {"a": None}]},
            },
            {"incident_id": "INC-2", "title": "Login down"},
        ],
        events=[
            {
                "incident_id": "INC-1",
                "at": "2026-01-31T09:30:00Z",
                "kind": "message",
                "actor_id": "p1",
                "text": "<b>hello</b>",
            },
            {"incident_id": "INC-2", "kind": "note", "sequence": 3},
        ],
        people=[{"person_id": "p1", "name": "Otter Example", "aliases": ["otter"]}, {"person_id": "p2"}],
        policies={"": policy_of({"organisation": {"name": "Example"}})},
    )


def test_what_is_saved_is_what_is_loaded(two_incidents, tmp_path):
    """Saving and loading loses nothing, nested extras and the policy included."""
    loaded = Records.load(two_incidents.save(tmp_path / "records"))

    for name, frame in two_incidents.tables.items():
        pd.testing.assert_frame_equal(frame, loaded.tables[name])
    assert "Example" == loaded.policies[""].name
    assert two_incidents.digest() == loaded.digest()


def test_saving_twice_gives_the_same_bytes(two_incidents, tmp_path):
    """The same records give the same files."""
    first, second = two_incidents.save(tmp_path / "a"), two_incidents.save(tmp_path / "b")

    for path in first.iterdir():
        assert path.read_bytes() == (second / path.name).read_bytes()


def test_a_changed_file_is_noticed(two_incidents, tmp_path):
    """A table that was changed after saving is refused by name."""
    folder = two_incidents.save(tmp_path / "records")
    (folder / "events.parquet").write_bytes(b"something else")

    with pytest.raises(DataError, match=r"events\.parquet"):
        Records.load(folder)


def test_a_folder_without_a_manifest_is_refused(tmp_path):
    """An empty folder is not a bundle of records."""
    with pytest.raises(DataError, match=r"manifest\.json"):
        Records.load(tmp_path)


def test_another_format_version_is_refused(two_incidents, tmp_path):
    """A manifest of a later format is not guessed at."""
    folder = two_incidents.save(tmp_path / "records")
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"format": 99}))

    with pytest.raises(DataError, match="format 99"):
        Records.load(folder)


def test_select_keeps_one_incident_and_its_people(two_incidents):
    """Selecting an incident keeps its rows and the people that appear in them."""
    one = two_incidents.select("INC-1")

    assert ["INC-1"] == one.incident_ids
    assert ["p1"] == one.people["person_id"].tolist()
    assert 1 == len(one.events)


def test_an_unknown_incident_names_near_ones(two_incidents):
    """Asking for INC-11 says that INC-1 exists."""
    with pytest.raises(UsageError, match="'INC-1'"):
        two_incidents.select("INC-11")


def test_merge_keeps_the_first_value_and_reports_the_other(two_incidents):
    """Two sources that differ about a cell: the first is used, the other becomes a finding, nothing is lost."""
    other = Records.build(
        incidents=[{"incident_id": "INC-1", "title": "Checkout broken", "summary": "It broke.", "source": "b"}]
    )

    merged = two_incidents.merge(other)

    row = merged.incidents.set_index("incident_id").loc["INC-1"]
    assert ["Checkout slow", "It broke."] == [row["title"], row["summary"]]
    assert ["sources_differ"] == merged.findings["check"].tolist()
    assert "'Checkout broken'" in merged.findings["message"][0]


def test_merging_with_nothing_changes_nothing(two_incidents):
    """An empty bundle is the neutral element of merge."""
    merged = two_incidents.merge(Records())

    for name, frame in two_incidents.tables.items():
        pd.testing.assert_frame_equal(frame, merged.tables[name])


def test_an_unknown_table_is_refused():
    """A keyword that is no table is named together with near ones."""
    with pytest.raises(UsageError, match="Did you mean 'events'"):
        Records.build(event=[])
