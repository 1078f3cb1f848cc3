"""Runs a server in the foreground: binds first, so that a taken port is known, and stops when it is told to."""

import asyncio
import logging
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from ssl import SSLContext
from types import FrameType
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from immuta_mock.protocol import Patient, Protocol

SECONDS_FOR_HEAD = 30  # from the connection or the last answer on, until a request's headers are there
SECONDS_TO_STOP = 2  # for answers that are under way when the server is told to stop


class CannotListen(Exception):
    """The address cannot be used; the text says why in one line."""


def bind(host: str, port: int, *, together: bool = False, listening: bool = True) -> socket.socket:
    """A listening socket, beside others of this user if they all bind `together`; port 0 picks a free one.

    Raises `CannotListen`.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError:
        raise CannotListen(f"there is no host {host!r}; give a name or an address of this machine") from None
    except UnicodeError:
        raise CannotListen(f"{host!r} is no host name") from None
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if together:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(address)
        if listening:
            listener.listen(2048)
    except OSError as error:
        listener.close()
        raise CannotListen(f"cannot listen on {host} port {port}: {error.strerror}") from None
    return listener


@contextmanager
def held(host: str, port: int) -> Iterator[int]:
    """The port, which is nobody else's, held for sockets that bind together. Raises `CannotListen`."""
    if not hasattr(socket, "SO_REUSEPORT"):
        raise CannotListen("this system lets no two processes listen on one port; have one worker")
    with bind(host, port) as alone:
        found: int = alone.getsockname()[1]
    with bind(host, found, together=True, listening=False):
        yield found


def url_of(host: str, port: int, *, scheme: str = "http") -> str:
    """The base URL of what listens on an address; one that means every address is shown as the loopback one."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def raise_file_limit() -> None:
    """Let this process have as many connections as the system allows, which is often more than it gives at first."""
    with suppress(ImportError, OSError, ValueError):  # there is no such limit, or no such number of files
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def serve(
    app: Any,
    listener: socket.socket,
    *,
    on_start: Callable[[], None],
    quiet: bool,
    tls: SSLContext | None = None,
    named: bool = True,
) -> None:
    """Answer requests until SIGINT or SIGTERM; `on_start` is called once the server is ready.

    A server that is not `named` sends the headers `date` and `server` of its application alone.
    """
    raise_file_limit()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)  # uvicorn takes both over, and raises them again when it has stopped
    Server(app if quiet else AccessLog(app), on_start, tls=tls, named=named).run(sockets=[listener])


class Server(uvicorn.Server):
    """What answers requests with an application; `on_start` is called once it is ready."""

    def __init__(
        self,
        app: Any,
        on_start: Callable[[], None],
        *,
        tls: SSLContext | None = None,
        seconds_for_head: float = SECONDS_FOR_HEAD,
        named: bool = True,
    ) -> None:
        config = uvicorn.Config(
            app,
            http=Protocol,
            log_config=None,
            access_log=False,
            ws="none",
            server_header=named,
            date_header=named,
            timeout_graceful_shutdown=SECONDS_TO_STOP,
            ssl_context_factory=None if tls is None else lambda _config, _default: tls,
        )
        super().__init__(config)
        self._on_start = on_start
        self._seconds_for_head = seconds_for_head

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_start()

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second; once a second it ends the connections that wait for the head of a request in vain."""
        if counter % 10 == 0:
            moment = asyncio.get_running_loop().time() - self._seconds_for_head
            for connection in list(self.server_state.connections):
                if isinstance(connection, Patient):
                    connection.close_if_idle_since(moment)
        return await super().on_tick(counter)


class AccessLog:
    """ASGI layer that writes one line a request: method, path without its query, as `shown`, status, milliseconds.

    What the console reads to be up to date has none.
    """

    def __init__(self, app: ASGIApp, shown: Callable[[str], str] = str) -> None:
        self.app = app
        self._shown = shown
        self._log = logging.getLogger("immuta_mock.access")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start, status = time.perf_counter(), 0

        async def watched_send(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self.app(scope, receive, watched_send)
        finally:
            path = self._shown(scope["raw_path"].decode("latin-1"))
            if not (status == 200 and scope["method"] == "GET" and "/__mock__/" in path):
                milliseconds = (time.perf_counter() - start) * 1000
                self._log.info("%s %s %s %.0f ms", scope["method"], path, status, milliseconds)


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)
