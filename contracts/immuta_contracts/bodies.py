"""What a request body asks for: the names it gives, and the data sources a bulk update selects.

A body that is no JSON is searched as text, since a lenient target may read it all the same.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

NAME = re.compile(r'"dataSourceName"\s*:\s*"((?:[^"\\]|\\.)*)')
STRING = re.compile(r'"connectionString"\s*:\s*"((?:[^"\\]|\\.)*)')
IDS = re.compile(r'"ids"\s*:\s*(\[[^\]]*|[^,}]*)')


@dataclass(frozen=True)
class Selection:
    """What a bulk update selects by: connection strings, and every number that might be taken for an id."""

    strings: tuple[str, ...]
    ids: tuple[str, ...]


def names_in(body: object) -> list[str]:
    """The data source names that a create, update or bulk body gives."""
    found: list[str] = []
    for part in body if isinstance(body, list) else [body]:
        if not isinstance(part, dict):
            continue
        source, handlers = part.get("dataSource"), part.get("handler")
        candidates = [part.get("name"), source.get("name") if isinstance(source, dict) else None]
        for handler in handlers if isinstance(handlers, list) else [handlers]:
            metadata = handler.get("metadata") if isinstance(handler, dict) else None
            candidates.append(metadata.get("dataSourceName") if isinstance(metadata, dict) else None)
        found += [name for name in candidates if isinstance(name, str) and name]
    return found


def names_sent(body: bytes, prefix: str) -> list[str]:
    """The same for a body as it is sent; `prefix` is what names of the run begin with."""
    try:
        return names_in(_read(body))
    except _Unreadable as text:
        written = str(text)
        return NAME.findall(written) + re.findall(re.escape(prefix) + r'[^"\\]*', written)


def selection_in(body: bytes) -> Selection | None:
    """What a bulk update selects; None when it asks for no change at all."""
    try:
        return _selection(_read(body))
    except _Unreadable as text:
        written = str(text)
        if "handler" not in written:
            return None
        ids = re.findall(r"\d+", " ".join(IDS.findall(written)))
        return Selection(tuple(STRING.findall(written)), tuple(ids))


class _Unreadable(Exception):
    """The body is not what every reader reads alike; holds its text."""


def _read(body: bytes) -> Any:
    try:
        return json.loads(body, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise _Unreadable(body.decode("utf-8", "replace").replace("\0", "")) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys differ: of two alike, readers take one or the other."""
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a key is given twice")
    return dict(pairs)


def _selection(body: Any) -> Selection | None:
    parts = list(_objects(body))
    if not any("handler" in part for part in parts):
        return None
    strings = [text for part in parts for text in _scalars(part.get("connectionString")) if text]
    ids = [number for part in parts for text in _scalars(part.get("ids")) for number in re.findall(r"\d+", text)]
    return Selection(tuple(strings), tuple(ids))


def _objects(body: Any) -> Iterator[dict[str, Any]]:
    """The object that a body is, or those in it however deep in arrays."""
    if isinstance(body, dict):
        yield body
    elif isinstance(body, list):
        for item in body:
            yield from _objects(item)


def _scalars(value: Any) -> Iterator[str]:
    """Every value inside, as text; a lenient target may take true for 1."""
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _scalars(item)
    elif isinstance(value, bool):
        yield str(int(value))
    elif value is not None:
        yield str(value)
