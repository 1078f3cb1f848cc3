"""The journal of a tenant on the server: its latest requests and answers, whichever mock gave them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import fields
from datetime import datetime

from msgspec import Struct, msgpack

from immuta_mock.call import Call
from immuta_mock.checks import Checks
from immuta_mock.journal.entries import MOST_BYTES, MOST_ENTRIES, Entry, Journal
from immuta_mock.sharing.rounds import Rounds
from immuta_mock.sharing.scripts import CLEAR, ENTRIES
from immuta_mock.sharing.shared import Shared

Headers = tuple[tuple[bytes, bytes], ...]


class Kept(Struct, array_like=True):
    """An entry as it is kept; its number is that of its place."""

    at: datetime
    seconds: float
    operation_id: str | None
    nearest_id: str | None
    valid: bool | None
    faults: tuple[str, ...]
    body: bytes
    user: str | None
    method: str
    path: str
    query: str
    headers: Headers
    status: int
    answer_headers: Headers
    answer: bytes


class SharedJournal(Journal):
    """Entries are numbered where they are kept; `operations` are those that an entry may be of."""

    def __init__(
        self,
        shared: Shared,
        rounds: Rounds,
        tenant: str,
        operations: Callable[[], Mapping[str, Checks]],
        *,
        most_entries: int = MOST_ENTRIES,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        super().__init__(most_entries=most_entries, most_bytes=most_bytes)
        self._shared = shared
        self._rounds = rounds
        self._tenant = tenant
        self._operations = operations

    def add(self, entry: Entry) -> Awaitable[None]:
        """Remember an entry once this was waited for."""
        entry.shorten()
        return self._rounds.join(entry=(self._tenant, _packed(entry), self._most_entries, self._most_bytes))

    def entries(self) -> list[Entry]:
        """The entries that are still there."""
        latest, _, found = self._look(self._most_entries)
        first = latest - len(found) + 1
        return [_entry(raw, number, self._operations()) for number, raw in enumerate(found, first)]

    def clear(self) -> None:
        """Forget all entries."""
        self._shared.change(CLEAR, self._tenant)

    @property
    def latest(self) -> int:
        """The number of the latest entry."""
        return self._look(0)[0]

    @property
    def period(self) -> str:
        """What names the time since all entries were forgotten last."""
        return self._look(0)[1]

    def _look(self, most: int) -> tuple[int, str, list[bytes]]:
        latest, period, found = self._shared.ask(ENTRIES, self._tenant, most)
        return latest, period.decode(), found


def _packed(entry: Entry) -> bytes:
    call = entry.call
    kept = Kept(
        at=entry.at,
        seconds=entry.seconds,
        operation_id=call.checks.operation_id if call.checks is not None else None,
        nearest_id=call.nearest.operation_id if call.nearest is not None else None,
        valid=call.valid,
        faults=call.faults,
        body=call.body,
        user=entry.user,
        method=entry.method,
        path=entry.path,
        query=entry.query,
        headers=tuple(entry.headers),
        status=entry.status,
        answer_headers=tuple(entry.answer_headers),
        answer=entry.answer,
    )
    return msgpack.encode(kept)


def _entry(raw: bytes, number: int, operations: Mapping[str, Checks]) -> Entry:
    kept = msgpack.decode(raw, type=Kept)
    known, nearest = (operations.get(found or "") for found in (kept.operation_id, kept.nearest_id))
    call = Call(known, nearest=nearest, body=kept.body, valid=kept.valid, faults=kept.faults)
    named = {field.name: getattr(kept, field.name) for field in fields(Entry) if hasattr(kept, field.name)}
    return Entry(**{**named, "call": call, "number": number})
