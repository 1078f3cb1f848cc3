"""Writes down each request with its answer."""

import time
from datetime import datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from immuta_mock.call import call_of
from immuta_mock.journal.entries import Entry, user_of
from immuta_mock.tenants import tenant_of


class Journaling:
    """ASGI layer between the router and all that may change an answer, so that it sees what the client sees."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        tenant = tenant_of(scope)
        sent: list[Message] = []
        at, begun = tenant.store.clock(), time.perf_counter()

        async def watched_send(message: Message) -> None:
            sent.append(message)
            await send(message)

        try:
            await self.app(scope, receive, watched_send)
        finally:
            tenant.journal.add(_entry(scope, sent, at, time.perf_counter() - begun))


def _entry(scope: Scope, sent: list[Message], at: datetime, seconds: float) -> Entry:
    head: Message = sent[0] if sent else {}
    return Entry(
        at=at,
        seconds=seconds,
        call=call_of(scope),
        user=user_of(scope),
        method=scope["method"],
        path=scope["raw_path"].decode("latin-1"),
        query=scope["query_string"].decode("latin-1"),
        headers=scope["headers"],
        status=head.get("status", 0),
        answer_headers=head.get("headers", ()),
        answer=b"".join([message.get("body", b"") for message in sent[1:]]),
    )
