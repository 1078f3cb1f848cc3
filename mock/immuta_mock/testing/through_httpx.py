"""Intercepts httpx with the package respx."""

import re
from typing import NoReturn

import httpx
import respx

from immuta_mock.testing.transports import HttpxTransport, Send


class through_httpx(respx.MockRouter):  # noqa: N801  # a context manager, like `through_requests`
    """A router of its own kind, since a route cannot tell whether asynchronous code waits for it, and would block that.

    What does not match goes on to the next router; the last lets it pass if nobody else's is there to refuse it.
    """

    def __init__(self, pattern: re.Pattern[str], send: Send) -> None:
        super().__init__(assert_all_called=False)
        self._pattern = pattern
        self._transport = HttpxTransport(send)

    def handler(self, request: httpx.Request) -> httpx.Response:
        return self._transport.handle_request(request) if self._is_ours(request) else self._pass_on(request)

    async def async_handler(self, request: httpx.Request) -> httpx.Response:
        return await self._transport.handle_async_request(request) if self._is_ours(request) else self._pass_on(request)

    def _is_ours(self, request: httpx.Request) -> bool:
        return self._pattern.match(str(request.url)) is not None

    def _pass_on(self, request: httpx.Request) -> NoReturn:
        routers = self.Mocker.routers if self.Mocker is not None else [self]
        if routers[-1] is self and all(isinstance(router, through_httpx) for router in routers):
            raise respx.models.PassThrough("not intercepted", request=request, origin=respx.Route())
        raise respx.models.AllMockedAssertionError(f"RESPX: {request!r} not mocked!")
