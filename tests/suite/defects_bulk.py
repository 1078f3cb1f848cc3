"""Planted defects of what a bulk update reaches: BULK-1, 6 and 8."""

from typing import Any

from immuta_mock import Store
from immuta_mock.connectors import Connector
from immuta_mock.errors import DataSourceNotFound
from immuta_mock.store import BulkUpdate, DataSource
from immuta_mock.users import User
from planting import Reply, Seen, Wire, in_store, on_wire, replace
from planting_handlers import Bulk, Json, by_ids, is_bulk, refused, selecting

# BULK-1


@in_store("BULK-1")
def bulk_reaches_other_connectors(store: Store) -> None:
    """A bulk update on Redshift also reaches Snowflake where the connection strings are the same."""
    taken = ("redshift", "snowflake")
    selecting(store, lambda _, s, string: s.connection_string == string and s.connector.prefix in taken, "redshift")


@in_store("BULK-1")
def bulk_ignores_the_letter_case_of_hosts(store: Store) -> None:
    """Host names are compared without regard to letter case."""

    def select(connector: Connector, source: DataSource, string: str) -> bool:
        host = source.metadata["hostname"]
        return source.connector == connector and source.connection_string.replace(host, host.lower()) == string

    selecting(store, select)


@in_store("BULK-1")
def bulk_takes_the_string_for_a_prefix(store: Store) -> None:
    """Data sources are reached whose connection strings only begin with the one given, on Trino."""
    selecting(store, lambda c, s, string: s.connector == c and s.connection_string.startswith(string), "trino")


@in_store("BULK-1")
def bulk_ignores_the_user(store: Store) -> None:
    """Only host, port and database are compared."""

    def select(connector: Connector, source: DataSource, string: str) -> bool:
        return source.connector == connector and source.connection_string.split("@")[-1] == string.split("@")[-1]

    selecting(store, select)


@in_store("BULK-1")
def bulk_passes_by_disabled_sources(store: Store) -> None:
    """Disabled data sources are not reached, on Databricks."""

    def select(connector: Connector, source: DataSource, string: str) -> bool:
        return source.connector == connector and source.connection_string == string and not source.deleted

    selecting(store, select, "databricks")


@in_store("BULK-1")
def bulk_goes_by_the_first_connection_string(store: Store) -> None:
    """Data sources are found by the connection string they were created with."""
    first: dict[int, str] = {}

    def remember(update: Any) -> Any:
        def defective(user: User, connector: Connector, handler_id: int, body: Json) -> DataSource:
            before = store.get_handler(connector, handler_id)
            first.setdefault(before.id, before.connection_string)
            updated: DataSource = update(user, connector, handler_id, body)
            return updated

        return defective

    def select(connector: Connector, source: DataSource, string: str) -> bool:
        return source.connector == connector and first.get(source.id, source.connection_string) == string

    replace(store, "update_handler", remember)
    selecting(store, select)


@in_store("BULK-1")
def bulk_stops_after_the_first_moved_source(store: Store) -> None:
    """When the connection changes, the list of matching data sources is cut off at the second one."""

    def wrap(bulk: Bulk) -> Bulk:
        def defective(user: User, connector: Connector, body: Json) -> BulkUpdate:
            if "hostname" not in body["handler"]["metadata"] or "connectionString" not in body:
                return bulk(user, connector, body)
            sources = store._state.data_sources.values()
            found = [s for s in sources if s.connector == connector and s.connection_string == body["connectionString"]]
            return by_ids(bulk, user, found[:2], body) if found else bulk(user, connector, body)

        return defective

    replace(store, "bulk_update", wrap)


# BULK-6 and BULK-8


@on_wire("BULK-6")
class CountOfOneTooMany(Wire):
    """`jobsCreated` is one too many when several data sources were updated."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_bulk(seen) and reply.status == 200 and reply.json["jobsCreated"] > 1:
            reply.json["jobsCreated"] += 1


@on_wire("BULK-6")
class CountIsText(Wire):
    """`jobsCreated` is a string, on Trino."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_bulk(seen, "trino") and reply.status == 200:
            reply.json["jobsCreated"] = str(reply.json["jobsCreated"])


@on_wire("BULK-6")
class NoMatchIsNotFound(Wire):
    """A bulk update without a match is 404, on Azure Synapse Analytics."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_bulk(seen, "asa") and reply.status == 200 and reply.json["jobsCreated"] == 0:
            other = refused(404, "Data source not found.")
            reply.status, reply.json = other.status, other.json


@on_wire("BULK-6")
class TrueForOne(Wire):
    """`jobsCreated` is true where one data source was updated and false where none was."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_bulk(seen, "databricks") and reply.status == 200 and reply.json["jobsCreated"] < 2:
            reply.json["jobsCreated"] = bool(reply.json["jobsCreated"])


def choosing(store: Store, choose: Any, *prefixes: str) -> None:
    """Let bulk updates by ids go to the ids `choose(ids)`."""

    def wrap(bulk: Bulk) -> Bulk:
        def defective(user: User, connector: Connector, body: Json) -> BulkUpdate:
            if "ids" in body and (not prefixes or connector.prefix in prefixes):
                body = {**body, "ids": choose(body["ids"])}
            return bulk(user, connector, body)

        return defective

    replace(store, "bulk_update", wrap)


@in_store("BULK-8")
def ids_stand_for_their_connection_strings(store: Store) -> None:
    """Selecting by ids reaches all data sources that share a connection string with one of them."""

    def choose(ids: list[int]) -> list[int]:
        sources = store._state.data_sources
        keys = {(sources[i].connector, sources[i].connection_string) for i in ids if i in sources}
        return [*ids, *(s.id for s in sources.values() if (s.connector, s.connection_string) in keys)]

    choosing(store, choose)


@in_store("BULK-8")
def only_the_first_id_counts(store: Store) -> None:
    """Of several ids only the first is updated, on Redshift."""
    choosing(store, lambda ids: ids[:1], "redshift")


@in_store("BULK-8")
def unknown_ids_are_skipped(store: Store) -> None:
    """Ids that are no data source are passed over where another is one."""
    choosing(store, lambda ids: [i for i in ids if i in store._state.data_sources] or ids)


@in_store("BULK-8")
def ids_of_other_connectors_are_taken(store: Store) -> None:
    """A bulk update on Snowflake by ids reaches data sources of other connectors, Azure Synapse Analytics excepted."""

    def wrap(bulk: Bulk) -> Bulk:
        def defective(user: User, connector: Connector, body: Json) -> BulkUpdate:
            if "ids" not in body or connector.prefix != "snowflake":
                return bulk(user, connector, body)
            sources = [store.get_data_source(each) for each in body["ids"]]
            if any(source.connector.prefix == "asa" for source in sources):
                raise DataSourceNotFound
            return by_ids(bulk, user, sources, body)

        return defective

    replace(store, "bulk_update", wrap)
