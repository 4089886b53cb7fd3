"""Our own record: one YAML file per incident."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

import jsonschema
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incident_analytics.errors import DataError, SourceError, UsageError
from incident_analytics.records import Records
from incident_analytics.schema import CLOCK_POINTS, TABLES
from incident_analytics.sources._yaml import parse, plain
from incident_analytics.sources.incidents.record import read, recognises, record_schema, write_record

ROOT = Path(__file__).parents[2]
LIBRARY = """\
format: incident-record/1
incident:
  incident_id: LIB-7
  number: 007
  title: NO
  kind: incident
  affected_services: [lending, returns]
  references: [{title: 1984, url: 'https://library.example/7', published: 2026-02-10}]
  extra: {floors: 3, is_closed: true, code: '3', note: null}
times:
  impact_start: {at: '2026-02-01T13:00:00Z', precision: hour, basis: stated, verified: primary, note: by the door log}
  acknowledged: {basis: unknown, verified: none}
  declared: 2026-02-01T14:10:00+01:00
  mitigated: null
  resolved: [2026-02-01T15:00:00Z, {at: 2026-02-01T16:00:30.5Z}]
  report_published: {at: 2026-02-10T00:00:00Z, precision: day}
timeline:
- {at: 2026-02-01T13:20:00Z, kind: action, field: mitigation, actor_id: p1, text: Doors opened by hand, is_automatic: no}
- {kind: hypothesis, text: 12:30}
people: [{person_id: p1, name: Ada Shelf, aliases: [ada]}]
roles: [{person_id: p1, role: incident_commander, assumed_at: 2026-02-01T13:15:00Z}]
impacts: [{nature: business, measure: visitors, low: 10, value: 12.5, high: 20}]
actions: [{title: Test the doors weekly, priority: P2, status: open}]
learnings:
  went_well: [The porter was near]
  got_lucky: [{text: It was a Sunday, votes: 3}]
conflicts: ['start: 13:00 against 13:40']
findings: [{check: late_entry, severity: info, message: written a week later}]
"""


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """The record of a library whose doors stayed shut."""
    path = tmp_path / "library.yaml"
    path.write_text(LIBRARY.replace("is_automatic: no", "is_automatic: false"))
    return path


def fault(tmp_path: Path, text: str) -> str:
    """The message with which a record is refused; paths left out."""
    path = tmp_path / "record.yaml"
    path.write_bytes(text.encode())
    with pytest.raises(SourceError) as refused:
        read(path)
    return str(refused.value)


def test_a_record_is_recognised_by_its_first_key() -> None:
    """The key ``format`` at the margin makes a record; the words elsewhere do not."""
    assert recognises(b"# a comment\nformat: incident-record/1\n")
    assert recognises(b"format: 'incident-record/2'\n")
    assert not recognises(b"text: |\n  format: incident-record/1\n")
    assert not recognises(b"\x00\xff" * 100)


def test_every_section_becomes_rows(library: Path) -> None:
    """Each section fills its table, and every row names the file as its source."""
    records = read(library)
    sizes = {name: len(frame) for name, frame in records.tables.items()}
    assert sizes == {
        "incidents": 1,
        "events": 9,
        "participants": 1,
        "people": 1,
        "impacts": 1,
        "actions": 1,
        "learnings": 2,
        "logs": 0,
        "findings": 2,
    }
    for name in ("incidents", "events", "people", "learnings", "findings"):
        assert set(records.tables[name]["source"]) == {"record:library.yaml"}


def test_scalars_are_texts_until_the_schema_says_otherwise(library: Path) -> None:
    """NO is no flag, 007 keeps its zeros, 12:30 is no number, 1984 is a title; numbers in extra stay numbers."""
    records = read(library)
    incident = records.incidents.iloc[0]
    assert (incident["number"], incident["title"]) == ("007", "NO")
    assert records.events.iloc[-1]["text"] == "12:30"
    assert incident["references"] == [{"title": "1984", "url": "https://library.example/7", "published": "2026-02-10"}]
    assert incident["extra"] == {"floors": 3, "is_closed": True, "code": "3", "note": None}
    assert records.impacts.iloc[0][["low", "value", "high"]].tolist() == [10.0, 12.5, 20.0]


def test_clock_points_are_milestones(library: Path) -> None:
    """A text, a mapping, a list and nothing at all are read as milestones; an hour and a day end an hour, a day later."""
    events = read(library).events
    points = events[events["kind"] == "milestone"]
    assert points["sequence"].isna().all()
    found = [(e["field"], e["at"], e["at_latest"]) for _, e in points.iterrows()]
    utc = lambda text: pd.Timestamp(text, tz="UTC")  # noqa: E731 - four letters are enough for a table
    expected = [
        ("impact_start", utc("2026-02-01 13:00"), utc("2026-02-01 14:00")),
        ("acknowledged", pd.NaT, pd.NaT),
        ("declared", utc("2026-02-01 13:10"), pd.NaT),
        ("mitigated", pd.NaT, pd.NaT),
        ("resolved", utc("2026-02-01 15:00"), pd.NaT),
        ("resolved", utc("2026-02-01 16:00:30.5"), pd.NaT),
        ("report_published", utc("2026-02-10"), utc("2026-02-11")),
    ]
    assert [tuple(map(str, row)) for row in found] == [tuple(map(str, row)) for row in expected]
    unknown = points[points["field"].isin(["acknowledged", "mitigated"])]
    assert list(unknown["basis"]) == ["unknown", "unknown"]


def test_the_timeline_keeps_its_order(library: Path) -> None:
    """Entries are counted in the order of the account, so that one without a time lies between its neighbours."""
    timeline = read(library).events.iloc[-2:]
    assert list(timeline["sequence"]) == [1, 2]
    assert pd.isna(timeline.iloc[1]["at"])


def test_a_conflict_is_a_finding(library: Path) -> None:
    """What sources say against each other is listed among the findings, as information."""
    first = read(library).findings.iloc[0]
    assert (first["check"], first["severity"]) == ("sources_differ", "info")
    assert first["message"] == "start: 13:00 against 13:40"
    assert first["incident_id"] == "LIB-7"


def test_all_faults_are_said_at_once_with_place_and_line(tmp_path: Path) -> None:
    """Every fault of a file is listed with section, entry and line, unknown keys with near names."""
    message = fault(
        tmp_path,
        "format: incident-record/2\n"
        "incident: {titel: x}\n"
        "times: {impact_strt: 2026-02-01T13:00:00Z, declared: 2026-02-01T13:10}\n"
        "timeline:\n"
        "  - {txt: a, is_automatic: maybe}\n"
        "  - just a text\n"
        "learnings: {went_wel: [a]}\n"
        "impacts: [{low: many}]\n"
        "actions: [{priority: P1}]\n"
        "timelines: []\n",
    )
    for expected in (
        "format, line 1: expected 'incident-record/1'; found 'incident-record/2'",
        "incident, line 2: unknown key 'titel'. Did you mean 'title'?",
        "incident, line 2: key 'incident_id' is missing",
        "times, line 3: unknown clock point 'impact_strt'",
        "times.declared.at, line 3: it has no zone",
        "timeline entry 1, line 5: unknown key 'txt'. Did you mean 'text'?",
        "timeline entry 1.is_automatic, line 5: expected true or false; found 'maybe'",
        "timeline entry 2, line 6: expected a mapping",
        "learnings, line 7: unknown key 'went_wel'",
        "impacts entry 1.low, line 8: expected a number; found 'many'",
        "actions entry 1, line 9: key 'title' is missing",
        "line 10: unknown section 'timelines'",
        "12 place(s)",
    ):
        assert expected in message
    assert str(tmp_path) in message


HEAD = "format: incident-record/1\nincident: {incident_id: X}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HEAD + "people: &a [{person_id: p}]\nroles: *a\n", "line 3: anchors and aliases"),
        (HEAD + "people: [{person_id: !!python/object/apply:os.system [ls]}]\n", "the tag 'tag:yaml.org"),
        (HEAD + "incident: {incident_id: Y}\n", "line 3: key 'incident' is given twice, first in line 2"),
        (HEAD + "timeline: [{text: a, text: b}]\n", "line 3: key 'text' is given twice"),
        (HEAD + "---\nformat: incident-record/1\n", "a second document"),
        (HEAD + "timeline: " + "[" * 100_000, "nested deeper"),
        (HEAD + "timeline: [\n", "not valid YAML"),
        (HEAD + "conflicts: ['a\x00b']\n", "control characters"),
        ("- format: incident-record/1\n", "expected a mapping of format"),
        ("", "found nothing"),
        (HEAD + "timeline: {text: a}\n", "timeline, line 3: expected a list; found a mapping"),
        (HEAD + "times: [a]\n", "times, line 3: expected a mapping of clock points; found a list"),
        (HEAD + "impacts: [{extra: 5}]\n", "impacts entry 1.extra, line 3: expected a mapping; found '5'"),
        (HEAD + "learnings: {went_well: [{text: a, votes: 1.5}]}\n", "expected a whole number; found '1.5'"),
        (HEAD + "impacts: [{value: " + "9" * 5000 + "e}]\n", "expected a number"),
    ],
)
def test_hostile_or_broken_yaml_is_refused_with_one_message(tmp_path: Path, text: str, expected: str) -> None:
    """Aliases, tags, repeated keys, deep nesting, NUL bytes and broken YAML give a clear error, never a guess."""
    assert expected in fault(tmp_path, text)


def test_an_alias_bomb_is_refused_at_its_first_anchor(tmp_path: Path) -> None:
    """Ten lists of ten aliases each, nine levels deep, would be a billion texts: the first anchor ends it."""
    lines = ['a0: &a0 ["lol","lol","lol","lol","lol","lol","lol","lol","lol","lol"]']
    lines += [f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 10)]
    assert "line 3: anchors and aliases" in fault(tmp_path, HEAD + "\n".join(lines))


def test_a_file_larger_than_any_record_is_not_read(tmp_path: Path) -> None:
    """A record of more than 5 MB is refused by its size alone."""
    assert "at most 5000000" in fault(tmp_path, HEAD + "#" * 5_000_001)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    """A file that is not UTF-8 is an error that names the byte."""
    path = tmp_path / "latin.yaml"
    path.write_bytes(HEAD.encode() + b"conflicts: [caf\xe9]\n")
    with pytest.raises(SourceError, match="byte 68 cannot be read"):
        read(path)


def test_an_identifier_is_a_text_and_never_a_path(tmp_path: Path) -> None:
    """An identifier that looks like a path is kept letter by letter."""
    path = tmp_path / "climber.yaml"
    path.write_text("format: incident-record/1\nincident: {incident_id: ../../etc/passwd}\n")
    records = read(path)
    assert records.incident_ids == ["../../etc/passwd"]
    again = read(write_record(records, "../../etc/passwd", tmp_path / "copy.yaml"))
    assert again.incident_ids == ["../../etc/passwd"]


# --- writing loses nothing -------------------------------------------------------------------------------------

LOOKALIKES = [
    "NO",
    "null",
    "~",
    "true",
    "1e3",
    "0x10",
    "12:30",
    "2026-01-01",
    "<<",
    "=",
    ".inf",
    "#",
    "{",
    "'",
    '"',
    "<script>",
]
SPACES = [
    "",
    " a",
    "a ",
    "a: b",
    "- x",
    "a\n",
    "\n b",
    "a\n\n\nb\n\n",
    "\t",
    "\x85",
    "\u2028x",
    "\ufeff",
    "é\r\n",
    "x" * 300,
]
ODD = st.sampled_from([*LOOKALIKES, *SPACES])
TEXT = st.one_of(ODD, st.text(max_size=12))
INSTANT = st.datetimes(pd.Timestamp("1970-01-01"), pd.Timestamp("2100-01-01")).map(lambda d: d.replace(tzinfo=dt.UTC))
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(TEXT, inner, max_size=2)),
    max_leaves=4,
)
SOURCES = st.one_of(st.none(), st.just("record:copy.yaml"), TEXT)


def value_of(table: str, name: str) -> st.SearchStrategy[object]:
    """Values of a column, its own words among them."""
    column = TABLES[table][name]
    if name == "source":
        return SOURCES
    if name == "references":
        return st.lists(st.dictionaries(st.sampled_from(["title", "url", "read"]), TEXT, max_size=2), max_size=2)
    return {
        "instant": INSTANT,
        "text": TEXT,
        "word": st.sampled_from(column.vocabulary) | TEXT if column.vocabulary else TEXT,
        "number": st.floats(allow_nan=False),
        "count": st.integers(-5, 10**6),
        "flag": st.booleans(),
        "items": st.lists(st.one_of(TEXT, st.dictionaries(TEXT, JSON, max_size=2)), max_size=2),
        "extra": st.dictionaries(TEXT, JSON, max_size=2),
    }[column.kind]


def rows_of(table: str, **fixed: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    """Rows of a table with any of its columns missing, but for those it requires."""
    required = {c.name: value_of(table, c.name) for c in TABLES[table].columns if c.is_required} | fixed
    optional = {c.name: value_of(table, c.name) for c in TABLES[table].columns if c.name not in required}
    return st.fixed_dictionaries(required, optional=optional)


MINE = st.just("X-1")
POINT = rows_of("events", incident_id=MINE, kind=st.just("milestone"), field=st.none(), sequence=st.none())


@st.composite
def bundles(draw: st.DrawFn) -> Records:
    """Records of one incident with every table filled at random, rows in the order of the layout."""
    fields = draw(st.lists(st.sampled_from(list(CLOCK_POINTS)), unique=True, max_size=3))
    points = [draw(POINT) | {"field": name} for name in fields for _ in range(draw(st.integers(1, 2)))]
    others = draw(
        st.lists(rows_of("events", incident_id=MINE).filter(lambda e: e.get("kind") != "milestone"), max_size=3)
    )
    categories = draw(st.lists(st.sampled_from(["went_well", "went_poorly", "got_lucky"]), max_size=3))
    order = {"went_well": 0, "went_poorly": 1, "got_lucky": 2}
    learnings = [
        draw(rows_of("learnings", incident_id=MINE)) | {"category": c} for c in sorted(categories, key=order.get)
    ]
    few = {"max_size": 2}
    people = draw(st.lists(rows_of("people"), unique_by=lambda p: p["person_id"], **few))
    seen = [{"incident_id": "X-1", "person_id": p["person_id"], "role": "responder"} for p in people]
    return Records.build(
        incidents=[draw(rows_of("incidents", incident_id=MINE))],
        events=points + others,
        participants=draw(st.lists(rows_of("participants", incident_id=MINE), **few)) + seen,
        people=people,
        impacts=draw(st.lists(rows_of("impacts", incident_id=MINE), **few)),
        actions=draw(st.lists(rows_of("actions", incident_id=MINE), **few)),
        learnings=learnings,
        findings=draw(st.lists(rows_of("findings", incident_id=MINE, check=st.just("any")), **few)),
    )


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(bundles())
def test_writing_and_reading_back_loses_nothing(records: Records) -> None:
    """Any record of one incident, written and read back, is equal in every table; writing it again is the same text."""
    with tempfile.TemporaryDirectory() as folder:
        path = write_record(records, "X-1", Path(folder) / "copy.yaml")
        text = path.read_bytes()
        again = read(path)
        assert write_record(again, "X-1", path).read_bytes() == text
    before = records.select("X-1")
    for name in TABLES:
        if name not in ("logs", "findings"):
            pd.testing.assert_frame_equal(again.tables[name], before.tables[name], check_exact=True)
    # The finding about an unknown word of a table without incidents names none, so it is no part of the selection.
    mine = again.findings[again.findings["incident_id"].notna()].reset_index(drop=True)
    pd.testing.assert_frame_equal(mine, before.findings, check_exact=True)


def test_clock_points_are_put_first_wherever_they_stood(tmp_path: Path) -> None:
    """A milestone between other events is written among the times; its order with the others is its instant."""
    at = "2026-02-01T13:00:00Z"
    events = [
        {"incident_id": "X-1", "kind": "note", "text": "a"},
        {"incident_id": "X-1", "kind": "milestone", "field": "declared", "at": at},
        {"incident_id": "X-1", "kind": "note", "text": "b"},
    ]
    records = Records.build(incidents=[{"incident_id": "X-1"}], events=events)
    again = read(write_record(records, "X-1", tmp_path / "copy.yaml")).events
    assert list(again["kind"]) == ["milestone", "note", "note"]
    assert list(again["text"].dropna()) == ["a", "b"]


def test_an_hour_without_an_end_is_kept_as_it_was(tmp_path: Path) -> None:
    """Where a record has an hour but no latest instant, reading it back does not add one."""
    event = {"incident_id": "X-1", "kind": "note", "precision": "hour", "at": "2026-02-01T13:00:00Z"}
    records = Records.build(incidents=[{"incident_id": "X-1"}], events=[event])
    again = read(write_record(records, "X-1", tmp_path / "copy.yaml"))
    assert again.events["at_latest"].isna().all()


def test_what_a_record_cannot_say_is_an_error(tmp_path: Path) -> None:
    """An unknown incident, a learning in an unknown list and an object in extra are refused, not left out."""
    lists = {"incident_id": "X-1", "category": "went_sideways", "text": "t"}
    records = Records.build(incidents=[{"incident_id": "X-1"}], learnings=[lists])
    with pytest.raises(UsageError, match="no incident 'X-2'"):
        write_record(records, "X-2", tmp_path / "copy.yaml")
    with pytest.raises(DataError, match="went_sideways"):
        write_record(records, "X-1", tmp_path / "copy.yaml")
    strange = Records.build(incidents=[{"incident_id": "X-1", "extra": {"at": {1, 2}}}])
    with pytest.raises(DataError, match=r"extra\.at holds a set"):
        write_record(strange, "X-1", tmp_path / "copy.yaml")
    assert not (tmp_path / "copy.yaml").exists()


# --- the schema for editors ------------------------------------------------------------------------------------


def tree(path: Path) -> object:
    """The file as an editor sees it: YAML 1.2, in which an unquoted date is a text."""
    return plain(parse(path.read_text(encoding="utf-8"), where=path.name))


SAMPLES = sorted((ROOT / "data" / "sample").rglob("*.yaml"))


@pytest.mark.parametrize("path", SAMPLES, ids=[path.stem for path in SAMPLES])
def test_the_json_schema_accepts_every_sample_record(path: Path) -> None:
    """A shipped record is shown without a fault by an editor that uses the schema, and is read."""
    jsonschema.validate(tree(path), record_schema(), cls=jsonschema.Draft202012Validator)
    assert len(read(path).incidents) == 1


def test_the_json_schema_agrees_with_the_reader(library: Path) -> None:
    """The schema is itself valid, accepts what the reader accepts, and refuses unknown keys and naive times."""
    schema = record_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    good = tree(library)
    assert list(validator.iter_errors(good)) == []
    assert isinstance(good, dict)
    for section, value in (
        ("timelines", []),
        ("incident", {"incident_id": "X", "titel": "x"}),
        ("incident", {"title": "no identifier"}),
        ("times", {"impact_strt": "2026-02-01T13:00:00Z"}),
        ("times", {"declared": "2026-02-01T13:00"}),
        ("timeline", [{"txt": "a"}]),
        ("learnings", {"went_wel": []}),
        ("actions", [{"priority": "P1"}]),
        ("impacts", [{"low": "many"}]),
    ):
        assert list(validator.iter_errors(good | {section: value})), section
