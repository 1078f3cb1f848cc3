"""The schemas of the document as validators: which answers are documented, which requests surely valid or invalid."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Literal

import jsonschema_rs

from immuta_contracts.spec import Operation, Routes

Validity = Literal["valid", "invalid", "unclear"]

INT64 = 2**63


class Schemas:
    """Compiles what it is asked for, once.

    Requests are judged twice, by the strictest and by the most lenient reading (is 1.0 an integer, do formats bind?);
    where the two differ the document settles nothing, and the request is `unclear`.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._components = portable(document["components"])
        self._compiled: dict[tuple[str, ...], Any] = {}

    def documented(self, operation: Operation, status: int) -> bool:
        """Whether the operation lists the status."""
        return str(status) in operation.definition["responses"]

    def answer_fault(self, operation: Operation, status: int, value: object) -> str | None:
        """What of a JSON answer is against the schema documented for the status, or None."""
        content = self.resolve(operation.definition["responses"][str(status)]).get("content", {})
        schema = content.get("application/json", {}).get("schema", {})
        return self._fault(("answer", operation.id, str(status)), schema, value)

    def component_fault(self, name: str, value: object) -> str | None:
        """What of a JSON value is against a component schema, or None."""
        return self._fault(("component", name), {"$ref": f"#/components/schemas/{name}"}, value)

    def body_validity(self, operation: Operation, value: object) -> Validity:
        """What the document says of a JSON request body."""
        return self._validity(("body", operation.id), self.body_schema(operation), value)

    def body_schema(self, operation: Operation) -> Mapping[str, Any]:
        """The schema of the JSON request body."""
        body = self.resolve(operation.definition["requestBody"])
        schema: Mapping[str, Any] = body["content"]["application/json"]["schema"]
        return schema

    def body_examples(self, operation: Operation) -> list[Any]:
        """The documented examples of the JSON request body."""
        content = self.resolve(operation.definition["requestBody"])["content"]["application/json"]
        return [self.resolve(each)["value"] for each in content.get("examples", {}).values()]

    def parameters(self, operation: Operation) -> list[Mapping[str, Any]]:
        """The parameters of an operation, those of its path item included."""
        item = self._document["paths"][operation.path]
        return [
            self.resolve(each) for each in (*item.get("parameters", ()), *operation.definition.get("parameters", ()))
        ]

    def resolve(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a reference of the document stands for; anything else is given back as it is."""
        while "$ref" in node:
            found: Any = self._document
            for word in node["$ref"].removeprefix("#/").split("/"):
                found = found[word.replace("~1", "/").replace("~0", "~")]
            node = found
        return node

    def _fault(self, key: tuple[str, ...], schema: Mapping[str, Any], value: object) -> str | None:
        try:
            error = next(self._validator(key, schema, jsonschema_rs.Draft4Validator).iter_errors(value), None)
        except UnicodeEncodeError:
            return None  # a lone surrogate, which the validator cannot take
        return None if error is None else f"{error.message} (at {_pointer(error.instance_path)})"

    def _validity(self, key: tuple[str, ...], schema: Mapping[str, Any], value: object) -> Validity:
        try:
            if not self._validator((*key, "lenient"), schema, jsonschema_rs.Draft7Validator).is_valid(value):
                return "invalid"
            strict = self._validator((*key, "strict"), schema, jsonschema_rs.Draft4Validator).is_valid(value)
        except UnicodeEncodeError:
            return "unclear"
        return "valid" if strict and not any(map(_beyond, scalars(value))) else "unclear"

    def _validator(self, key: tuple[str, ...], schema: Mapping[str, Any], dialect: Any) -> Any:
        if key not in self._compiled:
            whole = {"allOf": [portable(schema)], "components": self._components}
            formats = key[-1] != "lenient"
            self._compiled[key] = dialect(
                whole, validate_formats=formats, formats={"byte": _is_base64} if formats else {}
            )
        return self._compiled[key]


@lru_cache(maxsize=4)
def schemas_of(routes: Routes) -> Schemas:
    """The schemas of the document that a run judges by."""
    return Schemas(routes.document)


def portable(schema: Any) -> Any:
    """An OpenAPI 3.0 schema as JSON Schema: `nullable` becomes an alternative."""
    if isinstance(schema, list):
        return [portable(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    plain = {name: portable(value) for name, value in schema.items()}
    if plain.get("nullable") is True:
        del plain["nullable"]
        return {"anyOf": [plain, {"type": "null"}]}
    return plain


def scalars(value: object) -> Iterator[object]:
    """Every scalar and every member name inside a JSON value."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from scalars(item)
    elif isinstance(value, list):
        for item in value:
            yield from scalars(item)
    else:
        yield value


def _beyond(value: object) -> bool:
    """Numbers and characters that a server may well refuse although no schema says so."""
    if isinstance(value, str):
        return any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in value)
    return isinstance(value, int | float) and not -INT64 <= value < INT64


def _is_base64(text: str) -> bool:
    try:
        return bool(base64.b64decode(text, validate=True)) or not text
    except (binascii.Error, ValueError):
        return False


def _pointer(path: list[str | int]) -> str:
    return "/" + "/".join(map(str, path))
