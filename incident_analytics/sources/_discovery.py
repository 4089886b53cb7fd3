"""From paths to collections: which files belong together, which policy holds for them, and where their logs are.

- A folder without files of its own (a readme does not count) is a set of collections, one per sub-folder.
- A folder with files, or with a folder ``logs``, is one collection; it is read with all its sub-folders.
- Files named one by one are one collection together.

A zip archive is a folder like any other. In a collection, ``policy.toml`` is its policy, ``overrides.toml`` are its
corrections, ``x.mapping.toml`` maps the table ``x.csv`` beside it, what lies in a folder named ``logs`` are its logs, and
everything else goes to the source that recognises it, or to a log format where no source does. Names that begin with a
dot are left alone.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..errors import SourceError, UsageError, did_you_mean
from ..policy import Policy, read_policy
from ._overrides import Overrides, read_overrides
from ._unpacking import Archives, is_zip, plain_name

LOGS = "logs"
POLICY = "policy.toml"
OVERRIDES = "overrides.toml"
MAPPING_SUFFIX = ".mapping.toml"
TABLE_SUFFIXES = (".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet")
_DOCUMENTS = re.compile(
    r"(?:readme|licen[cs]e|copying|notice|changelog|authors).*|.*\.(?:md|markdown|rst)|.*licen[cs]e.*\.txt",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Collection:
    """A data set: files that are read together and never pooled with others in statistics.

    Attributes:
        name: the organisation's name out of the policy, else the folder's.
        root: the folder; messages name files from here on.
        files: files for the incident sources, in the order of their paths.
        mappings: mapping file by table file.
        unused: mapping files beside no table.
        logs: log files.
        problems: archives that could not be opened, and why.
        archives: what was unpacked.
        policy: the collection's own policy, if it brought one.
        overrides: the corrections that it brought.
        is_named: its files were named one by one, so a file that cannot be read is an error.
        is_saved: the folder holds saved records and is loaded as it is.
    """

    name: str
    root: Path
    files: tuple[Path, ...] = ()
    mappings: dict[Path, Path] = field(default_factory=dict)
    unused: tuple[Path, ...] = ()
    logs: tuple[Path, ...] = ()
    problems: dict[Path, SourceError] = field(default_factory=dict)
    archives: Archives | None = None
    policy: Policy | None = None
    overrides: Overrides | None = None
    is_named: bool = False
    is_saved: bool = False

    def shown(self, path: Path) -> str:
        """The path as a finding names it: from the collection's folder on, the same on every machine."""
        place, root = self.original(path), self.original(self.root)
        return place.relative_to(root).as_posix() if place.is_relative_to(root) else path.name

    def original(self, path: Path) -> Path:
        """Where a file is for the user, who knows nothing of where an archive was unpacked."""
        return self.archives.original(path) if self.archives else path


def discover(paths: Iterable[str | Path], archives: Archives) -> list[Collection]:
    """The collections that paths stand for, in the order given; names are unique.

    Args:
        paths: files and folders.
        archives: unpacks the zip archives among them.

    Raises:
        UsageError: no path is given, or one does not exist; near names are given.
        SourceError: a folder holds no file, or an archive that was named cannot be opened.
        PolicyError: a collection's policy cannot be used.
    """
    given = [Path(path) for path in paths]
    if not given:
        raise UsageError("nothing to read: expected at least one file or folder")
    found: list[Collection] = []
    named: list[Path] = []
    for path in given:
        if path.is_dir() or is_zip(path):
            found.extend(_collections_in(path if path.is_dir() else archives.folder_of(path), archives))
        elif path.is_file():
            named.append(path)
        else:
            raise UsageError(_absent(path))
    if named:
        found.append(_named(list(dict.fromkeys(named))))
    return _uniquely_named(found)


def is_document(path: Path) -> bool:
    """The file tells people about the data (a readme, a licence) and is no data itself."""
    return _DOCUMENTS.fullmatch(path.name) is not None


def _is_review(path: Path) -> bool:
    """A document that is data all the same: some source reads it, as it does a review written in Markdown."""
    if path.suffix.lower() not in (".md", ".markdown"):
        return False
    from ._registry import recognise

    try:
        recognise(path)
    except SourceError:
        return False
    return True


def _collections_in(folder: Path, archives: Archives) -> list[Collection]:
    entries, shown = _visible(folder), archives.original(folder)
    if not entries:
        raise SourceError(f"{shown} is empty; expected exports, records or a folder per collection")
    folders = [entry for entry in entries if entry.is_dir()]
    documents = tuple(entry for entry in entries if entry.is_file() and is_document(entry) and not _is_review(entry))
    is_set = len(folders) + len(documents) == len(entries) and all(entry.name != LOGS for entry in folders)
    roots = folders if is_set and folders else [folder]
    found = [_collection(root, archives) for root in roots]
    filled = [collection for collection in found if collection.files or collection.logs or collection.is_saved]
    if not filled:
        raise SourceError(f"{shown} holds no file to read; expected exports, records or logs")
    if is_set and folders:
        # What tells about the whole set is said to be skipped with the first of it.
        filled[0] = replace(filled[0], files=(*documents, *filled[0].files))
    return filled


def _collection(folder: Path, archives: Archives) -> Collection:
    name = folder.resolve().name
    overrides = read_overrides(folder / OVERRIDES) if (folder / OVERRIDES).is_file() else None
    if (folder / "manifest.json").is_file() and (folder / "incidents.parquet").is_file():
        return Collection(name, folder, archives=archives, overrides=overrides, is_saved=True)
    policy = read_policy(folder / POLICY) if (folder / POLICY).is_file() else None
    files: list[Path] = []
    logs: list[Path] = []
    problems: dict[Path, SourceError] = {}
    for path in _files_below(folder, archives, problems):
        place = archives.original(path).relative_to(archives.original(folder))
        is_log = LOGS in place.parts[:-1] and not is_document(path)
        if path not in (folder / POLICY, folder / OVERRIDES):
            (logs if is_log else files).append(path)
    mappings, unused = _mappings(files)
    rest = [path for path in files if not path.name.endswith(MAPPING_SUFFIX)]
    name = policy.name if policy is not None and policy.name else name
    return Collection(name, folder, tuple(rest), mappings, unused, tuple(logs), problems, archives, policy, overrides)


def _named(paths: list[Path]) -> Collection:
    """Files named one by one; the name is that of the folder they share."""
    parents = {str(path.resolve().parent) for path in paths}
    root = Path(os.path.commonpath(parents))
    overrides = next((read_overrides(path) for path in paths if path.name == OVERRIDES), None)
    paths = [path for path in paths if path.name != OVERRIDES]
    beside = [path.with_name(stem + MAPPING_SUFFIX) for path in paths for stem in _stems(path)]
    mappings, unused = _mappings([*paths, *(path for path in beside if path.is_file() and path not in paths)])
    files = tuple(path for path in paths if not path.name.endswith(MAPPING_SUFFIX))
    if unused:
        raise UsageError(f"{unused[0]} maps a table of its own name, and none is named; pass it as the mapping")
    return Collection(root.name or "files", root, files, mappings, overrides=overrides, is_named=True)


def _mappings(files: Iterable[Path]) -> tuple[dict[Path, Path], tuple[Path, ...]]:
    """Mapping file by table file, and the mapping files that have no table beside them."""
    listed = list(files)
    by_place = {path: path for path in listed if path.name.endswith(MAPPING_SUFFIX)}
    mappings = {}
    for path in listed:
        for stem in _stems(path):
            mapping = by_place.get(path.with_name(stem + MAPPING_SUFFIX))
            if mapping is not None:
                mappings[path] = mapping
    used = set(mappings.values())
    return mappings, tuple(path for path in by_place if path not in used)


def _stems(path: Path) -> list[str]:
    """The names a mapping of this table may begin with: the name without its ending, if it is a table's."""
    name = plain_name(path.name)
    return [name.removesuffix(suffix) for suffix in TABLE_SUFFIXES if name.endswith(suffix)]


def _visible(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise SourceError(f"folder {folder} cannot be opened: {error.strerror}") from error


def _files_below(folder: Path, archives: Archives, problems: dict[Path, SourceError]) -> list[Path]:
    """All regular files, sorted by path, those of archives at their archive's place.

    Links to folders are not followed, so nothing is met twice. An archive that cannot be opened is a file with a
    problem.
    """
    found: list[Path] = []
    for entry in _visible(folder):
        if entry.is_dir():
            found.extend([] if entry.is_symlink() else _files_below(entry, archives, problems))
        elif entry.is_file() and is_zip(entry):
            try:
                found.extend(_files_below(archives.folder_of(entry), archives, problems))
            except SourceError as error:
                problems[entry] = error
                found.append(entry)
        elif entry.is_file():
            found.append(entry)
    return found


def _absent(path: Path) -> str:
    beside = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
    return f"there is no file or folder {path}.{did_you_mean(path.name, beside)}"


def _uniquely_named(collections: list[Collection]) -> list[Collection]:
    """Collections of the same name are counted: ``export``, ``export 2``."""
    seen: dict[str, int] = {}
    unique = []
    for collection in collections:
        seen[collection.name] = seen.get(collection.name, 0) + 1
        nth = seen[collection.name]
        unique.append(collection if nth == 1 else replace(collection, name=f"{collection.name} {nth}"))
    return unique
