"""Lets pages of this machine, such as those of `make docs`, call the API from a browser: CORS for loopback origins."""

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

ORIGIN = r"https?://(localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]+)?"
METHODS = ("GET", "POST", "PUT", "DELETE")
A_DAY = 24 * 3600  # seconds


class LocalPages(CORSMiddleware):
    """Answers the preflights of such pages, and lets them read the answers; any other request goes by untouched."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(
            app,
            allow_origin_regex=ORIGIN,
            allow_methods=METHODS,
            allow_headers=["*"],
            expose_headers=["*"],
            max_age=A_DAY,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        origin = dict(scope["headers"]).get(b"origin", b"").decode("latin-1") if scope["type"] == "http" else ""
        if origin and self.is_allowed_origin(origin):
            await super().__call__(scope, receive, send)
        else:
            await self.app(scope, receive, send)
