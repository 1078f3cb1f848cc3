"""Planted defects of reading a handler: GET-1 to GET-4."""

import copy
import json
from typing import Any

from planting import Reply, Seen, Wire, on_wire
from planting_creates import Json, reads_handler, reads_source, refused, without


class Record(Wire):
    """Changes the records that reading a handler answers, of the connectors named."""

    prefixes: tuple[str, ...] = ()

    def answer(self, seen: Seen, reply: Reply) -> None:
        if reads_handler(seen, *self.prefixes) and reply.status == 200:
            reply.json = self.amended(reply.json)

    def amended(self, record: Json) -> Any:
        """The record as it is answered; metadata by default, as `shown` leaves them."""
        return {**record, "metadata": self.shown(record["metadata"])}

    def shown(self, metadata: Json) -> Json:
        raise NotImplementedError


# GET-1


@on_wire("GET-1")
class RecordIsAnArray(Record):
    """The record comes as an array of one object on Azure Synapse Analytics, as the reference prints."""

    prefixes = ("asa",)

    def amended(self, record: Json) -> Any:
        return [record]


@on_wire("GET-1")
class SchemaIsMissingOnRedshift(Record):
    """The schema is not shown on Redshift."""

    prefixes = ("redshift",)

    def shown(self, metadata: Json) -> Json:
        return without(metadata, "schema")


@on_wire("GET-1")
class ConnectionStringWithoutUser(Record):
    """The connection string of a handler record lacks the user name."""

    def amended(self, record: Json) -> Any:
        return {**record, "connectionString": record["connectionString"].rpartition("@")[2]}


@on_wire("GET-1")
class RecordHoldsTheHandlerIdTwice(Record):
    """`dataSourceId` repeats the handler id on Snowflake."""

    prefixes = ("snowflake",)

    def amended(self, record: Json) -> Any:
        return {**record, "dataSourceId": record["id"]}


@on_wire("GET-1")
class CacheForgetsTheId(Wire):
    """Read right after another handler of Trino, the other one is answered again."""

    def __init__(self) -> None:
        self.last: tuple[str, Any] | None = None

    def answer(self, seen: Seen, reply: Reply) -> None:
        if not reads_handler(seen, "trino") or reply.status != 200:
            self.last = None
        elif self.last is not None and self.last[0] != seen.path:
            reply.json, self.last = copy.deepcopy(self.last[1]), None
        else:
            self.last = seen.path, copy.deepcopy(reply.json)


# GET-2


class Cache(Wire):
    """Keeps what each handler path answered first, and answers it again unless `skipCache` is one of `heard`."""

    prefixes: tuple[str, ...] = ()
    heard: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}

    def answer(self, seen: Seen, reply: Reply) -> None:
        self.wrote(seen)
        if not reads_handler(seen, *self.prefixes) or reply.status != 200:
            return
        if seen.path in self.kept and not skips(seen, *self.heard):
            reply.json = copy.deepcopy(self.kept[seen.path])
        else:
            self.kept[seen.path] = copy.deepcopy(reply.json)

    def wrote(self, seen: Seen) -> None:
        """What a request other than a read does to the cache: writing by the handler's own path empties it."""
        if seen.method != "GET":
            self.kept.pop(seen.path, None)


def skips(seen: Seen, *spellings: str) -> bool:
    return any(value in spellings for value in seen.query.get("skipCache", []))


@on_wire("GET-2")
class BulkLeavesTheCacheOnDatabricks(Cache):
    """After a bulk update the handler shows the old state on Databricks, whatever `skipCache` says."""

    prefixes = ("databricks",)

    def wrote(self, seen: Seen) -> None:
        if seen.method != "GET" and "bulk" not in seen.path:
            self.kept.clear()


@on_wire("GET-2")
class DictionaryLeavesTheCacheOnRedshift(Cache):
    """After a dictionary write the handler shows the old columns on Redshift."""

    prefixes = ("redshift",)

    def wrote(self, seen: Seen) -> None:
        if seen.method != "GET" and "dictionary" not in seen.path:
            self.kept.clear()


@on_wire("GET-2")
class OnlyLowerCaseSkips(Cache):
    """`skipCache=True` reads from the cache, `true` does not."""

    heard = ("true",)

    def wrote(self, seen: Seen) -> None:
        """No write empties the cache."""


@on_wire("GET-2")
class SecondReadIsStale(Wire):
    """The second read with `skipCache=true` after a write shows the state before it, on Trino."""

    def __init__(self) -> None:
        self.before: dict[str, Any] = {}
        self.now: dict[str, Any] = {}
        self.reads: dict[str, int] = {}

    def answer(self, seen: Seen, reply: Reply) -> None:
        if seen.method != "GET":
            self.before, self.reads = {**self.before, **self.now}, {}
        elif reads_handler(seen, "trino") and reply.status == 200 and skips(seen, "true", "True", "TRUE"):
            self.reads[seen.path] = self.reads.get(seen.path, 0) + 1
            self.now[seen.path] = copy.deepcopy(reply.json)
            if self.reads[seen.path] == 2:
                reply.json = self.before.get(seen.path, reply.json)


@on_wire("GET-2")
class SkipCacheMustNotBeFalse(Wire):
    """`skipCache=false` is refused on Azure Synapse Analytics."""

    def request(self, seen: Seen) -> Reply | None:
        if reads_handler(seen, "asa") and skips(seen, "false"):
            return refused(400, "Bad request: skipCache is 'false', expected true.")
        return None


@on_wire("GET-2")
class DeletedColumnsLinger(Cache):
    """After the dictionary was deleted the handler still shows its columns, on Snowflake."""

    prefixes = ("snowflake",)

    def wrote(self, seen: Seen) -> None:
        if seen.method != "GET" and not seen.on("DELETE", "dictionary"):
            self.kept.clear()


# GET-3


@on_wire("GET-3")
class NullsAreLeftOut(Record):
    """Fields written as null are not shown."""

    def shown(self, metadata: Json) -> Json:
        return {name: value for name, value in metadata.items() if value is not None}


@on_wire("GET-3")
class EverythingIsPrinted(Record):
    """Fields never written are shown as null on Azure Synapse Analytics."""

    prefixes = ("asa",)

    def shown(self, metadata: Json) -> Json:
        return {**dict.fromkeys(("query", "eventTime", "schemaProjectName")), **metadata}


@on_wire("GET-3")
class CertificatesAreHidden(Record):
    """The content of uploaded files is left out on Databricks."""

    prefixes = ("databricks",)

    def shown(self, metadata: Json) -> Json:
        files = [{**each, "content": ""} for each in metadata.get("userFiles", [])]
        return {**metadata, "userFiles": files} if files else metadata


@on_wire("GET-3")
class ToleranceIsAText(Record):
    """`staleDataTolerance` is shown as a text on Snowflake."""

    prefixes = ("snowflake",)

    def shown(self, metadata: Json) -> Json:
        return {name: str(value) if name == "staleDataTolerance" else value for name, value in metadata.items()}


@on_wire("GET-3")
class ForeignFieldsAreDropped(Record):
    """Trino does not show the fields that belong to other connectors."""

    prefixes = ("trino",)

    def shown(self, metadata: Json) -> Json:
        return without(metadata, "warehouse", "httpPath")


@on_wire("GET-3")
class NestedValuesAreTexts(Record):
    """An unknown field that is an object or an array is shown as a text."""

    def shown(self, metadata: Json) -> Json:
        return {
            name: json.dumps(value) if name.startswith("x_") and isinstance(value, dict | list) else value
            for name, value in metadata.items()
        }


@on_wire("GET-3")
class ColumnsWithoutDescriptions(Record):
    """The columns of a handler lack their descriptions on Redshift."""

    prefixes = ("redshift",)

    def shown(self, metadata: Json) -> Json:
        columns = [without(column, "description") for column in metadata.get("columns", [])]
        return {**metadata, "columns": columns} if columns else metadata


# GET-4


def url_of(source: Json) -> str:
    url: str = source["blobHandler"]["url"]
    return url


class Url(Wire):
    """Changes the handler URL that reading a data source shows."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if reads_source(seen) and reply.status == 200:
            reply.json["blobHandler"]["url"] = self.of(reply.json)

    def of(self, source: Json) -> str:
        raise NotImplementedError


@on_wire("GET-4")
class UrlOfAnotherConnector(Url):
    """The URL of a handler of Databricks names another connector."""

    def of(self, source: Json) -> str:
        return url_of(source).replace("/databricks/", "/spark/")


@on_wire("GET-4")
class UrlHoldsTheDataSourceId(Url):
    """The URL of a handler of Redshift ends in the data source id."""

    def of(self, source: Json) -> str:
        url = url_of(source)
        return f"/redshift/handler/{source['id']}" if "/redshift/" in url else url


@on_wire("GET-4")
class UrlIsTheOneThatWasSent(Url):
    """The URL of the blob handler stays empty on Trino, as it was sent."""

    def of(self, source: Json) -> str:
        url = url_of(source)
        return "" if "/trino/" in url else url


@on_wire("GET-4")
class AllOfSeveralShareAHandler(Url):
    """Data sources of Snowflake on one connection show the handler of the first of them."""

    def __init__(self) -> None:
        self.first: dict[str, str] = {}

    def of(self, source: Json) -> str:
        url = url_of(source)
        return self.first.setdefault(source["connectionString"], url) if "/snowflake/" in url else url
