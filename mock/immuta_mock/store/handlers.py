"""Handlers: read by connector and handler id, replaced whole, and updated in bulk."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from time import sleep
from typing import Any

from immuta_mock.connectors import Connector
from immuta_mock.errors import DataSourceNotFound, NameTaken
from immuta_mock.store import jobs, lookup
from immuta_mock.store.columns import kept_columns, with_columns
from immuta_mock.store.fields import kept_unknown
from immuta_mock.store.metadata import COLUMNS, NAME, connection_string, json_copy, kept_metadata
from immuta_mock.store.records import BulkUpdate, DataSource, JobKind, Json
from immuta_mock.store.roles import require_owner
from immuta_mock.store.state import State, uuid_of
from immuta_mock.users import User

COLUMNS_PATH = f"handler.metadata.{COLUMNS}"
NAME_PATH = f"handler.metadata.{NAME}"
AT_A_TIME = 50


def update(state: State, user: User, connector: Connector, handler_id: int, body: Json, now: datetime) -> DataSource:
    """Replace the metadata of a handler whole; columns and name left out stay as they are."""
    source = lookup.by_handler(state, connector, handler_id)
    require_owner(user, source, "update its handler")
    metadata = body["handler"]["metadata"]
    columns = _columns(metadata)
    name = metadata.get(NAME, source.name)
    require_free_name(state, source, name, NAME_PATH)
    updated = _rewritten(state, source, kept_metadata(metadata), columns, now)
    updated = replace(updated, name=name, **_top_level(source, body))
    state.put(updated)
    return updated


@dataclass(frozen=True, slots=True)
class Merge:
    """What a bulk update merges into each data source.

    The records of very many are made while others use the store: a record never changes, so that what was made of one
    holds for as long as the data source is that one.
    """

    metadata: Json
    columns: tuple[Json, ...] | None
    began_at: datetime
    made: dict[int, tuple[DataSource, DataSource]] = field(default_factory=dict)
    """What the data sources of these ids were, and what they become."""

    def make(self, state: State, sources: Iterable[DataSource]) -> None:
        """Make the records ahead, of those that need no new id and so leave the state as it is, and ids of jobs."""
        for number, source in enumerate(sources, state.counters["uuid"]):
            if number % AT_A_TIME == 0:
                sleep(0)  # lets other threads go on at once, which Python would else do every 5 ms
            uuid_of(state.seed, number)
            if self.columns is None or source.dictionary is not None:
                self.made[source.id] = source, self._merged(state, source)

    def into(self, state: State, source: DataSource) -> DataSource:
        """What a data source becomes."""
        before, after = self.made.get(source.id, (None, source))
        return after if before is source else self._merged(state, source)

    def _merged(self, state: State, source: DataSource) -> DataSource:
        return _rewritten(state, source, {**source.metadata, **self.metadata}, self.columns, self.began_at)


def begin_bulk_update(
    state: State, user: User, connector: Connector, body: Json, now: datetime
) -> tuple[Merge, list[DataSource]]:
    """What is to be merged, and into which data sources as they are now."""
    sources = _selected(state, user, connector, body)
    metadata = body["handler"]["metadata"]
    return Merge(kept_metadata(metadata), _columns(metadata), now), sources


def bulk_update(
    state: State, user: User, connector: Connector, body: Json, merge: Merge, now: datetime, completes_at: datetime
) -> BulkUpdate:
    """Merge metadata into every data source that the body selects, into all of them or none."""
    sources = _selected(state, user, connector, body)
    names = _names_after(state, sources, body["handler"]["metadata"])
    merged = [merge.into(state, source) for source in sources]
    updated = [
        source if source.name == name else replace(source, name=name)
        for source, name in zip(merged, names, strict=True)
    ]
    state.put_all(updated)
    bulk_id = jobs.start_bulk(state, JobKind.BULK_UPDATE, connector, updated, now, completes_at)
    shared = updated[0].connection_string if updated else body["connectionString"]
    return BulkUpdate(bulk_id, shared, len(updated))


def require_free_name(state: State, source: DataSource, name: str, path: str) -> None:
    """Raises NameTaken where another data source has the name that this one is to have."""
    if state.by_name.get(name, source.id) != source.id:
        raise NameTaken(name, path)


def _columns(metadata: Json) -> tuple[Json, ...] | None:
    return kept_columns(metadata[COLUMNS], COLUMNS_PATH) if COLUMNS in metadata else None


def _rewritten(
    state: State, source: DataSource, metadata: Json, columns: tuple[Json, ...] | None, now: datetime
) -> DataSource:
    rewritten = replace(
        source,
        metadata=metadata,
        connection_string=connection_string(metadata, source.connector),
        updated_at=now,
    )
    return rewritten if columns is None else with_columns(state, rewritten, columns, now)


def _top_level(source: DataSource, body: Json) -> dict[str, Any]:
    """What stands beside `handler`: the schema evolution, and unknown fields, those of a `dataSource` among them."""
    inner = body.get("dataSource")
    unknown = {**kept_unknown(body), **kept_unknown(inner if isinstance(inner, dict) else {})}
    return {
        "fields": {**source.fields, **unknown},
        "schema_evolution": json_copy(body.get("schemaEvolution", source.schema_evolution)),
    }


def _selected(state: State, user: User, connector: Connector, body: Json) -> list[DataSource]:
    """The data sources of the given ids, in their order, or those sharing the connection string, by id.

    Raises RoleMissing for one that the user does not own.
    """
    if "ids" in body:
        sources = [_of_connector(state, connector, data_source_id) for data_source_id in dict.fromkeys(body["ids"])]
    else:
        ids = sorted(state.by_connection_string.get(body["connectionString"], ()))
        sources = [state.data_sources[id_] for id_ in ids if state.data_sources[id_].connector == connector]
    for source in sources:
        require_owner(user, source, "update it in bulk")
    return sources


def _of_connector(state: State, connector: Connector, data_source_id: int) -> DataSource:
    source = lookup.data_source(state, data_source_id)
    if source.connector != connector:
        raise DataSourceNotFound
    return source


def _names_after(state: State, sources: Sequence[DataSource], metadata: Json) -> list[str]:
    """The names after a bulk update; one name given to more than one data source is a name clash."""
    if NAME not in metadata:
        return [source.name for source in sources]
    name = metadata[NAME]
    if len(sources) > 1:
        raise NameTaken(name, NAME_PATH)
    for source in sources:
        require_free_name(state, source, name, NAME_PATH)
    return [name for _ in sources]
