"""Intercepts httpx where its clients meet the network.

The package respx would be the obvious way, but its routes cannot tell whether asynchronous code waits for them (and a
fault that waits would block it), and while one is open nothing else can be called through a proxy (respx 0.23).
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import httpx

from immuta_mock.testing.transports import HttpxTransport, Send


@contextmanager
def through_httpx(pattern: re.Pattern[str], send: Send) -> Iterator[None]:
    """What does not match goes on to whatever was there before, the network or another mock."""
    transport = HttpxTransport(send)
    before, before_async = httpx.HTTPTransport.handle_request, httpx.AsyncHTTPTransport.handle_async_request

    def handle(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        return transport.handle_request(request) if pattern.match(str(request.url)) else before(self, request)

    async def handle_async(self: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        if pattern.match(str(request.url)):
            return await transport.handle_async_request(request)
        return await before_async(self, request)

    with (
        patch.object(httpx.HTTPTransport, "handle_request", handle),
        patch.object(httpx.AsyncHTTPTransport, "handle_async_request", handle_async),
    ):
        yield
