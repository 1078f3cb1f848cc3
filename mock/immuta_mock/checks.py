"""What the document asks of each operation: its parameters, bodies and answers, compiled once for a server."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from immuta_mock.parameters import Parameter
from immuta_mock.schema_check import SchemaCheck
from immuta_mock.spec import operations, resolve

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

    @property
    def path_names(self) -> tuple[str, ...]:
        """The names of the path parameters, in the order of the path."""
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))


def compile_checks(document: Document) -> dict[str, Checks]:
    """The checks of every operation, by operationId."""
    return {
        operation.operation_id: _checks(document, operation.operation_id, operation.method, operation.path)
        for operation in operations(document)
    }


def _checks(document: Document, operation_id: str, method: str, path: str) -> Checks:
    item = document["paths"][path]
    definition = item[method.lower()]
    body = resolve(document, definition.get("requestBody", {}))
    return Checks(
        operation_id,
        method,
        path,
        tuple(_parameters(document, [*item.get("parameters", ()), *definition.get("parameters", ())])),
        {media: _check(document, content) for media, content in body.get("content", {}).items()},
        body.get("required", False),
        dict(_answers(document, definition["responses"])),
    )


def _parameters(document: Document, written: list[Any]) -> Iterator[Parameter]:
    """Those in the path and the query; of two with the same name and place the operation's own wins."""
    resolved = [resolve(document, parameter) for parameter in written]
    by_place = {(parameter["in"], parameter["name"]): parameter for parameter in resolved}
    for (place, _), parameter in by_place.items():
        if place in ("path", "query"):
            yield Parameter.of(document, parameter)


def _answers(document: Document, responses: Mapping[str, Any]) -> Iterator[tuple[int, SchemaCheck]]:
    for status, written in responses.items():
        content = resolve(document, written).get("content", {})
        for definition in content.values():
            yield int(status), _check(document, definition, answer=True)


def _check(document: Document, content: Mapping[str, Any], *, answer: bool = False) -> SchemaCheck:
    return SchemaCheck(document, content["schema"], answer=answer)
