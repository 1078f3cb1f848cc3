"""Answers the calls that unchanged code makes through requests or httpx to a URL; all others go where they went."""

import re
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from urllib.parse import urlsplit

from immuta_mock.inprocess import Answer, Headers
from immuta_mock.testing.through_httpx import through_httpx
from immuta_mock.testing.transports import Send

PORTS = {"http": 80, "https": 443}


class MissingExtra(Exception):
    """A package that intercepting needs is not installed; the text says how to install it."""


@contextmanager
def intercepted(url: str, send: Send) -> Iterator[None]:
    """As long as it is open, `send` answers what requests and httpx send to a URL and below it.

    Opened inside of another mock, such as one of responses, it leaves that what lies elsewhere.
    Raises ValueError for what is no http or https URL, and MissingExtra.
    """
    pattern, inside = _below(url), _without(urlsplit(url).path.rstrip("/"), send)
    try:
        from immuta_mock.testing.through_requests import through_requests
    except ImportError:
        line = "intercept() needs the package responses: pip install 'immuta-contract-kit[intercept]'"
        raise MissingExtra(line) from None
    with through_requests(pattern, inside), through_httpx(pattern, inside):
        yield


def _below(url: str) -> re.Pattern[str]:
    """Matches what lies at a URL or below it, with the default port or without."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"{url!r} is no http or https URL; give the address of a tenant like https://acme.example")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    default = PORTS[parts.scheme]
    port = f"(?::{default})?" if parts.port in (None, default) else f":{parts.port}"
    path = re.escape(parts.path.rstrip("/"))
    return re.compile(rf"(?i:{parts.scheme}://{re.escape(host)}){port}{path}(?=[/?#]|\Z)")


def _without(prefix: str, send: Send) -> Send:
    """Sends what lies below a path as if it lay at the root."""

    def inside(method: str, target: str, headers: Headers, body: bytes | None) -> Future[Answer]:
        below = target[len(prefix) :]
        return send(method, below if below.startswith("/") else f"/{below}", headers, body)

    return inside
