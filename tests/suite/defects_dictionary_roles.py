"""Planted defects of who may write and read a dictionary: DICT-12."""

from collections.abc import Callable
from typing import Any

from immuta_mock import Store
from immuta_mock.errors import DictionaryRoleMissing
from immuta_mock.users import User
from planting import Reply, Seen, Wire, in_store, on_wire, replace
from planting_dictionaries import is_dictionary, prefix_of, source_of
from planting_refusals import refusal


def permitting(store: Store, method: str, allowed: Callable[[User, int], bool]) -> None:
    """Let a writing method of the dictionary also take users for whom `allowed` says so."""

    def wrap(write: Callable[..., Any]) -> Callable[..., Any]:
        def defective(user: User, data_source_id: int, *rest: Any) -> Any:
            source = source_of(store, data_source_id)
            if source is None or not allowed(user, data_source_id):
                return write(user, data_source_id, *rest)
            owner = next(each for each in store.users if each.profile == source.created_by)
            return write(owner, data_source_id, *rest)

        return defective

    replace(store, method, wrap)


@in_store("DICT-12")
def everybody_may_delete_dictionaries_on_snowflake(store: Store) -> None:
    """On Snowflake DELETE does not check the role."""
    permitting(store, "delete_dictionary", lambda _, data_source_id: prefix_of(store, data_source_id) == "snowflake")


@in_store("DICT-12")
def governors_may_write_dictionaries(store: Store) -> None:
    """PUT lets the permission GOVERNANCE pass."""
    permitting(store, "update_dictionary", lambda user, _: "GOVERNANCE" in user.permissions)


@in_store("DICT-12")
def creators_may_create_dictionaries_everywhere(store: Store) -> None:
    """POST asks for the permission to create data sources instead of a role."""
    permitting(store, "create_dictionary", lambda user, _: "CREATE_DATA_SOURCE" in user.permissions)


def refusing(store: Store, method: str, refused_to: Callable[[User, int], bool]) -> None:
    """Let a writing method of the dictionary refuse users for whom `refused_to` says so."""

    def wrap(write: Callable[..., Any]) -> Callable[..., Any]:
        def defective(user: User, data_source_id: int, *rest: Any) -> Any:
            if source_of(store, data_source_id) is not None and refused_to(user, data_source_id):
                raise DictionaryRoleMissing
            return write(user, data_source_id, *rest)

        return defective

    replace(store, method, wrap)


@in_store("DICT-12")
def experts_may_not_delete_dictionaries(store: Store) -> None:
    """DELETE is for owners only."""

    def expert_only(user: User, data_source_id: int) -> bool:
        source = source_of(store, data_source_id)
        return source is not None and user.profile in source.experts.profiles

    refusing(store, "delete_dictionary", expert_only)


@in_store("DICT-12")
def named_owners_may_not_write_dictionaries(store: Store) -> None:
    """Of the owners only the creator may PUT."""

    def named(user: User, data_source_id: int) -> bool:
        source = source_of(store, data_source_id)
        return source is not None and user.profile in source.owners.profiles - {source.created_by}

    refusing(store, "update_dictionary", named)


@on_wire("DICT-12")
class RefusalNamesTheAct(Wire):
    """The refusal of PUT says update where the documented text says delete."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        if is_dictionary(seen, "PUT") and reply.status == 403:
            reply.json["message"] = reply.json["message"].replace("delete", "update")


@on_wire("DICT-12")
class ReadingNeedsARole(Wire):
    """A reader without a role may not read the dictionary."""

    def request(self, seen: Seen) -> Reply | None:
        if is_dictionary(seen, "GET") and "reader-key" in seen.headers.get("authorization", ""):
            return refusal(403, "User must have one of the following roles: owner,expert.")
        return None
