"""The way to the target as curl is told it: CA bundle, client certificate, proxy, extra headers."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from immuta_contracts.redaction import PROXY_USER
from immuta_contracts.settings import Settings

HEADER = "IMMUTA_HEADER_"  # begins the variable of a header that no variable was named for


@dataclass(frozen=True)
class Way:
    """Options of curl, and headers that go along with every request; `${VARIABLE}` stands for what may be secret."""

    options: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


DIRECT = Way()


def way(settings: Settings) -> Way:
    """How a run with these settings reaches its target."""
    transport = settings.transport
    names = {value: f"${{{name}}}" for name, value in settings.secrets.items()}
    files = {
        "--cacert": transport.ca_bundle,
        "--cert": transport.client_certificate,
        "--key": transport.client_key,
    }
    named = [(option, str(path)) for option, path in files.items() if path]
    headers = [(name, names.get(value) or _placeholder(name)) for name, value in transport.headers.items()]
    return Way((*named, *_proxy(transport.proxy, names)), tuple(headers))


def _placeholder(header: str) -> str:
    return f"${{{HEADER}{re.sub(r'[^A-Z0-9]', '_', header.upper())}}}"


def _proxy(url: str | None, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The proxy; its user and password, which may stand in the URL, apart."""
    if url is None:
        return
    if url in names:
        yield "--proxy", names[url]
        return
    scheme, _, place = url.rpartition("://")
    user, _, host = place.rpartition("@")
    yield "--proxy", f"{scheme}://{host}"
    if user:
        yield "--proxy-user", f"${{{PROXY_USER}}}"
