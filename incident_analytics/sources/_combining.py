"""Collections side by side in one bundle: identifiers stay unique, and nobody is taken for somebody else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..records import Records
from ..schema import TABLES, finding

_PERSON_COLUMNS = {
    "people": "person_id",
    "participants": "person_id",
    "events": "actor_id",
    "actions": "owner_id",
}


def combine(bundles: Iterable[tuple[str, Records]]) -> Records:
    """One bundle of several collections. An identifier met before is prefixed with its collection.

    Two collections are two worlds: the same incident identifier in both is two incidents, which is pointed out, and
    the same person identifier with another name is two people.

    Args:
        bundles: records by the name of their collection, in order; the first to use an identifier keeps it.
    """
    incidents: set[str] = set()
    names: dict[str, object] = {}
    apart = []
    for collection, bundle in bundles:
        clashes = {i: _free(f"{collection}/{i}", incidents) for i in bundle.incident_ids if i in incidents}
        strangers = _strangers(bundle, names, collection)
        renamed = _renamed(bundle, clashes, strangers) if clashes or strangers else bundle
        apart.append(renamed.add_findings(_notes(clashes, collection)))
        incidents |= set(renamed.incident_ids)
        names |= dict(zip(renamed.people["person_id"], renamed.people["name"], strict=True))
    return Records().merge(*apart)


def _free(wanted: str, taken: set[str]) -> str:
    return wanted if wanted not in taken else _free(f"{wanted}'", taken)


def _strangers(bundle: Records, names: Mapping[str, object], collection: str) -> dict[str, str]:
    """People whose identifier stands for somebody of another name in an earlier collection."""
    found = {}
    for person_id, name in zip(bundle.people["person_id"], bundle.people["name"], strict=True):
        other = names.get(person_id)
        if isinstance(other, str) and isinstance(name, str) and other != name:
            found[str(person_id)] = _free(f"{collection}/{person_id}", set(names))
    return found


def _renamed(bundle: Records, incidents: Mapping[str, str], people: Mapping[str, str]) -> Records:
    tables = {}
    for name, frame in bundle.tables.items():
        changed = {}
        if "incident_id" in TABLES[name].column_names:
            changed["incident_id"] = frame["incident_id"].map(lambda i: incidents.get(i, i))
        if name in _PERSON_COLUMNS:
            column = _PERSON_COLUMNS[name]
            changed[column] = frame[column].map(lambda p: people.get(p, p))
        tables[name] = frame.assign(**changed)
    return bundle.with_tables(**tables)


def _notes(clashes: Mapping[str, str], collection: str) -> list[dict[str, object]]:
    return [
        finding(
            "duplicate_id",
            "error",
            f"incident {old!r} is in an earlier collection too; the one of {collection!r} is called {new!r} here",
            incident_id=new,
            table="incidents",
        )
        for old, new in clashes.items()
    ]
