"""The one place where anything raised becomes an answer: refusals of ours, of the frameworks, and our own bugs."""

import logging
from typing import Any

from msgspec.json import encode
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from immuta_mock import errors
from immuta_mock.call import opened_call
from immuta_mock.validation import OffSpec

logger = logging.getLogger(__name__)

INTERNAL_ERROR = {
    "statusCode": 500,
    "error": "Internal Server Error",
    "message": "The mock failed to answer; this is its fault, and its log says more.",
}
"""What a client sees of a bug in the mock."""


class ErrorMapping:
    """The outermost ASGI layer: answers what the layers behind it raise."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope = {**scope, "extensions": dict(scope.get("extensions") or {})}
        started = False

        async def watched_send(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, watched_send)
        except ClientDisconnect:
            logger.info("a client went away before it had sent its request")
        except ConnectionError:
            raise  # a fault that was asked for: in process it is the caller who learns of it
        except Exception as error:
            if scope["type"] != "http" or started:
                raise
            await _answer(send, *_mapped(error, scope))


def _mapped(error: Exception, scope: Scope) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Status, body and headers of the answer."""
    refusal = _refusal(error, scope)
    if refusal is None:
        _log_bug(error, scope)
        return 500, INTERNAL_ERROR, {}
    return refusal.status, errors.body(refusal), _headers(refusal)


def _refusal(error: Exception, scope: Scope) -> errors.Refusal | None:
    """The refusal an exception stands for: those of Starlette, Connexion and Werkzeug carry a status."""
    if isinstance(error, errors.Refusal):
        return error
    status = getattr(error, "status_code", None) or getattr(error, "code", None)
    detail = getattr(error, "detail", None) or getattr(error, "description", None) or "the request is refused"
    if status == 401:
        return errors.Unauthenticated()
    if status == 404:
        return errors.UnknownRoute()
    if status == 405:
        return errors.MethodNotAllowed(scope["method"], _allowed(error))
    return errors.BadRequest(str(detail)) if isinstance(status, int) and 400 <= status < 500 else None


def _allowed(error: Exception) -> list[str]:
    headers = getattr(error, "headers", None) or {}
    return [method.strip() for method in headers.get("Allow", "GET").split(",")]


def _headers(refusal: errors.Refusal) -> dict[str, str]:
    if isinstance(refusal, errors.MethodNotAllowed):
        return {"allow": ", ".join(refusal.allowed)}
    return {"www-authenticate": "Bearer"} if isinstance(refusal, errors.Unauthenticated) else {}


def _log_bug(error: Exception, scope: Scope) -> None:
    call = opened_call(scope)
    where = call.checks.operation_id if call and call.checks else f"{scope['method']} {scope['path']!r}"
    if isinstance(error, OffSpec):
        logger.error("%s", error)
    else:
        logger.error("failed in %s", where, exc_info=error)


def encoded(body: dict[str, Any]) -> bytes:
    """The bytes of an error body, with a line end as other answers have it."""
    return encode(body) + b"\n"


async def _answer(send: Send, status: int, body: dict[str, Any], headers: dict[str, str]) -> None:
    raw = encoded(body)
    pairs = {"content-type": "application/json", "content-length": str(len(raw)), **headers}
    sent = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs.items()]
    await send({"type": "http.response.start", "status": status, "headers": sent})
    await send({"type": "http.response.body", "body": raw})
