"""Commands that make reports, or bring data to make them of."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import DataError
from ._group import say
from ._inputs import Inputs, exit_code, reading

if TYPE_CHECKING:
    from ..batch import Outcome


@click.command()
@reading
@click.option("-o", "--out", default="reports", show_default=True, metavar="DIR", help="Folder of the reports.")
@click.option(
    "--incident", "incidents", multiple=True, metavar="ID", help="Only this incident; may be given several times."
)
@click.option(
    "--as-of",
    metavar="TIME",
    help="Count open incidents up to this instant (ISO 8601 with zone); the end of the data if absent.",
)
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Reports made at once.")
@click.option(
    "--names",
    type=click.Choice(["remove", "keep"]),
    default="remove",
    show_default=True,
    help="People as roles, or by name.",
)
@click.option("--single-file", is_flag=True, help="Put the drawing library into every page.")
def report(
    inputs: Inputs,
    out: str,
    incidents: tuple[str, ...],
    as_of: str | None,
    jobs: int,
    names: Any,
    single_file: bool,
) -> None:
    """Render one report per incident, an index, a trends page and a ledger."""
    from ..batch import run_batch

    records = inputs.read()
    code = exit_code(records)
    if not len(records.incidents):
        raise DataError(
            f"no incident was found in {', '.join(inputs.sources)}; `incident-analytics check` says what was read"
        )
    ledger = run_batch(
        records,
        out,
        incidents=incidents,
        as_of=as_of,
        names=names,
        jobs=jobs,
        is_single_file=single_file,
        progress=_progress_bar if sys.stderr.isatty() else None,
    )
    for outcome in ledger.failed:
        say(f"failed: {outcome.incident_id or outcome.files or 'trends'}: {outcome.error}")
    written = sum(o.status == "written" for o in ledger.reports)
    click.echo(f"{written} of {len(ledger.reports)} reports written. Open {Path(out) / 'index.html'}")
    sys.exit(3 if ledger.failed else code)


def _progress_bar(outcomes: Iterable[Outcome], total: int) -> Iterable[Outcome]:
    from tqdm import tqdm

    return tqdm(outcomes, total=total, unit="report", file=sys.stderr)


@click.command()
@click.argument("folder", metavar="DIR")
def sample(folder: str) -> None:
    """Copy the sample data into DIR, to look at it or to change it."""
    from ..datasets import copy_sample

    copied = copy_sample(folder)
    click.echo(f"sample data copied; try: incident-analytics report {copied} -o reports")
