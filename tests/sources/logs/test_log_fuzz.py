"""Structured logs with bytes changed anywhere: nothing breaks, hangs or goes missing, in any format and encoding."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incident_analytics.errors import SourceError
from incident_analytics.schema import conform
from incident_analytics.sources import logs
from incident_analytics.sources.logs._engine import Database, FileReading, Request, reading

JSON_FORMATS = {name: module for name, module in logs.log_formats().items() if module.FORMAT.kind == "json"}
HOSTILE = [
    b"",
    b"\x00",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\\ud800",
    b"\x1b[31m",
    b"\n",
    b"\r\n",
    b'"',
    b"\\",
    b"{" * 40,
    b"]" * 9,
    b"[" * 300,
    b"}",
    b",",
    b"1" * 400,
    b"null",
    b'"../../etc/passwd"',
    b"=1+1",
    b"\xef\xbb\xbf",
    b"-0",
    b"1e999",
]
EVENT = {"id": "1", "timestamp": 1767603600000, "message": "otters\n"}
DOCUMENTS = [
    json.dumps({"Records": [{"eventTime": "2026-01-05T09:00:00Z", "eventSource": "s", "eventName": "n"}] * 3}),
    json.dumps({"logGroup": "g", "logStream": "s", "logEvents": [EVENT] * 3}, indent=1),
    json.dumps({"awslogs": {"data": base64.b64encode(gzip.compress(json.dumps({"logEvents": [EVENT]}).encode())).decode()}}),
    json.dumps([{"time": "2026-01-05T09:00:00Z", "msg": "x", "deep": [[{"a": "]}"}]]}] * 3, indent=2),
    '{"log":"a","stream":"stdout","time":"2026-01-05T09:00:00Z"}\n{"log":"b\\n","stream":"stdout","time":"2026-01-05T09:00:00Z"}',
]  # fmt: skip


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    """One database for all readings of this module; a reading leaves nothing behind."""
    with Database() as opened:
        yield opened


def assert_nothing_is_lost(found: FileReading, data: bytes) -> None:
    """The counts add up, every reject is told, places lie in the file, and the table keeps its contract."""
    counts = found.counts
    assert counts["lines"] == sum(n for name, n in counts.items() if name != "lines")
    assert len(found.logs) == counts["entries"]
    assert found.logs["raw_offset"].between(0, max(len(data) - 1, 0)).all()
    told = [row for row in found.findings if row["check"] == "row_rejected"]
    assert bool(told) == bool(counts["rejected"]) and len(told) <= min(counts["rejected"], 100)
    pd.testing.assert_frame_equal(found.logs, conform("logs", found.logs))


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, bytes]:
    """An example of a format or a document, with bytes put in, cut out and doubled."""
    name = draw(st.sampled_from(sorted(JSON_FORMATS)))
    text = draw(st.sampled_from([JSON_FORMATS[name].EXAMPLE, *DOCUMENTS]))
    data = bytearray(draw(st.sampled_from([b"\n", b"\n\n", b""])).join([text.encode()] * draw(st.integers(1, 3))))
    for _ in range(draw(st.integers(0, 5))):
        place = draw(st.integers(0, len(data)))
        data[place : place + draw(st.integers(0, 20))] = draw(st.sampled_from(HOSTILE) | st.binary(max_size=3))
    return name, bytes(data)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=mutated(), encoding=st.sampled_from([None, None, "cp1252", "utf-16-le"]))
def test_mutated_documents_lose_nothing(
    case: tuple[str, bytes], encoding: str | None, database: Database, tmp_path: Path
) -> None:
    """Whatever bytes a structured log holds, in whatever encoding it is read, the law of the counts holds."""
    name, data = case
    path = tmp_path / "pond.log"
    path.write_bytes(data)
    request = Request(time_zone="UTC", encoding=encoding)
    found = reading.read_file(database, path, name, JSON_FORMATS[name].FORMAT, request, service="pond")
    assert_nothing_is_lost(found, data)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=mutated(), packed=st.booleans())
def test_mutated_documents_are_read_or_refused(case: tuple[str, bytes], packed: bool, tmp_path: Path) -> None:
    """With the format to be told as well, a file is read or refused by name; no other error comes out."""
    path = tmp_path / "pond.log"
    path.write_bytes(gzip.compress(case[1]) if packed else case[1])
    try:
        counts = logs.scan(path, time_zone="UTC").counts.iloc[0]
    except SourceError as error:
        assert "pond.log" in str(error)
    else:
        assert counts["lines"] == counts.drop(["file", "format", "lines"]).sum()


REAL = [
    "otlp-proto-examples/logs.json",
    "lnav-open/logfile_otel_collector.jsonl",
    "fluentbit-k8s-docker/k8s-events/eventlist_v1_with_lastTimestamp.json",
    "aws-lambda-events/cloudwatch-logs-event.json",
    "bunyan-corpus/all.log",
    "lnav-open/logfile_journald.json",
]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(draw=st.data())
def test_mutated_real_files_lose_nothing(
    draw: st.DataObject, database: Database, tmp_path: Path, realdata: Path
) -> None:
    """Real files with bytes changed are accounted for in any structured format, their own or not."""
    data = bytearray((realdata / draw.draw(st.sampled_from(REAL))).read_bytes())
    for _ in range(draw.draw(st.integers(1, 6))):
        place = draw.draw(st.integers(0, len(data)))
        data[place : place + draw.draw(st.integers(0, 60))] = draw.draw(st.sampled_from(HOSTILE))
    name = draw.draw(st.sampled_from(sorted(JSON_FORMATS)))
    path = tmp_path / "pond.log"
    path.write_bytes(data)
    found = reading.read_file(database, path, name, JSON_FORMATS[name].FORMAT, Request(time_zone="UTC"), service="pond")
    assert_nothing_is_lost(found, bytes(data))
