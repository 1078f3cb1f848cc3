"""Planted defects on the wire that an independent look at handlers, bulk updates and jobs thought of."""

from copy import deepcopy
from typing import Any

from planting import Reply, Seen, Wire, on_wire
from planting_creates import elements_of, is_create, is_several, reads_handler, reads_source, refused, source_of
from planting_handlers import body_of, is_bulk, is_update, metadata_of

Json = dict[str, Any]


def record_of(reply: Reply) -> Json:
    """The object answered as a success; changes in it are sent on. An empty one stands for any other answer."""
    return reply.json if reply.status == 200 and isinstance(reply.json, dict) else {}


def metadata_in(reply: Reply) -> Json:
    found = record_of(reply).get("metadata")
    return found if isinstance(found, dict) else {}


def created_path(seen: Seen, reply: Reply) -> str | None:
    """The path of the handler that a create of one has made."""
    identifier = record_of(reply).get("id")
    return f"{seen.path}/{identifier}" if is_create(seen) and identifier is not None else None


# Creating


@on_wire("CREATE-1")
class FirstReadOfANewDataSourceFindsNothing(Wire):
    """Databricks tells of a new data source only when asked for the second time."""

    def __init__(self) -> None:
        self.new: set[str] = set()

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_create(seen, "databricks"):
            self.new.add(f"/dataSource/{record_of(reply).get('dataSourceId')}")
        if seen.method == "GET" and seen.path in self.new:
            self.new.remove(seen.path)
            reply.status, reply.json = 404, refused(404, "Data source not found.").json


@on_wire("CREATE-3")
class NameInTheMetadataIsEnough(Wire):
    """Without a name of the data source, the single form takes that of the metadata."""

    def request(self, seen: Seen) -> Reply | None:
        if is_create(seen) and not is_several(seen.json) and source_of(seen):
            for metadata in elements_of(seen.json):
                source_of(seen).setdefault("name", metadata.get("dataSourceName"))
        return None


@on_wire("CREATE-8")
class ArrayOfBlobHandlersFailsAfterTheCreate(Wire):
    """Snowflake creates a data source with several blob handlers, but stumbles over its answer."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_create(seen, "snowflake") and record_of(reply) and isinstance(source_of(seen).get("blobHandler"), list):
            reply.status, reply.json = 500, refused(500, "An internal error occurred.").json


@on_wire("CREATE-12")
class TableNamesInAnArrayOfOneAreTheNames(Wire):
    """An array of one handler of asa exposes the data source under its own name."""

    def request(self, seen: Seen) -> Reply | None:
        elements = elements_of(seen.json) if is_create(seen, "asa") and is_several(seen.json) else []
        if len(elements) == 1 and elements[0].get("dataSourceName"):
            elements[0]["bodataTableName"] = elements[0]["dataSourceName"]
        return None


@on_wire("CREATE-18")
class ThirdElementIsForgotten(Wire):
    """Databricks counts every element of an array, and makes two of them at most."""

    def __init__(self) -> None:
        self.count = 0

    def request(self, seen: Seen) -> Reply | None:
        self.count = len(elements_of(seen.json)) if is_create(seen, "databricks") and is_several(seen.json) else 0
        if self.count > 2:
            seen.json["handler"] = seen.json["handler"][:2]
        return None

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_create(seen) and self.count > 2 and "jobsCreated" in record_of(reply):
            reply.json["jobsCreated"] = self.count


@on_wire("CREATE-19")
class ColumnsOfTheFirstElementServeAll(Wire):
    """The dictionary of each trino element is made from the columns of the first."""

    def request(self, seen: Seen) -> Reply | None:
        first, *rest = elements_of(seen.json) if is_create(seen, "trino") else [{}]
        for metadata in rest:
            if "columns" in first and "columns" in metadata:
                metadata["columns"] = first["columns"]
        return None


# Reading handlers


class SkipCacheRefused(Wire):
    """Answers 400 to the reads that `refuses` picks by their query."""

    prefix = ""

    def request(self, seen: Seen) -> Reply | None:
        if reads_handler(seen, self.prefix) and self.refuses(seen.query):
            return refused(400, "Bad request: skipCache is not as it should be.")
        return None

    def refuses(self, query: dict[str, list[str]]) -> bool:
        raise NotImplementedError


@on_wire("GET-2")
class SkipCacheIsRequiredOnRedshift(SkipCacheRefused):
    """A redshift handler cannot be read without skipCache."""

    prefix = "redshift"

    def refuses(self, query: dict[str, list[str]]) -> bool:
        return "skipCache" not in query


@on_wire("GET-2")
class SkipCacheIsUnknownOnDatabricks(SkipCacheRefused):
    """A databricks handler cannot be read with skipCache."""

    prefix = "databricks"

    def refuses(self, query: dict[str, list[str]]) -> bool:
        return "skipCache" in query


@on_wire("GET-3")
class DefaultPortIsNotShownOnSnowflake(Wire):
    """A port that is the default one is left out when the handler is read."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if reads_handler(seen, "snowflake") and metadata_in(reply).get("port") == 443:
            del metadata_in(reply)["port"]


@on_wire("GET-3")
class LoginMethodsLoseTheirSpaces(Wire):
    """The method `Access Token` is kept as `AccessToken` on redshift."""

    def request(self, seen: Seen) -> Reply | None:
        if is_create(seen, "redshift"):
            for metadata in elements_of(seen.json):
                if isinstance(metadata.get("authenticationMethod"), str):
                    metadata["authenticationMethod"] = metadata["authenticationMethod"].replace(" ", "")
        return None


@on_wire("GET-3")
class FirstReadAfterABulkUpdateIsStale(Wire):
    """The first read of a databricks handler after a bulk update shows it as it was read before."""

    def __init__(self) -> None:
        self.read: dict[str, Json] = {}
        self.stale: set[str] = set()

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_bulk(seen, "databricks") and record_of(reply):
            self.stale |= self.read.keys()
        if reads_handler(seen, "databricks") and record_of(reply):
            now = deepcopy(reply.json)
            if seen.path in self.stale:
                self.stale.remove(seen.path)
                reply.json = self.read[seen.path]
            self.read[seen.path] = now


# Updating handlers


def bodies_in_array(seen: Seen) -> list[Json]:
    """The metadata in an update of asa by an array; changes in them are sent on."""
    bodies = seen.json if is_update(seen, "asa") and isinstance(seen.json, list) else []
    handlers = [each.get("handler") for each in bodies if isinstance(each, dict)]
    found = [each.get("metadata") for each in handlers if isinstance(each, dict)]
    return [each for each in found if isinstance(each, dict)]


@on_wire("UPDATE-1")
class UserNameSurvivesAnArray(Wire):
    """An update of asa by an array keeps the user name that it does not send."""

    def __init__(self) -> None:
        self.users: dict[str, str] = {}

    def request(self, seen: Seen) -> Reply | None:
        for metadata in bodies_in_array(seen):
            if seen.path in self.users:
                metadata.setdefault("username", self.users[seen.path])
        return None

    def answer(self, seen: Seen, reply: Reply) -> None:
        path = created_path(seen, reply)
        for metadata in elements_of(seen.json) if path else []:
            if path and "username" in metadata:
                self.users[path] = metadata["username"]


@on_wire("UPDATE-2")
class ArrayEmptiesTheDictionary(Wire):
    """An update of asa by an array without columns takes that for no columns."""

    def request(self, seen: Seen) -> Reply | None:
        for metadata in bodies_in_array(seen):
            metadata.setdefault("columns", [])
        return None


@on_wire("UPDATE-2")
class NewEventTimeEmptiesTheDictionary(Wire):
    """An update of trino that names an event time begins a new dictionary."""

    def request(self, seen: Seen) -> Reply | None:
        if is_update(seen, "trino") and metadata_of(seen).get("eventTime"):
            metadata_of(seen).setdefault("columns", [])
        return None


@on_wire("UPDATE-3")
class OneColumnIsNoDictionary(Wire):
    """An update of databricks passes over a list of one column."""

    def request(self, seen: Seen) -> Reply | None:
        columns = metadata_of(seen).get("columns") if is_update(seen, "databricks") else None
        if isinstance(columns, list) and len(columns) == 1:
            del metadata_of(seen)["columns"]
        return None


@on_wire("UPDATE-4")
class StringSentIsAnswered(Wire):
    """An update of snowflake answers the connection string that was sent beside the handler."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_update(seen, "snowflake") and record_of(reply) and "connectionString" in body_of(seen):
            reply.json["connectionString"] = seen.json["connectionString"]


@on_wire("UPDATE-6")
class RenamedOnlyInTheHandler(Wire):
    """The data source of a renamed databricks handler goes on under its first name."""

    def __init__(self) -> None:
        self.names: dict[int, str] = {}

    def answer(self, seen: Seen, reply: Reply) -> None:
        source = record_of(reply) if reads_source(seen) else {}
        if source.get("blobHandlerType") == "Databricks":
            source["name"] = self.names.setdefault(source["id"], source["name"])


@on_wire("UPDATE-8")
class ArrayIsAnsweredByAnArray(Wire):
    """An update of asa by an array is answered with an array."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_update(seen, "asa") and isinstance(seen.json, list) and record_of(reply):
            reply.json = [reply.json]


@on_wire("UPDATE-9")
class UserStaysInTheString(Wire):
    """The connection string of a databricks handler keeps the user of its create."""

    def __init__(self) -> None:
        self.users: dict[str, str] = {}

    def answer(self, seen: Seen, reply: Reply) -> None:
        record = record_of(reply)
        if path := created_path(seen, reply):
            user, sign, _ = record["connectionString"].rpartition("@")
            self.users[path] = user + sign
        if (is_update(seen, "databricks") or reads_handler(seen, "databricks")) and seen.path in self.users and record:
            record["connectionString"] = self.users[seen.path] + record["connectionString"].rpartition("@")[2]


@on_wire("UPDATE-10")
class UpdateWantsSkipCacheOnRedshift(Wire):
    """A redshift handler cannot be updated without skipCache."""

    def request(self, seen: Seen) -> Reply | None:
        if is_update(seen, "redshift") and "skipCache" not in seen.query:
            return refused(400, "Bad request: skipCache is required.")
        return None


# Bulk updates and jobs


@on_wire("BULK-3")
class BulkUpdateWantsTheHostOnDatabricks(Wire):
    """A bulk update of databricks that leaves out the host name is refused."""

    def request(self, seen: Seen) -> Reply | None:
        if is_bulk(seen, "databricks") and metadata_of(seen) and "hostname" not in metadata_of(seen):
            return refused(400, "Bad request: hostname is required.")
        return None


@on_wire("BULK-6")
class NoMoreThanTwoAreCounted(Wire):
    """A bulk update of redshift counts two data sources at most."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_bulk(seen, "redshift") and isinstance(record_of(reply).get("jobsCreated"), int):
            reply.json["jobsCreated"] = min(2, reply.json["jobsCreated"])


@on_wire("BULK-7")
class OneDataSourceShowsTheCertificate(Wire):
    """Of the redshift handlers of one connection, only that read first shows the certificate given in bulk."""

    def __init__(self) -> None:
        self.shown: dict[str, str] = {}
        self.updated: set[str] = set()

    def answer(self, seen: Seen, reply: Reply) -> None:
        string = record_of(reply).get("connectionString", "")
        if is_bulk(seen, "redshift") and "userFiles" in metadata_of(seen):
            self.updated.add(string)
        reached = reads_handler(seen, "redshift") and string in self.updated
        if reached and self.shown.setdefault(string, seen.path) != seen.path:
            metadata_in(reply).pop("userFiles", None)
