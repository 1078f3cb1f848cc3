"""The links of the document: what leads from one answer to the next call, with their runtime expressions evaluated."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode

from immuta_contracts.claims import Outgoing
from immuta_contracts.exchange import NO_JSON, Answer, Request, parsed
from immuta_contracts.schemas import schemas_of
from immuta_contracts.spec import Operation, Routes

EMBEDDED = re.compile(r"\{(\$[^{}]+)\}")


class Unresolvable(Exception):
    """An expression finds nothing in the request and the answer it is evaluated on."""


@dataclass(frozen=True)
class Done:
    """A call that was made: what expressions are evaluated on."""

    operation: Operation
    request: Request
    answer: Answer


@dataclass(frozen=True)
class Link:
    """From an answer of `source` to a call of `target`; `body` is None where the link says nothing of the body."""

    name: str
    source: Operation
    target: Operation
    parameters: Mapping[str, Any] = field(hash=False, default_factory=dict)
    body: Any = field(hash=False, default=None)

    def __str__(self) -> str:
        return f"{self.source.id} -> {self.target.id} ({self.name})"

    def values(self, done: Done) -> dict[str, Any]:
        """The parameters of the call. Raises `Unresolvable`."""
        return {name.rpartition(".")[2]: evaluate(value, done) for name, value in self.parameters.items()}

    def call(self, done: Done, body: Any = None) -> Outgoing:
        """The call the link leads to; `body` is sent where the link has none. Raises `Unresolvable`."""
        values = self.values(done)
        path = re.sub(r"\{(.*?)\}", lambda slot: quote(_text(values.pop(slot[1], slot[0])), safe=""), self.target.path)
        target = path + ("?" + urlencode(values) if values else "")
        payload = evaluate(self.body, done) if self.body is not None else body
        raw = None if payload is None else json.dumps(payload).encode()
        return Outgoing(self.target.method, target, raw, None if raw is None else "application/json")


def links_of(routes: Routes, operation: Operation, status: int = 200) -> list[Link]:
    """The links that the document gives for an answer of the operation."""
    resolve = schemas_of(routes).resolve
    documented = operation.definition["responses"].get(str(status))
    entries = resolve(documented).get("links", {}) if documented else {}
    return [_link(routes, operation, name, resolve(entry)) for name, entry in entries.items()]


def _link(routes: Routes, source: Operation, name: str, entry: Mapping[str, Any]) -> Link:
    body = entry.get("requestBody", entry.get("x-request-body"))
    return Link(name, source, routes.by_id(entry["operationId"]), entry.get("parameters", {}), body)


def evaluate(value: Any, done: Done) -> Any:
    """A value with every runtime expression in it replaced by what it stands for. Raises `Unresolvable`."""
    if isinstance(value, dict):
        return {name: evaluate(item, done) for name, item in value.items()}
    if isinstance(value, list):
        return [evaluate(item, done) for item in value]
    if not isinstance(value, str):
        return value
    if value.startswith("$"):
        return _expression(value, done)
    return EMBEDDED.sub(lambda found: _text(_expression(found[1], done)), value)


def _expression(text: str, done: Done) -> Any:
    if text == "$method":
        return done.request.method
    if text == "$statusCode":
        return done.answer.status
    if text == "$url":
        return done.request.target
    side, _, rest = text.removeprefix("$").partition(".")
    place, pointer = rest.partition("#")[::2]
    where, _, name = place.partition(".")
    if where == "body" and side in ("request", "response"):
        return _pointed(_body(side, done), pointer, text)
    if where == "header" and side in ("request", "response"):
        return _named(_headers(side, done), name.lower(), text)
    if side == "request" and where == "query":
        return _named(dict(parse_qsl(done.request.target.partition("?")[2])), name, text)
    if side == "request" and where == "path":
        return _named(_path_values(done), name, text)
    raise Unresolvable(f"{text} is no runtime expression")


def _body(side: str, done: Done) -> Any:
    """The JSON body, only to be read."""
    return _read(done.answer.body if side == "response" else done.request.body or b"")


@lru_cache(maxsize=256)  # a walk looks into the same answers at each step
def _read(body: bytes) -> Any:
    return parsed(body)


def _headers(side: str, done: Done) -> Mapping[str, Any]:
    return done.answer.headers if side == "response" else {n.lower(): v for n, v in done.request.headers}


def _path_values(done: Done) -> dict[str, str]:
    template, sent = done.operation.path.split("/"), done.request.target.partition("?")[0].split("/")
    return {t.strip("{}"): unquote(s) for t, s in zip(template, sent, strict=False) if t.startswith("{")}


def _named(values: Mapping[str, Any], name: str, text: str) -> Any:
    if name not in values:
        raise Unresolvable(f"{text}: there is no {name}")
    return values[name]


def _pointed(value: Any, pointer: str, text: str) -> Any:
    """What a JSON pointer finds."""
    for word in pointer.split("/")[1:]:
        word = word.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and word in value:
            value = value[word]
        elif isinstance(value, list) and word.isdecimal() and int(word) < len(value):
            value = value[int(word)]
        else:
            raise Unresolvable(f"{text}: the body has no {pointer}")
    if value is NO_JSON:
        raise Unresolvable(f"{text}: there is no JSON body")
    return value


def _text(value: Any) -> str:
    """A value as it stands in a path or inside a text."""
    return value if isinstance(value, str) else json.dumps(value)
