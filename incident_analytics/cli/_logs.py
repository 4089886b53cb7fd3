"""The command that counts logs of any size."""

from __future__ import annotations

import sys

import click

from ._group import say
from ._printing import in_seconds, write_table


@click.command("logs")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--from", "start", metavar="TIME", help="From this instant on (ISO 8601 with zone).")
@click.option("--to", "end", metavar="TIME", help="Up to this instant.")
@click.option("--time-zone", metavar="ZONE", help="Zone of times that are written without one.")
@click.option("--encoding", metavar="NAME", help="What the files are in, such as cp1252, where it is not UTF-8.")
@click.option(
    "--log-formats",
    multiple=True,
    metavar="FILE",
    help="TOML file with log formats of your own; may be given several times.",
)
@click.option(
    "--executor", metavar="ADDRESS", help="Count on a Dask cluster, dask://HOST:PORT, which finds the files there too."
)
@click.option("--format", "form", type=click.Choice(["csv", "json", "parquet"]), default="csv", show_default=True)
@click.option("-o", "--out", metavar="FILE", help="File to write; stdout if absent (required for parquet).")
def logs_command(
    paths: tuple[str, ...],
    start: str | None,
    end: str | None,
    time_zone: str | None,
    encoding: str | None,
    log_formats: tuple[str, ...],
    executor: str | None,
    form: str,
    out: str | None,
) -> None:
    """Count log entries per file, minute, service, level and template, however large the files are."""
    from ..sources import count_logs

    found = count_logs(
        *paths,
        executor=executor,
        start=start,
        end=end,
        time_zone=time_zone,
        formats=log_formats or None,
        encoding=encoding,
    )
    write_table(in_seconds(found.counts), form, out)
    for row in found.files.to_dict("records"):
        counted = ", ".join(
            f"{n:,} {name.replace('_', ' ')}" for name, n in row.items() if name not in ("file", "format")
        )
        say(f"{row['file']}: {row['format'] or 'empty'}: {counted}")
    for message in found.findings.loc[found.findings["check"] != "row_rejected", "message"]:
        say(f"note: {message}")
    sys.exit(3 if found.files["rejected"].any() else 0)
