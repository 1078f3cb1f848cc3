"""Where requests go: a mock in this process, a mock in a process of its own, or a tenant at a URL."""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import urllib3

from immuta_contracts.errors import CannotRun
from immuta_contracts.exchange import Answer, Request
from immuta_contracts.settings import Settings, Transport
from immuta_contracts.transport import DIRECT, connection_pool
from immuta_mock import Store, create_app
from immuta_mock.inprocess import InProcess
from immuta_mock.spec import load_spec
from immuta_mock.users import DEFAULT_USERS

MOCK_TOKEN_SECONDS = 2  # short, so that a run can wait for a token to expire
MOCK_COMMAND = (
    *(sys.executable, "-m", "immuta_mock", "--port", "0", "--quiet"),
    *("--token-seconds", str(MOCK_TOKEN_SECONDS)),
)
START_SECONDS = 30
CONNECT_SECONDS = 5.0  # an address that takes longer is said to be unreachable
PIECE = 2**16  # bytes
PROXY_REFUSES = 407  # no tenant answers this
NO_CONNECTION = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)
ROLES = ("owner", "second_owner", "expert", "reader", "governor")
KEY_VARIABLES = {
    "owner": "IMMUTA_API_KEY",
    **{role: f"IMMUTA_API_KEY_{role.upper()}" for role in ROLES if role != "owner"},
}
MOCK_KEYS = {user.name.replace(" ", "_"): user.key for user in DEFAULT_USERS}


class Unreachable(Exception):
    """The target does not answer, or not as an HTTP server does."""


class NotTried(Exception):
    """Something cannot be tried on this target; the text says what it would need."""


class OutOfReach(NotTried):
    """The run may not do it here: the fence is against it, or the target file."""


class NotConnected(Unreachable):
    """There was no connection to the target, so it has not seen the request."""


class BadUrl(CannotRun):
    """What was given as the address of a tenant is none."""


class Target(Protocol):
    """Something that answers requests; `base_url` is what curl lines show, `keys` maps a role to its API key."""

    @property
    def base_url(self) -> str: ...

    @property
    def keys(self) -> Mapping[str, str]: ...

    def send(self, request: Request) -> Answer:
        """Send one request and wait for its whole answer. Raises `Unreachable`."""
        ...

    def close(self) -> None: ...


@cache
def document(overlays: tuple[str | Path, ...] = ()) -> dict[str, Any]:
    """The OpenAPI document that targets are judged by: the reference operations and their companions."""
    return load_spec(overlays)


class InProcessMock:
    """A mock in this process, without sockets; `app` is any ASGI application, by default a fresh mock."""

    base_url = "http://127.0.0.1:8080"  # only shown: the address that `make mock` listens on

    def __init__(self, app: Any = None, *, overlays: Sequence[str | Path] = ()) -> None:
        self.keys: Mapping[str, str] = MOCK_KEYS
        self._inside = InProcess(app if app is not None else create_app(brief_store(), overlays=overlays))

    def send(self, request: Request) -> Answer:
        start = time.perf_counter()
        status, headers, body = self._inside.send(request.method, request.target, request.headers, request.body)
        return Answer(status, {k.lower(): v for k, v in headers}, body, time.perf_counter() - start)

    def close(self) -> None:
        self._inside.close()


def brief_store() -> Store:
    """An empty store whose tokens expire soon enough for a run to see it."""
    return Store(token_lifetime=timedelta(seconds=MOCK_TOKEN_SECONDS))


class Tenant:
    """A tenant (or a mock) at a URL; keeps one connection open, follows no redirect, repeats nothing.

    Headers of the transport go along with each request that does not set them itself.
    Raises `BadUrl`, and `BadTransport` for what cannot be used to reach it.
    """

    def __init__(
        self, url: str, keys: Mapping[str, str], *, timeout: float = 30.0, transport: Transport = DIRECT
    ) -> None:
        parsed = urllib3.util.parse_url(url)
        if parsed.scheme not in ("http", "https") or not parsed.host:
            raise BadUrl(f"{url!r} is no http or https URL; give the tenant's address like https://acme.example")
        self.base_url = url.rstrip("/")
        self.keys = keys
        forwarded = transport.proxy is not None and parsed.scheme == "http"  # then the proxy wants the whole URL
        self._root = self.base_url if forwarded else (parsed.path or "").rstrip("/")
        self._headers, self._timeout = transport.headers, timeout
        self._pool = connection_pool(
            self.base_url, transport, timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=timeout)
        )

    def send(self, request: Request) -> Answer:
        start = time.perf_counter()
        try:
            answer = self._pool.urlopen(
                request.method,
                self._root + request.target,
                body=request.body,
                headers=self._with_headers(request),
                redirect=False,
                retries=False,
                assert_same_host=False,
                preload_content=False,
            )
            body = self._whole(answer, start + self._timeout)
        except NO_CONNECTION as error:
            raise NotConnected(f"{self.base_url} did not answer: {error}") from error
        except urllib3.exceptions.HTTPError as error:
            raise Unreachable(f"{self.base_url} did not answer: {error}") from error
        if answer.status == PROXY_REFUSES:
            raise NotConnected(f"{self.base_url} did not answer: the proxy on the way answered {answer.status}")
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(answer.status, headers, body, time.perf_counter() - start)

    def _whole(self, answer: urllib3.BaseHTTPResponse, until: float) -> bytes:
        """The body, if it is there in time: a time-out of the socket alone would start anew with each byte."""
        read = b""
        while piece := answer.read1(PIECE):
            read += piece
            if time.perf_counter() > until:
                answer.close()
                raise Unreachable(f"{self.base_url} did not answer: not all of it came in {self._timeout:g} s")
        answer.release_conn()
        return read

    def close(self) -> None:
        self._pool.close()

    def _with_headers(self, request: Request) -> dict[str, str]:
        own = {name.lower() for name, _ in request.headers}
        extra = {name: value for name, value in self._headers.items() if name.lower() not in own}
        return {**extra, **dict(request.headers)}


class MockProcess(Tenant):
    """A mock started in its own process on a free loopback port, stopped by `close`."""

    def __init__(self, *, overlays: Sequence[str | Path] = ()) -> None:
        options = [word for overlay in overlays for word in ("--overlay", str(overlay))]
        self._output = tempfile.TemporaryFile()  # noqa: SIM115  # lives as long as the process; `close` closes it
        self._process = subprocess.Popen(
            [*MOCK_COMMAND, *options],
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )
        try:
            super().__init__(self._listening_url(), MOCK_KEYS)
        except BaseException:
            self._end()
            raise

    def close(self) -> None:
        super().close()
        self._end()

    def _listening_url(self) -> str:
        """Watch the mock's output until it says where it listens."""
        deadline = time.monotonic() + START_SECONDS
        seen = b""
        while time.monotonic() < deadline:
            ended = self._process.poll() is not None
            seen = os.pread(self._output.fileno(), 65536, 0)
            if match := re.search(rb"listening on (http://\S+)", seen):
                return match[1].decode()
            if ended:
                break
            time.sleep(0.02)
        raise Unreachable(f"the mock did not start: {seen.decode(errors='replace').strip() or 'it said nothing'}")

    def _end(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._output.close()


def target_of(settings: Settings, *, in_process: bool = False) -> Target:
    """The target that the settings name; without a URL a mock. Raises `BadUrl`, `Unreachable`."""
    if settings.url is not None:
        return Tenant(settings.url, settings.api_keys, timeout=settings.limits.timeout, transport=settings.transport)
    return (InProcessMock if in_process else MockProcess)(overlays=settings.overlay)
