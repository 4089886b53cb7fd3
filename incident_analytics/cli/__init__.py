"""The command line: parse, call one library function, print. Results go to stdout, everything else to stderr.

Exit codes: 0 done, 1 something unexpected, 2 wrong usage, 3 data was rejected or a report failed, 130 interrupted.
"""

from __future__ import annotations

from ._glossary import definitions, formats, schema
from ._group import main
from ._logs import logs_command
from ._records import check, metrics, read_command
from ._reports import report, sample

__all__ = ["main"]

for command in (report, read_command, metrics, check, schema, definitions, formats, logs_command, sample):
    main.add_command(command)
