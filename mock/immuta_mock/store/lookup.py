"""Finding data sources by what clients hold: an id, a name, a handler id of one connector."""

from immuta_mock.connectors import Connector
from immuta_mock.errors import DataSourceNotFound, HandlerNotFound
from immuta_mock.store.records import DataSource
from immuta_mock.store.state import State


def data_source(state: State, data_source_id: int) -> DataSource:
    """The data source of this id, disabled or not."""
    source = state.data_sources.get(data_source_id)
    if source is None:
        raise DataSourceNotFound
    return source


def data_source_by_name(state: State, name: str) -> DataSource:
    """The data source of exactly this name, disabled or not."""
    if name not in state.by_name:
        raise DataSourceNotFound
    return state.data_sources[state.by_name[name]]


def by_handler(state: State, connector: Connector, handler_id: int) -> DataSource:
    """The data source of this handler; a handler of another connector counts as unknown."""
    source = state.data_sources.get(state.by_handler.get(handler_id, 0))
    if source is None or source.connector != connector:
        raise HandlerNotFound
    return source
