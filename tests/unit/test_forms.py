"""Of a choice, the branch that a body means is found where the kind of one member says it, and nowhere else."""

from typing import Any

import pytest
from jsonschema_rs import Draft4Validator

from immuta_mock.forms import Forms

ONE = {"type": "object", "required": ["b"], "properties": {"a": {"type": "object"}, "c": {"type": "string"}}}
SEVERAL = {"type": "object", "properties": {"a": {"type": "array"}, "c": {"type": "string"}}}
DEFINITIONS = {
    "One": ONE,
    "Several": {"allOf": [{"properties": {"b": {}}}, {"$ref": "#/definitions/Inner"}]},
    "Inner": SEVERAL,
    "Choice": {"oneOf": [{"$ref": "#/definitions/One"}, {"$ref": "#/definitions/Several"}]},
}
CHOICE = {
    "$schema": "http://json-schema.org/draft-04/schema#",
    "$ref": "#/definitions/Choice",
    "definitions": DEFINITIONS,
}


def places(root: dict[str, Any], value: Any) -> list[list[str | int]] | None:
    """Where the branch that is meant finds errors."""
    errors = Forms(root, Draft4Validator).errors_of(value)
    return None if errors is None else [list(error.instance_path) for error in errors(value)]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"a": {}, "c": 1}, [["c"], []]),  # which lacks b
        ({"a": [], "c": 1}, [["c"]]),
        ({"a": "x"}, None),
        ({"c": "x"}, None),
        ([], None),
    ],
)
def test_the_kind_of_a_member_tells_the_branches_apart(value: Any, found: Any) -> None:
    told = places(CHOICE, value)

    assert (told and sorted(told)) == (found and sorted(found))


@pytest.mark.parametrize(
    "root",
    [
        {"oneOf": [ONE, ONE]},
        {"oneOf": [ONE, {"type": "string"}]},
        {"oneOf": [ONE, SEVERAL], "required": ["z"]},
        {"anyOf": [ONE, SEVERAL]},
        {"type": "object"},
    ],
)
def test_any_other_schema_is_looked_at_whole(root: dict[str, Any]) -> None:
    assert places(root, {"a": {}}) is None
