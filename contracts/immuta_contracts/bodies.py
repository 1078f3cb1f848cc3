"""What a request body asks for: the names it gives, and the data sources a bulk update selects.

Readers differ: some take the first of two members of one name and some the last, some mind no letter case, some read
what is no JSON. So all that any of them might take from a body counts, and what none of them can be told to see in it
is for the caller to keep back.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

TOKEN = re.compile(r""""((?:[^"\\]|\\.)*)"?|'((?:[^'\\]|\\.)*)'?|([{}\[\]:,])|([^\s"'{}\[\]:,]+)""", re.DOTALL)
MARK = 3  # the group of TOKEN that holds one
TELLING = re.compile("handler|name|ids|connection|metadata", re.IGNORECASE)  # what members of interest are called
SELECTORS = ("ids", "connectionstring")
PADDING = " \t\r\n\0\ufeff"


@dataclass(frozen=True)
class Selection:
    """What a bulk update selects by: connection strings, and every number that might be taken for an id."""

    strings: tuple[str, ...]
    ids: tuple[str, ...]


def names_in(body: object) -> list[str]:
    """The data source names that a create, update or bulk body gives."""
    return _names(_walked(body))


def names_sent(body: bytes, prefix: str) -> list[str]:
    """The same for a body as it is sent; `prefix` is what names of the run begin with."""
    value = _read(body)
    if not isinstance(value, _Unreadable):
        return names_in(value)
    return _names(_scanned(value.text)) + re.findall(re.escape(prefix) + r'[^"\\]*', value.text)


def selection_in(body: bytes) -> Selection | None:
    """What a bulk update selects; None when it asks for no change at all."""
    value = _read(body)
    members = list(_scanned(value.text) if isinstance(value, _Unreadable) else _walked(value))
    if not any(place.key == "handler" for place, _ in members):
        return None
    chosen = [(place.selector, text) for place, text in members if text]
    strings = [text for selector, text in chosen if selector == "connectionstring"]
    ids = [number for selector, text in chosen if selector == "ids" for number in numbers(text)]
    return Selection(tuple(strings), tuple(ids))


def is_legible(body: bytes) -> bool:
    """Whether what readers may take from a body can be told: it is JSON or nearly so, or holds nothing of interest."""
    value = _read(body)
    if not isinstance(value, _Unreadable) or value.text.startswith(("{", "[")):
        return True
    has_members = re.search("[:=<]", value.text)  # as YAML, forms and XML write them
    return not (has_members and TELLING.search(value.text))


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """The name of a member as a careless reader compares it."""
    return "".join(filter(str.isalnum, name.casefold()))


def numbers(text: str) -> list[str]:
    """Every number that a text may be taken for, and those in it, in ASCII and without leading zeros."""
    found = ["".join(str(int(digit)) for digit in number) for number in re.findall(r"\d+", text)]
    found += filter(None, (_value(text, read) for read in (float, lambda each: int(each, 0))))
    return list(dict.fromkeys(number.lstrip("0") or "0" for number in found))


def _value(text: str, read: Any) -> str | None:
    try:
        return str(int(read(text.strip()))).lstrip("-")
    except (ValueError, OverflowError):
        return None


# A body as members: each with where it stands, and its text where it is a scalar


class _Place(NamedTuple):
    """The names of a member and of the one around it, and the selector that it stands in if there is one."""

    key: str = ""
    parent: str = ""
    selector: str = ""

    def member(self, name: str) -> "_Place":
        key = plain(name)
        return _Place(key, self.key, self.selector or (key if key in SELECTORS else ""))


_Member = tuple[_Place, str | None]


class _Unreadable(NamedTuple):
    """The text of a body that is no JSON."""

    text: str


class _Pairs(tuple[tuple[str, Any], ...]):
    """The members of an object, also those of one name."""


def _names(members: Iterator[_Member]) -> list[str]:
    found = [(place, text) for place, text in members if text]
    sources = [text for place, text in found if place.key == "name" and place.parent in ("", "datasource")]
    return sources + [text for place, text in found if place.key == "datasourcename"]


@lru_cache(maxsize=4)
def _read(body: bytes) -> Any:
    """The JSON of a body, its objects as `_Pairs`; else `_Unreadable`."""
    try:
        return json.loads(body, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError):
        return _Unreadable(body.decode("utf-8", "replace").replace("\0", "").strip(PADDING))


def _walked(value: Any) -> Iterator[_Member]:
    """The members of a JSON value; a lenient target may take true for 1, but no number for a name."""
    left = [(_Place(), value)]
    while left:
        place, value = left.pop()
        if isinstance(value, dict | _Pairs):
            pairs = value.items() if isinstance(value, dict) else value
            left += reversed([(place.member(name), each) for name, each in pairs])
            yield place, None
        elif isinstance(value, list):
            left += reversed([(place, each) for each in value])
            yield place, None
        else:
            yield place, _scalar(value, place)


def _scalar(value: Any, place: _Place) -> str | None:
    if isinstance(value, str):
        return value
    if value is None or not place.selector:
        return None
    return str(int(value)) if isinstance(value, bool) else str(value)


def _scanned(text: str) -> Iterator[_Member]:
    """The members of what is nearly JSON: cut off, with more behind it, in other quotes or in none."""
    here, around, member = _Place(), list[tuple[_Place, _Place | None]](), None
    last: str | None = None
    for found in TOKEN.finditer(text):
        token = found[found.lastindex or 0]
        mark = token if found.lastindex == MARK else None
        if mark == ":" and last is not None:
            member, last = here.member(last), None
            yield member, None
            continue
        if last is not None:
            yield member or here, last
        last = None if mark else _unescaped(token)
        if mark == ",":
            member = None
        elif mark in ("{", "["):
            around.append((here, member))
            here, member = member or here, None
        elif mark in ("}", "]") and around:
            here, member = around.pop()
    if last is not None:
        yield member or here, last


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    try:
        return str(json.loads(f'"{text}"', strict=False))
    except ValueError:
        return text
