"""The command line: results on stdout, errors that help, exit codes that scripts can use."""

import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from incident_analytics.cli import main
from incident_analytics.datasets import sample_folder

PUBLIC = str(sample_folder() / "public")


def run(*arguments: str):
    """Run the command line in this process."""
    return CliRunner().invoke(main, list(arguments))


def test_metrics_prints_one_row_per_incident():
    """CSV on stdout: 14 public incidents, durations in seconds; Fastly took 49 minutes to mitigate."""
    from io import StringIO

    result = run("metrics", PUBLIC)
    frame = pd.read_csv(StringIO(result.stdout)).set_index("incident_id")

    assert 0 == result.exit_code
    assert 14 == len(frame)
    assert 49 * 60 == frame.loc["fastly-2021-06-08", "time_to_mitigate_seconds"]


def test_metrics_as_json_and_parquet_agree(tmp_path):
    """The three formats hold the same numbers."""
    as_json = pd.DataFrame(json.loads(run("metrics", PUBLIC, "--format", "json").stdout))
    result = run("metrics", PUBLIC, "--format", "parquet", "-o", str(tmp_path / "m.parquet"))
    as_parquet = pd.read_parquet(tmp_path / "m.parquet")

    assert 0 == result.exit_code
    assert (
        as_json["time_to_resolve_seconds"].fillna(-1).tolist()
        == as_parquet["time_to_resolve_seconds"].fillna(-1).tolist()
    )


def test_parquet_to_the_terminal_is_refused():
    """Parquet is not text; a file must be named. Exit code 2."""
    result = run("metrics", PUBLIC, "--format", "parquet")

    assert 2 == result.exit_code
    assert "--out FILE" in result.stderr


def test_formula_cells_are_quoted(tmp_path):
    """A title that a spreadsheet would run as a formula is quoted in CSV; numbers are left alone."""
    from incident_analytics.cli._printing import in_seconds

    made = in_seconds(pd.DataFrame({"reason": ["=cmd()", "fine"], "n": [-5, 3]}))

    assert ["'=cmd()", "fine"] == made["reason"].tolist()
    assert [-5, 3] == made["n"].tolist()


def test_read_saves_records(tmp_path):
    """Reading saves a folder that loads again."""
    from incident_analytics import load

    result = run("read", PUBLIC, "-o", str(tmp_path / "records"))

    assert 0 == result.exit_code
    assert 14 == len(load(tmp_path / "records").incidents)
    assert "incidents" in result.stdout


def test_check_lists_findings():
    """The conflicts between public sources are listed as findings."""
    result = run("check", PUBLIC)

    assert 0 == result.exit_code
    assert "sources differ" in result.stdout
    assert "in 14 incidents" in result.stdout


@pytest.mark.parametrize("command", ["schema", "definitions", "formats"])
def test_explaining_commands_speak_text_and_json(command):
    """The glossary, the definitions and the formats print for people and for programs."""
    assert len(run(command).stdout) > 500
    assert json.loads(run(command, "--format", "json").stdout)


def test_the_json_schema_is_printed():
    """An editor's schema for the record files."""
    assert "$schema" in json.loads(run("schema", "--json-schema").stdout)


def test_sample_is_copied_once(tmp_path):
    """The sample lands in a new folder; a folder that holds something is left alone."""
    assert 0 == run("sample", str(tmp_path / "s")).exit_code
    assert (tmp_path / "s" / "public").is_dir()

    again = run("sample", str(tmp_path / "s"))

    assert 2 == again.exit_code
    assert "not empty" in again.stderr


@pytest.mark.parametrize(
    ("make", "code", "said"),
    [
        (lambda folder: [str(folder / "nothing.json")], 2, "nothing.json"),
        (lambda folder: [write(folder / "a.bin", "\x00\x01 what is this")], 3, "a.bin"),
        (lambda folder: [write(folder / "incidents.json", '{"incidents": [')], 3, "incidents.json"),
        (lambda folder: [str(folder)], 3, "is empty"),
        (lambda folder: [PUBLIC, "--incident", "fastly-2021-06-09"], 2, "fastly-2021-06-08"),
        (lambda folder: [PUBLIC, "--policy", write(folder / "p.toml", "[severty]\n")], 2, "Did you mean 'severity'"),
        (lambda folder: [PUBLIC, "--as-of", "yesterday"], 2, "ISO 8601"),
        (lambda folder: [PUBLIC, "--as-of", "2026-01-01T00:00:00"], 2, "time zone"),
        (
            lambda folder: [
                write(folder / "t.csv", "id,name\n1,x\n"),
                "--mapping",
                write(folder / "m.toml", '[incidents]\nincident_id = "idd"\n'),
            ],
            3,
            "'idd'",
        ),
        (lambda folder: [PUBLIC, "--jobs", "0"], 2, "--jobs"),
    ],
    ids=[
        "missing file",
        "unknown file",
        "broken json",
        "empty folder",
        "unknown incident",
        "unknown policy key",
        "unreadable time",
        "naive time",
        "mapping names no column",
        "no jobs",
    ],
)
def test_bad_input_gets_one_clear_message(tmp_path, make, code, said):
    """Each fault names file or place, what was found and what was expected, with exit code 2 for usage, 3 for data."""
    result = run("report", *make(tmp_path), "-o", str(tmp_path / "out"))

    assert code == result.exit_code
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def write(path: Path, text: str) -> str:
    """Write a file and return its name."""
    path.write_text(text)
    return str(path)


def test_version():
    """The version is printed."""
    assert "0.1.0" in run("--version").stdout


def test_logs_are_counted_per_minute(tmp_path):
    """Nine dives of one minute are one row of CSV, with a count of nine; what was done with each line goes to stderr."""
    path = tmp_path / "otter.log"
    path.write_text("".join(f"2026-01-05T09:00:0{n}Z web-1 otter[7]: dived {n} m\n" for n in range(9)) + "otters\n")
    result = run("logs", str(path))

    assert "source,at,service,level,template,n" == result.stdout.splitlines()[0]
    assert "otter.log,2026-01-05 09:00:00+00:00,otter,,dived <num> m,9" == result.stdout.splitlines()[1]
    assert "otter.log: syslog_iso: 10 lines, 9 entries, 0 continued, 1 rejected" in result.stderr
    assert 3 == result.exit_code
