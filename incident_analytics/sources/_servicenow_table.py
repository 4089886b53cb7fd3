"""ServiceNow's incident table as CSV: one row per incident, or one row per update of it, told from the rows.

A log of updates repeats a number; its last row is the incident, and what differs from row to row is an event. Columns
are worked on as a whole: such logs are long.

- the day, month and year stand in the order of the exporter's settings. Which order it is, is told by all times of the
  file together (a 29th is no month); where two orders read them all, the times stay missing.
- ``sys_mod_count`` numbers the updates; where a number stands twice, the order of the file is kept.
- ``?`` is how a published log writes a missing value.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from ..errors import SourceError
from ..records import Records
from ..schema import finding
from ._contract import origin
from ._export import RAW_LIMIT
from ._instants import fault_findings, instants_of, precision_of, zone_named
from ._servicenow_words import SAYS_AS_SHOWN, SECONDS, change_to, end_state_of, priority_of, state_of, status_of

_KNOWN = {
    "sys_id", "sys_created_on", "sys_updated_on", "sys_mod_count", "sys_created_at", "sys_updated_at", "opened_at",
    "incident_state", "short_description", "assignment_group", "assigned_to", "caller_id", "cmdb_ci", "close_code",
    "resolved_at", "closed_at", "reopen_count", "reassignment_count", "business_service", "priority", "state",
}  # fmt: skip
# The orders of date and clock that a user of ServiceNow can set; the first is the base system's.
_FORMATS = tuple(
    f"{date} {clock}"
    for date in ("%Y-%m-%d", "%d-%m-%Y", "%m-%d-%Y", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y")
    for clock in ("%H:%M:%S", "%H:%M", "%I:%M:%S %p")
)
_TIMES = ("opened_at", "sys_created_on", "sys_updated_on", "resolved_at", "closed_at", "reopened_time")
_SAME = {"sys_created_at": "sys_created_on", "sys_updated_at": "sys_updated_on", "state": "incident_state"}
_SINGLY = 20  # more findings of one sort than this become one with a count


def has_header(head: bytes) -> bool:
    """Whether a file begins with the header of the incident table. Never raises."""
    line = head.split(b"\n", 1)[0].decode("utf-8", "replace").lower()
    names = {name.strip().strip('"') for name in line.split(",")}
    return "number" in names and len(names & _KNOWN) >= 4


def read_table(path: Path, name: str, time_zone: str | None) -> Records:
    """The incidents of a table, and their updates where it has them.

    Args:
        path: the file.
        name: name of the source module.
        time_zone: zone of its times; None reads them as UTC and says so.

    Raises:
        SourceError: the file cannot be opened, or has no header.
        UsageError: no such time zone.
    """
    if time_zone:
        zone_named(time_zone)
    table = _Table(origin(name, path), time_zone)
    table.open(path)
    return table.records()


@dataclass(slots=True)
class _Table:
    """One table being read.

    Attributes:
        source: the value of the ``source`` columns.
        time_zone: zone of its times, if named.
        rows: cells as text by place, ordered by incident and update, with ``incident_id``.
        times: the times of the same rows.
        notes: rows for the findings.
    """

    source: str
    time_zone: str | None
    rows: pd.DataFrame = field(default_factory=pd.DataFrame)
    times: pd.DataFrame = field(default_factory=pd.DataFrame)
    notes: list[dict[str, object]] = field(default_factory=list)

    def open(self, path: Path) -> None:
        """Read the file into columns; a row of another length or without a number is set aside."""
        header, places, cells = self._cells(_text(path, self.notes, self.source), path)
        rows = pd.DataFrame(cells, columns=header, index=places, dtype="str")
        rows = rows.mask((rows == "") | (rows == "?"))
        rows = rows.rename(columns={old: new for old, new in _SAME.items() if new not in rows.columns})
        ids = rows["number"] if "sys_id" not in rows else rows["sys_id"].fillna(rows["number"])
        for place, row in rows[ids.isna()].iterrows():
            raw = ",".join("" if pd.isna(cell) else str(cell) for cell in row)
            self._reject(str(place), raw, "it has neither a number nor a sys_id; expected one of them")
        self.rows = rows.assign(incident_id=ids)[ids.notna()]

    def _cells(self, text: str, path: Path) -> tuple[list[str], list[str], list[list[str]]]:
        """Header, place and cells of every whole row."""
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        try:
            header = [name.strip().lower() for name in next(reader, [])]
        except csv.Error as error:
            raise SourceError(f"{path} has no readable header: {error}") from error
        twice = sorted({name for name in header if header.count(name) > 1})
        if "number" not in header or twice:
            found = f"names {', '.join(twice)} twice" if twice else f"has no 'number': {', '.join(header[:10])}"
            raise SourceError(f"the header of {path} {found}; expected every column once, the number among them")
        places: list[str] = []
        cells: list[list[str]] = []
        lines = text.split("\n")
        while True:
            start = reader.line_num
            try:
                row = next(reader, None)
            except csv.Error as error:
                self._reject(f"line {start + 1}", "\n".join(lines[start : reader.line_num]), str(error))
                continue
            if row is None:
                return header, places, cells
            if len(row) == len(header):
                places.append(f"line {start + 1}")
                cells.append(row)
            elif row:
                raw, why = ",".join(row), f"found {len(row)} cells, expected {len(header)}"
                self._reject(f"line {start + 1}", raw, why)

    def records(self) -> Records:
        """Everything the table says."""
        self._order()
        self._read_times()
        last = ~self.rows["incident_id"].duplicated(keep="last")
        events = [*self._milestones(last), *self._changes(), self._priorities()]
        incidents = self._incidents(last)
        filled = [part for part in events if len(part)]
        return Records.build(
            incidents=incidents,
            events=pd.concat(filled, ignore_index=True) if filled else [],
            participants=self._participants(last),
            people=self._people(),
            findings=self.notes,
        )

    def _order(self) -> None:
        """Sort the updates of each incident; those that their number does not order keep the order of the file."""
        rows = self.rows.assign(
            number_of=pd.factorize(self.rows["incident_id"])[0],
            nth=pd.to_numeric(self._cell("sys_mod_count"), errors="coerce"),
            line=np.arange(len(self.rows)),
        )
        is_open = rows["nth"].isna() | rows.duplicated(["incident_id", "nth"], keep=False)
        open_ids = rows.loc[is_open, "incident_id"].drop_duplicates()
        rows["nth"] = rows["nth"].mask(rows["incident_id"].isin(open_ids), rows["line"])
        many = rows["incident_id"].duplicated(keep=False)
        self._tell(
            "order_unclear", "warning", "sys_mod_count does not number its updates one by one; the order of the file is kept",
            rows.loc[many & rows["incident_id"].isin(open_ids), "incident_id"].drop_duplicates(),
        )  # fmt: skip
        rows = rows.sort_values(["number_of", "nth"], kind="stable")
        self.rows = rows.drop(columns=["number_of", "nth", "line"])

    def _read_times(self) -> None:
        """Read all times in the one order of day and month that fits them; without a zone, as UTC with a finding."""
        columns = [column for column in _TIMES if column in self.rows]
        written = pd.concat([self.rows[column] for column in columns]).dropna() if columns else pd.Series(dtype="str")
        formats = _formats_of(written)
        if len(formats) > 1:
            message = (
                f"the times can be read as {' and as '.join(formats)}, such as {written.iloc[0]!r}; "
                "expected one that only one of them fits. All times are left missing"
            )
            self.notes.append(finding("ambiguous_time", "error", message, raw=written.iloc[0], source=self.source))
        times = {}
        for column in columns:
            values = self.rows[column] if len(formats) < 2 else pd.Series(None, index=self.rows.index, dtype="str")
            times[column], faults = instants_of(values, time_zone=self.time_zone or "UTC", formats=formats[:1])
            if faults:
                ids = self.rows["incident_id"]
                self.notes += fault_findings(faults, table="events", column=column, source=self.source, ids=ids)
        self.times = pd.DataFrame(times, index=self.rows.index)
        n_read = int(self.times.notna().sum().sum()) if columns else 0
        if n_read and self.time_zone is None:
            message = f"{n_read} {SAYS_AS_SHOWN}"
            self.notes.append(finding("naive_time", "warning", message, source=self.source))

    def _at(self, column: str) -> pd.Series:
        if column in self.times:
            return self.times[column]
        return pd.Series(pd.NaT, index=self.rows.index, dtype="datetime64[us, UTC]")

    def _cell(self, column: str) -> pd.Series:
        return self.rows[column] if column in self.rows else pd.Series(None, index=self.rows.index, dtype="str")

    def _events(self, which: pd.Series, kind: str, column: str, **cells: object) -> pd.DataFrame:
        """Rows of events: one per chosen row, at the time in a column."""
        at = self._at(column)[which]
        precision = precision_of(self._cell(column)[which], at, formats=["%H:%M"])
        stated = {"incident_id": self.rows["incident_id"][which], "kind": kind, "at": at}
        made = pd.DataFrame(stated | {key: _chosen(cell, which) for key, cell in cells.items()})
        made["precision"] = pd.Series(precision, index=made.index, dtype="str").where(at.notna())
        return made.assign(source=self.source, source_ref=column, basis=made.get("basis", "stated"))

    def _milestones(self, last: pd.Series) -> Iterable[pd.DataFrame]:
        """What the cells of the last row say of the course."""
        created = self._at("sys_created_on")
        status = _in_words(self._cell("incident_state").where(last)).map(status_of, na_action="ignore")
        yield self._events(
            last & self._at("opened_at").notna(), "milestone", "opened_at",
            field="declared", actor_id=self._cell("opened_by"), recorded_at=created,
        )  # fmt: skip
        is_over = status.isin(["resolved", "closed"]) | status.isna()
        has_end = last & self._at("resolved_at").notna()
        yield self._events(
            has_end & is_over, "milestone", "resolved_at", field="resolved", actor_id=self._cell("resolved_by")
        )
        self._tell(
            "contradiction", "warning", "it has a resolved_at, but its state is not resolved; it is not read as resolved",
            self.rows.loc[has_end & ~is_over, "incident_id"],
        )  # fmt: skip
        yield self._events(
            last & self._at("closed_at").notna() & (status.isin(["closed"]) | status.isna()), "milestone", "closed_at",
            field="closed", actor_id=self._cell("closed_by"), note="a resolved record is closed later, mostly by itself",
        )  # fmt: skip

    def _changes(self) -> Iterable[pd.DataFrame]:
        """What differs from one update of an incident to the next, at the time of the later one."""
        by = self._cell("sys_updated_by")
        shared = {"recorded_at": self._at("sys_updated_on")}
        after, before, is_changed = self._changed("incident_state")
        after, before = (_in_words(cells[is_changed]) for cells in (after, before))
        words = [change_to(_text_or_none(o), _text_or_none(n)) for o, n in zip(before, after, strict=True)]
        status = self._events(is_changed, "status", "sys_updated_on", actor_id=by, **shared)
        status = status.assign(
            old=before,
            new=pd.Series(words, index=after.index, dtype="str"),
            basis=["inferred" if word == "acknowledged" else "stated" for word in words],
            extra=pd.Series([{"as_written": word} for word in after], index=after.index, dtype="object"),
        )
        yield status
        self._compare_ends(status)
        new, old, is_changed = self._changed("assigned_to")
        yield self._events(
            is_changed & new.notna(),
            "role",
            "sys_updated_on",
            field="requested",
            old=old,
            new=new,
            actor_id=new,
            **shared,
        )
        new, old, is_changed = self._changed("assignment_group")
        yield self._events(
            is_changed, "role", "sys_updated_on", field="assignment_group", old=old, new=new, actor_id=by, **shared
        )

    def _changed(self, column: str) -> tuple[pd.Series, pd.Series, pd.Series]:
        """A column, the same one update before, and where they differ; the first update of an incident never does."""
        cells, ids = self._cell(column), self.rows["incident_id"]
        before = cells.shift()
        is_same_incident = ids.eq(ids.shift())
        differs = cells.fillna("").ne(before.fillna(""))
        return cells, before.where(is_same_incident), differs & is_same_incident

    def _priorities(self) -> pd.DataFrame:
        """The first priority of each incident and every change of it; when the first was set, only update 0 says."""
        cells, before, is_changed = self._changed("priority")
        first = ~self.rows["incident_id"].duplicated() & cells.notna()
        at_creation = self._cell("sys_mod_count").eq("0") & self.rows["incident_id"].duplicated(keep=False)
        made = self._events(
            first | (is_changed & cells.notna()), "severity", "sys_updated_on",
            old=before.map(priority_of, na_action="ignore"), new=cells.map(priority_of, na_action="ignore"),
        )  # fmt: skip
        is_untimed = (first & ~at_creation)[first | (is_changed & cells.notna())]
        note = "priority at the first update that is known; when it was set is not in this file"
        made["at"] = made["at"].mask(is_untimed)
        made["precision"] = made["precision"].mask(is_untimed)
        made["basis"] = pd.Series("stated", index=made.index, dtype="str").mask(is_untimed, "inferred")
        return made.assign(note=pd.Series(note, index=made.index, dtype="str").where(is_untimed), source_ref="priority")

    def _compare_ends(self, status: pd.DataFrame) -> None:
        """Say where the update that resolves an incident has another time than its ``resolved_at``."""
        ends = status[status["new"].eq("resolved")].drop_duplicates("incident_id", keep="last")
        stated = pd.Series(self._at("resolved_at").to_numpy(), index=self.rows["incident_id"])
        stated = stated[~stated.index.duplicated(keep="last")].reindex(ends["incident_id"])
        differs = (
            (stated.notna().to_numpy()) & (stated.to_numpy() != ends["at"].to_numpy()) & ends["at"].notna().to_numpy()
        )
        says = [
            f"the update that resolves it is of {_said(row)}, its resolved_at is {_said(cell)}; resolved_at counts, both are kept"
            for row, cell in zip(ends.loc[differs, "at"], stated[differs], strict=True)
        ]  # fmt: skip
        self._tell("resolved_at_differs", "warning", says, ends.loc[differs, "incident_id"])

    def _incidents(self, last: pd.Series) -> list[dict[str, object]]:
        """One row per incident, out of its last update."""
        columns = {
            "number",
            "short_description",
            "description",
            "sys_id",
            "incident_id",
            "business_service",
            "incident_state",
        }
        made: list[dict[str, object]] = []
        for row in self.rows[last].to_dict("records"):
            said = {str(key): str(cell) for key, cell in row.items() if not pd.isna(cell)}
            state, end_state = state_of(said.get("incident_state")), end_state_of(said.get("close_code"))
            made.append(
                {
                    "incident_id": said["incident_id"],
                    "number": said.get("number"),
                    "title": said.get("short_description"),
                    "summary": said.get("description"),
                    "kind": "incident",
                    "status": status_of(state),
                    "end_state": end_state,
                    "end_reason": f"close code {said['close_code']}" if end_state else None,
                    "service": said.get("business_service") or said.get("cmdb_ci"),
                    "visibility": "internal",
                    "time_zone": self.time_zone,
                    "source": self.source,
                    "extra": {key: _number(key, cell) for key, cell in said.items() if key not in columns} | ({"state": state} if state else {}),
                }
            )  # fmt: skip
        return made

    def _participants(self, last: pd.Series) -> pd.DataFrame:
        """Who reported it, and who was assigned from when to when."""
        ids, holder = self.rows["incident_id"], self._cell("assigned_to")
        _, _, is_changed = self._changed("assigned_to")
        is_first = ~ids.duplicated()
        starts = (is_changed | is_first) & holder.notna()
        # The next change of the assignee of the same incident ends the assignment.
        ends = self._at("sys_updated_on").where(is_changed).groupby(ids).shift(-1).groupby(ids).bfill()
        held = pd.DataFrame({"incident_id": ids, "person_id": holder, "released_at": ends})[starts]
        held["assumed_at"] = self._at("sys_updated_on").where(is_changed)[starts]
        reporter = self._cell("caller_id")
        told = pd.DataFrame({"incident_id": ids, "person_id": reporter})[last & reporter.notna()].assign(
            role="reporter"
        )
        return pd.concat([told, held.assign(role="responder")], ignore_index=True).assign(source=self.source)

    def _people(self) -> list[dict[str, object]]:
        named = [
            self._cell(c)
            for c in ("caller_id", "opened_by", "assigned_to", "resolved_by", "closed_by", "sys_updated_by")
        ]
        found = pd.concat(named).dropna().drop_duplicates()
        return [{"person_id": str(name), "name": str(name), "source": self.source} for name in found]

    def _tell(
        self, check: str, severity: Literal["error", "warning", "info"], message: str | list[str], ids: pd.Series
    ) -> None:
        """A finding per incident; one with a count when there are many."""
        said = message if isinstance(message, list) else [message] * len(ids)
        named = list(zip(ids, said, strict=True))
        if len(named) > _SINGLY:
            first = ", ".join(str(incident_id) for incident_id, _ in named[:5])
            named = [(None, f"{len(named)} incidents, first {first}. Of the first: {said[0]}")]
        self.notes += [
            finding(check, severity, text, incident_id=incident_id, source=self.source) for incident_id, text in named
        ]

    def _reject(self, place: str, raw: str, why: str) -> None:
        message = f"{place} was set aside: {why}"
        self.notes.append(
            finding("row_rejected", "error", message, row=place, raw=raw.strip("\r\n")[:RAW_LIMIT], source=self.source)
        )


def _text(path: Path, notes: list[dict[str, object]], source: str) -> str:
    """The text of a file; ServiceNow writes CSV in Windows-1252 unless it is told otherwise."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path} cannot be opened: {error.strerror or error}") from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        message = "it is no UTF-8 and was read as Windows-1252, in which ServiceNow writes CSV by default"
        notes.append(finding("encoding_assumed", "info", message, source=source))
        return raw.decode("cp1252", "backslashreplace")


def _formats_of(written: pd.Series) -> list[str]:
    """The formats that read the most of the texts: one, or several that cannot be told apart; ISO 8601 for none."""
    distinct = pd.Series(written.unique(), dtype="str")
    if distinct.empty:
        return []
    counts = {each: int(pd.to_datetime(distinct, format=each, errors="coerce").notna().sum()) for each in _FORMATS}
    most = max(counts.values())
    return [each for each, n in counts.items() if n == most] if most else []


def _number(key: str, cell: str) -> object:
    """A duration as a number, so that it can be compared; anything else as it is written."""
    return int(cell) if key in SECONDS and cell.isascii() and cell.isdigit() and len(cell) < 16 else cell


def _in_words(states: pd.Series) -> pd.Series:
    """The states in words; each distinct one is looked up once."""
    return states.map({word: state_of(str(word)) for word in states.dropna().unique()}).astype("str")


def _chosen(cell: object, which: pd.Series) -> object:
    return cell[which] if isinstance(cell, pd.Series) else cell


def _text_or_none(cell: object) -> str | None:
    return cell if isinstance(cell, str) else None


def _said(at: pd.Timestamp) -> str:
    return f"{at:%Y-%m-%dT%H:%MZ}"
