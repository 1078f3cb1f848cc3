"""What a test gets of the mock: the same in process, over HTTP and over HTTPS."""

import asyncio
import io
import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests

from immuta_mock.testing import MockTenant, mock_server, mock_tenant
from immuta_mock.testing.server import shared_server

Body = dict[str, Any]


def get(tenant: MockTenant, target: str, **more: Any) -> requests.Response:
    return tenant.session().get(tenant.base_url + target, **more)


def test_both_kinds_of_client_are_logged_in_and_see_one_state(tenant: MockTenant, create_body: Body) -> None:
    created = tenant.client().post("/snowflake/handler", json=create_body)

    found = get(tenant, "/dataSource", params={"searchText": "Cli"})
    assert (created.status_code, found.status_code) == (200, 200)
    assert [hit["name"] for hit in found.json()["hits"]] == ["Clients"]


def test_an_asynchronous_client_sees_it_too(tenant: MockTenant) -> None:
    async def ask() -> list[int]:
        async with tenant.async_client() as client:
            answers = await asyncio.gather(*(client.get("/dataSource") for _ in range(5)))
            return [*(answer.status_code for answer in answers), tenant.client().get("/dataSource").status_code]

    assert asyncio.run(ask()) == [200] * 6


@pytest.mark.parametrize("open_tenant", [mock_tenant, mock_server])
def test_each_tenant_is_fresh_and_nobody_elses(open_tenant: Callable[[], Any], create_body: Body) -> None:
    with open_tenant() as one, open_tenant() as other:
        one.client().post("/snowflake/handler", json=create_body)
        one.control.add_fault(effect={"status": 503})

        assert (one.control.health()["dataSources"], other.control.health()["dataSources"]) == (1, 0)
        assert other.client().get("/dataSource").status_code == 200
        assert len(other.journal()) == 1
    assert not {one.name, other.name} & set(shared_server().tenants.names())


def test_clients_are_closed_with_their_tenant() -> None:
    with mock_tenant() as tenant:
        client = tenant.client()
        assert not client.is_closed
    assert client.is_closed


def test_users_have_keys_and_tokens(tenant: MockTenant) -> None:
    tenant.control.add_user("loader", "loader-key", 9)
    names = ["owner", "second owner", "expert", "reader", "governor", "loader"]

    assert list(tenant.keys) == names
    assert tenant.key == tenant.keys["owner"]
    for name in names:
        bearer = {"Authorization": f"Bearer {tenant.token(name)}"}
        assert tenant.client(name).get("/bim/rpc/user/current").json()["userid"] == name
        assert tenant.session(name).get(f"{tenant.base_url}/bim/rpc/user/current").json()["userid"] == name
        assert get(tenant, "/bim/rpc/user/current", headers=bearer).json()["userid"] == name


def test_a_user_who_is_not_there_is_told_with_those_who_are(immuta_mock: MockTenant) -> None:
    immuta_mock.control.load({"users": [{"name": "loader", "key": "loader-key", "profile": 9}]})

    with pytest.raises(
        ValueError, match=r"^there is no user 'owner'; there are loader; control\.add_user\(\) adds one$"
    ):
        immuta_mock.client()


def test_a_header_may_be_bytes_as_requests_takes_it(tenant: MockTenant) -> None:
    assert get(tenant, "/dataSource", headers={"Authorization": tenant.key.encode()}).status_code == 200


def test_tokens_expire_when_they_are_told_to(tenant: MockTenant) -> None:
    headers = {"Authorization": tenant.token()}

    assert (tenant.control.expire_tokens("owner"), get(tenant, "/dataSource", headers=headers).status_code) == (1, 401)


def test_requests_take_the_whole_path_through_the_mock(tenant: MockTenant, create_body: Body) -> None:
    client = tenant.client()
    answers = [
        client.post("/snowflake/handler", json=create_body, headers={"Authorization": ""}),
        client.post("/snowflake/handler", json={}),
        client.post("/snowflake/handler", content="x", headers={"Content-Type": "text/plain"}),
        client.patch("/snowflake/handler"),
        tenant.client("reader").post("/snowflake/handler", json=create_body),
    ]

    assert [answer.status_code for answer in answers] == [401, 400, 415, 405, 403]


@pytest.mark.parametrize("kind", [bytes, io.BytesIO, lambda raw: raw.decode(), lambda raw: iter([raw[:9], raw[9:]])])
def test_a_body_may_be_all_that_requests_takes(
    tenant: MockTenant, create_body: Body, kind: Callable[[bytes], Any]
) -> None:
    body = kind(json.dumps(create_body).encode())

    assert tenant.session().post(f"{tenant.base_url}/snowflake/handler", data=body).status_code == 200


def test_a_call_that_was_expected_is_found(tenant: MockTenant, create_body: Body) -> None:
    tenant.client().post("/snowflake/handler", json=create_body)

    body = {"dataSource": {"name": "Clients"}}
    assert tenant.called("createSnowflakeDataSource", times=1, user="owner", bodyContains=body) == 1


def test_a_call_that_is_missing_is_told_with_the_nearest_ones(tenant: MockTenant) -> None:
    tenant.client("reader").get("/dataSource/7")

    with pytest.raises(AssertionError) as failed:
        tenant.called("getDataSource", status=200)
    assert str(failed.value).splitlines() == [
        "expected at least 1 time(s) a call with status 200, operation getDataSource, seen 0 among 1 requests",
        "  near: 1. GET /dataSource/7 -> 404: status is 404, expected 200",
    ]


def test_the_last_requests_are_told_without_secrets(tenant: MockTenant) -> None:
    client = tenant.client()
    for number in range(10):
        client.get("/dataSource", params={"offset": number})
    client.get("/datasource", params={"key": tenant.key})
    tenant.control.add_fault(effect={"status": 503}, id="busy")
    client.get("/dataSource", headers={"Prefer": "mock-malformed"})

    lines = tenant.last_requests().splitlines()
    assert lines[0] == "3. GET /dataSource?offset=2 -> 200"
    assert lines[-2:] == [
        "11. GET /datasource?key=[redacted] -> 404; Not Found; nearest: GET /dataSource (listDataSources)",
        "12. GET /dataSource -> 503; made by busy, prefer",
    ]
    assert len(lines) == 10


def test_no_request_is_told_too(tenant: MockTenant) -> None:
    assert tenant.last_requests() == "no request has come"


def test_it_is_shown_without_its_keys(tenant: MockTenant) -> None:
    assert repr(tenant) == f"<MockTenant {tenant.name} at {tenant.base_url}>"
    assert tenant.key not in repr(vars(tenant))


LATE = {"latency": 60}
RESET = {"reset": "request"}
CUT = {"truncate": 3}


@pytest.mark.parametrize(
    ("effect", "patience", "error"),
    [
        (LATE, 0.1, httpx.ReadTimeout),
        (RESET, 20, (httpx.ReadError, httpx.RemoteProtocolError)),  # over TLS Python takes a reset for an end
        (CUT, 20, httpx.RemoteProtocolError),
    ],
    ids=["late", "reset", "cut off"],
)
def test_httpx_sees_faults_as_over_a_network(tenant: MockTenant, effect: Body, patience: float, error: Any) -> None:
    tenant.control.add_fault(effect=effect)
    timeout = httpx.Timeout(20, read=patience)

    async def ask() -> None:
        async with tenant.async_client() as client:
            await client.get("/dataSource", timeout=timeout)

    with pytest.raises(error):
        tenant.client().get("/dataSource", timeout=timeout)
    with pytest.raises(error):
        asyncio.run(ask())


@pytest.mark.parametrize(
    ("effect", "patience", "error"),
    [
        (LATE, 0.1, requests.ReadTimeout),
        (RESET, 20, requests.ConnectionError),
        (CUT, 20, requests.exceptions.ChunkedEncodingError),
    ],
    ids=["late", "reset", "cut off"],
)
def test_requests_sees_faults_as_over_a_network(
    tenant: MockTenant, effect: Body, patience: float, error: type[Exception]
) -> None:
    tenant.control.add_fault(effect=effect)

    with pytest.raises(error):
        get(tenant, "/dataSource", timeout=(20, patience))


def test_whoever_stops_waiting_is_not_held_up(tenant: MockTenant) -> None:
    tenant.control.add_fault(effect=LATE, match={"path": "/jobs"})

    async def ask() -> int:
        async with tenant.async_client() as client:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(client.get("/jobs", timeout=None), 0.1)
            return (await client.get("/dataSource")).status_code

    assert asyncio.run(ask()) == 200


def test_threads_call_at_once(tenant: MockTenant) -> None:
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: get(tenant, "/dataSource").status_code, range(40)))

    assert (statuses, tenant.called("listDataSources", times=40)) == ([200] * 40, 40)


def test_a_client_that_trusts_nothing_is_refused_by_the_server_over_tls(immuta_mock_tls_server: MockTenant) -> None:
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(immuta_mock_tls_server.base_url, trust_env=False)
    assert immuta_mock_tls_server.ca_file is not None
    assert b"PRIVATE" not in immuta_mock_tls_server.ca_file.read_bytes()


FORKED = """
import httpx, os, sys
from immuta_mock.testing import mock_server, mock_tenant
with mock_server(tls=True) as before:
    child = os.fork()
    if not child:
        with mock_tenant() as inside:
            sys.exit(inside.client().get("/dataSource").status_code - 200)
    assert os.waitpid(child, 0)[1] == 0
    assert before.client().get("/dataSource").status_code == 200
    assert before.ca_file.exists()
    before.control.add_fault(effect={"latency": 60})
    try:
        before.client().get("/dataSource", timeout=httpx.Timeout(20, read=0.1))
    except httpx.ReadTimeout:
        print(before.ca_file)
"""


def test_a_fork_has_a_mock_of_its_own_and_the_end_is_quiet_and_leaves_nothing() -> None:
    command = [sys.executable, "-W", "ignore:This process:DeprecationWarning", "-c", FORKED]  # 3.12 warns of forks
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert not Path(done.stdout.strip()).exists()
