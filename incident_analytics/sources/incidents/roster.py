"""A roster: who is who, a CSV with the columns ``person_id,name,aliases,team,time_zone``.

It gives handles and addresses of chats and exports their people, so that the same person is one person everywhere,
and so that names can be removed. Aliases are separated by semicolons; other columns are kept in ``extra``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from ...errors import SourceError
from ...records import Records
from ...schema import finding
from .._contract import VendorDuration, origin
from .._table_rows import rows_of

NAME = "roster"
DESCRIPTION = "a list of people: CSV with person_id, name, aliases, team, time_zone"
TIME_ZONE_RULE = "it holds no times; time_zone is the zone a person lives in"
EXAMPLE = "person_id,name,aliases,team,time_zone"
SEVERITIES: tuple[str, ...] = ()
DURATIONS: Mapping[str, VendorDuration] = {}
COLUMNS: Mapping[str, str] = {
    "person_id": "person_id",
    "name": "name",
    "aliases": "aliases",
    "team": "team",
    "time_zone": "time_zone",
}


def recognises(head: bytes) -> bool:
    """By a CSV header with ``person_id`` and ``name``, and no ``incident_id``."""
    first = re.split(rb"[\r\n]", head, maxsplit=1)[0].decode("utf-8", "replace")
    header = {name.strip(' "').lower() for name in first.split(",")}
    return {"person_id", "name"} <= header and "incident_id" not in header


def read(path: Path, *, time_zone: str | None = None) -> Records:
    """The people of a roster; a row without a ``person_id``, or that cannot be read, is a finding.

    Raises:
        SourceError: the file cannot be read, or its header has no ``person_id``.
    """
    path = Path(path)
    source = origin(NAME, path)
    table = rows_of(path, kind="csv")
    if "person_id" not in table.header:
        raise SourceError(f"{path} has the columns {', '.join(table.header)}; expected person_id among them")
    rejected = [(r.place, r.raw, r.why) for r in table.rejected]
    people = []
    for place, row in table.rows.items():
        if row["person_id"] is None:
            rejected.append((place, ",".join(cell or "" for cell in row.values()), "its person_id is empty"))
            continue
        known = {ours: row.get(theirs) for theirs, ours in COLUMNS.items()}
        aliases = [alias.strip() for alias in (row.get("aliases") or "").split(";")]
        extra = {key: cell for key, cell in row.items() if key not in COLUMNS and cell is not None}
        people.append(known | {"aliases": [a for a in aliases if a], "source": source, "extra": extra})
    findings = [
        finding(
            "row_rejected", "error", f"{place} was set aside: {why}", table="people", row=place, raw=raw, source=source
        )
        for place, raw, why in rejected
    ]
    return Records.build(people=people, findings=findings)
