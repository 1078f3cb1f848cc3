"""The handlers by operationId: HTTP on one side, one call of the store on the other, and no rules.

A view calls its handler with the arguments it names, out of: `store`, `user` (who calls), `headers`, `payload` (the
valid body, or None), and the parameters of its operation in snake case.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from immuta_mock.call import arguments_of, operation_of
from immuta_mock.connectors import CONNECTORS, Connector
from immuta_mock.handlers import connectors, data_sources, dictionary, jobs, login

Handler = Callable[..., Any]

__all__ = ["HANDLERS", "may_wait", "operation_ids"]


def operation_ids() -> frozenset[str]:
    """Every operation that has a handler."""
    return frozenset(HANDLERS)


def may_wait(scope: Mapping[str, Any]) -> bool:
    """Whether the request of an ASGI scope may take long: as long as its client likes, or a bulk update takes."""
    operation_id = operation_of(scope)
    waits = operation_id == "getJobStatuses" and bool(arguments_of(scope)["payload"].get("wait"))
    return waits or operation_id in _BULK_UPDATES


def _of_connector(connector: Connector) -> Iterator[tuple[str, Handler]]:
    word = connector.operation_word
    yield f"create{word}DataSource", partial(connectors.create_data_sources, connector)
    yield f"get{word}Handler", partial(connectors.get_handler, connector)
    yield f"update{word}Handler", partial(connectors.update_handler, connector)
    yield f"bulkUpdate{word}DataSources", partial(connectors.bulk_update, connector)
    yield f"trigger{word}HighCardinalityJob", partial(connectors.trigger_high_cardinality, connector)
    if connector.native_view:
        yield f"refresh{word}NativeView", partial(connectors.refresh_native_view, connector)


HANDLERS: Mapping[str, Handler] = {
    **{operation_id: handler for connector in CONNECTORS for operation_id, handler in _of_connector(connector)},
    "createDictionary": dictionary.create_dictionary,
    "updateDictionary": dictionary.update_dictionary,
    "getDictionary": dictionary.get_dictionary,
    "deleteDictionary": dictionary.delete_dictionary,
    "searchDictionaryColumns": dictionary.search_columns,
    "authenticate": login.authenticate,
    "getCurrentUser": login.get_current_user,
    "listDataSources": data_sources.list_data_sources,
    "getDataSource": data_sources.get_data_source,
    "getDataSourceByName": data_sources.get_data_source_by_name,
    "updateDataSource": data_sources.update_data_source,
    "deleteDataSource": data_sources.delete_data_source,
    "getJobStatuses": jobs.get_job_statuses,
    "listJobs": jobs.list_jobs,
}

_BULK_UPDATES = frozenset(f"bulkUpdate{connector.operation_word}DataSources" for connector in CONNECTORS)
