"""The Flask application: a view for each operation, which calls its handler and writes the answer down."""

from collections.abc import Callable, Mapping
from inspect import signature
from typing import Any

from flask import Flask, Request, Response, request
from msgspec.json import encode

from immuta_mock.body import JSON
from immuta_mock.call import arguments_of, operation_of

Handler = Callable[..., Any]
View = Callable[[Mapping[str, Any]], Response]


class Views(Flask):
    """Flask without its router: a request that comes here has passed ours, and its view goes by the operationId."""

    def __init__(self, handlers: Mapping[str, Handler]) -> None:
        super().__init__("immuta_mock", static_folder=None)
        self.config.update(TRAP_HTTP_EXCEPTIONS=True, TRAP_BAD_REQUEST_ERRORS=True)  # the error mapping answers them
        self.view_functions.update({operation_id: _view(handler) for operation_id, handler in handlers.items()})

    def create_url_adapter(self, request: Request | None) -> None:
        """Nothing is left to match, and nobody builds addresses."""

    def dispatch_request(self) -> Response:
        """The response of the view."""
        scope = request.environ["asgi.scope"]
        response: Response = self.view_functions[operation_of(scope)](arguments_of(scope))  # type: ignore[assignment]
        return response


def _view(handler: Handler) -> View:
    """A view that gives its handler those arguments which it names; a status may come with the answer, as in Flask."""
    names = tuple(signature(handler).parameters)

    def view(arguments: Mapping[str, Any]) -> Response:
        answer = handler(**{name: arguments[name] for name in names})
        content, status = answer if isinstance(answer, tuple) else (answer, 200)
        return Response(encode(content) + b"\n", status, mimetype=JSON)

    return view
