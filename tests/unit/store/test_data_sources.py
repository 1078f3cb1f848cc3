"""Reading, changing, disabling, restoring and removing data sources."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from immuta_mock.connectors import Connector
from immuta_mock.errors import DataSourceNotFound, HandlerNotFound, NameTaken, RoleMissing
from immuta_mock.store import DataSource, Deletion, Page, Store
from immuta_mock.users import User

Body = Callable[..., dict[str, Any]]
Add = Callable[..., DataSource]


def test_reading_by_id_and_by_exact_name_gives_the_same(store: Store, add: Add) -> None:
    source = add("Clients")
    assert store.get_data_source(source.id) == store.get_data_source_by_name("Clients") == source
    with pytest.raises(DataSourceNotFound):
        store.get_data_source_by_name("clients")


def test_an_unknown_data_source_is_not_found(store: Store, owner: User) -> None:
    with pytest.raises(DataSourceNotFound, match=r"^Data source not found\.$"):
        store.get_data_source(1)
    with pytest.raises(DataSourceNotFound):
        store.update_data_source(owner, 1, {})
    with pytest.raises(DataSourceNotFound):
        store.delete_data_source(owner, 1)


def test_the_first_delete_disables_and_changes_only_that(
    store: Store, owner: User, snowflake: Connector, add: Add, col: Body
) -> None:
    source = add(columns=[col("ID")])
    assert store.delete_data_source(owner, source.id) == Deletion(source.id, hard_delete=False)
    assert store.get_handler(snowflake, source.handler_id) == replace(source, deleted=True)
    assert store.get_dictionary(source.id) == source.dictionary


def test_the_second_delete_removes_everything_and_frees_the_name(
    store: Store, owner: User, snowflake: Connector, add: Add, col: Body
) -> None:
    source = add("Clients", columns=[col("ID")])
    kept = add("Kept")
    store.delete_data_source(owner, source.id)

    assert store.delete_data_source(owner, source.id) == Deletion(source.id, hard_delete=True)

    for read in (store.get_data_source, store.get_dictionary):
        with pytest.raises(DataSourceNotFound):
            read(source.id)
    with pytest.raises(DataSourceNotFound):
        store.delete_data_source(owner, source.id)
    with pytest.raises(HandlerNotFound):
        store.get_handler(snowflake, source.handler_id)
    assert store.search_columns("", 10) == ()
    assert store.get_data_source(kept.id) == kept
    again = add("Clients")
    assert (again.id, again.handler_id) == (3, 1003)


def test_a_disabled_data_source_is_restored(
    store: Store, owner: User, add: Add, advance: Callable[[float], None]
) -> None:
    source = add()
    store.delete_data_source(owner, source.id)
    advance(5)
    restored = store.update_data_source(owner, source.id, {"deleted": False})
    assert restored == replace(source, updated_at=restored.updated_at)
    assert store.get_data_source(source.id) == restored


def test_restoring_an_enabled_data_source_does_no_harm(store: Store, owner: User, add: Add) -> None:
    source = add()
    assert store.update_data_source(owner, source.id, {"deleted": False}) == source


def test_an_update_changes_the_documented_and_the_unknown_fields_given(store: Store, owner: User, add: Add) -> None:
    source = add(data_source={"description": "old", "category": "kept"})
    changes = {"description": None, "private": False, "organization": "Acme", "unknown": [1], "deleted": True}
    updated = store.update_data_source(owner, source.id, {**changes, "id": 9, "type": 5, "owner": 3, "password": "x"})
    new = {"description": None, "private": False, "organization": "Acme", "unknown": [1]}
    assert updated == replace(source, fields={**source.fields, **new}, deleted=True)


def test_an_update_renames(store: Store, owner: User, add: Add) -> None:
    add("Old")
    assert store.update_data_source(owner, 1, {"name": "New"}).name == "New"
    assert store.get_data_source_by_name("New").id == 1
    with pytest.raises(DataSourceNotFound):
        store.get_data_source_by_name("Old")


def test_a_taken_name_is_refused_and_changes_nothing(
    store: Store, owner: User, add: Add, everything: Callable[[], Page]
) -> None:
    add("Taken")
    add("Mine")
    before = everything()
    with pytest.raises(NameTaken) as refusal:
        store.update_data_source(owner, 2, {"name": "Taken", "description": "new"})
    assert refusal.value.validation == ({"code": "unique", "path": "name"},)
    assert everything() == before


def test_only_an_owner_may_update(store: Store, governor: User, reader: User, add: Add) -> None:
    add()
    for user in (governor, reader):
        with pytest.raises(RoleMissing) as refusal:
            store.update_data_source(user, 1, {"deleted": False})
        assert refusal.value.message == "User must have the role owner of the data source 1 to update it."


def test_owner_and_governor_may_delete_and_nobody_else(
    store: Store, owner: User, second_owner: User, expert: User, governor: User, add: Add
) -> None:
    add("A", data_source={"expert": {"profiles": [expert.profile]}})
    add("B")
    for user in (second_owner, expert):
        with pytest.raises(RoleMissing) as refusal:
            store.delete_data_source(user, 1)
        assert refusal.value.message == (
            "User must have the role owner of the data source 1 or the permission GOVERNANCE to delete a data source."
        )
    assert store.delete_data_source(owner, 1) == Deletion(1, hard_delete=False)
    assert store.delete_data_source(governor, 2) == Deletion(2, hard_delete=False)


@pytest.mark.parametrize("role", [{"profiles": [5]}, {"groups": [7]}, {"profiles": [9, 5], "groups": None}])
def test_owner_is_also_who_the_data_source_names_by_profile_or_group(
    store: Store, reader: User, add: Add, role: dict[str, Any]
) -> None:
    add(data_source={"owner": role})
    grouped = replace(reader, groups=frozenset({7, 8}))
    assert store.update_data_source(grouped, 1, {"x": 1}).fields["x"] == 1


def test_a_stranger_is_no_owner_by_other_profiles_and_groups(store: Store, reader: User, add: Add) -> None:
    add(data_source={"owner": {"profiles": [6], "groups": [5]}})
    with pytest.raises(RoleMissing):
        store.update_data_source(replace(reader, groups=frozenset({6})), 1, {"x": 1})
