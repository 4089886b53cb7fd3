"""A piece of a report: HTML for a page, text for a terminal; and figures shown with their finding.

Templates escape everything they are given; what comes from records can never become markup.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from .. import wording


@dataclass(frozen=True)
class Fragment:
    """HTML that a notebook shows and a page keeps.

    Attributes:
        html: the markup, all text from records escaped.
    """

    html: str

    def _repr_html_(self) -> str:
        return self.html

    def __str__(self) -> str:
        """The text alone, for terminals and searches."""
        broken = re.sub(r"</(?:p|li|tr|dd|dt|h\d|th|td)>|<br>", "\n", self.html)
        return re.sub(r"\n\s*\n+", "\n", unescape(re.sub(r"<[^>]+>", "", broken))).strip()

    def __repr__(self) -> str:
        return str(self)


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("incident_analytics.story", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["sentence"] = wording.sentence
    environment.globals["mark"] = wording.basis_mark
    return environment


def fragment(template: str, **context: Any) -> Fragment:
    """Fill the template ``templates/<template>.html.j2``; every value is escaped."""
    return Fragment(_environment().get_template(f"{template}.html.j2").render(**context))


@dataclass(frozen=True)
class Caption:
    """What stands around a figure.

    Attributes:
        finding: the finding in one sentence, computed; says so when there is none.
        sub: what is drawn, and the unit.
        note: how to read it, n of N, and why the rest is out.
    """

    finding: str
    sub: str = ""
    note: str = ""


def show(plot: Callable[..., Any], rows: pd.DataFrame, caption: Caption, **options: Any) -> None:
    """Display a figure with its finding above and its note below, drawn for a laptop and for a phone.

    Nothing is shown when there are no rows: the section's text says what is not recorded.

    Args:
        plot: a ``plot_`` function of :mod:`incident_analytics.figures`.
        rows: the rows it draws.
        caption: finding, subtitle and note.
        options: passed to ``plot``.
    """
    if not len(rows):
        return
    from IPython.display import HTML, display

    mime = "application/vnd.plotly.v1+json"
    wide, narrow = (plot(rows, width=width, **options) for width in (912, 358))
    display(HTML(fragment("figure_head", caption=caption).html))
    display(
        {mime: wide.to_plotly_json() | {"config": {"displayModeBar": False}}, "text/plain": caption.finding},
        raw=True,
        metadata={mime: {"narrow": narrow.to_plotly_json()}},
    )
    if caption.note:
        display(HTML(fragment("figure_note", caption=caption).html))


def show_or_say(plot: Callable[..., Any], rows: pd.DataFrame, caption: Caption, **options: Any) -> None:
    """Like :func:`show`, but without rows the finding is said as a sentence, so that no section stands empty."""
    if len(rows):
        show(plot, rows, caption, **options)
        return
    from IPython.display import HTML, display

    display(HTML(fragment("lede", text=wording.sentence(caption.finding)).html))


def said(value: Any) -> str | None:
    """The text of a cell, or None when it is missing."""
    return value.strip() if isinstance(value, str) and value.strip() else None
