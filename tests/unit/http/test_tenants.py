"""Tenants of one server: named by path or header, isolated, made on first use, bounded, removed."""

import asyncio
import json
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from immuta_mock import Store, create_app
from immuta_mock.errors import BadRequest
from immuta_mock.inprocess import InProcess, exchange
from immuta_mock.tenants import NoSuchTenant, Tenants
from immuta_mock.users import User

KEY = ("authorization", "owner-key-local-only")


def names(server: InProcess, prefix: str = "", *headers: tuple[str, str]) -> list[str]:
    """The names of the data sources that a request with this prefix and these headers sees."""
    status, _, body = server.send("GET", f"{prefix}/dataSource", [KEY, *headers])
    assert status == 200
    return [hit["name"] for hit in json.loads(body)["hits"]]


def create(server: InProcess, body: Any, prefix: str = "", *headers: tuple[str, str]) -> int:
    return server.send("POST", f"{prefix}/snowflake/handler", [KEY, *headers], json.dumps(body).encode())[0]


def test_a_tenant_is_named_by_path_or_header_and_sees_only_its_own(
    fresh_server: InProcess, create_body: dict[str, Any]
) -> None:
    assert create(fresh_server, create_body, "/t/one") == 200

    assert names(fresh_server, "/t/one") == ["Clients"]
    assert names(fresh_server, "", ("X-Mock-Tenant", "one")) == ["Clients"]
    assert names(fresh_server, "/t/one", ("X-Mock-Tenant", "one")) == ["Clients"]
    assert (names(fresh_server, "/t/two"), names(fresh_server), names(fresh_server, "/t/default")) == ([], [], [])


def test_a_path_and_a_header_that_disagree_are_refused(fresh_server: InProcess) -> None:
    status, _, body = fresh_server.send("GET", "/t/one/dataSource", [KEY, ("X-Mock-Tenant", "two")])

    message = "Bad request: the path names the tenant 'one', the header 'two'."
    assert (status, json.loads(body)["message"]) == (400, message)


@pytest.mark.parametrize("name", ["a b", "%20", ".hidden", "a" * 65, "ä", "%2F", "-"])
def test_what_is_no_name_of_a_tenant_is_refused(fresh_server: InProcess, name: str) -> None:
    status, _, body = fresh_server.send("GET", f"/t/{name}/dataSource", [KEY])

    assert (status, "is no name of a tenant; give 1 to 64 letters" in json.loads(body)["message"]) == (400, True)


@pytest.mark.parametrize(("target", "status"), [("/t", 404), ("/t/", 404), ("/t/one", 404), ("/t/one/", 404)])
def test_a_prefix_alone_leads_nowhere(fresh_server: InProcess, target: str, status: int) -> None:
    assert fresh_server.send("GET", target, [KEY])[0] == status


def test_the_document_and_the_ui_under_a_prefix_lead_back_under_it(server: InProcess) -> None:
    document = json.loads(server.send("GET", "/t/one/openapi.json")[2])

    assert document["servers"] == [{"url": "/t/one", "description": "This mock."}]
    assert b'"/t/one/openapi.json"' in server.send("GET", "/t/one/ui/")[2]
    assert server.send("GET", "/t/one/ui/swagger-ui.css")[0] == 200
    assert dict(server.send("GET", "/t/one/ui")[1])["location"] == "/t/one/ui/"


def test_a_new_tenant_begins_with_the_users_and_settings_of_the_default_one() -> None:
    tenants = Tenants(Store([User("only", "only-key", 9)], seed=3))

    fresh = tenants.find("one").store

    assert fresh.users == tenants.default.store.users
    assert (
        fresh.issue_token("only-key").token
        == Store([User("only", "only-key", 9)], seed=3).issue_token("only-key").token
    )


def test_the_least_recently_used_tenant_goes_with_a_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    tenants = Tenants(limit=2)
    one, two = tenants.find("one"), tenants.find("two")
    tenants.find("one")

    with caplog.at_level(logging.WARNING, "immuta_mock.tenants"):
        tenants.find("three")

    assert tenants.names() == ("default", "one", "three")
    assert (tenants.find("one") is one, tenants.find("two") is two) == (True, False)
    assert caplog.messages[0] == "tenant two is gone: it was the least recently used of more than 2"


def test_a_removed_tenant_begins_anew() -> None:
    tenants = Tenants()
    before = tenants.find("one")
    tenants.remove("one")

    assert tenants.names() == ("default",)
    assert tenants.find("one") is not before
    with pytest.raises(NoSuchTenant, match="There is no tenant 'two'"):
        tenants.remove("two")


def test_the_default_tenant_stays() -> None:
    with pytest.raises(BadRequest, match="the default tenant stays; reset it instead"):
        Tenants().remove("default")


def test_200_tenants_used_by_16_threads_never_see_each_other(create_body: dict[str, Any]) -> None:
    app = create_app()

    def use(worker: int) -> list[tuple[str, list[str]]]:
        """Each thread works on every 16th tenant and looks at one of another thread between its steps."""
        return asyncio.run(steps(worker))

    async def steps(worker: int) -> list[tuple[str, list[str]]]:
        seen = []
        for number in range(worker, 200, 16):
            body = {**create_body, "dataSource": {**create_body["dataSource"], "name": f"of {number}"}}
            await exchange(app, "POST", f"/t/n{number}/snowflake/handler", [KEY], json.dumps(body).encode())
            for other in (number, (number + 1) % 200):
                _, _, raw = await exchange(app, "GET", f"/t/n{other}/dataSource", [KEY])
                seen.append((f"of {other}", [hit["name"] for hit in json.loads(raw)["hits"]]))
        return seen

    with InProcess(app), ThreadPoolExecutor(16) as threads:
        seen = [pair for pairs in threads.map(use, range(16)) for pair in pairs]

    assert [pair for pair in seen if pair[1] not in ([], [pair[0]])] == []
    assert sum(found == [name] for name, found in seen) >= 200
