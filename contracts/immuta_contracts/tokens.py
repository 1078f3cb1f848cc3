"""Tokens of a target: logging in, and whether a token is still live."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from weakref import WeakKeyDictionary

from immuta_contracts.client import TOKEN_VARIABLE, Client
from immuta_contracts.world import Unprepared, World

EXPIRED_VARIABLE = "IMMUTA_EXPIRED_TOKEN"  # stands in reports for one that was waited for until it had expired
PATIENCE = 5.0  # seconds that a run waits for a token to expire
MARGIN = 0.25  # seconds that the clocks of both sides may differ on a target that is waited for
_EXPIRED: WeakKeyDictionary[Client, str] = WeakKeyDictionary()


@dataclass(frozen=True)
class Token:
    """A token; `expires` is in seconds since 1970, None when the target did not say it in a way known here."""

    text: str = field(repr=False)
    expires: float | None

    def fresh(self) -> bool:
        """Whether there is time enough to use it."""
        return self.expires is None or self.expires - time.time() > MARGIN

    def may_have_expired(self) -> bool:
        return self.expires is not None and not self.fresh()


def login(w: World, *, variable: str = TOKEN_VARIABLE) -> Token:
    """A new token of the owner. Raises `Unprepared`."""
    answer, issued = w.client.token(variable=variable)
    w.prepared(answer, "logging in")
    if (token := _token(issued)) is None:
        raise Unprepared("logging in was answered without a token")
    return token


def expired_token(w: World) -> str | None:
    """A token whose time is over, waited for once in a run; None when that takes too long or is not known."""
    if w.client not in _EXPIRED:
        _outlast(w.client, login(w, variable=EXPIRED_VARIABLE))
    return _EXPIRED.get(w.client)


def expired(client: Client) -> str | None:
    """The same for a run without a world; None also where there is no token."""
    if client not in _EXPIRED:
        _outlast(client, _token(client.token(variable=EXPIRED_VARIABLE)[1]))
    return _EXPIRED.get(client)


def _outlast(client: Client, token: Token | None) -> None:
    """Wait until a token has expired, if that is soon enough."""
    remaining = PATIENCE + 1 if token is None or token.expires is None else token.expires - time.time()
    if token is not None and remaining <= PATIENCE:
        time.sleep(max(0.0, remaining) + MARGIN)
        _EXPIRED[client] = token.text


def _token(issued: Any) -> Token | None:
    """The token in the JSON of an answer to a login."""
    if not isinstance(issued, dict) or not isinstance(issued.get("token"), str):
        return None
    return Token(issued["token"], seconds_since_1970(issued.get("tokenExpiration")))


def seconds_since_1970(expiration: object) -> float | None:
    """A point in time as targets may write it: ISO 8601, or seconds or milliseconds since 1970."""
    if isinstance(expiration, str):
        try:
            read = datetime.fromisoformat(expiration)
        except ValueError:
            return None
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
    if isinstance(expiration, int | float) and not isinstance(expiration, bool):
        return expiration / 1000 if expiration > 10**11 else float(expiration)
    return None
