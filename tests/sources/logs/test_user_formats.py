"""Log formats that a user describes in a TOML file."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from incident_analytics import sources
from incident_analytics.errors import SourceError, UsageError
from incident_analytics.sources import logs

POND = r"""
[pond_log]
patterns = ['^(?P<head>(?P<time>[^|\n]+)\|(?P<level>[a-z]+)\|(?P<host>[^|\n]*)\|)']
times = ["%d.%m.%Y %H:%M:%S", "epoch"]
levels = { wach = "info", Krank = "error" }
begins = '^[0-9]'
continues = "any"
time_zone = "Europe/Berlin"
"""
LINES = "05.01.2026 09:00:00|wach|den-1|awake\n  and hungry\n1767603600|krank|-|ill\n"
BROKEN = "05.13.2026 09:00:00|wach|-|no such month\n"


def written(folder: Path, text: str, name: str) -> Path:
    """A file with this content."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_format_of_the_users_own_is_read(tmp_path: Path) -> None:
    """Patterns, times, words, zone and continued lines are those of the file; every line is accounted for."""
    path = written(tmp_path, LINES * 2 + BROKEN, "pond.log")
    found = logs.scan(path, formats=written(tmp_path, POND, "my.toml"))
    counts = found.counts.iloc[0]
    assert (counts["format"], counts["entries"], counts["continued"], counts["rejected"]) == ("pond_log", 4, 2, 1)
    rows = found.logs[["at", "host", "level", "message"]].iloc[:2].astype(object)
    # Berlin is an hour ahead in winter; a number since 1970 is in UTC.
    assert rows.where(rows.notna(), None).to_numpy().tolist() == [
        [pd.Timestamp("2026-01-05T08:00:00Z"), "den-1", "info", "awake\n  and hungry"],
        [pd.Timestamp("2026-01-05T09:00:00Z"), None, "error", "ill"],
    ]
    assert not (found.findings["check"] == "naive_time").any()


def test_it_goes_before_ours_where_it_fits_and_only_there(tmp_path: Path) -> None:
    """A file that ours read as well is of the user's format; one that it does not fit is of ours."""
    own = "[otters]\npatterns = ['^(?P<head>(?P<time>[^ ]+) (?P<service>[a-z]+) )']\ntimes = ['iso8601']\n"
    formats = [written(tmp_path, own, "otters.toml"), written(tmp_path, POND, "pond.toml")]
    fits = written(tmp_path, "2026-01-05T09:00:00Z pond awake\n" * 3, "a.log")
    other = written(tmp_path, "2026-01-05 09:00:00,437 INFO awake\n" * 3, "b.log")
    found = logs.scan(fits, other, formats=formats)
    assert found.counts["format"].tolist() == ["otters", "plain_text"]
    assert found.logs["service"].tolist() == ["pond"] * 3 + ["b"] * 3
    assert logs.scan(fits).counts["format"].tolist() == ["plain_text"]


def test_other_kinds_may_be_described_too(tmp_path: Path) -> None:
    """Keys of JSON and of logfmt, and columns under a header of one's own, are read as the file says."""
    toml = (
        "[otter_json]\nkind = 'json'\ntimes = ['epoch']\nkeys = { time = ['when'], message = ['what'] }\n"
        "[otter_pairs]\nkind = 'logfmt'\ntimes = ['epoch']\nkeys = { time = ['when'], message = ['what'] }\n"
        "[otter_table]\nkind = 'columns'\ntimes = ['epoch']\nheader = '#cols '\ncomments = '^#'\nkeys = { time = ['when'] }\n"
    )
    formats = written(tmp_path, toml, "my.toml")
    files = {
        "otter_json": '{"when": 1767603600, "what": "awake"}\n',
        "otter_pairs": "when=1767603600 what=awake\n",
        "otter_table": "#cols when what\n1767603600 awake\n",
    }
    found = logs.scan(*(written(tmp_path, text, f"{name}.log") for name, text in files.items()), formats=formats)
    assert found.counts["format"].tolist() == list(files)
    assert found.logs["message"].tolist() == ["awake", "awake", "what=awake"]
    assert set(found.logs["at"]) == {pd.Timestamp("2026-01-05T09:00:00Z")}


def test_two_that_fit_equally_well_are_an_error(tmp_path: Path) -> None:
    """When two formats of the user's account for all lines, neither is chosen."""
    toml = "".join(f"[{name}]\npatterns = ['^(?P<time>[0-9]+)']\ntimes = ['epoch']\n" for name in ("ann", "ben"))
    path = written(tmp_path, "1767603600 awake\n", "a.log")
    with pytest.raises(SourceError, match="more than one log format fits equally well: ann, ben for 100%"):
        logs.scan(path, formats=written(tmp_path, toml, "my.toml"))


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("x = 1", "x: expected a table"),
        ("[a]\npattern = ['x']", "there is no key 'pattern'.*Did you mean 'patterns'"),
        ("[a]\npatterns = 'x'\nis_service_from_file = 1", "expected a list of texts\n.*expected true or false"),
        ("[a]\ntimes = ['epoch']", "patterns is missing"),
        ("[a]\npatterns = ['(?P<time>x)']", "times is missing"),
        ("[a]\npatterns = ['(']\ntimes = ['epoch']", r"'\(' is no RE2 expression"),
        ("[a]\npatterns = ['(?P<time>x)(?=y)']\ntimes = ['epoch']", "is no RE2 expression"),
        ("[a]\npatterns = ['(x)(?P<time>x)']\ntimes = ['epoch']", "groups all have names"),
        ("[a]\npatterns = ['(?P<tim>x)']\ntimes = ['epoch']", "no group 'tim'.*Did you mean 'time'"),
        ("[a]\npatterns = ['(?P<time>x)']\nrequired = ['host']\ntimes = ['epoch']", "no pattern has the group 'host'"),
        ("[a]\npatterns = ['(?P<time>x)']\nbegins = '['\ntimes = ['epoch']", r"begins '\[' is no RE2"),
        ("[a]\npatterns = ['(?P<time>x)']\ntimes = ['%Q', 'soon']", "time '%Q' is neither.*\n.*time 'soon' is neither"),
        ("[a]\npatterns = ['(?P<time>x)']\ntimes = ['%H:%M', '%d %b']", "cannot be told apart"),
        ("[a]\npatterns = ['(?P<time>x)']\ntimes = ['epoch']\nlevels = { wach = 'awake' }", "'awake' of word 'wach'"),
        ("[a]\npatterns = ['(?P<time>x)']\ntimes = ['epoch']\ntime_zone = 'Pond/North'", "no time zone 'Pond/North'"),
        ("[a]\npatterns = ['(?P<time>x)']\ntimes = ['epoch']\ncontinues = 'all'", "expected one of indented, any"),
        (
            "[a]\nkind = 'columns'\ntimes = ['epoch']\nkeys = { tim = ['x'] }",
            "names 'tim'.*\n.*keys.time is.*\n.*header is",
        ),
        ("[a]\nkind = 'logfmt'\ntimes = ['epoch']\nkeys = { time = [\"t' OR\"] }", "has a quote"),
        ("[kafka]\npatterns = ['(?P<time>x)']\ntimes = ['epoch']", "there is a format of this name already"),
        ("[", "is no TOML"),
        ("[a]\n" + "[" * 5000, "is no TOML"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(toml: str, said: str, tmp_path: Path) -> None:
    """Every fault of a formats file is named, with what was expected, before any log is read."""
    formats = written(tmp_path, toml, "my.toml")
    with pytest.raises(SourceError, match=f"(?s)my.toml.*{said}"):
        logs.scan(tmp_path / "gone.log", formats=formats)


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """A formats file that does not exist is named in the error, also where records are read."""
    with pytest.raises(SourceError, match=r"gone\.toml cannot be read"):
        logs.scan(tmp_path, formats=tmp_path / "gone.toml")
    with pytest.raises(UsageError, match=r"no file of log formats .*gone\.toml"):
        sources.read(tmp_path, log_formats=tmp_path / "gone.toml")


def test_records_are_read_with_logs_in_a_format_of_the_users_own(tmp_path: Path) -> None:
    """Where records are read, the formats go to the logs beside them and to those that are named by themselves."""
    folder = tmp_path / "pond"
    (folder / "logs").mkdir(parents=True)
    written(folder, "id,began\n1,2026-01-05T08:00:00Z\n", "incidents.csv")
    written(folder, "[incidents]\nincident_id = 'id'\n[milestones]\ndeclared = 'began'\n", "incidents.mapping.toml")
    own = written(tmp_path, LINES, "den.log")
    written(folder / "logs", LINES, "pond.log")
    formats = written(tmp_path, POND, "my.toml")
    found = sources.read(folder, logs=own, log_formats=formats).logs
    assert sorted(found["source"]) == ["den.log", "pond.log"]
    assert set(found["message"]) == {"awake\n  and hungry"}


def test_texts_in_a_format_are_never_a_query(tmp_path: Path) -> None:
    """Quotes in patterns and in spellings of times stand for themselves."""
    toml = (
        '[otters]\ntimes = ["%H o\'clock on %d.%m.%Y"]\nbegins = "^\'"\n'
        "patterns = [\"^'(?P<head>(?P<time>[^;]+)'; )\"]\n"
    )
    path = written(tmp_path, "'09 o'clock on 05.01.2026'; DROP TABLE lines; --\n", "a.log")
    found = logs.scan(path, formats=written(tmp_path, toml, "my.toml"))
    assert found.logs["at"].tolist() == [pd.Timestamp("2026-01-05T09:00:00Z")]
