"""Opens connections to a target as a `Transport` says: its own CA, a client certificate, a proxy."""

import ssl
from pathlib import Path
from typing import Any

import urllib3

from immuta_contracts.errors import CannotRun
from immuta_contracts.settings import Transport

Pool = urllib3.HTTPConnectionPool
DIRECT = Transport()


class BadTransport(CannotRun):
    """What was given to reach a tenant with cannot be used; the text says what is wrong with it."""


def connection_pool(url: str, transport: Transport, *, timeout: urllib3.Timeout) -> Pool:
    """Connections to the host of a URL, opened when they are needed. Raises `BadTransport`."""
    options: dict[str, Any] = {"timeout": timeout, "retries": False, "maxsize": 4, "block": False}
    context = _context(transport)  # which says what of it cannot be used, needed or not
    if url.startswith("https"):
        options["ssl_context"] = context
    if transport.proxy is None:
        return urllib3.PoolManager(**options).connection_from_url(url)
    return _proxied(transport.proxy, options).connection_from_url(url)


def _proxied(proxy: str, options: dict[str, Any]) -> urllib3.ProxyManager:
    """A way through a proxy, whose user and password stand in its URL."""
    try:
        parsed = urllib3.util.parse_url(proxy)
    except urllib3.exceptions.LocationParseError:
        parsed = urllib3.util.Url()
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise BadTransport("the proxy is no http or https URL; give it like http://user:password@proxy.example:3128")
    headers = urllib3.make_headers(proxy_basic_auth=parsed.auth) if parsed.auth else None
    return urllib3.ProxyManager(
        parsed._replace(auth=None).url,
        proxy_headers=headers,
        **options,
    )


def _context(transport: Transport) -> ssl.SSLContext:
    """TLS that trusts the CA bundle (else what the system trusts), and shows the client certificate."""
    context = _trusting(transport.ca_bundle)
    certificate = transport.client_certificate
    if certificate is not None:
        try:
            context.load_cert_chain(certificate, transport.client_key, password="")  # "": never asks at the terminal
        except (OSError, ssl.SSLError) as error:
            raise BadTransport(
                f"{certificate} is no client certificate with its key, unencrypted, as PEM: {error}"
            ) from error
    return context


def _trusting(bundle: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=bundle)
    except (OSError, ssl.SSLError) as error:
        raise BadTransport(f"{bundle} is no bundle of CA certificates as PEM: {error}") from error
