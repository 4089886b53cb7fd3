"""Pages without a notebook: the index of all incidents, which reads without script too, and the list of findings."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Sequence
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from .. import wording
from .document import TEMPLATES, page_parts


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["sentence"] = wording.sentence
    return environment


def render_index(
    rows: list[dict[str, Any]], *, lede: list[str], ticks: list[tuple[float, str]], trends_href: str, footer: str
) -> str:
    """The index as one offline page.

    Args:
        rows: what ``story.index.index_rows`` gives.
        lede: sentences above the table.
        ticks: place in percent and label of the shared axis.
        trends_href: link of the trends page; empty leaves it out.
        footer: the last line.
    """
    digest = hashlib.sha256(json.dumps(rows, sort_keys=True, default=str).encode()).hexdigest()[:32]
    return (
        _environment()
        .get_template("index_page.html.j2")
        .render(
            rows=rows,
            lede=lede,
            ticks=ticks,
            trends_href=trends_href,
            footer=footer,
            page=page_parts(digest),
            styles=(TEMPLATES / "index.css").read_text(encoding="utf-8"),
            script=(TEMPLATES / "index.js").read_text(encoding="utf-8"),
            collections=list(dict.fromkeys(r["collection"] for r in rows if r["collection"])),
            kinds=list(dict.fromkeys(r["kind"] for r in rows)),
        )
    )


def render_findings(
    groups: Sequence[Any], *, lede: str, sources: Sequence[str], footer: str, shown: int, with_raw: bool = False
) -> str:
    """The findings of a data set as one offline page, the worst first; it needs no script.

    Args:
        groups: what ``story.quality.finding_groups`` gives.
        lede: the sentence above the list.
        sources: what was read.
        footer: the last line.
        shown: how many findings of a group are shown one by one.
        with_raw: show the text of rows that could not be read; names in it are not removed.
    """
    page = page_parts("")
    return (
        _environment()
        .get_template("findings_page.html.j2")
        .render(
            groups=groups,
            lede=lede,
            sources=sources,
            footer=footer,
            shown=shown,
            with_raw=with_raw,
            policy="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
            styles="\n".join([page["styles"], (TEMPLATES / "findings.css").read_text(encoding="utf-8")]),
        )
    )
