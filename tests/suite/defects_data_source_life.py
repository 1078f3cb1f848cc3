"""Planted defects of disabling, restoring and removing data sources: COMP-5."""

from collections.abc import Callable
from dataclasses import replace as changed
from typing import Any

from immuta_mock import Store
from immuta_mock.connectors import Connector
from immuta_mock.store import BulkUpdate, DataSource, DataSourceQuery, Deletion, Page
from immuta_mock.users import User
from planting import Reply, Seen, Wire, in_store, on_wire, replace
from planting_dictionaries import List, listing, put, source_of
from planting_refusals import has_key, refusal

Delete = Callable[[User, int], Deletion]


def deleting(store: Store, before: Callable[[User, DataSource], object]) -> None:
    """Let something happen to a data source before it is disabled or removed."""

    def wrap(delete: Delete) -> Delete:
        def defective(user: User, data_source_id: int) -> Deletion:
            source = source_of(store, data_source_id)
            if source is not None and user.profile == source.created_by:
                before(user, source)
            return delete(user, data_source_id)

        return defective

    replace(store, "delete_data_source", wrap)


def restoring(store: Store, change: Callable[[DataSource, DataSource], dict[str, Any]]) -> None:
    """Let restoring write more fields: `change(before, after)`."""

    def wrap(update: Any) -> Any:
        def defective(user: User, data_source_id: int, changes: Any) -> DataSource:
            before = source_of(store, data_source_id)
            after: DataSource = update(user, data_source_id, changes)
            if before is not None and changes.get("deleted") is False:
                put(store, after, **change(before, after))
            return store.get_data_source(data_source_id)

        return defective

    replace(store, "update_data_source", wrap)


@in_store("COMP-5")
def first_delete_removes_on_trino(store: Store) -> None:
    """On Trino the first DELETE removes."""
    deleting(store, lambda _, source: put(store, source, deleted=True) if source.connector.prefix == "trino" else None)


@in_store("COMP-5")
def disabling_takes_the_dictionary(store: Store) -> None:
    """Disabling takes the dictionary away."""
    deleting(store, lambda _, source: put(store, source, dictionary=None) if not source.deleted else None)


@in_store("COMP-5")
def disabling_makes_private(store: Store) -> None:
    """A disabled data source is private."""
    deleting(store, lambda _, source: put(store, source, fields={**source.fields, "private": True}))


@in_store("COMP-5")
def disabling_frees_the_name(store: Store) -> None:
    """The name of a disabled data source may be given to another."""

    def wrap(create: Any) -> Any:
        def defective(user: User, connector: Connector, body: Any) -> Any:
            for source in [each for each in store._state.data_sources.values() if each.deleted]:
                if isinstance(body["handler"], dict) and source.name == body["dataSource"]["name"]:
                    put(store, source, name=f"{source.name} (disabled)")
            return create(user, connector, body)

        return defective

    replace(store, "create_data_sources", wrap)


@in_store("COMP-5")
def disabled_ones_are_not_listed(store: Store) -> None:
    """The list leaves disabled data sources out."""

    def change(listed: List, query: DataSourceQuery) -> Page:
        hits = [each for each in listed(changed(query, offset=0, size=10**6)).hits if not each.deleted]
        return Page(tuple(hits[query.offset : query.offset + query.size]), len(hits))

    listing(store, change)


@in_store("COMP-5")
def bulk_passes_over_disabled_ones_on_redshift(store: Store) -> None:
    """On Redshift a bulk update does not reach disabled data sources."""

    def wrap(bulk: Any) -> Any:
        def defective(user: User, connector: Connector, body: Any) -> BulkUpdate:
            asleep = [x for x in store._state.data_sources.values() if x.deleted and x.connector.prefix == "redshift"]
            updated: BulkUpdate = bulk(user, connector, body)
            for source in asleep:
                put(store, source)
            return updated

        return defective

    replace(store, "bulk_update", wrap)


@in_store("COMP-5")
def restoring_forgets_the_description(store: Store) -> None:
    """A restored data source has no organization and no description."""
    kept = ("description", "organization")
    restoring(store, lambda _, after: {"fields": {k: v for k, v in after.fields.items() if k not in kept}})


@in_store("COMP-5")
def restoring_does_nothing_on_snowflake(store: Store) -> None:
    """On Snowflake a disabled data source cannot be restored."""
    restoring(store, lambda before, after: {"deleted": before.deleted and after.connector.prefix == "snowflake"})


@on_wire("COMP-5")
class RestoringTheEnabledIsRefused(Wire):
    """PUT of deleted false is refused where nothing was ever disabled."""

    def __init__(self) -> None:
        self.disabled: set[str] = set()

    def request(self, seen: Seen) -> Reply | None:
        restored = seen.method == "PUT" and seen.path.startswith("/dataSource/") and seen.json == {"deleted": False}
        if restored and seen.path not in self.disabled and has_key(seen):
            message = "Bad request: the data source is not disabled."
            return refusal(400, message)
        if seen.method == "DELETE" and seen.path.startswith("/dataSource/"):
            self.disabled.add(seen.path)
        return None


@in_store("COMP-5")
def restored_ones_go_at_once(store: Store) -> None:
    """A DELETE of a data source that was restored removes it."""
    restored: set[int] = set()

    def remember(before: DataSource, after: DataSource) -> dict[str, Any]:
        restored.update({after.id} if before.deleted else ())
        return {}

    restoring(store, remember)
    deleting(store, lambda _, source: put(store, source, deleted=True) if source.id in restored else None)


@on_wire("COMP-5")
class HardDeleteIsNotSaid(Wire):
    """The DELETE that removes answers hardDelete false."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if seen.method == "DELETE" and seen.path.startswith("/dataSource/") and reply.status == 200:
            reply.json["hardDelete"] = False


@on_wire("COMP-5")
class RemovedDictionaryIsStillRead(Wire):
    """The dictionary of a removed data source can still be read."""

    def __init__(self) -> None:
        self.read: dict[str, Reply] = {}

    def answer(self, seen: Seen, reply: Reply) -> None:
        if seen.method == "GET" and seen.path.startswith("/dictionary/") and not seen.path.endswith("columns"):
            if reply.status == 200:
                self.read[seen.path] = Reply(200, reply.json)
            elif reply.json.get("message") == "Data source not found." and seen.path in self.read:
                reply.status, reply.json = 200, self.read[seen.path].json


@in_store("COMP-5")
def removed_handlers_live_on_databricks(store: Store) -> None:
    """On Databricks the handler of a removed data source can still be read."""
    removed: dict[int, DataSource] = {}

    def wrap(read: Any) -> Any:
        def defective(connector: Connector, handler_id: int) -> DataSource:
            known = removed.get(handler_id)
            found: DataSource = known if known and connector.prefix == "databricks" else read(connector, handler_id)
            return found

        return defective

    deleting(store, lambda _, source: removed.update({source.handler_id: source}) if source.deleted else None)
    replace(store, "get_handler", wrap)


@in_store("COMP-5")
def removing_keeps_the_name(store: Store) -> None:
    """The name of a removed data source stays taken."""
    gone: set[str] = set()

    def wrap(create: Any) -> Any:
        def defective(user: User, connector: Connector, body: Any) -> Any:
            single = isinstance(body["handler"], dict)
            if single and body["dataSource"]["name"] in gone:
                body = {**body, "dataSource": {**body["dataSource"], "name": next(iter(store._state.by_name))}}
            return create(user, connector, body)

        return defective

    deleting(store, lambda _, source: gone.add(source.name) if source.deleted else None)
    replace(store, "create_data_sources", wrap)


@in_store("COMP-5")
def removing_takes_the_next_one_along(store: Store) -> None:
    """Removing a data source also disables the one made after it."""
    deleting(
        store, lambda _, source: put(store, source_of(store, source.id + 1), deleted=True) if source.deleted else None
    )
