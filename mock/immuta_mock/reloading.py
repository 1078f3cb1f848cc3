"""Makes a server anew when the files it was made of change, while the one that is there goes on answering."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from starlette.types import ASGIApp, Receive, Scope, Send
from watchfiles import watch

from immuta_mock.inprocess import exchange
from immuta_mock.skeleton import check_valid
from immuta_mock.spec import SpecError, forget_documents, load_spec, spec_files
from immuta_mock.tenants import Tenants
from immuta_mock.users import User, UsersError, load_users
from immuta_mock.workarounds import DOCUMENT

Say = Callable[[str], object]


class Reloading:
    """An ASGI application that `build` makes of the document with overlays, on tenants with the users of a file.

    What is under way when there is a new one ends with the one it began with; the tenants stay.
    """

    def __init__(
        self, build: Callable[[], ASGIApp], tenants: Tenants, *, overlays: Sequence[str], users: str | None
    ) -> None:
        self._files = [*spec_files(overlays), *([Path(users)] if users is not None else [])]
        self._seen = self._contents()
        self._overlays = overlays
        self._build = build
        self._tenants = tenants
        self._users_file = users
        self._users = self._read_users()
        self._app = build()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    def look(self, say: Say) -> None:
        """Be made of what is in the files now; where that cannot be, stay as it is. Either is said in one line."""
        contents = self._contents()
        if contents == self._seen:
            return
        changed = [str(file) for file in self._files if contents[file] != self._seen[file]]
        self._seen = contents
        try:
            self._reload()
            outcome = "; what it says now is in force"
        except (SpecError, UsersError) as error:
            outcome = f", but what was in force stays: {error}"
        except Exception as error:  # whatever the edit has broken, the mock goes on
            outcome = f", but what was in force stays: {type(error).__name__}: {' '.join(str(error).split())}"
        say(f"{', '.join(changed)} has changed{outcome}")

    @contextmanager
    def watched(self, say: Say) -> Iterator[None]:
        """Look whenever a file changes, in a thread of its own."""
        stop = Event()
        thread = Thread(target=self._watch, args=[stop, say], name="watch")
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def _watch(self, stop: Event, say: Say) -> None:
        """The directories are watched, since editors put another file in place of the one they save."""
        places = [place for file in self._files for place in (file, file.resolve())]
        names = {place.name for place in places}
        for _ in watch(
            *{place.parent for place in places},
            watch_filter=lambda _change, path: Path(path).name in names,
            yield_on_timeout=True,  # for what changed before the first look
            rust_timeout=1000,
            stop_event=stop,
            recursive=False,
        ):
            self.look(say)

    def _reload(self) -> None:
        users = self._read_users()
        forget_documents()
        check_valid(load_spec(self._overlays))
        app = self._build()
        asyncio.run(exchange(app, "GET", DOCUMENT))  # the first request takes longer
        self._tenants.exchange_users(self._users, users)
        self._users, self._app = users, app

    def _read_users(self) -> tuple[User, ...]:
        return load_users(self._users_file) if self._users_file is not None else ()

    def _contents(self) -> dict[Path, bytes | None]:
        return {file: _content(file) for file in self._files}


def _content(file: Path) -> bytes | None:
    """None for what cannot be read, which those who need it tell."""
    try:
        return file.read_bytes()
    except OSError:
        return None
