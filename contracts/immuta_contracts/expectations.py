"""The assertions of properties: only these say that a promise is broken."""

from collections.abc import Mapping
from typing import Any, NoReturn

from immuta_contracts.client import Client
from immuta_contracts.exchange import NO_JSON, Answer, parsed, shown
from immuta_contracts.schemas import schemas_of
from immuta_contracts.spec import Routes
from immuta_contracts.target import NotTried

REFUSED = 400


class Broken(AssertionError):
    """The target does not keep a promise."""

    def __init__(self, promise: str, expected: str, seen: str) -> None:
        super().__init__(f"{promise}: expected {expected}, seen {seen}")
        self.promise, self.expected, self.seen = promise, expected, seen


class Expectations:
    """What the answers to a client are to be; a breach is one of `promise` where no other is named."""

    def __init__(self, client: Client, routes: Routes, promise: str | None) -> None:
        self.client, self.routes, self._promise = client, routes, promise

    def need_valid(self, answer: Answer) -> None:
        """Raises `NotTried` when `answer` refuses a body that an overlay makes invalid; it answers the last request."""
        last = self.client.journal[-1]
        if answer.status != REFUSED or last.operation is None or last.request.body is None:
            return
        operation, body = self.routes.by_id(last.operation), parsed(last.request.body)
        if (
            body is not NO_JSON
            and operation.has_body
            and schemas_of(self.routes).body_validity(operation, body) == "invalid"
        ):
            raise NotTried(f"the document, as overlaid, refuses what the property sends: {shown(answer.text[:300])}")

    def broken(self, expected: str, seen: object, *, promise: str | None = None) -> NoReturn:
        raise Broken(promise or self._promise or "?", expected, shown(seen))

    def expect(self, holds: bool, expected: str, seen: object, *, promise: str | None = None) -> None:
        """`holds`, or the promise is broken: `expected` is a phrase, `seen` what came instead."""
        if not holds:
            self.broken(expected, seen, promise=promise)

    def expect_equal(self, seen: object, expected: object, what: str, *, promise: str | None = None) -> None:
        """`seen` is the JSON value `expected` (true is not 1, and 1 is not 1.0); `what` names it in the report."""
        if not same_json(seen, expected):
            alike = shown(seen) == shown(expected)  # they differ in type alone
            self.broken(f"{what} to be {shown(expected, typed=alike)}", shown(seen, typed=alike), promise=promise)

    def expect_status(self, answer: Answer, *statuses: int, promise: str | None = None) -> Any:
        """The answer has one of the statuses; returns its JSON."""
        if answer.status not in statuses:
            self.need_valid(answer)
            wanted = " or ".join(map(str, statuses))
            self.broken(f"status {wanted}", f"{answer.status}: {answer.text[:500]}", promise=promise)
        return answer.json

    def expect_success(self, answer: Answer, *, promise: str | None = None) -> Any:
        """The answer is a success; returns its JSON."""
        return self.expect_status(answer, 200, promise=promise)

    def expect_holds(
        self, seen: object, expected: Mapping[str, object], what: str, *, promise: str | None = None
    ) -> None:
        """`seen` is an object with at least the members `expected`."""
        if not isinstance(seen, dict):
            self.broken(f"{what} to be an object", seen, promise=promise)
        for name, value in expected.items():
            self.expect_equal(seen.get(name, "<absent>"), value, f"{name} of {what}", promise=promise)


def same_json(left: object, right: object) -> bool:
    """Equality of JSON values: unlike Python's, it tells true from 1 and 1 from 1.0."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same_json(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same_json, left, right))
    return type(left) is type(right) and left == right
