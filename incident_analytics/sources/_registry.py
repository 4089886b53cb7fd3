"""Which source reads a file: the folder ``incidents/`` is the list, and a file must be claimed by exactly one."""

from __future__ import annotations

import functools
import importlib
import pkgutil
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import pandas as pd

from ..errors import SourceError
from ._contract import IncidentSource, MappedSource
from ._unpacking import head_of


class NotRecognisedError(SourceError):
    """No source, or more than one, claims a file."""


@functools.cache
def incident_sources() -> Mapping[str, IncidentSource]:
    """The sources found in the folder, by name."""
    from . import incidents

    found = {}
    for module in pkgutil.iter_modules(incidents.__path__):
        if not module.name.startswith("_"):
            source = cast("IncidentSource", importlib.import_module(f"{incidents.__name__}.{module.name}"))
            found[source.NAME] = source
    return dict(sorted(found.items()))


def recognise(path: Path) -> IncidentSource:
    """The one source that claims a file.

    Raises:
        NotRecognisedError: none claims it, or several do; the message lists what was tried.
        SourceError: the file cannot be opened.
    """
    head = head_of(path)
    claims = [name for name, source in incident_sources().items() if source.recognises(head)]
    if len(claims) == 1:
        return incident_sources()[claims[0]]
    if claims:
        raise NotRecognisedError(
            f"{path} is claimed by more than one source: {', '.join(claims)}; expected exactly one. "
            "Name a mapping for it to read it as a table"
        )
    raise NotRecognisedError(
        f"{path} is recognised by none of the {len(incident_sources())} sources that `incident-analytics formats` lists; "
        f"{_begins(head)}. Any CSV, JSON or Parquet table can be read with a mapping file"
    )


def mapped_by(mapping: Path) -> MappedSource:
    """The source that a mapping file is for: the one its table is named after, else that of tables.

    A mapping that cannot be read is left to the source of tables, which says why.
    """
    try:
        named = set(tomllib.loads(mapping.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        named = set()
    own = [source for name, source in incident_sources().items() if name in named and getattr(source, "MAPPED", False)]
    return cast("MappedSource", own[0] if len(own) == 1 else incident_sources()["table"])


def formats() -> pd.DataFrame:
    """All incident sources and log formats: name, kind, description, how recognised, time zone rule, an example."""
    from . import logs

    rows = [
        {
            "name": name,
            "kind": "incident",
            "description": source.DESCRIPTION,
            "recognised_by": _first_line(source.recognises.__doc__),
            "time_zone_rule": source.TIME_ZONE_RULE,
            "example": source.EXAMPLE,
        }
        for name, source in incident_sources().items()
    ]
    own = pd.DataFrame(rows, dtype="str")
    return pd.concat([own, logs.formats()[list(own.columns)]], ignore_index=True)


def formats_page(listed: pd.DataFrame) -> str:
    """The list of :func:`formats` as a page in Markdown: ``docs/formats.md``."""
    parts = ["# What is read", _ABOUT]
    for kind, heading in (("incident", "Incidents, alerts, chat and people"), ("log", "Logs")):
        chosen = listed[listed["kind"] == kind]
        parts.append(f"## {heading}")
        for row in chosen.to_dict("records"):
            parts.append(f"### {row['name']}")
            parts.append(f"{_sentence(row['description'])}")
            parts.append(
                f"- Recognised: {_sentence(row['recognised_by'])}\n- Time zone: {_sentence(row['time_zone_rule'])}"
            )
            parts.append(f"```\n{row['example']}\n```")
    return "\n\n".join([*parts, _OWN_FORMAT]) + "\n"


_OWN_FORMAT = """\
## A log format of your own

A TOML file with a table per format, named with `--log-formats FILE` or `read(..., log_formats=FILE)`; its keys are the
fields of `LogFormat`. One of them goes before ours where it fits, and all that is wrong in it is said before anything
is read.

    [pond_log]
    patterns = ['^(?P<head>(?P<time>[^|]+)\\|(?P<level>[A-Z]+)\\|)']
    times = ["%d.%m.%Y %H:%M:%S"]                 # or iso8601, epoch, tai64n, dated
    levels = { wach = "info", krank = "error" }   # besides the usual words
    continues = "any"                             # a line that is no entry belongs to the one before it
    time_zone = "Europe/Berlin"

## Fields that only you know

A table that no source knows is read with `x.mapping.toml` beside `x.csv`, which says what its columns are:

    [incidents]
    incident_id = "Ticket"
    title = "What happened"
    [milestones]
    declared = "Opened"
    resolved = "Closed"

Of an export of Jira, a mapping says which of an instance's own fields are what; all of it may be left out:

    [jira]
    severity = "customfield_10040"
    affected_services = "Affected services"
    [jira.milestones]
    impact_start = "Impact start"
    [jira.states]
    mitigated = ["Mitigated"]"""

_ABOUT = """\
Made by `incident-analytics formats --format markdown` from the modules themselves; a test holds the two together.

A file is recognised by what stands in it, never by its name, and by exactly one source or format. Files may be packed
with gzip, zstd, bzip2 or xz, and lie in folders or zip archives. In a folder, what nobody recognises is listed with the
reason; a file that is named directly must be read."""


def _sentence(text: str) -> str:
    said = text[:1].upper() + text[1:]
    return said if said.endswith(".") else f"{said}."


def _first_line(text: str | None) -> str:
    return (text or "").strip().split("\n", 1)[0]


def _begins(head: bytes) -> str:
    if not head:
        return "it is empty"
    if head.startswith(b"PK\x03\x04"):
        return "it is a packed document such as a workbook, of which a CSV export can be read"
    start = head[:40].decode("utf-8", "backslashreplace")
    return f"it begins {start!r}"
