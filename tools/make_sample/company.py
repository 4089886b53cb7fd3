"""Nimbus Kiosk, an invented company: people, teams, services, roster and policy."""

from __future__ import annotations

from dataclasses import dataclass

NAME = "Nimbus Kiosk (fictional)"
YEAR = 2025

LISBON, TORONTO, PERTH = "Europe/Lisbon", "America/Toronto", "Australia/Perth"


@dataclass(frozen=True, slots=True)
class Person:
    """One invented person; every spelling of the name is made of one animal or plant."""

    key: str
    team: str
    time_zone: str

    @property
    def person_id(self) -> str:
        """The handle, which is also the identifier in the roster and the records."""
        return f"{self.key}.example"

    @property
    def name(self) -> str:
        """Full name."""
        return f"{self.key.capitalize()} Example"

    @property
    def mail(self) -> str:
        """Mail address, under a top-level domain that never exists."""
        return f"{self.key}@example.invalid"

    @property
    def pager_id(self) -> str:
        """Identifier in the paging tool."""
        return "P" + self.key.upper()[:6].ljust(6, "X")

    @property
    def chat_id(self) -> str:
        """Identifier in the chat tool."""
        return "U" + self.key.upper()[:8].ljust(8, "0")


TEAMS: dict[str, tuple[str, str, str]] = {
    # team: its people in Lisbon, Toronto and Perth
    "Platform": ("otter", "badger", "quokka"),
    "Payments": ("heron", "tapir", "pangolin"),
    "Discovery": ("marmot", "capybara", "wombat"),
    "Identity": ("yarrow", "teasel", "axolotl"),
    "Messaging": ("mallow", "kestrel", "plover"),
    "Support": ("sorrel", "thistle", "dormouse"),
}

PEOPLE: dict[str, Person] = {
    key: Person(key, team, zone)
    for team, keys in TEAMS.items()
    for key, zone in zip(keys, (LISBON, TORONTO, PERTH), strict=True)
}

SERVICES: dict[str, str] = {
    # service: the team that owns it
    "checkout-api": "Payments",
    "ledger": "Payments",
    "order-queue": "Messaging",
    "search": "Discovery",
    "image-store": "Discovery",
    "login": "Identity",
    "rate-limiter": "Identity",
    "mail-relay": "Messaging",
    "report-export": "Messaging",
    "edge-proxy": "Platform",
    "config-hub": "Platform",
}

PRIORITIES = {"SEV1": "PSEV1NK", "SEV2": "PSEV2NK", "SEV3": "PSEV3NK", "SEV4": "PSEV4NK"}


def service_id(service: str) -> str:
    """Identifier of a service in the paging tool."""
    return "PSVC" + str(list(SERVICES).index(service) + 101)


def on_call(service: str, hour: int) -> tuple[str, str]:
    """Who is paged first and second for a service at an hour of the day in UTC; the turn follows the sun."""
    lisbon, toronto, perth = TEAMS[SERVICES[service]]
    if 7 <= hour < 15:
        return lisbon, toronto
    if 15 <= hour < 23:
        return toronto, perth
    return perth, lisbon


def roster_csv() -> str:
    """The roster: identifier, name, other spellings, team and zone."""
    lines = ["person_id,name,aliases,team,time_zone"]
    for person in PEOPLE.values():
        aliases = ";".join((person.key.capitalize(), person.mail, person.pager_id, person.chat_id))
        lines.append(f"{person.person_id},{person.name},{aliases},{person.team},{person.time_zone}")
    return "\n".join(lines) + "\n"


POLICY = f"""\
# What the fictional company promised itself. What is not said here comes from the shipped default.

[organisation]
name = "{NAME}"

[severity]
order = ["SEV1", "SEV2", "SEV3", "SEV4"]   # the most severe first
[severity.aliases]
SEV1 = ["sev-1", "P1", "critical"]
SEV2 = ["sev-2", "P2", "high", "major"]
SEV3 = ["sev-3", "P3", "medium", "warning", "minor"]
SEV4 = ["sev-4", "P4", "low", "info"]

# Longest time between two updates, per severity and audience.
[cadence.SEV1]
internal = "20 min"
stakeholders = "30 min"
public = "30 min"
[cadence.SEV2]
internal = "30 min"
stakeholders = "60 min"
public = "60 min"
[cadence.SEV3]
internal = "2 h"
stakeholders = "4 h"

# How fast a page should be acknowledged.
[targets.SEV1]
acknowledge = "5 min"
[targets.SEV2]
acknowledge = "10 min"
[targets.SEV3]
acknowledge = "30 min"
[targets.SEV4]
acknowledge = "4 h"

[hours]
working = ["09:00", "18:00"]
sleeping = ["22:00", "07:00"]
time_zone = "Europe/Lisbon"
weekend = ["Saturday", "Sunday"]
holidays = ["2025-01-01", "2025-04-18", "2025-05-01", "2025-12-25", "2025-12-26"]

[timeline]
silence = "30 min"
margin_before = "90 min"
margin_after = "30 min"
explained_within = "5 min"

[review]
due = {{ SEV1 = "3 d", SEV2 = "7 d", SEV3 = "14 d" }}
follow_up = "1 d"

[actions]
budget = 5
due = {{ P1 = "30 d", P2 = "60 d", P3 = "120 d" }}
"""
