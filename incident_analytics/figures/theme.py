"""The one place with a colour or a font: tokens, the plotly template, dark mode, and text that may be drawn.

Colours come from ``tokens.css`` and are written into figures as the light hex values. Plotly cannot take CSS
variables, but it writes every colour it draws as ``fill: rgb(...)`` or ``stroke: rgb(...)``. ``dark_css`` has one
rule per token that turns such a colour back into its variable, so a figure follows the reader's theme, and print is
light, without any script. Hence the rule that figures use token values only, never a mix of two of them; what is
paler is the token with an opacity.

What a colour means: warm is severity (how bad), the cool ramp is the phase (how far), one blue is a count, band is an
interval, hatching is what is not known. A lane is a position, never a colour.
"""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
import plotly.io as pio

WIDE = 912
NARROW = 358
TEXT_SIZE = 12
BOLD = 650
NORMAL = 400
TRANSPARENT = "rgba(0,0,0,0)"

HOVER_WIDTH = 56
HOVER_LINES = 12

_CSS = Path(__file__).with_name("tokens.css").read_text(encoding="utf-8")


def _declared(block: str) -> dict[str, str]:
    return {name: value.lower() for name, value in re.findall(r"--([\w-]+):\s*(#[0-9a-fA-F]{6})\s*;", block)}


def _tokens(css: str) -> dict[str, dict[str, str]]:
    """Colours by theme and name; the dark theme inherits what it does not say itself."""
    light_block, dark_block = css.split("@media", 1)
    light = _declared(light_block)
    return {"light": light, "dark": light | _declared(dark_block)}


TOKENS: dict[str, dict[str, str]] = _tokens(_CSS)
"""Hex values by theme (``light``, ``dark``) and token name."""

FONT = re.sub(r"\s+", " ", re.findall(r"--font:\s*([^;]+);", _CSS)[0])
"""The system font stack of the reports."""

PHASES = ("unnoticed", "noticed", "gathering", "understanding", "mitigating", "restoring")

PHASE_COLOURS: dict[str, str] = {phase: TOKENS["light"][f"ph-{n}"] for n, phase in enumerate(PHASES, start=1)}
"""The cool ramp: how far the incident had come."""

COUNT_COLOURS = tuple(TOKENS["light"][f"q{n}"] for n in range(1, 6))
"""One blue in five steps, for counts; zero is paper."""

CONFIG = {"displayModeBar": False, "displaylogo": False, "responsive": False, "scrollZoom": False}
"""Options for ``Figure.to_html`` and ``Figure.show``; they are not part of a figure."""


def colour(name: str) -> str:
    """The light hex value of a token; ``transparent`` is no colour at all."""
    return TRANSPARENT if name == "transparent" else TOKENS["light"][name]


def severity_token(rank: float | None) -> str:
    """The token of a severity level by its rank, 1 the worst; ranks below the fourth share its colour.

    A level without a rank (the policy does not order it) has the neutral one.
    """
    if rank is None or pd.isna(rank) or rank < 1:
        return "sev-none"
    return f"sev-{min(int(rank), 4)}"


def severity_colour(rank: float | None) -> str:
    """The colour of a severity level by its rank, 1 the worst; unranked levels are neutral grey."""
    return colour(severity_token(rank))


def phase_token(phase: str) -> str:
    """The token of a phase; a phase that is not one of the six has the neutral band."""
    return f"ph-{PHASES.index(phase) + 1}" if phase in PHASES else "band"


def _template() -> go.layout.Template:
    axis = {
        "gridcolor": colour("grid"), "linecolor": colour("axis"), "tickcolor": colour("axis"),
        "zerolinecolor": colour("axis"), "zeroline": False, "showgrid": False, "automargin": False,
        "tickfont": {"color": colour("ink-3"), "size": TEXT_SIZE}, "tickangle": 0, "fixedrange": True,
        "title": {"font": {"color": colour("ink-3"), "size": TEXT_SIZE}},
    }  # fmt: skip
    font = {"family": FONT, "size": TEXT_SIZE, "color": colour("ink-2")}
    layout = {
        "font": font, "paper_bgcolor": TRANSPARENT, "plot_bgcolor": TRANSPARENT, "colorway": [colour("ink")],
        "showlegend": False, "autosize": False, "margin": {"l": 0, "r": 0, "t": 0, "b": 0, "pad": 0},
        "xaxis": axis, "yaxis": axis, "barmode": "overlay", "bargap": 0, "hovermode": "closest", "dragmode": False,
        "hoverlabel": {
            "bgcolor": colour("surface"), "bordercolor": colour("rule-2"), "align": "left", "namelength": 0,
            "font": font | {"color": colour("ink")},
        },
        "modebar": {
            "bgcolor": TRANSPARENT, "color": colour("ink-3"), "activecolor": colour("ink"),
            "remove": ["toimage", "zoom", "pan", "zoomin", "zoomout", "autoscale", "resetscale", "select", "lasso"],
        },
        "annotationdefaults": {"showarrow": False, "borderpad": 0, "font": font},
        "shapedefaults": {"line": {"width": 0, "color": colour("axis")}, "fillcolor": colour("axis")},
    }  # fmt: skip
    return go.layout.Template(layout=layout)


TEMPLATE = "incident"
pio.templates[TEMPLATE] = _template()


def _rgb(hexa: str) -> str:
    red, green, blue = (int(hexa[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgb({red}, {green}, {blue})"


def dark_css() -> str:
    """Style rules that let drawn figures follow the page's tokens; a page with figures puts them after the tokens.

    Plotly writes colours as inline style, except in hatch patterns, where they are attributes. Where two tokens have
    one light value the first is used; they are near each other in the dark theme too. Free-standing text also gets a
    halo of paper, so that it stays readable over grid lines.
    """
    names: dict[str, str] = {}
    for name, value in TOKENS["light"].items():
        names.setdefault(_rgb(value), name)
    rules = []
    for rgb, name in names.items():
        for prop in ("fill", "stroke", "stop-color"):
            rules.append(
                f'.js-plotly-plot [style*="{prop}: {rgb}"],.js-plotly-plot [{prop}="{rgb}"]'
                f"{{{prop}:var(--{name})!important}}"
            )
    for name in ("ink-2", "ink-3"):
        rules.append(
            f'.js-plotly-plot .annotation-text[style*="fill: {_rgb(colour(name))}"]'
            "{paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}"
        )
    rules.append(".js-plotly-plot text{font-variant-numeric:tabular-nums!important}")
    return "\n".join(rules) + "\n"


_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "$": "&#36;"})


def escaped(text: object) -> str:
    """Text from outside as plotly may draw it; missing gives an empty text.

    Plotly reads ``<b>``, ``<a href=...>`` and entities in every text, and formulas between dollar signs where a page
    has MathJax. Line breaks and control characters become spaces.
    """
    if text is None or (not isinstance(text, str) and pd.isna(text)):
        return ""
    plain = "".join(c if c.isprintable() else " " for c in str(text))
    return " ".join(plain.split()).translate(_ENTITIES)


def hover_text(*lines: object) -> str:
    """What is said when a mark is pointed at: each line escaped, wrapped, and cut after twelve lines in all."""
    wrapped: list[str] = []
    for line in lines:
        if line is None or (not isinstance(line, str) and pd.isna(line)):
            continue
        # Wrapped before it is escaped, or an entity could be torn in two.
        plain = " ".join("".join(c if c.isprintable() else " " for c in str(line)).split())
        wrapped += textwrap.wrap(plain, HOVER_WIDTH)
    if len(wrapped) > HOVER_LINES:
        wrapped = [*wrapped[: HOVER_LINES - 1], wrapped[HOVER_LINES - 1] + " …"]
    return "<br>".join(escaped(line) for line in wrapped)
