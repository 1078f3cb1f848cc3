"""Planted defects of the forms of a create and of data source names: CREATE-1 to CREATE-4, CREATE-11, CREATE-13."""

from dataclasses import replace as changed
from typing import Any, ClassVar

from immuta_mock import Store
from immuta_mock.connectors import Connector
from immuta_mock.errors import HandlerNotFound
from immuta_mock.store import DataSource
from planting import Reply, Seen, Wire, in_store, on_wire, replace
from planting_creates import (
    Claim,
    Json,
    Refusing,
    Shared,
    after_creating,
    creating,
    creating_metadata,
    elements_of,
    is_create,
    is_several,
    lowered,
    refused,
    sharing_names,
    source_of,
    without,
)

# CREATE-1


@in_store("CREATE-1")
def a_new_handler_takes_the_id_of_the_last(store: Store) -> None:
    """On Trino a new handler gets the id of the one before, which is then no longer to be had."""
    store._state.by_handler = Shared(store._state.by_handler)

    def amend(made: list[DataSource]) -> None:
        store._state.counters["handler"] = made[-1].handler_id

    after_creating(store, amend, "trino")


@in_store("CREATE-1")
def create_loses_the_user_name_on_databricks(store: Store) -> None:
    """The user name is gone from a data source created on Databricks, until it is updated."""
    creating_metadata(store, lambda metadata: without(metadata, "username"), "databricks")


@in_store("CREATE-1")
def create_lowers_table_and_schema(store: Store) -> None:
    """Tables and schemas are saved in lower case."""
    creating_metadata(
        store,
        lambda metadata: metadata | {k: lowered(metadata[k]) for k in ("table", "schema") if k in metadata},
    )


@in_store("CREATE-1")
def handlers_of_queries_are_not_found_on_snowflake(store: Store) -> None:
    """A data source made from a query has no handler to be read, on Snowflake."""

    def wrap(get: Any) -> Any:
        def defective(connector: Connector, handler_id: int) -> DataSource:
            source: DataSource = get(connector, handler_id)
            if connector.prefix == "snowflake" and "table" not in source.metadata:
                raise HandlerNotFound
            return source

        return defective

    replace(store, "get_handler", wrap)


@in_store("CREATE-1")
def the_name_in_the_metadata_wins(store: Store) -> None:
    """In the single form the name in the metadata wins over that of `dataSource`, on Redshift."""

    def rewrite(body: Json) -> Json:
        name = elements_of(body)[0].get("dataSourceName")
        return {**body, "dataSource": {**body["dataSource"], "name": name}} if name and not is_several(body) else body

    creating(store, rewrite, "redshift")


# CREATE-2


@in_store("CREATE-2")
def only_the_first_element_is_made_on_databricks(store: Store) -> None:
    """An array of handlers makes one data source."""
    creating(store, lambda body: {**body, "handler": body["handler"][:1]} if is_several(body) else body, "databricks")


@in_store("CREATE-2")
def at_most_three_elements_are_made(store: Store) -> None:
    """Elements from the fourth on are passed over."""
    creating(store, lambda body: {**body, "handler": body["handler"][:3]} if is_several(body) else body)


@in_store("CREATE-2")
def every_element_gets_the_last_table_on_asa(store: Store) -> None:
    """All data sources of one array stand for the table of its last element."""

    def amend(made: list[DataSource]) -> None:
        for source in made:
            store._state.put(changed(source, metadata={**source.metadata, "table": made[-1].metadata.get("table")}))

    after_creating(store, amend, "asa")


@on_wire("CREATE-2")
class ArraysAreRefusedOnTrino(Refusing):
    """`handler` must be an object on Trino."""

    prefixes = ("trino",)

    def refuses(self, seen: Seen) -> bool:
        return is_several(seen.json)


# CREATE-3


class Filling(Wire):
    """Fills in what a body of the single form lacks."""

    prefixes: tuple[str, ...] = ()
    fields: ClassVar[Json]

    def request(self, seen: Seen) -> None:
        if is_create(seen, *self.prefixes) and source_of(seen) and not is_several(seen.json):
            for name, value in self.fields.items():
                source_of(seen).setdefault(name, value)


@on_wire("CREATE-3")
class TableNameNeedNotBeThereOnRedshift(Filling):
    """A create without `sqlTableName` is taken on Redshift."""

    prefixes = ("redshift",)
    fields: ClassVar[Json] = {"sqlTableName": "untitled"}


@on_wire("CREATE-3")
class BlobHandlerNeedNotBeThere(Filling):
    """A create without `blobHandler` is taken."""

    fields: ClassVar[Json] = {"blobHandler": {"scheme": "https"}}


@on_wire("CREATE-3")
class MissingFormatIsUnprocessable(Wire):
    """A create without `recordFormat` is answered 422 on Azure Synapse Analytics."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_create(seen, "asa") and reply.status == 400 and "recordFormat" not in source_of(seen):
            reply.status = 422
            reply.json |= {"statusCode": 422, "error": "Unprocessable Entity"}


@on_wire("CREATE-3")
class HandlerWithoutMetadataIsAFault(Wire):
    """A handler object without metadata brings the server down on Snowflake."""

    def request(self, seen: Seen) -> Reply | None:
        if is_create(seen, "snowflake") and isinstance(seen.json, dict) and seen.json.get("handler") == {}:
            return refused(500, "An internal server error occurred.")
        return None


@on_wire("CREATE-3")
class EmptyNameIsTaken(Wire):
    """An empty `name` is taken for a space on Databricks."""

    def request(self, seen: Seen) -> None:
        if is_create(seen, "databricks") and source_of(seen).get("name") == "":
            source_of(seen)["name"] = " "


# CREATE-4


@on_wire("CREATE-4")
class ArrayOfOneTakesTheNameOfTheDataSource(Wire):
    """The name of `dataSource` wins over that of the only element."""

    def request(self, seen: Seen) -> None:
        if (
            is_create(seen)
            and is_several(seen.json)
            and source_of(seen).get("name")
            and len(elements_of(seen.json)) == 1
        ):
            elements_of(seen.json)[0]["dataSourceName"] = source_of(seen)["name"]


@on_wire("CREATE-4")
class EmptyArrayIsNothingToDo(Wire):
    """An empty array is answered with a success on Databricks."""

    def request(self, seen: Seen) -> Reply | None:
        if is_create(seen, "databricks") and isinstance(seen.json, dict) and seen.json.get("handler") == []:
            return Reply(
                200, {"bulkId": "6f1c0f2e-8d0e-41ee-9a1b-0242ac120002", "connectionString": "", "jobsCreated": 0}
            )
        return None


@on_wire("CREATE-4")
class SeveralFormNeedsABlobHandlerOnTrino(Refusing):
    """The several form needs `blobHandler` on Trino."""

    prefixes = ("trino",)

    def refuses(self, seen: Seen) -> bool:
        return is_several(seen.json) and "blobHandler" not in source_of(seen)


@on_wire("CREATE-4")
class NamelessElementIsNamedByItsTable(Wire):
    """An element without a name, from the second on, is named by its table."""

    def request(self, seen: Seen) -> None:
        if is_create(seen) and is_several(seen.json):
            for metadata in elements_of(seen.json)[1:]:
                metadata.setdefault("dataSourceName", f"{metadata.get('hostname')} {metadata.get('table')}")


@on_wire("CREATE-4")
class SeveralFormFillsInItsType(Wire):
    """The several form is taken without `type` on Snowflake."""

    def request(self, seen: Seen) -> None:
        if is_create(seen, "snowflake") and is_several(seen.json) and source_of(seen):
            source_of(seen).setdefault("type", "queryable")


# CREATE-11


@in_store("CREATE-11")
def names_are_unique_per_connector_only(store: Store) -> None:
    """Two connectors may use one name."""
    sharing_names(store, lambda claim: claim.source.connector != claim.connector)


@in_store("CREATE-11")
def names_of_disabled_data_sources_are_free_on_snowflake(store: Store) -> None:
    """The name of a disabled data source is given away on Snowflake."""
    sharing_names(store, lambda claim: claim.source.deleted and claim.connector.prefix == "snowflake")


@in_store("CREATE-11")
def names_are_unique_per_owner_only(store: Store) -> None:
    """Two owners may use one name."""
    sharing_names(store, lambda claim: claim.source.created_by != claim.user.profile)


@in_store("CREATE-11")
def the_last_of_several_need_not_be_unique_on_asa(store: Store) -> None:
    """Only the first name of an array is compared with those that are taken."""

    def may_share(claim: Claim) -> bool:
        names = [metadata.get("dataSourceName") for metadata in elements_of(claim.body)]
        return claim.connector.prefix == "asa" and is_several(claim.body) and claim.source.name in names[1:]

    sharing_names(store, may_share)


@in_store("CREATE-11")
def a_new_name_is_not_taken_on_trino(store: Store) -> None:
    """The name that a rename gave is free for others on Trino."""
    first: dict[int, str] = {}

    def may_share(claim: Claim) -> bool:
        return first.get(claim.source.id) != claim.source.name and claim.connector.prefix == "trino"

    after_creating(store, lambda made: first.update({source.id: source.name for source in made}))
    sharing_names(store, may_share)


@in_store("CREATE-11")
def names_with_a_quote_are_never_taken(store: Store) -> None:
    """A name with a character that needs escaping is not found by the check."""
    sharing_names(store, lambda claim: any(mark in claim.source.name for mark in "'\"\\%_"))


@on_wire("CREATE-11")
class OnePayloadMayRepeatAName(Wire):
    """Of two elements of one name the second is given another on Redshift."""

    def request(self, seen: Seen) -> None:
        if is_create(seen, "redshift") and is_several(seen.json):
            names: list[Any] = []
            for metadata in elements_of(seen.json):
                if metadata.get("dataSourceName") in names:
                    metadata["dataSourceName"] += " (2)"
                names.append(metadata.get("dataSourceName"))


# CREATE-13


@on_wire("CREATE-13")
class QueryNeedsATableOnTrino(Refusing):
    """A query without a table is refused on Trino."""

    prefixes = ("trino",)

    def refuses(self, seen: Seen) -> bool:
        return any("query" in metadata and "table" not in metadata for metadata in elements_of(seen.json))


@on_wire("CREATE-13")
class EmptyHostIsTaken(Wire):
    """An empty `hostname` is taken for the local host on Snowflake."""

    def request(self, seen: Seen) -> None:
        if is_create(seen, "snowflake"):
            for metadata in elements_of(seen.json):
                metadata["hostname"] = metadata.get("hostname", ...) or "localhost"
                if metadata["hostname"] is ...:
                    del metadata["hostname"]


@on_wire("CREATE-13")
class PortIsRequiredOnDatabricks(Refusing):
    """A create without `port` is refused on Databricks."""

    prefixes = ("databricks",)

    def refuses(self, seen: Seen) -> bool:
        return any("port" not in metadata for metadata in elements_of(seen.json))


@on_wire("CREATE-13")
class OnlyTheFirstElementIsChecked(Wire):
    """From the second element on a missing database is taken for `default` on Redshift."""

    def request(self, seen: Seen) -> None:
        if is_create(seen, "redshift") and is_several(seen.json):
            for metadata in elements_of(seen.json)[1:]:
                metadata.setdefault("database", "default")


@on_wire("CREATE-13")
class UserNeedsAPassword(Refusing):
    """A user name without a password is refused on Azure Synapse Analytics."""

    prefixes = ("asa",)

    def refuses(self, seen: Seen) -> bool:
        return any("username" in metadata and "password" not in metadata for metadata in elements_of(seen.json))


@on_wire("CREATE-13")
class NullQueryStandsForATable(Wire):
    """`query: null` without a table is taken."""

    def request(self, seen: Seen) -> None:
        if is_create(seen):
            for metadata in elements_of(seen.json):
                if "table" not in metadata and metadata.get("query", ...) is None:
                    metadata["table"] = "unknown"
