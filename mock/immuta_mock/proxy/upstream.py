"""The tenant behind the proxy: sends it a request byte for byte, and reads its answer whole."""

import ssl
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from immuta_mock.documents import SpecError
from immuta_mock.proxy.refusals import TimedOut, Unreachable

Headers = list[tuple[bytes, bytes]]

OF_ONE_CONNECTION = frozenset({
    b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection", b"te", b"trailer",
    b"transfer-encoding", b"upgrade",
})  # fmt: skip
"""Headers that are not for whoever is behind the next one (RFC 9110, 7.6.1)."""

SAID_ANEW = frozenset({b"host", b"content-length", b"accept-encoding", b"expect"})
"""Headers of a request that the proxy writes itself, or has obeyed already."""

IDLE_SECONDS = 2  # shorter than servers keep a connection open, so that none is used that the tenant is closing


@dataclass(frozen=True)
class Answer:
    """`raw` is the body as it was sent, `body` what it says where it is compressed nevertheless."""

    status: int
    headers: Headers = field(repr=False)
    raw: bytes = field(repr=False)
    body: bytes = field(repr=False)


class Upstream:
    """One tenant, by the URL of its root."""

    def __init__(self, url: str, *, timeout: float, ca_bundle: str | None = None) -> None:
        """Raises SpecError for what is no URL of a tenant, and for a bundle that cannot be read."""
        self.url = _checked(url)
        self._base = urlsplit(self.url).path.encode()
        self._seconds = timeout
        self._client = httpx.AsyncClient(
            verify=_trusting(ca_bundle) if ca_bundle else True,
            timeout=timeout,
            limits=httpx.Limits(max_connections=None, keepalive_expiry=IDLE_SECONDS),
        )

    async def send(self, method: str, target: bytes, headers: Headers, body: bytes) -> Answer:
        """The answer to a request; `target` is the path with its query. Raises `Unreachable`, `TimedOut`."""
        asked = [*passed_on(headers, SAID_ANEW), (b"accept-encoding", b"identity")]
        extensions = {"target": self._base + target}  # what httpx would make of the URL is not what the client wrote
        try:
            request = httpx.Request(method, self.url, headers=asked, content=body, extensions=extensions)
            response = await self._client.send(request, stream=True)
            try:
                raw = b"".join([part async for part in response.aiter_raw()])
            finally:
                await response.aclose()
        except httpx.TimeoutException:
            raise TimedOut(self.url, self._seconds) from None
        except httpx.HTTPError as error:
            raise Unreachable(self.url, str(error).rstrip(".") or type(error).__name__) from None
        return Answer(response.status_code, response.headers.raw, raw, _decoded(response, raw))

    async def close(self) -> None:
        """Give up the connections."""
        await self._client.aclose()


def passed_on(headers: Iterable[tuple[bytes, bytes]], besides: frozenset[bytes] = frozenset()) -> Headers:
    """The headers that go further: all but those of one connection, those it names as such, and those `besides`."""
    pairs = [(name.lower(), value) for name, value in headers]
    named = {part.strip().lower() for name, value in pairs if name == b"connection" for part in value.split(b",")}
    return [(name, value) for name, value in pairs if name not in OF_ONE_CONNECTION | besides | named]


def _decoded(response: httpx.Response, raw: bytes) -> bytes:
    """The body without its compression, or as it is where that cannot be undone."""
    try:
        return httpx.Response(response.status_code, headers=response.headers, content=raw).content
    except httpx.DecodingError:
        return raw


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if not good or not url.isascii() or not url.isprintable() or " " in url:
        raise SpecError("--to is no URL of a tenant; give one like https://acme.immuta.example")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise SpecError("--to holds credentials, a query or a fragment; give the URL of the tenant alone")
    return url.rstrip("/")


def _trusting(bundle: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=bundle)
    except OSError as error:
        reason = "it holds no certificate" if isinstance(error, ssl.SSLError) else error.strerror
        raise SpecError(f"--ca-bundle {bundle} cannot be used: {reason}; name a file of PEM certificates") from None
