"""Planted defects of what a bulk update takes and answers: BULK-2, 4 and 5."""

from dataclasses import replace as changed

from immuta_mock import Store
from immuta_mock.connectors import Connector
from immuta_mock.store import BulkUpdate
from immuta_mock.users import User
from planting import Reply, Seen, Wire, in_store, on_wire, replace
from planting_handlers import Bulk, Json, body_of, is_bulk, refused

# BULK-2


@on_wire("BULK-2")
class IdsWinOverTheString(Wire):
    """A body with ids and a connection string is taken, for the ids."""

    def request(self, seen: Seen) -> None:
        if is_bulk(seen) and "ids" in body_of(seen):
            seen.json.pop("connectionString", None)


@on_wire("BULK-2")
class HandlerNeedNotBeThere(Wire):
    """A bulk update on Trino without a handler is taken, for one that changes nothing."""

    def request(self, seen: Seen) -> None:
        if is_bulk(seen, "trino") and "connectionString" in body_of(seen):
            seen.json.setdefault("handler", {"metadata": {}})


@on_wire("BULK-2")
class NoIdsForNothing(Wire):
    """A bulk update with an empty list of ids is taken, and changes nothing."""

    def request(self, seen: Seen) -> Reply | None:
        if is_bulk(seen, "redshift") and body_of(seen).get("ids") == [] and "handler" in body_of(seen):
            return Reply(
                200, {"bulkId": "6f1c0f2e-8d0e-41ee-9a1b-0242ac120002", "connectionString": "", "jobsCreated": 0}
            )
        return None


@on_wire("BULK-2")
class NumbersAsTextTaken(Wire):
    """Ids may be written as texts of digits, on Snowflake."""

    def request(self, seen: Seen) -> None:
        ids = body_of(seen).get("ids") if is_bulk(seen, "snowflake") else None
        if isinstance(ids, list) and all(isinstance(each, str) and each.isdigit() for each in ids):
            seen.json["ids"] = [int(each) for each in ids]


@on_wire("BULK-2")
class ArrayOfBulkBodiesTaken(Wire):
    """Databricks, too, takes an array of one body."""

    def request(self, seen: Seen) -> None:
        if is_bulk(seen, "databricks") and isinstance(seen.json, list) and len(seen.json) == 1:
            seen.json = seen.json[0]


@on_wire("BULK-2")
class ArrayOfBulkBodyRefusedOnAsa(Wire):
    """Azure Synapse Analytics takes no array, though its reference documents one."""

    def request(self, seen: Seen) -> Reply | None:
        return refused(400, "Bad request: no array.") if is_bulk(seen, "asa") and isinstance(seen.json, list) else None


# BULK-4


@on_wire("BULK-4")
class BulkIdIsTextOnAsa(Wire):
    """The bulk id of Azure Synapse Analytics is a string of digits."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_bulk(seen, "asa") and reply.status == 200:
            reply.json["bulkId"] = str(reply.json["bulkId"])


@on_wire("BULK-4")
class BulkIdIsANumberOnTrino(Wire):
    """The bulk id of Trino is a number."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_bulk(seen, "trino") and reply.status == 200:
            reply.json["bulkId"] = int(reply.json["bulkId"][:8], 16)


@in_store("BULK-4")
def only_one_job_is_listed(store: Store) -> None:
    """A bulk id leads to the first of its jobs alone."""

    replace(store, "jobs_of_bulk", lambda jobs_of_bulk: lambda bulk_id: jobs_of_bulk(bulk_id)[:1])


@in_store("BULK-4")
def bulk_updates_by_ids_cannot_be_followed(store: Store) -> None:
    """The bulk id of an update by ids is unknown."""

    def wrap(bulk: Bulk) -> Bulk:
        def defective(user: User, connector: Connector, body: Json) -> BulkUpdate:
            outcome = bulk(user, connector, body)
            if "ids" in body:
                store._state.bulks.pop(str(outcome.bulk_id))
            return outcome

        return defective

    replace(store, "bulk_update", wrap)


@in_store("BULK-4")
def the_bulk_id_belongs_to_the_connection_string(store: Store) -> None:
    """A second bulk update of the same connection string has the bulk id of the first, on Redshift."""
    known: dict[str, str | int] = {}

    def wrap(bulk: Bulk) -> Bulk:
        def defective(user: User, connector: Connector, body: Json) -> BulkUpdate:
            outcome = bulk(user, connector, body)
            if connector.prefix != "redshift":
                return outcome
            return changed(outcome, bulk_id=known.setdefault(outcome.connection_string, outcome.bulk_id))

        return defective

    replace(store, "bulk_update", wrap)


# BULK-5


@on_wire("BULK-5")
class OldStringIsAnswered(Wire):
    """A bulk update answers the connection string that was asked for."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_bulk(seen) and reply.status == 200:
            reply.json["connectionString"] = body_of(seen).get("connectionString", reply.json["connectionString"])


@in_store("BULK-5")
def the_string_of_the_last_id_is_answered(store: Store) -> None:
    """Of several ids the last one gives the connection string."""

    def wrap(bulk: Bulk) -> Bulk:
        def defective(user: User, connector: Connector, body: Json) -> BulkUpdate:
            outcome = bulk(user, connector, body)
            if "ids" not in body:
                return outcome
            return changed(outcome, connection_string=store.get_data_source(body["ids"][-1]).connection_string)

        return defective

    replace(store, "bulk_update", wrap)


@in_store("BULK-5")
def a_new_user_is_missed_in_the_string(store: Store) -> None:
    """The data sources on Databricks keep their connection string when a bulk update changes the user alone."""

    def wrap(bulk: Bulk) -> Bulk:
        def defective(user: User, connector: Connector, body: Json) -> BulkUpdate:
            state, before = store._state, dict(store._state.data_sources)
            outcome = bulk(user, connector, body)
            given = {"hostname", "port", "database", "username"} & set(body["handler"]["metadata"])
            for source in list(state.data_sources.values()):
                if source is not before[source.id] and given == {"username"} and connector.prefix == "databricks":
                    state.put(changed(source, connection_string=before[source.id].connection_string))
            return outcome

        return defective

    replace(store, "bulk_update", wrap)


@on_wire("BULK-5")
class NullWithoutAMatch(Wire):
    """Without a match the connection string in the answer is null, on Snowflake."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_bulk(seen, "snowflake") and reply.status == 200 and reply.json["jobsCreated"] == 0:
            reply.json["connectionString"] = None
