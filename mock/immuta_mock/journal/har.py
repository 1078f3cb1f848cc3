"""The journal as an HTTP archive (HAR 1.2), which browsers and other tools read; without secrets."""

import json
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any
from urllib.parse import parse_qsl

from harfile import HAR_VERSION, Content, PostData, Record, Request, Response, Timings

from immuta_mock.answers import timestamp
from immuta_mock.errors import PHRASES
from immuta_mock.journal.entries import Entry, header
from immuta_mock.journal.redaction import Redaction

Json = dict[str, Any]
HTTP = "HTTP/1.1"


def archive(entries: Iterable[Entry], redaction: Redaction, base_url: str) -> Json:
    """The archive of entries that came to this address."""
    found = [exchange(each, redaction, base_url) for each in entries]
    return {"log": {"version": HAR_VERSION, "creator": creator(), "entries": found}}


def creator() -> Json:
    """What wrote the archive."""
    return {"name": "immuta-mock", "version": version("immuta-contract-kit")}


def exchange(entry: Entry, redaction: Redaction, base_url: str) -> Json:
    """One request with its answer."""
    milliseconds = round(entry.seconds * 1000, 3)
    return {
        "startedDateTime": timestamp(entry.at),
        "time": milliseconds,
        "request": _request(entry, redaction, base_url).asdict(),
        "response": _response(entry, redaction).asdict(),
        "cache": {},
        "timings": Timings(send=0, wait=milliseconds, receive=0).asdict(),
    }


def _request(entry: Entry, redaction: Redaction, base_url: str) -> Request:
    query = redaction.text(entry.query)
    return Request(
        method=entry.method,
        url=base_url + redaction.text(entry.path) + (f"?{query}" if query else ""),
        httpVersion=HTTP,
        headers=_records(redaction.headers(entry.headers)),
        queryString=_records(parse_qsl(query, keep_blank_values=True)),
        postData=_posted(entry, redaction) if entry.body else None,
        bodySize=len(entry.body),
    )


def _posted(entry: Entry, redaction: Redaction) -> PostData:
    return PostData(header(entry.headers, b"content-type") or "application/json", text=_text(entry.body, redaction))


def _response(entry: Entry, redaction: Redaction) -> Response:
    media_type, text = header(entry.answer_headers, b"content-type"), _text(entry.answer, redaction)
    return Response(
        status=entry.status,
        statusText=PHRASES.get(entry.status, "OK" if entry.status == 200 else ""),
        httpVersion=HTTP,
        headers=_records(redaction.headers(entry.answer_headers)),
        content=Content(len(entry.answer), mimeType=media_type, text=text),
        bodySize=len(entry.answer),
    )


def _records(pairs: Iterable[Iterable[str]]) -> list[Record]:
    return [Record(*pair) for pair in pairs]


def _text(raw: bytes, redaction: Redaction) -> str:
    body = redaction.body(raw)
    if body is None:
        return ""
    return body if isinstance(body, str) and not raw.lstrip().startswith(b'"') else json.dumps(body)
