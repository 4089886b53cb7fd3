"""One collection: its files read, put together, linked, checked, and its logs read around its incidents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from ..errors import DataError, SourceError
from ..policy import Policy, default_policy
from ..records import Records
from ..schema import CLOCK_POINTS, finding
from ._checks import check, with_severity_order
from ._contract import IncidentSource
from ._discovery import TABLE_SUFFIXES, Collection, is_document
from ._frame_columns import is_among
from ._labels import severities_of_labels
from ._linking import link, spans_of
from ._log_windows import Asked, Window, Zones, read_windows, windows_asked, windows_of
from ._overrides import Overrides, clocks_of_logs, corrected, shifted
from ._registry import NotRecognisedError, incident_sources, mapped_by, recognise
from ._repeats import without_repeats
from ._unpacking import plain_name, unpacked

_POINTS = list(CLOCK_POINTS)
RESPONSE_POINTS = _POINTS[: _POINTS.index("resolved") + 1]
"""Clock points that belong to the response; a review weeks later is no reason to read weeks of logs."""

# What a file can do to a reader that did not expect it. Anything else is a mistake of ours and shows as such.
_BROKEN = (ArithmeticError, AttributeError, LookupError, OSError, RecursionError, TypeError, ValueError)
# The order in which sources are put together: what people wrote down wins over what tools say.
_FIRST = ("record", "roster")


@dataclass(frozen=True, slots=True)
class Options:
    """What the caller says about the files.

    Attributes:
        mapping: mapping file for tables that bring none of their own.
        time_zone: zone of times written without one.
        policy: policy that overrides those of the collections.
        asked: what is asked of logs.
        overrides: corrections beside those of the collections.
    """

    mapping: Path | None = None
    time_zone: str | None = None
    policy: Policy | None = None
    asked: Asked = field(default_factory=Asked)
    overrides: Overrides | None = None


@dataclass(frozen=True)
class Reading:
    """A collection as read.

    Attributes:
        records: its records, linked and checked, with its logs.
        windows: the stretches of time around its incidents.
        n_read: how many of its files gave something.
    """

    records: Records
    windows: list[Window]
    n_read: int


def read_collection(collection: Collection, options: Options) -> Reading:
    """Read one collection; in a folder a file that cannot be read becomes a finding and the rest is read.

    Raises:
        DataError: a file that was named directly cannot be read.
        UsageError: a zone that does not exist.
    """
    own = options.policy or collection.policy
    policy = own or default_policy()
    if collection.is_saved:
        return _loaded(collection, options)
    # 1. Read every file.
    notes: list[dict[str, object]] = []
    logs = list(collection.logs)
    bundles = list(_bundles(collection, options, policy, notes, logs))
    # 2. Put them together.
    bundles.sort(key=lambda pair: _FIRST.index(pair[0]) if pair[0] in _FIRST else len(_FIRST))
    records = Records().merge(*(bundle for _, bundle in without_repeats(bundles)))
    records = shifted(records, collection.overrides, options.overrides)
    # 3. Link what came without its incident, correct what a user corrects, and look the result over.
    records = severities_of_labels(link(records, spans_of(records, RESPONSE_POINTS)), policy)
    records = corrected(_named(records, collection.name, own), collection.overrides, options.overrides)
    records = with_severity_order(check(records), own).add_findings(notes)
    # 4. Read the logs around the incidents.
    spans = spans_of(records, RESPONSE_POINTS)
    spans = spans[is_among(spans.index.to_series(), records.incidents["incident_id"])]
    windows = windows_of(spans, policy, options.asked.margin)
    records, clocks = clocks_of_logs(records, collection.overrides, options.overrides)
    zones = Zones(options.time_zone, policy.time_zones, clocks)
    records = _with_logs(records, replace(collection, logs=tuple(logs)), windows, options.asked, zones)
    return Reading(records, windows, len(bundles))


def _loaded(collection: Collection, options: Options) -> Reading:
    records = Records.load(collection.root)
    if options.policy:
        names = records.incidents["collection"].dropna().unique()
        records = replace(records, policies={str(name): options.policy for name in names})
    records = shifted(records, collection.overrides, options.overrides)
    records = corrected(records, collection.overrides, options.overrides)
    spans = spans_of(records, RESPONSE_POINTS)
    return Reading(records, windows_of(spans, options.policy or default_policy(), options.asked.margin), 1)


def _bundles(
    collection: Collection,
    options: Options,
    policy: Policy,
    notes: list[dict[str, object]],
    logs: list[Path],
) -> Iterator[tuple[str, Records]]:
    """Source name and records of every file that can be read; logs go to the logs, what else there is to the notes."""
    for path in collection.unused:
        message = "this mapping names no table: expected a CSV, JSON, JSON lines or Parquet file of the same name"
        notes.append(finding("mapping_unused", "warning", message, source=collection.shown(path)))
    for path in collection.files:
        try:
            if path in collection.problems:
                raise collection.problems[path]
            name, records = _read_file(path, collection, options, policy)
        except DataError as error:
            problem = _log_problem(path, error, options.asked.formats)
            if problem is None:
                logs.append(path)
            elif collection.is_named:
                raise problem from error
            else:
                notes.append(_note(path, collection, problem))
        else:
            yield name, records


def _read_file(path: Path, collection: Collection, options: Options, policy: Policy) -> tuple[str, Records]:
    source, mapping = _source_of(path, collection, options)
    zone = options.time_zone or policy.time_zones.get(source.NAME)
    with unpacked(path) as copy:
        try:
            if mapping is not None:
                return source.NAME, mapped_by(mapping).read(copy, time_zone=zone, mapping=mapping)
            return source.NAME, source.read(copy, time_zone=zone)
        except DataError as error:
            if copy == path:
                raise
            raise SourceError(str(error).replace(str(copy), str(path))) from error
        except _BROKEN as error:
            said = f"{type(error).__name__}: {error}"
            raise SourceError(f"{path} cannot be read as {source.NAME}: {said[:300]}") from error


def _source_of(path: Path, collection: Collection, options: Options) -> tuple[IncidentSource, Path | None]:
    """The source that reads a file, and its mapping when it has one: as a table, or of a vendor's own fields."""
    mapping, given = collection.mappings.get(path), options.mapping
    mapped = mapped_by(given) if given is not None else None
    is_for_tables = mapped is incident_sources()["table"]
    if mapping is None and is_for_tables and collection.is_named:
        mapping = given
    if mapping is not None:
        return mapped_by(mapping), mapping
    try:
        source = recognise(path)
    except NotRecognisedError:
        is_table = plain_name(path.name).endswith(TABLE_SUFFIXES)
        if given is None or not is_for_tables or not is_table:
            raise
        return incident_sources()["table"], given
    return source, given if source is mapped else None


def _log_problem(path: Path, error: DataError, formats: Sequence[Path]) -> DataError | None:
    """What is wrong with a file that no incident source reads; None when it is a log, which is read afterwards."""
    if not isinstance(error, NotRecognisedError) or is_document(path):
        return error
    # The log engine brings a database along: it is asked about what nobody else knows.
    from .logs import recognise as recognise_log

    try:
        name, _ = recognise_log(path, formats=formats)
    except SourceError as problem:
        return NotRecognisedError(f"{error}. As a log: {str(problem).removeprefix(f'{path}: ')}")
    return None if name else error


def _note(path: Path, collection: Collection, error: DataError) -> dict[str, object]:
    shown = collection.shown(path)
    message = str(error).replace(str(path), shown).replace(str(collection.original(path)), shown)
    if isinstance(error, NotRecognisedError) and is_document(path):
        return finding("skipped", "info", f"{shown} is a document, not data; it was not read", source=shown)
    name = "not_recognised" if isinstance(error, NotRecognisedError) else "not_read"
    return finding(name, "error", message, source=shown)


def _named(records: Records, name: str, policy: Policy | None) -> Records:
    houses = records.incidents["organisation"].dropna().unique()
    if len(houses) == 1 and not (policy and policy.name):
        name = str(houses[0])
    incidents = records.incidents.assign(collection=pd.Series(name, index=records.incidents.index, dtype="str"))
    policies = {name: policy} if policy is not None else {}
    return replace(records.with_tables(incidents=incidents), policies=policies)


def _with_logs(records: Records, collection: Collection, windows: list[Window], asked: Asked, zones: Zones) -> Records:
    """The bundle with the entries of the collection's log files; one that cannot be read becomes a finding."""
    if not collection.logs:
        return records
    wanted = windows_asked(collection.logs, windows, asked, len(records.incidents))
    if isinstance(wanted, str):
        return records.add_findings([finding("logs_not_read", "warning", wanted, table="logs")])
    read, notes = [], []
    for path in collection.logs:
        try:
            read.append(read_windows(path, wanted, zones, asked.formats))
        except DataError as error:
            if collection.is_named:
                raise
            notes.append(_note(path, collection, error))
    return Records().merge(records, *read).add_findings(notes)
