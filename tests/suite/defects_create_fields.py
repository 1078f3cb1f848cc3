"""Planted defects of the fields of `dataSource` and of metadata values in a create: CREATE-5 to -10, -12 and -14."""

from dataclasses import replace as changed

from immuta_mock import Store
from immuta_mock.store import DataSource
from planting import Reply, Seen, Wire, in_store, on_wire
from planting_creates import (
    Json,
    Refusing,
    after_creating,
    creating,
    creating_metadata,
    creating_source,
    elements_of,
    is_create,
    is_several,
    lowered,
    reads_source,
    source_of,
    without,
)

# CREATE-5 and CREATE-6


@on_wire("CREATE-5")
class OrganizationIsRequiredOnSnowflake(Refusing):
    """A create without `organization` is refused on Snowflake, as the reference prints."""

    prefixes = ("snowflake",)

    def refuses(self, seen: Seen) -> bool:
        return bool(source_of(seen)) and "organization" not in source_of(seen)


@in_store("CREATE-5")
def organization_is_lost_with_several(store: Store) -> None:
    """The several form does not keep `organization`."""
    creating(
        store,
        lambda body: {**body, "dataSource": without(body["dataSource"], "organization")} if is_several(body) else body,
    )


@on_wire("CREATE-5")
class PrivateMayBeAText(Wire):
    """`private` is taken as a text on Trino."""

    def request(self, seen: Seen) -> None:
        if is_create(seen, "trino") and source_of(seen).get("private") in ("true", "false"):
            source_of(seen)["private"] = source_of(seen)["private"] == "true"


@in_store("CREATE-6")
def descriptions_are_cut(store: Store) -> None:
    """A description is cut after 100 characters."""
    creating_source(
        store,
        lambda fields: fields | {"description": fields["description"][:100]} if "description" in fields else fields,
    )


@in_store("CREATE-6")
def only_the_first_of_several_gets_a_category(store: Store) -> None:
    """From the second element on the category is lost, on Databricks."""

    def amend(made: list[DataSource]) -> None:
        for source in made[1:]:
            store._state.put(changed(source, fields=without(dict(source.fields), "category")))

    after_creating(store, amend, "databricks")


@in_store("CREATE-6")
def an_example_flag_is_ignored_on_redshift(store: Store) -> None:
    """`hasExamples` stays false on Redshift."""
    creating_source(store, lambda fields: without(fields, "hasExamples"), "redshift")


@in_store("CREATE-6")
def empty_texts_become_null(store: Store) -> None:
    """An empty category is kept as null."""
    creating_source(
        store, lambda fields: fields | {"category": fields["category"] or None} if "category" in fields else fields
    )


# CREATE-7


@in_store("CREATE-7")
def a_data_source_is_public_by_default_on_redshift(store: Store) -> None:
    """Without `private` the data source is public."""
    creating_source(store, lambda fields: {"private": False, **fields}, "redshift")


@on_wire("CREATE-7")
class PublicOnlyIsIgnored(Wire):
    """`publicOnly` does not select."""

    def request(self, seen: Seen) -> None:
        seen.query.pop("publicOnly", None)


@on_wire("CREATE-7")
class PublicListIsEmptyForSnowflake(Wire):
    """`publicOnly` shows no data sources of Snowflake."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if seen.on("GET", "dataSource") and "publicOnly" in seen.query and reply.status == 200:
            reply.json["hits"] = [hit for hit in reply.json["hits"] if hit["blobHandlerType"] != "Snowflake"]


@in_store("CREATE-7")
def several_are_always_private(store: Store) -> None:
    """The several form ignores `private`."""
    creating(
        store,
        lambda body: {**body, "dataSource": without(body["dataSource"], "private")} if is_several(body) else body,
    )


# CREATE-8


@on_wire("CREATE-8")
class BlobHandlerArrayHasOneElement(Refusing):
    """A second blob handler is refused on Azure Synapse Analytics."""

    prefixes = ("asa",)

    def refuses(self, seen: Seen) -> bool:
        handlers = source_of(seen).get("blobHandler")
        return isinstance(handlers, list) and len(handlers) > 1


@on_wire("CREATE-8")
class BlobHandlerNeedsAUrl(Refusing):
    """A blob handler without `url` is refused on Trino."""

    prefixes = ("trino",)

    def refuses(self, seen: Seen) -> bool:
        handler = source_of(seen).get("blobHandler")
        return isinstance(handler, dict) and "url" not in handler


@on_wire("CREATE-8")
class EmptyUrlIsRefusedOnDatabricks(Refusing):
    """An empty `url` is refused on Databricks."""

    prefixes = ("databricks",)

    def refuses(self, seen: Seen) -> bool:
        handler = source_of(seen).get("blobHandler")
        return any(each.get("url") == "" for each in ([handler] if isinstance(handler, dict) else handler or []))


@on_wire("CREATE-8")
class BlobHandlerMayBeAText(Wire):
    """The scheme alone is taken for a blob handler."""

    def request(self, seen: Seen) -> None:
        if is_create(seen) and source_of(seen).get("blobHandler") == "https":
            source_of(seen)["blobHandler"] = {"scheme": "https"}


# CREATE-9 and CREATE-10


@in_store("CREATE-9")
def the_type_is_that_of_the_path_on_snowflake(store: Store) -> None:
    """`blobHandlerType` is always `Snowflake` on Snowflake."""
    creating_source(store, lambda fields: fields | {"blobHandlerType": "Snowflake"}, "snowflake")


@in_store("CREATE-9")
def an_empty_format_becomes_json(store: Store) -> None:
    """An empty `recordFormat` is kept as `json`."""
    creating_source(store, lambda fields: fields | {"recordFormat": fields["recordFormat"] or "json"})


@on_wire("CREATE-9")
class OnlyDocumentedTypes(Refusing):
    """A `blobHandlerType` that is not documented is refused on Redshift."""

    prefixes = ("redshift",)

    def refuses(self, seen: Seen) -> bool:
        known = ("Synapse", "Trino", "Snowflake", "Databricks", "Redshift")
        return source_of(seen).get("blobHandlerType", "Redshift") not in known


@on_wire("CREATE-9")
class EmptyTypeIsTaken(Wire):
    """An empty `blobHandlerType` is taken on Databricks."""

    def request(self, seen: Seen) -> None:
        if is_create(seen, "databricks") and source_of(seen).get("blobHandlerType") == "":
            source_of(seen)["blobHandlerType"] = "Databricks"


@on_wire("CREATE-10")
class IngestedIsRefused(Refusing):
    """`ingested` is refused on Databricks."""

    prefixes = ("databricks",)

    def refuses(self, seen: Seen) -> bool:
        return source_of(seen).get("type") == "ingested"


@on_wire("CREATE-10")
class TypeInAnyLetterCase(Wire):
    """The type is taken in any letter case."""

    def request(self, seen: Seen) -> None:
        if is_create(seen) and "type" in source_of(seen):
            source_of(seen)["type"] = lowered(source_of(seen)["type"])


@on_wire("CREATE-10")
class UnknownTypeIsQueryableOnTrino(Wire):
    """A type that is no text at all counts as `queryable` on Trino."""

    def request(self, seen: Seen) -> None:
        if is_create(seen, "trino") and not isinstance(source_of(seen).get("type", ""), str):
            source_of(seen)["type"] = "queryable"


# CREATE-12


@in_store("CREATE-12")
def the_exposed_name_is_ignored_on_redshift(store: Store) -> None:
    """The several form calls the table after `table` even where `bodataTableName` is given."""

    def amend(made: list[DataSource]) -> None:
        for source in made:
            if source.sql_table_name == source.metadata.get("bodataTableName") and "table" in source.metadata:
                store._state.put(changed(source, sql_table_name=source.metadata["table"]))

    after_creating(store, amend, "redshift")


@in_store("CREATE-12")
def the_exposed_name_wins_in_the_single_form(store: Store) -> None:
    """`metadata.bodataTableName` wins over `sqlTableName` on Azure Synapse Analytics."""

    def rewrite(body: Json) -> Json:
        exposed = elements_of(body)[0].get("bodataTableName")
        return {**body, "dataSource": body["dataSource"] | ({"sqlTableName": exposed} if exposed else {})}

    creating(store, lambda body: body if is_several(body) else rewrite(body), "asa")


@in_store("CREATE-12")
def a_query_gives_the_table_its_name(store: Store) -> None:
    """A query of the several form is called `query` and not after its data source, on Databricks."""

    def amend(made: list[DataSource]) -> None:
        for source in made:
            if source.sql_table_name == source.name:
                store._state.put(changed(source, sql_table_name="query"))

    after_creating(store, amend, "databricks")


@on_wire("CREATE-12")
class TableNameIsShownInLowerCase(Wire):
    """The table name is shown in lower case."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if reads_source(seen) and reply.status == 200:
            reply.json["sqlTableName"] = lowered(reply.json["sqlTableName"])


# CREATE-14


@in_store("CREATE-14")
def ssl_texts_become_booleans(store: Store) -> None:
    """`"true"` is kept as true."""
    names = {"true": True, "false": False}
    creating_metadata(
        store,
        lambda metadata: (
            metadata | {"ssl": names.get(metadata["ssl"], metadata["ssl"])} if "ssl" in metadata else metadata
        ),
    )


@on_wire("CREATE-14")
class SslTextIsRefusedOnSnowflake(Refusing):
    """`"false"` is refused on Snowflake."""

    prefixes = ("snowflake",)

    def refuses(self, seen: Seen) -> bool:
        return any(metadata.get("ssl") == "false" for metadata in elements_of(seen.json))


@on_wire("CREATE-14")
class OnlyKnownAuthenticationMethods(Refusing):
    """An authentication method that is not documented is refused on Redshift."""

    prefixes = ("redshift",)

    def refuses(self, seen: Seen) -> bool:
        known = ("userPassword", "keyPair", "oAuthClientCredentials", "Access Token")
        return any(metadata.get("authenticationMethod", known[0]) not in known for metadata in elements_of(seen.json))


@on_wire("CREATE-14")
class SslMayBeANumber(Wire):
    """One is taken for true on Trino."""

    def request(self, seen: Seen) -> None:
        if is_create(seen, "trino"):
            for metadata in elements_of(seen.json):
                if metadata.get("ssl") == 1:
                    metadata["ssl"] = True
