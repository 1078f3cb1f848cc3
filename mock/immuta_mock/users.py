"""The users of a tenant: the default five, and others read from a TOML file."""

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CREATE_DATA_SOURCE = "CREATE_DATA_SOURCE"
GOVERNANCE = "GOVERNANCE"

REQUIRED_FIELDS = ("name", "key", "profile")
KNOWN_FIELDS = (*REQUIRED_FIELDS, "permissions", "groups")


class UsersError(Exception):
    """The users cannot be used; the message is one line and never holds a key."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may log in; `profile` is the id that roles of data sources refer to."""

    name: str
    key: str = field(repr=False)
    profile: int
    permissions: frozenset[str] = frozenset()
    groups: frozenset[int] = frozenset()


DEFAULT_USERS: tuple[User, ...] = (
    User("owner", "owner-key-local-only", 2, frozenset({CREATE_DATA_SOURCE})),
    User("second owner", "second-owner-key-local-only", 3, frozenset({CREATE_DATA_SOURCE})),
    User("expert", "expert-key-local-only", 4),
    User("reader", "reader-key-local-only", 5),
    User("governor", "governor-key-local-only", 6, frozenset({GOVERNANCE})),
)


class Directory:
    """Users by API key and by profile; raises UsersError where two share one."""

    def __init__(self, users: Sequence[User]) -> None:
        check_distinct(users)
        self.users = tuple(users)
        self.by_key = {user.key: user for user in users}
        self.by_profile = {user.profile: user for user in users}

    def exchanged(self, before: Collection[User], after: Sequence[User]) -> "Directory":
        """One with others in place of some users; raises UsersError where one of them and a user who stays share.

        Once that was done, to do it again changes nothing.
        """
        return Directory([*after, *(user for user in self.users if user not in (*before, *after))])


def load_users(path: str | Path) -> tuple[User, ...]:
    """The users of a TOML file with one `[[user]]` table each; raises UsersError."""
    try:
        users = _users(_document(Path(path)))
    except UsersError as error:
        raise UsersError(f"users file {path}: {error}") from None
    return users


def check_distinct(users: Sequence[User]) -> None:
    """Raises UsersError where two users share a key or a profile, so that one would hide the other."""
    keys: dict[str, int] = {}
    profiles: dict[int, int] = {}
    for number, user in enumerate(users, start=1):
        first = keys.setdefault(user.key, number)
        if first != number:
            raise UsersError(f"users {first} and {number} have the same key; each needs its own")
        first = profiles.setdefault(user.profile, number)
        if first != number:
            raise UsersError(f"users {first} and {number} have the same profile {user.profile}; each needs its own")


def _document(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsersError(f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsersError("is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise UsersError(f"is not valid TOML: {error}") from None


def _users(document: Mapping[str, Any]) -> tuple[User, ...]:
    if unknown := [name for name in document if name != "user"]:
        raise UsersError(f"unknown entry {unknown[0]!r}; it holds [[user]] tables and nothing else")
    tables = document.get("user")
    if not isinstance(tables, list) or not tables:
        raise UsersError("holds no user; write at least one [[user]] table")
    users = tuple(_user(table, f"user {number}") for number, table in enumerate(tables, start=1))
    check_distinct(users)
    return users


def _user(table: Any, where: str) -> User:
    if not isinstance(table, dict):
        raise UsersError(f"{where} is not a table; write [[user]] above its fields")
    if unknown := [name for name in table if name not in KNOWN_FIELDS]:
        raise UsersError(f"{where} has the unknown field {unknown[0]!r}; known are {', '.join(KNOWN_FIELDS)}")
    if missing := [name for name in REQUIRED_FIELDS if name not in table]:
        raise UsersError(f"{where} lacks the field {missing[0]!r}")
    return User(
        name=_text(table["name"], f"{where}: name"),
        key=_key(table["key"], f"{where}: key"),
        profile=_id(table["profile"], f"{where}: profile"),
        permissions=frozenset(_text(item, f"{where}: permissions") for item in _list(table, "permissions", where)),
        groups=frozenset(_id(item, f"{where}: groups") for item in _list(table, "groups", where)),
    )


def _list(table: Mapping[str, Any], name: str, where: str) -> list[Any]:
    value = table.get(name, [])
    if not isinstance(value, list):
        raise UsersError(f"{where}: {name} must be a list, not {_kind(value)}")
    return value


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise UsersError(f"{where} must hold text that is not empty, not {_kind(value)}")
    return value


def _key(value: Any, where: str) -> str:
    """A key travels in a header after an optional "Bearer ", so it is visible ASCII without a space."""
    key = _text(value, where)
    if not key.isascii() or not key.isprintable() or " " in key:
        raise UsersError(f"{where} must be printable ASCII without spaces, as it is sent in a header")
    return key


def _id(value: Any, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise UsersError(f"{where} must hold whole numbers from 1 up, not {_kind(value)}")
    if value < 1:
        raise UsersError(f"{where} must hold whole numbers from 1 up, not {value}")
    return value


def _kind(value: Any) -> str:
    """What a value is, without saying the value, which may be a key in the wrong place."""
    if value == "":
        return "an empty string"
    names = {str: "string", bool: "boolean", int: "number", list: "list", dict: "table"}
    return f"a {names.get(type(value), type(value).__name__)}"
