"""What a test gets: a tenant of its own, with clients that are logged in, its control and its journal."""

import ssl
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, Unpack

import httpx
import requests

from immuta_mock.control import Control
from immuta_mock.control.answers import Expectation, JournalEntry, JournalQuery
from immuta_mock.inprocess import Answer, Headers
from immuta_mock.store import Store
from immuta_mock.testing.interception import intercepted
from immuta_mock.testing.server import Address, SharedServer, shared_server
from immuta_mock.testing.transports import HttpxTransport, RequestsAdapter

IN_PROCESS = Address("http://immuta-mock.test")  # a name that no resolver knows
LATEST = 10  # so many requests are shown beside a failure


class MockTenant:
    """A tenant of one test.

    `base_url` is its address; in process only the clients made here reach it, and others what `intercept` gives them.
    Users are called by name: "owner", "second owner", "expert", "reader", "governor", and whom `control` adds.
    Clients are closed with the tenant.
    """

    def __init__(self, server: SharedServer, name: str, address: Address, until: ExitStack) -> None:
        self.name = name
        self.base_url = address.url if address is IN_PROCESS else f"{address.url}/t/{name}"
        self.ca_file = address.ca_file
        self._in_process = address is IN_PROCESS
        self._server = server
        self._until = until

    def __repr__(self) -> str:
        return f"<MockTenant {self.name} at {self.base_url}>"

    # Users

    @property
    def keys(self) -> Mapping[str, str]:
        """The API key of each user."""
        return {user.name: user.key for user in self._store.users}

    @property
    def key(self) -> str:
        """The API key of the owner, who may create data sources."""
        return self._key_of("owner")

    def token(self, user: str = "owner") -> str:
        """A token as a login gives one; the journal does not show this login."""
        return self._store.issue_token(self._key_of(user)).token

    def _key_of(self, user: str) -> str:
        keys = self.keys
        if user not in keys:
            raise ValueError(f"there is no user {user!r}; there are {', '.join(keys)}; control.add_user() adds one")
        return keys[user]

    # Clients

    def client(self, user: str = "owner") -> httpx.Client:
        """An httpx client with the key of a user and this base URL."""
        transport = HttpxTransport(self._send) if self._in_process else None
        client = httpx.Client(transport=transport, **self._settings(user))
        return self._until.enter_context(client)

    def async_client(self, user: str = "owner") -> httpx.AsyncClient:
        """The same for asynchronous code, which has to close it."""
        transport = HttpxTransport(self._send) if self._in_process else None
        return httpx.AsyncClient(transport=transport, **self._settings(user))

    def session(self, user: str = "owner") -> requests.Session:
        """A session of requests with the key of a user; it takes whole URLs, below `base_url`."""
        session = self._inside() if self._in_process else requests.Session()
        session.trust_env = False
        if self.ca_file is not None:
            session.verify = str(self.ca_file)
        session.headers["Authorization"] = self._key_of(user)
        return self._until.enter_context(session)

    def intercept(self, url: str) -> AbstractContextManager[None]:
        """As long as it is open, this tenant answers what any code sends to a URL through requests or httpx.

        Raises ValueError, and MissingExtra.
        """
        return intercepted(url, self._send)

    # What it is asked, and what it is made to do

    @cached_property
    def control(self) -> Control:
        """Steers this tenant: its state, users, time, faults and journal."""
        return self._until.enter_context(Control(self.base_url, session=self._inside()))

    def journal(self, **query: Unpack[JournalQuery]) -> list[JournalEntry]:
        """Requests and answers, the oldest first, without secrets; see `listJournal` for what may be asked."""
        return self.control.journal(**query)

    def called(self, operation: str | None = None, /, **expected: Unpack[Expectation]) -> int:
        """How often it was called so; raises AssertionError with the nearest misses if not as expected."""
        __tracebackhide__ = True
        return self.control.called(operation, **expected)

    def last_requests(self) -> str:
        """The latest requests, a line each."""
        return "\n".join(_line(entry) for entry in self.journal(limit=LATEST)) or "no request has come"

    @property
    def _store(self) -> Store:
        return self._server.tenants.find(self.name).store

    def _send(self, method: str, target: str, headers: Headers, body: bytes | None) -> Future[Answer]:
        return self._server.send(method, target, [("X-Mock-Tenant", self.name), *headers], body)

    def _inside(self) -> requests.Session:
        """A session whose requests stay in this process."""
        session = requests.Session()
        session.mount(self.base_url, RequestsAdapter(self._send))
        return session

    def _settings(self, user: str) -> dict[str, Any]:
        """Of an httpx client; to load the CAs of the system would take it longer than the rest of a short test."""
        trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if self.ca_file is not None:
            trust.load_verify_locations(self.ca_file)
        headers = {"Authorization": self._key_of(user)}
        return {"base_url": self.base_url, "headers": headers, "verify": trust, "trust_env": False}


def _line(entry: JournalEntry) -> str:
    query = f"?{entry['query']}" if entry["query"] else ""
    words = [f"{entry['id']}. {entry['method']} {entry['path']}{query} -> {entry['status'] or 'no answer'}"]
    if entry["faults"]:
        words.append(f"made by {', '.join(entry['faults'])}")
    if "problem" in entry:
        words.append(entry["problem"])
    if entry.get("nearest"):
        words.append(f"nearest: {entry['nearest']}")
    return "; ".join(words)


@contextmanager
def _tenant(server: SharedServer, address: Address) -> Iterator[MockTenant]:
    with server.tenant() as name, ExitStack() as until:
        yield MockTenant(server, name, address, until)


def mock_tenant(*, overlays: Sequence[str | Path] = ()) -> AbstractContextManager[MockTenant]:
    """A fresh tenant of the mock in this process; the first one takes a second, the others next to nothing."""
    return _tenant(shared_server(overlays), IN_PROCESS)


def mock_server(*, tls: bool = False, overlays: Sequence[str | Path] = ()) -> AbstractContextManager[MockTenant]:
    """A fresh tenant of a mock that listens on loopback, one server for all of them; raises TlsError."""
    server = shared_server(overlays)
    return _tenant(server, server.https if tls else server.http)


@contextmanager
def intercept(url: str, *, overlays: Sequence[str | Path] = ()) -> Iterator[MockTenant]:
    """A fresh tenant that answers what any code sends to a URL through requests or httpx.

    Raises ValueError for what is no http or https URL, and MissingExtra.
    """
    with mock_tenant(overlays=overlays) as tenant, tenant.intercept(url):
        yield tenant
