"""Columns: how written ones are kept, and what of a data source follows from them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from msgspec.json import decode, encode

from immuta_mock.errors import DuplicateColumns
from immuta_mock.store.metadata import json_copy
from immuta_mock.store.records import DataSource, Dictionary, HighCardinality, Json
from immuta_mock.store.state import State


def kept_columns(written: Iterable[Json], where: str) -> tuple[Json, ...]:
    """Written columns as they are kept: `nullable` filled in, tags without a source dropped.

    Raises DuplicateColumns, naming `where` the list stood, for two columns of one name.
    """
    columns: dict[str, Json] = {}
    for column in written:
        if column["name"] in columns:
            raise DuplicateColumns(column["name"], where)
        columns[column["name"]] = _kept_column(encode(column))
    return tuple(columns.values())


def with_columns(state: State, source: DataSource, columns: tuple[Json, ...], now: datetime) -> DataSource:
    """The data source with this column list, in the dictionary it has or in a new one."""
    if source.dictionary is None:
        dictionary = new_dictionary(state, source.id, columns, now)
    else:
        dictionary = replace(source.dictionary, columns=columns, updated_at=now)
    return _with_dictionary(source, dictionary)


def new_dictionary(state: State, data_source_id: int, columns: tuple[Json, ...], now: datetime) -> Dictionary:
    """The first dictionary of a data source."""
    return Dictionary(state.next_dictionary_id(), data_source_id, state.alike(columns), now, now)


def without_dictionary(source: DataSource) -> DataSource:
    """The data source with its dictionary taken away."""
    return _with_dictionary(source, None)


def high_cardinality_of(source: DataSource) -> HighCardinality:
    """What the high cardinality job finds: the primary key if one is marked, else the first column."""
    keys = [column for column in source.columns if column.get("isPrimaryKey") is True]
    return HighCardinality(next((column["name"] for column in (*keys, *source.columns)), None))


def _with_dictionary(source: DataSource, dictionary: Dictionary | None) -> DataSource:
    """A computed high cardinality column survives as long as its column does, else it becomes null."""
    known = source.high_cardinality
    if known is not None:
        names = {column["name"] for column in dictionary.columns} if dictionary is not None else set()
        known = known if known.column in names else HighCardinality(None)
    return replace(source, dictionary=dictionary, high_cardinality=known)


@lru_cache(maxsize=4096)
def _kept_column(written: bytes) -> Json:
    """A written column as it is kept, from its JSON: of columns alike, as tables have many, one is kept for all,
    and of others what they have in common."""
    column: dict[str, Any] = json_copy(decode(written))
    column.setdefault("nullable", True)
    if "tags" in column:
        column["tags"] = [tag for tag in column["tags"] if "source" in tag]
    return column
