"""A server on loopback that misbehaves as it is told, in front of a mock in this process."""

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

from immuta_mock.inprocess import InProcess

ABORT = struct.pack("ii", 1, 0)  # closing sends a reset


@dataclass(frozen=True)
class Misstep:
    """What comes in the place of a proper answer.

    A `status` of None is no answer at all: `cut` breaks off in the middle of one, `slow` stays silent until the server
    ends, `drips` sends it byte by byte without end, else the connection is reset; `done` lets the mock do the request
    first. With `late` it is a proper answer, after so many seconds.
    """

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    slow: bool = False
    drips: bool = False
    done: bool = False
    late: float = 0.0


@dataclass(frozen=True)
class Received:
    """A request as it arrived; `number` counts all of them from 1."""

    number: int
    method: str
    path: str
    headers: dict[str, str]


Trouble = Callable[[Received], Misstep | None]


class Server(ThreadingHTTPServer):
    """`received` are the requests so far; `trouble` may be changed at any time."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, mock: InProcess, trouble: Trouble, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.mock, self.trouble = mock, trouble
        self.received: list[Received] = []
        self.guard = threading.Lock()
        self.ended = threading.Event()
        self.open: set[socket.socket] = set()
        self.tls = tls

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.server_address[1]}"

    def paths(self, method: str) -> list[str]:
        """The paths that requests of the method arrived for."""
        return [each.path for each in self.received if each.method == method]

    def go_away(self) -> None:
        """Stop listening and reset what is open, for good."""
        self.ended.set()
        self.shutdown()
        self.server_close()
        with self.guard:
            for connection in self.open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """In the thread of the connection, so that a handshake holds nobody up."""
        connection = self._secured(request)
        with self.guard:
            self.open.add(connection)
        with suppress(OSError), connection:  # the other side went, or was not let in
            if isinstance(connection, ssl.SSLSocket):
                connection.do_handshake()
            super().finish_request(connection, client_address)

    def _secured(self, request: socket.socket) -> socket.socket:
        if self.tls is None:
            return request
        return self.tls.wrap_socket(request, server_side=True, do_handshake_on_connect=False)

    def arrived(self, handler: BaseHTTPRequestHandler) -> tuple[Received, Misstep | None]:
        with self.guard:
            headers = {name.lower(): value for name, value in handler.headers.items()}
            received = Received(len(self.received) + 1, handler.command, handler.path, headers)
            self.received.append(received)
            return received, self.trouble(received)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle_one_request(self) -> None:
        """As the base class does, whatever the method."""
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        server = cast(Server, self.server)
        received, misstep = server.arrived(self)
        if misstep is not None and misstep.late:
            server.ended.wait(misstep.late)
            misstep = None
        if misstep is None or misstep.done:
            with server.guard:
                answer = server.mock.send(received.method, received.path, received.headers.items(), body or None)
        if misstep is None:
            self._write(*answer)
        elif misstep.status is not None:
            self._write(misstep.status, list(misstep.headers.items()), b"in trouble")
        else:
            self._fail(misstep)

    def _write(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() != "content-length":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _fail(self, misstep: Misstep) -> None:
        if misstep.slow:
            cast(Server, self.server).ended.wait(30)
        if misstep.cut or misstep.drips:
            self.send_response_only(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b'{"cut')
        with suppress(OSError):
            while misstep.drips and not cast(Server, self.server).ended.wait(0.05):
                self.wfile.write(b" ")
        self.close_connection = True
        _reset(self.connection)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def _reset(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
        connection.close()


@contextmanager
def serving(app: Any, trouble: Trouble = lambda _received: None, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """The application behind the misbehaving server."""
    with InProcess(app) as mock:
        server = Server(mock, trouble, tls)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.go_away()
            thread.join(10)
