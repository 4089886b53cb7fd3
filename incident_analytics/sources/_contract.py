"""What a module in ``sources/incidents/`` must offer to be a source.

A source has no class and is registered nowhere: a module with these names, put into the folder, is found.
mypy accepts a module where this protocol is asked for, and names what it lacks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from ..records import Records

HEAD_BYTES = 64 * 1024
"""How much of a file a source is shown to recognise it by."""


@dataclass(frozen=True, slots=True)
class VendorDuration:
    """A duration that a vendor works out itself, and what it says it is: one term of that vendor's dialect.

    The number is kept in ``extra`` of the incident under the vendor's own name, and compared with ours.

    Attributes:
        starts: the word of the milestone (its ``field``) or status (its ``new``) that it counts from, as this source
            states them: ``declared``.
        ends: the word it counts to: ``resolved``.
        unit: in what the number is given; ``iso8601`` for texts such as ``PT1H``.
        definition: what the vendor says it is, and where.
        ends_at: whether the first or the last event with the word ``ends`` counts.
        tolerance: difference, in ``unit``, that rounding explains; seconds for ``iso8601``.
    """

    starts: str
    ends: str
    unit: Literal["ms", "s", "min", "h", "iso8601"]
    definition: str
    ends_at: Literal["first", "last"] = "last"
    tolerance: float = 1


class IncidentSource(Protocol):
    """A module that reads one vendor's files.

    Attributes:
        NAME: the source's name, one word: the module's own.
        DESCRIPTION: what it reads, in one line, for ``incident-analytics formats``.
        TIME_ZONE_RULE: in which zone the vendor writes, and what is done with a time without one.
        EXAMPLE: the beginning of a file that it recognises, in a line or a few; ours, not a vendor's.
        SEVERITIES: the vendor's words for severity, the most severe first, where its documentation orders them;
            empty where users of the vendor define their own. A direction is never guessed: what neither this nor the
            policy orders stays unordered. Where an export itself ranks its severities, the severity events say so in
            ``extra`` under ``severity_rank``, a number that is larger the more severe it is.
        DURATIONS: durations that the vendor works out itself, by the key under which ``extra`` of an incident has them.
        COLUMNS: their name -> ours; the map is the documentation of the vendor.
    """

    NAME: str
    DESCRIPTION: str
    TIME_ZONE_RULE: str
    EXAMPLE: str
    SEVERITIES: tuple[str, ...]
    DURATIONS: Mapping[str, VendorDuration]
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


class MappedSource(IncidentSource, Protocol):
    """A source whose files leave open what some of their fields say, which a mapping file then tells.

    Such a mapping has one table, named like the source: ``[jira]``. Every other mapping is that of a table.

    Attributes:
        MAPPED: true.
    """

    MAPPED: bool

    def read(self, path: Path, *, time_zone: str | None = None, mapping: Path | None = None) -> Records:
        """As for any source.

        Args:
            path: an uncompressed file.
            time_zone: zone of times written without one, where the vendor does not settle it.
            mapping: the mapping file; None: ``x.mapping.toml`` beside ``x.json``, if there is one.
        """
        ...


def origin(name: str, path: Path) -> str:
    """The value of a ``source`` column: which source module and file said so.

    >>> origin("pagerduty", Path("export/incidents.json"))
    'pagerduty:incidents.json'
    """
    return f"{name}:{path.name}"
