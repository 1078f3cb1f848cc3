"""What the document and the promises say must come of one request, judged from the request as it is sent."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

from immuta_contracts.schemas import INT64, Schemas, Validity
from immuta_contracts.spec import Operation, Routes

IDENTIFIER = re.compile(r"[1-9][0-9]{0,17}")
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Outgoing:
    """One request, without credentials: `target` is the path with its query, percent-encoded."""

    method: str
    target: str
    body: bytes | None = None
    content_type: str | None = None

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(self.target.partition("?")[2], keep_blank_values=True)


@dataclass(frozen=True)
class Claim:
    """`status` must be the answer: 200 for a success, None when nothing can be said; `promise` breaks otherwise."""

    status: int | None
    promise: str = ""
    why: str = ""


NO_CLAIM = Claim(None)
MUST_WORK = Claim(200)


def claim(routes: Routes, schemas: Schemas, operation: Operation, sent: Outgoing) -> Claim:
    """What must come of a request by a caller who may do everything, on things that exist."""
    if routes.match(sent.method, sent.path) != operation or _ambiguous_path(sent.path):
        return NO_CLAIM
    if sent.body is not None and not _readable(operation, sent.content_type):
        return Claim(415, "ERR-4", f"{sent.content_type} is not JSON") if operation.has_body else NO_CLAIM
    parts = [
        _of_path(operation, sent.path),
        _of_query(schemas, operation, sent.query),
        _of_body(schemas, operation, sent),
    ]
    for validity, wrong in parts:
        if validity == "invalid":
            return wrong
    return MUST_WORK if all(validity == "valid" for validity, _ in parts) else NO_CLAIM


Part = tuple[Validity, Claim]


def _refused(promise: str, why: str) -> Part:
    return "invalid", Claim(400, promise, why)


def _of_path(operation: Operation, path: str) -> Part:
    if not operation.has_id or "Id}" not in operation.path:
        return "valid", NO_CLAIM
    text = unquote(_id_segment(operation, path))
    if IDENTIFIER.fullmatch(text):
        return "valid", NO_CLAIM
    if re.fullmatch(r"[\s+]*\d+(\.0*)?\s*", text) and text.strip() != "0":
        return "unclear", NO_CLAIM  # beyond 64 bits, or an integer in an odd spelling
    return _refused("HTTP-5", f"the path id {text!r} is no integer from 1 up")


def _of_query(schemas: Schemas, operation: Operation, query: list[tuple[str, str]]) -> Part:
    worst: Part = ("valid", NO_CLAIM)
    for parameter in schemas.parameters(operation):
        if parameter["in"] != "query":
            continue
        texts = [text for name, text in query if name == parameter["name"]]
        for text in texts:
            validity = _of_text(schemas.resolve(parameter["schema"]), text, len(texts))
            if validity == "invalid":
                why = f"the query parameter {parameter['name']} cannot be {text!r}"
                return _refused(_query_promise(parameter["name"]), why)
            worst = worst if validity == "valid" else (validity, NO_CLAIM)
    if operation.id == "listJobs" and not any(name in ("bulkId", "connectionString") and text for name, text in query):
        return "unclear", NO_CLAIM  # one of its two parameters is needed, which the document can only say in words
    return worst


def _query_promise(name: str) -> str:
    return {"skipCache": "HTTP-4", "limit": "SEARCH-3"}.get(name, "ERR-2")


def _of_text(schema: Mapping[str, Any], text: str, count: int) -> Validity:
    """Whether a text of the query is a value of the schema; a scalar given twice is unclear, as is an empty text."""
    if schema["type"] == "array":
        return _of_text(schema["items"], text, 1)
    if count > 1 or "\0" in text or (not text and schema["type"] != "string"):
        return "unclear"
    if schema["type"] == "boolean":
        return "valid" if text.lower() in ("true", "false") else "invalid"
    if schema["type"] == "integer":
        return _of_integer(schema, text)
    return "valid" if text in schema.get("enum", (text,)) else "invalid"


def _of_integer(schema: Mapping[str, Any], text: str) -> Validity:
    if re.fullmatch(r"-?(0|[1-9][0-9]*)", text):
        number = int(text) if len(text) < 30 else INT64
        if number < schema.get("minimum", number):
            return "invalid"
        return "valid" if -(2**31) <= number < 2**31 else "unclear"
    return "unclear" if re.fullmatch(r"\s*[+-]?[\d_]+(\.0*)?(e\+?\d+)?\s*", text, re.IGNORECASE) else "invalid"


def _of_body(schemas: Schemas, operation: Operation, sent: Outgoing) -> Part:
    if not operation.has_body:
        return "valid", NO_CLAIM
    if sent.body is None:
        required = schemas.resolve(operation.definition["requestBody"]).get("required", False)
        return _refused("ERR-2", "the body is missing") if required else ("unclear", NO_CLAIM)
    if sent.content_type is not None and sent.content_type.startswith(FORM):
        return _of_form(sent.body)
    try:
        value = json.loads(sent.body)
    except (ValueError, RecursionError):
        return _refused("ERR-2", "the body is no JSON")
    validity = schemas.body_validity(operation, value)
    if validity == "invalid":
        return _refused("ERR-2", "the body is against its schema")
    return ("unclear" if _settled_by_state(value) else validity), NO_CLAIM


def _of_form(body: bytes) -> Part:
    keys = [value for name, value in parse_qsl(body.decode("latin-1"), keep_blank_values=True) if name == "apikey"]
    return ("valid", NO_CLAIM) if len(keys) == 1 and keys[0] else ("unclear", NO_CLAIM)


def _settled_by_state(value: object) -> bool:
    """Whether rules beyond the schema may refuse a valid body: columns of one name, disabling by PUT, an empty key."""
    if isinstance(value, list):
        return any(map(_settled_by_state, value))
    if not isinstance(value, dict):
        return False
    for name, item in value.items():
        if name in ("columns", "metadata") and isinstance(item, list):
            names = [column.get("name") for column in item if isinstance(column, dict)]
            if len(names) != len(set(map(repr, names))):
                return True
        if (name, item) in (("deleted", True), ("apikey", "")) or _settled_by_state(item):
            return True
    return False


def _readable(operation: Operation, content_type: str | None) -> bool:
    """Whether a body of this media type is read: JSON, and a form where one is documented."""
    media = (content_type or "application/json").partition(";")[0].strip().lower()
    if media == FORM:
        return FORM in operation.definition.get("requestBody", {}).get("content", {})
    return media == "application/json" or (media.startswith("application/") and media.endswith("+json"))


def _ambiguous_path(path: str) -> bool:
    """Paths that servers and proxies may rewrite before they are routed."""
    segments = [unquote(segment) for segment in path.split("/")[1:]]
    return any(segment in ("", ".", "..") or "/" in segment or "\0" in segment for segment in segments)


def _id_segment(operation: Operation, path: str) -> str:
    place = next(index for index, segment in enumerate(operation.path.split("/")) if segment.startswith("{"))
    return path.split("/")[place]
