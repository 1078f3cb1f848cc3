"""How bytes become requests: uvicorn's protocols, with bounds on what comes before a body."""

import asyncio
from typing import Any

import httptools
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from immuta_mock import errors
from immuta_mock.connection import STATE, Connection
from immuta_mock.error_mapping import encoded

LONGEST_HEAD = 64 * 1024  # bytes of a request's path and headers


class Gathering:
    """A transport that sends in one go what was written before an answer is complete, or in one turn of the loop.

    uvicorn writes head and body of an answer one by one, and each write is a call of the system that wakes the client.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._written: list[bytes] = []

    def write(self, data: bytes) -> None:
        """Send it soon."""
        if not self._written:
            self._loop.call_soon(self.flush)
        self._written.append(data)

    def flush(self) -> None:
        """Send now what was written, unless the client has gone away since then."""
        written, self._written = self._written, []
        if written and not self._transport.is_closing():
            self._transport.write(b"".join(written))

    def close(self) -> None:
        """End the connection once all is sent."""
        self.flush()
        self._transport.close()

    def abort(self) -> None:
        """End it at once."""
        self._written.clear()
        self._transport.abort()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class Patient(asyncio.Protocol):
    """What the protocols have in common beside uvicorn's part, which stands behind this one.

    A client that says it will send no more still gets the answers to what it has sent whole.
    """

    transport: Gathering
    loop: asyncio.AbstractEventLoop
    app_state: dict[str, Any]
    scheme: Any
    cycle: Any  # the latest request with its answer, None before the first

    def connection_made(self, transport: asyncio.Transport | Gathering) -> None:  # type: ignore[override]  # narrower
        gathering = transport if isinstance(transport, Gathering) else Gathering(transport, self.loop)
        super().connection_made(gathering)  # type: ignore[arg-type]  # it does what a transport does
        self.app_state = {**self.app_state, STATE: Connection(gathering)}
        self._idle_since = self.loop.time()

    def eof_received(self) -> bool:
        """Whether the connection stays; TLS knows no half of one."""
        self.shutdown()
        return self.scheme == "http" and not (self._is_idle() or self.cycle.more_body)

    def shutdown(self) -> None:
        self.app_state[STATE].is_ending = True
        super().shutdown()  # type: ignore[misc]  # uvicorn's

    def on_response_complete(self) -> None:
        self.transport.flush()
        self._idle_since = self.loop.time()
        super().on_response_complete()  # type: ignore[misc]  # uvicorn's

    def send_400_response(self, _msg: str) -> None:
        """Answer what is no HTTP in the one shape, too."""
        head = b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: "
        body = encoded(errors.body(errors.BadRequest("the request is not valid HTTP")))
        self.transport.write(head + str(len(body)).encode() + b"\r\n\r\n" + body)
        self.transport.close()

    def close_if_idle_since(self, moment: float) -> None:
        """End the connection if no request has come by it since then, whole up to its body."""
        if self._is_idle() and self._idle_since < moment:
            self.transport.close()

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete


class Slow(Patient, H11Protocol):  # type: ignore[misc]  # uvicorn keeps no half of a connection
    """For requests that offer an upgrade, as Java's do: uvicorn's faster protocol loses their bodies."""


class Protocol(Patient, HttpToolsProtocol):  # type: ignore[misc]  # as above
    """uvicorn's faster protocol, with a bound on what it reads beside bodies."""

    _head = 0
    """Bytes of path and headers of the request that is being read."""
    _kept = 0
    """Bytes since the parser last had something to tell, such as a header that does not end."""

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        self._kept += len(data)
        try:
            self.parser.feed_data(data)
            if self._kept > LONGEST_HEAD:
                self.send_400_response("")
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

    def on_body(self, body: bytes) -> None:
        self._kept = 0
        super().on_body(body)

    def _should_upgrade(self) -> bool:
        return True  # whatever is offered: the request is read again below

    def _measure(self, part: bytes) -> None:
        self._head += len(part)
        self._kept = 0
        if self._head > LONGEST_HEAD:
            raise ValueError("the head of the request is too long")  # which the parser takes for no HTTP

    def _hand_over(self, rest: bytes) -> None:
        """Let the slower protocol read the request from its start on."""
        head = [self.scope["method"].encode(), b" ", self.url, b" HTTP/1.1\r\n"]
        head += [part for name, value in self.scope["headers"] for part in (name, b": ", value, b"\r\n")]
        self.connections.discard(self)
        slow = Slow(self.config, self.server_state, self.app_state)
        slow.connection_made(self.transport)
        self.transport.set_protocol(slow)
        slow.data_received(b"".join([*head, b"\r\n", rest]))
