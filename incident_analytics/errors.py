"""Everything this package raises on purpose.

IncidentAnalyticsError
├── UsageError        the call asks for something that does not exist       (command line: exit code 2)
│   └── PolicyError   the policy file has an unknown key or a bad value
└── DataError         a file or table cannot be used as it stands           (command line: exit code 3)
    ├── SourceError   nobody, or more than one source, recognises a file; or it cannot be read
    ├── SchemaError   a table breaks the column contract; lists every fault, not only the first
    ├── RenderError   a notebook did not run or could not be turned into a document
    └── LeakError     a finished report still holds a name that had to be removed

Every message says what was found, where, and what was expected.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class IncidentAnalyticsError(Exception):
    """Base of all errors raised on purpose."""


class UsageError(IncidentAnalyticsError):
    """The caller asked for something that does not exist: an unknown incident, parameter or option."""


class PolicyError(UsageError):
    """The policy file has an unknown key, a value of the wrong kind, or cannot be parsed."""


class DataError(IncidentAnalyticsError):
    """A file or table cannot be used as it stands."""


class SourceError(DataError):
    """A file that no source, or more than one source, recognises, or that cannot be read at all."""


class SchemaError(DataError):
    """A table breaks the column contract. ``faults`` lists every fault found.

    Attributes:
        table: name of the table.
        faults: one sentence per fault.
    """

    def __init__(self, table: str, faults: list[str]) -> None:
        self.table = table
        self.faults = faults
        listed = "\n".join(f"  - {fault}" for fault in faults)
        super().__init__(f"table '{table}' has {len(faults)} fault(s):\n{listed}")


class RenderError(DataError):
    """A notebook stopped with an error, or a document could not be made of it."""


class LeakError(DataError):
    """A finished report holds a name, handle or address that had to be removed."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Say which known words are near to an unknown one; an empty string when none is.

    >>> did_you_mean("severty", ["severity", "cadence"])
    " Did you mean 'severity'?"
    """
    near = difflib.get_close_matches(word, list(known), n=3, cutoff=0.6)
    return f" Did you mean {' or '.join(repr(n) for n in near)}?" if near else ""
