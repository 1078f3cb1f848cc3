"""Turns schemas of the API document (OpenAPI 3.0) into JSON Schema draft 4 documents that stand on their own."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from immuta_mock.spec import resolve

DRAFT = "http://json-schema.org/draft-04/schema#"
COPIED = (
    *("type", "enum", "format", "required", "pattern", "minLength", "maxLength"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties"),
)
NOTHING: dict[str, Any] = {"not": {}}
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

FORMATS: Mapping[str, Callable[[str], bool]] = {"uuid": lambda text: UUID.fullmatch(text) is not None}
"""Formats of the document that draft 4 does not know, as jsonschema-rs takes them. Requests are held to no format."""


def json_schema(document: dict[str, Any], schema: dict[str, Any], *, response: bool) -> dict[str, Any]:
    """The schema as draft 4, with everything it refers to in `definitions`.

    `nullable` works as OpenAPI 3.0.3 says: it adds null to the `type` beside it, and an `enum` has to list null itself.
    In an answer a `writeOnly` property is forbidden. In a request a `readOnly` one may hold anything, or be left out.
    A property that is `not` to be there (`required`, whatever it holds) is forbidden in both.
    """
    return _Translation(document, response).whole(schema)


class _Translation:
    """One schema on its way to draft 4; each schema referred to is translated once, so recursion ends."""

    def __init__(self, document: dict[str, Any], response: bool) -> None:
        self.document = document
        self.own_way = "writeOnly" if response else "readOnly"
        self.other_way: dict[str, Any] = NOTHING if response else {}
        self.definitions: dict[str, Any] = {}

    def whole(self, schema: dict[str, Any]) -> dict[str, Any]:
        result = {"$schema": DRAFT, **self.schema(schema)}
        return {**result, "definitions": self.definitions} if self.definitions else result

    def schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        if "$ref" in schema:
            return self.reference(schema["$ref"])
        result = {key: schema[key] for key in COPIED if key in schema}
        if schema.get("nullable") and "type" in schema:
            result["type"] = [schema["type"], "null"]
        for key in ("allOf", "anyOf", "oneOf"):
            if key in schema:
                result[key] = [self.schema(part) for part in schema[key]]
        for key in ("not", "items", "additionalProperties"):
            if key in schema:
                result[key] = self.schema(schema[key]) if isinstance(schema[key], dict) else schema[key]
        self.properties(schema, result)
        self.absence(result)
        return result

    def properties(self, schema: dict[str, Any], result: dict[str, Any]) -> None:
        properties = schema.get("properties", {})
        barred = {name for name, value in properties.items() if resolve(self.document, value).get(self.own_way)}
        if properties:
            result["properties"] = {
                name: self.other_way if name in barred else self.schema(value) for name, value in properties.items()
            }
        if barred.intersection(schema.get("required", ())):
            result["required"] = [name for name in schema["required"] if name not in barred]
            if not result["required"]:
                del result["required"]  # draft 4 wants at least one name

    def absence(self, result: dict[str, Any]) -> None:
        """A property that `not` keeps out, and no more, is forbidden at its place, so that a fault leads there."""
        match result.get("not"):
            case {"required": [name], "properties": properties, **more} if properties == {name: {}} and not more:
                del result["not"]
                result["properties"] = {**result.get("properties", {}), name: NOTHING}

    def reference(self, reference: str) -> dict[str, Any]:
        name = reference.removeprefix("#/components/schemas/").replace("/", ".")
        if name not in self.definitions:
            self.definitions[name] = {}  # holds the place while a schema that refers to itself is translated
            self.definitions[name] = self.schema(resolve(self.document, reference))
        return {"$ref": f"#/definitions/{name}"}
