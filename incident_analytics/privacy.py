"""Names removed: people appear as roles, and a finished report is searched for every name that had to go.

Names come from the records themselves: the roster and the user fields of the exports. Each report gives each person
one pseudonym ("Incident commander", "Responder 2"), the same throughout that report. Replacing happens before a
notebook sees the tables, in tables and in free text; ``find_leaks`` then reads the finished document.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from urllib.parse import quote

import pandas as pd

from .records import Records
from .schema import TABLES, frame_of

PSEUDONYM = "is_pseudonym"
_TITLES = {"incident_commander": "Incident commander", "communication_manager": "Communication manager"}
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_IPV4 = re.compile(r"(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.])")
_MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|[^>]*)?>")
_KEEP = {"incident_id", "collection", "kind", "status", "end_state", "visibility", "precision", "basis", "verified"}
_SHORTEST = 3


@dataclass(frozen=True)
class Names:
    """The names of the people of a bundle, and what each is replaced by.

    Attributes:
        labels: pseudonym by person_id.
        whole: names, handles, addresses and identifiers; found whatever their case.
        given: first words of full names; found only as written, since they may be ordinary words.
    """

    labels: dict[str, str]
    whole: dict[str, str]
    given: dict[str, str]

    @property
    def searched(self) -> list[str]:
        """Everything that must not appear in a finished report."""
        return sorted({*self.whole, *self.given})


def names_of(records: Records) -> Names:
    """Find the people of a bundle and give each a pseudonym by role and order of appearance.

    Actors that are neither in ``people`` nor marked automatic count as people, so a handle that only an export's
    user field knows is found too. A bundle whose names were already removed yields none.
    """
    is_done = records.people["extra"].map(lambda e: bool(e.get(PSEUDONYM)))
    people = records.people[~is_done]
    done = set(records.people.loc[is_done, "person_id"])
    labels = _labels(records, [p for p in _appearing(records) if p not in done])
    whole: dict[str, str] = {}
    given: dict[str, str] = {}
    for row in people.itertuples():
        label = labels.get(row.person_id, "Person")
        full = row.name if isinstance(row.name, str) else ""
        for word in {row.person_id, full, *row.aliases}:
            if isinstance(word, str) and len(word.strip()) >= _SHORTEST:
                whole[word.strip()] = label
        first = full.split()[0] if len(full.split()) > 1 else ""
        if len(first) >= _SHORTEST:
            given[first] = label
    for person_id, label in labels.items():
        if len(person_id) >= _SHORTEST and person_id not in whole:
            whole[person_id] = label
    return Names(labels=labels, whole=whole, given={k: v for k, v in given.items() if k not in whole})


def _appearing(records: Records) -> list[str]:
    """Identifiers of people in the order in which they appear: role holders first, then actors, owners, the rest."""
    roles = records.participants.sort_values("assumed_at", kind="stable")["person_id"]
    events = records.events.sort_values("at", kind="stable")
    actors = events.loc[~events["is_automatic"].fillna(False).astype(bool), "actor_id"].dropna()
    known = set(records.people["person_id"])
    owners = records.actions["owner_id"].dropna()
    owners = owners[owners.isin(known) | owners.str.contains("@", regex=False)]
    return list(dict.fromkeys([*roles, *actors, *owners, *records.people["person_id"]]))


def _labels(records: Records, person_ids: list[str]) -> dict[str, str]:
    labels: dict[str, str] = {}
    roles = records.participants.sort_values("assumed_at", kind="stable")
    for role, title in _TITLES.items():
        holders = [p for p in dict.fromkeys(roles.loc[roles["role"] == role, "person_id"]) if p in person_ids]
        free = [p for p in holders if p not in labels]
        for number, person_id in enumerate(free, start=1):
            labels[person_id] = title if len(free) == 1 else f"{title} {number}"
    rest = [p for p in person_ids if p not in labels]
    editors = [p for p in rest if p in _only_editors(records)]
    labels |= {p: "Editor" if len(editors) == 1 else f"Editor {i}" for i, p in enumerate(editors, start=1)}
    rest = [p for p in rest if p not in labels]
    return labels | {person_id: f"Responder {number}" for number, person_id in enumerate(rest, start=1)}


def _only_editors(records: Records) -> set[str]:
    """People who corrected something and took no part in any incident."""
    people = records.people
    is_editor = people["extra"].map(lambda e: bool(e.get("overrides"))).astype(bool)
    if not is_editor.any():
        return set()
    seen = {*records.participants["person_id"], *records.events["actor_id"].dropna()}
    return set(people.loc[is_editor, "person_id"]) - seen - set(records.actions["owner_id"].dropna())


def pseudonymise(records: Records) -> Records:
    """The bundle with every person replaced by a pseudonym, in identifiers and in free text.

    Mail addresses and IP addresses in free text are masked too. Bundles of one incident give role names; call it
    after :meth:`Records.select`, so that a pseudonym is stable inside a report and says nothing across reports.
    Doing it twice changes nothing more.
    """
    names = names_of(records)
    replaced = _replacer(names)
    tables = {}
    for name, frame in records.tables.items():
        changed = frame.copy()
        for column in TABLES[name].columns:
            if column.name in _KEEP or not len(frame):
                continue
            values = frame[column.name]
            if column.name in ("person_id", "actor_id", "owner_id"):
                changed[column.name] = values.map(lambda v: names.labels.get(v, v), na_action="ignore").astype("str")
            elif column.kind in ("text", "word"):
                # Most columns hold few distinct texts, above all those of logs: each is looked through once.
                said = {text: replaced(text) for text in values.dropna().unique()}
                changed[column.name] = values.map(said, na_action="ignore").astype("str")
            elif column.kind in ("items", "extra"):
                changed[column.name] = pd.Series(
                    [_deep(v, replaced) for v in values], dtype="object", index=values.index
                )
        tables[name] = changed
    tables["people"] = _roles_only(tables["people"], names)
    return replace(records, **tables)


def _roles_only(people: pd.DataFrame, names: Names) -> pd.DataFrame:
    """People as pseudonyms: zone and team may stay, names, handles and addresses go.

    Whoever appears without a row of their own gets one, so that removing names again finds them done.
    """
    known = set(people["person_id"])
    strangers = frame_of("people", [{"person_id": p} for p in names.labels.values() if p not in known])
    people = pd.concat([people, strangers]) if len(strangers) else people
    people = people.drop_duplicates("person_id").reset_index(drop=True)
    people["name"] = people["person_id"]
    people["aliases"] = pd.Series([[] for _ in range(len(people))], dtype="object")
    people["extra"] = pd.Series([{PSEUDONYM: True} for _ in range(len(people))], dtype="object")
    return people


def _deep(value: object, replaced: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return replaced(value)
    if isinstance(value, list):
        return [_deep(v, replaced) for v in value]
    if isinstance(value, dict):
        return {key: _deep(v, replaced) for key, v in value.items()}
    return value


def _pattern(words: Iterable[str], flags: int = 0) -> re.Pattern[str] | None:
    listed = sorted(set(words), key=lambda w: (-len(w), w))
    if not listed:
        return None
    return re.compile(rf"(?<![\w]){'(?:' + '|'.join(map(re.escape, listed)) + ')'}(?![\w])", flags)


def _replacer(names: Names) -> Callable[[str], str]:
    folded = {word.casefold(): label for word, label in names.whole.items()}
    whole, given = _pattern(names.whole, re.IGNORECASE), _pattern(names.given)

    def replaced(text: str) -> str:
        text = _MENTION.sub(lambda m: "@" + (names.labels.get(m[1]) or folded.get(m[1].casefold(), "someone")), text)
        if whole:
            text = whole.sub(lambda m: folded.get(m[0].casefold(), "someone"), text)
        if given:
            text = given.sub(lambda m: names.given[m[0]], text)
        text = _MAIL.sub("[mail address]", text)
        return _IPV4.sub("[ip address]", text)

    return replaced


def find_leaks(document: str, names: Iterable[str]) -> list[str]:
    """Names out of ``names`` that a finished document still holds, in any of the spellings a document may use.

    Looks for the plain text, HTML-escaped, JSON-escaped and URL-encoded. Single capitalised words are searched as
    written, since they may be ordinary words; everything else whatever its case. An empty list means the document
    may be handed out.
    """
    listed = list(names)
    # One look with all of them first: a clean document, the usual case, costs one pass for each of the two ways.
    if not any(_found(document, group, flags) for group, flags in _by_case(listed)):
        return []
    return sorted({name for name in listed if any(_found(document, g, f) for g, f in _by_case([name]))})


def _by_case(names: list[str]) -> list[tuple[list[str], int]]:
    as_written = [name for name in names if name.isalpha() and name[:1].isupper()]
    return [(as_written, 0), ([name for name in names if name not in as_written], re.IGNORECASE)]


def _found(document: str, names: list[str], flags: int) -> bool:
    pattern = _pattern([spelling for name in names for spelling in _spellings(name)], flags)
    return pattern is not None and pattern.search(document) is not None


def _spellings(name: str) -> set[str]:
    return {name, html.escape(name), html.escape(name, quote=False), json.dumps(name)[1:-1], quote(name)}
