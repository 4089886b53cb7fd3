"""A mapping file for Jira: which of an instance's own fields says what, in TOML.

Severity, affected services and the like are custom fields of each instance. A field is named as people see it, where
the export brings the names along (``expand=names``), or by its identifier.

[jira]                                  # all optional
severity = "Severity"                   # in place of the priority
service = "customfield_10040"
affected_services = "Affected services"
is_major = "Major incident"             # kept in extra as it is
review_url = "PIR link"                 # becomes a reference
[jira.milestones]                       # clock point = their field
impact_start = "Impact start"
[jira.states]                           # our state = [their statuses]
mitigated = ["Mitigated"]
[jira.kinds]                            # our kind = [their issue types]
maintenance = ["Change"]
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import SourceError, did_you_mean
from ..schema import CLOCK_POINTS, TABLES
from ._table_mapping import STATES

_FIELDS = ("severity", "service", "affected_services", "is_major", "review_url")
_SECTIONS = ("milestones", "states", "kinds")


@dataclass(frozen=True, slots=True)
class JiraMapping:
    """A checked mapping file; see the module's docstring.

    Attributes:
        fields: their field by what it says.
        milestones: their field by clock point.
        states: our state by their status, in lower case.
        kinds: our kind by their issue type, in lower case.
    """

    fields: Mapping[str, str] = field(default_factory=dict)
    milestones: Mapping[str, str] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)


def read_jira_mapping(path: Path) -> JiraMapping:
    """Read and check a mapping file.

    Raises:
        SourceError: it cannot be read or parsed, has an unknown key (near ones are named), or a value of the wrong
            kind.
    """
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SourceError(f"mapping {path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SourceError(f"mapping {path} is not valid TOML: {error}") from error
    where = f"mapping {path}"
    _known(where, "", given, ("jira",))
    jira = _table(where, "jira", given.get("jira", {}))
    _known(where, "jira", jira, (*_FIELDS, *_SECTIONS))
    sections = {name: _table(where, f"jira.{name}", jira.get(name, {})) for name in _SECTIONS}
    _known(where, "jira.milestones", sections["milestones"], tuple(CLOCK_POINTS))
    _known(where, "jira.states", sections["states"], STATES)
    _known(where, "jira.kinds", sections["kinds"], TABLES["incidents"]["kind"].vocabulary)
    plain = {key: value for key, value in jira.items() if key in _FIELDS}
    return JiraMapping(
        fields={key: _text(where, f"jira.{key}", value) for key, value in plain.items()},
        milestones={k: _text(where, f"jira.milestones.{k}", v) for k, v in sections["milestones"].items()},
        states=_by_word(where, "jira.states", sections["states"]),
        kinds=_by_word(where, "jira.kinds", sections["kinds"]),
    )


def _known(where: str, section: str, given: Mapping[str, Any], expected: Collection[str]) -> None:
    """Refuse a key that is not expected, with near ones."""
    for key in given:
        if key not in expected:
            name = f"{section}.{key}" if section else f"[{key}]"
            near = did_you_mean(key, expected)
            raise SourceError(f"{where}: unknown key {name}; expected one of {', '.join(expected)}.{near}")


def _table(where: str, name: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SourceError(f"{where}: [{name}] must be a table, found {value!r}")
    return value


def _text(where: str, place: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise SourceError(f"{where}: {place} must name a field, found {value!r}")
    return value.strip()


def _by_word(where: str, section: str, values: Mapping[str, Any]) -> dict[str, str]:
    """Our word by theirs; a word of theirs stands for one of ours."""
    ours: dict[str, str] = {}
    for word, theirs in values.items():
        if not isinstance(theirs, list):
            raise SourceError(f"{where}: {section}.{word} must be a list of their words, found {theirs!r}")
        for their in theirs:
            folded = _text(where, f"{section}.{word}", their).lower()
            if ours.setdefault(folded, word) != word:
                raise SourceError(f"{where}: {section}: {their!r} stands for {ours[folded]} and {word}")
    return ours
