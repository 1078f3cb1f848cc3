"""Verification: how often something was to be called, and what comes nearest where it was not."""

from collections.abc import Callable
from typing import Any

import pytest

Call = Callable[..., tuple[int, Any]]


def verify(steer: Call, **expected: Any) -> dict[str, Any]:
    status, answer = steer("POST", "/journal/verify", expected)
    assert status == 200
    return dict(answer)


@pytest.mark.usefixtures("used")
@pytest.mark.parametrize(
    ("expected", "ok"),
    [
        ({}, True),
        ({"operation": "createSnowflakeDataSource"}, True),
        ({"operation": "createSnowflakeDataSource", "times": 2}, True),
        ({"operation": "createSnowflakeDataSource", "times": 1}, False),
        ({"operation": "createSnowflakeDataSource", "atLeast": 3}, False),
        ({"operation": "createSnowflakeDataSource", "atLeast": 1, "atMost": 2}, True),
        ({"operation": "createSnowflakeDataSource", "atMost": 1}, False),
        ({"operation": "deleteDictionary", "times": 0}, True),
        ({"bodyContains": {"dataSource": {"name": "Two"}}, "times": 1}, True),
        ({"bodyContains": {"handler": {"metadata": {"password": "s3cret"}}}, "times": 2}, True),
        ({"bodyContains": {"handler": {"metadata": {"columns": [{"name": "EMAIL"}]}}}, "times": 2}, True),
        ({"bodyContains": {"handler": {"metadata": {"columns": [{"name": "ID"}]}}}}, False),
        ({"bodyContains": "other.example", "times": 1}, True),
        ({"method": "GET", "path": "/dataSource", "user": "owner", "status": 200, "verdict": "valid"}, True),
    ],
)
def test_calls_are_verified(steer: Call, expected: dict[str, Any], ok: bool) -> None:
    assert verify(steer, **expected)["ok"] is ok


@pytest.mark.usefixtures("used")
def test_a_verification_that_fails_shows_the_nearest_misses(steer: Call) -> None:
    wanted = {"dataSource": {"name": "Three"}, "handler": {"metadata": {"hostname": "other.example"}}}

    answer = verify(steer, operation="createSnowflakeDataSource", bodyContains=wanted)

    near = [
        'POST /snowflake/handler -> 200: $.dataSource.name is "Two", expected "Three"',
        'POST /snowflake/handler -> 200: $.dataSource.name is "One", expected "Three"; $.handler.metadata.hostname is ',
        "GET /dataSource -> 200: operation is listDataSources, expected createSnowflakeDataSource; $ is null, expected",
    ]
    assert [miss.partition(". ")[0] for miss in answer["nearest"]] == ["2", "1", "3"]
    assert [text for text, miss in zip(near, answer["nearest"], strict=True) if text not in miss] == []
    first = (
        "expected at least 1 time(s) a call with operation createSnowflakeDataSource, a body with the given content, "
        "seen 0 among 3 requests"
    )
    assert (answer["matched"], answer["message"].splitlines()[0]) == (0, first)
    assert answer["message"].splitlines()[1] == f"  near: {answer['nearest'][0]}"


def test_what_a_query_had_to_ask_is_verified(call: Call, steer: Call) -> None:
    call("GET", "/dictionary/columns?searchText=e%20mail&limit=5")
    call("GET", "/dictionary/columns?limit=5")

    good = verify(steer, operation="searchDictionaryColumns", queryContains={"searchText": "e mail"}, times=1)
    answer = verify(steer, queryContains={"searchText": "name", "apikey": "secret"})

    assert good["ok"] is True
    first, *near = answer["message"].splitlines()
    no_key = "the query has no apikey, expected apikey=[redacted]"
    request = "GET /dictionary/columns -> 200: the query has"
    assert first.endswith("a call with searchText=name, apikey=[redacted], seen 0 among 2 requests")
    assert near == [
        f"  near: 2. {request} no searchText, expected searchText=name; {no_key}",
        f"  near: 1. {request} searchText=e mail, expected searchText=name; {no_key}",
    ]


@pytest.mark.usefixtures("used")
def test_of_misses_that_lack_as_much_the_nearest_is_what_was_meant_and_then_the_latest(
    call: Call, steer: Call, create_body: Any
) -> None:
    call("POST", "/trino/handlers", create_body("Three"))
    call("GET", "/dataSource")

    answer = verify(steer, operation="createTrinoDataSource")

    assert answer["nearest"] == [
        f"{request}, expected createTrinoDataSource"
        for request in (
            "4. POST /trino/handlers -> 404: operation is none (near is createTrinoDataSource)",
            "2. POST /snowflake/handler -> 200: operation is createSnowflakeDataSource",
            "1. POST /snowflake/handler -> 200: operation is createSnowflakeDataSource",
        )
    ]


def test_an_unknown_operation_is_refused_with_the_nearest(steer: Call) -> None:
    message = "Bad request: there is no operation 'createSnowflake'; the nearest is createSnowflakeDataSource."

    for status, answer in (
        steer("POST", "/journal/verify", {"operation": "createSnowflake"}),
        steer("GET", "/journal?operation=createSnowflake"),
    ):
        assert (status, answer["message"]) == (400, message)


def test_an_unknown_question_is_refused(steer: Call) -> None:
    status, answer = steer("GET", "/journal?verdit=unmatched")

    names = "operation, method, path, user, status, verdict, after, limit"
    message = f'Bad request: query parameter "verdit" is unknown; there are {names}.'
    assert (status, answer["message"]) == (400, message)


def test_an_unknown_verdict_is_refused(steer: Call) -> None:
    status, answer = steer("GET", "/journal?verdict=wrong")

    expected = 'expected one of "valid", "invalid", "unmatched", "unchecked"'
    assert (status, answer["message"]) == (400, f'Bad request: query parameter verdict is "wrong", {expected}.')
