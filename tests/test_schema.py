"""The column contract: what conform accepts, refuses and reports."""

import pandas as pd
import pytest

from incident_analytics import schema
from incident_analytics.errors import SchemaError, UsageError


def test_an_empty_frame_conforms_to_every_table():
    """Every table can be empty, with all its columns and the dtypes of the schema."""
    for name, table in schema.TABLES.items():
        frame = schema.empty(name)

        assert table.column_names == list(frame.columns)
        assert [schema.DTYPES[c.kind] for c in table.columns] == [str(d) for d in frame.dtypes]
        assert len(frame) == 0


def test_all_faults_are_reported_at_once():
    """One error lists an unknown column with a near name, a missing value and a value of the wrong kind."""
    frame = pd.DataFrame({"incident_id": ["A", None], "titel": ["x", "y"], "references": ["no list", None]})

    with pytest.raises(SchemaError) as caught:
        schema.conform("incidents", frame)

    assert len(caught.value.faults) == 3
    assert "Did you mean 'title'" in str(caught.value)
    assert "'incident_id' has no value in 1 row(s)" in str(caught.value)
    assert "expected a list" in str(caught.value)


@pytest.mark.parametrize("instant", ["2026-01-31T09:30:00", "31 Jan 2026", "2026-01-31 09:30"])
def test_an_instant_without_a_zone_is_refused(instant):
    """A time that does not say its zone never becomes UTC by itself."""
    with pytest.raises(SchemaError, match="offset"):
        schema.conform("events", pd.DataFrame({"at": [instant]}))


def test_naive_datetimes_are_refused_too():
    """The same holds for a datetime column without a zone."""
    with pytest.raises(SchemaError, match="without a time zone"):
        schema.conform("events", pd.DataFrame({"at": pd.to_datetime(["2026-01-31T09:30:00"])}))


def test_offsets_become_utc():
    """An instant with an offset is the same instant in UTC: 09:30 at +02:00 is 07:30."""
    frame = schema.conform(
        "events", pd.DataFrame({"at": ["2026-01-31T09:30:00+02:00", "2026-01-31T09:30:00+0200", None]})
    )

    assert pd.Timestamp("2026-01-31T07:30:00Z") == frame["at"][0] == frame["at"][1]
    assert pd.isna(frame["at"][2])


def test_the_input_stays_as_it_was():
    """Conforming copies; the caller's frame keeps its columns and values."""
    given = pd.DataFrame({"at": ["2026-01-31T09:30:00Z"]})
    before = given.copy()

    schema.conform("events", given)

    pd.testing.assert_frame_equal(before, given)


def test_unknown_words_are_kept_and_reported():
    """A word outside the vocabulary stays in the table and becomes a finding."""
    frame = schema.conform("incidents", pd.DataFrame({"incident_id": ["A"], "kind": ["catastrophe"]}))

    found = schema.unknown_words("incidents", frame)

    assert ["catastrophe"] == frame["kind"].tolist()
    assert ["unknown_word"] == found["check"].tolist()
    assert "'catastrophe'" in found["message"][0]


def test_a_lone_surrogate_is_spelled_out():
    """A text that cannot be stored as UTF-8 is spelled out instead of breaking the table."""
    frame = schema.frame_of("events", [{"text": "broken \ud800 text"}])

    assert r"broken \ud800 text" == frame["text"][0]


def test_numbers_that_are_no_numbers_are_refused():
    """A count must be whole; a text is never silently missing."""
    with pytest.raises(SchemaError, match="expected a number"):
        schema.conform("impacts", pd.DataFrame({"incident_id": ["A"], "value": ["many"]}))
    with pytest.raises(SchemaError, match="whole number"):
        schema.conform(
            "learnings", pd.DataFrame({"incident_id": ["A"], "category": ["went_well"], "text": ["x"], "votes": [1.5]})
        )


def test_an_unknown_table_names_near_ones():
    """Asking for a table that does not exist says which there are."""
    with pytest.raises(UsageError, match="Did you mean 'events'"):
        schema.table("event")


def test_the_glossary_explains_every_column():
    """No column is without a meaning."""
    frame = schema.glossary()

    assert (frame["meaning"].str.len() > 5).all()
    assert sum(len(t.columns) for t in schema.TABLES.values()) == len(frame)
