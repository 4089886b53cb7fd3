"""Datadog's answers in whatever they are wrapped: pages, search results, connector lines, recorded exchanges.

A recorded exchange is a YAML file (VCR) of requests with their responses, whose body is a JSON text. All of its answers
are read as if each were a file. Answers that say an error hold nothing and are counted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import SourceError
from ._contract import origin
from ._export import Export, Row, dig, open_export
from ._instants import zone_named
from ._json import found_in
from ._told import dict_of
from ._yaml import parse, plain

LISTS = ("data",)
_CASSETTE = re.compile(rb"\A\s*(?:version:[ \t]*[0-9]+\s+)?interactions:\s")
_ADDRESS = re.compile(rb"uri:[ \t]*[\"']?https?://[a-z0-9.-]*(?:datadoghq\.(?:com|eu)|ddog-gov\.com)/", re.IGNORECASE)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def is_cassette(head: bytes) -> bool:
    """Whether a file begins as recorded exchanges with Datadog."""
    return _CASSETTE.match(head) is not None and _ADDRESS.search(head) is not None


def open_answers(path: Path, *, name: str, streams: Sequence[str], time_zone: str | None) -> Export:
    """Every resource that a file holds, as rows of JSON:API resources with keys in one spelling.

    Raises:
        SourceError: the file is neither JSON nor recorded exchanges.
        UsageError: no such time zone.
    """
    if _begins_as_cassette(path):
        if time_zone:
            zone_named(time_zone)
        export = Export(origin(name, path), time_zone)
        for place, text in _bodies(export, path):
            _answer(export, place, text)
    else:
        export = open_export(path, name=name, lists=LISTS, streams=streams, time_zone=time_zone)
    whole, export.rows = export.rows, []
    seen: set[int] = set()
    for row in whole:
        export.rows += _resources(export, row, seen)
    return export


def _begins_as_cassette(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return _CASSETTE.match(file.read(1024).removeprefix(b"\xef\xbb\xbf")) is not None
    except OSError as error:
        raise SourceError(f"{path} cannot be opened: {error.strerror or error}") from error


def _bodies(export: Export, path: Path) -> Iterator[tuple[str, str]]:
    """The bodies of the responses that hold something, with their places; errors are counted."""
    text = path.read_bytes().decode("utf-8-sig", "backslashreplace")
    interactions = dict_of(plain(parse(text, where=str(path)))).get("interactions")
    if not isinstance(interactions, list):
        raise SourceError(f"{path} has no list of interactions; expected recorded exchanges with Datadog")
    for index, each in enumerate(interactions):
        place = f"interactions[{index}]"
        body = dig(each, "response.body.string")
        if not isinstance(each, dict) or not isinstance(each.get("response"), dict):
            export.reject(place, each, "expected a request with its response")
        elif isinstance(body, str) and body.strip():
            yield place, body
        elif body is not None and not isinstance(body, str):
            export.reject(place, body, "expected a body that is a text")


def _answer(export: Export, place: str, text: str) -> None:
    """The rows of one answer, with the place of its exchange in front."""
    try:
        found = list(found_in(text, LISTS))
    except (ValueError, RecursionError):
        export.reject(place, text, "its body is no JSON")
        return
    for each in found:
        where = f"{place}.{each.place}" if each.place else place
        if isinstance(each.value, dict):
            export.rows.append(Row(where, each.value, each.around, each.stream))
        else:
            export.reject(where, each.value, "expected a JSON object")


def _resources(export: Export, row: Row, seen: set[int]) -> Iterator[Row]:
    """The resources in an answer: itself, the results of a search, and once what was included."""
    value = row.value
    if isinstance(value.get("errors"), list) and "type" not in value:
        export.count("error_answer", "{n} answer(s) say an error and hold nothing")
        return
    results = dig(value, "attributes.incidents")
    if isinstance(results, list):
        for index, each in enumerate(results):
            place = f"{row.place}.attributes.incidents[{index}]"
            data = dict_of(each).get("data")
            if isinstance(data, dict):
                yield Row(place, _one_spelling(data))
            else:
                export.reject(place, each, "expected an incident")
    else:
        yield Row(row.place, _one_spelling(value), {}, row.stream)
    included = row.around.get("included")
    if isinstance(included, list) and id(included) not in seen:
        seen.add(id(included))
        for index, each in enumerate(included):
            if isinstance(each, dict):
                yield Row(f"included[{index}]", _one_spelling(each))
            else:
                export.reject(f"included[{index}]", each, "expected an object")


def _one_spelling(resource: Mapping[str, Any]) -> dict[str, Any]:
    """The resource with its keys as the API writes them; some clients write ``publicId`` for ``public_id``."""
    made = dict(resource)
    for part in ("attributes", "relationships"):
        if isinstance(resource.get(part), dict):
            made[part] = {_HUMP.sub("_", key).lower(): cell for key, cell in resource[part].items()}
    return made


def related(resource: Mapping[str, Any], name: str) -> str | None:
    """The identifier of the one resource that a resource is related to under a name."""
    found = dig(resource, f"relationships.{name}.data.id")
    return found if isinstance(found, str) and found else None


def as_json(value: object) -> str:
    """A resource as one text, the same for the same contents."""
    return json.dumps(value, sort_keys=True)
