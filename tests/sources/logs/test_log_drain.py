"""Templates by Drain, where it is installed, and what is said where it is not."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from incident_analytics.errors import UsageError
from incident_analytics.sources import logs


@pytest.fixture
def drain() -> None:
    """Drain is there."""
    pytest.importorskip("drain3", reason="drain3-improved is not installed: the extra drain")


@pytest.mark.usefixtures("drain")
def test_words_that_change_become_placeholders() -> None:
    """Messages that differ in a name share a template, as masks alone could not make them do; missing stays missing."""
    messages = pd.Series(
        ["otter anna ate 3 fish", "otter bert ate 12 fish", np.nan, "pond is frozen over", "otter carl ate 1 fish"],
        index=[5, 6, 7, 8, 9],
        dtype="str",
    )
    found = logs.drain_templates(messages)
    assert found.dropna().to_dict() == {
        5: "otter <*> ate <num> fish",
        6: "otter <*> ate <num> fish",
        8: "pond is frozen over",
        9: "otter <*> ate <num> fish",
    }
    assert found.index.tolist() == messages.index.tolist() and found.dtype == "str"
    assert logs.drain_templates(messages[:0]).empty


@pytest.mark.usefixtures("drain")
def test_drain_reads_and_writes_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings that lie in the working directory, which Drain would take by itself, change nothing; no file appears."""
    monkeypatch.chdir(tmp_path)
    messages = pd.Series(["otter anna ate", "otter bert ate"])
    before = logs.drain_templates(messages)
    (tmp_path / "drain3.ini").write_text("[DRAIN]\nsim_th = 1.0\n[MASKING]\nmask_prefix = !\n")
    pd.testing.assert_series_equal(logs.drain_templates(messages), before)
    assert [path.name for path in tmp_path.iterdir()] == ["drain3.ini"]


@pytest.mark.usefixtures("drain")
@pytest.mark.parametrize("text", ["", " ", "<*>", "\x00", "a\nb", "x" * 100_000, "\U0001f9a6 " * 1000])
def test_any_message_has_a_template(text: str) -> None:
    """Empty, endless and odd messages raise nothing."""
    assert logs.drain_templates(pd.Series([text, "otter"])).notna().all()


@pytest.mark.parametrize("asked", [{"similarity": 2.0}, {"depth": 1}, {"most": 0}])
def test_what_makes_no_sense_is_refused(asked: dict[str, float]) -> None:
    """A similarity beyond 1, a tree too flat or no template at all are errors of the call."""
    with pytest.raises(UsageError, match="expected a similarity of 0 to 1"):
        logs.drain_templates(pd.Series(["otter"]), **asked)  # type: ignore[arg-type]  # wrong on purpose


def test_without_drain_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the package is missing, the error says which extra brings it."""
    monkeypatch.setitem(sys.modules, "drain3.drain", None)
    with pytest.raises(UsageError, match=r"drain3-improved.*incident-analytics\[drain\]"):
        logs.drain_templates(pd.Series(["otter"]))
