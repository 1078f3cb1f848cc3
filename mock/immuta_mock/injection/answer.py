"""Answers that a fault gives in the tenant's place, and what faults do to an answer."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from immuta_mock.errors import PHRASES

Header = tuple[bytes, bytes]

_WITHOUT_BODY = (204, 205, 304)


@dataclass(frozen=True)
class Answer:
    """A whole answer, as ASGI has its parts."""

    status: int
    headers: list[Header]
    body: bytes


def instead(effect: Mapping[str, Any]) -> Answer:
    """The answer that an effect with a status gives; a body left out is that of a refusal with this status."""
    status: int = effect["status"]
    if status in _WITHOUT_BODY:
        return Answer(status, [], b"")
    content = effect.get("body", {"statusCode": status, "error": _phrase(status), "message": "A fault was asked for."})
    raw = content.encode() if isinstance(content, str) else json.dumps(content, separators=(",", ":")).encode()
    return Answer(status, [(b"content-type", _media_type(content))], raw)


def spoilt(answer: Answer, effect: Mapping[str, Any]) -> Answer:
    """The answer with other headers, another content type and broken JSON, as far as the effect asks for it."""
    body = answer.body
    if "body" in effect and "status" not in effect:
        body = instead({"status": answer.status, **effect}).body
    if effect.get("malformed"):
        body = body.rstrip()[:-1]
    headers = {name.lower(): str(value) for name, value in effect.get("headers", {}).items()}
    if "contentType" in effect:
        headers["content-type"] = effect["contentType"]
    changed = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    changed.append((b"content-length", str(len(body)).encode()))
    names = {name for name, _ in changed}
    return replace(answer, body=body, headers=[pair for pair in answer.headers if pair[0] not in names] + changed)


def _phrase(status: int) -> str:
    try:
        return PHRASES.get(status) or HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _media_type(content: Any) -> bytes:
    """JSON for whatever reads as JSON, and plain text for other texts."""
    if isinstance(content, str):
        try:
            json.loads(content)
        except ValueError:
            return b"text/plain; charset=utf-8"
    return b"application/json"
