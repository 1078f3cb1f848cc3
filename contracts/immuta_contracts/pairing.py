"""What two targets of a comparison have in common, so that both can be sent the same."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from immuta_contracts.errors import CannotRun
from immuta_contracts.exchange import Answer, Request
from immuta_contracts.settings import Connection, Prefix, Readable, Settings
from immuta_contracts.target import Target

MODES = ("read", "own", "full")  # the strictest first


class Unlike(CannotRun):
    """The two cannot be sent the same; the text says what stands against it."""


def paired(a: Settings, b: Settings) -> tuple[Settings, Settings]:
    """The settings of both, narrowed to what both allow; of what is no matter of one target, those of A count.

    A connection that one of them pins is that of the other, too; what may be read of others on one is nothing on the
    other, and left out. Raises `Unlike`.
    """
    if a.url is not None and a.url.rstrip("/") == (b.url or "").rstrip("/"):
        raise Unlike(f"{a.url} is compared with itself: name two targets")
    mode = min(a.fence, b.fence, key=MODES.index)
    connector = _connections(a, b)
    shared = {name: getattr(a, name) for name in ("profile", "seed", "only", "overlay", "reports")}
    both: Any = {"mode": mode, "connector": connector, "read": Readable()}
    return replace(a, **both), replace(b, **both, **shared)


def _connections(a: Settings, b: Settings) -> Mapping[Prefix, Connection]:
    if not a.connector or not b.connector:
        return a.connector or b.connector
    common = {prefix: connection for prefix, connection in a.connector.items() if prefix in b.connector}
    if not common:
        raise Unlike(f"no connector is in scope on both: {', '.join(a.connector)} on A, {', '.join(b.connector)} on B")
    for prefix, connection in common.items():
        if connection.metadata and b.connector[prefix].metadata and connection != b.connector[prefix]:
            raise Unlike(f"[connector.{prefix}] is not the same on A and on B: both are sent the same, so pin it alike")
    return {prefix: each if each.metadata else b.connector[prefix] for prefix, each in common.items()}


class Roles:
    """A target with no other roles than another one has as well."""

    def __init__(self, target: Target, other: Target) -> None:
        self._target = target
        self.keys: Mapping[str, str] = {role: key for role, key in target.keys.items() if role in other.keys}

    @property
    def base_url(self) -> str:
        return self._target.base_url

    def send(self, request: Request) -> Answer:
        return self._target.send(request)

    def close(self) -> None:
        self._target.close()
