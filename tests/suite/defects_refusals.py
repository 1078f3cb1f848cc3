"""Planted defects of names, tables and roles: ERR-5 to ERR-7."""

from collections.abc import Callable
from dataclasses import replace as changed
from typing import Any

from immuta_mock import Store
from immuta_mock.connectors import Connector
from immuta_mock.errors import Refusal
from immuta_mock.store import BulkUpdate, CreatedOne, CreatedSeveral, Job
from immuta_mock.users import User
from planting import Reply, Seen, Wire, in_store, on_wire, replace
from planting_creates import elements_of, is_create, is_several
from planting_handlers import is_bulk, is_update
from planting_refusals import Json, has_key, is_selected, refusal

Create = Callable[[User, Connector, Json], CreatedOne | CreatedSeveral]
Bulk = Callable[[User, Connector, Json], BulkUpdate]
Start = Callable[[User, Connector, int], Job]
DUPLICATES = "duplicate tables are specified in the payload."


def is_taken(reply: Reply) -> bool:
    """Whether a name is refused as taken."""
    return reply.status == 422 and "validation" in reply.json and reply.json["validation"][0]["code"] == "unique"


# ERR-5


@on_wire("ERR-5")
class TakenIsAConflict(Wire):
    """A taken name is 409 on snowflake creates."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_create(seen, "snowflake") and is_taken(reply):
            reply.status, reply.json["statusCode"], reply.json["error"] = 409, 409, "Conflict"


@on_wire("ERR-5")
class TakenSaysInUse(Wire):
    """A taken name in an update is said to be in use already."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_update(seen) and is_taken(reply):
            reply.json["message"] = reply.json["message"].replace("already exists", "is in use already")


@on_wire("ERR-5")
class TakenHasAnotherCode(Wire):
    """The code of a taken name is `duplicate` where several are created."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_create(seen) and is_several(seen.json) and is_taken(reply):
            reply.json["validation"][0]["code"] = "duplicate"


@on_wire("ERR-5")
class TakenHasNoValidation(Wire):
    """A name clash in a bulk update of trino has no `validation`."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_bulk(seen, "trino") and is_taken(reply):
            del reply.json["validation"]


@on_wire("ERR-5")
class TablesClashBeforeNames(Wire):
    """Where names and tables clash in one payload, the answer is about the tables."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        tables = [tuple(map(each.get, ("hostname", "database", "schema", "table"))) for each in elements_of(seen.json)]
        if is_create(seen) and is_taken(reply) and len(set(tables)) < len(tables):
            reply.json = refusal(422, DUPLICATES).json


# ERR-6


@on_wire("ERR-6")
class DuplicatesAreSpelledOtherwise(Wire):
    """Duplicate tables are told in another sentence."""

    def answer(self, _seen: Seen, reply: Reply) -> None:
        if reply.status == 422 and reply.json["message"] == DUPLICATES:
            reply.json["message"] = "Duplicate tables are specified in the payload."


@on_wire("ERR-6")
class SchemasAreNotCompared(Wire):
    """Tables of one name in two schemas count as one table on asa."""

    def request(self, seen: Seen) -> Reply | None:
        elements = elements_of(seen.json) if is_create(seen, "asa") else []
        tables = [tuple(map(each.get, ("hostname", "database", "table"))) for each in elements]
        return refusal(422, DUPLICATES) if has_key(seen) and len(set(tables)) < len(tables) else None


@on_wire("ERR-6")
class OnlyNeighboursAreCompared(Wire):
    """Two elements of one table are noticed only side by side."""

    def request(self, seen: Seen) -> Reply | None:
        elements = elements_of(seen.json) if is_create(seen) else []
        if len(elements) == 3 and all(isinstance(each.get("table"), str) for each in elements):
            elements[2]["schema"] = f"{elements[2].get('schema', '')} "
        return None


@on_wire("ERR-6")
class PortsAreCompared(Wire):
    """One table at two ports counts as two tables on redshift."""

    def request(self, seen: Seen) -> Reply | None:
        for each in elements_of(seen.json) if is_create(seen, "redshift") and is_several(seen.json) else ():
            each["hostname"] = f"{each.get('hostname')}-{each.get('port')}"
        return None


@in_store("ERR-6")
def tables_are_registered_once(store: Store) -> None:
    """A table that is registered already is refused."""

    def wrap(create: Create) -> Create:
        def defective(user: User, connector: Connector, body: Json) -> CreatedOne | CreatedSeveral:
            hosts = {each.get("hostname") for each in elements_of(body)}
            known = {source.metadata.get("hostname") for source in store._state.data_sources.values()}
            if not is_several(body) and hosts & known:
                raise TableRegistered("the table is registered already.", validation=({"code": "table"},))
            return create(user, connector, body)

        return defective

    replace(store, "create_data_sources", wrap)


class TableRegistered(Refusal):
    """What a defective tenant says of a table it knows."""

    status = 422


# ERR-7


def everybody(store: Store, method: str, *prefixes: str) -> None:
    """Let the method of the store run as an owner of the data source, whoever calls."""

    def wrap(start: Callable[..., Any]) -> Callable[..., Any]:
        def defective(user: User, connector: Connector, handler_id: int, *more: Any) -> Any:
            source = store._state.data_sources.get(store._state.by_handler.get(handler_id, 0))
            if source is not None and (not prefixes or connector.prefix in prefixes):
                user = next(each for each in store.users if each.profile == source.created_by)
            return start(user, connector, handler_id, *more)

        return defective

    replace(store, method, wrap)


@in_store("ERR-7")
def anybody_may_refresh(store: Store) -> None:
    """Anybody may refresh the native view on trino."""
    everybody(store, "refresh_native_view", "trino")


@in_store("ERR-7")
def anybody_may_update(store: Store) -> None:
    """Anybody may update a handler of databricks."""
    everybody(store, "update_handler", "databricks")


@in_store("ERR-7")
def anybody_may_create(store: Store) -> None:
    """The permission to create is not asked for."""

    def wrap(create: Create) -> Create:
        def defective(user: User, connector: Connector, body: Json) -> CreatedOne | CreatedSeveral:
            return create(changed(user, permissions=user.permissions | {"CREATE_DATA_SOURCE"}), connector, body)

        return defective

    replace(store, "create_data_sources", wrap)


@in_store("ERR-7")
def experts_count_as_owners(store: Store) -> None:
    """An expert of the data source may start jobs."""

    def wrap(start: Start) -> Start:
        def defective(user: User, connector: Connector, handler_id: int) -> Job:
            source = store._state.data_sources.get(store._state.by_handler.get(handler_id, 0))
            if source is not None and user.profile in source.experts.profiles:
                user = next(each for each in store.users if each.profile == source.created_by)
            return start(user, connector, handler_id)

        return defective

    replace(store, "trigger_high_cardinality", wrap)


@in_store("ERR-7")
def bulk_looks_at_the_first_owner(store: Store) -> None:
    """A bulk update is allowed to whoever owns one of the data sources."""

    def wrap(bulk: Bulk) -> Bulk:
        def defective(user: User, connector: Connector, body: Json) -> BulkUpdate:
            sources = [each for each in store._state.data_sources.values() if each.created_by == user.profile]
            own = [each.id for each in sources if is_selected(each, connector, body)]
            return bulk(user, connector, {"handler": body["handler"], "ids": own} if own else body)

        return defective

    replace(store, "bulk_update", wrap)


@on_wire("ERR-7")
class NoRoleIsUnauthorized(Wire):
    """A role that is missing for an update of asa is 401."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_update(seen, "asa") and reply.status == 403:
            reply.status, reply.json["statusCode"], reply.json["error"] = 401, 401, "Unauthorized"
