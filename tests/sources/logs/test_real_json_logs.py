"""Structured logs by others: every file of the corpora in JSON against counts made by the standard library alone."""

from __future__ import annotations

import base64
import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from incident_analytics.errors import SourceError
from incident_analytics.sources import logs


def objects(path: Path) -> list[dict[str, Any]]:
    """The JSON objects of a file of lines; what is none is left out."""
    found = []
    for line in path.read_text(encoding="utf-8", errors="replace").split("\n"):
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict):
            found.append(value)
    return found


def n_lines(path: Path) -> int:
    """How many lines are not blank."""
    return sum(bool(line.strip()) for line in path.read_bytes().split(b"\n"))


def said(column: pd.Series) -> list[object]:
    """The cells of a column, None where missing."""
    return [None if pd.isna(cell) else cell for cell in column]


def counted(found: logs.LogReading) -> list[object]:
    """Format, entries, continued and rejected of one file; the counts add up."""
    counts = found.counts.iloc[0]
    assert counts["lines"] == counts[["entries", "continued", "rejected", "outside_window", "blank"]].sum()
    return counts[["format", "entries", "continued", "rejected"]].tolist()


def test_the_bunyan_corpus_is_read_as_bunyan(realdata: Path) -> None:
    """16 of its 18 files are bunyan's, wholly; one is so for the most part; of one nothing is, and it is refused by name."""
    folder = realdata / "bunyan-corpus"
    found = logs.scan(folder)
    skipped = found.findings[found.findings["check"] == "not_recognised"]["message"]
    assert [Path(text.split(":")[0]).name for text in skipped] == [
        "LICENSE.upstream.txt",
        "SOURCE.md",
        "bogus.log",
    ]
    assert set(found.counts["format"]) == {"bunyan"} and len(found.counts) == 17
    known = [value for name in found.counts["file"] for value in objects(folder / name) if "time" in value]
    # 48 lines by its description: 2 of bogus.log are refused with it, and 5 of all.log are no objects with a time.
    assert found.counts["entries"].sum() == len(known) == 48 - 2 - 5
    assert found.logs["at"].tolist() == [pd.Timestamp(value["time"]) for value in known]
    assert said(found.logs["host"]) == [value["hostname"] for value in known]
    assert said(found.logs["service"]) == [value["name"] for value in known]
    assert said(found.logs["message"]) == [value["msg"] for value in known]
    names = {10: "trace", 20: "debug", 30: "info", 40: "warning", 50: "error", 60: "fatal"}
    assert said(found.logs["level"]) == [names.get(value["level"]) for value in known]


@pytest.mark.parametrize(("name", "message"), [("logs.json", "Example log record"), ("events.json", None)])
def test_the_examples_of_otlp(name: str, message: str | None, realdata: Path) -> None:
    """A pretty-printed document gives its record, with the service of its resource; a body that is no text stays as it is."""
    path = realdata / "otlp-proto-examples" / name
    found = logs.scan(path)
    (record,) = json.loads(path.read_text())["resourceLogs"][0]["scopeLogs"][0]["logRecords"]
    assert counted(found) == ["otlp_json", 1, 0, 0]
    row = found.logs.iloc[0]
    assert row["at"] == pd.Timestamp(int(record["timeUnixNano"]), tz="UTC") == pd.Timestamp("2018-12-13T14:51:00.3Z")
    # Severities 9 and 10 are information, whatever their text says.
    assert (row["service"], row["level"]) == ("my.service", "info")
    if message is None:
        assert json.loads(row["message"]) == record["body"]["kvlistValue"]
    else:
        assert row["message"] == message
    data = path.read_text()
    assert json.JSONDecoder().raw_decode(data[row["raw_offset"] :])[0] == record


def test_a_trace_is_no_log(realdata: Path) -> None:
    """OTLP's example of a trace has spans and no records: it is refused by name."""
    with pytest.raises(SourceError, match=r"trace\.json: no log format fits"):
        logs.scan(realdata / "otlp-proto-examples" / "trace.json")


def test_lines_of_an_opentelemetry_collector(realdata: Path) -> None:
    """Each line is a document with one or more records; severities that are missing stay missing."""
    path = realdata / "lnav-open" / "logfile_otel_collector.jsonl"
    found = logs.scan(path)
    expected = []
    for document in objects(path):
        for resource in document["resourceLogs"]:
            attributes = {item["key"]: item["value"]["stringValue"] for item in resource["resource"]["attributes"]}
            for scope in resource["scopeLogs"]:
                for record in scope["logRecords"]:
                    at = pd.Timestamp(int(record["timeUnixNano"]), tz="UTC")
                    host, service = attributes.get("host.name"), attributes.get("service.name", path.stem)
                    expected.append((at, host, service, record["body"]["stringValue"]))
    assert counted(found) == ["otlp_json", len(expected), 0, 0] and len(expected) == 11
    columns = (said(found.logs[name]) for name in ("at", "host", "service", "message"))
    assert list(zip(*columns, strict=True)) == expected
    assert Counter(said(found.logs["level"])) == {
        "info": 5,
        "warning": 1,
        "error": 1,
        "trace": 1,
        "debug": 1,
        "fatal": 1,
        None: 1,
    }


def test_container_logs_of_fluent_bit(realdata: Path) -> None:
    """All 59 container logs are Docker's json-file: times, texts without their line end, and a level where JSON has one."""
    folder = realdata / "fluentbit-k8s-docker" / "k8s-container-logs"
    paths = sorted(folder.iterdir())
    known = [(path.name, value) for path in paths for value in objects(path)]
    assert len(paths) == 59 and len(known) == sum(n_lines(path) for path in paths)
    found = logs.scan(folder)
    assert set(found.counts["format"]) == {"docker_json"} and found.counts["file"].tolist() == [p.name for p in paths]
    assert found.counts["entries"].tolist() == found.counts["lines"].tolist() == [n_lines(path) for path in paths]
    assert found.logs["source"].tolist() == [name for name, _ in known]
    assert found.logs["at"].tolist() == [pd.Timestamp(value["time"]).floor("us") for _, value in known]
    assert found.logs["message"].tolist() == [value["log"].removesuffix("\n") for _, value in known]


@pytest.mark.parametrize(
    ("name", "at", "level", "service"),
    [
        (
            "eventlist_v1_with_creationTimestamp",
            "2023-12-24T13:37:16.335172Z",
            "warning",
            "fluent-bit-78945dccd8-2g7qg",
        ),
        ("eventlist_v1_with_lastTimestamp", "2023-12-24T09:29:51Z", "info", None),
        ("watch_v1_with_lastTimestamp", "2024-07-31T18:47:15Z", "warning", "fluent-bit-78945dccd8-hvr55"),
    ],
)
def test_kubernetes_events(name: str, at: str, level: str, service: str | None, realdata: Path) -> None:
    """Lists and watch streams: last time first, then the event's own where the first and last are null."""
    path = realdata / "fluentbit-k8s-docker" / "k8s-events" / f"{name}.json"
    document = json.loads(path.read_text())
    event = document["items"][0] if "items" in document else document["object"]
    found = logs.scan(path)
    assert counted(found) == ["kubernetes_events", 1, 0, 0]
    row = found.logs.iloc[0]
    assert row["at"] == pd.Timestamp(at) and row["level"] == level
    assert said(found.logs["service"]) == [service]
    assert row["message"] == f"{event['reason']} {event['message']}"
    assert json.JSONDecoder().raw_decode(path.read_text()[row["raw_offset"] :])[0] == event


def test_docker_files_without_times_are_no_logs(realdata: Path) -> None:
    """Fluent Bit's files for its Docker mode have no times at all: refused by name; the one that has some is read."""
    paths = sorted((realdata / "fluentbit-k8s-docker" / "docker-json-file").iterdir())
    for path in paths:
        if any("time" in value for value in objects(path)):
            assert counted(logs.scan(path)) == ["json_lines", 6, 0, 0]
        else:
            with pytest.raises(SourceError, match=path.name):
                logs.scan(path)
    assert len(paths) == 6


def test_a_subscription_of_cloudwatch(realdata: Path) -> None:
    """The example for functions holds two events, packed; times are in milliseconds, group and stream are kept."""
    path = realdata / "aws-lambda-events" / "cloudwatch-logs-event.json"
    packed = json.loads(path.read_text())["awslogs"]["data"]
    payload = json.loads(gzip.decompress(base64.b64decode(packed)))
    found = logs.scan(path)
    assert counted(found) == ["cloudwatch", len(payload["logEvents"]), 0, 0]
    assert found.logs["at"].tolist() == [
        pd.Timestamp(event["timestamp"], unit="ms", tz="UTC") for event in payload["logEvents"]
    ]
    assert found.logs["message"].tolist() == [event["message"] for event in payload["logEvents"]]
    assert set(found.logs["service"]) == {payload["logGroup"]} and set(found.logs["host"]) == {payload["logStream"]}


def test_other_events_of_aws_are_no_logs(realdata: Path) -> None:
    """Alarms, state changes and deployments beside it are single events, not logs: each is refused by name."""
    for path in sorted((realdata / "aws-lambda-events").glob("*.json")):
        if path.name != "cloudwatch-logs-event.json":
            with pytest.raises(SourceError, match=path.name):
                logs.scan(path)


# Of lnav's files in JSON: format, entries, rejects; None where too little of a file is a log.
LNAV = {
    "logfile_bunyan.0": ("bunyan", 10, 0),
    "logfile_ecs_log.json": ("ecs", 5, 0),
    "logfile_invalid_json.json": ("json_lines", 4, 1),
    "logfile_invalid_json2.json": None,  # two of three lines
    "logfile_journald.json": ("journald_json", 2, 0),
    "logfile_json.json": ("json_lines", 13, 1),  # one time is "xxx"
    "logfile_json2.json": ("json_lines", 3, 0),
    "logfile_json3.json": None,  # requests with "started_at", which is no usual key
    "logfile_json_invalid.json": ("json_lines", 12, 1),
    "logfile_jsonid.json": ("json_lines", 2, 0),
    "logfile_mixed_json2.json": None,  # 13 of 18 lines are JSON
    "logfile_nested_json.json": ("json_lines", 13, 0),
}


@pytest.mark.parametrize("name", LNAV)
def test_the_json_files_of_lnav(name: str, realdata: Path) -> None:
    """Lines with a time are entries of the logger that wrote them, the broken ones among them are rejected."""
    path, expected = realdata / "lnav-open" / name, LNAV[name]
    if expected is None:
        with pytest.raises(SourceError, match=name):
            logs.scan(path)
        return
    kind, entries, rejected = expected
    found = logs.scan(path)
    assert counted(found) == [kind, entries, 0, rejected]
    assert entries + rejected == n_lines(path)


def test_a_journal_in_json(realdata: Path) -> None:
    """Times are microseconds in a text, priorities syslog's: 1 is critical on our scale, 6 information."""
    path = realdata / "lnav-open" / "logfile_journald.json"
    found = logs.scan(path)
    known = objects(path)
    assert found.logs["at"].tolist() == [
        pd.Timestamp(int(value["__REALTIME_TIMESTAMP"]) * 1000, tz="UTC") for value in known
    ]
    assert found.logs["level"].tolist() == ["critical", "info"]
    assert found.logs["message"].tolist() == [value["MESSAGE"] for value in known]


def test_numbers_of_an_unknown_logger_are_no_levels(realdata: Path) -> None:
    """Lnav's file with 0 for information and 10 for errors runs against every scale we know: levels stay missing."""
    found = logs.read_logs(realdata / "lnav-open" / "logfile_json2.json")
    assert said(found["level"]) == [None] * 3
