"""Planted defects of the answer of an update, of connection strings and of `skipCache`: UPDATE-8 to UPDATE-10."""

from collections.abc import Callable
from dataclasses import replace as changed
from typing import Any

from immuta_mock import Store
from immuta_mock.connectors import Connector
from immuta_mock.store import DataSource
from immuta_mock.users import User
from planting import Reply, Seen, Wire, in_store, on_wire, replace
from planting_handlers import Json, Update, body_of, is_update, metadata_of, refused


class AnswerOfUpdate(Wire):
    """Changes the answer of a successful update."""

    prefixes: tuple[str, ...] = ()

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_update(seen, *self.prefixes) and reply.status == 200:
            self.change(reply.json)

    def change(self, answered: Json) -> None:
        raise NotImplementedError


# UPDATE-8


@on_wire("UPDATE-8")
class IdIsText(AnswerOfUpdate):
    """The id in the answer of an update on Azure Synapse Analytics is a string."""

    prefixes = ("asa",)

    def change(self, answered: Json) -> None:
        answered["id"] = str(answered["id"])


@on_wire("UPDATE-8")
class DataSourceIdIsTheHandlerId(AnswerOfUpdate):
    """The answer of an update gives the id of the handler for that of the data source."""

    def change(self, answered: Json) -> None:
        answered["dataSourceId"] = answered["id"]


@on_wire("UPDATE-8")
class NullForNoCertificate(AnswerOfUpdate):
    """Without a certificate `ca` is null, on Trino."""

    prefixes = ("trino",)

    def change(self, answered: Json) -> None:
        answered["ca"] = answered["ca"] or None


@on_wire("UPDATE-8")
class LastCertificateIsAnswered(AnswerOfUpdate):
    """Of several user files the last one is answered as `ca`."""

    def change(self, answered: Json) -> None:
        files = answered["metadata"].get("userFiles") or [{}]
        answered["ca"] = files[-1].get("userFilename", "")


@on_wire("UPDATE-8")
class OnlySentColumnsAreAnswered(Wire):
    """The answer lists the columns of the update, none when it left them out, on Snowflake."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_update(seen, "snowflake") and reply.status == 200 and "columns" not in metadata_of(seen):
            reply.json["columns"] = []


@on_wire("UPDATE-8")
class ColumnsWithoutTypes(AnswerOfUpdate):
    """The columns in the answer have names alone, on Redshift."""

    prefixes = ("redshift",)

    def change(self, answered: Json) -> None:
        answered["columns"] = [{"name": column["name"]} for column in answered["columns"]]


@on_wire("UPDATE-8")
class MetadataBeforeTheUpdate(Wire):
    """The metadata in the answer are those of the update before, on Databricks."""

    def __init__(self) -> None:
        self.last: dict[str, Json] = {}

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_update(seen, "databricks") and reply.status == 200:
            now = reply.json["metadata"]
            reply.json["metadata"] = self.last.get(seen.path, now)
            self.last[seen.path] = now


@on_wire("UPDATE-8")
class NoColumnsWithoutDictionary(AnswerOfUpdate):
    """Without a dictionary the answer has no `columns`."""

    def change(self, answered: Json) -> None:
        if not answered["columns"]:
            del answered["columns"]


# UPDATE-9


def fixing_string(store: Store, fix: Callable[[DataSource, DataSource], str | None]) -> None:
    """Give an updated data source the connection string that `fix(before, after)` says, if it says one."""

    def wrap(update: Update) -> Update:
        def defective(user: User, connector: Connector, handler_id: int, body: Json) -> DataSource:
            before = store.get_handler(connector, handler_id)
            after = update(user, connector, handler_id, body)
            string = fix(before, after)
            if string is None:
                return after
            fixed = changed(after, connection_string=string)
            store._state.put(fixed)
            return fixed

        return defective

    replace(store, "update_handler", wrap)


@in_store("UPDATE-9")
def a_new_port_alone_does_not_count(store: Store) -> None:
    """The connection string stays where nothing but the port is changed."""

    def fix(before: DataSource, after: DataSource) -> str | None:
        names = ("hostname", "database", "username")
        same = all(before.metadata.get(name) == after.metadata.get(name) for name in names)
        return before.connection_string if same else None

    fixing_string(store, fix)


@in_store("UPDATE-9")
def the_user_stays_in_the_string_on_redshift(store: Store) -> None:
    """An update without a user leaves the former one in the connection string."""

    def fix(before: DataSource, after: DataSource) -> str | None:
        dropped = "username" in before.metadata and "username" not in after.metadata
        if after.connector.prefix != "redshift" or not dropped:
            return None
        return f"{before.metadata['username']}@{after.connection_string}"

    fixing_string(store, fix)


@in_store("UPDATE-9")
def updates_write_hosts_in_lower_case(store: Store) -> None:
    """An update, unlike a create, turns the host in the connection string to lower case."""

    def fix(_: DataSource, after: DataSource) -> str | None:
        host = after.metadata["hostname"]
        return after.connection_string.replace(host, host.lower()) if host != host.lower() else None

    fixing_string(store, fix)


@on_wire("UPDATE-9")
class SourceKeepsItsFirstString(Wire):
    """The data source on Snowflake shows the connection string it was created with."""

    def __init__(self) -> None:
        self.first: dict[int, str] = {}

    def answer(self, seen: Seen, reply: Reply) -> None:
        if seen.on("POST", "snowflake", "handler") and reply.status == 200 and "dataSourceId" in reply.json:
            self.first[reply.json["dataSourceId"]] = reply.json["connectionString"]
        if seen.on("GET", "dataSource") and reply.status == 200 and "id" in reply.json:
            string = reply.json["connectionString"]
            reply.json["connectionString"] = self.first.get(reply.json["id"], string)


@on_wire("UPDATE-9")
class RequestedStringIsEchoed(Wire):
    """The answer of an update echoes the connection string of the request."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_update(seen) and reply.status == 200 and "connectionString" in body_of(seen):
            reply.json["connectionString"] = seen.json["connectionString"]


# UPDATE-10


@on_wire("UPDATE-10")
class SkipCacheRefused(Wire):
    """An update on Trino does not take `skipCache`."""

    def request(self, seen: Seen) -> Reply | None:
        if is_update(seen, "trino") and "skipCache" in seen.query:
            return refused(400, "Bad request: unknown query parameter skipCache.")
        return None


@on_wire("UPDATE-10")
class SkipCacheKeepsTheMetadata(Wire):
    """With `skipCache=true` an update answers what it would do, and reads show the metadata before it."""

    def __init__(self) -> None:
        self.last: dict[str, Any] = {}
        self.kept: dict[str, Any] = {}

    def answer(self, seen: Seen, reply: Reply) -> None:
        if reply.status != 200 or "handler" not in seen.path.split("/") or not isinstance(reply.json, dict):
            return
        if seen.method == "GET" and seen.path in self.kept:
            reply.json["metadata"] = self.kept[seen.path]
        elif is_update(seen) and seen.query.get("skipCache") == ["true"] and seen.path in self.last:
            self.kept[seen.path] = self.last[seen.path]
        elif is_update(seen):
            self.kept.pop(seen.path, None)
            self.last[seen.path] = reply.json["metadata"]


@on_wire("UPDATE-10")
class SkipCacheFalseHidesTheColumns(Wire):
    """With `skipCache=false` the answer of an update on Redshift lists no columns."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_update(seen, "redshift") and reply.status == 200 and seen.query.get("skipCache") == ["false"]:
            reply.json["columns"] = []
