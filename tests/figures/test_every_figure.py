"""Every figure on every awkward input: it draws, it stays on its sheet, and it says nothing it should not."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

import figure_toys as toys
import pandas as pd
import plotly.graph_objects as go
import pytest

from incident_analytics import figures
from incident_analytics.errors import SchemaError
from incident_analytics.figures.theme import TOKENS, TRANSPARENT

WIDTHS = (912, 358)
CASES = list(itertools.product(toys.TOYS, toys.AWKWARD))
ALLOWED = set(TOKENS["light"].values()) | {TRANSPARENT}
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\brgba?\([^)]*\)|\bhsla?\(")
DATE_FIGURES = (
    "incident_timeline",
    "impact_band",
    "severity",
    "roles",
    "updates",
    "recovery",
    "log_rates",
    "incident_counts",
)


@pytest.fixture(scope="module")
def drawn() -> dict[tuple[str, str, int], go.Figure]:
    """Every figure on every awkward input at both widths."""
    made = {}
    for (name, awkward), width in itertools.product(CASES, WIDTHS):
        toy = toys.TOYS[name]
        made[name, awkward, width] = toy.plot(toys.AWKWARD[awkward](toy.rows()), width=width)
    return made


def parts(value: Any) -> list[Any]:
    """Every dict inside a figure's JSON, itself included."""
    if isinstance(value, dict):
        return [value, *[part for inner in value.values() for part in parts(inner)]]
    if isinstance(value, list):
        return [part for inner in value for part in parts(inner)]
    return []


def test_every_public_figure_has_a_toy_world() -> None:
    """No public figure escapes the tests of this file."""
    assert {toy.plot.__name__ for toy in toys.TOYS.values()} == set(figures.__all__)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("name", "awkward"), CASES)
def test_a_figure_has_its_fixed_size_and_says_what_it_shows(
    drawn: dict[tuple[str, str, int], go.Figure], name: str, awkward: str, width: int
) -> None:
    """Whatever the rows are, a figure of the width asked for comes back, with a sentence for those who do not see it."""
    figure = drawn[name, awkward, width]
    assert figure.layout.width == width
    assert 30 <= figure.layout.height <= 2600
    assert figure.layout.template.layout.autosize is False
    label = figure.layout.meta["label"]
    assert isinstance(label, str)
    assert len(label) > 10


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("name", "awkward"), CASES)
def test_a_figure_can_be_sent_as_json(
    drawn: dict[tuple[str, str, int], go.Figure], name: str, awkward: str, width: int
) -> None:
    """A figure is valid JSON without a missing value written as a word, and the same rows give the same bytes."""
    text = drawn[name, awkward, width].to_json()
    json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))
    assert "NaT" not in text
    if awkward == "as they are":
        toy = toys.TOYS[name]
        assert toy.plot(toy.rows(), width=width).to_json() == text


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("name", "awkward"), CASES)
def test_a_figure_uses_token_colours_and_svg_only(
    drawn: dict[tuple[str, str, int], go.Figure], name: str, awkward: str, width: int
) -> None:
    """Every colour is a light token, so that dark mode can find it; nothing is drawn on a canvas of its own."""
    content = json.loads(drawn[name, awkward, width].to_json())
    for part in parts(content):
        for key, value in part.items():
            if "color" in key.lower() and isinstance(value, str):
                assert value in ALLOWED, f"{key}: {value}"
            if "color" in key.lower() and isinstance(value, list):
                assert set(value) <= ALLOWED
        assert not COLOUR.findall(str(part.get("path", "")))
    assert {trace["type"] for trace in content["data"]} <= {"scatter", "bar"}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("name", "awkward"), CASES)
def test_no_text_is_smaller_than_twelve_px(
    drawn: dict[tuple[str, str, int], go.Figure], name: str, awkward: str, width: int
) -> None:
    """Twelve px is the smallest text anywhere in a figure, on a phone too."""
    for part in parts(json.loads(drawn[name, awkward, width].to_json())):
        for key, value in part.items():
            if key.endswith("font") and isinstance(value, dict) and "size" in value:
                assert value["size"] >= 12


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("name", "awkward"), CASES)
def test_no_text_leaves_the_sheet_or_covers_another(
    drawn: dict[tuple[str, str, int], go.Figure], name: str, awkward: str, width: int
) -> None:
    """By their estimated widths all texts lie on the sheet and none lies on another."""
    figure = drawn[name, awkward, width]
    found = toys.boxes(figure)
    outside = [
        b for b in found if b.left < -1 or b.right > width + 1.5 or b.top < -2 or b.bottom > figure.layout.height + 2
    ]
    assert outside == []
    assert [(a.text, b.text) for a, b in itertools.combinations(found, 2) if a.overlaps(b)] == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", list(toys.TOYS))
def test_text_from_outside_cannot_become_markup(
    drawn: dict[tuple[str, str, int], go.Figure], name: str, width: int
) -> None:
    """A tag, a link, a formula or an entity in a title is shown as it is written, in labels and in hover text."""
    shown = list(toys.texts_of(drawn[name, "hostile text", width]))
    for text in shown:
        plain = text.replace("<br>", "")
        assert "<" not in plain
        assert "$" not in plain
        assert not re.search(r"&(?!(amp|lt|gt|#36);)", plain)
    assert name in ("pages_heat", "incident_counts") or any("&lt;img" in text for text in shown)


@pytest.mark.parametrize("name", list(toys.TOYS))
def test_a_title_is_escaped_too(name: str) -> None:
    """A title given by a caller may come from the data as well."""
    toy = toys.TOYS[name]
    with_title = toy.plot(toy.rows(), title="<b>x</b>")
    assert any(note.text == "&lt;b&gt;x&lt;/b&gt;" for note in with_title.layout.annotations)
    assert with_title.layout.height > toy.plot(toy.rows()).layout.height


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", DATE_FIGURES)
def test_time_axes_are_date_axes_in_utc(drawn: dict[tuple[str, str, int], go.Figure], name: str, width: int) -> None:
    """Bars with a base would turn an axis linear unless it says that it is a date axis; instants carry no zone."""
    figure = drawn[name, "as they are", width]
    axes = [figure.layout[key] for key in figure.layout if key.startswith("xaxis") and figure.layout[key].domain]
    assert axes
    assert {axis.type for axis in axes} == {"date"}
    for axis in axes:
        assert pd.Timestamp(axis.range[0]).tzinfo is None


@pytest.mark.parametrize("name", list(toys.TOYS))
@pytest.mark.parametrize("awkward", ["empty", "no columns", "all missing"])
def test_no_rows_say_what_is_not_recorded(
    drawn: dict[tuple[str, str, int], go.Figure], name: str, awkward: str
) -> None:
    """Without anything to draw there is a sentence, never an empty frame."""
    texts = [note.text for note in drawn[name, awkward, 912].layout.annotations]
    assert texts
    known = ("not recorded", "no ", "none", "not computable", "without usable times", "not known")
    assert any(word in text for text in texts for word in known) or name == "clock_points"


@pytest.mark.parametrize("name", list(toys.TOYS))
def test_a_missing_column_is_named(name: str) -> None:
    """Rows without a column that the figure needs are refused, and the message says which and which there are."""
    toy = toys.TOYS[name]
    with pytest.raises(SchemaError, match=r"is missing; there are: strange") as refused:
        toy.plot(pd.DataFrame({"strange": [1]}))
    assert len(refused.value.faults) >= 2
    assert toy.plot.__name__ in refused.value.table


def test_instants_without_a_zone_are_refused() -> None:
    """A naive instant would silently be taken for UTC."""
    rows = toys.severity()
    rows["began_at"] = rows["began_at"].dt.tz_localize(None)
    with pytest.raises(SchemaError, match="without a zone"):
        figures.plot_severity(rows)


@pytest.mark.parametrize("name", list(toys.TOYS))
def test_the_rows_are_not_changed(name: str) -> None:
    """Drawing leaves the caller's frame as it was."""
    toy = toys.TOYS[name]
    rows, before = toy.rows(), toy.rows()
    toy.plot(rows)
    pd.testing.assert_frame_equal(rows, before)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("awkward", list(toys.AWKWARD))
def test_the_timeline_copes_with_everything_it_can_be_given(awkward: str, width: int) -> None:
    """With phases, silences, severity, roles, impact and log errors as awkward as its entries, the sheet stays tidy."""
    spoil = toys.AWKWARD[awkward]
    figure = figures.plot_incident_timeline(
        toys.timeline(),
        phases=spoil(toys.phases()),
        silences=spoil(toys.silences()),
        severity=spoil(toys.severity()),
        roles=spoil(toys.roles()),
        impacts=spoil(toys.impacts()),
        log_rates=spoil(toys.log_rates()),
        width=width,
    )
    found = toys.boxes(figure)
    assert [b for b in found if b.left < -1 or b.right > width + 1.5 or b.bottom > figure.layout.height + 2] == []
    assert [(a.text, b.text) for a, b in itertools.combinations(found, 2) if a.overlaps(b)] == []
    json.loads(figure.to_json(), parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))
