"""Who may steer a mock: whoever has the control key, or without one whoever sits at the same machine."""

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
        if self.key is not None:
            if not hmac.compare_digest(headers.get(KEY_HEADER.lower().encode(), b""), self.key.encode()):
                raise ControlKeyMissing
            return
        host = (scope.get("client") or ("127.0.0.1",))[0]  # without a client no network lies between
        if not _is_loopback(host):
            raise NotFromHere(f"from {host}")
        origin = headers.get(b"origin", b"")
        if origin and origin.partition(b"://")[2] != headers.get(b"host", b""):
            raise NotFromHere(f"by a page of {origin.decode('latin-1')}")


LOOPBACK = Access()


def _is_loopback(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback
