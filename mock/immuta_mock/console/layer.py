"""Answers `/__mock__/ui`: the files of the page, which ask the control API for everything they show."""

from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from immuta_mock.control.access import Access
from immuta_mock.errors import MethodNotAllowed, UnknownRoute

CONSOLE = "/__mock__/ui"
PAGE = Path(__file__).with_name("page")
MEDIA_TYPES = {
    ".html": b"text/html; charset=utf-8",
    ".css": b"text/css; charset=utf-8",
    ".js": b"text/javascript; charset=utf-8",
    ".svg": b"image/svg+xml",
}
POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    b"form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
"""Nothing but our own files, and nothing that makes elements or code out of text."""

SECURITY = [
    (b"content-security-policy", POLICY),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"cache-control", b"no-store"),
]


class Console:
    """ASGI layer that shows the page to whom `access` lets see it."""

    def __init__(self, app: ASGIApp, *, access: Access) -> None:
        self.app = app
        self._access = access
        self._files = {path.name: path for path in PAGE.iterdir() if path.suffix in MEDIA_TYPES}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not f"{scope['path']}/".startswith(f"{CONSOLE}/"):
            await self.app(scope, receive, send)
            return
        self._access.check_place(scope)
        if scope["method"] not in ("GET", "HEAD"):
            raise MethodNotAllowed(scope["method"], ("GET", "HEAD"))
        name = scope["path"].removeprefix(CONSOLE).removeprefix("/")
        if scope["path"] == f"{CONSOLE}/":
            await _answer(send, 307, [(b"location", b"../ui")], b"")
        elif not name:
            await self._show("index.html", scope, send)
        else:
            await self._show(name, scope, send)

    async def _show(self, name: str, scope: Scope, send: Send) -> None:
        if name not in self._files:
            raise UnknownRoute
        raw = self._files[name].read_bytes()
        kind = [(b"content-type", MEDIA_TYPES[self._files[name].suffix])]
        await _answer(send, 200, [*kind, *SECURITY], raw, with_body=scope["method"] == "GET")


async def _answer(
    send: Send, status: int, headers: list[tuple[bytes, bytes]], raw: bytes, *, with_body: bool = True
) -> None:
    length = (b"content-length", str(len(raw)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": raw if with_body else b""})
