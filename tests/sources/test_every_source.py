"""Every incident source against what vendors send: one fixture pair per case, and the laws that all of them keep.

A case is a file ``incidents/<source>/<case>.<ending>`` with ``<case>.expected.json`` beside it: the tables that the
file must give, row by row, each row with the columns worth stating. Tables that are not listed must be empty. A file
that cannot be read has ``{"raises": "part of the message"}`` instead. Every source has a case ``broken``, of which
something is rejected. A source of JSON has ``laws.json`` besides: ``record``, the least that is a record; ``key``, the
dotted path to what tells records apart; ``table``, which of ours gets one row per record; and ``long``, the case whose
first record is made longer than what is shown of a file. A new source needs no change here.
"""

from __future__ import annotations

import copy
import importlib
import json
import pkgutil
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incident_analytics.errors import DataError, SourceError, UsageError
from incident_analytics.records import Records
from incident_analytics.schema import CLOCK_POINTS, TABLES, conform
from incident_analytics.sources import incidents

FOLDER = Path(__file__).parent / "incidents"
MODULES: dict[str, ModuleType] = {
    info.name: importlib.import_module(f"{incidents.__name__}.{info.name}")
    for info in pkgutil.iter_modules(incidents.__path__)
    if not info.name.startswith("_")
}
HEAD = 64 * 1024
CASES = sorted(FOLDER.glob("*/**/*.expected.json"))
SOURCES = sorted({case.relative_to(FOLDER).parts[0] for case in CASES})
LAWS = {path.parent.name: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*/laws.json"))}


def _source(case: Path) -> str:
    return case.relative_to(FOLDER).parts[0]


def _file(case: Path) -> Path:
    """The vendor's file of a case."""
    stem = case.name.removesuffix(".expected.json")
    endings = (".expected.json", ".mapping.toml")
    (found,) = [p for p in case.parent.glob(f"{stem}.*") if not p.name.endswith(endings)]
    return found


def _plain(value: object) -> object:
    """A cell as the expectation writes it: null for missing, instants with Z."""
    if isinstance(value, (list, dict)):
        return value
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat().replace("+00:00", "Z")
    return value.item() if hasattr(value, "item") else value


JSON_CASES = [case for case in CASES if _source(case) in LAWS and _file(case).suffix == ".json"]


def _readers(head: bytes) -> list[str]:
    return [name for name, module in MODULES.items() if module.recognises(head)]


def _case_id(case: Path) -> str:
    return str(case.relative_to(FOLDER)).removesuffix(".expected.json")


@pytest.mark.parametrize("case", CASES, ids=_case_id)
def test_a_file_gives_exactly_the_expected_rows(case: Path) -> None:
    """Reading a vendor's file gives the rows its expectation lists, or the clear error it names."""
    expected, module = json.loads(case.read_text("utf-8")), MODULES[_source(case)]
    if "raises" in expected:
        with pytest.raises(DataError) as caught:
            module.read(_file(case))
        assert expected["raises"] in str(caught.value)
        return
    records = module.read(_file(case))
    assert sorted(name for name, frame in records.tables.items() if len(frame)) == sorted(expected)
    for name, rows in expected.items():
        frame = getattr(records, name)
        columns = [list(row) for row in rows] + [[]] * max(0, len(frame) - len(rows))
        actual = [
            {column: _plain(row[column]) for column in wanted}
            for (_, row), wanted in zip(frame.iterrows(), columns, strict=False)
        ]
        assert actual == rows


@pytest.mark.parametrize("case", CASES, ids=_case_id)
def test_exactly_one_source_recognises_a_file(case: Path) -> None:
    """Each vendor's file is claimed by its own source and by no other, so no file is read by luck of order."""
    assert _readers(_file(case).read_bytes()[:HEAD]) == [_source(case)]


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_has_a_broken_case(name: str) -> None:
    """Every vendor is also shown a broken file, and what is broken in it is reported."""
    expected = json.loads((FOLDER / name / "broken.expected.json").read_text("utf-8"))
    assert any(row["check"] == "row_rejected" for row in expected["findings"])


@pytest.mark.parametrize("name", sorted(MODULES.keys() - {"table"}))
def test_a_source_recognises_its_own_example(name: str) -> None:
    """The example that users are shown is claimed by its source and by no other."""
    assert _readers(MODULES[name].EXAMPLE.encode()) == [name]


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_documents_its_columns(name: str) -> None:
    """The rename map leads to columns or clock points that exist, and the texts for the user are one line."""
    module = MODULES[name]
    ours = {column for table in TABLES.values() for column in table.column_names} | set(CLOCK_POINTS)
    assert set(module.COLUMNS.values()) <= ours
    assert name == module.NAME
    for text in (module.DESCRIPTION, module.TIME_ZONE_RULE):
        assert text.strip() == text != ""
        assert "\n" not in text
    assert len(set(module.SEVERITIES)) == len(module.SEVERITIES)


STRANGERS = {
    "Alertmanager silences": b'[{"id": "s", "matchers": [], "startsAt": "", "endsAt": "", "createdBy": "o", "comment": ""}]',
    "Prometheus alerts": b'{"data": {"alerts": [{"labels": {}, "annotations": {}, "state": "firing", "activeAt": ""}]}}',
    "an application's log": b'{"ts": "2026-01-05T09:00:00Z", "type": "message", "level": "info", "text": "hello"}\n{"ts": 1}\n',
    "an empty list": b"[]",
    "an empty object": b"{}",
    "nothing": b"",
    "a number": b"7",
    "a poem": b"otters hold hands\nwhile they sleep\n",
    "a mark of byte order": b"\xef\xbb\xbf",
    "a picture": b"\x89PNG\r\n\x1a\n\x00\x00",
    "brackets without end": b"[" * HEAD,
    "objects without end": b'{"incidents":' * 5000,
}


@pytest.mark.parametrize("head", STRANGERS.values(), ids=STRANGERS)
def test_strangers_are_not_claimed(head: bytes) -> None:
    """Files of other tools, of no tool and of nobody's making are claimed by no source."""
    assert _readers(head[:HEAD]) == []


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_a_file_cut_anywhere_is_claimed_by_no_other_source(data: st.DataObject) -> None:
    """However early the shown bytes end, recognising never raises and never points to another vendor."""
    case = data.draw(st.sampled_from(JSON_CASES))
    whole = _file(case).read_bytes()
    cut = data.draw(st.integers(0, len(whole)))
    assert set(_readers(whole[:cut])) <= {_source(case)}


@pytest.mark.parametrize("name", LAWS)
def test_the_first_bytes_of_a_long_record_are_enough(name: str) -> None:
    """A first record longer than the bytes shown is recognised by the part of it that is seen."""
    document = json.loads((FOLDER / name / f"{LAWS[name]['long']}.json").read_text("utf-8"))
    listed = document if isinstance(document, list) else next(p for p in document.values() if isinstance(p, list))
    first = listed[0]
    head = json.dumps([first | {"zzz": "otter " * HEAD}]).encode()[:HEAD]
    assert _readers(head) == [name]


@given(head=st.binary(max_size=300) | st.text(alphabet='{}[],:"\\ \n1a', max_size=120).map(str.encode))
@settings(max_examples=200, deadline=None)
def test_recognising_never_raises(head: bytes) -> None:
    """Bytes of any kind are answered with no, not with an exception."""
    assert not any(module.recognises(head) for module in MODULES.values())


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats() | st.text(max_size=8)
    | st.sampled_from(["\ud800", "0001-01-01T00:00:00Z", "2026-01-05T24:00:00Z", "9999-12-31T23:59:59-05:00", "2026-01-05T09:00"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "type", "name", "at", "ts"]), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


def _places(value: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """Paths to everything inside a document."""
    inner: list[tuple[object, object]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    return [path] + [each for key, part in inner for each in _places(part, (*path, key))]


def _with(document: object, path: tuple[object, ...], value: object) -> object:
    """The document with something else at one place."""
    if not path:
        return value
    changed = copy.deepcopy(document)
    holder = changed
    for key in path[:-1]:
        holder = holder[key]  # type: ignore[index]  # paths come from the document itself
    holder[path[-1]] = value  # type: ignore[index]  # as above
    return changed


WHOLE_CASES = [case for case in JSON_CASES if "lines" not in case.name and "raises" not in case.read_text("utf-8")]


@given(data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_anything_anywhere_is_read_or_refused(data: st.DataObject, tmp_path: Path) -> None:
    """Whatever stands at any place of a vendor's file, reading gives conforming, storable records or a clear error."""
    case = data.draw(st.sampled_from(WHOLE_CASES))
    document = json.loads(_file(case).read_text("utf-8"))
    changed = _with(document, data.draw(st.sampled_from(_places(document))), data.draw(JUNK))
    path = tmp_path / "export.json"
    path.write_text(json.dumps(changed), encoding="utf-8")
    try:
        records = MODULES[_source(case)].read(path)
    except SourceError as error:
        assert "export.json" in str(error)
    else:
        for name, frame in records.tables.items():
            pd.testing.assert_frame_equal(conform(name, frame), frame)
        stored = list(records.events["extra"]) + list(records.incidents["extra"])
        assert all(json.dumps(cell, ensure_ascii=False).encode("utf-8") for cell in stored)


def _told_apart(record: dict[str, object], key: str, value: str) -> dict[str, object]:
    """The record with its identifier at a dotted path."""
    outer, _, inner = key.partition(".")
    held = record.get(outer)
    return record | {outer: _told_apart(held if isinstance(held, dict) else {}, inner, value) if inner else value}


@pytest.mark.parametrize("name", LAWS)
@given(pattern=st.lists(st.sampled_from(["good", 7, None, "otter", [["x"]], {}]), max_size=12))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_record_is_lost(name: str, pattern: list[object], tmp_path: Path) -> None:
    """In a list of good records and junk, as many are read as are good, and every other one is a finding."""
    law = LAWS[name]
    rows = [
        _told_apart(law["record"], law["key"], f"{1767603600 + number}.000000") if each == "good" else each
        for number, each in enumerate(pattern)
    ]
    path = tmp_path / "export.json"
    path.write_text(json.dumps(rows), encoding="utf-8")
    records = MODULES[name].read(path)
    assert len(getattr(records, law["table"])) == pattern.count("good")
    rejected = records.findings[records.findings["check"] == "row_rejected"]
    assert len(rejected) == len(pattern) - pattern.count("good")


@pytest.mark.parametrize("name", LAWS)
def test_a_key_that_stands_twice_is_said(name: str, tmp_path: Path) -> None:
    """Of a key that an object has twice the last value counts, as in Python, and a finding names the key."""
    law = LAWS[name]
    record = json.dumps(_told_apart(law["record"], law["key"], "1767603600.000000"))
    path = tmp_path / "export.json"
    path.write_text(f'[{record[:-1]}, "zzz": "first", "zzz": "last"}}]', encoding="utf-8")
    records = MODULES[name].read(path)
    noted = records.findings[records.findings["check"] == "duplicate_key"]
    assert noted["message"].tolist() == ["1 object(s) have the key 'zzz' more than once; the last value was used"]
    assert len(getattr(records, law["table"])) == 1
    assert "first" not in str(records.tables)


def _reversed_lists(value: object) -> object:
    """The document with every list the other way round."""
    if isinstance(value, list):
        return [_reversed_lists(part) for part in reversed(value)]
    if isinstance(value, dict):
        return {key: _reversed_lists(part) for key, part in value.items()}
    return value


def _course(records: Records) -> list[tuple[object, ...]]:
    events = records.events[records.events["incident_id"].isin(["QOTTER1", "inc1"])]
    told = events[events["kind"].isin(["status", "alert", "update"])]
    return [
        tuple(map(_plain, row)) for row in told[["at", "kind", "field", "new", "source_ref"]].itertuples(index=False)
    ]


@pytest.mark.parametrize(("name", "case"), [("pagerduty", "log_entries"), ("statuspage", "page")])
def test_newest_first_or_oldest_first_is_the_same(name: str, case: str, tmp_path: Path) -> None:
    """An account listed the other way round tells the same course of events in the same order."""
    path = tmp_path / "turned.json"
    path.write_text(
        json.dumps(_reversed_lists(json.loads((FOLDER / name / f"{case}.json").read_text("utf-8")))), encoding="utf-8"
    )
    course = _course(MODULES[name].read(FOLDER / name / f"{case}.json"))
    assert course == _course(MODULES[name].read(path))
    assert len(course) > 5


def _with_times(tmp_path: Path, created_at: str) -> Path:
    path = tmp_path / "incidents.json"
    incident = {"id": "Q1", "incident_number": 1, "urgency": "low", "status": "triggered", "created_at": created_at}
    path.write_text(json.dumps([incident]), encoding="utf-8")
    return path


def test_a_named_zone_reads_times_without_one(tmp_path: Path) -> None:
    """10:00 in Berlin in January is 09:00 UTC (UTC+1), and the reading is reported."""
    records = MODULES["pagerduty"].read(_with_times(tmp_path, "2026-01-05T10:00:00"), time_zone="Europe/Berlin")
    assert list(records.events["at"]) == [pd.Timestamp("2026-01-05T09:00:00Z")]
    assert list(records.findings["message"]) == ["1 time(s) without a zone were read as times of Europe/Berlin"]
    assert list(records.findings["severity"]) == ["info"]


def test_a_named_zone_does_not_touch_times_with_one(tmp_path: Path) -> None:
    """A time with an offset means the same whatever zone is named."""
    records = MODULES["pagerduty"].read(_with_times(tmp_path, "2026-01-05T10:00:00+05:30"), time_zone="Europe/Berlin")
    assert list(records.events["at"]) == [pd.Timestamp("2026-01-05T04:30:00Z")]
    assert records.findings.empty


@pytest.mark.parametrize("written", ["2026-10-25T02:30:00", "2026-03-29T02:30:00"])
def test_a_time_that_a_zone_has_twice_or_never_stays_missing(written: str, tmp_path: Path) -> None:
    """Where Berlin's clocks change, a time without an offset is not guessed: it is missing and reported."""
    records = MODULES["pagerduty"].read(_with_times(tmp_path, written), time_zone="Europe/Berlin")
    assert records.events.empty
    assert list(records.findings["raw"]) == [written]


def test_a_day_without_a_clock_is_no_instant(tmp_path: Path) -> None:
    """A day alone is not read as its midnight, also when a zone is named."""
    records = MODULES["pagerduty"].read(_with_times(tmp_path, "2026-01-05"), time_zone="UTC")
    assert records.events.empty
    assert list(records.findings["check"]) == ["unreadable_time"]


def test_an_unknown_zone_is_an_error_of_the_call(tmp_path: Path) -> None:
    """A zone that does not exist is refused before anything is read, with near names."""
    with pytest.raises(UsageError, match="Europe/Berlin"):
        MODULES["pagerduty"].read(_with_times(tmp_path, "2026-01-05T10:00:00"), time_zone="Europe/Berln")


UNREADABLE = {
    "empty": (b"", "line 1, column 1"),
    "a text": (b'"otter"', "neither a list nor an object"),
    "cut off": (b'[{"id": "Q1", ', "line 1, column"),
    "nested too deeply": (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
    "nested too deeply for later": (b'[{"a":' + b"[" * 700 + b"]" * 700 + b"}]", "nested too deeply"),
    "a number without end": (b"[" + b"1" * 5000 + b"]", "export.json"),
}


@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize(("content", "said"), UNREADABLE.values(), ids=UNREADABLE)
def test_an_unreadable_file_is_a_clear_error(name: str, content: bytes, said: str, tmp_path: Path) -> None:
    """A file that is no JSON at all is refused with its name and the place, never with a bare exception."""
    path = tmp_path / "export.json"
    path.write_bytes(content)
    with pytest.raises(SourceError) as caught:
        MODULES[name].read(path)
    assert said in str(caught.value)
    assert "export.json" in str(caught.value)


def test_a_file_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    """A missing file is named in an error of this package."""
    with pytest.raises(SourceError, match=r"gone\.json cannot be opened"):
        MODULES["slack"].read(tmp_path / "gone.json")


def test_a_rejected_record_keeps_its_first_500_characters(tmp_path: Path) -> None:
    """The text of a rejected record is kept, but not without end."""
    path = tmp_path / "export.json"
    path.write_text(json.dumps(["otter" * 300]), encoding="utf-8")
    (raw,) = MODULES["slack"].read(path).findings["raw"]
    assert raw == ("otter" * 300)[:500]


def test_bytes_that_are_no_utf8_are_spelled_out(tmp_path: Path) -> None:
    """A title with a broken byte is kept with the byte spelled out, and can be stored."""
    path = tmp_path / "export.json"
    path.write_bytes(b'[{"id": "Q1", "incident_number": 1, "urgency": "lo\xffw", "title": "ot\xffter"}]')
    records = MODULES["pagerduty"].read(path)
    assert list(records.incidents["title"]) == [r"ot\udcffter"]
    assert records.incidents["extra"][0] == {"urgency": r"lo\udcffw"}
    assert Records.load(records.save(tmp_path / "saved")).digest() == records.digest()


def test_two_states_of_one_incident_become_one_row(tmp_path: Path) -> None:
    """The same incident listed twice is one row; where the two differ the first counts and a finding says so."""
    path = tmp_path / "incidents.json"
    first = {"id": "Q1", "incident_number": 1, "urgency": "low", "title": "Otters asleep", "status": "triggered"}
    path.write_text(json.dumps([first, first | {"title": "Otters awake"}]), encoding="utf-8")
    records = MODULES["pagerduty"].read(path)
    assert list(records.incidents["title"]) == ["Otters asleep"]
    assert list(records.findings["check"]) == ["sources_differ"]


def test_two_messages_of_one_moment_stay_two() -> None:
    """Messages whose times differ in the sixth decimal keep two times and two identities."""
    events = MODULES["slack"].read(FOLDER / "slack" / "inc-otter" / "2026-01-05.json").events
    assert events["at"].is_unique
    assert (events["at"].iloc[1] - events["at"].iloc[0]) == pd.Timedelta("1us")


@pytest.mark.parametrize(
    ("written", "reads"),
    [
        ("&amp;lt;", "&lt;"),
        ("&lt;@U0OTTER&gt;", "<@U0OTTER>"),
        ("<https://a.example|https://a.example>", "https://a.example"),
        ("<http://a.example|a.example>", "http://a.example"),
        ("<#C0OTTER>", "#C0OTTER"),
        ("<!subteam^S1>", "@S1"),
        ("<!channel|channel>", "@channel"),
        ("<mailto:o@example.invalid|mail me>", "mail me (mailto:o@example.invalid)"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("<> and <b>", "<> and <b>"),
    ],
)
def test_slack_markup_reads_as_people_saw_it(written: str, reads: str) -> None:
    """Links, channels and groups read as they did in Slack; escapes are undone once, after the markup."""
    assert MODULES["slack"].plain(written) == reads


def test_a_resolved_alert_whose_end_is_no_time_is_only_fired(tmp_path: Path) -> None:
    """An alert said to be resolved at the year 0001 has fired, and when it ended is not known."""
    path = tmp_path / "alerts.json"
    alert = {
        "status": "resolved",
        "labels": {"alertname": "Otter"},
        "startsAt": "2026-01-05T09:00:00Z",
        "endsAt": "0001-01-01T00:00:00Z",
    }
    path.write_text(json.dumps({"alerts": [alert]}), encoding="utf-8")
    assert list(MODULES["alertmanager"].read(path).events["field"]) == ["fired"]
