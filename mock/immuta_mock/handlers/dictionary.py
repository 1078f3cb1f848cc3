"""The operations on data dictionaries."""

from typing import Any

from immuta_mock import answers
from immuta_mock.store import Store
from immuta_mock.users import User

Json = dict[str, Any]


def create_dictionary(*, store: Store, user: User, data_source_id: int, payload: Json) -> Json:
    """`POST /dictionary/{dataSourceId}`"""
    return answers.dictionary(store.create_dictionary(user, data_source_id, payload["metadata"]))


def update_dictionary(*, store: Store, user: User, data_source_id: int, payload: Json) -> Json:
    """`PUT /dictionary/{dataSourceId}`"""
    return answers.dictionary(store.update_dictionary(user, data_source_id, payload["metadata"]))


def get_dictionary(*, store: Store, data_source_id: int) -> Json:
    """`GET /dictionary/{dataSourceId}`"""
    return answers.dictionary(store.get_dictionary(data_source_id))


def delete_dictionary(*, store: Store, user: User, data_source_id: int) -> Json:
    """`DELETE /dictionary/{dataSourceId}`"""
    store.delete_dictionary(user, data_source_id)
    return {}


def search_columns(*, store: Store, search_text: str | None, limit: int) -> list[Json]:
    """`GET /dictionary/columns`"""
    return answers.column_hits(store.search_columns(search_text or "", limit))
