"""Writes down each request with its answer."""

import logging
import time
from collections.abc import Awaitable
from datetime import datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from immuta_mock.call import call_of
from immuta_mock.errors import Refusal
from immuta_mock.journal.entries import Entry, user_of
from immuta_mock.tenants import tenant_of

logger = logging.getLogger(__name__)


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
        written = False
        at, begun = tenant.store.clock(), time.perf_counter()

        async def watched_send(message: Message) -> None:
            sent.append(message)
            if len(sent) > 1 and not message.get("more_body", False):  # who has the answer finds it in the journal
                await write()
            await send(message)

        async def write() -> None:
            nonlocal written
            written = True
            added = tenant.journal.add(_entry(scope, sent, at, time.perf_counter() - begun))
            if added is not None:
                await _waited(added)

        try:
            await self.app(scope, receive, watched_send)
        finally:
            if not written:
                await write()


async def _waited(added: Awaitable[None]) -> None:
    """What has happened is answered, even where it cannot be written down."""
    try:
        await added
    except Refusal as refusal:
        logger.warning("an entry of the journal is lost: %s", refusal)


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
