"""The check command: findings grouped, the worst first, as text, JSON or one offline page."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from incident_analytics import Records
from incident_analytics.cli import main
from incident_analytics.schema import finding
from incident_analytics.story.quality import SHOWN, finding_groups, findings_as_text, findings_lede

HOSTILE = "<script>alert(1)</script>"


def run(*arguments: str):
    """Run the command line in this process."""
    return CliRunner().invoke(main, ["check", *arguments])


@pytest.fixture
def oven(tmp_path: Path) -> Path:
    """An export with one impossible end, one hostile title, one row that is none, and a correction by a person."""
    rows = [
        {
            "id": "QOVEN",
            "incident_number": 1,
            "title": f"Test incident {HOSTILE}",
            "urgency": "high",
            "status": "resolved",
            "created_at": "2026-03-01T10:00:00Z",
            "resolved_at": "2026-03-01T09:00:00Z",
        },
        HOSTILE,
    ]
    (tmp_path / "pager.json").write_text(json.dumps(rows), encoding="utf-8")
    (tmp_path / "overrides.toml").write_text(
        '[[override]]\nincident_id = "QOVEN"\ncolumn = "summary"\nvalue = "the oven was cold"\n'
        'who = "Otter Example"\nwhy = "nobody had written it down"\n',
        encoding="utf-8",
    )
    return tmp_path


def test_the_worst_comes_first_with_what_was_done(oven: Path) -> None:
    """Errors stand before warnings before remarks; each group says its number, its meaning and what was done; exit 3."""
    result = run(str(oven))
    severities = re.findall(r"^(error|warning|info): ", result.stdout, re.MULTILINE)
    assert result.exit_code == 3
    assert severities == sorted(severities, key=["error", "warning", "info"].index)
    assert "error: order broken (1) - a later point of the response lies before an earlier one" in result.stdout
    assert "  Done: The row was set aside; its text is kept with the finding." in result.stdout
    assert result.stdout.strip().endswith("for information in 1 incident, 2 entries.")
    assert "Otter Example" in result.stdout


def test_json_holds_every_finding_once(oven: Path) -> None:
    """The document counts by severity, and its groups hold as many findings as they say, in all cells."""
    made = json.loads(run(str(oven), "--format", "json").stdout)
    assert {name: made["counts"][name] for name in ("error", "warning")} == {"error": 2, "warning": 1}
    assert sum(made["counts"].values()) == sum(group["n"] for group in made["groups"])
    assert all(len(group["findings"]) == group["n"] for group in made["groups"])
    (rejected,) = [group for group in made["groups"] if group["check"] == "row_rejected"]
    assert rejected["findings"][0]["raw"] == HOSTILE
    assert rejected["by_source"] == {"pagerduty:pager.json": 1}


def test_the_page_escapes_everything_and_asks_nothing_of_the_network(oven: Path) -> None:
    """No text of the data becomes markup, no script may run, and no name of a server stands in the page."""
    file = oven / "out.html"
    result = run(str(oven / "pager.json"), str(oven / "overrides.toml"), "--format", "html", "-o", str(file))
    page = file.read_text(encoding="utf-8")
    assert result.exit_code == 3
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "default-src 'none'; style-src" in html.unescape(page)
    assert not re.search(r"(?:src|href)=\"(?!#)", page)
    assert str(oven) not in page
    assert page.index("Order broken") < page.index("Other kind suspected") < page.index("Overridden")


def test_the_page_holds_no_name_unless_told(oven: Path) -> None:
    """Who corrected is an editor in the page; with names kept, the name and the rejected text are shown."""
    page = run(str(oven), "--format", "html").stdout
    assert "Otter" not in page
    assert "Editor" in page
    kept = run(str(oven), "--format", "html", "--names", "keep").stdout
    assert "Otter Example" in kept
    assert kept.count("&lt;script&gt;") > page.count("&lt;script&gt;")


def test_times_after_now_are_found_and_now_can_be_named(oven: Path) -> None:
    """An end in the year 2999 lies in the future for the command, and does not once that year is said to be over."""
    export = (oven / "pager.json").read_text(encoding="utf-8").replace("2026-03-01T09", "2999-03-01T09")
    (oven / "pager.json").write_text(export, encoding="utf-8")
    assert "in the future (1)" in run(str(oven)).stdout
    assert "in the future" not in run(str(oven), "--as-of", "3000-01-01T00:00:00Z").stdout
    assert run(str(oven), "--as-of", "3000-01-01").exit_code == 2


def test_a_named_file_of_corrections_is_used(oven: Path) -> None:
    """--overrides works for every command that reads; a faulty file is one clear message with exit code 2."""
    file = oven.parent / "mine.toml"
    text = (oven / "overrides.toml").read_text(encoding="utf-8")
    file.write_text(text.replace("summary", "title"), encoding="utf-8")
    assert "incidents.title was corrected" in run(str(oven), "--overrides", str(file)).stdout
    file.write_text(text.replace("QOVEN", "QOVER"), encoding="utf-8")
    result = CliRunner().invoke(main, ["metrics", str(oven), "--overrides", str(file)])
    assert result.exit_code == 2
    assert "Did you mean 'QOVEN'" in result.stderr


def test_the_list_of_checks_needs_no_source() -> None:
    """--list prints every check with its severity, its meaning and what is done."""
    result = run("--list")
    assert result.exit_code == 0
    assert "zone_shift_suspected" in result.stdout
    assert "row_rejected" in result.stdout


def test_vendors_definitions_are_dialects(monkeypatch: pytest.MonkeyPatch) -> None:
    """Definitions prints how a vendor defines a duration, under its name, as text and as JSON."""
    terms = pd.DataFrame(
        [["oven", "bake_s", "declared", "last resolved", "s", "lit to cold"]],
        columns=["source", "key", "starts", "ends", "unit", "definition"],
    )
    monkeypatch.setattr("incident_analytics.sources.vendor_durations", lambda: terms)
    text = CliRunner().invoke(main, ["definitions"]).stdout
    assert "as vendors define it" in text
    assert "oven: bake_s [s]: declared to last resolved; lit to cold" in text
    made = json.loads(CliRunner().invoke(main, ["definitions", "--format", "json"]).stdout)
    assert [row["name"] for row in made if row.get("dialect") == "oven"] == ["bake_s"]


def many(n: int, check: str = "stale_status", severity: str = "warning") -> list[dict[str, object]]:
    """Findings of two sources in turn."""
    return [
        finding(check, severity, f"loaf {i}", source=f"oven:{i % 2}.json", incident_id=str(i))  # type: ignore[arg-type]  # a word
        for i in range(n)
    ]


def test_a_long_group_is_counted_by_source() -> None:
    """Ten findings are shown; the other three are counted, and where all thirteen come from is said."""
    records = Records().add_findings(many(SHOWN + 3))
    lines = findings_as_text(finding_groups(records.findings))
    assert len([line for line in lines if line.startswith("  loaf")]) == SHOWN
    assert "  … and 3 more; of all 13: oven:0.json 7, oven:1.json 6" in lines


def test_no_finding_and_a_strange_one() -> None:
    """Nothing found is said in a sentence; a check or severity that nobody listed is still shown, last."""
    assert findings_lede(Records(), []).startswith("No check found anything in 0 incidents")
    records = Records().add_findings([*many(1, "croissant", "tragic"), *many(1, "order_broken", "error")])
    groups = finding_groups(records.findings)
    assert [group.check for group in groups] == ["order_broken", "croissant"]
    assert groups[1].meaning == ""
    assert findings_as_text(finding_groups(Records().add_findings(many(1, "a\x1b[31m")).findings))[0].startswith(
        "warning: a\ufffd"
    )
