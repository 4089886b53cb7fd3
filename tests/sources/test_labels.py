"""Labels of a tracker as severities: the policy alone says which of them is one."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from incident_analytics import read
from incident_analytics.policy import policy_of
from incident_analytics.records import Records
from incident_analytics.sources._labels import severities_of_labels

AT = pd.Timestamp("2026-01-05T09:00:00Z")
OVENS = policy_of({"severity": {"order": ["Burnt", "Cold"], "aliases": {"Burnt": ["black"]}}}, origin="ovens.toml")


def _labelled(*labels: str) -> Records:
    note = {"incident_id": "OTTER-1", "kind": "note", "field": "label", "at": AT, "actor_id": "otter"}
    return Records.build(events=[note | {"new": label} for label in labels])


@pytest.mark.parametrize(
    ("label", "says"),
    [
        ("Burnt", "Burnt"),
        ("black", "black"),
        ("severity: burnt", "burnt"),
        ("prio/COLD", "COLD"),
        ("humming", None),
        ("severity: humming", None),
        ("state: burnt", None),
        ("burntish", None),
    ],
)
def test_a_label_is_a_severity_where_the_policy_lists_it(label: str, says: str | None) -> None:
    """Only a word that the policy lists, alone or behind the word severity, becomes a severity."""
    events = severities_of_labels(_labelled(label), OVENS).events
    severities = events[events["kind"] == "severity"]
    assert list(severities["new"]) == ([] if says is None else [says])
    assert list(events.loc[events["kind"] == "note", "new"]) == [label]


def test_a_severity_out_of_a_label_says_so() -> None:
    """It has the time and the person of the label, and is marked as our reading, with the label as written."""
    (row,) = (
        severities_of_labels(_labelled("severity: cold"), OVENS).events.query("kind == 'severity'").to_dict("records")
    )
    assert (row["at"], row["actor_id"], row["basis"]) == (AT, "otter", "inferred")
    assert row["extra"] == {"as_written": "severity: cold"}
    assert pd.isna(row["field"])


def test_without_labels_nothing_changes() -> None:
    """A bundle without labels is handed back as it is."""
    records = Records.build(events=[{"incident_id": "OTTER-1", "kind": "note", "new": "Burnt"}])
    assert severities_of_labels(records, OVENS) is records


def test_labels_are_read_under_the_policy_of_their_folder(tmp_path: Path) -> None:
    """The policy beside an export decides which of its labels are severities, and the shipped one does without it."""
    issue = {
        "number": 1,
        "title": "Cold",
        "state": "open",
        "user": None,
        "labels": ["Cold", "P1"],
        "created_at": "2026-01-05T09:00:00Z",
    }
    (tmp_path / "issues.json").write_text(json.dumps([issue]), encoding="utf-8")
    by_default = read(tmp_path).events.query("kind == 'severity'")
    assert list(by_default["new"]) == ["P1"]
    (tmp_path / "policy.toml").write_text('[severity]\norder = ["Burnt", "Cold"]\n', encoding="utf-8")
    by_own = read(tmp_path).events.query("kind == 'severity'")
    assert list(by_own["new"]) == ["Cold"]
