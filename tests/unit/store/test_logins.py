"""API keys and tokens."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from immuta_mock.errors import Unauthenticated
from immuta_mock.store import Store, Token
from immuta_mock.users import DEFAULT_USERS, User, UsersError


def test_an_api_key_tells_its_user(store: Store) -> None:
    assert tuple(store.user_for(user.key) for user in DEFAULT_USERS) == DEFAULT_USERS


@pytest.mark.parametrize("credential", ["", "unknown", "OWNER-KEY-LOCAL-ONLY", "Bearer owner-key-local-only", "\ud800"])
def test_anything_else_tells_nobody(store: Store, credential: str) -> None:
    assert store.user_for(credential) is None


def test_a_token_tells_the_user_it_was_issued_for_until_it_expires(
    store: Store, expert: User, now: Callable[[], datetime], advance: Callable[[float], None]
) -> None:
    token = store.issue_token(expert.key)

    assert token == Token(token.token, now() + timedelta(hours=1), expert.profile)
    assert store.user_for(token.token) == expert
    advance(3599.999)
    assert store.user_for(token.token) == expert
    advance(0.001)
    assert store.user_for(token.token) is None


def test_the_lifetime_of_tokens_can_be_set(now: Callable[[], datetime], owner: User) -> None:
    store = Store(clock=now, token_lifetime=timedelta(seconds=1))
    assert store.issue_token(owner.key).expires_at == now() + timedelta(seconds=1)


def test_a_token_lives_on_when_another_is_issued(store: Store, owner: User, advance: Callable[[float], None]) -> None:
    expired = store.issue_token(owner.key)
    advance(1800)
    first = store.issue_token(owner.key)
    advance(1800)
    second = store.issue_token(owner.key)
    assert [store.user_for(token.token) for token in (expired, first, second)] == [None, owner, owner]


def test_only_an_api_key_is_exchanged_for_a_token(store: Store, owner: User) -> None:
    token = store.issue_token(owner.key)
    for credential in ("unknown", token.token):
        with pytest.raises(Unauthenticated, match=r"^A valid Authorization token must be provided\.$"):
            store.issue_token(credential)


def test_secrets_are_not_in_the_repr(store: Store, owner: User) -> None:
    token = store.issue_token(owner.key)
    assert token.token not in repr(token)
    assert owner.key not in repr(owner)


def test_a_store_may_have_other_users() -> None:
    users = [User("only", "only-key", 9)]
    store = Store(users)
    users.clear()
    assert store.users == (User("only", "only-key", 9),)
    assert (store.user_for("only-key"), store.user_for("owner-key-local-only")) == (store.users[0], None)


def test_users_that_share_a_key_are_refused() -> None:
    with pytest.raises(UsersError, match=r"^users 1 and 2 have the same key; each needs its own$"):
        Store([User("a", "same", 1), User("b", "same", 2)])
