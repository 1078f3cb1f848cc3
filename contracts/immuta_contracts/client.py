"""The one gate that every request of a run passes: it adds credentials, records, and remembers what was made."""

import json
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

from immuta_contracts.bodies import names_sent
from immuta_contracts.coverage import Coverage
from immuta_contracts.exchange import Answer, Exchange, Request
from immuta_contracts.fence import Fence
from immuta_contracts.ledger import Ledger
from immuta_contracts.logins import UNAUTHORIZED, Logins
from immuta_contracts.pins import Pins
from immuta_contracts.redaction import PROXY_USER, WRONG_KEY, Redactor, secret_parts, secrets_in
from immuta_contracts.settings import Settings
from immuta_contracts.spec import Routes
from immuta_contracts.target import NotTried, OutOfReach, Target, Unreachable

TOKEN_VARIABLE = "IMMUTA_TOKEN"
RECENT, LOOKED_AT = 100, 2**16  # bodies, and bytes of each, that an answer's unknown field may come from
SHOWING_NOTHING = (400, UNAUTHORIZED, 403, 404, 410)
MOST_VALUES = 100  # what random bodies hold as passwords is endless, and each costs at every text that is shown


class _Absent:
    """Stands for 'no body': JSON null is a body."""


ABSENT: Final = _Absent()
DEFAULTS: Final = Settings()


class Client:
    """Sends requests to one target.

    `journal` holds the exchanges since it was last cleared; `coverage` and `sent` span the whole run;
    `names` are the data source names this client asked the target for, `tokens` those it was given; with `login`
    requests carry tokens, not keys; `heard` is told of each exchange.
    """

    def __init__(
        self,
        target: Target,
        routes: Routes,
        settings: Settings = DEFAULTS,
        *,
        run: str = "0",
        ledger: Ledger | None = None,
    ) -> None:
        self.target, self.settings = target, settings
        known = bool(settings.transport.headers or settings.transport.client_certificate)
        self.fence = Fence(settings.fence, run, routes, self._look, known=known, logs_in=settings.login)
        self.ledger = ledger
        self.journal: list[Exchange] = []
        self.heard: Callable[[Exchange], None] = lambda _exchange: None
        self.coverage = {o.id: Coverage(o, routes.document) for o in routes.operations}
        self.sent = 0
        self.names: list[str] = []
        self._routes = routes
        given = {settings.transport.proxy or "": PROXY_USER} | {v: name for name, v in settings.secrets.items()}
        read = {part: name for value, name in given.items() if value for part in secret_parts(value)}
        keys = {key: getattr(settings.keys, role) for role, key in target.keys.items()}
        self.redactor = Redactor({**read, **keys})
        self._values: set[str] = set()
        self._logins = Logins(self._pass, target.keys, self.hide) if settings.login else None
        self._pins = Pins(settings, routes)
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
            authorization = self.credential(role)
        if authorization is not None:
            sent["Authorization"] = authorization
        target = path + ("?" + urlencode(query, quote_via=quote) if query else "")
        return self.send(Request(method, target, tuple(sent.items()), body), role=role)

    def send(self, request: Request, *, role: str | None) -> Answer:
        """Send one finished request and keep account of it. Raises `OutOfReach`."""
        operation = self._routes.match(request.method, request.target.partition("?")[0])
        if reason := self._pins.against(operation, request):
            raise OutOfReach(reason)
        started = time.time()
        request, answer = self._logged_in(request)
        self.sent += 1
        self.fence.learn(request, answer)
        self._recent += [request.body[:LOOKED_AT]] if request.body else []
        exchange = Exchange(request, answer, operation.id if operation else None, role, started)
        self.journal.append(exchange)
        if operation:
            self.coverage[operation.id].add(request, answer, self._recent)
        self.heard(exchange)
        return answer

    def _logged_in(self, request: Request) -> tuple[Request, Answer]:
        """What was answered, and to which request: once more with a new token where its own had expired."""
        answer = self._pass(request)
        if answer.status == UNAUTHORIZED and self._logins and (renewed := self._logins.renewed(request)):
            return renewed, self._pass(renewed)
        return request, answer

    def _pass(self, request: Request) -> Answer:
        """The gate: whatever a run sends, it sends here. Raises `Refused`."""
        self.fence.admit(request)
        self._remember(request)
        try:
            return self.target.send(request)
        except Unreachable:
            self.fence.doubt(request)
            raise

    def key(self, role: str) -> str:
        """The API key of a role. Raises `NotTried`."""
        if role not in self.target.keys:
            raise NotTried(f"no API key of the role {role}: set {getattr(self.settings.keys, role)}")
        return self.target.keys[role]

    def credential(self, role: str) -> str:
        """What the requests of a role carry. Raises `NotTried`."""
        key = self.key(role)
        return self._logins.credential(role) if self._logins else key

    def hide(self, text: str, variable: str = WRONG_KEY) -> str:
        """Keep a secret, or a text that gives one away such as most of a key, out of reports; returns it.

        `variable` names the environment variable a reproduction reads it from.
        """
        self.redactor.learn(text, variable)
        return text

    def token(self, role: str = "owner", *, variable: str = TOKEN_VARIABLE) -> tuple[Answer, Any]:
        """Log in as a role: the answer and its JSON; the token is kept out of reports from here on."""
        answer = self.call("POST", "/bim/apikey/authenticate", json_body={"apikey": self.key(role)}, role=None)
        return answer, self.issued(answer, variable=variable)

    def issued(self, answer: Answer, *, variable: str = TOKEN_VARIABLE) -> Any:
        """The JSON of an answer to a login; its token is kept out of reports from here on."""
        issued = answer.json
        if isinstance(issued, dict) and isinstance(issued.get("token"), str):
            self.hide(issued["token"], variable)
        return issued

    def _look(self, path: str, authorization: str | None) -> Answer:
        """Read something for the fence as the caller, and as the owner too where nothing is shown to the caller.

        It is no part of what a property did.
        """
        owner = self.credential("owner")
        for asker in dict.fromkeys((authorization or owner, owner)):
            self.sent += 1
            _, answer = self._logged_in(Request("GET", path, (("Authorization", asker),)))
            if answer.status not in SHOWING_NOTHING:
                break
        return answer

    def _remember(self, request: Request) -> None:
        """Note the names a writing request asks for, so that the clean-up can look for them, and the secrets in it."""
        if request.body is not None and len(self._values) < MOST_VALUES:
            self._values |= {self.hide(value, variable) for value, variable in secrets_in(request.body)}
        if request.method not in ("POST", "PUT") or request.body is None or b"ame" not in request.body:
            return
        for name in names_sent(request.body, self.fence.prefix):
            if name not in self.names:
                self.names.append(name)
                if self.ledger is not None and name.startswith(self.fence.prefix):
                    self.ledger.intend(name)
