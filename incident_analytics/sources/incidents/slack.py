"""Slack exports: one folder per channel with one file of messages per day, beside lists of people and channels.

Messages belong to no incident yet; that is decided where files are brought together. What the vendor does oddly:

- ``ts`` is the time and the identity of a message at once: a text of seconds with six decimals. Read as a float two
  messages become one, so it is read digit by digit.
- what was said may stand in blocks or attachments, with an empty ``text``.
- ``&``, ``<`` and ``>`` are escaped; what stands in angle brackets is a mention or a link. Mentions of people stay
  as they are (``<@U1>``), so that removing names finds them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from ...records import Records
from .._contract import VendorDuration
from .._export import Export, Row, dig, identified, open_export, renamed, text_of
from .._instants import epochs_of
from .._json import sketch

NAME = "slack"
DESCRIPTION = (
    "Slack export: a channel's day of messages, users.json; the lists of channels and integrations say no more"
)
TIME_ZONE_RULE = (
    "Times are seconds since 1970, so no zone is needed; only which day's file a message is in depends on one."
)
EXAMPLE = '[{"type": "message", "user": "U0OTTER", "text": "on it", "ts": "1767603600.000100"}]'
SEVERITIES: tuple[str, ...] = ()
DURATIONS: Mapping[str, VendorDuration] = {}
COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "messages.ts": "source_ref",
        "messages.user": "actor_id",
        "messages.text": "text",
        "users.id": "person_id",
        "users.real_name": "name",
        "users.name": "aliases",
        "users.tz": "time_zone",
    }
)

_TS = re.compile(r"[0-9]{9,11}\.[0-9]{6}")
_MEMBERSHIP = {"channel_join": "joined", "group_join": "joined", "channel_leave": "left", "group_leave": "left"}
# A person adds or removes a bot; the bot named there did nothing.
_ABOUT_BOTS = ("bot_add", "bot_remove")
_ALIASES = ("name", "profile.display_name", "profile.email")
_KEPT = ("subtype", "thread_ts", "reply_count", "username")
# Lists of who could talk where, and of apps: recognised, so that a whole export can be read.
_CONVERSATION = {"members", "creator", "topic", "purpose"}
_INTEGRATION = {"user_id", "date", "change_type"}
_PARAGRAPHS = ("rich_text_section", "rich_text_preformatted", "rich_text_quote")
_MARKUP = re.compile(r"<([@#!][^<>]+|[a-z][a-z0-9+.-]*:[^<>]+)>", re.IGNORECASE)
_ESCAPES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


def recognises(head: bytes) -> bool:
    """By messages with a ``ts``, by people with a profile or a team, or by a list of channels or integrations."""
    seen = sketch(head, ())
    return any(_is_message(value) or _is_user(value) or _is_other(value) for value in seen.records)


def read(path: Path, *, time_zone: str | None = None) -> Records:
    """A day of messages as events of no incident, or the people; lists of channels and integrations give nothing."""
    export = open_export(path, name=NAME, time_zone=time_zone)
    if any(_is_message(row.value) for row in export.rows):
        events = _events(export, path.parent.name)
        return Records.build(events=events, findings=export.findings)
    if any(_is_user(row.value) for row in export.rows):
        people = {person_id: _person(person_id, row, export.source) for person_id, row in export.known_by("id")}
        return Records.build(people=people.values(), findings=export.findings)
    for row in export.rows:
        if not _is_other(row.value):
            export.reject(row.place, row.value, "it is no message, no person and no channel")
    return Records.build(findings=export.findings)


def _events(export: Export, channel: str) -> list[dict[str, object]]:
    known = list(export.known_by("ts"))
    instants, faults = epochs_of(pd.Series([ts for ts, _ in known], dtype="object"), unit="s")
    for fault in faults:
        place = f"{known[int(str(fault.row))][1].place}.ts"
        message = f"{place} holds {fault.raw[:100]!r}: {fault.problem}. Left missing."
        export.note("unreadable_time", "warning", message, place=place, raw=fault.raw)
    return [
        _event(export, None if pd.isna(at) else at, ts, row.value, channel)
        for at, (ts, row) in zip(instants, known, strict=True)
    ]


def _event(
    export: Export, at: pd.Timestamp | None, ts: str, value: Mapping[str, Any], channel: str
) -> dict[str, object]:
    """A message, or that somebody came or left."""
    subtype = text_of(value.get("subtype")) or ""
    user, bot = identified(value.get("user")), identified(value.get("bot_id"))
    poster = user or identified(dig(value, "comment.user"))
    event = {
        "source_ref": ts,
        "channel": channel,
        "actor_id": poster or bot,
        "is_automatic": (bot is not None and subtype not in _ABOUT_BOTS)
        or subtype == "bot_message"
        or user == "USLACKBOT",
        "text": _said(value),
        "note": "edited afterwards" if isinstance(value.get("edited"), dict) else None,
        "extra": {key: value[key] for key in _KEPT if isinstance(value.get(key), (str, int))} | _reactions(value),
    }
    if subtype in _MEMBERSHIP:
        return export.event("role", at, **event, field=_MEMBERSHIP[subtype])
    return export.event("message", at, **event)


def _reactions(value: Mapping[str, Any]) -> dict[str, object]:
    """How often which reaction was given; not by whom."""
    listed = value.get("reactions")
    counts = [
        f"{text_of(part.get('name'))} {text_of(part.get('count'))}"
        for part in (listed if isinstance(listed, list) else ())
        if isinstance(part, dict)
    ]
    return {"reactions": ", ".join(counts)} if counts else {}


def _person(person_id: str, row: Row, source: str) -> dict[str, object]:
    value, cells = row.value, renamed(row.value, COLUMNS, "users.")
    aliases = [text for text in (text_of(dig(value, path)) for path in _ALIASES) if text is not None]
    return {
        "person_id": person_id,
        "name": cells["name"] or text_of(dig(value, "profile.real_name")) or cells["aliases"],
        "aliases": list(dict.fromkeys(aliases)),
        "time_zone": cells["time_zone"],
        "source": source,
        "extra": {key: True for key in ("deleted", "is_bot") if value.get(key) is True},
    }


def _said(value: Mapping[str, Any]) -> str | None:
    """The words of a message: its text, else its blocks; then its attachments, and the titles of its files."""
    written = text_of(value.get("text")) or text_of(dig(value, "message.text"))
    parts = [plain(written)] if written else list(_of_blocks(value.get("blocks")))
    for attachment in _objects(value.get("attachments")):
        # What Slack shows of a link that somebody posted was not said by anybody.
        if not ({"from_url", "original_url"} & set(attachment)):
            parts += [part for part in _of_attachment(attachment) if part not in parts]
    if not parts:
        files = [*_objects(value.get("files")), *_objects([value.get("file")])]
        parts = [f"[file: {text_of(file.get('title')) or text_of(file.get('name'))}]" for file in files]
    return "\n".join(part for part in parts if part.strip()) or None


def _of_attachment(attachment: Mapping[str, Any]) -> list[str]:
    """What an attachment says, or its fallback when it says nothing itself."""
    texts = [text_of(attachment.get(key)) for key in ("pretext", "title", "text")]
    for cell in _objects(attachment.get("fields")):
        texts.append(": ".join(filter(None, (text_of(cell.get("title")), text_of(cell.get("value"))))))
    said = [plain(text) for text in texts if text] + list(_of_blocks(attachment.get("blocks")))
    fallback = text_of(attachment.get("fallback"))
    return said or ([plain(fallback)] if fallback else [])


def _of_blocks(blocks: object) -> Iterator[str]:
    """The words of blocks, one text per block."""
    for block in _objects(blocks):
        words = "".join(_words(block)).strip()
        if words:
            yield words


def _words(block: Mapping[str, Any]) -> Iterator[str]:
    """The words inside a block in reading order; containers are opened one after the other, however deep."""
    waiting: list[Any] = [block]
    while waiting:
        part = waiting.pop()
        if not isinstance(part, dict):
            continue
        inner = [part.get("text"), *_listed(part.get("fields")), *_listed(part.get("elements"))]
        if any(isinstance(each, dict) for each in inner):
            if part.get("type") in _PARAGRAPHS:
                waiting.append({"type": "text", "text": "\n"})
            waiting += reversed(inner)
        else:
            yield _leaf(part)


def _leaf(part: Mapping[str, Any]) -> str:
    """One element without elements of its own, as it reads."""
    kind, text = part.get("type"), part.get("text")
    text = text if isinstance(text, str) else text_of(text) or ""
    match kind:
        case "user":
            return f"<@{text_of(part.get('user_id'))}>"
        case "channel":
            return f"#{text_of(part.get('channel_id'))}"
        case "usergroup":
            return f"@{text_of(part.get('usergroup_id'))}"
        case "broadcast":
            return f"@{text_of(part.get('range'))}"
        case "emoji":
            return f":{text_of(part.get('name'))}:"
        case "link":
            return _link(text_of(part.get("url")) or "", text)
        case "mrkdwn":
            return plain(text) + "\n"
        case "plain_text":
            return text + "\n"
        case _:
            return text


def plain(text: str) -> str:
    """Slack's markup as it reads; mentions of people stay ``<@U1>``.

    >>> plain("&lt;b&gt; see <https://status.example|the page> in <#C1|ops>, <!here>")
    '<b> see the page (https://status.example) in #ops, @here'
    """
    text = _MARKUP.sub(lambda match: _reads(match[1]), text)
    for escaped, letter in _ESCAPES:
        text = text.replace(escaped, letter)
    return text


def _reads(inside: str) -> str:
    """What stands between angle brackets, as it reads."""
    target, _, label = inside.partition("|")
    if target.startswith("@"):
        return f"<{target}>"
    if target.startswith("#"):
        return f"#{label or target[1:]}"
    if target.startswith("!"):
        words = target[1:].split("^")
        named = label or (words[1] if len(words) > 1 else words[0])
        return named if words[0] == "date" or named.startswith("@") else f"@{named}"
    return _link(target, label)


def _link(url: str, label: str) -> str:
    """A link as ``label (url)``; only once when the label says the same."""
    return url.removeprefix("mailto:") if label in ("", url, url.partition(":")[2].lstrip("/")) else f"{label} ({url})"


def _is_message(value: Mapping[str, Any]) -> bool:
    return value.get("type") == "message" and _TS.fullmatch(text_of(value.get("ts")) or "") is not None


def _is_user(value: Mapping[str, Any]) -> bool:
    is_id = re.fullmatch(r"[UW][A-Z0-9]+", text_of(value.get("id")) or "") is not None
    return is_id and "name" in value and bool({"profile", "team_id"} & set(value))


def _is_other(value: Mapping[str, Any]) -> bool:
    is_id = re.fullmatch(r"[CDG][A-Z0-9]+", text_of(value.get("id")) or "") is not None
    return (is_id and len(_CONVERSATION & set(value)) > 0 and "created" in value) or set(value) >= _INTEGRATION


def _listed(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _objects(value: object) -> list[dict[str, Any]]:
    return [part for part in _listed(value) if isinstance(part, dict)]
