"""Makes faults happen: waits, answers instead of the tenant, spoils its answer, or breaks the connection off."""

import asyncio
from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from immuta_mock.auth import credential
from immuta_mock.call import call_of
from immuta_mock.connection import break_off, connection_of
from immuta_mock.errors import BadRequest
from immuta_mock.injection import prefer
from immuta_mock.injection.answer import Answer, instead, spoilt
from immuta_mock.injection.rules import Circumstances, Rule, merged
from immuta_mock.injection.soundness import check_effect
from immuta_mock.schema_check import SchemaCheck
from immuta_mock.tenants import Tenant, tenant_of

PREFERRED = "prefer"


class Faulty:
    """ASGI layer between the router and the tenant; `effect` checks what a request asks for itself."""

    def __init__(self, app: ASGIApp, *, effect: SchemaCheck) -> None:
        self.app = app
        self._effect = effect

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        effects = self._effects(scope) if scope["type"] == "http" else {}
        if effects:
            call_of(scope).faults = tuple(effects)
            await self._afflicted(merged(effects.values()), scope, receive, _confirming(send, effects))
        else:
            await self.app(scope, receive, send)

    def _effects(self, scope: Scope) -> dict[str, dict[str, Any]]:
        """What happens to the request, by the id of the rule that makes it happen."""
        tenant = tenant_of(scope)
        asks = any(name == prefer.HEADER for name, _ in scope["headers"])
        if not tenant.faults and not asks:
            return {}
        circumstances = _circumstances(tenant, scope)
        effects = tenant.faults.effects(circumstances)
        wanted = Rule({"effect": self._preferred(scope)}).met(circumstances)[1] if asks else None
        return effects if wanted is None else {**effects, PREFERRED: wanted}

    def _preferred(self, scope: Scope) -> dict[str, Any]:
        """The effect that the request asks for itself; one that cannot be is noted as a refusal, told after others."""
        try:
            wanted = prefer.preferred(scope["headers"])
            if wanted and not self._effect.is_valid(wanted):
                raise BadRequest(f"the header Prefer: {'; '.join(self._effect.reasons(wanted))}")
            if "rateLimit" in wanted:
                raise BadRequest("the header Prefer: a rate limit is about many requests; add it as a fault")
            check_effect(wanted)
        except BadRequest as refusal:
            call_of(scope).refusal = refusal
            return {}
        return wanted

    async def _afflicted(self, effect: dict[str, Any], scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(effect["latency"])
        tenant = tenant_of(scope)
        if effect.get("expireTokens") and (caller := _user(tenant, scope)()) is not None:
            tenant.store.expire_tokens(caller)
        if effect.get("reset") == "request":
            await break_off(scope, receive, ConnectionResetError("a fault has reset the connection"))
            return
        answer = instead(effect) if "status" in effect else await self._tenants(scope, receive)
        if effect.get("reset") == "answer":
            await break_off(scope, receive, ConnectionResetError("a fault has reset the connection"))
        elif answer is not None:
            await _deliver(spoilt(answer, effect), effect, scope, receive, send)

    async def _tenants(self, scope: Scope, receive: Receive) -> Answer | None:
        """The answer of the tenant; None where the client went away before."""
        messages: list[Message] = []

        async def hold(message: Message) -> None:
            messages.append(message)

        await self.app(scope, receive, hold)
        if not messages:
            return None
        body = b"".join(message.get("body", b"") for message in messages[1:])
        return Answer(messages[0]["status"], list(messages[0]["headers"]), body)


async def _deliver(answer: Answer, effect: dict[str, Any], scope: Scope, receive: Receive, send: Send) -> None:
    """Send an answer whole, cut off, or in drops."""
    sent = answer.body[: effect["truncate"]] if "truncate" in effect else answer.body
    drip = effect.get("drip", {"bytes": len(sent) or 1, "seconds": 0})
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    connection = connection_of(scope)
    for start in range(0, len(sent), drip["bytes"]):
        if connection is not None and connection.is_closing:
            return
        await send({"type": "http.response.body", "body": sent[start : start + drip["bytes"]], "more_body": True})
        await asyncio.sleep(drip["seconds"])
    if len(sent) < len(answer.body):
        await break_off(scope, receive, ConnectionAbortedError("a fault has cut the answer off"))
    else:
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _confirming(send: Send, effects: dict[str, dict[str, Any]]) -> Send:
    """Where the request asked for a fault itself, its answer says that it was heard."""
    if PREFERRED not in effects:
        return send

    async def confirm(message: Message) -> None:
        if message["type"] == "http.response.start":
            heard = (b"preference-applied", prefer.applied(effects[PREFERRED]).encode())
            message = {**message, "headers": [*message["headers"], heard]}
        await send(message)

    return confirm


def _circumstances(tenant: Tenant, scope: Scope) -> Circumstances:
    checks = call_of(scope).checks
    operation_id = checks.operation_id if checks is not None else None
    path = scope["raw_path"].decode("latin-1")
    return Circumstances(operation_id, scope["method"], path, tenant.name, _user(tenant, scope), tenant.store.clock())


def _user(tenant: Tenant, scope: Scope) -> Callable[[], str | None]:
    """Finds the name of who calls."""

    def find() -> str | None:
        header = dict(reversed(scope["headers"])).get(b"authorization", b"").decode("latin-1")
        user = tenant.store.user_for(credential(header))
        return user.name if user is not None else None

    return find
