"""Data dictionaries: created, replaced, read, taken away and searched."""

import sys
from collections.abc import Sequence
from datetime import datetime
from itertools import islice

from immuta_mock.errors import DictionaryExists, DictionaryNotFound
from immuta_mock.store import lookup
from immuta_mock.store.columns import kept_columns, with_columns, without_dictionary
from immuta_mock.store.records import DataSource, Dictionary, Json
from immuta_mock.store.roles import require_dictionary_writer
from immuta_mock.store.state import State
from immuta_mock.users import User


def create(state: State, user: User, data_source_id: int, columns: Sequence[Json], now: datetime) -> Dictionary:
    """Give a data source its dictionary."""
    source = lookup.data_source(state, data_source_id)
    require_dictionary_writer(user, source)
    if source.dictionary is not None:
        raise DictionaryExists(data_source_id)
    return _write(state, source, columns, now)


def update(state: State, user: User, data_source_id: int, columns: Sequence[Json], now: datetime) -> Dictionary:
    """Replace the whole column list; the dictionary keeps its id and its creation time."""
    source = lookup.data_source(state, data_source_id)
    _existing(source)
    require_dictionary_writer(user, source)
    return _write(state, source, columns, now)


def get(state: State, data_source_id: int) -> Dictionary:
    """The dictionary of a data source."""
    return _existing(lookup.data_source(state, data_source_id))


def delete(state: State, user: User, data_source_id: int) -> None:
    """Take the dictionary away; the data source stays."""
    source = lookup.data_source(state, data_source_id)
    _existing(source)
    require_dictionary_writer(user, source)
    state.put(without_dictionary(source))


def search(state: State, text: str, limit: int) -> tuple[str, ...]:
    """Up to `limit` distinct column names containing the text in any letter case, sorted."""
    return tuple(islice(state.index.columns(text), min(limit, sys.maxsize)))


def _existing(source: DataSource) -> Dictionary:
    if source.dictionary is None:
        raise DictionaryNotFound
    return source.dictionary


def _write(state: State, source: DataSource, columns: Sequence[Json], now: datetime) -> Dictionary:
    written = with_columns(state, source, kept_columns(columns, "metadata"), now)
    state.put(written)
    return _existing(written)
