"""Logs in other encodings than UTF-8, and packed in other ways: the same entries, at the places they have in the file."""

from __future__ import annotations

import bz2
import json
import lzma
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident_analytics.errors import SourceError, UsageError
from incident_analytics.sources import logs
from incident_analytics.sources.logs._engine import encodings, streams
from incident_analytics.sources.logs._engine.encodings import Encoding, Places, encoding_of, in_utf_8, placed
from incident_analytics.sources.logs._engine.lines import line_starts, pieces


def written(folder: Path, data: bytes, name: str = "pond.log") -> Path:
    """A file with this content."""
    path = folder / name
    path.write_bytes(data)
    return path


def entry(second: int, message: str) -> str:
    """A JSON line at a second of ten o'clock."""
    return json.dumps({"ts": f"2026-01-01T10:00:{second:02d}Z", "msg": message}, ensure_ascii=False) + "\n"


SAID = ["Fischöl", "\U0001f9a6 owns 3 \u20ac", "c", "d", "last"]
TEXT = entry(1, SAID[0]) + "no entry\n" + "\r\n" + "".join(entry(2, message) for message in SAID[1:])


@pytest.mark.parametrize("order", ["le", "be"])
@pytest.mark.parametrize("mark", ["\ufeff", ""])
def test_utf_16_is_told_and_said(order: str, mark: str, tmp_path: Path) -> None:
    """UTF-16 with or without a byte order mark gives the entries of the text, its places in bytes, and a finding."""
    codec = f"utf-16-{order}"
    data = (mark + TEXT).encode(codec)
    found = logs.scan(written(tmp_path, data))
    assert found.logs["message"].tolist() == SAID
    assert found.counts[["lines", "entries", "rejected", "blank"]].iloc[0].tolist() == [7, 5, 1, 1]
    for place, message in found.logs[["raw_offset", "message"]].itertuples(index=False):
        assert json.loads(data[place:].decode(codec).split("\n", 1)[0])["msg"] == message
    (said,) = found.findings[found.findings["check"] == "encoding_assumed"]["message"]
    assert codec in said and said.endswith("told by its byte order mark") == bool(mark)
    (rejected,) = found.findings[found.findings["check"] == "row_rejected"]["row"]
    assert rejected == f"byte {len((mark + entry(1, 'Fischöl')).encode(codec))}"


def test_what_is_no_utf_16_is_spelled_out(tmp_path: Path) -> None:
    """A lone surrogate in UTF-16 stays visible, costs nothing but itself, and a finding counts its line."""
    good = (entry(1, "a") * 5).encode("utf-16-le")
    bad = entry(2, "x!y").encode("utf-16-le").replace(b"!\0", b"\x00\xd8")
    found = logs.scan(written(tmp_path, good + bad + good))
    assert found.logs["message"].tolist() == ["a"] * 5 + ["a"] * 5
    raw = found.findings[found.findings["check"] == "row_rejected"]["raw"].iloc[0]
    assert r"x\x00\xd8y" in raw  # in JSON, that is no escape
    assert "1 lines of pond.log hold bytes that are no utf-16-le" in " ".join(found.findings["message"])


@pytest.mark.parametrize(("name", "codec"), [("latin-1", "latin-1"), ("cp1252", "cp1252"), ("UTF-16", "utf-16-be")])
def test_the_caller_names_the_encoding(name: str, codec: str, tmp_path: Path) -> None:
    """In an encoding that was named nothing is assumed, and places are those of the file."""
    text = entry(1, "Fischöl") + entry(2, "für Otter") + entry(3, "é")
    data = (("\ufeff" if "16" in codec else "") + text).encode(codec)
    found = logs.scan(written(tmp_path, data), encoding=name)
    assert found.logs["message"].tolist() == ["Fischöl", "für Otter", "é"] and not len(found.findings)
    for place, message in found.logs[["raw_offset", "message"]].itertuples(index=False):
        assert json.loads(data[place:].decode(codec).split("\n", 1)[0])["msg"] == message


def test_an_encoding_is_never_guessed(tmp_path: Path) -> None:
    """Without a word from the caller, Latin-1 is invalid UTF-8: spelled out, and said."""
    data = entry(1, "a").encode() * 9 + b"Fisch\xf6l\n"
    said = logs.scan(written(tmp_path, data)).findings
    assert said["check"].tolist() == ["rows_rejected", "invalid_utf8", "row_rejected"]
    assert said["raw"].iloc[2] == "Fisch\\xf6l"


def test_bytes_that_an_encoding_does_not_have_are_said(tmp_path: Path) -> None:
    """A byte that cp1252 leaves open is spelled out, and a finding names the encoding."""
    data = entry(1, "a").encode() * 9 + b"pond\x81\n"
    found = logs.scan(written(tmp_path, data * 5), encoding="cp1252")
    assert "5 lines of pond.log hold bytes that are no cp1252" in " ".join(found.findings["message"])
    assert found.findings[found.findings["check"] == "row_rejected"]["raw"].tolist() == ["pond\\x81"] * 5


@pytest.mark.parametrize("name", ["klingon", "rot13", "base64", "utf-32", "idna\0", "cp037"])
def test_an_encoding_that_does_not_exist_is_refused(name: str, tmp_path: Path) -> None:
    """An unknown encoding, or one in which text has no lines as we know them, is an error of the call."""
    with pytest.raises(UsageError, match="there is no encoding"):
        logs.scan(written(tmp_path, b"x"), encoding=name)


def test_json_documents_in_utf_16_are_read(tmp_path: Path) -> None:
    """As a shell of Windows stores it, a document in UTF-16 gives its records, at the places of their lines."""
    record = {"eventTime": "2026-01-05T09:00:00Z", "eventSource": "pond", "eventName": "Feed \u00fc"}
    text = "\ufeff" + json.dumps({"Records": [record] * 3}, indent=1, ensure_ascii=False).replace("\n", "\r\n")
    data = text.encode("utf-16-le")
    found = logs.scan(written(tmp_path, data, "trail.json"))
    assert found.counts[["format", "entries"]].iloc[0].tolist() == ["cloudtrail", 3]
    assert found.logs["message"].tolist() == ["Feed \u00fc"] * 3
    assert all(data[:place].endswith("\n".encode("utf-16-le")) for place in found.logs["raw_offset"])


@settings(max_examples=30, deadline=None)
@given(
    text=st.text(st.sampled_from("aö€\U0001f9a6\n\r\x00\u2028"), max_size=30),
    codec=st.sampled_from(["utf-16-le", "utf-16-be", "latin-1", "utf-8", "shift_jis"]),
    size=st.integers(1, 20),
)
def test_lines_keep_their_places_in_any_encoding(text: str, codec: str, size: int) -> None:
    """However the bytes are cut, the text is the same in UTF-8, and each line stands at the place it is said to."""
    data = text.encode(codec, "ignore")
    text = data.decode(codec)
    places = Places()
    chunks = [data[n : n + size] for n in range(0, len(data), size)]
    recoded = list(in_utf_8(iter(chunks), Encoding(codec), places))
    assert b"".join(recoded) == text.encode() and places.n_mended == 0
    found = [place for piece in placed(pieces(recoded), places) for place in line_starts(piece).tolist()]
    lines = text.removesuffix("\n").split("\n") if text else []
    assert found == [len("".join(f"{line}\n" for line in lines[:n]).encode(codec)) for n in range(len(lines))]


@settings(max_examples=30, deadline=None)
@given(data=st.binary(max_size=40), codec=st.sampled_from(["utf-16-le", "utf-16-be", "cp1252", "shift_jis"]))
def test_any_bytes_are_text_in_any_encoding(data: bytes, codec: str) -> None:
    """Bytes that an encoding does not have raise nothing and leave the number of lines as it is."""
    places = Places()
    text = b"".join(in_utf_8(iter([data]), Encoding(codec), places)).decode()
    width = 2 if "16" in codec else 1
    units = [data[n : n + width] for n in range(0, len(data), width)]
    assert text.count("\n") == units.count("\n".encode(codec))


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"", "utf-8"),
        (b"\xff\xfe", "utf-16-le"),
        (b"\xff\xfeplain words", "utf-8"),
        (b"\x00" * 100, "utf-8"),
        (b"a\x00b\x00", "utf-8"),
        ("a log of some length\n".encode("utf-16-be"), "utf-16-be"),
        (b"\xef\xbb\xbfotters", "utf-8"),
        (b"NUL\x00 in a plain log is no encoding\n", "utf-8"),
    ],
)
def test_what_an_encoding_is_told_by(head: bytes, name: str) -> None:
    """A byte order mark with NUL bytes behind it, or NUL bytes in every other place, is UTF-16; nothing else is."""
    assert encoding_of(head).name == name


@pytest.mark.parametrize("pack", [bz2.compress, lzma.compress])
def test_bzip2_and_xz_are_unpacked(pack: object, tmp_path: Path) -> None:
    """Files packed as bzip2 or xz, one or several of them behind each other, are read; their names say no more."""
    data = pack(entry(1, "a").encode()) + pack(entry(2, "b").encode())  # type: ignore[operator]  # both pack bytes
    found = logs.scan(written(tmp_path, data, "pond.log.xz"))
    assert found.logs["message"].tolist() == ["a", "b"] and set(found.logs["service"]) == {"pond"}
    bomb = written(tmp_path, pack(b"\n" * (1 << 20)))  # type: ignore[operator]
    with pytest.raises(SourceError, match="expands beyond what is allowed"):
        list(streams.chunks(bomb, limits=streams.Limits(free=10_000, ratio=20)))


@pytest.mark.parametrize("pack", [bz2.compress, lzma.compress])
@pytest.mark.parametrize("fault", ["cut", "damaged"])
def test_a_packed_file_that_is_broken_gives_what_is_there(pack: object, fault: str, tmp_path: Path) -> None:
    """Of a bzip2 or xz file that ends in the middle, or is damaged there, what stands before that is read."""
    rng = np.random.default_rng(1)
    text = rng.integers(33, 127, 2_000_000, np.uint8).tobytes()
    data = pack(text)  # type: ignore[operator]  # both pack bytes
    middle = len(data) * 3 // 4
    broken = data[:middle] if fault == "cut" else data[:middle] + b"\0" * 100 + data[middle + 100 :]
    found = b""
    with pytest.raises(streams.BrokenStreamError) as raised:
        for chunk in streams.chunks(written(tmp_path, broken), size=1000):
            found += chunk
    assert len(text) // 4 < len(found) == raised.value.place and text.startswith(found)


def test_what_only_begins_like_a_packed_file_is_named(tmp_path: Path) -> None:
    """A file that is no xz behind its first bytes is an error that names it; words that begin with BZh are words."""
    with pytest.raises(SourceError, match=r"pond\.xz cannot be unpacked"):
        logs.scan(written(tmp_path, b"\xfd7zXZ\x00" + b"x" * 100, "pond.xz"))
    assert b"".join(streams.chunks(written(tmp_path, b"BZhurry up"))) == b"BZhurry up"


def test_a_line_of_wide_characters_longer_than_a_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line without an end is handed on in parts that are whole characters."""
    monkeypatch.setattr(encodings, "LONGEST_LINE", 10)
    data = ("\U0001f9a6" * 50).encode("utf-16-le")
    parts = list(in_utf_8(iter([data[:41], data[41:]]), Encoding("utf-16-le"), Places()))
    assert len(parts) == 2 and "".join(part.decode() for part in parts) == "\U0001f9a6" * 50


@pytest.mark.parametrize("n", [64, 5000, 3 << 20])
@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "cp1252"])
def test_padding_before_the_first_line_is_passed_over_and_said(n: int, codec: str, tmp_path: Path) -> None:
    """A log emptied while it was written begins with NUL bytes: the entries are read, at their places, and a finding says so."""
    data = b"\0" * n + (entry(1, "öl") + entry(2, "b")).encode(codec)
    found = logs.scan(written(tmp_path, data), encoding=None if codec == "utf-8" else codec)
    assert found.logs["message"].tolist() == ["öl", "b"]
    assert found.logs["raw_offset"].tolist() == [n, n + len(entry(1, "öl").encode(codec))]
    (said,) = found.findings[found.findings["check"] == "nul_padding"]["message"]
    assert f"begins with {n} NUL bytes" in said


def test_a_few_nul_bytes_are_none(tmp_path: Path) -> None:
    """Fewer NUL bytes than that are part of the first line, and a file of nothing else has no entry."""
    found = logs.scan(written(tmp_path, b"\0" * 3 + (entry(1, "a") * 9).encode()))
    assert found.counts[["entries", "rejected"]].iloc[0].tolist() == [8, 1]
    assert logs.scan(written(tmp_path, b"\0" * 1000)).counts["entries"].tolist() == [0]
