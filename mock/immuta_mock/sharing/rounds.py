"""Looks at the server for many requests at once: those that come while one is under way share the next."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from redis import exceptions

from immuta_mock.sharing.scripts import LOOK
from immuta_mock.sharing.server import Away, Line, Word, reason_of
from immuta_mock.sharing.shared import Shared
from immuta_mock.store.keeping import CannotKeep

logger = logging.getLogger(__name__)


class Rounds:
    """One connection for all requests of an event loop.

    A request on another loop, as the first one after a reload, looks for itself.
    """

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._loop: asyncio.AbstractEventLoop | None = None
        self._line: Line | None = None
        self._waiting: list[asyncio.Future[None]] = []
        self._used: set[str] = set()
        self._entries: list[Word] = []
        self._task: asyncio.Task[None] | None = None

    async def join(self, *, used: str | None = None, entry: Sequence[Word] = ()) -> None:
        """Have a look that begins from now on; with a tenant as used, and a journal entry to be added. Raises Away."""
        loop = asyncio.get_running_loop()
        if self._loop is None or self._loop.is_closed():
            self._loop, self._line, self._task = loop, self._shared.server.line(), None
        if loop is not self._loop:
            names = (used,) if used is not None else ()
            self._shared.look(len(names), *names, *entry)
            return
        if used is not None:
            self._used.add(used)
        self._entries += entry
        joined: asyncio.Future[None] = loop.create_future()
        self._waiting.append(joined)
        if self._task is None:
            self._task = loop.create_task(self._run())
        await joined

    async def _run(self) -> None:
        while self._waiting:
            waiting, self._waiting = self._waiting, []
            failure = await self._failure()
            for each in waiting:
                if each.done():  # its client has gone away
                    continue
                if failure is None:
                    each.set_result(None)
                else:
                    each.set_exception(failure())
        self._task = None

    async def _failure(self) -> Callable[[], Exception] | None:
        """Makes what all hear who have waited for a round; None where it went well."""
        try:
            await self._round()
        except (exceptions.RedisError, OSError) as error:
            self._shared.doubt(error)
            return partial(Away, reason_of(error))
        except CannotKeep as error:
            return partial(Away, str(error))
        return None

    async def _round(self) -> None:
        words = len(self._used), *self._used, *self._entries
        self._used, self._entries = set(), []
        try:
            told = await self._asked(words)
        except exceptions.ConnectionError as error:  # it may have been ended while nobody used it: a new one tells
            self._shared.doubt(error)
            told = await self._asked(words)
        except exceptions.ResponseError as error:  # a server that takes nothing more can still be read
            logger.warning("entries of the journal are lost: %s", reason_of(error))
            told = await self._asked((0,))
        self._shared.hear(told)

    async def _asked(self, words: Sequence[Word]) -> Any:
        assert self._line is not None
        return await self._line.wait(LOOK, self._shared.epoch, self._shared.head, *words)
