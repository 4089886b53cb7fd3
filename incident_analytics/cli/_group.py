"""The command itself, which turns our errors into one message and the right exit code."""

from __future__ import annotations

from typing import Any

import click

from .. import __version__
from ..errors import DataError, IncidentAnalyticsError, UsageError


class _Group(click.Group):
    """Turns our errors into one message and the right exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except UsageError as error:
            say(f"error: {error}")
            ctx.exit(2)
        except DataError as error:
            say(f"error: {error}")
            ctx.exit(3)
        except IncidentAnalyticsError as error:
            say(f"error: {error}")
            ctx.exit(1)


def say(text: str) -> None:
    printable = "".join(c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text)
    click.echo(printable, err=True)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="incident-analytics")
def main() -> None:
    """Post-incident analytics: read incident records and logs, measure them, render review reports."""
