"""Planted defects of what a bulk update does to the data sources it reaches: BULK-3 and BULK-7."""

from collections.abc import Callable
from dataclasses import replace as changed
from typing import Any

from immuta_mock import Store
from immuta_mock.connectors import Connector
from immuta_mock.store import BulkUpdate, DataSource
from immuta_mock.users import User
from planting import Reply, Seen, Wire, in_store, on_wire, replace
from planting_handlers import Bulk, Json, is_bulk, metadata_of, refused

# BULK-3 and BULK-7


def merging(store: Store, merge: Callable[[DataSource, Json, DataSource], Json], *prefixes: str) -> None:
    """After a bulk update, give each data source reached the metadata `merge(before, given, after)`."""

    def wrap(bulk: Bulk) -> Bulk:
        def defective(user: User, connector: Connector, body: Json) -> BulkUpdate:
            state = store._state
            before = dict(state.data_sources)
            outcome = bulk(user, connector, body)
            for source in list(state.data_sources.values()):
                if source is not before[source.id] and (not prefixes or connector.prefix in prefixes):
                    merged = merge(before[source.id], body["handler"]["metadata"], source)
                    state.put(changed(source, metadata=merged))
            return outcome

        return defective

    replace(store, "bulk_update", wrap)


@in_store("BULK-3")
def bulk_replaces_whole(store: Store) -> None:
    """A bulk update drops the optional fields it does not name, on Azure Synapse Analytics."""
    needed = ("hostname", "database", "table", "query", "port", "username")

    def merge(_: DataSource, given: Json, after: DataSource) -> Json:
        return {k: v for k, v in after.metadata.items() if k in given or k in needed}

    merging(store, merge, "asa")


@in_store("BULK-3")
def bulk_merges_nested_objects(store: Store) -> None:
    """An object given in a bulk update is merged into the one that was there."""

    def merge(before: DataSource, _: Json, after: DataSource) -> Json:
        old = before.metadata
        return {
            k: {**old[k], **v} if isinstance(v, dict) and isinstance(old.get(k), dict) else v
            for k, v in after.metadata.items()
        }

    merging(store, merge)


@in_store("BULK-3")
def bulk_appends_user_files(store: Store) -> None:
    """A certificate given in a bulk update is added to those that are there."""

    def merge(before: DataSource, given: Json, after: DataSource) -> Json:
        files = [*before.metadata.get("userFiles", []), *given.get("userFiles", [])]
        return {**after.metadata, "userFiles": files} if "userFiles" in given else dict(after.metadata)

    merging(store, merge)


@in_store("BULK-3")
def bulk_takes_null_for_not_given(store: Store) -> None:
    """A field that is null in a bulk update stays as it was."""

    def merge(before: DataSource, given: Json, after: DataSource) -> Json:
        nulls = {k: before.metadata[k] for k, v in given.items() if v is None and k in before.metadata}
        return {**after.metadata, **nulls}

    merging(store, merge)


@in_store("BULK-3")
def bulk_gives_all_the_table_of_the_first(store: Store) -> None:
    """The data sources reached end up on one table, on Snowflake."""
    tables: list[Any] = []

    def merge(before: DataSource, _: Json, after: DataSource) -> Json:
        tables.append(before.metadata.get("table"))
        return {**after.metadata, "table": tables[0]} if tables[0] else dict(after.metadata)

    merging(store, merge, "snowflake")


@in_store("BULK-3")
def bulk_costs_the_dictionary(store: Store) -> None:
    """A bulk update without columns takes the dictionaries away, on Trino."""

    def wrap(bulk: Bulk) -> Bulk:
        def defective(user: User, connector: Connector, body: Json) -> BulkUpdate:
            before = dict(store._state.data_sources)
            outcome = bulk(user, connector, body)
            for source in list(store._state.data_sources.values()):
                if source is not before[source.id] and "columns" not in body["handler"]["metadata"]:
                    store._state.put(changed(source, dictionary=None))
            return outcome

        return defective

    replace(store, "bulk_update", wrap)


@in_store("BULK-7")
def a_certificate_is_not_added(store: Store) -> None:
    """A bulk update replaces user files and adds none where there were none, on Redshift."""

    def merge(before: DataSource, given: Json, after: DataSource) -> Json:
        dropped = "userFiles" in given and "userFiles" not in before.metadata
        return {k: v for k, v in after.metadata.items() if k != "userFiles" or not dropped}

    merging(store, merge, "redshift")


@on_wire("BULK-7")
class DatabaseCannotBeChanged(Wire):
    """A bulk update leaves the database out, on Snowflake."""

    def request(self, seen: Seen) -> None:
        if is_bulk(seen, "snowflake"):
            metadata_of(seen).pop("database", None)


@on_wire("BULK-7")
class TextForSslRefused(Wire):
    """A bulk update on Databricks does not take `ssl` as a string."""

    def request(self, seen: Seen) -> Reply | None:
        if is_bulk(seen, "databricks") and isinstance(metadata_of(seen).get("ssl"), str):
            return refused(400, "Bad request: handler.metadata.ssl is not a boolean.")
        return None
