"""Paths and methods: what leads to an operation, and how everything else is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from immuta_mock.checks import compile_checks
from immuta_mock.errors import MethodNotAllowed, UnknownRoute
from immuta_mock.handlers import operation_ids
from immuta_mock.inprocess import InProcess
from immuta_mock.routing import Routes
from immuta_mock.spec import load_spec

Call = Callable[..., tuple[int, Any]]

NOT_FOUND = {"statusCode": 404, "error": "Not Found", "message": "Not Found"}
KEY = [("authorization", "owner-key-local-only")]


def test_the_operations_of_the_document_and_the_handlers_are_the_same() -> None:
    assert operation_ids() == compile_checks(load_spec()).keys()


@pytest.mark.parametrize(
    "target",
    [
        *("/", "", "*", "/nowhere", "/asa", "/asa/handler/1/", "/asa/handler/", "/asa/handler//", "//asa/handler/1"),
        *("/asa//handler/1", "/dictionary/", "/dictionary/columns/", "/dataSource/name/", "/%0A", "/%00", "/.."),
        *("/asa%2Fhandler/1", "/asa/../asa/handler/1", "/asa/./handler/1", "/ASA/handler/1", "/asa/handler/1%0A/x"),
        *("/databricks/handler/1/refreshNativeViewJob", "/ui%0A", "/openapi.json/", "/api/asa/handler/1", "/\xe9"),
    ],
)
def test_any_other_path_is_404_and_never_redirected(call: Call, target: str) -> None:
    assert call("PUT", target) == (404, NOT_FOUND)


@pytest.mark.parametrize(
    ("target", "allow"),
    [
        ("/asa/handler", "POST"),
        ("/asa/handler/1", "GET, PUT"),
        ("/asa/handler/none", "GET, PUT"),
        ("/dictionary/1", "DELETE, GET, POST, PUT"),
        ("/dictionary/columns", "GET"),
        ("/dataSource/1", "DELETE, GET, PUT"),
    ],
)
@pytest.mark.parametrize("method", ["PATCH", "OPTIONS", "HEAD", "BREW"])
def test_another_method_is_405_with_all_that_are_allowed(
    server: InProcess, method: str, target: str, allow: str
) -> None:
    status, headers, _ = server.send(method, target, KEY)

    assert (status, dict(headers)["allow"]) == (405, allow)


def test_the_message_of_405_says_what_is_allowed(call: Call) -> None:
    message = "'PATCH' is not allowed here; allowed: GET, PUT."

    assert call("PATCH", "/asa/handler/1") == (
        405,
        {"statusCode": 405, "error": "Method Not Allowed", "message": message},
    )


def test_a_literal_segment_wins_over_a_parameter(call: Call) -> None:
    assert call("GET", "/dictionary/columns") == (200, [])


@pytest.mark.parametrize("name", ["a/b", "..", "ä ö", "100%", "a\nb", "a\0b", "{name}", "%2F", "?", "name"])
def test_a_data_source_is_found_by_its_name_whatever_it_holds(
    write: Call, create_body: dict[str, Any], name: str
) -> None:
    create_body["dataSource"]["name"] = name
    write("POST", "/snowflake/handler", create_body)
    encoded = "".join(f"%{byte:02X}" for byte in name.encode())

    status, answer = write("GET", f"/dataSource/name/{encoded}")

    assert (status, answer["name"]) == (200, name)


def test_a_name_that_is_no_utf_8_is_404(call: Call) -> None:
    assert call("GET", "/dataSource/name/%FF") == (404, {**NOT_FOUND, "message": "Data source not found."})


def test_encoded_letters_of_a_path_are_the_letters(call: Call) -> None:
    assert call("GET", "/dictionary/%63olumns") == (200, [])


def test_routes_tell_the_values_of_a_path() -> None:
    routes = Routes(compile_checks(load_spec()).values())

    checks, values = routes.find("PUT", b"/asa/handler/a%20b/refreshNativeViewJob")

    assert (checks.operation_id, values) == ("refreshAsaNativeView", {"handlerId": "a b"})


def test_routes_refuse_what_they_do_not_know() -> None:
    routes = Routes(compile_checks(load_spec()).values())

    with pytest.raises(UnknownRoute):
        routes.find("GET", b"/asa/handler/1/2")
    with pytest.raises(MethodNotAllowed):
        routes.find("get", b"/asa/handler/1")
