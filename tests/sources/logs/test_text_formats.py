"""Every text format line by line: what a usual, an odd and a broken line of it say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from incident_analytics.sources import logs
from incident_analytics.sources.logs._engine import Database, FileReading, Request, read_file, reading, streams

# One line per case: format, the line, and what it says: time, host, service, level, message.
# The layouts are those of the tools' documentation, the lines are ours. Times were turned into UTC by hand, numbers
# with `date -u -d @...`; times without a zone are read as UTC, years that are missing as 2026.
Said = tuple[str, str | None, str | None, str | None, str | None]
LINES: dict[str, tuple[str, str, Said]] = {
    "logrus": (
        "logfmt",
        'time="2026-01-05T09:00:00+01:00" level=warning msg="otter \\"Ann\\" is\\tlate" pond=7',
        ("2026-01-05T08:00:00Z", None, "shop", "warning", 'otter "Ann" is\tlate'),
    ),
    "go-kit: the time is not first, the message has no quotes": (
        "logfmt",
        "level=info ts=2026-01-05T09:00:00.5Z caller=pond.go:7 host=web-1 service=pond msg=awake",
        ("2026-01-05T09:00:00.5Z", "web-1", "pond", "info", "awake"),
    ),
    "logfmt without a message: all of the line is one": (
        "logfmt",
        "ts=1767603600.25 lvl=eror method=GET done",
        ("2026-01-05T09:00:00.25Z", None, "shop", None, "ts=1767603600.25 lvl=eror method=GET done"),
    ),
    "logfmt with keys inside quotes, which are no keys": (
        "logfmt",
        'msg="bad time=3 level=error" time=2026-01-05T09:00:00Z level=info',
        ("2026-01-05T09:00:00Z", None, "shop", "info", "bad time=3 level=error"),
    ),
    "Apache 2.4: module, process, microseconds": (
        "apache_error",
        "[Mon Jan 05 09:00:00.902022 2026] [core:error] [pid 7:tid 9] [client 192.0.2.7:1] AH00128: no otters",
        ("2026-01-05T09:00:00.902022Z", None, "shop", "error", "[pid 7:tid 9] [client 192.0.2.7:1] AH00128: no otters"),
    ),
    "Apache 2.2": (
        "apache_error",
        "[Mon Jan 05 09:00:00 2026] [warn] [client 192.0.2.7] no otters",
        ("2026-01-05T09:00:00Z", None, "shop", "warning", "[client 192.0.2.7] no otters"),
    ),
    "nginx": (
        "nginx_error",
        "2026/01/05 09:00:00 [crit] 7#8: *42 no live upstreams, client: 192.0.2.7",
        ("2026-01-05T09:00:00Z", None, "shop", "critical", "*42 no live upstreams, client: 192.0.2.7"),
    ),
    "HAProxy, HTTP over syslog: the time at which the request began, the level of its status": (
        "haproxy",
        "<134>Jan  5 09:00:04 lb-1 haproxy[7]: 192.0.2.7:4711 [05/Jan/2026:09:00:00.123] web~ ponds/otter-1 0/0/1/3/4004 503 "
        '512 - - SC-- 1/1/0/0/0 0/0 "GET /otters HTTP/1.1"',
        (
            "2026-01-05T09:00:00.123Z",
            "lb-1",
            "haproxy",
            "error",
            'web~ ponds/otter-1 0/0/1/3/4004 503 512 - - SC-- 1/1/0/0/0 0/0 "GET /otters HTTP/1.1"',
        ),
    ),
    "HAProxy, TCP without syslog: no status, the frontend as the service": (
        "haproxy",
        "192.0.2.7:4711 [05/Jan/2026:09:00:00.123] mail mails/mail-1 0/0/5007 212 -- 0/0/0/0/3 0/0",
        ("2026-01-05T09:00:00.123Z", None, "mail", None, "mail mails/mail-1 0/0/5007 212 -- 0/0/0/0/3 0/0"),
    ),
    "HAProxy on its servers: the time and the priority of syslog": (
        "haproxy",
        "<129>Jan  5 09:00:04 lb-1 haproxy[7]: Server ponds/otter-1 is DOWN.",
        ("2026-01-05T09:00:04Z", "lb-1", "haproxy", "critical", "Server ponds/otter-1 is DOWN."),
    ),
    "an application load balancer": (
        "aws_elb",
        "https 2026-01-05T09:00:00.186641Z app/otters/50dc 192.0.2.7:2817 10.0.0.1:80 0.000 0.001 0.000 502 - 34 366 "
        '"GET https://otters.example:443/ HTTP/1.1" "curl/8.0" - -',
        (
            "2026-01-05T09:00:00.186641Z",
            None,
            "app/otters/50dc",
            "error",
            '502 - 34 366 "GET https://otters.example:443/ HTTP/1.1"',
        ),
    ),
    "a classic load balancer whose target did not answer": (
        "aws_elb",
        '2026-01-05T09:00:00.186641Z otters 192.0.2.7:2817 - -1 -1 -1 408 0 0 0 "GET http://a:80/ HTTP/1.1" "-" - -',
        ("2026-01-05T09:00:00.186641Z", None, "otters", "warning", '408 0 0 0 "GET http://a:80/ HTTP/1.1"'),
    ),
    "a container's line": (
        "cri",
        "2026-01-05T09:00:00.123456789+01:00 stderr F   otters awake",
        ("2026-01-05T08:00:00.123456Z", None, "shop", None, "  otters awake"),
    ),
    "klog": (
        "klog",
        'E0105 09:00:00.000042       7 pond.go:42] "No otters" pond="north"',
        ("2026-01-05T09:00:00.000042Z", None, "shop", "error", 'pond.go:42] "No otters" pond="north"'),
    ),
    "glog with a year": (
        "klog",
        "W20240229 09:00:00.000042 7 pond.cc:42] no otters",
        ("2024-02-29T09:00:00.000042Z", None, "shop", "warning", "pond.cc:42] no otters"),
    ),
    "Kafka": (
        "kafka",
        "[2026-01-05 09:00:00,437] TRACE [Otter 0]: awake (pond.Otter)",
        ("2026-01-05T09:00:00.437Z", None, "shop", "trace", "[Otter 0]: awake (pond.Otter)"),
    ),
    "ZooKeeper": (
        "zookeeper",
        "2026-01-05 09:00:00,437 - WARN  [QuorumPeer[myid=1]/0:0:0:0:0:0:0:0:2181:Otter@774] - late",
        (
            "2026-01-05T09:00:00.437Z",
            None,
            "shop",
            "warning",
            "[QuorumPeer[myid=1]/0:0:0:0:0:0:0:0:2181:Otter@774] - late",
        ),
    ),
    "Hadoop": (
        "hadoop",
        "2026-01-05 09:00:00,437 FATAL [IPC Server] org.example.pond.OtterNode$Den: gone",
        ("2026-01-05T09:00:00.437Z", None, "shop", "fatal", "[IPC Server] org.example.pond.OtterNode$Den: gone"),
    ),
    "Spark: the year with two digits": (
        "hadoop",
        "26/01/05 09:00:00 INFO scheduler.PondScheduler: awake",
        ("2026-01-05T09:00:00Z", None, "shop", "info", "scheduler.PondScheduler: awake"),
    ),
    "log4j 2: the thread before the level": (
        "log4j",
        "2026-01-05 09:00:00.437 [main] ERROR org.example.Otter - gone",
        ("2026-01-05T09:00:00.437Z", None, "shop", "error", "org.example.Otter - gone"),
    ),
    "log4j: the thread behind the level, an offset": (
        "log4j",
        "2026-01-05T09:00:00,437+0100 WARN  [pool-1] o.e.Otter: - late",
        ("2026-01-05T08:00:00.437Z", None, "shop", "warning", "[pool-1] o.e.Otter: - late"),
    ),
    "WildFly": (
        "log4j",
        "2026-01-05 09:00:00,437 INFO  [org.example.pond] (Otter Thread 1) awake",
        ("2026-01-05T09:00:00.437Z", None, "shop", "info", "[org.example.pond] (Otter Thread 1) awake"),
    ),
    "Spring Boot": (
        "spring_boot",
        "2026-01-05T09:00:00.437+01:00  INFO 7 --- [pond] [main] o.e.Otter   : awake",
        ("2026-01-05T08:00:00.437Z", None, "shop", "info", "[pond] [main] o.e.Otter   : awake"),
    ),
    "Python: apart by hyphens": (
        "python_logging",
        "2026-01-05 09:00:00,437 - otters.pond - CRITICAL - gone",
        ("2026-01-05T09:00:00.437Z", None, "shop", "critical", "gone"),
    ),
    "Python: apart by colons": (
        "python_logging",
        "2026-01-05 09:00:00,437:WARNING:late",
        ("2026-01-05T09:00:00.437Z", None, "shop", "warning", "late"),
    ),
    "Python: the level in square brackets": (
        "python_logging",
        "2026-01-05 09:00:00,437 [DEBUG] otters: awake",
        ("2026-01-05T09:00:00.437Z", None, "shop", "debug", "otters: awake"),
    ),
    "Python: level and logger": (
        "python_logging",
        "2026-01-05 09:00:00,437 INFO otters.pond:42: awake",
        ("2026-01-05T09:00:00.437Z", None, "shop", "info", "otters.pond:42: awake"),
    ),
    "Django: the level first": (
        "python_logging",
        "ERROR 2026-01-05 09:00:00,437 basehttp 7 139 gone",
        ("2026-01-05T09:00:00.437Z", None, "shop", "error", "basehttp 7 139 gone"),
    ),
    "gunicorn": (
        "python_logging",
        "[2026-01-05 09:00:00 +0100] [7] [INFO] awake",
        ("2026-01-05T08:00:00Z", None, "shop", "info", "awake"),
    ),
    "Celery": (
        "python_logging",
        "[2026-01-05 09:00:00,437: WARNING/OtterProcess-1] late",
        ("2026-01-05T09:00:00.437Z", None, "shop", "warning", "late"),
    ),
    "Go, with a file": (
        "go_log",
        "2026/01/05 09:00:00 pond.go:42: awake",
        ("2026-01-05T09:00:00Z", None, "shop", None, "pond.go:42: awake"),
    ),
    "Go, with microseconds and a level": (
        "go_log",
        "2026/01/05 09:00:00.000042 [WARN] late",
        ("2026-01-05T09:00:00.000042Z", None, "shop", "warning", "late"),
    ),
    "PostgreSQL in a zone of RFC 822": (
        "postgresql",
        "2026-01-05 01:00:00.437 PST [7] LOG:  awake",
        ("2026-01-05T09:00:00.437Z", None, "shop", "info", "awake"),
    ),
    "PostgreSQL as the service of a cloud has it": (
        "postgresql",
        "2026-07-05 09:00:00 CEST:192.0.2.7(1):otter@pond:[7]:ERROR:  no pond",
        ("2026-07-05T07:00:00Z", None, "shop", "error", "no pond"),
    ),
    "PostgreSQL with an offset of hours, and a line without a level of its own": (
        "postgresql",
        "2026-01-05 12:00:00.437 +03 [7] otter@pond STATEMENT:  SELECT 1",
        ("2026-01-05T09:00:00.437Z", None, "shop", None, "SELECT 1"),
    ),
    "MySQL 8": (
        "mysql_error",
        "2026-01-05T09:00:00.437000Z 8 [Warning] [MY-010068] [Server] CA certificate is self signed",
        (
            "2026-01-05T09:00:00.437Z",
            None,
            "shop",
            "warning",
            "[Warning] [MY-010068] [Server] CA certificate is self signed",
        ),
    ),
    "MariaDB: a blank before an hour of one digit": (
        "mysql_error",
        "2026-01-05  9:00:00 0 [Note] awake",
        ("2026-01-05T09:00:00Z", None, "shop", "info", "[Note] awake"),
    ),
    "MySQL before 5.6": (
        "mysql_error",
        "260105  9:00:00 [ERROR] no pond",
        ("2026-01-05T09:00:00Z", None, "shop", "error", "[ERROR] no pond"),
    ),
    "MySQL's guardian, which has no level": (
        "mysql_error",
        "260105 09:00:00 mysqld_safe Starting mysqld daemon",
        ("2026-01-05T09:00:00Z", None, "shop", None, "mysqld_safe Starting mysqld daemon"),
    ),
    "journalctl -o short-full": (
        "journal_text",
        "Mon 2026-01-05 09:00:00 CET web-1 otterd[7]: awake",
        ("2026-01-05T08:00:00Z", "web-1", "otterd", None, "awake"),
    ),
    "journalctl -o short-unix": (
        "journal_text",
        "1767603600.000042 web-1 kernel: awake",
        ("2026-01-05T09:00:00.000042Z", "web-1", "kernel", None, "awake"),
    ),
    "journalctl -o short-precise": (
        "syslog_rfc3164",
        "Jan 05 09:00:00.000042 web-1 otterd[7]: awake",
        ("2026-01-05T09:00:00.000042Z", "web-1", "otterd", None, "awake"),
    ),
    "journalctl -o short-iso": (
        "syslog_iso",
        "2026-01-05T09:00:00+0100 web-1 otterd[7]: awake",
        ("2026-01-05T08:00:00Z", "web-1", "otterd", None, "awake"),
    ),
    # The label of D. J. Bernstein's page on tai64nlocal, which he reads as 1999-08-23 21:03:43.787492500 in California.
    "TAI64N": (
        "tai64n",
        "@4000000037c219bf2ef02e94 mark",
        ("1999-08-24T04:03:43.787492Z", None, "shop", None, "mark"),
    ),
    # 1767603600 is 2026-01-05T09:00:00Z; atomic time is 37 s ahead: 1767603637 is 0x695b7db5.
    "TAI64N in our days": (
        "tai64n",
        "@40000000695b7db500000000 error: gone",
        ("2026-01-05T09:00:00Z", None, "shop", "error", "gone"),
    ),
    "any text: a comma, a level in capitals": (
        "plain_text",
        "2026-01-05 09:00:00,437 INFO awake",
        ("2026-01-05T09:00:00.437Z", None, "shop", "info", "awake"),
    ),
    "any text: no marks in the date, colons around the level": (
        "plain_text",
        "20260105.090000,437:WARN:late",
        ("2026-01-05T09:00:00.437Z", None, "shop", "warning", "late"),
    ),
    "any text: slashes, square brackets, no level": (
        "plain_text",
        "[2026/01/05 09:00:00] an error is only spoken of",
        ("2026-01-05T09:00:00Z", None, "shop", None, "an error is only spoken of"),
    ),
    "any text: a level that may be a word of the sentence stays in it": (
        "plain_text",
        "2026-01-05T09:00:00Z error reading the pond",
        ("2026-01-05T09:00:00Z", None, "shop", "error", "error reading the pond"),
    ),
    "any text: the runtime's time before that of klog": (
        "plain_text",
        "2026-01-05T09:00:00.123456789Z W0105 09:00:00.123400       7 pond.go:7] late",
        ("2026-01-05T09:00:00.123456Z", None, "shop", "warning", "W0105 09:00:00.123400       7 pond.go:7] late"),
    ),
    "any text: the runtime's time before logfmt": (
        "plain_text",
        "2026-01-05T09:00:00.5Z ts=2026-01-05T09:00:00.4Z level=error msg=gone",
        ("2026-01-05T09:00:00.5Z", None, "shop", "error", "ts=2026-01-05T09:00:00.4Z level=error msg=gone"),
    ),
    "any text: minutes only": (
        "plain_text",
        "2026-01-05 09:00 awake",
        ("2026-01-05T09:00:00Z", None, "shop", None, "awake"),
    ),
    "milliseconds first": (
        "epoch_text",
        "1767603600437 ERROR gone",
        ("2026-01-05T09:00:00.437Z", None, "shop", "error", "gone"),
    ),
    "seconds with a fraction first, as Squid writes them": (
        "epoch_text",
        "1767603600.437    123 192.0.2.7 TCP_MISS/200 512 GET http://otters.example/",
        ("2026-01-05T09:00:00.437Z", None, "shop", None, "123 192.0.2.7 TCP_MISS/200 512 GET http://otters.example/"),
    ),
    "nanoseconds in square brackets": (
        "epoch_text",
        "[1767603600437000042] awake",
        ("2026-01-05T09:00:00.437Z", None, "shop", None, "awake"),
    ),
    "date(1) in a zone of RFC 822": (
        "dated_text",
        "Mon Jan  5 04:00:00 EST 2026 awake",
        ("2026-01-05T09:00:00Z", None, "shop", None, "awake"),
    ),
    "Redis": (
        "dated_text",
        "7:M 05 Jan 2026 09:00:00.437 * awake",
        ("2026-01-05T09:00:00.437Z", None, "shop", None, "awake"),
    ),
    "Tomcat": (
        "dated_text",
        "05-Jan-2026 09:00:00.437 SEVERE [main] org.example.Otter.run gone",
        ("2026-01-05T09:00:00.437Z", None, "shop", "error", "[main] org.example.Otter.run gone"),
    ),
    "a letter's date": (
        "dated_text",
        "Mon, 05 Jan 2026 09:00:00 +0100 awake",
        ("2026-01-05T08:00:00Z", None, "shop", None, "awake"),
    ),
    "twelve hours": (
        "dated_text",
        "Jan 5, 2026 9:00:00 PM awake",
        ("2026-01-05T21:00:00Z", None, "shop", None, "awake"),
    ),
    "German": ("dated_text", "5. März 2026 09:00:00 wach", ("2026-03-05T09:00:00Z", None, "shop", None, "wach")),
    "French": ("dated_text", "1er août 2026 09:00 - debout", ("2026-08-01T09:00:00Z", None, "shop", None, "debout")),
    "Spanish": (
        "dated_text",
        "5 de enero de 2026 09:00:00 despierta",
        ("2026-01-05T09:00:00Z", None, "shop", None, "despierta"),
    ),
    "Italian": ("dated_text", "05-mag-2026 09:00:00 sveglia", ("2026-05-05T09:00:00Z", None, "shop", None, "sveglia")),
    "Portuguese": (
        "dated_text",
        "5/fev/2026 09:00:00 acordada",
        ("2026-02-05T09:00:00Z", None, "shop", None, "acordada"),
    ),
    "Dutch, without a year": (
        "dated_text",
        "mrt 5 09:00:00 wakker",
        ("2026-03-05T09:00:00Z", None, "shop", None, "wakker"),
    ),
    "syslog in German": (
        "syslog_rfc3164",
        "Mär  5 09:00:00 web-1 otterd[7]: wach",
        ("2026-03-05T09:00:00Z", "web-1", "otterd", None, "wach"),
    ),
}

# What begins as an entry of the format does, and is none: it is rejected, not made part of the entry before.
BROKEN: dict[str, tuple[str, str]] = {
    "logfmt: quotes that do not end": ("logfmt", 'time=2026-01-05T09:00:00Z msg="otters'),
    "logfmt: no time": ("logfmt", "level=info msg=awake"),
    "logfmt: a day that no month has": ("logfmt", "time=2026-02-30T09:00:00Z msg=awake"),
    "Apache: no level": ("apache_error", "[Mon Jan 05 09:00:00 2026] otters"),
    "nginx: no process": ("nginx_error", "2026/01/05 09:00:00 [error] otters"),
    "HAProxy: another daemon's line": ("haproxy", "Jan  5 09:00:04 lb-1 sshd[7]: otters"),
    "HAProxy: a month that does not exist": (
        "haproxy",
        "192.0.2.7:4711 [05/Qqq/2026:09:00:00.123] mail mails/mail-1 0/0/5007 212 -- 0/0/0/0/3 0/0",
    ),
    "a load balancer: a status of four digits": (
        "aws_elb",
        'h2 2026-01-05T09:00:00Z app/o/5 192.0.2.7:1 10.0.0.1:80 0 0 0 2000 200 34 366 "GET / HTTP/1.1"',
    ),
    "CRI: no tag": ("cri", "2026-01-05T09:00:00Z stdout otters"),
    "klog: a month 13": ("klog", "I1305 09:00:00.000042       7 pond.go:42] awake"),
    "Kafka: a level that nobody has": ("kafka", "[2026-01-05 09:00:00,437] WACH otters"),
    "Kafka: an hour 25": ("kafka", "[2026-01-05 25:00:00,437] INFO otters"),
    "ZooKeeper: no class": ("zookeeper", "2026-01-05 09:00:00,437 - INFO otters awake"),
    "Hadoop: no class": ("hadoop", "2026-01-05 09:00:00,437 INFO otters awake"),
    "log4j: no logger": ("log4j", "2026-01-05 09:00:00.437 [main] INFO"),
    "Spring Boot: two hyphens": ("spring_boot", "2026-01-05T09:00:00.437Z  INFO 7 -- [main] o.e.Otter : awake"),
    "Python: no level": ("python_logging", "2026-01-05 09:00:00,437 otters awake"),
    "Go: a month 13": ("go_log", "2026/13/05 09:00:00 awake"),
    "PostgreSQL: no level": ("postgresql", "2026-01-05 09:00:00.437 UTC [7] otters awake"),
    "MySQL: a level that nobody has": ("mysql_error", "2026-01-05T09:00:00.437000Z 0 [Otter] awake"),
    "the journal: no tag": ("journal_text", "Mon 2026-01-05 09:00:00 UTC web-1 otters awake"),
    "TAI64N: a nanosecond too many": ("tai64n", "@40000000695b7db53b9aca00 awake"),
    "any text: a day 32": ("plain_text", "2026-01-32 09:00:00 awake"),
    "a number of the year 1973": ("epoch_text", "100000000 otters awake"),
    "a month that no language has": ("dated_text", "5. Otter 2026 09:00:00 awake"),
    "a minute 60": ("clock_text", "09:60:00 awake"),
}


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    """One database for all readings of this module; a reading leaves nothing behind."""
    with Database() as opened:
        yield opened


def read(database: Database, folder: Path, name: str, text: str, **asked: object) -> FileReading:
    """A file in a format that is not in question."""
    path = folder / "shop.log"
    path.write_bytes(text.encode())
    request = Request(**{"year": 2026, **asked})  # type: ignore[arg-type]  # any of its fields
    return read_file(database, path, name, logs.log_formats()[name].FORMAT, request, service="shop")


def cells(found: FileReading) -> list[list[object]]:
    """Time, host, service, level and message of every entry."""
    rows = found.logs[["at", "host", "service", "level", "message"]].astype(object)
    return rows.where(rows.notna(), None).to_numpy().tolist()


@pytest.mark.parametrize("case", LINES)
@pytest.mark.parametrize("dress", ["plain", "CR LF and colours"])
def test_a_line_says_what_its_layout_says(case: str, dress: str, database: Database, tmp_path: Path) -> None:
    """A line gives the time, host, service, level and message that it holds, whatever its line end and colours are."""
    name, line, (at, *expected) = LINES[case]
    text = f"{line}\n"
    if dress != "plain":
        text = f"\x1b[32m{line[:3]}\x1b[0m{line[3:]}\r\n"
    found = read(database, tmp_path, name, text)
    assert cells(found) == [[pd.Timestamp(at), *expected]]
    assert found.logs["raw_offset"].tolist() == [0]


@pytest.mark.parametrize("case", BROKEN)
def test_a_line_that_begins_as_an_entry_and_is_none_is_rejected(case: str, database: Database, tmp_path: Path) -> None:
    """A broken line behind an entry is rejected with its text and place; it becomes no entry and no part of one."""
    name, line = BROKEN[case]
    example = logs.log_formats()[name].EXAMPLE + "\n"
    found = read(database, tmp_path, name, example + line + "\n" + example)
    assert (found.counts["entries"], found.counts["continued"], found.counts["rejected"]) == (2, 0, 1)
    (rejected,) = [row for row in found.findings if row["check"] == "row_rejected"]
    assert (rejected["raw"], rejected["row"]) == (line, f"byte {len(example.encode())}")


ANY_LINE = [name for name, module in logs.log_formats().items() if module.FORMAT.continues == "any"]


@pytest.mark.parametrize("name", ANY_LINE)
def test_what_has_no_time_belongs_to_the_entry_before(name: str, database: Database, tmp_path: Path) -> None:
    """Behind an entry of a layout that begins with a time, lines without one are part of it, whatever they say."""
    example = logs.log_formats()[name].EXAMPLE
    found = read(
        database, tmp_path, name, f"lost\n{example}\norg.example.Gone: no otters\n\tat x\n</pond>\n\n{example}\n"
    )
    counts = found.counts
    assert (counts["entries"], counts["continued"], counts["blank"], counts["rejected"]) == (2, 3, 1, 1)
    assert found.logs["message"].iloc[0].endswith("\norg.example.Gone: no otters\n\tat x\n</pond>")
    assert "\n" not in found.logs["message"].iloc[1]


@pytest.mark.parametrize("name", [name for name, module in logs.log_formats().items() if module.FORMAT.kind != "json"])
@pytest.mark.parametrize("size", [5, 90])
def test_how_a_file_is_cut_makes_no_difference(
    name: str, size: int, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read in pieces of any size, examples, broken lines and other lines give the same entries, counts and findings."""
    example = logs.log_formats()[name].EXAMPLE
    text = f"{example}\nother\n\n \tat x\n{example[:-1]}\x00\n{example[5:]}\n{example}"
    whole = read(database, tmp_path, name, text)
    with monkeypatch.context() as patch:
        patch.setattr(reading, "chunks", lambda path: streams.chunks(path, size=size))
        cut = read(database, tmp_path, name, text)
    pd.testing.assert_frame_equal(cut.logs, whole.logs)
    assert (cut.counts, cut.findings) == (whole.counts, whole.findings)
    assert (
        whole.counts["lines"] == sum(n for what, n in whole.counts.items() if what != "lines") == text.count("\n") + 1
    )


W3C = """\
#Software: Otter Web Services
#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query sc-status time-taken
2026-01-05 09:00:00 192.0.2.1 GET /otters - 200 15
2026-01-05 09:00:01 192.0.2.1 POST /pay id=7 503 30015
2026-01-05 09:00:02 192.0.2.1 POST /pay 503
#Fields: time date cs-uri-stem sc-status s-computername
09:00:03 2026-01-05 /again 404 WEB-1
"""


@pytest.mark.parametrize("size", [40, 1 << 20])
def test_w3c_columns_are_those_that_the_line_above_names(
    size: int, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Columns are read by the names above them, also where these change within the file; the standard's zone is UTC."""
    monkeypatch.setattr(reading, "chunks", lambda path: streams.chunks(path, size=size))
    found = read(database, tmp_path, "w3c_extended", W3C)
    assert cells(found) == [
        [pd.Timestamp("2026-01-05T09:00:00Z"), "192.0.2.1", "shop", "info", "GET /otters 200"],
        [pd.Timestamp("2026-01-05T09:00:01Z"), "192.0.2.1", "shop", "error", "POST /pay id=7 503"],
        [pd.Timestamp("2026-01-05T09:00:03Z"), "WEB-1", "shop", "warning", "/again 404"],
    ]
    assert (found.counts["blank"], found.counts["rejected"]) == (3, 1)
    assert [row["check"] for row in found.findings] == ["rows_rejected", "row_rejected"]
    berlin = read(database, tmp_path, "w3c_extended", W3C, time_zone="Europe/Berlin")
    assert berlin.logs["at"].iloc[0] == pd.Timestamp("2026-01-05T08:00:00Z")


def test_zeek_columns_become_pairs(database: Database, tmp_path: Path) -> None:
    """Of a Zeek log all columns that are set stand in the message with their names; what is unset is left out."""
    text = "#separator \\x09\n#fields\tts\tuid\tid.orig_h\tservice\n1767603600.25\tC1\t192.0.2.7\t-\n#close\t2026\n"
    found = read(database, tmp_path, "zeek", text)
    assert cells(found) == [[pd.Timestamp("2026-01-05T09:00:00.25Z"), None, "shop", None, "uid=C1 id.orig_h=192.0.2.7"]]
    assert found.counts["blank"] == 3


def test_what_a_logger_says_about_its_file_is_no_entry(database: Database, tmp_path: Path) -> None:
    """Headers of glog and lines between boots of the journal count as blank, with every line accounted for."""
    header = "Log file created at: 2026/01/05 09:00:00\nRunning on machine: web-1\n"
    found = read(database, tmp_path, "klog", header + logs.log_formats()["klog"].EXAMPLE + "\n")
    assert (found.counts["entries"], found.counts["blank"], found.counts["lines"]) == (1, 2, 3)
    found = read(database, tmp_path, "syslog_rfc3164", "-- Boot 0123 --\nJan  5 09:00:00 h a: b\n")
    assert (found.counts["entries"], found.counts["blank"]) == (1, 1)
