"""The list of data sources: which match a query, and which of them stand on its page."""

from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice

from immuta_mock.store.records import DataSource, DataSourceQuery, Page
from immuta_mock.store.roles import standing
from immuta_mock.store.state import State


def search(state: State, query: DataSourceQuery) -> Page:
    """One page of the data sources that match, sorted by id."""
    ids, tests = _candidates(state, query), list(_tests(query))
    if tests:
        ids = [id_ for id_ in ids if all(test(state.data_sources[id_]) for test in tests)]
    start, end = (min(place, len(ids)) for place in (query.offset, query.offset + query.size))
    hits = islice(ids, start, end)
    return Page(tuple(state.data_sources[id_] for id_ in hits), len(ids))


def _candidates(state: State, query: DataSourceQuery) -> Collection[int]:
    """The ids by the narrowest index at hand, in their order; by a text it is the only one that knows."""
    if query.search_text:
        return list(state.index.sources(query.search_text, name_only=query.name_only))
    if query.data_source_ids:
        return sorted({id_ for id_ in query.data_source_ids if id_ in state.data_sources})
    if query.connection_strings:
        return sorted({id_ for text in query.connection_strings for id_ in state.by_connection_string.get(text, ())})
    return state.data_sources


def _tests(query: DataSourceQuery) -> Iterator[Callable[[DataSource], bool]]:
    """What else the query asks of a data source."""
    if query.data_source_ids:
        asked = frozenset(query.data_source_ids)
        yield lambda source: source.id in asked
    if query.connection_strings:
        yield lambda source: source.connection_string in query.connection_strings
    if query.schema is not None:
        yield lambda source: query.schema in (source.sql_schema_name, source.metadata.get("schema"))
    if query.public_only:
        yield lambda source: not source.private
    if query.blob_handler_types:
        yield lambda source: source.fields["blobHandlerType"] in query.blob_handler_types
    if query.statuses:
        yield lambda source: source.status in query.statuses
    if query.subscriptions:
        yield lambda source: (query.caller and standing(query.caller, source)) in query.subscriptions
    if query.columns:
        yield lambda source: not {column["name"] for column in source.columns}.isdisjoint(query.columns)
    if query.tags:
        yield lambda source: not set(_tag_names(source)).isdisjoint(query.tags)


def _tag_names(source: DataSource) -> Iterable[str]:
    return (tag["name"] for column in source.columns for tag in column.get("tags", ()))
