"""Which source reads a file: the folder ``incidents/`` is the list, and a file must be claimed by exactly one."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import pandas as pd

from ..errors import SourceError
from ._contract import IncidentSource
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
    tried = ", ".join(incident_sources())
    raise NotRecognisedError(
        f"{path} is recognised by no source; {_begins(head)}. Tried: {tried} "
        "(see incident-analytics formats). A CSV, JSON or Parquet table needs a mapping file, "
        "logs go into a folder named logs or are named as logs"
    )


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


def _first_line(text: str | None) -> str:
    return (text or "").strip().split("\n", 1)[0]


def _begins(head: bytes) -> str:
    if not head:
        return "it is empty"
    start = head[:40].decode("utf-8", "backslashreplace")
    return f"it begins {start!r}"
