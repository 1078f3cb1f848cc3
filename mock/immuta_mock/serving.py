"""Runs a server in the foreground: binds first, so that a taken port is known, and stops when it is told to."""

import logging
import signal
import socket
import sys
import time
from asyncio import Transport
from collections.abc import Callable
from ssl import SSLContext
from types import FrameType
from typing import Any

import httptools
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from immuta_mock import errors
from immuta_mock.connection import STATE, Connection
from immuta_mock.error_mapping import encoded

LONGEST_HEAD = 64 * 1024  # bytes of a request's path and headers
SECONDS_TO_STOP = 2  # for answers that are under way when the server is told to stop


class CannotListen(Exception):
    """The address cannot be used; the text says why in one line."""


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 picks a free one. Raises `CannotListen`."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError:
        raise CannotListen(f"there is no host {host!r}; give a name or an address of this machine") from None
    except UnicodeError:
        raise CannotListen(f"{host!r} is no host name") from None
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise CannotListen(f"cannot listen on {host} port {port}: {error.strerror}") from None
    return listener


def url_of(host: str, port: int, *, scheme: str = "http") -> str:
    """The base URL of what listens on an address; one that means every address is shown as the loopback one."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


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
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)  # uvicorn takes both over, and raises them again when it has stopped
    Server(app if quiet else AccessLog(app), on_start, tls=tls, named=named).run(sockets=[listener])


class _Slow(H11Protocol):
    """For requests that offer an upgrade, as Java's do: uvicorn's faster protocol loses their bodies."""

    def shutdown(self) -> None:
        self.app_state[STATE].is_stopping = True
        super().shutdown()

    def send_400_response(self, _msg: str) -> None:
        _refuse(self.transport)


class _Protocol(HttpToolsProtocol):
    """uvicorn's faster protocol, with a bound on what stands before a body."""

    _head = 0

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # of the same kind
        super().connection_made(transport)
        self.app_state = {**self.app_state, STATE: Connection(transport)}

    def shutdown(self) -> None:
        self.app_state[STATE].is_stopping = True
        super().shutdown()

    def send_400_response(self, _msg: str) -> None:
        _refuse(self.transport)

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError:
            self.send_400_response("")
        except httptools.HttpParserUpgrade as offered:
            self._hand_over(data[offered.args[0] :])

    def on_message_begin(self) -> None:
        self._head = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self._measure(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._measure(name + value)
        super().on_header(name, value)

    def _should_upgrade(self) -> bool:
        return True  # whatever is offered: the request is read again below

    def _measure(self, part: bytes) -> None:
        self._head += len(part)
        if self._head > LONGEST_HEAD:
            raise ValueError("the head of the request is too long")  # which the parser takes for no HTTP

    def _hand_over(self, rest: bytes) -> None:
        """Let the slower protocol read the request from its start on."""
        head = [self.scope["method"].encode(), b" ", self.url, b" HTTP/1.1\r\n"]
        head += [part for name, value in self.scope["headers"] for part in (name, b": ", value, b"\r\n")]
        self.connections.discard(self)
        slow = _Slow(self.config, self.server_state, self.app_state)
        slow.connection_made(self.transport)
        self.transport.set_protocol(slow)
        slow.data_received(b"".join([*head, b"\r\n", rest]))


def _refuse(transport: Any) -> None:
    """Answer what is no HTTP in the one shape, too."""
    head = b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: "
    body = encoded(errors.body(errors.BadRequest("the request is not valid HTTP")))
    transport.write(head + str(len(body)).encode() + b"\r\n\r\n" + body)
    transport.close()


class Server(uvicorn.Server):
    """What answers requests with an application; `on_start` is called once it is ready."""

    def __init__(
        self, app: Any, on_start: Callable[[], None], *, tls: SSLContext | None = None, named: bool = True
    ) -> None:
        config = uvicorn.Config(
            app,
            http=_Protocol,
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

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_start()


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
