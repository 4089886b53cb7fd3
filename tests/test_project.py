"""The project itself: light import, honest public names, documented commands, clean files."""

import importlib
import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

import incident_analytics as ia
from incident_analytics.cli import main

ROOT = Path(__file__).parent.parent


def test_importing_is_light():
    """Importing the package loads no plotly, papermill, nbconvert, DuckDB or scipy."""
    code = "import sys, incident_analytics; print([m for m in ('plotly','papermill','nbconvert','duckdb','scipy','nbformat') if m in sys.modules])"

    assert (
        "[]" == subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    )


def test_reading_and_measuring_loads_no_plotly():
    """The library's numbers come without the drawing library and without notebooks."""
    code = "import sys, incident_analytics as ia; ia.measure(ia.load_sample('public')); print([m for m in ('plotly','papermill','nbconvert') if m in sys.modules])"

    assert (
        "[]" == subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    )


def test_public_names_are_sorted_and_true():
    """__all__ is sorted, and every name in it can be had and explains itself."""
    assert sorted(ia.__all__) == ia.__all__
    for name in ia.__all__:
        found = getattr(ia, name)
        assert name == "__version__" or found.__doc__, name


def test_every_command_is_in_the_readme():
    """A command that the README does not show does not exist for a reader."""
    readme = (ROOT / "README.md").read_text()

    assert [] == [name for name in main.commands if f"incident-analytics {name}" not in readme]


def test_the_page_of_formats_is_what_the_modules_say():
    """docs/formats.md is what the command prints; make it anew with `make docs` after a change."""
    from incident_analytics.sources import formats, formats_page

    assert formats_page(formats()) == (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")


def test_pandas_is_the_version_it_is_built_for():
    """A dependency that drags pandas back to 2 fails here."""
    assert importlib.metadata.version("pandas").startswith("3.")


def test_the_lock_names_no_host():
    """The lock pins with hashes and holds no address."""
    lock = (ROOT / "requirements.lock").read_text()

    assert "://" not in lock
    assert lock.count("--hash=sha256:") > 100


def test_every_example_in_docstrings_holds():
    """The examples in the wording module are true."""
    import doctest

    from incident_analytics import errors, wording

    for module in (wording, errors):
        assert 0 == doctest.testmod(module).failed


def test_the_vendor_in_the_contributors_guide_reads(tmp_path):
    """The module that the guide shows recognises its own example, and reads it into a declared incident."""
    import textwrap

    from incident_analytics.sources._contract import IncidentSource

    shown = (
        (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("mypy and the tests name.\n")[1].split("\n2. ")[0]
    )
    names = {
        **vars(importlib.import_module("incident_analytics.sources._export")),
        **vars(importlib.import_module("incident_analytics.sources._json")),
        "Records": ia.Records,
    }
    exec(textwrap.dedent(shown), names)
    (tmp_path / "one.json").write_text(
        names["EXAMPLE"].replace("}", ', "opened": "2026-01-05T09:00:00Z", "name": "Wet"}')
    )
    records = names["read"](tmp_path / "one.json")

    assert set(IncidentSource.__annotations__) <= set(names)
    assert names["recognises"](names["EXAMPLE"].encode())
    assert [["O1", "Wet"]] == records.incidents[["incident_id", "title"]].to_numpy().tolist()
    assert ["2026-01-05T09:00:00+00:00"] == [at.isoformat() for at in records.events["at"]]
    assert records.findings.empty


def test_reports_load_nothing_from_the_network():
    """No template names a server."""
    folder = ROOT / "incident_analytics" / "render" / "templates"
    for path in folder.rglob("*.*"):
        assert not re.search(r"https?://", path.read_text(encoding="utf-8")), path
