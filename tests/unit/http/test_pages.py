"""Which pages may call the mock from a browser: those of this machine, with any method and header of the API."""

import pytest

from immuta_mock.inprocess import InProcess

KEY = ("authorization", "owner-key-local-only")
ASKS = (("access-control-request-method", "PUT"), ("access-control-request-headers", "authorization, content-type"))


def answered(server: InProcess, method: str, target: str, *headers: tuple[str, str]) -> tuple[int, dict[str, str]]:
    """The status, and the headers that are about other pages."""
    status, sent, _ = server.send(method, target, headers)
    return status, {name: value for name, value in sent if name.startswith("access-control-")}


@pytest.mark.parametrize(
    "origin", ["http://127.0.0.1:8000", "http://localhost:3000", "https://localhost", "http://[::1]:8000"]
)
def test_a_page_of_this_machine_may_call(server: InProcess, origin: str) -> None:
    asked = answered(server, "OPTIONS", "/snowflake/handler/1", ("origin", origin), *ASKS)
    read = answered(server, "GET", "/dataSource", ("origin", origin), KEY)
    refused = answered(server, "GET", "/dataSource", ("origin", origin))

    assert asked == (
        200,
        {
            "access-control-allow-origin": origin,
            "access-control-allow-methods": "GET, POST, PUT, DELETE",
            "access-control-allow-headers": "authorization, content-type",
            "access-control-max-age": "86400",
        },
    )
    shown = {"access-control-allow-origin": origin, "access-control-expose-headers": "*"}
    assert (read, refused) == ((200, shown), (401, shown))


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "https://tenant.example",
        "http://127.0.0.1.example",
        "http://localhost.example:80",
        "http://10.0.0.1:8000",
        "http://example@localhost",
        "file://",
    ],
)
def test_to_a_page_from_elsewhere_the_mock_is_as_if_it_were_no_page(server: InProcess, origin: str) -> None:
    plain = answered(server, "OPTIONS", "/snowflake/handler/1", KEY)

    assert answered(server, "OPTIONS", "/snowflake/handler/1", ("origin", origin), *ASKS, KEY) == plain
    assert answered(server, "GET", "/dataSource", ("origin", origin), KEY) == (200, {})


def test_no_page_of_another_origin_steers_the_mock(server: InProcess) -> None:
    status, _ = answered(server, "GET", "/__mock__/health", ("origin", "http://127.0.0.1:8000"))

    assert status == 403
