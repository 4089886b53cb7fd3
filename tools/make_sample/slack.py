"""Writes chat in the shape of a Slack export: users, channels, and one file per channel and day."""

from __future__ import annotations

import re
from typing import Any

from . import company
from .model import Incident, Line

_BOT = "B0NIMBUS01"
_MENTION = re.compile(r"@(\w+)\b")
_OFFSETS = {company.LISBON: 0, company.TORONTO: -18000, company.PERTH: 28800}


def users() -> list[dict[str, Any]]:
    """Rows of users.json, with offsets as in December."""
    return [
        {
            "id": person.chat_id,
            "team_id": "T0NIMBUS",
            "name": person.person_id,
            "deleted": False,
            "real_name": person.name,
            "tz": person.time_zone,
            "tz_offset": _OFFSETS[person.time_zone],
            "is_bot": False,
            "profile": {
                "real_name": person.name,
                "display_name": person.person_id,
                "email": person.mail,
                "title": person.team,
            },
        }
        for person in company.PEOPLE.values()
    ]


def channels(incidents: list[Incident]) -> list[dict[str, Any]]:
    """Rows of channels.json: one channel per incident that was talked about."""
    return [
        {
            "id": _channel_id(incident),
            "name": incident.channel,
            "created": int(incident.chat[0].at.timestamp()),
            "creator": _BOT,
            "is_archived": incident.status == "resolved",
            "is_general": False,
            "members": _members(incident),
            "topic": {"value": f"{incident.severity} · {incident.title}", "creator": _BOT, "last_set": 0},
            "purpose": {"value": f"Incident {incident.number}", "creator": _BOT, "last_set": 0},
        }
        for incident in incidents
        if incident.chat
    ]


def _channel_id(incident: Incident) -> str:
    return f"C0INC{incident.number:05d}"


def _members(incident: Incident) -> list[str]:
    people = dict.fromkeys(line.who for line in incident.chat if line.who != "bot")
    return [company.PEOPLE[key].chat_id for key in people]


def days(incident: Incident) -> dict[str, list[dict[str, Any]]]:
    """The messages of an incident's channel by day in UTC."""
    files: dict[str, list[dict[str, Any]]] = {}
    parent: dict[str, Any] | None = None
    for place, line in enumerate(incident.chat):
        message = _message(line, place)
        if line.way == "reply" and parent is not None:
            message["thread_ts"] = parent["ts"]
            message["parent_user_id"] = parent.get("user", _BOT)
            parent.setdefault("thread_ts", parent["ts"])
            parent["reply_count"] = parent.get("reply_count", 0) + 1
            parent.setdefault("replies", []).append({"user": message["user"], "ts": message["ts"]})
        elif line.way in ("said", "edited", "blocks"):
            parent = message
        files.setdefault(f"{line.at:%Y-%m-%d}", []).append(message)
    return files


def _message(line: Line, place: int) -> dict[str, Any]:
    ts = f"{int(line.at.timestamp())}.{(place * 7919 + 137) % 1000000:06d}"
    if line.who == "bot":
        return {
            "type": "message",
            "subtype": "bot_message",
            "bot_id": _BOT,
            "username": "nimbus-bot",
            "text": _marked(line.text),
            "ts": ts,
        }
    user = company.PEOPLE[line.who].chat_id
    if line.way in ("join", "leave"):
        words = "joined" if line.way == "join" else "left"
        return {
            "type": "message",
            "subtype": f"channel_{line.way}",
            "user": user,
            "text": f"<@{user}> has {words} the channel",
            "ts": ts,
        }
    message: dict[str, Any] = {"type": "message", "user": user, "text": _marked(line.text), "ts": ts}
    if line.way == "edited":
        message["edited"] = {"user": user, "ts": f"{int(line.at.timestamp()) + 75}.000000"}
    if line.way == "blocks":
        # Some clients send the text in blocks only, and the text itself stays empty.
        message["text"] = ""
        element = {"type": "text", "text": line.text}
        section = {"type": "rich_text_section", "elements": [element]}
        message["blocks"] = [{"type": "rich_text", "block_id": f"b{place}", "elements": [section]}]
    return message


def _marked(text: str) -> str:
    """Mentions as the export writes them, and its three escapes; ready mentions stay."""
    kept = re.split(r"(<@U\w+>)", text)
    parts = [
        part if part.startswith("<@U") else part.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        for part in kept
    ]
    return _MENTION.sub(_mention, "".join(parts))


def _mention(match: re.Match[str]) -> str:
    person = company.PEOPLE.get(match[1].lower())
    return f"<@{person.chat_id}>" if person else match[0]
