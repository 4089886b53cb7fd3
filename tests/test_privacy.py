"""Names removed: everywhere, the same way, and a leak is found in every spelling."""

import html
import json
from urllib.parse import quote

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_analytics import Records, find_leaks, pseudonymise
from incident_analytics.privacy import names_of


@pytest.fixture
def night() -> Records:
    """One incident with a commander, a responder, a handle that only an actor field knows, and free text."""
    return Records.build(
        incidents=[
            {"incident_id": "INC-1", "title": "Otter Example sees errors", "summary": "otter@example.invalid wrote"}
        ],
        people=[
            {
                "person_id": "U1",
                "name": "Otter Example",
                "aliases": ["otter.example", "otter@example.invalid"],
                "team": "Ledger",
            },
            {"person_id": "U2", "name": "Fern O'Sample", "aliases": ["fern"]},
        ],
        participants=[
            {
                "incident_id": "INC-1",
                "person_id": "U2",
                "role": "incident_commander",
                "assumed_at": "2026-01-31T09:30:00Z",
            }
        ],
        events=[
            {
                "incident_id": "INC-1",
                "at": "2026-01-31T09:31:00Z",
                "kind": "message",
                "actor_id": "U1",
                "text": "<@U2> can you look? Otter here, from 10.1.2.3",
            },
            {
                "incident_id": "INC-1",
                "at": "2026-01-31T09:32:00Z",
                "kind": "message",
                "actor_id": "mole77",
                "text": "mole77 and FERN agree",
                "extra": {"by": ["fern", {"deep": "Otter Example"}]},
            },
            {
                "incident_id": "INC-1",
                "at": "2026-01-31T09:33:00Z",
                "kind": "update",
                "actor_id": "statusbot",
                "is_automatic": True,
                "text": "posted",
            },
        ],
        logs=[{"at": "2026-01-31T09:31:00Z", "message": "login of otter.example from 10.9.8.7"}],
        actions=[{"incident_id": "INC-1", "title": "fern: renew the certificate", "owner_id": "Platform team"}],
    )


def all_text(records: Records) -> str:
    """Every cell of every table as one text."""
    return "\n".join(frame.to_json(orient="records", date_format="iso") for frame in records.tables.values())


def test_no_name_is_left_in_any_cell(night):
    """Names, handles, addresses and identifiers are gone from tables, free text, nested extras and logs."""
    searched = names_of(night).searched

    removed = all_text(pseudonymise(night))

    assert [] == find_leaks(removed, searched)
    assert len(find_leaks(all_text(night), searched)) >= 7


def test_people_become_their_roles(night):
    """The commander is the incident commander everywhere; others are numbered in order of appearance."""
    removed = pseudonymise(night)

    assert "@Incident commander can you look? Responder 1 here, from [ip address]" == removed.events["text"][0]
    assert "Responder 2 and Incident commander agree" == removed.events["text"][1]
    assert ["Incident commander"] == removed.participants["person_id"].tolist()
    assert "login of Responder 1 from [ip address]" == removed.logs["message"][0]


def test_systems_and_teams_keep_their_names(night):
    """A bot is not a person, and a team may own an action item by name."""
    removed = pseudonymise(night)

    assert "statusbot" == removed.events["actor_id"][2]
    assert "Platform team" == removed.actions["owner_id"][0]


def test_doing_it_twice_changes_nothing_more(night):
    """Removing names is idempotent."""
    once = pseudonymise(night)
    twice = pseudonymise(once)

    for name, frame in once.tables.items():
        pd.testing.assert_frame_equal(frame, twice.tables[name])


@pytest.mark.parametrize("spell", [str, html.escape, lambda n: json.dumps(n)[1:-1], quote, str.upper])
def test_a_leak_is_found_in_every_spelling(spell):
    """Plain, HTML-escaped, JSON-escaped, URL-encoded and upper-case spellings of a name all count as leaks."""
    assert ["Fern O'Sämple"] == find_leaks(
        f"<p>seen by {spell(chr(70) + 'ern O' + chr(39) + 'Sämple')}.</p>", ["Fern O'Sämple"]
    )


def test_a_word_that_only_contains_a_name_is_no_leak():
    """A handle inside a longer word is another word."""
    assert [] == find_leaks("fernweh and unfern", ["fern"])


def test_records_without_people_pass_through():
    """An empty bundle has no names and stays empty."""
    assert [] == names_of(Records()).searched
    assert 0 == len(pseudonymise(Records()).people)


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S"]), min_size=3, max_size=20))
def test_whatever_a_handle_looks_like_it_is_replaced(handle):
    """Any handle of three characters or more disappears from a text that mentions it between spaces."""
    records = Records.build(
        incidents=[{"incident_id": "INC-1"}],
        people=[{"person_id": "X9Z", "name": None, "aliases": [handle]}],
        events=[{"incident_id": "INC-1", "kind": "message", "actor_id": "X9Z", "text": f"ask {handle} about it"}],
    )

    assert "ask Responder 1 about it" == pseudonymise(records).events["text"][0]
