"""Who may do what: permissions of users, and the roles a data source gives."""

from typing import Any

from immuta_mock.errors import DictionaryRoleMissing, RoleMissing
from immuta_mock.store.records import DataSource, Holders
from immuta_mock.users import CREATE_DATA_SOURCE, GOVERNANCE, User

NOBODY = Holders()


def holders(written: Any) -> Holders:
    """The holders in a written `{profiles, groups}`; nobody where it is left out."""
    if not isinstance(written, dict):
        return NOBODY
    return Holders(frozenset(written.get("profiles") or ()), frozenset(written.get("groups") or ()))


def require_creator(user: User) -> None:
    """Raises RoleMissing for a user who may not create data sources."""
    if CREATE_DATA_SOURCE not in user.permissions:
        raise RoleMissing(f"the permission {CREATE_DATA_SOURCE}", "create a data source")


def require_owner(user: User, source: DataSource, act: str) -> None:
    """Raises RoleMissing for a user who does not own the data source."""
    if not _owns(user, source):
        raise RoleMissing(f"the role owner of the data source {source.id}", act)


def require_remover(user: User, source: DataSource) -> None:
    """Raises RoleMissing for a user who is neither owner nor governor."""
    if not _owns(user, source) and GOVERNANCE not in user.permissions:
        needs = f"the role owner of the data source {source.id} or the permission {GOVERNANCE}"
        raise RoleMissing(needs, "delete a data source")


def require_dictionary_writer(user: User, source: DataSource) -> None:
    """Raises DictionaryRoleMissing for a user who is neither owner nor expert."""
    if not _owns(user, source) and not _among(user, source.experts):
        raise DictionaryRoleMissing


def standing(user: User, source: DataSource) -> str:
    """How a user stands to a data source; nobody is subscribed to anything."""
    if _owns(user, source):
        return "owner"
    return "expert" if _among(user, source.experts) else "not_subscribed"


def _owns(user: User, source: DataSource) -> bool:
    return user.profile == source.created_by or _among(user, source.owners)


def _among(user: User, role: Holders) -> bool:
    return user.profile in role.profiles or not user.groups.isdisjoint(role.groups)
