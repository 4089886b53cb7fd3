"""A PagerDuty export to typed tables: ours against ``pandas.json_normalize`` with the same columns.

    python benchmarks/pagerduty.py [--incidents 100000] [--entries 1000000] [--runs 1]

It makes its own two files, a page of incidents and a page of log entries, and reads them in one process in turn:
with this package's module alone, with ``json.load``, ``json_normalize`` and vectorised pandas for the same columns and
dtypes, and with the whole of ``sources.read`` (recognised, put together, linked, checked). Both sides must give the
same values, or the benchmark stops. pandas is spared what the files do not need (rows that cannot be read, several
people asked in one entry, changed fields), so the comparison favours it.
"""

from __future__ import annotations

import argparse
import gc
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from incident_analytics.records import Records
from incident_analytics.schema import conform
from incident_analytics.sources import read
from incident_analytics.sources.incidents import pagerduty

EPOCH = 1_735_689_600
SERVICES = tuple(f"bakery-{name}" for name in ("oven", "till", "shop", "van", "dough", "yeast", "rye", "jam"))
PEOPLE = tuple(f"{animal} Example {number}" for animal in ("Otter", "Badger", "Heron") for number in range(40))
INCIDENT_COLUMNS = ["incident_id", "number", "title", "status", "service", "kind", "source_url", "time_zone", "extra"]
EVENT_COLUMNS = [
    "incident_id", "at", "kind", "actor_id", "field", "new", "text", "reason", "service", "is_automatic",
    "note", "basis", "precision", "source_ref", "source", "extra",
]  # fmt: skip


def _person(place: int) -> dict[str, str]:
    name, ident = PEOPLE[place], f"PUSER{place:03d}"
    return {"id": ident, "type": "user_reference", "summary": name, "self": f"https://api.pagerduty.com/users/{ident}",
            "html_url": f"https://bakery.example.invalid/users/{ident}"}  # fmt: skip


def _service(place: int) -> dict[str, str]:
    return {"id": f"PSVC{place}", "type": "service_reference", "summary": SERVICES[place],
            "self": f"https://api.pagerduty.com/services/PSVC{place}",
            "html_url": f"https://bakery.example.invalid/services/PSVC{place}"}  # fmt: skip


def _at(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def _incident(number: int, began: int, ended: int, service: int) -> dict[str, Any]:
    ident = f"Q{number:012d}"
    return {
        "id": ident, "type": "incident", "summary": f"[#{number}] The oven of {SERVICES[service]} cools",
        "self": f"https://api.pagerduty.com/incidents/{ident}",
        "html_url": f"https://bakery.example.invalid/incidents/{ident}", "incident_number": number,
        "title": f"The oven of {SERVICES[service]} cools", "created_at": _at(began), "updated_at": _at(ended),
        "status": "resolved", "incident_key": f"{number:032x}", "service": _service(service),
        "assignments": [], "assigned_via": "escalation_policy", "last_status_change_at": _at(ended),
        "resolved_at": _at(ended), "alert_counts": {"all": 1, "triggered": 0, "resolved": 1}, "is_mergeable": True,
        "escalation_policy": {"id": "PESC1", "type": "escalation_policy_reference", "summary": "Bakers"},
        "teams": [{"id": "PTEAM1", "type": "team_reference", "summary": "Bakers"}], "pending_actions": [],
        "acknowledgements": [], "last_status_change_by": _service(service), "incidents_responders": [],
        "responder_requests": [], "urgency": "high" if number % 3 else "low",
    }  # fmt: skip


# How an entry acts: its type, whether a person does it, how it is told.
_ACTS = (
    ("trigger", False, "Triggered through the API"),
    ("notify", False, "Notified by push"),
    ("acknowledge", True, "Acknowledged"),
    ("annotate", True, "Note added"),
    ("escalate", False, "Escalated for want of an answer"),
    ("notify", False, "Notified by phone"),
    ("assign", False, "Assigned"),
    ("unacknowledge", False, "The acknowledgement ran out"),
    ("snooze", True, "Snoozed"),
    ("resolve", True, "Resolved"),
)


def _entry(number: int, incident: int, place: int, at: int, service: int, person: int) -> dict[str, Any]:
    word, by_person, told = _ACTS[place]
    ident = f"Q{incident:012d}"
    entry: dict[str, Any] = {
        "id": f"R{number:025d}", "type": f"{word}_log_entry", "summary": told,
        "self": f"https://api.pagerduty.com/log_entries/R{number:025d}",
        "html_url": f"https://bakery.example.invalid/incidents/{ident}/log_entries/R{number:025d}",
        "created_at": _at(at), "agent": _person(person) if by_person else _service(service),
        "channel": {"type": "note", "summary": f"loaf {number} looks fine"} if word == "annotate" else {"type": "auto"},
        "service": _service(service),
        "incident": {"id": ident, "type": "incident_reference", "summary": f"[#{incident}] The oven cools",
                     "self": f"https://api.pagerduty.com/incidents/{ident}",
                     "html_url": f"https://bakery.example.invalid/incidents/{ident}"},
        "teams": [{"id": "PTEAM1", "type": "team_reference", "summary": "Bakers"}], "contexts": [],
    }  # fmt: skip
    if word == "trigger":
        entry["event_details"] = {"description": f"oven {incident} below 200 degrees"}
        entry["channel"] = {"type": "api", "summary": "oven"}
    elif word == "notify":
        entry["user"] = _person(person)
    elif word in ("assign", "escalate"):
        entry["assignees"] = [_person(person)]
    elif word == "snooze":
        entry["channel"] = {"type": "web", "duration": 3600}
    elif word == "acknowledge":
        entry["acknowledgement_timeout"] = 1800
    elif word == "resolve":
        entry["note"] = "warm again"
    return entry


def make_files(folder: Path, n_incidents: int, n_entries: int, seed: int = 1) -> None:
    """``incidents.json`` and ``log_entries.json``, the latter with the newest first, as the vendor lists them."""
    rng = np.random.default_rng(seed)
    began = np.sort(rng.integers(0, 365 * 86_400, n_incidents)) + EPOCH
    service = rng.integers(0, len(SERVICES), n_incidents)
    each = np.full(n_incidents, n_entries // n_incidents)
    each[: n_entries - each.sum()] += 1

    def entries() -> Iterator[dict[str, Any]]:
        for number in range(n_incidents - 1, -1, -1):
            n = int(each[number])
            # The first, the last, and in between the others in turn.
            places = [0, *(1 + k % (len(_ACTS) - 2) for k in range(n - 2)), len(_ACTS) - 1][:n]
            for step in range(n - 1, -1, -1):
                at = int(began[number]) + 60 * step
                person = (number + step) % len(PEOPLE)
                yield _entry(number * 64 + step, number, places[step], at, int(service[number]), person)

    def incidents() -> Iterator[dict[str, Any]]:
        for number in range(n_incidents):
            ended = int(began[number]) + 60 * int(each[number] - 1)
            yield _incident(number, int(began[number]), ended, int(service[number]))

    for name, rows in (("incidents", incidents()), ("log_entries", entries())):
        with (folder / f"{name}.json").open("w", encoding="utf-8") as file:
            file.write(f'{{"{name}": [')
            for place, row in enumerate(rows):
                file.write((", " if place else "") + json.dumps(row))
            file.write('], "limit": 100, "offset": 0, "more": false, "total": null}')


def ours(folder: Path) -> Records:
    """The two files as this package's module reads them."""
    one, other = (pagerduty.read(folder / f"{name}.json") for name in ("incidents", "log_entries"))
    return Records(incidents=one.incidents, events=pd.concat([one.events, other.events], ignore_index=True))


def in_pandas(folder: Path) -> Records:
    """The same with ``json_normalize``, and what it leaves to do in whole columns."""
    incidents, opened = _pandas_incidents(folder / "incidents.json")
    events = pd.concat([opened, _pandas_entries(folder / "log_entries.json")], ignore_index=True)
    return Records(incidents=incidents, events=events)


def _normalised(path: Path, name: str) -> pd.DataFrame:
    with path.open(encoding="utf-8") as file:
        return pd.json_normalize(json.load(file)[name])


def _extras(frame: pd.DataFrame, names: dict[str, str]) -> list[dict[str, object]]:
    """A dict per row of some columns, without what is missing."""
    columns = [(ours, frame[theirs].astype("object").tolist()) for theirs, ours in names.items()]
    return [
        {
            name: value
            for name, value in zip([n for n, _ in columns], cells, strict=True)
            if pd.notna(value) and value != ""
        }
        for cells in zip(*(values for _, values in columns), strict=True)
    ]


def _pandas_incidents(path: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    raw = _normalised(path, "incidents")
    names = ("updated_at", "incident_key", "assigned_via", "last_status_change_at", "is_mergeable", "urgency")
    extra = _extras(raw, {name: name for name in names} | {"escalation_policy.summary": "escalation_policy"})
    incidents = pd.DataFrame(
        {
            "incident_id": raw["id"],
            "number": raw["incident_number"].astype("str"),
            "title": raw["title"],
            "status": raw["status"].map({"triggered": "open", "acknowledged": "open", "resolved": "resolved"}),
            "service": raw["service.summary"],
            "kind": "incident",
            "source_url": raw["html_url"],
            "visibility": "internal",
            "time_zone": "UTC",
            "source": "pagerduty:incidents.json",
            "extra": extra,
        }
    )
    opened = {"at": raw["created_at"], "kind": "status", "new": "declared", "note": "PagerDuty created_at",
              "source_ref": "created_at", "basis": "inferred", "is_automatic": True}  # fmt: skip
    ended = {"at": raw["resolved_at"], "kind": "milestone", "field": "resolved", "note": "PagerDuty resolved_at",
             "source_ref": "resolved_at", "basis": "stated", "is_automatic": None}  # fmt: skip
    events = pd.concat([pd.DataFrame({"incident_id": raw["id"]} | cells) for cells in (opened, ended)])
    events = events.assign(precision="second", source="pagerduty:incidents.json")
    events["at"] = pd.to_datetime(events["at"], format="ISO8601", utc=True)
    events = events.sort_index(kind="stable").reset_index(drop=True)
    return conform("incidents", incidents), conform("events", events)


def _pandas_entries(path: Path) -> pd.DataFrame:
    raw = _normalised(path, "log_entries")
    word = raw["type"].str.removesuffix("_log_entry")
    facts = {
        "trigger": ("alert", "fired", None), "notify": ("alert", "paged", None),
        "acknowledge": ("status", None, "acknowledged"), "annotate": ("message", None, None),
        "escalate": ("alert", "escalated", None), "assign": ("role", "requested", None),
        "unacknowledge": ("status", None, "unacknowledged"), "snooze": ("note", "snooze", None),
        "resolve": ("status", None, "resolved"),
    }  # fmt: skip
    kind, field, new = (word.map({w: fact[place] for w, fact in facts.items()}) for place in range(3))
    names = {"type": "entry_type", "channel.type": "channel.type", "acknowledgement_timeout": "acknowledgement_timeout",
             "channel.duration": "channel.duration"}  # fmt: skip
    extra = _extras(raw, names)
    for each in extra:
        for name in ("acknowledgement_timeout", "channel.duration"):
            if name in each:
                each[name] = int(each[name])  # json_normalize makes a float of a number that some rows lack
    text = raw["summary"].mask(word == "trigger", raw["event_details.description"])
    events = pd.DataFrame(
        {
            "incident_id": raw["incident.id"],
            "at": pd.to_datetime(raw["created_at"], format="ISO8601", utc=True),
            "kind": kind,
            "actor_id": raw["agent.id"].mask(word == "notify", raw["user.id"]),
            "field": field,
            "new": new,
            "text": text.mask(word == "annotate", raw["channel.summary"]),
            "reason": raw["note"],
            "service": raw["service.summary"],
            "is_automatic": raw["agent.type"] != "user_reference",
            "basis": "stated",
            "precision": "second",
            "source_ref": raw["id"],
            "source": "pagerduty:log_entries.json",
            "extra": extra,
            "asked": raw["assignees"].str[0].str["id"],
            "agent": raw["agent.id"],
        }
    )
    # People asked get a row of their own, after the escalation that asks them.
    asked = events[events["asked"].notna()].copy()
    asked["extra"] = [extra | {"requested_by": by} for extra, by in zip(asked["extra"], asked["agent"], strict=True)]
    asked = asked.assign(kind="role", field="requested", actor_id=asked["asked"])
    events = pd.concat([events[events["kind"] != "role"], asked]).sort_index(kind="stable")
    # From first to last within each incident, the incidents as they first appear.
    order = pd.factorize(events["incident_id"])[0]
    turned = events.assign(order=order, row=-np.arange(len(events)) - (events["kind"] == "role") * -2)
    turned = turned.sort_values(["order", "at", "row"], kind="stable")
    return conform("events", turned.drop(columns=["asked", "agent", "order", "row"]))


def same(mine: Records, theirs: Records) -> None:
    """Stop unless both sides hold the same values in every compared column."""
    for name, columns in (("incidents", INCIDENT_COLUMNS), ("events", EVENT_COLUMNS)):
        left, right = mine.tables[name][columns], theirs.tables[name][columns]
        pd.testing.assert_frame_equal(left, right)


def in_turn(n: int, *runs: Callable[[], Records]) -> tuple[list[tuple[float, float]], list[Records]]:
    """The shortest of ``n`` rounds of each run, in seconds of the clock and of the processor, and the answers."""
    times: list[list[tuple[float, float]]] = [[] for _ in runs]
    answers = [Records() for _ in runs]
    for _ in range(n):
        for place, run in enumerate(runs):
            gc.collect()
            began, worked = time.perf_counter(), time.process_time()
            answers[place] = run()
            times[place].append((time.perf_counter() - began, time.process_time() - worked))
    return [(min(t for t, _ in taken), min(t for _, t in taken)) for taken in times], answers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--incidents", type=int, default=100_000)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_files(folder, asked.incidents, asked.entries)
        size = sum(path.stat().st_size for path in folder.glob("*.json")) / 1e6
        print(f"{asked.incidents:,} incidents, {asked.entries:,} log entries, {size:,.0f} MB")
        runs = (lambda: ours(folder), lambda: in_pandas(folder), lambda: read(folder))
        taken, (mine, theirs, whole) = in_turn(asked.runs, *runs)
    same(mine, theirs)
    if len(whole.events) != len(mine.events) or len(whole.incidents) != len(mine.incidents):
        raise SystemExit("the whole path and the module do not give the same number of rows")
    theirs_by_clock, theirs_at_work = taken[1]
    for name, (by_clock, at_work) in zip(
        ("ours, the module", "json_normalize", "ours, all of read"), taken, strict=True
    ):
        print(
            f"{name:20s}{by_clock:8.2f} s by the clock, {at_work:8.2f} s of the processor; json_normalize takes "
            f"{theirs_by_clock / by_clock:.1f} and {theirs_at_work / at_work:.1f} times as long"
        )


if __name__ == "__main__":
    main()
