"""The fence: lets a writing request out only if all it can touch was made by this run, or is shown not to exist.

A name proves nothing by itself, so the run first makes sure that nothing on the target bears its prefix; from then on
what bears it is the run's own. An id is the run's own when reading it shows such a name, and nobody's when reading it
is answered 404. Whatever cannot be shown is refused before it is sent, and counted.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote, unquote, unquote_plus

from immuta_contracts.bodies import is_legible, names_sent, numbers, plain, selection_in
from immuta_contracts.connectors import C5, Connector
from immuta_contracts.exchange import Answer, Request
from immuta_contracts.settings import Mode
from immuta_contracts.spec import Operation, Routes
from immuta_contracts.target import OutOfReach

Standing = Literal["own", "nobody's", "another's"]
READS = ("GET", "HEAD")
WITHOUT_EFFECT = ("authenticate", "getJobStatuses")  # the operations that are POST and change no data
JOB = re.compile("/(triggerHighCardinality|refreshNativeView)Job$")
ABSENT = (404, 410)  # answers to reading an id that say that nothing bears it
INVALID = 400  # says that only of what is no id
MOST_ID = 2**31 - 1  # of the ids that every target takes for one
HEADERS = ("authorization", "content-type", "content-encoding")  # any other may turn a request into another one
TARGET = re.compile('/[!"$-~]*')  # no space, no fragment
QUERIED = re.compile(".*ids?|.*name|connectionstring")  # what in a query may say what a write is for
METHOD = "method"  # what in a query makes some servers take another one
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
    """For one run on one target; `look` sends a GET of a path as the caller with an Authorization header would.

    `known`: the target may know who calls without one. `logs_in`: a run that only reads may ask for tokens.
    """

    def __init__(
        self,
        mode: Mode,
        run: str,
        routes: Routes,
        look: Callable[[str, str | None], Answer],
        *,
        known: bool = False,
        logs_in: bool = False,
    ) -> None:
        self.account = Account(mode)
        self.run = run
        self._routes, self._look = routes, look
        self._known, self._logs_in = known, logs_in
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
        objection = self._objection(request)
        if objection:
            self.account.refused[objection] += 1
            raise Refused(f"kept back by the fence (mode {self.account.mode}): {objection}")
        self.account.passed += request.method not in READS

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
        return found is not None and not self._names(found)

    def bearing(self) -> list[str]:
        """The names with the run's prefix that the target lists, as far as it does."""
        return self._names(self.listed("searchText", self.prefix) or [])

    def _names(self, found: list[dict[str, Any]]) -> list[str]:
        names = (str(hit.get("name", "")) for hit in found)
        return [name for name in names if name.startswith(self.prefix)]

    # What speaks against a request; None: nothing

    def _objection(self, request: Request) -> str | None:
        if self.account.mode == "full":
            return None
        if not _is_what_it_seems(request):
            return "a request that may be read as another one"
        if request.method in READS:
            return None
        operation = self._routes.match(request.method, request.target.partition("?")[0])
        if self.account.mode == "read" and not (self._logs_in and operation and operation.id == "authenticate"):
            return "in this mode no write is sent"
        if self._is_nobodys(request, operation) or (operation and operation.id in WITHOUT_EFFECT):
            return None
        return self._of_path(request, operation) or self._of_body(request, operation)

    def _is_nobodys(self, request: Request, operation: Operation | None) -> bool:
        """Whether a request says in no way who sends it."""
        return not (self._known or _authorization(request) or any(_undocumented(request, operation)))

    def _of_path(self, request: Request, operation: Operation | None) -> str | None:
        path, authorization = request.target.partition("?")[0], _authorization(request)
        identifiers = _numbers(path)
        if not identifiers and operation is None:
            return "a write to a path that names no data source and is no documented operation"
        if any(QUERIED.fullmatch(plain(name)) for name in _undocumented(request, operation)):
            return "a write whose query may say what else it is for"
        if operation is not None and _is_odd(operation, path):
            places = f"/dataSource/{operation.identifier(path)}", JOB.sub("", path)
            if not all(self._look(place, authorization).status in (*ABSENT, INVALID) for place in places):
                return "a write to an odd id that the target takes for one of something"
        for identifier in identifiers:
            if not self._harmless(operation, path, identifier, authorization):
                return "a write to what is neither the run's own nor shown not to exist"
        return None

    def _harmless(self, operation: Operation | None, path: str, identifier: str, authorization: str | None) -> bool:
        """Whether a number in a path leads to nothing but the run's own, whatever kind of id it is taken for.

        What the operation is about is looked at last, right before the write.
        """
        plainly = operation is not None and _plain(operation, path)
        about = operation.connector if operation and plainly else None
        if plainly and self._standing(about, identifier, authorization) == "own":
            return True
        others = [kind for kind in (None, *C5) if kind != about]
        return all(self._standing(kind, identifier, authorization) != "another's" for kind in (*others, about))

    def _of_body(self, request: Request, operation: Operation | None) -> str | None:
        if request.body is None:
            return None
        if not is_legible(request.body) or (_is_packed(request) and request.body[:1] not in (b"{", b"[")):
            return "a body of which a target may make what cannot be foreseen"
        describes = request.target.startswith("/dictionary")  # names in there are those of columns
        if not describes and not all(name.startswith(self.prefix) for name in names_sent(request.body, self.prefix)):
            return "a write that gives a name without the run's prefix"
        return self._of_selection(request.body, request, operation)

    def _of_selection(self, body: bytes, request: Request, operation: Operation | None) -> str | None:
        """What speaks against the data sources that a body selects, where it may be taken for a bulk update."""
        bulk, authorization = operation is not None and "bulk" in operation.id, _authorization(request)
        if operation and not bulk and not _is_odd(operation, request.target.partition("?")[0]):
            return None
        chosen = selection_in(body)
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

    def _standing(self, kind: Connector | None, identifier: str, authorization: str | None) -> Standing:
        """What is known of an id, taken for one of a connector's handlers (None: of a data source)."""
        return self._handler(kind, identifier, authorization) if kind else self._source(identifier, authorization)

    def _source(self, identifier: str, authorization: str | None) -> Standing:
        if identifier in self._sources:
            return "own"
        answer = self._look(f"/dataSource/{identifier}", authorization)
        if _shows_nothing(answer, identifier):
            return "nobody's"
        source = answer.json if answer.status == 200 else None
        if not isinstance(source, dict) or str(source.get("id")) != identifier or not self._own(source):
            return "another's"
        self._sources.add(identifier)
        return "own"

    def _handler(self, connector: Connector, identifier: str, authorization: str | None) -> Standing:
        if (connector.prefix, identifier) in self._handlers:
            return "own"
        answer = self._look(f"/{connector.prefix}/handler/{identifier}", authorization)
        if _shows_nothing(answer, identifier):
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
        return re.search(re.escape(self.marker) + "([:/]|$)", text.lower()) is not None

    def _only_own(self, connection_string: str, authorization: str | None) -> bool:
        """Whether a connection string leads to data sources of the run alone.

        It has to name a host of the run: by another one somebody may connect between the look and the write.
        """
        if not self._marked(connection_string):
            return False
        found = self.listed("connectionString", connection_string, authorization)
        return found is not None and all(map(self._own, found))

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


def _is_what_it_seems(request: Request) -> bool:
    """Whether nothing about it may make a target, or something on the way, see another method, path or caller."""
    names = [name.strip().lower() for name, _ in request.headers]
    odd = len(set(names)) < len(names) or any(name not in HEADERS for name in names)
    odd = odd or METHOD in map(plain, _undocumented(request, None))
    return not odd and TARGET.fullmatch(request.target) is not None


def _authorization(request: Request) -> str | None:
    return next((value for name, value in request.headers if name.strip().lower() == "authorization" and value), None)


def _is_packed(request: Request) -> bool:
    return any(name.strip().lower() == "content-encoding" for name, _ in request.headers)


def _undocumented(request: Request, operation: Operation | None) -> Iterator[str]:
    """The names in a query that the operation does not document."""
    for pair in re.split("[&;]", request.target.partition("?")[2]):
        name = unquote_plus(pair.partition("=")[0])
        if name and not (operation and name in operation.query):
            yield name


def _shows_nothing(answer: Answer, identifier: str) -> bool:
    """Whether reading an id shows that nothing bears it."""
    is_id = len(identifier) <= len(str(MOST_ID)) and 1 <= int(identifier) <= MOST_ID
    return answer.status in ABSENT or (answer.status == INVALID and not is_id)


def _numbers(path: str) -> list[str]:
    """Every number in a path, however it is encoded, in ASCII and without leading zeros."""
    while (decoded := unquote(path)) != path:
        path = decoded
    return list(dict.fromkeys(number for word in re.split(r"[/\\]", path) for number in numbers(word)))


def _plain(operation: Operation, path: str) -> bool:
    """Whether the id in the path is one as documented: then the write is about that one thing."""
    found = _numbers(path)
    return len(found) == 1 and path == operation.at(found[0])


def _is_odd(operation: Operation, path: str) -> bool:
    """Whether the path has something else in the place of its id."""
    return operation.has_id and not _plain(operation, path)
