"""What reports say: every section of every sort of incident, blame-free, never empty, never a bare number."""

import re

import pandas as pd
import pytest

from incident_analytics import Records, build_review, story
from incident_analytics.story.numbers import span_words
from incident_analytics.story.prompts import prompts

SECTIONS = [
    story.opening,
    story.impact_numbers,
    story.summary,
    story.severity,
    story.roles,
    story.impact,
    story.trigger,
    story.timeline_list,
    story.log_evidence,
    story.recovery_lede,
    story.first_minutes,
    story.communication,
    story.learnings,
    story.actions,
    story.closing,
    story.findings,
    story.computed,
    story.sources,
]
BLAME = re.compile(
    r"human error|operator error|root cause|failed to|should have|careless|fault of|blame", re.IGNORECASE
)


@pytest.fixture(scope="module")
def worlds(request) -> dict[str, Records]:
    """Incidents of every sort: nothing known, still open, resolved only, times known to the day, from the pager only."""
    event = {"incident_id": "INC-1", "kind": "milestone"}
    return {
        "nothing_known": Records.build(incidents=[{"incident_id": "INC-1"}]),
        "still_open": Records.build(
            incidents=[{"incident_id": "INC-1", "title": "Open", "status": "open"}],
            events=[
                event | {"field": "impact_start", "at": "2026-01-31T09:00:00Z", "precision": "minute"},
                event | {"field": "declared", "at": "2026-01-31T09:10:00Z", "precision": "minute"},
                {"incident_id": "INC-1", "kind": "note", "text": "still looking", "at": "2026-01-31T12:00:00Z"},
            ],
        ),
        "known_to_the_day": Records.build(
            incidents=[{"incident_id": "INC-1", "title": "Day", "visibility": "public"}],
            events=[
                event | {"field": "impact_start", "at": "2026-01-31T09:00:00Z", "precision": "minute"},
                event
                | {
                    "field": "resolved",
                    "at": "2026-02-13T00:00:00Z",
                    "at_latest": "2026-02-14T00:00:00Z",
                    "precision": "day",
                },
            ],
        ),
    }


@pytest.mark.parametrize("section", SECTIONS, ids=lambda s: s.__name__)
@pytest.mark.parametrize("world", ["nothing_known", "still_open", "known_to_the_day"])
def test_every_section_says_something(worlds, world, section):
    """No section of a thin record is empty, and none says nan, NaT or None."""
    text = str(section(build_review(worlds[world])))

    assert len(text) > 20
    assert not re.search(r"\b(nan|NaT|<NA>)\b|\bNone\b(?! of)", text)


def test_no_section_blames_anybody(public_sample, fictional_sample):
    """Reports of real and invented incidents hold no phrase that blames a person."""
    reviewed = list(fictional_sample.learnings["incident_id"].unique())
    for records, ids in ((public_sample, public_sample.incident_ids), (fictional_sample, reviewed)):
        for incident_id in ids:
            review = build_review(records, incident_id)
            said = "\n".join(str(section(review)) for section in SECTIONS)

            assert not BLAME.search(said), (incident_id, BLAME.search(said))


def test_prompts_are_few_and_one_starts_from_what_helped(public_sample):
    """At most five prompts; where the sources tell what went well, one of them starts there."""
    for incident_id in public_sample.incident_ids:
        found = prompts(build_review(public_sample, incident_id))

        assert 1 <= len(found) <= 5
        assert any(p.fact.startswith("What helped") for p in found)
        assert all(p.question.endswith("?") for p in found)


def test_an_open_incident_is_at_least_so_long(worlds):
    """Three hours after the start and still open is said as at least three hours, never as a duration."""
    review = build_review(worlds["still_open"])

    assert "at least 3 h 00 min" == span_words(review, "incident_duration")
    assert "Still open" in str(story.opening(review))


def test_days_are_said_as_about(worlds):
    """From 31 January 09:00 to some time on 13 February is 12 d 15 h to 13 d 15 h: about 13 days."""
    review = build_review(worlds["known_to_the_day"])

    assert "about 13 d" == span_words(review, "incident_duration")
    assert "12 d to 13 d" in str(story.computed(review)) or "13 d to 14 d" in str(story.computed(review))


def test_unknown_is_said_by_the_kind_of_source(worlds):
    """A public account does not publish, an internal record does not record."""
    assert "not published" in str(story.roles(build_review(worlds["known_to_the_day"])))
    assert "not recorded" in str(story.roles(build_review(worlds["still_open"])))


def test_as_of_moves_an_open_incident(worlds):
    """The clock is an argument: counted up to noon it is three hours, up to one o'clock four."""
    review = build_review(worlds["still_open"], as_of="2026-01-31T13:00:00Z")

    assert pd.Timedelta("4h") == review.measurements.loc["incident_duration", "low"]


def test_titles_are_escaped():
    """A title full of markup is text."""
    review = build_review(Records.build(incidents=[{"incident_id": "INC-1", "title": "<b>x</b>"}]))

    assert "&lt;b&gt;x&lt;/b&gt;" in story.opening(review).html
