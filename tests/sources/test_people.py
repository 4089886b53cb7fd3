"""One person, one row: identifiers of pager, chat and roster become one."""

from incident_analytics import Records
from incident_analytics.sources._people import one_row_each


def three_tools() -> Records:
    """The same person in a roster, a pager and a chat; and a namesake by first name only."""
    return Records.build(
        people=[
            {
                "person_id": "otter.example",
                "name": "Otter Example",
                "aliases": ["Otter", "otter@example.invalid", "POTTER"],
            },
            {"person_id": "POTTER", "name": "Otter Example"},
            {
                "person_id": "UOTTER",
                "name": "otter",
                "aliases": ["OTTER@example.invalid"],
                "time_zone": "Europe/Lisbon",
            },
            {"person_id": "U2", "name": "Otter Other", "aliases": ["Otter"]},
        ],
        events=[{"kind": "message", "actor_id": who} for who in ("POTTER", "UOTTER", "U2", "robot", None)],
        incidents=[{"incident_id": "INC-1"}],
        participants=[{"incident_id": "INC-1", "person_id": "UOTTER", "role": "scribe"}],
        actions=[{"incident_id": "INC-1", "title": "x", "owner_id": "POTTER"}],
    )


def test_shared_marks_make_one_person():
    """Rows that share an identifier, a mail address or a full name are one; a shared first name is not enough."""
    people = one_row_each(three_tools()).people

    assert ["otter.example", "U2"] == people["person_id"].tolist()
    assert ["Europe/Lisbon"] == people["time_zone"].dropna().tolist()


def test_nothing_that_names_a_person_is_lost():
    """Every other identifier, name and address stays as an alias, so that it can be removed from texts."""
    aliases = one_row_each(three_tools()).people["aliases"][0]

    assert {"Otter", "otter@example.invalid", "POTTER", "UOTTER", "otter", "OTTER@example.invalid"} == set(aliases)


def test_every_table_refers_to_the_one_row():
    """Actors, participants and owners follow; whoever is not in people stays as written."""
    records = one_row_each(three_tools())

    assert ["otter.example", "otter.example", "U2", "robot"] == records.events["actor_id"].dropna().tolist()
    assert ["otter.example"] == records.participants["person_id"].tolist()
    assert ["otter.example"] == records.actions["owner_id"].tolist()


def test_doing_it_twice_changes_nothing_more():
    """Once people are one row each, they stay as they are."""
    once = one_row_each(three_tools())

    assert once.digest() == one_row_each(once).digest()


def test_no_people_is_fine():
    """A bundle without people comes back unchanged."""
    assert 0 == len(one_row_each(Records()).people)
