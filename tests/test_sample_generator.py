"""The fictional year in ``data/sample/fictional``: it is what the committed generator writes, and holds what it promises."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
import zlib
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "data" / "sample"
FICTIONAL = SAMPLE / "fictional"
STORIES = sorted((FICTIONAL / "records").glob("*.yaml"))
MONTHS = {"Feb": 2, "Apr": 4, "Jun": 6, "Aug": 8, "Oct": 10, "Dec": 12}  # the stories' months


@pytest.fixture(scope="module")
def written_again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The set written once more by the committed generator."""
    out = tmp_path_factory.mktemp("sample")
    subprocess.run([sys.executable, "-m", "tools.make_sample", "-o", str(out)], cwd=ROOT, check=True)
    return out


@pytest.fixture(scope="module")
def incidents() -> list[dict[str, Any]]:
    """Incidents of the paging export."""
    return json.loads((FICTIONAL / "pagerduty" / "incidents.json").read_text(encoding="utf-8"))["incidents"]


@pytest.fixture(scope="module")
def entries() -> dict[str, list[dict[str, Any]]]:
    """Log entries of the paging export by incident, oldest first."""
    listed = json.loads((FICTIONAL / "pagerduty" / "log_entries.json").read_text(encoding="utf-8"))["log_entries"]
    by_incident: dict[str, list[dict[str, Any]]] = {}
    for entry in reversed(listed):
        by_incident.setdefault(entry["incident"]["id"], []).append(entry)
    return by_incident


def files_under(folder: Path) -> list[str]:
    """Paths of all files below a folder, relative to it."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def log_text(path: Path) -> str:
    """A log file as text, unpacked if it is gzipped."""
    content = path.read_bytes()
    return (gzip.decompress(content) if path.suffix == ".gz" else content).decode()


def test_generator_writes_exactly_the_committed_files(written_again: Path) -> None:
    """The committed seed reproduces the committed set: no file more, no file less."""
    assert files_under(written_again) == files_under(FICTIONAL)


def test_generator_writes_the_committed_bytes(written_again: Path) -> None:
    """Every file comes out byte for byte as committed; gzip too, where zlib itself is the one that wrote them."""
    is_same_zlib = "ng" not in zlib.ZLIB_RUNTIME_VERSION
    for name in files_under(FICTIONAL):
        committed, again = (FICTIONAL / name).read_bytes(), (written_again / name).read_bytes()
        if name.endswith(".gz") and not is_same_zlib:
            committed, again = gzip.decompress(committed), gzip.decompress(again)
        assert committed == again, name


def test_another_seed_throws_another_year(tmp_path: Path, written_again: Path) -> None:
    """The dice follow the seed: with another one the ordinary incidents differ and the told stories stay."""
    command = [sys.executable, "-m", "tools.make_sample", "-o", str(tmp_path), "--seed", "1"]
    subprocess.run(command, cwd=ROOT, check=True)
    other = (tmp_path / "pagerduty" / "incidents.json").read_text(encoding="utf-8")
    same = (written_again / "pagerduty" / "incidents.json").read_text(encoding="utf-8")
    assert other != same
    assert all(story in other for story in re.findall(r"QNIMBUS[A-Z]{5}0[1-6]", same))


def test_gzip_files_carry_no_time_and_no_name() -> None:
    """A gzip header with a time or a file name would differ from run to run: flags and mtime are zero."""
    zipped = list((FICTIONAL / "logs").rglob("*.gz"))
    assert len(zipped) >= 6
    for path in zipped:
        head = path.read_bytes()[:10]
        assert head[3] == 0, path.name
        assert head[4:8] == b"\0\0\0\0", path.name


def test_sample_stays_small() -> None:
    """Both sets together stay under 6 MB, and each file under 1.4 MB, so that the package stays light."""
    sizes = [path.stat().st_size for path in SAMPLE.rglob("*") if path.is_file()]
    assert sum(sizes) < 6_000_000
    assert max(sizes) < 1_400_000


def test_every_file_parses() -> None:
    """JSON is JSON, YAML is YAML, and each ends with a newline."""
    for path in FICTIONAL.rglob("*"):
        if path.suffix in (".json", ".yaml"):
            text = path.read_text(encoding="utf-8")
            assert text.endswith("\n"), path.name
            assert (json.loads if path.suffix == ".json" else yaml.safe_load)(text), path.name


def test_year_has_eighty_incidents_of_all_severities(incidents: list[dict[str, Any]]) -> None:
    """The year holds 80 incidents, all of 2025, every severity at least once and the most severe rarely."""
    assert len(incidents) == 80
    assert all(row["created_at"].startswith("2025-") for row in incidents)
    severities = Counter(row["priority"]["name"] for row in incidents)
    assert set(severities) == {"SEV1", "SEV2", "SEV3", "SEV4"}
    assert severities["SEV1"] <= 4 < severities["SEV2"] < severities["SEV3"]


def test_durations_are_those_of_a_long_tailed_year(incidents: list[dict[str, Any]]) -> None:
    """The median is near 70 minutes and the 95th percentile near nine hours, as in published incident data."""
    minutes = sorted(
        (instant(row["resolved_at"]) - instant(row["created_at"])).total_seconds() / 60
        for row in incidents
        if row["resolved_at"] and row["incident_type"]["name"] == "incident"
    )
    assert 55 <= minutes[len(minutes) // 2] <= 95
    assert 300 <= minutes[int(len(minutes) * 0.95)] <= 900


def test_special_cases_are_there(incidents: list[dict[str, Any]], entries: dict[str, list[dict[str, Any]]]) -> None:
    """4 drills, 5 maintenance, 2 backfilled; 4 open, 3 reopened, 6 resolved though nobody acknowledged."""
    assert Counter(row["incident_type"]["name"] for row in incidents) == {
        "incident": 69,
        "drill": 4,
        "maintenance": 5,
        "backfilled": 2,
    }
    assert sum(row["status"] != "resolved" for row in incidents) == 4
    types = {key: [entry["type"] for entry in rows] for key, rows in entries.items()}
    assert sum(rows.count("trigger_log_entry") > 1 for rows in types.values()) == 3
    unacknowledged = [
        key for key, rows in types.items() if "acknowledge_log_entry" not in rows and "resolve_log_entry" in rows
    ]
    assert len(unacknowledged) == 6


def test_two_incidents_contradict_themselves(
    incidents: list[dict[str, Any]], entries: dict[str, list[dict[str, Any]]]
) -> None:
    """One ends before it begins, another was acknowledged before it was triggered; no third one is odd."""
    reversed_ends = [row for row in incidents if row["resolved_at"] and row["resolved_at"] < row["created_at"]]
    early_answers = [
        row
        for row in incidents
        for entry in entries[row["id"]]
        if entry["type"] == "acknowledge_log_entry" and entry["created_at"] < row["created_at"]
    ]
    assert len(reversed_ends) == 1
    assert len(early_answers) == 1
    assert reversed_ends[0]["id"] != early_answers[0]["id"]


def test_resolved_incidents_hold_no_lists_of_the_response(incidents: list[dict[str, Any]]) -> None:
    """As in the vendor's export, acknowledgements and assignments are empty once an incident is resolved."""
    for row in incidents:
        if row["status"] == "resolved":
            assert row["acknowledgements"] == row["assignments"] == []
        else:
            assert row["assignments"]


def test_log_entries_come_newest_first() -> None:
    """As in the vendor's export, the newest log entry stands first."""
    rows = json.loads((FICTIONAL / "pagerduty" / "log_entries.json").read_text(encoding="utf-8"))["log_entries"]
    times = [row["created_at"] for row in rows]
    assert times == sorted(times, reverse=True)


def test_severity_changes_come_with_and_without_a_reason(entries: dict[str, list[dict[str, Any]]]) -> None:
    """Changes after the first one are partly explained by a note and partly silent."""
    changes = [
        entry
        for rows in entries.values()
        for entry in rows
        if entry["type"] == "field_value_change_log_entry"
        and entry["channel"]["changeset"]["application_fields"][0]["old_value"]
    ]
    assert sum("note" in entry for entry in changes) >= 10
    assert sum("note" not in entry for entry in changes) >= 10


def test_people_are_obviously_invented() -> None:
    """Every person is an animal or plant called Example, with an address under a domain that cannot exist."""
    rows = (FICTIONAL / "roster.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert len(rows) == 18
    for row in rows:
        handle, name, aliases, _, zone = row.split(",")
        assert re.fullmatch(r"[a-z]+\.example", handle)
        assert name == f"{handle.split('.')[0].capitalize()} Example"
        assert f"{handle.split('.')[0]}@example.invalid" in aliases.split(";")
        assert zone in ("Europe/Lisbon", "America/Toronto", "Australia/Perth")


def test_addresses_in_the_sample_cannot_be_real() -> None:
    """Mail addresses end in .invalid, and network addresses lie in the blocks reserved for documentation."""
    reserved = ("192.0.2.", "198.51.100.", "203.0.113.")
    for path in FICTIONAL.rglob("*"):
        if not path.is_file():
            continue
        text = log_text(path)
        mails = set(re.findall(r"[\w.+-]+@[a-z][\w-]*\.[a-z][\w.-]*\w", text))
        assert all(mail.endswith(".invalid") for mail in mails), path.name
        numbers = set(re.findall(r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b", text))
        assert all(number.startswith(reserved) for number in numbers), path.name


def test_chat_channels_belong_to_incidents(incidents: list[dict[str, Any]]) -> None:
    """About twenty channels are named after an incident's number and service, and each has its folder of days."""
    names = {f"inc-{row['incident_number']}-{row['service']['summary']}" for row in incidents}
    channels = json.loads((FICTIONAL / "slack" / "channels.json").read_text(encoding="utf-8"))
    assert 18 <= len(channels) <= 22
    for channel in channels:
        assert channel["name"] in names
        assert list((FICTIONAL / "slack" / channel["name"]).glob("2025-*.json"))


def test_chat_holds_every_shape_of_message() -> None:
    """Joins, bot posts, threads, edits, mentions and text that stands in blocks only are all there."""
    messages = [
        message
        for path in (FICTIONAL / "slack").glob("inc-*/*.json")
        for message in json.loads(path.read_text(encoding="utf-8"))
    ]
    subtypes = Counter(message.get("subtype") for message in messages)
    assert subtypes["channel_join"] and subtypes["bot_message"] and subtypes["channel_leave"]
    assert any("parent_user_id" in message for message in messages)
    assert any("edited" in message for message in messages)
    assert any(message.get("blocks") and not message["text"] for message in messages)
    assert any("<@U" in message["text"] for message in messages)
    stamps = [message["ts"] for message in messages]
    assert len(set(stamps)) == len(stamps)


def test_hostile_text_is_in_chat_notes_and_logs() -> None:
    """What must execute nothing is really there to be tested: a script, a formula, an event handler."""
    chat = "".join(path.read_text(encoding="utf-8") for path in (FICTIONAL / "slack").glob("inc-*/*.json"))
    notes = (FICTIONAL / "pagerduty" / "log_entries.json").read_text(encoding="utf-8")
    logged = "".join(log_text(path) for path in (FICTIONAL / "logs").rglob("*") if path.is_file())
    assert re.search(r"script(>|&gt;)", chat) and "onerror=" in chat and "=cmd|" in chat
    assert "<script>" in notes and "=cmd|" in notes
    assert "<script>" in logged and "onerror=" in logged and "=cmd|" in logged


def test_alerts_that_paged_carry_the_key_of_their_incident(incidents: list[dict[str, Any]]) -> None:
    """Fingerprints lead from alerts to incidents; some alerts belong to none; two still fire with an end to come."""
    alerts = json.loads((FICTIONAL / "alertmanager" / "alerts.json").read_text(encoding="utf-8"))
    prints = [alert["fingerprint"] for alert in alerts]
    keys = {row["incident_key"] for row in incidents}
    assert len(set(prints)) == len(prints)
    assert len(keys & set(prints)) >= 40
    assert len(set(prints) - keys) >= 40
    noise_firing = [a for a in alerts if a["endsAt"] > a["updatedAt"] and a["fingerprint"] not in keys]
    assert len(noise_firing) == 2


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_review_records_tell_a_whole_story(path: Path, incidents: list[dict[str, Any]]) -> None:
    """A record belongs to an incident of the export and has three sentences, three audiences and all learnings."""
    record = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert record["incident"]["incident_id"] in {row["id"] for row in incidents}
    assert len(re.findall(r"[a-z0-9%]\.(?: |$)", record["incident"]["summary"])) == 3
    timeline = record["timeline"]
    assert {row["audience"] for row in timeline if row["kind"] == "update"} == {"internal", "stakeholders", "public"}
    hypotheses = {row["new"] for row in timeline if row["kind"] == "hypothesis"}
    assert hypotheses == {"confirmed", "refuted"}
    assert all(record["learnings"][category] for category in ("went_well", "went_poorly", "got_lucky"))
    for row in record["impacts"]:
        bounds = [row[key] for key in ("low", "value", "high") if key in row]
        assert bounds == sorted(bounds)
        assert row.get("began_at", "") <= row.get("ended_at", "")


def test_review_records_cover_the_awkward_cases() -> None:
    """Together the six hold every state of an action, three end states, late entries, and times unknown or ranged."""
    records = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in STORIES]
    assert len(records) == 6
    actions = [row for record in records for row in record["actions"]]
    assert {row["status"] for row in actions} == {"open", "in_progress", "done", "cancelled"}
    assert any("owner_id" not in row for row in actions) and any("ticket" not in row for row in actions)
    assert any(row["status"] == "open" and row.get("due_at", "9") < "2025-12-31" for row in actions)
    assert {record["incident"]["end_state"] for record in records} == {"fixed", "mitigated", "self_recovered"}
    timeline = [row for record in records for row in record["timeline"]]
    assert any("recorded_at" in row for row in timeline)
    assert any("at" not in row for row in timeline)
    assert any("at_latest" in row for row in timeline)
    assert any(row.get("precision") == "hour" for row in timeline)
    assert any(row.get("is_automatic") for row in timeline if row["kind"] == "update")
    severity = [row for row in timeline if row["kind"] == "severity"]
    assert any("reason" in row for row in severity) and any("reason" not in row for row in severity)
    assert sum(bool(record.get("conflicts")) for record in records) == 2


def test_timelines_run_forward() -> None:
    """Entries with a time stand in its order, so that entries without one lie between their neighbours."""
    for path in STORIES:
        record = yaml.safe_load(path.read_text(encoding="utf-8"))
        times = [row["at"] for row in record["timeline"] if "at" in row]
        assert times == sorted(times), path.stem


def test_nobody_leads_from_half_past_two() -> None:
    """The night story has 25 minutes without an incident commander, and one story has one person in two roles."""
    night = yaml.safe_load((FICTIONAL / "records" / "3-lagging-replica.yaml").read_text(encoding="utf-8"))
    led = sorted(
        (row["assumed_at"], row["released_at"]) for row in night["roles"] if row["role"] == "incident_commander"
    )
    gaps = [instant(later[0]) - instant(earlier[1]) for earlier, later in pairwise(led)]
    assert max(gaps) == timedelta(minutes=25, seconds=20)
    storm = yaml.safe_load((FICTIONAL / "records" / "2-retry-storm.yaml").read_text(encoding="utf-8"))
    starts = Counter((row["person_id"], row["assumed_at"]) for row in storm["roles"])
    assert max(starts.values()) == 2


def test_record_and_pager_disagree_about_two_acknowledgements(entries: dict[str, list[dict[str, Any]]]) -> None:
    """In two stories the record's acknowledgement lies minutes away from the pager's."""
    away = {}
    for path in STORIES:
        record = yaml.safe_load(path.read_text(encoding="utf-8"))
        if "acknowledged" not in record["times"]:
            continue
        rows = entries[record["incident"]["incident_id"]]
        pressed = next(row["created_at"] for row in rows if row["type"] == "acknowledge_log_entry")
        away[path.stem] = instant(record["times"]["acknowledged"]["at"]) - instant(pressed)
    assert away == {
        "2-retry-storm": -timedelta(minutes=5, seconds=5),
        "5-drained-brokers": timedelta(minutes=5, seconds=31),
    }


def test_largest_incident_has_fifty_thousand_log_lines() -> None:
    """One incident has logs of at least 50,000 lines, in several formats and partly gzipped."""
    counts = Counter(
        {
            folder.name: sum(log_text(path).count("\n") for path in folder.iterdir())
            for folder in (FICTIONAL / "logs").iterdir()
        }
    )
    assert set(counts) == {path.stem for path in STORIES}
    assert counts.most_common(1)[0][1] >= 50_000


def test_logs_hold_broken_lines_and_stack_traces() -> None:
    """A JSON line that stops in the middle and an entry over several lines are there to be read."""
    text = log_text(FICTIONAL / "logs" / "2-retry-storm" / "ledger.jsonl.gz")
    broken = [line for line in text.splitlines() if not line.endswith("}")]
    assert len(broken) == 1
    assert "\n\tat invented.nimbus" in log_text(FICTIONAL / "logs" / "3-lagging-replica" / "ledger-app.log.gz")


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_errors_begin_before_anybody_notices(path: Path) -> None:
    """Between the start of the impact and its detection errors are at least three times as frequent as before."""
    record = yaml.safe_load(path.read_text(encoding="utf-8"))
    start = instant(record["times"]["impact_start"]["at"])
    detected = instant(record["times"]["detected"]["at"])
    times = [at for file in (FICTIONAL / "logs" / path.stem).iterdir() for at in error_times(log_text(file))]
    before = sum(start - timedelta(minutes=75) <= at < start - timedelta(minutes=5) for at in times) / 70
    unnoticed = sum(start <= at < detected for at in times) / ((detected - start).total_seconds() / 60)
    assert start < detected
    assert before > 0
    assert unnoticed >= 3 * before


def instant(text: str) -> datetime:
    """An ISO 8601 instant."""
    return datetime.fromisoformat(text)


def error_times(text: str) -> list[datetime]:
    """Times of the errors in a log of any of the sample's four formats; a reader of its own, for the test only."""
    times = []
    for line in text.splitlines():
        if found := re.match(r'\{"ts":"([^"]+)","level":"(?:error|critical)"', line):
            times.append(instant(found[1]))
        elif found := re.search(r"\[(\d\d)/(\w{3})/(\d{4}):(\d\d):(\d\d):(\d\d) \+0000\] \"[^\"]*\" 5\d\d ", line):
            day, month, year, *clock = found.groups()
            times.append(datetime(int(year), MONTHS[month], int(day), *map(int, clock), tzinfo=UTC))
        elif found := re.match(r"<13[01]>1 (\S+Z) ", line):
            times.append(instant(found[1]))
        elif found := re.match(r"<13[01]>(\w{3}) +(\d+) (\d\d):(\d\d):(\d\d) ", line):
            month, *rest = found.groups()
            times.append(datetime(2025, MONTHS[month], *map(int, rest), tzinfo=UTC))
    return times
