"""The proxy as an ASGI application: admits a request, forwards it, shows the exchange to the watch, passes it back."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from immuta_mock import body
from immuta_mock.call import Call
from immuta_mock.error_mapping import ErrorMapping
from immuta_mock.errors import BadRequest, Refusal
from immuta_mock.journal.entries import Entry, header
from immuta_mock.proxy.refusals import ReadOnly, TimedOut, Unreachable
from immuta_mock.proxy.upstream import Answer, Upstream, passed_on
from immuta_mock.proxy.watching import Watch
from immuta_mock.routing import Routes

MAX_BODY = 64 * 1024 * 1024
"""Bytes of a request body; more than a tenant takes, so that it is the tenant who refuses."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
READING = frozenset({"authenticate", "getJobStatuses"})
"""Operations that change nothing, though their method may."""
OVERRIDES = frozenset({b"x-http-method-override", b"x-http-method", b"x-method-override"})
"""Headers by which a request of one method asks to be taken for another."""


def proxy(upstream: Upstream, watch: Watch, *, allow_writes: bool = False) -> ASGIApp:
    """The application; it answers what goes wrong in the shape of the API's errors."""

    @asynccontextmanager
    async def life(_: Any) -> AsyncIterator[None]:
        yield
        await upstream.close()

    forwarding = Forwarding(upstream, watch, allow_writes=allow_writes)
    return Router(default=ErrorMapping(forwarding), redirect_slashes=False, lifespan=life)


class Forwarding:
    """Forwards each request to one tenant."""

    def __init__(self, upstream: Upstream, watch: Watch, *, allow_writes: bool) -> None:
        self._upstream = upstream
        self._watch = watch
        self._routes = Routes(watch.operations)
        self._allow_writes = allow_writes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        call, path_values = self._opened(scope)
        self._admit(scope, call)
        call.body = await body.read(receive, MAX_BODY, header(scope["headers"], b"content-length"))
        at, begun = datetime.now(UTC), time.perf_counter()
        answer = await self._answer(scope, call.body)
        self._watch.saw(_entry(scope, call, answer, at, time.perf_counter() - begun), path_values)
        headers = passed_on(answer.headers)
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.raw})

    def _opened(self, scope: Scope) -> tuple[Call, dict[str, str]]:
        if not scope["raw_path"].startswith(b"/"):
            raise BadRequest("the target of the request is no path; name the proxy as the host of the URL")
        try:
            checks, path_values = self._routes.find(scope["method"], scope["raw_path"])
        except Refusal as refusal:
            return Call(None, refusal), {}
        return Call(checks), path_values

    def _admit(self, scope: Scope, call: Call) -> None:
        reading = scope["method"] in SAFE_METHODS and not any(name in OVERRIDES for name, _ in scope["headers"])
        if not (self._allow_writes or reading or (call.checks and call.checks.operation_id in READING)):
            self._watch.totals.kept_back += 1
            raise ReadOnly(scope["method"], scope["raw_path"].decode("latin-1"))

    async def _answer(self, scope: Scope, content: bytes) -> Answer:
        query = b"?" + scope["query_string"] if scope["query_string"] else b""
        try:
            return await self._upstream.send(scope["method"], scope["raw_path"] + query, scope["headers"], content)
        except (Unreachable, TimedOut):
            self._watch.totals.unanswered += 1
            raise


def _entry(scope: Scope, call: Call, answer: Answer, at: datetime, seconds: float) -> Entry:
    return Entry(
        at=at,
        seconds=seconds,
        call=call,
        user=None,
        method=scope["method"],
        path=scope["raw_path"].decode("latin-1"),
        query=scope["query_string"].decode("latin-1"),
        headers=scope["headers"],
        status=answer.status,
        answer_headers=[(name.lower(), value) for name, value in answer.headers],
        answer=answer.body,
    )
