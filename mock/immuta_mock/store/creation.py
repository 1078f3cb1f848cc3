"""Creating data sources: one or several by a call, all of them or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from immuta_mock.connectors import Connector
from immuta_mock.errors import DuplicateTables, NameTaken
from immuta_mock.store import jobs
from immuta_mock.store.columns import kept_columns, new_dictionary
from immuta_mock.store.fields import kept_data_source, kept_unknown
from immuta_mock.store.metadata import COLUMNS, NAME, connection_string, json_copy, kept_metadata, remote_table
from immuta_mock.store.records import FAILED, CreatedOne, CreatedSeveral, DataSource, JobKind, Json
from immuta_mock.store.roles import holders, require_creator
from immuta_mock.store.state import State
from immuta_mock.users import User


@dataclass(frozen=True, slots=True)
class Element:
    """One data source asked for: where its parts stand in the body, and what they say."""

    metadata: Json
    metadata_path: str
    name: str
    name_path: str
    sql_table_name: str
    columns: tuple[Json, ...] | None


def create(
    state: State, user: User, connector: Connector, body: Json, now: datetime, completes_at: datetime
) -> CreatedOne | CreatedSeveral:
    """Create the data sources of a valid body of either form."""
    require_creator(user)
    elements = elements_of(body)
    _require_free_names(state, elements)
    _require_distinct_tables(elements)
    shared = _shared(body, user)
    sources = [_built(state, connector, element, shared, now) for element in elements]
    state.put_all(sources)
    if len(sources) == 1:
        return CreatedOne(sources[0], _warnings(sources[0]))
    bulk_id = jobs.start_bulk(state, JobKind.CREATE, connector, sources, now, completes_at)
    return CreatedSeveral(bulk_id, sources[0].connection_string, len(sources))


def elements_of(body: Json) -> list[Element]:
    """The data sources that a valid body of either form asks for. Raises DuplicateColumns."""
    if isinstance(body["handler"], list):
        return [_element_of_several(handler["metadata"], index) for index, handler in enumerate(body["handler"])]
    return [_single_element(body["handler"]["metadata"], body["dataSource"])]


def _single_element(metadata: Json, data_source: Json) -> Element:
    return _element(metadata, "handler.metadata", data_source["name"], "dataSource.name", data_source["sqlTableName"])


def _element_of_several(metadata: Json, index: int) -> Element:
    path = f"handler[{index}].metadata"
    name = metadata[NAME]
    table = metadata.get("bodataTableName") or metadata.get("table") or name
    return _element(metadata, path, name, f"{path}.{NAME}", table)


def _element(metadata: Json, metadata_path: str, name: str, name_path: str, sql_table_name: str) -> Element:
    columns = kept_columns(metadata[COLUMNS], f"{metadata_path}.{COLUMNS}") if COLUMNS in metadata else None
    return Element(metadata, metadata_path, name, name_path, sql_table_name, columns)


def _require_free_names(state: State, elements: Sequence[Element]) -> None:
    taken: set[str] = set()
    for element in elements:
        if element.name in state.by_name or element.name in taken:
            raise NameTaken(element.name, element.name_path)
        taken.add(element.name)


def _require_distinct_tables(elements: Sequence[Element]) -> None:
    seen: set[tuple[str, str, str | None, str]] = set()
    for element in elements:
        table = remote_table(element.metadata)
        if table is not None and table in seen:
            raise DuplicateTables(f"{element.metadata_path}.table")
        if table is not None:
            seen.add(table)


def _shared(body: Json, user: User) -> dict[str, Any]:
    """What every data source of one body has in common."""
    data_source = body["dataSource"]
    return {
        "fields": {**kept_unknown(body), **kept_data_source(data_source)},
        "schema_evolution": json_copy(body.get("schemaEvolution")),
        "owners": holders(data_source.get("owner")),
        "experts": holders(data_source.get("expert")),
        "created_by": user.profile,
    }


def _built(state: State, connector: Connector, element: Element, shared: dict[str, Any], now: datetime) -> DataSource:
    metadata = kept_metadata(element.metadata)
    id_ = state.next_data_source_id()
    return DataSource(
        id=id_,
        handler_id=state.next_handler_id(),
        connector=connector,
        name=element.name,
        sql_table_name=element.sql_table_name,
        connection_string=connection_string(metadata, connector),
        metadata=metadata,
        created_at=now,
        updated_at=now,
        dictionary=None if element.columns is None else new_dictionary(state, id_, element.columns, now),
        **shared,
    )


def _warnings(source: DataSource) -> str | None:
    if source.status != FAILED:
        return None
    return f"The data source is unhealthy: the host {source.metadata['hostname']} cannot be reached."
