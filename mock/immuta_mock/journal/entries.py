"""The journal of one tenant: its latest requests and answers as they were, bounded in number and in bytes."""

import secrets
from collections import deque
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from threading import Lock
from typing import Any

from immuta_mock.call import Call

MOST_ENTRIES = 1000
MOST_BYTES = 2 * 1024 * 1024
LONGEST_BODY = 64 * 1024
"""How many bytes of one body are kept."""
OVERHEAD = 1000
"""Bytes that an entry is taken to need beside its bodies and headers."""

Headers = Iterable[tuple[bytes, bytes]]


@dataclass(slots=True)
class Entry:
    """One request with its answer; `status` is 0 where the connection was broken off before an answer began.

    Secrets are in here: `view` shows an entry without them.
    """

    at: datetime
    seconds: float
    call: Call = field(repr=False)
    user: str | None
    method: str
    path: str = field(repr=False)
    query: str = field(repr=False)
    headers: Headers = field(repr=False)
    status: int
    answer_headers: Headers = field(repr=False)
    answer: bytes = field(repr=False)
    number: int = 0

    @property
    def body(self) -> bytes:
        """The body of the request, as far as it was read."""
        return self.call.body

    def shorten(self) -> None:
        """Keep the beginning of bodies alone."""
        self.call.body = self.call.body[:LONGEST_BODY]
        self.answer = self.answer[:LONGEST_BODY]

    def size(self) -> int:
        """About how many bytes of memory it takes."""
        headers = sum(map(len, chain.from_iterable(chain(self.headers, self.answer_headers))))
        return OVERHEAD + headers + len(self.path) + len(self.query) + len(self.call.body) + len(self.answer)


class Journal:
    """The latest entries, the oldest first."""

    def __init__(self, *, most_entries: int = MOST_ENTRIES, most_bytes: int = MOST_BYTES) -> None:
        self._most_entries = most_entries
        self._most_bytes = most_bytes
        self._entries: deque[tuple[Entry, int]] = deque()
        self._bytes = 0
        self._latest = 0
        self._period = _new_period()
        self._lock = Lock()

    def add(self, entry: Entry) -> Awaitable[None] | None:
        """Remember an entry, and forget the oldest ones where there is no room; what it answers is to be waited for."""
        entry.shorten()
        size = entry.size()
        with self._lock:
            self._latest += 1
            entry.number = self._latest
            self._entries.append((entry, size))
            self._bytes += size
            while len(self._entries) > self._most_entries or self._bytes > self._most_bytes:
                self._bytes -= self._entries.popleft()[1]
        return None

    @property
    def latest(self) -> int:
        """The number of the last entry; numbers count all there ever were."""
        return self._latest

    @property
    def period(self) -> str:
        """What names the time since all entries were forgotten last, as no journal of any mock names another one."""
        return self._period

    def entries(self) -> list[Entry]:
        """The entries that are still there."""
        with self._lock:
            return [entry for entry, _ in self._entries]

    def clear(self) -> None:
        """Forget all entries."""
        with self._lock:
            self._entries.clear()
            self._bytes = 0
            self._period = _new_period()

    def empty(self) -> "Journal":
        """A journal with the same bounds that holds nothing."""
        return Journal(most_entries=self._most_entries, most_bytes=self._most_bytes)


def _new_period() -> str:
    return secrets.token_hex(6)


def verdict(call: Call) -> str:
    """What the document says of a request."""
    if call.checks is None:
        return "unmatched"
    return {None: "unchecked", True: "valid", False: "invalid"}[call.valid]


def header(headers: Headers, name: bytes) -> str:
    """The first value of a header; empty without one."""
    return next((value.decode("latin-1") for found, value in headers if found == name), "")


def user_of(scope: Any) -> str | None:
    """The name of who was found to call, in the layers that see the scope afterwards."""
    user = scope["extensions"]["connexion_context"].get("user")
    return None if user is None else user.name
