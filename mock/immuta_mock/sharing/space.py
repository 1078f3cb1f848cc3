"""What changes together on the server, as one process writes and follows it: a `Keeper`."""

import secrets
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING

from immuta_mock.sharing.scripts import END_TURN, READ, TURN, WHOLE, WRITE
from immuta_mock.sharing.server import Away
from immuta_mock.store.keeping import Keeper, Missed, Overtaken, Record

if TYPE_CHECKING:  # each of the two makes the other
    from immuta_mock.sharing.shared import Shared

DEFAULT = "default"
PATIENT = 8
"""How often one is overtaken before one asks for the turn."""
TURN_MILLISECONDS = 5000
PAUSE = 0.002
"""Seconds between two looks whether somebody else's turn is over."""


class Space(Keeper):
    """The records of one part of a tenant. `version` is the latest change that whoever uses them has taken."""

    def __init__(self, shared: "Shared", tenant: str, part: str) -> None:
        self.name = f"{tenant}/{part}"
        self.version = 0
        self.stale = False
        """Whether changes may have been missed, so that all has to be read."""
        self.gone = False
        self.tenant = tenant
        self._shared = shared
        self._new: dict[str, tuple[int, str | None]] = {}
        self._lock = Lock()
        self._writer = secrets.token_hex(6)

    def put_down(self, number: int, name: str, text: str | None) -> None:
        """Note what a record is since the change of a number."""
        with self._lock:
            if number > self.version and name == WHOLE:
                self.stale = True
            elif number > self.version:
                self._new[name] = number, text

    def read(self) -> Sequence[Record]:
        """All records, in the order in which they first came."""
        self.stale = False  # what comes from now on is not missed
        try:
            version, names, flat = self._shared.ask(READ, self.name)
        except Away:
            self.stale = True
            raise
        texts = dict(zip(flat[::2], flat[1::2], strict=True))
        self._be_at(version)
        return [_record(name.decode(), texts[name].decode()) for name in names]

    def missed(self) -> Missed | None:
        """What others have written, as far as it was heard of."""
        if self.gone or not (self.stale or self._new):
            return None
        if self.stale:
            records = self.read()
            self.gone = not records
            return Missed(records, whole=True) if records else None
        with self._lock:
            new, self._new = self._new, {}
            self.version = max(number for number, _ in new.values())
        return Missed([_record(name, text) for name, (_, text) in new.items()])

    def catch_up(self) -> None:
        """Hear of all that others have written until now."""
        self._shared.look()
        self.stale = self.stale or not self._shared.follows(self)

    def write(self, records: Iterable[Record], *, dropping: Iterable[str] = ()) -> None:
        """Write records, and drop those of whole kinds before that; raises Overtaken."""
        if self.gone:  # a request that was under way when its tenant went
            return
        drop = " ".join(["", *dropping, ""])
        words = [word for record in records for word in (f"{record.kind} {record.key}", record.text or "")]
        limit = self._shared.limit if self.tenant != DEFAULT else 0
        head = self.name, self.tenant, self.version, self._writer, limit, drop if drop.strip() else ""
        answer = self._shared.change(WRITE, *head, *words)
        if isinstance(answer, int):
            self._be_at(answer)
            self._shared.know(answer, self)
            return
        if isinstance(answer, list):
            self._shared.hear(answer)
            self.stale = self.stale or not self._new  # it was not told what is other now
        raise Overtaken(self)

    def forget(self) -> None:
        """Keep nothing any more; the whole tenant goes by another way."""
        self.gone = True

    def give_way(self, times: int) -> None:
        """After several times, wait for a turn of one's own, in which nobody else writes."""
        if times >= PATIENT:
            whose = self._shared.ask(TURN, self.name, self._writer, TURN_MILLISECONDS)
            if whose != self._writer.encode():
                time.sleep(PAUSE)

    def go_on(self) -> None:
        """Let others write again, which they also may after a while."""
        with suppress(Away):  # what was done is done
            self._shared.ask(END_TURN, self.name, self._writer)

    def _be_at(self, version: int) -> None:
        """All up to a version is taken."""
        with self._lock:
            self.version = version
            self._new = {name: new for name, new in self._new.items() if new[0] > version}


def _record(name: str, text: str | None) -> Record:
    kind, _, key = name.partition(" ")
    return Record(kind, key, text)
