"""A batch goes on after a failure, writes a ledger, and never leaves its folder."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_analytics import Records, batch
from incident_analytics.batch import Outcome, run_batch, slug, write_safely
from incident_analytics.errors import LeakError, UsageError


@given(st.text(max_size=400), st.text(max_size=400))
def test_slugs_are_safe_and_distinct(first, second):
    """Any identifier gives a plain file name, and two identifiers never the same one."""
    for name in (slug(first), slug(second)):
        assert name.replace("-", "").replace("_", "").replace(".", "").isalnum()
        assert name.isascii()
        assert name[0] not in ".-"
        assert len(name) <= 89
        assert ".." not in name
    assert (first == second) == (slug(first) == slug(second))


@pytest.mark.parametrize("identifier", ["../../etc/passwd", "..", "", "CON", "a\x00b", "x" * 300, "INC/1", "INC:1"])
def test_awkward_identifiers(identifier):
    """Climbing, empty, reserved and very long identifiers stay one plain name."""
    assert "/" not in slug(identifier)
    assert len(slug(identifier)) <= 89


def test_writing_outside_the_folder_is_refused(tmp_path):
    """Even a name that climbs cannot be written elsewhere."""
    with pytest.raises(LeakError, match="outside"):
        write_safely(tmp_path / "reports", "../elsewhere.html", "x")


def two() -> Records:
    """Two small incidents."""
    return Records.build(
        incidents=[{"incident_id": "INC-1", "title": "One"}, {"incident_id": "INC-2", "title": "Two"}],
        events=[
            {"incident_id": i, "at": f"2026-01-31T0{i[-1]}:30:00Z", "kind": "milestone", "field": "declared"}
            for i in ("INC-1", "INC-2")
        ],
    )


def test_a_failure_is_an_entry_and_the_rest_goes_on(tmp_path, monkeypatch):
    """One broken report leaves the other written, the index complete, and the ledger telling both."""

    def one_breaks(job):
        if job.incident_id == "INC-1":
            return Outcome("INC-1", "failed", 0.1, (), "cell 3 stopped with ValueError: boom")
        write_safely(tmp_path, f"{job.slug}.html", "page")
        return Outcome(job.incident_id, "written", 0.1, (f"{job.slug}.html",))

    monkeypatch.setattr(batch, "make_report", one_breaks)
    ledger = run_batch(two(), tmp_path)

    written = json.loads((tmp_path / "ledger.json").read_text())
    assert ["failed", "written"] == [o.status for o in ledger.reports]
    assert (1, 1) == (written["written"], written["failed"])
    assert "boom" in written["reports"][0]["error"]
    index = (tmp_path / "index.html").read_text()
    assert ">One<" in index
    assert index.count('<a href="INC-2') == 1
    assert '<a href="INC-1' not in index


def test_an_unknown_incident_names_near_ones(tmp_path):
    """Asking for INC-3 says which identifiers come near."""
    with pytest.raises(UsageError, match="INC-1"):
        run_batch(two(), tmp_path, incidents=["INC-3"])


def test_a_leak_fails_the_report_and_writes_nothing(tmp_path, monkeypatch):
    """A page in which a name is left is not written; the ledger says how many, and others are untouched."""
    from incident_analytics.render import document, notebook

    class Notebook(dict):
        cells = ()

    monkeypatch.setattr(notebook, "run_notebook", lambda path, parameters: Notebook())
    monkeypatch.setattr(document, "render_document", lambda nb, **options: "<p>Otter Example did it</p>")
    monkeypatch.setattr("nbformat.writes", lambda nb: "{}")
    job = batch.Job("INC-1", "incident_review", {}, str(tmp_path), "inc-1", ("Otter Example",), "", "")

    outcome = batch.make_report(job)

    assert "failed" == outcome.status
    assert "1 name(s)" in outcome.error
    assert [] == list(tmp_path.iterdir())
