"""How a tenant is reached: a private CA, a client certificate, a proxy, extra headers; over real sockets."""

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme

from immuta_contracts.exchange import Answer, Request
from immuta_contracts.settings import Transport
from immuta_contracts.target import MOCK_KEYS, Tenant, Unreachable
from immuta_contracts.transport import BadTransport
from immuta_mock import Store, create_app
from proxies import Proxy, proxying
from trouble import Misstep, Received, Server, serving

READ = Request("GET", "/bim/rpc/user/current", (("Authorization", MOCK_KEYS["owner"]),))


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def bundle(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tls") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture
def context(authority: trustme.CA) -> ssl.SSLContext:
    """TLS of a server whose certificate the authority issued."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def secure(context: ssl.SSLContext) -> Iterator[Server]:
    with serving(create_app(Store()), tls=context) as server:
        yield server


@pytest.fixture
def plain() -> Iterator[Server]:
    with serving(create_app(Store())) as server:
        yield server


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with proxying() as proxy:
        yield proxy


def ask(server: Server, transport: Transport, request: Request = READ) -> Answer:
    tenant = Tenant(server.url, MOCK_KEYS, timeout=10, transport=transport)
    try:
        return tenant.send(request)
    finally:
        tenant.close()


def test_a_private_authority_is_trusted_when_it_is_named(secure: Server, bundle: Path) -> None:
    assert ask(secure, Transport(ca_bundle=bundle)).status == 200


def test_a_private_authority_is_not_trusted_by_itself(secure: Server) -> None:
    with pytest.raises(Unreachable, match="certificate verify failed"):
        ask(secure, Transport())
    assert secure.received == []


def test_a_certificate_for_another_host_is_not_trusted(authority: trustme.CA, bundle: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("elsewhere.example").configure_cert(context)
    with (
        serving(create_app(Store()), tls=context) as server,
        pytest.raises(Unreachable, match="certificate verify failed"),
    ):
        ask(server, Transport(ca_bundle=bundle))


@pytest.mark.parametrize("together", [True, False])
def test_a_client_certificate_is_shown(
    authority: trustme.CA, context: ssl.SSLContext, bundle: Path, tmp_path: Path, together: bool
) -> None:
    """With its key in one file, or in two."""
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    client = authority.issue_cert("runner@contract.example")
    certificate, key = tmp_path / "client.pem", tmp_path / "client.key"
    (client.private_key_and_cert_chain_pem if together else client.cert_chain_pems[0]).write_to_path(str(certificate))
    client.private_key_pem.write_to_path(str(key))
    with serving(create_app(Store()), tls=context) as server:
        shown = Transport(ca_bundle=bundle, client_certificate=certificate, client_key=None if together else key)
        assert ask(server, shown).status == 200
        with pytest.raises(Unreachable):
            ask(server, Transport(ca_bundle=bundle))


@pytest.mark.parametrize(
    "using", [lambda path: Transport(ca_bundle=path), lambda path: Transport(client_certificate=path)]
)
def test_a_file_that_is_no_certificate_is_refused_by_its_name(
    tmp_path: Path, using: Callable[[Path], Transport]
) -> None:
    bad = tmp_path / "bad.pem"
    bad.write_text("no certificate")
    for path in (bad, tmp_path / "missing.pem"):
        with pytest.raises(BadTransport, match=f"^{path} is no .* as PEM: "):
            Tenant("https://tenant.example", {}, transport=using(path))


def test_a_plain_request_goes_through_the_proxy(plain: Server, proxy: Proxy) -> None:
    assert ask(plain, Transport(proxy=proxy.url())).status == 200
    assert proxy.seen == [f"{plain.url}/bim/rpc/user/current"]


def test_a_secure_request_goes_through_a_tunnel(secure: Server, bundle: Path, proxy: Proxy) -> None:
    assert ask(secure, Transport(proxy=proxy.url(), ca_bundle=bundle)).status == 200
    assert proxy.seen == [secure.url.removeprefix("https://")]
    assert "proxy-authorization" not in secure.received[0].headers


def test_a_proxy_that_does_not_let_in_is_said_without_its_password(
    secure: Server, plain: Server, bundle: Path, proxy: Proxy
) -> None:
    wrong = Transport(proxy=proxy.url("runner:wr0ng-pass"), ca_bundle=bundle)
    for server in (secure, plain):
        with pytest.raises(Unreachable, match="407") as refused:
            ask(server, wrong)
        assert "wr0ng-pass" not in str(refused.value)
    assert (secure.received, plain.received) == ([], [])


@pytest.mark.parametrize("proxy_url", ["proxy", "socks5://s3cret@proxy.example", "http://", "http://[s3cret"])
def test_what_is_no_proxy_is_refused_without_showing_it(proxy_url: str) -> None:
    with pytest.raises(BadTransport, match=r"^the proxy is no http or https URL") as refused:
        Tenant("http://tenant.example", {}, transport=Transport(proxy=proxy_url))
    assert "s3cret" not in str(refused.value)


def test_extra_headers_go_along_unless_the_request_sets_them() -> None:
    def door(received: Received) -> Misstep | None:
        return None if received.headers.get("x-gate") == "0pen" else Misstep(403)

    with serving(create_app(Store()), door) as server:
        extra = Transport(headers={"X-Gate": "0pen", "content-type": "text/plain"})
        typed = Request("GET", READ.target, (*READ.headers, ("Content-Type", "application/json")))
        assert ask(server, Transport()).status == 403
        assert ask(server, extra, typed).status == 200
        assert server.received[-1].headers["content-type"] == "application/json"
    assert "0pen" not in repr(extra)
