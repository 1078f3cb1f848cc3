"""Logging in, and asking who one is; companions of the reference's own operations."""

from typing import Any

from immuta_mock import answers
from immuta_mock.auth import credential
from immuta_mock.errors import BadRequest
from immuta_mock.journal.entries import Headers, header
from immuta_mock.store import Store
from immuta_mock.users import User

Json = dict[str, Any]


def authenticate(*, store: Store, headers: Headers, payload: Json | None) -> Json:
    """`POST /bim/apikey/authenticate`; the key of the body counts, without a body that of the header."""
    api_key = payload["apikey"] if payload is not None else credential(header(headers, b"authorization"))
    if not api_key:
        raise BadRequest("$.apikey is missing (a non-empty string); send it in the body, or in Authorization")
    return answers.token(store.issue_token(api_key))


def get_current_user(*, user: User) -> Json:
    """`GET /bim/rpc/user/current`"""
    return answers.current_user(user)
