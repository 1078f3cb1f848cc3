"""Tokens in the place of API keys: asked for when a role is first used, and anew when one was refused."""

import json
from collections.abc import Callable

from immuta_contracts.exchange import NO_JSON, Request
from immuta_contracts.target import Target

PATH = "/bim/apikey/authenticate"
UNAUTHORIZED = 401


class Logins:
    """The run's own tokens; `hide` is told each of them, so that it is kept out of reports."""

    def __init__(self, target: Target, hide: Callable[[str], str]) -> None:
        self._target, self._hide = target, hide
        self._roles: dict[str, str] = {}  # by the header with their token

    def credential(self, role: str) -> str:
        """What a request of the role carries: a token, or its key where the target issues none."""
        known = next((header for header, owner in self._roles.items() if owner == role), None)
        return known or self._login(role)

    def renewed(self, request: Request) -> Request | None:
        """A request that was refused, with a new token if it carries one of the run's own."""
        for name, value in request.headers:
            role = self._roles.pop(value, None) if name == "Authorization" else None
            if role is not None:
                headers = {**dict(request.headers), name: self._login(role)}
                return Request(request.method, request.target, tuple(headers.items()), request.body)
        return None

    def _login(self, role: str) -> str:
        key = self._target.keys[role]
        body = json.dumps({"apikey": key}).encode()
        answer = self._target.send(Request("POST", PATH, (("Content-Type", "application/json"),), body))
        token = answer.json.get("token") if answer.json is not NO_JSON and isinstance(answer.json, dict) else None
        if answer.status != 200 or not isinstance(token, str):
            return key
        header = f"Bearer {self._hide(token)}"
        self._roles[header] = role
        return header
