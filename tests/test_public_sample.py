"""The records of public incidents: their durations, and that they say what the facts say, without blame."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from incident_analytics import clock as clocks
from incident_analytics import metrics, sources
from incident_analytics.policy import read_policy
from incident_analytics.records import Records

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "sample" / "public"
FACTS = ROOT.parent / "shared" / "facts" / "public-incidents.yaml"
AS_OF = pd.Timestamp("2026-01-01", tz="UTC")

METRICS = (
    "time_to_detect",
    "time_to_declare",
    "time_to_acknowledge",
    "time_to_mitigate",
    "time_to_resolve",
    "incident_duration",
)

Span = str | tuple[str, str] | None

# Worked out by hand from the times of the facts, in UTC. One value where both points are known to the minute
# or second; a lowest and a highest where one is known to the hour or day only; None where a point is not known.
# In the order of METRICS: detected - impact start, declared - detected, acknowledged - called (or detected),
# mitigated - impact start, resolved - declared, resolved - impact start.
DURATIONS: dict[str, tuple[Span, Span, Span, Span, Span, Span]] = {
    # 23:27 - 23:25 = 2 min; mitigated, declared, acknowledged unknown; 18:14 next day - 23:25 = 18 h 49 min
    "gitlab-2017-01-31-database": ("2min", None, None, None, None, "18h 49min"),
    # detected, declared, acknowledged unknown; 20:26 - 17:37 = 2 h 49 min; 21:54 - 17:37 = 4 h 17 min
    "aws-s3-2017-02-28": (None, None, None, "2h 49min", None, "4h 17min"),
    # 13:45 - 13:42 = 3 min; declared, acknowledged unknown; 14:07 - 13:42 = 25 min; 14:09 - 13:42 = 27 min
    "cloudflare-2019-07-02-waf-regex": ("3min", None, None, "25min", None, "27min"),
    # 18:47 - 18:47 = 0; declared, acknowledged unknown; 22:19 - 18:47 = 3 h 32 min;
    # 23:10 - 18:47 = 4 h 23 min
    "google-cloud-2019-06-02-network": ("0min", None, None, "3h 32min", None, "4h 23min"),
    # start in the hour from 14:00: 14:45 - 15:00 = -15 min to 14:45 - 14:00 = 45 min;
    # 15:14:44 - 14:45 = 29 min 44 s; 17:15 - 15:00 = 2 h 15 min to 17:15 - 14:00 = 3 h 15 min;
    # 18:40 - 15:14:44 = 3 h 25 min 16 s; 18:40 - 15:00 = 3 h 40 min to 18:40 - 14:00 = 4 h 40 min
    "slack-2021-01-04": (
        ("-15min", "45min"),
        "29min 44s",
        None,
        ("2h 15min", "3h 15min"),
        "3h 25min 16s",
        ("3h 40min", "4h 40min"),
    ),
    # 09:48 - 09:47 = 1 min; 09:58 - 09:48 = 10 min; 10:36 - 09:47 = 49 min; 12:35 - 09:58 = 2 h 37 min;
    # 12:35 - 09:47 = 2 h 48 min
    "fastly-2021-06-08": ("1min", "10min", None, "49min", "2h 37min", "2h 48min"),
    # 15:51 - 15:40 = 11 min; declared, acknowledged unknown; 21:00 - 15:40 = 5 h 20 min;
    # 21:28 - 15:40 = 5 h 48 min
    "facebook-2021-10-04-backbone": ("11min", None, None, "5h 20min", None, "5h 48min"),
    # noticed before players were affected: 20:37 - 23:35 = -2 h 58 min; declared, acknowledged unknown;
    # 28 Oct 23:35 to 31 Oct 17:00 = 2 d 17 h 25 min; to 31 Oct 23:45 = 3 d 0 h 10 min = 72 h 10 min
    "roblox-2021-10-28": ("-2h 58min", None, None, "2 days 17h 25min", None, "3 days 0h 10min"),
    # 07:46 - 07:38 = 8 min; 08:17 - 07:46 = 31 min; mitigated on 8 Apr: from 5 Apr 07:38 to 8 Apr 00:00 =
    # 2 d 16 h 22 min, to 9 Apr 00:00 = 3 d 16 h 22 min; resolved on 18 Apr: from 5 Apr 08:17 to 18 Apr
    # 00:00 = 12 d 15 h 43 min, to 19 Apr 00:00 = 13 d 15 h 43 min; from 5 Apr 07:38 both 39 min more
    "atlassian-2022-04-05": (
        "8min",
        "31min",
        None,
        ("2 days 16h 22min", "3 days 16h 22min"),
        ("12 days 15h 43min", "13 days 15h 43min"),
        ("12 days 16h 22min", "13 days 16h 22min"),
    ),
    # 22:54 - 22:52 = 2 min; 23:09 - 22:54 = 15 min; 16:24 next day - 22:52 = 17 h 32 min;
    # 23:03 next day - 23:09 = 23 h 54 min; 23:03 next day - 22:52 = 24 h 11 min
    "github-2018-10-21": ("2min", "15min", None, "17h 32min", "23h 54min", "24h 11min"),
    # detected, declared, acknowledged unknown; 05:27 - 04:09 = 1 h 18 min; resolved on 29 Jul: from
    # 19 Jul 04:09 to 29 Jul 00:00 = 9 d 19 h 51 min, to 30 Jul 00:00 = 10 d 19 h 51 min
    "crowdstrike-2024-07-19": (None, None, None, "1h 18min", None, ("9 days 19h 51min", "10 days 19h 51min")),
    # 17:51 - 17:49 = 2 min; 18:46:38 - 17:51 = 55 min 38 s; 17:51 - 17:51 = 0; 18:29 - 17:49 = 40 min;
    # 01:18 next day - 18:46:38 = 6 h 31 min 22 s; 01:18 next day - 17:49 = 7 h 29 min
    "google-cloud-2025-06-12-service-control": (
        "2min",
        "55min 38s",
        "0min",
        "40min",
        "6h 31min 22s",
        "7h 29min",
    ),
    # 11:31 - 11:28 = 3 min; 11:35 - 11:31 = 4 min; 11:32 - 11:31 = 1 min; 14:30 - 11:28 = 3 h 02 min;
    # 17:06 - 11:35 = 5 h 31 min; 17:06 - 11:28 = 5 h 38 min
    "cloudflare-2025-11-18-bot-management": ("3min", "4min", "1min", "3h 2min", "5h 31min", "5h 38min"),
    # detected, declared, acknowledged unknown; 09:25 - 06:48 = 2 h 37 min; 21:20 - 06:48 = 14 h 32 min
    "aws-2025-10-20-dynamodb-dns": (None, None, None, "2h 37min", None, "14h 32min"),
}

# What the sources (or the facts, by subtraction) say of the whole length, in minutes: lowest and highest.
PUBLISHED_MINUTES: dict[str, tuple[int, int]] = {
    "gitlab-2017-01-31-database": (1129, 1129),  # about 18 h 49 min
    "aws-s3-2017-02-28": (257, 257),  # 4 h 17 min
    "cloudflare-2019-07-02-waf-regex": (27, 27),
    "google-cloud-2019-06-02-network": (199, 265),  # 3 h 19 min to 4 h 25 min, by region
    "slack-2021-01-04": (220, 280),  # 3 h 40 min from full outage, about 4 h 40 min from first packet loss
    "fastly-2021-06-08": (168, 168),  # 2 h 48 min
    "facebook-2021-10-04-backbone": (348, 348),  # 5 h 48 min
    "roblox-2021-10-28": (4330, 4330),  # 72 h 10 min from 16:35 local time; 73 h is listed as a conflict
    "atlassian-2022-04-05": (0, 20160),  # up to 14 days
    "github-2018-10-21": (1451, 1451),  # 24 h 11 min
    "google-cloud-2025-06-12-service-control": (449, 449),  # 7 h 29 min
    "cloudflare-2025-11-18-bot-management": (338, 338),  # 5 h 38 min
    "aws-2025-10-20-dynamodb-dns": (872, 872),  # 14 h 32 min
}

# How the facts call an entry, and the kind and field under which a record may hold it.
KINDS: dict[str, set[tuple[str, str | None]]] = {
    **{word: {("note", word)} for word in ("context", "obstacle", "setback")},
    **{word: {("note", word)} for word in ("aftermath", "external", "follow_up")},
    "symptom": {("impact", None)},
    "impact": {("impact", None)},
    "recovery": {("recovery", None)},
    "action": {("action", None), ("action", "recovery"), ("action", "change")},
    "mitigation": {("action", "mitigation")},
    "trigger": {("change", "trigger"), ("impact", "trigger")},
    "change": {("change", None)},
    "detection": {("finding", "detected")},
    "finding": {("finding", None)},
    "hypothesis": {("hypothesis", None)},
    "decision": {("decision", None)},
    "alert": {("alert", "fired")},
    "declaration": {("status", None)},
    "acknowledgement": {("status", None)},
    "resolution": {("status", None)},
    "escalation": {("severity", None), ("role", "requested")},
    "communication": {("update", None), ("note", "communication")},
}
POINTS = {
    "first_alert": "alert_fired",
    "follow_up_published": "report_published",
    "first_public_post": "public_first",
}
AS_ENTRIES = {"degradation_start", "full_outage_start"}

# A person and a fault, or words that end a review before it begins.
BLAME = re.compile(
    r"\b(failed to|should have|could have|human error|operator error|user error|root cause|mistake\w*|"
    r"mistyped|wrong(ly)?|careless\w*|negligen\w*|incompeten\w*|forgot\w*|neglected|to blame|blamed?|at fault|"
    r"fault of|guilty|ignored|overlooked|sloppy|typo|incorrectly|improperly|did not bother|"
    r"caused by (an?|the) (engineer|operator|employee|developer|person))\b",
    re.IGNORECASE,
)


@functools.cache
def raw_records() -> dict[str, dict[str, Any]]:
    """The files as plain YAML, by incident."""
    loaded = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(SAMPLE.glob("*.yaml"))]
    return {record["incident"]["incident_id"]: record for record in loaded}


@functools.cache
def facts() -> dict[str, dict[str, Any]]:
    """The facts the records were written from, by incident; tests that need them are skipped without."""
    if not FACTS.exists():
        pytest.skip("the facts file does not come with the repository")
    return {i["id"]: i for i in yaml.safe_load(FACTS.read_text(encoding="utf-8"))["incidents"]}


def sentences(value: object) -> Iterator[str]:
    """Every text in a record that we wrote: all but the titles and links of the originals."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key != "references":
                yield from sentences(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from sentences(inner)


def stated_times(record: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The clock points as the record uses them; a time that another part of the sources gives stands behind it."""
    return {point: row[0] if isinstance(row, list) else row for point, row in record["times"].items()}


def knowledge(row: dict[str, Any]) -> tuple[str, str]:
    """The two marks of a fact."""
    return row["basis"], row["verified"]


def marks(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """The marks of all rows."""
    return [knowledge(row) for row in rows]


def instant(text: str | None) -> pd.Timestamp | None:
    """An instant, or None."""
    return None if text is None else pd.Timestamp(text)


@pytest.fixture(scope="module")
def records() -> Records:
    """The collection as the package reads it."""
    return sources.read(SAMPLE)


@pytest.fixture(scope="module")
def clock(records: Records) -> pd.DataFrame:
    """The clock of all 14 incidents."""
    return clocks.build_clock(records.incidents, records.events, records.participants, records.impacts)


@pytest.fixture(scope="module")
def measured(records: Records, clock: pd.DataFrame) -> pd.DataFrame:
    """All durations, by incident and metric."""
    rows = metrics.build_measurements(
        records.incidents, clock, records.events, records.impacts, records.participants, as_of=AS_OF
    )
    return rows.set_index(["incident_id", "metric"])


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("incident_id", DURATIONS)
def test_duration_of_public_incident_follows_from_the_facts(
    measured: pd.DataFrame, incident_id: str, metric: str
) -> None:
    """Every duration is what a subtraction by hand gives: exact, an interval, or unknown."""
    row, expected = measured.loc[(incident_id, metric)], DURATIONS[incident_id][METRICS.index(metric)]
    if expected is None:
        assert pd.isna(row["value"])
        assert pd.isna(row["low"])
        assert isinstance(row["reason"], str)
        assert not row["is_open"]
        return
    low, high = (expected, expected) if isinstance(expected, str) else expected
    assert (row["low"], row["high"]) == (pd.Timedelta(low), pd.Timedelta(high))
    assert bool(row["is_interval"]) == (low != high)
    assert not row["is_open"]


@pytest.mark.parametrize("incident_id", PUBLISHED_MINUTES)
def test_duration_agrees_with_what_was_published(measured: pd.DataFrame, incident_id: str) -> None:
    """Our length of the whole incident lies in the range that the sources state."""
    row = measured.loc[(incident_id, "incident_duration")]
    low, high = (pd.Timedelta(minutes=minutes) for minutes in PUBLISHED_MINUTES[incident_id])
    assert low <= row["low"] <= row["high"] <= high


def test_collection_is_complete(records: Records) -> None:
    """All 14 incidents are read as public records of one collection; only the README is skipped."""
    assert sorted(records.incident_ids) == sorted(DURATIONS)
    assert set(records.incidents["collection"]) == {"Public incidents"}
    assert set(records.incidents["visibility"]) == {"public"}
    others = records.findings[records.findings["check"] != "sources_differ"]
    assert others["check"].tolist() == ["skipped"]
    assert others["message"].str.contains("README.md", regex=False).all()


def test_conflicts_are_findings(records: Records) -> None:
    """Every conflict of a record is listed as a finding, word for word."""
    found = records.findings[records.findings["check"] == "sources_differ"]
    for incident_id, record in raw_records().items():
        messages = found.loc[found["incident_id"] == incident_id, "message"]
        assert len(messages) == len(record["conflicts"])
        assert all(messages.str.contains(conflict, regex=False).any() for conflict in record["conflicts"])
    assert set(found["severity"]) == {"info"}
    assert len(found) == 18  # 3 + 1 + 1 + 1 + 3 + 2 + 1 + 1 + 1 + 2 + 2, counted in the facts


def test_conflicts_say_what_the_facts_say() -> None:
    """Each conflict of the facts is kept with every number in it."""
    records = raw_records()
    for incident_id, fact in facts().items():
        ours = records[incident_id]["conflicts"]
        assert len(ours) == len(fact["conflicts"])
        for mine, theirs in zip(ours, fact["conflicts"], strict=True):
            assert set(re.findall(r"\d+", theirs)) <= set(re.findall(r"\d+", mine))


def test_conflicting_times_are_disputed(clock: pd.DataFrame) -> None:
    """Where a conflict is about a clock point and wider than a minute, that point counts as disputed, no other."""
    disputed = clock[clock["is_disputed"].fillna(False).astype(bool)]
    assert set(zip(disputed["incident_id"], disputed["point"], strict=True)) == {
        ("google-cloud-2019-06-02-network", "resolved"),
        ("facebook-2021-10-04-backbone", "mitigated"),
        ("crowdstrike-2024-07-19", "resolved"),
        ("google-cloud-2025-06-12-service-control", "impact_start"),
        ("google-cloud-2025-06-12-service-control", "resolved"),
        ("cloudflare-2025-11-18-bot-management", "impact_start"),
        ("cloudflare-2025-11-18-bot-management", "identified"),
    }


def test_every_timeline_entry_is_kept() -> None:
    """All 202 entries stand in the records in order, with time, precision, kind and marks of knowing."""
    records, kept = raw_records(), 0
    for incident_id, fact in facts().items():
        rows = iter(records[incident_id]["timeline"])
        for entry in fact["timeline"]:
            wanted = (entry["at"], entry["precision"], knowledge(entry))
            assert any(
                (row.get("at"), row.get("precision"), knowledge(row)) == wanted
                and (row["kind"], row.get("field")) in KINDS[entry["kind"]]
                for row in rows  # the iterator goes on where the last entry was found: order is tested too
            ), (incident_id, entry["text"])
            kept += 1
    assert kept == 202


def test_every_clock_point_is_kept() -> None:
    """All times of the facts stand in the records with precision and marks, unknown ones as unknown."""
    records = raw_records()
    for incident_id, fact in facts().items():
        ours = stated_times(records[incident_id])
        met = {row.get("at") for row in records[incident_id]["timeline"] if row["kind"] == "impact"}
        for name, time in fact["times"].items():
            if name in AS_ENTRIES:
                assert time["at"] in met
                continue
            row = ours[POINTS.get(name, name)]
            assert (row.get("at"), row.get("precision")) == (time["at"], time["precision"])
            assert knowledge(row) == knowledge(time)
            assert ("note" in row) == ("note" in time)


def test_marks_of_knowing_are_kept() -> None:
    """Trigger, severity, services, learnings and action items carry the marks that the facts give them."""
    records = raw_records()
    for incident_id, fact in facts().items():
        record = records[incident_id]
        incident, extra = record["incident"], record["incident"]["extra"]
        assert (incident["trigger_basis"], incident["trigger_verified"]) == knowledge(fact["trigger"])
        for name in ("severity", "trigger_kind", "affected_services"):
            assert knowledge(extra[name]) == knowledge(fact[name])
        for category in ("went_well", "went_poorly", "got_lucky"):
            assert marks(record["learnings"][category]) == marks(fact[category])
        assert marks(record["actions"]) == marks(fact["action_items"])


def test_measured_impact_is_kept() -> None:
    """Every number of the facts' impact has a row with the same marks, and so has every open question."""
    records = raw_records()
    for incident_id, fact in facts().items():
        rows = records[incident_id]["impacts"]
        numbers = {(row.get(name), *knowledge(row)) for row in rows for name in ("low", "value", "high")}
        for measure in fact["impact"].values():
            values = measure["value"].values() if isinstance(measure["value"], dict) else [measure["value"]]
            for value in values:
                if isinstance(value, int | float):
                    assert (value, *knowledge(measure)) in numbers
        unanswered = [row for row in rows if not {"low", "value", "high", "text"} & row.keys()]
        assert len(unanswered) == sum(measure["value"] is None for measure in fact["impact"].values())
        assert all(knowledge(row) == ("unknown", "none") for row in unanswered)


def test_published_severity_is_kept(records: Records) -> None:
    """The records hold a severity for the seven incidents whose facts state one, and for no other."""
    stated = {incident_id for incident_id, fact in facts().items() if fact["severity"]["value"]}
    assert len(stated) == 7
    assert set(records.events.loc[records.events["kind"] == "severity", "incident_id"]) == stated


def test_severity_words_have_an_order(records: Records) -> None:
    """The policy beside the records ranks every severity word in them."""
    policy = read_policy(SAMPLE / "policy.toml")
    words = records.events.loc[records.events["kind"] == "severity", "new"]
    assert len(words) == 10
    assert {rank: {word for word in words if policy.rank(word) == rank} for rank in (1, 2, 3)} == {
        1: {"P0", "most significant", "critical", "highest", "red"},
        2: {"outage", "high"},
        3: {"incident", "yellow"},
    }


def test_status_entries_agree_with_the_clock() -> None:
    """A status entry with a time says the same as the clock point of its name."""
    for record in raw_records().values():
        for row in record["timeline"]:
            if row["kind"] == "status" and "at" in row:
                assert row["at"] == stated_times(record)[row["new"]]["at"]


def test_no_relief_is_dated_by_a_later_step(clock: pd.DataFrame) -> None:
    """Where steps came before the first one that has a time, the beginning of mitigation is not derived."""
    begun = clock[clock["point"] == "mitigation_started"].set_index("incident_id")
    assert set(begun.index[begun["knowledge"] == "unknown"]) == {
        "aws-s3-2017-02-28",
        "google-cloud-2019-06-02-network",
        "facebook-2021-10-04-backbone",
        "roblox-2021-10-28",
        "atlassian-2022-04-05",
    }


@pytest.mark.parametrize("incident_id", DURATIONS)
def test_customers_were_affected_throughout(measured: pd.DataFrame, incident_id: str) -> None:
    """The union of the impact intervals has the same bounds as the whole incident: no gap and no extra time."""
    impact = measured.loc[(incident_id, "customer_impact_duration")]
    whole = measured.loc[(incident_id, "incident_duration")]
    assert (impact["low"], impact["high"]) == (whole["low"], whole["high"])


def test_impact_lasts_as_long_as_the_incident() -> None:
    """The intervals of impact begin with the incident, leave no gap, and end with its end."""
    for incident_id, record in raw_records().items():
        rows = sorted(
            ((instant(r["began_at"]), instant(r["ended_at"])) for r in record["impacts"] if "began_at" in r),
        )
        assert rows[0][0] == instant(stated_times(record)["impact_start"]["at"]), incident_id
        reached = rows[0][1]
        for began, ended in rows[1:]:
            assert began <= reached, incident_id
            reached = max(reached, ended)
        assert reached == instant(stated_times(record)["resolved"]["at"]), incident_id


def test_action_types_are_marked_as_our_reading() -> None:
    """The sources class no action item, so every type says that it is inferred, and no state is made up."""
    for record in raw_records().values():
        for action in record["actions"]:
            assert action["extra"]["type_basis"] == "inferred"
            assert action["type"] in ("mitigate", "prevent", "detect", "process", "other")
            assert not {"status", "priority", "owner_id", "ticket", "due_at", "done_at"} & action.keys()


def test_end_state_is_read_by_the_rule() -> None:
    """One incident was fixed before its end, one has no defined end, twelve were mitigated, all for a reason."""
    states = {incident_id: record["incident"]["end_state"] for incident_id, record in raw_records().items()}
    assert states.pop("slack-2021-01-04") == "fixed"
    assert states.pop("crowdstrike-2024-07-19") == "unknown"
    assert set(states.values()) == {"mitigated"}
    assert all(record["incident"]["end_reason"] for record in raw_records().values())


def test_summary_has_three_sentences() -> None:
    """A summary is three sentences, each ended by a full stop."""
    for record in raw_records().values():
        summary = record["incident"]["summary"]
        assert len(re.findall(r"\.(?=\s|$)", summary)) == 3
        assert summary.endswith(".")


def test_originals_are_linked() -> None:
    """Every reference has title, link, date and what was read of it, and the README links it too."""
    readme = (SAMPLE / "README.md").read_text(encoding="utf-8")
    for record in raw_records().values():
        references = record["incident"]["references"]
        assert record["incident"]["source_url"] == references[0]["url"]
        for reference in references:
            assert all(reference[key] for key in ("title", "url", "published", "read"))
            assert reference["url"].startswith("https://")
            assert f"({reference['url']})" in readme


def test_nobody_is_named_or_blamed(records: Records) -> None:
    """No record has a person in it, and no sentence of ours says that a person did something wrong."""
    assert records.people.empty
    assert records.participants.empty
    assert records.events["actor_id"].isna().all()
    for incident_id, record in raw_records().items():
        for sentence in sentences(record):
            assert not BLAME.search(sentence), (incident_id, sentence)


def test_blame_pattern_finds_blame() -> None:
    """The pattern would find the usual forms of blame, so that the test above can fail."""
    for sentence in (
        "The operator failed to check the host",
        "They should have waited",
        "Human error was the root cause",
        "The command was entered wrongly",
        "A limit had been removed by mistake",
        "caused by an engineer",
    ):
        assert BLAME.search(sentence)
