"""Records: a frozen bundle of tables about one or many incidents.

The bundle is saved as a folder of Parquet files with a ``manifest.json``; loading it gives back the same tables.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import pandas as pd

from .errors import DataError, UsageError, did_you_mean
from .policy import Policy, default_policy, policy_of
from .schema import TABLES, conform, empty, finding, frame_of, unknown_words

FORMAT_VERSION = 1
_SAME_END = [("closed", "resolved"), ("resolved", "closed")]
_MAY_DIFFER = ("source", "source_url", "collection")
_WITH_INCIDENT = ("events", "participants", "impacts", "actions", "learnings")


@dataclass(frozen=True)
class Records:
    """All tables of one or many incidents, conforming to :mod:`incident_analytics.schema`.

    The frames are shared, not copied: treat them as read-only and make a changed bundle with :meth:`with_tables`.
    A bundle with no rows is valid; every method works on it.

    Attributes:
        policies: policy by collection, where a collection came with its own; see :meth:`policy_for`.
    """

    incidents: pd.DataFrame = field(default_factory=partial(empty, "incidents"))
    events: pd.DataFrame = field(default_factory=partial(empty, "events"))
    participants: pd.DataFrame = field(default_factory=partial(empty, "participants"))
    people: pd.DataFrame = field(default_factory=partial(empty, "people"))
    impacts: pd.DataFrame = field(default_factory=partial(empty, "impacts"))
    actions: pd.DataFrame = field(default_factory=partial(empty, "actions"))
    learnings: pd.DataFrame = field(default_factory=partial(empty, "learnings"))
    logs: pd.DataFrame = field(default_factory=partial(empty, "logs"))
    findings: pd.DataFrame = field(default_factory=partial(empty, "findings"))
    policies: Mapping[str, Policy] = field(default_factory=dict)

    @classmethod
    def build(
        cls,
        *,
        policies: Mapping[str, Policy] | None = None,
        **tables: pd.DataFrame | Iterable[dict[str, object]],
    ) -> Records:
        """Make a bundle of frames or of lists of dicts, one keyword per table.

        Words outside a vocabulary are kept and listed in ``findings``.

        Raises:
            UsageError: a keyword that is no table.
            SchemaError: a table that does not conform.
        """
        for name in tables:
            if name not in TABLES:
                raise UsageError(
                    f"there is no table {name!r}; tables are {', '.join(TABLES)}.{did_you_mean(name, TABLES)}"
                )
        made = {
            name: conform(name, given) if isinstance(given, pd.DataFrame) else frame_of(name, given)
            for name, given in tables.items()
        }
        strange = [unknown_words(name, frame) for name, frame in made.items()]
        made["findings"] = _concat("findings", [made.get("findings", empty("findings")), *strange])
        return cls(**made, policies=dict(policies or {}))

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables by name, in the schema's order."""
        return {name: getattr(self, name) for name in TABLES}

    @property
    def incident_ids(self) -> list[str]:
        """Identifiers of the incidents in the order of the table."""
        ids: list[str] = self.incidents["incident_id"].tolist()
        return ids

    def __repr__(self) -> str:
        sizes = ", ".join(f"{name}={len(frame)}" for name, frame in self.tables.items())
        return f"Records({sizes})"

    def policy_for(self, collection: str | float | None) -> Policy:
        """The policy of a collection, or the shipped default where it brought none."""
        return self.policies.get(collection, default_policy()) if isinstance(collection, str) else default_policy()

    def with_tables(self, **tables: pd.DataFrame) -> Records:
        """A bundle in which the given tables are replaced (and conformed)."""
        return replace(self, **{name: conform(name, frame) for name, frame in tables.items()})

    def add_findings(self, rows: Iterable[dict[str, object]]) -> Records:
        """A bundle with findings appended; see :func:`incident_analytics.schema.finding`."""
        return replace(self, findings=_concat("findings", [self.findings, frame_of("findings", rows)]))

    def select(self, incident_ids: str | Iterable[str]) -> Records:
        """The bundle of one or some incidents; people are those that take part, logs and file findings stay whole.

        Raises:
            UsageError: an unknown identifier; the message names near ones.
        """
        wanted = [incident_ids] if isinstance(incident_ids, str) else list(incident_ids)
        known = set(self.incident_ids)
        for incident_id in wanted:
            if incident_id not in known:
                near = did_you_mean(incident_id, known)
                raise UsageError(f"there is no incident {incident_id!r} among the {len(known)} incidents read.{near}")
        chosen = {
            name: frame[frame["incident_id"].isin(wanted)].reset_index(drop=True)
            for name, frame in self.tables.items()
            if name == "incidents" or name in _WITH_INCIDENT
        }
        seen = set(chosen["events"]["actor_id"].dropna()) | set(chosen["participants"]["person_id"])
        seen |= set(chosen["actions"]["owner_id"].dropna())
        # Who corrected something is named in its finding, so that person stays: a name that is not known cannot go.
        seen |= set(
            self.people.loc[self.people["extra"].map(lambda e: bool(e.get("overrides"))).astype(bool), "person_id"]
        )
        chosen["people"] = self.people[self.people["person_id"].isin(seen)].reset_index(drop=True)
        concerns = self.findings["incident_id"].isin(wanted)
        chosen["findings"] = self.findings[concerns].reset_index(drop=True)
        return replace(self, **chosen)

    def merge(self, *others: Records) -> Records:
        """One bundle of several. The same incident in two bundles becomes one row: the first value that is there wins.

        Two different values for the same cell are kept as a finding, never silently dropped. Equal rows of the other
        tables are kept once.
        """
        bundles = [self, *others]
        merged = {name: _concat(name, [getattr(b, name) for b in bundles]) for name in TABLES}
        incidents, notes = _one_row_each(merged["incidents"], "incident_id", "incidents")
        people, more = _one_row_each(merged["people"], "person_id", "people")
        merged |= {"incidents": incidents, "people": people}
        merged["findings"] = _concat("findings", [merged["findings"], frame_of("findings", notes + more)])
        policies: dict[str, Policy] = {}
        for bundle in bundles:
            policies |= {name: policy for name, policy in bundle.policies.items() if name not in policies}
        return Records(**merged, policies=policies)

    def save(self, folder: str | Path) -> Path:
        """Write the bundle as a folder of Parquet files with a manifest; returns the folder.

        ``items`` and ``extra`` columns are stored as JSON text. The same bundle gives the same bytes.
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        listed = {}
        for name, frame in self.tables.items():
            stored = frame.copy()
            for column in TABLES[name].columns:
                if column.kind in ("items", "extra"):
                    stored[column.name] = frame[column.name].map(_as_json).astype("str")
            path = folder / f"{name}.parquet"
            stored.to_parquet(path, index=False, compression="zstd")
            listed[name] = {"rows": len(frame), "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
        policies = {name: {"origin": policy.origin, "tables": policy.raw} for name, policy in self.policies.items()}
        manifest = {"format": FORMAT_VERSION, "tables": listed, "policies": policies}
        (folder / "manifest.json").write_text(
            json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False), encoding="utf-8"
        )
        return folder

    @classmethod
    def load(cls, folder: str | Path) -> Records:
        """Read a folder that :meth:`save` wrote.

        Raises:
            DataError: no manifest, another format version, or a file that differs from the manifest.
        """
        folder = Path(folder)
        manifest_path = folder / "manifest.json"
        if not manifest_path.is_file():
            raise DataError(f"{folder} holds no saved records: expected a manifest.json and one Parquet file per table")
        manifest = json.loads(manifest_path.read_text(encoding="utf-8"))
        if manifest.get("format") != FORMAT_VERSION:
            raise DataError(
                f"{manifest_path} has format {manifest.get('format')!r}; this version reads {FORMAT_VERSION}"
            )
        tables = {}
        for name, about in manifest["tables"].items():
            path = folder / f"{name}.parquet"
            if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != about["sha256"]:
                raise DataError(f"{path} is missing or was changed after it was saved; save the records again")
            frame = pd.read_parquet(path)
            for column in TABLES[name].columns:
                if column.kind in ("items", "extra"):
                    frame[column.name] = frame[column.name].map(json.loads).astype("object")
            tables[name] = conform(name, frame)
        policies = {name: policy_of(p["tables"], origin=p["origin"]) for name, p in manifest["policies"].items()}
        return cls(**tables, policies=policies)

    def digest(self) -> str:
        """Twelve hex digits that change when any cell changes; printed in report footers."""
        total = hashlib.sha256()
        for name, frame in self.tables.items():
            total.update(f"{name}\n".encode())
            total.update(frame.map(_as_json).to_csv(index=False).encode("utf-8", "backslashreplace"))
        return total.hexdigest()[:12]


def _as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def _concat(name: str, frames: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [frame for frame in frames if len(frame)]
    if not filled:
        return empty(name)
    if len(filled) == 1:
        return filled[0].reset_index(drop=True)
    joined = pd.concat(filled, ignore_index=True)
    if name in ("incidents", "people", "logs"):
        return conform(name, joined)
    is_repeated = joined.map(_as_json).duplicated() if name != "events" else pd.Series(False, index=joined.index)
    return conform(name, joined[~is_repeated])


def _one_row_each(frame: pd.DataFrame, key: str, table: str) -> tuple[pd.DataFrame, list[dict[str, object]]]:
    """One row per key: the first value that is there wins; a different later value becomes a finding."""
    if not frame[key].duplicated().any():
        return frame, []
    notes: list[dict[str, object]] = []
    rows = []
    for identifier, group in frame.groupby(key, sort=False):
        row = group.iloc[0].to_dict()
        for _, other in group.iloc[1:].iterrows():
            for column, value in other.items():
                mine = row[column]
                if _is_missing(value):
                    continue
                if _is_missing(mine):
                    row[column] = value
                elif isinstance(mine, dict):
                    row[column] = {**value, **mine}
                elif mine != value and column not in _MAY_DIFFER and (mine, value) not in _SAME_END:
                    notes.append(
                        finding(
                            "sources_differ",
                            "info",
                            f"{table}.{column}: {group.iloc[0]['source']} says {mine!r}, {other['source']} says {value!r}; the first is used",
                            incident_id=str(identifier) if key == "incident_id" else None,
                            table=table,
                            source=str(other["source"]),
                        )
                    )
        rows.append(row)
    return conform(
        table, pd.DataFrame(rows, columns=frame.columns).astype({c: frame[c].dtype for c in frame.columns})
    ), notes


def _is_missing(value: object) -> bool:
    if isinstance(value, (list, dict)):
        return not value
    return bool(pd.isna(value))


def data_end(records: Records) -> pd.Timestamp:
    """The last instant the data speaks of: the default of ``as_of``. Due dates are promises and do not count.

    Records without any instant give NaT.
    """
    instants = [records.events[c] for c in ("at", "recorded_at")]
    instants += [records.impacts[c] for c in ("began_at", "ended_at")]
    instants += [records.actions[c] for c in ("created_at", "done_at")]
    instants += [records.participants[c] for c in ("assumed_at", "released_at")]
    return pd.concat(instants).max()


def as_instant(as_of: str | pd.Timestamp | None, records: Records) -> pd.Timestamp:
    """``as_of`` as a UTC instant; the end of the data when it is not given.

    Raises:
        UsageError: a text that is no ISO 8601 instant, or an instant without a zone.
    """
    if as_of is None or as_of == "":
        return data_end(records)
    try:
        instant = pd.Timestamp(as_of)
    except ValueError as error:
        raise UsageError(f"as_of must be an ISO 8601 instant such as 2026-01-31T09:30:00Z, found {as_of!r}") from error
    if instant.tzinfo is None:
        raise UsageError(f"as_of must carry a time zone, such as 2026-01-31T09:30:00Z, found {as_of!r}")
    return instant.tz_convert("UTC").as_unit("us")


def load(folder: str | Path) -> Records:
    """Read a folder of saved records; see :meth:`Records.load`."""
    return Records.load(folder)
