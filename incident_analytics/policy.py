"""The policy: what this organisation promised itself, as a file. Nothing of it is hard-coded.

``policy.toml`` overlays the shipped default (``default_policy.toml``) key by key. An unknown key, a value of the
wrong kind or a severity that is not in the order is an error that names the place.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd

from .errors import PolicyError, did_you_mean

AUDIENCES = ("internal", "stakeholders", "public")

_SECTIONS: dict[str, dict[str, type | tuple[type, ...]]] = {
    "organisation": {"name": str},
    "severity": {"order": list, "aliases": dict},
    "cadence": {},
    "targets": {},
    "hours": {"working": list, "sleeping": list, "time_zone": str, "weekend": list, "holidays": list},
    "timeline": {"silence": str, "margin_before": str, "margin_after": str, "explained_within": str},
    "review": {"due": dict, "follow_up": str},
    "actions": {"budget": int, "due": dict},
    "time_zones": {},
}
_PER_SEVERITY = {"cadence": AUDIENCES, "targets": ("acknowledge",)}


@dataclass(frozen=True, slots=True)
class Policy:
    """A checked policy.

    Attributes:
        name: the organisation's name; may be empty.
        severity_order: levels, the most severe first.
        aliases: other words (lower case) to their level.
        cadence: longest time between updates by (severity, audience).
        acknowledge_targets: by severity.
        silence: stretches without an entry longer than this are marked.
        margin_before, margin_after: how far around an incident logs are read.
        explained_within: a severity change with a message this close counts as explained.
        review_due: days until the review by severity.
        follow_up: by when a follow-up should have happened.
        action_budget: number of action items per review that is still reasonable.
        action_due: due time by priority.
        hours: working and sleeping hours, zone, weekend, holidays, as written.
        time_zones: zone of sources that write times without one.
        origin: the file it was read from; empty for the shipped default.
        raw: the merged tables, for saving.
    """

    name: str
    severity_order: tuple[str, ...]
    aliases: Mapping[str, str]
    cadence: Mapping[tuple[str, str], pd.Timedelta]
    acknowledge_targets: Mapping[str, pd.Timedelta]
    silence: pd.Timedelta
    margin_before: pd.Timedelta
    margin_after: pd.Timedelta
    explained_within: pd.Timedelta
    review_due: Mapping[str, pd.Timedelta]
    follow_up: pd.Timedelta
    action_budget: int
    action_due: Mapping[str, pd.Timedelta]
    hours: Mapping[str, Any]
    time_zones: Mapping[str, str]
    origin: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_default(self) -> bool:
        """The shipped default is in force, not a file of the organisation."""
        return self.origin == ""

    def level(self, word: str | None) -> str | None:
        """The level of the order that a word stands for; None when the policy does not know the word."""
        if not isinstance(word, str):
            return None
        folded = word.strip().lower()
        return next((s for s in self.severity_order if s.lower() == folded), self.aliases.get(folded))

    def rank(self, word: str | None) -> int | None:
        """1 for the most severe level, counting up; None when the policy does not know the word."""
        level = self.level(word)
        return None if level is None else self.severity_order.index(level) + 1


@functools.cache
def default_policy() -> Policy:
    """The shipped default."""
    return _checked(_default_tables(), origin="")


def read_policy(path: str | Path) -> Policy:
    """Read a policy file; what it leaves out comes from the shipped default.

    Raises:
        PolicyError: the file cannot be read or parsed, has an unknown key (near ones are named) or a bad value.
    """
    path = Path(path)
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PolicyError(f"policy file {path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyError(f"policy file {path} is not valid TOML: {error}") from error
    return policy_of(given, origin=str(path))


def policy_of(given: Mapping[str, Any], *, origin: str = "") -> Policy:
    """A policy out of already parsed tables, laid over the shipped default."""
    where = f"policy file {origin}" if origin else "policy"
    _check_keys(given, where)
    return _checked(_overlay(_default_tables(), given), origin=origin)


@functools.cache
def _default_text() -> str:
    return resources.files("incident_analytics").joinpath("default_policy.toml").read_text(encoding="utf-8")


def _default_tables() -> dict[str, Any]:
    return tomllib.loads(_default_text())


def _overlay(base: dict[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """``given`` over ``base``; tables are merged, but a new severity order drops the default's per-level tables."""
    merged = dict(base)
    if "order" in given.get("severity", {}):
        merged |= {
            "cadence": {},
            "targets": {},
            "severity": {"aliases": {}},
            "review": dict(base["review"]) | {"due": {}},
        }
    for section, values in given.items():
        merged[section] = {**merged.get(section, {}), **values}
    return merged


def _check_keys(given: Mapping[str, Any], where: str) -> None:
    for section, values in given.items():
        if section not in _SECTIONS:
            raise PolicyError(
                f"{where}: unknown section [{section}]; expected one of {', '.join(_SECTIONS)}.{did_you_mean(section, _SECTIONS)}"
            )
        if not isinstance(values, Mapping):
            raise PolicyError(f"{where}: [{section}] must be a table, found {values!r}")
        known = _SECTIONS[section]
        for key, value in values.items():
            if section in _PER_SEVERITY:
                _check_per_severity(section, key, value, where)
            elif section == "time_zones":
                if not isinstance(value, str):
                    raise PolicyError(f"{where}: time_zones.{key} must be the name of a zone, found {value!r}")
            elif key not in known:
                raise PolicyError(
                    f"{where}: unknown key {section}.{key}; expected one of {', '.join(known)}.{did_you_mean(key, known)}"
                )
            elif not isinstance(value, known[key]):
                raise PolicyError(f"{where}: {section}.{key} must be a {_name_of(known[key])}, found {value!r}")


def _check_per_severity(section: str, key: str, value: object, where: str) -> None:
    known = _PER_SEVERITY[section]
    if not isinstance(value, Mapping):
        raise PolicyError(f"{where}: [{section}.{key}] must be a table of {', '.join(known)}, found {value!r}")
    for inner in value:
        if inner not in known:
            raise PolicyError(
                f"{where}: unknown key {section}.{key}.{inner}; expected one of {', '.join(known)}.{did_you_mean(inner, known)}"
            )


def _name_of(kind: type | tuple[type, ...]) -> str:
    kinds = kind if isinstance(kind, tuple) else (kind,)
    return " or ".join(
        {str: "text", list: "list", dict: "table", int: "whole number"}.get(k, k.__name__) for k in kinds
    )


def _checked(tables: Mapping[str, Any], *, origin: str) -> Policy:
    where = f"policy file {origin}" if origin else "policy"
    order = tuple(str(level) for level in tables["severity"].get("order", ()))
    if not order or len(set(order)) != len(order):
        raise PolicyError(f"{where}: severity.order must list every level once, found {list(order)}")

    def known(level: str, place: str) -> str:
        if level not in order:
            raise PolicyError(
                f"{where}: {place} names severity {level!r}, which is not in severity.order {list(order)}.{did_you_mean(level, order)}"
            )
        return level

    def span(value: object, place: str) -> pd.Timedelta:
        try:
            if not isinstance(value, str):
                raise TypeError
            return pd.Timedelta(re.sub(r"(?<=[\d\s])d\b", "days", value)).as_unit("us")
        except (ValueError, TypeError) as error:
            raise PolicyError(f"{where}: {place} must be a time such as '30 min', found {value!r}") from error

    aliases: dict[str, str] = {}
    for level, words in tables["severity"].get("aliases", {}).items():
        known(level, f"severity.aliases.{level}")
        for word in words:
            if aliases.setdefault(str(word).strip().lower(), level) != level:
                raise PolicyError(
                    f"{where}: the word {word!r} stands for two levels, {aliases[str(word).strip().lower()]} and {level}"
                )
    return Policy(
        name=tables["organisation"]["name"],
        severity_order=order,
        aliases=aliases,
        cadence={
            (known(level, f"cadence.{level}"), audience): span(value, f"cadence.{level}.{audience}")
            for level, values in tables["cadence"].items()
            for audience, value in values.items()
        },
        acknowledge_targets={
            known(level, f"targets.{level}"): span(values["acknowledge"], f"targets.{level}.acknowledge")
            for level, values in tables["targets"].items()
            if "acknowledge" in values
        },
        silence=span(tables["timeline"]["silence"], "timeline.silence"),
        margin_before=span(tables["timeline"]["margin_before"], "timeline.margin_before"),
        margin_after=span(tables["timeline"]["margin_after"], "timeline.margin_after"),
        explained_within=span(tables["timeline"]["explained_within"], "timeline.explained_within"),
        review_due={
            known(k, f"review.due.{k}"): span(v, f"review.due.{k}") for k, v in tables["review"]["due"].items()
        },
        follow_up=span(tables["review"]["follow_up"], "review.follow_up"),
        action_budget=int(tables["actions"]["budget"]),
        action_due={k: span(v, f"actions.due.{k}") for k, v in tables["actions"]["due"].items()},
        hours=tables["hours"],
        time_zones=tables.get("time_zones", {}),
        origin=origin,
        raw=tables,
    )
