"""What one process knows of the states that it shares with others: how far it has followed their changes."""

import secrets
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any, Self

from redis import exceptions
from redis.exceptions import RedisError, ResponseError

from immuta_mock.errors import NotKept
from immuta_mock.sharing.scripts import BEGIN, FORMAT, GONE, HAS, LOOK, STEER, STEERED
from immuta_mock.sharing.server import Away, Server, Undecided, Word, reason_of
from immuta_mock.sharing.space import Space
from immuta_mock.store.keeping import CannotKeep

LOST, ANEW = -1, b"anew"
"""What is told where nothing is there any more, or where not all changes are known any more."""


class Shared:
    """All that is under one prefix on a server, as this process follows it. Raises CannotKeep; close it when done.

    What is told of changes is put down for the spaces that are in use here, and taken by these in their own time. Two
    answers may arrive in the other order; the one that says less is then passed over.
    """

    def __init__(self, url: str, *, limit: int = 0) -> None:
        self.server = Server(url)
        self.limit = limit
        """How many tenants there may be beside the default one."""
        self._lock = Lock()
        self._spaces: dict[str, Space] = {}
        self._on_gone: Callable[[str | None, int], None] = lambda _tenant, _number: None
        self._on_steered: Callable[[str], None] = lambda _tenant: None
        try:
            self.epoch, self.head = self._begun()
        except (RedisError, OSError) as error:
            raise CannotKeep(f"store {self.server.shown}: {_told(error)}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.server.close()

    def _begun(self) -> tuple[str, int]:
        """The epoch and the latest change of what is there, or was made now."""
        try:
            found = self.server.ask(BEGIN, FORMAT, secrets.token_hex(6))
        except ResponseError as error:
            if "WRONGTYPE" not in str(error):
                raise
            found = [None]
        if found[0] != str(FORMAT).encode():
            held = "something else" if found[0] is None else f"a state of format {found[0].decode()}, not {FORMAT}"
            raise CannotKeep(
                f"store {self.server.shown}: under the prefix {self.server.prefix} is {held}; it is left as it is: "
                "give another one, as in redis://host/0?prefix=mine"
            )
        return found[1].decode(), int(found[2])

    def listen(self, gone: Callable[[str | None, int], None], steered: Callable[[str], None]) -> None:
        """Tell of a tenant that is gone, with the number of that change, or of all (None), and of a steered one."""
        self._on_gone, self._on_steered = gone, steered

    # Asking

    def ask(self, script: str, *words: Word) -> Any:
        """The answer of a script that changes nothing; raises Away."""
        try:
            return self.server.ask(script, *words)
        except (RedisError, OSError) as error:
            self.doubt(error)
            raise Away(reason_of(error)) from None

    def change(self, script: str, *words: Word) -> Any:
        """The answer of a script that changes something; raises Undecided, or NotKept if it certainly has not."""
        try:
            return self.server.ask(script, self.epoch, self.head, *words)
        except (exceptions.ConnectionError, exceptions.TimeoutError, OSError) as error:
            self.doubt(error)
            raise Undecided(reason_of(error)) from None
        except RedisError as error:
            raise NotKept(reason_of(error)) from None

    def look(self, *words: Word) -> None:
        """Get to know all that others have written until now."""
        self.hear(self.ask(LOOK, self.epoch, self.head, *(words or (0,))))

    def has(self, tenant: str) -> bool:
        """Whether there is a tenant."""
        return bool(self.ask(HAS, f"{tenant}/state"))

    def steer(self, tenant: str) -> None:
        """Let everybody know that a tenant was steered."""
        self.change(STEER, tenant, STEERED)

    # Hearing

    def space(self, tenant: str, part: str) -> Space:
        """A part of a tenant, followed from now on."""
        space = Space(self, tenant, part)
        with self._lock:
            self._spaces[space.name] = space
        return space

    def follows(self, space: Space) -> bool:
        """Whether a space is told of changes; the last one made of a name is, until all begins anew."""
        return self._spaces.get(space.name) is space

    def hear(self, told: Sequence[Any]) -> None:
        """Put down what is new."""
        head, *rest = told
        with self._lock:
            if head == LOST:
                self.epoch, self.head = self._begun()
                self._leave()
            elif rest and rest[0] == ANEW:
                self.head = head
                self._leave()
            elif head > self.head:
                self._put_down(rest[1:])
                self.head = head

    def know(self, number: int, space: Space) -> None:
        """A change of a space was made here; if it is the next one, nobody has to tell it any more."""
        with self._lock:
            if number == self.head + 1 and self.follows(space):
                self.head = number

    def doubt(self, error: Exception) -> None:
        """After a connection was lost: what is there at its other end may be less than there was, or something else."""
        if not isinstance(error, ResponseError):
            self.server.close()  # what else was connected to it is no better
            with self._lock:
                self._leave()

    def _leave(self) -> None:
        """Follow nothing of what was followed until now; it is read again where somebody goes on with it."""
        for space in self._spaces.values():
            space.stale = True
        self._spaces.clear()
        self._on_gone(None, self.head)

    def _put_down(self, told: Sequence[Any]) -> None:
        for number, place, name, text in zip(told[::4], told[1::4], told[2::4], told[3::4], strict=True):
            if name == GONE.encode():
                self._on_gone(place.decode(), number)
            elif name == STEERED.encode():
                self._on_steered(place.decode())
            elif space := self._spaces.get(place.decode()):
                space.put_down(number, name.decode(), text.decode() or None)


def _told(error: RedisError | OSError) -> str:
    """What to do about a server that cannot be used at the start."""
    return f"{reason_of(error)}; start Redis or Valkey there, or name another one"
