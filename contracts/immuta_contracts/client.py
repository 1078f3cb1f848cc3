"""The one gate that every request of a run passes: it adds credentials, records, and remembers what was made."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode

from immuta_contracts.bodies import names_sent
from immuta_contracts.exchange import Answer, Exchange, Request
from immuta_contracts.fence import Fence, Mode, Refused
from immuta_contracts.ledger import Ledger
from immuta_contracts.pins import Pins
from immuta_contracts.settings import Settings
from immuta_contracts.spec import Operation, Routes
from immuta_contracts.target import NotTried, Target


class _Absent:
    """Stands for 'no body': JSON null is a body."""


ABSENT: Final = _Absent()
DEFAULTS: Final = Settings()


@dataclass
class Coverage:
    """What the run has seen of one operation: how often each status, and how often each query parameter was sent."""

    parameters: Counter[str]
    statuses: Counter[int] = field(default_factory=Counter)


class Client:
    """Sends requests to one target.

    `journal` holds the exchanges since it was last cleared; `coverage` and `sent` span the whole run;
    `names` are the data source names this client asked the target for, `tokens` those it was given.
    """

    def __init__(
        self,
        target: Target,
        routes: Routes,
        *,
        settings: Settings = DEFAULTS,
        mode: Mode = "full",
        run: str = "0",
        ledger: Ledger | None = None,
    ) -> None:
        self.target, self.settings = target, settings
        self.fence = Fence(mode, run, routes, self._look)
        self.ledger = ledger
        self.journal: list[Exchange] = []
        self.coverage = {o.id: Coverage(Counter(dict.fromkeys(o.query, 0))) for o in routes.operations}
        self.sent = 0
        self.names: list[str] = []
        self._routes = routes
        self._tokens: set[str] = set()
        self._pins = Pins(settings, routes)

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
        """Pass one finished request through the gate. Raises `Refused` when fence or target file keep it back."""
        operation = self._routes.match(request.method, request.target.partition("?")[0])
        if reason := self._pins.against(operation, request):
            raise Refused(reason)
        self.fence.admit(request)
        self._remember(request)
        answer = self.target.send(request)
        self.sent += 1
        self.fence.learn(request, answer)
        self.journal.append(Exchange(request, answer, operation.id if operation else None, role))
        if operation:
            self._cover(operation, request, answer)
        return answer

    def key(self, role: str) -> str:
        """The API key of a role. Raises `NotTried`."""
        if role not in self.target.keys:
            raise NotTried(f"no API key of the role {role}: set {getattr(self.settings.keys, role)}")
        return self.target.keys[role]

    def secrets(self) -> dict[str, str]:
        """Every secret the run knows, with the environment variable a reproduction reads it from."""
        keys = {key: getattr(self.settings.keys, role) for role, key in self.target.keys.items()}
        named = self.settings.secrets.items()
        read = {form: name for name, value in named for form in (value, json.dumps(value)[1:-1])}  # as it is, in JSON
        known = {**dict.fromkeys(self._tokens, "IMMUTA_TOKEN"), **read, **keys}
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

    def _look(self, path: str, authorization: str | None) -> Answer:
        """Read something for the fence; it is no part of what a property did."""
        self.sent += 1
        asker = authorization if authorization in self.target.keys.values() else None
        return self.target.send(Request("GET", path, (("Authorization", asker or self.key("owner")),), None))

    def _remember(self, request: Request) -> None:
        """Note the names a writing request asks for, so that the clean-up can look for them."""
        if request.method not in ("POST", "PUT") or request.body is None or b"ame" not in request.body:
            return
        for name in names_sent(request.body, self.fence.prefix):
            if name not in self.names:
                self.names.append(name)
                if self.ledger is not None and name.startswith(self.fence.prefix):
                    self.ledger.intend(name)

    def _cover(self, operation: Operation, request: Request, answer: Answer) -> None:
        seen = self.coverage[operation.id]
        seen.statuses[answer.status] += 1
        sent = {name for name, _ in parse_qsl(request.target.partition("?")[2], keep_blank_values=True)}
        seen.parameters.update(sent.intersection(seen.parameters))
