"""Who may steer a mock: whoever has the control key, or without one whoever sits at the same machine.

A browser on that machine shows pages of others, too. Those may not: neither by calling from their own address, nor by
one that they have made to mean this machine (DNS rebinding).
"""

import hmac
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from immuta_mock.errors import Refusal

KEY_VARIABLE = "IMMUTA_MOCK_CONTROL_KEY"
KEY_HEADER = "X-Mock-Control-Key"


class ControlKeyMissing(Refusal):
    """There is a control key, and the request has none or another one."""

    status = 401

    def __init__(self) -> None:
        super().__init__(f"The control key of this mock must be provided in the header {KEY_HEADER}.")


class NotFromHere(Refusal):
    """There is no control key, and the request comes from elsewhere."""

    status = 403

    def __init__(self, whence: str) -> None:
        super().__init__(f"The mock is steered from its own machine alone, not {whence}; start it with a control key.")


@dataclass(frozen=True)
class Access:
    """Who may steer: with a key its holders wherever they are, without one the clients on loopback."""

    key: str | None = field(default=None, repr=False)

    def check(self, scope: Mapping[str, Any]) -> None:
        """Raises ControlKeyMissing, NotFromHere."""
        headers = dict(scope["headers"])
        if self.key is None:
            self.check_place(scope)
            _check_page(headers)
        elif not hmac.compare_digest(headers.get(KEY_HEADER.lower().encode(), b""), self.key.encode()):
            raise ControlKeyMissing

    def check_place(self, scope: Mapping[str, Any]) -> None:
        """Whether the console may be shown, which holds nothing to be kept back; raises NotFromHere."""
        if self.key is not None or not scope.get("client"):  # without a client no network lies between
            return
        if not _is_loopback(scope["client"][0]):
            raise NotFromHere(f"from {scope['client'][0]}")
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
        if not _is_no_name(host):
            raise NotFromHere(f"at the address {host}")


LOOPBACK = Access()


def _check_page(headers: Mapping[bytes, bytes]) -> None:
    """Raises NotFromHere for the call of a page that did not come from this server."""
    origin = headers.get(b"origin", b"")
    if origin and origin.partition(b"://")[2] != headers.get(b"host", b""):
        raise NotFromHere(f"by a page of {origin.decode('latin-1')}")
    if headers.get(b"sec-fetch-site", b"none") not in (b"none", b"same-origin"):
        raise NotFromHere("by a page of another site")


def _is_loopback(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def _is_no_name(host: str) -> bool:
    """Whether nobody can make a `Host` mean another machine than it says: an address, localhost, or none at all."""
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    if not name or f".{name.lower().removesuffix('.')}".endswith(".localhost"):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
