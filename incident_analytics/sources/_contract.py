"""What a module in ``sources/incidents/`` must offer to be a source.

A source has no class and is registered nowhere: a module with these names, put into the folder, is found.
mypy accepts a module where this protocol is asked for, and names what it lacks.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from ..records import Records

HEAD_BYTES = 64 * 1024
"""How much of a file a source is shown to recognise it by."""


class IncidentSource(Protocol):
    """A module that reads one vendor's files.

    Attributes:
        NAME: the source's name, one word: the module's own.
        DESCRIPTION: what it reads, in one line, for ``incident-analytics formats``.
        TIME_ZONE_RULE: in which zone the vendor writes, and what is done with a time without one.
        COLUMNS: their name -> ours; the map is the documentation of the vendor.
    """

    NAME: str
    DESCRIPTION: str
    TIME_ZONE_RULE: str
    COLUMNS: Mapping[str, str]

    def recognises(self, head: bytes) -> bool:
        """Whether a file is this vendor's; the first line of the docstring says by what.

        Args:
            head: the first ``HEAD_BYTES`` of the file, without a byte order mark, decompressed.
        """
        ...

    def read(self, path: Path, *, time_zone: str | None = None) -> Records:
        """Everything the file says, as records.

        Args:
            path: an uncompressed file.
            time_zone: zone of times written without one, where the vendor does not settle it.

        Raises:
            DataError: the file as a whole cannot be read; a single bad row becomes a finding instead.
        """
        ...


def origin(name: str, path: Path) -> str:
    """The value of a ``source`` column: which source module and file said so.

    >>> origin("pagerduty", Path("export/incidents.json"))
    'pagerduty:incidents.json'
    """
    return f"{name}:{path.name}"
