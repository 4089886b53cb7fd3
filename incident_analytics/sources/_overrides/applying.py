"""Overrides applied to records: each leaves a finding with the old value, the new one, who and why."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from ...errors import UsageError, did_you_mean
from ...records import Records
from ...schema import TABLES, finding, frame_of
from ...wording import count
from .._checks.base import OVERRIDES, points_of, systems
from .reading import UNKNOWN, Override, Overrides, Shift, as_text

MARK = "override"
"""Key of ``extra`` that says a row was corrected: by column what stood there before, who, why and when."""

REMARK = "overridden"
"""The same for columns of events that no clock point rests on: a corrected text does not make its time go first."""

AUTHOR = "overrides"
"""Key of ``extra`` of people who corrected something; they stay with every selection, so that their names can go."""

SHIFTED = "shifted_by"

_CLOCKED = ("kind", "at", "at_latest", "precision", "field", "new", "is_automatic", "audience", "basis")
_INSTANTS = {
    name: [column.name for column in TABLES[name].columns if column.kind == "instant"]
    for name in ("events", "participants", "impacts", "actions")
}


def shifted(records: Records, own: Overrides | None, given: Overrides | None = None) -> Records:
    """The bundle with all times of the shifted sources moved; a finding for each says how many.

    Every row says in ``extra`` by how much it was moved; a row that says so already is left alone.

    Args:
        records: the bundle of one collection.
        own: the collection's own overrides.
        given: overrides for all collections; sources that are not in this one are meant for others.

    Raises:
        UsageError: no row comes from a source that the collection's own overrides name.
    """
    for overrides in (own, given):
        for shift in overrides.shifts if overrides else ():
            if shift.log:
                continue
            if overrides is own:
                _refuse_source(shift, sources_of(records))
            records = _shift(records, shift, overrides.name if overrides else "")
    return records


def corrected(records: Records, own: Overrides | None, given: Overrides | None = None) -> Records:
    """The bundle with the corrections made; a finding for each says what was there, what is, who and why.

    A corrected clock point is added beside what the sources say, and goes before it. A correction that was made
    already, as in saved records, is not made again.

    Args:
        records: the bundle of one collection.
        own: the collection's own overrides.
        given: overrides for all collections; incidents that are not in this one are meant for others.

    Raises:
        UsageError: an incident or row that is not there, or a row that is not the only one; near names are given.
    """
    known = set(records.incident_ids)
    for overrides in (own, given):
        for override in overrides.overrides if overrides else ():
            if overrides is own:
                _refuse_incident(override, known)
            if override.incident_id is None or override.incident_id in known:
                make = _milestone if override.milestone else _cell
                records = make(records, override, overrides.name if overrides else "")
    return records


def refuse_unknown(records: Records, given: Overrides | None) -> None:
    """Refuse corrections of incidents and sources that no collection has.

    Raises:
        UsageError: names the first of them and near ones.
    """
    known, sources = set(records.incident_ids), sources_of(records)
    for shift in given.shifts if given else ():
        if not shift.log:
            _refuse_source(shift, sources)
    for override in given.overrides if given else ():
        _refuse_incident(override, known)


def clocks_of_logs(
    records: Records, own: Overrides | None, given: Overrides | None = None
) -> tuple[Records, dict[str, pd.Timedelta]]:
    """By how much the clocks of logs are put right, by file, service or format; and the bundle that says so.

    Args:
        records: the bundle of one collection.
        own: the collection's own overrides.
        given: overrides for all collections; they go before.
    """
    clocks: dict[str, pd.Timedelta] = {}
    for overrides in (own, given):
        for shift in overrides.shifts if overrides else ():
            if shift.log:
                clocks[shift.log] = shift.by
                why = f"{shift.why} ({shift.who}{_on(shift.at)})"
                message = f"times of the log {shift.log} are moved by {shift.written}: {why}"
                name = overrides.name if overrides else ""
                note = finding("shifted", "info", message, row=shift.place, source=f"{OVERRIDES}:{name}")
                records = _with_author(records, shift.who, name).add_findings([note])
    return records, clocks


def sources_of(records: Records) -> set[str]:
    """The sources that rows come from: modules, and modules with their file."""
    found: set[str] = set()
    for table in _INSTANTS:
        frame = getattr(records, table)
        found |= {*frame["source"].dropna().unique(), *systems(frame["source"]).unique()}
    return found - {"", OVERRIDES}


def _refuse_source(shift: Shift, known: set[str]) -> None:
    if shift.source not in known:
        listed, near = ", ".join(sorted(known)) or "none", did_you_mean(shift.source, known)
        raise UsageError(f"{shift.place}: nothing comes from source {shift.source!r}; sources are {listed}.{near}")


def _refuse_incident(override: Override, known: set[str]) -> None:
    if override.incident_id is not None and override.incident_id not in known:
        near = did_you_mean(override.incident_id, known)
        message = f"there is no incident {override.incident_id!r} among the {len(known)} incidents read"
        raise UsageError(f"{override.place}: {message}.{near}")


def _shift(records: Records, shift: Shift, name: str) -> Records:
    changed, total = {}, 0
    for table, columns in _INSTANTS.items():
        frame = getattr(records, table)
        is_own = (frame["source"] == shift.source) | (systems(frame["source"]) == shift.source)
        is_own &= ~pd.Series([SHIFTED in extra for extra in frame["extra"]], index=frame.index, dtype=bool)
        if is_own.any():
            moved = {c: frame[c].mask(is_own, frame[c] + shift.by) for c in columns}
            extra = [e | {SHIFTED: shift.written} if own else e for e, own in zip(frame["extra"], is_own, strict=True)]
            changed[table] = frame.assign(**moved, extra=pd.Series(extra, index=frame.index, dtype="object"))
            total += int(frame.loc[is_own, columns].notna().sum().sum())
    if not changed:
        return records
    times = count(total, "time")
    were = "was" if total == 1 else "were"
    message = f"{times} of {shift.source} {were} moved by {shift.written}: {shift.why} ({shift.who}{_on(shift.at)})"
    note = finding("shifted", "info", message, row=shift.place, source=f"{OVERRIDES}:{name}")
    return _with_author(records.with_tables(**changed), shift.who, name).add_findings([note])


def _milestone(records: Records, override: Override, name: str) -> Records:
    """Add the clock point by override."""
    is_unknown = isinstance(override.value, str) and override.value == UNKNOWN
    points = points_of(records.events[records.events["incident_id"] == override.incident_id])
    before = points.loc[points["word"] == override.milestone, ["source", "at"]].drop_duplicates()
    old = "; ".join(f"{as_text(p.at)} ({p.source})" for p in before.itertuples(index=False)) or "nothing"
    row = {
        "incident_id": override.incident_id,
        "kind": "milestone",
        "field": override.milestone,
        "at": None if is_unknown else override.value,
        "basis": "unknown" if is_unknown else "stated",
        "reason": override.why,
        "note": f"corrected: {override.why}",
        "source_ref": override.place,
        "source": f"{OVERRIDES}:{name}",
        "extra": {MARK: _mark(override, old)},
    }
    if _is_made(records, row):
        return records
    events = pd.concat([records.events, frame_of("events", [row])], ignore_index=True)
    note = _note(
        override, f"clock point {override.milestone}", old, UNKNOWN if is_unknown else as_text(override.value), name
    )
    return _with_author(records.with_tables(events=events), override.who, name).add_findings([note])


def _is_made(records: Records, row: Mapping[str, Any]) -> bool:
    events = records.events
    same = events[(events["incident_id"] == row["incident_id"]) & (events["source"] == row["source"])]
    same = same[same["field"] == row["field"]]
    return bool((same["at"].isna() if row["at"] is None else same["at"] == row["at"]).any())


def _cell(records: Records, override: Override, name: str) -> Records:
    """Change one cell; what stood there stays in ``extra``."""
    frame = getattr(records, override.table)
    place = _place_of(frame, override)
    cells, extra = list(frame[override.column]), list(frame["extra"])
    old = cells[place]
    is_missing = not isinstance(old, list) and bool(pd.isna(old))
    if not is_missing and old == override.value:
        return records
    was = "nothing" if is_missing else as_text(old)
    mark = MARK if override.table != "events" or override.column in _CLOCKED else REMARK
    cells[place] = override.value
    extra[place] = extra[place] | {mark: {**extra[place].get(mark, {}), **_mark(override, was)}}
    made = {column: pd.Series(new, dtype="object") for column, new in ((override.column, cells), ("extra", extra))}
    note = _note(override, f"{override.table}.{override.column}", was, as_text(override.value), name, row=place)
    records = records.with_tables(**{override.table: frame.assign(**made)})
    return _with_author(records, override.who, name).add_findings([note])


def _place_of(frame: pd.DataFrame, override: Override) -> int:
    """The row that an override means.

    Raises:
        UsageError: there is none, or not only one.
    """
    rows = frame if override.incident_id is None else frame[frame["incident_id"] == override.incident_id]
    whose = f"{override.table} of {override.incident_id!r}" if override.incident_id else override.table
    for column, wanted in override.where.items():
        cells = rows[column].map(as_text, na_action="ignore")
        rows, known = rows[(cells == wanted).fillna(False)], sorted(set(cells.dropna()))
        if rows.empty:
            shown = f"; there are {', '.join(known[:10])}" if known else ""
            message = f"no row of {whose} has {column} {wanted!r}{shown}.{did_you_mean(wanted, known)}"
            raise UsageError(f"{override.place}: {message}")
    number = override.row or 1
    if number > len(rows) or (override.row is None and len(rows) != 1):
        message = f"{len(rows)} rows of {whose} are meant; expected one. Say where = {{...}}, or row = 1 for the first"
        raise UsageError(f"{override.place}: {message}")
    return int(rows.index[number - 1])


def _mark(override: Override, old: str) -> dict[str, object]:
    mark = {"old": old, "who": override.who, "why": override.why, "at": override.at}
    return {override.column: {key: value for key, value in mark.items() if value is not None}}


def _note(override: Override, what: str, old: str, new: str, name: str, *, row: object = None) -> dict[str, object]:
    message = f"{what} was corrected from {old} to {new}: {override.why} ({override.who}{_on(override.at)})"
    return finding(
        "overridden", "info", message, incident_id=override.incident_id, table=override.table,
        row=override.milestone or row, source=f"{OVERRIDES}:{name}",
    )  # fmt: skip


def _on(at: str | None) -> str:
    return f", {at}" if at else ""


def _with_author(records: Records, who: str, name: str) -> Records:
    """The bundle with the person who corrected among its people, so that privacy knows the name."""
    people = records.people
    folded = who.casefold()
    is_known = pd.Series(
        [
            folded in {str(word).casefold() for word in (p.person_id, p.name, *p.aliases)}
            for p in people[["person_id", "name", "aliases"]].itertuples()
        ],
        index=people.index,
        dtype=bool,
    )
    if is_known.any():
        extra = [e | {AUTHOR: True} if known else e for e, known in zip(people["extra"], is_known, strict=True)]
        return records.with_tables(people=people.assign(extra=pd.Series(extra, index=people.index, dtype="object")))
    slug = re.sub(r"\W+", ".", folded).strip(".") or who
    person_id = slug if slug not in set(people["person_id"]) else f"{OVERRIDES}/{slug}"
    row: dict[str, object] = {
        "person_id": person_id,
        "name": who,
        "source": f"{OVERRIDES}:{name}",
        "extra": {AUTHOR: True},
    }
    return records.with_tables(people=pd.concat([people, frame_of("people", [row])], ignore_index=True))
