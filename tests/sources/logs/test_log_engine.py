"""The log engine: every line is accounted for, whatever it holds, however the file is cut, packed or timed."""

from __future__ import annotations

import functools
import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incident_analytics.errors import SourceError, UsageError
from incident_analytics.schema import conform
from incident_analytics.sources import logs
from incident_analytics.sources.logs._engine import Database, FileReading, Request, lines, reading, streams
from incident_analytics.sources.logs._engine.chains import LONGEST_CHAIN
from incident_analytics.sources.logs._engine.envelopes import shape_of
from incident_analytics.sources.logs._engine.parsed import parsed
from incident_analytics.sources.logs._engine.parsing import ENTRY

# Of documents and split messages, not the lines of the file are counted: they have tests of their own.
BY_LINE = {
    name: module for name, module in logs.log_formats().items() if not (module.FORMAT.records or module.FORMAT.joins)
}
LINES = {name: module.EXAMPLE.split("\n") for name, module in BY_LINE.items()} | {
    "json_lines": [
        '{"ts":"2026-01-01T10:00:00.5Z","level":"error","service":"pay","host":"h1","msg":"card 4711 refused"}',
        '{"time":1767261601000,"level":30,"msg":"ok","name":"pay","hostname":"h2","extra":{"deep":[1,{"a":2}]}}',
        '{"@timestamp":"2026-01-01 11:00:02+01:00","log":{"level":"warn"},"message":"é ü €"}',
    ],
    "access_log": [
        '192.0.2.1 - - [01/Jan/2026:10:00:00 +0000] "GET /a?b=1 HTTP/1.1" 200 12 "-" "curl/8.0"',
        '::1 - me [01/Jan/2026:10:00:01 +0000] "POST /pay HTTP/2.0" 503 0',
    ],
    "syslog_rfc3164": [
        "<34>Jan  1 10:00:00 h1 pay[1]: card refused",
        "Jan  1 10:00:01 h2 pay: java.lang.Error: x",
        "\tat com.example.Pay.run(Pay.java:7)",
    ],
    "syslog_iso": ["2026-01-01T10:00:00+00:00 h1 pay[1]: card refused"],
    "syslog_rfc5424": [
        '<34>1 2026-01-01T10:00:00.1Z h1 pay 7 ID [a@1 b="c\\"d"] refused',
        "<34>1 2026-01-01T10:00:00Z h pay - - -",
    ],
}
PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
HOSTILE = [
    b"\x00",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\x1b[31m",
    b"\x1b]0;title\x07",
    b"\r",
    b"\xef\xbb\xbf",
    b'"',
    b"\\",
    b"{" * 50,
    b"[" * 2000,
    b"1" * 5000,
    b"\\ud800",
    b"\t",
    b" ",
    b"9999-99-99T99:99:99Z",
    b":59:60",
    b"%",
    b"'; DROP TABLE lines; --",
    b"=1+1",
]


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    """One database for all readings of this module; a reading leaves nothing behind."""
    with Database() as opened:
        yield opened


def read(database: Database, path: Path, name: str, **asked: object) -> FileReading:
    """A file in a format that is not in question."""
    request = Request(**{"time_zone": "UTC", "year": 2026, **asked})  # type: ignore[arg-type]  # any of its fields
    return reading.read_file(database, path, name, logs.log_formats()[name].FORMAT, request, service="shop")


def written(folder: Path, text: str | bytes, name: str = "shop.log") -> Path:
    """A file with this content."""
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def entry(second: int, message: str = "x", *, day: str = "2026-01-01") -> str:
    """A JSON line at a second of ten o'clock."""
    return json.dumps({"ts": f"{day}T10:00:{second:02d}Z", "msg": message}) + "\n"


def checks(found: FileReading | logs.LogReading) -> list[str]:
    """Names of the findings, each once."""
    rows = found.findings["check"] if isinstance(found, logs.LogReading) else [str(r["check"]) for r in found.findings]
    return list(dict.fromkeys(rows))


def assert_all_accounted_for(found: FileReading, data: bytes) -> None:
    """The counting law, and that offsets lead back to the lines."""
    counts = found.counts
    assert counts["lines"] == len(data.removeprefix(b"\xef\xbb\xbf").removesuffix(b"\n").split(b"\n")) - (
        data.removeprefix(b"\xef\xbb\xbf") == b""
    )
    assert counts["lines"] == sum(n for name, n in counts.items() if name != "lines")
    assert len(found.logs) == counts["entries"]
    begins = {0, 3 if data.startswith(b"\xef\xbb\xbf") else 0}
    begins |= {place + 1 for place, byte in enumerate(data) if byte == 10}
    offsets = found.logs["raw_offset"].tolist()
    assert offsets == sorted(set(offsets)) and set(offsets) <= begins
    listed = [row for row in found.findings if row["check"] == "row_rejected"]
    assert len(listed) == min(counts["rejected"], 100)
    for row in listed:
        assert int(str(row["row"]).removeprefix("byte ")) in begins and len(str(row["raw"])) <= 500


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, bytes]:
    """Lines of a format with bytes put in, cut out, lines doubled and line ends changed."""
    name = draw(st.sampled_from(sorted(LINES)))
    known = [line.encode() for line in LINES[name]] + [b"", b"  ", b"no entry", b"Traceback (most recent):"]
    chosen = draw(st.lists(st.sampled_from(known), max_size=12))
    data = bytearray(draw(st.sampled_from([b"\n", b"\r\n"])).join(chosen))
    for _ in range(draw(st.integers(0, 6))):
        place = draw(st.integers(0, len(data)))
        put = draw(st.sampled_from(HOSTILE) | st.binary(max_size=3))
        data[place : place + draw(st.integers(0, 5))] = put
    text = bytes(data) + draw(st.sampled_from([b"", b"\n"]))
    # What begins like a packed file is one, and is not read as lines.
    return name, b" " + text if text.startswith(PACKED) else text


def is_counted_by_line(case: tuple[str, bytes]) -> bool:
    """Whether the bytes look neither like UTF-16 nor like a document, of which lines are counted otherwise."""
    return not case[1].startswith((b"\xff\xfe", b"\xfe\xff")) and not shape_of(case[1]).is_document


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    case=mutated().filter(is_counted_by_line),
    size=st.sampled_from([7, 64, 1 << 20]),
    zone=st.sampled_from(["UTC", "Europe/Berlin"]),
)
def test_no_line_is_lost_whatever_it_holds(
    case: tuple[str, bytes], size: int, zone: str, database: Database, tmp_path: Path
) -> None:
    """Mutated lines break nothing: the counts add up to the lines, the offsets lead back, the frame conforms."""
    name, data = case
    path = written(tmp_path, data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "chunks", functools.partial(streams.chunks, size=size))
        found = read(database, path, name, time_zone=zone)
    assert_all_accounted_for(found, data)
    pd.testing.assert_frame_equal(found.logs, conform("logs", found.logs))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=mutated(), size=st.integers(1, 300))
def test_how_a_file_is_cut_makes_no_difference(
    case: tuple[str, bytes], size: int, database: Database, tmp_path: Path
) -> None:
    """Read in pieces of any size, a file gives the same entries, counts and findings as in one piece."""
    name, data = case
    path = written(tmp_path, data)
    whole = read(database, path, name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "chunks", functools.partial(streams.chunks, size=size))
        cut = read(database, path, name)
    pd.testing.assert_frame_equal(cut.logs, whole.logs)
    assert (cut.counts, cut.findings) == (whole.counts, whole.findings)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seconds=st.lists(st.integers(0, 59), min_size=1, max_size=20),
    bounds=st.lists(st.tuples(st.integers(0, 59), st.integers(0, 59)).map(sorted), max_size=3),
)
def test_a_window_keeps_what_lies_in_it(
    seconds: list[int], bounds: list[list[int]], database: Database, tmp_path: Path
) -> None:
    """Exactly the entries from a window's start to just before its end are kept; the rest is counted as outside."""
    path = written(tmp_path, "".join(entry(s, str(i)) for i, s in enumerate(seconds)))
    begin = pd.Timestamp("2026-01-01T10:00:00Z")
    windows = [(begin + pd.Timedelta(seconds=a), begin + pd.Timedelta(seconds=b)) for a, b in bounds]
    wanted = [str(i) for i, s in enumerate(seconds) if any(a <= s < b for a, b in bounds)]
    found = logs.scan(path, windows=windows)
    assert found.logs["message"].tolist() == wanted
    counts = found.counts.iloc[0]
    assert (counts["entries"], counts["outside_window"]) == (len(wanted), len(seconds) - len(wanted))


def test_start_and_end_may_be_texts_or_open(tmp_path: Path) -> None:
    """A start or an end alone leaves the other side open; texts and timestamps with a zone mean the same."""
    path = written(tmp_path, entry(1, "a") + entry(2, "b") + entry(3, "c"))
    assert logs.read_logs(path, start="2026-01-01T10:00:02Z")["message"].tolist() == ["b", "c"]
    assert logs.read_logs(path, end=pd.Timestamp("2026-01-01T12:00:02+02:00"))["message"].tolist() == ["a"]
    both = logs.read_logs(path, start="2026-01-01T10:00:02Z", end="2026-01-01T10:00:03Z")
    assert both["message"].tolist() == ["b"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"start": "2026-01-01T10:00:00"}, "no zone"),
        ({"start": pd.Timestamp("2026-01-01")}, "no zone"),
        ({"end": "soon"}, "cannot be read"),
        ({"start": "2026-01-02T00:00:00Z", "end": "2026-01-01T00:00:00Z"}, "ends before it starts"),
        ({"start": "2026-01-02T00:00:00Z", "windows": []}, "given twice"),
    ],
)
def test_a_window_that_cannot_be_meant_is_refused(asked: dict[str, object], said: str, tmp_path: Path) -> None:
    """A time asked for that has no zone, cannot be read or runs backwards is an error that says so."""
    path = written(tmp_path, entry(1))
    with pytest.raises(UsageError, match=said):
        logs.scan(path, **asked)  # type: ignore[arg-type]  # wrong on purpose


def test_a_window_without_entries_says_what_the_file_covers(tmp_path: Path) -> None:
    """When nothing lies in the time asked for, a finding says from when to when the file has entries."""
    found = logs.scan(written(tmp_path, entry(1) + entry(9)), start="2027-01-01T00:00:00Z")
    assert len(found.logs) == 0 and checks(found) == ["no_entries"]
    assert "2026-01-01T10:00:01+00:00 to 2026-01-01T10:00:09+00:00" in found.findings["message"].iloc[0]


def test_lines_of_a_stack_trace_belong_to_their_entry(database: Database, tmp_path: Path) -> None:
    """What is indented or names what was raised follows its entry into the message; the template is that of the entry."""
    text = (
        "  no entry before this\n"
        "Jan  1 10:00:00 h pay: write 17 timed out\n"
        "com.example.WriteTimeout: after 20 s\n"
        "\tat com.example.Pay.run(Pay.java:7)\r\n"
        "\n"
        "Caused by: com.example.Gone\n"
        "\t... 3 more\n"
        "Jan  1 10:00:01 h pay: fine\n"
        "neither\n"
        "\tof these\n"
        "Jan  1 10:00:02 h pay: \n"
        "ValueError: empty\n"
    )
    found = read(database, written(tmp_path, text), "syslog_rfc3164")
    assert found.counts == {
        "lines": 12,
        "entries": 3,
        "continued": 5,
        "rejected": 3,
        "outside_window": 0,
        "blank": 1,
    }
    trace = "com.example.WriteTimeout: after 20 s\n\tat com.example.Pay.run(Pay.java:7)\nCaused by: com.example.Gone\n\t... 3 more"
    assert found.logs["message"].tolist() == [f"write 17 timed out\n{trace}", "fine", "ValueError: empty"]
    assert found.logs["template"].tolist()[:2] == ["write <num> timed out", "fine"]
    assert [row["row"] for row in found.findings if row["check"] == "row_rejected"] == [
        "byte 0",
        f"byte {text.index('neither')}",
        f"byte {text.index('	of these')}",
    ]


def test_a_stack_trace_outside_the_window_is_outside_too(database: Database, tmp_path: Path) -> None:
    """Lines that belong to an entry outside the time asked for are counted with it, not as rejected."""
    text = "Jan  1 10:00:00 h pay: a\n\tat x\nJan  1 10:00:01 h pay: b\n\tat y\n"
    start = pd.Timestamp("2026-01-01T10:00:01Z").value // 1000
    found = read(database, written(tmp_path, text), "syslog_rfc3164", windows=((start, None),))
    assert found.logs["message"].tolist() == ["b\n\tat y"]
    assert (found.counts["outside_window"], found.counts["continued"]) == (2, 1)


def test_an_entry_of_very_many_lines_is_cut_and_said_to_be(database: Database, tmp_path: Path) -> None:
    """Beyond a limit, lines of one entry are counted but not kept, and a finding says how many."""
    text = "Jan  1 10:00:00 h pay: a\n" + "\tat x\n" * (LONGEST_CHAIN + 10)
    found = read(database, written(tmp_path, text), "syslog_rfc3164")
    assert found.counts["continued"] == LONGEST_CHAIN + 10
    assert found.logs["message"].iloc[0].count("\n") == LONGEST_CHAIN
    assert any(row["check"] == "entry_cut" and "10 lines" in str(row["message"]) for row in found.findings)


def test_json_lines_have_no_continued_lines(database: Database, tmp_path: Path) -> None:
    """Between JSON lines, a line that is no JSON is rejected however it is indented."""
    found = read(database, written(tmp_path, entry(1) + "\tat x\n" + entry(2)), "json_lines")
    assert (found.counts["rejected"], found.counts["continued"]) == (1, 0)


def test_offsets_lead_back_to_the_line(database: Database, tmp_path: Path) -> None:
    """Read from its offset in the uncompressed file, an entry's line is there again, packed or not."""
    text = "\ufeff" + "".join(entry(n, "é" * n) + "\r\n" * (n % 3) for n in range(20))
    data = text.encode()
    for path in (
        written(tmp_path, data),
        written(tmp_path, gzip.compress(data), "a.gz"),
        written(tmp_path, pa.compress(data, "zstd", asbytes=True), "b"),
    ):
        found = read(database, path, "json_lines")
        for offset, message in found.logs[["raw_offset", "message"]].itertuples(index=False):
            line = data[offset:].split(b"\n", 1)[0]
            assert json.loads(line)["msg"] == message


def test_invalid_bytes_are_spelled_out_and_said(database: Database, tmp_path: Path) -> None:
    """Bytes that are no UTF-8 stay visible as escapes, the offsets stay those of the file, and a finding counts them."""
    data = b"Jan  1 10:00:00 h a: \xff\xfe caf\xe9\nJan  1 10:00:01 h a: fine \xc3\xa9\nJan  1 10:00:02 h a: b\n"
    found = read(database, written(tmp_path, data), "syslog_rfc3164")
    assert found.logs["message"].tolist() == ["\\xff\\xfe caf\\xe9", "fine é", "b"]
    assert found.logs["raw_offset"].tolist() == [0, 29, 58]
    (note,) = [row for row in found.findings if row["check"] == "invalid_utf8"]
    assert str(note["message"]).startswith("1 lines of shop.log")


def test_terminal_colours_are_taken_out(database: Database, tmp_path: Path) -> None:
    """Escape sequences are no part of a message, nor do they hide an entry's time."""
    data = "\x1b[1mJan  1 10:00:00 h a: \x1b[31mred\x1b[0m \x1b]0;title\x07end\n"
    found = read(database, written(tmp_path, data), "syslog_rfc3164")
    assert found.logs["message"].tolist() == ["red end"]


def test_a_null_byte_is_a_character_like_any_other(database: Database, tmp_path: Path) -> None:
    """A NUL byte ends neither a message nor a line."""
    found = read(database, written(tmp_path, "Jan  1 10:00:00 h a: be\x00fore\n"), "syslog_rfc3164")
    assert found.logs["message"].tolist() == ["be\x00fore"]


@pytest.mark.parametrize(
    "bomb",
    [
        "[" * 100_000,
        '{"a":' * 100_000,
        '{"ts":"2026-01-01T10:00:00Z","a":' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"ts":"2026-01-01T10:00:00Z","msg":' + "1" * 5000 + "}",
        '{"ts":' + "9" * 5000 + ',"msg":"x"}',
    ],
    ids=["open lists", "open objects", "closed lists", "a number of 5000 digits", "as a time"],
)
def test_json_bombs_do_no_harm(bomb: str, database: Database, tmp_path: Path) -> None:
    """Deep nesting and endless numbers are an entry or rejected, and the lines around them are read."""
    found = read(database, written(tmp_path, entry(1) + bomb + "\n" + entry(2)), "json_lines")
    assert found.counts["entries"] + found.counts["rejected"] == 3 and found.counts["entries"] >= 2


def test_of_duplicate_keys_the_first_is_read(database: Database, tmp_path: Path) -> None:
    """A key that stands twice in an object gives its first value, and rejects nothing."""
    line = '{"ts":"2026-01-01T10:00:00Z","msg":"a","msg":"b"}\n'
    found = read(database, written(tmp_path, line * 3), "json_lines")
    assert found.logs["message"].tolist() == ["a", "a", "a"]


def test_a_line_of_100_megabytes_is_rejected_without_being_held(database: Database, tmp_path: Path) -> None:
    """A line longer than the limit is rejected with its beginning and offset; the lines around it are read."""
    path = tmp_path / "shop.log.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(entry(1).encode())
        for _ in range(100):
            file.write(os.urandom(1) * 0 + b"0123456789abcdef" * (1 << 16))
        file.write(b"\n" + entry(2).encode())
    found = read(database, path, "json_lines")
    assert found.counts["entries"] == 2 and found.counts["rejected"] == 1
    (row,) = [row for row in found.findings if row["check"] == "row_rejected"]
    assert row["row"] == f"byte {len(entry(1))}" and str(row["raw"]).startswith("0123456789")
    assert "longer than 8 MB" in str(row["message"])


def test_long_lines_inside_a_piece_stand_alone() -> None:
    """A line beyond the limit is parted from those before and behind it, whose offsets stay right."""
    piece = lines.Piece(b"a\n" + b"x" * 50 + b"\nb\nc", 100)
    found = list(lines.blocks(piece, longest=10))
    assert [block.offsets.tolist() for block in found] == [[100], [102], [153, 155]]
    assert [block.head for block in found] == [None, "x" * 50, None]
    assert found[2].texts.to_pylist() == ["b\n", "c"]


def test_a_piece_has_no_more_lines_than_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    """However short the lines are, a piece holds a limited number of them, and no byte is lost in between."""
    monkeypatch.setattr(lines, "MOST_LINES", 100)
    data = b"\n" * 900 + b"a\n" * 500 + b"x" * 3000 + b"\nend"
    found = list(lines.pieces([data[:1000], data[1000:]]))
    assert b"".join(piece.data for piece in found) == data
    assert max(piece.data.count(b"\n") for piece in found) <= 100
    assert [piece.start for piece in found[1:]] == np.cumsum([len(piece.data) for piece in found[:-1]]).tolist()


def test_at_most_100_rejected_lines_are_spelled_out(database: Database, tmp_path: Path) -> None:
    """Of many rejected lines the first 100 are listed, and one finding gives the total."""
    found = read(database, written(tmp_path, entry(1) + "no\n" * 250), "json_lines")
    assert [row["check"] for row in found.findings].count("row_rejected") == 100
    (total,) = [row for row in found.findings if row["check"] == "rows_rejected"]
    assert "250 of 251 lines" in str(total["message"]) and "first 100" in str(total["message"])


@pytest.mark.parametrize("data", [b"", b"\n\n", b"  \r\n\t", b"\xef\xbb\xbf"])
def test_an_empty_file_is_fine(data: bytes, tmp_path: Path) -> None:
    """A file with no line but blank ones gives no entries, a finding, and counts that add up."""
    found = logs.scan(written(tmp_path, data))
    counts = found.counts.iloc[0]
    assert checks(found) == ["empty_file"] and len(found.logs) == 0
    assert counts["lines"] == counts["blank"]


def test_a_folder_is_read_and_what_is_no_log_is_skipped(tmp_path: Path) -> None:
    """In a folder every log is read, in the order of the names, and a file of no known format is a finding."""
    (tmp_path / "deep").mkdir()
    written(tmp_path / "deep", entry(2, "b"), "b.log")
    written(tmp_path, entry(1, "a"), "a.log")
    written(tmp_path, "Read me first, please.\n", "README")
    written(tmp_path, "hidden\n", ".hidden")
    found = logs.scan(tmp_path)
    assert found.logs["message"].tolist() == ["a", "b"]
    assert found.counts["file"].tolist() == ["a.log", "b.log"]
    assert checks(found) == ["not_recognised"] and "README" in found.findings["message"].iloc[0]


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    """No path, a path that does not exist and an empty folder are each an error that says what was expected."""
    with pytest.raises(UsageError, match="at least one path"):
        logs.scan()
    with pytest.raises(SourceError, match=r"gone\.log cannot be read: No such file"):
        logs.scan(tmp_path / "gone.log")
    with pytest.raises(SourceError, match="holds no file"):
        logs.scan(tmp_path)


def test_a_file_name_is_never_a_pattern_or_a_query(tmp_path: Path) -> None:
    """Names with wildcards, quotes and commands name one file."""
    written(tmp_path, entry(1, "other"), "shop1.log")
    for name in ("shop*.log", "shop[1].log", "'; DROP TABLE lines; --", "$(x).log"):
        assert logs.read_logs(written(tmp_path, entry(1, "mine"), name))["message"].tolist() == ["mine"]


def test_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that unpacks to far more than it is, or to more than the limit, is refused with both sizes."""
    bomb = written(tmp_path, gzip.compress(b"\n" * (40 << 20)), "bomb.log.gz")
    with pytest.raises(SourceError, match=r"bomb\.log\.gz expands beyond what is allowed"):
        list(streams.chunks(bomb))
    small = written(tmp_path, gzip.compress(entry(1).encode() * 1000), "small.log.gz")
    with pytest.raises(SourceError, match="expected at most 1,000 bytes"):
        list(streams.chunks(small, limits=streams.Limits(size=1000)))
    assert logs.scan(small).counts["entries"].tolist() == [1000]


@pytest.mark.parametrize("pack", ["gzip", "zstd"])
def test_a_file_cut_short_gives_what_is_there(pack: str, tmp_path: Path) -> None:
    """Of a compressed file that ends in the middle everything before the cut is read, and an error finding says where."""
    rng = np.random.default_rng(1)
    text = "".join(entry(n % 60, str(rng.integers(1 << 60))) for n in range(20_000)).encode()
    data = gzip.compress(text) if pack == "gzip" else pa.compress(text, "zstd", asbytes=True)
    found = logs.scan(written(tmp_path, data[: len(data) // 2], "shop.log.gz"))
    assert "file_cut_short" in checks(found)
    counts = found.counts.iloc[0]
    assert 1000 < counts["entries"] < 20_000 and counts["lines"] == counts["entries"] + counts["rejected"]


def test_joined_gzip_files_are_one_file(tmp_path: Path) -> None:
    """Compressed files put one behind the other, as log rotation does, are read to the end."""
    data = gzip.compress(entry(1, "a").encode()) + gzip.compress(entry(2, "b").encode())
    assert logs.read_logs(written(tmp_path, data, "shop.log.gz"))["message"].tolist() == ["a", "b"]


def test_what_is_not_really_packed_is_an_error(tmp_path: Path) -> None:
    """A file that only begins like a packed one is an error that names it."""
    with pytest.raises(SourceError, match=r"shop\.gz cannot be unpacked"):
        logs.scan(written(tmp_path, b"\x1f\x8b" + b"nonsense" * 10, "shop.gz"))


def test_times_without_an_offset_are_said(tmp_path: Path) -> None:
    """Times without an offset are UTC with a warning, or in the zone given; offsets that are written are followed."""
    lines_ = ['{"ts":"2026-07-01T12:00:00","msg":"a"}', '{"ts":"2026-07-01T12:00:00-05:00","msg":"b"}']
    path = written(tmp_path, "\n".join(lines_), "pay.log")
    plain = logs.scan(path)
    assert plain.logs["at"].tolist() == [
        pd.Timestamp("2026-07-01T12:00Z"),
        pd.Timestamp("2026-07-01T17:00Z"),
    ]
    naive = plain.findings[plain.findings["check"] == "naive_time"]
    assert naive["severity"].tolist() == ["warning"] and naive["message"].iloc[0].startswith("1 entries of pay.log")
    # Berlin is two hours ahead of UTC in July.
    zoned = logs.scan(path, time_zone="Europe/Berlin")
    assert zoned.logs["at"].iloc[0] == pd.Timestamp("2026-07-01T10:00Z")
    assert zoned.findings["severity"].tolist() == ["info"]
    for zones in ({"pay.log": "+02:00"}, {"pay": "+02:00"}, {"json_lines": "+02:00"}):
        assert logs.read_logs(path, zones=zones)["at"].iloc[0] == pd.Timestamp("2026-07-01T10:00Z")
    assert logs.read_logs(path, time_zone="UTC", zones={"pay": "+02:00"})["at"].iloc[0].hour == 12


def test_hours_that_a_clock_change_makes_doubtful_are_said(tmp_path: Path) -> None:
    """An hour that a zone has twice is read as the first one, a skipped hour as the one after; findings count both."""
    times = ["2026-10-25T01:30:00", "2026-10-25T02:30:00", "2026-10-25T03:30:00", "2026-03-29T02:30:00"]
    path = written(tmp_path, "\n".join(json.dumps({"ts": at, "msg": "x"}) for at in times))
    found = logs.scan(path, time_zone="Europe/Berlin")
    # Summer time ends on 25 October 2026 at 01:00 UTC: 02:30 was at 00:30 and at 01:30 UTC. It begins on 29 March.
    said = ["2026-10-24T23:30Z", "2026-10-25T00:30Z", "2026-10-25T02:30Z", "2026-03-29T01:30Z"]
    assert found.logs["at"].tolist() == [pd.Timestamp(at) for at in said]
    changed = found.findings[found.findings["check"] == "clock_change"]
    assert [message[:9] for message in changed["message"]] == ["1 entries", "1 entries"]
    assert "does not have" in changed["message"].iloc[0] and "has twice" in changed["message"].iloc[1]


@pytest.mark.parametrize("size", [40, 1 << 20])
def test_a_repeated_hour_is_told_apart_by_the_order(size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the times of a file go back once, that is where the second pass begins; jitter of seconds is no such step."""
    monkeypatch.setattr(reading, "chunks", functools.partial(streams.chunks, size=size))
    clocks = ["01:59:59", "02:10:00", "02:50:05", "02:50:00", "02:05:00", "02:40:00", "03:00:00"]
    path = written(tmp_path, "".join(json.dumps({"ts": f"2026-10-25T{at}", "msg": "x"}) + "\n" for at in clocks))
    found = logs.scan(path, time_zone="Europe/Berlin")
    # Before the change Berlin is two hours ahead of UTC, afterwards one.
    utc = ["23:59:59", "00:10:00", "00:50:05", "00:50:00", "01:05:00", "01:40:00", "02:00:00"]
    assert found.logs["at"].dt.strftime("%H:%M:%S").tolist() == utc
    (changed,) = found.findings[found.findings["check"] == "clock_change"].to_dict("records")
    assert changed["severity"] == "info" and "3 are of the first and 2 of the second" in changed["message"]
    # A window that begins with the second pass holds nothing of the first.
    later = logs.scan(path, time_zone="Europe/Berlin", start="2026-10-25T01:00:00Z")
    assert later.logs["at"].dt.strftime("%H:%M:%S").tolist() == utc[4:]


def test_a_repeated_hour_without_an_order_stays_doubtful(tmp_path: Path) -> None:
    """Where times go back more than once in a repeated hour, no order tells the passes apart, and the finding says so."""
    clocks = ["02:10:00", "02:50:00", "02:05:00", "02:40:00", "02:20:00"]
    path = written(tmp_path, "".join(json.dumps({"ts": f"2026-10-25T{at}", "msg": "x"}) + "\n" for at in clocks))
    found = logs.scan(path, time_zone="Europe/Berlin")
    (changed,) = found.findings[found.findings["check"] == "clock_change"].to_dict("records")
    assert changed["severity"] == "warning" and changed["message"].startswith("5 entries")


def _year(path: Path, **asked: object) -> tuple[list[int], str]:
    found = logs.scan(path, time_zone="UTC", **asked)  # type: ignore[arg-type]  # any argument of scan
    notes = found.findings[found.findings["check"] == "year_assumed"]["message"].tolist()
    return found.logs["at"].dt.year.tolist(), "".join(notes)


def test_the_year_comes_from_the_best_that_is_known(tmp_path: Path) -> None:
    """A missing year is the one given, else that of the time asked for, of the file's name, of the file's date."""
    text = "Mar  3 10:00:00 h a: x\n"
    path = written(tmp_path, text, "a-20190310.log")
    os.utime(path, (1_600_000_000, 1_600_000_000))  # 13 September 2020
    assert _year(path, year=2011) == ([2011], "")
    window = [(pd.Timestamp("2015-03-03T00:00Z"), pd.Timestamp("2015-03-04T00:00Z"))]
    years, note = _year(path, windows=window)
    assert years == [2015] and "2015 was assumed, taken from the time asked for" in note
    years, note = _year(path)
    assert years == [2019] and "the date in the file's name" in note
    plain = written(tmp_path, text, "b.log")
    os.utime(plain, (1_600_000_000, 1_600_000_000))
    years, note = _year(plain)
    assert years == [2020] and "when the file was last written" in note
    # On 1 January 2020, an entry of March can only be of the year before.
    os.utime(plain, (1_577_836_800, 1_577_836_800))
    assert _year(plain)[0] == [2019]


def test_of_many_windows_the_nearest_settles_the_year(tmp_path: Path) -> None:
    """With windows in several years, the year is the one that brings the first entry nearest to a window."""
    path = written(tmp_path, "Feb 11 05:30:00 h a: x\n" * 2)
    days = ["2024-03-01", "2025-02-11", "2025-12-02", "2026-01-05"]
    windows = [(pd.Timestamp(f"{day}T00:00Z"), pd.Timestamp(f"{day}T23:00Z")) for day in days]
    assert _year(path, windows=windows)[0] == [2025, 2025]
    # A log that begins in December and is asked for in January is of the year before.
    path = written(tmp_path, "Dec 30 10:00:00 h a: x\nJan  2 10:00:00 h a: y\n")
    found = logs.scan(path, start="2020-01-02T00:00Z", end="2020-01-03T00:00Z")
    assert found.logs["message"].tolist() == ["y"]


@pytest.mark.parametrize("size", [50, 1 << 20])
def test_the_year_goes_on_over_new_year(size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """December to January is the next year, a straggler of December the last, and a leap day finds its year."""
    monkeypatch.setattr(reading, "chunks", functools.partial(streams.chunks, size=size))
    days = ["Dec 30", "Dec 31", "Jan  1", "Dec 31", "Jan  1", "Feb 28", "Feb 29", "Jun  1", "Dec  1", "Jan  2"]
    path = written(tmp_path, "".join(f"{day} 23:59:59 h a: x\n" for day in days))
    years, note = _year(path, windows=[(pd.Timestamp("2015-12-30T00:00Z"), pd.Timestamp("2017-06-01T00:00Z"))])
    outside = logs.scan(path, year=2015, time_zone="UTC").logs["at"]
    assert outside.dt.year.tolist() == [2015, 2015, 2016, 2015, 2016, 2016, 2016, 2016, 2016, 2017]
    assert outside.dt.strftime("%b %d").iloc[6] == "Feb 29"
    assert years == outside.dt.year.tolist() and "2015 to 2017" in note


def test_a_rotated_file_that_begins_with_a_leap_day_is_of_a_leap_year(tmp_path: Path) -> None:
    """A file whose first entry is of 29 February lies in the last leap year before it was written."""
    path = written(tmp_path, "Feb 29 10:00:00 h a: x\n")
    os.utime(path, (1_700_000_000, 1_700_000_000))  # 14 November 2023
    assert _year(path)[0] == [2020]


# Worked out by hand from the list of masks.
TEMPLATES = {
    "user 17 took 3.25 s": "user <num> took <num> s",
    "proto=TLSv1.3 u10023": "proto=TLSv<num> u<num>",
    "from 10.0.0.253:53 to 2001:db8::1": "from <ip> to <ip>",
    "request 3F2504E0-4F89-11D3-9A0C-0305E82C3301 done": "request <uuid> done",
    "id 0689b47a at 0x7ffe and 12345678": "id <hex> at <hex> and <num>",
    "open \"/var/lib/x\" and '/etc/y'": "open <path> and <path>",
    '"GET /a/7?b=1 HTTP/1.1" 200 12': '"GET /a/<num>?b=<num> HTTP/<num>" <num> <num>',
    "deadbeef feed cafe": "<hex> feed cafe",
    "std::abort at 10:00:07": "std::abort at <num>:<num>:<num>",
    "ein Café für 3 €": "ein Café für <num> €",
    "": "",
}


def test_what_differs_is_masked(database: Database, tmp_path: Path) -> None:
    """Numbers, identifiers, addresses and quoted paths become placeholders; words stay."""
    text = "".join(entry(1, message) for message in TEMPLATES)
    found = read(database, written(tmp_path, text), "json_lines")
    assert dict(found.logs[["message", "template"]].itertuples(index=False)) == TEMPLATES


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(numbers=st.lists(st.integers(0, 10**12), min_size=2, max_size=2), word=st.text("ghijkl", max_size=5))
def test_messages_that_differ_in_numbers_share_a_template(
    numbers: list[int], word: str, database: Database, tmp_path: Path
) -> None:
    """Two messages that differ only in a number have the same template, whatever the digits are."""
    text = "".join(entry(1, f"{word} {number} {word}{number}") for number in numbers)
    found = read(database, written(tmp_path, text), "json_lines")
    assert found.logs["template"].tolist() == [f"{word} <num> {word}<num>"] * 2


def test_the_same_files_give_the_same_frame(tmp_path: Path) -> None:
    """Read twice, files give equal frames, findings and counts: nothing depends on which worker was faster."""
    for name in ("a.log", "b.log"):
        written(tmp_path, "".join(entry(n % 60, f"{name} {n}") for n in range(5000)) + "bad\n", name)
    first, second = logs.scan(tmp_path), logs.scan(tmp_path)
    pd.testing.assert_frame_equal(first.logs, second.logs)
    pd.testing.assert_frame_equal(first.findings, second.findings)
    pd.testing.assert_frame_equal(first.counts, second.counts)
    pd.testing.assert_frame_equal(first.logs, conform("logs", first.logs))
    assert first.findings["check"].tolist() == ["rows_rejected", "row_rejected"] * 2


def test_texts_outside_the_window_never_leave_the_database(database: Database) -> None:
    """Of an entry outside the time asked for, a block holds its time and nothing else: memory follows the window."""
    data = "".join(entry(n % 60, f"message {n}") for n in range(600)).encode()
    (block,) = lines.blocks(lines.Piece(data, 0))
    start = pd.Timestamp("2026-01-01T10:00:30Z").value // 1000
    request = Request(windows=((start, start + 1_000_000),))
    found = parsed(database.session, block, logs.log_formats()["json_lines"].FORMAT, request)
    assert (found.kinds == ENTRY).sum() == 10 and found.table["instant"].null_count == 0
    for name in ("message", "level", "host", "service"):
        assert found.table[name].filter(pa.array(found.kinds != ENTRY)).null_count == 590
    assert found.templates.to_pylist() == ["message <num>"] * 10


def test_the_level_is_kept_as_it_was_written(database: Database, tmp_path: Path) -> None:
    """Beside the level on our scale stands the word, number or status of the line, also where it maps to none."""
    words = ["WARN", "Information", "chatty"]
    text = "".join(json.dumps({"ts": "2026-01-01T10:00:00Z", "level": word, "msg": "x"}) + "\n" for word in words)
    found = read(database, written(tmp_path, text + entry(1)), "json_lines").logs
    levels = [
        [None if pd.isna(cell) else cell for cell in row]
        for row in found[["level", "level_as_written"]].itertuples(index=False)
    ]
    assert levels == [["warning", "WARN"], ["info", "Information"], [None, "chatty"], [None, None]]
    found = read(database, written(tmp_path, LINES["access_log"][1]), "access_log").logs
    assert found[["level", "level_as_written"]].iloc[0].tolist() == ["error", "503"]
    found = read(database, written(tmp_path, LINES["syslog_rfc3164"][0]), "syslog_rfc3164").logs
    assert found[["level", "level_as_written"]].iloc[0].tolist() == ["critical", "34"]


def test_templates_are_left_out_where_nobody_asks_for_them(tmp_path: Path) -> None:
    """Without templates, all else is the same and their column is missing, not empty text."""
    path = written(tmp_path, entry(1) + entry(2))
    full, short = (logs.scan(path, templates=wanted).logs for wanted in (True, False))
    assert full["template"].notna().all() and short["template"].isna().all()
    pd.testing.assert_frame_equal(short.drop(columns="template"), full.drop(columns="template"))
    assert short.dtypes.equals(full.dtypes)


def test_entries_may_be_changed_by_whoever_read_them(tmp_path: Path) -> None:
    """Every column of the frame takes another value, also where all entries came in one block."""
    found = logs.read_logs(written(tmp_path, entry(1) + entry(2)))
    found.loc[0, "at"] = pd.Timestamp("2020-01-01", tz="UTC")
    found.loc[0, "raw_offset"] = 7
    found.loc[0, "message"] = "changed"
    assert (
        found.loc[0, ["raw_offset", "message"]].tolist() == [7, "changed"] and found["at"].dt.year.tolist()[0] == 2020
    )


@given(
    lengths=st.lists(st.integers(0, 40), max_size=30),
    place=st.integers(0, 200),
    size=st.integers(5, 60),
    has_end=st.booleans(),
)
def test_stretches_of_a_file_are_whole_lines(
    lengths: list[int], place: int, size: int, has_end: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Stretches follow one another, end at line ends, and stop in front of a line that is longer than a stretch."""
    data = b"\n".join(b"x" * length for length in lengths) + (b"\n" if has_end else b"")
    path = tmp_path_factory.mktemp("bakery") / "oven.log"
    path.write_bytes(data)
    with path.open("rb", buffering=0) as file:
        parts = [part.read() for part in streams.stretches(file, place, size=size)]
    read = b"".join(parts)
    assert data[place:].startswith(read) and all(0 < len(part) <= size for part in parts)
    assert all(part.endswith(b"\n") for part in parts[:-1])
    left = data[place + len(read) :]
    assert not left or b"\n" not in left[:size]


def test_a_large_file_is_read_alike_by_the_workers_and_before_them(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind the first bytes that are looked at: plain lines, very short ones, one that is too long, and half a line."""
    plain = "".join(entry(second) for second in range(60)) * 200
    text = plain + "\n" * (lines.MOST_LINES + 5) + "x" * (lines.LONGEST_LINE + 9) + "\n" + plain + plain[:30]
    assert 3 * len(plain) > streams.FIRST_BYTES
    path = written(tmp_path, plain * 3 + text)
    found = read(database, path, "json_lines")
    with monkeypatch.context() as patch:
        patch.setattr(reading, "_unread", lambda *_: None)
        expected = read(database, path, "json_lines")
    pd.testing.assert_frame_equal(found.logs, expected.logs)
    assert (found.counts, found.findings) == (expected.counts, expected.findings)
    assert found.counts["entries"] == 5 * 60 * 200 and found.counts["rejected"] == 2


def test_a_file_that_is_cut_short_while_it_is_read_gives_what_is_there(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log that is emptied meanwhile ends where it ends: no error, and counts that add up."""
    path = written(tmp_path, entry(1) * (streams.FIRST_BYTES // 50))
    whole = reading._unread

    def emptied(*asked: object) -> object:
        pieces = whole(*asked)  # type: ignore[arg-type]
        os.truncate(path, streams.FIRST_BYTES + 1000)
        return pieces

    monkeypatch.setattr(reading, "_unread", emptied)
    found = read(database, path, "json_lines")
    assert found.counts["lines"] == found.counts["entries"] + found.counts["rejected"] > 0
    assert found.counts["rejected"] <= 1
