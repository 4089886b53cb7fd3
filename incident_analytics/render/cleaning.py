"""Preprocessors: what happens to an executed notebook before it becomes a page.

Figures stay data until the page draws them; everything else that a cell put out is cleaned to a list of harmless
tags. Cells are grouped into the sections that their second-level headings open.
"""

from __future__ import annotations

import html
import json
import re
from typing import Any

import nh3
from nbconvert.preprocessors import Preprocessor

PLOTLY = "application/vnd.plotly.v1+json"
FIGURE = "application/vnd.incident.figure"
_GAP = re.compile(r"\bdata-gap\b")
_HEADING = re.compile(r"^##[ \t]+(?P<title>[^\n{]+?)[ \t]*(?:\{#(?P<id>[a-z][a-z0-9-]*)\})?[ \t]*$", re.MULTILINE)
_FIRST_H1 = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)
_SVG_TAGS = {"svg", "g", "rect", "path", "line", "circle", "text", "title"}
_TAGS = set(nh3.ALLOWED_TAGS) | _SVG_TAGS | {"section", "main", "figure", "figcaption", "details", "summary", "time"}
_ATTRIBUTES = {tag: set(names) for tag, names in nh3.ALLOWED_ATTRIBUTES.items()}
_ATTRIBUTES["*"] = {
    "class",
    "id",
    "role",
    "aria-label",
    "aria-hidden",
    "data-l",
    "data-gap",
    "scope",
    "colspan",
    "rowspan",
}
_ATTRIBUTES["*"] |= {
    "viewBox",
    "x",
    "y",
    "x1",
    "x2",
    "y1",
    "y2",
    "cx",
    "cy",
    "r",
    "d",
    "width",
    "height",
    "text-anchor",
}
_ATTRIBUTES["time"] = {"datetime"}
_ATTRIBUTES["details"] = {"open"}


def clean_html(source: str) -> str:
    """The HTML with only harmless tags and attributes left: no script, style, event, form, frame or remote image."""
    return nh3.clean(
        source,
        tags=_TAGS - {"img"},
        clean_content_tags={"script", "style"},
        attributes=_ATTRIBUTES,
        attribute_filter=_own_ids_only,
        link_rel="noreferrer noopener",
        url_schemes={"https", "http", "mailto"},
        generic_attribute_prefixes=set(),
    )


def _own_ids_only(tag: str, attribute: str, value: str) -> str | None:
    """Identifiers are ours: only the anchors of the source list come from a cell's output."""
    if attribute == "id" and not re.fullmatch(r"src\d+", value):
        return None
    return value


class Figures(Preprocessor):
    """Turn plotly outputs into data blocks that the page's one script draws; drop every other active output."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Must return modified nb, resources."""
        for i, cell in enumerate(nb.cells):
            for j, output in enumerate(cell.get("outputs", [])):
                data = output.get("data")
                if data is None:
                    continue
                spec = data.pop(PLOTLY, None)
                for mime in [m for m in data if m not in _PLAIN_MIMES]:
                    del data[mime]
                if isinstance(spec, dict):
                    about = output.get("metadata", {}).get(PLOTLY, {})
                    data.clear()
                    data[FIGURE] = figure_block(spec, about if isinstance(about, dict) else {}, f"fig-{i}-{j}")
                    resources["has_figures"] = True
            if "outputs" in cell:
                cell["outputs"] = [o for o in cell["outputs"] if "data" not in o or o["data"]]
        return nb, resources


_PLAIN_MIMES = {"text/html", "text/markdown", "text/plain", "image/png", "image/jpeg"}


def figure_block(spec: dict[str, Any], about: dict[str, Any], block_id: str) -> str:
    """A place for one figure and its data, wide and narrow, as inert JSON.

    Args:
        spec: a plotly figure: data and layout; anything else in it is dropped.
        about: metadata of the output; ``narrow`` is the phone's figure.
        block_id: identifier of our own making, never from data.
    """
    narrow = about.get("narrow")
    kept = {"wide": _drawn(spec)}
    if isinstance(narrow, dict):
        kept["narrow"] = _drawn(narrow)
    meta = spec.get("layout", {}).get("meta") if isinstance(spec.get("layout"), dict) else None
    label = meta.get("label", "") if isinstance(meta, dict) else ""
    height = {name: _height(one) for name, one in kept.items()}
    payload = json.dumps(kept, ensure_ascii=True, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    return (
        f'<div class="fig" id="{block_id}" role="img" aria-label="{html.escape(str(label), quote=True)}" '
        f'style="--h-wide:{height["wide"]}px;--h-narrow:{height.get("narrow", height["wide"])}px"></div>'
        f'<script type="application/json" data-for="{block_id}">{payload}</script>'
    )


def _drawn(spec: dict[str, Any]) -> dict[str, Any]:
    data, layout = spec.get("data"), spec.get("layout")
    layout = dict(layout) if isinstance(layout, dict) else {}
    for remote in ("images", "mapbox", "map", "geo"):
        layout.pop(remote, None)
    return {"data": data if isinstance(data, list) else [], "layout": layout}


def _height(one: dict[str, Any]) -> int:
    height = one["layout"].get("height", 300)
    return int(height) if isinstance(height, (int, float)) else 300


class Sections(Preprocessor):
    """Group the cells into the sections that second-level headings open, and find the page's title.

    A section in which an output says ``data-gap`` is marked in the table of contents: something is not known there.
    """

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Must return modified nb, resources."""
        sections: list[dict[str, Any]] = []
        for cell in nb.cells:
            if cell.cell_type == "markdown" and (found := _HEADING.match(cell.source.lstrip())):
                title = found["title"].strip()
                section_id = found["id"] or re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
                sections.append(
                    {
                        "id": f"s-{section_id}" if section_id[:1].isdigit() else section_id,
                        "title": title,
                        "is_gap": False,
                    }
                )
                cell.metadata["incident"] = {"opens": sections[-1], "is_first": len(sections) == 1}
                cell.source = cell.source.lstrip()[found.end() :].strip()
            elif sections and any(_GAP.search(_html_of(output)) for output in cell.get("outputs", [])):
                sections[-1]["is_gap"] = True
        resources["incident_sections"] = sections
        resources["incident_title"] = self._title(nb, resources)
        return nb, resources

    def _title(self, nb: Any, resources: Any) -> str:
        for cell in nb.cells:
            for output in cell.get("outputs", []):
                if found := _FIRST_H1.search(_html_of(output)):
                    return html.unescape(re.sub(r"<[^>]+>", "", found[1])).strip()
            if cell.cell_type == "markdown" and cell.source.startswith("# "):
                return str(cell.source.splitlines()[0][2:].strip())
        return str(resources.get("metadata", {}).get("name", "Report"))


def _html_of(output: Any) -> str:
    found = output.get("data", {}).get("text/html", "")
    return "".join(found) if isinstance(found, list) else str(found)
