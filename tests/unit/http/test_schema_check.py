"""Schemas and parameters that the document does not use, or not yet: they are put into words too."""

from typing import Any

import pytest

from immuta_mock.parameters import Parameter, read_parameters
from immuta_mock.schema_check import SchemaCheck
from immuta_mock.spec import SpecError

DOCUMENT = {
    "components": {
        "schemas": {
            "Cat": {"type": "object", "required": ["claws"], "properties": {"claws": {"type": "integer"}}},
            "Dog": {"type": "object", "required": ["bark"], "properties": {"bark": {"type": "string"}}},
            "Pet": {"oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]},
        }
    }
}


def check(schema: dict[str, Any]) -> SchemaCheck:
    return SchemaCheck(DOCUMENT, schema)


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({}, "any value"),
        ({"type": "string", "minLength": 3}, "a string of at least 3 characters"),
        ({"type": "string", "maxLength": 5}, "a string of at most 5 characters"),
        ({"type": "string", "pattern": "^a"}, "a string matching ^a"),
        ({"type": "string", "format": "uuid"}, "a string (uuid)"),
        ({"type": "string", "format": "password"}, "a string"),
        ({"type": "string", "enum": ["a"]}, '"a"'),
        ({"type": "number", "maximum": 1}, "a number of 1 or less"),
        ({"type": "integer", "nullable": True}, "an integer or null"),
        ({"type": "array", "items": {}, "maxItems": 2}, "an array of at most 2"),
        ({"type": "array", "items": {}, "minItems": 1, "maxItems": 2}, "an array of at least 1 and at most 2"),
        ({"allOf": [{"type": "string"}, {"minLength": 1}]}, "a non-empty string"),
        ({"anyOf": [{"type": "string"}, {"type": "boolean"}, {"type": "string"}]}, "a string or true or false"),
        ({"$ref": "#/components/schemas/Pet"}, "an object"),
    ],
)
def test_a_schema_is_put_into_words(schema: dict[str, Any], expected: str) -> None:
    assert check(schema).expected == expected


@pytest.mark.parametrize(
    ("schema", "value", "reasons"),
    [
        ({"$ref": "#/components/schemas/Pet"}, {}, ["$.claws is missing (it or bark is needed)"]),
        ({"$ref": "#/components/schemas/Pet"}, {"bark": 1}, ["$.bark is 1, expected a string"]),
        (
            {"$ref": "#/components/schemas/Pet"},
            {"claws": 1, "bark": ""},
            ["$ is given with bark and claws, expected only one of them"],
        ),
        (
            {"oneOf": [{"type": "object"}, {"type": "object"}]},
            {},
            ["$ is a value that fits several forms, expected one that fits a single form"],
        ),
        ({"type": "object", "required": ["x y"]}, {}, ['$["x y"] is missing']),
        ({"not": {"type": "string"}}, "x", ['$ is "x", expected nothing']),
        (
            {"type": "array", "items": {"type": "integer"}},
            [1, "a" * 99],
            [f'$[1] is "{"a" * 78}…, expected an integer'],
        ),
    ],
)
def test_a_fault_is_put_into_words(schema: dict[str, Any], value: Any, reasons: list[str]) -> None:
    assert check(schema).reasons(value) == reasons


def test_a_valid_value_has_no_faults() -> None:
    assert check({"$ref": "#/components/schemas/Pet"}).reasons({"bark": "wow"}) == []


def test_a_schema_that_cannot_be_compiled_is_refused() -> None:
    with pytest.raises(SpecError, match="a schema of the document cannot be used"):
        check({"type": "string", "pattern": "("})


def parameter(name: str, schema: dict[str, Any], **more: Any) -> Parameter:
    return Parameter.of(DOCUMENT, {"name": name, "in": "query", "schema": schema, **more})


def test_parameters_have_defaults_and_may_be_required() -> None:
    parameters = (
        parameter("pageSize", {"type": "integer", "default": 7}),
        parameter("sort", {"type": "string"}),
        parameter("ids", {"type": "array", "items": {"type": "integer"}}),
        parameter("key", {"type": "string", "minLength": 1}, required=True),
    )

    assert read_parameters(parameters, {}, b"ids=1&ids=2") == (
        {"page_size": 7, "sort": None, "ids": (1, 2), "key": None},
        ["query parameter key is missing (a non-empty string)"],
    )


def test_what_is_printed_of_a_fault_holds_no_secret() -> None:
    schema = {"type": "object", "properties": {"password": {"type": "integer"}}}

    told = repr(check(schema).faults({"password": "s3cret"}))

    assert told == "[Fault($.password is a value (not shown), expected an integer)]"
