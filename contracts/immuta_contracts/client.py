"""The one gate that every request of a run passes: it adds credentials, records, and remembers what was made."""

import json
import time
from collections import deque
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

from immuta_contracts.coverage import Coverage
from immuta_contracts.exchange import Answer, Exchange, Request
from immuta_contracts.redaction import WRONG_KEY, Redactor, secrets_in
from immuta_contracts.spec import Routes
from immuta_contracts.target import KEY_VARIABLES, Target

TOKEN_VARIABLE = "IMMUTA_TOKEN"
RECENT, LOOKED_AT = 100, 2**16  # bodies, and bytes of each, that an answer's unknown field may come from
MOST_VALUES = 100  # what random bodies hold as passwords is endless, and each costs at every text that is shown


class NotTried(Exception):
    """Something cannot be tried on this target; the text says what it would need."""


class _Absent:
    """Stands for 'no body': JSON null is a body."""


ABSENT: Final = _Absent()


class Client:
    """Sends requests to one target.

    `journal` holds the exchanges since it was last cleared; `coverage` and `sent` span the whole run;
    `names` are the data source names this client asked the target for; `redactor` knows the secrets sent and received.
    """

    def __init__(self, target: Target, routes: Routes) -> None:
        self.target = target
        self.journal: list[Exchange] = []
        self.coverage = {o.id: Coverage(o, routes.document) for o in routes.operations}
        self.sent = 0
        self.names: list[str] = []
        self.redactor = Redactor({key: KEY_VARIABLES[role] for role, key in target.keys.items()})
        self._routes = routes
        self._values: set[str] = set()
        self._recent: deque[bytes] = deque(maxlen=RECENT)

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
            authorization = self.key(role)
        if authorization is not None:
            sent["Authorization"] = authorization
        target = path + ("?" + urlencode(query, quote_via=quote) if query else "")
        return self.send(Request(method, target, tuple(sent.items()), body), role=role)

    def send(self, request: Request, *, role: str | None) -> Answer:
        """Pass one finished request through the gate."""
        operation = self._routes.match(request.method, request.target.partition("?")[0])
        self._remember(request)
        started = time.time()
        answer = self.target.send(request)
        self.sent += 1
        self._recent += [request.body[:LOOKED_AT]] if request.body else []
        self.journal.append(Exchange(request, answer, operation.id if operation else None, role, started))
        if operation:
            self.coverage[operation.id].add(request, answer, self._recent)
        return answer

    def key(self, role: str) -> str:
        """The API key of a role. Raises `NotTried`."""
        if role not in self.target.keys:
            raise NotTried(f"no API key of the role {role}: set {KEY_VARIABLES[role]}")
        return self.target.keys[role]

    def hide(self, text: str, variable: str = WRONG_KEY) -> str:
        """Keep a secret, or a text that gives one away such as most of a key, out of reports; returns it.

        `variable` names the environment variable a reproduction reads it from.
        """
        self.redactor.learn(text, variable)
        return text

    def token(self, role: str = "owner") -> tuple[Answer, Any]:
        """Log in as a role: the answer and its JSON; the token is kept out of reports from here on."""
        answer = self.call("POST", "/bim/apikey/authenticate", json_body={"apikey": self.key(role)}, role=None)
        return answer, self.issued(answer)

    def issued(self, answer: Answer) -> Any:
        """The JSON of an answer to a login; its token is kept out of reports from here on."""
        issued = answer.json
        if isinstance(issued, dict) and isinstance(issued.get("token"), str):
            self.hide(issued["token"], TOKEN_VARIABLE)
        return issued

    def _remember(self, request: Request) -> None:
        """Note the names a writing request asks for, so that the clean-up can look for them, and the secrets in it."""
        if request.body is not None and len(self._values) < MOST_VALUES:
            self._values |= {self.hide(value, variable) for value, variable in secrets_in(request.body)}
        if request.method not in ("POST", "PUT") or request.body is None or b"ame" not in request.body:
            return
        try:
            body = json.loads(request.body)
        except (ValueError, RecursionError):
            return
        self.names += [name for name in names_in(body) if name not in self.names]


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
