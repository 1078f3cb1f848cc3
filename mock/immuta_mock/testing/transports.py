"""What lets httpx and requests call a mock in this process, with the errors that they raise over a network."""

import http.client
import io
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

import anyio.to_thread
import httpx
import requests
import urllib3

from immuta_mock.inprocess import Answer, Headers

Send = Callable[[str, str, Headers, bytes | None], Future[Answer]]
"""How a request reaches the mock: method, path with query, headers, body.

The answer is a ConnectionResetError or ConnectionAbortedError where a fault has ended the connection before the answer,
or in the middle of it.
"""


class HttpxTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """For `httpx.Client` and, under asyncio or trio, for `httpx.AsyncClient`."""

    def __init__(self, send: Send) -> None:
        self._send = send

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        with self._sent(request) as answer:
            return _response(request, answer.result(_seconds(request)))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        with self._sent(request) as answer:
            waiting = anyio.to_thread.run_sync(answer.result, _seconds(request), abandon_on_cancel=True)
            return _response(request, await waiting)

    @contextmanager
    def _sent(self, request: httpx.Request) -> Iterator[Future[Answer]]:
        """The answer that is on its way, and is given up at the end."""
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw]
        target = request.url.raw_path.decode("latin-1")
        answer = self._send(request.method, target, headers, request.content or None)
        try:
            yield answer
        except TimeoutError:
            raise httpx.ReadTimeout("The read operation timed out", request=request) from None
        except ConnectionResetError as error:
            raise httpx.ReadError(str(error), request=request) from error
        except ConnectionAbortedError as error:
            raise httpx.RemoteProtocolError(str(error), request=request) from error
        finally:
            answer.cancel()


class RequestsAdapter(requests.adapters.HTTPAdapter):
    """For `requests.Session`: mount it where the mock is to answer."""

    def __init__(self, send: Send) -> None:
        super().__init__()
        self._send = send

    def send(self, request: requests.PreparedRequest, *_: Any, timeout: Any = None, **__: Any) -> requests.Response:
        """The answer; all else that requests gives is about sockets."""
        status, headers, body = requested(self._send, request, timeout)
        raw = urllib3.HTTPResponse(
            body=io.BytesIO(body),
            headers=urllib3.HTTPHeaderDict(headers),
            status=status,
            reason=http.client.responses.get(status),
            preload_content=False,
            request_method=request.method,
        )
        return self.build_response(request, raw)


def requested(send: Send, request: requests.PreparedRequest, timeout: Any) -> Answer:
    """The answer to a request of requests; `timeout` as that takes one. Raises what it raises."""
    headers = {"Host": urllib3.util.parse_url(request.url or "").netloc or "", **request.headers}
    sent = [(name, value.decode("latin-1") if isinstance(value, bytes) else value) for name, value in headers.items()]
    answer = send(request.method or "", request.path_url, sent, _read(request.body))
    try:
        return answer.result(timeout[1] if isinstance(timeout, tuple) else timeout)
    except TimeoutError:
        raise requests.ReadTimeout("Read timed out.", request=request) from None
    except ConnectionResetError as error:
        raise requests.ConnectionError(error, request=request) from error
    except ConnectionAbortedError as error:
        raise requests.exceptions.ChunkedEncodingError(error, request=request) from error
    finally:
        answer.cancel()


def _response(request: httpx.Request, answer: Answer) -> httpx.Response:
    status, headers, body = answer
    return httpx.Response(status, headers=headers, content=body, request=request)


def _seconds(request: httpx.Request) -> float | None:
    seconds: float | None = request.extensions.get("timeout", {}).get("read")
    return seconds


def _read(body: Any) -> bytes | None:
    """The bytes of a body: requests takes text, bytes, files and what yields them."""
    if body is None or isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return body.encode()
    parts: Iterable[bytes | str] = (body.read(),) if hasattr(body, "read") else body
    return b"".join(part.encode() if isinstance(part, str) else part for part in parts)
