"""Planted defects of what an update does to metadata and columns: UPDATE-1 to UPDATE-3."""

from dataclasses import replace as changed
from typing import Any

from immuta_mock import Store
from immuta_mock.store import DataSource
from planting import Reply, Seen, Wire, in_store, on_wire
from planting_handlers import Json, is_update, metadata_of, rewriting

# UPDATE-1


@in_store("UPDATE-1")
def update_merges(store: Store) -> None:
    """An update keeps the fields it does not name."""
    rewriting(store, lambda source, sent: {**source.metadata, **sent})


@in_store("UPDATE-1")
def user_files_survive_on_databricks(store: Store) -> None:
    """The certificate stays when an update on Databricks leaves it out."""
    rewriting(
        store, lambda source, sent: {k: v for k, v in source.metadata.items() if k == "userFiles"} | sent, "databricks"
    )


@in_store("UPDATE-1")
def update_loses_zero_and_empty_values(store: Store) -> None:
    """An update takes false, zero and empty texts for fields left out."""
    rewriting(store, lambda _, sent: {k: v for k, v in sent.items() if v not in (False, 0, "")})


@in_store("UPDATE-1")
def update_merges_nested_objects(store: Store) -> None:
    """An update merges an object into the object of the same name that was there."""

    def rewrite(source: DataSource, sent: Json) -> Json:
        old = source.metadata
        return {k: {**old.get(k, {}), **v} if isinstance(v, dict) else v for k, v in sent.items()}

    rewriting(store, rewrite)


@in_store("UPDATE-1")
def update_of_a_query_keeps_the_table_on_trino(store: Store) -> None:
    """A data source that changes from a table to a query still shows the table."""

    def rewrite(source: DataSource, sent: Json) -> Json:
        return {"table": source.metadata.get("table", ""), **sent} if "query" in sent else sent

    rewriting(store, rewrite, "trino")


@in_store("UPDATE-1")
def update_reaches_the_neighbours_on_asa(store: Store) -> None:
    """An update on Azure Synapse Analytics also rewrites the project of the others on the same connection."""

    def rewrite(source: DataSource, sent: Json) -> Json:
        state = store._state
        for other in list(state.data_sources.values()):
            if other.id != source.id and other.connection_string == source.connection_string:
                state.put(changed(other, metadata={**other.metadata, "schemaProjectName": "taken along"}))
        return sent

    rewriting(store, rewrite, "asa")


# UPDATE-2 and UPDATE-3


@in_store("UPDATE-2")
def update_without_columns_empties_the_dictionary(store: Store) -> None:
    """Columns left out count as no columns, on Snowflake."""
    rewriting(store, lambda _, sent: {"columns": [], **sent}, "snowflake")


@in_store("UPDATE-2")
def update_without_columns_brings_the_first_ones_back(store: Store) -> None:
    """Columns left out become those that the data source was created with, whatever was written since."""
    first: dict[int, Any] = {}

    def rewrite(source: DataSource, sent: Json) -> Json:
        if source.columns:
            first.setdefault(source.id, [dict(column) for column in source.columns])
        return {"columns": first[source.id], **sent} if source.id in first else sent

    rewriting(store, rewrite)


@in_store("UPDATE-2")
def a_new_host_costs_the_tags(store: Store) -> None:
    """Columns left out are kept without their tags when the update names another host."""

    def rewrite(source: DataSource, sent: Json) -> Json:
        if source.dictionary is None or sent["hostname"] == source.metadata["hostname"]:
            return sent
        return {"columns": [{k: v for k, v in c.items() if k != "tags"} for c in source.columns], **sent}

    rewriting(store, rewrite)


@on_wire("UPDATE-2")
class HandlerForgetsKeptColumns(Wire):
    """After an update without columns the handler on Redshift shows none, though the dictionary is there."""

    def __init__(self) -> None:
        self.forgotten: set[str] = set()

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_update(seen, "redshift") and reply.status == 200:
            with_columns = "columns" in metadata_of(seen)
            (self.forgotten.discard if with_columns else self.forgotten.add)(seen.path)
        if seen.method == "GET" and seen.path in self.forgotten and reply.status == 200:
            reply.json["metadata"].pop("columns", None)


@in_store("UPDATE-3")
def a_column_left_out_stays_on_redshift(store: Store) -> None:
    """Sent columns are added to those that are there."""

    def rewrite(source: DataSource, sent: Json) -> Json:
        if "columns" not in sent:
            return sent
        names = {column["name"] for column in sent["columns"]}
        return {**sent, "columns": [*sent["columns"], *(c for c in source.columns if c["name"] not in names)]}

    rewriting(store, rewrite, "redshift")


@in_store("UPDATE-3")
def a_column_sent_again_keeps_its_description(store: Store) -> None:
    """The description of a column survives a column list that leaves it out."""

    def rewrite(source: DataSource, sent: Json) -> Json:
        texts = {c["name"]: {"description": c["description"]} for c in source.columns if "description" in c}
        if "columns" not in sent:
            return sent
        return {**sent, "columns": [{**texts.get(column["name"], {}), **column} for column in sent["columns"]]}

    rewriting(store, rewrite)


@in_store("UPDATE-3")
def an_empty_column_list_is_ignored(store: Store) -> None:
    """An update with an empty list leaves the dictionary as it is."""
    rewriting(store, lambda _, sent: {k: v for k, v in sent.items() if k != "columns" or v})


@in_store("UPDATE-3")
def columns_keep_their_old_order(store: Store) -> None:
    """Columns that were there stay in front of new ones, on Trino."""

    def rewrite(source: DataSource, sent: Json) -> Json:
        names = [column["name"] for column in source.columns]
        if "columns" not in sent:
            return sent
        return {**sent, "columns": sorted(sent["columns"], key=lambda column: column["name"] not in names)}

    rewriting(store, rewrite, "trino")
