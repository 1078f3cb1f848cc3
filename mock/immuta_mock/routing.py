"""Finds the operation that a request means, and hands its path values on as the text that was sent."""

from collections.abc import Collection, Iterable
from urllib.parse import unquote_to_bytes

from connexion.middleware.abstract import ROUTING_CONTEXT
from starlette.types import ASGIApp, Receive, Scope, Send

from immuta_mock.call import Call, open_call
from immuta_mock.checks import Checks
from immuta_mock.errors import MethodNotAllowed, Refusal, UnknownRoute
from immuta_mock.nearest import Nearest
from immuta_mock.tenants import tenant_of

Pattern = tuple[str | None, ...]  # the segments of a path; None stands for a parameter


class Routes:
    """The paths of the document: a literal segment wins over a parameter, and no segment is empty."""

    def __init__(self, operations: Iterable[Checks]) -> None:
        self._methods: dict[Pattern, dict[str, Checks]] = {}
        self._masks: dict[int, list[tuple[int, ...]]] = {}
        for checks in operations:
            pattern = _pattern(checks.path)
            self._methods.setdefault(pattern, {})[checks.method] = checks
            masks = self._masks.setdefault(len(pattern), [])
            masks.append(tuple(i for i, segment in enumerate(pattern) if segment is None))
        self._masks = {length: sorted(set(masks), key=len) for length, masks in self._masks.items()}

    def find(self, method: str, raw_path: bytes) -> tuple[Checks, dict[str, str]]:
        """The operation and its path values by name. Raises `UnknownRoute` and `MethodNotAllowed`."""
        segments = _segments(raw_path)
        for mask in self._masks.get(len(segments), ()) if all(segments) else ():
            pattern: list[str | None] = [*segments]
            for i in mask:
                pattern[i] = None
            if methods := self._methods.get(tuple(pattern)):
                if method not in methods:
                    raise MethodNotAllowed(method, methods)
                checks = methods[method]
                return checks, dict(zip(checks.path_names, [segments[i] for i in mask], strict=True))
        raise UnknownRoute


class Router:
    """ASGI layer that opens the call: which store, which operation, which path values.

    A refusal is only noted here, since credentials are checked first.
    """

    def __init__(self, app: ASGIApp, *, operations: Collection[Checks]) -> None:
        self.app = app
        self._routes = Routes(operations)
        self._nearest = Nearest(operations)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self._open(scope)
        await self.app(scope, receive, send)

    def _open(self, scope: Scope) -> None:
        checks, nearest = None, None
        values: dict[str, str] = {}
        refusal: Refusal | None = None
        try:
            checks, values = self._routes.find(scope["method"], scope["raw_path"])
        except Refusal as found:
            refusal = found
            nearest = self._nearest(scope["method"], scope["raw_path"].decode("latin-1"))
        scope["path_params"] = values
        open_call(scope, Call(checks, refusal, nearest), {"store": tenant_of(scope).store, "headers": scope["headers"]})
        routing = {"api_base_path": "", "operation_id": checks.operation_id if checks else None}
        scope["extensions"][ROUTING_CONTEXT] = routing


def _segments(raw_path: bytes) -> list[str]:
    """The text of each segment of a path; most have nothing to unquote."""
    if b"%" not in raw_path:
        return raw_path.decode("utf-8", "replace").split("/")[1:]
    return [unquote_to_bytes(part).decode("utf-8", "replace") for part in raw_path.split(b"/")[1:]]


def _pattern(path: str) -> Pattern:
    return tuple(None if segment.startswith("{") else segment for segment in path.split("/")[1:])
