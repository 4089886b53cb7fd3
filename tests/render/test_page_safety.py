"""A page is offline and inert: whatever an output holds, only our own scripts are in it, each with the nonce."""

import json
import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from incident_analytics.render.cleaning import FIGURE, PLOTLY, clean_html, figure_block
from incident_analytics.render.document import render_document

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    '<a href="javascript:alert(1)">x</a>',
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    '<p style="background:url(https://example.invalid/x)">x</p>',
    "<form action=https://example.invalid><input autofocus onfocus=alert(1)></form>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<base href=https://example.invalid>",
    "<meta http-equiv=refresh content='0;url=https://example.invalid'>",
    "</title><script>alert(1)</script>",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_cleaning_leaves_nothing_active(text):
    """No script, handler, frame, form, style or foreign address survives the cleaning."""
    cleaned = clean_html(text).lower()

    assert not re.search(r"<(script|iframe|form|input|img|base|meta|style)\b|\son\w+\s*=|javascript:|style=", cleaned)


def test_cleaning_keeps_what_reports_are_made_of():
    """Headings, table heads, classes, labels and small drawings stay."""
    kept = '<h2>a</h2><table class="stack"><thead><tr><th scope="col">b</th></tr></thead><tbody><tr><td data-l="c">d</td></tr></tbody></table>'

    assert kept == clean_html(kept)
    assert '<rect x="0" y="9" width="3" height="3"></rect>' in clean_html(
        '<svg viewBox="0 0 18 12"><rect x="0" y="9" width="3" height="3"/></svg>'
    )


def test_a_foreign_identifier_is_dropped():
    """An output cannot take the place of a section by its identifier."""
    assert "id=" not in clean_html('<p id="timeline">x</p>')
    assert 'id="src1"' in clean_html('<li id="src1">x</li>')


def hostile_notebook() -> nbformat.NotebookNode:
    """A notebook in which every kind of output is hostile."""
    figure = {
        "data": [{"type": "scatter", "x": [1], "y": [2], "text": ["</script><script>alert(1)</script>"]}],
        "layout": {"images": [{"source": "https://example.invalid/x.png"}]},
    }
    outputs = [new_output("display_data", data={"text/html": text}) for text in HOSTILE]
    outputs += [
        new_output("display_data", data={"application/javascript": "alert(1)"}),
        new_output("display_data", data={"text/vnd.mermaid": "graph TD; A-->B"}),
        new_output("display_data", data={"image/svg+xml": "<svg onload=alert(1)></svg>"}),
        new_output("display_data", data={"text/markdown": "<script>alert(1)</script> [x](javascript:alert(1))"}),
        new_output("display_data", data={FIGURE: "<script>alert(1)</script>"}),
        new_output("display_data", data={PLOTLY: figure}),
        new_output("stream", name="stdout", text="<script>alert(1)</script>"),
        new_output("error", ename="<script>", evalue="alert(1)", traceback=["<script>alert(1)</script>"]),
    ]
    cells = [
        new_code_cell("x", outputs=outputs),
        new_markdown_cell("## <script>alert(1)</script>\n\n<img src=x onerror=alert(1)>"),
    ]
    return new_notebook(cells=cells)


def test_every_script_of_a_page_is_ours():
    """Each script element carries the nonce or is inert data; nothing else may run, and nothing names a server."""
    page = render_document(hostile_notebook())

    nonce = re.search(r"'nonce-([0-9a-f]{32})'", page)[1]
    for tag in re.findall(r"<script\b[^>]*>", page):
        assert f'nonce="{nonce}"' in tag or 'type="application/json"' in tag
    assert "example.invalid" not in re.sub(r"<pre.*?</pre>", "", page, flags=re.DOTALL)
    assert "cdn" not in page.lower()


def test_the_same_notebook_gives_the_same_bytes():
    """Rendering is a function of the notebook."""
    nb = hostile_notebook()

    assert render_document(nb) == render_document(nb)


def test_figure_data_cannot_end_its_block():
    """Text in a figure that looks like the end of a script stays inside the data."""
    block = figure_block({"data": [{"text": "</script>"}], "layout": {"meta": {"label": '" onx="'}}}, {}, "fig-0-0")

    assert block.count("</script>") == 1
    assert 'aria-label="&quot; onx=&quot;"' in block
    payload = re.search(r"<script[^>]*>(.*)</script>", block, re.DOTALL)[1]
    assert "</script>" == json.loads(payload)["wide"]["data"][0]["text"]


def test_sections_become_a_table_of_contents():
    """Second-level headings open sections; one in which something is unknown is marked."""
    nb = new_notebook(
        cells=[
            new_code_cell("x", outputs=[new_output("display_data", data={"text/html": "<h1>A &amp; B</h1>"})]),
            new_markdown_cell("## People {#people}\n\nSome text."),
            new_code_cell(
                "x",
                outputs=[
                    new_output(
                        "display_data", data={"text/html": '<span class="unknown" data-gap="1">not recorded</span>'}
                    )
                ],
            ),
            new_markdown_cell("## Impact"),
        ]
    )

    page = render_document(nb)

    assert "<title>A &amp; B</title>" in page
    assert '<section id="people"><h2>People</h2>' in page
    assert re.search(r'<li class="gap"><a href="#people">', page)
    assert '<li><a href="#impact">' in page
    assert "Some text." in page


def test_code_is_not_shown():
    """A report holds results, not code."""
    page = render_document(new_notebook(cells=[new_code_cell("secret_code()", outputs=[])]))

    assert "secret_code" not in page
