"""What the contract run reads from the OpenAPI document: its operations and which request meets which."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from immuta_contracts.connectors import C5, Connector

METHODS = ("get", "put", "post", "delete")


@dataclass(frozen=True)
class Operation:
    """One operation of the document; `promises` are the ids it is marked with, `query` its query parameters."""

    id: str
    method: str
    path: str
    promises: frozenset[str]
    companion: bool
    query: tuple[str, ...]
    definition: Mapping[str, Any] = field(repr=False, hash=False, compare=False)

    def __str__(self) -> str:
        return self.id

    @property
    def connector(self) -> Connector | None:
        prefix = self.path.split("/")[1]
        return next((connector for connector in C5 if connector.prefix == prefix), None)

    @property
    def has_body(self) -> bool:
        return "requestBody" in self.definition

    @property
    def has_id(self) -> bool:
        return "{" in self.path

    def at(self, identifier: object) -> str:
        """The path with its id filled in."""
        return re.sub(r"\{.*?\}", str(identifier), self.path)

    def identifier(self, path: str) -> str:
        """What a path that meets the operation has in the place of its id."""
        before, _, rest = self.path.partition("{")
        return path.removeprefix(before).removesuffix(rest.partition("}")[2])


class Routes:
    """The operations of a document, and the one that a request meets."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.operations = tuple(
            Operation(
                definition["operationId"],
                method.upper(),
                path,
                frozenset(definition.get("x-promises", ())),
                bool(definition.get("x-companion", False)),
                self._query(item.get("parameters", []) + definition.get("parameters", [])),
                definition,
            )
            for path, item in document["paths"].items()
            for method, definition in item.items()
            if method in METHODS
        )

    def _query(self, parameters: list[Mapping[str, Any]]) -> tuple[str, ...]:
        """The names of the query parameters among `parameters`, which may be references to components."""
        shared = self.document.get("components", {}).get("parameters", {})
        resolved = [shared[each["$ref"].rpartition("/")[2]] if "$ref" in each else each for each in parameters]
        return tuple(each["name"] for each in resolved if each["in"] == "query")

    @cached_property
    def _patterns(self) -> list[tuple[str, re.Pattern[str], Operation]]:
        literal_first = sorted(self.operations, key=lambda operation: operation.path.count("{"))
        return [(o.method, re.compile(re.sub(r"\{.*?\}", "[^/]+", o.path)), o) for o in literal_first]

    def match(self, method: str, path: str) -> Operation | None:
        """The operation that `method path` calls, if it is one of the document."""
        return next((o for m, pattern, o in self._patterns if m == method and pattern.fullmatch(path)), None)

    def required(self, schema: str) -> frozenset[str]:
        """The properties that a component schema requires, itself or by what it is composed of."""
        component = self.document.get("components", {}).get("schemas", {}).get(schema, {})
        parts = [component, *component.get("allOf", [])]
        own = {name for part in parts for name in part.get("required", ())}
        shared = [self.required(part["$ref"].rpartition("/")[2]) for part in parts if "$ref" in part]
        return frozenset(own).union(*shared)

    def by_id(self, identifier: str) -> Operation:
        return next(operation for operation in self.operations if operation.id == identifier)
