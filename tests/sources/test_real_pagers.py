"""Recorded exports of pagers, where they are at hand: rows, times and rejects against counts by plain ``json``.

The files are not part of the project; without them the tests are skipped.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from incident_analytics.records import Records
from incident_analytics.sources import read
from incident_analytics.sources.incidents import opsgenie, pagerduty, victorops


def _json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def _lines(path: Path) -> list[tuple[str, dict[str, Any]]]:
    """Stream and record of every record a connector wrote."""
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    records = [line["record"] for line in lines if "record" in line]
    return [(record["stream"].rsplit("__", 1)[-1], record["data"]) for record in records]


def _instants(raw: list[dict[str, Any]]) -> list[dt.datetime]:
    return sorted(dt.datetime.fromisoformat(step["at"]) for each in raw for step in each["transitions"])


def _check_incidents(records: Records, raw: list[dict[str, Any]]) -> None:
    incidents, events = records.incidents, records.events
    assert list(incidents["incident_id"]) == [each["incidentNumber"] for each in raw]
    assert list(incidents["title"]) == [each["entityDisplayName"] for each in raw]
    assert set(incidents["status"]) == {"open"}
    steps = events[events["source_ref"].isin([step["alertId"] for each in raw for step in each["transitions"]])]
    assert sorted(steps["at"]) == _instants(raw)
    names = [step["name"] for each in raw for step in each["transitions"]]
    assert (steps["field"] == "fired").sum() == names.count("triggered")
    assert (steps["new"] == "acknowledged").sum() == names.count("acknowledged")
    paged = events[events["source_ref"] == "pagedUsers"]
    assert list(paged["actor_id"]) == [user for each in raw for user in each["pagedUsers"]]
    assert len(events) == len(steps) + len(paged) + (events["new"] == "declared").sum()


def test_victorops_incidents(realdata: Path) -> None:
    """Every recorded incident is one row, every transition one event at its own time, and nothing is complained of."""
    path = realdata / "faros-victorops" / "incidents.json"
    records = victorops.read(path)
    _check_incidents(records, _json(path))
    assert records.findings.empty


def test_victorops_through_a_connector(realdata: Path) -> None:
    """A connector's lines give the same incidents and the user; the stream of teams is counted as left out."""
    path = realdata / "faros-victorops" / "airbyte-all-streams.log"
    streams = _lines(path)
    records = victorops.read(path)
    _check_incidents(records, [data for stream, data in streams if stream == "incidents"])
    assert list(records.people["person_id"]) == [data["username"] for stream, data in streams if stream == "users"]
    (left_out,) = records.findings["message"]
    n_teams = sum(stream == "teams" for stream, _ in streams)
    assert left_out.startswith(f"{n_teams} record(s) of the stream 'teams' were left out")


def test_victorops_users_and_teams(realdata: Path) -> None:
    """The list of users gives people; the list of teams says nothing of incidents, which a finding says."""
    folder = realdata / "faros-victorops"
    people = victorops.read(folder / "users.json").people
    assert list(people["name"]) == [each["displayName"] for each in _json(folder / "users.json")]
    (message,) = victorops.read(folder / "teams.json").findings["message"]
    assert message.startswith(f"{len(_json(folder / 'teams.json'))} record(s)")


@pytest.mark.parametrize("name", ["services", "teams", "prioritiesResource"])
def test_pagerduty_lists_of_the_account(name: str, realdata: Path) -> None:
    """Lists of services, teams and priorities are recognised; they give no rows, and a finding counts all of them."""
    path = realdata / "faros-pagerduty" / f"{name}.json"
    assert pagerduty.recognises(path.read_bytes()[:65536])
    records = pagerduty.read(path)
    assert all(frame.empty for table, frame in records.tables.items() if table != "findings")
    counts = [int(message.split(" ", 1)[0]) for message in records.findings["message"]]
    assert sum(counts) == len(_json(path))
    assert set(records.findings["severity"]) == {"info"}


@pytest.mark.parametrize("folder", ["faros-pagerduty", "faros-victorops"])
def test_a_whole_folder_is_read(folder: str, realdata: Path) -> None:
    """One call reads a vendor's folder: nothing in it is unreadable, unrecognised or rejected."""
    records = read(realdata / folder)
    raw = _json(realdata / folder / "incidents.json")
    key = "id" if folder == "faros-pagerduty" else "incidentNumber"
    assert set(records.incidents["incident_id"]) == {str(each[key]) for each in raw}
    assert not set(records.findings["check"]) & {"not_read", "not_recognised", "row_rejected"}


@pytest.mark.parametrize(
    ("module", "own"), [(victorops, "faros-victorops"), (pagerduty, "faros-pagerduty"), (opsgenie, "")]
)
def test_no_other_file_is_claimed(module: Any, own: str, realdata: Path) -> None:
    """Of all recorded files, of incidents and of logs, a pager's source claims only those of its own vendor."""
    for path in sorted(realdata.rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                is_claimed = module.recognises(file.read(65536))
            is_data = path.suffix in (".json", ".log")
            assert is_claimed == (is_data and path.relative_to(realdata).parts[0] == own), path
