"""What the document asks of each operation: its parameters, bodies and answers, compiled once for a server."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from immuta_mock.parameters import Parameter
from immuta_mock.schema_check import SchemaCheck
from immuta_mock.spec import Operation, operations, resolve

Document = dict[str, Any]


@dataclass(frozen=True)
class Checks:
    """One operation; `parameters` stand in the order of the path, then of the document; bodies by media type."""

    operation_id: str
    method: str
    path: str
    parameters: tuple[Parameter, ...]
    bodies: Mapping[str, SchemaCheck]
    body_required: bool
    answers: Mapping[int, SchemaCheck]
    promises: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.method} {self.path} ({self.operation_id})"

    @cached_property
    def path_names(self) -> tuple[str, ...]:
        """The names of the path parameters, in the order of the path."""
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))


def compile_checks(document: Document) -> dict[str, Checks]:
    """The checks of every operation, by operationId."""
    compiler = _Compiler(document)
    return {operation.operation_id: compiler.checks(operation) for operation in operations(document)}


class _Compiler:
    """Compiles each schema of one document once, however many operations share it."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._compiled: dict[tuple[str, bool], SchemaCheck] = {}

    def checks(self, operation: Operation) -> Checks:
        item = self._document["paths"][operation.path]
        definition = item[operation.method.lower()]
        body = resolve(self._document, definition.get("requestBody", {}))
        return Checks(
            operation.operation_id,
            operation.method,
            operation.path,
            tuple(self._parameters([*item.get("parameters", ()), *definition.get("parameters", ())])),
            {media: self._schema(content, answer=False) for media, content in body.get("content", {}).items()},
            body.get("required", False),
            dict(self._answers(definition["responses"])),
            operation.promises,
        )

    def _parameters(self, written: list[Any]) -> Iterator[Parameter]:
        """Those in the path and the query; of two with the same name and place the operation's own wins."""
        resolved = [resolve(self._document, parameter) for parameter in written]
        by_place = {(parameter["in"], parameter["name"]): parameter for parameter in resolved}
        for (place, _), parameter in by_place.items():
            if place in ("path", "query"):
                yield Parameter.of(self._document, parameter)

    def _answers(self, responses: Mapping[str, Any]) -> Iterator[tuple[int, SchemaCheck]]:
        for status, written in responses.items():
            for content in resolve(self._document, written).get("content", {}).values():
                yield int(status), self._schema(content, answer=True)

    def _schema(self, content: Mapping[str, Any], *, answer: bool) -> SchemaCheck:
        key = json.dumps(content["schema"]), answer
        if key not in self._compiled:
            self._compiled[key] = SchemaCheck(self._document, content["schema"], answer=answer)
        return self._compiled[key]
