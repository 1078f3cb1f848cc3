"""Path and query parameters: the strict spellings of integers and booleans, and repeated ones."""

from collections.abc import Callable
from typing import Any

import pytest

Call = Callable[..., tuple[int, Any]]

HANDLER_NOT_FOUND = {"statusCode": 404, "error": "Not Found", "message": "Handler not found."}


def bad_request(reason: str) -> tuple[int, dict[str, Any]]:
    return 400, {"statusCode": 400, "error": "Bad Request", "message": f"Bad request: {reason}."}


@pytest.mark.parametrize("prefix", ["/asa/handler/", "/databricks/handler/", "/dictionary/", "/dataSource/"])
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        *[(text, text) for text in ("abc", "0", "-1", "+1", "01", "1_0", "1.0", "1e3", "0x1", "..", "~")],
        *[("%D9%A1", "\u0661"), ("%201", " 1"), ("1%20", "1 "), ("1%0A", "1\\n"), ("%00", "\\u0000"), ("1%2F2", "1/2")],
        ("9" * 5000, "9" * 78 + "…"),
    ],
)
def test_an_id_is_an_ascii_integer_from_1_up(call: Call, prefix: str, text: str, shown: str) -> None:
    name = "handlerId" if "handler" in prefix else "dataSourceId"
    quoted = f'"{shown}"' if not shown.endswith("…") else f'"{shown}'

    assert call("GET", prefix + text) == bad_request(
        f"path parameter {name} is {quoted}, expected an integer of 1 or more"
    )


@pytest.mark.parametrize("text", ["1", "9223372036854775807", "9223372036854775808", "9" * 100])
def test_an_id_nobody_has_is_404_however_large(call: Call, text: str) -> None:
    assert call("GET", f"/redshift/handler/{text}") == (404, HANDLER_NOT_FOUND)


@pytest.mark.parametrize("text", ["true", "false", "True", "False", "TRUE", "fAlSe"])
def test_a_query_boolean_is_true_or_false_in_any_letter_case(write: Call, created: dict[str, Any], text: str) -> None:
    status, answer = write("GET", f"/snowflake/handler/{created['id']}?skipCache={text}")

    assert (status, answer["id"]) == (200, created["id"])


@pytest.mark.parametrize("text", ["", "1", "0", "yes", "t", "true%20", "%EF%BC%B4rue", "null"])
def test_any_other_query_boolean_is_400(write: Call, created: dict[str, Any], text: str) -> None:
    status, answer = write("GET", f"/snowflake/handler/{created['id']}?skipCache={text}")

    assert (status, answer["message"].endswith(", expected true or false.")) == (400, True)


def test_a_query_parameter_without_a_value_is_an_empty_one(call: Call) -> None:
    assert call("GET", "/snowflake/handler/1?skipCache") == bad_request(
        'query parameter skipCache is "", expected true or false'
    )


@pytest.mark.parametrize("text", ["0", "-1", "", "%2B1", "1.0", "1e1", "ten", "\u0663", "%201", "1_0", "9" * 5000])
def test_a_query_integer_is_strict_too(call: Call, text: str) -> None:
    status, answer = call("GET", f"/dictionary/columns?limit={text.encode().decode('latin-1')}")

    assert (status, answer["message"].endswith(", expected an integer of 1 or more.")) == (400, True)


@pytest.mark.usefixtures("created")
def test_a_huge_limit_is_no_limit(write: Call) -> None:
    assert write("GET", f"/dictionary/columns?limit={'9' * 100}") == (200, [{"columnName": "EMAIL"}])


def test_a_parameter_of_one_value_is_given_once(call: Call) -> None:
    assert call("GET", "/dictionary/columns?limit=1&limit=1") == bad_request(
        "query parameter limit is given 2 times, expected once"
    )


def test_repeated_parameters_are_alternatives_and_commas_belong_to_values(write: Call, created: dict[str, Any]) -> None:
    string = created["connectionString"]

    both = write("GET", f"/dataSource?connectionString=nothing&connectionString={string}")
    joined = write("GET", f"/dataSource?connectionString=nothing,{string}")

    assert (both[1]["count"], joined[1]["count"]) == (1, 0)


def test_each_value_of_a_repeated_parameter_is_checked(call: Call) -> None:
    expected = 'expected one of "passed", "failed"'

    assert call("GET", "/dataSource?status=passed&status=good&status=bad") == bad_request(
        f'query parameter status is "good", {expected}; query parameter status is "bad", {expected}'
    )


def test_all_bad_parameters_are_told_at_once(call: Call) -> None:
    assert call("GET", "/trino/handler/x?skipCache=y") == bad_request(
        'path parameter handlerId is "x", expected an integer of 1 or more; '
        'query parameter skipCache is "y", expected true or false'
    )


def test_bad_parameters_and_a_bad_body_are_told_at_once(call: Call) -> None:
    assert call("PUT", "/trino/handler/x", {}) == bad_request(
        'path parameter handlerId is "x", expected an integer of 1 or more; $.handler is missing (an object)'
    )


def test_unknown_query_parameters_are_passed_over(call: Call) -> None:
    assert call("GET", "/dictionary/columns?verbose=x&verbose=y&%00") == (200, [])


@pytest.mark.parametrize("query", ["searchText=%FF", "%FF=1", "searchText=\xff"])
def test_a_query_that_is_no_utf_8_is_400(call: Call, query: str) -> None:
    assert call("GET", f"/dictionary/columns?{query}") == bad_request("the query string is not UTF-8")


def test_a_query_of_very_many_fields_is_400(call: Call) -> None:
    assert call("GET", "/dictionary/columns?" + "a&" * 1001) == bad_request(
        "the query string has more than 1000 fields"
    )


@pytest.mark.usefixtures("created")
def test_text_is_taken_as_it_is(write: Call) -> None:
    answers = [write("GET", f"/dictionary/columns?searchText={text}")[1] for text in ("mail", "", "%00", "%25", "+")]

    assert answers == [[{"columnName": "EMAIL"}], [{"columnName": "EMAIL"}], [], [], []]


def test_jobs_need_one_of_their_parameters(call: Call) -> None:
    assert call("GET", "/jobs") == bad_request("query parameter bulkId or connectionString is missing (a string)")
