"""Tokens in the place of API keys: asked for when a role is first used, and anew when one was refused."""

import json
from collections.abc import Callable, Mapping

from immuta_contracts.exchange import NO_JSON, Answer, Request

PATH = "/bim/apikey/authenticate"
UNAUTHORIZED = 401


def token_variable(role: str) -> str:
    """What stands in reports for a token that a role carries in the place of its key."""
    return f"IMMUTA_TOKEN_{role.upper()}"


class Logins:
    """The run's own tokens, for the keys of its roles.

    `hide` is told each with the variable it is read from, so that it is kept out of reports.
    """

    def __init__(
        self, send: Callable[[Request], Answer], keys: Mapping[str, str], hide: Callable[[str, str], str]
    ) -> None:
        self._send, self._keys, self._hide = send, keys, hide
        self._roles: dict[str, str] = {}  # by each header that carried a token of theirs
        self._current: dict[str, str] = {}  # the header of each role

    def credential(self, role: str) -> str:
        """What a request of the role carries: a token, or its key where the target issues none."""
        return self._current.get(role) or self._login(role)

    def renewed(self, request: Request) -> Request | None:
        """A request that was refused, with a newer token if it carries one of the run's own."""
        for name, value in request.headers:
            role = self._roles.get(value) if name == "Authorization" else None
            if role is not None:
                newer = self._current[role] if self._current[role] != value else self._login(role)
                headers = {**dict(request.headers), name: newer}
                return Request(request.method, request.target, tuple(headers.items()), request.body)
        return None

    def _login(self, role: str) -> str:
        key = self._keys[role]
        body = json.dumps({"apikey": key}).encode()
        answer = self._send(Request("POST", PATH, (("Content-Type", "application/json"),), body))
        token = answer.json.get("token") if answer.json is not NO_JSON and isinstance(answer.json, dict) else None
        if answer.status != 200 or not isinstance(token, str):
            return key
        header = f"Bearer {self._hide(token, token_variable(role))}"
        self._roles[header], self._current[role] = role, header
        return header
