"""Every folder of real exports and logs by others, read by one call with no mapping: what of it is recognised as what.

Rows are those that the folder's own description counts, or that plain json, csv and re count line by line in the
``test_real_*`` modules beside this one; here the whole folder is held to them.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest

from incident_analytics.records import Records
from incident_analytics.sources import read, scan


class Expected(NamedTuple):
    """What a folder must give.

    Attributes:
        sources: the incident sources that recognise files of it.
        incidents: rows of incidents.
        logs: entries of logs.
        rejected: rows and lines that were set aside, each with a finding.
        refused: files that nobody recognises, each with a finding.
        first: the earliest time of an event or entry.
        last: the latest one.
        why: where the numbers of rows come from.
    """

    sources: set[str]
    incidents: int
    logs: int
    rejected: int
    refused: int
    first: str
    last: str
    why: str


FOLDERS = {
    "alertmanager-webhook-msteams": Expected({"alertmanager"}, 0, 0, 0, 0, "2018-03-07T11:33", "2018-03-07T11:33", "one payload"),
    "aws-health-events": Expected({"aws_health"}, 5, 0, 0, 0, "2016-06-05T06:27", "2023-08-18T23:18", "five files"),
    "aws-lambda-events": Expected({"aws_events"}, 0, 2, 0, 1, "2015-06-03T17:43", "2016-12-06T16:41", "two alarms that are equal, three changes, two log events in BASE64; one request is neither"),
    "aws-shd-2021-2022": Expected({"aws_dashboard"}, 86, 0, 0, 0, "2021-06-24T19:53", "2022-06-16T01:53", "archive items: 86"),
    "bunyan-corpus": Expected(set(), 0, 41, 5, 1, "2012-02-08T22:56", "2017-08-02T22:37", "lines: 48, two of them in bogus.log"),
    "cstate-issues": Expected({"markdown_review"}, 11, 0, 0, 0, "2017-12-17T16:24", "2024-12-27T09:44", "issues: 11"),
    "datadog-incident-cassettes": Expected({"datadog"}, 36, 0, 0, 0, "2021-09-15T12:50", "2026-02-23T14:07", "36 identifiers in 61 cassettes"),
    "elastic-apache-access": Expected(set(), 0, 10_000, 0, 0, "2015-05-17T10:05", "2015-05-20T21:05", "lines: 10000"),
    "faros-datadog": Expected({"datadog"}, 4, 0, 0, 0, "2022-02-27T20:20", "2022-03-01T02:48", "two in each of two files"),
    "faros-firehydrant": Expected({"firehydrant"}, 4, 0, 0, 0, "2022-03-07T15:17", "2022-03-09T12:49", "three, which a connector has too, with one more"),
    "faros-pagerduty": Expected({"pagerduty"}, 3, 0, 0, 0, "2021-10-27T08:05", "2021-10-29T05:52", "incidents.json: 3"),
    "faros-servicenow": Expected({"servicenow"}, 4, 0, 0, 0, "2016-12-12T15:19", "2021-11-02T23:07", "two in each of two files"),
    "faros-statuspage": Expected({"statuspage"}, 8, 0, 0, 0, "2021-11-08T14:42", "2023-05-22T18:21", "identifiers of both files together"),
    "faros-victorops": Expected({"victorops"}, 2, 0, 0, 0, "2021-11-02T16:22", "2021-11-02T16:38", "incidents.json: 2"),
    "fluentbit-k8s-docker": Expected(set(), 0, 104, 0, 5, "2006-07-28T13:22", "2024-07-31T18:47", "container logs: 59, event files: 3; five files of split lines have no time"),
    "gcp-status-2021-2022": Expected({"google_cloud"}, 157, 0, 0, 0, "2021-07-07T21:25", "2022-07-01T19:25", "incidents: 157"),
    "github-status-mrshu": Expected({"github_status"}, 819, 0, 0, 0, "2022-03-24T19:11", "2026-08-21T00:37", "incidents.jsonl: 819"),
    "moj-cloud-platform-2020-2021": Expected({"markdown_review"}, 18, 0, 0, 0, "2020-02-12T11:45", "2021-11-05T10:46", "reviews: 18"),
    "kafka-broker0": Expected(set(), 0, 3_120, 0, 0, "2016-12-19T16:31", "2016-12-20T00:11", "lines: 3273, of which 153 belong to the entry before"),
    "netflix-dispatch-dump": Expected({"dispatch"}, 5, 0, 0, 0, "2020-07-24T18:02", "2021-07-28T17:13", "five identifiers in two schemas"),
    "openshift-container-logs": Expected(set(), 0, 207, 0, 1, "2021-05-24T16:37", "", "lines: 214; one file is a line without a time"),
    "otlp-proto-examples": Expected(set(), 0, 2, 0, 1, "2018-12-13T14:51", "2018-12-13T14:51", "logs and events: one record each; a trace is no log"),
    "slack-export-sample": Expected({"slack"}, 2, 0, 0, 0, "2016-01-15T05:55", "2016-03-29T12:33", "messages: 158, in an archive and beside it"),
    "uci-servicenow-sample": Expected({"servicenow"}, 890, 0, 0, 0, "2016-02-29T01:16", "2017-02-04T19:00", "incidents: 890"),
}  # fmt: skip
"""Where the year is taken from a file's date, as of some logs, the last time is not held."""


def _minute(at: pd.Timestamp) -> str:
    return at.strftime("%Y-%m-%dT%H:%M")


def _systems(records: Records) -> set[str]:
    tables = (records.incidents, records.events, records.people, records.impacts)
    return {source.partition(":")[0] for table in tables for source in table["source"].dropna()}


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_is_read_by_one_call(name: str, realdata: Path) -> None:
    """With no mapping, zone or format named, a folder gives the rows that it is said to hold, and says what it refuses."""
    expected, records = FOLDERS[name], read(realdata / name)
    checks = records.findings["check"].value_counts()
    times = pd.concat([records.events["at"], records.logs["at"]]).dropna()
    assert _systems(records) == expected.sources
    assert (len(records.incidents), len(records.logs)) == (expected.incidents, expected.logs), expected.why
    assert checks.get("row_rejected", 0) == expected.rejected
    assert checks.get("not_recognised", 0) == expected.refused
    assert checks.get("not_read", 0) == 0
    assert _minute(times.min()) == expected.first
    assert expected.last in ("", _minute(times.max()))
    assert checks["skipped"] >= 2 or name == "uci-servicenow-sample"


def test_every_folder_is_held(realdata: Path) -> None:
    """No folder of real data is left out here, but two whose files are held one by one elsewhere."""
    assert {path.name for path in realdata.iterdir() if path.is_dir()} - set(FOLDERS) == {"jc-syslog-clf", "lnav-open"}


@pytest.mark.parametrize(
    "name", ["jc-syslog-clf", "lnav-open", "kafka-broker0", "openshift-container-logs", "bunyan-corpus"]
)
def test_every_line_of_a_folder_of_logs_is_accounted_for(name: str, realdata: Path) -> None:
    """Entries, what belongs to them, rejected and blank lines of each file add up to its line ends, counted by themselves."""
    counts = scan(realdata / name).counts
    assert len(counts) > 3 or name == "jc-syslog-clf"
    kinds = ["entries", "continued", "rejected", "outside_window", "blank"]
    assert (counts[kinds].sum(axis=1) == counts["lines"]).all()
    # Of documents, records are counted, and what stands between them.
    for row in counts[counts["format"] != "otlp_json"].itertuples():
        (path,) = (realdata / name).rglob(row.file)
        data = path.read_bytes()
        assert row.lines == data.count(b"\n") + (not data.endswith(b"\n") and bool(data)), row.file
