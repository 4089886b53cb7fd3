"""Somebody's table, read with a mapping file."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident_analytics.errors import SourceError
from incident_analytics.records import Records
from incident_analytics.sources.incidents import roster, table

HERE = Path(__file__).parent
GITHUB = HERE.parents[2] / "shared" / "realdata" / "github-status-mrshu" / "parsed" / "incidents.jsonl"
BAKERY = """\
[incidents]
incident_id = "No"
title = "What happened"
[milestones]
impact_start = "From"
resolved = "To"
"""


def read(tmp_path: Path, name: str, content: str | bytes, mapping: str, **options: object) -> Records:
    """The records of a table of that name and content."""
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    about = tmp_path / "any.toml"
    about.write_text(mapping)
    return table.read(path, mapping=about, **options)


def refusal(tmp_path: Path, name: str, content: str, mapping: str) -> str:
    """The message with which the table or its mapping is refused."""
    with pytest.raises(SourceError) as refused:
        read(tmp_path, name, content, mapping)
    return str(refused.value)


def test_a_csv_cell_is_a_text_and_only_an_empty_one_is_missing(tmp_path: Path) -> None:
    """The region NA, the number 00123 and a quoted line break stay as they are; an empty cell is missing."""
    content = 'No,What happened,From,To,Region,Oven\n00123,"Oven\ncold",2026-01-31T06:00:00Z,,NA,\n'
    records = read(tmp_path, "ovens.csv", content, BAKERY)
    incident = records.incidents.iloc[0]
    assert (incident["incident_id"], incident["title"]) == ("00123", "Oven\ncold")
    assert incident["extra"] == {"Region": "NA"}
    assert list(records.events["field"]) == ["impact_start"]
    assert pd.isna(incident["status"])


def test_a_table_that_says_when_it_was_over_says_that_it_is_resolved(tmp_path: Path) -> None:
    """A row with a resolved time is resolved; one without has no status, since the table has none."""
    content = "No,What happened,From,To\n1,a,2026-01-31T06:00:00Z,2026-01-31T07:00:00Z\n2,b,2026-01-31T06:00:00Z,\n"
    assert read(tmp_path, "ovens.csv", content, BAKERY).incidents["status"].fillna("-").tolist() == ["resolved", "-"]


def test_all_sorts_of_tables_give_the_same_records(tmp_path: Path) -> None:
    """The same two rows as CSV, TSV, JSON, JSON lines and Parquet are the same incidents and milestones."""
    rows = [
        {"No": "1", "What happened": "a", "From": "2026-01-31T06:00:27Z", "To": "2026-01-31T07:00:00Z"},
        {"No": "2", "What happened": "é", "From": "2026-02-01T06:00:00Z", "To": None},
    ]
    frame = pd.DataFrame(rows)
    frame.to_parquet(tmp_path / "t.parquet")
    nested = BAKERY + '[source]\nrecords = "data.list"\n'
    found = [
        read(tmp_path, "t.csv", frame.to_csv(index=False), BAKERY),
        read(tmp_path, "t.tsv", frame.to_csv(index=False, sep="\t"), BAKERY),
        read(tmp_path, "t.json", "\ufeff" + json.dumps({"data": {"list": rows}}), nested),
        read(tmp_path, "t.jsonl", "\n".join(json.dumps(row) for row in rows), BAKERY),
        read(tmp_path, "t.parquet", (tmp_path / "t.parquet").read_bytes(), BAKERY),
    ]
    for records in found:
        assert records.incidents[["incident_id", "title"]].to_numpy().tolist() == [["1", "a"], ["2", "é"]]
        assert records.events["at"].tolist() == [
            pd.Timestamp("2026-01-31T06:00:27Z"),
            pd.Timestamp("2026-02-01T06:00:00Z"),
            pd.Timestamp("2026-01-31T07:00:00Z"),
        ]
        assert records.events["precision"].tolist() == ["second", "second", "minute"]
        assert len(records.findings) == 0


def test_dots_lead_into_nested_json_unless_the_column_has_them(tmp_path: Path) -> None:
    """A dotted path finds a nested cell and a list's entry; a column that is really called so goes first."""
    row = {"No": 1, "f": {"p": {"name": "nested"}}, "f.q": "flat", "l": [{"n": "first"}], "x": {"rest": 1}}
    mapping = '[incidents]\nincident_id = "No"\ntitle = "f.p.name"\nsummary = "f.q"\nservice = "l.0.n"\n'
    incident = read(tmp_path, "t.json", json.dumps([row]), mapping).incidents.iloc[0]
    assert incident[["incident_id", "title", "summary", "service"]].tolist() == ["1", "nested", "flat", "first"]
    assert incident["extra"]["x"] == {"rest": 1}


def test_a_naive_time_needs_a_zone_from_the_mapping_or_the_caller(tmp_path: Path) -> None:
    """Without a zone the cell stays missing with a finding; the mapping's zone goes before the caller's."""
    content = "No,What happened,From,To\n1,a,2026-07-01 08:00,\n"
    records = read(tmp_path, "t.csv", content, BAKERY)
    assert len(records.events) == 0
    assert records.findings[["incident_id", "check", "row", "raw"]].to_numpy().tolist() == [
        ["1", "naive_time", "line 2", "2026-07-01 08:00"]
    ]
    assert read(tmp_path, "t.csv", content, BAKERY, time_zone="UTC").events["at"][0] == pd.Timestamp(
        "2026-07-01T08:00Z"
    )
    berlin = BAKERY + '[source]\ntime_zone = "Europe/Berlin"\n'
    records = read(tmp_path, "t.csv", content, berlin, time_zone="UTC")
    assert records.events["at"][0] == pd.Timestamp("2026-07-01T06:00Z")
    assert records.incidents["time_zone"][0] == "Europe/Berlin"


def test_a_named_time_format_is_used(tmp_path: Path) -> None:
    """Day-first dates, days alone and milliseconds since 1970 are read when the mapping says so."""
    for spelling, cell, at, latest in (
        ("%d-%m-%Y %H:%M", "02-01-2026 08:53", "2026-01-02T08:53Z", None),
        ("epoch ms", "1767344000000", "2026-01-02T08:53:20Z", None),
        ("%d.%m.%Y", "02.01.2026", "2026-01-02T00:00Z", "2026-01-03T00:00Z"),
    ):
        mapping = BAKERY + f'[source]\ntime_zone = "UTC"\ntime_format = "{spelling}"\n'
        event = read(tmp_path, "t.csv", f"No,What happened,From,To\n1,a,{cell},\n", mapping).events.iloc[0]
        assert event["at"] == pd.Timestamp(at)
        assert str(event["at_latest"]) == str(pd.NaT if latest is None else pd.Timestamp(latest))


def test_a_day_is_an_interval(tmp_path: Path) -> None:
    """A column of dates without a clock means somewhere in that day of the zone."""
    mapping = BAKERY + '[source]\ntime_zone = "UTC"\n'
    event = read(tmp_path, "t.csv", "No,What happened,From,To\n1,a,2026-01-02,\n", mapping).events.iloc[0]
    assert (event["precision"], event["at_latest"]) == ("day", pd.Timestamp("2026-01-03T00:00Z"))


def test_an_unreadable_time_is_a_finding_and_the_rest_is_read(tmp_path: Path) -> None:
    """The cell stays missing; the finding has the incident, the line and the text as written."""
    content = "No,What happened,From,To\n1,a,yesterday,2026-01-31T07:00:00Z\n2,b,2026-01-31T06:00:00Z,\n"
    records = read(tmp_path, "t.csv", content, BAKERY)
    assert list(records.events["field"]) == ["impact_start", "resolved"]
    assert records.findings[["incident_id", "check", "row", "raw"]].to_numpy().tolist() == [
        ["1", "unreadable_time", "line 2", "yesterday"]
    ]


def test_a_broken_json_line_is_set_aside_with_its_number_and_text(tmp_path: Path) -> None:
    """A line cut off, a list, a number too long and a nest too deep are findings; the lines around them are read."""
    good = '{"No": "%d", "What happened": "a", "From": null, "To": null}'
    lines = [good % 1, '{"No": "2", ' + "x" * 600, "[1]", "[" * 100_000, "9" * 5000, "", good % 7]
    records = read(tmp_path, "t.jsonl", "\n".join(lines), BAKERY)
    assert records.incident_ids == ["1", "7"]
    rejected = records.findings[records.findings["check"] == "row_rejected"]
    assert list(rejected["row"]) == ["line 2", "line 3", "line 4", "line 5"]
    assert rejected["raw"].str.len().tolist() == [500, 3, 500, 500]
    assert set(rejected["severity"]) == {"error"}


def test_a_csv_row_with_cells_missing_or_too_many_is_set_aside(tmp_path: Path) -> None:
    """A short row, a long row and an unclosed quote are not guessed at: each is a finding with its lines and text."""
    content = 'No,What happened,From,To\n1,a,,\n2,b\n\n3,c,,,,\n4,d,,\n5,"e,,\n6,f,,\n'
    records = read(tmp_path, "t.csv", content, BAKERY)
    assert records.incident_ids == ["1", "4"]
    assert records.findings[["row", "raw"]].to_numpy().tolist() == [
        ["line 3", "2,b\n"],
        ["line 5", "3,c,,,,\n"],
        ["lines 7 to 8", '5,"e,,\n6,f,,\n'],
    ]


LINES = st.one_of(
    st.integers(1, 5).map(lambda n: json.dumps({"No": n, "What happened": "a", "From": None, "To": "soon"})),
    st.sampled_from(['{"No": null}', "{", "[]", "5", '"x"', "null", "", "  ", "{}"]),
    st.text(st.characters(exclude_characters="\r\n\x85\u2028\u2029", exclude_categories=["Cs"]), max_size=10),
)


@settings(max_examples=50, deadline=None)
@given(st.lists(LINES, max_size=8))
def test_every_line_is_an_incident_or_a_finding(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    """Whatever the lines of a file are, those read, those repeated and those set aside add up to those there are."""
    whole = json.dumps({"No": 9, "What happened": "a", "From": None, "To": None})
    records = read(tmp_path_factory.mktemp("lines"), "t.jsonl", "\n".join([whole, *lines]), BAKERY)
    checks = records.findings["check"].value_counts()
    n_rows = 1 + sum(bool(line.strip()) for line in lines)
    assert len(records.incidents) + checks.get("duplicate_id", 0) + checks.get("row_rejected", 0) == n_rows


def test_a_row_without_an_identifier_is_set_aside(tmp_path: Path) -> None:
    """A row whose identifier is empty is a finding with the whole row; a row that repeats one is pointed out."""
    content = "No,What happened,From,To\n,a,,\n1,b,,\n1,c,,\n"
    records = read(tmp_path, "t.csv", content, BAKERY)
    assert records.incident_ids == ["1"]
    checks = dict(zip(records.findings["check"], records.findings["row"].fillna(""), strict=True))
    assert checks == {"row_rejected": "line 2", "duplicate_id": "line 4", "sources_differ": ""}
    assert '"What happened": "a"' in records.findings["raw"].dropna().iloc[0]


def test_a_column_that_no_row_has_is_an_error_that_names_near_ones(tmp_path: Path) -> None:
    """The message has the mapping file, the key, the column, the columns there are, and the near one."""
    message = refusal(tmp_path, "t.csv", "No,What hapened,From,To\n1,a,,\n", BAKERY)
    assert "mapping any.toml: incidents.title names the column 'What happened'" in message
    assert "it has No, What hapened, From, To. Did you mean 'What hapened'?" in message


def test_a_column_absent_in_some_rows_is_missing_there(tmp_path: Path) -> None:
    """JSON leaves out what it has not: that is no error as long as one row has the column."""
    rows = [{"No": "1", "From": "2026-01-31T06:00:00Z", "To": None}, {"No": "2", "What happened": "b"}]
    records = read(tmp_path, "t.json", json.dumps(rows), BAKERY)
    assert records.incidents["title"].fillna("-").tolist() == ["-", "b"]


def test_a_missing_key_of_the_entries_of_a_list_is_an_error(tmp_path: Path) -> None:
    """A mapping that misspells the key of an update names the key and the near one."""
    rows = [{"No": "1", "log": [{"when": "2026-01-31T06:00:00Z", "body": "hot"}]}]
    mapping = '[incidents]\nincident_id = "No"\n[updates]\ncolumn = "log"\nat = "wen"\ntext = "body"\n'
    message = refusal(tmp_path, "t.json", json.dumps(rows), mapping)
    assert "updates.at names the column 'wen'" in message
    assert "Did you mean 'when'?" in message


@pytest.mark.parametrize(
    ("mapping", "expected"),
    [
        ('[incident]\nincident_id = "No"\n', "unknown key [incident]; expected one of source, incidents"),
        ('[incidents]\nincident_id = "No"\ntitel = "x"\n', "unknown key incidents.titel"),
        ('[incidents]\ntitle = "x"\n', "incidents.incident_id is missing"),
        (BAKERY + '[milestone]\nx = "y"\n', "Did you mean 'milestones'?"),
        (BAKERY.replace("resolved", "resolvd"), "Did you mean 'resolved'?"),
        (BAKERY + '[kind]\ncolumn = "x"\nmaintenence = ["m"]\n', "Did you mean 'maintenance'?"),
        (BAKERY + '[kind]\ncolumn = "x"\ndefault = "incidnt"\n', "Did you mean 'incident'?"),
        (BAKERY + '[kind]\nincident = ["m"]\n', "kind.column is missing"),
        (BAKERY + '[severity]\ncolumn = "x"\nSEV1 = ["a"]\nSEV2 = ["A"]\n', "'A' stands for SEV1 and SEV2"),
        (BAKERY + '[severity]\ncolumn = "x"\nSEV1 = "a"\n', "severity.SEV1 must be a list of their words"),
        (BAKERY + '[updates]\ncolumn = "u"\naudience = "all"\n', "updates.audience is 'all'; expected one of internal"),
        (BAKERY + '[updates]\ntext = "u"\n', "updates.column is missing"),
        (BAKERY + '[updates]\ncolumn = "u"\n[updates.words]\nX = "resolvd"\n', "Did you mean 'resolved'?"),
        (BAKERY + '[source]\nformat = "xlsx"\n', "source.format is 'xlsx'; expected one of csv, json, jsonl, parquet"),
        (BAKERY + '[source]\ntime_zone = "Europe/Berln"\n', "Did you mean 'Europe/Berlin'"),
        (BAKERY + '[source]\ntime_format = "%H:%M"\n', "leaves the instant open"),
        (BAKERY + '[source]\ndelimiter = ";;"\n', "must be one character"),
        (BAKERY + "[source]\nvisibility = 1\n", "source.visibility must be a text, found 1"),
        ("incidents = 5\n", "[incidents] must be a table"),
        ("[incidents\n", "is not valid TOML"),
    ],
)
def test_a_mapping_with_a_mistake_is_refused_with_the_place(tmp_path: Path, mapping: str, expected: str) -> None:
    """Every mistake in a mapping names the file, the key, what was expected and, where there is one, the near key."""
    message = refusal(tmp_path, "t.csv", "No,What happened,From,To\n1,a,,\n", mapping)
    assert expected in message
    assert "any.toml" in message


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("t.json", "{", "cannot be read as JSON"),
        ("t.json", "[" * 100_000, "nested too deeply"),
        ("t.json", '{"rows": [], "page": {"items": []}}', "lists are at rows, page.items: name one as source.records"),
        ("t.json", "5", "holds no list at its top"),
        ("t.csv", "", "is empty"),
        ("t.csv", "a,b,a\n", "names a twice"),
        ("t.parquet", "PAR1", "cannot be read as Parquet"),
        ("t.xlsx", "", "ends in '.xlsx'"),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, name: str, content: str, expected: str) -> None:
    """A broken or empty file is one clear error that names it."""
    message = refusal(tmp_path, name, content, BAKERY)
    assert expected in message
    assert name in message


def test_words_are_translated_and_the_written_one_is_kept(tmp_path: Path) -> None:
    """Their severity and kind become ours; what no list names keeps its word, or takes the default."""
    mapping = BAKERY + (
        '[severity]\ncolumn = "How bad"\nSEV1 = ["Burnt"]\n'
        '[kind]\ncolumn = "Sort"\ndefault = "incident"\ndrill = ["Fire drill"]\n'
        '[status]\ncolumn = "State"\nresolved = ["over"]\n'
    )
    content = (
        "No,What happened,From,To,How bad,Sort,State\n"
        "1,a,,,burnt,fire drill,Over\n2,b,,,Smoky,Oven,baking\n3,c,,2026-01-31T07:00:00Z,,,\n"
    )
    records = read(tmp_path, "t.csv", content, mapping)
    assert records.incidents["kind"].tolist() == ["drill", "incident", "incident"]
    assert records.incidents["status"].fillna("-").tolist() == ["resolved", "baking", "-"]
    severities = records.events[records.events["kind"] == "severity"]
    assert severities[["incident_id", "new"]].to_numpy().tolist() == [["1", "SEV1"], ["2", "Smoky"]]
    assert severities["at"].isna().all()
    assert severities["extra"].tolist() == [{"as_written": "burnt"}, {}]
    assert records.findings["check"].tolist() == ["unknown_word"]


def test_a_list_of_updates_becomes_updates_and_states(tmp_path: Path) -> None:
    """Each entry is an update in its order; a word that the mapping knows is a state as well; the rest is kept."""
    log = [
        {"when": "2026-01-31T06:00:00Z", "body": "Oven cold", "state": "Looking", "by": "ada"},
        {"when": "soon", "body": "Still cold", "state": "Hm"},
        "not an entry",
    ]
    mapping = BAKERY + (
        '[updates]\ncolumn = "log"\nat = "when"\ntext = "body"\nstatus = "state"\naudience = "public"\n'
        '[updates.words]\nlooking = "acknowledged"\n'
    )
    for content, name in (
        (json.dumps([{"No": "1", "What happened": "a", "From": None, "To": None, "log": log}]), "t.json"),
        ("No,What happened,From,To,log\n1,a,,," + '"' + json.dumps(log).replace('"', '""') + '"\n', "t.csv"),
    ):
        records = read(tmp_path, name, content, mapping)
        events = records.events
        assert events[["kind", "sequence", "text", "new", "audience"]].fillna("-").to_numpy().tolist() == [
            ["update", 1, "Oven cold", "-", "public"],
            ["status", 1, "-", "acknowledged", "-"],
            ["update", 2, "Still cold", "-", "public"],
        ]
        assert events["extra"].tolist() == [
            {"by": "ada", "status": "Looking"},
            {"as_written": "Looking"},
            {"status": "Hm"},
        ]
        assert sorted(records.findings["check"]) == ["row_rejected", "unreadable_time"]


def test_other_lists_become_events_of_the_kind_named(tmp_path: Path) -> None:
    """A list of steps taken is a list of actions when the mapping says so; a cell that is no list is set aside."""
    rows = [
        {"No": "1", "steps": [{"t": "2026-01-31T06:10:00Z", "what": "Lit by hand", "who": "p1"}]},
        {"No": "2", "steps": "none"},
        {"No": "3", "steps": None},
    ]
    mapping = '[incidents]\nincident_id = "No"\n[events]\ncolumn = "steps"\nkind = "action"\nat = "t"\ntext = "what"\n'
    records = read(tmp_path, "t.json", json.dumps(rows), mapping + 'actor_id = "who"\n')
    assert records.events[["kind", "text", "actor_id"]].to_numpy().tolist() == [["action", "Lit by hand", "p1"]]
    assert records.findings[["check", "raw"]].to_numpy().tolist() == [["row_rejected", "none"]]


def test_hostile_cells_are_kept_as_texts(tmp_path: Path) -> None:
    """A path as identifier, a script as title, a formula and a lone surrogate are texts, and can be saved."""
    row = '{"No": "../../etc/passwd", "What happened": "<script>\\ud800", "From": null, "To": null, "x\\udfff": "=1\\udfff"}'
    records = read(tmp_path, "t.jsonl", row, BAKERY)
    assert records.incident_ids == ["../../etc/passwd"]
    assert records.incidents["title"][0] == "<script>\\ud800"
    assert records.incidents["extra"][0] == {"x\\udfff": "=1\\udfff"}
    assert Records.load(records.save(tmp_path / "saved")).digest() == records.digest()


def test_a_table_without_a_mapping_is_refused(tmp_path: Path) -> None:
    """Read by itself a table needs the mapping beside it; nothing is recognised by content."""
    path = tmp_path / "ovens.csv"
    path.write_text("No\n1\n")
    assert not table.recognises(path.read_bytes())
    with pytest.raises(SourceError, match=r"ovens\.mapping\.toml cannot be read"):
        table.read(path)
    (tmp_path / "ovens.mapping.toml").write_text('[incidents]\nincident_id = "No"\n')
    assert table.read(path).incident_ids == ["1"]


@pytest.mark.skipif(not GITHUB.is_file(), reason="the collection of real exports is not beside this checkout")
def test_the_public_history_of_github_is_read_whole() -> None:
    """819 incidents: rows, time range, maintenance and updates agree with counts made with json alone."""
    rows = [json.loads(line) for line in GITHUB.read_text(encoding="utf-8").splitlines()]
    records = table.read(GITHUB, mapping=HERE / "mappings" / "github_status.mapping.toml")
    incidents, events = records.incidents, records.events
    assert len(rows) == len(incidents) == 819
    assert incidents["incident_id"].tolist() == [row["id"] for row in rows]
    maintenance = [row["id"] for row in rows if row["impact"] == "maintenance"]
    assert len(maintenance) == 18
    assert incidents.loc[incidents["kind"] == "maintenance", "incident_id"].tolist() == maintenance
    starts = events[(events["kind"] == "milestone") & (events["field"] == "impact_start")]
    ends = events[(events["kind"] == "milestone") & (events["field"] == "resolved")]
    # ISO texts in one zone sort as their times do.
    assert starts["at"].min() == pd.Timestamp(min(row["started_at"] for row in rows))
    assert ends["at"].max() == pd.Timestamp(max(row["resolved_at"] for row in rows))
    assert (len(starts), len(ends)) == (819, 819)
    assert set(starts["precision"]) == {"minute"}
    spans = ends.set_index("incident_id")["at"] - starts.set_index("incident_id")["at"]
    # The table's own minutes follow a window given in words where there is one; its two times are ours.
    said = [row for row in rows if row["impact_window"] is None]
    assert len(said) == 656
    assert (spans.dt.total_seconds() / 60).loc[[r["id"] for r in said]].tolist() == [
        r["duration_minutes"] for r in said
    ]
    updates = events[events["kind"] == "update"]
    assert updates["text"].tolist() == [update["message"] for row in rows for update in row["updates"]]
    words = ["Investigating", "Identified", "Monitoring", "Resolved"]
    n_states = sum(update["status"] in words for row in rows for update in row["updates"])
    assert (events["kind"] == "status").sum() == n_states
    severities = events.loc[events["kind"] == "severity", "new"]
    impacts = pd.Series([row["impact"] for row in rows if row["impact"] != "maintenance"])
    assert severities.value_counts().to_dict() == impacts.value_counts().to_dict()
    components = [row.get("components", []) for row in rows]
    assert incidents["affected_services"].tolist() == components
    assert len(records.findings) == 0


def test_a_roster_gives_people(tmp_path: Path) -> None:
    """Aliases are parted at semicolons, other columns are kept, a row without an identifier is set aside."""
    path = tmp_path / "roster.csv"
    path.write_text(
        "\ufeffperson_id,name,aliases,team,time_zone,desk\n"
        "p1,Ada Shelf,ada; ada@library.example ;,Lending,Europe/London,4\n,Nobody,,,,\np2,Max Stack,,,,\n"
    )
    assert roster.recognises(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    records = roster.read(path)
    assert records.people["person_id"].tolist() == ["p1", "p2"]
    assert records.people["aliases"].tolist() == [["ada", "ada@library.example"], []]
    assert records.people["extra"].tolist() == [{"desk": "4"}, {}]
    assert records.people["time_zone"].fillna("-").tolist() == ["Europe/London", "-"]
    assert records.findings[["check", "row"]].to_numpy().tolist() == [["row_rejected", "line 3"]]


def test_other_tables_are_no_roster() -> None:
    """A list of roles by incident, plain text and bytes are not taken for a list of people."""
    assert not roster.recognises(b"incident_id,person_id,name\n")
    assert not roster.recognises(b"name,team\n")
    assert not roster.recognises(b"")
    assert not roster.recognises(b"\x00\xff,\x00")
