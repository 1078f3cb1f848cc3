"""The refusals: status, phrase and wording of each."""

import pytest

from immuta_mock import errors
from immuta_mock.errors import Refusal


@pytest.mark.parametrize(
    ("refusal", "status", "phrase", "message"),
    [
        (errors.BadRequest("port is 'x'"), 400, "Bad Request", "Bad request: port is 'x'."),
        (errors.BadRequest("it ends."), 400, "Bad Request", "Bad request: it ends."),
        (
            errors.DictionaryExists(5),
            400,
            "Bad Request",
            "Bad request: data source 5 already has a dictionary; replace it with PUT.",
        ),
        (
            errors.DuplicateColumns("a\nb", "metadata"),
            400,
            "Bad Request",
            "Bad request: metadata names the column 'a\\nb' more than once; column names must be unique.",
        ),
        (errors.Unauthenticated(), 401, "Unauthorized", "A valid Authorization token must be provided."),
        (errors.RoleMissing("the role x", "do y"), 403, "Forbidden", "User must have the role x to do y."),
        (
            errors.DictionaryRoleMissing(),
            403,
            "Forbidden",
            "User must have one of the following roles to delete dictionary: owner,expert.",
        ),
        (errors.UnknownRoute(), 404, "Not Found", "Not Found"),
        (errors.HandlerNotFound(), 404, "Not Found", "Handler not found."),
        (errors.DataSourceNotFound(), 404, "Not Found", "Data source not found."),
        (errors.DictionaryNotFound(), 404, "Not Found", "Dictionary not found."),
        (
            errors.MethodNotAllowed("PATCH", ["PUT", "GET"]),
            405,
            "Method Not Allowed",
            "'PATCH' is not allowed here; allowed: GET, PUT.",
        ),
        (
            errors.PayloadTooLarge(10),
            413,
            "Request Entity Too Large",
            "The request body is larger than the limit of 10 bytes; send a smaller one.",
        ),
        (
            errors.UnsupportedMediaType("text/plain"),
            415,
            "Unsupported Media Type",
            "The media type 'text/plain' is not supported; send application/json.",
        ),
    ],
)
def test_a_refusal_says_its_status_phrase_and_message(refusal: Refusal, status: int, phrase: str, message: str) -> None:
    assert errors.body(refusal) == {"statusCode": status, "error": phrase, "message": message}


def test_a_taken_name_carries_a_validation() -> None:
    assert errors.body(errors.NameTaken("Clients", "dataSource.name")) == {
        "statusCode": 422,
        "error": "Unprocessable Entity",
        "message": "A data source named Clients already exists.",
        "validation": [{"code": "unique", "path": "dataSource.name"}],
    }


def test_duplicate_tables_carry_a_validation() -> None:
    assert errors.body(errors.DuplicateTables("handler[1].metadata.table")) == {
        "statusCode": 422,
        "error": "Unprocessable Entity",
        "message": "duplicate tables are specified in the payload.",
        "validation": [{"code": "duplicate", "path": "handler[1].metadata.table"}],
    }


def test_a_long_value_is_cut_in_messages() -> None:
    assert errors.NameTaken("x" * 201, "name").message == f"A data source named {'x' * 200}… already exists."


def test_a_value_of_200_characters_is_whole_in_messages() -> None:
    assert errors.NameTaken("x" * 200, "name").message == f"A data source named {'x' * 200} already exists."


def test_the_allowed_methods_are_there_for_the_header() -> None:
    assert errors.MethodNotAllowed("PATCH", {"PUT", "GET"}).allowed == ("GET", "PUT")
