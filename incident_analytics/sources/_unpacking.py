"""Files as sources see them: decompressed within limits, and their first bytes.

A gzip file of 200 kB can hold 200 MB: how much comes out, and how much more than went in, is bounded.
"""

from __future__ import annotations

import gzip
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import SourceError
from ._contract import HEAD_BYTES

MAX_UNPACKED_BYTES = 1 << 30
MAX_RATIO = 200
RATIO_APPLIES_FROM = 16 << 20  # small files may be as repetitive as they like
_CHUNK = 1 << 20
_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"


def head_of(path: Path) -> bytes:
    """The first bytes of a file, decompressed and without a byte order mark.

    Raises:
        SourceError: the file cannot be opened or decompressed.
    """
    try:
        with path.open("rb") as file:
            is_packed = file.read(2) == _GZIP
        with gzip.open(path, "rb") if is_packed else path.open("rb") as file:
            return file.read(HEAD_BYTES + len(_BOM)).removeprefix(_BOM)[:HEAD_BYTES]
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(f"{path} cannot be opened: {_said(error)}") from error


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """The file itself, or while the block runs a decompressed copy under the name without ``.gz``.

    Raises:
        SourceError: the file cannot be decompressed, is cut short, or holds more than the limits allow.
    """
    with path.open("rb") as file:
        is_packed = file.read(2) == _GZIP
    if not is_packed:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="incident-analytics-") as folder:
        # The folder's name is kept as well: an export of a chat names the channel by it.
        copy = Path(folder) / (path.parent.name or "export") / path.name.removesuffix(".gz")
        copy.parent.mkdir()
        _unpack(path, copy)
        yield copy


def _unpack(path: Path, copy: Path) -> None:
    packed = path.stat().st_size
    written = 0
    try:
        with gzip.open(path, "rb") as source, copy.open("wb") as target:
            while chunk := source.read(_CHUNK):
                written += len(chunk)
                is_bomb = written > RATIO_APPLIES_FROM and written > packed * MAX_RATIO
                if is_bomb or written > MAX_UNPACKED_BYTES:
                    raise SourceError(
                        f"{path} holds more than {written} bytes in {packed}; expected at most "
                        f"{MAX_UNPACKED_BYTES} bytes and {MAX_RATIO} times its size"
                    )
                target.write(chunk)
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(f"{path} cannot be decompressed: {_said(error)}") from error


def _said(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
