"""Calls the Flask application in the event loop itself, where a thread for each request would cost more than its work.

Only a call that may wait gets a thread of its own, a daemon, so that no waiting call holds up another or the exit.
"""

import asyncio
import contextvars
import io
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from flask import Response
from starlette.types import Receive, Scope, Send

from immuta_mock.views import Views

_NOTHING = io.BytesIO()


class Inline:
    """An ASGI application made of a Flask one that needs no request body; `may_wait` tells what may take long."""

    def __init__(self, app: Views, *, may_wait: Callable[[Scope], bool]) -> None:
        self.app = app
        self._may_wait = may_wait

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "http":
            response = await _in_a_thread(self._answer, scope) if self._may_wait(scope) else self._answer(scope)
            headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]
            await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
            await send({"type": "http.response.body", "body": response.get_data()})
        else:
            await send({"type": "websocket.close", "code": 1000})

    def _answer(self, scope: Scope) -> Response:
        with self.app.request_context(_environ(scope)):
            return self.app.dispatch_request()


def _environ(scope: Scope) -> dict[str, Any]:
    """The WSGI environment of a request that was read already, so that Flask has nothing left to trip over."""
    return {
        "asgi.scope": scope,
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["raw_path"].decode("latin-1"),
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": _NOTHING,
    }


async def _in_a_thread(function: Callable[[Scope], Response], scope: Scope) -> Response:
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Response] = loop.create_future()
    context = contextvars.copy_context()

    def settle(outcome: Callable[[], None]) -> None:
        """Unless the caller or the whole server has gone away meanwhile."""
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(lambda: None if done.done() else outcome())

    def work() -> None:
        try:
            result = context.run(function, scope)
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
