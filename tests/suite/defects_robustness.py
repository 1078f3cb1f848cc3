"""Planted defects of what refused requests leave behind, and server errors: ERR-8."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace as changed
from typing import Any

from immuta_mock import Store
from immuta_mock.connectors import Connector
from immuta_mock.errors import DuplicateTables, NameTaken, Refusal, RoleMissing
from immuta_mock.store import BulkUpdate, CreatedOne, CreatedSeveral, DataSource, Dictionary
from immuta_mock.users import User
from planting import Reply, Seen, Wire, in_store, on_wire, replace
from planting_creates import elements_of, is_create, is_several, source_of
from planting_dictionaries import columns_in, is_dictionary, is_search
from planting_handlers import body_of, is_bulk, is_update, metadata_of
from planting_refusals import Json, has_key, is_job, is_on, is_selected, refusal

Create = Callable[[User, Connector, Json], CreatedOne | CreatedSeveral]
Update = Callable[[User, Connector, int, Json], DataSource]
Bulk = Callable[[User, Connector, Json], BulkUpdate]


# What is left behind


@in_store("ERR-8")
def batches_are_made_one_by_one(store: Store) -> None:
    """Of a create of several that is refused, the elements before the bad one are made."""

    def wrap(create: Create) -> Create:
        def defective(user: User, connector: Connector, body: Json) -> CreatedOne | CreatedSeveral:
            try:
                return create(user, connector, body)
            except Refusal:
                for element in body["handler"] if is_several(body) else ():
                    create(user, connector, {**body, "handler": [element]})
                raise

        return defective

    replace(store, "create_data_sources", wrap)


@in_store("ERR-8")
def refused_renames_write_the_rest(store: Store) -> None:
    """An update of redshift to a taken name writes everything but the name."""

    def wrap(update: Update) -> Update:
        def defective(user: User, connector: Connector, handler_id: int, body: Json) -> DataSource:
            try:
                return update(user, connector, handler_id, body)
            except Refusal:
                metadata = dict(body["handler"]["metadata"])
                if connector.prefix == "redshift" and metadata.pop("dataSourceName", None):
                    with suppress(Refusal):
                        update(user, connector, handler_id, {**body, "handler": {"metadata": metadata}})
                raise

        return defective

    replace(store, "update_handler", wrap)


@in_store("ERR-8")
def bulk_runs_until_the_unknown_id(store: Store) -> None:
    """A bulk update by ids writes the data sources before the unknown id."""

    def wrap(bulk: Bulk) -> Bulk:
        def defective(user: User, connector: Connector, body: Json) -> BulkUpdate:
            try:
                return bulk(user, connector, body)
            except Refusal:
                for identifier in body.get("ids", ()):
                    bulk(user, connector, {**body, "ids": [identifier]})
                raise

        return defective

    replace(store, "bulk_update", wrap)


@in_store("ERR-8")
def refused_bulk_updates_write_what_is_owned(store: Store) -> None:
    """A bulk update that is refused because of one data source writes those that the caller owns."""

    def wrap(bulk: Bulk) -> Bulk:
        def defective(user: User, connector: Connector, body: Json) -> BulkUpdate:
            try:
                return bulk(user, connector, body)
            except RoleMissing:
                for source in list(store._state.data_sources.values()):
                    if source.created_by == user.profile and is_selected(source, connector, body):
                        bulk(user, connector, {"handler": body["handler"], "ids": [source.id]})
                raise

        return defective

    replace(store, "bulk_update", wrap)


@in_store("ERR-8")
def names_of_refused_creates_stay_taken(store: Store) -> None:
    """The names of a create that was refused cannot be used any more."""
    reserved: set[str] = set()

    def wrap(create: Create) -> Create:
        def defective(user: User, connector: Connector, body: Json) -> CreatedOne | CreatedSeveral:
            names = [str(each.get("dataSourceName")) for each in elements_of(body)] if is_several(body) else []
            if reserved.intersection(names):
                raise NameTaken(names[0], "handler[0].metadata.dataSourceName")
            try:
                return create(user, connector, body)
            except DuplicateTables:
                reserved.update(names)
                raise

        return defective

    replace(store, "create_data_sources", wrap)


@in_store("ERR-8")
def refused_dictionaries_are_emptied(store: Store) -> None:
    """PUT empties the dictionary before it looks at the columns."""

    def wrap(write: Callable[..., Dictionary]) -> Callable[..., Dictionary]:
        def defective(user: User, data_source_id: int, columns: Any) -> Dictionary:
            if len({each["name"] for each in columns}) < len(columns):
                write(user, data_source_id, [])
            return write(user, data_source_id, columns)

        return defective

    replace(store, "update_dictionary", wrap)


@in_store("ERR-8")
def refused_updates_touch(store: Store) -> None:
    """A refused update sets updatedAt of the data source."""

    def wrap(update: Update) -> Update:
        def defective(user: User, connector: Connector, handler_id: int, body: Json) -> DataSource:
            try:
                return update(user, connector, handler_id, body)
            except Refusal:
                source = store._state.data_sources.get(store._state.by_handler.get(handler_id, 0))
                if source is not None:
                    store._state.put(changed(source, updated_at=store._clock()))
                raise

        return defective

    replace(store, "update_handler", wrap)


# Server errors


def crash() -> Reply:
    return refusal(500, "An internal server error occurred")


@on_wire("ERR-8")
class ThreeFieldsCrashACreate(Wire):
    """A create on trino with a text as `ssl`, no port and a null query is 500."""

    def request(self, seen: Seen) -> Reply | None:
        for each in elements_of(seen.json) if is_create(seen, "trino") and has_key(seen) else ():
            if isinstance(each.get("ssl"), str) and "port" not in each and each.get("query", "") is None:
                return crash()
        return None


@on_wire("ERR-8")
class ThreeFieldsCrashAnUpdate(Wire):
    """An update of snowflake with files, without columns and with an empty schema is 500."""

    def request(self, seen: Seen) -> Reply | None:
        sent = metadata_of(seen) if is_update(seen, "snowflake") and has_key(seen) else {}
        return crash() if sent.get("userFiles") and "columns" not in sent and sent.get("schema") == "" else None


@on_wire("ERR-8")
class TwoMistakesCrashABulkUpdate(Wire):
    """A bulk update of databricks with a wrong port and a null as `userFiles` is 500."""

    def request(self, seen: Seen) -> Reply | None:
        sent = metadata_of(seen) if is_bulk(seen, "databricks") and has_key(seen) else {}
        return crash() if isinstance(sent.get("port"), str) and sent.get("userFiles", "") is None else None


@on_wire("ERR-8")
class SettingsCrashTogether(Wire):
    """A public data source of redshift with an array of blob handlers and an empty category is 500."""

    def request(self, seen: Seen) -> Reply | None:
        sent = source_of(seen) if is_create(seen, "redshift") and has_key(seen) else {}
        odd = sent.get("private") is False and isinstance(sent.get("blobHandler"), list) and sent.get("category") == ""
        return crash() if odd else None


@on_wire("ERR-8")
class ReadCrashesOnANullEventTime(Wire):
    """GET of an asa handler is 500 where `eventTime` is null and there are no columns."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if seen.on("GET", "asa", "handler") and reply.status == 200:
            metadata = reply.json["metadata"]
            if metadata.get("eventTime", "") is None and not metadata.get("columns"):
                reply.status, reply.json = 500, crash().json


@on_wire("ERR-8")
class KeyColumnsCrash(Wire):
    """A dictionary with a primary key that may be null and has no tags is 500."""

    def request(self, seen: Seen) -> Reply | None:
        for column in columns_in(seen.json) if is_dictionary(seen, "PUT") and has_key(seen) else ():
            if column.get("isPrimaryKey") and column.get("nullable") and column.get("tags", "") == []:
                return crash()
        return None


@on_wire("ERR-8")
class SurrogatesCrash(Wire):
    """A lone surrogate in a bulk update is 500."""

    def request(self, seen: Seen) -> Reply | None:
        return crash() if is_bulk(seen) and b"\\ud800" in seen.body.lower() and has_key(seen) else None


@on_wire("ERR-8")
class ManyDigitsCrash(Wire):
    """An integer of thousands of digits is 500 in a create on asa."""

    def request(self, seen: Seen) -> Reply | None:
        return crash() if is_create(seen, "asa") and b"9" * 4000 in seen.body and has_key(seen) else None


@on_wire("ERR-8")
class OddBytesInAQueryCrash(Wire):
    """A query that is no UTF-8 is 500 in the column search."""

    def request(self, seen: Seen) -> Reply | None:
        return crash() if is_search(seen) and any("\N{REPLACEMENT CHARACTER}" in t for t in _texts(seen)) else None


def _texts(seen: Seen) -> list[str]:
    return [text for texts in seen.query.values() for text in texts]


@on_wire("ERR-8")
class HugeIdsCrash(Wire):
    """An id beyond 64 bits is 500 where a job of snowflake is started."""

    def request(self, seen: Seen) -> Reply | None:
        identifier = seen.path.split("/")[3] if is_job(seen, "snowflake") else ""
        return crash() if identifier.isdecimal() and len(identifier) > 20 and has_key(seen) else None


@on_wire("ERR-8")
class ScalarsCrash(Wire):
    """A body that is a bare number is 500 where a dictionary is created."""

    def request(self, seen: Seen) -> Reply | None:
        number = isinstance(seen.json, int) and not isinstance(seen.json, bool)
        return crash() if is_dictionary(seen, "POST") and number and has_key(seen) else None


@on_wire("ERR-8")
class NullMetadataCrashes(Wire):
    """An update of trino with null for `metadata` is 500."""

    def request(self, seen: Seen) -> Reply | None:
        handler = body_of(seen).get("handler") if is_update(seen, "trino") and is_on(seen, "trino") else None
        return crash() if isinstance(handler, dict) and handler.get("metadata", "") is None and has_key(seen) else None
