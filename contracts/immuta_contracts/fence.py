"""The fence: lets a writing request out only if all it can touch was made by this run, or is shown not to exist.

A name proves nothing by itself, so the run first makes sure that nothing on the target bears its prefix; from then on
what bears it is the run's own. An id is the run's own when reading it shows such a name, and nobody's when reading it
is answered 404. Whatever cannot be shown is refused before it is sent, and counted.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qs, quote, unquote

from immuta_contracts.bodies import names_sent, selection_in
from immuta_contracts.connectors import C5, Connector
from immuta_contracts.exchange import Answer, Request
from immuta_contracts.settings import Mode
from immuta_contracts.spec import Operation, Routes
from immuta_contracts.target import OutOfReach

Standing = Literal["own", "nobody's", "another's"]
READS = ("GET", "HEAD")
WITHOUT_EFFECT = ("authenticate", "getJobStatuses")  # the operations that are POST and change no data
JOB = re.compile("/(triggerHighCardinality|refreshNativeView)Job$")
ABSENT = (400, 404, 410)  # answers to reading an id that say that nothing bears it
PAGE = 1000


class Refused(OutOfReach):
    """The fence did not let a request out; the text says why."""


@dataclass
class Account:
    """What the fence let out and what it refused, by reason."""

    mode: Mode
    passed: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        refused = [{"reason": reason, "count": count} for reason, count in self.refused.most_common()]
        return {"mode": self.mode, "passed": self.passed, "refused": refused}


class Fence:
    """For one run on one target; `look` sends a GET of a path with an Authorization header, or the owner's if None."""

    def __init__(self, mode: Mode, run: str, routes: Routes, look: Callable[[str, str | None], Answer]) -> None:
        self.account = Account(mode)
        self.run = run
        self._routes, self._look = routes, look
        self._made: set[str] = set()
        self._sources: set[str] = set()
        self._handlers: dict[tuple[str, str], str] = {}  # their data sources

    @property
    def prefix(self) -> str:
        """How the name of everything begins that the run makes."""
        return f"contract-{self.run}-"

    @property
    def marker(self) -> str:
        """What every host name of the run ends with, and so what its connection strings contain."""
        return f".contract-{self.run}.example"

    def admit(self, request: Request) -> None:
        """Raises `Refused` for a request that could reach what is not the run's own."""
        if request.method in READS:
            return
        objection = self._objection(request)
        if objection:
            self.account.refused[objection] += 1
            raise Refused(f"kept back by the fence (mode {self.account.mode}): {objection}")
        self.account.passed += 1

    def learn(self, request: Request, answer: Answer) -> None:
        """Note what a create says it made; forget what is gone, whose id may come to stand for another's."""
        found = answer.json if request.method in ("POST", "DELETE") and answer.status == 200 else None
        if not isinstance(found, dict):
            return
        if request.method == "POST" and request.target.endswith("/handler"):
            self._made.add(str(found.get("dataSourceId")))
        elif found.get("hardDelete") is True:
            self._forget(request)

    def doubt(self, request: Request) -> None:
        """A request was not answered: what it may have removed is looked at anew."""
        if request.method == "DELETE":
            self._forget(request)

    def _forget(self, request: Request) -> None:
        for identifier in _numbers(request.target):
            self._sources.discard(identifier)
            self._handlers = {h: source for h, source in self._handlers.items() if source != identifier}

    def free(self) -> bool:
        """Whether the target answers that no data source bears a name with the run's prefix."""
        found = self.listed("searchText", self.prefix)
        return found is not None and not any(str(hit.get("name", "")).startswith(self.prefix) for hit in found)

    # What speaks against a request; None: nothing

    def _objection(self, request: Request) -> str | None:
        if self.account.mode == "full":
            return None
        if self.account.mode == "read":
            return "in this mode no write is sent"
        operation = self._routes.match(request.method, request.target.partition("?")[0])
        if not _has_credentials(request) or (operation and operation.id in WITHOUT_EFFECT):
            return None
        authorization = next((value for name, value in request.headers if name.lower() == "authorization"), None)
        return self._of_path(request, operation, authorization) or self._of_body(request, operation, authorization)

    def _of_path(self, request: Request, operation: Operation | None, authorization: str | None) -> str | None:
        path = request.target.partition("?")[0]
        identifiers = _numbers(path)
        if not identifiers and operation is None:
            return "a write to a path that names no data source and is no documented operation"
        odd = operation is not None and operation.has_id and not _plain(operation, path)
        if odd and self._look(JOB.sub("", path), authorization).status not in ABSENT:
            return "a write to an odd id that the target takes for one of something"
        for identifier in identifiers:
            if not self._harmless(operation, path, identifier, authorization):
                return "a write to what is neither the run's own nor shown not to exist"
        return None

    def _harmless(self, operation: Operation | None, path: str, identifier: str, authorization: str | None) -> bool:
        """Whether a number in a path leads to nothing but the run's own, whatever kind of id it is taken for."""
        if operation is not None and _plain(operation, path):
            connector = operation.connector
            kind = self._source(identifier) if connector is None else self._handler(connector, identifier)
            if kind == "own":
                return True
        standings = (
            self._source(identifier, authorization),
            *(self._handler(c, identifier, authorization) for c in C5),
        )
        return "another's" not in standings

    def _of_body(self, request: Request, operation: Operation | None, authorization: str | None) -> str | None:
        if request.body is None:
            return None
        describes = request.target.startswith("/dictionary")  # names in there are those of columns
        if not describes and not all(name.startswith(self.prefix) for name in names_sent(request.body, self.prefix)):
            return "a write that gives a name without the run's prefix"
        bulk = operation is not None and "bulk" in operation.id
        chosen = selection_in(request.body) if bulk or operation is None else None
        if chosen is None:
            return None
        if bulk and not chosen.strings and not chosen.ids:
            return "a bulk update that does not say which data sources it is for"
        if not all(self._source(number, authorization) != "another's" for number in chosen.ids):
            return "a bulk update by an id that is neither the run's own nor shown not to exist"
        if not all(self._only_own(text, authorization) for text in chosen.strings):
            return "a bulk update by a connection string that is not the run's alone"
        return None

    # What reading shows

    def _source(self, identifier: str, authorization: str | None = None) -> Standing:
        """What is known of the data source of an id."""
        if identifier in self._sources:
            return "own"
        answer = self._look(f"/dataSource/{identifier}", authorization)
        if answer.status in ABSENT:
            return "nobody's"
        source = answer.json if answer.status == 200 else None
        if not isinstance(source, dict) or str(source.get("id")) != identifier or not self._own(source):
            return "another's"
        self._sources.add(identifier)
        return "own"

    def _handler(self, connector: Connector, identifier: str, authorization: str | None = None) -> Standing:
        """What is known of the handler of an id of a connector."""
        if (connector.prefix, identifier) in self._handlers:
            return "own"
        answer = self._look(f"/{connector.prefix}/handler/{identifier}", authorization)
        if answer.status in ABSENT:
            return "nobody's"
        record = answer.json if answer.status == 200 else None
        source = record.get("dataSourceId") if isinstance(record, dict) else None
        if type(source) is not int or self._source(str(source), authorization) != "own":
            return "another's"
        self._handlers[connector.prefix, identifier] = str(source)
        return "own"

    def _own(self, source: dict[str, Any]) -> bool:
        """Whether a data source was made by this run: by its name or, if it has none of ours, by its id and host."""
        named = str(source.get("name", "")).startswith(self.prefix)
        return named or (str(source.get("id")) in self._made and self._marked(str(source.get("connectionString"))))

    def _marked(self, text: str) -> bool:
        return self.marker in text.lower()

    def _only_own(self, connection_string: str, authorization: str | None) -> bool:
        """Whether a connection string leads to data sources of the run alone."""
        found = self.listed("connectionString", connection_string, authorization)
        if found is None or not all(map(self._own, found)):
            return False
        return bool(found) or self._marked(connection_string)

    def listed(self, parameter: str, text: str, authorization: str | None = None) -> list[dict[str, Any]] | None:
        """All data sources that the parameter selects; None when the target does not tell."""
        found: list[dict[str, Any]] = []
        while True:
            page = f"{parameter}={quote(text, safe='')}&size={PAGE}&offset={len(found)}"
            answer = self._look(f"/dataSource?{page}", authorization)
            listed = answer.json if answer.status == 200 else None
            if not isinstance(listed, dict) or not isinstance(listed.get("hits"), list):
                return None
            hits = [hit for hit in listed["hits"] if isinstance(hit, dict)]
            found += hits
            if listed.get("count") == len(found):
                return found
            if not hits or len(hits) != len(listed["hits"]):
                return None


def _has_credentials(request: Request) -> bool:
    """Whether a request says in any way who sends it."""
    given = {name.lower() for name, value in request.headers if value.strip()}
    return bool(given & {"authorization", "cookie"}) or "apikey" in parse_qs(request.target.partition("?")[2].lower())


def _numbers(path: str) -> list[str]:
    """Every number in a path, however it is encoded, in ASCII and without leading zeros."""
    found = re.findall(r"\d+", unquote(unquote(path.partition("?")[0])))
    return ["".join(str(int(digit)) for digit in number).lstrip("0") or "0" for number in found]


def _plain(operation: Operation, path: str) -> bool:
    """Whether the id in the path is one as documented: then the write is about that one thing."""
    numbers = _numbers(path)
    return len(numbers) == 1 and path == operation.at(numbers[0])
