"""Unchanged code that calls a URL through requests or httpx reaches the mock; what it calls elsewhere does not."""

import asyncio
import sys
from collections.abc import Callable

import httpx
import pytest
import requests
import responses
import respx
from urllib3.util.retry import Retry

from immuta_mock.testing import MissingExtra, MockTenant, intercept

URL = "https://acme.immuta.example"
ELSEWHERE = "https://elsewhere.example/"
OWNER = {"Authorization": "owner-key-local-only"}

Get = Callable[[str], int]


def with_requests(url: str) -> int:
    return requests.get(url, headers=OWNER).status_code


def with_httpx(url: str) -> int:
    return httpx.get(url, headers=OWNER).status_code


def with_async_httpx(url: str) -> int:
    async def ask() -> int:
        async with httpx.AsyncClient(headers=OWNER) as client:
            return (await client.get(url)).status_code

    return asyncio.run(ask())


@pytest.fixture(params=[with_requests, with_httpx, with_async_httpx])
def get(request: pytest.FixtureRequest) -> Get:
    """A GET by the owner, as code that knows nothing of a mock sends it; answers the status."""
    found: Get = request.param
    return found


@pytest.mark.parametrize(
    ("url", "called"),
    [
        (URL, f"{URL}/dataSource?size=3"),
        (f"{URL}/", f"{URL}:443/dataSource?size=3"),
        (URL, "HTTPS://ACME.immuta.example/dataSource?size=3"),
        (f"{URL}:8443", f"{URL}:8443/dataSource?size=3"),
        ("http://[::1]:7/in/", "http://[::1]:7/in/dataSource?size=3"),
    ],
)
def test_what_lies_below_the_url_is_answered(get: Get, url: str, called: str) -> None:
    with intercept(url) as immuta:
        assert get(called) == 200
        assert [(entry["path"], entry["query"]) for entry in immuta.journal()] == [("/dataSource", "size=3")]


@pytest.mark.parametrize("called", [URL, f"{URL}/in", f"{URL}/in?x=1"])
def test_the_url_itself_is_the_root(get: Get, called: str) -> None:
    with intercept(called.partition("?")[0]) as immuta:
        assert get(called) == 404
        assert [entry["path"] for entry in immuta.journal()] == ["/"]


@pytest.mark.parametrize(
    "called", ["http://127.0.0.1:9/", f"{URL}.example/", f"{URL}:444/", "http://acme.immuta.example/", f"{URL}/inn"]
)
def test_what_lies_elsewhere_is_not_answered(get: Get, called: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")  # so that nothing leaves this machine
    with intercept(f"{URL}/in") as immuta:
        with pytest.raises((requests.ConnectionError, httpx.ConnectError)):
            get(called)
        assert immuta.journal() == []


def test_nothing_is_answered_afterwards(get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with intercept(URL):
        pass
    with pytest.raises((requests.ConnectionError, httpx.ConnectError)):
        get(URL)


def test_a_server_is_reached_meanwhile(get: Get, immuta_mock_server: MockTenant) -> None:
    with intercept(URL):
        assert get(f"{immuta_mock_server.base_url}/dataSource") == 200


def test_two_urls_are_two_tenants(get: Get) -> None:
    with intercept(URL) as one, intercept("https://other.immuta.example") as other:
        assert (get(f"{URL}/dataSource"), get("https://other.immuta.example/bim/rpc/user/current")) == (200, 200)
        assert [entry["path"] for entry in one.journal()] == ["/dataSource"]
        assert [entry["path"] for entry in other.journal()] == ["/bim/rpc/user/current"]


def test_one_tenant_may_have_several_urls(get: Get, immuta_mock: MockTenant) -> None:
    with immuta_mock.intercept(URL), immuta_mock.intercept("https://other.immuta.example"):
        assert (get(f"{URL}/dataSource"), get("https://other.immuta.example/dataSource")) == (200, 200)
    immuta_mock.called("listDataSources", times=2)


def test_mocks_of_the_test_itself_answer_for_what_lies_elsewhere(get: Get) -> None:
    with intercept(URL), respx.mock(assert_all_called=False) as theirs:
        before = requests.adapters.HTTPAdapter.send
        with responses.RequestsMock(assert_all_requests_are_fired=False, real_adapter_send=before) as also_theirs:
            also_theirs.add_passthru(URL)
            also_theirs.get(ELSEWHERE, status=299)
            theirs.get(ELSEWHERE).respond(299)
            assert (get(f"{URL}/dataSource"), get(ELSEWHERE)) == (200, 299)


def test_mocks_that_were_there_before_answer_for_what_lies_elsewhere(get: Get) -> None:
    with (
        responses.RequestsMock(assert_all_requests_are_fired=False) as theirs,
        respx.mock(assert_all_called=False) as also_theirs,
    ):
        theirs.get(ELSEWHERE, status=299)
        also_theirs.get(ELSEWHERE).respond(299)
        with intercept(URL):
            assert (get(f"{URL}/dataSource"), get(ELSEWHERE)) == (200, 299)
            with pytest.raises((requests.ConnectionError, AssertionError)):
                get("https://forgotten.example")


def test_clients_repeat_as_they_are_told_to(immuta_mock: MockTenant) -> None:
    immuta_mock.control.add_fault(effect={"status": 503}, when={"times": 2})
    with immuta_mock.intercept(URL), requests.Session() as session:
        session.mount(URL, requests.adapters.HTTPAdapter(max_retries=Retry(3, status_forcelist=[503])))

        assert session.get(f"{URL}/dataSource", headers=OWNER).status_code == 200
    immuta_mock.called("listDataSources", times=3)


def test_a_timeout_of_the_client_holds(immuta_mock: MockTenant) -> None:
    immuta_mock.control.add_fault(effect={"latency": 60})
    with immuta_mock.intercept(URL):
        with pytest.raises(requests.ReadTimeout):
            requests.get(URL, timeout=0.1)
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(URL, timeout=0.1)


def test_asynchronous_code_goes_on_while_it_waits(immuta_mock: MockTenant) -> None:
    immuta_mock.control.add_fault(effect={"latency": 60}, match={"path": "/jobs"})

    async def ask() -> int:
        async with httpx.AsyncClient(headers=OWNER, timeout=None) as client:
            waiting = asyncio.ensure_future(client.get(f"{URL}/jobs"))
            answer = await client.get(f"{URL}/dataSource")
            waiting.cancel()
            return answer.status_code

    with immuta_mock.intercept(URL):
        assert asyncio.run(ask()) == 200


@pytest.mark.parametrize("url", ["acme.example", "ftp://acme.example", "https://", "https://acme.example/?x=1", ""])
def test_what_is_no_url_is_refused(url: str) -> None:
    line = f"{url!r} is no http or https URL; give the address of a tenant like https://acme.example"
    with pytest.raises(ValueError, match="no http or https URL") as refused, intercept(url):
        pass
    assert str(refused.value) == line


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "responses", None)
    monkeypatch.delitem(sys.modules, "immuta_mock.testing.through_requests", raising=False)
    with pytest.raises(MissingExtra) as missing, intercept(URL):
        pass
    line = "intercept() needs the package responses: pip install 'immuta-contract-kit[intercept]'"
    assert str(missing.value) == line
