"""The one mock of a process that tests share: in process, and over HTTP or HTTPS once that is asked for."""

import atexit
import itertools
import logging
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from ssl import SSLContext
from tempfile import mkdtemp
from typing import Any

from immuta_mock import create_app
from immuta_mock.inprocess import Answer, Headers, exchange
from immuta_mock.serving import Server, bind, url_of
from immuta_mock.tenants import NoSuchTenant, Tenants
from immuta_mock.testing.loop import LoopThread
from immuta_mock.tls import Certificates

SECONDS_TO_START = 30
SECONDS_TO_STOP = 10


@dataclass(frozen=True)
class Address:
    """Where a server listens, and the CA to trust there."""

    url: str
    ca_file: Path | None = None


class SharedServer:
    """One mock for many tests, each of which has a tenant of its own."""

    def __init__(self, *, overlays: Sequence[str | Path] = ()) -> None:
        self.tenants = Tenants()
        self._numbers = itertools.count(1)
        self._app = create_app(self.tenants, overlays=overlays)
        self._loop = LoopThread()

    def send(self, method: str, target: str, headers: Headers, body: bytes | None) -> Future[Answer]:
        """One request and its answer, in process."""
        return self._loop.start(exchange(self._app, method, target, headers, body))

    @contextmanager
    def tenant(self) -> Iterator[str]:
        """The name of a tenant that nobody else has, removed in the end."""
        name = f"test-{next(self._numbers)}"
        self.tenants.find(name)
        try:
            yield name
        finally:
            with suppress(NoSuchTenant):
                self.tenants.remove(name)

    @cached_property
    def http(self) -> Address:
        """A port of loopback, listened on from the first time it is asked for."""
        return Address(self._listen("http"))

    @cached_property
    def https(self) -> Address:
        """The same with TLS."""
        certificates, directory = Certificates(), Path(mkdtemp(prefix="immuta-mock-"))
        _at_exit(shutil.rmtree, directory)
        certificates.write_ca(directory / "ca.pem")
        return Address(self._listen("https", certificates.context()), directory / "ca.pem")

    def _listen(self, scheme: str, tls: SSLContext | None = None) -> str:
        listener, started = bind("127.0.0.1", 0), threading.Event()
        server = Server(self._app, started.set, tls=tls)
        serving = self._loop.start(server.serve(sockets=[listener]))
        if not started.wait(SECONDS_TO_START):
            raise RuntimeError("the mock does not start to listen")
        _at_exit(_stop, server, serving)
        return url_of(*listener.getsockname()[:2], scheme=scheme)


def _at_exit(action: Callable[..., None], *arguments: Any) -> None:
    """Do something when this process ends, but not when a fork of it does."""
    process = os.getpid()
    atexit.register(lambda: action(*arguments) if os.getpid() == process else None)


def _stop(server: Server, serving: Future[None]) -> None:
    """Stop at once: whatever is under way, such as a fault that waits, has nobody left to answer."""
    logging.getLogger("uvicorn.error").disabled = True
    server.should_exit = server.force_exit = True
    with suppress(TimeoutError):
        serving.result(SECONDS_TO_STOP)


@cache
def _shared(_process: int, overlays: tuple[str | Path, ...]) -> SharedServer:
    return SharedServer(overlays=overlays)


def shared_server(overlays: Sequence[str | Path] = ()) -> SharedServer:
    """The server of this process whose document has these overlays; a fork makes one of its own."""
    return _shared(os.getpid(), tuple(overlays))
