"""Where the document is enforced: the layer before Connexion's validation, and the validators plugged into it."""

from collections.abc import MutableMapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from immuta_mock import body
from immuta_mock.call import Call, call_of, hand_over, value_of
from immuta_mock.checks import Checks
from immuta_mock.errors import BadRequest, UnsupportedMediaType
from immuta_mock.parameters import read_parameters

LONG_BODY = 20_000
"""Bytes from which on a refused body counts as long."""


class OffSpec(Exception):
    """An answer of ours that the document does not allow; the text says of which operation, where and why."""


class Admission:
    """ASGI layer after the check of credentials: unknown routes, media types, and size, in this order.

    The body is read here, once; the layers behind find it in the call.
    """

    def __init__(self, app: ASGIApp, *, max_body: int) -> None:
        self.app = app
        self._max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            call = call_of(scope)
            if call.refusal is not None:
                raise call.refusal
            call.valid = False  # until all of it is known to be as the document says
            await self._admit(call, scope, receive)
        await self.app(scope, receive, send)

    async def _admit(self, call: Call, scope: Scope, receive: Receive) -> None:
        headers = dict(reversed(scope["headers"]))  # the first of a name counts
        content_type = headers.pop(b"content-type", b"").decode("latin-1")
        length = headers.pop(b"content-length", b"").decode("latin-1")
        if call.checks is not None and call.checks.bodies:
            call.media_type = body.media_type(content_type)
            if call.media_type not in call.checks.bodies:
                raise UnsupportedMediaType(content_type)
            call.body = await body.read(receive, self._max_body, length)
            headers[b"content-type"] = call.media_type.encode()
        scope["headers"] = list(headers.items())


class ParameterValidator:
    """Connexion's validator of parameters; with a body to come, what is wrong waits to be told with the body's."""

    def __init__(self, *_: Any, **__: Any) -> None:
        """Connexion makes one for each request and tells it what `checks` knows already."""

    def validate(self, scope: Scope) -> None:
        call = call_of(scope)
        checks = _known(call)
        values, call.reasons = read_parameters(checks.parameters, scope["path_params"], scope["query_string"])
        if call.reasons and not checks.bodies:
            raise BadRequest("; ".join(call.reasons))
        call.valid = not checks.bodies
        hand_over(scope, **values)


class BodyValidator:
    """Connexion's validator of bodies; handlers get the parsed body as `payload`."""

    def __init__(self, **_: Any) -> None:
        """As above."""

    async def wrap_receive(self, receive: Receive, *, scope: Scope) -> tuple[Receive, Scope]:
        call = call_of(scope)
        payload, reasons = _payload(call)
        if call.reasons or reasons:
            raise BadRequest("; ".join([*call.reasons, *reasons]))
        call.valid = True
        hand_over(scope, payload=payload)
        return receive, scope


class AnswerValidator:
    """Connexion's validator of responses: holds the answer back until it is known to be as the document says."""

    def __init__(self, scope: Scope, **_: Any) -> None:
        self._scope = scope
        self._checks = _known(call_of(scope))

    def wrap_send(self, send: Send) -> Send:
        held: list[MutableMapping[str, Any]] = []

        async def checked_send(message: Message) -> None:
            held.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                self._check(held[0]["status"], b"".join(part.get("body", b"") for part in held))
                for part in held:
                    await send(part)

        return checked_send

    def _check(self, status: int, raw: bytes) -> None:
        check = self._checks.answers.get(status)
        if check is None:
            raise OffSpec(f"{self._checks.operation_id} answered the undocumented status {status}")
        answer = value_of(self._scope, raw)
        if not check.is_valid(answer):
            reasons = "; ".join(check.reasons(answer))
            raise OffSpec(f"{self._checks.operation_id} answered {status} off the document: {reasons}")


VALIDATOR_MAP = {
    "parameter": ParameterValidator,
    "body": {body.JSON: BodyValidator, body.FORM: BodyValidator},
    "response": {body.JSON: AnswerValidator},
}


def _known(call: Call) -> Checks:
    """The checks of a call that came this far, which has an operation."""
    assert call.checks is not None
    return call.checks


def _payload(call: Call) -> tuple[Any, list[str]]:
    """The parsed body, None where there is none and none is needed, and what is wrong with it."""
    checks = _known(call)
    check = checks.bodies[str(call.media_type)]
    if not call.body:
        return None, [f"the body is missing ({check.expected})"] if checks.body_required else []
    try:
        payload = body.parse(call.body, str(call.media_type))
    except body.NoCleanJson as error:
        return None, [str(error)]
    if check.is_valid(payload):
        return payload, []
    return None, check.reasons(payload, is_long=len(call.body) > LONG_BODY)
