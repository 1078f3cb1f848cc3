"""The Flask application: a view for each operation, which calls its handler and writes the answer down."""

from collections.abc import Callable, Mapping
from inspect import signature
from typing import Any

from flask import Flask, Request, Response, request
from flask.sessions import NullSession, SessionInterface, SessionMixin
from msgspec.json import encode
from starlette.types import Scope

from immuta_mock.body import JSON
from immuta_mock.call import arguments_of, note_written, operation_of

Handler = Callable[..., Any]
View = Callable[[Scope], Response]

_NO_SESSION = NullSession()


class NoSessions(SessionInterface):
    """There are no cookies to read or to write."""

    def open_session(self, app: Flask, request: Request) -> SessionMixin | None:  # noqa: ARG002  # as Flask calls it
        return _NO_SESSION


class Views(Flask):
    """Flask without its router: a request that comes here has passed ours, and its view goes by the operationId.

    Nor has it sessions, or hooks to be called around a view.
    """

    session_interface = NoSessions()

    def __init__(self, handlers: Mapping[str, Handler]) -> None:
        super().__init__("immuta_mock", static_folder=None)
        self.config.update(TRAP_HTTP_EXCEPTIONS=True, TRAP_BAD_REQUEST_ERRORS=True)  # the error mapping answers them
        self.view_functions.update({operation_id: _view(handler) for operation_id, handler in handlers.items()})

    def create_url_adapter(self, request: Request | None) -> None:
        """Nothing is left to match, and nobody builds addresses."""

    def do_teardown_request(self, exc: BaseException | None = None) -> None:
        """Nothing was set up for the request."""

    def do_teardown_appcontext(self, exc: BaseException | None = None) -> None:
        """As above."""

    def dispatch_request(self) -> Response:
        """The response of the view."""
        scope = request.environ["asgi.scope"]
        response: Response = self.view_functions[operation_of(scope)](scope)  # type: ignore[assignment]  # all are ours
        return response


def _view(handler: Handler) -> View:
    """A view that gives its handler those arguments which it names; a status may come with the answer, as in Flask."""
    names = tuple(signature(handler).parameters)

    def view(scope: Scope) -> Response:
        arguments = arguments_of(scope)
        answer = handler(**{name: arguments[name] for name in names})
        content, status = answer if isinstance(answer, tuple) else (answer, 200)
        raw = encode(content) + b"\n"
        note_written(scope, content, raw)
        return Response(raw, status, mimetype=JSON)

    return view
