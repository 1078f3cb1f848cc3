"""Shows journal entries: which match a query, and each as a JSON value without secrets."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from immuta_mock.answers import timestamp
from immuta_mock.journal.entries import Entry, verdict
from immuta_mock.journal.redaction import Redaction

Json = dict[str, Any]


def shown(entry: Entry, redaction: Redaction) -> Json:
    """One entry."""
    checks, nearest = entry.call.checks, entry.call.nearest
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
        found["nearest"] = str(nearest) if nearest is not None else None
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
