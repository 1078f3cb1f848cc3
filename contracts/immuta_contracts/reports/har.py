"""The failures of a run document as an HTTP archive (HAR 1.2), for the network panel of a browser and for proxies."""

from collections.abc import Iterable
from urllib.parse import parse_qsl

from harfile import HAR_VERSION, Content, PostData, Record, Request, Response, Timings

from immuta_contracts.reports.document import Document
from immuta_contracts.reports.verdict import failures

HTTP = "HTTP/1.1"


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
    return {"log": {"version": HAR_VERSION, "creator": creator, "pages": pages, "entries": entries}}


def _entry(target: str, page: str, each: Document) -> Document:
    return {
        "pageref": page,
        "startedDateTime": each["started"],
        "time": each["milliseconds"],
        "request": _request(target, each["request"]).asdict(),
        "response": _response(each).asdict(),
        "cache": {},
        "timings": Timings(send=0, wait=each["milliseconds"], receive=0).asdict(),
        "comment": each["curl"],
    }


def _request(target: str, request: Document) -> Request:
    query = parse_qsl(request["target"].partition("?")[2], keep_blank_values=True)
    return Request(
        method=request["method"],
        url=target + request["target"],
        httpVersion=HTTP,
        headers=_records(request["headers"]),
        queryString=_records(query),
        postData=None if request["body"] is None else _posted(request),
    )


def _posted(request: Document) -> PostData:
    kind, body = _media_type(request["headers"]), request["body"]
    if isinstance(body, str):
        return PostData(kind, text=body)
    return PostData(kind, text="", comment="not a short text; the curl line sends it")


def _response(each: Document) -> Response:
    return Response(
        status=each["status"],
        statusText="",
        httpVersion=HTTP,
        headers=_records(each["answer_headers"]),
        content=Content(each["answer_bytes"], mimeType=_media_type(each["answer_headers"]), text=each["answer"]),
        bodySize=each["answer_bytes"],
    )


def _media_type(headers: Iterable[tuple[str, str]]) -> str:
    return next((value for name, value in headers if name.lower() == "content-type"), "")


def _records(pairs: Iterable[tuple[str, str]]) -> list[Record]:
    return [Record(name, value) for name, value in pairs]
