"""What the planted defects of updates, bulk updates and jobs share: which request it is, and writes on their way."""

from collections.abc import Callable
from dataclasses import replace as changed
from typing import Any

from immuta_mock import Store
from immuta_mock.connectors import Connector
from immuta_mock.store import BulkUpdate, DataSource
from immuta_mock.users import User
from planting import Reply, Seen, replace

Json = dict[str, Any]
Update = Callable[[User, Connector, int, Json], DataSource]
Bulk = Callable[[User, Connector, Json], BulkUpdate]


def is_update(seen: Seen, *prefixes: str) -> bool:
    """Whether the request updates a handler, of one of these connectors if any are named."""
    parts = seen.path.split("/")
    return seen.method == "PUT" and parts[2:3] == ["handler"] and len(parts) == 4 and _one_of(parts[1], prefixes)


def is_bulk(seen: Seen, *prefixes: str) -> bool:
    """Whether the request is a bulk update, of one of these connectors if any are named."""
    parts = seen.path.split("/")
    return seen.method == "PUT" and parts[2:] == ["bulk"] and _one_of(parts[1], prefixes)


def _one_of(prefix: str, prefixes: tuple[str, ...]) -> bool:
    return not prefixes or prefix in prefixes


def body_of(seen: Seen) -> Json:
    """The body if it is an object; changes in it are sent on. An empty one stands for any other body."""
    return seen.json if isinstance(seen.json, dict) else {}


def metadata_of(seen: Seen) -> Json:
    """The metadata in a body that is an object; changes in them are sent on. Empty ones stand for any others."""
    handler = body_of(seen).get("handler")
    metadata = handler.get("metadata") if isinstance(handler, dict) else None
    return metadata if isinstance(metadata, dict) else {}


def refused(status: int, message: str) -> Reply:
    """An error in the one shape that errors have."""
    phrases = {400: "Bad Request", 404: "Not Found", 422: "Unprocessable Entity"}
    return Reply(status, {"statusCode": status, "error": phrases[status], "message": message})


def rewriting(store: Store, rewrite: Callable[[DataSource, Json], Json], *prefixes: str) -> None:
    """Let updates write `rewrite(data source before, metadata sent)` in place of the metadata sent."""

    def wrap(update: Update) -> Update:
        def defective(user: User, connector: Connector, handler_id: int, body: Json) -> DataSource:
            metadata = body["handler"]["metadata"]
            if _one_of(connector.prefix, prefixes):
                metadata = rewrite(store.get_handler(connector, handler_id), metadata)
            return update(user, connector, handler_id, {**body, "handler": {"metadata": metadata}})

        return defective

    replace(store, "update_handler", wrap)


def selecting(store: Store, select: Callable[[Connector, DataSource, str], bool], *prefixes: str) -> None:
    """Let bulk updates by connection string reach the data sources for which `select` says so.

    The answer echoes the string asked for where none is selected.
    """

    def wrap(bulk: Bulk) -> Bulk:
        def defective(user: User, connector: Connector, body: Json) -> BulkUpdate:
            if "connectionString" not in body or not _one_of(connector.prefix, prefixes):
                return bulk(user, connector, body)
            string, sources = body["connectionString"], list(store._state.data_sources.values())
            found = [source for source in sources if select(connector, source, string)]
            if found:
                return by_ids(bulk, user, found, body)
            return changed(bulk(user, connector, {**body, "connectionString": ""}), connection_string=string)

        return defective

    replace(store, "bulk_update", wrap)


def by_ids(bulk: Bulk, user: User, sources: list[DataSource], body: Json) -> BulkUpdate:
    """One bulk update of these data sources, whatever their connectors: the last outcome, counting them all."""
    ids: dict[Connector, list[int]] = {}
    for source in sources:
        ids.setdefault(source.connector, []).append(source.id)
    outcomes = [bulk(user, connector, {"handler": body["handler"], "ids": each}) for connector, each in ids.items()]
    return BulkUpdate(outcomes[-1].bulk_id, outcomes[-1].connection_string, len(sources))
