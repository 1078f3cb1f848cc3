"""Plants defects in the mock: small modifiers of the wire or of the store, each naming the promise it breaks."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import parse_qs, quote

from immuta_mock import Store, create_app

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass
class Seen:
    """A request on the wire; `json` is its parsed body or None, and is sent on when it was changed."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes
    json: Any = None

    def on(self, method: str, *words: str) -> bool:
        """Whether the request has the method and each of the words is a segment of its path."""
        return self.method == method and all(word in self.path.split("/") for word in words)


@dataclass
class Reply:
    """An answer on the wire; change `status`, `json`, `headers`, or give `raw` to send other bytes."""

    status: int
    json: Any = None
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})
    raw: bytes | None = None


class Wire:
    """A modifier between run and tenant; subclasses override one or both methods and may keep state."""

    def request(self, seen: Seen) -> Reply | None:
        """Change the request in place, or answer it without the tenant."""

    def answer(self, seen: Seen, reply: Reply) -> None:
        """Change the answer in place."""


@dataclass(frozen=True)
class Defect:
    """One planted defect: it changes the store, or sits on the wire; `says` is what a user would notice."""

    name: str
    promise: str
    says: str
    modify: Callable[[Store], None] | None = field(default=None, repr=False)
    wire: type[Wire] | None = field(default=None, repr=False)

    def plant(self, store: Store) -> App:
        """A mock on the store with this defect."""
        return planted(store, self)


def planted(store: Store, *defects: Defect) -> App:
    """A mock on the store with all the defects."""
    for defect in defects:
        if defect.modify:
            defect.modify(store)
    app = cast(App, create_app(store))
    for defect in defects:
        app = tapped(app, defect.wire()) if defect.wire else app
    return app


DEFECTS: dict[str, Defect] = {}


def on_wire(promise: str) -> Callable[[type[Wire]], type[Wire]]:
    """Declare a `Wire` class as a planted defect; its name and docstring become the defect's."""

    def declare(wire: type[Wire]) -> type[Wire]:
        _add(Defect(wire.__name__, promise, _says(wire), wire=wire))
        return wire

    return declare


def in_store(promise: str) -> Callable[[Callable[[Store], None]], Callable[[Store], None]]:
    """Declare a function that changes one store as a planted defect; its name and docstring become the defect's."""

    def declare(modify: Callable[[Store], None]) -> Callable[[Store], None]:
        _add(Defect(modify.__name__, promise, _says(modify), modify=modify))
        return modify

    return declare


def _says(modifier: object) -> str:
    return (modifier.__doc__ or "").strip()


def _add(defect: Defect) -> None:
    assert defect.name not in DEFECTS, f"two planted defects are named {defect.name}"
    DEFECTS[defect.name] = defect


def replace(store: Store, method: str, wrap: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    """Put `wrap(original)` in the place of one method of one store."""
    setattr(store, method, wrap(getattr(store, method)))


def tapped(app: Any, wire: Wire) -> App:
    """The application behind the modifier."""

    async def tap(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        seen = _seen(scope, await _read(receive))
        before = json.dumps(seen.json)
        reply = wire.request(seen)
        if reply is None:
            if json.dumps(seen.json) != before:
                seen.body = json.dumps(seen.json).encode()
            reply = await _forward(app, scope, seen)
            wire.answer(seen, reply)
        await _send(reply, send)

    return tap


def _seen(scope: Scope, body: bytes) -> Seen:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    return Seen(scope["method"], scope["path"], query, headers, body, _parsed(body))


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


async def _read(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


async def _forward(app: App, scope: Scope, seen: Seen) -> Reply:
    """Send the request on, with what was changed in it, and collect the whole answer."""
    headers = {name: value for name, value in seen.headers.items() if name != "content-length"}
    if seen.body:
        headers["content-length"] = str(len(seen.body))
    query = "&".join(f"{name}={value}" for name, values in seen.query.items() for value in map(_quoted, values))
    onward = {
        **scope,
        "method": seen.method,
        "path": seen.path,
        "query_string": query.encode("latin-1"),
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()],
    }
    if seen.path != scope["path"]:
        onward["raw_path"] = _quoted(seen.path, safe="/").encode()
    messages: list[Message] = []
    pending = [{"type": "http.request", "body": seen.body, "more_body": False}]

    async def receive() -> Message:
        return pending.pop() if pending else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        messages.append(message)

    await app(onward, receive, send)
    start = messages[0]
    raw = b"".join(message.get("body", b"") for message in messages[1:])
    answered = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in start["headers"]}
    parsed = _parsed(raw)
    return Reply(start["status"], parsed, answered, raw if parsed is None else None)


def _quoted(text: str, *, safe: str = "") -> str:
    return quote(text, safe=safe)


async def _send(reply: Reply, send: Send) -> None:
    body = reply.raw if reply.raw is not None else json.dumps(reply.json).encode()
    headers = {**reply.headers, "content-length": str(len(body))}
    pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
