"""Real text logs by others: format, lines and times against counts made by a regular expression line by line."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest

from incident_analytics.errors import SourceError
from incident_analytics.sources import logs

ISO = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d"


class Expected(NamedTuple):
    """What a file holds.

    Attributes:
        name: of its format.
        entry: how an entry begins, its clock as a group.
        said: how many lines the logger wrote about the file, which count as blank.
        ahead: hours by which its times are ahead of UTC.
    """

    name: str
    entry: str
    said: int = 0
    ahead: int = 0


BSD = r"[A-Z][a-z]{2} [ \d]\d (\d\d:\d\d:\d\d)"
LNAV = {
    "logfile_access_log.0": Expected("access_log", r".*\d{4}:(\d\d:\d\d:\d\d) \+0000\]"),
    "logfile_access_log.1": Expected("access_log", r".*\d{4}:(\d\d:\d\d:\d\d) \+0000\]"),
    "logfile_ansi.0": Expected("plain_text", r"\d{4}-\d\d-\d\dT(\d\d:\d\d:\d\d)"),
    "logfile_bad_syslog.0": Expected("syslog_rfc3164", BSD),
    # EST is five hours behind UTC, as RFC 822 has it.
    "logfile_block.1": Expected("dated_text", r"Wed May 19 (\d\d:\d\d:\d\d) EST 2021", ahead=-5),
    "logfile_block.2": Expected("dated_text", r"Wed May 19 (\d\d:\d\d:\d\d) UTC 2021"),
    "logfile_blued.0": Expected("syslog_rfc3164", BSD),
    "logfile_bro_conn.log.0": Expected("zeek", r"(\d{10})\.\d{6}\t", said=9),
    "logfile_bro_http.log.0": Expected("zeek", r"(\d{10})\.\d{6}\t", said=9),
    "logfile_crlf.0": Expected("python_logging", r"\d{4}-\d\d-\d\d (\d\d:\d\d:\d\d),\d{3}:[A-Z]+:"),
    "logfile_cxx.0": Expected("dated_text", r"Mar 24 (\d\d:\d\d:\d\d)\.999"),
    "logfile_epoch.0": Expected("epoch_text", r"(\d{10})\d{3} "),
    "logfile_epoch.1": Expected("plain_text", r"\d{4}-\d\d-\d\d (\d\d:\d\d:\d\d)\.\d{6} "),
    "logfile_generic.0": Expected("python_logging", r"\d{4}-\d\d-\d\d (\d\d:\d\d:\d\d),\d{3}:[A-Z]+:"),
    "logfile_generic.1": Expected("plain_text", r"\d{4}-\d\d-\d\dT(\d\d:\d\d:\d\d)\.\d{3} "),
    "logfile_generic.2": Expected("plain_text", r"\d{4}-\d\d-\d\dT(\d\d:\d\d:\d\d)\.\d{6}\+00:00 "),
    "logfile_generic.3": Expected("plain_text", r"\d{8}\.(\d{6}),\d{3}:"),
    "logfile_glog.0": Expected("klog", r"[IWEF]\d{4} (\d\d:\d\d:\d\d)\.\d{6} "),
    "logfile_invalid_tz.0": Expected("plain_text", r"\d{4}-\d\d-\d\dT(\d\d:\d\d:\d\d)\.\d{6}FOO "),
    "logfile_invalid_utf8.0": Expected("plain_text", r"\d{4}-\d\d-\d\dT(\d\d:\d\d:\d\d)\."),
    "logfile_java.0": Expected("log4j", r"\d{4}-\d\d-\d\dT(\d\d:\d\d:\d\d),\d{3} [A-Z]+ \["),
    "logfile_java.1": Expected("log4j", r"\d{4}-\d\d-\d\dT(\d\d:\d\d:\d\d),\d{3} [A-Z]+ \["),
    "logfile_leveltest.0": Expected("plain_text", r"\d{4}-\d\d-\d\d (\d\d:\d\d:\d\d) "),
    "logfile_logfmt.0": Expected("logfmt", r'time="\d{4}-\d\d-\d\dT(\d\d:\d\d:\d\d)\.\d+Z"'),
    "logfile_multiline.0": Expected("python_logging", r"\d{4}-\d\d-\d\d (\d\d:\d\d:\d\d),\d{3}:[A-Z]+:"),
    # PDT is seven hours behind UTC.
    "logfile_postgres.0": Expected("postgresql", r"\d{4}-\d\d-\d\d (\d\d:\d\d:\d\d)\.\d{3} PDT \[\d+\]", ahead=-7),
    "logfile_regexp_access_log.0": Expected("access_log", r".*/2023:(\d\d:\d\d:\d\d) -0700\]", ahead=-7),
    "logfile_rollover.0": Expected("clock_text", r"(\d\d:\d\d:\d\d)\.000 "),
    "logfile_syslog.0": Expected("syslog_rfc3164", BSD),
    "logfile_syslog.2": Expected("syslog_rfc3164", BSD),
    "logfile_syslog_with_access_log.0": Expected("syslog_rfc3164", BSD),
    "logfile_ts_value.0": Expected("plain_text", r"\d{4}-\d\d-\d\dT(\d\d:\d\d:\d\d)Z "),
}


def lines_of(path: Path) -> list[str]:
    """The lines of a file without their colours and line ends."""
    text = re.sub(r"\x1b\[[\d;]*m", "", path.read_text(encoding="utf-8", errors="replace"))
    return text.removesuffix("\n").split("\n")


def clock_of(found: re.Match[str], ahead: int) -> str:
    """The clock of an entry in UTC."""
    clock = found[1]
    if len(clock) == 10:
        return dt.datetime.fromtimestamp(int(clock), dt.UTC).strftime("%H:%M:%S")
    digits = clock.replace(":", "")
    return f"{(int(digits[:2]) - ahead) % 24:02d}:{digits[2:4]}:{digits[4:]}"


@pytest.mark.parametrize("name", LNAV)
def test_lnav_text_files(name: str, realdata: Path) -> None:
    """A file is of its format, its entries are the lines that begin like one, at their clocks; the rest belongs to them."""
    expected = LNAV[name]
    found = logs.scan(realdata / "lnav-open" / name, year=2007)
    lines = lines_of(realdata / "lnav-open" / name)
    entries = [match for line in lines if (match := re.match(expected.entry, line))]
    n_blank = sum(not line.strip() for line in lines) + expected.said
    counts = found.counts.iloc[0]
    assert counts["format"] == expected.name
    assert (counts["lines"], counts["entries"], counts["blank"]) == (len(lines), len(entries), n_blank)
    assert (counts["continued"], counts["rejected"]) == (len(lines) - len(entries) - n_blank, 0)
    assert found.logs["at"].dt.strftime("%H:%M:%S").tolist() == [clock_of(match, expected.ahead) for match in entries]


def test_times_of_day_pass_midnight_in_a_real_file(realdata: Path) -> None:
    """logfile_rollover.0 has four entries of one day and, behind midnight, two of the next."""
    found = logs.scan(realdata / "lnav-open" / "logfile_rollover.0", end="2024-03-02T00:00:00Z", time_zone="UTC")
    assert found.logs["at"].dt.strftime("%m-%d").tolist() == ["03-01"] * 4
    assert found.counts["outside_window"].tolist() == [2]


def test_the_repeated_hour_of_a_real_file_is_told_apart(realdata: Path) -> None:
    """logfile_dst.0 passes through one o'clock of 3 November 2013 twice: five entries before the change, three behind it."""
    found = logs.scan(realdata / "lnav-open" / "logfile_dst.0", year=2013, time_zone="America/Los_Angeles")
    at = found.logs["at"]
    assert at.is_monotonic_increasing
    assert at.dt.strftime("%H").tolist() == ["08"] * 5 + ["09"] * 3 + ["10"] * 2
    (changed,) = found.findings[found.findings["check"] == "clock_change"]["message"]
    assert "5 are of the first and 3 of the second" in changed


def test_a_zone_that_is_garbage_is_said(realdata: Path) -> None:
    """logfile_invalid_tz.0 ends its times in FOO: they are read as without a zone, and a finding names the word."""
    found = logs.scan(realdata / "lnav-open" / "logfile_invalid_tz.0")
    (said,) = found.findings[found.findings["check"] == "unknown_zone"]["message"]
    assert said.startswith("2 entries") and "'FOO'" in said
    assert (found.findings["check"] == "naive_time").any()


def test_what_a_real_logger_calls_levels(realdata: Path) -> None:
    """logfile_leveltest.0 names a level per line, the last of which is none; PostgreSQL's LOG is information."""
    levels = logs.read_logs(realdata / "lnav-open" / "logfile_leveltest.0")["level"]
    assert levels.fillna("-").tolist() == ["trace", "debug", "debug", "debug", "info", "warning", "fatal", "-"]
    words = re.findall(r"\] (?:\S+@\S+ )?([A-Z]+):  ", (realdata / "lnav-open" / "logfile_postgres.0").read_text())
    ours = {"LOG": "info", "ERROR": "error", "STATEMENT": "-", "FATAL": "fatal", "WARNING": "warning"}
    found = logs.read_logs(realdata / "lnav-open" / "logfile_postgres.0")["level"]
    assert Counter(found.fillna("-")) == Counter(ours.get(word, "-") for word in words)


KAFKA = re.compile(rf"\[({ISO},\d{{3}})\] ([A-Z]+) ")


def test_a_kafka_broker(realdata: Path) -> None:
    """All 3,273 lines of a broker's 13 files are entries or the lines of one; times and levels are those of a regular expression."""
    total: Counter[str] = Counter()
    for path in sorted((realdata / "kafka-broker0").glob("kafka0__*")):
        found = logs.scan(path, time_zone="UTC")
        lines = lines_of(path)
        entries = [match for line in lines if (match := KAFKA.match(line))]
        times = [dt.datetime.fromisoformat(f"{match[1].replace(',', '.')}+00:00") for match in entries]
        assert found.counts["format"].tolist() == ["kafka"], path.name
        assert found.logs["at"].tolist() == times, path.name
        names = {"WARN": "warning"}
        assert found.logs["level"].tolist() == [names.get(match[2], match[2].lower()) for match in entries], path.name
        assert not (found.findings["check"] == "row_rejected").any(), path.name
        # The lines behind an entry are its own: nothing of the file is missing from the messages.
        heads = sum(len(match[0]) for match in entries)
        n_blank = sum(not line.strip() for line in lines)
        kept = sum(len(message) + 1 for message in found.logs["message"])
        assert kept + heads == sum(len(line) + 1 for line in lines) - n_blank, path.name
        total.update(found.counts.iloc[0][["lines", "entries", "continued", "rejected", "blank"]].to_dict())
    assert total["lines"] - total["blank"] == 3273 == total["entries"] + total["continued"]


OPENSHIFT = {
    "*samples-operator__logs*": ("logfmt", rf'time="({ISO})Z"'),
    "*alertmanager__logs*": ("plain_text", rf"({ISO})\.\d+Z "),
    "*prometheus-operator__logs*": ("plain_text", rf"({ISO})\.\d+Z "),
    "config__node__logs*": ("syslog_rfc3164", r"(Nov 10 \d\d:\d\d:\d\d)\.\d{6} "),
    "*apiserver-operator__logs*": ("plain_text", rf"({ISO})\.\d{{6}} "),
    "*oauth*": ("plain_text", rf"({ISO})\.\d{{6}} "),
    "*controller-manager__logs*": ("plain_text", rf"({ISO})\.\d+Z "),
    "*scheduler__logs*": ("plain_text", rf"({ISO})\.\d+Z "),
}


@pytest.mark.parametrize("pattern", OPENSHIFT)
def test_openshift_containers(pattern: str, realdata: Path) -> None:
    """Every line of a container's log is an entry at the time in front, which the runtime wrote, not the one inside."""
    name, entry = OPENSHIFT[pattern]
    files = sorted((realdata / "openshift-container-logs").glob(pattern))
    assert files
    for path in files:
        found = logs.scan(path, year=2022, time_zone="UTC")
        times = [re.match(entry, line)[1] for line in lines_of(path)]  # type: ignore[index]  # all match
        counts = found.counts.iloc[0]
        assert (counts["format"], counts["entries"], counts["rejected"]) == (name, len(times), 0)
        expected = [pd.to_datetime(f"2022 {at}", format="%Y %b %d %H:%M:%S") if at[0] == "N" else at for at in times]
        assert found.logs["at"].dt.floor("s").tolist() == [pd.Timestamp(at).tz_localize("UTC") for at in expected]


def test_a_level_inside_a_containers_line_is_found(realdata: Path) -> None:
    """Alertmanager writes level=… behind the runtime's time: counted by a regular expression, they are the levels read."""
    (path,) = (realdata / "openshift-container-logs").glob("*alertmanager__logs*")
    words = re.findall(r"Z level=(\w+) ", path.read_text())
    expected = Counter({"warn": "warning"}.get(word, word) for word in words)
    assert Counter(logs.read_logs(path)["level"]) == expected


def test_a_file_without_a_time_is_refused(realdata: Path) -> None:
    """An errors.log of one line without any time is of no format, and the message says so."""
    (path,) = (realdata / "openshift-container-logs").glob("*license-manager*")
    with pytest.raises(SourceError, match="no log format fits"):
        logs.scan(path)
