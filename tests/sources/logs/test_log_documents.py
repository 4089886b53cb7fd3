"""JSON documents taken apart into records: each with its place, however the document is laid out, cut or broken."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident_analytics.errors import SourceError
from incident_analytics.sources import logs
from incident_analytics.sources.logs._engine import LogFormat, documents, streams
from incident_analytics.sources.logs._engine.brackets import Brackets
from incident_analytics.sources.logs._engine.lines import Piece

POND = LogFormat(
    kind="json",
    times=("iso8601",),
    levels={},
    keys={"time": ("time",), "service": ("envelope.service",)},
    records=("ponds[].otters[]", "otters[]"),
    context={"service": "tags[name]", "host": "place"},
)
PLAIN = replace(POND, records=("otters[]",), context={})
LISTED = replace(POND, records=(), context={})
BY_KEY = replace(POND, records=("object",), context={})
SCALARS = st.none() | st.booleans() | st.integers() | st.text(st.sampled_from('{}[]",:\\ \nü€a'), max_size=6)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["otters", "a", '"', "object", "{"]), inner, max_size=3)
    ),
    max_leaves=6,
)
RECORDS = st.lists(st.dictionaries(st.sampled_from(["otters", "time", "x]"]), VALUES, max_size=3), max_size=5)
INDENTS = st.sampled_from([None, 1, "\t"])


def cut(data: bytes, size: int) -> Iterator[bytes]:
    """The bytes in chunks."""
    return (data[n : n + size] for n in range(0, len(data), size))


def taken_apart(data: bytes, layout: LogFormat, size: int = 1 << 20) -> list[tuple[int, bytes]]:
    """Place and text of the lines; of a document that does not end, those before its end."""
    found = []
    try:
        for piece in documents.records(cut(data, size), layout, data[: 1 << 20]):
            found += lines_of(piece)
    except streams.BrokenStreamError:
        pass
    return found


def lines_of(piece: Piece) -> list[tuple[int, bytes]]:
    """Place and text of the lines of a piece."""
    if piece.is_too_long:
        return [(piece.start, piece.data)]
    assert piece.offsets is not None
    return list(zip(piece.offsets.tolist(), piece.data.split(b"\n"), strict=False))


def assert_records(found: list[tuple[int, bytes]], data: bytes, expected: list[Any]) -> None:
    """The lines are these values, and the same values stand at their places, as the standard library reads them."""
    assert [json.loads(text) for _, text in found] == expected
    decoder = json.JSONDecoder()
    for place, text in found:
        assert decoder.raw_decode(data[place:].decode())[0] == json.loads(text)


@settings(max_examples=50, deadline=None)
@given(
    otters=RECORDS,
    extra=VALUES,
    indent=INDENTS,
    is_ascii=st.booleans(),
    size=st.sampled_from([7, 40, 1 << 20]),
    is_marked=st.booleans(),
)
def test_records_of_a_document_are_found(
    otters: list[dict[str, Any]], extra: Any, indent: Any, is_ascii: bool, size: int, is_marked: bool
) -> None:
    """Whatever stands in the records and around them, each is a line, and its place leads back to it."""
    document = {"first": extra, "otters": otters, "last": [extra, {"otters": [1]}]}
    text = json.dumps(document, indent=indent, ensure_ascii=is_ascii)
    data = (b"\xef\xbb\xbf" if is_marked else b"") + text.encode()
    found = taken_apart(data, PLAIN, size)
    if otters:
        assert_records(found, data, otters)
    else:
        assert [text for _, text in found] == [b""]


@settings(max_examples=30, deadline=None)
@given(otters=RECORDS, indent=INDENTS, size=st.sampled_from([13, 1 << 20]))
def test_lists_and_rows_of_objects_are_read(otters: list[dict[str, Any]], indent: Any, size: int) -> None:
    """A list of objects, and objects one behind the other over several lines, give a record each."""
    listed = json.dumps(otters, indent=indent).encode()
    if otters:
        assert_records(taken_apart(listed, LISTED, size), listed, otters)
    strung = "\n".join(json.dumps({"a": n, **record}, indent=2) for n, record in enumerate(otters)).encode()
    if otters:
        assert_records(
            taken_apart(strung, LISTED, size), strung, [{"a": n, **record} for n, record in enumerate(otters)]
        )


@settings(max_examples=30, deadline=None)
@given(ponds=st.lists(RECORDS, max_size=4), size=st.sampled_from([15, 1 << 20]))
def test_a_document_on_each_line_gives_its_records(ponds: list[list[dict[str, Any]]], size: int) -> None:
    """Lines that are documents of their own give the records of each; one without any gives a blank line."""
    data = "".join(json.dumps({"otters": otters}) + "\n" for otters in ponds).encode()
    found = taken_apart(data, PLAIN, size)
    expected = [line for otters in ponds for line in (otters or [None])]
    assert [json.loads(text) if text else None for _, text in found] == expected


def test_what_the_context_names_goes_with_the_records() -> None:
    """A record carries what stands before it in the objects around it, the inner one first; nothing else of them."""
    document = {
        "place": "here",
        "tags": [{"key": "other", "value": 1}, {"key": "name", "value": {"stringValue": "big"}}],
        "ponds": [
            {"place": "there", "secret": 1, "otters": [{"a": 1}, {}]},
            {"otters": [{"a": 2}], "place": "behind"},
        ],
    }
    data = json.dumps(document).encode()
    found = [json.loads(text) for _, text in taken_apart(data, POND)]
    assert found == [
        {"envelope": {"service": "big", "host": "there"}, "a": 1},
        {"envelope": {"service": "big", "host": "there"}},
        {"envelope": {"service": "big", "host": "here"}, "a": 2},
    ]
    # What a record says of itself under the same key comes second: it cannot pass for what surrounds it.
    data = json.dumps({"place": "\ud800", "otters": [{"envelope": {"service": "forged"}}]}).encode()
    ((_, text),) = taken_apart(data, replace(POND, records=("otters[]",)))
    assert text == b'{"envelope":{"host": "\\\\ud800"},"envelope": {"service": "forged"}}'


def test_the_place_is_the_first_at_which_there_are_records() -> None:
    """Of several places the first with records counts for the whole file, even where an empty one goes before."""
    data = json.dumps({"ponds": [], "otters": [{"a": 1}]}).encode()
    assert [json.loads(text) for _, text in taken_apart(data, replace(POND, context={}))] == [{"a": 1}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"otters": [{"a": 1}, 7, {"a": 2} x]}', ['{"a": 1}', '{"a": 2}', ", 7, ", " x"]),
        ('{"otters": [{"a": 1}]} trailing {"other": 1}', ['{"a": 1}', " trailing ", '{"other": 1}']),
        ('{"otters": [{"a": 1}]\n{"otters": [{"a": 2}]}', ['{"a": 1}', '{"otters": [{', '{"a": 2}']),
        ('{"otters": [{"a": 1}, {"b\n{"otters": [{"a": 2}]}', ['{"a": 1}', '{"b', '{"a": 2}']),
        ('{"otters": [{"a": 1}]}\nno JSON [at] {all\n', ['{"a": 1}', "no JSON [at] {all"]),
        ('{"otters": [{"a": 1}]}\n\n  \n{"b": 1}\n', ['{"a": 1}', "", "", '{"b": 1}']),
        ('{"otters": [{"a": 1}]} {"otters": []}\n', ['{"a": 1}', ""]),
        (']}{"otters": [{"a": 1}]}', ['{"a": 1}', "]}"]),
        (
            '{\n"otters": [\n{"a": 1},\nlost,\n{"a": 2}\n]\n}\nbetween\n{\n"b": 1\n}',
            ['{"a": 1}', "lost,", '{"a": 2}', "between", '{ "b": 1 }'],
        ),
        ('{\n"otters": [\n{"a": "it ends\n},\n{"a": 2}\n]\n}', ['{"a": "it ends }', '{"a": 2}']),
        ('{\n"otters": [\n{"a": 1},\n{"a":\n', ['{"a": 1}', '{"a": ']),
        ('{\n"otters": [\n{"a": 1}, {"b": 2}, x', ['{"a": 1}', '{"b": 2}', ", x"]),
    ],
)
def test_what_is_no_record_is_a_line_of_its_own(text: str, expected: list[str]) -> None:
    """Broken records, and what stands between records or documents, come out as lines in their places; nothing is lost."""
    data = text.encode()
    found = taken_apart(data, PLAIN)
    assert [line.decode() for _, line in found] == expected
    for size in (1, 3, 10):
        assert taken_apart(data, PLAIN, size) == found
    for place, line in found:
        assert data[place:].replace(b"\n", b" ").startswith(line)


def test_a_document_that_does_not_end_is_said(tmp_path: Path) -> None:
    """A document cut off gives the records that were whole, rejects the one that was not, and a finding says where."""
    text = json.dumps({"Records": [record(n) for n in range(30)]}, indent=1)
    cut_at = text.rindex("eventName")
    path = tmp_path / "trail.json"
    path.write_text(text[:cut_at])
    found = logs.scan(path)
    assert found.counts[["format", "entries", "rejected"]].iloc[0].tolist() == ["cloudtrail", 29, 1]
    (said,) = found.findings[found.findings["check"] == "file_cut_short"]["message"]
    assert f"begins at byte 0 does not end; everything before byte {cut_at} was read" in said


def record(second: int) -> dict[str, Any]:
    """A record of CloudTrail."""
    return {"eventTime": f"2026-01-05T09:00:{second:02d}Z", "eventSource": "pond", "eventName": f"Feed{second}"}


@pytest.mark.parametrize("indent", [None, 2])
def test_a_window_on_a_document(indent: int | None, tmp_path: Path) -> None:
    """The time asked for works on records as on lines, and places lead back to them."""
    path = tmp_path / "trail.json"
    path.write_text(json.dumps({"Records": [record(n) for n in range(30)]}, indent=indent))
    found = logs.scan(path, start="2026-01-05T09:00:10Z", end="2026-01-05T09:00:12Z")
    assert found.logs["message"].tolist() == ["Feed10", "Feed11"]
    assert found.counts[["lines", "entries", "outside_window"]].iloc[0].tolist() == [30, 2, 28]
    data = path.read_bytes()
    for place, message in found.logs[["raw_offset", "message"]].itertuples(index=False):
        assert json.JSONDecoder().raw_decode(data[place:].decode())[0]["eventName"] == message


def test_a_record_behind_a_key(tmp_path: Path) -> None:
    """A watch stream wraps each event in an object with its kind of change; the event is the record."""
    data = b'{"type":"ADDED","object":{"a":{"object":{"b":1}}}}\n{"type":"DELETED","object":{"a":2}}\n'
    assert [text for _, text in taken_apart(data, BY_KEY)] == [b'{"a":{"object":{"b":1}}}', b'{"a":2}']


def test_one_object_with_a_time_is_no_log(tmp_path: Path) -> None:
    """A settings file or an event over many lines is not taken for a log because it has a time; two in a row are."""
    value = json.dumps({"time": "2026-01-05T09:00:00Z", "name": "pond"}, indent=2)
    path = tmp_path / "pond.json"
    path.write_text(value)
    with pytest.raises(SourceError, match=r"pond\.json: no log format fits"):
        logs.scan(path)
    path.write_text(f"{value}\n{value}\n")
    assert logs.scan(path).counts[["format", "entries"]].iloc[0].tolist() == ["json_lines", 2]


@pytest.mark.parametrize("indent", [None, 1])
def test_a_list_in_the_format_of_a_logger(indent: int | None, tmp_path: Path) -> None:
    """Lines of a logger that somebody made a list of are still that logger's."""
    line = {"name": "o", "hostname": "h", "pid": 1, "level": 30, "msg": "x", "time": "2026-01-05T09:00:00Z", "v": 0}
    path = tmp_path / "pond.json"
    path.write_text(json.dumps([line] * 3, indent=indent))
    assert logs.scan(path).counts[["format", "entries", "lines"]].iloc[0].tolist() == ["bunyan", 3, 3]


BOMBS = {
    "lists": b'{"otters": [' + b"[" * 3_000_000,
    "objects": b'{"otters": [{"a":' + b'{"a":' * 1_000_000,
    "closed": b'{"otters": [{"a":' + b"[" * 1_000_000 + b"]" * 1_000_000 + b"}]}",
    "closing": b"]" * 3_000_000,
    "quotes": b'{"otters": [' + b'"' * 3_000_001,
    "backslashes": b'{"otters": [{"a": "' + b"\\" * 3_000_001 + b'"}]}',
    "one text": b'{"otters": [{"a": "' + b"x" * 30_000_000 + b'"}, {"a": 2}]}',
    "an envelope": b'{"pond": "' + b"x" * 30_000_000 + b'", "otters": [{"a": 2}]}',
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_do_no_harm(name: str) -> None:
    """Depth, endless texts and endless envelopes take no more time or memory than as many bytes of anything."""
    data = BOMBS[name]
    layout = replace(PLAIN, context={"service": "pond"})
    walk, began = documents._walk(layout, b'{"otters": [{'), time.perf_counter()
    most = 0
    for chunk in cut(data, 1 << 20):
        walk.feed(chunk)
        most = max(most, len(walk._data))
    walk.finish()
    assert most <= documents.LONGEST_LINE + (2 << 20)
    assert time.perf_counter() - began < 20
    for piece in walk.pieces():
        assert piece.is_too_long == (len(piece.data) == 500) or len(piece.data) < documents.LONGEST_LINE
    if name in ("one text", "an envelope"):
        assert walk.n_records == (2 if name == "one text" else 1)


@settings(max_examples=50, deadline=None)
@given(text=st.text(st.sampled_from('{}[]",:\\\n ax'), max_size=60), sizes=st.sampled_from([1, 2, 3, 7]))
def test_any_bytes_are_taken_apart_alike_however_they_are_cut(text: str, sizes: int) -> None:
    """Nonsense raises nothing, gives the same lines in chunks of any size, and each line stands at its place."""
    data = text.encode()
    for layout in (PLAIN, POND, BY_KEY):
        whole = taken_apart(data, layout)
        assert taken_apart(data, layout, sizes) == whole
        for place, line in whole:
            assert data[place:].replace(b"\n", b" ").startswith(line) or b'"envelope"' in line


@settings(max_examples=50, deadline=None)
@given(value=VALUES, indent=INDENTS, size=st.integers(1, 50))
def test_brackets_are_those_outside_of_texts(value: Any, indent: Any, size: int) -> None:
    """Depths go up and down as the standard library's parser would, whatever brackets and quotes stand in texts."""
    data = json.dumps(value, indent=indent).encode()
    brackets = Brackets(is_per_line=False)
    found = [(kind, depth) for chunk in cut(data, size) for kind, depth in kinds_of(brackets, chunk)]

    def walked(inner: Any, depth: int) -> Iterator[tuple[int, int]]:
        if isinstance(inner, dict | list):
            is_list = isinstance(inner, list)
            yield ord("[" if is_list else "{"), depth + 1
            for child in inner if is_list else inner.values():
                yield from walked(child, depth + 1)
            yield ord("]" if is_list else "}"), depth

    assert found == list(walked(value, 0))


def kinds_of(brackets: Brackets, chunk: bytes) -> list[tuple[int, int]]:
    """The brackets of a chunk, and how deep it goes behind each."""
    found = brackets.of(chunk)
    return list(zip(found.kinds.tolist(), found.depths.tolist(), strict=True))


def test_a_document_of_many_records_is_read_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Records are handed on while the document is still being read, and numbers of lines go on from piece to piece."""
    monkeypatch.setattr(documents, "CHUNK_BYTES", 1000)
    path = tmp_path / "trail.json"
    text = json.dumps({"Records": [*[record(n % 60) for n in range(500)], {"no": "time"}]})
    path.write_text(text)
    found = logs.scan(path)
    assert found.counts[["lines", "entries", "rejected"]].iloc[0].tolist() == [501, 500, 1]
    (said,) = found.findings[found.findings["check"] == "row_rejected"]["message"]
    assert said.startswith(f"line 501 of trail.json, at byte {text.rindex('{')}, ")
    assert found.logs["raw_offset"].is_monotonic_increasing
    pd.testing.assert_frame_equal(found.logs.iloc[:60], found.logs.iloc[:60].sort_values("at"))


@settings(max_examples=50, deadline=None)
@given(text=st.text(st.sampled_from("[]\n"), max_size=40), size=st.integers(1, 9), is_per_line=st.booleans())
def test_what_closes_too_much_counts_as_nothing(text: str, size: int, is_per_line: bool) -> None:
    """Depths never fall below zero, and where each line is a document they begin anew: counted one by one."""
    depth, expected = 0, []
    for character in text:
        if character != "\n":
            depth = max(depth + (1 if character == "[" else -1), 0)
            expected.append(depth)
        elif is_per_line:
            depth = 0
            expected.append(0)
    brackets = Brackets(is_per_line=is_per_line)
    assert [depth for chunk in cut(text.encode(), size) for _, depth in kinds_of(brackets, chunk)] == expected
