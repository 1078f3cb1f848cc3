"""Faults that a request asks for itself: preferences whose names begin with `mock-`, in the header Prefer (RFC 7240).

`Prefer: mock-latency=0.5, mock-status=503; mock-drip; bytes=10; seconds=0.1` names the members of an effect in kebab
case. A preference with parameters stands for an object, one with neither value nor parameters for `true`.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from immuta_mock.errors import BadRequest

HEADER = b"prefer"
PREFIX = "mock-"

_WORD = r'"(?:[^"\\]|\\.)*"|[^\s,;="]+'
_PAIR = re.compile(rf"\s*({_WORD})\s*(?:=\s*({_WORD})?\s*)?")
_ESCAPED = re.compile(r"\\(.)")


def preferred(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, Any]:
    """The effect that a request asks for, as a document still to be checked; preferences of others are passed over."""
    effect: dict[str, Any] = {}
    for name, value in headers:
        if name == HEADER:
            for preference, found in _preferences(value.decode("latin-1")):
                if preference.startswith(PREFIX):
                    effect.setdefault(_camel(preference.removeprefix(PREFIX)), found)
    return effect


def applied(effect: Iterable[str]) -> str:
    """The value of Preference-Applied for the members of an effect."""
    return ", ".join(PREFIX + re.sub("[A-Z]", lambda capital: f"-{capital[0].lower()}", name) for name in effect)


def _preferences(text: str) -> Iterator[tuple[str, Any]]:
    """Name and value of each preference of a header."""
    position = 0
    while position < len(text):
        name, value, position = _pair(text, position)
        parameters: dict[str, Any] = {}
        while text[position : position + 1] == ";":
            parameter, inner, position = _pair(text, position + 1)
            parameters[parameter] = inner
        yield name.lower(), parameters if parameters and value is True else value
        if text[position : position + 1] not in ("", ","):
            raise BadRequest(f"the header Prefer has {text[position]!r} where a ',' or ';' should be")
        position += 1


def _pair(text: str, position: int) -> tuple[str, Any, int]:
    """A name, its value (`true` without one), and where they end."""
    match = _PAIR.match(text, position)
    if match is None:
        raise BadRequest("the header Prefer lacks a name; it is like 'mock-latency=0.5, mock-status=503'")
    return match[1], _value(match[2]), match.end()


def _value(word: str | None) -> Any:
    """A quoted word is a text; of others what JSON takes for a value is that value."""
    if not word:
        return True
    if word.startswith('"'):
        return _ESCAPED.sub(r"\1", word[1:-1])
    try:
        return json.loads(word)
    except ValueError:
        return word


def _camel(name: str) -> str:
    first, *others = name.split("-")
    return first + "".join(word.capitalize() for word in others)
