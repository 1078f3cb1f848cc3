"""Holds a request and its answer to the document: what deviates, and from which promise."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from immuta_mock import body
from immuta_mock.checks import Checks
from immuta_mock.errors import UnsupportedMediaType
from immuta_mock.faults import Fault
from immuta_mock.journal.entries import Entry, header
from immuta_mock.nearest import Nearest
from immuta_mock.parameters import read_parameters
from immuta_mock.proxy.deviations import Deviation, Side
from immuta_mock.proxy.promises import family
from immuta_mock.wording import json_path

MOST_REASONS = 5
"""How many mistakes of one request or answer are told."""

WITHOUT_LOGIN = "authenticate"
PASSWORD = "password"
MEDIA_TYPE = re.compile(r"[a-z0-9.+-]{1,40}/[a-z0-9.+-]{1,60}")
DRAWN = re.compile(r"[^/]*[0-9%][^/]*|[^/]{25,}")  # a segment that is a value rather than a word
SENT = re.compile(r" is (?!given \d).*, expected ", re.DOTALL)

Reason = tuple[str, str]
"""A promise, and what is wrong in words without a value that was sent."""


class Judge:
    """Judges by the operations of one document."""

    def __init__(self, operations: Sequence[Checks]) -> None:
        self._nearest = Nearest(operations)

    def deviations(self, entry: Entry, path_values: Mapping[str, str]) -> Iterator[Deviation]:
        """What deviates in one exchange, the request first."""
        checks, accepted = entry.call.checks, 200 <= entry.status < 300
        side = Side.ACCEPTED if accepted else Side.REQUEST
        if checks is None:
            where = f"{entry.method} {DRAWN.sub('*', entry.path)[:200]}"
            nearest = self._nearest(*where.split(" ", 1))
            yield Deviation(
                side, "HTTP-1", where, entry.status, f"the document has no such operation; near is {nearest}"
            )
            return
        name = checks.operation_id
        for promise, reason in _of_request(checks, path_values, entry):
            yield Deviation(side, promise, name, entry.status, reason)
        for promise, reason in _of_answer(checks, entry):
            yield Deviation(Side.ANSWER, promise, name, entry.status, reason)


# The request


def _of_request(checks: Checks, path_values: Mapping[str, str], entry: Entry) -> list[Reason]:
    _, reasons = read_parameters(checks.parameters, path_values, entry.query.encode("latin-1"))
    found = [(_promise_of_parameter(reason), _without_value(reason)) for reason in reasons]
    return [*found, *(_of_body(checks, entry) if checks.bodies else ())][:MOST_REASONS]


def _promise_of_parameter(reason: str) -> str:
    if reason.startswith("path parameter"):
        return "HTTP-5"
    return "HTTP-4" if reason.startswith("query parameter skipCache ") else "ERR-2"


def _without_value(reason: str) -> str:
    return re.sub(r"\d+ times", "several times", SENT.sub(" is not ", reason, count=1))


def _of_body(checks: Checks, entry: Entry) -> list[Reason]:
    try:
        media_type = body.media_type(header(entry.headers, b"content-type"))
    except UnsupportedMediaType:
        return [("ERR-4", "the body is in another character set than UTF-8")]
    check = checks.bodies.get(media_type)
    if check is None:
        return [("ERR-4", f"the body is {_named(media_type)}, not {' or '.join(checks.bodies)}")]
    if not entry.body:
        return [("ERR-2", "the body is missing")] if checks.body_required else []
    try:
        payload = body.parse(entry.body, media_type)
    except body.NoCleanJson as error:
        return [("ERR-2", str(error).partition(":")[0].partition(" is 0x")[0])]
    return [] if check.is_valid(payload) else [("ERR-2", _told(fault)) for fault in check.faults(payload)]


# The answer


def _of_answer(checks: Checks, entry: Entry) -> list[Reason]:
    if entry.status >= 500:
        return [("ERR-8", "a 5xx")]
    return [*_of_login(checks, entry), *_of_content(checks, entry)][:MOST_REASONS]


def _of_login(checks: Checks, entry: Entry) -> Iterator[Reason]:
    anonymous = not header(entry.headers, b"authorization") and checks.operation_id != WITHOUT_LOGIN
    if anonymous and entry.status != 401:
        promise = "AUTH-1" if entry.status < 400 else "AUTH-3"
        yield promise, "a call without Authorization is to be answered 401"


def _of_content(checks: Checks, entry: Entry) -> Iterator[Reason]:
    success = entry.status < 400
    check = checks.answers.get(entry.status)
    if check is None:
        yield "HTTP-2" if success else family(checks.operation_id).works, "an undocumented status"
        return
    shape = "HTTP-2" if success else "ERR-1"
    if not _is_json(header(entry.answer_headers, b"content-type")):
        declared = header(entry.answer_headers, b"content-type").partition(";")[0].strip().lower()
        yield shape, f"the body is declared as {_named(declared)}, not application/json"
    try:
        answer = json.loads(entry.answer)
    except (ValueError, RecursionError):
        yield shape, "the body is not JSON"
        return
    yield from (("HTTP-8", f"{_place(place)} holds a password") for place in _passwords(answer, ()))
    if not check.is_valid(answer):
        promise = _promise_of_content(checks, entry.status, answer)
        told = [fault for fault in check.faults(answer) if PASSWORD not in fault.place[-1:]]
        yield from ((promise, _told(fault)) for fault in told)
    elif not success and answer["statusCode"] != entry.status:
        yield "ERR-1", "$.statusCode is not the status"


def _promise_of_content(checks: Checks, status: int, answer: Any) -> str:
    if status < 400:
        return family(checks.operation_id).answer
    plain = checks.answers.get(401)
    return "ERR-5" if status == 422 and plain is not None and plain.is_valid(answer) else "ERR-1"


def _is_json(content_type: str) -> bool:
    try:
        return bool(content_type.strip()) and body.media_type(content_type) == body.JSON
    except UnsupportedMediaType:
        return False


def _passwords(value: Any, place: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in members:
        if name == PASSWORD and inner is not None:
            yield (*place, name)
        yield from _passwords(inner, (*place, name))


# In words without values


def _told(fault: Fault) -> str:
    where, expected = _place(fault.place), fault.expected or "a value"
    if fault.missing:
        return f"{where} is missing ({expected})"
    if fault.found.startswith("given with "):  # names of the document; a value would stand in quotes
        return f"{where} is {fault.found}, expected {expected}"
    return f"{where} is not {expected}"


def _place(place: tuple[str | int, ...]) -> str:
    """The JSONPath, with `*` for what differs between things of one kind: positions, and names that are ids."""
    drawn = ["*" if isinstance(part, int) or any(c.isdigit() for c in part) else part for part in place]
    return json_path(drawn).replace('["*"]', "[*]")


def _named(media_type: str) -> str:
    return media_type if MEDIA_TYPE.fullmatch(media_type) else "of no media type"
