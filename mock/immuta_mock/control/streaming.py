"""Answers that go on, as server-sent events: to a bounded number of clients, none of which holds up the server."""

import asyncio
import json
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Protocol, runtime_checkable

from starlette.types import Receive, Scope, Send

from immuta_mock.connection import Connection, connection_of
from immuta_mock.errors import Refusal

MOST_CLIENTS = 16
TICK = 0.2
"""Seconds between two looks for what is new."""
HEARTBEAT = 15.0
"""Seconds of silence after which a comment shows that both sides are there."""
PATIENCE = 30.0
"""Seconds that a client may take to accept an event."""

HEADERS = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no")]


class TooManyFollow(Refusal):
    """As many clients as may follow do so already."""

    status = 429

    def __init__(self, most: int) -> None:
        super().__init__(f"{most} clients follow already, which is the most; end one of them.")


@runtime_checkable
class Feed(Protocol):
    """What there is to follow."""

    async def is_ready(self) -> bool:
        """Whether it can be asked what is new; others may be waited for, and not be there."""

    def news(self) -> Iterable[bytes]:
        """The events since it was last asked."""

    def is_over(self) -> bool:
        """Whether no more will come."""


class Streams:
    """The clients that follow something now."""

    def __init__(self, most: int = MOST_CLIENTS) -> None:
        self._most = most
        self._open = 0

    async def serve(self, feed: Feed, scope: Scope, receive: Receive, send: Send) -> None:
        """Send events until the client or the feed has gone, or the server stops; raises TooManyFollow."""
        if self._open >= self._most:
            raise TooManyFollow(self._most)
        self._open += 1
        try:
            await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
            await _talk(feed, connection_of(scope), receive, send)
        finally:
            self._open -= 1


def event(name: str, data: Any, event_id: str | None = None) -> bytes:
    """One event; JSON has no line ends, so its data is one line."""
    head = f"event: {name}\n" + (f"id: {event_id}\n" if event_id is not None else "")
    return f"{head}data: {json.dumps(data, separators=(',', ':'))}\n\n".encode()


async def _talk(feed: Feed, connection: Connection | None, receive: Receive, send: Send) -> None:
    """A client that takes nothing can hold up its own events alone: they are sent in a task that is given up."""
    tasks = [asyncio.ensure_future(_disconnected(receive)), asyncio.ensure_future(_send_news(feed, send))]
    try:
        while not any(task.done() for task in tasks) and not (connection and connection.is_ending):
            await asyncio.wait(tasks, timeout=TICK, return_when=asyncio.FIRST_COMPLETED)
        if tasks[1].done():
            tasks[1].result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    try:
        async with asyncio.timeout(TICK):
            await send({"type": "http.response.body", "body": b""})
    except TimeoutError:
        if connection:
            connection.reset()
            await _disconnected(receive)


async def _send_news(feed: Feed, send: Send) -> None:
    """Until the feed is over or the client takes nothing any more."""
    last = time.monotonic()
    with suppress(TimeoutError):
        while not feed.is_over():
            with suppress(Refusal):  # who knows what is new is away, and is asked again
                for each in feed.news() if await feed.is_ready() else ():
                    await _send_patiently(send, each)
                    last = time.monotonic()
            if time.monotonic() - last >= HEARTBEAT:
                await _send_patiently(send, b": nothing new\n\n")
                last = time.monotonic()
            await asyncio.sleep(TICK)


async def _send_patiently(send: Send, raw: bytes) -> None:
    """Raises TimeoutError; other requests have their turn before the next event."""
    async with asyncio.timeout(PATIENCE):  # wait_for may lose a cancellation in Python 3.11
        await send({"type": "http.response.body", "body": raw, "more_body": True})
    await asyncio.sleep(0)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
