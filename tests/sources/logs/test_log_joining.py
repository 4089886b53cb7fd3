"""Messages that a container runtime split over several lines: one entry, all of its text, all of its lines counted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident_analytics.sources import logs
from incident_analytics.sources.logs._engine import joining
from incident_analytics.sources.logs._engine.lines import Piece, pieces

How = Literal["docker", "cri"]
TEXTS = st.text(st.sampled_from('ab\\" \u00fc{n}P'), max_size=12)


def docker(text: str, stream: str, second: int) -> str:
    """A line of Docker's."""
    said = {"log": text, "stream": stream, "time": f"2026-01-05T09:00:{second:02d}.5Z"}
    return json.dumps(said, separators=(",", ":"), ensure_ascii=False)


def cri(text: str, stream: str, second: int, *, is_end: bool) -> str:
    """A line as containerd writes it."""
    return f"2026-01-05T09:00:{second:02d}.5Z {stream} {'F' if is_end else 'P'} {text}"


def joined(data: bytes, how: How, size: int = 1 << 20) -> list[tuple[int, bytes, int]]:
    """Place, text and number of further lines of what comes out."""
    chunks = (data[n : n + size] for n in range(0, len(data), size))
    return [line for piece in joining.joined(pieces(chunks), how) for line in lines_of(piece)]


def lines_of(piece: Piece) -> Iterator[tuple[int, bytes, int]]:
    """The same of a piece."""
    lines = piece.data.removesuffix(b"\n").split(b"\n")
    starts = [sum(len(line) + 1 for line in lines[:n]) + piece.start for n in range(len(lines))]
    places = starts if piece.offsets is None else piece.offsets.tolist()
    further = [0] * len(lines) if piece.further is None else piece.further.tolist()
    return zip(places, lines, further, strict=True)


@settings(max_examples=50, deadline=None)
@given(
    parts=st.lists(st.tuples(TEXTS, st.sampled_from(["stdout", "stderr"]), st.booleans()), max_size=12),
    how=st.sampled_from(["docker", "cri"]),
    size=st.sampled_from([20, 1 << 20]),
)
def test_pieces_of_a_stream_become_messages(parts: list[tuple[str, str, bool]], how: How, size: int) -> None:
    """Per stream, pieces go together until one ends; text, order, places and counts are those of joining by hand."""
    written, expected, places = "", [], []
    open_ones: dict[str, int] = {}
    for n, (text, stream, is_end) in enumerate(parts):
        place = len(written.encode())
        line = docker(text + "\n" * is_end, stream, n) if how == "docker" else cri(text, stream, n, is_end=is_end)
        written += line + "\n"
        if stream not in open_ones:
            open_ones[stream] = len(expected)
            expected.append([text, 0, is_end])
            places.append(place)
        else:
            before = expected[open_ones[stream]]
            before[0], before[1], before[2] = f"{before[0]}{text}", before[1] + 1, is_end
        if is_end:
            del open_ones[stream]
    found = joined(written.encode(), how, size)
    assert [place for place, _, _ in found] == places
    assert [further for _, _, further in found] == [further for _, further, _ in expected]
    if how == "docker":
        said = [json.loads(line)["log"] for _, line, _ in found]
        assert said == [text + "\n" * is_end for text, _, is_end in expected]
    else:
        assert [line.decode().split(" ", 3)[3] for _, line, _ in found] == [text for text, _, _ in expected]


def test_a_split_message_is_one_entry_at_its_first_time(tmp_path: Path) -> None:
    """The entry has time and place of the first piece; the others count as continued, and line numbers go on."""
    lines = [
        docker("whole\n", "stdout", 1),
        docker("begin ", "stdout", 2),
        docker("other\n", "stderr", 3),
        docker("\\n middle ", "stdout", 4),
        docker("end\n", "stdout", 5),
        "broken",
        *[docker("more\n", "stdout", n) for n in range(6, 20)],
    ]
    path = tmp_path / "pond.log"
    path.write_text("\n".join(lines) + "\n")
    found = logs.scan(path)
    assert found.counts[["format", "lines", "entries", "continued", "rejected"]].iloc[0].tolist() == [
        "docker_json",
        20,
        17,
        2,
        1,
    ]
    assert found.logs["message"].tolist()[:3] == ["whole", "begin \\n middle end", "other"]
    assert found.logs["at"].iloc[1] == pd.Timestamp("2026-01-05T09:00:02.5Z")
    assert found.logs["raw_offset"].tolist()[1] == len(lines[0]) + 1
    (said,) = found.findings[found.findings["check"] == "row_rejected"]["message"]
    assert said.startswith("line 6 of pond.log, at byte ")
    # A window that begins behind the first piece has nothing of the message, one that ends behind it has all of it.
    assert logs.scan(path, start="2026-01-05T09:00:03Z").counts["outside_window"].tolist() == [4]
    asked = logs.scan(path, start="2026-01-05T09:00:02Z", end="2026-01-05T09:00:03Z")
    assert asked.logs["message"].tolist() == ["begin \\n middle end"]
    assert asked.counts["continued"].tolist() == [2]


def test_split_messages_of_kubernetes_are_entries(tmp_path: Path) -> None:
    """In a file of containerd's, pieces of two streams that alternate give an entry each, with all of its text."""
    lines = [
        cri("begin ", "stdout", 1, is_end=False),
        cri("oh ", "stderr", 2, is_end=False),
        cri("end", "stdout", 3, is_end=True),
        cri("no", "stderr", 4, is_end=True),
    ]
    path = tmp_path / "pond.log"
    path.write_text("\n".join(lines) + "\n")
    found = logs.scan(path)
    assert found.counts[["format", "lines", "entries", "continued"]].iloc[0].tolist() == ["cri", 4, 2, 2]
    assert found.logs["message"].tolist() == ["begin end", "oh no"]
    assert found.logs["raw_offset"].tolist() == [0, len(lines[0]) + 1]


def test_pieces_in_another_spelling_are_joined_too() -> None:
    """Keys in another order, blanks and further keys make no difference."""
    data = b'{"time": "x", "log": "a ", "attrs": {"tag": 1}}\n{ "stream":"", "log":"b\\n"}\n{"log": 7}\n'
    (first, line, further), (second, other, none) = joined(data, "docker")
    assert json.loads(line) == {"log": "a b\n", "time": "x", "attrs": {"tag": 1}}
    assert (first, further, second, other, none) == (0, 1, data.index(b'{"log": 7}'), b'{"log": 7}', 0)


def test_the_tag_of_a_split_message_may_have_more_to_it() -> None:
    """Tags behind P and F are kept, a message may be empty, and a line of something else stays as it is."""
    data = b"T stdout P:x ab\nT stdout F:x \nT stdout F\nno line\nT stderr P c"
    assert joined(data, "cri") == [
        (0, b"T stdout F:x ab", 1),
        (data.index(b"T stdout F\n"), b"T stdout F", 0),
        (data.index(b"no line"), b"no line", 0),
        (data.index(b"T stderr"), b"T stderr F c", 0),
    ]


def test_what_never_ends_holds_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message without an end is given up after so many lines behind it, and one without measure is cut."""
    monkeypatch.setattr(joining, "MOST_WAITING", 50)
    lines = [cri("never", "stderr", 0, is_end=False), *[cri("x", "stdout", 1, is_end=True)] * 120]
    found = joined("\n".join(lines).encode(), "cri")
    assert len(found) == 121 and found[0][1].endswith(b"F never")
    monkeypatch.setattr(joining, "LONGEST_MESSAGE", 1000)
    data = "\n".join([cri("y" * 300, "stdout", 0, is_end=False)] * 10).encode()
    assert [(len(line.split(b" ", 3)[3]), further) for _, line, further in joined(data, "cri")] == [
        (900, 2),
        (900, 2),
        (900, 2),
        (300, 0),
    ]


def test_a_file_without_split_messages_passes_as_it_is() -> None:
    """Where no line is a piece, the bytes go through untouched."""
    data = "".join(docker("x\n", "stdout", n) + "\n" for n in range(9)).encode()
    (piece,) = joining.joined(pieces([data]), "docker")
    assert piece.data == data and piece.offsets is None
