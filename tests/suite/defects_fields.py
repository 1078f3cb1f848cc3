"""Planted defects of unknown fields and of passwords: HTTP-6 and HTTP-8."""

from immuta_mock import Store
from immuta_mock.store import DataSource
from planting import Reply, Seen, Wire, in_store, on_wire
from planting_creates import elements_of, is_create, is_several, reads_handler, reads_source, source_of
from planting_dictionaries import Columns, Json, writing
from planting_handlers import is_bulk, is_update, metadata_of, rewriting
from planting_refusals import refusal

KNOWN = {"name", "dataType", "remoteType", "nullable", "isPrimaryKey", "description", "tags", "remoteColumn"}


def is_unknown(name: str) -> bool:
    """Whether no document mentions the field."""
    return name.startswith("x_") or name in ("isChildDataSource", "hasSamples", "useDatesAsDirectory")


# HTTP-6


@on_wire("HTTP-6")
class StrangeSettingsAreRefused(Wire):
    """A create on trino refuses unknown fields of dataSource."""

    def request(self, seen: Seen) -> Reply | None:
        strange = is_create(seen, "trino") and any(map(is_unknown, source_of(seen)))
        return refusal(400, "Bad request: dataSource has additional fields.") if strange else None


@on_wire("HTTP-6")
class StrangeNullsAreDropped(Wire):
    """Unknown fields of metadata that are null get lost in creates."""

    def request(self, seen: Seen) -> Reply | None:
        for metadata in elements_of(seen.json) if is_create(seen) else ():
            for name in [name for name, value in metadata.items() if is_unknown(name) and value is None]:
                del metadata[name]
        return None


@in_store("HTTP-6")
def updates_keep_known_fields_alone(store: Store) -> None:
    """An update of redshift drops the unknown fields of metadata."""

    def known(_before: DataSource, sent: Json) -> Json:
        return {name: value for name, value in sent.items() if not is_unknown(name)}

    rewriting(store, known, "redshift")


@on_wire("HTTP-6")
class StrangeObjectsAreFlattened(Wire):
    """Unknown fields of metadata that hold an object come back as text."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if reads_handler(seen) and reply.status == 200:
            for name, value in reply.json["metadata"].items():
                if is_unknown(name) and isinstance(value, dict | list):
                    reply.json["metadata"][name] = str(value)


@in_store("HTTP-6")
def columns_keep_known_fields_alone(store: Store) -> None:
    """PUT of a dictionary drops the unknown fields of its columns."""

    def known(_source: object, columns: Columns) -> Columns:
        return [{name: value for name, value in column.items() if name in KNOWN} for column in columns]

    writing(store, "update_dictionary", known)


@on_wire("HTTP-6")
class StrangeBulkIsRefused(Wire):
    """A bulk update with something unknown beside `handler` is 400."""

    def request(self, seen: Seen) -> Reply | None:
        strange = is_bulk(seen) and isinstance(seen.json, dict) and any(map(is_unknown, seen.json))
        return refusal(400, "Bad request: the body has additional fields.") if strange else None


@on_wire("HTTP-6")
class StrangeTopGetsLost(Wire):
    """Unknown fields at the top of an update are not shown by the data source."""

    def request(self, seen: Seen) -> Reply | None:
        if is_update(seen) and isinstance(seen.json, dict):
            seen.json = {name: value for name, value in seen.json.items() if not is_unknown(name)}
        return None


@on_wire("HTTP-6")
class SeveralLoseStrangeSettings(Wire):
    """A create of several drops the unknown fields of dataSource."""

    def request(self, seen: Seen) -> Reply | None:
        if is_create(seen) and is_several(seen.json):
            settings = source_of(seen)
            for name in [name for name in settings if is_unknown(name)]:
                del settings[name]
        return None


@on_wire("HTTP-6")
class SentTimesAreShown(Wire):
    """A data source shows the createdAt that its create was sent."""

    def __init__(self) -> None:
        self.sent: dict[str, str] = {}

    def request(self, seen: Seen) -> Reply | None:
        if is_create(seen) and "createdAt" in source_of(seen):
            self.sent[str(source_of(seen).get("name"))] = source_of(seen)["createdAt"]
        return None

    def answer(self, seen: Seen, reply: Reply) -> None:
        if reads_source(seen) and reply.status == 200 and reply.json.get("name") in self.sent:
            reply.json["createdAt"] = self.sent[reply.json["name"]]


# HTTP-8


class Passwords(Wire):
    """Remembers the last password that was sent."""

    def __init__(self) -> None:
        self.last = ""

    def request(self, seen: Seen) -> Reply | None:
        for metadata in [*elements_of(seen.json), metadata_of(seen)]:
            self.last = metadata["password"] if isinstance(metadata.get("password"), str) else self.last
        return None


@on_wire("HTTP-8")
class HandlerShowsThePassword(Passwords):
    """GET of a snowflake handler shows the password."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if reads_handler(seen, "snowflake") and reply.status == 200 and self.last:
            reply.json["metadata"]["password"] = self.last


@on_wire("HTTP-8")
class UpdateEchoesThePassword(Wire):
    """The answer to an update of databricks echoes the metadata as they were sent."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_update(seen, "databricks") and reply.status == 200:
            reply.json["metadata"] |= {n: v for n, v in metadata_of(seen).items() if n == "password"}


@on_wire("HTTP-8")
class RefusalQuotesTheBody(Wire):
    """A refused create quotes what was sent."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_create(seen, "trino") and reply.status in (400, 422):
            reply.json["message"] += " Seen: " + seen.body.decode("utf-8", "replace")


@on_wire("HTTP-8")
class SourceHoldsACredentialUrl(Passwords):
    """The data source shows a URL with user and password."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if reads_source(seen) and reply.status == 200 and self.last:
            reply.json["policyHandler"] = {"url": f"odbc://loader:{self.last}@host"}


@on_wire("HTTP-8")
class BulkPasswordIsShown(Wire):
    """After a bulk update of asa the handler shows the new password."""

    def __init__(self) -> None:
        self.last = ""

    def request(self, seen: Seen) -> Reply | None:
        if is_bulk(seen, "asa"):
            self.last = str(metadata_of(seen).get("password", self.last))
        return None

    def answer(self, seen: Seen, reply: Reply) -> None:
        if reads_handler(seen, "asa") and reply.status == 200 and self.last:
            reply.json["metadata"]["password"] = self.last


@on_wire("HTTP-8")
class PasswordIsAsterisks(Wire):
    """GET of a redshift handler shows the password as asterisks."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if reads_handler(seen, "redshift") and reply.status == 200:
            reply.json["metadata"]["password"] = "********"
