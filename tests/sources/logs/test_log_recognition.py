"""How a log file's format is told: by what fits best, a specific format before a general one, and a tie is said."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from incident_analytics.errors import SourceError
from incident_analytics.sources import logs
from incident_analytics.sources.logs import _recognition
from incident_analytics.sources.logs._engine import LEVEL_NAMES, LogFormat, Sample, database

DAY = r"(?P<time>[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8})"
BAKERY = LogFormat(
    kind="pattern",
    times=("iso8601",),
    levels=LEVEL_NAMES,
    patterns=(rf"^(?P<head>{DAY} (?P<level>[A-Z]+) \[(?P<service>[a-z-]+)\] )",),
    required=("time", "level", "service"),
)
ANY_TEXT = LogFormat(kind="pattern", times=("iso8601",), levels={}, patterns=(rf"^(?P<head>{DAY} )",), is_general=True)
LEVELLED = replace(BAKERY, patterns=(rf"^(?P<head>{DAY} (?P<level>[A-Z]+) )",), required=("time", "level"))
OTTER_JSON = LogFormat(
    kind="json",
    times=("iso8601",),
    levels=LEVEL_NAMES,
    keys={"time": ("time",), "message": ("msg",)},
    marks=("otter",),
)


def known(monkeypatch: pytest.MonkeyPatch, **formats: LogFormat) -> None:
    """These formats beside general JSON lines, and no others."""
    modules = {name: SimpleNamespace(NAME=name, FORMAT=layout) for name, layout in formats.items()}
    modules["json_lines"] = logs.log_formats()["json_lines"]
    monkeypatch.setattr(_recognition, "log_formats", lambda: modules)


def file_of(folder: Path, *lines: str | bytes) -> Path:
    """A file of these lines."""
    path = folder / "bakery.log"
    path.write_bytes(b"".join((line.encode() if isinstance(line, str) else line) + b"\n" for line in lines))
    return path


def test_a_specific_format_goes_before_a_general_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that a general format fits as well as a specific one is of the specific format."""
    known(monkeypatch, any_text=ANY_TEXT, bakery=BAKERY)
    path = file_of(tmp_path, *["2026-01-05 09:00:00 INFO [oven] bread is in"] * 5)
    name, shares = logs.recognise(path)
    assert name == "bakery" and shares["any_text"] == shares["bakery"] == 1.0
    path = file_of(tmp_path, *["2026-01-05 09:00:00 the oven is warm"] * 5)
    assert logs.recognise(path)[0] == "any_text"


def test_a_broken_line_does_not_make_a_file_general(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line in ten that only the general format reads changes nothing; one in five does."""
    known(monkeypatch, any_text=ANY_TEXT, bakery=BAKERY)
    good, odd = "2026-01-05 09:00:00 INFO [oven] bread is in", "2026-01-05 09:00:00 bread bread"
    assert logs.recognise(file_of(tmp_path, *[good] * 9, odd))[0] == "bakery"
    assert logs.recognise(file_of(tmp_path, *[good] * 8, odd, odd))[0] == "any_text"


def test_of_two_formats_the_one_that_explains_more_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where two specific formats account for every line, the one that leaves less of it unexplained is it."""
    known(monkeypatch, levelled=LEVELLED, bakery=BAKERY)
    path = file_of(tmp_path, *["2026-01-05 09:00:00 INFO [oven] bread is in"] * 5)
    assert logs.recognise(path)[0] == "bakery"


def test_a_true_tie_is_an_error_with_both_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two formats that account for all lines and explain as much of them are named, and none is chosen."""
    known(monkeypatch, bakery=BAKERY, pastry=BAKERY)
    path = file_of(tmp_path, *["2026-01-05 09:00:00 INFO [oven] bread is in"] * 5)
    with pytest.raises(SourceError, match=r"more than one log format.*: bakery for 100%, pastry for 100%;"):
        logs.recognise(path)


def test_marks_tell_a_json_format_from_the_general_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A JSON format that names its own keys claims objects that have them all, and no others."""
    known(monkeypatch, otter=OTTER_JSON)
    plain = '{"time": "2026-01-05T09:00:00Z", "msg": "x", "id": 1}'
    assert logs.recognise(file_of(tmp_path, *[plain.replace("id", "otter")] * 5))[0] == "otter"
    assert logs.recognise(file_of(tmp_path, *[plain] * 5))[0] == "json_lines"


def test_under_80_percent_the_best_candidates_are_listed_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of many formats that do not fit, the message lists the five best."""
    known(monkeypatch, **{f"bakery_{n}": BAKERY for n in range(9)})
    path = file_of(tmp_path, *["2026-01-05 09:00:00 INFO [oven] bread is in"] * 3, "no", "not at all")
    with pytest.raises(SourceError, match=r"no log format fits.*bakery_0 for 60%") as caught:
        logs.recognise(path)
    assert str(caught.value).count(" for 60%") == 5


@pytest.mark.parametrize(
    "lines",
    [
        [b"\x1b[32m2026-01-05 09:00:00\x1b[0m INFO [oven] bread is in"] * 3,
        [b"2026-01-05 09:00:00 INFO [oven] bread is in\r"] * 3,
        [b"2026-01-05 09:00:00 ERROR [oven] it burns", b"\tat oven.Heat.up(Heat.java:7)", b"  at oven.Main"] * 3,
        [b"2026-01-05 09:00:00 INFO [oven] caf\xe9 \xed\xa0\x80"] * 3,
        [b"2026-01-05 09:00:00 INFO [oven] " + b"x" * 100_000] * 3,
        [b"[" * 50_000, *[b"2026-01-05 09:00:00 INFO [oven] bread is in"] * 6],
    ],
    ids=["colours", "carriage returns", "stack traces", "invalid UTF-8", "long lines", "a JSON bomb"],
)
def test_what_real_files_hold_hides_no_format(
    lines: list[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Colours, foreign line ends, entries of several lines, broken text and long lines do not stand in the way."""
    known(monkeypatch, any_text=ANY_TEXT, bakery=BAKERY)
    assert logs.recognise(file_of(tmp_path, *lines))[0] == "bakery"


def test_times_are_looked_at_before_a_format_is_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines that look like entries of a format and have times that are none are not taken for it."""
    known(monkeypatch, bakery=BAKERY)
    path = file_of(tmp_path, *["2026-99-99 09:00:00 INFO [oven] bread is in"] * 5)
    with pytest.raises(SourceError, match="bakery for 0%"):
        logs.recognise(path)


def test_formats_that_cannot_fit_cost_no_closer_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine reads the sample for the best few formats, and for no general one beside a specific one that fits wholly."""
    known(monkeypatch, **{f"bakery_{n}": BAKERY for n in range(40)}, any_text=ANY_TEXT)
    looked_at = []
    real = _recognition.read_sample
    monkeypatch.setattr(_recognition, "read_sample", lambda *given: looked_at.append(given[2]) or real(*given))
    with pytest.raises(SourceError, match="more than one"):
        logs.recognise(file_of(tmp_path, *["2026-01-05 09:00:00 INFO [oven] bread is in"] * 5))
    assert len(looked_at) == _recognition.CLOSER
    looked_at.clear()
    known(monkeypatch, bakery=BAKERY, any_text=ANY_TEXT)
    assert logs.recognise(tmp_path / "bakery.log")[0] == "bakery"
    assert looked_at == [BAKERY]


def test_a_first_look_needs_no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """What could be an entry is found out without a query."""
    monkeypatch.setitem(sys.modules, "duckdb", None)
    glance = Sample([b"2026-01-05 09:00:00 INFO [oven] bread is in", b"x"]).glance(BAKERY)
    assert (glance.entries, glance.resembling) == (0.5, 0.5)
    # The head is 32 of 44 bytes with the line end; half the lines have none.
    assert glance.explained == pytest.approx(32 / 44 / 2)
    with database.Database():
        pass
