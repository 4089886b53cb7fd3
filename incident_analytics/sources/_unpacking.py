"""Files as sources see them: decompressed within limits, and their first bytes.

A gzip file of 200 kB can hold 200 MB: how much comes out, and how much more than went in, is bounded.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, cast

from ..errors import SourceError
from ._contract import HEAD_BYTES

MAX_UNPACKED_BYTES = 1 << 30
MAX_RATIO = 200
RATIO_APPLIES_FROM = 16 << 20  # small files may be as repetitive as they like
MAX_MEMBERS = 10_000
"""Files of one zip archive."""

_CHUNK = 1 << 20
_BOM = b"\xef\xbb\xbf"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
# Documents that are zip archives inside, and no folders of exports.
_ZIPPED_DOCUMENTS = (".xlsx", ".docx", ".pptx", ".ods", ".odt", ".jar", ".whl", ".apk", ".epub")
_SUFFIXES = (".gz", ".zst", ".bz2", ".xz")
# What a damaged archive makes its reader raise; pyarrow's errors are kinds of ValueError and OSError.
_DAMAGED = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, ValueError, NotImplementedError)


def _open_zstd(path: Path) -> BinaryIO:
    # Imported here: few exports are packed this way, and Python's library cannot open it before 3.14.
    import pyarrow as pa

    return cast("BinaryIO", io.BufferedReader(pa.CompressedInputStream(pa.OSFile(str(path)), "zstd")))


_OPENERS: Mapping[bytes, Callable[[Path], Any]] = {
    b"\x1f\x8b": gzip.open,
    b"\x28\xb5\x2f\xfd": _open_zstd,
    b"BZh": bz2.open,
    b"\xfd7zXZ\x00": lzma.open,
}


def plain_name(name: str) -> str:
    """A file's name without the ending of its compression.

    >>> plain_name("incidents.json.gz")
    'incidents.json'
    """
    return next((name.removesuffix(suffix) for suffix in _SUFFIXES if name.endswith(suffix)), name)


def head_of(path: Path) -> bytes:
    """The first bytes of a file, decompressed and without a byte order mark.

    Raises:
        SourceError: the file cannot be opened or decompressed.
    """
    try:
        opener = _opener(path)
        with opener(path) if opener else path.open("rb") as file:
            return file.read(HEAD_BYTES + len(_BOM)).removeprefix(_BOM)[:HEAD_BYTES]
    except _DAMAGED as error:
        raise SourceError(f"{path} cannot be opened: {_said(error)}") from error


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """The file itself, or while the block runs a decompressed copy under the name without ``.gz`` and the like.

    Raises:
        SourceError: the file cannot be decompressed, is cut short, or holds more than the limits allow.
    """
    opener = _opener(path)
    if opener is None:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="incident-analytics-") as folder:
        # The folder's name is kept as well: an export of a chat names the channel by it.
        copy = Path(folder) / (path.parent.name or "export") / plain_name(path.name)
        copy.parent.mkdir()
        try:
            with opener(path) as source:
                _copy(source, copy, path, path.stat().st_size, MAX_UNPACKED_BYTES)
        except _DAMAGED as error:
            raise SourceError(f"{path} cannot be decompressed: {_said(error)}") from error
        yield copy


def is_zip(path: Path) -> bool:
    """Whether a file is a zip archive of files, by its first bytes; one that cannot be opened is none."""
    if path.name.lower().endswith(_ZIPPED_DOCUMENTS):
        return False
    try:
        with path.open("rb") as file:
            return file.read(4) in _ZIP
    except OSError:
        return False


@dataclass(slots=True)
class Archives:
    """Zip archives, unpacked into a folder that lasts as long as the reading.

    Attributes:
        scratch: the folder for what is unpacked.
    """

    scratch: Path
    _folders: dict[Path, Path] = field(default_factory=dict)
    _left: int = MAX_UNPACKED_BYTES

    def folder_of(self, archive: Path) -> Path:
        """The folder that holds an archive's files, under the archive's name; unpacked when first asked for.

        Raises:
            SourceError: the archive is damaged or locked, names files outside of itself or twice, or holds more than
                the limits allow.
        """
        if archive not in self._folders:
            folder = self.scratch / str(len(self._folders)) / (archive.name.removesuffix(".zip") or "archive")
            try:
                folder.mkdir(parents=True)
                with zipfile.ZipFile(archive) as opened:
                    self._unpack(opened, archive, folder)
            # zipfile says with a RuntimeError that a password is needed.
            except (*_DAMAGED, RuntimeError) as error:
                raise SourceError(f"{archive} cannot be unpacked: {_said(error)}") from error
            self._folders[archive] = folder
        return self._folders[archive]

    def original(self, path: Path) -> Path:
        """Where a file is for the user: inside the archive it came out of, ``export.zip/day.json``."""
        for archive, folder in self._folders.items():
            if path.is_relative_to(folder):
                return self.original(archive) / path.relative_to(folder)
        return path

    def _unpack(self, opened: zipfile.ZipFile, archive: Path, folder: Path) -> None:
        members = [member for member in opened.infolist() if not member.is_dir()]
        if len(members) > MAX_MEMBERS:
            raise SourceError(f"{archive} holds {len(members):,} files; expected at most {MAX_MEMBERS:,}")
        seen: set[Path] = set()
        for member in members:
            place = folder / member.filename
            if _leads_out(member.filename) or not place.resolve().is_relative_to(folder.resolve()):
                raise SourceError(f"{archive} names the file {member.filename[:200]!r}; expected a name inside it")
            if place in seen:
                raise SourceError(f"{archive} holds two files named {member.filename[:200]!r}; expected each once")
            seen.add(place)
            if "__MACOSX" in place.relative_to(folder).parts:
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            with opened.open(member) as source:
                self._left -= _copy(cast("BinaryIO", source), place, archive, member.compress_size, self._left)


def _leads_out(name: str) -> bool:
    """Whether the name of a file in an archive is no plain path below it."""
    return name.startswith(("/", "\\")) or "\\" in name or ":" in name or "\x00" in name or ".." in name.split("/")


def _opener(path: Path) -> Callable[[Path], Any] | None:
    with path.open("rb") as file:
        head = file.read(6)
    return next((opener for magic, opener in _OPENERS.items() if head.startswith(magic)), None)


def _copy(source: BinaryIO, target: Path, archive: Path, packed: int, most: int) -> int:
    """Write out what is packed, and return how much it was.

    Raises:
        SourceError: it is more than ``most`` bytes, or too many times what is packed.
    """
    written = 0
    with target.open("wb") as file:
        while chunk := source.read(_CHUNK):
            written += len(chunk)
            is_bomb = written > RATIO_APPLIES_FROM and written > packed * MAX_RATIO
            if is_bomb or written > most:
                raise SourceError(
                    f"{archive} holds more than {written} bytes in {packed}; expected at most "
                    f"{MAX_UNPACKED_BYTES} bytes and {MAX_RATIO} times its size"
                )
            file.write(chunk)
    return written


def _said(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
