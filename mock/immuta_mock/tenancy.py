"""Tells whose request it is: the path `/t/{tenant}/...` says it, the header `X-Mock-Tenant`, or else the default."""

from urllib.parse import quote

from starlette.types import ASGIApp, Receive, Scope, Send

from immuta_mock.errors import BadRequest, quoted
from immuta_mock.tenants import DEFAULT, Tenants, attach

PREFIX = b"/t/"
HEADER = b"x-mock-tenant"


class Tenancy:
    """ASGI layer that finds the tenant and takes its prefix off the path; `root_path` then says what was taken."""

    def __init__(self, app: ASGIApp, *, tenants: Tenants) -> None:
        self.app = app
        self._tenants = tenants

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            named = _by_header(scope)
            if not scope.get("raw_path"):
                scope = {**scope, "raw_path": quote(scope["path"]).encode()}
            if scope["raw_path"].startswith(PREFIX) and scope["raw_path"] != PREFIX:
                scope, prefixed = _inside(scope)
                if named not in (None, prefixed):
                    raise BadRequest(f"the path names the tenant {quoted(prefixed)}, the header {quoted(str(named))}")
                named = prefixed
            name = named if named is not None else DEFAULT
            if self._tenants.visit is not None:
                await self._tenants.visit(name)
            attach(scope, self._tenants.find(name))
        await self.app(scope, receive, send)


def _by_header(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == HEADER:
            return str(value.decode("latin-1"))
    return None


def _inside(scope: Scope) -> tuple[Scope, str]:
    """The scope as a server with this tenant alone would see it, and the tenant's name."""
    raw_name, slash, rest = scope["raw_path"][len(PREFIX) :].partition(b"/")
    name = raw_name.decode("latin-1")
    path = scope["path"][len(f"/t/{name}") :] or "/"
    root_path = f"{scope.get('root_path', '')}/t/{name}"
    return {**scope, "path": path, "raw_path": slash + rest or b"/", "root_path": root_path}, name
