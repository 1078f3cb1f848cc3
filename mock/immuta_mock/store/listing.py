"""The list of data sources: which match a query, and which of them stand on its page."""

from collections.abc import Iterable

from immuta_mock.store.records import DataSource, DataSourceQuery, Page
from immuta_mock.store.roles import standing
from immuta_mock.store.state import State


def search(state: State, query: DataSourceQuery) -> Page:
    """One page of the data sources that match, sorted by id."""
    matching = [source for source in _candidates(state, query) if _matches(source, query)]
    return Page(tuple(matching[query.offset : query.offset + query.size]), len(matching))


def _candidates(state: State, query: DataSourceQuery) -> Iterable[DataSource]:
    """The data sources by the narrowest index at hand, in the order of their ids."""
    if query.data_source_ids:
        ids = {id_ for id_ in query.data_source_ids if id_ in state.data_sources}
    elif query.connection_strings:
        ids = {id_ for text in query.connection_strings for id_ in state.by_connection_string.get(text, ())}
    else:
        return state.data_sources.values()
    return (state.data_sources[id_] for id_ in sorted(ids))


def _matches(source: DataSource, query: DataSourceQuery) -> bool:
    return (
        _has_text(source, query)
        and (query.schema is None or query.schema in (source.sql_schema_name, source.metadata.get("schema")))
        and not (query.public_only and source.private)
        and _among(query.connection_strings, source.connection_string)
        and _among(query.blob_handler_types, source.fields["blobHandlerType"])
        and _among(query.statuses, source.status)
        and _among(query.subscriptions, None if query.caller is None else standing(query.caller, source))
        and _has_one_of(query.columns, (column["name"] for column in source.columns))
        and _has_one_of(query.tags, _tag_names(source))
    )


def _has_text(source: DataSource, query: DataSourceQuery) -> bool:
    wanted = query.search_text.casefold()
    if wanted in source.name.casefold():
        return True
    return not query.name_only and wanted in (source.fields.get("description") or "").casefold()


def _tag_names(source: DataSource) -> Iterable[str]:
    return (tag["name"] for column in source.columns for tag in column.get("tags", ()))


def _among(wanted: tuple[str, ...], value: str | None) -> bool:
    return not wanted or value in wanted


def _has_one_of(wanted: tuple[str, ...], values: Iterable[str]) -> bool:
    return not wanted or not set(values).isdisjoint(wanted)
