"""Throws the log lines of the six stories: how many per minute is drawn from their shapes, what they say too."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate, pairwise
from typing import Any

from .dice import Dice
from .model import instant

_SLOT = re.compile(r"\{(n|w|hex8|ip)(?::([^}]*))?\}")
_LOCAL0 = 16 * 8
_SYSLOG_LEVELS = {"critical": 2, "error": 3, "warning": 4, "notice": 5, "info": 6}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_AGENTS = (
    "NimbusApp/7.2 (example)",
    "NimbusApp/7.1 (example)",
    "ExampleBrowser/120.0",
    "ExampleBrowser/118.0 (phone)",
    "partner-client/3.4",
)


@dataclass(frozen=True, slots=True)
class Template:
    """A message with slots: level or status, and the pieces between which the dice are thrown."""

    level: str
    pieces: tuple[str | Callable[[Dice], str], ...]

    def fill(self, dice: Dice) -> str:
        """The message with new numbers and identifiers."""
        return "".join(piece if isinstance(piece, str) else piece(dice) for piece in self.pieces)


def _slot(kind: str, argument: str) -> Callable[[Dice], str]:
    match kind:
        case "n":
            low, high = (int(part) for part in argument.split("-"))
            return lambda dice: str(dice.between(low, high))
        case "w":
            words = argument.split("|")
            return lambda dice: dice.pick(words)
        case "ip":
            return _address
        case _:
            return lambda dice: dice.hexadecimal(8)


def _address(dice: Dice) -> str:
    """An address of the blocks reserved for documentation."""
    return f"{dice.pick(('192.0.2', '198.51.100', '203.0.113'))}.{dice.between(1, 254)}"


def template(level: object, text: str) -> Template:
    """Cut a text at its slots: {n:1-9}, {w:a|b}, {hex8}, {ip}."""
    pieces: list[str | Callable[[Dice], str]] = []
    end = 0
    for match in _SLOT.finditer(text):
        pieces += [text[end : match.start()], _slot(match[1], match[2] or "")]
        end = match.end()
    return Template(str(level), (*pieces, text[end:]))


def curve(day: date, points: Mapping[str, float]) -> list[tuple[datetime, float]]:
    """The corners of a curve over time."""
    return [(instant(day, at), float(value)) for at, value in points.items()]


def height(points: Sequence[tuple[datetime, float]], at: datetime) -> float:
    """The curve's value at an instant, linear between its corners."""
    for (left, low), (right, high) in pairwise(points):
        if left <= at < right:
            return low + (high - low) * ((at - left) / (right - left))
    return points[-1][1]


class _Choice:
    """Templates with their weights."""

    def __init__(self, rows: Sequence[Sequence[Any]]) -> None:
        self.templates = [template(row[1], row[2]) for row in rows]
        self.edges = list(accumulate(float(row[0]) for row in rows))

    def draw(self, dice: Dice) -> Template:
        return dice.weighted(self.templates, self.edges)


def lines(shape: Mapping[str, Any], day: date, dice: Dice) -> bytes:
    """The content of one log file, in order of time, with its odd lines in their places.

    Errors are independent of the rest: their number per minute is Poisson around the shape's curve, with the
    quiet messages while the curve is at its base.
    """
    rate, errors = curve(day, shape["rate"]), curve(day, shape["errors"])
    normal, error, quiet = (_Choice(shape[key]) for key in ("normal", "error", "quiet_error"))
    base = errors[0][1]
    service = str(shape["file"]).split(".")[0]
    write = _WRITERS[shape["format"]]
    rows: list[tuple[datetime, str]] = []
    minute = rate[0][0]
    while minute < rate[-1][0]:
        middle = minute + timedelta(seconds=30)
        mean = height(errors, middle)
        drawn = [normal.draw(dice) for _ in range(dice.poisson(height(rate, middle)))]
        pool = error if mean > 2 * base else quiet
        drawn += [pool.draw(dice) for _ in range(dice.poisson(mean))]
        for one in drawn:
            at = minute + timedelta(milliseconds=dice.between(0, 59999))
            rows.append((at, write(at, one, service, shape, dice)))
        minute += timedelta(minutes=1)
    rows += [(instant(day, at), text) for at, text in shape.get("inserts", {}).items()]
    if "traces" in shape:
        rows += _traces(shape, day, service, dice)
    rows.sort(key=lambda row: row[0])
    return ("\n".join(text for _, text in rows) + "\n").encode()


def _traces(shape: Mapping[str, Any], day: date, service: str, dice: Dice) -> list[tuple[datetime, str]]:
    """Entries of several lines; only the first has a time."""
    first, *rest = str(shape["traces"]["text"]).split("\n")
    head = template("error", first)
    write = _WRITERS[shape["format"]]
    return [
        (at, "\n".join([write(at, head, service, shape, dice), *rest]))
        for at in (instant(day, text) for text in shape["traces"]["at"])
    ]


def _json(at: datetime, one: Template, service: str, shape: Mapping[str, Any], dice: Dice) -> str:
    entry = {
        "ts": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z",
        "level": one.level,
        "service": service,
        "host": dice.pick(shape["hosts"]),
        "msg": one.fill(dice),
        "trace": dice.hexadecimal(8),
    }
    return json.dumps(entry, separators=(",", ":"))


def _combined(at: datetime, one: Template, service: str, shape: Mapping[str, Any], dice: Dice) -> str:
    size = 166 if int(one.level) >= 400 else round(math.exp(4 + 3 * dice.unit()))
    when = f"{at.day:02d}/{_MONTHS[at.month - 1]}/{at:%Y:%H:%M:%S} +0000"
    return f'{_address(dice)} - - [{when}] "{one.fill(dice)} HTTP/1.1" {one.level} {size} "-" "{dice.pick(_AGENTS)}"'


def _rfc3164(at: datetime, one: Template, service: str, shape: Mapping[str, Any], dice: Dice) -> str:
    when = f"{_MONTHS[at.month - 1]} {at.day:2d} {at:%H:%M:%S}"
    priority = _LOCAL0 + _SYSLOG_LEVELS[one.level]
    host = dice.pick(shape["hosts"])
    return f"<{priority}>{when} {host} {service}[{_process(host)}]: {one.fill(dice)}"


def _rfc5424(at: datetime, one: Template, service: str, shape: Mapping[str, Any], dice: Dice) -> str:
    when = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
    priority = _LOCAL0 + _SYSLOG_LEVELS[one.level]
    host = dice.pick(shape["hosts"])
    return f"<{priority}>1 {when} {host} {service} {_process(host)} - - {one.fill(dice)}"


def _process(host: str) -> int:
    """A process number that stays the same for a host."""
    return 400 + sum(host.encode()) % 600


_WRITERS: dict[str, Callable[[datetime, Template, str, Mapping[str, Any], Dice], str]] = {
    "json": _json,
    "combined": _combined,
    "rfc3164": _rfc3164,
    "rfc5424": _rfc5424,
}
