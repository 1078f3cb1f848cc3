"""Reads path and query parameters: strictly, each once, and into the type that the document gives them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from connexion.decorators.parameter import pythonic

from immuta_mock.schema_check import SchemaCheck
from immuta_mock.spec import SpecError, resolve
from immuta_mock.wording import shown

_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_LONGEST_INTEGER = 4000  # digits; Python itself refuses to read more than 4300
_MOST_FIELDS = 1000


class Unreadable(ValueError):
    """A text that is no value of its parameter's type."""


@dataclass(frozen=True)
class Parameter:
    """A parameter; `argument` is the name that handlers know it by, `item` checks one value of the type `kind`."""

    name: str
    argument: str
    place: str
    kind: str
    item: SchemaCheck
    repeatable: bool
    required: bool
    default: Any

    @classmethod
    def of(cls, document: dict[str, Any], definition: Mapping[str, Any]) -> "Parameter":
        """The parameter of a definition whose schema is a string, boolean or integer, or an array of one of them."""
        name, place, schema = definition["name"], definition["in"], resolve(document, definition["schema"])
        repeatable = schema["type"] == "array"
        item = resolve(document, schema["items"]) if repeatable else schema
        if item["type"] not in _READERS:
            raise SpecError(f"{place} parameter {name}: its type must be one of {', '.join(_READERS)}.")
        check = SchemaCheck(document, item)
        default = schema.get("default", () if repeatable else None)
        required = definition.get("required", False)
        return cls(name, pythonic(name), place, item["type"], check, repeatable, required, default)

    def read(self, texts: list[str], reasons: list[str]) -> Any:
        """The value that was sent; what is wrong with it is added to `reasons`."""
        where = f"{self.place} parameter {self.name}"
        if not texts:
            if self.required:
                reasons.append(f"{where} is missing ({self.item.expected})")
            return self.default
        if not self.repeatable and len(texts) > 1:
            reasons.append(f"{where} is given {len(texts)} times, expected once")
        values = []
        for text in texts:
            try:
                values.append(self._value(text))
            except Unreadable:
                reasons.append(f"{where} is {shown(text)}, expected {self.item.expected}")
        return tuple(values) if self.repeatable else next(iter(values), None)

    def _value(self, text: str) -> Any:
        value = _READERS[self.kind](text)
        if not self.item.is_valid(value):
            raise Unreadable
        return value


def read_parameters(
    parameters: tuple[Parameter, ...], path_values: Mapping[str, str], query: bytes
) -> tuple[dict[str, Any], list[str]]:
    """The values by argument name, and what is wrong with them; a query parameter nobody knows is passed over."""
    reasons: list[str] = []
    texts = {name: [text] for name, text in path_values.items()}
    sent = _query(query, reasons) if query else {}
    values = {
        parameter.argument: parameter.read(
            (texts if parameter.place == "path" else sent).get(parameter.name, []), reasons
        )
        for parameter in parameters
    }
    return values, reasons


def unknown_parameters(parameters: tuple[Parameter, ...], query: bytes) -> list[str]:
    """What is wrong with a query whose parameters are to be known, each of them."""
    known = [parameter.name for parameter in parameters if parameter.place == "query"]
    there_are = f"there are {', '.join(known)}" if known else "there is none"
    return [f"query parameter {shown(name)} is unknown; {there_are}" for name in _query(query, []) if name not in known]


def _query(query: bytes, reasons: list[str]) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    try:
        pairs = parse_qsl(query.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except UnicodeDecodeError:
        reasons.append("the query string is not UTF-8")
        return fields
    except ValueError:
        reasons.append(f"the query string has more than {_MOST_FIELDS} fields")
        return fields
    for name, text in pairs:
        fields.setdefault(name, []).append(text)
    return fields


def _boolean(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise Unreadable
    return text.lower() == "true"


def _integer(text: str) -> int:
    if len(text) > _LONGEST_INTEGER or not _INTEGER.fullmatch(text):
        raise Unreadable
    return int(text)


_READERS: dict[str, Callable[[str], Any]] = {"string": str, "boolean": _boolean, "integer": _integer}
