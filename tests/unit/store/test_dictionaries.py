"""Dictionaries, and the search over their columns."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from immuta_mock.connectors import Connector
from immuta_mock.errors import (
    DataSourceNotFound,
    DictionaryExists,
    DictionaryNotFound,
    DictionaryRoleMissing,
    DuplicateColumns,
)
from immuta_mock.store import DataSource, Dictionary, HighCardinality, Page, Store
from immuta_mock.users import User

Body = Callable[..., dict[str, Any]]
Add = Callable[..., DataSource]


def test_a_dictionary_is_created_and_seen_by_the_handler(
    store: Store, owner: User, snowflake: Connector, add: Add, col: Body, now: Callable[[], datetime]
) -> None:
    source = add()
    created = store.create_dictionary(owner, source.id, [col("ID", dataType="integer"), col("A"), col("B")])

    columns = tuple({**column, "nullable": True} for column in (col("ID", dataType="integer"), col("A"), col("B")))
    assert created == Dictionary(id=5001, data_source_id=1, columns=columns, created_at=now(), updated_at=now())
    assert store.get_dictionary(source.id) == created
    assert store.get_handler(snowflake, source.handler_id).dictionary == created


def test_types_are_distinct_in_the_order_of_first_appearance(store: Store, owner: User, add: Add, col: Body) -> None:
    types = ["text", "integer", "text", "json", "integer"]
    columns = [col(str(number), dataType=type_) for number, type_ in enumerate(types)]
    assert store.create_dictionary(owner, add().id, columns).types == ("text", "integer", "json")


def test_nullable_defaults_to_true_and_is_kept_when_given(store: Store, owner: User, add: Add, col: Body) -> None:
    columns = store.create_dictionary(owner, add().id, [col("A"), col("B", nullable=False)]).columns
    assert [column["nullable"] for column in columns] == [True, False]


def test_tags_are_echoed_as_sent_and_one_without_a_source_is_dropped(
    store: Store, owner: User, add: Add, col: Body
) -> None:
    kept = {"name": "Privacy", "source": "curated", "deleted": "False", "unknown": [1]}
    written = col("A", description="d", remoteColumn="a", unknown={"x": 1}, tags=[{"name": "Lost"}, kept])
    columns = store.create_dictionary(owner, add().id, [written]).columns
    assert columns == ({**written, "tags": [kept], "nullable": True},)


def test_an_empty_list_is_allowed(store: Store, owner: User, add: Add) -> None:
    dictionary = store.create_dictionary(owner, add().id, [])
    assert (dictionary.columns, dictionary.types) == ((), ())


def test_a_second_create_is_refused(store: Store, owner: User, add: Add, col: Body) -> None:
    add(columns=[col("A")])
    with pytest.raises(DictionaryExists) as refusal:
        store.create_dictionary(owner, 1, [col("B")])
    assert refusal.value.message == "Bad request: data source 1 already has a dictionary; replace it with PUT."


def test_an_update_replaces_the_list_and_keeps_id_and_creation_time(
    store: Store, owner: User, add: Add, col: Body, advance: Callable[[float], None], now: Callable[[], datetime]
) -> None:
    before = store.create_dictionary(owner, add().id, [col("A"), col("B")])
    advance(5)
    after = store.update_dictionary(owner, 1, [col("B", nullable=False)])
    assert after == replace(before, columns=(col("B", nullable=False),), updated_at=now())
    assert after.updated_at > after.created_at


@pytest.mark.parametrize("columns", [["A", "A"], ["A", "B", "A"]])
def test_one_column_name_twice_is_refused_and_changes_nothing(
    store: Store, owner: User, add: Add, col: Body, columns: list[str], everything: Callable[[], Page]
) -> None:
    add("Without")
    add("With", columns=[col("OLD")])
    before = everything()
    written = [col(name) for name in columns]
    with pytest.raises(DuplicateColumns) as refusal:
        store.create_dictionary(owner, 1, written)
    with pytest.raises(DuplicateColumns):
        store.update_dictionary(owner, 2, written)
    assert refusal.value.message == (
        "Bad request: metadata names the column 'A' more than once; column names must be unique."
    )
    assert everything() == before


def test_a_deleted_dictionary_is_gone_while_the_data_source_stays(
    store: Store, owner: User, add: Add, col: Body
) -> None:
    source = add(columns=[col("A")])
    store.delete_dictionary(owner, source.id)
    assert store.get_data_source(source.id) == replace(source, dictionary=None)
    with pytest.raises(DictionaryNotFound):
        store.get_dictionary(source.id)
    assert store.create_dictionary(owner, source.id, []).id == 5002


def test_without_a_dictionary_nothing_can_be_read_replaced_or_deleted(store: Store, reader: User, add: Add) -> None:
    data_source_id = add().id
    with pytest.raises(DictionaryNotFound, match=r"^Dictionary not found\.$"):
        store.get_dictionary(data_source_id)
    with pytest.raises(DictionaryNotFound):
        store.update_dictionary(reader, data_source_id, [])
    with pytest.raises(DictionaryNotFound):
        store.delete_dictionary(reader, data_source_id)


def test_an_unknown_data_source_is_not_found_before_roles_are_looked_at(store: Store, reader: User) -> None:
    with pytest.raises(DataSourceNotFound, match=r"^Data source not found\.$"):
        store.get_dictionary(1)
    with pytest.raises(DataSourceNotFound):
        store.create_dictionary(reader, 1, [])
    with pytest.raises(DataSourceNotFound):
        store.update_dictionary(reader, 1, [])
    with pytest.raises(DataSourceNotFound):
        store.delete_dictionary(reader, 1)


def test_neither_owner_nor_expert_may_not_write(
    store: Store, reader: User, second_owner: User, governor: User, add: Add, col: Body, everything: Callable[[], Page]
) -> None:
    add("Without")
    add("With", columns=[col("A")])
    before = everything()
    for user in (reader, second_owner, governor):
        with pytest.raises(DictionaryRoleMissing) as refusal:
            store.create_dictionary(user, 1, [])
        with pytest.raises(DictionaryRoleMissing):
            store.update_dictionary(user, 2, [])
        with pytest.raises(DictionaryRoleMissing):
            store.delete_dictionary(user, 2)
    assert refusal.value.message == ("User must have one of the following roles to delete dictionary: owner,expert.")
    assert everything() == before


def test_an_expert_may_write(store: Store, expert: User, add: Add, col: Body) -> None:
    data_source_id = add(data_source={"expert": {"profiles": [expert.profile]}}).id
    store.create_dictionary(expert, data_source_id, [col("A")])
    assert store.update_dictionary(expert, data_source_id, []).columns == ()
    store.delete_dictionary(expert, data_source_id)
    assert store.get_data_source(data_source_id).dictionary is None


def test_a_missing_role_is_refused_before_the_state_is_looked_at(
    store: Store, reader: User, add: Add, col: Body
) -> None:
    add(columns=[col("A")])
    with pytest.raises(DictionaryRoleMissing):
        store.create_dictionary(reader, 1, [col("B"), col("B")])


def test_high_cardinality_becomes_null_with_its_column_and_stays_so(
    store: Store, owner: User, snowflake: Connector, add: Add, col: Body
) -> None:
    source = add(columns=[col("A")])
    store.trigger_high_cardinality(owner, snowflake, source.handler_id)
    store.update_dictionary(owner, source.id, [col("A"), col("B")])
    assert store.get_data_source(source.id).high_cardinality == HighCardinality("A")
    store.delete_dictionary(owner, source.id)
    store.create_dictionary(owner, source.id, [col("A")])
    assert store.get_data_source(source.id).high_cardinality == HighCardinality(None)


@pytest.fixture
def searched(store: Store, add: Add, col: Body) -> Store:
    add("A", columns=[col("EMAIL_ADDRESS"), col("home_address"), col("a%b")])
    add("B", columns=[col("home_address"), col("Email_address"), col("title")])
    add("C")
    return store


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ("a%b", "EMAIL_ADDRESS", "Email_address", "home_address", "title")),
        ("address", ("EMAIL_ADDRESS", "Email_address", "home_address")),
        ("ADDR", ("EMAIL_ADDRESS", "Email_address", "home_address")),
        ("%", ("a%b",)),
        ("_", ("EMAIL_ADDRESS", "Email_address", "home_address")),
        ("nothing", ()),
    ],
)
def test_the_search_is_a_contains_in_any_letter_case_distinct_and_sorted(
    searched: Store, text: str, found: tuple[str, ...]
) -> None:
    assert searched.search_columns(text, 10) == found


def test_the_limit_caps_the_search(searched: Store) -> None:
    assert searched.search_columns("", 2) == ("a%b", "EMAIL_ADDRESS")
