"""Command line: ``python -m tools.make_sample -o data/sample/fictional``."""

from __future__ import annotations

import argparse
import gzip
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from . import SEED, alertmanager, company, logs, pagerduty, slack, telling
from .chatter import converse
from .dice import Dice
from .model import Incident
from .year import throw

CHANNELS = 14
NOISE = 45


def main(arguments: Sequence[str] | None = None) -> None:
    """Write all files; files that are already there and not ours are left alone."""
    parser = argparse.ArgumentParser(prog="python -m tools.make_sample", description=__doc__)
    parser.add_argument("-o", "--out", type=Path, default=Path("data/sample/fictional"))
    parser.add_argument("--seed", type=int, default=SEED, help=f"seed of all dice, {SEED} for the committed sample")
    chosen = parser.parse_args(arguments)
    for name, content in sample(chosen.seed).items():
        path = chosen.out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def sample(seed: int) -> dict[str, bytes]:
    """The whole sample: path within its folder to content."""
    stories = telling.stories()
    told = [telling.incident_of(story) for story in stories]
    incidents = [*told, *throw(Dice(seed, "year"))]
    incidents.sort(key=lambda i: (i.created_at, i.incident_id))
    for number, incident in enumerate(incidents, start=301):
        incident.number = number
    _key_stories(told, Dice(seed, "keys"))
    converse(incidents, Dice(seed, "chat"), CHANNELS)
    files = {"policy.toml": company.POLICY.encode(), "roster.csv": company.roster_csv().encode()}
    files |= _pages(incidents, seed) | _chat(incidents) | _alerts(incidents, seed)
    for story, incident in zip(stories, told, strict=True):
        files[f"records/{story['slug']}.yaml"] = _yaml(telling.record_of(story, incident))
        files |= _logs(story, seed)
    return dict(sorted(files.items()))


def _key_stories(told: list[Incident], dice: Dice) -> None:
    """Give the stories' alerts their fingerprints; the one that paged is the incident's key."""
    for incident in told:
        for alert in incident.alerts:
            alert.fingerprint = dice.hexadecimal(16)
        incident.key = incident.alerts[0].fingerprint


def _pages(incidents: list[Incident], seed: int) -> dict[str, bytes]:
    rows, entries = pagerduty.export(incidents, Dice(seed, "pagerduty"))
    return {
        "pagerduty/incidents.json": _json_of("incidents", rows),
        "pagerduty/log_entries.json": _json_of("log_entries", entries),
    }


def _chat(incidents: list[Incident]) -> dict[str, bytes]:
    files = {
        "slack/users.json": _json_of("", slack.users()),
        "slack/channels.json": _json_of("", slack.channels(incidents)),
    }
    for incident in incidents:
        for day, messages in slack.days(incident).items():
            files[f"slack/{incident.channel}/{day}.json"] = _json_of("", messages)
    return files


def _alerts(incidents: list[Incident], seed: int) -> dict[str, bytes]:
    dice = Dice(seed, "alerts")
    return {
        "alertmanager/alerts.json": _json_of("", alertmanager.export(incidents, alertmanager.noise(dice, NOISE), dice))
    }


def _logs(story: dict[str, Any], seed: int) -> dict[str, bytes]:
    files = {}
    for shape in telling.log_shapes(story["slug"]):
        name = f"logs/{story['slug']}/{shape['file']}"
        content = logs.lines(shape, story["day"], Dice(seed, name))
        files[name] = _zipped(content) if name.endswith(".gz") else content
    return files


def _json_of(envelope: str, rows: list[dict[str, Any]]) -> bytes:
    """Rows as JSON, one per line, so that a change of one row is a change of one line."""
    body = ",\n".join(json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False) for row in rows)
    text = f'{{"{envelope}":[\n{body}\n]}}\n' if envelope else f"[\n{body}\n]\n"
    return text.encode()


def _yaml(record: dict[str, Any]) -> bytes:
    text = yaml.safe_dump(record, sort_keys=False, allow_unicode=True, width=110)
    return text.encode()


def _zipped(content: bytes) -> bytes:
    """Gzip without a file name and without a time, so that the same content gives the same bytes."""
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=buffer, mtime=0) as file:
        file.write(content)
    return buffer.getvalue()


if __name__ == "__main__":
    main()
