"""Walks the parts of an API document that its checks look at: operations, bodies, parameters, schemas and links."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from immuta_mock.spec import METHODS, resolve

Document = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """One operation of a document, with the parts that its path lends it."""

    name: str
    path: str
    method: str
    operation: dict[str, Any]
    parameters: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Content:
    """What an operation takes (status empty) or answers under one media type."""

    where: str
    status: str
    media: dict[str, Any]


def places(document: Document) -> Iterator[Place]:
    """Every operation, in the document's order; a missing operationId is shown as method and path."""
    for path, item in document["paths"].items():
        for method in item:
            if method in METHODS:
                operation = item[method]
                written = [*item.get("parameters", ()), *operation.get("parameters", ())]
                parameters = tuple(resolve(document, parameter) for parameter in written)
                name = operation.get("operationId", f"{method.upper()} {path}")
                yield Place(name, path, method.upper(), operation, parameters)


def contents(document: Document, place: Place) -> Iterator[Content]:
    """The media types of the operation's body and of each of its answers."""
    body = resolve(document, place.operation.get("requestBody", {}))
    for media_type, media in body.get("content", {}).items():
        yield Content(f"{place.name}, body as {media_type}", "", media)
    for status, answer in place.operation["responses"].items():
        for media_type, media in resolve(document, answer).get("content", {}).items():
            yield Content(f"{place.name}, {status} as {media_type}", status, media)


def examples(document: Document, holder: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Name and value of each example of a parameter or media type."""
    if "example" in holder:
        yield "example", holder["example"]
    for name, example in holder.get("examples", {}).items():
        yield name, resolve(document, example)["value"]


def schemas(document: Document) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema of the components, the outer before the inner, with its JSON pointer; no reference is followed."""
    for name, schema in document["components"]["schemas"].items():
        yield from _within(f"/components/schemas/{name}", schema)


def _within(pointer: str, schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield pointer, schema
    for name, inner in schema.get("properties", {}).items():
        yield from _within(f"{pointer}/properties/{name}", inner)
    for key in ("allOf", "anyOf", "oneOf"):
        for index, inner in enumerate(schema.get(key, ())):
            yield from _within(f"{pointer}/{key}/{index}", inner)
    for key in ("items", "not", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from _within(f"{pointer}/{key}", schema[key])


def required(document: Document, schema: dict[str, Any]) -> frozenset[str]:
    """The names that the schema requires, those of its `allOf` included."""
    schema = resolve(document, schema)
    parts = [required(document, part) for part in schema.get("allOf", ())]
    return frozenset(schema.get("required", ())).union(*parts)


def marked(document: Document) -> frozenset[tuple[str, str]]:
    """The fields that the reference prints as required though the document does not, as (component, field)."""
    return frozenset(
        (pointer.split("/")[3], name)
        for pointer, schema in schemas(document)
        for name, inner in schema.get("properties", {}).items()
        if inner.get("x-documented-required") is True
    )
