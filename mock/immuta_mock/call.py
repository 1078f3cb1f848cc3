"""What is known of one request on its way through the layers: its operation, its body, what is wrong with it."""

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from msgspec.json import decode

from immuta_mock.checks import Checks
from immuta_mock.errors import Refusal

_KEY = "immuta_mock.call"
_WRITTEN = "immuta_mock.written"


@dataclass
class Call:
    """One request; `checks` is None where the path or method is none of ours: `refusal` says which, and `nearest`
    is the operation that comes nearest.

    `valid` says whether the document allows the request, None that it was not looked at; `faults` are the ids of those
    that were made to happen to it.
    """

    checks: Checks | None
    refusal: Refusal | None = None
    nearest: Checks | None = None
    media_type: str | None = None
    body: bytes = b""
    reasons: list[str] = field(default_factory=list)
    valid: bool | None = None
    faults: tuple[str, ...] = ()


def open_call(scope: MutableMapping[str, Any], call: Call, context: Mapping[str, Any]) -> None:
    """Attach the call to its ASGI scope; what `context` holds reaches the handler's arguments of the same names."""
    extensions = scope.setdefault("extensions", {})
    extensions[_KEY] = call
    extensions["connexion_context"] = dict(context)


def opened_call(scope: Mapping[str, Any]) -> Call | None:
    """The call attached to an ASGI scope, if it came that far."""
    call: Call | None = scope["extensions"].get(_KEY)
    return call


def call_of(scope: Mapping[str, Any]) -> Call:
    """The call attached to an ASGI scope, in the layers that are reached with one alone."""
    call: Call = scope["extensions"][_KEY]
    return call


def hand_over(scope: Mapping[str, Any], **arguments: Any) -> None:
    """Give more arguments to the handler of this request."""
    scope["extensions"]["connexion_context"].update(arguments)


def arguments_of(scope: Mapping[str, Any]) -> Mapping[str, Any]:
    """All that the handler of this request can ask for, by name."""
    given: Mapping[str, Any] = scope["extensions"]["connexion_context"]
    return given


def note_written(scope: Mapping[str, Any], value: Any, raw: bytes) -> None:
    """Remember until the answer is sent what value its bytes were written from."""
    scope["extensions"][_WRITTEN] = (raw, value)


def value_of(scope: Mapping[str, Any], raw: bytes) -> Any:
    """The value of the bytes of an answer, read from them unless they are those that were noted."""
    written, value = scope["extensions"].get(_WRITTEN, (None, None))
    return value if written == raw else decode(raw)


def operation_of(scope: Mapping[str, Any]) -> str:
    """The operationId of a request that came as far as to its operation."""
    checks = call_of(scope).checks
    assert checks is not None
    return checks.operation_id
