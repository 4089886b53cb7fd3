"""Reports in a real Chromium: figures drawn, nothing asked of the network, no error, nothing hostile runs."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from incident_analytics import Records, run_batch

pytestmark = pytest.mark.browser

HOSTILE = "<script>window.hacked=1</script><img src=x onerror='window.hacked=1'>"


@dataclass
class Seen:
    """What a page did while it was open."""

    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def open_page(browser, path: Path, *, width: int = 1280, scheme: str = "light"):
    """Open a page from disk and wait until its figures are drawn."""
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    seen = Seen()
    page.on(
        "request", lambda r: seen.requests.append(r.url) if not r.url.startswith(("file:", "data:", "blob:")) else None
    )
    page.on("console", lambda m: seen.errors.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: seen.errors.append(str(e)))
    page.goto(path.as_uri())
    if page.locator("script[data-for]").count():
        page.wait_for_function("document.documentElement.dataset.figures !== undefined")
    return page, seen


@pytest.fixture(scope="session")
def reports(tmp_path_factory, fictional_sample, public_sample) -> Path:
    """Reports of three incidents: the richest fictional one, one that only a pager knows, and a public one."""
    bundle = public_sample.merge(fictional_sample)
    chosen = three_incidents(public_sample, fictional_sample)
    folder = tmp_path_factory.mktemp("reports")
    ledger = run_batch(bundle, folder, incidents=chosen)
    assert [] == [o.error for o in ledger.failed]
    return folder


def three_incidents(public: Records, fictional: Records) -> list[str]:
    """The richest fictional incident, one without a review record, and a public one with day precision."""
    reviewed = set(fictional.participants["incident_id"])
    plain = next(i for i in fictional.incident_ids if i not in reviewed)
    return [fictional.learnings["incident_id"].mode()[0], plain, "atlassian-2022-04-05"]


def report_pages(folder: Path) -> list[Path]:
    """The pages of single incidents."""
    return sorted(p for p in folder.glob("*.html") if p.name not in ("index.html", "trends.html"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_draws_and_asks_nothing(reports, chromium, width, scheme):
    """On laptop and phone, light and dark: every figure is drawn, no request leaves the disk, the console is quiet."""
    for path in [*report_pages(reports), reports / "trends.html", reports / "index.html"]:
        page, seen = open_page(chromium, path, width=width, scheme=scheme)
        figures = page.locator(".fig").count()
        drawn = page.locator(".fig .main-svg").count()
        wide = page.evaluate("document.documentElement.scrollWidth")

        assert [] == seen.requests
        assert [] == seen.errors
        assert drawn >= figures
        assert figures > 0 or path.name == "index.html"
        assert wide <= width, f"{path.name} scrolls sideways at {width}: {wide}"
        page.context.close()


def test_the_index_lists_searches_and_sorts(reports, chromium):
    """The index shows every incident of the batch, finds one by a word, and turns its order round."""
    page, _ = open_page(chromium, reports / "index.html")
    rows = page.locator(".ix tbody tr")
    listed = json.loads((reports / "ledger.json").read_text())["reports"]

    assert len(listed) == rows.count()
    first = rows.first.inner_text()
    page.select_option("#so", "date:a")
    assert first != rows.first.inner_text()
    page.fill("#q", "atlassian")
    assert "1 of 3 incidents" == page.locator("#out").inner_text()
    page.context.close()


def test_every_link_of_the_index_leads_to_a_page(reports, chromium):
    """No incident of the index is a dead end."""
    page, _ = open_page(chromium, reports / "index.html")
    links = page.eval_on_selector_all(".ix tbody th a", "links => links.map(a => a.getAttribute('href'))")

    assert 3 == len(links)
    assert all((reports / link).is_file() for link in links)
    page.context.close()


def test_hostile_text_runs_nowhere(tmp_path, chromium):
    """Titles, chat, alerts, log lines, learnings and trigger full of markup are shown as text and execute nothing."""
    records = Records.build(
        incidents=[
            {
                "incident_id": "../../etc/" + HOSTILE,
                "title": HOSTILE,
                "summary": HOSTILE,
                "trigger": HOSTILE,
                "service": HOSTILE,
                "organisation": HOSTILE,
                "affected_services": [HOSTILE],
                "contributing": [HOSTILE],
                "references": [
                    {"title": HOSTILE, "url": "javascript:window.hacked=1", "published": HOSTILE, "read": HOSTILE}
                ],
                "source_url": "javascript:window.hacked=1",
                "status": "resolved",
            }
        ],
        events=[
            {
                "incident_id": "../../etc/" + HOSTILE,
                "at": f"2026-01-31T09:{minute:02d}:00Z",
                "kind": kind,
                "text": HOSTILE,
                "field": name,
                "new": HOSTILE if kind == "severity" else new,
                "reason": HOSTILE,
                "audience": "public" if kind == "update" else None,
                "channel": HOSTILE,
                "note": HOSTILE,
            }
            for minute, (kind, name, new) in enumerate(
                [
                    ("milestone", "impact_start", None),
                    ("alert", "fired", None),
                    ("status", None, "acknowledged"),
                    ("severity", None, None),
                    ("message", None, None),
                    ("update", None, None),
                    ("action", "mitigation", None),
                    ("severity", None, None),
                    ("milestone", "mitigated", None),
                    ("milestone", "resolved", None),
                ]
            )
        ],
        learnings=[{"incident_id": "../../etc/" + HOSTILE, "category": "went_well", "text": HOSTILE, "theme": HOSTILE}],
        impacts=[
            {
                "incident_id": "../../etc/" + HOSTILE,
                "service": HOSTILE,
                "began_at": "2026-01-31T09:00:00Z",
                "ended_at": "2026-01-31T09:08:00Z",
                "measure": HOSTILE,
                "text": HOSTILE,
                "unit": HOSTILE,
                "value": 3.0,
            }
        ],
        actions=[
            {
                "incident_id": "../../etc/" + HOSTILE,
                "title": HOSTILE,
                "ticket": HOSTILE,
                "owner_id": HOSTILE,
                "status": "open",
                "created_at": "2026-01-31T09:00:00Z",
                "priority": HOSTILE,
            }
        ],
        logs=[
            {
                "at": f"2026-01-31T{8 + m // 60:02d}:{m % 60:02d}:00Z",
                "service": HOSTILE,
                "level": "error",
                "message": HOSTILE,
            }
            for m in range(90)
        ],
        findings=[
            {
                "incident_id": "../../etc/" + HOSTILE,
                "check": HOSTILE,
                "severity": "error",
                "message": HOSTILE,
                "raw": HOSTILE,
            }
        ],
    )
    ledger = run_batch(records, tmp_path / "reports")

    assert [] == [o.error for o in ledger.failed]
    assert {"reports"} == {p.name for p in tmp_path.iterdir()}
    for path in (tmp_path / "reports").glob("*.html"):
        page, seen = open_page(chromium, path)
        page.wait_for_timeout(200)

        assert page.evaluate("window.hacked") is None
        assert [] == seen.requests
        assert [] == seen.errors
        assert page.locator("a[href^='javascript']").count() == 0
        page.context.close()


def test_hover_shows_text_and_source(reports, chromium):
    """A mark of the incident timeline says what happened and where that was recorded."""
    page, _ = open_page(chromium, report_pages(reports)[0])
    hovers = page.evaluate(
        "[...document.querySelectorAll('script[data-for]')].flatMap(s => JSON.parse(s.textContent).wide.data.flatMap(t => [].concat(t.hovertext || t.customdata || t.text || [])))"
    )

    assert any(isinstance(h, str) and len(h) > 20 for h in hovers)
    page.context.close()
