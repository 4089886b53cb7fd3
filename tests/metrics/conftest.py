"""Toy worlds for the metrics: tables of incident A on one day, and what is computed from them."""

import pandas as pd
import pytest

from incident_analytics import metrics
from incident_analytics.clock import build_clock
from incident_analytics.policy import default_policy
from incident_analytics.schema import frame_of

DAY = "2026-03-02T"
AS_OF = pd.Timestamp("2026-03-02T20:00:00Z")


def at(time):
    """An instant of the day of the tests; None stays None."""
    return None if time is None else f"{DAY}{time}Z"


class World:
    """Tables of a few incidents, and every frame the metrics build of them."""

    def __init__(self, events, *, incidents=None, participants=(), impacts=(), as_of=AS_OF, policy=None):
        """Make the tables of dicts; one resolved incident A unless incidents are given."""
        self.incidents = frame_of("incidents", incidents or [{"incident_id": "A", "status": "resolved"}])
        self.events = frame_of("events", events)
        self.participants = frame_of("participants", participants)
        self.impacts = frame_of("impacts", impacts)
        self.policy = policy or default_policy()
        self.as_of = as_of
        self.clock = build_clock(self.incidents, self.events, self.participants, self.impacts)

    @property
    def measurements(self):
        """All durations."""
        return metrics.build_measurements(
            self.incidents, self.clock, self.events, self.impacts, self.participants, as_of=self.as_of
        )

    def measured(self, metric, incident="A"):
        """The row of one duration of one incident."""
        rows = self.measurements
        return rows[(rows["metric"] == metric) & (rows["incident_id"] == incident)].iloc[0]

    def value(self, metric):
        """One duration of incident A in minutes, or None."""
        found = self.measured(metric)["value"]
        return None if pd.isna(found) else found / pd.Timedelta("1min")

    @property
    def steps(self):
        """Severity steps."""
        return metrics.build_severity_steps(self.events, self.clock, policy=self.policy, as_of=self.as_of)

    @property
    def gaps(self):
        """Gaps between updates."""
        return metrics.build_update_gaps(self.events, self.clock, self.steps, policy=self.policy, as_of=self.as_of)

    @property
    def first_minutes(self):
        """The five steps."""
        return metrics.build_first_minutes(self.incidents, self.events, self.participants, self.clock)


@pytest.fixture(scope="session")
def world():
    """A world of the given events; see :class:`World`."""
    return lambda *events, **more: World(events, **more)


@pytest.fixture(scope="session")
def entry():
    """An entry of incident A at a time of the day."""

    def made(kind, time=None, *, latest=None, incident="A", **columns):
        given = {"incident_id": incident, "source": "record:a.yaml", "kind": kind}
        return given | {"at": at(time), "at_latest": at(latest)} | columns

    return made


@pytest.fixture(scope="session")
def milestones(entry):
    """Recorded clock points: ``milestones(detected="10:00", ...)``; None states that the time is unknown."""

    def made(incident="A", **points):
        return [
            entry("milestone", time, incident=incident, field=point, basis="unknown" if time is None else "stated")
            for point, time in points.items()
        ]

    return made


@pytest.fixture(scope="session")
def impact():
    """An impact of incident A from one time of the day to another."""

    def made(began, ended, degree="outage", *, began_latest=None, ended_latest=None, nature="technical"):
        return {
            "incident_id": "A",
            "degree": degree,
            "nature": nature,
            "began_at": at(began),
            "began_at_latest": at(began_latest),
            "ended_at": at(ended),
            "ended_at_latest": at(ended_latest),
        }

    return made


@pytest.fixture(scope="session")
def held():
    """A role held in incident A from a time of the day on."""
    return lambda person, role, time: {"incident_id": "A", "person_id": person, "role": role, "assumed_at": at(time)}
