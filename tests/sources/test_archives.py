"""Archives -> files: a zip is a folder, whatever its makers meant by it, and nothing leads out of it."""

from __future__ import annotations

import bz2
import io
import lzma
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident_analytics.errors import SourceError
from incident_analytics.sources import _unpacking, read

OVEN = "format: incident-record/1\nincident: {{incident_id: {0}, title: Oven cold}}\n"


def packed(path: Path, files: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> Path:
    """A zip archive of those files."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_a_zip_is_read_like_the_folder_in_it(tmp_path: Path) -> None:
    """Records, a policy and documents in an archive count as they do in a folder of the archive's name."""
    files = {"a.yaml": OVEN.format("A"), "deep/b.yaml": OVEN.format("B"), "LICENSE": "MIT", "__MACOSX/a": "x"}
    records = read(packed(tmp_path / "bakery.zip", files))
    assert records.incident_ids == ["A", "B"]
    assert set(records.incidents["collection"]) == {"bakery"}
    assert records.findings[["check", "source"]].to_numpy().tolist() == [["skipped", "LICENSE"]]


def test_a_zip_of_folders_is_a_set_of_collections(tmp_path: Path) -> None:
    """Two folders in an archive are two collections, as they are outside of one."""
    records = read(packed(tmp_path / "x.zip", {"bakery/a.yaml": OVEN.format("A"), "mill/b.yaml": OVEN.format("B")}))
    assert records.incidents["collection"].tolist() == ["bakery", "mill"]


def test_a_zip_in_a_folder_belongs_to_its_collection(tmp_path: Path) -> None:
    """What is wrong with a file in an archive, or in an archive inside of it, is said with the way to it."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("c.yaml", OVEN.format("C"))
        archive.writestr("odd.xyz", "flour")
    packed(tmp_path / "in" / "old.zip", {"a.yaml": OVEN.format("A"), "older.zip": inner.getvalue()})
    (tmp_path / "in" / "b.yaml").write_text(OVEN.format("B"))
    records = read(tmp_path / "in")
    assert sorted(records.incident_ids) == ["A", "B", "C"]
    assert records.findings["source"].tolist() == ["old.zip/older.zip/odd.xyz"]
    assert records.findings["message"][0].startswith("old.zip/older.zip/odd.xyz is recognised by none of the")


def test_logs_in_a_zip_are_logs(tmp_path: Path) -> None:
    """A folder named logs inside an archive holds its logs."""
    line = '{"time": "2026-03-01T10:30:00Z", "msg": "cold"}\n'
    text = OVEN.format("A") + "times: {impact_start: 2026-03-01T10:00:00Z, resolved: 2026-03-01T11:00:00Z}\n"
    records = read(packed(tmp_path / "x.zip", {"a.yaml": text, "logs/oven.jsonl": line}))
    assert records.logs["message"].tolist() == ["cold"]


@pytest.mark.parametrize("name", ["../up.yaml", "/root.yaml", "a/../../up.yaml", "C:/up.yaml", "..\\up.yaml"])
def test_a_name_that_leads_out_of_the_archive_is_refused(tmp_path: Path, name: str) -> None:
    """An archive that names a place outside of itself is not unpacked, and nothing is written there."""
    path = packed(tmp_path / "in" / "x.zip", {name: OVEN.format("A")})
    with pytest.raises(SourceError, match=r"names the file .*; expected a name inside it"):
        read(path)
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["in", "x.zip"]


def test_a_broken_archive_is_a_finding_in_a_folder(tmp_path: Path) -> None:
    """A zip that is cut short does not stop the rest; named directly it is an error."""
    whole = packed(tmp_path / "whole.zip", {"a.yaml": OVEN.format("A") * 50}).read_bytes()
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "b.yaml").write_text(OVEN.format("B"))
    (folder / "cut.zip").write_bytes(whole[:-30])
    records = read(folder)
    assert records.incident_ids == ["B"]
    assert records.findings[["check", "severity", "source"]].to_numpy().tolist() == [["not_read", "error", "cut.zip"]]
    assert records.findings["message"][0].startswith("cut.zip cannot be unpacked")
    with pytest.raises(SourceError, match=r"cut\.zip cannot be unpacked"):
        read(folder / "cut.zip")


def test_a_zip_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too much for its size, too much in all, too many files: each is an error that says what was expected."""
    monkeypatch.setattr(_unpacking, "RATIO_APPLIES_FROM", 1 << 16)
    with pytest.raises(SourceError, match=r"holds more than .* times its size"):
        read(packed(tmp_path / "ratio.zip", {"a.yaml": "#" * (4 << 20)}))
    monkeypatch.setattr(_unpacking, "MAX_MEMBERS", 3)
    with pytest.raises(SourceError, match="holds 4 files; expected at most 3"):
        read(packed(tmp_path / "many.zip", dict.fromkeys("abcd", "x")))
    archives = _unpacking.Archives(tmp_path / "scratch", _left=30)
    packed(tmp_path / "one.zip", {"a": "x" * 20})
    packed(tmp_path / "two.zip", {"a": "x" * 20})
    archives.folder_of(tmp_path / "one.zip")
    with pytest.raises(SourceError, match=r"two\.zip holds more than"):
        archives.folder_of(tmp_path / "two.zip")


def test_a_locked_archive_says_that_it_is(tmp_path: Path) -> None:
    """An archive that wants a password is an error that says so: the flag of its first file is set by hand."""
    data = bytearray(packed(tmp_path / "x.zip", {"a.yaml": "x"}).read_bytes())
    # Bit 0 of the flags, at byte 6 of a local header and at byte 8 of the directory's (APPNOTE 4.4.4).
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "x.zip").write_bytes(data)
    with pytest.raises(SourceError, match=r"x\.zip cannot be unpacked: .*password"):
        read(tmp_path / "x.zip")


def test_a_workbook_is_no_archive(tmp_path: Path) -> None:
    """A workbook is a zip inside, and is said to be what it is for its user."""
    with pytest.raises(SourceError, match="a packed document such as a workbook"):
        read(packed(tmp_path / "x.xlsx", {"xl/sheet1.xml": "<x/>"}))


@pytest.mark.parametrize(
    ("ending", "pack"),
    [
        (".bz2", bz2.compress),
        (".xz", lzma.compress),
        (".zst", lambda data: pa.Codec("zstd").compress(data, asbytes=True)),
    ],
)
def test_every_usual_compression_is_opened(tmp_path: Path, ending: str, pack) -> None:
    """A file packed with bzip2, xz or zstd is read under its own name; one that is cut short is refused."""
    path = tmp_path / f"oven.yaml{ending}"
    data = pack(OVEN.format("A").encode())
    path.write_bytes(data)
    records = read(path)
    assert records.incidents["source"].tolist() == ["record:oven.yaml"]
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(SourceError, match=r"oven\.yaml"):
        read(path)


@settings(max_examples=15, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 400), st.binary(max_size=6))
def test_any_damage_is_refused_in_our_own_words(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, place: int, patch: bytes
) -> None:
    """However an archive is damaged, it is read or refused with an error of ours that names it."""
    path = packed(tmp_path_factory.mktemp("any") / "x.zip", {"a.yaml": OVEN.format("A"), "b": data})
    content = path.read_bytes()
    path.write_bytes(content[:place] + patch + content[place + len(patch) :])
    try:
        read(path)
    except SourceError as error:
        assert str(path) in str(error)
