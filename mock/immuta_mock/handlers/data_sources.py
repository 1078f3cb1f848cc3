"""The operations on data sources, companions of the reference's own."""

from typing import Any

from immuta_mock import answers
from immuta_mock.store import DataSourceQuery, Store
from immuta_mock.users import User

Json = dict[str, Any]


def list_data_sources(
    *,
    store: Store,
    user: User,
    search_text: str | None,
    name_only: bool,
    size: int,
    offset: int,
    schema: str | None,
    public_only: bool,
    mode: int,
    id_only: bool,
    connection_string: tuple[str, ...],
    blob_handler_type: tuple[str, ...],
    status: tuple[str, ...],
    subscription: tuple[str, ...],
    tag: tuple[str, ...],
    column: tuple[str, ...],
    data_source_ids: tuple[int, ...],
) -> Json:
    """`GET /dataSource`; hits are whole with `idOnly` too, as the document says."""
    query = DataSourceQuery(
        search_text=search_text or "",
        name_only=name_only,
        size=size,
        offset=offset,
        schema=schema,
        public_only=public_only,
        mode=mode,
        id_only=id_only,
        connection_strings=connection_string,
        blob_handler_types=blob_handler_type,
        statuses=status,
        subscriptions=subscription,
        tags=tag,
        columns=column,
        data_source_ids=data_source_ids,
        caller=user,
    )
    return answers.page(store.list_data_sources(query), user)


def get_data_source(*, store: Store, user: User, data_source_id: int) -> Json:
    """`GET /dataSource/{dataSourceId}`; there are no statistics that `updateStats` could update."""
    return answers.data_source(store.get_data_source(data_source_id), user)


def get_data_source_by_name(*, store: Store, user: User, name: str) -> Json:
    """`GET /dataSource/name/{name}`"""
    return answers.data_source(store.get_data_source_by_name(name), user)


def update_data_source(*, store: Store, user: User, data_source_id: int, payload: Json) -> Json:
    """`PUT /dataSource/{dataSourceId}`"""
    return answers.data_source(store.update_data_source(user, data_source_id, payload), user)


def delete_data_source(*, store: Store, user: User, data_source_id: int) -> Json:
    """`DELETE /dataSource/{dataSourceId}`"""
    return answers.deletion(store.delete_data_source(user, data_source_id))
