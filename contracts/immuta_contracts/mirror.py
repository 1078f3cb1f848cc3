"""Sends what one target was sent to another one as well, with that one's ids and keys, and compares the answers."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote

from immuta_contracts.client import TOKEN_VARIABLE, Client
from immuta_contracts.counterparts import Counterparts, Difference
from immuta_contracts.exchange import NO_JSON, Answer, Exchange, Request, parsed
from immuta_contracts.redaction import Redactor
from immuta_contracts.target import NotTried, Unreachable

SHARED = ("listDataSources", "searchDictionaryColumns")  # operations whose answers may hold what others made
PERSONAL = "getCurrentUser"
LARGE = 2**16  # bytes of a body that is no place for a key
NUMBER = re.compile(r"\d+")
WORDS = re.compile(r"(validation\[\]\.)?message")


class SequenceOver(Exception):
    """From here on the two sides cannot be compared; the text says why, if that is not a difference by itself."""


@dataclass(frozen=True)
class Step:
    """One request on both sides, and where the answers differ: `was` is what A said, `now` what B said."""

    a: Exchange
    b: Exchange
    differences: tuple[Difference, ...]


class Mirror:
    """Repeats on `b` what the client `a` sends, while a sequence is under way, and tells of each step.

    With `alone` nobody else has made anything on either side.
    """

    def __init__(self, a: Client, b: Client, tell: Callable[[Step], None], *, alone: bool) -> None:
        self._a, self._b, self._tell, self._alone = a, b, tell, alone
        self._open = self.unanswered = False
        self._secrets = {key: b.target.keys[role] for role, key in a.target.keys.items() if role in b.target.keys}
        self._own = Redactor({key: role for key, role in a.redactor.secrets.items() if self._secrets.get(key) != key})
        self.counterparts = Counterparts(None, "")
        self.steps: list[Step] = []
        a.heard = self._hear

    @contextmanager
    def sequence(self) -> Iterator[None]:
        """What `a` sends within is one sequence; neither side holds anything of the run when it begins."""
        self.counterparts = Counterparts(self._a.fence.run, self._b.fence.run)
        self.steps, self._open, self.unanswered = [], True, False
        try:
            yield
        finally:
            self._open = False

    def _hear(self, exchange: Exchange) -> None:
        if not self._open:
            return
        try:
            answer = self._b.send(self._translated(exchange), role=exchange.role)
        except (NotTried, Unreachable) as reason:
            self._open, self.unanswered = False, isinstance(reason, Unreachable)
            raise SequenceOver(str(reason)) from reason
        differences = tuple(self._differences(exchange.operation, exchange.answer, answer, exchange.request))
        self.steps.append(Step(exchange, self._b.journal[-1], differences))
        self._tell(self.steps[-1])
        if (exchange.answer.status < 400) != (answer.status < 400):
            self._open = False
            raise SequenceOver

    # The request

    def _translated(self, exchange: Exchange) -> Request:
        """What B is sent. Raises `NotTried` where that would show it a part of a key of A."""
        request, role = self.counterparts.request(exchange.request), exchange.role
        secrets = dict(self._secrets)
        if role is not None:
            secrets[self._a.credential(role)] = self._b.credential(role)
        for old, new in secrets.items():
            request = _replaced(request, old, new)
        shown = [request.target, *(value for _, value in request.headers)]
        shown += [request.body.decode("latin-1")] if request.body and len(request.body) < LARGE else []
        if self._own.secrets and any(self._own.known(text) != text for text in shown):
            raise NotTried("a request that holds part of a key of A is not shown to B")
        return request

    # The answers

    def _differences(self, operation: str | None, a: Answer, b: Answer, request: Request) -> Iterator[Difference]:
        if a.status != b.status:
            yield Difference("", "status", a.status, b.status)
            return
        if _media(a) != _media(b):
            yield Difference("", "media type", _media(a), _media(b))
        was, now = _homeless(a.text, self._a), _homeless(b.text, self._b)
        left, right = parsed(was.encode("utf-8", "surrogatepass")), parsed(now.encode("utf-8", "surrogatepass"))
        if left is NO_JSON or right is NO_JSON:
            if not self.counterparts.same(was, now):
                yield Difference("", "value", was, now)
            return
        if operation == "authenticate":
            left, right = self._logged_in(left, right)
        if operation == PERSONAL:
            yield from self._met(left, right)
        if operation == PERSONAL or (operation in SHARED and not self._only_own(request)):
            left, right = _outline(left), _outline(right)
        for each in self.counterparts.differences(left, right):
            yield from self._weighed(each) if a.status >= 400 and WORDS.fullmatch(each.path) else [each]

    def _weighed(self, difference: Difference) -> Iterator[Difference]:
        """A message in other words, which is no other message if only numbers differ."""
        if difference.what != "value":
            yield difference
        elif NUMBER.sub("0", self.counterparts.text(difference.was)) != NUMBER.sub("0", difference.now):
            yield replace(difference, what="wording")

    def _logged_in(self, left: Any, right: Any) -> tuple[Any, Any]:
        """The answers to a login without the tokens, which stand for each other from now on."""
        tokens = [each.get("token") if isinstance(each, dict) else None for each in (left, right)]
        if not all(isinstance(token, str) and token for token in tokens):
            return left, right
        self._secrets[str(tokens[0])] = self._b.hide(str(tokens[1]), TOKEN_VARIABLE)
        return {**left, "token": "a token"}, {**right, "token": "a token"}

    def _met(self, left: Any, right: Any) -> Iterator[Difference]:
        """Two users stand for each other, from now on; who they are is the target's own matter."""
        profiles = [each.get("profile") if isinstance(each, dict) else None for each in (left, right)]
        ids = [profile.get("id") if isinstance(profile, dict) else None for profile in profiles]
        if not self.counterparts.pair("profile", *ids):
            yield Difference("profile.id", "value", *ids)

    def _only_own(self, request: Request) -> bool:
        """Whether a query leads to nothing but what the run made."""
        named = rf"contract-?{re.escape(self._a.fence.run)}(?!\d)"
        return self._alone or bool(re.search(named, unquote(request.target), re.IGNORECASE))


def _replaced(request: Request, old: str, new: str) -> Request:
    if old == new:
        return request
    body = request.body.replace(old.encode(), new.encode()) if request.body is not None else None
    headers = tuple((name, value.replace(old, new)) for name, value in request.headers)
    return replace(request, target=request.target.replace(old, new), headers=headers, body=body)


def _media(answer: Answer) -> str:
    return answer.headers.get("content-type", "").partition(";")[0].strip().lower()


def _homeless(text: str, client: Client) -> str:
    """An answer without the address of the target that gave it."""
    return text.replace(client.target.base_url, "")


def _outline(value: Any) -> Any:
    """Which members an object has, and of which types; they are not the run's own."""
    return (
        {name: type(each).__name__ for name, each in value.items()} if isinstance(value, dict) else type(value).__name__
    )
