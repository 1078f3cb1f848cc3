"""The connections to a Redis or Valkey server, and what is said of one that fails: one line, without a password."""

import asyncio
import hashlib
import time
from collections.abc import Sequence
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from redis import Redis, exceptions
from redis.backoff import NoBackoff
from redis.retry import Retry

from immuta_mock.errors import Refusal
from immuta_mock.store.keeping import CannotKeep

PREFIX = "immuta-mock"
SECONDS = 3.0
"""How long the server may take to answer, unless the URL has another `socket_timeout`."""
IDLE = 30.0
"""Seconds after which a connection is not trusted to be there still."""

Word = str | bytes | int


class Away(Refusal):
    """The server of the shared state does not answer, and was asked for no change."""

    status = 503

    def __init__(self, reason: str) -> None:
        super().__init__(f"The mock cannot reach its store: {reason}. Nothing has changed; send it again later.")


class Undecided(Refusal):
    """The server was asked for a change and has not answered; whether it was made shows once it does again."""

    status = 503

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The store of the mock does not answer: {reason}. "
            "Whether this has changed something shows once it is back: look before you send it again."
        )


class Server:
    """The server at a URL, as many connections to it as are in use at once, and the prefix of all keys."""

    def __init__(self, url: str) -> None:
        self.shown = shown(url)
        parts = urlsplit(url)
        if parts.scheme not in ("redis", "rediss", "unix"):
            raise CannotKeep(f"store {self.shown}: is no URL like redis://host:6379/0, rediss://... or unix://...")
        query = dict(parse_qsl(parts.query))
        self.prefix = query.pop("prefix", PREFIX)
        plain = urlunsplit(parts._replace(query=urlencode({"socket_timeout": SECONDS, **query})))
        try:
            self._pool = Redis.from_url(plain, retry=Retry(NoBackoff(), 0), protocol=2).connection_pool
            self._free = [self._made()]
        except (ValueError, TypeError):
            raise CannotKeep(f"store {self.shown}: redis-py cannot read the URL (see its `from_url`)") from None

    def ask(self, script: str, *words: Word) -> Any:
        """The answer of a script; raises what redis-py raises."""
        line = self.line()
        try:
            return line.ask(script, *words)
        finally:
            self._free.append(line)

    def line(self) -> "Line":
        """A connection that nobody else uses."""
        try:
            return self._free.pop()
        except IndexError:
            return self._made()

    def close(self) -> None:
        """End the connections that nobody uses."""
        while self._free:
            self._free.pop().close()

    def _made(self) -> "Line":
        return Line(self._pool.make_connection(), self.prefix)


class Line:
    """One connection, which runs one script after the other.

    The connections of redis-py are used without its client: that takes a third of the CPU (16 for 46 microseconds), and
    lets one wait for an answer in an event loop for a quarter of what its own asyncio client takes.
    """

    def __init__(self, connection: Any, prefix: str) -> None:
        self._connection = connection
        self._prefix = prefix
        self._used = time.monotonic()

    def ask(self, script: str, *words: Word) -> Any:
        """The answer of a script; a connection that was idle may have been ended on the way, so it is made anew."""
        if time.monotonic() - self._used > IDLE:
            self.close()
        self._send(script, words)
        return self._received(script, words)

    async def wait(self, script: str, *words: Word) -> Any:
        """The answer of a script, while the event loop goes on; a new connection is made in a thread."""
        if not self._connection.is_connected:
            await asyncio.get_running_loop().run_in_executor(None, self._connection.connect)
        self._send(script, words)
        try:
            async with asyncio.timeout(self._connection.socket_timeout):
                await self._until_readable()
        except TimeoutError:
            self.close()
            raise exceptions.TimeoutError from None
        except BaseException:
            self.close()  # its answer is still to come
            raise
        return self._received(script, words)

    def close(self) -> None:
        """End the connection; the next question makes another one."""
        self._connection.disconnect()

    async def _until_readable(self) -> None:
        loop = asyncio.get_running_loop()
        handle, readable = self._connection._sock.fileno(), asyncio.Event()
        loop.add_reader(handle, readable.set)
        try:
            await readable.wait()
        finally:
            loop.remove_reader(handle)

    def _send(self, script: str, words: Sequence[Word]) -> None:
        self._connection.send_command("EVALSHA", _digest(script), 1, self._prefix, *words)

    def _received(self, script: str, words: Sequence[Word]) -> Any:
        try:
            answer = self._connection.read_response()
        except exceptions.NoScriptError:  # the server is new, or somebody has emptied its memory
            self._connection.send_command("EVAL", script, 1, self._prefix, *words)
            answer = self._connection.read_response()
        self._used = time.monotonic()
        return answer


def reason_of(error: Exception) -> str:
    """Why the server could not be asked, as a clause; its own words may repeat what was sent, and so are left out."""
    if isinstance(error, exceptions.AuthenticationError | exceptions.AuthorizationError):
        return "it refuses the user or the password of the URL"
    if isinstance(error, exceptions.NoPermissionError):
        return "its user may not run scripts, or not write under the prefix"
    if isinstance(error, exceptions.TimeoutError):
        return "it takes too long"
    if isinstance(error, exceptions.ConnectionError | OSError):
        return "there is no connection to it"
    if isinstance(error, exceptions.OutOfMemoryError):
        return "it has no memory left"
    if isinstance(error, exceptions.ReadOnlyError):
        return "it is a replica, which nobody may write to"
    if isinstance(error, exceptions.ResponseError):
        code = str(error).partition(" ")[0]
        return f"it refuses with {code if code.isupper() else type(error).__name__}"
    return "what answers there is no Redis"


def shown(url: str) -> str:
    """A URL without what only the server has to know."""
    parts = urlsplit(url)
    prefix = [pair for pair in parse_qsl(parts.query) if pair[0] == "prefix"]
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=urlencode(prefix)))


@cache
def _digest(script: str) -> str:
    return hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()
