"""The command line: parse, call one library function, print. Results go to stdout, everything else to stderr.

Exit codes: 0 done, 1 something unexpected, 2 wrong usage, 3 data was rejected or a report failed, 130 interrupted.
"""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from . import __version__
from .errors import DataError, IncidentAnalyticsError, LeakError, UsageError

if TYPE_CHECKING:
    import pandas as pd

    from .batch import Outcome
    from .records import Records

F = TypeVar("F", bound=Callable[..., Any])


class _Group(click.Group):
    """Turns our errors into one message and the right exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except UsageError as error:
            _say(f"error: {error}")
            ctx.exit(2)
        except DataError as error:
            _say(f"error: {error}")
            ctx.exit(3)
        except IncidentAnalyticsError as error:
            _say(f"error: {error}")
            ctx.exit(1)


def _say(text: str) -> None:
    printable = "".join(c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text)
    click.echo(printable, err=True)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="incident-analytics")
def main() -> None:
    """Post-incident analytics: read incident records and logs, measure them, render review reports."""


@dataclass(frozen=True, slots=True)
class _Inputs:
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
        from .policy import read_policy
        from .sources import read

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


def _reading(function: F) -> F:
    """Give a command the options that all commands share, bundled as its argument ``inputs``."""

    @functools.wraps(function)
    def command(**given: Any) -> Any:
        inputs = _Inputs(**{name: given.pop(name) for name in _Inputs.__dataclass_fields__})
        return function(inputs=inputs, **given)

    for decorate in reversed(_SHARED):
        command = decorate(command)
    return cast("F", command)


def _rejected(records: Records) -> int:
    """Exit code for what was read: 3 when something of the data was rejected, else 0. Says so on stderr."""
    errors = records.findings[records.findings["severity"] == "error"]
    for message in errors["message"].head(5):
        _say(f"data error: {message}")
    if len(errors) > 5:
        _say(f"data error: {len(errors) - 5} more; see `incident-analytics check`")
    is_lost = errors["check"].isin(["row_rejected", "not_recognised", "unreadable_file"])
    return 3 if is_lost.any() else 0


@main.command()
@_reading
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
    inputs: _Inputs,
    out: str,
    incidents: tuple[str, ...],
    as_of: str | None,
    jobs: int,
    names: Any,
    single_file: bool,
) -> None:
    """Render one report per incident, an index, a trends page and a ledger."""
    from .batch import run_batch

    records = inputs.read()
    code = _rejected(records)
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
        _say(f"failed: {outcome.incident_id or outcome.files or 'trends'}: {outcome.error}")
    written = sum(o.status == "written" for o in ledger.reports)
    click.echo(f"{written} of {len(ledger.reports)} reports written. Open {Path(out) / 'index.html'}")
    sys.exit(3 if ledger.failed else code)


def _progress_bar(outcomes: Iterable[Outcome], total: int) -> Iterable[Outcome]:
    from tqdm import tqdm

    return tqdm(outcomes, total=total, unit="report", file=sys.stderr)


@main.command("read")
@_reading
@click.option("-o", "--out", required=True, metavar="DIR", help="Folder for the records.")
def read_command(
    inputs: _Inputs,
    out: str,
) -> None:
    """Read sources and save them as records: a folder of Parquet tables with a manifest."""
    records = inputs.read()
    code = _rejected(records)
    records.save(out)
    for name, frame in records.tables.items():
        click.echo(f"{name:<14}{len(frame):>9,} rows")
    sys.exit(code)


@main.command()
@_reading
@click.option("--format", "form", type=click.Choice(["csv", "json", "parquet"]), default="csv", show_default=True)
@click.option("-o", "--out", metavar="FILE", help="File to write; stdout if absent (required for parquet).")
@click.option("--as-of", metavar="TIME", help="Count open incidents up to this instant.")
@click.option("--long", "is_long", is_flag=True, help="One row per incident and metric, with bounds and reasons.")
def metrics(
    inputs: _Inputs,
    form: str,
    out: str | None,
    as_of: str | None,
    is_long: bool,
) -> None:
    """Print one row per incident, one column per metric; durations in seconds."""
    from .review import build_measurements, measure

    records = inputs.read()
    frame = build_measurements(records, as_of=as_of) if is_long else measure(records, as_of=as_of).reset_index()
    _write_table(_in_seconds(frame), form, out)
    sys.exit(_rejected(records))


def _in_seconds(frame: pd.DataFrame) -> pd.DataFrame:
    """Spans as seconds, under names that say so; texts that a spreadsheet would run as a formula are quoted."""
    made = frame.copy()
    for name in frame.columns:
        if frame[name].dtype.kind == "m":
            made[name] = frame[name].dt.total_seconds()
            made = made.rename(columns={name: f"{name}_seconds"})
        elif frame[name].dtype == "str":
            is_formula = frame[name].str.match(r"[=+\-@\t\r]", na=False)
            made[name] = frame[name].where(~is_formula, "'" + frame[name])
    return made


def _write_table(frame: pd.DataFrame, form: str, out: str | None) -> None:
    if form == "parquet":
        if out is None:
            raise UsageError("--format parquet needs --out FILE: Parquet is not text")
        frame.to_parquet(out, index=False)
    else:
        text = (
            frame.to_csv(index=False)
            if form == "csv"
            else frame.to_json(orient="records", date_format="iso", indent=1) + "\n"
        )
        if out is None:
            click.echo(text, nl=False)
        else:
            Path(out).write_text(text, encoding="utf-8")


def _list_checks(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    """Print all checks and stop."""
    if not value or ctx.resilient_parsing:
        return
    from .sources import checks

    for row in checks().itertuples():
        click.echo(f"{row.severity:<9}{row.check:<28}{row.meaning}\n{'':<37}{row.done}")
    ctx.exit()


@main.command()
@_reading
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
    inputs: _Inputs,
    form: str,
    out: str | None,
    as_of: str | None,
    names: str | None,
) -> None:
    """List data-quality findings, grouped by check, the worst first, with what was done about them."""
    import pandas as pd

    from .sources import check_future

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
    from .privacy import find_leaks, names_of, pseudonymise
    from .story.quality import SHOWN, finding_groups, findings_as_json, findings_as_text, findings_lede

    shown = pseudonymise(records) if names == "remove" else records
    groups = finding_groups(shown.findings)
    lede = findings_lede(shown, groups)
    if form == "json":
        return json.dumps(findings_as_json(shown, groups), indent=1, ensure_ascii=False)
    if form == "text":
        return "\n".join([*findings_as_text(groups), lede])
    from .render.pages import render_findings

    read_from = [Path(source).name for source in sources]
    footer = f"incident-analytics {__version__}, data {records.digest()}."
    page = render_findings(groups, lede=lede, sources=read_from, footer=footer, shown=SHOWN, with_raw=names == "keep")
    leaks = find_leaks(page, names_of(records).searched) if names == "remove" else []
    if leaks:
        raise LeakError(f"the page still holds {len(leaks)} name(s) that had to be removed; it was not written")
    return page


@main.command()
@click.option("--json-schema", is_flag=True, help="The JSON Schema of the record files, for editors.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def schema(json_schema: bool, form: str) -> None:
    """Print every table and column: type, unit, meaning."""
    from .schema import TABLES, glossary

    if json_schema:
        from .sources.incidents.record import record_schema

        click.echo(json.dumps(record_schema(), indent=1))
        return
    frame = glossary()
    if form == "json":
        click.echo(frame.to_json(orient="records", indent=1))
        return
    for name, table in TABLES.items():
        click.echo(f"\n{name}: {table.row}")
        for column in table.columns:
            unit = f" [{column.unit}]" if column.unit else ""
            required = ", required" if column.is_required else ""
            words = f"; one of {', '.join(column.vocabulary)}" if column.vocabulary else ""
            click.echo(f"  {column.name:<20}{column.kind}{unit}{required}: {column.meaning}{words}")


@main.command()
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def definitions(form: str) -> None:
    """Print every metric: formula, clock points, source of the definition, how other tools differ; vendors' own ones."""
    from .metrics import definitions as all_definitions
    from .sources import vendor_durations

    frame, dialects = all_definitions(), vendor_durations()
    if form == "json":
        terms = [
            {
                "name": t.key,
                "dialect": t.source,
                "meaning": t.definition,
                "start": t.starts,
                "end": t.ends,
                "unit": t.unit,
            }
            for t in dialects.itertuples()
        ]
        click.echo(json.dumps(frame.to_dict("records") + terms, indent=1, ensure_ascii=False))
        return
    for row in frame.to_dict("records"):
        click.echo(f"\n{row.pop('name')}")
        for key, value in row.items():
            if isinstance(value, str) and value:
                click.echo(f"  {key:<12}{value}")
    if len(dialects):
        click.echo("\nas vendors define it (kept beside ours and compared; see `incident-analytics check`)")
    for term in dialects.itertuples():
        click.echo(f"  {term.source}: {term.key} [{term.unit}]: {term.starts} to {term.ends}; {term.definition}")


@main.command()
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True)
def formats(form: str) -> None:
    """Print every source and log format: how it is recognised, its time zone rule, an example."""
    from .sources import formats as all_formats
    from .sources import formats_page

    frame = all_formats()
    if form == "json":
        click.echo(frame.to_json(orient="records", indent=1))
    elif form == "markdown":
        click.echo(formats_page(frame), nl=False)
    else:
        for row in frame.to_dict("records"):
            click.echo(f"\n{row['name']} ({row['kind']}): {row['description']}")
            click.echo(f"  recognised  {row['recognised_by']}")
            click.echo(f"  time zone   {row['time_zone_rule']}")
            for nth, line in enumerate(row["example"].split("\n")):
                click.echo(f"  {'' if nth else 'example':<12}{line}")


@main.command("logs")
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
    from .sources import count_logs

    found = count_logs(
        *paths,
        executor=executor,
        start=start,
        end=end,
        time_zone=time_zone,
        formats=log_formats or None,
        encoding=encoding,
    )
    _write_table(_in_seconds(found.counts), form, out)
    for row in found.files.to_dict("records"):
        counted = ", ".join(
            f"{n:,} {name.replace('_', ' ')}" for name, n in row.items() if name not in ("file", "format")
        )
        _say(f"{row['file']}: {row['format'] or 'empty'}: {counted}")
    for message in found.findings.loc[found.findings["check"] != "row_rejected", "message"]:
        _say(f"note: {message}")
    sys.exit(3 if found.files["rejected"].any() else 0)


@main.command()
@click.argument("folder", metavar="DIR")
def sample(folder: str) -> None:
    """Copy the sample data into DIR, to look at it or to change it."""
    from .datasets import copy_sample

    copied = copy_sample(folder)
    click.echo(f"sample data copied; try: incident-analytics report {copied} -o reports")
