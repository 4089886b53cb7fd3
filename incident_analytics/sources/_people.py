"""One person, one row: the same person has another identifier in the pager, in chat and in the roster.

Rows are one person when they share an identifier, a mail address, a handle or a full name, whatever its case. A
single given name is not enough: two people may share it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from ..records import Records
from ..schema import conform

_REFERRING = {"events": "actor_id", "participants": "person_id", "actions": "owner_id"}


def one_row_each(records: Records) -> Records:
    """The bundle in which every person has one row, and every table refers to it.

    The identifier, name, team and zone of the first row that has them are kept; the other identifiers, names and
    handles become aliases, so that nothing by which a person can be recognised is lost. Collections stay apart only as
    far as their people share no mark.
    """
    people = records.people
    if len(people) < 2:
        return records
    leader = _leaders(people)
    if all(leader[p] == p for p in leader):
        return records
    tables = {"people": _merged(people, leader)}
    for table, column in _REFERRING.items():
        frame = records.tables[table].copy()
        frame[column] = frame[column].map(lambda p: leader.get(p, p), na_action="ignore").astype("str")
        tables[table] = frame
    return records.with_tables(**tables)


def _marks(row: object) -> Iterator[str]:
    """Everything that names exactly one person."""
    yield row.person_id.casefold()  # type: ignore[attr-defined]  # a row of people
    name = row.name  # type: ignore[attr-defined]
    if isinstance(name, str) and " " in name.strip():
        yield name.strip().casefold()
    for alias in row.aliases:  # type: ignore[attr-defined]
        if isinstance(alias, str) and not _is_given_name(alias, name):
            yield alias.strip().casefold()


def _is_given_name(alias: str, name: object) -> bool:
    return isinstance(name, str) and bool(name.split()) and alias.casefold() == name.split()[0].casefold()


def _leaders(people: pd.DataFrame) -> dict[str, str]:
    """The identifier that stands for each person, by every identifier: the first row of those that share a mark."""
    parent = {p: p for p in people["person_id"]}

    def root(p: str) -> str:
        while parent[p] != p:
            p = parent[p]
        return p

    order = {p: i for i, p in enumerate(parent)}
    seen: dict[str, str] = {}
    for row in people.itertuples():
        for mark in _marks(row):
            first, second = sorted(
                (root(seen.setdefault(mark, row.person_id)), root(row.person_id)), key=order.__getitem__
            )
            parent[second] = first
    return {p: root(p) for p in parent}


def _merged(people: pd.DataFrame, leader: dict[str, str]) -> pd.DataFrame:
    rows: dict[str, dict[str, object]] = {}
    for row in people.to_dict("records"):
        first = rows.setdefault(
            leader[row["person_id"]], {**row, "aliases": list(row["aliases"]), "extra": dict(row["extra"])}
        )
        if first["person_id"] == row["person_id"] and first["name"] is row["name"]:
            continue
        for column in ("name", "team", "time_zone"):
            if pd.isna(first[column]):
                first[column] = row[column]
        others = [row["person_id"], row["name"], *row["aliases"]]
        known = {first["person_id"], first["name"], *first["aliases"]}  # type: ignore[misc]  # aliases is a list
        first["aliases"] = [
            *first["aliases"],
            *dict.fromkeys(o for o in others if isinstance(o, str) and o not in known),
        ]  # type: ignore[misc]
        first["extra"] = {**row["extra"], **first["extra"]}  # type: ignore[dict-item]
    made = pd.DataFrame({c: pd.Series([r[c] for r in rows.values()], dtype="object") for c in people.columns})
    return conform("people", made)
