"""Commands that say what the package knows: tables and columns, metrics, sources and log formats."""

from __future__ import annotations

import json

import click


@click.command()
@click.option("--json-schema", is_flag=True, help="The JSON Schema of the record files, for editors.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def schema(json_schema: bool, form: str) -> None:
    """Print every table and column: type, unit, meaning."""
    from ..schema import TABLES, glossary

    if json_schema:
        from ..sources.incidents.record import record_schema

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


@click.command()
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def definitions(form: str) -> None:
    """Print every metric: formula, clock points, source of the definition, how other tools differ; vendors' own ones."""
    from ..metrics import definitions as all_definitions
    from ..sources import vendor_durations

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


@click.command()
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True)
def formats(form: str) -> None:
    """Print every source and log format: how it is recognised, its time zone rule, an example."""
    from ..sources import formats as all_formats
    from ..sources import formats_page

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
