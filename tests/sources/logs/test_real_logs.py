"""Real log files by others: lines, times and rejects against counts made line by line in plain Python or by jc."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from incident_analytics.errors import SourceError
from incident_analytics.sources import logs
from incident_analytics.sources.logs._engine import Database, FileReading, Request, read_file

BSD = re.compile(r"(?:<\d{1,3}>)?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S+ .")
COMBINED = re.compile(r'\S+ .*\[\d{1,2}/\w{3}/\d{4}:[\d:]{8} [+-]\d{4}\] "(?:[^"\\]|\\.)*" (\d{3}) (?:\d+|-)')


def read(path: Path, name: str) -> FileReading:
    """A file in a format that is not in question."""
    request = Request(time_zone="UTC", year=2007)
    with Database() as database:
        return read_file(database, path, name, logs.log_formats()[name].FORMAT, request, service="x")


def said(column: pd.Series) -> list[object]:
    """The cells of a column, None where missing."""
    return [None if pd.isna(cell) else cell for cell in column]


def counted(path: Path) -> list[str]:
    """The lines of a file that are not blank."""
    return [line for line in path.read_text(encoding="utf-8", errors="replace").split("\n") if line.strip()]


def is_json_entry(line: str) -> bool:
    """Whether a line is an object with a time."""
    try:
        value = json.loads(line)
    except ValueError:
        return False
    return isinstance(value, dict) and any(key in value for key in ("time", "ts", "timestamp", "@timestamp"))


def test_ten_thousand_apache_lines(realdata: Path) -> None:
    """Every line is an entry; times, levels and order are those that a regular expression reads line by line."""
    path = realdata / "elastic-apache-access" / "apache_logs.log"
    found = logs.scan(path)
    raw = counted(path)
    times = [
        dt.datetime.strptime(re.search(r"\[([^]]+)\]", line)[1], "%d/%b/%Y:%H:%M:%S %z")  # type: ignore[index]
        for line in raw
    ]
    assert found.counts.iloc[0].to_dict() == {
        "file": "apache_logs.log",
        "format": "access_log",
        "lines": 10_000,
        "entries": 10_000,
        "continued": 0,
        "rejected": 0,
        "outside_window": 0,
        "blank": 0,
    }
    assert found.logs["at"].tolist() == times
    # Statuses as its description counts them: 5xx are 3; 4xx are 213 + 2 + 2; the rest is fine.
    assert Counter(found.logs["level"]) == {"error": 3, "warning": 217, "info": 9780}
    assert set(found.logs["service"]) == {"apache"}
    data = path.read_bytes()
    for offset, message in found.logs[["raw_offset", "message"]].iloc[::997].itertuples(index=False):
        assert message.encode() in data[offset:].split(b"\n", 1)[0]


def test_one_hour_of_apache(realdata: Path) -> None:
    """One hour out of four days keeps exactly the lines of that hour and counts the rest as outside."""
    path = realdata / "elastic-apache-access" / "apache_logs.log"
    found = logs.scan(path, start="2015-05-18T10:00:00Z", end="2015-05-18T11:00:00Z")
    expected = sum("[18/May/2015:10:" in line for line in counted(path))
    assert len(found.logs) == expected > 0
    assert found.counts["outside_window"].tolist() == [10_000 - expected]


def test_the_lnav_shop_log(realdata: Path) -> None:
    """A thousand requests of a shop, all combined format: statuses counted by a regular expression."""
    path = realdata / "lnav-open" / "logfile_shop_access_log.0"
    found = logs.scan(path)
    statuses = [COMBINED.match(line)[1][0] for line in counted(path)]  # type: ignore[index]  # all match
    assert found.counts["entries"].tolist() == [1000] and len(found.findings) == 0
    expected = Counter({"4": "warning", "5": "error"}.get(status, "info") for status in statuses)
    assert Counter(found.logs["level"]) == expected


def test_common_log_lines_are_read_as_jc_reads_them(realdata: Path) -> None:
    """The parser jc finds 17 entries and 2 lines that are none; both readings agree on them and on the times it gives in UTC."""
    folder = realdata / "jc-syslog-clf"
    theirs = json.loads((folder / "common-log-format.json").read_text())
    found = logs.scan(folder / "common-log-format.log")
    rejected = found.findings[found.findings["check"] == "row_rejected"]["raw"].tolist()
    assert rejected == [row["unparsable"] for row in theirs if "unparsable" in row]
    entries = [row for row in theirs if "unparsable" not in row]
    known = {i: row["epoch_utc"] for i, row in enumerate(entries) if row["epoch_utc"]}
    assert len(found.logs) == len(entries) == 17 and len(known) == 9
    for i, epoch in known.items():
        assert found.logs["at"].iloc[i] == pd.Timestamp(epoch, unit="s", tz="UTC")


def test_bsd_syslog_lines_are_read_as_jc_reads_them(realdata: Path) -> None:
    """The parser jc finds 30 entries and 2 lines that are none; hosts, tags and levels agree."""
    folder = realdata / "jc-syslog-clf"
    theirs = json.loads((folder / "syslog-3164.json").read_text())
    found = read(folder / "syslog-3164.out", "syslog_rfc3164")
    entries = [row for row in theirs if "unparsable" not in row]
    rejected = [row["raw"] for row in found.findings if row["check"] == "row_rejected"]
    assert rejected == [row["unparsable"] for row in theirs if "unparsable" in row]
    assert found.logs["host"].tolist() == [row["hostname"] for row in entries]
    assert said(found.logs["service"]) == [row["tag"] for row in entries]
    # 34 = 4 * 8 + 2 is critical, 35 is an error, 5 is a notice.
    names = {34: "critical", 35: "error", 5: "notice"}
    assert said(found.logs["level"]) == [names.get(row["priority"]) for row in entries]


def test_rfc_5424_lines_are_read_as_jc_reads_them(realdata: Path) -> None:
    """What jc reads with a time and a version, we read; a line without either is rejected, as is what jc rejects."""
    folder = realdata / "jc-syslog-clf"
    theirs = json.loads((folder / "syslog-5424.json").read_text())
    lines = counted(folder / "syslog-5424.out")
    kept = [
        row for row, line in zip(theirs, lines, strict=True) if row.get("timestamp") and not line.startswith("2003-")
    ]
    found = read(folder / "syslog-5424.out", "syslog_rfc5424")
    assert found.counts["entries"] == len(kept) == 5 and found.counts["rejected"] == 4
    assert found.logs["at"].tolist() == [pd.Timestamp(row["timestamp"]) for row in kept]
    assert found.logs["service"].tolist() == [row["appname"] for row in kept]
    assert found.logs["message"].tolist() == [row["message"] for row in kept]


def test_the_bunyan_corpus(realdata: Path) -> None:
    """Objects with a time are entries, everything else but blank lines is rejected, file by file."""
    total: Counter[str] = Counter()
    for path in sorted((realdata / "bunyan-corpus").glob("*.log")):
        found = read(path, "json_lines")
        lines = counted(path)
        entries = [json.loads(line) for line in lines if is_json_entry(line)]
        assert found.counts["entries"] == len(entries), path.name
        assert found.counts["rejected"] == len(lines) - len(entries), path.name
        assert found.logs["at"].tolist() == [pd.Timestamp(entry["time"]) for entry in entries], path.name
        assert said(found.logs["message"]) == [entry.get("msg") for entry in entries], path.name
        total.update(found.counts)
    assert total["entries"] + total["rejected"] == 48


def test_bunyan_levels_are_on_our_scale(realdata: Path) -> None:
    """10 to 60 are trace to fatal; 55, which somebody made up, is missing."""
    found = read(realdata / "bunyan-corpus" / "all.log", "bunyan")
    assert said(found.logs["level"].iloc[:7]) == [
        "trace",
        "debug",
        "info",
        "warning",
        "error",
        None,
        "fatal",
    ]


def test_a_corpus_file_with_other_lines_is_read_and_said_to_be_doubtful(realdata: Path) -> None:
    """13 of the 18 filled lines of one file are bunyan's, 72 %: it is read, and said to be; of another none is."""
    found = logs.scan(realdata / "bunyan-corpus" / "all.log")
    assert found.counts[["format", "entries", "rejected", "blank"]].to_numpy().tolist() == [["bunyan", 13, 5, 2]]
    doubts = found.findings[found.findings["check"] == "doubtful_format"]
    assert doubts["message"].tolist() == ["all.log was read as bunyan, which accounts for 72% of its first lines only"]
    with pytest.raises(SourceError, match=r"bogus\.log.*json_lines for 0%"):
        logs.scan(realdata / "bunyan-corpus" / "bogus.log")


@pytest.mark.parametrize(
    "name",
    [
        "logfile_ansi.1",
        "logfile_dst.0",
        "logfile_filter.0",
        "logfile_for_join.0",
        "logfile_partitions.0",
        "logfile_pretty.0",
        "logfile_rollover.1",
        "logfile_syslog.0",
        "logfile_syslog.3",
        "logfile_syslog_with_mixed_times.0",
    ],
)
def test_lnav_syslog_files(name: str, realdata: Path) -> None:
    """Lines that begin with a BSD time are entries, with that time; the others belong to the entry before them."""
    path = realdata / "lnav-open" / name
    found = logs.scan(path, year=2007, time_zone="UTC")
    lines = [re.sub(r"\x1b\[[\d;]*m", "", line) for line in counted(path)]
    entries = [line for line in lines if BSD.match(line)]
    counts = found.counts.iloc[0]
    assert counts["format"] == "syslog_rfc3164"
    assert (counts["entries"], counts["continued"], counts["rejected"]) == (
        len(entries),
        len(lines) - len(entries),
        0,
    )
    clocks = [re.search(r"\d\d:\d\d:\d\d", line)[0] for line in entries]  # type: ignore[index]  # it has matched
    assert found.logs["at"].dt.strftime("%H:%M:%S").tolist() == clocks


def test_new_year_in_a_real_syslog(realdata: Path) -> None:
    """logfile_syslog.1 passes from December to January: the second entry on is a year later."""
    found = logs.scan(realdata / "lnav-open" / "logfile_syslog.1", year=2007, time_zone="UTC")
    months = found.logs["at"].dt.strftime("%Y-%m").tolist()
    assert months == sorted(months) and (months[0], months[-1]) == ("2007-12", "2008-01")


@pytest.mark.parametrize(
    ("name", "entries", "rejected"),
    [
        ("logfile_bunyan.0", 10, 0),
        ("logfile_ecs_log.json", 5, 0),
        ("logfile_invalid_json.json", 4, 1),
        ("logfile_json_invalid.json", 12, 1),
        ("logfile_nested_json.json", 13, 0),
    ],
)
def test_lnav_json_files(name: str, entries: int, rejected: int, realdata: Path) -> None:
    """JSON lines with a time are entries; the broken line among them is rejected."""
    path = realdata / "lnav-open" / name
    found = logs.scan(path)
    assert (len(found.logs), found.counts["rejected"].iloc[0]) == (entries, rejected)
    assert sum(map(is_json_entry, counted(path))) == entries


def test_ecs_levels_stand_under_a_key_with_a_dot(realdata: Path) -> None:
    """In lnav's ECS file the key is "log.level", beside an object "log": the key with the dot is read."""
    path = realdata / "lnav-open" / "logfile_ecs_log.json"
    words = [json.loads(line)["log.level"].lower() for line in counted(path)]
    assert logs.read_logs(path)["level"].tolist() == [{"warn": "warning"}.get(word, word) for word in words]


def test_every_real_log_file_is_read_or_refused(realdata: Path) -> None:
    """Of all files beside these, each is read with counts that add up, or refused by name; nothing else happens."""
    for folder in ("lnav-open", "bunyan-corpus", "jc-syslog-clf"):
        for path in sorted((realdata / folder).iterdir()):
            try:
                counts = logs.scan(path, year=2007).counts.iloc[0]
            except SourceError as error:
                assert path.name in str(error)
                continue
            parts = counts[["entries", "continued", "rejected", "outside_window", "blank"]]
            lines = path.read_bytes().removesuffix(b"\n")
            assert counts["lines"] == parts.sum()
            if (
                not counts["format"] or not logs.log_formats()[counts["format"]].FORMAT.records
            ):  # of documents, records are counted
                assert counts["lines"] == (len(lines.split(b"\n")) if lines else 0)
