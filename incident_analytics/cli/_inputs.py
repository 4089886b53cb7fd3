"""What a command reads: the options that all commands share, and what is said of the data."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from ._group import say

if TYPE_CHECKING:
    from ..records import Records

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a command reads: the options that all commands share."""

    sources: tuple[str, ...]
    logs: tuple[str, ...]
    mapping: str | None
    policy_file: str | None
    time_zone: str | None
    start: str | None
    end: str | None
    margin: str | None
    overrides: str | None
    log_formats: tuple[str, ...]

    def read(self) -> Records:
        """The records."""
        from ..policy import read_policy
        from ..sources import read

        return read(
            *self.sources,
            logs=self.logs or None,
            mapping=self.mapping,
            policy=read_policy(self.policy_file) if self.policy_file else None,
            time_zone=self.time_zone,
            start=self.start,
            end=self.end,
            margin=self.margin,
            overrides=self.overrides,
            log_formats=self.log_formats,
        )


_SHARED = (
    click.argument("sources", nargs=-1, required=True, metavar="SOURCE..."),
    click.option("--logs", multiple=True, metavar="PATH", help="Log file or folder; may be given several times."),
    click.option("--mapping", metavar="FILE", help="TOML mapping for a CSV, JSON or Parquet table."),
    click.option("--policy", "policy_file", metavar="FILE", help="policy.toml to use for all incidents."),
    click.option(
        "--time-zone", metavar="ZONE", help="Zone of times that are written without one, such as Europe/Berlin."
    ),
    click.option(
        "--from",
        "start",
        metavar="TIME",
        help="Read logs from this instant on (ISO 8601 with zone), not around incidents.",
    ),
    click.option("--to", "end", metavar="TIME", help="Read logs up to this instant."),
    click.option("--margin", metavar="SPAN", help="How far around an incident logs are read, such as '90 min'."),
    click.option(
        "--log-formats",
        multiple=True,
        metavar="FILE",
        help="TOML file with log formats of your own; may be given several times.",
    ),
    click.option(
        "--overrides", metavar="FILE", help="overrides.toml with corrections, beside those that the data brings."
    ),
)


def reading(function: F) -> F:
    """Give a command the options that all commands share, bundled as its argument ``inputs``."""

    @functools.wraps(function)
    def command(**given: Any) -> Any:
        inputs = Inputs(**{name: given.pop(name) for name in Inputs.__dataclass_fields__})
        return function(inputs=inputs, **given)

    for decorate in reversed(_SHARED):
        command = decorate(command)
    return cast("F", command)


def exit_code(records: Records) -> int:
    """Exit code for what was read: 3 when something of the data was rejected, else 0. Says so on stderr."""
    errors = records.findings[records.findings["severity"] == "error"]
    for message in errors["message"].head(5):
        say(f"data error: {message}")
    if len(errors) > 5:
        say(f"data error: {len(errors) - 5} more; see `incident-analytics check`")
    is_lost = errors["check"].isin(["row_rejected", "not_recognised", "unreadable_file"])
    return 3 if is_lost.any() else 0
