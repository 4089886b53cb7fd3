"""Corrections by a user: what is written in overrides.toml is applied, and everybody can see what, by whom and why.

The world is one night in a bakery: the pager says when the oven was cold, the status page is an hour off.
"""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from incident_analytics import Records, build_clock, find_leaks, pseudonymise, read
from incident_analytics.errors import UsageError
from incident_analytics.privacy import names_of
from incident_analytics.review import build_review

WHO = 'who = "Otter Example"\nwhy = "the oven was lit again"\n'
MILESTONE = f'[[override]]\nincident_id = "QOVEN"\nmilestone = "resolved"\nvalue = "2026-03-01T10:30:00Z"\n{WHO}'
DRILL = f'[[override]]\nincident_id = "QOVEN"\ncolumn = "kind"\nvalue = "drill"\n{WHO}'
SHIFT = f'[[shift]]\nsource = "statuspage"\nby = "-01:00"\n{WHO}'

PAGER = [
    {
        "id": incident_id,
        "incident_number": number,
        "title": title,
        "urgency": "high",
        "status": "resolved",
        "created_at": "2026-03-01T10:00:00Z",
        "resolved_at": "2026-03-01T18:00:00Z",
    }
    for number, (incident_id, title) in enumerate([("QOVEN", "Oven is cold"), ("QTILL", "Till is shut")], 1)
]
PAGE = {
    "page": {"id": "p1"},
    "incidents": [
        {"id": "QPAGE", "name": "Bread is late", "created_at": "2026-03-01T11:05:00Z", "incident_updates": []}
    ],
}


@pytest.fixture
def bakery(tmp_path: Path) -> Path:
    """A folder with an export of the pager and one of the status page."""
    folder = tmp_path / "bakery"
    folder.mkdir()
    (folder / "pager.json").write_text(json.dumps(PAGER), encoding="utf-8")
    (folder / "page.json").write_text(json.dumps(PAGE), encoding="utf-8")
    return folder


def with_overrides(folder: Path, text: str) -> Records:
    """The folder read with these corrections in it."""
    (folder / "overrides.toml").write_text(text, encoding="utf-8")
    return read(folder)


def found(records: Records, check: str) -> list[str]:
    """Messages of one check."""
    return list(records.findings.loc[records.findings["check"] == check, "message"])


def clock_of(records: Records, incident_id: str, point: str) -> pd.Series:
    """One row of the clock."""
    clock = build_clock(records.incidents, records.events, records.participants, records.impacts)
    (row,) = [r for _, r in clock[(clock["incident_id"] == incident_id) & (clock["point"] == point)].iterrows()]
    return row


def test_a_clock_point_is_corrected_and_the_original_stays(bakery: Path) -> None:
    """The clock takes the corrected time with the basis overridden; the pager's own entry is still there."""
    records = with_overrides(bakery, MILESTONE + 'at = "2026-03-02T09:00:00Z"\n')
    row = clock_of(records, "QOVEN", "resolved")
    assert row["at"] == pd.Timestamp("2026-03-01T10:30:00Z")
    assert row["basis"] == "overridden"
    assert "the oven was lit again" in row["note"]
    own = records.events[(records.events["incident_id"] == "QOVEN") & (records.events["field"] == "resolved")]
    assert sorted(own["source"]) == ["overrides:overrides.toml", "pagerduty:pager.json"]
    assert found(records, "overridden") == [
        "clock point resolved was corrected from 2026-03-01T18:00:00Z (pagerduty:pager.json) to 2026-03-01T10:30:00Z: "
        "the oven was lit again (Otter Example, 2026-03-02T09:00:00Z)"
    ]
    assert clock_of(records, "QTILL", "resolved")["basis"] == "recorded"


def test_a_point_that_nobody_recorded_can_be_added_and_a_wrong_one_made_unknown(bakery: Path) -> None:
    """A correction may say a point no source says, and may say that a time is not known after all."""
    text = MILESTONE.replace('"resolved"', '"mitigated"')
    text += MILESTONE.replace('"2026-03-01T10:30:00Z"', '"unknown"')
    records = with_overrides(bakery, text)
    assert clock_of(records, "QOVEN", "mitigated")["basis"] == "overridden"
    resolved = clock_of(records, "QOVEN", "resolved")
    assert pd.isna(resolved["at"])
    assert resolved["knowledge"] == "unknown"
    assert found(records, "overridden")[0].startswith("clock point mitigated was corrected from nothing to")


def test_checks_look_at_what_was_corrected(bakery: Path) -> None:
    """An impossible order is found before the correction that mends it, and no more after it."""
    early = PAGER[0] | {"resolved_at": "2026-03-01T09:00:00Z"}
    (bakery / "pager.json").write_text(json.dumps([early]), encoding="utf-8")
    assert len(found(read(bakery), "order_broken")) == 1
    assert found(with_overrides(bakery, MILESTONE), "order_broken") == []


def test_a_record_is_taken_out_of_statistics_by_its_kind(bakery: Path) -> None:
    """The kind changes, what it was stays in extra, and the finding names who and why."""
    records = with_overrides(bakery, DRILL)
    row = records.incidents.set_index("incident_id").loc["QOVEN"]
    assert row["kind"] == "drill"
    assert row["extra"]["override"] == {
        "kind": {"old": "incident", "who": "Otter Example", "why": "the oven was lit again"}
    }
    assert found(records, "overridden") == [
        "incidents.kind was corrected from incident to drill: the oven was lit again (Otter Example)"
    ]


def test_a_cell_of_another_table_is_found_by_what_it_says(bakery: Path) -> None:
    """An event is found by its cells; a corrected time stands in the clock as overridden, a corrected text does not."""
    at = '[[override]]\nincident_id = "QOVEN"\ntable = "events"\nwhere = { source_ref = "resolved_at" }\n'
    moved = with_overrides(bakery, at + f'column = "at"\nvalue = "2026-03-01T17:45:00Z"\n{WHO}')
    assert clock_of(moved, "QOVEN", "resolved")["at"] == pd.Timestamp("2026-03-01T17:45:00Z")
    assert clock_of(moved, "QOVEN", "resolved")["basis"] == "overridden"
    reworded = with_overrides(bakery, at + f'column = "text"\nvalue = "the pager rang"\n{WHO}')
    assert clock_of(reworded, "QOVEN", "resolved")["basis"] == "recorded"
    assert "the pager rang" in set(reworded.events["text"])


def test_all_times_of_a_source_are_moved(bakery: Path) -> None:
    """The status page's times move by an hour, the pager's stay, and every moved row says so."""
    before, after = read(bakery), with_overrides(bakery, SHIFT)
    own = before.events["source"] == "statuspage:page.json"
    moved = before.events["at"].where(~own, before.events["at"] - pd.Timedelta("1h"))
    pd.testing.assert_series_equal(after.events["at"], moved)
    assert own.sum() == 1
    assert {str(extra.get("shifted_by")) for extra in after.events.loc[own, "extra"]} == {"-01:00"}
    assert not any("shifted_by" in extra for extra in after.events.loc[~own, "extra"])
    assert found(after, "shifted") == [
        "1 time of statuspage was moved by -01:00: the oven was lit again (Otter Example)"
    ]


def test_corrections_of_saved_records_are_made_once(bakery: Path, tmp_path: Path) -> None:
    """Saved records carry their corrections; the same file over them changes nothing more."""
    saved = with_overrides(bakery, MILESTONE + DRILL + SHIFT).save(tmp_path / "saved")
    again = read(saved, overrides=bakery / "overrides.toml")
    assert again.digest() == Records.load(saved).digest()


def test_a_named_file_of_corrections_goes_to_the_collections_that_it_means(bakery: Path, tmp_path: Path) -> None:
    """Given with two collections, a correction is applied where its incident is; one that fits none is refused."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "pager.json").write_text(json.dumps([PAGER[1] | {"id": "QJAM"}]), encoding="utf-8")
    file = tmp_path / "mine.toml"
    file.write_text(MILESTONE + SHIFT, encoding="utf-8")
    records = read(bakery, other, overrides=file)
    assert len(found(records, "overridden")) == 1
    assert len(found(records, "shifted")) == 1
    file.write_text(MILESTONE.replace("QOVEN", "QOVER"), encoding="utf-8")
    with pytest.raises(UsageError, match=r"mine\.toml, \[\[override\]\] 1: there is no incident 'QOVER'.*'QOVEN'"):
        read(bakery, other, overrides=file)
    file.write_text(SHIFT.replace("statuspage", "statuspages"), encoding="utf-8")
    with pytest.raises(UsageError, match=r"nothing comes from source 'statuspages'.*'statuspage'"):
        read(bakery, other, overrides=file)


def test_the_file_may_be_named_beside_exports(bakery: Path) -> None:
    """Named among the files, overrides.toml is no export and needs no source to recognise it."""
    (bakery / "overrides.toml").write_text(DRILL, encoding="utf-8")
    records = read(bakery / "pager.json", bakery / "overrides.toml")
    assert list(records.incidents["kind"]) == ["drill", "incident"]


def test_the_name_of_who_corrected_can_be_removed(bakery: Path) -> None:
    """Who corrected is a person of the bundle and of every selection, so that no report holds the name."""
    records = with_overrides(bakery, MILESTONE + DRILL + SHIFT)
    one = records.select("QOVEN")
    for bundle in (records, one):
        names = names_of(bundle).searched
        assert "Otter Example" in names
        clean = pseudonymise(bundle)
        text = json.dumps([frame.astype("object").map(str).to_dict("records") for frame in clean.tables.values()])
        assert find_leaks(text, names) == []
        assert "Editor" in text
    review = build_review(records, "QOVEN")
    assert review.records.findings["message"].str.contains("Editor").any()
    assert not review.records.findings["message"].str.contains("Otter").any()


def test_a_person_who_is_known_already_stays_one(bakery: Path) -> None:
    """A correction by somebody of the roster makes no second person, whatever spelling is used."""
    roster = "person_id,name,aliases,team,time_zone\notter,Otter Example,otter@example.invalid,Oven,UTC\n"
    (bakery / "people.csv").write_text(roster, encoding="utf-8")
    for spelling in ("Otter Example", "OTTER", "otter@example.invalid"):
        records = with_overrides(bakery, DRILL.replace("Otter Example", spelling))
        assert list(records.people["person_id"]) == ["otter"]


FAULTS = {
    "unknown section": ("[[overide]]\n", "unknown section 'overide'; expected [[override]] or [[shift]]. Did you mean 'override'"),
    "one bracket": ("[override]\n", "write [[override]], with two brackets"),
    "no toml": ("[[override", "is not valid TOML"),
    "no who": (MILESTONE.replace('who = "Otter Example"\n', ""), "who is required"),
    "blank why": (MILESTONE.replace("the oven was lit again", " "), "why is required"),
    "unknown key": (MILESTONE + 'valu = "x"\n', "unknown key 'valu'; expected one of"),
    "unknown incident": (MILESTONE.replace("QOVEN", "QOVENS"), "there is no incident 'QOVENS' among the 3 incidents read. Did you mean 'QOVEN'"),
    "path as incident": (MILESTONE.replace("QOVEN", "../../etc/passwd"), "there is no incident '../../etc/passwd'"),
    "unknown point": (MILESTONE.replace('"resolved"', '"resolvd"'), "there is no clock point 'resolvd'; expected one of impact_start"),
    "naive time": (MILESTONE.replace("10:30:00Z", "10:30:00"), "value must be an instant with its offset"),
    "a day": (MILESTONE.replace('"2026-03-01T10:30:00Z"', "2026-03-01"), "value must be an instant with its offset"),
    "a number": (MILESTONE.replace('"2026-03-01T10:30:00Z"', "17"), "value must be an instant with its offset"),
    "point and column": (MILESTONE + 'column = "kind"\n', "expected either milestone or column"),
    "point and where": (MILESTONE + 'where = { kind = "milestone" }\n', "where does not go with milestone"),
    "no value": (DRILL.replace('value = "drill"\n', ""), "value is required"),
    "unknown table": (DRILL + 'table = "event"\n', "there is no table 'event'; expected one of incidents, events"),
    "unknown column": (DRILL.replace('"kind"', '"kin"'), "there is no column of incidents to correct 'kin'"),
    "an identifier": (DRILL.replace('"kind"', '"incident_id"'), "there is no column of incidents to correct 'incident_id'"),
    "unknown word": (DRILL.replace('"drill"', '"dril"'), "there is no word for kind 'dril'; expected one of incident, near_miss, maintenance, drill, test, backfilled. Did you mean 'drill'"),
    "wrong kind": (DRILL.replace('"kind"', '"title"').replace('"drill"', "7"), "title must be a text, found 7"),
    "word of another table": (DRILL + 'table = "events"\n', "there is no word for kind 'drill'"),
    "no such row": (DRILL.replace('"kind"', '"text"') + 'table = "events"\nwhere = { source_ref = "creatd_at" }\n', "no row of events of 'QOVEN' has source_ref 'creatd_at'; there are created_at, resolved_at. Did you mean 'created_at'"),
    "not the only row": (DRILL.replace('"kind"', '"text"') + 'table = "events"\n', "2 rows of events of 'QOVEN' are meant; expected one"),
    "row too far": (DRILL.replace('"kind"', '"text"') + 'table = "events"\nrow = 9\n', "2 rows of events of 'QOVEN' are meant"),
    "row zero": (DRILL + "row = 0\n", "row must be a whole number from 1 on"),
    "unknown source": (SHIFT.replace("statuspage", "statspage"), "nothing comes from source 'statspage'; sources are pagerduty, pagerduty:pager.json, statuspage, statuspage:page.json. Did you mean 'statuspage'"),
    "a shift without sign": (SHIFT.replace("-01:00", "1 h"), "by must be a signed time"),
    "odd at": (DRILL + 'at = "yesterday"\n', "at must be an instant with its offset"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "said"), FAULTS.values(), ids=FAULTS)
def test_a_faulty_correction_is_refused_with_its_place(text: str, said: str, bakery: Path) -> None:
    """What cannot be applied is an error that names the file, the place, what was found and near words."""
    with pytest.raises(UsageError) as caught:
        with_overrides(bakery, text)
    assert "overrides.toml" in str(caught.value)
    assert said in str(caught.value)


def test_an_empty_file_and_an_absent_one(bakery: Path) -> None:
    """A file without corrections changes nothing; one that is not there is named."""
    assert with_overrides(bakery, "").digest() == read(bakery / "page.json", bakery / "pager.json").digest()
    with pytest.raises(UsageError, match=r"nowhere\.toml cannot be read"):
        read(Path(__file__), overrides="nowhere.toml")


def test_the_second_of_several_rows_can_be_named(bakery: Path) -> None:
    """Row = 2 corrects the second entry of the incident and leaves the first alone."""
    text = DRILL.replace('"kind"', '"text"') + 'table = "events"\nrow = 2\n'
    events = with_overrides(bakery, text).events
    own = events[events["incident_id"] == "QOVEN"]
    assert own["text"].tolist()[1] == "drill"
    assert pd.isna(own["text"].tolist()[0])
