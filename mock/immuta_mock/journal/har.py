"""The journal as an HTTP archive (HAR 1.2), which browsers and other tools read; without secrets."""

import json
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any
from urllib.parse import parse_qsl

from immuta_mock.answers import timestamp
from immuta_mock.errors import PHRASES
from immuta_mock.journal.entries import Entry, header
from immuta_mock.journal.redaction import Redaction

Json = dict[str, Any]


def archive(entries: Iterable[Entry], redaction: Redaction, base_url: str) -> Json:
    """The archive of entries that came to this address."""
    return {
        "log": {
            "version": "1.2",
            "creator": creator(),
            "entries": [exchange(each, redaction, base_url) for each in entries],
        }
    }


def creator() -> Json:
    """What wrote the archive."""
    return {"name": "immuta-mock", "version": version("immuta-contract-kit")}


def exchange(entry: Entry, redaction: Redaction, base_url: str) -> Json:
    """One request with its answer."""
    milliseconds = round(entry.seconds * 1000, 3)
    return {
        "startedDateTime": timestamp(entry.at),
        "time": milliseconds,
        "request": _request(entry, redaction, base_url),
        "response": _response(entry, redaction),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
    }


def _request(entry: Entry, redaction: Redaction, base_url: str) -> Json:
    query = redaction.text(entry.query)
    request: Json = {
        "method": entry.method,
        "url": base_url + redaction.text(entry.path) + (f"?{query}" if query else ""),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(entry.headers, redaction),
        "queryString": [{"name": name, "value": value} for name, value in parse_qsl(query, keep_blank_values=True)],
        "headersSize": -1,
        "bodySize": len(entry.body),
    }
    if entry.body:
        media_type = header(entry.headers, b"content-type") or "application/json"
        request["postData"] = {"mimeType": media_type, "text": _text(entry.body, redaction)}
    return request


def _response(entry: Entry, redaction: Redaction) -> Json:
    content = {
        "size": len(entry.answer),
        "mimeType": header(entry.answer_headers, b"content-type"),
        "text": _text(entry.answer, redaction),
    }
    return {
        "status": entry.status,
        "statusText": PHRASES.get(entry.status, "OK" if entry.status == 200 else ""),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(entry.answer_headers, redaction),
        "content": content,
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": len(entry.answer),
    }


def _headers(headers: Iterable[tuple[bytes, bytes]], redaction: Redaction) -> list[Json]:
    return [{"name": name, "value": value} for name, value in redaction.headers(headers)]


def _text(raw: bytes, redaction: Redaction) -> str:
    body = redaction.body(raw)
    if body is None:
        return ""
    return body if isinstance(body, str) and not raw.lstrip().startswith(b'"') else json.dumps(body)
