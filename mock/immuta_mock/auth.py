"""Tells who calls, from the Authorization header, through Connexion's own security seam."""

import re
from collections.abc import Callable
from typing import Any

from connexion.lifecycle import ConnexionRequest

from immuta_mock.errors import Unauthenticated
from immuta_mock.journal.entries import header

_BEARER = re.compile(r"bearer(?:\s+|$)", re.IGNORECASE)

Verify = Callable[[ConnexionRequest], dict[str, Any]]


def credential(text: str | None) -> str:
    """The API key or token in the header, with or without `Bearer` in any letter case before it; may be empty."""
    text = (text or "").strip()
    return text[match.end() :] if (match := _BEARER.match(text)) else text


class CredentialCheck:
    """What Connexion asks of a security scheme; both schemes of the document are this one check."""

    def get_fn(self, _scheme: dict[str, Any], _scopes: list[str]) -> Verify:
        """The function that is called with each request of an operation with the scheme, and of unknown routes."""
        return verify


def verify(request: ConnexionRequest) -> dict[str, Any]:
    """The caller, whom handlers get as `user`. Raises `Unauthenticated`."""
    given = request.context
    user = given["store"].user_for(credential(header(given["headers"], b"authorization")))
    if user is None:
        raise Unauthenticated
    return {"sub": user}


SECURITY_MAP = {"bearer": CredentialCheck, "apiKey": CredentialCheck}
