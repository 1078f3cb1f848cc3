"""Shows journal entries: which match a query, and each as a JSON value without secrets."""

import difflib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from immuta_mock.answers import timestamp
from immuta_mock.checks import Checks
from immuta_mock.journal.entries import Entry, verdict
from immuta_mock.journal.redaction import Redaction

Json = dict[str, Any]


def shown(entry: Entry, redaction: Redaction, operations: Iterable[Checks]) -> Json:
    """One entry; `operations` are those that an unmatched one may have meant."""
    checks = entry.call.checks
    found: Json = {
        "id": entry.number,
        "at": timestamp(entry.at),
        "seconds": round(entry.seconds, 6),
        "operation": checks.operation_id if checks is not None else None,
        "method": entry.method,
        "path": redaction.text(entry.path),
        "query": redaction.text(entry.query),
        "user": entry.user,
        "verdict": verdict(entry.call),
        "status": entry.status,
        "promises": list(checks.promises) if checks is not None else [],
        "faults": list(entry.call.faults),
        "request": {"headers": redaction.headers(entry.headers), "body": redaction.body(entry.body)},
        "response": {"headers": redaction.headers(entry.answer_headers), "body": redaction.body(entry.answer)},
    }
    if entry.status >= 400 and (problem := _message(found["response"]["body"])) is not None:
        found["problem"] = problem
    if checks is None:
        found["nearest"] = nearest_operation(entry.method, entry.path, operations)
    return found


def selected(entries: Iterable[Entry], query: Mapping[str, Any]) -> list[Entry]:
    """The entries that have all the given values; `after` is the number of an entry, `limit` keeps the latest."""
    wanted = {name: value for name, value in query.items() if name not in ("after", "limit") and value is not None}
    after, limit = query.get("after") or 0, query.get("limit")
    found = [entry for entry in entries if entry.number > after and not mismatches(entry, wanted)]
    return found if limit is None else found[max(len(found) - limit, 0) :]


def mismatches(entry: Entry, wanted: Mapping[str, Any]) -> list[str]:
    """The names of the wanted values that an entry does not have."""
    return [name for name, value in wanted.items() if _FIELDS[name](entry) != value]


def field_of(entry: Entry, name: str) -> Any:
    """The value of an entry that a query asks for by this name."""
    return _FIELDS[name](entry)


def nearest_operation(method: str, path: str, operations: Iterable[Checks]) -> str | None:
    """The operation that a request most likely meant, as method, path and operationId."""

    def likeness(checks: Checks) -> tuple[float, float]:
        return _alike(path, _filled(checks.path, path)), _alike(method, checks.method)

    best = max(operations, key=likeness, default=None)
    return f"{best.method} {best.path} ({best.operation_id})" if best is not None else None


def _filled(template: str, path: str) -> str:
    """The path of an operation with the values that a path of as many segments has for its parameters."""
    parts, values = template.split("/"), path.split("/")
    if len(parts) != len(values):
        return template
    return "/".join(value if part.startswith("{") else part for part, value in zip(parts, values, strict=True))


def _alike(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other).ratio()


_FIELDS: Mapping[str, Any] = {
    "operation": lambda entry: entry.call.checks.operation_id if entry.call.checks is not None else None,
    "method": lambda entry: entry.method,
    "path": lambda entry: entry.path,
    "user": lambda entry: entry.user,
    "status": lambda entry: entry.status,
    "verdict": lambda entry: verdict(entry.call),
}


def _message(body: Any) -> str | None:
    message = body.get("message") if isinstance(body, dict) else None
    return message if isinstance(message, str) else None


def parsed(raw: bytes) -> Any:
    """The JSON value of a body, or its text."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return raw.decode("utf-8", "replace")
