"""Planted defects of what a create answers, and of the dictionaries it makes: CREATE-15 to CREATE-19."""

from dataclasses import dataclass
from dataclasses import replace as changed
from typing import Any

from immuta_mock import Store
from immuta_mock.store import DataSource
from planting import Reply, Seen, Wire, in_store, on_wire
from planting_creates import (
    Json,
    Refusing,
    after_creating,
    creating,
    creating_metadata,
    elements_of,
    is_create,
    is_several,
    without,
)


@dataclass(frozen=True)
class Created:
    """A create that succeeded: its body, and its answer, which may be changed."""

    body: Json
    answer: Json

    @property
    def one(self) -> bool:
        """Whether it is answered as one data source."""
        return "id" in self.answer

    @property
    def first(self) -> Json:
        """The metadata of its first element."""
        return elements_of(self.body)[0]

    def rewrite(self, old: str, new: str) -> None:
        """Replace a part of the connection string."""
        self.answer["connectionString"] = self.answer["connectionString"].replace(old, new)


class CreateAnswer(Wire):
    """Changes the answer to successful creates, of the connectors named."""

    prefixes: tuple[str, ...] = ()

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_create(seen, *self.prefixes) and reply.status == 200:
            self.amend(Created(seen.json, reply.json))

    def amend(self, created: Created) -> None:
        raise NotImplementedError


# CREATE-15


@on_wire("CREATE-15")
class HandlerIdIsAText(CreateAnswer):
    """`id` is a string of digits on Databricks."""

    prefixes = ("databricks",)

    def amend(self, created: Created) -> None:
        if created.one:
            created.answer["id"] = str(created.answer["id"])


@on_wire("CREATE-15")
class ArrayOfOneIsAnsweredAsSeveral(CreateAnswer):
    """An array of one is answered with a bulk id on Trino."""

    prefixes = ("trino",)

    def amend(self, created: Created) -> None:
        if is_several(created.body) and created.one:
            del created.answer["id"], created.answer["dataSourceId"]
            created.answer.update(bulkId="6f1c0f2e-8d0e-41ee-9a1b-0242ac120002", jobsCreated=1)


@on_wire("CREATE-15")
class IdsAreSwapped(CreateAnswer):
    """`id` is the data source and `dataSourceId` the handler, for an array of one."""

    def amend(self, created: Created) -> None:
        answer = created.answer
        if is_several(created.body) and created.one:
            answer["id"], answer["dataSourceId"] = answer["dataSourceId"], answer["id"]


@on_wire("CREATE-15")
class NoConnectionStringForOne(CreateAnswer):
    """The connection string is missing when one data source was made on Azure Synapse Analytics."""

    prefixes = ("asa",)

    def amend(self, created: Created) -> None:
        if created.one:
            del created.answer["connectionString"]


# CREATE-16


@on_wire("CREATE-16")
class DefaultPortIsAlways443(CreateAnswer):
    """Without a port the connection string of Redshift has 443."""

    prefixes = ("redshift",)

    def amend(self, created: Created) -> None:
        if "port" not in created.first:
            created.rewrite(":5439/", ":443/")


@on_wire("CREATE-16")
class DefaultPortIsLeftOut(CreateAnswer):
    """The default port is left out of the connection string, on Snowflake."""

    prefixes = ("snowflake",)

    def amend(self, created: Created) -> None:
        created.rewrite(":443/", "/")


@on_wire("CREATE-16")
class HostInLowerCase(CreateAnswer):
    """The host is shown in lower case."""

    def amend(self, created: Created) -> None:
        created.rewrite(created.first["hostname"], created.first["hostname"].lower())


@on_wire("CREATE-16")
class NoUserLeavesItsSign(CreateAnswer):
    """Without a user name the connection string starts with `@` on Trino."""

    prefixes = ("trino",)

    def amend(self, created: Created) -> None:
        if "username" not in created.first:
            created.rewrite(created.first["hostname"], f"@{created.first['hostname']}")


@in_store("CREATE-16")
def the_stored_connection_string_lacks_the_user(store: Store) -> None:
    """The data source shows a connection string without user name, other than the answer, on Databricks."""

    def amend(made: list[DataSource]) -> None:
        for source in made:
            store._state.put(changed(source, connection_string=source.connection_string.rpartition("@")[2]))

    after_creating(store, amend, "databricks")


# CREATE-17


@on_wire("CREATE-17")
class WarningsAreNullWithoutAny(CreateAnswer):
    """Without problems `warnings` is null."""

    def amend(self, created: Created) -> None:
        if created.one:
            created.answer.setdefault("warnings", None)


@on_wire("CREATE-17")
class WarningsAreAList(CreateAnswer):
    """`warnings` is an array of texts on Databricks."""

    prefixes = ("databricks",)

    def amend(self, created: Created) -> None:
        if "warnings" in created.answer:
            created.answer["warnings"] = [created.answer["warnings"]]


@on_wire("CREATE-17")
class NoWarningsForAnArrayOfOne(CreateAnswer):
    """An array of one is answered without warnings."""

    def amend(self, created: Created) -> None:
        if is_several(created.body):
            created.answer.pop("warnings", None)


@on_wire("CREATE-17")
class UnreachableHostIsRefused(Refusing):
    """A host that cannot be reached is refused on Azure Synapse Analytics."""

    prefixes = ("asa",)

    def refuses(self, seen: Seen) -> bool:
        return any(str(metadata.get("hostname")).endswith(".invalid") for metadata in elements_of(seen.json))


@on_wire("CREATE-17")
class InvalidAnywhereWarns(CreateAnswer):
    """A host name with `invalid` anywhere provokes a warning on Snowflake."""

    prefixes = ("snowflake",)

    def amend(self, created: Created) -> None:
        if created.one and "invalid" in created.first["hostname"]:
            created.answer["warnings"] = "The data source is unhealthy."


# CREATE-18


@on_wire("CREATE-18")
class JobsCreatedIsOneShort(CreateAnswer):
    """More than two data sources are counted one short."""

    def amend(self, created: Created) -> None:
        if created.answer.get("jobsCreated", 0) > 2:
            created.answer["jobsCreated"] -= 1


@on_wire("CREATE-18")
class BulkIdIsATextOnAsa(CreateAnswer):
    """The bulk id of a create is a string on Azure Synapse Analytics."""

    prefixes = ("asa",)

    def amend(self, created: Created) -> None:
        if not created.one:
            created.answer["bulkId"] = str(created.answer["bulkId"])


@on_wire("CREATE-18")
class BulkIdIsAnIntegerOnTrino(CreateAnswer):
    """The bulk id of a create is an integer on Trino."""

    prefixes = ("trino",)

    def amend(self, created: Created) -> None:
        if not created.one:
            created.answer["bulkId"] = int(created.answer["bulkId"].replace("-", "")[:8], 16)


@on_wire("CREATE-18")
class SeveralAreAnsweredWithIds(CreateAnswer):
    """The answer to several data sources lists their ids on Snowflake."""

    prefixes = ("snowflake",)

    def amend(self, created: Created) -> None:
        if not created.one:
            created.answer["dataSourceIds"] = [*range(1, created.answer["jobsCreated"] + 1)]


@in_store("CREATE-18")
def the_last_of_several_is_not_there(store: Store) -> None:
    """The last of more than two data sources never comes to be, though its job is completed, on Redshift."""

    def amend(made: list[DataSource]) -> None:
        if len(made) > 2:
            store._state.remove(made[-1])

    after_creating(store, amend, "redshift")


@on_wire("CREATE-18")
class ConnectionStringOfTheLast(CreateAnswer):
    """The connection string answered is that of the last element, on Databricks."""

    prefixes = ("databricks",)

    def amend(self, created: Created) -> None:
        if not created.one:
            created.rewrite(created.first["hostname"], elements_of(created.body)[-1]["hostname"])


@on_wire("CREATE-18")
class BulkIdOfACreateLeadsNowhere(Wire):
    """The bulk id of a create of several lists no jobs, that of an update does, on Trino."""

    def __init__(self) -> None:
        self.created: set[str] = set()

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_create(seen, "trino") and reply.status == 200 and "bulkId" in reply.json:
            self.created.add(reply.json["bulkId"])
        if seen.on("GET", "jobs") and self.created.intersection(seen.query.get("bulkId", ())):
            reply.json = []


# CREATE-19


@in_store("CREATE-19")
def only_the_first_element_gets_its_columns(store: Store) -> None:
    """From the second element on the columns are lost."""

    def rewrite(body: Json) -> Json:
        handler = body["handler"]
        if not isinstance(handler, list):
            return body
        rest = [{"metadata": without(each["metadata"], "columns")} for each in handler[1:]]
        return {**body, "handler": [handler[0], *rest]}

    creating(store, rewrite)


@in_store("CREATE-19")
def an_empty_dictionary_without_columns(store: Store) -> None:
    """Without columns there is an empty dictionary on Trino."""
    creating_metadata(store, lambda metadata: {"columns": [], **metadata}, "trino")


@in_store("CREATE-19")
def no_dictionary_for_an_empty_list(store: Store) -> None:
    """An empty column list makes no dictionary."""
    creating_metadata(store, lambda metadata: metadata if metadata.get("columns") else without(metadata, "columns"))


def created_columns(store: Store, rewrite: Any, *prefixes: str) -> None:
    """Let creates keep `rewrite(columns)`."""
    creating_metadata(
        store,
        lambda metadata: metadata | {"columns": rewrite(metadata["columns"])} if "columns" in metadata else metadata,
        *prefixes,
    )


@in_store("CREATE-19")
def columns_are_sorted_on_snowflake(store: Store) -> None:
    """The columns of a new data source are sorted by name on Snowflake."""
    created_columns(store, lambda columns: sorted(columns, key=lambda column: str(column["name"])), "snowflake")


@in_store("CREATE-19")
def tags_of_new_columns_are_lost(store: Store) -> None:
    """The tags of columns given in a create are lost on Azure Synapse Analytics."""
    created_columns(store, lambda columns: [without(column, "tags") for column in columns], "asa")


@in_store("CREATE-19")
def the_remote_column_name_is_lost(store: Store) -> None:
    """Columns given in a create lose `nullable: false`."""
    created_columns(store, lambda columns: [column | {"nullable": True} for column in columns])
