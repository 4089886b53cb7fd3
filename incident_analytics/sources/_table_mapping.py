"""A mapping file: which column of somebody's table is which column of ours, in TOML.

[source]                          # all optional
format = "jsonl"                  # csv, json, jsonl, parquet; else the file's ending says
records = "data.incidents"        # JSON: where the list is
delimiter = ";"                   # CSV
time_zone = "Europe/Berlin"       # zone of times without one
time_format = "%d-%m-%Y %H:%M"    # one or several; or "epoch s", "epoch ms"; else ISO 8601
organisation = "Example Ltd"      # the same for every row; so is visibility
[incidents]                       # our column = "their column"; dots lead into nested JSON
incident_id = "id"
[milestones]                      # clock point = "their column"
resolved = "resolved_at"
[severity]                        # their column; our word = [their words], if they differ
column = "impact"
[kind]                            # our word = [their words]; [status] and [end_state] likewise
column = "impact"
default = "incident"
maintenance = ["maintenance"]
[updates]                         # a column that holds a list of messages; keys of one entry
column = "updates"
at = "at"
text = "message"
status = "status"
audience = "public"               # the same for every entry; so is channel
[updates.words]                   # their word = our state, where it is one
Resolved = "resolved"
[events]                          # any other list: kind, audience, channel for all; the rest are keys
column = "log"
kind = "note"
text = "body"
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import SourceError, UsageError, did_you_mean
from ..schema import CLOCK_POINTS, TABLES
from ._instants import format_fault, zone_named

FORMATS = ("csv", "json", "jsonl", "parquet")
EPOCHS = {"epoch s": "s", "epoch ms": "ms"}
STATES = (
    "triggered",
    "acknowledged",
    "unacknowledged",
    "declared",
    "identified",
    "mitigated",
    "monitoring",
    "resolved",
    "reopened",
    "closed",
    "cancelled",
)
_SOURCE = ("format", "records", "delimiter", "time_zone", "time_format", "organisation", "visibility")
_TEXT_LISTS = ("time_format",)
_WORDS = ("kind", "status", "end_state")
_ENTRY_KEYS = {
    "updates": ("at", "text", "status", "actor_id", "source_ref"),
    "events": ("at", "text", "field", "old", "new", "reason", "actor_id", "role", "service", "source_ref"),
}
_ENTRY_CONSTANTS = {"updates": ("audience", "channel"), "events": ("kind", "audience", "channel")}
_SECTIONS = ("source", "incidents", "milestones", "severity", *_WORDS, "updates", "events")
# These are ours to say, not the table's.
_OWN = ("source", "extra", "collection")


@dataclass(frozen=True, slots=True)
class Words:
    """A column whose words are translated.

    Attributes:
        column: their column.
        ours: our word by theirs, in lower case.
        default: our word for all others; None keeps theirs.
    """

    column: str
    ours: Mapping[str, str] = field(default_factory=dict)
    default: str | None = None

    def lists(self, word: str) -> bool:
        """Whether the mapping names this word of theirs."""
        return word.strip().lower() in self.ours

    def translated(self, word: str) -> str:
        """Our word for theirs; theirs where the mapping knows none."""
        return self.ours.get(word.strip().lower(), self.default or word)


@dataclass(frozen=True, slots=True)
class Listed:
    """A column that holds a list of entries per row.

    Attributes:
        column: their column.
        keys: their key by our column of ``events``.
        constants: value by our column, the same for every entry.
        words: our state by their word.
    """

    column: str
    keys: Mapping[str, str]
    constants: Mapping[str, str]
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TableMapping:
    """A checked mapping file; see the module's docstring.

    Attributes:
        origin: name of the file, for messages.
        source: the section as written.
        incidents: their column by ours.
        milestones: their column by clock point.
        severity, words, updates, events: sections, where given.
    """

    origin: str
    source: Mapping[str, Any]
    incidents: Mapping[str, str]
    milestones: Mapping[str, str]
    severity: Words | None
    words: Mapping[str, Words]
    updates: Listed | None
    events: Listed | None

    @property
    def time_formats(self) -> list[str]:
        """Formats of times; empty for ISO 8601."""
        given = self.source.get("time_format", [])
        return [given] if isinstance(given, str) else list(given)

    @property
    def columns(self) -> dict[str, str]:
        """Every column of theirs that is named, by the key that names it."""
        named = {f"incidents.{ours}": theirs for ours, theirs in self.incidents.items()}
        named |= {f"milestones.{point}": theirs for point, theirs in self.milestones.items()}
        named |= {f"{section}.column": words.column for section, words in self.words.items()}
        if self.severity:
            named["severity.column"] = self.severity.column
        for section, listed in (("updates", self.updates), ("events", self.events)):
            if listed:
                named[f"{section}.column"] = listed.column
        return named


def read_mapping(path: Path) -> TableMapping:
    """Read and check a mapping file.

    Raises:
        SourceError: it cannot be read or parsed, has an unknown key (near ones are named), a value of the wrong
            kind, or names no column for ``incident_id``.
    """
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SourceError(f"mapping {path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SourceError(f"mapping {path} is not valid TOML: {error}") from error
    return _Checking(f"mapping {path}").mapping_of(given, path.name)


@dataclass(frozen=True, slots=True)
class _Checking:
    """The checks of one mapping file, each of which says where it stands."""

    where: str

    def mapping_of(self, given: Mapping[str, Any], origin: str) -> TableMapping:
        """The mapping, checked section by section."""
        self.known("", given, _SECTIONS)
        for section, values in given.items():
            if not isinstance(values, dict):
                raise SourceError(f"{self.where}: [{section}] must be a table, found {values!r}")
        own = TABLES["incidents"].column_names
        incidents = self.texts("incidents", given, [c for c in own if c not in _OWN])
        if "incident_id" not in incidents:
            raise SourceError(f"{self.where}: incidents.incident_id is missing; expected the column of identifiers")
        words = {s: self.words(s, given[s], TABLES["incidents"][s].vocabulary) for s in _WORDS if s in given}
        for section in words:
            if section in incidents:
                raise SourceError(f"{self.where}: incidents.{section} and [{section}] both say it; expected one")
        return TableMapping(
            origin=origin,
            source=self.source(given.get("source", {})),
            incidents=incidents,
            milestones=self.texts("milestones", given, list(CLOCK_POINTS)),
            severity=self.words("severity", given["severity"], None) if "severity" in given else None,
            words=words,
            updates=self.listed("updates", given),
            events=self.listed("events", given),
        )

    def known(self, section: str, given: Iterable[str], expected: Collection[str]) -> None:
        """Refuse a key that is not expected, with near ones."""
        for key in given:
            if key not in expected:
                name = f"{section}.{key}" if section else f"[{key}]"
                near = did_you_mean(key, expected)
                raise SourceError(f"{self.where}: unknown key {name}; expected one of {', '.join(expected)}.{near}")

    def text(self, place: str, value: object) -> str:
        """A value that must be a text."""
        if not isinstance(value, str):
            raise SourceError(f"{self.where}: {place} must be a text, found {value!r}")
        return value

    def texts(self, section: str, given: Mapping[str, Any], expected: Collection[str]) -> dict[str, str]:
        """A section of texts under expected keys."""
        values = given.get(section, {})
        self.known(section, values, expected)
        return {key: self.text(f"{section}.{key}", value) for key, value in values.items()}

    def source(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """The section ``[source]``."""
        self.known("source", values, _SOURCE)
        for key, value in values.items():
            for item in value if key in _TEXT_LISTS and isinstance(value, list) else [value]:
                self.text(f"source.{key}", item)
        if values.get("format", FORMATS[0]) not in FORMATS:
            raise SourceError(
                f"{self.where}: source.format is {values['format']!r}; expected one of {', '.join(FORMATS)}"
            )
        if len(values.get("delimiter", ",")) != 1:
            raise SourceError(f"{self.where}: source.delimiter must be one character, found {values['delimiter']!r}")
        self.times(values)
        return values

    def times(self, values: Mapping[str, Any]) -> None:
        """The zone exists, and the formats leave nothing to guess."""
        given = values.get("time_format", [])
        formats = [given] if isinstance(given, str) else given
        if len(formats) > 1 and set(formats) & set(EPOCHS):
            raise SourceError(f"{self.where}: source.time_format has {formats}; an epoch stands alone")
        for spelling in formats:
            fault = "" if spelling in EPOCHS else format_fault(spelling)
            if fault:
                raise SourceError(f"{self.where}: source.time_format {spelling!r} leaves the instant open: {fault}")
        if "time_zone" in values:
            try:
                zone_named(values["time_zone"])
            except UsageError as error:
                raise SourceError(f"{self.where}: source.time_zone: {error}") from error

    def words(self, section: str, values: Mapping[str, Any], vocabulary: tuple[str, ...] | None) -> Words:
        """A column with lists of their words under ours; without a vocabulary, any word may be ours."""
        if vocabulary is not None:
            self.known(section, values, ("column", "default", *vocabulary))
        if "column" not in values:
            raise SourceError(f"{self.where}: {section}.column is missing; expected the name of their column")
        default = values.get("default")
        if default is not None and vocabulary is not None and default not in vocabulary:
            near = did_you_mean(str(default), vocabulary)
            raise SourceError(
                f"{self.where}: {section}.default is {default!r}; expected one of {', '.join(vocabulary)}.{near}"
            )
        ours: dict[str, str] = {}
        for word, theirs in values.items():
            if word in ("column", "default"):
                continue
            if not isinstance(theirs, list):
                raise SourceError(f"{self.where}: {section}.{word} must be a list of their words, found {theirs!r}")
            for their in theirs:
                folded = self.text(f"{section}.{word}", their).strip().lower()
                if ours.setdefault(folded, word) != word:
                    raise SourceError(f"{self.where}: {section}: {their!r} stands for {ours[folded]} and {word}")
        column = self.text(f"{section}.column", values["column"])
        return Words(column, ours, None if default is None else self.text(f"{section}.default", default))

    def listed(self, section: str, given: Mapping[str, Any]) -> Listed | None:
        """A section about a column that holds lists."""
        if section not in given:
            return None
        values = dict(given[section])
        words = values.pop("words", {}) if section == "updates" else {}
        keys, constants = _ENTRY_KEYS[section], _ENTRY_CONSTANTS[section]
        texts = self.texts(section, {section: values}, ("column", *keys, *constants))
        if "column" not in texts:
            raise SourceError(f"{self.where}: {section}.column is missing; expected the name of their list column")
        for key in ("kind", "audience"):
            expected = TABLES["events"][key].vocabulary
            if texts.get(key, expected[0]) not in expected:
                near = did_you_mean(texts[key], expected)
                raise SourceError(
                    f"{self.where}: {section}.{key} is {texts[key]!r}; expected one of {', '.join(expected)}.{near}"
                )
        for word, state in self.texts("updates.words", {"updates.words": words}, words).items():
            if state not in STATES:
                near = did_you_mean(state, STATES)
                raise SourceError(
                    f"{self.where}: updates.words.{word} is {state!r}; expected one of {', '.join(STATES)}.{near}"
                )
        folded = {word.strip().lower(): state for word, state in words.items()}
        return Listed(
            texts["column"],
            {key: texts[key] for key in keys if key in texts},
            {key: texts[key] for key in constants if key in texts},
            folded,
        )
