"""Answers `/__mock__/...`: finds the operation, checks the request and the answer against the document."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from immuta_mock import body
from immuta_mock.checks import Checks
from immuta_mock.control.access import Access
from immuta_mock.control.asked import Asked
from immuta_mock.control.document import PREFIX, control_checks
from immuta_mock.control.handlers import HANDLERS
from immuta_mock.control.streaming import Feed, Streams
from immuta_mock.documents import SpecError, parse_document
from immuta_mock.errors import BadRequest, UnsupportedMediaType
from immuta_mock.parameters import read_parameters, unknown_parameters
from immuta_mock.routing import Routes
from immuta_mock.tenants import Tenants, tenant_of
from immuta_mock.validation import OffSpec

YAML = "application/yaml"


class ControlApi:
    """ASGI layer that answers what is under `/__mock__/`, once `access` lets it pass.

    `operations` are those of the API that is mocked.
    """

    def __init__(
        self, app: ASGIApp, *, tenants: Tenants, operations: Mapping[str, Checks], access: Access, max_body: int
    ) -> None:
        self.app = app
        self._operations = operations
        self._tenants = tenants
        self._access = access
        self._max_body = max_body
        self._routes = Routes(control_checks().values())
        self._streams = Streams()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(f"{PREFIX}/"):
            await self.app(scope, receive, send)
            return
        self._access.check(scope)
        checks, path_values = self._routes.find(scope["method"], scope["raw_path"].removeprefix(PREFIX.encode()))
        values, reasons = read_parameters(checks.parameters, path_values, scope["query_string"])
        reasons += unknown_parameters(checks.parameters, scope["query_string"])
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(scope["headers"])}
        payload = await self._payload(checks, headers, receive, reasons)
        if reasons:
            raise BadRequest("; ".join(reasons))
        tenant = tenant_of(scope)
        asked = Asked(self._tenants, tenant, self._operations, _base_url(scope), headers, values, payload)
        answer = HANDLERS[checks.operation_id](asked)
        if checks.method != "GET":
            tenant.steer()
        if isinstance(answer, Feed):
            await self._streams.serve(answer, scope, receive, send)
        else:
            await _send_json(send, _checked(checks, answer))

    async def _payload(self, checks: Checks, headers: Mapping[str, str], receive: Receive, reasons: list[str]) -> Any:
        """The body of an operation that takes one; what is wrong with it is added to `reasons`."""
        if not checks.bodies:
            return None
        media_type = body.media_type(headers.get("content-type"))
        if media_type not in checks.bodies:
            raise UnsupportedMediaType(media_type)
        raw = await body.read(receive, self._max_body, headers.get("content-length"))
        if not raw and not checks.body_required:
            return {}
        check = checks.bodies[media_type]
        try:
            payload = parse_document(raw, "the body") if media_type == YAML else body.parse_json(raw)
        except (body.NoCleanJson, SpecError) as error:
            raise BadRequest(str(error)) from None
        if not check.is_valid(payload):
            reasons += check.reasons(payload)
        return payload


def _base_url(scope: Scope) -> str:
    host = dict(scope["headers"]).get(b"host", b"127.0.0.1").decode("latin-1")
    return f"{scope.get('scheme', 'http')}://{host}{scope.get('root_path', '')}"


def _checked(checks: Checks, answer: Any) -> bytes:
    """The bytes of an answer that is as the document says; anything else is our bug."""
    raw = json.dumps(answer, separators=(",", ":")).encode()
    check = checks.answers[200]
    if not check.is_valid(json.loads(raw)):
        reasons = "; ".join(check.reasons(json.loads(raw)))
        raise OffSpec(f"{checks.operation_id} answered off the control document: {reasons}")
    return raw + b"\n"


async def _send_json(send: Send, raw: bytes) -> None:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(raw)).encode()),
        (b"cache-control", b"no-store"),  # keys are in it
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": raw})
