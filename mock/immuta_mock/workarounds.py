"""The faults of the frameworks, each with what it works round.

Those that take more than a few lines have a module of their own:

- `routing.py` is the router, since Connexion's answers 500 to `%0A` in a path, 404 to an id that is no integer, a
  redirect to a slash at the end, and an `Allow` of one method;
- `body.py` reads bodies, since Connexion answers 500 to bytes that are no UTF-8, deep nesting and very long integers;
- `inline.py` calls Flask, since Connexion takes a thread for each request;
- `views.py` has the Flask views, since those of Connexion are decorated anew at each request, and read its parameters
  a second time (46 % of the CPU of a get, 40 % of a create);
- `checking.py` is Connexion's validation with a memory, since it looks up at each request what never changes;
- `light_import.py` imports Connexion, since it would import the command line of httpx and requests, too (a sixth of
  the start, 5 MB);
- `skeleton.py` is the document for Connexion, since it checks and copies a whole one for a third of a second;
- `protocol.py` has uvicorn's slower protocol read requests that offer an upgrade, whose bodies the faster one loses;
  bounds heads in bytes and time, and answers clients that have half closed, since uvicorn does neither; and sends head
  and body of an answer together, since uvicorn sends one after the other (5 % of the CPU of a get, 10 % of its time).
"""

import json
import logging
from typing import Any

from connexion.middleware.swagger_ui import SwaggerUIMiddleware
from connexion.uri_parsing import OpenAPIURIParser
from starlette.types import ASGIApp, Receive, Scope, Send

# Connexion warns at each login that the operation takes two media types, although it takes both well.
logging.getLogger("connexion.operations.openapi3").setLevel(logging.ERROR)

UI = "/ui"
DOCUMENT = "/openapi.json"


class Unparsed(OpenAPIURIParser):  # type: ignore[misc]  # Connexion has no types
    """Connexion splits repeated query values at commas and reads parameters twice; ours are read in parameters.py."""

    def resolve_query(self, _query: dict[str, Any]) -> dict[str, Any]:
        return {}

    def resolve_path(self, _path: dict[str, Any]) -> dict[str, Any]:
        return {}


class Documents(SwaggerUIMiddleware):  # type: ignore[misc]  # Connexion has no types
    """Connexion tries its Swagger UI routes on every request, and inlines every reference of the document it shows.

    Here only the addresses of the UI reach it, and the document is the one that was loaded, with this server in it.
    """

    def __init__(self, app: ASGIApp, *, document: dict[str, Any]) -> None:
        super().__init__(app)
        self._document = document

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self.app(scope, receive, send)
        elif scope["path"] == DOCUMENT:
            servers = [{"url": scope.get("root_path") or "/", "description": "This mock."}]
            raw = json.dumps({**self._document, "servers": servers}).encode()
            await _send_json(send, raw, with_body=scope["method"] == "GET")
        elif scope["path"] == UI or scope["path"].startswith(f"{UI}/"):
            whole = {**scope, "path": scope.get("root_path", "") + scope["path"]}  # as Starlette's mounts want it
            await super().__call__(whole, receive, send)
        else:
            await self.app(scope, receive, send)


async def _send_json(send: Send, raw: bytes, *, with_body: bool) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(raw)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": raw if with_body else b""})
