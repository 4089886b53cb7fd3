"""Executed notebook to one offline HTML page, as an nbconvert exporter.

``jupyter nbconvert --to incident_html executed.ipynb`` uses it too. The page asks nothing of the network: styles and
scripts are in it or, for the drawing library, in a ``plotly.min.js`` beside it. A content security policy with a
nonce lets only those scripts run.
"""

from __future__ import annotations

import hashlib
import html
import json
from importlib import metadata, resources
from pathlib import Path
from typing import Any

import nbformat
from nbconvert import HTMLExporter
from traitlets import Bool, Unicode
from traitlets.config import Config

from .cleaning import FIGURE, Figures, Sections, clean_html

TEMPLATES = Path(str(resources.files("incident_analytics.render"))) / "templates"
LIBRARY = "plotly.min.js"


class IncidentHTMLExporter(HTMLExporter):
    """A review or trends notebook as an offline page: no code cells, figures drawn by one script, hostile text inert.

    Traits:
        single_file: put the drawing library into the page instead of expecting it beside the page.
        index_href, trends_href: links of the page's header; empty leaves them out.
        current: which of the two the page is itself: "index", "trends" or neither.
    """

    export_from_notebook = "Incident report (HTML)"
    template_name = "incident_report"
    exclude_input = Bool(True).tag(config=True)
    single_file = Bool(False, help="Put the drawing library into the page.").tag(config=True)
    index_href = Unicode("", help="Link to the index of all incidents.").tag(config=True)
    trends_href = Unicode("", help="Link to the trends page.").tag(config=True)
    current = Unicode("", help="Which page this is: index, trends or neither.").tag(config=True)
    preprocessors = [Figures, Sections]  # noqa: RUF012 - nbconvert's trait, replaced as a whole

    @property
    def default_config(self) -> Config:
        """What stands before a user's own configuration."""
        config = Config(
            {
                "NbConvertBase": {
                    "display_data_priority": [
                        FIGURE,
                        "text/html",
                        "text/markdown",
                        "image/png",
                        "image/jpeg",
                        "text/plain",
                    ]
                },
                "TemplateExporter": {"extra_template_basedirs": [str(TEMPLATES)]},
                # The stock highlighter and tag removers have nothing to do here and cost time for each page.
                "HighlightMagicsPreprocessor": {"enabled": False},
            }
        )
        merged: Config = super().default_config
        merged.merge(config)
        return merged

    def default_filters(self) -> Any:
        """The stock filters, with cleaning by a list of harmless tags instead of the one that eats table heads."""
        yield from super().default_filters()
        yield ("clean_html", clean_html)

    def from_notebook_node(self, nb: Any, resources: Any = None, **kw: Any) -> tuple[str, Any]:
        """Convert a notebook; the nonce is a digest of its content, so that the same notebook gives the same bytes."""
        resources = self._init_resources(resources or {})
        nonce = hashlib.sha256(nbformat.writes(nb).encode("utf-8", "backslashreplace")).hexdigest()[:32]
        resources["incident"] = page_parts(nonce, single_file=self.single_file) | {
            "index_href": self.index_href,
            "trends_href": self.trends_href,
            "current": self.current,
            "version": metadata.version("incident-analytics"),
        }
        text, resources = super().from_notebook_node(nb, resources, **kw)
        if self.single_file:
            text = text.replace(_LIBRARY_MARK, library_text(), 1)
        return text, resources


_LIBRARY_MARK = "/*the drawing library stands here*/"


def page_parts(nonce: str, *, single_file: bool = False) -> dict[str, str]:
    """What every page of a report shares: policy, styles, drawing script, library tag."""
    from ..figures.theme import dark_css

    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'unsafe-inline'; img-src data: blob:; "
        "font-src data:; base-uri 'none'; form-action 'none'"
    )
    library = (
        f'<script nonce="{nonce}">{_LIBRARY_MARK}</script>'
        if single_file
        else f'<script nonce="{nonce}" src="{LIBRARY}"></script>'
    )
    draw = (TEMPLATES / "draw.js").read_text(encoding="utf-8")
    return {
        "policy": policy,
        "styles": "\n".join([_tokens(), (TEMPLATES / "report.css").read_text(encoding="utf-8"), dark_css()]),
        "library": library,
        "draw": f'<script nonce="{nonce}">{draw}</script>',
        "nonce": nonce,
    }


def _tokens() -> str:
    return resources.files("incident_analytics.figures").joinpath("tokens.css").read_text(encoding="utf-8")


def library_text() -> str:
    """The drawing library as shipped with plotly; ``</script`` in it is broken up for use inside a page."""
    from plotly.offline import get_plotlyjs

    return str(get_plotlyjs()).replace("</script", "<\\/script")


def write_library(folder: Path) -> Path:
    """Write the drawing library beside the pages; returns its path. An equal file is left alone."""
    path = folder / LIBRARY
    text = library_text()
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
    return path


def render_document(
    nb: Any, *, single_file: bool = False, index_href: str = "", trends_href: str = "", current: str = ""
) -> str:
    """An executed notebook as an offline HTML page."""
    exporter = IncidentHTMLExporter(
        single_file=single_file, index_href=index_href, trends_href=trends_href, current=current
    )
    text, _ = exporter.from_notebook_node(nb)
    return str(text)


def searchable(text: str) -> str:
    """The page's text for a search for names: the drawing library, which is not ours, is left out."""
    return text.replace(library_text(), "") if len(text) > 3_000_000 else text


def as_text(value: object) -> str:
    """A value as HTML-safe text; for templates outside nbconvert."""
    return html.escape(str(value), quote=True)


def as_json(value: object) -> str:
    """A value as JSON that may stand inside a script block."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c")
