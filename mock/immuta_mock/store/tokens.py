"""Logging in: API keys are exchanged for tokens, and either tells who calls."""

from datetime import datetime

from immuta_mock.errors import Unauthenticated
from immuta_mock.store.records import Token
from immuta_mock.store.state import State
from immuta_mock.users import User


def user_for(state: State, credential: str, now: datetime) -> User | None:
    """The user of an API key or of a live token; None for anything else."""
    token = state.tokens.get(credential)
    if token is not None and now < token.expires_at:
        return state.directory.by_profile.get(token.profile)
    return state.directory.by_key.get(credential)


def issue(state: State, api_key: str, now: datetime, expires_at: datetime) -> Token:
    """A new token for the user of an API key; tokens that have expired are forgotten on the way."""
    user = state.directory.by_key.get(api_key)
    if user is None:
        raise Unauthenticated
    for token in [token for token in state.tokens.values() if token.expires_at <= now]:
        state.drop_token(token)
    token = Token(state.next_uuid(), expires_at, user.profile)
    state.add_token(token)
    return token


def expire(state: State, name: str | None, now: datetime) -> int:
    """Make the live tokens of the users of a name, or of all users, expire; answers how many these were."""
    profiles = {user.profile for user in state.directory.users if name in (None, user.name)}
    live = [token for token in state.tokens.values() if token.profile in profiles and now < token.expires_at]
    for token in live:
        state.drop_token(token)
    return len(live)
