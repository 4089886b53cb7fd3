"""Commands that read records and give them out: saved, measured, or what is to be said of their quality."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .. import __version__
from ..errors import LeakError
from ._inputs import Inputs, exit_code, reading
from ._printing import in_seconds, write_table

if TYPE_CHECKING:
    from ..records import Records


@click.command("read")
@reading
@click.option("-o", "--out", required=True, metavar="DIR", help="Folder for the records.")
def read_command(
    inputs: Inputs,
    out: str,
) -> None:
    """Read sources and save them as records: a folder of Parquet tables with a manifest."""
    records = inputs.read()
    code = exit_code(records)
    records.save(out)
    for name, frame in records.tables.items():
        click.echo(f"{name:<14}{len(frame):>9,} rows")
    sys.exit(code)


@click.command()
@reading
@click.option("--format", "form", type=click.Choice(["csv", "json", "parquet"]), default="csv", show_default=True)
@click.option("-o", "--out", metavar="FILE", help="File to write; stdout if absent (required for parquet).")
@click.option("--as-of", metavar="TIME", help="Count open incidents up to this instant.")
@click.option("--long", "is_long", is_flag=True, help="One row per incident and metric, with bounds and reasons.")
def metrics(
    inputs: Inputs,
    form: str,
    out: str | None,
    as_of: str | None,
    is_long: bool,
) -> None:
    """Print one row per incident, one column per metric; durations in seconds."""
    from ..review import build_measurements, measure

    records = inputs.read()
    frame = build_measurements(records, as_of=as_of) if is_long else measure(records, as_of=as_of).reset_index()
    write_table(in_seconds(frame), form, out)
    sys.exit(exit_code(records))


def _list_checks(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    """Print all checks and stop."""
    if not value or ctx.resilient_parsing:
        return
    from ..sources import checks

    for row in checks().itertuples():
        click.echo(f"{row.severity:<9}{row.check:<28}{row.meaning}\n{'':<37}{row.done}")
    ctx.exit()


@click.command()
@reading
@click.option("--format", "form", type=click.Choice(["text", "json", "html"]), default="text", show_default=True)
@click.option("-o", "--out", metavar="FILE", help="File to write; stdout if absent.")
@click.option(
    "--as-of", metavar="TIME", help="Times after this instant (ISO 8601 with zone) are findings; now if absent."
)
@click.option(
    "--names",
    type=click.Choice(["remove", "keep"]),
    help="People as roles, or by name; html removes them unless told otherwise, text and json keep them.",
)
@click.option(
    "--list", is_flag=True, is_eager=True, expose_value=False, callback=_list_checks, help="List all checks and exit."
)
def check(
    inputs: Inputs,
    form: str,
    out: str | None,
    as_of: str | None,
    names: str | None,
) -> None:
    """List data-quality findings, grouped by check, the worst first, with what was done about them."""
    import pandas as pd

    from ..sources import check_future

    records = inputs.read()
    records = check_future(records, as_of=as_of or pd.Timestamp.now("UTC").floor("s"))
    text = _findings_as(form, records, inputs.sources, names or ("remove" if form == "html" else "keep"))
    if out is None:
        click.echo(text)
    else:
        Path(out).write_text(text + "\n", encoding="utf-8")
        click.echo(f"findings written: {out}")
    sys.exit(3 if (records.findings["severity"] == "error").any() else 0)


def _findings_as(form: str, records: Records, sources: tuple[str, ...], names: str) -> str:
    """The findings as text, JSON or a page; with names to be removed, a page that still holds one is refused."""
    from ..privacy import find_leaks, names_of, pseudonymise
    from ..story.quality import SHOWN, finding_groups, findings_as_json, findings_as_text, findings_lede

    shown = pseudonymise(records) if names == "remove" else records
    groups = finding_groups(shown.findings)
    lede = findings_lede(shown, groups)
    if form == "json":
        return json.dumps(findings_as_json(shown, groups), indent=1, ensure_ascii=False)
    if form == "text":
        return "\n".join([*findings_as_text(groups), lede])
    from ..render.pages import render_findings

    read_from = [Path(source).name for source in sources]
    footer = f"incident-analytics {__version__}, data {records.digest()}."
    page = render_findings(groups, lede=lede, sources=read_from, footer=footer, shown=SHOWN, with_raw=names == "keep")
    leaks = find_leaks(page, names_of(records).searched) if names == "remove" else []
    if leaks:
        raise LeakError(f"the page still holds {len(leaks)} name(s) that had to be removed; it was not written")
    return page
