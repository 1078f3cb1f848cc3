"""The types of the control API's answers are its schemas."""

from typing import get_args, get_type_hints, is_typeddict

import pytest

from immuta_mock.control import answers
from immuta_mock.control.document import control_document

SCHEMAS = control_document()["components"]["schemas"]
TYPES = {name: each for name, each in vars(answers).items() if is_typeddict(each) and name != "JournalQuery"}


@pytest.mark.parametrize("name", TYPES)
def test_a_type_has_the_fields_of_the_schema_of_its_name(name: str) -> None:
    schema = SCHEMAS[name]

    assert TYPES[name].__optional_keys__ | TYPES[name].__required_keys__ == set(schema["properties"])
    assert TYPES[name].__required_keys__ == set(schema.get("required", ()))


@pytest.mark.parametrize(
    ("name", "field"), [("Job", "kind"), ("Job", "state"), ("JournalEntry", "verdict"), ("Expectation", "verdict")]
)
def test_a_field_of_few_values_has_those_of_its_schema(name: str, field: str) -> None:
    schema = SCHEMAS[name]["properties"][field]

    assert list(get_args(get_type_hints(TYPES[name])[field])) == schema["enum"]


def test_a_query_has_the_parameters_of_its_operation() -> None:
    parameters = control_document()["paths"]["/journal"]["get"]["parameters"]

    assert list(get_type_hints(answers.JournalQuery)) == [parameter["name"] for parameter in parameters]
