"""Shortens the lists of a wrong body that are right themselves, since the validator copies a body with each error."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jsonschema_rs import Validator

Schema = Mapping[str, Any]
Compile = Callable[[dict[str, Any]], Validator]


class SoundLists:
    """The lists that have one schema wherever they may stand under the schema `root`, by their names."""

    def __init__(self, root: Schema, compiled: Compile) -> None:
        found: dict[str, list[Schema]] = {}
        for name, schema in _members(root):
            found.setdefault(name, []).append(schema)
        self._checks = {
            name: compiled({**schemas[0], "definitions": root.get("definitions", {})}).is_valid
            for name, schemas in found.items()
            if all(schema == schemas[0] for schema in schemas) and _is_list(resolved(schemas[0], root))
        }

    def shortened(self, value: Any) -> Any:
        """The value with the first item alone of each such list that is valid."""
        if isinstance(value, list):
            return [self.shortened(item) for item in value]
        if not isinstance(value, dict):
            return value
        return {name: self._member(name, member) for name, member in value.items()}

    def _member(self, name: str, member: Any) -> Any:
        is_sound = isinstance(member, list) and name in self._checks and self._checks[name](member)
        return member[:1] if is_sound else self.shortened(member)


def _members(schema: Any) -> Iterator[tuple[str, Schema]]:
    """Every property of every schema within a schema."""
    if isinstance(schema, list):
        for part in schema:
            yield from _members(part)
    elif isinstance(schema, dict):
        for name, part in schema.items():
            yield from _members(part)
            if name == "properties":
                yield from ((member, of) for member, of in part.items() if isinstance(of, dict))


def resolved(schema: Schema, root: Schema) -> Schema:
    """The schema itself in place of a reference to it."""
    while "$ref" in schema:
        schema = root["definitions"][schema["$ref"].removeprefix("#/definitions/")]
    return schema


def _is_list(schema: Schema) -> bool:
    return schema.get("type") == "array" and schema.get("minItems", 0) <= 1
