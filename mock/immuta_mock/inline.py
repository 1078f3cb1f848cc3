"""Calls the Flask application in the event loop itself, where a thread for each request would cost more than its work.

Only a call that may wait gets a thread of its own, a daemon, so that no waiting call holds up another or the exit.
"""

import asyncio
import contextvars
import io
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import Any

from starlette.types import Receive, Scope, Send

Headers = list[tuple[bytes, bytes]]
Finished = tuple[int, Headers, bytes]
WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class InlineWsgi:
    """An ASGI application made of a WSGI one that needs no request body; `may_wait` tells which calls may take long."""

    def __init__(self, app: WsgiApp, *, may_wait: Callable[[Scope], bool]) -> None:
        self.app = app
        self._may_wait = may_wait

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "http":
            environ = _environ(scope)
            waits = self._may_wait(scope)
            status, headers, body = await _in_a_thread(self._run, environ) if waits else self._run(environ)
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": body})
        else:
            await send({"type": "websocket.close", "code": 1000})

    def _run(self, environ: dict[str, Any]) -> Finished:
        started: list[tuple[int, Headers]] = []

        def start_response(status: str, headers: list[tuple[str, str]], *_exc_info: Any) -> None:
            pairs = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
            started.append((int(status[:3]), pairs))

        parts = self.app(environ, start_response)
        try:
            body = b"".join(parts)
        finally:
            getattr(parts, "close", lambda: None)()
        return *started[-1], body


def _environ(scope: Scope) -> dict[str, Any]:
    """The WSGI environment of a request that was read already, so that Flask has nothing left to trip over."""
    return {
        "asgi.scope": scope,  # where Connexion looks for its own
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"],
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


async def _in_a_thread(function: Callable[[dict[str, Any]], Finished], environ: dict[str, Any]) -> Finished:
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Finished] = loop.create_future()
    context = contextvars.copy_context()

    def settle(outcome: Callable[[], None]) -> None:
        """Unless the caller or the whole server has gone away meanwhile."""
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(lambda: None if done.done() else outcome())

    def work() -> None:
        try:
            result = context.run(function, environ)
            settle(lambda: done.set_result(result))
        except Exception as error:
            settle(partial(done.set_exception, error))

    threading.Thread(target=work, daemon=True, name="waiting call").start()
    return await done


async def _live(receive: Receive, send: Send) -> None:
    """The start and the end of the server, which this application takes no notice of."""
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})
