"""The one gate that every request of a run passes: it adds credentials, records, and remembers what was made."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode

from immuta_contracts.exchange import Answer, Exchange, Request
from immuta_contracts.logins import UNAUTHORIZED, Logins
from immuta_contracts.spec import Operation, Routes
from immuta_contracts.target import KEY_VARIABLES, Target


class NotTried(Exception):
    """Something cannot be tried on this target; the text says what it would need."""


class _Absent:
    """Stands for 'no body': JSON null is a body."""


ABSENT: Final = _Absent()


@dataclass
class Coverage:
    """What the run has seen of one operation: how often each status, and how often each query parameter was sent."""

    parameters: Counter[str]
    statuses: Counter[int] = field(default_factory=Counter)


class Client:
    """Sends requests to one target.

    `journal` holds the exchanges since it was last cleared; `coverage` and `sent` span the whole run;
    `names` are the data source names this client asked the target for, `tokens` those it was given; with `login`
    requests carry tokens, not keys.
    """

    def __init__(self, target: Target, routes: Routes, *, login: bool = False) -> None:
        self.target = target
        self.journal: list[Exchange] = []
        self.coverage = {o.id: Coverage(Counter(dict.fromkeys(o.query, 0))) for o in routes.operations}
        self.sent = 0
        self.names: list[str] = []
        self._routes = routes
        self._tokens: set[str] = set()
        self._logins = Logins(target, self.hide) if login else None

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | list[tuple[str, Any]] | None = None,
        json_body: object = ABSENT,
        raw: bytes | None = None,
        content_type: str | None = "application/json",
        authorization: str | None = None,
        role: str | None = "owner",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request as `role` (None: without credentials; `authorization` gives the header's very text).

        `path` is percent-encoded by the caller; `json_body` is sent as JSON, `raw` as it is.
        Raises `NotTried` when the target gave no key for the role, `Unreachable` when nothing answers.
        """
        body = json.dumps(json_body).encode() if not isinstance(json_body, _Absent) else raw
        sent = dict(headers or {})
        if body is not None and content_type is not None:
            sent["Content-Type"] = content_type
        if authorization is None and role is not None:
            key = self.key(role)
            authorization = self._logins.credential(role) if self._logins else key
        if authorization is not None:
            sent["Authorization"] = authorization
        target = path + ("?" + urlencode(query, quote_via=quote) if query else "")
        return self.send(Request(method, target, tuple(sent.items()), body), role=role)

    def send(self, request: Request, *, role: str | None) -> Answer:
        """Pass one finished request through the gate."""
        operation = self._routes.match(request.method, request.target.partition("?")[0])
        self._remember(request)
        answer = self.target.send(request)
        if answer.status == UNAUTHORIZED and self._logins and (renewed := self._logins.renewed(request)):
            request, answer = renewed, self.target.send(renewed)
        self.sent += 1
        self.journal.append(Exchange(request, answer, operation.id if operation else None, role))
        if operation:
            self._cover(operation, request, answer)
        return answer

    def key(self, role: str) -> str:
        """The API key of a role. Raises `NotTried`."""
        if role not in self.target.keys:
            raise NotTried(f"no API key of the role {role}: set {KEY_VARIABLES[role]}")
        return self.target.keys[role]

    def secrets(self) -> dict[str, str]:
        """Every secret the run knows, with the environment variable a reproduction reads it from."""
        keys = {key: KEY_VARIABLES[role] for role, key in self.target.keys.items()}
        known = {**dict.fromkeys(self._tokens, "IMMUTA_TOKEN"), **keys}
        return dict(sorted(known.items(), key=lambda each: -len(each[0])))  # a part of another one comes after it

    def hide(self, text: str) -> str:
        """Keep a text that gives a secret away, such as most of a key, out of reports; returns it."""
        self._tokens.add(text)
        return text

    def token(self, role: str = "owner") -> tuple[Answer, Any]:
        """Log in as a role: the answer and its JSON; the token is kept out of reports from here on."""
        answer = self.call("POST", "/bim/apikey/authenticate", json_body={"apikey": self.key(role)}, role=None)
        return answer, self.issued(answer)

    def issued(self, answer: Answer) -> Any:
        """The JSON of an answer to a login; its token is kept out of reports from here on."""
        issued = answer.json
        if isinstance(issued, dict) and isinstance(issued.get("token"), str):
            self._tokens.add(issued["token"])
        return issued

    def _remember(self, request: Request) -> None:
        """Note the names a writing request asks for, so that the clean-up can look for them."""
        if request.method not in ("POST", "PUT") or request.body is None or b"ame" not in request.body:
            return
        try:
            body = json.loads(request.body)
        except (ValueError, RecursionError):
            return
        self.names += [name for name in names_in(body) if name not in self.names]

    def _cover(self, operation: Operation, request: Request, answer: Answer) -> None:
        seen = self.coverage[operation.id]
        seen.statuses[answer.status] += 1
        sent = {name for name, _ in parse_qsl(request.target.partition("?")[2], keep_blank_values=True)}
        seen.parameters.update(sent.intersection(seen.parameters))


def names_in(body: object) -> list[str]:
    """The data source names that a create, update or bulk body asks for."""
    found: list[str] = []
    for part in body if isinstance(body, list) else [body]:
        if not isinstance(part, dict):
            continue
        source, handlers = part.get("dataSource"), part.get("handler")
        candidates = [part.get("name"), source.get("name") if isinstance(source, dict) else None]
        for handler in handlers if isinstance(handlers, list) else [handlers]:
            metadata = handler.get("metadata") if isinstance(handler, dict) else None
            candidates.append(metadata.get("dataSourceName") if isinstance(metadata, dict) else None)
        found += [name for name in candidates if isinstance(name, str) and name]
    return found
