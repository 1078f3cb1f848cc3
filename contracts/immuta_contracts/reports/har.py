"""The failures of a run document as an HTTP archive (HAR 1.2), for the network panel of a browser and for proxies."""

from typing import Any
from urllib.parse import parse_qsl

from immuta_contracts.reports.document import Document
from immuta_contracts.reports.verdict import failures

HTTP = "HTTP/1.1"
UNKNOWN = -1  # HAR's word for a size or a time that was not measured


def har(whole: Document) -> Document:
    """One page for each failure, one entry for each request of it."""
    pages, entries = [], []
    for number, (promise, failure) in enumerate(failures(whole)):
        page = f"failure_{number}"
        subject = f" [{failure['subject']}]" if failure["subject"] else ""
        title = f"{promise['id']}{subject}: expected {failure['expected']}, seen {failure['seen']}"
        begun = failure["requests"][0]["started"] if failure["requests"] else whole["started"]
        pages.append({"startedDateTime": begun, "id": page, "title": title, "pageTimings": {}})
        entries += [_entry(whole["target"], page, each) for each in failure["requests"]]
    creator = {"name": "immuta-contract", "version": whole["environment"]["packages"]["immuta-contract-kit"]}
    return {"log": {"version": "1.2", "creator": creator, "pages": pages, "entries": entries}}


def _entry(target: str, page: str, each: Document) -> Document:
    return {
        "pageref": page,
        "startedDateTime": each["started"],
        "time": each["milliseconds"],
        "request": _request(target, each["request"]),
        "response": _response(each),
        "cache": {},
        "timings": {"send": 0, "wait": each["milliseconds"], "receive": 0},
        "comment": each["curl"],
    }


def _request(target: str, request: Document) -> Document:
    headers = _pairs(request["headers"])
    posted = {"postData": _posted(request)} if request["body"] is not None else {}
    return {
        "method": request["method"],
        "url": target + request["target"],
        "httpVersion": HTTP,
        "cookies": [],
        "headers": headers,
        "queryString": _pairs(parse_qsl(request["target"].partition("?")[2], keep_blank_values=True)),
        **posted,
        "headersSize": UNKNOWN,
        "bodySize": UNKNOWN,
    }


def _posted(request: Document) -> Document:
    kind = next((value for name, value in request["headers"] if name.lower() == "content-type"), "")
    body = request["body"]
    if isinstance(body, str):
        return {"mimeType": kind, "params": [], "text": body}
    return {"mimeType": kind, "params": [], "text": "", "comment": "not a short text; the curl line sends it"}


def _response(each: Document) -> Document:
    kind = next((value for name, value in each["answer_headers"] if name.lower() == "content-type"), "")
    return {
        "status": each["status"],
        "statusText": "",
        "httpVersion": HTTP,
        "cookies": [],
        "headers": _pairs(each["answer_headers"]),
        "content": {"size": each["answer_bytes"], "mimeType": kind, "text": each["answer"]},
        "redirectURL": "",
        "headersSize": UNKNOWN,
        "bodySize": each["answer_bytes"],
    }


def _pairs(pairs: Any) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]
