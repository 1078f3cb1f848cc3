"""The refusals of the tenant: one class each, with its status and its wording, and the one shape of an error body."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

PHRASES: Mapping[int, str] = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    413: "Request Entity Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Entity",
    429: "Too Many Requests",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}
"""The reason phrases of HTTP/1.1; `http.HTTPStatus` words two of them differently from Python 3.13 on."""

LONGEST_QUOTE = 200
"""How many characters of a value sent by a client an error message repeats at most."""


class Refusal(Exception):
    """A request that is not carried out; nothing has changed when it is raised."""

    status: ClassVar[int]

    def __init__(self, message: str, *, validation: tuple[dict[str, str], ...] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.validation = validation


class BadRequest(Refusal):
    """The request is malformed; `reason` is a clause without a full stop."""

    status = 400

    def __init__(self, reason: str) -> None:
        super().__init__(f"Bad request: {reason.removesuffix('.')}.")


class DuplicateColumns(BadRequest):
    """Two columns of one list have the same name; `where` is the path of the list."""

    def __init__(self, name: str, where: str) -> None:
        super().__init__(f"{where} names the column {quoted(name)} more than once; column names must be unique")


class DictionaryExists(BadRequest):
    """A dictionary is created for a data source that has one."""

    def __init__(self, data_source_id: int) -> None:
        super().__init__(f"data source {data_source_id} already has a dictionary; replace it with PUT")


class Unauthenticated(Refusal):
    """No credential, an unknown one or an expired one."""

    status = 401

    def __init__(self) -> None:
        super().__init__("A valid Authorization token must be provided.")


class RoleMissing(Refusal):
    """The caller is known but may not do this; `needs` is a role or permission, `act` what was tried."""

    status = 403

    def __init__(self, needs: str, act: str) -> None:
        super().__init__(f"User must have {needs} to {act}.")


class DictionaryRoleMissing(Refusal):
    """The caller may not write this dictionary; the documented text says "delete" for every write."""

    status = 403

    def __init__(self) -> None:
        super().__init__("User must have one of the following roles to delete dictionary: owner,expert.")


class UnknownRoute(Refusal):
    """No operation has this path."""

    status = 404

    def __init__(self) -> None:
        super().__init__("Not Found")


class HandlerNotFound(Refusal):
    """No handler of this connector has this id."""

    status = 404

    def __init__(self) -> None:
        super().__init__("Handler not found.")


class DataSourceNotFound(Refusal):
    """No data source has this id or name."""

    status = 404

    def __init__(self) -> None:
        super().__init__("Data source not found.")


class DictionaryNotFound(Refusal):
    """The data source has no dictionary."""

    status = 404

    def __init__(self) -> None:
        super().__init__("Dictionary not found.")


class MethodNotAllowed(Refusal):
    """The path exists, the method does not; `allowed` holds the methods that do."""

    status = 405

    def __init__(self, method: str, allowed: Iterable[str]) -> None:
        self.allowed = tuple(sorted(allowed))
        super().__init__(f"{quoted(method)} is not allowed here; allowed: {', '.join(self.allowed)}.")


class JobNotFound(Refusal):
    """No job has this id; told to those who steer the mock."""

    status = 404

    def __init__(self, job_id: str) -> None:
        super().__init__(f"There is no job {quoted(job_id)}.")


class JobEnded(Refusal):
    """The job is not running any more, so that nobody can end it; told to those who steer the mock."""

    status = 409

    def __init__(self, job_id: str, state: str) -> None:
        super().__init__(f"The job {job_id} is {state} already; only an active one can be ended.")


class NoSuchSnapshot(Refusal):
    """No snapshot of this name was saved; told to those who steer the mock."""

    status = 404

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"There is no snapshot {quoted(name)}; there are: {', '.join(known) or 'none'}.")


class NotKept(Refusal):
    """A change that was to last could not be written; `reason` is a clause that says why."""

    status = 503

    def __init__(self, reason: str) -> None:
        super().__init__(f"The mock cannot keep its state: {reason}. Nothing has changed; mend that and send it again.")


class PayloadTooLarge(Refusal):
    """The body is larger than the server's limit, in bytes."""

    status = 413

    def __init__(self, limit: int) -> None:
        super().__init__(f"The request body is larger than the limit of {limit} bytes; send a smaller one.")


class UnsupportedMediaType(Refusal):
    """The body is declared as something other than JSON."""

    status = 415

    def __init__(self, media_type: str) -> None:
        super().__init__(f"The media type {quoted(media_type)} is not supported; send application/json.")


class NameTaken(Refusal):
    """A data source of this name exists, or is made twice by one request; `path` is where the name stands."""

    status = 422

    def __init__(self, name: str, path: str) -> None:
        super().__init__(
            f"A data source named {shortened(name)} already exists.",
            validation=({"code": "unique", "path": path},),
        )


class DuplicateTables(Refusal):
    """Two elements of one payload name the same remote table; `path` is that of the later one."""

    status = 422

    def __init__(self, path: str) -> None:
        super().__init__(
            "duplicate tables are specified in the payload.",
            validation=({"code": "duplicate", "path": path},),
        )


def shortened(text: str) -> str:
    """The text, cut where it would make a message unreadable."""
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}…"


def quoted(text: str) -> str:
    """The text in quotes with control characters escaped, cut where it would make a message unreadable."""
    return repr(shortened(text))


def body(refusal: Refusal) -> dict[str, Any]:
    """The JSON body of a refusal: `{statusCode, error, message}`, and `validation` where there is one."""
    answer: dict[str, Any] = {
        "statusCode": refusal.status,
        "error": PHRASES[refusal.status],
        "message": refusal.message,
    }
    if refusal.validation is not None:
        answer["validation"] = [dict(entry) for entry in refusal.validation]
    return answer
