"""What reaches the tenant and what comes back: byte for byte, over real sockets, and refusals of the proxy's own."""

import gzip
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from immuta_mock.checks import compile_checks
from immuta_mock.inprocess import InProcess
from immuta_mock.proxy.app import proxy
from immuta_mock.proxy.archive import ArchiveFile
from immuta_mock.proxy.upstream import Upstream, passed_on
from immuta_mock.proxy.watching import Watch
from immuta_mock.spec import SpecError, load_spec

OK = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
PATIENCE = 10


class Tenant:
    """A listener that keeps what it is sent and answers each request with the same bytes, or not at all."""

    def __init__(self, answer: bytes | None) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._answer = answer
        self._ended = threading.Event()
        self.received: list[bytes] = []
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    @property
    def lines(self) -> list[str]:
        """The request line and the headers of the last request, these with names in lower case and sorted."""
        first, *rest = self.received[-1].partition(b"\r\n\r\n")[0].decode().split("\r\n")
        headers = [line.partition(": ") for line in rest]
        return [first, *sorted(f"{name.lower()}: {value}" for name, _, value in headers)]

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with connection:
                    connection.settimeout(PATIENCE)
                    self.received.append(_request(connection))
                    if self._answer is None:
                        self._ended.wait(PATIENCE)
                    else:
                        connection.sendall(self._answer)

    def close(self) -> None:
        self._ended.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.thread.join(PATIENCE)


def _request(connection: socket.socket) -> bytes:
    raw = b""
    while b"\r\n\r\n" not in raw:
        raw += connection.recv(65536)
    head, _, body = raw.partition(b"\r\n\r\n")
    lengths = [int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")]
    while len(body) < sum(lengths):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


class Setting:
    """A proxy before a tenant; `said` are the lines of the proxy."""

    def __init__(self, stack: ExitStack, directory: Path) -> None:
        self._stack, self._directory = stack, directory
        self._checks = tuple(compile_checks(load_spec()).values())
        self.said: list[str] = []

    def start(self, url: str, *, allow_writes: bool = False, timeout: float = PATIENCE) -> InProcess:
        upstream = Upstream(url, timeout=timeout)
        self.archive = ArchiveFile(self._directory / "a.har")
        self.watch = Watch(self._checks, upstream.url, self.said.append, self.archive)
        return self._stack.enter_context(InProcess(proxy(upstream, self.watch, allow_writes=allow_writes)))

    def tenant(self, answer: bytes | None = OK) -> Tenant:
        tenant = Tenant(answer)
        self._stack.callback(tenant.close)
        return tenant

    @property
    def recorded(self) -> list[Any]:
        found: list[Any] = json.loads(self.archive.path.read_bytes())["log"]["entries"]
        return found


@pytest.fixture
def setting(tmp_path: Path) -> Iterator[Setting]:
    with ExitStack() as stack:
        yield Setting(stack, tmp_path)


# There


@pytest.mark.parametrize(
    "target",
    [
        "/dataSource/name/a%2Fb%20%C3%A9%41~",
        "/dictionary/columns?searchText=%41+b&searchText=&x&limit=1",
        "//a/../b;c=d?e",
    ],
)
def test_path_and_query_arrive_byte_for_byte(setting: Setting, target: str) -> None:
    tenant = setting.tenant()
    setting.start(tenant.url).send("GET", target)
    assert tenant.lines[0] == f"GET {target} HTTP/1.1"


def test_the_path_of_the_tenant_comes_before(setting: Setting) -> None:
    tenant = setting.tenant()
    setting.start(f"{tenant.url}/t/ci%201/").send("GET", "/dataSource?size=1")
    assert tenant.lines[0] == "GET /t/ci%201/dataSource?size=1 HTTP/1.1"


def test_headers_arrive_but_for_those_of_one_connection(setting: Setting) -> None:
    tenant = setting.tenant()
    sent = [
        ("Host", "proxy"),
        ("Authorization", "Bearer  k"),
        ("X-One", "a"),
        ("X-One", "b"),
        ("Accept-Encoding", "br"),
    ]
    sent += [("Connection", "x-own, keep-alive"), ("X-Own", "1"), ("TE", "trailers"), ("Proxy-Authorization", "secret")]
    setting.start(tenant.url).send("GET", "/dataSource", sent)
    assert tenant.lines[1:] == [
        "accept-encoding: identity",
        "authorization: Bearer  k",
        f"host: {tenant.url.removeprefix('http://')}",
        "x-one: a",
        "x-one: b",
    ]


def test_a_body_arrives_as_it_is_and_without_a_content_type_that_nobody_sent(setting: Setting) -> None:
    tenant, body = setting.tenant(), b'{ "metadata" :\n[]}'
    setting.start(tenant.url, allow_writes=True).send("PUT", "/dictionary/1", [("authorization", "k")], body)
    assert tenant.received[0].endswith(b"\r\n\r\n" + body)
    assert [line for line in tenant.lines if line.startswith("content")] == [f"content-length: {len(body)}"]


# And back


def test_an_answer_comes_back_as_it_is(setting: Setting) -> None:
    head = (
        b"HTTP/1.1 418 Odd\r\nDate: then\r\nServer: own\r\nX-One: a\r\nX-One: b\r\nConnection: close, X-Own\r\nX-Own: 1"
    )
    tenant = setting.tenant(head + b"\r\nContent-Length: 3\r\n\r\n\x00\xff\n")
    status, headers, body = setting.start(tenant.url).send("GET", "/dataSource")
    assert (status, body) == (418, b"\x00\xff\n")
    assert headers == [("date", "then"), ("server", "own"), ("x-one", "a"), ("x-one", "b"), ("content-length", "3")]


def test_redirects_are_not_followed(setting: Setting) -> None:
    tenant = setting.tenant(b"HTTP/1.1 307 Moved\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n")
    status, headers, _ = setting.start(tenant.url).send("GET", "/dataSource")
    assert (status, dict(headers)["location"], len(tenant.received)) == (307, "/elsewhere", 1)


def test_a_body_that_is_compressed_all_the_same_is_passed_on_so_and_judged_by_what_it_says(setting: Setting) -> None:
    packed = gzip.compress(b'[{"columnName": 5}]')
    head = (
        f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: {len(packed)}"
    )
    tenant = setting.tenant(head.encode() + b"\r\n\r\n" + packed)
    _, headers, body = setting.start(tenant.url).send("GET", "/dictionary/columns", [("authorization", "k")])
    assert (dict(headers)["content-encoding"], body) == ("gzip", packed)
    assert setting.said == ["SEARCH-1  searchDictionaryColumns: answered 200: $[*].columnName is not a string"]
    assert setting.recorded[0]["response"]["content"]["text"] == '[{"columnName": 5}]'


def test_a_deviation_is_told_once_and_counted(setting: Setting) -> None:
    tenant = setting.tenant(OK.replace(b"200 OK", b"201 Made"))
    server = setting.start(tenant.url)
    for _ in range(3):
        server.send("GET", "/dataSource", [("authorization", "k")])
    assert setting.said == ["HTTP-2    listDataSources: answered 201: an undocumented status"]
    assert setting.watch.summary().splitlines() == [
        "",
        "Requests: 3 answered, 0 kept back, 0 without an answer; kinds of deviation: 1 of the tenant, 0 of the client",
        "     3 x HTTP-2    listDataSources: answered 201: an undocumented status",
    ]


# Refusals of the proxy


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("PUT", "/dataSource/1", []),
        ("POST", "/snowflake/handler", []),
        ("DELETE", "/dictionary/1", []),
        ("PATCH", "/anything", []),
        ("POST", "/bim/apikey/authenticate/../../../dataSource/1", []),
        ("GET", "/dataSource/1", [("X-HTTP-Method-Override", "DELETE")]),
    ],
)
def test_what_may_write_is_kept_back(setting: Setting, method: str, path: str, headers: list[tuple[str, str]]) -> None:
    tenant = setting.tenant()
    status, _, body = setting.start(tenant.url).send(method, path, headers, b"{}")
    message = f"The proxy is read-only and kept back {method} '{path}'; start it with --allow-writes to forward it."
    assert (status, json.loads(body)) == (403, {"statusCode": 403, "error": "Forbidden", "message": message})
    assert (tenant.received, setting.watch.totals.kept_back, setting.recorded) == ([], 1, [])


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/dataSource"),
        ("HEAD", "/dataSource"),
        ("OPTIONS", "/dataSource"),
        ("POST", "/bim/apikey/authenticate"),
        ("POST", "/jobs/statuses"),
    ],
)
def test_what_reads_alone_is_forwarded(setting: Setting, method: str, path: str) -> None:
    tenant = setting.tenant()
    assert setting.start(tenant.url).send(method, path)[0] == 200
    assert tenant.lines[0] == f"{method} {path} HTTP/1.1"


def test_a_tenant_that_is_away_is_502(setting: Setting) -> None:
    tenant = setting.tenant()
    tenant.close()
    status, _, body = setting.start(tenant.url).send("GET", "/dataSource", [("authorization", "s3cret-key")])
    message = f"The proxy got no answer from {tenant.url}: All connection attempts failed."
    assert (status, json.loads(body)) == (502, {"statusCode": 502, "error": "Bad Gateway", "message": message})
    assert (setting.watch.totals.unanswered, setting.recorded) == (1, [])


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-OpenSSH\r\n", OK[:-1], OK.replace(b": 2", b": x")])
def test_an_answer_that_is_none_is_502(setting: Setting, answer: bytes) -> None:
    status, _, body = setting.start(setting.tenant(answer).url).send("GET", "/dataSource")
    assert (status, json.loads(body)["error"]) == (502, "Bad Gateway")


def test_a_tenant_that_takes_too_long_is_504(setting: Setting) -> None:
    tenant = setting.tenant(None)
    status, _, body = setting.start(tenant.url, timeout=0.2).send("GET", "/dataSource")
    message = f"The proxy got no answer from {tenant.url} within 0.2 seconds (--timeout)."
    assert (status, json.loads(body)) == (504, {"statusCode": 504, "error": "Gateway Timeout", "message": message})


def test_an_archive_that_cannot_be_written_any_more_does_not_stop_the_proxy(
    setting: Setting, caplog: pytest.LogCaptureFixture
) -> None:
    server = setting.start(setting.tenant().url)
    setting.archive.close()
    assert [server.send("GET", "/dataSource")[0] for _ in range(2)] == [200, 200]
    assert [record.getMessage().partition(": ")[2] for record in caplog.records] == [
        "Bad file descriptor; nothing more is recorded"
    ]


# Secrets


def test_credentials_are_taken_out_wherever_they_stand_afterwards(setting: Setting) -> None:
    token = "t0ken-of-a-session"
    body = json.dumps({"token": token, "authenticated": True})
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-echo: {token} the-k3y-itself"
    tenant = setting.tenant(f"{head}\r\ncontent-length: {len(body)}\r\n\r\n{body}".encode())
    server = setting.start(tenant.url)
    server.send("POST", "/bim/apikey/authenticate", (), b'{"apikey": "the-k3y-itself", "password": "p4ssword"}')
    server.send("GET", f"/zzz/{token}/the-k3y-itself?q=the-k3y-itself", [("authorization", f"bearer {token}")])
    everything = setting.archive.path.read_text() + "".join(setting.said) + setting.watch.summary()
    assert [secret for secret in (token, "the-k3y-itself", "p4ssword") if secret in everything] == []
    assert setting.recorded[1]["request"]["url"] == f"{tenant.url}/zzz/[redacted]/[redacted]?q=[redacted]"


# What cannot begin


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        *((url, "no URL of a tenant; give one like https://acme.immuta.example") for url in (
            "acme.immuta.example", "ftp://acme.example", "https://", "http://a b", "http://[", "http://a:99999", "")),
        ("https://user:s3cret@acme.example", "holds credentials, a query or a fragment; give the URL"),
        ("https://acme.example/?key=s3cret", "holds credentials, a query or a fragment; give the URL"),
    ],
)  # fmt: skip
def test_what_is_no_url_of_a_tenant_is_refused_without_its_secrets(url: str, reason: str) -> None:
    with pytest.raises(SpecError, match=reason) as caught:
        Upstream(url, timeout=1)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(("content", "reason"), [(None, "No such file or directory"), (b"no PEM", "holds no cert")])
def test_a_bundle_that_cannot_be_used_is_refused(tmp_path: Path, content: bytes | None, reason: str) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SpecError, match=reason):
        Upstream("https://acme.example", timeout=1, ca_bundle=str(path))


def test_headers_that_a_connection_names_stay_with_it() -> None:
    headers = [(b"Connection", b"A , b"), (b"a", b"1"), (b"B", b"2"), (b"C", b"3"), (b"connection", b"c")]
    assert passed_on(headers) == []
