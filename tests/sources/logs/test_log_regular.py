"""Lines that are read without a query say the same as by way of the database, and no more of them are than may be."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident_analytics.sources import logs
from incident_analytics.sources.logs._engine import (
    Database,
    LogFormat,
    Request,
    clocks,
    lines,
    reading,
    regular_json,
    streams,
)
from incident_analytics.sources.logs._engine import parsed as parsed_module
from incident_analytics.sources.logs._engine.outside import _up_to_time
from incident_analytics.sources.logs._engine.parsed import general_rows
from incident_analytics.sources.logs._engine.parsing import OUTSIDE
from incident_analytics.sources.logs._engine.regular import regular_lines
from incident_analytics.sources.logs._engine.slices import Spans, Text, places_where

EXAMPLES = {name: [line.encode() for line in module.EXAMPLE.split("\n")] for name, module in logs.log_formats().items()}
FORMATS = {name: module.FORMAT for name, module in logs.log_formats().items()}
ODD = [
    *(b"", b" ", b"-", b":", b'"', b"\\", b"\\n", b"\x00", b"\x1b[31m", b"\r", b"\t", b"\xef\xbb\xbf", b"\xc3\xa9"),
    *(b"0", b"1", b"9", b"00", b"-0", b"1e5", b"1.50", b"null", b"true", b"{}", b"[]", b'""', b",", b":60", b"24"),
    *(b"Feb", b"FEB", b"Okt", b"29", b"31", b"Z", b"+02:00", b"-0530", b"+25:00", b",123", b".123456789", b" UTC"),
    *(b"9999", b"0001", b"\xed\xa0\x80", b"\xff", b"[" * 50, b"2026-10-25T02:30:00", b"2026-02-29"),
]


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    """One database for all readings of this module."""
    with Database() as opened:
        yield opened


def block_of(data: bytes) -> lines.Block:
    """The lines of a text as one block."""
    (block,) = lines.blocks(lines.Piece(data, 0))
    return block


def assert_same(database: Database, data: bytes, layout: LogFormat, request: Request, years: int = 2026) -> int:
    """Read both ways, regular lines give the same rows; says how many there were."""
    block = block_of(data)
    everything = general_rows(database.session, block, block.texts, layout, request, years)
    found = regular_lines(
        block,
        layout,
        time_zone=request.time_zone or layout.time_zone,
        windows=request.windows,
        years=years,
        shift=request.shift,
    )
    seen = np.concatenate([group.lines for group in found] or [np.array([], np.int64)])
    assert len(set(seen.tolist())) == len(seen)
    for group in found:
        expected = everything.take(pa.array(group.lines))
        assert group.table.schema.equals(expected.schema)
        for row, wanted in zip(group.table.to_pylist(), expected.to_pylist(), strict=True):
            # Of a line outside the time asked for no more is read than its time.
            assert row == wanted or (row["what"] == OUTSIDE and wanted["what"] > OUTSIDE)
    return len(seen)


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, bytes]:
    """Lines of a format as its example has them, some with bytes put in, taken out or changed."""
    name = draw(st.sampled_from(sorted(FORMATS)))
    chosen = []
    for _ in range(draw(st.integers(1, 6))):
        data = bytearray(draw(st.sampled_from(EXAMPLES[name])))
        for _ in range(draw(st.sampled_from([0, 0, 1, 1, 2, 4]))):
            place = draw(st.integers(0, len(data)))
            put = draw(st.sampled_from(ODD) | st.binary(max_size=2))
            data[place : place + draw(st.integers(0, 4))] = put
        chosen.append(bytes(data))
    return name, draw(st.sampled_from([b"\n", b"\r\n"])).join(chosen) + draw(st.sampled_from([b"", b"\n"]))


START = 1_767_603_600_000_000
REQUESTS = [
    Request(),
    Request(time_zone="Europe/Berlin", shift=-3_600_000_000),
    Request(time_zone="+05:30", windows=((START, START + 10**6),)),
]


@settings(max_examples=80, deadline=None)
@given(case=mutated(), asked=st.sampled_from(REQUESTS))
def test_a_regular_line_says_the_same_both_ways(case: tuple[str, bytes], asked: Request, database: Database) -> None:
    """Whatever is done to lines of whatever format, those that need no query are read as a query reads them."""
    name, data = case
    if data.strip():
        assert_same(database, data, FORMATS[name], asked, 10_957 if FORMATS[name].lacks_day else 2026)


def test_the_last_value_of_a_row_of_pairs_ends_before_the_line_end(database: Database) -> None:
    """A carriage return at the end of a line is no part of the value before it, read either way."""
    line = b'time="2026-01-05T09:00:00Z" level=info msg="otters awake" service=pond'
    assert assert_same(database, line + b"\r\n" + line, FORMATS["logfmt"], Request(), 2026) == 2


SPELLED = [
    *("2026-01-05T09:00:00Z", "2026-01-05T09:00:00.1Z", "2026-01-05 09:00:00.123456789Z", "2026-01-05T09:00:00+02:00"),
    *(
        "2026-01-05T09:00:00-0530",
        "2026-01-05T09:00:00+14:00",
        "2026-01-05T09:00:00+15:00",
        "2026-01-05T09:00:00+15:59",
    ),
    *(
        "2026-01-05T09:00:00-00:00",
        "2026-01-05 09:00:00,5",
        "2026-01-05T09:00:00.999999999",
        "2026-01-05T09:00:00.5+01",
    ),
    *("2024-02-29T23:59:59Z", "2023-02-29T00:00:00Z", "2000-02-29T00:00:00Z", "2100-02-29T00:00:00Z"),
    *("1970-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+01:00", "9998-12-31T23:59:59Z"),
    *(
        "9999-01-01T00:00:00Z",
        "2026-01-05T24:00:00Z",
        "2026-12-31T23:59:60Z",
        "2026-04-31T00:00:00Z",
        "2026-00-10T00:00:00Z",
    ),
    *(
        "2026-1-05T09:00:00Z",
        "2026-01-05t09:00:00z",
        "2026/01/05 09:00:00",
        "2026-01-05T09:00:00 Z",
        "2026-01-05T09:00Z",
    ),
    *("1767603600", "1767603600.5", "1767603600.123456789", "1767603600123", "1767603600123456", "1767603600123456789"),
    *("631151999", "631152000", "4102444800", "4102444801", "17676036001", "0", "99999999999999999999", "1767603600."),
]


@pytest.mark.parametrize(
    "layout", [{"iso8601"}, {"epoch"}, {"iso8601", "epoch"}], ids=lambda which: "+".join(sorted(which))
)
def test_times_are_read_as_the_database_reads_them(layout: set[str], database: Database) -> None:
    """Each spelling of an instant, alone and among others of its length, gives the same microseconds both ways."""
    times = tuple(name for name in ("iso8601", "epoch") if name in layout)
    form = LogFormat(kind="json", times=times, levels={}, keys={"time": ("t",), "message": ("m",)})
    data = "".join(json.dumps({"t": at, "m": "x"}) + "\n" for at in SPELLED for _ in range(2)).encode()
    n_regular = assert_same(database, data, form, Request())
    assert n_regular >= 10


@pytest.mark.parametrize(
    ("spelling", "written"),
    [
        (
            "%d/%b/%Y:%H:%M:%S %z",
            ["05/Jan/2026:09:00:00 +0000", "5/Jan/2026:09:00:00 +0000", "29/Feb/2026:09:00:00 +0000"],
        ),
        (
            "%b %d %H:%M:%S",
            ["Jan  5 09:00:00", "Jan 05 09:00:00", "Feb 29 09:00:00", "jan  5 09:00:00", "Jan 5 9:00:00"],
        ),
        ("%Y-%m-%d %H:%M:%S,%f", ["2026-01-05 09:00:00,123", "2026-01-05 09:00:00,123456", "2026-01-05 09:00:00,1"]),
        ("%Y/%m/%d %H:%M:%S", ["2026/01/05 09:00:00", "2026/1/5 09:00:00", "2026/01/05 09:61:00"]),
        ("%d.%m.%Y %H:%M:%S.%f", ["05.01.2026 09:00:00.5", "05.01.2026 09:00:00.123456789"]),
        ("%m%d %H:%M:%S.%f", ["0105 09:00:00.123456", " 105 09:00:00.123456"]),
        ("%a %b %d %H:%M:%S.%f %Y", ["Mon Jan 05 09:00:00.123456 2026"]),
    ],
)
def test_spelled_times_are_read_as_the_database_reads_them(
    spelling: str, written: list[str], database: Database
) -> None:
    """Times in a spelling of their own, with and without padding or fractions, give the same both ways."""
    form = LogFormat(kind="pattern", times=(spelling,), levels={}, patterns=(r"^(?P<head>(?P<time>[^|\n]+)[|])",))
    assert_same(database, "".join(f"{at}|x\n" for at in written * 2).encode(), form, Request(time_zone="UTC"))


def test_days_of_all_years_are_counted_as_numpy_counts_them() -> None:
    """Days since 1970 follow from year, month and day over the whole range of times that are read."""
    days = np.arange(0, 8_029 * 365, 97)
    at = days.astype("M8[D]")
    year = at.astype("M8[Y]").astype(np.int64) + 1970
    month = at.astype("M8[M]").astype(np.int64) % 12 + 1
    day = (at - at.astype("M8[M]")).astype(np.int64) + 1
    np.testing.assert_array_equal(clocks._days_since_1970(year, month, day), days)


JSON_LINES = FORMATS["json_lines"]
WRITTEN = (
    '{"ts":"2026-01-05T09:00:00.123Z","level":"info","n":12,"service":"oven","tags":["a","b"],"msg":"bread is in"}'
)


@pytest.mark.parametrize(
    "other",
    [
        WRITTEN.replace("12", "-3.25"),
        WRITTEN.replace("12", "1e400"),
        WRITTEN.replace("12", "012"),
        WRITTEN.replace("12", "null"),
        WRITTEN.replace("12", "-"),
        WRITTEN.replace("info", ""),
        WRITTEN.replace('"oven"', '""'),
        WRITTEN.replace('"level"', '"lever"'),
        WRITTEN.replace('"a","b"', '"a","b","c"'),
        WRITTEN.replace('"tags":["a","b"]', '"tags":{"a":"b"}'),
        WRITTEN.replace("bread", "bread\\n"),
        WRITTEN.replace("bread", "bread\t"),
        WRITTEN.replace('"service":', '"ts":'),
        WRITTEN.replace(",", ", "),
        WRITTEN + " ",
        WRITTEN + "}",
        WRITTEN[:-1],
        " " + WRITTEN,
        "",
        '""',
    ],
)
@pytest.mark.parametrize("is_first", [True, False])
def test_json_that_differs_from_its_neighbours_is_read_as_what_it_is(
    other: str, is_first: bool, database: Database
) -> None:
    """A line among others of another make says the same both ways, first or in the middle; the others stay regular."""
    chosen = [other, WRITTEN, WRITTEN, WRITTEN] if is_first else [WRITTEN, WRITTEN, other, WRITTEN]
    n_regular = assert_same(database, "\n".join(chosen).encode(), JSON_LINES, Request())
    assert n_regular >= 3


PAIRS = 'time=2026-01-05T09:00:00Z level=info service=oven host=h1 flag msg="bread is in" n=12'


@pytest.mark.parametrize(
    "other",
    [
        PAIRS.replace("12", '"1 2"'),
        PAIRS.replace("12", ""),
        PAIRS.replace("bread is in", ""),
        PAIRS.replace('"bread is in"', ""),
        PAIRS.replace('"bread is in"', "bread"),
        PAIRS.replace("bread", 'b\\"read'),
        PAIRS.replace("bread", "bread\t level=error"),
        PAIRS.replace("bread", "bread level=error"),
        PAIRS.replace("level=info", "level="),
        PAIRS.replace("host=h1", "host=h=1"),
        PAIRS.replace("oven", "oven\tx"),
        PAIRS.replace(' msg="bread is in"', ""),
        PAIRS.replace("service=oven", "level=error"),
        PAIRS.replace("Z", ""),
        PAIRS + " ",
        " " + PAIRS,
        PAIRS.replace(" ", "  "),
        PAIRS + '"',
        PAIRS + "\r",
        "",
    ],
)
@pytest.mark.parametrize("is_first", [True, False])
def test_pairs_that_differ_from_their_neighbours_are_read_as_what_they_are(
    other: str, is_first: bool, database: Database
) -> None:
    """A row of pairs among others of another make says the same both ways, first or in the middle; the others stay regular."""
    chosen = [other, PAIRS, PAIRS, PAIRS] if is_first else [PAIRS, PAIRS, other, PAIRS]
    n_regular = assert_same(database, "\n".join(chosen).encode(), FORMATS["logfmt"], Request())
    assert n_regular >= 3


def test_programs_that_take_turns_are_all_read_without_a_query(database: Database) -> None:
    """Lines of several makes, one after the other, are all regular; makes beyond the limit are not, and are read too."""
    makes = [
        json.dumps({"ts": "2026-01-05T09:00:00Z", f"key{n}": n, "msg": "x"}) for n in range(regular_json.MODELS + 2)
    ]
    assert assert_same(database, "\n".join(makes[:-2] * 3).encode(), JSON_LINES, Request()) == 3 * regular_json.MODELS
    assert assert_same(database, "\n".join(makes * 3).encode(), JSON_LINES, Request()) == 3 * regular_json.MODELS


@pytest.mark.parametrize("name", ["access_log", "syslog_rfc3164", "syslog_rfc5424", "syslog_iso", "json_lines", "pino"])
def test_examples_need_no_database(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A file of nothing but plain entries is recognised and read without loading a database."""
    monkeypatch.setitem(sys.modules, "duckdb", None)
    path = tmp_path_factory.mktemp("bakery") / "oven.log"
    path.write_bytes(b"\n".join(EXAMPLES[name] * 20))
    found = logs.scan(path, year=2026)
    assert found.counts["format"].tolist() == [name] and len(found.logs) == 20


def test_bytes_are_found_up_to_the_last() -> None:
    """Comparing bytes at a place reads none beyond the end, and takes none before it for others."""
    text = Text(pa.array(["abcdefghij\n", "abcdefghijk"]))
    for width in range(1, 12):
        expected = b"abcdefghijk"[:width]
        places = np.arange(len(text.data) + 1)
        whole = bytes(text.data)
        wanted = [whole[place : place + width] == expected for place in places]
        assert text.reads(places, expected).tolist() == wanted


def test_stretches_are_copied_out_as_texts() -> None:
    """Stretches in order become texts, empty ones stay empty, and those that are not there are missing."""
    text = Text(pa.array(["otter badger\n", "fox"]))
    spans = Spans(np.array([0, 6, 13]), np.array([5, 6, 16]), np.array([True, True, False]))
    assert text.strings(spans).to_pylist() == ["otter", "", None]


FRONT = {
    "json_lines": '{{"ts":"2026-01-05T{}Z","msg":"bread"{}}}',
    "logfmt": 'time="2026-01-05T{}Z" level=info msg="bread"{}',
    "syslog_rfc3164": "<13>Jan  5 {} h1 oven[7]: bread{}",
    "syslog_rfc5424": "<13>1 2026-01-05T{}Z h1 oven 7 - - bread{}",
    "access_log": '192.0.2.7 - - [05/Jan/2026:{} +0000] "GET /bread{} HTTP/1.1" 200 1',
}


@pytest.mark.parametrize("name", FRONT)
@pytest.mark.parametrize("size", [1, 100, 1 << 20])
def test_lines_outside_are_counted_and_never_made(
    name: str, size: int, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However a file is cut, what lies outside the time asked for is counted as that and costs no query."""
    monkeypatch.setattr(reading, "chunks", functools.partial(streams.chunks, size=size))
    path = tmp_path / "oven.log"
    path.write_text("".join(FRONT[name].format(f"{9 + n // 30:02d}:{n % 60:02d}:00", "") + "\n" for n in range(90)))
    hour = tuple(pd.Timestamp(f"2026-01-05T{at}Z").value // 1000 for at in ("10:00", "11:00"))
    request = Request(windows=(hour,), time_zone="UTC", year=2026)  # type: ignore[arg-type]  # two of them
    monkeypatch.setattr(parsed_module, "general_rows", None)
    found = reading.read_file(database, path, name, FORMATS[name], request, service="oven")
    assert (found.counts["entries"], found.counts["outside_window"]) == (30, 60)
    assert found.logs["message"].notna().all()


@pytest.mark.parametrize("size", [1, 100, 1 << 20])
def test_of_a_line_outside_no_more_is_read_than_its_time(
    size: int, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broken line whose time was not asked for is outside; the same line inside the time asked for is rejected."""
    monkeypatch.setattr(reading, "chunks", functools.partial(streams.chunks, size=size))
    path = tmp_path / "oven.log"
    lines_ = [FRONT["json_lines"].format(f"{hour:02d}:00:00", broken) for hour in (9, 10, 11) for broken in ("", '"')]
    path.write_text("\n".join(lines_))
    start = pd.Timestamp("2026-01-05T10:00Z").value // 1000
    request = Request(windows=((start, start + 1),))
    found = reading.read_file(database, path, "json_lines", JSON_LINES, request, service="oven")
    counts = {"entries": 1, "rejected": 1, "outside_window": 4, "continued": 0, "blank": 0, "lines": 6}
    assert found.counts == counts


@pytest.mark.parametrize(
    ("pattern", "shortened"),
    [
        (
            r"^(?P<head>(?:<(?P<level>[0-9]+)>)?(?P<time>[0-9]{2}) x)",
            r"^(?P<head>(?:<(?P<level>[0-9]+)>)?(?P<time>[0-9]{2}))",
        ),
        (r"^[^\[(]+[\[(](?P<time>[^])]+)[])] x", r"^[^\[(]+[\[(](?P<time>[^])]+)"),
        (r"^(?P<head>\((?P<time>(?:[0-9]|x)+)\))", r"^(?P<head>\((?P<time>(?:[0-9]|x)+))"),
        (r"^(?P<time>[0-9]+)?x", None),
        (r"^a|(?P<time>b)", None),
        (r"(?P<time>b)", None),
        (r"^(?P<level>b)", None),
        (r"^(?P<time>a) (?P<time2>b)", None),
    ],
)
def test_a_pattern_is_cut_behind_its_time(pattern: str, shortened: str | None) -> None:
    """Brackets, classes and escapes do not hide where the group of the time ends; what may begin in two ways is left."""
    assert _up_to_time(pattern) == shortened


@given(flags=st.lists(st.booleans(), max_size=300) | st.lists(st.just(True), max_size=300))
def test_places_of_flags_are_those_that_numpy_finds(flags: list[bool]) -> None:
    """However many flags are set and wherever, their places are told in order."""
    asked = np.array(flags, bool)
    np.testing.assert_array_equal(places_where(asked), np.flatnonzero(asked))


@given(
    texts=st.lists(st.text(st.sampled_from('ab"\\'), max_size=90), min_size=1, max_size=5),
    wanted=st.sampled_from([b'"', b'"\\']),
    usual=st.integers(0, 70),
)
def test_a_byte_is_found_where_it_first_stands(texts: list[str], wanted: bytes, usual: int) -> None:
    """The first of the wanted bytes is found from any place on, and nothing beyond the end of the line."""
    text = Text(pa.array([f"{line}\n" for line in texts]))
    found = text.found(text.begins, wanted, text.contents, usual=usual)
    lengths = [next((n for n, sign in enumerate(line.encode()) if sign in wanted), len(line)) for line in texts]
    assert (found - text.begins).tolist() == lengths


@pytest.mark.parametrize("is_there", [True, False])
def test_a_byte_that_stands_far_away_is_found(is_there: bool) -> None:
    """A value of many kilobytes ends where it ends, or with its line."""
    line = "x" * 20_000 + ('"' if is_there else "") + "y" * 10
    text = Text(pa.array(["abc\n", f"{line}\n"]))
    found = text.found(text.begins, b'"', text.contents, usual=3)
    assert (found - text.begins).tolist() == [3, 20_000 if is_there else 20_010]
