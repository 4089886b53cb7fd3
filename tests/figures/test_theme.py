"""Tokens, template, dark mode and escaping; the last two in a real browser as well."""

from __future__ import annotations

import html
import re
import shutil
from pathlib import Path
from typing import Any

import figure_toys as toys
import plotly.graph_objects as go
import plotly.io as pio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident_analytics import figures
from incident_analytics.figures import theme

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
CSS = (Path(theme.__file__).parent / "tokens.css").read_text(encoding="utf-8")
RGB = re.compile(r"rgb\((\d+), (\d+), (\d+)\)")


def as_hex(rgb: str) -> str:
    """``rgb(22, 25, 29)`` as ``#16191d``."""
    return "#" + "".join(f"{int(part):02x}" for part in RGB.fullmatch(rgb).groups())


def test_tokens_are_those_of_the_style_sheet() -> None:
    """Light and dark have the same names; two values are checked by eye against tokens.css."""
    assert theme.TOKENS["light"].keys() == theme.TOKENS["dark"].keys()
    assert theme.TOKENS["light"]["ink"] == "#16191d"
    assert theme.TOKENS["dark"]["ink"] == "#e8eaed"
    declared = set(re.findall(r"--([\w-]+): #", CSS))
    assert set(theme.TOKENS["light"]) == declared


def test_the_font_is_the_stack_of_the_pages() -> None:
    """Figures and pages share one family."""
    assert theme.FONT.startswith("system-ui, ")
    assert theme.FONT.endswith("sans-serif")
    assert f"--font: {theme.FONT};" in CSS


@pytest.mark.parametrize(
    ("rank", "token"),
    [
        (1, "sev-1"),
        (2.0, "sev-2"),
        (4, "sev-4"),
        (7, "sev-4"),
        (0, "sev-none"),
        (None, "sev-none"),
        (float("nan"), "sev-none"),
    ],
)
def test_severity_colours_are_fixed_by_rank(rank: float | None, token: str) -> None:
    """The worst level is crimson in every incident; a level without a rank is neutral."""
    assert theme.severity_colour(rank) == theme.TOKENS["light"][token]


def test_phases_have_the_six_colours_of_the_ramp() -> None:
    """Six phases, six colours, in order."""
    assert list(theme.PHASE_COLOURS.values()) == [theme.TOKENS["light"][f"ph-{n}"] for n in range(1, 7)]
    assert theme.phase_token("unheard of") == "band"


def test_the_template_is_called_incident_and_quiet() -> None:
    """No legend, no mode bar, transparent paper, 12 px, a fixed size."""
    layout = pio.templates["incident"].layout
    assert layout.showlegend is False
    assert layout.autosize is False
    assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert layout.font.size == 12
    assert theme.CONFIG["displayModeBar"] is False


def test_importing_figures_leaves_plotly_s_default_template_alone() -> None:
    """A user's own figures look as before."""
    assert pio.templates.default == "plotly"


def test_dark_css_has_a_rule_per_colour_for_fill_and_stroke() -> None:
    """Every light value is turned back into its variable, as inline style and, for hatching, as attribute."""
    css = theme.dark_css()
    for name, value in theme.TOKENS["light"].items():
        red, green, blue = (int(value[i : i + 2], 16) for i in (1, 3, 5))
        for prop in ("fill", "stroke"):
            rule = re.search(
                rf'\[style\*="{prop}: rgb\({red}, {green}, {blue}\)"\][^{{]*\[{prop}="rgb\({red}, {green}, {blue}\)"\]'
                rf"\{{{prop}:var\(--([\w-]+)\)!important\}}",
                css,
            )
            assert rule is not None, name
            assert theme.TOKENS["light"][rule[1]] == value


def test_tokens_with_one_light_value_have_nearly_one_dark_value() -> None:
    """A rule can know a colour only by its light value, so two tokens that share it must look alike in the dark."""
    light, dark = theme.TOKENS["light"], theme.TOKENS["dark"]
    for a in light:
        for b in light:
            if light[a] == light[b]:
                distance = [abs(int(dark[a][i : i + 2], 16) - int(dark[b][i : i + 2], 16)) for i in (1, 3, 5)]
                assert max(distance) <= 10, (a, b)


@settings(max_examples=80)
@given(st.text(max_size=60))
def test_escaped_text_is_read_back_as_it_was(text: str) -> None:
    """Decoding the escaped text gives the text, but for spaces and control characters; no markup is left."""
    safe = theme.escaped(text)
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    assert html.unescape(safe) == plain
    assert not set(safe) & set("<>$")
    assert not re.search(r"&(?!(amp|lt|gt|#36);)", safe)


@pytest.mark.parametrize(
    ("given_", "expected"), [(None, ""), (float("nan"), ""), ("a\nb\tc", "a b c"), ("\u202eabc", "abc"), (5, "5")]
)
def test_missing_text_and_control_characters(given_: object, expected: str) -> None:
    """Missing is empty; line breaks and characters that turn text around become spaces."""
    assert theme.escaped(given_) == expected


@settings(max_examples=60)
@given(st.lists(st.text(max_size=300), max_size=20))
def test_hover_text_is_wrapped_and_bounded(lines: list[str]) -> None:
    """At most twelve lines of at most 58 characters, and nothing but line breaks as markup."""
    said = theme.hover_text(*lines)
    rows = said.split("<br>")
    assert len(rows) <= 12
    assert all(len(html.unescape(row)) <= theme.HOVER_WIDTH + 2 for row in rows)
    assert not any(set(row) & set("<>$") for row in rows)


def test_hover_text_leaves_out_what_is_missing() -> None:
    """A line that is missing is no empty line, and an entity is never torn in two."""
    assert theme.hover_text("a", None, float("nan"), "b") == "a<br>b"
    assert theme.hover_text("&" * 57) == "&amp;" * 56 + "<br>&amp;"


def page(*drawn: go.Figure) -> str:
    """A page as a report has it: tokens, dark rules, strict policy, figures."""
    bodies = [
        figure.to_html(full_html=False, include_plotlyjs=n == 0, div_id=f"figure-{n}", config=theme.CONFIG)
        for n, figure in enumerate(drawn)
    ]
    head = f"<!doctype html><meta charset='utf-8'><style>{CSS}{theme.dark_css()}</style>"
    return head + "".join(bodies)


@pytest.fixture(scope="module")
def browser() -> Any:
    """A real Chromium."""
    if CHROMIUM is None:
        pytest.skip("no Chromium found")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


def every_figure(awkward: str = "as they are") -> list[go.Figure]:
    """All toy figures at both widths."""
    return [
        toy.plot(toys.AWKWARD[awkward](toy.rows()), width=width) for toy in toys.TOYS.values() for width in (912, 358)
    ] + [
        figures.plot_incident_timeline(
            toys.timeline(), phases=toys.phases(), silences=toys.silences(), severity=toys.severity(),
            roles=toys.roles(), impacts=toys.impacts(), log_rates=toys.log_rates(),
        )
    ]  # fmt: skip


COLOURS_SHOWN = """() => {
  const found = [];
  for (const e of document.querySelectorAll('.js-plotly-plot svg *')) {
    const style = getComputedStyle(e), box = e.getBoundingClientRect();
    const isText = e.tagName === 'text', inPattern = e.closest('pattern') !== null;
    if (e.closest('defs') && !inPattern) continue;
    if (!inPattern && (box.width === 0 && box.height === 0)) continue;
    if (!['path', 'rect', 'text', 'circle', 'line'].includes(e.tagName)) continue;
    const opacity = Number(style.opacity);
    // Lines of one stroke each have no area, so a fill that nobody set cannot be seen.
    const strokes = (e.getAttribute('d') || 'MLL').split(/(?=[Mm])/).map(s => (s.match(/[LlHhVvCcQqAaSsTt]/g) || []).length);
    const hasArea = strokes.some(n => n > 1);
    if (hasArea && style.fill !== 'none' && style.fill !== 'rgba(0, 0, 0, 0)' && !style.fill.startsWith('url') && Number(style.fillOpacity) * opacity > 0)
      found.push(['fill', style.fill, e.tagName + '.' + (e.getAttribute('class') || '')]);
    if (style.stroke !== 'none' && style.stroke !== 'rgba(0, 0, 0, 0)' && Number(style.strokeOpacity) * opacity > 0 && parseFloat(style.strokeWidth) > 0)
      found.push(['stroke', style.stroke, e.tagName + '.' + (e.getAttribute('class') || '')]);
  }
  return found;
}"""


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_draws_every_figure_in_the_colours_of_the_theme(browser: Any, tmp_path: Path, scheme: str) -> None:
    """In dark mode every line, mark, hatch and letter has a dark token's colour, without script or a second drawing."""
    target = tmp_path / "page.html"
    target.write_text(page(*every_figure()), encoding="utf-8")
    tab = browser.new_page(color_scheme=scheme)
    tab.goto(target.as_uri())
    tab.wait_for_function("document.querySelectorAll('.js-plotly-plot .main-svg').length >= 35")
    shown = tab.evaluate(COLOURS_SHOWN)
    tab.close()
    assert len(shown) > 1500
    allowed = set(theme.TOKENS[scheme].values())
    strange = {(prop, as_hex(value), tag) for prop, value, tag in shown if as_hex(value) not in allowed}
    assert strange == set()


@pytest.mark.browser
def test_a_browser_runs_nothing_asks_for_nothing_and_cuts_nothing(browser: Any, tmp_path: Path) -> None:
    """Hostile text is shown as text; no request, no error, no text under 12 px, none outside its sheet."""
    target = tmp_path / "page.html"
    target.write_text(page(*every_figure("hostile text")), encoding="utf-8")
    tab = browser.new_page()
    requests, problems = [], []
    tab.on("request", lambda request: requests.append(request.url))
    tab.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    tab.on("pageerror", lambda error: problems.append(str(error)))
    tab.on("dialog", lambda dialog: (problems.append("a script ran"), dialog.dismiss()))
    tab.goto(target.as_uri())
    tab.wait_for_function("document.querySelectorAll('.js-plotly-plot .main-svg').length >= 35")
    assert tab.evaluate("document.querySelectorAll('.js-plotly-plot svg a, .js-plotly-plot img').length") == 0
    sizes = tab.evaluate(
        "[...document.querySelectorAll('.js-plotly-plot text')].map(t => parseFloat(getComputedStyle(t).fontSize))"
    )
    outside = tab.evaluate(
        """[...document.querySelectorAll('.js-plotly-plot text')].filter(t => {
          const box = t.getBoundingClientRect(), sheet = t.closest('.main-svg').getBoundingClientRect();
          return box.width > 0 && (box.left < sheet.left - 2 || box.right > sheet.right + 2 || box.bottom > sheet.bottom + 2);
        }).map(t => t.textContent)"""
    )
    tab.close()
    assert problems == []
    assert [url for url in requests if not url.startswith(("file:", "data:", "blob:"))] == []
    assert min(sizes) >= 12
    assert outside == []
