"""Schemas of the document as JSON Schema draft 4."""

from typing import Any

import jsonschema_rs
import pytest

from immuta_mock.schemas import DRAFT, FORMATS, json_schema
from immuta_mock.spec import load_spec


def document(**schemas: dict[str, Any]) -> dict[str, Any]:
    return {"components": {"schemas": schemas}}


def ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def test_references_become_definitions_and_only_those_needed_are_there() -> None:
    whole = document(A={"type": "array", "items": ref("B")}, B={"type": "string"}, C={"type": "integer"})

    assert json_schema(whole, ref("A"), response=False) == {
        "$schema": DRAFT,
        "$ref": "#/definitions/A",
        "definitions": {"A": {"type": "array", "items": {"$ref": "#/definitions/B"}}, "B": {"type": "string"}},
    }


def test_a_schema_that_refers_to_itself_comes_to_an_end() -> None:
    whole = document(Node={"type": "object", "properties": {"next": ref("Node")}})

    schema = json_schema(whole, ref("Node"), response=True)

    validator = jsonschema_rs.Draft4Validator(schema)
    assert validator.is_valid({"next": {"next": {}}})
    assert not validator.is_valid({"next": {"next": 1}})


def test_keywords_that_only_openapi_knows_are_dropped() -> None:
    schema = {
        "type": "object",
        "description": "A thing.",
        "x-note": 1,
        "discriminator": {"propertyName": "a"},
        "example": {},
        "properties": {"a": {"type": "string", "deprecated": True, "default": "b", "minLength": 1}},
        "additionalProperties": {"type": "integer", "format": "int64", "minimum": 1, "exclusiveMinimum": True},
    }

    assert json_schema(document(), schema, response=False) == {
        "$schema": DRAFT,
        "type": "object",
        "properties": {"a": {"type": "string", "minLength": 1}},
        "additionalProperties": {"type": "integer", "format": "int64", "minimum": 1, "exclusiveMinimum": True},
    }


def test_combinations_are_translated_inside() -> None:
    schema = {
        "allOf": [{"type": "object", "title": "A"}],
        "anyOf": [ref("B")],
        "oneOf": [{"not": {"type": "string", "nullable": True}}],
        "additionalProperties": False,
    }

    assert json_schema(document(B={"minItems": 1}), schema, response=False) == {
        "$schema": DRAFT,
        "allOf": [{"type": "object"}],
        "anyOf": [{"$ref": "#/definitions/B"}],
        "oneOf": [{"not": {"type": ["string", "null"]}}],
        "additionalProperties": False,
        "definitions": {"B": {"minItems": 1}},
    }


@pytest.mark.parametrize(
    ("schema", "null_is_valid"),
    [
        ({"type": "string", "nullable": True}, True),
        ({"type": "string", "nullable": False}, False),
        ({"type": "string", "nullable": True, "enum": ["a"]}, False),
        ({"type": "string", "nullable": True, "enum": ["a", None]}, True),
        ({"nullable": True, "allOf": [{"type": "string"}]}, False),
    ],
)
def test_nullable_adds_null_to_the_type_beside_it_and_nothing_else(schema: dict[str, Any], null_is_valid: bool) -> None:
    translated = json_schema(document(), schema, response=False)

    assert jsonschema_rs.Draft4Validator(translated).is_valid(None) is null_is_valid


SECRET = {
    "type": "object",
    "required": ["name", "password"],
    "properties": {"name": {"type": "string"}, "password": {"type": "string", "writeOnly": True}},
}


def test_what_is_write_only_is_taken_in_requests_and_forbidden_in_answers() -> None:
    request = jsonschema_rs.Draft4Validator(json_schema(document(), SECRET, response=False))
    answer = jsonschema_rs.Draft4Validator(json_schema(document(), SECRET, response=True))

    assert request.is_valid({"name": "a", "password": "b"})
    assert not request.is_valid({"name": "a"})
    assert answer.is_valid({"name": "a"})
    assert not answer.is_valid({"name": "a", "password": "b"})


def test_a_property_that_is_not_to_be_there_is_forbidden_at_its_place() -> None:
    barred = {"required": ["password"], "properties": {"password": {"description": "Whatever it holds."}}}

    schema = json_schema(document(), {"type": "object", "not": barred}, response=True)

    assert schema == {"$schema": DRAFT, "type": "object", "properties": {"password": {"not": {}}}}


def test_what_is_read_only_is_required_in_answers_and_ignored_in_requests() -> None:
    schema = {"type": "object", "required": ["id"], "properties": {"id": ref("Id")}}
    whole = document(Id={"type": "integer", "readOnly": True})
    request = jsonschema_rs.Draft4Validator(json_schema(whole, schema, response=False))
    answer = jsonschema_rs.Draft4Validator(json_schema(whole, schema, response=True))

    assert request.is_valid({})
    assert request.is_valid({"id": "anything"})
    assert answer.is_valid({"id": 1})
    assert not answer.is_valid({})
    assert not answer.is_valid({"id": "anything"})


def test_formats_are_known_to_the_validator_of_answers() -> None:
    schema = json_schema(load_spec(), ref("JobId"), response=True)
    validator = jsonschema_rs.Draft4Validator(schema, validate_formats=True, formats=dict(FORMATS))

    assert validator.is_valid("0b9d6c1e-52f1-4c35-8f0a-6f0a3f1d2b77")
    assert not validator.is_valid("job 1")


@pytest.mark.parametrize(
    ("metadata", "valid"),
    [
        ({"hostname": "h", "database": "d", "table": "t"}, True),
        ({"hostname": "h", "database": "d", "query": "select 1"}, True),
        ({"hostname": "h", "database": "d", "table": "t", "query": None}, True),
        ({"hostname": "h", "database": "d", "table": "", "query": "select 1"}, True),
        ({"hostname": "h", "database": "d", "table": "t", "ssl": "true", "port": 65535, "new": [1]}, True),
        ({"hostname": "h", "database": "d", "table": "t", "highCardinality": 7}, True),
        ({"hostname": "h", "database": "d"}, False),
        ({"hostname": "h", "database": "d", "table": ""}, False),
        ({"hostname": "h", "database": "d", "query": None}, False),
        ({"hostname": "", "database": "d", "table": "t"}, False),
        ({"hostname": "h", "table": "t"}, False),
        ({"hostname": "h", "database": "d", "table": "t", "port": 0}, False),
        ({"hostname": "h", "database": "d", "table": "t", "port": 65536}, False),
        ({"hostname": "h", "database": "d", "table": "t", "ssl": "TRUE"}, False),
        ({"hostname": "h", "database": "d", "table": "t", "eventTime": 1}, False),
    ],
)
def test_handler_metadata_need_a_host_a_database_and_a_table_or_query(metadata: dict[str, Any], valid: bool) -> None:
    validator = jsonschema_rs.Draft4Validator(json_schema(load_spec(), ref("HandlerMetadata"), response=False))

    assert validator.is_valid(metadata) is valid


HANDLER = {"metadata": {"staleDataTolerance": 1}}


@pytest.mark.parametrize(
    ("schema", "body", "valid"),
    [
        ("BulkUpdate", {"handler": HANDLER, "connectionString": "h:1/d"}, True),
        ("BulkUpdate", {"handler": HANDLER, "ids": [1]}, True),
        ("BulkUpdate", {"handler": HANDLER, "ids": [1], "connectionString": "h:1/d"}, False),
        ("BulkUpdate", {"handler": HANDLER}, False),
        ("BulkUpdate", {"handler": HANDLER, "ids": []}, False),
        ("BulkUpdate", {"ids": [1]}, False),
        ("BulkUpdate", [{"handler": HANDLER, "ids": [1]}], False),
        ("AsaBulkUpdate", {"handler": HANDLER, "ids": [1]}, True),
        ("AsaBulkUpdate", [{"handler": HANDLER, "ids": [1]}], True),
        ("AsaBulkUpdate", [], False),
        ("AsaBulkUpdate", [{"handler": HANDLER, "ids": [1]}, {"handler": HANDLER, "ids": [2]}], False),
        ("AsaBulkUpdate", [{"handler": HANDLER, "ids": [1], "connectionString": "h:1/d"}], False),
    ],
)
def test_a_bulk_update_selects_in_exactly_one_way(schema: str, body: Any, valid: bool) -> None:
    validator = jsonschema_rs.Draft4Validator(json_schema(load_spec(), ref(schema), response=False))

    assert validator.is_valid(body) is valid
