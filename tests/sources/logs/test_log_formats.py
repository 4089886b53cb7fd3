"""Every log format against the examples of its standard or its logger, and how a file's format is recognised."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pandas as pd
import pytest

from incident_analytics.errors import SourceError, UsageError
from incident_analytics.schema import table
from incident_analytics.sources import logs
from incident_analytics.sources.logs._engine import COLUMNS

FORMATS = dict(logs.log_formats())
LEVELS = {*table("logs")["level"].vocabulary}

# One line per case: format, the line, and what it says: time, host, service, level, message.
# Times of day were turned into UTC by hand; epochs with `date -u -d @...`.
LINES: dict[str, tuple[str, str, tuple[str, str | None, str | None, str | None, str | None]]] = {
    "the first example of RFC 3164: priority 34 is severity 34 - 8 * 4 = 2": (
        "syslog_rfc3164",
        "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
        (
            "2003-10-11T22:14:15Z",
            "mymachine",
            "su",
            "critical",
            "'su root' failed for lonvick on /dev/pts/8",
        ),
    ),
    "BSD syslog without a priority, with a process id": (
        "syslog_rfc3164",
        "Mar  7 04:05:55 avas clamd[11240]: SelfCheck: Database status OK.",
        ("2003-03-07T04:05:55Z", "avas", "clamd", None, "SelfCheck: Database status OK."),
    ),
    "BSD syslog without a tag": (
        "syslog_rfc3164",
        "Mar  8 15:18:40 avas last message repeated 11 times",
        ("2003-03-08T15:18:40Z", "avas", None, None, "last message repeated 11 times"),
    ),
    "BSD syslog with a colon behind the host": (
        "syslog_rfc3164",
        "Mar  8 15:18:40 avas: last message repeated 11 times",
        ("2003-03-08T15:18:40Z", "avas", None, None, "last message repeated 11 times"),
    ),
    "BSD syslog with the year that Cisco writes": (
        "syslog_rfc3164",
        "<189>Mar  8 2007 15:18:40 edge1 %LINK-5-CHANGED: Interface down",
        ("2007-03-08T15:18:40Z", "edge1", "%LINK-5-CHANGED", "notice", "Interface down"),
    ),
    "BSD syslog beyond ASCII: accents of two characters, an emoji of three, a tag in brackets": (
        "syslog_rfc3164",
        "Mar  8 15:18:40 h\u00f6st cafe\u0301(pam)[1]: \U0001f469\u200d\U0001f4bb cafe\u0301",
        ("2003-03-08T15:18:40Z", "h\u00f6st", "cafe\u0301", None, "\U0001f469\u200d\U0001f4bb cafe\u0301"),
    ),
    "BSD syslog without a tag, but with a colon": (
        "syslog_rfc3164",
        "Mar  8 15:18:40 avas http://example.com is up",
        ("2003-03-08T15:18:40Z", "avas", None, None, "http://example.com is up"),
    ),
    "a leap second in BSD syslog": (
        "syslog_rfc3164",
        "Dec 31 23:59:60 avas ntpd[1]: inserted",
        ("2004-01-01T00:00:00Z", "avas", "ntpd", None, "inserted"),
    ),
    "rsyslog's file format": (
        "syslog_iso",
        "2024-02-29T09:30:00.123456+01:00 edge-7 sshd[77]: Connection closed by 192.0.2.7",
        ("2024-02-29T08:30:00.123456Z", "edge-7", "sshd", None, "Connection closed by 192.0.2.7"),
    ),
    "example 2 of RFC 5424: priority 165 is severity 165 - 8 * 20 = 5": (
        "syslog_rfc5424",
        "<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time to make the do-nuts.",
        (
            "2003-08-24T12:14:15.000003Z",
            "192.0.2.1",
            "myproc",
            "notice",
            "%% It's time to make the do-nuts.",
        ),
    ),
    "example 3 of RFC 5424, its message behind a byte order mark": (
        "syslog_rfc5424",
        '<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut="3" '
        'eventSource="Application" eventID="1011"] \ufeffAn application event log entry...',
        (
            "2003-10-11T22:14:15.003Z",
            "mymachine.example.com",
            "evntslog",
            "notice",
            "An application event log entry...",
        ),
    ),
    "RFC 5424 with an escaped bracket and quote in its structured data, and no host": (
        "syslog_rfc5424",
        r'<11>1 2003-10-11T22:14:15Z - evntslog - - [a@1 x="10\] \"11"][b@2 y="z"] done',
        ("2003-10-11T22:14:15Z", None, "evntslog", "error", "done"),
    ),
    "example 4 of RFC 5424: structured data only": (
        "syslog_rfc5424",
        '<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut="3"]'
        '[examplePriority@32473 class="high"]',
        ("2003-10-11T22:14:15.003Z", "mymachine.example.com", "evntslog", "notice", None),
    ),
    "the common log format of Apache's documentation": (
        "access_log",
        '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326',
        ("2000-10-10T20:55:36Z", None, "shop", "info", '"GET /apache_pb.gif HTTP/1.0" 200 2326'),
    ),
    "the combined log format of Apache's documentation": (
        "access_log",
        '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 404 - '
        '"http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)"',
        ("2000-10-10T20:55:36Z", None, "shop", "warning", '"GET /apache_pb.gif HTTP/1.0" 404 -'),
    ),
    "a request with a quote in it, a user with a blank, a server's fault": (
        "access_log",
        r'::1 - Jane Doe [01/Jan/2026:00:00:00 +0000] "GET /\"q\" HTTP/1.1" 503 0 "-" "x"',
        ("2026-01-01T00:00:00Z", None, "shop", "error", r'"GET /\"q\" HTTP/1.1" 503 0'),
    ),
    "bunyan": (
        "bunyan",
        '{"name":"myapp","hostname":"banana.local","pid":40161,"level":40,"msg":"hi","time":"2013-01-04T18:46:23.851Z","v":0}',
        ("2013-01-04T18:46:23.851Z", "banana.local", "myapp", "warning", "hi"),
    ),
    "pino: milliseconds": (
        "pino",
        '{"level":30,"time":1531171074631,"msg":"hello world","pid":657,"hostname":"Davids-MBP-3.fritz.box"}',
        ("2018-07-09T21:17:54.631Z", "Davids-MBP-3.fritz.box", "shop", "info", "hello world"),
    ),
    "zap: seconds with a fraction": (
        "json_lines",
        '{"level":"info","ts":1531171074.631517,"logger":"main","msg":"started"}',
        ("2018-07-09T21:17:54.631517Z", None, "main", "info", "started"),
    ),
    "nanoseconds, as a text": (
        "json_lines",
        '{"timestamp":"1531171074631517999","severity":"CRITICAL","message":"out of disk"}',
        ("2018-07-09T21:17:54.631517Z", None, "shop", "critical", "out of disk"),
    ),
    "microseconds": (
        "json_lines",
        '{"timestamp":1531171074631517,"severity":"panic","message":"gone"}',
        ("2018-07-09T21:17:54.631517Z", None, "shop", "fatal", "gone"),
    ),
    "ECS with keys that have dots": (
        "json_lines",
        '{"@timestamp":"2025-01-13T09:58:13.631+02:00","log.level":"WARN","message":"slow","service.name":"pay","host.name":"h1"}',
        ("2025-01-13T07:58:13.631Z", "h1", "pay", "warning", "slow"),
    ),
    "ECS with objects inside": (
        "json_lines",
        '{"@timestamp":"2025-01-13T09:58:13Z","log":{"level":"error"},"message":"","service":{"name":"pay"},"host":{"name":"h1"}}',
        ("2025-01-13T09:58:13Z", "h1", "pay", "error", ""),
    ),
    "Python's comma, blanks and a zone as a word": (
        "json_lines",
        ' {"time": "2025-01-13 09:58:13,5 UTC", "level": "Information", "msg": "é \\u001b[31mred\\u001b[0m"}',
        ("2025-01-13T09:58:13.5Z", None, "shop", "info", "é red"),
    ),
    "compact ISO 8601 and a level that nobody knows": (
        "json_lines",
        '{"time": "20250113T095813Z", "level": 55, "msg": "x"}',
        ("2025-01-13T09:58:13Z", None, "shop", None, "x"),
    ),
    "midnight at the end of the day": (
        "json_lines",
        '{"time": "2025-01-13T24:00:00Z", "msg": "x"}',
        ("2025-01-14T00:00:00Z", None, "shop", None, "x"),
    ),
    "a leap second in ISO 8601": (
        "json_lines",
        '{"time": "2016-12-31T23:59:60Z", "msg": "x"}',
        ("2017-01-01T00:00:00Z", None, "shop", None, "x"),
    ),
}

NO_ENTRIES: dict[str, tuple[str, str]] = {
    "a priority above 999": ("syslog_rfc3164", "<3444>Oct 11 22:14:15 mymachine su: x"),
    "a day that no month has": ("syslog_rfc3164", "Feb 30 22:14:15 mymachine su: x"),
    "a leap day in a year without one": ("syslog_rfc3164", "Feb 29 22:14:15 mymachine su: x"),
    "a level where syslog has its host": (
        "syslog_iso",
        "2024-02-29T09:30:00Z INFO com.example.Main: started",
    ),
    "a year of three digits": ("syslog_rfc5424", "<34>1 203-10-11T22:14:15.003Z host su - ID47 - x"),
    "structured data that does not end": (
        "syslog_rfc5424",
        '<34>1 2003-10-11T22:14:15Z host su - - [a x="1" text',
    ),
    "an access log line without its request": (
        "access_log",
        "127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] 200 2326",
    ),
    "a month that does not exist": ("access_log", '::1 - - [10/Qqq/2000:13:55:36 -0700] "GET /" 200 1'),
    "no time": ("json_lines", '{"msg": "x"}'),
    "a time that is an object": ("json_lines", '{"time": {"a": 1}, "msg": "x"}'),
    "seconds since the start of the process": ("json_lines", '{"time": 12.5, "msg": "x"}'),
    "an offset of 25 hours": ("json_lines", '{"time": "2025-01-13T00:00:00+25:00", "msg": "x"}'),
    "never, as SQL writes it": ("json_lines", '{"time": "9999-12-31T00:00:00Z", "msg": "x"}'),
    "never, as Go writes it": ("json_lines", '{"time": "0001-01-01T00:00:00Z", "msg": "x"}'),
    "infinity, which the database could read": ("json_lines", '{"time": "infinity", "msg": "x"}'),
    "a list": ("json_lines", '["2025-01-13T00:00:00Z"]'),
    "a number": ("json_lines", "1531171074631"),
    "two documents": (
        "json_lines",
        '{"time":"2025-01-13T00:00:00Z"}{"time":"2025-01-13T00:00:00Z"}',
    ),
    "a document cut off": ("json_lines", '{"time":"2025-01-13T00:00:00Z","msg":"x'),
    "a lone surrogate, which is no Unicode": (
        "json_lines",
        '{"time":"2025-01-13T00:00:00Z","msg":"\\ud800"}',
    ),
}

FILLER = {name: module.EXAMPLE for name, module in FORMATS.items()} | {
    "syslog_rfc3164": "Oct 11 22:14:15 h a: b",
    "syslog_iso": "2024-02-29T09:30:00Z h a: b",
    "syslog_rfc5424": "<34>1 2003-10-11T22:14:15Z h a - - - b",
    "access_log": '::1 - - [10/Oct/2000:13:55:36 -0700] "GET /" 200 1',
    "json_lines": '{"time":"2025-01-13T00:00:00Z","msg":"b"}',
}
"""Lines of each format, so that a file with one odd line is still recognised."""


WITHIN = {"haproxy": {"syslog_rfc3164"}, "nginx_error": {"go_log"}}
"""Formats whose lines are also those of another, which explains less of them."""


def _file(folder: Path, *lines: str, name: str = "shop.log") -> Path:
    path = folder / name
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def _cell(value: object) -> object:
    return None if pd.isna(value) else value


@pytest.mark.parametrize("case", LINES)
def test_a_line_says_what_its_standard_says(case: str, tmp_path: Path) -> None:
    """A line in each spelling gives the time, host, service, level and message that its standard gives it."""
    name, line, (at, *expected) = LINES[case]
    reading = logs.scan(_file(tmp_path, line), year=2003)
    assert reading.counts["format"].tolist() == [name]
    entry = reading.logs.iloc[0]
    assert entry["at"] == pd.Timestamp(at)
    assert [_cell(entry[column]) for column in ("host", "service", "level", "message")] == expected
    assert (entry["source"], entry["raw_offset"]) == ("shop.log", 0)


@pytest.mark.parametrize("case", NO_ENTRIES)
def test_what_is_no_entry_is_rejected_with_its_text(case: str, tmp_path: Path) -> None:
    """A line that only resembles its format is rejected with its raw text and place, and nothing else is."""
    name, line = NO_ENTRIES[case]
    # A specific format that leaves more than a line in fifty to a general one loses the file to it.
    filler = [FILLER[name]] * 59
    reading = logs.scan(_file(tmp_path, *filler, line), year=2003)
    assert reading.counts.iloc[0].to_dict() == {
        "file": "shop.log",
        "format": name,
        "lines": 60,
        "entries": 59,
        "continued": 0,
        "rejected": 1,
        "outside_window": 0,
        "blank": 0,
    }
    rejected = reading.findings[reading.findings["check"] == "row_rejected"]
    assert rejected["raw"].tolist() == [line]
    assert rejected["row"].tolist() == [f"byte {len(filler[0]) * 59 + 59}"]


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_module_keeps_the_contract(name: str) -> None:
    """A format is named as its module, describes itself, and is data that the engine understands."""
    module = FORMATS[name]
    assert module.__name__.rsplit(".", 1)[-1] == name
    assert module.DESCRIPTION and module.RECOGNISED_BY and module.TIME_ZONE_RULE
    layout = module.FORMAT
    assert set(layout.levels.values()) <= LEVELS
    assert layout.times and set(layout.keys) <= set(COLUMNS)
    assert not (layout.lacks_year and layout.lacks_day)
    groups = [re.findall(r"\(\?P<(\w+)>", pattern) for pattern in layout.patterns]
    assert all(len(found) <= 4 for found in groups), "more than four groups cost the single pass"
    named = [group for found in groups for group in found if group != "head"]
    # A column that may stand in several places has a digit behind its name in all but one.
    assert len(named) == len(set(named)) and {re.sub("[0-9]$", "", group) for group in named} <= set(COLUMNS)
    # The engine names groups by their place, so there must be no group without a name.
    assert [len(found) for found in groups] == [re.compile(pattern).groups for pattern in layout.patterns]


def test_the_folder_is_the_list_of_formats() -> None:
    """Every module in the folder whose name does not begin with an underscore is a format, and listed once."""
    folder = Path(importlib.import_module(logs.__name__).__file__ or "").parent
    modules = sorted(path.stem for path in folder.glob("[!_]*.py"))
    assert logs.formats()["name"].tolist() == modules == sorted(FILLER)
    assert logs.formats().notna().all(axis=None)


@pytest.mark.parametrize("name", FILLER)
def test_a_file_is_recognised_as_one_format_only(name: str, tmp_path: Path) -> None:
    """A file wholly in one format is that format; no other but a general one accounts for any line of it."""
    found, shares = logs.recognise(_file(tmp_path, *[FILLER[name]] * 5))
    assert found == name and shares[name] == 1.0
    known = {name, *WITHIN.get(name, ()), *(other for other in FORMATS if FORMATS[other].FORMAT.is_general)}
    others = {other: share for other, share in shares.items() if other not in known}
    assert others == dict.fromkeys(others, 0.0)


def test_a_file_that_no_format_fits_names_the_candidates(tmp_path: Path) -> None:
    """Under 80 % the message names the file and the share of each format, and says what was expected."""
    path = _file(tmp_path, *[FILLER["json_lines"]] * 3, "neither", FILLER["access_log"])
    with pytest.raises(SourceError, match=r"shop\.log.*json_lines for 60%, access_log for 20%.*at least 80%"):
        logs.recognise(path)


def test_four_lines_of_five_are_enough(tmp_path: Path) -> None:
    """80 % of the lines settle the format; blank lines count neither way."""
    path = _file(tmp_path, *[FILLER["json_lines"]] * 4, "", "  ", "neither")
    assert logs.recognise(path)[1]["json_lines"] == 0.8


def test_recognition_looks_at_the_first_200_lines(tmp_path: Path) -> None:
    """What stands behind the first 200 lines has no say in the format, but every line of it is accounted for."""
    path = _file(tmp_path, *[FILLER["json_lines"]] * 200, *["neither"] * 500)
    counts = logs.scan(path).counts.iloc[0]
    assert (counts["entries"], counts["rejected"]) == (200, 500)


@pytest.mark.parametrize(
    ("name", "service"),
    [
        ("checkout-api.access.log.gz", "checkout-api"),
        ("checkout-api_access_log.3", "checkout-api"),
        ("shop.log-20250424.gz", "shop"),
        ("shop.2025-04-24.log", "shop"),
        ("shop-2025-04-24_0930.jsonl", "shop"),
        ("access.log", "access"),
        ("3.log", "3"),
        (".log", ".log"),
    ],
)
def test_a_service_is_named_by_its_file(name: str, service: str) -> None:
    """Endings, rotation numbers and dates are no part of a service's name; something always stays."""
    assert logs.service_named(Path(name)) == service


@pytest.mark.parametrize("bad", ["Europe/Atlantis", "../../etc/passwd", "'; DROP TABLE lines; --"])
def test_a_zone_that_does_not_exist_is_refused(bad: str, tmp_path: Path) -> None:
    """An unknown zone is an error of the call, wherever it is named, and never reaches a query."""
    path = _file(tmp_path, FILLER["syslog_rfc3164"])
    with pytest.raises(UsageError, match="no time zone"):
        logs.read_logs(path, time_zone=bad)
    with pytest.raises(UsageError, match="no time zone"):
        logs.read_logs(path, zones={"other": bad})
