"""Reads an HTTP archive (HAR): those of the proxy and of the journal, and those of browsers and other tools."""

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from immuta_mock import body
from immuta_mock.checks import Checks
from immuta_mock.errors import Refusal
from immuta_mock.routing import Routes
from immuta_mock.spec import SpecError

OF_A_TENANT = re.compile(r"/t/[^/]+(?=/)")
"""What opens the paths of a tenant of a mock."""


@dataclass(frozen=True)
class Exchange:
    """A call of an operation that succeeded; `request` is the value of its body, None without one."""

    at: datetime
    operation_id: str
    path_values: Mapping[str, str]
    request: Any
    answer: Any
    fits: bool
    """Whether request and answer are as the document says."""


def read_archive(path: str | Path, operations: Sequence[Checks]) -> list[Exchange]:
    """The successful calls of operations, in the order of time. Raises SpecError for what is no archive."""
    try:
        entries = json.loads(Path(path).read_bytes().decode("utf-8-sig"))["log"]["entries"]
        found = list(_exchanges(entries, Routes(operations)))
    except OSError as error:
        raise SpecError(f"{path}: cannot be read ({error.strerror}); check the path.") from None
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise SpecError(f"{path}: is no HTTP archive; record one with `immuta-mock proxy` or a browser.") from None
    return sorted(found, key=lambda exchange: exchange.at)


def _exchanges(entries: Sequence[Mapping[str, Any]], routes: Routes) -> Iterator[Exchange]:
    for entry in entries:
        request, response = entry["request"], entry["response"]
        path = OF_A_TENANT.sub("", urlsplit(request["url"]).path, count=1)
        with suppress(Refusal):  # what is no operation tells nothing
            checks, path_values = routes.find(request["method"], path.encode())
            if 200 <= response["status"] < 300:
                yield _exchange(checks, path_values, entry)


def _exchange(checks: Checks, path_values: Mapping[str, str], entry: Mapping[str, Any]) -> Exchange:
    request, response = entry["request"], entry["response"]
    sent, answered = _sent(request, checks), _value(_content(response["content"]), body.JSON)
    check = checks.answers.get(response["status"])
    fits = check is not None and check.is_valid(answered)
    if checks.bodies:
        fits = fits and any(each.is_valid(sent) for each in checks.bodies.values())
    return Exchange(_moment(entry["startedDateTime"]), checks.operation_id, path_values, sent, answered, fits)


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _sent(request: Mapping[str, Any], checks: Checks) -> Any:
    posted = request.get("postData") or {}
    declared = str(posted.get("mimeType") or "").partition(";")[0].strip().lower()
    return _value(str(posted.get("text") or "").encode(), declared if declared in checks.bodies else body.JSON)


def _content(content: Mapping[str, Any]) -> bytes:
    text = str(content.get("text") or "")
    return base64.b64decode(text) if content.get("encoding") == "base64" else text.encode("utf-8", "replace")


def _value(raw: bytes, media_type: str) -> Any:
    try:
        return body.parse(raw, media_type)
    except body.NoCleanJson:
        return None
