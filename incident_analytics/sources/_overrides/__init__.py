"""Corrections by a user: ``overrides.toml``, read, checked, and applied so that everybody can see it.

    [[override]]                        # a clock point
    incident_id = "QOTTER1"
    milestone = "resolved"              # value = "unknown": the time is not known after all
    value = "2026-01-05T10:30:00Z"
    who = "Otter Example"
    why = "the pager was closed the next morning"
    at = "2026-01-12T09:00:00Z"         # when it was corrected; may be left out

    [[override]]                        # a cell; table = "incidents" unless said
    incident_id = "QOTTER1"
    column = "kind"                     # a drill does not count in statistics
    value = "drill"
    who = "Otter Example"
    why = "it was the game day"

    [[override]]                        # a cell of another table
    incident_id = "QOTTER1"
    table = "events"
    where = { source_ref = "R7" }       # must fit one row; row = 2 takes the second of several
    column = "at"
    value = "2026-01-05T09:12:00Z"
    who = "Otter Example"
    why = "typed in the wrong hour"

    [[shift]]                           # all times of a source
    source = "statuspage"               # a module, or a module and its file: "statuspage:page.json"
    by = "-01:00"
    who = "Otter Example"
    why = "the page writes local time"

    [[shift]]                           # all times of logs
    log = "web-1"                       # a log's file, the service it is named for, or its format
    by = "-00:03:10"
    who = "Otter Example"
    why = "its clock was fast"

``who`` and ``why`` are required. What the source said stays: in the finding, and in ``extra`` under ``override``.
"""

from .applying import clocks_of_logs, corrected, refuse_unknown, shifted
from .reading import Override, Overrides, Shift, read_overrides

__all__ = [
    "Override",
    "Overrides",
    "Shift",
    "clocks_of_logs",
    "corrected",
    "read_overrides",
    "refuse_unknown",
    "shifted",
]
