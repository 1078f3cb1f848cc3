"""The connection that a request came by, so that a fault can break it off."""

import socket
import struct
from typing import Any, Protocol

from starlette.types import Receive, Scope

STATE = "immuta_mock.connection"
_NO_LINGERING = struct.pack("ii", 1, 0)


class Transport(Protocol):
    """What is asked of a transport of asyncio, or of one that stands before it."""

    def is_closing(self) -> bool: ...

    def close(self) -> None: ...

    def abort(self) -> None: ...

    def get_extra_info(self, name: str) -> Any: ...


class Connection:
    """One connection of a server."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.is_ending = False
        """Whether it is kept for the answers under way alone: the server stops, or the client has said its last."""

    @property
    def is_closing(self) -> bool:
        """Whether one side has ended it."""
        return self._transport.is_closing()

    def close(self) -> None:
        """End it once what was written is sent."""
        self._transport.close()

    def reset(self) -> None:
        """End it at once, so that the other side sees a reset."""
        found = self._transport.get_extra_info("socket")
        if found is not None:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGERING)
        self._transport.abort()


def connection_of(scope: Scope) -> Connection | None:
    """The connection of a request; None in process."""
    found: Connection | None = scope.get("state", {}).get(STATE)
    return found


async def break_off(scope: Scope, receive: Receive, error: ConnectionError) -> None:
    """End the connection of a request as the error says; in process, where there is none, raise the error."""
    connection = connection_of(scope)
    if connection is None:
        raise error
    if isinstance(error, ConnectionResetError):
        connection.reset()
    else:
        connection.close()
    while (await receive())["type"] != "http.disconnect":
        pass
