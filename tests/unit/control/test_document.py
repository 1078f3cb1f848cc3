"""The document of the control API: valid, and in agreement with what the mock does, both ways."""

from openapi_spec_validator import OpenAPIV30SpecValidator

from immuta_mock.control.document import control_checks, control_document
from immuta_mock.control.handlers import HANDLERS
from immuta_mock.spec_walk import places, schemas


def test_the_document_is_valid_openapi() -> None:
    assert control_document()["openapi"] == "3.0.3"
    assert [error.message for error in OpenAPIV30SpecValidator(control_document()).iter_errors()] == []


def test_the_operations_of_the_document_and_the_handlers_are_the_same() -> None:
    assert control_checks().keys() == HANDLERS.keys()


def test_operations_and_named_schemas_are_described() -> None:
    document = control_document()
    dumb = [place.name for place in places(document) if not place.operation.get("summary")]
    dumb += [
        pointer for pointer, schema in schemas(document) if pointer.count("/") == 3 and "description" not in schema
    ]

    assert dumb == []
