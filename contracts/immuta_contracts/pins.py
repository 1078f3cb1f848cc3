"""Keeps every create and update to the connectors in scope and to the connections that the target file pins."""

from collections.abc import Iterator, Mapping
from typing import Any

from immuta_contracts.connectors import C5
from immuta_contracts.exchange import NO_JSON, Request, parsed
from immuta_contracts.schemas import schemas_of
from immuta_contracts.settings import REACHING, Connection, Settings
from immuta_contracts.spec import Operation, Routes

WHOLE = ("POST", "/handler"), ("PUT", "/handler/{handlerId}")  # bodies that hold a connection from end to end
PART = ("PUT", "/bulk")


class Pins:
    """What the target file says of connections, held against requests before they are sent."""

    def __init__(self, settings: Settings, routes: Routes) -> None:
        self._settings, self._routes = settings, routes

    def against(self, operation: Operation | None, request: Request) -> str | None:
        """Why a request must not be sent: which setting it goes beyond and how to change that. None: it may be.

        A body that the document calls invalid is there to be refused; it reaches no platform and may be sent.
        """
        if not self._settings.connector or operation is None or operation.connector is None or request.body is None:
            return None
        prefix = operation.connector.prefix
        call = (operation.method, operation.path.removeprefix(f"/{prefix}"))
        if call != PART and call not in WHOLE:
            return None
        body = parsed(request.body)
        if body is NO_JSON or schemas_of(self._routes).body_validity(operation, body) == "invalid":
            return None
        if reason := out_of_scope(self._settings, prefix):
            return reason
        connection = self._settings.connection(prefix)
        if call == PART and any(
            _selects_pinned(connection, part) for part in (body if isinstance(body, list) else [body])
        ):
            return needs_own(prefix, "a connection string of its own", "hostname")
        reasons = (_beyond(connection, prefix, each, whole=call != PART) for each in metadata_in(body))
        return next(filter(None, reasons), None)


def out_of_scope(settings: Settings, prefix: str) -> str | None:
    """Why nothing of a connector is tried, or None when it is."""
    if settings.in_scope(prefix):
        return None
    return f"{prefix} is out of scope: add [connector.{prefix}] to the target file"


def needs_own(prefix: str, what: str, name: str) -> str:
    """The reason of what needs a connection that is not the pinned one."""
    return (
        f"it needs {what}, but [connector.{prefix}] pins the connection: "
        f"add {name!r} to `free` there if the tenant takes any"
    )


def needs_tables(prefix: str, count: int) -> str:
    return f"it needs {count} remote tables: list as many under `tables` in [connector.{prefix}]"


def pinned(connection: Connection, generated: dict[str, Any], *, nth: int = 0) -> dict[str, Any]:
    """Generated metadata with the connection as pinned, and with an allowed table, for the nth of several elements."""
    if not connection.metadata:
        return generated
    kept = {name: value for name, value in generated.items() if not connection.fixes(name)}
    fixed = {name: value for name, value in connection.metadata.items() if name not in kept}
    if connection.tables and kept.keys() & {"table", "query"}:
        kept.pop("query", None)
        fixed["table"] = connection.tables[nth % len(connection.tables)]
    return {**kept, **fixed}


def metadata_in(body: Any) -> Iterator[dict[str, Any]]:
    """The metadata of every handler in a create, update or bulk body."""
    for part in body if isinstance(body, list) else [body]:
        handlers = part.get("handler") if isinstance(part, dict) else None
        for handler in handlers if isinstance(handlers, list) else [handlers]:
            if isinstance(handler, dict) and isinstance(handler.get("metadata"), dict):
                yield handler["metadata"]


def _selects_pinned(connection: Connection, body: Any) -> bool:
    """Whether a bulk update reaches whatever is connected as pinned, for others of the tenant may well be."""
    string = body.get("connectionString") if isinstance(body, dict) else None
    host = connection.metadata.get("hostname", "")
    return connection.fixes("hostname") and isinstance(string, str) and host.lower() in string.lower()


def _beyond(connection: Connection, prefix: str, metadata: dict[str, Any], *, whole: bool) -> str | None:
    """What of the metadata is not as pinned, as a reason; with `whole` nothing may be left out, either."""
    right: Mapping[str, Any] = connection.metadata
    for name in filter(connection.fixes, sorted(REACHING)):
        if name in metadata and not (name in right and _same(metadata[name], right[name])):
            return needs_own(prefix, f"another {name}", name)
        if whole and name in right and name not in metadata:
            return needs_own(prefix, f"a connection without {name}", name)
    if connection.tables and (
        "query" in metadata or metadata.get("table", connection.tables[0]) not in connection.tables
    ):
        return f"it needs a remote table of its own: drop `tables` from [connector.{prefix}] if the tenant takes any"
    return None


def _same(left: object, right: object) -> bool:
    return type(left) is type(right) and left == right


def pinned_connections(settings: Settings) -> set[str]:
    """The connection strings of the pinned connections."""
    metadata = {prefix: connection.metadata for prefix, connection in settings.connector.items() if connection.metadata}
    return {each.connection_string(metadata[each.prefix]) for each in C5 if each.prefix in metadata}
