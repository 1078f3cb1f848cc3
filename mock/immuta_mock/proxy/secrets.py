"""Learns the credentials that pass, so that they are taken out wherever they stand afterwards."""

import json
from collections.abc import Iterator
from typing import Any

from immuta_mock.journal.entries import Entry, header
from immuta_mock.journal.redaction import Redaction

SHORTEST = 8
"""Characters below which a text is no credential, and may stand for anything else."""
MOST = 1000
NAMES = ("apikey", "token")


class Secrets:
    """The latest credentials; `redaction` knows them."""

    def __init__(self) -> None:
        self._known: dict[str, None] = {}
        self.redaction = Redaction()

    def learn(self, entry: Entry) -> None:
        """Remember the credentials of one exchange."""
        new = [text for text in _credentials(entry) if len(text) >= SHORTEST and text not in self._known]
        if new:
            self._known = dict.fromkeys([*self._known, *new][-MOST:])
            self.redaction = Redaction(self._known)


def _credentials(entry: Entry) -> Iterator[str]:
    word, _, rest = header(entry.headers, b"authorization").strip().partition(" ")
    yield rest.strip() or word  # with or without Bearer
    if entry.call.checks is not None and entry.call.checks.operation_id == "authenticate":
        yield from (found for raw in (entry.body, entry.answer) for found in _named(raw))


def _named(raw: bytes) -> Iterator[str]:
    try:
        value: Any = json.loads(raw)
    except (ValueError, RecursionError):
        return
    if isinstance(value, dict):
        yield from (value[name] for name in NAMES if isinstance(value.get(name), str))
