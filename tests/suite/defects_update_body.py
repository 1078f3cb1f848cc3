"""Planted defects of the body of an update and of the name and event time in it: UPDATE-4 to UPDATE-7 and UPDATE-11."""

from collections.abc import Callable
from typing import Any

from immuta_mock import Store
from immuta_mock.connectors import Connector
from immuta_mock.errors import DataSourceNotFound
from immuta_mock.store import DataSource
from immuta_mock.users import User
from planting import Reply, Seen, Wire, in_store, on_wire, replace
from planting_handlers import Json, Update, body_of, is_update, metadata_of, refused, rewriting

# UPDATE-4 and UPDATE-5


@on_wire("UPDATE-4")
class DatabaseNeedNotBeThere(Wire):
    """An update without a database is taken, for `default`, on Trino."""

    def request(self, seen: Seen) -> None:
        if is_update(seen, "trino") and "hostname" in metadata_of(seen):
            metadata_of(seen).setdefault("database", "default")


@on_wire("UPDATE-4")
class ConnectionStringOfAnyType(Wire):
    """A connection string beside the handler may be anything."""

    def request(self, seen: Seen) -> None:
        if is_update(seen):
            body_of(seen).pop("connectionString", None)


@on_wire("UPDATE-4")
class ConnectionStringIsDemanded(Wire):
    """An update on Databricks without a connection string is refused."""

    def request(self, seen: Seen) -> Reply | None:
        if is_update(seen, "databricks") and isinstance(seen.json, dict) and "connectionString" not in seen.json:
            return refused(400, "Bad request: connectionString is missing.")
        return None


@in_store("UPDATE-4")
def the_connection_string_selects(store: Store) -> None:
    """An update goes to the data source with the connection string sent, if there is one."""

    def wrap(update: Update) -> Update:
        def defective(user: User, connector: Connector, handler_id: int, body: Json) -> DataSource:
            string, state = body.get("connectionString"), store._state
            sources = [s for s in state.data_sources.values() if s.connection_string == string]
            own = [s for s in sources if s.connector == connector and s.handler_id != handler_id]
            return update(user, connector, own[0].handler_id if own else handler_id, body)

        return defective

    replace(store, "update_handler", wrap)


@on_wire("UPDATE-4")
class BareMetadataAreTaken(Wire):
    """The metadata of an update may stand in the body directly, on Snowflake."""

    def request(self, seen: Seen) -> None:
        if is_update(seen, "snowflake") and "metadata" in body_of(seen):
            seen.json = {"handler": {"metadata": seen.json["metadata"]}}


@on_wire("UPDATE-5")
class ArrayOfOneRefusedOnAsa(Wire):
    """Azure Synapse Analytics does not take the array that its reference documents."""

    def request(self, seen: Seen) -> Reply | None:
        if is_update(seen, "asa") and isinstance(seen.json, list):
            return refused(400, "Bad request: an object is expected.")
        return None


@on_wire("UPDATE-5")
class ArrayTakenOnRedshift(Wire):
    """Redshift takes an array of one, too."""

    def request(self, seen: Seen) -> None:
        if is_update(seen, "redshift") and isinstance(seen.json, list) and len(seen.json) == 1:
            seen.json = seen.json[0]


@on_wire("UPDATE-5")
class FirstOfSeveralTakenOnAsa(Wire):
    """Azure Synapse Analytics takes the first of an array of several."""

    def request(self, seen: Seen) -> None:
        if is_update(seen, "asa") and isinstance(seen.json, list):
            seen.json = seen.json[:1]


# UPDATE-6 and UPDATE-7


@on_wire("UPDATE-6")
class NewNameIgnored(Wire):
    """An update on Databricks does not rename the data source."""

    def request(self, seen: Seen) -> None:
        if is_update(seen, "databricks"):
            metadata_of(seen).pop("dataSourceName", None)


@in_store("UPDATE-6")
def an_old_name_still_leads_to_the_data_source(store: Store) -> None:
    """A data source that was renamed is found under its old name as well."""

    known: dict[str, int] = {}

    def remember(source: DataSource, sent: Json) -> Json:
        known[source.name] = source.id
        return sent

    def wrap(by_name: Callable[[str], DataSource]) -> Callable[[str], DataSource]:
        def defective(name: str) -> DataSource:
            try:
                return by_name(name)
            except DataSourceNotFound:
                return store.get_data_source(known.get(name, 0))

        return defective

    rewriting(store, remember)
    replace(store, "get_data_source_by_name", wrap)


@in_store("UPDATE-6")
def an_update_without_name_takes_the_table_for_it(store: Store) -> None:
    """Without a name in the metadata the data source on Trino is called after its table."""

    def rewrite(source: DataSource, sent: Json) -> Json:
        return {"dataSourceName": f"{source.name} {sent.get('table', '')}", **sent}

    rewriting(store, rewrite, "trino")


@in_store("UPDATE-6")
def new_names_lose_their_last_word(store: Store) -> None:
    """A new name of three words or more loses the last one, on Snowflake."""

    def rewrite(_: DataSource, sent: Json) -> Json:
        name = sent.get("dataSourceName")
        return {**sent, "dataSourceName": name.rpartition(" ")[0]} if name and name.count(" ") > 1 else sent

    rewriting(store, rewrite, "snowflake")


@in_store("UPDATE-7")
def the_first_event_time_stays(store: Store) -> None:
    """An event time once set is not changed."""

    def rewrite(source: DataSource, sent: Json) -> Json:
        first = source.metadata.get("eventTime")
        return {**sent, "eventTime": first} if first and "eventTime" in sent else sent

    rewriting(store, rewrite, "snowflake")


@in_store("UPDATE-7")
def the_event_time_cannot_be_taken_away(store: Store) -> None:
    """A null event time leaves the old one."""

    def rewrite(source: DataSource, sent: Json) -> Json:
        keep = "eventTime" in sent and sent["eventTime"] is None and "eventTime" in source.metadata
        return {**sent, "eventTime": source.metadata["eventTime"]} if keep else sent

    rewriting(store, rewrite)


@on_wire("UPDATE-7")
class EventTimeOneReadLate(Wire):
    """The first GET after an update on Redshift shows the event time before it."""

    def __init__(self) -> None:
        self.shown: dict[str, Any] = {}

    def answer(self, seen: Seen, reply: Reply) -> None:
        if seen.on("GET", "redshift", "handler") and reply.status == 200:
            current = reply.json["metadata"].get("eventTime")
            if seen.path in self.shown and "eventTime" in reply.json["metadata"]:
                reply.json["metadata"]["eventTime"] = self.shown[seen.path]
            self.shown[seen.path] = current


# UPDATE-11


@on_wire("UPDATE-11")
class NameFormatOnAsaAlone(Wire):
    """Only Azure Synapse Analytics keeps the name format sent with an update."""

    def request(self, seen: Seen) -> None:
        if is_update(seen) and not is_update(seen, "asa"):
            body_of(seen).pop("schemaEvolution", None)


@on_wire("UPDATE-11")
class NameFormatKeptOnce(Wire):
    """The first name format sent with an update stays for good."""

    def __init__(self) -> None:
        self.set: set[str] = set()

    def request(self, seen: Seen) -> None:
        if is_update(seen) and "schemaEvolution" in body_of(seen):
            if seen.path in self.set:
                body_of(seen).pop("schemaEvolution")
            self.set.add(seen.path)


@in_store("UPDATE-11")
def the_name_format_is_applied(store: Store) -> None:
    """An update with a name format renames the data source by it, on Redshift."""

    def wrap(update: Update) -> Update:
        def defective(user: User, connector: Connector, handler_id: int, body: Json) -> DataSource:
            template = body.get("schemaEvolution", {}).get("config", {}).get("nameTemplate", {})
            if connector.prefix == "redshift" and "nameFormat" in template:
                source = store.get_handler(connector, handler_id)
                name = template["nameFormat"].replace("<tablename>", source.name)
                metadata = {**body["handler"]["metadata"], "dataSourceName": name}
                body = {**body, "handler": {"metadata": metadata}}
            return update(user, connector, handler_id, body)

        return defective

    replace(store, "update_handler", wrap)


@on_wire("UPDATE-11")
class OnlyTheFirstTemplateIsKept(Wire):
    """Of the name format only the format of names is kept, not those of tables and schemas."""

    def request(self, seen: Seen) -> None:
        if is_update(seen):
            template = body_of(seen).get("schemaEvolution", {}).get("config", {}).get("nameTemplate", {})
            template.pop("sqlSchemaNameFormat", None)
