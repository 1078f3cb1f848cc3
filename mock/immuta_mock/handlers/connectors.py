"""The six families of operations that the connectors share; the connector is the first argument."""

from typing import Any

from immuta_mock import answers
from immuta_mock.connectors import Connector
from immuta_mock.store import Store
from immuta_mock.users import User

Json = dict[str, Any]


def create_data_sources(connector: Connector, *, store: Store, user: User, payload: Json) -> Json:
    """`POST /{c}/handler`"""
    return answers.created(store.create_data_sources(user, connector, payload))


def get_handler(connector: Connector, *, store: Store, handler_id: int) -> Json:
    """`GET /{c}/handler/{handlerId}`; there is no cache that `skipCache` could skip."""
    return answers.handler_record(store.get_handler(connector, handler_id))


def update_handler(
    connector: Connector, *, store: Store, user: User, handler_id: int, payload: Json | list[Json]
) -> Json:
    """`PUT /{c}/handler/{handlerId}`"""
    return answers.updated_handler(store.update_handler(user, connector, handler_id, _only(payload)))


def bulk_update(connector: Connector, *, store: Store, user: User, payload: Json | list[Json]) -> Json:
    """`PUT /{c}/bulk`"""
    return answers.bulk_answer(store.bulk_update(user, connector, _only(payload)))


def trigger_high_cardinality(connector: Connector, *, store: Store, user: User, handler_id: int) -> str:
    """`PUT /{c}/handler/{handlerId}/triggerHighCardinalityJob`"""
    return store.trigger_high_cardinality(user, connector, handler_id).id


def refresh_native_view(connector: Connector, *, store: Store, user: User, handler_id: int) -> str:
    """`PUT /{c}/handler/{handlerId}/refreshNativeViewJob`"""
    return store.refresh_native_view(user, connector, handler_id).id


def _only(payload: Json | list[Json]) -> Json:
    """The body, which some operations also take as the only element of an array."""
    return payload[0] if isinstance(payload, list) else payload
