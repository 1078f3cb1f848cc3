"""Sends requests to an ASGI application in this process, without sockets, as a server would pass them on."""

import asyncio
import weakref
from collections.abc import Iterable
from typing import Any, Self
from urllib.parse import unquote

Message = dict[str, Any]
Headers = Iterable[tuple[str, str]]
Answer = tuple[int, list[tuple[str, str]], bytes]


class InProcess:
    """One application, started, on an event loop of its own; for one thread at a time. Close it when done."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._loop = asyncio.new_event_loop()
        to_lifespan: asyncio.Queue[Message] = asyncio.Queue()
        lifespan = self._loop.run_until_complete(_started(app, to_lifespan))
        self._end = weakref.finalize(self, _stop, self._loop, to_lifespan, lifespan)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, method: str, target: str, headers: Headers = (), body: bytes | None = None) -> Answer:
        """The status, headers and body of the answer; `target` is the path with its query, percent-encoded."""
        return self._loop.run_until_complete(exchange(self._app, method, target, headers, body))

    def close(self) -> None:
        """Stop the application and its event loop."""
        self._end()


async def exchange(app: Any, method: str, target: str, headers: Headers = (), body: bytes | None = None) -> Answer:
    """One request and its whole answer, on the running event loop; as `InProcess.send`."""
    incoming = [{"type": "http.request", "body": body or b"", "more_body": False}]
    start: Message = {}
    parts: list[bytes] = []

    async def receive() -> Message:
        return incoming.pop() if incoming else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        else:
            parts.append(message.get("body", b""))

    await app(_scope(method, target, _encoded(headers, body)), receive, send)
    answered = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"]]
    return start["status"], answered, b"".join(parts)


def _encoded(headers: Headers, body: bytes | None) -> list[tuple[bytes, bytes]]:
    """The headers as a server passes them on, with the length of a body unless that is said otherwise."""
    pairs = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    if body is not None and all(name not in (b"content-length", b"transfer-encoding") for name, _ in pairs):
        pairs.append((b"content-length", str(len(body)).encode()))
    return pairs


async def _started(app: Any, to_lifespan: asyncio.Queue[Message]) -> "asyncio.Task[None]":
    """The lifespan of the application, which runs until it is told to stop."""
    started = asyncio.Event()

    async def send(_message: Message) -> None:
        started.set()

    to_lifespan.put_nowait({"type": "lifespan.startup"})
    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    task: asyncio.Task[None] = asyncio.ensure_future(app(scope, to_lifespan.get, send))
    waiting = asyncio.ensure_future(started.wait())
    await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    return task


def _stop(loop: asyncio.AbstractEventLoop, to_lifespan: asyncio.Queue[Message], lifespan: "asyncio.Task[None]") -> None:
    to_lifespan.put_nowait({"type": "lifespan.shutdown"})
    loop.run_until_complete(asyncio.wait([lifespan], timeout=10))
    loop.close()


def _scope(method: str, target: str, headers: list[tuple[bytes, bytes]]) -> Message:
    path, _, query = target.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "root_path": "",
        "headers": headers,
        "server": ("127.0.0.1", 8080),
        "client": None,
    }
