"""Log formats in JSON: what the documentation of each logger says its lines mean, and what is none of them."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path

import pandas as pd
import pytest

from incident_analytics.errors import SourceError
from incident_analytics.sources import logs

At = tuple[str, str | None, str | None, str | None, str | None]

# Per format: lines with what each says: time, host, service, level, message. Epochs were turned into times with `date -u`:
# 1767603600 is 2026-01-05 09:00:00 UTC.
CASES: dict[str, list[tuple[str, At]]] = {
    "bunyan": [
        (
            '{"name":"otters","hostname":"web-1","pid":7,"level":50,"msg":"asleep","time":"2026-01-05T09:00:00.250Z","v":0}',
            ("2026-01-05T09:00:00.250Z", "web-1", "otters", "error", "asleep"),
        ),
        (  # a level of one's own is on no scale, and an object beside the message is not read
            '{"name":"otters","hostname":"web-1","pid":7,"level":35,"err":{"msg":"no"},"msg":"","time":"2026-01-05T09:00:00Z","v":0}',
            ("2026-01-05T09:00:00Z", "web-1", "otters", None, ""),
        ),
    ],
    "pino": [
        (
            '{"level":10,"time":1767603600250,"pid":7,"hostname":"web-1","msg":"awake"}',
            ("2026-01-05T09:00:00.250Z", "web-1", "shop", "trace", "awake"),
        ),
        (
            '{"level":60,"time":1767603600250,"pid":7,"hostname":"web-1","name":"otters","err":{"message":"no fish"}}',
            ("2026-01-05T09:00:00.250Z", "web-1", "otters", "fatal", "no fish"),
        ),
    ],
    "zap": [
        (
            '{"level":"dpanic","ts":1767603600.25,"caller":"otters/main.go:7","msg":"awake","logger":"otters"}',
            ("2026-01-05T09:00:00.250Z", None, "otters", "fatal", "awake"),
        ),
        (
            '{"level":"WARN","ts":"2026-01-05T09:00:00.250+0100","caller":"main.go:7","msg":"slow"}',
            ("2026-01-05T08:00:00.250Z", None, "shop", "warning", "slow"),
        ),
    ],
    "zerolog": [
        (
            '{"level":"info","time":1767603600,"message":"awake"}',
            ("2026-01-05T09:00:00Z", None, "shop", "info", "awake"),
        ),
        (
            '{"level":"panic","service":"otters","time":"2026-01-05T10:00:00+01:00","message":"gone"}',
            ("2026-01-05T09:00:00Z", None, "otters", "fatal", "gone"),
        ),
    ],
    "structlog": [
        (
            '{"fish": 3, "event": "fed", "level": "critical", "timestamp": "2026-01-05T09:00:00.250000Z", "logger": "otters"}',
            ("2026-01-05T09:00:00.250Z", None, "otters", "critical", "fed"),
        ),
        (
            '{"event": "asleep", "level": "exception", "timestamp": 1767603600.25}',
            ("2026-01-05T09:00:00.250Z", None, "shop", "error", "asleep"),
        ),
    ],
    "ecs": [
        (
            '{"@timestamp":"2026-01-05T09:00:00.250Z","log.level":" WARN","message":"slow","ecs.version":"1.2.0",'
            '"log":{"logger":"otters","level":"ignored"},"host":{"name":"web-1"}}',
            ("2026-01-05T09:00:00.250Z", "web-1", "otters", "warning", "slow"),
        ),
        (
            '{"@timestamp":"2026-01-05T09:00:00Z","log":{"level":"error"},"message":"no","ecs":{"version":"8.0"},'
            '"service":{"name":"otters"},"host":{"hostname":"web-2"}}',
            ("2026-01-05T09:00:00Z", "web-2", "otters", "error", "no"),
        ),
    ],
    "log4j2_json": [
        (
            '{"instant":{"epochSecond":1767603600,"nanoOfSecond":5000},"thread":"main","level":"FATAL",'
            '"loggerName":"com.example.Otters","message":"gone","endOfBatch":false}',
            ("2026-01-05T09:00:00.000005Z", None, "com.example.Otters", "fatal", "gone"),
        ),
        (
            '{"timeMillis":1767603600250,"thread":"main","level":"INFO","loggerName":"com.example.Otters","message":"awake"}',
            ("2026-01-05T09:00:00.250Z", None, "com.example.Otters", "info", "awake"),
        ),
        (  # without its nanoseconds, an instant is a whole second
            '{"instant":{"epochSecond":1767603600},"thread":"main","level":"INFO","loggerName":"com.example.Otters"}',
            ("2026-01-05T09:00:00Z", None, "com.example.Otters", "info", None),
        ),
    ],
    "logstash_json": [
        (
            '{"@timestamp":"2026-01-05T10:00:00.250+01:00","@version":"1","message":"no","logger_name":"com.example.Otters",'
            '"thread_name":"main","level":"ERROR","level_value":40000,"stack_trace":"java.lang.Error"}',
            ("2026-01-05T09:00:00.250Z", None, "com.example.Otters", "error", "no"),
        ),
        (
            '{"@timestamp":"2026-01-05T09:00:00Z","@version":1,"message":"awake","logger_name":"x","level":"INFO","HOSTNAME":"web-1",'
            '"app":"otters"}',
            ("2026-01-05T09:00:00Z", "web-1", "otters", "info", "awake"),
        ),
    ],
    "docker_json": [
        (
            '{"log":"otters \\"awake\\"\\r\\n","stream":"stdout","time":"2026-01-05T09:00:00.250000999Z"}',
            ("2026-01-05T09:00:00.250Z", None, "shop", None, 'otters "awake"'),
        ),
        (  # JSON inside: its level is read, its time is not, and it stays as it is
            '{"log":"{\\"level\\":\\"warn\\",\\"time\\":\\"2020-01-01T00:00:00Z\\"}\\n","stream":"stderr","time":"2026-01-05T09:00:00Z"}',
            ("2026-01-05T09:00:00Z", None, "shop", "warning", '{"level":"warn","time":"2020-01-01T00:00:00Z"}'),
        ),
    ],
    "cloudwatch": [
        (
            '{"timestamp":1767603600250,"message":"{\\"level\\":\\"ERROR\\"}\\n","ingestionTime":1767603601000,"logStreamName":"a/1"}',
            ("2026-01-05T09:00:00.250Z", "a/1", "shop", "error", '{"level":"ERROR"}'),
        ),
        (
            '{"@timestamp":"2026-01-05 09:00:00.250","@message":"awake","@log":"1:otters","@logStream":"a/1"}',
            ("2026-01-05T09:00:00.250Z", "a/1", "1:otters", None, "awake"),
        ),
    ],
    "gelf": [
        (
            '{"version":"1.1","host":"web-1","short_message":"awake","timestamp":1767603600.25,"level":3,"_service":"otters"}',
            ("2026-01-05T09:00:00.250Z", "web-1", "otters", "error", "awake"),
        ),
        (
            '{"version":"1.1","host":"web-1","short_message":"gone","full_message":"gone\\nat x","timestamp":1767603600,"level":0}',
            ("2026-01-05T09:00:00Z", "web-1", "shop", "fatal", "gone"),
        ),
    ],
    "journald_json": [
        (
            '{ "__REALTIME_TIMESTAMP" : "1767603600250001", "_HOSTNAME" : "web-1", "SYSLOG_IDENTIFIER" : "otterd", "PRIORITY" : "4", '
            '"MESSAGE" : "[104, 105]" }',
            ("2026-01-05T09:00:00.250001Z", "web-1", "otterd", "warning", "[104, 105]"),
        ),
        (  # a list of bytes: an umlaut in UTF-8
            '{"__REALTIME_TIMESTAMP":"1767603600250001","_SYSTEMD_UNIT":"otterd.service","PRIORITY":"7","MESSAGE":[104,195,188]}',
            ("2026-01-05T09:00:00.250001Z", None, "otterd.service", "debug", "h\u00fc"),
        ),
        (  # no UTF-8, and no bytes
            '{"__REALTIME_TIMESTAMP":"1767603600250001","PRIORITY":"9","MESSAGE":[104,255]}',
            ("2026-01-05T09:00:00.250001Z", None, None, None, "h\\xFF"),
        ),
        (
            '{"__REALTIME_TIMESTAMP":"1767603600250001","MESSAGE":[104,999]}',
            ("2026-01-05T09:00:00.250001Z", None, None, None, "[104,999]"),
        ),
        (
            '{"__REALTIME_TIMESTAMP":"1767603600250001","MESSAGE":null}',
            ("2026-01-05T09:00:00.250001Z", None, None, None, None),
        ),
    ],
    "otlp_json": [
        (
            '{"timeUnixNano":"1767603600250000999","severityNumber":17,"severityText":"information","body":{"stringValue":"no"}}',
            ("2026-01-05T09:00:00.250Z", None, "shop", "error", "no"),
        ),
        (
            '{"timeUnixNano":"0","observedTimeUnixNano":"1767603600250000000","severityText":"Warn","body":{"intValue":"7"}}',
            ("2026-01-05T09:00:00.250Z", None, "shop", "warning", "7"),
        ),
        (
            '{"timeUnixNano":"1767603600000000000","eventName":"fed"}',
            ("2026-01-05T09:00:00Z", None, "shop", None, "fed"),
        ),
    ],
    "cloudtrail": [
        (
            '{"eventVersion":"1.08","eventTime":"2026-01-05T09:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject",'
            '"errorCode":"AccessDenied","errorMessage":"no fish"}',
            ("2026-01-05T09:00:00Z", None, "s3.amazonaws.com", None, "GetObject AccessDenied no fish"),
        ),
        (
            '{"eventVersion":"1.08","eventTime":"2026-01-05T09:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject"}',
            ("2026-01-05T09:00:00Z", None, "s3.amazonaws.com", None, "GetObject"),
        ),
    ],
    "kubernetes_events": [
        (
            '{"metadata":{"creationTimestamp":"2026-01-05T08:00:00Z"},"involvedObject":{"name":"otters-1"},"reason":"Killing","message":"bye",'
            '"source":{"host":"web-1"},"lastTimestamp":"2026-01-05T09:00:00Z","count":16,"type":"Warning","eventTime":null}',
            ("2026-01-05T09:00:00Z", "web-1", "otters-1", "warning", "Killing bye"),
        ),
        (
            '{"metadata":{"creationTimestamp":"2026-01-05T09:00:00Z"},"regarding":{"name":"otters-1"},"reason":"Pulled","note":"fish",'
            '"lastTimestamp":null,"eventTime":null,"type":"Normal","reportingInstance":""}',
            ("2026-01-05T09:00:00Z", None, "otters-1", "info", "Pulled fish"),
        ),
    ],
    "postgresql_json": [
        (
            '{"timestamp":"2026-01-05 09:00:00.250 UTC","pid":7,"error_severity":"PANIC","message":"gone","detail":"no fish"}',
            ("2026-01-05T09:00:00.250Z", None, "shop", "fatal", "gone no fish"),
        ),
        (
            '{"timestamp":"2026-01-05 09:00:00.250 GMT","pid":7,"error_severity":"LOG","message":"awake"}',
            ("2026-01-05T09:00:00.250Z", None, "shop", "info", "awake"),
        ),
    ],
    "mysql_json": [
        (
            '{"prio":2,"err_code":1,"msg":"slow","time":"2026-01-05T09:00:00.250000Z","label":"Warning","subsystem":"InnoDB"}',
            ("2026-01-05T09:00:00.250Z", None, "InnoDB", "warning", "slow"),
        ),
        (
            '{"prio":0,"err_code":1,"msg":"awake","time":"2026-01-05T09:00:00.250000Z","label":"System"}',
            ("2026-01-05T09:00:00.250Z", None, "shop", "info", "awake"),
        ),
    ],
    "json_lines": [
        (  # a number is a level only where the logger is known
            '{"ts":"2026-01-05T09:00:00Z","level":30,"msg":"awake"}',
            ("2026-01-05T09:00:00Z", None, "shop", None, "awake"),
        ),
        (
            '{"ts":"2026-01-05T09:00:00Z","@fields":{"lvl":"WARN","msg":"slow"}}',
            ("2026-01-05T09:00:00Z", None, "shop", "warning", "slow"),
        ),
    ],
}

# Lines that only resemble the format, each among good ones: no entry, and rejected with their place.
NO_ENTRIES = {
    "bunyan": '{"name":"otters","hostname":"web-1","pid":7,"level":30,"msg":"x","time":"2026-01-05T09:00:00Z"}',
    "pino": '{"level":30,"time":"2026-01-05T09:00:00Z","pid":7,"hostname":"web-1","msg":"x"}',
    "zap": '{"level":"info","ts":1.5,"caller":"main.go:7","msg":"since the start"}',
    "zerolog": '{"level":"info","time":"soon","message":"x"}',
    "structlog": '{"event":"x","level":"info","timestamp":null}',
    "ecs": '{"@timestamp":"2026-01-05T09:00:00Z","ecs.version":"1.2.0","message":"x"',
    "log4j2_json": '{"instant":{"nanoOfSecond":5},"thread":"main","level":"INFO","loggerName":"x","message":"x"}',
    "logstash_json": '{"@version":"1","message":"x","logger_name":"x","level":"INFO"}',
    "docker_json": '{"log":"otters\\n","stream":"stdout"}',
    "cloudwatch": '{"timestamp":"soon","message":"x","ingestionTime":1767603601000}',
    "gelf": '{"version":"1.1","host":"web-1","short_message":"no time"}',
    "journald_json": '{"__REALTIME_TIMESTAMP":"","MESSAGE":"x"}',
    "otlp_json": '{"timeUnixNano":"0","body":{"stringValue":"x"}}',
    "cloudtrail": '{"eventTime":"2026-01-05T09:00:00Z","eventName":"x"}',
    "kubernetes_events": '{"metadata":{},"regarding":{},"reason":"x","type":"Normal"}',
    "postgresql_json": '{"timestamp":"2026-13-05 09:00:00.250 UTC","pid":7,"error_severity":"LOG","message":"x"}',
    "mysql_json": '{"err_code":1,"msg":"x","label":"System"}',
    "json_lines": '{"when":"2026-01-05T09:00:00Z","msg":"x"}',
}


def written(folder: Path, text: str | bytes, name: str = "shop.log") -> Path:
    """A file with this content."""
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def rows(found: pd.DataFrame) -> list[tuple[object, ...]]:
    """The entries as tuples, None where a cell is missing."""
    columns = ["at", "host", "service", "level", "message"]
    return [
        tuple(None if pd.isna(cell) else cell for cell in row)
        for row in found[columns].itertuples(index=False, name=None)
    ]


def test_every_format_in_json_has_cases() -> None:
    """No format in JSON is without lines that are its own and one that is not, and no keys differ in case only."""
    for module in logs.log_formats().values():
        # The database tells keys apart without regard to case.
        keys = [key.lower() for key in module.FORMAT.top_keys]
        assert len(keys) == len(set(keys)), module.NAME
    names = sorted(name for name, module in logs.log_formats().items() if module.FORMAT.kind == "json")
    assert names == sorted(CASES) == sorted(NO_ENTRIES)


@pytest.mark.parametrize("name", CASES)
def test_lines_say_what_their_logger_means(name: str, tmp_path: Path) -> None:
    """A file is recognised as of its logger; times, names, levels and messages are those of its documentation."""
    text = "".join(f"{line}\n" for line, _ in CASES[name])
    found = logs.scan(written(tmp_path, text), time_zone="UTC")
    assert found.counts["format"].tolist() == [name]
    expected = [(pd.Timestamp(at).floor("us"), *others) for _, (at, *others) in CASES[name]]
    assert rows(found.logs) == expected
    places = [sum(len(line.encode()) + 1 for line, _ in CASES[name][:n]) for n in range(len(CASES[name]))]
    assert found.logs["raw_offset"].tolist() == places


@pytest.mark.parametrize("name", NO_ENTRIES)
def test_what_lacks_something_of_its_format_is_rejected(name: str, tmp_path: Path) -> None:
    """A line without a key that tells the format, or without a time that can be read, is rejected with its place."""
    good = CASES[name][0][0]
    text = f"{good}\n" * 99 + NO_ENTRIES[name] + "\n"
    found = logs.scan(written(tmp_path, text), time_zone="UTC")
    counts = found.counts.iloc[0]
    assert (counts["format"], counts["entries"], counts["rejected"], counts["lines"]) == (name, 99, 1, 100)
    rejected = found.findings[found.findings["check"] == "row_rejected"]
    assert rejected["row"].tolist() == [f"byte {99 * (len(good.encode()) + 1)}"]


@pytest.mark.parametrize("name", CASES)
def test_the_example_of_a_format_is_of_that_format(name: str, tmp_path: Path) -> None:
    """The example that is shown to users is recognised as of its format and is one entry, at nine on 5 January 2026."""
    found = logs.scan(written(tmp_path, logs.log_formats()[name].EXAMPLE))
    assert found.counts[["format", "entries", "lines"]].iloc[0].tolist() == [name, 1, 1]
    assert found.logs["at"].iloc[0].floor("s") == pd.Timestamp("2026-01-05T09:00:00Z")


def test_what_stands_between_the_lines_of_a_logger_is_rejected(tmp_path: Path) -> None:
    """Text that a program prints between its JSON lines is rejected with its place, and is no part of an entry."""
    line = CASES["bunyan"][0][0]
    text = f"{line}\n# otters\n{line}\n\tat pond\n" + f"{line}\n" * 6
    found = logs.scan(written(tmp_path, text))
    assert found.counts[["entries", "continued", "rejected"]].iloc[0].tolist() == [8, 0, 2]
    raw = found.findings[found.findings["check"] == "row_rejected"]["raw"].tolist()
    assert raw == ["# otters", "\tat pond"]


def cloudwatch_payload(*messages: str, kind: str = "DATA_MESSAGE") -> bytes:
    """What a subscription packs: log events a second apart."""
    events = [{"id": str(n), "timestamp": 1767603600000 + 1000 * n, "message": text} for n, text in enumerate(messages)]
    payload = {
        "messageType": kind,
        "owner": "1",
        "logGroup": "otters",
        "logStream": "pond/1",
        "subscriptionFilters": ["all"],
        "logEvents": events,
    }
    return json.dumps(payload).encode()


def lambda_event(data: bytes) -> str:
    """What a function is handed: that, as BASE64 of GZIP."""
    return json.dumps({"awslogs": {"data": base64.b64encode(data).decode()}}, indent=2)


def test_a_subscription_of_cloudwatch_is_unpacked(tmp_path: Path) -> None:
    """BASE64 of GZIP of JSON gives the events inside, with group and stream, at the place of the document."""
    path = written(tmp_path, lambda_event(gzip.compress(cloudwatch_payload("awake", "asleep\n"))), "event.json")
    found = logs.scan(path)
    assert found.counts[["format", "entries", "lines"]].iloc[0].tolist() == ["cloudwatch", 2, 2]
    assert rows(found.logs) == [
        (pd.Timestamp("2026-01-05T09:00:00Z"), "pond/1", "otters", None, "awake"),
        (pd.Timestamp("2026-01-05T09:00:01Z"), "pond/1", "otters", None, "asleep"),
    ]
    assert found.logs["raw_offset"].tolist() == [0, 0]
    # A window works on what was packed as on anything else.
    asked = logs.scan(path, start="2026-01-05T09:00:01Z")
    assert asked.counts[["entries", "outside_window"]].iloc[0].tolist() == [1, 1]


def test_subscriptions_one_behind_the_other_are_read(tmp_path: Path) -> None:
    """As a delivery stream stores them, without a line end between, documents are told apart."""
    data = cloudwatch_payload("a") + cloudwatch_payload("b") + cloudwatch_payload(kind="CONTROL_MESSAGE")
    found = logs.scan(written(tmp_path, data, "delivered"))
    assert found.logs["message"].tolist() == ["a", "b"]
    assert found.logs["raw_offset"].tolist() == [data.index(b'{"id"'), data.rindex(b'{"id"')]
    assert found.counts["blank"].tolist() == [1]


@pytest.mark.parametrize(
    "data",
    [b"no gzip", gzip.compress(b"x" * (70 << 20)), gzip.compress(cloudwatch_payload("a"))[:-20]],
    ids=["not packed", "a bomb", "cut short"],
)
def test_what_cannot_be_unpacked_is_refused(data: bytes, tmp_path: Path) -> None:
    """A payload that is not packed, is cut off, or unpacks beyond the limit is an error that names the file."""
    with pytest.raises(SourceError, match=r"event\.json.*cloudwatch for 0%"):
        logs.scan(written(tmp_path, lambda_event(data), "event.json"))
