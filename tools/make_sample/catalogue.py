"""What goes wrong at the invented company in an ordinary week: titles, alerts, findings and repairs, as data."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Mishap:
    """One kind of small incident.

    Attributes:
        service: where it shows.
        title: title of the incident.
        alert: alert that reports it; empty when a person opens it by hand.
        summary: the alert's annotation.
        suspect: a theory that does not hold.
        found: what was found.
        step: what ended it.
        worst: the most severe level at which it is opened.
    """

    service: str
    title: str
    alert: str
    summary: str
    suspect: str
    found: str
    step: str
    worst: str


def _mishaps() -> tuple[Mishap, ...]:
    with (Path(__file__).parent / "mishaps.csv").open(encoding="utf-8", newline="") as file:
        return tuple(Mishap(**row) for row in csv.DictReader(file))


MISHAPS = _mishaps()

DRILLS = (
    "Drill: region east is switched off",
    "Drill: restore the ledger from last night",
    "Drill: page every first level",
    "Drill: lagging replica fails over",
)
MAINTENANCE = (
    "Planned: database minor upgrade",
    "Planned: switch replacement in hall 2",
    "Planned: index rebuild by hand",
    "Planned: broker rolling restart",
    "Planned: certificate renewal at the edge",
)
BACKFILLED = ("Backfilled: image-store lost thumbnails in the old hall", "Backfilled: mail-relay sent receipts twice")

REASONS_UP = (
    "More customers are affected than the first numbers said",
    "A second service is affected now",
    "Sellers cannot work at all",
)
REASONS_DOWN = (
    "Main function is back, only reports are late",
    "Fewer than one in a hundred customers affected",
    "Relief is in place, watching",
)
