"""The index page: every incident on one line, with search and sorting; it reads without script too."""

from __future__ import annotations

import functools
import hashlib
import json
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from .document import TEMPLATES, page_parts


@functools.cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


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
